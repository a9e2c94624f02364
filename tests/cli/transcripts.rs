//! What is typed and what is answered, as transcripts: `tests/cmd/*.md`.
#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

use std::process::Command;

fn polmerge() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_polmerge"));
    command
        .env("LC_ALL", "C.UTF-8")
        .env("COLUMNS", "100")
        .env_remove("CLICOLOR_FORCE")
        .env_remove("NO_COLOR");
    command.current_dir("tests/cmd/lint.in");
    command
}

fn output(arguments: &[&str]) -> String {
    String::from_utf8(polmerge().args(arguments).output().unwrap().stdout).unwrap()
}

#[test]
fn transcripts() {
    trycmd::TestCases::new()
        .env("LC_ALL", "C.UTF-8")
        .env("COLUMNS", "100")
        .env("CLICOLOR_FORCE", "0")
        .env("NO_COLOR", "1")
        .case("tests/cmd/*.md")
        .case("docs/src/*.md")
        .case("README.md");
}

#[test]
fn color_on_demand() {
    let text = output(&["lint", "queue-policy.json", "--color", "always"]);
    assert!(
        text.starts_with("\u{1b}[1m\u{1b}[31merror[json-syntax]:\u{1b}[0m \u{1b}[1mJSON has no"),
        "{text:?}"
    );
    assert!(text.contains("╭─[\u{1b}[36mqueue-policy.json:5:28\u{1b}[0m]\n"), "{text:?}");
    assert!(text.contains("\u{1b}[2mhelp\u{1b}[0m          take"), "{text:?}");
    assert!(
        text.contains("\u{1b}[1mqueue-policy.json: SQS queue policy, 1 statement. 2 errors.\u{1b}[0m\n"),
        "{text:?}"
    );
    // What is typed outranks the environment, and `NO_COLOR` outranks `CLICOLOR_FORCE`.
    let plain = |no_color: &str| {
        let mut command = polmerge();
        command.args(["lint", "queue-policy.json"]).env("CLICOLOR_FORCE", "1").env("NO_COLOR", no_color);
        !command.output().unwrap().stdout.contains(&0x1b)
    };
    assert!(plain("1"));
    assert!(!plain(""));
}

/// A line that the terminal's width breaks cannot be pasted.
#[test]
fn examples_in_helps_are_not_broken() {
    let examples = |command: &[&str], columns: &str| {
        let help = polmerge().args(command).arg("--help").env("COLUMNS", columns).output().unwrap().stdout;
        let help = String::from_utf8(help).unwrap();
        help.split_once("\nExamples:\n").map(|(_, examples)| examples.to_owned())
    };
    let commands = [
        &["apply"][..],
        &["render"],
        &["steps"],
        &["guide"],
        &["guide", "discover"],
        &["guide", "init"],
        &["guide", "collect"],
        &["guide", "check"],
        &["guide", "plan"],
        &["lint"],
        &["diff"],
        &["can"],
        &["compact"],
        &["fmt"],
        &["rules"],
        &["explain"],
        &["completions"],
        &["man"],
    ];
    for command in commands {
        let narrow = examples(command, "80").unwrap_or_else(|| panic!("no examples: {command:?}"));
        assert_eq!(Some(narrow), examples(command, "100"), "{command:?}");
    }
}

#[test]
fn ascii_without_utf8() {
    let text = polmerge().args(["lint", "answer.json"]).env("LC_ALL", "C").output().unwrap().stdout;
    assert!(text.is_ascii(), "{}", String::from_utf8_lossy(&text));
}

#[test]
fn an_empty_standard_input_cannot_be_read() {
    let output = polmerge().args(["lint", "-"]).stdin(std::process::Stdio::null()).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("polmerge render"));
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    use std::io::Write;
    let mut child = polmerge()
        .args(["lint", "--ndjson"])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let mut stdin = child.stdin.take().unwrap();
    // Writing ends when nobody reads any more.
    let line = br#"{"policy":{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:ListAllMyBuckets","Resource":"*"}}}"#;
    while stdin.write_all(line).and_then(|()| stdin.write_all(b"\n")).is_ok() {}
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

