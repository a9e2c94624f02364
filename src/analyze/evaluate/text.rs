//! Texts of a policy that are compared with texts of a request: literal, with wildcards, with
//! policy variables.
//!
//! IAM guide, "IAM policy elements: Variables and tags".

use super::Asked;
use super::asked::Given;
use crate::pattern::Pattern;

/// A text of a policy, ready for comparison.
#[derive(Clone, Debug)]
pub(super) enum Text {
    /// `*` as a pattern.
    Any,
    /// Itself alone.
    Exact(String),
    /// Whatever starts so: by far the most patterns are such, and quick to look at.
    Prefix(String),
    /// A pattern without variables.
    Pattern(Pattern),
    /// A text with policy variables.
    Variables(Vec<Part>),
}

/// A part of a text with policy variables.
#[derive(Clone, Debug)]
pub(super) enum Part {
    /// What stands between them, as [`Pattern::with_variables`] reads it.
    Pattern(String),
    Variable {
        /// In lower case.
        folded: String,
        /// As it was written.
        key: String,
        default: Option<String>,
    },
}

impl Text {
    /// A text in which `*` and `?` are wildcards; with `variables`, `${…}` is a policy variable.
    pub(super) fn pattern(text: &str, variables: bool) -> Self {
        if text == "*" {
            return Text::Any;
        }
        let is_plain = !text.contains(['*', '?']);
        let has_variables = variables && text.contains("${");
        if is_plain && !has_variables {
            return Text::Exact(text.to_owned());
        }
        if has_variables {
            return Text::with_variables(text, str::to_owned);
        }
        match text.strip_suffix('*') {
            Some(prefix) if !prefix.contains(['*', '?']) => Text::Prefix(prefix.to_owned()),
            _ => Text::Pattern(Pattern::new(text)),
        }
    }

    /// A text without wildcards; with `variables`, `${…}` is a policy variable.
    pub(super) fn plain(text: &str, variables: bool) -> Self {
        match variables && text.contains("${") {
            true => Text::with_variables(text, escape),
            false => Text::Exact(text.to_owned()),
        }
    }

    /// Splits at the variables. `${*}`, `${?}` and `${$}` are the characters themselves; a `${` that
    /// is not closed is text.
    fn with_variables(text: &str, between: impl Fn(&str) -> String) -> Self {
        let (mut parts, mut pattern, mut rest) = (Vec::new(), String::new(), text);
        while let Some((before, (inside, after))) =
            rest.split_once("${").and_then(|(before, open)| Some((before, open.split_once('}')?)))
        {
            pattern.push_str(&between(before));
            rest = after;
            if ["*", "?", "$"].contains(&inside) {
                pattern.push_str(&escape(inside));
                continue;
            }
            parts.push(Part::Pattern(std::mem::take(&mut pattern)));
            parts.push(variable(inside));
        }
        pattern.push_str(&between(rest));
        if parts.is_empty() {
            return Text::Pattern(Pattern::with_variables(&pattern));
        }
        parts.push(Part::Pattern(pattern));
        Text::Variables(parts)
    }

    /// Whether it matches a value; not for texts with variables.
    pub(super) fn is(&self, value: &str) -> bool {
        match self {
            Text::Any => true,
            Text::Exact(text) => text == value,
            Text::Prefix(prefix) => value.starts_with(prefix),
            Text::Pattern(pattern) => pattern.matches(value),
            Text::Variables(_) => false,
        }
    }

