use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::Statement;

rule! {
    /// A statement has no `Sid`.
    ///
    /// ## Why
    ///
    /// AWS does not need one. But a review, a log of changes and a vendor's instructions can name a
    /// statement only by its `Sid`, and so can whoever takes it out again years later. Its number changes with
    /// each statement above it.
    ///
    /// ## Examples
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": { "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::reports/*" }
    /// }
    /// ```
    ///
    /// ```json good identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Sid": "ReadReports",
    ///     "Effect": "Allow",
    ///     "Action": "s3:GetObject",
    ///     "Resource": "arn:aws:s3:::reports/*"
    ///   }
    /// }
    /// ```
    name: "missing-sid", group: Practice, severity: Note, since: "0.1.0",
    rows: ["BPR-07"],
    peers: [],
    opt_in: true,
    check: Check::Statement(check),
}

fn check(statement: &Statement, cx: &mut Context<'_>) {
    if statement.sid().is_none() {
        let finding = cx.finding(cx.opening(statement), "the statement has no `Sid`");
        cx.report(finding.help("write a \"Sid\" that says what the statement is for"));
    }
}
