//! The log bucket: object ownership and notifications. Never its policy.

use serde_json::{Map, Value as Json, json};

use super::{Addition, Made, Planning, Task};
use crate::guide::accounts::Found;
use crate::guide::reads::Read;
use crate::guide::shell::quoted;

impl Planning<'_> {
    pub(super) fn ownership(&self) -> Result<Vec<Task>, String> {
        let (read, found) = self.found()?;
        let put = "aws s3api put-bucket-ownership-controls --bucket YOUR_NAME --ownership-controls";
        let mut task = match found {
            Found::Answer(text) => {
                let mut task =
                    self.on(read, &text, &["OwnershipControls"], "object ownership of the bucket")?;
                task.undo = vec![self.command(&format!("{put} file://OLD"))?];
                task.old = task.before.clone();
                task
            }
            _ => {
                let undo = "aws s3api delete-bucket-ownership-controls --bucket YOUR_NAME";
                self.make(read, "OwnershipControls", "object ownership of the bucket", put, undo)?
            }
        };
        task.put = vec![self.command(&format!("{put} file://DOCUMENT"))?];
        task.document = Some(self.merged()?);
        task.after = task.document.clone();
        Ok(vec![task])
    }

    pub(super) fn notification(&self, made: &Made) -> Result<Vec<Task>, String> {
        let (read, found) = self.found()?;
        let text = match found {
            Found::Answer(text) => text,
            _ => String::new(),
        };
        let put =
            "aws s3api put-bucket-notification-configuration --bucket YOUR_NAME --notification-configuration";
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
        let document = self.merged()?;
        // S3 refuses a notification to what is deleted.
        task.of = self.named_in(&document, made);
        task.addition = self.elements(task.old.as_deref().unwrap_or_default(), &document, read, put);
        task.after = Some(document.clone());
        task.document = Some(document);
        Ok(vec![task])
    }

    /// The notifications that are added, where nothing else changes: S3 tells them apart by `Id`.
    fn elements(&self, old: &str, new: &str, read: &Read<'_>, put: &str) -> Option<Addition> {
        let (old, new): (Map<String, Json>, Map<String, Json>) =
            (serde_json::from_str(old).ok()?, serde_json::from_str(new).ok()?);
        let (mut own, mut others, mut shown) = (Vec::new(), Vec::new(), Vec::new());
        for (name, value) in &new {
            let before = old.get(name);
            if before == Some(value) {
                continue;
            }
            let (all, before) =
                (value.as_array()?, before.map_or(Some(&[][..]), |before| Some(before.as_array()?))?);
            let added: Vec<&Json> = all.iter().filter(|element| !before.contains(element)).collect();
            if all.len() != before.len() + added.len() {
                return None;
            }
            let ids = added.iter().map(|element| element.get("Id")?.as_str());
            let ids: Vec<&str> = ids.collect::<Option<_>>()?;
            // As a raw string of a query.
            if ids.iter().any(|id| id.contains(['\'', '\\'])) {
                return None;
            }
            let each = |sign: &str, word: &str| {
                ids.iter().map(|id| format!("Id{sign}'{id}'")).collect::<Vec<_>>().join(word)
            };
            own.push(format!("{name}[?{}]", each("==", " || ")));
            others.push(format!("{name}: {name}[?{}]", each("!=", " && ")));
            shown.push(added);
        }
        if own.is_empty() || old.keys().any(|name| !new.contains_key(name)) {
            return None;
        }
        let get = self.command(&read.command).ok()?;
        let rest = quoted(&format!("merge(@, {{{}}})", others.join(", ")));
        Some(Addition::Elements {
            show: format!("{get} --query {} --output json", quoted(&format!("[{}]", own.join(", ")))),
            shown: format!("{}\n", json!(shown)),
            remove: vec![
                format!("{get} --query {rest} --output json >\"made/$name.rest\""),
                format!("{} \"file://made/$name.rest\"", self.command(put).ok()?),
            ],
        })
    }
}
