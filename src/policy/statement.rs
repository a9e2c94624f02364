//! One statement.

use super::condition::Test;
use super::element::{Element, Place, Value, Values};
use super::hole::{Hole, HolePlace, TextHole};
use super::principal::{
    OIDC_PROVIDER, PrincipalElement, PrincipalEntry, PrincipalType, SAML_PROVIDER, provider_after,
    provider_has,
};
use super::template::Choice;
use super::{Action, Reader, Resource};
use crate::diagnostic::Diagnostic;
use crate::parse::{Member, Node};
use crate::span::Span;
use crate::spelling::brief;

/// Whether a statement gives or takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Effect {
    /// `Allow`
    Allow,
    /// `Deny`, which outranks every Allow.
    Deny,
}

/// One statement of a policy. Its elements are joined by *and*, the values in one element by *or*.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// Its place in the policy, from 0.
    pub index: usize,
    /// Its place in the text, as a person counts: the same but for statements that a template leaves out.
    pub number: usize,
    /// The whole object.
    pub span: Span,
    /// `Sid`; AWS takes an empty one for none.
    pub sid: Option<Value>,
    /// `Effect`, if it is one of the two.
    pub effect: Option<Effect>,
    /// Where the value of `Effect` stands.
    pub effect_span: Option<Span>,
    /// Whether it has one of these two, also if that could not be read.
    pub has_principal: bool,
    /// `Principal` or `NotPrincipal`
    pub principal: Option<PrincipalElement>,
    /// `Action` or `NotAction`
    pub action: Option<Element>,
    /// `Resource` or `NotResource`
    pub resource: Option<Element>,
    /// `Condition`: one test for each operator and key, all of which must hold.
    pub conditions: Vec<Test>,
    /// The value of `Condition`.
    pub condition_span: Option<Span>,
    /// The name of a statement of which not all could be read: its text and the definitions that this refers to. One
    /// with a part missing from this model must not be taken for one that lacks the part.
    pub unread: Option<Box<str>>,
    /// The parts of it that are not known, but for values.
    pub holes: Vec<Hole>,
    /// What decides what it will be, as far as that was left open in reading it.
    pub choices: Vec<Choice>,
    /// Whether `${…}` is a policy variable here.
    pub variables: bool,
}

/// The names that a statement may use, in the order in which AWS's documentation writes them.
pub(crate) const ELEMENTS: [&str; 9] = [
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
];

impl Statement {
    /// The Sid, unless there is none or it is empty.
    pub fn sid(&self) -> Option<&str> {
        self.sid.as_ref().map(|sid| sid.text.as_str()).filter(|sid| !sid.is_empty())
    }

    /// Whether all of it could be read.
    pub fn is_complete(&self) -> bool {
        self.unread.is_none()
    }

    /// Whether it is something else in the place of a statement, a template function for one: nothing is known of it.
    pub fn is_hole(&self) -> bool {
        self.holes.iter().any(|hole| hole.place == HolePlace::Statement)
    }

    /// Whether there may be tests in its `Condition` that are not among [`conditions`](Self::conditions).
    pub fn has_unknown_condition(&self) -> bool {
        self.holes.iter().any(|hole| hole.place == HolePlace::Condition)
    }

    /// Whether a policy variable stands in it, or may do so, if its policy has variables.
    pub fn may_have_variable(&self) -> bool {
        let resources = self.resource.iter().flat_map(|element| &element.values.items);
        let values = self.conditions.iter().flat_map(|test| &test.values.items);
        self.is_hole()
            || self.has_unknown_condition()
            || resources.chain(values).any(Value::may_have_variable)
    }

