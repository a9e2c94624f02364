//! A witness made more like a request that there is, where that makes no difference: by a role and not by a
//! root user, with what a service sends along.

use super::cover::Scope;
use super::replay::Replays;
use super::request::{Caller, ContextValue, Request};
use super::space::contradiction;
use crate::policy::{Arn, Statement};

/// The statements of two policies, of whose requests likely ones are made.
#[derive(Debug)]
pub struct Likely<'s> {
    left: Replays<'s>,
    right: Replays<'s>,
    /// What they ask of the thing for which a service calls.
    sent: Vec<&'s str>,
}

impl<'s> Likely<'s> {
    /// Two policies of one scope.
    pub fn new(left: &'s [Statement], right: &'s [Statement], scope: Scope<'_>) -> Self {
        let tests = left.iter().chain(right).flat_map(|statement| &statement.conditions);
        let sent = tests.filter(|test| test.key.eq_ignore_ascii_case(SENT));
        let sent = sent.flat_map(|test| &test.values.items).map(|value| value.text.as_str()).collect();
        Likely { left: Replays::new(left, scope), right: Replays::new(right, scope), sent }
    }

    /// `request`, which the left allows and the right does not (or, as `both` says, does as well), as a likely one if
    /// that is so of it too.
    pub fn made_of(&self, request: Request, both: bool) -> Request {
        let will_do = |request: &Request| {
            contradiction(request).is_none()
                && self.left.allow(request) == Some(true)
                && self.right.allow(request) == Some(both)
        };
        let mut request = request;
        if let Some(found) = by_a_role(&request).filter(will_do) {
            request = found;
        }
        with_what_services_send(&request, &self.sent).into_iter().find(will_do).unwrap_or(request)
    }
}

/// What a service says that it calls for.
const SENT: &str = "aws:SourceArn";

/// By a role of the account: no one calls as its root user.
fn by_a_role(request: &Request) -> Option<Request> {
    let Some(Caller::Aws(arn)) = &request.principal else { return None };
    let account = arn.strip_suffix(":root")?;
    let principal = Some(Caller::Aws(format!("{account}:role/other")));
    Some(Request { principal, ..request.clone() })
}

/// A service that acts for something says for what, so a policy that asks for it is asked with it.
fn with_what_services_send(request: &Request, sent: &[&str]) -> Vec<Request> {
    let Some(Caller::Service(service)) = &request.principal else { return Vec::new() };
    if sent.is_empty() || request.context.get(SENT).is_some() {
        return Vec::new();
    }
    let own =
        |text: &&str| Arn::parse(text).is_some_and(|arn| service.split('.').next() == Some(arn.service));
    let said = request.context.iter().flat_map(|(_, value)| value.values()).map(String::as_str);
    let asked = sent.iter().copied();
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
