//! The only door to files and standard input.

pub mod git;
pub mod ndjson;
pub mod walk;
pub mod write;

use std::io::{IsTerminal, Read};
use std::path::{Path, PathBuf};

use crate::source::Source;

/// The largest input that is read. A policy has at most a few hundred kilobytes, a template a few
/// megabytes; what is larger is not meant for us.
pub const MAX_BYTES: u64 = 1 << 30;

/// The most that is read of a device: some of them never end.
const MAX_DEVICE: u64 = 1 << 20;

/// The largest file of values, baseline or file of a step pack that is read.
pub const MAX_SETTINGS: u64 = 64 << 20;

/// The largest configuration that is read. It is written by hand, and takes many times its size to be understood.
pub const MAX_CONFIGURATION: u64 = 1 << 20;

/// Why an input could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The system said no.
    #[error("cannot read `{path}`: {source}", path = path.display())]
    Io {
        /// What was to be read.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The text is not UTF-8.
    #[error("`{name}` is not UTF-8: {detail}")]
    NotUtf8 {
        /// What was read.
        name: String,
        /// Where, and what it looks like.
        detail: String,
    },
    /// There is too much of it.
    #[error("`{name}` is larger than {} MiB", most >> 20)]
    TooLarge {
        /// What was to be read.
        name: String,
        /// How much of it would be read.
        most: u64,
    },
    /// It is to be changed in place, and is a folder, a device, a pipe or an open descriptor.
    #[error("`{path}` is not a regular file and cannot be written in place", path = path.display())]
    NotAFile {
        /// What was to be changed.
        path: PathBuf,
    },
    /// Another program holds a lock on it and does not give it back.
    #[error("`{path}` is locked by another process; gave up after 10 seconds", path = path.display())]
    Locked {
        /// What was to be changed.
        path: PathBuf,
    },
    /// It is in Terraform's own language.
    #[error(
        "`{path}` is in Terraform's language, which is not read: check a plan, as `terraform show -json` prints it",
        path = path.display()
    )]
    Terraform {
        /// What was to be read.
        path: PathBuf,
    },
    /// Somebody waits for typing where nobody types.
    #[error("standard input is a terminal: pipe a document in, or name a file")]
    Terminal,
}

/// Reads a file; `-` is standard input.
///
/// # Errors
/// If it cannot be read, is larger than [`MAX_BYTES`], is not UTF-8 or is in Terraform's own language.
pub fn read(path: &Path) -> Result<Source, ReadError> {
    if walk::is_terraform(path) {
        return Err(ReadError::Terraform { path: path.to_owned() });
    }
    read_at_most(path, MAX_BYTES)
}

/// Reads a file of ours: values, a baseline.
///
/// # Errors
/// As [`read`], with [`MAX_SETTINGS`].
pub fn settings(path: &Path) -> Result<Source, ReadError> {
    read_at_most(path, MAX_SETTINGS)
}

/// The same for one that nobody typed, but that a configuration names: a pipe there would keep every command waiting.
///
/// # Errors
/// As [`settings`]; also if it is not a regular file.
pub fn settings_file(path: &Path) -> Result<Source, ReadError> {
    regular(path).and_then(|()| settings(path))
}

/// Reads a configuration that was named.
///
/// # Errors
/// As [`read`], with [`MAX_CONFIGURATION`].
pub fn configuration(path: &Path) -> Result<Source, ReadError> {
    read_at_most(path, MAX_CONFIGURATION)
}

/// Reads a configuration that was found where a command was run.
///
/// # Errors
/// As [`configuration`]; also if it is not a regular file.
pub fn configuration_file(path: &Path) -> Result<Source, ReadError> {
    regular(path).and_then(|()| configuration(path))
}

fn regular(path: &Path) -> Result<(), ReadError> {
    let io = |source| ReadError::Io { path: path.to_owned(), source };
    match path.metadata().map_err(io)?.is_file() {
        true => Ok(()),
        false => Err(io(std::io::Error::other("it is not a regular file"))),
    }
}

fn read_at_most(path: &Path, most: u64) -> Result<Source, ReadError> {
    if path == Path::new("-") {
        return standard_input();
    }
    let io = |source| ReadError::Io { path: path.to_owned(), source };
    let name = path.display().to_string();
    let file = std::fs::File::open(path).map_err(io)?;
    open_text(name, file, most).map_err(|error| match error {
        Failed::Io(source) => io(source),
        Failed::Read(error) => error,
    })
}

/// Reads all of standard input.
///
/// # Errors
/// As [`read`]; also if it is a terminal, where a program that waits in silence helps nobody.
pub fn standard_input() -> Result<Source, ReadError> {
    open_text("-".to_owned(), standard_stream()?, MAX_BYTES).map_err(|error| match error {
        Failed::Io(source) => ReadError::Io { path: "-".into(), source },
        Failed::Read(error) => error,
    })
}

/// Standard input, to be read as it comes.
///
/// # Errors
/// If it is a terminal.
pub fn standard_stream() -> Result<std::io::Stdin, ReadError> {
    let stdin = std::io::stdin();
    if stdin.is_terminal() { Err(ReadError::Terminal) } else { Ok(stdin) }
}

enum Failed {
    Io(std::io::Error),
    Read(ReadError),
}

/// The text of what is open. Of a file, the system knows its size before anything is read.
#[cfg(unix)]
fn open_text(name: String, from: impl Read + std::os::fd::AsFd, most: u64) -> Result<Source, Failed> {
    use rustix::fs::FileType;
    let known = rustix::fs::fstat(&from).map_err(|error| Failed::Io(error.into()))?;
    let most = match FileType::from_raw_mode(known.st_mode) {
        FileType::RegularFile if u64::try_from(known.st_size).is_ok_and(|size| size > most) => {
            return Err(Failed::Read(ReadError::TooLarge { name, most }));
        }
        FileType::CharacterDevice | FileType::BlockDevice => most.min(MAX_DEVICE),
        _ => most,
    };
    text(name, from, most)
}

#[cfg(not(unix))]
fn open_text(name: String, from: impl Read, most: u64) -> Result<Source, Failed> {
    text(name, from, most)
}

fn text(name: String, from: impl Read, most: u64) -> Result<Source, Failed> {
    let mut bytes = Vec::new();
    from.take(most + 1).read_to_end(&mut bytes).map_err(Failed::Io)?;
    if bytes.len() as u64 > most {
        return Err(Failed::Read(ReadError::TooLarge { name, most }));
    }
    match String::from_utf8(bytes) {
        // UTF-16 without a byte-order mark. No other text that is read begins with such a character.
        Ok(text) if text.as_bytes().iter().take(4).any(|byte| *byte == 0) => {
            Err(Failed::Read(ReadError::NotUtf8 { name, detail: UTF_16.to_owned() }))
        }
        Ok(text) => Ok(Source::new(name, text)),
        Err(error) => Err(Failed::Read(ReadError::NotUtf8 { name, detail: not_utf8(&error) })),
    }
}

const UTF_16: &str = "it looks like UTF-16; save it as UTF-8";

fn not_utf8(error: &std::string::FromUtf8Error) -> String {
    let bytes = error.as_bytes();
    let at = error.utf8_error().valid_up_to();
    match bytes {
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => UTF_16.to_owned(),
        _ => {
            let line = bytes[..at].iter().filter(|&&byte| byte == b'\n').count() + 1;
            format!("byte {at} (0x{:02x}, line {line}) starts no character", bytes[at])
        }
    }
}