    /// What is left of it where it depends on a hole what all of it means.
    pub(super) fn unknown_by(&self, hole: &TextHole, text: &str) -> Statement {
        let names = self.values().filter_map(|value| Some(&*value.hole.as_ref()?.name));
        let names = names.chain(self.holes.iter().map(|hole| &*hole.name));
        let names: Vec<&str> = [&*hole.name, self.span.slice(text)].into_iter().chain(names).collect();
        let name: Box<str> = names.join(" ").into();
        let (label, span) = (hole.label.clone(), self.span);
        let holes = vec![Hole { place: HolePlace::Statement, name: name.clone(), label, span }];
        Statement { effect: None, unread: Some(name), holes, ..self.clone() }
    }

    /// The statement as one of a longer text, in which its own text begins at `by`.
    pub fn moved(&self, by: u32) -> Statement {
        let mut moved = self.clone();
        let shift = |span: &mut Span| {
            (span.start, span.end) = (span.start.saturating_add(by), span.end.saturating_add(by));
        };
        let shift_all = |values: &mut Values| {
            shift(&mut values.span);
            values.items.iter_mut().for_each(|value| shift(&mut value.span));
        };
        shift(&mut moved.span);
        moved.sid.iter_mut().for_each(|sid| shift(&mut sid.span));
        moved.effect_span.iter_mut().chain(&mut moved.condition_span).for_each(shift);
        for element in moved.action.iter_mut().chain(&mut moved.resource) {
            shift(&mut element.key);
            shift_all(&mut element.values);
        }
        if let Some(principal) = &mut moved.principal {
            shift(&mut principal.key);
            shift(&mut principal.span);
            for entry in &mut principal.entries {
                entry.key.iter_mut().for_each(shift);
                shift_all(&mut entry.values);
            }
        }
        for test in &mut moved.conditions {
            shift(&mut test.operator_span);
            shift(&mut test.key_span);
            shift_all(&mut test.values);
        }
        moved.holes.iter_mut().for_each(|hole| shift(&mut hole.span));
        moved
    }

    /// A statement that says nothing.
    pub(super) fn empty(span: Span, index: usize) -> Statement {
        Statement {
            index,
            number: index + 1,
            span,
            sid: None,
            effect: None,
            effect_span: None,
            has_principal: false,
            principal: None,
            action: None,
            resource: None,
            conditions: Vec::new(),
            condition_span: None,
            unread: None,
            holes: Vec::new(),
            choices: Vec::new(),
            variables: false,
        }
    }

    /// Whether it has no condition, known or not.
    pub fn is_unconditional(&self) -> bool {
        self.conditions.is_empty() && !self.has_unknown_condition()
    }

    /// The part of it without which hardly a rule can judge it: it is not known what it is, or a function decides
    /// whether it is about everything. How to name that to a person, and where it is.
    pub fn not_analyzed(&self) -> Option<(&str, Span)> {
        let unknown = |hole: &&Hole| matches!(hole.place, HolePlace::Statement | HolePlace::Effect);
        let hole = self.holes.iter().find(unknown).map(|hole| (&*hole.label, hole.span));
        let may_be_any =
            |value: &&Value| value.hole.as_ref().is_some_and(|hole| hole.is_function && hole.may_be_any());
        // What a Deny is about, no rule but those of its actions asks.
        let grants = |_: &&Value| !self.denies();
        let actions = self.action.iter().flat_map(|element| &element.values.items);
        let resources = self.resource.iter().flat_map(|element| &element.values.items).filter(grants);
        let entries = self.principal.iter().flat_map(|element| &element.entries);
        let principals = entries.flat_map(|entry| &entry.values.items).filter(grants);
        let mut values = actions.chain(principals).chain(resources).filter(may_be_any).chain(self.provider());
        let value = || values.find_map(|value| Some((&*value.hole.as_ref()?.label, value.span)));
        hole.or_else(value).or_else(|| self.open_to_everyone()).or_else(|| self.left_open())
    }

    /// An identity provider to whose users it grants access, and which may be any.
    fn provider(&self) -> Option<&Value> {
        let element = self.principal.as_ref().filter(|element| !element.negated && !self.denies())?;
        let of_type = |entry: &&PrincipalEntry| entry.kind == PrincipalType::Federated;
        let mut values = element
            .entries
            .iter()
            .filter(of_type)
            .flat_map(|entry| &entry.values.items)
            .filter(|value| value.is_hole());
        values.find(|value| {
            !provider_has(value, SAML_PROVIDER) && provider_after(value, OIDC_PROVIDER).is_none()
        })
    }

