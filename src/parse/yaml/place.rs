//! Where the characters of a scalar stand, one after the other.

use super::Style;
use crate::span::Span;

/// Goes through the spelling of a scalar while its text is read.
pub(super) struct Place<'s> {
    source: &'s str,
    style: Style,
    at: usize,
    end: usize,
    /// In a block of lines, what each starts with.
    indent: usize,
    line_start: bool,
}

impl<'s> Place<'s> {
    pub(super) fn new(body: Span, style: Style, source: &'s str) -> Self {
        let start = body.start as usize;
        let line = source.get(..start).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
        let quote = usize::from(matches!(style, Style::Single | Style::Double));
        Place {
            source,
            style,
            at: start + quote,
            end: body.end as usize,
            indent: start - line,
            line_start: false,
        }
    }

    /// Where the next character of the text, which is this one, stands.
    pub(super) fn of(&mut self, character: char) -> usize {
        match self.style {
            Style::Literal => self.literal(character),
            Style::Double if self.rest().starts_with('\\') => self.escape(),
            Style::Single if character == '\'' => self.step(2),
            _ => self.folded(character),
        }
    }

    fn rest(&self) -> &'s str {
        self.source.get(self.at..self.end.max(self.at)).unwrap_or("")
    }

    fn step(&mut self, length: usize) -> usize {
        let at = self.at;
        self.at = (at + length).min(self.end.max(at));
        at
    }

    /// A block of lines: each starts behind the indentation of the first.
    fn literal(&mut self, character: char) -> usize {
        if std::mem::take(&mut self.line_start) {
            self.at += self.rest().bytes().take(self.indent).take_while(|&byte| byte == b' ').count();
        }
        if character == '\n' {
            self.line_start = true;
        }
        self.folded(character)
    }

    /// A backslash and what belongs to it. A line break behind one is no character.
    fn escape(&mut self) -> usize {
        while self.rest().starts_with("\\\n") || self.rest().starts_with("\\\r\n") {
            self.at += 1;
            self.at += self.rest().len() - self.rest().trim_start().len();
        }
        let first = |at: usize| self.rest().chars().nth(at).map_or(0, char::len_utf8);
        let length = match self.rest().as_bytes() {
            [b'\\', b'x', ..] => 4,
            [b'\\', b'u', ..] => 6,
            [b'\\', b'U', ..] => 10,
            [b'\\', ..] => 1 + first(1),
            _ => first(0),
        };
        self.step(length)
    }

    /// The character itself, behind white space that is folded away in front of it.
    fn folded(&mut self, character: char) -> usize {
        if character == '\n' {
            self.at += usize::from(self.rest().starts_with("\r\n"));
        }
        let rest = self.rest();
        if !rest.starts_with(character) {
            let space = rest.len() - rest.trim_start().len();
            // Else it is a blank that stands for a line break.
            if !rest.get(space..).is_some_and(|rest| rest.starts_with(character)) {
                return self.at;
            }
            self.at += space;
        }
        self.step(character.len_utf8())
    }
}
