//! Requests that somebody chose to let in, as statements: whoever is named, and whoever has a value
//! that a condition names and that belongs to one owner.

use super::holds::chosen;
use crate::document::{Hints, open_policy};
use crate::kind::Kind;
use crate::policy::{Policy, PrincipalElement, Statement};
use crate::source::Source;

/// A statement for everything. In a trust policy it is about the role, like all others there.
const EVERYTHING: &str = r#"{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}"#;

/// A service that does not say for whom it acts is not the public: that is another rule's matter.
const SERVICES: &str = r#"{"Effect":"Allow","Principal":{"Service":"*"},"Action":"*","Resource":"*","Condition":
    {"Null":{"aws:SourceArn":"true","aws:SourceAccount":"true","aws:SourceOrgID":"true","aws:SourceOrgPaths":"true"}}}"#;

/// What the statements of a policy choose, each of them as an Allow of everything.
pub(super) fn trusted(policy: &Policy, kind: Kind) -> Vec<Statement> {
    let text = format!(r#"{{"Version":"2012-10-17","Statement":[{EVERYTHING},{SERVICES}]}}"#);
    let mut statements = open_policy(Source::new("", text), &Hints::default()).policy.statements;
    if kind == Kind::Trust {
        statements.iter_mut().for_each(|statement| statement.resource = None);
    }
    let (Some(services), Some(everything)) = (statements.pop(), statements.pop()) else { return Vec::new() };
    let mut trusted = vec![services];
    if let Some(named) = named(policy) {
        trusted.push(Statement { principal: Some(named), ..everything.clone() });
    }
    for statement in &policy.statements {
        let chosen = statement.conditions.iter().filter_map(|test| chosen(test, statement));
        trusted.extend(chosen.map(|test| Statement {
            conditions: vec![test],
            variables: statement.variables,
            ..everything.clone()
        }));
    }
    trusted
}

/// Everyone whom a statement names, as the principals of one.
fn named(policy: &Policy) -> Option<PrincipalElement> {
    let elements = policy.statements.iter().filter_map(|statement| statement.principal.as_ref());
    let mut named: Option<PrincipalElement> = None;
    for element in elements {
        let entries = element.entries.iter().filter_map(|entry| {
            let mut entry = entry.clone();
            entry.values.items.retain(|value| value.text != "*" && !value.is_hole());
            (!entry.values.items.is_empty()).then_some(entry)
        });
        let whole = named.get_or_insert_with(|| PrincipalElement {
            negated: false,
            entries: Vec::new(),
            ..element.clone()
        });
        whole.entries.extend(entries);
    }
    named.filter(|named| !named.entries.is_empty())
}
