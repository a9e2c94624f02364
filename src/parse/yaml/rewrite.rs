//! Edits of YAML that make it mean something else in one place.
//!
//! The edits touch what changes and nothing besides; then the result is read again, and if that is
//! not exactly what was wanted, there is no edit but a reason. So a rare spelling costs an answer, never a
//! file.

use serde_json::{Map, Value as Json};
use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::block::Habits;
use super::comments::{Comment, keep_orders, orders};
use super::scalar::scalar;
use super::{Content, Item, Style, build};
use crate::edit::{self, Edit};
use crate::span::Span;

/// The edits after which `pointer` has the value `new`.
pub(super) fn rewrite(root: &Item, text: &str, pointer: &str, new: &str) -> Result<Vec<Edit>, String> {
    let new: Json = serde_json::from_str(new).map_err(|error| error.to_string())?;
    let mut wanted = value(root);
    let (place, name) = match root.at(pointer) {
        Some(_) => (pointer, None),
        None => pointer.rsplit_once('/').map(|(parent, name)| (parent, Some(name))).unwrap_or_default(),
    };
    let item = root.at(place).ok_or_else(|| format!("there is nothing at `{pointer}`"))?;
    let target = wanted.pointer_mut(place).ok_or_else(|| format!("`{place}` is part of a function call"))?;
    match (name, target.as_object_mut()) {
        (Some(name), Some(object)) => {
            object.insert(name.replace("~1", "/").replace("~0", "~"), new);
        }
        (None, _) => *target = new,
        (Some(_), None) => return Err(format!("`{place}` is no mapping")),
    }
    let target = target.clone();
    let before = orders(root, text);
    let mut rewriter = Rewriter { text, habits: Habits::of(root, text), orders: before, edits: Vec::new() };
    rewriter.change(item, &target)?;
    let Rewriter { mut edits, orders: before, .. } = rewriter;
    keep_end(text, &mut edits);
    let result = edit::apply(text, &edits);
    let after = match build::build(&result) {
        Ok(after) if value(&after) == wanted => orders(&after, &result),
        _ => return Err("the YAML there is written in a way that cannot be edited with certainty".to_owned()),
    };
    match keep_orders((&before, text), (&after, &result), &edits) {
        true => Ok(edits),
        false => Err("a `# polmerge: …` comment would be about something else".to_owned()),
    }
}

/// Keeps a file without a line break at its end without one: lines that go there take the one before them along.
fn keep_end(text: &str, edits: &mut [Edit]) {
    let mut first = None;
    let mut end = text.len();
    while let Some(at) = edits
        .iter()
        .position(|edit| edit.text.is_empty() && !edit.span.is_empty() && edit.span.end as usize == end)
    {
        end = edits[at].span.start as usize;
        first = Some(at);
    }
    let before = text.get(..end).unwrap_or("");
    let Some(kept) = before.strip_suffix('\n').filter(|_| !text.ends_with('\n')) else { return };
    if let Some(at) = first {
        edits[at].span.start = Span::at(kept.strip_suffix('\r').unwrap_or(kept).len()).start;
    }
}

/// What an item means.
fn value(item: &Item) -> Json {
    let content = match &item.content {
        Content::Null => Json::Null,
        Content::Bool(value) => (*value).into(),
        Content::Number(text) => serde_json::from_str(text).unwrap_or(Json::Null),
        Content::Text(text) => text.as_str().into(),
        Content::List(items) => items.iter().map(value).collect(),
        Content::Map(pairs) => {
            let pairs = pairs.iter().filter_map(|(key, item)| Some((key.name()?.to_owned(), value(item))));
            Json::Object(pairs.collect())
        }
    };
    match &item.call {
        Some(call) => Json::Object(Map::from_iter([(call.clone(), content)])),
        None => content,
    }
}

/// How a part goes.
struct Removal {
    /// Whether a part before it stays.
    kept: bool,
    /// Where its dash is, if it is one of a list by indentation.
    dash: Option<usize>,
}

struct Rewriter<'t> {
    text: &'t str,
    habits: Habits,
    /// The comments for polmerge.
    orders: Vec<Comment>,
    edits: Vec<Edit>,
}

