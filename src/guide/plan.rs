//! The commands that do what is still to be done, in order, and the way back.
//!
//! Nothing is put that is already so, and nothing over what has changed since it was collected: the
//! script reads each thing again just before, and compares.

use std::collections::BTreeSet;

mod put;
mod script;

use super::accounts::{Accounts, Found};
use super::check::looks;
use super::look::State;
use super::members::StackSet as Stacks;
use super::new_key::NewKey;
use super::reads::Read;
use super::{Setup, documents, problems};
use crate::policy::is_account_id;
use crate::steps::Step;
use crate::steps::guide::{Account, StackSet};
use put::{Made, Task};

/// One file of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanFile {
    /// Its path inside the plan's folder.
    pub path: String,
    /// Its text.
    pub text: String,
    /// Whether it is a program.
    pub executable: bool,
}

/// Something that is not planned.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Left {
    /// The steps, by name.
    pub steps: Vec<String>,
    /// Which steps, and where.
    pub what: String,
    /// Why it is not planned.
    pub why: String,
    /// The commands with which a person can do it.
    pub commands: Vec<String>,
    /// The account in which they are run; empty where that does not matter.
    pub account: String,
}

impl std::fmt::Display for Left {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.what, self.why)
    }
}

/// Why something is not planned, and what a person can do instead.
#[derive(Clone, Debug, Default)]
pub(super) struct Reason {
    why: String,
    commands: Vec<String>,
}

impl Reason {
    /// A reason with the command that does it.
    fn with(why: String, command: String) -> Self {
        Reason { why, commands: vec![command] }
    }
}

impl<T: Into<String>> From<T> for Reason {
    fn from(why: T) -> Self {
        Reason { why: why.into(), commands: Vec::new() }
    }
}

/// What is to be done.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// The files, none if there is nothing to do.
    pub files: Vec<PlanFile>,
    /// What each script does, in the order in which they are run.
    pub scripts: Vec<(String, Vec<String>)>,
    /// What is not planned, and why.
    pub left: Vec<Left>,
    /// The accounts that were not collected, for which nothing is planned: id, and name for a person.
    pub uncollected: Vec<(String, String)>,
    /// The steps of which something is planned.
    pub steps: BTreeSet<String>,
    /// The steps of which something waits for the ARN of a key that exists.
    pub waiting: BTreeSet<String>,
    /// What is odd about values and answers.
    pub warnings: Vec<String>,
}

/// Plans what the answers show to be missing.
///
/// # Errors
/// One line for each way in which the answers cannot be planned from.
pub fn plan(setup: &Setup<'_>, accounts: &Accounts) -> Result<Plan, Vec<String>> {
    let setup = &setup.with_answers(accounts);
    let accounts = &accounts.of(setup);
    let mut errors = accounts.unreadable(setup);
    errors.extend(problems::in_answers(setup, accounts));
    if !errors.is_empty() {
        return Err(errors);
    }
    let mut plan = Plan { warnings: setup.warnings.clone(), ..Plan::default() };
    for (number, place) in setup.in_order().into_iter().enumerate() {
        let Some(account) = setup.id(place) else { continue };
        if !accounts.accounts().contains(&account) {
            plan.uncollected.push((account.to_owned(), place.title.clone()));
            continue;
        }
        let tasks = tasks(setup, accounts, place, &mut plan);
        if tasks.is_empty() {
            continue;
        }
        let folder = format!("{}-{}-{account}", number + 1, place.name);
        plan.scripts
            .push((format!("{folder}/run.sh"), tasks.iter().map(|task| task.title.clone()).collect()));
        plan.files.extend(script::files(setup, place, account, &folder, &tasks));
    }
    if let Some(set) = &setup.guide.stack_set
        && let (Some(place), Some(step)) = (setup.place(&set.account), setup.pack.step(&set.step))
    {
        let mut number = setup.guide.accounts.len();
        for (account, tasks) in own_roles(setup, accounts, set, step, &mut plan) {
            number += 1;
            let folder = format!("{number}-member-{account}");
            plan.scripts
                .push((format!("{folder}/run.sh"), tasks.iter().map(|task| task.title.clone()).collect()));
            plan.files.extend(script::files(setup, place, &account, &folder, &tasks));
        }
    }
    // Several documents of a step may have one thing in their way.
    let mut said = BTreeSet::new();
    plan.left.iter_mut().for_each(|left| left.why = setup.plain(&left.why));
    plan.left.retain(|left| said.insert(left.clone()));
    if !plan.files.is_empty() {
        let text = script::readme(&plan);
        plan.files.push(PlanFile { path: "README.txt".to_owned(), text, executable: false });
    }
    Ok(plan)
}

/// What is to be done in one account.
fn tasks(setup: &Setup<'_>, accounts: &Accounts, place: &Account, plan: &mut Plan) -> Vec<Task> {
    let Some(own) = setup.id(place) else { return Vec::new() };
    let mut made = Made::default();
    let mut tasks = Vec::new();
    for (_, step) in setup.steps() {
        if setup.is_stacked(&step.name) {
            let stack = setup.stack().filter(|stack| stack.step == step.name);
            if stack.is_some() && setup.place_of_step(step).is_some_and(|own| own.name == place.name) {
                let stack = self::stack(setup, accounts, own, &mut plan.left, &mut made);
                if stack.is_some() {
                    plan.steps.extend(setup.stack().iter().flat_map(|stack| stack.does.iter().cloned()));
                }
                tasks.extend(stack);
            }
            continue;
        }
        of_step(setup, accounts, own, step, plan, &mut made, &mut tasks);
    }
    // Last, as it may fail in any of many accounts, and nothing else waits for it.
    if let Some(set) = setup.guide.stack_set.as_ref().filter(|set| set.account == place.name) {
        match put::members::tasks(setup, set, accounts) {
            Ok(members) if members.is_empty() => {}
            Ok(members) => {
                plan.steps.insert(set.step.clone());
                tasks.extend(members);
            }
            Err(reason) => {
                let left = left(setup, &[&set.step], own, reason);
                let what = format!("step {} in member accounts", setup.number(&set.step));
                plan.left.push(Left { what, ..left });
            }
        }
    }
    tasks
}

