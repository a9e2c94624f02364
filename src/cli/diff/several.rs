//! Many policies compared with what they were: those of a file, of a folder, or of all files that differ from a commit.

use std::path::Path;

use super::open::{self, Pair, untouched, whole};
use super::{Diff, Format, Limits};
use crate::analyze::checks::Outcome as Checked;
use crate::cli::{Exit, Failure, Terminal};
use crate::config::Config;
use crate::document::File;
use crate::report::json::{self, Unread};
use crate::report::review::{self, Asked, Review, Reviewed};
use crate::source::Source;

/// What a comparison of many policies needs.
pub(super) struct Several<'a> {
    pub(super) diff: &'a Diff,
    pub(super) config: &'a Config,
    pub(super) limits: &'a Limits,
    pub(super) terminal: &'a Terminal,
}

/// A file as it was, or as it is.
pub(super) struct Version {
    /// Its path as it is shown.
    pub(super) path: String,
    pub(super) file: File,
}

/// What became of one file.
#[derive(Default)]
pub(super) struct Outcome {
    reviewed: Vec<Reviewed>,
    errors: Vec<Unread>,
    holds_policies: bool,
    /// Policies that are what they were.
    untouched: usize,
    /// The path of the file, if more than its policies differs in it.
    differs_elsewhere: Option<String>,
    /// What is not compared.
    unread: Option<Unread>,
    /// The options that are undecided for that, and where.
    undecided: Vec<Asked>,
}

impl Outcome {
    /// A file that could not be read.
    pub(super) fn unable(path: &Path, failure: Failure) -> Self {
        Outcome { errors: vec![error(path, failure)], ..Outcome::default() }
    }
}

fn error(path: &Path, failure: Failure) -> Unread {
    let message = std::iter::once(failure.message).chain(failure.help).collect::<Vec<_>>().join("; ");
    Unread::new(path, message)
}

impl Several<'_> {
    /// A version of a file, which is at `place`.
    pub(super) fn version(&self, path: &Path, place: &Path, source: Source) -> Version {
        let file = open::file(source, place, &self.diff.hints(), self.config);
        Version { path: path.display().to_string(), file }
    }

    /// What is not compared at a path, and why.
    pub(super) fn unread(&self, path: &Path, why: String) -> Outcome {
        self.left_open(path, why, false)
    }

    /// What leaves open what is asked of NEW, or all that is asked, and why.
    fn left_open(&self, path: &Path, why: String, of_new_alone: bool) -> Outcome {
        let options = self.limits.options(of_new_alone);
        Outcome {
            unread: Some(error(path, Failure::new(why))),
            undecided: options
                .into_iter()
                .map(|option| Asked { option, of: path.display().to_string() })
                .collect(),
            ..Outcome::default()
        }
    }

    /// Compares the policies of two versions of a file, of which one may be missing; `path` is what it is called.
    pub(super) fn compare(&self, path: &Path, old: Option<Version>, new: Option<Version>) -> Outcome {
        let paths = [&old, &new].map(|version| version.as_ref().map(|version| version.path.clone()));
        let [old, new] = [old, new].map(|version| version.map(|version| version.file));
        let unreadable = new.as_ref().and_then(does_not_parse);
        let unread = open::unread(old.as_ref(), new.as_ref()).or_else(|| {
            let files = || old.iter().chain(&new);
            let [was, is] = [&old, &new].map(|file| file.as_ref().map(|file| file.source.text()));
            let decides = files().all(File::only_defines) && was != is;
            decides.then(|| {
                format!(
                    "`{}` may define what policies in other files say, and is not compared",
                    path.display()
                )
            })
        });
        let of_new = || Some(self.left_open(path, self.limits.unread_of_new(new.as_ref())?, true));
        let mut outcome = unread.map(|why| self.unread(path, why)).or_else(of_new).unwrap_or_default();
        let holds = |file: &Option<File>| file.as_ref().is_some_and(|file| !file.documents.is_empty());
        outcome.holds_policies = holds(&old) || holds(&new);
        if let (Some(was), Some(is)) = (&old, &new)
            && outcome.holds_policies
            && was.rest() != is.rest()
        {
            outcome.differs_elsewhere = Some(path.display().to_string());
        }
        // A file that cannot be read has not lost its policies.
        if let Some(why) = unreadable.filter(|_| holds(&old) && !holds(&new)) {
            outcome.errors.push(error(path, Failure::new(why)));
            return outcome;
        }
        for pair in open::pair(old, new) {
            let is_untouched = untouched(&pair);
            // What is asked of NEW alone is asked of all its policies.
            if is_untouched && !self.diff.checks_new() {
                outcome.untouched += 1;
                continue;
            }
            match self.reviewed(pair, &paths) {
                Ok(one) if is_untouched && one.passed() => outcome.untouched += 1,
                Ok(one) => outcome.reviewed.push(one),
                Err(failure) => outcome.errors.push(error(path, failure)),
            }
        }
        outcome
    }

    fn reviewed(&self, pair: Pair, [old, new]: &[Option<String>; 2]) -> Result<Reviewed, Failure> {
        let old_path = old.clone().filter(|_| pair.0.is_some());
        let new_path = new.clone().filter(|_| pair.1.is_some());
        let (old, new) = whole(pair)?;
        let comparison = self.limits.compare(&old, &new)?;
        Ok(Reviewed::new(&comparison, old_path, new_path, self.terminal.out))
    }

    /// Tells what became of all files, and how the command ends.
    pub(super) fn report(&self, mut review: Review, outcomes: Vec<Outcome>) -> Result<Exit, Failure> {
        let terminal = self.terminal;
        for outcome in outcomes {
            review.files += usize::from(outcome.holds_policies);
            review.skipped += usize::from(!outcome.holds_policies && outcome.errors.is_empty());
            review.untouched += outcome.untouched;
            review.elsewhere.extend(outcome.differs_elsewhere);
            review.policies.extend(outcome.reviewed);
            review.errors.extend(outcome.errors);
            review.unread.extend(outcome.unread);
            review.undecided.extend(outcome.undecided);
        }
        let exit = match review.outcome() {
            Checked::Undecided => Exit::Undecided,
            Checked::Failed => Exit::No,
            Checked::Passed => Exit::Yes,
        };
        for unread in &review.unread {
            terminal.warning(&unread.message);
        }
        for error in &review.errors {
            terminal.failure(&Failure::new(error.message.as_str()));
        }
        match self.diff.format {
            // Only what decides the exit status.
            Format::Human if terminal.quiet && exit == Exit::Yes => {}
            Format::Human => terminal.report(&review::human(&review, terminal.quiet, terminal.out)),
            Format::Json => terminal.data(&json::pretty(&review::json(&review))),
            Format::Markdown => terminal.data(&review::markdown(&review)),
        }
        Ok(if review.errors.is_empty() { exit } else { Exit::Unable })
    }
}

/// Why no policy can be found in a file, if it is not that there is none.
fn does_not_parse(file: &File) -> Option<String> {
    let name = file.source.name();
    if file.source.text().trim().is_empty() {
        return Some(format!("`{name}` is empty, and held policies before"));
    }
    let problem = file.problems.first()?;
    Some(format!(
        "`{name}` does not parse ({}: {}), and held policies before",
        file.source.place(problem.span),
        problem.kind.message()
    ))
}
