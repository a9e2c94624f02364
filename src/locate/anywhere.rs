//! Policies in places of which nothing is known but that a policy stands there.

use std::collections::HashSet;

use super::path::Place;
use super::{Form, Found, is_policy, string_form};
use crate::kind::Kind;
use crate::parse::{Node, Value, parse};
use crate::span::Span;

/// Members that have trust policies, in lower case and without `_`.
const TRUST: [&str; 3] = ["assumerolepolicydocument", "assumerolepolicy", "trustpolicy"];

/// What is known of a file: the pointers to its policies, and to all that has one in it and is none itself.
pub(super) struct Known {
    policies: HashSet<String>,
    above: HashSet<String>,
}

impl Known {
    pub(super) fn new(policies: HashSet<String>) -> Known {
        let outer = |pointer: &'_ String| {
            let ends = pointer.match_indices('/');
            ends.filter_map(|(at, _)| pointer.get(..at)).map(str::to_owned).collect::<Vec<_>>()
        };
        Known { above: policies.iter().flat_map(outer).collect(), policies }
    }
}

/// The policies at a place and below, but for what stands at or below those that are known.
pub(super) fn policies(start: Place<'_>, text: &str, known: &Known) -> Vec<Found> {
    let mut found = Vec::new();
    walk(start, text, &mut |place, name| {
        if known.policies.contains(&place.pointer) {
            return false;
        }
        if known.above.contains(&place.pointer) {
            return true;
        }
        let Some(form) = form(place.node, text) else { return true };
        let name = name.replace('_', "").to_ascii_lowercase();
        let likely = TRUST.contains(&&*name).then_some(Kind::Trust);
        found.push(Found { likely, ..Found::somewhere(place.pointer.clone(), form) });
        false
    });
    found
}

/// The strings of JSON at a place and below that are no policies, and may have such in them.
pub(super) fn bodies(start: Place<'_>, text: &str) -> Vec<(String, Span)> {
    let mut bodies = Vec::new();
    walk(start, text, &mut |place, _| {
        if !matches!(place.node.value, Value::String { .. }) {
            return true;
        }
        let Some(inner) = place.node.text(text) else { return false };
        let is_json = inner.trim_start().starts_with(['{', '[']) && inner.contains("Effect");
        if is_json && form(place.node, text).is_none() && parse(&inner).problems.is_empty() {
            bodies.push((place.pointer.clone(), place.node.span));
        }
        false
    });
    bodies
}

/// Shows `visit` each node with the name of its member, as long as it wants to see what is below.
pub(super) fn walk<'n>(place: Place<'n>, text: &str, visit: &mut impl FnMut(&Place<'n>, &str) -> bool) {
    fn down<'n>(place: Place<'n>, name: &str, text: &str, visit: &mut impl FnMut(&Place<'n>, &str) -> bool) {
        if !visit(&place, name) {
            return;
        }
        for member in place.node.members() {
            let name = member.key.text(text);
            down(place.under(&name, &member.value), &name, text, visit);
        }
        for (index, item) in place.node.items().iter().enumerate() {
            down(place.under(&index.to_string(), item), "", text, visit);
        }
    }
    down(place, "", text, visit);
}

fn form(node: &Node, text: &str) -> Option<Form> {
    match &node.value {
        Value::Object(_) => is_surely_policy(node, text).then_some(Form::Plain(node.span)),
        _ => string_form(node, text, is_surely_policy),
    }
}

/// Whether an object is a policy wherever it stands: of its statements one at least allows or denies actions.
fn is_surely_policy(node: &Node, text: &str) -> bool {
    let Some(statement) = node.get(text, "Statement") else { return false };
    let is_one = |node: &Node| {
        let has = |name| node.get(text, name).is_some();
        has("Effect") && (has("Action") || has("NotAction"))
    };
    is_policy(node, text) && (is_one(statement) || statement.items().iter().any(is_one))
}
