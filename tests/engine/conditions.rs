//! Conditions, principals and values: what effect, kind and company do to a finding, and what is left alone.

#![allow(clippy::unwrap_used, reason = "a test program")]

use polmerge::document::{Hints, open_policy};
use polmerge::lint::{Settings, lint};
use polmerge::{Diagnostic, Document, Kind, Severity, Source};

fn document(statements: &str, kind: Kind) -> Document {
    let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#);
    open_policy(Source::new("test.json", text), &Hints { kind: Some(kind), ..Hints::default() })
}

/// How much a statement gives is another matter, and what a policy of its kind should have besides.
fn findings(statements: &str, kind: Kind) -> Vec<Diagnostic> {
    let ignore = ["overbroad", "escalation", "exposure", "kind", "practice"]
        .map(|group| group.parse().unwrap())
        .to_vec();
    lint(&document(statements, kind), &Settings { ignore, ..Settings::default() })
}

fn names(statements: &str, kind: Kind) -> Vec<(&'static str, Severity)> {
    findings(statements, kind).into_iter().map(|finding| (finding.rule, finding.severity)).collect()
}

/// The findings on one condition of an identity policy.
fn condition(effect: &str, condition: &str) -> Vec<(&'static str, Severity)> {
    let statement = format!(
        r#"{{"Effect":"{effect}","Action":"s3:GetObject","Resource":"arn:aws:s3:::reports/*","Condition":{{{condition}}}}}"#
    );
    names(&statement, Kind::Identity)
}

/// The findings on one principal of a queue policy.
fn principal(principal: &str) -> Vec<(&'static str, Severity)> {
    let statement = format!(
        r#"{{"Effect":"Allow","Principal":{principal},"Action":"sqs:SendMessage",
            "Resource":"arn:aws:sqs:us-east-1:222222222222:q",
            "Condition":{{"StringEquals":{{"aws:SourceAccount":"222222222222"}}}}}}"#
    );
    names(&statement, Kind::Sqs)
}

use Severity::{Error, Note, Warning};

