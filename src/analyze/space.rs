//! What policies allow, as sets of requests: is one within the other, and if not, which request is new?
//!
//! Every statement is a box: one predicate each on the principal, the action, the resource and every
//! condition key. Whether a box lies within a union of boxes is decided dimension by dimension: each
//! coordinate of a dimension is in some set of statements, there are few such sets, and of them only
//! the smallest matter to somebody who looks for a way out. A search over combinations of sets then
//! finds a request outside, or there is none. Nothing is sampled: `Covered` is a proof, and a request
//! is shown only after the evaluator has looked at it. Should the two ever disagree, that is said.

mod addresses;
mod bits;
mod callers;
mod check;
mod clause;
mod effort;
mod fitting;
mod glob;
mod keys;
mod names;
mod numbers;
mod owners;
mod possible;
mod principals;
mod questions;
mod region;
mod roles;
mod search;
mod senders;
mod sets;
mod spare;
mod strings;
mod texts;
mod witness;

use std::cell::{OnceCell, RefCell};
use std::collections::{HashMap, HashSet, VecDeque};
use std::rc::Rc;

pub(super) use addresses::hold_most;
pub(super) use check::{reads_all, value_includes};
pub use effort::{Budget, Purse, is_spent, together};
use effort::{Effort, step};
pub use keys::is_in_every;
use keys::likely_values;
use names::Names;
pub use owners::NOT_ALWAYS;
pub use possible::contradiction;
pub use questions::{Change, Covering, Cutting, Redundancy, Relation, Requests};
use region::Region;
pub use roles::roles;
use search::{At, Outcome, uncovered};
pub use senders::follows_from_caller;
pub(super) use senders::{STRANGER, TYPES};
use witness::{All, Made, Making};

use crate::analyze::canonical::Canonical;
use crate::analyze::cover::Scope;
use crate::analyze::direct;
use crate::analyze::evaluate::Asked;
use crate::analyze::exception;
use crate::analyze::near::Near;
use crate::analyze::reading::{Reading, excepts_account};
use crate::analyze::replay::{Replay, allows};
use crate::analyze::request::{ContextValue, Request};
use crate::kind::Kind;
use crate::policy::{Arn, PARTITIONS, Statement, Value, is_account_id};

/// From how many statements on they are looked for by their resources and principals.
const MANY: usize = 64;

/// The steps of putting a question, besides those of its search.
const A_QUESTION: usize = 400;
/// The steps of each statement that may cover what it asks about.
const A_COVERING: usize = 4;
/// The steps of asking the evaluator about a statement.
const A_REPLAY: usize = 8;

/// When a principal counts as covered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notion {
    /// An entry for an account covers every principal of the account.
    Access,
    /// An entry for an account lets the account's own policies decide; to grant to a principal itself,
    /// an entry must name it.
    Direct,
}

/// Whether something covers what is asked about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// All of it: proved.
    Covered,
    /// Not this request: checked.
    Witness(Box<Request>),
    /// It is not known, and why.
    NotProved(String),
}

/// An answer and how it came about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// The answer.
    pub answer: Answer,
    /// Whether it is sure: a proof or a checked request.
    pub exact: bool,
    /// What was taken for granted.
    pub assumptions: Vec<String>,
    /// States of automata that were looked at.
    pub states: usize,
    /// Nodes of the search that were looked at.
    pub nodes: usize,
}

/// The engine, with what all its questions share.
#[derive(Clone, Copy, Debug)]
pub struct Engine<'a> {
    /// What is known of the policies.
    pub scope: Scope<'a>,
    /// How much each question may take.
    pub budget: Budget,
    /// Whether a person sees the requests it finds, so that they have to be likely ones.
    pub shows: bool,
    /// Only requests count on which policies of this kind decide; all that statements match where it is `None`.
    pub decided: Option<Kind>,
    /// Whether the second list is no policy, but what somebody allows or forbids: a `NotPrincipal` with an account is then
    /// about all of the account.
    pub to_limit: bool,
}

impl<'a> Engine<'a> {
    /// An engine with the usual budget.
    pub fn new(scope: Scope<'a>) -> Self {
        Engine { scope, budget: Budget::default(), shows: true, decided: Some(scope.kind), to_limit: false }
    }

