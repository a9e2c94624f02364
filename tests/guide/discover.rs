//! The scripts that find values, and what their answers come to.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::{empty, guide_in};

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
    assert!(text.contains(&format!("\nYOUR_TOPIC_ARN = \"{topic}\"\n")) && !text.contains(old), "{text}");
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

    // An answer that is missing is not one that says no.
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

/// The bucket of the trail says which account is the Log Archive account: nothing of another one is a value.
#[test]
fn answers_of_a_member_account_are_refused() {
    let folder = empty("member-account");
    discovered_accounts(&folder);
    let bucket = "aws-controltower-logs-222222222222-eu-west-1";
    discovered(&folder, "management", "s3-arn-1", &json!([{ "value": bucket, "of": "org" }]));
    let caller = json!({ "Account": "333333333333", "Arn": "arn:aws:iam::333333333333:user/engineer" });
    discovered(&folder, "log-archive", "account", &caller);
    discovered(&folder, "log-archive", "s3-arn-2", &json!(["of-a-member"]));
    let (status, _, error) = guide_in(&folder, &["init", "-o", "expel.toml"]);
    assert_eq!((status, folder.join("expel.toml").exists()), (Some(2), false));
    for part in [
        "`discovered/log-archive` is of account 333333333333, which has nothing of what YOUR_S3_ARN may be: `arn:aws:s3:::aws-",
        "sign in to the Log Archive account, which is 222222222222 by the bucket's name, and discover it again",
    ] {
        assert!(error.contains(part), "{part}: {error}");
    }
    // Which is possible: what is to be asked for again is in no one's way.
    let (status, script, error) = guide_in(&folder, &["discover", "log-archive"]);
    assert_eq!((status, error.as_str()), (Some(0), ""));
    assert!(script.contains(&format!("--bucket '{bucket}'")), "{script}");
    assert_eq!(guide_in(&folder, &["discover", "management"]).0, Some(0));
    // `collect` says the same of values.
    let values = "YOUR_S3_ARN = \"arn:aws:s3:::aws-controltower-logs-222222222222-eu-west-1\"\n\
                  YOUR_TOPIC_ARN = \"arn:aws:sns:eu-west-1:333333333333:expel-topic\"\n";
    std::fs::write(folder.join("expel.toml"), values).unwrap();
    let (status, _, error) = guide_in(&folder, &["collect"]);
    assert_eq!(status, Some(2));
    assert!(
        error.contains(
            "not of 333333333333: sign in to 222222222222 and discover the Log Archive account again"
        ),
        "{error}"
    );
    // Where the bucket is there, or could not be looked for, nothing is said.
    std::fs::remove_file(folder.join("expel.toml")).unwrap();
    discovered(&folder, "log-archive", "s3-arn-2", &json!([bucket]));
    assert_eq!(
        guide_in(&folder, &["init", "--set", "YOUR_TOPIC_ARN=arn:aws:sns:eu-west-1:222222222222:t"]).0,
        Some(2)
    );
    discovered(
        &folder,
        "log-archive",
        "account",
        &json!({ "Account": "222222222222", "Arn": "arn:aws:iam::222222222222:user/e" }),
    );
    assert_eq!(guide_in(&folder, &["init"]).0, Some(0));
}

