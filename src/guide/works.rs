//! Would it work? Asked of the policies that were collected, request by request.

use super::accounts::{Accounts, Found};
use super::check::Row;
use super::key_state::KeyState;
use super::look::State;
use super::reads::What;
use super::things::ThingKind;
use super::{Setup, things};
use crate::analyze::decide::{Layer, Policies, Verdict, decide, fit};
use crate::analyze::evaluate::Prepared;
use crate::analyze::request::{Caller, ContextValue, Request};
use crate::document::{Hints, open, open_policy};
use crate::kind::Kind;
use crate::placeholder;
use crate::policy::Arn;
use crate::source::Source;
use crate::steps::StepDocument;
use crate::steps::guide::{Asked, CallerIs, Question};

/// Whether something works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It does.
    Yes,
    /// A step that is still to be done keeps it from working.
    NotYet,
    /// It does not, or works where it must not.
    No,
    /// A policy that has a say was not collected.
    CannotTell,
}

impl Answer {
    /// The name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Answer::Yes => "yes",
            Answer::NotYet => "not-yet",
            Answer::No => "no",
            Answer::CannotTell => "cannot-tell",
        }
    }

    /// The name for a person.
    pub fn words(self) -> &'static str {
        match self {
            Answer::NotYet => "not yet",
            Answer::CannotTell => "unknown",
            other => other.name(),
        }
    }
}

/// One thing that must work.
#[derive(Clone, Debug)]
pub struct Works {
    /// Whether it does.
    pub answer: Answer,
    /// What must work.
    pub question: String,
    /// Why it does not, or why that is not known, with the steps by number.
    pub why: Option<String>,
}

impl Works {
    fn new(answer: Answer, question: impl Into<String>, why: Option<String>) -> Self {
        Works { answer, question: question.into(), why }
    }

    /// What, and why not.
    pub fn text(&self) -> String {
        match &self.why {
            Some(why) if why.starts_with('(') => format!("{} {why}", self.question),
            Some(why) => format!("{}: {why}", self.question),
            None => self.question.clone(),
        }
    }
}

pub(super) fn works(setup: &Setup<'_>, accounts: &Accounts, rows: &[Row]) -> Vec<Works> {
    let asking = Asking { setup, accounts, rows };
    setup.guide.works.iter().filter_map(|question| asking.answer(question)).collect()
}

struct Asking<'a> {
    setup: &'a Setup<'a>,
    accounts: &'a Accounts,
    rows: &'a [Row],
}

/// What is known of some requests.
enum Known {
    /// All of them are allowed.
    Allowed,
    /// One is not; where it is one policy that does not, which.
    Denied(Option<String>),
    /// It depends on a policy that is not known.
    Unknown(String),
}

/// A policy, as far as it is known.
struct Policy {
    /// `None` where it is not known.
    prepared: Option<Prepared>,
    /// What it is the policy of, and the number of its step.
    thing: &'static str,
    number: usize,
    /// The state of the key, where it is one.
    key: Option<KeyState>,
}

