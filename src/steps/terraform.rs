//! Steps as a configuration of Terraform: the same statements in resources, with variables in the place of values.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value as Json;

use super::hcl::{Block, Expression, comment, escape, is_identifier};
use super::pack::{Pack, Step, StepDocument};
use super::settings::Members;
use super::template::STATEMENTS;
use super::value::Values;
use super::{Packs, StepError};
use crate::invisible::is_unsafe;
use crate::placeholder;

/// The member that stands for an expression of Terraform.
const EXPRESSION: &str = "polmerge:expression";
/// The member that stands for a text of JSON.
const JSON: &str = "polmerge:json";

/// What a step is in Terraform, as it stands in the step's file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Terraform {
    /// The expressions of tokens whose value the blocks make or read. Each other token is a variable.
    #[serde(default)]
    pub values: BTreeMap<String, String>,
    /// The values of variables for which none is given, by token.
    #[serde(default)]
    pub defaults: BTreeMap<String, Json>,
    /// What a reader needs to know, line by line.
    #[serde(default)]
    pub comment: Vec<String>,
    /// The blocks, by type and labels.
    #[serde(default)]
    pub body: Members,
    /// Blocks for what another configuration owns, which are written as a comment.
    #[serde(default)]
    pub elsewhere: Members,
    /// Other forms of these blocks, by the name of the variant.
    #[serde(default)]
    pub variants: BTreeMap<String, Members>,
    /// The variants of other steps with which this step is left out.
    #[serde(default)]
    pub without: Vec<String>,
}

impl Terraform {
    /// Whether the step is left out of a configuration in a variant.
    pub fn is_left_out(&self, variant: Option<&str>) -> bool {
        variant.is_some_and(|name| self.without.iter().any(|own| own == name))
    }
}

/// A configuration as text.
#[derive(Clone, Debug)]
pub struct TerraformText {
    /// The text.
    pub text: String,
    /// The parameters that are variables, by canonical name.
    pub variables: Vec<String>,
}

impl Step {
    /// What it is in Terraform.
    pub fn terraform(&self) -> Option<(&StepDocument, &Terraform)> {
        self.documents.iter().find_map(|document| Some((document, document.terraform.as_ref()?)))
    }
}

impl Pack {
    /// The steps that are one configuration together: those of the guide that have a form in Terraform.
    pub fn terraform(&self) -> Vec<&Step> {
        self.steps.iter().filter(|step| step.label.is_some() && step.terraform().is_some()).collect()
    }

    /// Steps as one configuration, in the variant of those documents that have it. What one of the steps makes, the others
    /// refer to; a value that is given is the default of its variable.
    ///
    /// # Errors
    /// If a step names a step or document that the pack does not have, or something that is no name in HCL.
    pub fn terraform_text(
        &self,
        packs: &Packs,
        steps: &[&Step],
        variant: Option<&str>,
        values: &Values,
    ) -> Result<TerraformText, StepError> {
        let all = steps.iter().filter_map(|step| Some((*step, step.terraform()?.1)));
        let all = all.filter(|(_, terraform)| !terraform.is_left_out(variant));
        let mut writer = Writer {
            packs,
            pack: self,
            variant,
            expressions: all.clone().flat_map(|(_, terraform)| &terraform.values).collect(),
            variables: Vec::new(),
        };
        let (mut sections, mut seen) = (Vec::new(), Vec::new());
        for (step, terraform) in all.clone() {
            let malformed =
                |reason| StepError::Malformed { file: format!("{}.json", step.name), what: "step", reason };
            terraform.values.values().try_for_each(|text| one_line(text).map(drop)).map_err(malformed)?;
            let mut text = comment(&format!("{} ({}): {}", step.name, self.account_of(step), step.title));
            text.extend(terraform.comment.iter().map(|line| comment(line)));
            let variant = variant.or_else(|| step.variant_given(packs, values));
            let elsewhere =
                variant.and_then(|name| terraform.variants.get(name)).unwrap_or(&terraform.elsewhere);
            let elsewhere = writer.blocks(elsewhere).map_err(malformed)?;
            if !elsewhere.is_empty() {
                let blocks: Vec<String> = elsewhere.iter().map(|block| block.text(0)).collect();
                text.push_str(&comment(&format!("\n{}", blocks.join("\n"))));
            }
            let mut blocks = writer.blocks(&terraform.body).map_err(malformed)?;
            // Several steps may read the same.
            blocks.retain(|block| !block.head.starts_with("data ") || !seen.contains(&block.head));
            seen.extend(blocks.iter().map(|block| block.head.clone()));
            let blocks: Vec<String> = blocks.iter().map(|block| block.text(0)).collect();
            text.push_str(&blocks.join("\n"));
            sections.push(text);
        }
        let default = |token: &str| match values.get(packs, token) {
            Some(used) => Some(Json::from(used.value.as_str())),
            None => all.clone().find_map(|(_, terraform)| terraform.defaults.get(token).cloned()),
        };
        let variables = writer.variables.iter().map(|token| variable(packs, token, default(token)).text(0));
        let text = variables.chain(sections).collect::<Vec<_>>().join("\n");
        Ok(TerraformText { text, variables: writer.variables })
    }
}

