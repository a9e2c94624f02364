//! What compacting did or would do: the commentary on standard error, verdict last.

mod json;

use std::collections::BTreeMap;

pub use json::{json, line};

use super::edited;
use super::style::{Role, Style, clean};
use super::wrap::{count, hanging};
use crate::analyze::redundancy::Needless;
use crate::catalog;
use crate::compact::{Change, Compacted, Proof, Size};
use crate::policy::Statement;
use crate::policy::quota::{Unit, with_commas};

/// The commentary, but for the last line.
pub fn commentary(compacted: &Compacted, style: Style) -> String {
    let mut out = edited::head(&compacted.before, style);
    if compacted.changes() {
        out.push_str(&format!("\n{}", edited::diff(&compacted.before, &compacted.after, style)));
        out.push_str(&format!("\n{}\n", style.paint(Role::Strong, "What is left out")));
        for line in lines(compacted) {
            out.push_str(&hanging("  ", 4, &line, style, None));
        }
        out.push_str(&quota(&compacted.size, style));
    }
    let notes = notes(compacted);
    if !notes.is_empty() {
        out.push('\n');
    }
    for note in notes {
        let lead = format!("{} ", style.paint(Role::Dim, "note:"));
        out.push_str(&hanging(&lead, 6, &note, style, Some(Role::Dim)));
    }
    if let Proof::NotProved(why) = &compacted.proof {
        let lead = format!("{} ", style.paint(Role::StrongBad, "not proved:"));
        out.push_str(&format!("\n{}", hanging(&lead, 12, why, style, None)));
    }
    out
}

fn statement(compacted: &Compacted, index: usize) -> Option<&Statement> {
    compacted.before.policy.statements.get(index)
}

fn named(compacted: &Compacted, index: usize) -> String {
    statement(compacted, index)
        .map(|statement| edited::named(&compacted.before, statement))
        .unwrap_or_default()
}

/// `statement 2 "Read" and statement 5`
fn names(compacted: &Compacted, indices: &[usize]) -> String {
    let names: Vec<String> =
        indices.iter().filter_map(|index| statement(compacted, *index)).map(Statement::name).collect();
    match names.as_slice() {
        [names @ .., last] if !names.is_empty() => format!("{} and {last}", names.join(", ")),
        names => names.join(""),
    }
}

/// What was done, a line each; what was done many times over in one line.
fn lines(compacted: &Compacted) -> Vec<String> {
    let mut lines = Vec::new();
    let number = |is: fn(&Change) -> bool| compacted.changes.iter().filter(|change| is(change)).count();
    match number(|change| matches!(change, Change::Sid { .. })) {
        0 => {}
        sids => lines.push(format!("the {} of the statements", count(sids, "Sid"))),
    }
    let mut values: BTreeMap<(usize, &str, &str), Vec<&str>> = BTreeMap::new();
    for change in &compacted.changes {
        if let Change::Value { statement, element, value, by } = change {
            values.entry((*statement, element, by)).or_default().push(value);
        }
    }
    lines.extend(compacted.changes.iter().filter_map(|change| words(compacted, change)));
    lines.extend(
        values.iter().map(|((at, element, by), all)| covered(&named(compacted, *at), element, by, all)),
    );
    match number(|change| matches!(change, Change::Unlisted { .. })) {
        0 => {}
        lists => lines.push(format!(
            "the brackets of {} of one value, as such values stand without them elsewhere in the file",
            count(lists, "list")
        )),
    }
    lines
}

/// How many values are spelt out before the rest is counted.
const LISTED: usize = 3;

fn covered(statement: &str, element: &str, by: &str, values: &[&str]) -> String {
    if values.iter().all(|value| *value == by) {
        return format!("{statement}: {element} `{by}`, which is there {} times", values.len() + 1);
    }
    let listed: Vec<String> = values.iter().take(LISTED).map(|value| format!("`{value}`")).collect();
    let more = match values.len().saturating_sub(LISTED) {
        0 => String::new(),
        more => format!(" and {} more", with_commas(more)),
    };
    format!("{statement}: {element} {}{more}, covered by `{by}`", listed.join(", "))
}

