//! Where in a file the policies are: bare, in what the AWS CLI answers, in templates and plans.

mod account;
mod aws_cli;
mod cloudformation;
mod path;
mod percent;
pub mod statements;
mod terraform;

use crate::kind::{Inline, Kind};
use crate::parse::{Escaped, Node, Value};
use crate::span::Span;

/// A policy found in a file.
#[derive(Clone, Debug)]
pub struct Found {
    /// RFC 6901 pointer from the file's root to the policy; empty for a bare one.
    pub pointer: String,
    /// The kind of policy, where the place tells.
    pub kind: Option<Kind>,
    /// The ARN of what the policy hangs on, where the file tells.
    pub resource: Option<String>,
    /// What the file around the policy is: the command whose answer it is, or the sort of template;
    /// `None` for a bare policy.
    pub envelope: Option<&'static str>,
    /// Whose inline policy it is, where the file tells.
    pub inline: Option<Inlined>,
    /// How the policy is written down there.
    pub form: Form,
}

/// An inline policy's place among those of one identity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inlined {
    /// What has it.
    pub of: Inline,
    /// What tells the identity from the others in the file.
    pub identity: String,
}

/// How a policy is written down in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Form {
    /// As JSON.
    Plain(Span),
    /// As a JSON string of JSON.
    Escaped(Span),
    /// As a JSON string of percent-encoded JSON, as the IAM API sends it.
    Percent(Span),
    /// As its statements alone: one, or a list of them.
    Statements(Span),
    /// Not at all yet: it would be the member of that name in the object there.
    Absent {
        /// The object.
        object: Span,
        /// The member.
        name: &'static str,
    },
}

/// The policies in a file, in order. None: it holds no policy that we know of.
pub fn locate(tree: &Node, text: &str) -> Vec<Found> {
    if is_policy(tree, text) {
        return vec![Found {
            pointer: String::new(),
            kind: None,
            resource: None,
            envelope: None,
            inline: None,
            form: Form::Plain(tree.span),
        }];
    }
    // The first that knows the file: their marks do not overlap.
    [cloudformation::locate, terraform::locate, account::locate, aws_cli::locate]
        .iter()
        .map(|locate| locate(tree, text))
        .find(|found| !found.is_empty())
        .unwrap_or_default()
}

/// The templates that stand in strings of a file: a pointer to each, and its span.
pub fn bodies(tree: &Node, text: &str) -> Vec<(String, Span)> {
    let mut places = cloudformation::bodies(tree, text);
    places.extend(terraform::bodies(tree, text));
    let strings =
        places.into_iter().filter(|place| place.node.text(text).is_some_and(|text| !text.trim().is_empty()));
    strings.map(|place| (place.pointer, place.node.span)).collect()
}

/// The text of a policy that stands in a string, with the way back to the file.
pub fn decode(form: &Form, text: &str) -> Option<Escaped> {
    match form {
        Form::Plain(_) | Form::Absent { .. } => None,
        Form::Escaped(span) => Some(crate::parse::unescape(text, *span)),
        Form::Percent(span) => Some(percent::decode(text, *span)),
        Form::Statements(span) => Some(statements::wrap(text, *span)),
    }
}

/// A text as it must be written in place of part of a policy in that form.
pub fn encode(form: &Form, text: &str) -> String {
    match form {
        Form::Plain(_) | Form::Statements(_) => text.to_owned(),
        Form::Percent(_) => percent::encode(text),
        Form::Escaped(_) | Form::Absent { .. } => {
            let quoted = serde_json::Value::from(text).to_string();
            quoted[1..quoted.len() - 1].to_owned()
        }
    }
}

/// Whether an object is a policy, or so nearly one that it must be meant as one: it has a
/// `Statement`, or nothing but a `Version` and `Id`, or is a statement without a policy around it.
fn is_policy(tree: &Node, text: &str) -> bool {
    let has = |name| tree.get(text, name).is_some();
    match &tree.value {
        Value::Object(members) => {
            has("Statement")
                || (has("Effect") && (has("Action") || has("NotAction")))
                || members.iter().all(|member| ["Version", "Id"].contains(&&*member.key.text(text)))
                || members.iter().any(|member| member.key.text(text).eq_ignore_ascii_case("Statement"))
        }
        // Statements without a policy around them.
        Value::Array(items) => {
            !items.is_empty() && items.iter().all(|item| item.get(text, "Effect").is_some())
        }
        _ => false,
    }
}

/// How the policy at `node` is written, if it is one.
fn policy_form(node: &Node, text: &str) -> Option<Form> {
    match &node.value {
        Value::Object(_) => is_policy(node, text).then_some(Form::Plain(node.span)),
        Value::String { .. } => {
            let inner = crate::parse::unescape(text, node.span).text;
            let start = inner.trim_start();
            if start.starts_with('{') {
                return Some(Form::Escaped(node.span));
            }
            percent::looks_encoded(start).then_some(Form::Percent(node.span))
        }
        _ => None,
    }
}
