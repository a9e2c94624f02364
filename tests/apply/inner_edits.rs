//! Edits reach into a template that stands in a string and into one of several YAML documents, touch nothing else, and
//! are refused where they could not be sure.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use polmerge::apply::apply;
use polmerge::document::{Document, Hints, open};
use polmerge::{Kind, Source};
use proptest::prelude::*;
use serde_json::Value;

use crate::draws;
use crate::steps;

fn document(name: &str, text: &str, kind: Kind) -> Document {
    let file = open(Source::new(name, text), &Hints::default());
    assert!(file.problems.is_empty(), "{:?}", file.problems);
    file.documents.into_iter().find(|document| document.kind == kind).unwrap()
}

/// The file with a step added to its policy of that kind.
fn added(name: &str, text: &str, step: &str, kind: Kind) -> Result<String, String> {
    added_to(&document(name, text, kind), step)
}

/// The file of a policy with a step added to that.
fn added_to(document: &Document, step: &str) -> Result<String, String> {
    let (packs, kind) = (steps::packs(), document.kind);
    let values = steps::values(&packs);
    let choice = steps::Choice { step: step.to_owned(), kind, variant: None };
    let applied = apply(document, &packs, &steps::request(&packs, &values, &choice, false));
    applied.map(|applied| applied.after.source().text().to_owned()).map_err(|error| error.to_string())
}

fn fixture(name: &str) -> String {
    std::fs::read_to_string(steps::folder().join("templates").join(name)).unwrap()
}

/// The lines that are in one text and not in the other, where all others are the same and in order.
fn new_lines<'t>(old: &str, new: &'t str) -> Vec<&'t str> {
    let mut old = old.lines().peekable();
    let new: Vec<&str> = new.lines().filter(|line| old.next_if_eq(line).is_none()).collect();
    assert!(old.next().is_none(), "a line is gone");
    new
}

const STATEMENT: [&str; 6] = [
    "- Sid: Allow Expel to decrypt CloudTrail logs",
    "Effect: Allow",
    "Principal:",
    "AWS: arn:aws:iam::222222222222:role/ExpelAssumeRole",
    "Action: kms:Decrypt",
    "Resource: \"*\"",
];

