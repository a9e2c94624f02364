//! Whether the circumstances of a request pass a test.
//!
//! IAM guide, "IAM JSON policy elements: Condition operators", and "Set operators for multivalued
//! context keys".

use std::borrow::Cow;
use std::cmp::Ordering;
use std::net::IpAddr;

use super::asked::Given;
use super::resource::ArnPattern;
use super::text::Text;
use super::value::{BILLION, Decimal, Range, base64, instant, moment, seconds};
use super::{Asked, Match, known};
use crate::analyze::reading::{OF_AWS, Reading, is_of_account};
use crate::policy::{self, Arn, SetOperator, TestKind};

/// All names of the service that calls by itself, in lower case. IAM guide, "AWS global condition context keys".
pub(in crate::analyze) const SERVICE_NAMES: &str = "aws:principalservicenameslist";

/// A test, ready for requests.
#[derive(Clone, Debug)]
pub(super) struct Test {
    /// The key as it was written, and in lower case: its case has no meaning.
    key: String,
    folded: String,
    set: Option<SetOperator>,
    if_exists: bool,
    negated: bool,
    asked_for: Values,
    /// Whether a template has still to fill in one of the values, or it is not known what they mean.
    unfilled: bool,
    reading: Reading,
}

/// What a value is compared with. Values of a policy that cannot be read are left out: nothing is
/// equal to them.
#[derive(Clone, Debug)]
enum Values {
    Texts(Vec<Text>),
    /// In lower case.
    FoldedTexts(Vec<Text>),
    /// `Bool`
    Truths(Vec<Text>),
    Arns(Vec<ArnPattern>),
    Numbers(Order, Vec<Decimal>),
    /// Billionths of a second since 1970, and whether those of a request count.
    Dates(Order, Vec<i128>, bool),
    Bytes(Vec<Vec<u8>>),
    Ranges(Vec<Range>),
    /// `Null`: whether the test holds of a key that is absent, and of one that is there.
    Null {
        absent: bool,
        present: bool,
    },
}

/// How a value of the request has to stand to that of the policy.
#[derive(Clone, Copy, Debug)]
enum Order {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Test {
    pub(super) fn new(test: &policy::Test, variables: bool, reading: Reading, is_open: bool) -> Self {
        Test {
            reading,
            folded: test.key.to_ascii_lowercase(),
            key: test.key.clone(),
            set: test.operator.set,
            if_exists: test.operator.if_exists,
            negated: test.operator.kind.is_negated(),
            asked_for: Values::new(test, variables, reading),
            unfilled: test.values.items.iter().any(|value| value.is_hole()) || is_open,
        }
    }

    /// Whether it is on a key, given in lower case.
    pub(super) fn asks(&self, key: &str) -> bool {
        self.folded == key
    }

    /// Whether the request passes. A key that it does not have goes to `absent`.
    pub(super) fn holds<'p>(&'p self, asked: &Asked<'_>, absent: &mut Vec<&'p str>) -> Match {
        let given = match asked.value(&self.folded) {
            None if self.reading.services_have_account
                && is_of_account(&self.folded)
                && matches!(asked.who, super::Who::Service(_)) =>
            {
                Some(Given::One(OF_AWS))
            }
            given => given,
        };
        if let (None, super::Who::Service(name), false) = (given, asked.who, asked.is_bare())
            && self.folded == SERVICE_NAMES
        {
            return self.holds_of_more_than(name, asked, absent);
        }
        if let (None, true, Some(given)) = (self.set, self.reading.mixed_lists, given) {
            let mut passing = given.values().map(|value| self.fits(value, false, asked, &mut Vec::new()));
            let first = passing.next();
            if passing.any(|fits| Some(fits) != first) {
                return Match::Unsure;
            }
        }
        let mut holds = |unfilled| self.holds_if(given, unfilled, asked, absent);
        match (self.unfilled, holds(false)) {
            // With a value that nothing is equal to, and with one that everything is.
            (true, without) if holds(true) != without => Match::Unsure,
            (_, true) => Match::Yes,
            (_, false) => Match::No,
        }
    }

