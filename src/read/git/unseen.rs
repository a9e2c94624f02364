//! What git shows to differ, or does not look at, and that is not compared.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::answers::{Listed, SUBMODULE, fields, is_folder};
use super::{Change, GitError, Tree};
use crate::read::walk::walk;

/// Why something is not looked at.
pub(super) const OTHER_REPOSITORY: &str = "it belongs to a separate repository; run the command there";
pub(super) const LINK_TO_FOLDER: &str = "it is a symbolic link to a folder; name that folder";
pub(super) const IGNORED: &str = "it is a folder that git ignores; name the files in it";

impl Tree {
    /// Why git does not look at a path that was typed.
    pub(super) fn why_not(&self, absolute: &Path) -> Option<&'static str> {
        let is_inner = |folder: &&Path| *folder != self.root && folder.starts_with(&self.root);
        let has_own = |folder: &Path| folder.join(".git").symlink_metadata().is_ok();
        match absolute.is_symlink() && absolute.is_dir() {
            true => Some(LINK_TO_FOLDER),
            false => absolute.ancestors().take_while(is_inner).any(has_own).then_some(OTHER_REPOSITORY),
        }
    }

    /// The submodules that differ from their commits, and the repositories that are none of these and hold something
    /// that `is_wanted`.
    pub(super) fn inner_repositories(
        &self,
        listed: &[Listed],
        changed: Vec<PathBuf>,
        others: Vec<PathBuf>,
        is_wanted: &dyn Fn(&Path) -> bool,
    ) -> Result<Vec<PathBuf>, GitError> {
        let holds_some = |path: &PathBuf| {
            let walked = walk(&[self.root.join(path)]);
            walked.links > 0 || !walked.found.is_empty() || !walked.unseen.is_empty()
        };
        let without_slash = |path: PathBuf| path.components().collect();
        let mut inner: Vec<PathBuf> = others.into_iter().filter(holds_some).map(without_slash).collect();
        let known: HashSet<PathBuf> = changed.into_iter().collect();
        for entry in listed.iter().filter(|entry| entry.mode == SUBMODULE && !known.contains(&entry.path)) {
            if self.has_changes(entry, is_wanted)? {
                inner.push(entry.path.clone());
            }
        }
        inner.extend(known);
        Ok(inner)
    }

    /// Whether what is in a submodule differs from the commit that it is to be at, or may do so.
    fn has_changes(&self, submodule: &Listed, is_wanted: &dyn Fn(&Path) -> bool) -> Result<bool, GitError> {
        let folder = self.root.join(&submodule.path);
        let is_empty = match std::fs::read_dir(&folder) {
            Ok(mut entries) => entries.next().is_none(),
            Err(error) => error.kind() == std::io::ErrorKind::NotFound,
        };
        if is_empty {
            return Ok(false);
        }
        let changes = match Tree::at(&folder, &submodule.id) {
            Ok(tree) if tree.root == folder => tree.changes(&[], is_wanted),
            Ok(_) => return Ok(true),
            Err(error) => Err(error),
        };
        match changes {
            Ok(changes) => Ok(!changes.files.is_empty() || !changes.unseen.is_empty()),
            // Another one would be waited for again.
            Err(error @ GitError::Waits { .. }) => Err(error),
            Err(_) => Ok(true),
        }
    }

    /// The folders that are named, and that git ignores.
    pub(super) fn ignored_folders(&self, named: &[PathBuf]) -> Result<Vec<PathBuf>, GitError> {
        let is_inner = |path: &&PathBuf| path.is_dir() && **path != self.root;
        let folders: Vec<&PathBuf> = named.iter().filter(is_inner).collect();
        if folders.is_empty() {
            return Ok(Vec::new());
        }
        let asked = ["ls-files", "--others", "--ignored", "--exclude-standard", "--directory", "-z", "--"];
        let asked = asked.iter().map(OsStr::new).chain(folders.iter().map(|path| path.as_os_str()));
        let ignored = self.git(asked)?;
        let ignored: Vec<PathBuf> = fields(&ignored).map(|path| self.root.join(path)).collect();
        let is_ignored = |path: &&PathBuf| ignored.iter().any(|ignored| path.starts_with(ignored));
        Ok(folders.into_iter().filter(is_ignored).map(|path| self.below(path)).collect())
    }

    /// Whether a file that differs is or was a symbolic link that leads to a folder, or whose other end is not known.
    pub(super) fn leads_to_folder(&self, change: &Change) -> bool {
        let now = change.new.as_ref().map(|path| self.root.join(path));
        let leads_now = now.is_some_and(|whole| whole.is_symlink() && whole.is_dir());
        let led = || match &change.old {
            Some((path, _)) if change.was_link => {
                self.behind_link(path).is_ok_and(|(kind, _)| is_folder(&kind))
            }
            _ => false,
        };
        leads_now || led()
    }
}
