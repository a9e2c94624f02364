//! How a statement stands to those that are there: does a policy grant already what it grants?

use super::canonical::canonical;
use super::space::{Answer, Engine, Notion};
use super::void::void;
use crate::kind::Kind;
use crate::policy::{Arn, Principal, Statement, is_account_id};

/// What is known of the policy that the statements belong to.
#[derive(Clone, Copy, Debug)]
pub struct Scope<'a> {
    /// Its kind.
    pub kind: Kind,
    /// The ARN of what it is attached to.
    pub resource: Option<&'a str>,
}

impl<'a> Scope<'a> {
    /// The account that owns what the policy is attached to, if its ARN says.
    pub fn owner(&self) -> Option<&'a str> {
        self.resource.and_then(Arn::parse).map(|arn| arn.account).filter(|account| is_account_id(account))
    }
}

/// How one statement stands to those that are there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cover {
    /// They do not cover it.
    None,
    /// It is not known, and why.
    NotProved(String),
    /// They would, but the one at this index names the account: it lets that account's own policies
    /// decide, and grants nothing to the principal itself.
    Delegated(usize),
    /// Those at these indexes cover it together, and none of them can be spared.
    Wider(Vec<usize>),
    /// The one at this index means the same.
    Same(usize),
}

/// Whether `statement` is covered by those of `by` that have its effect. Denies of an Allow are left out
/// of account: what they take back is [`Engine::cut`]'s answer. What matches no request is not covered.
pub fn cover<'s>(
    statement: &Statement,
    by: impl IntoIterator<Item = &'s Statement>,
    scope: Scope<'_>,
) -> Cover {
    let by: Vec<&Statement> = by.into_iter().filter(|other| other.effect == statement.effect).collect();
    let key = scope.resource.filter(|_| scope.kind == Kind::Kms);
    let form = canonical(statement, key);
    if let Some(same) = by.iter().find(|other| canonical(other, key) == form) {
        return Cover::Same(same.index);
    }
    if void(statement, scope).is_some() {
        return Cover::None;
    }
    let engine = Engine { shows: false, ..Engine::new(scope) };
    let indexes = |places: &[usize]| places.iter().map(|at| by[*at].index).collect::<Vec<_>>();
    let direct = engine.covered(statement, &by, Notion::Direct);
    if direct.comparison.answer == Answer::Covered {
        return match direct.by.as_slice() {
            [one] if same(by[*one], statement, scope) => Cover::Same(by[*one].index),
            places => Cover::Wider(indexes(places)),
        };
    }
    let by_account = engine.covered(statement, &by, Notion::Access);
    let delegates = by_account.by.iter().map(|at| by[*at]).find(|other| names_account(other));
    match (delegates, direct.comparison.answer) {
        (Some(other), _) => Cover::Delegated(other.index),
        (None, Answer::NotProved(why)) => Cover::NotProved(why),
        (None, _) => Cover::None,
    }
}

/// Whether two statements mean the same, Sid aside. Statements that match no request are the same only if
/// they are written alike.
pub fn same(a: &Statement, b: &Statement, scope: Scope<'_>) -> bool {
    let key = scope.resource.filter(|_| scope.kind == Kind::Kms);
    if canonical(a, key) == canonical(b, key) {
        return true;
    }
    let engine = Engine { shows: false, ..Engine::new(scope) };
    let within = |inner: &Statement, outer: &Statement| {
        engine.covered(inner, &[outer], Notion::Direct).comparison.answer == Answer::Covered
    };
    a.effect == b.effect && within(a, b) && within(b, a) && void(a, scope).is_none()
}

fn names_account(statement: &Statement) -> bool {
    let principals = statement.principal.iter().flat_map(|element| element.principals());
    principals.into_iter().any(|(principal, _)| matches!(principal, Principal::Account(_)))
}

/// What Deny statements take of a grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// Surely nothing.
    None,
    /// Some of it, or so it seems.
    Part,
    /// All of it.
    All,
}
