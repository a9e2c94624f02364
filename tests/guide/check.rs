//! How far each step is, by what was collected.

use std::path::Path;

use serde_json::{Value, json};

use crate::accounts::{accounts, check, guide, plan, root, states};
use crate::{answer, detail, edit};

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
    assert_eq!(states(&check())[0], "different", "the StackSet has the other path");
    edit(
        &folder,
        "111111111111/stack-set.json",
        "\"ParameterValue\": \"/\"",
        "\"ParameterValue\": \"/security/x/\"",
    );
    let report = check();
    assert_eq!(states(&report)[..2], ["done", "done"], "{report:#}");
    assert_eq!(report["form"]["Role ARN"], "arn:aws:iam::222222222222:role/security/x/ExpelAssumeRole");
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
    assert!(text.contains("step 8: a plan cannot do this"), "{text}");
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

/// KMS guide, "Key states of AWS KMS keys": a key encrypts and decrypts while it is `Enabled` or `Updating`. Its policy is
/// shown, and can be changed, in all states.
#[test]
fn a_key_that_cannot_be_used_is_not_done() {
    let folder = accounts("key-states");
    let trail = "111111111111/trail-key-state.json";
    let enabled = std::fs::read_to_string(folder.join(trail)).unwrap();
    let set = |name: &str, to: &str| {
        let mut answer: Value = serde_json::from_str(&enabled).unwrap();
        answer["KeyMetadata"][name] = json!(to);
        std::fs::write(folder.join(trail), answer.to_string()).unwrap();
        check(&folder, &[])
    };
    for usable in ["Enabled", "Updating"] {
        assert_eq!(states(&set("KeyState", usable))[1], "done", "{usable}");
    }
    for (name, value, words) in [
        ("KeyState", "Disabled", "is disabled: enable it, or give YOUR_CLOUDTRAIL_KEY_ARN another key"),
        ("KeyState", "PendingDeletion", "is pending deletion: cancel its deletion and enable it, or "),
        ("KeyState", "PendingReplicaDeletion", "is pending deletion: give "),
        ("KeyState", "PendingImport", "is pending import: "),
        ("KeyState", "Unavailable", "is unavailable: "),
        ("KeyState", "Creating", "is still being created: "),
        ("KeyManager", "AWS", "is an AWS managed key, "),
        ("KeySpec", "RSA_2048", "is not a symmetric encryption key: "),
    ] {
        let report = set(name, value);
        assert_eq!(states(&report)[1], "different", "{value}");
        let told = detail(&report["steps"][1]);
        assert!(told.contains(&format!("the key YOUR_CLOUDTRAIL_KEY_ARN {words}")), "{value}: {told}");
        assert_eq!(answer(&report, "decrypt log files"), "not-yet", "{value}");
        // What names it is not done either.
        assert!(
            detail(&report["steps"][8]).contains("it names the key YOUR_CLOUDTRAIL_KEY_ARN, which is "),
            "{report:#}"
        );
    }
    // What is not known of a key is not good.
    for unknown in ["{}", "[1]", "{\"KeyMetadata\": {\"KeyState\": \"Sleeping\"}}"] {
        std::fs::write(folder.join(trail), unknown).unwrap();
        let report = check(&folder, &[]);
        assert_eq!(states(&report)[1], "cannot-tell", "{unknown}");
        assert_eq!(answer(&report, "decrypt log files"), "cannot-tell", "{unknown}");
    }
    std::fs::remove_file(folder.join(trail)).unwrap();
    let report = check(&folder, &[]);
    assert_eq!(states(&report)[1], "done");
    let warning = "whether the key YOUR_CLOUDTRAIL_KEY_ARN can be used was not collected: print the script of `guide collect` \
                   again, and run it";
    assert_eq!(report["warnings"], json!([warning]));
    let denied = "An error occurred (AccessDeniedException) when calling …\n";
    std::fs::write(folder.join("111111111111/trail-key-state.error"), denied).unwrap();
    let report = check(&folder, &[]);
    assert_eq!(states(&report)[1], "cannot-tell");
    assert!(
        detail(&report["steps"][1]).starts_with("the key's state could not be read: An error"),
        "{report:#}"
    );
}

