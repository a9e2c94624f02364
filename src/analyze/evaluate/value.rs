//! Values that are not compared as texts: numbers, moments, addresses, bytes.
//!
//! IAM guide, "IAM JSON policy elements: Condition operators".

use std::cmp::Ordering;
use std::net::IpAddr;

use crate::policy::TestKind;

/// A number as it was written, without rounding: `10`, `-0.5`, `1e3`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Decimal {
    negative: bool,
    /// Without zeros at either end; none for zero.
    digits: String,
    /// How many places the point stands behind the start of the digits.
    point: i64,
}

impl Decimal {
    /// `None` for what is no number from end to end, as `10abc`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (negative, text) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
            None => (text, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let all = format!("{whole}{fraction}");
        if all.is_empty() || !all.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let digits = all.trim_start_matches('0');
        let point = whole.len() as i64 - (all.len() - digits.len()) as i64 + i64::from(exponent);
        let digits = digits.trim_end_matches('0').to_owned();
        let zero = digits.is_empty();
        Some(Decimal { negative: negative && !zero, point: if zero { 0 } else { point }, digits })
    }

    fn cmp_size(&self, other: &Self) -> Ordering {
        match (self.digits.is_empty(), other.digits.is_empty()) {
            (true, true) => Ordering::Equal,
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
            // Without zeros in front, the longer whole part is the greater number.
            (false, false) => self.point.cmp(&other.point).then_with(|| self.digits.cmp(&other.digits)),
        }
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.negative, other.negative) {
            (false, true) => Ordering::Greater,
            (true, false) => Ordering::Less,
            (false, false) => self.cmp_size(other),
            (true, true) => other.cmp_size(self),
        }
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Whether an operator can compare with this text. One that cannot finds no value equal to it.
pub(in crate::analyze) fn can_compare(kind: TestKind, text: &str) -> bool {
    match kind.name() {
        name if name.starts_with("Numeric") => Decimal::parse(text).is_some(),
        name if name.starts_with("Date") => seconds(text).is_some(),
        name if name.ends_with("IpAddress") => Range::parse(text).is_some(),
        "BinaryEquals" => base64(text).is_some(),
        "Bool" | "Null" => ["true", "false"].iter().any(|truth| text.eq_ignore_ascii_case(truth)),
        _ => true,
    }
}

/// The seconds since 1970 of a moment: ISO 8601 in the forms of the W3C ("Date and Time Formats"), or
/// the number of seconds itself. Four digits are a year; parts of a second are cut off.
pub fn seconds(text: &str) -> Option<i64> {
    moment(text, false)
}

/// The same in billionths of a second, where parts of a second count.
pub(super) fn instant(text: &str) -> Option<i128> {
    let whole = i128::from(seconds(text)?) * i128::from(BILLION);
    let digits = text.split_once('.').map_or("", |(_, rest)| rest);
    let digits = digits.chars().take_while(char::is_ascii_digit).chain(std::iter::repeat('0')).take(9);
    Some(whole + digits.collect::<String>().parse::<i128>().ok()?)
}

pub(super) const BILLION: i64 = 1_000_000_000;

/// Whether a text is a moment in a form that AWS documents.
pub fn is_moment(text: &str) -> bool {
    moment(text, false).is_some()
}

/// Whether AWS may read a text as a moment that is in none of these forms: without a zone, or spelled otherwise.
pub fn may_be_moment(text: &str) -> bool {
    moment(text, false).is_none() && moment(text, true).is_some()
}

/// The same, as AWS may read it otherwise: four digits are seconds, a second that has begun is over, a time without a
/// zone is in UTC, there is a blank between date and time, or no colon in the zone.
pub(super) fn moment(text: &str, otherwise: bool) -> Option<i64> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_number && (otherwise || text.len() != 4) {
        return text.parse().ok();
    }
    let between: &[char] = if otherwise { &['T', 't', ' '] } else { &['T', 't'] };
    let (date, time) = match text.split_once(between) {
        Some((date, time)) => (date, Some(time)),
        None => (text, None),
    };
    let mut parts = date.split('-');
    let year = number(parts.next()?, 4)?;
    let month = parts.next().map_or(Some(1), |part| number(part, 2))?;
    let day = parts.next().map_or(Some(1), |part| number(part, 2))?;
    let known = (1..=12).contains(&month) && (1..=days_of(year, month)).contains(&day);
    if parts.next().is_some() || !known {
        return None;
    }
    let midnight = days_since_1970(year, month, day) * 86_400;
    match time {
        None => Some(midnight),
        // A time belongs to a day, not to a month.
        Some(time) if date.len() == 10 => Some(midnight + time_of_day(time, otherwise)?),
        Some(_) => None,
    }
}

/// `10:30Z`, `10:30:15.5+01:00`: the seconds since midnight in UTC.
fn time_of_day(text: &str, otherwise: bool) -> Option<i64> {
    let at = text.find(['Z', 'z', '+', '-']);
    let (clock, zone) = match at {
        None if otherwise => (text, "Z"),
        at => text.split_at(at?),
    };
    let mut parts = clock.split(':');
    let hour = number(parts.next()?, 2).filter(|hour| *hour < 24)?;
    let minute = number(parts.next()?, 2).filter(|minute| *minute < 60)?;
    let second = match parts.next() {
        None => 0,
        Some(text) => {
            let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
            if fraction.is_empty() || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
                return None;
            }
            let has_begun = otherwise && fraction.bytes().any(|digit| digit != b'0');
            number(whole, 2).filter(|second| *second < 60)? + i64::from(has_begun)
        }
    };
    if parts.next().is_some() {
        return None;
    }
    Some(hour * 3_600 + minute * 60 + second - offset(zone, otherwise)?)
}

