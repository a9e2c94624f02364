//! What there is to say about one file.

use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;

use super::super::Task;
use super::super::format::{Format, Written, not_analyzed};
use super::super::sift::Sift;
use crate::analyze::compare::compare;
use crate::analyze::space::together;
use crate::diagnostic::{Diagnostic, Severity};
use crate::document::{Document, File, NotAnalyzed, open_other};
use crate::lint::baseline::Entry;
use crate::lint::fix::{self, Fixed, Rereading};
use crate::lint::suppress::Comments;
use crate::lint::{Group, limits, of_principals, remarks, rules};
use crate::parse::ProblemKind;
use crate::read::walk::Found;
use crate::report::comparison;
use crate::report::human::{self, Tally};
use crate::report::json::Unread;
use crate::report::style::{Role, Style};
use crate::source::Source;

/// What there is to say about one file.
#[derive(Default)]
pub(super) struct Told {
    /// The file.
    pub(super) path: PathBuf,
    /// What is for standard output under `--fix`: the document of `-`, or the patch.
    pub(super) document: Option<String>,
    /// Why it could not be written.
    pub(super) unwritten: Option<Unread>,
    /// What was fixed, and what that does.
    pub(super) fixed: String,
    pub(super) fixes: Vec<fix::Told>,
    /// For people: findings and the closing line.
    pub(super) findings: String,
    pub(super) remarks: String,
    pub(super) line: String,
    /// For programs.
    pub(super) written: Written,
    pub(super) tally: Tally,
    pub(super) policies: usize,
    pub(super) not_analyzed: usize,
    /// Whether there is a statement of which nothing is known.
    pub(super) is_unanalyzed: bool,
    /// Whether there is a policy of which nothing is known.
    pub(super) has_unknown: bool,
    /// Places with statements that are in no policy.
    pub(super) unread: usize,
    pub(super) gravest: Option<(Severity, &'static str)>,
    /// What the findings are known again by, for a baseline.
    pub(super) entries: Vec<Entry>,
    /// Places in the configuration of the suppressions for this file, and of those that did something.
    pub(super) places: Vec<usize>,
    pub(super) used: BTreeSet<usize>,
}

impl Told {
    /// Whether people are told more than that there is nothing.
    pub(super) fn is_worth_a_word(&self) -> bool {
        self.gravest.is_some() || self.is_incomplete() || !self.remarks.is_empty() || !self.fixed.is_empty()
    }

    /// Whether there is something in the file that was not judged.
    pub(super) fn is_incomplete(&self) -> bool {
        self.not_analyzed > 0 || self.unread > 0
    }

