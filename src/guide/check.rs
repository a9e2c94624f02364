//! How far the set-up is, step by step.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::accounts::Accounts;
use super::key_state::KeyState;
use super::look::{Diff, Look, LookedAt, Looking, State};
use super::members::{self, StackSet, members};
use super::things::{account_of, parameter};
use super::works::{self, Works};
use super::{FORM, Setup, documents, lacking, plan, problems};
use crate::steps::guide::Choice;
use crate::steps::{Demand, Step, StepDocument};

/// How far everything is.
#[derive(Clone, Debug)]
pub struct Check {
    /// The set-up in a few words.
    pub title: String,
    /// The option that is chosen, where the pack has some.
    pub choice: Option<Choice>,
    /// The accounts of the guide: name, name for a person, id.
    pub accounts: Vec<(String, String, Option<String>)>,
    /// The Region in which most of it is.
    pub region: Option<String>,
    /// The folder of answers, and when the oldest of them was collected.
    pub from: Option<(String, Option<String>)>,
    /// One for each step.
    pub rows: Vec<Row>,
    /// Whether it would work.
    pub works: Vec<Works>,
    /// The vendor's form, if a step is one.
    pub form: Option<Form>,
    /// The steps of which a plan would do something.
    pub planned: BTreeSet<String>,
    /// What a plan would not do.
    pub left: Vec<plan::Left>,
    /// The values that are to be given before anything else, as what they name was created since.
    pub created: Vec<Created>,
    /// What is odd about values and answers.
    pub warnings: Vec<String>,
}

/// A value to be given: the ARN of a key that a plan has created.
#[derive(Clone, Debug)]
pub struct Created {
    /// The parameter.
    pub parameter: String,
    /// The key's alias.
    pub alias: String,
    /// The ARN.
    pub arn: String,
    /// The account that the key is in.
    pub account: String,
    /// The steps that no plan does before the value is given.
    pub waiting: BTreeSet<String>,
}

impl Check {
    /// What an account is called to a person; empty for a member account.
    pub fn title_of(&self, id: &str) -> &str {
        let named = self.accounts.iter().find(|(_, _, own)| own.as_deref() == Some(id));
        named.map_or("", |(_, title, _)| title)
    }
}

/// A form of the vendor's that a person fills in.
#[derive(Clone, Debug)]
pub struct Form {
    /// The number of its step.
    pub number: usize,
    /// The values by field; `None` where one is missing.
    pub fields: Vec<(String, Option<String>)>,
}

/// How far one step is.
#[derive(Clone, Debug)]
pub struct Row {
    /// The step.
    pub step: String,
    /// What it is about.
    pub title: String,
    /// How it stands.
    pub state: State,
    /// Why.
    pub detail: String,
    /// What was looked at.
    pub looked_at: Vec<LookedAt>,
    /// What would change.
    pub diffs: Vec<Diff>,
    /// The accounts of which nothing was collected, where that alone is why the state is not known.
    pub uncollected: Vec<String>,
    /// The accounts in which the state is not known.
    pub unknown_in: Vec<String>,
    /// The accounts that have to be collected before a plan can do the step in them.
    pub to_collect: Vec<String>,
}

/// Looks at everything.
///
/// # Errors
/// One line for each way in which values and answers cannot belong to one set-up.
pub fn check(given: &Setup<'_>, accounts: &Accounts) -> Result<Check, Vec<String>> {
    let setup = &given.with_answers(accounts);
    let collected = accounts;
    let accounts = &collected.of(setup);
    let errors: Vec<String> = problems::in_answers(setup, accounts);
    if !errors.is_empty() {
        return Err(errors);
    }
    let plan = match lacking(given).is_empty() {
        true => plan::plan(given, collected).unwrap_or_default(),
        false => plan::Plan::default(),
    };
    let rows: Vec<Row> = setup.steps().map(|(title, step)| row(setup, accounts, step, title)).collect();
    let works = works::works(setup, accounts, &rows);
    let created = setup.new_keys.iter().filter(|key| {
        let state = setup.key_state(accounts, key.parameter);
        key.exists && !matches!(state, Some(KeyState::Unusable(_)))
    });
    let created = created.map(|key| Created {
        parameter: key.parameter.to_owned(),
        alias: format!("alias/{}", key.create.alias),
        arn: key.arn.clone(),
        account: account_of(&key.arn).unwrap_or_default().to_owned(),
        waiting: plan.waiting.clone(),
    });
    let seen = setup.guide.accounts.iter().filter_map(|account| setup.id(account));
    let oldest = seen.filter_map(|account| accounts.collected(account)).min();
    let named = setup.guide.accounts.iter();
    let named = named
        .map(|account| (account.name.clone(), account.title.clone(), setup.id(account).map(str::to_owned)));
    Ok(Check {
        title: setup.guide.title.clone(),
        choice: setup.choice.cloned(),
        accounts: named.collect(),
        region: setup.in_order().first().and_then(|account| setup.region(account)).map(str::to_owned),
        from: (!accounts.name.is_empty()).then(|| (accounts.name.clone(), oldest.map(str::to_owned))),
        works,
        form: setup.steps().find_map(|(_, step)| form(setup, accounts, step)),
        created: created.collect(),
        planned: plan.steps,
        left: plan.left,
        warnings: setup.warnings.clone(),
        rows,
    })
}

