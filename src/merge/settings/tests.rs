use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::edit;
use crate::source::Source;
use crate::steps::{Given, Origin, Packs, Values};

fn demand(step: &str, kind: &str) -> Demand {
    let packs = Packs::shipped().unwrap();
    let values: [(&str, &str); 3] = [
        ("YOUR_TOPIC_ARN", "arn:aws:sns:us-east-1:222222222222:t"),
        ("YOUR_SQS_QUEUE_ARN", "arn:aws:sqs:us-east-1:222222222222:q"),
        ("YOUR_NOTIFICATION_KEY_ARN", "arn:aws:kms:us-east-1:222222222222:key/k"),
    ];
    let given =
        values.map(|(name, value)| Given { name: name.into(), value: value.into(), origin: Origin::Set });
    let values = Values::resolve(&packs, &given, &[], |_| false).unwrap().values;
    let found = packs.step(step).unwrap();
    let (document, _) = found.1.settings(Some(kind)).unwrap().unwrap();
    Demand::of_step(&packs, found, document, None, &values).unwrap().unwrap()
}

fn run(text: &str, demand: &Demand, on_conflict: OnConflict) -> (Merge, String) {
    let answer = Answer::open(Source::new("x", text), &demand.settings, "settings").unwrap();
    let merge = merge(&answer, std::slice::from_ref(demand), &[], on_conflict);
    let text = edit::apply(text, &merge.edits);
    (merge, text)
}

fn outcomes(merge: &Merge) -> Vec<&'static str> {
    merge.decisions.iter().map(|decision| decision.outcome.name()).collect()
}

fn notification(list: &str, events: &str, prefix: &str, suffix: &str) -> String {
    let rules = json!([{ "Name": "Prefix", "Value": prefix }, { "Name": "Suffix", "Value": suffix }]);
    json!({ list: [{ "Id": "a", "Events": [events], "Filter": { "Key": { "FilterRules": rules } } }] })
        .to_string()
}

#[test]
fn notifications_of_one_event_are_kept_apart_by_prefix_or_suffix_alone() {
    let mut step = demand("step8", "bucket-notification");
    let outcome = |step: &Demand, text: &str| outcomes(&run(text, step, OnConflict::Fail).0)[0];
    for list in ["TopicConfigurations", "QueueConfigurations", "LambdaFunctionConfigurations"] {
        assert_eq!(
            outcome(&step, &notification(list, "s3:ObjectCreated:Put", "a/", "")),
            "conflict",
            "{list}"
        );
        assert_eq!(outcome(&step, &notification(list, "s3:ObjectRemoved:*", "", "")), "added", "{list}");
    }
    let filter = json!({ "Key": { "FilterRules": [{ "Name": "prefix", "Value": "AWSLogs/" }] } });
    step.members["TopicConfigurations"][0]["Filter"] = filter;
    for (prefix, suffix, expected) in [
        ("AWS", "", "conflict"),
        ("AWSLogs/x", ".gz", "conflict"),
        ("other/", "", "added"),
        ("", ".gz", "conflict"),
    ] {
        let there = notification("QueueConfigurations", "s3:ObjectCreated:Copy", prefix, suffix);
        assert_eq!(outcome(&step, &there), expected, "{prefix} {suffix}");
    }
}

#[test]
fn a_notification_is_known_by_its_meaning_and_not_its_name() {
    let step = demand("step8", "bucket-notification");
    let arn = "arn:aws:sns:us-east-1:222222222222:t";
    let there =
        |events: Json| json!({ "TopicConfigurations": [{ "Id": "x", "TopicArn": arn, "Events": events }] });
    for (events, expected) in [
        (json!(["s3:ObjectCreated:*"]), "already-there"),
        (json!(["s3:ObjectRemoved:*", "s3:ObjectCreated:*"]), "covered"),
        (json!(["s3:ObjectCreated:Put"]), "conflict"),
    ] {
        assert_eq!(outcomes(&run(&there(events).to_string(), &step, OnConflict::Fail).0), [expected]);
    }
    let same_name = json!({ "TopicConfigurations":
        [{ "Id": "expel-cloudtrail-objects", "TopicArn": arn, "Events": ["s3:ObjectRemoved:*"] }] })
    .to_string();
    for (how, expected, count) in [
        (OnConflict::Fail, "conflict", 1),
        (OnConflict::Replace, "replaced", 1),
        (OnConflict::Rename, "renamed", 2),
    ] {
        let (merge, text) = run(&same_name, &step, how);
        assert_eq!(outcomes(&merge), [expected]);
        let read: Json = serde_json::from_str(&text).unwrap();
        assert_eq!(read["TopicConfigurations"].as_array().unwrap().len(), count);
    }
}

#[test]
fn a_key_of_the_owners_is_not_written_over() {
    let step = demand("step7", "sns-attributes");
    let there = |key: &str| json!({ "Attributes": { "TopicArn": "t", "KmsMasterKeyId": key } }).to_string();
    for (key, expected) in [("alias/aws/sns", "set"), ("k", "already-there"), ("alias/mine", "conflict")] {
        assert_eq!(outcomes(&run(&there(key), &step, OnConflict::Fail).0), [expected], "{key}");
    }
    assert_eq!(outcomes(&run(&there("alias/mine"), &step, OnConflict::Replace).0), ["set"]);
}

