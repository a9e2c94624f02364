use crate::lint::Check;
use crate::lint::rule::rule;

rule! {
    /// A value has the wrong JSON type.
    ///
    /// ## Why
    ///
    /// Each element takes a string, a list of strings or an object, and AWS refuses anything else: a number
    /// as `Sid`, `null` in place of a value, a list inside a list. What has the wrong type is not looked at
    /// any further here either. In a template, CloudFormation passes on a whole number as text.
    ///
    /// ## Examples
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [
    ///     { "Effect": "Allow", "Action": { "s3": "GetObject" }, "Resource": "*" }
    ///   ]
    /// }
    /// ```
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [ { "Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": null } ]
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
    name: "wrong-type", group: Syntax, severity: Error, since: "0.1.0",
    rows: ["SYN-02", "SYN-08", "SYN-12", "SYN-13", "STM-20", "RES-13"],
    peers: ["access-analyzer:DATA_TYPE_MISMATCH", "iam-policy-validator:invalid_statement_type", "cfn-lint:E3510", "cfn-lint:E3512"],
    gives_way_to: ["json-syntax"],
    check: Check::Problems,
}
