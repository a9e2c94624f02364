//! Where in a file the policies are: bare, in what the AWS CLI answers, in templates and plans.

mod answers;
mod anywhere;
mod cloudformation;
mod frameworks;
mod names;
mod owner;
mod path;
mod percent;
mod place;
pub mod statements;
mod terraform;

use std::collections::HashSet;

use crate::kind::{Inline, Kind};
use crate::parse::{Escaped, Member, Node, Value};
use crate::span::Span;
pub(crate) use frameworks::{ZAPPA, is_serverless};
use path::Place;
pub(crate) use place::{object, place};
pub use terraform::Resource;

/// What a file is that is a configuration of Terraform, in its JSON syntax.
pub const CONFIGURATION: &str = terraform::CONFIGURATION;

/// A policy found in a file.
#[derive(Clone, Debug)]
pub struct Found {
    /// RFC 6901 pointer from the file's root to the policy; empty for a bare one.
    pub pointer: String,
    /// The same with the names of things in place of their numbers in lists.
    pub place: String,
    /// The kinds of policy that stand in such a place, the likelier ones first; empty where the place tells nothing.
    pub candidates: Vec<Candidate>,
    /// The kind that what stands beside the policy tells, unless its statements are of another.
    pub likely: Option<Kind>,
    /// The ARN of what the policy is attached to, where the file tells.
    pub resource: Option<String>,
    /// The same with stars for what the file does not tell, where it names that by an id.
    pub id: Option<String>,
    /// What the file around the policy is: the command whose answer it is, or the sort of template;
    /// `None` for a bare policy, and in a file of which nothing is known.
    pub envelope: Option<&'static str>,
    /// Whose inline policy it is, where the file tells.
    pub inline: Option<Inlined>,
    /// What it belongs to, in words, where something around it has a name.
    pub owner: Option<String>,
    /// How the policy is written down there.
    pub form: Form,
}

/// A kind of policy that may stand in a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The kind.
    pub kind: Kind,
    /// What the file is if it is one of that kind.
    pub envelope: &'static str,
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
    /// As a JSON string of JSON whose quotes are escaped once more, as API Gateway sends it.
    Twice(Span),
    /// As a JSON string of percent-encoded JSON, as the IAM API sends it.
    Percent(Span),
    /// As its statements alone, one or a list of them.
    Statements {
        /// Where they stand.
        span: Span,
        /// Whether they are text in a JSON string.
        quoted: bool,
    },
    /// As what is known later: a plan of Terraform says no more than that there will be one, and a template may name
    /// where it is.
    Unknown {
        /// Where it says so.
        span: Span,
        /// What it is, in words: `aws_sqs_queue_policy.events (known after apply)`.
        label: String,
    },
    /// Not at all yet: it would be the member of that name in the object there.
    Absent {
        /// The object.
        object: Span,
        /// The member.
        name: &'static str,
    },
}

impl Found {
    /// Whether what is around it is a template, or a configuration of a framework, and no answer of AWS.
    pub(crate) fn is_in_template(&self) -> bool {
        let envelope = self.envelope.or_else(|| Some(self.candidates.first()?.envelope));
        let is_of_api =
            |what: &str| ["the answer of ", "the input of "].iter().any(|start| what.starts_with(start));
        envelope.is_some_and(|envelope| !is_of_api(envelope))
    }

    /// A policy of which no more is known than where and how it stands.
    pub(crate) fn somewhere(pointer: String, form: Form) -> Found {
        Found {
            pointer,
            place: String::new(),
            candidates: Vec::new(),
            likely: None,
            resource: None,
            id: None,
            envelope: None,
            inline: None,
            owner: None,
            form,
        }
    }
}

