//! How far the set-up is, step by step.

use serde_json::Value as Json;

use super::accounts::Accounts;
use super::look::{Diff, Look, LookedAt, Looking, State};
use super::members::{StackSet, members};
use super::works::{self, Works};
use super::{Place, Setup, Way, problems};
use crate::steps::{Demand, Step};

/// The steps as they stand in the table.
const STEPS: [(&str, &str); 10] = [
    ("step1", "role and policy"),
    ("step2", "trail key policy"),
    ("step3", "object ownership"),
    ("step4", "topic policy"),
    ("step5", "queue"),
    ("step6", "subscription"),
    ("step7", "notification key"),
    ("step8", "bucket notification"),
    ("step9", "role access"),
    ("step10", "Workbench"),
];

/// How far everything is.
#[derive(Clone, Debug)]
pub struct Check {
    /// How step 4 is done.
    pub way: Way,
    /// The management account.
    pub management: Option<String>,
    /// The Log Archive account.
    pub log_archive: Option<String>,
    /// The Region of topic and queue.
    pub region: Option<String>,
    /// The folder of answers, and when the oldest of them was collected.
    pub from: Option<(String, Option<String>)>,
    /// One for each step.
    pub rows: Vec<Row>,
    /// Whether it would work.
    pub works: Vec<Works>,
    /// The three values for Workbench, by field; `None` where one is missing.
    pub workbench: Vec<(String, Option<String>)>,
    /// What is odd about values and answers.
    pub warnings: Vec<String>,
}

/// How far one step is.
#[derive(Clone, Debug)]
pub struct Row {
    /// The step.
    pub step: &'static str,
    /// What it is about.
    pub title: &'static str,
    /// How it stands.
    pub state: State,
    /// Why.
    pub detail: String,
    /// What was looked at.
    pub looked_at: Vec<LookedAt>,
    /// What would change.
    pub diffs: Vec<Diff>,
}

/// Looks at everything.
///
/// # Errors
/// One line for each way in which values and answers cannot belong to one set-up.
pub fn check(setup: &Setup<'_>, accounts: &Accounts) -> Result<Check, Vec<String>> {
    let errors: Vec<String> = problems::in_answers(setup, accounts).into_iter().collect();
    if !errors.is_empty() {
        return Err(errors);
    }
    let rows: Vec<Row> = STEPS.iter().map(|&(step, title)| row(setup, accounts, step, title)).collect();
    let works = works::works(setup, accounts, &rows);
    let seen = [Place::Management, Place::LogArchive].into_iter().filter_map(|place| setup.account(place));
    let oldest = seen.filter_map(|account| accounts.collected(account)).min();
    Ok(Check {
        way: setup.way,
        management: setup.account(Place::Management).map(str::to_owned),
        log_archive: setup.account(Place::LogArchive).map(str::to_owned),
        region: setup.region(Place::LogArchive).map(str::to_owned),
        from: (!accounts.name.is_empty()).then(|| (accounts.name.clone(), oldest.map(str::to_owned))),
        works,
        workbench: workbench(setup),
        warnings: setup.warnings.clone(),
        rows,
    })
}

fn row(setup: &Setup<'_>, accounts: &Accounts, name: &'static str, title: &'static str) -> Row {
    let none = |state, detail: &str| Row {
        step: name,
        title,
        state,
        detail: detail.to_owned(),
        looked_at: Vec::new(),
        diffs: Vec::new(),
    };
    if name == "step10" {
        return none(State::ByHand, "polmerge cannot see it; the three values are below");
    }
    let Some(step) = setup.pack.step(name) else { return none(State::CannotTell, "the step is not known") };
    let looks = looks(setup, accounts, step);
    let Some(worst) = looks.iter().map(|(_, look)| look.state).min() else {
        let parameter = match step.account.as_str() {
            "management" => "YOUR_MANAGEMENT_ACCOUNT_ID",
            _ => "YOUR_LOG_ARCHIVE_ACCOUNT_ID",
        };
        return none(State::CannotTell, &format!("there is no value for {parameter}"));
    };
    let state = match worst {
        // Half of a step is another thing than nothing of it.
        State::Missing if name == "step5" && looks.iter().any(|(_, look)| look.state == State::Done) => {
            State::Different
        }
        worst => worst,
    };
    // What is the same in several accounts is said once.
    let mut details: Vec<(String, Vec<&str>)> = Vec::new();
    for (account, look) in looks.iter().filter(|(_, look)| look.state == worst && !look.detail.is_empty()) {
        match details.iter_mut().find(|(detail, _)| *detail == look.detail) {
            Some((_, accounts)) if accounts.contains(&account.as_str()) => {}
            Some((_, accounts)) => accounts.push(account),
            None => details.push((look.detail.clone(), vec![account])),
        }
    }
    let several = name == "step1" && worst != State::Done;
    let details: Vec<String> = details
        .into_iter()
        .map(|(detail, accounts)| if several { format!("{}: {detail}", accounts.join(", ")) } else { detail })
        .collect();
    let mut detail = match (name, worst) {
        ("step1", State::Done) => one_role(setup, accounts, &looks),
        ("step5" | "step7", State::Done) => details.first().cloned().unwrap_or_default(),
        ("step8", State::Missing) => format!("{}; S3 tests the topic: after 4 and 7", details.join("; ")),
        ("step7", State::Missing) => joined(&details),
        _ => details.join("; "),
    };
    let of_stack = setup.way == Way::Stack && ["step4", "step5", "step6", "step7", "step9"].contains(&name);
    if of_stack {
        detail = format!("of the stack: {detail}");
    }
    let mut looked_at: Vec<LookedAt> = looks.iter().flat_map(|(_, look)| look.looked_at.clone()).collect();
    looked_at.sort();
    looked_at.dedup();
    let diffs = looks.into_iter().filter_map(|(_, look)| look.diff).collect();
    Row { step: name, title, state, detail, looked_at, diffs }
}