/// What is to be done of one step in an account, after the `tasks` before it.
fn of_step(
    setup: &Setup<'_>,
    accounts: &Accounts,
    own: &str,
    step: &Step,
    plan: &mut Plan,
    made: &mut Made,
    tasks: &mut Vec<Task>,
) {
    let here = looks(setup, accounts, step).into_iter().filter(|(account, _)| account == own);
    for ((_, look), document) in here.zip(documents(step)) {
        let is_open = matches!(look.state, State::Missing | State::Different);
        let reason = match look.state {
            State::Done | State::Wider | State::ByHand => continue,
            _ if !is_open || look.is_in_way => Reason { why: look.detail, commands: look.commands },
            _ => match put::tasks(setup, accounts, own, step, document, &look, made) {
                Ok(more) => match lacks_key(setup, tasks, &more) {
                    // Without its key, nothing can have the key's ARN.
                    Some(key) if key.exists => {
                        plan.waiting.insert(step.name.clone());
                        format!("it needs a value for {}", key.parameter).into()
                    }
                    Some(_) => "it needs the key that this plan cannot create".into(),
                    None => {
                        plan.steps.insert(step.name.clone());
                        tasks.extend(more);
                        continue;
                    }
                },
                Err(why) => Reason { why, commands: look.commands },
            },
        };
        plan.left.push(left(setup, &[&step.name], own, reason));
    }
}

/// What is not planned of some steps in an account.
fn left(setup: &Setup<'_>, steps: &[&str], account: &str, reason: Reason) -> Left {
    let numbers: Vec<String> = steps.iter().map(|step| setup.number(step).to_string()).collect();
    let noun = if steps.len() == 1 { "step" } else { "steps" };
    Left {
        steps: steps.iter().map(|step| (*step).to_owned()).collect(),
        what: format!("{noun} {} in {account}", numbers.join(", ")),
        why: reason.why,
        commands: reason.commands,
        account: account.to_owned(),
    }
}

/// What is to be done in the member accounts that have a role of the StackSet's name, which no stack can create there.
fn own_roles(
    setup: &Setup<'_>,
    accounts: &Accounts,
    set: &StackSet,
    step: &Step,
    plan: &mut Plan,
) -> Vec<(String, Vec<Task>)> {
    let stacks = Stacks::of(setup, accounts);
    let mut all = Vec::new();
    for account in accounts.accounts() {
        let is_member = is_account_id(account) && setup.place_of(account).is_none();
        if !is_member || !put::members::has_role(setup, set, accounts, account) {
            continue;
        }
        // What a stack created is changed by its StackSet alone.
        if stacks.has(account) {
            let looks = looks(setup, accounts, step);
            let open = looks.iter().filter(|(own, look)| own == account && look.state < State::Wider);
            plan.left.extend(open.map(|(_, look)| {
                let why = format!("{}; update the StackSet {}", look.detail, set.name);
                left(setup, &[&step.name], account, why.into())
            }));
            continue;
        }
        let mut tasks = Vec::new();
        of_step(setup, accounts, account, step, plan, &mut Made::default(), &mut tasks);
        if !tasks.is_empty() {
            all.push((account.to_owned(), tasks));
        }
    }
    all
}

/// The new key that tasks use and that none before them creates.
fn lacks_key<'s, 'p>(setup: &'s Setup<'p>, before: &[Task], tasks: &[Task]) -> Option<&'s NewKey<'p>> {
    setup.new_keys.iter().find(|key| {
        tasks.iter().any(|task| uses(task, key)) && !before.iter().chain(tasks).any(|task| creates(task, key))
    })
}

/// Whether a task uses a new key.
fn uses(task: &Task, key: &NewKey<'_>) -> bool {
    task.document.iter().chain(&task.put).any(|text| text.contains(&key.arn))
}

/// Whether a task creates a key.
fn creates(task: &Task, key: &NewKey<'_>) -> bool {
    task.then.iter().any(|line| line.starts_with(&format!("{}=", key.variable)))
}

/// The stack of the chosen option, unless what it makes first is there.
fn stack(
    setup: &Setup<'_>,
    accounts: &Accounts,
    account: &str,
    all: &mut Vec<Left>,
    made: &mut Made,
) -> Option<Task> {
    let stack = setup.stack()?;
    let read = setup.pack.step(&stack.step).and_then(|step| setup.read_of(documents(step).next()?));
    match read.map(|read| accounts.found(account, read)) {
        Some(Found::Absent) => match put::stack(setup, account, stack, made) {
            Ok(task) => Some(task),
            Err(why) => {
                all.push(left(setup, &[&stack.step], account, why.into()));
                None
            }
        },
        Some(Found::Answer(_)) => {
            let steps = stack.does.iter().filter_map(|name| setup.pack.step(name));
            let open: Vec<&str> = steps
                .filter(|step| {
                    looks(setup, accounts, step)
                        .iter()
                        .any(|(_, look)| !matches!(look.state, State::Done | State::Wider))
                })
                .map(|step| step.name.as_str())
                .collect();
            if !open.is_empty() {
                all.push(left(setup, &open, account, "the stack does this: update the stack".into()));
            }
            None
        }
        _ => {
            let why = read.map_or("the stack was not collected".to_owned(), Read::not_collected);
            all.push(left(setup, &[&stack.step], account, why.into()));
            None
        }
    }
}
