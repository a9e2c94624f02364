//! The engine and the evaluator: what a policy grants, what a change of it grants, and that the two agree.

mod can;
mod conditions;
#[path = "../support/corpus.rs"]
mod corpus;
#[path = "../support/draws.rs"]
mod draws;
mod holes;
mod meaning;
mod mutations;
mod open_readings;
mod pairs;
mod possible;
mod public;
mod random;
mod real_policies;
#[path = "../support/steps.rs"]
mod steps;
