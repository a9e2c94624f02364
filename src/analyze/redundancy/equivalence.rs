//! Whether two policies mean the same, proved statement by statement.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::index::Index;
use crate::analyze::canonical::{Canonical, canonical};
use crate::analyze::space::{Answer, Engine};
use crate::kind::Kind;
use crate::policy::Statement;

/// Proves that two policies allow and deny the same: every Allow of either lies within the statements of the other, granted as directly, and every Deny within its Denies.
///
/// That is more than is needed, but it is all that a change can break which takes out what is covered and
/// joins what differs in one element; and each statement is compared with those alone that have a request
/// in common with it, so that policies of thousands of statements can be proved.
///
/// # Errors
/// Why it could not be proved.
pub fn equivalent(engine: &Engine<'_>, old: &[Statement], new: &[Statement]) -> Result<(), String> {
    if unreadable(engine, old) != unreadable(engine, new) {
        return Err("a statement that could not be read is not the same".to_owned());
    }
    within(engine, old, new)?;
    within(engine, new, old)
}

/// What cannot be read must at least be the same.
fn unreadable(engine: &Engine<'_>, statements: &[Statement]) -> BTreeSet<Canonical> {
    let key = engine.scope.resource.filter(|_| engine.scope.kind == Kind::Kms);
    let all = statements.iter().filter(|statement| !engine.reads(statement));
    all.map(|statement| canonical(statement, key)).collect()
}

/// Proves that every Allow of `these` lies within the statements of `those`, and every Deny within their
/// Denies. What cannot be read is left out of account.
///
/// # Errors
/// Why it could not be proved.
pub fn within(engine: &Engine<'_>, these: &[Statement], those: &[Statement]) -> Result<(), String> {
    let key = engine.scope.resource.filter(|_| engine.scope.kind == Kind::Kms);
    let those: Vec<&Statement> = those.iter().filter(|statement| engine.reads(statement)).collect();
    let known: HashSet<Canonical> = those.iter().map(|statement| canonical(statement, key)).collect();
    let index = Index::new(&those, engine.scope);
    // Statements that stand against the same ones are asked about together.
    let mut asked: BTreeMap<Vec<usize>, Vec<&Statement>> = BTreeMap::new();
    for statement in these.iter().filter(|statement| engine.reads(statement)) {
        if !known.contains(&canonical(statement, key)) {
            asked.entry(index.meeting(statement, engine.scope)).or_default().push(statement);
        }
    }
    let mut steps = STEPS;
    for (by, statements) in asked {
        let by: Vec<&Statement> = by.into_iter().map(|at| those[at]).collect();
        match engine.all_spared(&statements, &by, &mut steps) {
            Answer::Covered => {}
            Answer::NotProved(why) => return Err(why),
            Answer::Witness(request) => {
                return Err(format!("{} on {} is decided otherwise", request.action, request.resource));
            }
        }
    }
    Ok(())
}

/// What a proof as a whole may take, in steps of the engine: some seconds.
const STEPS: usize = 50_000_000;
