//! Findings as a table for a review comment.

use super::human::{Checked, Tally, total_line};
use super::json::Unread;
use super::style::{Style, clean};
use crate::diagnostic::Diagnostic;
use crate::document::Document;

/// One finding: a row.
pub fn row(document: &Document, finding: &Diagnostic) -> String {
    let place = document.source().place(document.in_file(finding.span));
    let mut text = format!("**{}**: {}", finding.rule, words(&finding.message, Within::Cell));
    for line in &finding.example {
        text.push_str(&format!("<br>for example: {}", words(line, Within::Cell)));
    }
    if let Some(help) = &finding.help {
        text.push_str(&format!("<br>help: {}", words(help, Within::Cell)));
    }
    let mut place = code(&format!("{}:{place}", document.source().name()), Within::Cell);
    if let Some(owner) = document.owner() {
        place.push_str(&format!("<br>{}", words(owner, Within::Cell)));
    }
    format!("| {} | {place} | {text} |\n", finding.severity.name())
}

/// The whole comment: what the closing line says, then the table.
pub fn report(rows: &[String], unread: &[Unread], checked: &Checked, tally: &Tally) -> String {
    let plain = Style { unicode: true, ..Style::default() };
    let mut out = format!("**{}**\n", total_line(checked, None, tally, plain).trim_end());
    if !rows.is_empty() {
        out.push_str(&format!("\n| | where | what |\n|---|---|---|\n{}", rows.concat()));
    }
    for Unread { message, .. } in unread {
        out.push_str(&format!("\nerror: {}\n", words(message, Within::Line)));
    }
    out
}

/// Where a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Within {
    /// In a paragraph or an item of a list.
    Line,
    /// In a cell of a table, which the sign `|` ends also within code.
    Cell,
}

/// A message in which nothing is Markdown, mentions anyone or becomes a link: what is between back-ticks is code, and so
/// is each other word that is more than a plain word. A value may have back-ticks of its own, so that what is from an
/// input can be on either side of one.
pub(super) fn words(text: &str, within: Within) -> String {
    let mut pieces: Vec<(bool, String)> = Vec::new();
    let mut push = |is_code: bool, text: &str| match pieces.last_mut() {
        // One code after the other would be read as one, or as none.
        Some((true, before)) if is_code => *before = format!("{before}`{text}"),
        _ => pieces.push((is_code, text.to_owned())),
    };
    let last = text.matches('`').count();
    for (index, part) in text.split('`').enumerate() {
        if index % 2 == 1 || (part.is_empty() && (1..last).contains(&index)) {
            push(true, part);
            continue;
        }
        let [before, json, after] = json_in(part);
        let words = before.split_inclusive(' ').map(|word| (false, word));
        let words = words.chain((!json.is_empty()).then_some((true, json)));
        for (is_json, word) in words.chain(after.split_inclusive(' ').map(|word| (false, word))) {
            let core = word.trim_start_matches(['(', '"', '\'']).trim_end_matches(END);
            match is_json || is_plain(core) {
                true => push(is_json, word),
                false => {
                    let start = word.find(core).unwrap_or_default();
                    [(false, &word[..start]), (true, core), (false, &word[start + core.len()..])]
                        .into_iter()
                        .filter(|(_, text)| !text.is_empty())
                        .for_each(|(is_code, text)| push(is_code, text));
                }
            }
        }
    }
    let shown = |(is_code, text): &(bool, String)| if *is_code { code(text, within) } else { text.clone() };
    pieces.iter().map(shown).collect()
}

/// A text in three: what is before an object of JSON in it, with the name of the member that it is, and what is after.
fn json_in(text: &str) -> [&str; 3] {
    let (Some(open), Some(close)) = (text.find('{'), text.rfind('}')) else { return [text, "", ""] };
    let name = text[..open].trim_end().strip_suffix("\":").and_then(|before| before.rfind('"'));
    let (start, end) = (name.unwrap_or(open), close + 1);
    if end <= open { [text, "", ""] } else { [&text[..start], &text[start..end], &text[end..]] }
}

/// What may follow a word.
const END: [char; 11] = [' ', '.', ',', ';', ':', ')', '?', '%', '"', '\'', '…'];

/// Whether a word without what surrounds it means nothing to a reader of Markdown.
fn is_plain(word: &str) -> bool {
    let is_word = word.chars().all(|letter| letter.is_alphanumeric() || matches!(letter, '-' | '\''));
    // `GH-12`, `TEAM-7`, the id of a commit.
    let is_reference = (word.contains('-') && word.contains(|letter: char| letter.is_ascii_digit()))
        || (word.len() >= 7 && word.bytes().all(|byte| byte.is_ascii_hexdigit()));
    is_word && !is_reference && !word.starts_with('-')
}

/// A text as code, whatever is in it.
pub(super) fn code(text: &str, within: Within) -> String {
    let text = if text.is_empty() { " ".to_owned() } else { clean(text) };
    let longest = text.split(|letter| letter != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    // One blank on both sides is not part of it.
    let is_padded = text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']);
    let text = if is_padded && !text.trim().is_empty() { format!(" {text} ") } else { text };
    let text = if within == Within::Cell { text.replace('|', "\\|") } else { text };
    format!("{fence}{text}{fence}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_users_text_does_nothing() {
        let cell = |text| words(text, Within::Cell);
        assert_eq!(cell("`a|b` is <b>\n@you"), "`a\\|b` is `<b>?@you`");
        assert_eq!(
            cell("everyone can call `s3:*`, `a` (2 times), no-one's else."),
            "everyone can call `s3:*`, `a` (2 times), no-one's else."
        );
        let line = |text: &str| words(text, Within::Line);
        // What is to be typed is one piece of code.
        let json = r#""StringEquals": { "aws:PrincipalOrgID": "<your organization>" }"#;
        assert_eq!(line(&format!("such as {json}, x")), format!("such as `{json}`, x"));
        assert_eq!(line("add { \"a\": 1 } @you"), "add `{ \"a\": 1 }` `@you`");
        assert_eq!(line("a } b { c"), "a `}` b `{` c");
        // Whatever side of a back-tick it is on.
        let active = [
            "@you",
            "#12",
            "x/y#12",
            "https://x.y",
            "www.x.y",
            "a@x.y",
            "GH-12",
            "1a2b3c4",
            "[a](b)c",
            "<a>",
            "*a*",
            "_a_",
            "|",
            "-",
            "&copy;x",
            "\\a",
            "!x",
        ];
        for active in active {
            assert_eq!(line(active), format!("`{active}`"));
            assert_eq!(line(&format!("a {active} b")), format!("a `{active}` b"));
            assert_eq!(line(&format!("`a`{active}`b` is")), format!("``a`{active}`b`` is"));
        }
        assert_eq!(code("a`b``c", Within::Line), "```a`b``c```");
        assert_eq!(code("`", Within::Line), "`` ` ``");
        assert_eq!(code(" ", Within::Line), "` `");
    }
}
