//! What a policy grants by itself, and another one leaves to the policies of the callers.
//!
//! Within one account, an entry for the account lets the policies of its users and roles decide, while their own names
//! and `*` need none of these. That does not show in the requests that the two match, so what decides on requests over
//! all policies is asked, with none of the caller's. IAM guide, "Policy evaluation logic".

use std::cell::Cell;

use super::cover::Scope;
use super::decide::{EVERYONE, Policies, Verdict, decide};
use super::evaluate::{Asked, Prepared, Who};
use super::lockout;
use super::request::{Caller, Request};
use crate::kind::Kind;
use crate::policy::{Arn, Principal, Statement, Test, TestKind, is_account_id};

/// A request that one of two policies grants more directly than the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Direct {
    /// The request.
    pub request: Request,
    /// Whether it is the new policy that grants it more directly.
    pub by_new: bool,
    /// Whether that one allows it where the other does not, if no policy of the caller allows anything; `None` if it is
    /// not known, as the resource may be in another account, or as AWS leaves it open.
    pub by_itself: Option<bool>,
    /// What AWS leaves open on which that depends, in words.
    pub reading: Option<&'static str>,
}

impl Direct {
    /// The account of the caller.
    pub fn account(&self) -> Option<&str> {
        let Some(Caller::Aws(arn)) = &self.request.principal else { return None };
        Arn::parse(arn).map(|arn| arn.account).filter(|account| is_account_id(account))
    }

    /// Says what the difference is.
    pub fn reason(&self) -> String {
        format!(
            "`{}` is granted more directly: within the account, fewer policies of the caller have to allow it",
            self.request.action
        )
    }

    /// Says of a request of which it is not known whether it is allowed without a policy of the caller what that depends
    /// on.
    pub fn open(&self) -> Option<String> {
        if let Some(reading) = self.reading {
            return Some(format!("depends on {reading}"));
        }
        let account = self.account().filter(|_| self.by_itself.is_none())?;
        Some(format!(
            "depends on whether the resource is in account {account}, where who is named needs no identity policy"
        ))
    }
}

/// Whether `*` in an Allow grants to a principal as directly as its own name does. An implicit deny of a boundary or session
/// policy does not limit what is granted to a user or session by name, nor to everyone with an `aws:PrincipalArn`; of a
/// bare `*` AWS does not say.
pub(super) fn star_is_enough(principal: &Principal, is_held_by_arn: bool) -> bool {
    match principal {
        Principal::Account(_) | Principal::Role(_) => true,
        Principal::User(_) | Principal::Session(_) => is_held_by_arn,
        _ => false,
    }
}

/// The account of the resource of what a statement grants, if it is known. That of a key is the one to which alone its
/// policies, these statements, allow to change them: KMS refuses a policy that locks the account out.
pub(super) fn owner<'s>(
    statement: &Statement,
    scope: Scope<'_>,
    all: impl Iterator<Item = &'s Statement>,
) -> Option<String> {
    let of_statement = || {
        let element = statement.resource.as_ref().filter(|element| !element.negated)?;
        let mut accounts = element.values.items.iter().map(|value| Some(Arn::parse(value.known()?)?.account));
        let first = accounts.next()?.filter(|account| is_account_id(account))?;
        accounts.all(|account| account == Some(first)).then(|| first.to_owned())
    };
    let of_key = || if scope.kind == Kind::Kms { lockout::account_of_key(all) } else { None };
    scope.owner().map(str::to_owned).or_else(of_statement).or_else(of_key)
}

/// Whether the caller is a user, a role or a session that may be of the account of the resource.
pub(super) fn is_within(request: &Request, owner: Option<&str>) -> bool {
    let asked = Asked::new(request);
    let account = asked.who.account().filter(|_| !matches!(asked.who, Who::Root(_)));
    account.is_some_and(|account| owner.is_none_or(|owner| owner == account))
}

/// A statement with its callers narrowed down to those.
pub(super) fn within(statement: &Statement, owner: Option<&str>) -> Statement {
    let test = |key: &str, texts: &[&str]| Test::of(TestKind::StringEquals, key, texts, statement.span);
    let mut narrowed = statement.clone();
    narrowed.conditions.push(test("aws:PrincipalType", &["AssumedRole", "User", "FederatedUser"]));
    let of_owner = owner.map(|owner| test("aws:PrincipalAccount", &[owner]));
    narrowed.conditions.extend(of_owner);
    narrowed
}

/// Whether `after` allows a request although no policy of its caller allows anything, and `before` does not; `None` if
/// that is not known, then with what AWS leaves open on which it depends, if that is it.
pub(super) fn begins(
    request: &Request,
    before: &[&Statement],
    after: &[&Statement],
    owner: Option<&str>,
    scope: Scope<'_>,
) -> (Option<bool>, Option<&'static str>) {
    let asked = Asked::new(request);
    let Some(account) = asked.who.account().map(str::to_owned) else { return (None, None) };
    if owner.is_some_and(|owner| owner != account) {
        return (Some(false), None);
    }
    let request = Request { resource_account: Some(account), ..request.clone() };
    let nothing = Prepared::of([], scope.kind);
    let reading = Cell::new(None);
    let allows = |policy: &[&Statement], boundary: Vec<Prepared>| {
        let resource = Some(Prepared::of(policy.iter().copied(), scope.kind));
        let policies = Policies { resource, boundary, ..Policies::default() };
        let decision = decide(&policies, &request);
        if decision.depends_on.iter().any(|name| name == EVERYONE) {
            reading.set(Some(EVERYONE));
        }
        match decision.verdict {
            Verdict::Allowed => Some(true),
            Verdict::ImplicitlyDenied | Verdict::ExplicitlyDenied => Some(false),
            Verdict::Undecided => None,
        }
    };

    // A boundary limits some of what is granted directly.
    let differs = [Vec::new(), vec![nothing]].map(|boundary| {
        match (allows(before, boundary.clone()), allows(after, boundary)) {
            (Some(false), Some(true)) => Some(true),
            (Some(true), _) | (_, Some(false)) => Some(false),
            _ => None,
        }
    });
    match (differs.contains(&Some(true)), differs.contains(&None)) {
        (true, _) => (owner.map(|_| true), None),
        (false, true) => (None, reading.get()),
        (false, false) => (Some(false), None),
    }
}
