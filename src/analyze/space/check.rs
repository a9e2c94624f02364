//! One test of a condition, ready to be asked of values.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use super::addresses::Range;
use super::glob::{Glob, Letter, Token, Word, word};
use super::names::{Compared, Names};
use super::numbers::{Comparison, Decimal};
use crate::analyze::canonical::{Form, form};
use crate::analyze::evaluate::{base64, can_compare, is_short_arn, is_whole_arn, padded};
use crate::analyze::reading::Reading;
use crate::catalog::{ConditionKey, ValueType, condition_key};
use crate::policy::{SetOperator, Test, TestKind, Value};
use crate::span::Span;

/// A test on one key.
#[derive(Clone, Debug)]
pub(super) struct Check {
    /// In lower case.
    pub key: String,
    /// As it was written.
    pub name: String,
    pub set: Option<SetOperator>,
    /// Whether a request without the key passes.
    pub absent: bool,
    pub body: Body,
    pub reading: Reading,
    form: Form,
    variables: bool,
}

/// What a test asks of one value.
#[derive(Clone, Debug)]
pub(super) enum Body {
    /// Whether any value passes.
    Null(bool),
    Text {
        negated: bool,
        globs: Vec<Glob>,
    },
    /// Against values in order, as moments are.
    Number(Comparison, Vec<Decimal>),
    Date(Comparison, Vec<Decimal>),
    Address {
        negated: bool,
        ranges: Vec<Range>,
    },
    Flag(BTreeSet<bool>),
    /// What is listed, once each, as it was written first.
    Bytes(BTreeMap<Vec<u8>, String>),
    /// Something with a value that is not known, or is none of its type.
    Unknown,
}

/// The types of values. Tests of one type can be told apart exactly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Family {
    Text,
    Number,
    Date,
    Address,
    Flag,
    Bytes,
}

impl Check {
    pub fn new(test: &Test, variables: bool, reading: Reading, names: &mut Names) -> Self {
        let says =
            |wanted: &str| test.values.items.iter().any(|value| value.text.eq_ignore_ascii_case(wanted));
        let absent = match (test.operator.kind, test.operator.set) {
            (TestKind::Null, _) => says("true"),
            (_, Some(SetOperator::ForAllValues)) => true,
            (_, Some(SetOperator::ForAnyValue)) => test.operator.if_exists,
            (kind, None) => test.operator.if_exists || kind.is_negated(),
        };
        let unknown = test.values.items.iter().any(Value::is_hole);
        let body = match test.operator.kind {
            TestKind::Null if unknown => Body::Unknown,
            TestKind::Null => Body::Null(says("false")),
            kind => {
                body(&test.key, kind, &test.values.items, variables, reading, names).unwrap_or(Body::Unknown)
            }
        };
        Check {
            key: test.key.to_ascii_lowercase(),
            name: test.key.clone(),
            set: test.operator.set.filter(|_| test.operator.kind != TestKind::Null),
            absent,
            body,
            reading,
            form: form(test),
            variables: variables && test.values.items.iter().any(Value::may_have_variable),
        }
    }

    /// A test that a key is absent or none of some texts, whatever their case.
    pub fn none_of(key: &str, texts: &[&str]) -> Self {
        Check::of(&Test::of(TestKind::StringNotEqualsIgnoreCase, key, texts, Span::at(0)))
    }

    /// A test that a key is like a text.
    pub fn like(key: &str, text: &str) -> Self {
        Check::of(&Test::of(TestKind::StringLike, key, &[text], Span::at(0)))
    }

    /// The same test, with a digit for each single wildcard.
    pub fn with_digits(mut self) -> Self {
        if let Body::Text { globs, .. } = &mut self.body {
            let tokens = globs.iter_mut().flat_map(|glob| &mut glob.tokens);
            tokens.filter(|token| **token == Token::Any).for_each(|token| *token = Token::Digit);
        }
        self
    }

    /// A test that a key is absent or not like a text.
    pub fn unlike(key: &str, text: &str) -> Self {
        Check::of(&Test::of(TestKind::StringNotLike, key, &[text], Span::at(0)))
    }

    fn of(test: &Test) -> Self {
        Check::new(test, false, Reading::default(), &mut Names::default())
    }

    /// Whether both tests are the same, so that each value that passes one passes the other.
    pub fn is_same(&self, other: &Check) -> bool {
        self.form == other.form && self.variables == other.variables
    }

    /// Whether a value passes that is none of those listed.
    pub fn is_negated(&self) -> bool {
        match &self.body {
            Body::Text { negated, .. } | Body::Address { negated, .. } => *negated,
            Body::Number(comparison, _) | Body::Date(comparison, _) => *comparison == Comparison::NotEqual,
            _ => false,
        }
    }

