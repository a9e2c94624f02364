//! Statements that others of the policy cover, for the rules that point at them.

use super::covered::scope;
use crate::analyze::redundancy::{Limits, Spare, spare_statements};
use crate::analyze::space::{Budget, Engine};
use crate::document::Document;
use crate::policy::Statement;

/// What is looked at: lint answers in milliseconds, so statements that it takes long to compare, or that have
/// more than so many others about the same, are left to `compact`.
const LIMITS: Limits = Limits { others: 24, steps: 300_000 };
const BUDGET: Budget = Budget::small(2_000);

/// The statements of a policy that it can do without.
pub(crate) fn spare(document: &Document) -> Vec<Spare> {
    let engine = Engine { budget: BUDGET, shows: false, ..Engine::new(scope(document)) };
    let statements: Vec<&Statement> = document.policy.statements.iter().collect();
    spare_statements(&engine, &statements, LIMITS).spare
}

/// `statement 2 "Read" and statement 5`
pub(crate) fn names(document: &Document, places: &[usize]) -> String {
    let names: Vec<String> = places.iter().map(|at| document.policy.statements[*at].name()).collect();
    match names.as_slice() {
        [names @ .., last] if !names.is_empty() => format!("{} and {last}", names.join(", ")),
        names => names.join(""),
    }
}
