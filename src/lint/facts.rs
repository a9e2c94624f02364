//! What the rules that ask the catalogue share.

use crate::catalog::{self, ActionFacts};
use crate::policy::marks::is_template;
use crate::policy::{Arn, Statement, Value};

/// The age of the facts, for the end of a sentence.
pub(crate) fn dated() -> String {
    format!("as of {}", catalog::DATE)
}

/// The values of `Action` or `NotAction` that say what they are.
pub(crate) fn action_values(statement: &Statement) -> impl Iterator<Item = &Value> {
    statement.action.iter().flat_map(|element| &element.values.items).filter(|value| is_plain(value))
}

/// The values of `Resource` or `NotResource` that say what they are.
pub(crate) fn resource_values(statement: &Statement) -> impl Iterator<Item = &Value> {
    statement.resource.iter().flat_map(|element| &element.values.items).filter(|value| is_plain(value))
}

/// The same as ARNs of six segments.
pub(crate) fn arns(statement: &Statement) -> impl Iterator<Item = (&Value, Arn<'_>)> {
    resource_values(statement).filter_map(|value| Some((value, Arn::parse(&value.text)?)))
}

/// Whether a value is what it will be.
pub(crate) fn is_plain(value: &Value) -> bool {
    !value.is_function() && !is_template(&value.text)
}

/// Whether a text has wildcards or variables.
pub(crate) fn is_pattern(text: &str) -> bool {
    text.contains(['*', '?']) || text.contains("${")
}

/// The actions that a value stands for; one that is written out costs one look-up.
pub(crate) fn actions(value: &Value) -> impl Iterator<Item = ActionFacts> + use<> {
    catalog::actions_matching(&value.text)
}

/// What an action or resource that matches nothing does in a statement: `allows nothing`.
pub(crate) fn does_nothing(statement: &Statement, negated: bool) -> &'static str {
    match (negated, statement.denies()) {
        (true, _) => "excepts nothing",
        (false, true) => "denies nothing",
        (false, false) => "allows nothing",
    }
}
