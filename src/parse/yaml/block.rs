//! JSON values as YAML blocks, in the habits of a file.

use std::collections::HashMap;

use serde_json::Value as Json;

use super::rewrite::line_start;
use super::scalar::scalar;
use super::{Content, Item, Style};

/// How a file is indented.
#[derive(Clone, Debug)]
pub(super) struct Habits {
    pub(super) newline: &'static str,
    /// From a name to the names under it.
    unit: usize,
    /// From a name to the dashes under it.
    dash: usize,
}

impl Habits {
    /// What a file does most of the time.
    pub(super) fn of(root: &Item, text: &str) -> Self {
        let (mut units, mut dashes) = (HashMap::new(), HashMap::new());
        let column = |offset: usize| offset - line_start(text, offset);
        let mut stack = vec![root];
        while let Some(item) = stack.pop() {
            match &item.content {
                Content::List(items) => stack.extend(items),
                Content::Map(pairs) => {
                    for (key, value) in pairs {
                        stack.push(value);
                        let (outer, counts, start) = match (value.style, &value.content) {
                            (Style::Block, Content::Map(pairs)) if !pairs.is_empty() => {
                                (key, &mut units, pairs[0].0.span.start as usize)
                            }
                            (Style::Block, Content::List(items)) if !items.is_empty() => {
                                let before =
                                    text.get(..items[0].span.start as usize).unwrap_or("").trim_end();
                                (key, &mut dashes, before.len().saturating_sub(1))
                            }
                            _ => continue,
                        };
                        if let Some(step) = column(start).checked_sub(column(outer.span.start as usize)) {
                            *counts.entry(step).or_insert(0_usize) += 1;
                        }
                    }
                }
                _ => {}
            }
        }
        let usual = |counts: HashMap<usize, usize>| {
            counts
                .into_iter()
                .max_by_key(|&(step, count)| (count, std::cmp::Reverse(step)))
                .map(|(step, _)| step)
        };
        let unit = usual(units).filter(|&unit| unit > 0).unwrap_or(2);
        Habits {
            newline: if text.contains("\r\n") { "\r\n" } else { "\n" },
            unit,
            dash: usual(dashes).unwrap_or(unit),
        }
    }

    /// A value whose first line starts at `column`, without the indentation of that line.
    pub(super) fn block(&self, value: &Json, column: usize) -> String {
        let parts: Vec<String> = match value {
            Json::String(text) => return scalar(text, Style::Plain),
            Json::Array(items) if !items.is_empty() => {
                items.iter().map(|item| format!("- {}", self.block(item, column + 2))).collect()
            }
            Json::Object(members) if !members.is_empty() => {
                let pair =
                    |(name, value): (&String, &Json)| self.pair(&scalar(name, Style::Plain), value, column);
                members.iter().map(pair).collect()
            }
            other => return other.to_string(),
        };
        parts.join(&format!("{}{}", self.newline, " ".repeat(column)))
    }

    /// A name at `column` and its value.
    pub(super) fn pair(&self, key: &str, value: &Json, column: usize) -> String {
        let step = match value {
            Json::Array(items) if !items.is_empty() => self.dash,
            Json::Object(members) if !members.is_empty() => self.unit,
            _ => return format!("{key}: {}", self.block(value, column)),
        };
        let inner = column + step;
        format!("{key}:{}{}{}", self.newline, " ".repeat(inner), self.block(value, inner))
    }
}
