use crate::lint::facts::is_plain;
use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::Statement;
use crate::policy::marks::variable_key;

rule! {
    /// A key is compared with the policy variable of the same key.
    ///
    /// ## Why
    ///
    /// The variable stands for the value that the request has under the key, so the key is compared with itself: every
    /// value passes, and a negated test none. Mostly one of the two was to be another key, as the tag of the resource
    /// where that of the caller is meant.
    ///
    /// ## Examples
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Action": "ec2:StartInstances",
    ///     "Resource": "arn:aws:ec2:*:222222222222:instance/*",
    ///     "Condition": { "StringEquals": { "aws:PrincipalTag/team": "${aws:PrincipalTag/team}" } }
    ///   }
    /// }
    /// ```
    ///
    /// ```json good identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Action": "ec2:StartInstances",
    ///     "Resource": "arn:aws:ec2:*:222222222222:instance/*",
    ///     "Condition": { "StringEquals": { "aws:ResourceTag/team": "${aws:PrincipalTag/team}" } }
    ///   }
    /// }
    /// ```
    name: "variable-of-its-own-key", group: Variable, severity: Warning, since: "0.1.0",
    rows: [],
    peers: [],
    check: Check::Statement(check),
}

fn check(statement: &Statement, cx: &mut Context<'_>) {
    if !statement.variables {
        return;
    }
    for test in &statement.conditions {
        let is_text = test.operator.kind.name().starts_with("String");
        if !is_text {
            continue;
        }
        let is_itself = |text: &str| {
            let inside = text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}'));
            inside.is_some_and(|inside| variable_key(inside).eq_ignore_ascii_case(&test.key))
        };
        let Some(value) = test.values.items.iter().find(|value| is_plain(value) && is_itself(&value.text))
        else {
            continue;
        };
        let finding = cx.finding(value.span, format!("`{}` is compared with itself", test.key));
        let label = if test.operator.kind.is_negated() {
            "no value differs from this"
        } else {
            "every value is this"
        };
        cx.report(finding.label(label).help("name the key that the value is to be compared with"));
    }
}
