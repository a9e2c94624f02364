//! What a session carries with it needs a permission of its own, in the policy that lets the role be assumed. IAM guide,
//! "Monitor and control actions taken with assumed roles" and "Pass session tags in AWS STS": without it the call fails.

use super::demands_key;
use crate::analyze::request::Request;
use crate::policy::{Statement, Value};

/// The actions that assume a role begin like this, in lower case.
const ASSUME: &str = "sts:assumerole";

/// The actions that assume a role.
const ASSUMING: [&str; 3] = ["sts:AssumeRole", "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity"];

/// The actions that are asked for only while a role is assumed. Service Authorization Reference, "AWS Security Token
/// Service", where they are marked as permissions only.
const BESIDE: [&str; 3] = ["sts:SetContext", "sts:SetSourceIdentity", "sts:TagSession"];

/// The action that a request to assume a role needs besides, as it has a key.
fn beside(key: &str) -> Option<&'static str> {
    let key = key.to_ascii_lowercase();
    match key.as_str() {
        "sts:sourceidentity" => Some("sts:SetSourceIdentity"),
        "aws:tagkeys" | "sts:transitivetagkeys" => Some("sts:TagSession"),
        key if key.starts_with("aws:requesttag/") => Some("sts:TagSession"),
        _ => None,
    }
}

fn needs(key: &str, action: &str) -> String {
    format!("a request has `{key}` only if `{action}` is allowed as well")
}

/// Why a request to assume a role is refused though a statement allows it: it says something that needs an action that is
/// not allowed.
pub fn lacks_permission(request: &Request, is_allowed: impl Fn(&Request) -> Option<bool>) -> Option<String> {
    if !request.action.to_ascii_lowercase().starts_with(ASSUME) {
        return None;
    }
    let given = request.context.iter().filter(|(_, value)| !value.values().is_empty());
    let mut needed = given.filter_map(|(key, _)| Some((key, beside(key)?)));
    let lacks = |(_, action): &(&str, &'static str)| {
        is_allowed(&Request { action: (*action).to_owned(), ..request.clone() }) != Some(true)
    };
    needed.find(lacks).map(|(key, action)| needs(key, action))
}

/// Why no request passes an Allow of a trust policy with these statements: none of them allows an action that all of its
/// requests need.
pub fn absent_permission<'s>(
    statement: &Statement,
    statements: impl Iterator<Item = &'s Statement> + Clone,
) -> Option<String> {
    let demanded = statement.conditions.iter().filter(|test| demands_key(test));
    let mut demanded = demanded.filter_map(|test| Some((test, beside(&test.key)?)));
    if let Some((test, action)) = demanded.find(|(_, action)| !allows_in(statements.clone(), action)) {
        return Some(needs(&test.key, action));
    }
    let element = statement.action.as_ref().filter(|element| !element.negated)?;
    let is_beside = |value: &Value| {
        value.known().and_then(|text| BESIDE.into_iter().find(|beside| beside.eq_ignore_ascii_case(text)))
    };
    let mut actions = element.values.items.iter().map(is_beside);
    let first = actions.next()??;
    let none = actions.all(|action| action.is_some())
        && !ASSUMING.iter().any(|action| allows_in(statements.clone(), action));
    none.then(|| format!("`{first}` is asked for only while a role is assumed, which no statement allows"))
}

/// Whether one of the statements may allow an action.
fn allows_in<'s>(mut statements: impl Iterator<Item = &'s Statement>, action: &str) -> bool {
    statements.any(|statement| may_allow(statement, action))
}

/// Whether a statement may allow an action, whatever else it asks for.
fn may_allow(statement: &Statement, action: &str) -> bool {
    let Some(element) = &statement.action else { return !statement.denies() };
    let is_named = statement.actions().iter().any(|pattern| pattern.matches(action));
    let is_open = element.values.items.iter().any(Value::is_hole);
    !statement.denies() && (is_named != element.negated || is_open)
}
