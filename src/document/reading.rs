//! A file's text as the trees in which policies are looked for.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::sync::Arc;

use super::attachment::{Attachment, References};
use super::body::{Body, Writing};
use super::makers::is_pulumi;
use super::plan::Plan;
use super::surroundings::{Around, Surroundings, is_tags};
use super::{Document, Gives, Hints, Maker};
use crate::locate::{self, Found};
use crate::parse::{self, Escaped, Node, Parsed, Problem, ProblemKind, Value, Yaml, unescape};
use crate::policy::quota::Unit;
use crate::policy::template::Template;
use crate::source::Source;
use crate::span::Span;

/// A text as JSON: a file's, or that of a part of it.
pub(super) struct Reading {
    /// If it is a part of a file.
    pub(super) body: Option<Arc<Body>>,
    /// If it is YAML: its tree, and the JSON that it means.
    pub(super) yaml: Option<(Arc<Yaml>, Escaped)>,
    pub(super) parsed: Parsed,
    /// The policies in it, once they were asked for.
    found: OnceCell<Vec<Found>>,
    /// What refers to its policies, once that was asked for.
    references: OnceCell<References>,
    /// Where its resources go, once that was asked for.
    plan: OnceCell<Plan>,
}

/// Texts in strings of texts in strings are read to this depth. AWS itself nests three.
const MOST_LEVELS: usize = 4;

/// What a text is taken for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Language {
    Json,
    Yaml,
    /// JSON where it starts so, else YAML if that makes a mapping of it.
    Either,
}

impl Reading {
    /// A whole text.
    pub(super) fn new(yaml: Option<(Arc<Yaml>, Escaped)>, parsed: Parsed) -> Self {
        let (found, references, plan) = (OnceCell::new(), OnceCell::new(), OnceCell::new());
        Reading { body: None, yaml, parsed, found, references, plan }
    }

    /// The file as one text.
    fn of(source: &Source) -> Self {
        Reading::read(source.text(), language(source))
    }

    /// The same, or if that can be read and a part of it cannot, what is wrong there.
    pub(super) fn whole(source: &Source) -> Self {
        let mut readings = Reading::all(source);
        let broken = |reading: &Reading| reading.body.is_none() && !reading.parsed.problems.is_empty();
        if readings.first().is_some_and(broken) {
            return readings.swap_remove(0);
        }
        let problems: Vec<Problem> = readings.into_iter().flat_map(Reading::problems).collect();
        if problems.is_empty() { Reading::of(source) } else { Reading::failed(problems) }
    }

    /// The file, or each of the YAML documents in it, and the templates that stand in strings there.
    pub(super) fn all(source: &Source) -> Vec<Self> {
        let text = source.text();
        if is_terraform_language(source) {
            return vec![Reading::failed(Vec::new())];
        }
        let language = language(source);
        let documents = match language {
            Language::Json => Ok(Vec::new()),
            Language::Yaml | Language::Either => Yaml::documents(text),
        };
        let mut readings = match documents {
            Ok(documents) if documents.is_empty() => vec![Reading::of(source)],
            Ok(documents) => {
                let only = documents.len() == 1;
                let parts = documents.into_iter().map(|(number, span)| {
                    let text = Escaped::part(text, span);
                    let pointer = if only { String::new() } else { format!("/{number}") };
                    let place = pointer.clone();
                    let (surroundings, writing) = (Surroundings::default(), Writing::Plain);
                    Reading::part(Body { text, pointer, place, writing, surroundings }, language)
                });
                parts.collect()
            }
            Err(problem) if language == Language::Yaml => vec![Reading::failed(vec![problem])],
            Err(_) => vec![Reading::of(source)],
        };
        // A text in a string may have others in its strings.
        let mut outer = 0;
        for _ in 0..MOST_LEVELS {
            let inner: Vec<Self> =
                readings[outer..].iter().flat_map(|reading| reading.bodies(source)).collect();
            outer = readings.len();
            readings.extend(inner);
        }
        readings
    }

    fn read(text: &str, language: Language) -> Self {
        let json = || Reading::new(None, parse::parse(text));
        // What starts so is JSON, or was meant to be; YAML too may be written with brackets.
        // A byte-order mark in front is a mistake of the JSON behind it.
        let begin = text.trim_start_matches('\u{feff}').trim_start();
        if language == Language::Json || begin.starts_with(['{', '[', '"']) {
            let json = json();
            if language != Language::Yaml || json.parsed.problems.is_empty() {
                return json;
            }
        }
        match Yaml::read(text) {
            Ok(yaml) if language == Language::Yaml || yaml.is_mapping() => {
                let json = yaml.json(text);
                let parsed = parse::parse(&json.text);
                Reading::new(Some((Arc::new(yaml), json)), parsed)
            }
            Err(problem) if language == Language::Yaml => Reading::failed(vec![problem]),
            _ => json(),
        }
    }