/// What is said of an account of which nothing was collected.
const NOT_COLLECTED: &str = "not collected in";

fn row(setup: &Setup<'_>, accounts: &Accounts, step: &Step, title: &str) -> Row {
    let none = |state, detail: &str| Row {
        step: step.name.clone(),
        title: title.to_owned(),
        state,
        detail: detail.to_owned(),
        looked_at: Vec::new(),
        diffs: Vec::new(),
        uncollected: Vec::new(),
        unknown_in: Vec::new(),
        to_collect: Vec::new(),
    };
    if form_of(step).is_some() {
        return none(State::ByHand, "enter the values that are listed below");
    }
    let looks = looks(setup, accounts, step);
    let Some(worst) = looks.iter().map(|(_, look)| look.state).min() else {
        let place = setup.place_of_step(step).or(setup.guide.accounts.first());
        let parameter = place.map_or("the account", |place| &place.id);
        return none(State::CannotTell, &format!("there is no value for {parameter}"));
    };
    let members = is_of_set(setup, step).then(|| Members::of(setup, accounts, &looks));
    let stacks = members.as_ref().filter(|members| matches!(members.set, StackSet::There(_)));
    let some_done = looks.iter().any(|(_, look)| look.state == State::Done);
    let state = match worst {
        // Half of a thing is another one than nothing of it.
        State::Missing if some_done && is_of_one_thing(step) => State::Different,
        State::Done | State::Wider => members.as_ref().map_or(worst, |members| members.state().min(worst)),
        // Where there is no StackSet yet, the accounts of the guide say how far the step is.
        worst => stacks.map_or(worst, |members| members.state().min(worst)),
    };
    // What is the same in several accounts is said once.
    let mut details: Vec<(String, Vec<&str>)> = Vec::new();
    // What is missing, or not known, is said beside what is different.
    let is_open = |state: State| matches!(state, State::Different | State::Missing);
    let is_told = |state: State| is_open(state) || state == State::CannotTell;
    let of_row = |look: &Look| look.state == worst || (is_open(worst) && is_told(look.state));
    let mut told: Vec<&(String, Look)> =
        looks.iter().filter(|(_, look)| of_row(look) && !look.detail.is_empty()).collect();
    told.sort_by_key(|(_, look)| look.state);
    let collected = accounts.accounts();
    for (account, look) in told {
        let is_unknown = look.state == State::CannotTell && look.collect_in.is_none();
        let is_collected = !is_unknown || collected.contains(&account.as_str());
        let detail = if is_collected { look.detail.as_str() } else { NOT_COLLECTED };
        match details.iter_mut().find(|(own, _)| own == detail) {
            Some((_, accounts)) if accounts.contains(&account.as_str()) => {}
            Some((_, accounts)) => accounts.push(account),
            None => details.push((detail.to_owned(), vec![account])),
        }
    }
    let every = setup.place_of_step(step).is_none();
    let details: Vec<String> = details
        .into_iter()
        .map(|(detail, accounts)| (setup.plain(&detail), accounts))
        .map(|(detail, accounts)| match every && worst != State::Done {
            _ if detail == NOT_COLLECTED => format!("{detail} {}", accounts.join(", ")),
            true => format!("{}: {detail}", accounts.join(", ")),
            false => detail,
        })
        .collect();
    let mut detail = match worst {
        State::Done | State::Wider if every && (state != worst || worst == State::Done) => {
            // What is there is not what the row's state is about.
            let done = if matches!(state, State::Done | State::Wider) { "" } else { "done " };
            format!("{done}{}", collected_in(&looks, members.as_ref()))
        }
        State::Done => details.first().cloned().unwrap_or_default(),
        _ => joined(&details) + &stacks.map(Members::faults_text).unwrap_or_default(),
    };
    if worst == State::Missing
        && let Some(tested) = tested(setup, step)
    {
        detail = format!("{detail}; {tested}");
    }
    if setup.is_stacked(&step.name) {
        detail = format!("of the stack: {detail}");
    }
    let mut looked_at: Vec<LookedAt> = looks.iter().flat_map(|(_, look)| look.looked_at.clone()).collect();
    looked_at.sort();
    looked_at.dedup();
    let unknown = looks.iter().filter(|(_, look)| look.state == State::CannotTell);
    let unread = |(account, look): &(String, Look)| look.collect_in.as_ref().unwrap_or(account).clone();
    let mut unknown_in: Vec<String> = unknown.map(unread).collect();
    unknown_in.dedup();
    if state == State::CannotTell && worst != state {
        let place = setup.guide.stack_set.as_ref().and_then(|set| setup.place(&set.account));
        unknown_in.extend(place.and_then(|place| setup.id(place)).map(str::to_owned));
    }
    let is_collected =
        state != State::CannotTell || unknown_in.iter().any(|account| collected.contains(&account.as_str()));
    let uncollected = if is_collected { Vec::new() } else { unknown_in.clone() };
    let diffs = looks.into_iter().filter_map(|(_, look)| look.diff).collect();
    let to_collect = members
        .as_ref()
        .and_then(|members| Some(members.set.to_collect(accounts, members.accounts.as_ref()?)));
    let to_collect = to_collect.unwrap_or_default();
    Row { detail, looked_at, diffs, uncollected, unknown_in, to_collect, ..none(state, "") }
}

