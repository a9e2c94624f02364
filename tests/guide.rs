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
