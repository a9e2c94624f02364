use crate::analyze::oidc;
use crate::diagnostic::Severity;
use crate::lint::rule::rule;
use crate::lint::trust::takes_no_token;
use crate::lint::{Check, Context};
use crate::policy::Statement;

rule! {
    /// A token of an identity provider is taken whatever audience it was made for.
    ///
    /// ## Why
    ///
    /// The audience says for whom a token was made. One that was made for another application, and that this
    /// application could pass on, is taken too unless the trust policy asks for its own audience. IAM takes
    /// only those that are registered with the provider, so this is advice where the subject is asked for.
    ///
    /// ## Examples
    ///
    /// ```json bad trust
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "Federated": "arn:aws:iam::111111111111:oidc-provider/login.example.com" },
    ///     "Action": "sts:AssumeRoleWithWebIdentity",
    ///     "Condition": { "StringEquals": { "login.example.com:sub": "u-17" } }
    ///   }
    /// }
    /// ```
    ///
    /// ```json good trust
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "Federated": "arn:aws:iam::111111111111:oidc-provider/login.example.com" },
    ///     "Action": "sts:AssumeRoleWithWebIdentity",
    ///     "Condition": { "StringEquals": { "login.example.com:aud": "reports", "login.example.com:sub": "u-17" } }
    ///   }
    /// }
    /// ```
    name: "oidc-without-audience", group: Trust, severity: Warning, since: "0.1.0",
    rows: ["TRU-10"],
    peers: ["iam-policy-validator:missing_required_condition_for_assume_action"],
    kinds: [Trust],
    gives_way_to: ["oidc-without-condition", "oidc-without-subject"],
    check: Check::Statement(check),
}

fn check(statement: &Statement, cx: &mut Context<'_>) {
    let providers = oidc::providers(statement);
    let names_audience =
        |provider: &oidc::Provider<'_>| provider.holds(statement, &["aud", "app_id", "oaud", "azp"]);
    if providers.iter().any(names_audience) || takes_no_token(statement) {
        return;
    }
    for provider in providers {
        let message = format!("a token of `{}` for any audience is taken", provider.host);
        let finding = cx.finding(provider.value.span, message);
        let level = match provider.holds(statement, &["sub"]) {
            true => finding.severity.min(Severity::Note),
            false => finding.severity,
        };
        let key = match provider.issuer.map(|issuer| issuer.claim) {
            Some("app_id") => "app_id",
            _ => "aud",
        };
        let help = format!("add \"StringEquals\": {{ \"{}:{key}\": \"<audience>\" }}", provider.host);
        cx.report(
            finding
                .severity(level)
                .label(format!("no condition asks for `{}:{key}`", provider.host))
                .help(help),
        );
    }
}
