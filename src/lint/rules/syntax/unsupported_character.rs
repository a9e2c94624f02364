use std::collections::BTreeMap;

use crate::diagnostic::Severity;
use crate::kind::Kind;
use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::parse::unescape;
use crate::span::Span;

rule! {
    /// The policy has a character that IAM and KMS refuse.
    ///
    /// ## Why
    ///
    /// IAM and KMS accept tab, line feed, carriage return and U+0020 to U+00FF. Dashes and quotation marks from a word
    /// processor or a web page, and spaces of no width, are outside of that. In policies that other services keep, such
    /// a character may be meant; one that cannot be seen seldom is, and an ARN with it in it matches nothing.
    ///
    /// ## Examples
    ///
    /// ```json bad kms
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Sid": "Admins – full access",
    ///     "Effect": "Allow",
    ///     "Principal": { "AWS": "arn:aws:iam::222222222222:root" },
    ///     "Action": "kms:*",
    ///     "Resource": "*"
    ///   }
    /// }
    /// ```
    ///
    /// ```json good kms
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Sid": "Admins - full access",
    ///     "Effect": "Allow",
    ///     "Principal": { "AWS": "arn:aws:iam::222222222222:root" },
    ///     "Action": "kms:*",
    ///     "Resource": "*"
    ///   }
    /// }
    /// ```
    name: "unsupported-character", group: Syntax, severity: Error, since: "0.1.0",
    rows: [],
    peers: [],
    gives_way_to: ["invalid-sid"],
    check: Check::Document(check),
}

/// One finding for each character, at the first string that has it.
fn check(cx: &mut Context<'_>) {
    let document = cx.document;
    let text = document.text();
    // A template's strings are sent as what they mean, a policy's own text as it is written.
    let decoded = document.is_template();
    let own = document.tree.span.slice(text);
    if own.is_ascii() && !(decoded && own.contains("\\u")) {
        return;
    }
    let mut places: BTreeMap<char, Vec<Span>> = BTreeMap::new();
    document.tree.each_string(&mut |span| {
        let string = if decoded { unescape(text, span).text } else { span.slice(text).to_owned() };
        for character in string.chars().filter(|character| !is_supported(*character)) {
            let spans = places.entry(character).or_default();
            if spans.last() != Some(&span) {
                spans.push(span);
            }
        }
    });
    let refuses =
        matches!(document.kind, Kind::Identity | Kind::Boundary | Kind::Session | Kind::Trust | Kind::Kms);
    for (character, spans) in places {
        let Some((first, others)) = spans.split_first() else { continue };
        let is_seen = !is_invisible(character);
        let name = match is_seen {
            true => format!("`{character}` (U+{:04X})", u32::from(character)),
            false => format!("an invisible character (U+{:04X})", u32::from(character)),
        };
        let (most, message) = match refuses {
            true => (Severity::Error, format!("{name} is not accepted by {}", service(document.kind))),
            false if is_seen => (Severity::Note, format!("{name} is not accepted by IAM and KMS")),
            false => (Severity::Warning, format!("{name} is in the policy")),
        };
        let finding = cx.finding(*first, message);
        let severity = finding.severity.min(most);
        let finding = finding.severity(severity);
        let mut finding = finding.label("in this text").help(match plain(character) {
            Some("") => "delete it".to_owned(),
            Some(plain) => format!("write `{plain}` instead"),
            None => "use tab, line break and U+0020 to U+00FF only".to_owned(),
        });
        for span in others {
            finding = finding.also_at(*span, "and here");
        }
        cx.report(finding);
    }
}

fn service(kind: Kind) -> &'static str {
    if kind == Kind::Kms { "KMS" } else { "IAM" }
}

/// Whether IAM and KMS take a character.
fn is_supported(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | ' '..='\u{ff}')
}

/// Whether a character leaves no mark.
fn is_invisible(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{115f}' | '\u{1160}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{e0000}'..='\u{e01ef}'
        )
}

/// What is usually meant by a character.
fn plain(character: char) -> Option<&'static str> {
    Some(match character {
        '\u{2010}'..='\u{2015}' | '\u{2212}' => "-",
        '\u{2018}' | '\u{2019}' | '\u{201a}' | '\u{2032}' => "'",
        '\u{201c}'..='\u{201e}' | '\u{2033}' => "\\\"",
        '\u{2026}' => "...",
        '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{3000}' => " ",
        _ if is_invisible(character) => "",
        _ => return None,
    })
}
