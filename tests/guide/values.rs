//! The file of values, and what lies beside.

use std::path::Path;

use crate::accounts::{accounts, guide, root};
use crate::{empty, guide_in};

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
    // What is not to be copied is as wide as a report.
    let wide = text.lines().filter(|line| line.starts_with("# ") && !line.starts_with("#   "));
    assert!(wide.clone().count() > 10 && wide.into_iter().all(|line| line.chars().count() <= 100), "{text}");
    // A value that is given twice is named.
    let twice = Path::new(env!("CARGO_TARGET_TMPDIR")).join("twice.toml");
    std::fs::write(&twice, "YOUR_TOPIC_ARN = \"a\"\nYOUR_TOPIC_ARN = \"b\"\n").unwrap();
    let output = guide(&["init", "--values", twice.to_str().unwrap()]);
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(
        error.contains("is not a valid file of values: line 2: ") && error.contains("`YOUR_TOPIC_ARN`"),
        "{error}"
    );
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("init.toml");
    std::fs::write(&path, "mine").unwrap();
    assert_eq!(guide(&["init", "-o", path.to_str().unwrap()]).status.code(), Some(2));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "mine");
}

#[test]
fn a_file_that_is_not_filled_in_lists_what_is_missing() {
    let folder = empty("unfilled");
    let listed = |error: &str| -> Vec<String> {
        let names = error.lines().filter_map(|line| line.strip_prefix("  YOUR_"));
        names.map(|name| format!("YOUR_{name}")).collect()
    };
    assert_eq!(guide_in(&folder, &["init", "-o", "expel.toml"]).0, Some(0));
    // With the names commented out, with empty values, with the names as values, and without any file.
    for round in 0..4 {
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
                ["missing from `expel.toml`", "polmerge guide init -o expel.toml"][usize::from(round == 3)];
            assert!(error.contains(place), "{error}");
        }
        let file = folder.join("expel.toml");
        match round {
            0 => {
                let text = std::fs::read_to_string(&file).unwrap();
                std::fs::write(&file, text.replace("#YOUR_", "YOUR_")).unwrap();
            }
            1 => {
                let text = std::fs::read_to_string(&file).unwrap();
                let named = |line: &str| match line.strip_suffix("\"\"") {
                    Some(start) => format!("{start}\"{}\"\n", start.trim_end_matches([' ', '='])),
                    None => format!("{line}\n"),
                };
                std::fs::write(&file, text.lines().map(named).collect::<String>()).unwrap();
            }
            2 => std::fs::remove_file(&file).unwrap(),
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
            // Nothing that is read needs the external id.
            let asked = if command == "collect" && name == "YOUR_WORKBENCH_EXTERNAL_ID" {
                vec![]
            } else {
                vec![name]
            };
            assert_eq!(status, Some(2), "{command}: {error}");
            assert_eq!(listed(&error), asked, "{command}: {error}");
        }
    }
    std::fs::write(folder.join("expel.toml"), whole.replace("YOUR_WORKBENCH_EXTERNAL_ID", "#")).unwrap();
    assert_eq!(guide_in(&folder, &["collect"]).0, Some(0), "it may be missing there");
    // So does the name of a value that may be left out: what it was to change would be left out with it.
    for (slip, meant) in [
        ("YOUR_OPTON = \"1\"\n", "YOUR_OPTION"),
        (
            "YOUR_NOTIFICATON_KEY_ARN = \"arn:aws:kms:us-east-1:222222222222:key/k\"\n",
            "YOUR_NOTIFICATION_KEY_ARN",
        ),
        ("your_log_prefix = \"AWSLogs/\"\n", "YOUR_LOG_PREFIX"),
    ] {
        let text = whole.replace("YOUR_NOTIFICATION_KEY_ARN", "#");
        std::fs::write(folder.join("expel.toml"), format!("{slip}{text}")).unwrap();
        for command in [&["check"][..], &["collect"], &["plan"], &["discover", "management"]] {
            let (status, out, error) = guide_in(&folder, command);
            assert_eq!((status, out.as_str()), (Some(2), ""), "{command:?}");
            let why = format!("is not the name of a value; did you mean `{meant}`?");
            assert!(error.contains(&format!("error: `{}", &slip[..8])) && error.contains(&why), "{error}");
        }
        let set = ["init", "--values", "expel.toml", "-o", "new.toml"];
        assert_eq!(guide_in(&folder, &set).0, Some(2));
        assert!(!folder.join("new.toml").exists() && !folder.join("plan").exists());
    }
    // A name that is close to no value without one may be for another program.
    for other in ["YOUR_TEAM = \"x\"\n", "YOUR_TOPIC_ARM = \"x\"\n"] {
        std::fs::write(folder.join("expel.toml"), format!("{other}{whole}")).unwrap();
        let (status, _, error) = guide_in(&folder, &["collect"]);
        assert_eq!(status, Some(0), "{error}");
        assert!(error.contains("is not the name of a value"), "{error}");
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
