use crate::analyze::exception::EXCLUSIVE;
use crate::catalog;
use crate::lint::addresses::Range;
use crate::lint::facts::does_nothing;
use crate::lint::presence::demands_the_key;
use crate::lint::rule::rule;
use crate::lint::value_types::{Family, family};
use crate::lint::{Check, Context};
use crate::pattern::Pattern;
use crate::policy::{Resource, Statement, Test, TestKind, Value};

rule! {
    /// Two conditions of a statement exclude each other.
    ///
    /// ## Why
    ///
    /// All conditions of a statement must hold at once. Where one asks for what another rules out, none ever
    /// does, and the statement is dead. Two values of which one is enough stand in one list.
    ///
    /// Some keys are never in one request: `aws:SourceIp` is missing where `aws:SourceVpce` is there, and the reverse.
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
    ///     "Condition": {
    ///       "StringEquals": { "aws:PrincipalOrgID": "o-a1b2c3d4e5" },
    ///       "StringNotEquals": { "aws:PrincipalOrgID": "o-a1b2c3d4e5" }
    ///     }
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
    ///     "Condition": {
    ///       "DateGreaterThan": { "aws:CurrentTime": "2026-12-31T00:00:00Z" },
    ///       "DateLessThan": { "aws:CurrentTime": "2026-01-01T00:00:00Z" }
    ///     }
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
    ///     "Condition": {
    ///       "IpAddress": { "aws:SourceIp": "203.0.113.0/24" },
    ///       "StringEquals": { "aws:SourceVpce": "vpce-0a1b2c3d4e5f67890" }
    ///     }
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
    ///     "Condition": {
    ///       "StringLike": { "aws:PrincipalTag/team": "red*" },
    ///       "StringNotEquals": { "aws:PrincipalTag/team": "red-guests" }
    ///     }
    ///   }
    /// }
    /// ```
    name: "contradictory-conditions", group: Condition, severity: Warning, since: "0.1.0",
    rows: ["CND-56"],
    peers: [],
    gives_way_to: ["duplicate-condition-key"],
    check: Check::Statement(check),
}

/// More tests of one key than this are not compared with each other.
const MOST: usize = 16;

fn check(statement: &Statement, cx: &mut Context<'_>) {
    of_two_keys(statement, cx);
    let mut tests: Vec<(String, &Test)> = statement
        .conditions
        .iter()
        .filter(|test| test.operator.set.is_none() && !test.operator.if_exists)
        .filter(|test| {
            !test.values.items.is_empty() && test.values.items.iter().all(|value| !value.is_function())
        })
        .map(|test| (test.key.to_ascii_lowercase(), test))
        .collect();
    tests.sort_by(|(a, _), (b, _)| a.cmp(b));
    for group in tests.chunk_by(|(a, _), (b, _)| a == b) {
        let many = catalog::condition_key(&group[0].0).and_then(|key| key.is_list()) == Some(true);
        if group.len() < 2 || group.len() > MOST || many {
            continue;
        }
        let pairs =
            (0..group.len()).flat_map(|a| (a + 1..group.len()).map(move |b| (group[a].1, group[b].1)));
        let Some((first, second)) = pairs.into_iter().find(|(a, b)| exclude(a, b)) else { continue };
        let message = format!("two tests of `{}` exclude each other", second.key);
        let finding = cx
            .finding(second.key_span, message)
            .label(format!("never true with the other, so the statement {}", does_nothing(statement, false)));
        let finding = finding.also_at(first.key_span, "the other");
        cx.report(
            finding.help("if one of them is enough, put the values into one list or make two statements"),
        );
    }
}

/// Tests of two keys that no request has together.
fn of_two_keys(statement: &Statement, cx: &mut Context<'_>) {
    for (first, value, second, reason) in EXCLUSIVE {
        let find = |key: &str, value: Option<&str>| {
            statement.conditions.iter().find(|test| {
                let has_value = |value: &str| {
                    let is_it = |item: &Value| item.text.eq_ignore_ascii_case(value);
                    test.operator.kind == TestKind::Bool && test.values.items.iter().all(is_it)
                };
                test.key.eq_ignore_ascii_case(key) && demands_the_key(test) && value.is_none_or(has_value)
            })
        };
        let (Some(one), Some(other)) = (find(first, value), find(second, None)) else { continue };
        let message = format!("tests of `{}` and `{}` exclude each other", one.key, other.key);
        let does = does_nothing(statement, false);
        let finding = cx.finding(other.key_span, message);
        let finding = finding.label(format!("never true with the other, so the statement {does}: {reason}"));
        let finding = finding.also_at(one.key_span, "the other");
        cx.report(finding.help("if one of them is enough, make two statements"));
        return;
    }
}

