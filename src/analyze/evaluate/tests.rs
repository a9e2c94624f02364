//! One statement, one request. Tables of operators here, of the elements below.

use serde_json::{Value as Json, json};

use super::*;
use crate::analyze::request::Request;
use crate::document::{Hints, open_policy};
use crate::source::Source;

mod elements;

const ROLE: &str = "arn:aws:iam::111111111111:role/team/Reader";
const SESSION: &str = "arn:aws:sts::111111111111:assumed-role/Reader/alice";

/// Whether the statement matches, and the keys that it lacks; `None` if it is about something else.
fn outcome(kind: Kind, statement: Json, request: Json) -> Option<(bool, Vec<String>)> {
    let policy = json!({"Version": "2012-10-17", "Statement": [statement]}).to_string();
    let document = open_policy(Source::new("test", policy), &Hints { kind: Some(kind), ..Hints::default() });
    assert!(document.problems.is_empty(), "{:?}", document.problems);
    let request = Request::from_json(&request).unwrap();
    let asked = Asked::new(&request);
    let statement = Statement::new(&document.policy.statements[0], kind, Reading::default())?;
    let outcome = statement.outcome(&asked)?;
    Some((outcome.matches, outcome.absent.into_iter().map(str::to_owned).collect()))
}

fn request(context: Json) -> Json {
    json!({"principal": ROLE, "action": "s3:GetObject", "resource": "arn:aws:s3:::b/k", "context": context})
}

