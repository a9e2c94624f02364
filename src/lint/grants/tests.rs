use super::*;
use crate::document::{Hints, open_policy};
use crate::kind::Kind;
use crate::source::Source;

fn document(statements: &str) -> Document {
    let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#);
    let hints = Hints { kind: Some(Kind::Identity), ..Hints::default() };
    open_policy(Source::new("test.json", text), &hints)
}

/// Each grant of an action: statement, reach, whether it is held.
fn grants(statements: &str, action: &str) -> Vec<(usize, Reach, bool)> {
    let document = document(statements);
    let grants = Grants::new(&document);
    let all = grants.of(action);
    all.iter()
        .map(|grant| (grant.entry.statement.index, grant.reach, grant.held || grant.conditional))
        .collect()
}

#[test]
fn the_plainest_grant_comes_first() {
    let found = grants(
        r#"{"Effect":"Allow","Action":"iam:Put*","Resource":"arn:aws:iam::*:user/a"},
           {"Effect":"Allow","NotAction":"s3:*","Resource":"*"},
           {"Effect":"Allow","Action":"IAM:putuserpolicy","Resource":"*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}},
           {"Effect":"Allow","Action":"iam:PutUserPolicy","Resource":"arn:aws:iam::111111111111:user/*"}"#,
        "iam:PutUserPolicy",
    );
    let (all, part) = (Reach::All, Reach::Part);
    assert_eq!(found, [(3, all, false), (1, all, false), (2, all, true), (0, part, false)]);
}

#[test]
fn a_resource_of_another_type_grants_nothing() {
    let allow = r#"{"Effect":"Allow","Action":"iam:*","Resource":"arn:aws:iam::*:role/a"}"#;
    assert_eq!(grants(allow, "iam:PutUserPolicy"), []);
    assert_eq!(grants(allow, "iam:PassRole"), [(0, Reach::Part, false)]);
}

/// What is to be filled in may be anything, but not of another service than the one that is written.
#[test]
fn a_resource_to_be_filled_in_is_of_its_service() {
    let on = |resource: &str| {
        let allow = format!(r#"{{"Effect":"Allow","Action":"*","Resource":"{resource}"}}"#);
        (grants(&allow, "iam:PutUserPolicy").len(), grants(&allow, "ssm:PutParameter").len())
    };
    assert_eq!(on("arn:<partition>:ssm:<region>:111111111111:parameter/a"), (0, 1));
    assert_eq!(on("arn:aws:iam::<account>:user/a"), (1, 0));
    for open in ["arn:${AWS::Partition}:ssm:*:*:parameter/a", "arn:aws:<service>:*:*:a", "<arn>", "[[arn]]"] {
        assert_eq!(on(open), (1, 1), "{open}");
    }
}

#[test]
fn what_is_denied_is_not_granted() {
    let allow = r#"{"Effect":"Allow","Action":"iam:*","Resource":"*"}"#;
    let denied = |deny: &str| grants(&format!("{allow},{deny}"), "iam:PassRole");
    assert_eq!(denied(r#"{"Effect":"Deny","Action":"iam:Pass*","Resource":"*"}"#), []);
    assert_eq!(denied(r#"{"Effect":"Deny","NotAction":"iam:Get*","Resource":"*"}"#), []);
    let some = r#"{"Effect":"Deny","Action":"iam:Pass*","Resource":"arn:aws:iam::*:role/admin"}"#;
    assert_eq!(denied(some), [(0, Reach::All, false)]);
    let held = r#"{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"StringNotEquals":{"iam:PassedToService":"x"}}}"#;
    assert_eq!(denied(held), [(0, Reach::All, true)]);
    let spared = r#"{"Effect":"Deny","Action":"iam:*","NotResource":"arn:aws:iam::*:role/app"}"#;
    assert_eq!(denied(spared), [(0, Reach::All, true)]);
    // Two that take all together.
    let two = r#"{"Effect":"Deny","Action":"iam:*","Resource":"arn:aws:iam::*:role/admin"},
        {"Effect":"Deny","Action":"iam:*","NotResource":"arn:aws:iam::*:role/admin"}"#;
    assert_eq!(denied(two), []);
}

#[test]
fn all_of_a_type_is_all() {
    let reach = |resource: &str, action: &str| {
        let text = format!(r#"{{"Effect":"Allow","Action":"*","Resource":"{resource}"}}"#);
        grants(&text, action).first().map(|grant| grant.1)
    };
    assert_eq!(reach("arn:aws:s3:::*", "s3:GetObject"), Some(Reach::All));
    assert_eq!(reach("arn:aws:s3:::*/*", "s3:GetObject"), Some(Reach::All));
    assert_eq!(reach("arn:aws:s3:::a*", "s3:GetObject"), Some(Reach::Part));
    assert_eq!(reach("arn:aws:s3:::a", "s3:GetObject"), None);
    assert_eq!(reach("arn:aws:kms:*:111111111111:key/*", "kms:Decrypt"), Some(Reach::All));
    assert_eq!(reach("arn:aws:kms:us-east-1:111111111111:key/*", "kms:Decrypt"), Some(Reach::Part));
    assert_eq!(reach("arn:aws:iam::*:role/${aws:username}", "iam:PassRole"), Some(Reach::Part));
}
