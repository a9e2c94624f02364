use crate::analyze::{oidc, public};
use crate::diagnostic::Severity;
use crate::lint::rule::rule;
use crate::lint::trust::takes_no_token;
use crate::lint::{Check, Context};
use crate::policy::Statement;

rule! {
    /// Other customers of an identity provider may take on the role.
    ///
    /// ## Why
    ///
    /// GitHub, GitLab, HCP Terraform and others make tokens for all their customers under one name. A trust
    /// policy that does not ask for the claim that tells them apart, mostly the subject, lets everybody in who
    /// has an account there. For the issuers in the IAM guide's list of shared providers IAM refuses such a
    /// policy. For Google, Facebook and Amazon the claim is the audience or application.
    ///
    /// Of an issuer of your own, such as the one of an EKS cluster, it lets in every user.
    ///
    /// ## Examples
    ///
    /// ```json bad trust
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "Federated": "arn:aws:iam::111111111111:oidc-provider/token.actions.githubusercontent.com" },
    ///     "Action": "sts:AssumeRoleWithWebIdentity",
    ///     "Condition": { "StringEquals": { "token.actions.githubusercontent.com:aud": "sts.amazonaws.com" } }
    ///   }
    /// }
    /// ```
    ///
    /// ```json good trust
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "Federated": "arn:aws:iam::111111111111:oidc-provider/token.actions.githubusercontent.com" },
    ///     "Action": "sts:AssumeRoleWithWebIdentity",
    ///     "Condition": {
    ///       "StringEquals": {
    ///         "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
    ///         "token.actions.githubusercontent.com:sub": "repo:octo/app:environment:production"
    ///       }
    ///     }
    ///   }
    /// }
    /// ```
    name: "oidc-without-subject", group: Trust, severity: Error, since: "0.1.0",
    rows: ["TRU-11"],
    peers: ["access-analyzer:MISSING_GITHUB_REPO_CONDITION_KEY", "checkov:CKV_AWS_358", "checkov:CKV_AWS_393"],
    kinds: [Trust],
    check: Check::Statement(check),
}

fn check(statement: &Statement, cx: &mut Context<'_>) {
    let providers = oidc::providers(statement);
    // Where one provider's claims are asked for, tokens of the others do not pass.
    let asks = |provider: &oidc::Provider<'_>, issuer: &oidc::Issuer| {
        provider.holds(statement, &[issuer.claim]) || provider.holds(statement, issuer.instead)
    };
    let any = providers.iter().any(|provider| provider.issuer.is_none_or(|issuer| asks(provider, issuer)));
    if any {
        return;
    }
    if takes_no_token(statement) || public::is_held(statement, cx.document) {
        return;
    }
    for provider in providers {
        let Some(issuer) = provider.issuer else { continue };
        let key = format!("{}:{}", provider.host, issuer.claim);
        let finding = cx.finding(provider.value.span, format!("{} may take on the role", issuer.others));
        let level = if issuer.shared { finding.severity } else { finding.severity.min(Severity::Warning) };
        let example = match issuer.claim {
            "sub" if !issuer.example().is_empty() => issuer.example(),
            claim => format!("<{claim}>"),
        };
        cx.report(
            finding
                .severity(level)
                .label(format!("no condition asks for `{key}`"))
                .help(format!("add \"StringEquals\": {{ \"{key}\": \"{example}\" }}")),
        );
    }
}