    /// The same of a list of which one value is known, but not which others there are.
    fn holds_of_more_than<'p>(&'p self, value: &str, asked: &Asked<'_>, absent: &mut Vec<&'p str>) -> Match {
        let of = |unfilled| self.holds_if(Some(Given::One(value)), unfilled, asked, &mut Vec::new());
        let holds = of(false);
        let whatever_else = match (&self.asked_for, self.set) {
            (Values::Null { .. }, _) => true,
            (_, Some(SetOperator::ForAnyValue)) => holds,
            (_, Some(SetOperator::ForAllValues)) => !holds,
            (_, None) => false,
        };
        match (whatever_else && (!self.unfilled || of(true) == holds), holds) {
            (true, true) => Match::Yes,
            (true, false) => Match::No,
            (false, _) => {
                absent.push(&self.key);
                Match::Unsure
            }
        }
    }

    /// The same, given whether the values that only a template knows are equal to all that they are
    /// compared with.
    fn holds_if<'p>(
        &'p self,
        given: Option<Given<'_>>,
        unfilled: bool,
        asked: &Asked<'_>,
        absent: &mut Vec<&'p str>,
    ) -> bool {
        if given.is_none() {
            absent.push(&self.key);
        }
        if let Values::Null { absent, present } = self.asked_for {
            let is_empty = |given: Given<'_>| {
                matches!(given, Given::Many(_))
                    && self.reading.empty_is_null
                    && given.values().all(str::is_empty)
            };
            return unfilled || if given.is_none_or(is_empty) { absent } else { present };
        }
        let Some(given) = given else { return self.holds_of_absent() };
        let before = absent.len();
        match (self.set, given) {
            (None, Given::One(value)) => self.fits(value, unfilled, asked, absent),
            (None, Given::Many([value])) => self.fits(value, unfilled, asked, absent),
            // Not documented. As others have measured it, a key of several values passes no test
            // that does not say how to take them.
            (None, Given::Many(_)) if !self.reading.plain_lists => false,
            (None, given) => {
                let mut passing = given.values().map(|value| self.fits(value, unfilled, asked, absent));
                if self.negated { passing.all(|fits| fits) } else { passing.any(|fits| fits) }
            }
            // "… resolves to a null data set, such as an empty string": as good as absent.
            (Some(_), given) if given.values().all(str::is_empty) => self.holds_of_absent(),
            (Some(SetOperator::ForAllValues), given) => {
                let all = given.values().all(|value| self.fits(value, unfilled, asked, absent));
                if all && !self.negated {
                    absent.truncate(before);
                }
                all
            }
            (Some(SetOperator::ForAnyValue), given) => {
                let any = given.values().any(|value| self.fits(value, unfilled, asked, absent));
                if any && !self.negated {
                    absent.truncate(before);
                }
                any
            }
        }
    }

    /// Whether a request without the key passes: it has no value that differs from none, so a
    /// negated operator holds.
    fn holds_of_absent(&self) -> bool {
        match self.set {
            Some(SetOperator::ForAllValues) => true,
            Some(SetOperator::ForAnyValue) => self.if_exists,
            None => self.if_exists || self.negated,
        }
    }

    /// Whether one value passes: one of those asked for, or with a negated operator, none of them.
    fn fits<'p>(&'p self, value: &str, unfilled: bool, asked: &Asked<'_>, absent: &mut Vec<&'p str>) -> bool {
        let before = absent.len();
        let folded = match self.asked_for {
            Values::FoldedTexts(_) => folded(value, self.reading),
            _ => Cow::Borrowed(value),
        };
        if self.reading.typed_values && self.negated && !self.asked_for.reads(value) {
            return false;
        }
        let listed = unfilled || self.asked_for.list(&folded, asked, absent);
        if listed {
            // Whatever the variables of the other values are.
            absent.truncate(before);
        }
        listed != self.negated
    }
}

fn billionths(seconds: i64) -> i128 {
    i128::from(seconds) * i128::from(BILLION)
}

/// A text, the case of its letters aside.
fn folded(text: &str, reading: Reading) -> Cow<'_, str> {
    match reading.other_values && !text.is_ascii() {
        true => Cow::Owned(text.to_lowercase()),
        false => Cow::Owned(text.to_ascii_lowercase()),
    }
}

