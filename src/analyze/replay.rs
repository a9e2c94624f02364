//! What a policy lets happen, told by the plain evaluator of its statements: what every request that
//! the engine shows has to pass first.
//!
//! A policy is looked at for itself here. That an account's own policies have to agree where only the
//! account is named, and what other policies say, is for [`decide`](super::decide).

use std::cell::OnceCell;

use super::cover::Scope;
use super::evaluate::{Asked, Statement as Ready};
use super::near::Near;
use super::reading::Reading;
use super::request::Request;
use crate::kind::Kind;
use crate::policy::Statement;

/// A statement that requests are held against. It is made ready at the first one.
#[derive(Clone, Debug)]
pub struct Replay<'s> {
    statement: &'s Statement,
    kind: Kind,
    reading: Reading,
    ready: OnceCell<Option<Ready>>,
}

impl<'s> Replay<'s> {
    /// A statement of a policy.
    pub fn new(statement: &'s Statement, scope: Scope<'_>) -> Self {
        Replay::read(statement, scope, Reading::default())
    }

    /// The same, with what AWS leaves open read so.
    pub fn read(statement: &'s Statement, scope: Scope<'_>, reading: Reading) -> Self {
        Replay { statement, kind: scope.kind, reading, ready: OnceCell::new() }
    }

    /// The statement.
    pub fn statement(&self) -> &'s Statement {
        self.statement
    }

    /// Whether it applies to a request; `None` if that is not known.
    pub fn accepts(&self, asked: &Asked<'_>) -> Option<bool> {
        if is_void(self.statement, self.kind) {
            return Some(false);
        }
        if !is_readable(self.statement, self.kind) {
            return None;
        }
        let ready =
            self.ready.get_or_init(|| Ready::new(self.statement, self.kind, self.reading)).as_ref()?;
        match ready.outcome(asked) {
            None => Some(false),
            Some(outcome) if outcome.unsure => None,
            Some(outcome) => Some(outcome.matches),
        }
    }
}

/// The statements of a policy that many requests are held against: of each, only those are looked at that may match it.
#[derive(Clone, Debug)]
pub struct Replays<'s> {
    all: Vec<Replay<'s>>,
    near: Near,
}

impl<'s> Replays<'s> {
    /// The statements of a policy.
    pub fn new(statements: &'s [Statement], scope: Scope<'_>) -> Self {
        let all = statements.iter().map(|one| Replay::new(one, scope)).collect();
        Replays { all, near: Near::new(statements, scope.kind, &[]) }
    }

    /// Those that may match a request, in order.
    pub fn near(&self, asked: &Asked<'_>) -> impl Iterator<Item = &Replay<'s>> {
        self.near.to_request(asked).into_iter().map(|at| &self.all[at])
    }

    /// Those that match a request, in order.
    pub fn matching(&self, request: &Request) -> impl Iterator<Item = &'s Statement> {
        let asked = Asked::new(request);
        self.near(&asked)
            .filter(|one| one.accepts(&asked) == Some(true))
            .map(Replay::statement)
            .collect::<Vec<_>>()
            .into_iter()
    }

    /// Whether they, as one policy, allow a request; `None` if that is not known.
    pub fn allow(&self, request: &Request) -> Option<bool> {
        let asked = Asked::new(request);
        allows(self.near(&asked), &asked)
    }
}

/// Whether statements, as one policy, allow a request; `None` if that is not known.
pub fn allows<'r, 's: 'r>(
    statements: impl IntoIterator<Item = &'r Replay<'s>>,
    asked: &Asked<'_>,
) -> Option<bool> {
    let (mut allowed, mut allow_unknown, mut deny_unknown) = (false, false, false);
    for replay in statements {
        let denies = !replay.statement.allows();
        match (replay.accepts(asked), denies) {
            // Of a statement without effect it is not known what it does.
            (Some(true), true) => return Some(false),
            (Some(true), false) => allowed = true,
            (None, _) => {
                allow_unknown |= !replay.statement.denies();
                deny_unknown |= denies;
            }
            (Some(false), _) => {}
        }
    }
    match (allowed, allow_unknown, deny_unknown) {
        (true, _, true) | (false, true, _) => None,
        (allowed, ..) => Some(allowed),
    }
}

/// Whether a list of statements, as one policy, allows a request; `None` if that is not known.
pub fn policy_allows(statements: &[Statement], request: &Request, scope: Scope<'_>) -> Option<bool> {
    let replays: Vec<Replay<'_>> = statements.iter().map(|one| Replay::new(one, scope)).collect();
    allows(&replays, &Asked::new(request))
}

/// Whether one statement applies to a request; `None` if that is not known.
pub fn accepts(statement: &Statement, request: &Request, scope: Scope<'_>) -> Option<bool> {
    Replay::new(statement, scope).accepts(&Asked::new(request))
}

/// Whether a statement accepts nothing at all: key policies take one without action or resource, and
/// then it has no effect. KMS guide, "Key policies in AWS KMS".
pub(super) fn is_void(statement: &Statement, kind: Kind) -> bool {
    kind == Kind::Kms && !statement.is_hole() && (statement.action.is_none() || statement.resource.is_none())
}

/// Whether all that a statement says is known. In the policy of a thing it need not say that it is about
/// the thing, though not every service takes it so.
pub(super) fn is_readable(statement: &Statement, kind: Kind) -> bool {
    let names_principal = kind.names_principal() && kind != Kind::Endpoint;
    let is_whole = statement.action.is_some()
        && (statement.principal.is_some() || !names_principal)
        && (statement.resource.is_some() || kind.names_principal());
    statement.is_complete() && (is_whole || is_void(statement, kind))
}
