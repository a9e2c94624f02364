//! Numbers and moments: exact decimals, and the points that tell comparisons apart.

use crate::analyze::evaluate::seconds;
use crate::policy::TestKind;

/// How many places behind the point a policy's number may have.
const PLACES: u32 = 12;
/// A number is held as an integer of units, one place finer than any number of a policy, so that
/// there is room between two of them.
const UNIT: i128 = 10_i128.pow(PLACES + 1);
/// The first moment that has a date of four digits for the year.
const YEAR_ZERO: Decimal = Decimal(-62_167_219_200 * UNIT);

/// An exact decimal number; also a moment, as seconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Decimal(i128);

/// How a number is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Comparison {
    /// The comparison of a numeric or date operator.
    pub fn new(kind: TestKind) -> Option<Self> {
        Some(match kind {
            TestKind::NumericEquals | TestKind::DateEquals => Comparison::Equal,
            TestKind::NumericNotEquals | TestKind::DateNotEquals => Comparison::NotEqual,
            TestKind::NumericLessThan | TestKind::DateLessThan => Comparison::Less,
            TestKind::NumericLessThanEquals | TestKind::DateLessThanEquals => Comparison::LessOrEqual,
            TestKind::NumericGreaterThan | TestKind::DateGreaterThan => Comparison::Greater,
            TestKind::NumericGreaterThanEquals | TestKind::DateGreaterThanEquals => {
                Comparison::GreaterOrEqual
            }
            _ => return None,
        })
    }

    /// Whether a number passes against a list in order.
    pub fn holds(self, number: Decimal, values: &[Decimal]) -> bool {
        let listed = || values.binary_search(&number).is_ok();
        let (least, most) = (values.first(), values.last());
        match self {
            Comparison::Equal => listed(),
            Comparison::NotEqual => !listed(),
            Comparison::Less => most.is_some_and(|most| number < *most),
            Comparison::LessOrEqual => most.is_some_and(|most| number <= *most),
            Comparison::Greater => least.is_some_and(|least| number > *least),
            Comparison::GreaterOrEqual => least.is_some_and(|least| number >= *least),
        }
    }
}

impl Decimal {
    /// Reads a number as a policy writes it.
    pub fn parse(text: &str) -> Option<Self> {
        Self::parse_point(text).filter(|number| number.0 % 10 == 0)
    }

    /// Reads a number of a request, which may be one between two of policies.
    pub fn parse_point(text: &str) -> Option<Self> {
        let (negative, rest) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (whole, fraction) = rest.split_once('.').unwrap_or((rest, ""));
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if !digits(whole) || !digits(fraction) || whole.is_empty() && fraction.is_empty() {
            return None;
        }
        let fraction = fraction.trim_end_matches('0');
        if fraction.len() > PLACES as usize + 1 || whole.trim_start_matches('0').len() > 20 {
            return None;
        }
        let number = |text: &str| if text.is_empty() { Some(0) } else { text.parse::<i128>().ok() };
        let scale = 10_i128.pow(PLACES + 1 - fraction.len() as u32);
        let units = number(whole)? * UNIT + number(fraction)? * scale;
        Some(Decimal(if negative { -units } else { units }))
    }

    /// Reads a moment, which has whole seconds.
    pub fn parse_date(text: &str) -> Option<Self> {
        seconds(text).map(|seconds| Decimal(i128::from(seconds) * UNIT))
    }

    fn whole(self) -> i128 {
        self.0.div_euclid(UNIT)
    }
}

/// The numbers that tell comparisons with `values` apart: each of them, and one in each gap.
pub(super) fn points(values: &[Decimal]) -> Vec<Decimal> {
    between(values, |before, next| Some(Decimal(before.0 + (next.0 - before.0) / 2)))
}

/// The moments that tell comparisons with `values` apart: there is none between two seconds.
pub(super) fn moments(values: &[Decimal]) -> Vec<Decimal> {
    let mut moments = between(values, |_, _| None);
    moments.retain(|moment| *moment >= YEAR_ZERO);
    moments
}

