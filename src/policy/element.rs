//! Strings and lists of strings, and the elements that hold them.

use super::hole::{Gives, Hole, HolePlace, Part, TextHole};
use super::template::{self, Choice, hcl};
use super::{Reader, marks};
use crate::diagnostic::{Diagnostic, Severity};
use crate::parse::{Node, Value as Json, dense};
use crate::placeholder::is_filled_in;
use crate::span::Span;
use crate::spelling::brief;

/// One value: a string, or a boolean or number in a condition, which means its JSON text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Value {
    /// What it says. For a template function, its JSON text.
    pub text: String,
    /// Where it stands, quotes included.
    pub span: Span,
    /// What is not known of it, if anything is.
    pub hole: Option<Box<TextHole>>,
}

impl Value {
    /// A value that is known.
    pub fn literal(text: impl Into<String>, span: Span) -> Self {
        Value { text: text.into(), span, hole: None }
    }

    /// Whether it is a template function such as `{"Ref": …}`, so that its text is not what it says.
    pub fn is_function(&self) -> bool {
        self.hole.as_ref().is_some_and(|hole| hole.is_function)
    }

    /// Whether it may be a list of values, where it stands for all of an element.
    pub fn may_be_list(&self) -> bool {
        self.hole.as_ref().is_some_and(|hole| hole.gives != Gives::Text)
    }

    /// The text in one line: a template function that is written over several has no white space.
    pub fn shown(&self) -> String {
        match self.is_function() && self.text.contains('\n') {
            true => dense(&self.text).collect(),
            false => self.text.clone(),
        }
    }

    /// Whether not all of it is known: a template function, or a text with a placeholder in it.
    pub fn is_hole(&self) -> bool {
        self.hole.is_some()
    }

    /// Whether a policy variable stands in it, or may do so, if its policy has variables.
    pub fn may_have_variable(&self) -> bool {
        self.hole.as_ref().map_or_else(|| self.text.contains("${"), |hole| hole.may_have_variable())
    }

    /// The text, if all of it is known.
    pub fn known(&self) -> Option<&str> {
        if self.is_hole() { None } else { Some(&self.text) }
    }
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

/// Whether a node is a template function (`Ref`, `Fn::…`), whose value only CloudFormation knows.
pub(super) fn is_intrinsic(node: &Node, text: &str) -> bool {
    match node.members() {
        [member] => is_function_name(&member.key.text(text)),
        _ => false,
    }
}

/// Whether the member of an object is a template function.
pub(crate) fn is_function_name(name: &str) -> bool {
    name == "Ref" || name.starts_with("Fn::")
}

/// In which values a placeholder of a template tool is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Names and ARNs, in which its marks mean nothing else.
    Name,
    /// The values of conditions, which may be any text.
    Condition,
    /// Texts that decide nothing.
    Other,
}

