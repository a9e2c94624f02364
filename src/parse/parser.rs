//! The parser: strict in what it calls right, patient in going on after a mistake.
//!
//! It keeps its own stack, so no depth of brackets can overflow the program's.

use std::collections::HashMap;

use super::lexer;
use super::problems::{Problem, ProblemKind};
use super::text::hex4;
use super::tree::{Key, Member, Node, Value};
use crate::span::Span;

/// How many brackets may be open at once. A policy needs seven, a template a few dozen.
pub const MAX_DEPTH: usize = 512;

/// How many problems are listed for one text; a last one says that there are more.
pub const MAX_PROBLEMS: usize = 200;

/// Objects with fewer members than this are searched for repeated names pair by pair, which is
/// quicker than making a table.
const SMALL_OBJECT: usize = 10;

/// A tree and what is wrong with the text it was made from.
#[derive(Clone, Debug)]
pub struct Parsed {
    /// The document; [`Value::Error`] where there is none.
    pub tree: Node,
    /// What is wrong, in the order of the text. Empty if the text is JSON as RFC 8259 has it, no
    /// object repeats a name and no escape is half a surrogate pair.
    pub problems: Vec<Problem>,
}

/// Parses a JSON text. Any text gives a tree.
pub fn parse(text: &str) -> Parsed {
    let mut parser = Parser { text, bytes: text.as_bytes(), at: 0, stack: Vec::new(), problems: Vec::new() };
    if u32::try_from(text.len()).is_err() {
        parser.report(ProblemKind::TooLong, 0, 0);
        return Parsed { tree: error(0, 0), problems: parser.problems };
    }
    let tree = parser.document();
    let mut problems = parser.problems;
    problems.sort_by_key(|problem| problem.span);
    Parsed { tree, problems }
}

struct Parser<'t> {
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
    stack: Vec<Frame>,
    problems: Vec<Problem>,
}

/// A bracket that is open.
enum Frame {
    Array { start: usize, items: Vec<Node> },
    Object { start: usize, members: Vec<Member>, key: Option<Key> },
}

/// What may come next.
#[derive(Clone, Copy)]
enum State {
    /// A value; after an opening bracket it may be the closing one instead. `comma` is where the
    /// comma before it stands, if there was one.
    Value {
        first: bool,
        comma: Option<usize>,
    },
    /// A member's name, likewise.
    Name {
        first: bool,
        comma: Option<usize>,
    },
    Colon,
    /// A comma or the closing bracket; `end` is where the value before it ended.
    CommaOrClose {
        end: usize,
    },
}

/// What a step led to.
enum Next {
    Go(State),
    Done(Node),
}

