//! The role in the member accounts: one StackSet, managed by Organizations, from the management account.

use serde_json::{Value as Json, json};

use super::{ABSENT, KEY_AND_VALUE, MARKED, Mark, Task, Whole, parameters, printed};
use crate::guide::Setup;
use crate::guide::accounts::Accounts;
use crate::guide::members::{StackSet, members};
use crate::guide::plan::Reason;
use crate::guide::reads::What;
use crate::guide::shell::quoted;
use crate::invisible::escape_json;
use crate::steps::guide::StackSet as Set;

/// The tasks for the accounts besides the two.
///
/// # Errors
/// Why they cannot be planned.
pub(in crate::guide::plan) fn tasks(
    setup: &Setup<'_>,
    set: &Set,
    accounts: &Accounts,
) -> Result<Vec<Task>, Reason> {
    let Some(members) = members(setup, accounts) else {
        return Err("the accounts of the organization were not collected".into());
    };
    let planning = Planning { setup, set, prefix: format!("step {}", setup.number(&set.step)) };
    let name = &set.name;
    let known = StackSet::of(setup, accounts);
    // Where there is a role of that name, no stack can make it.
    let there = |account: &&String| has_role(setup, set, accounts, account);
    let (with, without): (Vec<&String>, Vec<&String>) = members.iter().partition(there);
    let lacking: Vec<&String> = without.into_iter().filter(|account| !known.has(account)).collect();
    let differs =
        matches!(&known, StackSet::There(stacks) if !(stacks.differs.is_empty() || members.is_empty()));
    if lacking.is_empty() && !differs {
        return Ok(Vec::new());
    }
    // The stacks would have the path of the value, which is known to be wrong.
    let roles = setup.pack.step(&set.step).into_iter().flat_map(|step| &step.documents);
    let roles: Vec<&str> = roles.filter_map(|document| document.role.as_deref()).collect();
    let others = setup.other_roles(accounts);
    if let Some(other) = others.iter().find(|other| roles.contains(&other.parameter.as_str())) {
        let why = format!("the role is `{}`, not {}: correct the value first", other.arn, other.parameter);
        return Err(why.into());
    }
    if let StackSet::There(stacks) = &known
        && differs
    {
        return Err(Reason::with(
            format!("the StackSet {name} has {}; if it is yours, update it", stacks.differs.join(", ")),
            format!(
                "aws cloudformation update-stack-set --stack-set-name {name} --use-previous-template --capabilities \
                 CAPABILITY_NAMED_IAM --parameters {} {EVERY_ACCOUNT}",
                parameters(setup, &set.parameters)?
            ),
        ));
    }
    let is_there = match &known {
        StackSet::Unknown(why) => return Err(why.as_str().into()),
        StackSet::Absent => false,
        StackSet::There(stacks) if stacks.is_empty() && stacks.unknown.is_none() => true,
        StackSet::There(stacks) => {
            return Err(match &stacks.unknown {
                Some(why) if stacks.is_empty() => why.as_str().into(),
                _ => planning.open(&known.to_collect(accounts, &members), &lacking, &known),
            });
        }
    };
    let mut tasks = Vec::new();
    tasks.extend(planning.access(accounts)?);
    if !is_there {
        tasks.push(planning.set_task()?);
    }
    let others = setup.guide.accounts.iter().filter(|account| account.name != set.account);
    let own: Vec<String> = others.filter_map(|account| setup.id(account)).map(str::to_owned).collect();
    let without: Vec<&String> = own.iter().chain(with).collect();
    tasks.push(planning.instances(lacking.len(), &without, is_there));
    Ok(tasks)
}

/// Whether an account was collected and has a role of the StackSet's name.
pub(in crate::guide::plan) fn has_role(
    setup: &Setup<'_>,
    set: &Set,
    accounts: &Accounts,
    account: &str,
) -> bool {
    let step = setup.pack.step(&set.step).into_iter();
    let mut roles = step.flat_map(|step| &step.documents).filter_map(|document| document.role.as_deref());
    roles.any(|role| accounts.json(account, setup.read(What::Role, role)).is_some())
}

/// One account in which an operation fails keeps it from no other (CloudFormation API, StackSetOperationPreferences: by
/// default, the first failure ends the operation, and it is done in one account at a time).
const EVERY_ACCOUNT: &str =
    "--operation-preferences FailureTolerancePercentage=100,MaxConcurrentPercentage=100";