#[test]
fn the_effect_decides_what_an_absent_key_does() {
    let network = r#""StringEqualsIfExists":{"aws:SourceVpce":"vpce-0a1b2c3d4e5f67890"}"#;
    assert_eq!(condition("Allow", network), [("if-exists-allow", Warning)]);
    assert_eq!(condition("Deny", network), [("if-exists-deny", Note)]);
    let negated = r#""StringNotEqualsIfExists":{"aws:SourceVpce":"vpce-0a1b2c3d4e5f67890"}"#;
    assert_eq!(condition("Deny", negated), [], "an absent key passes a negated operator anyway");
    let demanded = format!(r#"{network},"Null":{{"aws:SourceVpce":"false"}}"#);
    assert_eq!(condition("Allow", &demanded), []);
    let mfa = |value: &str| format!(r#""BoolIfExists":{{"aws:MultiFactorAuthPresent":"{value}"}}"#);
    assert_eq!(condition("Allow", &mfa("true")), [("if-exists-allow", Warning)]);
    assert_eq!(condition("Deny", &mfa("false")), [], "this is how it is done");

    let paths = r#""aws:PrincipalOrgPaths":"o-a1b2c3d4e5/r-ab12/*""#;
    let all = format!(r#""ForAllValues:StringLike":{{{paths}}}"#);
    assert_eq!(condition("Allow", &all), [("for-all-values-allow", Warning)]);
    assert_eq!(condition("Deny", &all), []);
    let any = format!(r#""ForAnyValue:StringNotLike":{{{paths}}}"#);
    assert_eq!(condition("Deny", &any), [("for-any-value-deny", Warning)]);
    assert_eq!(condition("Deny", &all.replace("Like", "NotLike")), []);
}

#[test]
fn a_second_deny_for_what_lacks_the_key_is_seen() {
    let deny = |condition: &str| {
        format!(r#"{{"Effect":"Deny","Action":"s3:*","Resource":"*","Condition":{{{condition}}}}}"#)
    };
    let listed = deny(r#""ForAnyValue:StringNotLike":{"aws:PrincipalOrgPaths":"o-a1b2c3d4e5/*"}"#);
    let absent = deny(r#""Null":{"aws:PrincipalOrgPaths":"true"}"#);
    assert_eq!(names(&listed, Kind::Scp), [("for-any-value-deny", Warning)]);
    assert_eq!(names(&format!("{listed},{absent}"), Kind::Scp), []);
}

#[test]
fn a_star_is_a_wildcard_or_it_is_none() {
    let equals = |value: &str| {
        condition("Allow", &format!(r#""StringEquals":{{"s3:ExistingObjectTag/a":"{value}"}}"#))
    };
    assert_eq!(equals("red*"), [("literal-wildcard", Warning)]);
    assert_eq!(equals("red${*}"), []);
    assert_eq!(equals("https://example.com/?a=b"), [], "an address of the web");
    assert_eq!(equals("<team>*"), [("template-text", Note)], "still to be filled in");
    let like =
        |value: &str| condition("Allow", &format!(r#""StringLike":{{"s3:ExistingObjectTag/a":"{value}"}}"#));
    assert_eq!(like("red*"), []);
    assert_eq!(like("*"), [("any-value", Note)]);
}

#[test]
fn addresses_are_public_or_private() {
    let source = |operator: &str, ranges: &str| {
        condition("Allow", &format!(r#""{operator}":{{"aws:SourceIp":[{ranges}]}}"#))
    };
    assert_eq!(source("IpAddress", r#""10.0.0.0/8""#), [("private-source-ip", Error)]);
    assert_eq!(source("NotIpAddress", r#""fd00::/8""#), [("private-source-ip", Error)]);
    assert_eq!(source("IpAddress", r#""10.0.0.0/8","203.0.113.0/24""#), [("private-source-ip", Note)]);
    assert_eq!(
        source("IpAddressIfExists", r#""10.0.0.0/8""#),
        [("if-exists-allow", Warning), ("private-source-ip", Warning)]
    );
    assert_eq!(source("IpAddress", r#""0.0.0.0/0""#), []);
    assert_eq!(source("IpAddress", r#""203.0.113.7/24""#), [("cidr-host-bits", Note)]);
    let vpc = r#""IpAddress":{"aws:VpcSourceIp":"10.0.0.0/16"}"#;
    assert_eq!(condition("Allow", vpc), [("vpc-source-ip-alone", Warning)]);
    assert_eq!(condition("Deny", vpc), [], "of other networks, too");
    let both = format!(r#"{vpc},"StringEquals":{{"aws:SourceVpc":"vpc-0a1b2c3d4e5f67890"}}"#);
    assert_eq!(condition("Allow", &both), []);
}

#[test]
fn conditions_that_exclude_each_other() {
    let both = |one: &str, other: &str| condition("Allow", &format!("{one},{other}"));
    let contradictory = [("contradictory-conditions", Warning)];
    let tag = |operator: &str, value: &str| format!(r#""{operator}":{{"s3:ExistingObjectTag/a":"{value}"}}"#);
    assert_eq!(both(&tag("StringEquals", "red"), &tag("StringNotEquals", "red")), contradictory);
    assert_eq!(both(&tag("StringEquals", "red"), &tag("StringNotLike", "r*")), contradictory);
    assert_eq!(both(&tag("StringEquals", "red"), &tag("StringLike", "g*")), contradictory);
    assert_eq!(both(&tag("StringEquals", "red"), &tag("Null", "true")), contradictory);
    assert_eq!(both(&tag("StringEquals", "red"), &tag("StringLike", "r*")), []);
    assert_eq!(both(&tag("StringEquals", "${aws:userid}"), &tag("StringLike", "r*")), [], "that may be");
    assert_eq!(both(&tag("StringEqualsIgnoreCase", "red"), &tag("StringNotEquals", "red")), []);
    let size = |operator: &str, size: &str| format!(r#""{operator}":{{"s3:signatureAge":"{size}"}}"#);
    assert_eq!(both(&size("NumericGreaterThan", "10"), &size("NumericLessThan", "9.5")), contradictory);
    assert_eq!(both(&size("NumericGreaterThanEquals", "10"), &size("NumericLessThan", "10")), contradictory);
    assert_eq!(both(&size("NumericGreaterThanEquals", "10"), &size("NumericLessThanEquals", "10")), []);
    let from = |operator: &str, range: &str| format!(r#""{operator}":{{"aws:SourceIp":"{range}"}}"#);
    assert_eq!(
        both(&from("IpAddress", "203.0.113.0/24"), &from("NotIpAddress", "203.0.0.0/16")),
        contradictory
    );
    assert_eq!(both(&from("IpAddress", "203.0.113.0/24"), &from("NotIpAddress", "203.0.113.7")), []);
}

#[test]
fn values_that_a_key_never_has() {
    let equals =
        |key: &str, value: &str| condition("Allow", &format!(r#""StringEquals":{{"{key}":"{value}"}}"#));
    assert_eq!(equals("aws:SourceVpce", "vpc-0a1b2c3d4e5f67890"), [("impossible-value", Error)]);
    assert_eq!(equals("aws:SourceVpc", "vpc-my-own"), [("impossible-value", Warning)], "a word");
    assert_eq!(
        equals("aws:PrincipalOrgPaths", "o-a1b2c3d4e5/r-ab12"),
        [("set-operator-missing", Warning), ("impossible-value", Warning)]
    );
    assert_eq!(equals("aws:PrincipalAccount", "${aws:ResourceAccount}"), []);
    let via = |value: &str| {
        let statement = format!(
            r#"{{"Effect":"Allow","Action":"kms:Decrypt","Resource":"*","Condition":{{"StringEquals":{{"kms:ViaService":"{value}"}}}}}}"#
        );
        names(&statement, Kind::Boundary)
    };
    assert_eq!(via("s3.us-east-1.amazonaws.com"), []);
    assert_eq!(via("s3.amazonaws.com"), [("impossible-value", Warning)]);
}

#[test]
fn principals_that_are_none() {
    let aws = |value: &str| principal(&format!(r#"{{"AWS":"{value}"}}"#));
    for right in [
        "222222222222",
        "arn:aws:iam::222222222222:root",
        "arn:aws:iam::222222222222:role/path/name",
        "arn:aws-cn:iam::222222222222:user/name",
        "arn:aws:sts::222222222222:assumed-role/name/session",
        "arn:aws:sts::222222222222:federated-user/name",
        "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E0A1B2C3D4E5F6",
        "arn:aws:iam::${AWS::AccountId}:root",
    ] {
        let found: Vec<_> = aws(right).into_iter().filter(|(_, level)| *level > Note).collect();
        assert_eq!(found, [], "{right}");
    }
    for wrong in [
        "arn:aws:iam::222222222222:group/name",
        "arn:aws:iam::222222222222:instance-profile/name",
        "arn:aws:s3:::bucket",
        "arn:aws:sts::222222222222:assumed-role/name",
        "22222222222",
        "s3.amazonaws.com",
        "arn:aws:iam:222222222222:user/name",
    ] {
        assert_eq!(aws(wrong), [("invalid-principal", Error)], "{wrong}");
    }
    assert_eq!(aws("arn:aws:iam::ACCOUNT_B:root"), [("invalid-principal", Warning)], "still to be filled in");
    assert_eq!(aws("arn:aws:iam::222222222222:role/a*"), [("wildcard-in-principal", Error)]);
    assert_eq!(principal(r#"{"Service":"SNS.amazonaws.com"}"#), [("invalid-service-principal", Error)]);
    assert_eq!(principal(r#"{"Service":"snss.amazonaws.com"}"#), [("unknown-service-principal", Warning)]);
    assert_eq!(principal(r#"{"Service":"quite-new.amazonaws.com"}"#), [], "there may be such a service");
    assert_eq!(principal(r#"{"Federated":"accounts.google.com"}"#), [("federated-outside-trust", Error)]);
}

#[test]
fn resources_that_are_not_the_policys_own() {
    let statement = |resource: &str| {
        format!(
            r#"{{"Effect":"Allow","Principal":{{"AWS":"arn:aws:iam::222222222222:role/a"}},
                "Action":"s3:GetObject","Resource":"{resource}"}}"#
        )
    };
    let found = |own: &str, resource: &str| -> Vec<_> {
        let text = format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statement(resource));
        let hints = Hints { kind: Some(Kind::S3), resource: Some(own.to_owned()), ..Hints::default() };
        let settings = Settings { select: Some(vec!["resource".parse().unwrap()]), ..Settings::default() };
        let found = lint(&open_policy(Source::new("test.json", text), &hints), &settings);
        found.into_iter().map(|finding| (finding.rule, finding.severity)).collect()
    };
    assert_eq!(found("arn:aws:s3:::reports", "arn:aws:s3:::reports/*"), []);
    assert_eq!(found("arn:aws:s3:::reports", "arn:aws:s3:::rep*/2026/*"), []);
    assert_eq!(found("arn:aws:s3:::reports", "arn:aws:s3:::other/*"), [("foreign-resource", Warning)]);
    assert_eq!(
        found("arn:aws:s3:::reports", "arn:aws:sqs:us-east-1:222222222222:q"),
        [("foreign-resource", Error)]
    );
}

#[test]
fn tag_keys_of_who_only_tags_may_be_absent() {
    let keys = |actions: &str| {
        let statement = format!(
            r#"{{"Effect":"Allow","Action":{actions},"Resource":"*",
                "Condition":{{"ForAllValues:StringEquals":{{"aws:TagKeys":["team"]}}}}}}"#
        );
        let found = names(&statement, Kind::Boundary);
        found.into_iter().filter(|(rule, _)| *rule == "for-all-values-allow").collect::<Vec<_>>()
    };
    assert_eq!(keys(r#"["sqs:TagQueue","sqs:UntagQueue"]"#), []);
    assert_eq!(keys(r#"["sqs:TagQueue","sqs:CreateQueue"]"#), [("for-all-values-allow", Note)]);
}

/// One block that holds several tests can only be changed as a whole, so its name stays.
#[test]
fn a_fix_leaves_the_neighbours_alone() {
    let policy = document(
        r#"{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::reports/*","Condition":{
            "StringLike":{"aws:PrincipalTag/a":"*","aws:PrincipalTag/b":"x"},
            "StringLikeIfExists":{"aws:PrincipalTag/c":"*"}}}"#,
        Kind::Identity,
    );
    let found = lint(&policy, &Settings::default());
    let fixes: Vec<_> = found.iter().map(|finding| (finding.rule, finding.fix.is_some())).collect();
    assert_eq!(fixes, [("any-value", false), ("any-value", true)]);
    let edits = &found[1].fix.as_ref().unwrap().edits;
    let text = policy.edited(edits).unwrap();
    assert!(
        text.ends_with(
            r#""Condition":{
            "StringLike":{"aws:PrincipalTag/a":"*","aws:PrincipalTag/b":"x"}}}]}"#
        ),
        "{text}"
    );
}
