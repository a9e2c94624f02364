//! `lint` and `diff --fail-on-public` have one definition of public: what the one finds, the other does not pass.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use polmerge::analyze::public::{Public, answer};
use polmerge::document::{Document, Hints, open_policy};
use polmerge::lint::{Settings, lint};
use polmerge::{Kind, Source};
use serde_json::{Value, json};

const PRINCIPALS: [&str; 9] = [
    r#"{"Principal":"*"}"#,
    r#"{"Principal":{"AWS":"*"}}"#,
    r#"{"Principal":{"AWS":["*","arn:aws:iam::111111111111:role/r"]}}"#,
    r#"{"NotPrincipal":{"AWS":"arn:aws:iam::111111111111:root"}}"#,
    r#"{"Principal":{"AWS":"arn:aws:iam::111111111111:root"}}"#,
    r#"{"Principal":{"Federated":"accounts.google.com"}}"#,
    r#"{"Principal":{"Federated":"arn:aws:iam::222222222222:oidc-provider/token.actions.githubusercontent.com"}}"#,
    r#"{"Principal":{"Federated":"arn:aws:iam::222222222222:oidc-provider/login.example.com"}}"#,
    r#"{"Principal":{"Federated":"arn:aws:iam::222222222222:saml-provider/Corp"}}"#,
];

const CONDITIONS: [&str; 50] = [
    "{}",
    r#"{"StringEquals":{"aws:PrincipalOrgID":"o-a1b2c3d4e5"}}"#,
    r#"{"StringEqualsIfExists":{"aws:PrincipalOrgID":"o-a1b2c3d4e5"}}"#,
    r#"{"StringLike":{"aws:PrincipalOrgID":"o-*"}}"#,
    r#"{"ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":"o-a1b2c3d4e5/*"}}"#,
    r#"{"ArnLike":{"aws:SourceArn":"arn:aws:s3:us-east-1:*:accesspoint/x"}}"#,
    r#"{"ArnLike":{"aws:SourceArn":"arn:aws:s3:*:*:reports"}}"#,
    r#"{"ArnLike":{"aws:SourceArn":"arn:aws:logs:*:222222222222:*"}}"#,
    r#"{"ArnEquals":{"aws:SourceArn":"arn:aws:sns:us-east-1:222222222222:t"}}"#,
    r#"{"Bool":{"aws:PrincipalIsAWSService":"true"}}"#,
    r#"{"StringEquals":{"aws:PrincipalServiceName":"cloudtrail.amazonaws.com"}}"#,
    r#"{"StringEquals":{"aws:VpceAccount":"222222222222"}}"#,
    r#"{"ForAnyValue:StringLike":{"aws:VpceOrgPaths":"o-a1b2c3d4e5/*"}}"#,
    r#"{"ArnEquals":{"aws:SourceVpcArn":"arn:aws:ec2:us-east-1:222222222222:vpc/vpc-1"}}"#,
    r#"{"StringLike":{"aws:userid":"AROAEXAMPLE:*"}}"#,
    r#"{"StringLike":{"aws:userid":"*:session"}}"#,
    r#"{"StringEquals":{"aws:userid":"anonymous"}}"#,
    r#"{"StringEquals":{"aws:PrincipalAccount":["222222222222","anonymous"]}}"#,
    r#"{"StringLike":{"aws:PrincipalArn":"arn:aws:iam:*:222222222222:role/*"}}"#,
    r#"{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam:*:222222222222:role/*"}}"#,
    r#"{"StringLike":{"aws:SourceIp":"*"}}"#,
    r#"{"NumericGreaterThan":{"aws:PrincipalAccount":"0"}}"#,
    r#"{"IpAddress":{"aws:SourceIp":"198.51.100.0/24"}}"#,
    r#"{"IpAddress":{"aws:SourceIp":"0.0.0.0/0"}}"#,
    r#"{"Bool":{"aws:SecureTransport":"true"}}"#,
    r#"{"StringNotEquals":{"aws:PrincipalAccount":"222222222222"}}"#,
    r#"{"StringEquals":{"aws:SourceAccount":"${aws:PrincipalTag/account}"}}"#,
    r#"{"StringEquals":{"accounts.google.com:aud":"app"}}"#,
    r#"{"StringEquals":{"token.actions.githubusercontent.com:aud":"sts.amazonaws.com"}}"#,
    r#"{"StringLike":{"token.actions.githubusercontent.com:sub":"repo:octo/app:*"}}"#,
    r#"{"StringEquals":{"login.example.com:sub":"alice"}}"#,
    r#"{"StringEquals":{"login.example.com:sub":"${login.example.com:sub}"}}"#,
    r#"{"StringNotEquals":{"login.example.com:sub":"alice"}}"#,
    r#"{"StringLike":{"token.actions.githubusercontent.com:sub":"${token.actions.githubusercontent.com:sub}"}}"#,
    r#"{"StringLike":{"token.actions.githubusercontent.com:sub":"repo:${sts:RoleSessionName}/*"}}"#,
    r#"{"StringLike":{"token.actions.githubusercontent.com:sub":"repo:octo/${aws:RequestTag/x}"}}"#,
    r#"{"StringLike":{"token.actions.githubusercontent.com:sub":"repo:oct*"}}"#,
    r#"{"StringLike":{"token.actions.githubusercontent.com:sub":["repo:*:environment:prod"]},"StringEquals":{"token.actions.githubusercontent.com:sub":"repo:octo/app:environment:prod"}}"#,
    r#"{"StringLike":{"token.actions.githubusercontent.com:sub":"repo:*"},"StringEquals":{"token.actions.githubusercontent.com:repository_owner_id":"1"}}"#,
    r#"{"StringLike":{"token.actions.githubusercontent.com:sub":"repo:*"},"IpAddress":{"aws:SourceIp":"198.51.100.0/24"}}"#,
    r#"{"StringLike":{"token.actions.githubusercontent.com:repository_owner_id":"1*"}}"#,
    r#"{"StringEquals":{"token.actions.githubusercontent.com:sub":"environment:prod"}}"#,
    r#"{"StringLike":{"token.actions.githubusercontent.com:sub":"workflow:*"}}"#,
    r#"{"StringLike":{"token.actions.githubusercontent.com:sub":"environment:prod:repository_owner:octo:*"}}"#,
    r#"{"StringLike":{"token.actions.githubusercontent.com:sub":"repository_owner_id:123:*"}}"#,
    r#"{"StringLike":{"token.actions.githubusercontent.com:sub":"repository_owner_id:12*"}}"#,
    r#"{"StringLike":{"token.actions.githubusercontent.com:sub":"repo:octo@1*/app:*"}}"#,
    r#"{"StringEquals":{"token.actions.githubusercontent.com:environment":"prod"}}"#,
    r#"{"StringEquals":{"token.actions.githubusercontent.com:repository_owner":"octo"}}"#,
    r#"{"StringLike":{"accounts.google.com:aud":"*.apps.googleusercontent.com"}}"#,
];

