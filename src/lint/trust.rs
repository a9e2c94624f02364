//! What the rules about trust policies share.

use super::facts::is_plain;
use super::presence::needs_the_key;
use crate::analyze::exception::is_key_of_another;
use crate::analyze::oidc::{Protocol, protocol_of};
use crate::policy::{
    Principal, PrincipalEntry, PrincipalType, SetOperator, Statement, Test, TestKind, Value,
};

/// The actions that take on a role. IAM guide, "AWS STS condition context keys".
pub(super) const ASSUME: [&str; 3] =
    ["sts:AssumeRole", "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity"];

/// The actions that may stand beside them: what a session may carry with it.
pub(super) const BESIDE: [&str; 3] = ["sts:TagSession", "sts:SetSourceIdentity", "sts:SetContext"];

/// Whether the statement is an Allow of this action that could be read.
pub(super) fn allows(statement: &Statement, action: &str) -> bool {
    statement.allows() && statement.is_complete() && names(statement, action)
}

/// Whether the statement is about this action.
pub(super) fn names(statement: &Statement, action: &str) -> bool {
    let Some(element) = &statement.action else { return false };
    statement.actions().iter().any(|pattern| pattern.matches(action)) != element.negated
}

/// Whether no token passes a statement, which `condition-key-never-present` reports.
pub(super) fn takes_no_token(statement: &Statement) -> bool {
    let mut tests = statement.conditions.iter().filter(|test| needs_the_key(test));
    tests.any(|test| of_another_provider(statement, test).is_some())
}

/// The provider of a statement for providers alone, if the key of a test comes with the tokens of none of them.
pub(super) fn of_another_provider<'s>(statement: &'s Statement, test: &Test) -> Option<&'s Value> {
    let element = statement.principal.as_ref().filter(|element| !element.negated)?;
    let is_of_another = |entry: &PrincipalEntry| {
        let is_of_another =
            |value: &Value| value.known().is_some_and(|text| is_key_of_another(&test.key, text));
        entry.kind == PrincipalType::Federated && entry.values.items.iter().all(is_of_another)
    };
    let first = element.entries.first().and_then(|entry| entry.values.items.first())?;
    element.entries.iter().all(is_of_another).then_some(first)
}

/// The principals of a type in `Principal`, as far as they are written out.
pub(super) fn principals(statement: &Statement, kind: PrincipalType) -> impl Iterator<Item = &Value> {
    let element = statement.principal.as_ref().filter(|element| !element.negated);
    let entries = element.into_iter().flat_map(|element| &element.entries);
    entries
        .filter(move |entry| entry.kind == kind)
        .flat_map(|entry| &entry.values.items)
        .filter(|value| is_plain(value))
}

/// The action with which a principal takes on a role; `None` for everyone and for what is not known.
pub(super) fn action_of(principal: &Principal, value: &Value) -> Option<&'static str> {
    let [plain, saml, web] = ASSUME;
    match principal {
        Principal::Any | Principal::CanonicalUser(_) | Principal::Other(_) => None,
        Principal::Federated(_) | Principal::Hole(Some(PrincipalType::Federated), _) => protocol_of(value)
            .map(|protocol| match protocol {
                Protocol::Saml => saml,
                Protocol::Web => web,
            }),
        // It may be everyone.
        Principal::Hole(..) => None,
        _ => Some(plain),
    }
}

/// Whether a test of an Allow asks for a second factor.
pub(super) fn asks_for_mfa(test: &Test) -> bool {
    let operator = test.operator;
    if operator.if_exists || operator.set == Some(SetOperator::ForAllValues) {
        return false;
    }
    match test.key.to_ascii_lowercase().as_str() {
        "aws:multifactorauthpresent" => {
            operator.kind == TestKind::Bool
                && test.values.items.iter().all(|value| value.text.eq_ignore_ascii_case("true"))
        }
        "aws:multifactorauthage" => {
            matches!(operator.kind, TestKind::NumericLessThan | TestKind::NumericLessThanEquals)
        }
        _ => false,
    }
}
