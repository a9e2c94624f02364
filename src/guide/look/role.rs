//! What is asked of a role may stand in any of its policies.

use super::{Look, Looking, State, is_of_insecure_requests};
use crate::guide::accounts::Found;
use crate::guide::reads::What;
use crate::kind::Kind;
use crate::merge::Outcome;

impl Looking<'_> {
    /// The statements may be in any policy of the role.
    pub(super) fn role_policies(&self, variant: Option<&str>) -> Look {
        let read = |what| self.setup.read(what, self.document.role.as_deref()?);
        let inline = read(What::Inline).map(|read| self.accounts.found(self.account, read));
        if inline == Some(Found::Absent) {
            return Look::new(State::Missing, "the role does not exist");
        }
        let mut policies: Vec<(String, String)> = Vec::new();
        let mut unread: Option<String> = None;
        for (what, which) in [(What::Inline, "an inline"), (What::Attached, "an attached")] {
            let Some(read) = read(what) else { continue };
            match self.accounts.each(self.account, read) {
                Ok(found) => policies.extend(found),
                Err(found) => {
                    let look = match self.accounts.found(self.account, read) {
                        // Of the list, one policy is missing.
                        Found::Answer(_) => {
                            self.unknown(found, (&format!("{which} policy of the role"), false))
                        }
                        found => self.without_answer(found, read),
                    };
                    unread.get_or_insert(look.detail);
                }
            }
        }
        if policies.is_empty()
            && let Some(why) = unread
        {
            return Look::new(State::CannotTell, why);
        }
        let mut covered: Vec<Option<(bool, String)>> = Vec::new();
        let mut cut = None;
        for (file, text) in &policies {
            let applied = match self.applied(file, text, Kind::Identity, variant) {
                Ok(applied) => applied,
                Err(why) => {
                    unread = Some(why);
                    continue;
                }
            };
            let decisions = &applied.merge.decisions;
            covered.resize(decisions.len().max(covered.len()), None);
            for (seen, decision) in covered.iter_mut().zip(decisions) {
                let by = decision.by.iter().find_map(|&index| applied.before.policy.statements.get(index));
                match (decision.outcome, by) {
                    (Outcome::AlreadyThere, Some(by)) => *seen = Some((true, by.name())),
                    (Outcome::Covered, Some(by)) if seen.is_none() => *seen = Some((false, by.name())),
                    _ => {}
                }
                let mut denies = decision.cut_by.iter();
                let mut denies =
                    denies.by_ref().filter_map(|cut| applied.before.policy.statements.get(cut.index));
                let deny = denies.find(|deny| !is_of_insecure_requests(deny));
                cut = cut.or(deny.map(|deny| format!("{file}: {} denies part of it, or may", deny.name())));
            }
        }
        let found = covered.iter().flatten().count();
        let mut look = match (cut, unread) {
            (Some(cut), _) => Look::new(State::Different, cut),
            (None, Some(why)) if found < covered.len().max(1) => Look::new(State::CannotTell, why),
            _ if found == 0 => {
                let detail = match policies.len() {
                    0 => "the role has no policy".to_owned(),
                    1 => "the role's only policy does not grant this".to_owned(),
                    count => format!("none of the role's {count} policies grants this"),
                };
                Look::new(State::Missing, detail)
            }
            _ if found < covered.len() => Look::new(
                State::Different,
                format!("the role has only {found} of the step's {} statements", covered.len()),
            ),
            _ => {
                let wider = covered.iter().flatten().find(|(same, _)| !same);
                match wider {
                    Some((_, by)) => Look::new(State::Wider, format!("{by} is wider than the step")),
                    None => {
                        Look::new(State::Done, format!("in {} of the role", policies_word(policies.len())))
                    }
                }
            }
        };
        look.looked_at = policies.iter().map(|(file, _)| self.looked_at(file)).collect();
        look
    }
}

fn policies_word(count: usize) -> String {
    if count == 1 { "the only policy".to_owned() } else { format!("{count} policies") }
}
