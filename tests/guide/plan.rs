//! Plans: a new folder of commands in order, never one over another, and none from what is wrong.
#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Value, json};

use crate::accounts::{accounts, check, guide, plan, root, states};
use crate::plan_members::stack_set;

#[test]
fn a_plan_is_a_new_folder_of_commands_that_bash_can_read() {
    let (from, to) = (accounts("planned"), Path::new(env!("CARGO_TARGET_TMPDIR")).join("plans"));
    let _ = std::fs::remove_dir_all(&to);
    // Step 9 cannot be told, which is said.
    assert_eq!(plan(&from, &to, &[]).status.code(), Some(1));
    assert_eq!(plan(&from, &to, &[]).status.code(), Some(1));
    let read = |path: &str| std::fs::read_to_string(to.join(path)).unwrap();
    assert_eq!(read("0001/README.txt"), read("0002/README.txt"));
    assert!(read("0001/README.txt").contains("step 9 in 222222222222"), "{}", read("0001/README.txt"));
    assert!(!read("0001/README.txt").contains("step10"), "a form is nothing to plan");
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

/// A plan from values in which `old` is `new`, and a folder that no plan may make.
pub(super) fn plan_with(from: &Path, to: &Path, old: &str, new: &str) -> Output {
    let text = std::fs::read_to_string(root().join("fixtures/expel.toml")).unwrap();
    assert!(text.contains(old), "{old}");
    let values = from.join("values.toml");
    std::fs::write(&values, text.replace(old, new)).unwrap();
    let path = |path: &Path| path.to_str().unwrap().to_owned();
    guide(&["plan", "--values", &path(&values), "--from", &path(from), "-o", &path(to)])
}

pub(super) fn refused(output: &Output, why: &str) {
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{error}");
    assert!(error.contains(why), "{why}: {error}");
    assert!(error.ends_with("Nothing was written.\n"), "{error}");
    assert!(output.stdout.is_empty());
}

#[test]
fn wrong_values_write_nothing() {
    let (from, to) = (accounts("wrong"), Path::new(env!("CARGO_TARGET_TMPDIR")).join("no-plans"));
    let _ = std::fs::remove_dir_all(&to);
    for (name, value) in [
        ("YOUR_SQS_QUEUE_ARN", "arn:aws:sqs:eu-west-1:222222222222:q"),
        ("YOUR_EXPEL_ROLE_ARN", "arn:aws:iam::333333333333:role/r"),
    ] {
        refused(&plan(&from, &to, &["--set", &format!("{name}={value}")]), "two values");
    }
    for (old, new, why) in [
        // The queue in another Region.
        ("sqs:us-east-1", "sqs:eu-west-1", "not of one Region"),
        // A FIFO topic, a FIFO queue.
        (":expel-topic\"", ":expel-topic.fifo\"", "FIFO topic"),
        (":expel-queue\"", ":expel-queue.fifo\"", "FIFO queue"),
        // The role of the wrong account.
        ("iam::222222222222", "iam::333333333333", "it must be in the Log Archive account"),
        // No key for the trail.
        ("YOUR_CLOUDTRAIL_KEY_ARN", "#", "1 value that guide plan needs is missing from"),
        // A key that AWS manages.
        (
            "arn:aws:kms:us-east-1:222222222222:key/66666666-7777-8888-9999-000000000000",
            "alias/aws/sns",
            "AWS's own",
        ),
        // Names that Control Tower keeps for itself.
        (":expel-topic\"", ":aws-controltower-x\"", "GRSNSTOPICPOLICY"),
        ("role/ExpelAssumeRole", "role/stacksets-exec-1", "GRIAMROLEPOLICY"),
        ("logs-222222222222-us-east-1", "logs-222222222222-us-west-2", "in us-west-2 by its name"),
        (
            "arn:aws:kms:us-east-1:111111111111",
            "arn:aws:kms:us-east-1:222222222222",
            "they must be two accounts",
        ),
    ] {
        refused(&plan_with(&from, &to, old, new), why);
    }
    assert!(!to.exists());
}

#[test]
fn wrong_answers_write_nothing() {
    let (from, to) = (accounts("wrong-answers"), Path::new(env!("CARGO_TARGET_TMPDIR")).join("none-planned"));
    let _ = std::fs::remove_dir_all(&to);
    let queue = from.join("222222222222/queue.json");
    let whole = std::fs::read_to_string(&queue).unwrap();
    for (text, why) in [
        ("", "222222222222/queue.json is empty; collect it again"),
        ("{\"Attributes\": ", "222222222222/queue.json is no JSON"),
    ] {
        std::fs::write(&queue, text).unwrap();
        refused(&plan(&from, &to, &[]), why);
        assert_eq!(states(&check(&from, &[]))[4], "cannot-tell");
    }
    std::fs::write(&queue, whole).unwrap();
    // The bucket's name says nothing of its Region here, its location does.
    let location = from.join("222222222222/bucket-location.json");
    std::fs::write(&location, r#"{"LocationConstraint": "EU"}"#).unwrap();
    let why = "is in eu-west-1, and YOUR_TOPIC_ARN in us-east-1";
    refused(&plan_with(&from, &to, "aws-controltower-logs-222222222222-us-east-1", "logs"), why);
    let from_option = from.display().to_string();
    refused(&guide(&["check", "--values", "fixtures/expel.toml", "--from", &from_option]), why);
    std::fs::write(&location, r#"{"LocationConstraint": null}"#).unwrap();
    assert_eq!(check(&from, &[])["done"], false);
    assert!(!to.exists());
}

/// S3 would refuse the whole configuration, so nothing of it is put.
#[test]
fn a_notification_that_overlaps_is_not_planned() {
    let (from, to) = (accounts("overlap"), Path::new(env!("CARGO_TARGET_TMPDIR")).join("overlap-plans"));
    let _ = std::fs::remove_dir_all(&to);
    let overlap = root().join("fixtures/settings/notification-overlap.json");
    std::fs::copy(overlap, from.join("222222222222/bucket-notification.json")).unwrap();
    let report = check(&from, &[]);
    assert_eq!(states(&report)[7], "different");
    assert!(report["steps"][7]["detail"].as_str().unwrap().contains("overlaps with"), "{report:#}");
    let output = plan(&from, &to, &[]);
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.contains("step 8 in 222222222222") && said.contains("overlaps with"), "{said}");
    let run = std::fs::read_to_string(to.join("0001/1-log-archive-222222222222/run.sh")).unwrap();
    assert!(run.contains("sns subscribe") && !run.contains("put-bucket-notification"), "{run}");
}

/// What a suffix keeps apart is planned with it, and the other notification stays.
#[test]
fn a_notification_of_another_suffix_is_kept() {
    let (from, to) = (accounts("suffix"), Path::new(env!("CARGO_TARGET_TMPDIR")).join("suffix-plans"));
    let _ = std::fs::remove_dir_all(&to);
    let other = json!({ "Id": "tables", "QueueArn": "arn:aws:sqs:us-east-1:222222222222:q", "Events": ["s3:ObjectCreated:*"],
        "Filter": { "Key": { "FilterRules": [{ "Name": "Suffix", "Value": ".csv" }] } } });
    let there = json!({ "QueueConfigurations": [other] });
    std::fs::write(from.join("222222222222/bucket-notification.json"), there.to_string()).unwrap();
    plan(&from, &to, &[]);
    let documents = std::fs::read_dir(to.join("0001/1-log-archive-222222222222/documents")).unwrap();
    let put = documents
        .map(|file| file.unwrap().path())
        .find(|file| file.to_string_lossy().ends_with("-step8.json"));
    let put: Value = serde_json::from_str(&std::fs::read_to_string(put.unwrap()).unwrap()).unwrap();
    assert_eq!(put["QueueConfigurations"], there["QueueConfigurations"]);
    let rules = &put["TopicConfigurations"][0]["Filter"]["Key"]["FilterRules"];
    assert_eq!(*rules, json!([{ "Name": "suffix", "Value": ".json.gz" }]));
}

/// The ARN of a new key cannot be chosen: a variable of the script carries it on.
#[test]
fn the_notification_key_is_created_by_the_same_plan() {
    let (from, to) = (accounts("new-key"), Path::new(env!("CARGO_TARGET_TMPDIR")).join("new-key-plans"));
    let _ = std::fs::remove_dir_all(&to);
    let archive = from.join("222222222222");
    std::fs::write(archive.join("role-inline.json"), json!({ "PolicyNames": [] }).to_string()).unwrap();
    let alias = archive.join("notification-key-alias.error");
    std::fs::write(&alias, "An error occurred (NotFoundException) when calling …\n").unwrap();
    let output = plan_with(&from, &to, "YOUR_NOTIFICATION_KEY_ARN", "#");
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains("step 7: the key alias/expel-notifications, with its policy"), "{said}");
    let folder = to.join("0001/1-log-archive-222222222222");
    let run = std::fs::read_to_string(folder.join("run.sh")).unwrap();
    let at = |text: &str| run.find(text).unwrap_or_else(|| panic!("no {text} in {run}"));
    assert!(at("kms create-key") < at("kms create-alias"));
    assert!(at("kms create-alias") < at("\nnotification_key=$(aws kms describe-key"));
    assert!(
        at("arn:aws:kms:us-east-1:222222222222:key/?*)")
            < at("KmsMasterKeyId --attribute-value \"$notification_key\"")
    );
    // What stands for the ARN is only what sed replaces.
    let others = run.lines().filter(|line| !line.trim_start().starts_with("sed "));
    assert!(
        others.clone().count() > 50 && !others.into_iter().any(|line| line.contains("created-by-this-plan")),
        "{run}"
    );
    assert_eq!(run.matches("|$notification_key|g\" documents/").count(), 2, "the queue and the role: {run}");
    assert_eq!(run.matches("|$notification_key|g\" after/").count(), 3, "and the topic: {run}");
    // What is gone after the way back is to leave the values.
    let back = std::fs::read_to_string(folder.join("rollback.sh")).unwrap();
    // The key is deleted last, once nothing that is left as it is can need it.
    let at = |text: &str| back.find(text).unwrap_or_else(|| panic!("no {text} in {back}"));
    assert!(
        at("step 5: ") < at("schedule-key-deletion")
            && at("step 7: the key of the topic") < at("schedule-key-deletion")
    );
    let (_, then) = back.split_once("  next() {\n").unwrap();
    let (next, _) = then.split_once("\n  }\n  trap next EXIT\n").unwrap();
    let printed = Command::new("bash").args(["-c", next]).output().unwrap();
    let printed = String::from_utf8(printed.stdout).unwrap();
    assert!(printed.contains("remove YOUR_NOTIFICATION_KEY_ARN from your values file"), "{printed}");
    // What is to be done with it is printed last, also where the script stops.
    let (_, then) = run.split_once("\nnext() {\n").unwrap();
    let (next, _) = then.split_once("\n}\ntrap next EXIT\n").unwrap();
    let bash = format!("notification_key=arn:new; {next}");
    let printed = Command::new("bash").args(["-c", &bash]).output().unwrap();
    let printed = String::from_utf8(printed.stdout).unwrap();
    assert!(printed.contains("values file: YOUR_NOTIFICATION_KEY_ARN = \"arn:new\"\n"), "{printed}");
    assert!(printed.contains("`polmerge guide collect` again"), "{printed}");
    for script in ["run.sh", "rollback.sh"] {
        let checked = Command::new("bash").arg("-n").arg(folder.join(script)).output().unwrap();
        assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
    }
    let document = std::fs::read_dir(folder.join("documents")).unwrap().map(|file| file.unwrap().path());
    let document =
        document.into_iter().find(|file| file.to_string_lossy().ends_with("step7-make.json")).unwrap();
    let policy: Value = serde_json::from_str(&std::fs::read_to_string(document).unwrap()).unwrap();
    assert_eq!(policy["Statement"].as_array().unwrap().len(), 3);
    assert_eq!(policy["Statement"][0]["Principal"]["AWS"], "arn:aws:iam::222222222222:root");

    // Where an earlier plan has created it, it is named, and none is created again.
    std::fs::remove_file(alias).unwrap();
    let key = "arn:aws:kms:us-east-1:222222222222:key/new";
    let alias = archive.join("notification-key-alias.json");
    let answer = |state: &str| json!({ "KeyMetadata": { "Arn": key, "KeyState": state } }).to_string();
    // One that cannot be used is neither used nor proposed as the value.
    std::fs::write(&alias, answer("PendingDeletion")).unwrap();
    let values = from.join("values.toml").display().to_string();
    let arguments = ["check", "--values", &values, "--from", from.to_str().unwrap()];
    let said = String::from_utf8(guide(&arguments).stdout).unwrap();
    let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
    let delete = "`alias/expel-notifications` is pending deletion: cancel its deletion and enable it, or delete the alias, and a plan creates a new key";
    assert!(said.contains(delete) && !said.contains("add to the values file"), "{said}");
    std::fs::write(&alias, answer("Enabled")).unwrap();
    let output = plan_with(&from, &to, "YOUR_NOTIFICATION_KEY_ARN", "#");
    let said = String::from_utf8(output.stdout).unwrap().split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains(&format!("set YOUR_NOTIFICATION_KEY_ARN to `{key}`")), "{said}");
    let run = std::fs::read_to_string(to.join("0002/1-log-archive-222222222222/run.sh")).unwrap();
    assert!(!run.contains("create-key") && !run.contains("created-by-this-plan"), "{run}");

    // What the earlier plan gave that key is as it is to be; only the key's own policy is not known.
    for file in ["topic.json", "queue.json"] {
        let path = archive.join(file);
        let mut answer: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        answer["Attributes"]["KmsMasterKeyId"] = json!(key);
        std::fs::write(path, answer.to_string()).unwrap();
    }
    let said = String::from_utf8(guide(&arguments).stdout).unwrap();
    assert!(
        said.contains("7  notification key      unknown       the key `alias/expel-notifications` exists"),
        "{said}"
    );
    assert!(!said.contains("another key") && !said.contains("a plan cannot do this"), "{said}");
    assert!(said.contains("unknown       the notification key allows S3 and SNS to use it"), "{said}");
    let (_, next) = said.split_once("\nNext\n").unwrap();
    let add = format!("  add to the values file: YOUR_NOTIFICATION_KEY_ARN = \"{key}\"\n");
    assert!(next.starts_with(&add), "{next}");
    assert!(
        next.contains(&format!("guide collect --values {values}")) && next.contains("222222222222"),
        "{next}"
    );
    // Another key is accused still.
    let path = archive.join("topic.json");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(path, text.replace(key, "arn:aws:kms:us-east-1:222222222222:key/other")).unwrap();
    let said = String::from_utf8(guide(&arguments).stdout).unwrap();
    assert!(said.contains("encrypted with another key"), "{said}");
}

