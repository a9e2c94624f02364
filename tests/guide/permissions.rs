//! The book names every permission that the scripts need.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::{Value, json};

use crate::accounts::{accounts, guide, root};

/// The IAM action of an operation that is not called like it (Service Authorization Reference).
const OTHERWISE: [(&str, &str, &str); 7] = [
    ("s3api", "list-buckets", "s3:ListAllMyBuckets"),
    ("s3api", "get-bucket-notification-configuration", "s3:GetBucketNotification"),
    ("s3api", "put-bucket-notification-configuration", "s3:PutBucketNotification"),
    ("s3api", "get-bucket-ownership-controls", "s3:GetBucketOwnershipControls"),
    ("s3api", "put-bucket-ownership-controls", "s3:PutBucketOwnershipControls"),
    ("s3api", "delete-bucket-ownership-controls", "s3:PutBucketOwnershipControls"),
    ("s3api", "get-bucket-location", "s3:GetBucketLocation"),
];

/// What a command needs besides, by a part of it: who creates with tags must be allowed to tag, and access of StackSets is
/// trusted access of Organizations.
const BESIDES: [(&str, &str); 7] = [
    ("iam create-role ", "iam:TagRole"),
    ("sns create-topic ", "sns:TagResource"),
    ("sqs create-queue ", "sqs:TagQueue"),
    ("cloudformation create-stack ", "cloudformation:TagResource"),
    ("cloudformation create-stack-set ", "cloudformation:TagResource"),
    ("cloudformation activate-organizations-access", "organizations:EnableAWSServiceAccess"),
    ("cloudformation deactivate-organizations-access", "organizations:DisableAWSServiceAccess"),
];

/// The permissions that a script needs for the commands of the AWS CLI in it.
fn permissions(script: &str) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    // What is printed is for a person.
    for line in script
        .lines()
        .filter(|line| !["#", "printf"].iter().any(|start| line.trim_start().starts_with(start)))
    {
        for (at, _) in line.match_indices("aws ") {
            let words: Vec<&str> = line[at..].split([' ', ')']).take(3).collect();
            let [_, service, operation] = words[..] else { continue };
            // Who is signed in, and the settings of the CLI, are for everyone.
            if ["sts", "configure"].contains(&service) {
                continue;
            }
            if (service, operation) == ("cloudformation", "wait") {
                all.insert("cloudformation:DescribeStacks".to_owned());
                continue;
            }
            let other = OTHERWISE.iter().find(|(own, name, _)| (*own, *name) == (service, operation));
            all.insert(match other {
                Some((_, _, action)) => (*action).to_owned(),
                None => {
                    let name: String = operation
                        .split('-')
                        .map(|word| word[..1].to_ascii_uppercase() + &word[1..])
                        .collect();
                    format!("{service}:{name}")
                }
            });
            let command = &line[at + 4..];
            let besides = BESIDES.iter().filter(|(part, _)| format!("{command} ").starts_with(part));
            all.extend(besides.map(|(_, action)| (*action).to_owned()));
        }
    }
    all
}

/// Answers of which some are changed: `None` is what AWS says where nothing is there.
fn world(name: &str, answers: &[(&str, Option<Value>)]) -> std::path::PathBuf {
    let folder = accounts(name);
    for (file, answer) in answers {
        let path = folder.join(format!("{file}.json"));
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        let error = path.with_extension("error");
        match answer {
            Some(answer) => std::fs::write(path, answer.to_string()).unwrap(),
            None => {
                let _ = std::fs::remove_file(path);
                let code = match file.rsplit('/').next().unwrap() {
                    "queue" => "AWS.SimpleQueueService.NonExistentQueue",
                    "topic" | "subscriptions" => "NotFound",
                    "bucket-ownership" => "OwnershipControlsNotFoundError",
                    "notification-key-alias" => "NotFoundException",
                    "stack-set" | "stack-instances" => "StackSetNotFoundException",
                    _ => "NoSuchEntity",
                };
                std::fs::write(error, format!("An error occurred ({code}) when …\n")).unwrap();
            }
        }
    }
    folder
}

