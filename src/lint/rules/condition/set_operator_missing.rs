use crate::catalog;
use crate::lint::facts::dated;
use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::{Statement, TestKind};

rule! {
    /// A key of many values is tested without `ForAllValues` or `ForAnyValue`.
    ///
    /// ## Why
    ///
    /// A request can have several values for such a key, and a plain operator does not say whether all of
    /// them or one of them must match.
    ///
    /// ## Examples
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Action": "ec2:CreateTags",
    ///     "Resource": "*",
    ///     "Condition": { "StringEquals": { "aws:TagKeys": [ "team", "stage" ] } }
    ///   }
    /// }
    /// ```
    ///
    /// ```json good identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Action": "ec2:CreateTags",
    ///     "Resource": "*",
    ///     "Condition": { "ForAnyValue:StringEquals": { "aws:TagKeys": [ "team", "stage" ] } }
    ///   }
    /// }
    /// ```
    name: "set-operator-missing", group: Condition, severity: Warning, since: "0.1.0",
    rows: ["CND-25"],
    peers: ["access-analyzer:MISSING_QUALIFIER"],
    check: Check::Statement(check),
}

fn check(statement: &Statement, cx: &mut Context<'_>) {
    for test in &statement.conditions {
        if test.operator.set.is_some() || test.operator.kind == TestKind::Null {
            continue;
        }
        // With one event to a request, as is usual, these have one value, and AWS tests them plainly.
        if test.key.to_ascii_lowercase().starts_with("events:") {
            continue;
        }
        if catalog::condition_key(&test.key).and_then(|key| key.is_list()) != Some(true) {
            continue;
        }
        let name = test.operator.kind.name();
        let message = format!("`{}` can have several values, {}", test.key, dated());
        let finding = cx.finding(test.key_span, message).label("all of them or any?");
        let finding = finding.also_at(test.operator_span, "this does not say");
        // In an Allow, all of none would let in who has none.
        cx.report(finding.help(match statement.allows() {
            true => format!(
                "write \"ForAnyValue:{name}\", or \"ForAllValues:{name}\" with a `Null` test of the key"
            ),
            false => format!("write \"ForAnyValue:{name}\" or \"ForAllValues:{name}\""),
        }));
    }
}
