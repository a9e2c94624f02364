//! What differs between a commit and the working tree, asked of the `git` program. Nothing is written.

mod answers;
mod program;
mod unseen;

use std::collections::{HashMap, HashSet};
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use super::{Failed, ReadError};
use crate::source::Source;
use answers::{LINK, Listed, differing, fields, filter_of, head_and_path, joined, line, path_of};
use program::{Off, git, git_with, switched_off};
use unseen::{IGNORED, LINK_TO_FOLDER, OTHER_REPOSITORY};

/// Why git could not be asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GitError {
    /// There is no such program.
    #[error("cannot run `git`: {0}")]
    Program(std::io::Error),
    /// Here is no working tree.
    #[error("this is no working tree of git: {0}")]
    NoWorkingTree(String),
    /// The base names no commit.
    #[error("`{0}` names no commit of this repository")]
    NoCommit(String),
    /// The base names several branches or tags.
    #[error("git: {0}")]
    Ambiguous(String),
    /// A path that is neither in the working tree nor in the commit.
    #[error("`{path}` is neither in the working tree nor in `{base}`", path = path.display())]
    NoPath {
        /// The path, as typed.
        path: PathBuf,
        /// The base, as typed.
        base: String,
    },
    /// A file that git would read is a device or a pipe: it would wait, or read without end.
    #[error("git would read `{path}`, which is not a regular file", path = .0.display())]
    NotAFile(PathBuf),
    /// It did not come to an end.
    #[error("`git {command}` {why}")]
    Waits {
        /// What it was asked.
        command: String,
        /// How long it was waited for.
        why: String,
    },
    /// It said no.
    #[error("git {command}: {message}")]
    Failed {
        /// What it was asked.
        command: String,
        /// What it said.
        message: String,
    },
}

/// A working tree and the commit that it is compared with.
#[derive(Clone, Debug)]
pub struct Tree {
    root: PathBuf,
    /// Settings of the configuration that are switched off, as they would have git run a program or read without end.
    off: Off,
    /// Why git is not asked any more: it waited once for what it reads, and would again.
    waits: Arc<OnceLock<(String, String)>>,
    /// The commit, as it was named.
    pub base: String,
    /// The id of the commit.
    pub commit: String,
}

/// What differs.
#[derive(Debug, Default)]
pub struct Changes {
    /// The files, in the order of their paths.
    pub files: Vec<Change>,
    /// What is not looked at, though it differs, may differ, or was named, and why.
    pub unseen: Vec<(PathBuf, &'static str)>,
}

/// A file that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Its path in the commit, from the root of the repository, and the id of what it held.
    pub old: Option<(PathBuf, String)>,
    /// Whether it was a symbolic link.
    pub was_link: bool,
    /// Its path in the working tree, from the root. There may be something else than a file.
    pub new: Option<PathBuf>,
}

impl Tree {
    /// The working tree that the current folder is in, and a commit of its repository.
    ///
    /// # Errors
    /// If there is no git, no working tree, or no such commit.
    pub fn open(base: &str) -> Result<Self, GitError> {
        Tree::at(Path::new("."), base)
    }

    fn at(here: &Path, base: &str) -> Result<Self, GitError> {
        let root = git(here, &[], ["rev-parse", "--show-toplevel"]).map_err(|error| match error {
            GitError::Failed { message, .. } => GitError::NoWorkingTree(message),
            error => error,
        })?;
        let root = path_of(root.trim_ascii_end());
        // The configuration of a repository can claim any folder to be its working tree.
        let is_ours = |folder: PathBuf| root.canonicalize().is_ok_and(|root| folder.starts_with(root));
        if !here.canonicalize().is_ok_and(is_ours) {
            let message = format!("its configuration says that it is `{}`", root.display());
            return Err(GitError::NoWorkingTree(message));
        }
        // No name of a commit begins with a hyphen, so that it cannot be taken for an option.
        if base.is_empty() || base.starts_with('-') {
            return Err(GitError::NoCommit(base.to_owned()));
        }
        let off = switched_off(&root)?;
        let wanted = format!("{base}^{{commit}}");
        match git(&root, &off, ["rev-parse", "--verify", wanted.as_str()]) {
            // Of `^HEAD`, the commit is one to be left out.
            Ok(commit) if commit.first().is_some_and(u8::is_ascii_hexdigit) => {
                let (base, commit) = (base.to_owned(), line(&commit));
                Ok(Tree { root, off, waits: Arc::default(), base, commit })
            }
            Ok(_) | Err(GitError::Failed { .. }) => Err(GitError::NoCommit(base.to_owned())),
            Err(error) => Err(error),
        }
    }

