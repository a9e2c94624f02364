//! Two policies compared: which statement became which, and what that does to access.

use super::checks::Check;
use super::cover::Scope;
use super::pairs::{Pair, pairs};
use super::plausible::likely;
use super::request::Request;
use super::space::{Change, Engine};
use crate::document::Document;
use crate::policy::Statement;

/// Two policies, and what became of the one in the other.
#[derive(Debug)]
pub struct Comparison<'d> {
    /// The policy as it was.
    pub old: &'d Document,
    /// The policy as it is.
    pub new: &'d Document,
    /// Which statement became which.
    pub pairs: Vec<Pair>,
    /// What it does to access.
    pub change: Change,
    /// What else was asked of the new policy.
    pub checks: Vec<Check>,
}

/// Compares two policies of one kind.
pub fn compare<'d>(old: &'d Document, new: &'d Document) -> Comparison<'d> {
    let scope = Scope { kind: new.kind, resource: new.resource.as_deref() };
    let pairs = pairs(&old.policy, &new.policy, new.kind, new.resource.as_deref());
    let change = change(&old.policy.statements, &new.policy.statements, scope);
    Comparison { old, new, pairs, change, checks: Vec::new() }
}

/// What replacing the statements `before` by `after` does to access, with requests that are likely to be made.
pub fn change(before: &[Statement], after: &[Statement], scope: Scope<'_>) -> Change {
    let mut change = Engine::new(scope).relation(before, after);
    let own = |requests: Vec<Request>, left, right, both| -> Vec<Request> {
        requests.into_iter().map(|request| likely(request, left, right, both, scope)).collect()
    };
    change.added = own(change.added, after, before, false);
    change.removed = own(change.removed, before, after, false);
    change.direct = own(change.direct, before, after, true);
    change
}
