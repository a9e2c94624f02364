//! One thing to be done: what is read before, what is put, and what undoes it.

mod bucket;
pub(super) mod members;
mod queue;
mod role;
mod topic;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value as Json, json};

use crate::guide::accounts::{Accounts, Found};
use crate::guide::look::{Look, State};
use crate::guide::new_key::NewKey;
use crate::guide::reads::Read;
use crate::guide::shell::quoted;
use crate::guide::things::{self, ThingKind};
use crate::guide::{Setup, documents};
use crate::invisible::escape_json;
use crate::kind::Kind;
use crate::policy::Arn;
use crate::steps::guide::Stack;
use crate::steps::{Demand, Step, StepDocument};

/// One thing to be done.
#[derive(Clone, Debug)]
pub(super) struct Task {
    /// The step, for names of files.
    pub(super) step: String,
    /// What it is, for a person.
    pub(super) title: String,
    /// The command that shows how it is, as one shell command.
    pub(super) read: String,
    /// The errors of that command that mean that nothing is there, separated by `|`.
    pub(super) absent: String,
    /// What that command printed when it was planned; `None`: not compared, as it was just made.
    pub(super) before: Option<String>,
    /// The commands that do it; `DOCUMENT` is the file with the document, `OLD` that with the old one.
    pub(super) put: Vec<String>,
    /// What is put.
    pub(super) document: Option<String>,
    /// What the script does right after it, whether or not it was done before.
    pub(super) then: Vec<String>,
    /// The commands that undo it.
    pub(super) undo: Vec<String>,
    /// What was there, in the form that the undoing command takes.
    pub(super) old: Option<String>,
    /// What the command prints once it is done, in any layout and order; `None` where that cannot be known.
    pub(super) after: Option<String>,
    /// What is deleted with it.
    pub(super) whole: Option<Whole>,
    /// What distinguishes a new thing from another one of its name.
    pub(super) mark: Option<Mark>,
    /// The tasks, as `step` names them, that make what this is a part of or depends on: they stay where this stays as it is.
    pub(super) of: Vec<String>,
    /// What is added to a document that others may change as well.
    pub(super) addition: Option<Addition>,
}

/// What a task adds to an existing document, where that can be removed while the changes of others stay.
#[derive(Clone, Debug)]
pub(super) enum Addition {
    /// Elements of a bucket's notifications: the command that shows them alone, what it then shows, in any layout, and the commands
    /// that remove them alone.
    Elements { show: String, shown: String, remove: Vec<String> },
    /// Statements of a policy: values of strings that the policy has only with them, and the commands with which a person
    /// removes them, as only polmerge can.
    Statements { known_by: Vec<String>, remove: Vec<String> },
}

/// How a thing that a script creates is known as its own where the answer to its creation is lost: `$mark` is a text that no
/// other run of a script has.
#[derive(Clone, Debug)]
pub(super) enum Mark {
    /// The command that prints the mark of the thing that has the name now.
    Shown(String),
    /// The same for what takes a while: once it is finished, to run.sh; at any time, to rollback.sh.
    Finished { run: String, undo: String },
    /// A key, which has no name: it is looked for by its description. The command prints the id of the key that has its alias.
    Sought(String),
}

/// The tag that has the mark.
const TAG: &str = "polmerge-plan";

/// The tag as most commands take it, in double quotes.
const KEY_AND_VALUE: &str = "Key=polmerge-plan,Value=$mark";

/// The part of a query that takes the mark from tags.
const MARKED: &str = "[?Key=='polmerge-plan'].Value | [0]";

/// What is deleted with a thing that is made, where others may have added to it.
#[derive(Clone, Debug)]
pub(super) struct Whole {
    /// The command that prints it, as one shell command.
    pub(super) command: String,
    /// What it prints of a new thing, in any layout and order; `None` where that cannot be known.
    pub(super) fresh: Option<String>,
}

/// The parameters that name what earlier tasks of the account make, each with the `step` of the task.
pub(super) type Made = BTreeMap<String, String>;

/// What the script's own reading prints where nothing is there.
const ABSENT: &str = "absent";

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
    let parameter = things::parameter(document).ok_or("the pack does not say what it is attached to")?;
    let planning = Planning { setup, accounts, account, step, document, parameter, look };
    match document.kind.as_str() {
        "trust" => planning.trust(made),
        "identity" => planning.inline(made),
        "kms" => planning.key(),
        "object-ownership" => planning.ownership(),
        "bucket-notification" => planning.notification(made),
        "sns" => planning.topic_policy(made),
        "sns-attributes" => planning.topic_attributes(made),
        "sns-subscription" => planning.subscription(made),
        "sqs" => planning.queue_policy(made),
        "sqs-attributes" => planning.queue_attributes(made),
        kind => Err(format!("the guide cannot put a document of kind `{kind}`")),
    }
}

