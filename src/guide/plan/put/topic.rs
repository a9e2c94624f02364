//! The topic: its policy, its key, its subscription.

use serde_json::Value as Json;

use super::{KEY_AND_VALUE, MARKED, Made, Mark, Planning, Task, Whole, old_text};
use crate::guide::State;
use crate::guide::accounts::Found;
use crate::guide::reads::What;
use crate::guide::shell::quoted;
use crate::invisible::escape_json;
use crate::kind::Kind;

impl Planning<'_> {
    pub(super) fn topic_policy(&self, made: &mut Made) -> Result<Vec<Task>, String> {
        let put =
            "aws sns set-topic-attributes --topic-arn YOUR_ARN --attribute-name Policy --attribute-value";
        let (mut tasks, answer) = self.the_topic(made)?;
        let (read, _) = self.found()?;
        let path = ["Attributes", "Policy"];
        let mut task = self.on(read, answer.as_deref().unwrap_or("{}"), &path, "the topic policy")?;
        task.put = vec![self.command(&format!("{put} file://DOCUMENT"))?];
        match answer {
            Some(text) => {
                task.undo = vec![self.command(&format!("{put} file://OLD"))?];
                task.document = Some(self.merged()?);
                task.old = old_text(&text, "/Attributes/Policy");
                task.addition = self.statements(
                    task.old.as_deref().unwrap_or_default(),
                    task.document.as_deref().unwrap_or_default(),
                    &format!("{} --query Attributes.Policy --output text", read.command),
                    &format!("{put} file:///dev/stdin"),
                );
            }
            None => {
                task.before = None;
                task.document = Some(self.rendered(Kind::Sns)?);
                task.of.extend(made.get(self.parameter).cloned());
            }
        }
        task.after = task.document.clone();
        tasks.push(task);
        Ok(tasks)
    }

    /// The attributes that the step sets, each by a call of its own.
    pub(super) fn topic_attributes(&self, made: &mut Made) -> Result<Vec<Task>, String> {
        let (mut tasks, answer) = self.the_topic(made)?;
        if answer.is_some() && self.look.put.is_none() {
            return Err(self.look.detail.clone());
        }
        let (read, _) = self.found()?;
        for (name, wanted) in &self.demand()?.members {
            let set = format!(
                "aws sns set-topic-attributes --topic-arn YOUR_ARN --attribute-name {name} --attribute-value"
            );
            let set = self.command(&set)?;
            let title = match name.as_str() {
                "KmsMasterKeyId" => "the key of the topic".to_owned(),
                other => format!("{other} of the topic"),
            };
            let text = answer.as_deref().unwrap_or("{}");
            let mut task = self.on(read, text, &["Attributes", name], &title)?;
            task.step = format!("{}-topic", self.step.name);
            let wanted = wanted.as_str().map_or_else(|| wanted.to_string(), str::to_owned);
            task.put = vec![format!("{set} {}", quoted(&wanted))];
            task.after = Some(wanted);
            if answer.is_none() {
                task.before = None;
                task.of.extend(made.get(self.parameter).cloned());
            } else {
                let old = old_text(text, &format!("/Attributes/{name}")).unwrap_or_default();
                task.undo = vec![format!("{set} {}", quoted(&old))];
            }
            tasks.push(task);
        }
        Ok(tasks)
    }

    /// The topic's attributes; where it is not there, nothing, and the task that makes it unless another has.
    fn the_topic(&self, made: &mut Made) -> Result<(Vec<Task>, Option<String>), String> {
        let (read, found) = self.found()?;
        match found {
            Found::Answer(text) => Ok((Vec::new(), Some(text))),
            Found::Absent if made.contains_key(self.parameter) => Ok((Vec::new(), None)),
            Found::Absent => {
                let mut make = self.make(
                    read,
                    "Attributes.TopicArn",
                    "the topic",
                    "aws sns create-topic --name YOUR_NAME",
                    "aws sns delete-topic --topic-arn YOUR_ARN",
                )?;
                make.put.iter_mut().for_each(|put| put.push_str(&format!(" --tags \"{KEY_AND_VALUE}\"")));
                let tags = self.command("aws sns list-tags-for-resource --resource-arn YOUR_ARN --query")?;
                let tag = quoted(&format!("Tags | {MARKED}"));
                make.mark = Some(Mark::Shown(format!("{tags} {tag} --output text")));
                // A topic takes its subscriptions with it. The plan's own is undone before.
                let subscriptions = What::Subscriptions;
                let list = self.setup.read(subscriptions, self.parameter).ok_or("nothing to read")?;
                let others = subscriptions.used_by_others().unwrap_or_default();
                let command = self.command(&format!("{} --query {others} --output json", list.command))?;
                make.whole = Some(Whole { command, fresh: Some("[]\n".to_owned()) });
                made.insert(self.parameter.to_owned(), make.step.clone());
                Ok((vec![make], None))
            }
            _ => Err("the topic was not collected".to_owned()),
        }
    }

    pub(super) fn subscription(&self, made: &Made) -> Result<Vec<Task>, String> {
        let demand = self.demand()?;
        let queue =
            demand.members.get("Endpoint").and_then(Json::as_str).ok_or("the step has no endpoint")?;
        let list = self.command("aws sns list-subscriptions-by-topic --topic-arn YOUR_ARN")?;
        let own = quoted(&format!("Subscriptions[?Endpoint=='{queue}'].SubscriptionArn | [0]"));
        let arn = format!("\"$({list} --query {own} --output text)\"");
        let task = |read: String, before: Option<String>| Task {
            step: self.step.name.clone(),
            title: self.title("the queue's subscription to the topic"),
            read,
            then: Vec::new(),
            absent: "NotFound".to_owned(),
            before,
            put: Vec::new(),
            document: None,
            undo: Vec::new(),
            old: None,
            after: None,
            whole: None,
            mark: None,
            of: self.named_in(&demand.create.to_string(), made),
            addition: None,
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
            task.after = Some(raw.clone());
            task.undo = vec![format!("{set} false")];
            return Ok(vec![task]);
        }
        if self.look.state != State::Missing {
            return Err(self.look.detail.clone());
        }
        let mut task = task(
            format!("{list} --query {own} --output json"),
            (!made.contains_key(self.parameter)).then(|| "null".to_owned()),
        );
        task.put = vec!["aws sns subscribe --cli-input-json file://DOCUMENT".to_owned()];
        task.document = Some(escape_json(format!("{:#}\n", demand.create)));
        task.undo = vec![format!("aws sns unsubscribe --subscription-arn {arn}")];
        Ok(vec![task])
    }
}
