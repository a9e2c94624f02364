//! What a JSON string says, and where each part of that stands in its spelling.

use std::borrow::Cow;

use crate::span::Span;

/// The text of a JSON string that may itself be a document, with the way back to its spelling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Escaped {
    /// Without quotes and escapes.
    pub text: String,
    /// From offsets in `text` to offsets in the source.
    pub map: OffsetMap,
    /// Where in `text` the values begin that readers of the source do not agree on, in order: see [`super::Yaml`].
    pub doubtful: Vec<u32>,
}

/// From places in a decoded text to places in the text it was decoded from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OffsetMap {
    /// `(decoded, source)` offsets from which both run in step, in ascending order.
    runs: Vec<(u32, u32)>,
}

impl Escaped {
    /// A text that has one meaning, and the way back.
    pub fn new(text: String, map: OffsetMap) -> Escaped {
        Escaped { text, map, doubtful: Vec::new() }
    }

    /// Part of a text as a text of its own.
    pub fn part(text: &str, span: Span) -> Escaped {
        let mut map = OffsetMap::default();
        map.push(0, span.start as usize);
        Escaped::new(span.slice(text).to_owned(), map)
    }

    /// The same text, with the way back going on to where `outer` leads from its source.
    pub fn through(self, outer: &OffsetMap) -> Escaped {
        Escaped { map: self.map.through(outer), ..self }
    }
}

impl OffsetMap {
    /// Says that from `decoded` on, offsets run in step with the source from `source`.
    pub fn push(&mut self, decoded: usize, source: usize) {
        let run = (Span::at(decoded).start, Span::at(source).start);
        match self.runs.last_mut() {
            Some(last) if last.0 == run.0 => *last = run,
            _ => self.runs.push(run),
        }
    }

    /// Where `offset` of the decoded text stands in the source.
    pub fn offset(&self, offset: u32) -> u32 {
        let index = self.runs.partition_point(|run| run.0 <= offset);
        match index.checked_sub(1).and_then(|index| self.runs.get(index)) {
            Some(&(decoded, source)) => source + (offset - decoded),
            None => offset,
        }
    }

    /// Where a span of the decoded text stands in the source.
    pub fn span(&self, span: Span) -> Span {
        let start = self.offset(span.start);
        // The end is that of the last character covered, or an escape behind it would be swallowed.
        let end = match span.is_empty() {
            true => start,
            false => self.end(span.end),
        };
        Span { start, end }
    }

    /// The way from places in this decoded text to where `outer` leads from its source.
    pub fn through(&self, outer: &OffsetMap) -> OffsetMap {
        let mut map = OffsetMap::default();
        for (index, &(decoded, source)) in self.runs.iter().enumerate() {
            map.push(decoded as usize, outer.offset(source) as usize);
            // What `outer` says anew in the middle of a run is said anew there.
            let length = self.runs.get(index + 1).map_or(u32::MAX, |next| next.0) - decoded;
            let first = outer.runs.partition_point(|run| run.0 <= source);
            let inside = outer.runs[first..].iter().take_while(|run| run.0 - source < length);
            for &(middle, place) in inside {
                map.push((decoded + (middle - source)) as usize, place as usize);
            }
        }
        map
    }

    /// The source offset at which the character that ends at `offset` ends.
    fn end(&self, offset: u32) -> u32 {
        let index = self.runs.partition_point(|run| run.0 < offset);
        let run = index.checked_sub(1).and_then(|index| self.runs.get(index));
        // A run that starts exactly at `offset` also tells where the escape before it ended.
        if let Some(&(decoded, source)) = self.runs.get(index)
            && decoded == offset
        {
            return source;
        }
        run.map_or(offset, |&(decoded, source)| source + (offset - decoded))
    }
}

/// The text of the string that stands at `span` of `source`, quotes included. Half a surrogate pair
/// becomes U+FFFD; a bad escape stands for itself.
pub fn unescape(source: &str, span: Span) -> Escaped {
    let mut text = String::with_capacity(span.len());
    let mut map = OffsetMap::default();
    let (body, start) = body(source, span);
    map.push(0, start);
    let bytes = body.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let run = bytes[at..].iter().position(|&byte| byte == b'\\').unwrap_or(bytes.len() - at);
        text.push_str(body.get(at..at + run).unwrap_or(""));
        at += run;
        if at == bytes.len() {
            break;
        }
        let (character, length) = escape(&bytes[at..]);
        map.push(text.len(), start + at);
        match character {
            Some(character) => text.push(character),
            None => text.push_str(body.get(at..at + length).unwrap_or("")),
        }
        at += length;
        map.push(text.len(), start + at);
    }
    Escaped::new(text, map)
}

