//! What commands that change a policy all say of it: what it is, where its statements stand, what changes
//! in the text.

use super::diff;
use super::style::{Style, clean};
use super::wrap::wrap;
use crate::document::{Because, Document};
use crate::policy::Statement;

/// The file, its kind, and how that is known.
pub(super) fn head(document: &Document, style: Style) -> String {
    let because = match &document.because {
        Because::Content(why) => format!(" ({why})"),
        Because::Envelope(envelope) => format!(" (in {envelope})"),
        Because::Step(step) => format!(" (nothing else tells, and {step} is for one)"),
        Because::Told => " (as told)".to_owned(),
        Because::Configured => " (by the configuration)".to_owned(),
        Because::Default => " (kind unknown: set --kind)".to_owned(),
    };
    let head = format!("{} · {}{because}", clean(document.source().name()), document.kind.title());
    format!("{}\n", wrap(&head, style.width).join("\n        "))
}

/// `statement 4 "Allow Expel", line 34`
pub(super) fn named(document: &Document, statement: &Statement) -> String {
    let line = document.source().position(document.in_file(statement.span).start as usize).line;
    clean(&format!("{}, line {line}", statement.name()))
}

/// The diff of a change. A policy that is all one line, or stands in a string, is compared as it would be
/// laid out.
pub(super) fn diff(before: &Document, after: &Document, style: Style) -> String {
    let (old, new) = texts(before, after);
    diff::unified(&old, &new, before.source().name(), style)
}

fn texts(before: &Document, after: &Document) -> (String, String) {
    let file = before.source().text();
    let many_lines = |document: &Document| document.tree.span.slice(document.text()).contains('\n');
    if before.is_plain() && many_lines(after) {
        return (file.to_owned(), after.source().text().to_owned());
    }
    let laid_out = |document: &Document| {
        let text = document.tree.span.slice(document.text());
        match serde_json::from_str::<serde_json::Value>(text) {
            Ok(value) => format!("{value:#}\n"),
            Err(_) => text.to_owned(),
        }
    };
    let before = if before.is_absent() { String::new() } else { laid_out(before) };
    (before, laid_out(after))
}
