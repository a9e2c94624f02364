//! Putting values in the place of tokens, in any string or member name of a JSON text.

use crate::edit::Edit;
use crate::parse::{Node, unescape};
use crate::placeholder;
use crate::span::Span;

/// The edits that replace each token in the strings and names of `tree` for which there is a value.
pub fn edits(tree: &Node, text: &str, value: impl Fn(&str) -> Option<String>) -> Vec<Edit> {
    let mut edits = Vec::new();
    // Most texts hold no token at all.
    if !text.contains("YOUR_") {
        return edits;
    }
    tree.each_string(&mut |span| {
        let string = unescape(text, span);
        for token in placeholder::tokens(&string.text) {
            if let Some(value) = value(token.name) {
                edits.push(Edit::replace(string.map.span(token.span), escape(&value)));
            }
        }
    });
    edits
}

/// Every token that stands in a string or name of `tree`, with its place; each occurrence by itself.
pub fn leftovers(tree: &Node, text: &str) -> Vec<(String, Span)> {
    let mut found = Vec::new();
    if !text.contains("YOUR_") {
        return found;
    }
    tree.each_string(&mut |span| {
        let string = unescape(text, span);
        let tokens = placeholder::tokens(&string.text);
        found.extend(tokens.into_iter().map(|token| (token.name.to_owned(), string.map.span(token.span))));
    });
    found
}

/// A text as it stands between the quotes of a JSON string.
fn escape(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edit::apply;
    use crate::parse::parse;

    #[test]
    fn tokens_are_replaced_whole_and_escaped() {
        let text = r#"{"YOUR_A": ["x/YOUR_A/*", "\u0059OUR_A YOUR_AB"], "n": 1}"#;
        let tree = parse(text).tree;
        let edits = edits(&tree, text, |name| (name == "YOUR_A").then(|| "q\"\\".to_owned()));
        assert_eq!(apply(text, &edits), r#"{"q\"\\": ["x/q\"\\/*", "q\"\\ YOUR_AB"], "n": 1}"#);
        assert_eq!(leftovers(&tree, text).len(), 4);
    }
}
