//! Several YAML documents in one text, with `---` between them.

use granit_parser::{Event, Parser, ScalarStyle};

use super::build::{broken, bytes, dialect};
use crate::parse::Problem;
use crate::span::Span;

/// Where the documents of a text stand, with their place among all of them. Those that say nothing are left out,
/// but for one; a text without a second `---` has none.
///
/// # Errors
/// If one of them is not YAML.
pub(super) fn documents(text: &str) -> Result<Vec<(usize, Span)>, Problem> {
    // Most texts are one document, and many start with a `---`: these are not read twice.
    let says = |line: &&str| !line.trim().is_empty() && !line.starts_with(['#', '%']);
    if !text.lines().filter(says).skip(1).any(|line| line.starts_with("---")) {
        return Ok(Vec::new());
    }
    let (mut starts, mut says): (Vec<usize>, Vec<bool>) = (Vec::new(), Vec::new());
    for event in Parser::new_from_str_with_options(text, dialect()) {
        let (event, span) = event.map_err(|error| broken(&error))?;
        let span = bytes(span);
        match event {
            Event::DocumentStart(..) => {
                starts.push(span.start as usize);
                says.push(false);
            }
            // What is not there at all is a scalar, too.
            Event::Scalar(_, ScalarStyle::Plain, ..) if span.is_empty() => {}
            Event::Scalar(..) | Event::SequenceStart(..) | Event::MappingStart(..) | Event::Alias(_) => {
                says.last_mut().into_iter().for_each(|says| *says = true);
            }
            _ => {}
        }
    }
    if starts.len() < 2 {
        return Ok(Vec::new());
    }
    // What stands before the first is its own: comments, directives.
    starts[0] = 0;
    // One that says nothing is still one document.
    says[0] |= !says.contains(&true);
    let ends = starts.iter().skip(1).copied().chain([text.len()]);
    let spans = starts.iter().zip(ends).map(|(&start, end)| Span::new(start, end));
    Ok(spans.enumerate().zip(says).filter(|(_, says)| *says).map(|(document, _)| document).collect())
}