/// Each value, and one in each gap; `close` is one between two values that no whole number parts.
fn between(values: &[Decimal], close: impl Fn(Decimal, Decimal) -> Option<Decimal>) -> Vec<Decimal> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    let (Some(first), Some(last)) = (sorted.first(), sorted.last()) else { return vec![Decimal(0)] };
    let below = (first.0 - 1).div_euclid(UNIT) * UNIT;
    let mut between = vec![Decimal(below), Decimal((last.whole() + 1) * UNIT)];
    for pair in sorted.windows(2) {
        let next = (pair[0].whole() + 1) * UNIT;
        between.extend(if next < pair[1].0 { Some(Decimal(next)) } else { close(pair[0], pair[1]) });
    }
    sorted.extend(between);
    sorted
}

impl Decimal {
    /// As a number.
    pub fn number(self) -> String {
        let (sign, units) = if self.0 < 0 { ("-", -self.0) } else { ("", self.0) };
        let fraction = format!("{:013}", units % UNIT);
        let fraction = fraction.trim_end_matches('0');
        let point = if fraction.is_empty() { "" } else { "." };
        format!("{sign}{}{point}{fraction}", units / UNIT)
    }

    /// As a moment in ISO 8601; past the year 9999, as seconds.
    pub fn date(self) -> String {
        let seconds = self.whole();
        let (day, clock) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
        let (year, month, day) = civil(day);
        if year > 9999 {
            return seconds.to_string();
        }
        let (hours, minutes, seconds) = (clock / 3600, clock / 60 % 60, clock % 60);
        format!("{year:04}-{month:02}-{day:02}T{hours:02}:{minutes:02}:{seconds:02}Z")
    }
}

/// The date of a day since 1970.
fn civil(day: i128) -> (i128, i128, i128) {
    let day = day + 719_468;
    let (era, day) = (day.div_euclid(146_097), day.rem_euclid(146_097));
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (era * 400 + year + i128::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_exact() {
        let number = |text: &str| Decimal::parse(text);
        assert_eq!(number("1.50"), number("1.5"));
        assert!(number("-0.1") < number("0") && number("0.1") < number("0.10000000001"));
        for text in ["1e5", "", ".", "10abc", "1.0000000000001", "--1"] {
            assert_eq!(number(text), None, "{text}");
        }
        for text in ["0", "-3.25", "10", "0.000000000001"] {
            assert_eq!(number(text).unwrap().number(), text);
        }
    }

    #[test]
    fn dates_are_moments() {
        let date = |text: &str| Decimal::parse_date(text).unwrap();
        for text in ["2024-02-29T12:34:56Z", "1969-12-31T23:59:59Z", "2100-01-01T00:00:00Z", "253402300800"] {
            assert_eq!(date(text).date(), text);
        }
        let second = [date("2024-01-01T00:00:00Z"), date("2024-01-01T00:00:01Z")];
        let texts: Vec<_> = moments(&second).into_iter().map(Decimal::date).collect();
        assert_eq!(
            texts,
            ["2024-01-01T00:00:00Z", "2024-01-01T00:00:01Z", "2023-12-31T23:59:59Z", "2024-01-01T00:00:02Z"]
        );
        assert_eq!(moments(&[date("0000-01-01")]).len(), 2, "nothing is before");
    }

    #[test]
    fn a_point_in_each_gap() {
        let values: Vec<_> = ["1", "1.5", "3"].iter().filter_map(|text| Decimal::parse(text)).collect();
        let texts: Vec<_> = points(&values).into_iter().map(Decimal::number).collect();
        assert_eq!(texts, ["1", "1.5", "3", "0", "4", "1.25", "2"]);
        // Also between the nearest that there can be, and as the text of a request.
        let near: Vec<_> = ["0.1", "0.100000000001"].iter().filter_map(|text| Decimal::parse(text)).collect();
        let between = points(&near).into_iter().filter(|point| near[0] < *point && *point < near[1]);
        let between: Vec<_> = between.collect();
        assert_eq!(between.len(), 1);
        assert_eq!(Decimal::parse_point(&between[0].number()), Some(between[0]));
    }
}
