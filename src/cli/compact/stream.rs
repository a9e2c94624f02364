//! NDJSON: a policy a line in, the same in fewer characters a line out.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::Compact;
use crate::cli::bulk::answer_all;
use crate::cli::choice::KindChoice;
use crate::cli::{Exit, Failure};
use crate::compact::compact;
use crate::document;
use crate::read::ndjson::Line;
use crate::report::{compact as report, json};
use crate::source::Source;

/// A line of the input. Members are taken as they are written, so that one that is wrong does not keep the
/// `id` from being echoed.
#[derive(Deserialize)]
#[serde(expecting = "an object with a `policy`")]
struct Input<'a> {
    #[serde(borrow, default)]
    id: Option<&'a RawValue>,
    #[serde(borrow, default)]
    kind: Option<&'a RawValue>,
    #[serde(borrow, default)]
    policy: Option<&'a RawValue>,
}

pub(super) fn run(command: &Compact) -> Result<Exit, Failure> {
    let mut worst = Exit::Yes;
    answer_all(command.file.as_deref(), |line| answer(command, &line), |exit| worst = worst.max(exit))?;
    Ok(worst)
}

/// The answer to a line, and what exit status it asks for.
fn answer(command: &Compact, line: &Line) -> (String, Exit) {
    let bad = |id, error| (json::line(&json::BadLine { id, line: line.number, error }), Exit::Unable);
    let text = match &line.text {
        Ok(text) => text,
        Err(problem) => return bad(None, (*problem).to_owned()),
    };
    let input: Input<'_> = match serde_json::from_str(text) {
        Ok(input) => input,
        Err(error) if error.is_data() => return bad(None, error.to_string()),
        Err(error) => return bad(None, format!("the line is not JSON: {error}")),
    };
    match compacted(command, &input) {
        Ok(compacted) => {
            let exit = if compacted.is_proved() { Exit::Yes } else { Exit::Undecided };
            (report::line(input.id, &compacted), exit)
        }
        Err(error) => bad(input.id, error),
    }
}

fn compacted(command: &Compact, input: &Input<'_>) -> Result<crate::compact::Compacted, String> {
    let mut hints = command.hints();
    if let Some(kind) = input.kind {
        let name: String =
            serde_json::from_str(kind.get()).map_err(|_| "`kind` must be a string".to_owned())?;
        hints.kind = name.parse::<KindChoice>()?.0;
    }
    let text = input.policy.ok_or("`policy` is missing")?.get();
    let text = match text.as_bytes().first() {
        Some(b'{') => text.to_owned(),
        Some(b'"') => {
            serde_json::from_str(text).map_err(|error| format!("`policy` is no string: {error}"))?
        }
        _ => return Err("`policy` must be an object or a string".to_owned()),
    };
    let document = document::open_policy(Source::new("policy", text), &hints);
    compact(&document, command.options()).map_err(|error| match document.problems.first() {
        Some(problem) => problem.message.clone(),
        None => error.to_string(),
    })
}
