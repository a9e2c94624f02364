//! The parser: strict in what it calls right, patient in going on after a mistake.
//!
//! It keeps its own stack, so no depth of brackets can overflow the program's.

mod duplicates;
mod recovery;
mod strings;

use super::lexer;
use super::problems::{Problem, ProblemKind};
use super::tree::{Key, Member, Node, Value};
use crate::span::Span;

/// How many brackets may be open at once. A policy needs seven, a template a few dozen.
pub const MAX_DEPTH: usize = 512;

/// How many problems are listed for one text; a last one says that there are more.
pub const MAX_PROBLEMS: usize = 200;

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
    Parsed { tree, problems: without_consequences(text, problems) }
}

/// One problem for a line with an odd number of quotation marks: what is read after it is not what was meant, so the
/// problems found there say nothing. Brackets that are never closed are among them.
fn without_consequences(text: &str, problems: Vec<Problem>) -> Vec<Problem> {
    let unclosed = problems.iter().find(|problem| problem.kind == ProblemKind::UnclosedString);
    let Some(unclosed) = unclosed.map(|problem| problem.span) else { return problems };
    let before = text.get(..unclosed.start as usize).unwrap_or_default();
    let line = before.rfind('\n').map_or(0, |at| at + 1);
    let in_line = |problem: &Problem| problem.span.start as usize >= line;
    let mut kept: Vec<Problem> = problems
        .iter()
        .filter(|problem| !in_line(problem) && problem.kind != ProblemKind::UnclosedBracket)
        .cloned()
        .collect();
    let first = problems
        .iter()
        .find(|problem| in_line(problem) && problem.kind != ProblemKind::UnclosedBracket)
        .map_or(unclosed, |problem| problem.span);
    let kind = if first == unclosed { ProblemKind::UnclosedString } else { ProblemKind::OddQuotes };
    kept.push(Problem { span: first, kind });
    kept
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
                Node { span: Span::new(start, end), value: Value::Object(members.into()) }
            }
            None => error(end, end),
        };
        self.complete(node)
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