impl Parser<'_> {
    fn document(&mut self) -> Node {
        if self.text.starts_with('\u{feff}') {
            self.report(ProblemKind::ByteOrderMark, 0, 3);
            self.at = 3;
        }
        self.skip();
        if self.at == self.bytes.len() {
            self.report(ProblemKind::Empty, self.at, self.at);
            return error(self.at, self.at);
        }
        let mut state = State::Value { first: false, comma: None };
        let tree = loop {
            self.skip();
            let next = match self.bytes.get(self.at) {
                None => break self.end_of_text(),
                Some(&byte) => match state {
                    State::Value { first, comma } => self.value(byte, first, comma),
                    State::Name { first, comma } => self.name(byte, first, comma),
                    State::Colon => self.colon(byte),
                    State::CommaOrClose { end } => self.comma_or_close(byte, end),
                },
            };
            match next {
                Next::Go(next) => state = next,
                Next::Done(tree) => break tree,
            }
        };
        self.skip();
        if self.at < self.bytes.len() {
            self.report(ProblemKind::TrailingText, self.at, self.text.trim_end().len());
        }
        tree
    }

    fn value(&mut self, byte: u8, first: bool, comma: Option<usize>) -> Next {
        let start = self.at;
        match byte {
            b'"' => {
                let (span, escaped) = self.string();
                self.complete(Node { span, value: Value::String { escaped } })
            }
            b'{' | b'[' if self.stack.len() == MAX_DEPTH => {
                self.skip_deep();
                self.complete(error(start, self.at))
            }
            b'{' => {
                self.at += 1;
                self.stack.push(Frame::Object { start, members: Vec::new(), key: None });
                Next::Go(State::Name { first: true, comma: None })
            }
            b'[' => {
                self.at += 1;
                self.stack.push(Frame::Array { start, items: Vec::new() });
                Next::Go(State::Value { first: true, comma: None })
            }
            b'-' | b'0'..=b'9' => match lexer::number(self.bytes, start) {
                Some(end) => {
                    self.at = end;
                    self.complete(Node { span: Span::new(start, end), value: Value::Number })
                }
                None => self.junk(ProblemKind::BadNumber),
            },
            b']' if self.in_array() && (first || comma.is_some()) => self.close(comma),
            b'}' | b']' if !self.stack.is_empty() && !self.in_array() => self.missing_value(),
            b'}' | b']' => self.wrong_close(byte, start),
            b',' if !self.stack.is_empty() && !self.in_array() => self.missing_value(),
            b',' => {
                self.at += 1;
                self.report(ProblemKind::ExtraComma, start, self.at);
                Next::Go(State::Value { first, comma })
            }
            _ => {
                let end = lexer::junk(self.text, start);
                let value = match &self.text[start..end] {
                    "null" => Value::Null,
                    "true" => Value::Bool(true),
                    "false" => Value::Bool(false),
                    _ => return self.junk(self.bad_word(start)),
                };
                self.at = end;
                self.complete(Node { span: Span::new(start, end), value })
            }
        }
    }

    fn name(&mut self, byte: u8, first: bool, comma: Option<usize>) -> Next {
        let start = self.at;
        match byte {
            b'"' => {
                let (span, escaped) = self.string();
                self.set_key(Key { span, escaped });
                Next::Go(State::Colon)
            }
            b'}' if first || comma.is_some() => self.close(comma),
            b']' | b'}' => self.wrong_close(byte, start),
            b',' => {
                self.at += 1;
                self.report(ProblemKind::ExtraComma, start, self.at);
                Next::Go(State::Name { first, comma })
            }
            b'{' | b'[' => {
                // A value without a name, most often a brace too many: take it in under no name.
                self.report(ProblemKind::BadName, start, start + 1);
                self.set_key(Key { span: Span::at(start), escaped: false });
                Next::Go(State::Value { first: false, comma: None })
            }
            _ => {
                let kind = match self.bad_word(start) {
                    ProblemKind::BadWord | ProblemKind::BadCharacter => ProblemKind::BadName,
                    other => other,
                };
                let ellipsis = kind == ProblemKind::Ellipsis;
                self.at = self.junk_end(start);
                self.report(kind, start, self.at);
                if ellipsis {
                    return Next::Go(State::CommaOrClose { end: self.at });
                }
                self.set_key(Key { span: Span::new(start, self.at), escaped: false });
                Next::Go(State::Colon)
            }
        }
    }

    fn colon(&mut self, byte: u8) -> Next {
        if byte == b':' {
            self.at += 1;
        } else {
            let end = match self.stack.last() {
                Some(Frame::Object { key: Some(key), .. }) => key.span.end as usize,
                _ => self.at,
            };
            self.report(ProblemKind::MissingColon, end, end);
            if matches!(byte, b',' | b'}' | b']') {
                return self.complete(error(end, end));
            }
        }
        Next::Go(State::Value { first: false, comma: None })
    }

    fn comma_or_close(&mut self, byte: u8, end: usize) -> Next {
        let in_array = self.in_array();
        match byte {
            b',' => {
                let comma = Some(self.at);
                self.at += 1;
                Next::Go(self.item(false, comma))
            }
            b']' if in_array => self.close(None),
            b'}' if !in_array => self.close(None),
            b']' | b'}' => self.wrong_close(byte, end),
            b':' | b'=' => {
                let start = self.at;
                self.at += 1;
                self.report(ProblemKind::BadCharacter, start, self.at);
                Next::Go(State::CommaOrClose { end })
            }
            _ => {
                self.report(ProblemKind::MissingComma, end, end);
                Next::Go(self.item(false, None))
            }
        }
    }

    /// The state in which the innermost bracket takes its next item.
    fn item(&self, first: bool, comma: Option<usize>) -> State {
        match self.in_array() {
            true => State::Value { first, comma },
            false => State::Name { first, comma },
        }
    }

    fn in_array(&self) -> bool {
        matches!(self.stack.last(), Some(Frame::Array { .. }))
    }

    fn set_key(&mut self, new: Key) {
        if let Some(Frame::Object { key, .. }) = self.stack.last_mut() {
            *key = Some(new);
        }
    }

    /// Puts a finished value where it belongs.
    fn complete(&mut self, node: Node) -> Next {
        let end = node.span.end as usize;
        match self.stack.last_mut() {
            None => return Next::Done(node),
            Some(Frame::Array { items, .. }) => items.push(node),
            Some(Frame::Object { members, key, .. }) => {
                let key =
                    key.take().unwrap_or(Key { span: Span::at(node.span.start as usize), escaped: false });
                members.push(Member { key, value: node });
            }
        }
        Next::Go(State::CommaOrClose { end })
    }

    /// The bracket at the cursor closes the innermost one.
    fn close(&mut self, comma: Option<usize>) -> Next {
        if let Some(comma) = comma {
            self.report(ProblemKind::TrailingComma, comma, comma + 1);
        }
        self.at += 1;
        self.pop(self.at)
    }

    /// Closes the innermost bracket at `end`.
    fn pop(&mut self, end: usize) -> Next {
        let node = match self.stack.pop() {
            Some(Frame::Array { start, items }) => {
                Node { span: Span::new(start, end), value: Value::Array(items) }
            }
            Some(Frame::Object { start, members, .. }) => {
                self.find_duplicates(&members);
                Node { span: Span::new(start, end), value: Value::Object(members) }
            }
            None => error(end, end),
        };
        self.complete(node)
    }

    /// The closing bracket at the cursor does not fit the innermost one. If it closes an outer
    /// bracket, those between were forgotten and end at `end`; else it is one too many.
    fn wrong_close(&mut self, bracket: u8, end: usize) -> Next {
        let fits = |frame: &Frame| match frame {
            Frame::Array { .. } => bracket == b']',
            Frame::Object { .. } => bracket == b'}',
        };
        if !self.stack.iter().any(fits) {
            let start = self.at;
            self.at += 1;
            self.report(ProblemKind::StrayBracket, start, self.at);
            return match self.stack.is_empty() {
                true => Next::Done(error(start, self.at)),
                false => Next::Go(State::CommaOrClose { end }),
            };
        }
        while self.stack.last().is_some_and(|frame| !fits(frame)) {
            self.report_unclosed();
            self.settle_key(end);
            if let Next::Done(node) = self.pop(end) {
                return Next::Done(node);
            }
        }
        self.settle_key(end);
        self.at += 1;
        self.pop(self.at)
    }

    /// A name that got no value before its object ended gets an empty one.
    fn settle_key(&mut self, end: usize) {
        if let Some(Frame::Object { key, members, .. }) = self.stack.last_mut()
            && let Some(key) = key.take()
        {
            let end = end.max(key.span.end as usize);
            members.push(Member { key, value: error(end, end) });
        }
    }

    fn report_unclosed(&mut self) {
        if let Some(Frame::Array { start, .. } | Frame::Object { start, .. }) = self.stack.last() {
            let start = *start;
            self.report(ProblemKind::UnclosedBracket, start, start + 1);
        }
    }

    /// The text ended: everything open ends with it.
    fn end_of_text(&mut self) -> Node {
        let end = self.text.trim_end().len().max(self.last_end());
        loop {
            if self.stack.is_empty() {
                self.report(ProblemKind::MissingValue, end, end);
                return error(end, end);
            }
            self.report_unclosed();
            self.settle_key(end);
            if let Next::Done(node) = self.pop(end) {
                return node;
            }
        }
    }

    /// Where what is already in the tree ends, so that no bracket ends before its contents.
    fn last_end(&self) -> usize {
        match self.stack.last() {
            Some(Frame::Array { start, items }) => {
                items.last().map_or(*start + 1, |item| item.span.end as usize)
            }
            Some(Frame::Object { start, members, key }) => match (key, members.last()) {
                (Some(key), _) => key.span.end as usize,
                (None, Some(member)) => member.value.span.end as usize,
                (None, None) => *start + 1,
            },
            None => 0,
        }
    }

    fn missing_value(&mut self) -> Next {
        self.report(ProblemKind::MissingValue, self.at, self.at);
        self.complete(error(self.at, self.at))
    }

    /// Skips what is no value and keeps its place.
    ///
    /// It ends where a value could: what somebody forgot to quote is one mistake, colons, slashes,
    /// blanks and all.
    fn junk(&mut self, kind: ProblemKind) -> Next {
        let start = self.at;
        self.at = self.junk_end(start);
        if matches!(kind, ProblemKind::BadWord | ProblemKind::BadCharacter | ProblemKind::Ellipsis) {
            let more = self.text[self.at..].find([',', ']', '}', '[', '{', '"', '\n']);
            let end = more.map_or(self.bytes.len(), |more| self.at + more);
            self.at += self.text[self.at..end].trim_end().len();
        }
        self.report(kind, start, self.at);
        self.complete(error(start, self.at))
    }

    /// Where the junk at `start` ends; a string in the wrong quotes ends at its closing quote if
    /// that is on the same line.
    fn junk_end(&self, start: usize) -> usize {
        let rest = &self.text[start..];
        let close = match rest.chars().next() {
            Some('\'') => '\'',
            Some('\u{201c}' | '\u{201d}') => '\u{201d}',
            _ => return lexer::junk(self.text, start),
        };
        let line = rest.split('\n').next().unwrap_or(rest);
        let opening = rest.chars().next().map_or(1, char::len_utf8);
        match line[opening..].find([close, '\u{201c}']) {
            Some(at) => start + opening + at + rest[opening + at..].chars().next().map_or(1, char::len_utf8),
            None => start + opening,
        }
    }

    fn bad_word(&self, start: usize) -> ProblemKind {
        let rest = &self.text[start..];
        match rest.chars().next() {
            _ if rest.starts_with("...") || rest.starts_with('\u{2026}') => ProblemKind::Ellipsis,
            Some('\'' | '\u{201c}' | '\u{201d}' | '\u{2018}' | '\u{2019}') => ProblemKind::BadQuote,
            Some('+' | '.') => ProblemKind::BadNumber,
            Some(character) if character.is_alphanumeric() || "_$".contains(character) => {
                ProblemKind::BadWord
            }
            _ => ProblemKind::BadCharacter,
        }
    }

    /// The string at the cursor: its span, and whether it is escaped.
    fn string(&mut self) -> (Span, bool) {
        let start = self.at;
        let scanned = lexer::string(self.bytes, start);
        self.at = scanned.end;
        if scanned.suspicious {
            self.inspect(start + 1, scanned.end);
        }
        if !scanned.closed {
            self.report(ProblemKind::UnclosedString, start, scanned.end);
        }
        (Span::new(start, scanned.end), scanned.escaped)
    }

    /// Reports what is wrong inside a string. Strings that are well cost no second look.
    fn inspect(&mut self, start: usize, end: usize) {
        let mut at = start;
        while at < end {
            match self.bytes[at] {
                b'\\' => {
                    let length = match self.bytes.get(at + 1) {
                        Some(b'u') => self.inspect_unicode(at),
                        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => 2,
                        _ => {
                            let next = self.text.get(at + 1..end).and_then(|rest| rest.chars().next());
                            self.report(ProblemKind::BadEscape, at, at + 1 + next.map_or(0, char::len_utf8));
                            1
                        }
                    };
                    at += length;
                }
                0..0x20 => {
                    self.report(ProblemKind::ControlCharacter, at, at + 1);
                    at += 1;
                }
                _ => at += 1,
            }
        }
    }

    /// Looks at the `\u` escape at `at` and gives its length.
    fn inspect_unicode(&mut self, at: usize) -> usize {
        let Some(unit) = hex4(self.bytes, at + 2) else {
            self.report(ProblemKind::BadEscape, at, at + 2);
            return 2;
        };
        if !lexer::is_surrogate(unit) {
            return 6;
        }
        let follows = self.bytes.get(at + 6..at + 8) == Some(b"\\u");
        match follows.then(|| hex4(self.bytes, at + 8)).flatten() {
            Some(0xDC00..0xE000) if unit < 0xDC00 => 12,
            _ => {
                self.report(ProblemKind::LoneSurrogate, at, at + 6);
                6
            }
        }
    }

    /// White space, and comments, which are reported.
    fn skip(&mut self) {
        loop {
            self.at = lexer::white_space(self.bytes, self.at);
            if !matches!(self.bytes.get(self.at), Some(b'/' | b'#')) {
                return;
            }
            let Some(end) = lexer::comment(self.bytes, self.at) else { return };
            self.report(ProblemKind::Comment, self.at, end);
            self.at = end;
        }
    }

    /// Skips a value that is nested too deep, bracket by bracket.
    fn skip_deep(&mut self) {
        self.report(ProblemKind::TooDeep, self.at, self.at + 1);
        let mut depth = 0_usize;
        while let Some(&byte) = self.bytes.get(self.at) {
            match byte {
                b'"' => {
                    self.at = lexer::string(self.bytes, self.at).end;
                    continue;
                }
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth -= 1,
                _ => {}
            }
            self.at += 1;
            if depth == 0 {
                return;
            }
        }
    }

    fn find_duplicates(&mut self, members: &[Member]) {
        if members.len() < SMALL_OBJECT {
            for (index, member) in members.iter().enumerate().skip(1) {
                let name = member.key.text(self.text);
                let first = members[..index].iter().find(|other| other.key.text(self.text) == name);
                if let Some(first) = first {
                    self.report_duplicate(first.key.span, member.key.span);
                }
            }
            return;
        }
        let mut seen = HashMap::with_capacity(members.len());
        for member in members {
            let name = member.key.text(self.text);
            match seen.entry(name) {
                std::collections::hash_map::Entry::Vacant(entry) => {
                    entry.insert(member.key.span);
                }
                std::collections::hash_map::Entry::Occupied(entry) => {
                    let first = *entry.get();
                    self.report_duplicate(first, member.key.span);
                }
            }
        }
    }

    fn report_duplicate(&mut self, first: Span, span: Span) {
        // Names that were themselves reported as missing are empty and alike.
        if !span.is_empty() {
            self.push(Problem { span, kind: ProblemKind::DuplicateMember { first } });
        }
    }

    fn report(&mut self, kind: ProblemKind, start: usize, end: usize) {
        self.push(Problem { span: Span::new(start, end), kind });
    }

    fn push(&mut self, problem: Problem) {
        match self.problems.len() {
            0..MAX_PROBLEMS => self.problems.push(problem),
            MAX_PROBLEMS => self.problems.push(Problem { kind: ProblemKind::More, ..problem }),
            _ => {}
        }
    }
}

fn error(start: usize, end: usize) -> Node {
    Node { span: Span::new(start, end), value: Value::Error }
}
