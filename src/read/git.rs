//! What differs between a commit and the working tree, asked of the `git` program. Nothing is written.

use std::collections::{HashMap, HashSet};
use std::ffi::{OsStr, OsString};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::{Arc, OnceLock, mpsc};
use std::time::{Duration, Instant};

use super::{Failed, ReadError};
use crate::source::Source;

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
        let here = Path::new(".");
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
            Ok(commit) => {
                let (base, commit) = (base.to_owned(), line(&commit));
                Ok(Tree { root, off, waits: Arc::default(), base, commit })
            }
            Err(GitError::Failed { .. }) => Err(GitError::NoCommit(base.to_owned())),
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
    /// them, or all, of a name that `is_wanted`. A symbolic link is what it leads to. In the order of their paths.
    ///
    /// # Errors
    /// If a path is nowhere, or git fails.
    pub fn changes(
        &self,
        paths: &[PathBuf],
        is_wanted: impl Fn(&Path) -> bool,
    ) -> Result<Vec<Change>, GitError> {
        let mut wanted = Vec::new();
        for path in paths {
            let absolute = std::path::absolute(path).map_err(GitError::Program)?;
            // git looks at nothing that is reached by a link.
            let folder = absolute.parent().and_then(|folder| folder.canonicalize().ok());
            let absolute = match (folder, absolute.file_name()) {
                (Some(folder), Some(name)) => folder.join(name),
                _ => absolute,
            };
            if !absolute.exists() && !self.has(&absolute)? {
                return Err(GitError::NoPath { path: path.clone(), base: self.base.clone() });
            }
            wanted.push(absolute.into_os_string());
        }
        let with = |arguments: &[&str]| -> Vec<OsString> {
            arguments.iter().map(OsString::from).chain([OsString::from("--")]).chain(wanted.clone()).collect()
        };
        let differ = with(&[
            "diff",
            "--raw",
            "-z",
            "--no-abbrev",
            "--find-renames",
            "--no-relative",
            "--ignore-submodules",
            "--no-ext-diff",
            "--no-textconv",
            &self.commit,
        ]);
        let mut changes = differing(&self.git(differ)?);
        let others = self.git(with(&["ls-files", "--others", "--exclude-standard", "-z"]))?;
        // Not what is a pipe, or leads nowhere.
        let is_file = |path: &PathBuf| self.root.join(path).metadata().is_ok_and(|data| data.is_file());
        let untracked = fields(&others).filter(is_file);
        changes.extend(untracked.map(|path| Change { old: None, was_link: false, new: Some(path) }));
        let listed = self.git(with(&["ls-files", "-v", "-z"]))?;
        self.look_at_flagged(&listed, &mut changes)?;
        let is_named = |path: &Path| wanted.contains(&self.root.join(path).into_os_string());
        let is_wanted = |path: &Path| is_wanted(path) || is_named(path);
        let listed = self.git(with(&["ls-files", "--stage", "-z"]))?;
        let of_links = listed.split(|byte| *byte == 0).filter_map(|entry| {
            let (mode, path) = listed_in_tree(entry)?;
            Some(path).filter(|path| mode.starts_with(LINK) && is_wanted(path))
        });
        self.look_at_links(of_links, is_named, &mut changes);
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
        changes.retain(|change| is_wanted(change.path()));
        changes.sort_by(|a, b| a.path().cmp(b.path()));
        Ok(changes)
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

    /// Adds the files that git does not look at, as the index says that they have not changed, and that have: those marked
    /// `assume-unchanged` or `skip-worktree`. Of the latter, one that is not there is left out of a sparse checkout.
    fn look_at_flagged(&self, listed: &[u8], changes: &mut Vec<Change>) -> Result<(), GitError> {
        let known: HashSet<&Path> = changes.iter().map(Change::path).collect();
        let flagged = listed.split(|byte| *byte == 0).filter_map(|entry| {
            let (tag, path) = (*entry.first()?, path_of(entry.get(2..)?));
            let is_file = self.root.join(&path).symlink_metadata().is_ok_and(|data| data.is_file());
            let is_flagged = tag.is_ascii_lowercase() || (tag == b'S' && is_file);
            (is_flagged && !known.contains(path.as_path())).then_some((path, is_file))
        });
        let flagged: HashMap<PathBuf, bool> = flagged.collect();
        if flagged.is_empty() {
            return Ok(());
        }
        let tree = self.git(["ls-tree", "-r", "-z", "--full-tree", &self.commit])?;
        let mut of_commit: HashMap<PathBuf, String> = HashMap::new();
        for entry in tree.split(|byte| *byte == 0) {
            // `100644 blob <id>`, a tab, the path.
            let Some((head, path)) = listed_in_tree(entry) else { continue };
            if let (true, Some(id)) = (head.starts_with("100"), head.split(' ').nth(2)) {
                of_commit.insert(path, id.to_owned());
            }
        }
        for (path, is_file) in flagged {
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
            true => self.behind_link(path),
            false => self.git(["cat-file", "blob", id.as_str()]),
        };
        let bytes = bytes.map_err(|error| {
            let source = std::io::Error::other(error.to_string());
            ReadError::Io { path: PathBuf::from(&name), source }
        })?;
        text(name, bytes.as_slice()).map(Some)
    }

    /// What the file held that a link of the commit leads to.
    fn behind_link(&self, path: &Path) -> Result<Vec<u8>, GitError> {
        let mut asked = OsString::from(format!("{}:", self.commit));
        asked.push(path);
        asked.push("\n");
        let arguments = ["cat-file", "--batch", "--follow-symlinks"];
        let answer = self.git_with(arguments, asked.as_encoded_bytes())?;
        // `<id> blob <size>`, and what it holds; else why there is none.
        let end = answer.iter().position(|byte| *byte == b'\n').unwrap_or(answer.len());
        let (head, held) = answer.split_at(end);
        match (String::from_utf8_lossy(head).split(' ').nth(1), held) {
            (Some("blob"), [b'\n', held @ .., b'\n']) => Ok(held.to_vec()),
            _ => {
                let message = "it was a symbolic link that leads to no file of the commit".to_owned();
                Err(GitError::Failed { command: "cat-file".to_owned(), message })
            }
        }
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
            return Err(io(std::io::Error::other("it is not a regular file any more")));
        }
        text(path.display().to_string(), std::fs::File::open(whole).map_err(io)?).map(Some)
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

fn text(name: String, from: impl std::io::Read) -> Result<Source, ReadError> {
    let path = PathBuf::from(&name);
    super::text(name, from, super::MAX_BYTES).map_err(|error| match error {
        Failed::Io(source) => ReadError::Io { path, source },
        Failed::Read(error) => error,
    })
}

/// Settings that outrank those of the repository: its owner decides what is in it, and not what runs here.
const SETTINGS: [(&str, &str); 15] = [
    // Files that can be pipes or devices, and matter to nothing here.
    ("core.attributesFile", NOTHING),
    ("diff.orderFile", NOTHING),
    // Whether a file has changed is seen by all that the system knows of it.
    ("core.trustctime", "true"),
    ("core.checkStat", "default"),
    ("core.ignoreStat", "false"),
    ("core.untrackedCache", "false"),
    // Two names are two files. Where the system takes them for one, a file of a tracked one counts as new.
    ("core.ignoreCase", "false"),
    // What a commit is made of and follows is read from the commit.
    ("core.commitGraph", "false"),
    ("core.warnAmbiguousRefs", "true"),
    // A program that is asked what has changed.
    ("core.fsmonitor", "false"),
    ("core.hooksPath", NOTHING),
    // A folder with the files of a repository in it, as any checkout can have, is none.
    ("safe.bareRepository", "explicit"),
    // Objects that a partial clone lacks are not fetched: nothing here opens a network connection.
    ("protocol.allow", "never"),
    ("core.sshCommand", "false"),
    ("core.gitProxy", ""),
];

#[cfg(unix)]
const NOTHING: &str = "/dev/null";
#[cfg(not(unix))]
const NOTHING: &str = "NUL";

/// Settings that are given another value.
type Off = Vec<(OsString, &'static str)>;

/// How long git may take.
const LONGEST: Duration = Duration::from_secs(120);

/// How long git may do nothing at all: it would wait without end for a pipe where one of its files should be. What it
/// opens is decided by its version, its settings and the repository, so that it is watched and no list is checked.
const IDLE: Duration = Duration::from_secs(10);

/// The mode of a symbolic link.
const LINK: &str = "120000";

/// How many settings the environment holds.
const COUNT: &str = "GIT_CONFIG_COUNT";

/// What git answers. Paths are taken as they are, no lock is taken for what is only looked at, and nothing that the
/// repository's own configuration names is run.
fn git(
    folder: &Path,
    off: &[(OsString, &'static str)],
    arguments: impl IntoIterator<Item = impl AsRef<OsStr>>,
) -> Result<Vec<u8>, GitError> {
    git_with(folder, off, arguments, b"")
}

/// The same, with something on its standard input.
fn git_with(
    folder: &Path,
    off: &[(OsString, &'static str)],
    arguments: impl IntoIterator<Item = impl AsRef<OsStr>>,
    input: &[u8],
) -> Result<Vec<u8>, GitError> {
    let mut command = Command::new("git");
    command.args(["--no-optional-locks", "--literal-pathspecs", "--no-pager"]);
    for (name, value) in SETTINGS {
        command.args(["-c".to_owned(), format!("{name}={value}")]);
    }
    // Also for versions that do not know the first of these. No protocol has the empty name.
    command
        .env("GIT_NO_REPLACE_OBJECTS", "1")
        .env("GIT_GRAFT_FILE", NOTHING)
        // Messages in the language in which they are looked at here.
        .env("LC_ALL", "C")
        .env("GIT_NO_LAZY_FETCH", "1")
        .env("GIT_ALLOW_PROTOCOL", "")
        .env("GIT_TERMINAL_PROMPT", "0");
    // A name of a filter can have any sign in it, also the `=` that ends one after `-c`.
    let given = std::env::var(COUNT).ok().and_then(|number| number.parse().ok()).unwrap_or(0_usize);
    for (at, (name, value)) in off.iter().enumerate() {
        command.env(format!("GIT_CONFIG_KEY_{}", given + at), name);
        command.env(format!("GIT_CONFIG_VALUE_{}", given + at), value);
    }
    command.env(COUNT, (given + off.len()).to_string());
    let arguments: Vec<OsString> =
        arguments.into_iter().map(|argument| argument.as_ref().to_owned()).collect();
    let asked = arguments.first().map_or_else(String::new, |word| word.to_string_lossy().into_owned());
    let output = match output(command.args(&arguments).current_dir(folder), input, LONGEST, IDLE) {
        Ok(output) => output,
        Err(error) if error.kind() == std::io::ErrorKind::TimedOut => {
            return Err(GitError::Waits { command: asked, why: error.to_string() });
        }
        Err(error) => return Err(GitError::Program(error)),
    };
    let said = String::from_utf8_lossy(&output.stderr);
    if let Some(line) = said.lines().find(|line| line.ends_with("is ambiguous.")) {
        return Err(GitError::Ambiguous(
            line.trim_start_matches("warning: ").trim_end_matches('.').to_owned(),
        ));
    }
    if output.status.success() {
        return Ok(output.stdout);
    }
    let message = said.lines().next().unwrap_or("it failed").trim_start_matches("fatal: ").to_owned();
    Err(GitError::Failed { command: asked, message })
}

/// What a program prints, if it ends in time and does not stand still.
fn output(command: &mut Command, input: &[u8], longest: Duration, idle: Duration) -> std::io::Result<Output> {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let id = child.id();
    let (sender, answer) = mpsc::channel();
    let (stdin, input) = (child.stdin.take(), input.to_vec());
    std::thread::spawn(move || {
        // One that does not read it to the end says why.
        let _ = stdin.map(|mut stdin| stdin.write_all(&input));
        sender.send(child.wait_with_output())
    });
    let start = Instant::now();
    let (mut asleep, mut since) = (None, start);
    loop {
        if let Ok(output) = answer.recv_timeout(idle.min(longest) / 20) {
            return output;
        }
        let now = asleep_as(id);
        if now.is_none() || now != asleep {
            (asleep, since) = (now, Instant::now());
        }
        let why = match (since.elapsed() > idle, start.elapsed() > longest) {
            (true, _) if asleep.is_some() => format!("did nothing for {} seconds", idle.as_secs()),
            (_, true) => format!("did not end within {} seconds", longest.as_secs()),
            _ => continue,
        };
        kill(id);
        return Err(std::io::Error::new(std::io::ErrorKind::TimedOut, why));
    }
}

/// What the system knows of a process and of those that it started, if all of their threads are asleep. It is the same
/// a while later only if none of them has done anything in between.
#[cfg(target_os = "linux")]
fn asleep_as(id: u32) -> Option<String> {
    let (mut known, mut processes) = (String::new(), vec![id.to_string()]);
    while let Some(id) = processes.pop() {
        for thread in std::fs::read_dir(format!("/proc/{id}/task")).ok()? {
            let thread = thread.ok()?.path();
            let status = std::fs::read_to_string(thread.join("status")).ok()?;
            if !status.contains("\nState:\tS") {
                return None;
            }
            known.push_str(&status);
            let started = std::fs::read_to_string(thread.join("children")).unwrap_or_default();
            processes.extend(started.split_whitespace().map(str::to_owned));
        }
    }
    Some(known)
}

#[cfg(not(target_os = "linux"))]
fn asleep_as(_: u32) -> Option<String> {
    None
}

#[cfg(unix)]
fn kill(id: u32) {
    use rustix::process::{Pid, Signal, kill_process};
    if let Some(id) = i32::try_from(id).ok().and_then(Pid::from_raw) {
        let _ = kill_process(id, Signal::KILL);
    }
}

#[cfg(not(unix))]
fn kill(_: u32) {}

/// The settings that are switched off: filters that turn what is in a file into what git keeps, and back, which are
/// programs that git would run to see whether a file has changed, and a file of ignored names that is a pipe or a device.
fn switched_off(root: &Path) -> Result<Off, GitError> {
    let asked = |arguments: &[&str]| match git(root, &[], arguments) {
        // There is none.
        Err(GitError::Failed { .. }) => Ok(Vec::new()),
        answer => answer,
    };
    let found = asked(&["config", "--null", "--name-only", "--get-regexp", r"^filter\."])?;
    let mut names: Vec<OsString> = fields(&found).map(PathBuf::into_os_string).collect();
    names.sort();
    names.dedup();
    let mut off: Off = names.into_iter().map(|name| (name, "")).collect();
    let is_file = |path: &Path| root.join(path).metadata().is_ok_and(|data| data.is_file());
    let excludes = asked(&["config", "--null", "--type=path", "--get", "core.excludesFile"])?;
    if fields(&excludes).next().is_some_and(|path| !is_file(&path)) {
        off.push(("core.excludesFile".into(), NOTHING));
    }
    let own = asked(&["rev-parse", "--git-path", "info/exclude", "--git-path", "info/attributes"])?;
    let mut own = own.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).map(path_of);
    match own.find(|path| root.join(path).exists() && !is_file(path)) {
        Some(path) => Err(GitError::NotAFile(path)),
        None => Ok(off),
    }
}

fn line(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim_end_matches(['\n', '\r']).to_owned()
}

/// The fields of an answer under `-z`.
fn fields(bytes: &[u8]) -> impl Iterator<Item = PathBuf> {
    bytes.split(|byte| *byte == 0).filter(|field| !field.is_empty()).map(path_of)
}

/// A path as git gives it: any bytes but zero.
#[cfg(unix)]
fn path_of(bytes: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt;
    PathBuf::from(OsStr::from_bytes(bytes))
}

#[cfg(not(unix))]
fn path_of(bytes: &[u8]) -> PathBuf {
    PathBuf::from(String::from_utf8_lossy(bytes).into_owned())
}

/// An entry of a list of files: what is said of it, and after a tab its path.
fn listed_in_tree(entry: &[u8]) -> Option<(std::borrow::Cow<'_, str>, PathBuf)> {
    let tab = entry.iter().position(|byte| *byte == b'\t')?;
    Some((String::from_utf8_lossy(&entry[..tab]), path_of(&entry[tab + 1..])))
}

/// What a version of a file says.
fn content(source: Option<Source>) -> Option<String> {
    source.map(|source| source.text().to_owned())
}

/// Reads `:100644 100644 <id> <id> M`, a path, and of a renamed file a second one. A submodule counts only where a file
/// was.
fn differing(raw: &[u8]) -> Vec<Change> {
    let mut fields = fields(raw);
    let mut changes = Vec::new();
    while let Some(head) = fields.next() {
        let head = head.to_string_lossy();
        let parts: Vec<&str> = head.trim_start_matches(':').split(' ').collect();
        let ([before, after, id, _, status], Some(path)) = (parts.as_slice(), fields.next()) else { break };
        let moved = match status.starts_with(['R', 'C']) {
            true => fields.next(),
            false => None,
        };
        let (is_gone, was_link) = (*after == "000000", *before == LINK);
        let is_file = |mode: &str| mode.starts_with("100") || mode == LINK;
        let old = is_file(before).then(|| (path.clone(), (*id).to_owned()));
        let new = (!is_gone && (old.is_some() || is_file(after))).then(|| moved.unwrap_or(path));
        if old.is_some() || new.is_some() {
            changes.push(Change { old, was_link, new });
        }
    }
    changes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_of_git() {
        let raw = b":100644 100644 aa 00 M\0a b.json\0:100644 100644 bb 00 R090\0old\0new\0\
                    :000000 100755 00 00 A\0x\0:100644 000000 cc 00 D\0gone\0\
                    :120000 120000 dd 00 M\0link\0:100644 120000 ee 00 T\0became-a-link\0\
                    :100644 160000 ff 00 T\0became-a-repository\0:000000 160000 00 00 A\0repository\0";
        let change = |old: Option<(&str, &str)>, new: Option<&str>| Change {
            old: old.map(|(path, id)| (path.into(), id.to_owned())),
            was_link: old.is_some_and(|(path, _)| path == "link"),
            new: new.map(PathBuf::from),
        };
        assert_eq!(
            differing(raw),
            [
                change(Some(("a b.json", "aa")), Some("a b.json")),
                change(Some(("old", "bb")), Some("new")),
                change(None, Some("x")),
                change(Some(("gone", "cc")), None),
                change(Some(("link", "dd")), Some("link")),
                change(Some(("became-a-link", "ee")), Some("became-a-link")),
                change(Some(("became-a-repository", "ff")), Some("became-a-repository")),
            ]
        );
        assert_eq!(differing(b""), []);
        assert_eq!(differing(b":100644 100644 aa"), []);
    }

    #[test]
    #[cfg(unix)]
    fn a_program_that_does_not_end_is_ended() {
        let [brief, long] = [Duration::from_millis(500), Duration::from_secs(60)];
        let shell =
            |script: &str, longest, idle| output(Command::new("sh").args(["-c", script]), b"", longest, idle);
        let why = |script: &str, longest, idle| {
            let start = Instant::now();
            let error = shell(script, longest, idle).unwrap_err();
            assert_eq!(error.kind(), std::io::ErrorKind::TimedOut);
            assert!(start.elapsed() < Duration::from_secs(30));
            error.to_string()
        };
        assert_eq!(why("while :; do :; done", brief, long), "did not end within 0 seconds");
        if cfg!(target_os = "linux") {
            assert_eq!(why("exec sleep 60", long, brief), "did nothing for 0 seconds");
            assert_eq!(why("sleep 60; :", long, brief), "did nothing for 0 seconds");
        }
        // What another process does for it counts, and so does what comes at intervals.
        for script in [
            "(i=0; while [ $i -lt 1000000 ]; do i=$((i+1)); done); :",
            "for i in 1 2 3 4 5; do sleep 0.3; done",
        ] {
            assert!(shell(script, long, brief).unwrap().status.success(), "{script}");
        }
        // More than a pipe holds.
        let script = "i=0; while [ $i -lt 20000 ]; do echo 0123456789; i=$((i+1)); done";
        assert_eq!(shell(script, long, long).unwrap().stdout.len(), 220_000);
    }

    #[test]
    fn a_base_that_looks_like_an_option_is_no_commit() {
        for base in ["--output=x", "-h", ""] {
            assert!(matches!(Tree::open(base), Err(GitError::NoCommit(_) | GitError::NoWorkingTree(_))));
        }
    }
}
