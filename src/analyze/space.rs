//! What policies allow, as sets of requests: is one within the other, and if not, which request is new?
//!
//! Every statement is a box: one predicate each on the principal, the action, the resource and every
//! condition key. Whether a box lies within a union of boxes is decided dimension by dimension: each
//! coordinate of a dimension is in some set of statements, there are few such sets, and of them only
//! the smallest matter to somebody who looks for a way out. A search over combinations of sets then
//! finds a request outside, or there is none. Nothing is sampled: `Covered` is a proof, and a request
//! is shown only after it was checked against the statements by other means.

mod addresses;
mod bits;
mod check;
mod clause;
mod glob;
mod keys;
pub mod member;
mod names;
mod numbers;
mod principals;
mod questions;
mod region;
mod search;
mod sets;
mod strings;
mod texts;
mod witness;

use names::Names;
pub use questions::{Change, Covering, Redundancy, Relation, Requests};
use region::Region;
use search::{At, Effort, Outcome, uncovered};
use witness::Making;

use crate::analyze::cover::Scope;
use crate::analyze::request::Request;
use crate::policy::Statement;

/// When a principal counts as covered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notion {
    /// An entry for an account covers every principal of the account.
    Access,
    /// An entry for an account lets the account's own policies decide; to grant to a principal itself,
    /// an entry must name it.
    Direct,
}

/// How much a question may take before the answer is that it is not proved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// States of the automata of all dimensions of texts.
    pub states: usize,
    /// Nodes of the search over combinations.
    pub nodes: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Budget { states: 200_000, nodes: 200_000 }
    }
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

/// Says whether statements, as one policy, allow a request; `None` if that is not known.
pub type Replay<'a> = &'a dyn Fn(&[&Statement], &Request) -> Option<bool>;

/// The engine, with what all its questions share.
#[derive(Clone, Copy)]
pub struct Engine<'a> {
    /// What is known of the policies.
    pub scope: Scope<'a>,
    /// How much each question may take.
    pub budget: Budget,
    /// What checks a request before it is shown; [`member::allows`] where nothing else is given.
    pub replay: Option<Replay<'a>>,
}

impl<'a> Engine<'a> {
    /// An engine with the usual budget and its own check of requests.
    pub fn new(scope: Scope<'a>) -> Self {
        Engine { scope, budget: Budget::default(), replay: None }
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

impl std::fmt::Debug for Engine<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine")
            .field("scope", &self.scope)
            .field("budget", &self.budget)
            .finish_non_exhaustive()
    }
}

/// Two lists of statements as boxes, and what their comparison took so far.
struct Space<'e, 's> {
    engine: &'e Engine<'e>,
    left: Vec<Region<'s>>,
    right: Vec<Region<'s>>,
    /// Of each statement on the left, whether the same one is on the right, and the reverse.
    shared: (Vec<bool>, Vec<bool>),
    names: Names,
    effort: Effort,
}

/// Which of the boxes a question is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Left(usize),
    Right(usize),
}

impl<'e, 's> Space<'e, 's> {
    fn new(engine: &'e Engine<'e>, left: &[&'s Statement], right: &[&'s Statement]) -> Self {
        let mut names = Names::default();
        let mut regions = |statements: &[&'s Statement]| {
            statements
                .iter()
                .map(|statement| Region::new(statement, engine.scope, &mut names))
                .collect::<Vec<_>>()
        };
        let (left, right) = (regions(left), regions(right));
        let mut effort = Effort::new(engine.budget);
        if names.has_variable() {
            effort.note("a policy variable has any value, the same wherever it stands".to_owned());
        }
        if names.has_template() {
            effort
                .note("a template's function call is the same value wherever it is written alike".to_owned());
        }
        let has = |regions: &[Region<'_>], one: &Region<'_>| regions.iter().any(|other| other.is_same(one));
        let shared = (
            left.iter().map(|region| has(&right, region)).collect(),
            right.iter().map(|region| has(&left, region)).collect(),
        );
        Space { engine, left, right, shared, names, effort }
    }

    fn region(&self, side: Side) -> &Region<'s> {
        match side {
            Side::Left(at) => &self.left[at],
            Side::Right(at) => &self.right[at],
        }
    }

    fn sides(&self) -> (Vec<Side>, Vec<Side>) {
        ((0..self.left.len()).map(Side::Left).collect(), (0..self.right.len()).map(Side::Right).collect())
    }

