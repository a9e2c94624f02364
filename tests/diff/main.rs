//! What `polmerge diff` answers.

#[path = "../support/corpus.rs"]
mod corpus;
#[path = "../support/draws.rs"]
mod draws;
mod extracted;
mod git;
mod lines;
mod several;
mod text;
