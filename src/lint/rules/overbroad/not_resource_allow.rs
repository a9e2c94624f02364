use crate::diagnostic::Severity;
use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::Statement;

rule! {
    /// An `Allow` with `NotResource` allows on everything but a few.
    ///
    /// ## Why
    ///
    /// What is not named is allowed: every bucket but one, also those that will be made tomorrow and those of
    /// other accounts. A `Deny` for what is to be kept back, beside an `Allow` that names what is needed, does
    /// what is meant and cannot be widened by another policy.
    ///
    /// ## Examples
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Action": "s3:GetObject",
    ///     "NotResource": "arn:aws:s3:::payroll/*"
    ///   }
    /// }
    /// ```
    ///
    /// ```json good identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [
    ///     { "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::reports/*" },
    ///     { "Effect": "Deny", "Action": "s3:*", "NotResource": "arn:aws:s3:::reports/*" }
    ///   ]
    /// }
    /// ```
    name: "not-resource-allow", group: Overbroad, severity: Warning, since: "0.1.0",
    rows: ["OVR-07"],
    peers: [
        "parliament:NOTRESOURCE_WITH_ALLOW", "cfn-nag:W21", "cfn-nag:W22", "cfn-nag:W23",
        "iam-policy-validator:not_resource_broad", "cloudsplaining:NotResource",
    ],
    kinds: [Identity, Kms, S3, Sns, Sqs, Ecr, SecretsManager, Lambda, Resource],
    gives_way_to: ["not-action-allow", "resource-and-not-resource"],
    check: Check::Statement(check),
}

fn check(statement: &Statement, cx: &mut Context<'_>) {
    let Some(element) = statement.resource.as_ref().filter(|element| element.negated) else { return };
    // What excepts everything allows nothing.
    if !statement.allows() || statement.resources().iter().any(|spared| spared.is_any()) {
        return;
    }
    let mut finding = cx
        .finding(element.key.to(element.values.span), "every resource but a few is allowed")
        .label("all that is not named")
        .help("name with `Resource` what is allowed; keep back with a `Deny` what is to be kept back");
    if let Some(action) = &statement.action {
        finding = finding.also_at(action.values.span, "these actions");
    }
    if cx.document.kind.names_principal() || !statement.is_unconditional() {
        finding.severity = finding.severity.min(Severity::Note);
    }
    cx.report(finding);
}
