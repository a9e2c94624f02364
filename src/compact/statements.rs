//! Statements that others cover.

use super::{Change, LIMITS, Work};
use crate::analyze::redundancy::spare_statements;
use crate::document::Uneditable;
use crate::edit;
use crate::format::layout::statement_nodes;
use crate::policy::Statement;

impl Work {
    /// Takes out the statements that others cover.
    pub(super) fn drop_statements(&mut self) -> Result<(), Uneditable> {
        let statements: Vec<&Statement> = self.document.policy.statements.iter().collect();
        let spared = spare_statements(&self.engine(), &statements, LIMITS);
        let origin = |places: &[usize]| places.iter().map(|at| self.origin[*at]).collect::<Vec<_>>();
        self.left = origin(&spared.left);
        for spare in &spared.spare {
            let (statement, by) = (self.origin[spare.statement], origin(&spare.by));
            self.changes.push(Change::Statement { statement, by });
        }
        let gone: Vec<usize> = spared.spare.iter().map(|spare| spare.statement).collect();
        self.edit(&self.removals(&gone))?;
        self.forget(&gone);
        Ok(())
    }

    /// The edits that take statements out.
    pub(super) fn removals(&self, gone: &[usize]) -> Vec<edit::Edit> {
        let spans: Vec<_> = statement_nodes(&self.document).iter().map(|node| node.span).collect();
        // Something that covers them stays.
        edit::without(&spans, |at| gone.binary_search(&at).is_ok()).unwrap_or_default()
    }

    /// Statements are gone, by place, in order.
    pub(super) fn forget(&mut self, gone: &[usize]) {
        let mut at = 0;
        self.origin.retain(|_| {
            at += 1;
            gone.binary_search(&(at - 1)).is_err()
        });
    }
}