/// Terraform's own language is not read, and that is said.
#[test]
fn terraform_files_are_counted_or_refused() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let policy =
        r#"resource "aws_iam_policy" "p" { policy = jsonencode({ Statement = [{ Effect = "Allow" }] }) }"#;
    std::fs::write(at("main.tf"), policy).unwrap();
    std::fs::write(at("vars.tofu"), "variable \"x\" {}").unwrap();
    std::fs::create_dir(at(".github")).unwrap();
    let public = r#"{"Statement": [{"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"}]}"#;
    std::fs::write(at(".github/policy.json"), public).unwrap();
    let run = |arguments: &[&str]| {
        let output = polmerge().arg("lint").args(arguments).current_dir(folder.path()).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (output.status.code(), text(output.stdout), text(output.stderr))
    };
    let (status, out, _) = run(&[]);
    assert_eq!(status, Some(0), "{out}");
    let line =
        "1 policy in 1 file checked; 2 Terraform files not read: check a plan, `terraform show -json`.";
    assert!(out.contains(line), "{out}");
    assert_eq!(run(&["--require-policy"]).0, Some(1));
    assert_eq!(run(&["--require-policy", ".github"]).0, Some(0));
    let (_, json, _) = run(&["--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!((&report["summary"]["unread"], &report["summary"]["skipped"]), (&2.into(), &0.into()));
    let (status, out, err) = run(&["main.tf"]);
    assert_eq!(status, Some(2), "{out}");
    assert!(
        err.contains("`main.tf` is in Terraform's language") && err.contains("terraform show -json"),
        "{err}"
    );
    assert!(!(out + &err).contains("json-syntax"));
}

/// What nothing but its name on the command line makes a policy: an empty object, and JSON that does not parse.
#[test]
fn a_file_that_speaks_of_no_policy() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("empty.json", "{}\n");
    write("release.json", "{\"Version\": \"1.4.2\"}\n");
    write("tsconfig.json", "{ \"include\": [\"src\"], /* tests too */ \"exclude\": [] }\n");
    write("broken.json", "{ \"Statement\": [], /* none yet */ \"Statment\": [] }\n");
    let run = |arguments: &[&str]| {
        let output = polmerge().arg("lint").args(arguments).current_dir(folder.path()).output().unwrap();
        let rules = |text: &str| {
            let errors = text.lines().filter_map(|line| line.strip_prefix("error[")?.split_once(']'));
            errors.map(|(rule, _)| rule.to_owned()).collect::<Vec<_>>()
        };
        (output.status.code(), rules(&String::from_utf8(output.stdout).unwrap()))
    };
    let (status, rules) = run(&["."]);
    assert_eq!(
        (status, &*rules),
        (Some(1), &["missing-statement", "json-syntax", "unknown-element"].map(String::from)[..])
    );
    assert_eq!(run(&["empty.json"]), (Some(1), vec!["missing-statement".into()]));
    assert_eq!(run(&["tsconfig.json"]), (Some(1), vec!["json-syntax".into()]));
    std::fs::remove_file(folder.path().join("broken.json")).unwrap();
    assert_eq!(run(&["."]), (Some(0), vec![]));
}

