//! What changed in the text of a policy, statement by statement: moved and respelt ones are counted,
//! changed ones shown by the values that came and went.

use super::access;
use super::style::{Role, Style, clean};
use super::wrap::{WIDTH, count};
use crate::analyze::pairs::{Pair, changes};
use crate::document::Document;
use crate::policy::Statement;

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
}

impl Counts {
    /// Counts the pairs.
    pub fn of(old: &Document, new: &Document, pairs: &[Pair]) -> Self {
        let mut counts = Counts::default();
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
        if parts.is_empty() { "nothing differs".to_owned() } else { parts.join(", ") }
    }
}

/// Whether two statements that mean the same are written differently, layout aside.
fn is_respelt(old: &Document, before: usize, new: &Document, after: usize) -> bool {
    let value = |document: &Document, index: usize| {
        let statement = document.policy.statements.get(index)?;
        serde_json::from_str::<serde_json::Value>(statement.span.slice(document.text())).ok()
    };
    value(old, before) != value(new, after)
}

/// `old.json → new.json · KMS key policy · 4 statements, 2 changed, 1 only moved`
pub fn head(old: &Document, new: &Document, counts: Counts, style: Style) -> String {
    let mut parts = vec![count(new.policy.statements.len(), "statement")];
    parts.extend(counts.words());
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
    format!("{}\n", style.paint(Role::Strong, &line))
}

/// The statements that changed, came or went.
pub fn statements(old: &Document, new: &Document, pairs: &[Pair], style: Style) -> String {
    let mut out = String::new();
    for pair in pairs {
        match *pair {
            Pair::Changed { old: before, new: after } => {
                if let (Some(a), Some(b)) =
                    (old.policy.statements.get(before), new.policy.statements.get(after))
                {
                    out.push_str(&changed(a, b, new, style));
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

fn changed(old: &Statement, new: &Statement, document: &Document, style: Style) -> String {
    let number = match old.index == new.index {
        true => format!("statement {}", new.index + 1),
        false => format!("statement {} → {}", old.index + 1, new.index + 1),
    };
    let mut out = title(&number, new, document, style);
    for change in changes(old, new) {
        out.push_str(&format!("    {}\n", clean(&change.element)));
        for value in &change.removed {
            out.push_str(&format!("  {}\n", style.paint(Role::Bad, &format!("-   {value}"))));
        }
        for value in &change.added {
            out.push_str(&format!("  {}\n", style.paint(Role::Good, &format!("+   {value}"))));
        }
    }
    out
}

fn whole(sign: &str, role: Role, statement: &Statement, document: &Document, style: Style) -> String {
    let word = if sign == "+" { "is new" } else { "is gone" };
    let mut out = title(&format!("statement {} {word}", statement.index + 1), statement, document, style);
    let sentence = access::sentence(document, statement);
    for line in super::wrap::wrap(&clean(&sentence), WIDTH - 6) {
        out.push_str(&format!("  {}\n", style.paint(role, &format!("{sign}   {line}"))));
    }
    out
}

/// The statement's name on the left, its place on the right.
fn title(number: &str, statement: &Statement, document: &Document, style: Style) -> String {
    let name = match statement.sid() {
        Some(sid) => format!("{number}  \"{}\"", clean(sid)),
        None => number.to_owned(),
    };
    let line = document.source().position(document.in_file(statement.span).start as usize).line;
    let place = format!("{}:{line}", clean(document.source().name()));
    let gap = WIDTH.saturating_sub(name.chars().count() + place.chars().count()).max(2);
    format!("\n{name}{}{}\n", " ".repeat(gap), style.paint(Role::Place, &place))
}
