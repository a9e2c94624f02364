//! The closing lines of `lint`.

use crate::diagnostic::{Diagnostic, FixProof, Severity};
use crate::document::{Because, Document, NotAnalyzed};
use crate::kind::Kind;
use crate::policy::quota::with_commas;
use crate::report::style::{Role, Style, clean};
use crate::report::wrap::count;

/// How many findings of each level there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Errors.
    pub error: usize,
    /// Warnings.
    pub warning: usize,
    /// Notes.
    pub note: usize,
    /// Findings with a fix that is proved to change no access.
    pub safe: usize,
    /// Findings with a fix that is proved to add none.
    pub narrowing: usize,
    /// Findings that are not shown as the configuration says so.
    pub suppressed: usize,
    /// Findings that are not shown as the baseline lists them.
    pub known: usize,
    /// Findings that are not shown as their level is under the one that is asked for.
    pub minor: usize,
}

impl Tally {
    /// Counts one finding.
    pub fn add(&mut self, finding: &Diagnostic) {
        match finding.severity {
            Severity::Error => self.error += 1,
            Severity::Warning => self.warning += 1,
            Severity::Note => self.note += 1,
        }
        match &finding.fix {
            Some(fix) if fix.proof != FixProof::Proved => {}
            Some(fix) if fix.safe => self.safe += 1,
            Some(_) => self.narrowing += 1,
            None => {}
        }
    }

    /// Counts what another one counted.
    pub fn add_all(&mut self, other: &Tally) {
        self.error += other.error;
        self.warning += other.warning;
        self.note += other.note;
        self.safe += other.safe;
        self.narrowing += other.narrowing;
        self.suppressed += other.suppressed;
        self.known += other.known;
        self.minor += other.minor;
    }

    /// How many findings are of that level or over it.
    pub fn at_least(&self, severity: Severity) -> usize {
        match severity {
            Severity::Error => self.error,
            Severity::Warning => self.error + self.warning,
            Severity::Note => self.error + self.warning + self.note,
        }
    }

    /// `1 error, 2 warnings; 1 fix with --fix` or `No findings`.
    fn words(&self) -> String {
        let parts = [(self.error, "error"), (self.warning, "warning"), (self.note, "note")];
        let parts: Vec<String> =
            parts.into_iter().filter(|&(number, _)| number > 0).map(|(n, noun)| count(n, noun)).collect();
        let levels = match parts.as_slice() {
            [] if self.minor > 0 => "No findings at this level".to_owned(),
            [] => "No findings".to_owned(),
            parts => parts.join(", "),
        };
        let mut words = match (self.safe, self.narrowing) {
            (0, 0) => levels,
            (0, number) => format!("{levels}; {} with --fix --unsafe", count(number, "fix")),
            (number, 0) => format!("{levels}; {} with --fix", count(number, "fix")),
            (safe, more) => format!("{levels}; {} with --fix, {more} more with --unsafe", count(safe, "fix")),
        };
        let left_out = [
            (self.suppressed, "suppressed"),
            (self.known, "in the baseline"),
            (self.minor, "not shown (--min-level)"),
        ];
        for (number, what) in left_out {
            if number > 0 {
                words.push_str(&format!("; {} {what}", with_commas(number)));
            }
        }
        words
    }
}

/// What was looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// Files with a policy, or with findings.
    pub files: usize,
    /// Policies in them.
    pub policies: usize,
    /// Files without one.
    pub skipped: usize,
    /// Files that could not be read.
    pub unread: usize,
    /// Files that were read, and could not be written.
    pub unwritten: usize,
    /// Statements that hardly a rule can judge, as it is not known what they are or what they are about.
    pub not_analyzed: usize,
    /// Places with statements that are in no policy that was read.
    pub statements_unread: usize,
    /// Files of Terraform's own language.
    pub terraform: usize,
    /// Symbolic links that lead to what is not checked.
    pub links: usize,
}

/// The closing line of one file: `topic-policy.json: SNS topic policy, 3 statements. 1 error.`
/// `done` says what became of it before; `left` are the statements of each policy that were not fully analyzed; without a
/// policy, `parses` tells whether it is a document at all. `unread` is in how many places there are statements that are in no policy.
pub fn file_line(
    name: &str,
    (documents, left, parses, unread): (&[&Document], &[Vec<NotAnalyzed>], bool, usize),
    done: Option<&str>,
    tally: &Tally,
    style: Style,
) -> String {
    let what = match documents {
        [] if parses => "no policy".to_owned(),
        [] => "it does not parse".to_owned(),
        [document] => {
            let statements = count(document.policy.statements.len(), "statement");
            format!("{}{}, {statements}", document.kind.title(), unsure(document))
        }
        documents => count(documents.len(), "policy"),
    };
    let done = done.map_or_else(String::new, |done| format!("{done}. "));
    let unread = match unread {
        0 => String::new(),
        unread => format!("Statements in {} not read. ", count(unread, "place")),
    };
    let done = format!("{}{unread}{done}", not_analyzed(documents, left));
    let line = format!("{}: {what}. {done}{}.", clean(name), tally.words());
    style.paint(Role::Strong, &line) + "\n"
}

/// That it is not known what the policy is attached to, and so which rules apply.
fn unsure(document: &Document) -> &'static str {
    match document.because {
        Because::Default if document.kind == Kind::Resource => " of an unknown kind (set `--kind`)",
        _ => "",
    }
}