    fn failed(problems: Vec<Problem>) -> Self {
        let tree = Node { span: Span::at(0), value: Value::Error };
        Reading::new(None, Parsed { tree, problems })
    }

    fn part(mut body: Body, language: Language) -> Self {
        let reading = Reading::read(&body.text.text, language);
        let text = reading.yaml.as_ref().map_or(&body.text.text, |(_, json)| &json.text);
        let is_one_of_several = body.writing == Writing::Plain && !body.pointer.is_empty();
        if is_one_of_several && locate::object(&reading.parsed.tree, text).is_some() {
            body.place.clear();
        }
        if body.writing == Writing::Plain {
            body.surroundings.shape.clone_from(&body.place);
        }
        Reading { body: Some(Arc::new(body)), ..reading }
    }

    /// The templates, and other texts with policies, that stand in strings of the text.
    fn bodies(&self, source: &Source) -> Vec<Self> {
        let text = self.text(source);
        let found = locate::bodies(&self.parsed.tree, text, self.found(source));
        let is_template = found.is_empty() || locate::is_template(&self.parsed.tree, text);
        let mut around = self.around(source, found.iter().map(|(_, span)| *span).collect());
        let read = |(pointer, span): (String, Span)| {
            let mut inner = unescape(text, span);
            let outer = self.body.as_ref();
            let place = locate::place(&self.parsed.tree, text, &pointer);
            let mut surroundings = match is_template {
                true => Surroundings::at(&place),
                false => around.of(&pointer, span),
            };
            let mut writing = match outer.map(|outer| outer.writing) {
                Some(Writing::Quoted(times)) => Writing::Quoted(times + 1),
                Some(Writing::Scalar) => Writing::Scalar,
                Some(Writing::Plain) | None => Writing::Quoted(1),
            };
            if let Some((_, json)) = &self.yaml {
                inner = inner.through(&json.map);
                writing = Writing::Scalar;
            }
            if let Some(outer) = outer {
                inner = inner.through(&outer.text.map);
                surroundings = surroundings.within(&outer.surroundings);
            }
            let place = format!("{}{place}", outer.map_or("", |outer| &outer.place));
            let pointer = format!("{}{pointer}", outer.map_or("", |outer| &outer.pointer));
            let json = inner.text.trim_start().starts_with(['{', '[']);
            let language = if json { Language::Json } else { Language::Yaml };
            Reading::part(Body { text: inner, pointer, place, writing, surroundings }, language)
        };
        found.into_iter().map(read).collect()
    }

    /// The text to which the spans of the tree belong.
    pub(super) fn text<'a>(&'a self, source: &'a Source) -> &'a str {
        self.yaml.as_ref().map_or(self.raw(source), |(_, json)| &json.text)
    }

    /// The text as it is written: the file's, or the part's.
    pub(super) fn raw<'a>(&'a self, source: &'a Source) -> &'a str {
        self.body.as_ref().map_or(source.text(), |body| &body.text.text)
    }

    /// Where its policies are.
    pub(super) fn found(&self, source: &Source) -> &[Found] {
        self.found.get_or_init(|| locate::locate(&self.parsed.tree, self.text(source)))
    }

    /// Whether it has any.
    pub(super) fn holds_policies(&self, source: &Source) -> bool {
        !self.found(source).is_empty()
    }

    /// What refers to its policies; `text` is that of its tree.
    pub(super) fn references(&self, text: &str) -> &References {
        self.references.get_or_init(|| References::new(&self.parsed.tree, text))
    }

    /// Where its resources go, if it is a plan or state; `text` is that of its tree.
    pub(super) fn plan(&self, text: &str) -> &Plan {
        self.plan.get_or_init(|| Plan::new(&self.parsed.tree, text))
    }

    /// Its policies.
    pub(super) fn documents(&self, source: &Arc<Source>, hints: &Hints) -> Vec<Document> {
        let template = self.template(source);
        let document = |found: &Found| Document::new(source, self, found.clone(), hints, &template);
        let mut documents: Vec<Document> = self.found(source).iter().map(document).collect();
        let of_template = |document: &Document| document.envelope().is_some() && document.is_template();
        let is_template = documents.iter().any(of_template)
            || !documents.is_empty() && locate::is_template(&self.parsed.tree, self.text(source));
        let mut around = self.around(source, Vec::new());
        for (document, found) in documents.iter_mut().zip(self.found(source)) {
            let own = match is_template || document.is_absent() {
                true => Surroundings::at(&found.place),
                false => around.of(&found.pointer, found.form.span()),
            };
            let outer = self.body.as_ref().map(|body| &body.surroundings);
            document.surroundings = match outer {
                Some(outer) => own.within(outer),
                None => own,
            };
        }
        let mut used: HashMap<String, usize> = HashMap::new();
        for document in &mut documents {
            if let Some(inline) = &document.found.inline {
                let used = used.entry(inline.identity.clone()).or_default();
                document.inline_before = *used;
                *used += document.used(Unit::DenseCharacters).amount;
            }
        }
        documents
    }

