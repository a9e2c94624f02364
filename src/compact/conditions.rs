//! Tests that hold anyway, and what is left of a `Condition` without them.

use std::collections::HashSet;

use super::{Change, Piece, Work};
use crate::analyze::redundancy::needless_tests;
use crate::analyze::space::is_spent;
use crate::edit::{self, Edit};
use crate::format::layout::statement_nodes;
use crate::parse::{Member, Node};
use crate::policy::{Statement, Test};
use crate::span::Span;

impl Work {
    /// Takes out the tests that hold anyway, and with the last one the `Condition`.
    pub(super) fn drop_tests(&mut self) {
        let engine = self.engine();
        let (mut pieces, mut left) = (Vec::new(), self.left.clone());
        for (at, (node, statement)) in
            statement_nodes(&self.document).into_iter().zip(&self.document.policy.statements).enumerate()
        {
            let is_known = statement.is_complete() && !statement.has_unknown_condition();
            if !is_known || statement.condition_span.is_none() {
                continue;
            }
            let at = self.origin[at];
            let mut changes = Vec::new();
            let needless = needless_tests(&engine, statement);
            if is_spent() {
                left.push(at);
            }
            let mut gone: HashSet<Span> = HashSet::new();
            for (place, why) in needless {
                let test = &statement.conditions[place];
                changes.push(Change::Test { statement: at, test: name(test, self.document.text()), why });
                gone.insert(test.key_span);
            }
            if statement.is_unconditional() {
                changes.push(Change::EmptyCondition { statement: at });
            }
            if !gone.is_empty() || statement.is_unconditional() {
                let edits = removal(node, statement, self.document.text(), &gone);
                pieces.push(Piece { edits, changes, ..Piece::default() });
            }
        }
        left.sort_unstable();
        left.dedup();
        self.left = left;
        self.make(pieces);
    }
}

/// `StringLikeIfExists aws:SourceArn`, as it is written.
fn name(test: &Test, text: &str) -> String {
    format!("{} {}", test.operator_span.slice(text).trim_matches('"'), test.key)
}

/// The edits that take tests out, given the places of their keys, and operators and a `Condition` that are
/// then empty.
fn removal(node: &Node, statement: &Statement, text: &str, gone: &HashSet<Span>) -> Vec<Edit> {
    let spans = |members: &[Member]| members.iter().map(Member::span).collect::<Vec<_>>();
    let members = node.members();
    if gone.len() == statement.conditions.len() {
        let own = members.iter().position(|member| member.key.text(text) == "Condition");
        return edit::without(&spans(members), |at| Some(at) == own).unwrap_or_default();
    }
    let Some(condition) = node.get(text, "Condition") else { return Vec::new() };
    let is_gone = |test: &Member| gone.contains(&test.key.span);
    let operators = condition.members();
    let mut edits = edit::without(&spans(operators), |at| operators[at].value.members().iter().all(is_gone))
        .unwrap_or_default();
    for tests in operators.iter().map(|operator| operator.value.members()) {
        // One that goes as a whole has its edit.
        edits.extend(edit::without(&spans(tests), |at| is_gone(&tests[at])).unwrap_or_default());
    }
    edits
}