impl Rewriter<'_> {
    fn change(&mut self, item: &Item, new: &Json) -> Result<(), String> {
        if value(item) == *new {
            return Ok(());
        }
        if item.shared {
            return Err(
                "what would change has an anchor or is an alias, so it is meant in several places".to_owned()
            );
        }
        let new = match &item.call {
            None => new,
            Some(call) => match new.as_object().filter(|object| object.len() == 1) {
                Some(object) if object.contains_key(call) => &object[call],
                _ => return self.replace(item, item.span, new),
            },
        };
        match (&item.content, new) {
            (Content::Map(pairs), Json::Object(members)) => self.members(item, pairs, members),
            (Content::List(items), Json::Array(values)) => self.items(item, items, values),
            _ => self.replace(item, item.body, new),
        }
    }

    /// Another value in the place of one.
    fn replace(&mut self, item: &Item, span: Span, new: &Json) -> Result<(), String> {
        let text = match (item.style, new) {
            (Style::Block, Json::Array(values)) if values.first() == Some(&value(item)) => {
                self.enlist(item, &values[1..]);
                return Ok(());
            }
            (Style::Literal, Json::String(text)) => self.lines(item, text)?,
            (Style::Block | Style::Literal | Style::Folded, _) => return Err(over_lines(item)),
            // Comments can stand between brackets only.
            (Style::Flow, _)
                if span.slice(self.text).contains('\n') && span.slice(self.text).contains('#') =>
            {
                return Err(over_lines(item));
            }
            _ if span.is_empty() => return Err(over_lines(item)),
            (style, Json::String(text)) => scalar(text, style),
            _ => new.to_string(),
        };
        self.edits.push(Edit::replace(span, text));
        Ok(())
    }

    /// Makes a mapping the first item of a list, with more behind it.
    fn enlist(&mut self, item: &Item, more: &[Json]) {
        let (start, end) = (item.span.start as usize, line_end(self.text, item.span.end as usize));
        let column = start - line_start(self.text, start);
        self.edits.push(Edit::insert(start, "- "));
        for (at, _) in self.text[start..end].match_indices('\n') {
            let line = start + at + 1;
            if !self.text[line..line_end(self.text, line)].trim().is_empty() {
                self.edits.push(Edit::insert(line, "  "));
            }
        }
        for new in more {
            let text = self.habits.block(new, column + 2);
            let line = format!("{}{}- {text}", self.habits.newline, " ".repeat(column));
            self.edits.push(Edit::insert(end, line));
        }
    }

    /// A text in the place of a block of lines.
    fn lines(&self, item: &Item, new: &str) -> Result<String, String> {
        let Content::Text(old) = &item.content else { return Err("this block is no text".to_owned()) };
        let ending = |text: &str| text.len() - text.trim_end().len();
        if old[old.len() - ending(old)..] != new[new.len() - ending(new)..] || new.trim().is_empty() {
            return Err("the end of a block of lines would change".to_owned());
        }
        let start = item.body.start as usize;
        let indent = " ".repeat(start - line_start(self.text, start));
        let lines = new.trim_end().split('\n').enumerate().map(|(index, line)| match (index, line) {
            (0, _) | (_, "") => line.to_owned(),
            _ => format!("{indent}{line}"),
        });
        Ok(lines.collect::<Vec<_>>().join(self.habits.newline))
    }

    fn members(
        &mut self,
        item: &Item,
        pairs: &[(Item, Item)],
        members: &Map<String, Json>,
    ) -> Result<(), String> {
        let names: Vec<&str> = pairs.iter().filter_map(|(key, _)| key.name()).collect();
        if (1..names.len()).any(|index| names[..index].contains(&names[index])) {
            return Err("a name stands twice in one mapping".to_owned());
        }
        let spans: Vec<Span> = pairs.iter().map(|(key, value)| key.here.to(value.here)).collect();
        let gone = names.iter().filter(|name| !members.contains_key(**name)).count();
        let added = || members.iter().filter(|(name, _)| !names.contains(&name.as_str()));
        if item.style == Style::Flow && gone > 0 && (gone == names.len() || added().next().is_some()) {
            return self.replace(item, item.body, &Json::Object(members.clone()));
        }
        // What has another name and the same value was renamed.
        let mut renamed: Vec<&str> = Vec::new();
        let (mut kept, mut left) = (false, gone);
        for (index, (name, (key, item_value))) in names.iter().zip(pairs).enumerate() {
            if let Some(new) = members.get(*name) {
                kept = true;
                self.change(item_value, new)?;
                continue;
            }
            let was = value(item_value);
            let now = added().find(|(name, new)| **new == was && !renamed.contains(&name.as_str()));
            match now.filter(|_| !key.shared) {
                Some((name, _)) => {
                    (kept, left) = (true, left - 1);
                    renamed.push(name);
                    self.edits.push(Edit::replace(key.body, scalar(name, key.style)));
                }
                None => self.remove(item, &spans, index, Removal { kept, dash: None })?,
            }
        }
        if left == names.len() && left > 0 {
            return Err("nothing would be left of a mapping".to_owned());
        }
        let added = || added().filter(|(name, _)| !renamed.contains(&name.as_str()));
        let Some(last) = spans.last().filter(|_| item.style == Style::Block) else {
            let pairs = added().map(|(name, new)| format!("{}: {new}", Json::from(name.as_str())));
            self.append(item, spans.last(), &pairs.collect::<Vec<_>>());
            return Ok(());
        };
        let first = spans[0].start as usize;
        let column = first - line_start(self.text, first);
        let place = line_end(self.text, last.end as usize);
        for (name, new) in added() {
            let pair = self.habits.pair(&scalar(name, Style::Plain), new, column);
            let line = format!("{}{}{pair}", self.habits.newline, " ".repeat(column));
            self.edits.push(Edit::insert(place, line));
        }
        Ok(())
    }

    fn items(&mut self, list: &Item, items: &[Item], new: &[Json]) -> Result<(), String> {
        if new.is_empty() && list.style == Style::Block {
            return Err("nothing would be left of a list".to_owned());
        }
        let spans: Vec<Span> = items.iter().map(|item| item.here).collect();
        let old: Vec<String> = items.iter().map(|item| value(item).to_string()).collect();
        let texts: Vec<String> = new.iter().map(Json::to_string).collect();
        let steps = capture_diff_slices(Algorithm::Myers, &old, &texts);
        let goes = |step: &DiffOp| step.old_range().len() > step.new_range().len();
        let comes = |step: &DiffOp| step.new_range().len() > step.old_range().len();
        let mixed = new.is_empty() || (steps.iter().any(goes) && steps.iter().any(comes));
        if list.style == Style::Flow && mixed {
            return self.replace(list, list.body, &Json::from(new.to_vec()));
        }
        let mut kept = false;
        for step in steps {
            let (was, is) = (step.old_range(), step.new_range());
            let both = was.len().min(is.len());
            kept |= both > 0;
            if matches!(step, DiffOp::Equal { .. }) {
                continue;
            }
            for (old, new) in was.clone().zip(&new[is.clone()]) {
                self.change(&items[old], new)?;
            }
            for (index, item) in items.iter().enumerate().take(was.end).skip(was.start + both) {
                let dash = if list.style == Style::Block { Some(self.dash(item)?) } else { None };
                self.remove(list, &spans, index, Removal { kept, dash })?;
            }
            self.insert(list, items, was.start + both, &new[is.start + both..is.end])?;
        }
        Ok(())
    }

    /// New items in front of item `at` of a list.
    fn insert(&mut self, list: &Item, items: &[Item], at: usize, new: &[Json]) -> Result<(), String> {
        if new.is_empty() {
            return Ok(());
        }
        if list.style != Style::Block {
            let texts: Vec<String> = new.iter().map(Json::to_string).collect();
            match at.checked_sub(1).and_then(|before| items.get(before)) {
                None if !items.is_empty() => {
                    let text = format!("{}, ", texts.join(", "));
                    self.edits.push(Edit::insert(items[0].here.start as usize, text));
                }
                before => self.append(list, before.map(|item| &item.here), &texts),
            }
            return Ok(());
        }
        let newline = self.habits.newline;
        let model = items.get(at.saturating_sub(1)).ok_or("there is no item to go by")?;
        let dash = self.dash(model)?;
        let column = dash - line_start(self.text, dash);
        let gap = match self.text.get(dash + 1..model.here.start as usize) {
            Some(gap) if !gap.is_empty() && !gap.contains('\n') => gap,
            _ => " ",
        };
        let item = |new: &Json| format!("-{gap}{}", self.habits.block(new, column + 1 + gap.len()));
        let (place, text) = match at {
            0 => {
                let indent = " ".repeat(column);
                (dash, new.iter().map(|new| format!("{}{newline}{indent}", item(new))).collect::<String>())
            }
            _ => {
                let indent = format!("{newline}{}", " ".repeat(column));
                let place = line_end(self.text, model.here.end as usize);
                (place, new.iter().map(|new| format!("{indent}{}", item(new))).collect())
            }
        };
        self.edits.push(Edit::insert(place, text));
        Ok(())
    }

    /// Behind the last part of what is written in brackets.
    fn append(&mut self, item: &Item, last: Option<&Span>, parts: &[String]) {
        let text = parts.join(", ");
        match last {
            _ if parts.is_empty() => {}
            Some(last) => self.edits.push(Edit::insert(last.end as usize, format!(", {text}"))),
            None => self.edits.push(Edit::insert(item.body.start as usize + 1, text)),
        }
    }

    /// Takes out one part of a list or mapping.
    fn remove(&mut self, whole: &Item, spans: &[Span], index: usize, how: Removal) -> Result<(), String> {
        let Removal { kept, dash } = how;
        let span = spans[index];
        let next = spans.get(index + 1);
        if whole.style == Style::Flow {
            // With the comma before it, or behind it where nothing stays before.
            self.edits.push(Edit::remove(match (index.checked_sub(1).filter(|_| kept), next) {
                (Some(before), _) => Span { start: spans[before].end, end: span.end },
                (None, Some(next)) => Span { start: span.start, end: next.start },
                (None, None) => span,
            }));
            return Ok(());
        }
        let start = dash.unwrap_or(span.start as usize);
        let line = line_start(self.text, start);
        let end = line_end(self.text, span.end as usize);
        // On lines of its own, it goes with them.
        if self.text[line..start].trim().is_empty() {
            let behind = self.text[end..].chars().take_while(|c| matches!(c, '\r' | '\n'));
            let newline = behind.take(self.habits.newline.len()).count();
            let gone = Span::new(line, end + newline);
            let above = self.orders.iter().filter_map(|comment| comment.line_above(gone, self.text));
            self.edits.extend(above.map(Edit::remove));
            self.edits.push(Edit::remove(gone));
            return Ok(());
        }
        match next.and_then(|next| Some((next, self.text.get(span.end as usize..next.start as usize)?))) {
            Some((next, between)) if between.trim().is_empty() && dash.is_none() => {
                self.edits.push(Edit::remove(Span { start: span.start, end: next.start }));
                Ok(())
            }
            _ => Err("what would go shares its line with something that stays".to_owned()),
        }
    }

    /// Where the dash of a list's item is. Comments may stand between the two, and line breaks.
    fn dash(&self, item: &Item) -> Result<usize, String> {
        let mut before = self.text.get(..item.here.start as usize).unwrap_or("").trim_end();
        loop {
            let line = line_start(before, before.len());
            let mut marks = before[line..].match_indices('#').map(|(at, _)| &before[..line + at]);
            match marks.find(|start| start.len() == line || start.ends_with([' ', '\t'])) {
                Some(start) => before = start.trim_end(),
                None if before.ends_with('-') => return Ok(before.len() - 1),
                None => return Err("an item of a list has no dash where one is expected".to_owned()),
            }
        }
    }
}

fn over_lines(item: &Item) -> String {
    let what = match item.content {
        Content::List(_) => "a list",
        Content::Map(_) => "a mapping",
        _ => "a text",
    };
    format!("{what} that runs over lines would become something else")
}

/// Where the line of an offset starts.
pub(super) fn line_start(text: &str, offset: usize) -> usize {
    text.get(..offset).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1)
}

/// Where the line of an offset ends, without what ends it.
fn line_end(text: &str, offset: usize) -> usize {
    let rest = text.get(offset..).unwrap_or("");
    let line = rest.split('\n').next().unwrap_or("");
    offset + line.strip_suffix('\r').unwrap_or(line).len()
}
