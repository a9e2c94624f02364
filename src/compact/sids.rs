//! Sids, where they may go.

use super::{Change, Piece, Work};
use crate::edit;
use crate::format::layout::statement_nodes;
use crate::parse::Member;

impl Work {
    /// Takes every Sid out.
    pub(super) fn drop_sids(&mut self) {
        let text = self.document.text();
        let mut pieces = Vec::new();
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
            let Some(edits) = edit::without(&spans, |member| member == own) else { continue };
            let sid = members[own].value.text(text).unwrap_or_default().into_owned();
            let change = Change::Sid { statement: self.origin[at], sid };
            pieces.push(Piece { edits, changes: vec![change], ..Piece::default() });
        }
        self.make(pieces);
    }
}
