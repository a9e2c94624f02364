//! Writing a file so that it is whole or untouched, and so that no one else's change is lost.

mod keep;
mod standard;
mod stream;

#[cfg(unix)]
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
#[cfg(unix)]
use std::sync::{Mutex, PoisonError};
#[cfg(unix)]
use std::time::{Duration, Instant};

use tempfile::{NamedTempFile, TempDir};

use super::ReadError;
pub use keep::Lost;
pub use standard::{standard_error, standard_output, standard_output_takes, takes};
pub use stream::{is_opened_as, is_standard_output, is_stream};

/// Why a file could not be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// The system refused. The file is as it was.
    #[error("cannot write `{path}`: {source}; it is as it was", path = path.display())]
    Io {
        /// What was to be written.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// The system refused to make a file that is not there yet. There is none.
    #[error("cannot write `{path}`: {source}", path = path.display())]
    Create {
        /// What was to be written.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// A device or pipe did not take everything.
    #[error("cannot write to `{path}`: {source}", path = path.display())]
    Stream {
        /// What was to be written to.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// It is a symbolic link, and there is nothing where that leads.
    #[error("`{path}` is a symbolic link that does not lead to a file", path = path.display())]
    DeadLink {
        /// What was to be written.
        path: PathBuf,
    },
    /// Another program changed the file in the meantime: its content, its owner or its rights.
    #[error("`{path}` has changed since it was read; it is as the other program left it", path = path.display())]
    Changed {
        /// What was to be written.
        path: PathBuf,
    },
    /// Another program created the file in the meantime.
    #[error("another program created `{path}` in the meantime; it was not touched", path = path.display())]
    Created {
        /// What was to be written.
        path: PathBuf,
    },
}

impl WriteError {
    /// The system's refusal to write a file that is there, or is not there yet.
    fn of(path: &Path, is_there: bool, source: std::io::Error) -> Self {
        let path = path.to_owned();
        match is_there {
            true => WriteError::Io { path, source },
            false => WriteError::Create { path, source },
        }
    }
}

/// What a file does not have any more now that it is written.
pub type Written = Result<Vec<Lost>, WriteError>;

/// A regular file that is about to be changed. While this value lives, no other run of polmerge changes the file:
/// it is locked from before it is read until it is written. Other programs are not kept out, so the content is
/// compared before it is replaced.
#[derive(Debug)]
pub struct Held {
    /// As typed.
    path: PathBuf,
    /// The file that the name leads to, so that a link is not replaced by a file.
    target: PathBuf,
    /// The file with the lock, where there is one.
    _lock: Option<File>,
}

impl Held {
    /// Locks a file. `wait` is called before waiting for another run to finish with it.
    ///
    /// # Errors
    /// If it is not a regular file, or does not exist.
    pub fn new(path: &Path, wait: impl Fn()) -> Result<Self, ReadError> {
        let io = |source| ReadError::Io { path: path.to_owned(), source };
        if is_stream(path) {
            return Err(ReadError::NotAFile { path: path.to_owned() });
        }
        let target = path.canonicalize().map_err(io)?;
        let lock = lock(&target, wait).map_err(|error| match error.kind() {
            std::io::ErrorKind::TimedOut => ReadError::Locked { path: path.to_owned() },
            _ => io(error),
        })?;
        Ok(Held { path: path.to_owned(), target, _lock: lock })
    }

    /// Puts `text` in the place of `before`, all at once.
    ///
    /// # Errors
    /// If the file does not hold `before` any more, or if any step fails; then it is untouched.
    pub fn replace(&self, before: &str, text: &str) -> Written {
        // The name may lead elsewhere by now.
        if self.path.canonicalize().ok().as_ref() != Some(&self.target) {
            return Err(WriteError::Changed { path: self.path.clone() });
        }
        exchange(&self.path, &self.target, Some(before), text)
    }
}

/// Makes a file that must not exist yet, all at once. What is not a regular file is written to.
///
/// # Errors
/// If it exists, or any step fails; then there is no new file.
pub fn create(path: &Path, text: &str) -> Written {
    if is_stream(path) {
        return write_to(path, text);
    }
    leads_somewhere(path)?;
    if stamp(path).is_some() {
        return Err(WriteError::Created { path: path.to_owned() });
    }
    exchange(path, path, None, text)
}

/// Makes a file with this text, or puts the text in the place of all that the file holds, all at once: a new file is
/// written beside it and takes its name. A symbolic link stays one, and the file keeps its owner and rights. What is
/// not a regular file (a device, a pipe, an open descriptor) is written to, never replaced.
///
/// # Errors
/// If any step fails; then the old file is untouched.
pub fn put(path: &Path, text: &str) -> Written {
    if is_stream(path) {
        return write_to(path, text);
    }
    match path.canonicalize() {
        Ok(target) => {
            let lock = lock(&target, || {});
            let _lock = lock.map_err(|source| WriteError::Io { path: path.to_owned(), source })?;
            exchange(path, &target, None, text)
        }
        Err(_) => {
            leads_somewhere(path)?;
            exchange(path, path, None, text)
        }
    }
}

/// A link to nothing is not replaced, and what it names is not made: more likely the name is a mistake.
fn leads_somewhere(path: &Path) -> Result<(), WriteError> {
    match path.symlink_metadata().is_ok_and(|data| data.is_symlink()) && path.metadata().is_err() {
        true => Err(WriteError::DeadLink { path: path.to_owned() }),
        false => Ok(()),
    }
}

/// Writes a new file beside `target` and gives it that name, if the one that has it holds `before` and is what it was.
/// Where there was none, there must be none by now.
fn exchange(path: &Path, target: &Path, before: Option<&str>, text: &str) -> Written {
    New::beside(path, target, text)?.take_name(before)
}

/// What the system knows of what has a name. It is another when that, its content, its owner, its rights or its
/// attributes have changed.
#[cfg(unix)]
type Stamp = (u64, u64, u32, u32, u32, i64, i64);

#[cfg(unix)]
fn stamp(path: &Path) -> Option<Stamp> {
    use std::os::unix::fs::MetadataExt;
    let data = path.symlink_metadata().ok()?;
    Some((data.dev(), data.ino(), data.mode(), data.uid(), data.gid(), data.ctime(), data.ctime_nsec()))
}

#[cfg(not(unix))]
type Stamp = (bool, bool, Option<std::time::SystemTime>, u64);

#[cfg(not(unix))]
fn stamp(path: &Path) -> Option<Stamp> {
    let data = path.symlink_metadata().ok()?;
    Some((data.is_file(), data.permissions().readonly(), data.modified().ok(), data.len()))
}

fn write_to(path: &Path, text: &str) -> Written {
    let written = stream::write_to(path, text);
    written.map(|()| Vec::new()).map_err(|source| WriteError::Stream { path: path.to_owned(), source })
}

/// How long is waited for one other program that has locked a file.
#[cfg(unix)]
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// Locks the file that has this name, and not one that had it before. Where a file cannot be locked, as on some
/// network file systems, there is no lock, and only the comparison of contents is left.
#[cfg(unix)]
fn lock(path: &Path, wait: impl Fn()) -> std::io::Result<Option<File>> {
    use std::fs::TryLockError;
    use std::os::unix::fs::MetadataExt;
    loop {
        let file = open_file(path)?;
        let started = Instant::now();
        let mut is_first = true;
        loop {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) if started.elapsed() > LONGEST_WAIT => {
                    let message = format!(
                        "it is locked by another process; gave up after {} seconds",
                        LONGEST_WAIT.as_secs()
                    );
                    return Err(std::io::Error::new(std::io::ErrorKind::TimedOut, message));
                }
                Err(TryLockError::WouldBlock) => {
                    if std::mem::take(&mut is_first) {
                        wait();
                    }
                    std::thread::sleep(Duration::from_millis(20));
                }
                Err(TryLockError::Error(_)) => return Ok(None),
            }
        }
        // The one that had the lock has put another file in its place.
        let (ours, named) = (file.metadata()?, path.metadata()?);
        if (ours.dev(), ours.ino()) == (named.dev(), named.ino()) {
            return Ok(Some(file));
        }
    }
}

