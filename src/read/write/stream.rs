//! What is not a regular file, so that it can be written to and not replaced: devices, pipes, sockets, and the
//! descriptors that this process has open, under whatever name.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Whether a path leads to something other than a regular file that can be replaced. A path at which there is nothing
/// can become a file.
pub fn is_stream(path: &Path) -> bool {
    descriptor(path).is_some() || path.metadata().is_ok_and(|data| !data.is_file())
}

/// Whether a path names standard output.
pub fn is_standard_output(path: &Path) -> bool {
    descriptor(path).as_deref() == Some("1")
}

/// Whether `input` is standard input or another descriptor, and was opened as the file at `path`. That file may have
/// been replaced since by another run: Linux still knows the name that it had.
#[cfg(unix)]
pub fn is_opened_as(input: &Path, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let number = if input == Path::new("-") { Some("0".to_owned()) } else { descriptor(input) };
    let (Some(number), Ok(target)) = (number, path.canonicalize()) else { return false };
    let descriptor = Path::new("/dev/fd").join(number);
    let is_same = match (descriptor.metadata(), target.metadata()) {
        (Ok(ours), Ok(named)) => named.is_file() && (ours.dev(), ours.ino()) == (named.dev(), named.ino()),
        _ => false,
    };
    let replaced = || {
        let mut name = target.into_os_string();
        name.push(" (deleted)");
        std::fs::read_link(&descriptor).is_ok_and(|opened| opened.as_os_str() == name)
    };
    is_same || replaced()
}

/// Whether `input` is standard input, opened as the file at `path`: not known here.
#[cfg(not(unix))]
pub fn is_opened_as(_: &Path, _: &Path) -> bool {
    false
}

/// Writes all of a text to what is there.
pub(super) fn write_to(path: &Path, text: &str) -> std::io::Result<()> {
    match descriptor(path).as_deref() {
        // Opened anew, a file that a shell redirected to would be written from its start.
        Some("1") => all(super::standard_output(), text),
        Some("2") => all(super::standard_error(), text),
        Some(_) if path.metadata().is_ok_and(|data| data.is_file()) => Err(std::io::Error::other(
            "it is a file that is open already; name the file, or use standard output",
        )),
        _ => all(OpenOptions::new().write(true).open(path)?, text),
    }
}

fn all(mut to: impl Write, text: &str) -> std::io::Result<()> {
    to.write_all(text.as_bytes())?;
    to.flush()
}

/// The longest chain of links that is followed.
const LINKS: usize = 40;

/// The number of the descriptor that a path names. What the descriptor leads to may be a regular file, but the path
/// is not its name.
fn descriptor(path: &Path) -> Option<String> {
    let mut path = std::path::absolute(path).ok()?;
    for _ in 0..LINKS {
        let name = path.file_name()?.to_str().map(str::to_owned);
        let folder = path.parent()?.canonicalize().ok()?;
        match (folder.to_str(), name.as_deref()) {
            (Some("/dev"), Some("stdin")) => return Some("0".to_owned()),
            (Some("/dev"), Some("stdout")) => return Some("1".to_owned()),
            (Some("/dev"), Some("stderr")) => return Some("2".to_owned()),
            (Some(folder), Some(_)) if is_descriptors(folder) => return name,
            _ => {}
        }
        let at: PathBuf = folder.join(path.file_name()?);
        path = folder.join(std::fs::read_link(at).ok()?);
    }
    None
}

/// `/dev/fd`, `/proc/self/fd` or what these lead to.
fn is_descriptors(folder: &str) -> bool {
    folder == "/dev/fd" || (folder.starts_with("/proc/") && folder.ends_with("/fd"))
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use super::*;

    #[test]
    fn descriptors_under_every_name() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::os::unix::fs::symlink("/dev/stdout", at("out")).unwrap();
        std::os::unix::fs::symlink("out", at("again")).unwrap();
        std::os::unix::fs::symlink("/dev/fd", at("fd")).unwrap();
        std::os::unix::fs::symlink("loop", at("loop")).unwrap();
        std::fs::write(at("file"), "").unwrap();
        let number = |path: &Path| descriptor(path);
        for path in [Path::new("/dev/stdout"), "/dev/fd/1".as_ref(), "/proc/self/fd/1".as_ref()] {
            assert_eq!(number(path).as_deref(), Some("1"), "{}", path.display());
        }
        for name in ["out", "again", "fd/1"] {
            assert_eq!(number(&at(name)).as_deref(), Some("1"), "{name}");
        }
        for name in ["file", "loop", "none", "none/none"] {
            assert_eq!(number(&at(name)), None, "{name}");
            assert!(!is_stream(&at(name)), "{name}");
        }
        assert!(is_stream(folder.path()) && is_stream(Path::new("/dev/null")));
    }
}
