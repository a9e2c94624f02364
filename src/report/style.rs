//! How words are set off on a terminal, and how the user's text is kept from acting on it.
//!
//! Colour never carries meaning alone: whatever is coloured also has a sign or a word.

use anstyle::{AnsiColor, Style as Ansi};

use crate::diagnostic::Severity;

/// What a stream can show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Style {
    /// Whether colour and weight may be used.
    pub color: bool,
    /// Whether more than ASCII can be shown.
    pub unicode: bool,
}

/// A part that a piece of text plays. Each has one look everywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// An error, or text taken away.
    Bad,
    /// A warning, or access added: more access is not good in itself.
    Careful,
    /// Text added, done, proved.
    Good,
    /// Places, line numbers, hunk headers.
    Place,
    /// Titles and the closing line.
    Strong,
    /// A title in the colour of an error.
    StrongBad,
    /// A title in the colour of a warning.
    StrongCareful,
    /// Context, examples, helps.
    Dim,
    /// The part of a removed line that changed.
    BadChange,
    /// The part of an added line that changed.
    GoodChange,
}

impl Style {
    /// `text` in its look. The text is cleaned: see [`clean`].
    pub fn paint(self, role: Role, text: &str) -> String {
        let text = clean(text);
        if !self.color || text.is_empty() {
            return text;
        }
        let color = |color: AnsiColor| Ansi::new().fg_color(Some(color.into()));
        let style = match role {
            Role::Bad => color(AnsiColor::Red),
            Role::Careful => color(AnsiColor::Yellow),
            Role::Good => color(AnsiColor::Green),
            Role::Place => color(AnsiColor::Cyan),
            Role::Strong => Ansi::new().bold(),
            Role::StrongBad => color(AnsiColor::Red).bold(),
            Role::StrongCareful => color(AnsiColor::Yellow).bold(),
            Role::Dim => Ansi::new().dimmed(),
            Role::BadChange => color(AnsiColor::Red).invert(),
            Role::GoodChange => color(AnsiColor::Green).invert(),
        };
        format!("{style}{text}{style:#}")
    }

    /// A finished report in what the stream can show: without UTF-8, signs become ASCII and other
    /// characters their code points.
    pub fn finish(self, text: &str) -> String {
        if self.unicode || text.is_ascii() {
            return text.to_owned();
        }
        let mut out = String::with_capacity(text.len());
        for character in text.chars() {
            match character {
                _ if character.is_ascii() => out.push(character),
                '·' => out.push(','),
                '→' => out.push_str("->"),
                '…' => out.push_str("..."),
                other => out.push_str(&format!("\\u{{{:x}}}", u32::from(other))),
            }
        }
        out
    }
}

/// The look of a level's name.
pub fn level_role(severity: Severity) -> Role {
    match severity {
        Severity::Error => Role::Bad,
        Severity::Warning => Role::Careful,
        Severity::Note => Role::Dim,
    }
}

/// Text from an input, safe to show: every control character (but tab and line feed), bidi control
/// and other invisible sign is replaced, so that nothing in a policy can act on the terminal or
/// reorder what a person reads. Offsets of what follows stay as they are: a replacement is as many bytes long.
pub fn clean(text: &str) -> String {
    if !text.chars().any(is_unsafe) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match (is_unsafe(character), character.len_utf8()) {
            (false, _) => out.push(character),
            (true, 3) => out.push(char::REPLACEMENT_CHARACTER),
            (true, length) => out.extend(std::iter::repeat_n('?', length)),
        }
    }
    out
}

/// Whether a character acts on a terminal instead of being shown.
pub fn is_unsafe(character: char) -> bool {
    match character {
        '\t' | '\n' => false,
        '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' => true,
        '\u{061c}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}' => true,
        other => other.is_control(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_from_an_input_acts_on_the_terminal() {
        let text = "a\u{1b}[31mb\u{202e}c\u{9b}d\u{e0041}\te\r\n";
        let cleaned = clean(text);
        assert_eq!(cleaned, "a?[31mb\u{fffd}c??d????\te?\n");
        assert_eq!(cleaned.len(), text.len());
        let plain = Style { color: false, unicode: true };
        assert_eq!(plain.paint(Role::Bad, "\u{1b}x"), "?x");
    }

    #[test]
    fn ascii_where_there_is_no_utf8() {
        assert_eq!(Style::default().finish("a · b → c… é"), "a , b -> c... \\u{e9}");
    }
}
