//! Whether one request is among those that a policy allows, read off the statements with nothing of
//! the engine's: what guards its witnesses until the evaluator does.

use super::addresses::Range;
use super::numbers::{Comparison, Decimal};
use super::principals;
use crate::analyze::cover::Scope;
use crate::analyze::request::{Context, Request};
use crate::kind::Kind;
use crate::pattern::Pattern;
use crate::policy::{Action, Element, SetOperator, Statement, Test, TestKind};

/// Whether the statements, as one policy, allow the request; `None` if that depends on something
/// that could not be read.
pub fn allows(statements: &[&Statement], request: &Request, scope: Scope<'_>) -> Option<bool> {
    let accepted =
        |statement: &&Statement| (statement.allows(), statement.denies(), accepts(statement, request, scope));
    let answers: Vec<_> = statements.iter().map(accepted).collect();
    if answers.contains(&(false, true, Some(true))) {
        return Some(false);
    }
    let unread_deny = answers.iter().any(|(allows, _, answer)| !allows && answer.is_none());
    let allowed = answers.contains(&(true, false, Some(true)));
    let unread_allow = answers.iter().any(|(_, denies, answer)| !denies && answer.is_none());
    match (allowed, unread_allow, unread_deny) {
        (true, _, true) | (false, true, _) => None,
        (allowed, ..) => Some(allowed),
    }
}

/// Whether a statement applies to a request; `None` if that is not known.
pub fn accepts(statement: &Statement, request: &Request, scope: Scope<'_>) -> Option<bool> {
    if !statement.complete || statement.effect.is_none() {
        return None;
    }
    if scope.kind == Kind::Kms && (statement.action.is_none() || statement.resource.is_none()) {
        return Some(false);
    }
    let variables = statement.variables;
    let action = || element(&statement.action, |text| Some(action(text, &request.action)));
    let resource = || element(&statement.resource, |text| resource(text, request, variables, scope));
    let principal = || match (&statement.principal, &request.principal) {
        (Some(element), Some(caller)) => principals::accepts(element, caller),
        _ => true,
    };
    let mut known = true;
    let tests = statement.conditions.iter().map(|test| passes(test, &request.context, variables));
    // One part that fails decides, whatever is not known of the others.
    for answer in std::iter::once_with(action).chain(std::iter::once_with(resource)).chain(tests) {
        match answer {
            Some(true) => {}
            Some(false) => return Some(false),
            None => known = false,
        }
    }
    match principal() {
        false => Some(false),
        true => known.then_some(true),
    }
}

fn action(text: &str, action: &str) -> bool {
    begins(text, action, str::eq_ignore_ascii_case) && Action::new(text).matches(action)
}

/// Whether a text begins as a pattern does before its first wildcard: most do not, which is soon seen.
fn begins(pattern: &str, text: &str, same: impl Fn(&str, &str) -> bool) -> bool {
    let head = pattern.find(['*', '?', '$']).unwrap_or(pattern.len());
    // A pattern of anything has a colon that means nothing.
    pattern == "*:*" || text.get(..head).is_some_and(|start| same(start, &pattern[..head]))
}

/// Whether some value of a list matches, or none where that is asked.
fn element(element: &Option<Element>, matches: impl Fn(&str) -> Option<bool>) -> Option<bool> {
    let Some(element) = element else { return Some(true) };
    let answers =
        element.values.items.iter().map(|value| if value.opaque { None } else { matches(&value.text) });
    any(answers).map(|any| any != element.negated)
}

/// Whether one of several answers is yes; one that is not known leaves the rest to decide.
fn any(answers: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let answers: Vec<Option<bool>> = answers.collect();
    match answers.contains(&Some(true)) {
        true => Some(true),
        false if answers.contains(&None) => None,
        false => Some(false),
    }
}

fn resource(text: &str, request: &Request, variables: bool, scope: Scope<'_>) -> Option<bool> {
    if text.bytes().all(|byte| byte == b'*') {
        return Some(!text.is_empty());
    }
    let missing = 6_usize.saturating_sub(text.split(':').count());
    if missing > 0 && scope.kind.names_principal() && !text.contains(['*', '?']) {
        return Some(false);
    }
    if !begins(text, &request.resource, |a, b| a == b) {
        return Some(false);
    }
    let text = format!("{text}{}", ":*".repeat(missing));
    Some(arn_matches(&text, &request.resource, variables, &request.context))
}

