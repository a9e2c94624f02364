//! How words are set off on a terminal, and how the user's text is kept from acting on it.
//!
//! Colour never carries meaning alone: whatever is coloured also has a sign or a word.

use anstyle::{AnsiColor, Style as Ansi};

use super::wrap::WIDTH;
use crate::diagnostic::Severity;
use crate::invisible::is_unsafe;

/// What a stream can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Whether colour and weight may be used.
    pub color: bool,
    /// Whether more than ASCII can be shown.
    pub unicode: bool,
    /// The widest line of a report, in characters. The text of a policy in a diff is not held to it.
    pub width: usize,
}

impl Default for Style {
    fn default() -> Self {
        Style { color: false, unicode: false, width: WIDTH }
    }
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
        let text = &self.only_ours(text);
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

impl Style {
    /// What is left of a report when all is taken out that acts on a terminal and is not ours: [`clean`] has done so
    /// for each text from an input, and this is for the one that was forgotten.
    fn only_ours(self, text: &str) -> String {
        if !text.contains(is_unsafe) {
            return text.to_owned();
        }
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(character) = rest.chars().next() {
            let look = rest.strip_prefix("\u{1b}[").filter(|_| self.color).and_then(|rest| {
                let end = rest.find(|letter: char| letter != ';' && !letter.is_ascii_digit())?;
                rest[end..].starts_with('m').then_some(end + 3)
            });
            let length = look.unwrap_or(character.len_utf8());
            let ends_line = character == '\r' && rest.starts_with("\r\n");
            if look.is_some() || ends_line || !is_unsafe(character) {
                out.push_str(&rest[..length]);
            }
            rest = &rest[length..];
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

/// Text from an input, safe to show on one line: every control character, line feed and tab among them, bidi control
/// and other invisible sign is replaced, and so is what continuous integration takes as a command, so that nothing in
/// a policy can act on the terminal or a log, reorder what a person reads, or pass for a line of ours. Offsets of what
/// follows stay as they are: a replacement is as many bytes long.
pub fn clean(text: &str) -> String {
    if text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        return disarmed(text.to_owned());
    }
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match (is_unsafe(character) || matches!(character, '\t' | '\n'), character.len_utf8()) {
            (false, _) => out.push(character),
            (true, 3) => out.push(char::REPLACEMENT_CHARACTER),
            (true, length) => out.extend(std::iter::repeat_n('?', length)),
        }
    }
    disarmed(out)
}

/// The longest line of an error that is shown whole, in bytes.
const LONGEST: usize = 2_000;

/// A line of an error without its middle, where it quotes so much of an input that no one would read it.
pub fn shortened(text: String) -> String {
    shortened_to(LONGEST, text)
}

/// A text without its middle, if it is longer than so many bytes.
pub fn shortened_to(most: usize, text: String) -> String {
    if text.len() <= most {
        return text;
    }
    let is_boundary = |at: &usize| text.is_char_boundary(*at);
    let start = (0..=most / 3 * 2).rev().find(is_boundary).unwrap_or(0);
    let end = (text.len() - most / 3..=text.len()).find(is_boundary).unwrap_or(text.len());
    format!("{}…{}", &text[..start], &text[end..])
}

/// Text in which nothing is a command of continuous integration: `::name …::` at the start of a line, or of a word
/// that can come to stand there, for GitHub Actions; `##[name]`, `##vso[…]`, `##teamcity[…]` anywhere.
pub(super) fn disarmed(text: String) -> String {
    let marks = starts(&text, "#", |rest| {
        rest.trim_start_matches(|letter: char| letter.is_ascii_alphabetic()).starts_with('[')
    });
    let commands = starts(&text, "::", |rest| {
        let is_name = |letter: char| letter.is_ascii_alphanumeric() || "-_".contains(letter);
        let tail = rest.trim_start_matches(is_name);
        rest.starts_with(is_name) && (tail.starts_with("::") || tail.starts_with(' '))
    });
    let starts_word = |&place: &usize| text[..place].chars().next_back().is_none_or(char::is_whitespace);
    let commands = commands.into_iter().filter(starts_word);
    let places: Vec<usize> =
        marks.into_iter().filter(|&place| text[..place].ends_with('#')).chain(commands).collect();
    let mut out = text;
    for place in places {
        out.replace_range(place..=place, "?");
    }
    out
}

/// Where a mark stands, followed by what passes a test.
fn starts(text: &str, mark: &str, test: impl Fn(&str) -> bool) -> Vec<usize> {
    let places = text.match_indices(mark).map(|(place, _)| place);
    places.filter(|place| test(&text[place + mark.len()..])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_from_an_input_acts_on_the_terminal() {
        let text = "a\u{1b}[31mb\u{202e}c\u{9b}d\u{e0041}\te\r\n";
        let cleaned = clean(text);
        assert_eq!(cleaned, "a?[31mb\u{fffd}c??d?????e??");
        assert_eq!(cleaned.len(), text.len());
        let plain = Style { unicode: true, ..Style::default() };
        assert_eq!(plain.paint(Role::Bad, "\u{1b}x"), "?x");
    }

    #[test]
    fn nothing_from_an_input_is_a_command() {
        let harmless =
            ["arn:aws:iam::111111111111:role/x", "in ::/0 or ::1, ::ffff:192.0.2.1", "# a, ## b", "a::b c::"];
        for text in harmless {
            assert_eq!(clean(text), text);
        }
        assert_eq!(clean("::stop-commands::x"), "?:stop-commands::x");
        assert_eq!(clean("a ::error file=x::y\n::debug::"), "a ?:error file=x::y?::debug::");
        assert_eq!(clean("a##[group]b ##vso[x]###[y]"), "a#?[group]b #?vso[x]##?[y]");
    }

    #[test]
    fn a_long_line_has_no_middle() {
        for text in ["", "é".repeat(1_000).as_str()] {
            assert_eq!(shortened(text.to_owned()), text);
        }
        let long = shortened(format!("a`{}`b", "é".repeat(1_000_000)));
        assert!(
            long.len() < 2_010 && long.starts_with("a`é") && long.contains("é…é") && long.ends_with("é`b")
        );
    }

    #[test]
    fn ascii_where_there_is_no_utf8() {
        assert_eq!(Style::default().finish("a · b → c… é"), "a , b -> c... \\u{e9}");
    }
}
