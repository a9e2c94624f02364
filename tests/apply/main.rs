//! What `polmerge apply` and `polmerge compact` write, and what they refuse.

mod access;
mod command;
mod compact;
#[path = "../support/corpus.rs"]
mod corpus;
#[path = "../support/draws.rs"]
mod draws;
mod every_step;
mod inner_edits;
#[path = "../support/steps.rs"]
mod steps;
mod wrong_inputs;
