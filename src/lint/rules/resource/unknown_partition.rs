use crate::lint::facts::{arns, dated, is_pattern};
use crate::lint::regions::{is_partition, nearest_partition};
use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::Statement;

rule! {
    /// The partition of an ARN is none that AWS has.
    ///
    /// ## Why
    ///
    /// The partition is `aws`, or `aws-cn`, `aws-us-gov` and the like for clouds that are apart. An ARN with
    /// any other names no resource.
    ///
    /// ## Examples
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": { "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:asw:s3:::reports/*" }
    /// }
    /// ```
    ///
    /// ```json good identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": { "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::reports/*" }
    /// }
    /// ```
    name: "unknown-partition", group: Resource, severity: Warning, since: "0.1.0",
    rows: ["RES-03"],
    peers: [
        "access-analyzer:INVALID_PARTITION", "parliament:INVALID_ARN", "iam-policy-validator:invalid_resource",
        "cfn-lint:E3510", "cfn-lint:E3514",
    ],
    gives_way_to: ["invalid-arn"],
    check: Check::Statement(check),
}

fn check(statement: &Statement, cx: &mut Context<'_>) {
    for (value, arn) in arns(statement) {
        if is_partition(arn.partition) || is_pattern(arn.partition) {
            continue;
        }
        let message = match arn.partition {
            "" => "the ARN has no partition".to_owned(),
            other => format!("`{other}` is no partition of AWS, {}", dated()),
        };
        let partition = nearest_partition(arn.partition).unwrap_or("aws");
        let finding = cx.finding(value.span, message).label("names no resource");
        cx.report(finding.help(format!("write `arn:{partition}:{}:…`", arn.service)));
    }
}
