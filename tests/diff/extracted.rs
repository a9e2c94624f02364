//! `diff` of files with many policies says of each what `diff` of that policy by itself says: templates and plans of real
//! policies, and of a few of our own where the corpus is not there.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value as Json, json};

use crate::corpus;

/// A kind of policy: how `--kind` calls it, and the resource and the member that it has in a template and in a plan.
type Sort = (&'static str, [(&'static str, &'static str); 2]);

const SORTS: [Sort; 6] = [
    ("identity", [("AWS::IAM::ManagedPolicy", "PolicyDocument"), ("aws_iam_policy", "policy")]),
    ("trust", [("AWS::IAM::Role", "AssumeRolePolicyDocument"), ("aws_iam_role", "assume_role_policy")]),
    ("kms", [("AWS::KMS::Key", "KeyPolicy"), ("aws_kms_key", "policy")]),
    ("s3", [("AWS::S3::BucketPolicy", "PolicyDocument"), ("aws_s3_bucket_policy", "policy")]),
    ("sns", [("AWS::SNS::TopicPolicy", "PolicyDocument"), ("aws_sns_topic_policy", "policy")]),
    ("sqs", [("AWS::SQS::QueuePolicy", "PolicyDocument"), ("aws_sqs_queue_policy", "policy")]),
];

/// The policies of one sort that can be in any of the files: what is filled in, another file would read otherwise.
fn pool(kind: &str, has_corpus: bool) -> Vec<Json> {
    let own = |action: &str| {
        let mut one = json!({"Effect": "Allow", "Action": action, "Resource": "*"});
        if kind != "identity" {
            one["Principal"] = json!({"AWS": "111111111111"});
        }
        json!({"Version": "2012-10-17", "Statement": [one]})
    };
    if !has_corpus {
        return ["s3:GetObject", "s3:Get*", "s3:PutObject", "s3:*", "sqs:SendMessage"].map(own).into();
    }
    let all = corpus::policies("diff_extracted", &[kind]).unwrap();
    let texts =
        all.iter().map(|one| one.policy.get()).filter(|text| !text.contains("${") && !text.contains('<'));
    let policies = texts.filter_map(|text| serde_json::from_str::<Json>(text).ok());
    policies.filter(|policy| policy["Statement"].is_array()).collect()
}

fn template(policies: &[(&Sort, Json)]) -> Json {
    let resource = |(at, ((_, [(kind, member), _]), policy)): (usize, &(&Sort, Json))| {
        (format!("R{at}"), json!({"Type": kind, "Properties": {*member: policy}}))
    };
    json!({"Resources": policies.iter().enumerate().map(resource).collect::<serde_json::Map<String, Json>>()})
}

fn plan(policies: &[(&Sort, Json)]) -> Json {
    let resource = |(at, ((_, [_, (kind, member)]), policy)): (usize, &(&Sort, Json))| {
        json!({"address": format!("{kind}.R{at}"), "mode": "managed", "type": kind, "name": format!("R{at}"),
            "values": {*member: policy.to_string()}})
    };
    let resources: Vec<Json> = policies.iter().enumerate().map(resource).collect();
    json!({"format_version": "1.2", "planned_values": {"root_module": {"resources": resources}}})
}

fn diff(folder: &Path, arguments: &[&str], input: &str) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_polmerge"));
    command.arg("diff").args(arguments).current_dir(folder).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap()
}

/// What the comparison of one policy with another says.
fn told(of: &Json) -> Vec<&Json> {
    ["relation", "exact", "added", "removed", "no_longer_denied", "denied"].map(|name| &of[name]).into()
}

#[test]
fn each_policy_of_a_file_is_compared_as_by_itself() {
    let folder = tempfile::tempdir().unwrap();
    let put = |name: &str, file: &Json| std::fs::write(folder.path().join(name), file.to_string()).unwrap();
    let has_corpus = corpus::folder("files with many real policies").is_some();
    let pools = SORTS.map(|(kind, _)| pool(kind, has_corpus));
    let policy = |sort: usize, number: usize| pools[sort][number % pools[sort].len()].clone();
    // With the first statement of another one behind its own, without its last one, or another one altogether.
    let changed = |sort: usize, number: usize, old: &Json| {
        let (other, mut new) = (policy(sort, number * 31 + 7), old.clone());
        let statements = new["Statement"].as_array_mut().unwrap();
        match number % 4 {
            0 => return other,
            1 if statements.len() > 1 => drop(statements.pop()),
            2 => statements.push(other["Statement"][0].clone()),
            _ => {}
        }
        new
    };
    let mut compared = 0;
    for (form, number) in [(template as fn(&[(&Sort, Json)]) -> Json, 50), (plan, 20)] {
        for at in 0..number {
            let sorts = (0..5).map(|place| (at + place * place) % SORTS.len());
            let old: Vec<(usize, Json)> =
                sorts.enumerate().map(|(place, sort)| (sort, policy(sort, at * 17 + place * 5))).collect();
            let new =
                old.iter().enumerate().map(|(place, (sort, old))| (*sort, changed(*sort, at + place, old)));
            let new: Vec<(usize, Json)> = new.collect();
            let of = |side: &[(usize, Json)]| -> Vec<(&Sort, Json)> {
                side.iter().map(|(sort, policy)| (&SORTS[*sort], policy.clone())).collect()
            };
            put("old.json", &form(&of(&old)));
            put("new.json", &form(&of(&new)));
            let run = diff(folder.path(), &["old.json", "new.json", "--format", "json"], "");
            let all: Json = serde_json::from_str(&run).unwrap();
            let lines = old.iter().zip(&new).enumerate().filter(|(_, (old, new))| old.1 != new.1);
            let lines: Vec<String> = lines
                .map(|(place, (old, new))| {
                    json!({"id": place, "old": old.1.to_string(), "new": new.1.to_string(), "kind": SORTS[old.0].0})
                        .to_string()
                })
                .collect();
            let answers = diff(folder.path(), &["--ndjson"], &lines.join("\n"));
            let expected: Vec<Json> =
                answers.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
            assert!(expected.iter().all(|one| one["relation"].is_string()), "{answers}");
            let found: Vec<Vec<&Json>> = all["policies"].as_array().unwrap().iter().map(told).collect();
            let expected: Vec<Vec<&Json>> = expected.iter().map(told).collect();
            assert_eq!(found, expected, "{at}: {all}");
            assert_eq!(all["summary"]["untouched"], 5 - expected.len(), "{all}");
            compared += expected.len();
        }
    }
    assert!(compared > 150, "{compared}");
}
