//! NDJSON: a policy a line in, the same in fewer characters a line out.

use super::Compact;
use crate::cli::bulk::{self, OnePolicy, answer_all};
use crate::cli::choice::KindChoice;
use crate::cli::{Exit, Failure};
use crate::compact::compact;
use crate::document;
use crate::read::ndjson::Line;
use crate::report::compact as report;
use crate::source::Source;

pub(super) fn run(command: &Compact) -> Result<Exit, Failure> {
    let mut worst = Exit::Yes;
    answer_all(command.file.as_deref(), |line| answer(command, &line), |exit| worst = worst.max(exit))?;
    Ok(worst)
}

/// The answer to a line, and what exit status it asks for.
fn answer(command: &Compact, line: &Line) -> (String, Exit) {
    let bad = |id, error| (bulk::bad_line(line, id, error), Exit::Unable);
    let input: OnePolicy<'_> = match bulk::parse(line) {
        Ok(input) => input,
        Err(error) => return bad(None, error),
    };
    match compacted(command, &input) {
        Ok(compacted) => {
            let exit = if compacted.is_proved() { Exit::Yes } else { Exit::Undecided };
            (report::line(input.id, &compacted), exit)
        }
        Err(error) => bad(input.id, error),
    }
}

fn compacted(command: &Compact, input: &OnePolicy<'_>) -> Result<crate::compact::Compacted, String> {
    let mut hints = command.hints();
    if let Some(KindChoice(kind)) = input.kind()? {
        hints.kind = kind;
    }
    let text = input.text()?;
    let document = document::open_policy(Source::new("policy", text), &hints);
    compact(&document, command.options()).map_err(|error| match document.problems.first() {
        Some(problem) => problem.message.clone(),
        None => error.to_string(),
    })
}
