//! What a CloudFormation template defines: when two of its functions have the same value, and which policies it can
//! become.
//!
//! CloudFormation guide, "Condition functions" (`Fn::If`, `Fn::Equals`, …), "Parameters" (`AllowedValues`) and "Pseudo
//! parameters reference".

mod arns;
mod compared;
mod conditions;
pub(super) mod hcl;
mod providers;

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::Range;
use std::sync::Arc;

use conditions::Formula;
pub use conditions::{Case, Cases, MOST_CASES, cases, cases_up_to, clause};
use providers::Provider;

use super::hole::{Gives, Part};
use super::marks::{Mark, marks};
use crate::parse::{Member, Node, Value, dense};

/// The definitions of a template, shared by its policies, of which each has its own `Template`. That of a text that is not
/// a template is empty.
#[derive(Clone, Debug, Default)]
pub struct Template {
    parameters: Arc<BTreeMap<String, Parameter>>,
    mappings: Arc<BTreeMap<String, Mapping>>,
    conditions: Arc<BTreeMap<String, Condition>>,
    resources: Arc<BTreeMap<String, Resource>>,
    /// The identity providers that it makes, by what Terraform and CloudFormation call them.
    providers: Arc<BTreeMap<String, Provider>>,
    /// The macros that rewrite the whole template, and what tells what they make from others: they make the same only of
    /// the same text.
    macros: Vec<(String, String)>,
    /// Where the policy is a text that `Fn::Sub` fills in: the names that it is given itself, and what tells the text
    /// for each from others.
    filled: Option<BTreeMap<String, Box<str>>>,
    /// Whether each text of the file is one in which Terraform fills in expressions.
    interpolated: bool,
    /// What tells the stack that it is for from others, where several are looked at.
    stack: Box<str>,
    /// Whether nothing but CloudFormation is known to read the file as a template.
    only_cloudformation: bool,
    /// Whether the Serverless Framework fills in every `${…}` of the file, before CloudFormation and AWS see it.
    serverless: bool,
    /// Where the values begin in the text that YAML 1.1 and YAML 1.2 read differently, in order.
    doubtful: Vec<u32>,
    /// Whether the policy is an object of the template, whose numbers CloudFormation passes on as text.
    is_object: bool,
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
    /// Whether its value is a list.
    is_list: bool,
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
        /// Whether it decides the same of the resource that the policy is in.
        of_resource: bool,
    },
    /// A macro, or a member of the same name, may rewrite or replace the policy.
    Macro,
    /// There are none of it: `count` is 0.
    Never,
}

/// A text and the names that it refers to.
#[derive(Clone, Debug)]
struct Definition {
    text: String,
    references: Vec<Reference>,
}

#[derive(Clone, Debug)]
struct Mapping {
    definition: Definition,
    /// What it has under two keys, if all of them are known.
    texts: BTreeMap<[String; 2], String>,
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

/// Something that decides what a policy will be, and that can be settled.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Choice {
    /// A condition of the template, by name: true or false.
    Condition(String),
    /// A parameter with `AllowedValues`, by name: one of them.
    Parameter(String),
}

impl Choice {
    /// How to name to a person the function that depends on it: `Fn::If IsProd`, `Ref Env`.
    pub fn label(&self) -> String {
        match self {
            Choice::Condition(name) => format!("Fn::If {name}"),
            Choice::Parameter(name) => format!("Ref {name}"),
        }
    }
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

    /// Whether nothing is settled otherwise in the other one.
    pub fn agrees_with(&self, other: &Settled) -> bool {
        let is_same = |(name, value)| self.conditions.get(name).is_none_or(|own| own == value);
        let says_same = |(name, value)| self.parameters.get(name).is_none_or(|own| own == value);
        other.conditions.iter().all(is_same) && other.parameters.iter().all(says_same)
    }

    /// Whether it is settled what something around a policy does.
    pub fn decides(&self, around: &Around) -> bool {
        match &around.what {
            Surrounding::Condition { name, .. } => self.conditions.contains_key(name),
            Surrounding::Macro => false,
            Surrounding::Never => true,
        }
    }

