//! NDJSON: one policy a line in, its findings a line out.

use super::Task;
use crate::cli::bulk::{self, OnePolicy, answer_all};
use crate::cli::choice::KindChoice;
use crate::cli::{Exit, Failure};
use crate::document::{self, Hints};
use crate::read::ndjson::Line;
use crate::report::human::Tally;
use crate::report::json;
use crate::source::Source;

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
    Ok(task.exit(&tally, policies > 0, bad_line))
}

/// The answer to a line, and how much was found; `None` if nothing could be done with the line.
fn answer(task: &Task, line: Line) -> (String, Option<Tally>) {
    let bad = |id, error| (bulk::bad_line(&line, id, error), None);
    let input: OnePolicy<'_> = match bulk::parse(&line) {
        Ok(input) => input,
        Err(error) => return bad(None, error),
    };
    let (kind, policy) = match (input.kind(), input.text()) {
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
