//! Actions.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::LazyLock;

use super::table::{ACTIONS, Line};
use crate::pattern::Pattern;

/// What is known of an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ActionFacts {
    line: Line,
}

/// What an action does, in the words of AWS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// It lists what there is.
    List,
    /// It reads content.
    Read,
    /// It changes content.
    Write,
    /// It changes tags.
    Tagging,
    /// It changes who may do what.
    PermissionsManagement,
}

/// A type of resource that an action is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Need {
    /// The name of the type in the action's service.
    pub name: &'static str,
    /// Whether every call names one.
    pub required: bool,
}

/// The facts of one action, `service:Name` in any case.
pub fn action(name: &str) -> Option<ActionFacts> {
    ACTIONS.line(name).map(|line| ActionFacts { line })
}

/// The actions that a pattern such as `s3:Get*` matches, in order of their names.
pub fn actions_matching(pattern: &str) -> impl Iterator<Item = ActionFacts> + use<> {
    let pattern = if pattern == "*" { "*:*" } else { pattern };
    let fixed = pattern.find(['*', '?']).map_or(pattern, |at| pattern.get(..at).unwrap_or(""));
    let rest = pattern.get(fixed.len()..).unwrap_or("");
    // Most patterns have one star, at their end: then there is nothing left to match.
    let (listed, searched) = match rest {
        "*" => (Some(ACTIONS.starting(fixed)), None),
        "" => (None, None),
        _ => (None, Some(searched(&pattern.to_ascii_lowercase(), fixed.len()))),
    };
    let exact = rest.is_empty().then(|| ACTIONS.line(pattern)).flatten();
    let listed = listed.into_iter().flatten().chain(exact).map(|line| ActionFacts { line });
    listed.chain(searched.into_iter().flat_map(|found| (0..found.len()).map(move |at| found[at])))
}

/// The actions that a pattern in lower case matches that has a wildcard after so many bytes. One rule after the other
/// asks about the same patterns, and each may have to be held against all actions, so what was found is kept.
fn searched(pattern: &str, fixed: usize) -> Rc<[ActionFacts]> {
    /// How many actions are kept at most, those of all patterns together; each pattern counts as one more.
    const MOST: usize = 100_000;
    type Known = (HashMap<String, Rc<[ActionFacts]>>, usize);
    thread_local! {
        static KNOWN: RefCell<Known> = RefCell::default();
    }
    KNOWN.with_borrow_mut(|(known, size)| {
        if let Some(found) = known.get(pattern) {
            return Rc::clone(found);
        }
        let (matcher, fixed) = (Pattern::new(pattern), &pattern[..fixed]);
        let first = IN_LOWER_CASE.partition_point(|(name, _)| name.as_str() < fixed);
        let starting = IN_LOWER_CASE[first..].iter().take_while(|(name, _)| name.starts_with(fixed));
        let found: Rc<[ActionFacts]> =
            starting.filter(|(name, _)| matcher.matches(name)).map(|(_, action)| *action).collect();
        *size += 1 + found.len();
        if *size > MOST {
            known.clear();
            *size = 1 + found.len();
        }
        known.insert(pattern.to_owned(), Rc::clone(&found));
        found
    })
}

/// All actions with their names in lower case, in order.
static IN_LOWER_CASE: LazyLock<Vec<(String, ActionFacts)>> = LazyLock::new(|| {
    let all = ACTIONS.lines().map(|line| ActionFacts { line });
    all.map(|action| (action.name().to_ascii_lowercase(), action)).collect()
});

/// Whether a pattern matches any action.
pub fn has_match(pattern: &str) -> bool {
    actions_matching(pattern).next().is_some()
}

impl ActionFacts {
    /// `kms:Decrypt`, in AWS's own spelling.
    pub fn name(self) -> &'static str {
        self.line.name()
    }

    /// The prefix: `kms`.
    pub fn service(self) -> &'static str {
        self.name().split(':').next().unwrap_or("")
    }

    /// What it does.
    pub fn level(self) -> Level {
        match self.line.column(1) {
            "L" => Level::List,
            "R" => Level::Read,
            "T" => Level::Tagging,
            "P" => Level::PermissionsManagement,
            _ => Level::Write,
        }
    }

    /// The types of resource that it can be limited to. Without any it is allowed on `*` only.
    pub fn resources(self) -> impl Iterator<Item = Need> + use<> {
        self.line.list(2).map(|name| match name.strip_suffix('*') {
            Some(name) => Need { name, required: true },
            None => Need { name, required: false },
        })
    }

    /// The name of the set of condition keys that come with it.
    pub(super) fn key_set(self) -> &'static str {
        self.line.column(3)
    }

    /// The actions that its caller must be allowed besides.
    pub fn dependent(self) -> impl Iterator<Item = &'static str> + use<> {
        self.line.list(4)
    }
}

/// The actions of a service.
pub(super) fn actions_of(service: &str) -> impl Iterator<Item = ActionFacts> + use<> {
    ACTIONS.starting(&format!("{service}:")).map(|line| ActionFacts { line })
}

/// All actions by their own names, in lower case: a search of the whole table for each name would take a millisecond.
static BY_NAME: LazyLock<Vec<(String, ActionFacts)>> = LazyLock::new(|| {
    let all = ACTIONS.lines().map(|line| ActionFacts { line });
    let mut named: Vec<(String, ActionFacts)> = all
        .map(|action| (action.name().split_once(':').map_or("", |(_, own)| own).to_ascii_lowercase(), action))
        .collect();
    // The sort is stable: those of one name stay in the order of their services.
    named.sort_by(|a, b| a.0.cmp(&b.0));
    named
});

/// The actions of all services with this name behind the prefix.
pub(super) fn actions_called(name: &str) -> impl Iterator<Item = ActionFacts> {
    let name = name.to_ascii_lowercase();
    let first = BY_NAME.partition_point(|(own, _)| *own < name);
    BY_NAME[first..].iter().take_while(move |(own, _)| *own == name).map(|(_, action)| *action)
}