/// Locks are mandatory here: one would keep even our own new file from taking the name.
#[cfg(not(unix))]
fn lock(_: &Path, _: impl Fn()) -> std::io::Result<Option<File>> {
    Ok(None)
}

/// Opens a regular file. What has become a pipe in the meantime is not waited for, and what has become a link is not
/// followed.
#[cfg(unix)]
fn open_file(path: &Path) -> std::io::Result<File> {
    use rustix::fs::OFlags;
    use std::os::unix::fs::OpenOptionsExt;
    let flags = (OFlags::NONBLOCK | OFlags::NOFOLLOW).bits().cast_signed();
    let file = std::fs::OpenOptions::new().read(true).custom_flags(flags).open(path)?;
    match file.metadata()?.is_file() {
        true => Ok(file),
        false => Err(std::io::Error::other("it is not a regular file")),
    }
}

#[cfg(not(unix))]
fn open_file(path: &Path) -> std::io::Result<File> {
    File::open(path)
}

fn holds(path: &Path, text: &str) -> bool {
    let Ok(file) = open_file(path) else { return false };
    let mut bytes = Vec::with_capacity(text.len() + 1);
    let read = file.take(text.len() as u64 + 1).read_to_end(&mut bytes);
    read.is_ok() && bytes == text.as_bytes()
}

