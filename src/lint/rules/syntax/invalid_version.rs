use crate::lint::Check;
use crate::lint::rule::rule;

rule! {
    /// `Version` names no version of the policy language.
    ///
    /// ## Why
    ///
    /// There are two versions, `2012-10-17` and `2008-10-17`. The date is that of the language, not of the
    /// policy: whoever puts today's date there gets an error.
    ///
    /// ## Examples
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2026-11-23",
    ///   "Statement": [ { "Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*" } ]
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
    name: "invalid-version", group: Syntax, severity: Error, since: "0.1.0",
    rows: ["SYN-10"],
    peers: ["access-analyzer:INVALID_VERSION", "parliament:INVALID_VERSION", "iam-policy-validator:invalid_version", "cfn-lint:E3510", "cfn-lint:E3512"],
    check: Check::Problems,
}