/// The block that declares the variable of a token.
fn variable(packs: &Packs, token: &str, default: Option<Json>) -> Block {
    let mut arguments = Vec::new();
    let mut put = |name: &str, value: String| arguments.push((name.to_owned(), Expression::Line(value)));
    if let Some((_, parameter)) = packs.parameter(token) {
        let mut text = parameter.description.chars();
        let first = text.next().map(char::to_uppercase).into_iter().flatten();
        put("description", quoted(&first.chain(text).collect::<String>()));
    }
    put("type", "string".to_owned());
    match default {
        Some(Json::String(text)) => put("default", quoted(&text)),
        Some(other) => put("default", other.to_string()),
        None => {}
    }
    Block { head: format!("variable \"{}\"", variable_name(token)), arguments, blocks: Vec::new() }
}

/// `topic_arn` for `YOUR_TOPIC_ARN`.
fn variable_name(token: &str) -> String {
    token.strip_prefix("YOUR_").unwrap_or(token).to_ascii_lowercase()
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", escape(text, false))
}

struct Writer<'a> {
    packs: &'a Packs,
    pack: &'a Pack,
    variant: Option<&'a str>,
    /// The expressions of tokens that are no variables.
    expressions: BTreeMap<&'a String, &'a String>,
    /// The tokens that are variables, in the order of their first use.
    variables: Vec<String>,
}

