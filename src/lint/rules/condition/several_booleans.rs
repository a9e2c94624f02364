use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::{Statement, TestKind};

rule! {
    /// A key is compared with both true and false.
    ///
    /// ## Why
    ///
    /// Values of one key are joined by *or*, so that the test is true of every request that has the key, and
    /// `Null` with both is true of every request. AWS asks for one boolean.
    ///
    /// ## Examples
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Deny",
    ///     "Action": "s3:*",
    ///     "Resource": "*",
    ///     "Condition": { "Bool": { "aws:SecureTransport": [ "true", "false" ] } }
    ///   }
    /// }
    /// ```
    ///
    /// ```json good identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Deny",
    ///     "Action": "s3:*",
    ///     "Resource": "*",
    ///     "Condition": { "Bool": { "aws:SecureTransport": "false" } }
    ///   }
    /// }
    /// ```
    name: "several-booleans", group: Condition, severity: Error, since: "0.1.0",
    rows: ["CND-20"],
    peers: ["access-analyzer:INVALID_CONDITION_MULTIPLE_BOOLEAN"],
    check: Check::Statement(check),
}

fn check(statement: &Statement, cx: &mut Context<'_>) {
    for test in &statement.conditions {
        let kind = test.operator.kind;
        if !matches!(kind, TestKind::Bool | TestKind::Null) || test.operator.set.is_some() {
            continue;
        }
        let has = |word: &str| test.values.items.iter().any(|value| value.text.eq_ignore_ascii_case(word));
        if !has("true") || !has("false") {
            continue;
        }
        let label = match kind {
            TestKind::Null => "always true",
            _ => "true of every request that has the key",
        };
        let finding =
            cx.finding(test.values.span, format!("`{}` is compared with both true and false", test.key));
        cx.report(finding.label(label).help("write the one that is meant"));
    }
}
