//! One thing to be done: what is read before, what is put, and what undoes it.

mod bucket;
pub(super) mod members;
mod queue;
mod role;
mod topic;

use serde_json::{Value as Json, json};

use crate::guide::Setup;
use crate::guide::accounts::{Accounts, Found};
use crate::guide::look::Look;
use crate::guide::reads::{self, Read};
use crate::guide::shell::{command, quoted};
use crate::kind::Kind;
use crate::policy::Arn;
use crate::steps::{Step, StepDocument};

/// One thing to be done.
#[derive(Clone, Debug)]
pub(super) struct Task {
    /// The step, for names of files.
    pub(super) step: String,
    /// What it is, for a person.
    pub(super) title: String,
    /// The command that shows how it is, as one shell command.
    pub(super) read: String,
    /// The error of that command that means that nothing is there.
    pub(super) absent: String,
    /// What that command printed when it was planned; `None`: not compared, as it was just made.
    pub(super) before: Option<String>,
    /// The commands that do it; `DOCUMENT` is the file with the document, `OLD` that with the old one.
    pub(super) put: Vec<String>,
    /// What is put.
    pub(super) document: Option<String>,
    /// The commands that undo it.
    pub(super) undo: Vec<String>,
    /// What was there, in the form that the undoing command takes.
    pub(super) old: Option<String>,
}

/// What earlier tasks of the account make.
#[derive(Clone, Debug, Default)]
pub(super) struct Made {
    role: bool,
    topic: bool,
    queue: bool,
}

/// What the script's own reading prints where nothing is there.
const ABSENT: &str = "absent";
/// The names of the role's inline policies.
const INLINE: [(&str, &str); 2] = [("step1", "ExpelAccessPolicy"), ("step9", "ExpelLogAccess")];

/// The tasks for one document.
pub(super) fn tasks(
    setup: &Setup<'_>,
    accounts: &Accounts,
    account: &str,
    step: &Step,
    document: &StepDocument,
    look: &Look,
    made: &mut Made,
) -> Result<Vec<Task>, String> {
    let planning = Planning { setup, accounts, account, step, look };
    let kind = document.kind.as_str();
    match (step.name.as_str(), kind) {
        ("step1", "trust") => planning.trust(made),
        ("step1" | "step9", "identity") => planning.inline(made),
        ("step2", _) => planning.key("trail-key", "YOUR_CLOUDTRAIL_KEY_ARN"),
        ("step7", "kms") => planning.key("notification-key", "YOUR_NOTIFICATION_KEY_ARN"),
        ("step3", _) => planning.ownership(),
        ("step4", _) => planning.topic_policy(made),
        ("step5", "sqs") => planning.queue_policy(made),
        ("step5" | "step7", "sqs-attributes") => planning.queue_attributes(document, made),
        ("step7", "sns-attributes") => planning.topic_key(made),
        ("step6", _) => planning.subscription(made),
        ("step8", _) => planning.notification(),
        _ => Err(format!("nothing is known of `{kind}`")),
    }
}

/// The stack of option 1.
pub(super) fn stack(setup: &Setup<'_>) -> Result<Task, String> {
    let (step, (_, template)) = setup
        .pack
        .step("step4")
        .and_then(|step| Some((step, step.template()?)))
        .ok_or("there is no template")?;
    let body = template.filled(setup.packs, (setup.pack, step), None).map_err(|error| error.to_string())?;
    let value = |name: &str| setup.value(name).ok_or_else(|| format!("there is no value for {name}"));
    let name = |parameter: &str| value(parameter).map(|arn| Arn::parse(arn).map_or("", |arn| arn.name()));
    let parameters = [
        ("S3LogBucketARN", value("YOUR_S3_ARN")?),
        ("CloudTrailKeyARN", value("YOUR_CLOUDTRAIL_KEY_ARN")?),
        ("RoleName", name("YOUR_EXPEL_ROLE_ARN")?),
        ("TopicName", name("YOUR_TOPIC_ARN")?),
        ("QueueName", name("YOUR_SQS_QUEUE_ARN")?),
    ];
    let parameters = self::parameters(&parameters);
    Ok(Task {
        step: "step4-stack".to_owned(),
        title: "step 4, option 1: the stack ExpelLogStack, for steps 4 to 7 and 9".to_owned(),
        read: "aws cloudformation describe-stacks --stack-name ExpelLogStack --query 'Stacks[0].StackName'"
            .to_owned(),
        absent: "ValidationError".to_owned(),
        before: Some(ABSENT.to_owned()),
        put: vec![
            format!(
                "aws cloudformation create-stack --stack-name ExpelLogStack --capabilities CAPABILITY_IAM \
                 --parameters {parameters} --template-body file://DOCUMENT"
            ),
            "aws cloudformation wait stack-create-complete --stack-name ExpelLogStack".to_owned(),
        ],
        document: Some(format!("{body:#}\n")),
        undo: vec![
            "aws cloudformation delete-stack --stack-name ExpelLogStack".to_owned(),
            "aws cloudformation wait stack-delete-complete --stack-name ExpelLogStack".to_owned(),
        ],
        old: None,
    })
}

