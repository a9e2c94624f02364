//! The guide on hand-made answers: every state, and nothing done that was not looked at.
#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "support/accounts.rs"]
mod accounts;

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use accounts::{accounts, check, guide, root, states};

fn answer<'r>(report: &'r Value, about: &str) -> &'r str {
    let works = report["works"].as_array().unwrap();
    works.iter().find(|works| works["text"].as_str().unwrap().contains(about)).unwrap()["answer"]
        .as_str()
        .unwrap()
}

/// Changes one answer, member by pointer; the policy in a string is changed as text.
fn edit(folder: &Path, file: &str, from: &str, to: &str) {
    let path = folder.join(file);
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{file} has no {from}");
    std::fs::write(path, text.replace(from, to)).unwrap();
}

#[test]
fn every_state_is_told() {
    let folder = accounts("states");
    let report = check(&folder, &[]);
    let half = [
        "done",
        "done",
        "done",
        "wider",
        "different",
        "missing",
        "missing",
        "missing",
        "cannot-tell",
        "by-hand",
    ];
    assert_eq!(states(&report), half);
    assert_eq!(report["steps"][4]["detail"], "MessageRetentionPeriod 345600 (4 days), not 604800 (7 days)");
    assert_eq!(report["steps"][3]["detail"], "the step also requires aws:SourceAccount");
    assert_eq!(answer(&report, "allows Expel"), "yes");
    assert_eq!(answer(&report, "allows S3 to publish"), "yes");
    assert_eq!(answer(&report, "decrypt log files"), "cannot-tell");
    assert_eq!(report["form"]["SQS URL"], "https://sqs.us-east-1.amazonaws.com/222222222222/expel-queue");

    // Without the external id anybody who has Expel as a customer gets in.
    for file in ["111111111111/role.json", "222222222222/role.json"] {
        edit(&folder, file, "\"StringEquals\"", "\"StringEqualsIfExists\"");
    }
    let report = check(&folder, &[]);
    assert_eq!(answer(&report, "allows Expel"), "no");
    assert_eq!(states(&report)[0], "wider");
}

#[test]
fn what_was_not_collected_is_never_done() {
    let folder = accounts("removed");
    let files = [
        "role.json",
        "trail-key.json",
        "bucket-ownership.json",
        "topic.json",
        "queue.json",
        "subscriptions.json",
        "notification-key.json",
        "bucket-notification.json",
    ];
    for file in files {
        for account in ["111111111111", "222222222222"] {
            let _ = std::fs::remove_file(folder.join(account).join(file));
        }
    }
    let report = check(&folder, &[]);
    assert_eq!(states(&report), [["cannot-tell"; 9].as_slice(), &["by-hand"]].concat());
    assert!(
        report["works"].as_array().unwrap().iter().all(|works| works["answer"] == "cannot-tell"),
        "{report:#}"
    );
    // An error that says nothing of the thing is no absence, and neither is an empty answer.
    std::fs::write(
        folder.join("222222222222/topic.error"),
        "An error occurred (AccessDenied) when calling …\n",
    )
    .unwrap();
    std::fs::write(folder.join("222222222222/queue.json"), "\n").unwrap();
    let report = check(&folder, &[]);
    assert_eq!(states(&report)[3..5], ["cannot-tell", "cannot-tell"]);
    std::fs::write(folder.join("222222222222/topic.error"), "An error occurred (NotFound) when calling …\n")
        .unwrap();
    assert_eq!(states(&check(&folder, &[]))[3], "missing");
}

