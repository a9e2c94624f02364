//! The rules: one file each, one folder a group, and this list of them.

mod condition {
    pub(super) mod unknown_operator;
}
mod principal {
    pub(super) mod unknown_principal_type;
}
mod statement {
    pub(super) mod action_and_not_action;
    pub(super) mod empty_list;
    pub(super) mod invalid_effect;
    pub(super) mod missing_action;
    pub(super) mod missing_effect;
    pub(super) mod principal_and_not_principal;
    pub(super) mod resource_and_not_resource;
}
mod syntax {
    pub(super) mod duplicate_member;
    pub(super) mod invalid_version;
    pub(super) mod json_syntax;
    pub(super) mod missing_statement;
    pub(super) mod unknown_element;
    pub(super) mod wrong_type;
}

use super::rule::Rule;

/// Every rule, by group and name.
pub const ALL: &[Rule] = &[
    condition::unknown_operator::RULE,
    principal::unknown_principal_type::RULE,
    statement::action_and_not_action::RULE,
    statement::empty_list::RULE,
    statement::invalid_effect::RULE,
    statement::missing_action::RULE,
    statement::missing_effect::RULE,
    statement::principal_and_not_principal::RULE,
    statement::resource_and_not_resource::RULE,
    syntax::duplicate_member::RULE,
    syntax::invalid_version::RULE,
    syntax::json_syntax::RULE,
    syntax::missing_statement::RULE,
    syntax::unknown_element::RULE,
    syntax::wrong_type::RULE,
];

/// The rule of that name.
pub fn get(name: &str) -> Option<&'static Rule> {
    ALL.iter().find(|rule| rule.name == name)
}