#[test]
fn the_book_names_every_permission_that_the_scripts_need() {
    let mut needed: BTreeMap<(&str, &str), BTreeSet<String>> = BTreeMap::new();
    let mut add = |place, what, script: &str| {
        needed.entry((place, what)).or_default().extend(permissions(script));
    };
    let print = |arguments: &[&str]| String::from_utf8(guide(arguments).stdout).unwrap();
    for (place, name) in [("management", "management"), ("Log Archive", "log-archive")] {
        add(place, "read", &print(&["discover", name, "--values", "fixtures/expel.toml"]));
    }
    let values = std::fs::read_to_string(root().join("fixtures/expel.toml")).unwrap();
    let key = values.lines().find(|line| line.starts_with("YOUR_NOTIFICATION_KEY_ARN")).unwrap();
    let scratch = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let values_file = |name: &str, text: &str| {
        let path = scratch.join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let given = values_file("permissions-given.toml", &values);
    let new = values_file("permissions-new.toml", &values.replace(key, ""));
    let stack = values_file("permissions-stack.toml", &values.replace(key, "YOUR_OPTION = \"1\""));
    for values in [&given, &new] {
        let script = print(&["collect", "--values", values]);
        for part in script.split("\n  ;;\n") {
            let part = part.rsplit_once("case $account in\n").map_or(part, |(_, part)| part);
            match part {
                part if part.starts_with("111111111111)") => add("management", "read", part),
                part if part.starts_with("222222222222)") => add("Log Archive", "read", part),
                part if part.starts_with("*)") => add("member", "read", part),
                _ => {}
            }
        }
    }
    let roles = |account: &str| {
        ["role", "role-inline", "role-attached"].map(|file| (format!("{account}/{file}"), None::<Value>))
    };
    let mut nothing: Vec<(String, Option<Value>)> =
        roles("111111111111").into_iter().chain(roles("222222222222")).collect();
    for file in ["topic", "subscriptions", "queue", "notification-key-alias", "bucket-ownership"] {
        nothing.push((format!("222222222222/{file}"), None));
    }
    nothing.push(("222222222222/bucket-notification".to_owned(), Some(json!({}))));
    nothing.push(("111111111111/stack-sets".to_owned(), Some(json!({ "Status": "DISABLED" }))));
    for file in ["stack-set", "stack-instances"] {
        nothing.push((format!("111111111111/{file}"), None));
    }
    let empty = json!({ "Version": "2012-10-17", "Statement": [] });
    let policy = std::fs::read_to_string(root().join("fixtures/key-policy.json")).unwrap();
    nothing.push(("111111111111/trail-key".to_owned(), Some(json!({ "Policy": policy }))));
    let something = |account: &str| {
        let role = json!({ "Role": { "RoleName": "ExpelAssumeRole", "AssumeRolePolicyDocument": empty,
            "Arn": format!("arn:aws:iam::{account}:role/ExpelAssumeRole") } });
        [
            (format!("{account}/role"), Some(role)),
            (format!("{account}/role-inline"), Some(json!({ "PolicyNames": ["ExpelAccessPolicy"] }))),
            (
                format!("{account}/role-inline-1"),
                Some(json!({ "PolicyName": "ExpelAccessPolicy", "PolicyDocument": empty })),
            ),
            (format!("{account}/role-attached"), Some(json!({ "AttachedPolicies": [] }))),
        ]
    };
    let mut others: Vec<(String, Option<Value>)> =
        ["111111111111", "222222222222", "333333333300"].into_iter().flat_map(something).collect();
    others.push((
        "222222222222/bucket-ownership".to_owned(),
        Some(json!({ "OwnershipControls": { "Rules": [{ "ObjectOwnership": "ObjectWriter" }] } })),
    ));
    others.push(("111111111111/stack-instances".to_owned(), None));
    for (name, answers, values) in
        [("nothing", &nothing, &new), ("stack", &nothing, &stack), ("others", &others, &given)]
    {
        let answers: Vec<(&str, Option<Value>)> =
            answers.iter().map(|(file, answer)| (file.as_str(), answer.clone())).collect();
        let from = world(&format!("permissions-{name}"), &answers);
        let to = scratch.join(format!("permissions-{name}-plans"));
        let _ = std::fs::remove_dir_all(&to);
        let said = print(&[
            "plan",
            "--values",
            values,
            "--from",
            from.to_str().unwrap(),
            "-o",
            to.to_str().unwrap(),
        ]);
        for (folder, place) in [
            ("1-log-archive-222222222222", "Log Archive"),
            ("2-management-111111111111", "management"),
            ("3-member-333333333300", "member"),
        ] {
            let folder = to.join("0001").join(folder);
            if name == "others" || place != "member" {
                for script in ["run.sh", "rollback.sh"] {
                    let text = std::fs::read_to_string(folder.join(script));
                    add(place, "change", &text.unwrap_or_else(|_| panic!("{name} {place}: {said}")));
                }
            }
        }
    }
    let book = std::fs::read_to_string(root().join("docs/src/guide.md")).unwrap();
    let mut missing = Vec::new();
    for ((place, what), actions) in needed {
        let cell = actions.iter().map(|action| format!("`{action}`")).collect::<Vec<_>>().join(", ");
        let row = format!("| {place} | {what} | {cell} |");
        if !book.contains(&row) {
            missing.push(row);
        }
    }
    assert!(missing.is_empty(), "docs/src/guide.md lacks\n{}", missing.join("\n"));
}
