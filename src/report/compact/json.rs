//! `compact --format json` and a line of `compact --ndjson`.

use serde::Serialize;
use serde_json::value::RawValue;

use crate::analyze::redundancy::Needless;
use crate::catalog;
use crate::compact::{Change, Compacted, Proof, Size};
use crate::parse::dense;
use crate::report::json::pretty;

/// The report, version 1.
#[derive(Serialize)]
struct Report<'a> {
    version: u8,
    changed: bool,
    reason: Option<&'static str>,
    kind: &'static str,
    equivalent: bool,
    /// The day of the catalogue, where that was asked what a wildcard stands for.
    as_of: Option<&'static str>,
    why: Option<&'a str>,
    statements: Pair,
    characters: Pair,
    quota: Option<Quota>,
    changes: Vec<Entry<'a>>,
    left: Vec<Name<'a>>,
    kept: Vec<Kept<'a>>,
    patch: &'a json_patch::Patch,
    policy: Option<Box<RawValue>>,
}

#[derive(Serialize)]
struct Pair {
    before: usize,
    after: usize,
}

#[derive(Serialize)]
struct Quota {
    used: usize,
    limit: usize,
    unit: &'static str,
}

/// One change. No member is ever absent.
#[derive(Serialize)]
struct Entry<'a> {
    change: &'static str,
    statement: Name<'a>,
    element: Option<&'a str>,
    values: Vec<&'a str>,
    by: Option<&'a str>,
    statements: Vec<Name<'a>>,
}

/// A statement that could be shorter.
#[derive(Serialize)]
struct Kept<'a> {
    statement: Name<'a>,
    why: &'a str,
}

#[derive(Serialize)]
struct Name<'a> {
    index: usize,
    sid: Option<&'a str>,
}

/// The document for programs. `pending`: the change was only looked for.
pub fn json(compacted: &Compacted, patch: &json_patch::Patch, pending: bool) -> String {
    let name = |&index: &usize| name(compacted, index);
    pretty(&Report {
        version: 1,
        changed: compacted.changes() && compacted.is_proved(),
        reason: match (compacted.is_proved(), pending) {
            (false, _) => Some("not-proved"),
            (true, true) => Some("pending"),
            (true, false) => None,
        },
        kind: compacted.before.kind.name(),
        equivalent: compacted.proof == Proof::Proved,
        as_of: (compacted.proof == Proof::ProvedForToday).then_some(catalog::DATE),
        why: match &compacted.proof {
            Proof::NotProved(why) => Some(why),
            _ => None,
        },
        statements: statements(compacted),
        characters: characters(&compacted.size),
        quota: compacted.size.quota.map(|quota| Quota {
            used: compacted.size.after,
            limit: quota.limit,
            unit: quota.unit.name(),
        }),
        changes: compacted.changes.iter().map(|change| entry(compacted, change)).collect(),
        left: compacted.left.iter().map(name).collect(),
        kept: compacted.kept.iter().map(|(index, why)| Kept { statement: name(index), why }).collect(),
        patch,
        policy: compacted.is_proved().then(|| policy(compacted)).flatten(),
    })
}

/// The answer to one policy of a stream.
#[derive(Serialize)]
struct Line<'a> {
    id: Option<&'a RawValue>,
    policy: Option<Box<RawValue>>,
    statements: Pair,
    characters: Pair,
    equivalent: bool,
}

/// The answer to the policy called `id`.
pub fn line(id: Option<&RawValue>, compacted: &Compacted) -> String {
    crate::report::json::line(&Line {
        id,
        policy: compacted.is_proved().then(|| policy(compacted)).flatten(),
        statements: statements(compacted),
        characters: characters(&compacted.size),
        equivalent: compacted.proof == Proof::Proved,
    })
}

/// The policy as it is to be written, without the white space between its tokens.
fn policy(compacted: &Compacted) -> Option<Box<RawValue>> {
    let text = compacted.after.tree.span.slice(compacted.after.text());
    RawValue::from_string(dense(text).collect()).ok()
}

fn statements(compacted: &Compacted) -> Pair {
    Pair { before: compacted.before.policy.statements.len(), after: compacted.after.policy.statements.len() }
}

fn characters(size: &Size) -> Pair {
    Pair { before: size.before, after: size.after }
}

fn name(compacted: &Compacted, index: usize) -> Name<'_> {
    let statement = compacted.before.policy.statements.get(index);
    Name { index, sid: statement.and_then(|statement| statement.sid()) }
}

fn entry<'a>(compacted: &'a Compacted, change: &'a Change) -> Entry<'a> {
    let named =
        |indices: &'a [usize]| indices.iter().map(|index| name(compacted, *index)).collect::<Vec<_>>();
    let entry = |change: &'static str, statement: &usize| Entry {
        change,
        statement: name(compacted, *statement),
        element: None,
        values: Vec::new(),
        by: None,
        statements: Vec::new(),
    };
    match change {
        Change::Sid { statement, sid } => {
            Entry { element: Some("Sid"), values: vec![sid], ..entry("sid", statement) }
        }
        Change::Folded { statement, wildcard, actions } => Entry {
            element: Some("Action"),
            values: actions.iter().map(String::as_str).collect(),
            by: Some(wildcard),
            ..entry("wildcard", statement)
        },
        Change::Statement { statement, by } => {
            Entry { statements: named(by), ..entry("statement", statement) }
        }
        Change::Value { statement, element, value, by } => {
            Entry { element: Some(element), values: vec![value], by: Some(by), ..entry("value", statement) }
        }
        Change::Test { statement, test, why } => Entry {
            element: Some("Condition"),
            values: vec![test],
            by: Some(match why {
                Needless::Always => "every request passes it",
                Needless::Implied(_) => "the other tests of its key",
            }),
            ..entry("test", statement)
        },
        Change::EmptyCondition { statement } => {
            Entry { element: Some("Condition"), ..entry("test", statement) }
        }
        Change::Joined { into, statements, element } => {
            Entry { element: Some(element), statements: named(statements), ..entry("joined", into) }
        }
        Change::Unlisted { statement, element } => {
            Entry { element: Some(element), ..entry("string", statement) }
        }
    }
}
