//! The JSON that a tree means, with the way back.

use super::place::Place;
use super::{Content, Item, Style};
use crate::parse::text::{Escaped, OffsetMap};
use crate::span::Span;

/// Writes an item as JSON, over lines where the YAML is, and notes where each part stands in `source`.
pub(super) fn json(item: &Item, source: &str) -> Escaped {
    let mut writer = Writer { source, text: String::new(), map: OffsetMap::default(), doubtful: Vec::new() };
    writer.item(item, 0);
    writer.text.push('\n');
    Escaped { text: writer.text, map: writer.map, doubtful: writer.doubtful }
}

struct Writer<'s> {
    source: &'s str,
    text: String,
    map: OffsetMap,
    doubtful: Vec<u32>,
}

impl Writer<'_> {
    /// Says that what is written next stands at `offset`.
    fn at(&mut self, offset: u32) {
        self.map.push(self.text.len(), offset as usize);
    }

    /// The same for what stands for the last character before `end`, if brackets or quotes are there.
    fn at_last(&mut self, item: &Item, bracketed: bool) {
        self.at(item.body.end.saturating_sub(u32::from(bracketed)).max(item.body.start));
    }

    /// Trees are at most as deep as JSON may be, so calling oneself is safe.
    fn item(&mut self, item: &Item, indent: usize) {
        self.at(item.span.start);
        if let Some(call) = &item.call {
            self.text.push_str(&format!("{{ {}: ", quoted(call)));
        }
        self.content(item, indent);
        if item.call.is_some() {
            self.text.push_str(" }");
        }
        self.at(item.span.end);
    }

    fn content(&mut self, item: &Item, indent: usize) {
        self.at(item.body.start);
        if item.doubtful {
            self.doubtful.push(Span::at(self.text.len()).start);
        }
        match &item.content {
            Content::Null => self.text.push_str("null"),
            Content::Bool(value) => self.text.push_str(&value.to_string()),
            Content::Number(text) => self.text.push_str(text),
            Content::Text(text) => self.string(item, text),
            Content::List(items) => {
                let parts = items.iter().map(|item| (None, item));
                self.container(item, ['[', ']'], parts, indent);
            }
            Content::Map(pairs) => {
                let parts = pairs.iter().map(|(key, value)| (Some(key), value));
                self.container(item, ['{', '}'], parts, indent);
            }
        }
        self.at(item.body.end);
    }

    fn container<'i>(
        &mut self,
        item: &Item,
        [open, close]: [char; 2],
        parts: impl ExactSizeIterator<Item = (Option<&'i Item>, &'i Item)>,
        indent: usize,
    ) {
        let lines = item.style == Style::Block && parts.len() > 0;
        let pad = open == '{' && !lines && parts.len() > 0;
        self.text.push(open);
        for (index, (key, value)) in parts.enumerate() {
            if index > 0 {
                self.text.push(',');
            }
            match lines {
                true => self.line(indent + 1),
                false if index > 0 || pad => self.text.push(' '),
                false => {}
            }
            if let Some(key) = key {
                self.item(key, indent);
                self.text.push_str(": ");
            }
            self.item(value, indent + 1);
        }
        match lines {
            true => self.line(indent),
            false if pad => self.text.push(' '),
            false => {}
        }
        // Right behind an item, the place is that of the item's end.
        if lines || pad {
            self.at_last(item, item.style == Style::Flow);
        }
        self.text.push(close);
    }

    fn line(&mut self, indent: usize) {
        self.text.push('\n');
        self.text.push_str(&"  ".repeat(indent));
    }

    fn string(&mut self, item: &Item, text: &str) {
        self.text.push('"');
        let mut place = Place::new(item.body, item.style, self.source);
        for character in text.chars() {
            let offset = place.of(character);
            // Unless it goes without saying.
            if self.map.offset(Span::at(self.text.len()).start) as usize != offset {
                self.map.push(self.text.len(), offset);
            }
            let mut buffer = [0; 4];
            let spelling = quoted(character.encode_utf8(&mut buffer));
            self.text.push_str(&spelling[1..spelling.len() - 1]);
        }
        self.at_last(item, matches!(item.style, Style::Single | Style::Double));
        self.text.push('"');
    }
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
