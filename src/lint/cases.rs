//! Findings of a policy that depends on choices of its template: `Fn::If`, and parameters with `AllowedValues`.

use std::collections::{BTreeMap, BTreeSet};

use super::rule::Group;
use super::{Settings, rules};
use crate::diagnostic::Diagnostic;
use crate::document::{Alternative, Document, Presence};
use crate::policy::template::{self, Case, Choice};
use crate::span::Span;

/// What is found in the cases of a policy; of what is not found in all of them, in which. Of choices for which there are
/// too many cases, those of one statement are looked at together.
pub(super) fn lint(document: &Document, lint: impl Fn(&Document) -> Vec<Diagnostic>) -> Vec<Diagnostic> {
    let alternatives = document.alternatives();
    let open = |alternative: &Alternative| alternative.document.policy.choices.clone();
    let open: BTreeSet<Choice> = alternatives.iter().flat_map(open).collect();
    let mut findings = lint_cases(document, &alternatives, &lint);
    let mut looked_at: Vec<&[Choice]> = Vec::new();
    let mut left = MOST_LOOKED_AT;
    for statement in &document.policy.statements {
        let is_open = statement.choices.iter().any(|choice| open.contains(choice));
        if !is_open || looked_at.contains(&&*statement.choices) {
            continue;
        }
        looked_at.push(&statement.choices);
        // All of them together, or if that is too much, each by itself.
        let each = statement.choices.iter().map(std::slice::from_ref);
        for choices in std::iter::once(&*statement.choices).chain(each) {
            let Some(own) = document.alternatives_by(choices, left.min(MOST_OF_ONE)) else { continue };
            left -= own.len();
            // That something is missing, or does nothing, may not be so where the rest is chosen too.
            let is_new = |finding: &Diagnostic| {
                let mut known = findings.iter().filter(|known| known.span == finding.span);
                let is_judged = finding.rule != "template-text" && !of_absence(finding);
                is_judged && known.all(|known| known.rule != finding.rule)
            };
            let found = lint_cases(document, &own, &lint).into_iter();
            let found: Vec<Diagnostic> = found.filter(is_new).collect();
            findings.extend(found);
            if choices.len() == statement.choices.len() {
                break;
            }
        }
    }
    findings.sort_by(|a, b| (a.span, a.rule).cmp(&(b.span, b.rule)));
    findings
}

/// That the policy is there in no case, so that nothing is found in it.
pub(super) fn nowhere(document: &Document, settings: &Settings) -> Option<Diagnostic> {
    let presence = document.presence().filter(|presence| matches!(presence, Presence::Never(_)))?;
    let rule = rules::get("template-text")?;
    let finding = Diagnostic::new(rule.name, document.policy.span, presence.to_string());
    let finding = finding.severity(settings.severity(rule)?).label("not judged");
    Some(finding.help("correct the condition, or remove the policy"))
}

/// The most cases of one statement that are looked at where there are too many of the policy.
const MOST_OF_ONE: usize = 64;

/// And of all such statements.
const MOST_LOOKED_AT: usize = 256;

/// Whether a finding is that something is missing, or does nothing.
fn of_absence(finding: &Diagnostic) -> bool {
    let mut rules = rules::ALL.iter().filter(|rule| rule.name == finding.rule);
    rules.any(|rule| rule.absence || rule.group == Group::Redundancy)
}

fn lint_cases(
    document: &Document,
    alternatives: &[Alternative],
    lint: impl Fn(&Document) -> Vec<Diagnostic>,
) -> Vec<Diagnostic> {
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
    found
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
        .collect()
}