/// A plan does not build on a key that cannot be used.
#[test]
fn no_plan_uses_a_key_that_is_pending_deletion() {
    let folder = accounts("pending-key");
    let inline = json!({ "PolicyNames": [] }).to_string();
    std::fs::write(folder.join("222222222222/role-inline.json"), inline).unwrap();
    let plans = |name: &str| {
        let to = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _ = std::fs::remove_dir_all(&to);
        let output = plan(&folder, &to, &[]);
        let said = String::from_utf8(output.stdout).unwrap();
        let run = to.join("0001/1-log-archive-222222222222/run.sh");
        (
            said.split_whitespace().collect::<Vec<_>>().join(" "),
            std::fs::read_to_string(run).unwrap_or_default(),
        )
    };
    let key = "66666666-7777-8888-9999-000000000000";
    let (_, run) = plans("usable-key-plans");
    assert!(run.contains("KmsMasterKeyId") && run.contains("ExpelLogAccess"), "{run}");
    edit(&folder, "222222222222/notification-key-state.json", "\"Enabled\"", "\"PendingDeletion\"");
    let report = check(&folder, &[]);
    assert_eq!(states(&report)[6], "different");
    assert_eq!(
        detail(&report["steps"][6]),
        "the key YOUR_NOTIFICATION_KEY_ARN is pending deletion: cancel its deletion and enable it, or remove \
         YOUR_NOTIFICATION_KEY_ARN from the values, and a plan creates a new key"
    );
    assert_eq!(answer(&report, "the notification key allows"), "not-yet");
    assert_eq!(answer(&report, "decrypt messages"), "not-yet");
    let (said, run) = plans("pending-key-plans");
    assert!(!run.is_empty() && !run.contains("KmsMasterKeyId") && !run.contains(key), "{run}");
    assert!(
        said.contains("step 7 in 222222222222: the key YOUR_NOTIFICATION_KEY_ARN is pending deletion"),
        "{said}"
    );
    assert!(
        said.contains("step 9 in 222222222222: it names the key YOUR_NOTIFICATION_KEY_ARN, which is"),
        "{said}"
    );
    // What makes it usable can be copied, here and in the report.
    let arn = format!("'arn:aws:kms:us-east-1:222222222222:key/{key}' --region 'us-east-1'");
    let commands = ["cancel-key-deletion", "enable-key"].map(|name| format!("aws kms {name} --key-id {arn}"));
    let from = folder.display().to_string();
    let report = guide(&["check", "--values", "fixtures/expel.toml", "--from", &from]);
    let report = String::from_utf8(report.stdout).unwrap();
    let (_, next) = report.split_once("\nNext\n").unwrap();
    let lines: Vec<&str> = next.lines().map(str::trim).collect();
    let at = lines.iter().position(|line| *line == commands[0]).unwrap_or_else(|| panic!("{next}"));
    assert_eq!(lines[at + 1], commands[1]);
    assert!(
        lines[at + 2].starts_with("for step 7 in 222222222222, if that is what you want; run it"),
        "{next}"
    );
    assert!(said.contains(&commands.join(" ")), "{said}");
    // One that nothing makes usable has no command.
    edit(&folder, "222222222222/notification-key-state.json", "\"PendingDeletion\"", "\"Creating\"");
    let (said, _) = plans("creating-key-plans");
    assert!(said.contains("is still being created") && !said.contains("aws kms"), "{said}");
}