impl Values {
    fn new(test: &policy::Test, variables: bool, reading: Reading) -> Self {
        let texts = || known(test.values.items.iter());
        let plain = |text: &str| Text::plain(text, variables);
        let numbers = |order| Values::Numbers(order, texts().filter_map(Decimal::parse).collect());
        let moment = |text| match reading.fractions {
            true => instant(text),
            false => moment(text, reading.other_values).map(billionths),
        };
        let dates = |order| Values::Dates(order, texts().filter_map(moment).collect(), reading.fractions);
        match test.operator.kind {
            TestKind::StringEquals | TestKind::StringNotEquals => Values::Texts(texts().map(plain).collect()),
            TestKind::StringEqualsIgnoreCase | TestKind::StringNotEqualsIgnoreCase => {
                Values::FoldedTexts(texts().map(|text| plain(&folded(text, reading))).collect())
            }
            TestKind::StringLike | TestKind::StringNotLike => {
                Values::Texts(texts().map(|text| Text::pattern(text, variables)).collect())
            }
            TestKind::Bool => Values::Truths(texts().map(|text| plain(&text.to_ascii_lowercase())).collect()),
            TestKind::ArnEquals | TestKind::ArnLike | TestKind::ArnNotEquals | TestKind::ArnNotLike => {
                Values::Arns(texts().map(|text| ArnPattern::condition(text, variables, reading)).collect())
            }
            TestKind::NumericEquals | TestKind::NumericNotEquals => numbers(Order::Equal),
            TestKind::NumericLessThan => numbers(Order::Less),
            TestKind::NumericLessThanEquals => numbers(Order::LessOrEqual),
            TestKind::NumericGreaterThan => numbers(Order::Greater),
            TestKind::NumericGreaterThanEquals => numbers(Order::GreaterOrEqual),
            TestKind::DateEquals | TestKind::DateNotEquals => dates(Order::Equal),
            TestKind::DateLessThan => dates(Order::Less),
            TestKind::DateLessThanEquals => dates(Order::LessOrEqual),
            TestKind::DateGreaterThan => dates(Order::Greater),
            TestKind::DateGreaterThanEquals => dates(Order::GreaterOrEqual),
            TestKind::BinaryEquals => Values::Bytes(texts().filter_map(base64).collect()),
            TestKind::IpAddress | TestKind::NotIpAddress => {
                Values::Ranges(texts().filter_map(Range::parse).collect())
            }
            TestKind::Null => Values::Null {
                absent: texts().any(|text| text.eq_ignore_ascii_case("true")),
                present: texts().any(|text| text.eq_ignore_ascii_case("false")),
            },
        }
    }

    /// Whether a value of the request is of their type.
    fn reads(&self, value: &str) -> bool {
        match self {
            Values::Numbers(..) => Decimal::parse(value).is_some(),
            Values::Dates(..) => seconds(value).is_some(),
            Values::Ranges(_) => value.parse::<IpAddr>().is_ok(),
            _ => true,
        }
    }

    /// Whether a value of the request is one of these. One that cannot be read is none of them.
    fn list<'p>(&'p self, value: &str, asked: &Asked<'_>, absent: &mut Vec<&'p str>) -> bool {
        match self {
            Values::Texts(texts) => texts.iter().any(|text| text.matches(value, asked, absent)),
            Values::FoldedTexts(texts) => texts.iter().any(|text| text.matches_folded(value, asked, absent)),
            Values::Truths(texts) => {
                let is_truth = ["true", "false"].iter().any(|truth| value.eq_ignore_ascii_case(truth));
                is_truth && texts.iter().any(|text| text.matches_folded(value, asked, absent))
            }
            Values::Arns(patterns) => Arn::parse(value)
                .is_some_and(|arn| patterns.iter().any(|pattern| pattern.matches(&arn, asked, absent))),
            Values::Numbers(order, numbers) => Decimal::parse(value)
                .is_some_and(|value| numbers.iter().any(|number| order.holds(value.cmp(number)))),
            Values::Dates(order, dates, fractions) => {
                let value = if *fractions { instant(value) } else { seconds(value).map(billionths) };
                value.is_some_and(|value| dates.iter().any(|date| order.holds(value.cmp(date))))
            }
            Values::Bytes(bytes) => base64(value).is_some_and(|value| bytes.contains(&value)),
            Values::Ranges(ranges) => {
                value.parse().is_ok_and(|address| ranges.iter().any(|range| range.contains(address)))
            }
            Values::Null { present, .. } => *present,
        }
    }
}

impl Order {
    /// Whether a value that stands so to the policy's passes.
    fn holds(self, ordering: Ordering) -> bool {
        match self {
            Order::Equal => ordering.is_eq(),
            Order::Less => ordering.is_lt(),
            Order::LessOrEqual => ordering.is_le(),
            Order::Greater => ordering.is_gt(),
            Order::GreaterOrEqual => ordering.is_ge(),
        }
    }
}