/// The text of a string whose spelling is at `span`.
pub(super) fn decode(source: &str, span: Span, escaped: bool) -> Cow<'_, str> {
    match escaped {
        true => Cow::Owned(unescape(source, span).text),
        false => Cow::Borrowed(body(source, span).0),
    }
}

/// What stands between the quotes, and where. A missing closing quote is allowed for.
fn body(source: &str, span: Span) -> (&str, usize) {
    let text = span.slice(source);
    match text.strip_prefix('"') {
        Some(rest) => (rest.strip_suffix('"').unwrap_or(rest), span.start as usize + 1),
        None => (text, span.start as usize),
    }
}

/// What the escape at the start of `bytes` stands for, and how long it is. `None` for a bad one.
fn escape(bytes: &[u8]) -> (Option<char>, usize) {
    let simple = match bytes.get(1) {
        Some(b'"') => '"',
        Some(b'\\') => '\\',
        Some(b'/') => '/',
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(b'n') => '\n',
        Some(b'r') => '\r',
        Some(b't') => '\t',
        Some(b'u') => return unicode_escape(bytes),
        _ => return (None, 1),
    };
    (Some(simple), 2)
}

fn unicode_escape(bytes: &[u8]) -> (Option<char>, usize) {
    let Some(first) = hex4(bytes, 2) else { return (None, 1) };
    let pair = match (first, bytes.get(6), bytes.get(7)) {
        (0xD800..0xDC00, Some(b'\\'), Some(b'u')) => hex4(bytes, 8),
        _ => None,
    };
    if let Some(second @ 0xDC00..0xE000) = pair {
        let joined = 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00);
        return (char::from_u32(joined), 12);
    }
    (Some(char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER)), 6)
}

/// The number that four hexadecimal digits from `at` spell.
pub(super) fn hex4(bytes: &[u8], at: usize) -> Option<u32> {
    let digits = bytes.get(at..at + 4)?;
    digits.iter().try_fold(0, |number, &digit| Some(number * 16 + char::from(digit).to_digit(16)?))
}

/// The characters of a JSON text outside the white space between its tokens.
pub fn dense(text: &str) -> impl Iterator<Item = char> {
    let (mut in_string, mut escaped) = (false, false);
    text.chars().filter(move |&character| {
        let counts = in_string || !matches!(character, ' ' | '\t' | '\n' | '\r');
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = in_string,
            '"' => in_string = !in_string,
            _ => {}
        }
        counts
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_lead_back_through_escapes() {
        let source = r#"{"Policy":"{\"a\":\"\u00fcx\"}"}"#;
        let span = Span::new(10, source.len() - 1);
        let inner = unescape(source, span);
        assert_eq!(inner.text, "{\"a\":\"üx\"}");
        let at = inner.text.find("\"a\"").unwrap();
        let outer = inner.map.span(Span::new(at, at + 3));
        assert_eq!(outer.slice(source), r#"\"a\""#);
        let at = inner.text.find('ü').unwrap();
        assert_eq!(inner.map.span(Span::new(at, at + 2)).slice(source), r"\u00fc");
        let end = inner.map.span(Span::at(inner.text.len()));
        assert_eq!(end.start as usize, source.len() - 2);
    }

    #[test]
    fn a_way_back_goes_on_through_another() {
        let file = r#""{\"a\":\"b\\\\c\"}""#;
        let outer = unescape(file, Span::new(0, file.len()));
        assert_eq!(outer.text, r#"{"a":"b\\c"}"#);
        let at = outer.text.find(r#""b"#).unwrap();
        let inner = unescape(&outer.text, Span::new(at, outer.text.len() - 1));
        assert_eq!(inner.text, "b\\c");
        let map = inner.map.through(&outer.map);
        let places = [(0, "b"), (1, r"\\\\"), (2, "c")];
        for (offset, spelling) in places {
            assert_eq!(map.span(Span::new(offset, offset + 1)).slice(file), spelling);
        }
    }

    #[test]
    fn surrogates_pair_or_are_replaced() {
        assert_eq!(unescape(r#""\ud83d\ude00\ud83d""#, Span::new(0, 20)).text, "😀\u{fffd}");
        assert_eq!(unescape(r#""\q\u12""#, Span::new(0, 8)).text, r"\q\u12");
    }
}
