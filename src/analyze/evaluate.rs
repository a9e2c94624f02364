//! Does a statement match a request? One request at a time, written to be read beside AWS's own
//! pages: whoever doubts an answer can follow it here by hand.
//!
//! A policy is prepared once ([`Prepared`]), so that its patterns, numbers, dates and ranges are not
//! read again for each request; a request is looked at once ([`Asked`]).
//!
//! IAM guide, "Policy evaluation logic" and the pages on each element of a policy.

mod asked;
mod condition;
mod principal;
mod resource;
mod text;
mod value;
mod who;

pub use asked::Asked;
pub(super) use condition::SERVICE_NAMES;
pub use principal::Grip;
pub(super) use resource::{api_path, is_like_api, is_padded, is_short_arn, is_spread, is_whole_arn, padded};
pub(crate) use text::has_early_variable;
pub(super) use text::{filled, split_arn};
pub(super) use value::{Range, base64, can_compare};
pub use value::{is_moment, may_be_moment, seconds};
pub use who::Who;
pub(super) use who::service_of;

use std::collections::HashSet;

use super::reading::{Reading, names_user, no_value, twins};
use super::request::{Caller, Request};
use crate::kind::Kind;
use crate::policy::{self, Effect, Policy, Principal, PrincipalElement, TestKind};
use condition::Test;
use principal::Principals;
use resource::Resources;
use text::Text;

/// A policy, ready to be asked about many requests.
///
/// A statement that is a hole, or of which the effect is not known, may match any request; one of which something else
/// could not be read matches nothing, and whoever needs a sure answer looks at the problems of the document first.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// What the policy is attached to: it decides what a missing element and a short ARN mean.
    pub kind: Kind,
    /// Whether that is its kind for sure, and not only what its statements look like.
    pub is_sure: bool,
    statements: Vec<Slot>,
    /// The roles that it names as principals.
    pub(super) roles: Vec<String>,
    /// The values that `aws:PrincipalArn` is compared with, and whether they have policy variables.
    pub(super) role_tests: Vec<(TestKind, String, bool)>,
}

/// A statement of a prepared policy.
#[derive(Clone, Debug)]
enum Slot {
    Read(Box<Statement>),
    /// One that AWS's documentation lets be read in several ways: the usual one, and others.
    Open(Box<Open>),
    /// The one at this place, which may allow or deny anything, and how to name it to a person.
    Hole(usize, Vec<Box<str>>),
}

/// A statement that can be read in several ways.
#[derive(Clone, Debug)]
struct Open {
    usual: Statement,
    /// Each with whether it differs only for a request with several values of a key.
    others: Vec<(Statement, bool)>,
    /// What is open, in words, and what is not known of it besides.
    unknowns: Vec<Box<str>>,
}

/// A statement, ready for matching.
#[derive(Clone, Debug)]
pub(super) struct Statement {
    index: usize,
    sid: Option<String>,
    effect: Effect,
    principals: Principals,
    actions: Actions,
    resources: Resources,
    tests: Vec<Test>,
    /// Whether there may be more tests.
    unknown_tests: bool,
    /// How to name to a person what is not known of it.
    unknowns: Vec<Box<str>>,
    /// Whether it is for everyone with one of some `aws:PrincipalArn`s.
    is_held_by_arn: bool,
}

/// `Action` or `NotAction`
#[derive(Clone, Debug)]
struct Actions {
    negated: bool,
    /// In lower case, as the case of actions has no meaning. IAM guide, "Action".
    listed: Vec<Text>,
    /// Whether a template has still to fill one in.
    unfilled: bool,
}

/// What became of one statement of a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome<'p> {
    /// The statement's place in its policy, from 0.
    pub statement: usize,
    /// Its Sid.
    pub sid: Option<&'p str>,
    /// Whether it allows or denies.
    pub effect: Effect,
    /// Whether it matches the request.
    pub matches: bool,
    /// Whether that depends on a value that only a template knows, and it therefore does not count as
    /// matching.
    pub unsure: bool,
    /// By what right it takes the caller for one of its principals.
    pub grip: Grip,
    /// The strongest right by which it may do so, where some of its principals are not known.
    pub may_grip: Grip,
    /// How to name to a person what is not known of it.
    pub unknowns: &'p [Box<str>],
    /// The condition keys, as the policy writes them, that it asks for and the request does not
    /// have, all else of the statement matching: with them the answer may be another.
    pub absent: Vec<&'p str>,
}

