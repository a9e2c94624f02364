//! The queue: its policy and its attributes.

use serde_json::{Value as Json, json};

use super::{Made, Mark, Planning, TAG, Task, codes, old_text, printed};
use crate::guide::accounts::Found;
use crate::invisible::escape_json;
use crate::kind::Kind;

const PUT: &str = "aws sqs set-queue-attributes --queue-url YOUR_URL --attributes";

impl Planning<'_> {
    pub(super) fn queue_policy(&self, made: &mut Made) -> Result<Vec<Task>, String> {
        let wrapped = |policy: String| escape_json(format!("{}\n", json!({ "Policy": policy })));
        let (mut tasks, answer) = self.queue(made)?;
        let (read, _) = self.found()?;
        let path = ["Attributes", "Policy"];
        let mut task = self.on(read, answer.as_deref().unwrap_or("{}"), &path, "the queue policy")?;
        task.put = vec![self.command(&format!("{PUT} file://DOCUMENT"))?];
        let policy = match answer {
            Some(text) => {
                task.undo = vec![self.command(&format!("{PUT} file://OLD"))?];
                let (old, new) = (old_text(&text, "/Attributes/Policy").unwrap_or_default(), self.merged()?);
                task.addition = self.statements(
                    &old,
                    &new,
                    &format!("{} --query Attributes.Policy --output text", read.command),
                    &format!("{PUT} file:///dev/stdin"),
                );
                task.old = Some(wrapped(old));
                new
            }
            None => {
                task.before = None;
                task.of.extend(made.get(self.parameter).cloned());
                self.rendered(Kind::Sqs)?
            }
        };
        task.after = Some(policy.clone());
        task.document = Some(wrapped(policy));
        tasks.push(task);
        Ok(tasks)
    }

    /// The attributes that the step sets, and no others.
    pub(super) fn queue_attributes(&self, made: &mut Made) -> Result<Vec<Task>, String> {
        let demand = self.demand()?;
        let (mut tasks, answer) = self.queue(made)?;
        // What others may rely on stays.
        let document = match answer {
            Some(_) => self.merged()?,
            None => escape_json(format!("{}\n", Json::Object(demand.members.clone()))),
        };
        let (read, _) = self.found()?;
        let names: Vec<&String> = demand.members.keys().collect();
        let value: Json =
            answer.as_deref().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
        let attribute =
            |name: &str| value.pointer(&format!("/Attributes/{name}")).cloned().unwrap_or(Json::Null);
        let before: serde_json::Map<String, Json> =
            names.iter().map(|name| ((*name).clone(), attribute(name))).collect();
        let select: Vec<String> = names.iter().map(|name| format!("{name}:{name}")).collect();
        // An attribute without a value is unset by an empty one.
        let old = before.iter().map(|(name, value)| (name.clone(), value.as_str().unwrap_or("").into()));
        let mut old: serde_json::Map<String, Json> = old.collect();
        // SQS API, SetQueueAttributes: a queue has one encryption, so that a key turns off the one that SQS manages.
        let managed = attribute("SqsManagedSseEnabled");
        if old.get("KmsMasterKeyId").is_some_and(|key| *key == "") && managed == "true" {
            old.insert("SqsManagedSseEnabled".to_owned(), managed);
        }
        let mut after = before.clone();
        after.extend(serde_json::from_str::<serde_json::Map<String, Json>>(&document).unwrap_or_default());
        let fresh = answer.is_none();
        let changed: Vec<&String> =
            names.iter().copied().filter(|&name| fresh || before.get(name) != after.get(name)).collect();
        tasks.push(Task {
            step: format!("{}-attributes", self.step.name),
            title: self.title(&match changed.as_slice() {
                [only] => format!("{only} of the queue"),
                [first, second] => format!("{first} and {second} of the queue"),
                [first, second, third] => format!("{first}, {second} and {third} of the queue"),
                _ => format!("{} attributes of the queue", changed.len()),
            }),
            read: self.command(&format!(
                "{} --query Attributes.{{{}}} --output json",
                read.command,
                select.join(",")
            ))?,
            then: Vec::new(),
            absent: codes(read.absent),
            before: (!fresh).then(|| printed(&Json::Object(before))),
            put: vec![self.command(&format!("{PUT} file://DOCUMENT"))?],
            document: Some(document),
            after: Some(printed(&Json::Object(after))),
            whole: None,
            mark: None,
            of: made.get(self.parameter).filter(|_| fresh).cloned().into_iter().collect(),
            addition: None,
            undo: if fresh { Vec::new() } else { vec![self.command(&format!("{PUT} file://OLD"))?] },
            old: (!fresh).then(|| escape_json(format!("{}\n", Json::Object(old)))),
        });
        Ok(tasks)
    }

    /// The queue's attributes; where it is not there, nothing, and the task that makes it unless another has.
    fn queue(&self, made: &mut Made) -> Result<(Vec<Task>, Option<String>), String> {
        let (read, found) = self.found()?;
        match found {
            Found::Answer(text) => Ok((Vec::new(), Some(text))),
            Found::Absent if made.contains_key(self.parameter) => Ok((Vec::new(), None)),
            Found::Absent => {
                let mut make = self.make(
                    read,
                    // Another queue of the same name is as old as it is.
                    "Attributes.[QueueArn,CreatedTimestamp]",
                    "the queue",
                    "aws sqs create-queue --queue-name YOUR_NAME",
                    "aws sqs delete-queue --queue-url YOUR_URL",
                )?;
                make.put.iter_mut().for_each(|put| put.push_str(&format!(" --tags \"{TAG}=$mark\"")));
                let tags = format!(
                    "aws sqs list-queue-tags --queue-url YOUR_URL --query Tags.\"{TAG}\" --output text"
                );
                make.mark = Some(Mark::Shown(self.command(&tags)?));
                made.insert(self.parameter.to_owned(), make.step.clone());
                Ok((vec![make], None))
            }
            _ => Err("the queue was not collected".to_owned()),
        }
    }
}