/// The word for a stack that could not be deleted.
const INOPERABLE: &str = "INOPERABLE";

struct Planning<'a> {
    setup: &'a Setup<'a>,
    set: &'a Set,
    /// `step 1`
    prefix: String,
}

impl Planning<'_> {
    /// What a person does about the accounts in which a StackSet that has stacks has none, or one that is not as it should be.
    fn open(&self, to_collect: &[String], lacking: &[&String], known: &StackSet) -> Reason {
        let name = &self.set.name;
        let mut whys = Vec::new();
        if !to_collect.is_empty() {
            whys.push(format!(
                "its stack failed in {}, as what it creates exists there: run the script of `guide collect` there, and \
                 plan again",
                to_collect.join(", ")
            ));
        }
        let mut commands = Vec::new();
        let others = lacking.iter().map(|account| account.as_str());
        let others: Vec<&str> =
            others.filter(|account| !to_collect.iter().any(|own| own == account)).collect();
        if !others.is_empty() {
            whys.push(format!(
                "the StackSet {name} has no stack that is as it should be in {}",
                others.join(", ")
            ));
            // No operation includes them (CloudFormation API, StackInstanceSummary).
            let stuck: Vec<&str> = others
                .iter()
                .copied()
                .filter(|own| known.fault(own).is_some_and(|fault| fault.starts_with(INOPERABLE)))
                .collect();
            if !stuck.is_empty() {
                commands.push(format!(
                    "aws cloudformation delete-stack-instances --retain-stacks --stack-set-name {name} {}",
                    self.targets(&stuck, "INTERSECTION")
                ));
                whys.push(format!(
                    "the first command removes {} from the StackSet; then delete the stack that is left there, if any, before \
                     the second",
                    stuck.join(", ")
                ));
            }
            commands.push(format!(
                "aws cloudformation create-stack-instances --stack-set-name {name} {}",
                self.targets(&others, "INTERSECTION")
            ));
        }
        Reason { why: whys.join("; "), commands }
    }

    /// The options for an operation in some accounts of the organization, or in all others, as `filter` says.
    fn targets(&self, accounts: &[&str], filter: &str) -> String {
        let region = self.setup.place(&self.set.account).and_then(|place| self.setup.region(place));
        format!(
            "--deployment-targets \"OrganizationalUnitIds=$(aws organizations list-roots --query 'Roots[0].Id' --output \
             text),Accounts={},AccountFilterType={filter}\" --regions {} {EVERY_ACCOUNT}",
            accounts.join(","),
            quoted(region.unwrap_or_default())
        )
    }

    /// StackSets must be let into the organization once.
    fn access(&self, accounts: &Accounts) -> Result<Option<Task>, Reason> {
        let setup = self.setup;
        let place = setup.place(&self.set.account).and_then(|place| setup.id(place)).unwrap_or_default();
        let answer = accounts.json(place, setup.read(What::StackSets, ""));
        let Some(status) = answer.as_ref().and_then(|answer| answer.get("Status")?.as_str()) else {
            return Err("whether StackSets may work in the organization was not collected".into());
        };
        match status {
            "ENABLED" => return Ok(None),
            "DISABLED_PERMANENTLY" => {
                let variant =
                    self.set.variant.as_ref().map_or(String::new(), |name| format!(" --variant {name}"));
                return Err(Reason::with(
                    "StackSets are kept out of the organization for good: deploy this template in each account".to_owned(),
                    format!("polmerge render {} --as cloudformation{variant}", self.set.step),
                ));
            }
            _ => {}
        }
        let mut task = Task {
            step: format!("{}-stack-sets", self.set.step),
            title: format!("{}: let StackSets into the accounts of the organization", self.prefix),
            read: "aws cloudformation describe-organizations-access --query Status --output json".to_owned(),
            then: Vec::new(),
            absent: "-".to_owned(),
            before: Some(printed(&status.into())),
            put: vec!["aws cloudformation activate-organizations-access".to_owned()],
            document: None,
            undo: vec!["aws cloudformation deactivate-organizations-access".to_owned()],
            old: None,
            after: Some("\"ENABLED\"\n".to_owned()),
            whole: None,
            mark: None,
            of: Vec::new(),
            addition: None,
        };
        // The StackSets of others that came since need the access.
        let others =
            quoted("Summaries[?PermissionModel=='SERVICE_MANAGED' && Status=='ACTIVE'].StackSetName");
        let others =
            format!("aws cloudformation list-stack-sets --status ACTIVE --query {others} --output json");
        task.whole = Some(Whole { command: others, fresh: Some("[]\n".to_owned()) });
        Ok(Some(task))
    }

    /// The StackSet, with nothing in it yet.
    fn set_task(&self) -> Result<Task, String> {
        let (setup, name) = (self.setup, &self.set.name);
        let (step, (_, template)) = setup
            .pack
            .step(&self.set.step)
            .and_then(|step| Some((step, step.template()?)))
            .ok_or("there is no template")?;
        let body = template
            .filled(setup.packs, (setup.pack, step), self.set.variant.as_deref())
            .map_err(|error| error.to_string())?;
        let body = escape_json(format!("{body:#}\n"));
        // As `shown` prints it.
        let values = self.set.parameters.iter().map(|(name, token)| json!([name, setup.value(token)]));
        let after = json!(["ACTIVE", values.collect::<Vec<_>>(), body]);
        let parameters = parameters(setup, &self.set.parameters)?;
        Ok(Task {
            step: format!("{}-stack-set", self.set.step),
            title: format!("{}: the StackSet {name} for member accounts", self.prefix),
            read: self.shown(),
            then: Vec::new(),
            absent: "StackSetNotFoundException".to_owned(),
            before: Some(ABSENT.to_owned()),
            // Accounts that join the organization later get the role too.
            put: vec![format!(
                "aws cloudformation create-stack-set --stack-set-name {name} --permission-model SERVICE_MANAGED \
             --auto-deployment Enabled=true,RetainStacksOnAccountRemoval=false --capabilities CAPABILITY_NAMED_IAM \
             --parameters {parameters} --template-body file://DOCUMENT --tags \"{KEY_AND_VALUE}\""
            )],
            document: Some(body),
            undo: vec![format!("aws cloudformation delete-stack-set --stack-set-name {name}")],
            old: None,
            after: Some(escape_json(printed(&after))),
            whole: None,
            mark: Some(Mark::Shown(format!(
                "aws cloudformation describe-stack-set --stack-set-name {name} --query {} --output text",
                quoted(&format!("StackSet.Tags | {MARKED}"))
            ))),
            of: vec![format!("{}-stack-sets", self.set.step)],
            addition: None,
        })
    }

    /// Its stacks: in every account of the organization but the management account, where StackSets make none, and
    /// those in `without` (CloudFormation API, DeploymentTargets). IAM knows no Regions, so one will do.
    fn instances(&self, count: usize, without: &[&String], empty: bool) -> Task {
        let name = &self.set.name;
        let list = format!("list-stack-instances --stack-set-name {name}");
        let accounts: Vec<&str> = without.iter().map(|account| account.as_str()).collect();
        let which = self.targets(&accounts, "DIFFERENCE");
        let operation = |command: &str| {
            vec![
                format!(
                    "operation=$(aws cloudformation {command} --stack-set-name {name} {which} --query OperationId \
                 --output text)"
                ),
                format!("settled {name} \"$operation\""),
            ]
        };
        let accounts =
            if count == 1 { "1 member account".to_owned() } else { format!("{count} member accounts") };
        let mut task = Task {
            step: format!("{}-members", self.set.step),
            title: format!("{}: its stacks in {accounts}", self.prefix),
            // Not which: an account that joins the organization in between is no change of somebody else's.
            read: format!("aws cloudformation {list} --query 'length(Summaries) > `0`' --output json"),
            then: Vec::new(),
            absent: "StackSetNotFoundException".to_owned(),
            before: empty.then(|| printed(&Json::Bool(false))),
            put: operation("create-stack-instances"),
            document: None,
            undo: operation("delete-stack-instances --no-retain-stacks"),
            old: None,
            after: None,
            whole: None,
            mark: None,
            // The set cannot be deleted before them, nor do its stacks stay as they are without the access.
            of: vec![format!("{}-stack-set", self.set.step), format!("{}-stack-sets", self.set.step)],
            addition: None,
        };
        task.whole = Some(Whole { command: self.shown(), fresh: None });
        task
    }

    /// The command that shows the StackSet as it was made.
    fn shown(&self) -> String {
        format!(
            "aws cloudformation describe-stack-set --stack-set-name {} --query \
             'StackSet.[Status,Parameters[].[ParameterKey,ParameterValue],TemplateBody]' --output json",
            self.set.name
        )
    }
}
