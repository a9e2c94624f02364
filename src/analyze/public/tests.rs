use super::*;
use crate::analyze::request::Caller;
use crate::document::{Hints, open_policy};
use crate::parse::parse;
use crate::policy::{Arn, can_call};
use crate::source::Source;

fn policy(statements: &str) -> Policy {
    let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#);
    Policy::read(&parse(&text).tree, &text).0
}

/// A topic policy that lets everyone publish under a condition.
fn topic(condition: &str) -> Policy {
    policy(&format!(
        r#"{{"Effect":"Allow","Principal":"*","Action":"SNS:Publish","Resource":"arn:aws:sns:us-east-1:222222222222:t","Condition":{condition}}}"#
    ))
}

fn holds(condition: &str) -> Hold {
    let policy = topic(condition);
    hold(&policy.statements[0].conditions[0], &policy.statements[0], Kind::Sns)
}

#[test]
fn what_keeps_strangers_out() {
    for condition in [
        r#"{"StringEquals":{"AWS:SourceOwner":"222222222222"}}"#,
        r#"{"StringLike":{"aws:SourceAccount":["222222222222","333333333333"]}}"#,
        r#"{"ArnLike":{"aws:SourceArn":"arn:aws:s3:*:*:bucket"}}"#,
        r#"{"ArnLike":{"aws:SourceArn":"arn:aws:sns:*:222222222222:*"}}"#,
        r#"{"StringEquals":{"aws:PrincipalOrgID":"o-a1b2c3d4e5"}}"#,
        r#"{"ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":"o-a1b2c3d4e5/*"}}"#,
        r#"{"StringEquals":{"aws:PrincipalOrgID":"${aws:ResourceOrgID}"}}"#,
        r#"{"IpAddress":{"aws:SourceIp":["198.51.100.0/24","10.0.0.0/8"]}}"#,
        r#"{"StringLike":{"aws:SourceIp":"198.51.100.7"}}"#,
        r#"{"NumericEquals":{"aws:SourceAccount":"222222222222"}}"#,
        r#"{"StringLike":{"SNS:Endpoint":"*@example.com"}}"#,
        r#"{"StringEquals":{"SNS:Endpoint":"someone@gmail.com"}}"#,
        r#"{"StringLike":{"s3:DataAccessPointArn":"arn:aws:s3:*:222222222222:accesspoint/*"}}"#,
        r#"{"StringLike":{"aws:userId":"AROAEXAMPLE:*"}}"#,
        r#"{"ArnLike":{"aws:SourceArn":"arn:aws:s3:::accesspoint/x*"}}"#,
        r#"{"ArnLike":{"aws:SourceArn":"arn:aws:s3:us-east-1:222222222222:accesspoint/*"}}"#,
        r#"{"ArnEquals":{"aws:SourceVpcArn":"arn:aws:ec2:us-east-1:222222222222:vpc/vpc-1"}}"#,
        r#"{"StringEquals":{"aws:VpceAccount":"222222222222"}}"#,
        r#"{"ForAnyValue:StringLike":{"aws:VpceOrgPaths":"o-a1b2c3d4e5/*"}}"#,
        r#"{"ForAnyValue:StringLike":{"aws:SourceOrgPaths":"o-a1b2c3d4e5/r-1/*"}}"#,
        r#"{"StringEquals":{"aws:PrincipalServiceName":"cloudtrail.amazonaws.com"}}"#,
        r#"{"StringEqualsIfExists":{"aws:PrincipalOrgID":"o-a"},"Null":{"aws:principalorgid":"false"}}"#,
        r#"{"StringEquals":{"aws:SourceVpce":{"Ref":"Endpoint"}}}"#,
        r#"{"ArnEquals":{"aws:SourceArn":"${aws_sns_topic.this.arn}"}}"#,
        r#"{"StringEquals":{"aws:SourceAccount":"${AWS::AccountId}"}}"#,
        r#"{"Bool":{"aws:PrincipalIsAWSService":true}}"#,
        r#"{"StringLike":{"aws:PrincipalArn":"arn:aws:iam::222222222222:role/*"}}"#,
        r#"{"StringLike":{"aws:SourceArn":"arn:aws:s3:::bucket/*"}}"#,
        r#"{"ArnLike":{"aws:PrincipalArn":"arn:*:iam:*:222222222222:role/*"}}"#,
        r#"{"StringLike":{"aws:SourceArn":{"Fn::Sub":"arn:${AWS::Partition}:logs:${AWS::Region}:222222222222:*"}}}"#,
        r#"{"StringEquals":{"aws:SourceIp":"198.51.100.7"}}"#,
        r#"{"NumericEquals":{"aws:PrincipalAccount":"222222222222"}}"#,
    ] {
        assert_eq!(holds(condition), Hold::Fixed, "{condition}");
    }
}

