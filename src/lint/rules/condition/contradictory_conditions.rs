use crate::analyze::exception::EXCLUSIVE;
use crate::analyze::space::{Budget, Engine};
use crate::lint::covered::scope;
use crate::lint::facts::does_nothing;
use crate::lint::presence::demands_the_key;
use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::marks::is_template;
use crate::policy::{Statement, Test, TestKind, Value};

rule! {
    /// No request meets all conditions of a statement.
    ///
    /// ## Why
    ///
    /// All conditions of a statement must hold at once. Where one asks for what another rules out, or for what the
    /// requests of the statement never have, it has no effect. Two values of which one is enough stand in one list.
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
    /// `aws:PrincipalArn` holds the ARN of the role, and not that of the session:
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Action": "s3:GetObject",
    ///     "Resource": "arn:aws:s3:::reports/*",
    ///     "Condition": { "ArnLike": { "aws:PrincipalArn": "arn:aws:sts::111111111111:assumed-role/Reader/*" } }
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
    gives_way_to: [
        "duplicate-condition-key", "impossible-value", "operator-type-mismatch", "literal-wildcard", "any-value",
        "condition-key-never-present", "key-without-its-action", "principal-key-for-service", "own-resource-key",
    ],
    check: Check::Statement(check),
}

/// More tests than this are not looked at in pairs.
const MOST: usize = 16;
/// Lint answers in milliseconds.
const BUDGET: Budget = Budget::small(2_000);

fn check(statement: &Statement, cx: &mut Context<'_>) {
    if of_two_keys(statement, cx) {
        return;
    }
    let engine = Engine { budget: BUDGET, shows: false, ..Engine::new(scope(cx.document)) };
    // What is not known, is still to be filled in, or stands for a value of the request, may make a test hold.
    let has_variable = |value: &Value| statement.variables && value.text.contains("${");
    let is_open = |value: &Value| value.is_hole() || is_template(&value.text) || has_variable(value);
    let is_known = |test: &&Test| !test.values.items.is_empty() && !test.values.items.iter().any(is_open);
    let tests: Vec<&Test> = statement.conditions.iter().filter(is_known).collect();
    let is_met_by_none = |tests: &[&Test]| match tests.len() == statement.conditions.len() {
        true => engine.matches_nothing(statement),
        false => {
            let conditions = tests.iter().copied().cloned().collect();
            engine.matches_nothing(&Statement { conditions, ..statement.clone() })
        }
    };
    if tests.is_empty() || !is_met_by_none(&tests) || is_met_by_none(&[]) {
        return;
    }
    let does = does_nothing(statement, false);
    if let Some(test) = tests.iter().find(|test| is_met_by_none(&[**test])) {
        let message = format!("no request of this statement passes the test of `{}`", test.key);
        let place = test.values.items.first().map_or(test.key_span, |value| value.span);
        let finding = cx.finding(place, message);
        let finding = finding.label(format!("never true, so the statement {does}"));
        let help = match test.key.eq_ignore_ascii_case("aws:PrincipalArn") {
            true => "write the ARN of a role, a user or a root user: a session has that of its role here",
            false => "change the test, or take the statement out",
        };
        return cx.report(finding.help(help));
    }
    let few = &tests[..tests.len().min(MOST)];
    let mut pairs =
        few.iter().enumerate().flat_map(|(at, one)| few[at + 1..].iter().map(move |two| (*one, *two)));
    let (first, last, message, label) = match (pairs.find(|(a, b)| is_met_by_none(&[a, b])), &*tests) {
        (Some((first, last)), _) if first.key.eq_ignore_ascii_case(&last.key) => {
            (first, last, format!("two tests of `{}` exclude each other", last.key), "the other")
        }
        (Some((first, last)), _) => (
            first,
            last,
            format!("tests of `{}` and `{}` exclude each other", first.key, last.key),
            "the other",
        ),
        (None, [first, .., last]) => {
            (*first, *last, "the conditions of this statement exclude each other".to_owned(), "the others")
        }
        (None, _) => return,
    };
    let finding = cx.finding(last.key_span, message);
    let finding = finding.label(format!("never true with {label}, so the statement {does}"));
    let finding = finding.also_at(first.key_span, label);
    cx.report(finding.help("if one of them is enough, put the values into one list or make two statements"));
}

