//! Which parts of which lines an excerpt shows, and which of their characters it underlines.
//!
//! Only a window round each place is looked at, however long its line is: some files are one line.

use crate::report::style::{Style, clean, disarmed};
use crate::report::wrap::wrap;
use crate::span::Span;

/// Room for the mark of something left out, and for the stem of a label.
const ELLIPSIS: usize = 3;
const STEM: usize = 5;
/// A label is given at least this much, if it is so long.
const LABEL: usize = 40;
const TAB: &str = "    ";

/// A place in the file to be shown.
pub(super) struct Place<'d> {
    pub(super) span: Span,
    /// The line where it starts.
    pub(super) line: usize,
    pub(super) label: Option<&'d str>,
    pub(super) primary: bool,
}

/// A part of a line, ready to be shown.
pub(super) struct Row {
    /// Number of the line, from 1.
    pub(super) line: usize,
    pub(super) text: String,
    pub(super) marks: Vec<Mark>,
    /// The bytes of the file that are shown.
    from: usize,
    to: usize,
    /// Bytes of the text in front of them: the mark of what is left out.
    lead: usize,
}

/// Characters of a row that are underlined.
pub(super) struct Mark {
    /// Bytes of the row's text.
    pub(super) start: usize,
    pub(super) end: usize,
    /// In lines.
    pub(super) label: Option<String>,
    pub(super) primary: bool,
}