    pub fn family(&self) -> Option<Family> {
        Some(match self.body {
            Body::Text { .. } => Family::Text,
            Body::Number(..) => Family::Number,
            Body::Date(..) => Family::Date,
            Body::Address { .. } => Family::Address,
            Body::Flag(_) => Family::Flag,
            Body::Bytes(_) => Family::Bytes,
            Body::Null(_) | Body::Unknown => return None,
        })
    }

    /// Whether a value surely passes.
    pub fn surely_takes(&self, value: &[Letter]) -> bool {
        match &self.body {
            Body::Text { negated: false, globs } => globs.iter().any(|glob| glob.takes(value)),
            Body::Text { negated: true, globs } => !globs.iter().any(|glob| glob.may_take(value)),
            Body::Unknown => false,
            _ => self.takes_plain(value),
        }
    }

    /// Whether a value may pass.
    pub fn may_take(&self, value: &[Letter]) -> bool {
        match &self.body {
            Body::Text { negated: false, globs } => globs.iter().any(|glob| glob.reads(value, true)),
            Body::Text { negated: true, globs } => !globs.iter().any(|glob| glob.takes(value)),
            Body::Unknown => true,
            _ => self.takes_plain(value),
        }
    }

    /// Whether what it asks for is not known before the request.
    pub fn is_unknown(&self) -> bool {
        match &self.body {
            Body::Unknown => true,
            Body::Text { globs, .. } => globs.iter().any(Glob::is_variable),
            _ => false,
        }
    }

    fn takes_plain(&self, value: &[Letter]) -> bool {
        let Some(text) = plain(value) else { return false };
        match &self.body {
            Body::Null(present) => *present,
            Body::Number(comparison, values) => Decimal::parse_point(&text)
                .map_or(self.takes_other(), |number| comparison.holds(number, values)),
            Body::Date(comparison, values) => Decimal::parse_date(&text)
                .map_or(self.takes_other(), |number| comparison.holds(number, values)),
            Body::Address { negated, ranges } => match text.parse::<IpAddr>().is_ok() {
                true => Range::any_contains(ranges, &text) != *negated,
                false => self.takes_other(),
            },
            Body::Flag(values) => values.iter().any(|value| text.eq_ignore_ascii_case(&value.to_string())),
            Body::Bytes(values) => base64(&text).is_some_and(|text| values.contains_key(&text)),
            Body::Text { .. } | Body::Unknown => false,
        }
    }

    /// Whether a value passes that is not of the operator's type.
    fn takes_other(&self) -> bool {
        self.is_negated() && !self.reading.typed_values
    }

    /// Values that its own list names.
    pub fn literals(&self) -> Vec<Word> {
        match &self.body {
            Body::Text { globs, .. } => globs.iter().filter_map(Glob::word).collect(),
            Body::Flag(values) => values.iter().map(|value| word(&value.to_string())).collect(),
            Body::Bytes(values) => values.values().map(|value| word(value)).collect(),
            Body::Number(_, values) => values.iter().map(|value| word(&value.number())).collect(),
            Body::Date(_, values) => values.iter().map(|value| word(&value.date())).collect(),
            _ => Vec::new(),
        }
    }
}

/// The text of a word without variables.
pub(super) fn plain(value: &[Letter]) -> Option<String> {
    let character = |letter: &Letter| match letter {
        Letter::Char(character) => Some(*character),
        Letter::Variable(_) | Letter::Segment(_) => None,
    };
    value.iter().map(character).collect()
}

/// Whether all values of a key are of a type: AWS lists it so. Any other key, such as a tag, may have any text.
pub(super) fn has_only(key: &str, family: Family) -> bool {
    let listed = condition_key(key).and_then(ConditionKey::value_type);
    matches!(
        (listed, family),
        (Some(ValueType::Bool), Family::Flag)
            | (Some(ValueType::IpAddress), Family::Address)
            | (Some(ValueType::Numeric), Family::Number)
            // A moment can be given as a number of seconds.
            | (Some(ValueType::Date), Family::Date | Family::Number)
    )
}

/// Whether an operator can read all values of the key of its test: it compares them as texts, or AWS lists the key as one of
/// the operator's type.
pub(in crate::analyze) fn reads_all(test: &Test) -> bool {
    let family = match test.operator.kind.name() {
        name if name.starts_with("Numeric") => Family::Number,
        name if name.starts_with("Date") => Family::Date,
        name if name.ends_with("IpAddress") => Family::Address,
        _ => return true,
    };
    has_only(&test.key, family)
}