impl Reader<'_> {
    /// The node itself, or the branch of a settled `Fn::If` that it is; `None` for `AWS::NoValue`, which takes away
    /// what it is the value of.
    pub(super) fn settled<'n>(&self, node: &'n Node) -> Option<&'n Node> {
        let mut node = node;
        while let [member] = node.members() {
            match &*member.key.text(self.text) {
                "Ref" if member.value.text(self.text).is_some_and(|name| name == "AWS::NoValue") => {
                    return None;
                }
                "Fn::If" => {
                    let [condition, yes, no] = member.value.items() else { break };
                    let Some(name) = condition.text(self.text) else { break };
                    match self.settled.conditions.get(&*name) {
                        Some(true) => node = yes,
                        Some(false) => node = no,
                        None => break,
                    }
                }
                _ => break,
            }
        }
        Some(node)
    }

    /// Notes the choices in a node that is read as a hole, as far as they are not settled.
    pub(super) fn note_choices(&mut self, node: &Node) {
        let mut open = vec![node];
        while let Some(node) = open.pop() {
            let Some(node) = self.settled(node) else { continue };
            open.extend(node.items());
            for member in node.members() {
                open.push(&member.value);
                let first = member.value.items().first().unwrap_or(&member.value).text(self.text);
                match (&*member.key.text(self.text), first) {
                    ("Fn::If", Some(name)) => self.choose(Choice::Condition(name.into_owned())),
                    ("Ref", Some(name)) => self.choose_parameter(&name),
                    ("Fn::Sub", Some(text)) => {
                        template::names_in(&text).for_each(|name| self.choose_parameter(name));
                    }
                    _ => {}
                }
            }
        }
    }

    fn choose_parameter(&mut self, name: &str) {
        if self.template.given(name).is_none()
            && self.template.has_allowed(name)
            && !self.settled.parameters.contains_key(name)
        {
            self.choose(Choice::Parameter(name.to_owned()));
        }
    }

    /// The choices that were noted since, with those from before put back in front of them.
    pub(super) fn choices_since(&mut self, before: Vec<Choice>) -> Vec<Choice> {
        let since = std::mem::replace(&mut self.choices, before);
        since.iter().cloned().for_each(|choice| self.choose(choice));
        since
    }

    fn choose(&mut self, choice: Choice) {
        if !self.choices.contains(&choice) {
            self.choices.push(choice);
        }
    }

    /// A hole in the place of a part of a statement.
    pub(super) fn hole(&mut self, place: HolePlace, node: &Node) -> Hole {
        self.note_choices(node);
        let name = self.template.name_of(node, self.text);
        Hole { place, name, label: self.label(node), span: node.span }
    }

    /// The tests of a key that is not known.
    pub(super) fn hole_of_key(&self, key: &str, span: Span) -> Hole {
        Hole { place: HolePlace::Condition, name: format!("key {key}").into(), label: key.into(), span }
    }

    /// `Ref Who` for `{"Ref": "Who"}`.
    fn label(&self, node: &Node) -> Box<str> {
        let [member] = node.members() else {
            let Some(text) = node.text(self.text) else {
                let written: String = dense(node.span.slice(self.text)).collect();
                return brief(&written).into();
            };
            let filled_in = marks::placeholder(&text).filter(|_| !is_filled_in(&text));
            return filled_in.unwrap_or(&text).into();
        };
        let name = member.key.text(self.text);
        let texts: Vec<_> = match &member.value.value {
            Json::Array(items) => items.iter().take(2).filter_map(|item| item.text(self.text)).collect(),
            _ => member.value.text(self.text).into_iter().collect(),
        };
        let shown = match &*name {
            "Fn::GetAtt" => texts.join("."),
            _ => texts.first().map(|text| text.to_string()).unwrap_or_default(),
        };
        format!("{name} {shown}").trim_end().into()
    }

    /// A string, or a template function; `None` also for `AWS::NoValue`.
    pub(super) fn string(&mut self, what: &str, node: &Node, place: Place) -> Option<Value> {
        let node = self.settled(node)?;
        if self.template.doubts(node) {
            return Some(self.doubtful(node));
        }
        if let Some(text) = node.text(self.text) {
            if self.template.fills_in(&text) {
                return Some(self.filled_in(&text, node.span));
            }
            let hole = self.placeholder(&text, place);
            return Some(Value { text: text.into_owned(), span: node.span, hole });
        }
        if is_intrinsic(node, self.text) {
            return Some(self.function(node));
        }
        if let Some(value) = self.scalar(node).filter(|value| self.template.takes_as_text(&value.text)) {
            return Some(value);
        }
        self.wrong_type(what, "a string", node);
        None
    }

    /// A value that YAML 1.1 and YAML 1.2 read differently: it may be either.
    fn doubtful(&mut self, node: &Node) -> Value {
        let written = node.text(self.text).unwrap_or_else(|| node.span.slice(self.text).into()).into_owned();
        let label = format!("unquoted {written}");
        let message = format!("`{written}` is not in quotes, and YAML 1.1 and YAML 1.2 read it differently");
        self.report(Diagnostic::new("unquoted-value", node.span, message).help(format!(
            "CloudFormation reads YAML 1.1, other tools YAML 1.2; write \"{written}\" if it is a text"
        )));
        let (name, label): (Box<str>, Box<str>) = (label.clone().into(), label.into());
        let hole = TextHole {
            parts: vec![Part::Unknown(name.clone())],
            name,
            label,
            is_function: true,
            gives: Gives::Text,
        };
        Value { text: written, span: node.span, hole: Some(Box::new(hole)) }
    }

    /// What is not known of a value at all.
    pub(super) fn unknown(&mut self, node: &Node) -> Value {
        self.note_choices(node);
        let name = self.template.name_of(node, self.text);
        let parts = vec![Part::Unknown(name.clone())];
        let gives = self.gives(node);
        let hole = TextHole { name, label: self.label(node), parts, is_function: true, gives };
        Value { text: node.span.slice(self.text).to_owned(), span: node.span, hole: Some(Box::new(hole)) }
    }

    /// Whether what a function gives is a list. CloudFormation guide, "Intrinsic function reference" and "Parameters".
    fn gives(&self, node: &Node) -> Gives {
        let [member] = node.members() else { return Gives::Either };
        match (&*member.key.text(self.text), member.value.text(self.text)) {
            ("Fn::Split" | "Fn::GetAZs" | "Fn::Cidr", _) => Gives::List,
            (
                "Fn::Sub" | "Fn::Join" | "Fn::Base64" | "Fn::Select" | "Fn::ImportValue" | "Fn::ToJsonString",
                _,
            ) => Gives::Text,
            ("Ref", Some(name)) => self.template.reference_gives(&name),
            ("Fn::GetAtt", _) if !self.parts(node).iter().any(|part| matches!(part, Part::Unknown(_))) => {
                Gives::Text
            }
            _ => Gives::Either,
        }
    }

    /// The value of a template function, as far as it is known.
    fn function(&mut self, node: &Node) -> Value {
        let parts = self.parts(node);
        if let [Part::Literal(text)] = parts.as_slice() {
            return Value::literal(text, node.span);
        }
        let mut value = self.unknown(node);
        if let Some(hole) = &mut value.hole {
            // One name alone is the same, however a function refers to it.
            if let [Part::Attribute(name) | Part::Segment(name) | Part::Unknown(name)] = parts.as_slice() {
                hole.name = name.clone();
            }
            hole.parts = parts;
        }
        value
    }

    /// The value of a text that `Fn::Sub` fills in, as far as it is known.
    fn filled_in(&mut self, text: &str, span: Span) -> Value {
        if self.template.is_interpolated() {
            return self.interpolated(text, span);
        }
        if self.template.is_serverless() && !self.template.is_substituted() {
            return by_serverless(text, span);
        }
        template::names_in(text).for_each(|name| self.choose_parameter(name));
        let parts = self.substituted(text, None);
        if let [Part::Literal(text)] = parts.as_slice() {
            return Value::literal(text, span);
        }
        let names: Vec<&str> = template::names_in(text).collect();
        let of = |name: &&str| match self.template.given(name) {
            Some(given) => given.to_owned(),
            None => self.template.name_of_reference(name).to_string(),
        };
        let name =
            names.iter().fold(format!("filled in {text}"), |name, next| format!("{name} {}", of(next)));
        let label = names.first().map_or_else(String::new, |name| format!("${{{name}}}"));
        let (name, label, gives) = (name.into(), label.into(), Gives::Text);
        let hole = TextHole { name, label, parts, is_function: true, gives };
        Value { text: text.to_owned(), span, hole: Some(Box::new(hole)) }
    }

    /// The value of a text in which Terraform fills in expressions, as far as it is known.
    fn interpolated(&self, text: &str, span: Span) -> Value {
        let name: Box<str> = format!("text {text}").into();
        let parts = match self.template.is_substituted() {
            true => vec![Part::Unknown(name.clone())],
            false => joined(hcl::parts(text).into_iter().flat_map(|part| self.of_terraform(part)).collect()),
        };
        if let [Part::Literal(text)] = parts.as_slice() {
            return Value::literal(text, span);
        }
        let label = hcl::label(text).into();
        // An expression alone may give a list.
        let gives = if parts.len() == 1 { Gives::Either } else { Gives::Text };
        let hole = TextHole { name, label, parts, is_function: true, gives };
        Value { text: text.to_owned(), span, hole: Some(Box::new(hole)) }
    }

    /// A piece of a text of Terraform, as far as it is known.
    fn of_terraform(&self, part: Part) -> Vec<Part> {
        let Part::Attribute(name) = &part else { return vec![part] };
        let expression = name.strip_prefix("text ${").and_then(|name| name.strip_suffix('}'));
        expression.and_then(|expression| self.template.provider(expression, name)).unwrap_or(vec![part])
    }

    /// The pieces of the text that a function gives.
    fn parts(&self, node: &Node) -> Vec<Part> {
        let whole = |reader: &Self| vec![Part::Unknown(reader.template.name_of(node, reader.text))];
        if self.template.doubts(node) {
            return whole(self);
        }
        if let Some(text) = node.text(self.text) {
            return vec![Part::Literal(text.into_owned())];
        }
        let [member] = node.members() else { return whole(self) };
        match (&*member.key.text(self.text), member.value.items()) {
            ("Ref", _) => match member.value.text(self.text) {
                Some(name) => self.reference(&name),
                None => whole(self),
            },
            ("Fn::GetAtt", items) => {
                let steps = if items.is_empty() { std::slice::from_ref(&member.value) } else { items };
                let steps: Option<Vec<_>> = steps.iter().map(|step| step.text(self.text)).collect();
                let Some(attribute) = steps.map(|steps| steps.join(".")) else { return whole(self) };
                if let Some(text) = self.settled.parameters.get(&attribute) {
                    return vec![Part::Literal(text.clone())];
                }
                // However it is written: `Fn::Sub` names it as well.
                let name = self.template.name_of_reference(&attribute);
                if let Some(arn) = self.template.arn(&attribute, &name) {
                    return arn;
                }
                match self.template.has_plain_attributes(&attribute) {
                    true => vec![Part::Attribute(name)],
                    false => vec![Part::Unknown(name)],
                }
            }
            ("Fn::Sub", []) => match member.value.text(self.text) {
                Some(text) => self.substituted(&text, None),
                None => whole(self),
            },
            ("Fn::Sub", [text, names]) => match text.text(self.text) {
                Some(text) => self.substituted(&text, Some(names)),
                None => whole(self),
            },
            ("Fn::Join", [between, list]) => match (between.text(self.text), &list.value) {
                (Some(between), Json::Array(items)) => {
                    let mut parts = Vec::new();
                    for item in items.iter().filter_map(|item| self.settled(item)) {
                        if !parts.is_empty() {
                            parts.push(Part::Literal(between.clone().into_owned()));
                        }
                        parts.extend(self.parts(item));
                    }
                    joined(parts)
                }
                _ => whole(self),
            },
            _ => whole(self),
        }
    }

    /// What a name that a function refers to stands for.
    fn reference(&self, name: &str) -> Vec<Part> {
        if let Some(given) = self.template.given(name) {
            return vec![Part::Unknown(given.into())];
        }
        let settled = self.settled.parameters.contains_key(name);
        let arn = || self.template.arn(name, &self.template.name_of_reference(name));
        if let Some(arn) = (!settled).then(arn).flatten() {
            return arn;
        }
        vec![match (name, self.settled.parameters.get(name)) {
            (_, Some(text)) => Part::Literal(text.clone()),
            (
                "AWS::AccountId" | "AWS::Partition" | "AWS::Region" | "AWS::StackName" | "AWS::URLSuffix",
                _,
            ) => Part::Segment(name.into()),
            _ if self.template.has_plain_attributes(name) => {
                Part::Attribute(self.template.name_of_reference(name))
            }
            _ => Part::Unknown(self.template.name_of_reference(name)),
        }]
    }

    /// The pieces of a text in which `Fn::Sub` fills in names, some of which it may be given itself.
    fn substituted(&self, text: &str, names: Option<&Node>) -> Vec<Part> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            let Some((name, after)) = after.split_once('}') else { break };
            parts.push(Part::Literal(before.to_owned()));
            let name = name.trim();
            match (name.strip_prefix('!'), names.and_then(|names| names.get(self.text, name))) {
                // `${!aws:username}` is `${aws:username}` afterwards.
                (Some(name), _) => parts.push(Part::Literal(format!("${{{name}}}"))),
                (None, Some(node)) => match self.settled(node) {
                    Some(node) => parts.extend(self.parts(node)),
                    None => parts.push(Part::Unknown(name.into())),
                },
                (None, None) => parts.extend(self.reference(name)),
            }
            rest = after;
        }
        parts.push(Part::Literal(rest.to_owned()));
        joined(parts)
    }

    /// What a text leaves open that a template tool or a person has still to fill in.
    fn placeholder(&self, text: &str, place: Place) -> Option<Box<TextHole>> {
        let filled_in = match place {
            Place::Name => marks::placeholder(text),
            Place::Condition => marks::placeholder_in_condition(text),
            Place::Other => return None,
        };
        let label = filled_in.or_else(|| marks::unread_variable(text))?;
        let whole = || vec![Part::Unknown(format!("text {text}").into())];
        let parts = if label.starts_with("${") { pieces(text) } else { whole() };
        Some(Box::new(TextHole {
            name: format!("text {text}").into(),
            label: label.into(),
            parts,
            is_function: false,
            gives: Gives::Text,
        }))
    }

    /// A boolean or number, which a condition may write bare.
    fn scalar(&self, node: &Node) -> Option<Value> {
        match node.value {
            Json::Bool(_) | Json::Number => Some(Value::literal(node.span.slice(self.text), node.span)),
            _ => None,
        }
    }

    /// A string or a list of strings; in a condition also booleans and numbers.
    pub(super) fn values(&mut self, what: &str, node: &Node, place: Place) -> Values {
        match &node.value {
            Json::Array(items) => {
                let values: Vec<Value> =
                    items.iter().filter_map(|item| self.value(what, item, place)).collect();
                let is_list =
                    |value: &&Value| value.hole.as_ref().is_some_and(|hole| hole.gives == Gives::List);
                for value in values.iter().filter(is_list) {
                    let message = format!("{what} must be a list of strings, and this function gives a list");
                    self.report(Diagnostic::new("wrong-type", value.span, message));
                }
                // `AWS::NoValue` takes an item away.
                if items.iter().all(|item| self.settled(item).is_none()) {
                    let problem =
                        Diagnostic::new("empty-list", node.span, format!("{what} is an empty list"));
                    // AWS takes a test without values; a statement without actions, resources or principals it refuses.
                    let severity = match place {
                        Place::Condition => Severity::Note,
                        Place::Name | Place::Other => Severity::Error,
                    };
                    self.report(
                        problem
                            .severity(severity)
                            .help("an empty list names nothing: fill it or take the element out"),
                    );
                }
                Values { items: values, list: true, span: node.span }
            }
            _ => Values {
                items: self.value(what, node, place).into_iter().collect(),
                list: false,
                span: node.span,
            },
        }
    }

    fn value(&mut self, what: &str, node: &Node, place: Place) -> Option<Value> {
        let node = self.settled(node)?;
        let is_scalar = place == Place::Condition && !self.template.doubts(node);
        match self.scalar(node).filter(|_| is_scalar) {
            Some(value) => Some(value),
            None => self.string(what, node, place),
        }
    }
}