impl Prepared {
    /// Prepares a policy of a kind.
    pub fn new(policy: &Policy, kind: Kind) -> Self {
        Prepared::of(&policy.statements, kind)
    }

    /// Prepares the policy of some statements.
    pub(super) fn of<'s>(
        statements: impl IntoIterator<Item = &'s policy::Statement, IntoIter: Clone>,
        kind: Kind,
    ) -> Self {
        let statements = statements.into_iter();
        let slot = |statement: &policy::Statement| match statement.effect {
            None if !statement.holes.is_empty() => Some(Slot::Hole(statement.index, labels(statement))),
            _ => Slot::read(statement, kind),
        };
        let principals = statements.clone().filter_map(|statement| statement.principal.as_ref());
        let roles =
            principals.flat_map(PrincipalElement::principals).filter_map(|(principal, _)| match principal {
                Principal::Role(arn) => Some(arn),
                _ => None,
            });
        let tests = statements.clone().flat_map(|statement| {
            let tests =
                statement.conditions.iter().filter(|test| test.key.eq_ignore_ascii_case("aws:PrincipalArn"));
            tests.map(|test| (test, statement.variables))
        });
        let role_tests = tests.flat_map(|(test, variables)| {
            let kind = test.operator.kind;
            known(test.values.items.iter())
                .map(move |text| (kind, text.to_owned(), variables && text.contains("${")))
        });
        Prepared {
            kind,
            is_sure: true,
            statements: statements.filter_map(slot).collect(),
            roles: roles.collect(),
            role_tests: role_tests.filter(|(kind, ..)| *kind != TestKind::Null).collect(),
        }
    }

    /// The same policy without the statements at these places.
    pub fn without(mut self, places: &[usize]) -> Self {
        self.statements.retain(|slot| {
            let place = match slot {
                Slot::Read(statement) => statement.index,
                Slot::Open(open) => open.usual.index,
                Slot::Hole(index, _) => *index,
            };
            !places.contains(&place)
        });
        self
    }

    /// The same policy, whose kind is only what its statements look like if `is_guess`.
    #[must_use]
    pub fn guessed(self, is_guess: bool) -> Self {
        Prepared { is_sure: !is_guess, ..self }
    }

    /// Whether there is something in it that is not known.
    pub(super) fn is_open(&self, request: &Request) -> bool {
        let has_lists = request.context.iter().any(|(_, value)| value.values().len() > 1);
        let is_service = matches!(request.principal, Some(Caller::Service(_)));
        let asks_names =
            |statement: &Statement| is_service && statement.tests.iter().any(|test| test.asks(SERVICE_NAMES));
        self.statements.iter().any(|slot| match slot {
            Slot::Read(statement) => !statement.unknowns.is_empty() || asks_names(statement),
            Slot::Open(open) => {
                !open.usual.unknowns.is_empty()
                    || asks_names(&open.usual)
                    || open.others.iter().any(|(_, of_lists)| has_lists || !of_lists)
            }
            Slot::Hole(..) => true,
        })
    }

    /// The statements that match, and those that only lack a condition key. Of one that may do anything, that it may
    /// allow and that it may deny.
    pub fn outcomes<'p>(&'p self, asked: &Asked<'_>) -> impl Iterator<Item = Outcome<'p>> {
        self.statements
            .iter()
            .flat_map(|slot| match slot {
                Slot::Read(statement) => [statement.outcome(asked), None],
                Slot::Open(open) => [open.outcome(asked), None],
                Slot::Hole(index, unknowns) => [Effect::Allow, Effect::Deny]
                    .map(|effect| Some(Outcome::unknown(*index, effect, unknowns))),
            })
            .flatten()
    }
}

