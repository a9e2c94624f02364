//! From data to text. Nothing is decided here.

pub mod diff;
pub mod human;
pub mod json;
pub mod page;
pub mod style;
mod wrap;
