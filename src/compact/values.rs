//! Values that another one of their list covers.

use std::collections::BTreeMap;

use super::{Change, Work};
use crate::analyze::redundancy::covered_values;
use crate::document::Uneditable;
use crate::edit;

impl Work {
    /// Takes out the values that another one of their list covers.
    pub(super) fn drop_values(&mut self) -> Result<(), Uneditable> {
        let engine = self.engine();
        let (mut edits, mut changes) = (Vec::new(), Vec::new());
        for (at, statement) in self.document.policy.statements.iter().enumerate() {
            if !engine.reads(statement) {
                continue;
            }
            let mut lists = BTreeMap::new();
            for covered in covered_values(statement, engine.scope, |_| true) {
                changes.push(Change::Value {
                    statement: self.origin[at],
                    element: covered.part.name(),
                    value: covered.value().text.clone(),
                    by: covered.cover().text.clone(),
                });
                let values = covered.part.values();
                lists.entry(values.span).or_insert((values, Vec::new())).1.push(covered.at);
            }
            for (values, gone) in lists.into_values() {
                let spans: Vec<_> = values.items.iter().map(|value| value.span).collect();
                edits.extend(edit::without(&spans, |at| gone.binary_search(&at).is_ok()).unwrap_or_default());
            }
        }
        self.changes.extend(changes);
        self.edit(&edits)
    }
}
