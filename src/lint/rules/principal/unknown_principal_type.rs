use crate::lint::Check;
use crate::lint::rule::rule;

rule! {
    /// A principal is of no type that AWS knows.
    ///
    /// ## Why
    ///
    /// The types are `AWS`, `Service`, `Federated` and `CanonicalUser`, spelt so; only `"*"` stands alone.
    /// AWS refuses anything else, and leaves open whether the account, the service or the spelling was meant.
    ///
    /// ## Examples
    ///
    /// ```json bad sns
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [
    ///     {
    ///       "Effect": "Allow",
    ///       "Principal": { "service": "s3.amazonaws.com" },
    ///       "Action": "sns:Publish",
    ///       "Resource": "arn:aws:sns:us-east-1:222222222222:expel-topic",
    ///       "Condition": { "StringEquals": { "aws:SourceAccount": "222222222222" } }
    ///     }
    ///   ]
    /// }
    /// ```
    ///
    /// ```json bad kms
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [
    ///     { "Effect": "Allow", "Principal": "arn:aws:iam::111111111111:role/admin", "Action": "kms:*", "Resource": "*" }
    ///   ]
    /// }
    /// ```
    ///
    /// ```json good sns
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [
    ///     {
    ///       "Effect": "Allow",
    ///       "Principal": { "Service": "s3.amazonaws.com" },
    ///       "Action": "sns:Publish",
    ///       "Resource": "arn:aws:sns:us-east-1:222222222222:expel-topic",
    ///       "Condition": { "StringEquals": { "aws:SourceAccount": "222222222222" } }
    ///     }
    ///   ]
    /// }
    /// ```
    name: "unknown-principal-type", group: Principal, severity: Error, since: "0.1.0",
    rows: ["PRN-01", "PRN-02"],
    peers: ["access-analyzer:INVALID_PRINCIPAL_KEY", "access-analyzer:INVALID_PRINCIPAL_FORMAT", "parliament:UNKNOWN_PRINCIPAL", "cfn-lint:E3512"],
    gives_way_to: ["json-syntax"],
    check: Check::Problems,
}
