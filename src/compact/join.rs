//! Statements that differ in one element become one.

use std::collections::HashSet;

use super::lists::slot;
use super::{Change, ORDER, Piece, Work};
use crate::analyze::redundancy::{Differing, Part, STAGES, joinable};
use crate::edit::Edit;
use crate::format::layout::{Layout, line_indent};
use crate::parse::parse;
use crate::policy::{PrincipalElement, Statement, Values};

impl Work {
    /// Joins statements that are equal but for what one element lists; whether there were any.
    pub(super) fn join(&mut self) -> bool {
        let before = self.origin.len();
        for stage in STAGES {
            let groups = joinable(&self.document.policy.statements, self.scope(), stage);
            self.make_one(groups);
        }
        self.origin.len() < before
    }

    fn make_one(&mut self, groups: Vec<Vec<(usize, Differing)>>) {
        let layout = Layout::of(&self.document);
        let is_kept = self.document.statements_with_orders();
        let mut pieces = Vec::new();
        for mut group in groups {
            group.retain(|(at, _)| {
                let entry = (self.origin[*at], ORDER.to_owned());
                if is_kept[*at] && !self.kept.contains(&entry) {
                    self.kept.push(entry);
                }
                !is_kept[*at]
            });
            let [(first, differing), others @ ..] = group.as_slice() else { continue };
            let statement = |at: usize| &self.document.policy.statements[at];
            let more: Vec<(&Statement, Differing)> =
                others.iter().map(|(at, differing)| (statement(*at), *differing)).collect();
            if more.is_empty() {
                continue;
            }
            let Some(edit) = self.union(&layout, (statement(*first), *differing), &more) else { continue };
            let change = Change::Joined {
                into: self.origin[*first],
                statements: others.iter().map(|(at, _)| self.origin[*at]).collect(),
                element: differing.name(statement(*first)),
            };
            let gone = others.iter().map(|(at, _)| *at).collect();
            pieces.push(Piece { edits: vec![edit], changes: vec![change], gone });
        }
        self.make(pieces);
    }

    /// The edit that puts into an element of a statement what others have there.
    fn union(
        &self,
        layout: &Layout,
        (first, differing): (&Statement, Differing),
        others: &[(&Statement, Differing)],
    ) -> Option<Edit> {
        let text = self.document.text();
        let Some(part) = differing.part(first) else {
            let others: Vec<&PrincipalElement> =
                others.iter().map(|(other, _)| other.principal.as_ref()).collect::<Option<_>>()?;
            return principals(layout, first.principal.as_ref()?, &others, text);
        };
        let lists = others.iter().filter_map(|(other, differing)| Some(differing.part(other)?.values()));
        let more = missing(part.values(), lists, text, part);
        Some(layout.extended(part.values(), &slot(part), text, &more))
    }
}

/// The values of other lists that a list lacks, as they are written, once each.
fn missing<'t>(
    own: &Values,
    others: impl Iterator<Item = &'t Values>,
    text: &'t str,
    part: Part<'_>,
) -> Vec<&'t str> {
    let fold = |text: &str| match part {
        Part::Action(_) => text.to_ascii_lowercase(),
        _ => text.to_owned(),
    };
    let mut known: HashSet<String> = own.items.iter().map(|value| fold(&value.text)).collect();
    let all = others.flat_map(|values| &values.items);
    all.filter(|value| known.insert(fold(&value.text))).map(|value| value.span.slice(text)).collect()
}

/// The edit that adds principals. Where types are the same, it adds to their lists; else the element is
/// written anew.
fn principals(
    layout: &Layout,
    own: &PrincipalElement,
    others: &[&PrincipalElement],
    text: &str,
) -> Option<Edit> {
    let mut types: Vec<(&str, Vec<&str>)> = Vec::new();
    for entry in std::iter::once(&own).chain(others).flat_map(|element| &element.entries) {
        let name = entry.key?.slice(text);
        let at = types.iter().position(|(known, _)| *known == name).unwrap_or_else(|| {
            types.push((name, Vec::new()));
            types.len() - 1
        });
        for value in &entry.values.items {
            let written = value.span.slice(text);
            if !types[at].1.contains(&written) {
                types[at].1.push(written);
            }
        }
    }
    if let ([entry], [(_, values)]) = (own.entries.as_slice(), types.as_slice()) {
        let known: Vec<&str> = entry.values.items.iter().map(|value| value.span.slice(text)).collect();
        let more: Vec<&str> = values.iter().copied().filter(|value| !known.contains(value)).collect();
        let slot = format!("Principal {}", entry.kind.name());
        return Some(layout.extended(&entry.values, &slot, text, &more));
    }
    let member = |(name, values): &(&str, Vec<&str>)| match values.as_slice() {
        [one] => format!("{name}:{one}"),
        several => format!("{name}:[{}]", several.join(",")),
    };
    let object = format!("{{{}}}", types.iter().map(member).collect::<Vec<_>>().join(","));
    let indent = line_indent(text, own.span.start as usize);
    Some(Edit::replace(own.span, layout.value(&parse(&object).tree, "Principal", &object, indent)))
}
