//! The style in which a document is written, and a statement printed in that style.

use std::collections::HashMap;

use crate::document::Document;
use crate::edit::Edit;
use crate::parse::{Member, Node, Value, parse};
use crate::policy::{ELEMENTS, Values, is_function_name};

/// How a document lays out its statements, learnt from those that are there.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    /// `\n` or `\r\n`.
    pub(crate) newline: &'static str,
    /// One step of indentation.
    unit: String,
    /// What stands between a name and its value.
    colon: String,
    /// What stands behind a comma on one line: nothing, or a blank.
    gap: &'static str,
    /// Whether a statement runs over several lines.
    pub(crate) multiline: bool,
    /// How containers of each sort are written.
    habits: HashMap<Slot, Habit>,
    /// The elements of a statement in the order of the file.
    order: Vec<String>,
    /// The longest line that a container on one line may make.
    width: usize,
}

/// A sort of container in a statement: lists and objects, by the element they stand in.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Slot {
    /// The name of the element, or of the member in it.
    element: String,
    list: bool,
}

/// How often a sort of container was written in which way.
#[derive(Clone, Copy, Debug, Default)]
struct Habit {
    one_line: usize,
    several_lines: usize,
    padded: usize,
    tight: usize,
    /// Lists of one, and single values outside a list.
    single_list: usize,
    single_value: usize,
}

/// The widest line that is good to read, unless the file has wider ones already.
const WIDTH: usize = 100;

impl Layout {
    /// The layout of a document's statements.
    pub(crate) fn of(document: &Document) -> Self {
        let text = document.text();
        let whole = document.tree.span.slice(text);
        let statements: Vec<&Node> = statement_nodes(document);
        let mut layout = Layout {
            newline: if whole.contains("\r\n") { "\r\n" } else { "\n" },
            unit: "  ".to_owned(),
            colon: ": ".to_owned(),
            gap: " ",
            multiline: whole.contains('\n') || whole.trim() == "{}",
            habits: HashMap::new(),
            order: Vec::new(),
            width: whole.lines().map(|line| line.chars().count()).max().unwrap_or(0).max(WIDTH),
        };
        layout.learn_spacing(&document.tree, text);
        if let Some(statement) = statements.last() {
            layout.multiline = runs_over_lines(statement, text);
            layout.learn_unit(statement, text);
        } else if let Some(indent) =
            document.tree.members().first().and_then(|member| indent_of(text, member.key.span.start as usize))
        {
            layout.unit = if indent.is_empty() { layout.unit } else { indent };
        }
        for statement in &statements {
            layout.learn_object("", statement, text);
        }
        layout.order = order(&statements, text);
        layout
    }

    /// The layout of a document that polmerge writes itself.
    pub(crate) fn own() -> Self {
        Layout {
            newline: "\n",
            unit: "  ".to_owned(),
            colon: ": ".to_owned(),
            gap: " ",
            multiline: true,
            habits: HashMap::new(),
            order: ELEMENTS.map(str::to_owned).to_vec(),
            width: WIDTH,
        }
    }

    /// One step of indentation.
    pub(crate) fn unit(&self) -> &str {
        &self.unit
    }

    /// What stands between a name and its value.
    pub(crate) fn colon(&self) -> &str {
        &self.colon
    }

    fn learn_spacing(&mut self, tree: &Node, text: &str) {
        let mut colons: HashMap<&str, usize> = HashMap::new();
        let (mut gaps, mut commas) = (0, 0);
        walk(tree, &mut |node| {
            for member in node.members() {
                let colon =
                    text.get(member.key.span.end as usize..member.value.span.start as usize).unwrap_or(": ");
                *colons.entry(colon).or_default() += 1;
            }
            let ends: Vec<(u32, u32)> = match &node.value {
                Value::Array(items) => items.iter().map(|item| (item.span.start, item.span.end)).collect(),
                Value::Object(members) => {
                    members.iter().map(|member| (member.span().start, member.span().end)).collect()
                }
                _ => Vec::new(),
            };
            for pair in ends.windows(2) {
                let between = text.get(pair[0].1 as usize..pair[1].0 as usize).unwrap_or(", ");
                if !between.contains('\n') {
                    commas += 1;
                    gaps += usize::from(between != ",");
                }
            }
        });
        let usual = colons.into_iter().max_by_key(|&(colon, count)| (count, std::cmp::Reverse(colon)));
        if let Some((colon, _)) = usual {
            self.colon = colon.to_owned();
        }
        let tight = if commas == 0 { !self.colon.ends_with(' ') } else { gaps * 2 < commas };
        self.gap = if tight { "" } else { " " };
    }

