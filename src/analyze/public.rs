//! Who a statement for everyone really lets in: whether something in it holds it to callers that
//! somebody chose, and if not, one request of a stranger that it lets through.
//!
//! The engine answers, over all statements of the policy: is what an Allow grants and no Deny takes back
//! within what somebody chose? What is a limit follows S3's own test of whether a bucket policy is public (S3 guide, "Blocking
//! public access"), with the keys of the other services added.

mod asked;
mod example;
mod holds;
mod s3;
mod trusted;

pub(in crate::analyze) use asked::KNOWN_ACTIONS;
pub(crate) use holds::names_an_owner;
pub use holds::{ANONYMOUS, Hold, hold};
use s3::s3_may_call_public;
pub use s3::{Open, s3_calls_public};

use std::cell::OnceCell;

use super::attached;
use super::cover::Scope;
use super::evaluate::Asked;
use super::exception;
use super::oidc::{
    Fixes, Protocol, SIGN_IN, fixes_token, host_of, in_an_account, names_called_workflow, open_provider,
    protocol_of,
};
use super::reading::{Reading, no_value};
use super::replay::{Replay, allows, is_readable};
use super::request::{Caller, Request};
use super::space::{Answer, Engine, Notion, contradiction, unread};
use super::void::{Void, void};
use crate::document::Document;
use crate::kind::Kind;
use crate::policy::{
    Operator, Policy, Principal, PrincipalEntry, PrincipalType, SetOperator, Statement, Test, TestKind, Value,
};
use holds::positive;

/// Whether a policy, or a statement of it with all Denies, lets in the public: anyone without
/// credentials, or of an account that no one chose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Public {
    /// It does not.
    Proved,
    /// It lets in this request of a stranger.
    Witness(Box<Stranger>),
    /// S3 calls it public, for this reason, though no stranger is known to get in.
    ByS3(String),
    /// It is not known, and why.
    NotProved(String),
}

/// A request that no one chose to let in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stranger {
    /// The request, as the evaluator lets it through.
    pub request: Request,
    /// Whether its resource is made up, as the policy means whatever it is attached to.
    pub made_up: bool,
    /// The index of the statement that lets it in.
    pub statement: usize,
}

/// Whether a policy lets in the public. Policies that name no one, or only limit what others give, never do. Of a
/// bucket, S3 has the last word: what it calls public is public, by its own [definition](s3_calls_public).
pub fn answer(document: &Document) -> Public {
    let question = Question::new(document);
    let mut unproved = None;
    for statement in &document.policy.statements {
        match question.of(statement) {
            Public::Proved => {}
            Public::NotProved(why) => unproved = unproved.or(Some(why)),
            found @ (Public::Witness(_) | Public::ByS3(_)) => return found,
        }
    }
    let called = |statement: &Statement| {
        let open = s3_calls_public(statement).filter(|_| statement.is_complete())?;
        Some(format!("S3 calls {} public: {}", statement.name(), open.reason()))
    };
    let statements = document
        .policy
        .statements
        .iter()
        .filter(|one| document.kind == Kind::S3 && !question.is_elsewhere(one));
    if let Some(why) = statements.clone().filter_map(called).next() {
        return Public::ByS3(why);
    }
    if let Some(open) =
        statements.filter(|one| !one.unknowns().is_empty()).find(|one| s3_may_call_public(one))
    {
        let why = || format!("whether S3 calls {} public depends on what is not known of it", open.name());
        unproved.get_or_insert_with(why);
    }
    unproved.map_or(Public::Proved, Public::NotProved)
}

/// The question of one policy, with what its statements have in common.
#[derive(Debug)]
pub struct Question<'d> {
    document: &'d Document,
    denies: Vec<&'d Statement>,
    /// What somebody chose; for most policies no one asks.
    trusted: OnceCell<Vec<Statement>>,
}

/// No policy of a thing may have so many statements, or tests in one: its service does not take it. Such
/// ones are looked at one by one only.
const MOST: usize = 100;

impl<'d> Question<'d> {
    /// The question of a policy.
    pub fn new(document: &'d Document) -> Self {
        Question { document, denies: denies(&document.policy), trusted: OnceCell::new() }
    }

    /// Whether a statement is about another resource than the one that the policy is attached to.
    pub fn is_elsewhere(&self, statement: &Statement) -> bool {
        let scope = Scope { kind: self.document.kind, resource: self.document.resource.as_deref() };
        scope.resource.is_some() && matches!(void(statement, scope), Some(Void::Elsewhere { .. }))
    }

    /// The kind of the policy.
    pub fn kind(&self) -> Kind {
        self.document.kind
    }

