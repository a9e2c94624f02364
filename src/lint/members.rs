//! Edits that take members out of the objects of a policy, or put them in.

use super::rule::Context;
use crate::edit::Edit;
use crate::parse::Node;
use crate::policy::{Statement, Test};
use crate::span::Span;

/// Takes the member whose name stands at `key` out of an object, with one comma.
pub(crate) fn without(object: &Node, key: Span) -> Option<Edit> {
    let members = object.members();
    let index = members.iter().position(|member| member.key.span == key)?;
    let member = members.get(index)?;
    let before = index.checked_sub(1).and_then(|before| members.get(before));
    let span = match (members.get(index + 1), before) {
        (Some(next), _) => Span { start: member.key.span.start, end: next.key.span.start },
        (None, Some(before)) => Span { start: before.value.span.end, end: member.value.span.end },
        (None, None) => member.span(),
    };
    Some(Edit::remove(span))
}

/// Takes an element out of a statement; `None` in a document that is not read as it looks.
pub(crate) fn without_element(cx: &Context<'_>, statement: &Statement, name: &str) -> Option<Edit> {
    let node = cx.node(statement)?;
    let key = node.member(cx.document.text(), name)?.key.span;
    without(node, key).filter(|_| cx.document.is_sound())
}

/// Takes a test out, with its operator if that has no other, and with `Condition` if that has none.
pub(crate) fn without_test(cx: &Context<'_>, statement: &Statement, test: &Test) -> Option<Edit> {
    let condition = cx.node(statement)?.get(cx.document.text(), "Condition")?;
    let operator = condition.members().iter().find(|member| member.key.span == test.operator_span)?;
    if operator.value.members().len() > 1 {
        return without(&operator.value, test.key_span).filter(|_| cx.document.is_sound());
    }
    without_operator(cx, statement, test.operator_span)
}

/// Takes an operator out with all its tests, and `Condition` with it if that has no other.
pub(crate) fn without_operator(cx: &Context<'_>, statement: &Statement, operator: Span) -> Option<Edit> {
    let condition = cx.node(statement)?.get(cx.document.text(), "Condition")?;
    match condition.members().len() {
        1 => without_element(cx, statement, "Condition"),
        _ => without(condition, operator).filter(|_| cx.document.is_sound()),
    }
}

/// Puts an operator with one test behind another operator; `None` if there is such an operator already.
pub(crate) fn with_operator(
    cx: &Context<'_>,
    statement: &Statement,
    behind: &Test,
    name: &str,
    test: &str,
) -> Option<Edit> {
    let text = cx.document.text();
    let condition = cx.node(statement)?.get(text, "Condition")?;
    let taken = |member: &crate::parse::Member| member.key.text(text).eq_ignore_ascii_case(name);
    if condition.members().iter().any(taken) || !cx.document.is_sound() {
        return None;
    }
    let before = condition.members().iter().find(|member| member.key.span == behind.operator_span)?;
    Some(Edit::insert(before.value.span.end as usize, format!(", \"{name}\": {{ {test} }}")))
}
