//! JSON text to a tree in which every node and every member name knows where it stands.
//!
//! Parsers for machines keep the values and lose the text. This one keeps both: [`parse`] gives a
//! tree *and* the list of what is wrong, never one or the other, so that a broken document can
//! still be looked at, and an edit can leave every other byte alone. [`print()`] gives back the text
//! byte for byte.

mod lexer;
mod parser;
mod print;
mod problems;
mod text;
mod tree;
mod yaml;

pub use parser::{MAX_DEPTH, MAX_PROBLEMS, Parsed, parse};
pub use print::print;
pub use problems::{Problem, ProblemKind};
pub use text::{Escaped, OffsetMap, dense, unescape};
pub use tree::{Key, Member, Members, Node, Value};
pub use yaml::{Comment, Yaml};
