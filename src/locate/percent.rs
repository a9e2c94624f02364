//! Percent-encoding (RFC 3986), in which the IAM API sends policies.

use crate::parse::{Escaped, OffsetMap, unescape};
use crate::span::Span;

/// Whether a text is a percent-encoded JSON object.
pub(super) fn looks_encoded(text: &str) -> bool {
    text.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("%7b"))
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
}