    /// Whether a policy with this around it is not there.
    pub fn leaves_out(&self, around: &[Around]) -> bool {
        around.iter().any(|around| match &around.what {
            Surrounding::Condition { name, holds, .. } => self.conditions.get(name) == Some(&!holds),
            Surrounding::Macro => false,
            Surrounding::Never => true,
        })
    }

    /// Whether the resource of a policy with this around it is not there.
    pub fn leaves_out_resource(&self, around: &[Around]) -> bool {
        let of_resource = |around: &&Around| match around.what {
            Surrounding::Condition { of_resource, .. } => of_resource,
            Surrounding::Macro | Surrounding::Never => true,
        };
        around.iter().filter(of_resource).any(|around| self.leaves_out(std::slice::from_ref(around)))
    }
}

impl Template {
    /// Reads the definitions of a template: a file's, or the one in the answer of `get-template`.
    /// `doubtful` are the places of values that readers of its text do not agree on, in order.
    pub fn read(tree: &Node, text: &str, doubtful: &[u32]) -> Self {
        let mut template = Template { doubtful: doubtful.to_vec(), ..Template::default() };
        let roots = roots(tree, text);
        template.only_cloudformation = roots
            .iter()
            .any(|root| root.get(text, "AWSTemplateFormatVersion").is_some())
            || roots.first().is_some_and(|root| is_of_cloudformation(root, text) && !has_other_names(text));
        roots.iter().for_each(|root| template.read_part(root, text, doubtful));
        roots.iter().for_each(|root| template.read_conditions(root, text));
        template
    }

    fn read_part(&mut self, root: &Node, text: &str, doubtful: &[u32]) {
        for member in root.get(text, "Resources").into_iter().flat_map(Node::members) {
            let resource = Resource::read(&member.value, text, doubtful);
            let name = member.key.text(text).into_owned();
            if let Some(provider) = Provider::of_resource(&resource.kind, &member.value, text) {
                Arc::make_mut(&mut self.providers).insert(name.clone(), provider);
            }
            Arc::make_mut(&mut self.resources).insert(name, resource);
        }
        for member in root.get(text, "Parameters").into_iter().flat_map(Node::members) {
            let parameter = parameter(&member.value, text, doubtful);
            Arc::make_mut(&mut self.parameters).insert(member.key.text(text).into_owned(), parameter);
        }
        let mappings = || root.get(text, "Mappings").into_iter().flat_map(Node::members);
        // A macro among them may bring any mapping.
        let functions = mappings().filter(|member| member.key.text(text).starts_with("Fn::"));
        let brought: String = functions.flat_map(|member| dense(member.span().slice(text))).collect();
        for member in mappings() {
            let mut mapping = Mapping::read(member, text, doubtful);
            mapping.definition.text.push_str(&brought);
            if !brought.is_empty() {
                mapping.texts.clear();
            }
            Arc::make_mut(&mut self.mappings).insert(member.key.text(text).into_owned(), mapping);
        }
        let names = root.get(text, "Transform").map(|node| macros(node, text)).unwrap_or_default();
        self.macros
            .extend(names.into_iter().map(|name| (name.clone(), made_of(&name, root, text, doubtful))));
    }

    /// Reads the conditions of a part, once all is known that they refer to.
    fn read_conditions(&mut self, root: &Node, text: &str) {
        for member in root.get(text, "Conditions").into_iter().flat_map(Node::members) {
            let condition = Condition {
                definition: definition(&member.value, text, &self.doubtful),
                formula: self.formula(&member.value, text),
            };
            Arc::make_mut(&mut self.conditions).insert(member.key.text(text).into_owned(), condition);
        }
    }