    fn git(&self, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Result<Vec<u8>, GitError> {
        self.git_with(arguments, b"")
    }

    fn git_with(
        &self,
        arguments: impl IntoIterator<Item = impl AsRef<OsStr>>,
        input: &[u8],
    ) -> Result<Vec<u8>, GitError> {
        let waits = |(command, why): &(String, String)| GitError::Waits {
            command: command.clone(),
            why: why.clone(),
        };
        if let Some(before) = self.waits.get() {
            return Err(waits(before));
        }
        git_with(&self.root, &self.off, arguments, input).map_err(|error| match error {
            GitError::Waits { command, why } => waits(self.waits.get_or_init(|| (command, why))),
            error => error,
        })
    }

    /// The files that differ, those that git does not track or ignore among them: the paths, and what is below
    /// them, or all, of a name that `is_wanted`. A symbolic link is what it leads to.
    ///
    /// # Errors
    /// If a path is nowhere, or git fails.
    pub fn changes(&self, paths: &[PathBuf], is_wanted: &dyn Fn(&Path) -> bool) -> Result<Changes, GitError> {
        let (mut named, mut unseen) = (Vec::new(), Vec::new());
        for path in paths {
            let absolute = self.named(path)?;
            match self.why_not(&absolute) {
                Some(why) => unseen.push((self.below(&absolute), why)),
                None => named.push(absolute),
            }
        }
        if named.is_empty() && !paths.is_empty() {
            return Ok(Changes { files: Vec::new(), unseen });
        }
        let with = |arguments: &[&str]| -> Vec<OsString> {
            let arguments = arguments.iter().map(OsString::from).chain([OsString::from("--")]);
            arguments.chain(named.iter().map(|path| path.clone().into_os_string())).collect()
        };
        let differ = with(&[
            "diff",
            "--raw",
            "-z",
            "--no-abbrev",
            "--find-renames",
            "--no-relative",
            // The commit of each is compared; git would ask one whose configuration runs programs about its files.
            "--ignore-submodules=dirty",
            "--no-ext-diff",
            "--no-textconv",
            &self.commit,
        ]);
        let (mut changes, submodules) = differing(&self.git(differ)?);
        let others = self.git(with(&["ls-files", "--others", "--exclude-standard", "-z"]))?;
        let (repositories, others): (Vec<PathBuf>, Vec<PathBuf>) =
            fields(&others).partition(|path| path.as_os_str().as_encoded_bytes().ends_with(b"/"));
        // Not what is a pipe, or leads nowhere.
        let is_seen = |path: &PathBuf| {
            self.root.join(path).metadata().is_ok_and(|data| data.is_file() || data.is_dir())
        };
        let untracked = others.into_iter().filter(is_seen);
        changes.extend(untracked.map(|path| Change { old: None, was_link: false, new: Some(path) }));
        let listed = self.git(with(&["ls-files", "-v", "--stage", "-z"]))?;
        let listed: Vec<Listed> = listed.split(|byte| *byte == 0).filter_map(Listed::read).collect();
        let is_named = |path: &Path| named.contains(&self.root.join(path));
        let is_wanted_file = |path: &Path| is_wanted(path) || is_named(path);
        self.look_at_unchanged(listed.iter().filter(|entry| is_wanted_file(&entry.path)), &mut changes)?;
        let of_links = listed.iter().filter(|entry| entry.mode == LINK && is_wanted_file(&entry.path));
        self.look_at_links(of_links.map(|entry| entry.path.clone()), is_named, &mut changes);
        for change in &mut changes {
            if let (None, Some((path, _))) = (&change.new, &change.old) {
                change.new = Some(path.clone()).filter(|path| self.is_there(path));
            }
        }
        // What is only taken out of the index is there still.
        let (known, others): (Vec<Change>, Vec<Change>) =
            changes.into_iter().partition(|change| change.old.is_some());
        let of_known: HashSet<&Path> = known.iter().filter_map(|change| change.new.as_deref()).collect();
        let is_other = |change: &Change| !of_known.contains(change.path());
        let others: Vec<Change> = others.into_iter().filter(is_other).collect();
        let mut changes: Vec<Change> = known.into_iter().chain(others).collect();
        self.look_at_ignored(&named, &listed, &mut changes);
        let leads_to_folder =
            |change: &&Change| !is_wanted_file(change.path()) && self.leads_to_folder(change);
        unseen.extend(
            changes.iter().filter(leads_to_folder).map(|change| (change.path().to_owned(), LINK_TO_FOLDER)),
        );
        let inner = self.inner_repositories(&listed, submodules, repositories, is_wanted)?;
        unseen.extend(inner.into_iter().map(|path| (path, OTHER_REPOSITORY)));
        unseen.extend(self.ignored_folders(&named)?.into_iter().map(|path| (path, IGNORED)));
        changes.retain(|change| is_wanted_file(change.path()));
        changes.sort_by(|a, b| a.path().cmp(b.path()));
        unseen.sort();
        Ok(Changes { files: changes, unseen })
    }

    /// Where a path is that was typed.
    fn named(&self, path: &Path) -> Result<PathBuf, GitError> {
        let absolute = std::path::absolute(path).map_err(GitError::Program)?;
        // git looks at nothing that is reached by a link.
        let folder = absolute.parent().and_then(|folder| folder.canonicalize().ok());
        let absolute = match (folder, absolute.file_name()) {
            (Some(folder), Some(name)) => folder.join(name),
            _ => absolute,
        };
        match absolute.exists() || self.has(&absolute)? {
            true => Ok(absolute),
            false => Err(GitError::NoPath { path: path.to_owned(), base: self.base.clone() }),
        }
    }

    /// A path below the root of the working tree, as it is shown.
    fn below(&self, absolute: &Path) -> PathBuf {
        absolute.strip_prefix(&self.root).unwrap_or(absolute).to_owned()
    }

    /// Adds the files that are named, and that git ignores.
    fn look_at_ignored(&self, named: &[PathBuf], listed: &[Listed], changes: &mut Vec<Change>) {
        for path in named.iter().filter(|path| path.is_file()) {
            let path = self.below(path);
            let is_known = changes.iter().any(|change| change.path() == path);
            if !is_known && !listed.iter().any(|entry| entry.path == path) {
                changes.push(Change { old: None, was_link: false, new: Some(path) });
            }
        }
    }

    /// Adds the links that have not changed themselves, and lead to something that has.
    fn look_at_links(
        &self,
        links: impl Iterator<Item = PathBuf>,
        is_named: impl Fn(&Path) -> bool,
        changes: &mut Vec<Change>,
    ) {
        let known: HashSet<PathBuf> = changes.iter().map(|change| change.path().to_owned()).collect();
        for path in links.filter(|path| !known.contains(path)) {
            let old = Some((path.clone(), String::new()));
            let change = Change { old, was_link: true, new: Some(path) };
            let is_changed = match (self.before(&change), self.after(&change)) {
                (Ok(old), Ok(new)) => content(old) != content(new),
                // What is out of the repository is not known, and no news.
                (Err(_), Err(_)) => is_named(change.path()),
                _ => true,
            };
            if is_changed {
                changes.push(change);
            }
        }
    }

    /// Whether there is anything at a path of the working tree, or may be, by a link whose other end is not in it.
    fn is_there(&self, path: &Path) -> bool {
        let is_open = |path: &Path| {
            let whole = self.root.join(path);
            whole.is_symlink() && self.real(&whole).is_err()
        };
        self.root.join(path).symlink_metadata().is_ok() || path.ancestors().any(is_open)
    }

    /// Where a path leads to, if that is in the working tree.
    fn real(&self, whole: &Path) -> std::io::Result<PathBuf> {
        let real = whole.canonicalize().map_err(|error| match whole.is_symlink() {
            true => std::io::Error::other("it is a symbolic link that leads nowhere"),
            false => error,
        })?;
        match self.root.canonicalize().is_ok_and(|root| real.starts_with(root)) {
            true => Ok(real),
            false => Err(std::io::Error::other("a symbolic link leads out of the working tree")),
        }
    }

    /// Adds the files that have changed and of which git thinks that they have not: it goes by their time and size, and
    /// does not look at those that are marked `assume-unchanged` or `skip-worktree`. Of the latter, one that is not there
    /// is left out of a sparse checkout.
    fn look_at_unchanged<'l>(
        &self,
        listed: impl Iterator<Item = &'l Listed>,
        changes: &mut Vec<Change>,
    ) -> Result<(), GitError> {
        let known: HashSet<&Path> = changes.iter().map(Change::path).collect();
        let (mut there, mut suspects) = (Vec::new(), HashMap::new());
        for entry in
            listed.filter(|entry| entry.mode.starts_with("100") && !known.contains(entry.path.as_path()))
        {
            let is_file = self.root.join(&entry.path).symlink_metadata().is_ok_and(|data| data.is_file());
            if is_file {
                there.push(entry);
            } else if entry.tag.is_ascii_lowercase() {
                suspects.insert(entry.path.clone(), false);
            }
        }
        for entry in self.not_as_listed(there)? {
            suspects.insert(entry.path.clone(), true);
        }
        if suspects.is_empty() {
            return Ok(());
        }
        let tree = self.git(["ls-tree", "-r", "-z", "--full-tree", &self.commit])?;
        let mut of_commit: HashMap<PathBuf, String> = HashMap::new();
        for entry in tree.split(|byte| *byte == 0) {
            // `100644 blob <id>`, a tab, the path.
            let Some((head, path)) = head_and_path(entry) else { continue };
            if let (true, Some(id)) = (head.starts_with("100"), head.split(' ').nth(2)) {
                of_commit.insert(path, id.to_owned());
            }
        }
        for (path, is_file) in suspects {
            let old = of_commit.remove(&path).map(|id| (path.clone(), id));
            let change = Change { old, was_link: false, new: is_file.then_some(path) };
            let is_same = match (self.before(&change), self.after(&change)) {
                (Ok(old), Ok(new)) => content(old) == content(new),
                // Why it cannot be read is found out where it is compared.
                _ => false,
            };
            if !is_same {
                changes.push(change);
            }
        }
        Ok(())
    }

