use crate::analyze::evaluate::may_be_moment;
use crate::lint::facts::is_plain;
use crate::lint::rule::rule;
use crate::lint::value_types::{Family, family};
use crate::lint::{Check, Context};
use crate::policy::Statement;

rule! {
    /// A date may be read otherwise than it was meant.
    ///
    /// ## Why
    ///
    /// AWS reads dates of ISO 8601 and seconds since 1970. `20260131` is a number, a day in August 1970;
    /// thirteen digits are milliseconds somewhere, and a date far ahead here; a time of day without `Z` or an
    /// offset is in no time zone, and whether AWS takes a blank for the `T`, or an offset without a colon, is not documented.
    ///
    /// ## Examples
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Action": "s3:GetObject",
    ///     "Resource": "arn:aws:s3:::reports/*",
    ///     "Condition": { "DateLessThan": { "aws:CurrentTime": "20260131" } }
    ///   }
    /// }
    /// ```
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Action": "s3:GetObject",
    ///     "Resource": "arn:aws:s3:::reports/*",
    ///     "Condition": { "DateLessThan": { "aws:CurrentTime": "2026-01-31T12:00:00" } }
    ///   }
    /// }
    /// ```
    ///
    /// ```json good identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Action": "s3:GetObject",
    ///     "Resource": "arn:aws:s3:::reports/*",
    ///     "Condition": { "DateLessThan": { "aws:CurrentTime": "2026-01-31T12:00:00Z" } }
    ///   }
    /// }
    /// ```
    name: "ambiguous-date", group: Type, severity: Warning, since: "0.1.0",
    rows: ["TYP-06"],
    peers: ["access-analyzer:INVALID_DATE_VALUE"],
    gives_way_to: ["operator-type-mismatch"],
    check: Check::Statement(check),
}

fn check(statement: &Statement, cx: &mut Context<'_>) {
    for test in statement.conditions.iter().filter(|test| family(test.operator.kind) == Family::Date) {
        for value in test.values.items.iter().filter(|value| is_plain(value)) {
            let Some(label) = odd(&value.text) else { continue };
            let finding =
                cx.finding(value.span, format!("`{}` may not be the moment that is meant", value.text));
            cx.report(
                finding.label(label).help("write a date with time and zone, as \"2026-01-31T00:00:00Z\""),
            );
        }
    }
}

/// Why a date may be read otherwise.
fn odd(text: &str) -> Option<&'static str> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match (digits, text.len()) {
        // From 2001 to 2286.
        (true, 10) => return None,
        (true, 4) => return Some("a year, or seconds since 1970"),
        (true, 13) => return Some("counted in seconds, not in milliseconds"),
        (true, _) => return Some("a number of seconds since 1970"),
        (false, _) => {}
    }
    if !may_be_moment(text) {
        return None;
    }
    let is_zoned =
        text.split_once(['T', 't', ' ']).is_some_and(|(_, time)| time.contains(['Z', 'z', '+', '-']));
    Some(if is_zoned { "in a form that AWS does not document" } else { "in no time zone" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_that_are_clear() {
        for clear in ["2026-01-31T00:00:00Z", "2026-01-31", "1769817600", "2026-01-31T00:00:00+01:00", "soon"]
        {
            assert_eq!(odd(clear), None, "{clear}");
        }
        for odd_one in [
            "20260131",
            "2026",
            "1769817600000",
            "2026-01-31T00:00",
            "2026-01-31T00:00:00",
            "2026-01-31 00:00:00Z",
            "2026-01-31T00:00:00+0100",
        ] {
            assert!(odd(odd_one).is_some(), "{odd_one}");
        }
    }
}
