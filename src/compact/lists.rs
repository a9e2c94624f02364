//! Lists of one, where the file writes single values as strings.

use super::{Change, Piece, Work};
use crate::analyze::redundancy::{Part, parts};
use crate::edit::Edit;
use crate::format::layout::Layout;

impl Work {
    /// Writes lists of one as strings, for each element of which the file has strings at least as often: two
    /// characters are no reason to bring a second style into a file.
    pub(super) fn unlist(&mut self) {
        let layout = Layout::of(&self.document);
        let mut pieces = Vec::new();
        for (at, statement) in
            self.document.policy.statements.iter().enumerate().filter(|(_, one)| one.is_complete())
        {
            for part in parts(statement) {
                let values = part.values();
                if let ([value], true) = (values.items.as_slice(), values.list)
                    && !value.may_be_list()
                    && layout.writes_single(&slot(part))
                {
                    let edit = Edit::replace(values.span, value.span.slice(self.document.text()));
                    let change = Change::Unlisted { statement: self.origin[at], element: part.name() };
                    pieces.push(Piece { edits: vec![edit], changes: vec![change], ..Piece::default() });
                }
            }
        }
        self.make(pieces);
    }
}

/// What the layout calls the place of a list.
pub(super) fn slot(part: Part<'_>) -> String {
    match part {
        Part::Principal(_, entry) => format!("Principal {}", entry.kind.name()),
        Part::Test(_) => "Condition key".to_owned(),
        _ => part.name(),
    }
}