/// Whether a step is about a policy and the settings of one thing, which are made together.
fn is_of_one_thing(step: &Step) -> bool {
    let mut documents = documents(step);
    let settings = step.documents.iter().find(|document| document.settings.is_some());
    let Some(settings) = settings.and_then(parameter) else { return false };
    documents.any(|document| document.statements.is_some() && parameter(document) == Some(settings))
}

/// S3 tests where a notification goes when it is put, so that what lets S3 in comes first.
fn tested(setup: &Setup<'_>, step: &Step) -> Option<String> {
    let document = step.documents.iter().find(|document| document.kind == "bucket-notification")?;
    let members = document.settings.as_ref()?.text();
    let destination =
        super::look::DESTINATIONS.iter().find(|(member, _)| members.contains(&format!("\"{member}\"")))?.1;
    let lets_in = |step: &Step| {
        let texts = step.documents.iter().flat_map(|document| document.texts(None));
        texts.into_iter().any(|text| text.contains("\"s3.amazonaws.com\""))
    };
    let before = setup.steps().map(|(_, step)| step).take_while(|own| own.name != step.name);
    let numbers: Vec<String> =
        before.filter(|step| lets_in(step)).map(|step| setup.number(&step.name).to_string()).collect();
    (!numbers.is_empty())
        .then(|| format!("S3 tests the {destination}, so do {} first", numbers.join(" and ")))
}