#[test]
fn what_only_looks_like_it() {
    use Hold::{Absent, Negated, Open, Weak};
    for (condition, expected) in [
        (r#"{"StringEqualsIfExists":{"aws:PrincipalOrgID":"o-a1b2c3d4e5"}}"#, Absent),
        (r#"{"ForAllValues:StringEquals":{"aws:PrincipalOrgPaths":"o-a1b2c3d4e5/r/"}}"#, Absent),
        (r#"{"StringEqualsIfExists":{"aws:PrincipalAccount":"222222222222"}}"#, Absent),
        (r#"{"StringLike":{"aws:PrincipalOrgID":"o-*"}}"#, Open),
        (r#"{"StringLike":{"aws:SourceArn":"*"}}"#, Open),
        (r#"{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/Admin"}}"#, Open),
        (r#"{"ArnLike":{"aws:SourceArn":"arn:aws:s3:::bucket-*"}}"#, Open),
        (r#"{"StringEquals":{"aws:PrincipalAccount":"anonymous"}}"#, Open),
        (r#"{"StringEquals":{"aws:PrincipalAccount":["222222222222","anonymous"]}}"#, Open),
        (r#"{"StringEqualsIgnoreCase":{"aws:PrincipalAccount":"Anonymous"}}"#, Open),
        (r#"{"StringEquals":{"aws:userid":"anonymous"}}"#, Open),
        (r#"{"StringLike":{"aws:userid":"anon*"}}"#, Open),
        (r#"{"StringLike":{"aws:PrincipalArn":"arn:aws:iam:*:222222222222:role/*"}}"#, Open),
        (r#"{"StringLike":{"aws:PrincipalArn":"arn:*:iam::222222222222:role/*"}}"#, Open),
        (r#"{"StringLike":{"aws:SourceArn":"arn:aws:logs:*:222222222222:*"}}"#, Open),
        (r#"{"StringLike":{"aws:SourceArn":"arn:aws:s3:*:*:bucket"}}"#, Open),
        (r#"{"StringLike":{"SNS:Endpoint":"arn:aws:sqs:*:222222222222:*"}}"#, Open),
        (r#"{"StringLike":{"SNS:Endpoint":"*@gmail.com"}}"#, Open),
        (r#"{"StringLike":{"s3:DataAccessPointArn":"arn:aws:s3:us-east-1:*:accesspoint/*"}}"#, Open),
        (r#"{"StringLike":{"aws:SourceArn":"arn:aws:s3:*:222222222222:accesspoint/*"}}"#, Open),
        (r#"{"StringLike":{"aws:SourceIp":"*"}}"#, Open),
        (r#"{"StringLike":{"aws:SourceIp":"1.*"}}"#, Open),
        (r#"{"NumericGreaterThan":{"aws:PrincipalAccount":"0"}}"#, Open),
        (r#"{"DateGreaterThan":{"aws:SourceAccount":"1"}}"#, Open),
        (r#"{"ArnLike":{"aws:SourceArn":"arn:aws:s3:us-east-1:*:accesspoint/x"}}"#, Open),
        (r#"{"ArnLike":{"aws:SourceArn":"arn:aws:s3:*:*:accesspoint/x"}}"#, Open),
        (r#"{"ArnLike":{"aws:SourceArn":"arn:aws:s3:*:*:job/*"}}"#, Open),
        (r#"{"StringLike":{"aws:userId":"*:session"}}"#, Open),
        (r#"{"Bool":{"aws:PrincipalIsAWSService":"false"}}"#, Open),
        (r#"{"StringEquals":{"aws:PrincipalArn":"${aws:PrincipalArn}"}}"#, Open),
        (r#"{"IpAddress":{"aws:SourceIp":["198.51.100.0/24","0.0.0.0/0"]}}"#, Open),
        (r#"{"IpAddress":{"aws:SourceIp":["0.0.0.0/1","128.0.0.0/1"]}}"#, Open),
        (r#"{"ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":"*/r-1/*"}}"#, Open),
        (r#"{"StringLike":{"aws:SourceIp":"*"}}"#, Open),
        (r#"{"StringLike":{"aws:SourceIp":["198.51.100.7","1*"]}}"#, Open),
        (r#"{"NumericGreaterThan":{"aws:SourceAccount":"0"}}"#, Open),
        (r#"{"NumericLessThanEquals":{"aws:PrincipalAccount":"999999999999"}}"#, Open),
        (r#"{"DateGreaterThan":{"kms:CallerAccount":"1"}}"#, Open),
        (r#"{"StringNotEquals":{"aws:PrincipalAccount":"222222222222"}}"#, Negated),
        (r#"{"Bool":{"aws:SecureTransport":"true"}}"#, Weak),
        (r#"{"StringLike":{"aws:Referer":"https://example.com/*"}}"#, Weak),
        (r#"{"Null":{"aws:PrincipalOrgID":"false"}}"#, Weak),
    ] {
        assert_eq!(holds(condition), expected, "{condition}");
    }
}

#[test]
fn a_key_that_every_caller_sends_holds_where_credentials_are_needed() {
    let policy = topic(r#"{"StringEqualsIfExists":{"kms:CallerAccount":"222222222222"}}"#);
    let statement = &policy.statements[0];
    assert!(pinned(statement, Kind::Kms).is_some());
    assert!(pinned(statement, Kind::Sns).is_none());
}

fn ask(text: &str, kind: Kind) -> Public {
    let text = format!(r#"{{"Version":"2012-10-17","Statement":[{text}]}}"#);
    let hints = Hints { kind: Some(kind), ..Hints::default() };
    answer(&open_policy(Source::new("test", text), &hints))
}

fn bucket(condition: &str, deny: &str) -> Public {
    let allow = format!(
        r#"{{"Effect":"Allow","Principal":{{"AWS":"*"}},"Action":["s3:GetObject","s3:ListBucket"],
            "Resource":["arn:aws:s3:::b","arn:aws:s3:::b/*"],"Condition":{condition}}}{deny}"#
    );
    ask(&allow, Kind::S3)
}

fn request(condition: &str, deny: &str) -> Request {
    match bucket(condition, deny) {
        Public::Witness(stranger) => stranger.request,
        other => panic!("{condition} {deny}: {other:?}"),
    }
}

fn role(name: &str) -> Option<Caller> {
    Some(Caller::Aws(format!("arn:aws:iam::999999999999:{name}")))
}

#[test]
fn an_example_passes_every_test() {
    let plain = request("{}", "");
    assert_eq!(
        (plain.principal, plain.action.as_str(), plain.resource.as_str()),
        (Some(Caller::Anonymous), "s3:GetObject", "arn:aws:s3:::b/any")
    );
    let referer = request(r#"{"StringLike":{"aws:Referer":"https://example.com/*"}}"#, "");
    assert_eq!(referer.context.get("aws:referer").unwrap().values(), ["https://example.com/any"]);
    let open = request(r#"{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/Admin"}}"#, "");
    assert_eq!(open.principal, role("role/Admin"));
    let user = request(r#"{"StringEquals":{"aws:PrincipalType":"User"}}"#, "");
    assert_eq!(user.principal, role("user/any"));
    let list = request(r#"{"StringEquals":{"s3:prefix":"a"}}"#, "");
    assert_eq!(list.action, "s3:ListBucket");
    // Where no value is at hand, the engine finds one.
    let before = request(r#"{"DateLessThan":{"aws:CurrentTime":"2030-01-01T00:00:00Z"}}"#, "");
    assert_eq!(before.context.get("aws:CurrentTime").unwrap().values(), ["2029-12-31T23:59:59Z"]);
    let never = r#"{"StringEquals":{"aws:Referer":"a"},"StringNotEquals":{"aws:referer":"a"}}"#;
    assert!(matches!(bucket(never, ""), Public::ByS3(_)), "nobody gets in");
}

#[test]
fn a_deny_takes_strangers_out_or_leaves_some() {
    let deny = |rest: &str| {
        format!(
            r#",{{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::b/*",{rest}}}"#
        )
    };
    let all = |rest: &str| deny(rest).replace("arn:aws:s3:::b/*", "*");
    request("{}", &all(r#""Condition":{"Bool":{"aws:SecureTransport":"false"}}"#));
    let network = r#""Condition":{"NotIpAddress":{"aws:SourceIp":"198.51.100.0/24"}}"#;
    assert!(matches!(bucket("{}", &all(network)), Public::ByS3(_)));
    let listed = request("{}", &deny(network));
    assert_eq!(listed.resource, "arn:aws:s3:::b", "the bucket itself is not denied");
    let organization = r#""Condition":{"StringNotEquals":{"aws:PrincipalOrgID":"o-a"}}"#;
    assert!(matches!(bucket("{}", &all(organization)), Public::ByS3(_)));
    request("{}", &all(organization).replace("s3:*", "s3:PutObject"));
    // Each keeps out some, and together all.
    let halves = all(organization).replace("s3:*", "s3:Get*") + &all(organization).replace("s3:*", "s3:L*");
    assert!(matches!(bucket("{}", &halves), Public::ByS3(_)));
    // Some addresses only.
    let some = request("{}", &all(r#""Condition":{"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}"#));
    assert!(!some.context.get("aws:SourceIp").unwrap().values()[0].starts_with("203.0.113."));
    assert_eq!((some.action.as_str(), some.resource.as_str()), ("s3:GetObject", "arn:aws:s3:::b/any"));
    let unread = deny(r#""Conditions":{}"#);
    assert!(matches!(bucket("{}", &unread), Public::ByS3(_)));
}

#[test]
fn policies_of_other_kinds() {
    let to = |principal: &str, rest: &str| {
        format!(r#"{{"Effect":"Allow",{principal},"Action":"*","Resource":"*"{rest}}}"#)
    };
    for kind in
        [Kind::Kms, Kind::Sns, Kind::Sqs, Kind::Lambda, Kind::SecretsManager, Kind::Ecr, Kind::Resource]
    {
        let public = |principal: &str, rest: &str| ask(&to(principal, rest), kind);
        assert!(matches!(public(r#""Principal":"*""#, ""), Public::Witness(_)), "{kind}");
        assert_eq!(
            public(r#""Principal":{"AWS":"111111111111","Service":"s3.amazonaws.com"}"#, ""),
            Public::Proved
        );
        let not = r#""NotPrincipal":{"AWS":"111111111111"}"#;
        let Public::Witness(stranger) = public(not, "") else { panic!("{kind}") };
        assert_eq!(stranger.request.principal, role("role/any"));
        let held = r#","Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-a"}}"#;
        assert_eq!(public(r#""Principal":"*""#, held), Public::Proved);
        assert_eq!(public(not, held), Public::Proved);
    }
    let trust = |principal: &str| {
        ask(
            &format!(r#"{{"Effect":"Allow","Principal":{principal},"Action":"sts:AssumeRole"}}"#),
            Kind::Trust,
        )
    };
    assert!(matches!(trust("\"*\""), Public::Witness(_)));
    assert_eq!(trust(r#"{"AWS":"111111111111"}"#), Public::Proved);
    // A policy that names no one, or only limits.
    assert_eq!(ask(r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#, Kind::Identity), Public::Proved);
    assert_eq!(ask(&to(r#""Principal":"*""#, ""), Kind::Endpoint), Public::Proved);
    let odd = r#"{"Effect":"Allow","Principal":"*","Action":5,"Resource":"*"}"#;
    assert!(matches!(ask(odd, Kind::Sqs), Public::NotProved(_)));
}

/// What can be done with a key is public, not what only its policy says.
#[test]
fn what_a_policy_cannot_be_about_is_not_public() {
    let of = |action: &str, resource: &str| {
        let text =
            format!(r#"{{"Effect":"Allow","Principal":"*","Action":{action},"Resource":"{resource}"}}"#);
        ask(&text, Kind::Kms)
    };
    for (action, resource) in [
        (r#""s3:GetObject""#, "*"),
        (r#"["kms:ListKeys","sqs:*"]"#, "*"),
        (r#""kms:Decrypt""#, "arn:aws:s3:::b"),
    ] {
        assert_eq!(of(action, resource), Public::Proved, "{action} {resource}");
    }
    for action in [r#"["s3:GetObject","kms:Decrypt"]"#, r#"["kms:ListKeys","kms:NotYetKnown"]"#] {
        match of(action, "*") {
            Public::Witness(stranger) => assert!(stranger.request.action.starts_with("kms:"), "{stranger:?}"),
            other => panic!("{action}: {other:?}"),
        }
    }
}

#[test]
fn a_principal_to_be_filled_in_may_be_everyone_unless_a_part_of_it_is_known() {
    let of = |principal: &str| {
        ask(
            &format!(r#"{{"Effect":"Allow","Principal":{{"AWS":{principal}}},"Action":"*","Resource":"*"}}"#),
            Kind::Sqs,
        )
    };
    for open in [r#""<principal>""#, r#"{"Ref":"Who"}"#, r#"["111111111111",{"Ref":"Who"}]"#] {
        assert!(matches!(of(open), Public::NotProved(_)), "{open}");
    }
    for known in [
        r#""arn:<partition>:iam::111111111111:root""#,
        r#""arn:aws:iam::<account>:role/r""#,
        r#"{"Fn::Sub":"arn:${AWS::Partition}:iam::111111111111:root"}"#,
        r#"{"Ref":"AWS::AccountId"}"#,
    ] {
        assert_eq!(of(known), Public::Proved, "{known}");
    }
}

/// Whoever a provider signs in is the public, unless a condition on audience or subject says for whom; and where
/// all customers share the provider, one on what tells them apart.
#[test]
fn users_of_a_provider_are_the_public_unless_a_condition_fixes_them() {
    let trust = |provider: &str, condition: &str| {
        ask(
            &format!(
                r#"{{"Effect":"Allow","Principal":{{"Federated":"{provider}"}},"Action":"sts:AssumeRoleWithWebIdentity","Condition":{condition}}}"#
            ),
            Kind::Trust,
        )
    };
    let github = "arn:aws:iam::222222222222:oidc-provider/token.actions.githubusercontent.com";
    let own = "arn:aws:iam::222222222222:oidc-provider/login.example.com";
    for (provider, condition) in [
        (own, "{}"),
        (own, r#"{"StringNotEquals":{"login.example.com:sub":"x"}}"#),
        (own, r#"{"StringLike":{"login.example.com:sub":"*"}}"#),
        (github, "{}"),
        (github, r#"{"StringEquals":{"token.actions.githubusercontent.com:aud":"sts.amazonaws.com"}}"#),
        (github, r#"{"StringLike":{"token.actions.githubusercontent.com:sub":"repo:*"}}"#),
        ("accounts.google.com", "{}"),
        (
            "cognito-identity.amazonaws.com",
            r#"{"StringLike":{"cognito-identity.amazonaws.com:aud":"us-east-1:*"}}"#,
        ),
        ("accounts.google.com", r#"{"NumericGreaterThan":{"accounts.google.com:sub":"0"}}"#),
        (github, r#"{"StringLike":{"token.actions.githubusercontent.com:repository":"oct*"}}"#),
        (github, r#"{"StringLike":{"token.actions.githubusercontent.com:repository_owner_id":"1*"}}"#),
        (
            github,
            r#"{"StringLike":{"token.actions.githubusercontent.com:job_workflow_ref":"octo*/ci/x.yml@*"}}"#,
        ),
        (github, r#"{"StringEquals":{"token.actions.githubusercontent.com:environment":"prod"}}"#),
        (github, r#"{"StringEquals":{"token.actions.githubusercontent.com:sub":"environment:prod"}}"#),
        (github, r#"{"StringLike":{"token.actions.githubusercontent.com:sub":"workflow:deploy:ref:*"}}"#),
        (github, r#"{"StringLike":{"token.actions.githubusercontent.com:sub":"repository_owner_id:12*"}}"#),
        (github, r#"{"StringLike":{"token.actions.githubusercontent.com:sub":"repo:*@123/app:*"}}"#),
        (
            "cognito-identity.amazonaws.com",
            r#"{"ForAnyValue:StringLike":{"cognito-identity.amazonaws.com:amr":"authenticated"}}"#,
        ),
    ] {
        let Public::Witness(stranger) = trust(provider, condition) else { panic!("{provider} {condition}") };
        assert_eq!(stranger.request.principal, Some(Caller::Federated(provider.to_owned())), "{condition}");
        assert_eq!(stranger.request.action, "sts:AssumeRoleWithWebIdentity");
    }
    // No token of the provider has such a key.
    let of_another = trust(own, r#"{"StringEquals":{"other.example.com:aud":"x"}}"#);
    assert!(matches!(of_another, Public::NotProved(_)), "{of_another:?}");
    for (provider, condition) in [
        (own, r#"{"StringEquals":{"login.example.com:aud":"app"}}"#),
        (own, r#"{"StringEquals":{"LOGIN.example.com:sub":"alice"}}"#),
        (github, r#"{"StringLike":{"token.actions.githubusercontent.com:sub":"repo:octo/app:*"}}"#),
        (github, r#"{"StringEquals":{"token.actions.githubusercontent.com:repository_owner_id":"1"}}"#),
        (github, r#"{"StringEquals":{"token.actions.githubusercontent.com:repository_id":"1"}}"#),
        (github, r#"{"StringEquals":{"token.actions.githubusercontent.com:repository_owner":"octo"}}"#),
        (github, r#"{"StringLike":{"token.actions.githubusercontent.com:sub":"repository_owner_id:123:*"}}"#),
        (
            github,
            r#"{"StringLike":{"token.actions.githubusercontent.com:sub":"environment:prod:repository_owner:octo:*"}}"#,
        ),
        (
            github,
            r#"{"StringLike":{"token.actions.githubusercontent.com:sub":"repo:octo/app:job_workflow_ref:octo/ci/*"}}"#,
        ),
        (
            github,
            r#"{"StringLike":{"token.actions.githubusercontent.com:sub":"repo:octo/*","token.actions.githubusercontent.com:job_workflow_ref":"octo/ci/x.yml@*"}}"#,
        ),
        (github, r#"{"StringLike":{"token.actions.githubusercontent.com:sub":"repo:octo@123/app@4:*"}}"#),
        (github, r#"{"StringLike":{"token.actions.githubusercontent.com:sub":"repo:octo@*/app@*"}}"#),
        (github, r#"{"StringEquals":{"token.actions.githubusercontent.com:sub":"octo/app"}}"#),
        (github, r#"{"IpAddress":{"aws:SourceIp":"198.51.100.0/24"}}"#),
        ("accounts.google.com", r#"{"StringEquals":{"accounts.google.com:aud":"app"}}"#),
        ("arn:aws:iam::222222222222:saml-provider/Corp", "{}"),
        (github, r#"{"StringLike":{"token.actions.githubusercontent.com:repository":"octo/*"}}"#),
        (
            github,
            r#"{"StringLike":{"token.actions.githubusercontent.com:sub":"repo:octo/${aws:RequestTag/x}:*"}}"#,
        ),
        (own, r#"{"StringEquals":{"login.example.com:sub":"${aws:ResourceAccount}"}}"#),
    ] {
        assert_eq!(trust(provider, condition), Public::Proved, "{provider} {condition}");
    }
    // GitHub docs, "Using OpenID Connect with reusable workflows": the claim names the workflow that is called.
    for test in [
        r#""token.actions.githubusercontent.com:sub":"job_workflow_ref:octo/ci/*""#,
        r#""token.actions.githubusercontent.com:job_workflow_ref":"octo/ci/x.yml@*""#,
    ] {
        let Public::NotProved(why) = trust(github, &format!(r#"{{"StringLike":{{{test}}}}}"#)) else {
            panic!("{test}")
        };
        assert!(why.contains("reusable workflow"), "{why}");
    }
}

/// A text that is not known fixes a subject where no wildcard in it could take in others.
#[test]
fn what_is_not_known_of_a_subject_may_be_a_wildcard() {
    let github = "token.actions.githubusercontent.com";
    let trust = |operator: &str, claim: &str, value: &str| {
        ask(
            &format!(
                r#"{{"Effect":"Allow","Principal":{{"Federated":"arn:aws:iam::222222222222:oidc-provider/{github}"}},"Action":"sts:AssumeRoleWithWebIdentity","Condition":{{"{operator}":{{"{github}:{claim}":{value}}}}}}}"#
            ),
            Kind::Trust,
        )
    };
    for (operator, claim, value) in [
        ("StringLike", "sub", r#"{"Fn::Sub":"repo:${Org}/*"}"#),
        ("StringLike", "sub", r#"{"Ref":"Subject"}"#),
        ("StringLike", "sub", r#"["repo:octo/app:*",{"Fn::Sub":"repo:${Org}/app:*"}]"#),
        ("StringLike", "sub", r#""repo:<org>/app:*""#),
        ("StringLike", "sub", r#"{"Fn::Sub":"repository_owner_id:${Id}"}"#),
        ("StringLike", "repository_owner_id", r#"{"Ref":"Owner"}"#),
        ("StringLike", "repository", r#"{"Fn::Sub":"${Org}/app"}"#),
        // It may be `environment:production`.
        ("StringEquals", "sub", r#"{"Ref":"Subject"}"#),
        // Not all tokens have it.
        ("StringEqualsIfExists", "enterprise_id", r#""1""#),
        ("ForAllValues:StringEquals", "repository_owner", r#""octo""#),
    ] {
        let answer = trust(operator, claim, value);
        assert!(matches!(answer, Public::NotProved(_)), "{operator} {claim} {value} {answer:?}");
    }
    for (operator, claim, value) in [
        ("StringLike", "sub", r#"{"Fn::Sub":"repo:octo/${Repo}:*"}"#),
        ("StringLike", "sub", r#"{"Fn::Sub":"repo:octo-${AWS::AccountId}/*"}"#),
        ("StringLike", "sub", r#"{"Fn::Sub":"repository_owner_id:123:${Rest}"}"#),
        ("StringEquals", "sub", r#"{"Fn::Sub":"repo:${Org}/${Repo}:ref:refs/heads/main"}"#),
        ("StringEquals", "repository_owner_id", r#"{"Ref":"Owner"}"#),
        ("StringLike", "repository", r#"{"Fn::Sub":"octo/${Repo}"}"#),
        ("StringEqualsIfExists", "repository_owner_id", r#""1""#),
    ] {
        assert_eq!(trust(operator, claim, value), Public::Proved, "{operator} {claim} {value}");
    }
    // A provider of the template's own account is known but for that.
    let own = |provider: &str, subject: &str| {
        ask(
            &format!(
                r#"{{"Effect":"Allow","Principal":{{"Federated":{provider}}},"Action":"sts:AssumeRoleWithWebIdentity","Condition":{{"StringLike":{{"{github}:sub":{subject}}}}}}}"#
            ),
            Kind::Trust,
        )
    };
    for account in ["${AWS::AccountId}", "${Account}"] {
        let provider = format!(r#"{{"Fn::Sub":"arn:aws:iam::{account}:oidc-provider/{github}"}}"#);
        assert_eq!(own(&provider, r#""repo:octo/app:*""#), Public::Proved, "{provider}");
        assert_ne!(own(&provider, r#""repo:*""#), Public::Proved, "{provider}");
        assert_ne!(own(&provider, r#"{"Fn::Sub":"repo:${Org}/*"}"#), Public::Proved, "{provider}");
    }
    let provider =
        format!(r#"{{"Fn::Sub":"arn:${{AWS::Partition}}:iam::${{AWS::AccountId}}:oidc-provider/{github}"}}"#);
    let Public::Witness(stranger) = own(&provider, r#""repo:*""#) else { panic!("{provider}") };
    let caller = format!("arn:aws:iam::111111111111:oidc-provider/{github}");
    assert_eq!(stranger.request.principal, Some(Caller::Federated(caller)));
    let unknown = r#"{"Fn::Sub":"arn:aws:iam::${AWS::AccountId}:oidc-provider/${Host}"}"#;
    assert!(matches!(own(unknown, r#""repo:octo/app:*""#), Public::NotProved(_)));
    // A variable is one in a text that is filled in, too.
    for value in [
        r#"{"Fn::Sub":"repo:${!sts:RoleSessionName}/${Repo}:*"}"#,
        r#"{"Fn::Sub":"repo:octo${!aws:RequestTag/x}/*"}"#,
    ] {
        assert_ne!(trust("StringLike", "sub", value), Public::Proved, "{value}");
        assert_ne!(trust("StringEquals", "sub", value), Public::Proved, "{value}");
    }
    // What is open all the same is open.
    for value in [r#"["repo:*",{"Ref":"Subject"}]"#, r#"{"Fn::Sub":"environment:${Name}"}"#] {
        assert_ne!(trust("StringLike", "sub", value), Public::Proved, "{value}");
    }
    assert!(matches!(trust("StringLike", "sub", r#"["repo:*",{"Ref":"Subject"}]"#), Public::Witness(_)));
}

/// What the caller or the token fills in fixes no one; nor does it where it is fixed before.
#[test]
fn a_variable_that_the_caller_chooses_fixes_no_subject() {
    let github = "token.actions.githubusercontent.com";
    let trust = |operator: &str, subject: &str, deny: &str| {
        let allow = format!(
            r#"{{"Effect":"Allow","Principal":{{"Federated":"arn:aws:iam::222222222222:oidc-provider/{github}"}},"Action":["sts:AssumeRoleWithWebIdentity","sts:TagSession"],"Condition":{{"{operator}":{{"{github}:sub":"{subject}"}}}}}}"#
        );
        ask(&format!("{allow}{deny}"), Kind::Trust)
    };
    for (operator, subject) in [
        ("StringLike", "${token.actions.githubusercontent.com:sub}"),
        ("StringEquals", "${token.actions.githubusercontent.com:sub}"),
        ("StringEqualsIgnoreCase", "${token.actions.githubusercontent.com:sub}"),
        ("StringLike", "repo:${sts:RoleSessionName}/*"),
        ("StringLike", "repo:${aws:RequestTag/x}/*"),
        ("StringLike", "repo:${token.actions.githubusercontent.com:actor}/*"),
        ("StringLike", "repo:octo${aws:RequestTag/x, 'a'}/*"),
    ] {
        let Public::Witness(stranger) = trust(operator, subject, "") else { panic!("{operator} {subject}") };
        let subject = stranger.request.context.get(&format!("{github}:sub")).unwrap().values();
        assert!(subject.iter().all(|subject| !subject.contains(['*', '$'])), "{subject:?}");
    }
    for subject in ["repo:octo/${aws:RequestTag/x}", "repo:${*}/x"] {
        assert_eq!(trust("StringLike", subject, ""), Public::Proved, "{subject}");
    }
    // A Deny for all other subjects takes the rest back.
    let deny = |principal: &str, operator: &str, subject: &str| {
        format!(
            r#",{{"Effect":"Deny","Principal":{principal},"Action":"sts:*","Condition":{{"{operator}":{{"{github}:sub":"{subject}"}}}}}}"#
        )
    };
    let provider = format!(r#"{{"Federated":"arn:aws:iam::222222222222:oidc-provider/{github}"}}"#);
    let all = |deny: &str| trust("StringLike", "repo:*", deny);
    for principal in ["\"*\"", &provider] {
        assert_eq!(all(&deny(principal, "StringNotLike", "repo:octo/*")), Public::Proved);
        assert_ne!(all(&deny(principal, "StringNotLike", "repo:oct*")), Public::Proved);
        assert_ne!(all(&deny(principal, "StringNotLike", "${sts:RoleSessionName}")), Public::Proved);
        assert_ne!(all(&deny(principal, "StringLike", "repo:octo/*")), Public::Proved);
    }
    let other = r#"{"Federated":"arn:aws:iam::222222222222:oidc-provider/login.example.com"}"#;
    assert_ne!(all(&deny(other, "StringNotLike", "repo:octo/*")), Public::Proved);
}

/// What S3 calls public is public, although no one is known to get in; of other kinds a stranger decides.
#[test]
fn of_a_bucket_s3_has_the_last_word() {
    let open = r#"{"ArnLike":{"aws:SourceArn":"arn:aws:logs:*:222222222222:*"}}"#;
    assert!(matches!(bucket(open, ""), Public::ByS3(why) if why.contains("`aws:SourceArn`")));
    let deny = r#",{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*","Condition":{"StringNotEquals":{"aws:PrincipalOrgID":"o-a"}}}"#;
    assert!(matches!(bucket("{}", deny), Public::ByS3(_)), "what a Deny takes back does not count");
    assert_eq!(bucket(r#"{"StringEquals":{"aws:PrincipalOrgID":"o-a"}}"#, ""), Public::Proved);
    let topic = format!(
        r#"{{"Effect":"Allow","Principal":"*","Action":"SNS:Publish","Resource":"*","Condition":{open}}}{deny}"#
    );
    assert_eq!(ask(&topic.replace("s3:*", "sns:*"), Kind::Sns), Public::Proved);
}

/// A value that its operator cannot read holds no one.
#[test]
fn a_value_that_cannot_be_read_is_open() {
    let address = r#"{"IpAddress":{"aws:SourceIp":"abc"}}"#;
    assert!(matches!(bucket(address, ""), Public::NotProved(_)));
    let allow = r#"{"Effect":"Allow","Principal":"*","Action":"SNS:Publish","Resource":"*""#;
    let topic = |condition: &str| ask(&format!(r#"{allow},"Condition":{condition}}}"#), Kind::Sns);
    assert!(matches!(topic(address), Public::NotProved(_)));
    let denied = address.replace("IpAddress", "NotIpAddress");
    let denied = format!(r#"{allow}}},{},"Condition":{denied}}}"#, allow.replace("Allow", "Deny"));
    assert!(matches!(ask(&denied, Kind::Sns), Public::NotProved(_)));
    let held = r#"{"NumericNotEquals":{"foo:x":"abc"},"StringEquals":{"aws:PrincipalOrgID":"o-a1b2c3d4e5"}}"#;
    assert_eq!(topic(held), Public::Proved);
}

#[test]
fn a_pattern_of_less_than_an_arn_is_open() {
    for open in ["*", "arn:aws:sns", "arn:aws:sns:*"] {
        let condition = format!(r#"{{"ArnLike":{{"aws:SourceArn":"{open}"}}}}"#);
        let allow = r#"{"Effect":"Allow","Principal":"*","Action":"SNS:Publish","Resource":"*""#;
        let topic = |statements: &str| ask(statements, Kind::Sns);
        assert!(matches!(topic(&format!(r#"{allow},"Condition":{condition}}}"#)), Public::NotProved(_)));
        let deny = allow.replace("Allow", "Deny");
        let denied = format!(r#"{allow}}},{deny},"Condition":{}}}"#, condition.replace("Like", "NotLike"));
        assert!(matches!(topic(&denied), Public::NotProved(_)), "{denied}");
    }
    // S3 looks at what is written.
    assert!(matches!(bucket(r#"{"ArnLike":{"aws:SourceArn":"*"}}"#, ""), Public::ByS3(_)));
}

/// IAM guide, "AWS global condition context keys": what requests without credentials say fixes no one, and no one else
/// says it.
#[test]
fn what_only_anonymous_callers_have_fixes_no_one() {
    for condition in [
        r#"{"StringEquals":{"aws:PrincipalAccount":"anonymous"}}"#,
        r#"{"StringEqualsIgnoreCase":{"aws:PrincipalAccount":["ANONYMOUS","111111111111"]}}"#,
        r#"{"StringEquals":{"aws:userid":"anonymous"}}"#,
        r#"{"StringEqualsIgnoreCase":{"aws:userid":"anonymous"}}"#,
        r#"{"StringLike":{"aws:userid":["AROAEXAMPLE:*","anonymous"]}}"#,
    ] {
        let allow = format!(
            r#"{{"Effect":"Allow","Principal":"*","Action":"sqs:SendMessage","Resource":"*","Condition":{condition}}}"#
        );
        let Public::Witness(stranger) = ask(&allow, Kind::Sqs) else { panic!("{condition}") };
        assert_eq!(stranger.request.principal, Some(Caller::Anonymous), "{condition}");
        let deny = allow.replace("Allow", "Deny").replace("Equals", "NotEquals").replace("Like", "NotLike");
        let spared = format!(
            r#"{{"Effect":"Allow","Principal":"*","Action":"sqs:SendMessage","Resource":"*"}},{deny}"#
        );
        let Public::Witness(stranger) = ask(&spared, Kind::Sqs) else { panic!("{deny}") };
        assert_eq!(stranger.request.principal, Some(Caller::Anonymous), "{deny}");
    }
}

/// The path of a role may hold colons, and so may other names: to `StringLike` the account must be in front of the `*`.
#[test]
fn a_star_that_runs_across_the_account_fixes_no_one() {
    let queue = |operator: &str, pattern: &str| {
        ask(
            &format!(
                r#"{{"Effect":"Allow","Principal":"*","Action":"sqs:SendMessage","Resource":"*","Condition":{{"{operator}":{{"aws:PrincipalArn":"{pattern}"}}}}}}"#
            ),
            Kind::Sqs,
        )
    };
    for pattern in
        ["arn:aws:iam:*:111111111111:role/*", "arn:*:iam::111111111111:role/*", "arn:aws:*::111111111111:*"]
    {
        let Public::Witness(stranger) = queue("StringLike", pattern) else { panic!("{pattern}") };
        let Some(Caller::Aws(arn)) = stranger.request.principal else { panic!("{pattern}") };
        assert_ne!(Arn::parse(&arn).unwrap().account, "111111111111", "{arn}");
        assert_eq!(queue("ArnLike", pattern), Public::Proved, "{pattern}");
    }
    assert_eq!(queue("StringLike", "arn:aws:iam::111111111111:role/*"), Public::Proved);
}

#[test]
fn many_narrow_ranges_may_be_everyone() {
    let of = |count: usize, prefix: u8| {
        let ranges: Vec<String> = (0..count).map(|at| format!("\"{at}.0.0.0/{prefix}\"")).collect();
        let condition = format!(r#"{{"IpAddress":{{"aws:SourceIp":[{}]}}}}"#, ranges.join(","));
        bucket(&condition, "")
    };
    assert!(matches!(of(256, 8), Public::Witness(_)));
    assert!(matches!(of(200, 8), Public::Witness(_)));
    assert_eq!(of(16, 8), Public::Proved);
    assert_eq!(of(256, 24), Public::Proved);
}

#[test]
fn a_deny_for_all_but_chosen_callers_takes_an_allow_back() {
    let allow = r#"{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}"#;
    let taken = |deny: &str| {
        let policy = policy(&format!("{allow},{{\"Effect\":\"Deny\",{deny}}}"));
        taken_back(&denies(&policy), &policy.statements[0], Kind::S3).is_some()
    };
    let all = r#""Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::b*""#;
    assert!(taken(all));
    assert!(taken(&format!(
        r#"{all},"Condition":{{"StringNotEqualsIfExists":{{"aws:PrincipalOrgID":"o-a"}},"BoolIfExists":{{"aws:PrincipalIsAWSService":"false"}}}}"#
    )));
    assert!(taken(r#""NotPrincipal":{"AWS":"111111111111"},"Action":"s3:*","Resource":"*""#));
    assert!(!taken(&format!(r#"{all},"Condition":{{"Bool":{{"aws:SecureTransport":"false"}}}}"#)));
    assert!(!taken(&format!(r#"{all},"Condition":{{"StringEquals":{{"aws:PrincipalOrgID":"o-a"}}}}"#)));
    assert!(!taken(&format!(
        r#"{all},"Condition":{{"ForAnyValue:StringNotLike":{{"aws:PrincipalOrgPaths":"o-a/*"}}}}"#
    )));
    assert!(!taken(r#""Principal":"*","Action":"s3:PutObject","Resource":"*""#));
    assert!(!taken(r#""Principal":{"AWS":"111111111111"},"Action":"s3:*","Resource":"*""#));
}

/// KMS API reference, "Cross-account use"; SQS API reference, "SetQueueAttributes".
#[test]
fn what_only_the_owners_account_can_call_is_not_public() {
    let of = |kind, action: &str| {
        let text = format!(r#"{{"Effect":"Allow","Principal":"*","Action":{action},"Resource":"*"}}"#);
        ask(&text, kind)
    };
    assert_eq!(of(Kind::Kms, r#"["kms:PutKeyPolicy","kms:ScheduleKeyDeletion"]"#), Public::Proved);
    for (kind, action, called) in [
        (Kind::Kms, r#""kms:*""#, "kms:Decrypt"),
        (Kind::Kms, r#"["kms:PutKeyPolicy","kms:CreateGrant"]"#, "kms:CreateGrant"),
        (Kind::Sqs, r#"["sqs:SetQueueAttributes","sqs:SendMessage"]"#, "sqs:SendMessage"),
    ] {
        match of(kind, action) {
            Public::Witness(stranger) => assert_eq!(stranger.request.action, called),
            other => panic!("{action}: {other:?}"),
        }
    }
    // Whether a request that no one signed is taken is not documented.
    assert!(matches!(of(Kind::Sqs, r#""sqs:SetQueueAttributes""#), Public::NotProved(_)));
    // S3 has its own definition.
    assert!(matches!(of(Kind::S3, r#""s3:PutBucketPolicy""#), Public::ByS3(_)));
}

#[test]
fn a_stranger_is_a_caller_that_can_be() {
    let of = |effect: &str, condition: &str| {
        let text = format!(
            r#"{{"Effect":"{effect}","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*","Condition":{condition}}}"#
        );
        let all =
            r#"{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}"#;
        let text = if effect == "Deny" { format!("{all},{text}") } else { text };
        ask(&text, Kind::S3)
    };
    match of("Allow", r#"{"StringLike":{"aws:PrincipalArn":"*111111111111*"}}"#) {
        Public::Witness(stranger) => {
            let Some(Caller::Aws(caller)) = &stranger.request.principal else { panic!("{stranger:?}") };
            assert!(can_call(caller), "{caller}");
        }
        other => panic!("{other:?}"),
    }
    // All but users of a provider, who have no credentials for S3, have the key.
    assert!(!matches!(of("Deny", r#"{"Null":{"aws:PrincipalAccount":"false"}}"#), Public::Witness(_)));
}

/// An example of a stranger calls from another account than that of the resource.
#[test]
fn a_stranger_is_of_another_account() {
    let of = |action: &str, resource: &str, kind: Kind| {
        let statement =
            format!(r#"{{"Effect":"Allow","Principal":"*","Action":"{action}","Resource":{resource}}}"#);
        let Public::Witness(stranger) = ask(&statement, kind) else { panic!("{statement}") };
        let Some(Caller::Aws(caller)) = &stranger.request.principal else { panic!("{statement}") };
        let account = |arn: &str| Arn::parse(arn).unwrap().account.to_owned();
        (account(caller), account(&stranger.request.resource))
    };
    let stranger = "999999999999".to_owned();
    for (resource, owner) in [
        (r#""arn:aws:sqs:us-east-1:*:q""#, "111111111111"),
        (r#""arn:aws:sqs:*:*:*""#, "111111111111"),
        (r#""arn:aws:sqs:us-east-1:222222222222:q""#, "222222222222"),
        // No other account has it.
        (r#""arn:aws:sqs:us-east-1:999999999999:q""#, "999999999999"),
    ] {
        assert_eq!(
            of("sqs:SendMessage", resource, Kind::Sqs),
            (stranger.clone(), owner.to_owned()),
            "{resource}"
        );
    }
}
