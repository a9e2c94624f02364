//! What can be wrong with a JSON text, in words.

use crate::span::Span;

/// One thing that is wrong with a text, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The place.
    pub span: Span,
    /// What is wrong there.
    pub kind: ProblemKind,
}

/// What is wrong. Each of these makes AWS refuse the document, or read it otherwise than it looks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProblemKind {
    /// Nothing but white space.
    Empty,
    /// A byte-order mark before the document.
    ByteOrderMark,
    /// `//`, `/* */` or `#`.
    Comment,
    /// A comma before a closing bracket.
    TrailingComma,
    /// Two commas in a row, or one before the first item.
    ExtraComma,
    /// Two items or members with no comma between them.
    MissingComma,
    /// A name with no colon behind it.
    MissingColon,
    /// A name with no value.
    MissingValue,
    /// Something other than a string where a member's name belongs.
    BadName,
    /// A bare word.
    BadWord,
    /// `...` for what somebody left out.
    Ellipsis,
    /// A number that JSON does not spell so.
    BadNumber,
    /// A string in single or typographic quotes.
    BadQuote,
    /// A character that starts no value.
    BadCharacter,
    /// A backslash with something behind it that JSON has no escape for.
    BadEscape,
    /// Half of a surrogate pair.
    LoneSurrogate,
    /// A control character in a string.
    ControlCharacter,
    /// A string without its closing quote.
    UnclosedString,
    /// A line with an odd number of quotation marks: what was meant as text is read as structure, and the other way
    /// round.
    OddQuotes,
    /// A bracket that is never closed.
    UnclosedBracket,
    /// A closing bracket that nothing opened.
    StrayBracket,
    /// A second value behind the document.
    TrailingText,
    /// More than [`MAX_DEPTH`](super::MAX_DEPTH) brackets inside each other.
    TooDeep,
    /// The same name twice in one object; where the first one stands.
    DuplicateMember {
        /// The earlier name.
        first: Span,
    },
    /// There is more, but [`MAX_PROBLEMS`](super::MAX_PROBLEMS) are enough.
    More,
    /// The text is longer than 4 GiB.
    TooLong,
    /// The text is not YAML that can be read as JSON; why.
    Yaml(String),
}

impl ProblemKind {
    /// What is wrong, as a title.
    pub fn message(&self) -> &str {
        match self {
            ProblemKind::Empty => "there is no document: the text is empty",
            ProblemKind::ByteOrderMark => "a byte-order mark stands before the document",
            ProblemKind::Comment => "JSON has no comments",
            ProblemKind::TrailingComma => "a comma stands before the closing bracket",
            ProblemKind::ExtraComma => "a comma stands where a value is expected",
            ProblemKind::MissingComma => "a comma is missing",
            ProblemKind::MissingColon => "a colon is missing after the name",
            ProblemKind::MissingValue => "a value is missing",
            ProblemKind::BadName => "a member's name must be a string in double quotes",
            ProblemKind::BadWord => "a word stands here without quotes",
            ProblemKind::Ellipsis => "part of the document is left out",
            ProblemKind::BadNumber => "JSON does not spell a number like this",
            ProblemKind::BadQuote => "only straight double quotes hold a string",
            ProblemKind::BadCharacter => "this character starts no JSON value",
            ProblemKind::BadEscape => "JSON has no such escape",
            ProblemKind::LoneSurrogate => "half of a surrogate pair is no character",
            ProblemKind::ControlCharacter => "a control character must be escaped in a string",
            ProblemKind::UnclosedString => "the string is not closed",
            ProblemKind::OddQuotes => "a quotation mark is missing in this line, or there is one too many",
            ProblemKind::UnclosedBracket => "the bracket is never closed",
            ProblemKind::StrayBracket => "nothing here is open that this bracket would close",
            ProblemKind::TrailingText => "more text stands behind the end of the document",
            ProblemKind::TooDeep => "brackets are nested more than 512 deep",
            ProblemKind::DuplicateMember { .. } => "the same name stands twice in one object",
            ProblemKind::More => "there are more problems; these are the first",
            ProblemKind::TooLong => "the text is longer than 4 GiB",
            ProblemKind::Yaml(why) => why,
        }
    }

    /// What to do, where more is to be said than the title does.
    pub fn help(&self) -> Option<&'static str> {
        Some(match self {
            ProblemKind::ByteOrderMark => "save the file as UTF-8 without a byte-order mark; AWS refuses it",
            ProblemKind::Comment => "take it out; a `Sid` or `Id` can carry a few words",
            ProblemKind::TrailingComma | ProblemKind::ExtraComma => "take the comma out",
            ProblemKind::MissingComma => "put a comma after the value before it",
            ProblemKind::BadWord | ProblemKind::BadName => "put it in double quotes",
            ProblemKind::Ellipsis => "write out what is meant; this is a sample, not a document",
            ProblemKind::BadQuote => "use \" on both sides",
            ProblemKind::BadEscape => "a backslash itself is written \\\\",
            ProblemKind::LoneSurrogate => "write the character itself",
            ProblemKind::UnclosedString => "put a \" where the text ends",
            ProblemKind::OddQuotes => "write \" on both sides of each text, and \\\" inside one",
            ProblemKind::TrailingText => "one file holds one document; for one document a line use --ndjson",
            ProblemKind::DuplicateMember { .. } => {
                "most parsers keep the last one and drop the others without a word; join them or take one out"
            }
            _ => return None,
        })
    }

    /// Whether what follows in the text is likely to be misread.
    pub fn garbles(&self) -> bool {
        matches!(self, ProblemKind::UnclosedString | ProblemKind::OddQuotes)
    }

    /// Whether this is about a repeated name, which has a rule of its own.
    pub fn is_duplicate(&self) -> bool {
        matches!(self, ProblemKind::DuplicateMember { .. })
    }
}