    /// The text with what is beside its policies and these parts.
    fn around<'r>(&'r self, source: &'r Source, mut parts: Vec<Span>) -> Around<'r> {
        parts.extend(self.found(source).iter().map(|found| found.form.span()));
        Around::new(&self.parsed.tree, self.text(source), parts)
    }

    /// What may decide on access in the text outside of its policies and beside none of them. Of templates, answers and
    /// configurations of frameworks that is known otherwise.
    pub(super) fn apart(&self, source: &Source) -> Vec<Maker> {
        let (tree, text, found) = (&self.parsed.tree, self.text(source), self.found(source));
        let is_answer = |found: &Found| locate::is_in_answer(tree, text, &found.pointer);
        let is_known = locate::is_template(tree, text)
            || locate::is_serverless(tree, text)
            || is_pulumi(tree, text)
            || is_of_module(source)
            || !found.is_empty() && found.iter().all(|found| found.is_in_template() || is_answer(found));
        if is_known {
            return Vec::new();
        }
        let parts = locate::bodies(tree, text, found).into_iter().map(|(_, span)| span).collect();
        let tests_tags = text.to_ascii_lowercase().contains("tag/");
        let apart = self.around(source, parts).apart().into_iter();
        let apart = apart.filter(|(what, _)| tests_tags || !is_tags(&what.name));
        let maker = |(what, span): (Attachment, Span)| Maker {
            label: format!("`{}`", what.name),
            name: format!("{} {}", what.name, what.value),
            span: self.in_file(span),
            gives: Gives::Unknown,
        };
        apart.map(maker).collect()
    }

    /// What the text defines, if it is a template.
    pub(super) fn template(&self, source: &Source) -> Arc<Template> {
        let doubtful = self.yaml.as_ref().map_or(&[][..], |(_, json)| &json.doubtful);
        let template = Template::read(&self.parsed.tree, self.text(source), doubtful);
        let (tree, text) = (&self.parsed.tree, self.text(source));
        Arc::new(match is_terraform(source) {
            true => template.interpolated(tree, text),
            false if locate::is_serverless(tree, text) => template.of_serverless(),
            false => template,
        })
    }

    /// The names in YAML that stand twice, where they are in the file.
    pub(super) fn duplicates(&self) -> Vec<Problem> {
        let Some((_, json)) = &self.yaml else { return Vec::new() };
        let in_file = |span: Span| {
            let span = json.map.span(span);
            self.body.as_ref().map_or(span, |body| body.text.map.span(span))
        };
        let problem = |problem: &Problem| match problem.kind {
            ProblemKind::DuplicateMember { first } => {
                let kind = ProblemKind::DuplicateMember { first: in_file(first) };
                Some(Problem { span: in_file(problem.span), kind })
            }
            _ => None,
        };
        self.parsed.problems.iter().filter_map(problem).collect()
    }

    /// Where in the file there are lists of statements.
    pub(super) fn statement_lists(&self, source: &Source) -> Vec<Span> {
        let text = self.text(source);
        let (mut open, mut lists) = (vec![&self.parsed.tree], Vec::new());
        while let Some(node) = open.pop() {
            if node.items().iter().any(|item| item.get(text, "Effect").is_some()) {
                lists.push(self.in_file(node.span));
            }
            open.extend(node.items().iter().chain(node.members().iter().map(|member| &member.value)));
        }
        lists
    }

    /// Where in the file there are statements in the words of other tools, as `effect` and `actions` of Terraform and
    /// Pulumi: the first of each list.
    pub(super) fn foreign_statements(&self, source: &Source) -> Vec<Span> {
        let text = self.text(source);
        if !text.contains("effect") {
            return Vec::new();
        }
        let is_one = |node: &Node| {
            let effect = node.get(text, "effect").and_then(|effect| effect.text(text));
            let is_action =
                |value: &Node| value.text(text).is_some_and(|text| text == "*" || text.contains(':'));
            let actions = ["actions", "notActions", "not_actions", "action", "notAction"];
            effect.is_some_and(|effect| ["Allow", "Deny"].contains(&&*effect))
                && actions
                    .iter()
                    .filter_map(|name| node.get(text, name))
                    .any(|value| is_action(value) || value.items().iter().any(is_action))
        };
        let (mut open, mut found) = (vec![&self.parsed.tree], Vec::new());
        while let Some(node) = open.pop() {
            let values = node.members().iter().map(|member| &member.value).filter(|value| is_one(value));
            let first = node.items().iter().find(|item| is_one(item));
            let effects = values.chain(first).filter_map(|one| one.member(text, "effect"));
            found.extend(effects.map(|effect| self.in_file(effect.span())));
            open.extend(node.items().iter().chain(node.members().iter().map(|member| &member.value)));
        }
        found
    }

