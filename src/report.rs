//! From data to text. Nothing is decided here.

pub mod access;
pub mod apply;
pub mod apply_json;
pub mod can;
pub mod changes;
pub mod compact;
pub mod comparison;
pub mod diff;
mod edited;
pub mod github;
pub mod guide;
pub mod human;
pub mod json;
pub mod junit;
pub mod markdown;
pub mod page;
pub mod review;
pub mod sarif;
pub mod settings;
pub mod steps;
pub mod style;
pub(crate) mod wrap;
