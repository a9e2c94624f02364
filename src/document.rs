//! A policy as commands, editor and library all hold it: its text, tree and model, and where it
//! stands in its file.

use std::sync::Arc;

use crate::diagnostic::Diagnostic;
use crate::edit::{self, Edit};
use crate::kind::Kind;
use crate::locate::{self, Form, Found};
use crate::parse::{self, Escaped, Node, Parsed, Problem, Value, Yaml};
use crate::policy::{Arn, Policy, Statement};
use crate::source::Source;
use crate::span::Span;

/// What is known of a policy besides its text.
#[derive(Clone, Debug, Default)]
pub struct Hints {
    /// The kind, from the command line: it decides.
    pub kind: Option<Kind>,
    /// The kind for this file, from the configuration: it counts if the file itself does not tell.
    pub configured: Option<Kind>,
    /// The ARN of what the policy hangs on.
    pub resource: Option<String>,
}

/// How the kind of a policy was worked out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Because {
    /// `--kind`
    Told,
    /// The file around it: the command whose answer it is.
    Envelope(&'static str),
    /// The configuration's globs.
    Configured,
    /// What the statements say, in words.
    Content(&'static str),
    /// The step that is to be applied.
    Step(String),
    /// Nothing else fits, or there is nothing to go by.
    Default,
}

/// One policy.
#[derive(Clone, Debug)]
pub struct Document {
    source: Arc<Source>,
    found: Found,
    /// The file's tree, if it is YAML.
    yaml: Option<Arc<Yaml>>,
    /// The policy's own text where that is written as a string in the file, or the file is YAML.
    decoded: Option<Escaped>,
    /// The tree of the policy.
    pub tree: Node,
    /// The policy.
    pub policy: Policy,
    /// Its kind.
    pub kind: Kind,
    /// How the kind is known.
    pub because: Because,
    /// The ARN of what the policy hangs on, if it is known.
    pub resource: Option<String>,
    /// What is wrong with its syntax and shape.
    pub problems: Vec<Diagnostic>,
}

/// Why a file cannot be edited in the place that is meant; what it says can still be looked at.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Uneditable(pub String);

/// What a file holds.
#[derive(Clone, Debug)]
pub struct File {
    /// The file.
    pub source: Arc<Source>,
    /// What is wrong with the syntax of the file itself. Also in the problems of its policies, if those
    /// are written in the file as they are.
    pub problems: Vec<Problem>,
    /// Its policies.
    pub documents: Vec<Document>,
}

/// A file's text as JSON.
struct Reading {
    /// If it is YAML: its tree, and the JSON that it means.
    yaml: Option<(Arc<Yaml>, Escaped)>,
    parsed: Parsed,
}

impl Reading {
    fn of(source: &Source) -> Self {
        let text = source.text();
        let json = || Reading { yaml: None, parsed: parse::parse(text) };
        let extension = source.name().rsplit_once('.').map_or("", |(_, extension)| extension);
        let named = ["yaml", "yml"].iter().any(|yaml| extension.eq_ignore_ascii_case(yaml));
        // What starts so is JSON, or was meant to be; YAML too may be written with brackets.
        if extension.eq_ignore_ascii_case("json") || text.trim_start().starts_with(['{', '[', '"']) {
            let json = json();
            if !named || json.parsed.problems.is_empty() {
                return json;
            }
        }
        match Yaml::read(text) {
            Ok(yaml) if named || yaml.is_mapping() => {
                let json = yaml.json(text);
                let parsed = parse::parse(&json.text);
                Reading { yaml: Some((Arc::new(yaml), json)), parsed }
            }
            Err(problem) if named => {
                let tree = Node { span: Span::at(0), value: Value::Error };
                Reading { yaml: None, parsed: Parsed { tree, problems: vec![problem] } }
            }
            _ => json(),
        }
    }

    /// The text to which the spans of the tree belong.
    fn text<'a>(&'a self, source: &'a Source) -> &'a str {
        self.yaml.as_ref().map_or(source.text(), |(_, json)| &json.text)
    }

    fn documents(&self, source: &Arc<Source>, found: Vec<Found>, hints: &Hints) -> Vec<Document> {
        found.into_iter().map(|found| Document::new(source, self, found, hints)).collect()
    }
}

/// Reads a file and the policies in it.
pub fn open(source: Source, hints: &Hints) -> File {
    let source = Arc::new(source);
    let reading = Reading::of(&source);
    let found = locate::locate(&reading.parsed.tree, reading.text(&source));
    let documents = reading.documents(&source, found, hints);
    let problems = match reading.yaml {
        // Each is a name that stands twice, and told by the policy that it is in.
        Some(_) => Vec::new(),
        None => reading.parsed.problems,
    };
    File { source, problems, documents }
}

/// Reads a text as a policy, whatever it holds.
pub fn open_policy(source: Source, hints: &Hints) -> Document {
    let reading = Reading { yaml: None, parsed: parse::parse(source.text()) };
    whole(&Arc::new(source), &reading, hints)
}

impl File {
    /// The file as one policy, whatever it holds.
    pub fn whole(&self, hints: &Hints) -> Document {
        whole(&self.source, &Reading::of(&self.source), hints)
    }
}

fn whole(source: &Arc<Source>, reading: &Reading, hints: &Hints) -> Document {
    let found = Found {
        pointer: String::new(),
        kind: None,
        resource: None,
        envelope: None,
        form: Form::Plain(reading.parsed.tree.span),
    };
    Document::new(source, reading, found, hints)
}

impl Document {
    fn new(source: &Arc<Source>, reading: &Reading, found: Found, hints: &Hints) -> Document {
        let file = reading.text(source);
        let decoded = match (locate::decode(&found.form, file), &reading.yaml) {
            (Some(decoded), Some((_, json))) => {
                Some(Escaped { map: decoded.map.through(&json.map), text: decoded.text })
            }
            (None, Some((yaml, _))) => yaml.json_at(source.text(), &found.pointer),
            (decoded, None) => decoded,
        };
        let (tree, syntax) = match (&decoded, &found.form) {
            // As if an empty policy stood there.
            (None, Form::Absent { object, .. }) => {
                let at = Span::at(object.end as usize);
                (Node { span: at, value: Value::Object(Vec::new()) }, Vec::new())
            }
            (Some(decoded), _) => {
                let parsed = parse::parse(&decoded.text);
                (parsed.tree, parsed.problems)
            }
            (None, _) => {
                let root = &reading.parsed.tree;
                let tree = root.at(file, &found.pointer).unwrap_or(root).clone();
                (tree, reading.parsed.problems.clone())
            }
        };
        let text = decoded.as_ref().map_or(source.text(), |decoded| &decoded.text);
        let (policy, shape) = Policy::read(&tree, text);
        let (kind, because) = decide(&found, hints, &policy);
        let mut problems: Vec<Diagnostic> = syntax.iter().map(diagnostic).collect();
        problems.extend(shape);
        let resource = hints.resource.clone().or_else(|| found.resource.clone());
        Document {
            source: Arc::clone(source),
            found,
            yaml: reading.yaml.as_ref().map(|(yaml, _)| Arc::clone(yaml)),
            decoded,
            tree,
            policy,
            kind,
            because,
            resource,
            problems,
        }
    }

    /// The file.
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// The text to which all spans of the policy belong: the file's, or what the string in it says.
    pub fn text(&self) -> &str {
        self.decoded.as_ref().map_or(self.source.text(), |decoded| &decoded.text)
    }

    /// Where a span of the policy's text stands in the file.
    pub fn in_file(&self, span: Span) -> Span {
        match &self.decoded {
            Some(decoded) => decoded.map.span(span),
            None => span,
        }
    }

    /// RFC 6901 pointer from the file's root to the policy.
    pub fn pointer(&self) -> &str {
        &self.found.pointer
    }

    /// The command whose answer the file is, unless the policy is bare.
    pub fn envelope(&self) -> Option<&'static str> {
        self.found.envelope
    }

    /// Whether the policy is a part of the file's own text, and not a string in it.
    pub fn is_plain(&self) -> bool {
        matches!(self.found.form, Form::Plain(_))
    }

    /// Whether the file is YAML. The policy's own text is JSON all the same.
    pub fn is_yaml(&self) -> bool {
        self.yaml.is_some()
    }

    /// Whether the file has no policy yet in the place where it would be.
    pub fn is_absent(&self) -> bool {
        matches!(self.found.form, Form::Absent { .. }) || (self.decoded.is_some() && self.text().is_empty())
    }

    /// Whether it is clear which statements the policy has: its text is JSON that no parser reads
    /// otherwise, and `Statement` is a list of objects, one object, or yet to come.
    pub fn is_sound(&self) -> bool {
        let unclear = ["json-syntax", "duplicate-member"];
        if self.problems.iter().any(|problem| unclear.contains(&problem.rule)) {
            return false;
        }
        let is_object = |node: &Node| matches!(node.value, Value::Object(_));
        match self.tree.get(self.text(), "Statement").map(|node| &node.value) {
            Some(Value::Array(items)) => items.iter().all(is_object),
            Some(Value::Object(_)) => true,
            Some(_) => false,
            None => {
                let known = |name: &str| ["Version", "Id"].contains(&name);
                is_object(&self.tree)
                    && self.tree.members().iter().all(|member| known(&member.key.text(self.text())))
            }
        }
    }

    /// RFC 6901 pointer, inside the policy, to what stands at `span`.
    pub fn pointer_to(&self, span: Span) -> String {
        self.tree.pointer_to(self.text(), span)
    }

    /// The statement that holds `span`.
    pub fn statement_at(&self, span: Span) -> Option<&Statement> {
        self.policy.statements.iter().find(|statement| statement.span.contains(span))
    }

    /// The policy alone, as text: what a put command takes.
    pub fn bare(&self) -> String {
        match (&self.decoded, self.found.pointer.is_empty()) {
            (None, true) => self.source.text().to_owned(),
            (None, false) => dedent(self.source.text(), self.tree.span),
            (Some(decoded), _) => decoded.text.clone(),
        }
    }

    /// What edits of the policy's text would make of it: the policy alone, of the same kind.
    pub fn with_edits(&self, edits: &[Edit]) -> Document {
        let (text, whole) = (self.text(), self.tree.span);
        let moved = |edit: &Edit| Edit {
            span: Span {
                start: edit.span.start.saturating_sub(whole.start),
                end: edit.span.end.saturating_sub(whole.start),
            },
            text: edit.text.clone(),
        };
        let edits: Vec<Edit> = edits.iter().map(moved).collect();
        let hints = Hints { kind: Some(self.kind), configured: None, resource: self.resource.clone() };
        open_policy(Source::new(self.source.name(), edit::apply(whole.slice(text), &edits)), &hints)
    }

    /// The file with the policy's text edited.
    ///
    /// # Errors
    /// As [`file_edits`](Self::file_edits).
    pub fn edited(&self, edits: &[Edit]) -> Result<String, Uneditable> {
        Ok(edit::apply(self.source.text(), &self.file_edits(edits)?))
    }

    /// The same edits as edits of the file.
    ///
    /// # Errors
    /// If the file is not one in which that can be done without touching anything else.
    pub fn file_edits(&self, edits: &[Edit]) -> Result<Vec<Edit>, Uneditable> {
        if let Some(yaml) = &self.yaml {
            return self.rewritten(yaml, &edit::apply(self.text(), edits));
        }
        let in_file = |edit: &Edit| Edit {
            span: self.in_file(edit.span),
            text: match self.decoded {
                Some(_) => locate::encode(&self.found.form, &edit.text),
                None => edit.text.clone(),
            },
        };
        Ok(edits.iter().map(in_file).collect())
    }

    /// The edit of the file that puts a whole policy where there is none yet.
    ///
    /// # Errors
    /// As [`file_edits`](Self::file_edits).
    pub fn fill_absent(&self, policy: &str) -> Result<Vec<Edit>, Uneditable> {
        if let Some(yaml) = &self.yaml {
            return self.rewritten(yaml, policy);
        }
        let encoded = locate::encode(&self.found.form, policy);
        Ok(vec![match &self.found.form {
            Form::Absent { object, name } => {
                let text = self.source.text();
                let inner = Span { start: object.start + 1, end: object.end.saturating_sub(1) };
                let empty = inner.slice(text).trim().is_empty();
                // In front of the first member, in the white space that stands before that.
                let space: String = inner.slice(text).chars().take_while(|c| c.is_whitespace()).collect();
                let comma = if empty { "" } else { "," };
                let colon = if space.is_empty() { ":" } else { ": " };
                Edit::insert(inner.start as usize, format!("{space}\"{name}\"{colon}\"{encoded}\"{comma}"))
            }
            Form::Plain(span) => Edit::replace(*span, policy),
            Form::Escaped(span) | Form::Percent(span) => Edit::replace(*span, format!("\"{encoded}\"")),
        }])
    }

    /// The edits of a YAML file that give it this policy.
    fn rewritten(&self, yaml: &Yaml, policy: &str) -> Result<Vec<Edit>, Uneditable> {
        let quoted = |text: &str| serde_json::Value::from(text).to_string();
        let new = match &self.found.form {
            Form::Plain(_) => policy.to_owned(),
            Form::Percent(_) => quoted(&locate::encode(&self.found.form, policy)),
            Form::Escaped(_) | Form::Absent { .. } => quoted(policy),
        };
        yaml.rewrite(self.source.text(), self.pointer(), &new).map_err(Uneditable)
    }
}