    /// Whether a statement of the policy lets in the public, given all Denies.
    pub fn of(&self, statement: &Statement) -> Public {
        let kind = self.document.kind;
        let grants = kind.grants() && kind.names_principal();
        let negated = statement.principal.as_ref().is_some_and(|element| element.negated);
        if !grants || statement.denies() {
            return Public::Proved;
        }
        if statement.effect.is_none() {
            return Public::NotProved(format!("what {} is, is not known", statement.name()));
        }
        // What could not be read may name anyone, and a principal of an unknown type may be anyone.
        if !is_readable(statement, kind) {
            return Public::NotProved(unread(&statement.name()));
        }
        // Nothing holds it that AWS may take otherwise, or refuse.
        if let Some(what) = statement.conditions.iter().find_map(no_value) {
            let mut rest = statement.clone();
            rest.conditions.retain(|test| no_value(test).is_none());
            return match self.of(&rest) {
                Public::Proved => Public::Proved,
                _ => Public::NotProved(format!("it depends on {what}: AWS's documentation leaves that open")),
            };
        }
        if !negated && everyone(statement).is_none() {
            let known = with_accounts(statement);
            let by_provider = self.by_provider(known.as_ref().unwrap_or(statement));
            if by_provider != Public::Proved {
                return by_provider;
            }
            return match with_everyone(statement) {
                None => Public::Proved,
                // The worst that it can be.
                Some(widest) if self.of(&widest) == Public::Proved => Public::Proved,
                Some(_) => Public::NotProved(format!("whom {} names is not known", statement.name())),
            };
        }
        if pinned(statement, kind).is_some() {
            return Public::Proved;
        }
        if let Some(why) = self.never_passes(statement) {
            return Public::NotProved(why);
        }
        let is_large = self.document.policy.statements.len() > MOST || statement.conditions.len() > MOST;
        let by_engine = match is_large {
            true => Public::NotProved(format!(
                "there is more in the policy than {} may have",
                kind.with_article()
            )),
            false => self.by_engine(statement),
        };
        match by_engine {
            Public::NotProved(_) if taken_back(&self.denies, statement, kind).is_some() => Public::Proved,
            answer => answer,
        }
    }

    /// The same of a statement for the users of an identity provider that everyone can sign up with.
    fn by_provider(&self, statement: &Statement) -> Public {
        if names_every_provider(statement)
            && pinned(statement, self.document.kind).is_none()
            && taken_back(&self.denies, statement, self.document.kind).is_none()
        {
            return Public::NotProved(format!(
                "AWS refuses `*` as an identity provider, or {} grants access to users of all of them",
                statement.name()
            ));
        }
        let Some((provider, fixes)) = open_provider(statement) else {
            return match with_every_action(statement) {
                Some(widest) if self.by_provider(&widest) != Public::Proved => {
                    Public::NotProved(format!("what {} allows is not known", statement.name()))
                }
                _ => Public::Proved,
            };
        };
        if pinned(statement, self.document.kind).is_some() {
            return Public::Proved;
        }
        let scope = Scope { kind: self.document.kind, resource: self.document.resource.as_deref() };
        let is_taken_back = || taken_back(&self.denies, statement, scope.kind).is_some();
        if fixes == Fixes::Maybe {
            return match is_taken_back() {
                true => Public::Proved,
                false => Public::NotProved(format!(
                    "whether {} is held to users of `{}` whom somebody chose depends on {}",
                    statement.name(),
                    host_of(provider).unwrap_or(&provider.text),
                    match names_called_workflow(statement).is_some() {
                        true => "who can call the reusable workflow that it names",
                        false => "what is not known of its conditions",
                    }
                )),
            };
        }
        let mut made = example::example(&self.denies, statement, scope);
        if let Some(stranger) = &mut made {
            SIGN_IN.clone_into(&mut stranger.request.action);
            stranger.request.principal = Some(Caller::Federated(provider.text.clone()));
        }
        let own = self.with_denies(statement);
        let impossible =
            made.as_ref().and_then(|made| exception::undecided(&Asked::new(&made.request), scope));
        if let Some(why) = impossible {
            return Public::NotProved(why);
        }
        let is_let = |made: &Stranger| match self.lacks_permission(&made.request, scope) {
            true => None,
            false => lets(&own, &made.request, scope),
        };
        match made.filter(|made| is_let(made) == Some(true)) {
            Some(made) => Public::Witness(Box::new(made)),
            None if is_taken_back() => Public::Proved,
            None => Public::NotProved(format!(
                "no request of a user of `{}` that {} allows was found",
                host_of(provider).unwrap_or(&provider.text),
                statement.name()
            )),
        }
    }