/// The policies in a file, in order.
pub fn locate(tree: &Node, text: &str) -> Vec<Found> {
    if is_policy(tree, text) && !is_answer(tree, text) {
        return vec![Found::somewhere(String::new(), Form::Plain(tree.span))];
    }
    let mut passed = Vec::new();
    // The first that knows the file: their marks do not overlap.
    let mut found = cloudformation::locate(tree, text);
    if found.is_empty() {
        found = terraform::locate(tree, text);
    }
    if found.is_empty() {
        (found, passed) = answers::locate(tree, text);
    }
    found.extend(frameworks::locate(tree, text));
    let known = found.iter().map(|found| found.pointer.clone()).chain(passed).collect();
    let known = anywhere::Known::new(known);
    for start in starts(tree, text) {
        found.extend(anywhere::policies(start, text, &known));
    }
    found.sort_by_key(|found| found.form.span().start);
    for found in &mut found {
        found.owner = owner::owner(tree, text, found.form.span());
        found.place = place(tree, text, &found.pointer);
    }
    found
}

/// The texts in strings of a file that are read as files of their own: templates, and JSON with policies in it. A pointer
/// to each, and its span. `found` are the policies of the file.
pub fn bodies(tree: &Node, text: &str, found: &[Found]) -> Vec<(String, Span)> {
    let mut places = cloudformation::bodies(tree, text);
    places.extend(terraform::bodies(tree, text));
    let strings =
        places.into_iter().filter(|place| place.node.text(text).is_some_and(|text| !text.trim().is_empty()));
    let mut bodies: Vec<(String, Span)> = strings.map(|place| (place.pointer, place.node.span)).collect();
    let mut known: HashSet<Span> = bodies.iter().map(|(_, span)| *span).collect();
    known.extend(found.iter().map(|found| found.form.span()));
    for start in starts(tree, text) {
        bodies.extend(anywhere::bodies(start, text).into_iter().filter(|(_, span)| !known.contains(span)));
    }
    bodies
}

/// The names of the data sources in Terraform's JSON syntax of which it makes policies.
pub fn terraform_documents(tree: &Node, text: &str) -> Vec<Span> {
    terraform::documents(tree, text)
}

/// The resources of a plan, state or configuration of Terraform.
pub fn terraform_resources<'n>(tree: &'n Node, text: &str) -> Vec<Resource<'n>> {
    terraform::all(tree, text)
}

/// Whether a file is a plan or state of Terraform.
pub fn is_planned(tree: &Node, text: &str) -> bool {
    terraform::is_planned(tree, text)
}

/// Whether a type of Terraform has policies that are read.
pub(crate) fn has_policies_in_terraform(kind: &str) -> bool {
    terraform::has_policies(kind)
}

/// Pointers to the places of a template in which a macro may make policies: its resources and their properties.
pub fn made_at(tree: &Node, text: &str) -> Vec<String> {
    cloudformation::made_at(tree, text)
}

/// Whether a property of a type of resource of CloudFormation is a policy, or has some in it.
pub(crate) fn is_policy_of(kind: &str, property: &str) -> bool {
    cloudformation::is_policy_of(kind, property)
}

/// Whether a file is a template of CloudFormation, or one that Terraform reads or makes.
pub fn is_template(tree: &Node, text: &str) -> bool {
    cloudformation::made(tree, text).is_some() || terraform::values(tree, text).is_some()
}

/// Whether a policy is in an answer or input of AWS's API that has nothing else beside it.
pub fn is_in_answer(tree: &Node, text: &str, pointer: &str) -> bool {
    answers::is_answer(tree, text, pointer)
}

/// The parts of a file in which policies are looked for, as spans.
pub fn searched(tree: &Node, text: &str) -> Vec<Span> {
    starts(tree, text).into_iter().map(|start| start.node.span).collect()
}

/// The policies of an answer that do not count: older versions, copies, those of another language.
pub fn set_aside(tree: &Node, text: &str) -> Vec<Span> {
    let (_, mut passed) = answers::locate(tree, text);
    // Which version of a managed policy counts has to be said.
    passed.retain(|pointer| answers::has_default(tree, text, pointer));
    let nodes = passed.iter().filter_map(|pointer| tree.at(text, pointer));
    nodes.filter(|node| policy_form(node, text).is_some()).map(|node| node.span).collect()
}

/// What is searched for policies in places that are not known: all of a file; of a template what it makes, and of what
/// Terraform makes only what it says of each resource once.
fn starts<'n>(tree: &'n Node, text: &str) -> Vec<Place<'n>> {
    // Every policy that counts has this in it, or in small letters, and nearly no other file does.
    if !text.contains("ffect") {
        return Vec::new();
    }
    let known = terraform::values(tree, text).or_else(|| cloudformation::made(tree, text));
    known.unwrap_or_else(|| vec![Place::root(tree)])
}

