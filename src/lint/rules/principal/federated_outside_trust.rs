use crate::diagnostic::Severity;
use crate::kind::Kind;
use crate::lint::facts::action_values;
use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::{PrincipalType, Statement};

rule! {
    /// A policy that is no trust policy names an identity provider.
    ///
    /// ## Why
    ///
    /// Users of a provider call AWS as the session of a role. Only the trust policy of that role sees the
    /// provider; a resource sees the role.
    ///
    /// ## Examples
    ///
    /// ```json bad sqs
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "Federated": "arn:aws:iam::222222222222:saml-provider/staff" },
    ///     "Action": "sqs:SendMessage",
    ///     "Resource": "arn:aws:sqs:us-east-1:222222222222:expel-queue"
    ///   }
    /// }
    /// ```
    ///
    /// ```json good sqs
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "AWS": "arn:aws:iam::222222222222:role/staff" },
    ///     "Action": "sqs:SendMessage",
    ///     "Resource": "arn:aws:sqs:us-east-1:222222222222:expel-queue"
    ///   }
    /// }
    /// ```
    name: "federated-outside-trust", group: Principal, severity: Error, since: "0.1.0",
    rows: ["PRN-10"],
    peers: ["access-analyzer:FEDERATED_PRINCIPAL_NOT_SUPPORTED"],
    kinds: [Kms, S3, Sns, Sqs, Endpoint, Ecr, SecretsManager, Lambda, Resource],
    check: Check::Statement(check),
}

fn check(statement: &Statement, cx: &mut Context<'_>) {
    // A trust policy with something wrong in it is not always known for one.
    let assumes = |text: &str| text.get(..4).is_some_and(|service| service.eq_ignore_ascii_case("sts:"));
    if action_values(statement).any(|value| assumes(&value.text)) {
        return;
    }
    let entries = statement.principal.iter().flat_map(|element| &element.entries);
    for entry in entries.filter(|entry| entry.kind == PrincipalType::Federated) {
        let span = entry.key.unwrap_or(entry.values.span);
        let message =
            format!("{} takes no identity provider as a principal", cx.document.kind.with_article());
        let finding = cx.finding(span, message).label("only in a trust policy");
        // S3's own pages on public access have such a policy; whether it is refused or idle they do not say.
        let severity = match cx.document.kind {
            Kind::S3 => finding.severity.min(Severity::Warning),
            _ => finding.severity,
        };
        cx.report(
            finding
                .severity(severity)
                .help("name the role that the users of the provider assume, as { \"AWS\": \"…\" }"),
        );
    }
}