/// What is between the name of a file and the number of the process in the name of one that is to take its place:
/// `.policy.json.polmerge-4711-a1B2c3D4`.
const MARK: &str = ".polmerge-";
/// How many characters follow the number.
const RANDOM: usize = 8;
/// A longer name is cut, so that the whole is one that the system takes.
const LONGEST_NAME: usize = 200;

/// What the name of something begins with that is to become `name`, up to what is random.
fn prefix(name: &str) -> String {
    let end = (0..=name.len().min(LONGEST_NAME)).rev().find(|&end| name.is_char_boundary(end)).unwrap_or(0);
    format!(".{}{MARK}{}-", &name[..end], std::process::id())
}

/// A whole file that is to take the name `target`. It is gone when this value is dropped.
struct New<'p> {
    path: &'p Path,
    target: &'p Path,
    /// What had the name when this was begun.
    was: Option<Stamp>,
    file: NamedTempFile,
    lost: Vec<Lost>,
    leftover: Leftover,
}

impl<'p> New<'p> {
    /// Writes it, beside what has the name, and gives it what that has besides its content.
    fn beside(path: &'p Path, target: &'p Path, text: &str) -> Result<Self, WriteError> {
        let was = stamp(target);
        let io = |source| WriteError::of(path, was.is_some(), source);
        standard::within_limit(0, text.len()).map_err(io)?;
        let folder = folder_of(target);
        let opened = File::open(folder).ok();
        let prefix = prefix(&target.file_name().unwrap_or_default().to_string_lossy());
        // Of the file that no one typed, the name is of no use in a message.
        let file = temporary(folder, &prefix, was.is_none()).map_err(|error| match error.raw_os_error() {
            Some(_) => io(error),
            None => io(error.kind().into()),
        })?;
        let name = file.path().file_name().unwrap_or_default().to_owned();
        let mut new =
            New { path, target, was, file, lost: Vec::new(), leftover: Leftover { folder: opened, name } };
        // Of the file itself: an error of the temporary one names it, which no one typed.
        new.file.as_file_mut().write_all(text.as_bytes()).map_err(io)?;
        if was.is_some() {
            new.lost = keep::keep(target, new.file.as_file()).map_err(io)?;
        }
        new.file.as_file().sync_all().map_err(io)?;
        Ok(new)
    }