#[test]
fn a_role_is_made_under_its_path() {
    let (from, to) = (accounts("path"), Path::new(env!("CARGO_TARGET_TMPDIR")).join("path-plans"));
    let _ = std::fs::remove_dir_all(&to);
    let archive = from.join("222222222222");
    for file in ["role.json", "role-attached.json", "role-attached-1.json"] {
        std::fs::remove_file(archive.join(file)).unwrap();
    }
    for file in ["role.error", "role-inline.error", "role-attached.error"] {
        std::fs::write(archive.join(file), "An error occurred (NoSuchEntity) when calling …\n").unwrap();
    }
    stack_set(&from, "ENABLED", None);
    let output = plan_with(&from, &to, "role/Expel", "role/security/x/Expel");
    let said = String::from_utf8(output.stdout).unwrap();
    let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
    // The management account has the role without the path.
    assert!(said.contains("step 1 in 111111111111: the role is"), "{said}");
    let read = |path: &str| std::fs::read_to_string(to.join("0001").join(path)).unwrap();
    let run = read("1-log-archive-222222222222/run.sh");
    assert!(
        run.contains("aws iam create-role --role-name 'ExpelAssumeRole' --assume-role-policy-document")
            && run.contains(" --path '/security/x/' --tags \"Key=polmerge-plan,Value=$mark\"\n"),
        "{run}"
    );
    let run = read("2-management-111111111111/run.sh");
    assert!(run.contains(r#"{"ParameterKey":"RolePath","ParameterValue":"/security/x/"}"#), "{run}");
    let template = std::fs::read_to_string(
        std::fs::read_dir(to.join("0001/2-management-111111111111/documents"))
            .unwrap()
            .map(|file| file.unwrap().path())
            .find(|file| file.to_string_lossy().ends_with("stack-set.json"))
            .unwrap(),
    )
    .unwrap();
    let template: Value = serde_json::from_str(&template).unwrap();
    assert_eq!(template["Resources"]["ExpelRole"]["Properties"]["Path"], json!({ "Ref": "RolePath" }));
}

/// A StackSet would carry a wrong path into every member account.
#[test]
fn no_stack_set_has_a_path_that_is_known_to_be_wrong() {
    let (from, to) =
        (accounts("wrong-path"), Path::new(env!("CARGO_TARGET_TMPDIR")).join("wrong-path-plans"));
    let _ = std::fs::remove_dir_all(&to);
    stack_set(&from, "ENABLED", None);
    let output = plan_with(&from, &to, "role/Expel", "role/security/x/Expel");
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stdout).unwrap();
    let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        said.contains(
            "step 1 in member accounts: the role is `arn:aws:iam::222222222222:role/ExpelAssumeRole`, not \
             YOUR_EXPEL_ROLE_ARN: correct the value first"
        ),
        "{said}"
    );
    assert!(!to.join("0001/2-management-111111111111").exists());
    // Nor is one that exists to be updated with it.
    for (path, is_wrong) in [("security/x/", true), ("", false)] {
        stack_set(&from, "ENABLED", Some(&["333333333333"]));
        let set = from.join("111111111111/stack-set.json");
        let text = std::fs::read_to_string(&set).unwrap();
        std::fs::write(&set, text.replace("\"/\"", "\"/old/\"")).unwrap();
        let output = plan_with(&from, &to, "role/Expel", &format!("role/{path}Expel"));
        let said = String::from_utf8(output.stdout).unwrap();
        let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(said.contains("update-stack-set"), !is_wrong, "{said}");
        assert_eq!(said.contains("set YOUR_EXPEL_ROLE_ARN to it"), is_wrong, "{said}");
    }
}