    /// Takes up findings, in the form that is asked for.
    fn take(&mut self, task: &Task, sift: &Sift<'_>, findings: &[(&Document, Diagnostic)], style: Style) {
        let mut entries = sift.entries();
        for (document, finding) in findings {
            self.tally.add(finding);
            let this = (finding.severity, finding.rule);
            self.gravest = Some(self.gravest.map_or(this, |gravest| graver(gravest, this)));
            let wants_entry = task.options.write_baseline || task.options.format == Format::Sarif;
            let entry = wants_entry.then(|| entries.of(document, finding));
            let fingerprint = entry.as_ref().map_or_else(String::new, Entry::fingerprint);
            self.written.add(task, document, finding, &fingerprint);
            self.entries.extend(entry);
        }
        if task.options.format == Format::Human {
            let least = task.options.fail_on.severity().unwrap_or(Severity::Error).min(Severity::Error);
            let shown = findings.iter().filter(|(_, finding)| !task.quiet || finding.severity >= least);
            self.findings = human::findings(&shown.cloned().collect::<Vec<_>>(), style);
        }
    }
}

/// The graver of two, and the first of two that are as grave.
pub(super) fn graver(
    one: (Severity, &'static str),
    other: (Severity, &'static str),
) -> (Severity, &'static str) {
    if other.0 > one.0 { other } else { one }
}

/// What there is to say about a file; `None` if it holds no policy.
pub(super) fn told(
    task: &Task,
    sift: &Sift<'_>,
    file: &File,
    found: &Found,
    fixed: Option<&Fixed>,
    style: Style,
) -> Option<Told> {
    // Where a policy would be put into an answer of the AWS CLI, there is none yet.
    let is_one = |document: &&Document| {
        !document.is_absent() && (found.named || !document.is_file_without_statements())
    };
    let documents: Vec<&Document> = file.documents.iter().filter(is_one).collect();
    let whole = is_broken(file, found, &documents).then(|| file.whole(&task.hints()));
    let around = (whole.is_none()
        && (!file.unread.is_empty()
            || !file.makers.is_empty()
            || !file.duplicates.is_empty() && !documents.is_empty()))
    .then(|| file.around());
    if documents.is_empty() && whole.is_none() && around.is_none() {
        return None;
    }
    let left: Vec<Vec<NotAnalyzed>> =
        documents.iter().map(|document| crate::lint::not_analyzed(document, &task.settings)).collect();
    let mut told = Told {
        path: found.path.clone(),
        written: Written::new(file.source.name()),
        policies: documents.len(),
        has_unknown: documents.iter().any(|document| document.is_unknown()),
        unread: (file.unread.len() + file.makers.len()) * usize::from(around.is_some()),
        not_analyzed: left.iter().map(Vec::len).sum(),
        is_unanalyzed: left.iter().flatten().any(|found| found.is_whole),
        places: sift.places.clone(),
        ..Told::default()
    };
    let (mut comments, mut used_comments) = (Comments::default(), BTreeSet::new());
    let rereading = Rereading::default();
    let mut findings: Vec<(&Document, Diagnostic)> = Vec::new();
    let principals = if task.options.at.is_none() { file.principals() } else { Vec::new() };
    let (mut joint, limits) = (of_principals(file, &principals, &task.settings), limits(file, &principals));
    let places: HashMap<*const Document, usize> =
        file.documents.iter().enumerate().map(|(at, document)| (std::ptr::from_ref(document), at)).collect();
    for document in whole.iter().chain(&around).chain(documents.iter().copied()) {
        let mut sifted = together(|| {
            let place = places.get(&std::ptr::from_ref(document));
            let own = joint.extract_if(.., |(at, _)| place == Some(at)).map(|(_, finding)| finding).collect();
            let limits = place.and_then(|place| limits.get(place));
            let mut sifted = sift.findings(document, own, limits);
            fix::check(document, &mut sifted.findings, &rereading);
            sifted
        });
        if whole.as_ref().is_some_and(|whole| std::ptr::eq(whole, document)) {
            // It is no policy, so only what keeps it from being read is wrong with it; of a file that does not speak of
            // statements, that alone.
            let speaks = speaks_of_policies(file);
            sifted.findings.retain(|finding| match speaks {
                true => rules::get(finding.rule).is_some_and(|rule| rule.group == Group::Syntax),
                false => finding.rule == "json-syntax",
            });
        }
        told.tally.suppressed += sifted.used.len() + sifted.used_comments.len();
        told.tally.known += sifted.known;
        told.tally.minor += sifted.minor;
        told.used.extend(sifted.used);
        comments.extend(sifted.comments);
        used_comments.extend(sifted.used_comments);
        findings.extend(sifted.findings.into_iter().map(|finding| (document, finding)));
    }
    let (idle, minor) = sift.idle(&comments, &used_comments);
    told.tally.minor += minor;
    // A comment is in the file, and in none of its policies.
    let around = (!idle.is_empty()).then(|| open_other(Source::new(file.source.name(), file.source.text())));
    findings
        .extend(around.iter().flat_map(|around| idle.iter().map(move |finding| (around, finding.clone()))));
    // In the order of the file, whatever policy of it each is about.
    findings.sort_by_key(|(document, finding)| document.in_file(finding.span).start);
    if let Some(fixed) = fixed {
        told.fixed = fixes(task, fixed, style);
        told.fixes.clone_from(&fixed.told);
    }
    told.take(task, sift, &findings, style);
    let notes = documents.iter().zip(&left);
    told.written.note(notes.flat_map(|(document, left)| not_analyzed(task.options.format, document, left)));
    if task.options.format == Format::Human {
        let remarks = documents.iter().filter(|_| task.verbose).flat_map(|document| remarks(document));
        told.remarks = remarks.map(|remark| human::remark(&remark, style)).collect();
        let made = human::made(&told.fixes, !task.options.diff);
        told.line = human::file_line(
            file.source.name(),
            (&documents, &left, whole.is_none(), told.unread),
            made.as_deref(),
            &told.tally,
            style,
        );
    }
    Some(told)
}

/// What there is to say about the configuration.
pub(super) fn of_configuration(
    task: &Task,
    (document, findings): (Document, Vec<Diagnostic>),
    style: Style,
) -> Told {
    let name = document.source().name().to_owned();
    let sift = Sift::new(task, name.as_ref());
    let mut told = Told { path: name.clone().into(), written: Written::new(&name), ..Told::default() };
    let findings: Vec<(&Document, Diagnostic)> =
        findings.into_iter().map(|finding| (&document, finding)).collect();
    told.take(task, &sift, &findings, style);
    told.line = human::configuration_line(&name, &told.tally, style);
    told
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

/// Whether the text of the file, as opposed to that of the policies in it, has mistakes that matter:
/// it was named, or looks as if a policy were meant.
fn is_broken(file: &File, found: &Found, documents: &[&Document]) -> bool {
    let text = file.source.text();
    let problems = || file.problems.iter().chain(&file.inner_problems);
    let broken = problems().any(|problem| !problem.kind.is_duplicate());
    // A policy that stands in the file as it is has the file's mistakes among its own.
    let told = file.inner_problems.is_empty()
        && documents.iter().any(|document| std::ptr::eq(document.text(), text));
    broken && !told && (found.named || speaks_of_policies(file) || !documents.is_empty())
}

/// Whether the text of a file that does not parse has what a policy or a template has.
fn speaks_of_policies(file: &File) -> bool {
    let mut problems = file.problems.iter().chain(&file.inner_problems);
    // Words in braces make many a file no YAML that becomes a template only later.
    match problems.any(|problem| matches!(problem.kind, ProblemKind::Yaml(_))) {
        true => file.source.text().contains("AWS::"),
        false => file.source.text().contains("\"Statement\""),
    }
}
