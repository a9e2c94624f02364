//! The role: who may assume it, and what it may do.

use serde_json::Value as Json;

use super::{ABSENT, Made, Planning, Task, printed};
use crate::guide::accounts::Found;
use crate::guide::reads::What;
use crate::guide::shell::quoted;
use crate::invisible::escape_json;
use crate::kind::Kind;
use crate::steps::Derivation;

impl Planning<'_> {
    pub(super) fn trust(&self, made: &mut Made) -> Result<Vec<Task>, String> {
        let (read, found) = self.found()?;
        match found {
            Found::Answer(text) => {
                let path = ["Role", "AssumeRolePolicyDocument"];
                let mut task = self.on(read, &text, &path, "who may assume the role")?;
                let put = "aws iam update-assume-role-policy --role-name YOUR_NAME --policy-document";
                task.put = vec![self.command(&format!("{put} file://DOCUMENT"))?];
                task.undo = vec![self.command(&format!("{put} file://OLD"))?];
                task.document = Some(self.merged()?);
                task.after = task.document.clone();
                task.old = task.before.clone();
                Ok(vec![task])
            }
            Found::Absent => {
                made.insert(self.parameter.to_owned());
                let arn = self.setup.value(self.parameter).unwrap_or_default();
                let path = Derivation::PathOf(self.parameter.to_owned()).of(arn).filter(|path| path != "/");
                let path = path.map_or(String::new(), |path| format!(" --path {}", quoted(&path)));
                let mut task = self.make(
                    read,
                    "Role.[Arn,AssumeRolePolicyDocument]",
                    "the role",
                    "aws iam create-role --role-name YOUR_NAME --assume-role-policy-document file://DOCUMENT",
                    "aws iam delete-role --role-name YOUR_NAME",
                )?;
                task.put.iter_mut().for_each(|put| put.push_str(&path));
                let document = self.rendered(Kind::Trust)?;
                task.after = Some(format!("{arn}\n{document}"));
                task.document = Some(document);
                Ok(vec![task])
            }
            _ => Err("the role was not collected".to_owned()),
        }
    }

    /// The role's access, as an inline policy under a name of ours: what is there stays as it is.
    pub(super) fn inline(&self, made: &Made) -> Result<Vec<Task>, String> {
        let name = self.document.name.as_deref().unwrap_or(&self.step.name);
        let role = self
            .setup
            .name_of(self.parameter)
            .ok_or_else(|| format!("there is no value for {}", self.parameter))?;
        let (role, policy) = (quoted(role), quoted(name));
        let read = self.setup.read(What::Inline, self.parameter).ok_or("nothing to read")?;
        let inline = match made.contains(self.parameter) {
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
            format!("aws iam put-role-policy --role-name {role} --policy-name {policy} --policy-document");
        let mut document = self.rendered(Kind::Identity)?;
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
            document = escape_json(format!("{:#}\n", Json::Object(merged)));
        }
        Ok(vec![Task {
            step: self.step.name.clone(),
            title: self.title(&format!("policy {name} of the role")),
            read: format!(
                "aws iam get-role-policy --role-name {role} --policy-name {policy} --query PolicyDocument --output json"
            ),
            then: Vec::new(),
            absent: "NoSuchEntity".to_owned(),
            before: Some(own.as_ref().map_or_else(|| ABSENT.to_owned(), printed)),
            put: vec![format!("{put} file://DOCUMENT")],
            after: Some(document.clone()),
            document: Some(document),
            whole: None,
            mark: None,
            undo: vec![match own {
                Some(_) => format!("{put} file://OLD"),
                None => format!("aws iam delete-role-policy --role-name {role} --policy-name {policy}"),
            }],
            old: own.as_ref().map(printed),
        }])
    }
}
