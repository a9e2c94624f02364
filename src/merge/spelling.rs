//! How two statements that mean the same are written differently, in words.

use crate::policy::{Statement, Values};

/// What a person would notice between a statement that is there and the one that was to be added.
pub(super) fn differences(there: &Statement, new: &Statement) -> Vec<String> {
    let mut found = Vec::new();
    if there.sid() != new.sid() {
        found.push("other Sid".to_owned());
    }
    let (mut lists, mut strings, mut reordered) = (false, false, false);
    for (there, new) in pairs(there, new) {
        let texts = |values: &Values| values.items.iter().map(|value| value.text.clone()).collect::<Vec<_>>();
        let (a, b) = (texts(there), texts(new));
        let only = |these: &[String], those: &[String]| {
            these
                .iter()
                .filter(|text| !those.contains(text))
                .map(|text| format!("`{text}`"))
                .collect::<Vec<_>>()
        };
        let (only_there, only_new) = (only(&a, &b), only(&b, &a));
        match (only_there.is_empty(), only_new.is_empty()) {
            (true, true) => reordered |= a != b,
            (false, true) => found.push(format!("also {}", only_there.join(", "))),
            (true, false) => found.push(format!("without {}", only_new.join(", "))),
            (false, false) => found.push(format!("{} for {}", only_there.join(", "), only_new.join(", "))),
        }
        lists |= there.list && !new.list;
        strings |= !there.list && new.list;
    }
    for test in &new.conditions {
        let Some(other) = there.conditions.iter().find(|other| other.key.eq_ignore_ascii_case(&test.key))
        else {
            continue;
        };
        if other.operator.kind != test.operator.kind {
            found.push(format!("`{}` for `{}`", other.operator.kind.name(), test.operator.kind.name()));
        }
        if other.key != test.key {
            found.push(format!("`{}` for `{}`", other.key, test.key));
        }
    }
    if reordered {
        found.push("other order".to_owned());
    }
    if lists {
        found.push("a list for a string".to_owned());
    }
    if strings {
        found.push("a string for a list".to_owned());
    }
    found
}

/// The elements of two statements that belong together.
fn pairs<'s>(there: &'s Statement, new: &'s Statement) -> Vec<(&'s Values, &'s Values)> {
    let mut pairs = Vec::new();
    if let (Some(there), Some(new)) = (&there.principal, &new.principal) {
        for entry in &new.entries {
            let other = there.entries.iter().find(|other| other.kind == entry.kind);
            pairs.extend(other.map(|other| (&other.values, &entry.values)));
        }
    }
    for (there, new) in [(&there.action, &new.action), (&there.resource, &new.resource)] {
        if let (Some(there), Some(new)) = (there, new) {
            pairs.push((&there.values, &new.values));
        }
    }
    for test in &new.conditions {
        let other = there.conditions.iter().find(|other| other.key.eq_ignore_ascii_case(&test.key));
        pairs.extend(other.map(|other| (&other.values, &test.values)));
    }
    pairs
}