/// CloudFormation API, StackInstanceSummary: `CURRENT` is the only status of a stack that is as its StackSet.
#[test]
fn member_accounts_without_a_good_stack_are_named() {
    let folder = accounts("instances");
    let file = folder.join("111111111111/stack-instances.json");
    let whole: Value = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
    let first = |change: &dyn Fn(&mut Value)| {
        let mut answer = whole.clone();
        change(&mut answer["Summaries"]);
        std::fs::write(&file, answer.to_string()).unwrap();
        let report = check(&folder, &[]);
        (states(&report)[0].to_owned(), detail(&report["steps"][0]).to_owned())
    };
    let (state, told) = first(&|_| {});
    assert_eq!(state, "done");
    assert_eq!(told, "in both collected accounts, and in 12 member accounts by the StackSet");
    let (state, told) = first(&|stacks| drop(stacks.as_array_mut().unwrap().drain(..4)));
    assert_eq!(state, "missing");
    let named = "8 member accounts by the StackSet; no stack of the StackSet in 333333333300, 333333333301, 333333333302 and 1 more";
    assert!(told.ends_with(named), "{told}");
    for (status, operation, word) in [
        ("OUTDATED", "FAILED", "FAILED"),
        ("INOPERABLE", "INOPERABLE", "INOPERABLE"),
        ("CURRENT", "CANCELLED", "CANCELLED"),
    ] {
        let (state, told) = first(&|stacks| {
            stacks[0]["Status"] = json!(status);
            stacks[0]["StackInstanceStatus"]["DetailedStatus"] = json!(operation);
        });
        assert_eq!(state, "different", "{status}");
        let named = format!(
            "11 member accounts by the StackSet; its stack is not as it should be in 333333333300 ({word})"
        );
        assert!(told.ends_with(&named), "{told}");
    }
    // What was not collected, or could not be read, is not known.
    for unknown in [None, Some("{}"), Some("[]")] {
        match unknown {
            Some(text) => std::fs::write(&file, text).unwrap(),
            None => std::fs::remove_file(&file).unwrap(),
        }
        let report = check(&folder, &[]);
        assert_eq!(states(&report)[0], "cannot-tell", "{unknown:?}");
        assert!(detail(&report["steps"][0]).contains("the StackSet ExpelIAMStackSet"), "{report:#}");
    }
    std::fs::remove_file(folder.join("111111111111/organization.json")).unwrap();
    assert_eq!(states(&check(&folder, &[]))[0], "cannot-tell");
}

/// An answer that is none is not an empty one.
#[test]
fn an_answer_without_its_list_is_not_known() {
    let folder = accounts("rubbish");
    for file in ["role-inline", "role-attached", "subscriptions"] {
        std::fs::write(folder.join(format!("222222222222/{file}.json")), "[1, \"x\", null]").unwrap();
    }
    let report = check(&folder, &[]);
    assert_eq!([states(&report)[5], states(&report)[8]], ["cannot-tell"; 2], "{report:#}");
    for (file, list) in [
        ("role-inline", "PolicyNames"),
        ("role-attached", "AttachedPolicies"),
        ("subscriptions", "Subscriptions"),
    ] {
        let empty = json!({ list: [] }).to_string();
        std::fs::write(folder.join(format!("222222222222/{file}.json")), empty).unwrap();
    }
    let report = check(&folder, &[]);
    assert_eq!([states(&report)[5], states(&report)[8]], ["missing"; 2], "{report:#}");
    assert_eq!(detail(&report["steps"][8]), "the role has no policy");
}

/// What is missing of a thing is named beside what is different.
#[test]
fn a_row_names_all_that_is_open() {
    let folder = accounts("both");
    edit(&folder, "222222222222/queue.json", "AllowSnsSendMessage", "Other");
    edit(&folder, "222222222222/queue.json", "sns.amazonaws.com", "ses.amazonaws.com");
    let report = check(&folder, &[]);
    assert_eq!(
        detail(&report["steps"][4]),
        "MessageRetentionPeriod 345600 (4 days), not 604800 (7 days); the queue policy does not have the step's statement"
    );
}

#[test]
fn a_time_that_is_none_is_not_fresh() {
    let folder = accounts("undated");
    assert_eq!(check(&folder, &[])["warnings"], json!([]));
    for wrong in ["2030-13-99Tx", "yesterday", "2026-11-23", ""] {
        std::fs::write(folder.join("222222222222/collected"), wrong).unwrap();
        let report = check(&folder, &[]);
        let warning = report["warnings"][0].as_str().unwrap();
        assert!(
            warning.ends_with("222222222222/collected is not a time; collect it again"),
            "{wrong}: {warning}"
        );
    }
}

