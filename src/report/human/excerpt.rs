//! The lines of the file that a finding is about, drawn by miette.
//!
//! miette numbers the lines of one stretch of text. We show single lines, or windows into them, from
//! all over a file in one box; so it is given these rows as if they were a text of their own, and
//! their true numbers are put in afterwards. It never sees the file, the environment or the terminal.

use std::fmt;

use miette::{
    GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError, MietteSpanContents, SourceCode,
    SourceSpan, SpanContents, ThemeCharacters, ThemeStyles,
};

use super::marks::{Place, Row, rows};
use crate::diagnostic::{Diagnostic, Severity};
use crate::document::Document;
use crate::report::style::{Role, Style};

/// More places than this explain nothing.
const MAX_PLACES: usize = 12;

/// A drawn excerpt.
pub(super) struct Excerpt {
    /// Lines, each with its line feed.
    pub(super) text: String,
    /// How far in the box stands, for what is written below it.
    pub(super) indent: usize,
}

/// The box with the places of a finding.
pub(super) fn excerpt(document: &Document, finding: &Diagnostic, style: Style) -> Excerpt {
    let source = document.source();
    // Asked once for each place: counting columns in a line of megabytes takes a while.
    let first = source.position(document.in_file(finding.span).start as usize);
    let mut places = vec![Place {
        span: document.in_file(finding.span),
        line: first.line,
        label: finding.label.as_deref(),
        primary: true,
    }];
    let labels = finding.labels.iter().map(|label| (document.in_file(label.span), label));
    let labels = labels.chain(finding.elsewhere.iter().map(|label| (label.span, label)));
    places.extend(labels.take(MAX_PLACES).map(|(span, label)| {
        let line = source.position(span.start as usize).line;
        Place { span, line, label: Some(label.text.as_str()), primary: false }
    }));

    // A line below the last may be shown, too.
    let last = places.iter().map(|place| place.line + 1).max();
    let width = last.unwrap_or(1).to_string().len().max(2);
    let rows = rows(source.text(), &places, width, style);
    let indent = width + 2;

    let name = format!("{}:{}:{}", source.name(), first.line, first.column);
    let name = style.paint(Role::Place, &name);
    let (gap, end) = (" ".repeat(indent), " ".repeat(indent - 1));
    let mut text = match style.unicode {
        true => format!("{gap}╭─[{name}]\n"),
        false => format!("{end}--> {name}\n"),
    };
    text.push_str(&draw(&rows, width, finding.severity, style));
    if style.unicode {
        text.push_str(&format!("{gap}╰─\n"));
    }
    Excerpt { text, indent }
}

/// The rows with their underlines and numbers.
fn draw(rows: &[Row], width: usize, severity: Severity, style: Style) -> String {
    let drawing = Drawing::new(rows, width);
    let mut drawn = String::new();
    let handler = GraphicalReportHandler::new_themed(GraphicalTheme {
        characters: characters(style),
        styles: styles(&drawing.primary, severity, style),
    })
    .without_cause_chain()
    .with_links(false)
    .without_syntax_highlighting()
    // Labels come wrapped.
    .with_wrap_lines(false)
    .with_context_lines(0);
    if handler.render_report(&mut drawn, &drawing).is_err() {
        // Only a place outside the text can do that. The title and the words remain.
        return String::new();
    }
    renumber(&drawn, rows, width, style)
}

/// Takes miette's title and frame off, and puts the true line numbers in.
fn renumber(drawn: &str, rows: &[Row], width: usize, style: Style) -> String {
    let bar = characters(style).vbar;
    let (stem, short) = match style.unicode {
        true => ("╰── ", "╰─ "),
        false => ("`-- ", "`- "),
    };
    let mut out = String::with_capacity(drawn.len());
    let mut next = 0;
    for line in drawn.lines() {
        let number = format!(" {:width$} {bar}", first_number(width) + next);
        match (rows.get(next), line.strip_prefix(&number)) {
            (Some(row), Some(rest)) => {
                if next > 0 && row.line > rows[next - 1].line + 1 {
                    let dots = if style.unicode { " ⋮" } else { "..." };
                    out.push_str(&format!("{}{dots}\n", " ".repeat(width + 1)));
                }
                let number = style.paint(Role::Place, &format!("{:width$}", row.line));
                out.push_str(&format!(" {number} {bar}{rest}"));
                next += 1;
            }
            // Before the first row: the title, which is ours to write. Behind the last: the frame.
            _ if next == 0 || line.trim_start().starts_with(characters(style).lbot) => continue,
            _ => out.push_str(&line.replacen(stem, short, 1)),
        }
        out.truncate(out.trim_end().len());
        out.push('\n');
    }
    out
}

/// The number that miette gives the first row: one as wide as the true ones.
fn first_number(width: usize) -> usize {
    10_usize.pow(u32::try_from(width).map_or(0, |width| width.saturating_sub(1)))
}

fn characters(style: Style) -> ThemeCharacters {
    match style.unicode {
        true => ThemeCharacters::unicode(),
        false => ThemeCharacters { vbar_break: '|', underbar: '^', ..ThemeCharacters::ascii() },
    }
}

/// The first place in the colour of the level, the others cyan.
fn styles(primary: &[bool], severity: Severity, style: Style) -> ThemeStyles {
    let none = ThemeStyles::none();
    // miette does not name the type of its looks for others, but has a plain one to begin with.
    let plain = none.error;
    let first = match severity {
        Severity::Error => plain.red(),
        Severity::Warning => plain.yellow(),
        Severity::Note => plain.blue(),
    };
    let look = |&primary: &bool| match primary {
        _ if !style.color => plain,
        true => first,
        false => plain.cyan(),
    };
    ThemeStyles { highlights: primary.iter().map(look).collect(), ..none }
}

/// The rows as miette takes them.
#[derive(Debug)]
struct Drawing {
    text: String,
    first_number: usize,
    labels: Vec<LabeledSpan>,
    primary: Vec<bool>,
}

impl Drawing {
    fn new(rows: &[Row], width: usize) -> Self {
        let (text, labels, primary) = (String::new(), Vec::new(), Vec::new());
        let mut drawing = Drawing { text, first_number: first_number(width), labels, primary };
        for row in rows {
            let at = drawing.text.len();
            for mark in &row.marks {
                let length = mark.end - mark.start;
                drawing.labels.push(LabeledSpan::new(mark.label.clone(), at + mark.start, length));
                drawing.primary.push(mark.primary);
            }
            drawing.text.push_str(&row.text);
            drawing.text.push('\n');
        }
        drawing
    }
}

impl fmt::Display for Drawing {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }
}

impl std::error::Error for Drawing {}

impl miette::Diagnostic for Drawing {
    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(self)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.labels.iter().cloned()))
    }
}

impl SourceCode for Drawing {
    /// All rows, whichever is asked for: they belong into one box.
    fn read_span<'a>(
        &'a self,
        _: &SourceSpan,
        _: usize,
        _: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let span = SourceSpan::from((0, self.text.len()));
        let lines = self.text.lines().count();
        let first = self.first_number.saturating_sub(1);
        Ok(Box::new(MietteSpanContents::new(self.text.as_bytes(), span, first, 0, lines)))
    }
}
