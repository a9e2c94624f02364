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
    #[error("`{name}` is larger than 1 GiB")]
    TooLarge {
        /// What was to be read.
        name: String,
    },
    /// Somebody waits for typing where nobody types.
    #[error("standard input is a terminal: pipe a document in, or name a file")]
    Terminal,
}

/// Reads a file; `-` is standard input.
///
/// # Errors
/// If it cannot be read, is larger than [`MAX_BYTES`] or is not UTF-8.
pub fn read(path: &Path) -> Result<Source, ReadError> {
    if path == Path::new("-") {
        return standard_input();
    }
    let io = |source| ReadError::Io { path: path.to_owned(), source };
    let name = path.display().to_string();
    let file = std::fs::File::open(path).map_err(io)?;
    text(name, file).map_err(|error| match error {
        Failed::Io(source) => io(source),
        Failed::Read(error) => error,
    })
}

/// Reads all of standard input.
///
/// # Errors
/// As [`read`]; also if it is a terminal, where a program that waits in silence helps nobody.
pub fn standard_input() -> Result<Source, ReadError> {
    text("-".to_owned(), standard_stream()?).map_err(|error| match error {
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

fn text(name: String, from: impl Read) -> Result<Source, Failed> {
    let mut bytes = Vec::new();
    from.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(Failed::Io)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(Failed::Read(ReadError::TooLarge { name }));
    }
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Source::new(name, text)),
        Err(error) => Err(Failed::Read(ReadError::NotUtf8 { name, detail: not_utf8(&error) })),
    }
}

fn not_utf8(error: &std::string::FromUtf8Error) -> String {
    let bytes = error.as_bytes();
    let at = error.utf8_error().valid_up_to();
    match bytes {
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => "it looks like UTF-16; save it as UTF-8".to_owned(),
        _ => {
            let line = bytes[..at].iter().filter(|&&byte| byte == b'\n').count() + 1;
            format!("byte {at} (0x{:02x}, line {line}) starts no character", bytes[at])
        }
    }
}