    /// What of its conditions is not known, where nothing else says who of everyone gets access.
    fn open_to_everyone(&self) -> Option<(&str, Span)> {
        self.principal
            .as_ref()
            .filter(|element| self.allows() && !element.negated && element.any().is_some())?;
        let hole = self.holes.iter().find(|hole| hole.place == HolePlace::Condition);
        // What may be a wildcard, or all addresses.
        let is_open = |test: &&Test| {
            let name = test.operator.kind.name();
            name.ends_with("Like") || name == "IpAddress"
        };
        let may_be_wide = |value: &&Value| {
            value.hole.as_ref().is_some_and(|hole| hole.is_function && hole.may_have_wildcard())
        };
        let mut values =
            self.conditions.iter().filter(is_open).flat_map(|test| &test.values.items).filter(may_be_wide);
        hole.map(|hole| (&*hole.label, hole.span))
            .or_else(|| values.find_map(|value| Some((&*value.hole.as_ref()?.label, value.span))))
    }

    /// What is to be chosen in it, and was left open.
    fn left_open(&self) -> Option<(&str, Span)> {
        let label = self.choices.first()?.label();
        let unknowns = self.unknowns();
        unknowns.iter().find(|(name, _)| *name == label).or(unknowns.first()).copied()
    }

    /// Everything in it that is not known: how to name it to a person, and where it is.
    pub fn unknowns(&self) -> Vec<(&str, Span)> {
        let values = self.values().filter_map(|value| Some((&*value.hole.as_ref()?.label, value.span)));
        self.holes.iter().map(|hole| (&*hole.label, hole.span)).chain(values).collect()
    }

    /// The values of its elements.
    pub fn values(&self) -> impl Iterator<Item = &Value> {
        let elements = self.action.iter().chain(&self.resource).map(|element| &element.values);
        let principals =
            self.principal.iter().flat_map(|element| &element.entries).map(|entry| &entry.values);
        let tests = self.conditions.iter().map(|test| &test.values);
        elements.chain(principals).chain(tests).flat_map(|values| &values.items)
    }

    /// Whether it allows.
    pub fn allows(&self) -> bool {
        self.effect == Some(Effect::Allow)
    }

    /// Whether it denies.
    pub fn denies(&self) -> bool {
        self.effect == Some(Effect::Deny)
    }

    /// `statement 4 "Allow Expel"`, as a person counts.
    pub fn name(&self) -> String {
        match self.sid() {
            Some(sid) => format!("statement {} \"{}\"", self.number, brief(sid)),
            None => format!("statement {}", self.number),
        }
    }

    /// The patterns of `Action` or `NotAction`.
    pub fn actions(&self) -> Vec<Action> {
        self.action.iter().flat_map(|element| &element.values.items).map(Action::of).collect()
    }

    /// The patterns of `Resource` or `NotResource`.
    pub fn resources(&self) -> Vec<Resource> {
        let items = self.resource.iter().flat_map(|element| &element.values.items);
        items.map(|value| Resource::of(value, self.variables)).collect()
    }
}