/// Whether no value of a key passes both tests.
fn exclude(a: &Test, b: &Test) -> bool {
    let (one, other) = (family(a.operator.kind), family(b.operator.kind));
    let all =
        |test: &Test, word: &str| test.values.items.iter().all(|value| value.text.eq_ignore_ascii_case(word));
    if one == Family::Null || other == Family::Null {
        let (null, test) = if one == Family::Null { (a, b) } else { (b, a) };
        return match test.operator.kind {
            TestKind::Null => all(a, "true") && all(b, "false") || all(a, "false") && all(b, "true"),
            kind => all(null, "true") && !kind.is_negated(),
        };
    }
    if one != other {
        return false;
    }
    match one {
        Family::Bool => all(a, "true") && all(b, "false") || all(a, "false") && all(b, "true"),
        Family::Numeric | Family::Date => bounds_exclude(a, b, one),
        Family::String => texts_exclude(
            a,
            b,
            &|text, kind| Some(text_pattern(text, kind)),
            &Pattern::contains,
            &Pattern::intersects,
        ),
        Family::Arn => texts_exclude(
            a,
            b,
            &|text, _| Some(Resource::new(text, true)),
            &Resource::contains,
            &Resource::intersects,
        ),
        Family::Ip => texts_exclude(a, b, &|text, _| Range::parse(text), &|a, b| a.contains(*b), &|a, b| {
            a.contains(*b) || b.contains(*a)
        }),
        Family::Binary | Family::Null => false,
    }
}

fn text_pattern(text: &str, kind: TestKind) -> Pattern {
    match kind {
        TestKind::StringLike | TestKind::StringNotLike => Pattern::with_variables(text),
        TestKind::StringEquals | TestKind::StringNotEquals if !text.contains("${") => Pattern::literal(text),
        // What case or a variable makes of it is left open.
        _ => Pattern::new("*"),
    }
}

/// Whether what one test lists and what the other lists rule each other out.
fn texts_exclude<P>(
    a: &Test,
    b: &Test,
    read: &dyn Fn(&str, TestKind) -> Option<P>,
    contains: &dyn Fn(&P, &P) -> bool,
    intersects: &dyn Fn(&P, &P) -> bool,
) -> bool {
    let of = |test: &Test| -> Option<Vec<P>> {
        test.values.items.iter().map(|value| read(&value.text, test.operator.kind)).collect()
    };
    // Long lists have their price, and are no slip of the pen.
    let few = |test: &Test| test.values.items.len() <= MOST;
    let (Some(left), Some(right)) = (of(a), of(b)) else { return false };
    if !few(a) || !few(b) || case_is_open(a) || case_is_open(b) {
        return false;
    }
    match (a.operator.kind.is_negated(), b.operator.kind.is_negated()) {
        (false, false) => !left.iter().any(|one| right.iter().any(|other| intersects(one, other))),
        (false, true) => left.iter().all(|one| right.iter().any(|other| contains(other, one))),
        (true, false) => right.iter().all(|one| left.iter().any(|other| contains(other, one))),
        (true, true) => false,
    }
}

/// Whether the test ignores case, or has a variable where its operator does not take patterns.
fn case_is_open(test: &Test) -> bool {
    let folds =
        matches!(test.operator.kind, TestKind::StringEqualsIgnoreCase | TestKind::StringNotEqualsIgnoreCase);
    folds || test.values.items.iter().any(|value| value.text.contains("${"))
}

/// Whether one test asks for more than the other lets through.
fn bounds_exclude(a: &Test, b: &Test, family: Family) -> bool {
    let (low, high) = match (lower(a, family), lower(b, family)) {
        (Some(low), None) => (low, upper(b, family)),
        (None, Some(low)) => (low, upper(a, family)),
        _ => return false,
    };
    let Some(high) = high else { return false };
    match low.0.partial_cmp(&high.0) {
        Some(std::cmp::Ordering::Greater) => true,
        Some(std::cmp::Ordering::Equal) => !(low.1 && high.1),
        _ => false,
    }
}

