//! What in a document keeps it from being read for certain: AWS refuses such a document, or reads it in a way that
//! no one knows.

use crate::diagnostic::Diagnostic;
use crate::document::Document;
use crate::policy::Statement;

/// The rules about an element of a policy that has another meaning than it seems, or none.
const DOUBTS: [&str; 3] = ["invalid-version", "unknown-element", "wrong-type"];

/// Why the policy as a whole cannot be read for certain, each with its place: a `Version` that does not exist or is not
/// a text, an element that a policy does not have.
pub fn of_policy(document: &Document) -> Vec<String> {
    let is_doubt = |problem: &&Diagnostic| DOUBTS.contains(&problem.rule);
    let statements = &document.policy.statements;
    let is_inside = |problem: &Diagnostic| statements.iter().any(|one| one.span.contains(problem.span));
    let doubts = document.problems.iter().filter(is_doubt).filter(|problem| !is_inside(problem));
    doubts.map(|problem| placed(document, problem)).collect()
}

/// What is not known of a statement, with the place: `` `Ref Who` (37:16) ``; `None` if all is.
pub fn unknown_of(document: &Document, statement: &Statement) -> Option<String> {
    let unknowns = statement.unknowns();
    let (label, span) = unknowns.first()?;
    let more = match unknowns.len() - 1 {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    Some(format!("`{label}` ({}){more}", document.source().place(document.in_file(*span))))
}

/// Why not all of a statement could be read, with the place; `None` if all was.
pub fn of_statement(document: &Document, statement: &Statement) -> Option<String> {
    if statement.is_complete() {
        return None;
    }
    let name = statement.name();
    match document.problems.iter().find(|problem| statement.span.contains(problem.span)) {
        Some(why) => Some(format!("not all of {name} could be read: {}", placed(document, why))),
        None => Some(format!("what {name} does is decided by {}", unknown_of(document, statement)?)),
    }
}

fn placed(document: &Document, problem: &Diagnostic) -> String {
    format!("{} ({})", problem.message, document.source().place(document.in_file(problem.span)))
}