impl Writer<'_> {
    /// Blocks by their type and labels.
    fn blocks(&mut self, body: &Members) -> Result<Vec<Block>, String> {
        let mut blocks = Vec::new();
        for (kind, value) in body {
            let labels = match kind.as_str() {
                "resource" | "data" => 2,
                "output" | "module" => 1,
                _ => 0,
            };
            self.labelled(name(kind)?.to_owned(), labels, value, &mut blocks)?;
        }
        Ok(blocks)
    }

    fn labelled(
        &mut self,
        head: String,
        labels: usize,
        value: &Json,
        blocks: &mut Vec<Block>,
    ) -> Result<(), String> {
        let members = value.as_object().ok_or_else(|| format!("`{head}` is not an object"))?;
        if labels > 0 {
            for (label, value) in members {
                self.labelled(format!("{head} \"{}\"", name(label)?), labels - 1, value, blocks)?;
            }
            return Ok(());
        }
        let (mut arguments, mut inner) = (Vec::new(), Vec::new());
        for (argument, value) in members {
            let argument = name(argument)?.to_owned();
            match value {
                Json::Object(of) if !of.contains_key(EXPRESSION) && !of.contains_key(JSON) => {
                    self.labelled(argument, 0, value, &mut inner)?;
                }
                _ => arguments.push((argument, self.expression(value)?)),
            }
        }
        blocks.push(Block { head, arguments, blocks: inner });
        Ok(())
    }

    fn expression(&mut self, value: &Json) -> Result<Expression, String> {
        Ok(match value {
            Json::Object(members) => match members.iter().next().filter(|_| members.len() == 1) {
                Some((marker, Json::String(text))) if marker == EXPRESSION => {
                    Expression::Line(self.reference(one_line(text)?))
                }
                Some((marker, Json::String(document))) if marker == STATEMENTS => {
                    let statements = self.pack.statements(document, self.variant)?;
                    let statements = statements.iter().map(|statement| self.expression(statement));
                    Expression::List(statements.collect::<Result<_, String>>()?)
                }
                Some((marker, value)) if marker == JSON => {
                    Expression::Json(Box::new(self.expression(value)?))
                }
                _ => {
                    let mut written = Vec::new();
                    for (key, value) in members {
                        written.push((self.key(key), self.expression(value)?));
                    }
                    Expression::Object(written)
                }
            },
            Json::Array(items) => {
                let mut written = Vec::new();
                for item in items {
                    match (item.get(STATEMENTS), self.expression(item)?) {
                        (Some(_), Expression::List(statements)) => written.extend(statements),
                        (_, item) => written.push(item),
                    }
                }
                Expression::List(written)
            }
            Json::String(text) => Expression::Line(self.string(text)),
            other => Expression::Line(other.to_string()),
        })
    }

    fn key(&mut self, key: &str) -> String {
        match is_identifier(key) && placeholder::tokens(key).is_empty() {
            true => key.to_owned(),
            false => self.template(key),
        }
    }

    /// A text: a reference where it is a token and nothing else.
    fn string(&mut self, text: &str) -> String {
        match placeholder::tokens(text).as_slice() {
            [only] if only.name == text => self.token(text),
            _ => self.template(text),
        }
    }

    /// A text in quotes, with expressions in the place of its tokens.
    fn template(&mut self, text: &str) -> String {
        let (mut out, mut at) = (String::new(), 0);
        for token in placeholder::tokens(text) {
            let span = token.span.range();
            out.push_str(&escape(&text[at..span.start], true));
            out.push_str(&format!("${{{}}}", self.token(token.name)));
            at = span.end;
        }
        format!("\"{out}{}\"", escape(&text[at..], false))
    }

    /// What stands for a token.
    fn token(&mut self, token: &str) -> String {
        let token = self.packs.canonical(token).to_owned();
        match self.expressions.get(&token) {
            Some(expression) => self.reference(expression),
            None => self.reference(&format!("var.{}", variable_name(&token))),
        }
    }

    /// An expression, whose variables are noted.
    fn reference(&mut self, expression: &str) -> String {
        for (at, start) in expression.match_indices("var.") {
            let word = |character: char| character.is_ascii_alphanumeric() || matches!(character, '_' | '-');
            let rest = &expression[at + start.len()..];
            let name = &rest[..rest.find(|character| !word(character)).unwrap_or(rest.len())];
            let token = format!("YOUR_{}", name.to_ascii_uppercase());
            if !expression[..at].ends_with(word) && !self.variables.contains(&token) {
                self.variables.push(token);
            }
        }
        expression.to_owned()
    }
}

/// An expression that is written as it is.
fn one_line(expression: &str) -> Result<&str, String> {
    let is_bad = |character: char| is_unsafe(character) || matches!(character, '\n' | '\t');
    match expression.contains(is_bad) || expression.contains("##") {
        true => Err(format!("`{}` is not an expression on one line", expression.escape_debug())),
        false => Ok(expression),
    }
}

