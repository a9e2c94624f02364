//! The accounts besides those of the guide, in which a StackSet does the step of every account.

use serde_json::Value as Json;

use super::Setup;
use super::accounts::{Accounts, Found};
use super::reads::What;
use crate::policy::is_account_id;

/// The accounts of the organization that are in use, without those of the guide; `None` where that was not
/// collected.
pub(super) fn members(setup: &Setup<'_>, accounts: &Accounts) -> Option<Vec<String>> {
    let place = setup.place(&setup.guide.stack_set.as_ref()?.account)?;
    let answer = accounts.json(setup.id(place)?, setup.read(What::Organization, ""))?;
    let text = |account: &Json, name: &str| account.get(name).and_then(Json::as_str).map(str::to_owned);
    let all = answer.get("Accounts")?.as_array()?.iter();
    // Organizations API, Account: `State` has taken the place of `Status`.
    let in_use = all.filter(|account| {
        let state = text(account, "State").or_else(|| text(account, "Status"));
        state.is_none_or(|state| state == "ACTIVE")
    });
    // They go into commands.
    let ids = in_use.filter_map(|account| text(account, "Id")).filter(|id| is_account_id(id));
    Some(ids.filter(|id| setup.place_of(id).is_none()).collect())
}

/// What is known of the StackSet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum StackSet {
    /// There is none.
    Absent,
    /// It is there: the accounts in which it has a stack, and what is wrong with that.
    There(Vec<(String, Option<String>)>),
    /// It was not, or could not be, looked at.
    Unknown(String),
}

impl StackSet {
    /// The StackSet in the answers.
    pub(super) fn of(setup: &Setup<'_>, accounts: &Accounts) -> StackSet {
        let Some(set) = &setup.guide.stack_set else { return StackSet::Absent };
        let unknown = |why: &str| StackSet::Unknown(format!("the StackSet {} {why}", set.name));
        let account = setup.place(&set.account).and_then(|place| setup.id(place));
        let found = account.zip(setup.read(What::Instances, ""));
        let text = match found.map(|(account, read)| accounts.found(account, read)) {
            Some(Found::Answer(text)) => text,
            Some(Found::Absent) => return StackSet::Absent,
            Some(Found::Failed(why)) => return unknown(&format!("could not be read: {why}")),
            Some(Found::NotCollected) | None => return unknown("was not collected"),
        };
        let Ok(answer) = serde_json::from_str::<Json>(&text) else { return unknown("could not be read") };
        let Some(stacks) = answer.get("Summaries").and_then(Json::as_array) else {
            return unknown("could not be read");
        };
        let stack = |stack: &Json| {
            Some((stack.get("Account")?.as_str()?.to_owned(), fault(stack).map(str::to_owned)))
        };
        StackSet::There(stacks.iter().filter_map(stack).collect())
    }

    /// Whether the account has the role by it.
    pub(super) fn has(&self, account: &str) -> bool {
        match self {
            StackSet::There(stacks) => stacks.iter().any(|(own, fault)| own == account && fault.is_none()),
            StackSet::Absent | StackSet::Unknown(_) => false,
        }
    }

    /// What is wrong with the account's stack; `None` where it has none.
    pub(super) fn fault(&self, account: &str) -> Option<&str> {
        let StackSet::There(stacks) = self else { return None };
        stacks.iter().find(|(own, _)| own == account)?.1.as_deref()
    }
}

/// What is wrong with a stack instance, in the word of CloudFormation: it is not as its StackSet, or the last operation on
/// it failed (CloudFormation API, StackInstanceSummary).
fn fault(stack: &Json) -> Option<&str> {
    let operation = stack.pointer("/StackInstanceStatus/DetailedStatus").and_then(Json::as_str);
    match stack.get("Status").and_then(Json::as_str) {
        Some("CURRENT") => operation.filter(|status| *status != "SUCCEEDED"),
        status => operation.filter(|status| *status != "SUCCEEDED").or(status).or(Some("without a status")),
    }
}
