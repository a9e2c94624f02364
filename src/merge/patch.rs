//! The same changes as RFC 6902, built from the plan: a diff of the two texts would rewrite every
//! statement behind the first that moved.

use json_patch::Patch;
use serde_json::Value as Json;

use super::operation::{add, remove, replace};
use super::place::Changes;
use crate::document::Document;
use crate::format::layout::Layout;
use crate::parse::Node;
use crate::policy::VERSION_2012;
use crate::steps::{NewStatement, leftovers};

/// The patch of a policy document that makes the changes.
pub(super) fn patch(document: &Document, changes: &Changes<'_>) -> Patch {
    let mut operations = Vec::new();
    // In the style of the file, which may write a list where the step has a string.
    let layout = Layout::of(document);
    let json = |new: &NewStatement| -> Json {
        serde_json::from_str(&layout.statement(&new.tree, &new.text, "")).unwrap_or_default()
    };
    let values = |statements: &[&NewStatement]| statements.iter().map(|new| json(new)).collect::<Vec<_>>();
    if document.is_absent() {
        if !changes.add.is_empty() {
            operations.push(add(
                "",
                serde_json::json!({"Version": VERSION_2012, "Statement": values(&changes.add)}),
            ));
        }
        return Patch(operations);
    }
    if changes.raise_version {
        operations.push(add("/Version", VERSION_2012.into()));
    }
    let policy = &document.policy;
    match policy.statement_span {
        Some(_) if policy.statement_list => {
            let replaced = changes.replace.iter();
            operations
                .extend(replaced.map(|(index, new)| replace(&format!("/Statement/{index}"), json(new))));
            // From the back, so that the indices in front stay what they are.
            operations
                .extend(changes.remove.iter().rev().map(|index| remove(&format!("/Statement/{index}"))));
            operations.extend(changes.add.iter().map(|new| add("/Statement/-", json(new))));
        }
        Some(span) => {
            let old = serde_json::from_str(span.slice(document.text())).unwrap_or_default();
            let kept = match changes.replace.first() {
                Some((_, new)) => json(new),
                None => old,
            };
            match (changes.remove.is_empty(), changes.add.is_empty(), changes.replace.is_empty()) {
                (true, true, true) => {}
                (true, true, false) => operations.push(replace("/Statement", kept)),
                (removed_none, ..) => {
                    let kept = removed_none.then_some(kept);
                    let list: Vec<Json> = kept.into_iter().chain(values(&changes.add)).collect();
                    operations.push(replace("/Statement", list.into()));
                }
            }
        }
        None if !changes.add.is_empty() => operations.push(add("/Statement", values(&changes.add).into())),
        None => {}
    }
    Patch(operations)
}

/// The patch for tokens that were replaced in the policy's own text: each string that had one; for
/// a name, the object that it is in.
pub fn fill(before: &Document, after: &Document) -> Patch {
    let (text, tree) = (before.text(), &before.tree);
    let mut pointers: Vec<String> = Vec::new();
    for (_, span) in leftovers(tree, text) {
        let mut pointer = tree.pointer_to(text, span);
        let is_value = tree.at(text, &pointer).is_some_and(|node| node.span.contains(span));
        if !is_value {
            pointer.truncate(pointer.rfind('/').unwrap_or(0));
        }
        if !pointers.contains(&pointer) {
            pointers.push(pointer);
        }
    }
    // A string inside an object that is replaced as a whole needs no operation of its own.
    let inside = |pointer: &String| pointers.iter().any(|other| pointer.starts_with(&format!("{other}/")));
    let outer = pointers.iter().filter(|pointer| !inside(pointer));
    let value = |tree: &Node, text: &str, pointer: &str| {
        tree.at(text, pointer).and_then(|node| serde_json::from_str::<Json>(node.span.slice(text)).ok())
    };
    let changed = outer.filter_map(|pointer| {
        let new = value(&after.tree, after.text(), pointer)?;
        (value(tree, text, pointer).as_ref() != Some(&new)).then(|| replace(pointer, new))
    });
    Patch(changed.collect())
}
