//! What a CloudFormation template defines: when two of its functions have the same value, and which policies it can
//! become.
//!
//! CloudFormation guide, "Condition functions" (`Fn::If`, `Fn::Equals`, …), "Parameters" (`AllowedValues`) and "Pseudo
//! parameters reference".

use std::collections::{BTreeMap, BTreeSet};

use crate::parse::{Node, Value, dense};

/// The definitions of a template. That of a text that is not a template is empty.
#[derive(Clone, Debug, Default)]
pub struct Template {
    parameters: BTreeMap<String, Parameter>,
    mappings: BTreeMap<String, Definition>,
    conditions: BTreeMap<String, Condition>,
    resources: BTreeMap<String, Resource>,
    /// The macros that rewrite the whole template.
    macros: Vec<String>,
    /// Where the policy is a text that `Fn::Sub` fills in: the names that it is given itself, and what tells the text
    /// for each from others.
    filled: Option<BTreeMap<String, Box<str>>>,
}

/// A resource, as far as what it is called depends on it.
#[derive(Clone, Debug)]
struct Resource {
    kind: String,
    /// What its name, ARN and id depend on.
    definition: Definition,
    /// What all else depends on that it gives.
    whole: Definition,
    /// The condition under which it is there.
    condition: Option<String>,
}

#[derive(Clone, Debug)]
struct Parameter {
    declaration: String,
    /// `AllowedValues` of a parameter whose value is text.
    allowed: Vec<String>,
}

/// What stands around a policy in its template, and decides whether it is there or what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Around {
    /// How to name it to a person.
    pub label: String,
    /// What tells it from others.
    pub name: String,
    /// What it does.
    pub what: Surrounding,
}

/// What something around a policy does to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Surrounding {
    /// The policy is there only if the condition holds, or only if it does not.
    Condition {
        /// The condition.
        name: String,
        /// Whether it has to hold.
        holds: bool,
    },
    /// A macro may rewrite the policy.
    Macro,
}

/// A text and the names that it refers to.
#[derive(Clone, Debug)]
struct Definition {
    text: String,
    references: Vec<Reference>,
}

#[derive(Clone, Debug)]
struct Condition {
    definition: Definition,
    formula: Formula,
}

/// A name that a function refers to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Reference {
    /// A parameter, a resource or a pseudo parameter.
    Named(String),
    /// A resource, of which an attribute is taken that may say whatever its properties say.
    Whole(String),
    Mapping(String),
    /// A mapping by a name that is not known: any of them.
    Mappings,
    Condition(String),
}

/// What a condition depends on.
#[derive(Clone, Debug)]
enum Formula {
    /// Whether a value that is not known is this text.
    Is(Operand, String),
    /// Whether two values that are not known are the same.
    Same(Operand, Operand),
    /// Anything else: true or false, by the name of what decides it.
    Flag(Operand),
    /// Another condition of the template.
    Named(String),
    Not(Box<Formula>),
    All(Vec<Formula>),
    Any(Vec<Formula>),
}

/// A function call in a condition.
#[derive(Clone, Debug)]
struct Operand {
    definition: Definition,
    /// The parameter that it is, if it is one.
    parameter: Option<String>,
}

/// Something that decides what a policy will be, and that can be settled.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Choice {
    /// A condition of the template, by name: true or false.
    Condition(String),
    /// A parameter with `AllowedValues`, by name: one of them.
    Parameter(String),
}

/// What is settled of a template: the rest stays open.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Settled {
    /// Conditions, by name.
    pub conditions: BTreeMap<String, bool>,
    /// Parameters, by name.
    pub parameters: BTreeMap<String, String>,
}

impl Settled {
    /// Both together; where both settle something, the other one counts.
    pub fn with(&self, other: &Settled) -> Settled {
        let mut all = self.clone();
        all.conditions.extend(other.conditions.iter().map(|(name, value)| (name.clone(), *value)));
        all.parameters.extend(other.parameters.iter().map(|(name, value)| (name.clone(), value.clone())));
        all
    }

    /// Whether it is settled what something around a policy does.
    pub fn decides(&self, around: &Around) -> bool {
        matches!(&around.what, Surrounding::Condition { name, .. } if self.conditions.contains_key(name))
    }

    /// Whether a policy with this around it is not there.
    pub fn leaves_out(&self, around: &[Around]) -> bool {
        around.iter().any(|around| match &around.what {
            Surrounding::Condition { name, holds } => self.conditions.get(name) == Some(&!holds),
            Surrounding::Macro => false,
        })
    }
}

/// One of the cases that there are: what is settled in each of several templates at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// For each template, in order.
    pub settled: Vec<Settled>,
}

/// The cases of some templates.
#[derive(Clone, Debug)]
pub struct Cases {
    /// Each of them; one alone where nothing is to be chosen.
    pub cases: Vec<Case>,
    /// The choices that were left open, as there would have been too many cases.
    pub open: Vec<Choice>,
}

/// More cases are not looked at one by one.
pub const MOST_CASES: usize = 16;

/// More settings of what the conditions depend on are not tried for one choice.
const MOST_SETTINGS: usize = 4096;

