//! From the events of the YAML parser to a tree.

use std::collections::HashMap;

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Tag};

use super::scalar::{content, is_doubtful};
use super::{Content, Item, Style};
use crate::parse::{MAX_DEPTH, Problem, ProblemKind};
use crate::span::Span;

/// The most values that a document may have, with all that aliases repeat: a few lines of them can
/// ask for more than any memory holds.
const MOST: usize = 1_000_000;

/// The tree of a text.
pub(super) fn build(text: &str) -> Result<Item, Problem> {
    if u32::try_from(text.len()).is_err() {
        return Err(Problem { span: Span::at(0), kind: ProblemKind::TooLong });
    }
    let offsets = Offsets::new(text);
    let mut builder = Builder { text, open: Vec::new(), root: None, anchors: HashMap::new(), count: 0 };
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| broken(&error, &offsets))?;
        let span = Span::new(offsets.byte(span.start.index()), offsets.byte(span.end.index()));
        builder.take(event, span)?;
    }
    builder.root.ok_or(Problem { span: Span::at(0), kind: ProblemKind::Empty })
}

pub(super) fn broken(error: &ScanError, offsets: &Offsets) -> Problem {
    problem(Span::at(offsets.byte(error.marker().index())), format!("this is not YAML: {}", error.info()))
}

fn problem(span: Span, why: impl Into<String>) -> Problem {
    Problem { span, kind: ProblemKind::Yaml(why.into()) }
}

/// From characters, which the parser counts, to bytes.
pub(super) struct Offsets {
    /// Where each character starts; empty if all are one byte long.
    starts: Vec<u32>,
    end: usize,
}

impl Offsets {
    pub(super) fn new(text: &str) -> Self {
        let starts = match text.is_ascii() {
            true => Vec::new(),
            false => text.char_indices().map(|(at, _)| Span::at(at).start).collect(),
        };
        Offsets { starts, end: text.len() }
    }

    pub(super) fn byte(&self, character: usize) -> usize {
        match self.starts.is_empty() {
            true => character.min(self.end),
            false => self.starts.get(character).map_or(self.end, |&start| start as usize),
        }
    }
}

/// A list or mapping that is not closed yet.
struct Open {
    items: Vec<Item>,
    mapping: bool,
    flow: bool,
    start: u32,
    /// Where tag and anchor end.
    body: u32,
    call: Option<String>,
    anchor: usize,
}

struct Builder<'t> {
    text: &'t str,
    open: Vec<Open>,
    root: Option<Item>,
    anchors: HashMap<usize, Item>,
    count: usize,
}

