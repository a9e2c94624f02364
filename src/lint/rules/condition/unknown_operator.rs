use crate::lint::Check;
use crate::lint::rule::rule;

rule! {
    /// A condition uses an operator that does not exist.
    ///
    /// ## Why
    ///
    /// AWS refuses the document. Some names look right and are not: `StringEqual`, `NullIfExists`,
    /// `ForAllValue:StringLike`.
    ///
    /// ## Examples
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [
    ///     {
    ///       "Effect": "Allow",
    ///       "Action": "s3:GetObject",
    ///       "Resource": "arn:aws:s3:::reports/*",
    ///       "Condition": { "StringEqual": { "aws:PrincipalOrgID": "o-a1b2c3d4e5" } }
    ///     }
    ///   ]
    /// }
    /// ```
    ///
    /// ```json good identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [
    ///     {
    ///       "Effect": "Allow",
    ///       "Action": "s3:GetObject",
    ///       "Resource": "arn:aws:s3:::reports/*",
    ///       "Condition": { "StringEquals": { "aws:PrincipalOrgID": "o-a1b2c3d4e5" } }
    ///     }
    ///   ]
    /// }
    /// ```
    name: "unknown-operator", group: Condition, severity: Error, since: "0.1.0",
    rows: ["CND-01", "CND-02", "CND-03"],
    peers: ["access-analyzer:INVALID_CONDITION_OPERATOR", "access-analyzer:NULL_WITH_IF_EXISTS", "parliament:UNKNOWN_OPERATOR", "iam-policy-validator:invalid_operator", "cfn-lint:E3510", "cfn-lint:E3512"],
    gives_way_to: ["json-syntax"],
    check: Check::Problems,
}