/// A syntax problem as a finding of its rule.
fn diagnostic(problem: &Problem) -> Diagnostic {
    let rule = if problem.kind.is_duplicate() { "duplicate-member" } else { "json-syntax" };
    let mut diagnostic = Diagnostic::new(rule, problem.span, problem.kind.message());
    if let parse::ProblemKind::DuplicateMember { first } = problem.kind {
        diagnostic = diagnostic.label("again here").also_at(first, "first here");
    }
    match problem.kind.help() {
        Some(help) => diagnostic.help(help),
        None => diagnostic,
    }
}

/// The text at `span` with the indentation of its last line taken off all its lines but the first.
pub(crate) fn dedent(text: &str, span: Span) -> String {
    let inner = span.slice(text);
    let last = inner.rsplit('\n').next().unwrap_or("");
    let indent = &last[..last.len() - last.trim_start().len()];
    if !inner.contains('\n') || indent.is_empty() {
        return inner.to_owned();
    }
    inner.replace(&format!("\n{indent}"), "\n")
}

fn decide(found: &Found, hints: &Hints, policy: &Policy) -> (Kind, Because) {
    if let Some(kind) = hints.kind {
        return (kind, Because::Told);
    }
    if let (Some(kind), Some(envelope)) = (found.kind, found.envelope) {
        return (kind, Because::Envelope(envelope));
    }
    if let Some(kind) = hints.configured {
        return (kind, Because::Configured);
    }
    from_content(policy)
}

