//! The log bucket: object ownership and notifications. Never its policy.

use super::{Planning, Task};
use crate::guide::accounts::Found;

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

    pub(super) fn notification(&self) -> Result<Vec<Task>, String> {
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
        task.document = Some(self.merged()?);
        task.after = task.document.clone();
        Ok(vec![task])
    }
}
