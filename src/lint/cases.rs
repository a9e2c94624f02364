//! Findings of a policy that depends on choices of its template: `Fn::If`, and parameters with `AllowedValues`.

use std::collections::{BTreeMap, BTreeSet};

use super::rule::Group;
use super::rules;
use crate::diagnostic::Diagnostic;
use crate::document::Document;
use crate::policy::template::{self, Case};
use crate::span::Span;

/// What is found in the cases of a policy; of what is not found in all of them, in which.
pub(super) fn lint(document: &Document, lint: impl Fn(&Document) -> Vec<Diagnostic>) -> Vec<Diagnostic> {
    let alternatives = document.alternatives();
    let cases: Vec<Case> = alternatives.iter().map(|alternative| alternative.case.clone()).collect();
    let mut found: Vec<(Diagnostic, BTreeSet<usize>)> = Vec::new();
    // By place, rule and message.
    let mut known: BTreeMap<(Span, &'static str, String), usize> = BTreeMap::new();
    for (at, alternative) in alternatives.iter().enumerate().filter(|(_, alternative)| alternative.is_there) {
        for finding in lint(&alternative.document) {
            let key = (finding.span, finding.rule, finding.message.clone());
            let number = *known.entry(key).or_insert_with(|| {
                found.push((finding, BTreeSet::new()));
                found.len() - 1
            });
            found[number].1.insert(at);
        }
    }
    let chosen: Vec<Span> = document
        .policy
        .statements
        .iter()
        .flat_map(|statement| statement.unknowns())
        .map(|(_, span)| span)
        .collect();
    // That something is missing, or does nothing, is so where it is in each case in which its statement is there.
    let everywhere = |finding: &Diagnostic, places: &BTreeSet<usize>| {
        let is_there = |at: &usize| {
            let statements = &alternatives[*at].document.policy.statements;
            let mut around = document.policy.statements.iter().filter(|one| one.span.contains(finding.span));
            around.next().is_none()
                || statements.iter().any(|statement| statement.span.contains(finding.span))
        };
        (0..cases.len())
            .filter(|at| alternatives[*at].is_there)
            .filter(is_there)
            .all(|at| places.contains(&at))
    };
    let of_absence = |finding: &Diagnostic| {
        let mut rules = rules::ALL.iter().filter(|rule| rule.name == finding.rule);
        rules.any(|rule| rule.absence || rule.group == Group::Redundancy)
    };
    let mut findings: Vec<Diagnostic> = found
        .into_iter()
        .filter(|(finding, places)| !of_absence(finding) || everywhere(finding, places))
        .map(|(mut finding, places)| {
            if let Some(clause) = template::clause(&cases, &places) {
                finding.message = format!("{} ({clause})", finding.message);
            }

            // What stands in a choice is not what the other cases have there.
            let touches =
                |span: &Span| chosen.iter().any(|chosen| chosen.start < span.end && span.start < chosen.end);
            if finding.fix.as_ref().is_some_and(|fix| fix.edits.iter().any(|edit| touches(&edit.span))) {
                finding.fix = None;
            }
            finding
        })
        .collect();
    findings.sort_by(|a, b| (a.span, a.rule).cmp(&(b.span, b.rule)));
    findings
}