/// The same pieces, with texts beside each other as one and no empty ones.
fn joined(parts: Vec<Part>) -> Vec<Part> {
    let mut joined: Vec<Part> = Vec::with_capacity(parts.len());
    for part in parts {
        match (joined.last_mut(), part) {
            (_, Part::Literal(text)) if text.is_empty() => {}
            (Some(Part::Literal(before)), Part::Literal(text)) => before.push_str(&text),
            (_, part) => joined.push(part),
        }
    }
    if joined.is_empty() { vec![Part::Literal(String::new())] } else { joined }
}

/// The value of a text in which the Serverless Framework fills in names: nothing is known from the first to the last of them.
fn by_serverless(text: &str, span: Span) -> Value {
    let start = text.find("${").unwrap_or_default();
    let end = text.rfind('}').map_or(text.len(), |end| end + 1).max(start);
    let (before, rest) = text.split_at(start);
    let (open, after) = rest.split_at(end - start);
    let label = open.split_inclusive('}').next().unwrap_or(open);
    let name: Box<str> = format!("text {text}").into();
    let literal = |text: &str| Part::Literal(text.to_owned());
    let parts = joined(vec![literal(before), Part::Unknown(name.clone()), literal(after)]);
    let hole = TextHole { name, label: label.into(), parts, is_function: true, gives: Gives::Text };
    Value { text: text.to_owned(), span, hole: Some(Box::new(hole)) }
}

/// The pieces of a text with `${name}` in it that AWS does not read as a policy variable.
fn pieces(text: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut done = 0;
    for (range, mark) in marks::marks(text) {
        if !mark.is_read() {
            parts.push(Part::Literal(text.get(done..range.start).unwrap_or_default().to_owned()));
            let name = text.get(range.clone()).unwrap_or_default();
            let hole = format!("text {name}").into();
            // `${aws_sns_topic.this.arn}` of Terraform: what AWS makes has no wildcard.
            let of_resource = ["${aws_", "${data.aws_"].iter().any(|start| name.starts_with(start));
            parts.push(if of_resource { Part::Attribute(hole) } else { Part::Unknown(hole) });
            done = range.end;
        }
    }
    parts.push(Part::Literal(text.get(done..).unwrap_or_default().to_owned()));
    joined(parts)
}
