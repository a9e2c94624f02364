//! Where statements go in and come out: the edits, and nothing but the edits.

use crate::document::Document;
use crate::edit::{self, Edit};
use crate::format::layout::{Layout, indent_of, line_indent, statement_nodes};
use crate::parse::{Node, Value};
use crate::span::Span;
use crate::steps::NewStatement;

/// What is to happen to a policy's statements.
#[derive(Debug, Default)]
pub(super) struct Changes<'a> {
    /// Statements to take out, by index, in order.
    pub(super) remove: Vec<usize>,
    /// Statements to put in the place of others.
    pub(super) replace: Vec<(usize, &'a NewStatement)>,
    /// Statements to put at the end.
    pub(super) add: Vec<&'a NewStatement>,
    /// Whether `Version` must be 2012-10-17 afterwards, and is not.
    pub(super) raise_version: bool,
}

/// The edits that make the changes. The document must be sound.
pub(super) fn edits(document: &Document, changes: &Changes<'_>) -> Vec<Edit> {
    let place = Place {
        document,
        text: document.text(),
        layout: Layout::of(document),
        nodes: statement_nodes(document),
    };
    let mut edits = place.version(changes);
    edits.extend(changes.replace.iter().filter_map(|&(index, new)| {
        let node = place.nodes.get(index)?;
        let indent = line_indent(place.text, node.span.end as usize);
        Some(Edit::replace(node.span, place.layout.statement(&new.tree, &new.text, indent)))
    }));
    edits.extend(place.removals(&changes.remove, !changes.add.is_empty()));
    edits.extend(place.additions(changes));
    edits
}

/// A whole policy with these statements, as polmerge writes it when there is nothing to go by.
pub fn whole(statements: &[&NewStatement]) -> String {
    let layout = Layout::own();
    let items: Vec<String> = statements
        .iter()
        .map(|new| format!("    {}", layout.statement(&new.tree, &new.text, "    ")))
        .collect();
    format!("{{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [\n{}\n  ]\n}}\n", items.join(",\n"))
}

struct Place<'d> {
    document: &'d Document,
    text: &'d str,
    layout: Layout,
    nodes: Vec<&'d Node>,
}