    /// Why no request passes a statement, as it asks for something that none of them has.
    pub fn never_passes(&self, statement: &Statement) -> Option<String> {
        let all = self.document.policy.statements.iter();
        let permission = || exception::absent_permission(statement, all);
        let is_of_role = self.document.kind == Kind::Trust;
        exception::absent_key(statement).or_else(|| is_of_role.then(permission).flatten())
    }

    /// The statement with all Denies, and with what no stranger can call.
    fn with_denies<'a>(&'a self, statement: &'a Statement) -> Vec<&'a Statement> {
        let away = exception::away_as_deny(self.document.kind);
        std::iter::once(statement).chain(self.denies.iter().copied()).chain(away).collect()
    }

    /// Whether a request to assume a role needs a permission that the policy does not give.
    fn lacks_permission(&self, request: &Request, scope: Scope<'_>) -> bool {
        let all: Vec<&Statement> = self.document.policy.statements.iter().collect();
        exception::lacks_permission(request, |request| lets(&all, request, scope)).is_some()
    }

    fn by_engine(&self, statement: &Statement) -> Public {
        let trusted =
            self.trusted.get_or_init(|| trusted::trusted(&self.document.policy, self.document.kind));
        let scope = Scope { kind: self.document.kind, resource: self.document.resource.as_deref() };
        let (own, chosen) = (self.with_denies(statement), trusted.iter().collect::<Vec<_>>());
        let is_stranger = |request: &Request| {
            let sure = Scope { kind: self.document.sure_kind(), ..scope };
            exception::undecided(&Asked::new(request), sure).is_none()
                && attached::is_about(&request.resource, scope)
                && contradiction(request).is_none()
                && !self.lacks_permission(request, scope)
                && lets(&own, request, scope) == Some(true)
                && lets(&chosen, request, scope) == Some(false)
        };
        let is_shown = |made: &Stranger| is_stranger(&made.request);
        // A caller of the resource's own account would show no stranger.
        let abroad = |made: Stranger| example::abroad(&made).filter(is_shown).unwrap_or(made);
        // An example made of the policy's own values reads best, if it is one.
        if let Some(example) = example::example(&self.denies, statement, scope).filter(is_shown) {
            return Public::Witness(Box::new(abroad(example)));
        }
        let left: Vec<Statement> = own.iter().copied().cloned().collect();
        match Engine::new(scope).compare(&left, trusted, Notion::Access).answer {
            Answer::Covered => Public::Proved,
            Answer::NotProved(why) => Public::NotProved(why),
            Answer::Witness(request) if exception::doubt(&Asked::new(&request)).is_some() => {
                let why = exception::doubt(&Asked::new(&request)).unwrap_or_default();
                Public::NotProved(format!("a request that is allowed may not be possible: {why}"))
            }
            Answer::Witness(request) => {
                let found = Stranger {
                    made_up: example::is_made_up(statement, scope),
                    statement: statement.index,
                    request: *request,
                };
                let paired = example::paired(&found, statement, scope).filter(is_shown);
                Public::Witness(Box::new(abroad(paired.unwrap_or(found))))
            }
        }
    }
}

fn names_every_provider(statement: &Statement) -> bool {
    let element = statement.principal.as_ref().filter(|element| !element.negated && statement.allows());
    let entries = element.into_iter().flat_map(|element| &element.entries);
    let mut of_providers = entries.filter(|entry| entry.kind == PrincipalType::Federated);
    of_providers.any(|entry| entry.values.items.iter().any(|value| value.known() == Some("*")))
}

/// The statement with every action in place of those that are not known; `None` if all are.
fn with_every_action(statement: &Statement) -> Option<Statement> {
    let mut widest = statement.clone();
    let element = widest.action.as_mut().filter(|element| !element.negated)?;
    let open = element.values.items.iter_mut().find(|value| value.is_hole())?;
    *open = Value::literal("*", open.span);
    Some(widest)
}

/// The statement with providers of some account in place of those of which only the account is not known; `None` if
/// there is none.
fn with_accounts(statement: &Statement) -> Option<Statement> {
    let mut known = statement.clone();
    let entries = known.principal.iter_mut().flat_map(|element| &mut element.entries);
    let values = entries.filter(|entry| entry.kind == PrincipalType::Federated);
    let mut any = false;
    for value in values.flat_map(|entry| &mut entry.values.items) {
        if let Some(arn) = in_an_account(value) {
            *value = Value::literal(arn, value.span);
            any = true;
        }
    }
    any.then_some(known)
}

