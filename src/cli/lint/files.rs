//! Files: each one read, checked and told about by itself, many at a time.

use std::path::{Path, PathBuf};

use rayon::prelude::*;
use serde_json::value::RawValue;

use super::Task;
use crate::analyze::compare::compare;
use crate::cli::choice::Format;
use crate::cli::{Exit, Failure, Terminal, config};
use crate::diagnostic::{Diagnostic, Severity};
use crate::document::{self, Document, File, Hints};
use crate::lint::fix::{self, Fixed};
use crate::lint::{Group, remarks, rules};
use crate::parse::ProblemKind;
use crate::read::walk::{self, Found};
use crate::read::{self, write};
use crate::report::comparison;
use crate::report::diff;
use crate::report::human::{self, Checked, Tally};
use crate::report::json::{self, Unread};
use crate::report::style::{Role, Style};

/// What there is to say about one file.
#[derive(Default)]
struct Told {
    /// What is for standard output under `--fix`: the document of `-`, or the patch.
    document: Option<String>,
    /// What was fixed, and what that does.
    fixed: String,
    fixes: Vec<fix::Told>,
    /// For people: findings and the closing line.
    findings: String,
    remarks: String,
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
    /// It holds no policy. A filter hands on what it has nothing to say about.
    Skipped {
        document: Option<String>,
    },
    Unread(Unread),
}

pub(super) fn run(task: &Task, terminal: &Terminal) -> Result<Exit, Failure> {
    let here = [PathBuf::from(".")];
    let paths = if task.options.paths.is_empty() { &here[..] } else { &task.options.paths };
    let (files, unseen) = walk::walk(paths);
    if task.options.fix && !task.options.diff && paths.len() > 1 && paths.contains(&PathBuf::from("-")) {
        return Err(Failure::new("`--fix` prints the document of `-`, so `-` is given alone"));
    }
    let alone = unseen.is_empty() && matches!(files.as_slice(), [file] if file.named);
    let style = if task.prints_documents() { terminal.err } else { terminal.out };
    let outcomes: Vec<Outcome> = files.par_iter().map(|file| look(task, file, style)).collect();

    let mut unread: Vec<Unread> = unseen
        .into_iter()
        .map(|unseen| Unread { path: unseen.path.display().to_string(), message: unseen.message })
        .collect();
    let (mut told, mut checked, mut tally) = (Vec::new(), Checked::default(), Tally::default());
    let mut documents = Vec::new();
    for outcome in outcomes {
        match outcome {
            Outcome::Told(mut file) => {
                documents.extend(file.document.take());
                checked.files += 1;
                checked.policies += file.policies;
                tally.add_all(&file.tally);
                told.push(file);
            }
            Outcome::Skipped { document } => {
                checked.skipped += 1;
                documents.extend(document);
            }
            Outcome::Unread(file) => unread.push(file),
        }
    }
    checked.unread = unread.len();
    for file in &unread {
        terminal.failure(&Failure::new(file.message.as_str()));
    }
    for document in &documents {
        terminal.document(document)?;
    }
    if task.options.format != Format::Human {
        told.iter().for_each(|file| terminal.comment(&file.fixed));
    }
    let report = match task.options.format {
        Format::Human => for_people(task, &told, &checked, &tally, alone, style),
        Format::Json => {
            let findings = told.into_iter().flat_map(|file| file.written).collect();
            let summary = json::Summary::new(&checked, &tally);
            json::pretty(&json::Report { version: 1, findings, errors: unread.clone(), summary })
        }
    };
    match (task.prints_documents(), task.options.format) {
        (true, _) => terminal.comment(&report),
        (false, Format::Human) => terminal.report(&report),
        (false, _) => terminal.data(&report),
    }
    Ok(task.exit(&tally, checked.policies, !unread.is_empty()))
}