    /// The step of indentation: from the line of a statement's brace to the lines of its members.
    fn learn_unit(&mut self, statement: &Node, text: &str) {
        let Some(member) = statement.members().first() else { return };
        let Some(inner) = indent_of(text, member.key.span.start as usize) else { return };
        let outer = line_indent(text, statement.span.end as usize);
        if let Some(unit) = inner.strip_prefix(outer)
            && !unit.is_empty()
        {
            self.unit = unit.to_owned();
        }
    }

    fn learn_object(&mut self, name: &str, node: &Node, text: &str) {
        for member in node.members() {
            let key = member.key.text(text);
            let element = if name.is_empty() { key.into_owned() } else { slot_name(name, &key) };
            self.learn(&element, &member.value, text);
        }
    }

    fn learn(&mut self, element: &str, node: &Node, text: &str) {
        let list = matches!(node.value, Value::Array(_));
        let habit = self.habits.entry(Slot { element: element.to_owned(), list }).or_default();
        match &node.value {
            Value::Array(items) => habit.single_list += usize::from(items.len() == 1),
            Value::Object(_) => {}
            _ => {
                habit.single_value += 1;
                return;
            }
        }
        if runs_over_lines(node, text) {
            habit.several_lines += 1;
        } else {
            habit.one_line += 1;
            let padded = node.span.slice(text).chars().nth(1).is_some_and(|character| character == ' ');
            *(if padded { &mut habit.padded } else { &mut habit.tight }) += 1;
        }
        self.learn_object(element, node, text);
    }

    fn habit(&self, element: &str, list: bool) -> Habit {
        self.habits.get(&Slot { element: element.to_owned(), list }).copied().unwrap_or_default()
    }

    /// All containers of that shape together, for one whose element has none to go by.
    fn habits(&self, list: bool) -> Habit {
        let mut sum = Habit::default();
        for habit in self.habits.iter().filter(|(slot, _)| slot.list == list).map(|(_, habit)| habit) {
            sum.one_line += habit.one_line;
            sum.several_lines += habit.several_lines;
            sum.padded += habit.padded;
            sum.tight += habit.tight;
        }
        sum
    }

    fn on_one_line(&self, element: &str, list: bool) -> bool {
        if !self.multiline {
            return true;
        }
        let habit = self.habit(element, list);
        let habit = if habit.one_line + habit.several_lines > 0 { habit } else { self.habits(list) };
        match habit.one_line + habit.several_lines {
            // Nothing to go by: as AWS's documentation writes it, short ones on a line.
            0 => true,
            _ => habit.one_line >= habit.several_lines,
        }
    }

