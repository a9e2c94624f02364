//! Strings and lists of strings, and the elements that hold them.

use super::Reader;
use crate::diagnostic::Diagnostic;
use crate::parse::{Node, Value as Json};
use crate::span::Span;

/// One value: a string, or a boolean or number in a condition, which means its JSON text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Value {
    /// What it says. For an opaque value, its JSON text.
    pub text: String,
    /// Where it stands, quotes included.
    pub span: Span,
    /// Whether it is a template's function call such as `{"Ref": …}`, whose value is not known.
    pub opaque: bool,
}

/// One value or a list of them. Order and repetition have no meaning to AWS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Values {
    /// The values, in order.
    pub items: Vec<Value>,
    /// Whether they stand in a list.
    pub list: bool,
    /// The whole value.
    pub span: Span,
}

/// `Action`, `NotAction`, `Resource` or `NotResource`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Element {
    /// The element's name.
    pub key: Span,
    /// Whether it is the `Not…` form.
    pub negated: bool,
    /// What it lists.
    pub values: Values,
}

/// Whether a node is a call of a template function (`Ref`, `Fn::…`, `Condition`), whose value only
/// CloudFormation knows.
pub(super) fn is_intrinsic(node: &Node, text: &str) -> bool {
    match node.members() {
        [member] => {
            let name = member.key.text(text);
            name == "Ref" || name.starts_with("Fn::")
        }
        _ => false,
    }
}

impl Reader<'_> {
    /// A string, or a template's function call.
    pub(super) fn string(&mut self, what: &str, node: &Node) -> Option<Value> {
        if let Some(text) = node.text(self.text) {
            return Some(Value { text: text.into_owned(), span: node.span, opaque: false });
        }
        if is_intrinsic(node, self.text) {
            return Some(Value {
                text: node.span.slice(self.text).to_owned(),
                span: node.span,
                opaque: true,
            });
        }
        self.wrong_type(what, "a string", node);
        None
    }

    /// A boolean or number, which a condition may write bare.
    fn scalar(&self, node: &Node) -> Option<Value> {
        match node.value {
            Json::Bool(_) | Json::Number => {
                Some(Value { text: node.span.slice(self.text).to_owned(), span: node.span, opaque: false })
            }
            _ => None,
        }
    }

    /// A string or a list of strings; with `scalars` also booleans and numbers.
    pub(super) fn values(&mut self, what: &str, node: &Node, scalars: bool) -> Values {
        let mut value = |node: &Node| match self.scalar(node).filter(|_| scalars) {
            Some(value) => Some(value),
            None => self.string(what, node),
        };
        match &node.value {
            Json::Array(items) => {
                let values = items.iter().filter_map(value).collect();
                if items.is_empty() {
                    let problem =
                        Diagnostic::new("empty-list", node.span, format!("{what} is an empty list"));
                    self.report(problem.help("an empty list names nothing: fill it or take the element out"));
                }
                Values { items: values, list: true, span: node.span }
            }
            _ => Values { items: value(node).into_iter().collect(), list: false, span: node.span },
        }
    }
}