impl Asking<'_> {
    /// `None` where a value is missing that the question is about.
    fn answer(&self, question: &Question) -> Option<Works> {
        let text = self.filled(&question.text, "")?;
        let numbers: Vec<String> =
            question.steps.iter().map(|step| self.setup.number(step).to_string()).collect();
        let numbers = numbers.join(", ");
        if question.requests.is_empty() {
            return Some(self.by_rows(question, text));
        }
        let never = match &question.never {
            Some(never) => Some((self.known(&never.requests, question, Known::is_allowed)?, &never.text)),
            None => None,
        };
        if let Some((Some(_), text)) = never {
            return Some(Works::new(Answer::No, text, Some(format!("({numbers})"))));
        }
        let unmet = |known: &Known| !known.is_allowed();
        let denied = |known: &Known| matches!(known, Known::Denied(_));
        let worst = match self.known(&question.requests, question, denied)? {
            Some(denied) => Some(denied),
            None => self.known(&question.requests, question, unmet)?,
        };
        Some(match worst {
            None | Some(Known::Allowed) => Works::new(Answer::Yes, text, None),
            Some(Known::Denied(why)) => {
                let why = why.unwrap_or_else(|| format!("({numbers})"));
                Works::new(self.lacks(question), text, Some(why))
            }
            Some(Known::Unknown(why)) => Works::new(Answer::CannotTell, text, Some(why)),
        })
    }

    /// Settings are no policies: what was found of them decides.
    fn by_rows(&self, question: &Question, text: String) -> Works {
        let (mut open, mut unknown, mut done) = (Vec::new(), Vec::new(), Vec::new());
        for step in &question.steps {
            let Some(row) = self.rows.iter().find(|row| row.step == *step) else { continue };
            let (what, number) = (&row.title, self.setup.number(step));
            match row.state {
                State::Done | State::Wider | State::ByHand => done.push(what.clone()),
                State::CannotTell => unknown.push(format!("the {what} ({number})")),
                State::Missing => open.push(format!("no {what} ({number})")),
                State::Different => open.push(format!("the {what} ({number}) is not as it should be")),
            }
        }
        match (open.is_empty(), unknown.is_empty()) {
            (false, _) => Works::new(Answer::NotYet, text, Some(open.join(", "))),
            (true, false) => Works::new(Answer::CannotTell, text, Some(unknown.join(", "))),
            (true, true) => Works::new(Answer::Yes, format!("{text}, by {}", done.join(" and ")), None),
        }
    }

    /// What the question's steps give is lacking: not yet, or where all of them are done, not at all.
    fn lacks(&self, question: &Question) -> Answer {
        let open = question.steps.iter().any(|step| {
            let row = self.rows.iter().find(|row| row.step == *step);
            row.is_some_and(|row| matches!(row.state, State::Missing | State::Different))
        });
        if open { Answer::NotYet } else { Answer::No }
    }

    /// The first of some requests of which that is known; the outer `None` where a value is missing.
    fn known(
        &self,
        all: &[Asked],
        question: &Question,
        wanted: impl Fn(&Known) -> bool,
    ) -> Option<Option<Known>> {
        for asked in all {
            for action in &asked.actions {
                let known = self.one(asked, action, question)?;
                if wanted(&known) {
                    return Some(Some(known));
                }
            }
        }
        Some(None)
    }

    fn one(&self, asked: &Asked, action: &str, question: &Question) -> Option<Known> {
        let resource = self.filled(&asked.resource, "")?;
        let caller = match &asked.caller {
            CallerIs::Service(service) => Caller::Service(service.clone()),
            CallerIs::Role(role) => {
                let given = self.setup.value(role)?;
                let others = self.setup.other_roles(self.accounts);
                let other = others.into_iter().find(|other| other.parameter == *role);
                Caller::Aws(other.map_or_else(|| given.to_owned(), |other| other.arn))
            }
            CallerIs::Principal(arn) => Caller::Aws(arn.clone()),
        };
        let mut request = Request {
            principal: Some(caller),
            action: action.to_owned(),
            resource: resource.clone(),
            resource_account: match &asked.resource_account {
                Some(account) => Some(self.filled(account, "")?),
                None => None,
            },
            ..Request::default()
        };
        for (key, value) in &asked.context {
            request.context.insert(key, ContextValue::One(self.filled(value, &resource)?));
        }
        let policy = match &asked.policy {
            Some(name) => Some(self.policy(name)?),
            None => None,
        };
        if let Some(Policy { key: Some(ref state), number, .. }) = policy {
            match state {
                KeyState::Usable => {}
                KeyState::Unusable(fault) => {
                    return Some(Known::Denied(Some(format!("the key is {} ({number})", fault.is))));
                }
                KeyState::Unknown(why) => return Some(Known::Unknown(format!("{why} ({number})"))),
            }
        }
        let resource = match policy {
            Some(Policy { prepared: None, thing, number, .. }) => {
                return Some(Known::Unknown(format!("the {thing}'s policy is not known ({number})")));
            }
            Some(Policy { ref prepared, .. }) => prepared.clone(),
            None => None,
        };
        // What the vendor's own account decides is taken to be a yes.
        let (identity, known) = match &asked.caller {
            CallerIs::Service(_) => (Vec::new(), true),
            CallerIs::Principal(_) => (anything(), true),
            CallerIs::Role(role) => match self.role(role) {
                Some(policies) => (policies, true),
                None => (anything(), false),
            },
        };
        let limited = match &asked.caller {
            CallerIs::Role(role) => self.boundary(role),
            _ => None,
        };
        let mut policies = Policies { identity, resource, ..Policies::default() };
        let without_boundary = decide(&policies, &request).verdict == Verdict::Allowed;
        policies.boundary.extend(limited.as_ref().and_then(|(_, policy)| policy.clone()));
        let verdict = decide(&policies, &request).verdict;
        let allowed = verdict == Verdict::Allowed;
        let numbers: Vec<String> = question
            .steps
            .iter()
            .map(|step| self.setup.number(step))
            .filter(|number| policy.as_ref().is_none_or(|policy| policy.number != *number))
            .map(|number| number.to_string())
            .collect();
        let own = match &limited {
            Some((boundary, None)) => format!(
                "the role has the permissions boundary `{boundary}`, which was not collected: print the script of `guide \
                 collect` again, and run it"
            ),
            _ => "the role's policies are not known".to_owned(),
        };
        if let Some((boundary, Some(_))) = &limited
            && known
            && without_boundary
            && !allowed
        {
            let why = format!("the role's permissions boundary `{boundary}` does not allow it");
            return Some(match verdict {
                Verdict::Undecided => Known::Unknown(format!("{why}, or may not")),
                _ => Known::Denied(Some(why)),
            });
        }
        let known = known && !matches!(limited, Some((_, None)));
        let own = format!("{own} ({})", numbers.join(", "));
        Some(match (allowed, known, policy) {
            (true, true, _) => Known::Allowed,
            (false, true, _) | (false, false, None) => Known::Denied(None),
            (true, false, _) => Known::Unknown(own),
            (false, false, Some(Policy { thing, number, .. })) => {
                Known::Denied(Some(format!("the {thing} policy does not allow it ({number})")))
            }
        })
    }

    /// The policy of a step's document, given as `STEP/KIND`; `None` where a value or the document is missing.
    fn policy(&self, name: &str) -> Option<Policy> {
        let (step, kind) = name.split_once('/')?;
        let number = self.setup.number(step);
        let step = self.setup.pack.step(step)?;
        let document: &StepDocument = step.documents.iter().find(|document| document.kind == kind)?;
        let parameter = things::parameter(document)?;
        let thing = self.setup.kind_of(parameter).map_or("resource", ThingKind::word);
        let place = self.setup.owner(parameter).or_else(|| self.setup.place_of_step(step))?;
        let account = self.setup.id(place)?;
        let key = self.setup.key_state(self.accounts, parameter);
        let of = |prepared| Policy { prepared, thing, number, key };
        if let Some(new) = self.setup.new_key(parameter) {
            let alias = self.setup.read(What::Alias, parameter)?;
            if new.exists || self.accounts.found(account, alias) != Found::Absent {
                return Some(of(None));
            }
            let empty = "{\"Statement\":[]}".to_owned();
            let prepared = prepared("", empty, document.policy_kind()?, None);
            return Some(of(prepared));
        }
        let read = self.setup.read_of(document)?;
        let text = match self.accounts.found(account, read) {
            Found::Answer(text) => text,
            // What is not there says nothing.
            Found::Absent => "{\"Statement\":[]}".to_owned(),
            _ => return Some(of(None)),
        };
        Some(of(prepared(&read.name, text, document.policy_kind()?, self.setup.value(parameter))))
    }

    /// The policies of a role in its account; `None` unless all of them were collected.
    fn role(&self, role: &str) -> Option<Vec<Prepared>> {
        let account = things::account_of(self.setup.value(role)?)?;
        let mut policies = Vec::new();
        for what in [What::Inline, What::Attached] {
            for (file, text) in self.accounts.each(account, self.setup.read(what, role)?).ok()? {
                let document = open(Source::new(file, text), &Hints::default()).documents.pop()?;
                policies.push(fit(&document, Layer::Identity).ok()?);
            }
        }
        Some(policies)
    }

    /// The permissions boundary of a role in its account: its ARN, and what it allows, if that was collected.
    fn boundary(&self, role: &str) -> Option<(String, Option<Prepared>)> {
        let account = things::account_of(self.setup.value(role)?)?;
        let read = self.setup.read(What::Role, role)?;
        let answer = self.accounts.json(account, Some(read))?;
        let boundary = answer.pointer("/Role/PermissionsBoundary/PermissionsBoundaryArn")?.as_str()?;
        let policy = match self.accounts.element(account, read, 1) {
            Found::Answer(text) => {
                let document = open(Source::new("role-1.json", text), &Hints::default()).documents.pop();
                document.and_then(|document| fit(&document, Layer::Boundary).ok())
            }
            _ => None,
        };
        Some((boundary.to_owned(), policy))
    }

    /// A text with values for its placeholders, and the Region and account of a resource.
    fn filled(&self, text: &str, resource: &str) -> Option<String> {
        let mut out = placeholder::replace(text, |name| self.setup.value(name));
        if !placeholder::tokens(&out).is_empty() {
            return None;
        }
        if let Some(arn) = Arn::parse(resource) {
            out = out.replace("$REGION", arn.region).replace("$ACCOUNT", arn.account);
        }
        Some(out)
    }
}

impl Known {
    fn is_allowed(&self) -> bool {
        matches!(self, Known::Allowed)
    }
}

/// The policy in an answer; `None` where it is none that can be judged.
fn prepared(name: &str, text: String, kind: Kind, resource: Option<&str>) -> Option<Prepared> {
    let hints = Hints { resource: resource.map(str::to_owned), ..Hints::default() };
    let found = open(Source::new(name, text), &hints).documents;
    let mut document =
        found.into_iter().find(|document| document.kind == kind || document.policy.statements.is_empty())?;
    document.kind = kind;
    fit(&document, Layer::Resource).ok()
}

/// Policies that allow all that an identity can be allowed.
fn anything() -> Vec<Prepared> {
    let text = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
    let hints = Hints { kind: Some(Kind::Identity), ..Hints::default() };
    fit(&open_policy(Source::new("", text), &hints), Layer::Identity).into_iter().collect()
}