fn body(
    key: &str,
    kind: TestKind,
    values: &[Value],
    variables: bool,
    reading: Reading,
    names: &mut Names,
) -> Option<Body> {
    let negated = kind.is_negated();
    if let Some(comparison) = Comparison::new(kind) {
        let date = kind.name().starts_with("Date");
        let parse = if date { Decimal::parse_date } else { Decimal::parse };
        let mut values = readable(kind, values)?.into_iter().map(parse).collect::<Option<Vec<Decimal>>>()?;
        values.sort_unstable();
        values.dedup();
        return Some(if date { Body::Date(comparison, values) } else { Body::Number(comparison, values) });
    }
    let known = |value: &Value| !(value.is_hole() || variables && value.text.contains("${"));
    match kind {
        TestKind::IpAddress | TestKind::NotIpAddress => {
            let ranges = readable(kind, values)?.into_iter().map(Range::parse).collect::<Option<_>>()?;
            Some(Body::Address { negated, ranges: Range::union(ranges) })
        }
        TestKind::Bool if values.iter().all(known) => {
            let flag = |value: &Value| value.text.to_ascii_lowercase().parse::<bool>().ok();
            let flags: BTreeSet<bool> = values.iter().filter_map(flag).collect();
            // A key that has other values as well is compared as a text.
            Some(match has_only(key, Family::Flag) {
                true => Body::Flag(flags),
                false => Body::Text {
                    negated,
                    globs: flags.iter().map(|flag| Glob::folded(&flag.to_string(), None)).collect(),
                },
            })
        }
        TestKind::Bool => None,
        TestKind::BinaryEquals => {
            let known = values.iter().all(known);
            let bytes = |value: &Value| Some((base64(&value.text)?, value.text.clone()));
            known.then(|| Body::Bytes(values.iter().rev().filter_map(bytes).collect()))
        }
        _ => {
            let glob = |value: &Value| match &value.hole {
                Some(hole) => Some(Glob::unknown(names.text_hole(hole, compared(kind), variables))),
                None => glob(kind, &value.text, reading, variables.then_some(&mut *names)),
            };
            // What is no ARN matches none.
            Some(Body::Text { negated, globs: values.iter().filter_map(glob).collect() })
        }
    }
}

/// The texts of some values that their operator can read, if all are known. Nothing is equal to the others, or so these are
/// usually read.
fn readable(kind: TestKind, values: &[Value]) -> Option<Vec<&str>> {
    let texts = values.iter().map(|value| value.known().filter(|text| !text.contains("${")));
    let texts = texts.collect::<Option<Vec<_>>>()?;
    Some(texts.into_iter().filter(|text| can_compare(kind, text)).collect())
}

/// Whether every number, moment or address that matches `inner` matches `outer`, under one operator,
/// its negation left aside; `None` for other operators and for what is no such value.
pub(in crate::analyze) fn value_includes(kind: TestKind, outer: &str, inner: &str) -> Option<bool> {
    if matches!(kind, TestKind::IpAddress | TestKind::NotIpAddress) {
        return Some(Range::parse(outer)?.includes(&Range::parse(inner)?));
    }
    let comparison = Comparison::new(kind)?;
    let parse = if kind.name().starts_with("Date") { Decimal::parse_date } else { Decimal::parse };
    let (outer, inner) = (parse(outer)?, parse(inner)?);
    Some(match comparison {
        Comparison::Equal | Comparison::NotEqual => outer == inner,
        Comparison::Less | Comparison::LessOrEqual => inner <= outer,
        Comparison::Greater | Comparison::GreaterOrEqual => inner >= outer,
    })
}

fn compared(kind: TestKind) -> Compared {
    match kind {
        TestKind::StringEquals | TestKind::StringNotEquals => Compared::Exactly,
        TestKind::StringEqualsIgnoreCase | TestKind::StringNotEqualsIgnoreCase => Compared::Folded,
        TestKind::StringLike | TestKind::StringNotLike => Compared::Like,
        _ => Compared::Arn,
    }
}

/// What a value of a test on texts takes; `None` for what is no ARN where one is asked for.
pub(super) fn glob(kind: TestKind, text: &str, reading: Reading, names: Option<&mut Names>) -> Option<Glob> {
    match kind {
        TestKind::StringEquals | TestKind::StringNotEquals => Some(Glob::literal(text, names)),
        TestKind::StringEqualsIgnoreCase | TestKind::StringNotEqualsIgnoreCase => {
            Some(Glob::folded(text, names))
        }
        TestKind::StringLike | TestKind::StringNotLike => Some(Glob::like(text, names)),
        _ if reading.short_arns && is_short_arn(text) => Glob::arn_value(&padded(text), names),
        _ if reading.whole_arns && is_whole_arn(text) => Some(Glob::like(text, None)),
        _ => Glob::arn_value(text, names),
    }
}
