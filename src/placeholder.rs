//! Tokens such as `YOUR_TOPIC_ARN` that stand for a value still to be given.

use std::sync::LazyLock;

use regex::Regex;

use crate::span::Span;

/// `YOUR_` and capitals, digits and underscores, not preceded by a letter, digit or underscore.
/// No token is a prefix of another's match: the longest run is taken.
#[expect(clippy::unwrap_used, reason = "a constant pattern, compiled in the tests")]
static TOKEN: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\bYOUR_[A-Z0-9_]+").unwrap());

/// A token in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token<'t> {
    /// `YOUR_TOPIC_ARN`.
    pub name: &'t str,
    /// Where it stands.
    pub span: Span,
}

/// Every token of `text`, in order.
pub fn tokens(text: &str) -> Vec<Token<'_>> {
    // The search costs nothing where it matters most: in texts without tokens.
    if !text.contains("YOUR_") {
        return Vec::new();
    }
    TOKEN
        .find_iter(text)
        .map(|found| Token { name: found.as_str(), span: Span::new(found.start(), found.end()) })
        .collect()
}

/// `text` with each token replaced by what `value` has for it; a token it does not know stays.
pub fn replace<'v>(text: &str, mut value: impl FnMut(&str) -> Option<&'v str>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    for token in tokens(text) {
        if let Some(value) = value(token.name) {
            out.push_str(text.get(done..token.span.start as usize).unwrap_or(""));
            out.push_str(value);
            done = token.span.end as usize;
        }
    }
    out.push_str(text.get(done..).unwrap_or(""));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<&str> {
        tokens(text).into_iter().map(|token| token.name).collect()
    }

    #[test]
    fn tokens_are_whole() {
        assert_eq!(names("YOUR_S3_ARN/*"), ["YOUR_S3_ARN"]);
        assert_eq!(names("YOUR_S3_ARN_2,YOUR_S3_ARN YOUR_X"), ["YOUR_S3_ARN_2", "YOUR_S3_ARN", "YOUR_X"]);
        assert_eq!(names("aYOUR_X _YOUR_X 1YOUR_X \u{e9}YOUR_X your_x YOUR_"), [""; 0]);
        assert_eq!(names("-YOUR_X:YOUR_Yz"), ["YOUR_X", "YOUR_Y"]);
    }

    #[test]
    fn replacing_leaves_unknown_tokens() {
        let value = |name: &str| (name == "YOUR_A").then_some("1");
        assert_eq!(replace("<YOUR_A> YOUR_AB YOUR_A", value), "<1> YOUR_AB 1");
    }
}
