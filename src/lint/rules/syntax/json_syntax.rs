use crate::lint::Check;
use crate::lint::rule::rule;

rule! {
    /// The text is not JSON as AWS reads it.
    ///
    /// ## Why
    ///
    /// AWS refuses the whole document with a message that seldom says where the mistake is. Comments,
    /// trailing commas and a byte-order mark count as mistakes too, although some editors and parsers
    /// let them pass.
    ///
    /// ## Examples
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [
    ///     { "Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*", }
    ///   ]
    /// }
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
    name: "json-syntax", group: Syntax, severity: Error, since: "0.1.0",
    rows: ["SYN-01", "SYN-15"],
    peers: ["access-analyzer:JSON_SYNTAX_ERROR", "parliament:MALFORMED_JSON"],
    check: Check::Problems,
}