impl Template {
    /// Reads the definitions of a template: a file's, or the one in the answer of `get-template`.
    pub fn read(tree: &Node, text: &str) -> Self {
        let body = tree.get(text, "TemplateBody").filter(|body| matches!(body.value, Value::Object(_)));
        let root = body.unwrap_or(tree);
        let mut template = Template::default();
        for member in root.get(text, "Resources").into_iter().flat_map(Node::members) {
            template
                .resources
                .insert(member.key.text(text).into_owned(), Resource::read(&member.value, text));
        }
        for member in root.get(text, "Parameters").into_iter().flat_map(Node::members) {
            template.parameters.insert(member.key.text(text).into_owned(), parameter(&member.value, text));
        }
        let mappings = || root.get(text, "Mappings").into_iter().flat_map(Node::members);
        // A macro among them may bring any mapping.
        let functions = mappings().filter(|member| member.key.text(text).starts_with("Fn::"));
        let brought: String = functions.flat_map(|member| dense(member.span().slice(text))).collect();
        for member in mappings() {
            let mut mapping = definition(&member.value, text);
            mapping.text.push_str(&brought);
            template.mappings.insert(member.key.text(text).into_owned(), mapping);
        }
        template.macros = root.get(text, "Transform").map(|node| macros(node, text)).unwrap_or_default();
        for member in root.get(text, "Conditions").into_iter().flat_map(Node::members) {
            let condition = Condition {
                definition: definition(&member.value, text),
                formula: formula(&member.value, text),
            };
            template.conditions.insert(member.key.text(text).into_owned(), condition);
        }
        template
    }

    /// What decides, besides its own text, whether a policy is there and what it is: a macro that rewrites the template,
    /// and the conditions of its resource and of the choices around it, given a pointer from the template's root.
    /// How to name each to a person, and what tells it from others.
    pub fn around(&self, pointer: &str, tree: &Node, text: &str) -> Vec<Around> {
        let of_macro = |name: &String| Around {
            label: format!("the macro {name}"),
            name: name.clone(),
            what: Surrounding::Macro,
        };
        let condition = |name: &str, holds: bool| {
            let references = vec![Reference::Condition(name.to_owned())];
            let named = self.named(&Definition { text: name.to_owned(), references });
            Around {
                label: format!("the condition `{name}`"),
                name: format!("{named} {holds}"),
                what: Surrounding::Condition { name: name.to_owned(), holds },
            }
        };
        let mut found: Vec<Around> = self.macros.iter().map(of_macro).collect();
        let mut steps = pointer.split('/').skip(1).skip_while(|step| *step != "Resources").skip(1);
        if let Some(resource) = steps.next().and_then(|name| self.resources.get(name)) {
            found.extend(resource.condition.as_deref().map(|name| condition(name, true)));
        }
        let ends = pointer.match_indices('/').map(|(at, _)| at);
        for end in ends {
            let (outer, below) = pointer.split_at(end);
            let Some(node) = tree.at(text, outer) else { break };
            // What stands beside is put in its place.
            let beside = node.get(text, "Fn::Transform").filter(|_| !below.starts_with("/Fn::Transform"));
            found.extend(beside.into_iter().flat_map(|node| macros(node, text)).map(|name| of_macro(&name)));
            let Some(branch) = below.strip_prefix("/Fn::If/") else { continue };
            let name = node.get(text, "Fn::If").and_then(|choice| choice.items().first()?.text(text));
            found.extend(name.map(|name| condition(&name, branch.starts_with('1'))));
        }
        found
    }

    /// The name of what a node of the template will be: its text and all that it refers to.
    pub(super) fn name_of(&self, node: &Node, text: &str) -> Box<str> {
        self.named(&definition(node, text)).into()
    }

    /// The name of what a text with `${…}` in it, or a name alone, will be.
    pub(super) fn name_of_reference(&self, name: &str) -> Box<str> {
        let references = vec![referred(name)];
        self.named(&Definition { text: name.to_owned(), references }).into()
    }

    /// The same definitions for a policy that is a text which `Fn::Sub` fills in; `names` are those that it is given
    /// itself.
    pub fn filling_in(&self, names: Option<&Node>, text: &str) -> Template {
        let names = names.into_iter().flat_map(Node::members);
        let named =
            names.map(|member| (member.key.text(text).into_owned(), self.name_of(&member.value, text)));
        Template { filled: Some(named.collect()), ..self.clone() }
    }

    /// Whether a text of the policy has names in it that `Fn::Sub` fills in.
    pub(super) fn fills_in(&self, text: &str) -> bool {
        self.filled.is_some() && text.contains("${")
    }

    /// What tells the text for a name from others, where `Fn::Sub` is given that itself.
    pub(super) fn given(&self, name: &str) -> Option<&str> {
        self.filled.as_ref()?.get(name).map(|name| &**name)
    }

    fn named(&self, definition: &Definition) -> String {
        let mut name = definition.text.clone();
        let mut known = BTreeSet::new();
        let mut open = definition.references.clone();
        while let Some(reference) = open.pop() {
            if !known.insert(reference.clone()) {
                continue;
            }
            if reference == Reference::Mappings {
                open.extend(self.mappings.keys().cloned().map(Reference::Mapping));
            }
            open.extend(
                self.defined(&reference).into_iter().flat_map(|definition| definition.references.clone()),
            );
        }
        for reference in &known {
            let declaration = match reference {
                Reference::Named(named) | Reference::Whole(named) => {
                    self.parameters.get(named).map(|parameter| &parameter.declaration)
                }
                _ => None,
            };
            let text = declaration.or_else(|| Some(&self.defined(reference)?.text));
            if let Some(text) = text {
                name.push_str(&format!("\n{reference:?}={text}"));
            }
        }
        name
    }

    fn defined(&self, reference: &Reference) -> Option<&Definition> {
        match reference {
            Reference::Named(name) => self.resources.get(name).map(|resource| &resource.definition),
            Reference::Whole(name) => self.resources.get(name).map(|resource| &resource.whole),
            Reference::Mapping(name) => self.mappings.get(name),
            Reference::Mappings => None,
            Reference::Condition(name) => self.conditions.get(name).map(|condition| &condition.definition),
        }
    }

