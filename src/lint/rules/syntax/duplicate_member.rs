use crate::lint::Check;
use crate::lint::rule::rule;

rule! {
    /// One JSON object has the same name twice.
    ///
    /// ## Why
    ///
    /// A JSON parser keeps the last of the two and drops the first without a word. The list that somebody
    /// added to is not the one that AWS reads, and a reviewer who sees both believes that both count. Some
    /// services refuse such a document, others take it.
    ///
    /// ## Examples
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Action": "s3:GetObject",
    ///     "Action": "s3:GetObjectVersion",
    ///     "Resource": "arn:aws:s3:::reports/*"
    ///   }
    /// }
    /// ```
    ///
    /// ```json good identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Action": [ "s3:GetObject", "s3:GetObjectVersion" ],
    ///     "Resource": "arn:aws:s3:::reports/*"
    ///   }
    /// }
    /// ```
    name: "duplicate-member", group: Syntax, severity: Error, since: "0.1.0",
    rows: ["SYN-03"],
    peers: ["cfn-lint:E0000"],
    gives_way_to: ["json-syntax"],
    check: Check::Problems,
}
