//! What a policy is asked by itself: whether it keeps to what a second one allows, or away from it, and
//! whether it is public.
//!
//! IAM Access Analyzer has them as custom policy checks: `CheckNoNewAccess`, against a reference,
//! `CheckAccessNotGranted` and `CheckNoPublicAccess`.

use super::cover::Scope;
use super::plausible::Likely;
use super::public::{self, Public};
use super::request::Request;
use super::space::{Change, Engine, Requests, together};
use super::unread;
use crate::document::{Alternative, Document};
use crate::policy::{PrincipalElement, Statement};

/// What is asked.
#[derive(Clone, Copy, Debug)]
pub enum Question<'d> {
    /// Whether all that the policy allows is allowed by this one.
    Allowed(&'d Document),
    /// Whether nothing that the policy allows is allowed by this one.
    Forbidden(&'d Document),
    /// Whether the policy lets in no one but those whom somebody chose.
    Public,
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Yes: proved.
    Passed,
    /// No, and there are requests that show it.
    Failed,
    /// It is not known.
    Undecided,
}

/// A question with its answer.
#[derive(Clone, Debug)]
pub struct Check {
    /// What was asked, as the option is called.
    pub name: &'static str,
    /// The file of the second policy.
    pub path: Option<String>,
    /// What came of it.
    pub outcome: Outcome,
    /// What would have come of it for the old policy, where that can be asked of one policy.
    pub before: Option<Outcome>,
    /// Requests that show that it failed, one for each statement that grants such.
    pub requests: Vec<Request>,
    /// Why it failed, where no request shows it.
    pub reasons: Vec<String>,
    /// Why it is not known.
    pub unproved: Vec<String>,
    /// What was taken for granted.
    pub assumptions: Vec<String>,
}

impl Outcome {
    /// The name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Outcome::Passed => "passed",
            Outcome::Failed => "failed",
            Outcome::Undecided => "undecided",
        }
    }

    fn of(found: &Requests) -> Self {
        match (found.requests.is_empty() && found.reasons.is_empty(), found.unproved.is_empty()) {
            (false, _) => Outcome::Failed,
            (true, false) => Outcome::Undecided,
            (true, true) => Outcome::Passed,
        }
    }
}

impl Check {
    /// What a change of access comes to, of which each of `found` must be false; `None` is not known.
    pub fn of_change(name: &'static str, found: &[Option<bool>], change: &Change) -> Self {
        // One request that shows it settles it, whatever else is not known.
        let outcome = match found.contains(&Some(true)) {
            true => Outcome::Failed,
            false if found.contains(&None) => Outcome::Undecided,
            false => Outcome::Passed,
        };
        let unproved = if outcome == Outcome::Undecided { change.unproved.clone() } else { Vec::new() };
        Check {
            name,
            path: None,
            outcome,
            before: None,
            requests: Vec::new(),
            reasons: Vec::new(),
            unproved,
            assumptions: Vec::new(),
        }
    }

    /// Takes up that something is not read: that it passed is not known.
    pub(super) fn leave_open(&mut self, unread: &str) {
        if self.outcome == Outcome::Passed {
            self.outcome = Outcome::Undecided;
            self.unproved.push(unread.to_owned());
        }
    }

    /// Whether it is about the change, and not about the new policy: the report shows what of access has changed.
    pub fn is_of_change(&self) -> bool {
        self.before.is_none()
    }
}

