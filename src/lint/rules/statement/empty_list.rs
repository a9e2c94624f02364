use crate::lint::Check;
use crate::lint::rule::rule;

rule! {
    /// A list in a statement is empty.
    ///
    /// ## Why
    ///
    /// An empty list names nothing, so the statement is about nothing, and IAM refuses it. It is mostly
    /// left behind by a program that took the last item out or had nothing to put in. In a condition, where it
    /// is a note, the outcome depends on the operator: with `ForAllValues:` an empty list still lets in each
    /// request that lacks the key.
    ///
    /// ## Examples
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [
    ///     { "Effect": "Allow", "Action": [], "Resource": "arn:aws:s3:::reports/*" }
    ///   ]
    /// }
    /// ```
    ///
    /// ```json bad sqs
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [
    ///     {
    ///       "Effect": "Allow",
    ///       "Principal": { "AWS": [] },
    ///       "Action": "sqs:SendMessage",
    ///       "Resource": "arn:aws:sqs:us-east-1:222222222222:expel-queue"
    ///     }
    ///   ]
    /// }
    /// ```
    ///
    /// ```json good identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [
    ///     { "Effect": "Allow", "Action": [ "s3:GetObject" ], "Resource": "arn:aws:s3:::reports/*" }
    ///   ]
    /// }
    /// ```
    name: "empty-list", group: Statement, severity: Error, since: "0.1.0",
    rows: ["STM-15", "STM-16", "STM-17", "STM-18", "CND-21", "CND-22", "CND-23", "CND-24"],
    peers: ["access-analyzer:EMPTY_ARRAY_ACTION", "access-analyzer:EMPTY_ARRAY_RESOURCE", "access-analyzer:EMPTY_ARRAY_PRINCIPAL", "access-analyzer:EMPTY_OBJECT_PRINCIPAL", "access-analyzer:EMPTY_ARRAY_CONDITION"],
    check: Check::Problems,
}
