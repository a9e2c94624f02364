//! What somebody has looked at is not told again: suppressions in the configuration, and the baseline.
#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::process::Command;

use polmerge::lint::{Check, rules};
use serde_json::Value;

const QUEUE: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [
    { "Sid": "Everyone", "Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "arn:aws:sqs:us-east-1:222222222222:q" }
  ]
}
"#;

struct Folder(tempfile::TempDir);

impl Folder {
    fn new(files: &[(&str, &str)]) -> Self {
        let folder = Folder(tempfile::tempdir().unwrap());
        files.iter().for_each(|(name, text)| folder.write(name, text));
        folder
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.0.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn run(&self, below: &str, arguments: &[&str]) -> (i32, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_polmerge"));
        command.arg("lint");
        // What other rules say of these policies is not the matter here.
        if !arguments.contains(&"--select") {
            command.args(["--select", "principal-any,action-case,unused-suppression"]);
        }
        command.args(arguments).current_dir(self.0.path().join(below)).env("LC_ALL", "C.UTF-8");
        let output = command.output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
        (output.status.code().unwrap(), text)
    }

    /// Rule and path of each finding.
    fn findings(&self, below: &str, arguments: &[&str]) -> Vec<(String, String)> {
        let all: Vec<&str> = arguments.iter().copied().chain(["--format", "json"]).collect();
        let (_, text) = self.run(below, &all);
        let report: Value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
        let text = |finding: &Value, name: &str| finding[name].as_str().unwrap().to_owned();
        let findings = report["findings"].as_array().unwrap().iter();
        findings.map(|finding| (text(finding, "rule"), text(finding, "path"))).collect()
    }
}

fn pair(rule: &str, path: &str) -> (String, String) {
    (rule.to_owned(), path.to_owned())
}

/// The examples of rules about what is outside of policies, each in a folder with a queue that is open to everyone.
#[test]
fn examples_of_pages() {
    for rule in rules::ALL.iter().filter(|rule| matches!(rule.check, Check::Outside)) {
        let mut words = Vec::new();
        for block in rule.docs.split("\n ```").skip(1).step_by(2) {
            let (info, text) = block.split_once('\n').unwrap();
            let text = format!("\n{text}").replace("\n ", "\n");
            let (folder, file, open) = match info.split(' ').next() {
                Some("toml") => {
                    let files = [("queue-policy.json", QUEUE), ("polmerge.toml", text.as_str())];
                    (Folder::new(&files), "polmerge.toml", "queue-policy.json")
                }
                _ => (Folder::new(&[("template.yaml", &text)]), "template.yaml", "template.yaml"),
            };
            let is_bad = info.ends_with("bad");
            let mut expected = if is_bad { vec![pair(rule.name, file)] } else { vec![] };
            if is_bad && rule.name == "unused-suppression" {
                expected.insert(0, pair("principal-any", open));
            }
            let mut found = folder.findings("", &["--select", &format!("principal-any,{}", rule.name)]);
            found.sort();
            assert_eq!(found, expected, "{text}");
            words.push(info);
        }
        assert!(words.contains(&"yaml bad") && words.contains(&"yaml good"), "{}", rule.name);
    }
}

fn entry(more: &str) -> String {
    format!("[[suppress]]\nrule = \"principal-any\"\nreason = \"a demonstration\"\n{more}\n")
}

#[test]
fn a_suppression_takes_out_what_it_is_for_and_is_counted() {
    let folder = Folder::new(&[("queues/a.json", QUEUE), ("queues/b.json", QUEUE)]);
    let both = [pair("principal-any", "queues/a.json"), pair("principal-any", "queues/b.json")];
    assert_eq!(folder.findings("", &[]), both);

    folder.write("polmerge.toml", &entry("glob = \"queues/a.json\"\nsid = \"Everyone\""));
    assert_eq!(folder.findings("", &[]), both[1..]);
    assert_eq!(
        folder.run("queues", &["a.json"]),
        (0, "a.json: SQS queue policy, 1 statement. No findings; 1 suppressed.\n".to_owned())
    );
    folder.write("polmerge.toml", &entry("glob = \"queues/*\"\nexpires = 2999-12-31"));
    assert_eq!(folder.findings("", &[]), []);

    // Of two that do the same, one is not needed.
    folder.write("polmerge.toml", &(entry("glob = \"queues/*\"") + &entry("glob = \"a.json\"")));
    assert_eq!(folder.findings("", &[]), [pair("unused-suppression", "polmerge.toml")]);
}

/// Two policies in one template: the comments of a file are one list for all of them.
const TEMPLATE: &str = "\
Resources:
  A:
    Type: AWS::SQS::QueuePolicy
    Properties:
      Queues: [a]
      PolicyDocument:
        Version: '2012-10-17'
        Statement:
          # polmerge: ignore[principal-any] a demonstration
          - {Effect: Allow, Principal: '*', Action: sqs:sendmessage, Resource: '*'}
  B:
    Type: AWS::SQS::QueuePolicy
    Properties:
      Queues: [b]
      PolicyDocument:
        Version: '2012-10-17'
        Statement:
          - Effect: Allow
            Principal: '*'
            Action: sqs:SendMessage
            Resource: '*'
";

#[test]
fn a_comment_suppresses_what_it_is_for() {
    let folder = Folder::new(&[("t.yaml", TEMPLATE)]);
    let (open, case) = (pair("principal-any", "t.yaml"), pair("action-case", "t.yaml"));
    let unused = pair("unused-suppression", "t.yaml");
    assert_eq!(folder.findings("", &[]), [case.clone(), open.clone()], "the other policy is as open");
    assert!(folder.run("", &[]).1.contains("; 1 suppressed"));

    // Behind the value, for more than one policy, and for nothing.
    let comment = "# polmerge: ignore[principal-any] so be it";
    folder.write(
        "t.yaml",
        &TEMPLATE.replace("'*'\n            Action", &format!("'*' {comment}\n            Action")),
    );
    assert_eq!(folder.findings("", &[]), std::slice::from_ref(&case));
    folder.write("t.yaml", &format!("{comment}\n{}", TEMPLATE.replace("# pol", "# not pol")));
    assert_eq!(folder.findings("", &[]), std::slice::from_ref(&case));
    folder.write(
        "t.yaml",
        &TEMPLATE.replace("      Queues: [b]", &format!("      {comment}\n      Queues: [b]")),
    );
    assert_eq!(folder.findings("", &[]), [case.clone(), unused.clone(), open.clone()]);
    assert_eq!(
        folder.findings("", &["--select", "action-case,unused-suppression"]),
        std::slice::from_ref(&case)
    );
    assert_eq!(folder.findings("", &["--min-level", "error"]), std::slice::from_ref(&open));
    // What is left out is counted.
    assert!(folder.run("", &["--min-level", "error"]).1.contains("; 2 not shown (--min-level)"));
    let (_, text) = folder.run("", &["--min-level", "error", "--select", "action-case"]);
    assert!(text.contains("No findings at this level; 1 not shown (--min-level)."), "{text}");
    assert!(!folder.run("", &[]).1.contains("not shown"));

    // In each document of a stream, and in a template that stands in a text of another file.
    let (first, second) = (TEMPLATE, TEMPLATE.replace("a demonstration", "another"));
    folder.write("t.yaml", &format!("{first}---\n{}", second.replace("[principal-any]", "[wrong-type]")));
    let found = [&case, &open, &open, &case, &open].map(Clone::clone);
    assert_eq!(folder.findings("", &["--select", "principal-any,action-case"]), found);
    let (_, text) = folder.run("", &["--select", "wrong-type,unused-suppression"]);
    assert!(text.contains("t.yaml:31:11") && text.contains("`wrong-type` finds nothing"), "{text}");
    let inner = serde_json::json!({ "TemplateBody": TEMPLATE });
    folder.write("t.yaml", &inner.to_string());
    assert_eq!(folder.findings("", &[]), [case.clone(), open.clone()]);

    // The configuration outranks it, which then has no use.
    folder.write("t.yaml", TEMPLATE);
    folder.write("polmerge.toml", &entry("glob = \"t.yaml\""));
    assert_eq!(folder.findings("", &[]), [unused, case.clone()]);

    // Neither is in the baseline, and what is suppressed is not fixed.
    folder.write("polmerge.toml", "");
    let (_, text) = folder.run("", &["--baseline", "known.json", "--write-baseline"]);
    assert_eq!(text, "2 findings written to known.json.\n");
    let kept = TEMPLATE.replace("[principal-any]", "[action-case]");
    folder.write("t.yaml", &kept);
    folder.run("", &["--fix"]);
    assert_eq!(std::fs::read_to_string(folder.0.path().join("t.yaml")).unwrap(), kept);
    folder.write("t.yaml", TEMPLATE);
    folder.run("", &["--fix"]);
    let fixed = TEMPLATE.replace("sqs:sendmessage", "sqs:SendMessage");
    assert_eq!(std::fs::read_to_string(folder.0.path().join("t.yaml")).unwrap(), fixed);
}

#[test]
fn only_a_run_that_sees_all_can_tell_that_one_has_no_use() {
    let closed = QUEUE.replace(r#""Principal": "*""#, r#""Principal": {"AWS": "222222222222"}"#);
    let folder = Folder::new(&[("queues/a.json", &closed), ("queues/b.json", QUEUE)]);
    let unused = [pair("unused-suppression", "polmerge.toml")];
    let open = [pair("principal-any", "queues/b.json")];
    folder.write("polmerge.toml", &entry("glob = \"queues/**\""));
    assert_eq!(folder.findings("", &["queues/a.json"]), [], "it is for b.json as well");
    assert_eq!(folder.findings("", &[]), []);
    folder.write("polmerge.toml", &entry("glob = \"queues/a.json\""));
    assert_eq!(folder.findings("", &["queues/a.json"]), unused);
    assert_eq!(folder.findings("", &["queues/b.json"]), open);
    assert_eq!(folder.findings("", &["--select", "syntax,unused-suppression"]), [], "the rule does not run");
    assert_eq!(folder.findings("", &["--ignore", "unused-suppression"]), open);
    folder.write("polmerge.toml", &entry("glob = \"queue/*.json\""));
    assert_eq!(folder.findings("", &[]), [&unused[..], &open].concat().into_iter().rev().collect::<Vec<_>>());
    assert!(
        folder.run("", &[]).1.contains("`queue/*.json` holds no policy, so there is nothing to suppress")
    );
    // One that has ended is said where its file is looked at.
    folder.write("polmerge.toml", &entry("glob = \"queues/**\"\nexpires = \"2020-01-31\""));
    assert_eq!(folder.findings("", &["queues/b.json"]), [&open[..], &unused].concat());
    let (status, text) = folder.run("", &["queues/b.json", "--fail-on", "warning"]);
    assert_eq!(status, 1);
    assert!(text.contains("polmerge.toml:1:1"), "{text}");
    assert!(text.contains("`queues/**` ended with 2020-01-31"), "{text}");
}

#[test]
fn what_is_suppressed_is_not_fixed() {
    let text = QUEUE.replace("sqs:SendMessage", "sqs:sendmessage");
    let folder = Folder::new(&[("a.json", &text)]);
    folder.write(
        "polmerge.toml",
        "[[suppress]]\nglob = \"a.json\"\nrule = \"action-case\"\nreason = \"ours\"\n",
    );
    folder.run("", &["--fix"]);
    assert_eq!(std::fs::read_to_string(folder.0.path().join("a.json")).unwrap(), text);
    folder.write("polmerge.toml", "");
    folder.run("", &["--fix"]);
    assert_eq!(std::fs::read_to_string(folder.0.path().join("a.json")).unwrap(), QUEUE);
}

/// Elsewhere `-` is standard input or output: a baseline is neither, and no file of that name is made unasked.
#[test]
fn a_baseline_is_a_file() {
    let folder = Folder::new(&[("b.json", QUEUE)]);
    for arguments in [&["--baseline", "-", "--write-baseline"][..], &["--baseline", "-"]] {
        let (status, text) = folder.run("", arguments);
        assert_eq!(status, 2, "{text}");
        assert!(text.contains("`--baseline` takes the name of a file, not `-`"), "{text}");
        assert!(!folder.0.path().join("-").exists());
    }
    let (status, text) = folder.run("", &["--baseline", "./-", "--write-baseline"]);
    assert_eq!(status, 0, "{text}");
    assert!(folder.0.path().join("-").exists());
}

#[test]
fn the_baseline_is_what_was_there() {
    let folder = Folder::new(&[("p/queues/a.json", QUEUE), ("p/b.json", QUEUE)]);
    let (status, text) = folder.run("p", &["--baseline", "known.json"]);
    assert_eq!(status, 2);
    assert!(text.contains("polmerge lint --baseline known.json --write-baseline"), "{text}");
    assert_eq!(
        folder.run("p", &["--baseline", "known.json", "--write-baseline"]),
        (0, "2 findings written to known.json.\n".to_owned())
    );
    let written = std::fs::read_to_string(folder.0.path().join("p/known.json")).unwrap();
    let schema: Value =
        serde_json::from_str(&std::fs::read_to_string("schemas/baseline.schema.json").unwrap()).unwrap();
    let validator = jsonschema::draft202012::new(&schema).unwrap();
    assert!(validator.is_valid(&serde_json::from_str(&written).unwrap()), "{written}");

    // From wherever it is run, however the file is named.
    assert_eq!(folder.findings("p", &["--baseline", "known.json"]), []);
    assert_eq!(folder.findings("p/queues", &["--baseline", "../known.json", "a.json"]), []);
    assert_eq!(folder.findings("", &["--baseline", "p/known.json"]), []);
    let (status, text) = folder.run("p", &["--baseline", "known.json", "b.json"]);
    assert_eq!(
        (status, &*text),
        (0, "b.json: SQS queue policy, 1 statement. No findings; 1 in the baseline.\n")
    );

    // What changes is looked at anew, what goes is said, and what is not looked at is not missed.
    let wider = QUEUE.replace("SendMessage", "*");
    folder.write("p/b.json", &wider);
    let (status, text) = folder.run("p", &["--baseline", "known.json"]);
    assert_eq!(status, 1);
    assert!(text.contains("b.json:4:"), "{text}");
    assert!(
        text.ends_with("note: 1 finding of known.json is gone; --write-baseline takes out what is gone\n"),
        "{text}"
    );
    assert!(!folder.run("p", &["--baseline", "known.json", "queues"]).1.contains("gone"));

    // Written for one file, the others stay as they were, unless they are gone.
    folder.run("p", &["b.json", "--baseline", "known.json", "--write-baseline"]);
    assert_eq!(folder.findings("p", &["--baseline", "known.json"]), []);
    std::fs::remove_file(folder.0.path().join("p/queues/a.json")).unwrap();
    assert_eq!(
        folder.run("p", &["b.json", "--baseline", "known.json", "--write-baseline"]).1,
        "1 finding written to known.json.\n"
    );
    let wrong = folder.run("p", &["--baseline", "b.json"]);
    assert_eq!(wrong.0, 2);
    assert!(wrong.1.contains("`b.json` is no baseline"), "{}", wrong.1);
}

/// What policies of a role say together is in the policy that gives the power, and names the other.
#[test]
fn a_finding_over_two_policies_is_known_by_the_first() {
    let template = r#"Resources:
  Ci:
    Type: AWS::IAM::Role
    Properties:
      ManagedPolicyArns: [!Ref Deploy]
      Policies:
        - PolicyName: pass
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              - {Sid: Pass, Effect: Allow, Action: iam:PassRole, Resource: "*"}
  Deploy:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - {Effect: Allow, Action: [lambda:CreateFunction, lambda:InvokeFunction], Resource: "*"}
"#;
    let rule = ["--select", "privilege-escalation"];
    let with = |more: &[&'static str]| [&rule[..], more].concat();
    let folder = Folder::new(&[("t.yaml", template)]);
    let (status, text) = folder.run("", &with(&["--fail-on", "warning"]));
    assert_eq!(status, 1);
    for part in ["t.yaml:11:", " 18 │", "`Ci` (AWS::IAM::Role) has policy `pass` and `Deploy`", "(18:"] {
        assert!(text.replace("\n    ", " ").contains(part), "{part}: {text}");
    }
    let (_, sarif) = folder.run("", &with(&["--format", "sarif"]));
    let sarif: Value = serde_json::from_str(&sarif).unwrap();
    let related = &sarif["runs"][0]["results"][0]["relatedLocations"];
    let lines = related.as_array().unwrap().iter();
    let lines: Vec<_> = lines.map(|one| one["physicalLocation"]["region"]["startLine"].clone()).collect();
    assert!(lines.contains(&18.into()), "{related}");
    // Of one policy alone, there is no such finding.
    let at = ["t.yaml", "--at", "/Resources/Ci/Properties/Policies/0/PolicyDocument"];
    assert_eq!(folder.findings("", &with(&at)), []);

    folder.run("", &with(&["--baseline", "known.json", "--write-baseline"]));
    assert_eq!(folder.findings("", &with(&["--baseline", "known.json"])), []);
    let entry = "[[suppress]]\nrule = \"privilege-escalation\"\nglob = \"t.yaml\"\nsid = \"Pass\"\nreason = \"a test\"\n";
    folder.write("polmerge.toml", entry);
    assert_eq!(folder.findings("", &rule), []);
}

/// UTF-16 without a byte-order mark is text of other characters, if one does not look.
#[test]
fn utf_16_is_named() {
    let wide = |swap: bool| -> Vec<u8> {
        let pair = |unit: u16| if swap { unit.to_be_bytes() } else { unit.to_le_bytes() };
        QUEUE.encode_utf16().flat_map(pair).collect()
    };
    let folder = Folder::new(&[]);
    for swap in [true, false] {
        std::fs::write(folder.0.path().join("a.json"), wide(swap)).unwrap();
        let (status, text) = folder.run("", &[]);
        assert!(status == 2 && text.contains("looks like UTF-16"), "{text}");
    }
}