/// The stack of an option.
pub(super) fn stack(
    setup: &Setup<'_>,
    account: &str,
    stack: &Stack,
    made: &mut Made,
) -> Result<Task, String> {
    let (step, (_, template)) = setup
        .pack
        .step(&stack.step)
        .and_then(|step| Some((step, step.template()?)))
        .ok_or("there is no template")?;
    let body = template.filled(setup.packs, (setup.pack, step), None).map_err(|error| error.to_string())?;
    let parameters = parameters(setup, &stack.parameters)?;
    let name = quoted(&stack.name);
    let mut task = Task {
        step: format!("{}-stack", step.name),
        title: stack.title.clone(),
        read: format!(
            "aws cloudformation describe-stacks --stack-name {name} --query \
             'Stacks[0].[StackId,LastUpdatedTime,Parameters]' --output json"
        ),
        then: Vec::new(),
        absent: "ValidationError".to_owned(),
        before: Some(ABSENT.to_owned()),
        put: vec![
            format!(
                "aws cloudformation create-stack --stack-name {name} --capabilities CAPABILITY_IAM \
                 --parameters {parameters} --template-body file://DOCUMENT --tags \"{KEY_AND_VALUE}\""
            ),
            format!("aws cloudformation wait stack-create-complete --stack-name {name}"),
        ],
        document: Some(escape_json(format!("{body:#}\n"))),
        undo: vec![
            format!("aws cloudformation delete-stack --stack-name {name}"),
            format!("aws cloudformation wait stack-delete-complete --stack-name {name}"),
        ],
        old: None,
        after: None,
        whole: None,
        mark: None,
        of: Vec::new(),
        addition: None,
    };
    let does = stack.does.iter().filter_map(|name| setup.pack.step(name)).flat_map(documents);
    let creates =
        |parameter: &&str| matches!(setup.kind_of(parameter), Some(ThingKind::Topic | ThingKind::Queue));
    let created: BTreeSet<&str> = does.filter_map(things::parameter).filter(creates).collect();
    let mut lines = Vec::new();
    for parameter in created {
        lines.extend(unused(setup, account, parameter)?);
        made.insert(parameter.to_owned(), task.step.clone());
    }
    task.undo.splice(0..0, lines);
    // A stack may be there and not finished, or have failed.
    let marked = |stacks: &str| {
        let query = quoted(&format!("{stacks}.Tags[] | {MARKED}"));
        format!("aws cloudformation describe-stacks --stack-name {name} --query {query} --output text")
    };
    task.mark = Some(Mark::Finished {
        run: marked("Stacks[?StackStatus=='CREATE_COMPLETE']"),
        undo: marked("Stacks[]"),
    });
    // Others may use what the stack makes, and it is deleted with the stack.
    let is_own = |read: &&Read<'_>| read.steps.iter().any(|step| stack.does.iter().any(|own| own == step));
    let used = setup.reads().iter().filter(is_own).filter_map(|read| {
        let part = read.what.used_by_others()?;
        setup.command(&format!("{} --query {part} --output json", read.command), read.parameter).ok()
    });
    let used: Vec<String> = used.collect();
    if !used.is_empty() {
        task.whole = Some(Whole { command: used.join("\n  "), fresh: None });
    }
    Ok(task)
}

/// The error codes as a script takes them.
fn codes(absent: &[&str]) -> String {
    if absent.is_empty() { "-".to_owned() } else { absent.join("|") }
}

/// The parameters of a stack as one word of a shell: as JSON, since the short form cuts a value at its commas.
fn parameters(setup: &Setup<'_>, values: &BTreeMap<String, String>) -> Result<String, String> {
    let parameter = |(name, token): (&String, &String)| {
        let value = setup.value(token).ok_or_else(|| format!("there is no value for {token}"))?;
        Ok(json!({ "ParameterKey": name, "ParameterValue": value }))
    };
    let all: Vec<Json> = values.iter().map(parameter).collect::<Result<_, String>>()?;
    Ok(quoted(&escape_json(Json::from(all).to_string())))
}

