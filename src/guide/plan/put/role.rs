//! The role: who may assume it, and what it may do.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::{ABSENT, KEY_AND_VALUE, MARKED, Made, Mark, Planning, Task, arn_in, printed};
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
                task.addition = self.statements(
                    task.old.as_deref().unwrap_or_default(),
                    task.document.as_deref().unwrap_or_default(),
                    &format!("{} --query Role.AssumeRolePolicyDocument --output json", read.command),
                    &format!("{put} file:///dev/stdin"),
                );
                Ok(vec![task])
            }
            Found::Absent => {
                let arn = self.setup.value(self.parameter).unwrap_or_default();
                let path = Derivation::PathOf(self.parameter.to_owned()).of(arn).filter(|path| path != "/");
                let path = path.map_or(String::new(), |path| format!(" --path {}", quoted(&path)));
                let mut task = self.make(
                    read,
                    "Role.[Arn,AssumeRolePolicyDocument]",
                    "the role",
                    "aws iam create-role --role-name YOUR_NAME --assume-role-policy-document file://DOCUMENT",
                    "delete_role YOUR_NAME",
                )?;
                made.insert(self.parameter.to_owned(), task.step.clone());
                task.put
                    .iter_mut()
                    .for_each(|put| put.push_str(&format!("{path} --tags \"{KEY_AND_VALUE}\"")));
                let tags = self.command("aws iam get-role --role-name YOUR_NAME --query")?;
                let tag = quoted(&format!("Role.Tags | {MARKED}"));
                task.mark = Some(Mark::Shown(format!("{tags} {tag} --output text")));
                let document = self.rendered(Kind::Trust)?;
                let own = arn_in(self.setup, self.account, self.parameter).unwrap_or_default();
                task.after = Some(format!("{own}\n{document}"));
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
        let inline = match made.contains_key(self.parameter) {
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
        let mut added = Vec::new();
        if let Some(Json::Object(old)) = &own {
            let mut merged = old.clone();
            let mut statements = match merged.get("Statement") {
                Some(Json::Array(items)) => items.clone(),
                Some(one) => vec![one.clone()],
                None => Vec::new(),
            };
            let new: Json = serde_json::from_str(&document).map_err(|error| error.to_string())?;
            for statement in new.get("Statement").and_then(Json::as_array).into_iter().flatten() {
                if statements.contains(statement) {
                    continue;
                }
                let sid = statement.get("Sid").filter(|sid| !sid.is_null());
                let same = statements.iter_mut().find(|other| sid.is_some() && other.get("Sid") == sid);
                let Some(same) = same else {
                    statements.push(statement.clone());
                    continue;
                };
                let more = with_resources_of(same, statement).ok_or_else(|| {
                    format!(
                        "statement {} of policy {name} of the role differs in more than its resources: give it another Sid, \
                         then collect again, and a plan adds the step's",
                        sid.unwrap_or_default()
                    )
                })?;
                added.extend(more);
            }
            merged.insert("Statement".to_owned(), statements.into());
            document = escape_json(format!("{:#}\n", Json::Object(merged)));
        }
        Ok(vec![Task {
            step: self.step.name.clone(),
            title: self.title(&match added.is_empty() {
                true => format!("policy {name} of the role"),
                // What an earlier plan granted stays: log files may still be encrypted with an earlier key.
                false => {
                    format!("policy {name} of the role, with {} added to its resources", added.join(", "))
                }
            }),
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
            of: made.get(self.parameter).cloned().into_iter().collect(),
            addition: None,
            undo: vec![match own {
                Some(_) => format!("{put} file://OLD"),
                None => format!("aws iam delete-role-policy --role-name {role} --policy-name {policy}"),
            }],
            old: own.as_ref().map(printed),
        }])
    }
}

/// Adds the resources of one statement to those of another that is the same but for them, and returns those that it did not
/// have; `None` where more than the resources differs.
fn with_resources_of(statement: &mut Json, other: &Json) -> Option<Vec<String>> {
    let all = |statement: &Json| match statement.get("Resource") {
        Some(Json::Array(all)) => all.clone(),
        one => one.into_iter().cloned().collect(),
    };
    let (mut resources, more) = (all(statement), all(other));
    let without = |statement: &Json| {
        let mut members = statement.as_object().cloned().unwrap_or_default();
        members.remove("Resource");
        members.into_iter().map(|(name, value)| (name, listed(value))).collect::<BTreeMap<_, _>>()
    };
    if resources.is_empty() || more.is_empty() || without(statement) != without(other) {
        return None;
    }
    let more: Vec<Json> = more.into_iter().filter(|resource| !resources.contains(resource)).collect();
    let names = more.iter().map(|resource| resource.as_str().map(str::to_owned)).collect();
    resources.extend(more);
    statement["Resource"] = Json::Array(resources);
    names
}

/// A value as a list, as IAM takes one for the other.
fn listed(value: Json) -> Json {
    match value {
        Json::String(_) => Json::Array(vec![value]),
        other => other,
    }
}
