//! What a policy is asked by itself: whether it keeps to what a second one allows, or away from it.
//!
//! The first two are IAM Access Analyzer's custom policy checks `CheckNoNewAccess`, against a reference, and
//! `CheckAccessNotGranted`.

use super::cover::Scope;
use super::plausible::likely;
use super::request::Request;
use super::space::{Engine, Requests};
use crate::document::Document;
use crate::policy::{PrincipalElement, PrincipalEntry, PrincipalType, Statement, Value, Values};

/// What is asked.
#[derive(Clone, Copy, Debug)]
pub enum Question<'d> {
    /// Whether all that the policy allows is allowed by this one.
    Allowed(&'d Document),
    /// Whether nothing that the policy allows is allowed by this one.
    Forbidden(&'d Document),
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
    /// What would have come of it for the old policy.
    pub before: Outcome,
    /// Requests that show that it failed, one for each statement that grants such.
    pub requests: Vec<Request>,
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
        match (found.requests.is_empty(), found.unproved.is_empty()) {
            (false, _) => Outcome::Failed,
            (true, false) => Outcome::Undecided,
            (true, true) => Outcome::Passed,
        }
    }
}

impl Question<'_> {
    /// Asks it of a policy, and of its old version.
    pub fn ask(self, old: &Document, new: &Document) -> Check {
        let found = self.found(new);
        let (name, path) = match self {
            Question::Allowed(document) => ("allowed", document.source().name()),
            Question::Forbidden(document) => ("forbidden", document.source().name()),
        };
        Check {
            name,
            path: Some(path.to_owned()),
            outcome: Outcome::of(&found),
            before: Outcome::of(&self.found(old)),
            requests: found.requests,
            unproved: found.unproved,
            assumptions: found.assumptions,
        }
    }

    fn found(self, policy: &Document) -> Requests {
        let scope = Scope { kind: policy.kind, resource: policy.resource.as_deref() };
        let ours = &policy.policy.statements;
        let (Question::Allowed(document) | Question::Forbidden(document)) = self;
        let theirs = statements(document, scope);
        let engine = Engine::new(scope);
        let (mut found, both) = match self {
            Question::Allowed(_) => (engine.beyond(ours, &theirs), false),
            Question::Forbidden(_) => (engine.common(ours, &theirs), true),
        };
        let own = |request| likely(request, ours, &theirs, both, scope);
        found.requests = found.requests.into_iter().map(own).collect();
        found
    }
}

/// The statements of a policy that others are held against. If none of them says whom it is about, each
/// is about everyone: a list of actions that nobody may do holds for policies of every kind.
fn statements(document: &Document, scope: Scope<'_>) -> Vec<Statement> {
    let mut statements = document.policy.statements.clone();
    if scope.kind.names_principal() && !names_principal(document) {
        for statement in &mut statements {
            statement.principal = Some(everyone(statement));
        }
    }
    statements
}

/// Whether a statement of the policy says whom it is about.
pub fn names_principal(document: &Document) -> bool {
    document.policy.statements.iter().any(|statement| statement.principal.is_some())
}

fn everyone(statement: &Statement) -> PrincipalElement {
    let span = statement.span;
    let any = Value { text: "*".to_owned(), span, opaque: false };
    let values = Values { items: vec![any], list: false, span };
    let entry = PrincipalEntry { kind: PrincipalType::Aws, key: None, values };
    PrincipalElement { key: span, negated: false, span, entries: vec![entry] }
}
