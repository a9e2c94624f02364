//! Values that another one of their list covers.

use std::collections::BTreeMap;

use super::{Change, Piece, Work};
use crate::analyze::redundancy::covered_values;
use crate::edit;

impl Work {
    /// Takes out the values that another one of their list covers.
    pub(super) fn drop_values(&mut self) {
        let engine = self.engine();
        let mut pieces = Vec::new();
        for (at, statement) in self.document.policy.statements.iter().enumerate() {
            if !engine.reads(statement) {
                continue;
            }
            let mut lists = BTreeMap::new();
            for covered in covered_values(statement, engine.scope, |_| true) {
                let change = Change::Value {
                    statement: self.origin[at],
                    element: covered.part.name(),
                    value: covered.value().text.clone(),
                    by: covered.cover().text.clone(),
                };
                let values = covered.part.values();
                let (_, gone, changes) = lists.entry(values.span).or_insert((values, Vec::new(), Vec::new()));
                gone.push(covered.at);
                changes.push(change);
            }
            for (values, gone, changes) in lists.into_values() {
                let spans: Vec<_> = values.items.iter().map(|value| value.span).collect();
                let edits = edit::without(&spans, |at| gone.binary_search(&at).is_ok()).unwrap_or_default();
                pieces.push(Piece { edits, changes, ..Piece::default() });
            }
        }
        self.make(pieces);
    }
}