#[test]
fn what_aws_does_not_change_is_a_conflict_whatever_is_asked() {
    let subscription = demand("step6", "sns-subscription");
    let answer = json!({ "Attributes": { "TopicArn": "arn:aws:sns:us-east-1:222222222222:t", "Protocol": "sqs",
        "Endpoint": "https://sqs.us-east-1.amazonaws.com/222222222222/q", "PendingConfirmation": "false" } });
    let (merge, _) = run(&answer.to_string(), &subscription, OnConflict::Replace);
    assert_eq!(outcomes(&merge), ["already-there", "already-there", "conflict", "added", "already-there"]);
    let queue = demand("step5", "sqs-attributes");
    let (merge, _) =
        run(r#"{"Attributes":{"QueueArn":"q","FifoQueue":"true"}}"#, &queue, OnConflict::Replace);
    assert_eq!(outcomes(&merge)[0], "conflict");
}

#[test]
fn a_file_that_is_something_else_is_said_to_be() {
    let step = demand("step8", "bucket-notification");
    for text in [r#"{"Statement":[]}"#, r#"{"Attributes":{}}"#, "[]", "", r#"{"a":1,"a":2}"#] {
        assert!(Answer::open(Source::new("x", text), &step.settings, "settings").is_err(), "{text}");
    }
}

/// Members in various layouts, some of them those of step 8.
fn document() -> impl Strategy<Value = String> {
    let element = prop_oneof![
        Just(json!({ "Id": "a", "QueueArn": "q", "Events": ["s3:ObjectRemoved:*"] })),
        Just(json!({ "Id": "b", "Events": ["s3:Replication:*", "s3:ObjectTagging:*"], "é\u{1}\"": [] })),
    ];
    let list = prop::collection::vec(element, 0..3);
    let members = (list.clone(), list, any::<bool>(), any::<bool>());
    (members, 0..4_usize, any::<bool>()).prop_map(|((topics, queues, bridge, rest), layout, crlf)| {
        let mut members = Members::new();
        if bridge {
            members.insert("EventBridgeConfiguration".into(), json!({}));
        }
        if !topics.is_empty() {
            members.insert("TopicConfigurations".into(), topics.into());
        }
        if rest {
            members.insert("QueueConfigurations".into(), queues.into());
        }
        let value = Json::Object(members);
        let text = match layout {
            0 => value.to_string(),
            1 => format!("{value:#}\n"),
            2 => format!("{value:#}").replace("  ", "\t"),
            _ => format!(" {value:#} ").replace("  ", "    "),
        };
        if crlf { text.replace('\n', "\r\n") } else { text }
    })
}

proptest! {
    #![proptest_config(crate::draws::cases(256))]

    /// What is put in is there, once; a second time nothing happens; taken out, the file is as it was.
    #[test]
    fn in_again_and_out(text in document()) {
        let step = demand("step8", "bucket-notification");
        let (merge, once) = run(&text, &step, OnConflict::Fail);
        prop_assert_eq!(outcomes(&merge), ["added"]);
        let read: Members = serde_json::from_str(&once).unwrap();
        prop_assert_eq!(&read, &merge.wanted);
        let mut patched: Json = serde_json::from_str(&text).unwrap();
        json_patch::patch(&mut patched, &merge.patch).unwrap();
        prop_assert_eq!(patched, Json::Object(read));
        let (again, twice) = run(&once, &step, OnConflict::Fail);
        prop_assert_eq!(outcomes(&again), ["already-there"]);
        prop_assert_eq!(&twice, &once);
        let answer = Answer::open(Source::new("x", once.clone()), &step.settings, "settings").unwrap();
        let out = super::merge(&answer, &[], std::slice::from_ref(&step), OnConflict::Fail);
        let out = edit::apply(&once, &out.edits);
        prop_assert_eq!(out.split_whitespace().collect::<String>(), text.split_whitespace().collect::<String>());
        if text.trim() != "{}" {
            prop_assert_eq!(out, text);
        }
    }
}

/// A filter that lets through all that the step's does covers it; one that lets through less, or of which something is
/// not known, does not.
#[test]
fn a_wider_filter_covers() {
    let filter = |rules: serde_json::Value| json!({ "Key": { "FilterRules": rules } });
    let rule = |name: &str, value: &str| json!({ "Name": name, "Value": value });
    let wanted = filter(json!([rule("prefix", "logs/AWSLogs/")]));
    for (is, covers) in [
        (None, true),
        (Some(filter(json!([]))), true),
        (Some(filter(json!([rule("Prefix", "logs/")]))), true),
        (Some(filter(json!([rule("prefix", "logs/AWSLogs/o-1/")]))), false),
        (Some(filter(json!([rule("prefix", "logs/"), rule("suffix", ".gz")]))), false),
        (Some(filter(json!([rule("prefix", "logs/"), rule("size", "1")]))), false),
        (Some(filter(json!([rule("prefix", ""), rule("prefix", "other/")]))), false),
        (Some(json!({ "Key": { "FilterRules": [] }, "Tag": {} })), false),
    ] {
        assert_eq!(filter_covers(is.as_ref(), Some(&wanted)), covers, "{is:?}");
    }
    assert!(!filter_covers(Some(&wanted), None));
}
