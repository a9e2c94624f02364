//! Files: each one read, checked and told about by itself, many at a time.

use std::path::{Path, PathBuf};

use rayon::prelude::*;
use serde_json::value::RawValue;

use super::Task;
use crate::cli::choice::Format;
use crate::cli::{Exit, Failure, Terminal, config};
use crate::diagnostic::{Diagnostic, Severity};
use crate::document::{self, Document, File, Hints};
use crate::lint::{Group, rules};
use crate::read;
use crate::read::walk::{self, Found};
use crate::report::human::{self, Checked, Tally};
use crate::report::json::{self, Unread};
use crate::report::style::Style;
use crate::source::Source;

/// What there is to say about one file.
#[derive(Default)]
struct Told {
    /// For people: findings and the closing line.
    findings: String,
    line: String,
    /// For programs.
    written: Vec<Box<RawValue>>,
    tally: Tally,
    policies: usize,
    gravest: Option<(Severity, &'static str)>,
}

/// What became of one file.
enum Outcome {
    Told(Told),
    /// It holds no policy.
    Skipped,
    Unread(Unread),
}

pub(super) fn run(task: &Task, terminal: &Terminal) -> Result<Exit, Failure> {
    let here = [PathBuf::from(".")];
    let paths = if task.options.paths.is_empty() { &here[..] } else { &task.options.paths };
    let (files, unseen) = walk::walk(paths);
    let alone = unseen.is_empty() && matches!(files.as_slice(), [file] if file.named);
    let outcomes: Vec<Outcome> = files.par_iter().map(|file| look(task, file, terminal.out)).collect();

    let mut unread: Vec<Unread> = unseen
        .into_iter()
        .map(|unseen| Unread { path: unseen.path.display().to_string(), message: unseen.message })
        .collect();
    let (mut told, mut checked, mut tally) = (Vec::new(), Checked::default(), Tally::default());
    for outcome in outcomes {
        match outcome {
            Outcome::Told(file) => {
                checked.files += 1;
                checked.policies += file.policies;
                tally.error += file.tally.error;
                tally.warning += file.tally.warning;
                tally.note += file.tally.note;
                told.push(file);
            }
            Outcome::Skipped => checked.skipped += 1,
            Outcome::Unread(file) => unread.push(file),
        }
    }
    checked.unread = unread.len();
    for file in &unread {
        terminal.failure(&Failure::new(file.message.as_str()));
    }
    match task.options.format {
        Format::Human => terminal.report(&for_people(&told, &checked, &tally, alone, terminal.out)),
        Format::Json => {
            let findings = told.into_iter().flat_map(|file| file.written).collect();
            let summary = json::Summary::new(&checked, &tally);
            let report = json::Report { version: 1, findings, errors: unread.clone(), summary };
            terminal.data(&json::pretty(&report));
        }
    }
    Ok(task.exit(&tally, checked.policies, !unread.is_empty()))
}

fn for_people(told: &[Told], checked: &Checked, tally: &Tally, alone: bool, style: Style) -> String {
    let mut out = String::new();
    let with_findings = told.iter().filter(|file| file.gravest.is_some());
    for (index, file) in with_findings.clone().enumerate() {
        if index > 0 {
            out.push('\n');
        }
        out.push_str(&file.findings);
        out.push_str(&file.line);
    }
    match told {
        [file] if alone && file.gravest.is_none() => out.push_str(&file.line),
        [_] if alone => {}
        _ => {
            if !out.is_empty() {
                out.push('\n');
            }
            out.push_str(&human::total_line(checked, tally, style));
        }
    }
    // The first of the gravest: `max_by_key` would take the last.
    let gravest = with_findings.filter_map(|file| file.gravest).reduce(graver);
    if let Some((_, rule)) = gravest {
        out.push_str(&human::why(rule));
    }
    out
}

fn graver(one: (Severity, &'static str), other: (Severity, &'static str)) -> (Severity, &'static str) {
    if other.0 > one.0 { other } else { one }
}

fn look(task: &Task, found: &Found, style: Style) -> Outcome {
    let path = &found.path;
    if is_yaml(path) {
        return Outcome::Skipped;
    }
    let unread = |message| Outcome::Unread(Unread { path: path.display().to_string(), message });
    let source = match read::read(path) {
        Ok(source) => source,
        Err(error) => return unread(error.to_string()),
    };
    if path == Path::new("-") && source.text().trim().is_empty() {
        return unread(
            "standard input is empty; `polmerge render STEP` prints a policy to start from".to_owned(),
        );
    }
    let configured = match task.config.has_kinds() {
        true => task.config.kind_for(&config::absolute(path)),
        false => None,
    };
    let file = document::open(source, &Hints { configured, ..task.hints() });
    match told(task, &file, found, style) {
        Some(told) => Outcome::Told(told),
        None => Outcome::Skipped,
    }
}

/// YAML is not read yet.
fn is_yaml(path: &Path) -> bool {
    path.extension()
        .is_some_and(|extension| ["yaml", "yml"].iter().any(|yaml| extension.eq_ignore_ascii_case(yaml)))
}

/// What there is to say about a file; `None` if it holds no policy.
fn told(task: &Task, file: &File, found: &Found, style: Style) -> Option<Told> {
    // Where a policy would be put into an answer of the AWS CLI, there is none yet.
    let documents: Vec<&Document> = file.documents.iter().filter(|document| !document.is_absent()).collect();
    let whole = is_broken(file, found, &documents)
        .then(|| document::open_policy(Source::new(file.source.name(), file.source.text()), &task.hints()));
    if documents.is_empty() && whole.is_none() {
        return None;
    }
    let mut findings: Vec<(&Document, Diagnostic)> = Vec::new();
    if let Some(whole) = &whole {
        // It is no policy, so only what keeps it from being read is wrong with it.
        let syntax =
            |finding: &Diagnostic| rules::get(finding.rule).is_some_and(|rule| rule.group == Group::Syntax);
        findings.extend(task.findings(whole).into_iter().filter(syntax).map(|finding| (whole, finding)));
    }
    for document in &documents {
        findings.extend(task.findings(document).into_iter().map(|finding| (*document, finding)));
    }
    let mut told = Told { policies: documents.len(), ..Told::default() };
    for (document, finding) in &findings {
        told.tally.add(finding.severity);
        let this = (finding.severity, finding.rule);
        told.gravest = Some(told.gravest.map_or(this, |gravest| graver(gravest, this)));
        if task.options.format == Format::Json {
            told.written.extend(json::Finding::new(document, finding).written());
        }
    }
    if task.options.format == Format::Human {
        told.findings = human::findings(&findings, style);
        told.line = human::file_line(file.source.name(), &documents, &told.tally, style);
    }
    Some(told)
}

/// Whether the text of the file, as opposed to that of the policies in it, has mistakes that matter:
/// it was named, or looks as if a policy were meant.
fn is_broken(file: &File, found: &Found, documents: &[&Document]) -> bool {
    let text = file.source.text();
    let broken = file.problems.iter().any(|problem| !problem.kind.is_duplicate());
    // A policy that stands in the file as it is has the file's mistakes among its own.
    let told = documents.iter().any(|document| std::ptr::eq(document.text(), text));
    let yaml = found.path.extension().is_some_and(|extension| extension == "template")
        && !text.trim_start().starts_with(['{', '[']);
    broken && !told && !yaml && (found.named || text.contains("\"Statement\"") || !documents.is_empty())
}
