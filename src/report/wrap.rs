//! Words in lines of at most so many characters.

use super::style::{Role, Style};

/// The widest line of a report where the width of the terminal is not known, or is greater.
pub(crate) const WIDTH: usize = 100;

/// `text`, cleaned, in lines of at most `width` characters, broken at spaces. A word that is longer stays
/// whole, so that what is to be copied can be.
pub(crate) fn wrap(text: &str, width: usize) -> Vec<String> {
    let text = super::style::clean(text);
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut length = 0;
    for word in text.split(' ') {
        let word_length = word.chars().count();
        if length > 0 && length + 1 + word_length > width {
            lines.push(std::mem::take(&mut line));
            length = 0;
        } else if length > 0 {
            line.push(' ');
            length += 1;
        }
        line.push_str(word);
        length += word_length;
    }
    lines.push(line);
    lines
}

/// A text behind a lead that takes `width` columns, wrapped with its lines one below the other.
pub(crate) fn hanging(lead: &str, width: usize, text: &str, style: Style, role: Option<Role>) -> String {
    let lines = wrap(text, style.width.saturating_sub(width));
    let painted = lines.iter().map(|line| role.map_or_else(|| line.clone(), |role| style.paint(role, line)));
    let joined = painted.collect::<Vec<_>>().join(&format!("\n{}", " ".repeat(width)));
    format!("{lead}{joined}\n")
}

/// A count with its noun: `1 error`, `2 errors`.
pub(crate) fn count(number: usize, noun: &str) -> String {
    let number_text = crate::policy::quota::with_commas(number);
    match (number, noun.strip_suffix('y')) {
        (1, _) => format!("{number_text} {noun}"),
        _ if noun.ends_with('x') => format!("{number_text} {noun}es"),
        (_, Some(stem)) => format!("{number_text} {stem}ies"),
        (_, None) => format!("{number_text} {noun}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stay_whole() {
        assert_eq!(wrap("a bb ccc", 4), ["a bb", "ccc"]);
        assert_eq!(wrap("abcdef gh", 3), ["abcdef", "gh"]);
        assert_eq!(wrap("", 3), [""]);
        assert_eq!(wrap("a\nb", 9), ["a?b"]);
    }

    #[test]
    fn counts() {
        assert_eq!(count(1, "policy"), "1 policy");
        assert_eq!(count(0, "policy"), "0 policies");
        assert_eq!(count(2, "fix"), "2 fixes");
        assert_eq!(count(1200, "error"), "1,200 errors");
    }
}