impl Slot {
    fn read(statement: &policy::Statement, kind: Kind) -> Option<Self> {
        let read = |reading| Statement::new(statement, kind, reading);
        let usual = read(Reading::default())?;
        let is_plain =
            |test: &policy::Test| test.operator.set.is_none() && test.operator.kind != TestKind::Null;
        let lists = Reading { plain_lists: true, mixed_lists: true, ..Reading::default() };
        let mut readings = Reading::open(std::iter::once(statement), kind);
        readings.retain(|(reading, _)| !reading.plain_lists);
        if statement.conditions.iter().any(is_plain) {
            readings.push((lists, Reading::PLAIN_LISTS));
        }
        let is_date = |test: &policy::Test| test.operator.kind.name().starts_with("Date");
        if statement.conditions.iter().any(is_date) {
            readings.push((Reading { fractions: true, ..Reading::default() }, Reading::FRACTIONS));
        }
        if names_user(statement) && !readings.iter().any(|(_, what)| *what == Reading::SESSION_USERS) {
            readings.extend(Reading::of_session_users());
        }
        if readings.is_empty() {
            return Some(Slot::Read(Box::new(usual)));
        }
        let all = readings.iter().fold(Reading::default(), |all, (reading, _)| all.or(*reading));
        let mut unknowns = labels(statement);
        unknowns.extend(readings.iter().map(|(_, what)| (*what).into()));
        let several = (readings.len() > 1).then_some(all);
        let others = readings.iter().map(|(reading, _)| *reading).chain(several);
        let others = others.filter_map(|reading| Some((read(reading)?, reading == lists)));
        Some(Slot::Open(Box::new(Open { usual, others: others.collect(), unknowns })))
    }
}

impl Open {
    /// What comes of it, unsure if that depends on how it is read.
    fn outcome<'p>(&'p self, asked: &Asked<'_>) -> Option<Outcome<'p>> {
        let usual = self.usual.outcome(asked);
        let answer = |outcome: &Option<Outcome<'_>>| {
            outcome.as_ref().map_or((false, false), |outcome| (outcome.matches, outcome.unsure))
        };
        for (other, of_lists) in &self.others {
            if *of_lists && !asked.has_lists() {
                continue;
            }
            let other = other.outcome(asked);
            if answer(&other) != answer(&usual) {
                let outcome = if answer(&other).0 { other } else { usual.or(other) };
                return outcome.map(|outcome| Outcome {
                    matches: false,
                    unsure: true,
                    unknowns: &self.unknowns,
                    ..outcome
                });
            }
        }
        usual
    }
}

/// How to name to a person what is not known of a statement.
fn labels(statement: &policy::Statement) -> Vec<Box<str>> {
    // A label in words has what it names in backticks.
    let quoted = |label: &str| if label.contains('`') { label.into() } else { format!("`{label}`").into() };
    statement.unknowns().into_iter().map(|(label, _)| quoted(label)).collect()
}

impl<'p> Outcome<'p> {
    fn unknown(statement: usize, effect: Effect, unknowns: &'p [Box<str>]) -> Self {
        Outcome {
            statement,
            sid: None,
            effect,
            matches: false,
            unsure: true,
            grip: Grip::Itself,
            may_grip: Grip::Itself,
            unknowns,
            absent: Vec::new(),
        }
    }
}

impl Statement {
    /// `None` for a statement that has no effect.
    pub(super) fn new(statement: &policy::Statement, kind: Kind, reading: Reading) -> Option<Self> {
        if !statement.is_complete() {
            return None;
        }
        let element = statement.action.as_ref()?;
        let actions = element.values.items.iter();
        let twins = if reading.other_values { twins(statement) } else { HashSet::new() };
        let has_no_value = |test: &policy::Test| reading.other_values && no_value(test).is_some();
        Some(Statement {
            index: statement.index,
            sid: statement.sid().map(str::to_owned),
            effect: statement.effect?,
            principals: Principals::new(statement, kind, reading),
            actions: Actions {
                negated: element.negated,
                listed: known(actions.clone())
                    .map(|text| Text::pattern(&text.to_ascii_lowercase(), false))
                    .collect(),
                unfilled: actions.clone().any(|value| value.is_hole()),
            },
            resources: Resources::new(statement, kind, reading)?,
            tests: statement
                .conditions
                .iter()
                .filter(|test| !test.unknown_key && !has_no_value(test))
                .map(|test| {
                    let is_twin = twins.contains(&(test.operator, test.key.to_ascii_lowercase()));
                    Test::new(test, statement.variables, reading, is_twin)
                })
                .collect(),
            unknown_tests: statement.has_unknown_condition() || statement.conditions.iter().any(has_no_value),
            unknowns: labels(statement),
            is_held_by_arn: is_held_by_arn(statement),
        })
    }

