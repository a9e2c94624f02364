//! Which rules run, at which level, and what is known of the user's own accounts.

use std::collections::{BTreeMap, BTreeSet};

use super::rule::{Group, Rule};
use super::rules;
use crate::diagnostic::Severity;

/// What a user chose.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Only these rules; if it is `None`, all but those that run on request.
    pub select: Option<Vec<Selector>>,
    /// Not these.
    pub ignore: Vec<Selector>,
    /// Levels other than the rules' own. The rule's name outranks its group, its group `all`.
    pub levels: BTreeMap<Selector, Level>,
    /// The user's own accounts: twelve digits each.
    pub accounts: BTreeSet<String>,
    /// The user's own organizations, as `o-a1b2c3d4e5`.
    pub organizations: BTreeSet<String>,
    /// From which part of a limit on size on a policy is near it, in percent; 90 if it is `None`.
    pub near_quota: Option<u8>,
}

/// A policy is near its limit from this part of it on, in percent, unless a user says otherwise.
pub(super) const NEAR: u8 = 90;

/// A level that a user gives a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// The rule does not run.
    Off,
    /// It runs at this level.
    At(Severity),
}

/// A name that stands for rules.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Selector {
    /// Every rule.
    All,
    /// The rules of a group.
    Group(Group),
    /// One rule.
    Rule(&'static str),
}

/// A name that stands for no rule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{name}` is no rule and no group of rules{}", .nearest.as_ref().map_or(String::new(), |nearest| format!("; did you mean `{nearest}`?")))]
pub struct UnknownSelector {
    /// As it was given.
    pub name: String,
    /// The rule or group with the nearest name.
    pub nearest: Option<String>,
}

impl std::str::FromStr for Selector {
    type Err = UnknownSelector;

    fn from_str(name: &str) -> Result<Self, UnknownSelector> {
        if name == "all" {
            return Ok(Selector::All);
        }
        if let Some(group) = Group::ALL.iter().find(|group| group.name() == name) {
            return Ok(Selector::Group(*group));
        }
        if let Some(rule) = rules::get(name) {
            return Ok(Selector::Rule(rule.name));
        }
        let names =
            rules::ALL.iter().map(|rule| rule.name).chain(Group::ALL.iter().map(|group| group.name()));
        let nearest = names
            .map(|known| (crate::spelling::distance(known, name), known))
            .filter(|&(distance, known)| distance <= known.len() / 3)
            .min()
            .map(|(_, known)| known.to_owned());
        Err(UnknownSelector { name: name.to_owned(), nearest })
    }
}

impl Selector {
    fn covers(&self, rule: &Rule) -> bool {
        match self {
            Selector::All => true,
            Selector::Group(group) => *group == rule.group,
            Selector::Rule(name) => *name == rule.name,
        }
    }
}

impl Settings {
    /// The level at which a rule runs; `None` if it does not. A rule that runs on request does so if it,
    /// its group or `all` is selected or is given a level.
    pub fn severity(&self, rule: &Rule) -> Option<Severity> {
        let selected =
            self.select.as_ref().is_none_or(|select| select.iter().any(|selector| selector.covers(rule)));
        if !selected || self.ignore.iter().any(|selector| selector.covers(rule)) {
            return None;
        }
        let level = [Selector::Rule(rule.name), Selector::Group(rule.group), Selector::All]
            .iter()
            .find_map(|selector| self.levels.get(selector));
        match level {
            Some(Level::Off) => None,
            Some(Level::At(severity)) => Some(*severity),
            None if rule.opt_in && self.select.is_none() => None,
            None => Some(rule.severity),
        }
    }
}
