use crate::lint::Check;
use crate::lint::rule::rule;

rule! {
    /// A statement has both `Resource` and `NotResource`.
    ///
    /// ## Why
    ///
    /// One names resources, the other all but some. AWS refuses a statement that has both.
    ///
    /// ## Examples
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [
    ///     { "Effect": "Deny", "Action": "s3:PutObject", "Resource": "*", "NotResource": "arn:aws:s3:::reports/*" }
    ///   ]
    /// }
    /// ```
    ///
    /// ```json good identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [
    ///     { "Effect": "Deny", "Action": "s3:PutObject", "NotResource": "arn:aws:s3:::reports/*" }
    ///   ]
    /// }
    /// ```
    name: "resource-and-not-resource", group: Statement, severity: Error, since: "0.1.0",
    rows: ["STM-07"],
    peers: ["access-analyzer:UNSUPPORTED_ELEMENT_COMBINATION", "parliament:MALFORMED", "iam-policy-validator:resource_conflict", "cfn-lint:E3510", "cfn-lint:E3512"],
    check: Check::Problems,
}