    /// Its elements are joined by *and*. IAM guide, "Conditions with multiple context keys or values".
    pub(super) fn outcome<'p>(&'p self, asked: &Asked<'_>) -> Option<Outcome<'p>> {
        let gripping = self.principals.grip(asked, self.effect)?;
        let (mut absent, mut unsure) = (Vec::new(), self.unknown_tests || gripping.surely.is_none());
        match self.actions.match_of(asked) {
            Match::Yes => {}
            Match::No => return None,
            Match::Unsure => unsure = true,
        }
        let mut matches = true;
        match self.resources.include(asked, &mut absent) {
            Match::Yes => {}
            Match::Unsure => unsure = true,
            // Without an absent key to blame, the statement is about something else.
            Match::No if absent.is_empty() => return None,
            Match::No => matches = false,
        }
        for test in &self.tests {
            let before = absent.len();
            match test.holds(asked, &mut absent) {
                Match::Yes => {}
                Match::Unsure => unsure = true,
                Match::No if absent.len() == before => return None,
                Match::No => matches = false,
            }
        }
        Some(Outcome {
            statement: self.index,
            sid: self.sid.as_deref(),
            effect: self.effect,
            matches: matches && !unsure,
            unsure: matches && unsure,
            grip: self.held(gripping.surely.unwrap_or(gripping.perhaps)),
            may_grip: self.held(gripping.perhaps),
            unknowns: &self.unknowns,
            absent,
        })
    }

    /// The grip on a caller whose `aws:PrincipalArn` a statement for everyone asks for.
    fn held(&self, grip: Grip) -> Grip {
        match grip {
            Grip::Everyone if self.is_held_by_arn => Grip::ByArn,
            grip => grip,
        }
    }
}

/// Whether a statement names everyone and asks for an `aws:PrincipalArn` that not everyone has. IAM guide,
/// "AWS JSON policy elements: Principal", under "IAM role principals".
pub(super) fn is_held_by_arn(statement: &policy::Statement) -> bool {
    let is_positive = |test: &policy::Test| {
        !test.operator.kind.is_negated() && test.operator.kind != policy::TestKind::Null
    };
    let is_open = |value: &policy::Value| value.text.chars().all(|character| character == '*');
    statement.principal.as_ref().is_some_and(|element| !element.negated)
        && statement.conditions.iter().any(|test| {
            test.key.eq_ignore_ascii_case("aws:PrincipalArn")
                && is_positive(test)
                && !test.values.items.iter().any(is_open)
        })
}

impl Actions {
    fn match_of(&self, asked: &Asked<'_>) -> Match {
        let listed = self.listed.iter().any(|pattern| pattern.is(&asked.action));
        Match::of(listed, self.negated, self.unfilled)
    }
}

/// Whether a part of a statement matches a part of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Match {
    Yes,
    No,
    /// That depends on a value that only a template knows.
    Unsure,
}

impl Match {
    /// Of a list that has the value, or has not; or, `negated`, of one that must not have it.
    fn of(listed: bool, negated: bool, unfilled: bool) -> Self {
        match (listed, listed != negated) {
            (false, _) if unfilled => Match::Unsure,
            (_, true) => Match::Yes,
            (_, false) => Match::No,
        }
    }
}

/// The values that are known before a template fills in the others.
fn known<'v>(values: impl Iterator<Item = &'v policy::Value>) -> impl Iterator<Item = &'v str> {
    values.filter_map(|value| value.known())
}

#[cfg(test)]
mod tests;