    /// Whether a name, `Queue` or `Queue.Arn`, is what AWS calls a resource, and has no wildcard then: what custom
    /// resources and nested stacks give, and the value of a parameter of Systems Manager, may be anything.
    pub(super) fn has_plain_attributes(&self, name: &str) -> bool {
        let kind = self.resources.get(base(name)).map(|resource| resource.kind.as_str());
        // The ARN of a log group ends with `:*`.
        let is_plain = matches!(referred(name), Reference::Named(_));
        is_plain && kind.is_some_and(|kind| is_made_by_aws(kind) && kind != "AWS::Logs::LogGroup")
    }

    /// Whether a parameter is one of a few texts.
    pub(super) fn has_allowed(&self, parameter: &str) -> bool {
        self.parameters.get(parameter).is_some_and(|parameter| !parameter.allowed.is_empty())
    }

    /// What is settled, and all conditions that follow from it: `IsProd` is true if `Env` is `prod`.
    pub fn following(&self, settled: &Settled) -> Settled {
        let mut all = settled.clone();
        for name in self.conditions.keys().filter(|name| !settled.conditions.contains_key(*name)) {
            let mut needs = Needs::new();
            let known = settled.conditions.keys().filter(|name| self.conditions.contains_key(*name));
            for condition in known.chain([name]) {
                self.needs(&Choice::Condition(condition.clone()), &mut needs);
            }
            let mut given = Setting::new();
            for (parameter, value) in &settled.parameters {
                let of = self.named(&reference(parameter).definition);
                if let Some(need) = needs.get_mut(&of) {
                    need.texts.insert(value.clone());
                    given.insert(of, Is::Text(value.clone()));
                }
            }
            let holds = |name: &str, setting: &Setting| {
                self.holds(&Formula::Named(name.to_owned()), &mut BTreeMap::new(), setting)
            };
            let is_so = |setting: &&Setting| {
                let mut known = settled.conditions.iter();
                known.all(|(name, value)| {
                    !self.conditions.contains_key(name) || holds(name, setting) == *value
                })
            };
            let possible = settings(&needs, &given).unwrap_or_default();
            let answers: BTreeSet<bool> = possible.iter().filter(is_so).map(|one| holds(name, one)).collect();
            if let [answer] = Vec::from_iter(answers)[..] {
                all.conditions.insert(name.clone(), answer);
            }
        }
        all
    }

    /// Whether a name is that of a condition.
    pub fn has_condition(&self, name: &str) -> bool {
        self.conditions.contains_key(name)
    }

    /// What a choice depends on.
    fn needs(&self, choice: &Choice, found: &mut Needs) {
        match choice {
            Choice::Condition(name) => {
                self.needs_of(&Formula::Named(name.clone()), &mut BTreeMap::new(), found)
            }
            Choice::Parameter(name) => {
                let operand = reference(name);
                self.add(&operand, None, found);
            }
        }
    }

    /// `seen` are the conditions that were met, and whether all of what each depends on was noted.
    fn needs_of(&self, formula: &Formula, seen: &mut BTreeMap<String, bool>, found: &mut Needs) {
        match formula {
            Formula::Is(operand, text) => self.add(operand, Some(text), found),
            Formula::Same(left, right) => {
                let [left_name, right_name] = [left, right].map(|operand| self.named(&operand.definition));
                [left, right].into_iter().for_each(|operand| self.add(operand, None, found));
                found.entry(left_name.clone()).or_default().same_as.insert(right_name.clone());
                found.entry(right_name).or_default().same_as.insert(left_name);
            }
            Formula::Flag(operand) => {
                found.entry(self.named(&operand.definition)).or_default().is_flag = true;
            }
            Formula::Named(name) => match (self.conditions.get(name), seen.get(name)) {
                (Some(condition), None) => {
                    seen.insert(name.clone(), false);
                    self.needs_of(&condition.formula, seen, found);
                    seen.insert(name.clone(), true);
                }
                (Some(_), Some(true)) => {}
                // One that is not there, or refers to itself.
                _ => found.entry(undefined(name)).or_default().is_flag = true,
            },
            Formula::Not(inner) => self.needs_of(inner, seen, found),
            Formula::All(inner) | Formula::Any(inner) => {
                inner.iter().for_each(|formula| self.needs_of(formula, seen, found));
            }
        }
    }

    fn add(&self, operand: &Operand, text: Option<&String>, found: &mut Needs) {
        let need = found.entry(self.named(&operand.definition)).or_default();
        need.texts.extend(text.cloned());
        let parameter = operand.parameter.as_ref().and_then(|name| self.parameters.get(name));
        need.allowed.extend(parameter.into_iter().flat_map(|parameter| parameter.allowed.iter().cloned()));
    }

    /// `known` are the conditions that were met, and what each came to, once that is known.
    fn holds(
        &self,
        formula: &Formula,
        known: &mut BTreeMap<String, Option<bool>>,
        setting: &Setting,
    ) -> bool {
        match formula {
            Formula::Is(operand, text) => {
                matches!(setting.get(&self.named(&operand.definition)), Some(Is::Text(value)) if value == text)
            }
            Formula::Same(left, right) => {
                let [left, right] =
                    [left, right].map(|operand| setting.get(&self.named(&operand.definition)));
                left.is_some() && left == right
            }
            Formula::Flag(operand) => is_set(setting, &self.named(&operand.definition)),
            Formula::Named(name) => match (self.conditions.get(name), known.get(name)) {
                (Some(condition), None) => {
                    known.insert(name.clone(), None);
                    let holds = self.holds(&condition.formula, known, setting);
                    known.insert(name.clone(), Some(holds));
                    holds
                }
                (Some(_), Some(Some(holds))) => *holds,
                _ => is_set(setting, &undefined(name)),
            },
            Formula::Not(inner) => !self.holds(inner, known, setting),
            Formula::All(inner) => inner.iter().all(|formula| self.holds(formula, known, setting)),
            Formula::Any(inner) => inner.iter().any(|formula| self.holds(formula, known, setting)),
        }
    }

