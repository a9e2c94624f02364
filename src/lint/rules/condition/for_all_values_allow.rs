use crate::catalog::{self, Level};
use crate::diagnostic::Severity;
use crate::lint::members::with_operator;
use crate::lint::presence::{asks_for_it, says_who_calls};
use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::{SetOperator, Statement, TestKind, Value};

rule! {
    /// An Allow tests a key with `ForAllValues` and does not ask that the key be there.
    ///
    /// ## Why
    ///
    /// `ForAllValues` is true of no values as well, so a request without the key is allowed. Where the key
    /// says who calls, that lets strangers in. A `Null` test beside it closes the gap.
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
    ///     "Condition": { "ForAllValues:StringLike": { "aws:PrincipalOrgPaths": "o-a1b2c3d4e5/*" } }
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
    ///     "Resource": "arn:aws:s3:::reports/*",
    ///     "Condition": { "ForAllValues:StringLike": { "aws:PrincipalOrgPaths": "o-a1b2c3d4e5/*" }, "Null": { "aws:PrincipalOrgPaths": "false" } }
    ///   }
    /// }
    /// ```
    ///
    /// ```json good identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Action": "s3:GetObject",
    ///     "Resource": "arn:aws:s3:::reports/*",
    ///     "Condition": {
    ///       "ForAllValues:StringLike": { "aws:PrincipalOrgPaths": "o-a1b2c3d4e5/*" },
    ///       "Null": { "aws:PrincipalOrgPaths": "false" }
    ///     }
    ///   }
    /// }
    /// ```
    name: "for-all-values-allow", group: Condition, severity: Warning, since: "0.1.0",
    rows: ["CND-28"],
    peers: ["iam-policy-validator:forallvalues_allow_without_null_check"],
    fix: Unsafe,
    gives_way_to: ["set-operator-on-single-value", "public-access", "confused-deputy"],
    check: Check::Statement(check),
}

fn check(statement: &Statement, cx: &mut Context<'_>) {
    if !statement.allows() {
        return;
    }
    for test in &statement.conditions {
        let operator = test.operator;
        if operator.set != Some(SetOperator::ForAllValues) || operator.kind == TestKind::Null {
            continue;
        }
        if asks_for_it(test, statement)
            || (is_tag_keys(&test.key) && (asks_for_a_tag(statement) || only_tags(statement)))
        {
            continue;
        }
        let message = format!("a request without `{}` is allowed as well", test.key);
        let finding = cx.finding(test.operator_span, message).label("true of no values");
        let finding = finding.also_at(test.key_span, "this can be absent");
        // That a request has no tags, or names none of the things that could be forbidden, is mostly meant.
        let severity = match says_who_calls(&test.key) {
            true => finding.severity,
            false => finding.severity.min(Severity::Note),
        };
        let key = test.key_span.slice(cx.document.text());
        let guard = format!("{key}: \"false\"");
        let finding = finding.severity(severity).help(format!("add \"Null\": {{ {guard} }}"));
        cx.report(match with_operator(cx, statement, test, "Null", &guard) {
            Some(edit) => finding.fix(format!("asks for `{}`", test.key), false, vec![edit]),
            None => finding,
        });
    }
}

fn is_tag_keys(key: &str) -> bool {
    key.eq_ignore_ascii_case("aws:TagKeys")
}

/// Whether the statement is about setting and taking off tags alone: without keys there is nothing to do.
fn only_tags(statement: &Statement) -> bool {
    let tags =
        |value: &Value| catalog::action(&value.text).is_some_and(|action| action.level() == Level::Tagging);
    let element = statement.action.as_ref().filter(|element| !element.negated);
    element.is_some_and(|element| element.values.items.iter().all(tags))
}

/// Whether some tag must be in the request, so that its keys are.
fn asks_for_a_tag(statement: &Statement) -> bool {
    statement.conditions.iter().any(|test| {
        let operator = test.operator;
        let is_tag = test.key.get(..15).is_some_and(|key| key.eq_ignore_ascii_case("aws:RequestTag/"));
        let wants = match operator.kind {
            TestKind::Null => test.values.items.iter().all(|value| value.text.eq_ignore_ascii_case("false")),
            kind => !kind.is_negated() && !operator.if_exists,
        };
        is_tag && wants && operator.set != Some(SetOperator::ForAllValues)
    })
}
