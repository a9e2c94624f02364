//! How far a name is from one that is known, to say which was meant; how much of a name is repeated; and how a sentence
//! begins.

use std::borrow::Cow;

/// A longer name is none that was misspelt. To compare takes time and memory in the product of the lengths.
const LONGEST: usize = 128;

/// How many letters differ: put in, left out, changed or swapped. Far for a name that is too long to be meant.
pub fn distance(known: &str, name: &str) -> usize {
    if known.len().max(name.len()) > LONGEST { usize::MAX } else { strsim::damerau_levenshtein(known, name) }
}

/// How many characters of a name are repeated in each finding. No name that AWS takes is as long, nor a place in a file
/// that somebody wrote.
const MOST_REPEATED: usize = 1_024;

/// A name or place as each finding repeats it: one that is longer than any real one is cut, or the report grows with the
/// product of its length and the number of findings.
pub fn brief(name: &str) -> Cow<'_, str> {
    match name.char_indices().nth(MOST_REPEATED) {
        None => Cow::Borrowed(name),
        Some((end, _)) => Cow::Owned(format!("{}… ({} bytes)", &name[..end], name.len())),
    }
}

/// A text with its first letter in upper case, as a sentence begins.
pub fn capital(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map(|first| first.to_uppercase().chain(characters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{MOST_REPEATED, brief, distance};

    #[test]
    fn what_is_too_long_is_cut() {
        let longest = "é".repeat(MOST_REPEATED);
        assert_eq!(brief(&longest), longest);
        assert_eq!(brief(&format!("{longest}xyz")), format!("{longest}… (2051 bytes)"));
    }

    #[test]
    fn what_is_too_long_is_not_compared() {
        assert_eq!(distance("Effect", "Efefct"), 1);
        assert_eq!(distance("Effect", &"E".repeat(1 << 27)), usize::MAX);
    }
}