    /// What decides, besides its own text, whether a policy is there and what it is: a macro that rewrites the template,
    /// and the conditions of its resource and of the choices around it, given a pointer from the template's root.
    /// How to name each to a person, and what tells it from others.
    pub fn around(&self, pointer: &str, tree: &Node, text: &str) -> Vec<Around> {
        let of_macro = |(name, made): (String, String)| Around {
            label: format!("the macro {name}"),
            name: made,
            what: Surrounding::Macro,
        };
        let condition = |name: &str, holds: bool, of_resource: bool| {
            let references = vec![Reference::Condition(name.to_owned())];
            let named = self.named(&Definition { text: name.to_owned(), references });
            Around {
                label: format!("the condition `{name}`"),
                name: format!("{named} {holds}"),
                what: Surrounding::Condition { name: name.to_owned(), holds, of_resource },
            }
        };
        let mut found: Vec<Around> = self.macros.iter().cloned().map(of_macro).collect();
        let mut steps = pointer.split('/').skip(1).skip_while(|step| *step != "Resources").skip(1);
        if let Some(resource) = steps.next().and_then(|name| self.resources.get(name)) {
            found.extend(resource.condition.as_deref().map(|name| condition(name, true, true)));
        }
        let ends = pointer.match_indices('/').map(|(at, _)| at);
        for end in ends {
            let (outer, below) = pointer.split_at(end);
            let Some(node) = tree.at(text, outer) else { break };
            // `resource`, the type, the name.
            let is_block =
                || outer.split('/').skip(1).filter(|step| step.parse::<usize>().is_err()).count() >= 3;
            match hcl::number(node, text).filter(|_| self.interpolated && is_block()) {
                Some(hcl::Number::Condition(name)) => found.push(condition(&name, true, true)),
                Some(hcl::Number::None) => found.push(Around {
                    label: "a number of 0".to_owned(),
                    name: "never".to_owned(),
                    what: Surrounding::Never,
                }),
                None => {}
            }
            found.extend(same_name(node, below, text));
            // What stands beside is put in its place.
            let beside = node.get(text, "Fn::Transform").filter(|_| !below.starts_with("/Fn::Transform"));
            let names = beside.into_iter().flat_map(|beside| macros(beside, text));
            let made = |name: String| (name.clone(), made_of(&name, node, text, &self.doubtful));
            found.extend(names.map(made).map(of_macro));
            let Some(branch) = below.strip_prefix("/Fn::If/") else { continue };
            let name = node.get(text, "Fn::If").and_then(|choice| choice.items().first()?.text(text));
            found.extend(name.map(|name| condition(&name, branch.starts_with('1'), false)));
        }
        found
    }

