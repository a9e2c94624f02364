//! The role in the member accounts: one StackSet, managed by Organizations, from the management account.

use serde_json::Value as Json;

use super::{ABSENT, Task, parameters, printed};
use crate::guide::accounts::Accounts;
use crate::guide::look::{Look, State};
use crate::guide::members::{STACK_SET, StackSet, members};
use crate::guide::shell::quoted;
use crate::guide::{Place, Setup, reads};
use crate::policy::Arn;

/// The tasks for the accounts besides the two; `looks` are those at step 1.
///
/// # Errors
/// Why they cannot be planned.
pub(in crate::guide::plan) fn tasks(
    setup: &Setup<'_>,
    accounts: &Accounts,
    looks: &[(String, Look)],
) -> Result<Vec<Task>, String> {
    let Some(members) = members(setup, accounts) else {
        return Err("the accounts of the organization were not collected".to_owned());
    };
    let set = StackSet::of(setup, accounts);
    // Where there is a role of that name, no stack can make it.
    let there = |account: &&String| {
        looks.iter().any(|(own, look)| {
            own == *account && matches!(look.state, State::Done | State::Wider | State::Different)
        })
    };
    let (with, without): (Vec<&String>, Vec<&String>) = members.iter().partition(there);
    let lacking: Vec<&String> = without.into_iter().filter(|account| !set.has(account)).collect();
    if lacking.is_empty() {
        return Ok(Vec::new());
    }
    let stacks = match &set {
        StackSet::Unknown(why) => return Err(why.clone()),
        StackSet::Absent => None,
        StackSet::There(stacks) if stacks.is_empty() => Some(stacks),
        StackSet::There(_) => {
            let names: Vec<&str> = lacking.iter().map(|account| account.as_str()).collect();
            return Err(format!(
                "the StackSet {STACK_SET} is there, and in {} its stack is not, or not as it should be; why: aws \
                 cloudformation list-stack-instances --stack-set-name {STACK_SET}",
                names.join(", ")
            ));
        }
    };
    let mut tasks = Vec::new();
    tasks.extend(access(setup, accounts)?);
    if stacks.is_none() {
        tasks.push(set_task(setup)?);
    }
    let archive = setup.account(Place::LogArchive).map(str::to_owned);
    let without: Vec<&String> = archive.iter().chain(with).collect();
    tasks.push(instances(setup, lacking.len(), &without, stacks.is_some()));
    Ok(tasks)
}

/// StackSets must be let into the organization once.
fn access(setup: &Setup<'_>, accounts: &Accounts) -> Result<Option<Task>, String> {
    let management = setup.account(Place::Management).unwrap_or_default();
    let answer = accounts.json(management, reads::STACK_SETS);
    let Some(status) = answer.as_ref().and_then(|answer| answer.get("Status")?.as_str()) else {
        return Err("whether StackSets may work in the organization was not collected".to_owned());
    };
    match status {
        "ENABLED" => return Ok(None),
        "DISABLED_PERMANENTLY" => {
            return Err(
                "StackSets are kept out of the organization for good: in each account, deploy what polmerge \
                        render step1 --as cloudformation --variant member-account prints"
                    .to_owned(),
            );
        }
        _ => {}
    }
    Ok(Some(Task {
        step: "step1-stack-sets".to_owned(),
        title: "step 1: let StackSets into the accounts of the organization".to_owned(),
        read: "aws cloudformation describe-organizations-access --query Status --output json".to_owned(),
        absent: "-".to_owned(),
        before: Some(printed(&status.into())),
        put: vec!["aws cloudformation activate-organizations-access".to_owned()],
        document: None,
        undo: vec!["aws cloudformation deactivate-organizations-access".to_owned()],
        old: None,
    }))
}

/// The StackSet, with nothing in it yet.
fn set_task(setup: &Setup<'_>) -> Result<Task, String> {
    let (step, (_, template)) = setup
        .pack
        .step("step1")
        .and_then(|step| Some((step, step.template()?)))
        .ok_or("there is no template")?;
    let body = template
        .filled(setup.packs, (setup.pack, step), Some("member-account"))
        .map_err(|error| error.to_string())?;
    let value = |name: &str| setup.value(name).ok_or_else(|| format!("there is no value for {name}"));
    let role = value("YOUR_EXPEL_ROLE_ARN")?;
    let parameters = parameters(&[
        ("WorkbenchExternalID", value("YOUR_WORKBENCH_EXTERNAL_ID")?),
        ("RoleName", Arn::parse(role).map_or("", |arn| arn.name())),
    ]);
    Ok(Task {
        step: "step1-stack-set".to_owned(),
        title: format!("step 1: the StackSet {STACK_SET} for the role in member accounts"),
        read: format!(
            "aws cloudformation describe-stack-set --stack-set-name {STACK_SET} --query StackSet.Status --output json"
        ),
        absent: "StackSetNotFoundException".to_owned(),
        before: Some(ABSENT.to_owned()),
        // Accounts that join the organization later get the role too.
        put: vec![format!(
            "aws cloudformation create-stack-set --stack-set-name {STACK_SET} --permission-model SERVICE_MANAGED \
             --auto-deployment Enabled=true,RetainStacksOnAccountRemoval=false --capabilities CAPABILITY_NAMED_IAM \
             --parameters {parameters} --template-body file://DOCUMENT"
        )],
        document: Some(format!("{body:#}\n")),
        undo: vec![format!("aws cloudformation delete-stack-set --stack-set-name {STACK_SET}")],
        old: None,
    })
}

/// Its stacks: in every account of the organization but the management account, where StackSets make none, and
/// those in `without` (CloudFormation API, DeploymentTargets). IAM knows no Regions, so one will do.
fn instances(setup: &Setup<'_>, count: usize, without: &[&String], empty: bool) -> Task {
    let list = format!("list-stack-instances --stack-set-name {STACK_SET}");
    let accounts: Vec<&str> = without.iter().map(|account| account.as_str()).collect();
    let which = format!(
        "--deployment-targets \"OrganizationalUnitIds=$(aws organizations list-roots --query 'Roots[0].Id' --output \
         text),Accounts={},AccountFilterType=DIFFERENCE\" --regions {}",
        accounts.join(","),
        quoted(setup.region(Place::Management).unwrap_or_default())
    );
    let operation = |command: &str| {
        vec![
            format!(
                "operation=$(aws cloudformation {command} --stack-set-name {STACK_SET} {which} --query OperationId \
                 --output text)"
            ),
            format!("settled {STACK_SET} \"$operation\""),
        ]
    };
    let accounts =
        if count == 1 { "1 member account".to_owned() } else { format!("{count} member accounts") };
    Task {
        step: "step1-members".to_owned(),
        title: format!("step 1: the role in {accounts}, by that StackSet"),
        // Not which: an account that joins the organization in between is no change of somebody else's.
        read: format!("aws cloudformation {list} --query 'length(Summaries) > `0`' --output json"),
        absent: "StackSetNotFoundException".to_owned(),
        before: empty.then(|| printed(&Json::Bool(false))),
        put: operation("create-stack-instances"),
        document: None,
        undo: operation("delete-stack-instances --no-retain-stacks"),
        old: None,
    }
}