/// The lines of rollback.sh that stop it where something names the thing that it is to delete: what was left as it is, and, in
/// the same account, the notifications of buckets and the policies of keys, which AWS would no longer let anyone change.
fn unused(setup: &Setup<'_>, account: &str, parameter: &str) -> Result<Vec<String>, String> {
    let has_arn =
        matches!(setup.kind_of(parameter), Some(ThingKind::Role | ThingKind::Topic | ThingKind::Queue));
    let Some(arn) = arn_in(setup, account, parameter).filter(|_| has_arn) else { return Ok(Vec::new()) };
    let arn = quoted(&arn);
    let mut lines = vec![format!("unneeded {arn}")];
    for (_, step) in setup.steps() {
        let here = setup.place_of_step(step).and_then(|place| setup.id(place)) == Some(account);
        for document in documents(step).filter(|_| here) {
            let what = match document.kind.as_str() {
                "bucket-notification" => "a notification of the bucket",
                "kms" => "the key policy",
                _ => continue,
            };
            let (Some(read), Some(of)) = (setup.read_of(document), things::parameter(document)) else {
                continue;
            };
            if setup.new_key(of).is_some() || setup.is_stacked(&step.name) {
                continue;
            }
            let command = setup
                .command(&read.command, of)
                .map_err(|parameter| format!("there is no value for {parameter}"))?;
            let absent = quoted(&format!("{}|NoSuchBucket", codes(read.absent)));
            let place = quoted(&format!("{what} (step {})", setup.number(&step.name)));
            lines.push(format!("unused {arn} {place} {absent} {command} --output json"));
        }
    }
    Ok(lines)
}

/// The ARN of what a parameter names, in an account: a role of one name is in several.
fn arn_in(setup: &Setup<'_>, account: &str, parameter: &str) -> Option<String> {
    let Arn { partition, service, region, resource, .. } = Arn::parse(setup.value(parameter)?)?;
    Some(format!("arn:{partition}:{service}:{region}:{account}:{resource}"))
}

struct Planning<'a> {
    setup: &'a Setup<'a>,
    accounts: &'a Accounts,
    account: &'a str,
    step: &'a Step,
    document: &'a StepDocument,
    /// What names the thing that the document is attached to.
    parameter: &'a str,
    look: &'a Look,
}

