//! The guide on hand-made answers: every state, nothing done that was not looked at, no plan over another.
#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Value, json};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn guide(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_polmerge"));
    command.current_dir(root()).arg("guide").args(arguments).env("LC_ALL", "C.UTF-8");
    command.output().unwrap()
}

/// A folder of its own for a test, with a copy of the answers.
fn accounts(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&folder);
    for account in std::fs::read_dir(root().join("fixtures/accounts")).unwrap() {
        let account = account.unwrap().path();
        let copy = folder.join(account.file_name().unwrap());
        std::fs::create_dir_all(&copy).unwrap();
        for file in std::fs::read_dir(&account).unwrap() {
            let file = file.unwrap().path();
            std::fs::copy(&file, copy.join(file.file_name().unwrap())).unwrap();
        }
    }
    folder
}

fn check(folder: &Path, more: &[&str]) -> Value {
    let from = folder.display().to_string();
    let mut arguments = vec!["check", "--values", "fixtures/expel.toml", "--from", &from, "--format", "json"];
    arguments.extend(more);
    let output = guide(&arguments);
    let report: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
    let schema: Value =
        serde_json::from_str(&std::fs::read_to_string(root().join("schemas/guide.schema.json")).unwrap())
            .unwrap();
    let validator = jsonschema::draft202012::new(&schema).unwrap();
    let errors: Vec<String> = validator.iter_errors(&report).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:?}");
    assert_eq!(report["done"] == json!(true), output.status.code() == Some(0));
    report
}

fn states(report: &Value) -> Vec<&str> {
    report["steps"].as_array().unwrap().iter().map(|step| step["state"].as_str().unwrap()).collect()
}

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
    assert_eq!(report["steps"][3]["detail"], "no aws:SourceAccount; the step has it");
    assert_eq!(answer(&report, "lets Expel in"), "yes");
    assert_eq!(answer(&report, "lets S3 publish"), "yes");
    assert_eq!(answer(&report, "decrypt log files"), "cannot-tell");
    assert_eq!(
        report["workbench"]["SQS URL"],
        "https://sqs.us-east-1.amazonaws.com/222222222222/expel-queue"
    );

    // Without the external id anybody who has Expel as a customer gets in.
    for file in ["111111111111/role.json", "222222222222/role.json"] {
        edit(&folder, file, "\"StringEquals\"", "\"StringEqualsIfExists\"");
    }
    let report = check(&folder, &[]);
    assert_eq!(answer(&report, "lets Expel in"), "no");
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
    assert_eq!(answer(&report, "lets SNS send"), "not-yet");
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

fn plan(from: &Path, to: &Path, more: &[&str]) -> Output {
    let (from, to) = (from.display().to_string(), to.display().to_string());
    let mut arguments = vec!["plan", "--values", "fixtures/expel.toml", "--from", &from, "-o", &to];
    arguments.extend(more);
    guide(&arguments)
}

#[test]
fn a_plan_is_a_new_folder_of_commands_that_bash_can_read() {
    let (from, to) = (accounts("planned"), Path::new(env!("CARGO_TARGET_TMPDIR")).join("plans"));
    let _ = std::fs::remove_dir_all(&to);
    // Step 9 cannot be told, which is said.
    assert_eq!(plan(&from, &to, &[]).status.code(), Some(1));
    assert_eq!(plan(&from, &to, &[]).status.code(), Some(1));
    let read = |path: &str| std::fs::read_to_string(to.join(path)).unwrap();
    assert_eq!(read("0001/README.txt"), read("0002/README.txt"));
    assert!(read("0001/README.txt").contains("step9 in 222222222222"), "{}", read("0001/README.txt"));
    let folder = "0001/1-log-archive-222222222222";
    for script in ["run.sh", "rollback.sh"] {
        let path = to.join(folder).join(script);
        let checked = Command::new("bash").arg("-n").arg(&path).output().unwrap();
        assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains("set -euo pipefail") && text.contains("sts get-caller-identity"), "{text}");
    }
    let run = read(&format!("{folder}/run.sh"));
    let at = |text: &str| run.find(text).unwrap_or_else(|| panic!("no {text} in {run}"));
    assert!(at("sns subscribe") < at("put-bucket-notification-configuration"));
    assert!(at("put-key-policy") < at("put-bucket-notification-configuration"));
    // What is wider than the step is left alone, and so is the bucket's policy always.
    assert!(!run.contains("put-bucket-policy") && !run.contains("--attribute-name Policy"), "{run}");
    // Nothing is left to do in the management account.
    assert!(!to.join("0001/2-management-111111111111").exists());
}

