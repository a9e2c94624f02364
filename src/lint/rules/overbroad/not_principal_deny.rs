use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::Statement;

rule! {
    /// A `Deny` with `NotPrincipal` spares fewer than it names.
    ///
    /// ## Why
    ///
    /// To spare a role, its sessions and its account must be named as well, and sessions have names that
    /// cannot be known; with a permissions boundary on the role it is denied all the same. A condition on
    /// `aws:PrincipalArn` says the same, takes wildcards, and spares the role's sessions with the role. AWS
    /// advises against `NotPrincipal`.
    ///
    /// ## Examples
    ///
    /// ```json bad s3
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Deny",
    ///     "NotPrincipal": { "AWS": [ "arn:aws:iam::111111111111:role/audit", "arn:aws:iam::111111111111:root" ] },
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
    ///     "Effect": "Deny",
    ///     "Principal": "*",
    ///     "Action": "s3:GetObject",
    ///     "Resource": "arn:aws:s3:::reports/*",
    ///     "Condition": { "ArnNotLike": { "aws:PrincipalArn": "arn:aws:iam::111111111111:role/audit" } }
    ///   }
    /// }
    /// ```
    name: "not-principal-deny", group: Overbroad, severity: Note, since: "0.1.0",
    rows: ["OVR-10"],
    peers: ["iam-policy-validator:not_principal_usage", "policyuniverse:uses_not_principal"],
    kinds: [Kms, S3, Sns, Sqs, Ecr, SecretsManager, Lambda, Resource, Endpoint],
    gives_way_to: ["principal-and-not-principal"],
    check: Check::Statement(check),
}

fn check(statement: &Statement, cx: &mut Context<'_>) {
    let Some(element) = statement.principal.as_ref().filter(|element| element.negated) else { return };
    if !statement.denies() {
        return;
    }
    let finding = cx
        .finding(element.key, "a `Deny` with `NotPrincipal` is hard to get right")
        .label("sessions of a role are other principals than the role")
        .help("\"Principal\": \"*\" with \"ArnNotLike\": { \"aws:PrincipalArn\": \"<who is spared>\" }");
    cx.report(finding);
}
