//! The commands that do what is still to be done, in order, and the way back.
//!
//! Nothing is put that is already so, and nothing over what has changed since it was collected: the
//! script reads each thing again just before, and compares.

mod put;
mod script;

use super::accounts::{Accounts, Found};
use super::check::looks;
use super::look::{Look, State};
use super::{Place, Setup, Way, problems, reads};
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
}

/// The parameters without which nothing can be planned.
pub fn lacking<'p>(setup: &Setup<'p>) -> Vec<crate::steps::Missing<'p>> {
    let optional = |name: &str| {
        name == "YOUR_OPTION" || (setup.way == Way::Stack && name == "YOUR_NOTIFICATION_KEY_ARN")
    };
    let parameters = setup.pack.parameters.iter();
    parameters
        .filter(|(name, parameter)| {
            parameter.derive.is_empty() && !optional(name) && setup.value(name).is_none()
        })
        .map(|(name, parameter)| crate::steps::Missing { token: name.clone(), parameter: Some(parameter) })
        .collect()
}

/// Plans what the answers show to be missing.
///
/// # Errors
/// One line for each way in which the answers cannot be planned from.
pub fn plan(setup: &Setup<'_>, accounts: &Accounts) -> Result<Plan, Vec<String>> {
    let mut errors = accounts.unreadable();
    errors.extend(problems::in_answers(setup, accounts));
    if !errors.is_empty() {
        return Err(errors);
    }
    let mut plan = Plan::default();
    // The role must be there before the key of the trail names it.
    for (number, place) in [Place::LogArchive, Place::Management].into_iter().enumerate() {
        let Some(account) = setup.account(place) else { continue };
        let tasks = tasks(setup, accounts, place, &mut plan.left);
        if tasks.is_empty() {
            continue;
        }
        let name = setup.account_name(account).to_lowercase().replace(' ', "-");
        let folder = format!("{}-{name}-{account}", number + 1);
        plan.scripts
            .push((format!("{folder}/run.sh"), tasks.iter().map(|task| task.title.clone()).collect()));
        plan.files.extend(script::files(setup, place, account, &folder, &tasks));
    }
    if !plan.files.is_empty() {
        let text = script::readme(&plan);
        plan.files.push(PlanFile { path: "README.txt".to_owned(), text, executable: false });
    }
    Ok(plan)
}

/// What is to be done in one account.
fn tasks(setup: &Setup<'_>, accounts: &Accounts, place: Place, left: &mut Vec<String>) -> Vec<Task> {
    let Some(own) = setup.account(place) else { return Vec::new() };
    let mut made = Made::default();
    let (mut tasks, mut others) = (Vec::new(), Vec::new());
    let stacked =
        |step: &str| setup.way == Way::Stack && ["step4", "step5", "step6", "step7", "step9"].contains(&step);
    // `bucket-read` is for other set-ups, and Control Tower forbids it on its buckets.
    for step in setup.pack.steps.iter().filter(|step| step.name.starts_with("step") && step.name != "step10")
    {
        let here = looks(setup, accounts, step);
        let documents: Vec<_> = step
            .documents
            .iter()
            .filter(|document| document.settings.is_some() || document.statements.is_some())
            .collect();
        if stacked(&step.name) {
            if step.name == "step4" && place == Place::LogArchive {
                tasks.extend(stack(setup, accounts, own, left));
            }
            continue;
        }
        let (here, elsewhere): (Vec<_>, Vec<_>) = here.into_iter().partition(|(account, _)| account == own);
        for ((_, look), document) in here.into_iter().zip(documents) {
            match look.state {
                State::Done | State::Wider | State::ByHand => continue,
                State::CannotTell => {
                    left.push(format!("{} in {own}: {}", step.name, look.detail));
                    continue;
                }
                State::Missing | State::Different => {}
            }
            match put::tasks(setup, accounts, own, step, document, &look, &mut made) {
                Ok(more) => tasks.extend(more),
                Err(why) => left.push(format!("{} in {own}: {why}", step.name)),
            }
        }
        if step.name == "step1" {
            others = elsewhere;
        }
    }
    // Last, as it may fail in any of many accounts, and nothing else waits for it.
    if place == Place::Management {
        tasks.extend(members(setup, accounts, &others, left));
    }
    tasks
}

/// Step 1 in the member accounts, of which those that were collected have `looks`.
fn members(
    setup: &Setup<'_>,
    accounts: &Accounts,
    looks: &[(String, Look)],
    left: &mut Vec<String>,
) -> Vec<Task> {
    let archive = setup.account(Place::LogArchive);
    for (account, look) in looks.iter().filter(|(account, _)| archive != Some(account)) {
        if look.state == State::Different {
            left.push(format!("step1 in {account}: {}", look.detail));
        }
    }
    put::members::tasks(setup, accounts, looks).unwrap_or_else(|why| {
        left.push(format!("step1 in member accounts: {why}"));
        Vec::new()
    })
}

/// The stack of option 1, unless its topic is there.
fn stack(setup: &Setup<'_>, accounts: &Accounts, account: &str, left: &mut Vec<String>) -> Option<Task> {
    let found = reads::named("topic").map(|read| accounts.found(account, read));
    match found {
        Some(Found::Absent) => match put::stack(setup) {
            Ok(task) => Some(task),
            Err(why) => {
                left.push(format!("step4 in {account}: {why}"));
                None
            }
        },
        Some(Found::Answer(_)) => {
            let rows = ["step4", "step5", "step6", "step7", "step9"];
            let steps = rows.iter().filter_map(|name| setup.pack.step(name));
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
            left.push(format!("step4 in {account}: the topic was not collected"));
            None
        }
    }
}