/// What a command would have answered may be the value: nothing is proposed in its place.
#[test]
fn a_value_whose_command_was_refused_is_left_open() {
    let folder = empty("refused");
    discovered_accounts(&folder);
    let denied = "\nAn error occurred (AccessDenied) when calling the operation\n";
    let refuse = |file: &str, error: Option<&str>| {
        let path = folder.join("discovered/log-archive").join(format!("{file}.error"));
        match error {
            Some(error) => std::fs::write(path, error).unwrap(),
            None => std::fs::remove_file(path).unwrap(),
        }
    };
    let init = || {
        let _ = std::fs::remove_file(folder.join("expel.toml"));
        let (status, _, error) =
            guide_in(&folder, &["init", "-o", "expel.toml", "--set", "YOUR_WORKBENCH_EXTERNAL_ID=0-0"]);
        assert_eq!(status, Some(0), "{error}");
        (std::fs::read_to_string(folder.join("expel.toml")).unwrap(), error)
    };
    let (text, error) = init();
    assert!(error.contains("every value was found or proposed") && !error.contains("warning"), "{error}");
    assert!(text.contains("\nYOUR_EXPEL_ROLE_ARN = ") && text.contains("\nYOUR_TOPIC_ARN = "), "{text}");
    // As the script writes down with which bucket it asks.
    let bucket = json!({ "YOUR_S3_ARN": "arn:aws:s3:::trail-logs" });
    discovered(&folder, "log-archive", "topic-arn-1-1.with", &bucket);
    for (files, name, command) in [
        (&["expel-role-arn-1", "expel-role-arn-2"][..], "YOUR_EXPEL_ROLE_ARN", "aws iam list-roles"),
        (
            &["topic-arn-1-1"],
            "YOUR_TOPIC_ARN",
            "aws s3api get-bucket-notification-configuration --bucket 'trail-logs'",
        ),
    ] {
        files.iter().for_each(|file| refuse(file, Some(denied)));
        let (text, error) = init();
        let warning = format!(
            "warning: `{command}` was not answered in 222222222222 (Log Archive): An error occurred (AccessDenied) when calling the \
             operation; left open: {name}\n"
        );
        assert_eq!(error.matches(&warning).count(), 1, "{warning}: {error}");
        assert!(error.contains(&format!("Still to be filled in: {name}.")), "{error}");
        assert!(!text.contains(&format!("\n{name} = ")), "{text}");
        let note = "# Not read in 222222222222 (Log Archive): An error occurred (AccessDenied)";
        assert_eq!(text.matches(note).count(), 1, "{text}");
        files.iter().for_each(|file| refuse(file, None));
    }
    // What only lists or limits leaves the value, which is to be checked.
    std::fs::remove_file(folder.join("discovered/log-archive/s3-arn-2.json")).unwrap();
    refuse("s3-arn-2", Some(denied));
    discovered(&folder, "management", "s3-arn-1", &json!([{ "value": "trail-logs", "of": "org" }]));
    let (text, error) = init();
    assert!(text.contains("\nYOUR_S3_ARN = \"arn:aws:s3:::trail-logs\"\n"), "{text}");
    assert!(
        error.contains("`aws s3api list-buckets` was not answered in 222222222222")
            && error.contains("; to be checked: YOUR_S3_ARN\n"),
        "{error}"
    );
    assert!(
        error.contains("not every command was answered") && !error.contains("every value was found"),
        "{error}"
    );
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
                owns the trail's key; it\n      only reads\n  polmerge guide discover log-archive | bash\n";
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

/// IAM guide, "AWS JSON policy elements: Principal": a role trusts principals of its own partition alone. The first script says so.
#[cfg(unix)]
#[test]
fn an_account_of_another_partition_is_told_at_once() {
    use std::os::unix::fs::PermissionsExt;
    let folder = empty("partition");
    let (_, script, _) =
        guide_in(&folder, &["discover", "management", "--set", "YOUR_S3_ARN=arn:aws:s3:::logs"]);
    std::fs::write(folder.join("script.sh"), script).unwrap();
    for (partition, goes_on) in [("aws", true), ("aws-us-gov", false), ("aws-cn", false)] {
        let aws = format!(
            "#!/bin/sh\necho called >>calls\ncase \"$*\" in\n*'query Arn'*) echo arn:{partition}:iam::111111111111:user/me ;;\n\
             *'query Account'*) echo 111111111111 ;;\n*) echo '[]' ;;\nesac\n"
        );
        std::fs::write(folder.join("aws"), aws).unwrap();
        std::fs::set_permissions(folder.join("aws"), std::fs::Permissions::from_mode(0o755)).unwrap();
        let path = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap());
        let mut bash = Command::new("bash");
        bash.arg("script.sh").current_dir(&folder).env("PATH", path).env("AWS_REGION", "us-east-1");
        let output = bash.output().unwrap();
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.success(), goes_on, "{error}");
        let calls = std::fs::read_to_string(folder.join("calls")).unwrap().lines().count();
        std::fs::remove_file(folder.join("calls")).unwrap();
        if !goes_on {
            let why = format!(
                "a role in the partition `{partition}` cannot trust the principal of Expel, which is in `aws`: ask Expel\n"
            );
            assert_eq!((error, calls), (why, 2), "nothing else was read");
        }
    }
}

