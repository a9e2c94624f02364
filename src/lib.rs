//! polmerge merges statements into AWS policy documents without breaking them, lints what is
//! there, and says what a change grants.
//!
//! The library is a pipeline of pure stages; read from top to bottom, this page is its story.
//! Files, terminal and environment are met only at its ends ([`cli`], [`read`]).

// No input makes the library panic, and only the edges print.
#![cfg_attr(
    not(test),
    warn(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::print_stdout,
        clippy::print_stderr
    )
)]

// Foundation: words that every stage uses.
pub mod diagnostic;
pub mod edit;
pub mod invisible;
pub mod kind;
pub mod pattern;
pub mod placeholder;
pub mod source;
pub mod span;
pub mod spelling;

// What AWS's services have.
pub mod catalog;

// From text to policy.
pub mod document;
pub mod locate;
pub mod parse;
pub mod policy;

// How it is laid out, and what is to be there.
pub mod format;
pub mod steps;

// What it means, and what is wrong with it.
pub mod analyze;
pub mod lint;

// Putting statements in, and saying the same in less.
pub mod apply;
pub mod compact;
pub mod merge;

// The whole onboarding, planned and checked.
pub mod guide;

// What people see and say, and the edges.
#[cfg(feature = "cli")]
pub mod cli;
pub mod config;
#[cfg(feature = "cli")]
pub mod read;
pub mod report;

#[cfg(test)]
#[path = "../tests/support/draws.rs"]
mod draws;

pub use diagnostic::{Diagnostic, Severity};
pub use document::Document;
pub use kind::Kind;
pub use source::Source;
