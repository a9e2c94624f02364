//! Actions of a list that a policy allows on every resource: what the rules about them share.

mod lists;

use super::Context;
use super::facts::dated;
use super::grants::{Entry, Grants, Reach, narrows};
use crate::diagnostic::Diagnostic;
use crate::policy::Statement;

pub(crate) use lists::{AUDIT, CONTENT, CREDENTIALS, SHARING};

/// A statement, and the actions of a list that it allows on every resource.
#[derive(Debug)]
pub(crate) struct Exposed<'d> {
    pub statement: &'d Statement,
    pub actions: Vec<(&'static str, Entry<'d>)>,
}

/// So many entries are pointed at.
const MOST_LABELS: usize = 3;

/// The statements that allow actions of a list on all resources that these are about, unless a condition
/// narrows them, or a `Deny` does.
pub(crate) fn exposed<'d>(grants: &Grants<'d>, list: &[&'static str]) -> Vec<Exposed<'d>> {
    let mut all: Vec<Exposed<'d>> = Vec::new();
    for action in list {
        for grant in grants.of(action).iter() {
            let statement = grant.entry.statement;
            if grant.reach != Reach::All || grant.held || statement.conditions.iter().any(narrows) {
                continue;
            }
            add(&mut all, statement, action, grant.entry);
        }
    }
    all
}

/// Adds an action to those of its statement.
pub(crate) fn add<'d>(
    all: &mut Vec<Exposed<'d>>,
    statement: &'d Statement,
    action: &'static str,
    entry: Entry<'d>,
) {
    match all.iter_mut().find(|exposed| exposed.statement.index == statement.index) {
        Some(exposed) if exposed.actions.iter().any(|(known, _)| *known == action) => {}
        Some(exposed) => exposed.actions.push((action, entry)),
        None => all.push(Exposed { statement, actions: vec![(action, entry)] }),
    }
}

impl Exposed<'_> {
    /// A finding at the resources, as in "`s3:GetObject` is allowed on every resource and reads data".
    pub(crate) fn finding(&self, does: &str, cx: &Context<'_>) -> Option<Diagnostic> {
        let (first, _) = self.actions.first()?;
        let element = self.statement.resource.as_ref()?;
        let (names, verb) = match self.actions.len() {
            1 => (format!("`{first}`"), "is"),
            2 => (format!("`{first}` and one more action"), "are"),
            more => (format!("`{first}` and {} more actions", more - 1), "are"),
        };
        let message = format!("{names} {verb} allowed on every resource: {does}, {}", dated());
        let mut finding = cx.finding(element.values.span, message).label("on all of them");
        let mut spans = Vec::new();
        for (action, entry) in &self.actions {
            if spans.len() < MOST_LABELS && !spans.contains(&entry.span) {
                spans.push(entry.span);
                let label = if action == first { entry.label(action) } else { entry.names(action) };
                finding = finding.also_at(entry.span, label);
            }
        }
        Some(finding)
    }
}
