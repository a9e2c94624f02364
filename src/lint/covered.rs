//! Values that another value of their list covers, as findings: one for each value that covers others.

use std::collections::{BTreeMap, BTreeSet};

use super::Context;
use crate::analyze::cover::Scope;
use crate::analyze::redundancy::{Covered, Part, covered_values};
use crate::document::Document;
use crate::edit;
use crate::policy::Statement;
use crate::span::Span;

/// What is known of a document's policy.
pub(crate) fn scope(document: &Document) -> Scope<'_> {
    Scope { kind: document.kind, resource: document.resource.as_deref() }
}

/// Reports the covered values of the lists that are `wanted`.
pub(crate) fn report(statement: &Statement, cx: &mut Context<'_>, wanted: fn(Part<'_>) -> bool) {
    let covered = covered_values(statement, scope(cx.document), wanted);
    let mut groups: BTreeMap<Span, Vec<Covered<'_>>> = BTreeMap::new();
    for one in covered {
        groups.entry(one.cover().span).or_default().push(one);
    }
    for group in groups.into_values() {
        let Some(first) = group.first() else { continue };
        let (values, cover) = (first.part.values(), first.cover());
        // One may be listed twice.
        let texts: BTreeSet<&str> = group.iter().map(|one| one.value().text.as_str()).collect();
        let (others, verb) = match texts.len() {
            1 => (String::new(), "is"),
            2 => (" and another one".to_owned(), "are"),
            all => (format!(" and {} others", all - 1), "are"),
        };
        let is_repeated = texts.iter().all(|text| *text == cover.text);
        let message = match (group.iter().all(|one| one.same), group.len()) {
            (true, more) if is_repeated => format!("`{}` is listed {} times", cover.text, more + 1),
            (true, 1) => format!("`{}` means the same as `{}`", first.value().text, cover.text),
            _ => format!("`{}`{others} {verb} covered by `{}`", first.value().text, cover.text),
        };
        let finding = cx
            .finding(first.value().span, message)
            .label("nothing more than …")
            .also_at(cover.span, "… this one")
            .help(match group.len() {
                _ if is_repeated => "write it once",
                1 => "take it out, or narrow the wider one if that is what was meant",
                _ => "take them out, or narrow the wider one if that is what was meant",
            });
        let spans: Vec<Span> = values.items.iter().map(|value| value.span).collect();
        let edits = edit::without(&spans, |at| group.binary_search_by_key(&at, |one| one.at).is_ok());
        let title = match group.len() {
            1 => format!("take `{}` out", first.value().text),
            all => format!("take {all} values out"),
        };
        cx.report(match edits.filter(|_| cx.document.is_sound()) {
            Some(edits) => finding.fix(title, true, edits),
            None => finding,
        });
    }
}