    fn settle(&self, choice: &Choice, setting: &Setting, settled: &mut Settled) {
        match choice {
            Choice::Condition(name) => {
                let holds = self.holds(&Formula::Named(name.clone()), &mut BTreeMap::new(), setting);
                settled.conditions.insert(name.clone(), holds);
            }
            Choice::Parameter(name) => {
                let value = setting.get(&self.named(&reference(name).definition));
                if let Some(Is::Text(value)) = value {
                    settled.parameters.insert(name.clone(), value.clone());
                }
            }
        }
    }
}

/// What conditions depend on, by name.
type Needs = BTreeMap<String, Need>;

/// What something that conditions depend on can be.
#[derive(Clone, Debug, Default)]
struct Need {
    /// It is compared with these.
    texts: BTreeSet<String>,
    /// It is one of these, if there are any.
    allowed: BTreeSet<String>,
    /// It is true or false.
    is_flag: bool,
    /// It is compared with these others, by their names.
    same_as: BTreeSet<String>,
}

/// What each is.
type Setting = BTreeMap<String, Is>;

/// What something that conditions depend on is.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Is {
    /// This text; of a flag, true.
    Text(String),
    /// A text that it is not compared with, one of several; of a flag, false.
    Other(usize),
}

/// Whether a flag is true.
fn is_set(setting: &Setting, name: &str) -> bool {
    matches!(setting.get(name), Some(Is::Text(_)))
}

/// What one of the things that conditions depend on can be.
fn values(name: &str, needs: &Needs) -> Vec<Is> {
    let group = alike(name, needs);
    let of_group = || group.iter().filter_map(|name| needs.get(*name));
    let Some(need) = needs.get(name) else { return Vec::new() };
    if !need.allowed.is_empty() {
        return need.allowed.iter().cloned().map(Is::Text).collect();
    }
    let texts: BTreeSet<&String> =
        of_group().flat_map(|need| need.texts.iter().chain(&need.allowed)).collect();
    let mut values: Vec<Is> = texts.into_iter().cloned().map(Is::Text).collect();
    if need.is_flag && values.is_empty() {
        values.push(Is::Text("true".to_owned()));
    }
    // All that can be any text may differ from each other.
    let others = of_group().filter(|need| need.allowed.is_empty()).count();
    values.extend((0..others).map(Is::Other));
    values
}

/// The names of all that something is compared with, and they with, and its own.
fn alike<'n>(name: &'n str, needs: &'n Needs) -> BTreeSet<&'n str> {
    let (mut found, mut open) = (BTreeSet::new(), vec![name]);
    while let Some(name) = open.pop() {
        if found.insert(name) {
            open.extend(needs.get(name).into_iter().flat_map(|need| &need.same_as).map(String::as_str));
        }
    }
    found
}

/// The cases of some templates, of each of which the choices are given: a condition with one definition is the same in
/// all, and conditions that follow from each other are not taken as independent.
pub fn cases(templates: &[(&Template, &[Choice])]) -> Cases {
    let mut settled: Vec<Vec<&Choice>> = vec![Vec::new(); templates.len()];
    let mut found = Cases { cases: distinct(templates, &settled).unwrap_or_default(), open: Vec::new() };
    for (at, (_, choices)) in templates.iter().enumerate() {
        for choice in *choices {
            settled[at].push(choice);
            match distinct(templates, &settled) {
                Some(cases) if cases.len() <= MOST_CASES => found.cases = cases,
                _ => {
                    settled[at].pop();
                    found.open.push(choice.clone());
                }
            }
        }
    }
    found
}

/// All settings of what conditions depend on, where some of it is given; `None` for too many.
fn settings(needs: &Needs, given: &Setting) -> Option<Vec<Setting>> {
    let mut settings = vec![Setting::new()];
    for name in needs.keys() {
        let values = given.get(name).map_or_else(|| values(name, needs), |value| vec![value.clone()]);
        if settings.len() * values.len() > MOST_SETTINGS {
            return None;
        }
        let with = |setting: &Setting| {
            let one = |value: &Is| {
                let mut setting = setting.clone();
                setting.insert(name.clone(), value.clone());
                setting
            };
            values.iter().map(one).collect::<Vec<_>>()
        };
        settings = settings.iter().flat_map(with).collect();
    }
    Some(settings)
}

/// The different cases for some choices of each template; `None` for too many settings.
fn distinct(templates: &[(&Template, &[Choice])], choices: &[Vec<&Choice>]) -> Option<Vec<Case>> {
    let mut needs = Needs::new();
    for ((template, _), choices) in templates.iter().zip(choices) {
        choices.iter().for_each(|choice| template.needs(choice, &mut needs));
    }
    let mut cases: Vec<Case> = Vec::new();
    for setting in &settings(&needs, &Setting::new())? {
        let settled = templates.iter().zip(choices).map(|((template, _), choices)| {
            let mut settled = Settled::default();
            choices.iter().for_each(|choice| template.settle(choice, setting, &mut settled));
            settled
        });
        let case = Case { settled: settled.collect() };
        if !cases.contains(&case) {
            cases.push(case);
        }
    }
    Some(cases)
}

impl Case {
    /// What is settled, as a person reads it: `IsProd` is true.
    pub fn labels(&self) -> Vec<String> {
        let mut labels = Vec::new();
        for settled in &self.settled {
            let conditions = settled.conditions.iter().map(|(name, value)| format!("`{name}` is {value}"));
            let parameters = settled.parameters.iter().map(|(name, value)| format!("`{name}` is `{value}`"));
            for label in conditions.chain(parameters) {
                if !labels.contains(&label) {
                    labels.push(label);
                }
            }
        }
        labels
    }