/// The least bound of a test, as a number, and whether the bound itself passes.
fn lower(test: &Test, family: Family) -> Option<(f64, bool)> {
    let inclusive = match test.operator.kind {
        TestKind::NumericGreaterThan | TestKind::DateGreaterThan => false,
        TestKind::NumericGreaterThanEquals | TestKind::DateGreaterThanEquals => true,
        _ => return None,
    };
    // One of several is enough.
    let numbers: Option<Vec<f64>> =
        test.values.items.iter().map(|value| number(&value.text, family)).collect();
    Some((numbers?.into_iter().reduce(f64::min)?, inclusive))
}

/// The greatest bound.
fn upper(test: &Test, family: Family) -> Option<(f64, bool)> {
    let inclusive = match test.operator.kind {
        TestKind::NumericLessThan | TestKind::DateLessThan => false,
        TestKind::NumericLessThanEquals | TestKind::DateLessThanEquals => true,
        _ => return None,
    };
    let numbers: Option<Vec<f64>> =
        test.values.items.iter().map(|value| number(&value.text, family)).collect();
    Some((numbers?.into_iter().reduce(f64::max)?, inclusive))
}

/// A number; of a date its digits, if it is written in full and in UTC, which sort like the moments.
fn number(text: &str, family: Family) -> Option<f64> {
    if family == Family::Numeric {
        return text.trim().parse().ok().filter(|number: &f64| number.is_finite());
    }
    let full = text.len() == 20 && text.ends_with('Z') && text.as_bytes().get(10) == Some(&b'T');
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    (full && digits.len() == 14).then(|| digits.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use crate::document::{Hints, open_policy};
    use crate::lint::{Settings, lint};
    use crate::source::Source;

    #[test]
    fn keys_that_no_request_has_together() {
        let is_found = |condition: &str| {
            let text = format!(
                r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"s3:ListBucket",
                "Resource":"arn:aws:s3:::b","Condition":{{{condition}}}}}}}"#
            );
            let document = open_policy(Source::new("test.json", text), &Hints::default());
            let found = lint(&document, &Settings::default());
            found.iter().any(|finding| finding.rule == "contradictory-conditions")
        };
        for never in [
            r#""IpAddress":{"aws:SourceIp":"203.0.113.0/24","aws:VpcSourceIp":"10.0.0.0/8"}"#,
            r#""IpAddress":{"AWS:SourceIP":"203.0.113.0/24"},"StringLike":{"aws:SourceVpc":"vpc-*"}"#,
            r#""Null":{"aws:SourceIp":"false","aws:SourceVpce":"false"}"#,
            r#""Bool":{"aws:ViaAWSService":"false"},"ForAnyValue:StringEquals":{"aws:CalledVia":"athena.amazonaws.com"}"#,
            r#""Bool":{"aws:MultiFactorAuthPresent":"false"},"NumericLessThan":{"aws:MultiFactorAuthAge":"100"}"#,
        ] {
            assert!(is_found(never), "{never}");
        }
        for may_be in [
            r#""NotIpAddress":{"aws:SourceIp":"203.0.113.0/24"},"StringEquals":{"aws:SourceVpc":"vpc-0a1b2c3d"}"#,
            r#""IpAddressIfExists":{"aws:SourceIp":"203.0.113.0/24"},"StringEquals":{"aws:SourceVpc":"vpc-0a1b2c3d"}"#,
            r#""IpAddress":{"aws:SourceIp":"203.0.113.0/24"},"Null":{"aws:SourceVpc":"true"}"#,
            r#""Bool":{"aws:ViaAWSService":"true"},"ForAnyValue:StringEquals":{"aws:CalledVia":"athena.amazonaws.com"}"#,
            r#""Bool":{"aws:ViaAWSService":"false"},"ForAllValues:StringEquals":{"aws:CalledVia":"athena.amazonaws.com"}"#,
            r#""Bool":{"aws:MultiFactorAuthPresent":"true"},"NumericLessThan":{"aws:MultiFactorAuthAge":"100"}"#,
        ] {
            assert!(!is_found(may_be), "{may_be}");
        }
    }
}