/// Tests of two keys that no request has together.
fn of_two_keys(statement: &Statement, cx: &mut Context<'_>) -> bool {
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
        return true;
    }
    false
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
            r#""NumericEquals":{"s3:max-keys":"5"},"NumericGreaterThan":{"s3:max-keys":"10"}"#,
            r#""NumericEquals":{"s3:max-keys":["5","6"]},"NumericNotEquals":{"s3:max-keys":"6"},"NumericLessThan":{"s3:max-keys":"5"}"#,
            r#""NumericLessThan":{"s3:max-keys":"10"},"NumericGreaterThan":{"s3:max-keys":["10","11"]}"#,
            r#""DateGreaterThan":{"aws:CurrentTime":"2026-01-01T02:00:00+02:00"},"DateLessThan":{"aws:CurrentTime":"2026-01-01T00:00:00Z"}"#,
            r#""IpAddress":{"aws:SourceIp":"203.0.113.0/24"},"NotIpAddress":{"aws:SourceIp":["203.0.113.0/25","203.0.113.128/25"]}"#,
            r#""StringEquals":{"aws:PrincipalTag/a":"x"},"StringNotEqualsIgnoreCase":{"aws:PrincipalTag/a":"X"}"#,
            r#""StringLike":{"aws:PrincipalTag/a":"x*"},"StringEquals":{"aws:PrincipalTag/a":["y","z"]}"#,
            r#""Null":{"aws:PrincipalTag/a":"true"},"StringLike":{"aws:PrincipalTag/a":"*"}"#,
            r#""ArnLike":{"aws:PrincipalArn":"arn:aws:sts::111111111111:assumed-role/r/*"}"#,
            r#""ArnLike":{"aws:PrincipalArn":"arn:aws:iam::111111111111:group/g"}"#,
            r#""IpAddress":{"aws:SourceIp":"203.0.113.0/24","aws:VpcSourceIp":"10.0.0.0/8"}"#,
            r#""IpAddress":{"AWS:SourceIP":"203.0.113.0/24"},"StringLike":{"aws:SourceVpc":"vpc-*"}"#,
            r#""Null":{"aws:SourceIp":"false","aws:SourceVpce":"false"}"#,
            r#""Bool":{"aws:ViaAWSService":"false"},"ForAnyValue:StringEquals":{"aws:CalledVia":"athena.amazonaws.com"}"#,
            r#""Bool":{"aws:MultiFactorAuthPresent":"false"},"NumericLessThan":{"aws:MultiFactorAuthAge":"100"}"#,
        ] {
            assert!(is_found(never), "{never}");
        }
        for may_be in [
            r#""NumericEquals":{"s3:max-keys":["5","12"]},"NumericGreaterThan":{"s3:max-keys":"10"}"#,
            r#""NumericLessThan":{"s3:max-keys":["10","12"]},"NumericGreaterThan":{"s3:max-keys":"10"}"#,
            r#""DateGreaterThan":{"aws:CurrentTime":"2026-01-01T02:00:00+02:00"},"DateLessThan":{"aws:CurrentTime":"2026-01-01T00:00:02Z"}"#,
            r#""IpAddress":{"aws:SourceIp":"203.0.113.0/24"},"NotIpAddress":{"aws:SourceIp":"203.0.113.0/25"}"#,
            r#""StringLike":{"aws:PrincipalTag/a":"x*"},"StringNotEquals":{"aws:PrincipalTag/a":"x"}"#,
            r#""StringEquals":{"aws:PrincipalTag/a":"x"},"StringNotEquals":{"aws:PrincipalTag/a":"${aws:username}"}"#,
            r#""StringEquals":{"aws:PrincipalTag/a":"x"},"StringEqualsIfExists":{"aws:PrincipalTag/a":["y","x"]}"#,
            r#""ArnLike":{"aws:PrincipalArn":"arn:aws:iam::111111111111:role/r"}"#,
            r#""ArnLike":{"aws:PrincipalArn":"arn:aws:*::111111111111:*"}"#,
            r#""ArnEquals":{"aws:SourceArn":"%{Source.Arn}"}"#,
            r#""ArnEquals":{"aws:SourceArn":"YOUR_TOPIC_ARN"}"#,
            r#""ForAnyValue:StringEquals":{"aws:TagKeys":"a"},"ForAnyValue:StringNotEquals":{"aws:TagKeys":"a"}"#,
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
