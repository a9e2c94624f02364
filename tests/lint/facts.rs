//! The rules that ask the catalogue: what they leave alone, what they advise, how long they take.

#![allow(clippy::unwrap_used, reason = "a test program")]

use polmerge::document::{Hints, open_policy};
use polmerge::lint::{Settings, lint};
use polmerge::{Diagnostic, Kind, Severity, Source, catalog};

/// How much a statement gives is another matter.
fn findings(statement: &str) -> Vec<Diagnostic> {
    let ignore = ["overbroad", "escalation", "exposure"].map(|group| group.parse().unwrap()).to_vec();
    let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statement}]}}"#);
    let hints = Hints { kind: Some(Kind::Identity), ..Hints::default() };
    lint(&open_policy(Source::new("test.json", text), &hints), &Settings { ignore, ..Settings::default() })
}

fn names(statement: &str) -> Vec<(&'static str, Severity)> {
    findings(statement).into_iter().map(|finding| (finding.rule, finding.severity)).collect()
}

fn help(statement: &str) -> String {
    findings(statement).first().and_then(|finding| finding.help.clone()).unwrap_or_default()
}

#[test]
fn what_a_template_fills_in_is_never_wrong() {
    // That it is there is said, once and as a note.
    let judged = |statement: &str| -> Vec<_> {
        let is_said = |(name, level): &(&str, Severity)| *name == "template-text" && *level == Severity::Note;
        names(statement).into_iter().filter(|finding| !is_said(finding)).collect()
    };
    for text in ["${var.x}", "${AWS::Region}", "{{ x }}", "<x>", "{x}", "arn:${Partition}:s3:::x", "%s"] {
        let statement = format!(
            r#"{{"Effect":"Allow","Action":["{text}","s3:GetObject"],"Resource":["{text}","arn:aws:s3:{text}:{text}:x"],
                "Condition":{{"NumericLessThan":{{"{text}":"{text}"}},"IpAddress":{{"aws:SourceIp":"{text}"}}}}}}"#
        );
        assert_eq!(judged(&statement), [], "{text}");
    }
    let intrinsic = r#"{"Effect":"Allow","Action":{"Ref":"A"},"Resource":[{"Fn::Sub":"${X}"}],
        "Condition":{"Bool":{"aws:SecureTransport":{"Ref":"B"}}}}"#;
    assert_eq!(judged(intrinsic), []);
}

#[test]
fn a_wrong_name_gets_the_right_one() {
    let allow = |action: &str| help(&format!(r#"{{"Effect":"Allow","Action":"{action}","Resource":"*"}}"#));
    assert_eq!(allow("s3:GetObjcet"), "did you mean `s3:GetObject`?");
    assert_eq!(allow("secretmanager:GetSecretValue"), "did you mean `secretsmanager:GetSecretValue`?");
    assert_eq!(allow("s3:ListObjectsV2"), "write \"s3:ListBucket\"");
    assert_eq!(allow("kms:ReEncrypt"), "write \"kms:ReEncryptFrom\" and \"kms:ReEncryptTo\"");
    assert_eq!(allow("DescribeLogGroups"), "write \"logs:DescribeLogGroups\"");
}

#[test]
fn what_rests_on_the_facts_says_how_old_they_are() {
    let wrong = [
        r#"{"Effect":"Allow","Action":"s3:Frobnicate","Resource":"*"}"#,
        r#"{"Effect":"Allow","Action":"frob:Nicate","Resource":"*"}"#,
        r#"{"Effect":"Deny","Action":"s3:GetObject","Resource":"arn:aws:s3:::b"}"#,
        r#"{"Effect":"Allow","Action":"kms:*","Resource":"arn:aws:kms:us-east-1:222222222222:frob/x"}"#,
        r#"{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"Null":{"aws:Frob":"true"}}}"#,
        r#"{"Effect":"Allow","Action":"s3:GetObject","Resource":"*","Condition":{"StringLike":{"s3:prefix":"a"}}}"#,
        r#"{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"StringLike":{"aws:TagKeys":"a"}}}"#,
    ];
    for statement in wrong {
        let found = findings(statement);
        let dated: Vec<_> = found.iter().filter(|finding| finding.message.contains(catalog::DATE)).collect();
        assert_eq!((dated.len(), found.len()), (1, 1), "{statement} {found:#?}");
        assert_eq!(dated[0].severity, Severity::Warning);
    }
}

#[test]
fn a_statement_that_works_in_part_is_noted() {
    let both = |resource: &str| {
        names(&format!(
            r#"{{"Effect":"Allow","Action":["kms:Decrypt","kms:ListAliases"],"Resource":"{resource}"}}"#
        ))
    };
    let key = "arn:aws:kms:us-east-1:222222222222:key/0ab1c2d3-1111-2222-3333-444455556666";
    assert_eq!(both(key), [("action-resource-mismatch", Severity::Note)]);
    assert_eq!(both("*"), []);
    assert_eq!(both("arn:aws:kms:*:*:*"), [], "this takes in whatever it is checked against");
}

/// The widest patterns, with a key and ARNs that none of their actions has.
#[test]
fn wide_patterns_take_no_time() {
    let statement = r#"{"Effect":"Allow","Action":["*","ec2:*","*:Describe*","sagemaker:*"],
        "Resource":["arn:aws:sqs:us-east-1:222222222222:q","arn:aws:sns:us-east-1:222222222222:t"],
        "Condition":{"StringEquals":{"iam:PassedToService":"ec2.amazonaws.com"}}}"#;
    let many = vec![statement; 100].join(",");
    let started = std::time::Instant::now();
    findings(&many);
    assert!(started.elapsed().as_secs() < 10, "{:?}", started.elapsed());
    println!("{:?} a statement", started.elapsed() / 100);
}
