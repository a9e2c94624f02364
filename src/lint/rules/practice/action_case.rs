use crate::catalog;
use crate::edit::Edit;
use crate::lint::facts::action_values;
use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::Statement;

rule! {
    /// An action is spelled in another letter case than AWS's own.
    ///
    /// ## Why
    ///
    /// It works, as case has no meaning here. But a search for `s3:GetObject` does not find it, and logs
    /// show the other spelling. The prefix is left alone: AWS's consoles write `SNS:` and `SQS:` themselves.
    ///
    /// ## Examples
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": { "Effect": "Allow", "Action": "s3:getobject", "Resource": "arn:aws:s3:::reports/*" }
    /// }
    /// ```
    ///
    /// ```json fixed identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": { "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::reports/*" }
    /// }
    /// ```
    ///
    /// ```json good sns
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "AWS": "arn:aws:iam::222222222222:role/writer" },
    ///     "Action": "SNS:Publish",
    ///     "Resource": "arn:aws:sns:us-east-1:222222222222:topic"
    ///   }
    /// }
    /// ```
    name: "action-case", group: Practice, severity: Note, since: "0.1.0",
    rows: ["ACT-11"],
    peers: [],
    fix: Safe,
    check: Check::Statement(check),
}

/// One finding for a statement: who writes one action so writes all of them so.
fn check(statement: &Statement, cx: &mut Context<'_>) {
    let mut others = Vec::new();
    for value in action_values(statement) {
        let Some(known) = catalog::action(&value.text) else { continue };
        let Some((prefix, name)) = value.text.split_once(':') else { continue };
        let Some((_, right)) = known.name().split_once(':') else { continue };
        if name != right {
            others.push((value, format!("\"{prefix}:{right}\""), known.name()));
        }
    }
    let Some((first, right, name)) = others.first() else { return };
    let mut message = format!("`{}` is spelled `{name}` by AWS", first.text);
    if others.len() > 1 {
        message += &format!(", and {} more are spelled otherwise", others.len() - 1);
    }
    let edits = others.iter().map(|(value, right, _)| Edit::replace(value.span, right.clone())).collect();
    let finding = cx.finding(first.span, message).help(format!("write {right}"));
    cx.report(finding.fix("AWS's own spelling", true, edits));
}
