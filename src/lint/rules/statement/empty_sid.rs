use crate::lint::members::without_element;
use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::Statement;

rule! {
    /// A `Sid` is empty.
    ///
    /// ## Why
    ///
    /// An empty `Sid` names nothing and counts as none. A name that says what the statement is for helps the
    /// next reader; without one the element can go.
    ///
    /// ## Examples
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Sid": "",
    ///     "Effect": "Allow",
    ///     "Action": "s3:GetObject",
    ///     "Resource": "arn:aws:s3:::reports/*"
    ///   }
    /// }
    /// ```
    ///
    /// ```json fixed
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Action": "s3:GetObject",
    ///     "Resource": "arn:aws:s3:::reports/*"
    ///   }
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
    name: "empty-sid", group: Statement, severity: Note, since: "0.1.0",
    rows: ["STM-14"],
    peers: ["access-analyzer:EMPTY_SID_VALUE"],
    fix: Safe,
    check: Check::Statement(check),
}

fn check(statement: &Statement, cx: &mut Context<'_>) {
    let Some(sid) = statement.sid.as_ref().filter(|sid| !sid.is_function() && sid.text.is_empty()) else {
        return;
    };
    let finding = cx.finding(sid.span, "the `Sid` is empty").label("counts as none");
    let finding = finding.help("name the statement, or take `Sid` out");
    cx.report(match without_element(cx, statement, "Sid") {
        Some(edit) => finding.fix("without `Sid`", true, vec![edit]),
        None => finding,
    });
}
