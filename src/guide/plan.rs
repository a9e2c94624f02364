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

/// What is to be done.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// The files, none if there is nothing to do.
    pub files: Vec<PlanFile>,
    /// What each script does, in the order in which they are run.
    pub scripts: Vec<(String, Vec<String>)>,
    /// What is not planned, and why.
    pub left: Vec<String>,
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
    plan.left =
        plan.left.iter().map(|left| setup.plain(left)).filter(|left| said.insert(left.clone())).collect();
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
                let stack = self::stack(setup, accounts, own, &mut plan.left);
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
            Err(why) => plan.left.push(format!("{} in member accounts: {why}", set.step)),
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
    let Plan { left, steps, waiting, .. } = plan;
    let here = looks(setup, accounts, step).into_iter().filter(|(account, _)| account == own);
    for ((_, look), document) in here.zip(documents(step)) {
        match look.state {
            State::Done | State::Wider | State::ByHand => continue,
            State::CannotTell => {
                left.push(format!("{} in {own}: {}", step.name, look.detail));
                continue;
            }
            State::Missing | State::Different if look.is_in_way => {
                left.push(format!("{} in {own}: {}", step.name, look.detail));
                continue;
            }
            State::Missing | State::Different => {}
        }
        match put::tasks(setup, accounts, own, step, document, &look, made) {
            Ok(more) => match lacks_key(setup, tasks, &more) {
                // Without its key, nothing can have the key's ARN.
                Some(key) if key.exists => {
                    waiting.insert(step.name.clone());
                    left.push(format!("{} in {own}: it needs a value for {}", step.name, key.parameter));
                }
                Some(_) => left
                    .push(format!("{} in {own}: it needs the key that this plan cannot create", step.name)),
                None => {
                    steps.insert(step.name.clone());
                    tasks.extend(more);
                }
            },
            Err(why) => left.push(format!("{} in {own}: {why}", step.name)),
        }
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
                format!("{} in {account}: {}; update the StackSet {}", step.name, look.detail, set.name)
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
        let has = |text: &String| text.contains(&key.arn);
        let uses = tasks.iter().any(|task| task.document.iter().any(has) || task.put.iter().any(has));
        uses && !before.iter().chain(tasks).any(|task| creates(task, key))
    })
}

/// Whether a task creates a key.
fn creates(task: &Task, key: &NewKey<'_>) -> bool {
    task.then.iter().any(|line| line.starts_with(&format!("{}=", key.variable)))
}

/// The stack of the chosen option, unless what it makes first is there.
fn stack(setup: &Setup<'_>, accounts: &Accounts, account: &str, left: &mut Vec<String>) -> Option<Task> {
    let stack = setup.stack()?;
    let read = setup.pack.step(&stack.step).and_then(|step| setup.read_of(documents(step).next()?));
    match read.map(|read| accounts.found(account, read)) {
        Some(Found::Absent) => match put::stack(setup, stack) {
            Ok(task) => Some(task),
            Err(why) => {
                left.push(format!("{} in {account}: {why}", stack.step));
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
                left.push(format!(
                    "{} in {account}: they are the stack's, so update the stack",
                    open.join(", ")
                ));
            }
            None
        }
        _ => {
            let name = read.map_or("the stack's", |read| &read.name);
            left.push(format!("{} in {account}: the {name} was not collected", stack.step));
            None
        }
    }
}
