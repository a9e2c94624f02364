use super::*;
use crate::parse::parse;

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
        r#"{"StringLike":{"SNS:Endpoint":"*@example.com"}}"#,
        r#"{"StringLike":{"aws:userId":"AROAEXAMPLE000000000:*"}}"#,
        r#"{"StringEqualsIfExists":{"aws:PrincipalOrgID":"o-a"},"Null":{"aws:principalorgid":"false"}}"#,
        r#"{"StringEquals":{"aws:SourceVpce":{"Ref":"Endpoint"}}}"#,
        r#"{"ArnEquals":{"aws:SourceArn":"${aws_sns_topic.this.arn}"}}"#,
        r#"{"StringEquals":{"aws:SourceAccount":"${AWS::AccountId}"}}"#,
        r#"{"Bool":{"aws:PrincipalIsAWSService":true}}"#,
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
        (r#"{"StringEquals":{"aws:PrincipalArn":"${aws:PrincipalArn}"}}"#, Open),
        (r#"{"IpAddress":{"aws:SourceIp":["198.51.100.0/24","0.0.0.0/0"]}}"#, Open),
        (r#"{"IpAddress":{"aws:SourceIp":["0.0.0.0/1","128.0.0.0/1"]}}"#, Open),
        (r#"{"ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":"*/r-1/*"}}"#, Open),
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

fn request(condition: &str, deny: &str) -> Option<Request> {
    let text = format!(
        r#"{{"Effect":"Allow","Principal":{{"AWS":"*"}},"Action":["s3:GetObject","s3:ListBucket"],
            "Resource":["arn:aws:s3:::b","arn:aws:s3:::b/*"],"Condition":{condition}}}{deny}"#
    );
    let policy = policy(&text);
    example(&denies(&policy), &policy.statements[0], Kind::S3, None)
}

#[test]
fn an_example_passes_every_test() {
    let plain = request("{}", "").unwrap();
    assert_eq!(
        (plain.caller, plain.action.as_str(), plain.resource.as_str()),
        (Caller::Anonymous, "s3:GetObject", "arn:aws:s3:::b/any")
    );
    let referer = request(r#"{"StringLike":{"aws:Referer":"https://example.com/*"}}"#, "").unwrap();
    assert_eq!(referer.context, [("aws:Referer".to_owned(), "https://example.com/any".to_owned())]);
    let open = request(r#"{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/Admin"}}"#, "").unwrap();
    assert_eq!(open.caller, Caller::Principal("arn:aws:iam::999999999999:role/Admin".to_owned()));
    let user = request(r#"{"StringEquals":{"aws:PrincipalType":"User"}}"#, "").unwrap();
    assert_eq!(user.caller, Caller::Principal("arn:aws:iam::999999999999:user/any".to_owned()));
    let list = request(r#"{"StringEquals":{"s3:prefix":"a"}}"#, "");
    assert_eq!(list.map(|request| request.action).as_deref(), Some("s3:ListBucket"));
    assert_eq!(request(r#"{"DateLessThan":{"aws:CurrentTime":"2030-01-01T00:00:00Z"}}"#, ""), None);
    assert_eq!(
        request(r#"{"StringEquals":{"aws:Referer":"a"},"StringNotEquals":{"aws:referer":"a"}}"#, ""),
        None
    );
}

#[test]
fn a_deny_that_may_touch_the_example_takes_it_away() {
    let deny = |rest: &str| {
        format!(
            r#",{{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::b/*",{rest}}}"#
        )
    };
    let tls = deny(r#""Condition":{"Bool":{"aws:SecureTransport":"false"}}"#);
    assert!(request("{}", &tls).is_some(), "the example goes over TLS");
    let network = deny(r#""Condition":{"NotIpAddress":{"aws:SourceIp":"198.51.100.0/24"}}"#);
    assert!(request("{}", &network).is_none());
    let organization = deny(r#""Condition":{"StringNotEquals":{"aws:PrincipalOrgID":"o-a"}}"#);
    assert!(request("{}", &organization).is_none());
    let writes = organization.replace("s3:*", "s3:PutObject");
    assert!(request("{}", &writes).is_some());
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
