//! Findings as a person reads them: title, the place underlined, an example, what to do.

mod excerpt;
mod fixes;
mod marks;
mod summary;

pub use fixes::{fixed, made};
pub use summary::{Checked, Tally, baseline_written, configuration_line, file_line, gone, total_line, why};

use super::style::{Role, Style, clean, level_role};
use super::wrap::wrap;
use crate::diagnostic::{Diagnostic, Severity};
use crate::document::Document;
use crate::lint::Remark;

/// How wide the words before the explanations are: `for example` and three spaces.
const WORD: usize = 14;

/// Findings, a blank line after each.
pub fn findings(findings: &[(&Document, Diagnostic)], style: Style) -> String {
    findings.iter().map(|(document, finding)| self::finding(document, finding, style) + "\n").collect()
}

/// One finding: title, excerpt, explanations.
pub fn finding(document: &Document, finding: &Diagnostic, style: Style) -> String {
    let mut out = title(finding, style);
    let excerpt = excerpt::excerpt(document, finding, style);
    out.push_str(&excerpt.text);
    let mut explain = |word: &str, lines: &mut dyn Iterator<Item = String>| {
        let mut word = word;
        for line in lines {
            // Padded by hand: escape sequences have no width.
            let gap = " ".repeat(WORD - word.len());
            let indent = " ".repeat(excerpt.indent);
            let text = clean(&line);
            out.push_str(&format!("{indent}{}{gap}{text}", style.paint(Role::Dim, word)));
            out.truncate(out.trim_end().len());
            out.push('\n');
            word = "";
        }
    };
    let width = style.width.saturating_sub(WORD + excerpt.indent);
    explain("in", &mut document.owner().iter().flat_map(|owner| wrap(owner, width)));
    explain("for example", &mut finding.example.iter().flat_map(|line| wrap(line, width)));
    explain("help", &mut finding.help.iter().flat_map(|help| wrap(help, width)));
    explain("fix", &mut fixes::offer(finding).iter().flat_map(|offer| wrap(offer, width)));
    out
}

/// One finding on a line of its own behind `lead`, as in
/// `  before   warning  confused-deputy  15:33  message`; what does not fit goes on below the message.
/// `width` is that of the longest rule name in the list.
pub fn one_line(lead: &str, width: usize, document: &Document, finding: &Diagnostic, style: Style) -> String {
    let level = format!("{:7}", finding.severity.name());
    let rule = format!("{:width$}", finding.rule);
    let place = document.source().place(document.in_file(finding.span));
    let left = lead.chars().count() + level.len() + rule.len() + place.len() + 6;
    let lines = wrap(&finding.message, style.width.saturating_sub(left).max(30));
    let mut out = format!(
        "{lead}{}  {}  {}  ",
        style.paint(level_role(finding.severity), &level),
        rule,
        style.paint(Role::Place, &place),
    );
    out.push_str(&lines.join(&format!("\n{}", " ".repeat(left))));
    out.push('\n');
    out
}

/// Why something is no finding: `ok: …`
pub fn remark(remark: &Remark, style: Style) -> String {
    let lines = wrap(&remark.message, style.width.saturating_sub(4));
    format!("{} {}\n", style.paint(Role::Good, "ok:"), lines.join("\n    "))
}

