//! Findings as JUnit XML, as CI servers read it: a suite for a file, a case for a finding.

use super::json::Unread;
use super::style::clean;
use crate::diagnostic::Diagnostic;
use crate::document::Document;

/// A file and what was found in it.
pub struct Suite {
    /// The file.
    pub name: String,
    /// Its findings, each a [`case`].
    pub cases: Vec<String>,
    /// How many of them are failures.
    pub failures: usize,
}

/// One finding: a failure, or a case that passes and says something.
pub fn case(document: &Document, finding: &Diagnostic, fails: bool) -> String {
    let place = document.source().place(document.in_file(finding.span));
    let name = document.source().name();
    let head = format!("{name}:{place}: {}: {}", finding.severity.name(), finding.message);
    let owner = document.owner().map(|owner| format!("in {owner}")).into_iter();
    let example = finding.example.iter().map(|line| format!("for example: {line}"));
    let help = finding.help.iter().map(|help| format!("help: {help}"));
    let lines: Vec<String> =
        std::iter::once(head).chain(owner).chain(example).chain(help).map(|line| escape(&line)).collect();
    // An attribute would make blanks of real line feeds.
    let text = lines.join("&#10;");
    let inside = match fails {
        true => format!(
            "<failure type=\"{}\" message=\"{}\">{}</failure>",
            finding.severity.name(),
            escape(&finding.message),
            text
        ),
        false => format!("<system-out>{text}</system-out>"),
    };
    format!(
        "    <testcase classname=\"{}\" name=\"{} {place}\">\n      {inside}\n    </testcase>\n",
        escape(name),
        finding.rule
    )
}

/// The whole document. A file without a finding is one case that passes.
pub fn report(suites: &[Suite], unread: &[Unread]) -> String {
    let tests = |suite: &Suite| suite.cases.len().max(1);
    let failures: usize = suites.iter().map(|suite| suite.failures).sum();
    let all = suites.iter().map(tests).sum::<usize>() + unread.len();
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"polmerge lint\" tests=\"{all}\" \
         failures=\"{failures}\" errors=\"{}\">\n",
        unread.len()
    );
    for suite in suites {
        let name = escape(&suite.name);
        out.push_str(&format!(
            "  <testsuite name=\"{name}\" tests=\"{}\" failures=\"{}\" errors=\"0\">\n",
            tests(suite),
            suite.failures
        ));
        match suite.cases.is_empty() {
            true => out.push_str(&format!("    <testcase classname=\"{name}\" name=\"no findings\"/>\n")),
            false => out.push_str(&suite.cases.concat()),
        }
        out.push_str("  </testsuite>\n");
    }
    for Unread { path, message } in unread {
        let (path, message) = (escape(path), escape(message));
        out.push_str(&format!(
            "  <testsuite name=\"{path}\" tests=\"1\" failures=\"0\" errors=\"1\">\n    <testcase classname=\"{path}\" \
             name=\"read\">\n      <error message=\"{message}\"/>\n    </testcase>\n  </testsuite>\n"
        ));
    }
    out + "</testsuites>\n"
}

/// Text for an element or an attribute. What XML cannot hold is replaced.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in clean(text).chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            '\u{fffe}' | '\u{ffff}' => out.push(char::REPLACEMENT_CHARACTER),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_stays_text() {
        assert_eq!(
            escape("<a b=\"c\">&'\n\t\u{0}\u{1b}\u{ffff}é"),
            "&lt;a b=&quot;c&quot;&gt;&amp;&apos;????\u{fffd}é"
        );
    }
}
