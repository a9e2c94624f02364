//! Statements that cannot be read, where they make no difference.

use super::canonical::canonical;
use super::cover::Scope;
use crate::document::Document;
use crate::kind::Kind;
use crate::policy::Statement;

/// Some statements and the text that they stand in.
#[derive(Clone, Copy, Debug)]
pub struct Side<'a> {
    /// The statements.
    pub statements: &'a [Statement],
    /// Where their text is.
    pub document: &'a Document,
}

/// Two lists of statements, to be compared. What cannot be read is left out of both if it is at
/// least the same bytes in both, with the same statements round it; then it does whatever it did.
pub fn set_aside(left: Side<'_>, right: Side<'_>, scope: Scope<'_>) -> (Vec<Statement>, Vec<Statement>) {
    let leave_out = unread(left) == unread(right) && same_forms(left.statements, right.statements, scope);
    let kept = |side: Side<'_>| -> Vec<Statement> {
        side.statements.iter().filter(|statement| statement.complete || !leave_out).cloned().collect()
    };
    (kept(left), kept(right))
}

fn unread(side: Side<'_>) -> Vec<&str> {
    let all = side.statements.iter().filter(|statement| !statement.complete);
    let mut texts: Vec<&str> = all.map(|statement| statement.span.slice(side.document.text())).collect();
    texts.sort_unstable();
    texts
}

/// Whether two lists hold the same statements, as far as they can be read, in any order.
fn same_forms(left: &[Statement], right: &[Statement], scope: Scope<'_>) -> bool {
    let key = scope.resource.filter(|_| scope.kind == Kind::Kms);
    let forms = |statements: &[Statement]| {
        let mut forms: Vec<_> = statements.iter().filter_map(|statement| canonical(statement, key)).collect();
        forms.sort_unstable();
        forms
    };
    forms(left) == forms(right)
}
