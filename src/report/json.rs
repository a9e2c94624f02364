//! Findings and rules as JSON. The schemas of these documents are in `schemas/`.
//!
//! No member is ever absent: what there is none of is `null` or `[]`.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::value::RawValue;

use super::human::{Checked, Tally};
use super::style::{shortened, shortened_to};
use crate::diagnostic::{Diagnostic, Fix, FixProof};
use crate::document::Document;
use crate::invisible::escape_json;
use crate::kind::Kind;
use crate::lint::Rule;
use crate::source::Position;
use crate::spelling::brief;

/// What `lint --format json` prints.
#[derive(Debug, Serialize)]
pub struct Report {
    /// The version of this format.
    pub version: u32,
    /// The findings, by path and place: each a [`Finding`], written out so that its document need
    /// not be kept.
    pub findings: Vec<Box<RawValue>>,
    /// What could not be read.
    pub errors: Vec<Unread>,
    /// The numbers.
    pub summary: Summary,
}

/// A file that could not be read.
#[derive(Clone, Debug, Serialize)]
pub struct Unread {
    /// The file.
    pub path: String,
    /// Why.
    pub message: String,
}

impl Unread {
    /// A file, and why it could not be read. No system has a path that is longer than this one is shown.
    pub fn new(path: &std::path::Path, message: String) -> Self {
        Unread { path: shortened_to(4_096, path.display().to_string()), message: shortened(message) }
    }
}

/// What was looked at, and how much was found.
#[derive(Debug, Serialize)]
pub struct Summary {
    files: usize,
    policies: usize,
    skipped: usize,
    not_analyzed: usize,
    /// Files that could not be read, those of Terraform's own language, symbolic links that are not followed, and places
    /// with statements that are in no policy.
    unread: usize,
    error: usize,
    warning: usize,
    note: usize,
}

impl Summary {
    /// The numbers of a run.
    pub fn new(checked: &Checked, tally: &Tally) -> Self {
        Summary {
            files: checked.files,
            policies: checked.policies,
            skipped: checked.skipped,
            not_analyzed: checked.not_analyzed,
            unread: checked.unread + checked.statements_unread + checked.terraform + checked.links,
            error: tally.error,
            warning: tally.warning,
            note: tally.note,
        }
    }
}

/// One finding. Places are in the file.
#[derive(Debug, Serialize)]
pub struct Finding<'a> {
    rule: &'a str,
    severity: &'static str,
    message: &'a str,
    help: Option<&'a str>,
    path: &'a str,
    /// What is no policy has none.
    kind: Option<&'static str>,
    document: Cow<'a, str>,
    /// What the policy belongs to.
    owner: Option<Cow<'a, str>>,
    pointer: String,
    statement: Option<Statement<'a>>,
    also: &'a [&'static str],
    span: Place,
    witness: Option<&'a serde_json::Value>,
    fix: Option<Edits<'a>>,
}

impl<'a> Finding<'a> {
    /// A finding of a document.
    pub fn new(document: &'a Document, finding: &'a Diagnostic) -> Self {
        let span = document.in_file(finding.span);
        let position = |offset: u32| document.source().position(offset as usize);
        Finding {
            rule: finding.rule,
            severity: finding.severity.name(),
            message: &finding.message,
            help: finding.help.as_deref(),
            path: document.source().name(),
            kind: (!document.is_absent()).then(|| document.kind.name()),
            document: brief(document.pointer()),
            owner: document.owner().map(brief),
            pointer: brief(&document.pointer_to(finding.span)).into_owned(),
            statement: Statement::of(document, finding),
            also: &finding.also,
            span: Place { start: position(span.start), end: position(span.end) },
            witness: finding.witness.as_ref(),
            fix: finding
                .fix
                .as_ref()
                // What cannot be shown to do no harm is not offered.
                .filter(|fix| !matches!(fix.proof, FixProof::NotProved(_)))
                .and_then(|fix| Edits::new(document, fix)),
        }
    }
}

/// The statement that a finding is in.
#[derive(Debug, Serialize)]
struct Statement<'a> {
    /// From 0.
    index: usize,
    sid: Option<Cow<'a, str>>,
}

