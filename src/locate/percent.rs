//! Percent-encoding (RFC 3986), in which the IAM API sends policies.

use crate::parse::{Escaped, OffsetMap, unescape};
use crate::span::Span;

/// What JSON may have in front of it, encoded: white space, and a byte-order mark, which is a mistake.
const SPACES: [&str; 5] = ["%20", "%09", "%0a", "%0d", "%ef%bb%bf"];

/// Whether a text is a JSON object of which all, or the quotes at least, is percent-encoded.
pub(super) fn looks_encoded(text: &str) -> bool {
    let start = without_spaces(text);
    match start.strip_prefix('{') {
        Some(inner) => {
            start.len() < text.trim_start().len() || without(without_spaces(inner), "%22").is_some()
        }
        None => without(start, "%7b").is_some(),
    }
}

/// A text without the white space that it begins with, encoded or not.
fn without_spaces(text: &str) -> &str {
    let mut rest = text.trim_start();
    while let Some(next) = SPACES.iter().find_map(|space| without(rest, space)) {
        rest = next.trim_start();
    }
    rest
}

/// The rest of a text that begins so, in capitals or not.
fn without<'t>(text: &'t str, start: &str) -> Option<&'t str> {
    let begin = text.get(..start.len())?;
    begin.eq_ignore_ascii_case(start).then(|| &text[start.len()..])
}

/// The text of a percent-encoded JSON string at `span`; what is no valid encoding stands for itself.
pub(super) fn decode(source: &str, span: Span) -> Escaped {
    let outer = unescape(source, span);
    let (bytes, mut decoded, mut starts) = (outer.text.as_bytes(), Vec::new(), Vec::new());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let value = (byte == b'%').then(|| outer.text.get(at + 1..at + 3)).flatten();
        let (byte, length) = match value.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(value) => (value, 3),
            None => (byte, 1),
        };
        decoded.push(byte);
        starts.push(at);
        at += length;
    }
    let text = String::from_utf8(decoded).unwrap_or_else(|_| outer.text.clone());
    let mut map = OffsetMap::default();
    for (offset, _) in text.char_indices() {
        map.push(
            offset,
            outer.map.offset(Span::at(starts.get(offset).copied().unwrap_or(offset)).start) as usize,
        );
    }
    map.push(text.len(), outer.map.offset(Span::at(at).start) as usize);
    Escaped::new(text, map)
}

/// A text with all but RFC 3986's unreserved characters encoded.
pub(super) fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encoding_comes_back_and_points_home() {
        let source = format!("\"{}\"", encode("{\"Sid\":\"ü x\"}"));
        let decoded = decode(&source, Span::new(0, source.len()));
        assert_eq!(decoded.text, "{\"Sid\":\"ü x\"}");
        let at = decoded.text.find('ü').unwrap();
        assert_eq!(decoded.map.span(Span::new(at, at + 2)).slice(&source), "%C3%BC");
    }

    #[test]
    fn what_is_in_front_may_be_encoded_and_the_braces_plain() {
        for text in [
            "%7B%22Version",
            "%7b%22",
            "%0A%7B",
            "%0D%0a%09 %20\n%7b",
            "%EF%BB%BF%7B",
            "{%22Version%22: 1}",
            "{ %0A%22V",
            "%20{\"Version",
        ] {
            assert!(looks_encoded(text), "{text}");
        }
        for text in [
            "",
            "%",
            "%2",
            "%20",
            "{",
            "{\"a%22\"",
            " {\"Version\"",
            "%257B%2522",
            "%22%7B",
            "\u{e9}%7B",
            "{\u{e9}",
        ] {
            assert!(!looks_encoded(text), "{text}");
        }
    }
}
