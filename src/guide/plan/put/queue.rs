//! The queue: its policy and its attributes.

use serde_json::{Value as Json, json};

use super::{Made, Planning, Task, old_text, printed};
use crate::guide::accounts::Found;
use crate::kind::Kind;
use crate::steps::{Demand, StepDocument};

impl Planning<'_> {
    pub(super) fn queue_policy(&self, made: &mut Made) -> Result<Vec<Task>, String> {
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
                    "Attributes.QueueArn",
                    "the queue",
                    "aws sqs create-queue --queue-name YOUR_QUEUE_NAME",
                    "aws sqs delete-queue --queue-url YOUR_SQS_QUEUE_URL",
                )?;
                let mut task = self.on(read, "{}", &["Attributes", "Policy"], "the queue policy")?;
                task.before = None;
                task.put = vec![self.command(&format!("{put} file://DOCUMENT"))?];
                task.document = Some(wrapped(self.rendered(Kind::Sqs)?));
                Ok(vec![make, task])
            }
            _ => Err("the queue was not collected".to_owned()),
        }
    }

    /// The attributes that the step sets, and no others.
    pub(super) fn queue_attributes(&self, document: &StepDocument, made: &Made) -> Result<Vec<Task>, String> {
        let (read, found) = self.found("queue")?;
        let setup = self.setup;
        let demand = Demand::of_step(setup.packs, (setup.pack, self.step), document, None, &setup.values)
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
            title: self.title(&match names.as_slice() {
                [only] => format!("{only} of the queue"),
                _ => format!("{} attributes of the queue", names.len()),
            }),
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
}