/// The text of a policy that stands in a string, with the way back to the file.
pub fn decode(form: &Form, text: &str) -> Option<Escaped> {
    match form {
        Form::Plain(_) | Form::Unknown { .. } | Form::Absent { .. } => None,
        Form::Escaped(span) => Some(crate::parse::unescape(text, *span)),
        Form::Twice(span) => {
            let outer = crate::parse::unescape(text, *span);
            Some(crate::parse::unescape(&outer.text, Span::new(0, outer.text.len())).through(&outer.map))
        }
        Form::Percent(span) => Some(percent::decode(text, *span)),
        Form::Statements { span, quoted: false } => Some(statements::wrap(text, *span)),
        Form::Statements { span, quoted: true } => {
            let outer = crate::parse::unescape(text, *span);
            Some(statements::wrap(&outer.text, Span::new(0, outer.text.len())).through(&outer.map))
        }
    }
}

/// A text as it must be written in place of part of a policy in that form.
pub fn encode(form: &Form, text: &str) -> String {
    match form {
        Form::Plain(_) | Form::Unknown { .. } | Form::Statements { quoted: false, .. } => text.to_owned(),
        Form::Percent(_) => percent::encode(text),
        Form::Twice(_) => escaped(&escaped(text)),
        Form::Escaped(_) | Form::Absent { .. } | Form::Statements { quoted: true, .. } => escaped(text),
    }
}

/// A text as it stands in a JSON string.
fn escaped(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

impl Form {
    /// Where it stands.
    pub(crate) fn span(&self) -> Span {
        match self {
            Form::Plain(span)
            | Form::Escaped(span)
            | Form::Twice(span)
            | Form::Percent(span)
            | Form::Unknown { span, .. }
            | Form::Statements { span, .. } => *span,
            Form::Absent { object, .. } => *object,
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

/// Whether an object that could be a policy has its only statement as text: the answer of a command that adds one.
fn is_answer(tree: &Node, text: &str) -> bool {
    let statement = |member: &Member| member.key.text(text).eq_ignore_ascii_case("Statement");
    let statement = tree.members().iter().find(|member| statement(member));
    statement.is_some_and(|member| string_form(&member.value, text, is_policy).is_some())
}

/// How the policy at `node` is written, if it is one.
fn policy_form(node: &Node, text: &str) -> Option<Form> {
    match &node.value {
        Value::Object(_) => is_policy(node, text).then_some(Form::Plain(node.span)),
        _ => string_form(node, text, is_policy),
    }
}

/// How the policy in a string is written, if it is one: what `is_policy` says so of, or what was to be one and cannot be
/// read.
fn string_form(node: &Node, text: &str, is_policy: impl Fn(&Node, &str) -> bool) -> Option<Form> {
    // Most strings are short, and no policy is.
    if !matches!(node.value, Value::String { .. }) || node.span.len() < SHORTEST {
        return None;
    }
    let inner = node.text(text)?;
    let start = inner.trim_start();
    let form = match start {
        _ if is_escaped_again(start) => Form::Twice(node.span),
        _ if percent::looks_encoded(start) => Form::Percent(node.span),
        _ if start.starts_with('{') => Form::Escaped(node.span),
        _ => return None,
    };
    let inner = decode(&form, text)?.text;
    let parsed = crate::parse::parse(&inner);
    let broken = !parsed.problems.is_empty() && inner.contains("\"Statement\"");
    (broken || is_policy(&parsed.tree, &inner)).then_some(form)
}

/// Whether a text is an object of JSON escaped as in a string of JSON, which escapes what follows the brace: a quote or
/// white space.
fn is_escaped_again(text: &str) -> bool {
    let mut before = text;
    while let Some(rest) = ["\\n", "\\r", "\\t"].iter().find_map(|escape| before.strip_prefix(escape)) {
        before = rest.trim_start();
    }
    before.strip_prefix('{').is_some_and(|inner| inner.trim_start().starts_with('\\'))
}

/// The shortest text that is taken for a policy: `"{}"`.
const SHORTEST: usize = 4;
