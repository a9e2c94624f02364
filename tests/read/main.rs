//! Reading and laying out: every text, every place that a policy stands in.

#[path = "../support/corpus.rs"]
mod corpus;
#[path = "../support/draws.rs"]
mod draws;
mod format;
mod locate;
mod parse;
mod places;
#[path = "../support/steps.rs"]
mod steps;