/// One change in a line; `None` for those that are told together.
fn words(compacted: &Compacted, change: &Change) -> Option<String> {
    let at = |index: &usize| named(compacted, *index);
    Some(match change {
        Change::Sid { .. } | Change::Value { .. } | Change::Unlisted { .. } => return None,
        Change::Folded { statement, wildcard, actions } => {
            format!("{}: {}, for which `{wildcard}` stands", at(statement), count(actions.len(), "action"))
        }
        Change::Statement { statement, by } => {
            let denied = self::statement(compacted, *statement).is_some_and(Statement::allows)
                && by.iter().any(|by| self::statement(compacted, *by).is_some_and(Statement::denies));
            let verb = if denied { "covered or denied" } else { "covered" };
            format!("{}: {verb} by {}", at(statement), names(compacted, by))
        }
        Change::Test { statement, test, why: Needless::Always } => {
            format!("{}: the test `{test}`, which every request passes", at(statement))
        }
        Change::Test { statement, test, why: Needless::Implied(_) } => {
            format!("{}: the test `{test}`, which holds if the others of its key do", at(statement))
        }
        Change::EmptyCondition { statement } => format!("{}: a `Condition` without a test", at(statement)),
        Change::Joined { into, statements, element } => {
            let differ = if statements.len() == 1 { "it differs" } else { "they differ" };
            format!(
                "{}: joined into {}, from which {differ} in {element} only",
                names(compacted, statements),
                at(into)
            )
        }
    })
}

fn notes(compacted: &Compacted) -> Vec<String> {
    let mut notes = Vec::new();
    let lost: Vec<String> = compacted
        .changes
        .iter()
        .filter_map(|change| match change {
            Change::Sid { sid, .. } => Some(format!("`{sid}`")),
            _ => None,
        })
        .collect();
    if !lost.is_empty() {
        notes.push(format!("what calls a statement by its Sid no longer finds it: {}", lost.join(", ")));
    }
    if compacted.changes.iter().any(|change| matches!(change, Change::Folded { .. })) {
        notes.push(format!(
            "the wildcards match what was listed, of the actions that AWS has as of {}; an action that it adds \
             later under such a name is allowed as well, which it was not",
            catalog::DATE
        ));
    }
    notes.extend(
        compacted
            .kept
            .iter()
            .map(|(at, why)| format!("{} is not made shorter: {why}", names(compacted, &[*at]))),
    );
    match compacted.left.as_slice() {
        [] => {}
        [one] => notes.push(format!(
            "{} was not compared with all others: that would have taken too long",
            names(compacted, &[*one])
        )),
        left => notes.push(format!(
            "{} of {} were not compared with all others: that would have taken too long",
            with_commas(left.len()),
            count(compacted.before.policy.statements.len(), "statement")
        )),
    }
    notes
}

/// `the same access (proved)`
pub fn what_changed(compacted: &Compacted) -> String {
    match compacted.proof {
        Proof::Proved => "the same access (proved)".to_owned(),
        Proof::ProvedForToday => format!("the same access to the actions as of {} (proved)", catalog::DATE),
        Proof::NotProved(_) => "perhaps the same access (not proved)".to_owned(),
    }
}

/// `2 statements for 5, 1,204 characters for 2,310`
pub fn size(compacted: &Compacted) -> String {
    let (before, after) = (compacted.before.policy.statements.len(), compacted.after.policy.statements.len());
    let for_more = if before == after { String::new() } else { format!(" for {}", with_commas(before)) };
    let size = &compacted.size;
    format!(
        "{}{for_more}, {} {} for {}",
        count(after, "statement"),
        with_commas(size.after),
        if size.unit == Unit::Bytes { "bytes" } else { "characters" },
        with_commas(size.before)
    )
}

/// How much of the quota is used, before and after.
fn quota(size: &Size, style: Style) -> String {
    let of = size.quota.map_or_else(String::new, |quota| format!(" of {}", with_commas(quota.limit)));
    let (before, after) = (with_commas(size.before), with_commas(size.after));
    let at_least = if size.is_exact { "" } else { "at least " };

    format!(
        "\n{}  {at_least}{before} → {after}{of} {}\n",
        style.paint(Role::Strong, "Size"),
        size.unit.name()
    )
}

/// What `--check` says.
pub fn check_line(compacted: &Compacted) -> String {
    let name = clean(compacted.before.source().name());
    match compacted.changes() {
        false => format!("{name}: nothing to change."),
        true => format!("{name}: {} would do. Nothing was written.", size(compacted)),
    }
}
