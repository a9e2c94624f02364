//! The rules: one file each, one folder a group, and this list of them.

mod syntax {
    pub(super) mod json_syntax;
}

use super::rule::Rule;

/// Every rule, by group and name.
pub const ALL: &[Rule] = &[syntax::json_syntax::RULE];

/// The rule of that name.
pub fn get(name: &str) -> Option<&'static Rule> {
    ALL.iter().find(|rule| rule.name == name)
}