impl Question<'_> {
    /// Asks it of a policy, and of its old version.
    pub fn ask(self, old: &Document, new: &Document) -> Check {
        let found = together(|| self.answer(new));
        let (name, path) = match self {
            Question::Allowed(document) => ("allowed", Some(document.source().name())),
            Question::Forbidden(document) => ("forbidden", Some(document.source().name())),
            Question::Public => ("public", None),
        };
        let outcome = Outcome::of(&found);
        let before = if is_same(old, new) { outcome } else { Outcome::of(&together(|| self.answer(old))) };
        Check {
            name,
            path: path.map(str::to_owned),
            outcome,
            before: Some(before),
            reasons: found.reasons,
            requests: found.requests,
            unproved: found.unproved,
            assumptions: found.assumptions,
        }
    }

    /// What is found, and what keeps the policy from being read.
    fn answer(self, policy: &Document) -> Requests {
        let mut found = self.found(policy);
        found.unproved.extend(unread::of_policy(policy));
        let rewritten = policy.rewritten_by().map(|label| format!("{label} may rewrite the policy"));
        if let Some(why) = rewritten.or_else(|| self.limit()?.doubt()) {
            // What is found now may be gone then.
            found.requests.clear();
            found.reasons.clear();
            found.unproved.push(why);
        }
        found
    }

    /// What the policy is held against.
    fn limit(&self) -> Option<&Document> {
        match self {
            Question::Allowed(document) | Question::Forbidden(document) => Some(document),
            Question::Public => None,
        }
    }

    /// What is found in one case of the policy's template is found.
    fn found(self, policy: &Document) -> Requests {
        if !policy.has_cases() {
            return self.found_in(policy);
        }
        let mut all = Requests::default();
        for Alternative { document, case, .. } in policy.alternatives() {
            let found = self.found_in(&document);
            let clause = case.clause().map(|clause| format!("{clause}: ")).unwrap_or_default();
            if let (Some(request), Some(clause)) = (found.requests.first(), case.clause()) {
                let what = format!("`{}` on `{}` is allowed", request.action, request.resource);
                all.assumptions.push(format!("{clause}, {what}"));
            }
            for request in found.requests {
                if !all.requests.contains(&request) {
                    all.requests.push(request);
                }
            }
            all.reasons.extend(found.reasons.into_iter().map(|why| format!("{clause}{why}")));
            all.unproved.extend(found.unproved.into_iter().map(|why| format!("{clause}{why}")));
            all.assumptions.extend(found.assumptions);
        }
        all
    }

    fn found_in(self, policy: &Document) -> Requests {
        let scope = Scope { kind: policy.kind, resource: policy.resource.as_deref() };
        let ours = &policy.policy.statements;
        let beside = |document: &Document, both: bool| {
            let (theirs, engine) = (
                statements(document, scope),
                Engine { decided: Some(policy.sure_kind()), to_limit: true, ..Engine::new(scope) },
            );
            let mut found = if both { engine.common(ours, &theirs) } else { engine.beyond(ours, &theirs) };
            let likely = Likely::new(ours, &theirs, scope);
            found.requests =
                found.requests.into_iter().map(|request| likely.made_of(request, both)).collect();
            // What it grants by itself is not allowed by what leaves it to the policies of an account.
            let direct = if both { Vec::new() } else { engine.beyond_directly(ours, &theirs) };
            for direct in direct {
                match direct.by_itself {
                    Some(true) => {
                        found.reasons.push(direct.reason());
                        found.requests.push(direct.request);
                    }
                    Some(false) => {}
                    None => found.unproved.extend(direct.open()),
                }
            }
            found
        };
        match self {
            Question::Allowed(document) => beside(document, false),
            Question::Forbidden(document) => beside(document, true),
            Question::Public => match public::answer(policy) {
                Public::Proved => Requests::default(),
                Public::ByS3(why) => Requests { reasons: vec![why], ..Requests::default() },
                Public::Witness(stranger) => {
                    Requests { requests: vec![stranger.request], ..Requests::default() }
                }
                Public::NotProved(why) => Requests { unproved: vec![why], ..Requests::default() },
            },
        }
    }
}

/// Whether both are the same policy of the same text.
fn is_same(old: &Document, new: &Document) -> bool {
    (old.kind, &old.resource, old.policy.span) == (new.kind, &new.resource, new.policy.span)
        && old.source().text() == new.source().text()
}

/// The statements of a policy that others are held against. If none of them says whom it is about, each
/// is about everyone: a list of actions that no one may do holds for policies of every kind.
fn statements(document: &Document, scope: Scope<'_>) -> Vec<Statement> {
    let mut statements = document.policy.statements.clone();
    if scope.kind.names_principal() && !names_principal(document) {
        for statement in &mut statements {
            statement.principal = Some(PrincipalElement::everyone(statement.span));
        }
    }
    statements
}

/// Whether a statement of the policy says whom it is about.
pub fn names_principal(document: &Document) -> bool {
    document.policy.statements.iter().any(|statement| statement.principal.is_some())
}