/// `Z`, `+01:00`
fn offset(zone: &str, otherwise: bool) -> Option<i64> {
    if zone.eq_ignore_ascii_case("z") {
        return Some(0);
    }
    let size = zone.strip_prefix(['+', '-'])?;
    let (hours, minutes) = match size.split_once(':') {
        None if otherwise => size.split_at_checked(2)?,
        parts => parts?,
    };
    let hours = number(hours, 2).filter(|hours| *hours < 24)?;
    let minutes = number(minutes, 2).filter(|minutes| *minutes < 60)?;
    let size = hours * 3_600 + minutes * 60;
    Some(if zone.starts_with('-') { -size } else { size })
}

/// A number of so many digits.
fn number(text: &str, digits: usize) -> Option<i64> {
    let fits = text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit());
    if fits { text.parse().ok() } else { None }
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_of(year: i64, month: i64) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    // Leap years before a year, from the year 0 of the proleptic Gregorian calendar.
    let leaps = |year: i64| (year + 3) / 4 - (year + 99) / 100 + (year + 399) / 400;
    let years = 365 * (year - 1970) + leaps(year) - leaps(1970);
    let months: i64 = (1..month).map(|month| days_of(year, month)).sum();
    years + months + day - 1
}

/// A range of addresses: `203.0.113.0/24`, `2001:db8::/32`, or one address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::analyze) struct Range {
    /// An address of the range.
    pub base: IpAddr,
    /// How many of its first bits the others have too.
    pub prefix: u32,
}

impl Range {
    pub(in crate::analyze) fn parse(text: &str) -> Option<Self> {
        let (base, prefix) = match text.split_once('/') {
            Some((base, prefix)) => (base, Some(prefix)),
            None => (text, None),
        };
        let base: IpAddr = base.parse().ok()?;
        let bits = if base.is_ipv4() { 32 } else { 128 };
        let prefix = match prefix {
            Some(text) if text.bytes().all(|byte| byte.is_ascii_digit()) => text.parse().ok()?,
            Some(_) => return None,
            None => bits,
        };
        (prefix <= bits).then_some(Range { base, prefix })
    }

    /// Whether an address lies in it. Bits of the base behind the prefix have no meaning; an address
    /// of one version lies in no range of the other.
    pub(in crate::analyze) fn contains(&self, address: IpAddr) -> bool {
        let differs = match (self.base, address) {
            (IpAddr::V4(base), IpAddr::V4(address)) => {
                (u32::from(base) ^ u32::from(address)).checked_shr(32 - self.prefix).unwrap_or(0) != 0
            }
            (IpAddr::V6(base), IpAddr::V6(address)) => {
                (u128::from(base) ^ u128::from(address)).checked_shr(128 - self.prefix).unwrap_or(0) != 0
            }
            _ => true,
        };
        !differs
    }
}

/// The bytes that a text stands for; `None` if it is no base64.
pub(in crate::analyze) fn base64(text: &str) -> Option<Vec<u8>> {
    let digits = text.trim_end_matches('=');
    let padding = text.len() - digits.len();
    if digits.len() % 4 == 1 || padding > 2 || (padding > 0 && !text.len().is_multiple_of(4)) {
        return None;
    }
    let (mut out, mut buffer, mut bits) = (Vec::with_capacity(digits.len() * 3 / 4), 0u32, 0);
    for byte in digits.bytes() {
        let digit = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        buffer = (buffer << 6) | u32::from(digit);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            // The bits above are gone: eight of them are kept.
            out.push((buffer >> bits) as u8);
            buffer &= (1 << bits) - 1;
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(crate::draws::cases(256))]

        #[test]
        fn nothing_panics(text in "\\PC{0,12}|[0-9TZ:.+-]{0,24}|[0-9a-f:./]{0,40}|[A-Za-z0-9+/=]{0,12}") {
            let _ = (Decimal::parse(&text), seconds(&text), Range::parse(&text), base64(&text));
        }

        /// Numbers of up to 18 places, compared as integers of the smallest place.
        #[test]
        fn numbers_compare_as_numbers(a in -1_000_000i64..1_000_000, b in -1_000_000i64..1_000_000, places in 0usize..4, zeros in 0usize..3) {
            let written = |number: i64| {
                let digits = format!("{:0>width$}", number.abs(), width = places + 1);
                let (whole, fraction) = digits.split_at(digits.len() - places);
                let sign = if number < 0 { "-" } else { "" };
                format!("{sign}{}{whole}.{fraction}{}", "0".repeat(zeros), "0".repeat(zeros))
            };
            let parse = |text: String| Decimal::parse(&text).unwrap();
            prop_assert_eq!(parse(written(a)).cmp(&parse(written(b))), a.cmp(&b));
            prop_assert_eq!(parse(written(a)), parse(format!("{a}e-{places}")));
        }

        /// Each day follows the one before, for eight hundred years.
        #[test]
        fn days_follow_days(year in 1600i64..2400, month in 1i64..=12) {
            let first = days_since_1970(year, month, 1);
            let (year, month) = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
            let before = if month == 1 { (year - 1, 12) } else { (year, month - 1) };
            prop_assert_eq!(days_since_1970(year, month, 1), first + days_of(before.0, before.1));
        }

        #[test]
        fn a_range_is_what_its_prefix_says(base: u32, address: u32, prefix in 0u32..=32) {
            let text = |number: u32| std::net::Ipv4Addr::from(number).to_string();
            let range = Range::parse(&format!("{}/{prefix}", text(base))).unwrap();
            let bits = |number: u32| format!("{number:032b}")[..prefix as usize].to_owned();
            prop_assert_eq!(range.contains(text(address).parse().unwrap()), bits(base) == bits(address));
        }
    }
}
