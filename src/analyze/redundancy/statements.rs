//! Statements that others of the policy cover.

use std::collections::HashMap;

use super::index::Index;
use crate::analyze::canonical::canonical;
use crate::analyze::cover::Scope;
use crate::analyze::replay::is_readable;
use crate::analyze::space::{Answer, Comparison, Engine, is_spent};
use crate::kind::Kind;
use crate::policy::Statement;

/// How much is looked at.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// With how many others one statement is compared.
    pub others: usize,
    /// What all questions together may take, in steps of the engine.
    pub steps: usize,
}

/// A statement that the policy can do without.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spare {
    /// Its place.
    pub statement: usize,
    /// The places of those that cover it, none of which is spare itself.
    pub by: Vec<usize>,
}

/// What was found out about the statements of a policy.
#[derive(Clone, Debug, Default)]
pub struct Spared {
    /// Those that the policy can do without, all of them together, in order.
    pub spare: Vec<Spare>,
    /// Those of which it is not known: comparing them would take more than the limits allow.
    pub left: Vec<usize>,
}

/// What a question costs besides the steps of its search.
const QUESTION: usize = 50;

/// The statements of a policy that others cover. Of statements that cover each other one stays: one with a
/// Sid rather than one without, else an earlier one.
///
/// A statement that no request matches is no such one: it is more likely a mistake than a repetition. Nor
/// is one with `NotPrincipal`, whom AWS takes for denied who is not named on every level.
pub fn spare_statements(engine: &Engine<'_>, statements: &[&Statement], limits: Limits) -> Spared {
    let mut search = Search::new(engine, statements);
    let mut order: Vec<usize> = (0..statements.len()).collect();
    order.sort_by_key(|at| (statements[*at].sid().is_some(), std::cmp::Reverse(*at)));
    search.repeated(&order);
    let (mut left, mut steps) = (Vec::new(), 0);
    for at in order {
        if search.by[at].is_some() || !can_be_compared(statements[at], engine.scope.kind) {
            continue;
        }
        let mut others = search.others(at);
        if others.is_empty() {
            continue;
        }
        let all = others.len() <= limits.others;
        if !all {
            // Those with the fewest tests are the likeliest.
            others.sort_by_key(|other| (statements[*other].conditions.len(), *other));
            others.truncate(limits.others);
        }
        if steps > limits.steps || is_spent() {
            left.push(at);
            continue;
        }
        let by: Vec<&Statement> = others.iter().map(|other| statements[*other]).collect();
        let Comparison { answer, states, nodes, .. } = engine.spared(statements[at], &by);
        // A state is as large as what it is compared with.
        steps += QUESTION + nodes + (1 + states) * by.len();
        match answer {
            Answer::Covered => {
                let sparing: Vec<usize> =
                    engine.sparing(statements[at], &by).into_iter().map(|other| others[other]).collect();
                search.by[at] = Some(sparing).filter(|by| !by.is_empty());
            }
            Answer::Witness(_) if all => {}
            Answer::Witness(_) | Answer::NotProved(_) => left.push(at),
        }
    }
    left.sort_unstable();
    Spared { spare: search.spare(), left }
}

fn can_be_compared(statement: &Statement, kind: Kind) -> bool {
    is_readable(statement, kind) && !statement.principal.as_ref().is_some_and(|element| element.negated)
}

struct Search<'s> {
    statements: &'s [&'s Statement],
    scope: Scope<'s>,
    index: Index,
    /// Of each statement, what covers it.
    by: Vec<Option<Vec<usize>>>,
}

impl<'s> Search<'s> {
    fn new(engine: &Engine<'s>, statements: &'s [&'s Statement]) -> Self {
        let index = Index::new(statements, engine.scope);
        Search { statements, scope: engine.scope, index, by: vec![None; statements.len()] }
    }

    /// Those that mean the same as one that comes later in `order`, in which they are given up.
    fn repeated(&mut self, order: &[usize]) {
        let key = self.scope.resource.filter(|_| self.scope.kind == Kind::Kms);
        let mut kept = HashMap::new();
        for at in order.iter().rev() {
            let form = canonical(self.statements[*at], key);
            match kept.get(&form) {
                Some(other) => self.by[*at] = Some(vec![*other]),
                None => {
                    kept.insert(form, *at);
                }
            }
        }
    }

    /// The statements that are still there and may cover something of one.
    fn others(&self, at: usize) -> Vec<usize> {
        let statement = self.statements[at];
        let mut others = self.index.meeting(statement, self.scope);
        others.retain(|other| {
            let with = self.statements[*other];
            *other != at
                && self.by[*other].is_none()
                && can_be_compared(with, self.scope.kind)
                && (with.effect == statement.effect || with.denies())
        });
        others
    }

    /// What was found, each with statements that stay.
    fn spare(&self) -> Vec<Spare> {
        let mut spare = Vec::new();
        for (statement, by) in self.by.iter().enumerate() {
            let Some(by) = by else { continue };
            let (mut stay, mut todo) = (Vec::new(), by.clone());
            while let Some(at) = todo.pop() {
                match &self.by[at] {
                    Some(by) => todo.extend(by),
                    None => stay.push(at),
                }
            }
            stay.sort_unstable();
            stay.dedup();
            spare.push(Spare { statement, by: stay });
        }
        spare
    }
}
