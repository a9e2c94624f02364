//! What changed in the text of a policy, statement by statement: moved and respelt ones are counted,
//! changed ones shown by the values that came and went.

use serde_json::Value as Json;

use super::access;
use super::style::{Role, Style, clean};
use super::wrap::{count, hanging};
use crate::analyze::pairs::{Change, Pair, changes};
use crate::document::Document;
use crate::policy::Statement;
use crate::span::Span;

/// What a policy is called that is not there.
pub const NOWHERE: &str = "/dev/null";

/// How many statements changed in which way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// They mean something else.
    pub changed: usize,
    /// They came.
    pub added: usize,
    /// They went.
    pub removed: usize,
    /// They only stand elsewhere.
    pub moved: usize,
    /// They are only written otherwise.
    pub respelt: usize,
    /// Elements of the policy besides its statements that differ: `Version`, `Id`, and any unknown one.
    pub elements: usize,
}

impl Counts {
    /// Counts the pairs.
    pub fn of(old: &Document, new: &Document, pairs: &[Pair]) -> Self {
        let mut counts = Counts { elements: policy_changes(old, new).len(), ..Counts::default() };
        for pair in pairs {
            match *pair {
                Pair::Changed { .. } => counts.changed += 1,
                Pair::Added { .. } => counts.added += 1,
                Pair::Removed { .. } => counts.removed += 1,
                Pair::Same { old: before, new: after, moved } => {
                    counts.moved += usize::from(moved);
                    counts.respelt += usize::from(is_respelt(old, before, new, after));
                }
            }
        }
        counts
    }

    /// `2 changed, 1 only moved`, without what there is none of.
    pub fn words(self) -> Vec<String> {
        [
            (self.changed, "changed"),
            (self.added, "added"),
            (self.removed, "removed"),
            (self.moved, "only moved"),
            (self.respelt, "only spelt otherwise"),
        ]
        .into_iter()
        .filter(|&(number, _)| number > 0)
        .map(|(number, word)| format!("{number} {word}"))
        .collect()
    }

    /// `2 statements moved, 1 spelt otherwise`
    pub fn sentence(self) -> String {
        let kinds = [
            (self.changed, "changed"),
            (self.added, "added"),
            (self.removed, "removed"),
            (self.moved, "moved"),
            (self.respelt, "spelt otherwise"),
        ];
        let mut parts = Vec::new();
        for (number, word) in kinds.into_iter().filter(|&(number, _)| number > 0) {
            // The noun stands once.
            let number = if parts.is_empty() { count(number, "statement") } else { number.to_string() };
            parts.push(format!("{number} {word}"));
        }
        if self.elements > 0 {
            parts.push(format!("{} of the policy changed", count(self.elements, "element")));
        }
        if parts.is_empty() { "nothing differs".to_owned() } else { parts.join(", ") }
    }
}

/// Whether two statements that mean the same are written differently, layout aside.
fn is_respelt(old: &Document, before: usize, new: &Document, after: usize) -> bool {
    let (before, after) = (old.policy.statements.get(before), new.policy.statements.get(after));
    before.map(|statement| value(old, statement)) != after.map(|statement| value(new, statement))
}

/// `old.json → new.json · KMS key policy · 4 statements, 2 changed, 1 only moved`
pub fn head(old: &Document, new: &Document, counts: Counts, style: Style) -> String {
    let mut parts = vec![count(new.policy.statements.len(), "statement")];
    parts.extend(counts.words());
    if counts.elements > 0 {
        parts.push(format!("{} of the policy changed", count(counts.elements, "element")));
    }
    // Which policy of the file it is, where it is not the file itself.
    let pointer = if new.source().name() == NOWHERE { old.pointer() } else { new.pointer() };
    let pointer = if pointer.is_empty() { String::new() } else { format!(" · {}", clean(pointer)) };
    let line = format!(
        "{} → {}{pointer} · {} · {}",
        clean(old.source().name()),
        clean(new.source().name()),
        new.kind.title(),
        parts.join(", ")
    );
    hanging("", 0, &line, style, Some(Role::Strong))
}

