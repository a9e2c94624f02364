//! Every policy of a change: what differs between a commit and the working tree.

use rayon::prelude::*;

use super::several::{Outcome, Several, Version};
use crate::cli::{Exit, Failure};
use crate::read::git::{Change, GitError, Tree};
use crate::read::walk::{has_extension, is_terraform};
use crate::report::review::Review;

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

pub(super) fn run(several: &Several<'_>, base: &str) -> Result<Exit, Failure> {
    let tree = Tree::open(base)?;
    let changes = tree.changes(&several.diff.files, &|path| has_extension(path) || is_terraform(path))?;
    let look = |change: &Change| match versions(several, &tree, change) {
        Ok([old, new]) => several.compare(change.path(), old, new),
        Err(failure) => Outcome::unable(change.path(), failure),
    };
    let unseen = changes.unseen.into_iter().map(|(path, why)| {
        let why = format!("`{}` is not looked at: {why}", path.display());
        match several.diff.checks_anything() {
            true => Outcome::unable(&path, Failure::new(why)),
            false => several.unread(&path, why),
        }
    });
    let looked_at: Vec<Outcome> = changes.files.par_iter().map(look).collect();
    let outcomes = unseen.chain(looked_at).collect();
    several.report(Review::since(&tree.base, &tree.commit), outcomes)
}

/// A file as it was and as it is, as far as it was and is there.
fn versions(several: &Several<'_>, tree: &Tree, change: &Change) -> Result<[Option<Version>; 2], Failure> {
    let old = tree.before(change)?.zip(change.old.as_ref().map(|(path, _)| path));
    let new = tree.after(change)?.zip(change.new.as_ref());
    Ok([old, new]
        .map(|version| version.map(|(source, path)| several.version(path, &tree.place(path), source))))
}
