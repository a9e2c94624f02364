use crate::lint::Check;
use crate::lint::rule::rule;

rule! {
    /// A name stands where the policy language has no such element.
    ///
    /// ## Why
    ///
    /// AWS refuses a document with an element that it does not know, also where only the case differs:
    /// `effect` is not `Effect`. Had it been taken, the element would have had no effect, and a condition
    /// that has none lets everybody in.
    ///
    /// ## Examples
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [
    ///     { "Effect": "Allow", "Actions": "s3:GetObject", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::reports" }
    ///   ]
    /// }
    /// ```
    ///
    /// ```json bad identity
    /// {
    ///   "version": "2012-10-17",
    ///   "Statement": [ { "Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*" } ]
    /// }
    /// ```
    ///
    /// ```json good identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [
    ///     { "Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::reports" }
    ///   ]
    /// }
    /// ```
    name: "unknown-element", group: Syntax, severity: Error, since: "0.1.0",
    rows: ["SYN-04", "SYN-05", "STM-01"],
    peers: ["access-analyzer:INVALID_POLICY_ELEMENT", "parliament:MALFORMED", "iam-policy-validator:unknown_field", "cfn-lint:E3510", "cfn-lint:E3512"],
    gives_way_to: ["json-syntax"],
    check: Check::Problems,
}
