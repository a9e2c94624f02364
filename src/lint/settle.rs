//! One finding a cause: a finding whose rule gives way to another one's, found at the same place,
//! becomes a name in that one's `also`.

use std::collections::HashMap;

use super::rule::Found;
use crate::diagnostic::Diagnostic;
use crate::document::Document;

/// The findings that are shown. Giving way goes on: what gives way to a finding that itself gives
/// way is named by the last one.
pub(super) fn settle(found: Vec<Found>, document: &Document) -> Vec<Diagnostic> {
    // Two findings can only have one cause if they start in the same statement, so each is compared
    // with those of its statement alone.
    let home = |found: &Found| {
        let statements = &document.policy.statements;
        let behind = statements.partition_point(|statement| statement.span.start <= found.finding.span.start);
        let statement = behind.checked_sub(1).and_then(|index| statements.get(index))?;
        statement.span.contains(found.finding.span).then_some(statement.index)
    };
    let mut homes: HashMap<Option<usize>, Vec<usize>> = HashMap::new();
    for (index, one) in found.iter().enumerate() {
        homes.entry(home(one)).or_default().push(index);
    }
    let winner = |index: usize| {
        let one = &found[index];
        let neighbours = homes.get(&home(one)).map_or(&[][..], Vec::as_slice);
        // The rule that is named first is the one that says it best.
        one.gives_way_to.iter().find_map(|rule| {
            let same = |other: &&usize| {
                let other = &found[**other].finding;
                other.rule == *rule && same_place(other, &one.finding)
            };
            neighbours.iter().find(same).copied()
        })
    };
    let winners: Vec<Option<usize>> = (0..found.len())
        .map(|index| if found[index].gives_way_to.is_empty() { None } else { winner(index) })
        .collect();
    let mut findings: Vec<Option<Diagnostic>> = found.into_iter().map(|found| Some(found.finding)).collect();
    for index in 0..findings.len() {
        let Some(last) = last(&winners, index) else { continue };
        let Some(rule) = findings[index].take().map(|finding| finding.rule) else { continue };
        let Some(Some(winner)) = findings.get_mut(last) else { continue };
        if !winner.also.contains(&rule) && winner.rule != rule {
            winner.also.push(rule);
        }
    }
    findings.into_iter().flatten().collect()
}

/// The finding at the end of the chain that starts with `index`, if that is another one.
fn last(winners: &[Option<usize>], index: usize) -> Option<usize> {
    let mut last = winners[index]?;
    // Rules give way in no circle; should two of them do so all the same, the chain is cut short.
    for _ in 0..winners.len() {
        match winners[last] {
            Some(next) if next != index => last = next,
            _ => break,
        }
    }
    Some(last)
}

/// Whether one place holds the other, or a label of the winner does.
fn same_place(winner: &Diagnostic, other: &Diagnostic) -> bool {
    let touches = |span: crate::span::Span| span.contains(other.span) || other.span.contains(span);
    touches(winner.span) || winner.labels.iter().any(|label| touches(label.span))
}
