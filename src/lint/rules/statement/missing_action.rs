use crate::lint::Check;
use crate::lint::rule::rule;

rule! {
    /// A statement has neither `Action` nor `NotAction`.
    ///
    /// ## Why
    ///
    /// AWS refuses it; a KMS key policy takes it, and then the statement has no effect.
    ///
    /// ## Examples
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [
    ///     { "Effect": "Allow", "Resource": "arn:aws:s3:::reports/*" }
    ///   ]
    /// }
    /// ```
    ///
    /// ```json good identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [
    ///     { "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::reports/*" }
    ///   ]
    /// }
    /// ```
    name: "missing-action", group: Statement, severity: Error, since: "0.1.0",
    rows: ["STM-04"],
    peers: ["access-analyzer:MISSING_ACTION", "parliament:MALFORMED", "iam-policy-validator:missing_action", "cfn-lint:E3510", "cfn-lint:E3512"],
    check: Check::Problems,
}