    fn padding(&self, list: bool) -> &'static str {
        let (same, other) = (self.habits(list), self.habits(!list));
        let padded = match (same.padded + same.tight, other.padded + other.tight) {
            (0, 0) => self.multiline && !list,
            (0, _) => other.padded > other.tight,
            _ => same.padded > same.tight,
        };
        if padded { " " } else { "" }
    }

    /// Whether a single value of an element is written as a list.
    fn lists_single(&self, element: &str) -> bool {
        let (list, value) = (self.habit(element, true), self.habit(element, false));
        element != FUNCTION && list.single_list > value.single_value
    }

    /// Whether a single value of an element is written without a list, and is so somewhere.
    pub(crate) fn writes_single(&self, element: &str) -> bool {
        self.habit(element, false).single_value > 0 && !self.lists_single(element)
    }

    /// The edit that adds values, as they are written, to those of an element: behind the last one as
    /// those before it stand, or all of them anew where there is no list yet or a line would be too long.
    pub(crate) fn extended(&self, values: &Values, element: &str, text: &str, more: &[&str]) -> Edit {
        let start = values.span.start as usize;
        if let ([.., last], true) = (values.items.as_slice(), values.list) {
            let several_lines = values.span.slice(text).contains('\n');
            let separator = match values.items.as_slice() {
                [.., before, last] => {
                    text.get(before.span.end as usize..last.span.start as usize).unwrap_or(",")
                }
                _ if several_lines => {
                    &format!(",{}{}", self.newline, line_indent(text, last.span.start as usize))
                }
                _ => &format!(",{}", self.gap),
            };
            let added: String = more.iter().map(|value| format!("{separator}{value}")).collect();
            let line = text[..start].rfind('\n').map_or(0, |newline| newline + 1);
            let length = text[line..values.span.end as usize].chars().count() + added.chars().count();
            if several_lines || length <= self.width || !self.multiline {
                return Edit::insert(last.span.end as usize, added);
            }
        }
        let own = values.items.iter().map(|value| value.span.slice(text));
        let list = format!("[{}]", own.chain(more.iter().copied()).collect::<Vec<_>>().join(","));
        let printed = self.value(&parse(&list).tree, element, &list, line_indent(text, start));
        Edit::replace(values.span, printed)
    }

    /// A statement as it would stand in the file; its first line goes where the cursor is, its last
    /// one is indented by `indent`.
    pub(crate) fn statement(&self, node: &Node, text: &str, indent: &str) -> String {
        let mut members: Vec<&Member> = node.members().iter().collect();
        let place = |member: &&Member| {
            let name = member.key.text(text);
            self.order.iter().position(|known| *known == name).unwrap_or(self.order.len())
        };
        members.sort_by_key(place);
        let inner = format!("{indent}{}", self.unit);
        let parts: Vec<String> =
            members.iter().map(|member| self.member(member, &member.key.text(text), text, &inner)).collect();
        self.join('{', &parts, '}', self.multiline, indent, self.padding(false))
    }

    fn member(&self, member: &Member, element: &str, text: &str, indent: &str) -> String {
        let value = self.value(&member.value, element, text, indent);
        format!("{}{}{value}", member.key.span.slice(text), self.colon)
    }

    pub(crate) fn value(&self, node: &Node, element: &str, text: &str, indent: &str) -> String {
        let inner = format!("{indent}{}", self.unit);
        let indents = (indent, inner.as_str());
        // Measured first: whoever prints to see whether it fits prints each level twice as often as the one around it.
        let fits = || self.length(node, element, text, indent.len()).is_some();
        let (brackets, list, parts) = match &node.value {
            Value::Object(members) => {
                let part = |member: &Member, indent: &str| {
                    self.member(member, &slot_name(element, &member.key.text(text)), text, indent)
                };
                (('{', '}'), false, self.parts(members, element, false, indents, fits, part))
            }
            Value::Array(items) => {
                let part = |item: &Node, indent: &str| match item.value {
                    Value::Object(_) | Value::Array(_) => self.value(item, element, text, indent),
                    // A value in a list is not a single one, which may have a list of its own.
                    _ => item.span.slice(text).to_owned(),
                };
                (('[', ']'), true, self.parts(items, element, true, indents, fits, part))
            }
            _ if self.lists_single(element) => {
                let parts = vec![node.span.slice(text).to_owned()];
                (('[', ']'), true, (parts, !self.on_one_line(element, true)))
            }
            _ => return node.span.slice(text).to_owned(),
        };
        let (parts, several_lines) = parts;
        self.join(brackets.0, &parts, brackets.1, several_lines, indent, self.padding(list))
    }

    /// How many characters a value takes if all of it goes on one line, as [`value`](Self::value) would print it
    /// there; `None` if it does not. What is too long is not looked at to its end.
    fn length(&self, node: &Node, element: &str, text: &str, indent: usize) -> Option<usize> {
        // A character has at most four bytes.
        let plain = |part: &str| {
            let is_short = part.len() <= 4 * self.width && !part.contains('\n');
            is_short.then(|| part.chars().count())
        };
        let mut sum = 0;
        let mut add = |part: Option<usize>| {
            sum += part? + 2;
            (indent + element.len() + sum + 8 <= self.width).then_some(())
        };
        let list = match &node.value {
            Value::Object(members) => {
                for member in members {
                    let key = plain(member.key.span.slice(text))? + self.colon.chars().count();
                    let name = slot_name(element, &member.key.text(text));
                    add(self.length(&member.value, &name, text, indent).map(|value| key + value))?;
                }
                false
            }
            Value::Array(items) => {
                items.iter().try_for_each(|item| match item.value {
                    Value::Object(_) | Value::Array(_) => add(self.length(item, element, text, indent)),
                    _ => add(plain(item.span.slice(text))),
                })?;
                true
            }
            _ if self.lists_single(element) => {
                let padding = 2 * self.padding(true).len();
                let length = plain(node.span.slice(text))? + 2 + padding;
                return self.on_one_line(element, true).then_some(length);
            }
            _ => return plain(node.span.slice(text)),
        };
        let parts = match &node.value {
            Value::Object(members) => members.len(),
            Value::Array(items) => items.len(),
            _ => 0,
        };
        match (parts, self.on_one_line(element, list)) {
            (0, _) => Some(2),
            (_, true) => {
                let gaps = (parts - 1) * (1 + self.gap.len());
                Some(sum - 2 * parts + gaps + 2 + 2 * self.padding(list).len())
            }
            (_, false) => None,
        }
    }

    /// The parts of a container, and whether they go on lines of their own: by the habit of the
    /// file, and where one line would become too long, or a part has several.
    fn parts<T>(
        &self,
        items: &[T],
        element: &str,
        list: bool,
        (indent, inner): (&str, &str),
        fits: impl Fn() -> bool,
        part: impl Fn(&T, &str) -> String,
    ) -> (Vec<String>, bool) {
        if self.on_one_line(element, list) && (!self.multiline || fits()) {
            return (items.iter().map(|item| part(item, indent)).collect(), false);
        }
        (items.iter().map(|item| part(item, inner)).collect(), true)
    }

    fn join(
        &self,
        open: char,
        parts: &[String],
        close: char,
        several_lines: bool,
        indent: &str,
        padding: &str,
    ) -> String {
        if parts.is_empty() {
            return format!("{open}{close}");
        }
        if !several_lines {
            return format!("{open}{padding}{}{padding}{close}", parts.join(&format!(",{}", self.gap)));
        }
        let (newline, unit) = (self.newline, &self.unit);
        let lines = parts.join(&format!(",{newline}{indent}{unit}"));
        format!("{open}{newline}{indent}{unit}{lines}{newline}{indent}{close}")
    }
}