    /// Gives it the name, if that is still what it was.
    fn take_name(self, before: Option<&str>) -> Written {
        let New { path, target, was, file, lost, leftover } = self;
        let other = || match was {
            Some(_) => WriteError::Changed { path: path.to_owned() },
            None => WriteError::Created { path: path.to_owned() },
        };
        // What has become a pipe or a link is not replaced either.
        let is_no_file = target.symlink_metadata().is_ok_and(|data| !data.is_file());
        if is_no_file || before.is_some_and(|before| !holds(target, before)) || stamp(target) != was {
            return Err(other());
        }
        let named = match was {
            Some(_) => file.persist(target),
            None => file.persist_noclobber(target).or_else(|error| match error.error.kind() {
                // A file system that can neither rename without replacing nor make a second name.
                std::io::ErrorKind::Unsupported | std::io::ErrorKind::PermissionDenied
                    if stamp(target).is_none() =>
                {
                    error.file.persist(target)
                }
                _ => Err(error),
            }),
        };
        named.map_err(|error| match error.error.kind() {
            std::io::ErrorKind::AlreadyExists => other(),
            _ => WriteError::of(path, was.is_some(), error.error),
        })?;
        drop(leftover);
        sync_folder(target);
        Ok(lost)
    }
}

/// The folder that a file is in.
fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// Removes a file from a folder when it is dropped, also where that folder has another name by then.
struct Leftover {
    folder: Option<File>,
    name: std::ffi::OsString,
}

#[cfg(unix)]
impl Drop for Leftover {
    fn drop(&mut self) {
        let _ = self
            .folder
            .as_ref()
            .map(|folder| rustix::fs::unlinkat(folder, self.name.as_os_str(), rustix::fs::AtFlags::empty()));
    }
}

/// A folder in `parent` that is to take another name there when all is in it. It is gone when this value is dropped,
/// or when the next run comes by, if this one is killed.
#[derive(Debug)]
pub struct NewFolder {
    folder: TempDir,
    /// The folder, opened and locked, where it can be.
    _lock: Option<File>,
}

impl NewFolder {
    /// Makes it, empty.
    ///
    /// # Errors
    /// If the system does not.
    pub fn new(parent: &Path, name: &str) -> std::io::Result<Self> {
        let guard = guard(parent);
        let folder = tempfile::Builder::new().prefix(&prefix(name)).rand_bytes(RANDOM).tempdir_in(parent)?;
        let lock = File::open(folder.path()).ok().filter(|folder| folder.try_lock().is_ok());
        drop(guard);
        Ok(NewFolder { folder, _lock: lock })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }
}

/// A temporary file, locked by us as long as we live, so that another run can tell that it is in use. It is for its
/// owner alone, unless it is to be a new file: then it has the rights that one made in the ordinary way gets.
#[cfg(unix)]
fn temporary(folder: &Path, prefix: &str, is_new: bool) -> std::io::Result<NamedTempFile> {
    use std::os::unix::fs::PermissionsExt;
    let guard = guard(folder);
    let mode = if is_new { 0o666 } else { 0o600 };
    let new = tempfile::Builder::new()
        .prefix(prefix)
        .rand_bytes(RANDOM)
        .permissions(std::fs::Permissions::from_mode(mode))
        .tempfile_in(folder)?;
    let _ = new.as_file().try_lock();
    drop(guard);
    Ok(new)
}

#[cfg(not(unix))]
fn temporary(folder: &Path, prefix: &str, _: bool) -> std::io::Result<NamedTempFile> {
    tempfile::Builder::new().prefix(prefix).rand_bytes(RANDOM).tempfile_in(folder)
}

/// Removes what killed runs left in a folder. As long as the value lives, no other run does so: between the making of a
/// file and its lock.
fn guard(folder: &Path) -> Option<File> {
    remove_leftovers(folder);
    File::open(folder).ok().filter(|folder| folder.try_lock_shared().is_ok())
}

