//! Condition keys.

use std::collections::HashSet;

use super::action::{ActionFacts, actions_of};
use super::resource::resource_type;
use super::table::{KEYS, Line, RESOURCES, SETS, items, starts_with};

/// A condition key, or a family of them such as `aws:RequestTag/${TagKey}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConditionKey {
    line: Line,
}

/// What the values of a key are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ValueType {
    /// Texts.
    String,
    /// ARNs.
    Arn,
    /// `true` or `false`.
    Bool,
    /// Numbers.
    Numeric,
    /// Moments.
    Date,
    /// Addresses.
    IpAddress,
}

/// What a global key tells about, after the AWS page on global keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyGroup {
    /// The caller.
    Principal,
    /// The caller's session.
    Session,
    /// The way that the request came.
    Network,
    /// The resource.
    Resource,
    /// The request itself.
    Request,
}

/// The facts of a key in any case; `aws:RequestTag/team` is found as `aws:RequestTag/${TagKey}`.
pub fn condition_key(key: &str) -> Option<ConditionKey> {
    let line = KEYS.line(key).or_else(|| family(key))?;
    Some(ConditionKey { line })
}

/// The family that a key is of. A part that differs stands behind a character that is no letter.
fn family(key: &str) -> Option<Line> {
    let cuts = key.char_indices().filter(|(_, character)| "/:.".contains(*character));
    cuts.filter_map(|(at, _)| key.get(..=at)).find_map(|start| {
        let dollar = KEYS.starting(&format!("{start}${{"));
        dollar.chain(KEYS.starting(&format!("{start}<"))).find(|line| is_member(line.name(), key))
    })
}

/// Whether a key is of the family `form`: the part in braces is one character or more.
fn is_member(form: &str, key: &str) -> bool {
    let Some(start) = form.find("${").or_else(|| form.find('<')) else { return false };
    let end = form.find(['}', '>']).map_or(form.len(), |at| at + 1);
    let (before, after) = (form.get(..start).unwrap_or(""), form.get(end..).unwrap_or(""));
    let tail = key.len().checked_sub(after.len()).filter(|tail| *tail > before.len());
    let ending = tail.and_then(|tail| key.get(tail..));
    starts_with(key, before) && ending.is_some_and(|ending| ending.eq_ignore_ascii_case(after))
}

/// Whether any key has this text before its first colon: a service, or an identity provider.
pub fn is_key_service(prefix: &str) -> bool {
    KEYS.starting(&format!("{prefix}:")).next().is_some()
}

/// Keys of a role's session that are listed as keys of a service's own actions: sessions of builds have them in calls to
/// all services. CodeBuild guide, "Use CodeBuild condition keys as IAM service role variables to control build access".
const OF_SESSIONS: [&str; 2] = ["codebuild:buildArn", "codebuild:projectArn"];

impl ConditionKey {
    /// In AWS's own spelling; `${…}` or `<…>` stands for any text.
    pub fn name(self) -> &'static str {
        self.line.name()
    }

    /// Whether it is a family of keys.
    pub fn is_family(self) -> bool {
        self.name().contains(['$', '<'])
    }

    /// What its values are; `None` where services differ.
    pub fn value_type(self) -> Option<ValueType> {
        let mut types = self.line.list(1).map(|name| match name.strip_prefix("ArrayOf").unwrap_or(name) {
            "ARN" => ValueType::Arn,
            "Bool" => ValueType::Bool,
            "Numeric" => ValueType::Numeric,
            "Date" => ValueType::Date,
            "IPAddress" => ValueType::IpAddress,
            _ => ValueType::String,
        });
        let first = types.next()?;
        types.all(|other| other == first).then_some(first)
    }

    /// Whether a request can have several values of it; `None` where services differ.
    pub fn is_list(self) -> Option<bool> {
        let mut lists = self.line.list(1).map(|name| name.starts_with("ArrayOf"));
        let first = lists.next()?;
        lists.all(|other| other == first).then_some(first)
    }

    /// What it tells about, if it is a key that any action may come with.
    pub fn group(self) -> Option<KeyGroup> {
        match self.line.column(2) {
            "principal" => Some(KeyGroup::Principal),
            "session" => Some(KeyGroup::Session),
            "network" => Some(KeyGroup::Network),
            "resource" => Some(KeyGroup::Resource),
            "request" => Some(KeyGroup::Request),
            _ => OF_SESSIONS.contains(&self.name()).then_some(KeyGroup::Session),
        }
    }
}