/// A name of a type, label or argument.
fn name(text: &str) -> Result<&str, String> {
    match is_identifier(text) {
        true => Ok(text),
        false => Err(format!("`{}` is not a name in HCL", text.escape_debug())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::steps::value::{Given, Origin};

    fn text(
        pack: &Pack,
        packs: &Packs,
        steps: &[&str],
        variant: Option<&str>,
        given: &[(&str, &str)],
    ) -> String {
        let given: Vec<Given> = given
            .iter()
            .map(|(name, value)| Given {
                name: (*name).to_owned(),
                value: (*value).to_owned(),
                origin: Origin::Set,
            })
            .collect();
        let values = Values::resolve(packs, &given, steps, |_| false).unwrap().values;
        let steps: Vec<&Step> = steps.iter().map(|name| pack.step(name).unwrap()).collect();
        pack.terraform_text(packs, &steps, variant, &values).unwrap().text
    }

    fn made_up(step: &str) -> Packs {
        let pack = r#"{"name": "mine", "title": "t", "about": "a", "steps": ["one", "two"], "parameters": {"YOUR_TEXT":
            {"type": "text", "description": "the \"text\" ${x}", "find": {"where": "here"}, "aliases": ["YOUR_OTHER"]}}}"#;
        let other = r#"{"name": "two", "title": "t", "label": "l", "account": "any", "documents": [{"kind": "s3", "attached-to": "it",
            "statements": [{"Sid": "Two", "Effect": "Allow", "Action": "s3:*"}]}]}"#;
        let steps = |name: &str| Ok(if name == "one" { step } else { other }.to_owned());
        let mut packs = Packs::shipped().unwrap();
        packs.add(Pack::from_texts("pack.json", pack, steps).unwrap(), "pack.json").unwrap();
        packs
    }

    fn step(terraform: &str) -> Packs {
        made_up(&format!(
            r#"{{"name": "one", "title": "first", "account": "every", "documents": [
                {{"kind": "s3", "attached-to": "it", "statements": [{{"Sid": "$YOUR_TEXT", "Effect": "Allow",
                    "Action": ["s3:GetObject", "s3:PutObject"], "Resource": "arn:aws:s3:::b/${{aws:username}}/YOUR_OTHER/*",
                    "Condition": {{"StringLike": {{"aws:x/YOUR_TEXT": "%{{\"\n"}}}}}}]}},
                {{"kind": "terraform", "attached-to": "it", "terraform": {terraform}}}]}}"#
        ))
    }

    /// Terraform language, "Strings and templates"; "Style conventions".
    #[test]
    fn texts_are_text_and_tokens_are_expressions() {
        let packs = step(
            r#"{"comment": ["a note\nof ${two} lines"], "body": {"resource": {"x": {"y": {"is": true, "number": 1.5, "of": "YOUR_OTHER",
                "policy": {"polmerge:json": {"Statement": [{"polmerge:statements": "one/s3"}, {"polmerge:statements": "two/s3"}]}},
                "inner": {"is": {"polmerge:expression": "x.y.z"}}}}}},
                "elsewhere": {"inner": {"a": "${b}"}}}"#,
        );
        let pack = &packs.all()[1];
        let expected = r#"variable "text" {
  description = "The \"text\" $${x}"
  type        = string
  default     = "$${d} \\ \""
}