impl<'a> Statement<'a> {
    fn of(document: &'a Document, finding: &Diagnostic) -> Option<Self> {
        let statement = document.statement_at(finding.span)?;
        Some(Statement { index: statement.index, sid: statement.sid().map(brief) })
    }
}

#[derive(Debug, Serialize)]
struct Place {
    start: Position,
    end: Position,
}

/// Edits of the file.
#[derive(Debug, Serialize)]
struct Edits<'a> {
    title: &'a str,
    safe: bool,
    edits: Vec<Edit>,
}

#[derive(Debug, Serialize)]
struct Edit {
    start: u32,
    end: u32,
    text: String,
}

impl<'a> Edits<'a> {
    /// `None` where the file cannot be edited.
    fn new(document: &Document, fix: &'a Fix) -> Option<Self> {
        let edits = document.file_edits(&fix.edits).ok()?.into_iter();
        let edits = edits.map(|edit| Edit { start: edit.span.start, end: edit.span.end, text: edit.text });
        Some(Edits { title: &fix.title, safe: fix.safe, edits: edits.collect() })
    }
}

/// What `lint --ndjson` prints for one policy.
#[derive(Debug, Serialize)]
pub struct Line<'a> {
    id: Option<&'a RawValue>,
    kind: &'static str,
    findings: Vec<LineFinding<'a>>,
}

/// A finding in a line: without its place, as the text of the policy is not a file's.
#[derive(Debug, Serialize)]
struct LineFinding<'a> {
    rule: &'a str,
    severity: &'static str,
    message: &'a str,
    pointer: String,
    statement: Option<Statement<'a>>,
    also: &'a [&'static str],
}

impl<'a> Line<'a> {
    /// The answer to the policy called `id`.
    pub fn new(id: Option<&'a RawValue>, document: &'a Document, findings: &'a [Diagnostic]) -> Self {
        let findings = findings.iter().map(|finding| LineFinding {
            rule: finding.rule,
            severity: finding.severity.name(),
            message: &finding.message,
            pointer: brief(&document.pointer_to(finding.span)).into_owned(),
            statement: Statement::of(document, finding),
            also: &finding.also,
        });
        Line { id, kind: document.kind.name(), findings: findings.collect() }
    }
}

/// What every command prints under `--ndjson` for a line that it can do nothing with.
#[derive(Debug, Serialize)]
pub struct BadLine<'a> {
    /// The `id` of the line, if it has one.
    pub id: Option<&'a RawValue>,
    /// Number of the line, from 1; blank ones count.
    pub line: u64,
    /// What is wrong with it.
    pub error: String,
}

/// A rule, as `rules --format json` lists it.
#[derive(Debug, Serialize)]
pub struct RuleInfo {
    name: &'static str,
    group: &'static str,
    severity: &'static str,
    summary: String,
    rows: &'static [&'static str],
    peers: &'static [&'static str],
    fix: &'static str,
    kinds: Vec<&'static str>,
    default: bool,
}

impl RuleInfo {
    /// What is known of a rule.
    pub fn new(rule: &Rule) -> Self {
        let kinds = if rule.kinds.is_empty() { &Kind::ALL[..] } else { rule.kinds };
        RuleInfo {
            name: rule.name,
            group: rule.group.name(),
            severity: rule.severity.name(),
            summary: super::page::summary(rule.docs),
            rows: rule.rows,
            peers: rule.peers,
            fix: rule.fix.name(),
            kinds: kinds.iter().map(|kind| kind.name()).collect(),
            default: !rule.opt_in,
        }
    }
}

/// Data in one line, to be taken up into a document later.
pub fn compact(data: &impl Serialize) -> String {
    serde_json::to_string(data).unwrap_or_default()
}

/// What [`compact`] wrote.
pub fn raw(text: String) -> Option<Box<RawValue>> {
    RawValue::from_string(text).ok()
}

/// A document over several lines.
pub fn pretty(document: &impl Serialize) -> String {
    // What is above always serializes: no maps with odd keys, no numbers out of range.
    escape_json(serde_json::to_string_pretty(document).unwrap_or_default() + "\n")
}

/// A document in one line.
pub fn line(document: &impl Serialize) -> String {
    escape_json(serde_json::to_string(document).unwrap_or_default() + "\n")
}