fn for_people(
    task: &Task,
    told: &[Told],
    checked: &Checked,
    tally: &Tally,
    alone: bool,
    style: Style,
) -> String {
    let mut out = String::new();
    let with_findings = told.iter().filter(|file| file.gravest.is_some());
    let worth_a_word =
        |file: &&Told| file.gravest.is_some() || !file.remarks.is_empty() || !file.fixed.is_empty();
    for (index, file) in told.iter().filter(worth_a_word).enumerate() {
        if index > 0 {
            out.push('\n');
        }
        out.push_str(&file.fixed);
        out.push_str(&file.findings);
        out.push_str(&file.remarks);
        out.push_str(&file.line);
    }
    match told {
        [file] if alone && !worth_a_word(&file) => out.push_str(&file.line),
        [_] if alone => {}
        _ => {
            if !out.is_empty() {
                out.push('\n');
            }
            let made = human::made(told.iter().flat_map(|file| &file.fixes), !task.options.diff);
            out.push_str(&human::total_line(checked, made.as_deref(), tally, style));
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
    let hints = Hints { configured, ..task.hints() };
    let file = document::open(source, &hints);
    if !task.options.fix {
        return told(task, &file, found, None, style)
            .map_or(Outcome::Skipped { document: None }, Outcome::Told);
    }
    let fixed = fix::fix(file, &hints, task.options.narrow, |document| task.findings(document));
    let file = fixed.after.as_ref().unwrap_or(&fixed.before);
    let is_filter = task.prints_documents() && !task.options.diff;
    let Some(mut told) = told(task, file, found, Some(&fixed), style) else {
        return Outcome::Skipped { document: is_filter.then(|| file.source.text().to_owned()) };
    };
    if task.options.diff {
        let plain = Style { color: false, ..style };
        let patch = diff::unified(fixed.before.source.text(), file.source.text(), file.source.name(), plain);
        told.document = (!patch.is_empty()).then_some(patch);
    } else if is_filter {
        told.document = Some(file.source.text().to_owned());
    } else if fixed.after.is_some()
        && let Err(error) = write::replace(path, file.source.text())
    {
        return unread(error.to_string());
    }
    Outcome::Told(told)
}

/// What was fixed, and what access that takes away.
fn fixes(task: &Task, fixed: &Fixed, style: Style) -> String {
    let name = fixed.before.source.name();
    let mut out = human::fixed(name, &fixed.told, !task.options.diff, style);
    if let Some(after) = &fixed.after
        && fixed.told.iter().any(|told| !told.safe && told.refused.is_none())
    {
        for (old, new) in fixed.before.documents.iter().zip(&after.documents) {
            let access = comparison::access(&compare(old, new), style);
            if !access.is_empty() {
                out.push_str(&format!("\n{}\n{access}", style.paint(Role::Strong, "Access")));
            }
        }
    }
    if !out.is_empty() {
        out.push('\n');
    }
    out
}

/// What there is to say about a file; `None` if it holds no policy.
fn told(task: &Task, file: &File, found: &Found, fixed: Option<&Fixed>, style: Style) -> Option<Told> {
    // Where a policy would be put into an answer of the AWS CLI, there is none yet.
    let documents: Vec<&Document> = file.documents.iter().filter(|document| !document.is_absent()).collect();
    let whole = is_broken(file, found, &documents).then(|| file.whole(&task.hints()));
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
        let mut these = task.findings(document);
        fix::check(document, &mut these);
        findings.extend(these.into_iter().map(|finding| (*document, finding)));
    }
    let mut told = Told { policies: documents.len(), ..Told::default() };
    if let Some(fixed) = fixed {
        told.fixed = fixes(task, fixed, style);
        told.fixes.clone_from(&fixed.told);
    }
    for (document, finding) in &findings {
        told.tally.add(finding);
        let this = (finding.severity, finding.rule);
        told.gravest = Some(told.gravest.map_or(this, |gravest| graver(gravest, this)));
        if task.options.format == Format::Json {
            told.written.extend(json::Finding::new(document, finding).written());
        }
    }
    if task.options.format == Format::Human {
        told.findings = human::findings(&findings, style);
        let remarks = documents.iter().filter(|_| task.verbose).flat_map(|document| remarks(document));
        told.remarks = remarks.map(|remark| human::remark(&remark, style)).collect();
        let made = human::made(&told.fixes, !task.options.diff);
        told.line = human::file_line(file.source.name(), &documents, made.as_deref(), &told.tally, style);
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
    // Words in braces make many a file no YAML that becomes a template only later.
    let meant = match file.problems.iter().any(|problem| matches!(problem.kind, ProblemKind::Yaml(_))) {
        true => text.contains("AWS::"),
        false => text.contains("\"Statement\""),
    };
    broken && !told && (found.named || meant || !documents.is_empty())
}
