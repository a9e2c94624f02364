//! Statements that stand where a policy would: a service puts the rest round them.

use crate::parse::{Escaped, Node, OffsetMap, Value};
use crate::span::Span;

const BEFORE: &str = r#"{"Version": "2012-10-17", "Statement": "#;
const BEHIND: &str = "}";

/// Whether a node is a statement, or a list of them.
pub(super) fn are_statements(node: &Node, text: &str) -> bool {
    let is_one = |node: &Node| node.get(text, "Effect").is_some() && node.get(text, "Statement").is_none();
    match &node.value {
        Value::Object(_) => is_one(node),
        Value::Array(items) => !items.is_empty() && items.iter().all(is_one),
        _ => false,
    }
}

/// The policy that the statements at `span` make. What stands round them is at their edges in the file.
pub(super) fn wrap(text: &str, span: Span) -> Escaped {
    let inner = span.slice(text);
    let mut map = OffsetMap::default();
    (0..BEFORE.len()).for_each(|at| map.push(at, span.start as usize));
    map.push(BEFORE.len(), span.start as usize);
    (0..=BEHIND.len()).for_each(|at| map.push(BEFORE.len() + inner.len() + at, span.end as usize));
    Escaped::new(format!("{BEFORE}{inner}{BEHIND}"), map)
}

/// Where the statements are in a policy that was made of them.
fn place(policy: &str) -> Span {
    Span::new(BEFORE.len(), policy.len().saturating_sub(BEHIND.len()))
}

/// Whether a part of such a policy is in the file.
pub fn holds(policy: &str, span: Span) -> bool {
    place(policy).contains(span)
}

/// The statements of such a policy, which may have been edited since; `None` if what is round them is not what it
/// was.
pub fn unwrap(policy: &str) -> Option<&str> {
    policy.strip_prefix(BEFORE)?.strip_suffix(BEHIND)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_round_the_statements_is_at_their_edges() {
        let text = r#"{"Custom": [{"Effect": "Allow"}]}"#;
        let span = Span::new(11, text.len() - 1);
        let policy = wrap(text, span);
        let effect = policy.text.find("Effect").unwrap();
        assert_eq!(policy.map.span(Span::new(effect, effect + 6)).slice(text), "Effect");
        assert_eq!(policy.map.span(place(&policy.text)), span);
        for outside in [Span::new(0, 1), Span::new(2, 9), Span::new(policy.text.len() - 1, policy.text.len())]
        {
            let there = policy.map.span(outside);
            assert!(there.start == span.start || there.start == span.end, "{there:?}");
            assert!(there.end as usize <= text.len() && !holds(&policy.text, outside));
        }
        assert_eq!(unwrap(&policy.text), Some(span.slice(text)));
        assert_eq!(unwrap(&policy.text.replace("2012-10-17", "2008-10-17")), None);
    }
}