    /// Where in the file a span of its text is.
    pub(super) fn in_file(&self, span: Span) -> Span {
        let span = self.yaml.as_ref().map_or(span, |(_, json)| json.map.span(span));
        self.body.as_ref().map_or(span, |body| body.text.map.span(span))
    }

    /// Where in the file policies are looked for: all of a text that cannot be read.
    pub(super) fn searched(&self, source: &Source) -> Vec<Span> {
        let in_file = |span: Span| self.in_file(span);
        let is_read = self.parsed.problems.is_empty() && self.parsed.tree.value != Value::Error;
        match (is_read, &self.body) {
            (true, _) => {
                locate::searched(&self.parsed.tree, self.text(source)).into_iter().map(in_file).collect()
            }
            (false, None) => vec![Span::new(0, source.text().len())],
            (false, Some(body)) => vec![body.text.map.span(Span::new(0, body.text.text.len()))],
        }
    }

    /// The policies of an answer that do not count.
    pub(super) fn set_aside(&self, source: &Source) -> Vec<Span> {
        let spans = locate::set_aside(&self.parsed.tree, self.text(source)).into_iter();
        spans.map(|span| self.in_file(span)).collect()
    }

    /// The documents that Terraform makes policies of, in a language of their own.
    pub(super) fn terraform_documents(&self, source: &Source) -> Vec<Span> {
        match self.body.is_none() && self.yaml.is_none() {
            true if is_terraform(source) => locate::terraform_documents(&self.parsed.tree, source.text()),
            true if is_terraform_language(source) => data_blocks(source.text()),
            _ => Vec::new(),
        }
    }

    /// Whether it is a template that stands in a string.
    pub(super) fn is_inner(&self) -> bool {
        self.body.as_ref().is_some_and(|body| body.writing != Writing::Plain)
    }

    /// What is wrong with its syntax, where it stands in the file.
    pub(super) fn problems(self) -> Vec<Problem> {
        // In YAML, each is a name that stands twice, and told by the policy that it is in.
        if self.yaml.is_some() {
            return Vec::new();
        }
        let problems = self.parsed.problems.into_iter();
        match self.body {
            None => problems.collect(),
            Some(body) => problems
                .map(|problem| Problem { span: body.text.map.span(problem.span), ..problem })
                .collect(),
        }
    }
}

/// Whether a file is one of Terraform's JSON syntax, in which each text is a template.
pub(super) fn is_terraform(source: &Source) -> bool {
    ends_with(source, &[".tf.json", ".tofu.json"])
}

/// Whether a file is read by Terraform together with others: what one defines, policies in another may use.
pub(super) fn is_of_module(source: &Source) -> bool {
    is_terraform(source) || ends_with(source, &[".tfvars.json"])
}

/// Whether a file is in Terraform's own language, which is not read.
pub(super) fn is_terraform_language(source: &Source) -> bool {
    ends_with(source, &[".tf", ".tofu"])
}

fn ends_with(source: &Source, ends: &[&str]) -> bool {
    let name = source.name().to_ascii_lowercase();
    ends.iter().any(|end| name.ends_with(end))
}

/// The heads of the blocks in Terraform's own language of which it makes policies.
fn data_blocks(text: &str) -> Vec<Span> {
    let is_head = |line: &str| line.starts_with("data") && line.contains("\"aws_iam_policy_document\"");
    let mut start = 0;
    let mut found = Vec::new();
    for line in text.split_inclusive('\n') {
        let (indent, head) = (line.len() - line.trim_start().len(), line.trim());
        if is_head(head) {
            found.push(Span::new(start + indent, start + indent + head.len()));
        }
        start += line.len();
    }
    found
}

/// What the name of a file says of its language.
fn language(source: &Source) -> Language {
    let extension = source.name().rsplit_once('.').map_or("", |(_, extension)| extension);
    let is = |name: &str| extension.eq_ignore_ascii_case(name);
    // A template of CloudFormation is JSON or YAML.
    let is_template =
        || is("template") && !source.text().trim_start().starts_with(['\u{feff}', '{', '[', '"']);
    match (is("json"), is("yaml") || is("yml") || is_template()) {
        (true, _) => Language::Json,
        (_, true) => Language::Yaml,
        _ => Language::Either,
    }
}