/// `1 of 3 statements not analyzed: Ref X at 12:5. `, or `not fully analyzed` where something of one of them is known.
fn not_analyzed(documents: &[&Document], left: &[Vec<NotAnalyzed>]) -> String {
    let mut is_whole = true;
    let mut places: Vec<String> = Vec::new();
    for (document, left) in documents.iter().zip(left) {
        for found in left {
            is_whole &= found.is_whole;
            let place = document.source().place(document.in_file(found.span));
            places.push(format!("`{}` at {place}", clean(&found.label)));
        }
    }
    if places.is_empty() {
        return String::new();
    }
    let all: usize = documents.iter().map(|document| document.policy.statements.len()).sum();
    // A policy that is chosen whole may have more of them in a branch.
    let all = count(all.max(places.len()), "statement");
    let how = if is_whole { "not analyzed" } else { "not fully analyzed" };
    let lead = format!("{} of {all} {how}: ", places.len());
    let more = places.len().saturating_sub(MOST_PLACES);
    places.truncate(MOST_PLACES);
    if more > 0 {
        places.push(format!("{more} more"));
    }
    format!("{lead}{}. ", places.join(", "))
}

/// More places are counted only.
const MOST_PLACES: usize = 3;

/// The closing line of the configuration.
pub fn configuration_line(name: &str, tally: &Tally, style: Style) -> String {
    style.paint(Role::Strong, &format!("{}: configuration. {}.", clean(name), tally.words())) + "\n"
}

/// That a baseline was written.
pub fn baseline_written(number: usize, path: &str, style: Style) -> String {
    let line = format!("{} written to {}.", count(number, "finding"), clean(path));
    format!("{}\n", style.paint(Role::Strong, &line))
}

/// That findings of the baseline are not there any more.
pub fn gone(number: usize, path: &str) -> String {
    let verb = if number == 1 { "is" } else { "are" };
    format!(
        "note: {} of {} {verb} gone; --write-baseline takes out what is gone\n",
        count(number, "finding"),
        clean(path)
    )
}

/// The closing line over several files, or over none; `done` as for one.
pub fn total_line(checked: &Checked, done: Option<&str>, tally: &Tally, style: Style) -> String {
    let mut line = match checked {
        Checked { files: 0, .. } => "0 policies checked".to_owned(),
        Checked { files, policies, .. } => {
            format!("{} in {} checked", count(*policies, "policy"), count(*files, "file"))
        }
    };
    if checked.skipped > 0 {
        line.push_str(&format!("; {} without a policy skipped", count(checked.skipped, "file")));
    }
    if checked.unread > 0 {
        line.push_str(&format!("; {} not read", count(checked.unread, "file")));
    }
    if checked.unwritten > 0 {
        line.push_str(&format!("; {} not written", count(checked.unwritten, "file")));
    }
    if checked.statements_unread > 0 {
        line.push_str(&format!("; statements in {} not read", count(checked.statements_unread, "place")));
    }
    if checked.terraform > 0 {
        let files = count(checked.terraform, "Terraform file");
        line.push_str(&format!("; {files} not read: check a plan, `terraform show -json`"));
    }
    if checked.links > 0 {
        line.push_str(&format!("; {} not followed", count(checked.links, "symbolic link")));
    }
    if checked.not_analyzed > 0 {
        line.push_str(&format!("; {} not fully analyzed", count(checked.not_analyzed, "statement")));
    }
    line.push('.');
    if let Some(done) = done {
        line.push_str(&format!(" {done}."));
    }
    if checked.files > 0 || tally.at_least(Severity::Note) > 0 {
        line.push_str(&format!(" {}.", tally.words()));
    }
    style.paint(Role::Strong, &line) + "\n"
}

/// Where more is said about a rule.
pub fn why(rule: &str) -> String {
    format!("Why: polmerge explain {rule}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Style = Style { color: false, unicode: true, width: 100 };

    #[test]
    fn closing_lines() {
        let tally = Tally { error: 1, warning: 2, ..Tally::default() };
        assert_eq!(tally.at_least(Severity::Warning), 3);
        assert_eq!(
            file_line("a\u{1b}.json", (&[], &[], false, 0), None, &tally, PLAIN),
            "a?.json: it does not parse. 1 error, 2 warnings.\n"
        );
        assert_eq!(Tally { narrowing: 1, ..tally }.words(), "1 error, 2 warnings; 1 fix with --fix --unsafe");
        assert_eq!(
            Tally { safe: 2, narrowing: 1, ..tally }.words(),
            "1 error, 2 warnings; 2 fixes with --fix, 1 more with --unsafe"
        );
        let checked = Checked { files: 2, policies: 3, skipped: 1, unread: 2, ..Checked::default() };
        assert_eq!(
            total_line(&checked, None, &Tally::default(), PLAIN),
            "3 policies in 2 files checked; 1 file without a policy skipped; 2 files not read. No findings.\n"
        );
        let checked = Checked { files: 2, policies: 2, unwritten: 1, ..Checked::default() };
        assert_eq!(
            total_line(&checked, None, &Tally::default(), PLAIN),
            "2 policies in 2 files checked; 1 file not written. No findings.\n"
        );
        let checked = Checked { terraform: 2, ..Checked::default() };
        assert_eq!(
            total_line(&checked, None, &Tally::default(), PLAIN),
            "0 policies checked; 2 Terraform files not read: check a plan, `terraform show -json`.\n"
        );
        assert_eq!(total_line(&Checked::default(), None, &Tally::default(), PLAIN), "0 policies checked.\n");
    }
}