/// A key that cannot be used is listed with the reason, and not filled in.
#[test]
fn a_key_that_cannot_be_used_is_not_filled_in() {
    let folder = empty("key-state");
    discovered_accounts(&folder);
    let (old, own) =
        ("arn:aws:kms:eu-west-1:111111111111:key/old", "arn:aws:kms:eu-west-1:111111111111:key/org");
    let notification = "arn:aws:kms:eu-west-1:222222222222:key/n-1";
    discovered(
        &folder,
        "log-archive",
        "notification-key-arn-1",
        &json!([{ "value": "n-1", "of": "alias/expel-notifications" }]),
    );
    let set = |state: &str| {
        let metadata = |arn: &str| json!({ "Arn": arn, "KeyState": state, "KeyManager": "CUSTOMER" });
        discovered(&folder, "management", "cloudtrail-key-arn-1-state-1", &metadata(old));
        discovered(&folder, "management", "cloudtrail-key-arn-1-state-2", &metadata(own));
        discovered(&folder, "log-archive", "notification-key-arn-1-state-1", &metadata(notification));
        guide_in(&folder, &["init"]).1
    };
    let text = set("Enabled");
    for (name, arn) in [("YOUR_CLOUDTRAIL_KEY_ARN", own), ("YOUR_NOTIFICATION_KEY_ARN", notification)] {
        assert!(text.contains(&format!("\n{name} = \"{arn}\"\n")), "{text}");
    }
    let text = set("PendingDeletion");
    for (name, arn, origin) in [
        ("YOUR_CLOUDTRAIL_KEY_ARN", own, "the key of the trail org, in 111111111111 (management)"),
        (
            "YOUR_NOTIFICATION_KEY_ARN",
            notification,
            "the key with alias/expel-notifications, in 222222222222 (Log Archive)",
        ),
    ] {
        let line = format!("#   {origin}, which is pending deletion\n#{name} = \"{arn}\"\n");
        assert!(text.contains(&line), "{text}");
        assert!(!text.contains(&format!("\n{name} = ")), "{text}");
    }
}

/// An external ID is its role's: that of another role is not the value.
#[test]
fn an_external_id_belongs_to_its_role() {
    let role = |name: &str| format!("arn:aws:iam::222222222222:role/{name}");
    let id_of =
        |name: &str, ids: &Value| json!({ "value": ids, "of": name, "YOUR_EXPEL_ROLE_ARN": role(name) });
    let found = |name: &str, answer: &Value, more: &[&str]| {
        let folder = empty(name);
        discovered_accounts(&folder);
        let all: Vec<&Value> =
            answer.as_array().unwrap().iter().map(|each| &each["YOUR_EXPEL_ROLE_ARN"]).collect();
        discovered(&folder, "log-archive", "expel-role-arn-1", &json!(all));
        discovered(&folder, "log-archive", "workbench-external-id-2", answer);
        let (_, text, error) = guide_in(&folder, &[&["init"], more].concat());
        let values = values_with_comments(&text);
        let own = values.into_iter().find(|(own, ..)| own == "YOUR_WORKBENCH_EXTERNAL_ID");
        (own.map(|(_, value, _)| value), text + &error)
    };
    // Two roles: both are listed, and the role that is chosen decides.
    let two = json!([id_of("A", &json!(["id-a"])), id_of("B", &json!(["id-b"]))]);
    let (value, text) = found("two-ids", &two, &[]);
    assert_eq!(value, None, "{text}");
    assert!(text.contains("= \"id-a\"\n") && text.contains("= \"id-b\"\n"), "{text}");
    let chosen = format!("YOUR_EXPEL_ROLE_ARN={}", role("A"));
    assert_eq!(found("chosen-id", &two, &["--set", &chosen]).0.as_deref(), Some("id-a"));
    // One that cannot be read may be the right one.
    let unread = json!([id_of("A", &json!([])), id_of("B", &json!(["id-b"]))]);
    let (value, text) = found("unread-id", &unread, &[]);
    assert_eq!(value, None, "{text}");
    assert!(
        text.contains("# None that can be read: the external ID of the role A, in 222222222222"),
        "{text}"
    );
    let (value, text) = found("unread-chosen-id", &unread, &["--set", &chosen]);
    assert!(value.is_none() && !text.contains("id-b"), "{text}");
}

/// CloudTrail may name its key by an alias; what the alias leads to is the value.
#[test]
fn a_key_under_an_alias_is_found_by_its_state() {
    let folder = empty("alias");
    discovered_accounts(&folder);
    let alias = json!([{ "value": "arn:aws:kms:eu-west-1:111111111111:alias/trail", "of": "org" }]);
    discovered(&folder, "management", "cloudtrail-key-arn-1", &alias);
    let arn = "arn:aws:kms:eu-west-1:111111111111:key/own";
    let state = json!({ "Arn": arn, "KeyState": "Enabled", "KeyManager": "CUSTOMER" });
    discovered(&folder, "management", "cloudtrail-key-arn-1-state-1", &state);
    let (_, text, _) = guide_in(&folder, &["init"]);
    assert!(text.contains(&format!("\nYOUR_CLOUDTRAIL_KEY_ARN = \"{arn}\"\n")), "{text}");
}