/// The kind that the statements show. Boundaries, session, control and endpoint policies look like
/// others, so they are never guessed.
fn from_content(policy: &Policy) -> (Kind, Because) {
    let statements = &policy.statements;
    if statements.is_empty() {
        return (Kind::Resource, Because::Default);
    }
    if statements.iter().all(|statement| statement.principal.is_none()) {
        return (Kind::Identity, Because::Content("no statement names a `Principal`"));
    }
    let mut services: Vec<String> = Vec::new();
    for action in statements.iter().flat_map(Statement::actions) {
        services.push(action.service().unwrap_or_else(|| action.text.clone()));
    }
    services.sort_unstable();
    services.dedup();
    let no_resource = statements.iter().all(|statement| statement.resource.is_none());
    if no_resource && services == ["sts"] {
        return (Kind::Trust, Because::Content("`sts:` actions, no statement with a `Resource`"));
    }
    let known = |service: &str| {
        [Kind::Kms, Kind::S3, Kind::Sns, Kind::Sqs].into_iter().find(|kind| kind.name() == service)
    };
    let because = |kind| match kind {
        Kind::Kms => "`kms:` actions, statements with a `Principal`",
        Kind::S3 => "`s3:` actions, statements with a `Principal`",
        Kind::Sns => "`sns:` actions, statements with a `Principal`",
        _ => "`sqs:` actions, statements with a `Principal`",
    };
    if let [service] = services.as_slice()
        && let Some(kind) = known(service)
    {
        return (kind, Because::Content(because(kind)));
    }
    for element in statements.iter().filter_map(|statement| statement.resource.as_ref()) {
        services.extend(
            element
                .values
                .items
                .iter()
                .filter_map(|value| Arn::parse(&value.text))
                .map(|arn| arn.service.to_owned()),
        );
    }
    services.sort_unstable();
    services.dedup();
    // `*` names no service, so it speaks neither for nor against one.
    services.retain(|service| service != "*");
    if let [service] = services.as_slice()
        && let Some(kind) = known(service)
    {
        return (kind, Because::Content(because(kind)));
    }
    (Kind::Resource, Because::Default)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> File {
        open(Source::new("test.json", text), &Hints::default())
    }

    fn kind(statement: &str) -> Kind {
        file(&format!(r#"{{"Version":"2012-10-17","Statement":[{statement}]}}"#)).documents[0].kind
    }

    #[test]
    fn kinds_from_content() {
        assert_eq!(kind(r#"{"Effect":"Allow","Action":"s3:*","Resource":"*"}"#), Kind::Identity);
        let with = |rest: &str| kind(&format!(r#"{{"Effect":"Allow","Principal":"*",{rest}}}"#));
        assert_eq!(with(r#""Action":"sts:AssumeRole""#), Kind::Trust);
        assert_eq!(with(r#""Action":"sts:AssumeRole","Resource":"*""#), Kind::Resource);
        assert_eq!(with(r#""Action":["KMS:Decrypt","kms:*"],"Resource":"*""#), Kind::Kms);
        assert_eq!(
            with(r#""Action":"s3:GetObject","Resource":"arn:aws:kms:::x""#),
            Kind::S3,
            "actions decide"
        );
        assert_eq!(with(r#""Action":"*","Resource":"arn:aws:sqs:us-east-1:111111111111:q""#), Kind::Sqs);
        assert_eq!(with(r#""Action":"sns:*,sqs:*","Resource":"*""#), Kind::Sns);
        assert_eq!(with(r#""Action":["sns:*","sqs:*"],"Resource":"*""#), Kind::Resource);
    }

    #[test]
    fn edits_reach_into_strings() {
        let text = "{\n  \"Policy\": \"{\\\"Statement\\\": []}\",\n  \"PolicyName\": \"default\"\n}\n";
        let file = file(text);
        let document = &file.documents[0];
        assert_eq!((document.kind, document.pointer()), (Kind::Kms, "/Policy"));
        assert_eq!(document.bare(), "{\"Statement\": []}");
        let list = document.policy.statement_span.unwrap();
        assert_eq!(document.in_file(list).slice(text), "[]");
        let edited = document.edited(&[Edit::replace(list, "[\"\u{e9}\\\"\n\"]")]).unwrap();
        assert_eq!(edited, text.replace("[]", "[\\\"\u{e9}\\\\\\\"\\n\\\"]"));
    }

    #[test]
    fn objects_in_answers_are_dedented() {
        let text =
            "{\n    \"PolicyDocument\": {\n        \"Statement\": [\n            1\n        ]\n    }\n}";
        let file = file(text);
        assert_eq!(file.documents[0].bare(), "{\n    \"Statement\": [\n        1\n    ]\n}");
        assert_eq!(file.documents[0].kind, Kind::Identity);
    }

    #[test]
    fn a_queue_without_a_policy_has_a_place_for_one() {
        let text = r#"{"Attributes": {"QueueArn": "arn:aws:sqs:us-east-1:222222222222:q"}}"#;
        let file = file(text);
        let document = &file.documents[0];
        assert!(document.is_absent());
        let filled = edit::apply(text, &document.fill_absent("{\"a\":1}").unwrap());
        let value: serde_json::Value = serde_json::from_str(&filled).unwrap();
        assert_eq!(value["Attributes"]["Policy"], "{\"a\":1}");
    }
}