/// The keys that an action, by itself and through its types of resource, comes with besides the
/// global ones; in AWS's spelling, families as `aws:RequestTag/${TagKey}`.
pub fn keys_of(action: ActionFacts) -> Vec<String> {
    let mut keys: Vec<String> =
        sets_of(action).flat_map(|(service, set)| set.map(move |key| spell(service, key))).collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// Whether an action can come with a key of the catalogue; global keys always can.
pub fn takes_key(action: ActionFacts, key: ConditionKey) -> bool {
    key.group().is_some() || is_action_listed_with(action, key)
}

/// Whether an action, by itself or through its types of resource, is listed with a key.
pub fn is_action_listed_with(action: ActionFacts, key: ConditionKey) -> bool {
    sets_of(action).any(|(service, mut set)| set.any(|short| is_spelled(service, short, key.name())))
}

/// Whether an action or a type of resource of a service is listed with a key; other than
/// [`takes_key`], this asks for the list of global keys as well.
pub fn is_listed_with(service: &str, key: ConditionKey) -> bool {
    let prefix = format!("{service}:");
    let types = RESOURCES.starting(&prefix).map(|line| line.column(2));
    let mut seen = HashSet::new();
    types.chain(actions_of(service).map(ActionFacts::key_set)).filter(|set| seen.insert(*set)).any(|set| {
        let line = SETS.line(set);
        line.is_some_and(|line| items(line.column(1)).any(|short| is_spelled(service, short, key.name())))
    })
}

/// Whether any of some actions can come with a key; each set and each type is looked at once.
pub fn any_takes_key(actions: impl Iterator<Item = ActionFacts>, key: ConditionKey) -> bool {
    let mut seen = HashSet::new();
    for action in actions {
        let service = action.service();
        let spells = |set: &str| {
            let line = SETS.line(set);
            line.is_some_and(|line| items(line.column(1)).any(|short| is_spelled(service, short, key.name())))
        };
        if key.group().is_some() || (seen.insert((service, action.key_set())) && spells(action.key_set())) {
            return true;
        }
        for need in action.resources() {
            if seen.insert((service, need.name))
                && resource_type(service, need.name).is_some_and(|kind| spells(kind.key_set()))
            {
                return true;
            }
        }
    }
    false
}

/// The sets of keys of an action, with the service that their short forms are of.
fn sets_of(
    action: ActionFacts,
) -> impl Iterator<Item = (&'static str, impl Iterator<Item = &'static str> + use<>)> {
    let service = action.service();
    let types = action.resources().filter_map(move |need| resource_type(service, need.name));
    let names = std::iter::once(action.key_set()).chain(types.map(|kind| kind.key_set()));
    let sets = names.filter(|name| !name.is_empty()).filter_map(|name| SETS.line(name));
    sets.map(move |line| (service, items(line.column(1))))
}

fn spell(service: &str, short: &str) -> String {
    match (short.strip_prefix('+'), short.starts_with(':')) {
        (Some(tag), _) => format!("aws:{tag}/${{TagKey}}"),
        (None, true) => format!("{service}{short}"),
        (None, false) => short.to_owned(),
    }
}

/// Whether a short form says this key, without building the text.
fn is_spelled(service: &str, short: &str, key: &str) -> bool {
    match short.starts_with(':') {
        true => {
            starts_with(key, service)
                && key.get(service.len()..).is_some_and(|key| key.eq_ignore_ascii_case(short))
        }
        false => spell(service, short).eq_ignore_ascii_case(key),
    }
}