    /// Whether the right allows what statement `at` of the left grants and no Deny of the left takes back.
    fn granted(&mut self, at: usize, notion: Notion) -> Answer {
        let asked = &self.left[at];
        if asked.statement.denies() {
            return Answer::Covered;
        }
        let (left, right) = self.sides();
        let denies = |sides: &[Side]| -> Vec<Side> {
            sides.iter().copied().filter(|side| self.region(*side).statement.denies()).collect()
        };
        // A Deny that the left has as well makes no difference.
        let new = |side: &Side| matches!(side, Side::Right(at) if !self.shared.1[*at]);
        let (taken, mut lost) = (denies(&left), denies(&right));
        lost.retain(new);
        let unread =
            right.iter().map(|side| self.region(*side)).find(|region| region.statement.effect.is_none());
        if let Some(unread) = unread {
            return not_read(unread.statement);
        }
        if self.shared.0[at] && lost.is_empty() {
            return Answer::Covered;
        }
        if !asked.readable {
            return not_read(asked.statement);
        }
        let allows = right.iter().copied().filter(|side| self.region(*side).statement.allows());
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
                return not_read(self.region(side).statement);
            }
            let answer = self.outside(&[Side::Left(at), side], &taken, notion);
            if answer != Answer::Covered {
                return answer;
            }
        }
        Answer::Covered
    }

    /// Whether a request is in all boxes of `focus` and in none of `cover`, checked as one that the
    /// left allows and the right does not.
    fn outside(&mut self, focus: &[Side], cover: &[Side], notion: Notion) -> Answer {
        let left: Vec<&Statement> = self.left.iter().map(|region| region.statement).collect();
        let right: Vec<&Statement> = self.right.iter().map(|region| region.statement).collect();
        let engine = self.engine;
        let is_new = |request: &Request| match (notion, engine.replay) {
            (Notion::Direct, _) => member::allows(&left, request, engine.scope) == Some(true),
            (Notion::Access, Some(replay)) => {
                replay(&left, request) == Some(true) && replay(&right, request) == Some(false)
            }
            (Notion::Access, None) => {
                member::allows(&left, request, engine.scope) == Some(true)
                    && member::allows(&right, request, engine.scope) == Some(false)
            }
        };
        self.search(focus, cover, notion, &is_new)
    }

    /// Whether a request is in all boxes of `focus` and in none of `cover`, as `check` sees it too.
    fn search(
        &mut self,
        focus: &[Side],
        cover: &[Side],
        notion: Notion,
        check: &dyn Fn(&Request) -> bool,
    ) -> Answer {
        let focus: Vec<&Region<'_>> = focus.iter().map(|side| self.region(*side)).collect();
        let cover: Vec<&Region<'_>> = cover.iter().map(|side| self.region(*side)).collect();
        let statements: Vec<&Statement> = focus.iter().map(|region| region.statement).collect();
        let mut witness = None;
        let all: Vec<&Statement> =
            self.left.iter().chain(&self.right).map(|region| region.statement).collect();
        let making = Making {
            names: &self.names,
            scope: self.engine.scope,
            statements: statements.clone(),
            values: if self.names.has_variable() { witness::values(&all) } else { Vec::new() },
        };
        let mut judge = |point: &[&At]| {
            witness = making.find(point, check);
            witness.is_some()
        };
        let mut effort = self.effort.clone();
        let outcome = uncovered(&focus, &cover, self.engine.scope, notion, &mut effort, &mut judge);
        let unread = cover.iter().find(|region| !region.readable).map(|region| region.statement.name());
        let answer = match (outcome, witness) {
            (Ok(Outcome::Covered), _) => Answer::Covered,
            (Ok(Outcome::Found), Some(request)) => Answer::Witness(Box::new(request)),
            (Ok(_), _) => Answer::NotProved(match unread {
                Some(name) => format!("not all of {name} could be read"),
                None => format!("no example of what {} may grant could be checked", names_of(&statements)),
            }),
            (Err(_), _) => Answer::NotProved(format!(
                "{} would take more than the budget of {} states and {} nodes",
                names_of(&statements),
                self.engine.budget.states,
                self.engine.budget.nodes
            )),
        };
        self.effort = effort;
        answer
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

fn not_read(statement: &Statement) -> Answer {
    Answer::NotProved(format!("not all of {} could be read", statement.name()))
}

fn names_of(statements: &[&Statement]) -> String {
    statements.iter().map(|statement| statement.name()).collect::<Vec<_>>().join(" and ")
}
