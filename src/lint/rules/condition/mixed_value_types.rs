use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::{Statement, Value};

rule! {
    /// The values of one key are strings and bare numbers or booleans together.
    ///
    /// ## Why
    ///
    /// AWS takes a number or a boolean without quotes, but the values of a list must be of one JSON type.
    /// Strings are right for all of them.
    ///
    /// ## Examples
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Action": "s3:ListBucket",
    ///     "Resource": "arn:aws:s3:::reports",
    ///     "Condition": { "NumericEquals": { "s3:max-keys": [ "10", 20 ] } }
    ///   }
    /// }
    /// ```
    ///
    /// ```json fixed
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Action": "s3:ListBucket",
    ///     "Resource": "arn:aws:s3:::reports",
    ///     "Condition": { "NumericEquals": { "s3:max-keys": [ "10", "20" ] } }
    ///   }
    /// }
    /// ```
    ///
    /// ```json good identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Action": "s3:ListBucket",
    ///     "Resource": "arn:aws:s3:::reports",
    ///     "Condition": { "NumericEquals": { "s3:max-keys": [ 10, 20 ] } }
    ///   }
    /// }
    /// ```
    name: "mixed-value-types", group: Condition, severity: Error, since: "0.1.0",
    rows: ["CND-19"],
    peers: ["access-analyzer:INVALID_CONDITION_DATA_TYPE", "cfn-lint:E3510", "cfn-lint:E3512"],
    fix: Safe,
    check: Check::Statement(check),
}

fn check(statement: &Statement, cx: &mut Context<'_>) {
    let text = cx.document.text();
    // A value that is no string is kept with its own spelling.
    let kind = |value: &Value| match value.span.slice(text).bytes().next() {
        Some(b'"') => "strings",
        Some(b't' | b'f') => "booleans",
        _ => "numbers",
    };
    for test in &statement.conditions {
        let mut values = test.values.items.iter().filter(|value| !value.is_function());
        let Some(first) = values.next() else { continue };
        let Some(other) = values.find(|value| kind(value) != kind(first)) else { continue };
        let message = format!("the values of `{}` are {} and {}", test.key, kind(first), kind(other));
        let bare = test.values.items.iter().filter(|value| !value.is_function() && kind(value) != "strings");
        let bare: Vec<&Value> = bare.collect();
        // Which text AWS makes of such a number is not documented.
        let is_numeric = test.operator.kind.name().starts_with("Numeric");
        let is_open = |value: &&Value| {
            kind(value) == "numbers"
                && value.text.contains(if is_numeric { &['e', 'E'][..] } else { &['.', 'e', 'E'] })
        };
        let is_sure = !bare.iter().any(is_open);
        let edits = bare
            .iter()
            .map(|value| crate::edit::Edit::replace(value.span, format!("\"{}\"", value.text)))
            .collect();
        let finding =
            cx.finding(test.values.span, message).label("of two types").help("put all of them in quotes");
        cx.report(finding.fix("all values in quotes", is_sure, edits));
    }
}
