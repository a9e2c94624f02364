use crate::lint::Check;
use crate::lint::rule::rule;

rule! {
    /// `Effect` is neither `Allow` nor `Deny`.
    ///
    /// ## Why
    ///
    /// The two words are all there is, and their case counts: AWS refuses `allow`.
    ///
    /// ## Examples
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [
    ///     { "Effect": "allow", "Action": "s3:ListAllMyBuckets", "Resource": "*" }
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
    name: "invalid-effect", group: Statement, severity: Error, since: "0.1.0",
    rows: ["STM-03"],
    peers: ["access-analyzer:INVALID_EFFECT", "parliament:MALFORMED", "iam-policy-validator:invalid_effect", "cfn-lint:E3510", "cfn-lint:E3512"],
    check: Check::Problems,
}
