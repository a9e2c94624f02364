use crate::analyze::redundancy::Part;
use crate::lint::rule::rule;
use crate::lint::{Check, covered};

rule! {
    /// A value of a condition is covered by another value of the same test.
    ///
    /// ## Why
    ///
    /// One value that matches is enough, so the narrower one of two changes nothing: a pattern beside a wider
    /// one, an address in a range that is there too, the smaller of two numbers that must not be exceeded. Who
    /// wrote both probably thought that both must hold.
    ///
    /// ## Examples
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Action": "s3:ListBucket",
    ///     "Resource": "arn:aws:s3:::reports",
    ///     "Condition": { "NumericLessThanEquals": { "s3:max-keys": [ "10", "100" ] } }
    ///   }
    /// }
    /// ```
    ///
    /// ```json fixed
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Action": "s3:ListBucket",
    ///     "Resource": "arn:aws:s3:::reports",
    ///     "Condition": { "NumericLessThanEquals": { "s3:max-keys": [ "100" ] } }
    ///   }
    /// }
    /// ```
    ///
    /// ```json good identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Action": "s3:ListBucket",
    ///     "Resource": "arn:aws:s3:::reports",
    ///     "Condition": { "IpAddress": { "aws:SourceIp": [ "203.0.113.0/24", "198.51.100.7/32" ] } }
    ///   }
    /// }
    /// ```
    name: "redundant-condition-value", group: Redundancy, severity: Note, since: "0.1.0",
    rows: ["RED-06", "RED-07"],
    peers: ["access-analyzer:REDUNDANT_CONDITION_VALUE_NUM"],
    fix: Safe,
    check: Check::Statement(|statement, cx| {
        covered::report(statement, cx, |part| matches!(part, Part::Test(_)));
    }),
}