/// The elements of the policy that changed, then the statements that changed, came or went.
pub fn elements(old: &Document, new: &Document, pairs: &[Pair], style: Style) -> String {
    let mut out = policy(old, new, style);
    for pair in pairs {
        match *pair {
            Pair::Changed { old: before, new: after } => {
                if let (Some(a), Some(b)) =
                    (old.policy.statements.get(before), new.policy.statements.get(after))
                {
                    out.push_str(&changed((old, a), (new, b), style));
                }
            }
            Pair::Added { new: after } => {
                if let Some(statement) = new.policy.statements.get(after) {
                    out.push_str(&whole("+", Role::Good, statement, new, style));
                }
            }
            Pair::Removed { old: before } => {
                if let Some(statement) = old.policy.statements.get(before) {
                    out.push_str(&whole("-", Role::Bad, statement, old, style));
                }
            }
            Pair::Same { .. } => {}
        }
    }
    out
}

/// What changed beside the statements, with the place in the new policy.
fn policy(old: &Document, new: &Document, style: Style) -> String {
    let changes = policy_changes(old, new);
    if changes.is_empty() {
        return String::new();
    }
    title("policy", new.policy.span, new, style) + &lines(&changes, style)
}

/// The members besides `Statement` that differ. Of a policy that is new or gone there is nothing to compare.
fn policy_changes(old: &Document, new: &Document) -> Vec<Change> {
    if [old, new].iter().any(|document| document.source().name() == NOWHERE) {
        return Vec::new();
    }
    let mut changes = members(&old.value(), &new.value());
    changes.retain(|change| change.element != "Statement");
    changes
}

/// The members of two objects that differ, as they are written.
fn members(old: &Json, new: &Json) -> Vec<Change> {
    let (Some(old), Some(new)) = (old.as_object(), new.as_object()) else { return Vec::new() };
    let text = |value: &Json| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let names = new.keys().chain(old.keys().filter(|name| !new.contains_key(*name)));
    names
        .filter(|name| old.get(*name) != new.get(*name))
        .map(|name| Change {
            element: name.clone(),
            removed: old.get(name).map(text).into_iter().collect(),
            added: new.get(name).map(text).into_iter().collect(),
        })
        .collect()
}

fn changed((old, a): (&Document, &Statement), (new, b): (&Document, &Statement), style: Style) -> String {
    let number = match a.index == b.index {
        true => format!("statement {}", b.index + 1),
        false => format!("statement {} → {}", a.index + 1, b.index + 1),
    };
    // What could not be read can only be shown as it is written.
    let changes = match a.is_complete() && b.is_complete() {
        true => changes(a, b),
        false => members(&value(old, a), &value(new, b)),
    };
    title(&named(&number, b), b.span, new, style) + &lines(&changes, style)
}

/// A statement as JSON.
fn value(document: &Document, statement: &Statement) -> Json {
    serde_json::from_str(statement.span.slice(document.text())).unwrap_or_default()
}

fn lines(changes: &[Change], style: Style) -> String {
    let mut out = String::new();
    for change in changes {
        out.push_str(&format!("    {}\n", clean(&change.element)));
        for (sign, role, values) in [("-", Role::Bad, &change.removed), ("+", Role::Good, &change.added)] {
            for value in values {
                let line = format!("{sign}   {}", on_one_line(value));
                out.push_str(&format!("  {}\n", style.paint(role, &line)));
            }
        }
    }
    out
}

/// A value on one line: a template function may be written on several.
fn on_one_line(value: &str) -> String {
    match value.starts_with('{') && value.contains('\n') {
        true => value.split_whitespace().collect::<Vec<_>>().join(" "),
        false => value.to_owned(),
    }
}

fn whole(sign: &str, role: Role, statement: &Statement, document: &Document, style: Style) -> String {
    let word = if sign == "+" { "is new" } else { "is gone" };
    let number = format!("statement {} {word}", statement.index + 1);
    let mut out = title(&named(&number, statement), statement.span, document, style);
    let sentence = access::sentence(document, statement);
    for line in super::wrap::wrap(&sentence, style.width.saturating_sub(6)) {
        out.push_str(&format!("  {}\n", style.paint(role, &format!("{sign}   {line}"))));
    }
    out
}

/// `statement 2  "Readers"`
fn named(number: &str, statement: &Statement) -> String {
    match statement.sid() {
        Some(sid) => format!("{number}  \"{}\"", clean(sid)),
        None => number.to_owned(),
    }
}

/// A name on the left, the place of what it names on the right.
fn title(name: &str, span: Span, document: &Document, style: Style) -> String {
    let line = document.source().position(document.in_file(span).start as usize).line;
    let place = format!("{}:{line}", clean(document.source().name()));
    let gap = style.width.saturating_sub(name.chars().count() + place.chars().count()).max(2);
    format!("\n{name}{}{}\n", " ".repeat(gap), style.paint(Role::Place, &place))
}
