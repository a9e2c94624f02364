use crate::analyze::redundancy::Part;
use crate::lint::rule::rule;
use crate::lint::{Check, covered};

rule! {
    /// A resource is covered by another one of its list.
    ///
    /// ## Why
    ///
    /// It makes no difference whether it is there. A star in the last part of an ARN also stands for `/` and
    /// `:`, so `bucket*` takes in the objects of the bucket, and those of every bucket whose name only begins
    /// like that.
    ///
    /// ## Examples
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Action": "s3:Get*",
    ///     "Resource": [ "arn:aws:s3:::reports*", "arn:aws:s3:::reports/*" ]
    ///   }
    /// }
    /// ```
    ///
    /// ```json fixed
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Action": "s3:Get*",
    ///     "Resource": [ "arn:aws:s3:::reports*" ]
    ///   }
    /// }
    /// ```
    ///
    /// ```json good identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Action": "s3:Get*",
    ///     "Resource": [ "arn:aws:s3:::reports", "arn:aws:s3:::reports/*" ]
    ///   }
    /// }
    /// ```
    name: "redundant-resource", group: Redundancy, severity: Note, since: "0.1.0",
    rows: ["RED-02"],
    peers: ["access-analyzer:REDUNDANT_RESOURCE"],
    fix: Safe,
    check: Check::Statement(|statement, cx| {
        covered::report(statement, cx, |part| matches!(part, Part::Resource(_)));
    }),
}