    /// Whether `right`, as one policy, allows all that `left` allows.
    pub fn compare(&self, left: &[Statement], right: &[Statement], notion: Notion) -> Comparison {
        let (left, right): (Vec<&Statement>, Vec<&Statement>) =
            (left.iter().collect(), right.iter().collect());
        let mut space = Space::new(self, &left, &right);
        for at in 0..left.len() {
            let answer = space.granted(at, notion);
            if answer != Answer::Covered {
                return space.comparison(answer);
            }
        }
        space.comparison(Answer::Covered)
    }
}

/// Two lists of statements as boxes, and what their comparison took so far.
struct Space<'e, 's> {
    engine: &'e Engine<'e>,
    left: Vec<Region<'s>>,
    right: Vec<Region<'s>>,
    /// The statements of both.
    all: All<'s>,
    /// What no policy decides, as far as a question came upon it.
    undecided: Shared,
    /// What only the account of a resource can call, as far as a question came upon it.
    away: Shared,
    /// Why no policy decides it.
    undecided_by: Option<String>,
    /// Of each statement on the left, whether the same one is on the right, and the reverse.
    shared: (Vec<bool>, Vec<bool>),
    /// The statements of both sides by their resources and principals, where there are many.
    near: (Option<Near>, Option<Near>),
    /// Keys of tests that every request has.
    always: Vec<&'s str>,
    /// Values that variables may have, where there are any; worked out when they are first asked for.
    values: OnceCell<Vec<String>>,
    /// An account that is named in two partitions.
    torn: Option<String>,
    names: Names,
    effort: Effort,
    /// Whether a likelier request is looked for once one is found.
    fits: bool,
    /// The same lists where what AWS leaves open is read otherwise, and what that is. Few policies have such.
    otherwise: Vec<(Space<'e, 's>, Vec<&'static str>)>,
}

/// Boxes of statements that are the same for all policies of a kind.
type Shared = Rc<[Region<'static>]>;

/// The boxes of some statements, without a variable or hole, in the policies of a scope. One policy after the other asks
/// for the same.
fn shared(statements: &'static [Statement], scope: Scope<'_>) -> Shared {
    type Known = (&'static [Statement], Kind, Option<String>, Shared);
    /// One list for each sort of them.
    const MOST: usize = 2;
    thread_local! {
        static KNOWN: RefCell<VecDeque<Known>> = const { RefCell::new(VecDeque::new()) };
    }
    KNOWN.with_borrow_mut(|known| {
        let is_it = |(of, kind, resource, _): &&Known| {
            std::ptr::eq(*of, statements) && *kind == scope.kind && resource.as_deref() == scope.resource
        };
        if let Some((.., shared)) = known.iter().find(is_it) {
            return Rc::clone(shared);
        }
        let mut names = Names::default();
        let shared: Shared = effort::for_all(|effort| {
            let region = |one| Region::new(one, scope, Reading::default(), &mut names, effort);
            statements.iter().map(region).collect()
        });
        known.truncate(MOST - 1);
        known.push_front((statements, scope.kind, scope.resource.map(str::to_owned), Rc::clone(&shared)));
        shared
    })
}

/// Which of the boxes a question is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Left(usize),
    Right(usize),
    Undecided(usize),
    Away(usize),
}

impl<'e, 's> Space<'e, 's> {
    fn new(engine: &'e Engine<'e>, left: &[&'s Statement], right: &[&'s Statement]) -> Self {
        let strangers_apart = !mentions_stranger(left.iter().chain(right), engine.scope.resource);
        let usual = Reading { strangers_apart, ..Reading::default() };
        let mut readings = Reading::all(left.iter().chain(right).copied(), engine.scope.kind);
        if engine.to_limit && !left.iter().any(|statement| excepts_account(statement)) {
            readings.retain(|(reading, _)| !reading.account_exceptions);
        }
        let all: Vec<Reading> = readings.iter().map(|(reading, _)| *reading).collect();
        let mut space = Space::read(engine, left, right, usual, &all);
        for (reading, what) in readings.into_iter().skip(1) {
            // What is shown holds in each reading, so that one of them is enough to look for a likely witness.
            let reading = Reading { strangers_apart, ..reading };
            let other = Space { fits: false, ..Space::read(engine, left, right, reading, &all) };
            space.otherwise.push((other, what));
        }
        space
    }

    fn read(
        engine: &'e Engine<'e>,
        left: &[&'s Statement],
        right: &[&'s Statement],
        reading: Reading,
        all: &[Reading],
    ) -> Self {
        let mut effort = Effort::new(engine.budget);
        let mut names = Names::default();
        let mut regions = |statements: &[&'s Statement], reading| {
            statements
                .iter()
                .map(|statement| Region::new(statement, engine.scope, reading, &mut names, &effort))
                .collect::<Vec<_>>()
        };
        let account_exceptions = reading.account_exceptions && !engine.to_limit;
        let of_right = Reading { account_exceptions, ..reading };
        let (left, right) = (regions(left, reading), regions(right, of_right));
        effort.prepared();
        if names.has_variable() {
            effort.note("a policy variable has any value, the same wherever it stands".to_owned());
        }
        if names.has_hole() {
            effort.note("what is not known is the same wherever it is written alike".to_owned());
        }
        let shared = (are_among(&left, &right), are_among(&right, &left));
        let near = |regions: &[Region<'s>]| {
            let statements = regions.iter().map(|region| region.statement);
            (regions.len() > MANY).then(|| Near::new(statements, engine.scope.kind, all))
        };
        let near = (near(&left), near(&right));
        let mut always: Vec<&str> = Vec::new();
        for test in left.iter().chain(&right).flat_map(|region| &region.statement.conditions) {
            if is_in_every(&test.key) && !always.contains(&test.key.as_str()) {
                always.push(&test.key);
            }
        }
        let (torn, fits) = (torn(left.iter().chain(&right), engine.scope.resource), engine.shows);
        Space {
            engine,
            all: All::new(left.iter().chain(&right).map(|region| region.statement).collect()),
            left,
            right,
            undecided: Rc::default(),
            away: Rc::default(),
            undecided_by: None,
            shared,
            near,
            always,
            values: OnceCell::new(),
            torn,
            names,
            effort,
            fits,
            otherwise: Vec::new(),
        }
    }

    fn region(&self, side: Side) -> &Region<'s> {
        match side {
            Side::Left(at) => &self.left[at],
            Side::Right(at) => &self.right[at],
            Side::Undecided(at) => &self.undecided[at],
            Side::Away(at) => &self.away[at],
        }
    }

    /// The places on the left of all that may have a request in common with a statement.
    fn left_near(&self, statement: &Statement) -> Vec<usize> {
        self.near_to(&self.near.0, self.left.len(), statement)
    }

    /// The same on the right.
    fn right_near(&self, statement: &Statement) -> Vec<usize> {
        self.near_to(&self.near.1, self.right.len(), statement)
    }

    fn near_to(&self, near: &Option<Near>, size: usize, statement: &Statement) -> Vec<usize> {
        let places = match near {
            Some(near) => near.to_statement(statement, self.engine.scope.kind),
            None => (0..size).collect(),
        };
        if self.effort.check().is_ok() {
            step(places.len());
        }
        places
    }

    /// The places on the left of all that may match a request.
    fn left_for(&self, asked: &Asked<'_>) -> Vec<usize> {
        near_for(&self.near.0, self.left.len(), asked)
    }

    /// The same on the right.
    fn right_for(&self, asked: &Asked<'_>) -> Vec<usize> {
        near_for(&self.near.1, self.right.len(), asked)
    }

    /// Whether the left allows a request, as the evaluator says.
    fn left_allows(&self, asked: &Asked<'_>) -> Option<bool> {
        allows(self.left_for(asked).into_iter().map(|at| &self.left[at].replay), asked)
    }

    /// The same of the right.
    fn right_allows(&self, asked: &Asked<'_>) -> Option<bool> {
        allows(self.right_for(asked).into_iter().map(|at| &self.right[at].replay), asked)
    }

    /// Whether the right allows what statement `at` of the left grants and no Deny of the left takes back.
    fn granted(&mut self, at: usize, notion: Notion) -> Answer {
        let asked = &self.left[at];
        if asked.statement.denies() {
            return Answer::Covered;
        }
        let right = self.right_near(asked.statement);
        // A Deny that the left has as well makes no difference, nor does whatever has an effect that is not known.
        let new = || right.iter().copied().filter(|at| !self.shared.1[*at]);
        if let Some(unread) = new().find(|at| self.right[*at].statement.effect.is_none()) {
            return not_read(&self.right[unread]);
        }
        let lost: Vec<Side> =
            new().filter(|at| self.right[*at].statement.denies()).map(Side::Right).collect();
        if self.shared.0[at] && lost.is_empty() {
            return Answer::Covered;
        }
        let left = self.left_near(asked.statement).into_iter();
        let taken: Vec<Side> = left.filter(|at| self.left[*at].statement.denies()).map(Side::Left).collect();
        if !asked.readable {
            return not_read(asked);
        }
        let allows = right.iter().filter(|at| self.right[**at].statement.allows()).map(|at| Side::Right(*at));
        // Outside of every Allow of the right …
        if !self.shared.0[at] {
            let cover: Vec<Side> = allows.chain(taken.iter().copied()).collect();
            let answer = self.outside(&[Side::Left(at)], &cover, notion);
            if answer != Answer::Covered {
                return answer;
            }
        }
        // … or inside one of its Denies. How directly something is granted makes no difference there.
        if notion == Notion::Direct {
            return Answer::Covered;
        }
        for side in lost {
            if !self.region(side).readable {
                return not_read(self.region(side));
            }
            let answer = self.outside(&[Side::Left(at), side], &taken, notion);
            if answer != Answer::Covered {
                return answer;
            }
        }
        Answer::Covered
    }

    /// Whether a request is in all boxes of `focus` and in none of `cover`: one that the left allows and
    /// the right does not.
    fn outside(&mut self, focus: &[Side], cover: &[Side], notion: Notion) -> Answer {
        self.search(focus, cover, notion, |space, asked| match (space.left_allows(asked), notion) {
            (Some(true), Notion::Access) => space.right_allows(asked).map(|allows| !allows),
            // How directly something is granted is not to be read off the request.
            (allowed, _) => allowed,
        })
    }

    /// Whether a request is in all boxes of `focus` and in none of `cover`, as `claim` has the evaluator
    /// say too: one that the policies decide, and that its caller can make, if only such count.
    fn search(
        &mut self,
        focus: &[Side],
        cover: &[Side],
        notion: Notion,
        claim: impl Fn(&Self, &Asked<'_>) -> Option<bool>,
    ) -> Answer {
        let answer = self.search_decided(focus, cover, notion, &claim);
        let Answer::Witness(request) = &answer else { return answer };
        let absent = || {
            let all = self.left.iter().map(|region| region.statement);
            focus.iter().map(|side| self.region(*side).statement).find_map(|statement| {
                let is_of_role = statement.allows() && self.engine.scope.kind == Kind::Trust;
                let permission = || exception::absent_permission(statement, all.clone());
                exception::absent_key(statement).or_else(|| is_of_role.then(permission).flatten())
            })
        };
        if let Some(why) = self.engine.decided.and_then(|_| absent()) {
            return Answer::NotProved(why);
        }
        if let Some(why) = self.engine.decided.and_then(|_| self.refused(focus, &Asked::new(request))) {
            return Answer::NotProved(why);
        }
        let away = |space: &Self, asked: &Asked<'_>| {
            let away = exception::away(asked).or_else(|| space.away_from_owner(focus, asked));
            away.map(str::to_owned).or_else(|| space.lacks_permission(asked))
        };
        let Some(why) = away(self, &Asked::new(request)).filter(|_| self.engine.decided.is_some()) else {
            return answer;
        };
        // Another request may show it: one of the account itself, or one that others can make.
        let possible = |space: &Self, asked: &Asked<'_>| match away(space, asked) {
            Some(_) if !asked.is_bare() => Some(false),
            _ => claim(space, asked),
        };
        let noted = self.effort.assumptions.clone();
        self.take_in_away();
        let denies = (0..self.away.len()).map(Side::Away);
        let but: Vec<Side> = cover.iter().copied().chain(denies).collect();
        for cover in [cover, &but] {
            self.effort.assumptions.clone_from(&noted);
            if let found @ Answer::Witness(_) = self.search_decided(focus, cover, notion, &possible) {
                return found;
            }
        }
        Answer::NotProved(why)
    }

    /// Why a call is refused though the left allows it, as it needs a permission that the left does not give, or as it is
    /// none by itself.
    fn lacks_permission(&self, asked: &Asked<'_>) -> Option<String> {
        if self.engine.scope.kind != Kind::Trust {
            return None;
        }
        let is_allowed = |request: &Request| self.left_allows(&Asked::new(request));
        exception::lacks_permission(asked.request(), is_allowed)
    }

    /// Why a call may be refused as its caller is of another account than the one that owns the resource: the caller is
    /// of an account that a policy chose, and the owner is another, or is not known.
    fn away_from_owner(&self, focus: &[Side], asked: &Asked<'_>) -> Option<&'static str> {
        let why = exception::of_owner(&asked.request().action)?;
        let account = asked.who.account()?;
        let all = self.left.iter().chain(&self.right).map(|region| region.statement);
        let mut asked_for = focus.iter().map(|side| self.region(*side).statement);
        let owner = asked_for.find_map(|one| direct::owner(one, self.engine.scope, all.clone()));
        owner.map_or(account != STRANGER, |owner| owner != account).then_some(why)
    }

    /// Why no one may make a request: the only principals of a statement that it matches are of a form that AWS refuses.
    fn refused(&self, focus: &[Side], asked: &Asked<'_>) -> Option<String> {
        focus.iter().find_map(|side| {
            let statement = self.region(*side).statement;
            let mut accepted = statement.clone();
            let element = accepted.principal.as_mut().filter(|element| !element.negated)?;
            let mut refused = None;
            for entry in &mut element.entries {
                let kind = entry.kind;
                entry.values.items.retain(|value| {
                    let is_refused = value.known().is_some_and(|text| fitting::is_refused(kind, text));
                    if is_refused {
                        refused = refused.take().or(Some((kind, value.text.clone())));
                    }
                    !is_refused
                });
            }
            let (kind, text) = refused?;
            let is_left = Replay::new(&accepted, self.engine.scope).accepts(asked) != Some(false);
            (!is_left).then(|| format!("AWS refuses `{text}` as a principal of type `{}`", kind.name()))
        })
    }

    /// The same of requests that the policies decide.
    fn search_decided(
        &mut self,
        focus: &[Side],
        cover: &[Side],
        notion: Notion,
        claim: &impl Fn(&Self, &Asked<'_>) -> Option<bool>,
    ) -> Answer {
        let (mut cover, mut met, mut reasons) = (cover.to_vec(), Vec::new(), Vec::new());
        let answer = loop {
            let left_out = met.clone();
            let claim = |space: &Self, asked: &Asked<'_>| {
                let is_in = |at: &usize| space.undecided[*at].replay.accepts(asked) != Some(false);
                if left_out.iter().any(is_in) { Some(false) } else { claim(space, asked) }
            };
            let answer = self.search_in_readings(focus, &cover, notion, claim);
            let Answer::Witness(request) = &answer else { break answer };
            let asked = Asked::new(request);
            let decided = |kind| exception::undecided(&asked, Scope { kind, ..self.engine.scope });
            let Some(why) = self.engine.decided.and_then(decided) else {
                break answer;
            };
            self.take_in_undecided();
            let rest: Vec<usize> = (0..self.undecided.len()).filter(|at| !met.contains(at)).collect();
            let near = |at: &usize| self.undecided[*at].replay.accepts(&asked) != Some(false);
            let mut new: Vec<usize> = rest.iter().copied().filter(near).collect();
            if new.is_empty() {
                new = rest;
            }
            if new.is_empty() {
                break Answer::NotProved(why);
            }
            reasons.push(why);
            cover.extend(new.iter().copied().map(Side::Undecided));
            met.extend(new);
        };
        if !matches!(answer, Answer::Witness(_)) {
            reasons.iter().for_each(|why| self.effort.note(why.clone()));
            self.undecided_by = reasons.pop();
        }
        if let Answer::Witness(request) = &answer
            && let Some(unknown) = &request.unknown
            && self.engine.scope.kind.names_principal()
        {
            self.effort.note(format!("`{}` is about what the policy is attached to", unknown.label));
        }
        if let Answer::Witness(request) = &answer
            && self.engine.shows
            && let Some(doubt) =
                fitting::doubt(request, self.engine.scope).or_else(|| self.doubt_of_keys(request, claim))
        {
            self.effort.note(fitting::told(&doubt));
        }
        answer
    }

    /// Why a request may not be one that can be made: it lacks a key that every request has, and no likely value of the
    /// key shows the same.
    fn doubt_of_keys(
        &self,
        request: &Request,
        claim: &impl Fn(&Self, &Asked<'_>) -> Option<bool>,
    ) -> Option<String> {
        let is_decisive = |key: &&&str| {
            let mut shown = likely_values(key).iter().map(|value| {
                let mut filled = request.clone();
                filled.context.insert(**key, ContextValue::One((*value).to_owned()));
                claim(self, &Asked::new(&filled)) == Some(true)
            });
            request.context.get(key).is_none() && !shown.any(|shown| shown)
        };
        self.always.iter().find(is_decisive).map(|key| format!("every request has `{key}`"))
    }

    /// Takes what no policy decides among the boxes.
    fn take_in_undecided(&mut self) {
        if self.undecided.is_empty() {
            let scope = self.engine.scope;
            self.undecided = shared(exception::as_denies(self.engine.decided.unwrap_or(scope.kind)), scope);
        }
        self.otherwise.iter_mut().for_each(|(space, _)| space.take_in_undecided());
    }

    /// Takes what only the account of a resource can call among the boxes.
    fn take_in_away(&mut self) {
        if self.away.is_empty() {
            let scope = self.engine.scope;
            self.away = shared(exception::away_as_deny(self.engine.decided.unwrap_or(scope.kind)), scope);
        }
        self.otherwise.iter_mut().for_each(|(space, _)| space.take_in_away());
    }

    /// The same however what AWS leaves open is read.
    fn search_in_readings(
        &mut self,
        focus: &[Side],
        cover: &[Side],
        notion: Notion,
        claim: impl Fn(&Self, &Asked<'_>) -> Option<bool>,
    ) -> Answer {
        if let Some(account) = &self.torn {
            return Answer::NotProved(format!("account {account} is named in two partitions, and is in one"));
        }
        let usual = self.search_as_read(focus, cover, notion, &claim);
        let mut otherwise = std::mem::take(&mut self.otherwise);
        let mut answers = vec![usual];
        for (space, _) in &mut otherwise {
            space.effort.renew();
            answers.push(space.search_as_read(focus, cover, notion, &claim));
            self.effort.states += space.effort.states;
            self.effort.nodes += space.effort.nodes;
            self.effort.assumptions.append(&mut space.effort.assumptions);
        }
        let holds = |request: &Request| {
            let mut spaces = std::iter::once(&*self).chain(otherwise.iter().map(|(space, _)| space));
            spaces.all(|space| claim(space, &Asked::new(request)) == Some(true))
        };
        let is_witness = |answer: &Answer| matches!(answer, Answer::Witness(_));
        // How directly something is granted is not to be read off the request.
        let may_show = notion == Notion::Access || answers.iter().all(is_witness);
        let shown = answers.iter().position(|answer| match answer {
            Answer::Witness(request) => otherwise.is_empty() || (may_show && holds(request)),
            _ => false,
        });
        let unproved = answers.iter().position(|answer| *answer != Answer::Covered);
        let answer = match (shown, unproved) {
            (Some(at), _) => answers.swap_remove(at),
            (None, None) => Answer::Covered,
            (None, Some(at)) if answers.iter().any(is_witness) || at > 0 => {
                let differs = |at: &usize| is_witness(&answers[*at]) != is_witness(&answers[0]);
                let other = (1..answers.len()).find(differs).unwrap_or(at.max(1));
                let what = otherwise.get(other - 1).map_or_else(String::new, |(_, what)| what.join(" and "));
                self.effort.note(format!("it is open {what}"));
                Answer::NotProved(format!("it depends on {what}: AWS's documentation leaves that open"))
            }
            (None, Some(at)) => answers.swap_remove(at),
        };
        self.otherwise = otherwise;
        answer
    }

    /// The same in the reading of this space.
    fn search_as_read(
        &mut self,
        focus: &[Side],
        cover: &[Side],
        notion: Notion,
        claim: &impl Fn(&Self, &Asked<'_>) -> Option<bool>,
    ) -> Answer {
        // Where all is given up, nothing is done.
        if self.effort.check().is_ok() {
            step(A_QUESTION + cover.len() * A_COVERING);
        }
        let mut effort = self.effort.taken();
        let focus: Vec<&Region<'_>> = focus.iter().map(|side| self.region(*side)).collect();
        let cover: Vec<&Region<'_>> = cover.iter().map(|side| self.region(*side)).collect();
        let statements: Vec<&Statement> = focus.iter().map(|region| region.statement).collect();
        let making = Making {
            names: &self.names,
            scope: self.engine.scope,
            statements: statements.clone(),
            all: &self.all,
            focus: &focus,
            cover: &cover,
            fits: self.fits,
            values: match self.names.has_variable() {
                true => self.values.get_or_init(|| witness::values(self.all.statements.iter().copied())),
                false => &[],
            },
        };
        let (mut witness, mut impossible, mut refuted) = (None, None, None);
        let mut judge = |point: &[&At]| {
            match making.find(point, &|asked| claim(self, asked)) {
                Made::Request(request) => witness = Some(request),
                Made::Impossible(key) => impossible = Some(key),
                Made::Refuted(request) => refuted = refuted.take().or(Some(request)),
                Made::Unknown => {}
            }
            witness.is_some()
        };
        let outcome = uncovered(&focus, &cover, self.engine.scope, notion, &mut effort, &mut judge);
        let unread = || {
            let mut all = cover.iter().copied().chain(self.left.iter().chain(&self.right));
            all.find(|region| !region.readable).map(|region| region.statement.name())
        };
        let is_coarse = effort.approximate
            || self.names.has_variable()
            || self.names.has_hole()
            || focus.iter().chain(&cover).any(|region| region.is_coarse());
        let of = || names_of(&statements);
        // What is not known of others, where all is known of these.
        let hole = || {
            let first = |region: &&Region<'_>| Some(region.statement.unknowns().first()?.0.to_owned());
            if focus.iter().any(|region| first(region).is_some()) {
                return None;
            }
            cover.iter().find_map(first)
        };
        let answer = match (outcome, witness) {
            (Ok(Outcome::Covered), _) => Answer::Covered,
            (Ok(Outcome::Found), Some(request)) => Answer::Witness(Box::new(request)),
            (Ok(_), _) => Answer::NotProved(match (unread(), refuted, impossible) {
                (Some(name), ..) => self::unread(&name),
                (_, Some(request), _) if !is_coarse => disagreement(&request),
                (_, _, Some(key)) => {
                    format!("what {} may grant was only seen in requests that `{key}` rules out", of())
                }
                _ => match hole() {
                    Some(hole) => format!("whether {} may grant more depends on `{hole}`", of()),
                    None => no_example(&of()),
                },
            }),
            (Err(_), _) => {
                Answer::NotProved(format!("{} would take more than the budget of {}", of(), effort.passed()))
            }
        };
        self.effort = effort;
        answer
    }

    /// The answer, if no role has to exist for it: a statement without which nothing changes today may be needed once a role
    /// is gone.
    fn whatever_roles_there_are(&self, answer: Answer) -> Answer {
        match answer {
            Answer::Covered if self.effort.assumptions.contains(senders::ONE_ROLE) => {
                Answer::NotProved(format!("it is so only if {}", senders::ONE_ROLE))
            }
            answer => answer,
        }
    }

    fn comparison(&self, answer: Answer) -> Comparison {
        Comparison {
            exact: !matches!(answer, Answer::NotProved(_)),
            answer,
            assumptions: self.effort.assumptions.iter().cloned().collect(),
            states: self.effort.states,
            nodes: self.effort.nodes,
        }
    }
}

/// The places of all of `size` statements that may match a request.
fn near_for(near: &Option<Near>, size: usize, asked: &Asked<'_>) -> Vec<usize> {
    let places = near.as_ref().map_or_else(|| (0..size).collect(), |near| near.to_request(asked));
    step(places.len() * A_REPLAY);
    places
}

/// Whether a text of some statements may mean the account that no one chose, and not as many others as well.
fn mentions_stranger<'x>(
    mut statements: impl Iterator<Item = &'x &'x Statement>,
    resource: Option<&str>,
) -> bool {
    let digits = &STRANGER[..STRANGER.len() / 2];
    let in_hole = |value: &Value| value.hole.as_ref().is_some_and(|hole| hole.name.contains(digits));
    let mut is_in = |value: &Value| value.text.contains(digits) || in_hole(value);
    resource.is_some_and(|resource| resource.contains(digits))
        || statements.any(|statement| statement.values().any(&mut is_in))
}

/// An account that the principals of some statements name in two partitions: it is in one, and AWS refuses the other ARN.
/// A bare id is an account of the partition that the policy is in.
fn torn<'x>(
    regions: impl Iterator<Item = &'x Region<'x>> + Clone,
    resource: Option<&'x str>,
) -> Option<String> {
    let named = regions.clone().filter_map(|region| region.statement.resource.as_ref());
    let named = named.flat_map(|element| &element.values.items).filter_map(Value::known);
    let partition = |text: &'x str| Arn::parse(text).map(|arn| arn.partition);
    let mut own = resource.into_iter().chain(named).filter_map(partition);
    let own = own.find(|partition| PARTITIONS.contains(partition)).unwrap_or(PARTITIONS[0]);
    let elements = regions.filter_map(|region| region.principal);
    let values = elements.flat_map(|element| &element.entries).flat_map(|entry| &entry.values.items);
    let account = |text: &'x str| match Arn::parse(text) {
        Some(arn) => is_account_id(arn.account).then_some((arn.account, arn.partition)),
        None => is_account_id(text).then_some((text, own)),
    };
    let mut accounts = values.filter_map(|value| account(value.known()?));
    let mut partitions: HashMap<&str, &str> = HashMap::new();
    let torn =
        accounts.find(|&(account, partition)| *partitions.entry(account).or_insert(partition) != partition);
    torn.map(|(account, _)| account.to_owned())
}

/// Of each region, whether one that surely accepts the same requests is among others.
fn are_among(regions: &[Region<'_>], others: &[Region<'_>]) -> Vec<bool> {
    let forms: HashSet<&Canonical> = others.iter().filter_map(Region::form).collect();
    regions.iter().map(|region| region.form().is_some_and(|form| forms.contains(form))).collect()
}

/// The engine and the evaluator are written apart to check each other.
fn disagreement(request: &Request) -> String {
    format!(
        "the engine and the evaluator disagree about {} on {}: this is a mistake in polmerge, please report it \
         with the policies",
        request.action, request.resource
    )
}

fn not_read(region: &Region<'_>) -> Answer {
    Answer::NotProved(match region.is_left_out() {
        true => format!("{} is too large for the budget", region.statement.name()),
        false => unread(&region.statement.name()),
    })
}

/// What an answer says of statements, by their names, of which no example could be checked.
pub(super) fn no_example(names: &str) -> String {
    format!("no example of what {names} may grant could be checked")
}

/// What an answer says of a statement, by its name, of which not all could be read.
pub(super) fn unread(name: &str) -> String {
    format!("not all of {name} could be read")
}

fn names_of(statements: &[&Statement]) -> String {
    statements.iter().map(|statement| statement.name()).collect::<Vec<_>>().join(" and ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::Kind;
    use crate::parse::parse;
    use crate::policy::Policy;

    fn policy(statement: &str) -> Policy {
        let text = format!(r#"{{"Version":"2012-10-17","Statement":{statement}}}"#);
        Policy::read(&parse(&text).tree, &text).0
    }

    /// An evaluator that says no to all that the engine finds.
    fn contradicted(statement: &str) -> String {
        let policy = policy(statement);
        let engine = Engine::new(Scope { kind: Kind::Identity, resource: None });
        let mut space = Space::new(&engine, &[&policy.statements[0]], &[]);
        match space.search(&[Side::Left(0)], &[], Notion::Access, |_, _| Some(false)) {
            Answer::NotProved(why) => why,
            answer => format!("{answer:?}"),
        }
    }

    #[test]
    fn a_disagreement_of_engine_and_evaluator_is_said() {
        let plain = r#"{"Effect":"Allow","Action":"s3:GetObject","Resource":"*","Condition":{"StringLike":{"a:b":"x*"}}}"#;
        let why = contradicted(plain);
        assert!(why.contains("s3:GetObject") && why.contains("this is a mistake in polmerge"), "{why}");
        // Where the engine is coarser than the evaluator, a no is nothing odd.
        for coarse in [
            plain.replace("x*", "${aws:username}"),
            plain.replace("\"x*\"", "{\"Ref\":\"X\"}"),
            plain.replace("{\"StringLike\"", "{\"NumericEquals\":{\"a:b\":1},\"StringLike\""),
        ] {
            let why = contradicted(&coarse);
            assert!(why.contains("could be checked"), "{coarse}: {why}");
        }
    }
}
