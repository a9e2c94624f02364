//! What is wrong with a policy, rule by rule.
//!
//! A rule is one file under `lint/rules/<group>/`: its text, its check, its examples. [`lint`] runs
//! them over a document, settles which of several findings about one cause is shown, and sorts.

mod rule;
pub mod rules;
mod settings;

pub use rule::{Check, Context, FixKind, Group, Rule};
pub use settings::{Level, Selector, Settings, UnknownSelector};

use crate::diagnostic::Diagnostic;
use crate::document::Document;

/// Every finding of the selected rules, in the order of the text.
pub fn lint(document: &Document, settings: &Settings) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    for rule in rules::ALL {
        let Some(severity) = settings.severity(rule) else { continue };
        if !rule.kinds.is_empty() && !rule.kinds.contains(&document.kind) {
            continue;
        }
        let mut context = Context::new(document, settings, rule, severity);
        match rule.check {
            Check::Problems => context.lift_problems(),
            Check::Document(check) => check(&mut context),
            Check::Statement(check) => {
                for statement in &document.policy.statements {
                    check(statement, &mut context);
                }
            }
        }
        findings.extend(context.into_findings());
    }
    let mut findings = settle(findings);
    findings.sort_by(|a, b| (a.span, a.rule).cmp(&(b.span, b.rule)));
    findings
}

/// One finding a cause: a finding whose rule gives way to another one's, found at the same place,
/// becomes a name in that one's `also`.
fn settle(findings: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let (mut kept, mut yielding): (Vec<Diagnostic>, Vec<Diagnostic>) = findings
        .into_iter()
        .partition(|finding| rules::get(finding.rule).is_none_or(|rule| rule.gives_way_to.is_empty()));
    for finding in yielding.drain(..) {
        let ways = rules::get(finding.rule).map_or(&[][..], |rule| rule.gives_way_to);
        let place = |other: &Diagnostic| {
            other.span.contains(finding.span)
                || finding.span.contains(other.span)
                || other
                    .labels
                    .iter()
                    .any(|label| label.span.contains(finding.span) || finding.span.contains(label.span))
        };
        match kept.iter_mut().find(|other| ways.contains(&other.rule) && place(other)) {
            Some(other) if !other.also.contains(&finding.rule) => other.also.push(finding.rule),
            Some(_) => {}
            None => kept.push(finding),
        }
    }
    kept
}
