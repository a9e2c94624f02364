//! Statements that others cover.

use super::{Change, LIMITS, Piece, Work};
use crate::analyze::redundancy::{Spare, spare_statements};
use crate::policy::Statement;

impl Work {
    /// Takes out the statements that others cover.
    pub(super) fn drop_statements(&mut self) {
        let statements: Vec<&Statement> = self.document.policy.statements.iter().collect();
        let spared = spare_statements(&self.engine(), &statements, LIMITS);
        let origin = |places: &[usize]| places.iter().map(|at| self.origin[*at]).collect::<Vec<_>>();
        self.left = origin(&spared.left);
        let piece = |spare: &Spare| {
            let change = Change::Statement { statement: self.origin[spare.statement], by: origin(&spare.by) };
            Piece { changes: vec![change], gone: vec![spare.statement], ..Piece::default() }
        };
        self.make(spared.spare.iter().map(piece).collect());
    }
}