#[test]
fn yaml_in_a_string_of_json() {
    let text = fixture("get-template.json");
    let new = added("get-template.json", &text, "step2", Kind::Kms).unwrap();
    let body = |text: &str| {
        serde_json::from_str::<Value>(text).unwrap()["TemplateBody"].as_str().unwrap().to_owned()
    };
    let (old_body, new_body) = (body(&text), body(&new));
    let lines: Vec<&str> = new_lines(&old_body, &new_body).into_iter().map(str::trim).collect();
    assert_eq!(lines, STATEMENT);
    // What is not the new lines is byte for byte what it was, escapes included.
    let at = new.find("          - Sid: Allow Expel").unwrap();
    assert_eq!(text[..at], new[..at]);
    assert!(text.ends_with(&new[new.find("  Secret:").unwrap()..]));
    assert!(new.contains("\\u00fc: a comment that stays"));
    // A policy that is a string in the template, in the string of the file.
    let document = document("get-template.json", &text, Kind::SecretsManager);
    let action = document.policy.statements[0].action.as_ref().unwrap().values.items[0].span;
    let edit = polmerge::edit::Edit::replace(action, "\"secretsmanager:Delete*\"");
    let edited = document.edited(&[edit]).unwrap();
    assert!(body(&edited).contains(r#""Action":"secretsmanager:Delete*","Resource":"*"}]}'"#), "{edited}");
}

#[test]
fn json_in_a_string_of_json() {
    for name in ["stack-set.json", "stack-set.plan.json"] {
        let text = fixture(name);
        let new = added(name, &text, "step2", Kind::Kms).unwrap();
        let template = |text: &str| -> Value {
            let document = document(name, text, Kind::Kms);
            let root: Value = serde_json::from_str(text).unwrap();
            let pointer = document.pointer().strip_suffix("/Resources/Key/Properties/KeyPolicy").unwrap();
            serde_json::from_str(root.pointer(pointer).unwrap().as_str().unwrap()).unwrap()
        };
        let (mut old, now) = (template(&text), template(&new));
        let list = "/Resources/Key/Properties/KeyPolicy/Statement";
        let added = now.pointer(list).unwrap()[1].clone();
        assert_eq!(added["Action"], "kms:Decrypt");
        old.pointer_mut(list).unwrap().as_array_mut().unwrap().push(added);
        assert_eq!(old, now);
        // Once more changes nothing, and taking it out gives the file back.
        assert_eq!(self::added(name, &new, "step2", Kind::Kms).unwrap(), new);
        let (packs, document) = (steps::packs(), document(name, &new, Kind::Kms));
        let choice = steps::Choice { step: "step2".to_owned(), kind: Kind::Kms, variant: None };
        let request = steps::request(&packs, &steps::values(&packs), &choice, true);
        let back = apply(&document, &packs, &request).unwrap();
        assert_eq!(back.after.source().text(), text);
        // The policy alone is laid out by itself.
        assert!(document.bare().ends_with("\n ]\n}"), "{}", document.bare());
    }
}

/// A template says the same by itself and in a string, and is edited alike; however the string is spelt.
#[test]
fn a_string_is_edited_as_the_template_in_it() {
    for (name, step, kind) in [
        ("template.yaml", "step2", Kind::Kms),
        ("template.json", "step2", Kind::Kms),
        ("nested/queues.yaml", "step5", Kind::Sqs),
        ("nested/keys.json", "step2", Kind::Kms),
        ("cdk.out/Logs.template.json", "step5", Kind::Sqs),
    ] {
        let template = fixture(name);
        let wanted = added(name, &template, step, kind).unwrap();
        assert_ne!(template, wanted);
        let plain = serde_json::json!({ "StagesAvailable": [], "TemplateBody": template }).to_string();
        let hexadecimal: String = template.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect();
        let escaped = format!("{{ \"TemplateBody\" : \"{hexadecimal}\" }}\n");
        for answer in [plain, escaped] {
            let new = added("answer.json", &answer, step, kind).unwrap();
            let value: Value = serde_json::from_str(&new).unwrap();
            assert_eq!(value["TemplateBody"], wanted, "{name}");
            // All but what was added is spelt as it was.
            let same = answer.bytes().zip(new.bytes()).take_while(|(old, new)| old == new).count();
            let behind =
                answer.bytes().rev().zip(new.bytes().rev()).take_while(|(old, new)| old == new).count();
            assert!(same + behind >= answer.len(), "{name}");
        }
        let whole = document(name, &template, kind);
        let answer = serde_json::json!({ "TemplateBody": template }).to_string();
        let inner = document("answer.json", &answer, kind);
        assert_eq!(inner.pointer(), format!("/TemplateBody{}", whole.pointer()));
        assert_eq!(inner.policy.statements.len(), whole.policy.statements.len());
        let value = |bare: String| serde_json::from_str::<Value>(&bare).unwrap();
        assert_eq!(value(inner.bare()), value(whole.bare()));
    }
}

/// The text of a string, without its quotes.
fn escaped(text: &str) -> String {
    let quoted = Value::from(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

/// Each way in which a policy is written in strings, and how to read it again.
#[test]
fn a_policy_in_strings_is_edited_as_it_is_written() {
    type Back = fn(&Value) -> String;
    let policy = std::fs::read_to_string(steps::folder().join("key-policy.json")).unwrap();
    let twice = serde_json::json!({ "policy": escaped(&policy) });
    let shapes: [(Value, Back); 5] = [
        (twice.clone(), |file| {
            serde_json::from_str(&format!("\"{}\"", file["policy"].as_str().unwrap())).unwrap()
        }),
        (serde_json::json!({ "a": serde_json::json!({ "b": policy }).to_string() }), |file| {
            let inner: Value = serde_json::from_str(file["a"].as_str().unwrap()).unwrap();
            inner["b"].as_str().unwrap().to_owned()
        }),
        (serde_json::json!({ "a": twice.to_string() }), |file| {
            let inner: Value = serde_json::from_str(file["a"].as_str().unwrap()).unwrap();
            serde_json::from_str(&format!("\"{}\"", inner["policy"].as_str().unwrap())).unwrap()
        }),
        (serde_json::json!({ "a": format!("{{\"b\": {policy}}}") }), |file| {
            let inner = file["a"].as_str().unwrap();
            inner["{\"b\": ".len()..inner.len() - 1].to_owned()
        }),
        (
            serde_json::json!({ "Resources": { "K": { "Type": "AWS::KMS::Key", "Properties":
                { "KeyPolicy": { "Fn::Sub": policy } } } } }),
            |file| file["Resources"]["K"]["Properties"]["KeyPolicy"]["Fn::Sub"].as_str().unwrap().to_owned(),
        ),
    ];
    assert!(policy.starts_with("{\n"), "the line feed after the brace is escaped as the quotes are");
    let wanted = added("key-policy.json", &policy, "step2", Kind::Kms).unwrap();
    for (file, back) in shapes {
        assert_eq!(back(&file), policy);
        let hints = Hints { kind: Some(Kind::Kms), ..Hints::default() };
        let opened = open(Source::new("file.json", format!("{file:#}\n")), &hints);
        let new = added_to(&opened.documents[0], "step2").unwrap();
        assert_eq!(back(&serde_json::from_str(&new).unwrap()), wanted, "{file}");
    }
}

#[test]
fn a_variable_in_a_text_of_sub_is_refused() {
    let template = r#"{"Resources": {"B": {"Type": "AWS::S3::BucketPolicy", "Properties": {"PolicyDocument": {"Fn::Sub":
        "{\"Version\": \"2012-10-17\", \"Statement\": []}"}}}}}"#;
    let taken = |document: &Document, resource: &str| {
        let text =
            serde_json::json!({ "Effect": "Allow", "Action": "s3:*", "Resource": resource }).to_string();
        let statement = document.read_statement(&polmerge::parse::parse(&text).tree, &text);
        let value = &statement.resource.as_ref().unwrap().values.items[0];
        document.variable_taken_for_name(value).map(str::to_owned)
    };
    let document = document("template.json", template, Kind::S3);
    for (text, name) in [
        ("arn:aws:s3:::b/${aws:username}/*", Some("aws:username")),
        ("arn:aws:s3:::${Bucket}/${s3:prefix}", Some("s3:prefix")),
        ("arn:aws:s3:::b/${!aws:username}/*", None),
        ("arn:aws:s3:::b/${AWS::AccountId}/${Bucket.Arn}", None),
    ] {
        assert_eq!(taken(&document, text).as_deref(), name, "{text}");
    }
    let plain = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:*",
        "Resource": "*"}]}"#;
    assert_eq!(taken(&self::document("bare.json", plain, Kind::S3), "${aws:username}"), None);
}

