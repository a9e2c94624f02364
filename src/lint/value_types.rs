//! What the operators of conditions compare, and whether a text is that.

use std::net::IpAddr;

use crate::analyze::evaluate::{is_moment, may_be_moment};
use crate::policy::TestKind;

/// The operators that compare one sort of values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Family {
    String,
    Numeric,
    Date,
    Bool,
    Binary,
    Ip,
    Arn,
    Null,
}

/// The family of an operator.
pub(crate) fn family(kind: TestKind) -> Family {
    match kind.name() {
        name if name.starts_with("String") => Family::String,
        name if name.starts_with("Numeric") => Family::Numeric,
        name if name.starts_with("Date") => Family::Date,
        name if name.starts_with("Arn") => Family::Arn,
        name if name.ends_with("IpAddress") => Family::Ip,
        "Bool" => Family::Bool,
        "Null" => Family::Null,
        _ => Family::Binary,
    }
}

/// Whether the operators of a family can compare with this text.
pub(crate) fn is_value(family: Family, text: &str) -> bool {
    match family {
        Family::String => true,
        Family::Bool | Family::Null => ["true", "false"].iter().any(|word| word.eq_ignore_ascii_case(text)),
        Family::Numeric => text.trim().parse::<f64>().is_ok_and(f64::is_finite),
        Family::Date => is_moment(text) || may_be_moment(text),
        Family::Ip => is_range(text),
        // A star in front may stand for the first parts.
        Family::Arn => {
            text.starts_with("arn:") && text.split(':').count() >= 6
                || text.starts_with(['*', '?', 'a']) && text.contains(['*', '?'])
        }
        Family::Binary => is_base64(text),
    }
}

/// An address, or one with the length of a prefix.
fn is_range(text: &str) -> bool {
    let (address, length) = match text.split_once('/') {
        Some((address, length)) => (address, Some(length)),
        None => (text, None),
    };
    let Ok(address) = address.parse::<IpAddr>() else { return false };
    let bits = if address.is_ipv4() { 32 } else { 128 };
    length.is_none_or(|length| length.parse::<u8>().is_ok_and(|length| length <= bits))
}

fn is_base64(text: &str) -> bool {
    let body = text.trim_end_matches('=');
    text.len() - body.len() <= 2
        && text.len().is_multiple_of(4)
        && body.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values() {
        let all =
            |family, texts: &[&str]| texts.iter().map(|text| is_value(family, text)).collect::<Vec<_>>();
        assert_eq!(
            all(Family::Ip, &["10.0.0.0/8", "::1", "2001:db8::/32", "10.0.0.0/33", "10.0.0", "a/8", "*"]),
            [true, true, true, false, false, false, false]
        );
        assert_eq!(
            all(
                Family::Date,
                &["2026-01-31T00:00:00Z", "2026-01-31", "1700000000", "2026-13-01", "soon", "31-01-2026"]
            ),
            [true, true, true, false, false, false]
        );
        assert_eq!(
            all(Family::Date, &["2026-01-31T00:00:00.123+01:00", "2026-01-31T", "2026", ""]),
            [true, false, true, false]
        );
        // What AWS may read as a date and does not document, and what it never does.
        assert_eq!(
            all(
                Family::Date,
                &["2026-01-31 00:00:00", "2026-01-31T00:00:00+0100", "2026-02-30", "20260131T000000Z"]
            ),
            [true, true, false, false]
        );
        assert_eq!(
            all(Family::Numeric, &["3600", "-1.5", "NaN", "x", ""]),
            [true, true, false, false, false]
        );
        assert_eq!(all(Family::Bool, &["true", "False", "yes"]), [true, true, false]);
        assert_eq!(all(Family::Binary, &["QmluYXJ5", "QQ==", "Q", "=="]), [true, true, false, false]);
        assert_eq!(
            all(Family::Arn, &["arn:aws:s3:::b", "*", "arn:aws:iam::*", "arn*", "222222222222", "b"]),
            [true, true, true, true, false, false]
        );
    }
}
