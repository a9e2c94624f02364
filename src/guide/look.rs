//! How one document of a step stands to what an account holds.

mod key;
mod role;
mod settings;
mod trail;

use serde_json::Value as Json;

pub(super) use settings::DESTINATIONS;
pub(super) use trail::{left_out, log_prefix, wrong_prefix};

use super::accounts::{Accounts, Found};
use super::shell::quoted;
use super::things::{ThingKind, parameter};
use super::{Setup, reads};
use crate::apply::{self, Applied, Request};
use crate::document::{Document, Hints, open};
use crate::kind::Kind;
use crate::merge::Outcome;
use crate::policy::{Statement, TestKind, Value};
use crate::source::Source;
use crate::steps::{Derivation, Step, StepDocument};

/// The rule that finds a policy too long.
const QUOTA: &str = "quota-exceeded";

/// How a step stands, the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// Something is there that is not what the step asks for.
    Different,
    /// It is not there.
    Missing,
    /// It was not, or could not be, looked at.
    CannotTell,
    /// It is there, and wider than the step.
    Wider,
    /// It is there.
    Done,
    /// Nothing that polmerge could see.
    ByHand,
}

impl State {
    /// The name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            State::Done => "done",
            State::Wider => "wider",
            State::Different => "different",
            State::Missing => "missing",
            State::CannotTell => "cannot-tell",
            State::ByHand => "by-hand",
        }
    }

    /// The name for a person.
    pub fn words(self) -> &'static str {
        match self {
            State::Wider => "done, wider",
            State::CannotTell => "unknown",
            State::ByHand => "by hand",
            other => other.name(),
        }
    }
}

/// A file that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LookedAt {
    /// The account.
    pub account: String,
    /// The file.
    pub file: String,
    /// When it was collected, if that is known.
    pub collected: Option<String>,
}

/// What would change in an answer.
#[derive(Clone, Debug)]
pub struct Diff {
    /// The file.
    pub name: String,
    /// As it is.
    pub old: String,
    /// As it would be.
    pub new: String,
}

/// What was seen of one document in one account.
#[derive(Clone, Debug)]
pub struct Look {
    /// How it stands.
    pub state: State,
    /// Why.
    pub detail: String,
    /// What was looked at.
    pub looked_at: Vec<LookedAt>,
    /// What would change.
    pub diff: Option<Diff>,
    /// What its put command would take, where there is something to put.
    pub put: Option<String>,
    /// Whether something is in the way that no plan can do, whatever the state.
    pub is_in_way: bool,
    /// The commands with which a person can do what no plan does.
    pub commands: Vec<String>,
    /// The account to be collected where that is another one than was looked at.
    pub collect_in: Option<String>,
}

impl Look {
    fn new(state: State, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        Look {
            state,
            detail,
            looked_at: Vec::new(),
            diff: None,
            put: None,
            is_in_way: false,
            commands: Vec::new(),
            collect_in: None,
        }
    }
}

/// One look: the set-up, the step, the account, the answers.
pub(super) struct Looking<'a> {
    pub(super) setup: &'a Setup<'a>,
    pub(super) step: &'a Step,
    pub(super) document: &'a StepDocument,
    pub(super) account: &'a str,
    pub(super) accounts: &'a Accounts,
}