/// The parameters of a stack as one word of a shell: as JSON, since the short form cuts a value at its commas.
fn parameters(values: &[(&str, &str)]) -> String {
    let parameter = |(name, value): &(&str, &str)| json!({ "ParameterKey": name, "ParameterValue": value });
    quoted(&values.iter().map(parameter).collect::<Json>().to_string())
}

struct Planning<'a> {
    setup: &'a Setup<'a>,
    accounts: &'a Accounts,
    account: &'a str,
    step: &'a Step,
    look: &'a Look,
}

impl Planning<'_> {
    fn command(&self, template: &str) -> Result<String, String> {
        let value = |name: &str| self.setup.value(name).map(str::to_owned);
        command(template, value).map_err(|token| format!("there is no value for {token}"))
    }

    fn found(&self, name: &str) -> Result<(&'static Read, Found), String> {
        let read = reads::named(name).ok_or("nothing to read")?;
        Ok((read, self.accounts.found(self.account, read)))
    }

    /// The document to be put, where the merge came to one.
    fn merged(&self) -> Result<String, String> {
        self.look.put.clone().ok_or_else(|| self.look.detail.clone())
    }

    /// The step's document as there is none yet.
    fn rendered(&self, kind: Kind) -> Result<String, String> {
        let setup = self.setup;
        let archive = setup.account(crate::guide::Place::LogArchive) == Some(self.account);
        let variant =
            (kind == Kind::Identity && self.step.name == "step1" && !archive).then_some("member-account");
        let addition =
            crate::apply::addition(setup.packs, (setup.pack, self.step), kind, variant, &setup.values)
                .map_err(|error| error.to_string())?
                .map_err(|_| "a value is missing".to_owned())?;
        Ok(crate::merge::whole(&addition.statements.iter().collect::<Vec<_>>()))
    }

    fn title(&self, what: &str) -> String {
        format!("step {}: {what}", self.step.name.trim_start_matches("step"))
    }

    /// A task on something that is there: its part at `path` is read, compared and put.
    fn on(&self, read: &Read, answer: &str, path: &[&str], title: &str) -> Result<Task, String> {
        let value: Json = serde_json::from_str(answer).map_err(|error| error.to_string())?;
        let part = path.iter().fold(&value, |value, name| value.get(*name).unwrap_or(&Json::Null));
        let query = if path.is_empty() { String::new() } else { format!(" --query {}", path.join(".")) };
        Ok(Task {
            step: self.step.name.clone(),
            title: self.title(title),
            read: self.command(&format!("{}{query} --output json", read.command))?,
            absent: read.absent.first().copied().unwrap_or("-").to_owned(),
            before: Some(printed(part)),
            put: Vec::new(),
            document: None,
            undo: Vec::new(),
            old: None,
        })
    }

    /// A task that makes something which is not there; `query` is a part of it that then stays as it is.
    fn make(&self, read: &Read, query: &str, title: &str, put: &str, undo: &str) -> Result<Task, String> {
        Ok(Task {
            step: format!("{}-make", self.step.name),
            title: self.title(title),
            read: self.command(&format!("{} --query {query} --output json", read.command))?,
            absent: read.absent.first().copied().unwrap_or("-").to_owned(),
            before: Some(ABSENT.to_owned()),
            put: vec![self.command(put)?],
            document: None,
            undo: vec![self.command(undo)?],
            old: None,
        })
    }

    fn key(&self, name: &str, parameter: &str) -> Result<Vec<Task>, String> {
        let (read, found) = self.found(name)?;
        let Found::Answer(text) = found else {
            return Err(format!(
                "there is no key `{}`: make it first",
                self.setup.value(parameter).unwrap_or("")
            ));
        };
        let mut task = self.on(read, &text, &["Policy"], "the key policy")?;
        let put = format!("aws kms put-key-policy --key-id {parameter} --policy-name default --policy");
        task.put = vec![self.command(&format!("{put} file://DOCUMENT"))?];
        task.undo = vec![self.command(&format!("{put} file://OLD"))?];
        task.document = Some(self.merged()?);
        task.old = old_text(&text, "/Policy");
        Ok(vec![task])
    }
}

/// A value as the AWS CLI prints it: `--output json` indents by four.
fn printed(value: &Json) -> String {
    use serde::Serialize;
    let mut out = Vec::new();
    let formatter = serde_json::ser::PrettyFormatter::with_indent(b"    ");
    // Writing a value to memory does not fail.
    let _ = value.serialize(&mut serde_json::Serializer::with_formatter(&mut out, formatter));
    String::from_utf8_lossy(&out).into_owned()
}

fn old_text(answer: &str, pointer: &str) -> Option<String> {
    let value: Json = serde_json::from_str(answer).ok()?;
    value.pointer(pointer).and_then(Json::as_str).map(str::to_owned)
}
