//! Actions that a wildcard stands for today.
//!
//! A wildcard begins with whole words of the action's name, so that it says what it is about, and matches
//! no action of the catalogue that the statement does not allow already. What AWS adds later it matches as
//! well: that is why nobody gets it who does not ask.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::{Change, ORDER, Piece, Work};
use crate::catalog::actions_matching;
use crate::edit::{self, Edit};
use crate::policy::{Action, Statement, Value};

impl Work {
    /// Folds the actions of Allow statements into wildcards.
    pub(super) fn fold_actions(&mut self) {
        let engine = self.engine();
        let is_kept = self.document.statements_with_orders();
        let (mut pieces, mut kept) = (Vec::new(), Vec::new());
        for (at, statement) in self.document.policy.statements.iter().enumerate() {
            // A Deny would deny what is not there yet.
            let element = statement.action.as_ref().filter(|element| !element.negated && element.values.list);
            let Some(element) = element.filter(|_| engine.reads(statement) && statement.allows()) else {
                continue;
            };
            let values = &element.values.items;
            let mut gone = HashSet::new();
            let (mut edits, mut changes) = (Vec::new(), Vec::new());
            for (wildcard, places) in folds(values) {
                let Some((first, rest)) = places.split_first() else { continue };
                edits.push(Edit::replace(values[*first].span, format!("\"{wildcard}\"")));
                gone.extend(rest.to_vec());
                let actions = places.iter().map(|place| values[*place].text.clone()).collect();
                changes.push(Change::Folded { statement: self.origin[at], wildcard, actions });
            }
            let spans: Vec<_> = values.iter().map(|value| value.span).collect();
            edits.extend(edit::without(&spans, |at| gone.contains(&at)).unwrap_or_default());
            let list = if is_kept[at] { &mut kept } else { &mut pieces };
            list.push(Piece { edits, changes, ..Piece::default() });
        }
        self.keep(&kept, ORDER);
        self.make(pieces);
    }
}

/// The wildcards for a list of actions, each with the places of the values that it stands for.
fn folds(values: &[Value]) -> Vec<(String, Vec<usize>)> {
    let mut services: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (at, value) in values.iter().enumerate().filter(|(_, value)| !value.is_hole()) {
        if let Some(service) = prefix(&value.text) {
            services.entry(service.to_ascii_lowercase()).or_default().push(at);
        }
    }
    services.iter().flat_map(|(service, own)| folds_in(service, own, values)).collect()
}

/// The service of an action, if it is written out.
fn prefix(text: &str) -> Option<&str> {
    text.split_once(':').map(|(service, _)| service).filter(|service| !service.contains(['*', '?']))
}

fn folds_in(service: &str, own: &[usize], values: &[Value]) -> Vec<(String, Vec<usize>)> {
    let allowed: HashSet<&str> =
        own.iter().flat_map(|at| actions_matching(&values[*at].text)).map(|action| action.name()).collect();
    // All actions of the service as they are compared, in order, and how many up to each are not allowed.
    let mut all: Vec<(String, &str)> = actions_matching(&format!("{service}:*"))
        .map(|action| (action.name().to_ascii_lowercase(), action.name()))
        .collect();
    all.sort_unstable();
    let mut missing = vec![0];
    for (_, name) in &all {
        missing.push(missing[missing.len() - 1] + usize::from(!allowed.contains(name)));
    }
    let is_whole = |head: &str| {
        let head = head.to_ascii_lowercase();
        let start = all.partition_point(|(folded, _)| *folded < head);
        let end = start + all[start..].partition_point(|(folded, _)| folded.starts_with(&head));
        end > start && missing[start] == missing[end]
    };
    let mut heads: Vec<&str> = Vec::new();
    for name in
        own.iter().filter_map(|at| crate::catalog::action(&values[*at].text)).map(|action| action.name())
    {
        let whole = words(name).into_iter().find(|head| is_whole(head));
        heads.extend(whole.filter(|whole| !heads.contains(whole)));
    }
    let mut folds = Vec::new();
    let actions: Vec<Action> = own.iter().map(|at| Action::new(&values[*at].text)).collect();
    for head in heads {
        let wildcard = Action::new(&format!("{head}*"));
        let places = own.iter().zip(&actions).filter(|(_, action)| wildcard.contains(action));
        let places: Vec<usize> = places.map(|(at, _)| *at).collect();
        if places.len() > 1 {
            folds.push((wildcard.text, places));
        }
    }
    folds
}