    /// The same in one clause: "if `IsProd` is true and `Env` is `dev`"; `None` where nothing was chosen.
    pub fn clause(&self) -> Option<String> {
        let labels = self.labels();
        (!labels.is_empty()).then(|| format!("if {}", labels.join(" and ")))
    }
}

/// In which cases, by their places: "if `IsProd` is true", by what they have in common, if no other case has that;
/// `None` for all of them.
pub fn clause(cases: &[Case], places: &BTreeSet<usize>) -> Option<String> {
    if places.len() >= cases.len() {
        return None;
    }
    let labels: Vec<BTreeSet<String>> =
        cases.iter().map(|case| case.labels().into_iter().collect()).collect();
    let mut inside = places.iter().map(|at| &labels[*at]);
    let first = inside.next().cloned().unwrap_or_default();
    let common = inside.fold(first, |common, labels| common.intersection(labels).cloned().collect());
    let is_enough = |chosen: &BTreeSet<String>| {
        (0..cases.len()).filter(|at| !places.contains(at)).all(|at| !chosen.is_subset(&labels[at]))
    };
    // As few of them as still tell these cases from the others.
    let mut fewest = common.clone();
    for label in &common {
        fewest.remove(label);
        if !is_enough(&fewest) {
            fewest.insert(label.clone());
        }
    }
    let words = |labels: &mut dyn Iterator<Item = &String>| labels.cloned().collect::<Vec<_>>().join(" and ");
    Some(match is_enough(&common) {
        true => format!("if {}", words(&mut fewest.iter())),
        false => {
            let mut all = places.iter().map(|at| words(&mut labels[*at].iter()));
            let first = all.next().unwrap_or_default();
            match all.count() {
                0 => format!("if {first}"),
                more => format!("if {first}, and in {more} other cases"),
            }
        }
    })
}

fn undefined(condition: &str) -> String {
    format!("condition {condition}")
}

impl Resource {
    /// AWS names a resource by its logical id, its type and the properties that are names; what gives other resources their
    /// attributes, a template or code, does so by all of its properties.
    fn read(node: &Node, text: &str) -> Self {
        let of =
            |name: &str| node.get(text, name).and_then(|node| node.text(text)).map(|text| text.into_owned());
        let kind = of("Type").unwrap_or_default();
        let is_own = is_made_by_aws(&kind);
        let mut whole = Definition { text: kind.clone(), references: Vec::new() };
        let mut definition = whole.clone();
        for member in node.get(text, "Properties").into_iter().flat_map(Node::members) {
            let name = member.key.text(text);
            let property = self::definition(&member.value, text);
            let add = |to: &mut Definition| {
                to.text.push_str(&format!(" {name}={}", property.text));
                to.references.extend(property.references.iter().cloned());
            };
            let names =
                ["Name", "Path", "Prefix", "Account", "Region", "FifoQueue", "FifoTopic", "Url", "Address"];
            if !is_own || names.iter().any(|end| name.ends_with(end)) {
                add(&mut definition);
            }
            add(&mut whole);
        }
        Resource { kind, definition, whole, condition: of("Condition") }
    }
}

/// Whether AWS names the resources of a type, and not a template or code.
fn is_made_by_aws(kind: &str) -> bool {
    kind.starts_with("AWS::") && !kind.starts_with("AWS::CloudFormation::")
}

/// What `Queue` or `Queue.Arn` refers to: for what AWS calls a resource, only what that depends on.
fn referred(name: &str) -> Reference {
    let of = base(name).to_owned();
    match name.split_once('.') {
        None => Reference::Named(of),
        Some((_, attribute))
            if !attribute.contains('.')
                && ["Arn", "Id", "Name"].iter().any(|end| attribute.ends_with(end)) =>
        {
            Reference::Named(of)
        }
        Some(_) => Reference::Whole(of),
    }
}

/// `Queue` of `Queue.Arn`.
fn base(name: &str) -> &str {
    name.split('.').next().unwrap_or(name)
}

/// The macros that a `Transform` names, but for those of AWS that leave policies as they are.
fn macros(node: &Node, text: &str) -> Vec<String> {
    let one = [node];
    let all = if node.items().is_empty() { one.to_vec() } else { node.items().iter().collect::<Vec<_>>() };
    let name = |node: &Node| node.get(text, "Name").unwrap_or(node).text(text).map(|name| name.into_owned());
    let is_known = |name: &String| {
        ["AWS::Serverless", "AWS::LanguageExtensions"].iter().any(|known| name.starts_with(known))
    };
    let unnamed = |node: &Node| dense(node.span.slice(text)).collect();
    all.into_iter()
        .map(|node| name(node).unwrap_or_else(|| unnamed(node)))
        .filter(|name| !is_known(name))
        .collect()
}

/// The names in `${…}` of a text that `Fn::Sub` fills in.
pub(super) fn names_in(text: &str) -> impl Iterator<Item = &str> {
    text.split("${").skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name.trim())
}

fn parameter(node: &Node, text: &str) -> Parameter {
    let kind = node.get(text, "Type").and_then(|kind| kind.text(text));
    let is_text = matches!(kind.as_deref(), Some("String" | "Number"));
    let allowed = node.get(text, "AllowedValues").into_iter().flat_map(Node::items);
    let allowed = allowed.filter_map(|value| match value.value {
        Value::Bool(_) | Value::Number => Some(value.span.slice(text).to_owned()),
        _ => value.text(text).map(|text| text.into_owned()),
    });
    Parameter {
        declaration: dense(node.span.slice(text)).collect(),
        allowed: if is_text { allowed.collect() } else { Vec::new() },
    }
}

