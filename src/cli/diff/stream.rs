//! NDJSON: a pair of policies a line in, how the one stands to the other a line out.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Diff, Limits, settle};
use crate::cli::bulk::{self, answer_all};
use crate::cli::choice::KindChoice;
use crate::cli::{Exit, Failure};
use crate::document::{self, Document, Hints};
use crate::read::ndjson::Line;
use crate::report::comparison;
use crate::report::json;
use crate::source::Source;

/// A line of the input. Members are taken as they are written, so that one that is wrong does not
/// keep the `id` from being echoed.
#[derive(Deserialize)]
#[serde(expecting = "an object with `old` and `new`")]
struct Input<'a> {
    #[serde(borrow, default)]
    id: Option<&'a RawValue>,
    #[serde(borrow, default)]
    old: Option<&'a RawValue>,
    #[serde(borrow, default)]
    new: Option<&'a RawValue>,
    #[serde(borrow, default)]
    kind: Option<&'a RawValue>,
}

pub(super) fn run(diff: &Diff, limits: &Limits) -> Result<Exit, Failure> {
    let (mut bad_line, mut worst) = (false, Exit::Yes);
    answer_all(
        None,
        |line| answer(diff, limits, &line),
        |outcome| match outcome {
            Some(exit) => worst = worst.max(exit),
            None => bad_line = true,
        },
    )?;
    Ok(if bad_line { Exit::Unable } else { worst })
}

/// The answer to a line, and what exit status it asks for; `None` if there is no answer.
fn answer(diff: &Diff, limits: &Limits, line: &Line) -> (String, Option<Exit>) {
    let bad = |id, error| (bulk::bad_line(line, id, error), None);
    let input: Input<'_> = match bulk::parse(line) {
        Ok(input) => input,
        Err(error) => return bad(None, error),
    };
    let (old, new) = match documents(diff, &input) {
        Ok(documents) => documents,
        Err(error) => return bad(input.id, error),
    };
    let comparison = match limits.compare(&old, &new) {
        Ok(comparison) => comparison,
        Err(failure) => return bad(input.id, failure.message),
    };
    let mut value = comparison::answer(&comparison);
    let id = input.id.and_then(|id| serde_json::from_str(id.get()).ok()).unwrap_or_default();
    if let serde_json::Value::Object(members) = &mut value {
        members.shift_insert(0, "id".to_owned(), id);
        members.shift_insert(1, "version".to_owned(), 1.into());
    }
    (json::line(&value), Some(Diff::exit(&comparison)))
}

fn documents(diff: &Diff, input: &Input<'_>) -> Result<(Document, Document), String> {
    let mut hints = diff.hints();
    if let Some(KindChoice(kind)) = bulk::kind(input.kind)? {
        hints.kind = kind;
    }
    let mut old = policy("old", input.old, &hints)?;
    let mut new = policy("new", input.new, &hints)?;
    settle(&mut old, &mut new).map_err(|failure| failure.message)?;
    Ok((old, new))
}

/// A policy, which may be written as a string.
fn policy(name: &str, member: Option<&RawValue>, hints: &Hints) -> Result<Document, String> {
    let text = bulk::policy_member(name, member)?;
    let document = document::open_policy(Source::new(name, text), hints);
    match (document.is_sound(), document.problems.first()) {
        (false, Some(problem)) => Err(format!("`{name}`: {}", problem.message)),
        (false, None) => Err(format!("`{name}` is no policy")),
        _ => Ok(document),
    }
}