/// Segment by segment; variables in the last.
fn arn_matches(pattern: &str, value: &str, variables: bool, context: &Context) -> bool {
    let (patterns, values) = (pattern.splitn(6, ':'), value.splitn(6, ':'));
    let (patterns, values): (Vec<&str>, Vec<&str>) = (patterns.collect(), values.collect());
    patterns.len() == 6
        && values.len() == 6
        && patterns[..5].iter().zip(&values).all(|(pattern, value)| Pattern::new(pattern).matches(value))
        && filled(patterns[5], variables, context)
            .is_some_and(|last| Pattern::with_variables(&last).matches(values[5]))
}

/// A pattern with the values of its variables, in which nothing is special; `None` if one is absent.
fn filled(text: &str, variables: bool, context: &Context) -> Option<String> {
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, variable)) = rest.split_once("${").filter(|_| variables) {
        let Some((name, after)) = variable.split_once('}') else { break };
        filled.push_str(&before.replace('$', "${$}"));
        match name {
            "*" | "?" | "$" => filled.push_str(&format!("${{{name}}}")),
            name => {
                let (key, default) = match name.split_once(',') {
                    Some((key, default)) => (key, Some(default.trim().trim_matches('\''))),
                    None => (name, None),
                };
                let value =
                    context.get(key.trim()).and_then(|value| value.values().first().map(String::as_str));
                for character in value.or(default)?.chars() {
                    match character {
                        '*' | '?' | '$' => filled.push_str(&format!("${{{character}}}")),
                        other => filled.push(other),
                    }
                }
            }
        }
        rest = after;
    }
    filled.push_str(&rest.replace('$', "${$}"));
    Some(filled)
}

fn passes(test: &Test, context: &Context, variables: bool) -> Option<bool> {
    let operator = test.operator;
    let given = context.get(&test.key).map(|value| value.values()).filter(|values| !values.is_empty());
    if operator.kind == TestKind::Null {
        let wanted = if given.is_none() { "true" } else { "false" };
        return Some(test.values.items.iter().any(|value| value.text.eq_ignore_ascii_case(wanted)));
    }
    let Some(given) = given else {
        return Some(match operator.set {
            Some(SetOperator::ForAllValues) => true,
            Some(SetOperator::ForAnyValue) => operator.if_exists,
            None => operator.if_exists || operator.kind.is_negated(),
        });
    };
    let one = |value: &String| takes(test, value, variables, context);
    let mut answers = given.iter().map(one);
    match operator.set {
        Some(SetOperator::ForAnyValue) => any(answers),
        Some(SetOperator::ForAllValues) => {
            any(answers.map(|answer| answer.map(|answer| !answer))).map(|any| !any)
        }
        None if given.len() == 1 => answers.next().flatten(),
        None => Some(operator.kind.is_negated()),
    }
}

/// Whether one value passes a test.
fn takes(test: &Test, value: &str, variables: bool, context: &Context) -> Option<bool> {
    let negated = test.operator.kind.is_negated();
    let asked = test.values.items.iter();
    any(asked.map(|asked| {
        if asked.opaque { None } else { matches(test.operator.kind, &asked.text, value, variables, context) }
    }))
    .map(|any| any != negated)
}

/// Whether a value is what is asked for, the negation left aside.
fn matches(kind: TestKind, asked: &str, value: &str, variables: bool, context: &Context) -> Option<bool> {
    use TestKind as T;
    let plain = || {
        filled(asked, variables, context)
            .map(|text| text.replace("${*}", "*").replace("${?}", "?").replace("${$}", "$"))
    };
    Some(match kind {
        T::StringEquals | T::StringNotEquals => plain().is_some_and(|asked| asked == value),
        T::StringEqualsIgnoreCase | T::StringNotEqualsIgnoreCase => {
            plain().is_some_and(|asked| asked.eq_ignore_ascii_case(value))
        }
        T::StringLike | T::StringNotLike => filled(asked, variables, context)
            .is_some_and(|asked| Pattern::with_variables(&asked).matches(value)),
        T::ArnEquals | T::ArnLike | T::ArnNotEquals | T::ArnNotLike => {
            let asked = if asked == "*" { "*:*:*:*:*:*" } else { asked };
            arn_matches(asked, value, variables, context)
        }
        T::Bool => !(variables && asked.contains("${")) && asked.eq_ignore_ascii_case(value),
        T::BinaryEquals => asked.trim_end_matches('=') == value.trim_end_matches('='),
        T::IpAddress | T::NotIpAddress => Range::parse(asked)?.contains(value),
        T::Null => return None,
        _ => {
            let comparison = Comparison::new(kind)?;
            let parse = if kind.name().starts_with("Date") { Decimal::parse_date } else { Decimal::parse };
            let asked = parse(asked)?;
            // The caller turns the answer of a negated operator round.
            let holds = parse(value).is_some_and(|value| comparison.holds(value, &[asked]));
            if comparison == Comparison::NotEqual { parse(value).is_some() && !holds } else { holds }
        }
    })
}
