use crate::lint::Check;
use crate::lint::rule::rule;

rule! {
    /// A statement has both `Action` and `NotAction`.
    ///
    /// ## Why
    ///
    /// One names actions, the other all but some. AWS refuses a statement that has both.
    ///
    /// ## Examples
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [
    ///     { "Effect": "Allow", "Action": "s3:*", "NotAction": "s3:DeleteBucket", "Resource": "arn:aws:s3:::reports" }
    ///   ]
    /// }
    /// ```
    ///
    /// ```json good identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [
    ///     { "Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::reports" },
    ///     { "Effect": "Deny", "Action": "s3:DeleteBucket", "Resource": "arn:aws:s3:::reports" }
    ///   ]
    /// }
    /// ```
    name: "action-and-not-action", group: Statement, severity: Error, since: "0.1.0",
    rows: ["STM-05"],
    peers: ["access-analyzer:UNSUPPORTED_ELEMENT_COMBINATION", "parliament:MALFORMED", "iam-policy-validator:action_conflict", "cfn-lint:E3510", "cfn-lint:E3512"],
    check: Check::Problems,
}
