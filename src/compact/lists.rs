//! Lists of one, where the file writes single values as strings.

use super::{Change, Work};
use crate::analyze::redundancy::{Part, parts};
use crate::document::Uneditable;
use crate::edit::Edit;
use crate::format::layout::Layout;

impl Work {
    /// Writes lists of one as strings, for each element of which the file has strings at least as often: two
    /// characters are no reason to bring a second style into a file.
    pub(super) fn unlist(&mut self) -> Result<(), Uneditable> {
        let layout = Layout::of(&self.document);
        let (mut edits, mut changes) = (Vec::new(), Vec::new());
        for (at, statement) in
            self.document.policy.statements.iter().enumerate().filter(|(_, one)| one.is_complete())
        {
            for part in parts(statement) {
                let values = part.values();
                if let ([value], true) = (values.items.as_slice(), values.list)
                    && !value.may_be_list()
                    && layout.writes_single(&slot(part))
                {
                    edits.push(Edit::replace(values.span, value.span.slice(self.document.text())));
                    changes.push(Change::Unlisted { statement: self.origin[at], element: part.name() });
                }
            }
        }
        self.changes.extend(changes);
        self.edit(&edits)
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
