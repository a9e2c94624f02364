use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::{SetOperator, Statement, TestKind};

rule! {
    /// `Null` has `ForAllValues` or `ForAnyValue` in front.
    ///
    /// ## Why
    ///
    /// `Null` asks whether the key is there; it looks at no value. With `ForAllValues` the test is true of
    /// every request, with `ForAnyValue` of none, so it says nothing of what it was written for.
    ///
    /// ## Examples
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Action": "ec2:CreateTags",
    ///     "Resource": "arn:aws:ec2:us-east-1:222222222222:volume/*",
    ///     "Condition": { "ForAllValues:Null": { "aws:TagKeys": "false" } }
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
    ///     "Resource": "arn:aws:ec2:us-east-1:222222222222:volume/*",
    ///     "Condition": { "Null": { "aws:TagKeys": "false" } }
    ///   }
    /// }
    /// ```
    name: "null-set-operator", group: Condition, severity: Note, since: "0.1.0",
    rows: ["CND-04"],
    peers: ["access-analyzer:NULL_WITH_QUALIFIER"],
    check: Check::Statement(check),
}

fn check(statement: &Statement, cx: &mut Context<'_>) {
    let mut done = None;
    for test in statement.conditions.iter().filter(|test| test.operator.kind == TestKind::Null) {
        let (name, outcome) = match test.operator.set {
            Some(SetOperator::ForAllValues) => ("ForAllValues:Null", "always true"),
            Some(SetOperator::ForAnyValue) => ("ForAnyValue:Null", "never true"),
            None => continue,
        };
        // Once for the block.
        if done.replace(test.operator_span) == Some(test.operator_span) {
            continue;
        }
        let finding =
            cx.finding(test.operator_span, format!("`{name}` is {outcome}, whatever the request has"));
        cx.report(finding.label("looks at values, of which `Null` has none").help("write \"Null\""));
    }
}
