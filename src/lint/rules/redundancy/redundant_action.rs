use crate::analyze::redundancy::Part;
use crate::lint::rule::rule;
use crate::lint::{Check, covered};

rule! {
    /// An action is covered by another one of its list.
    ///
    /// ## Why
    ///
    /// It makes no difference whether it is there. Whoever reads the list takes the narrow action for what is
    /// granted, and overlooks the wildcard beside it.
    ///
    /// ## Examples
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Action": [ "s3:GetObject", "s3:Get*", "s3:ListBucket" ],
    ///     "Resource": "arn:aws:s3:::reports*"
    ///   }
    /// }
    /// ```
    ///
    /// ```json fixed
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Action": [ "s3:Get*", "s3:ListBucket" ],
    ///     "Resource": "arn:aws:s3:::reports*"
    ///   }
    /// }
    /// ```
    ///
    /// ```json good identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Action": [ "s3:GetObject", "s3:GetObjectAcl*" ],
    ///     "Resource": "arn:aws:s3:::reports*"
    ///   }
    /// }
    /// ```
    name: "redundant-action", group: Redundancy, severity: Note, since: "0.1.0",
    rows: ["RED-01"],
    peers: ["access-analyzer:REDUNDANT_ACTION"],
    fix: Safe,
    check: Check::Statement(|statement, cx| {
        covered::report(statement, cx, |part| matches!(part, Part::Action(_)));
    }),
}
