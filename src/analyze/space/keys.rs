//! The dimension of one condition key: absent, or a value of the types that the tests ask for.

use std::collections::BTreeSet;

use super::addresses;
use super::bits::{Bits, Classes};
use super::check::{Body, Check, Family, has_only};
use super::clause::Clause;
use super::effort::{Effort, Exhausted, Held, step};
use super::glob::{Word, word};
use super::numbers::{self, Decimal};
use super::sets;
use super::texts;
use crate::analyze::reading::is_list;
use crate::catalog::{ConditionKey, ValueType, condition_key};

/// What a request says under a key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Given {
    Nothing,
    One(Word),
    Many(Vec<Word>),
}

impl Held for Given {
    fn held(&self) -> usize {
        match self {
            Given::Nothing => 0,
            Given::One(word) => word.held(),
            Given::Many(words) => words.held(),
        }
    }
}

/// The tests on one key: those of the asked statements, and of each covering one those that they do
/// not answer already.
#[derive(Clone)]
pub(super) struct Tests<'c> {
    pub key: String,
    pub focus: Vec<&'c Check>,
    pub cover: Vec<Vec<&'c Check>>,
}

impl<'c> Tests<'c> {
    pub fn all(&self) -> impl Iterator<Item = &'c Check> {
        self.focus.iter().copied().chain(self.cover.iter().flatten().copied())
    }

    /// Leaves out tests of covering statements that an asked statement has in the same words.
    pub fn without_given(mut self) -> Self {
        for checks in &mut self.cover {
            checks.retain(|check| !self.focus.iter().any(|given| given.is_same(check)));
        }
        self
    }

    /// The class of requests without the key.
    fn absent(&self) -> Option<Bits> {
        self.focus.iter().all(|check| check.absent).then(|| self.bits(|check| check.absent))
    }

    pub fn bits(&self, holds: impl Fn(&Check) -> bool) -> Bits {
        let mut bits = Bits::none(self.cover.len());
        step(self.cover.len());
        for (at, checks) in self.cover.iter().enumerate() {
            if checks.iter().all(|check| holds(check)) {
                bits.insert(at);
            }
        }
        bits
    }

    fn families(&self) -> BTreeSet<Family> {
        self.all().filter_map(Check::family).collect()
    }
}

/// The sets of covering statements whose tests on a key hold where those of the asked ones do.
pub(super) fn classes(tests: Tests<'_>, effort: &mut Effort) -> Result<Classes<Given>, Exhausted> {
    let tests = tests.without_given();
    let mut found = Classes::smallest();
    let mut absent = tests.absent();
    // What every request carries is more likely there than not.
    if !ALWAYS.contains(&tests.key.as_str())
        && let Some(bits) = absent.take()
    {
        found.add(bits, || Given::Nothing);
    }
    let may_be_list = |check: &Check| check.reading.plain_lists && is_list(&check.key);
    match tests.all().any(|check| check.set.is_some() || may_be_list(check)) {
        true => sets::add(&tests, &mut found, effort)?,
        false => add_single(&tests, &mut found, effort)?,
    }
    if let Some(bits) = absent {
        found.add(bits, || Given::Nothing);
    }
    Ok(found)
}

/// Keys that a request carries whoever sends it.
const ALWAYS: [&str; 6] = [
    "aws:currenttime",
    "aws:epochtime",
    "aws:requestedregion",
    "aws:securetransport",
    "aws:sourceip",
    "aws:viaawsservice",
];

/// Whether every request has a key. IAM guide, "AWS global condition context keys", under "Availability".
pub fn is_in_every(key: &str) -> bool {
    !likely_values(key).is_empty()
}

/// Values that requests have of a key that every request has; none of other keys.
pub(super) fn likely_values(key: &str) -> &'static [&'static str] {
    match key.to_ascii_lowercase().as_str() {
        "aws:currenttime" => &["2026-01-01T00:00:00Z", "2040-01-01T00:00:00Z", "2000-01-01T00:00:00Z"],
        "aws:epochtime" => &["1767225600", "2208988800", "946684800"],
        "aws:requestedregion" => &["us-east-1", "eu-west-1", "eu-central-1"],
        "aws:securetransport" => &["true", "false"],
        _ => &[],
    }
}

fn add_single(tests: &Tests<'_>, found: &mut Classes<Given>, effort: &mut Effort) -> Result<(), Exhausted> {
    // Values that all tests can be asked of, whatever their types.
    for value in candidates(tests) {
        effort.check()?;
        if tests.focus.iter().all(|check| check.may_take(&value)) {
            found.add(tests.bits(|check| check.surely_takes(&value)), || Given::One(value.clone()));
        }
        if found.is_settled() {
            return Ok(());
        }
    }
    if tests.focus.iter().any(|check| matches!(check.body, Body::Null(false))) {
        return Ok(());
    }
    let mut values = Classes::smallest();
    values.add(tests.bits(|check| !matches!(check.body, Body::Null(false) | Body::Unknown)), || None);
    let families = families(tests, effort);
    for family in families {
        let classes = match family {
            Family::Text => text_classes(tests, effort)?,
            family => point_classes(tests, family, effort)?,
        };
        let join = |known: &Option<Word>, value: &Word| known.clone().or(Some(value.clone()));
        values = values.product(&classes, effort, join)?;
    }
    for (bits, value) in values.items {
        found.add(bits, || Given::One(value.unwrap_or_else(|| word(likely(&tests.key)))));
    }
    Ok(())
}

