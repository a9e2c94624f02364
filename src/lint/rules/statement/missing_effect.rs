use crate::lint::Check;
use crate::lint::rule::rule;

rule! {
    /// A statement has no `Effect`.
    ///
    /// ## Why
    ///
    /// There is no default: a statement must say whether it allows or denies, and AWS refuses one that does not.
    ///
    /// ## Examples
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [
    ///     { "Action": "s3:ListAllMyBuckets", "Resource": "*" }
    ///   ]
    /// }
    /// ```
    ///
    /// ```json good identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [
    ///     { "Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*" }
    ///   ]
    /// }
    /// ```
    name: "missing-effect", group: Statement, severity: Error, since: "0.1.0",
    rows: ["STM-02"],
    peers: ["access-analyzer:MISSING_EFFECT", "parliament:MALFORMED", "iam-policy-validator:missing_effect", "cfn-lint:E3510", "cfn-lint:E3512"],
    check: Check::Problems,
}