/// The slot of what a template function is given: whether that is a list is no matter of style.
const FUNCTION: &str = "function";

/// The slot of a member inside an element. Condition keys are as many as there are; what counts is
/// how deep they stand.
fn slot_name(element: &str, key: &str) -> String {
    match element {
        _ if is_function_name(key) => FUNCTION.to_owned(),
        "Condition" => "Condition operator".to_owned(),
        "Condition operator" => "Condition key".to_owned(),
        "Principal" | "NotPrincipal" => format!("Principal {key}"),
        _ => element.to_owned(),
    }
}

/// The order of elements: that of the last statement; what it lacks stands behind what it follows
/// in an earlier one, or else in AWS's documentation.
fn order(statements: &[&Node], text: &str) -> Vec<String> {
    let mut order: Vec<String> = Vec::new();
    let mut take = |names: Vec<String>| {
        for (index, name) in names.iter().enumerate() {
            if order.contains(name) {
                continue;
            }
            let before =
                names[..index].iter().rev().find_map(|before| order.iter().position(|known| known == before));
            order.insert(before.map_or(0, |at| at + 1), name.clone());
        }
    };
    for statement in statements.iter().rev() {
        take(statement.members().iter().map(|member| member.key.text(text).into_owned()).collect());
    }
    take(ELEMENTS.map(str::to_owned).to_vec());
    order
}

/// The objects of `Statement`.
pub(crate) fn statement_nodes(document: &Document) -> Vec<&Node> {
    match document.tree.get(document.text(), "Statement") {
        Some(node) => match &node.value {
            Value::Array(items) => items.iter().collect(),
            Value::Object(_) => vec![node],
            _ => Vec::new(),
        },
        None => Vec::new(),
    }
}

fn walk<'n>(node: &'n Node, visit: &mut impl FnMut(&'n Node)) {
    visit(node);
    match &node.value {
        Value::Array(items) => items.iter().for_each(|item| walk(item, visit)),
        Value::Object(members) => members.iter().for_each(|member| walk(&member.value, visit)),
        _ => {}
    }
}

fn runs_over_lines(node: &Node, text: &str) -> bool {
    node.span.slice(text).contains('\n')
}

/// The white space before `at` if it starts the line.
pub(crate) fn indent_of(text: &str, at: usize) -> Option<String> {
    let line = &text[text[..at].rfind('\n')? + 1..at];
    line.chars().all(|character| matches!(character, ' ' | '\t')).then(|| line.to_owned())
}

/// The white space at the start of the line in which `at` stands.
pub(crate) fn line_indent(text: &str, at: usize) -> &str {
    let start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    let line = &text[start..at];
    &line[..line.len() - line.trim_start_matches([' ', '\t']).len()]
}
