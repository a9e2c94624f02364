//! `diff --git`: the policies of a change, from real repositories; and the diff driver, as git calls it.
#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

struct Repository(tempfile::TempDir);

struct Answer {
    status: Option<i32>,
    out: String,
    err: String,
}

fn run(command: &mut Command) -> Answer {
    let output = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Answer { status: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
}

/// As if nothing were configured on this machine.
fn alone(command: &mut Command) -> &mut Command {
    for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "NO_COLOR", "CLICOLOR_FORCE"] {
        command.env_remove(name);
    }
    command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1").env("LC_ALL", "C.UTF-8")
}

impl Repository {
    fn new() -> Self {
        let repository = Repository(tempfile::tempdir().unwrap());
        repository.git(&["init", "--quiet", "--initial-branch", "main"]);
        repository
    }

    fn at(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    fn write(&self, path: &str, text: &str) {
        std::fs::create_dir_all(self.at(path).parent().unwrap()).unwrap();
        std::fs::write(self.at(path), text).unwrap();
    }

    fn git(&self, arguments: &[&str]) -> String {
        let mut command = Command::new("git");
        let who = ["-c", "user.name=n", "-c", "user.email=n@example.com"];
        let answer = run(alone(&mut command).args(who).args(arguments).current_dir(self.0.path()));
        assert_eq!(answer.status, Some(0), "{arguments:?}: {}", answer.err);
        answer.out
    }

    fn commit(&self) {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--message", "a change"]);
    }

    fn diff_in(&self, folder: &str, arguments: &[&str]) -> Answer {
        let mut command = Command::new(env!("CARGO_BIN_EXE_polmerge"));
        run(alone(&mut command).arg("diff").args(arguments).current_dir(self.at(folder)))
    }

    fn diff(&self, arguments: &[&str]) -> Answer {
        self.diff_in("", arguments)
    }

    fn json(&self, arguments: &[&str]) -> Value {
        let answer = self.diff(&[arguments, &["--format", "json"]].concat());
        let value = serde_json::from_str(&answer.out).unwrap();
        let schema = std::fs::read_to_string("schemas/diff-git.schema.json").unwrap();
        let validator = jsonschema::draft202012::new(&serde_json::from_str(&schema).unwrap()).unwrap();
        let errors: Vec<_> = validator.iter_errors(&value).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{errors:#?}\n{value:#}");
        value
    }
}

fn fixture(name: &str) -> String {
    std::fs::read_to_string(Path::new("fixtures").join(name)).unwrap()
}

fn identity(actions: &str) -> String {
    format!(
        "{{\"Version\":\"2012-10-17\",\"Statement\":[{{\"Effect\":\"Allow\",\"Action\":{actions},\"Resource\":\"*\"}}]}}\n"
    )
}

/// Of each policy: where it was, where it is, its relation.
fn told(value: &Value) -> Vec<(Option<&str>, Option<&str>, &str)> {
    let policies = value["policies"].as_array().unwrap();
    policies
        .iter()
        .map(|one| {
            (one["old"]["path"].as_str(), one["new"]["path"].as_str(), one["relation"].as_str().unwrap())
        })
        .collect()
}

/// A change of every sort.
fn changed() -> Repository {
    let repository = Repository::new();
    repository.write("keys/trail.json", &fixture("review/old.json"));
    repository.write("keys/renamed.json", &fixture("kms/console.json"));
    repository.write("gone.json", &identity(r#""s3:GetObject""#));
    repository.write("same.json", &identity(r#"["s3:GetObject","s3:PutObject"]"#));
    repository.write("package.json", "{\"name\": \"x\"}\n");
    repository.write("notes.txt", &identity(r#""s3:GetObject""#));
    repository.commit();
    repository.write("keys/trail.json", &fixture("review/new.json"));
    std::fs::rename(repository.at("keys/renamed.json"), repository.at("keys/other.json")).unwrap();
    repository.git(&["add", "--all"]);
    let text = fixture("kms/console.json").replace("\"kms:DescribeKey\"", "\"kms:ListGrants\"");
    assert_ne!(text, fixture("kms/console.json"));
    repository.write("keys/other.json", &text);
    std::fs::remove_file(repository.at("gone.json")).unwrap();
    repository.write("same.json", &identity(r#"["s3:PutObject", "S3:getobject"]"#));
    repository.write("package.json", "{\"name\": \"y\"}\n");
    repository.write("notes.txt", &identity(r#""s3:*""#));
    // Not added to git.
    repository.write("policies/new one.json", &identity(r#""sqs:SendMessage""#));
    repository.write(".gitignore", "build/\n");
    repository.write("build/made.json", &identity(r#""sqs:*""#));
    repository
}

#[test]
fn every_policy_of_a_change() {
    let repository = changed();
    let value = repository.json(&["--git", "HEAD"]);
    assert_eq!(
        told(&value),
        [
            (Some("gone.json"), None, "narrower"),
            (Some("keys/renamed.json"), Some("keys/other.json"), "equivalent"),
            (Some("keys/trail.json"), Some("keys/trail.json"), "broader"),
            (None, Some("policies/new one.json"), "broader"),
            (Some("same.json"), Some("same.json"), "equivalent"),
        ]
    );
    assert_eq!(value["base"]["commit"].as_str().unwrap(), repository.git(&["rev-parse", "HEAD"]).trim());
    assert_eq!(value["summary"]["files"], 5);
    assert_eq!(value["summary"]["skipped"], 1, "package.json");
    assert_eq!(value["policies"][2]["added"].as_array().unwrap().len(), 2);
    assert_eq!(value["policies"][0]["patch"], serde_json::json!([]));

    let human = repository.diff(&["--git", "main"]);
    assert_eq!(human.status, Some(0));
    for line in [
        "main:gone.json → /dev/null · identity policy · 0 statements, 1 removed",
        "main:gone.json (deleted) is narrower: 1 grant removed, none added (proved, exact).",
        "main:keys/renamed.json → keys/other.json · KMS key policy",
        "/dev/null → policies/new one.json · identity policy · 1 statement, 1 added",
    ] {
        assert!(human.out.contains(line), "{line}\n{}", human.out);
    }
    let verdict = "5 policies since main: 2 broader, 1 narrower, 1 the same, 1 the same but for how directly; \
                   1 file without a policy. 3 grants added, 1 more direct, 1 grant removed, 1 less direct \
                   (proved, exact). ";
    assert!(human.out.replace('\n', " ").ends_with(verdict), "{}", human.out);

    let markdown = repository.diff(&["--git", "main", "--format", "markdown"]).out;
    assert!(markdown.starts_with("**5 policies since main: "), "{markdown}");
    assert_eq!(markdown.matches("<details>").count(), 5);
}

#[test]
fn below_paths_and_from_a_subfolder() {
    let repository = changed();
    let paths = |value: &Value| -> Vec<String> {
        told(value).iter().map(|(old, new, _)| new.or(*old).unwrap().to_owned()).collect()
    };
    assert_eq!(paths(&repository.json(&["--git", "HEAD", "keys"])), ["keys/other.json", "keys/trail.json"]);
    assert_eq!(paths(&repository.json(&["--git", "HEAD", "gone.json"])), ["gone.json"]);
    // What is typed counts whatever it is called.
    assert_eq!(paths(&repository.json(&["--git", "HEAD", "notes.txt"])), ["notes.txt"]);
    let inside = |arguments: &[&str]| repository.diff_in("keys", arguments).out;
    assert_eq!(inside(&["--git", "HEAD"]), repository.diff(&["--git", "HEAD"]).out);
    assert!(inside(&["--git", "HEAD", "trail.json"]).contains("1 policy since HEAD: 1 broader"));
    assert!(inside(&["--git", "HEAD", "../same.json"]).contains("1 policy since HEAD: 1 the same"));
    let missing = repository.diff(&["--git", "HEAD", "none.json"]);
    assert_eq!(missing.status, Some(2));
    assert_eq!(missing.err, "error: `none.json` is neither in the working tree nor in `HEAD`\n");
    // A path is a path and no pattern.
    assert_eq!(repository.diff(&["--git", "HEAD", "*.json"]).status, Some(2));
    assert_eq!(repository.diff(&["--git", "HEAD", ":/"]).status, Some(2));
}

#[test]
fn exit_statuses() {
    let repository = changed();
    let status = |arguments: &[&str]| repository.diff(&[&["--git", "HEAD"], arguments].concat()).status;
    assert_eq!(status(&["--fail-on-new-access"]), Some(1));
    assert_eq!(status(&["--exit-code", "same.json"]), Some(0));
    assert_eq!(status(&["--exit-code", "gone.json"]), Some(1));
    assert_eq!(status(&["--fail-on-new-access", "gone.json"]), Some(0));
    let limit = repository.at("limit.txt");
    std::fs::write(&limit, identity(r#"["sqs:*","s3:*"]"#)).unwrap();
    let limit = limit.to_str().unwrap();
    assert_eq!(status(&["--forbidden", limit, "keys"]), Some(0));
    assert_eq!(status(&["--forbidden", limit, "same.json"]), Some(1));
    assert_eq!(status(&["--allowed", limit, "same.json", "policies"]), Some(0));
    let answer = repository.diff(&["--git", "HEAD", "--forbidden", limit]);
    assert_eq!(answer.status, Some(1));
    let last =
        format!("Failed: --forbidden {limit} (policies/new one.json), --forbidden {limit} (same.json). ");
    assert!(answer.out.replace('\n', " ").ends_with(&last), "{}", answer.out);
    // What cannot be read outranks it all, and the rest is told.
    repository.write("same.json", "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\"");
    let answer = repository.diff(&["--git", "HEAD", "--fail-on-new-access"]);
    assert_eq!(answer.status, Some(2));
    assert!(
        answer.err.starts_with("error: the policy in `same.json` cannot be read as a whole"),
        "{}",
        answer.err
    );
    assert!(answer.out.contains("4 policies since HEAD: 2 broader"), "{}", answer.out);
    assert!(answer.out.contains("1 could not be compared"), "{}", answer.out);
}

#[test]
fn policies_in_a_template_are_matched_by_their_place() {
    let template = |queue: &str, name: &str| {
        format!(
            r#"{{"Resources":{{
                "{name}":{{"Type":"AWS::SQS::QueuePolicy","Properties":{{"Queues":["q"],"PolicyDocument":{queue}}}}},
                "Reader":{{"Type":"AWS::IAM::ManagedPolicy","Properties":{{"PolicyDocument":{reader}}}}}
            }}}}"#,
            reader = identity(r#""s3:GetObject""#)
        )
    };
    let queue = |who: &str| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":"{who}"}},"Action":"sqs:SendMessage","Resource":"*"}}]}}"#
        )
    };
    let repository = Repository::new();
    repository.write("template.json", &template(&queue("111111111111"), "Queue"));
    repository.commit();
    repository.write("template.json", &template(&queue("*"), "Queue"));
    let value = repository.json(&["--git", "HEAD"]);
    assert_eq!(told(&value), [(Some("template.json"), Some("template.json"), "broader")]);
    assert_eq!(value["policies"][0]["new"]["document"], "/Resources/Queue/Properties/PolicyDocument");
    assert_eq!(value["summary"]["untouched"], 1);
    // The only one that is left over on either side is the same one.
    repository.write("template.json", &template(&queue("*"), "Renamed"));
    let value = repository.json(&["--git", "HEAD"]);
    assert_eq!(value["policies"][0]["old"]["document"], "/Resources/Queue/Properties/PolicyDocument");
    assert_eq!(value["policies"][0]["new"]["document"], "/Resources/Renamed/Properties/PolicyDocument");
}

#[test]
fn a_policy_that_only_limits_leaves_all_open_when_it_goes() {
    let repository = Repository::new();
    let scp = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"iam:*","Resource":"*"}]}"#;
    repository.write("polmerge.toml", "[[files]]\nglob = \"scp/*.json\"\nkind = \"scp\"\n");
    repository.write("scp/iam.json", scp);
    repository.commit();
    std::fs::remove_file(repository.at("scp/iam.json")).unwrap();
    let answer = repository.diff(&["--git", "HEAD", "--fail-on-new-access"]);
    assert_eq!(answer.status, Some(1), "{}{}", answer.out, answer.err);
    assert_eq!(told(&repository.json(&["--git", "HEAD"])), [(Some("scp/iam.json"), None, "broader")]);
}

#[test]
fn what_git_cannot_answer() {
    let repository = changed();
    let error = |arguments: &[&str]| {
        let answer = repository.diff(arguments);
        assert_eq!((answer.status, answer.out.as_str()), (Some(2), ""), "{arguments:?}");
        answer.err
    };
    assert!(
        error(&["--git", "nope"]).starts_with("error: `nope` names no commit of this repository\nBASE is a ")
    );
    assert!(error(&["--git=--output=x"]).starts_with("error: `--output=x` names no commit"));
    assert!(error(&["--git", "HEAD:same.json"]).contains("names no commit"));
    assert!(!repository.at("x").exists());
    let elsewhere = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_polmerge"));
    let answer = run(alone(&mut command).args(["diff", "--git", "HEAD"]).current_dir(&elsewhere));
    assert_eq!(answer.status, Some(2));
    assert!(
        answer.err.starts_with("error: this is no working tree of git: not a git repository"),
        "{}",
        answer.err
    );
}

/// What a name of a file says is shown and does nothing.
#[test]
fn names_are_text() {
    let repository = Repository::new();
    repository.write("--help.json", &identity(r#""s3:GetObject""#));
    repository.write("a\u{1b}[31m\n*b*.json", &identity(r#""s3:GetObject""#));
    repository.commit();
    for name in ["--help.json", "a\u{1b}[31m\n*b*.json"] {
        repository.write(name, &identity(r#""s3:*""#));
    }
    let human = repository.diff(&["--git", "HEAD"]);
    assert_eq!(human.status, Some(0), "{}", human.err);
    assert!(human.out.contains("HEAD:--help.json → --help.json"), "{}", human.out);
    assert!(!human.out.contains('\u{1b}'), "{}", human.out);
    let markdown = repository.diff(&["--git", "HEAD", "--format", "markdown"]).out;
    let open = markdown.split("<details>").next().unwrap();
    assert!(!open.contains("*b*"), "{markdown}");
    assert_eq!(told(&repository.json(&["--git", "HEAD"])).len(), 2);
}

#[test]
fn nothing_is_written_and_links_lead_nowhere_else() {
    let repository = changed();
    let before = repository.git(&["status", "--porcelain"]);
    let index = std::fs::read(repository.at(".git/index")).unwrap();
    std::os::unix::fs::symlink("/etc/hostname", repository.at("link.json")).unwrap();
    let answer = repository.diff(&["--git", "HEAD"]);
    assert_eq!(answer.status, Some(2), "{}", answer.err);
    assert!(
        answer.err.contains("`link.json`: a symbolic link leads out of the working tree"),
        "{}",
        answer.err
    );
    assert_eq!(std::fs::read(repository.at(".git/index")).unwrap(), index);
    std::fs::remove_file(repository.at("link.json")).unwrap();
    assert_eq!(repository.git(&["status", "--porcelain"]), before);
}

#[test]
fn the_driver_of_git_diff() {
    let repository = changed();
    let program = env!("CARGO_BIN_EXE_polmerge");
    repository.git(&["config", "diff.polmerge.command", &format!("'{program}' diff")]);
    repository.write(".gitattributes", "*.json diff=polmerge\n");
    let id = repository.git(&["rev-parse", "HEAD:keys/trail.json"]);
    let shown = repository.git(&["diff", "HEAD"]);
    let head = format!("{}:keys/trail.json → keys/trail.json · KMS key policy", &id[..7]);
    assert!(shown.contains(&head), "{shown}");
    assert!(shown.contains("\nkeys/trail.json is broader: 2 grants added, none removed (proved, exact).\n"));
    assert!(shown.contains("gone.json (deleted) is narrower"), "{shown}");
    assert!(shown.contains(":keys/renamed.json → keys/other.json"), "{shown}");
    // What is no policy is shown as text.
    assert!(shown.contains("--- a/package.json\n+++ b/package.json\n"), "{shown}");
    assert!(shown.contains("+{\"name\": \"y\"}\n"), "{shown}");
    repository.git(&["add", "--all"]);
    let added = repository.git(&["diff", "--cached", "HEAD", "--", "policies"]);
    assert!(added.contains("/dev/null → policies/new one.json"), "{added}");
    // A broken policy as well: git goes on to the next file.
    repository.write("keys/trail.json", "{\"Statement\": [{\n");
    repository.write("same.json", &identity(r#""s3:*""#));
    let shown = repository.git(&["diff"]);
    assert!(shown.contains("--- a/keys/trail.json"), "{shown}");
    assert!(shown.contains("same.json is broader"), "{shown}");
}

/// It has not lost its policies.
#[test]
fn a_file_that_does_not_parse_is_not_deleted() {
    let policy = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"s3:*","Resource":"*"}]}"#;
    for (name, broken) in [("p.json", "x"), ("p.json", ""), ("p.yaml", "Statement: [")] {
        let repository = Repository::new();
        repository.write(name, policy);
        repository.commit();
        repository.write(name, broken);
        let answer = repository.diff(&["--git", "HEAD", "--fail-on-new-access"]);
        assert_eq!(answer.status, Some(2), "{name} {broken:?}: {} {}", answer.out, answer.err);
        assert!(!answer.out.contains("deleted"), "{}", answer.out);
    }
}

/// A policy whose text is the same may be another one.
#[test]
fn what_a_function_stands_for_may_change() {
    let repository = Repository::new();
    let template = |mapped: &str, other: &str| {
        format!(
            r#"{{"Mappings": {{"M": {{"A": {{"Who": "{mapped}"}}}}}}, "Outputs": {{"O": {{"Value": "{other}"}}}}, "Resources": {{
              "P": {{"Type": "AWS::S3::BucketPolicy", "Properties": {{"Bucket": "b", "PolicyDocument": {{"Version": "2012-10-17",
                "Statement": [{{"Effect": "Allow", "Principal": {{"AWS": {{"Fn::FindInMap": ["M", "A", "Who"]}}}}, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}}]}}}}}}}}}}"#
        )
    };
    repository.write("t.json", &template("111111111111", "a"));
    repository.commit();
    repository.write("t.json", &template("111111111111", "b"));
    let answer = repository.diff(&["--git", "HEAD", "--format", "json", "--fail-on-new-access"]);
    let value: Value = serde_json::from_str(&answer.out).unwrap();
    assert_eq!((answer.status, &value["summary"]["untouched"]), (Some(0), &Value::from(1)));
    repository.write("t.json", &template("*", "a"));
    let answer = repository.diff(&["--git", "HEAD", "--format", "json", "--fail-on-new-access"]);
    let value: Value = serde_json::from_str(&answer.out).unwrap();
    assert_eq!((answer.status, &value["summary"]["unproved"]), (Some(3), &Value::from(1)));
}

/// Terraform reads the files of a folder together: what one defines, a policy in another may use.
#[test]
fn what_other_files_define_is_named() {
    let repository = Repository::new();
    let variable = |value: &str| format!(r#"{{"variable": {{"b": {{"default": "{value}"}}}}}}"#);
    for name in ["variables.tf.json", "x.auto.tfvars.json", "other.json"] {
        repository.write(name, &variable("logs"));
    }
    repository.commit();
    for (name, status) in [("variables.tf.json", 3), ("x.auto.tfvars.json", 3), ("other.json", 0)] {
        repository.write(name, &variable("*"));
        let answer = repository.diff(&["--git", "HEAD", "--fail-on-new-access"]);
        assert_eq!(answer.status, Some(status), "{name}: {}{}", answer.out, answer.err);
        assert_eq!(
            answer.err.contains("may define what policies in other files say"),
            status == 3,
            "{}",
            answer.err
        );
        repository.write(name, &variable("logs"));
    }
}

/// Of several checks, what is not known outranks what failed, in the text, in JSON and in the exit status.
#[test]
fn what_is_undecided_outranks_what_failed() {
    let repository = Repository::new();
    let allow = |action: &str| format!(r#"{{"Effect": "Allow", "Action": "{action}", "Resource": "*"}}"#);
    let policy = |statements: &str| format!(r#"{{"Version": "2012-10-17", "Statement": [{statements}]}}"#);
    repository.write(
        "p.json",
        &policy(&format!(
            r#"{}, {{"Effect": "Allow", "Action": {{"Ref": "More"}}, "Resource": "*"}}"#,
            allow("s3:GetObject")
        )),
    );
    repository.write("never.json", &policy(&allow("s3:GetObject")));
    repository.write("most.json", &policy(&allow("s3:*")));
    let diff = |more: &[&str]| repository.diff(&[&["p.json", "p.json"], more].concat());
    let (forbidden, allowed) = (["--forbidden", "never.json"], ["--allowed", "most.json"]);
    assert_eq!(diff(&forbidden).status, Some(1));
    assert_eq!(diff(&allowed).status, Some(3));
    let both = [allowed, forbidden].concat();
    let answer = diff(&both);
    assert_eq!(answer.status, Some(3));
    let verdict = "Failed: --forbidden never.json.\nUndecided: --allowed most.json.\n";
    assert!(answer.out.ends_with(verdict), "{}", answer.out);
    let answer = diff(&[&both[..], &["--format", "json"]].concat());
    let value: Value = serde_json::from_str(&answer.out).unwrap();
    let outcomes: Vec<&Value> =
        value["checks"].as_array().unwrap().iter().map(|check| &check["outcome"]).collect();
    assert_eq!((answer.status, outcomes), (Some(3), vec![&Value::from("undecided"), &Value::from("failed")]));
}

/// A policy of the same text that is attached to another bucket gives other access.
#[test]
fn what_a_policy_is_attached_to_may_change() {
    let repository = Repository::new();
    let template = |bucket: &str, description: &str| {
        format!(
            r#"{{"Description": "{description}", "Resources": {{
              "A": {{"Type": "AWS::S3::Bucket"}}, "B": {{"Type": "AWS::S3::Bucket"}},
              "P": {{"Type": "AWS::S3::BucketPolicy", "Properties": {{"Bucket": {{"Ref": "{bucket}"}}, "PolicyDocument": {{"Version": "2012-10-17",
                "Statement": [{{"Effect": "Allow", "Principal": {{"AWS": "111111111111"}}, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}}]}}}}}}}}}}"#
        )
    };
    repository.write("t.json", &template("A", "a"));
    repository.commit();
    let diff = || repository.diff(&["--git", "HEAD", "--fail-on-new-access"]);
    repository.write("t.json", &template("A", "b"));
    assert_eq!(diff().status, Some(0));
    repository.write("t.json", &template("B", "a"));
    let answer = diff();
    assert_eq!(answer.status, Some(3));
    assert!(answer.out.contains("attached to something else: `Bucket` has changed"), "{}", answer.out);
    let value = repository.json(&["--git", "HEAD"]);
    let why = &value["policies"][0]["assumptions"][0];
    assert_eq!(why, "depends on what `Bucket` attaches the policy to");
}

#[test]
fn statements_in_no_policy_are_not_passed_over() {
    let repository = Repository::new();
    repository.write("s.yml", "role:\n  - Effect: Allow\n    Action: s3:GetObject\n    Resource: '*'\n");
    repository.commit();
    repository.write("s.yml", "role:\n  - Effect: Allow\n    Action: s3:*\n    Resource: '*'\n");
    let answer = repository.diff(&["--git", "HEAD"]);
    assert_eq!(answer.status, Some(0));
    assert!(answer.err.contains("statements in `s.yml` (2:5) are in no policy"), "{}", answer.err);
    let answer = repository.diff(&["--git", "HEAD", "--format", "json", "--fail-on-new-access"]);
    let value: Value = serde_json::from_str(&answer.out).unwrap();
    assert_eq!((answer.status, value["unread"][0]["path"].as_str()), (Some(3), Some("s.yml")));
    // Also of Terraform's own language.
    repository.commit();
    repository.write("vars.tf", "variable \"x\" {}\n");
    let answer = repository.diff(&["--git", "HEAD", "--fail-on-new-access"]);
    assert_eq!((answer.status, &*answer.err), (Some(0), ""));
    repository.write("main.tf", "data \"aws_iam_policy_document\" \"d\" {\n  statement {}\n}\n");
    let answer = repository.diff(&["--git", "HEAD", "--fail-on-new-access"]);
    assert_eq!(answer.status, Some(3));
    assert!(answer.err.contains("statements in `main.tf` (1:1) are in no policy"), "{}", answer.err);
}

/// Also where two files are compared, and where git calls: there may be more than the policies that are read.
#[test]
fn two_files_with_statements_in_no_policy_are_not_proved_to_be_the_same() {
    let repository = Repository::new();
    let file = |action: &str, granted: &str| {
        let statement = "{Effect: Allow, Resource: '*', Action: ";
        let policy =
            format!("resources: {{p: {{Version: '2012-10-17', Statement: [{statement}'{granted}'}}]}}}}\n");
        match action {
            "" => policy,
            action => format!("{policy}role:\n- {statement}'{action}'}}\n"),
        }
    };
    let write = |old: (&str, &str), new: (&str, &str)| {
        repository.write("old.yml", &file(old.0, old.1));
        repository.write("new.yml", &file(new.0, new.1));
    };
    let diff = |options: &[&str]| {
        let answer = repository.diff(&[&["old.yml", "new.yml", "--format", "json"], options].concat());
        let value: Value = serde_json::from_str(&answer.out).unwrap();
        (answer.status, value["relation"].as_str().unwrap().to_owned(), value["exact"] == true, answer.err)
    };
    let checks: [&[&str]; 3] = [&["--exit-code"], &["--fail-on-new-access"], &["--forbidden", "never.json"]];
    repository.write("never.json", &identity(r#""iam:*""#));
    for (old, new, place) in
        [("s3:GetObject", "*", "new.yml` (3:4)"), ("*", "", "old.yml` (3:4)"), ("", "*", "new.yml` (3:4)")]
    {
        write((old, "s3:ListBucket"), (new, "s3:ListBucket"));
        let (status, relation, exact, error) = diff(&[]);
        assert_eq!((status, &*relation, exact), (Some(0), "unproved", false));
        let json = repository.diff(&["old.yml", "new.yml", "--format", "json"]).out;
        let value: Value = serde_json::from_str(&json).unwrap();
        let mut unproved = value["unproved"].as_array().unwrap().iter();
        assert!(unproved.any(|one| one.as_str().unwrap().contains(place)), "{value:#}");
        assert!(error.contains(place), "{error}");
        for check in checks {
            assert_eq!(diff(check).0, Some(3), "{old} {new} {check:?}");
        }
        let human = repository.diff(&["old.yml", "new.yml"]).out;
        assert!(human.contains("not proved: statements in") && !human.contains("(proved"), "{human}");
    }
    // What a request shows is so, whatever else there is.
    write(("s3:GetObject", "s3:ListBucket"), ("*", "s3:*"));
    assert_eq!((diff(checks[0]).0, diff(checks[1]).0), (Some(1), Some(1)));
    write(("*", "iam:*"), ("*", "iam:*"));
    assert_eq!(diff(checks[2]).0, Some(1));
    // All is read.
    write(("", "s3:ListBucket"), ("", "s3:ListBucket"));
    for check in checks {
        assert_eq!(diff(check), (Some(0), "equivalent".to_owned(), true, String::new()));
    }
    // The limit itself may be more than what is read.
    repository.write("never.yml", &file("s3:*", "iam:*"));
    let answer = repository.diff(&["old.yml", "new.yml", "--forbidden", "never.yml"]);
    assert!(answer.status == Some(2) && answer.err.contains("`never.yml` (3:4)"), "{}", answer.err);
    // git calls.
    repository.git(&[
        "config",
        "diff.polmerge.command",
        &format!("'{}' diff", env!("CARGO_BIN_EXE_polmerge")),
    ]);
    repository.write(".gitattributes", "*.yml diff=polmerge\n");
    repository.write("s.yml", &file("s3:GetObject", "s3:ListBucket"));
    repository.commit();
    repository.write("s.yml", &file("*", "s3:List*"));
    let shown = repository.git(&["diff"]);
    assert!(shown.contains("not proved: ") && !shown.contains("(proved"), "{shown}");
}

/// What is at the path of a policy counts, and not whether git would call it the same file.
#[test]
#[cfg(unix)]
fn a_policy_that_is_behind_a_link_is_not_deleted() {
    use std::os::unix::fs::symlink;
    let outside = tempfile::tempdir().unwrap();
    let (little, much) = (identity(r#""s3:GetObject""#), identity(r#""*""#));
    std::fs::write(outside.path().join("a.json"), &much).unwrap();
    let repository = || {
        let repository = Repository::new();
        for (path, text) in [
            ("pol/a.json", &little),
            ("little.txt", &little),
            ("much.txt", &much),
            ("other/a.json", &much),
            ("other/link.json", &little),
        ] {
            repository.write(path, text);
        }
        symlink("../little.txt", repository.at("pol/link.json")).unwrap();
        repository.commit();
        repository
    };
    let answer = |repository: &Repository, paths: &[&str]| {
        let answer = repository.diff(&[&["--git", "HEAD", "--fail-on-new-access"], paths].concat());
        assert!(!answer.out.contains("(deleted)"), "{}", answer.out);
        answer
    };
    let relink = |repository: &Repository, target: &Path, path: &str| {
        let _ = std::fs::remove_file(repository.at(path))
            .or_else(|_| std::fs::remove_dir_all(repository.at(path)));
        symlink(target, repository.at(path)).unwrap();
    };
    // In the working tree: it is followed, committed or not.
    for (path, target, status) in [
        ("pol/a.json", "../much.txt", 1),
        ("pol/a.json", "../little.txt", 0),
        ("pol/link.json", "../much.txt", 1),
        ("pol/link.json", "a.json", 0),
        ("pol/new.json", "../much.txt", 1),
    ] {
        let repository = repository();
        relink(&repository, target.as_ref(), path);
        let found = answer(&repository, &[]);
        assert_eq!(found.status, Some(status), "{path} → {target}: {}{}", found.out, found.err);
        repository.git(&["add", "--all"]);
        assert_eq!(answer(&repository, &[]).status, Some(status), "{path} → {target}");
    }
    // What it leads to has changed.
    let changed = repository();
    changed.write("little.txt", &much);
    assert_eq!(answer(&changed, &["pol/link.json"]).status, Some(1));
    assert_eq!(answer(&changed, &[]).status, Some(1));
    // A file in the place of a link.
    let file = repository();
    std::fs::remove_file(file.at("pol/link.json")).unwrap();
    file.write("pol/link.json", &little);
    assert_eq!(answer(&file, &["--exit-code"]).status, Some(0));
    // Elsewhere, nowhere, or no file: not compared.
    for target in [outside.path().join("a.json"), "nowhere".into(), "..".into()] {
        for path in ["pol/a.json", "pol/link.json"] {
            let repository = repository();
            relink(&repository, &target, path);
            let found = answer(&repository, &[]);
            assert_eq!(found.status, Some(2), "{path} → {target:?}: {}{}", found.out, found.err);
        }
    }
    let folder = repository();
    relink(&folder, outside.path(), "pol");
    assert_eq!(answer(&folder, &[]).status, Some(2));
    // Of a folder, what was in it is compared; what else may be there is not.
    let folder = repository();
    relink(&folder, "other".as_ref(), "pol");
    let found = answer(&folder, &[]);
    assert_eq!(found.status, Some(2), "{}{}", found.out, found.err);
    assert!(found.out.contains("pol/a.json is broader") && found.err.contains("`pol` is not looked at"));
    // A repository of its own in the place of the file, and a file that is only not in the index any more.
    let nested = repository();
    std::fs::remove_file(nested.at("pol/a.json")).unwrap();
    std::fs::create_dir(nested.at("pol/a.json")).unwrap();
    nested.git(&["init", "--quiet", "pol/a.json"]);
    assert_eq!(answer(&nested, &[]).status, Some(2));
    let kept = repository();
    kept.git(&["rm", "--quiet", "--cached", "pol/a.json"]);
    assert_eq!(answer(&kept, &["--exit-code"]).status, Some(0));
    kept.write("pol/a.json", &much);
    assert_eq!(answer(&kept, &[]).status, Some(1));
    // What is gone is gone.
    let gone = repository();
    std::fs::remove_file(gone.at("pol/a.json")).unwrap();
    let found = gone.diff(&["--git", "HEAD", "--fail-on-new-access"]);
    assert!(found.status == Some(0) && found.out.contains("(deleted) is narrower"), "{}", found.out);
}

/// A policy that a macro, a loop or another tool may make is not gone.
#[test]
fn what_may_be_made_is_not_deleted() {
    let policy = |action: &str| serde_json::json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}]});
    let resource =
        |properties: Value| serde_json::json!({"Type": "AWS::IAM::ManagedPolicy", "Properties": properties});
    let written = |action: &str| resource(serde_json::json!({"PolicyDocument": policy(action)}));
    let include = serde_json::json!({"Fn::Transform": {"Name": "AWS::Include", "Parameters": {"Location": "s3://x/y"}}});
    let topic = serde_json::json!({"Type": "AWS::SNS::Topic"});
    let two = serde_json::json!({"Resources": {"P": written("s3:GetObject"), "Q": written("s3:ListBucket")}});
    let one = serde_json::json!({"Resources": {"P": written("s3:GetObject")}});
    let status = |old: &Value, new: &Value| {
        let repository = Repository::new();
        repository.write("t.json", &old.to_string());
        repository.commit();
        repository.write("t.json", &new.to_string());
        let answer = repository.diff(&["--git", "HEAD", "--fail-on-new-access"]);
        let keeps_other = old["Resources"].get("Q").is_none() || new["Resources"].get("Q").is_some();
        if answer.status == Some(3) && keeps_other {
            assert!(!answer.out.contains("(deleted)") && !answer.out.contains("(proved"), "{}", answer.out);
        }
        (answer.status, answer.out + &answer.err)
    };
    let q = written("s3:ListBucket");
    for new in [
        serde_json::json!({"Resources": {"P": resource(include.clone())}}),
        serde_json::json!({"Resources": {"P": include}}),
        serde_json::json!({"Resources": include}),
        serde_json::json!({"Resources": {"P": resource(include.clone()), "Q": q}}),
        serde_json::json!({"Transform": "MyMacro", "Resources": {"Q": q}}),
        serde_json::json!({"Transform": "MyMacro", "Resources": {"X": topic}}),
        serde_json::json!({"Resources": {"Q": q, "Fn::ForEach::L": ["N", ["P"], {"${N}": topic}]}}),
        serde_json::json!({"Resources": {"Q": q, "M": {"Type": "My::Own::Thing::MODULE"}}}),
        serde_json::json!({"Resources": {"P": resource(serde_json::json!({"PolicyDocument": "{{resolve:ssm:x}}"})), "Q": q}}),
        serde_json::json!({"Resources": "${file(resources.json)}"}),
    ] {
        // Of a policy under another name it is known what it grants.
        let has_other = new["Resources"].get("Q").is_some();
        for old in [&one, &two].into_iter().skip(usize::from(has_other)) {
            let (status, told) = status(old, &new);
            assert_eq!(status, Some(3), "{old} → {new}: {told}");
        }
    }
    // A macro that comes may bring policies, and one that goes may have.
    let bare = serde_json::json!({"Resources": {"X": topic}});
    let with_macro = serde_json::json!({"Transform": "MyMacro", "Resources": {"X": topic}});
    assert_eq!(status(&bare, &with_macro).0, Some(3));
    assert_eq!(status(&with_macro, &one).0, Some(3));
    // Nothing makes it any more.
    for new in [
        serde_json::json!({"Resources": {"Q": q}}),
        serde_json::json!({"Transform": "AWS::Serverless-2016-10-31", "Resources": {"Q": q}}),
        serde_json::json!({"Resources": {"Q": q, "P": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": {"Fn::Sub": "${N}"}}}}}),
    ] {
        let (status, told) = status(&two, &new);
        assert!(status == Some(0) && told.contains("(deleted) is narrower"), "{new}: {told}");
    }
    // What a macro may make is counted as not read.
    let repository = Repository::new();
    repository.write("t.json", &serde_json::json!({"Resources": {"P": resource(include)}}).to_string());
    let lint = |name: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_polmerge"));
        run(command.args(["lint", "--require-policy", name]).current_dir(repository.at("")))
    };
    let answer = lint(".");
    assert_eq!(answer.status, Some(1));
    assert!(answer.out.contains("the macro AWS::Include may add policies"), "{}", answer.out);
    assert!(answer.out.contains("in 1 place not read"), "{}", answer.out);
    repository.write(
        "t.json",
        &serde_json::json!({"Transform": "MyMacro", "Resources": {"P": written("s3:GetObject")}}).to_string(),
    );
    assert!(!lint(".").out.contains("may add policies"));
}

/// The closing line is exact if all policies are.
#[test]
fn what_is_not_so_in_every_case_is_not_exact_in_the_closing_line() {
    let statement = |action: &str| serde_json::json!({"Effect": "Allow", "Action": action, "Resource": "*"});
    let template = |statement: Value| {
        let policy = serde_json::json!({"Version": "2012-10-17", "Statement": [statement]});
        let resource =
            serde_json::json!({"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": policy}});
        serde_json::json!({"Conditions": {"C": {"Fn::Equals": [{"Ref": "P"}, "x"]}}, "Resources": {"P": resource}}).to_string()
    };
    for (new, is_exact) in [
        (statement("s3:*"), true),
        (serde_json::json!({"Fn::If": ["C", statement("s3:*"), statement("s3:GetObject")]}), false),
    ] {
        let repository = Repository::new();
        repository.write("a.json", &template(statement("s3:GetObject")));
        repository.commit();
        repository.write("a.json", &template(new));
        let closing = repository.diff(&["--git", "HEAD"]).out;
        let closing = closing.lines().last().unwrap();
        assert!(closing.starts_with("1 policy since HEAD: 1 broader."), "{closing}");
        assert_eq!(closing.ends_with("(proved, exact)."), is_exact, "{closing}");
        let value = repository.json(&["--git", "HEAD"]);
        assert_eq!(value["policies"][0]["exact"], is_exact);
    }
}

/// A kind that only the statements show rules out nothing: the policy may be that of an endpoint, which has statements on
/// every service.
#[test]
fn a_kind_that_is_guessed_rules_out_no_access() {
    let repository = Repository::new();
    let policy = |actions: &[&str]| {
        let statements = actions.iter().map(|action| {
            serde_json::json!({"Effect": "Allow", "Principal": "*", "Action": action, "Resource": "*"})
        });
        serde_json::json!({"Version": "2012-10-17", "Statement": statements.collect::<Vec<_>>()}).to_string()
    };
    repository.write("old.json", &policy(&["kms:Decrypt"]));
    let relation = |arguments: &[&str]| {
        let all = [arguments, &["old.json", "new.json", "--format", "json"]].concat();
        let answer = repository.diff(&all);
        let value: Value = serde_json::from_str(&answer.out).unwrap();
        value["relation"].as_str().unwrap().to_owned()
    };
    for action in ["s3:GetObject", "kms:ListKeys"] {
        repository.write("new.json", &policy(&["kms:Decrypt", action]));
        assert_eq!(relation(&[]), "broader", "{action}");
        assert_eq!(relation(&["--kind", "kms"]), "equivalent", "{action}");
    }
}

#[test]
fn the_verdict_on_all_policies_is_exact_only_if_each_one_is() {
    let template = |first: &str| {
        let get = r#"{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::a/x"}"#;
        let statement = match first {
            "" => get.to_owned(),
            action => {
                format!(r#"{{"Fn::If":["C",{{"Effect":"Allow","Action":"{action}","Resource":"*"}},{get}]}}"#)
            }
        };
        format!(
            r#"{{"AWSTemplateFormatVersion":"2010-09-09","Parameters":{{"P":{{"Type":"String"}}}},"Conditions":{{"C":{{"Fn::Equals":[{{"Ref":"P"}},"x"]}}}},"Resources":{{"A":{{"Type":"AWS::IAM::ManagedPolicy","Properties":{{"PolicyDocument":{{"Version":"2012-10-17","Statement":[{statement}]}}}}}}}}}}"#
        )
    };
    let repository = Repository::new();
    repository.write("a.json", &template(""));
    repository.write("b.json", &identity(r#""s3:GetObject""#));
    repository.commit();
    repository.write("a.json", &template("*"));
    let value = repository.json(&["--git", "HEAD"]);
    assert_eq!(
        (&value["policies"][0]["relation"], &value["policies"][0]["exact"]),
        (&"broader".into(), &false.into())
    );
    let human = repository.diff(&["--git", "HEAD"]).out;
    assert!(human.contains("(not in every case).\n"), "{human}");
    assert!(
        human.ends_with("1 policy since HEAD: 1 broader. 1 grant added, no grant removed (not exact).\n"),
        "{human}"
    );
    let markdown = repository.diff(&["--git", "HEAD", "--format", "markdown"]).out;
    assert!(
        markdown.starts_with("**1 policy since HEAD: 1 broader.") && !markdown.contains("proved, exact"),
        "{markdown}"
    );
    // The change of another policy is exact.
    repository.write("a.json", &template(""));
    repository.write("b.json", &identity(r#""*""#));
    let human = repository.diff(&["--git", "HEAD"]).out;
    assert!(human.ends_with("(proved, exact).\n"), "{human}");
}

/// A resource that its template retains stays in the account, with its policy.
#[test]
fn a_policy_that_stays_in_the_account_is_not_removed() {
    let template = |policy: &str, retained: &str| {
        format!(
            r#"{{"Resources": {{"T": {{"Type": "AWS::SNS::Topic"}}{}}}}}"#,
            match retained {
                "" => String::new(),
                retained => format!(
                    r#", "P": {{"Type": "AWS::IAM::ManagedPolicy", {retained} "Properties": {{"PolicyDocument": {policy}}}}}"#
                ),
            }
        )
    };
    let allow =
        r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}"#;
    let deny = allow.replace("Allow", "Deny");
    for (policy, retained, relation, statuses) in [
        (allow, r#""DeletionPolicy": "Retain","#, "unproved", [0, 3]),
        (allow, r#""DeletionPolicy": "RetainExceptOnCreate","#, "unproved", [0, 3]),
        (allow, r#""DeletionPolicy": {"Ref": "P"},"#, "unproved", [0, 3]),
        (&deny, r#""DeletionPolicy": "Retain","#, "unproved", [0, 3]),
        (allow, r#""DeletionPolicy": "Delete","#, "narrower", [0, 1]),
        (allow, r#""DependsOn": "T","#, "narrower", [0, 1]),
    ] {
        let repository = Repository::new();
        repository.write("t.json", &template(policy, retained));
        repository.commit();
        repository.write("t.json", &template(policy, ""));
        let value = repository.json(&["--git", "HEAD"]);
        assert_eq!(value["policies"][0]["relation"], relation, "{retained}");
        assert_eq!(value["policies"][0]["exact"], relation != "unproved", "{retained}");
        let status = |option: &str| repository.diff(&["--git", "HEAD", option]).status;
        assert_eq!(
            [status("--fail-on-new-access"), status("--exit-code")],
            statuses.map(Some),
            "{retained} {policy}"
        );
    }
    // The resource is there, and its policy is not.
    let repository = Repository::new();
    let role = |policies: &str| {
        format!(
            r#"{{"Resources": {{"R": {{"Type": "AWS::IAM::Role", "DeletionPolicy": "Retain", "Properties": {{"Policies": [{policies}]}}}}}}}}"#
        )
    };
    repository.write("t.json", &role(&format!(r#"{{"PolicyName": "p", "PolicyDocument": {allow}}}"#)));
    repository.commit();
    repository.write("t.json", &role(""));
    assert_eq!(repository.json(&["--git", "HEAD"])["policies"][0]["relation"], "narrower");
    // A configuration of Terraform that only forgets it.
    let configured = |more: &str| format!(r#"{{"resource": {{"aws_iam_policy": {{{more}}}}}}}"#);
    let text = serde_json::Value::from(allow).to_string();
    for (removed, relation) in [
        (r#", "removed": [{"from": "aws_iam_policy.a", "lifecycle": {"destroy": false}}]"#, "unproved"),
        (r#", "removed": [{"from": "aws_iam_policy.a", "lifecycle": {"destroy": true}}]"#, "narrower"),
        (r#", "removed": [{"from": "aws_iam_policy.b", "lifecycle": {"destroy": false}}]"#, "narrower"),
    ] {
        let repository = Repository::new();
        repository.write("a.tf.json", &configured(&format!(r#""a": {{"policy": {text}}}"#)));
        repository.commit();
        repository.write("a.tf.json", &configured("").replace("}}}", &format!("}}}}{removed}}}")));
        let value = repository.json(&["--git", "HEAD"]);
        assert_eq!(value["policies"][0]["relation"], relation, "{removed}");
    }
}

/// What the exit status tells is also in the JSON.
#[test]
fn each_option_that_asks_has_its_answer() {
    let repository = Repository::new();
    let policy = |action: &str| {
        format!(
            r#"{{"Version": "2012-10-17", "Statement": [{{"Effect": "Allow", "Action": {action}, "Resource": "*"}}]}}"#
        )
    };
    repository.write("old.json", &policy(r#"["s3:GetObject", "s3:GetObjectAcl"]"#));
    for (action, version, more, differs) in [
        (r#"["s3:GetObjectAcl", "s3:GetObject"]"#, "2012-10-17", "passed", "passed"),
        (r#"["s3:GetObject*", "s3:PutObject"]"#, "2012-10-17", "failed", "failed"),
        (r#""sqs:*""#, "2012-10-17", "failed", "failed"),
        (r#""s3:GetObject""#, "2012-10-17", "passed", "failed"),
        (r#""s3:PutObject""#, "2011-01-01", "undecided", "undecided"),
    ] {
        repository.write("new.json", &policy(action).replace("2012-10-17", version));
        for (option, name, outcome) in
            [("--fail-on-new-access", "new-access", more), ("--exit-code", "exit-code", differs)]
        {
            let asked = ["old.json", "new.json", option];
            let answer = repository.diff(&asked);
            let value = repository.diff(&[&asked[..], &["--format", "json"]].concat()).out;
            let value: Value = serde_json::from_str(&value).unwrap();
            let checks = value["checks"].as_array().unwrap();
            assert_eq!(checks.len(), 1);
            assert_eq!(
                (&checks[0]["check"], &checks[0]["outcome"]),
                (&name.into(), &outcome.into()),
                "{action}"
            );
            assert_eq!(checks[0]["unproved"].as_array().unwrap().is_empty(), outcome != "undecided");
            let status = match outcome {
                "passed" => 0,
                "failed" => 1,
                _ => 3,
            };
            assert_eq!(answer.status, Some(status), "{action} {option}");
            assert!(answer.out.contains(outcome), "{}", answer.out);
        }
    }
    let value = repository.diff(&["old.json", "new.json", "--format", "json"]).out;
    assert_eq!(serde_json::from_str::<Value>(&value).unwrap()["checks"], serde_json::json!([]));
}

/// Policies that a template names, and that are not in it, are not passed over where they change.
#[test]
fn policies_that_are_named_are_not_compared() {
    let template = |role: &str| {
        format!(
            r#"{{"Resources": {{"R": {role}, "P": {{"Type": "AWS::IAM::ManagedPolicy", "Properties": {{"PolicyDocument":
            {{"Version": "2012-10-17", "Statement": [{{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}}]}}}}}}}}}}"#
        )
    };
    let role = |arn: &str| {
        format!(
            r#"{{"Type": "AWS::IAM::Role", "Properties": {{"ManagedPolicyArns": [{arn}], "Description": "x"}}}}"#
        )
    };
    let function = |policies: &str| {
        format!(r#"{{"Type": "AWS::Serverless::Function", "Properties": {{"Policies": [{policies}]}}}}"#)
    };
    let (reader, admin) = (r#""arn:aws:iam::aws:policy/ReadOnlyAccess""#, r#""AdministratorAccess""#);
    let statement = r#"{"Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}"#;
    for (old, new, said) in [
        (role(reader), role(&format!("{reader}, {admin}")), Some("`ManagedPolicyArns` of `R`")),
        (role(&format!("{reader}, {admin}")), role(reader), Some("`ManagedPolicyArns` of `R`")),
        (function(r#"{"SQSPollerPolicy": {"QueueName": "a"}}"#), function(admin), Some("`Policies` of `R`")),
        (role(reader), role(reader).replace(r#""x""#, r#""y""#), None),
        (function(statement), function(statement).replace("}]}", "}] }"), None),
    ] {
        let repository = Repository::new();
        repository.write("t.json", &template(&old));
        repository.write("old.json", &template(&old));
        repository.commit();
        repository.write("t.json", &template(&new));
        repository.write("new.json", &template(&new));
        for asked in [&["--git", "HEAD", "t.json"][..], &["old.json", "new.json"]] {
            let answer = repository.diff(&[asked, &["--fail-on-new-access"]].concat());
            assert_eq!(answer.status, Some(if said.is_some() { 3 } else { 0 }), "{new}\n{}", answer.out);
            assert_eq!(said.is_some_and(|said| answer.err.contains(said)), said.is_some(), "{}", answer.err);
        }
    }
}
