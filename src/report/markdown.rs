//! Findings as a table for a review comment.

use super::human::{Checked, Tally, total_line};
use super::json::Unread;
use super::style::{Style, clean};
use crate::diagnostic::Diagnostic;
use crate::document::Document;

/// One finding: a row.
pub fn row(document: &Document, finding: &Diagnostic) -> String {
    let place = document.source().place(document.in_file(finding.span));
    let mut text = format!("**{}**: {}", finding.rule, words(&finding.message));
    for line in &finding.example {
        text.push_str(&format!("<br>for example: {}", words(line)));
    }
    if let Some(help) = &finding.help {
        text.push_str(&format!("<br>help: {}", words(help)));
    }
    let place = format!("<code>{}:{place}</code>", escape(document.source().name()));
    format!("| {} | {place} | {text} |\n", finding.severity.name())
}

/// The whole comment: what the closing line says, then the table.
pub fn report(rows: &[String], unread: &[Unread], checked: &Checked, tally: &Tally) -> String {
    let plain = Style { color: false, unicode: true };
    let mut out = format!("**{}**\n", total_line(checked, None, tally, plain).trim_end());
    if !rows.is_empty() {
        out.push_str(&format!("\n| | where | what |\n|---|---|---|\n{}", rows.concat()));
    }
    for Unread { message, .. } in unread {
        out.push_str(&format!("\nerror: {}\n", words(message)));
    }
    out
}

/// A message: what is between back-ticks is code.
fn words(text: &str) -> String {
    let mut out = String::new();
    for (index, part) in text.split('`').enumerate() {
        match index % 2 {
            0 => out.push_str(&escape(part)),
            _ => out.push_str(&format!("<code>{}</code>", escape(part))),
        }
    }
    out
}

/// Text of a user's file, in which no sign means anything to Markdown or HTML, mentions nobody and starts no
/// new row.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in clean(text).chars() {
        match character {
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '&' | '|' | '~' | '#' | '@' | '!' | '$' => {
                out.push_str(&format!("&#{};", u32::from(character)));
            }
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_users_text_does_nothing() {
        assert_eq!(words("`a|b` is <b>\n@you"), "<code>a&#124;b</code> is &#60;b&#62;?&#64;you");
        assert_eq!(words("a ` b"), "a <code> b</code>");
    }
}
