use crate::analyze::oidc::{self, Fixes};
use crate::analyze::public;
use crate::diagnostic::Severity;
use crate::lint::facts::is_plain;
use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::Statement;

rule! {
    /// A subject of GitHub does not say whose workflow is meant.
    ///
    /// ## Why
    ///
    /// An organization can choose what its subjects are made of. One that has only the name of a workflow, an
    /// environment or a branch does not say whose it is: anyone can give that name to a workflow. Subjects begin with
    /// `repo:organization/repository`, or name the owner or repository by another claim, as in
    /// `repository_owner_id:123:*`. `job_workflow_ref` names the reusable workflow that is called, which any repository can
    /// do if it is public; test who calls it as well.
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
    ///     "Condition": {
    ///       "StringEquals": {
    ///         "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
    ///         "token.actions.githubusercontent.com:sub": "workflow:deploy"
    ///       }
    ///     }
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
    ///         "token.actions.githubusercontent.com:sub": "repo:octo/app:workflow:deploy"
    ///       }
    ///     }
    ///   }
    /// }
    /// ```
    name: "github-subject", group: Trust, severity: Error, since: "0.1.0",
    rows: ["TRU-13"],
    peers: ["checkov:CKV_AWS_358", "checkov:CKV_AWS_393"],
    kinds: [Trust],
    check: Check::Statement(check),
}

fn check(statement: &Statement, cx: &mut Context<'_>) {
    if let Some(value) = oidc::names_called_workflow(statement)
        && !public::is_held(statement, cx.document)
    {
        let message = format!("`{}` does not say whose workflow is meant", value.text);
        let finding =
            cx.finding(value.span, message).label("any repository can call a public reusable workflow");
        let severity = finding.severity.min(Severity::Warning);
        cx.report(
            finding
                .severity(severity)
                .help("test \"token.actions.githubusercontent.com:repository_owner_id\" as well"),
        );
        return;
    }
    for provider in oidc::providers(statement) {
        let github = provider.issuer.filter(|issuer| issuer.is_github());
        let Some(issuer) = github.filter(|issuer| !provider.holds(statement, issuer.instead)) else {
            continue;
        };
        // Another test of the subject may fix it.
        let is_fixed = issuer.shared && provider.is_held(statement);
        let is_public = issuer.shared && !public::is_held(statement, cx.document);
        let tests = provider.tests(statement, "sub").filter(|test| oidc::narrows(test));
        let values = tests.flat_map(|test| test.values.items.iter().map(move |value| (test, value)));
        for (test, value) in values {
            let Some((claim, rest)) = value.text.split_once(':').filter(|_| is_plain(value)) else {
                continue;
            };
            let is_open = claim != "repo"
                && !is_fixed
                && oidc::github_subject(&value.text, oidc::is_like(test)) == Fixes::No;
            let label = if is_open {
                format!("any workflow can have such a `{claim}`")
            } else if claim == "repo" && !rest.contains(['/', '@', '*', '?']) {
                "no `organization/repository`".to_owned()
            } else {
                continue;
            };
            let message = format!("`{}` does not say whose workflow is meant", value.text);
            let finding = cx.finding(value.span, message).label(label);
            let level = if is_open && is_public { Severity::Error } else { Severity::Warning };
            let level = finding.severity.min(level);
            cx.report(finding.severity(level).help(format!("write \"{}\"", issuer.example())));
        }
    }
}