    /// Whether it matches a value. If a variable has no value and no default it does not; the keys go
    /// to `absent` if some value of them would make it match.
    pub(super) fn matches<'p>(&'p self, value: &str, asked: &Asked<'_>, absent: &mut Vec<&'p str>) -> bool {
        self.compare(value, asked, absent, false)
    }

    /// The same, the case of letters aside. The text must have been given in lower case.
    pub(super) fn matches_folded<'p>(
        &'p self,
        value: &str,
        asked: &Asked<'_>,
        absent: &mut Vec<&'p str>,
    ) -> bool {
        self.compare(&value.to_ascii_lowercase(), asked, absent, true)
    }

    fn compare<'p>(&'p self, value: &str, asked: &Asked<'_>, absent: &mut Vec<&'p str>, fold: bool) -> bool {
        if !matches!(self, Text::Variables(_)) {
            return self.is(value);
        }
        let Some(Filled { pattern, missing }) = self.fill(asked, fold) else { return false };
        let matches = Pattern::with_variables(&pattern).matches(value);
        if matches {
            absent.extend(&missing);
        }
        matches && missing.is_empty()
    }

    /// The text as a pattern, with values in place of its variables; `None` if one of them is a key of many values, which
    /// cannot be a variable.
    pub(super) fn fill<'p>(&'p self, asked: &Asked<'_>, fold: bool) -> Option<Filled<'p>> {
        let Text::Variables(parts) = self else { return None };
        let mut filled = Filled::default();
        for part in parts {
            match part {
                Part::Pattern(text) => filled.pattern.push_str(text),
                Part::Variable { folded, key, default } => match (asked.value(folded), default) {
                    (Some(Given::One(value)), _) if fold => {
                        filled.pattern.push_str(&escape(&value.to_ascii_lowercase()))
                    }
                    (Some(Given::One(value)), _) => filled.pattern.push_str(&escape(value)),
                    (None, Some(default)) => filled.pattern.push_str(&escape(default)),
                    (Some(Given::Many(_)), _) => return None,
                    (None, None) => {
                        filled.pattern.push('*');
                        filled.missing.push(key);
                    }
                },
            }
        }
        Some(filled)
    }
}

/// A text whose variables have been replaced by their values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Filled<'p> {
    /// As [`Pattern::with_variables`] reads it.
    pub pattern: String,
    /// The keys that have no value and no default; in their places, the pattern has stars.
    pub missing: Vec<&'p str>,
}

/// A text with values in place of its policy variables; `None` where one has none, or is the key itself.
pub(in crate::analyze) fn filled(text: &str, key: &str, asked: &Asked<'_>) -> Option<String> {
    let Text::Variables(parts) = Text::with_variables(text, str::to_owned) else {
        return Some(text.to_owned());
    };
    let part = |part: &Part| match part {
        Part::Pattern(text) => Some(text.clone()),
        Part::Variable { folded, default, .. } => match (asked.value(folded), default) {
            _ if folded == key => None,
            (Some(Given::One(value)), _) => Some(escape(value)),
            (None, Some(default)) => Some(escape(default)),
            _ => None,
        },
    };
    parts.iter().map(part).collect()
}

/// `aws:username` or `aws:username, 'no one'`
fn variable(inside: &str) -> Part {
    let (key, default) = match inside.split_once(',') {
        Some((key, default)) => (key, Some(default.trim())),
        None => (inside, None),
    };
    let default = default.and_then(|text| text.strip_prefix('\'')?.strip_suffix('\''));
    let key = key.trim();
    Part::Variable {
        folded: key.to_ascii_lowercase(),
        key: key.to_owned(),
        default: default.map(str::to_owned),
    }
}

/// A text as a pattern that matches it alone: what a variable puts in is no pattern.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '*' | '?' | '$' => out.extend(["${", character.encode_utf8(&mut [0; 4]), "}"]),
            other => out.push(other),
        }
    }
    out
}

/// Whether a policy variable is in some text before its last segment, where a value with colons in it makes segments.
pub(crate) fn has_early_variable(text: &str) -> bool {
    let is_variable =
        |part: &str| part.contains("${") && !matches!(Text::pattern(part, true), Text::Pattern(_));
    match split_arn(text, true) {
        Some([head @ .., _]) => head.into_iter().any(is_variable),
        None => is_variable(text),
    }
}

/// The six segments of an ARN, split at the first five colons that stand in no policy variable.
pub(in crate::analyze) fn split_arn(text: &str, variables: bool) -> Option<[&str; 6]> {
    let mut segments = [""; 6];
    let (mut count, mut start, mut open) = (0, 0, false);
    for (at, character) in text.char_indices() {
        match character {
            '{' if variables && text[..at].ends_with('$') => open = true,
            '}' => open = false,
            ':' if !open && count < 5 => {
                segments[count] = &text[start..at];
                (count, start) = (count + 1, at + 1);
            }
            _ => {}
        }
    }
    segments[5] = &text[start..];
    (count == 5).then_some(segments)
}
