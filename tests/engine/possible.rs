//! Only requests that somebody can make are shown, and count: where all others that a policy lets through cannot be
//! made, it grants nothing.

use polmerge::Kind;
use polmerge::analyze::cover::Scope;
use polmerge::analyze::request::{Caller, Request};
use polmerge::analyze::space::{Change, Engine, Relation};
use polmerge::document::{Hints, open_policy};
use polmerge::policy::Statement;
use polmerge::source::Source;

fn read(kind: Kind, statements: &[&str]) -> Vec<Statement> {
    if statements.is_empty() {
        return Vec::new();
    }
    let text = format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","));
    let hints = Hints { kind: Some(kind), ..Hints::default() };
    let document = open_policy(Source::new("test", text.clone()), &hints);
    assert!(document.problems.is_empty(), "{text}: {:?}", document.problems);
    document.policy.statements
}

fn change(kind: Kind, old: &[&str], new: &[&str]) -> Change {
    Engine::new(Scope { kind, resource: None }).relation(&read(kind, old), &read(kind, new))
}

/// That a statement grants nothing, or takes nothing away, as no request that it matches can be made.
fn is_nothing(kind: Kind, old: &[&str], new: &[&str]) {
    let change = change(kind, old, new);
    assert_eq!((change.relation, change.exact), (Relation::Equivalent, true), "{new:?}: {change:?}");
}

/// The request that shows what is new.
fn shown(kind: Kind, old: &[&str], new: &[&str]) -> Request {
    let change = change(kind, old, new);
    assert!(change.exact && change.added.len() == 1, "{new:?}: {change:?}");
    change.added[0].clone()
}

fn bucket(principal: &str, condition: &str) -> String {
    format!(
        r#"{{"Effect":"Allow","Principal":{principal},"Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*","Condition":{condition}}}"#
    )
}

fn own(condition: &str) -> String {
    format!(
        r#"{{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*","Condition":{condition}}}"#
    )
}

