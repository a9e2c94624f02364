//! A file's text as the tree in which policies are looked for.

use std::sync::Arc;

use super::{Document, Hints};
use crate::locate::Found;
use crate::parse::{self, Escaped, Node, Parsed, Value, Yaml};
use crate::source::Source;
use crate::span::Span;

/// A file's text as JSON.
pub(super) struct Reading {
    /// If it is YAML: its tree, and the JSON that it means.
    pub(super) yaml: Option<(Arc<Yaml>, Escaped)>,
    pub(super) parsed: Parsed,
}

impl Reading {
    pub(super) fn of(source: &Source) -> Self {
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
    pub(super) fn text<'a>(&'a self, source: &'a Source) -> &'a str {
        self.yaml.as_ref().map_or(source.text(), |(_, json)| &json.text)
    }

    pub(super) fn documents(&self, source: &Arc<Source>, found: Vec<Found>, hints: &Hints) -> Vec<Document> {
        found.into_iter().map(|found| Document::new(source, self, found, hints)).collect()
    }
}
