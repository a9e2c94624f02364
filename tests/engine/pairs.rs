//! The engine: what it affirms is so, and what it denies comes with a request that shows it.

use polmerge::Kind;
use polmerge::analyze::cover::{Cut, Scope};
use polmerge::analyze::replay::policy_allows;
use polmerge::analyze::request::{Caller, Request};
use polmerge::analyze::space::{Answer, Cutting, Engine, Notion, Relation};
use polmerge::document::{Hints, open_policy};
use polmerge::policy::Statement;
use polmerge::source::Source;

const KEY: &str = "arn:aws:kms:us-east-1:111111111111:key/11111111-2222-3333-4444-555555555555";

fn policy(statements: &[&str]) -> Vec<Statement> {
    let text = format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","));
    let document = open_policy(Source::new("test", text.clone()), &Hints::default());
    assert!(document.problems.is_empty(), "{text}: {:?}", document.problems);
    document.policy.statements
}

fn engine(kind: Kind) -> Engine<'static> {
    Engine::new(Scope { kind, resource: None })
}

fn relation(kind: Kind, old: &[&str], new: &[&str]) -> Relation {
    let (old, new) = (policy(old), policy(new));
    let change = engine(kind).relation(&old, &new);
    let scope = Scope { kind, resource: None };
    for request in &change.added {
        assert_eq!(policy_allows(&new, request, scope), Some(true), "{request:?}");
        assert_eq!(policy_allows(&old, request, scope), Some(false), "{request:?}");
    }
    for request in &change.removed {
        assert_eq!(policy_allows(&old, request, scope), Some(true), "{request:?}");
        assert_eq!(policy_allows(&new, request, scope), Some(false), "{request:?}");
    }
    assert!(change.relation == Relation::Unproved || change.unproved.is_empty());
    change.relation
}