/// Whatever stands around a policy stays: `fmt` lays out files that are a policy and nothing else.
#[test]
fn fmt_leaves_alone_what_is_around_a_policy() {
    let folder = tempfile::tempdir().unwrap();
    let policy = r#"{"Statement":[{"Effect":"Allow","Action":"s3:ListAllMyBuckets","Resource":"*"}]}"#;
    let quoted = serde_json::Value::from(policy).to_string();
    let files = [
        ("package.json", format!(r#"{{"name":"x","policies":{policy}}}"#)),
        ("text.json", format!(r#"{{"a":1,"b":{quoted}}}"#)),
        ("cut.json", quoted.clone()),
        ("list.json", format!("[{policy}]")),
        (
            "terraform.tfstate.json",
            format!(
                r#"{{"version":4,"terraform_version":"1.9.0","serial":1,"lineage":"x","resources":[{{"mode":"managed","type":"aws_iam_policy","name":"p","instances":[{{"attributes":{{"policy":{quoted}}}}}]}}]}}"#
            ),
        ),
        (
            "template.json",
            format!(r#"{{"Parameters":{{"P":{{"Type":"String","Default":{quoted}}}}},"Resources":{{}}}}"#),
        ),
    ];
    let at = |name: &str| folder.path().join(name);
    for (name, text) in &files {
        std::fs::write(at(name), text).unwrap();
    }
    std::fs::write(at("bare.json"), policy).unwrap();
    let run = |arguments: &[&str]| polmerge().args(arguments).current_dir(folder.path()).output().unwrap();
    let output = run(&["fmt", "."]);
    assert_eq!(output.status.code(), Some(0));
    for (name, text) in &files {
        assert_eq!(&std::fs::read_to_string(at(name)).unwrap(), text, "{name}");
        let output = run(&["fmt", "--check", name]);
        assert_eq!(output.status.code(), Some(0), "{name}");
    }
    assert_ne!(std::fs::read_to_string(at("bare.json")).unwrap(), policy);
    // Terraform makes its state anew: an edit would be lost.
    let other = policy.replace("ListAllMyBuckets", "GetAccountPublicAccessBlock");
    std::fs::write(at("other.json"), other).unwrap();
    let output = run(&["apply", "terraform.tfstate.json", "--add", "./other.json", "--in-place"]);
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(text.contains("is a Terraform state: Terraform does not read it back"), "{text}");
    assert_eq!(output.status.code(), Some(2), "{text}");
    let slip = quoted.replace("ListAllMyBuckets", "listAllMyBuckets");
    let state = files[4].1.replace(&quoted, &slip);
    std::fs::write(at("terraform.tfstate.json"), &state).unwrap();
    run(&["lint", "--fix", "terraform.tfstate.json"]);
    assert_eq!(std::fs::read_to_string(at("terraform.tfstate.json")).unwrap(), state);
    std::fs::write(at("package.json"), files[0].1.replace("ListAllMyBuckets", "listAllMyBuckets")).unwrap();
    run(&["lint", "--fix", "package.json"]);
    let fixed = std::fs::read_to_string(at("package.json")).unwrap();
    assert!(
        fixed.starts_with(r#"{"name":"x","policies":{"#) && fixed.contains("s3:ListAllMyBuckets"),
        "{fixed}"
    );
}

/// Silence means that everything was judged: what was not is named at every level of output.
#[test]
fn what_was_not_analyzed_is_never_kept_quiet() {
    let folder = tempfile::tempdir().unwrap();
    let statement = r#"{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/k"}"#;
    let template = |more: &str| {
        format!(
            r#"{{"Resources":{{"P":{{"Type":"AWS::IAM::ManagedPolicy","Properties":{{"PolicyDocument":{{
                "Version":"2012-10-17","Statement":[{statement}{more}]}}}}}}}}}}"#
        )
    };
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("good.json", &template(""));
    write("function.json", &template(r#",{"Fn::Transform":{"Name":"x"}}"#));
    write("beside.json", &format!(r#"{{"x":[{statement}]}}"#));
    write("other.json", r#"{"name":"x"}"#);
    let run = |arguments: &[&str]| {
        let output = polmerge().arg("lint").args(arguments).current_dir(folder.path()).output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    for how in [&["-q"][..], &["--min-level", "error"]] {
        let said = |name: &str| run(&[&[name], how].concat()).1;
        assert!(
            said("function.json").contains("1 of 2 statements not analyzed: `Fn::Transform` at"),
            "{how:?}"
        );
        assert!(said("beside.json").contains("Statements in 1 place not read"), "{how:?}");
        assert!(!said("good.json").contains("not "), "{how:?}");
    }
    assert_eq!(run(&["good.json", "-q"]), (Some(0), String::new()));
    // What a folder has that is not read is said, too.
    std::fs::create_dir(folder.path().join("sub")).unwrap();
    write("sub/good.json", &template(""));
    assert_eq!(run(&["sub", "-q"]), (Some(0), String::new()));
    write("sub/main.tf", "");
    let (status, text) = run(&["sub", "-q"]);
    assert!(status == Some(0) && text.contains("1 Terraform file not read"), "{text}");
    assert_eq!(run(&["good.json", "-q", "--require-policy"]), (Some(0), String::new()));
    // What decides the exit status is said.
    for (name, words) in
        [("other.json", "0 policies checked"), ("function.json", "1 of 2 statements not analyzed")]
    {
        let (status, text) = run(&[name, "-q", "--require-policy"]);
        assert!(status == Some(1) && text.contains(words), "{name}: {status:?} {text}");
    }
}

/// Findings come in the order of the file, and say of an expression of Terraform what it is.
#[test]
fn findings_on_several_policies_of_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let all = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
    let lint = |name: &str, text: &str| {
        std::fs::write(folder.path().join(name), text).unwrap();
        let output = polmerge().args(["lint", name]).current_dir(folder.path()).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let expression = r#"${jsonencode({Statement=[{Effect=\"Allow\",Action=\"*\",Resource=\"*\"}]})}"#;
    let quoted = serde_json::Value::from(all);
    let text = lint(
        "x.tf.json",
        &format!(
            r#"{{"resource":{{"aws_iam_policy":{{
                "a":{{"name":"a","policy":"{expression}"}},
                "b":{{"name":"b","policy":{quoted}}}}}}}}}"#
        ),
    );
    assert!(text.contains("`${jsonencode({Statement=") && !text.contains("after apply"), "{text}");
    assert!(!text.contains("around them"), "there is something around them: {text}");
    let lines: Vec<u32> = text
        .lines()
        .filter_map(|line| line.split_once("─[x.tf.json:")?.1.split(':').next()?.parse().ok())
        .collect();
    assert!(lines.len() > 2 && lines.is_sorted(), "{lines:?} {text}");
    for (name, is_own) in [("AdministratorAccess", false), ("Everything", true)] {
        let version = format!(r#"[{{"Document":{all},"IsDefaultVersion":true}}]"#);
        let policy = format!(r#"{{"PolicyName":"{name}","PolicyVersionList":{version}}}"#);
        let text = lint("account.json", &format!(r#"{{"RoleDetailList":[],"Policies":[{policy}]}}"#));
        assert!(text.contains("full-admin"), "{text}");
        assert_ne!(text.contains("attach it to administrators alone"), is_own, "{text}");
    }
}

/// Where nothing tells what a policy is attached to, the closing line names the option that does.
#[test]
fn an_unknown_kind_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let said = |actions: &str, options: &[&str]| {
        let text = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":"arn:aws:iam::222222222222:role/a"}},
            "Action":{actions},"Resource":"*"}}]}}"#
        );
        std::fs::write(folder.path().join("p.json"), text).unwrap();
        let all = [&["lint", "p.json"], options].concat();
        let output = polmerge().args(all).current_dir(folder.path()).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let mixed = r#"["kms:Decrypt","s3:GetObject"]"#;
    assert!(
        said(mixed, &[]).contains("p.json: resource policy of an unknown kind (set `--kind`), 1 statement.")
    );
    assert!(said(mixed, &["--kind", "kms"]).contains("p.json: KMS key policy, 1 statement."));
    assert!(said(r#""kms:Decrypt""#, &[]).contains("p.json: KMS key policy, 1 statement."));
}
