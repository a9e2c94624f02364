//! What `diff` says of the text beside access: elements of the policy, and what keeps a policy from being read.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use polmerge::analyze::checks::{Outcome, Question};
use polmerge::analyze::compare::compare;
use polmerge::analyze::space::Relation;
use polmerge::document::{Document, Hints, open_policy};
use polmerge::report::comparison::human;
use polmerge::report::style::Style;
use polmerge::{Kind, Source};

const PLAIN: Style = Style { color: false, unicode: true, width: 100 };
const STATEMENT: &str =
    r#"{"Sid":"A","Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}"#;

fn document(name: &str, text: &str) -> Document {
    let hints = Hints { kind: Some(Kind::Identity), ..Hints::default() };
    open_policy(Source::new(name, text), &hints)
}

fn policy(members: &str, statement: &str) -> String {
    format!("{{{members}\n\"Statement\":[{statement}]}}")
}

/// The relation, whether it is exact, and the report.
fn diff(old: &str, new: &str) -> (Relation, bool, String) {
    let (old, new) = (document("old.json", old), document("new.json", new));
    let comparison = compare(&old, &new);
    (comparison.change.relation, comparison.change.exact, human(&comparison, PLAIN))
}

#[test]
fn an_element_that_changes_no_access_is_shown() {
    let current = "\"Version\":\"2012-10-17\",";
    for (old, new, shown) in [
        ("\"Version\":\"2008-10-17\",", current, &["Version", "2008-10-17", "2012-10-17"][..]),
        ("", "\"Version\":\"2008-10-17\",", &["Version", "2008-10-17"]),
        (
            "\"Version\":\"2012-10-17\",\"Id\":\"a\",",
            "\"Version\":\"2012-10-17\",\"Id\":\"b\",",
            &["Id", "-   a", "+   b"],
        ),
        ("\"Version\":\"2012-10-17\",\"Id\":\"a\",", current, &["Id", "-   a"]),
    ] {
        let (relation, exact, report) = diff(&policy(old, STATEMENT), &policy(new, STATEMENT));
        assert_eq!((relation, exact), (Relation::Equivalent, true), "{report}");
        assert!(shown.iter().all(|part| report.contains(part)), "{shown:?}\n{report}");
        assert!(report.contains("allows the same: 1 element of the policy changed"), "{report}");
        assert!(report.contains("new.json:1"), "{report}");
    }
    let (.., report) = diff(&policy(current, STATEMENT), &policy(current, STATEMENT));
    assert!(report.contains("means the same: nothing differs") && !report.contains("element of"), "{report}");
}

#[test]
fn nothing_is_proved_of_a_policy_that_aws_refuses() {
    let good = policy("\"Version\":\"2012-10-17\",", STATEMENT);
    for (bad, named) in [
        ("\"Version\":\"2012-06-17\",", "`2012-06-17`"),
        ("\"Version\":\"2012-10-17\",\"Comment\":\"x\",", "`Comment`"),
        ("\"version\":\"2012-10-17\",", "`version`"),
    ] {
        let bad = policy(bad, STATEMENT);
        for (old, new) in [(&good, &bad), (&bad, &good)] {
            let (relation, exact, report) = diff(old, new);
            assert_eq!((relation, exact), (Relation::Unproved, false), "{report}");
            assert!(report.contains(named), "{named}\n{report}");
            // The reason in the list and in the verdict, and no more.
            assert_eq!(report.matches("not proved").count(), 2, "{report}");
        }
        // The same text is the same, whatever it means.
        assert_eq!(diff(&bad, &bad).0, Relation::Equivalent);
        assert_eq!(diff(&bad, &bad.replace(":[", ": [")).0, Relation::Equivalent, "layout aside");
        let limit =
            document("limit.json", &policy("\"Version\":\"2012-10-17\",", &STATEMENT.replace("Get", "Put")));
        let check =
            |new: &str| Question::Forbidden(&limit).ask(&document("old", &good), &document("new", new));
        assert_eq!(check(&good).outcome, Outcome::Passed);
        assert_eq!(check(&bad).outcome, Outcome::Undecided);
        assert!(check(&bad).unproved.iter().any(|why| why.contains(named)));
    }
}