/// A statement of an identity policy.
fn allow(rest: &str) -> String {
    format!(r#"{{"Effect":"Allow",{rest}}}"#)
}

fn deny(rest: &str) -> String {
    format!(r#"{{"Effect":"Deny",{rest}}}"#)
}

/// `new` to `old`, one statement each.
fn one(old: &str, new: &str) -> Relation {
    relation(Kind::Identity, &[&allow(old)], &[&allow(new)])
}

fn condition(old: &str, new: &str) -> Relation {
    let with = |condition: &str| format!(r#""Action":"s3:*","Resource":"*","Condition":{condition}"#);
    one(&with(old), &with(new))
}

fn action(old: &str, new: &str) -> Relation {
    one(&format!(r#"{old},"Resource":"*""#), &format!(r#"{new},"Resource":"*""#))
}

fn resource(old: &str, new: &str) -> Relation {
    one(&format!(r#""Action":"s3:GetObject",{old}"#), &format!(r#""Action":"s3:GetObject",{new}"#))
}

fn principal(old: &str, new: &str) -> Relation {
    let with = |principal: &str| allow(&format!(r#"{principal},"Action":"kms:*","Resource":"*""#));
    relation(Kind::Kms, &[&with(old)], &[&with(new)])
}

use Relation::{Broader, Equivalent, Incomparable, Narrower, Unproved};

#[test]
fn actions() {
    assert_eq!(action(r#""Action":"s3:Get*""#, r#""Action":"S3:get*""#), Equivalent);
    assert_eq!(action(r#""Action":"s3:Get?*""#, r#""Action":"s3:Get*""#), Broader);
    assert_eq!(action(r#""Action":["s3:Get?*","s3:Get"]"#, r#""Action":"s3:Get*""#), Equivalent);
    assert_eq!(action(r#""Action":"s3:*""#, r#""NotAction":"iam:*""#), Broader);
    assert_eq!(action(r#""Action":"*""#, r#""NotAction":["iam:*","s3:GetObject"]"#), Narrower);
    assert_eq!(action(r#""Action":"s3:*Object""#, r#""Action":"s3:Get*""#), Incomparable);
    assert_eq!(action(r#""Action":"*""#, r#""Action":"*:*""#), Equivalent);
    assert_eq!(action(r#""Action":"s3:*""#, r#""Action":"s3:?*""#), Equivalent);
}

#[test]
fn resources() {
    let r = |text: &str| format!(r#""Resource":{text}"#);
    let n = |text: &str| format!(r#""NotResource":{text}"#);
    let compare = |old: String, new: String| resource(&old, &new);
    assert_eq!(compare(r(r#""arn:aws:s3:::b/*""#), r(r#""arn:aws:s3:::b*""#)), Broader);
    assert_eq!(compare(r(r#""arn:aws:sns:*:1:t""#), r(r#""arn:aws:sns:us-east-1:1:t""#)), Narrower);
    assert_eq!(compare(r(r#""arn:aws:*:x:t""#), r(r#""arn:aws:*:x:t""#)), Equivalent);
    assert_eq!(compare(r(r#""*""#), r(r#""arn:aws:s3:::*""#)), Narrower);
    assert_eq!(compare(n(r#""arn:aws:s3:::b""#), n(r#"["arn:aws:s3:::b","arn:aws:s3:::c"]"#)), Narrower);
    assert_eq!(compare(n(r#""arn:aws:s3:::b*""#), r(r#""arn:aws:s3:::c*""#)), Narrower);
    let with = r#""arn:aws:s3:::b/${aws:username}/*""#;
    assert_eq!(compare(r(with), r(with)), Equivalent);
    assert_eq!(compare(r(with), r(r#""arn:aws:s3:::b/*""#)), Broader);
    assert_eq!(compare(r(with), r(r#""arn:aws:s3:::b/${aws:userid}/*""#)), Incomparable);
    assert_eq!(compare(r(with), r(r#""arn:aws:s3:::b/other/*""#)), Incomparable);
}

#[test]
fn conditions() {
    let equivalent = [
        (r#"{"StringEquals":{"a:b":["x","y"]}}"#, r#"{"StringLike":{"A:B":["y","x"]}}"#),
        (r#"{"NumericLessThan":{"a:b":"10"}}"#, r#"{"NumericLessThan":{"a:b":["10.0","9.5"]}}"#),
        (
            r#"{"IpAddress":{"aws:SourceIp":["10.0.0.0/9","10.128.0.0/9"]}}"#,
            r#"{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}"#,
        ),
        (r#"{"DateLessThan":{"a:b":"2024-01-01T00:00:00Z"}}"#, r#"{"DateLessThan":{"a:b":"1704067200"}}"#),
        (r#"{"Null":{"a:b":["true","false"]}}"#, "{}"),
        (r#"{"Null":{"a:b":"true"}}"#, r#"{"StringNotLike":{"a:b":"*"}}"#),
        (r#"{"Bool":{"a:b":"TRUE"}}"#, r#"{"Bool":{"a:b":true}}"#),
        (
            r#"{"ForAllValues:StringEquals":{"a:b":"x"}}"#,
            r#"{"ForAllValues:StringEqualsIfExists":{"a:b":"x"}}"#,
        ),
        (r#"{"ArnLike":{"a:b":"arn:aws:s3:::x"}}"#, r#"{"StringEquals":{"a:b":"arn:aws:s3:::x"}}"#),
        (r#"{"StringEqualsIgnoreCase":{"a:b":"aB"}}"#, r#"{"StringEquals":{"a:b":["ab","aB","Ab","AB"]}}"#),
    ];
    for (old, new) in equivalent {
        assert_eq!(condition(old, new), Equivalent, "{old} {new}");
    }
    let narrower = [
        ("{}", r#"{"StringNotEquals":{"a:b":"x"}}"#),
        (r#"{"StringEqualsIfExists":{"a:b":"x"}}"#, r#"{"StringEquals":{"a:b":"x"}}"#),
        (r#"{"StringNotEquals":{"a:b":"x"}}"#, r#"{"StringEquals":{"a:b":"y"}}"#),
        (r#"{"StringNotEquals":{"a:b":"x"}}"#, r#"{"StringNotEquals":{"a:b":["x","y"]}}"#),
        (r#"{"NumericNotEquals":{"a:b":"5"}}"#, r#"{"NumericGreaterThan":{"a:b":"5"}}"#),
        (r#"{"NotIpAddress":{"a:b":"10.0.0.0/8"}}"#, r#"{"IpAddress":{"a:b":"192.0.2.0/24"}}"#),
        (r#"{"ForAllValues:StringLike":{"a:b":["x*","y"]}}"#, r#"{"ForAllValues:StringLike":{"a:b":"xy"}}"#),
        (
            r#"{"ForAllValues:StringEquals":{"a:b":"x"}}"#,
            r#"{"ForAllValues:StringEquals":{"a:b":"x"},"Null":{"a:b":false}}"#,
        ),
        (r#"{"ForAnyValue:StringEquals":{"a:b":["x","y"]}}"#, r#"{"ForAnyValue:StringEquals":{"a:b":"x"}}"#),
        (r#"{"Null":{"a:b":false}}"#, r#"{"Bool":{"a:b":true}}"#),
        (r#"{"StringLike":{"a:b":"${aws:username}*"}}"#, r#"{"StringLike":{"a:b":"${aws:username}/x"}}"#),
    ];
    for (old, new) in narrower {
        assert_eq!(condition(old, new), Narrower, "{old} {new}");
        assert_eq!(condition(new, old), Broader, "{old} {new}");
    }
    let incomparable = [
        (r#"{"StringEquals":{"a:b":"${aws:username}"}}"#, r#"{"StringNotEquals":{"a:b":"abc"}}"#),
        (r#"{"ForAllValues:StringEquals":{"a:b":"x"}}"#, r#"{"ForAnyValue:StringEquals":{"a:b":"x"}}"#),
        (r#"{"StringEquals":{"a:b":"x"}}"#, r#"{"StringEquals":{"a:c":"x"}}"#),
    ];
    for (old, new) in incomparable {
        assert_eq!(condition(old, new), Incomparable, "{old} {new}");
    }
}

#[test]
fn principals() {
    let p = |text: &str| format!(r#""Principal":{text}"#);
    let compare = |old: &str, new: &str| principal(&p(old), &p(new));
    let role = r#"{"AWS":"arn:aws:iam::222222222222:role/r"}"#;
    assert_eq!(compare(r#""*""#, r#"{"AWS":"*"}"#), Equivalent);
    assert_eq!(
        compare(r#"{"AWS":"222222222222"}"#, r#"{"AWS":"arn:aws:iam::222222222222:root"}"#),
        Equivalent
    );
    assert_eq!(compare(r#"{"AWS":"222222222222"}"#, role), Narrower);
    assert_eq!(compare(role, r#"{"AWS":"arn:aws:sts::222222222222:assumed-role/r/s"}"#), Narrower);
    assert_eq!(compare(role, r#"{"AWS":"arn:aws:iam::222222222222:role/R"}"#), Incomparable);
    assert_eq!(compare(r#""*""#, r#"{"Service":"s3.amazonaws.com"}"#), Narrower);
    assert_eq!(compare(r#"{"Service":"*"}"#, r#"{"AWS":"*"}"#), Unproved, "AWS refuses it");
    let but = |listed: &str| principal(&p(r#""*""#), &format!(r#""NotPrincipal":{listed}"#));
    assert_eq!(but(r#"{"Service":"s3.amazonaws.com"}"#), Narrower);
    assert_eq!(but(role), Narrower);
    let statement = allow(&format!(r#""Principal":{role},"Action":"kms:*","Resource":"*""#));
    let account = statement.replace(role, r#"{"AWS":"222222222222"}"#);
    let all = [account.as_str(), statement.as_str()];
    assert_eq!(relation(Kind::Kms, &[&account], &all), Equivalent, "in the notion of AWS's checks");
    let change = engine(Kind::Kms).relation(&policy(&[&account]), &policy(&all));
    assert_eq!(change.direct.len(), 1);
    assert_eq!(
        change.direct[0].request.principal,
        Some(Caller::Aws("arn:aws:iam::222222222222:role/r".to_owned()))
    );
    assert_eq!(engine(Kind::Kms).redundant(&policy(&all)).statements, [0_usize; 0]);
}

#[test]
fn what_two_policies_have_in_common() {
    let common = |left: &[&str], right: &[&str]| {
        let (left, right) = (policy(left), policy(right));
        let found = engine(Kind::Identity).common(&left, &right);
        assert!(found.unproved.is_empty(), "{:?}", found.unproved);
        let scope = Scope { kind: Kind::Identity, resource: None };
        for request in &found.requests {
            assert_eq!(policy_allows(&left, request, scope), Some(true), "{request:?}");
            assert_eq!(policy_allows(&right, request, scope), Some(true), "{request:?}");
        }
        found.requests.len()
    };
    let get = allow(r#""Action":"s3:Get*","Resource":"arn:aws:s3:::a*""#);
    let all = allow(r#""Action":"*","Resource":"*""#);
    let object = allow(r#""Action":"s3:*Object","Resource":"arn:aws:s3:::*b""#);
    assert_eq!(common(&[&get], &[&object]), 1);
    assert_eq!(common(&[&get, &all], &[&object]), 2);
    assert_eq!(common(&[&object], &[&get, &all]), 1);
    assert_eq!(common(&[&get], &[&allow(r#""Action":"s3:Put*","Resource":"*""#)]), 0);
    assert_eq!(common(&[&get], &[&allow(r#""Action":"*","NotResource":"arn:aws:s3:::?*""#)]), 0);
    // A Deny of either counts, and several of them together.
    let no_get = deny(r#""Action":"s3:G*","Resource":"arn:aws:s3:::a*b""#);
    assert_eq!(common(&[&get, &no_get], &[&object]), 0);
    assert_eq!(common(&[&get], &[&object, &no_get]), 0);
    let (one, other) =
        (r#""Condition":{"StringEquals":{"k:a":"x"}}"#, r#""Condition":{"StringNotEquals":{"k:a":"x"}}"#);
    let half = |condition: &str| deny(&format!(r#""Action":"s3:*","Resource":"*",{condition}"#));
    assert_eq!(common(&[&get, &half(one)], &[&object]), 1);
    assert_eq!(common(&[&get, &half(one)], &[&object, &half(other)]), 0);
    let only = |condition: &str| allow(&format!(r#""Action":"s3:*","Resource":"*",{condition}"#));
    assert_eq!(common(&[&only(one)], &[&only(other)]), 0);
    assert_eq!(common(&[&only(one)], &[&only(one)]), 1);
}

#[test]
fn several_statements_together() {
    let a = allow(r#""Action":"s3:*","Resource":"*""#);
    let get = allow(r#""Action":"s3:Get*","Resource":"*""#);
    let rest = allow(r#""NotAction":["s3:Get*"],"Resource":"*""#);
    let no_put = deny(r#""Action":"s3:Put*","Resource":"arn:aws:s3:::b/*""#);
    assert_eq!(relation(Kind::Identity, &[&get, &rest], &[&a]), Narrower);
    assert_eq!(relation(Kind::Identity, &[&a], &[&a, &no_put]), Narrower);
    assert_eq!(relation(Kind::Identity, &[&a, &no_put], &[&no_put, &a, &get]), Equivalent);
    let elsewhere = allow(r#""Action":"s3:*","NotResource":"arn:aws:s3:::b/*""#);
    let others = allow(r#""NotAction":"s3:Put*","Resource":"arn:aws:s3:::b/*""#);
    let only = allow(r#""Action":"s3:*","Resource":"arn:aws:s3:::b/*""#);
    assert_eq!(relation(Kind::Identity, &[&a, &no_put], &[&elsewhere, &others]), Broader);
    assert_eq!(relation(Kind::Identity, &[&a], &[&elsewhere, &only]), Equivalent);
    let policy = policy(&[&elsewhere, &only, &a]);
    let covering =
        engine(Kind::Identity).covered(&policy[2], &[&policy[0], &policy[1], &policy[0]], Notion::Direct);
    assert_eq!((covering.comparison.answer, covering.by), (Answer::Covered, vec![0, 1]));
    assert_eq!(engine(Kind::Identity).redundant(&policy).statements, [0, 1, 2]);
}

/// A Deny takes from what other policies grant as well: that it comes or goes is a change, whatever its own policy allows.
#[test]
fn a_deny_counts_by_itself() {
    let get = allow(r#""Action":"s3:Get*","Resource":"*""#);
    let no_put = deny(r#""Action":"s3:Put*","Resource":"arn:aws:s3:::b/*""#);
    let no_put_object = deny(r#""Action":"s3:PutObject","Resource":"arn:aws:s3:::b/*""#);
    let no_acl = deny(r#""Action":"s3:PutO*Acl","Resource":"arn:aws:s3:::b/*""#);
    for kind in [Kind::Identity, Kind::Scp] {
        assert_eq!(relation(kind, &[&get, &no_put], &[&get]), Broader);
        assert_eq!(engine(kind).relation(&policy(&[&no_put]), &[]).relation, Broader);
        assert_eq!(engine(kind).relation(&[], &policy(&[&no_put])).relation, Narrower);
        assert_eq!(relation(kind, &[&no_put], &[&no_put_object]), Broader);
        assert_eq!(relation(kind, &[&no_put_object], &[&no_acl]), Incomparable);
        assert_eq!(relation(kind, &[&no_put, &no_acl], &[&no_put]), Equivalent);
        assert_eq!(relation(kind, &[&no_put], &[&no_put, &get]), Broader);
    }
    let change = engine(Kind::Rcp).relation(
        &policy(&[&deny(r#""Principal":"*","Action":"s3:*","Resource":"*""#)]),
        &policy(&[&deny(r#""Principal":"*","Action":"s3:PutObject","Resource":"*""#)]),
    );
    assert!(change.exact && change.added.is_empty() && change.denied.is_empty());
    let [lifted] = change.undenied.as_slice() else { panic!("{change:?}") };
    assert!(lifted.action.starts_with("s3:") && lifted.action != "s3:PutObject", "{lifted:?}");
    // One that takes from its own policy is told by what that allows.
    let change = engine(Kind::Identity)
        .relation(&policy(&[&get, &deny(r#""Action":"s3:GetObject","Resource":"*""#)]), &policy(&[&get]));
    assert_eq!((change.added.len(), change.undenied.len()), (1, 0));
    // Nor is a Deny one that matches nothing, and one whose effect is not known may be one.
    let nothing = deny(
        r#""Action":"s3:*","Resource":"*","Condition":{"StringEquals":{"a:b":"x"},"StringNotEquals":{"a:b":"x"}}"#,
    );
    assert_eq!(relation(Kind::Identity, &[&get, &nothing], &[&get]), Equivalent);
    let open = r#"{"Effect":{"Ref":"E"},"Action":"s3:*","Resource":"*"}"#.to_owned();
    assert_eq!(engine(Kind::Identity).relation(&policy(&[&open]), &[]).relation, Unproved);
}

#[test]
fn denies_cut_all_part_or_nothing() {
    let policy = policy(&[
        &allow(
            r#""Principal":"*","Action":"kms:Decrypt","Resource":"*","Condition":{"StringEquals":{"a:b":"x"}}"#,
        ),
        &deny(
            r#""Principal":"*","Action":"kms:*","Resource":"*","Condition":{"StringNotEquals":{"a:b":"x"}}"#,
        ),
        &deny(
            r#""Principal":"*","Action":"kms:*","Resource":"*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}"#,
        ),
        &deny(
            r#""Principal":"*","Action":"kms:*","Resource":"*","Condition":{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}"#,
        ),
    ]);
    let engine = engine(Kind::Kms);
    let cut =
        |denies: &[usize]| engine.cut(&denies.iter().map(|at| &policy[*at]).collect::<Vec<_>>(), &policy[0]);
    assert_eq!(cut(&[1]), Cutting { cut: Cut::None, by: Vec::new() });
    let part = cut(&[2]);
    assert_eq!((part.cut, part.by[0].0), (Cut::Part, 0));
    let denied = part.by[0].1.as_ref().unwrap();
    assert_eq!(denied.context.get("aws:MultiFactorAuthPresent").unwrap().values(), ["true"]);
    let all = cut(&[1, 2, 3]);
    assert_eq!((all.cut, all.by.iter().map(|(at, _)| *at).collect::<Vec<_>>()), (Cut::All, vec![1, 2]));
}

#[test]
fn the_key_is_every_resource_of_its_policy() {
    let star = allow(r#""Principal":"*","Action":"kms:*","Resource":"*""#);
    let own = star.replace(r#""Resource":"*""#, &format!(r#""Resource":"{KEY}""#));
    let own = policy(&[&own]);
    let star = policy(&[&star]);
    let known = Engine::new(Scope { kind: Kind::Kms, resource: Some(KEY) });
    assert_eq!(known.relation(&own, &star).relation, Equivalent);
    assert_eq!(engine(Kind::Kms).relation(&own, &star).relation, Broader);
}

#[test]
fn witnesses_are_plausible() {
    let old = policy(&[&allow(
        r#""Action":"s3:Get*","Resource":"arn:aws:s3:::b/*","Condition":{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}"#,
    )]);
    let new = policy(&[&allow(
        r#""Action":"s3:Get*","Resource":"arn:aws:s3:::b/*","Condition":{"IpAddress":{"aws:SourceIp":"0.0.0.0/0"}}"#,
    )]);
    let Answer::Witness(request) = engine(Kind::Identity).compare(&new, &old, Notion::Access).answer else {
        panic!("there is new access");
    };
    let expected = serde_json::json!({
        "action": "s3:GetObject", "resource": "arn:aws:s3:::b/other", "context": {"aws:SourceIp": "203.0.113.7"}
    });
    assert_eq!(*request, Request::from_json(&expected).unwrap());
}

#[test]
fn what_could_not_be_read_is_not_passed_over() {
    let odd = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"StringEqual":{"a:b":"c"}}}]}"#;
    let odd = open_policy(Source::new("test", odd.to_owned()), &Hints::default()).policy.statements;
    let comparison = engine(Kind::Identity).compare(&odd, &[], Notion::Access);
    assert!(matches!(comparison.answer, Answer::NotProved(_)) && !comparison.exact);
    let all = policy(&[&allow(r#""Action":"*","Resource":"*""#)]);
    assert!(!engine(Kind::Identity).compare(&all, &odd, Notion::Access).exact);
    let both: Vec<Statement> = all.iter().chain(&odd).cloned().collect();
    assert_eq!(engine(Kind::Identity).compare(&all, &both, Notion::Access).answer, Answer::Covered);
}

#[test]
fn a_witness_is_a_request_that_can_be_made() {
    let everyone = |condition: &str| {
        allow(&format!(
            r#""Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::b/*","Condition":{condition}"#
        ))
    };
    let added = |old: &str, new: &str| {
        let change = engine(Kind::S3).relation(&policy(&[old]), &policy(&[new]));
        assert_eq!(change.relation, Broader, "{change:?}");
        change.added[0].principal.clone().unwrap()
    };
    // What is new is said by a key, and the caller goes with it.
    let accounts = added(
        &everyone(r#"{"StringEquals":{"aws:PrincipalAccount":"111111111111"}}"#),
        &everyone(r#"{"StringEquals":{"aws:PrincipalAccount":["111111111111","222222222222"]}}"#),
    );
    assert_eq!(accounts, Caller::Aws("arn:aws:iam::222222222222:role/other".to_owned()));
    let role = added(
        &everyone(r#"{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::111111111111:role/a"}}"#),
        &everyone(r#"{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::111111111111:role/*"}}"#),
    );
    assert!(
        matches!(&role, Caller::Aws(arn) if arn.starts_with("arn:aws:iam::111111111111:role/")),
        "{role:?}"
    );
    let service = everyone(r#"{"BoolIfExists":{"aws:PrincipalIsAWSService":"true"}}"#);
    let change = engine(Kind::S3).relation(&[], &policy(&[&service]));
    let service = change.added[0].principal.clone().unwrap();
    assert!(!matches!(service, Caller::Aws(_)), "{service:?}");
    // Where none can be made, there is nothing.
    let nobody = allow(
        r#""Principal":{"AWS":"111111111111"},"Action":"kms:*","Resource":"arn:aws:s3:::b/*",
            "Condition":{"StringEquals":{"kms:CallerAccount":"222222222222"}}"#,
    );
    let change = engine(Kind::S3).relation(&[], &policy(&[&nobody]));
    assert_eq!((change.relation, change.exact), (Relation::Equivalent, true));
    let of_another = |service: &str, operator: &str, account: &str| {
        let of_another = allow(&format!(
            r#""Principal":{{"AWS":"111111111111"}},"Action":"{service}:*",
                "Resource":"arn:aws:{service}:us-east-1:111111111111:q/q",
                "Condition":{{"{operator}":{{"aws:ResourceAccount":"{account}"}}}}"#
        ));
        engine(Kind::Resource).relation(&[], &policy(&[&of_another]))
    };
    let change = of_another("sqs", "StringEquals", "222222222222");
    assert_eq!((change.relation, change.exact), (Relation::Equivalent, true));
    let change = of_another("sqs", "StringNotEquals", "111111111111");
    assert_eq!((change.relation, change.exact), (Relation::Equivalent, true));
    // Where it is not known, it is said why: some actions of EC2 come without the key.
    let change = of_another("ec2", "StringNotEquals", "111111111111");
    assert_eq!((change.relation, change.exact), (Relation::Unproved, false));
    assert!(change.unproved[0].contains("`aws:ResourceAccount`"), "{:?}", change.unproved);
}

#[test]
fn what_a_request_says_of_its_caller_follows_from_the_caller() {
    let role = "arn:aws:iam::111111111111:role/path/r";
    let with = |principal: &str, condition: &str| {
        allow(&format!(r#""Principal":{principal},"Action":"s3:*","Resource":"*","Condition":{condition}"#))
    };
    let to = |principal: &str| with(principal, "{}");
    let covered = |asked: &str, by: &[&str]| {
        let by = if by.is_empty() { Vec::new() } else { policy(by) };
        let comparison = engine(Kind::S3).compare(&policy(&[asked]), &by, Notion::Access);
        assert!(comparison.exact && comparison.assumptions.is_empty(), "{asked} {by:?}: {comparison:?}");
        comparison.answer == Answer::Covered
    };
    let arn = |pattern: &str| with(r#""*""#, &format!(r#"{{"ArnLike":{{"aws:PrincipalArn":"{pattern}"}}}}"#));
    let named = |name: &str| to(&format!(r#"{{"AWS":"{name}"}}"#));
    // Named by the principal, and by the key.
    assert!(covered(&arn(role), &[&named(role)]));
    assert!(covered(&named(role), &[&arn("arn:aws:iam::111111111111:role/path/*")]));
    assert!(!covered(&named(role), &[&arn("arn:aws:iam::111111111111:role/r")]));
    assert!(!covered(&arn("arn:aws:iam::111111111111:role/path/*"), &[&named(role)]));
    // A session shows its role, with a path that its own ARN lacks.
    let session = named("arn:aws:sts::111111111111:assumed-role/r/s");
    assert!(covered(&session, &[&arn("arn:aws:iam::111111111111:role/*")]));
    assert!(covered(&session, &[&arn("arn:aws:iam::111111111111:role/r"), &arn("arn:*:iam::*:role/*/r")]));
    assert!(!covered(&session, &[&arn("arn:aws:iam::111111111111:role/r")]));
    assert!(!covered(&session, &[&arn("arn:aws:sts::111111111111:assumed-role/*")]));
    // By the account.
    assert!(covered(&arn("arn:aws:iam::111111111111:role/app*"), &[&named("111111111111")]));
    assert!(!covered(&arn("arn:aws:iam::*:role/app*"), &[&named("111111111111")]));
    let account = |account: &str| {
        with(r#""*""#, &format!(r#"{{"StringEquals":{{"aws:PrincipalAccount":"{account}"}}}}"#))
    };
    assert!(covered(&account("111111111111"), &[&named("111111111111")]));
    assert!(covered(&named("111111111111"), &[&account("111111111111")]));
    assert!(covered(&named(role), &[&account("111111111111")]));
    assert!(!covered(&account("222222222222"), &[&named("111111111111")]));
    assert!(covered(
        &with(r#"{"AWS":"111111111111"}"#, r#"{"StringEquals":{"aws:PrincipalAccount":"222222222222"}}"#),
        &[]
    ));
    // A service is one; whether it has an account is open.
    let service = to(r#"{"Service":"s3.amazonaws.com"}"#);
    assert!(covered(&service, &[&with(r#""*""#, r#"{"Bool":{"aws:PrincipalIsAWSService":"true"}}"#)]));
    assert!(!covered(&service, &[&with(r#""*""#, r#"{"Bool":{"aws:PrincipalIsAWSService":"false"}}"#)]));
    assert!(covered(
        &named(role),
        &[&with(r#""*""#, r#"{"StringEquals":{"aws:PrincipalType":["User","AssumedRole"]}}"#)]
    ));
    assert!(covered(&named(role), &[&with(r#""*""#, r#"{"Null":{"aws:PrincipalArn":"false"}}"#)]));
    // Several keys at once, and operators of many values.
    let both = with(
        r#""*""#,
        r#"{"ForAnyValue:StringLike":{"aws:PrincipalArn":"*:role/path/r"},"StringEquals":{"aws:PrincipalAccount":"111111111111"}}"#,
    );
    assert!(covered(&named(role), &[&both]));
    let user = with(r#"{"AWS":"222222222222"}"#, r#"{"StringEquals":{"aws:PrincipalType":"User"}}"#);
    let two = to(&format!(r#"{{"AWS":["{role}","arn:aws:iam::222222222222:user/u"]}}"#));
    assert!(!covered(&two, &[&both, &user]), "a session of a user is none");
}

/// "NotPrincipal": a session is spared if it, its role and its account are listed.
#[test]
fn a_deny_for_all_but_some_spares_whose_every_level_is_listed() {
    let role = "arn:aws:iam::111111111111:role/r";
    let all = allow(r#""Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::b/*""#);
    let but = |listed: &[&str]| {
        deny(&format!(r#""NotPrincipal":{{"AWS":{listed:?}}},"Action":"s3:*","Resource":"arn:aws:s3:::b/*""#))
    };
    let none = deny(r#""Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::b/*""#);
    let spares = |listed: &[&str]| {
        let change = engine(Kind::S3).relation(&policy(&[&all, &none]), &policy(&[&all, &but(listed)]));
        change.unproved.is_empty().then_some(!change.added.is_empty())
    };
    assert_eq!(spares(&[role]), None, "its account is not listed, which \"might deny\" it");
    assert_eq!(spares(&[role, "111111111111"]), Some(true));
    assert_eq!(spares(&["111111111111"]), Some(true), "the root user");
    assert_eq!(spares(&["arn:aws:sts::111111111111:assumed-role/r/s"]), None);
    assert_eq!(spares(&["*"]), Some(true));
}

/// A variable that a Deny has may be whatever an Allow says.
#[test]
fn a_deny_with_a_variable_takes_what_the_variable_may_be() {
    for allowed in ["b/ab", "b/a:b", "b/a*", "b/?", "b/"] {
        for denied in ["b/${aws:a}", "b/${aws:a}*", "*/${aws:a}"] {
            let allow = allow(&format!(r#""Action":"s3:*","Resource":"arn:aws:s3:::{allowed}""#));
            let deny = deny(&format!(r#""Action":"s3:*","Resource":"arn:aws:s3:::{denied}""#));
            assert_eq!(relation(Kind::Identity, &[&allow], &[&allow, &deny]), Narrower, "{allowed} {denied}");
            let change = engine(Kind::Identity).relation(&policy(&[&allow, &deny]), &policy(&[&allow]));
            assert_eq!(change.relation, Broader, "{allowed} {denied}: {:?}", change.unproved);
        }
    }
}

/// Between two numbers there is always another one.
/// IAM guide, "Condition operators": `Bool` and the like compare whatever the value is, and a tag may be any text.
#[test]
fn a_key_without_a_listed_type_may_hold_any_text() {
    let tag = "aws:PrincipalTag/x";
    let with = |tests: &str| format!(r#""Action":"s3:*","Resource":"*","Condition":{{{tests}}}"#);
    for key in [tag, "aws:RequestTag/x", "s3:x-amz-acl", "foo:bar"] {
        let there = with(&format!(r#""Null":{{"{key}":"false"}}"#));
        let both =
            [with(&format!(r#""Bool":{{"{key}":"true"}}"#)), with(&format!(r#""Bool":{{"{key}":"false"}}"#))];
        let both: Vec<String> = both.iter().map(|rest| allow(rest)).collect();
        let both: Vec<&str> = both.iter().map(String::as_str).collect();
        assert_eq!(relation(Kind::Identity, &both, &[&allow(&there)]), Broader, "{key}");
        let not_false = with(&format!(r#""StringNotEquals":{{"{key}":"false"}},"Null":{{"{key}":"false"}}"#));
        assert_eq!(relation(Kind::Identity, &both[..1], &[&allow(&not_false)]), Broader, "{key}");
        // The case of a truth value does not count, that of a text does.
        let [text, truth] =
            ["StringEquals", "Bool"].map(|operator| with(&format!(r#""{operator}":{{"{key}":"true"}}"#)));
        assert_eq!(one(&text, &truth), Broader, "{key}");
        for (operator, other, value) in [
            ("NumericLessThan", "NumericGreaterThanEquals", "10"),
            ("DateLessThan", "DateGreaterThanEquals", "2030-01-01T00:00:00Z"),
        ] {
            let less = with(&format!(r#""{operator}":{{"{key}":"{value}"}}"#));
            let more = with(&format!(r#""{other}":{{"{key}":"{value}"}}"#));
            let (less, more) = (allow(&less), allow(&more));
            assert_eq!(
                relation(Kind::Identity, &[&less, &more], &[&allow(&there)]),
                Broader,
                "{key} {operator}"
            );
            // What is no number is denied by no comparison.
            let denied = deny(&with(&format!(r#""{other}":{{"{key}":"{value}"}}"#)));
            assert_eq!(
                relation(Kind::Identity, &[&less], &[&allow(&there), &denied]),
                Incomparable,
                "{key} {operator}"
            );
        }
        let anywhere = with(&format!(r#""IpAddress":{{"{key}":["0.0.0.0/0","::/0"]}}"#));
        assert_eq!(one(&anywhere, &there), Broader, "{key}");
    }
    // AWS lists the type of these.
    for (key, tests) in [
        ("aws:SecureTransport", [r#""Bool":{"KEY":"true"}"#, r#""Bool":{"KEY":"false"}"#]),
        (
            "aws:MultiFactorAuthAge",
            [r#""NumericLessThan":{"KEY":"10"}"#, r#""NumericGreaterThanEquals":{"KEY":"10"}"#],
        ),
        (
            "aws:EpochTime",
            [r#""NumericLessThan":{"KEY":"10"}"#, r#""NumericGreaterThanEquals":{"KEY":"10"}"#],
        ),
        (
            "aws:TokenIssueTime",
            [
                r#""DateLessThan":{"KEY":"2030-01-01T00:00:00Z"}"#,
                r#""DateGreaterThanEquals":{"KEY":"2030-01-01T00:00:00Z"}"#,
            ],
        ),
        ("aws:SourceIp", [r#""IpAddress":{"KEY":"0.0.0.0/0"}"#, r#""IpAddress":{"KEY":"::/0"}"#]),
    ] {
        let [a, b] = tests.map(|test| allow(&with(&test.replace("KEY", key))));
        let there = allow(&with(&format!(r#""Null":{{"{key}":"false"}}"#)));
        assert_eq!(relation(Kind::Identity, &[&a, &b], &[&there]), Equivalent, "{key}");
    }
}

/// IAM guide, "Set operators for multivalued context keys": an empty text counts as no value, whatever the test is of. The key
/// is there all the same.
#[test]
fn an_empty_text_passes_every_test_of_all_values() {
    let with = |tests: &str| {
        allow(&format!(r#""Action":"s3:*","Resource":"*","Condition":{{{tests},"Null":{{"KEY":"false"}}}}"#))
    };
    for (tests, key, wanted) in [
        (
            r#""ForAllValues:NumericEquals":{"KEY":"5"},"ForAllValues:NumericLessThan":{"KEY":"3"}"#,
            "aws:PrincipalTag/t",
            Broader,
        ),
        (
            r#""ForAllValues:IpAddress":{"KEY":"10.0.0.0/8"},"ForAllValues:NotIpAddress":{"KEY":"10.0.0.0/8"}"#,
            "aws:RequestTag/t",
            Broader,
        ),
        (
            r#""ForAllValues:DateEquals":{"KEY":"2030-01-01T00:00:00Z"},"ForAllValues:DateLessThan":{"KEY":"2029-01-01T00:00:00Z"}"#,
            "aws:PrincipalTag/t",
            Broader,
        ),
        // An empty text is of none of these types.
        (
            r#""ForAllValues:NumericEquals":{"KEY":"5"},"ForAllValues:NumericLessThan":{"KEY":"3"}"#,
            "aws:MultiFactorAuthAge",
            Equivalent,
        ),
        (
            r#""ForAllValues:NumericEquals":{"KEY":"5"},"ForAnyValue:NumericLessThan":{"KEY":"3"}"#,
            "aws:PrincipalTag/t",
            Equivalent,
        ),
    ] {
        let old = allow(r#""Action":"sqs:*","Resource":"*""#);
        let new = with(tests).replace("KEY", key);
        assert_eq!(relation(Kind::Identity, &[&old], &[&old, &new]), wanted, "{new}");
    }
    // Whether it is a number other than five is an open question.
    let old = allow(r#""Action":"sqs:*","Resource":"*""#);
    let open = r#""ForAllValues:NumericEquals":{"KEY":"5"},"NumericNotEquals":{"KEY":"5"}"#;
    let new = with(open).replace("KEY", "aws:PrincipalTag/t");
    assert_ne!(relation(Kind::Identity, &[&old], &[&old, &new]), Equivalent);
}

/// IAM guide, "Policy variables": a variable may stand for the value of an ARN operator.
#[test]
fn a_variable_may_stand_for_an_arn() {
    let with = |test: &str| format!(r#""Action":"s3:*","Resource":"*","Condition":{{{test}}}"#);
    let owner = with(r#""ArnEquals":{"aws:PrincipalArn":"${aws:ResourceTag/owner}"}"#);
    let nothing = allow(&with(r#""StringEquals":{"k:x":"y"}"#));
    assert_eq!(relation(Kind::Identity, &[&nothing], &[&nothing, &allow(&owner)]), Broader);
    assert_eq!(one(&owner, &owner), Equivalent);
    let of =
        |operator: &str| with(&format!(r#""{operator}":{{"aws:SourceArn":"${{aws:PrincipalTag/arn}}"}}"#));
    assert_eq!(one(&of("ArnLike"), &of("ArnEquals")), Equivalent);
    let all = allow(&with(r#""Null":{"aws:SourceArn":"false"}"#));
    assert_eq!(relation(Kind::Identity, &[&all], &[&all, &deny(&of("ArnNotEquals"))]), Narrower);
    // What is no ARN by any value matches none.
    let never = with(r#""ArnEquals":{"aws:PrincipalArn":"x${aws:username}"}"#);
    assert_ne!(relation(Kind::Identity, &[&nothing], &[&nothing, &allow(&never)]), Broader);
}

/// STS API reference, "GetFederationToken": the caller chooses the name of the session.
#[test]
fn the_name_of_a_federated_user_is_not_that_of_its_user() {
    let to = |effect: &str, names: &str| {
        format!(
            r#"{{"Effect":"{effect}","Principal":{{"AWS":[{names}]}},"Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}}"#
        )
    };
    let bob = r#""arn:aws:iam::111111111111:user/bob""#;
    let session = r#""arn:aws:sts::111111111111:federated-user/bob""#;
    let both = format!("{bob},{session}");
    let allow = |names: &str| to("Allow", names);
    let is_open = |old: &[&str], new: &[&str]| {
        let change = engine(Kind::S3).relation(&policy(old), &policy(new));
        assert!(change.added.is_empty() && change.removed.is_empty(), "{old:?} {new:?}: {change:?}");
        assert!(change.unproved.iter().any(|why| why.contains("federated user")), "{:?}", change.unproved);
    };
    is_open(&[&allow(bob)], &[&allow(&both)]);
    let everyone = allow(r#""*""#);
    let deny = |names: &str| to("Deny", names);
    is_open(&[&everyone, &deny(&both)], &[&everyone, &deny(bob)]);
    let other = r#""arn:aws:sts::111111111111:federated-user/other""#;
    is_open(&[&allow(bob)], &[&allow(bob), &deny(other)]);
    // Where no session is named, nothing depends on that.
    let alice = r#""arn:aws:iam::111111111111:user/alice""#;
    assert_eq!(relation(Kind::S3, &[&allow(bob)], &[&allow(&format!("{bob},{alice}"))]), Broader);
    assert_eq!(relation(Kind::S3, &[&allow(&both)], &[&allow(&format!("{session},{bob}"))]), Equivalent);
    let elsewhere = r#""arn:aws:sts::222222222222:federated-user/bob""#;
    assert_eq!(relation(Kind::S3, &[&allow(bob)], &[&allow(&format!("{bob},{elsewhere}"))]), Broader);
}

/// Service Authorization Reference: `s3:TlsVersion` is a key of S3, `sqs:SendMessage` an action of SQS.
#[test]
fn a_key_of_another_service_is_no_access() {
    let of = |actions: &str, test: &str| {
        allow(&format!(r#""Action":{actions},"Resource":"*","Condition":{{{test}}}"#))
    };
    let tls = r#""NumericGreaterThanEquals":{"s3:TlsVersion":"1.2"}"#;
    let base = allow(r#""Action":"iam:GetUser","Resource":"*""#);
    let change = |new: &str| engine(Kind::Identity).relation(&policy(&[&base]), &policy(&[&base, new]));
    let never = change(&of(r#""sqs:SendMessage""#, tls));
    assert_eq!((never.relation, never.exact), (Unproved, false), "{never:?}");
    assert!(never.unproved.iter().any(|why| why.contains("s3:TlsVersion")), "{:?}", never.unproved);
    for some in [
        of(r#"["sqs:SendMessage","s3:GetObject"]"#, tls),
        of(r#""s3:*""#, r#""StringLike":{"s3:prefix":"home/*"}"#),
        of(r#""sqs:SendMessage""#, r#""NumericGreaterThanEqualsIfExists":{"s3:TlsVersion":"1.2"}"#),
        of(r#""sqs:SendMessage""#, r#""Null":{"s3:TlsVersion":"true"}"#),
        of(r#""sqs:SendMessage""#, r#""StringEquals":{"aws:PrincipalTag/x":"y"}"#),
    ] {
        assert_eq!(change(&some).relation, Broader, "{some}");
    }
}

/// KMS API reference, under "Cross-account use".
#[test]
fn what_only_the_account_of_a_key_can_call_is_no_access_of_others() {
    let to = |effect: &str, who: &str, action: &str| {
        format!(r#"{{"Effect":"{effect}","Principal":{who},"Action":{action},"Resource":"*"}}"#)
    };
    let allow = |account: &str, action: &str| to("Allow", &format!(r#"{{"AWS":"{account}"}}"#), action);
    let own = allow("111111111111", r#""kms:*""#);
    let engine = Engine::new(Scope { kind: Kind::Kms, resource: Some(KEY) });
    let change = |new: &str| engine.relation(&policy(&[&own]), &policy(&[&own, new]));
    let put = change(&allow("222222222222", r#""kms:PutKeyPolicy""#));
    assert!(put.added.is_empty() && put.relation != Broader, "{put:?}");
    for action in [r#""kms:Decrypt""#, r#"["kms:PutKeyPolicy","kms:Decrypt"]"#, r#""kms:*""#] {
        let more = change(&allow("222222222222", action));
        assert_eq!((more.relation, more.exact), (Broader, true), "{action}: {more:?}");
        assert_ne!(more.added[0].action, "kms:PutKeyPolicy", "{action}");
    }
    // A Deny of such a call to everyone is about those of the account.
    let less = change(&to("Deny", r#""*""#, r#""kms:PutKeyPolicy""#));
    assert_eq!((less.relation, less.exact), (Narrower, true), "{less:?}");
}

#[test]
fn numbers_between_neighbors() {
    for (low, high) in [("1", "2"), ("1.5", "2"), ("0", "0.000000000001"), ("-1", "-0.5"), ("1.1", "1.2")] {
        let between = format!(
            r#""Action":"s3:*","Resource":"*","Condition":{{"NumericGreaterThan":{{"a:b":{low}}},"NumericLessThan":{{"a:b":{high}}}}}"#
        );
        let (allow, deny) = (allow(&between), deny(&between));
        assert_eq!(relation(Kind::Identity, &[&deny], &[&allow]), Broader, "{low} {high}");
    }
}

/// The caller of what a policy of a kind grants; `None` if that is nothing.
fn caller(kind: Kind, statement: &str) -> Option<String> {
    let change = engine(kind).relation(&[], &policy(&[statement]));
    assert!(change.exact, "{statement}: {:?}", change.unproved);
    let request = change.added.first()?;
    assert!(
        policy_allows(&policy(&[statement]), request, Scope { kind, resource: None }).unwrap(),
        "{request:?}"
    );
    request.principal.as_ref().map(|caller| match caller {
        Caller::Anonymous => "anonymous".to_owned(),
        Caller::Aws(text) | Caller::Service(text) | Caller::Federated(text) | Caller::CanonicalUser(text) => {
            text.clone()
        }
    })
}

#[test]
fn whoever_the_conditions_need_is_tried() {
    let with = |principal: &str, condition: &str| {
        allow(&format!(
            r#"{principal},"Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*","Condition":{condition}"#
        ))
    };
    let is = |principal: &str, condition: &str, expected: &str| {
        let found = caller(Kind::Resource, &with(principal, condition));
        assert_eq!(found.as_deref().unwrap_or(""), expected, "{principal} {condition}");
    };
    let everyone = r#""Principal":"*""#;
    let account = r#""Principal":{"AWS":"111111111111"}"#;
    for (word, arn) in [
        ("User", "arn:aws:iam::111111111111:user/other"),
        ("AssumedRole", "arn:aws:iam::111111111111:role/other"),
        ("FederatedUser", "arn:aws:sts::111111111111:federated-user/other"),
        ("Account", "arn:aws:iam::111111111111:root"),
    ] {
        let condition = format!(r#"{{"StringEquals":{{"aws:PrincipalType":"{word}"}}}}"#);
        is(account, &condition, arn);
        is(everyone, &condition, &arn.replace("111111111111", "999999999999"));
    }
    // Keys that have to go together.
    let both = |arn: &str, account: &str| {
        format!(
            r#"{{"ArnLike":{{"aws:PrincipalArn":"{arn}"}},"StringLike":{{"aws:PrincipalAccount":"{account}"}}}}"#
        )
    };
    is(everyone, &both("arn:aws:iam::*:user/*", "222222222222"), "arn:aws:iam::222222222222:user/x");
    is(everyone, &both("arn:aws:iam::*:root", "2*1"), "arn:aws:iam::200000000001:root");
    is(everyone, &both("arn:aws-cn:iam::*:root", "2*1"), "");
    is(everyone, &both("arn:aws:iam::333333333333:*", "222222222222"), "");
    is(account, &both("arn:aws:iam::*:user/*", "2*"), "");
    is(
        account,
        r#"{"StringEquals":{"aws:PrincipalType":"User"},"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/*"}}"#,
        "",
    );
    // There are so many partitions, and an account has twelve digits.
    is(everyone, r#"{"ArnLike":{"aws:PrincipalArn":"arn:aws-x:iam::*:root"}}"#, "");
    is(everyone, r#"{"StringLike":{"aws:PrincipalAccount":"a*"}}"#, "anonymous");
    is(everyone, r#"{"StringLike":{"aws:PrincipalAccount":"b*"}}"#, "");
    // Others of an account are not those who are named.
    let but = r#""NotPrincipal":{"AWS":["arn:aws:iam::111111111111:role/other","arn:aws:iam::111111111111:user/u"]}"#;
    let other = r#"{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::111111111111:role/other"}}"#;
    is(but, other, "");
    // Which user made the session of a federated user, its name does not tell.
    let session = r#"{"ArnLike":{"aws:PrincipalArn":"arn:aws:sts::111111111111:federated-user/u"}}"#;
    assert!(!engine(Kind::Resource).relation(&[], &policy(&[&with(but, session)])).exact);
    is(
        but,
        r#"{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::111111111111:user/v"}}"#,
        "arn:aws:iam::111111111111:user/v",
    );
}

#[test]
fn the_account_of_a_caller_of_kms_is_its_own() {
    let with = |action: &str, principal: &str, account: &str| {
        allow(&format!(
            r#""Principal":{principal},"Action":"{action}","Resource":"*",
                "Condition":{{"StringEquals":{{"kms:CallerAccount":"{account}"}}}}"#
        ))
    };
    let (everyone, one) = (r#""*""#, r#"{"AWS":"111111111111"}"#);
    let role = |account: &str| Some(format!("arn:aws:iam::{account}:role/other"));
    for kind in [Kind::Kms, Kind::Resource] {
        assert_eq!(caller(kind, &with("kms:Decrypt", everyone, "222222222222")), role("222222222222"));
        assert_eq!(caller(kind, &with("kms:Decrypt", one, "111111111111")), role("111111111111"));
        assert_eq!(caller(kind, &with("kms:Decrypt", one, "222222222222")), None);
        assert_eq!(
            caller(kind, &with("kms:Decrypt", r#"{"Service":"s3.amazonaws.com"}"#, "222222222222")),
            None
        );
    }
    // Requests to others do not say it.
    assert_eq!(caller(Kind::Resource, &with("s3:GetObject", everyone, "222222222222")), None);
    assert_eq!(caller(Kind::Resource, &with("*", everyone, "222222222222")), role("222222222222"));
    let absent = with("kms:Decrypt", everyone, "x")
        .replace(r#""StringEquals":{"kms:CallerAccount":"x"}"#, r#""Null":{"kms:CallerAccount":"true"}"#);
    // A request to KMS is signed, and the account of a service's is not said.
    assert_eq!(caller(Kind::Kms, &absent).as_deref(), Some("other.amazonaws.com"));
}

#[test]
fn a_witness_has_an_action_that_there_is_on_a_thing_that_it_is_about() {
    let shown = |kind: Kind, statements: &[&str]| {
        let change = engine(kind).relation(&[], &policy(statements));
        let request = change.added.first().unwrap_or_else(|| panic!("{statements:?}: {change:?}"));
        (request.action.clone(), request.resource.clone())
    };
    let to_role =
        |rest: &str| allow(&format!(r#""Principal":{{"AWS":"arn:aws:iam::111111111111:role/r"}},{rest}"#));
    let deny = |rest: &str| format!(r#"{{"Effect":"Deny",{rest}}}"#);
    for (kind, statements, action, resource) in [
        (
            Kind::Identity,
            vec![allow(r#""Action":"s3:Get*","Resource":"arn:aws:s3:::b""#)],
            "s3:GetBucketAcl",
            "arn:aws:s3:::b",
        ),
        (
            Kind::Identity,
            vec![
                allow(r#""Action":"s3:*","Resource":["arn:aws:s3:::b","arn:aws:s3:::b/*"]"#),
                deny(r#""Action":"s3:GetObject","Resource":"*""#),
            ],
            "s3:ListBucket",
            "arn:aws:s3:::b",
        ),
        (
            Kind::Identity,
            vec![allow(r#""Action":"*","Resource":"*""#), deny(r#""NotAction":"dynamodb:*","Resource":"*""#)],
            "dynamodb:GetItem",
            "arn:aws:dynamodb:us-east-1:999999999999:table/other",
        ),
        (
            Kind::Identity,
            vec![allow(r#""Action":"ec2:Describe*","Resource":"*""#)],
            "ec2:DescribeAccountAttributes",
            "*",
        ),
        (
            Kind::Kms,
            vec![to_role(r#""Action":"*","Resource":"*""#)],
            "kms:Decrypt",
            "arn:aws:kms:us-east-1:111111111111:key/11111111-2222-3333-4444-555555555555",
        ),
        (
            Kind::Sns,
            vec![to_role(r#""NotAction":"sns:Publish","Resource":"*""#)],
            "sns:Subscribe",
            "arn:aws:sns:us-east-1:111111111111:topic",
        ),
        (
            Kind::S3,
            vec![to_role(r#""Action":"*","Resource":"arn:aws:s3:::b/*"}"#.trim_end_matches('}'))],
            "s3:GetObject",
            "arn:aws:s3:::b/other",
        ),
        (
            Kind::S3,
            vec![to_role(
                r#""Action":"s3:*","Resource":["arn:aws:s3:::b","arn:aws:s3:::b/*"],"Condition":{"StringEquals":{"s3:prefix":"a"}}"#,
            )],
            "s3:ListBucket",
            "arn:aws:s3:::b",
        ),
    ] {
        let texts: Vec<&str> = statements.iter().map(String::as_str).collect();
        assert_eq!(shown(kind, &texts), (action.to_owned(), resource.to_owned()), "{texts:?}");
    }
    // Partitions and accounts that there are.
    let change = engine(Kind::Identity).relation(
        &policy(&[&allow(r#""Action":"sqs:*","Resource":"arn:aws:sqs:*:*:q""#)]),
        &policy(&[&allow(r#""Action":"sqs:*","Resource":"arn:*:sqs:*:*:q""#)]),
    );
    let found = &change.added[0].resource;
    assert!(found.starts_with("arn:aws-cn:sqs:") && found.ends_with(":q"), "{found}");
    // An action that is not listed may be new.
    let new = allow(r#""Action":"s3:GetNew","Resource":"arn:aws:s3:::b/*""#);
    assert_eq!(shown(Kind::Identity, &[&new]).0, "s3:GetNew");
}

#[test]
fn a_pattern_within_another_is_seen_without_an_automaton() {
    let of =
        |name: &str| allow(&format!(r#""Action":"logs:*","Resource":"arn:aws:logs:*:*:log-group:{name}""#));
    let tested = |name: &str| {
        allow(&format!(r#""Action":"logs:*","Resource":"*","Condition":{{"StringLike":{{"a:b":"{name}"}}}}"#))
    };
    let narrow = "logs-*-????????-????-????-????-????????????";
    for of in [&of as &dyn Fn(&str) -> String, &tested] {
        let (narrow, wide) = (of(narrow), of(&format!("{narrow}*")));
        let change = engine(Kind::Identity).relation(&policy(&[&narrow]), &policy(&[&wide]));
        assert_eq!((change.relation, change.exact), (Broader, true));
        assert!(change.states < 100, "{} states", change.states);
    }
}

#[test]
fn many_guardrails_on_one_key_of_many_values() {
    let deny = |test: &str, at: usize| {
        format!(
            r#"{{"Effect":"Deny","Action":"ec2:CreateTags","Resource":"*","Condition":{{{test}:{{"aws:TagKeys":"key-{at}"}}}}}}"#
        )
    };
    let all = allow(r#""Action":"*","Resource":"*""#);
    for test in [
        r#""ForAnyValue:StringEquals""#,
        r#""ForAnyValue:StringLike""#,
        r#""ForAllValues:StringNotEquals""#,
        r#""ForAnyValue:StringNotEquals""#,
        r#""ForAllValues:StringEquals""#,
    ] {
        let denies: Vec<String> = (0..10).map(|at| deny(test, at)).collect();
        let texts = |from: usize| -> Vec<&str> {
            std::iter::once(all.as_str()).chain(denies[from..].iter().map(String::as_str)).collect()
        };
        let scope = Scope { kind: Kind::Identity, resource: None };
        let (fewer, more) = (policy(&texts(1)), policy(&texts(0)));
        let change = Engine::new(scope).relation(&fewer, &more);
        assert!(change.exact, "{test}: {:?}", change.unproved);
        assert!(!change.assumptions.iter().any(|note| note.contains("kinds")), "{:?}", change.assumptions);
        // Nine of ten deny whatever is not one key alone.
        let expected = if test.contains("AnyValue:StringNot") { Equivalent } else { Narrower };
        assert_eq!(change.relation, expected, "{test}");
    }
}

#[test]
fn a_service_is_of_none_of_the_types_of_principals() {
    let to = |principal: &str, kind: &str| {
        format!(
            r#"{{"Effect":"Allow","Principal":{principal},"Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*","Condition":{{"StringEquals":{{"aws:PrincipalType":"{kind}"}}}}}}"#
        )
    };
    let service = r#"{"Service":"cloudtrail.amazonaws.com"}"#;
    let both = r#"{"Service":"cloudtrail.amazonaws.com","AWS":"arn:aws:iam::111111111111:root"}"#;
    for kind in ["User", "AssumedRole", "Account", "FederatedUser", "Anonymous"] {
        // No request is granted, so that nothing is new.
        let change = engine(Kind::S3).relation(&[], &policy(&[&to(service, kind)]));
        assert_eq!((change.relation, change.exact), (Relation::Equivalent, true), "{kind}");
    }
    for kind in ["User", "AssumedRole", "Account"] {
        let change = engine(Kind::S3).relation(&[], &policy(&[&to(both, kind)]));
        assert_eq!(change.relation, Relation::Broader, "{kind}");
        assert!(matches!(change.added[0].principal, Some(Caller::Aws(_))), "{kind}: {:?}", change.added);
    }
}

/// IAM guide, "AWS JSON policy elements: Principal": no group, no wildcard in an ARN, twelve digits.
#[test]
fn a_caller_that_there_cannot_be_is_no_example() {
    let role = "arn:aws:iam::111111111111:role/r";
    let adds = |principals: &str| {
        let of = |principals: &str| {
            allow(&format!(r#""Principal":{{"AWS":{principals}}},"Action":"s3:GetObject","Resource":"*""#))
        };
        let old = of(r#""222222222222""#);
        let change = engine(Kind::S3).relation(&policy(&[&old]), &policy(&[&old, &of(principals)]));
        let is_broader = change.relation == Relation::Broader;
        assert_eq!(is_broader, !change.added.is_empty(), "{principals}");
        let doubt = change.unproved.iter().find(|note| note.contains("AWS refuses")).cloned();
        (doubt, change.added.first().and_then(|request| request.principal.clone()))
    };
    for principal in [
        "**",
        "arn:aws:iam::*:root",
        "arn:aws:iam::111111111111:group/g",
        "arn:aws:iam::111111111111:mfa/x",
        "arn:aws:iam::1111:root",
        "arn:aws:iam::1111:role/r",
        "arn:aws:iam::111111111111:role/r*",
        "11111111111",
        "arn:aws:sts::111111111111:assumed-role/r",
    ] {
        let (doubt, shown) = adds(&format!("\"{principal}\""));
        assert_eq!(shown, None, "{principal}");
        assert!(doubt.as_ref().is_some_and(|doubt| doubt.contains(principal)), "{principal}: {doubt:?}");
        // One that there can be is the better example.
        let both = adds(&format!(r#"["{principal}","{role}"]"#));
        assert_eq!(both, (None, Some(Caller::Aws(role.to_owned()))), "{principal}");
    }
    for principal in [
        "111111111111",
        "arn:aws:iam::111111111111:user/p/u",
        "arn:aws:sts::111111111111:assumed-role/r/s",
        "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1",
        "AIDAEXAMPLEEXAMPLE123",
    ] {
        assert_eq!(adds(&format!("\"{principal}\"")).0, None, "{principal}");
    }
}

#[test]
fn a_request_that_is_not_known_to_be_possible_says_so() {
    let doubts = |rest: &str| {
        let change = engine(Kind::Identity).relation(&[], &policy(&[&allow(rest)]));
        assert_eq!((change.relation, change.exact), (Relation::Broader, true), "{rest}");
        change.assumptions.into_iter().filter(|note| note.contains("may not be possible")).collect::<Vec<_>>()
    };
    for (rest, why) in [
        (r#""Action":"kms:*","Resource":"arn:aws:s3:::b/*""#, "does not apply to"),
        (r#""Action":"s3:GetObject","Resource":"arn:aws:s3:::b""#, "does not apply to"),
        (r#""Action":"s3:ListBucket","Resource":"arn:aws:s3:::b/*""#, "does not apply to"),
        (r#""Action":"s3:*","Resource":"arn:?:s3:::b/*""#, "partition"),
        (r#""Action":"s3:NotYetKnown","Resource":"*""#, "not an action that AWS documents"),
    ] {
        let doubts = doubts(rest);
        assert!(doubts.len() == 1 && doubts[0].contains(why), "{rest}: {doubts:?}");
    }
    for rest in [
        r#""Action":["s3:GetObject","s3:ListBucket"],"Resource":["arn:aws:s3:::b","arn:aws:s3:::b/*"]"#,
        r#""Action":["kms:*","s3:*"],"Resource":["arn:aws:s3:::b/*","arn:aws:kms:us-east-1:111111111111:key/k"]"#,
        r#""Action":"s3:*","Resource":"arn:*:s3:::b/*""#,
        r#""Action":"s3:*","Resource":"arn:aws-*:s3:::b/*""#,
        r#""Action":"s3:ListAllMyBuckets","Resource":"*""#,
        r#""Action":"iam:*","Resource":"*","Condition":{"ArnLike":{"iam:PolicyARN":"arn:?*:iam::aws:policy/*"}}"#,
        r#""Action":"*","Resource":"*""#,
        r#""NotAction":"s3:*","Resource":"*""#,
    ] {
        assert_eq!(doubts(rest), [""; 0], "{rest}");
    }
    // The first of the partitions that are left.
    let elsewhere = allow(r#""Action":"s3:*","Resource":"arn:*:s3:::b/*""#);
    let here = deny(r#""Action":"s3:*","Resource":"arn:aws:s3:::b/*""#);
    let change = engine(Kind::Identity).relation(&[], &policy(&[&elsewhere, &here]));
    assert!(change.added[0].resource.starts_with("arn:aws-cn:s3:::b/"), "{:?}", change.added);
}

/// What no policy decides makes no difference between two policies: what needs no permission, what no one can do, and what
/// a policy of the kind cannot be about.
#[test]
fn what_no_policy_decides_is_no_access() {
    let get = r#""Action":"s3:GetObject","Resource":"*""#;
    let of = |actions: &str, resource: &str| format!(r#""Action":{actions},"Resource":"{resource}""#);
    let adds = |rest: &str| {
        let (old, new) = (policy(&[&allow(get)]), policy(&[&allow(get), &allow(rest)]));
        let change = engine(Kind::Identity).relation(&old, &new);
        (change.relation, change.added.first().and_then(|request| request.principal.clone()))
    };
    let nothing = (Relation::Equivalent, None);
    for rest in [
        of(r#""sts:GetCallerIdentity""#, "*"),
        of(r#"["sts:getcalleridentity","s3:GetObject"]"#, "*"),
        of(r#""iam:CreatePolicyVersion""#, "arn:aws:iam::aws:policy/*"),
        of(r#"["iam:PassRole","iam:DeleteRole"]"#, "arn:aws:iam::111111111111:role/aws-reserved/*"),
        of(r#""kms:UpdateAlias""#, "arn:aws:kms:*:*:alias/aws/*"),
        // A user needs no permission, and temporary credentials cannot make the call.
        of(r#""sts:GetSessionToken""#, "*") + r#","Condition":{"StringEquals":{"aws:PrincipalType":"User"}}"#,
        of(r#""sts:GetSessionToken""#, "*"),
        of(r#""sts:GetFederationToken""#, "*")
            + r#","Condition":{"StringEquals":{"aws:PrincipalType":"AssumedRole"}}"#,
        of(r#""sts:AssumeRoleWithSAML""#, "arn:aws:iam::111111111111:role/*"),
        of(r#""sts:AssumeRole""#, "*")
            + r#","Condition":{"StringEquals":{"aws:PrincipalType":["Account","FederatedUser"]}}"#,
        // No one of another partition comes.
        of(r#""sqs:*""#, "arn:aws-cn:sqs:*:*:q")
            + r#","Condition":{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::111111111111:role/r"}}"#,
    ] {
        assert_eq!(adds(&rest), nothing, "{rest}");
    }
    for rest in [
        of(r#"["sts:GetCallerIdentity","sts:GetAccessKeyInfo"]"#, "*"),
        of(r#""iam:CreatePolicyVersion""#, "arn:aws:iam::*:policy/*"),
        of(r#""iam:GetPolicy""#, "arn:aws:iam::aws:policy/*"),
        of(r#""iam:DeleteRole""#, "arn:aws:iam::111111111111:role/*"),
        of(r#""sqs:*""#, "arn:aws-cn:sqs:*:*:q"),
    ] {
        assert_eq!(adds(&rest).0, Relation::Broader, "{rest}");
    }
    // A user can.
    assert_eq!(adds(&of(r#""sts:GetFederationToken""#, "*")).0, Relation::Broader);
    // Neither does a Deny of it take anything.
    let all = allow(r#""Action":"*","Resource":"*""#);
    let denied = |rest: &str| relation(Kind::Identity, &[&all], &[&all, &deny(rest)]);
    assert_eq!(denied(&of(r#""sts:GetCallerIdentity""#, "*")), Relation::Equivalent);
    assert_eq!(denied(&of(r#""sts:Get*""#, "*")), Relation::Narrower);
    // What statements say of it can be compared all the same.
    let (one, other) = (policy(&[&allow(&of(r#""sts:GetCallerIdentity""#, "*"))]), policy(&[&allow(get)]));
    let literal = Engine { decided: None, ..engine(Kind::Identity) };
    assert!(matches!(literal.compare(&one, &other, Notion::Access).answer, Answer::Witness(_)));
    let common = |engine: Engine<'_>| engine.common(&policy(&[&all]), &one).requests.len();
    assert_eq!((common(engine(Kind::Identity)), common(literal)), (0, 1));
}

/// Users of an identity provider take on roles by the calls made for them, all others by `sts:AssumeRole`, and a
/// federated user or root user by none.
#[test]
fn a_role_is_taken_on_by_those_who_can_call() {
    let adds = |principal: &str, action: &str, condition: &str| {
        let of = |principal: &str, rest: &str| allow(&format!(r#""Principal":{principal},{rest}"#));
        let old = of(r#"{"Service":"ec2.amazonaws.com"}"#, r#""Action":"sts:AssumeRole""#);
        let new = of(principal, &format!(r#""Action":"{action}"{condition}"#));
        engine(Kind::Trust).relation(&policy(&[&old]), &policy(&[&old, &new])).relation
    };
    let saml = r#"{"Federated":"arn:aws:iam::111111111111:saml-provider/p"}"#;
    let (role, root) = (r#"{"AWS":"arn:aws:iam::111111111111:role/r"}"#, r#"{"AWS":"111111111111"}"#);
    let federated = r#"{"AWS":"arn:aws:sts::111111111111:federated-user/f"}"#;
    let is_root = r#","Condition":{"StringEquals":{"aws:PrincipalType":"Account"}}"#;
    for (principal, action, condition, expected) in [
        (saml, "sts:AssumeRole", "", Relation::Equivalent),
        (saml, "sts:AssumeRoleWithSAML", "", Relation::Broader),
        (role, "sts:AssumeRoleWithWebIdentity", "", Relation::Equivalent),
        (role, "sts:AssumeRole", "", Relation::Broader),
        (root, "sts:AssumeRole", "", Relation::Broader),
        (root, "sts:AssumeRole", is_root, Relation::Equivalent),
        (federated, "sts:AssumeRole", "", Relation::Equivalent),
        ("\"*\"", "sts:AssumeRoleWithSAML", "", Relation::Unproved),
    ] {
        assert_eq!(adds(principal, action, condition), expected, "{principal} {action}{condition}");
    }
}

/// Key policies are about keys and what can be done with these, and so on for each kind.
#[test]
fn a_policy_grants_what_can_be_done_with_its_resource() {
    let of = |kind: Kind, actions: &str, resource: &str| {
        let with = |actions: &str, resource: &str| {
            allow(&format!(
                r#""Principal":{{"AWS":"arn:aws:iam::222222222222:role/r"}},"Action":{actions},"Resource":{resource}"#
            ))
        };
        let own = format!("\"{}:Untag*\"", kind.name());
        let (old, new) =
            (policy(&[&with(&own, "\"*\"")]), policy(&[&with(&own, "\"*\""), &with(actions, resource)]));
        let change = engine(kind).relation(&old, &new);
        assert!(change.exact, "{:?}", change.unproved);
        change.added.first().map(|request| (request.action.clone(), request.resource.clone()))
    };
    let star = "\"*\"";
    for (kind, actions, resource) in [
        (Kind::Kms, r#""s3:GetObject""#, star),
        (Kind::Kms, r#"["kms:ListKeys","kms:CreateKey","sts:AssumeRole"]"#, star),
        (Kind::Kms, r#""kms:Decrypt""#, r#""arn:aws:s3:::b/*""#),
        (Kind::Kms, r#""kms:*""#, r#"["arn:aws:kms:us-east-1:111111111111:alias/a","arn:aws:s3:::b"]"#),
        (Kind::S3, r#"["s3:ListAllMyBuckets","sqs:*"]"#, star),
        (Kind::Sns, r#""sns:Publish""#, r#""arn:aws:sqs:us-east-1:111111111111:q""#),
        (Kind::Sqs, r#"["sqs:ListQueues","sns:Publish"]"#, star),
    ] {
        assert_eq!(of(kind, actions, resource), None, "{kind} {actions} {resource}");
    }
    for (kind, actions, resource, action, start) in [
        (Kind::Kms, r#"["s3:GetObject","kms:Decrypt"]"#, star, "kms:Decrypt", "arn:aws:kms:"),
        (Kind::Kms, r#""*""#, star, "kms:", "arn:aws:kms:"),
        (Kind::Kms, r#""kms:List*""#, star, "kms:List", "arn:aws:kms:"),
        // The catalog may not know it yet.
        (Kind::Kms, r#""kms:NotYetKnown""#, star, "kms:NotYetKnown", "arn:aws:kms:"),
        (
            Kind::Kms,
            r#""kms:Decrypt""#,
            r#"["arn:aws:s3:::b","arn:aws:kms:*:*:key/*"]"#,
            "kms:Decrypt",
            "arn:aws:kms:",
        ),
        (
            Kind::S3,
            r#"["s3:ListAllMyBuckets","s3:GetObject"]"#,
            r#""arn:aws:s3:::b/*""#,
            "s3:GetObject",
            "arn:aws:s3:::b/",
        ),
        (Kind::Sqs, r#""*""#, star, "sqs:", "arn:aws:sqs:"),
    ] {
        let (given, on) = of(kind, actions, resource).expect(actions);
        assert!(given.starts_with(action) && on.starts_with(start), "{kind} {actions}: {given} on {on}");
    }
    // Where it is not known what a policy is attached to, it may be anything.
    let generic = of(Kind::Resource, r#""s3:GetObject""#, star);
    assert_eq!(generic.map(|(action, _)| action).as_deref(), Some("s3:GetObject"));
}

/// `aws:ResourceAccount` is the account in the ARN of the resource; a bucket's does not have one.
#[test]
fn the_owner_of_a_resource_follows_from_its_arn() {
    const QUEUE: &str = "arn:aws:sqs:us-east-1:111111111111:q";
    let test = |operator: &str, value: &str| {
        format!(r#","Condition":{{"{operator}":{{"aws:ResourceAccount":"{value}"}}}}"#)
    };
    let own = test("StringEquals", "111111111111");
    let other = test("StringEquals", "333333333333");
    let on = |resource: &str, condition: &str| {
        let service = resource.split(':').nth(2).unwrap_or("*");
        allow(&format!(r#""Action":"{service}:*","Resource":"{resource}"{condition}"#))
    };
    let identity = |old: &str, new: &str| relation(Kind::Identity, &[old], &[new]);
    // It makes no difference to ask for what is so …
    for condition in [own.as_str(), &test("StringLike", "1*"), &test("StringNotEquals", "333333333333")] {
        assert_eq!(identity(&on(QUEUE, condition), &on(QUEUE, "")), Relation::Equivalent, "{condition}");
    }
    let pattern = "arn:aws:sqs:*:*:*";
    let narrow = "arn:aws:sqs:*:111111111111:*";
    assert_eq!(identity(&on(narrow, ""), &on(pattern, &own)), Relation::Broader);
    assert_eq!(identity(&on(pattern, &own), &on(narrow, "")), Relation::Narrower);
    // … and what asks for what is not so grants nothing.
    let get = allow(r#""Action":"s3:GetObject","Resource":"*""#);
    for condition in [other.as_str(), &test("StringNotEquals", "111111111111"), &test("Null", "true")] {
        let adds = relation(Kind::Identity, &[&get], &[&get, &on(QUEUE, condition)]);
        assert_eq!(adds, Relation::Equivalent, "{condition}");
    }
    // Whose a bucket is, its ARN does not tell; nor does it that of what belongs to AWS, or where no ARN is named.
    for resource in ["arn:aws:s3:::b", "arn:aws:iam::aws:policy/p", "*"] {
        for condition in [&own, &other] {
            assert_eq!(
                identity(&on(resource, condition), &on(resource, "")),
                Relation::Broader,
                "{resource}"
            );
        }
    }
    // Two values that contradict each other are none, of the organization as well.
    for (key, value) in [("ResourceAccount", "333333333333"), ("ResourceOrgID", "o-1")] {
        let both = format!(
            r#","Condition":{{"StringEquals":{{"aws:{key}":"{value}"}},"StringLike":{{"aws:{key}":"4*"}}}}"#
        );
        let adds = relation(Kind::Identity, &[&get], &[&get, &on(pattern, &both)]);
        assert_eq!(adds, Relation::Equivalent, "{key}");
    }
    // Some actions of EC2 come without the key, and a variable may be any account.
    let image = "arn:aws:ec2:us-east-1:111111111111:image/i";
    assert_eq!(identity(&on(image, &own), &on(image, "")), Relation::Unproved);
    let variable = test("StringEquals", "${aws:PrincipalAccount}");
    assert_ne!(relation(Kind::Identity, &[&get], &[&get, &on(QUEUE, &variable)]), Relation::Equivalent);

    // The policy of a resource is about that.
    let grant = |action: &str, condition: &str| {
        allow(&format!(
            r#""Principal":{{"AWS":"222222222222"}},"Action":"{action}","Resource":"*"{condition}"#
        ))
    };
    for (kind, resource, action) in [
        (Kind::Kms, KEY, "kms:Decrypt"),
        (Kind::Sqs, QUEUE, "sqs:SendMessage"),
        (
            Kind::SecretsManager,
            "arn:aws:secretsmanager:us-east-1:111111111111:secret:s",
            "secretsmanager:GetSecretValue",
        ),
    ] {
        let (with, without) = (policy(&[&grant(action, &own)]), policy(&[&grant(action, "")]));
        let known = Engine::new(Scope { kind, resource: Some(resource) });
        assert_eq!(known.relation(&with, &without).relation, Relation::Equivalent, "{kind}");
        assert_eq!(engine(kind).relation(&with, &without).relation, Relation::Broader, "{kind}");
    }
    let bucket = Engine::new(Scope { kind: Kind::S3, resource: Some("arn:aws:s3:::b") });
    let (with, without) = (policy(&[&grant("s3:GetObject", &own)]), policy(&[&grant("s3:GetObject", "")]));
    assert_eq!(bucket.relation(&with, &without).relation, Relation::Broader);
    let trust = |condition: &str| {
        policy(&[&allow(&format!(
            r#""Principal":{{"AWS":"222222222222"}},"Action":"sts:AssumeRole"{condition}"#
        ))])
    };
    let role = Engine::new(Scope { kind: Kind::Trust, resource: Some("arn:aws:iam::111111111111:role/r") });
    assert_eq!(role.relation(&trust(&own), &trust("")).relation, Relation::Equivalent);
    assert_eq!(engine(Kind::Trust).relation(&trust(&own), &trust("")).relation, Relation::Broader);
}

/// S3 guide, "Principals": a canonical user ID is an account, and does not show which.
#[test]
fn a_canonical_user_may_be_any_account() {
    let of = |principal: &str, actions: &str| {
        allow(&format!(r#""Principal":{principal},"Action":{actions},"Resource":"arn:aws:s3:::b/*""#))
    };
    let (get, both) = (r#""s3:GetObject""#, r#"["s3:GetObject","s3:PutObject"]"#);
    let (x, y) = (r#"{"CanonicalUser":"aaaa"}"#, r#"{"CanonicalUser":"bbbb"}"#);
    let (account, everyone) = (r#"{"AWS":"111111111111"}"#, r#""*""#);
    let change = |old: &[String], new: &[String]| {
        let [old, new] = [old, new].map(|all| policy(&all.iter().map(String::as_str).collect::<Vec<_>>()));
        let change = engine(Kind::S3).relation(&old, &new);
        (change.relation, change.exact)
    };
    assert!(!change(&[of(x, get)], &[of(account, get)]).1);
    assert!(!change(&[of(x, get)], &[of(x, get), of(account, get)]).1);
    assert_eq!(change(&[of(x, both)], &[of(x, get)]), (Relation::Narrower, true));
    let accounts = [of(account, get), of(x, both)];
    assert_eq!(change(&accounts, &[of(account, get), of(x, get)]), (Relation::Narrower, true));
    assert_eq!(change(&[of(x, get)], &[of(everyone, get)]), (Relation::Broader, true));
    assert!(change(&[of(x, get)], &[of(y, get)]).1);
    let forbidden = |ours: &str, theirs: &str| {
        let found = engine(Kind::S3).common(&policy(&[&of(ours, get)]), &policy(&[&of(theirs, get)]));
        (found.requests.len(), found.unproved.len())
    };
    assert_eq!(forbidden(x, account).0, 0);
    assert!(forbidden(x, account).1 > 0);
    assert_eq!(forbidden(account, r#"{"AWS":"222222222222"}"#), (0, 0));
    assert_eq!(forbidden(x, x).0, 1);
}
