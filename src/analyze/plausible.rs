//! A witness made more like a request that there is, where that makes no difference: by a role and not by a
//! root user, with what a service sends along.

use super::cover::Scope;
use super::replay::policy_allows;
use super::request::{Caller, ContextValue, Request};
use super::space::contradiction;
use crate::policy::{Arn, Statement, Test};

/// `request`, which `left` allows and `right` does not (or, as `both` says, does as well), as a likely one if
/// that is so of it too.
pub fn likely(
    request: Request,
    left: &[Statement],
    right: &[Statement],
    both: bool,
    scope: Scope<'_>,
) -> Request {
    let will_do = |request: &Request| {
        contradiction(request).is_none()
            && policy_allows(left, request, scope) == Some(true)
            && policy_allows(right, request, scope) == Some(both)
    };
    let mut request = request;
    let steps = [by_a_role, with_what_services_send];
    for step in steps {
        if let Some(found) = step(&request, left, right).into_iter().find(&will_do) {
            request = found;
        }
    }
    request
}

/// By a role of the account: no one calls as its root user.
fn by_a_role(request: &Request, _: &[Statement], _: &[Statement]) -> Vec<Request> {
    let Some(Caller::Aws(arn)) = &request.principal else { return Vec::new() };
    let Some(account) = arn.strip_suffix(":root") else { return Vec::new() };
    let principal = Some(Caller::Aws(format!("{account}:role/other")));
    vec![Request { principal, ..request.clone() }]
}

/// A service that acts for something says for what, so a policy that asks for it is asked with it.
fn with_what_services_send(request: &Request, left: &[Statement], right: &[Statement]) -> Vec<Request> {
    const SENT: &str = "aws:SourceArn";
    let tests: Vec<&Test> = left
        .iter()
        .chain(right)
        .flat_map(|statement| &statement.conditions)
        .filter(|test| test.key.eq_ignore_ascii_case(SENT))
        .collect();
    let Some(Caller::Service(service)) = &request.principal else { return Vec::new() };
    if tests.is_empty() || request.context.get(SENT).is_some() {
        return Vec::new();
    }
    let own =
        |text: &&str| Arn::parse(text).is_some_and(|arn| service.split('.').next() == Some(arn.service));
    let said = request.context.iter().flat_map(|(_, value)| value.values()).map(String::as_str);
    let asked = tests.iter().flat_map(|test| &test.values.items).map(|value| value.text.as_str());
    let others: Vec<String> = said
        .filter(own)
        .map(str::to_owned)
        .chain(asked.filter(own).filter_map(|text| Some(format!("{}/other", text.rsplit_once('/')?.0))))
        .filter(|text| !text.contains(['*', '?', '$']))
        .collect();
    others
        .into_iter()
        .map(|arn| {
            let mut request = request.clone();
            request.context.insert(SENT, ContextValue::One(arn));
            request
        })
        .collect()
}