const KINDS: [(Kind, &str); 6] = [
    (Kind::S3, "s3:GetObject"),
    (Kind::Sns, "sns:Publish"),
    (Kind::Sqs, "sqs:SendMessage"),
    (Kind::Kms, "kms:Decrypt"),
    (Kind::SecretsManager, "secretsmanager:GetSecretValue"),
    (Kind::Trust, "sts:AssumeRole"),
];

fn document(kind: Kind, action: &str, principal: &str, condition: &str, deny: bool) -> Document {
    let principal: Value = serde_json::from_str(principal).unwrap();
    let is_federated = principal["Principal"]["Federated"].as_str();
    let action = match (kind, is_federated) {
        (Kind::Trust, Some(provider)) if provider.contains("saml") => "sts:AssumeRoleWithSAML",
        (Kind::Trust, Some(_)) => "sts:AssumeRoleWithWebIdentity",
        _ => action,
    };
    let mut allow = json!({"Effect": "Allow", "Action": action});
    allow.as_object_mut().unwrap().extend(principal.as_object().unwrap().clone());
    let condition: Value = serde_json::from_str(condition).unwrap();
    if condition.as_object().is_some_and(|tests| !tests.is_empty()) {
        allow["Condition"] = condition;
    }
    let mut statements = vec![allow];
    if deny {
        statements.push(json!({
            "Effect": "Deny", "Principal": "*", "Action": action,
            "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}},
        }));
    }
    if kind != Kind::Trust {
        let resource = if kind == Kind::S3 { "arn:aws:s3:::b/*" } else { "*" };
        statements.iter_mut().for_each(|statement| statement["Resource"] = resource.into());
    }
    let text = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
    open_policy(Source::new("test", text), &Hints { kind: Some(kind), ..Hints::default() })
}

/// Rules that say that the policy is public.
fn is_found(document: &Document) -> Vec<&'static str> {
    let is_public = ["public-access", "principal-any", "s3-public", "oidc-without-condition"];
    // Other users of the same customer are not the public.
    let of_subject = ["oidc-without-subject", "oidc-subject-open", "github-subject"];
    let findings = lint(document, &Settings::default());
    let found = findings.iter().filter(|finding| {
        is_public.contains(&finding.rule)
            || of_subject.contains(&finding.rule) && finding.severity == polmerge::Severity::Error
            || finding.rule == "open-subject" && finding.message.contains("almost everyone")
    });
    found.map(|finding| finding.rule).collect()
}

