//! Every policy of a change: what differs between a commit and the working tree.

use std::path::PathBuf;

use rayon::prelude::*;

use super::open::{self, Pair, untouched, whole};
use super::{Diff, Format, Limits};
use crate::cli::{Exit, Failure, Terminal};
use crate::config::Config;
use crate::document::{self, File, Hints};
use crate::read::git::{Change, GitError, Tree};
use crate::read::walk::{has_extension, is_terraform};
use crate::report::json::{self, Unread};
use crate::report::review::{self, Review, Reviewed};
use crate::report::style::Style;
use crate::source::Source;

impl From<GitError> for Failure {
    fn from(error: GitError) -> Self {
        let failure = Failure::new(error.to_string());
        match error {
            GitError::NoCommit(_) => failure
                .help("BASE is a branch, tag or id of a commit; fetch it first where only a part was cloned"),
            GitError::Ambiguous(_) => {
                failure.help("name it in full, as refs/heads/main, refs/tags/v1 or refs/remotes/origin/main")
            }
            GitError::Waits { .. } => {
                failure.help("git waits where it reads a named pipe; to look for one: find . -type p")
            }
            GitError::NoWorkingTree(_) => failure.help("for two files: polmerge diff OLD NEW"),
            _ => failure,
        }
    }
}

/// What became of one file.
#[derive(Default)]
struct Outcome {
    reviewed: Vec<Reviewed>,
    errors: Vec<Unread>,
    holds_policies: bool,
    /// Policies that are what they were.
    untouched: usize,
    /// Where there are statements that are in no policy.
    unread: Option<Unread>,
    exit: Option<Exit>,
}

pub(super) fn run(
    diff: &Diff,
    base: &str,
    config: &Config,
    limits: &Limits,
    terminal: &Terminal,
) -> Result<Exit, Failure> {
    let tree = Tree::open(base)?;
    let changes = tree.changes(&diff.files, |path| has_extension(path) || is_terraform(path))?;
    let look = |change: &Change| look(diff, &tree, change, config, limits, terminal.out);
    let outcomes: Vec<Outcome> = changes.par_iter().map(look).collect();

    let mut review = Review::new(&tree.base, &tree.commit);
    let mut exit = Exit::Yes;
    for outcome in outcomes {
        review.files += usize::from(outcome.holds_policies);
        review.skipped += usize::from(!outcome.holds_policies && outcome.errors.is_empty());
        review.untouched += outcome.untouched;
        exit = outcome.exit.map_or(exit, |one| exit.max(one));
        review.policies.extend(outcome.reviewed);
        review.errors.extend(outcome.errors);
        review.unread.extend(outcome.unread);
    }
    for unread in &review.unread {
        terminal.warning(&unread.message);
    }
    for error in &review.errors {
        terminal.failure(&Failure::new(error.message.as_str()));
    }
    match diff.format {
        // Only what decides the exit status.
        Format::Human if terminal.quiet && exit == Exit::Yes => {}
        Format::Human => terminal.report(&review::human(&review, terminal.out)),
        Format::Json => terminal.data(&json::pretty(&review::json(&review))),
        Format::Markdown => terminal.data(&review::markdown(&review)),
    }
    Ok(if review.errors.is_empty() { exit } else { Exit::Unable })
}

fn look(
    diff: &Diff,
    tree: &Tree,
    change: &Change,
    config: &Config,
    limits: &Limits,
    style: Style,
) -> Outcome {
    let mut outcome = Outcome::default();
    let path = change.path();
    let error = |failure: Failure| {
        let message = std::iter::once(failure.message).chain(failure.help).collect::<Vec<_>>().join("; ");
        Unread { path: path.display().to_string(), message }
    };
    let (old, new) = match (tree.before(change), tree.after(change)) {
        (Ok(old), Ok(new)) => (old, new),
        (Err(unread), _) | (_, Err(unread)) => {
            outcome.errors.push(error(unread.into()));
            return outcome;
        }
    };
    let unreadable = new.as_ref().filter(|_| change.new.is_some()).and_then(does_not_parse);
    let file = |source: Option<Source>, path: Option<&PathBuf>| {
        Some(open::file(source?, &tree.place(path?), &diff.hints(), config))
    };
    let old = file(old, change.old.as_ref().map(|(path, _)| path));
    let new = file(new, change.new.as_ref());
    if let Some(unread) = open::unread(old.as_ref(), new.as_ref()) {
        outcome.unread = Some(error(Failure::new(unread)));
        outcome.exit = diff.checks_anything().then_some(Exit::Undecided);
    }
    let documents = |file: Option<File>| file.map(|file| file.documents).unwrap_or_default();
    let (old, new) = (documents(old), documents(new));
    outcome.holds_policies = !old.is_empty() || !new.is_empty();
    // A file that cannot be read has not lost its policies.
    if let Some(why) = unreadable.filter(|_| !old.is_empty() && new.is_empty()) {
        outcome.errors.push(error(Failure::new(why)));
        return outcome;
    }
    for pair in open::pair(old, new) {
        if untouched(&pair) {
            outcome.untouched += 1;
            continue;
        }
        match reviewed(diff, pair, change, limits, style) {
            Ok((one, exit)) => {
                outcome.reviewed.push(one);
                outcome.exit = Some(outcome.exit.map_or(exit, |worst| worst.max(exit)));
            }
            Err(failure) => outcome.errors.push(error(failure)),
        }
    }
    outcome
}

/// Why no policy can be found in a text, if it is not that there is none.
fn does_not_parse(source: &Source) -> Option<String> {
    let name = source.name();
    if source.text().trim().is_empty() {
        return Some(format!("`{name}` is empty, and held policies before"));
    }
    let file = document::open(Source::new(name, source.text()), &Hints::default());
    let problem = file.problems.first()?;
    Some(format!(
        "`{name}` does not parse ({}: {}), and held policies before",
        source.place(problem.span),
        problem.kind.message()
    ))
}

fn reviewed(
    diff: &Diff,
    pair: Pair,
    change: &Change,
    limits: &Limits,
    style: Style,
) -> Result<(Reviewed, Exit), Failure> {
    let shown = |path: &PathBuf| path.display().to_string();
    let old_path = change.old.as_ref().map(|(path, _)| shown(path)).filter(|_| pair.0.is_some());
    let new_path = change.new.as_ref().map(shown).filter(|_| pair.1.is_some());
    let (old, new) = whole(pair)?;
    let comparison = limits.compare(&old, &new)?;
    let exit = diff.exit(&comparison);
    Ok((Reviewed::new(&comparison, old_path, new_path, style), exit))
}
