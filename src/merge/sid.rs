//! Sids: what a statement is called, and what it may be called instead.

use std::collections::HashSet;

use crate::edit::{self, Edit};
use crate::steps::NewStatement;

/// The same statement under a Sid that is not taken: the smallest number that is free behind its own.
pub(super) fn renamed(new: &NewStatement, taken: &HashSet<String>) -> Option<NewStatement> {
    let sid = new.statement.sid.as_ref()?;
    let name =
        (2..).map(|number: usize| format!("{}{number}", sid.text)).find(|name| !taken.contains(name))?;
    let quoted = serde_json::Value::from(name).to_string();
    let text = edit::apply(&new.text, &[Edit::replace(sid.span, quoted)]);
    NewStatement::read(text, new.statement.variables).ok()
}
