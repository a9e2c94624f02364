//! From data to text. Nothing is decided here.

pub mod style;