/// The width is what `COLUMNS` says, where a report can be read in it. What is to be copied stays on one line.
#[test]
fn a_report_is_as_wide_as_the_terminal() {
    let folder = accounts("width");
    let lines = |arguments: &[&str], columns: &str| -> Vec<String> {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_polmerge"));
        command.current_dir(root()).arg("guide").args(arguments).env("LC_ALL", "C.UTF-8");
        match columns {
            "" => command.env_remove("COLUMNS"),
            columns => command.env("COLUMNS", columns),
        };
        let output = command.output().unwrap();
        let text = [output.stdout, output.stderr].concat();
        let text = String::from_utf8(text).unwrap();
        text.lines()
            .filter(|line| !["polmerge guide ", "arn:", "https:"].iter().any(|copied| line.contains(copied)))
            .map(str::to_owned)
            .collect()
    };
    let folder = folder.display().to_string();
    let check = ["check", "--values", "fixtures/expel.toml", "--from", &folder];
    let widest = |arguments: &[&str], columns: &str| {
        let all = lines(arguments, columns);
        all.iter().filter(|line| !line.contains(&folder)).map(|line| line.chars().count()).max().unwrap()
    };
    for (columns, from, to) in
        [("80", 75, 80), ("70", 65, 70), ("10", 55, 64), ("", 90, 100), ("300", 90, 100), ("0", 90, 100)]
    {
        let width = widest(&check, columns);
        assert!((from..=to).contains(&width), "{columns}: {width}");
    }
    assert!((70..=80).contains(&widest(&["discover"], "80")));
}

/// A StackSet of another set-up has the name alone.
#[test]
fn a_stack_set_with_other_parameters_is_not_the_steps() {
    let folder = accounts("other-stack-set");
    let file = folder.join("111111111111/stack-set.json");
    let whole: Value = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
    let told = |change: &dyn Fn(&mut Value)| {
        let mut answer = whole.clone();
        change(&mut answer["StackSet"]);
        std::fs::write(&file, answer.to_string()).unwrap();
        let report = check(&folder, &[]);
        (states(&report)[0].to_owned(), detail(&report["steps"][0]).to_owned())
    };
    assert_eq!(told(&|_| {}).0, "done");
    for (index, name) in ["RoleName", "RolePath", "WorkbenchExternalID"].into_iter().enumerate() {
        let (state, detail) = told(&|set| set["Parameters"][index]["ParameterValue"] = json!("/other/"));
        assert_eq!(state, "different", "{name}");
        assert!(
            detail.contains(&format!("the StackSet for 12 member accounts has {name} `/other/`, not `")),
            "{detail}"
        );
    }
    let (state, detail) = told(&|set| set["TemplateBody"] = json!("{}"));
    assert_eq!(state, "cannot-tell");
    assert!(
        detail.contains("the template of the StackSet ExpelIAMStackSet is not that of the step"),
        "{detail}"
    );
    // The plan does not touch what may be another's; it prints what does.
    told(&|set| set["Parameters"][2]["ParameterValue"] = json!("old"));
    let said = String::from_utf8(plan(&folder, &folder.join("plans"), &[]).stdout).unwrap();
    let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("has WorkbenchExternalID `old`, not `00000000-"), "{said}");
    assert!(said.contains("aws cloudformation update-stack-set --stack-set-name ExpelIAMStackSet"), "{said}");
    std::fs::remove_file(&file).unwrap();
    assert_eq!(states(&check(&folder, &[]))[0], "cannot-tell", "an older script did not collect it");
}

/// Nothing is said of what was not looked at.
#[test]
fn what_was_not_collected_does_not_deny() {
    let folder = accounts("nothing-collected");
    let text = std::fs::read_to_string(root().join("fixtures/expel.toml")).unwrap();
    let values = folder.join("values.toml");
    std::fs::write(&values, text.replace("YOUR_NOTIFICATION_KEY_ARN", "#")).unwrap();
    let values = values.display().to_string();
    let output = guide(&["check", "--values", &values, "--format", "json"]);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    for works in report["works"].as_array().unwrap() {
        assert_eq!(works["answer"], "cannot-tell", "{works}");
    }
}

/// An answer in which one member is another.
fn changed(folder: &Path, file: &str, change: impl Fn(&mut Value)) {
    let path = folder.join(file);
    let mut answer: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    change(&mut answer);
    std::fs::write(path, answer.to_string()).unwrap();
}

