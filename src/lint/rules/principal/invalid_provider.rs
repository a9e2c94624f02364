use crate::diagnostic::Severity;
use crate::lint::facts::{is_pattern, is_plain};
use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::{Arn, PrincipalType, Statement};

rule! {
    /// A federated principal is not an identity provider.
    ///
    /// ## Why
    ///
    /// AWS refuses the trust policy. A provider is the ARN of a `saml-provider` or an `oidc-provider`, or one of
    /// the hosts that AWS knows by name, such as `cognito-identity.amazonaws.com`.
    ///
    /// ## Examples
    ///
    /// ```json bad trust
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "Federated": "arn:aws:iam::222222222222:role/staff" },
    ///     "Action": "sts:AssumeRoleWithSAML",
    ///     "Condition": { "StringEquals": { "SAML:aud": "https://signin.aws.amazon.com/saml" } }
    ///   }
    /// }
    /// ```
    ///
    /// ```json good trust
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "Federated": "arn:aws:iam::222222222222:saml-provider/staff" },
    ///     "Action": "sts:AssumeRoleWithSAML",
    ///     "Condition": { "StringEquals": { "SAML:aud": "https://signin.aws.amazon.com/saml" } }
    ///   }
    /// }
    /// ```
    name: "invalid-provider", group: Principal, severity: Error, since: "0.1.0",
    rows: ["PRN-11"],
    peers: [
        "access-analyzer:INVALID_FEDERATED_PRINCIPAL_SYNTAX_IN_ROLE_TRUST_POLICY",
        "parliament:UNKNOWN_FEDERATION_SOURCE", "iam-policy-validator:invalid_provider_format",
    ],
    kinds: [Trust],
    gives_way_to: ["wildcard-in-principal"],
    check: Check::Statement(check),
}

fn check(statement: &Statement, cx: &mut Context<'_>) {
    let entries = statement.principal.iter().flat_map(|element| &element.entries);
    let entries = entries.filter(|entry| entry.kind == PrincipalType::Federated);
    for value in entries.flat_map(|entry| &entry.values.items).filter(|value| is_plain(value)) {
        let text = value.text.as_str();
        if is_pattern(text) || is_provider(text) {
            continue;
        }
        let finding = cx.finding(value.span, format!("`{text}` is not an identity provider"));
        // A word in this place mostly waits for somebody to write an ARN there.
        let stands_in = !text.contains([':', '@', '/']);
        let severity = if stands_in { Severity::Warning } else { Severity::Error };
        let label = if stands_in { "still to be filled in" } else { "no provider's ARN or host" };
        let severity = finding.severity.min(severity);
        cx.report(
            finding
                .severity(severity)
                .label(label)
                .help("write arn:aws:iam::<account>:saml-provider/<name> or …:oidc-provider/<host>"),
        );
    }
}

fn is_provider(text: &str) -> bool {
    if let Some(arn) = Arn::parse(text) {
        let provider = |word: &str| arn.after(word).is_some_and(|name| !name.is_empty());
        return arn.service == "iam" && (provider("saml-provider") || provider("oidc-provider"));
    }
    // A host.
    let mut labels = text.split('.').peekable();
    let is_label = |label: &str| {
        !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    text.contains('.') && labels.peek().is_some() && labels.all(is_label)
}
