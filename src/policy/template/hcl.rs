//! The texts of Terraform's JSON syntax, each of which is a template.
//!
//! Terraform language, "JSON configuration syntax" and "Strings and templates": `${…}` is an expression, `%{…}` a directive,
//! `$${` and `%%{` are these signs themselves.

use crate::parse::{Node, Value};
use crate::policy::hole::Part;

/// Whether Terraform reads a text as another one than it is, or fills something in.
pub(in crate::policy) fn has_marks(text: &str) -> bool {
    text.contains("${") || text.contains("%{")
}

/// What Terraform says of how many there are of a resource, unless there is one at least.
pub(in crate::policy) enum Number {
    /// There are none.
    None,
    /// There are some if this holds.
    Condition(String),
}

/// What the `count` or `for_each` of a block says.
///
/// Terraform language, "The count Meta-Argument" and "The for_each Meta-Argument": there are none where the number is 0, or
/// the map or set is empty.
pub(in crate::policy) fn number(block: &Node, text: &str) -> Option<Number> {
    let none_if = |is_none: bool| is_none.then_some(Number::None);
    if let Some(count) = block.get(text, "count") {
        let written = match count.value {
            Value::Number => count.span.slice(text).to_owned(),
            _ => count.text(text)?.into_owned(),
        };
        return match written.trim().parse::<f64>() {
            Ok(number) => none_if(number == 0.0),
            Err(_) => Some(Number::Condition(format!("{} > 0", inner(&written)))),
        };
    }
    let each = block.get(text, "for_each")?;
    match &each.value {
        Value::Object(members) => none_if(members.is_empty()),
        Value::Array(items) => none_if(items.is_empty()),
        _ => Some(Number::Condition(format!("length({}) > 0", inner(&each.text(text)?)))),
    }
}

/// The expression that a text is, if it is one alone.
fn inner(text: &str) -> &str {
    let inner = text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}'));
    inner.filter(|inner| !inner.contains("${")).unwrap_or(text).trim()
}

/// The pieces of a text. Where it is not plain how an expression ends, all behind it is not known.
pub(in crate::policy) fn parts(text: &str) -> Vec<Part> {
    let unknown = |text: &str| Part::Unknown(format!("text {text}").into());
    // Signs that are escaped twice, and expressions that take away the white space before them.
    if ["$$$", "%%%", "${~", "%{~"].iter().any(|sign| text.contains(sign)) {
        return vec![unknown(text)];
    }
    let mut parts = Vec::new();
    let (mut literal, mut rest) = (String::new(), text);
    while let Some(at) = ["${", "%{"].iter().filter_map(|sign| rest.find(sign)).min() {
        let (before, marked) = rest.split_at(at);
        let (sign, inner) = marked.split_at(2);
        if before.ends_with(&sign[..1]) {
            literal.push_str(&before[..at - 1]);
            literal.push_str(sign);
            rest = inner;
            continue;
        }
        literal.push_str(before);
        parts.push(Part::Literal(std::mem::take(&mut literal)));
        match inner.split_once('}').filter(|(expression, _)| sign == "${" && is_plain(expression)) {
            Some((expression, behind)) => {
                let name = format!("text ${{{expression}}}").into();
                parts.push(if is_of_resource(expression) {
                    Part::Attribute(name)
                } else {
                    Part::Unknown(name)
                });
                rest = behind;
            }
            None => {
                parts.push(unknown(marked));
                rest = "";
            }
        }
    }
    literal.push_str(rest);
    parts.push(Part::Literal(literal));
    parts
}

/// Whether an expression has no braces, texts or comments, so that the first brace ends it.
fn is_plain(expression: &str) -> bool {
    expression.chars().all(|char| char.is_ascii_alphanumeric() || "_-.[](), *:".contains(char))
}

/// Whether an expression is an attribute of a resource: what AWS makes has no wildcard.
fn is_of_resource(expression: &str) -> bool {
    let is_path = !expression.contains(['(', ',', '*', ' ', ':']);
    is_path && ["aws_", "data.aws_"].iter().any(|start| expression.starts_with(start))
}

/// The first expression of a text, as `${local.name}`, for a person.
pub(in crate::policy) fn label(text: &str) -> String {
    let start = |sign: &str| {
        let mut at = text.match_indices(sign).map(|(at, _)| at);
        at.find(|&at| !text[..at].ends_with(&sign[..1]))
    };
    let start = ["${", "%{"].iter().filter_map(|sign| start(sign)).min().unwrap_or(0);
    let rest = text.get(start..).unwrap_or(text);
    rest.find('}').and_then(|end| rest.get(..=end)).unwrap_or(rest).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_terraform_sends() {
        let literal = |text: &str| Part::Literal(text.to_owned());
        let unknown = |text: &str| Part::Unknown(format!("text {text}").into());
        for (text, wanted) in [
            ("b/$${aws:username}/*", vec![literal("b/${aws:username}/*")]),
            ("%%{x}$${y}", vec![literal("%{x}${y}")]),
            ("a${local.b}c", vec![literal("a"), unknown("${local.b}"), literal("c")]),
            ("$${a}${local.b}", vec![literal("${a}"), unknown("${local.b}"), literal("")]),
            ("a${x ? \"}\" : y}c", vec![literal("a"), unknown("${x ? \"}\" : y}c"), literal("")]),
            ("a%{if x}b%{endif}", vec![literal("a"), unknown("%{if x}b%{endif}"), literal("")]),
            ("a ${~ x}", vec![unknown("a ${~ x}")]),
            ("a$$${x}", vec![unknown("a$$${x}")]),
            ("a${x", vec![literal("a"), unknown("${x"), literal("")]),
            (
                "${aws_s3_bucket.b.arn}/*",
                vec![literal(""), Part::Attribute("text ${aws_s3_bucket.b.arn}".into()), literal("/*")],
            ),
        ] {
            assert_eq!(parts(text), wanted, "{text}");
        }
        assert_eq!(label("$${aws:username}/${local.b}/x"), "${local.b}");
    }
}
