//! Who a statement for everyone really lets in: whether something in it holds it to callers that
//! somebody chose, and if not, one request of a stranger that it lets through.
//!
//! What is a limit follows S3's own test of whether a bucket policy is public (S3 guide, "Blocking
//! public access"), with the keys of the other services added.

mod asked;
mod example;
mod holds;
mod test;

pub(in crate::analyze) use asked::KNOWN_ACTIONS;
pub use example::{Caller, Request, example};
pub(crate) use holds::names_an_owner;
pub use holds::{Hold, hold};

use crate::kind::Kind;
use crate::policy::{
    Operator, Policy, PrincipalEntry, PrincipalType, SetOperator, Statement, Test, TestKind,
};

/// The entry of an Allow that names everyone: `"*"`, `{"AWS": "*"}` or `{"*": "*"}`.
pub fn everyone(statement: &Statement) -> Option<&PrincipalEntry> {
    let element = statement.principal.as_ref()?;
    if !statement.allows() || element.negated {
        return None;
    }
    element.entries.iter().find(|entry| {
        entry.kind == PrincipalType::Aws && entry.values.items.iter().any(|value| value.text == "*")
    })
}

/// The test of the statement that holds it to callers that somebody chose.
pub fn pinned(statement: &Statement, kind: Kind) -> Option<&Test> {
    statement.conditions.iter().find(|test| hold(test, statement, kind) == Hold::Fixed)
}

/// The statements of a policy that deny something, or may: what the statements for everyone have to be
/// held against. Found once for all of them.
pub fn denies(policy: &Policy) -> Vec<&Statement> {
    policy.statements.iter().filter(|statement| !statement.allows()).collect()
}

/// One of `denies` that takes the statement back from everyone whom nobody chose: it covers the
/// same actions and resources for all principals, or for all but some, and each of its tests spares
/// chosen callers only.
pub fn taken_back<'p>(denies: &[&'p Statement], statement: &Statement, kind: Kind) -> Option<&'p Statement> {
    // As with examples: one statement is looked at against a limited number of others.
    denies.iter().copied().filter(|other| other.denies()).take(example::MOST).find(|deny| {
        deny.complete
            && denies_all_others(deny)
            && covers_actions(deny, statement)
            && covers_resources(deny, statement)
            && deny.conditions.iter().all(|test| spares_chosen(test, deny, kind))
    })
}

fn denies_all_others(deny: &Statement) -> bool {
    let Some(element) = &deny.principal else { return false };
    let names_everyone = element.entries.iter().any(|entry| {
        entry.kind == PrincipalType::Aws && entry.values.items.iter().any(|value| value.text == "*")
    });
    element.negated != names_everyone
}

/// Whether a caller that gets past a test of a Deny, because it fails, is one that somebody chose:
/// the opposite of the test must hold. `StringNotEquals aws:PrincipalOrgID` spares the organization.
fn spares_chosen(test: &Test, deny: &Statement, kind: Kind) -> bool {
    // `ForAnyValue:` is false of an absent key, so it spares whoever does not send it.
    if test.operator.set == Some(SetOperator::ForAnyValue) {
        return false;
    }
    if test.operator.kind == TestKind::Bool && test.key.eq_ignore_ascii_case("aws:PrincipalIsAWSService") {
        return test.values.items.iter().all(|value| value.text.eq_ignore_ascii_case("false"));
    }
    let Some(positive) = positive(test.operator.kind) else { return false };
    let mut opposite = test.clone();
    // An absent key is denied, with and without `IfExists`.
    opposite.operator = Operator { set: None, kind: positive, if_exists: false };
    hold(&opposite, deny, kind) == Hold::Fixed
}

/// The operator of which this one is the opposite.
fn positive(kind: TestKind) -> Option<TestKind> {
    Some(match kind {
        TestKind::StringNotEquals => TestKind::StringEquals,
        TestKind::StringNotEqualsIgnoreCase => TestKind::StringEqualsIgnoreCase,
        TestKind::StringNotLike => TestKind::StringLike,
        TestKind::ArnNotEquals | TestKind::ArnNotLike => TestKind::ArnEquals,
        TestKind::NotIpAddress => TestKind::IpAddress,
        _ => return None,
    })
}

fn covers_actions(deny: &Statement, allow: &Statement) -> bool {
    let (Some(denied), Some(allowed)) = (&deny.action, &allow.action) else { return false };
    let patterns = deny.actions();
    if allowed.negated {
        return !denied.negated && patterns.iter().any(|pattern| pattern.is_any());
    }
    allow.actions().iter().all(|action| match denied.negated {
        true => !patterns.iter().any(|spared| spared.intersects(action)),
        false => patterns.iter().any(|pattern| pattern.contains(action)),
    })
}

fn covers_resources(deny: &Statement, allow: &Statement) -> bool {
    let (Some(denied), Some(allowed)) = (&deny.resource, &allow.resource) else {
        return deny.resource.is_none() && allow.resource.is_none();
    };
    let patterns = deny.resources();
    if allowed.negated {
        return !denied.negated && patterns.iter().any(|pattern| pattern.is_any());
    }
    allow.resources().iter().all(|resource| match denied.negated {
        true => !patterns.iter().any(|spared| spared.intersects(resource)),
        false => patterns.iter().any(|pattern| pattern.contains(resource)),
    })
}

#[cfg(test)]
mod tests;
