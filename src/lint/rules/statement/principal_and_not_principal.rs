use crate::lint::Check;
use crate::lint::rule::rule;

rule! {
    /// A statement has both `Principal` and `NotPrincipal`.
    ///
    /// ## Why
    ///
    /// One names principals, the other everyone but some. AWS refuses a statement that has both.
    ///
    /// ## Examples
    ///
    /// ```json bad s3
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [
    ///     {
    ///       "Effect": "Deny",
    ///       "Principal": "*",
    ///       "NotPrincipal": { "AWS": "arn:aws:iam::111111111111:user/auditor" },
    ///       "Action": "s3:GetObject",
    ///       "Resource": "arn:aws:s3:::reports/*"
    ///     }
    ///   ]
    /// }
    /// ```
    ///
    /// ```json good s3
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [
    ///     {
    ///       "Effect": "Deny",
    ///       "Principal": "*",
    ///       "Action": "s3:GetObject",
    ///       "Resource": "arn:aws:s3:::reports/*",
    ///       "Condition": { "ArnNotEquals": { "aws:PrincipalArn": "arn:aws:iam::111111111111:user/auditor" } }
    ///     }
    ///   ]
    /// }
    /// ```
    name: "principal-and-not-principal", group: Statement, severity: Error, since: "0.1.0",
    rows: ["STM-08"],
    peers: ["access-analyzer:UNSUPPORTED_ELEMENT_COMBINATION", "parliament:MALFORMED", "iam-policy-validator:principal_conflict", "cfn-lint:E3512"],
    check: Check::Problems,
}
