use crate::lint::members::{without_element, without_operator};
use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::Statement;

rule! {
    /// `Condition`, or an operator in it, is an empty object.
    ///
    /// ## Why
    ///
    /// It tests nothing, so the statement holds for every request, while a reader sees a condition. Mostly a
    /// program left it behind.
    ///
    /// ## Examples
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Action": "s3:GetObject",
    ///     "Resource": "arn:aws:s3:::reports/*",
    ///     "Condition": {}
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
    ///   "Statement": { "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::reports/*" }
    /// }
    /// ```
    name: "empty-condition", group: Statement, severity: Note, since: "0.1.0",
    rows: ["STM-19"],
    peers: ["access-analyzer:EMPTY_OBJECT_CONDITION"],
    fix: Safe,
    check: Check::Statement(check),
}

fn check(statement: &Statement, cx: &mut Context<'_>) {
    let text = cx.document.text();
    let Some(condition) = cx.node(statement).and_then(|node| node.get(text, "Condition")) else { return };
    let is_empty = |node: &crate::parse::Node| matches!(&node.value, crate::parse::Value::Object(members) if members.is_empty());
    if is_empty(condition) {
        let finding = cx.finding(condition.span, "the condition is empty").label("tests nothing");
        let finding = finding.help("write what is to be tested, or take `Condition` out");
        cx.report(match without_element(cx, statement, "Condition") {
            Some(edit) => finding.fix("without `Condition`", true, vec![edit]),
            None => finding,
        });
        return;
    }
    for operator in condition.members().iter().filter(|member| is_empty(&member.value)) {
        let name = operator.key.text(text);
        let finding =
            cx.finding(operator.value.span, format!("`{name}` tests no key")).label("tests nothing");
        let finding = finding.help("write what is to be tested, or take the operator out");
        cx.report(match without_operator(cx, statement, operator.key.span) {
            Some(edit) => finding.fix(format!("without `{name}`"), true, vec![edit]),
            None => finding,
        });
    }
}