fn definition(node: &Node, text: &str) -> Definition {
    let mut references = Vec::new();
    refer(node, text, &mut references);
    Definition { text: dense(node.span.slice(text)).collect(), references }
}

/// Collects the names that the functions in a node refer to.
fn refer(node: &Node, text: &str, found: &mut Vec<Reference>) {
    let mut open = vec![node];
    while let Some(node) = open.pop() {
        open.extend(node.items());
        for member in node.members() {
            let value = &member.value;
            let first = value.items().first().unwrap_or(value).text(text);
            match (&*member.key.text(text), first) {
                ("Ref", Some(name)) => found.push(Reference::Named(name.into_owned())),
                ("Fn::GetAtt", Some(name)) => {
                    // The attribute may itself be a function's value.
                    found.push(match value.items() {
                        [] => referred(&name),
                        [_, attribute] => match attribute.text(text) {
                            Some(attribute) => referred(&format!("{name}.{attribute}")),
                            None => Reference::Whole(name.into_owned()),
                        },
                        _ => Reference::Whole(name.into_owned()),
                    });
                }
                ("Fn::FindInMap", Some(name)) => found.push(Reference::Mapping(name.into_owned())),
                ("Fn::FindInMap", None) => found.push(Reference::Mappings),
                ("Fn::If", Some(name)) => found.push(Reference::Condition(name.into_owned())),
                ("Condition", Some(name)) if matches!(value.value, Value::String { .. }) => {
                    found.push(Reference::Condition(name.into_owned()));
                }
                ("Fn::Sub", Some(sub)) => found.extend(names_in(&sub).map(referred)),
                _ => {}
            }
            open.push(value);
        }
    }
}

fn formula(node: &Node, text: &str) -> Formula {
    let flag = || Formula::Flag(Operand { definition: definition(node, text), parameter: None });
    let [member] = node.members() else { return flag() };
    let items = member.value.items();
    let all = || items.iter().map(|item| formula(item, text)).collect();
    match (&*member.key.text(text), items) {
        ("Condition", _) => match member.value.text(text) {
            Some(name) => Formula::Named(name.into_owned()),
            None => flag(),
        },
        ("Fn::Not", [inner]) => Formula::Not(Box::new(formula(inner, text))),
        ("Fn::And", _) => Formula::All(all()),
        ("Fn::Or", _) => Formula::Any(all()),
        ("Fn::Equals", [left, right]) => match (scalar(left, text), scalar(right, text)) {
            (Some(value), None) => Formula::Is(operand(right, text), value),
            (None, Some(value)) => Formula::Is(operand(left, text), value),
            // Two texts are a switch that somebody sets by editing the template: it may be either, and what a check
            // finds in one setting of it counts.
            (Some(_), Some(_)) => flag(),
            (None, None) => Formula::Same(operand(left, text), operand(right, text)),
        },
        _ => flag(),
    }
}

fn scalar(node: &Node, text: &str) -> Option<String> {
    match node.value {
        Value::Bool(_) | Value::Number => Some(node.span.slice(text).to_owned()),
        _ => node.text(text).map(|text| text.into_owned()),
    }
}

fn operand(node: &Node, text: &str) -> Operand {
    let [member] = node.members() else {
        return Operand { definition: definition(node, text), parameter: None };
    };
    let named = match (&*member.key.text(text), member.value.text(text)) {
        ("Ref", Some(name)) => Some(name.into_owned()),
        // `${Env}` alone is the parameter.
        ("Fn::Sub", Some(text)) => text
            .strip_prefix("${")
            .and_then(|rest| rest.strip_suffix('}'))
            .filter(|name| !name.contains(['$', '}', '!', '.', ' ']))
            .map(str::to_owned),
        _ => None,
    };
    match named {
        Some(name) => reference(&name),
        None => Operand { definition: definition(node, text), parameter: None },
    }
}