/// Whether `{operator: {key: asked_for}}` holds of a request with this context.
fn holds(operator: &str, asked_for: Json, context: Json) -> bool {
    let statement = json!({"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {operator: {"k:key": asked_for}}});
    outcome(Kind::Identity, statement, request(context)).is_some_and(|(matches, _)| matches)
}

/// The same for one value of the key.
fn passes(operator: &str, asked_for: &str, value: &str) -> bool {
    holds(operator, json!(asked_for), json!({"K:Key": value}))
}

#[test]
fn operators() {
    let table: &[(&str, &str, &[&str], &[&str])] = &[
        // operator, value of the policy, values that match, values that do not
        ("StringEquals", "a*", &["a*"], &["ab", "A*", "a"]),
        ("StringEqualsIgnoreCase", "aB", &["ab", "AB"], &["abc"]),
        ("StringLike", "a*b?", &["abc", "a:/bb"], &["ab", "Abc", "abcd"]),
        ("StringLike", "*", &["", "x"], &[]),
        ("StringLike", "[ab]", &["[ab]"], &["a"]),
        ("NumericEquals", "10", &["10", "10.0", "+10", "1e1", "0010"], &["10abc", "", "1 0", "0x0a"]),
        ("NumericEquals", "0.1", &["0.10", ".1", "1e-1"], &["0.1000000000000000001", "0"]),
        ("NumericEquals", "-0", &["0", "0.0"], &["1"]),
        ("NumericLessThan", "10", &["9.999999999999999999999", "-11"], &["10", "10.0", "100", "x"]),
        ("NumericLessThanEquals", "10", &["10", "9"], &["10.00000000000000000001"]),
        ("NumericGreaterThan", "-2", &["-1.5", "0", "9007199254740993"], &["-2", "-10"]),
        ("NumericGreaterThan", "9007199254740992", &["9007199254740993"], &["9007199254740992"]),
        ("NumericGreaterThanEquals", "2", &["2", "10"], &["1.9"]),
        ("Bool", "true", &["true", "TRUE"], &["false", "yes", ""]),
        ("BinaryEquals", "QmluYXJ5", &["QmluYXJ5"], &["qmluyxj5", "Binary", "QmluYXJ5QQ=="]),
        ("BinaryEquals", "QQ==", &["QQ==", "QQ"], &["QUE=", "=", "Q"]),
        ("IpAddress", "203.0.113.0/24", &["203.0.113.7"], &["203.0.114.1", "::ffff:203.0.113.7", "x"]),
        ("IpAddress", "203.0.113.9/24", &["203.0.113.7"], &[]),
        ("IpAddress", "203.0.113.7", &["203.0.113.7"], &["203.0.113.8", "203.0.113.07"]),
        ("IpAddress", "0.0.0.0/0", &["1.2.3.4"], &["2001:db8::1"]),
        (
            "IpAddress",
            "2001:DB8:0::/32",
            &["2001:db8::1", "2001:0db8:ffff:0:0:0:0:1"],
            &["2001:db9::1", "1.2.3.4"],
        ),
        ("IpAddress", "2001:db8::1", &["2001:0DB8:0:0:0:0:0:1"], &["2001:db8::2"]),
        ("IpAddress", "10.0.0.0/33", &[], &["10.0.0.0"]),
        ("ArnEquals", "arn:aws:sns:*:111111111111:t*", &["arn:aws:sns:eu-west-1:111111111111:t:x"], &[]),
        ("ArnLike", "arn:aws:sns:*:t", &[], &["arn:aws:sns:eu-west-1:111111111111:t"]),
        ("ArnLike", "arn:aws:s3:*:b", &[], &["arn:aws:s3:::b"]),
        ("ArnLike", "arn:aws:s3:::b*", &["arn:aws:s3:::b/k"], &["b", "arn:aws:s3", "arn:aws:S3:::b"]),
        ("ArnLike", "*", &[], &["arn:aws:s3:::b"]),
    ];
    for (operator, asked_for, yes, no) in table {
        let negated = match *operator {
            "NumericEquals" => Some("NumericNotEquals".to_owned()),
            "IpAddress" => Some("NotIpAddress".to_owned()),
            text if text.starts_with("String") || text.starts_with("Arn") => {
                Some(text.replacen("String", "StringNot", 1).replacen("Arn", "ArnNot", 1))
            }
            _ => None,
        };
        for (values, expected) in [(yes, true), (no, false)] {
            for value in values.iter() {
                assert_eq!(passes(operator, asked_for, value), expected, "{operator} {asked_for} of {value}");
                if let Some(negated) = &negated {
                    assert_eq!(
                        passes(negated, asked_for, value),
                        !expected,
                        "{negated} {asked_for} of {value}"
                    );
                }
            }
        }
    }
}

#[test]
fn dates_are_moments_however_they_are_written() {
    let equal = [
        ("2024", "2024-01-01T00:00:00Z"),
        ("2024-03", "2024-03-01"),
        ("1704067200", "2024-01-01"),
        ("2024-01-01T00:00Z", "2024-01-01T01:30:00+01:30"),
        ("2023-12-31T23:00:00-01:00", "1704067200"),
        ("2024-01-01T00:00:00.999Z", "2024-01-01T00:00:00Z"),
        ("2024-02-29", "1709164800"),
        ("0", "1970"),
        ("2000-03-01", "951868800"),
        ("1969-12-31T23:59:59Z", "1969-12-31T23:59:59.1Z"),
    ];
    for (one, other) in equal {
        assert!(passes("DateEquals", one, other) && passes("DateEquals", other, one), "{one} = {other}");
        assert!(!passes("DateNotEquals", one, other) && !passes("DateLessThan", one, other));
        assert!(passes("DateLessThanEquals", one, other) && passes("DateGreaterThanEquals", one, other));
    }
    for (earlier, later) in
        [("2024", "2024-01-01T00:00:01Z"), ("1704067199", "2024"), ("9999", "99999999999999")]
    {
        assert!(
            passes("DateLessThan", later, earlier) && passes("DateGreaterThan", earlier, later),
            "{earlier}"
        );
    }
    let wrong = [
        "",
        "today",
        "2023-02-29",
        "2024-13",
        "2024-1-1",
        "2024-01-01T24:00:00Z",
        "2024-01-01T00:00:00",
        "2024-01T00:00Z",
        "2024-01-01T00Z",
        "2024-01-01T00:00:00Z01:00",
        "2024-01-01T00:00:00.Z",
        "-5",
        "1900-02-29",
    ];
    for text in wrong {
        assert!(!passes("DateGreaterThan", "1900", text) && !passes("DateEquals", text, text), "{text}");
        assert!(passes("DateNotEquals", "2024", text), "what is no date is not that date: {text}");
    }
}

/// "Condition operators": an absent key fails, but for negated operators and `…IfExists`; "Set
/// operators": `ForAllValues` is true of no value, `ForAnyValue` false.
#[test]
fn absent_keys() {
    let none = || json!({});
    for operator in
        ["StringEquals", "NumericLessThan", "DateGreaterThan", "Bool", "BinaryEquals", "IpAddress", "ArnLike"]
    {
        assert!(!holds(operator, json!("1"), none()), "{operator}");
        assert!(holds(&format!("{operator}IfExists"), json!("1"), none()), "{operator}");
        assert!(holds(&format!("ForAllValues:{operator}"), json!("1"), none()), "{operator}");
        assert!(!holds(&format!("ForAnyValue:{operator}"), json!("1"), none()), "{operator}");
        assert!(holds(&format!("ForAnyValue:{operator}IfExists"), json!("1"), none()), "{operator}");
    }
    let negated = ["StringNotEquals", "StringNotEqualsIgnoreCase", "StringNotLike", "NumericNotEquals"];
    for operator in negated.into_iter().chain(["DateNotEquals", "NotIpAddress", "ArnNotEquals", "ArnNotLike"])
    {
        assert!(holds(operator, json!("1"), none()), "{operator}");
        assert!(!holds(&format!("ForAnyValue:{operator}"), json!("1"), none()), "{operator}");
    }
    // A list of no value, and in sets a value of no character, are as good as no key.
    assert!(holds("StringNotEquals", json!("1"), json!({"k:key": []})));
    assert!(holds("Null", json!("true"), json!({"k:key": []})));
    assert!(holds("ForAllValues:StringEquals", json!("1"), json!({"k:key": ""})));
    assert!(holds("ForAllValues:StringEquals", json!("1"), json!({"k:key": [""]})));
    assert!(!holds("StringEquals", json!("1"), json!({"k:key": ""})));
}

#[test]
fn null_asks_whether_the_key_is_there() {
    let there = || json!({"k:key": "x"});
    for (asked_for, absent, present) in
        [(json!("true"), true, false), (json!(false), false, true), (json!(["True", "FALSE"]), true, true)]
    {
        assert_eq!(holds("Null", asked_for.clone(), json!({})), absent, "{asked_for}");
        assert_eq!(holds("Null", asked_for.clone(), there()), present, "{asked_for}");
    }
}

/// "Conditions with multiple context keys or values".
#[test]
fn several_values_are_or_and_nor() {
    let values = || json!(["a", "b"]);
    assert!(holds("StringEquals", values(), json!({"k:key": "b"})));
    assert!(!holds("StringNotEquals", values(), json!({"k:key": "b"})), "none of them, not one of them");
    assert!(holds("StringNotEquals", values(), json!({"k:key": "c"})));
    assert!(!holds("NotIpAddress", json!(["10.0.0.0/8", "192.0.2.0/24"]), json!({"k:key": "10.1.1.1"})));
    let two = json!({"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {
        "StringEquals": {"k:a": "1", "k:b": "2"}, "Bool": {"k:c": "true"},
    }});
    let ask = |context| outcome(Kind::Identity, two.clone(), request(context));
    assert_eq!(ask(json!({"k:a": "1", "k:b": "2", "k:c": true})), Some((true, vec![])));
    assert_eq!(ask(json!({"k:a": "1", "k:b": "3", "k:c": true})), None);
}

#[test]
fn sets_of_values() {
    let key = |values: Json| json!({"k:key": values});
    assert!(holds("ForAllValues:StringEquals", json!(["a", "b"]), key(json!(["b", "a", "a"]))));
    assert!(!holds("ForAllValues:StringEquals", json!(["a", "b"]), key(json!(["a", "c"]))));
    assert!(holds("ForAnyValue:StringLike", json!(["a*"]), key(json!(["x", "ab"]))));
    assert!(!holds("ForAnyValue:StringLike", json!(["a*"]), key(json!(["x", "y"]))));
    // For all: not in the list. For any: some value that is not in the list.
    assert!(holds("ForAllValues:StringNotEquals", json!(["a"]), key(json!(["b", "c"]))));
    assert!(!holds("ForAllValues:StringNotEquals", json!(["a"]), key(json!(["b", "a"]))));
    assert!(holds("ForAnyValue:StringNotEquals", json!(["a"]), key(json!(["b", "a"]))));
    assert!(!holds("ForAnyValue:StringNotEquals", json!(["a"]), key(json!(["a"]))));
    // One value is a set of one, and a list of one is a value.
    assert!(holds("ForAnyValue:StringEquals", json!("a"), key(json!("a"))));
    assert!(holds("StringEquals", json!("a"), key(json!(["a"]))));
    assert!(!holds("StringEquals", json!("a"), key(json!(["a", "a"]))));
    assert!(!holds("StringNotEquals", json!("b"), key(json!(["a", "c"]))));
}

/// "IAM policy elements: Variables and tags".
#[test]
fn policy_variables() {
    let ask = |resource: &str, context| {
        let statement =
            json!({"Effect": "Allow", "Action": "*", "Resource": format!("arn:aws:s3:::{resource}")});
        outcome(Kind::Identity, statement, request(context))
    };
    let yes = Some((true, vec![]));
    assert_eq!(ask("${AWS:UserName}/*", json!({"aws:username": "b"})), yes);
    assert_eq!(ask("b/${aws:username}", json!({"aws:username": "*"})), None, "a value is no pattern");
    assert_eq!(ask("${aws:username, 'b'}/k", json!({})), yes);
    assert_eq!(ask("${aws:username,'b'}/?", json!({"aws:username": "c"})), None);
    assert_eq!(ask("b/${?}", json!({})), None);
    // Whether it is, AWS does not document.
    assert_eq!(ask("${aws:TagKeys}/k", json!({"aws:TagKeys": ["b"]})), Some((false, vec![])), "no variable");
    // Without a value the entry names nothing; with one it might.
    assert_eq!(ask("${aws:username}/k", json!({})), Some((false, vec!["aws:username".to_owned()])));
    assert_eq!(ask("${aws:username}/other", json!({})), None);
    let not = json!({"Effect": "Deny", "Action": "*", "NotResource": "arn:aws:s3:::${aws:username}/*"});
    assert_eq!(
        outcome(Kind::Identity, not, request(json!({}))),
        Some((true, vec!["aws:username".to_owned()]))
    );
    // In a condition: positive operators fail, negated ones hold.
    let value = || json!("${aws:username}");
    assert!(!holds("StringEquals", value(), json!({"k:key": "x"})));
    assert!(holds("StringNotEquals", value(), json!({"k:key": "x"})));
    assert!(holds("StringEquals", value(), json!({"k:key": "x", "aws:username": "x"})));
    assert!(holds("StringEquals", json!(["${aws:username}", "x"]), json!({"k:key": "x"})));
    assert!(holds(
        "StringEqualsIgnoreCase",
        json!("A${aws:username}"),
        json!({"k:key": "abc", "aws:username": "BC"})
    ));
    assert!(holds("StringEquals", json!("${*}"), json!({"k:key": "*"})));
    assert!(!holds("StringLike", json!("a${*}"), json!({"k:key": "ab"})));
    let arn = json!("arn:aws:iam::${aws:PrincipalAccount}:user/*");
    assert!(holds("ArnLike", arn.clone(), json!({"k:key": "arn:aws:iam::111111111111:user/x"})));
    assert!(!holds("ArnLike", arn, json!({"k:key": "arn:aws:iam::222222222222:user/x"})));
    // Not in numbers, where it is text that is no number.
    assert!(!holds("NumericEquals", json!("${k:key}"), json!({"k:key": "1"})));
}

#[test]
fn variables_are_text_in_the_older_language() {
    for (version, expected) in [("2008-10-17", false), ("2012-10-17", true)] {
        let policy = json!({"Version": version, "Statement": {
            "Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:::${aws:username}/k",
        }});
        let document = open_policy(Source::new("test", policy.to_string()), &Hints::default());
        let prepared = Prepared::new(&document.policy, Kind::Identity);
        let request = Request::from_json(&request(json!({"aws:username": "b"}))).unwrap();
        assert_eq!(prepared.outcomes(&Asked::new(&request)).count() == 1, expected);
    }
}
