//! What is not judged, as a template fills in a part of an ARN that may be a wildcard.

use super::{Group, Settings, lint_one, rules};
use crate::diagnostic::Diagnostic;
use crate::document::{Document, NotAnalyzed};
use crate::policy::{Part, Statement, Value};

/// The statements of a policy that hardly a rule can judge, see [`Document::not_analyzed`], and those that would have a
/// finding about access if what a template fills in a resource were `*`.
pub fn not_analyzed(document: &Document, settings: &Settings) -> Vec<NotAnalyzed> {
    let mut found = document.not_analyzed();
    let may_be_wide = |statement: &Statement| !statement.denies() && open(statement).is_some();
    // Most policies have no such part.
    if !document.policy.statements.iter().any(may_be_wide) {
        return found;
    }
    for alternative in document.alternatives().iter().filter(|alternative| alternative.is_there) {
        let known = |statement: &Statement, found: &[NotAnalyzed]| {
            found.iter().any(|known| statement.span.contains(known.span))
        };
        let statements = alternative.document.policy.statements.iter();
        let left: Vec<&Statement> =
            statements.filter(|one| may_be_wide(one) && !known(one, &found)).collect();
        if left.is_empty() {
            continue;
        }
        let mut filled = alternative.document.clone();
        filled.policy.statements.iter_mut().filter(|one| may_be_wide(one)).for_each(fill);
        let (before, after) =
            (lint_one(&alternative.document, settings, None), lint_one(&filled, settings, None));
        let about = |statement: &Statement, finding: &Diagnostic| statement.span.contains(finding.span);
        let is_new = |statement: &Statement, finding: &Diagnostic| {
            let mut same = before.iter().filter(|one| about(statement, one));
            is_about_access(finding.rule) && same.all(|one| one.rule != finding.rule)
        };
        for statement in left {
            let mut own = after.iter().filter(|finding| about(statement, finding));
            let hole = open(statement).and_then(|value| Some((&value.hole.as_ref()?.label, value.span)));
            if let Some((label, span)) = hole.filter(|_| own.any(|finding| is_new(statement, finding))) {
                found.push(NotAnalyzed { label: label.to_string(), span, is_whole: false });
            }
        }
    }
    found.sort_by_key(|one| one.span);
    found
}

/// A resource of which a part may be a wildcard.
fn open(statement: &Statement) -> Option<&Value> {
    let element = statement.resource.as_ref().filter(|element| !element.negated)?;
    element.values.items.iter().find(|value| is_open(value))
}

fn is_open(value: &Value) -> bool {
    let is_unknown = |part: &Part| matches!(part, Part::Unknown(_));
    value.hole.as_ref().is_some_and(|hole| hole.is_function && hole.parts.iter().any(is_unknown))
}

/// Puts `*` in place of what may be a wildcard.
fn fill(statement: &mut Statement) {
    let values = statement.resource.iter_mut().flat_map(|element| &mut element.values.items);
    for value in values.filter(|value| is_open(value)) {
        let Some(hole) = &value.hole else { continue };
        let known = hole.parts.iter().map(|part| match part {
            Part::Literal(text) => text.as_str(),
            Part::Segment(name) => match &**name {
                "AWS::AccountId" => "111111111111",
                "AWS::Partition" => "aws",
                "AWS::Region" => "us-east-1",
                _ => "x",
            },
            Part::Attribute(_) => "x",
            Part::Unknown(_) => "*",
        });
        (value.text, value.hole) = (known.collect(), None);
    }
}

/// Whether a rule finds who gets access, or to what.
fn is_about_access(rule: &str) -> bool {
    let of = rules::get(rule).map(|rule| rule.group);
    matches!(
        of,
        Some(
            Group::ConfusedDeputy
                | Group::Escalation
                | Group::Exposure
                | Group::Overbroad
                | Group::Public
                | Group::Trust
        )
    )
}
