//! The rules and their fixes.

#[path = "../support/corpus.rs"]
mod corpus;
#[path = "../support/draws.rs"]
mod draws;
mod everywhere;
mod facts;
mod findings;
mod fix;
mod known;
#[path = "../support/linted.rs"]
mod linted;
mod rules;