impl Place<'_> {
    fn version(&self, changes: &Changes<'_>) -> Vec<Edit> {
        if !changes.raise_version {
            return Vec::new();
        }
        match &self.document.policy.version {
            Some(version) => vec![Edit::replace(version.span, "\"2012-10-17\"")],
            None => {
                let tree = self.document.tree.span;
                let start = tree.start as usize + 1;
                // In the white space before the first member.
                let first = self
                    .document
                    .tree
                    .members()
                    .first()
                    .map_or(start, |member| member.key.span.start as usize);
                let space = self.text.get(start..first).unwrap_or("");
                vec![Edit::insert(start, format!("{space}\"Version\"{}\"2012-10-17\",", self.layout.colon()))]
            }
        }
    }

    /// Takes out statements, each with the comma before it, or behind it if it is the first.
    fn removals(&self, remove: &[usize], adding: bool) -> Vec<Edit> {
        if remove.is_empty() || !self.document.policy.statement_list {
            // A single object: the element stays, as an empty list.
            let node = self.nodes.first().filter(|_| !remove.is_empty() && !adding);
            return node.map(|node| Edit::replace(node.span, "[]")).into_iter().collect();
        }
        let (Some(first), Some(last)) = (self.nodes.first(), self.nodes.last()) else { return Vec::new() };
        let parts: Vec<Span> = self.nodes.iter().map(|node| node.span).collect();
        if let Some(edits) = edit::without(&parts, |index| remove.contains(&index)) {
            return edits;
        }
        // Nothing stays; if something comes, it takes their place.
        if adding {
            return Vec::new();
        }
        let list = self.document.policy.statement_span.unwrap_or(first.span.to(last.span));
        vec![Edit::replace(list, "[]")]
    }

    fn additions(&self, changes: &Changes<'_>) -> Vec<Edit> {
        if changes.add.is_empty() {
            return Vec::new();
        }
        let gone = changes.remove.len() == self.nodes.len();
        match (self.document.policy.statement_span, self.nodes.as_slice()) {
            (None, _) => vec![self.new_element(changes)],
            (Some(list), []) => vec![self.fill_empty(list, changes)],
            (Some(_), [first, .., last]) | (Some(_), [first @ last]) if gone => {
                let indent = line_indent(self.text, first.span.start as usize);
                let items = self.print(changes, indent).join(&self.separator());
                let items = if self.document.policy.statement_list { items } else { format!("[{items}]") };
                vec![Edit::replace(first.span.to(last.span), items)]
            }
            (Some(_), [.., last]) => {
                let indent = line_indent(self.text, last.span.end as usize);
                let separator = self.separator();
                let items: String =
                    self.print(changes, indent).iter().map(|item| format!("{separator}{item}")).collect();
                let end = last.span.end as usize;
                match self.document.policy.statement_list {
                    true => vec![Edit::insert(end, items)],
                    false => vec![
                        Edit::insert(last.span.start as usize, "["),
                        Edit::insert(end, format!("{items}]")),
                    ],
                }
            }
        }
    }

    fn print(&self, changes: &Changes<'_>, indent: &str) -> Vec<String> {
        changes.add.iter().map(|new| self.layout.statement(&new.tree, &new.text, indent)).collect()
    }

    /// What stands between two statements: as between the last two, or as before the first.
    fn separator(&self) -> String {
        let comma_gap = if self.layout.multiline || self.layout.colon().ends_with(' ') { ", " } else { "," };
        let between = |before: u32, after: u32| self.text.get(before as usize..after as usize);
        match self.nodes.as_slice() {
            [.., a, b] => between(a.span.end, b.span.start).unwrap_or(comma_gap).to_owned(),
            [only] if self.document.policy.statement_list => {
                match indent_of(self.text, only.span.start as usize) {
                    Some(indent) => format!(",{}{indent}", self.layout.newline),
                    None => comma_gap.to_owned(),
                }
            }
            _ => comma_gap.to_owned(),
        }
    }

    /// `Statement` is an empty list.
    fn fill_empty(&self, list: Span, changes: &Changes<'_>) -> Edit {
        Edit::replace(list, self.list(changes, line_indent(self.text, list.start as usize)))
    }

    /// There is no `Statement` yet: it becomes the last member.
    fn new_element(&self, changes: &Changes<'_>) -> Edit {
        let tree = &self.document.tree;
        match tree.members().last() {
            Some(member) => {
                let key = member.key.span.start as usize;
                let indent = line_indent(self.text, key);
                let break_line = match indent_of(self.text, key) {
                    Some(indent) => format!("{}{indent}", self.layout.newline),
                    None if self.layout.colon().ends_with(' ') => " ".to_owned(),
                    None => String::new(),
                };
                let list = self.list(changes, indent);
                let text = format!(",{break_line}\"Statement\"{}{list}", self.layout.colon());
                Edit::insert(member.value.span.end as usize, text)
            }
            None => Edit::replace(tree.span, whole(&changes.add).trim_end()),
        }
    }

    /// The list of new statements, its brackets on lines of their own if the file is of that sort.
    fn list(&self, changes: &Changes<'_>, indent: &str) -> String {
        if !self.layout.multiline {
            return format!("[{}]", self.print(changes, indent).join(&self.separator()));
        }
        let (newline, inner) = (self.layout.newline, format!("{indent}{}", self.layout.unit()));
        let items = self.print(changes, &inner).join(&format!(",{newline}{inner}"));
        format!("[{newline}{inner}{items}{newline}{indent}]")
    }
}

/// Whether the tree has the shape that [`edits`] can work on.
pub(super) fn is_editable(document: &Document) -> bool {
    // A template's function call among the statements is not in the model, so indices would not agree.
    matches!(document.tree.value, Value::Object(_))
        && statement_nodes(document).len() == document.policy.statements.len()
}