/// The rows that show the places. `number_width` columns of a line are taken by its number.
pub(super) fn rows(text: &str, places: &[Place<'_>], number_width: usize, style: Style) -> Vec<Row> {
    let budget = style.width.saturating_sub(number_width + 4);
    let mut order: Vec<(Span, &Place<'_>)> =
        places.iter().map(|place| (first_line(text, place.span), place)).collect();
    order.sort_by_key(|(shown, _)| (shown.start, std::cmp::Reverse(shown.end)));

    let mut rows: Vec<Row> = Vec::new();
    for (shown, place) in &order {
        let line = place.line;
        let fits =
            rows.last().is_some_and(|row| row.line == line && row.fits(text, *shown, place, budget, style));
        if !fits {
            rows.push(Row::around(text, line, *shown, place.label, budget, style));
        }
        if let Some(row) = rows.last_mut() {
            row.mark(text, *shown, place, budget, style);
        }
    }
    with_second_lines(text, rows, &order, budget, style)
}

/// A bracket alone on its line says nothing about which one it is: the line below does.
fn with_second_lines(
    text: &str,
    rows: Vec<Row>,
    order: &[(Span, &Place<'_>)],
    budget: usize,
    style: Style,
) -> Vec<Row> {
    let shown: Vec<usize> = rows.iter().map(|row| row.line).collect();
    let mut out = Vec::with_capacity(rows.len() + 1);
    for row in rows {
        let line = row.line;
        let opens = order.iter().any(|(part, place)| {
            place.span.end > part.end
                && (row.from..row.to).contains(&(part.start as usize))
                && matches!(part.slice(text), "{" | "[")
        });
        let alone = row.text.trim().len() == 1;
        let to = row.to;
        out.push(row);
        if !opens || !alone || shown.contains(&(line + 1)) {
            continue;
        }
        if let Some(end) = text[to..].find('\n') {
            let below = Row::around(text, line + 1, Span::at(to + end + 1), None, budget, style);
            if !below.text.trim().is_empty() {
                out.push(below);
            }
        }
    }
    out
}

/// The part of a span that stands on its first line, at least one character of it if there is one.
fn first_line(text: &str, span: Span) -> Span {
    let start = boundary(text, span.start as usize);
    let end = boundary(text, (span.end as usize).max(start));
    // A line break stands in no token; where a span begins at one, its place is the end of the line.
    let inner = &text.as_bytes()[start..end];
    let stop = inner.iter().position(|&byte| byte == b'\n').map_or(end, |at| start + at);
    Span::new(start, start + text[start..stop].trim_end().len())
}

fn boundary(text: &str, offset: usize) -> usize {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}

/// A character as it is shown.
fn shown(character: char, style: Style) -> String {
    match character {
        '\t' => TAB.to_owned(),
        _ => style.finish(&clean(character.encode_utf8(&mut [0; 4]))),
    }
}

/// Columns that a text may take. Characters outside ASCII may be two columns wide.
fn columns(text: &str) -> usize {
    text.chars().map(|character| if character.is_ascii() { 1 } else { 2 }).sum()
}

/// As many characters as fit into some columns: their bytes, their columns, and whether these were all.
fn take(characters: impl Iterator<Item = char>, room: usize, style: Style) -> (usize, usize, bool) {
    let (mut bytes, mut used) = (0, 0);
    for character in characters {
        if character == '\n' {
            break;
        }
        let wide = columns(&shown(character, style));
        if used + wide > room {
            return (bytes, used, false);
        }
        bytes += character.len_utf8();
        used += wide;
    }
    (bytes, used, true)
}

/// The columns that a label takes to the right of its stem, with the stem; long ones are wrapped.
fn label_columns(label: Option<&str>) -> usize {
    label.map_or(0, |label| STEM + columns(label).min(LABEL))
}

/// Whether the label of what starts in a column and is so wide fits to the right of its middle.
fn has_room(start: usize, wide: usize, label: Option<&str>, budget: usize) -> bool {
    start + wide / 2 + label_columns(label) <= budget
}

impl Row {
    /// A window into a line: the whole line if it is short, else what is round `span`.
    fn around(text: &str, line: usize, span: Span, label: Option<&str>, budget: usize, style: Style) -> Row {
        let at = span.start as usize;
        let (before, before_columns, from_start) = take(text[..at].chars().rev(), budget, style);
        let (after, after_columns, to_end) = take(text[at..].chars(), budget, style);
        let wide = take(span.slice(text).chars(), budget, style).1;
        let whole = from_start && to_end && before_columns + after_columns <= budget;
        if whole && has_room(before_columns, wide, label, budget) {
            return Row::window(text, line, at - before, at + after, (false, false), style);
        }
        // A third for what stands before, more if there is less behind; but the label must fit.
        let room = budget - 2 * ELLIPSIS;
        let lead = (room / 3).max(room.saturating_sub(after_columns));
        let fits = |lead: usize| has_room(lead, wide.min(room - lead), label, room);
        let lead = (0..=lead.min(room)).rev().find(|&lead| fits(lead)).unwrap_or(0);
        let (before, before_columns, from_start) = take(text[..at].chars().rev(), lead, style);
        let (after, _, to_end) = take(text[at..].chars(), room - before_columns, style);
        Row::window(text, line, at - before, at + after, (!from_start, !to_end), style)
    }

    fn window(text: &str, line: usize, from: usize, to: usize, cut: (bool, bool), style: Style) -> Row {
        let ellipsis = |cut: bool| if cut { style.finish("…") } else { String::new() };
        let shown_lead = ellipsis(cut.0);
        let mut row = Row { line, lead: shown_lead.len(), text: shown_lead, marks: Vec::new(), from, to };
        // The end of a line may be two characters.
        let part = &text[from..to];
        let part = if cut.1 { part } else { part.strip_suffix('\r').unwrap_or(part) };
        row.text.extend(part.chars().map(|character| shown(character, style)));
        row.text.push_str(&ellipsis(cut.1));
        row.text = disarmed(row.text);
        row
    }

    /// The bytes of the row's text that show some bytes of the file.
    fn shown_at(&self, text: &str, span: Span, style: Style) -> (usize, usize) {
        let (from, to) = (self.from, self.to);
        let start = (span.start as usize).clamp(from, to);
        let end = (span.end as usize).clamp(start, to);
        let length = |part: &str| part.chars().map(|character| shown(character, style).len()).sum::<usize>();
        let start_shown = self.lead + length(&text[from..start]);
        (start_shown, start_shown + length(&text[start..end]))
    }

    fn fits(&self, text: &str, span: Span, place: &Place<'_>, budget: usize, style: Style) -> bool {
        if (span.start as usize) < self.from || span.end as usize > self.to {
            return false;
        }
        let (start, end) = self.shown_at(text, span, style);
        let text = &self.text;
        let before = columns(text.get(..start).unwrap_or(""));
        let wide = columns(text.get(start..end).unwrap_or(""));
        has_room(before, wide, place.label, budget)
    }

    /// Underlines a place. Marks come in the order of the text.
    fn mark(&mut self, text: &str, span: Span, place: &Place<'_>, budget: usize, style: Style) {
        let (start, end) = self.shown_at(text, span, style);
        let start = start.min(self.text.len());
        // Something must be underlined, also at the end of a line.
        if start == self.text.len() {
            self.text.push(' ');
        }
        let first = self.text[start..].chars().next().map_or(1, char::len_utf8);
        let end = end.min(self.text.len()).max(start + first);
        if let Some(last) = self.marks.last_mut() {
            if last.start == start {
                last.primary |= place.primary;
                last.label = match (last.label.take(), label(place, LABEL, style)) {
                    (Some(one), Some(two)) => Some(format!("{one}\n{two}")),
                    (one, two) => one.or(two),
                };
                return;
            }
            // Drawn side by side: the outer one stops where the inner one starts.
            last.end = last.end.min(start);
        }
        let stem = columns(&self.text[..start]) + columns(&self.text[start..end]) / 2 + STEM;
        let label = label(place, budget.saturating_sub(stem).max(LABEL / 2), style);
        self.marks.push(Mark { start, end, label, primary: place.primary });
    }
}

fn label(place: &Place<'_>, width: usize, style: Style) -> Option<String> {
    let text = style.finish(&clean(place.label?));
    Some(wrap(&text, width).join("\n"))
}