impl Looking<'_> {
    /// How the document stands, where all that its step was collected for could be read.
    pub(super) fn look(&self) -> Look {
        let look = self.look_at_answers();
        match self.unread().filter(|_| matches!(look.state, State::Done | State::Wider)) {
            Some(why) => Look { looked_at: look.looked_at, ..Look::new(State::CannotTell, why) },
            None => look,
        }
    }

    /// Why an answer that the step is judged by does not count in this account.
    fn unread(&self) -> Option<String> {
        let place = self.setup.place_of(self.account).map(|place| place.name.as_str());
        let is_here = |read: &&reads::Read<'_>| match read.place {
            reads::Where::In(own) => Some(own) == place,
            reads::Where::Every => true,
        };
        let reads = self.setup.reads().iter().filter(|read| read.is_for(Some(&self.step.name)));
        reads.filter(is_here).find_map(|read| match self.accounts.found(self.account, read) {
            Found::Failed(why) => Some(format!("{} could not be read: {why}", read.words().0)),
            Found::OfOther(why) => Some(why),
            // A boundary may take everything back.
            _ if read.what == reads::What::Role => match self.accounts.element(self.account, read, 1) {
                Found::Failed(why) => {
                    Some(format!("the role's permissions boundary could not be read: {why}"))
                }
                _ => None,
            },
            _ => None,
        })
    }

    /// How the document stands by the answers that are about it.
    fn look_at_answers(&self) -> Look {
        if let Some(look) = self.other_role().or_else(|| self.key()).or_else(|| self.new_key()) {
            return look;
        }
        let mut best: Option<Look> = None;
        for variant in self.variants() {
            let look = match (&self.document.settings, self.document.policy_kind()) {
                (Some(_), _) => self.settings(variant),
                (None, Some(Kind::Identity)) => self.role_policies(variant),
                (None, Some(kind)) => self.policy(kind, variant),
                (None, None) => Look::new(State::CannotTell, "nothing to look at"),
            };
            let settled = matches!(look.state, State::Done | State::Wider);
            let is_policy = self.document.settings.is_none();
            // Another form of settings may keep out of the way of what is there.
            let fits =
                !is_policy && look.put.is_some() && best.as_ref().is_some_and(|best| best.put.is_none());
            let in_way = !is_policy && !settled && look.put.is_none();
            if let Some(best) = best.as_mut().filter(|best| in_way && best.put.is_none()) {
                // What is in the way of every form, the narrowest of which comes last.
                best.state = look.state;
                best.detail = look.detail;
                best.collect_in = look.collect_in;
                continue;
            }
            if best.is_none() || settled || fits {
                let named = variant.filter(|_| settled && is_policy && best.is_some());
                let detail = named.map(|variant| format!("{}, variant {variant}", look.detail));
                best = Some(Look { detail: detail.unwrap_or_else(|| look.detail.clone()), ..look });
            }
            if settled {
                break;
            }
        }
        best.unwrap_or_else(|| Look::new(State::CannotTell, "nothing to look at"))
    }

    /// How the policy of a key stands that is yet to be created.
    fn new_key(&self) -> Option<Look> {
        let key = self.setup.new_key(self.document.resource.as_deref()?)?;
        if self.document.kind != "kms" {
            return None;
        }
        let (name, alias) = (key.parameter, &key.create.alias);
        if key.exists {
            let detail = format!(
                "the key `alias/{alias}` exists, but its policy was not collected: set {name} to `{}`, then run \
                 `guide collect` again",
                key.arn
            );
            return Some(Look::new(State::CannotTell, detail));
        }
        let read = self.setup.read(reads::What::Alias, key.parameter)?;
        Some(match self.accounts.found(self.account, read) {
            found @ (Found::Failed(_) | Found::OfOther(_) | Found::NotCollected) => {
                self.without_answer(found, read)
            }
            _ => Look::new(State::Missing, format!("there is no value for {name}: the plan creates the key")),
        })
    }

    /// How it stands where a role that it is about, or that it names, has another path than the value: what names
    /// a role that does not exist grants nothing.
    fn other_role(&self) -> Option<Look> {
        let (setup, accounts) = (self.setup, self.accounts);
        if let Some(parameter) = self.document.role.as_deref()
            && let Some(role) = setup.other_role(accounts, self.account, parameter)
        {
            let path = Derivation::PathOf(parameter.to_owned()).of(setup.value(parameter)?)?;
            // Of the accounts that the guide names, the one that owns the role says which path is right.
            let to_do = match setup.place_of(self.account) {
                Some(place) if place.owns.iter().any(|own| own == parameter) => {
                    format!("; if that is the right one, set {parameter} to it")
                }
                Some(_) => String::new(),
                None => "; an account has one role of a name: if nothing needs this one, delete it and collect again"
                    .to_owned(),
            };
            let detail = format!("the role is `{}`, the value has path `{path}`{to_do}", role.arn);
            return Some(Look { is_in_way: true, ..Look::new(State::Different, detail) });
        }
        let text = self.document.texts(None).concat();
        let named = setup.other_roles(accounts).into_iter().find(|role| text.contains(&role.parameter))?;
        Some(Look::new(
            State::Different,
            format!(
                "it would name a role that does not exist: the role is `{}`, not {}",
                named.arn, named.parameter
            ),
        ))
    }

    /// The variants that will do here, the one to be put first.
    fn variants(&self) -> Vec<Option<&str>> {
        let first = self.setup.variant(self.document, self.account);
        let known = |name: &str| self.setup.value(name).is_some_and(|value| !value.is_empty());
        // A value that is given is not left out.
        let with = first.and_then(|name| self.document.variants.get(name)?.with.as_deref());
        let others = self.document.variants.iter().filter(|(_, variant)| variant.done);
        let others = others.filter(|(_, variant)| with.is_none() || variant.with.as_deref() == with);
        let others = others.filter(|(_, variant)| variant.with.as_deref().is_none_or(known));
        let others = others.map(|(name, _)| Some(name.as_str())).filter(|name| *name != first);
        std::iter::once(first).chain(others).collect()
    }

    /// What the thing is called that the document is attached to.
    fn thing(&self) -> &'static str {
        let kind = parameter(self.document).and_then(|parameter| self.setup.kind_of(parameter));
        kind.map_or("thing", ThingKind::word)
    }

    fn looked_at(&self, file: &str) -> LookedAt {
        LookedAt {
            account: self.account.to_owned(),
            file: self.accounts.path(self.account, file),
            collected: self.accounts.collected(self.account).map(str::to_owned),
        }
    }

    /// What is to be said where there is no answer to a read.
    fn without_answer(&self, found: Found, read: &reads::Read<'_>) -> Look {
        let (words, is_plural) = read.words();
        self.unknown(found, (&words, is_plural))
    }

    /// What is to be said where there is no answer about something, which may be several things.
    fn unknown(&self, found: Found, (what, is_plural): (&str, bool)) -> Look {
        let was = if is_plural { "were" } else { "was" };
        let why = match found {
            Found::Failed(why) => format!("{what} could not be read: {why}"),
            Found::OfOther(why) => why,
            _ => format!("{what} {was} not collected"),
        };
        Look::new(State::CannotTell, why)
    }

    fn policy(&self, kind: Kind, variant: Option<&str>) -> Look {
        let Some(read) = self.setup.read_of(self.document) else {
            return Look::new(State::CannotTell, "nothing to look at");
        };
        let thing = self.thing();
        if let Some(look) = self.trail() {
            return look;
        }
        let file = format!("{}.json", read.name);
        let text = match self.accounts.found(self.account, read) {
            Found::Answer(text) => text,
            Found::Absent => {
                let mut look = Look::new(State::Missing, format!("the {thing} does not exist"));
                look.looked_at = vec![self.looked_at(&file)];
                return look;
            }
            other => return self.without_answer(other, read),
        };
        let mut look = match self.applied(&file, &text, kind, variant) {
            Ok(applied) => self.judged(&applied),
            Err(why) => Look::new(State::CannotTell, why),
        };
        if let Some(others) = self.other_keys() {
            look.detail = format!("{}; {others}", look.detail);
        }
        look.looked_at = vec![self.looked_at(&file)];
        look
    }

    /// The step applied to an answer.
    fn applied(&self, file: &str, text: &str, kind: Kind, variant: Option<&str>) -> Result<Applied, String> {
        let setup = self.setup;
        let resource = self.document.resource.as_deref().and_then(|name| setup.value(name));
        let source = Source::new(self.accounts.path(self.account, file), text);
        let hints = Hints { resource: resource.map(str::to_owned), ..Hints::default() };
        let found = open(source, &hints).documents.into_iter();
        // An identity policy of a role stands in an answer of its own.
        let mut found: Vec<Document> =
            found.filter(|document| document.kind == kind || kind == Kind::Identity).collect();
        let Some(mut document) = found.pop().filter(|_| found.is_empty()) else {
            return Err(format!("{file} holds no {}", kind.title()));
        };
        document.kind = kind;
        let addition = apply::addition(setup.packs, (setup.pack, self.step), kind, variant, &setup.values)
            .map_err(|error| error.to_string())?
            .map_err(|missing| {
                let names: Vec<&str> = missing.iter().map(|missing| missing.token.as_str()).collect();
                format!("there is no value for {}", names.join(", "))
            })?;
        let request = Request { additions: vec![addition], ..Request::default() };
        apply::apply(&document, setup.packs, &request).map_err(|error| format!("{file}: {error}"))
    }

    /// How one policy stands, by what the merge decided.
    fn judged(&self, applied: &Applied) -> Look {
        let decisions = &applied.merge.decisions;
        let there = |outcome: Outcome| matches!(outcome, Outcome::AlreadyThere | Outcome::Covered);
        let present = decisions.iter().filter(|decision| there(decision.outcome)).count();
        let statement = |index: &usize| applied.before.policy.statements.get(*index);
        let mut look = if let Some(decision) = decisions
            .iter()
            .find(|decision| matches!(decision.outcome, Outcome::Conflict | Outcome::Ineffective))
        {
            // What denies a statement, before what it is the same as.
            let by = decision.cut_by.iter().map(|cut| &cut.index).chain(&decision.by).find_map(statement);
            let by = by.map(Statement::name).unwrap_or_default();
            Look::new(
                State::Different,
                match decision.outcome {
                    Outcome::Conflict => format!("{by} has the step's Sid but is different"),
                    _ => format!("{by} denies all of it"),
                },
            )
        } else if present == 0 {
            let what = match applied.before.kind {
                Kind::Trust => "trust",
                kind => kind.thing(),
            };
            Look::new(
                State::Missing,
                match decisions.len() {
                    1 => format!("the {what} policy does not have the step's statement"),
                    several => format!("the {what} policy has none of the step's {several} statements"),
                },
            )
        } else if present < decisions.len() {
            Look::new(
                State::Different,
                format!("the policy has only {present} of the step's {} statements", decisions.len()),
            )
        } else if let Some(decision) = decisions.iter().find(|decision| decision.outcome == Outcome::Covered)
        {
            let by = decision.by.iter().find_map(statement);
            Look::new(State::Wider, by.map(|by| wider(by, &decision.new.statement)).unwrap_or_default())
        } else {
            let names: Vec<String> = decisions
                .iter()
                .filter_map(|decision| decision.by.iter().find_map(statement))
                .map(Statement::name)
                .collect();
            Look::new(State::Done, names.join(", "))
        };
        let cuts = decisions.iter().flat_map(|decision| &decision.cut_by);
        let cut = cuts.filter_map(|cut| statement(&cut.index)).find(|deny| !is_of_insecure_requests(deny));
        if let Some(deny) = cut.filter(|_| look.state != State::Different) {
            look = Look::new(State::Different, format!("{} denies part of it, or may", deny.name()));
        }
        if applied.changes() {
            let name = applied.before.source().name().to_owned();
            look.diff = Some(Diff { name, old: laid_out(&applied.before), new: laid_out(&applied.after) });
            if matches!(applied.verdict, apply::Verdict::Changed) {
                look.put = Some(applied.after.bare());
            } else if let Some(why) = applied.refusals.first() {
                // What could be allowed to polmerge, AWS would refuse.
                let why = why.split("; --allow ").next().unwrap_or(why);
                look.detail = format!("{}, and it cannot be added: {why}", look.detail);
                if why.contains(QUOTA) {
                    look.commands
                        .push(format!("polmerge compact {}", quoted(applied.before.source().name())));
                }
            }
        }
        look
    }
}