/// IAM guide, "AWS global condition context keys": the key has the ARN, or the type, of the caller.
#[test]
fn the_root_user_is_shown_where_only_he_is_let_in() {
    let root = Some(Caller::Aws("arn:aws:iam::111111111111:root".to_owned()));
    for condition in [
        r#"{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:root"}}"#,
        r#"{"StringEquals":{"aws:PrincipalType":"Account"}}"#,
    ] {
        let one = bucket(r#"{"AWS":"111111111111"}"#, condition);
        assert_eq!(shown(Kind::S3, &[], &[&one]).principal, root, "{condition}");
    }
}

/// The same page, under `aws:PrincipalServiceName`.
#[test]
fn the_name_of_a_service_is_that_of_the_caller() {
    let trail = r#"{"Service":"cloudtrail.amazonaws.com"}"#;
    let named = |name: &str| format!(r#"{{"StringEquals":{{"aws:PrincipalServiceName":"{name}"}}}}"#);
    is_nothing(Kind::S3, &[], &[&bucket(trail, &named("s3.amazonaws.com"))]);
    // One service may have several names, and which of them the key has is not known.
    let own =
        change(Kind::S3, &[&bucket(trail, "{}")], &[&bucket(trail, &named("cloudtrail.amazonaws.com"))]);
    assert_ne!((own.relation, own.exact), (Relation::Equivalent, true), "{own:?}");
    let logs = r#"{"Service":"logs.us-east-1.amazonaws.com"}"#;
    shown(Kind::S3, &[], &[&bucket(logs, &named("logs.amazonaws.com"))]);
    is_nothing(Kind::S3, &[], &[&bucket(r#"{"AWS":"111111111111"}"#, &named("s3.amazonaws.com"))]);
    let anyone = shown(Kind::S3, &[], &[&bucket(r#""*""#, &named("s3.amazonaws.com"))]);
    assert_eq!(anyone.principal, Some(Caller::Service("s3.amazonaws.com".to_owned())));
}

/// The same page, under "Availability" of each key.
#[test]
fn keys_that_no_request_has_together() {
    for condition in [
        r#"{"IpAddress":{"aws:SourceIp":"198.51.100.0/24"},"StringEquals":{"aws:SourceVpce":"vpce-1"}}"#,
        r#"{"IpAddress":{"aws:SourceIp":"198.51.100.0/24"},"StringEquals":{"aws:SourceVpc":"vpc-1"}}"#,
        r#"{"Bool":{"aws:ViaAWSService":"false"},"ForAnyValue:StringEquals":{"aws:CalledVia":"athena.amazonaws.com"}}"#,
        r#"{"Bool":{"aws:MultiFactorAuthPresent":"false"},"NumericLessThan":{"aws:MultiFactorAuthAge":"100"}}"#,
    ] {
        is_nothing(Kind::Identity, &[], &[&own(condition)]);
        is_nothing(Kind::S3, &[], &[&bucket(r#"{"AWS":"111111111111"}"#, condition)]);
    }
    for condition in [
        r#"{"IpAddress":{"aws:SourceIp":"198.51.100.0/24"},"StringNotEquals":{"aws:SourceVpce":"vpce-1"}}"#,
        r#"{"Bool":{"aws:ViaAWSService":"true"},"ForAnyValue:StringEquals":{"aws:CalledVia":"athena.amazonaws.com"}}"#,
        r#"{"Bool":{"aws:MultiFactorAuthPresent":"true"},"NumericLessThan":{"aws:MultiFactorAuthAge":"100"}}"#,
    ] {
        shown(Kind::Identity, &[], &[&own(condition)]);
    }
}

/// The same page: services that call by themselves, and anonymous callers, have none of the keys of credentials.
#[test]
fn keys_of_credentials_are_of_users_and_roles() {
    let organization = r#"{"StringEquals":{"aws:PrincipalOrgID":"o-a1b2c3d4e5"}}"#;
    is_nothing(Kind::S3, &[], &[&bucket(r#"{"Service":"cloudtrail.amazonaws.com"}"#, organization)]);
    let mfa = r#"{"Null":{"aws:PrincipalArn":"true"},"Bool":{"aws:MultiFactorAuthPresent":"true"}}"#;
    let anyone = change(Kind::S3, &[], &[&bucket(r#""*""#, mfa)]);
    assert!(
        anyone.added.iter().all(|one| !matches!(one.principal, Some(Caller::Anonymous | Caller::Service(_))))
    );
    let role = shown(Kind::S3, &[], &[&bucket(r#"{"AWS":"111111111111"}"#, organization)]);
    assert!(matches!(role.principal, Some(Caller::Aws(_))));
}

/// A policy without principals may be a service control policy, which holds for the root user: that of identity policies
/// rules nothing out.
#[test]
fn the_root_user_counts_where_the_kind_is_a_guess() {
    let all = r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#;
    for condition in [
        r#"{"StringEquals":{"aws:PrincipalType":"Account"}}"#,
        r#"{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:root"}}"#,
    ] {
        let deny = format!(r#"{{"Effect":"Deny","Action":"*","Resource":"*","Condition":{condition}}}"#);
        for kind in [Kind::Identity, Kind::Scp] {
            let root = change(kind, &[all], &[all, &deny]);
            assert_eq!(
                (root.relation, root.exact),
                (Relation::Narrower, true),
                "{kind} {condition}: {root:?}"
            );
            assert!(matches!(&root.removed[0].principal, Some(Caller::Aws(text)) if text.ends_with(":root")));
        }
    }
    // No service has an identity policy.
    let service = r#"{"Bool":{"aws:PrincipalIsAWSService":"true"}}"#;
    is_nothing(Kind::Identity, &[], &[&own(service)]);
}

/// Organizations guide, "Tasks and entities not restricted by SCPs", "Resources and entities not restricted by RCPs".
#[test]
fn what_control_policies_do_not_touch() {
    let linked = r#""Condition":{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/aws-service-role/*"}}"#;
    let all = r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#;
    let denied = format!(r#"{{"Effect":"Deny","Action":"*","Resource":"*",{linked}}}"#);
    is_nothing(Kind::Scp, &[all], &[all, &denied]);
    let everyone = r#"{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}"#;
    let deny = |action: &str, rest: &str| {
        format!(r#"{{"Effect":"Deny","Principal":"*","Action":"{action}","Resource":"*"{rest}}}"#)
    };
    is_nothing(Kind::Rcp, &[everyone], &[everyone, &deny("*", &format!(",{linked}"))]);
    is_nothing(Kind::Rcp, &[everyone], &[everyone, &deny("kms:RetireGrant", "")]);
    let other = change(Kind::Rcp, &[everyone], &[everyone, &deny("kms:RevokeGrant", "")]);
    assert_eq!(other.relation, Relation::Narrower, "{other:?}");
}

/// IAM guide, "AWS JSON policy elements: Principal": only S3 knows canonical users; the root user assumes no role.
#[test]
fn who_can_call_what() {
    let trust = |principal: &str, action: &str, rest: &str| {
        format!(r#"{{"Effect":"Allow","Principal":{principal},"Action":"{action}"{rest}}}"#)
    };
    let root = r#","Condition":{"ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::111111111111:root"}}"#;
    is_nothing(Kind::Trust, &[], &[&trust(r#""*""#, "sts:AssumeRole", root)]);
    let service = r#"{"Service":"ec2.amazonaws.com"}"#;
    is_nothing(Kind::Trust, &[], &[&trust(service, "sts:AssumeRoleWithSAML", "")]);
    assert_eq!(
        shown(Kind::Trust, &[], &[&trust(service, "sts:AssumeRole", "")]).principal,
        Some(Caller::Service("ec2.amazonaws.com".to_owned()))
    );
}

/// Service Authorization Reference: the forms of ARNs; the plainest is the best example.
#[test]
fn an_example_is_a_thing_that_there_can_be() {
    let old = own("{}");
    let new = r#"{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}"#;
    let request = shown(Kind::Identity, &[&old], &[new]);
    assert!(request.resource.starts_with("arn:aws:s3:::"), "{request:?}");
    let queue = |region: &str| {
        let arn = format!("arn:aws:sqs:{region}:111111111111:q");
        format!(r#"{{"Effect":"Allow","Action":"sqs:SendMessage","Resource":"{arn}"}}"#)
    };
    let request = shown(Kind::Identity, &[&queue("us-east-1")], &[&queue("*")]);
    assert_eq!(request.resource, "arn:aws:sqs:eu-west-1:111111111111:q");
}

/// IAM guide, "AWS global condition context keys", under "Availability": keys of sessions of roles, of requests that services
/// make, and of sessions of the root user for one task.
#[test]
fn keys_that_only_some_callers_have() {
    let one = |key: &str, value: &str| match value {
        "true" => format!(r#"{{"Bool":{{"{key}":"true"}}}}"#),
        value => format!(r#"{{"StringLike":{{"{key}":"{value}"}}}}"#),
    };
    let list = r#"{"ForAnyValue:StringEquals":{"KEY":"s3.amazonaws.com"}}"#;
    let service = r#"{"Service":"cloudtrail.amazonaws.com"}"#;
    let (role, user, root) = (
        r#"{"AWS":"arn:aws:iam::111111111111:role/r"}"#,
        r#"{"AWS":"arn:aws:iam::111111111111:user/u"}"#,
        r#"{"AWS":"111111111111"}"#,
    );
    for (condition, who) in [
        (one("aws:FederatedProvider", "x"), [false, true, false]),
        (one("aws:SourceIdentity", "x"), [false, true, false]),
        (
            one("ec2:SourceInstanceARN", "arn:aws:ec2:us-east-1:111111111111:instance/i-1"),
            [false, true, false],
        ),
        (
            one("lambda:SourceFunctionArn", "arn:aws:lambda:us-east-1:111111111111:function:f"),
            [false, true, false],
        ),
        (one("aws:ViaAWSService", "true"), [false, true, true]),
        (list.replace("KEY", "aws:CalledVia"), [false, true, true]),
        (
            list.replace("KEY", "aws:PrincipalServiceNamesList").replace("s3.", "cloudtrail."),
            [true, false, false],
        ),
        (one("aws:AssumedRoot", "true"), [false, false, false]),
        (one("aws:userid", "A*"), [false, true, true]),
        (one("aws:UserAgent", "x*"), [true, true, true]),
    ] {
        for (principal, is_possible) in [service, role, user].into_iter().zip(who) {
            let statement = bucket(principal, &condition);
            match is_possible {
                true => _ = shown(Kind::S3, &[], &[&statement]),
                false => is_nothing(Kind::S3, &[], &[&statement]),
            }
        }
    }
    // An account has callers of each type.
    let task = shown(Kind::S3, &[], &[&bucket(root, &one("aws:AssumedRoot", "true"))]);
    assert_eq!(task.principal, Some(Caller::Aws("arn:aws:iam::111111111111:root".to_owned())));
    let federated = shown(Kind::S3, &[], &[&bucket(root, &one("aws:FederatedProvider", "x"))]);
    assert!(matches!(federated.principal, Some(Caller::Aws(arn)) if arn.contains(":role/")));
    is_nothing(
        Kind::S3,
        &[],
        &[&bucket(
            "\"*\"",
            r#"{"Bool":{"aws:AssumedRoot":"true"},"StringEquals":{"aws:PrincipalType":"User"}}"#,
        )],
    );
}

/// The same page, under each: a member of an organization has its id and its path, and the names of the tags of a request are
/// those of its tags.
#[test]
fn keys_that_come_together() {
    let all = |condition: &str| {
        format!(r#"{{"Effect":"Allow","Action":"*","Resource":"*","Condition":{{{condition}}}}}"#)
    };
    let id = |id: &str| all(&format!(r#""StringEquals":{{"aws:PrincipalOrgID":"{id}"}}"#));
    let paths =
        |paths: &str| all(&format!(r#""ForAnyValue:StringLike":{{"aws:PrincipalOrgPaths":"{paths}"}}"#));
    let (own, other) = ("o-a1b2c3d4e5", "o-z9y8x7w6v5");
    is_not_claimed(Kind::Identity, &[&paths("o-a1b2c3d4e5/*")], &[&id(own)]);
    is_not_claimed(Kind::Identity, &[&id(own)], &[&paths("o-a1b2c3d4e5/*")]);
    shown(Kind::Identity, &[&id(own)], &[&id(own), &id(other)]);
    shown(Kind::Identity, &[&id(own)], &[&id(own), &paths("o-z9y8x7w6v5/r-ab12/*")]);
    shown(Kind::Identity, &[&paths("o-a1b2c3d4e5/r-zz99/*")], &[&paths("o-a1b2c3d4e5/r-zz99/*"), &id(own)]);
    for (condition, is_possible) in [
        (
            r#""StringEquals":{"aws:PrincipalOrgID":"o-a1b2c3d4e5"},"ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":"o-z9y8x7w6v5/*"}"#,
            false,
        ),
        (
            r#""StringEquals":{"aws:PrincipalOrgID":"o-a1b2c3d4e5"},"ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":"o-a1b2c3d4e5/*"}"#,
            true,
        ),
        (
            r#""StringEquals":{"aws:CalledViaFirst":"athena.amazonaws.com"},"Null":{"aws:CalledVia":"true"}"#,
            false,
        ),
        (r#""StringEquals":{"aws:CalledViaFirst":"athena.amazonaws.com"}"#, true),
        (
            r#""NumericLessThan":{"aws:MultiFactorAuthAge":"300"},"Null":{"aws:MultiFactorAuthPresent":"true"}"#,
            false,
        ),
        (r#""NumericLessThan":{"aws:MultiFactorAuthAge":"300"}"#, true),
        (r#""ForAnyValue:StringEquals":{"aws:TagKeys":"x"},"Null":{"aws:RequestTag/x":"true"}"#, false),
        (r#""StringEquals":{"aws:RequestTag/x":"y"},"Null":{"aws:TagKeys":"true"}"#, false),
        (
            r#""StringEquals":{"aws:RequestTag/x":"y"},"ForAllValues:StringEquals":{"aws:TagKeys":["z"]}"#,
            false,
        ),
        (
            r#""StringEquals":{"aws:RequestTag/x":"y"},"ForAllValues:StringEquals":{"aws:TagKeys":["x","z"]}"#,
            true,
        ),
        (r#""ForAnyValue:StringEquals":{"aws:TagKeys":"x"}"#, true),
        (r#""Bool":{"aws:MultiFactorAuthPresent":"true"},"Null":{"aws:MultiFactorAuthAge":"true"}"#, false),
        (r#""Bool":{"aws:MultiFactorAuthPresent":"false"},"Null":{"aws:MultiFactorAuthAge":"true"}"#, true),
        (r#""Bool":{"aws:MultiFactorAuthPresent":"true"}"#, true),
        (r#""StringEquals":{"aws:SourceVpc":"vpc-1"},"Null":{"aws:SourceVpce":"true"}"#, false),
        (r#""StringEquals":{"aws:SourceVpce":"vpce-1"},"Null":{"aws:SourceVpc":"true"}"#, false),
        (r#""StringEquals":{"aws:SourceVpce":"vpce-1","aws:SourceVpc":"vpc-1"}"#, true),
        (r#""StringEquals":{"aws:VpceOrgID":"o-a1b2c3d4e5"},"Null":{"aws:SourceVpce":"true"}"#, false),
        (r#""StringEquals":{"aws:VpceOrgID":"o-a1b2c3d4e5"}"#, true),
        (r#""IpAddress":{"aws:VpcSourceIp":"10.0.0.1"},"Null":{"aws:SourceVpc":"true"}"#, false),
        (
            r#""ArnEquals":{"aws:SourceVpcArn":"arn:aws:ec2:us-east-1:111111111111:vpc/vpc-1"},"StringEquals":{"aws:SourceVpc":"vpc-2"}"#,
            false,
        ),
        (
            r#""ArnEquals":{"aws:SourceVpcArn":"arn:aws:ec2:us-east-1:111111111111:vpc/vpc-1"},"StringEquals":{"aws:SourceVpc":"vpc-1"}"#,
            true,
        ),
        (
            r#""StringEquals":{"aws:PrincipalOrgMasterAccountId":"111111111111"},"Null":{"aws:PrincipalOrgID":"true"}"#,
            false,
        ),
        (
            r#""StringEquals":{"aws:PrincipalOrgMasterAccountId":"111111111111","aws:PrincipalOrgID":"o-a1b2c3d4e5"}"#,
            true,
        ),
        (
            r#""StringEquals":{"aws:CalledViaFirst":"athena.amazonaws.com","aws:CalledViaLast":"glue.amazonaws.com"},"ForAnyValue:StringEquals":{"aws:CalledVia":"athena.amazonaws.com"}"#,
            true,
        ),
        (
            r#""StringEquals":{"aws:CalledViaFirst":"athena.amazonaws.com"},"ForAllValues:StringEquals":{"aws:CalledVia":"glue.amazonaws.com"}"#,
            false,
        ),
    ] {
        match is_possible {
            true => _ = shown(Kind::Identity, &[], &[&all(condition)]),
            false => is_not_claimed(Kind::Identity, &[], &[&all(condition)]),
        }
    }
    // No address comes with a request through an endpoint, whose account and organization others tell.
    for key in ["aws:VpceAccount", "aws:VpceOrgID"] {
        let both =
            all(&format!(r#""IpAddress":{{"aws:SourceIp":"192.0.2.0/24"}},"Null":{{"{key}":"false"}}"#));
        is_nothing(Kind::Identity, &[], &[&both]);
    }
}

/// The same page, under each key; of the id, IAM guide, "IAM policy elements: Variables and tags", under "Principal key
/// values": a user has an id, a session of a role that of the role and its own name.
#[test]
fn what_a_caller_says_is_of_that_caller() {
    let account = r#"{"AWS":"111111111111"}"#;
    let role = r#"{"AWS":"arn:aws:iam::111111111111:role/r"}"#;
    let id = |id: &str| format!(r#"{{"StringEquals":{{"aws:userid":"{id}"}}}}"#);
    let user = shown(Kind::S3, &[], &[&bucket(account, &id("AIDAEXAMPLE"))]);
    assert_eq!(user.principal, Some(Caller::Aws("arn:aws:iam::111111111111:user/other".to_owned())));
    is_nothing(Kind::S3, &[], &[&bucket(role, &id("AROAEXAMPLE"))]);
    is_nothing(Kind::S3, &[], &[&bucket(role, &id("222222222222"))]);
    shown(Kind::S3, &[], &[&bucket(role, &id("AROAEXAMPLE:s"))]);
    shown(Kind::S3, &[], &[&bucket(account, &id("111111111111"))]);
    let trail = r#"{"Service":"cloudtrail.amazonaws.com"}"#;
    let list = |name: &str| {
        format!(r#"{{"ForAnyValue:StringEquals":{{"aws:PrincipalServiceNamesList":"{name}"}}}}"#)
    };
    is_not_claimed(Kind::S3, &[], &[&bucket(trail, &list("sns.amazonaws.com"))]);
    shown(Kind::S3, &[], &[&bucket(trail, &list("cloudtrail.amazonaws.com"))]);
    let sent = |account: &str| {
        format!(
            r#"{{"StringEquals":{{"aws:SourceAccount":"{account}"}},"ArnEquals":{{"aws:SourceArn":"arn:aws:cloudtrail:us-east-1:111111111111:trail/t"}}}}"#
        )
    };
    is_not_claimed(Kind::S3, &[], &[&bucket(trail, &sent("222222222222"))]);
    shown(Kind::S3, &[], &[&bucket(trail, &sent("111111111111"))]);
}

/// KMS guide, "AWS KMS condition keys", under `kms:ViaService`: the service calls in the Region of the key.
#[test]
fn a_key_is_used_through_a_service_of_its_region() {
    let key = "arn:aws:kms:us-east-1:111111111111:key/11111111-2222-3333-4444-555555555555";
    let via = |resource: &str, service: &str| {
        format!(
            r#"{{"Effect":"Allow","Action":"kms:Decrypt","Resource":"{resource}","Condition":{{"StringLike":{{"kms:ViaService":"{service}"}}}}}}"#
        )
    };
    is_not_claimed(Kind::Identity, &[], &[&via(key, "s3.eu-west-1.amazonaws.com")]);
    shown(Kind::Identity, &[], &[&via(key, "s3.us-east-1.amazonaws.com")]);
    let any = shown(Kind::Identity, &[], &[&via(key, "s3.*.amazonaws.com")]);
    assert_eq!(any.context.get("kms:ViaService").unwrap().values(), ["s3.us-east-1.amazonaws.com"]);
    let anywhere =
        shown(Kind::Identity, &[], &[&via("arn:aws:kms:*:111111111111:key/*", "s3.eu-west-1.amazonaws.com")]);
    assert!(anywhere.resource.starts_with("arn:aws:kms:eu-west-1:"), "{anywhere:?}");
}

/// The same page, under `aws:RequestedRegion`.
#[test]
fn a_resource_is_called_in_its_region() {
    let on = |resource: &str, operator: &str, region: &str| {
        format!(
            r#"{{"Effect":"Allow","Action":"sqs:SendMessage","Resource":"{resource}","Condition":{{"{operator}":{{"aws:RequestedRegion":"{region}"}}}}}}"#
        )
    };
    let queue = "arn:aws:sqs:eu-west-1:111111111111:q";
    for (resource, operator, region) in [
        (queue, "StringEquals", "us-east-1"),
        (queue, "StringNotEquals", "eu-west-1"),
        (queue, "StringLike", "us-*"),
    ] {
        is_not_claimed(Kind::Identity, &[], &[&on(resource, operator, region)]);
    }
    for (resource, operator, region) in [
        (queue, "StringEquals", "eu-west-1"),
        (queue, "StringNotEquals", "us-east-1"),
        ("arn:aws:sqs:*:111111111111:q", "StringEquals", "eu-central-1"),
        ("*", "StringEquals", "ap-south-1"),
    ] {
        let request = shown(Kind::Identity, &[], &[&on(resource, operator, region)]);
        let called = request.context.get("aws:RequestedRegion").map(|value| value.values().join(","));
        let own = request.resource.split(':').nth(3).unwrap_or_default();
        assert!(called.as_deref().is_none_or(|called| called == own), "{resource} {region}: {request:?}");
    }
    // A bucket's ARN has no Region.
    let objects =
        on("arn:aws:s3:::b/*", "StringEquals", "us-east-1").replace("sqs:SendMessage", "s3:GetObject");
    shown(Kind::Identity, &[], &[&objects]);
}

/// KMS API reference, "PutKeyPolicy", under "Cross-account use": where it is not known whose the key is, it may be that of
/// the account that is named, or not.
#[test]
fn what_only_the_owner_calls_depends_on_who_that_is() {
    let put = |principal: &str, action: &str| {
        format!(r#"{{"Effect":"Allow","Principal":{principal},"Action":"{action}","Resource":"*"}}"#)
    };
    let root = put(r#"{"AWS":"111111111111"}"#, "kms:*");
    let role = |account: &str| format!(r#"{{"AWS":"arn:aws:iam::{account}:role/r"}}"#);
    is_not_claimed(Kind::Kms, &[&root], &[&root, &put(&role("222222222222"), "kms:PutKeyPolicy")]);
    is_not_claimed(Kind::Kms, &[], &[&put(&role("222222222222"), "kms:EnableKey")]);
    // Others can call this; whoever the owner is, everyone in its account can call it; and of two calls one counts.
    shown(Kind::Kms, &[&root], &[&root, &put(&role("222222222222"), "kms:Decrypt")]);
    shown(Kind::Kms, &[&root], &[&root, &put("\"*\"", "kms:EnableKey")]);
    shown(Kind::Kms, &[&root], &[&root, &put(&role("222222222222"), "kms:*")]);
    let sure = put(&role("111111111111"), "kms:PutKeyPolicy")
        .replace("\"Resource\":\"*\"", "\"Resource\":\"arn:aws:kms:us-east-1:111111111111:key/k\"");
    shown(Kind::Kms, &[], &[&sure]);
}

/// That nothing is claimed of a statement of which only requests are known that cannot be made.
fn is_not_claimed(kind: Kind, old: &[&str], new: &[&str]) {
    let change = change(kind, old, new);
    assert!(!change.exact && change.added.is_empty(), "{new:?}: {change:?}");
}

/// Service Authorization Reference, "Amazon S3": `GetObject` has to have an object.
#[test]
fn an_action_is_called_on_its_resource() {
    let read = r#"{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}"#;
    let deny = |resource: &str| format!(r#"{{"Effect":"Deny","Action":"s3:*","Resource":"{resource}"}}"#);
    let doubted = change(Kind::Identity, &[&deny("arn:*:*:*:*:*")], &[read, &deny("arn:*:*:*:*:*")]);
    let doubt = "a request that is shown may not be possible: `s3:GetObject` does not apply to `*`";
    assert_eq!(doubted.assumptions, [doubt], "{doubted:?}");
    let list = read.replace("GetObject", "ListAllMyBuckets");
    let request = shown(Kind::Identity, &[&deny("arn:*:*:*:*:*")], &[&list, &deny("arn:*:*:*:*:*")]);
    assert_eq!(request.action, "s3:ListAllMyBuckets");
    let request = shown(Kind::Identity, &[&deny("arn:aws:s3:::a*")], &[read, &deny("arn:aws:s3:::a*")]);
    assert!(request.resource.starts_with("arn:aws:s3:::"), "{request:?}");
}

/// IAM guide, "AWS global condition context keys": both have the time of the request; "IAM policy elements: Variables and
/// tags", under "Principal key values": the id of a session ends in its name.
#[test]
fn keys_that_say_the_same() {
    let times = |after: &str, before: &str| {
        own(&format!(
            r#"{{"DateGreaterThan":{{"aws:CurrentTime":"{after}"}},"NumericLessThan":{{"aws:EpochTime":"{before}"}}}}"#
        ))
    };
    is_not_claimed(Kind::Identity, &[], &[&times("2030-01-01T00:00:00Z", "1000")]);
    let request = shown(Kind::Identity, &[], &[&times("2030-01-01T00:00:00Z", "1999999999")]);
    let of = |key: &str| request.context.get(key).map(|value| value.values().join(","));
    assert_eq!(of("aws:EpochTime").as_deref(), Some("1893456001"), "{request:?}");
    let session = r#"{"AWS":"arn:aws:sts::111111111111:assumed-role/r/s"}"#;
    let id = |id: &str| bucket(session, &format!(r#"{{"StringLike":{{"aws:userid":"{id}"}}}}"#));
    is_not_claimed(Kind::S3, &[], &[&id("AROAABCDEFGHIJKLMNOPQ:other")]);
    for possible in ["AROAABCDEFGHIJKLMNOPQ:s", "AROAABCDEFGHIJKLMNOPQ:*", "*:s", "AROA*"] {
        let request = shown(Kind::S3, &[], &[&id(possible)]);
        let given = request.context.get("aws:userid").map(|value| value.values().join(","));
        assert!(given.is_some_and(|given| given.ends_with(":s")), "{possible}: {request:?}");
    }
}

/// IAM guide, "AWS global condition context keys", under `aws:PrincipalTag`: anonymous requests have no such key.
#[test]
fn tags_are_of_users_and_roles() {
    let tag = r#"{"StringEquals":{"aws:PrincipalTag/x":"y"}}"#;
    let bare = r#"{"Null":{"aws:PrincipalArn":"true"},"StringEquals":{"aws:PrincipalTag/x":"y"}}"#;
    is_not_claimed(Kind::S3, &[], &[&bucket(r#""*""#, bare)]);
    is_not_claimed(Kind::S3, &[], &[&bucket(r#"{"Service":"cloudtrail.amazonaws.com"}"#, tag)]);
    let request = shown(Kind::S3, &[], &[&bucket(r#""*""#, tag)]);
    assert!(matches!(request.principal, Some(Caller::Aws(_))), "{request:?}");
}

/// IAM guide, "IAM policy elements: Variables and tags", and IAM API reference, "CreateUser": the name of a user holds no
/// colon. A tag may, and the ARN that comes of it has an account where ARNs have it.
#[test]
fn what_a_variable_stands_for_can_be() {
    let source =
        |operator: &str, pattern: &str| own(&format!(r#"{{"{operator}":{{"aws:SourceArn":"{pattern}"}}}}"#));
    for name in ["aws:username", "aws:PrincipalAccount", "aws:PrincipalType", "aws:username, 'x'"] {
        for pattern in ["${NAME}", "arn:aws:sns:us-east-1:${NAME}"] {
            let pattern = pattern.replace("NAME", name);
            is_nothing(Kind::Identity, &[], &[&source("ArnEquals", &pattern)]);
        }
        // In its segment it is one of those that a star takes.
        let one = source("ArnLike", &format!("arn:aws:sns:us-east-1:${{{name}}}:t"));
        is_nothing(
            Kind::Identity,
            &[&source("ArnLike", "arn:aws:sns:us-east-1:*:t")],
            &[&source("ArnLike", "arn:aws:sns:us-east-1:*:t"), &one],
        );
    }
    let given = |request: &Request, key: &str| request.context.get(key).map(|value| value.values().join(","));
    for (pattern, arn) in [
        ("arn:aws:sns:us-east-1:${aws:PrincipalTag/arn}", "arn:aws:sns:us-east-1:999999999999:other"),
        (
            "arn:aws:sns:us-east-1:111111111111:${aws:PrincipalTag/arn}",
            "arn:aws:sns:us-east-1:111111111111:other",
        ),
        ("${aws:PrincipalTag/arn}", "arn:aws:sns:us-east-1:999999999999:other"),
        ("${aws:username, 'arn:aws:sns:us-east-1:111111111111:t'}", "arn:aws:sns:us-east-1:111111111111:t"),
    ] {
        let request = shown(Kind::Identity, &[], &[&source("ArnLike", pattern)]);
        assert_eq!(given(&request, "aws:SourceArn").as_deref(), Some(arn), "{pattern} {request:?}");
    }
    // A tag may have colons, so that a star in one segment does not take it.
    let tagged = source("ArnLike", "arn:aws:sns:us-east-1:${aws:PrincipalTag/x}:t");
    let starred = source("ArnLike", "arn:aws:sns:us-east-1:*:t");
    let wider = change(Kind::Identity, &[&starred], &[&starred, &tagged]);
    assert_ne!((wider.relation, wider.exact), (Relation::Equivalent, true), "{wider:?}");
}

/// IAM guide, "IAM policy elements: Variables and tags": in a resource they stand in the part behind the fifth colon.
#[test]
fn a_variable_before_the_last_part_of_a_resource_grants_nothing() {
    let on = |effect: &str, resource: &str| {
        format!(r#"{{"Effect":"{effect}","Action":"sqs:SendMessage","Resource":"{resource}"}}"#)
    };
    let all = on("Allow", "*");
    for resource in [
        "arn:aws:sqs:us-east-1:${aws:PrincipalAccount}:q",
        "arn:aws:sqs:${aws:RequestedRegion}:111111111111:*",
        "arn:${aws:PrincipalTag/p}:sqs:us-east-1:111111111111:q",
        "${aws:PrincipalTag/arn}",
    ] {
        is_nothing(Kind::Identity, &[], &[&on("Allow", resource)]);
        is_nothing(Kind::Identity, &[&all], &[&all, &on("Deny", resource)]);
    }
    let last = "arn:aws:sqs:us-east-1:111111111111:${aws:PrincipalTag/q}";
    let request = shown(Kind::Identity, &[], &[&on("Allow", last)]);
    assert_eq!(request.resource, "arn:aws:sqs:us-east-1:111111111111:other");
    // A character that is written like a variable is none.
    shown(
        Kind::Identity,
        &[],
        &[&on("Allow", "arn:aws:sqs:us-east-1:111111111111:a${*}b").replace("sqs:SendMessage", "sqs:*")],
    );
}

/// API Gateway guide, "API Gateway resource policy examples": `execute-api:/stage/METHOD/path` is a resource of the API
/// that has the policy.
#[test]
fn the_short_form_of_an_api_is_that_api() {
    let one = |resource: &str| {
        format!(
            r#"{{"Effect":"Allow","Principal":"*","Action":"execute-api:Invoke","Resource":"{resource}"}}"#
        )
    };
    let all = one("execute-api:/*");
    let request = shown(Kind::Resource, &[], &[&all]);
    assert!(request.resource.starts_with("arn:aws:execute-api:"), "{request:?}");
    let path = one("execute-api:/prod/GET/pets");
    let wider = change(Kind::Resource, &[&path], &[&all]);
    assert_eq!((wider.relation, wider.exact), (Relation::Broader, true));
    is_nothing(Kind::Resource, &[&all], &[&all, &path]);
    // A full ARN of some API is one of all, and a path that goes on is none of these.
    is_nothing(
        Kind::Resource,
        &[&all],
        &[&all, &one("arn:aws:execute-api:us-east-1:111111111111:abcdefghij/prod/*")],
    );
    assert_eq!(
        change(Kind::Resource, &[&path], &[&path, &one("execute-api:/prod/GET/pets/x")]).relation,
        Relation::Broader
    );
    // A policy with the short form is one of an API: no other resource is asked about.
    let with_path = |rest: &str| format!(r#"{{"Effect":"Allow","Principal":"*",{rest}}}"#);
    for rest in [
        r#""Action":"*","Resource":"execute-api:/*""#,
        r#""Action":"execute-api:Invoke","NotResource":"execute-api:/admin/*""#,
        r#""Action":["s3:GetObject","execute-api:Invoke"],"Resource":["*","execute-api:/x"]"#,
    ] {
        let request = shown(Kind::Resource, &[], &[&with_path(rest)]);
        assert_eq!(request.action, "execute-api:Invoke", "{rest}: {request:?}");
        assert!(!request.resource.contains("domainnames") && request.resource.contains(":execute-api:"));
    }
    // In an identity policy it is no ARN, and matches nothing.
    is_nothing(
        Kind::Identity,
        &[],
        &[r#"{"Effect":"Allow","Action":"execute-api:Invoke","Resource":"execute-api:/prod"}"#],
    );
}

/// KMS guide, "AWS KMS condition keys", under `kms:CallerAccount`: the account of the caller, whoever that is.
#[test]
fn two_keys_for_the_account_of_the_caller_say_the_same() {
    let deleted = |account: &str| {
        format!(
            r#"{{"Effect":"Allow","Principal":{{"AWS":"AROAEXAMPLEEXAMPLE123"}},"Action":"kms:Decrypt","Resource":"*","Condition":{{"StringEquals":{{"kms:CallerAccount":"333333333333","aws:PrincipalAccount":"{account}"}}}}}}"#
        )
    };
    shown(Kind::Kms, &[], &[&deleted("333333333333")]);
    let other = change(Kind::Kms, &[], &[&deleted("222222222222")]);
    assert!(other.added.is_empty(), "{other:?}");
    // Only S3 knows callers by their canonical user ids, and its requests have no key of KMS's.
    let canonical = format!(
        r#"{{"Effect":"Allow","Principal":{{"CanonicalUser":"{}"}},"Action":"*","Resource":"*","Condition":{{"StringEquals":{{"kms:CallerAccount":"333333333333"}}}}}}"#,
        "1".repeat(64)
    );
    let canonical = change(Kind::Resource, &[], &[&canonical]);
    assert!(canonical.added.is_empty(), "{canonical:?}");
}

/// IAM guide, "AWS JSON policy elements: Principal" and "IAM and AWS STS quotas": AWS refuses what has no such form, so
/// that what a policy grants to it is not known.
#[test]
fn a_principal_that_aws_refuses_is_no_example() {
    let to = |principal: &str| change(Kind::S3, &[], &[&bucket(principal, "{}")]);
    let long = format!(r#"{{"AWS":"arn:aws:iam::111111111111:role/{}"}}"#, "r".repeat(65));
    for refused in [
        r#"{"AWS":"arn:aws:iam:us-east-1:111111111111:role/r"}"#,
        r#"{"AWS":"arn:aws:sts::111111111111:assumed-role/path/r/s"}"#,
        r#"{"AWS":"arn:aws:iam::111111111111:user"}"#,
        r#"{"AWS":"arn:aws:iam::111111111111:group/g"}"#,
        r#"{"AWS":"arn:aws:iam::aws:role/r"}"#,
        r#"{"AWS":"arn:aws:iam::111111111111:role//r"}"#,
        r#"{"AWS":"arn:aws:iam::111111111111:role/a b"}"#,
        r#"{"AWS":"AGPAABCDEFGHIJKLMNOPQ"}"#,
        r#"{"Service":"s3"}"#,
        r#"{"Service":"S3.amazonaws.com"}"#,
        r#"{"Service":"arn:aws:iam::111111111111:role/r"}"#,
        r#"{"Federated":"*"}"#,
        long.as_str(),
    ] {
        let change = to(refused);
        assert!(!change.exact && change.added.is_empty(), "{refused}: {change:?}");
    }
    let most = format!(r#"{{"AWS":"arn:aws:iam::111111111111:role/path/{}"}}"#, "r".repeat(64));
    for taken in [
        r#"{"AWS":"arn:aws:iam::111111111111:role/path/to/r_+=,.@-"}"#,
        r#"{"AWS":"arn:aws:sts::111111111111:assumed-role/r/s@example.com"}"#,
        r#"{"AWS":"arn:aws:sts::111111111111:federated-user/f"}"#,
        r#"{"AWS":"arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1"}"#,
        r#"{"AWS":"AROAABCDEFGHIJKLMNOPQ"}"#,
        r#"{"AWS":["arn:aws:iam::111111111111:group/g","111111111111"]}"#,
        r#"{"Service":"s3.amazonaws.com"}"#,
        most.as_str(),
    ] {
        let change = to(taken);
        assert!(change.exact && change.added.len() == 1, "{taken}: {change:?}");
    }
}

fn role(principal: &str, actions: &str, condition: &str) -> String {
    format!(r#"{{"Effect":"Allow","Principal":{principal},"Action":{actions},"Condition":{condition}}}"#)
}

/// IAM guide, "Monitor and control actions taken with assumed roles" and "Pass session tags in AWS STS".
#[test]
fn what_a_session_carries_needs_a_permission() {
    let (one, assume) = (r#"{"AWS":"arn:aws:iam::111111111111:role/r"}"#, r#""sts:AssumeRole""#);
    let named = r#"{"StringEquals":{"sts:SourceIdentity":"bob"}}"#;
    let tagged = r#"{"StringEquals":{"aws:RequestTag/team":"red"}}"#;
    let unless_tagged = r#"{"StringEqualsIfExists":{"aws:RequestTag/team":"red"}}"#;
    let exact = |new: &[&str]| {
        let change = change(Kind::Trust, &[], new);
        assert_eq!(change.exact, change.added.len() == new.len(), "{new:?}: {change:?}");
        change.exact
    };
    for (condition, beside) in [(named, "sts:SetSourceIdentity"), (tagged, "sts:TagSession")] {
        assert!(!exact(&[&role(one, assume, condition)]), "{beside}");
        assert!(exact(&[&role(one, &format!(r#"[{assume},"{beside}"]"#), condition)]), "{beside}");
        assert!(exact(&[&role(one, assume, condition), &role(one, &format!("\"{beside}\""), "{}")]));
        assert!(!exact(&[&role(one, &format!("\"{beside}\""), "{}")]), "no one assumes the role");
        // It is another caller's.
        let other = r#"{"AWS":"arn:aws:iam::111111111111:role/q"}"#;
        let apart = [role(one, assume, condition), role(other, &format!("\"{beside}\""), "{}")];
        let change = change(Kind::Trust, &[&apart[1]], &[&apart[0], &apart[1]]);
        assert!(!change.exact && change.added.is_empty(), "{beside}: {change:?}");
    }
    assert!(exact(&[&role(one, assume, unless_tagged)]));
}

/// STS API reference, "AssumeRoleWithSAML" and "AssumeRoleWithWebIdentity": a token is of one provider, and without one no
/// one calls.
#[test]
fn a_token_has_the_keys_of_its_provider() {
    let of = |principal: &str, action: &str, key: &str| {
        let condition = format!(r#"{{"StringEquals":{{"{key}":"x"}}}}"#);
        let change = change(Kind::Trust, &[], &[&role(principal, action, &condition)]);
        assert_eq!(change.exact, change.added.len() == 1, "{principal} {key}: {change:?}");
        change.exact
    };
    let web = r#"{"Federated":"arn:aws:iam::111111111111:oidc-provider/id.example.com/a"}"#;
    let saml = r#"{"Federated":"arn:aws:iam::111111111111:saml-provider/p"}"#;
    let (by_web, by_saml) = (r#""sts:AssumeRoleWithWebIdentity""#, r#""sts:AssumeRoleWithSAML""#);
    assert!(of(web, by_web, "id.example.com/a:sub"));
    assert!(!of(web, by_web, "id.example.com/b:sub"));
    assert!(!of(web, by_web, "SAML:aud"));
    assert!(of(saml, by_saml, "SAML:aud"));
    assert!(!of(saml, by_saml, "id.example.com/a:sub"));
    // Whether `*` is about users of providers is open, and anonymous callers have no token.
    assert!(!change(Kind::Trust, &[], &[&role(r#""*""#, by_saml, "{}")]).exact);
}

/// IAM guide, "IAM policy elements: Variables and tags", under "Principal key values": every request with credentials has
/// `aws:userid`, of a form that the type of its caller decides.
#[test]
fn the_id_of_a_caller_has_the_form_of_its_type() {
    let role = r#"{"AWS":"arn:aws:iam::222222222222:role/r"}"#;
    let session = r#"{"AWS":"arn:aws:sts::222222222222:assumed-role/r/s"}"#;
    let user = r#"{"AWS":"arn:aws:iam::222222222222:user/u"}"#;
    let federated = r#"{"AWS":"arn:aws:sts::222222222222:federated-user/f"}"#;
    let absent = r#"{"Null":{"aws:userid":"true"}}"#;
    let like = |pattern: &str| format!(r#"{{"StringLike":{{"aws:userid":"{pattern}"}}}}"#);
    let unlike = |pattern: &str| format!(r#"{{"StringNotLike":{{"aws:userid":"{pattern}"}}}}"#);
    let (colon, no_colon, digits) = (like("*:*"), unlike("*:*"), like("????????????"));
    for (principal, nothing, some) in [
        (role, [absent, &no_colon, &like("nocolon")], [&colon, &like("AROAEXAMPLE:*"), &unlike("AROAX:*")]),
        (
            session,
            [absent, &no_colon, &like("nocolon")],
            [&colon, &like("AROAEXAMPLE:*"), &unlike("AROAX:*")],
        ),
        // Sessions of federated users that it has made are the user's.
        (
            user,
            [absent, &like("A*:x"), &like("AIDAX:*")],
            [&no_colon, &like("AIDAEXAMPLE"), &unlike("AIDAX")],
        ),
        (federated, [absent, &no_colon, &like("AIDAX")], [&colon, &like("222222222222:*"), &unlike("2:f")]),
    ] {
        nothing.iter().for_each(|condition| is_nothing(Kind::S3, &[], &[&bucket(principal, condition)]));
        for condition in some {
            shown(Kind::S3, &[], &[&bucket(principal, condition)]);
        }
    }
    // Of an account, each type; the id of the root user is the account.
    let account = r#"{"AWS":"222222222222"}"#;
    is_nothing(Kind::S3, &[], &[&bucket(account, absent)]);
    is_nothing(Kind::Identity, &[], &[&own(absent)]);
    for condition in [&colon, &no_colon, &digits, &like("222222222222")] {
        shown(Kind::S3, &[], &[&bucket(account, condition)]);
        shown(Kind::Identity, &[], &[&own(condition)]);
    }
    let root = r#"{"StringEquals":{"aws:PrincipalType":"Account","aws:userid":"333333333333"}}"#;
    is_nothing(Kind::S3, &[], &[&bucket(account, root)]);
    let denied = bucket(r#""*""#, &colon).replace("Allow", "Deny");
    is_nothing(Kind::S3, &[&denied], &[&denied, &bucket(role, "{}")]);
    assert_eq!(
        shown(Kind::S3, &[&denied], &[&denied, &bucket(user, "{}")]).principal,
        Some(Caller::Aws("arn:aws:iam::222222222222:user/u".to_owned()))
    );
    // Services have none.
    shown(Kind::S3, &[], &[&bucket(r#"{"Service":"cloudtrail.amazonaws.com"}"#, absent)]);
}
