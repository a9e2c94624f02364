//! Findings that somebody has accepted, with a reason and perhaps until a day.
//!
//! Suppressions are written in `polmerge.toml` or in [comments](comments()) of a file. Whoever reads them hands them
//! over, with today's date, and hears which ones were of use.

mod comment;

use std::str::FromStr;

use super::rules;
use super::settings::Selector;
use crate::diagnostic::{Diagnostic, Severity};
use crate::document::Document;
use crate::span::Span;

pub use comment::{Comments, comments};

/// The rule whose findings say that a suppression does nothing.
pub const UNUSED: &str = "unused-suppression";

/// A finding that is not to be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suppression {
    /// Name of the rule.
    pub rule: &'static str,
    /// Only in the statement with this `Sid`.
    pub sid: Option<String>,
    /// Only within this part of the file's text.
    pub within: Option<Span>,
    /// Why; never blank.
    pub reason: String,
    /// The last day on which it counts.
    pub expires: Option<Date>,
    /// Where it is written, in the text that it is written in.
    pub span: Span,
}

impl Suppression {
    /// Whether its last day has passed.
    pub fn has_expired(&self, today: Date) -> bool {
        self.expires.is_some_and(|last| last < today)
    }

    fn covers(&self, document: &Document, finding: &Diagnostic) -> bool {
        let sid = || document.statement_at(finding.span).and_then(|statement| statement.sid());
        self.rule == finding.rule
            && self.within.is_none_or(|within| within.contains(document.in_file(finding.span)))
            && self.sid.as_deref().is_none_or(|wanted| sid() == Some(wanted))
    }
}

/// The rule that a suppression names.
///
/// # Errors
/// If it is none, or a group: somebody looked at one finding.
pub fn rule_named(name: &str) -> Result<&'static str, String> {
    // A rule can be called like its group.
    match (rules::get(name), Selector::from_str(name)) {
        (Some(rule), _) => Ok(rule.name),
        (None, Ok(_)) => Err(format!("`{name}` is a group of rules; a suppression is for one rule")),
        (None, Err(unknown)) => Err(unknown.to_string()),
    }
}

/// Takes out the findings that are suppressed. For each of them, the place in `suppressions` of what did it.
pub fn suppress(
    document: &Document,
    findings: &mut Vec<Diagnostic>,
    suppressions: &[&Suppression],
    today: Date,
) -> Vec<usize> {
    let mut by = Vec::new();
    let in_force: Vec<(usize, &Suppression)> = suppressions
        .iter()
        .enumerate()
        .filter(|(_, suppression)| !suppression.has_expired(today))
        .map(|(at, suppression)| (at, *suppression))
        .collect();
    findings.retain(|finding| {
        let covering: Vec<usize> = in_force
            .iter()
            .filter(|(_, suppression)| suppression.covers(document, finding))
            .map(|(at, _)| *at)
            .collect();
        // Of several that cover it, the first does the work: the others are not needed.
        by.extend(covering.first());
        covering.is_empty()
    });
    by
}

/// Why a suppression does nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Idle {
    /// There is no such finding where it looks.
    NotFound,
    /// There is no policy where it looks.
    NoPolicy,
    /// Its last day has passed.
    Expired(Date),
}

/// The finding about a suppression that does nothing; `place` is where it looks, such as a glob.
pub fn unused(suppression: &Suppression, place: &str, why: Idle, severity: Severity) -> Diagnostic {
    let Suppression { rule, sid, span, .. } = suppression;
    let place = match sid {
        Some(sid) => format!("statement \"{sid}\" of `{place}`"),
        None => format!("`{place}`"),
    };
    let (message, help) = match why {
        Idle::NotFound => {
            (format!("`{rule}` finds nothing in {place}"), "take the suppression out".to_owned())
        }
        Idle::NoPolicy => (
            format!("{place} holds no policy, so there is nothing to suppress"),
            "correct it, or take it out".to_owned(),
        ),
        Idle::Expired(last) => (
            format!("the suppression of `{rule}` in {place} ended with {last}"),
            format!(
                "look at the finding again; then mend it, or set a later day (the reason was: {})",
                suppression.reason
            ),
        ),
    };
    Diagnostic::new(UNUSED, *span, message).severity(severity).help(help)
}

/// A day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    year: i64,
    month: u8,
    day: u8,
}

