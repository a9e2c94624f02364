//! Applying steps to documents that are not policies: merge, the reading back of the very bytes to
//! be written, verdict.

use super::Verdict;
use crate::edit;
use crate::invisible::escape_json;
use crate::merge::OnConflict;
use crate::merge::settings::{Answer, AnswerError, Merge, Outcome, merge};
use crate::source::Source;
use crate::steps::{Demand, How, Members, PutTakes};

/// The outcome of applying to settings.
#[derive(Clone, Debug)]
pub struct Applied {
    /// The settings as they were.
    pub before: Answer,
    /// The settings as they would be, read back from [`text`](Self::text).
    pub after: Answer,
    /// The whole file as it would be.
    pub text: String,
    /// What was decided about each member.
    pub merge: Merge,
    /// Whether the change may be made.
    pub verdict: Verdict,
    /// Why it may not, one line each.
    pub refusals: Vec<String>,
}

impl Applied {
    /// Whether the file would change.
    pub fn changes(&self) -> bool {
        self.text != self.before.source().text()
    }

    /// What may keep the demands from doing what they are for, one line each.
    pub fn doubts<'d>(&self, demands: &'d [Demand]) -> Vec<&'d str> {
        doubts(&self.after.members(), demands)
    }

    /// What the put command takes.
    pub fn for_put(&self, demands: &[Demand]) -> String {
        let members = self.after.members();
        let mut settable = Members::new();
        let mut takes = PutTakes::Document;
        for demand in demands {
            takes = demand.settings.put_takes.unwrap_or_default();
            for name in demand.members.keys().filter(|name| demand.settings.how(name) != How::Fixed) {
                if let Some(value) = members.get(name) {
                    settable.insert(name.clone(), value.clone());
                }
            }
        }
        match takes {
            PutTakes::Document => self.after.bare(),
            PutTakes::Members => escape_json(format!("{}\n", serde_json::Value::Object(settable))),
            PutTakes::Value => match settable.values().next() {
                Some(serde_json::Value::String(text)) => text.clone(),
                Some(other) => escape_json(other.to_string()),
                None => String::new(),
            },
        }
    }
}

/// What in some settings may keep demands from doing what they are for, one line each.
pub(crate) fn doubts<'d>(members: &Members, demands: &'d [Demand]) -> Vec<&'d str> {
    let is_empty = |value: &serde_json::Value| match value {
        serde_json::Value::Null => true,
        serde_json::Value::String(text) => text.trim().is_empty(),
        serde_json::Value::Object(members) => members.is_empty(),
        _ => false,
    };
    let rules = demands.iter().flat_map(|demand| &demand.settings.rules);
    let doubted = rules.filter_map(|(name, rule)| {
        let (doubt, value) = (rule.doubt.as_ref()?, members.get(name)?);
        (!is_empty(value) && !doubt.unless.contains(value)).then_some(&*doubt.warning)
    });
    doubted.collect()
}

/// Applies demands to settings; `wanted` says in words what they are.
///
/// # Errors
/// If the result could not be read back, which is a mistake in polmerge.
pub fn apply(
    before: &Answer,
    demands: &[Demand],
    removals: &[Demand],
    on_conflict: OnConflict,
    wanted: &str,
) -> Result<Applied, AnswerError> {
    let merge = merge(before, demands, removals, on_conflict);
    let text = edit::apply(before.source().text(), &merge.edits);
    let after = match demands.iter().chain(removals).next() {
        Some(demand) => {
            Answer::open(Source::new(before.source().name(), text.clone()), &demand.settings, wanted)?
        }
        None => before.clone(),
    };
    let mut refusals = Vec::new();
    if after.members() != merge.wanted {
        refusals.push("the result could not be read back: this is a mistake in polmerge".to_owned());
    }
    let conflict = merge.decisions.iter().any(|decision| decision.outcome == Outcome::Conflict);
    let verdict = match (conflict, refusals.is_empty(), text != before.source().text()) {
        (true, ..) => Verdict::Conflict,
        (_, false, _) => Verdict::Refused,
        (_, _, true) => Verdict::Changed,
        (_, _, false) => Verdict::Unchanged,
    };
    Ok(Applied { before: before.clone(), after, text, merge, verdict, refusals })
}
