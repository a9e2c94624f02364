//! What the conditions of templates say together, and the cases that they make of policies.
//!
//! Conditions are formulas over what is compared in them, so that one that follows from another is not taken as
//! independent of it.

use std::collections::{BTreeMap, BTreeSet};

use super::compared::plain;
use super::{Choice, Definition, Reference, Settled, Template, definition, is_doubtful};
use crate::parse::Node;

/// What a condition depends on.
#[derive(Clone, Debug)]
pub(super) enum Formula {
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
pub(super) struct Operand {
    definition: Definition,
    /// The parameter that it is, if it is one.
    parameter: Option<String>,
    /// It is one of these, if there are any.
    allowed: Vec<String>,
}

impl Operand {
    /// A value of which only the definition is known.
    pub(super) fn of(definition: Definition) -> Operand {
        Operand { definition, parameter: None, allowed: Vec::new() }
    }
}

/// One of the cases that there are: what is settled in each of several templates at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// For each template, in order.
    pub settled: Vec<Settled>,
    /// Whether the templates are an old and a new version of one.
    pub of_versions: bool,
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
    /// What is settled, and all conditions that follow from it: `IsProd` is true if `Env` is `prod`.
    pub fn following(&self, settled: &Settled) -> Settled {
        let mut all = settled.clone();
        for name in self.conditions.keys().filter(|name| !settled.conditions.contains_key(*name)) {
            let possible = self.possible(settled, Some(name)).unwrap_or_default();
            let answers: BTreeSet<bool> = possible.iter().map(|one| self.is_so(name, one)).collect();
            if let [answer] = Vec::from_iter(answers)[..] {
                all.conditions.insert(name.clone(), answer);
            }
        }
        all
    }

    /// Why what is settled cannot be so: `IsDev` is false if `IsProd` is true, or `Env` is not one of its values.
    pub fn contradiction(&self, settled: &Settled) -> Option<String> {
        for (name, value) in &settled.parameters {
            let allowed = self.parameters.get(name).map_or(&[][..], |parameter| &parameter.allowed);
            if !allowed.is_empty() && !allowed.contains(value) {
                return Some(format!("`{name}` is one of `{}`", allowed.join("`, `")));
            }
        }
        self.possible(settled, None).filter(Vec::is_empty)?;
        let follows = settled.conditions.iter().find_map(|(name, value)| {
            let mut others = settled.clone();
            others.conditions.remove(name);
            let follows =
                *self.following(&others).conditions.get(name).filter(|follows| *follows != value)?;
            let conditions = others.conditions.iter().filter(|(name, _)| self.conditions.contains_key(*name));
            let parameters =
                others.parameters.iter().filter(|(name, _)| !self.conditions.contains_key(*name));
            let labels: Vec<String> = conditions
                .map(|(name, value)| format!("`{name}` is {value}"))
                .chain(parameters.map(|(name, value)| format!("`{name}` is `{value}`")))
                .collect();
            let always = format!("`{name}` is always {follows}");
            Some(if labels.is_empty() {
                always
            } else {
                format!("`{name}` is {follows} if {}", labels.join(" and "))
            })
        });
        Some(follows.unwrap_or_else(|| "the template defines the conditions by each other".to_owned()))
    }

    /// The settings in which all is so that is settled, for what these conditions and one more depend on; `None` for too
    /// many.
    fn possible(&self, settled: &Settled, also: Option<&String>) -> Option<Vec<Setting>> {
        let known = || settled.conditions.iter().filter(|(name, _)| self.conditions.contains_key(*name));
        let mut needs = Needs::new();
        for condition in known().map(|(name, _)| name).chain(also) {
            self.needs(&Choice::Condition(condition.clone()), &mut needs);
        }
        let mut given = Setting::new();
        for (parameter, value) in &settled.parameters {
            let of = self.deciding(&reference(parameter).definition);
            if let Some(need) = needs.get_mut(&of) {
                need.texts.insert(value.clone());
                given.insert(of, Is::Text(value.clone()));
            }
        }
        let mut possible = settings(&needs, &given)?;
        possible.retain(|one| known().all(|(name, value)| self.is_so(name, one) == *value));
        Some(possible)
    }

    /// Whether a condition is true in a setting.
    fn is_so(&self, name: &str, setting: &Setting) -> bool {
        self.holds(&Formula::Named(name.to_owned()), &mut BTreeMap::new(), setting)
    }

    /// Whether a name is that of a parameter.
    pub fn has_parameter(&self, name: &str) -> bool {
        self.parameters.contains_key(name)
    }

    /// Whether a name is that of a condition.
    pub fn has_condition(&self, name: &str) -> bool {
        self.conditions.contains_key(name)
    }

    /// The name of something that conditions depend on.
    fn deciding(&self, definition: &Definition) -> String {
        format!("{}{}", self.stack, self.named(definition))
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
                let [left_name, right_name] = [left, right].map(|operand| self.deciding(&operand.definition));
                [left, right].into_iter().for_each(|operand| self.add(operand, None, found));
                found.entry(left_name.clone()).or_default().same_as.insert(right_name.clone());
                found.entry(right_name).or_default().same_as.insert(left_name);
            }
            Formula::Flag(operand) => {
                found.entry(self.deciding(&operand.definition)).or_default().is_flag = true;
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
        let need = found.entry(self.deciding(&operand.definition)).or_default();
        need.texts.extend(text.cloned());
        need.allowed.extend(operand.allowed.iter().cloned());
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
                matches!(setting.get(&self.deciding(&operand.definition)), Some(Is::Text(value)) if value == text)
            }
            Formula::Same(left, right) => {
                let [left, right] =
                    [left, right].map(|operand| setting.get(&self.deciding(&operand.definition)));
                left.is_some() && left == right
            }
            Formula::Flag(operand) => is_set(setting, &self.deciding(&operand.definition)),
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
                let value = setting.get(&self.deciding(&reference(name).definition));
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
    cases_up_to(MOST_CASES, templates)
}

