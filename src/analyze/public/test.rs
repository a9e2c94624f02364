//! Whether one request passes one test, as far as can be said.

use std::net::IpAddr;

use crate::pattern::Pattern;
use crate::policy::{Resource, SetOperator, Test, TestKind, Value};

/// Keys that real requests carry, or may, though an example leaves them open: what a test on one of
/// them makes of its absence says nothing.
const OPEN: &[&str] = &[
    "aws:currenttime",
    "aws:epochtime",
    "aws:principaltype",
    "aws:requestedregion",
    "aws:resourceaccount",
    "aws:resourceorgid",
    "aws:resourceorgpaths",
    "aws:sourceip",
    "aws:useragent",
    "aws:userid",
];

/// Whether a request whose value for the test's key is `value` passes; `None` if that is not known.
pub(super) fn passes(test: &Test, value: Option<&str>, variables: bool) -> Option<bool> {
    let operator = test.operator;
    let Some(value) = value else {
        if operator.kind == TestKind::Null {
            return Some(test.values.items.iter().any(|asked| asked.text.eq_ignore_ascii_case("true")));
        }
        if OPEN.contains(&test.key.to_ascii_lowercase().as_str()) {
            return None;
        }
        return Some(match operator.set {
            Some(SetOperator::ForAllValues) => true,
            Some(SetOperator::ForAnyValue) => operator.if_exists,
            None => operator.if_exists || operator.kind.is_negated(),
        });
    };
    if operator.kind == TestKind::Null {
        return Some(test.values.items.iter().any(|asked| asked.text.eq_ignore_ascii_case("false")));
    }
    let mut unknown = false;
    for asked in &test.values.items {
        match matches(operator.kind, asked, value, variables) {
            Some(true) => return Some(!operator.kind.is_negated()),
            Some(false) => {}
            None => unknown = true,
        }
    }
    (!unknown).then_some(operator.kind.is_negated())
}

/// Whether a value is what a test asks for, its negation left aside.
fn matches(kind: TestKind, asked: &Value, value: &str, variables: bool) -> Option<bool> {
    let text = asked.text.as_str();
    if asked.opaque || (variables && text.contains("${")) {
        return None;
    }
    match kind {
        TestKind::StringEquals | TestKind::StringNotEquals | TestKind::BinaryEquals => Some(text == value),
        TestKind::StringEqualsIgnoreCase | TestKind::StringNotEqualsIgnoreCase | TestKind::Bool => {
            Some(text.eq_ignore_ascii_case(value))
        }
        TestKind::StringLike | TestKind::StringNotLike => Some(Pattern::new(text).matches(value)),
        TestKind::ArnEquals | TestKind::ArnLike | TestKind::ArnNotEquals | TestKind::ArnNotLike => {
            Some(Resource::new(text, false).contains(&Resource::new(value, false)))
        }
        TestKind::IpAddress | TestKind::NotIpAddress => in_range(text, value),
        TestKind::NumericEquals => Some(number(text)? == number(value)?),
        TestKind::NumericNotEquals => Some(number(text)? == number(value)?),
        TestKind::NumericLessThan => Some(number(value)? < number(text)?),
        TestKind::NumericLessThanEquals => Some(number(value)? <= number(text)?),
        TestKind::NumericGreaterThan => Some(number(value)? > number(text)?),
        TestKind::NumericGreaterThanEquals => Some(number(value)? >= number(text)?),
        _ => None,
    }
}

fn number(text: &str) -> Option<i64> {
    text.parse().ok()
}

/// Whether an address lies in a range.
pub(super) fn in_range(range: &str, address: &str) -> Option<bool> {
    let (base, prefix) = range.split_once('/').unwrap_or((range, "128"));
    let prefix: u32 = prefix.parse().ok()?;
    let (base, address): (IpAddr, IpAddr) = (base.parse().ok()?, address.parse().ok()?);
    match (base, address) {
        (IpAddr::V4(base), IpAddr::V4(address)) => {
            let shift = 32u32.saturating_sub(prefix);
            let cut = |address: std::net::Ipv4Addr| u32::from(address).checked_shr(shift).unwrap_or(0);
            Some(cut(base) == cut(address))
        }
        (IpAddr::V6(base), IpAddr::V6(address)) => {
            let shift = 128u32.saturating_sub(prefix);
            let cut = |address: std::net::Ipv6Addr| u128::from(address).checked_shr(shift).unwrap_or(0);
            Some(cut(base) == cut(address))
        }
        _ => Some(false),
    }
}
