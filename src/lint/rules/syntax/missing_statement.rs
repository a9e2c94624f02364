use crate::lint::Check;
use crate::lint::rule::rule;

rule! {
    /// The policy has no statement.
    ///
    /// ## Why
    ///
    /// A policy without statements says nothing, and AWS refuses it. Often one statement was pasted where a
    /// whole policy belongs.
    ///
    /// ## Examples
    ///
    /// ```json bad identity
    /// { "Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*" }
    /// ```
    ///
    /// ```json bad identity
    /// { "Version": "2012-10-17", "Statement": [] }
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
    name: "missing-statement", group: Syntax, severity: Error, since: "0.1.0",
    rows: ["SYN-06", "SYN-07"],
    peers: ["access-analyzer:MISSING_STATEMENT", "parliament:MALFORMED", "iam-policy-validator:missing_statement", "iam-policy-validator:empty_statement", "cfn-lint:E3510", "cfn-lint:E3512"],
    gives_way_to: ["unknown-element"],
    check: Check::Problems,
}
