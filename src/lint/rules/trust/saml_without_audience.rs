use crate::analyze::oidc::{Protocol, protocol_of};
use crate::diagnostic::Severity;
use crate::lint::rule::rule;
use crate::lint::{Check, Context, trust};
use crate::policy::{PrincipalType, Statement};

rule! {
    /// An assertion of a SAML provider is taken wherever it was sent.
    ///
    /// ## Why
    ///
    /// `SAML:aud` is the address that the provider sent the assertion to. Without a test of it the role takes
    /// one that was made for another service, too.
    ///
    /// ## Examples
    ///
    /// ```json bad trust
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "Federated": "arn:aws:iam::111111111111:saml-provider/corp" },
    ///     "Action": "sts:AssumeRoleWithSAML"
    ///   }
    /// }
    /// ```
    ///
    /// ```json good trust
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "Federated": "arn:aws:iam::111111111111:saml-provider/corp" },
    ///     "Action": "sts:AssumeRoleWithSAML",
    ///     "Condition": { "StringEquals": { "SAML:aud": "https://signin.aws.amazon.com/saml" } }
    ///   }
    /// }
    /// ```
    name: "saml-without-audience", group: Trust, severity: Warning, since: "0.1.0",
    rows: ["TRU-16"],
    peers: ["iam-policy-validator:missing_required_condition_for_assume_action"],
    kinds: [Trust],
    check: Check::Statement(check),
}

fn check(statement: &Statement, cx: &mut Context<'_>) {
    if !trust::allows(statement, "sts:AssumeRoleWithSAML") {
        return;
    }
    let saml = |claim: &str| {
        statement.conditions.iter().any(|test| {
            let key = test.key.to_ascii_lowercase();
            key.strip_prefix("saml:").is_some_and(|rest| claim.is_empty() || rest == claim)
        })
    };
    let mut providers = trust::principals(statement, PrincipalType::Federated)
        .filter(|provider| protocol_of(provider) == Some(Protocol::Saml));
    let Some(provider) = providers.next().filter(|_| !saml("aud")) else { return };
    let finding = cx.finding(provider.span, "an assertion is taken wherever it was sent");
    // Other claims say who is meant.
    let level = if saml("") { finding.severity.min(Severity::Note) } else { finding.severity };
    cx.report(finding.severity(level).label("no condition asks for `SAML:aud`").help(
        "add \"StringEquals\": { \"SAML:aud\": \"https://signin.aws.amazon.com/saml\" }, in aws-us-gov and aws-cn \
         the sign-in address of the partition",
    ));
}
