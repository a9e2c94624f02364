//! A text with a name, and the lines and columns in it that a person counts.

use std::sync::OnceLock;

use crate::span::Span;

/// A text and the name under which a person knows it.
#[derive(Debug)]
pub struct Source {
    name: String,
    text: String,
    line_starts: OnceLock<Vec<u32>>,
    /// How many characters there are before each block of the text.
    characters: OnceLock<Vec<u32>>,
}

/// Bytes in a block.
const BLOCK: usize = 1_024;

/// A place as people and editors count it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Position {
    /// Line, from 1.
    pub line: usize,
    /// Column in Unicode scalar values, from 1.
    pub column: usize,
    /// Byte offset, from 0.
    pub offset: usize,
}

impl Source {
    /// A source called `name` (a path, or `-` for standard input).
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        Source {
            name: name.into(),
            text: text.into(),
            line_starts: OnceLock::new(),
            characters: OnceLock::new(),
        }
    }

    /// The name, as given.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Line and column of a byte offset. An offset past the end is the end; one inside a character
    /// is the start of that character.
    pub fn position(&self, offset: usize) -> Position {
        let mut offset = offset.min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let starts = self.line_starts.get_or_init(|| line_starts(&self.text));
        let line = starts.partition_point(|&start| start as usize <= offset);
        let start = starts.get(line.saturating_sub(1)).map_or(0, |&start| start as usize);
        let column = self.characters(offset) - self.characters(start.min(offset)) + 1;
        Position { line: line.max(1), column, offset }
    }

    /// How many characters there are before a byte. A file can be one line of megabytes, with a thousand places of
    /// which the column is wanted.
    fn characters(&self, offset: usize) -> usize {
        let starts = |bytes: &[u8]| bytes.iter().filter(|&&byte| byte & 0xC0 != 0x80).count();
        let bytes = self.text.as_bytes();
        let before = self.characters.get_or_init(|| {
            let blocks = bytes.chunks(BLOCK).scan(0, |sum, block| {
                *sum += u32::try_from(starts(block)).unwrap_or(u32::MAX);
                Some(*sum)
            });
            std::iter::once(0).chain(blocks).collect()
        });
        let block = offset / BLOCK;
        before.get(block).map_or(0, |&before| before as usize) + starts(&bytes[block * BLOCK..offset])
    }

    /// `line:column` of where a span starts.
    pub fn place(&self, span: Span) -> String {
        let position = self.position(span.start as usize);
        format!("{}:{}", position.line, position.column)
    }
}

fn line_starts(text: &str) -> Vec<u32> {
    let newlines = text.bytes().enumerate().filter(|&(_, byte)| byte == b'\n');
    std::iter::once(0).chain(newlines.map(|(at, _)| Span::at(at + 1).start)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_not_bytes() {
        let source = Source::new("x", "a\r\nü\"x\"\n");
        let at = source.text().find("\"x").unwrap();
        assert_eq!(source.position(at), Position { line: 2, column: 2, offset: at });
        assert_eq!(source.position(4).column, 1, "inside a character is its start");
        assert_eq!(source.position(9999).line, 3);
        let long = Source::new("x", "aü\n".repeat(10) + &"ü".repeat(3_000) + "\nb");
        for offset in (0..long.text().len()).filter(|&offset| long.text().is_char_boundary(offset)) {
            let before = &long.text()[..offset];
            let line = before.rsplit('\n').next().unwrap();
            assert_eq!(long.position(offset).column, line.chars().count() + 1, "{offset}");
        }
    }
}
