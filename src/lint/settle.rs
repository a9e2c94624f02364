//! One finding a cause: a finding whose rule gives way to another one's, found at the same place,
//! becomes a name in that one's `also`.

use std::collections::{HashMap, HashSet};

use super::rule::Found;
use crate::diagnostic::Diagnostic;
use crate::document::Document;

/// The findings that are shown. Giving way goes on: what gives way to a finding that itself gives
/// way is named by the last one.
pub(super) fn settle(found: Vec<Found>, document: &Document) -> Vec<Diagnostic> {
    // Two findings can only have one cause if they start in the same statement, so each is compared
    // with those of its statement alone, and of the rules to which it gives way.
    let home = |found: &Found| {
        let statements = &document.policy.statements;
        let behind = statements.partition_point(|statement| statement.span.start <= found.finding.span.start);
        let statement = behind.checked_sub(1).and_then(|index| statements.get(index))?;
        statement.span.contains(found.finding.span).then_some(statement.index)
    };
    let mut places: HashMap<(Option<usize>, &str), Vec<usize>> = HashMap::new();
    for (index, one) in found.iter().enumerate() {
        places.entry((home(one), one.finding.rule)).or_default().push(index);
    }
    let winner = |index: usize| {
        let one = &found[index];
        // The rule that is named first is the one that says it best.
        one.gives_way_to.iter().find_map(|rule| {
            let neighbours = places.get(&(home(one), *rule))?;
            neighbours.iter().copied().find(|&other| same_place(&found[other].finding, &one.finding))
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
    let mut findings: Vec<Diagnostic> = findings.into_iter().flatten().collect();
    // What YAML repeats by an alias is one text, and said once.
    let mut seen = HashSet::new();
    findings.retain(|one| {
        let labels: Vec<_> = one.labels.iter().map(|label| document.in_file(label.span)).collect();
        seen.insert((one.rule, document.in_file(one.span), one.message.clone(), labels))
    });
    findings
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Hints, open_policy};
    use crate::source::Source;
    use crate::span::Span;

    fn found(rule: &'static str, span: (usize, usize), gives_way_to: &'static [&'static str]) -> Found {
        Found { finding: Diagnostic::new(rule, Span::new(span.0, span.1), "x"), gives_way_to }
    }

    fn settled(found: Vec<Found>) -> Vec<(&'static str, Vec<&'static str>)> {
        let text = r#"{"Statement":[{"Effect":"Allow"},{"Effect":"Allow"}]}"#;
        let document = open_policy(Source::new("x", text), &Hints::default());
        settle(found, &document).into_iter().map(|finding| (finding.rule, finding.also)).collect()
    }

    #[test]
    fn giving_way_goes_on_to_the_last() {
        let chain = vec![
            found("a", (20, 25), &["b"]),
            found("b", (18, 26), &["c"]),
            found("c", (22, 23), &[]),
            found("a", (40, 45), &["b"]),
        ];
        assert_eq!(
            settled(chain),
            [("c", vec!["a", "b"]), ("a", vec![])],
            "another statement, another cause"
        );
    }

    #[test]
    fn only_a_finding_at_the_same_place_says_it_better() {
        let apart = vec![found("a", (15, 17), &["b"]), found("b", (20, 25), &[])];
        assert_eq!(settled(apart), [("a", vec![]), ("b", vec![])]);
        let mut label = found("b", (20, 25), &[]);
        label.finding = label.finding.also_at(Span::new(14, 18), "here");
        let labelled = vec![found("a", (15, 17), &["b"]), label];
        assert_eq!(settled(labelled), [("b", vec!["a"])]);
    }

    #[test]
    fn the_rule_that_is_named_first_wins() {
        let two =
            vec![found("b", (20, 25), &[]), found("c", (20, 25), &[]), found("a", (20, 25), &["c", "b"])];
        assert_eq!(settled(two), [("b", vec![]), ("c", vec!["a"])]);
    }
}
