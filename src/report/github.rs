//! Findings as annotations: lines that GitHub Actions shows beside the code.
//!
//! GitHub, "Workflow commands for GitHub Actions".

use super::json::Unread;
use super::style::clean;
use crate::diagnostic::{Diagnostic, Severity};
use crate::document::Document;

/// One finding: `::error file=…,line=…::message`
pub fn annotation(document: &Document, finding: &Diagnostic) -> String {
    let command = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    };
    let span = document.in_file(finding.span);
    let (start, end) =
        (document.source().position(span.start as usize), document.source().position(span.end as usize));
    let mut place = format!("file={},line={}", property(document.source().name()), start.line);
    place.push_str(&format!(",endLine={}", end.line));
    // Columns are for places in one line. The last one is the last that is marked.
    if start.line == end.line {
        place.push_str(&format!(",col={},endColumn={}", start.column, (end.column - 1).max(start.column)));
    }
    let help = finding.help.as_ref().map_or_else(String::new, |help| format!("%0Ahelp: {}", message(help)));
    let owner = document.owner().map_or_else(String::new, |owner| format!("{}: ", message(owner)));
    format!(
        "::{command} {place},title={}::{owner}{}{help}\n",
        property(finding.rule),
        message(&finding.message)
    )
}

/// What could not be read.
pub fn unread(unread: &Unread) -> String {
    format!("::error file={}::{}\n", property(&unread.path), message(&unread.message))
}

fn message(text: &str) -> String {
    clean(text).replace('%', "%25")
}

fn property(text: &str) -> String {
    message(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Hints, open_policy};
    use crate::source::Source;
    use crate::span::Span;

    #[test]
    fn nothing_ends_a_command_early() {
        let text = "{\n \"Statement\": [\n]}";
        let document = open_policy(Source::new("a,b:c%\n::error::.json", text), &Hints::default());
        let finding = Diagnostic::new("rule", Span::new(3, 14), "100% `a`\r\n::stop:: x, y: z").help("do");
        assert_eq!(
            annotation(&document, &finding),
            "::error file=a%2Cb%3Ac%25?%3A%3Aerror%3A%3A.json,line=2,endLine=2,col=2,endColumn=12,title=rule::\
             100%25 `a`??::stop:: x, y: z%0Ahelp: do\n"
        );
        let several = Diagnostic::new("rule", Span::new(3, 18), "m").severity(Severity::Note);
        assert_eq!(
            annotation(&document, &several).lines().next().unwrap().rsplit_once("json").unwrap().1,
            ",line=2,endLine=3,title=rule::m"
        );
        let failed = Unread { path: "x".to_owned(), message: "no\nfile".to_owned() };
        assert_eq!(unread(&failed), "::error file=x::no?file\n");
    }
}
