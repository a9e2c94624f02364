//! What every command with `--ndjson` does: a line in, a line out, in the same order.

use std::io::{BufReader, BufWriter, ErrorKind, Read};
use std::path::Path;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::Failure;
use super::choice::KindChoice;
use crate::read::ndjson::{Line, answer_lines};
use crate::read::write::standard_output;
use crate::read::{self, ReadError};
use crate::report::json;
use crate::report::style::shortened;

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
    let to = BufWriter::with_capacity(BUFFER, standard_output());
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

/// A line that holds one policy. Members are taken as they are written, so that one that is wrong does not keep
/// the `id` from being echoed.
#[derive(Deserialize)]
#[serde(expecting = "an object with a `policy`")]
pub(super) struct OnePolicy<'a> {
    #[serde(borrow, default)]
    pub(super) id: Option<&'a RawValue>,
    #[serde(borrow, default)]
    kind: Option<&'a RawValue>,
    #[serde(borrow, default)]
    policy: Option<&'a RawValue>,
}

impl OnePolicy<'_> {
    /// The kind that the line asks for.
    pub(super) fn kind(&self) -> Result<Option<KindChoice>, String> {
        kind(self.kind)
    }

    /// The text of the policy.
    pub(super) fn text(&self) -> Result<String, String> {
        policy_member("policy", self.policy)
    }
}

/// What a line says, as one of a command's own.
pub(super) fn parse<'l, T: Deserialize<'l>>(line: &'l Line) -> Result<T, String> {
    let text = line.text.as_ref().map_err(|problem| (*problem).to_owned())?;
    serde_json::from_str(text).map_err(|error| match error.is_data() {
        true => error.to_string(),
        false => format!("the line is not JSON: {error}"),
    })
}

/// The answer to a line with which nothing can be done.
pub(super) fn bad_line(line: &Line, id: Option<&RawValue>, error: String) -> String {
    json::line(&json::BadLine { id, line: line.number, error: shortened(error) })
}

/// The kind that a member names.
pub(super) fn kind(member: Option<&RawValue>) -> Result<Option<KindChoice>, String> {
    let Some(kind) = member else { return Ok(None) };
    let name: String = serde_json::from_str(kind.get()).map_err(|_| "`kind` must be a string".to_owned())?;
    name.parse().map(Some)
}

/// The text of the policy in a member of a line.
pub(super) fn policy_member(name: &str, member: Option<&RawValue>) -> Result<String, String> {
    let member = member.ok_or_else(|| format!("`{name}` is missing"))?;
    policy_text(member).map_err(|why| format!("`{name}` {why}"))
}

/// The text of a policy, which may be written as a string; else what is wrong with it.
pub(super) fn policy_text(policy: &RawValue) -> Result<String, String> {
    let text = policy.get();
    match text.as_bytes().first() {
        Some(b'{') => Ok(text.to_owned()),
        Some(b'"') => serde_json::from_str(text).map_err(|error| format!("is no string: {error}")),
        _ => Err("must be an object or a string".to_owned()),
    }
}
