use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::{Statement, TestKind};

rule! {
    /// A list of objects is forbidden by its prefix.
    ///
    /// ## Why
    ///
    /// `s3:prefix` is what the caller asks for, not what it gets to see. Who may not list `secret/` asks for
    /// `secre`, or for no prefix at all, and sees what is in `secret/`. Prefixes can be allowed; to forbid one
    /// hides nothing.
    ///
    /// ## Examples
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Deny",
    ///     "Action": "s3:ListBucket",
    ///     "Resource": "arn:aws:s3:::reports",
    ///     "Condition": { "StringLike": { "s3:prefix": "secret/*" } }
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
    ///     "Condition": { "StringLike": { "s3:prefix": "2026/*" } }
    ///   }
    /// }
    /// ```
    name: "prefix-negative", group: Condition, severity: Warning, since: "0.1.0",
    rows: ["CND-51"],
    peers: ["access-analyzer:S3_PREFIX_IN_NEGATIVE_CONTEXT"],
    check: Check::Statement(check),
}

fn check(statement: &Statement, cx: &mut Context<'_>) {
    for test in statement.conditions.iter().filter(|test| test.key.eq_ignore_ascii_case("s3:prefix")) {
        if test.operator.kind == TestKind::Null || statement.effect.is_none() {
            continue;
        }
        // There is no shorter prefix than none.
        let none = test.values.items.iter().all(|value| value.text.is_empty());
        if statement.allows() != test.operator.kind.is_negated() || none {
            continue;
        }
        let finding = cx.finding(test.key_span, "a shorter prefix gets round this");
        let finding = finding.label("what is asked for, not what is seen");
        cx.report(finding.help("allow the prefixes that may be listed, with \"StringLike\""));
    }
}