/// What a name begins with, word by word: `s3:Get`, `s3:GetObject`.
fn words(name: &str) -> Vec<&str> {
    let start = name.find(':').map_or(0, |colon| colon + 1);
    let bytes = name.as_bytes();
    let ends = (start + 1..name.len()).filter(|at| {
        let (before, here) = (bytes[at - 1], bytes[*at]);
        // At `O` in `GetObject`, at `P` in `ACLPolicy`.
        here.is_ascii_uppercase()
            && (!before.is_ascii_uppercase() || bytes.get(at + 1).is_some_and(u8::is_ascii_lowercase))
    });
    ends.chain([name.len()]).filter_map(|end| name.get(..end)).collect()
}

/// What the actions of some services are today.
pub(super) struct Today {
    /// The services, in lower case.
    services: BTreeSet<String>,
    /// Actions that the policy names and the catalogue does not have.
    named: BTreeSet<String>,
    /// How many actions may still be compared with patterns.
    left: Cell<usize>,
}

/// How many actions are compared with patterns: each pattern may match all that there are.
const MOST_COMPARED: usize = 5_000_000;

impl Today {
    /// The services that `after` has patterns of which `before` had not.
    pub(super) fn new(before: &[Statement], after: &[Statement]) -> Self {
        let texts = |statements: &[Statement]| -> BTreeSet<String> {
            let elements = statements.iter().flat_map(|statement| &statement.action);
            let values = elements.flat_map(|element| &element.values.items).filter(|value| !value.is_hole());
            values.map(|value| value.text.to_ascii_lowercase()).collect()
        };
        let (old, new) = (texts(before), texts(after));
        let services = new.difference(&old).filter_map(|text| prefix(text)).map(str::to_owned).collect();
        let is_named = |text: &String| !text.contains(['*', '?']) && crate::catalog::action(text).is_none();
        let named = old.into_iter().filter(is_named).collect();
        Today { services, named, left: Cell::new(MOST_COMPARED) }
    }

    /// A statement with the patterns of the services written out as what they match; `None` if that is too much.
    pub(super) fn expand(&self, statement: &Statement) -> Option<Statement> {
        let mut statement = statement.clone();
        let Some(element) = statement.action.as_mut() else { return Some(statement) };
        let mut seen = HashSet::new();
        let mut items = Vec::new();
        for value in std::mem::take(&mut element.values.items) {
            let today = if self.concerns(&value) { self.actions(&value)? } else { Vec::new() };
            match today.is_empty() {
                true => items.push(value),
                false => items.extend(today.into_iter().filter(|action| seen.insert(action.text.clone()))),
            }
        }
        element.values.items = items;
        Some(statement)
    }

    fn concerns(&self, value: &Value) -> bool {
        let service = prefix(&value.text).map(str::to_ascii_lowercase);
        !value.is_hole()
            && value.text.contains(['*', '?'])
            && service.is_some_and(|service| self.services.contains(&service))
    }

    fn actions(&self, pattern: &Value) -> Option<Vec<Value>> {
        let action = Action::new(&pattern.text);
        let named = self.named.iter().filter(|name| action.matches(name)).cloned();
        let listed = actions_matching(&pattern.text).map(|action| action.name().to_owned());
        let actions: Vec<Value> = listed.chain(named).map(|text| Value { text, ..pattern.clone() }).collect();
        self.left.set(self.left.get().checked_sub(self.named.len() + actions.len())?);
        Some(actions)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::span::Span;

    fn folded(actions: &[&str]) -> Vec<(String, Vec<usize>)> {
        let value = |text: &&str| Value { text: (*text).to_owned(), span: Span::default(), hole: None };
        folds(&actions.iter().map(value).collect::<Vec<_>>())
    }

    #[test]
    fn words_of_names() {
        assert_eq!(words("s3:GetObjectAcl"), ["s3:Get", "s3:GetObject", "s3:GetObjectAcl"]);
        assert_eq!(
            words("waf:GetWebACLForX"),
            ["waf:Get", "waf:GetWeb", "waf:GetWebACL", "waf:GetWebACLFor", "waf:GetWebACLForX"]
        );
    }

    #[test]
    fn a_wildcard_matches_what_is_listed_and_no_more() {
        let all: Vec<&str> = actions_matching("sqs:Delete*").map(|action| action.name()).collect();
        assert!(all.len() > 1, "{all:?}");
        let places: Vec<usize> = (0..all.len()).collect();
        assert_eq!(folded(&all), [("sqs:Delete*".to_owned(), places)]);
        assert!(folded(&all[1..]).iter().all(|(wildcard, _)| wildcard != "sqs:Delete*"));
        assert_eq!(folded(&["sqs:NotThereYet", "sqs:NotThereEither"]), []);
        // Also where the whole service is listed, a word stays.
        let all: Vec<&str> = actions_matching("sqs:*").map(|action| action.name()).collect();
        assert!(folded(&all).iter().all(|(wildcard, _)| wildcard != "sqs:*"));
    }
}