/// Every document of a step in every account that it is for.
pub(super) fn looks(setup: &Setup<'_>, accounts: &Accounts, step: &Step) -> Vec<(String, Look)> {
    let mut places: Vec<String> = match setup.place_of_step(step) {
        Some(place) => setup.id(place).map(str::to_owned).into_iter().collect(),
        None => {
            let all = setup.guide.accounts.iter().filter_map(|account| setup.id(account));
            all.map(str::to_owned).collect()
        }
    };
    if setup.place_of_step(step).is_none() {
        let members = accounts.accounts().into_iter().filter(|account| crate::policy::is_account_id(account));
        let is_looked_at = |account: &str| {
            !is_of_set(setup, step) || !members::is_without_role(setup, step, accounts, account)
        };
        let members: Vec<String> = members
            .filter(|account| is_looked_at(account))
            .map(str::to_owned)
            .filter(|account| !places.contains(account))
            .collect();
        places.extend(members);
    }
    let mut looks = Vec::new();
    for account in &places {
        for document in documents(step) {
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

/// Whether a StackSet does the step in member accounts.
fn is_of_set(setup: &Setup<'_>, step: &Step) -> bool {
    setup.guide.stack_set.as_ref().is_some_and(|set| set.step == step.name)
}

/// What is known of the role in the member accounts that were not collected, or had none when they were: a StackSet creates it.
struct Members {
    set: StackSet,
    /// The accounts; `None` where the organization was not collected.
    accounts: Option<Vec<String>>,
}

impl Members {
    fn of(setup: &Setup<'_>, accounts: &Accounts, looks: &[(String, Look)]) -> Members {
        let is_seen = |member: &String| looks.iter().any(|(account, _)| account == member);
        let members = members(setup, accounts);
        let members = members.map(|all| all.into_iter().filter(|member| !is_seen(member)).collect());
        Members { set: StackSet::of(setup, accounts), accounts: members }
    }

    /// The accounts without a stack, and those whose stack is not as it should be, with what is wrong.
    fn faults(&self) -> (Vec<String>, Vec<String>) {
        let lacking = self.accounts.iter().flatten().filter(|account| !self.set.has(account));
        let (mut without, mut faulty) = (Vec::new(), Vec::new());
        for account in lacking {
            match self.set.fault(account) {
                Some(fault) => faulty.push(format!("{account} ({fault})")),
                None => without.push(account.clone()),
            }
        }
        (without, faulty)
    }

    /// The accounts without a stack, and those whose stack is not as it should be, in words.
    fn faults_text(&self) -> String {
        let (without, faulty) = self.faults();
        let parts =
            [("no stack of the StackSet in", without), ("its stack is not as it should be in", faulty)];
        let parts = parts.iter().filter(|(_, of)| !of.is_empty());
        parts.map(|(what, of)| format!("; {what} {}", first_three(of))).collect()
    }

    fn state(&self) -> State {
        let (without, faulty) = self.faults();
        match (&self.accounts, &self.set) {
            (Some(all), _) if all.is_empty() => State::Done,
            (None, _) | (_, StackSet::Unknown(_)) => State::CannotTell,
            (_, StackSet::There(set)) if !set.differs.is_empty() => State::Different,
            _ if !faulty.is_empty() => State::Different,
            _ if !without.is_empty() => State::Missing,
            (_, StackSet::There(set)) if set.unknown.is_some() => State::CannotTell,
            _ => State::Done,
        }
    }

    fn detail(&self) -> String {
        let Some(accounts) = &self.accounts else {
            return "; the organization's other accounts were not listed".to_owned();
        };
        let (without, faulty) = self.faults();
        let count = |number: usize| format!("{number} member account{}", if number == 1 { "" } else { "s" });
        match &self.set {
            _ if accounts.is_empty() => ", which are all of the organization".to_owned(),
            StackSet::Absent => {
                format!("; no StackSet exists for {}: guide plan creates one", count(without.len()))
            }
            StackSet::Unknown(why) => format!("; {why}, for {}", count(without.len())),
            StackSet::There(set) if !set.differs.is_empty() => {
                format!("; the StackSet for {} has {}", count(accounts.len()), set.differs.join(", "))
            }
            StackSet::There(set) => {
                let by_set = accounts.len() - without.len() - faulty.len();
                let mut text = match by_set {
                    0 => String::new(),
                    by_set => format!(", and in {} by the StackSet", count(by_set)),
                };
                text.push_str(&self.faults_text());
                if let Some(why) = &set.unknown {
                    text.push_str(&format!("; {why}"));
                }
                text
            }
        }
    }
}

/// The first three of a list, and how many more.
fn first_three(all: &[String]) -> String {
    match all.get(3..) {
        Some(rest) if !rest.is_empty() => format!("{} and {} more", all[..3].join(", "), rest.len()),
        _ => all.join(", "),
    }
}

/// In how many accounts the step was looked at, and what is known of the member accounts.
fn collected_in(looks: &[(String, Look)], members: Option<&Members>) -> String {
    let mut seen: Vec<&str> = looks.iter().map(|(account, _)| account.as_str()).collect();
    seen.dedup();
    let collected = match seen.len() {
        1 => "the collected account".to_owned(),
        2 => "both collected accounts".to_owned(),
        several => format!("all {several} collected accounts"),
    };
    format!("in {collected}{}", members.map(Members::detail).unwrap_or_default())
}

/// The document of a step that is a form of the vendor's, which nobody but a person fills in.
fn form_of(step: &Step) -> Option<&StepDocument> {
    step.documents.iter().find(|document| document.kind == FORM)
}

fn form(setup: &Setup<'_>, accounts: &Accounts, step: &Step) -> Option<Form> {
    let document = form_of(step)?;
    let settings = document.settings.as_ref()?;
    let filled = Demand::of_step(setup.packs, (setup.pack, step), document, None, &setup.values);
    let value = |name: &str| match &filled {
        Ok(Ok(demand)) => demand.members.get(name).and_then(Json::as_str).map(str::to_owned),
        _ => {
            let token = settings.members.get(name).and_then(Json::as_str)?;
            setup.value(token).map(str::to_owned)
        }
    };
    // The role that exists, where its path is another than that of the value.
    let others = setup.other_roles(accounts);
    let exists = |value: String| {
        let other = others.iter().find(|other| setup.value(&other.parameter) == Some(&value));
        other.map_or(value, |other| other.arn.clone())
    };
    let fields = settings.members.keys().map(|name| (name.clone(), value(name).map(exists)));
    Some(Form { number: setup.number(&step.name), fields: fields.collect() })
}
