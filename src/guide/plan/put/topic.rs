//! The topic: its policy, its key, its subscription.

use super::{Made, Planning, Task, old_text};
use crate::guide::State;
use crate::guide::accounts::Found;
use crate::guide::shell::quoted;
use crate::kind::Kind;
use crate::steps::Demand;

impl Planning<'_> {
    pub(super) fn topic_policy(&self, made: &mut Made) -> Result<Vec<Task>, String> {
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
                    "Attributes.TopicArn",
                    "the topic",
                    "aws sns create-topic --name YOUR_TOPIC_NAME",
                    "aws sns delete-topic --topic-arn YOUR_TOPIC_ARN",
                )?;
                let mut task = self.on(read, "{}", &["Attributes", "Policy"], "the topic policy")?;
                task.before = None;
                task.put = vec![self.command(&format!("{put} file://DOCUMENT"))?];
                task.document = Some(self.rendered(Kind::Sns)?);
                Ok(vec![make, task])
            }
            _ => Err("the topic was not collected".to_owned()),
        }
    }

    pub(super) fn topic_key(&self, made: &Made) -> Result<Vec<Task>, String> {
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

    pub(super) fn subscription(&self, made: &Made) -> Result<Vec<Task>, String> {
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
        if self.look.state != State::Missing {
            return Err(self.look.detail.clone());
        }
        let Ok(Some((document, _))) = self.step.settings(None) else {
            return Err("nothing to put".to_owned());
        };
        let demand = Demand::of_step(setup.packs, (setup.pack, self.step), document, None, &setup.values)
            .map_err(|error| error.to_string())?
            .map_err(|_| "a value is missing".to_owned())?;
        let mut task =
            task(format!("{list} --query {own} --output json"), (!made.topic).then(|| "null".to_owned()));
        task.put = vec!["aws sns subscribe --cli-input-json file://DOCUMENT".to_owned()];
        task.document = Some(format!("{:#}\n", demand.create));
        task.undo = vec![format!("aws sns unsubscribe --subscription-arn {arn}")];
        Ok(vec![task])
    }
}