impl Builder<'_> {
    fn take(&mut self, event: Event<'_>, span: Span) -> Result<(), Problem> {
        match event {
            Event::DocumentStart(_) if self.root.is_some() => {
                Err(problem(span, "a second YAML document starts here, and this is to be one"))
            }
            Event::Scalar(value, style, anchor, tag) => {
                let (span, body) = self.scalar(span, style);
                let style = match style {
                    ScalarStyle::Plain => Style::Plain,
                    ScalarStyle::SingleQuoted => Style::Single,
                    ScalarStyle::DoubleQuoted => Style::Double,
                    ScalarStyle::Literal => Style::Literal,
                    ScalarStyle::Folded => Style::Folded,
                };
                let text = tag.as_ref().is_some_and(|tag| tag.is_yaml_core_schema() && tag.suffix == "str");
                let is_tagged = tag.as_ref().is_some_and(|tag| tag.is_yaml_core_schema());
                let doubtful = !text && (is_tagged || style == Style::Plain && is_doubtful(&value));
                let content = match text {
                    true => Content::Text(value.into_owned()),
                    false => content(value.into_owned(), style),
                };
                let call = tag.as_deref().and_then(call);
                self.put(Item { span, body, style, call, shared: false, doubtful, content }, anchor)
            }
            Event::SequenceStart(anchor, tag) => self.open(span, false, anchor, tag.as_deref()),
            Event::MappingStart(anchor, tag) => self.open(span, true, anchor, tag.as_deref()),
            Event::SequenceEnd | Event::MappingEnd => self.close(span),
            Event::Alias(anchor) => {
                let Some(mut item) = self.anchors.get(&anchor).cloned() else {
                    return Err(problem(span, "this alias names something that it is part of"));
                };
                self.count += size(&item);
                item.shared = true;
                self.put(item, 0)
            }
            _ => Ok(()),
        }
    }

    fn open(&mut self, span: Span, mapping: bool, anchor: usize, tag: Option<&Tag>) -> Result<(), Problem> {
        if self.open.len() >= MAX_DEPTH {
            return Err(Problem { span, kind: ProblemKind::TooDeep });
        }
        let body = self.body(span).start;
        // Only a bracket is in the span that the parser tells of a start.
        let flow = body < span.end;
        let (items, call) = (Vec::new(), tag.and_then(call));
        self.open.push(Open { items, mapping, flow, start: span.start, body, call, anchor });
        Ok(())
    }

    fn close(&mut self, span: Span) -> Result<(), Problem> {
        let Some(open) = self.open.pop() else { return Ok(()) };
        // Without brackets, the end that the parser tells is that of the white space behind.
        let end = match (open.flow, open.items.last()) {
            (true, _) => self.trimmed(span).end,
            (false, Some(last)) => last.span.end,
            (false, None) => open.body,
        };
        let content = match open.mapping {
            true => Content::Map(pairs(open.items)?),
            false => Content::List(open.items),
        };
        let item = Item {
            span: Span { start: open.start, end: end.max(open.start) },
            body: Span { start: open.body, end: end.max(open.body) },
            style: if open.flow { Style::Flow } else { Style::Block },
            call: open.call,
            shared: false,
            doubtful: false,
            content,
        };
        self.put(item, open.anchor)
    }

    /// Puts a value where it belongs.
    fn put(&mut self, mut item: Item, anchor: usize) -> Result<(), Problem> {
        self.count += 1;
        if self.count > MOST {
            return Err(problem(item.span, "the document has more than a million values"));
        }
        if anchor != 0 {
            item.shared = true;
            self.anchors.insert(anchor, item.clone());
            self.count += size(&item);
        }
        match self.open.last_mut() {
            Some(open) => open.items.push(item),
            None => self.root = Some(item),
        }
        Ok(())
    }

    /// The parser's span without the white space behind.
    fn trimmed(&self, span: Span) -> Span {
        Span::new(span.start as usize, span.start as usize + span.slice(self.text).trim_end().len())
    }

    /// The place of a scalar, with its tag and anchor and without them. The parser's ends behind a comment that
    /// follows on the line, if the scalar is in quotes.
    fn scalar(&self, span: Span, style: ScalarStyle) -> (Span, Span) {
        let span = self.trimmed(span);
        let body = self.body(span);
        let length = match style {
            ScalarStyle::SingleQuoted => quoted(body.slice(self.text), b'\'', None),
            ScalarStyle::DoubleQuoted => quoted(body.slice(self.text), b'"', Some(b'\\')),
            _ => body.len(),
        };
        let end = body.start as usize + length;
        (Span::new(span.start as usize, end), Span::new(body.start as usize, end))
    }

    /// What is behind the tag and the anchor.
    fn body(&self, span: Span) -> Span {
        let (mut start, end) = (span.start as usize, span.end as usize);
        let rest = |start: usize| self.text.get(start..end).unwrap_or("");
        while rest(start).starts_with(['!', '&']) {
            let word = rest(start).find(char::is_whitespace).unwrap_or(rest(start).len());
            let behind = rest(start + word);
            start += word + (behind.len() - behind.trim_start().len());
        }
        Span::new(start, end.max(start))
    }
}

/// How long a text in quotes is, with them. A quote in it is doubled, or has the escape before it.
fn quoted(text: &str, quote: u8, escape: Option<u8>) -> usize {
    let bytes = text.as_bytes();
    let mut at = 1;
    while let Some(&byte) = bytes.get(at) {
        let skips =
            Some(byte) == escape || (escape.is_none() && byte == quote && bytes.get(at + 1) == Some(&quote));
        match byte {
            _ if skips => at += 2,
            byte if byte == quote => return at + 1,
            _ => at += 1,
        }
    }
    text.len()
}

/// Names and values in turn, as pairs.
fn pairs(items: Vec<Item>) -> Result<Vec<(Item, Item)>, Problem> {
    let mut pairs = Vec::with_capacity(items.len() / 2);
    let mut items = items.into_iter();
    while let (Some(mut key), Some(value)) = (items.next(), items.next()) {
        let name = match (&key.content, &key.call) {
            (Content::Text(text) | Content::Number(text), None) => text.clone(),
            (Content::Bool(value), None) => value.to_string(),
            (Content::Null, None) => "null".to_owned(),
            _ => return Err(problem(key.span, "a name that is no text has no place in JSON")),
        };
        key.content = Content::Text(name);
        pairs.push((key, value));
    }
    Ok(pairs)
}

/// The function that a tag calls. Tags of YAML's own say what a value is, which its text does already.
fn call(tag: &Tag) -> Option<String> {
    match (tag.is_yaml_core_schema(), tag.suffix.as_str()) {
        (true, _) | (_, "") => None,
        (_, name @ ("Ref" | "Condition")) => Some(name.to_owned()),
        (_, name) => Some(format!("Fn::{name}")),
    }
}

/// How many values an item holds, with itself.
fn size(item: &Item) -> usize {
    let mut count = 0;
    let mut stack = vec![item];
    while let Some(item) = stack.pop() {
        count += 1;
        match &item.content {
            Content::List(items) => stack.extend(items),
            Content::Map(pairs) => stack.extend(pairs.iter().flat_map(|(key, value)| [key, value])),
            _ => {}
        }
    }
    count
}