/// `error[rule]: message`
fn title(finding: &Diagnostic, style: Style) -> String {
    let head = format!("{}[{}]:", finding.severity.name(), finding.rule);
    let role = match finding.severity {
        Severity::Error => Role::StrongBad,
        Severity::Warning => Role::StrongCareful,
        Severity::Note => Role::Strong,
    };
    // A long message goes on below, set in, behind the width of the head on its first line.
    let message = clean(&finding.message);
    let filled = format!("{}{message}", "x".repeat(head.len() + 1));
    let mut out = style.paint(role, &head);
    for (index, line) in wrap(&filled, style.width).iter().enumerate() {
        let line = match index {
            0 => &line[(head.len() + 1).min(line.len())..],
            _ => line,
        };
        out.push_str(if index == 0 { " " } else { "\n    " });
        out.push_str(&style.paint(Role::Strong, line));
    }
    out.push('\n');
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Hints, open, open_policy};
    use crate::report::wrap::WIDTH;
    use crate::source::Source;
    use crate::span::Span;

    const PLAIN: Style = Style { color: false, unicode: true, width: 100 };

    fn span_of(text: &str, part: &str) -> Span {
        let at = text.find(part).unwrap();
        Span::new(at, at + part.len())
    }

    fn topic() -> (Document, Diagnostic) {
        let text = include_str!("../../fixtures/topic-policy.json");
        let document = open_policy(Source::new("topic-policy.json", text), &Hints::default());
        let second = text.find("AllowOrganization").unwrap();
        let star = second + text[second..].find("\"*\"").unwrap();
        let test = span_of(text, "\"StringEqualsIfExists\"");
        let finding = Diagnostic::new(
            "public-access",
            Span::new(star, star + 3),
            "accounts that are in no organization may subscribe and publish",
        )
        .label("everyone …")
        .also_at(test, "… save callers of other organizations")
        .example("arn:aws:iam::999999999999:role/any, of an account in no organization")
        .example("sns:Subscribe on arn:aws:sns:us-east-1:222222222222:expel-topic")
        .help("`StringEquals` lets in organization o-a1b2c3d4e5 only");
        (document, finding)
    }

    #[test]
    fn two_places_in_one_box() {
        let (document, finding) = topic();
        let expected = r#"error[public-access]: accounts that are in no organization may subscribe and publish
    ╭─[topic-policy.json:20:29]
 20 │       "Principal": { "AWS": "*" },
    ·                             ─┬─
    ·                              ╰─ everyone …
    ⋮
 23 │       "Condition": { "StringEqualsIfExists": { "aws:PrincipalOrgID": "o-a1b2c3d4e5" } }
    ·                      ───────────┬──────────
    ·                                 ╰─ … save callers of other organizations
    ╰─
    for example   arn:aws:iam::999999999999:role/any, of an account in no organization
                  sns:Subscribe on arn:aws:sns:us-east-1:222222222222:expel-topic
    help          `StringEquals` lets in organization o-a1b2c3d4e5 only
"#;
        assert_eq!(super::finding(&document, &finding, PLAIN), expected);
    }

    #[test]
    fn ascii_without_utf8() {
        let (document, finding) = topic();
        let style = Style::default();
        let text = style.finish(&super::finding(&document, &finding, style));
        let expected = r#"error[public-access]: accounts that are in no organization may subscribe and publish
   --> topic-policy.json:20:29
 20 |       "Principal": { "AWS": "*" },
    |                             ^^^
    |                              `- everyone ...
   ...
 23 |       "Condition": { "StringEqualsIfExists": { "aws:PrincipalOrgID": "o-a1b2c3d4e5" } }
    |                      ^^^^^^^^^^^^^^^^^^^^^^
    |                                 `- ... save callers of other organizations
"#;
        assert!(text.starts_with(expected), "{text}");
    }

    #[test]
    fn color_by_level_and_cyan_for_the_second_place() {
        let (document, finding) = topic();
        let text =
            super::finding(&document, &finding, Style { color: true, unicode: true, ..Style::default() });
        assert!(text.starts_with("\u{1b}[1m\u{1b}[31merror[public-access]:\u{1b}[0m"), "{text:?}");
        let squeezed = text.replace("  ", "");
        assert!(squeezed.contains("\u{1b}[31m─┬─"), "{text:?}");
        assert!(squeezed.contains("\u{1b}[36m ───────────┬──────────"), "{text:?}");
        assert!(text.contains("\u{1b}[36m20\u{1b}[0m"), "{text:?}");
    }

    #[test]
    fn a_long_line_is_clipped_round_the_place() {
        let action = r#""s3:GetObject","#.repeat(5000);
        let text = format!(
            r#"{{"Statement":[{{"Action":[{action}"x:Y"],"Effect":"Allow","Principal":"*","Resource":"*"}}]}}"#
        );
        let document = open_policy(Source::new("min.json", text.as_str()), &Hints::default());
        let finding = Diagnostic::new("r", span_of(&text, "\"x:Y\""), "bad")
            .label("no such service, ".repeat(10))
            .also_at(span_of(&text, "\"Action\""), "here");
        let shown = super::finding(&document, &finding, PLAIN);
        assert!(shown.lines().all(|line| line.chars().count() <= WIDTH), "{shown}");
        assert!(shown.contains("…"), "{shown}");
        assert!(shown.len() < 2000, "{shown}");
        assert!(shown.contains("\"x:Y\"") && shown.contains("\"Action\""), "{shown}");
    }

    #[test]
    fn places_inside_escaped_strings() {
        let text = "{\n  \"Policy\": \"{\\\"Statement\\\": [{\\\"Effect\\\": \\\"Alow\\\"}]}\",\n  \"PolicyName\": \"default\"\n}\n";
        let file = open(Source::new("a.json", text), &Hints::default());
        let document = &file.documents[0];
        let finding = Diagnostic::new("r", span_of(document.text(), "\"Alow\""), "no such effect");
        let shown = super::finding(document, &finding, PLAIN);
        let lines: Vec<_> = shown.lines().collect();
        assert_eq!(lines[1], "    ╭─[a.json:2:44]", "{shown}");
        let at = |line: &str, what: &str| {
            line[..line.find(what).unwrap_or_else(|| panic!("{shown}"))].chars().count()
        };
        assert_eq!(at(lines[2], "\\\"Alow"), at(lines[3], "─"), "{shown}");
    }

    #[test]
    fn what_stands_over_several_lines_shows_its_first() {
        let (document, _) = topic();
        let statement = document.policy.statements[1].span;
        let shown = super::finding(&document, &Diagnostic::new("r", statement, "m"), PLAIN);
        let expected = "error[r]: m\n    ╭─[topic-policy.json:17:5]\n 17 │     {\n    ·     ─\n 18 │       \"Sid\": \"AllowOrganization\",\n    ╰─\n";
        assert_eq!(shown, expected);
    }

    #[test]
    fn one_line_wraps_below_the_message() {
        let (document, mut finding) = topic();
        finding.message = "config.amazonaws.com may use this key whichever account it acts for".to_owned();
        assert_eq!(
            one_line("  before   ", 0, &document, &finding.severity(Severity::Warning), PLAIN),
            "  before   warning  public-access  20:29  config.amazonaws.com may use this key whichever account it\n\
             \x20                                         acts for\n"
        );
    }
}
