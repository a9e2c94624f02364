//! What every command with `--ndjson` does: a line in, a line out, in the same order.

use std::io::{BufReader, BufWriter, ErrorKind, Read};
use std::path::Path;

use super::Failure;
use crate::read::ndjson::{Line, answer_lines};
use crate::read::{self, ReadError};

/// How much is read and written at once.
const BUFFER: usize = 1 << 16;

/// Answers each line of a file, or of standard input, with what `answer` makes of it; `seen` gets
/// what else it has to say, line by line.
pub(super) fn answer_all<T: Send>(
    path: Option<&Path>,
    answer: impl Fn(Line) -> (String, T) + Sync,
    seen: impl FnMut(T),
) -> Result<(), Failure> {
    let from = BufReader::with_capacity(BUFFER, open(path)?);
    let to = BufWriter::with_capacity(BUFFER, std::io::stdout().lock());
    match answer_lines(from, to, answer, seen) {
        // The reader has seen what it wanted.
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::new(format!("the stream broke off: {error}")))
        }
        _ => Ok(()),
    }
}

fn open(path: Option<&Path>) -> Result<Box<dyn Read + Send>, ReadError> {
    match path {
        Some(path) if path != Path::new("-") => {
            let io = |source| ReadError::Io { path: path.to_owned(), source };
            Ok(Box::new(std::fs::File::open(path).map_err(io)?))
        }
        _ => Ok(Box::new(read::standard_stream()?)),
    }
}
