//! NDJSON: one policy a line in, its findings a line out.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::Task;
use crate::cli::bulk::answer_all;
use crate::cli::choice::KindChoice;
use crate::cli::{Exit, Failure};
use crate::document::{self, Hints};
use crate::read::ndjson::Line;
use crate::report::human::Tally;
use crate::report::json;
use crate::source::Source;

/// A line of the input. Members are taken as they are written, so that one that is wrong does not
/// keep the `id` from being echoed.
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

pub(super) fn run(task: &Task) -> Result<Exit, Failure> {
    let path = match task.options.paths.as_slice() {
        [] => None,
        [path] => Some(path.as_path()),
        _ => {
            return Err(Failure::new("`--ndjson` reads one file or standard input")
                .help("several files: cat FILE… | polmerge lint --ndjson"));
        }
    };
    let (mut tally, mut policies, mut bad_line) = (Tally::default(), 0, false);
    answer_all(
        path,
        |line| answer(task, line),
        |outcome| match outcome {
            Some(found) => {
                policies += 1;
                tally.add_all(&found);
            }
            None => bad_line = true,
        },
    )?;
    Ok(task.exit(&tally, policies, bad_line))
}

/// The answer to a line, and how much was found; `None` if nothing could be done with the line.
fn answer(task: &Task, line: Line) -> (String, Option<Tally>) {
    let bad = |id, error| (json::line(&json::BadLine { id, line: line.number, error }), None);
    let text = match &line.text {
        Ok(text) => text,
        Err(problem) => return bad(None, (*problem).to_owned()),
    };
    let input: Input<'_> = match serde_json::from_str(text) {
        Ok(input) => input,
        Err(error) if error.is_data() => return bad(None, error.to_string()),
        Err(error) => return bad(None, format!("the line is not JSON: {error}")),
    };
    let (kind, policy) = match (kind(&input), policy(&input)) {
        (Ok(kind), Ok(policy)) => (kind, policy),
        (Err(error), _) | (_, Err(error)) => return bad(input.id, error),
    };
    let mut hints: Hints = task.hints();
    if let Some(KindChoice(kind)) = kind {
        hints.kind = kind;
    }
    let document = document::open_policy(Source::new(format!("line {}", line.number), policy), &hints);
    let findings = task.findings(&document);
    let mut tally = Tally::default();
    findings.iter().for_each(|finding| tally.add(finding));
    (json::line(&json::Line::new(input.id, &document, &findings)), Some(tally))
}

fn kind(input: &Input<'_>) -> Result<Option<KindChoice>, String> {
    let Some(kind) = input.kind else { return Ok(None) };
    let name: String = serde_json::from_str(kind.get()).map_err(|_| "`kind` must be a string".to_owned())?;
    name.parse().map(Some)
}

/// The text of the policy, which may be written as a string.
fn policy(input: &Input<'_>) -> Result<String, String> {
    let policy = input.policy.ok_or("`policy` is missing")?.get();
    match policy.as_bytes().first() {
        Some(b'{') => Ok(policy.to_owned()),
        Some(b'"') => serde_json::from_str(policy).map_err(|error| format!("`policy` is no string: {error}")),
        _ => Err("`policy` must be an object or a string".to_owned()),
    }
}