#[test]
fn wrong_inputs_write_nothing() {
    let (from, to) = (accounts("wrong"), Path::new(env!("CARGO_TARGET_TMPDIR")).join("no-plans"));
    let _ = std::fs::remove_dir_all(&to);
    let arn =
        |service: &str, region: &str, rest: &str| format!("arn:aws:{service}:{region}:222222222222:{rest}");
    for (name, value, why) in [
        ("YOUR_SQS_QUEUE_ARN", arn("sqs", "eu-west-1", "q"), "two values"),
        ("YOUR_EXPEL_ROLE_ARN", "arn:aws:iam::333333333333:role/r".to_owned(), "two values"),
    ] {
        let output = plan(&from, &to, &["--set", &format!("{name}={value}")]);
        assert_eq!(output.status.code(), Some(2));
        assert!(String::from_utf8_lossy(&output.stderr).contains(why));
    }
    let text = std::fs::read_to_string(root().join("fixtures/expel.toml")).unwrap();
    let values = Path::new(env!("CARGO_TARGET_TMPDIR")).join("wrong.toml");
    for (old, new, why) in [
        ("sqs:us-east-1", "sqs:eu-west-1", "not of one Region"),
        (":expel-topic\"", ":expel-topic.fifo\"", "FIFO topic"),
        (":expel-queue\"", ":expel-queue.fifo\"", "FIFO queue"),
        ("iam::222222222222", "iam::333333333333", "the one in Log Archive"),
        ("YOUR_NOTIFICATION_KEY_ARN", "#", "needs a value for `YOUR_NOTIFICATION_KEY_ARN`"),
        (
            "arn:aws:kms:us-east-1:222222222222:key/66666666-7777-8888-9999-000000000000",
            "alias/aws/sns",
            "AWS's own",
        ),
        (":expel-topic\"", ":aws-controltower-x\"", "GRSNSTOPICPOLICY"),
        ("role/ExpelAssumeRole", "role/stacksets-exec-1", "GRIAMROLEPOLICY"),
        ("logs-222222222222-us-east-1", "logs-222222222222-us-west-2", "in us-west-2 by its name"),
        ("arn:aws:kms:us-east-1:111111111111", "arn:aws:kms:us-east-1:222222222222", "at once"),
    ] {
        assert!(text.contains(old), "{old}");
        std::fs::write(&values, text.replace(old, new)).unwrap();
        let (values, from, to) = (values.to_str().unwrap(), from.to_str().unwrap(), to.to_str().unwrap());
        let output = guide(&["plan", "--values", values, "--from", from, "-o", to]);
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{old} {error}");
        assert!(error.contains(why), "{old}: {error}");
        assert!(output.stdout.is_empty());
    }
    assert!(!to.exists());
}

#[test]
fn values_that_a_shell_would_act_on_are_only_values() {
    let bucket = "b'; touch x; echo '";
    let output = guide(&[
        "collect",
        "--set",
        &format!("YOUR_S3_ARN=arn:aws:s3:::{bucket}"),
        "--set",
        "YOUR_TOPIC_ARN=arn:aws:sns:us-east-1:222222222222:t",
        "--set",
        "YOUR_EXPEL_ROLE_ARN=arn:aws:iam::222222222222:role/r",
    ]);
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