/// SNS documentation, "Message filtering": S3's messages have no attributes, so that a filter drops them.
#[test]
fn a_subscription_with_a_filter_is_not_done() {
    let folder = accounts("filtered");
    let own = |policy: &str, raw: &str| {
        let list = json!({ "Subscriptions": [{ "SubscriptionArn": "arn:aws:sns:us-east-1:222222222222:expel-topic:1",
            "Protocol": "sqs", "Endpoint": "arn:aws:sqs:us-east-1:222222222222:expel-queue",
            "TopicArn": "arn:aws:sns:us-east-1:222222222222:expel-topic" }] });
        std::fs::write(folder.join("222222222222/subscriptions.json"), list.to_string()).unwrap();
        let mut one = list["Subscriptions"][0].clone();
        one["RawMessageDelivery"] = json!(raw);
        one["PendingConfirmation"] = json!("false");
        if !policy.is_empty() {
            one["FilterPolicy"] = json!(policy);
        }
        let one = json!({ "Attributes": one });
        std::fs::write(folder.join("222222222222/subscriptions-1.json"), one.to_string()).unwrap();
        check(&folder, &[])["steps"][5].clone()
    };
    assert_eq!(own("", "true")["state"], "done");
    assert_eq!(own("{}", "true")["state"], "done");
    let step = own("{\"x\":[\"y\"]}", "true");
    assert_eq!(step["state"], "different");
    assert!(detail(&step).contains("the subscription has a FilterPolicy"), "{step}");
}

/// Neither AWS nor a vendor sends requests without TLS.
#[test]
fn a_deny_of_requests_without_tls_is_in_nobodys_way() {
    let folder = accounts("tls");
    let deny = |operator: &str| {
        changed(&folder, "222222222222/queue.json", |answer| {
            let policy = answer["Attributes"]["Policy"].as_str().unwrap();
            let mut policy: Value = serde_json::from_str(policy).unwrap();
            policy["Statement"].as_array_mut().unwrap().truncate(1);
            let deny = json!({ "Effect": "Deny", "Principal": "*", "Action": "sqs:*", "Resource": "*",
                               "Condition": { operator: { "aws:SecureTransport": "false" } } });
            policy["Statement"].as_array_mut().unwrap().push(deny);
            answer["Attributes"]["Policy"] = json!(policy.to_string());
            answer["Attributes"]["MessageRetentionPeriod"] = json!("604800");
        });
        check(&folder, &[])["steps"][4].clone()
    };
    assert_eq!(deny("Bool")["state"], "done");
    // Whether AWS's own calls have the key is not documented.
    assert_eq!(deny("BoolIfExists")["state"], "different");
}