# one (in every account): first
# a note
# of ${two} lines
#
# inner {
#   a = "$${b}"
# }
resource "x" "y" {
  is     = true
  number = 1.5
  of     = var.text
  policy = jsonencode({
    Statement = [
      {
        Sid       = "\u0024${var.text}"
        Effect    = "Allow"
        Action    = ["s3:GetObject", "s3:PutObject"]
        Resource  = "arn:aws:s3:::b/$${aws:username}/${var.text}/*"
        Condition = { StringLike = { "aws:x/${var.text}" = "%%{\"\n" } }
      },
      {
        Sid    = "Two"
        Effect = "Allow"
        Action = "s3:*"
      },
    ]
  })

  inner {
    is = x.y.z
  }
}
"#;
        let given = [("YOUR_OTHER", "${d} \\ \"")];
        assert_eq!(text(pack, &packs, &["one"], None, &given), expected);
        let open = expected.replace("  default     = \"$${d} \\\\ \\\"\"\n", "");
        assert_eq!(text(pack, &packs, &["one"], None, &[]), open);
    }

    #[test]
    fn what_is_no_name_or_no_step_is_an_error() {
        let reason = |terraform: &str| {
            let packs = step(terraform);
            let pack = &packs.all()[1];
            let one = pack.step("one").unwrap();
            pack.terraform_text(&packs, &[one], None, &Values::default()).unwrap_err().to_string()
        };
        for (terraform, expected) in [
            (r#"{"body": {"resource": {"x": {"a\" {}\n": {}}}}}"#, "`a\\\" {}\\n` is not a name in HCL"),
            (r#"{"body": {"resource": {"x": {"y": {"a b": 1}}}}}"#, "`a b` is not a name in HCL"),
            (r#"{"body": {"resource": {"x": {"y": 1}}}}"#, "is not an object"),
            (r#"{"values": {"YOUR_TEXT": "a\n}"}}"#, "`a\\n}` is not an expression on one line"),
            (
                r#"{"body": {"x": {"y": {"polmerge:expression": "a\r"}}}}"#,
                "`a\\r` is not an expression on one line",
            ),
            (
                r#"{"body": {"x": {"y": {"polmerge:json": {"polmerge:statements": "three/s3"}}}}}"#,
                "no step has `three/s3`",
            ),
        ] {
            let reason = reason(terraform);
            assert!(reason.contains(expected) && reason.contains("one.json"), "{reason}");
        }
    }

    /// One configuration refers to what it makes, each policy is in it once, and each name is declared once.
    #[test]
    fn the_shipped_steps_are_one_configuration() {
        let packs = Packs::shipped().unwrap();
        let pack = &packs.all()[0];
        let with_policy = pack.steps.iter().filter(|step| !step.kinds().is_empty());
        assert!(with_policy.clone().all(|step| step.terraform().is_some()));
        let names: Vec<&str> = pack.terraform().iter().map(|step| step.name.as_str()).collect();
        assert_eq!(names, ["step1", "step2", "step3", "step4", "step5", "step6", "step7", "step8", "step9"]);
        let whole = text(pack, &packs, &names, None, &[]);
        assert!(!whole.contains("YOUR_") && !whole.contains("polmerge:"), "{whole}");
        for name in &names {
            for text in pack.step(name).unwrap().documents.iter().flat_map(|document| document.texts(None)) {
                let statement: Json = serde_json::from_str(text).unwrap();
                if let Some(sid) = statement["Sid"].as_str() {
                    assert_eq!(whole.matches(&format!("= \"{sid}\"\n")).count(), 1, "{sid}");
                }
            }
        }
        let blocks: Vec<&str> = whole
            .lines()
            .filter(|line| line.ends_with(['{', '}']) && !line.starts_with([' ', '}', '#']))
            .collect();
        let mut once = blocks.clone();
        once.sort_unstable();
        once.dedup();
        assert_eq!((once.len(), blocks.len()), (blocks.len(), 24), "{blocks:#?}");
        let open =
            whole.split("\n}\n").filter(|block| block.contains("variable \"") && !block.contains("default "));
        let open: Vec<&str> = open.filter_map(|block| block.split('"').nth(1)).collect();
        assert_eq!(open, ["workbench_external_id", "s3_arn", "cloudtrail_key_arn"], "the book names these");
        // What another step makes is a variable where that step is not there.
        let alone = text(pack, &packs, &["step5"], None, &[]);
        assert!(
            alone.contains("\"aws:SourceArn\" = var.topic_arn") && alone.contains("variable \"topic_arn\""),
            "{alone}"
        );
        assert!(
            whole.contains("\"aws:SourceArn\" = aws_sns_topic.expel.arn") && !whole.contains("var.topic_arn")
        );
    }

    #[test]
    fn variants_are_in_the_text() {
        let packs = Packs::shipped().unwrap();
        let pack = &packs.all()[0];
        let notification =
            |variant| text(pack, &packs, &["step8"], variant, &[("YOUR_LOG_PREFIX", "AWSLogs/")]);
        let (prefix, suffix) = ("filter_prefix = var.log_prefix", "filter_suffix = \".json.gz\"");
        for (variant, is_limited) in [
            // A value that is given is not left out.
            (None, (true, false)),
            (Some("prefix"), (true, false)),
            (Some("suffix"), (false, true)),
            (Some("suffix-in-prefix"), (true, true)),
        ] {
            let text = notification(variant);
            assert_eq!((text.contains(prefix), text.contains(suffix)), is_limited, "{text}");
            assert_eq!(text.contains("  default     = \"AWSLogs/\"\n"), is_limited.0, "{text}");
        }
        assert!(!text(pack, &packs, &["step8"], None, &[]).contains("filter_"));
        // Without the trail's key, its policy has nothing to add to, and no value is asked for.
        let steps = ["step2", "step9"];
        for (variant, has_key) in
            [(None, true), (Some("least-privilege"), true), (Some("no-trail-key"), false)]
        {
            let text = text(pack, &packs, &steps, variant, &[]);
            let named = ["output \"trail_key_policy\"", "# step2 ", "cloudtrail_key_arn"];
            assert_eq!(named.map(|name| text.contains(name)), [has_key; 3], "{variant:?}: {text}");
        }
        let member = text(pack, &packs, &["step1"], Some("member-account"), &[]);
        assert!(!member.contains("s3:ListAllMyBuckets") && member.contains("sts:ExternalId"));
    }
}
