use crate::analyze::shapes::never_has;
use crate::diagnostic::Severity;
use crate::lint::presence::passes_absence;
use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::Statement;

rule! {
    /// A key is compared with a value that it never has.
    ///
    /// ## Why
    ///
    /// Accounts have twelve digits, organizations begin with `o-`, endpoints with `vpce-`, services end in
    /// `.amazonaws.com`. Compared with anything else the key never matches: an Allow allows nothing, and a
    /// negated test holds for everybody.
    ///
    /// ## Examples
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Action": "s3:GetObject",
    ///     "Resource": "arn:aws:s3:::reports/*",
    ///     "Condition": { "StringEquals": { "aws:SourceVpce": "vpc-0a1b2c3d4e5f67890" } }
    ///   }
    /// }
    /// ```
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Action": "s3:GetObject",
    ///     "Resource": "arn:aws:s3:::reports/*",
    ///     "Condition": { "StringEquals": { "aws:ResourceAccount": "22222222222" } }
    ///   }
    /// }
    /// ```
    ///
    /// ```json good identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Action": "s3:GetObject",
    ///     "Resource": "arn:aws:s3:::reports/*",
    ///     "Condition": { "StringEquals": { "aws:SourceVpce": "vpce-0a1b2c3d4e5f67890" } }
    ///   }
    /// }
    /// ```
    name: "impossible-value", group: Type, severity: Error, since: "0.1.0",
    rows: ["CND-32", "CND-33", "CND-34", "CND-35", "TYP-11"],
    peers: [
        "access-analyzer:INVALID_VPC_FORMAT", "access-analyzer:INVALID_VPCE_FORMAT",
        "access-analyzer:INVALID_SERVICE_PRINCIPAL_FORMAT", "access-analyzer:INVALID_KMS_KEY_VALUE",
        "parliament:MISMATCHED_TYPE", "iam-policy-validator:invalid_value_format",
    ],
    gives_way_to: ["literal-wildcard", "any-value", "operator-type-mismatch"],
    check: Check::Statement(check),
}

fn check(statement: &Statement, cx: &mut Context<'_>) {
    for test in &statement.conditions {
        let mut values = test.values.items.iter();
        let Some((value, shape)) = values.find_map(|value| Some((value, never_has(test, value)?))) else {
            continue;
        };
        let message = match value.text.as_str() {
            "" => format!("`{}` is never empty", test.key),
            text => format!("`{}` is never `{text}`", test.key),
        };
        let finding = cx.finding(value.span, message);
        let label = match test.operator.kind.is_negated() {
            true => "excepts nothing",
            false if passes_absence(test) => "true only where the key is absent",
            false => "never true",
        };
        // A word where digits belong, or a name with blanks in it, is still to be filled in.
        let sure = shape.is_sure() && !shape.stands_in(&value.text);
        let severity = if sure { Severity::Error } else { Severity::Warning };
        let severity = finding.severity.min(severity);
        cx.report(finding.severity(severity).label(label).help(shape.help()));
    }
}