/// The types that tests on a key ask for.
pub(super) fn families(tests: &Tests<'_>, effort: &mut Effort) -> BTreeSet<Family> {
    let mut families = tests.families();
    // A key of truth values has no others, however it is tested.
    if families.contains(&Family::Flag) {
        families.remove(&Family::Text);
    }
    if families.len() > 1 {
        effort
            .note(format!("`{}` is tested as several types, taken as independent of each other", tests.key));
        effort.approximate = true;
    }
    families
}

fn text_classes(tests: &Tests<'_>, effort: &mut Effort) -> Result<Classes<Word>, Exhausted> {
    let focus: Vec<Clause<'_>> = tests.focus.iter().filter_map(|check| clause(check)).collect();
    let cover: Vec<Vec<Clause<'_>>> =
        tests.cover.iter().map(|checks| checks.iter().filter_map(|check| clause(check)).collect()).collect();
    texts::classes(&focus, cover, &texts::filled(&focus, &[]), effort)
}

pub(super) fn clause(check: &Check) -> Option<Clause<'_>> {
    match &check.body {
        Body::Text { negated, globs } => Some(Clause { negated: *negated, globs: globs.iter().collect() }),
        _ => None,
    }
}

fn point_classes(tests: &Tests<'_>, family: Family, effort: &Effort) -> Result<Classes<Word>, Exhausted> {
    // A test of texts is asked of truth values, too.
    let asked = |check: &Check| {
        check.family() == Some(family) || (family == Family::Flag && check.family() == Some(Family::Text))
    };
    let mut classes = Classes::smallest();
    for value in points(tests, family) {
        effort.check()?;
        if tests.focus.iter().all(|check| !asked(check) || check.is_unknown() || check.may_take(&value)) {
            classes.add(tests.bits(|check| !asked(check) || check.surely_takes(&value)), || value.clone());
        }
    }
    Ok(classes)
}

/// Values that tell the tests of one type apart.
pub(super) fn points(tests: &Tests<'_>, family: Family) -> Vec<Word> {
    let of = tests.all().filter(|check| check.family() == Some(family));
    let values = |check: &Check| match &check.body {
        Body::Number(_, values) | Body::Date(_, values) => values.clone(),
        _ => Vec::new(),
    };
    let mut points: Vec<Word> = match family {
        Family::Number => {
            let values: Vec<Decimal> = of.flat_map(values).collect();
            numbers::points(&values).into_iter().map(|point| word(&point.number())).collect()
        }
        Family::Date => {
            let values: Vec<Decimal> = of.flat_map(values).collect();
            numbers::moments(&values).into_iter().map(|point| word(&point.date())).collect()
        }
        Family::Address => {
            let ranges = of.flat_map(|check| match &check.body {
                Body::Address { ranges, .. } => ranges.clone(),
                _ => Vec::new(),
            });
            addresses::points(&ranges.collect::<Vec<_>>()).iter().map(|text| word(text)).collect()
        }
        Family::Flag => {
            let texts = tests.all().filter(|check| check.family() == Some(Family::Text));
            [word("true"), word("false")].into_iter().chain(texts.flat_map(Check::literals)).collect()
        }
        Family::Bytes => of.flat_map(Check::literals).chain([word("b3RoZXI=")]).collect(),
        Family::Text => return Vec::new(),
    };
    if !has_only(&tests.key, family) {
        points.push(word(OF_NO_TYPE));
    }
    points
}

/// A text that is no number, moment, address, truth value or encoded bytes.
const OF_NO_TYPE: &str = "-other-";

/// Values of policies, and likely ones, which all tests are asked of whatever their types.
pub(super) fn candidates(tests: &Tests<'_>) -> Vec<Word> {
    let families = tests.families();
    if families.len() == 1 && !families.contains(&Family::Text) {
        return Vec::new();
    }
    let flags = families.contains(&Family::Flag);
    let mut values: Vec<Word> = tests.focus.iter().flat_map(|check| check.literals()).take(64).collect();
    let clauses: Vec<Clause<'_>> = tests.focus.iter().filter_map(|check| clause(check)).collect();
    if !flags {
        values.extend(texts::filled(&clauses, &[]));
        values.push(word(likely(&tests.key)));
    }
    values.extend(
        families.iter().filter(|family| **family != Family::Text).flat_map(|family| points(tests, *family)),
    );
    values
}

/// A value that a key may well have and no policy asks for.
pub(super) fn likely(key: &str) -> &'static str {
    match key {
        key if key.ends_with("account") || key.ends_with("owner") => super::senders::STRANGER,
        key if key.ends_with("orgid") => "o-z9y8x7w6v5",
        key if key.ends_with("orgpaths") => "o-z9y8x7w6v5/r-ab12/ou-ab12-11111111/",
        "aws:sourcevpce" => "vpce-0123456789abcdef0",
        key if key.ends_with("vpc") => "vpc-0123456789abcdef0",
        "aws:principalarn" => "arn:aws:iam::999999999999:role/other",
        "aws:userid" => "AROAEXAMPLEID:session",
        key if key.ends_with("arn") => "arn:aws:sns:us-east-1:999999999999:other",
        "aws:requestedregion" => "eu-central-1",
        "aws:sourceip" => "203.0.113.7",
        key => match condition_key(key).and_then(ConditionKey::value_type) {
            Some(ValueType::Bool) => "true",
            Some(ValueType::Numeric) => "1",
            Some(ValueType::Date) => "2026-01-01T00:00:00Z",
            Some(ValueType::IpAddress) => "203.0.113.7",
            Some(ValueType::Arn) => "arn:aws:sns:us-east-1:999999999999:other",
            Some(ValueType::String) | None => "other",
        },
    }
}
