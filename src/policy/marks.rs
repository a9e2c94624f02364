//! The marks in a text of what is filled in later: policy variables by AWS, placeholders by a template tool or a person.

use std::ops::Range;

use super::{Policy, Statement};
use crate::catalog;
use crate::placeholder;

/// A place in a text that stands for another text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark<'t> {
    /// `${aws:username}`, with or without a default value: what stands in the braces.
    Variable(&'t str),
    /// `${*}`, `${?}` or `${$}`: the character itself.
    Escape,
    /// `${var.bucket}`, `${AWS::Region}`: another tool's.
    Template,
    /// `${}`
    Empty,
    /// `${` and no brace behind it; the rest of the text.
    Open(&'t str),
}

/// Every `${…}` of a text, in order.
pub(crate) fn marks(text: &str) -> Vec<(Range<usize>, Mark<'_>)> {
    let mut found = Vec::new();
    let mut done = 0;
    while let Some(at) = text.get(done..).and_then(|rest| rest.find("${")).map(|at| at + done) {
        let inner = text.get(at + 2..).unwrap_or("");
        let Some(end) = inner.find('}') else {
            found.push((at..text.len(), Mark::Open(inner)));
            break;
        };
        let name = inner.get(..end).unwrap_or("");
        done = at + 2 + end + 1;
        found.push((at..done, mark(name)));
    }
    found
}

fn mark(name: &str) -> Mark<'_> {
    match name {
        "*" | "?" | "$" => Mark::Escape,
        _ if name.trim().is_empty() => Mark::Empty,
        name if is_key(variable_key(name)) => Mark::Variable(name),
        _ => Mark::Template,
    }
}

/// The key of a variable, without its default value and white space around it.
pub(crate) fn variable_key(name: &str) -> &str {
    name.split(',').next().unwrap_or(name).trim()
}

/// The first `${…}` of a text that AWS does not read as a policy variable.
pub(crate) fn unread_variable(text: &str) -> Option<&str> {
    let marks = if text.contains("${") { marks(text) } else { Vec::new() };
    let mut unread = marks.into_iter().filter(|(_, mark)| !mark.is_read());
    unread.next().and_then(|(place, _)| text.get(place))
}

impl Mark<'_> {
    /// Whether AWS reads it: a variable of a key of one value, with a default value in quotes if there is one, or a
    /// character. IAM guide, "IAM policy elements: Variables and tags".
    pub(crate) fn is_read(&self) -> bool {
        match self {
            Mark::Variable(name) => {
                let key = variable_key(name);
                let default = name.split_once(',').map(|(_, default)| default.trim());
                // The name of a tag may have blanks in it.
                let fixed = key.split('/').next().unwrap_or(key);
                name.split(',').next() == Some(key)
                    && !fixed.contains(char::is_whitespace)
                    && !key.contains("${")
                    && default.is_none_or(is_quoted)
                    && !has_several(key)
            }
            Mark::Escape => true,
            Mark::Template | Mark::Empty | Mark::Open(_) => false,
        }
    }
}

/// Whether a key may have several values in a request, so that it is no variable.
pub(crate) fn has_several(key: &str) -> bool {
    catalog::condition_key(key).is_some_and(|key| key.is_list() == Some(true))
}

/// Whether a default value is in single quotes.
pub(crate) fn is_quoted(text: &str) -> bool {
    text.len() >= 2 && text.starts_with('\'') && text.ends_with('\'')
}

/// Whether a name in braces is meant for AWS: a prefix that keys have, one colon, a name.
fn is_key(name: &str) -> bool {
    let Some((prefix, key)) = name.split_once(':') else { return false };
    // `${AWS::Region}` is CloudFormation's.
    // The keys of an identity provider begin with its address.
    let is_address = || {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._/".contains(&byte);
        prefix.contains('.') && prefix.bytes().all(is_plain)
    };
    !key.starts_with(':') && !key.is_empty() && (catalog::is_key_service(prefix) || is_address())
}

/// Whether a template tool or a person still has to fill something in, so that nothing can be said of it.
pub(crate) fn is_template(text: &str) -> bool {
    // Most texts have nothing that could open such a place.
    placeholder(text).is_some()
}

/// The first place of a name or an ARN that a template tool or a person still has to fill in.
pub(crate) fn placeholder(text: &str) -> Option<&str> {
    let may = text.bytes().any(|byte| matches!(byte, b'{' | b'[' | b'<' | b'%' | b'$' | b'.' | b'_'));
    may.then(|| token(text).or_else(|| template(text)).or_else(|| named(text))).flatten()
}

/// The same of the value of a condition, which may be any text: only the marks that hardly mean anything else.
pub(crate) fn placeholder_in_condition(text: &str) -> Option<&str> {
    let braces = || {
        let start = text.find("{{")?;
        let end = text.get(start..)?.find("}}")?;
        text.get(start..start + end + 2)
    };
    let mark = || {
        let mut marks = marks(text).into_iter();
        marks.find(|(_, mark)| *mark == Mark::Template).and_then(|(place, _)| text.get(place))
    };
    token(text)
        .or_else(braces)
        .or_else(|| named(text))
        .or_else(|| if text.contains("${") { mark() } else { None })
}

