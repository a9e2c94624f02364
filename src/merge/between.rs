//! The RFC 6902 patch from one policy to another, from the pairs of their statements: a comparison
//! by index would rewrite every statement behind the first that came or went.

use json_patch::{Patch, PatchOperation};
use serde_json::Value as Json;

use super::operation::{add, move_to, remove, replace};
use crate::analyze::pairs::Pair;
use crate::document::Document;

/// The most statements that are moved one by one: each move looks through the list. Longer lists are
/// replaced as a whole.
const MOST: usize = 2_000;

/// The patch that makes the policy of `old` that of `new`, value for value.
pub fn between(old: &Document, new: &Document, pairs: &[Pair]) -> Patch {
    let (before, after) = (old.value(), new.value());
    let mut operations = members(&before, &after);
    match (before.get("Statement"), after.get("Statement")) {
        (Some(Json::Array(before)), Some(Json::Array(after)))
            if before.len().max(after.len()) <= MOST
                && before.len() == old.policy.statements.len()
                && after.len() == new.policy.statements.len() =>
        {
            operations.extend(statements(before, after, pairs));
        }
        (before, after) if before == after => {}
        (Some(_), Some(after)) => operations.push(replace("/Statement", after.clone())),
        (None, Some(after)) => operations.push(add("/Statement", after.clone())),
        (_, None) => operations.push(remove("/Statement")),
    }
    Patch(operations)
}

/// The members but `Statement`.
fn members(before: &Json, after: &Json) -> Vec<PatchOperation> {
    let (Some(before), Some(after)) = (before.as_object(), after.as_object()) else {
        return vec![replace("", after.clone())];
    };
    let path = |name: &str| format!("/{}", name.replace('~', "~0").replace('/', "~1"));
    let mut operations = Vec::new();
    for name in before.keys().filter(|name| *name != "Statement" && !after.contains_key(*name)) {
        operations.push(remove(&path(name)));
    }
    for (name, value) in after.iter().filter(|(name, _)| *name != "Statement") {
        match before.get(name) {
            None => operations.push(add(&path(name), value.clone())),
            Some(old) if old != value => operations.push(replace(&path(name), value.clone())),
            Some(_) => {}
        }
    }
    operations
}

/// Takes out what is gone, then goes through the new list and puts each statement in its place.
fn statements(before: &[Json], after: &[Json], pairs: &[Pair]) -> Vec<PatchOperation> {
    let mut operations = Vec::new();
    // What stands in the list while it is worked on, by index in the old policy; `None`: new.
    let mut list: Vec<Option<usize>> = (0..before.len()).map(Some).collect();
    let mut gone: Vec<usize> = pairs
        .iter()
        .filter_map(|pair| match pair {
            Pair::Removed { old } => Some(*old),
            _ => None,
        })
        .collect();
    gone.sort_unstable();
    for index in gone.into_iter().rev() {
        operations.push(remove(&at(index)));
        list.remove(index);
    }
    for (place, value) in after.iter().enumerate() {
        let old = pairs.iter().find_map(|pair| match *pair {
            Pair::Same { old, new, .. } | Pair::Changed { old, new } if new == place => Some(old),
            _ => None,
        });
        let from = old.and_then(|old| list.iter().position(|entry| *entry == Some(old)));
        match (old, from) {
            (Some(old), Some(from)) => {
                if from != place {
                    let moved = list.remove(from);
                    list.insert(place.min(list.len()), moved);
                    operations.push(move_to(&at(from), &at(place)));
                }
                if before.get(old) != Some(value) {
                    operations.push(replace(&at(place), value.clone()));
                }
            }
            _ => {
                list.insert(place.min(list.len()), None);
                operations.push(add(&at(place), value.clone()));
            }
        }
    }
    operations
}

fn at(index: usize) -> String {
    format!("/Statement/{index}")
}