/// The same with another limit of their number.
pub fn cases_up_to(most: usize, templates: &[(&Template, &[Choice])]) -> Cases {
    let mut settled: Vec<Vec<&Choice>> = vec![Vec::new(); templates.len()];
    let mut found = Cases { cases: distinct(templates, &settled).unwrap_or_default(), open: Vec::new() };
    for (at, (_, choices)) in templates.iter().enumerate() {
        for choice in *choices {
            settled[at].push(choice);
            match distinct(templates, &settled) {
                Some(cases) if cases.len() <= most => found.cases = cases,
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
    let values_of =
        |name: &String| given.get(name).map_or_else(|| values(name, needs), |value| vec![value.clone()]);
    let each: Vec<(&String, Vec<Is>)> = needs.keys().map(|name| (name, values_of(name))).collect();
    let within =
        |number: usize, values: usize| number.checked_mul(values).filter(|number| *number <= MOST_SETTINGS);
    each.iter().try_fold(1, |number, (_, values)| within(number, values.len()))?;
    let mut settings = vec![Setting::new()];
    for (name, values) in each {
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
        let case = Case { settled: settled.collect(), of_versions: false };
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
        let label = |name: &str, values: BTreeSet<String>| match Vec::from_iter(values).as_slice() {
            [value] => format!("`{name}` is {value}"),
            several => format!("`{name}` is {} in different templates", several.join(" and ")),
        };
        let values = |settled: &Settled| -> Vec<(String, String)> {
            let conditions = settled.conditions.iter().map(|(name, value)| (name.clone(), value.to_string()));
            let parameters =
                settled.parameters.iter().map(|(name, value)| (name.clone(), format!("`{value}`")));
            conditions.chain(parameters).collect()
        };
        let all: Vec<Vec<(String, String)>> = self.settled.iter().map(values).collect();
        for (name, _) in all.iter().flatten() {
            let of = |values: &Vec<(String, String)>| {
                values.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
            };
            let found: Vec<String> = all.iter().filter_map(of).collect();
            // Two versions may define one name in two ways.
            let label = match found.as_slice() {
                [old, new] if self.of_versions && old != new => {
                    format!("`{name}` was {old} and is {new} now")
                }
                _ => label(name, found.iter().cloned().collect()),
            };
            if !labels.contains(&label) {
                labels.push(label);
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

impl Template {
    /// What a condition, or a part of one, depends on.
    pub(super) fn formula(&self, node: &Node, text: &str) -> Formula {
        let flag = || Formula::Flag(Operand::of(definition(node, text, &self.doubtful)));
        let [member] = node.members() else { return flag() };
        let items = member.value.items();
        let all = || items.iter().map(|item| self.formula(item, text)).collect();
        match (&*member.key.text(text), items) {
            ("Condition", _) => match member.value.text(text) {
                Some(name) => Formula::Named(name.into_owned()),
                None => flag(),
            },
            ("Fn::Not", [inner]) => Formula::Not(Box::new(self.formula(inner, text))),
            ("Fn::And", [_, ..]) => Formula::All(all()),
            ("Fn::Or", [_, ..]) => Formula::Any(all()),
            ("Fn::Equals", [left, right]) => {
                let computed = || self.equal(&self.pieces(left, text)?, &self.pieces(right, text)?);
                computed().unwrap_or_else(|| {
                    let of = |node| self.operand(node, text);
                    match [left, right].map(|node| plain(node, text, &self.doubtful)) {
                        [Some(value), None] => Formula::Is(of(right), value),
                        [None, Some(value)] => Formula::Is(of(left), value),
                        _ => Formula::Same(of(left), of(right)),
                    }
                })
            }
            _ => flag(),
        }
    }

    /// What is compared as a whole, where it is not computed.
    fn operand(&self, node: &Node, text: &str) -> Operand {
        let operand = Operand::of(definition(node, text, &self.doubtful));
        let allowed = match node.text(text).filter(|_| is_doubtful(node, &self.doubtful)) {
            Some(word) => either_reading(&word),
            None => Vec::new(),
        };
        let member = match node.members() {
            [member] if member.key.text(text) == "Ref" => member.value.text(text),
            _ => None,
        };
        member.map_or(Operand { allowed, ..operand }, |name| reference(&name))
    }
}

/// What YAML 1.2 and YAML 1.1 read in place of one word: itself, or a boolean, of which CloudFormation makes a text; none for
/// other words. YAML 1.1, "Boolean Language-Independent Type".
fn either_reading(word: &str) -> Vec<String> {
    let boolean = match word.to_ascii_lowercase().as_str() {
        "y" | "yes" | "on" => "true",
        "n" | "no" | "off" => "false",
        _ => return Vec::new(),
    };
    vec![word.to_owned(), boolean.to_owned()]
}

/// The value of a parameter, however a function refers to it.
pub(super) fn reference(parameter: &str) -> Operand {
    let definition = Definition {
        text: format!("{{\"Ref\":\"{parameter}\"}}"),
        references: vec![Reference::Named(parameter.to_owned())],
    };
    Operand { parameter: Some(parameter.to_owned()), ..Operand::of(definition) }
}
