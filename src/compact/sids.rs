//! Sids, where they may go.

use super::{Change, Work};
use crate::document::Uneditable;
use crate::edit;
use crate::format::layout::statement_nodes;
use crate::parse::Member;

impl Work {
    /// Takes every Sid out.
    pub(super) fn drop_sids(&mut self) -> Result<(), Uneditable> {
        let text = self.document.text();
        let mut edits = Vec::new();
        for (at, node) in statement_nodes(&self.document).into_iter().enumerate() {
            // What cannot be read stays as it is.
            if !self.document.policy.statements[at].is_complete() {
                continue;
            }
            let members = node.members();
            let Some(own) = members.iter().position(|member| member.key.text(text) == "Sid") else {
                continue;
            };
            let spans: Vec<_> = members.iter().map(Member::span).collect();
            let Some(removal) = edit::without(&spans, |member| member == own) else { continue };
            edits.extend(removal);
            let sid = members[own].value.text(text).unwrap_or_default().into_owned();
            self.changes.push(Change::Sid { statement: self.origin[at], sid });
        }
        self.edit(&edits)
    }
}