/// Removes the temporary files and folders that killed runs left: those whose name is of the kind that only we give, and
/// whose lock no one holds. Each folder is looked through once.
#[cfg(unix)]
fn remove_leftovers(folder: &Path) {
    static SEEN: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());
    let name = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    if !SEEN.lock().unwrap_or_else(PoisonError::into_inner).insert(name) {
        return;
    }
    let Ok(alone) = File::open(folder) else { return };
    if alone.try_lock().is_err() {
        return;
    }
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let maker = entry.file_name().to_str().and_then(maker);
        if maker.is_none_or(|process| process == std::process::id()) {
            continue;
        }
        let path = entry.path();
        let is_unlocked = |file: std::io::Result<File>| file.is_ok_and(|file| file.try_lock().is_ok());
        let _ = match entry.file_type() {
            Ok(kind) if kind.is_file() && is_unlocked(open_file(&path)) => std::fs::remove_file(path),
            Ok(kind) if kind.is_dir() && is_unlocked(File::open(&path)) => std::fs::remove_dir_all(path),
            _ => continue,
        };
    }
}

#[cfg(not(unix))]
fn remove_leftovers(_: &Path) {}

/// The process that made a temporary file of this name.
#[cfg(unix)]
fn maker(name: &str) -> Option<u32> {
    let (_, made) = name.strip_prefix('.')?.rsplit_once(MARK)?;
    let (process, random) = made.split_once('-')?;
    let is_random = random.len() == RANDOM && random.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let is_number = process.bytes().all(|byte| byte.is_ascii_digit());
    process.parse().ok().filter(|_| is_random && is_number)
}