/// `<ACCOUNT_ID>`, `[ACCOUNT]` or `%ACCOUNT%`: a name between marks, the last two in capitals.
fn named(text: &str) -> Option<&str> {
    const NAMED: [(char, char); 3] = [('<', '>'), ('[', ']'), ('%', '%')];
    let mut opened = text.char_indices().filter_map(|(at, open)| {
        let (_, close) = *NAMED.iter().find(|(known, _)| *known == open)?;
        let rest = text.get(at + 1..)?;
        let name = rest.get(..rest.find(close)?)?;
        let is_word = |character: char| {
            character.is_ascii_alphanumeric() || matches!(character, '_' | '-' | ' ' | '.' | ':')
        };
        let letters = name.chars().filter(|character| character.is_ascii_alphabetic());
        let capitals = name.len() > 2 && letters.clone().all(|letter| letter.is_ascii_uppercase());
        let fits = name.starts_with(|first: char| first.is_ascii_alphabetic()) && name.chars().all(is_word);
        (fits && (open == '<' || capitals)).then(|| text.get(at..at + name.len() + 2)).flatten()
    });
    opened.next()
}

fn token(text: &str) -> Option<&str> {
    placeholder::tokens(text).first().map(|token| token.name)
}

/// What opens a place that a tool or a person fills in, and what closes it; of `{` only one without a mark before
/// it, as in a format string.
const MARKS: [(&str, &str); 9] = [
    ("{{", "}}"),
    ("[[", "]]"),
    ("%{", "}"),
    ("#{", "}"),
    ("$(", ")"),
    ("@{", "}"),
    ("<", ">"),
    ("%s", ""),
    ("...", ""),
];

/// The first such place of a text, `YOUR_…` aside, which stands for itself alone.
pub(crate) fn template(text: &str) -> Option<&str> {
    let marked = MARKS.iter().find_map(|(open, close)| {
        let start = text.find(open)?;
        let rest = text.get(start..)?;
        let end = rest.find(close).map_or(rest.len(), |end| (end + close.len()).max(open.len()));
        rest.get(..end)
    });
    let mark = || {
        let marks = if text.contains("${") { marks(text) } else { Vec::new() };
        marks.into_iter().find(|(_, mark)| *mark == Mark::Template).and_then(|(place, _)| text.get(place))
    };
    let whole = || (text.starts_with('[') && text.ends_with(']')).then_some(text);
    marked.or_else(mark).or_else(whole).or_else(|| bare_brace(text))
}

/// `{region}` without a dollar sign, as in a format string.
fn bare_brace(text: &str) -> Option<&str> {
    let mut braces = text.match_indices('{').map(|(at, _)| at);
    let start = braces.find(|at| !text.get(..*at).is_some_and(|before| before.ends_with('$')))?;
    let rest = text.get(start..)?;
    rest.get(..rest.find('}').map_or(rest.len(), |end| end + 1))
}

/// Whether a resource or a condition of a policy has a policy variable in it.
pub(crate) fn has_variable(policy: &Policy) -> bool {
    let is_variable = |(_, hole): &(Range<usize>, Mark<'_>)| matches!(hole, Mark::Variable(_));
    texts(policy).any(|text| text.contains("${") && marks(text).iter().any(is_variable))
}

/// Whether it has something that would be one in the current version of the language, or may have, where not all is
/// known.
pub(crate) fn has_text_like_variable(policy: &Policy) -> bool {
    policy.statements.iter().any(Statement::may_have_variable)
}

/// The values in which variables are filled in.
fn texts(policy: &Policy) -> impl Iterator<Item = &str> {
    policy.statements.iter().flat_map(|statement| {
        let resources = statement.resource.iter().flat_map(|element| &element.values.items);
        let tests = statement.conditions.iter().flat_map(|test| &test.values.items);
        resources.chain(tests).filter(|value| !value.is_function()).map(|value| value.text.as_str())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<Mark<'_>> {
        marks(text).into_iter().map(|(_, hole)| hole).collect()
    }

    #[test]
    fn whose_the_holes_are() {
        assert_eq!(
            kinds("a${aws:username}b${AWS::Region}${*}${var.x}${}"),
            [Mark::Variable("aws:username"), Mark::Template, Mark::Escape, Mark::Template, Mark::Empty]
        );
        assert_eq!(
            kinds("${aws:PrincipalTag/team, 'x'}${aws:us"),
            [Mark::Variable("aws:PrincipalTag/team, 'x'"), Mark::Open("aws:us")]
        );
        assert_eq!(kinds("$ {a} $${saml:sub}"), [Mark::Variable("saml:sub")]);
        assert_eq!(
            kinds("${login.example.com/a:sub}${file(a.yml):b}"),
            [Mark::Variable("login.example.com/a:sub"), Mark::Template]
        );
        assert!(is_template("arn:aws:iam::<account>:root") && is_template("${Bucket}/*"));
        assert!(is_template("{service}:Get*"));
        assert!(!is_template("${aws:userid}/${*}"));
    }

    #[test]
    fn what_is_still_to_be_filled_in() {
        for (text, place) in [
            ("arn:aws:iam::<account>:root", "<account>"),
            ("arn:aws:batch:[[region]]:[[account]]:job", "[[region]]"),
            ("%{Destination.Arn}/index/*", "%{Destination.Arn}"),
            ("arn:aws:s3:::{bucket}/*", "{bucket}"),
            ("a${AWS::Region}{b}", "${AWS::Region}"),
            ("[ACCOUNT]", "[ACCOUNT]"),
            ("arn:aws:s3:::%s/*", "%s"),
            ("arn:aws:s3:::a<b", "<b"),
            ("{{ a }} and {b}", "{{ a }}"),
        ] {
            assert_eq!(template(text), Some(place), "{text}");
        }
        for text in ["arn:aws:s3:::b/${aws:userid}", "YOUR_TOPIC_ARN", "[a-z]*", ""] {
            assert_eq!(template(text), None, "{text}");
        }
    }
}
