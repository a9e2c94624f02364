use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::Statement;

rule! {
    /// An `Allow` with `NotPrincipal` lets in everyone but a few.
    ///
    /// ## Why
    ///
    /// It reads as if it kept somebody out, but what it does is let in everybody else: every account
    /// of AWS, and requests without credentials. What is meant is mostly a `Deny` with `NotPrincipal`,
    /// or better an `Allow` that names who may.
    ///
    /// ## Examples
    ///
    /// ```json bad s3
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "NotPrincipal": { "AWS": "arn:aws:iam::111111111111:user/guest" },
    ///     "Action": "s3:GetObject",
    ///     "Resource": "arn:aws:s3:::reports/*"
    ///   }
    /// }
    /// ```
    ///
    /// ```json good s3
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "AWS": "arn:aws:iam::111111111111:user/auditor" },
    ///     "Action": "s3:GetObject",
    ///     "Resource": "arn:aws:s3:::reports/*"
    ///   }
    /// }
    /// ```
    name: "not-principal-allow", group: Overbroad, severity: Error, since: "0.1.0",
    rows: ["OVR-09"],
    peers: [
        "access-analyzer:ALLOW_WITH_NOT_PRINCIPAL", "parliament:NOTPRINCIPAL_WITH_ALLOW", "cfn-nag:F6", "cfn-nag:F7",
        "cfn-nag:F8", "cfn-nag:F9", "iam-policy-validator:not_principal_with_allow",
    ],
    kinds: [Trust, Kms, S3, Sns, Sqs, Ecr, SecretsManager, Lambda, Resource],
    gives_way_to: ["principal-and-not-principal"],
    check: Check::Statement(check),
}

fn check(statement: &Statement, cx: &mut Context<'_>) {
    let Some(element) = statement.principal.as_ref().filter(|element| element.negated) else { return };
    if !statement.allows() {
        return;
    }
    let finding = cx
        .finding(element.key, "an `Allow` with `NotPrincipal` lets in everyone but a few")
        .label("everyone else is let in")
        .help("name with `Principal` who may, or make it a `Deny`");
    cx.report(finding);
}