impl Reader<'_> {
    pub(super) fn statement(&mut self, node: &Node, index: usize) -> Statement {
        let before = std::mem::take(&mut self.choices);
        let mut statement = Statement::empty(node.span, index);
        let problems = self.reported;
        for member in node.members() {
            self.element(member, &mut statement);
        }
        // What YAML's merge key brings is not read.
        if node.get(self.text, "<<").is_none() {
            self.missing(node, &statement);
        }
        if self.reported != problems || statement.effect.is_none() {
            statement.unread = Some(self.template.name_of(node, self.text));
        }
        statement.choices = self.choices_since(before);
        statement
    }

    /// What stands in the place of a statement and cannot be read as one.
    pub(super) fn unknown_statement(&mut self, node: &Node, index: usize) -> Statement {
        let before = std::mem::take(&mut self.choices);
        let hole = self.hole(HolePlace::Statement, node);
        let unread = Some(hole.name.clone());
        let choices = self.choices_since(before);
        Statement { holes: vec![hole], unread, choices, ..Statement::empty(node.span, index) }
    }

    fn element(&mut self, member: &Member, statement: &mut Statement) {
        let key = member.key.span;
        let Some(value) = self.settled(&member.value) else { return };
        match &*member.key.text(self.text) {
            "Sid" => statement.sid = self.string("`Sid`", value, Place::Other),
            "Effect" => {
                statement.effect_span = Some(value.span);
                statement.effect = self.effect(value, &mut statement.holes);
            }
            name @ ("Principal" | "NotPrincipal") => {
                self.exclusive("Principal", key, statement.principal.as_ref().map(|element| element.key));
                statement.has_principal = true;
                statement.principal = self.principal(name == "NotPrincipal", key, value);
            }
            name @ ("Action" | "NotAction") => {
                self.exclusive("Action", key, statement.action.as_ref().map(|element| element.key));
                let values = self.values(&format!("`{name}`"), value, Place::Name);
                statement.action = Some(Element { key, negated: name == "NotAction", values });
            }
            name @ ("Resource" | "NotResource") => {
                self.exclusive("Resource", key, statement.resource.as_ref().map(|element| element.key));
                let values = self.values(&format!("`{name}`"), value, Place::Name);
                statement.resource = Some(Element { key, negated: name == "NotResource", values });
            }
            "Condition" => {
                statement.condition_span = Some(value.span);
                statement.conditions = self.conditions(value, &mut statement.holes);
            }
            name => self.unknown_element(name, key, &ELEMENTS, "a statement"),
        }
    }

    /// An element and its `Not…` form exclude each other; a plain repetition is the parser's finding.
    fn exclusive(&mut self, element: &str, key: Span, before: Option<Span>) {
        let Some(before) = before else { return };
        if before.slice(self.text) == key.slice(self.text) {
            return;
        }
        let rule = match element {
            "Principal" => "principal-and-not-principal",
            "Action" => "action-and-not-action",
            _ => "resource-and-not-resource",
        };
        let message = format!("a statement has `{element}` or `Not{element}`, never both");
        let problem = Diagnostic::new(rule, key, message).also_at(before, "… and here is the other");
        self.report(problem.label("one of them …").help("split the statement in two, or take one out"));
    }

    fn effect(&mut self, node: &Node, holes: &mut Vec<Hole>) -> Option<Effect> {
        let effect = self.string("`Effect`", node, Place::Name)?;
        match effect.text.as_str() {
            "Allow" => Some(Effect::Allow),
            "Deny" => Some(Effect::Deny),
            _ if effect.is_hole() => {
                holes.push(self.hole(HolePlace::Effect, node));
                None
            }
            other => {
                let message = format!("`Effect` is \"Allow\" or \"Deny\", not `{other}`");
                let problem = Diagnostic::new("invalid-effect", node.span, message);
                self.report(problem.help("the case counts: write \"Allow\" or \"Deny\""));
                None
            }
        }
    }

    /// What every statement must have, whatever its kind.
    fn missing(&mut self, node: &Node, statement: &Statement) {
        let open = Span::new(node.span.start as usize, node.span.start as usize + 1);
        if statement.effect_span.is_none() {
            let problem = Diagnostic::new("missing-effect", open, "the statement has no `Effect`");
            self.report(problem.help("write \"Effect\": \"Allow\" or \"Effect\": \"Deny\""));
        }
        if statement.action.is_none() {
            let problem = Diagnostic::new("missing-action", open, "the statement has no `Action`");
            self.report(problem.help("write \"Action\" with the actions that it is about"));
        }
    }
}