#[test]
fn a_deny_and_a_taken_sid_are_no_done() {
    let folder = accounts("denied");
    let deny = r#"{\"Effect\":\"Deny\",\"Principal\":\"*\",\"Action\":\"sqs:SendMessage\",\"Resource\":\"*\"},{\"Sid\":\"AllowSnsSendMessage\""#;
    edit(&folder, "222222222222/queue.json", r#"{\"Sid\":\"AllowSnsSendMessage\""#, deny);
    edit(&folder, "222222222222/queue.json", "345600", "604800");
    let report = check(&folder, &[]);
    assert_eq!(states(&report)[4], "different");
    assert_eq!(answer(&report, "allows SNS to send"), "not-yet");
}

#[test]
fn option_1_says_what_comes_from_the_stack() {
    let folder = accounts("stack");
    let report = check(&folder, &["--set", "YOUR_OPTION=1"]);
    assert_eq!(report["option"], 1);
    for (index, step) in report["steps"].as_array().unwrap().iter().enumerate() {
        let of_stack = step["detail"].as_str().unwrap().starts_with("of the stack: ");
        assert_eq!(of_stack, [3, 4, 5, 6, 8].contains(&index), "{step}");
    }
}

#[test]
fn a_pending_subscription_is_different_and_others_do_not_matter() {
    let folder = accounts("pending");
    let list = folder.join("222222222222/subscriptions.json");
    let subscription = |arn: &str, protocol: &str, endpoint: &str| {
        json!({ "SubscriptionArn": arn, "Owner": "222222222222", "Protocol": protocol, "Endpoint": endpoint,
                "TopicArn": "arn:aws:sns:us-east-1:222222222222:expel-topic" })
    };
    let queue = "arn:aws:sqs:us-east-1:222222222222:expel-queue";
    let write = |list_of: &[Value]| {
        std::fs::write(&list, json!({ "Subscriptions": list_of }).to_string()).unwrap();
    };
    let step6 = || check(&folder, &[])["steps"][5].clone();

    let mail = subscription("PendingConfirmation", "email", "somebody@example.com");
    write(std::slice::from_ref(&mail));
    assert_eq!(step6()["state"], "missing");
    write(&[mail.clone(), subscription("PendingConfirmation", "sqs", queue)]);
    let pending = step6();
    assert_eq!(pending["state"], "different");
    assert!(pending["detail"].as_str().unwrap().contains("in 222222222222 SNS asks for none"), "{pending}");
    assert_eq!(pending["looked_at"].as_array().unwrap().len(), 1, "SNS has no attributes of it");

    // A confirmed one, of which the attributes were collected under its place in the list.
    let arn = "arn:aws:sns:us-east-1:222222222222:expel-topic:11111111-2222-3333-4444-555555555555";
    write(&[mail, subscription(arn, "sqs", queue)]);
    assert_eq!(step6()["state"], "cannot-tell");
    let attributes =
        std::fs::read_to_string(root().join("fixtures/answers/sns-get-subscription-attributes.json"))
            .unwrap();
    std::fs::write(
        folder.join("222222222222/subscriptions-2.json"),
        attributes.replace("\"RawMessageDelivery\": \"false\"", "\"RawMessageDelivery\": \"true\""),
    )
    .unwrap();
    assert_eq!(step6()["state"], "done");
    // What is pending has nothing to be read.
    let script = guide(&["collect", "--values", "fixtures/expel.toml", "--step", "6"]);
    let script = String::from_utf8(script.stdout).unwrap();
    assert!(script.contains("case $each in PendingConfirmation | Deleted) continue ;; esac"), "{script}");
}

#[test]
fn the_trail_says_which_key_it_has() {
    let folder = accounts("trail");
    let trail = |key: Value| {
        let trail = json!({ "Name": "org-trail", "S3BucketName": "aws-controltower-logs-222222222222-us-east-1",
                            "KmsKeyId": key });
        let other = json!({ "Name": "other", "S3BucketName": "other" });
        std::fs::write(
            folder.join("111111111111/trails.json"),
            json!({ "trailList": [other, trail] }).to_string(),
        )
        .unwrap();
    };
    let key = "arn:aws:kms:us-east-1:111111111111:key/11111111-2222-3333-4444-555555555555";
    trail(json!(key));
    assert_eq!(check(&folder, &[])["steps"][1]["state"], "done");
    trail(json!("arn:aws:kms:us-east-1:111111111111:key/other"));
    let step = check(&folder, &[])["steps"][1].clone();
    assert_eq!(step["state"], "different");
    assert!(step["detail"].as_str().unwrap().contains("key/other"), "{step}");
    trail(Value::Null);
    let step = check(&folder, &[])["steps"][1].clone();
    assert_eq!(step["state"], "missing");
    assert!(step["detail"].as_str().unwrap().contains("org-trail has no KMS key"), "{step}");
}

/// A role under another path than the value has is not the role that policies are to name.
#[test]
fn a_role_with_another_path_is_not_the_role() {
    let folder = accounts("role-path");
    let values = folder.join("values.toml");
    let text = std::fs::read_to_string(root().join("fixtures/expel.toml")).unwrap();
    std::fs::write(&values, text.replace("role/Expel", "role/security/x/Expel")).unwrap();
    edit(&folder, "111111111111/trail-key.json", "role/Expel", "role/security/x/Expel");
    let (values, from) = (values.display().to_string(), folder.display().to_string());
    let check = || -> Value {
        let output = guide(&["check", "--values", &values, "--from", &from, "--format", "json"]);
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let report = check();
    let exists = "arn:aws:iam::222222222222:role/ExpelAssumeRole";
    assert_eq!(states(&report)[..2], ["different", "different"], "{report:#}");
    let detail = report["steps"][0]["detail"].as_str().unwrap();
    assert!(
        detail.contains(&format!("222222222222: the role is `{exists}`, the value has path `/security/x/`")),
        "{detail}"
    );
    assert!(report["steps"][1]["detail"].as_str().unwrap().contains(exists));
    assert_eq!(report["form"]["Role ARN"], exists, "step 10 prints what exists");
    assert_ne!(answer(&report, "decrypt log files"), "yes");

    // Where the path is the value's, all is as it is without one.
    for account in ["111111111111", "222222222222"] {
        edit(&folder, &format!("{account}/role.json"), ":role/Expel", ":role/security/x/Expel");
    }
    let report = check();
    assert_eq!(states(&report)[..2], ["done", "done"], "{report:#}");
    assert_eq!(report["form"]["Role ARN"], "arn:aws:iam::222222222222:role/security/x/ExpelAssumeRole");
}

/// What the bucket's notifications and the trail come to at step 8.
fn step8(folder: &Path, notifications: &Value, trail: Option<&Value>, more: &[&str]) -> Value {
    let write = |file: &str, value: &Value| std::fs::write(folder.join(file), value.to_string()).unwrap();
    write("222222222222/bucket-notification.json", notifications);
    match trail {
        Some(trail) => write("111111111111/trails.json", &json!({ "trailList": [trail] })),
        None => drop(std::fs::remove_file(folder.join("111111111111/trails.json"))),
    }
    check(folder, more)["steps"][7].clone()
}

fn detail(step: &Value) -> &str {
    step["detail"].as_str().unwrap()
}

#[test]
fn notifications_beside_others() {
    let folder = accounts("beside");
    let topic = "arn:aws:sns:us-east-1:222222222222:expel-topic";
    let filter = |prefix: &str| json!({ "Key": { "FilterRules": [{ "Name": "Prefix", "Value": prefix }] } });
    let trail = json!({ "Name": "org-trail", "S3BucketName": "aws-controltower-logs-222222222222-us-east-1",
        "S3KeyPrefix": "o-a1b2c3d4e5", "IsOrganizationTrail": true,
        "KmsKeyId": "arn:aws:kms:us-east-1:111111111111:key/11111111-2222-3333-4444-555555555555" });

    // One that does not overlap is kept, and named.
    let removed = json!({ "Id": "audit", "LambdaFunctionArn": "arn:aws:lambda:us-east-1:222222222222:function:scan",
                          "Events": ["s3:ObjectRemoved:*"] });
    let step = step8(&folder, &json!({ "LambdaFunctionConfigurations": [removed] }), None, &[]);
    assert_eq!(step["state"], "missing");
    assert!(detail(&step).contains("it keeps s3:ObjectRemoved:* to function `scan`"), "{step}");

    // One that does is named with all that decides it; a prefix may help where none is known.
    let config = json!({ "Id": "config", "QueueArn": "arn:aws:sqs:us-east-1:222222222222:q",
                         "Events": ["s3:ObjectCreated:Put"], "Filter": filter("config/") });
    let others = json!({ "QueueConfigurations": [config] });
    let step = step8(&folder, &others, None, &[]);
    assert_eq!(step["state"], "different");
    for part in [
        "the queue notification `config`, s3:ObjectCreated:Put to `q` for prefix `config/`, overlaps with the step's",
        "a value for YOUR_LOG_PREFIX may keep them apart",
    ] {
        assert!(detail(&step).contains(part), "{part}: {step}");
    }
    // Where the trail is known, its prefix is taken; so is one that is given.
    let step = step8(&folder, &others, Some(&trail), &[]);
    assert_eq!(step["state"], "missing", "{step}");
    let own = "for prefix `o-a1b2c3d4e5/AWSLogs/o-a1b2c3d4e5/`";
    assert!(detail(&step).contains(own), "{step}");
    let step = step8(&folder, &others, None, &["--set", "YOUR_LOG_PREFIX=logs/AWSLogs/"]);
    assert_eq!(step["state"], "missing");
    assert!(detail(&step).contains("for prefix `logs/AWSLogs/`"), "{step}");
    // A prefix does not help where the other one has none.
    let all = json!({ "QueueConfigurations": [{ "Id": "all", "QueueArn": "arn:aws:sqs:us-east-1:222222222222:q",
                      "Events": ["s3:ObjectCreated:*"] }] });
    assert_eq!(step8(&folder, &all, Some(&trail), &[])["state"], "different");

    // A filter that lets through all that the trail writes is done, and no other one.
    for (prefix, done) in [
        ("o-a1b2c3d4e5/AWSLogs/o-a1b2c3d4e5/", true),
        ("o-a1b2c3d4e5/", true),
        ("o-a1", true),
        ("o-a1b2c3d4e5/AWSLogs/o-a1b2c3d4e5/111111111111/", false),
        ("AWSLogs/", false),
    ] {
        let own = json!({ "Id": "mine", "TopicArn": topic, "Events": ["s3:ObjectCreated:*"], "Filter": filter(prefix) });
        let step = step8(&folder, &json!({ "TopicConfigurations": [own] }), Some(&trail), &[]);
        assert_eq!(step["state"] == "done", done, "{prefix}: {step}");
        if done {
            assert!(detail(&step).ends_with(&format!("topic `expel-topic` for prefix `{prefix}`")), "{step}");
        }
    }
    // All events of `s3:ObjectCreated:*` are as good as it; S3 API, "Event". One less is not.
    let created =
        ["Put", "Post", "Copy", "CompleteMultipartUpload"].map(|each| format!("s3:ObjectCreated:{each}"));
    for (events, filter, done) in [
        (&created[..], Some(filter("o-a1b2c3d4e5/")), true),
        (&created[..], None, true),
        (&created[..3], Some(filter("o-a1b2c3d4e5/")), false),
    ] {
        let mut own = json!({ "Id": "mine", "TopicArn": topic, "Events": events });
        filter.into_iter().for_each(|filter| own["Filter"] = filter);
        for trail in [Some(&trail), None].into_iter().take(if own["Filter"].is_null() { 2 } else { 1 }) {
            let step = step8(&folder, &json!({ "TopicConfigurations": [own] }), trail, &[]);
            assert_eq!(step["state"] == "done", done, "{step}");
        }
    }
    // Two trails with different prefixes have none in common.
    let mut second = trail.clone();
    second["S3KeyPrefix"] = json!("other");
    std::fs::write(
        folder.join("111111111111/trails.json"),
        json!({ "trailList": [trail, second] }).to_string(),
    )
    .unwrap();
    std::fs::write(folder.join("222222222222/bucket-notification.json"), others.to_string()).unwrap();
    assert_eq!(check(&folder, &[])["steps"][7]["state"], "different");
}

/// S3 takes two notifications of one event if no key has both their prefixes and both their suffixes: S3 guide,
/// "Configuring event notifications using object key name filtering". The keys of log files end with `.json.gz`:
/// CloudTrail guide, "CloudTrail log file names".
#[test]
fn notifications_with_a_suffix() {
    let folder = accounts("suffix");
    let topic = "arn:aws:sns:us-east-1:222222222222:expel-topic";
    let rules = |prefix: &str, suffix: &str| {
        let rule = |name: &str, value: &str| json!({ "Name": name, "Value": value });
        json!({ "Key": { "FilterRules": [rule("Prefix", prefix), rule("Suffix", suffix)] } })
    };
    let trail = json!({ "Name": "trail", "S3BucketName": "aws-controltower-logs-222222222222-us-east-1",
        "KmsKeyId": "arn:aws:kms:us-east-1:111111111111:key/11111111-2222-3333-4444-555555555555" });
    let other = |prefix: &str, suffix: &str| {
        json!({ "Id": "other", "QueueArn": "arn:aws:sqs:us-east-1:222222222222:q",
        "Events": ["s3:ObjectCreated:*"], "Filter": rules(prefix, suffix) })
    };
    // What the other one is limited to, whether the trail's prefix is known, and what the step's own is limited to.
    for (prefix, suffix, is_known, own) in [
        ("", ".csv", false, Some(" for suffix `.json.gz`")),
        ("", ".json", false, Some(" for suffix `.json.gz`")),
        ("", ".csv", true, Some(" for suffix `.json.gz`")),
        ("AWSLogs/", ".csv", true, Some(" for suffix `.json.gz`")),
        ("exports/", ".gz", true, Some(" for prefix `AWSLogs/`")),
        ("exports/", ".csv", true, Some(" for prefix `AWSLogs/`")),
        ("", ".gz", false, None),
        ("", ".gz", true, None),
        ("", "x.json.gz", true, None),
        ("AWSLogs/111111111111/", ".json.gz", true, None),
        ("exports/", ".gz", false, None),
    ] {
        let trail = is_known.then_some(&trail);
        let step = step8(&folder, &json!({ "QueueConfigurations": [other(prefix, suffix)] }), trail, &[]);
        match own {
            Some(own) => {
                assert_eq!(step["state"], "missing", "{prefix} {suffix}: {step}");
                assert!(detail(&step).contains(&format!("new objects{own}; it keeps")), "{step}");
            }
            None => {
                assert_eq!(step["state"], "different", "{prefix} {suffix}: {step}");
                assert!(
                    detail(&step).contains(&format!("suffix `{suffix}`, overlaps with the step's")),
                    "{step}"
                );
                // A prefix helps against one that has a prefix itself.
                let helps = !prefix.is_empty() && !is_known;
                assert_eq!(detail(&step).contains("a value for YOUR_LOG_PREFIX"), helps, "{step}");
            }
        }
    }
    // One by prefix and one by suffix: both are needed. One that nothing keeps apart is the one that is named.
    let two = [other("exports/", ".gz"), other("AWSLogs/", ".csv")];
    let step = step8(&folder, &json!({ "QueueConfigurations": two }), Some(&trail), &[]);
    assert_eq!(step["state"], "missing");
    assert!(detail(&step).contains("for prefix `AWSLogs/`, suffix `.json.gz`"), "{step}");
    let mut in_way = other("", ".gz");
    in_way["Id"] = json!("in-way");
    let step =
        step8(&folder, &json!({ "QueueConfigurations": [other("", ".csv"), in_way] }), Some(&trail), &[]);
    assert!(step["state"] == "different" && detail(&step).contains("`in-way`"), "{step}");
    // A prefix that was given stays, with a suffix where it takes one.
    let given = ["--set", "YOUR_LOG_PREFIX=AWSLogs/"];
    let step = step8(&folder, &json!({ "QueueConfigurations": [other("AWSLogs/", ".csv")] }), None, &given);
    assert!(detail(&step).contains("for prefix `AWSLogs/`, suffix `.json.gz`"), "{step}");

    // A suffix that all log files have is done, and no other one.
    for (prefix, suffix, done) in [
        ("", ".json.gz", true),
        ("", "gz", true),
        ("AWSLogs/", ".json.gz", true),
        ("", ".json", false),
        ("", "_x.json.gz", false),
        ("logs/", ".gz", false),
    ] {
        let own = json!({ "Id": "mine", "TopicArn": topic, "Events": ["s3:ObjectCreated:*"], "Filter": rules(prefix, suffix) });
        let step = step8(&folder, &json!({ "TopicConfigurations": [own] }), Some(&trail), &[]);
        assert_eq!(step["state"] == "done", done, "{prefix} {suffix}: {step}");
    }
}

/// What no plan would do is not promised.
#[test]
fn next_promises_only_what_a_plan_does() {
    let folder = accounts("promises");
    let overlap = root().join("fixtures/settings/notification-overlap.json");
    std::fs::copy(overlap, folder.join("222222222222/bucket-notification.json")).unwrap();
    let from = folder.display().to_string();
    let output = guide(&["check", "--values", "fixtures/expel.toml", "--from", &from]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("writes the commands for steps 5, 6, 7,"), "{text}");
    assert!(text.contains("step 8: no plan can do it"), "{text}");
}

/// One cause is one line, whatever depends on it.
#[test]
fn an_account_that_was_not_collected_is_one_line() {
    let folder = accounts("one-line");
    std::fs::remove_dir_all(folder.join("222222222222")).unwrap();
    let from = folder.display().to_string();
    let output = guide(&["check", "--values", "fixtures/expel.toml", "--from", &from]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(text.matches("not collected in").count(), 1, "{text}");
    assert!(
        text.contains(" 1, 3-9                    unknown       not collected in 222222222222 (Log Archive)"),
        "{text}"
    );
    assert!(text.contains("  2  trail key policy      done"), "{text}");
    assert!(
        text.contains("7 questions, as policies were not collected") || text.contains("8 questions"),
        "{text}"
    );
}

#[test]
fn values_that_a_shell_would_act_on_are_only_values() {
    let folder = accounts("shell");
    let text = std::fs::read_to_string(root().join("fixtures/expel.toml")).unwrap();
    let values = folder.join("values.toml");
    let bucket = "aws-controltower-logs-222222222222-us-east-1";
    assert!(text.contains(bucket));
    std::fs::write(&values, text.replace(bucket, "b'; touch x; echo '")).unwrap();
    let output = guide(&["collect", "--values", &values.display().to_string()]);
    let script = String::from_utf8(output.stdout).unwrap();
    assert!(script.contains(r"'b'\''; touch x; echo '\'''"), "{script}");
}

#[test]
fn the_file_of_values_is_one_that_can_be_read() {
    let output = guide(&["init", "--values", "fixtures/expel.toml"]);
    let text = String::from_utf8(output.stdout).unwrap();
    let written: toml::Table = text.parse().unwrap();
    let given: toml::Table =
        std::fs::read_to_string(root().join("fixtures/expel.toml")).unwrap().parse().unwrap();
    assert_eq!(written, given);
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("init.toml");
    std::fs::write(&path, "mine").unwrap();
    assert_eq!(guide(&["init", "-o", path.to_str().unwrap()]).status.code(), Some(2));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "mine");
}

/// A folder of its own without anything, to run the guide in.
fn empty(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// Exit status, standard output and standard error of the guide in a folder.
fn guide_in(folder: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_polmerge"));
    command.current_dir(folder).arg("guide").args(arguments).env("LC_ALL", "C.UTF-8");
    let output = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

const DERIVED: [&str; 8] = [
    "YOUR_EXPEL_ROLE_NAME",
    "YOUR_EXPEL_ROLE_PATH",
    "YOUR_LOG_ARCHIVE_ACCOUNT_ID",
    "YOUR_MANAGEMENT_ACCOUNT_ID",
    "YOUR_QUEUE_NAME",
    "YOUR_S3_BUCKET",
    "YOUR_SQS_QUEUE_URL",
    "YOUR_TOPIC_NAME",
];
const GIVEN: [&str; 6] = [
    "YOUR_CLOUDTRAIL_KEY_ARN",
    "YOUR_EXPEL_ROLE_ARN",
    "YOUR_S3_ARN",
    "YOUR_SQS_QUEUE_ARN",
    "YOUR_TOPIC_ARN",
    "YOUR_WORKBENCH_EXTERNAL_ID",
];

#[test]
fn a_file_that_is_not_filled_in_lists_what_is_missing() {
    let folder = empty("unfilled");
    let listed = |error: &str| -> Vec<String> {
        let names = error.lines().filter_map(|line| line.strip_prefix("  YOUR_"));
        names.map(|name| format!("YOUR_{name}")).collect()
    };
    assert_eq!(guide_in(&folder, &["init", "-o", "expel.toml"]).0, Some(0));
    // With the names commented out, with empty values, and without any file.
    for round in 0..3 {
        for command in ["check", "collect", "plan"] {
            let (status, out, error) = guide_in(&folder, &[command]);
            assert_eq!((status, out.as_str()), (Some(2), ""), "{command}: {error}");
            let external_id = GIVEN.len() - usize::from(command == "collect");
            assert_eq!(listed(&error), GIVEN[..external_id], "{round} {command}: {error}");
            for name in DERIVED {
                assert!(!error.contains(name), "{command} asks for {name}: {error}");
            }
            assert!(error.contains("aws sns list-topics --query"), "{error}");
            let place =
                ["missing from `expel.toml`", "polmerge guide init -o expel.toml"][usize::from(round == 2)];
            assert!(error.contains(place), "{error}");
        }
        let file = folder.join("expel.toml");
        match round {
            0 => {
                let text = std::fs::read_to_string(&file).unwrap();
                std::fs::write(&file, text.replace("#YOUR_", "YOUR_")).unwrap();
            }
            1 => std::fs::remove_file(&file).unwrap(),
            _ => {}
        }
    }

    // One value missing is one asked for, and a name with a slip is named with it.
    let whole = std::fs::read_to_string(root().join("fixtures/expel.toml")).unwrap();
    for name in GIVEN {
        let slip = format!("{name}S");
        std::fs::write(folder.join("expel.toml"), whole.replace(name, &slip)).unwrap();
        for command in ["check", "collect", "plan"] {
            let (status, _, error) = guide_in(&folder, &[command]);
            let why = format!("`{slip}` (expel.toml) is not the name of a value; did you mean `{name}`?");
            assert!(error.contains(&why), "{command}: {error}");
            if command == "collect" && name == "YOUR_WORKBENCH_EXTERNAL_ID" {
                assert_eq!(status, Some(0), "nothing that is read needs it");
                continue;
            }
            assert_eq!((status, listed(&error)), (Some(2), vec![name.to_owned()]), "{command}: {error}");
        }
    }
    // A step asks for no more than it reads.
    std::fs::write(folder.join("expel.toml"), whole.replace("YOUR_S3_ARN", "#")).unwrap();
    assert_eq!(guide_in(&folder, &["collect", "--step", "5"]).0, Some(0));
    assert_eq!(guide_in(&folder, &["collect", "--step", "8"]).0, Some(2));
    // The ARN of a new key follows, and that of the stack's key comes later.
    std::fs::write(folder.join("expel.toml"), whole.replace("YOUR_NOTIFICATION_KEY_ARN", "#")).unwrap();
    for more in [&[][..], &["--set", "YOUR_OPTION=1"]] {
        assert_eq!(guide_in(&folder, &[&["collect"], more].concat()).0, Some(0));
        assert_eq!(guide_in(&folder, &[&["check"], more].concat()).0, Some(1));
    }
}

#[test]
fn what_lies_beside_is_used_and_named() {
    let folder = empty("beside-defaults");
    std::fs::copy(root().join("fixtures/expel.toml"), folder.join("expel.toml")).unwrap();
    // Nothing was collected: an empty folder is as good as none.
    for made in [false, true] {
        if made {
            std::fs::create_dir(folder.join("accounts")).unwrap();
        }
        let (status, out, error) = guide_in(&folder, &["check"]);
        assert_eq!((status, error.as_str()), (Some(1), "Using values from `expel.toml`.\n"));
        assert!(out.contains("no account data collected yet"), "{out}");
        let collect = "  polmerge guide collect | bash\n      run it signed in to 111111111111 (management), then to \
                       222222222222 (Log Archive); it only\n      reads\n";
        assert!(out.contains(collect), "{out}");
        let (status, _, error) = guide_in(&folder, &["plan"]);
        assert_eq!(status, Some(2));
        assert!(error.contains("collect it with: polmerge guide collect | bash\nsigned in to 222222222222 (Log Archive), then to 111111111111 (management)\n"), "{error}");
        assert!(!folder.join("plan").exists());
    }
    std::fs::remove_dir(folder.join("accounts")).unwrap();

    let named = ["--values", "expel.toml", "--from", "accounts"];
    std::fs::rename(accounts("beside-collected"), folder.join("accounts")).unwrap();
    let (status, out, error) = guide_in(&folder, &["check", "--format", "json"]);
    assert_eq!(error, "Using values from `expel.toml` and account data from `accounts`.\n");
    assert_eq!((status, out), {
        let (status, out, error) = guide_in(&folder, &[&["check", "--format", "json"], &named[..]].concat());
        assert_eq!(error, "");
        (status, out)
    });
    assert_eq!(guide_in(&folder, &["check", "-q"]).2, "");
    // Another folder is repeated in all that is to be typed next; the default one is not.
    let (_, out, _) = guide_in(&folder, &["check"]);
    assert!(
        out.contains("  polmerge guide collect --step 9 | bash\n")
            && out.contains("  polmerge guide plan -o plan/\n"),
        "{out}"
    );
    std::fs::rename(folder.join("accounts"), folder.join("answers")).unwrap();
    let (_, out, _) = guide_in(&folder, &["check", "--from", "answers"]);
    for command in ["collect --into answers --step 9 | bash\n", "plan --from answers -o plan/\n"] {
        assert!(out.contains(&format!("  polmerge guide {command}")), "{command}: {out}");
    }

    // An account without answers is named with the command, and the others are planned.
    std::fs::remove_dir_all(folder.join("answers/111111111111")).unwrap();
    let (status, out, _) = guide_in(&folder, &["plan", "--from", "answers/"]);
    assert_eq!(status, Some(1));
    let lacks = "- 111111111111 (management) was not collected; signed in there, run\n    polmerge guide collect --into answers/ | bash\n";
    assert!(out.contains(lacks) && out.contains("plan/0001/1-log-archive-222222222222/run.sh"), "{out}");
    // A folder that is named is to be one with answers.
    for from in ["accounts", "expel.toml"] {
        let (status, _, error) = guide_in(&folder, &["check", "--from", from]);
        assert_eq!(status, Some(2));
        assert!(error.contains("does not exist, or is not a folder"), "{error}");
    }
}

#[test]
fn only_options_that_exist_are_offered() {
    let folder = empty("options");
    let (_, text, _) = guide_in(&folder, &["init"]);
    let option = "#   \"1\": one stack\n#   \"2\": by hand (the default)\n#YOUR_OPTION = \"\"\n";
    assert!(text.contains(option), "{text}");
    for command in ["init", "check", "collect"] {
        let (status, out, error) = guide_in(&folder, &[command, "--set", "YOUR_OPTION=3"]);
        assert_eq!((status, out.as_str()), (Some(2), ""));
        assert!(
            error.contains("YOUR_OPTION is `3`, which is not an option: use 1 (one stack) or 2 (by hand)"),
            "{error}"
        );
    }
}

/// Writes an answer of `guide discover`.
fn discovered(folder: &Path, account: &str, file: &str, answer: &Value) {
    let folder = folder.join("discovered").join(account);
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join(format!("{file}.json")), answer.to_string()).unwrap();
}

/// Two accounts with a trail, as their scripts answer.
fn discovered_accounts(folder: &Path) {
    for (account, id) in [("management", "111111111111"), ("log-archive", "222222222222")] {
        let caller =
            json!({ "Account": id, "Arn": format!("arn:aws:sts::{id}:assumed-role/Engineer/engineer") });
        discovered(folder, account, "account", &caller);
        discovered(folder, account, "region", &json!("eu-west-1"));
    }
    let management = |file: &str, answer: &Value| discovered(folder, "management", file, answer);
    management("management-account-id-1", &json!(["111111111111"]));
    management(
        "s3-arn-1",
        &json!([{ "value": "trail-logs", "of": "org" }, { "value": "old-logs", "of": "old" }]),
    );
    let key = |id: &str| format!("arn:aws:kms:eu-west-1:111111111111:key/{id}");
    management(
        "cloudtrail-key-arn-1",
        &json!([{ "value": key("old"), "of": "old", "YOUR_S3_ARN": "old-logs" },
                { "value": key("org"), "of": "org", "YOUR_S3_ARN": "trail-logs" }]),
    );
    management(
        "log-prefix-1",
        &json!([{ "value": "AWSLogs/", "of": "old", "YOUR_S3_ARN": "old-logs" },
                { "value": "o-1/AWSLogs/", "of": "org", "YOUR_S3_ARN": "trail-logs" }]),
    );
    discovered(folder, "log-archive", "s3-arn-2", &json!(["trail-logs", "other"]));
    discovered(folder, "log-archive", "topic-arn-4", &json!(["arn:aws:sns:eu-west-1:222222222222:alarms"]));
    let queues = json!(["https://sqs.eu-west-1.amazonaws.com/222222222222/jobs"]);
    discovered(folder, "log-archive", "sqs-queue-arn-3", &queues);
}

/// The values in a file that `guide init` prints, and the comment lines before each.
fn values_with_comments(text: &str) -> Vec<(String, String, String)> {
    let mut comments = String::new();
    let mut values = Vec::new();
    for line in text.lines() {
        match line.split_once(" = ") {
            Some((name, value)) if name.starts_with("YOUR_") => {
                values.push((
                    name.to_owned(),
                    value.trim_matches('"').to_owned(),
                    std::mem::take(&mut comments),
                ));
            }
            _ if line.is_empty() => comments.clear(),
            _ => comments.push_str(&format!("{line}\n")),
        }
    }
    values
}

#[test]
fn what_is_discovered_fills_the_file_of_values() {
    let folder = empty("discovered");
    discovered_accounts(&folder);
    let (status, text, error) = guide_in(&folder, &["init"]);
    assert_eq!((status, error.as_str()), (Some(0), "Using answers from `discovered`.\n"));
    let values = values_with_comments(&text);
    let origin = |name: &str, value: &str, origin: &str| {
        let (_, found, comments) =
            values.iter().find(|(own, ..)| own == name).unwrap_or_else(|| panic!("{name}: {text}"));
        assert_eq!(found, value, "{name}");
        assert!(comments.ends_with(&format!("{origin}\n")), "{name}: {comments}");
    };
    // The other trail writes to a bucket that Log Archive does not have.
    origin(
        "YOUR_S3_ARN",
        "arn:aws:s3:::trail-logs",
        "# The bucket of the trail org, in 111111111111 (management).",
    );
    origin(
        "YOUR_CLOUDTRAIL_KEY_ARN",
        "arn:aws:kms:eu-west-1:111111111111:key/org",
        "# The key of the trail org, in 111111111111 (management).",
    );
    for (name, value) in [
        ("YOUR_EXPEL_ROLE_ARN", "arn:aws:iam::222222222222:role/ExpelAssumeRole"),
        ("YOUR_TOPIC_ARN", "arn:aws:sns:eu-west-1:222222222222:expel-topic"),
        ("YOUR_SQS_QUEUE_ARN", "arn:aws:sqs:eu-west-1:222222222222:expel-queue"),
    ] {
        origin(name, value, "# A proposed name for a new one, in 222222222222 (Log Archive).");
    }
    assert_eq!(values.len(), 5, "{text}");
    // What exists besides is listed, what is not needed is not used, and what cannot be found says how to.
    for line in [
        "#YOUR_TOPIC_ARN = \"arn:aws:sns:eu-west-1:222222222222:alarms\"\n",
        "#YOUR_SQS_QUEUE_ARN = \"arn:aws:sqs:eu-west-1:222222222222:jobs\"\n",
        "#YOUR_LOG_PREFIX = \"o-1/AWSLogs/\"\n",
        "# Find it in Expel Workbench: the GUID of your organization\n#YOUR_WORKBENCH_EXTERNAL_ID = \"\"\n",
        "#YOUR_NOTIFICATION_KEY_ARN = \"\"\n",
    ] {
        assert!(text.contains(line), "{line}: {text}");
    }
    assert!(!text.contains("\"AWSLogs/\"") && !text.contains("old-logs"), "{text}");

    // A value that is given counts more, and the next command is named.
    let arguments = [
        "init",
        "-o",
        "expel.toml",
        "--set",
        "YOUR_WORKBENCH_EXTERNAL_ID=0-0",
        "--set",
        "YOUR_S3_ARN=arn:aws:s3:::old-logs",
    ];
    let (status, _, error) = guide_in(&folder, &arguments);
    assert_eq!(status, Some(0), "{error}");
    assert!(
        error.contains("every value was found") && error.contains("  polmerge guide collect | bash\n"),
        "{error}"
    );
    let text = std::fs::read_to_string(folder.join("expel.toml")).unwrap();
    assert!(text.contains("# From --set.\nYOUR_S3_ARN = \"arn:aws:s3:::old-logs\"\n"), "{text}");
    assert!(
        text.contains("\nYOUR_CLOUDTRAIL_KEY_ARN = \"arn:aws:kms:eu-west-1:111111111111:key/old\"\n"),
        "{text}"
    );
    // The file is one that the guide can use.
    assert_eq!(guide_in(&folder, &["check"]).0, Some(1));
    assert_eq!(guide_in(&folder, &["collect"]).0, Some(0));
}

#[test]
fn what_is_ambiguous_is_left_open_with_its_candidates() {
    let folder = empty("ambiguous");
    discovered_accounts(&folder);
    // Log Archive has both buckets.
    discovered(&folder, "log-archive", "s3-arn-2", &json!(["trail-logs", "old-logs"]));
    let topic = "arn:aws:sns:eu-west-1:222222222222:siem";
    discovered(&folder, "log-archive", "topic-arn-1", &json!([{ "value": topic, "of": "all" }]));
    let expel = "arn:aws:sns:eu-west-1:222222222222:expel-2024";
    discovered(&folder, "log-archive", "topic-arn-2", &json!([expel]));
    // The other bucket already notifies a topic.
    let old = "arn:aws:sns:eu-west-1:222222222222:old";
    discovered(
        &folder,
        "log-archive",
        "topic-arn-1-1.with",
        &json!({ "YOUR_S3_ARN": "arn:aws:s3:::old-logs" }),
    );
    discovered(&folder, "log-archive", "topic-arn-1-1", &json!([old]));
    let (_, text, _) = guide_in(&folder, &["init", "--set", "YOUR_S3_ARN=arn:aws:s3:::trail-logs"]);
    assert!(text.contains(&format!("#YOUR_TOPIC_ARN = \"{expel}\"\n")) && !text.contains(old), "{text}");
    let (status, text, _) = guide_in(&folder, &["init"]);
    assert_eq!(status, Some(0));
    for arn in [topic, old] {
        assert!(text.contains(&format!("#YOUR_TOPIC_ARN = \"{arn}\"\n")), "{text}");
    }
    let open: Vec<String> = values_with_comments(&text).into_iter().map(|(name, ..)| name).collect();
    assert_eq!(open, ["YOUR_EXPEL_ROLE_ARN", "YOUR_SQS_QUEUE_ARN"], "{text}");
    for lines in [
        "# Possible values; remove the leading # of the right one:\n#   the bucket of the trail org, in 111111111111 (management)\n\
         #YOUR_S3_ARN = \"arn:aws:s3:::trail-logs\"\n#   the bucket of the trail old, in 111111111111 (management)\n\
         #YOUR_S3_ARN = \"arn:aws:s3:::old-logs\"\n",
        "#   the key of the trail old, in 111111111111 (management)\n#YOUR_CLOUDTRAIL_KEY_ARN = ",
        &format!(
            "#   a topic named after Expel, in 222222222222 (Log Archive)\n#YOUR_TOPIC_ARN = \"{expel}\"\n"
        ),
    ] {
        assert!(text.contains(lines), "{lines}: {text}");
    }
    // With the bucket, its trail's key is the only one, and the other bucket does not matter.
    let second = folder.join("discovered/log-archive/topic-arn-1-2");
    let with = json!({ "YOUR_S3_ARN": "arn:aws:s3:::old-logs" }).to_string();
    std::fs::write(second.with_extension("with.json"), with).unwrap();
    std::fs::write(second.with_extension("error"), "An error occurred (NoSuchBucket) when calling …\n")
        .unwrap();
    let (_, text, _) = guide_in(&folder, &["init"]);
    assert!(text.contains("(NoSuchBucket)"), "{text}");
    let (_, text, _) = guide_in(&folder, &["init", "--set", "YOUR_S3_ARN=arn:aws:s3:::trail-logs"]);
    assert!(
        text.contains("\nYOUR_CLOUDTRAIL_KEY_ARN = \"arn:aws:kms:eu-west-1:111111111111:key/org\"\n"),
        "{text}"
    );
    assert!(!text.contains("(NoSuchBucket)"), "{text}");

    // Nothing is certain in a wrong account, and an answer that is missing is not one that says no.
    discovered(&folder, "log-archive", "s3-arn-2", &json!(["others"]));
    let (_, text, _) = guide_in(&folder, &["init"]);
    assert!(
        text.contains(
            "# None of these is a bucket in 222222222222 (Log Archive): is that the right account?\n"
        ),
        "{text}"
    );
    assert!(text.contains("#YOUR_S3_ARN = \"arn:aws:s3:::old-logs\"\n"), "{text}");
    let archive = folder.join("discovered/log-archive");
    std::fs::remove_file(archive.join("topic-arn-1.json")).unwrap();
    let denied = "\nAn error occurred (AccessDenied) when calling the GetBucketNotification operation\n";
    std::fs::write(archive.join("topic-arn-1.error"), denied).unwrap();
    let (_, text, _) = guide_in(&folder, &["init"]);
    assert!(
        text.contains("# Not read in 222222222222 (Log Archive): An error occurred (AccessDenied)"),
        "{text}"
    );
}

#[test]
fn answers_of_the_wrong_account_are_refused() {
    let folder = empty("wrong-account");
    discovered_accounts(&folder);
    let caller = |id: &str| json!({ "Account": id, "Arn": format!("arn:aws:iam::{id}:user/engineer") });
    discovered(&folder, "log-archive", "account", &caller("111111111111"));
    let both = "`discovered/management` and `discovered/log-archive` are both of account 111111111111";
    discovered(&folder, "management", "account", &caller("333333333333"));
    let other =
        "`discovered/management` is of account 333333333333, but YOUR_MANAGEMENT_ACCOUNT_ID is 111111111111";
    for (wrong, account) in [(other, "111111111111"), (both, "333333333333")] {
        let (status, out, error) = guide_in(&folder, &["init", "-o", "expel.toml"]);
        assert_eq!((status, out.as_str()), (Some(2), ""));
        assert!(error.contains(wrong) && error.contains("sign in to the"), "{error}");
        assert!(!folder.join("expel.toml").exists());
        discovered(&folder, "management", "account", &caller("111111111111"));
        assert_eq!(account.len(), 12);
    }
    // One account is enough to begin with; the other one is named with its command.
    std::fs::remove_dir_all(folder.join("discovered/log-archive")).unwrap();
    let (status, text, error) = guide_in(&folder, &["init", "-o", "expel.toml"]);
    assert_eq!(status, Some(0), "{text}");
    assert!(
        error.contains("nothing of the Log Archive account: polmerge guide discover log-archive | bash\n")
            && error.contains("Still to be filled in: "),
        "{error}"
    );
    let (status, _, error) = guide_in(&folder, &["init", "--from", "elsewhere", "-o", "other.toml"]);
    assert_eq!(status, Some(2));
    assert!(error.contains("  polmerge guide discover management --into elsewhere | bash\n"), "{error}");
    assert!(!folder.join("other.toml").exists());
}

#[test]
fn texts_of_answers_are_comments_and_nothing_more() {
    let folder = empty("hostile-answers");
    discovered_accounts(&folder);
    let trail = "x\nYOUR_TOPIC_ARN = \"mine\"\u{1b}[2J";
    discovered(&folder, "management", "s3-arn-1", &json!([{ "value": "trail-logs", "of": trail }]));
    discovered(
        &folder,
        "log-archive",
        "topic-arn-2",
        &json!(["arn:aws:sns:eu-west-1:222222222222:a\nb", 7, {}, null]),
    );
    discovered(&folder, "log-archive", "sqs-queue-arn-1", &json!({ "not": "a list" }));
    let (status, text, _) = guide_in(&folder, &["init"]);
    assert_eq!(status, Some(0));
    let table: toml::Table = text.parse().unwrap();
    assert_eq!(table["YOUR_TOPIC_ARN"].as_str(), Some("arn:aws:sns:eu-west-1:222222222222:expel-topic"));
    assert!(!text.contains('\u{1b}'));
    std::fs::write(folder.join("discovered/management/s3-arn-1.json"), "[").unwrap();
    let (_, text, _) = guide_in(&folder, &["init"]);
    assert!(text.contains("discovered/management/s3-arn-1.json is not JSON"), "{text}");
}

#[test]
fn discover_prints_a_script_for_each_account() {
    let folder = empty("discover");
    let (status, out, error) = guide_in(&folder, &["discover"]);
    assert_eq!((status, out.as_str()), (Some(2), ""));
    let next = "  polmerge guide discover management | bash\n      run it signed in to the management account of the organization, which \
                owns the trail's key; it only reads\n  polmerge guide discover log-archive | bash\n";
    assert!(
        error.contains(next) && error.contains("  polmerge guide init --from discovered -o expel.toml\n"),
        "{error}"
    );
    assert_eq!(guide_in(&folder, &["discover", "security"]).0, Some(2));

    let (status, script, _) = guide_in(&folder, &["discover", "management"]);
    assert_eq!(status, Some(0));
    assert!(script.contains("polmerge guide discover log-archive | bash"), "{script}");
    let (status, _, error) = guide_in(&folder, &["discover", "log-archive"]);
    assert_eq!(status, Some(0));
    assert!(
        error.contains(
            "what needs YOUR_S3_BUCKET, which has no value yet; first run: polmerge guide discover management | bash"
        ),
        "{error}"
    );
    // What the management account answers says where to look, and in which Region.
    discovered_accounts(&folder);
    std::fs::remove_dir_all(folder.join("discovered/log-archive")).unwrap();
    // Two trails write to two buckets, so that both are looked at.
    let (status, both, error) = guide_in(&folder, &["discover", "log-archive"]);
    assert_eq!((status, error.as_str()), (Some(0), ""));
    for (number, bucket) in [(1, "trail-logs"), (2, "old-logs")] {
        let with = format!(
            "printf '%s\\n' '{{\"YOUR_S3_ARN\":\"arn:aws:s3:::{bucket}\"}}' >\"$into/topic-arn-1-{number}.with.json\"\nanswer \
             topic-arn-1-{number} - aws s3api get-bucket-notification-configuration --bucket '{bucket}' --query "
        );
        assert!(both.contains(&with), "{with}: {both}");
    }
    let (status, archive, error) =
        guide_in(&folder, &["discover", "log-archive", "--set", "YOUR_S3_ARN=arn:aws:s3:::trail-logs"]);
    assert_eq!((status, error.as_str()), (Some(0), ""));
    assert!(archive.contains("\nregion='eu-west-1'\n"), "{archive}");
    assert!(
        archive.contains(" aws s3api get-bucket-notification-configuration --bucket 'trail-logs' --query "),
        "{archive}"
    );
    assert!(archive.ends_with(" --from discovered -o expel.toml'\n"), "{archive}");

    for script in [&script, &archive] {
        let commands: Vec<&str> =
            script.lines().filter_map(|line| line.split_once(" aws ")).map(|(_, rest)| rest).collect();
        assert!(commands.len() > 3, "{script}");
        for command in commands {
            let operation = command.split(' ').nth(1).unwrap();
            assert!(
                ["describe-", "get-", "list-"].iter().any(|verb| operation.starts_with(verb)),
                "{command}"
            );
        }
        let path = folder.join("script.sh");
        std::fs::write(&path, script).unwrap();
        let checked = Command::new("bash").arg("-n").arg(&path).output().unwrap();
        assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
    }
    // Another folder is repeated in all that is to be typed next.
    let (_, script, _) = guide_in(&folder, &["discover", "management", "--into", "found it"]);
    assert!(script.contains("into='found it'/management\n"), "{script}");
}
