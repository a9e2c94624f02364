//! What a scalar means, and how a text is written as one.

use super::{Content, Style};

/// The value of a scalar: by YAML's core schema as far as JSON has the same spelling. The words of older
/// YAML (`yes`, `off`) stay text, as dates do: no policy depends on them.
pub(super) fn content(value: String, style: Style) -> Content {
    if style != Style::Plain {
        return Content::Text(value);
    }
    match value.as_str() {
        "" | "~" | "null" | "Null" | "NULL" => Content::Null,
        "true" | "True" | "TRUE" => Content::Bool(true),
        "false" | "False" | "FALSE" => Content::Bool(false),
        _ if is_number(&value) => Content::Number(value),
        _ => Content::Text(value),
    }
}

/// Whether JSON spells a number so. An account that starts with 0 is none.
fn is_number(text: &str) -> bool {
    text.starts_with(|first: char| first == '-' || first.is_ascii_digit())
        && serde_json::from_str::<serde_json::Number>(text).is_ok()
}

/// A text as a scalar on one line, in the style of one that was there if that can hold it.
pub(super) fn scalar(text: &str, style: Style) -> String {
    let printable = !text.chars().any(char::is_control);
    match style {
        Style::Single if printable => format!("'{}'", text.replace('\'', "''")),
        Style::Plain | Style::Block if is_plain(text) => text.to_owned(),
        _ => serde_json::Value::from(text).to_string(),
    }
}

/// Whether a text needs no quotes, whoever reads it: dates and the words of older YAML do.
fn is_plain(text: &str) -> bool {
    let mut characters = text.chars();
    let first = characters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '/');
    let word = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];
    first
        && characters.all(|c| c.is_ascii_alphanumeric() || " _./:*@+=?-".contains(c))
        && !text.contains(": ")
        && !text.ends_with([':', ' '])
        && !word.contains(&text.to_ascii_lowercase().as_str())
}