/// Brings the new name to the disk. The file has it already, so that a system that cannot do so is no failure.
fn sync_folder(target: &Path) {
    if let Ok(folder) = File::open(folder_of(target)) {
        let _ = folder.sync_all();
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;
    use std::os::unix::fs::{MetadataExt, PermissionsExt};

    fn names(folder: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(folder).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_change_in_the_meantime_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("policy.json");
        std::fs::write(&path, "before").unwrap();
        let held = Held::new(&path, || {}).unwrap();
        for other in ["other", "before!", "befor", ""] {
            std::fs::write(&path, other).unwrap();
            assert!(matches!(held.replace("before", "after"), Err(WriteError::Changed { .. })));
            assert_eq!(std::fs::read_to_string(&path).unwrap(), other);
        }
        std::fs::remove_file(&path).unwrap();
        assert!(held.replace("before", "after").is_err());
        assert_eq!(names(folder.path()), [""; 0], "nothing is left");
        std::fs::write(&path, "before").unwrap();
        assert_eq!(held.replace("before", "after").unwrap(), []);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "after");
        assert!(matches!(create(&path, "new"), Err(WriteError::Created { .. })));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "after");
    }

    /// Between the writing of the new file and its taking the name.
    #[test]
    fn what_another_program_does_at_the_last_moment_is_not_undone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("policy.json");
        let chmod = |mode| std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        let replaced = || {
            std::fs::remove_file(&path).unwrap();
            std::fs::write(&path, "before").unwrap();
        };
        let changes: [(&str, &dyn Fn()); 5] = [
            ("its rights", &|| chmod(0o600)),
            ("its rights and back", &|| [0o600, 0o644].into_iter().for_each(chmod)),
            ("another file of the same content", &replaced),
            ("another content", &|| std::fs::write(&path, "other").unwrap()),
            ("gone", &|| std::fs::remove_file(&path).unwrap()),
        ];
        for (what, change) in changes {
            for before in [Some("before"), None] {
                std::fs::write(&path, "before").unwrap();
                chmod(0o644);
                let new = New::beside(&path, &path, "after").unwrap();
                // What happens within one tick of the clock has one time.
                std::thread::sleep(Duration::from_millis(50));
                change();
                let is =
                    |path: &Path| (std::fs::read(path).ok(), path.metadata().ok().map(|data| data.mode()));
                let left = is(&path);
                assert!(matches!(new.take_name(before), Err(WriteError::Changed { .. })), "{what}");
                assert_eq!(is(&path), left, "{what}");
            }
        }
        // A name that was free.
        let new = New::beside(&path, &path, "after").unwrap();
        std::fs::write(&path, "other").unwrap();
        assert!(matches!(new.take_name(None), Err(WriteError::Created { .. })));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "other");
        assert_eq!(names(folder.path()), ["policy.json"], "nothing is left");
        let new = New::beside(&path, &path, "after").unwrap();
        assert_eq!(new.take_name(None).unwrap(), []);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "after");
    }

    #[test]
    fn nothing_is_left_in_a_folder_that_has_another_name() {
        let outer = tempfile::tempdir().unwrap();
        let [one, two] = ["one", "two"].map(|name| outer.path().join(name));
        std::fs::create_dir(&one).unwrap();
        let path = one.join("policy.json");
        std::fs::write(&path, "before").unwrap();
        let new = New::beside(&path, &path, "after").unwrap();
        std::fs::rename(&one, &two).unwrap();
        assert!(new.take_name(Some("before")).is_err());
        assert_eq!(names(&two), ["policy.json"]);
        assert_eq!(std::fs::read_to_string(two.join("policy.json")).unwrap(), "before");
    }

    #[test]
    fn what_has_become_something_else_is_neither_waited_for_nor_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::write(at("other.json"), "before").unwrap();
        std::fs::write(at("third.json"), "before").unwrap();
        let becomes: [&dyn Fn(&Path); 3] = [
            &|path| assert!(std::process::Command::new("mkfifo").arg(path).status().unwrap().success()),
            &|path| std::os::unix::fs::symlink("other.json", path).unwrap(),
            &|path| std::fs::create_dir(path).unwrap(),
        ];
        for (number, become_it) in becomes.iter().enumerate() {
            let path = at(&format!("policy{number}.json"));
            std::fs::write(&path, "before").unwrap();
            let held = Held::new(&path, || {}).unwrap();
            std::fs::remove_file(&path).unwrap();
            become_it(&path);
            let changed = held.replace("before", "after");
            assert!(matches!(changed, Err(WriteError::Changed { .. })), "{number}: {changed:?}");
            assert!(!path.symlink_metadata().unwrap().is_file(), "{number}");
        }
        // A link that leads to another file by now.
        std::os::unix::fs::symlink("other.json", at("link")).unwrap();
        let held = Held::new(&at("link"), || {}).unwrap();
        std::fs::remove_file(at("link")).unwrap();
        std::os::unix::fs::symlink("third.json", at("link")).unwrap();
        assert!(matches!(held.replace("before", "after"), Err(WriteError::Changed { .. })));
        for name in ["other.json", "third.json"] {
            assert_eq!(std::fs::read_to_string(at(name)).unwrap(), "before");
        }
    }

    #[test]
    fn a_lock_that_is_not_given_back_is_waited_for_only_so_long() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("policy.json");
        std::fs::write(&path, "before").unwrap();
        let other = File::open(&path).unwrap();
        other.lock().unwrap();
        let waited = std::cell::Cell::new(0);
        let (start, held) = (Instant::now(), Held::new(&path, || waited.set(waited.get() + 1)));
        assert!(matches!(held, Err(ReadError::Locked { .. })), "{held:?}");
        assert_eq!(waited.get(), 1);
        assert!((LONGEST_WAIT..3 * LONGEST_WAIT).contains(&start.elapsed()));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "before");
    }

    #[test]
    fn the_lock_is_on_the_file_that_has_the_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("policy.json");
        std::fs::write(&path, "0").unwrap();
        // Each adds one to what it read; were one of them to read what another is about to replace, a one would be lost.
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..10 {
                        let held = Held::new(&path, || {}).unwrap();
                        let before = std::fs::read_to_string(&path).unwrap();
                        let after = (before.parse::<u32>().unwrap() + 1).to_string();
                        held.replace(&before, &after).unwrap();
                    }
                });
            }
        });
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "80");
        assert_eq!(names(folder.path()), ["policy.json"]);
    }

    #[test]
    fn what_a_killed_run_left_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let others = [
            // A user's own, whatever they are called.
            ".polmerge-abcd1234",
            ".policy.json.polmerge-7-abcd123",
            ".policy.json.polmerge-7-abcd_234",
            ".policy.json.polmerge-x-abcd1234",
            ".policy.json.polmerge-+7-abcd1234",
            "policy.json.polmerge-7-abcd1234",
            "policy.json",
        ];
        // What was to be a new file, or has a name that was cut.
        let cut = format!(".{}.polmerge-7-abcd1234", "x".repeat(LONGEST_NAME));
        let ours = [".policy.json.polmerge-7-abcd1234", ".none.json.polmerge-7-abcd1234", cut.as_str()];
        for name in others.into_iter().chain(ours) {
            std::fs::write(at(name), "before").unwrap();
        }
        std::os::unix::fs::symlink("policy.json", at(".link.polmerge-7-abcd1234")).unwrap();
        std::fs::create_dir_all(at(".plan.polmerge-7-abcd1234/inner")).unwrap();
        std::fs::write(at(".plan.polmerge-7-abcd1234/inner/file"), "").unwrap();
        std::fs::create_dir_all(at(".plan.polmerge-7-Alive567/inner")).unwrap();
        let alive_folder = File::open(at(".plan.polmerge-7-Alive567")).unwrap();
        alive_folder.lock().unwrap();
        let alive = at(".policy.json.polmerge-7-Alive567");
        std::fs::write(&alive, "").unwrap();
        let alive = std::fs::File::open(alive).unwrap();
        alive.lock().unwrap();
        put(&at("policy.json"), "after").unwrap();
        let alive =
            [".policy.json.polmerge-7-Alive567", ".plan.polmerge-7-Alive567", ".link.polmerge-7-abcd1234"];
        let mut kept: Vec<&str> = others.into_iter().chain(alive).collect();
        kept.sort_unstable();
        assert_eq!(names(folder.path()), kept);
    }

    #[test]
    fn links_and_rights_stay() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::write(at("policy.json"), "before").unwrap();
        std::fs::set_permissions(at("policy.json"), std::fs::Permissions::from_mode(0o4751)).unwrap();
        std::os::unix::fs::symlink("policy.json", at("link")).unwrap();
        std::fs::hard_link(at("policy.json"), at("other")).unwrap();
        let has_attributes = xattr::set(at("policy.json"), "user.origin", b"hand").is_ok();
        let before = at("policy.json").metadata().unwrap();
        assert_eq!(
            Held::new(&at("link"), || {}).unwrap().replace("before", "after").unwrap(),
            [Lost::HardLink]
        );
        assert!(at("link").symlink_metadata().unwrap().is_symlink());
        assert_eq!(std::fs::read_to_string(at("other")).unwrap(), "before");
        let after = at("policy.json").metadata().unwrap();
        assert_eq!(std::fs::read_to_string(at("policy.json")).unwrap(), "after");
        assert_eq!((after.mode(), after.uid(), after.gid()), (before.mode(), before.uid(), before.gid()));
        if has_attributes {
            assert_eq!(xattr::get(at("policy.json"), "user.origin").unwrap().as_deref(), Some(&b"hand"[..]));
        }
        // A link that leads nowhere, or back to itself.
        std::os::unix::fs::symlink("new.json", at("dangling")).unwrap();
        std::os::unix::fs::symlink("loop", at("loop")).unwrap();
        for name in ["dangling", "loop"] {
            assert!(matches!(put(&at(name), "new"), Err(WriteError::DeadLink { .. })), "{name}");
            assert!(matches!(create(&at(name), "new"), Err(WriteError::DeadLink { .. })), "{name}");
            assert!(at(name).symlink_metadata().unwrap().is_symlink() && !at("new.json").exists());
        }
    }

    #[test]
    fn what_is_no_file_is_written_to() {
        assert!(matches!(put(Path::new("/dev/full"), "x"), Err(WriteError::Stream { .. })));
        put(Path::new("/dev/null"), "x").unwrap();
        for path in ["/dev/null", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0", "/"] {
            assert!(matches!(Held::new(Path::new(path), || {}), Err(ReadError::NotAFile { .. })), "{path}");
        }
    }
}
