//! One thing to be done: what is read before, what is put, and what undoes it.

use serde_json::{Value as Json, json};

use crate::guide::Setup;
use crate::guide::accounts::{Accounts, Found};
use crate::guide::look::Look;
use crate::guide::reads::{self, Read};
use crate::guide::shell::{command, quoted};
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
    let parameters: Vec<String> = parameters
        .iter()
        .map(|(name, value)| quoted(&format!("ParameterKey={name},ParameterValue={value}")))
        .collect();
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
                 --parameters {} --template-body file://DOCUMENT",
                parameters.join(" ")
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
    fn rendered(&self, kind: crate::kind::Kind) -> Result<String, String> {
        let setup = self.setup;
        let archive = setup.account(crate::guide::Place::LogArchive) == Some(self.account);
        let variant = (kind == crate::kind::Kind::Identity && self.step.name == "step1" && !archive)
            .then_some("member-account");
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

    /// A task that makes something which is not there.
    fn make(&self, read: &Read, title: &str, put: &str, undo: &str) -> Result<Task, String> {
        Ok(Task {
            step: format!("{}-make", self.step.name),
            title: self.title(title),
            read: self.command(&format!("{} --output json", read.command))?,
            absent: read.absent.first().copied().unwrap_or("-").to_owned(),
            before: Some(ABSENT.to_owned()),
            put: vec![self.command(put)?],
            document: None,
            undo: vec![self.command(undo)?],
            old: None,
        })
    }

    fn trust(&self, made: &mut Made) -> Result<Vec<Task>, String> {
        let (read, found) = self.found("role")?;
        match found {
            Found::Answer(text) => {
                let path = ["Role", "AssumeRolePolicyDocument"];
                let mut task = self.on(read, &text, &path, "who may assume the role")?;
                let put =
                    "aws iam update-assume-role-policy --role-name YOUR_EXPEL_ROLE_NAME --policy-document";
                task.put = vec![self.command(&format!("{put} file://DOCUMENT"))?];
                task.undo = vec![self.command(&format!("{put} file://OLD"))?];
                task.document = Some(self.merged()?);
                task.old = task.before.clone();
                Ok(vec![task])
            }
            Found::Absent => {
                made.role = true;
                let mut task = self.make(
                    read,
                    "the role",
                    "aws iam create-role --role-name YOUR_EXPEL_ROLE_NAME --assume-role-policy-document file://DOCUMENT",
                    "aws iam delete-role --role-name YOUR_EXPEL_ROLE_NAME",
                )?;
                task.document = Some(self.rendered(crate::kind::Kind::Trust)?);
                Ok(vec![task])
            }
            _ => Err("the role was not collected".to_owned()),
        }
    }

    /// The role's access, as an inline policy under a name of ours: what is there stays as it is.
    fn inline(&self, made: &Made) -> Result<Vec<Task>, String> {
        let name = INLINE.iter().find(|(step, _)| *step == self.step.name).map_or("Expel", |(_, name)| name);
        let role =
            self.setup.value("YOUR_EXPEL_ROLE_NAME").ok_or("there is no value for YOUR_EXPEL_ROLE_ARN")?;
        let role = quoted(role);
        let read = reads::named("role-inline").ok_or("nothing to read")?;
        let inline = match made.role {
            true => Vec::new(),
            false => self
                .accounts
                .each(self.account, read)
                .map_err(|_| "the role's policies were not collected")?,
        };
        let own = inline.iter().find_map(|(_, text)| {
            let answer: Json = serde_json::from_str(text).ok()?;
            (answer.get("PolicyName")?.as_str()? == name).then(|| answer.get("PolicyDocument").cloned())?
        });
        let put =
            format!("aws iam put-role-policy --role-name {role} --policy-name {name} --policy-document");
        let mut document = self.rendered(crate::kind::Kind::Identity)?;
        if let Some(Json::Object(old)) = &own {
            let mut merged = old.clone();
            let mut statements = match merged.get("Statement") {
                Some(Json::Array(items)) => items.clone(),
                Some(one) => vec![one.clone()],
                None => Vec::new(),
            };
            let new: Json = serde_json::from_str(&document).map_err(|error| error.to_string())?;
            let sids: Vec<Json> =
                statements.iter().filter_map(|statement| statement.get("Sid").cloned()).collect();
            for statement in new.get("Statement").and_then(Json::as_array).into_iter().flatten() {
                if statements.contains(statement) {
                    continue;
                }
                if statement.get("Sid").is_some_and(|sid| sids.contains(sid)) {
                    return Err(format!(
                        "policy {name} of the role has a statement with this Sid that means something else"
                    ));
                }
                statements.push(statement.clone());
            }
            merged.insert("Statement".to_owned(), statements.into());
            document = format!("{:#}\n", Json::Object(merged));
        }
        Ok(vec![Task {
            step: self.step.name.clone(),
            title: self.title(&format!("policy {name} of the role")),
            read: format!(
                "aws iam get-role-policy --role-name {role} --policy-name {name} --query PolicyDocument --output json"
            ),
            absent: "NoSuchEntity".to_owned(),
            before: Some(own.as_ref().map_or_else(|| ABSENT.to_owned(), printed)),
            put: vec![format!("{put} file://DOCUMENT")],
            document: Some(document),
            undo: vec![match own {
                Some(_) => format!("{put} file://OLD"),
                None => format!("aws iam delete-role-policy --role-name {role} --policy-name {name}"),
            }],
            old: own.as_ref().map(printed),
        }])
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

    fn ownership(&self) -> Result<Vec<Task>, String> {
        let (read, found) = self.found("bucket-ownership")?;
        let put = "aws s3api put-bucket-ownership-controls --bucket YOUR_S3_BUCKET --ownership-controls";
        let mut task = match found {
            Found::Answer(text) => {
                let mut task =
                    self.on(read, &text, &["OwnershipControls"], "object ownership of the bucket")?;
                task.undo = vec![self.command(&format!("{put} file://OLD"))?];
                task.old = task.before.clone();
                task
            }
            _ => {
                let undo = "aws s3api delete-bucket-ownership-controls --bucket YOUR_S3_BUCKET";
                let mut task = self.make(read, "object ownership of the bucket", put, undo)?;
                task.read =
                    self.command(&format!("{} --query OwnershipControls --output json", read.command))?;
                task
            }
        };
        task.put = vec![self.command(&format!("{put} file://DOCUMENT"))?];
        task.document = Some(self.merged()?);
        Ok(vec![task])
    }

    fn topic_policy(&self, made: &mut Made) -> Result<Vec<Task>, String> {
        let (read, found) = self.found("topic")?;
        let put = "aws sns set-topic-attributes --topic-arn YOUR_TOPIC_ARN --attribute-name Policy --attribute-value";
        match found {
            Found::Answer(text) => {
                let mut task = self.on(read, &text, &["Attributes", "Policy"], "the topic policy")?;
                task.put = vec![self.command(&format!("{put} file://DOCUMENT"))?];
                task.undo = vec![self.command(&format!("{put} file://OLD"))?];
                task.document = Some(self.merged()?);
                task.old = old_text(&text, "/Attributes/Policy");
                Ok(vec![task])
            }
            Found::Absent => {
                made.topic = true;
                let make = self.make(
                    read,
                    "the topic",
                    "aws sns create-topic --name YOUR_TOPIC_NAME",
                    "aws sns delete-topic --topic-arn YOUR_TOPIC_ARN",
                )?;
                let mut task = self.on(read, "{}", &["Attributes", "Policy"], "the topic policy")?;
                task.before = None;
                task.put = vec![self.command(&format!("{put} file://DOCUMENT"))?];
                task.document = Some(self.rendered(crate::kind::Kind::Sns)?);
                Ok(vec![make, task])
            }
            _ => Err("the topic was not collected".to_owned()),
        }
    }

    fn queue_policy(&self, made: &mut Made) -> Result<Vec<Task>, String> {
        let (read, found) = self.found("queue")?;
        let put = "aws sqs set-queue-attributes --queue-url YOUR_SQS_QUEUE_URL --attributes";
        let wrapped = |policy: String| format!("{}\n", json!({ "Policy": policy }));
        match found {
            Found::Answer(text) => {
                let mut task = self.on(read, &text, &["Attributes", "Policy"], "the queue policy")?;
                task.put = vec![self.command(&format!("{put} file://DOCUMENT"))?];
                task.undo = vec![self.command(&format!("{put} file://OLD"))?];
                task.document = Some(wrapped(self.merged()?));
                task.old = Some(wrapped(old_text(&text, "/Attributes/Policy").unwrap_or_default()));
                Ok(vec![task])
            }
            Found::Absent => {
                made.queue = true;
                let make = self.make(
                    read,
                    "the queue",
                    "aws sqs create-queue --queue-name YOUR_QUEUE_NAME",
                    "aws sqs delete-queue --queue-url YOUR_SQS_QUEUE_URL",
                )?;
                let mut task = self.on(read, "{}", &["Attributes", "Policy"], "the queue policy")?;
                task.before = None;
                task.put = vec![self.command(&format!("{put} file://DOCUMENT"))?];
                task.document = Some(wrapped(self.rendered(crate::kind::Kind::Sqs)?));
                Ok(vec![make, task])
            }
            _ => Err("the queue was not collected".to_owned()),
        }
    }

    /// The attributes that the step sets, and no others.
    fn queue_attributes(&self, document: &StepDocument, made: &Made) -> Result<Vec<Task>, String> {
        let (read, found) = self.found("queue")?;
        let setup = self.setup;
        let demand = crate::steps::Demand::of_step(
            setup.packs,
            (setup.pack, self.step),
            document,
            None,
            &setup.values,
        )
        .map_err(|error| error.to_string())?
        .map_err(|_| "a value is missing".to_owned())?;
        let names: Vec<&String> = demand.members.keys().collect();
        let put = "aws sqs set-queue-attributes --queue-url YOUR_SQS_QUEUE_URL --attributes";
        let text = match found {
            Found::Answer(text) => text,
            Found::Absent if made.queue => String::new(),
            _ => return Err("the queue is not there".to_owned()),
        };
        let value: Json = serde_json::from_str(&text).unwrap_or_default();
        let attribute =
            |name: &str| value.pointer(&format!("/Attributes/{name}")).cloned().unwrap_or(Json::Null);
        let before: serde_json::Map<String, Json> =
            names.iter().map(|name| ((*name).clone(), attribute(name))).collect();
        let select: Vec<String> = names.iter().map(|name| format!("{name}:{name}")).collect();
        // An attribute without a value is unset by an empty one.
        let old = before.iter().map(|(name, value)| (name.clone(), value.as_str().unwrap_or("").into()));
        let old: serde_json::Map<String, Json> = old.collect();
        let fresh = text.is_empty();
        Ok(vec![Task {
            step: format!("{}-attributes", self.step.name),
            title: self.title(&format!(
                "{} of the queue",
                names.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(", ")
            )),
            read: self.command(&format!(
                "{} --query Attributes.{{{}}} --output json",
                read.command,
                select.join(",")
            ))?,
            absent: read.absent.first().copied().unwrap_or("-").to_owned(),
            before: (!fresh).then(|| printed(&Json::Object(before))),
            put: vec![self.command(&format!("{put} file://DOCUMENT"))?],
            document: Some(
                self.look
                    .put
                    .clone()
                    .unwrap_or_else(|| format!("{}\n", Json::Object(demand.members.clone()))),
            ),
            undo: if fresh { Vec::new() } else { vec![self.command(&format!("{put} file://OLD"))?] },
            old: (!fresh).then(|| format!("{}\n", Json::Object(old))),
        }])
    }

    fn topic_key(&self, made: &Made) -> Result<Vec<Task>, String> {
        let (read, found) = self.found("topic")?;
        let put = "aws sns set-topic-attributes --topic-arn YOUR_TOPIC_ARN --attribute-name KmsMasterKeyId --attribute-value";
        let (text, fresh) = match found {
            Found::Answer(text) => (text, false),
            Found::Absent if made.topic => ("{}".to_owned(), true),
            _ => return Err("the topic is not there".to_owned()),
        };
        if !fresh && self.look.put.is_none() {
            return Err(self.look.detail.clone());
        }
        let path = ["Attributes", "KmsMasterKeyId"];
        let mut task = self.on(read, &text, &path, "the key of the topic")?;
        task.step = format!("{}-topic", self.step.name);
        task.put = vec![self.command(&format!("{put} YOUR_NOTIFICATION_KEY_ARN"))?];
        if fresh {
            task.before = None;
        } else {
            let old = old_text(&text, "/Attributes/KmsMasterKeyId").unwrap_or_default();
            task.undo = vec![format!("{} {}", self.command(put)?, quoted(&old))];
        }
        Ok(vec![task])
    }

    fn subscription(&self, made: &Made) -> Result<Vec<Task>, String> {
        let queue =
            self.setup.value("YOUR_SQS_QUEUE_ARN").ok_or("there is no value for YOUR_SQS_QUEUE_ARN")?;
        let list = self.command("aws sns list-subscriptions-by-topic --topic-arn YOUR_TOPIC_ARN")?;
        let own = quoted(&format!("Subscriptions[?Endpoint=='{queue}'].SubscriptionArn | [0]"));
        let arn = format!("\"$({list} --query {own} --output text)\"");
        let setup = self.setup;
        let task = |read: String, before: Option<String>| Task {
            step: self.step.name.clone(),
            title: self.title("the queue's subscription to the topic"),
            read,
            absent: "NotFound".to_owned(),
            before,
            put: Vec::new(),
            document: None,
            undo: Vec::new(),
            old: None,
        };
        // What is there and lacks only the raw flag has a document to put: its value.
        if let Some(raw) = &self.look.put {
            let set = format!(
                "aws sns set-subscription-attributes --subscription-arn {arn} --attribute-name RawMessageDelivery --attribute-value"
            );
            let read = format!(
                "aws sns get-subscription-attributes --subscription-arn {arn} --query Attributes.RawMessageDelivery --output json"
            );
            let mut task = task(read, Some("\"false\"".to_owned()));
            task.put = vec![format!("{set} {}", quoted(raw.trim()))];
            task.undo = vec![format!("{set} false")];
            return Ok(vec![task]);
        }
        if self.look.state != crate::guide::State::Missing {
            return Err(self.look.detail.clone());
        }
        let Ok(Some((document, _))) = self.step.settings(None) else {
            return Err("nothing to put".to_owned());
        };
        let demand = crate::steps::Demand::of_step(
            setup.packs,
            (setup.pack, self.step),
            document,
            None,
            &setup.values,
        )
        .map_err(|error| error.to_string())?
        .map_err(|_| "a value is missing".to_owned())?;
        let mut task =
            task(format!("{list} --query {own} --output json"), (!made.topic).then(|| "null".to_owned()));
        task.put = vec!["aws sns subscribe --cli-input-json file://DOCUMENT".to_owned()];
        task.document = Some(format!("{:#}\n", demand.create));
        task.undo = vec![format!("aws sns unsubscribe --subscription-arn {arn}")];
        Ok(vec![task])
    }

    fn notification(&self) -> Result<Vec<Task>, String> {
        let (read, found) = self.found("bucket-notification")?;
        let text = match found {
            Found::Answer(text) => text,
            _ => String::new(),
        };
        let put = "aws s3api put-bucket-notification-configuration --bucket YOUR_S3_BUCKET --notification-configuration";
        let mut task = match text.is_empty() {
            true => {
                let mut task = self.on(read, "{}", &[], "the notifications of the bucket")?;
                task.before = Some(String::new());
                task.old = Some("{}\n".to_owned());
                task
            }
            false => {
                let mut task = self.on(read, &text, &[], "the notifications of the bucket")?;
                task.old = Some(text);
                task
            }
        };
        task.put = vec![self.command(&format!("{put} file://DOCUMENT"))?];
        task.undo = vec![self.command(&format!("{put} file://OLD"))?];
        task.document = Some(self.merged()?);
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
