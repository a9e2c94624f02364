//! The role of a session: its ARN shows the role's name, not the path.

use std::collections::BTreeSet;

use super::Policies;
use crate::analyze::evaluate::{Asked, Who, filled};
use crate::analyze::request::{ContextValue, Request};
use crate::analyze::space;
use crate::policy::{Arn, TestKind};

/// The key that says which role a session is of.
const KEY: &str = "aws:PrincipalArn";

/// The path of service-linked roles.
const LINKED: &str = "role/aws-service-role/";

/// The requests that a request may be.
pub(super) struct Cases {
    /// Each with what is so then; none where there is only the one that is asked about.
    pub cases: Vec<(Option<String>, Request)>,
    /// Whether these are all.
    pub is_complete: bool,
    /// The role that it is taken to be of, as a condition names it.
    pub assumed_role: Option<String>,
}

/// The requests that a request of a session may be, by the role's path; none where that makes no difference, or is known.
/// There is one role of a name, so that a policy that names it without a path says that it has none.
pub(super) fn cases(policies: &Policies, request: &Request) -> Cases {
    let known = || Cases { cases: Vec::new(), is_complete: true, assumed_role: None };
    let asked = Asked::new(request);
    let Who::RoleSession(session, name) = asked.who else { return known() };
    let head = format!("arn:{}:iam::{}:role/", session.partition, session.account);
    let plain = format!("{head}{name}");
    let named: Vec<&String> = policies.all().flat_map(|policy| &policy.roles).collect();
    let mut tests = policies.all().flat_map(|policy| &policy.role_tests);
    if request.context.get(KEY).is_some() || named.contains(&&plain) {
        return known();
    }
    // A principal has to exist, a role in a condition need not.
    if tests.any(|(_, text, _)| *text == plain) {
        return Cases { assumed_role: Some(plain), ..known() };
    }
    let tail = format!("/{name}");
    let mut roles = vec![plain];
    roles.extend(named.into_iter().filter(|arn| arn.starts_with(&head) && arn.ends_with(&tail)).cloned());
    let value = |(kind, text, has_variables): &(TestKind, String, bool)| match has_variables {
        true => filled(text, "aws:principalarn", &asked).map(|text| (*kind, text, true)),
        false => Some((*kind, text.clone(), false)),
    };
    let values: Vec<_> = policies.all().flat_map(|policy| &policy.role_tests).filter_map(value).collect();
    let sorts = if values.is_empty() { Some(Vec::new()) } else { space::roles(&head, name, &values) };
    let is_complete = sorts.is_some();
    roles.extend(sorts.into_iter().flatten());
    let texts = request.context.iter().flat_map(|(_, value)| value.values()).chain([&request.resource]);
    roles.extend(texts.flat_map(|text| within(text, &head, &tail)));
    // Service-linked roles are outside of control policies.
    if name.starts_with("AWSServiceRoleFor") {
        roles.push(format!("{head}aws-service-role/other.amazonaws.com{tail}"));
    }
    let mut seen = BTreeSet::new();
    roles.retain(|role| seen.insert(role.clone()));
    let clause = |role: &str| match is_service_linked(role) {
        true => {
            "if the caller's role is a service-linked role, which only `aws:PrincipalArn` shows".to_owned()
        }
        false => format!("if the caller's role is `{role}`, which only `aws:PrincipalArn` shows"),
    };
    let of_role = |role: String| {
        let mut request = request.clone();
        let clause = clause(&role);
        request.context.insert(KEY, ContextValue::One(role));
        (Some(clause), request)
    };
    let cases = match roles.len() {
        1 => Vec::new(),
        _ => roles.into_iter().map(of_role).collect(),
    };
    Cases { cases, is_complete, assumed_role: None }
}

/// The ARNs in a text that begin and end so, and one that does not stand in it if there are any.
fn within(text: &str, head: &str, tail: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for (start, _) in text.match_indices(head) {
        let rest = text.get(start..).unwrap_or_default();
        found.extend(
            rest.match_indices(tail).filter_map(|(end, _)| rest.get(..end + tail.len())).map(str::to_owned),
        );
    }
    if !found.is_empty() {
        found.push(format!("{head}other{tail}"));
    }
    found
}

/// Organizations guide, "Service control policies", under "Tasks and entities not restricted by SCPs", and the same of
/// resource control policies.
pub(super) fn is_service_linked(role: &str) -> bool {
    Arn::parse(role).is_some_and(|arn| arn.resource.starts_with(LINKED))
}
