//! The accounts besides those of the guide, in which a StackSet does the step of every account.

use serde_json::Value as Json;

use super::Setup;
use super::accounts::{Accounts, Found};
use super::reads::What;
use crate::policy::is_account_id;
use crate::steps::Step;
use crate::steps::guide::StackSet as Set;

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

/// Whether an account had no role of a step's when it was collected: a StackSet may have created it since.
pub(super) fn is_without_role(setup: &Setup<'_>, step: &Step, accounts: &Accounts, account: &str) -> bool {
    let mut roles = step.documents.iter().filter_map(|document| document.role.as_deref());
    roles.any(|role| {
        let read = setup.read(What::Role, role);
        read.is_some_and(|read| accounts.found(account, read) == Found::Absent)
    })
}

/// A StackSet that is there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Stacks {
    /// The accounts in which it has a stack, and what is wrong with that.
    stacks: Vec<(String, Option<String>)>,
    /// What its parameters are and should not be.
    pub(super) differs: Vec<String>,
    /// Why it is not known what its stacks bring.
    pub(super) unknown: Option<String>,
}

impl Stacks {
    /// Whether it has no stack.
    pub(super) fn is_empty(&self) -> bool {
        self.stacks.is_empty()
    }
}

/// What is known of the StackSet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum StackSet {
    /// There is none.
    Absent,
    /// It is there.
    There(Stacks),
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
            Some(Found::OfOther(why)) => return StackSet::Unknown(why),
            Some(Found::NotCollected) | None => return unknown("was not collected"),
        };
        let Ok(answer) = serde_json::from_str::<Json>(&text) else { return unknown("could not be read") };
        let Some(stacks) = answer.get("Summaries").and_then(Json::as_array) else {
            return unknown("could not be read");
        };
        let stack = |stack: &Json| {
            let why = stack.get("StatusReason").and_then(Json::as_str).unwrap_or("").trim();
            let fault = fault(stack).map(|fault| match why {
                "" => fault.to_owned(),
                // As CloudFormation says in words.
                why if why.contains("already exists") => format!("{fault}{TAKEN}"),
                why => format!("{fault}: {why}"),
            });
            Some((stack.get("Account")?.as_str()?.to_owned(), fault))
        };
        let stacks = stacks.iter().filter_map(stack).collect();
        let itself = account.zip(setup.read(What::StackSet, ""));
        match itself.map(|(account, read)| accounts.found(account, read)) {
            Some(Found::Answer(text)) => {
                let answer = serde_json::from_str::<Json>(&text).unwrap_or_default();
                let own = answer.get("StackSet").unwrap_or(&Json::Null);
                let unknown = (!has_template(setup, set, own))
                    .then(|| format!("the template of the StackSet {} is not that of the step", set.name));
                StackSet::There(Stacks { stacks, differs: differs(setup, set, own), unknown })
            }
            Some(Found::Failed(why)) => unknown(&format!("could not be read: {why}")),
            _ => unknown("was not collected: print the script of guide collect again, and run it"),
        }
    }

    /// Whether the account has a stack of it as it should be.
    pub(super) fn has(&self, account: &str) -> bool {
        let stacks = self.stacks();
        stacks.iter().any(|(own, fault)| own == account && fault.is_none())
    }

    /// The accounts of `members` in which its stack failed as what it creates exists there, and that were not collected: a plan
    /// can do the step in them once they were.
    pub(super) fn to_collect(&self, accounts: &Accounts, members: &[String]) -> Vec<String> {
        let is_taken = |account: &String| self.fault(account).is_some_and(|fault| fault.ends_with(TAKEN));
        let collected = accounts.accounts();
        let open = members.iter().filter(|account| !collected.contains(&account.as_str()));
        open.filter(|account| is_taken(account)).cloned().collect()
    }

    fn stacks(&self) -> &[(String, Option<String>)] {
        match self {
            StackSet::There(stacks) => &stacks.stacks,
            StackSet::Absent | StackSet::Unknown(_) => &[],
        }
    }

    /// What is wrong with the account's stack; `None` where it has none.
    pub(super) fn fault(&self, account: &str) -> Option<&str> {
        self.stacks().iter().find(|(own, _)| own == account)?.1.as_deref()
    }
}

/// What follows on the fault of a stack that failed as what it creates exists.
const TAKEN: &str = ", as what it creates exists there";

/// The parameters of a StackSet that have other values than they are to have.
fn differs(setup: &Setup<'_>, set: &Set, own: &Json) -> Vec<String> {
    let parameters = own.get("Parameters").and_then(Json::as_array).map_or([].as_slice(), Vec::as_slice);
    let value = |name: &str| {
        let named = parameters.iter().find(|own| own.get("ParameterKey").is_some_and(|key| key == name))?;
        named.get("ParameterValue")?.as_str()
    };
    let all = set.parameters.iter().filter_map(|(name, token)| {
        let wanted = setup.value(token)?;
        match value(name) {
            Some(value) if value == wanted => None,
            Some(value) => Some(format!("{name} `{value}`, not `{wanted}`")),
            None => Some(format!("no {name}")),
        }
    });
    all.collect()
}

/// Whether a StackSet has the template of the step.
fn has_template(setup: &Setup<'_>, set: &Set, own: &Json) -> bool {
    let step = setup.pack.step(&set.step).and_then(|step| Some((step, step.template()?.1)));
    let wanted = step.and_then(|(step, template)| {
        template.filled(setup.packs, (setup.pack, step), set.variant.as_deref()).ok()
    });
    let body = own
        .get("TemplateBody")
        .and_then(Json::as_str)
        .and_then(|text| serde_json::from_str::<Json>(text).ok());
    body.is_some() && body == wanted
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