/// Every document of a step in every account that it is for.
pub(super) fn looks(setup: &Setup<'_>, accounts: &Accounts, step: &Step) -> Vec<(String, Look)> {
    let both = || [Place::Management, Place::LogArchive].into_iter().filter_map(|place| setup.account(place));
    let mut places: Vec<String> = match step.account.as_str() {
        "management" => setup.account(Place::Management).map(str::to_owned).into_iter().collect(),
        "every" => both().map(str::to_owned).collect(),
        _ => setup.account(Place::LogArchive).map(str::to_owned).into_iter().collect(),
    };
    if step.account == "every" {
        let members = accounts.accounts().into_iter().filter(|account| crate::policy::is_account_id(account));
        let members: Vec<String> =
            members.map(str::to_owned).filter(|account| !places.contains(account)).collect();
        places.extend(members);
    }
    let mut looks = Vec::new();
    for account in &places {
        let documents = step
            .documents
            .iter()
            .filter(|document| document.settings.is_some() || document.statements.is_some());
        for document in documents {
            let looking = Looking { setup, step, document, account, accounts };
            looks.push((account.clone(), looking.look()));
        }
    }
    looks
}

/// `topic has no KmsMasterKeyId; queue has no KmsMasterKeyId` in fewer words.
fn joined(details: &[String]) -> String {
    let have: Vec<&str> =
        details.iter().filter_map(|detail| detail.strip_suffix(" has no KmsMasterKeyId")).collect();
    let rest = details.iter().filter(|detail| !detail.ends_with(" has no KmsMasterKeyId")).cloned();
    let verb = if have.len() == 1 { "has" } else { "have" };
    let attributes = (!have.is_empty()).then(|| format!("{} {verb} no KmsMasterKeyId", have.join(" and ")));
    rest.chain(attributes).collect::<Vec<_>>().join("; ")
}

/// In how many accounts the role was looked at, and in how many it was not.
fn one_role(setup: &Setup<'_>, accounts: &Accounts, looks: &[(String, Look)]) -> String {
    let mut seen: Vec<&str> = looks.iter().map(|(account, _)| account.as_str()).collect();
    seen.dedup();
    let collected =
        if seen.len() == 2 { "both accounts".to_owned() } else { format!("all {} accounts", seen.len()) };
    let Some(members) = members(setup, accounts) else {
        return format!("in {collected} collected; no other was looked at");
    };
    let rest: Vec<&String> = members.iter().filter(|account| !seen.contains(&account.as_str())).collect();
    if rest.is_empty() {
        return format!("in {collected} of the organization");
    }
    let set = StackSet::of(setup, accounts);
    let by_set = rest.iter().filter(|account| set.has(account)).count();
    let count = |number: usize| format!("{number} member account{}", if number == 1 { "" } else { "s" });
    let verb = |number: usize| if number == 1 { "was" } else { "were" };
    match (by_set, rest.len() - by_set) {
        (0, rest) => {
            let set = match set {
                StackSet::Absent => ", and there is no StackSet for them: guide plan makes one",
                _ => "",
            };
            format!("in {collected} collected; {} {} not{set}", count(rest), verb(rest))
        }
        (by_set, 0) => format!("in {collected} collected, in {} by the StackSet", count(by_set)),
        (by_set, rest) => format!(
            "in {collected} collected, in {} by the StackSet; {rest} {} not looked at",
            count(by_set),
            verb(rest)
        ),
    }
}

fn workbench(setup: &Setup<'_>) -> Vec<(String, Option<String>)> {
    let Some(step) = setup.pack.step("step10") else { return Vec::new() };
    let Ok(Some((document, settings))) = step.settings(None) else { return Vec::new() };
    let filled = Demand::of_step(setup.packs, (setup.pack, step), document, None, &setup.values);
    let value = |name: &str| match &filled {
        Ok(Ok(demand)) => demand.members.get(name).and_then(Json::as_str).map(str::to_owned),
        _ => {
            let token = settings.members.get(name).and_then(Json::as_str)?;
            setup.value(token).map(str::to_owned)
        }
    };
    settings.members.keys().map(|name| (name.clone(), value(name))).collect()
}
