use crate::analyze::space::is_in_every;
use crate::catalog;
use crate::edit::Edit;
use crate::lint::everyone::is_alone;
use crate::lint::members::without_test;
use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::{SetOperator, Statement, Test, TestKind};

rule! {
    /// A key is compared with `*`, which says no more than whether it is there.
    ///
    /// ## Why
    ///
    /// Every value matches `*`, so the test only asks for the key; `Null` asks that in so many words. Where the
    /// key is always there, or its absence passes, the test says nothing at all; a negated one can then never
    /// be true, and the statement is dead.
    ///
    /// ## Examples
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Action": "ec2:CreateVolume",
    ///     "Resource": "arn:aws:ec2:us-east-1:222222222222:volume/*",
    ///     "Condition": { "StringLike": { "aws:RequestTag/team": "*" } }
    ///   }
    /// }
    /// ```
    ///
    /// ```json fixed
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Action": "ec2:CreateVolume",
    ///     "Resource": "arn:aws:ec2:us-east-1:222222222222:volume/*",
    ///     "Condition": { "Null": { "aws:RequestTag/team": "false" } }
    ///   }
    /// }
    /// ```
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Action": "ec2:CreateVolume",
    ///     "Resource": "arn:aws:ec2:us-east-1:222222222222:volume/*",
    ///     "Condition": { "StringLike": { "aws:RequestedRegion": "*" } }
    ///   }
    /// }
    /// ```
    ///
    /// ```json good identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Action": "ec2:CreateVolume",
    ///     "Resource": "arn:aws:ec2:us-east-1:222222222222:volume/*",
    ///     "Condition": { "Null": { "aws:RequestTag/team": "false" } }
    ///   }
    /// }
    /// ```
    name: "any-value", group: Condition, severity: Note, since: "0.1.0",
    rows: ["CND-44", "CND-45", "CND-46", "CND-47"],
    peers: [
        "access-analyzer:REDUNDANT_KEY_DUE_TO_WILDCARD_IN_CONDITION",
        "access-analyzer:REDUNDANT_STATEMENT_DUE_TO_WILDCARD_IN_CONDITION",
        "access-analyzer:EQUIVALENT_TO_NULL_FALSE", "access-analyzer:EQUIVALENT_TO_NULL_TRUE",
    ],
    fix: Safe,
    gives_way_to: ["public-access", "confused-deputy"],
    check: Check::Statement(check),
}

/// What a comparison with any value comes to.
enum Outcome {
    Always,
    Never,
    Present,
    Absent,
}

fn check(statement: &Statement, cx: &mut Context<'_>) {
    for test in statement.conditions.iter().filter(|test| is_pattern(test.operator.kind)) {
        let stars = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte == b'*');
        let star = test.values.items.iter().find(|value| !value.is_function() && stars(&value.text));
        let Some(star) = star else { continue };
        let key = &test.key;
        let (message, help) = match outcome(test) {
            Outcome::Always => {
                (format!("the test of `{key}` is true of every request"), "take it out".to_owned())
            }
            Outcome::Never => (
                format!("the test of `{key}` is never true, so the statement does nothing"),
                "write the values that are meant".to_owned(),
            ),
            Outcome::Present => (
                format!("this only asks whether `{key}` is there"),
                format!("write \"Null\": {{ \"{key}\": \"false\" }}"),
            ),
            Outcome::Absent => (
                format!("this only asks whether `{key}` is absent"),
                format!("write \"Null\": {{ \"{key}\": \"true\" }}"),
            ),
        };
        // What a star alone matches under the operators on ARNs is not documented.
        let operator = test.operator.kind.name();
        let (message, label) = match operator.starts_with("Arn") {
            true => (
                format!("AWS does not document what `{}` matches under `{operator}`", star.text),
                "a pattern of ARNs has six segments",
            ),
            false => (message, "every value matches this"),
        };
        let help = if operator.starts_with("Arn") { format!("for any value, {help}") } else { help };
        let finding = cx.finding(star.span, message).label(label).help(help);
        cx.report(match fix(test, statement, cx) {
            Some((title, edits)) => finding.fix(title, true, edits),
            None => finding,
        });
    }
}

/// Operators that take patterns, with values for which `*` is one.
fn is_pattern(kind: TestKind) -> bool {
    use TestKind::{ArnEquals, ArnLike, ArnNotEquals, ArnNotLike, StringLike, StringNotLike};
    matches!(kind, StringLike | StringNotLike | ArnLike | ArnEquals | ArnNotLike | ArnNotEquals)
}

fn outcome(test: &Test) -> Outcome {
    let operator = test.operator;
    let always_there = is_in_every(&test.key);
    match (operator.kind.is_negated(), operator.set) {
        (false, Some(SetOperator::ForAllValues)) => Outcome::Always,
        (false, _) if operator.if_exists || always_there => Outcome::Always,
        (false, _) => Outcome::Present,
        (true, Some(SetOperator::ForAnyValue)) if !operator.if_exists => Outcome::Never,
        (true, _) if always_there => Outcome::Never,
        (true, _) => Outcome::Absent,
    }
}

/// The same in plain words, where it surely is the same: of keys of one value, and of texts.
fn fix(test: &Test, statement: &Statement, cx: &Context<'_>) -> Option<(String, Vec<Edit>)> {
    let is_text = matches!(test.operator.kind, TestKind::StringLike | TestKind::StringNotLike);
    let outcome = outcome(test);
    if matches!(outcome, Outcome::Always) && is_text {
        // What is always there is so by what AWS says, not by what the policy says.
        let edit = without_test(cx, statement, test).filter(|_| !is_in_every(&test.key))?;
        return Some(("without the test".to_owned(), vec![edit]));
    }
    let word = match outcome {
        Outcome::Present => "false",
        Outcome::Absent => "true",
        _ => return None,
    };
    let single = catalog::condition_key(&test.key).and_then(|key| key.is_list()) == Some(false);
    let other_null = statement.conditions.iter().any(|other| other.operator.kind == TestKind::Null);
    let plain = is_text && single && test.operator.set.is_none() && !other_null;
    if !plain || !is_alone(test, statement) || !cx.document.is_sound() {
        return None;
    }
    let edits = vec![
        Edit::replace(test.operator_span, "\"Null\""),
        Edit::replace(test.values.span, format!("\"{word}\"")),
    ];
    Some((format!("`Null` for `{}`", test.operator.kind.name()), edits))
}
