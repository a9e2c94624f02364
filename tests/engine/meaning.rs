//! A statement that means the same is recognized however it is spelt, and one that does not is not.

use polmerge::Kind;
use polmerge::analyze::cover::{Cover, Cut, Scope, cover};
use polmerge::analyze::space::Engine;
use polmerge::document::{Hints, open_policy};
use polmerge::policy::Statement;
use polmerge::source::Source;

const KEY: &str = "arn:aws:kms:us-east-1:111111111111:key/11111111-2222-3333-4444-555555555555";

fn statement(text: &str) -> Statement {
    let policy = format!(r#"{{"Version":"2012-10-17","Statement":[{text}]}}"#);
    let document = open_policy(Source::new("test", policy), &Hints::default());
    assert!(document.problems.is_empty(), "{text}: {:?}", document.problems);
    document.policy.statements.into_iter().next().unwrap()
}

fn compare(there: &str, new: &str, kind: Kind, resource: Option<&str>) -> Cover {
    cover(&statement(new), [&statement(there)], Scope { kind, resource })
}

/// The statement of step 2 with one part written otherwise.
fn step2(from: &str, to: &str) -> (String, String) {
    let step = r#"{"Sid":"Expel","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::222222222222:role/Expel"},"Action":["kms:Decrypt","kms:DescribeKey"],"Resource":"*","Condition":{"ArnEquals":{"aws:SourceArn":"arn:aws:s3:::b"},"StringEquals":{"aws:SourceAccount":"222222222222"}}}"#;
    assert!(step.contains(from), "{from}");
    (step.replace(from, to), step.to_owned())
}

fn is_same(from: &str, to: &str) -> bool {
    let (there, new) = step2(from, to);
    let forth = compare(&there, &new, Kind::Kms, Some(KEY)) == Cover::Same(0);
    assert_eq!(forth, compare(&new, &there, Kind::Kms, Some(KEY)) == Cover::Same(0), "{to}: not symmetric");
    forth
}

#[test]
fn case_of_the_action() {
    assert!(is_same("kms:Decrypt", "KMS:decrypt"));
}

#[test]
fn account_id_for_the_root_arn() {
    let with = |principal: &str| {
        format!(r#"{{"Effect":"Allow","Principal":{{"AWS":"{principal}"}},"Action":"kms:*","Resource":"*"}}"#)
    };
    let (id, root) = (with("222222222222"), with("arn:aws:iam::222222222222:root"));
    assert_eq!(compare(&id, &root, Kind::Kms, None), Cover::Same(0));
    assert_eq!(compare(&with("333333333333"), &root, Kind::Kms, None), Cover::None);
}

#[test]
fn order_and_repetition_of_lists() {
    assert!(is_same(
        r#"["kms:Decrypt","kms:DescribeKey"]"#,
        r#"["kms:DescribeKey","kms:Decrypt","kms:decrypt"]"#
    ));
}

#[test]
fn string_or_list() {
    assert!(is_same(
        r#""arn:aws:iam::222222222222:role/Expel""#,
        r#"["arn:aws:iam::222222222222:role/Expel"]"#
    ));
    assert!(is_same(r#""Resource":"*""#, r#""Resource":["*"]"#));
    assert!(is_same(r#""222222222222"}"#, r#"["222222222222"]}"#));
}

#[test]
fn arn_like_for_arn_equals() {
    assert!(is_same("ArnEquals", "ArnLike"));
    // Terraform modules write a string operator; for a whole ARN that is the same.
    assert!(is_same(
        r#""ArnEquals":{"aws:SourceArn":"arn:aws:s3:::b"},"StringEquals":{"#,
        r#""StringEquals":{"aws:SourceArn":"arn:aws:s3:::b","#
    ));
}

#[test]
fn other_sid_or_none() {
    assert!(is_same(r#""Sid":"Expel","#, r#""Sid":"Other","#));
    assert!(is_same(r#""Sid":"Expel","#, ""));
}

#[test]
fn the_keys_own_arn_for_a_star_if_it_is_known() {
    assert!(is_same(r#""Resource":"*""#, &format!(r#""Resource":"{KEY}""#)));
    let (there, new) = step2(r#""Resource":"*""#, &format!(r#""Resource":"{KEY}""#));
    assert_ne!(compare(&there, &new, Kind::Kms, None), Cover::Same(0), "the key is not known");
    assert_ne!(
        compare(&there, &new, Kind::S3, Some(KEY)),
        Cover::Same(0),
        "in other policies a star is a star"
    );
}

#[test]
fn case_of_condition_keys_and_numbers_for_texts() {
    assert!(is_same("aws:SourceAccount", "AWS:sourceaccount"));
    assert!(is_same(r#""222222222222"}"#, "222222222222}"));
}

#[test]
fn any_principal_in_both_spellings() {
    let with = |principal: &str| {
        format!(
            r#"{{"Effect":"Allow","Principal":{principal},"Action":"sns:Publish","Resource":"*","Condition":{{"Bool":{{"aws:SecureTransport":"TRUE"}}}}}}"#
        )
    };
    assert_eq!(compare(&with(r#""*""#), &with(r#"{"AWS":"*"}"#), Kind::Sns, None), Cover::Same(0));
    let lower = with(r#""*""#).replace("TRUE", "true");
    assert_eq!(compare(&with(r#""*""#), &lower, Kind::Sns, None), Cover::Same(0));
}

#[test]
fn what_is_not_the_same() {
    for (from, to) in [
        ("kms:DescribeKey", "kms:DescribeKe?"),
        ("role/Expel", "role/expel"),
        ("\"Action\"", "\"NotAction\""),
        ("\"Resource\"", "\"NotResource\""),
        ("\"Allow\"", "\"Deny\""),
        ("StringEquals", "StringNotEquals"),
        ("StringEquals", "StringEqualsIfExists"),
        ("StringEquals", "ForAllValues:StringEquals"),
        ("ArnEquals", "ArnNotEquals"),
        ("\"222222222222\"", "[\"222222222222\",\"333333333333\"]"),
        ("arn:aws:s3:::b", "arn:aws:s3:::B"),
        ("aws:SourceAccount", "aws:PrincipalAccount"),
        (r#","StringEquals":{"aws:SourceAccount":"222222222222"}"#, ""),
    ] {
        assert!(!is_same(from, to), "{to}");
    }
}

#[test]
fn wider_statements_cover() {
    for (from, to) in [
        (r#"["kms:Decrypt","kms:DescribeKey"]"#, r#""kms:*""#),
        (r#"["kms:Decrypt","kms:DescribeKey"]"#, r#"["kms:De*"]"#),
        (r#""Action":["kms:Decrypt","kms:DescribeKey"]"#, r#""NotAction":"kms:Encrypt""#),
        (r#","StringEquals":{"aws:SourceAccount":"222222222222"}"#, ""),
        ("\"222222222222\"", "[\"222222222222\",\"333333333333\"]"),
        ("StringEquals", "StringEqualsIfExists"),
        ("arn:aws:s3:::b\"", "arn:aws:s3:*:*:b*\""),
        ("{\"AWS\":\"arn:aws:iam::222222222222:role/Expel\"}", "\"*\""),
    ] {
        let (there, new) = step2(from, to);
        assert_eq!(compare(&there, &new, Kind::Kms, None), Cover::Wider(vec![0]), "{to}");
        assert_ne!(compare(&new, &there, Kind::Kms, None), Cover::Wider(vec![0]), "{to} the other way");
    }
}

#[test]
fn several_statements_cover_together() {
    let new = step2("kms:DescribeKey", "kms:DescribeKey").1;
    let only = |action: &str| new.replace(r#"["kms:Decrypt","kms:DescribeKey"]"#, action);
    let there =
        [only(r#""kms:Encrypt""#), only(r#""kms:Decrypt""#), only(r#"["kms:Describe*","kms:List*"]"#)];
    let policy = format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, there.join(","));
    let document = open_policy(Source::new("test", policy), &Hints::default());
    let scope = Scope { kind: Kind::Kms, resource: None };
    let statements = &document.policy.statements;
    assert_eq!(cover(&statement(&new), statements, scope), Cover::Wider(vec![1, 2]));
    assert_eq!(cover(&statement(&new), &statements[..2], scope), Cover::None);
    // One that does it alone is named alone.
    let all = statement(&only(r#""kms:*""#));
    let all = Statement { index: 3, ..all };
    assert_eq!(cover(&statement(&new), statements.iter().chain([&all]), scope), Cover::Wider(vec![3]));
}

#[test]
fn an_account_delegates_and_does_not_cover() {
    let (there, new) = step2("arn:aws:iam::222222222222:role/Expel", "arn:aws:iam::222222222222:root");
    assert_eq!(compare(&there, &new, Kind::Kms, None), Cover::Delegated(0));
    let (there, new) = step2("arn:aws:iam::222222222222:role/Expel", "arn:aws:iam::333333333333:root");
    assert_eq!(compare(&there, &new, Kind::Kms, None), Cover::None);
}

#[test]
fn a_star_does_not_stand_for_a_service() {
    let (there, new) = step2(r#"{"AWS":"arn:aws:iam::222222222222:role/Expel"}"#, "\"*\"");
    let new =
        new.replace(r#"{"AWS":"arn:aws:iam::222222222222:role/Expel"}"#, r#"{"Service":"s3.amazonaws.com"}"#);
    assert_eq!(compare(&there, &new, Kind::Kms, None), Cover::None);
}

#[test]
fn denies_cut_all_part_or_nothing() {
    let allow = statement(&step2("kms:DescribeKey", "kms:DescribeKey").1);
    let engine = Engine::new(Scope { kind: Kind::Kms, resource: None });
    let cut = |text: &str| engine.cut(&[&statement(text)], &allow).cut;
    let deny = |rest: &str| format!(r#"{{"Effect":"Deny","Principal":"*","Resource":"*",{rest}}}"#);
    assert_eq!(cut(&deny(r#""Action":"kms:*""#)), Cut::All);
    assert_eq!(cut(&deny(r#""Action":"kms:Decrypt""#)), Cut::Part);
    assert_eq!(cut(&deny(r#""Action":"kms:Encrypt""#)), Cut::None);
    assert_eq!(
        cut(&deny(r#""Action":"kms:*","Condition":{"Bool":{"aws:SecureTransport":false}}"#)),
        Cut::Part
    );
    let own = r#""Action":"kms:*","Condition":{"StringNotEquals":{"aws:SourceAccount":"222222222222"}}"#;
    assert_eq!(cut(&deny(own)), Cut::None, "the grant asks for that account");
    let account =
        deny(r#""Action":"kms:*""#).replace("\"*\",\"Resource", "{\"AWS\":\"222222222222\"},\"Resource");
    assert_eq!(cut(&account), Cut::All, "a Deny of the account hits its roles");
    assert_eq!(cut(&account.replace('2', "3")), Cut::None);
}

/// What other tools are known to get wrong. The commands and findings are in their own trackers and sources.
mod as_others_do_not {
    use super::*;
    use polmerge::analyze::replay::accepts;
    use polmerge::analyze::request::Request;

    fn identity(rest: &str) -> String {
        format!(r#"{{"Effect":"Allow","Resource":"*",{rest}}}"#)
    }

    fn lets(rest: &str, action: &str, context: serde_json::Value) -> bool {
        let request =
            serde_json::json!({"action": action, "resource": "arn:aws:s3:::b/k", "context": context});
        let scope = Scope { kind: Kind::Identity, resource: None };
        accepts(&statement(&identity(rest)), &Request::from_json(&request).unwrap(), scope).unwrap()
    }

    fn of(there: &str, new: &str) -> Cover {
        compare(&identity(there), &identity(new), Kind::Identity, None)
    }

    /// A star stands for nothing, too; a bracket for itself.
    #[test]
    fn stars_and_brackets() {
        assert_eq!(of(r#""Action":"s3:Get?*""#, r#""Action":"s3:Get*""#), Cover::None);
        assert!(matches!(of(r#""Action":"s3:Get*""#, r#""Action":"s3:Get?*""#), Cover::Wider(_)));
        assert!(lets(r#""Action":"s3:DeleteObject*""#, "s3:DeleteObject", serde_json::json!({})));
        let class = r#""Action":"s3:*","Condition":{"StringLike":{"aws:PrincipalTag/team":"[ab]"}}"#;
        assert!(!lets(class, "s3:GetObject", serde_json::json!({"aws:PrincipalTag/team": "a"})));
        assert!(lets(class, "s3:GetObject", serde_json::json!({"aws:PrincipalTag/team": "[ab]"})));
        assert_eq!(of(&class.replace("[ab]", "[ab]*"), &class.replace("[ab]", "a")), Cover::None);
    }

    /// JSON numbers and booleans are their texts, also in a list, and the order of keys is none.
    #[test]
    fn values_of_conditions() {
        let with = |condition: &str| format!(r#""Action":"s3:*","Condition":{condition}"#);
        let same = |one: &str, other: &str| of(&with(one), &with(other)) == Cover::Same(0);
        assert!(same(
            r#"{"Bool":{"aws:SecureTransport":false}}"#,
            r#"{"Bool":{"aws:SecureTransport":"false"}}"#
        ));
        assert!(same(
            r#"{"NumericLessThan":{"s3:max-keys":[10,"20"]}}"#,
            r#"{"NumericLessThan":{"s3:max-keys":["20","10"]}}"#
        ));
        assert!(!same(r#"{"NumericLessThan":{"s3:max-keys":10}}"#, "{}"), "a number is not dropped");
        assert!(same(
            r#"{"Bool":{"aws:SecureTransport":"true"},"StringEquals":{"aws:PrincipalTag/a":"x","aws:PrincipalTag/b":"y"}}"#,
            r#"{"StringEquals":{"aws:PrincipalTag/b":"y","aws:PrincipalTag/a":["x","x"]},"Bool":{"aws:SecureTransport":"true"}}"#
        ));
        let less = with(r#"{"NumericLessThan":{"s3:max-keys":"10.5"}}"#);
        let keys = |value: &str| lets(&less, "s3:ListBucket", serde_json::json!({"s3:max-keys": value}));
        assert!(keys("10.25") && !keys("10.5") && !keys("10abc"));
    }

    /// A negated operator holds of an absent key and of a variable without a value, and of none of several
    /// values.
    #[test]
    fn negated_operators() {
        let not = |value: &str| {
            format!(
                r#""Action":"S3:getobject","Condition":{{"StringNotEquals":{{"aws:PrincipalTag/team":{value}}}}}"#
            )
        };
        let team = |value: &str, team: &str| {
            lets(&not(value), "s3:GetObject", serde_json::json!({"aws:PrincipalTag/team": team}))
        };
        assert!(lets(&not("\"a\""), "s3:GetObject", serde_json::json!({})));
        assert!(!team("[\"a\",\"b\"]", "a") && !team("[\"a\",\"b\"]", "b") && team("[\"a\",\"b\"]", "c"));
        assert!(team("\"${aws:username}\"", "a"));
    }

    /// Moments and addresses are compared as what they are.
    #[test]
    fn moments_and_addresses() {
        let before = r#""Action":"s3:*","Condition":{"DateLessThan":{"aws:CurrentTime":"1704067200"}}"#;
        let at = |time: &str| lets(before, "s3:GetObject", serde_json::json!({"aws:CurrentTime": time}));
        assert!(at("2023-12-31T23:59:59Z") && !at("2024-01-01T00:00:00Z"));
        let from = r#""Action":"s3:*","Condition":{"IpAddress":{"aws:SourceIp":"2001:DB8::1"}}"#;
        let ip = |ip: &str| lets(from, "s3:GetObject", serde_json::json!({"aws:SourceIp": ip}));
        assert!(ip("2001:db8:0:0:0:0:0:1") && !ip("2001:db8::2"));
    }
}