    /// The files whose content is not what the index says. Of one that a program turns into something else for git, this
    /// is not known, and it is as git says.
    fn not_as_listed<'l>(&self, files: Vec<&'l Listed>) -> Result<Vec<&'l Listed>, GitError> {
        // One path a line; a line that begins with a quotation mark is read in another way.
        let is_line = |path: &Path| {
            let bytes = path.as_os_str().as_encoded_bytes();
            !bytes.starts_with(b"\"") && !bytes.contains(&b'\n')
        };
        let is_readable = |path: &Path| std::fs::File::open(self.root.join(path)).is_ok();
        let (asked, mut differ): (Vec<&Listed>, Vec<&Listed>) =
            files.into_iter().partition(|entry| is_line(&entry.path) && is_readable(&entry.path));
        if !asked.is_empty() {
            let ids = self.git_with(["hash-object", "--stdin-paths"], &joined(&asked, b'\n'))?;
            let mut ids = ids.split(|byte| *byte == b'\n');
            differ.extend(asked.into_iter().filter(|entry| ids.next() != Some(entry.id.as_bytes())));
        }
        let filters: HashSet<&[u8]> = self.off.iter().filter_map(|(name, _)| filter_of(name)).collect();
        if filters.is_empty() || differ.is_empty() {
            return Ok(differ);
        }
        let answer = self.git_with(["check-attr", "-z", "--stdin", "filter"], &joined(&differ, 0))?;
        // A path, the name of the attribute, its value.
        let mut values = answer.split(|byte| *byte == 0).skip(2).step_by(3);
        let mut is_kept_as_is = |entry: &&Listed| {
            let is_filtered = values.next().is_some_and(|value| filters.contains(value));
            entry.is_flagged() || !is_filtered
        };
        differ.retain(|entry| is_kept_as_is(entry));
        Ok(differ)
    }

    /// Whether the commit has something at a path.
    fn has(&self, path: &Path) -> Result<bool, GitError> {
        let asked = ["ls-tree", "--name-only", "--full-tree", &self.commit, "--"].map(OsString::from);
        let relative = path.strip_prefix(&self.root).unwrap_or(path).as_os_str().to_owned();
        Ok(!self.git(asked.into_iter().chain([relative]))?.is_empty())
    }

    /// The file as it was in the commit, under the name that git gives it: `BASE:path`.
    ///
    /// # Errors
    /// If git does not give it, or it is no text.
    pub fn before(&self, change: &Change) -> Result<Option<Source>, ReadError> {
        let Some((path, id)) = &change.old else { return Ok(None) };
        let name = format!("{}:{}", self.base, path.display());
        let bytes = match change.was_link {
            true => self.behind_link(path).and_then(|(kind, held)| match kind.as_str() {
                "blob" => Ok(held),
                _ => {
                    let message = "it was a symbolic link that leads to no file of the commit".to_owned();
                    Err(GitError::Failed { command: "cat-file".to_owned(), message })
                }
            }),
            false => self.git(["cat-file", "blob", id.as_str()]),
        };
        let bytes = bytes.map_err(|error| {
            let source = std::io::Error::other(error.to_string());
            ReadError::Io { path: PathBuf::from(&name), source }
        })?;
        let path = PathBuf::from(&name);
        super::text(name, bytes.as_slice(), super::MAX_BYTES).map(Some).map_err(|error| unread(&path, error))
    }

    /// What a link of the commit leads to, in git's word, and what that holds.
    fn behind_link(&self, path: &Path) -> Result<(String, Vec<u8>), GitError> {
        let mut asked = OsString::from(format!("{}:", self.commit));
        asked.push(path);
        asked.push("\n");
        let arguments = ["cat-file", "--batch", "--follow-symlinks"];
        let answer = self.git_with(arguments, asked.as_encoded_bytes())?;
        // `<id> blob <size>`, and what it holds; else, as `symlink <size>`, why there is none.
        let end = answer.iter().position(|byte| *byte == b'\n').unwrap_or(answer.len());
        let (head, held) = answer.split_at(end);
        let head = String::from_utf8_lossy(head);
        let is_id = |word: &&str| word.len() >= 40 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
        let kind = head.split(' ').find(|word| !is_id(word)).unwrap_or_default().to_owned();
        let held = held.strip_prefix(b"\n").and_then(|held| held.strip_suffix(b"\n")).unwrap_or_default();
        Ok((kind, held.to_vec()))
    }

    /// The file as it is in the working tree.
    ///
    /// # Errors
    /// If it cannot be read, is not text, or a link leads out of the working tree.
    pub fn after(&self, change: &Change) -> Result<Option<Source>, ReadError> {
        let Some(path) = &change.new else { return Ok(None) };
        let io = |source| ReadError::Io { path: path.clone(), source };
        let whole = self.real(&self.root.join(path)).map_err(io)?;
        // What has become a pipe since git looked would keep us waiting.
        if !whole.symlink_metadata().map_err(io)?.is_file() {
            return Err(io(std::io::Error::other("it is not a regular file")));
        }
        let file = std::fs::File::open(whole).map_err(io)?;
        let name = path.display().to_string();
        super::open_text(name, file, super::MAX_BYTES).map(Some).map_err(|error| unread(path, error))
    }

    /// Where a file of the working tree is.
    pub fn place(&self, path: &Path) -> PathBuf {
        self.root.join(path)
    }
}

impl Change {
    /// The path now, or the one that it had.
    pub fn path(&self) -> &Path {
        let old = self.old.as_ref().map(|(path, _)| path);
        self.new.as_ref().or(old).map_or(Path::new(""), PathBuf::as_path)
    }
}

fn unread(path: &Path, error: Failed) -> ReadError {
    match error {
        Failed::Io(source) => ReadError::Io { path: path.to_owned(), source },
        Failed::Read(error) => error,
    }
}

/// What a version of a file says.
fn content(source: Option<Source>) -> Option<String> {
    source.map(|source| source.text().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_that_looks_like_an_option_is_no_commit() {
        for base in ["--output=x", "-h", ""] {
            assert!(matches!(Tree::open(base), Err(GitError::NoCommit(_) | GitError::NoWorkingTree(_))));
        }
    }
}
