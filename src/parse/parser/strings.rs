//! Strings: a quick scan for those that are well, a second look for the others.

use super::Parser;
use crate::parse::lexer;
use crate::parse::problems::ProblemKind;
use crate::parse::text::hex4;
use crate::span::Span;

impl Parser<'_> {
    /// The string at the cursor: its span, and whether it is escaped.
    pub(super) fn string(&mut self) -> (Span, bool) {
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
    pub(super) fn inspect(&mut self, start: usize, end: usize) {
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
    pub(super) fn inspect_unicode(&mut self, at: usize) -> usize {
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
}
