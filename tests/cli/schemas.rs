//! What is printed for programs is what the schemas say, with real findings in it.
#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::process::Command;

use polmerge::document::{Hints, open};
use polmerge::edit::Edit;
use polmerge::report::json::{Finding, Line};
use polmerge::span::Span;
use polmerge::{Diagnostic, Severity, Source};
use serde_json::{Value, json};

fn valid(schema: &str, instance: &Value) {
    valid_by(&format!("schemas/{schema}.schema.json"), instance);
}

fn valid_by(schema: &str, instance: &Value) {
    let text = std::fs::read_to_string(schema).unwrap();
    let validator = jsonschema::draft202012::new(&serde_json::from_str(&text).unwrap()).unwrap();
    let errors: Vec<_> =
        validator.iter_errors(instance).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{schema}: {errors:#?}\n{instance:#}");
}

fn run(arguments: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_polmerge"));
    let output = command.args(arguments).current_dir("tests/cmd/lint.in").output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn lint_reports() {
    for arguments in [&["lint", "--format", "json"][..], &["lint", "--format", "json", "none.json"]] {
        valid("lint", &serde_json::from_str(&run(arguments)).unwrap());
    }
}

#[test]
fn lint_lines() {
    let lines = run(&["lint", "--ndjson", "policies.ndjson"]);
    assert_eq!(lines.lines().count(), 5);
    lines.lines().for_each(|line| valid("lint-line", &serde_json::from_str(line).unwrap()));
}

#[test]
fn can_answers() {
    let anywhere = |arguments: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_polmerge"));
        let output = command.args(arguments.split(' ')).current_dir("tests/cmd/can.in").output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let reader = "can --format json --principal arn:aws:iam::222222222222:role/Reader --action s3:GetObject";
    for more in [
        "--resource arn:aws:s3:::logs/a --resource-policy bucket.json --identity reader.json",
        "--resource arn:aws:s3:::logs/a --resource-policy bucket.json --resource-account 111111111111",
        "--resource arn:aws:s3:::logs/a --resource-policy bucket.json --context aws:SecureTransport=false",
        "--resource * --scp unit.json --context a=1 --context a=2",
        "--resource arn:aws:s3:::logs/a --resource-policy everyone.json --boundary unit.json --resource-account 222222222222",
    ] {
        valid("can", &serde_json::from_str(&anywhere(&format!("{reader} {more}"))).unwrap());
    }
    let nobody = "--principal anonymous --action sns:Publish --resource * --rcp bucket.json --scp unit.json";
    let answer: Value = serde_json::from_str(&anywhere(&format!("can --format json {nobody}"))).unwrap();
    valid("can", &answer);
    assert_eq!(answer["not_asked"], json!(["rcp", "scp"]));
    let lines = anywhere("can --ndjson scenarios.ndjson");
    assert_eq!(lines.lines().count(), 8);
    lines.lines().for_each(|line| valid("can-line", &serde_json::from_str(line).unwrap()));
}

#[test]
fn rules() {
    valid("rules", &serde_json::from_str(&run(&["rules", "--format", "json"])).unwrap());
}

#[test]
fn the_configuration_of_the_transcripts() {
    let text = std::fs::read_to_string("tests/cmd/lint.in/polmerge.toml").unwrap();
    valid("config", &toml::from_str(&text).unwrap());
}

#[test]
fn a_configuration_with_suppressions() {
    let text = "[[suppress]]\nglob = \"a/*.json\"\nrule = \"principal-any\"\nreason = \"r\"\nexpires = \"2027-01-31\"\n";
    polmerge::config::Config::parse(text, std::path::Path::new("")).unwrap();
    valid("config", &toml::from_str(text).unwrap());
}

/// In all forms: the same findings, in the same places.
#[test]
fn lint_for_other_programs() {
    let lint = |format: &str| run(&["lint", "../../../fixtures", ".", "none.json", "--format", format]);
    let json: Value = serde_json::from_str(&lint("json")).unwrap();
    valid("lint", &json);
    let findings = json["findings"].as_array().unwrap();
    assert!(findings.len() > 20);

    let sarif: Value = serde_json::from_str(&lint("sarif")).unwrap();
    valid_by("tests/support/sarif.schema.json", &sarif);
    let run = &sarif["runs"][0];
    let results = run["results"].as_array().unwrap();
    assert_eq!(results.len(), findings.len());
    for (result, finding) in results.iter().zip(findings) {
        assert_eq!(result["ruleId"], finding["rule"]);
        let rule =
            &run["tool"]["driver"]["rules"][usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap()];
        assert_eq!(rule["id"], finding["rule"]);
        assert_eq!(result["level"], finding["severity"]);
        let region = &result["locations"][0]["physicalLocation"]["region"];
        let (start, end) = (&finding["span"]["start"], &finding["span"]["end"]);
        assert_eq!((&region["startLine"], &region["startColumn"]), (&start["line"], &start["column"]));
        assert_eq!((&region["endLine"], &region["endColumn"]), (&end["line"], &end["column"]));
        assert_eq!(region["byteOffset"], start["offset"]);
        let edits = finding["fix"]["edits"].as_array();
        let replaced = result["fixes"][0]["artifactChanges"][0]["replacements"].as_array();
        assert_eq!(edits.map(Vec::len), replaced.map(Vec::len));
    }
    assert!(results.iter().any(|result| !result["fixes"].as_array().unwrap().is_empty()));
    assert!(results.iter().any(|result| !result["relatedLocations"].as_array().unwrap().is_empty()));
    // What could not be read.
    assert_eq!(run["invocations"][0]["executionSuccessful"], json!(false));
    assert_eq!(run["invocations"][0]["toolExecutionNotifications"].as_array().unwrap().len(), 1);

    let github = lint("github");
    // A line for what could not be read, and one for each statement that is not fully analyzed.
    let open = usize::try_from(json["summary"]["not_analyzed"].as_u64().unwrap()).unwrap();
    assert_eq!(github.lines().count(), findings.len() + 1 + open);
    assert!(github.lines().all(|line| line.starts_with("::error ")
        || line.starts_with("::warning ")
        || line.starts_with("::notice ")));

    let junit = lint("junit");
    let document = roxmltree::Document::parse(&junit).unwrap();
    let count = |name: &str| document.descendants().filter(|node| node.has_tag_name(name)).count();
    let number = |name: &str| document.root_element().attribute(name).unwrap().parse::<usize>().unwrap();
    let errors = findings.iter().filter(|finding| finding["severity"] == "error").count();
    assert_eq!((count("testcase"), count("failure"), count("error")), (number("tests"), errors, 1));
    assert_eq!((number("failures"), number("errors")), (errors, 1));
    assert_eq!(count("failure") + count("system-out"), findings.len() + open);

    let markdown = lint("markdown");
    assert_eq!(
        markdown
            .lines()
            .filter(|line| line.starts_with("| error ")
                || line.starts_with("| warning ")
                || line.starts_with("| note "))
            .count(),
        findings.len()
    );
    assert!(
        markdown.lines().filter(|line| line.starts_with("| ")).all(|line| line.matches('|').count() == 4),
        "{markdown}"
    );
}

/// A finding with everything that one can have, in a policy inside a string.
#[test]
fn a_whole_finding_has_its_places_in_the_file() {
    let text = "{\n  \"Policy\": \"{\\\"Statement\\\": [{\\\"Sid\\\": \\\"é\\\", \\\"Effect\\\": \\\"Allow\\\"}]}\",\n  \"PolicyName\": \"default\"\n}\n";
    let file = open(Source::new("key.json", text), &Hints::default());
    let document = &file.documents[0];
    let at = document.text().find("\"Allow\"").unwrap();
    let span = Span::new(at, at + 7);
    let mut finding = Diagnostic::new("effect", span, "message")
        .severity(Severity::Warning)
        .help("help")
        .fix("deny it", false, vec![Edit::replace(span, "\"Deny\"")]);
    finding.witness = Some(json!({"principal": null, "action": "kms:Decrypt"}));
    finding.also = vec!["other"];

    let written: Value = serde_json::to_value(Finding::new(document, &finding)).unwrap();
    let start = text.find("\\\"Allow").unwrap();
    assert_eq!(
        written,
        json!({
            "rule": "effect", "severity": "warning", "message": "message", "help": "help", "path": "key.json",
            "kind": "kms", "document": "/Policy", "owner": "policy `default`", "pointer": "/Statement/0/Effect",
            "statement": {"index": 0, "sid": "é"}, "also": ["other"],
            "span": {
                "start": {"line": 2, "column": start - 2, "offset": start},
                "end": {"line": 2, "column": start - 2 + 9, "offset": start + 9},
            },
            "witness": {"principal": null, "action": "kms:Decrypt"},
            "fix": {"title": "deny it", "safe": false,
                    "edits": [{"start": start, "end": start + 9, "text": "\\\"Deny\\\""}]},
        })
    );
    let summary = json!({"files": 1, "policies": 1, "skipped": 0, "not_analyzed": 0, "unread": 0, "error": 0, "warning": 1, "note": 0});
    valid("lint", &json!({"version": 1, "findings": [written], "errors": [], "summary": summary}));
    let line = serde_json::to_value(Line::new(None, document, &[finding])).unwrap();
    valid("lint-line", &line);
    assert_eq!(line["id"], Value::Null);
}

#[test]
fn diff_reports() {
    for (old, new) in [
        ("review/old.json", "review/new.json"),
        ("key-policy.json", "kms/minified.json"),
        ("review/new.json", "kms/console.json"),
    ] {
        let output = run(&[
            "diff",
            &format!("../../../fixtures/{old}"),
            &format!("../../../fixtures/{new}"),
            "--format",
            "json",
            "--allowed",
            "../../../fixtures/key-policy.json",
            "--forbidden",
            "../../../fixtures/review/never.json",
        ]);
        let value: Value = serde_json::from_str(&output).unwrap();
        valid("diff", &value);
        let read = |name: &str| -> Value {
            serde_json::from_str(&std::fs::read_to_string(format!("fixtures/{name}")).unwrap()).unwrap()
        };
        let mut patched = read(old);
        let patch: json_patch::Patch = serde_json::from_value(value["patch"].clone()).unwrap();
        json_patch::patch(&mut patched, &patch).unwrap();
        assert_eq!(patched, read(new), "{old} {new}");
    }
}

/// A line may say more than a command asks for, as where a policy comes from; a request may not.
#[test]
fn a_line_may_have_members_of_its_own() {
    use std::io::Write;
    let policy = || json!({"Version": "2012-10-17", "Statement": [{"Sid": "A", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]});
    let pipe = std::process::Stdio::piped;
    let request = json!({"principal": "arn:aws:iam::111111111111:role/r", "action": "s3:GetObject", "resource": "arn:aws:s3:::b/x"});
    let mut odd = request.clone();
    odd["contxt"] = json!({});
    for (command, mut line, errs) in [
        ("lint", json!({"policy": policy()}), false),
        ("compact", json!({"policy": policy()}), false),
        ("diff", json!({"old": policy(), "new": policy()}), false),
        ("can", json!({"policies": {"identity": [policy()]}, "request": request}), false),
        ("can", json!({"policies": {"identity": [policy()]}, "request": odd}), true),
    ] {
        line["id"] = json!({"a": 1});
        line["source"] = json!("a repository");
        let mut polmerge = Command::new(env!("CARGO_BIN_EXE_polmerge"));
        let mut child = polmerge.args([command, "--ndjson"]).stdin(pipe()).stdout(pipe()).spawn().unwrap();
        writeln!(child.stdin.take().unwrap(), "{line}").unwrap();
        let output = child.wait_with_output().unwrap();
        let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!((answer["error"].is_string(), &answer["id"]), (errs, &line["id"]), "{line} {answer}");
    }
}

#[test]
fn diff_lines() {
    use std::io::Write;
    let mut command = Command::new(env!("CARGO_BIN_EXE_polmerge"));
    let limit = ["diff", "--ndjson", "--forbidden", "fixtures/review/never.json"];
    let pipe = std::process::Stdio::piped;
    let mut child = command.args(limit).stdin(pipe()).stdout(pipe()).spawn().unwrap();
    let read = |name: &str| std::fs::read_to_string(format!("fixtures/{name}")).unwrap();
    let (old, new) = (read("review/old.json"), read("key-policy.json"));
    let grant = old.replace("\"kms:Decrypt\",", "\"kms:CreateGrant\",");
    assert_ne!(grant, old);
    let mut stdin = child.stdin.take().unwrap();
    for line in [
        json!({"id": 1, "old": old, "new": new}),
        json!({"old": old, "new": grant}),
        json!({"id": "x"}),
        json!({"id": [2], "old": old, "new": new, "kind": 5}),
    ] {
        writeln!(stdin, "{line}").unwrap();
    }
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(2), "one line is no pair, and one has no kind");
    let lines = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    lines.iter().for_each(|line| valid("diff-line", line));
    let outcome = |at: usize| (&lines[at]["relation"], &lines[at]["checks"][0]["outcome"]);
    assert_eq!(outcome(0), (&json!("narrower"), &json!("passed")));
    assert_eq!(outcome(1), (&json!("incomparable"), &json!("failed")));
    assert_eq!(lines[1]["checks"][0]["requests"][0]["action"], "kms:CreateGrant");
    assert_eq!(lines[2]["id"], "x");
    assert_eq!(lines[3], json!({"id": [2], "line": 4, "error": "`kind` must be a string"}));
}

#[test]
fn compact_reports() {
    for arguments in [
        &["bounds.json"][..],
        &["bounds.json", "--drop-sids"],
        &["bounds.json", "--wildcards", "--check"],
        &["policy.json"],
        &["../../../fixtures/key-policy.json"],
        &["../../../fixtures/sns/default.json", "--kind", "resource"],
    ] {
        let file = format!("../compact.in/{}", arguments[0]);
        let output = run(&[&["compact", &file, "--format", "json"], &arguments[1..]].concat());
        let value: Value = serde_json::from_str(&output).unwrap();
        valid("compact", &value);
        let mut policy: Value =
            serde_json::from_str(&std::fs::read_to_string(format!("tests/cmd/lint.in/{file}")).unwrap())
                .unwrap();
        let patch: json_patch::Patch = serde_json::from_value(value["patch"].clone()).unwrap();
        json_patch::patch(&mut policy, &patch).unwrap();
        assert_eq!(policy, value["policy"], "{arguments:?}");
    }
    let lines = run(&["compact", "--ndjson", "../compact.in/policies.ndjson"]);
    assert_eq!(lines.lines().count(), 5);
    lines.lines().for_each(|line| valid("compact-line", &serde_json::from_str(line).unwrap()));
}
