//! From data to text. Nothing is decided here.

pub mod diff;
pub mod human;
pub mod style;
mod wrap;
