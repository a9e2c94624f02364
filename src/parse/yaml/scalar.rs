//! What a scalar means, and how a text is written as one.

use super::{Content, Style};

/// The value of a scalar: by YAML's core schema as far as JSON has the same spelling. The words of older
/// YAML (`yes`, `off`) stay text, and are doubtful. Dates stay text, as CloudFormation has them.
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

/// Whether YAML 1.1 and YAML 1.2 read a plain scalar differently, or a number is spelled so that it may be written
/// differently once it was read: `yes`, `012`, `1_000`, `+1`, `0x1F`, `1:30`, `1.10`, `1e3`.
pub(super) fn is_doubtful(text: &str) -> bool {
    const WORDS: [&str; 6] = ["y", "n", "yes", "no", "on", "off"];
    let body = text.strip_prefix(['-', '+']).unwrap_or(text);
    let are = |text: &str, is_one: fn(char) -> bool| !text.is_empty() && text.chars().all(is_one);
    let digits = |prefix: &str, is_one| body.strip_prefix(prefix).is_some_and(|digits| are(digits, is_one));
    let is_number = || {
        let starts = body.starts_with(|first: char| first.is_ascii_digit() || first == '.');
        let is_decimal = || body.replace('_', "").parse::<f64>().is_ok();
        let in_sixties =
            || body.contains(':') && are(body, |one| one.is_ascii_digit() || "_:.".contains(one));
        digits("0x", |one| one.is_ascii_hexdigit() || one == '_')
            || digits("0o", |one| one.is_ascii_digit())
            || digits("0b", |one| "01_".contains(one))
            || [".inf", ".nan"].contains(&body.to_ascii_lowercase().as_str())
            || starts && (is_decimal() || in_sixties())
    };
    WORDS.contains(&text.to_ascii_lowercase().as_str()) || is_number() && !is_one_number(text)
}

/// Whether all readers take a number for the same, and write it in the same way: 12, -3 or 0.5.
fn is_one_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "1"));
    let are_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    are_digits(whole)
        && are_digits(fraction)
        && (whole == "0" || !whole.starts_with('0'))
        && !fraction.ends_with('0')
        && text != "-0"
        && digits.len() <= 15
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_two_versions_of_yaml_read_differently() {
        for text in [
            "yes",
            "No",
            "ON",
            "off",
            "y",
            "N",
            "012345670123",
            "010",
            "0o17",
            "0x1F",
            "0b11",
            "1_000",
            "+1",
            "1:30",
            "190:20:30.15",
            "1.10",
            "1.0",
            "1e3",
            "1E+3",
            ".5",
            "5.",
            "-0",
            ".inf",
            "-.INF",
            ".nan",
            "12345678901234567890",
            "111_111_111_111",
        ] {
            assert!(is_doubtful(text), "{text}");
        }
        for text in [
            "111111111111",
            "0",
            "-3",
            "0.5",
            "12.25",
            "true",
            "null",
            "~",
            "",
            "2012-10-17",
            "2024-01-01T00:00:00Z",
            "10.0.0.1",
            "10.0.0.0/8",
            "arn:aws:s3:::b",
            "*",
            "none",
            "yes!",
            "sts:AssumeRole",
            "1a",
            "-",
            "+",
            ".",
            "_1",
            "a:1",
            "0x",
            "s3:*",
        ] {
            assert!(!is_doubtful(text), "{text}");
        }
    }
}
