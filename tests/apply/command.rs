//! The command line of `apply`: all or nothing on standard output, files whole or untouched.
#![cfg(feature = "cli")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn polmerge(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_polmerge"));
    command.current_dir(root().join("fixtures")).args(arguments);
    command.env("LC_ALL", "C.UTF-8").env_remove("CLICOLOR_FORCE").env_remove("NO_COLOR");
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("POLMERGE_")) {
        command.env_remove(name);
    }
    command
}

fn run(arguments: &[&str]) -> Output {
    polmerge(arguments).stdin(Stdio::null()).output().unwrap()
}

fn out(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).unwrap()
}

fn err(output: &Output) -> &str {
    std::str::from_utf8(&output.stderr).unwrap()
}

/// A folder of its own for a test, empty.
fn scratch(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&path);
    std::fs::create_dir_all(&path).unwrap();
    path
}

fn copy(from: &str, to: &Path) -> String {
    std::fs::copy(root().join("fixtures").join(from), to).unwrap();
    to.display().to_string()
}

#[test]
fn a_refused_change_prints_no_document_for_any_target() {
    let folder = scratch("refused");
    let bad = folder.join("bad.json");
    let statement = |resource: &str, action: &str| {
        format!(r#"{{"Sid":"Open","Effect":"Allow","Principal":"*","Action":"{action}"{resource}}}"#)
    };
    for (file, kind, action, resource) in [
        ("key-policy.json", "kms", "kms:Decrypt", r#","Resource":"*""#),
        (
            "sns/default.json",
            "sns",
            "sns:Publish",
            r#","Resource":"arn:aws:sns:us-east-1:222222222222:expel-topic""#,
        ),
        (
            "sqs/console-basic.json",
            "sqs",
            "sqs:SendMessage",
            r#","Resource":"arn:aws:sqs:us-east-1:222222222222:expel-queue""#,
        ),
        (
            "s3/plain-tls-only.json",
            "s3",
            "s3:GetObject",
            r#","Resource":"arn:aws:s3:::example-trail-logs/*""#,
        ),
        ("trust/expel.json", "trust", "sts:AssumeRole", ""),
    ] {
        std::fs::write(&bad, statement(resource, action)).unwrap();
        let output = run(&["apply", file, "--kind", kind, "--add", bad.to_str().unwrap()]);
        assert_eq!(output.status.code(), Some(1), "{file}: {}", err(&output));
        assert_eq!(out(&output), "", "{file}");
        assert!(err(&output).contains("principal-any"), "{file}: {}", err(&output));
        assert!(err(&output).ends_with("The change is refused. Nothing was written.\n"), "{}", err(&output));
        let allowed =
            run(&["apply", file, "--kind", kind, "--add", bad.to_str().unwrap(), "--allow", "principal-any"]);
        assert_eq!(allowed.status.code(), Some(0), "{file}: {}", err(&allowed));
        assert!(out(&allowed).contains("\"Open\""), "{file}");
    }
}

#[test]
fn failures_print_nothing_and_exit_with_2() {
    let values = ["--values", "expel.toml"];
    let cases: [(&[&str], &str); 14] = [
        (&["apply", "key-policy.json", "--add", "step2"], "needs a value for `YOUR_EXPEL_ROLE_ARN`"),
        (&["apply", "key-policy.json", "--add", "step11"], "no step is called `step11`"),
        (
            &["apply", "key-policy.json", "--add", "step4"],
            "is for an SNS topic policy, not for a KMS key policy",
        ),
        (&["apply", "nowhere.json", "--add", "step2"], "cannot read `nowhere.json`"),
        (&["apply", "-", "--add", "step2"], "`-` is empty"),
        (&["apply", "README.md", "--add", "step2"], "not valid JSON"),
        (&["apply", "key-policy.json", "--add", "step2", "--kind", "key"], "`key` is no kind of policy"),
        (
            &["apply", "key-policy.json", "--add", "step2", "--variant", "x"],
            "no step chosen has a variant `x`",
        ),
        (
            &["apply", "key-policy.json", "--add", "step2", "--set", "YOUR_EXPEL_ROLE_ARN"],
            "is not NAME=VALUE",
        ),
        (&["apply", "key-policy.json", "--add", "step2", "--allow", "everything"], "`everything` is no rule"),
        (&["apply", "key-policy.json", "--add", "step2", "--at", "/Policy"], "--at"),
        (&["apply", "key-policy.json", "--add", "./nowhere.json"], "cannot read `./nowhere.json`"),
        (&["apply", "key-policy.json"], "--add"),
        (&["apply", "-", "--add", "step2", "--in-place"], "cannot be written in place"),
    ];
    for (arguments, message) in cases {
        let needs_values =
            !message.contains("needs a value") && !message.contains("NAME=VALUE") && arguments.len() > 2;
        let arguments = [arguments, if needs_values { &values[..] } else { &[] }].concat();
        let output = run(&arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", err(&output));
        assert_eq!(out(&output), "", "{arguments:?}");
        assert!(err(&output).contains(message), "{arguments:?}: {}", err(&output));
    }
}

#[test]
fn quiet_says_errors_only() {
    let output = run(&["apply", "key-policy.json", "--add", "step2", "-q"]);
    assert_eq!(err(&output), "error: step2 needs a value for `YOUR_EXPEL_ROLE_ARN`\n");
    let output = run(&["apply", "key-policy.json", "--add", "step2", "-q", "--values", "expel.toml"]);
    assert_eq!((err(&output), output.status.code()), ("", Some(0)));
}

#[test]
fn quiet_says_why_a_change_is_refused() {
    let folder = scratch("quiet");
    let open = r#"{"Sid":"Open","Effect":"Allow","Principal":"*","Action":"kms:Decrypt","Resource":"*"}"#;
    let open = write(&folder, "open.json", open);
    for check in [&[][..], &["--check"]] {
        let output = run(&[&["apply", "key-policy.json", "--add", &open, "-q"], check].concat());
        assert_eq!((output.status.code(), out(&output)), (Some(1), ""));
        assert!(
            err(&output).starts_with("error: ") && err(&output).contains("--allow principal-any"),
            "{}",
            err(&output)
        );
    }
}

#[test]
fn a_group_is_not_allowed_as_a_whole() {
    let arguments = ["apply", "key-policy.json", "--add", "step2", "--values", "expel.toml", "--allow"];
    let output = run(&[&arguments[..], &["overbroad"]].concat());
    assert_eq!(output.status.code(), Some(2));
    assert!(err(&output).contains("`overbroad` stands for several rules"), "{}", err(&output));
    let output = run(&[&arguments[..], &["overbroa"]].concat());
    assert!(err(&output).contains("no rule and no group of rules"), "{}", err(&output));
    assert_eq!(run(&[&arguments[..], &["public-access"]].concat()).status.code(), Some(0));
}

#[test]
fn a_subscription_that_filters_is_warned_of() {
    let folder = scratch("filter");
    let answer = |filter: &str| {
        format!(
            r#"{{"Attributes":{{"TopicArn":"arn:aws:sns:us-east-1:222222222222:expel-topic","Protocol":"sqs","Endpoint":"arn:aws:sqs:us-east-1:222222222222:expel-queue","RawMessageDelivery":"true","PendingConfirmation":"false"{filter}}}}}"#
        )
    };
    for (filter, warns) in [
        (r#","FilterPolicy":"{\"x\":[\"none\"]}""#, true),
        (r#","FilterPolicy":"{}""#, false),
        (r#","FilterPolicy":"""#, false),
        ("", false),
    ] {
        let file = write(&folder, "s.json", &answer(filter));
        let arguments =
            ["apply", &file, "--add", "step6", "--kind", "sns-subscription", "--values", "expel.toml"];
        let output = run(&arguments);
        assert_eq!(output.status.code(), Some(0), "{}", err(&output));
        assert_eq!(
            err(&output).contains("warning: the subscription has a FilterPolicy"),
            warns,
            "{}",
            err(&output)
        );
    }
}

#[test]
fn serverless_fills_in_variables_by_itself() {
    let folder = scratch("serverless");
    let template = "  Resources:\n    P:\n      Type: AWS::IAM::ManagedPolicy\n      Properties:\n        PolicyDocument:\n          Version: \"2012-10-17\"\n          Statement:\n            - {Effect: Allow, Action: s3:ListBucket, Resource: \"arn:aws:s3:::b\"}\n";
    let file = write(&folder, "serverless.yml", &format!("service: x\nresources:\n{template}"));
    let with = |name: &str, resource: &str| {
        let text = format!(r#"{{"Effect":"Allow","Action":"s3:GetObject","Resource":"{resource}"}}"#);
        write(&folder, name, &text)
    };
    let statement = "- {Effect: Allow, Action: s3:ListBucket, Resource: \"arn:aws:s3:::b\"}";
    let role = format!(
        "service: x\nprovider:\n  name: aws\n  iam:\n    role:\n      statements:\n        {statement}\n"
    );
    let role = write(&folder, "role.yml", &role);
    for file in [file, role] {
        let output = run(&["apply", &file, "--add", &with("v.json", "arn:aws:s3:::b/${aws:username}/*")]);
        assert_eq!((output.status.code(), out(&output)), (Some(2), ""));
        assert!(err(&output).contains("Serverless Framework"), "{}", err(&output));
        let output = run(&["apply", &file, "--add", &with("p.json", "arn:aws:s3:::b/x/*")]);
        assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    }
}

#[test]
fn the_statement_of_an_event_bus_is_one() {
    let folder = scratch("event-bus");
    let template = |kind: &str, member: &str, statement: &str| {
        format!(r#"{{"Resources":{{"A":{{"Type":"{kind}","Properties":{{"{member}":{statement}}}}}}}}}"#)
    };
    let statement = |role: &str| {
        format!(
            r#"{{"Effect":"Allow","Principal":{{"AWS":"arn:aws:iam::111111111111:role/{role}"}},"Action":"events:PutEvents","Resource":"arn:aws:events:us-east-1:111111111111:event-bus/default"}}"#
        )
    };
    let new = write(&folder, "new.json", &statement("s"));
    let one = template("AWS::Events::EventBusPolicy", "Statement", &statement("r"));
    let output = run(&["apply", &write(&folder, "one.json", &one), "--add", &new]);
    assert_eq!((output.status.code(), out(&output)), (Some(2), ""));
    assert!(err(&output).contains("takes one statement"), "{}", err(&output));
    // The policy of a bus has a list.
    let policy = format!(r#"{{"Version":"2012-10-17","Statement":{}}}"#, statement("r"));
    let list = template("AWS::Events::EventBus", "Policy", &policy);
    let output = run(&["apply", &write(&folder, "list.json", &list), "--add", &new]);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
}

#[test]
fn in_place_keeps_mode_and_link_and_leaves_an_unchanged_file_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = scratch("in-place");
    let file = folder.join("real.json");
    copy("key-policy.json", &file);
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o640)).unwrap();
    let link = folder.join("link.json");
    std::os::unix::fs::symlink("real.json", &link).unwrap();
    let arguments =
        ["apply", link.to_str().unwrap(), "--add", "step2", "--values", "expel.toml", "--in-place"];
    let output = run(&arguments);
    assert_eq!((output.status.code(), out(&output)), (Some(0), ""), "{}", err(&output));
    assert!(link.symlink_metadata().unwrap().is_symlink());
    let metadata = file.metadata().unwrap();
    assert_eq!(metadata.permissions().mode() & 0o777, 0o640);
    assert!(std::fs::read_to_string(&file).unwrap().contains("Allow Expel to decrypt CloudTrail logs"));
    let before = metadata.modified().unwrap();
    let output = run(&arguments);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(file.metadata().unwrap().modified().unwrap(), before, "an unchanged file was written");
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 2, "something was left behind");
}

#[test]
fn a_file_that_cannot_be_written_is_untouched() {
    let folder = scratch("read-only");
    let output = run(&[
        "apply",
        "key-policy.json",
        "--add",
        "step2",
        "--values",
        "expel.toml",
        "-o",
        folder.join("no/such/folder.json").to_str().unwrap(),
    ]);
    assert_eq!((output.status.code(), out(&output)), (Some(2), ""));
    assert!(err(&output).contains("cannot write"), "{}", err(&output));
}

#[test]
fn check_and_diff_write_nothing() {
    let folder = scratch("check");
    let path = copy("key-policy.json", &folder.join("key.json"));
    let text = std::fs::read_to_string(&path).unwrap();
    let check = run(&["apply", &path, "--add", "step2", "--values", "expel.toml", "--check"]);
    assert_eq!((check.status.code(), out(&check)), (Some(1), ""));
    assert!(err(&check).ends_with("step2 is missing; 1 statement would be added. Nothing was written.\n"));
    let diff = run(&["apply", &path, "--add", "step2", "--values", "expel.toml", "--diff"]);
    assert_eq!(diff.status.code(), Some(0));
    assert!(out(&diff).contains("\n+      \"Sid\": \"Allow Expel to decrypt CloudTrail logs\",\n"));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
}

/// Nothing is written that nobody was asked about.
#[test]
fn asking_and_json_do_not_go_together() {
    let path = copy("key-policy.json", &scratch("asked").join("policy.json"));
    let text = std::fs::read_to_string(&path).unwrap();
    let step = ["apply", &path, "--add", "step2", "--values", "expel.toml"];
    let output = run(&[&step[..], &["--ask", "--format", "json", "--in-place"]].concat());
    assert_eq!((output.status.code(), out(&output)), (Some(2), ""), "{}", err(&output));
    assert!(err(&output).contains("--ask shows the change to a person"), "{}", err(&output));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
}

#[test]
fn asking_without_a_terminal_fails() {
    // `setsid` takes the controlling terminal away, should there be one.
    let mut command = Command::new("setsid");
    command.arg("--wait").arg(env!("CARGO_BIN_EXE_polmerge"));
    command.current_dir(root().join("fixtures")).stdin(Stdio::null());
    command.args(["apply", "key-policy.json", "--add", "step2", "--values", "expel.toml", "--ask"]);
    let Ok(output) = command.output() else {
        let text = b"SKIPPED: a test of a terminal: there is no `setsid` here
";
        std::io::Write::write_all(&mut std::io::stderr(), text).unwrap();
        return;
    };
    assert_eq!((output.status.code(), out(&output)), (Some(2), ""), "{}", err(&output));
    assert!(err(&output).contains("--ask needs a terminal"));
}

#[test]
fn values_come_from_everywhere_and_must_agree() {
    let role = "arn:aws:iam::222222222222:role/ExpelAssumeRole";
    let variable = "POLMERGE_YOUR_EXPEL_ROLE_ARN";
    let arguments = ["apply", "key-policy.json", "--add", "step2"];
    let output = polmerge(&arguments).env(variable, role).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    assert!(err(&output).contains(&format!("YOUR_EXPEL_ROLE_ARN = {role} (environment {variable})")));

    let folder = scratch("values");
    let config = folder.join("polmerge.toml");
    std::fs::write(&config, format!("[values]\nYOUR_EXPEL_ROLE_ARN = \"{role}\"\n")).unwrap();
    let config = config.to_str().unwrap();
    let output = polmerge(&arguments).args(["--config", config]).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    assert!(err(&output).contains("polmerge.toml)"), "{}", err(&output));

    let other = "arn:aws:iam::222222222222:role/Other";
    let output = polmerge(&arguments).args(["--config", config]).env(variable, other).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(err(&output).contains("two values for YOUR_EXPEL_ROLE_ARN"), "{}", err(&output));
}

#[test]
fn a_plain_policy_file_and_a_users_own_pack_work_as_steps() {
    let folder = scratch("pack");
    let pack = r#"{"name":"own","title":"ours","about":"ours","steps":["audit"],
        "parameters":{"YOUR_AUDITOR_ARN":{"type":"iam-role-arn","description":"who audits","find":{"where":"in the audit account"}}}}"#;
    let step = r#"{"name":"audit","title":"let the auditor describe the key","account":"any","parameters":["YOUR_AUDITOR_ARN"],
        "documents":[{"kind":"kms","attached-to":"any key","statements":[
            {"Sid":"Audit","Effect":"Allow","Principal":{"AWS":"YOUR_AUDITOR_ARN"},"Action":"kms:DescribeKey","Resource":"*"}]}],
        "certainty":[]}"#;
    std::fs::create_dir(folder.join("own")).unwrap();
    std::fs::write(folder.join("own/pack.json"), pack).unwrap();
    std::fs::write(folder.join("own/audit.json"), step).unwrap();
    std::fs::write(folder.join("polmerge.toml"), "packs = [\"own\"]\n").unwrap();
    let config = folder.join("polmerge.toml");
    let with = [
        "--config",
        config.to_str().unwrap(),
        "--set",
        "YOUR_AUDITOR_ARN=arn:aws:iam::333333333333:role/Audit",
    ];
    for name in ["audit", "own:audit"] {
        let output = polmerge(&["apply", "key-policy.json", "--add", name]).args(with).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", err(&output));
        assert!(out(&output).contains("kms:DescribeKey"));
    }
    let vendor = folder.join("vendor.json");
    let statement = r#"{"Sid":"Vendor","Effect":"Allow","Principal":{"AWS":"YOUR_AUDITOR_ARN"},"Action":"kms:ListGrants","Resource":"*"}"#;
    let policy = format!(r#"{{"Version":"2012-10-17","Statement":{statement}}}"#);
    for text in [statement.to_owned(), format!("[{statement}]"), policy] {
        std::fs::write(&vendor, text).unwrap();
        let arguments = ["apply", "key-policy.json", "--add", vendor.to_str().unwrap()];
        let output = polmerge(&arguments).args(with).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", err(&output));
        assert!(out(&output).contains("role/Audit"), "the token is filled in");
        let output = polmerge(&arguments).output().unwrap();
        assert_eq!((output.status.code(), out(&output)), (Some(2), ""), "the token has no value");
    }
}

#[test]
fn tokens_in_the_policy_are_filled_in_on_request() {
    let folder = scratch("fill");
    let path = folder.join("key.json");
    let step: serde_json::Value = serde_json::from_str(
        &std::fs::read_to_string(root().join("policies/expel-control-tower/step2.json")).unwrap(),
    )
    .unwrap();
    let policy =
        serde_json::json!({"Version": "2012-10-17", "Statement": step["documents"][0]["statements"]});
    std::fs::write(&path, serde_json::to_string_pretty(&policy).unwrap()).unwrap();
    let path = path.to_str().unwrap();
    let output = run(&["apply", path, "--fill", "--values", "expel.toml"]);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    assert!(out(&output).contains("role/ExpelAssumeRole") && !out(&output).contains("YOUR_"));
    assert!(err(&output).contains("1 token filled in"), "{}", err(&output));
    // Filled in, it is the step.
    let output = run(&["apply", path, "--fill", "--add", "step2", "--values", "expel.toml"]);
    assert!(err(&output).contains("already there"), "{}", err(&output));
}

#[test]
fn conflicts_fail_or_are_settled_as_told() {
    let folder = scratch("conflict");
    let path = folder.join("key.json");
    let text = std::fs::read_to_string(root().join("fixtures/key-policy.json")).unwrap();
    std::fs::write(
        &path,
        text.replace("Allow Config to use KMS for encryption", "Allow Expel to decrypt CloudTrail logs"),
    )
    .unwrap();
    let path = path.to_str().unwrap();
    let arguments = ["apply", path, "--add", "step2", "--values", "expel.toml"];
    let output = run(&arguments);
    assert_eq!((output.status.code(), out(&output)), (Some(2), ""));
    assert!(err(&output).contains("means something else"), "{}", err(&output));

    let output = polmerge(&arguments).args(["--on-conflict", "rename"]).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    assert!(out(&output).contains("\"Allow Expel to decrypt CloudTrail logs2\""));

    let output = polmerge(&arguments).args(["--on-conflict", "replace"]).output().unwrap();
    assert_eq!((output.status.code(), out(&output)), (Some(1), ""), "access goes: {}", err(&output));
    assert!(err(&output).contains("--allow removal"), "{}", err(&output));
    let output =
        polmerge(&arguments).args(["--on-conflict", "replace", "--allow", "removal"]).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    assert!(!out(&output).contains("config.amazonaws.com"));
}

#[test]
fn json_fits_its_schema_whatever_the_outcome() {
    let schema = std::fs::read_to_string(root().join("schemas/apply.schema.json")).unwrap();
    let validator = jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap();
    let folder = scratch("json");
    let deny = folder.join("deny.json");
    let text = std::fs::read_to_string(root().join("fixtures/key-policy.json")).unwrap();
    let denied =
        r#"{ "Sid": "No", "Effect": "Deny", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*" },"#;
    std::fs::write(&deny, text.replacen("\"Statement\": [", &format!("\"Statement\": [ {denied}"), 1))
        .unwrap();
    for (file, extra, code, reason) in [
        ("key-policy.json", None, 0, serde_json::Value::Null),
        ("key-policy.json", Some("--check"), 1, "pending".into()),
        ("minified", None, 0, serde_json::Value::Null),
        (deny.to_str().unwrap(), None, 1, "refused".into()),
    ] {
        let file = if file == "minified" { "kms/minified.json" } else { file };
        let mut command =
            polmerge(&["apply", file, "--add", "step2", "--values", "expel.toml", "--format", "json"]);
        let output = command.args(extra).output().unwrap();
        assert_eq!(output.status.code(), Some(code), "{file}: {}", err(&output));
        let value: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let errors: Vec<String> = validator.iter_errors(&value).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{file}: {errors:?}");
        assert_eq!(value["reason"], reason, "{file}");
    }
}

#[test]
fn the_shipped_steps_fit_their_schemas() {
    let read = |path: &str| -> serde_json::Value {
        serde_json::from_str(&std::fs::read_to_string(root().join(path)).unwrap()).unwrap()
    };
    let step = jsonschema::validator_for(&read("policies/step.schema.json")).unwrap();
    let pack = jsonschema::validator_for(&read("policies/pack.schema.json")).unwrap();
    let mut count = 0;
    for entry in std::fs::read_dir(root().join("policies/expel-control-tower")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let value = read(&format!("policies/expel-control-tower/{name}"));
        let validator = if name == "pack.json" { &pack } else { &step };
        let errors: Vec<String> = validator.iter_errors(&value).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{name}: {errors:?}");
        count += 1;
    }
    assert_eq!(count, 12);
}

/// A change that locks everyone out of the policy does not go through; one that finds it so says it aloud.
#[test]
fn a_lock_out_stops_a_change_or_is_said() {
    let folder = scratch("lockout");
    let key = copy("key-policy.json", &folder.join("key.json"));
    let deny = folder.join("deny.json");
    std::fs::write(
        &deny,
        r#"{"Sid":"Freeze","Effect":"Deny","Principal":"*","Action":"kms:Put*","Resource":"*"}"#,
    )
    .unwrap();
    let deny = deny.display().to_string();
    let output = run(&["apply", &key, "--add", &deny]);
    assert_eq!((output.status.code(), out(&output)), (Some(1), ""), "{}", err(&output));
    assert!(
        err(&output).contains("refused: error key-lockout: nobody may change this key policy"),
        "{}",
        err(&output)
    );
    let output = run(&["apply", &key, "--add", &deny, "--allow", "key-lockout", "--in-place"]);
    assert!(err(&output).contains("--allow removal"), "{}", err(&output));
    let allowed = ["--allow", "key-lockout", "--allow", "removal", "--in-place"];
    let output = run(&[&["apply", &key, "--add", &deny], &allowed[..]].concat());
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    // It is old from now on, and in the way of nothing.
    let output = run(&["apply", &key, "--add", "step2", "--values", "expel.toml", "--in-place"]);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    let text = err(&output);
    let aloud = text.find("before this change already: nobody may change this key policy").expect(text);
    assert!(aloud < text.rfind("1 statement added").unwrap(), "{text}");
    let bucket = copy("s3/plain-tls-only.json", &folder.join("bucket.json"));
    let deny = folder.join("deny-bucket.json");
    std::fs::write(
        &deny,
        r#"{"Sid":"Freeze","Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*"}"#,
    )
    .unwrap();
    let output = run(&["apply", &bucket, "--add", &deny.display().to_string()]);
    assert_eq!(output.status.code(), Some(1), "{}", err(&output));
    assert!(err(&output).contains("bucket-lockout"), "{}", err(&output));
}

const TEMPLATE: &str = "\
# A topic
Resources:
  Policy:
    Type: AWS::SNS::TopicPolicy
    Properties:
      Topics: [ !Ref Topic ]
      PolicyDocument:
        Version: \"2012-10-17\"
        Statement:
          - Sid: A
            Effect: Allow
            Principal: { AWS: \"arn:aws:iam::222222222222:role/a\" }
            Action: sns:Publish
            Resource: \"arn:aws:sns:us-east-1:111111111111:t\"";

const SUBSCRIBE: &str = r#"{"Sid":"N","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::222222222222:role/n"},
  "Action":"sns:Subscribe","Resource":"arn:aws:sns:us-east-1:111111111111:t"}"#;

fn write(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    path.display().to_string()
}

#[test]
fn a_template_comes_out_as_a_template() {
    let folder = scratch("template");
    let statement = write(&folder, "s.json", SUBSCRIBE);
    for ending in ["", "\n", "\n  Topic:\n    Type: AWS::SNS::Topic\n"] {
        let text = format!("{TEMPLATE}{ending}");
        let file = write(&folder, "t.yaml", &text);
        let printed = run(&["apply", &file, "--add", &statement]);
        assert_eq!(printed.status.code(), Some(0), "{}", err(&printed));
        assert!(out(&printed).starts_with("# A topic\nResources:"), "{}", out(&printed));
        let written = run(&["apply", &file, "--add", &statement, "-o", &file]);
        assert_eq!(written.status.code(), Some(0), "{}", err(&written));
        let after = std::fs::read_to_string(&file).unwrap();
        assert_eq!(after, out(&printed));
        let again = run(&["apply", &file, "--add", &statement, "-o", &file]);
        assert!(err(&again).contains("as it came, byte for byte"), "{}", err(&again));
        assert_eq!(std::fs::read_to_string(&file).unwrap(), after);
        let bare = run(&["apply", &file, "--add", &statement, "--emit", "policy"]);
        assert!(out(&bare).starts_with('{'), "{}", out(&bare));
        let removed = run(&["apply", &file, "--remove", &statement, "-o", &file]);
        assert_eq!(removed.status.code(), Some(0), "{}", err(&removed));
        assert_eq!(std::fs::read_to_string(&file).unwrap(), text, "removing gives the file back");
        let compacted = run(&["compact", &file]);
        assert_eq!(out(&compacted), text);
    }
    // Several documents, several policies.
    let two = format!("{TEMPLATE}\n---\nkind: other\n");
    let file = write(&folder, "two.yaml", &two);
    let printed = run(&["apply", &file, "--add", &statement]);
    assert!(out(&printed).ends_with("\n---\nkind: other\n"), "{}{}", out(&printed), err(&printed));
}

#[test]
fn what_terraform_made_is_not_edited() {
    let folder = scratch("terraform");
    let statement = write(&folder, "s.json", SUBSCRIBE);
    let policy = r#"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Sid\":\"A\",\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"arn:aws:iam::222222222222:role/a\"},\"Action\":\"sns:Publish\",\"Resource\":\"arn:aws:sns:us-east-1:111111111111:t\"}]}"#;
    for (root, what) in [("planned_values", "plan"), ("values", "state")] {
        let text = format!(
            r#"{{"format_version":"1.2","{root}":{{"root_module":{{"resources":[{{"address":"aws_sns_topic_policy.p","type":"aws_sns_topic_policy","name":"p","values":{{"policy":"{policy}"}}}}]}}}}}}"#
        );
        let file = write(&folder, "tf.json", &text);
        for target in [&["-o", &file][..], &["--in-place"], &[], &["--format", "json"]] {
            let output = run(&[&["apply", &file, "--add", &statement], target].concat());
            assert_eq!(output.status.code(), Some(2), "{target:?}: {}", err(&output));
            assert!(err(&output).contains(&format!("is a Terraform {what}")), "{}", err(&output));
            assert_eq!(out(&output), "");
            assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
        }
        let bare = run(&["apply", &file, "--add", &statement, "--emit", "policy"]);
        assert_eq!(bare.status.code(), Some(0), "{}", err(&bare));
        assert_eq!(run(&["apply", &file, "--add", &statement, "--check"]).status.code(), Some(1));
    }
}

#[test]
fn a_bare_policy_begins_with_its_brace() {
    let folder = scratch("leading");
    let statement = write(&folder, "s.json", SUBSCRIBE);
    let policy = r#"{"Version":"2012-10-17","Statement":[{"Sid":"A","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::222222222222:role/a"},"Action":"sns:Publish","Resource":"arn:aws:sns:us-east-1:111111111111:t"}]}"#;
    let answer = |policy: &str| format!("{{\"Policy\": {}}}\n", serde_json::Value::from(policy));
    for space in ["", "\n", "  \t\r\n "] {
        let spaced = format!("{space}{policy}\n");
        for text in [spaced.clone(), answer(&spaced)] {
            let file = write(&folder, "p.json", &text);
            for emit in [&[][..], &["--emit", "policy"], &["--emit", "cli"]] {
                let add = run(&[&["apply", &file, "--add", &statement], emit].concat());
                assert!(out(&add).starts_with('{'), "{text:?} {emit:?}: {}{}", out(&add), err(&add));
                // Also where nothing changes.
                let nothing = run(&[&["apply", &file, "--remove", &statement], emit].concat());
                assert_eq!(out(&nothing).trim_end(), policy, "{text:?} {emit:?}: {}", err(&nothing));
                let whole = out(&nothing) == text;
                assert_eq!(err(&nothing).contains("as it came"), whole, "{}", err(&nothing));
            }
            let same = run(&["apply", &file, "--remove", &statement, "--emit", "same"]);
            assert_eq!(out(&same), text);
            let in_place = run(&["apply", &file, "--add", &statement, "--in-place"]);
            assert_eq!(in_place.status.code(), Some(0), "{}", err(&in_place));
            assert!(std::fs::read_to_string(&file).unwrap().starts_with(&text[..text.len().min(8)]));
        }
    }
}

#[test]
fn an_error_in_an_added_file_gives_its_line() {
    let folder = scratch("added");
    for (text, place, what) in [
        ("{\n  \"Action\": \"kms:Decrypt\",\n  \"Resource\": \"*\"\n}", ":1:1", "`Effect`"),
        ("{\n  \"Principal\": \"*\"\n}", ":1:1", "`Effect`"),
        (
            "{\n  \"Effect\": \"Allow\",\n  \"Action\": \"kms:Decrypt\",\n  \"Principal\": \"arn:aws:iam::222222222222:role/x\"\n}",
            ":4:16",
            "`Principal`",
        ),
        (
            "[\n  {\"Effect\": \"Allow\", \"Action\": \"kms:Decrypt\"},\n  {\"Effect\": \"allow\", \"Action\": \"kms:Decrypt\"}\n]",
            ":3:14",
            "`allow`",
        ),
        (
            "{\"Version\": \"2012-10-17\", \"Statement\": {\n  \"Effect\": \"Allow\",\n  \"Actions\": \"kms:*\"}}",
            ":3:3",
            "`Actions`",
        ),
        ("{\n  \"Effect\": \"Allow\",\n}", ":2:", ""),
        ("{\"Hello\": 1}", "", "without a `Statement`"),
    ] {
        let file = write(&folder, "s.json", text);
        let output = run(&["apply", "key-policy.json", "--add", &file]);
        assert_eq!(output.status.code(), Some(2), "{text}: {}", err(&output));
        assert_eq!(out(&output), "");
        assert!(err(&output).contains(place.trim_start_matches(':')), "{text}: {}", err(&output));
        assert!(err(&output).contains(what), "{text}: {}", err(&output));
    }
}

#[test]
fn a_statement_without_effect_is_not_called_there() {
    let folder = scratch("void");
    let text = r#"{"Sid":"V","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::222222222222:role/v"},"Action":"Decrypt","Resource":"*"}"#;
    let file = write(&folder, "s.json", text);
    for options in [&[][..], &["--check"], &["--allow", "invalid-action"]] {
        let output = run(&[&["apply", "key-policy.json", "--add", &file], options].concat());
        assert_eq!(output.status.code(), Some(1), "{options:?}: {}", err(&output));
        assert_eq!(out(&output), "");
        assert!(err(&output).contains("can match no request"), "{}", err(&output));
    }
    let output = run(&["apply", "key-policy.json", "--add", &file, "--check", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(out(&output)).unwrap();
    assert_eq!((output.status.code(), &json["reason"]), (Some(1), &"refused".into()));
    assert_eq!(json["statements"][0]["outcome"], "ineffective");
    assert_eq!(json["changed"], false);
    let findings = json["findings"].as_array().unwrap();
    let new: Vec<&str> =
        findings.iter().filter(|one| one["new"] == true).filter_map(|one| one["rule"].as_str()).collect();
    assert!(new.contains(&"invalid-action"), "{new:?}");
    assert!(findings.iter().any(|finding| finding["new"] == false));
}

/// A name with a slip is printed with the error that it causes, in every command that takes values.
#[test]
fn a_slip_in_a_name_is_printed_with_the_missing_value() {
    let folder = scratch("slip");
    let role = "arn:aws:iam::222222222222:role/ExpelAssumeRole";
    // The name without its last letter is part of a placeholder in the file, and still not its name.
    let key = std::fs::read_to_string(root().join("fixtures/key-policy.json")).unwrap();
    let key = key.replacen("\"Sid\": \"", "\"Sid\": \"YOUR_EXPEL_ROLE_ARN ", 1);
    assert!(key.contains("YOUR_EXPEL_ROLE_ARN"));
    let file = folder.join("key.json");
    std::fs::write(&file, key).unwrap();
    let file = file.display().to_string();
    for slip in ["YOUR_EXPEL_ROLE_AR", "YOUR_EXPEL_ROLE_ARNN", "YOUR_EXPEL_ROL_ARN"] {
        let set = format!("{slip}={role}");
        let apply = run(&["apply", &file, "--add", "step2", "--set", &set]);
        let render = run(&["render", "step2", "--set", &set]);
        for output in [apply, render] {
            assert_eq!(output.status.code(), Some(2));
            let why =
                format!("`{slip}` (--set) is not the name of a value; did you mean `YOUR_EXPEL_ROLE_ARN`?");
            assert!(err(&output).contains(&why), "{}", err(&output));
        }
    }
    let set = "YOUR_NOTIFICATION_KEY_AR=arn:aws:kms:us-east-1:222222222222:key/k";
    let output = run(&[
        "apply",
        "answers/sqs-get-queue-attributes.json",
        "--add",
        "step7",
        "--kind",
        "sqs-attributes",
        "--set",
        set,
    ]);
    assert_eq!(output.status.code(), Some(2));
    assert!(err(&output).contains("did you mean `YOUR_NOTIFICATION_KEY_ARN`?"), "{}", err(&output));
}

/// Each text of Terraform's JSON syntax is a template.
#[test]
fn a_variable_that_terraform_would_fill_in_is_refused() {
    let folder = scratch("terraform-json");
    let file = folder.join("main.tf.json");
    let policy = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::home/x"}]}"#;
    let text = serde_json::json!({"resource": {"aws_iam_policy": {"p": {"policy": policy}}}}).to_string();
    let add = |resource: &str| {
        std::fs::write(&file, &text).unwrap();
        let statement = format!(r#"{{"Effect":"Allow","Action":"s3:PutObject","Resource":"{resource}"}}"#);
        std::fs::write(folder.join("add.json"), statement).unwrap();
        let added = folder.join("add.json").display().to_string();
        let output = run(&["apply", file.to_str().unwrap(), "--add", &added, "--in-place"]);
        (output.status.code(), err(&output).to_owned(), std::fs::read_to_string(&file).unwrap())
    };
    let (status, message, after) = add("arn:aws:s3:::home/${aws:username}/*");
    assert_ne!(status, Some(0), "{message}");
    assert!(message.contains("${aws:username}"), "{message}");
    assert_eq!(after, text);
    let (status, message, after) = add("arn:aws:s3:::home/y");
    assert_eq!(status, Some(0), "{message}");
    assert_ne!(after, text);
}

#[test]
fn what_no_function_of_a_template_fills_in_is_not_added() {
    let folder = scratch("plain");
    let version = "AWSTemplateFormatVersion: \"2010-09-09\"\n";
    let file = write(&folder, "t.yaml", &format!("{version}{TEMPLATE}\n"));
    let statement = |principal: &str, resource: &str| {
        let text = format!(
            r#"{{"Sid":"N","Effect":"Allow","Principal":{{"AWS":{principal}}},"Action":"sns:Subscribe","Resource":{resource}}}"#
        );
        write(&folder, "s.json", &text)
    };
    let topic = r#""arn:aws:sns:us-east-1:111111111111:t""#;
    for (principal, placeholder) in [
        (r#""arn:aws:iam::${AWS::AccountId}:role/n""#, "${AWS::AccountId}"),
        (r#""arn:aws:iam::${Account}:role/n""#, "${Account}"),
        (r#""arn:aws:iam::<ACCOUNT_ID>:role/n""#, "<ACCOUNT_ID>"),
    ] {
        let added = statement(principal, topic);
        let refused = run(&["apply", &file, "--add", &added]);
        assert_eq!(refused.status.code(), Some(1), "{principal}: {}", err(&refused));
        assert!(err(&refused).contains(&format!("`{placeholder}` in ")), "{}", err(&refused));
        assert_eq!(out(&refused), "");
        // A template need not say that it is one.
        let bare = write(&folder, "bare.yaml", &format!("{TEMPLATE}\n"));
        assert_eq!(run(&["apply", &bare, "--add", &added]).status.code(), Some(1), "{principal}");
        // Another tool that has names in the file may fill in these, too.
        for name in ["${self:service}", "${file(a.yml):b}", "{{ service }}", "<%= service %>"] {
            let other = write(&folder, "other.yaml", &format!("Description: \"{name}\"\n{TEMPLATE}\n"));
            assert_eq!(run(&["apply", &other, "--add", &added]).status.code(), Some(0), "{name}");
        }
    }
    for principal in
        [r#"{"Fn::Sub":"arn:aws:iam::${AWS::AccountId}:role/n"}"#, r#""arn:aws:iam::222222222222:role/n""#]
    {
        let added = run(&["apply", &file, "--add", &statement(principal, topic)]);
        assert_eq!(added.status.code(), Some(0), "{principal}: {}", err(&added));
    }
    // Policy variables are for AWS, not for the template.
    let policy = "\
AWSTemplateFormatVersion: \"2010-09-09\"
Resources:
  Policy:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Version: \"2012-10-17\"
        Statement:
          - Effect: Allow
            Action: sns:Publish
            Resource: \"arn:aws:sns:us-east-1:111111111111:${aws:username}\"
";
    let file = write(&folder, "i.yaml", policy);
    let add = |name: &str| {
        let text = format!(
            r#"{{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::reports/{name}/*"}}"#
        );
        let statement = write(&folder, "v.json", &text);
        run(&["apply", &file, "--add", &statement]).status.code()
    };
    assert_eq!((add("${aws:username}"), add("${Team}")), (Some(0), Some(1)));
    let noted = |file: &str| {
        let found = run(&["lint", file, "--select", "template-text"]);
        out(&found).matches("note[template-text]").count()
    };
    assert_eq!(noted(&file), 0);
    let plain = policy.replace("aws:username", "Team");
    assert_eq!(noted(&write(&folder, "plain.yaml", &plain)), 1);
    assert_eq!(noted(&write(&folder, "sub.yaml", &plain.replace("Resource: ", "Resource: !Sub "))), 0);
    let bare = plain.replace(version, "");
    assert_eq!(noted(&write(&folder, "bare.yaml", &bare)), 1);
    let of_sam = format!("Transform: AWS::Serverless-2016-10-31\n{bare}");
    assert_eq!(noted(&write(&folder, "sam.yaml", &of_sam)), 1);
    // Dynamic references, and what a shell fills in, are no other tool's.
    for own in ["{{resolve:ssm:/a}}", "${!a:b}", "${A:-b}", "${AWS::Region}", "${aws:username}"] {
        let text = format!("Description: \"{own}\"\n{bare}");
        assert_eq!(noted(&write(&folder, "own.yaml", &text)), 1, "{own}");
    }
    for name in ["${opt:stage}", "{{ stage }}"] {
        let text = format!("Description: \"{name}\"\n{bare}");
        assert_eq!(noted(&write(&folder, "other.yaml", &text)), 0, "{name}");
    }
}

#[test]
fn a_policy_with_functions_left_is_not_printed_alone() {
    let folder = scratch("left");
    let statement = write(&folder, "s.json", SUBSCRIBE);
    for (text, is_left) in [
        (format!("{TEMPLATE}\n"), false),
        (TEMPLATE.replace("\"arn:aws:iam::222222222222:role/a\"", "!Ref Role") + "\n", true),
        (TEMPLATE.replace("222222222222", "<ACCOUNT_ID>") + "\n", true),
    ] {
        let file = write(&folder, "t.yaml", &text);
        for emit in ["policy", "cli"] {
            for command in [
                &["apply", &file, "--add", &statement, "--emit", emit][..],
                &["compact", &file, "--emit", emit],
            ] {
                let printed = run(command);
                let expected = if is_left { Some(2) } else { Some(0) };
                assert_eq!(printed.status.code(), expected, "{text} {command:?}: {}", err(&printed));
                assert_eq!(out(&printed).is_empty(), is_left, "{command:?}");
            }
        }
        assert_eq!(run(&["apply", &file, "--add", &statement]).status.code(), Some(0), "{text}");
    }
}

/// A value that is given is in what is rendered, and a trust policy that AWS would not take is not printed.
#[test]
fn what_is_rendered_has_the_values_that_are_given() {
    let prefix = "YOUR_LOG_PREFIX=org/AWSLogs/";
    for (form, limit) in
        [(&["--as", "terraform"][..], "filter_prefix = var.log_prefix"), (&[], "\"Value\": \"org/AWSLogs/\"")]
    {
        let render = |more: &[&str]| {
            let arguments = [&["render", "step8", "--values", "expel.toml"], form, more].concat();
            let output = run(&arguments);
            assert_eq!(output.status.code(), Some(0), "{}", err(&output));
            (out(&output).to_owned(), err(&output).to_owned())
        };
        let (text, listed) = render(&["--set", prefix]);
        assert!(text.contains(limit) && text.contains("org/AWSLogs/"), "{text}");
        assert!(listed.contains("YOUR_LOG_PREFIX = org/AWSLogs/"), "{listed}");
        let (text, _) = render(&[]);
        assert!(!text.contains("Filter") && !text.contains("filter_"), "{text}");
        let (text, _) = render(&["--set", prefix, "--variant", "suffix"]);
        assert!(text.contains(".json.gz") && !text.contains("org/AWSLogs/"), "{text}");
    }
    let file = root().join("fixtures/expel.toml");
    let gov = std::fs::read_to_string(file).unwrap().replace("arn:aws:", "arn:aws-us-gov:");
    let folder = scratch("gov");
    let gov = write(&folder, "gov.toml", &gov.replace("us-east-1", "us-gov-west-1"));
    for step in ["step1", "expel-control-tower"] {
        for (values, status) in [(gov.as_str(), 2), ("expel.toml", 0)] {
            let output = run(&["render", step, "--as", "terraform", "--values", values]);
            assert_eq!(output.status.code(), Some(status), "{step}: {}", err(&output));
            let refused =
                err(&output).contains("a role in the partition `aws-us-gov` cannot trust Expel's principal");
            assert_eq!((refused, out(&output).is_empty()), (status == 2, status == 2), "{step}");
        }
    }
    // The key's ARN alone tells the partition, and a step without a trust policy is no matter of Expel's principal.
    let key = "YOUR_CLOUDTRAIL_KEY_ARN=arn:aws-us-gov:kms:us-gov-west-1:111111111111:key/k";
    assert_eq!(run(&["render", "step1", "--as", "terraform", "--set", key]).status.code(), Some(2));
    assert_eq!(run(&["render", "step1", "--kind", "trust", "--values", &gov]).status.code(), Some(2));
    assert_eq!(run(&["render", "step2", "--as", "terraform", "--values", &gov]).status.code(), Some(0));
}

/// The patch of a template is one of the template, wherever its policy is.
#[test]
fn a_json_patch_applies_to_the_file_that_was_given() {
    let folder = scratch("file-patch");
    let statement = |sid: &str, action: &str| serde_json::json!({"Sid": sid, "Effect": "Allow", "Action": action, "Resource": "*"});
    let policy =
        |statements: serde_json::Value| serde_json::json!({"Version": "2012-10-17", "Statement": statements});
    let added = folder.join("add.json");
    std::fs::write(&added, policy(serde_json::json!([statement("Added", "sqs:ListQueues")])).to_string())
        .unwrap();
    let listed = policy(serde_json::json!([
        statement("A", "s3:ListAllMyBuckets"),
        statement("B", "ec2:DescribeVpcs")
    ]));
    let single = policy(statement("A", "s3:ListAllMyBuckets"));
    for (name, document) in [
        ("list", listed.clone()),
        ("single", single),
        ("text", listed.to_string().into()),
        ("sub", serde_json::json!({"Fn::Sub": listed.to_string()})),
    ] {
        let template = serde_json::json!({"AWSTemplateFormatVersion": "2010-09-09", "Resources": {
            "a/b~c": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": document}}}});
        let path = folder.join(format!("{name}.json"));
        std::fs::write(&path, template.to_string()).unwrap();
        let apply = |emit: &str| -> serde_json::Value {
            let (path, added) = (path.display().to_string(), added.display().to_string());
            let output = run(&["apply", &path, "--add", &added, "--emit", emit, "-q"]);
            serde_json::from_str(out(&output)).unwrap_or_else(|_| panic!("{name} {emit}: {}", err(&output)))
        };
        let patch: json_patch::Patch = serde_json::from_value(apply("json-patch")).unwrap();
        assert!(!patch.0.is_empty(), "{name}");
        let mut patched = template.clone();
        json_patch::patch(&mut patched, &patch).unwrap();
        assert_eq!(patched, apply("same"), "{name}");
        assert_ne!(patched, template, "{name}");
    }
}

/// A statement that is replaced and added again under another Sid brings neither access nor findings.
#[test]
fn what_is_said_again_is_neither_new_nor_gone() {
    let folder = scratch("said-again");
    let deny = |sid: &str| {
        format!(
            r#"{{"Sid":"{sid}","Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::b/*","Condition":{{"Bool":{{"aws:SecureTransport":"false"}}}}}}"#
        )
    };
    let allow = |sid: &str, action: &str| {
        format!(
            r#"{{"Sid":"{sid}","Effect":"Allow","Principal":{{"AWS":"arn:aws:iam::111111111111:role/r"}},"Action":"{action}","Resource":"arn:aws:s3:::b/*"}}"#
        )
    };
    let policy = |one: &str, two: &str| format!(r#"{{"Version":"2012-10-17","Statement":[{one},{two}]}}"#);
    let base = write(&folder, "base.json", &policy(&deny("A"), &allow("B", "s3:GetObject")));
    let apply = |name: &str, one: &str| {
        let added = write(&folder, name, &policy(one, &allow("A", "s3:PutObject")));
        let more = ["--kind", "s3", "--resource", "arn:aws:s3:::b", "--on-conflict", "replace"];
        run(&[&["apply", &base, "--add", &added], &more[..]].concat())
    };
    let output = apply("same.json", &deny("Only"));
    let text = err(&output);
    assert_eq!(output.status.code(), Some(0), "{text}");
    assert_eq!(text.matches("denies everyone").count(), 1, "{text}");
    assert!(text.contains("~ without effect on access"), "{text}");
    assert!(
        text.contains("before   warning  plain-http-partly") && !text.contains("new      warning"),
        "{text}"
    );
    // Another one does: its finding is new, and what it denies goes.
    let output = apply("other.json", &deny("Only").replace("s3:*", "s3:Get*"));
    let text = err(&output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("- this bucket denies everyone s3:Get*"), "{text}");
}

/// IAM refuses a policy whose list of statements is empty.
#[test]
fn the_last_statement_is_removed_with_a_word() {
    let folder = scratch("last-statement");
    let statement = |sid: &str| {
        format!(
            r#"{{"Sid":"{sid}","Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::{sid}/k"}}"#
        )
    };
    let policy = |statements: &str| format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#);
    let one = write(&folder, "one.json", &policy(&statement("a")));
    let two = write(&folder, "two.json", &policy(&format!("{},{}", statement("a"), statement("b"))));
    for (base, is_last) in [(&one, true), (&two, false)] {
        let output = run(&["apply", base, "--remove", &one]);
        assert_eq!(output.status.code(), Some(0), "{}", err(&output));
        assert_eq!(err(&output).contains("delete the policy instead"), is_last, "{}", err(&output));
    }
}
