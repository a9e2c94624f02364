//! The edits that make one set of members of another, in the style of the file.

use serde::Serialize;
use serde_json::Value as Json;

use super::answer::Answer;
use crate::edit::Edit;
use crate::format::layout::{indent_of, line_indent};
use crate::parse::{Node, Value};
use crate::span::Span;
use crate::steps::Members;

/// The edits of the answer's text. Members that are alike in `before` and `after` are not touched.
pub(super) fn edits(answer: &Answer, before: &Members, after: &Members) -> Vec<Edit> {
    let style = Style::of(answer.source().text(), answer.object());
    let object = answer.object();
    let kept = |name: &str| after.contains_key(name);
    let mut edits = Vec::new();
    let spans: Vec<Span> = object.members().iter().map(|member| member.span()).collect();
    let gone: Vec<bool> = object.members().iter().map(|member| !kept(&member.key.text(style.text))).collect();
    let new: Vec<(&String, &Json)> = after.iter().filter(|(name, _)| !before.contains_key(*name)).collect();
    let printed: Vec<String> = new
        .iter()
        .map(|(name, value)| {
            format!(
                "{}{}{}",
                Json::from(name.as_str()),
                style.colon,
                style.print(value, &style.inner(object))
            )
        })
        .collect();
    edits.extend(style.list(object, &spans, &gone, &printed));
    for member in object.members() {
        let name = member.key.text(style.text);
        match (before.get(&*name), after.get(&*name)) {
            (Some(was), Some(now)) if was != now => edits.extend(style.value(&member.value, was, now)),
            _ => {}
        }
    }
    edits
}

struct Style<'t> {
    text: &'t str,
    newline: &'static str,
    unit: String,
    colon: &'static str,
    multiline: bool,
}

impl<'t> Style<'t> {
    fn of(text: &'t str, object: &Node) -> Self {
        let first = object.members().first();
        let unit = first.and_then(|member| {
            let inner = indent_of(text, member.key.span.start as usize)?;
            let outer = line_indent(text, object.span.end as usize);
            inner.strip_prefix(outer).filter(|unit| !unit.is_empty()).map(str::to_owned)
        });
        let colon =
            first.and_then(|member| text.get(member.key.span.end as usize..member.value.span.start as usize));
        let colon = match colon {
            Some(":") => ":",
            Some(" : ") => " : ",
            _ => ": ",
        };
        let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
        let multiline = object.members().is_empty() || object.span.slice(text).contains('\n');
        Style { text, newline, unit: unit.unwrap_or_else(|| "    ".to_owned()), colon, multiline }
    }

    /// The indentation of what is inside a container.
    fn inner(&self, container: &Node) -> String {
        format!("{}{}", line_indent(self.text, container.span.end as usize), self.unit)
    }

    /// A value that starts in a line indented by `indent`.
    fn print(&self, value: &Json, indent: &str) -> String {
        if !self.multiline {
            let compact = value.to_string();
            return if self.colon == ":" { compact } else { spaced(value) };
        }
        let mut out = Vec::new();
        let formatter = serde_json::ser::PrettyFormatter::with_indent(self.unit.as_bytes());
        let mut serializer = serde_json::Serializer::with_formatter(&mut out, formatter);
        // Writing a value to memory does not fail.
        let _ = value.serialize(&mut serializer);
        String::from_utf8_lossy(&out).replace('\n', &format!("{}{indent}", self.newline))
    }

    fn value(&self, node: &Node, was: &Json, now: &Json) -> Vec<Edit> {
        if let (Json::Array(was), Json::Array(now)) = (was, now) {
            let mut next = now.iter().peekable();
            let gone: Vec<bool> = was.iter().map(|item| next.next_if(|now| *now == item).is_none()).collect();
            let printed: Vec<String> = next.map(|item| self.print(item, &self.inner(node))).collect();
            let spans: Vec<Span> = node.items().iter().map(|item| item.span).collect();
            return self.list(node, &spans, &gone, &printed);
        }
        let indent = line_indent(self.text, node.span.start as usize);
        vec![Edit::replace(node.span, self.print(now, indent))]
    }

    /// Takes items out of a list or an object and puts others at its end.
    fn list(&self, container: &Node, items: &[Span], gone: &[bool], new: &[String]) -> Vec<Edit> {
        let mut edits = Vec::new();
        let kept: Vec<usize> = (0..items.len()).filter(|&index| !gone[index]).collect();
        let inner = self.inner(container);
        let (Some(&first), Some(&last)) = (kept.first(), kept.last()) else {
            if new.is_empty() && items.is_empty() {
                return edits;
            }
            let (open, close) = match container.value {
                Value::Array(_) => ('[', ']'),
                _ => ('{', '}'),
            };
            let outer = line_indent(self.text, container.span.end as usize);
            let text = match (new.is_empty(), self.multiline) {
                (true, _) => format!("{open}{close}"),
                (false, true) => {
                    let lines = new.join(&format!(",{}{inner}", self.newline));
                    format!("{open}{0}{inner}{lines}{0}{outer}{close}", self.newline)
                }
                (false, false) => format!("{open}{}{close}", new.join(", ")),
            };
            return vec![Edit::replace(container.span, text)];
        };
        if first > 0 {
            edits.push(Edit::remove(Span { start: items[0].start, end: items[first].start }));
        }
        for index in (first..items.len()).filter(|&index| gone[index]) {
            edits.push(Edit::remove(Span { start: items[index - 1].end, end: items[index].end }));
        }
        let separator = match indent_of(self.text, items[last].start as usize) {
            Some(indent) => format!(",{}{indent}", self.newline),
            None if self.colon == ":" => ",".to_owned(),
            None => ", ".to_owned(),
        };
        let added: String = new.iter().map(|item| format!("{separator}{item}")).collect();
        if !added.is_empty() {
            edits.push(Edit::insert(items[items.len() - 1].end as usize, added));
        }
        edits
    }
}

/// A value on one line, with blanks behind colons and commas.
fn spaced(value: &Json) -> String {
    match value {
        Json::Array(items) => format!("[{}]", items.iter().map(spaced).collect::<Vec<_>>().join(", ")),
        Json::Object(members) => {
            let members = members
                .iter()
                .map(|(name, value)| format!("{}: {}", Json::from(name.as_str()), spaced(value)));
            format!("{{{}}}", members.collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    }
}