/// The statement with everyone in place of the principals that may be so; `None` if there is none.
fn with_everyone(statement: &Statement) -> Option<Statement> {
    let mut widest = statement.clone();
    let element = widest.principal.as_mut()?;
    // A service is not the public, whichever it is; a provider may sign in anyone.
    let may_be_anyone = |entry: &PrincipalEntry| match entry.kind {
        PrincipalType::Service => false,
        PrincipalType::Aws => entry.values.items.iter().any(may_be_any),
        PrincipalType::Federated => {
            let may_be = |value: &Value| {
                value.is_hole() && host_of(value).is_none() && protocol_of(value) != Some(Protocol::Saml)
            };
            entry.values.items.iter().any(may_be)
        }
        PrincipalType::CanonicalUser => entry.values.items.iter().any(Value::is_hole),
    };
    let mut entry = element.entries.iter().find(|entry| may_be_anyone(entry))?.clone();
    entry.kind = PrincipalType::Aws;
    entry.values.items = vec![Value::literal("*", entry.values.span)];
    element.entries.push(entry);
    Some(widest)
}

/// Whether a principal that is not known may be `*`. A text with a colon beside what is to be filled in is an ARN.
fn may_be_any(value: &Value) -> bool {
    value.hole.as_ref().is_some_and(|hole| {
        let is_arn = !hole.is_function && value.text.replace(&*hole.label, "").contains(':');
        hole.may_be_any() && !is_arn
    })
}

/// Whether the evaluator lets a request through, however what AWS leaves open is read.
fn lets(statements: &[&Statement], request: &Request, scope: Scope<'_>) -> Option<bool> {
    let asked = Asked::new(request);
    let mut answers = Reading::all(statements.iter().copied(), scope.kind).into_iter().map(|(reading, _)| {
        let replays: Vec<Replay<'_>> =
            statements.iter().map(|one| Replay::read(one, scope, reading)).collect();
        allows(&replays, &asked)
    });
    let first = answers.next()?;
    first.filter(|_| answers.all(|answer| answer == first))
}

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

/// Whether a condition of a statement or a Deny of its policy keeps out everyone whom no one chose, whoever is named.
pub fn is_held(statement: &Statement, document: &Document) -> bool {
    pinned(statement, document.kind).is_some()
        || taken_back(&denies(&document.policy), statement, document.kind).is_some()
}

/// The statements of a policy that deny something, or may: what the statements for everyone have to be
/// held against. Found once for all of them.
pub fn denies(policy: &Policy) -> Vec<&Statement> {
    policy.statements.iter().filter(|statement| !statement.allows()).collect()
}

/// One of `denies` that takes the statement back from everyone whom no one chose: it covers the
/// same actions and resources for all principals, or for all but some, and each of its tests spares
/// chosen callers only.
pub fn taken_back<'p>(denies: &[&'p Statement], statement: &Statement, kind: Kind) -> Option<&'p Statement> {
    // As with examples: one statement is looked at against a limited number of others.
    denies.iter().copied().filter(|other| other.denies()).take(MOST).find(|deny| {
        deny.is_complete()
            && !deny.has_unknown_condition()
            && deny.conditions.iter().all(|test| no_value(test).is_none())
            && (denies_all_others(deny) || names_all_of(deny, statement))
            && covers_actions(deny, statement)
            && covers_resources(deny, statement)
            && deny.conditions.iter().all(|test| spares_chosen(test, deny, kind))
    })
}

/// Whether a Deny names everyone whom a statement names.
fn names_all_of(deny: &Statement, statement: &Statement) -> bool {
    let (Some(denied), Some(allowed)) = (&deny.principal, &statement.principal) else { return false };
    let named: Vec<Principal> = denied.principals().map(|(principal, _)| principal).collect();
    !denied.negated
        && !allowed.negated
        && allowed
            .principals()
            .all(|(principal, _)| !matches!(principal, Principal::Hole(..)) && named.contains(&principal))
}

fn denies_all_others(deny: &Statement) -> bool {
    let Some(element) = &deny.principal else { return false };
    let names_everyone = element.entries.iter().any(|entry| {
        entry.kind == PrincipalType::Aws && entry.values.items.iter().any(|value| value.text == "*")
    });
    let has_hole = element.principals().any(|(principal, _)| matches!(principal, Principal::Hole(..)));
    element.negated != names_everyone && !(element.negated && has_hole)
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
    let Some(positive) = positive(test.operator.kind).filter(|kind| *kind != test.operator.kind) else {
        return false;
    };
    let mut opposite = test.clone();
    // An absent key is denied, with and without `IfExists`.
    opposite.operator = Operator { set: None, kind: positive, if_exists: false };
    hold(&opposite, deny, kind) == Hold::Fixed || fixes_token(&opposite, deny.variables) == Fixes::Yes
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