#[test]
fn what_cannot_be_read_is_named_and_shown_once() {
    let good = policy("\"Version\":\"2012-10-17\",", STATEMENT);
    for (member, named, shown) in [
        (
            r#""Conditions":{"Bool":{"aws:SecureTransport":"true"}}"#,
            "`Conditions`",
            r#"+   {"Bool":{"aws:SecureTransport":"true"}}"#,
        ),
        (
            r#""Condition":{"StringIs":{"aws:username":"x"}}"#,
            "`StringIs`",
            r#"+   {"StringIs":{"aws:username":"x"}}"#,
        ),
        (r#""Condition":5"#, "`Condition`", "+   5"),
    ] {
        let statement = STATEMENT.replacen('}', &format!(",{member}}}"), 1);
        let bad = policy("\"Version\":\"2012-10-17\",", &statement);
        let (relation, exact, report) = diff(&good, &bad);
        assert_eq!((relation, exact), (Relation::Unproved, false), "{report}");
        assert!(report.contains(named), "{named}\n{report}");
        assert_eq!(report.matches(shown).count(), 1, "{shown}\n{report}");
        assert_eq!(report.matches("  ? not proved").count(), 1, "{report}");
        let (_, _, back) = diff(&bad, &good);
        assert!(back.contains(&shown.replace('+', "-")), "{back}");
    }
    // What can be read is shown value by value, as ever.
    let (_, exact, report) = diff(&good, &good.replace("GetObject", "PutObject"));
    assert!(exact && report.contains("+   s3:PutObject") && !report.contains('{'), "{report}");
}

const CURRENT: &str = "\"Version\":\"2012-10-17\",";

/// The lines of the section on access.
fn access(old: &str, new: &str) -> String {
    let (.., report) = diff(&policy(CURRENT, old), &policy(CURRENT, new));
    let section =
        report.split("\nAccess\n").nth(1).unwrap_or_default().split("\n\n").next().unwrap_or_default();
    // As if no line were wrapped.
    format!("  {}", section.split_whitespace().collect::<Vec<_>>().join(" "))
}

#[test]
fn what_a_deny_takes_is_told_as_a_deny() {
    let grant = r#"{"Sid":"A","Effect":"Allow","Action":"s3:*","Resource":"*"}"#;
    let deny = |actions: &str, condition: &str| {
        format!(r#"{grant},{{"Sid":"D","Effect":"Deny","Action":[{actions}],"Resource":"*"{condition}}}"#)
    };
    let put = deny(r#""s3:PutObject""#, "");
    let both = deny(r#""s3:PutObject","s3:DeleteObject""#, "");
    let tls = deny(r#""s3:PutObject""#, r#","Condition":{"Bool":{"aws:SecureTransport":"false"}}"#);
    // The grant is what it was: only what is denied is listed.
    assert!(access(grant, &put).starts_with("  - this policy denies its holder s3:PutObject on everything"));
    assert!(access(&put, grant).starts_with("  + no longer: this policy denies its holder s3:PutObject"));
    for (old, new) in [(&put, &both), (&both, &put)] {
        let told = access(old, new);
        assert!(told.contains("denies its holder s3:DeleteObject") && !told.contains("s3:*"), "{told}");
        assert!(!told.contains("s3:PutObject"), "{told}");
    }
    let told = access(&put, &tls);
    assert!(told.contains("no longer: this policy denies its holder s3:PutObject"), "{told}");
    assert!(told.contains("now only if aws:SecureTransport is false"), "{told}");
    let told = access(&tls, &put);
    assert!(told.contains("no longer only if aws:SecureTransport is false"), "{told}");
    // One Deny that takes of two grants is one line, with an example for each.
    let grants = r#"{"Sid":"A","Effect":"Allow","Action":"s3:Get*","Resource":"arn:aws:s3:::a/*"},{"Sid":"B","Effect":"Allow","Action":"s3:Get*","Resource":"arn:aws:s3:::b/*"}"#;
    let told = access(
        grants,
        &format!(r#"{grants},{{"Sid":"D","Effect":"Deny","Action":"s3:GetObject","Resource":"*"}}"#),
    );
    assert_eq!((told.matches("denies").count(), told.matches("for example").count()), (1, 2), "{told}");
    // A grant that goes is told as such although a Deny is there.
    let told =
        access(&deny(r#""s3:PutObject""#, ""), &put.replace(grant, &grant.replace("s3:*", "s3:List*")));
    assert!(told.contains("no longer: this policy lets its holder s3:*"), "{told}");
}

#[test]
fn what_is_not_known_is_told_with_its_place() {
    let of = |item: &str| policy(CURRENT, &format!("{STATEMENT},\n{item}"));
    let function = r#"{"Fn::Transform":{"Name":"X"}}"#;
    let named = r#"{"Sid":"R","Effect":"Allow","Action":"s3:GetObject","Resource":{"Ref":"Bucket"}}"#;
    let wider = named.replace("\"s3:GetObject\"", "[\"s3:GetObject\",\"s3:PutObject\"]");
    let other = named.replace("{\"Ref\":\"Bucket\"}", "{\n \"Ref\": \"Other\" }");
    let (relation, exact, report) = diff(&of(function), &policy(CURRENT, STATEMENT));
    assert_eq!((relation, exact), (Relation::Unproved, false), "{report}");
    assert!(
        report.contains("what it does is decided by `Fn::Transform") && report.contains("3:1"),
        "{report}"
    );
    assert!(!report.contains("its holder nothing"), "{report}");
    for (new, place) in [(&wider, "`Ref Bucket` (3:"), (&other, "`Ref Other` (3:")] {
        let (relation, exact, report) = diff(&of(named), &of(new));
        assert_eq!((relation, exact), (Relation::Unproved, false), "{report}");
        assert!(report.contains("not proved: what statement 2 \"R\" grants depends on"), "{report}");
        assert!(report.contains(place) && report.contains("the answer depends on `Ref"), "{report}");
        assert!(!report.contains("taken for granted"), "{report}");
    }
    // A function that is written on several lines is one value.
    assert!(diff(&of(named), &of(&other)).2.contains(r#"+   { "Ref": "Other" }"#));
    let (relation, exact, report) = diff(&of(named), &of(named));
    assert_eq!((relation, exact), (Relation::Equivalent, true), "{report}");
}

/// Semantics, correction 39: what no policy decides is no access.
#[test]
fn what_no_one_can_do_is_no_access() {
    let current = "\"Version\":\"2012-10-17\",";
    let allow = |action: &str, resource: &str| {
        format!(r#"{{"Effect":"Allow","Action":"{action}","Resource":"{resource}"}}"#)
    };
    let deny = |action: &str, resource: &str| allow(action, resource).replace("Allow", "Deny");
    let all = allow("*", "*");
    let role = "arn:aws:iam::*:role/";
    for (base, statement, reason) in [
        (
            STATEMENT,
            allow("iam:CreatePolicyVersion", "arn:aws:iam::aws:policy/ReadOnlyAccess"),
            Some("managed policy"),
        ),
        (STATEMENT, allow("sts:GetCallerIdentity", "*"), Some("needs no permission")),
        (
            STATEMENT,
            allow("kms:DeleteAlias", "arn:aws:kms:us-east-1:111111111111:alias/aws/s3"),
            Some("alias/aws/"),
        ),
        (&all, deny("sts:GetCallerIdentity", "*"), Some("needs no permission")),
        (&all, deny("iam:DeleteRole", &format!("{role}aws-reserved/*")), Some("/aws-reserved/")),
        (&all, deny("iam:PassRole", &format!("{role}aws-reserved/*")), Some("/aws-reserved/")),
        (&all, deny("iam:AttachRolePolicy", &format!("{role}aws-service-role/*")), Some("service-linked")),
        (STATEMENT, allow("iam:CreatePolicyVersion", "arn:aws:iam::111111111111:policy/p"), None),
        (STATEMENT, allow("iam:GetPolicy", "arn:aws:iam::aws:policy/ReadOnlyAccess"), None),
        (STATEMENT, allow("sts:Get*", "*"), None),
        (&all, deny("iam:DeleteRole", &format!("{role}*")), None),
        (&all, deny("iam:GetRole", &format!("{role}aws-reserved/*")), None),
        (&all, deny("iam:PassRole", &format!("{role}aws-service-role/*")), None),
    ] {
        let (less, more) = (policy(current, base), policy(current, &format!("{base},{statement}")));
        for (old, new) in [(&less, &more), (&more, &less)] {
            let (relation, exact, report) = diff(old, new);
            let is_same = (relation, exact) == (Relation::Equivalent, true);
            assert_eq!(is_same, reason.is_some(), "{statement}\n{report}");
            assert!(exact && report.contains(reason.unwrap_or_default()), "{statement}\n{report}");
            assert!(reason.is_none() || !report.contains("may not be possible"), "{report}");
        }
    }
}