/// The value of a parameter, however a function refers to it.
fn reference(parameter: &str) -> Operand {
    let definition = Definition {
        text: format!("{{\"Ref\":\"{parameter}\"}}"),
        references: vec![Reference::Named(parameter.to_owned())],
    };
    Operand { definition, parameter: Some(parameter.to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::parse;

    fn template(text: &str) -> Template {
        Template::read(&parse(text).tree, text)
    }

    fn conditions(names: &[&str]) -> Vec<Choice> {
        names.iter().map(|name| Choice::Condition((*name).to_owned())).collect()
    }

    fn labels(template: &Template, choices: &[Choice]) -> Vec<String> {
        cases(&[(template, choices)]).cases.iter().map(|case| case.labels().join(", ")).collect()
    }

    const CONDITIONS: &str = r#"{
        "Parameters": {"Env": {"Type": "String", "AllowedValues": ["dev", "test", "prod"]}, "Name": {"Type": "String"}},
        "Conditions": {
            "IsProd": {"Fn::Equals": [{"Ref": "Env"}, "prod"]},
            "IsDev": {"Fn::Equals": ["dev", {"Ref": "Env"}]},
            "NotProd": {"Fn::Not": [{"Condition": "IsProd"}]},
            "HasName": {"Fn::Not": [{"Fn::Equals": [{"Ref": "Name"}, ""]}]},
            "Both": {"Fn::And": [{"Condition": "IsProd"}, {"Condition": "HasName"}]},
            "Switch": {"Fn::Equals": ["a", "b"]},
            "Loop": {"Condition": "Loop"}
        }
    }"#;

    #[test]
    fn conditions_that_follow_from_each_other() {
        let template = template(CONDITIONS);
        assert_eq!(
            labels(&template, &conditions(&["IsProd", "NotProd"])),
            ["`IsProd` is false, `NotProd` is true", "`IsProd` is true, `NotProd` is false"]
        );
        // Never both, as `Env` is one text.
        assert_eq!(labels(&template, &conditions(&["IsProd", "IsDev"])).len(), 3);
        assert_eq!(labels(&template, &conditions(&["Both", "IsProd"])).len(), 3);
        assert_eq!(labels(&template, &conditions(&["Switch"])).len(), 2);
        assert_eq!(labels(&template, &conditions(&["Loop"])).len(), 2);
        assert_eq!(labels(&template, &conditions(&["Nowhere"])).len(), 2);
        let parameter = [Choice::Parameter("Env".to_owned()), Choice::Condition("IsProd".to_owned())];
        assert_eq!(labels(&template, &parameter)[1], "`IsProd` is true, `Env` is `prod`");
    }

    #[test]
    fn conditions_follow_from_what_is_settled() {
        let template = template(CONDITIONS);
        let of = |parameters: &[(&str, &str)], conditions: &[(&str, bool)]| {
            let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
            let settled = Settled {
                parameters: parameters.iter().map(owned).collect(),
                conditions: conditions.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect(),
            };
            let all = template.following(&settled);
            assert_eq!(all.parameters, settled.parameters);
            let mut labels: Vec<String> =
                all.conditions.iter().map(|(name, value)| format!("{name}={value}")).collect();
            labels.retain(|label| !conditions.iter().any(|(name, _)| label.starts_with(&format!("{name}="))));
            labels.join(" ")
        };
        assert_eq!(of(&[("Env", "prod")], &[]), "IsDev=false IsProd=true NotProd=false");
        assert_eq!(of(&[("Env", "test")], &[]), "Both=false IsDev=false IsProd=false NotProd=true");
        assert_eq!(
            of(&[("Env", "prod"), ("Name", "x")], &[]),
            "Both=true HasName=true IsDev=false IsProd=true NotProd=false"
        );
        assert_eq!(of(&[("Name", "")], &[]), "Both=false HasName=false");
        assert_eq!(of(&[], &[("IsDev", true)]), "Both=false IsProd=false NotProd=true");
        assert_eq!(of(&[], &[("Both", true)]), "HasName=true IsDev=false IsProd=true NotProd=false");
        assert_eq!(of(&[], &[]), "");
        assert_eq!(of(&[("Elsewhere", "x")], &[("Nowhere", true)]), "");
    }

    #[test]
    fn two_parameters_are_compared() {
        let template = template(
            r#"{
            "Parameters": {
                "A": {"Type": "String", "AllowedValues": ["x", "y"]},
                "B": {"Type": "String", "AllowedValues": ["v", "w"]},
                "C": {"Type": "String", "AllowedValues": ["y", "z"]},
                "D": {"Type": "String"}, "E": {"Type": "String"}, "F": {"Type": "String"}
            },
            "Conditions": {
                "Never": {"Fn::Equals": [{"Ref": "A"}, {"Ref": "B"}]},
                "NeverBySub": {"Fn::Equals": [{"Fn::Sub": "${A}"}, {"Ref": "B"}]},
                "Always": {"Fn::Equals": [{"Ref": "A"}, {"Fn::Sub": "${A}"}]},
                "AsC": {"Fn::Equals": [{"Ref": "A"}, {"Ref": "C"}]},
                "IsX": {"Fn::Equals": [{"Ref": "A"}, "x"]},
                "AsD": {"Fn::Equals": [{"Ref": "A"}, {"Ref": "D"}]},
                "DIsQ": {"Fn::Equals": [{"Ref": "D"}, "q"]},
                "DE": {"Fn::Equals": [{"Ref": "D"}, {"Ref": "E"}]},
                "EF": {"Fn::Equals": [{"Ref": "E"}, {"Ref": "F"}]},
                "DF": {"Fn::Equals": [{"Ref": "D"}, {"Ref": "F"}]}
            }
        }"#,
        );
        let of = |names: &[&str]| labels(&template, &conditions(names));
        for (names, expected) in [
            (&["Never"][..], &["`Never` is false"][..]),
            (&["NeverBySub"], &["`NeverBySub` is false"]),
            (&["Always"], &["`Always` is true"]),
        ] {
            assert_eq!(of(names), expected);
        }
        // Both are `y` then.
        assert_eq!(of(&["AsC", "IsX"]).len(), 3);
        assert!(!of(&["AsC", "IsX"]).contains(&"`AsC` is true, `IsX` is true".to_owned()));
        // `q` is not allowed for the one, so that the other is not it either.
        assert_eq!(of(&["AsD", "DIsQ"]).len(), 3);
        // What two are equal to is equal: all, none, or one pair of three.
        assert_eq!(of(&["DE", "EF", "DF"]).len(), 5);
        assert_eq!(of(&["DE"]).len(), 2);
    }

    #[test]
    fn too_many_cases_leave_choices_open() {
        let names: Vec<String> = (0..6).map(|number| format!("C{number}")).collect();
        let choices: Vec<Choice> = names.iter().cloned().map(Choice::Condition).collect();
        let found = cases(&[(&Template::default(), &choices)]);
        assert_eq!((found.cases.len(), found.open.len()), (16, 2));
    }

    #[test]
    fn two_templates_share_what_is_defined_alike() {
        let old = template(CONDITIONS);
        let new = template(&CONDITIONS.replace(r#"{"Ref": "Env"}, "prod"]"#, r#"{"Ref": "Env"}, "test"]"#));
        let choices = conditions(&["IsProd", "IsDev"]);
        let settled = |cases: Cases| {
            let of = |settled: &Settled| settled.conditions["IsProd"];
            cases
                .cases
                .iter()
                .map(|case| (of(&case.settled[0]), of(&case.settled[1])))
                .collect::<BTreeSet<_>>()
        };
        let same = settled(cases(&[(&old, &choices), (&old, &choices)]));
        assert_eq!(same, [(false, false), (true, true)].into());
        let changed = settled(cases(&[(&old, &choices), (&new, &choices)]));
        assert_eq!(changed, [(false, false), (false, true), (true, false)].into());
    }

    #[test]
    fn a_name_has_all_that_it_refers_to() {
        let text = |account: &str| {
            format!(
                r#"{{"Mappings": {{"M": {{"a": {{"b": "{account}"}}}}, "Other": {{}}}},
                    "Parameters": {{"P": {{"Type": "String", "Default": "{account}"}}}},
                    "Conditions": {{"C": {{"Fn::Equals": [{{"Ref": "P"}}, "x"]}}}},
                    "X": [{{"Fn::FindInMap": ["M", "a", "b"]}}, {{"Fn::Sub": "arn:${{P}}"}}, {{"Fn::If": ["C", 1, 2]}},
                          {{"Ref": "AWS::Region"}}]}}"#
            )
        };
        let names = |text: &str| {
            let tree = parse(text).tree;
            let template = Template::read(&tree, text);
            let nodes = tree.get(text, "X").unwrap().items();
            nodes.iter().map(|node| template.name_of(node, text)).collect::<Vec<_>>()
        };
        let (one, other) = (names(&text("1")), names(&text("2")));
        assert_eq!(one, names(&text("1")));
        let changed: Vec<bool> = one.iter().zip(&other).map(|(one, other)| one != other).collect();
        assert_eq!(changed, [true, true, true, false]);
    }

    #[test]
    fn an_attribute_is_what_the_resource_is_defined_to_be() {
        let name = |kind: &str, property: &str, mapping: &str, function: &str| {
            let text = format!(
                r#"{{"Mappings": {{"dev": {{"a": {{"b": "{mapping}"}}}}, "prod": {{"a": {{"b": "x"}}}}}},
                    "Resources": {{"X": {{"Type": "{kind}", "Properties": {{"{property}"}}}}}},
                    "Value": {function}}}"#
            );
            let tree = parse(&text).tree;
            Template::read(&tree, &text).name_of(tree.get(&text, "Value").unwrap(), &text)
        };
        let differs = |kind: &str, property: &str, function: &str| {
            let of = |value: &str| name(kind, &format!("{property}\": \"{value}"), "y", function);
            of("1") != of("2")
        };
        let attribute = |name: &str| format!(r#"{{"Fn::GetAtt": ["X", "{name}"]}}"#);
        for (kind, property, name) in [
            ("AWS::SSM::Parameter", "Value", "Value"),
            ("AWS::EC2::VPC", "CidrBlock", "CidrBlock"),
            ("AWS::EC2::Subnet", "CidrBlock", "CidrBlock"),
            ("AWS::EC2::EIP", "PublicIpv4Pool", "PublicIp"),
            ("AWS::IAM::OIDCProvider", "Url", "Arn"),
            (
                "AWS::ServiceCatalog::CloudFormationProvisionedProduct",
                "ProvisioningParameters",
                "Outputs.RoleArn",
            ),
            ("AWS::Serverless::Application", "Parameters", "Outputs.QueueArn"),
            ("AWS::CloudFormation::Stack", "Parameters", "Outputs.QueueArn"),
            ("Custom::Thing", "Role", "Arn"),
        ] {
            assert!(differs(kind, property, &attribute(name)), "{kind} {name}");
            for spelled in
                [format!(r#"{{"Fn::GetAtt": "X.{name}"}}"#), format!(r#"{{"Fn::Sub": "${{X.{name}}}"}}"#)]
            {
                assert!(differs(kind, property, &spelled), "{kind} {spelled}");
            }
        }
        assert!(differs("AWS::EC2::VPC", "CidrBlock", r#"{"Fn::GetAtt": ["X", {"Ref": "Attribute"}]}"#));
        assert!(differs("AWS::EC2::EIP", "Address", r#"{"Ref": "X"}"#));
        // What AWS calls it does not depend on what it is like.
        for (kind, property, function) in [
            ("AWS::SQS::Queue", "DelaySeconds", attribute("Arn")),
            ("AWS::SQS::Queue", "DelaySeconds", attribute("QueueName")),
            ("AWS::EC2::VPC", "CidrBlock", attribute("VpcId")),
            ("AWS::SSM::Parameter", "Value", r#"{"Ref": "X"}"#.to_owned()),
        ] {
            assert!(!differs(kind, property, &function), "{kind} {function}");
        }
        let mapped = |mapping: &str, map: &str| {
            name(
                "AWS::SQS::Queue",
                "A\": \"b",
                mapping,
                &format!(r#"{{"Fn::FindInMap": [{map}, "a", "b"]}}"#),
            )
        };
        assert_ne!(mapped("1", r#"{"Ref": "Env"}"#), mapped("2", r#"{"Ref": "Env"}"#));
        assert_eq!(mapped("1", r#""prod""#), mapped("2", r#""prod""#));
    }

    #[test]
    fn what_may_hold_a_wildcard_is_no_plain_attribute() {
        let of = |kind: &str| template(&format!(r#"{{"Resources": {{"X": {{"Type": "{kind}"}}}}}}"#));
        assert!(of("AWS::SQS::Queue").has_plain_attributes("X.Arn"));
        assert!(of("AWS::SQS::Queue").has_plain_attributes("X"));
        for (kind, name) in [
            ("AWS::SSM::Parameter", "X.Value"),
            ("AWS::Logs::LogGroup", "X.Arn"),
            ("AWS::Serverless::Application", "X.Outputs.QueueArn"),
            ("Custom::Thing", "X.Arn"),
        ] {
            assert!(!of(kind).has_plain_attributes(name), "{kind} {name}");
        }
    }
}