/// A boundary limits the role: where its policy was not collected, what the role may do is not known.
#[test]
fn a_role_with_a_permissions_boundary_may_do_what_is_not_known() {
    let folder = accounts("boundary");
    let boundary = "arn:aws:iam::222222222222:policy/Boundary";
    changed(&folder, "222222222222/role.json", |answer| {
        answer["Role"]["PermissionsBoundary"] =
            json!({ "PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": boundary });
    });
    let report = check(&folder, &[]);
    let of_role =
        report["works"].as_array().unwrap().iter().filter(|works| works.to_string().contains(boundary));
    assert!(of_role.clone().count() > 0, "{report:#}");
    assert!(of_role.into_iter().all(|works| works["answer"] == "cannot-tell"), "{report:#}");
    // Nor is step 1 done where it was refused.
    assert_eq!(states(&report)[0], "done");
    let refused = folder.join("222222222222/role-1.error");
    std::fs::write(&refused, "An error occurred (AccessDenied) when calling …\n").unwrap();
    let report = check(&folder, &[]);
    assert_eq!(states(&report)[0], "cannot-tell");
    let why = detail(&report["steps"][0]);
    assert!(
        why.contains("the role's permissions boundary could not be read: An error occurred (AccessDenied)"),
        "{why}"
    );
    std::fs::remove_file(refused).unwrap();
    // Collected, it decides.
    let inline = json!({ "PolicyNames": ["all"] }).to_string();
    std::fs::write(folder.join("222222222222/role-inline.json"), inline).unwrap();
    let all = json!({ "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "*", "Resource": "*" } });
    let inline =
        json!({ "RoleName": "ExpelAssumeRole", "PolicyName": "all", "PolicyDocument": all }).to_string();
    std::fs::write(folder.join("222222222222/role-inline-1.json"), inline).unwrap();
    for (actions, answer) in [(json!("*"), "yes"), (json!(["ec2:*", "sqs:*"]), "no")] {
        let statement = json!({ "Effect": "Allow", "Action": actions, "Resource": "*" });
        let policy = json!({ "PolicyVersion": { "Document": { "Version": "2012-10-17", "Statement": [statement] },
            "VersionId": "v1", "IsDefaultVersion": true } });
        std::fs::write(folder.join("222222222222/role-1.json"), policy.to_string()).unwrap();
        let report = check(&folder, &[]);
        let works = report["works"].as_array().unwrap();
        let own =
            works.iter().find(|works| works["text"].as_str().unwrap().contains("decrypt log files")).unwrap();
        assert_eq!(own["answer"], answer, "{report:#}");
        let why = format!("the role's permissions boundary `{boundary}` does not allow it");
        assert_eq!(own["text"].as_str().unwrap().contains(&why), answer == "no", "{own}");
    }
}

/// No log file comes into a bucket that no trail writes to.
#[test]
fn a_bucket_without_a_trail_is_told() {
    let folder = accounts("no-trail");
    for trails in [json!([]), json!([{ "Name": "t", "S3BucketName": "elsewhere" }])] {
        let trails = json!({ "trailList": trails }).to_string();
        std::fs::write(folder.join("111111111111/trails.json"), trails).unwrap();
        let step = &check(&folder, &[])["steps"][1];
        // To collect again shows nothing else.
        assert_eq!(step["state"], "different");
        assert!(
            detail(step).contains("no trail of 111111111111 writes to the bucket aws-controltower-logs-"),
            "{step}"
        );
    }
}

/// What the consumers of an existing queue rely on is not changed.
#[test]
fn attributes_of_a_queue_that_others_set_stay() {
    let folder = accounts("others-queue");
    let plans = folder.join("plans");
    for (name, value, stays) in [
        ("MessageRetentionPeriod", "86400", true),
        ("MessageRetentionPeriod", "345600", false),
        ("VisibilityTimeout", "900", true),
        ("KmsMasterKeyId", "arn:aws:kms:us-east-1:222222222222:key/other", true),
        ("KmsMasterKeyId", "alias/aws/sqs", false),
    ] {
        let whole =
            std::fs::read_to_string(root().join("fixtures/accounts/222222222222/queue.json")).unwrap();
        std::fs::write(folder.join("222222222222/queue.json"), whole).unwrap();
        changed(&folder, "222222222222/queue.json", |answer| answer["Attributes"][name] = json!(value));
        let step = if name == "KmsMasterKeyId" { 7 } else { 5 };
        let _ = std::fs::remove_dir_all(&plans);
        let said = String::from_utf8(plan(&folder, &plans, &[]).stdout).unwrap();
        let (planned, left) = said.split_once("Not planned").unwrap_or((&said, ""));
        // Of an existing queue, what changes is named.
        let title =
            format!("step {step}: {} of the queue", if step == 7 { name } else { "MessageRetentionPeriod" });
        assert_eq!(!planned.contains(&title), stays, "{name} {value}: {said}");
        assert_eq!(
            left.contains(&format!("step {step} in 222222222222: {name} {value}")),
            stays,
            "{name}: {said}"
        );
    }
}

/// `done` is only said of what was looked at: an answer about another key, bucket, topic, queue or role is none.
#[test]
fn an_answer_about_another_thing_is_unknown() {
    let folder = accounts("of-other");
    edit(&folder, "222222222222/queue.json", "345600", "604800");
    let key = "arn:aws:kms:us-east-1:111111111111:key/99999999-2222-3333-4444-555555555555";
    // The state of a key has its ARN.
    let values = std::fs::read_to_string(root().join("fixtures/expel.toml")).unwrap();
    let with = |name: &str, value: &str| -> Value {
        let line = values.lines().find(|line| line.starts_with(name)).unwrap();
        let path = folder.join("values.toml");
        std::fs::write(&path, values.replace(line, &format!("{name} = \"{value}\""))).unwrap();
        let (path, from) = (path.display().to_string(), folder.display().to_string());
        let output = guide(&["check", "--values", &path, "--from", &from, "--format", "json"]);
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"))
    };
    let own = "arn:aws:kms:us-east-1:111111111111:key/11111111-2222-3333-4444-555555555555";
    let report = with("YOUR_CLOUDTRAIL_KEY_ARN", key);
    assert_eq!(states(&report)[1], "cannot-tell");
    let why = format!("trail-key-state.json is of `{own}`, not of `{key}`; collect again");
    assert_eq!(detail(&report["steps"][1]), why);
    assert_ne!(answer(&report, "decrypt log files"), "yes");

    // What collect recorded: a bucket's answers do not name it.
    let about = |file: &str, about: &str| {
        std::fs::write(folder.join(format!("{file}.about")), format!("{about}\n")).unwrap();
    };
    let bucket = "aws-controltower-logs-222222222222-us-east-1";
    for file in ["bucket-ownership", "bucket-location", "bucket-notification"] {
        about(&format!("222222222222/{file}"), bucket);
    }
    about("111111111111/trail-key", own);
    about("222222222222/topic", "arn:aws:sns:us-east-1:222222222222:expel-topic");
    about("222222222222/queue", "https://sqs.us-east-1.amazonaws.com/222222222222/expel-queue");
    let before = check(&folder, &[]);
    assert_eq!(states(&before)[1..5], ["done", "done", "wider", "done"], "{before:#}");
    let own_topic = "{\"TopicConfigurations\": [{\"Id\": \"x\", \"Events\": [\"s3:ObjectCreated:*\"], \"TopicArn\": \"arn:aws:sns:us-east-1:222222222222:expel-topic\"}]}";
    std::fs::write(folder.join("222222222222/bucket-notification.json"), own_topic).unwrap();
    assert_eq!(states(&check(&folder, &[]))[7], "done");
    let report = with("YOUR_S3_ARN", "arn:aws:s3:::other-logs");
    assert_eq!([states(&report)[2], states(&report)[7]], ["cannot-tell"; 2], "{report:#}");
    for (step, file) in [(2, "bucket-ownership"), (7, "bucket-notification")] {
        let why = format!("{file}.json is of `{bucket}`, not of `other-logs`; collect again");
        assert_eq!(detail(&report["steps"][step]), why);
    }
    assert_ne!(answer(&report, "messages reach the queue"), "yes");
    // The others, by what their commands name.
    std::fs::remove_file(folder.join("111111111111/trail-key-state.json")).unwrap();
    let report = with("YOUR_CLOUDTRAIL_KEY_ARN", key);
    assert_eq!(
        detail(&report["steps"][1]),
        format!("trail-key.json is of `{own}`, not of `{key}`; collect again")
    );
    let report = with("YOUR_SQS_QUEUE_ARN", "arn:aws:sqs:us-east-1:222222222222:other");
    assert_eq!(states(&report)[4], "cannot-tell");
    // An answer that it does not exist is about that thing, too.
    std::fs::rename(folder.join("222222222222/topic.json"), folder.join("222222222222/topic.error")).unwrap();
    std::fs::write(folder.join("222222222222/topic.error"), "An error occurred (NotFound) when calling …\n")
        .unwrap();
    assert_eq!(states(&check(&folder, &[]))[3], "missing");
    assert_eq!(states(&with("YOUR_TOPIC_ARN", "arn:aws:sns:us-east-1:222222222222:other"))[3], "cannot-tell");
    // No plan is made from them.
    let to = Path::new(env!("CARGO_TARGET_TMPDIR")).join("of-other-plans");
    let _ = std::fs::remove_dir_all(&to);
    let (values, from) = (folder.join("values.toml").display().to_string(), folder.display().to_string());
    guide(&["plan", "--values", &values, "--from", &from, "-o", to.to_str().unwrap()]);
    let run = std::fs::read_to_string(to.join("0001/1-log-archive-222222222222/run.sh")).unwrap_or_default();
    assert!(!run.contains("create-topic"), "{run}");
}

/// The script keeps with each answer which thing it asked for.
#[cfg(unix)]
#[test]
fn collect_records_what_its_answers_are_about() {
    use std::os::unix::fs::PermissionsExt;
    let folder = crate::empty("recorded-subjects");
    let aws = "#!/bin/sh\n[ \"$1\" = sts ] && echo 222222222222 || echo '{}'\n";
    std::fs::write(folder.join("aws"), aws).unwrap();
    std::fs::set_permissions(folder.join("aws"), std::fs::Permissions::from_mode(0o755)).unwrap();
    let script = guide(&["collect", "--values", "fixtures/expel.toml"]).stdout;
    std::fs::write(folder.join("collect.sh"), script).unwrap();
    let path = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap());
    let mut bash = std::process::Command::new("bash");
    let output = bash.arg("collect.sh").current_dir(&folder).env("PATH", path).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let about = |name: &str| {
        std::fs::read_to_string(folder.join(format!("accounts/222222222222/{name}.about"))).unwrap()
    };
    for name in ["bucket-ownership", "bucket-location", "bucket-notification"] {
        assert_eq!(about(name), "aws-controltower-logs-222222222222-us-east-1\n");
    }
    assert_eq!(about("topic"), "arn:aws:sns:us-east-1:222222222222:expel-topic\n");
    assert_eq!(
        about("notification-key-state"),
        "arn:aws:kms:us-east-1:222222222222:key/66666666-7777-8888-9999-000000000000\n"
    );
}

/// What `collect` could not read is said by the steps that it is for, and none of them is done.
#[test]
fn a_step_is_unknown_where_an_answer_could_not_be_read() {
    let folder = accounts("unread");
    edit(&folder, "222222222222/queue.json", "345600", "604800");
    let own_topic = json!({ "TopicConfigurations": [{ "Id": "x", "Events": ["s3:ObjectCreated:*"],
        "TopicArn": "arn:aws:sns:us-east-1:222222222222:expel-topic" }] });
    std::fs::write(folder.join("222222222222/bucket-notification.json"), own_topic.to_string()).unwrap();
    let report = check(&folder, &[]);
    assert_eq!([states(&report)[0], states(&report)[1], states(&report)[7]], ["done"; 3], "{report:#}");
    let why = "An error occurred (AccessDeniedException) when calling the Operation operation";
    for (step, file) in [
        (0, "111111111111/organization"),
        (0, "111111111111/stack-sets"),
        (0, "111111111111/stack-set"),
        (0, "111111111111/stack-instances"),
        (0, "111111111111/role-attached"),
        (0, "222222222222/role"),
        (1, "111111111111/trails"),
        (1, "111111111111/trail-key"),
        (1, "111111111111/trail-key-state"),
        (2, "222222222222/bucket-ownership"),
        (3, "222222222222/topic"),
        (4, "222222222222/queue"),
        (7, "222222222222/bucket-location"),
        (7, "222222222222/bucket-notification"),
    ] {
        let whole = std::fs::read_to_string(folder.join(format!("{file}.json"))).ok();
        let _ = std::fs::remove_file(folder.join(format!("{file}.json")));
        std::fs::write(folder.join(format!("{file}.error")), format!("{why}\n")).unwrap();
        let report = check(&folder, &[]);
        assert_eq!(states(&report)[step], "cannot-tell", "{file}: {report:#}");
        let name = file.split_once('/').unwrap().1;
        assert!(detail(&report["steps"][step]).contains("AccessDeniedException"), "{name}: {report:#}");
        std::fs::remove_file(folder.join(format!("{file}.error"))).unwrap();
        if let Some(whole) = whole {
            std::fs::write(folder.join(format!("{file}.json")), whole).unwrap();
        }
    }
    assert_eq!(states(&check(&folder, &[])), states(&report));
}

/// Several trails write to the bucket, each with a key of its own: the step on one of them does nothing for the other.
#[test]
fn another_trail_with_another_key_is_named() {
    let folder = accounts("two-trail-keys");
    let key = "arn:aws:kms:us-east-1:111111111111:key/11111111-2222-3333-4444-555555555555";
    let bucket = "aws-controltower-logs-222222222222-us-east-1";
    for (other, bucket_of_other, is_named) in
        [(key, bucket, false), ("arn:other", bucket, true), ("arn:other", "another-bucket", false)]
    {
        let trail = |name: &str, key: &str, bucket: &str| json!({ "Name": name, "S3BucketName": bucket, "KmsKeyId": key });
        let trails =
            json!({ "trailList": [trail("first", key, bucket), trail("second", other, bucket_of_other)] });
        std::fs::write(folder.join("111111111111/trails.json"), trails.to_string()).unwrap();
        let report = check(&folder, &[]);
        let step = &report["steps"][1];
        assert_eq!(step["state"], "done", "{step}");
        let named = "; the trail second encrypts with another key, `arn:other`";
        assert_eq!(detail(step).ends_with(named), is_named, "{step}");
    }
}
