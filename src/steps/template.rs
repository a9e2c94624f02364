//! A step as a CloudFormation template: the same statements, with parameters and resources of the
//! template in the place of values.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::pack::{Pack, Step, StepDocument};
use super::{Packs, StepError};
use crate::placeholder;

/// The member that stands for the statements of a step, as `STEP/KIND`.
pub(super) const STATEMENTS: &str = "polmerge:statements";

/// A template as it stands in a step's file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Template {
    /// What stands for each token, as `Fn::Sub` takes it.
    pub values: BTreeMap<String, String>,
    /// The template, with places for statements.
    pub body: Json,
}

impl Step {
    /// The document that is a template.
    pub fn template(&self) -> Option<(&StepDocument, &Template)> {
        self.documents.iter().find_map(|document| Some((document, document.template.as_ref()?)))
    }
}

impl Pack {
    /// The statements of `STEP/KIND`, in the variant if it has it; or what is wrong with the name.
    pub(super) fn statements(&self, name: &str, variant: Option<&str>) -> Result<Vec<Json>, String> {
        let found = name.split_once('/').and_then(|(step, kind)| {
            let documents = &self.step(step)?.documents;
            documents.iter().find(|document| document.kind == kind)
        });
        let document = found.ok_or_else(|| format!("no step has `{name}`"))?;
        let texts = document.texts(variant);
        let read = |text: &&str| serde_json::from_str(text).map_err(|error| error.to_string());
        texts.iter().map(read).collect()
    }
}

impl Template {
    /// The template with the statements in it, in the variant of those documents that have it.
    ///
    /// # Errors
    /// If it names a step, document or token that the pack does not have.
    pub fn filled(
        &self,
        packs: &Packs,
        (pack, step): (&Pack, &Step),
        variant: Option<&str>,
    ) -> Result<Json, StepError> {
        let filling = Filling { packs, pack, step, variant, template: self };
        filling.walk(&self.body)
    }
}

struct Filling<'a> {
    packs: &'a Packs,
    pack: &'a Pack,
    step: &'a Step,
    variant: Option<&'a str>,
    template: &'a Template,
}

impl Filling<'_> {
    fn walk(&self, node: &Json) -> Result<Json, StepError> {
        match node {
            Json::Object(members) => match (members.get(STATEMENTS), members.len()) {
                (Some(Json::String(name)), 1) => self.statements(name),
                _ => {
                    let members = members.iter().map(|(name, value)| Ok((name.clone(), self.walk(value)?)));
                    Ok(Json::Object(members.collect::<Result<_, StepError>>()?))
                }
            },
            Json::Array(items) => {
                let mut out = Vec::new();
                for item in items {
                    match (item.get(STATEMENTS), self.walk(item)?) {
                        (Some(_), Json::Array(statements)) => out.extend(statements),
                        (_, item) => out.push(item),
                    }
                }
                Ok(out.into())
            }
            Json::String(text) => self.string(text),
            other => Ok(other.clone()),
        }
    }

    fn statements(&self, name: &str) -> Result<Json, StepError> {
        let statements = self.pack.statements(name, self.variant).map_err(|reason| self.malformed(reason))?;
        statements.iter().map(|statement| self.walk(statement)).collect()
    }

    /// A text with what stands for its tokens: a reference where it is one and nothing else.
    fn string(&self, text: &str) -> Result<Json, StepError> {
        let tokens = placeholder::tokens(text);
        if tokens.is_empty() {
            return Ok(text.into());
        }
        let value = |token: &str| self.template.values.get(self.packs.canonical(token)).map(String::as_str);
        if let Some(token) = tokens.iter().find(|token| value(token.name).is_none()) {
            return Err(self.malformed(format!("nothing stands for {}", token.name)));
        }
        let filled = placeholder::replace(text, value);
        let only = filled.strip_prefix("${").and_then(|rest| rest.strip_suffix('}'));
        Ok(match only.filter(|name| !name.contains(['$', '{', '}'])) {
            Some(name) => match name.split_once('.') {
                Some((resource, attribute)) => json!({ "Fn::GetAtt": [resource, attribute] }),
                None => json!({ "Ref": name }),
            },
            None => json!({ "Fn::Sub": filled }),
        })
    }

    fn malformed(&self, reason: String) -> StepError {
        StepError::Malformed { file: format!("{}.json", self.step.name), what: "step", reason }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_templates_hold_the_statements_of_the_steps() {
        let packs = Packs::shipped().unwrap();
        for (name, variant, count) in
            [("step1", None, 2), ("step1", Some("member-account"), 2), ("step4", None, 4)]
        {
            let (pack, step) = packs.step(name).unwrap();
            let (_, template) = step.template().unwrap();
            let text = template.filled(&packs, (pack, step), variant).unwrap().to_string();
            assert!(!text.contains("YOUR_") && !text.contains(STATEMENTS), "{text}");
            assert_eq!(text.matches("\"Statement\":[").count(), count, "{name}");
            assert_eq!(text.contains("s3:ListAllMyBuckets"), name == "step1" && variant.is_none());
        }
    }

    #[test]
    fn a_token_alone_is_a_reference_and_among_text_a_substitution() {
        let packs = Packs::shipped().unwrap();
        let (pack, step) = packs.step("step1").unwrap();
        let values = [
            ("YOUR_S3_ARN", "${Bucket}"),
            ("YOUR_TOPIC_ARN", "${Topic.Arn}"),
            ("YOUR_SQS_QUEUE_ARN", "a:${B}:${C}"),
        ];
        let values = values.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let body =
            json!(["YOUR_S3_ARN", "YOUR_S3_ARN/*", "YOUR_SNS_TOPIC_ARN", "YOUR_SQS_QUEUE_ARN", "x", 1]);
        let template = Template { values: values.into(), body };
        assert_eq!(
            template.filled(&packs, (pack, step), None).unwrap(),
            json!([{ "Ref": "Bucket" }, { "Fn::Sub": "${Bucket}/*" }, { "Fn::GetAtt": ["Topic", "Arn"] },
                { "Fn::Sub": "a:${B}:${C}" }, "x", 1])
        );
        let lacking = Template { values: BTreeMap::new(), body: json!("YOUR_S3_ARN") };
        assert!(lacking.filled(&packs, (pack, step), None).is_err());
    }
}
