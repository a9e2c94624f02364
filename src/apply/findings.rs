//! Which findings a change brings, which were there before, and which of them stop it.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::{Applied, Request};
use crate::analyze::canonical::{Canonical, canonical};
use crate::diagnostic::{Diagnostic, Severity};
use crate::document::Document;
use crate::lint::{self, Settings};
use crate::merge::Outcome;
use crate::policy::Statement;

/// Rules about what all statements of a policy do together: that it is open to everyone, or closed to those who
/// manage it.
pub const ALARMING: [&str; 7] = [
    "public-access",
    "principal-any",
    "not-principal-allow",
    "s3-public",
    "key-lockout",
    "bucket-lockout",
    "queue-lockout",
];

/// Rules that report what the catalog does not list. That may be new, so their findings stop no change.
const NOT_LISTED: [&str; 2] = ["unknown-action", "unknown-service"];

/// The numbers of statements in a message.
#[expect(clippy::unwrap_used, reason = "a constant pattern, compiled in the tests")]
static STATEMENTS: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\bstatements? \d+(?:(?:, | and )\d+)*").unwrap());
#[expect(clippy::unwrap_used, reason = "a constant pattern, compiled in the tests")]
static NUMBER: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\d+").unwrap());

/// What makes two findings the same: rule, message, the number of the statement and the text that it points at.
type Key<'d> = (&'static str, String, Option<(usize, &'d str)>);

/// Statements, numbered: those that are equal but for their Sid have one number.
#[derive(Default)]
struct Numbers {
    known: HashMap<Canonical, usize>,
}

impl Numbers {
    /// The numbers of a document's statements, by index.
    fn of(&mut self, document: &Document) -> Vec<usize> {
        let number = |statement: &Statement| {
            let next = self.known.len();
            *self.known.entry(canonical(statement, None)).or_insert(next)
        };
        document.policy.statements.iter().map(number).collect()
    }
}

/// The findings of the changed policy: those that the policy did not have, and those that it had.
pub(super) fn sorted(applied: &Applied, settings: &Settings) -> (Vec<Diagnostic>, Vec<Diagnostic>) {
    let before = lint::lint(&applied.before, settings);
    if !applied.changes() {
        return (Vec::new(), before);
    }
    let mut removed: Vec<usize> = applied
        .merge
        .decisions
        .iter()
        .filter(|decision| decision.outcome == Outcome::Removed)
        .flat_map(|decision| decision.by.iter().copied())
        .collect();
    removed.sort_unstable();
    let mut numbers = Numbers::default();
    let (of_before, of_after) = (numbers.of(&applied.before), numbers.of(&applied.after));
    let mut known: HashMap<Key<'_>, usize> = HashMap::new();
    for finding in &before {
        let message = renumbered(&finding.message, &removed);
        *known.entry(key((&applied.before, &of_before), finding, message)).or_default() += 1;
    }
    let (mut new, mut old) = (Vec::new(), Vec::new());
    for finding in lint::lint(&applied.after, settings) {
        match known.get_mut(&key((&applied.after, &of_after), &finding, finding.message.clone())) {
            Some(count) if *count > 0 => {
                *count -= 1;
                old.push(finding);
            }
            _ => new.push(finding),
        }
    }
    (new, old)
}

fn key<'d>(
    (document, numbers): (&'d Document, &[usize]),
    finding: &Diagnostic,
    mut message: String,
) -> Key<'d> {
    // A policy that was too large stays so, however much more it is over the same limit.
    if finding.rule == "quota-exceeded" {
        message = finding.severity.name().to_owned();
    }
    let place = document
        .statement_at(finding.span)
        .map(|statement| (numbers[statement.index], finding.span.slice(document.text())));
    (finding.rule, message, place)
}

/// A message with the numbers that statements have once others are removed; these are in order.
fn renumbered(message: &str, removed: &[usize]) -> String {
    if removed.is_empty() {
        return message.to_owned();
    }
    let moved = |number: &Captures<'_>| match number[0].parse::<usize>() {
        Ok(number) => (number - removed.partition_point(|removed| *removed + 1 < number)).to_string(),
        Err(_) => number[0].to_owned(),
    };
    STATEMENTS
        .replace_all(message, |found: &Captures<'_>| NUMBER.replace_all(&found[0], moved).into_owned())
        .into_owned()
}

/// The findings that stop the change unless they are allowed: new errors, for statements that polmerge does
/// not ship new warnings on what the change touches, and a policy over its quota.
pub(super) fn stopping<'a>(applied: &'a Applied, request: &Request) -> Vec<&'a Diagnostic> {
    let shipped = request.additions.iter().all(|addition| addition.shipped);
    let mut numbers = Numbers::default();
    let there: HashSet<usize> = numbers.of(&applied.before).into_iter().collect();
    let is_there: Vec<bool> =
        numbers.of(&applied.after).into_iter().map(|number| there.contains(&number)).collect();
    // A Deny that went, or an Allow that is gone, is felt in another statement.
    let touches = |finding: &Diagnostic| {
        ALARMING.contains(&finding.rule)
            || applied.after.statement_at(finding.span).is_none_or(|statement| !is_there[statement.index])
    };
    // That nothing is left is what was asked for.
    let removes = applied.merge.decisions.iter().any(|decision| decision.outcome == Outcome::Removed);
    let stops = |finding: &&Diagnostic| match finding.severity {
        _ if NOT_LISTED.contains(&finding.rule) => false,
        _ if removes && finding.rule == "missing-statement" => false,
        Severity::Error => true,
        Severity::Warning => !shipped && touches(finding),
        Severity::Note => false,
    };
    let over_quota = applied
        .old_findings
        .iter()
        .filter(|finding| finding.rule == "quota-exceeded" && finding.severity == Severity::Error);
    let all = applied.new_findings.iter().filter(stops).chain(over_quota);
    all.filter(|finding| !request.allow.contains(&super::Allow::Rule(finding.rule))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_keep_their_names_when_others_go() {
        for (message, removed, expected) in [
            ("covered by statement 3", &[0][..], "covered by statement 2"),
            ("statements 1, 3 and 4 together, 2 values", &[1], "statements 1, 2 and 3 together, 2 values"),
            ("statement 1 and statement 10", &[3, 8], "statement 1 and statement 8"),
            ("a statement has 12 values", &[0], "a statement has 12 values"),
        ] {
            assert_eq!(renumbered(message, removed), expected);
        }
    }
}