impl Setup<'_> {
    /// The form of a document that is to be put in an account: a variant, or the document as it is.
    pub(super) fn variant<'d>(&self, document: &'d StepDocument, account: &str) -> Option<&'d str> {
        let place = self.place_of(account).map(|place| place.name.as_str());
        let outside = |variant: &crate::steps::Variant| {
            !variant.outside.is_empty() && !variant.outside.iter().any(|name| Some(name.as_str()) == place)
        };
        let given = |variant: &crate::steps::Variant| {
            variant.with.as_deref().is_some_and(|parameter| self.is_given(parameter))
        };
        let mut variants = document.variants.iter();
        variants.find(|(_, variant)| outside(variant) || given(variant)).map(|(name, _)| name.as_str())
    }
}

/// Whether a statement is about requests without TLS alone, which neither AWS nor a vendor sends.
fn is_of_insecure_requests(statement: &Statement) -> bool {
    statement.conditions.iter().any(|test| {
        let operator = &test.operator;
        let is_false = |value: &Value| value.known().is_some_and(|text| text.eq_ignore_ascii_case("false"));
        test.key.eq_ignore_ascii_case("aws:SecureTransport")
            && !test.unknown_key
            && (operator.kind, operator.if_exists, operator.set) == (TestKind::Bool, false, None)
            && !test.values.items.is_empty()
            && test.values.items.iter().all(is_false)
    })
}

/// What the step has and the statement that is there does not ask for.
fn wider(there: &Statement, new: &Statement) -> String {
    let asked = |key: &str| there.conditions.iter().any(|test| test.key.eq_ignore_ascii_case(key));
    let lacking: Vec<&str> =
        new.conditions.iter().map(|test| test.key.as_str()).filter(|key| !asked(key)).collect();
    match lacking.is_empty() {
        true => format!("{} is wider than the step", there.name()),
        false => format!("the step also requires {}", lacking.join(", ")),
    }
}

/// A policy as it would be laid out.
fn laid_out(document: &Document) -> String {
    if document.is_absent() {
        return String::new();
    }
    let text = document.tree.span.slice(document.text());
    serde_json::from_str::<Json>(text).map_or_else(|_| text.to_owned(), |value| format!("{value:#}\n"))
}