#[test]
fn one_of_several_documents() {
    let text = fixture("stream.yaml");
    let new = added("stream.yaml", &text, "step2", Kind::Kms).unwrap();
    let lines: Vec<&str> = new_lines(&text, &new).into_iter().map(str::trim).collect();
    assert_eq!(lines, STATEMENT);
    let new = added("stream.yaml", &text, "step5", Kind::Sqs).unwrap();
    let lines = new_lines(&text, &new);
    assert!(lines[0].trim() == "- Sid: AllowSnsSendMessage", "{lines:?}");
    assert!(new.starts_with(&text[..text.find("# The queue.").unwrap()]));
}

#[test]
fn a_template_in_a_text_of_yaml_is_refused() {
    let text = fixture("stack-set.yaml");
    let error = added("stack-set.yaml", &text, "step1", Kind::Trust).unwrap_err();
    assert!(error.contains("put it into a file of its own, and edit that"), "{error}");
}

/// Pieces of which templates are made, and what disturbs them.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "Resources:\n",
        "  R:\n    Type: AWS::SQS::QueuePolicy\n    Properties:\n      PolicyDocument:\n        Statement: []\n",
        "  S: {Type: 'AWS::SNS::TopicPolicy', Properties: {PolicyDocument: {Statement: [{Sid: ü, Effect: Allow}]}}}\n",
        "  T:\n    Type: AWS::CloudFormation::StackSet\n    Properties:\n      TemplateBody: '{\"Resources\":{}}'\n",
        "---\n",
        "...\n",
        "%YAML 1.2\n",
        "# x\r\n",
        "TemplateBody: |\n  Resources: {}\n",
        "Statement: []\n",
        "&a [*a]\n",
        "{",
        "\u{1f600}",
        "\t",
        "\"",
        "\\",
    ]);
    let start = prop::sample::select(vec!["", "Resources:\n", "# x\n---\nResources:\n"]);
    (start, prop::collection::vec(piece, 0..8))
        .prop_map(|(start, pieces)| start.to_owned() + &pieces.concat())
}

proptest! {
    #![proptest_config(draws::cases(512))]

    /// Whatever stands there, every place is one of the file, and an edit that is made can be read again.
    #[test]
    fn any_template_is_answered(text in pieces(), quoted in any::<bool>()) {
        let (name, text) = match quoted {
            true => ("answer.json", serde_json::json!({ "TemplateBody": text }).to_string()),
            false => ("template.yaml", text),
        };
        let file = open(Source::new(name, text.as_str()), &Hints::default());
        for problem in file.problems.iter().chain(&file.inner_problems) {
            prop_assert!(text.get(problem.span.start as usize..problem.span.end as usize).is_some(), "{problem:?}");
        }
        for document in &file.documents {
            let place = document.in_file(document.tree.span);
            prop_assert!(text.get(place.start as usize..place.end as usize).is_some(), "{place:?} in {text}");
            let Some(list) = document.policy.statement_span.filter(|_| document.is_sound()) else { continue };
            let edit = polmerge::edit::Edit::replace(list, r#"[{"Sid":"New"}]"#);
            let Ok(edited) = document.edited(&[edit]) else { continue };
            let again = open(Source::new(name, edited.as_str()), &Hints::default());
            let same = again.documents.iter().find(|other| other.pointer() == document.pointer());
            let sid = same.and_then(|same| same.policy.statements.first()).and_then(|first| first.sid());
            prop_assert_eq!(sid, Some("New"), "{}", edited);
        }
    }
}