    /// The name of what a node of the template will be: its text and all that it refers to.
    pub(crate) fn name_of(&self, node: &Node, text: &str) -> Box<str> {
        self.named(&definition(node, text, &self.doubtful)).into()
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

    /// The same definitions in a file of Terraform's JSON syntax, with what decides how many there are of its resources.
    pub fn interpolated(mut self, tree: &Node, text: &str) -> Template {
        // What expressions may refer to.
        let defined = ["locals", "variable"].into_iter().filter_map(|name| tree.get(text, name));
        let defined: String = defined.flat_map(|node| dense(node.span.slice(text))).collect();
        let mut open = vec![tree];
        while let Some(node) = open.pop() {
            open.extend(node.items());
            open.extend(node.members().iter().map(|member| &member.value));
            if let Some(hcl::Number::Condition(name)) = hcl::number(node, text) {
                let definition = Definition { text: format!("{name} {defined}"), references: Vec::new() };
                let operand = conditions::Operand::of(definition.clone());
                Arc::make_mut(&mut self.conditions)
                    .insert(name, Condition { definition, formula: Formula::Flag(operand) });
            }
        }
        Template { interpolated: true, providers: Arc::new(providers::of_terraform(tree, text)), ..self }
    }

    /// The pieces of the ARN that a reference gives, as far as the type of the resource tells: `Queue.Arn`, `Topic`. `name`
    /// is that of what is not known of it.
    pub(super) fn arn(&self, reference: &str, name: &str) -> Option<Vec<Part>> {
        let (of, attribute) = reference.split_once('.').unwrap_or((reference, ""));
        let of_type = || arns::arn(&self.resources.get(of)?.kind, attribute, name);
        self.provider(reference, name).or_else(|| of_type().filter(|_| !self.interpolated))
    }

    /// The same of an identity provider that the file makes or names the type of: `Provider` or `Provider.Arn`,
    /// `aws_iam_saml_provider.staff.arn`.
    pub(super) fn provider(&self, reference: &str, name: &str) -> Option<Vec<Part>> {
        let provider = match self.interpolated {
            true => {
                let address = providers::address(reference)?;
                self.providers.get(address.as_str()).cloned().or_else(|| Provider::of_address(&address))
            }
            false => {
                let (of, attribute) = reference.split_once('.').unwrap_or((reference, "Arn"));
                self.providers.get(of).filter(|_| attribute == "Arn").cloned()
            }
        };
        provider.map(|provider| provider.arn(name))
    }

    /// Whether each text of the file is one in which Terraform fills in expressions.
    pub(crate) fn is_interpolated(&self) -> bool {
        self.interpolated
    }

    /// The same definitions in a configuration of the Serverless Framework, which fills in every `${…}` by itself.
    pub fn of_serverless(self) -> Template {
        Template { serverless: true, ..self }
    }

    /// Whether the Serverless Framework fills in every `${…}` of the file.
    pub(crate) fn is_serverless(&self) -> bool {
        self.serverless
    }

    /// Whether the file is a template of CloudFormation, and nothing in it is known to be for another tool.
    pub(crate) fn is_only_cloudformation(&self) -> bool {
        self.only_cloudformation
    }

    /// Whether the policy is a text in which `Fn::Sub` fills in names.
    pub(super) fn is_substituted(&self) -> bool {
        self.filled.is_some()
    }

    /// The same definitions for another text, with the places of values there that its readers do not agree on, and
    /// whether it is an object of the template.
    pub fn for_text(self: &Arc<Self>, doubtful: &[u32], is_object: bool) -> Arc<Template> {
        match (self.doubtful == doubtful, self.is_object == is_object) {
            (true, true) => Arc::clone(self),
            _ => Arc::new(Template { doubtful: doubtful.to_vec(), is_object, ..(**self).clone() }),
        }
    }

    /// Whether a bare whole number or boolean in the policy is text: `Sid: 1`.
    pub(super) fn takes_as_text(&self, written: &str) -> bool {
        let is_plain =
            written.bytes().all(|byte| byte.is_ascii_digit()) || ["true", "false"].contains(&written);
        is_plain && self.is_object && !self.resources.is_empty() && !self.interpolated
    }

    /// Whether readers of a value of the text do not agree on it.
    pub(super) fn doubts(&self, node: &Node) -> bool {
        is_doubtful(node, &self.doubtful)
    }

    /// Whether a text of the policy has names in it that `Fn::Sub`, Terraform or the Serverless Framework fills in.
    pub(crate) fn fills_in(&self, text: &str) -> bool {
        ((self.filled.is_some() || self.serverless) && text.contains("${"))
            || (self.interpolated && hcl::has_marks(text))
    }

    /// What tells the text for a name from others, where `Fn::Sub` is given that itself.
    pub(super) fn given(&self, name: &str) -> Option<&str> {
        self.filled.as_ref()?.get(name).map(|name| &**name)
    }

    /// The same definitions in a stack of its own, in which conditions depend on other things than in others.
    pub fn in_stack(&self, name: &str) -> Template {
        Template { stack: name.into(), ..self.clone() }
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
            Reference::Mapping(name) => self.mappings.get(name).map(|mapping| &mapping.definition),
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

    /// Whether `Ref` of a name gives a list.
    pub(super) fn reference_gives(&self, name: &str) -> Gives {
        match self.parameters.get(name) {
            Some(parameter) if parameter.is_list => Gives::List,
            None if name == "AWS::NotificationARNs" => Gives::List,
            None if !name.starts_with("AWS::") && !self.resources.contains_key(name) => Gives::Either,
            _ => Gives::Text,
        }
    }

    /// Whether a parameter is one of a few texts.
    pub(super) fn has_allowed(&self, parameter: &str) -> bool {
        self.parameters.get(parameter).is_some_and(|parameter| !parameter.allowed.is_empty())
    }
}

impl Mapping {
    fn read(member: &Member, text: &str, doubtful: &[u32]) -> Self {
        let definition = self::definition(&member.value, text, doubtful);
        let span = member.span();
        let first = doubtful.partition_point(|place| *place < span.start);
        let is_doubted = doubtful.get(first).is_some_and(|place| *place < span.end);
        let mut texts = BTreeMap::new();
        for below in member.value.members().iter().filter(|_| !is_doubted) {
            for value in below.value.members() {
                let known = compared::plain(&value.value, text, doubtful);
                texts.insert([&below.key, &value.key].map(|key| key.text(text).into_owned()), known);
            }
        }
        // A macro, what another tool fills in, or a name that is given twice: its readers may find something else.
        let number: usize = member.value.members().iter().map(|below| below.value.members().len()).sum();
        let has_marks = |name: &String| name.starts_with("Fn::") || !compared::is_literal(name);
        let is_known = number == texts.len() && !texts.keys().flatten().any(has_marks);
        let texts = texts.into_iter().filter_map(|(keys, value)| Some((keys, value?)));
        Mapping { definition, texts: if is_known { texts.collect() } else { BTreeMap::new() } }
    }
}

impl Resource {
    /// AWS names a resource by its logical id, its type and the properties that are names; what gives other resources their
    /// attributes, a template or code, does so by all of its properties.
    fn read(node: &Node, text: &str, doubtful: &[u32]) -> Self {
        let of =
            |name: &str| node.get(text, name).and_then(|node| node.text(text)).map(|text| text.into_owned());
        let kind = of("Type").unwrap_or_default();
        let is_own = is_made_by_aws(&kind);
        let mut whole = Definition { text: kind.clone(), references: Vec::new() };
        let mut definition = whole.clone();
        for member in node.get(text, "Properties").into_iter().flat_map(Node::members) {
            let name = member.key.text(text);
            let property = self::definition(&member.value, text, doubtful);
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

/// What of a file is a template: all of it, or `TemplateBody` of an answer, and the parts that the Serverless Framework has
/// under `resources`.
pub fn roots<'n>(tree: &'n Node, text: &str) -> Vec<&'n Node> {
    let body = tree.get(text, "TemplateBody").filter(|body| matches!(body.value, Value::Object(_)));
    let part = tree.get(text, "resources");
    let parts = part.into_iter().flat_map(|part| std::iter::once(part).chain(part.items()));
    std::iter::once(body.unwrap_or(tree)).chain(parts).collect()
}

/// Whether a tree has resources as CloudFormation reads them.
fn is_of_cloudformation(tree: &Node, text: &str) -> bool {
    let resources = tree.get(text, "Resources").into_iter().flat_map(Node::members);
    let mut kinds = resources.filter_map(|member| member.value.get(text, "Type")?.text(text));
    kinds.any(|kind| kind.contains("::"))
}

/// Whether a text has names that another tool fills in, as `${self:service}` of the Serverless Framework and `{{ name }}`;
/// `{{resolve:…}}` is CloudFormation's own.
fn has_other_names(text: &str) -> bool {
    let in_braces = || text.split("{{").skip(1).any(|rest| !rest.trim_start().starts_with("resolve:"));
    let has_argument = |name: &str| {
        let argument = name.split_once([':', '(']).map(|(_, argument)| argument);
        argument.is_some_and(|argument| {
            argument.starts_with(|first: char| first.is_ascii_alphanumeric() || first == '.')
        })
    };
    let is_other = |(place, mark): (Range<usize>, Mark<'_>)| {
        let name = text.get(place).and_then(|name| name.strip_prefix("${")).unwrap_or_default();
        mark == Mark::Template && !name.starts_with('!') && has_argument(name)
    };
    text.contains("<%") || in_braces() || (text.contains("${") && marks(text).into_iter().any(is_other))
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

/// What tells what a macro makes of a node from others.
fn made_of(name: &str, node: &Node, text: &str, doubtful: &[u32]) -> String {
    let mut hasher = DefaultHasher::new();
    definition(node, text, doubtful).text.hash(&mut hasher);
    format!("{name} of {:x}", hasher.finish())
}

/// The names in `${…}` of a text that `Fn::Sub` fills in.
pub(crate) fn names_in(text: &str) -> impl Iterator<Item = &str> {
    text.split("${").skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name.trim())
}

/// What a parameter may be, without what only describes it.
fn declaration(node: &Node, text: &str, doubtful: &[u32]) -> String {
    const DESCRIBING: [&str; 3] = ["ConstraintDescription", "Description", "NoEcho"];
    let members = node.members().iter();
    let telling = members.filter(|member| !DESCRIBING.contains(&&*member.key.text(text)));
    let texts = telling.map(|member| {
        let name = member.key.text(text);
        let mut values: Vec<String> = match (&*name, member.value.items()) {
            // In any order.
            ("AllowedValues", items) if !items.is_empty() => {
                items.iter().map(|item| definition(item, text, doubtful).text).collect()
            }
            _ => vec![definition(&member.value, text, doubtful).text],
        };
        values.sort_unstable();
        format!("{name:?}:{}", values.join(","))
    });
    let mut texts: Vec<String> = texts.collect();
    texts.sort_unstable();
    if texts.is_empty() { definition(node, text, doubtful).text } else { texts.join(",") }
}

fn parameter(node: &Node, text: &str, doubtful: &[u32]) -> Parameter {
    let kind = node.get(text, "Type").and_then(|kind| kind.text(text));
    let is_text = matches!(kind.as_deref(), Some("String" | "Number"));
    let allowed = node.get(text, "AllowedValues").map_or(&[][..], Node::items);
    let is_text = is_text && !allowed.iter().any(|value| is_doubtful(value, doubtful));
    let allowed = allowed.iter().filter_map(|value| match value.value {
        Value::Bool(_) | Value::Number => Some(value.span.slice(text).to_owned()),
        _ => value.text(text).map(|text| text.into_owned()),
    });
    let mut allowed: Vec<String> = if is_text { allowed.collect() } else { Vec::new() };
    if allowed.is_empty() && kind.as_deref() == Some("String") {
        let pattern = node.get(text, "AllowedPattern").filter(|pattern| !is_doubtful(pattern, doubtful));
        allowed = pattern.and_then(|pattern| alternatives(&pattern.text(text)?)).unwrap_or_default();
    }
    Parameter {
        declaration: declaration(node, text, doubtful),
        is_list: kind.is_some_and(|kind| kind.contains("List<") || kind.contains("CommaDelimitedList")),
        allowed,
    }
}

/// The texts that fit a pattern which lists them, `^(dev|prod)$`: all of a text has to fit it. CloudFormation guide,
/// "Parameters", `AllowedPattern`.
fn alternatives(pattern: &str) -> Option<Vec<String>> {
    let pattern = pattern.strip_prefix('^').unwrap_or(pattern);
    let pattern = pattern.strip_suffix('$').unwrap_or(pattern);
    let inner = pattern.strip_prefix("(?:").or_else(|| pattern.strip_prefix('('));
    let listed = inner.and_then(|inner| inner.strip_suffix(')')).unwrap_or(pattern);
    let is_text = |text: &str| {
        !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    };
    listed.split('|').map(|text| is_text(text).then(|| text.to_owned())).collect()
}

fn definition(node: &Node, text: &str, doubtful: &[u32]) -> Definition {
    let mut references = Vec::new();
    refer(node, text, &mut references);
    let mut dense: String = dense(node.span.slice(text)).collect();
    let first = doubtful.partition_point(|place| *place < node.span.start);
    for place in doubtful[first..].iter().take_while(|place| **place < node.span.end) {
        dense.push_str(&format!(" unquoted at {}", place - node.span.start));
    }
    Definition { text: dense, references }
}

/// What has the same name as a member that leads to a policy: readers take the first or the last.
fn same_name(node: &Node, below: &str, text: &str) -> Option<Around> {
    let step = below.get(1..)?.split('/').next()?.replace("~1", "/").replace("~0", "~");
    let named = |member: &&Member| member.key.text(text) == step;
    let written = |member: &Member| dense(member.span().slice(text)).collect::<String>();
    node.repeats(text, &step).then(|| Around {
        label: format!("another `{step}` in the same place"),
        name: node.members().iter().filter(named).map(written).collect(),
        what: Surrounding::Macro,
    })
}

/// Whether readers of a value do not agree on it.
fn is_doubtful(node: &Node, doubtful: &[u32]) -> bool {
    doubtful.binary_search(&node.span.start).is_ok()
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

#[cfg(test)]
mod tests;
