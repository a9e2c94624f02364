//! Going on after a mistake, so that the rest of a text is looked at as well.

use super::{Frame, Next, Parser, State, error};
use crate::parse::lexer;
use crate::parse::problems::ProblemKind;
use crate::parse::tree::{Member, Node};

impl Parser<'_> {
    /// The closing bracket at the cursor does not fit the innermost one. If it closes an outer
    /// bracket, those between were forgotten and end at `end`; else it is one too many.
    pub(super) fn wrong_close(&mut self, bracket: u8, end: usize) -> Next {
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
    pub(super) fn settle_key(&mut self, end: usize) {
        if let Some(Frame::Object { key, members, .. }) = self.stack.last_mut()
            && let Some(key) = key.take()
        {
            let end = end.max(key.span.end as usize);
            members.push(Member { key, value: error(end, end) });
        }
    }

    pub(super) fn report_unclosed(&mut self) {
        if let Some(Frame::Array { start, .. } | Frame::Object { start, .. }) = self.stack.last() {
            let start = *start;
            self.report(ProblemKind::UnclosedBracket, start, start + 1);
        }
    }

    /// The text ended: everything open ends with it.
    pub(super) fn end_of_text(&mut self) -> Node {
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
    pub(super) fn last_end(&self) -> usize {
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

    pub(super) fn missing_value(&mut self) -> Next {
        self.report(ProblemKind::MissingValue, self.at, self.at);
        self.complete(error(self.at, self.at))
    }

    /// Skips what is no value and keeps its place.
    ///
    /// It ends where a value could: what somebody forgot to quote is one mistake, colons, slashes,
    /// blanks and all.
    pub(super) fn junk(&mut self, kind: ProblemKind) -> Next {
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
    pub(super) fn junk_end(&self, start: usize) -> usize {
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

    pub(super) fn bad_word(&self, start: usize) -> ProblemKind {
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

    /// Skips a value that is nested too deep, bracket by bracket.
    pub(super) fn skip_deep(&mut self) {
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
}
