//! The forms in which findings are written for programs.

use clap::ValueEnum;

use super::Task;
use crate::diagnostic::{Diagnostic, Severity};
use crate::document::{Document, NotAnalyzed};
use crate::report::human::{Checked, Tally};
use crate::report::json::{self, Unread};
use crate::report::junit::Suite;
use crate::report::{github, junit, markdown, sarif};

/// How the findings are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people
    Human,
    /// For programs
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// Annotations of GitHub Actions
    Github,
    /// JUnit XML, for CI servers: what is at or over --fail-on is a failure
    Junit,
    /// A table for a review comment
    Markdown,
}

/// The findings of one file, each written out so that its document need not be kept.
#[derive(Default)]
pub(super) struct Written {
    name: String,
    findings: Vec<String>,
    /// How many of them make the exit status 1.
    failing: usize,
}

impl Written {
    /// Of a file called `name`.
    pub(super) fn new(name: &str) -> Self {
        Written { name: name.to_owned(), ..Written::default() }
    }

    /// Adds lines that are no findings.
    pub(super) fn note(&mut self, lines: impl IntoIterator<Item = String>) {
        self.findings.extend(lines);
    }

    /// Adds a finding.
    pub(super) fn add(&mut self, task: &Task, document: &Document, finding: &Diagnostic, fingerprint: &str) {
        let fails = task.options.fail_on.severity().is_some_and(|level| finding.severity >= level);
        self.failing += usize::from(fails);
        self.findings.push(match task.options.format {
            Format::Human => return,
            Format::Json => json::compact(&json::Finding::new(document, finding)),
            Format::Sarif => json::compact(&sarif::result(document, finding, fingerprint)),
            Format::Github => github::annotation(document, finding),
            Format::Junit => junit::case(document, finding, fails),
            Format::Markdown => markdown::row(document, finding),
        });
    }
}

/// The statements of a policy that were not fully analyzed, where the report has a place for such a line.
pub(super) fn not_analyzed(format: Format, document: &Document, left: &[NotAnalyzed]) -> Vec<String> {
    let line = |found: &NotAnalyzed| {
        let how = if found.is_whole { "not analyzed" } else { "not fully analyzed" };
        let message = format!("statement {how}: `{}`", found.label);
        let note = Diagnostic::new("not-analyzed", found.span, message).severity(Severity::Note);
        match format {
            Format::Github => Some(github::annotation(document, &note)),
            Format::Junit => Some(junit::case(document, &note, false)),
            _ => None,
        }
    };
    left.iter().filter_map(line).collect()
}

/// The whole report of a run, but for people.
pub(super) fn whole(
    format: Format,
    written: Vec<Written>,
    unread: &[Unread],
    checked: &Checked,
    tally: &Tally,
) -> String {
    let all = |written: Vec<Written>| written.into_iter().flat_map(|file| file.findings);
    match format {
        Format::Human => String::new(),
        Format::Json => {
            let findings = all(written).filter_map(json::raw).collect();
            let summary = json::Summary::new(checked, tally);
            json::pretty(&json::Report { version: 1, findings, errors: unread.to_vec(), summary })
        }
        Format::Sarif => json::pretty(&sarif::log(all(written).filter_map(json::raw).collect(), unread)),
        Format::Github => all(written).chain(unread.iter().map(github::unread)).collect(),
        Format::Junit => {
            let suites = written.into_iter().map(|file| Suite {
                name: file.name,
                cases: file.findings,
                failures: file.failing,
            });
            junit::report(&suites.collect::<Vec<_>>(), unread)
        }
        Format::Markdown => markdown::report(&all(written).collect::<Vec<_>>(), unread, checked, tally),
    }
}
