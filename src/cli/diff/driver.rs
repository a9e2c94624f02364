//! A diff driver of git: it is called for each file, and what it prints is the diff of that file.

use std::path::Path;

use super::open::{self, Pair, comparable, untouched, whole};
use super::{Diff, Limits};
use crate::cli::{Exit, Failure, Terminal};
use crate::config::Config;
use crate::document::{Document, File};
use crate::read;
use crate::report::changes::NOWHERE;
use crate::report::{comparison, diff};
use crate::source::Source;

/// What git says: the path in the repository, and where both versions are for now.
pub(super) struct Asked<'a> {
    pub(super) path: &'a Path,
    pub(super) old: &'a Path,
    /// The id of the old version.
    pub(super) id: &'a Path,
    pub(super) new: &'a Path,
    /// The path that it has now.
    pub(super) name: &'a Path,
}

/// How much of an id is shown.
const SHORT: usize = 7;

pub(super) fn run(
    diff: &Diff,
    asked: &Asked<'_>,
    config: &Config,
    limits: &Limits,
    terminal: &Terminal,
) -> Result<Exit, Failure> {
    let (before, name) = (asked.path.display().to_string(), asked.name.display().to_string());
    let id: String = asked.id.display().to_string().chars().take(SHORT).collect();
    let (old, new) = (version(asked.old, &format!("{id}:{before}"))?, version(asked.new, &name)?);
    let file = |source: &Option<Source>| -> Option<File> {
        let source = source.as_ref()?;
        let copy = Source::new(source.name(), source.text());
        Some(open::file(copy, asked.name, &diff.hints(), config))
    };
    let (old_file, new_file) = (file(&old), file(&new));
    let unread = open::unread(old_file.as_ref(), new_file.as_ref());
    let unread_of_new = limits.unread_of_new(new_file.as_ref());
    unread.iter().chain(&unread_of_new).for_each(|unread| terminal.warning(unread));
    let pairs: Vec<Pair> = open::pair(old_file, new_file);
    let bare = |document: &Document| document.pointer().is_empty() && comparable(document).is_ok();
    let all_bare = pairs.iter().all(|(old, new)| old.iter().chain(new).all(bare));
    let mut exit = Exit::Yes;
    // What is no policy, or more than that, is shown as it is.
    if !all_bare || pairs.is_empty() {
        let text =
            |source: &Option<Source>| source.as_ref().map_or(String::new(), |one| one.text().to_owned());
        terminal.report(&diff::unified(&text(&old), &text(&new), &name, terminal.out));
    }
    for pair in pairs.into_iter().filter(|pair| !untouched(pair)) {
        let told = whole(pair).and_then(|(old, new)| {
            let comparison = limits.compare_files(&old, &new, unread.as_deref(), unread_of_new.as_deref())?;
            terminal.report(&comparison::human(&comparison, terminal.out));
            Ok(Diff::exit(&comparison))
        });
        match told {
            Ok(one) => exit = exit.max(one),
            // git would stop at any other status but 0, and the text has been shown.
            Err(failure) if !all_bare => terminal.failure(&failure),
            Err(failure) => return Err(failure),
        }
    }
    Ok(exit)
}

/// A version of the file; there may be none.
fn version(path: &Path, name: &str) -> Result<Option<Source>, Failure> {
    if path == Path::new(NOWHERE) {
        return Ok(None);
    }
    Ok(Some(Source::new(name, read::read(path)?.text())))
}