/// Others rely on the key that a topic has: no plan gives it another one.
#[cfg(unix)]
#[test]
fn the_key_of_an_existing_topic_is_the_value() {
    use std::os::unix::fs::PermissionsExt;
    let folder = empty("key-of-topic");
    discovered_accounts(&folder);
    let topic = |name: &str| format!("arn:aws:sns:eu-west-1:222222222222:{name}");
    let key = |id: &str| format!("arn:aws:kms:eu-west-1:222222222222:key/{id}");
    // The AWS CLI, as far as the script asks it; with text as output, what `--query` takes of it.
    let aws = format!(
        "#!/bin/bash\ncase \"$*\" in\n*get-caller-identity*text) echo arn:aws:iam::222222222222:user/e ;;\n\
         *get-caller-identity*) echo '{{\"Account\": \"222222222222\", \"Arn\": \"arn:aws:iam::222222222222:user/e\"}}' ;;\n\
         *get-topic-attributes*{0}*text) echo {2} ;;\n*get-topic-attributes*{0}*) echo '[{{\"value\": \"{2}\", \"of\": \"{0}\"}}]' ;;\n\
         *get-topic-attributes*{1}*text) echo {3} ;;\n*get-topic-attributes*{1}*) echo '[{{\"value\": \"{3}\", \"of\": \"{1}\"}}]' ;;\n\
         *list-topics*expel*text) echo {0} {1} ;;\n*list-topics*expel*) echo '[\"{0}\", \"{1}\"]' ;;\n\
         *list-buckets*) echo '[\"trail-logs\"]' ;;\n*text) ;;\n*describe-key*) echo '{{\"KeyState\": \"Enabled\", \"Arn\": \"{2}\"}}' ;;\n\
         *) echo '[]' ;;\nesac\n",
        topic("expel-a"),
        topic("expel-b"),
        key("a"),
        key("b")
    );
    std::fs::write(folder.join("aws"), aws).unwrap();
    std::fs::set_permissions(folder.join("aws"), std::fs::Permissions::from_mode(0o755)).unwrap();
    let (status, script, error) =
        guide_in(&folder, &["discover", "log-archive", "--set", "YOUR_S3_ARN=arn:aws:s3:::trail-logs"]);
    // What the script itself finds is not missing.
    assert_eq!((status, error.as_str()), (Some(0), ""));
    std::fs::write(folder.join("discover.sh"), script).unwrap();
    let path = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap());
    let mut bash = Command::new("bash");
    let output = bash.arg("discover.sh").current_dir(&folder).env("PATH", path).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let with =
        std::fs::read_to_string(folder.join("discovered/log-archive/notification-key-arn-2-2.with.json"))
            .unwrap();
    assert_eq!(with, format!("{{\"YOUR_TOPIC_ARN\":\"{}\"}}\n", topic("expel-b")));
    // Each key belongs to its topic; without a topic, both are listed.
    for (name, own, other) in [("expel-a", "a", "b"), ("expel-b", "b", "a")] {
        let (_, text, _) = guide_in(&folder, &["init", "--set", &format!("YOUR_TOPIC_ARN={}", topic(name))]);
        assert!(text.contains(&format!("\nYOUR_NOTIFICATION_KEY_ARN = \"{}\"\n", key(own))), "{text}");
        assert!(text.contains(&format!("The key that already encrypts the topic {}", topic(name))), "{text}");
        assert!(!text.contains(&key(other)), "{text}");
    }
    let (_, text, _) = guide_in(&folder, &["init"]);
    for id in ["a", "b"] {
        assert!(text.contains(&format!("\n#YOUR_NOTIFICATION_KEY_ARN = \"{}\"\n", key(id))), "{text}");
    }
    // A new topic has none.
    let (_, text, _) = guide_in(&folder, &["init", "--set", &format!("YOUR_TOPIC_ARN={}", topic("new"))]);
    assert!(text.contains("\n#YOUR_NOTIFICATION_KEY_ARN = \"\"\n"), "{text}");
}

/// S3 takes no other topic than the one that gets every new object already.
#[test]
fn a_topic_that_gets_every_object_is_the_value() {
    let folder = empty("every-object");
    discovered_accounts(&folder);
    let (alerts, own) =
        ("arn:aws:sns:eu-west-1:222222222222:alerts", "arn:aws:sns:eu-west-1:222222222222:expel-topic");
    discovered(&folder, "log-archive", "topic-arn-1", &json!([{ "value": alerts, "of": "all" }]));
    discovered(&folder, "log-archive", "topic-arn-2", &json!([own]));
    let (_, text, _) = guide_in(&folder, &["init"]);
    assert!(text.contains(&format!("\nYOUR_TOPIC_ARN = \"{alerts}\"\n")), "{text}");
    discovered(&folder, "log-archive", "topic-arn-1", &json!([]));
    let (_, text, _) = guide_in(&folder, &["init"]);
    assert!(text.contains(&format!("\nYOUR_TOPIC_ARN = \"{own}\"\n")), "{text}");
}