impl Date {
    /// The day that is so many days after 1970-01-01.
    pub fn of_day(days: i64) -> Date {
        // Years are counted from March, so that the day that some of them have more comes last; 400 of
        // them have always the same number of days.
        let shifted = days + 719_468;
        let era = shifted.div_euclid(146_097);
        let of_era = shifted.rem_euclid(146_097);
        let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let from_march = (5 * of_year + 2) / 153;
        let day = of_year - (153 * from_march + 2) / 5 + 1;
        let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        Date { year, month: u8::try_from(month).unwrap_or(1), day: u8::try_from(day).unwrap_or(1) }
    }

    fn days_in_month(year: i64, month: u8) -> u8 {
        match month {
            2 if (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        }
    }
}

impl std::str::FromStr for Date {
    type Err = String;

    fn from_str(text: &str) -> Result<Date, String> {
        let wrong = || format!("`{text}` is no day: one is written like 2027-01-31");
        let parts: Vec<&str> = text.split('-').collect();
        let [year, month, day] = parts.as_slice() else { return Err(wrong()) };
        let digits =
            |part: &str, length: usize| part.len() == length && part.bytes().all(|b| b.is_ascii_digit());
        if !(digits(year, 4) && digits(month, 2) && digits(day, 2)) {
            return Err(wrong());
        }
        let (Ok(year), Ok(month), Ok(day)) = (year.parse(), month.parse(), day.parse()) else {
            return Err(wrong());
        };
        let exists = (1..=12).contains(&month) && (1..=Date::days_in_month(year, month)).contains(&day);
        if exists { Ok(Date { year, month, day }) } else { Err(wrong()) }
    }
}

impl std::fmt::Display for Date {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Hints, open_policy};
    use crate::source::Source;

    fn date(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn days() {
        // From `date -d @… +%F`.
        for (day, text) in
            [(0, "1970-01-01"), (59, "1970-03-01"), (11_016, "2000-02-29"), (20_784, "2026-11-27")]
        {
            assert_eq!(Date::of_day(day).to_string(), text);
            assert_eq!(date(text), Date::of_day(day));
        }
        let mut last = Date::of_day(-1);
        assert_eq!(last.to_string(), "1969-12-31");
        for day in 0..60_000 {
            let next = Date::of_day(day);
            assert!(next > last && date(&next.to_string()) == next, "{next}");
            last = next;
        }
        for wrong in
            ["2026-02-29", "2026-13-01", "2026-00-01", "2026-1-1", "26-01-01", "2026-01-32", "", "+026-01-01"]
        {
            assert!(wrong.parse::<Date>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_is_covered_and_by_what() {
        let text = r#"{"Statement":[{"Sid":"A","Effect":"Allow"},{"Effect":"Allow"}]}"#;
        let document = open_policy(Source::new("x", text), &Hints::default());
        let at = |start: usize| Diagnostic::new("rule", Span::new(start, start + 1), "m");
        let other = Diagnostic::new("other", Span::new(20, 21), "m");
        let plain = Suppression {
            rule: "rule",
            sid: None,
            within: None,
            reason: "because".to_owned(),
            expires: None,
            span: Span::default(),
        };
        let left = |suppressions: &[&Suppression]| {
            let mut findings = vec![at(20), other.clone(), at(50)];
            let by = suppress(&document, &mut findings, suppressions, date("2026-11-27"));
            (findings.iter().map(|finding| (finding.rule, finding.span.start)).collect::<Vec<_>>(), by)
        };
        assert_eq!(left(&[]).1, [0; 0]);
        assert_eq!(left(&[&plain]), (vec![("other", 20)], vec![0, 0]));
        let named = Suppression { sid: Some("A".to_owned()), ..plain.clone() };
        assert_eq!(left(&[&named]), (vec![("other", 20), ("rule", 50)], vec![0]));
        let within = Suppression { within: Some(Span::new(45, 60)), ..plain.clone() };
        assert_eq!(left(&[&named, &within]), (vec![("other", 20)], vec![0, 1]));
        let until = |day: &str| Suppression { expires: Some(date(day)), ..plain.clone() };
        assert_eq!(
            left(&[&until("2026-11-26"), &until("2026-11-27")]).1,
            [1, 1],
            "the last day still counts"
        );
    }
}