#[test]
fn lint_and_diff_agree_about_what_is_public() {
    let (mut public, mut private) = (0, 0);
    for (kind, action) in KINDS {
        for principal in PRINCIPALS {
            for condition in CONDITIONS {
                for deny in [false, true] {
                    let document = document(kind, action, principal, condition, deny);
                    let (found, answer) = (is_found(&document), answer(&document));
                    let what = format!("{kind} {principal} {condition} {deny}: {found:?} {answer:?}");
                    match answer {
                        Public::Proved => {
                            private += 1;
                            assert!(found.is_empty(), "{what}");
                        }
                        // Of everyone but some another rule speaks first.
                        Public::Witness(_) | Public::ByS3(_) if principal.contains("NotPrincipal") => {
                            public += 1
                        }
                        Public::Witness(_) | Public::ByS3(_) => {
                            public += 1;
                            assert!(!found.is_empty(), "{what}");
                        }
                        // A value that no caller of the service has.
                        Public::NotProved(_) if condition.contains("\"anonymous\"") => {}
                        // `key-without-its-action` reports that, where a test asks for the key.
                        Public::NotProved(why) if why.contains("is allowed as well") => {}
                        // `condition-key-never-present` reports that.
                        Public::NotProved(why)
                            if ["is not a key that comes with", "has no keys of another one"]
                                .iter()
                                .any(|part| why.contains(part)) =>
                        {
                            assert!(found.is_empty(), "{what}");
                        }
                        Public::NotProved(_) => assert!(!found.is_empty(), "{what}"),
                    }
                }
            }
        }
    }
    assert!(public > 300 && private > 300, "{public} {private}");
}

#[test]
fn what_was_not_read_may_be_anyone() {
    let account = r#""AWS":"arn:aws:iam::111111111111:root""#;
    for (kind, action) in KINDS {
        for rest in [
            r#""Principal":{"aws":"*"}"#.to_owned(),
            r#""Principal":{"Aws":["*"]}"#.to_owned(),
            r#""Principal":{"Account":"111111111111"}"#.to_owned(),
            format!(r#""Principal":{{{account},"aws":"*"}}"#),
            format!(r#""Principal":{{{account},"Users":"*"}}"#),
            r#""Principal":{"AWS":{"any":"*"}}"#.to_owned(),
            r#""Principal":{"AWS":["arn:aws:iam::111111111111:root",["*"]]}"#.to_owned(),
            r#""Principal":["*"]"#.to_owned(),
            r#""Principal":null"#.to_owned(),
            r#""Principal":"111111111111""#.to_owned(),
            r#""NotPrincipal":{"aws":"111111111111"}"#.to_owned(),
            r#""principal":"*""#.to_owned(),
            format!(r#""Principal":{{{account}}},"principal":"*""#),
            format!(r#""Principal":{{{account}}},"NotPrincipal":{{{account}}}"#),
            format!(r#""Principal":{{{account}}},"Notaction":"iam:*""#),
            r#""Principal":"*","condition":{"StringEquals":{"aws:PrincipalOrgID":"o-a1b2c3d4e5"}}"#
                .to_owned(),
        ] {
            let text = format!(
                r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"{action}","Resource":"*",{rest}}}]}}"#
            );
            let hints = Hints { kind: Some(kind), ..Hints::default() };
            let document = open_policy(Source::new("test", text), &hints);
            let answer = answer(&document);
            assert!(matches!(answer, Public::NotProved(_)), "{kind} {rest}: {answer:?}");
            let findings = lint(&document, &Settings::default());
            assert!(
                findings.iter().any(|finding| finding.severity == polmerge::Severity::Error),
                "{kind} {rest}"
            );
        }
    }
}

/// Of a provider whose ARN has the account that the template is used in, only that is not known.
#[test]
fn a_provider_of_the_own_account_is_known() {
    let github = "token.actions.githubusercontent.com";
    for (subject, is_open) in
        [("repo:octo/app:ref:refs/heads/main", false), ("repo:*", true), ("workflow:*", true)]
    {
        let text = json!({"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity",
            "Principal": {"Federated": {"Fn::Sub": format!("arn:aws:iam::${{AWS::AccountId}}:oidc-provider/{github}")}},
            "Condition": {"StringLike": {format!("{github}:sub"): subject}, "StringEquals": {format!("{github}:aud"): "sts.amazonaws.com"}},
        }]});
        let hints = Hints { kind: Some(Kind::Trust), ..Hints::default() };
        let document = open_policy(Source::new("test", text.to_string()), &hints);
        let (found, answer) = (is_found(&document), answer(&document));
        assert_eq!(!found.is_empty(), is_open, "{subject} {found:?}");
        assert_eq!(matches!(answer, Public::Witness(_)), is_open, "{subject} {answer:?}");
        assert_eq!(answer == Public::Proved, !is_open, "{subject} {answer:?}");
    }
}
