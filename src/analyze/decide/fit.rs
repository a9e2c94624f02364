//! Whether a document can be answered for in the layer that it is given for.

use super::Layer;
use crate::analyze::evaluate::Prepared;
use crate::diagnostic::Diagnostic;
use crate::document::Document;
use crate::kind::Kind;
use crate::policy::Statement;
use crate::span::Span;

/// Prepares a document as a policy of a layer. A document whose place in a file is still empty is a
/// policy that says nothing.
///
/// # Errors
/// What is wrong with it: AWS would not have taken it, or not for this. An answer would be a guess.
pub fn fit(document: &Document, layer: Layer) -> Result<Prepared, Vec<Diagnostic>> {
    let kind = match layer.kind() {
        Some(kind) => kind,
        // A policy that names no one looks like an identity policy.
        None if document.kind.names_principal() => document.kind,
        None => Kind::Resource,
    };
    let mut problems = Vec::new();
    if !document.is_absent() {
        let real = document.problems.iter().filter(|problem| !is_harmless(problem, document, kind));
        problems.extend(real.cloned());
        for statement in document.policy.statements.iter().filter(|statement| !statement.is_hole()) {
            problems.extend(misplaced(statement, layer, kind));
        }
    }
    let is_sure = layer.kind().is_some() || document.sure_kind() == kind;
    match problems.is_empty() {
        true => Ok(Prepared::new(&document.policy, kind).guessed(!is_sure)),
        false => Err(problems),
    }
}

/// Whether the meaning is clear all the same: a list of no statements, and in a key policy a
/// statement without an action, say nothing. KMS guide, "Key policies in AWS KMS".
fn is_harmless(problem: &Diagnostic, document: &Document, kind: Kind) -> bool {
    match problem.rule {
        "missing-statement" => document.policy.statement_list && document.policy.statements.is_empty(),
        "missing-action" => kind == Kind::Kms,
        _ => false,
    }
}

/// An element that a policy of the layer must not have, or lacks.
fn misplaced(statement: &Statement, layer: Layer, kind: Kind) -> Option<Diagnostic> {
    let opening = Span::at(statement.span.start as usize);
    match &statement.principal {
        Some(element) if !kind.names_principal() => {
            let message = format!("{} names no principal", kind.with_article());
            let problem = Diagnostic::new("unexpected-principal", element.key, message);
            return Some(problem.help("the policy of a bucket, key, role, … is given as the resource's"));
        }
        None if layer == Layer::Resource => {
            let message = "the policy of a resource says whom each statement is about";
            let problem = Diagnostic::new("missing-principal", opening, message);
            return Some(problem.help("a policy of a user, group or role is given as an identity policy"));
        }
        _ => {}
    }
    let free = matches!(kind, Kind::Trust | Kind::Ecr | Kind::Resource | Kind::Kms);
    (statement.resource.is_none() && !free)
        .then(|| Diagnostic::new("missing-resource", opening, "the statement has no `Resource`"))
}
