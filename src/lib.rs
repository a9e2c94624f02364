//! polmerge merges statements into AWS policy documents without breaking them, lints what is
//! there, and says what a change grants.
//!
//! The library is a pipeline of pure stages; read from top to bottom, this page is its story.
//! Files, terminal and environment are met only at its ends ([`cli`], [`read`]).

// Foundation: words that every stage uses.
pub mod diagnostic;
pub mod edit;
pub mod kind;
pub mod pattern;
pub mod placeholder;
pub mod source;
pub mod span;

// From text to policy.
pub mod document;
pub mod locate;
pub mod parse;
pub mod policy;

// What it lets happen, and what is wrong with it.
pub mod analyze;
pub mod lint;

// What people see, and the edges.
#[cfg(feature = "cli")]
pub mod cli;
#[cfg(feature = "cli")]
pub mod read;
pub mod report;

pub use diagnostic::{Diagnostic, Severity};
pub use document::Document;
pub use kind::Kind;
pub use source::Source;
