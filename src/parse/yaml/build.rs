//! From the events of the YAML parser to a tree.

use std::collections::HashMap;

use granit_parser::{Event, Options, Parser, ScalarStyle, ScanError, Tag, options};

use super::scalar::{content, is_doubtful};
use super::{Content, Item, Style};
use crate::parse::{MAX_DEPTH, Problem, ProblemKind};
use crate::span::Span;

/// The most values that a document may have, with all that aliases repeat: a few lines of them can
/// ask for more than any memory holds.
const MOST: usize = 1_000_000;

/// What the tags start with that YAML itself defines.
const YAML_TAGS: &str = "tag:yaml.org,2002:";

/// The tree of a text.
pub(super) fn build(text: &str) -> Result<Item, Problem> {
    if u32::try_from(text.len()).is_err() {
        return Err(Problem { span: Span::at(0), kind: ProblemKind::TooLong });
    }
    let mut builder = Builder { text, open: Vec::new(), root: None, anchors: HashMap::new(), count: 0 };
    let mut events = Parser::new_from_str_with_options(text, dialect()).peekable();
    while let Some(event) = events.next() {
        let (event, span) = event.map_err(|error| broken(&error))?;
        // The parser emits an anchor after its value, and both without their tag.
        let anchor = events.next_if(|next| matches!(next, Ok((Event::Anchor(..), _))));
        let anchor = anchor.and_then(|anchor| anchor.ok()?.1.start.byte_offset());
        let tag = span.tag_start().and_then(|tag| tag.byte_offset());
        let body = bytes(span);
        let start = [anchor, tag].into_iter().flatten().map(|at| Span::at(at).start).min();
        builder.take(event, start.unwrap_or(body.start), body)?;
    }
    builder.root.ok_or(Problem { span: Span::at(0), kind: ProblemKind::Empty })
}

/// What the parser accepts: what PyYAML and CloudFormation do.
pub(super) fn dialect() -> Options {
    // The builder has its own limit, with its own message.
    let limit = MAX_DEPTH + 1;
    options! {
        block_scalar_eof_without_line_feed: true,
        emit_anchor_events: true,
        flow_nesting_limit: limit,
        block_nesting_limit: limit,
    }
}

/// Where in the text an event is.
pub(super) fn bytes(span: granit_parser::Span) -> Span {
    span.byte_range().map_or(Span::at(0), |range| Span::new(range.start, range.end))
}

pub(super) fn broken(error: &ScanError) -> Problem {
    let at = error.marker().byte_offset().unwrap_or_default();
    problem(Span::at(at), format!("this is not YAML: {}", error.info()))
}

fn problem(span: Span, why: impl Into<String>) -> Problem {
    Problem { span, kind: ProblemKind::Yaml(why.into()) }
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
    /// Takes an event that is at `body`, and whose tag and anchor start at `start`.
    fn take(&mut self, event: Event<'_>, start: u32, body: Span) -> Result<(), Problem> {
        match event {
            Event::DocumentStart(..) if self.root.is_some() => {
                Err(problem(body, "a second YAML document starts here, and this is to be one"))
            }
            Event::Scalar(value, style, anchor, tag) => {
                let (style, body) = match style {
                    ScalarStyle::Plain => (Style::Plain, body),
                    ScalarStyle::SingleQuoted => (Style::Single, body),
                    ScalarStyle::DoubleQuoted => (Style::Double, body),
                    ScalarStyle::Literal => (Style::Literal, self.trimmed(body)),
                    ScalarStyle::Folded => (Style::Folded, self.trimmed(body)),
                };
                // The parser emits `~` for a value that is not written.
                let is_absent = style == Style::Plain && body.is_empty();
                let value = if is_absent { String::new() } else { value.into_owned() };
                let own = tag.as_deref().and_then(|tag| tag.suffix_in_namespace(YAML_TAGS));
                // The bare `!` makes a text of a scalar in YAML 1.2; PyYAML reads what follows as if it were plain.
                let bare = tag.as_deref().is_some_and(|tag| (tag.handle(), tag.suffix()) == ("", "!"));
                let text = own.as_deref() == Some("str") || tag.is_some() && own.is_none() && !bare;
                let is_plain_text =
                    |value: &str| matches!(content(value.to_owned(), Style::Plain), Content::Text(_));
                let is_otherwise =
                    (bare || style == Style::Plain) && is_doubtful(&value) || bare && !is_plain_text(&value);
                let doubtful = !text && (own.is_some() || is_otherwise);
                let content = if text { Content::Text(value) } else { content(value, style) };
                let span = Span { start, end: body.end };
                let call = tag.as_deref().and_then(call);
                self.put(
                    Item { span, here: span, body, style, call, shared: false, doubtful, content },
                    anchor,
                )
            }
            Event::SequenceStart(_, anchor, tag) => self.open(start, body, false, anchor, tag.as_deref()),
            Event::MappingStart(_, anchor, tag) => self.open(start, body, true, anchor, tag.as_deref()),
            Event::SequenceEnd | Event::MappingEnd => self.close(body),
            Event::Alias(anchor) => {
                let Some(mut item) = self.anchors.get(&anchor).cloned() else {
                    return Err(problem(body, "this alias names something that it is part of"));
                };
                self.count += size(&item);
                item.shared = true;
                item.here = body;
                self.put(item, 0)
            }
            _ => Ok(()),
        }
    }

    fn open(
        &mut self,
        start: u32,
        body: Span,
        mapping: bool,
        anchor: usize,
        tag: Option<&Tag>,
    ) -> Result<(), Problem> {
        if self.open.len() >= MAX_DEPTH {
            return Err(Problem { span: body, kind: ProblemKind::TooDeep });
        }
        // Only a bracket is in the span of a start.
        let flow = !body.is_empty();
        let (items, call) = (Vec::new(), tag.and_then(call));
        self.open.push(Open { items, mapping, flow, start, body: body.start, call, anchor });
        Ok(())
    }

    fn close(&mut self, span: Span) -> Result<(), Problem> {
        let Some(open) = self.open.pop() else { return Ok(()) };
        // Without brackets, the parser ends it where the next thing starts.
        let end = match (open.flow, open.items.last()) {
            (true, _) => span.end,
            (false, Some(last)) => last.here.end,
            (false, None) => open.body,
        };
        let content = match open.mapping {
            true => Content::Map(pairs(open.items)?),
            false => Content::List(open.items),
        };
        let span = Span { start: open.start, end: end.max(open.start) };
        let item = Item {
            span,
            here: span,
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

    /// The span of a block of lines without the white space behind it.
    fn trimmed(&self, span: Span) -> Span {
        Span::new(span.start as usize, span.start as usize + span.slice(self.text).trim_end().len())
    }
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
    let own = tag.suffix_in_namespace(YAML_TAGS).is_some();
    match tag.suffix().trim_start_matches('!') {
        "" => None,
        _ if own => None,
        name @ ("Ref" | "Condition") => Some(name.to_owned()),
        name => Some(format!("Fn::{name}")),
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