impl Planning<'_> {
    /// A command on the thing that the document is attached to.
    fn command(&self, template: &str) -> Result<String, String> {
        self.setup
            .command(template, self.parameter)
            .map_err(|parameter| format!("there is no value for {parameter}"))
    }

    fn found(&self) -> Result<(&Read<'_>, Found), String> {
        let read = self.setup.read_of(self.document).ok_or("nothing to read")?;
        Ok((read, self.accounts.found(self.account, read)))
    }

    /// What the values of the document's settings come to.
    fn demand(&self) -> Result<Demand, String> {
        let setup = self.setup;
        Demand::of_step(setup.packs, (setup.pack, self.step), self.document, None, &setup.values)
            .map_err(|error| error.to_string())?
            .map_err(|_| "a value is missing".to_owned())
    }

    /// The document to be put, where the merge came to one.
    fn merged(&self) -> Result<String, String> {
        self.look.put.clone().ok_or_else(|| self.look.detail.clone())
    }

    /// The step's document as there is none yet.
    fn rendered(&self, kind: Kind) -> Result<String, String> {
        let setup = self.setup;
        let variant = setup.variant(self.document, self.account);
        let addition =
            crate::apply::addition(setup.packs, (setup.pack, self.step), kind, variant, &setup.values)
                .map_err(|error| error.to_string())?
                .map_err(|_| "a value is missing".to_owned())?;
        Ok(crate::merge::whole(&addition.statements.iter().collect::<Vec<_>>()))
    }

    fn title(&self, what: &str) -> String {
        format!("step {}: {what}", self.setup.number(&self.step.name))
    }

    /// A task on something that is there: its part at `path` is read, compared and put.
    fn on(&self, read: &Read<'_>, answer: &str, path: &[&str], title: &str) -> Result<Task, String> {
        let value: Json = serde_json::from_str(answer).map_err(|error| error.to_string())?;
        let part = path.iter().fold(&value, |value, name| value.get(*name).unwrap_or(&Json::Null));
        let query = if path.is_empty() { String::new() } else { format!(" --query {}", path.join(".")) };
        Ok(Task {
            step: self.step.name.clone(),
            title: self.title(title),
            read: self.command(&format!("{}{query} --output json", read.command))?,
            then: Vec::new(),
            absent: codes(read.absent),
            before: Some(printed(part)),
            put: Vec::new(),
            document: None,
            undo: Vec::new(),
            old: None,
            after: None,
            whole: None,
            mark: None,
            of: Vec::new(),
            addition: None,
        })
    }

    /// A task that makes something which is not there; `query` is a part of it that then stays as it is.
    fn make(&self, read: &Read<'_>, query: &str, title: &str, put: &str, undo: &str) -> Result<Task, String> {
        Ok(Task {
            step: format!("{}-make", self.step.name),
            title: self.title(title),
            read: self.command(&format!("{} --query {query} --output json", read.command))?,
            then: Vec::new(),
            absent: codes(read.absent),
            before: Some(ABSENT.to_owned()),
            put: vec![self.command(put)?],
            document: None,
            undo: unused(self.setup, self.account, self.parameter)?
                .into_iter()
                .chain([self.command(undo)?])
                .collect(),
            old: None,
            after: None,
            whole: None,
            mark: None,
            of: Vec::new(),
            addition: None,
        })
    }

    /// The tasks that make what a document names.
    fn named_in(&self, document: &str, made: &Made) -> Vec<String> {
        let is_named = |parameter: &str| {
            self.setup.value(parameter).is_some_and(|value| document.contains(&format!("\"{value}\"")))
        };
        made.iter().filter(|(parameter, _)| is_named(parameter)).map(|(_, step)| step.clone()).collect()
    }

    /// What a policy gets, where that can be told from what others write into it; `get` and `put` are the commands that show the
    /// bare policy and that put what standard input has.
    fn statements(&self, old: &str, new: &str, get: &str, put: &str) -> Option<Addition> {
        let setup = self.setup;
        let (old_policy, new): (Json, Json) =
            (serde_json::from_str(old).unwrap_or_default(), serde_json::from_str(new).ok()?);
        let statements = |policy: &Json| match policy.get("Statement") {
            Some(Json::Array(all)) => all.clone(),
            Some(one) => vec![one.clone()],
            None => Vec::new(),
        };
        let before = statements(&old_policy);
        let mut known_by = Vec::new();
        for statement in statements(&new).iter().filter(|statement| !before.contains(statement)) {
            known_by.push(statement.get("Sid")?.as_str()?.to_owned());
            let principals = match statement.pointer("/Principal/AWS") {
                Some(Json::Array(all)) => all.clone(),
                one => one.into_iter().cloned().collect(),
            };
            known_by.extend(principals.iter().filter_map(Json::as_str).map(str::to_owned));
        }
        // Nothing that was there before, and nothing that a document in a string writes differently.
        known_by.retain(|text| !old.contains(text.as_str()));
        let is_plain =
            |text: &String| text.chars().all(|c| c.is_ascii_graphic() && !"\"\\".contains(c) || c == ' ');
        if known_by.is_empty() || !known_by.iter().all(is_plain) {
            return None;
        }
        let region = setup.place_of(self.account).and_then(|place| setup.region(place));
        let region = region.map_or(String::new(), |region| format!(" --region {region}"));
        let values = self.step.parameters.iter().filter_map(|name| Some((name, setup.value(name)?)));
        let values: String =
            values.map(|(name, value)| format!(" --set {}", quoted(&format!("{name}={value}")))).collect();
        let variant = setup.variant(self.document, self.account);
        let variant = variant.map_or(String::new(), |name| format!(" --variant {name}"));
        let (get, put) = (self.command(get).ok()?, self.command(put).ok()?);
        let remove = format!(
            "{get}{region} | polmerge apply - --kind {} --remove {}{variant}{values} --emit cli | {put}{region}",
            self.document.kind, self.step.name
        );
        let has_key = setup.new_keys.iter().any(|key| remove.contains(&key.arn));
        (!has_key).then(|| Addition::Statements { known_by, remove: vec![remove] })
    }

    /// A key, with its policy; its ARN goes on in a variable.
    fn new_key(&self, key: &NewKey<'_>) -> Result<Vec<Task>, String> {
        if self.look.state != State::Missing {
            return Err(self.look.detail.clone());
        }
        let arn = Arn::parse(&key.arn).ok_or("the ARN of the key is not known")?;
        let mut policy: Json =
            serde_json::from_str(&self.rendered(Kind::Kms)?).map_err(|error| error.to_string())?;
        // What a new key has by default (KMS guide, "Default key policy"): without it nobody could manage it.
        let root = format!("arn:{}:iam::{}:root", arn.partition, arn.account);
        let statements = policy.get_mut("Statement").and_then(Json::as_array_mut);
        statements.ok_or("the step has no statements")?.insert(
            0,
            json!({ "Sid": "Enable IAM User Permissions", "Effect": "Allow", "Principal": { "AWS": root },
                    "Action": "kms:*", "Resource": "*" }),
        );
        let (alias, variable) = (format!("alias/{}", key.create.alias), &key.variable);
        let show = format!("aws kms describe-key --key-id {alias} --query KeyMetadata.Arn --output");
        let pattern = key.arn.rsplit_once('/').map_or("", |(stem, _)| stem);
        let of_alias = format!(
            "show NotFoundException aws kms describe-key --key-id {alias} --query KeyMetadata.KeyId --output text"
        );
        let created = "created=$(<\"made/$name.key\")";
        let mut task = Task {
            step: format!("{}-make", self.step.name),
            title: self.title(&format!("the key {alias}, with its policy")),
            read: format!("{show} json"),
            absent: "NotFoundException".to_owned(),
            before: Some(ABSENT.to_owned()),
            // The answer is kept at once: no other name leads to a key without an alias.
            put: vec![
                format!(
                    "[ -s \"made/$name.key\" ] || find_key || take_key {0} file://DOCUMENT ||\n    aws kms create-key \
                     --description {0}\" ($mark)\" --policy file://DOCUMENT --query KeyMetadata.KeyId --output text \
                     >\"made/$name.key\"",
                    quoted(&key.create.description)
                ),
                created.to_owned(),
                format!("aws kms create-alias --alias-name {alias} --target-key-id \"$created\""),
            ],
            document: Some(escape_json(format!("{policy:#}\n"))),
            then: vec![
                format!("{variable}=$({show} text)"),
                format!(
                    "case ${variable} in\n{pattern}/?*) ;;\n*)\n  printf 'not the ARN of a key of this account: %s\\n' \
                     \"${variable}\" >&2\n  exit 1\n  ;;\nesac"
                ),
                // Printed last, also where the script stops before its end.
                format!(
                    "next() {{\n  printf '\\nNext\\n  add to your values file: {} = \"%s\"\\n' \"${variable}\"\n  printf '  \
                     then print the script of `polmerge guide collect` again, and run the new one in each \
                     account\\n'\n}}\ntrap next EXIT",
                    key.parameter
                ),
            ],
            // KMS keeps the key for 30 days, in which that can be taken back.
            undo: vec![
                "aws kms schedule-key-deletion --key-id \"$created\" --pending-window-in-days 30 ||\n    [ \"$(aws kms \
                 describe-key --key-id \"$created\" --query KeyMetadata.KeyState --output text)\" = PendingDeletion ]"
                    .to_owned(),
                format!(
                    "[ \"$({of_alias})\" != \"$created\" ] ||\n    aws kms delete-alias --alias-name {alias}"
                ),
            ],
            old: None,
            after: None,
            whole: None,
            mark: None,
            of: Vec::new(),
            addition: None,
        };
        let policy_of = "aws kms get-key-policy --key-id \"$(<\"made/$name.key\")\" --policy-name default --query Policy \
                         --output json";
        task.whole = Some(Whole { command: policy_of.to_owned(), fresh: task.document.clone() });
        task.undo.insert(0, created.to_owned());
        task.mark = Some(Mark::Sought(of_alias));
        // Printed last, and not where the output of the command goes.
        task.undo.push(format!(
            "next() {{\n    printf '\\nNext\\n  remove {} from your values file: its key is pending deletion\\n'\n  }}\n  \
             trap next EXIT",
            key.parameter
        ));
        Ok(vec![task])
    }

    fn key(&self) -> Result<Vec<Task>, String> {
        if let Some(key) = self.setup.new_key(self.parameter) {
            return self.new_key(key);
        }
        let (read, found) = self.found()?;
        let Found::Answer(text) = found else {
            return Err(format!(
                "there is no key `{}`: make it first",
                self.setup.value(self.parameter).unwrap_or("")
            ));
        };
        let mut task = self.on(read, &text, &["Policy"], "the key policy")?;
        let put = "aws kms put-key-policy --key-id YOUR_ARN --policy-name default --policy";
        task.put = vec![self.command(&format!("{put} file://DOCUMENT"))?];
        task.undo = vec![self.command(&format!("{put} file://OLD"))?];
        task.document = Some(self.merged()?);
        task.after = task.document.clone();
        task.old = old_text(&text, "/Policy");
        task.addition = self.statements(
            task.old.as_deref().unwrap_or_default(),
            task.document.as_deref().unwrap_or_default(),
            &format!("{} --query Policy --output text", read.command),
            &format!("{put} file:///dev/stdin"),
        );
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
