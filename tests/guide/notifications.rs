//! The bucket's notifications beside those of others.

use std::path::Path;

use serde_json::{Value, json};

use crate::accounts::{accounts, check, guide, plan};
use crate::detail;

/// What the bucket's notifications and the trail come to at step 8.
fn step8(folder: &Path, notifications: &Value, trail: Option<&Value>, more: &[&str]) -> Value {
    let write = |file: &str, value: &Value| std::fs::write(folder.join(file), value.to_string()).unwrap();
    write("222222222222/bucket-notification.json", notifications);
    match trail {
        Some(trail) => write("111111111111/trails.json", &json!({ "trailList": [trail] })),
        None => drop(std::fs::remove_file(folder.join("111111111111/trails.json"))),
    }
    check(folder, more)["steps"][7].clone()
}

#[test]
fn notifications_beside_others() {
    let folder = accounts("beside");
    let topic = "arn:aws:sns:us-east-1:222222222222:expel-topic";
    let filter = |prefix: &str| json!({ "Key": { "FilterRules": [{ "Name": "Prefix", "Value": prefix }] } });
    let trail = json!({ "Name": "org-trail", "S3BucketName": "aws-controltower-logs-222222222222-us-east-1",
        "S3KeyPrefix": "o-a1b2c3d4e5", "IsOrganizationTrail": true,
        "KmsKeyId": "arn:aws:kms:us-east-1:111111111111:key/11111111-2222-3333-4444-555555555555" });

    // One that does not overlap is kept, and named.
    let removed = json!({ "Id": "audit", "LambdaFunctionArn": "arn:aws:lambda:us-east-1:222222222222:function:scan",
                          "Events": ["s3:ObjectRemoved:*"] });
    let step = step8(&folder, &json!({ "LambdaFunctionConfigurations": [removed] }), None, &[]);
    assert_eq!(step["state"], "missing");
    assert!(detail(&step).contains("it keeps s3:ObjectRemoved:* to function `scan`"), "{step}");

    // One that does is named with all that decides it; a prefix may help where none is known.
    let config = json!({ "Id": "config", "QueueArn": "arn:aws:sqs:us-east-1:222222222222:q",
                         "Events": ["s3:ObjectCreated:Put"], "Filter": filter("config/") });
    let others = json!({ "QueueConfigurations": [config] });
    let step = step8(&folder, &others, None, &[]);
    assert_eq!(step["state"], "cannot-tell");
    for part in [
        "the queue notification `config`, s3:ObjectCreated:Put to `q` for prefix `config/`, overlaps with the step's",
        "; the trail's prefix, on which this depends, was not collected",
    ] {
        assert!(detail(&step).contains(part), "{part}: {step}");
    }
    // Nothing is to be changed before that is known: the account of the trail is to be collected.
    let from = folder.display().to_string();
    let output = guide(&["check", "--values", "fixtures/expel.toml", "--from", &from]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("signed in to 111111111111 (management)"), "{text}");
    assert!(!text.contains("step 8: a plan cannot do this"), "{text}");
    let error = "An error occurred (AccessDeniedException) when calling …\n";
    std::fs::write(folder.join("111111111111/trails.error"), error).unwrap();
    let step = step8(&folder, &others, None, &[]);
    assert_eq!(step["state"], "cannot-tell");
    assert!(detail(&step).contains("could not be read: An error occurred (AccessDenied"), "{step}");
    std::fs::remove_file(folder.join("111111111111/trails.error")).unwrap();
    // A prefix that was given is done only if it was compared with the trail.
    let own = json!({ "TopicConfigurations": [{ "Id": "mine", "TopicArn": topic,
        "Events": ["s3:ObjectCreated:*"], "Filter": filter("o-a1b2c3d4e5/") }] });
    let given = ["--set", "YOUR_LOG_PREFIX=o-a1b2c3d4e5/AWSLogs/"];
    let step = step8(&folder, &own, None, &given);
    assert_eq!(step["state"], "cannot-tell", "{step}");
    assert!(
        detail(&step).ends_with("the trail's prefix, on which this depends, was not collected"),
        "{step}"
    );
    assert_eq!(step8(&folder, &own, Some(&trail), &given)["state"], "done");
    // Where the trail is known, its prefix is taken; so is one that is given.
    let step = step8(&folder, &others, Some(&trail), &[]);
    assert_eq!(step["state"], "missing", "{step}");
    let own = "for prefix `o-a1b2c3d4e5/AWSLogs/o-a1b2c3d4e5/`";
    assert!(detail(&step).contains(own), "{step}");
    let step = step8(&folder, &others, None, &["--set", "YOUR_LOG_PREFIX=logs/AWSLogs/"]);
    assert_eq!(step["state"], "missing");
    assert!(detail(&step).contains("for prefix `logs/AWSLogs/`"), "{step}");
    // A prefix does not help where the other one has none.
    let all = json!({ "QueueConfigurations": [{ "Id": "all", "QueueArn": "arn:aws:sqs:us-east-1:222222222222:q",
                      "Events": ["s3:ObjectCreated:*"] }] });
    assert_eq!(step8(&folder, &all, Some(&trail), &[])["state"], "different");

    // A filter that lets through all that the trail writes is done, and no other one.
    for (prefix, done) in [
        ("o-a1b2c3d4e5/AWSLogs/o-a1b2c3d4e5/", true),
        ("o-a1b2c3d4e5/", true),
        ("o-a1", true),
        ("o-a1b2c3d4e5/AWSLogs/o-a1b2c3d4e5/111111111111/", false),
        ("AWSLogs/", false),
    ] {
        let own = json!({ "Id": "mine", "TopicArn": topic, "Events": ["s3:ObjectCreated:*"], "Filter": filter(prefix) });
        let step = step8(&folder, &json!({ "TopicConfigurations": [own] }), Some(&trail), &[]);
        assert_eq!(step["state"] == "done", done, "{prefix}: {step}");
        if done {
            assert!(detail(&step).ends_with(&format!("topic `expel-topic` for prefix `{prefix}`")), "{step}");
        }
    }
    // All events of `s3:ObjectCreated:*` are as good as it; S3 API, "Event". One less is not.
    let created =
        ["Put", "Post", "Copy", "CompleteMultipartUpload"].map(|each| format!("s3:ObjectCreated:{each}"));
    for (events, filter, done) in [
        (&created[..], Some(filter("o-a1b2c3d4e5/")), true),
        (&created[..], None, true),
        (&created[..3], Some(filter("o-a1b2c3d4e5/")), false),
    ] {
        let mut own = json!({ "Id": "mine", "TopicArn": topic, "Events": events });
        filter.into_iter().for_each(|filter| own["Filter"] = filter);
        for trail in [Some(&trail), None].into_iter().take(if own["Filter"].is_null() { 2 } else { 1 }) {
            let step = step8(&folder, &json!({ "TopicConfigurations": [own] }), trail, &[]);
            assert_eq!(step["state"] == "done", done, "{step}");
        }
    }
    // Two trails with different prefixes have none in common.
    let mut second = trail.clone();
    second["S3KeyPrefix"] = json!("other");
    std::fs::write(
        folder.join("111111111111/trails.json"),
        json!({ "trailList": [trail, second] }).to_string(),
    )
    .unwrap();
    std::fs::write(folder.join("222222222222/bucket-notification.json"), others.to_string()).unwrap();
    let step = check(&folder, &[])["steps"][7].clone();
    assert_eq!(step["state"], "different");
    assert!(detail(&step).contains("the trails have no prefix in common (org-trail to"), "{step}");
}

/// S3 takes two notifications of one event if no key has both their prefixes and both their suffixes: S3 guide,
/// "Configuring event notifications using object key name filtering". The keys of log files end with `.json.gz`:
/// CloudTrail guide, "CloudTrail log file names".
#[test]
fn notifications_with_a_suffix() {
    let folder = accounts("suffix");
    let topic = "arn:aws:sns:us-east-1:222222222222:expel-topic";
    let rules = |prefix: &str, suffix: &str| {
        let rule = |name: &str, value: &str| json!({ "Name": name, "Value": value });
        json!({ "Key": { "FilterRules": [rule("Prefix", prefix), rule("Suffix", suffix)] } })
    };
    let trail = json!({ "Name": "trail", "S3BucketName": "aws-controltower-logs-222222222222-us-east-1",
        "KmsKeyId": "arn:aws:kms:us-east-1:111111111111:key/11111111-2222-3333-4444-555555555555" });
    let other = |prefix: &str, suffix: &str| {
        json!({ "Id": "other", "QueueArn": "arn:aws:sqs:us-east-1:222222222222:q",
        "Events": ["s3:ObjectCreated:*"], "Filter": rules(prefix, suffix) })
    };
    // What the other one is limited to, whether the trail's prefix is known, and what the step's own is limited to.
    for (prefix, suffix, is_known, own) in [
        ("", ".csv", false, Some(" for suffix `.json.gz`")),
        ("", ".json", false, Some(" for suffix `.json.gz`")),
        ("", ".csv", true, Some(" for suffix `.json.gz`")),
        ("AWSLogs/", ".csv", true, Some(" for suffix `.json.gz`")),
        ("exports/", ".gz", true, Some(" for prefix `AWSLogs/`")),
        ("exports/", ".csv", true, Some(" for prefix `AWSLogs/`")),
        ("", ".gz", false, None),
        ("", ".gz", true, None),
        ("", "x.json.gz", true, None),
        ("AWSLogs/111111111111/", ".json.gz", true, None),
        ("exports/", ".gz", false, None),
    ] {
        let trail = is_known.then_some(&trail);
        let step = step8(&folder, &json!({ "QueueConfigurations": [other(prefix, suffix)] }), trail, &[]);
        match own {
            Some(own) => {
                assert_eq!(step["state"], "missing", "{prefix} {suffix}: {step}");
                assert!(detail(&step).contains(&format!("new objects{own}; it keeps")), "{step}");
            }
            None => {
                // A prefix helps against one that has a prefix itself.
                let helps = !prefix.is_empty() && !is_known;
                let state = if helps { "cannot-tell" } else { "different" };
                assert_eq!(step["state"], state, "{prefix} {suffix}: {step}");
                assert!(
                    detail(&step).contains(&format!("suffix `{suffix}`, overlaps with the step's")),
                    "{step}"
                );
                assert_eq!(detail(&step).contains("on which this depends, was not"), helps, "{step}");
            }
        }
    }
    // One by prefix and one by suffix: both are needed. One that nothing keeps apart is the one that is named.
    let two = [other("exports/", ".gz"), other("AWSLogs/", ".csv")];
    let step = step8(&folder, &json!({ "QueueConfigurations": two }), Some(&trail), &[]);
    assert_eq!(step["state"], "missing");
    assert!(detail(&step).contains("for prefix `AWSLogs/`, suffix `.json.gz`"), "{step}");
    let mut in_way = other("", ".gz");
    in_way["Id"] = json!("in-way");
    let step =
        step8(&folder, &json!({ "QueueConfigurations": [other("", ".csv"), in_way] }), Some(&trail), &[]);
    assert!(step["state"] == "different" && detail(&step).contains("`in-way`"), "{step}");
    // A prefix that was given stays, with a suffix where it takes one.
    let given = ["--set", "YOUR_LOG_PREFIX=AWSLogs/"];
    let step = step8(&folder, &json!({ "QueueConfigurations": [other("AWSLogs/", ".csv")] }), None, &given);
    assert!(detail(&step).contains("for prefix `AWSLogs/`, suffix `.json.gz`"), "{step}");

    // A suffix that all log files have is done, and no other one.
    for (prefix, suffix, done) in [
        ("", ".json.gz", true),
        ("", "gz", true),
        ("AWSLogs/", ".json.gz", true),
        ("", ".json", false),
        ("", "_x.json.gz", false),
        ("logs/", ".gz", false),
    ] {
        let own = json!({ "Id": "mine", "TopicArn": topic, "Events": ["s3:ObjectCreated:*"], "Filter": rules(prefix, suffix) });
        let step = step8(&folder, &json!({ "TopicConfigurations": [own] }), Some(&trail), &[]);
        assert_eq!(step["state"] == "done", done, "{prefix} {suffix}: {step}");
    }
}

/// S3 API, PutBucketNotificationConfiguration: an Id is there once, whatever the kind of destination.
#[test]
fn a_name_that_is_taken_is_not_used_again() {
    let folder = accounts("taken-name");
    let other = |list: &str, member: &str, arn: &str, id: &str| {
        json!({ list: [{ "Id": id, member: arn, "Events": ["s3:ObjectCreated:*"],
                         "Filter": { "Key": { "FilterRules": [{ "Name": "suffix", "Value": ".csv" }] } } }] })
    };
    let own = "expel-cloudtrail-objects";
    for (list, member, arn) in [
        ("QueueConfigurations", "QueueArn", "arn:aws:sqs:us-east-1:222222222222:q"),
        ("TopicConfigurations", "TopicArn", "arn:aws:sns:us-east-1:222222222222:siem"),
        (
            "LambdaFunctionConfigurations",
            "LambdaFunctionArn",
            "arn:aws:lambda:us-east-1:222222222222:function:scan",
        ),
    ] {
        for (id, expected) in [(own, "expel-cloudtrail-objects2"), ("audit", own)] {
            let mut there = other(list, member, arn, id);
            there["EventBridgeConfiguration"] = json!({});
            let step = step8(&folder, &there, None, &[]);
            assert_eq!(step["state"], "missing", "{list}: {step}");
            assert!(detail(&step).contains("and all events to EventBridge"), "{step}");
            let to = Path::new(env!("CARGO_TARGET_TMPDIR")).join("taken-name-plans");
            let _ = std::fs::remove_dir_all(&to);
            plan(&folder, &to, &[]);
            let documents = std::fs::read_dir(to.join("0001/1-log-archive-222222222222/documents")).unwrap();
            let document = documents.map(|file| file.unwrap().path());
            let document =
                document.into_iter().find(|file| file.to_string_lossy().ends_with("step8.json")).unwrap();
            let document: Value = serde_json::from_str(&std::fs::read_to_string(document).unwrap()).unwrap();
            assert_eq!(document["EventBridgeConfiguration"], json!({}), "{document:#}");
            let lists = document.as_object().unwrap().values().filter_map(Value::as_array);
            let mut ids: Vec<&str> = lists.flatten().map(|each| each["Id"].as_str().unwrap()).collect();
            ids.sort_unstable();
            let mut wanted = [id, expected];
            wanted.sort_unstable();
            assert_eq!(ids, wanted, "{list}");
        }
    }
}

/// S3 guide: a filter of an empty prefix is met by all keys.
#[test]
fn an_empty_filter_is_none() {
    let folder = accounts("empty-filter");
    let own = |rules: Value| {
        json!({ "TopicConfigurations": [{ "Id": "x", "TopicArn": "arn:aws:sns:us-east-1:222222222222:expel-topic",
            "Events": ["s3:ObjectCreated:*"], "Filter": { "Key": { "FilterRules": rules } } }] })
    };
    let empty = json!({ "Name": "Prefix", "Value": "" });
    for (rules, state) in [
        (json!([empty]), "done"),
        (json!([]), "done"),
        (json!([empty, { "Name": "Suffix", "Value": "" }]), "done"),
        // The trail may have it.
        (json!([{ "Name": "Prefix", "Value": "x" }]), "cannot-tell"),
    ] {
        assert_eq!(step8(&folder, &own(rules.clone()), None, &[])["state"], state, "{rules}");
    }
    // What is wider is told in words.
    let mut wide = own(json!([]));
    wide["TopicConfigurations"][0]["Events"] = json!(["s3:ObjectCreated:*", "s3:ObjectRemoved:*"]);
    let step = step8(&folder, &wide, None, &[]);
    assert_eq!(step["state"], "wider");
    assert!(
        detail(&step).ends_with("s3:ObjectCreated:*, s3:ObjectRemoved:* to topic `expel-topic`"),
        "{step}"
    );
}

/// A prefix that leaves out what a collected trail writes is refused: no message would ever come.
#[test]
fn a_prefix_that_the_trail_contradicts_is_refused() {
    let folder = accounts("contradicted");
    let write = |file: &str, value: &Value| std::fs::write(folder.join(file), value.to_string()).unwrap();
    let bucket = "aws-controltower-logs-222222222222-us-east-1";
    let key = "arn:aws:kms:us-east-1:111111111111:key/11111111-2222-3333-4444-555555555555";
    let trail = |more: &Value| {
        let mut trail = json!({ "Name": "own", "S3BucketName": bucket, "KmsKeyId": key,
            "TrailARN": "arn:aws:cloudtrail:us-east-1:111111111111:trail/own" });
        more.as_object().unwrap().iter().for_each(|(name, value)| trail[name] = value.clone());
        json!({ "trailList": [trail] })
    };
    let from = folder.display().to_string();
    let of = |prefix: &str| {
        let set = format!("YOUR_LOG_PREFIX={prefix}");
        let arguments = ["check", "--values", "fixtures/expel.toml", "--from", &from, "--set", &set];
        let output = guide(&arguments);
        (output.status.code() != Some(2), String::from_utf8(output.stderr).unwrap())
    };
    let organization = json!({ "IsOrganizationTrail": true });
    let corporate = json!({ "S3KeyPrefix": "corp", "IsOrganizationTrail": true });
    for (own, prefix, fits) in [
        (&organization, "AWSLogs/", true),
        (&organization, "AWSLogs/o-a1b2c3d4e5/", true),
        (&organization, "banana/", false),
        (&organization, "AWSLogs/o-a1b2c3d4e5/333333333300/", false),
        (&corporate, "corp/", true),
        (&corporate, "AWSLogs/", false),
        (&json!({}), "AWSLogs/111111111111/", true),
        (&json!({}), "AWSLogs/333333333300/", false),
    ] {
        write("111111111111/trails.json", &trail(own));
        let (is_taken, error) = of(prefix);
        assert_eq!(is_taken, fits, "{own} {prefix}: {error}");
        if !fits {
            let named = format!("YOUR_LOG_PREFIX is `{prefix}`, but the trail own writes to `");
            assert!(error.contains(&named), "{error}");
        }
    }
    // Without a trail, what no trail can have is refused.
    std::fs::remove_file(folder.join("111111111111/trails.json")).unwrap();
    assert!(of("banana/").0);
    for wrong in ["/AWSLogs/", "AWSLogs/*", "s3://bucket/AWSLogs/"] {
        let (is_taken, error) = of(wrong);
        assert!(
            !is_taken && error.contains("YOUR_LOG_PREFIX (--set): expected a prefix of S3 keys"),
            "{error}"
        );
    }
}

/// A name alone would be taken for a thing of the reader's own.
#[test]
fn a_destination_elsewhere_is_named_by_its_arn() {
    let folder = accounts("elsewhere");
    for (list, member, arn, name) in [
        ("TopicConfigurations", "TopicArn", "arn:aws:sns:us-east-1:999999999999:expel-topic", None),
        ("TopicConfigurations", "TopicArn", "arn:aws:sns:us-west-2:222222222222:expel-topic", None),
        ("QueueConfigurations", "QueueArn", "arn:aws:sqs:us-east-1:222222222222:expel-topic", None),
        ("QueueConfigurations", "QueueArn", "arn:aws:sqs:us-east-1:222222222222:jobs", Some("jobs")),
        (
            "LambdaFunctionConfigurations",
            "LambdaFunctionArn",
            "arn:aws:lambda:us-east-1:222222222222:function:siem:live",
            Some("siem:live"),
        ),
    ] {
        let there = json!({ list: [{ "Id": "x", member: arn, "Events": ["s3:ObjectCreated:*"] }] });
        let step = step8(&folder, &there, None, &[]);
        let named = format!("s3:ObjectCreated:* to `{}` without", name.unwrap_or(arn));
        assert!(detail(&step).contains(&named), "{step}");
    }
}

/// Several notifications may tell the topic together what one does; one that does not is no other's.
#[test]
fn notifications_that_do_it_together() {
    let folder = accounts("together");
    let topic = "arn:aws:sns:us-east-1:222222222222:expel-topic";
    let own = |id: &str, events: &[&str]| {
        let events: Vec<String> = events.iter().map(|event| format!("s3:ObjectCreated:{event}")).collect();
        json!({ "Id": id, "TopicArn": topic, "Events": events })
    };
    let rest = own("b", &["Post", "Copy", "CompleteMultipartUpload"]);
    let both = json!({ "TopicConfigurations": [own("a", &["Put"]), rest] });
    let step = step8(&folder, &both, None, &[]);
    assert_eq!(step["state"], "done", "{step}");
    let step = step8(&folder, &json!({ "TopicConfigurations": [own("a", &["Put"])] }), None, &[]);
    assert_eq!(step["state"], "different", "{step}");
    let only = "the topic notification `a` sends only s3:ObjectCreated:Put without a prefix or suffix to `expel-topic`: give it \
                s3:ObjectCreated:*";
    assert!(detail(&step).contains(only), "{step}");
    // Not for another prefix, nor to another topic.
    for (name, value) in [
        ("Filter", json!({ "Key": { "FilterRules": [{ "Name": "Prefix", "Value": "x/" }] } })),
        ("TopicArn", json!("arn:aws:sns:us-east-1:222222222222:other")),
    ] {
        let mut both = both.clone();
        both["TopicConfigurations"][1][name] = value;
        assert_eq!(step8(&folder, &both, None, &[])["state"], "different", "{both}");
    }
}

/// Two trails with two prefixes: one value cannot be right for both, and the one that is left out is named.
#[test]
fn a_prefix_of_one_trail_leaves_out_the_other() {
    let folder = accounts("two-trails");
    let trail = |name: &str, prefix: &str| {
        json!({ "Name": name, "S3BucketName": "aws-controltower-logs-222222222222-us-east-1", "S3KeyPrefix": prefix,
            "TrailARN": format!("arn:aws:cloudtrail:us-east-1:111111111111:trail/{name}"), "IsOrganizationTrail": true,
            "KmsKeyId": "arn:aws:kms:us-east-1:111111111111:key/11111111-2222-3333-4444-555555555555" })
    };
    let with = |trails: &[Value], notifications: &Value, more: &[&str]| {
        let trails = json!({ "trailList": trails }).to_string();
        std::fs::write(folder.join("111111111111/trails.json"), trails).unwrap();
        std::fs::write(folder.join("222222222222/bucket-notification.json"), notifications.to_string())
            .unwrap();
        check(&folder, more)
    };
    let filter = |prefix: &str| json!({ "Key": { "FilterRules": [{ "Name": "Prefix", "Value": prefix }] } });
    let exports = json!({ "TopicConfigurations": [{ "Id": "x", "TopicArn": "arn:aws:sns:us-east-1:222222222222:x",
        "Events": ["s3:ObjectCreated:*"], "Filter": filter("exports/") }] });
    let own = json!({ "TopicConfigurations": [{ "Id": "own", "TopicArn": "arn:aws:sns:us-east-1:222222222222:expel-topic",
        "Events": ["s3:ObjectCreated:*"], "Filter": filter("a/") }] });
    let both = [trail("one", "a"), trail("two", "b")];
    let step = with(&both, &exports, &[])["steps"][7].clone();
    assert_eq!(step["state"], "different");
    let reason = "the trails have no prefix in common (one to `a/AWSLogs/o-a1b2c3d4e5/`, two to `b/AWSLogs/o-a1b2c3d4e5/`)";
    assert!(
        detail(&step).contains(reason) && detail(&step).contains("set YOUR_LOG_PREFIX to one of these"),
        "{step}"
    );
    let given = ["--set", "YOUR_LOG_PREFIX=a/AWSLogs/"];
    for (notifications, state) in [(&own, "done"), (&exports, "missing")] {
        let report = with(&both, notifications, &given);
        let step = &report["steps"][7];
        assert_eq!(step["state"], state, "{step}");
        let left_out = "; it leaves out the trail two, which writes to `b/AWSLogs/o-a1b2c3d4e5/`";
        assert!(detail(step).contains(left_out), "{step}");
        let warning = "YOUR_LOG_PREFIX is `a/AWSLogs/`: log files of the trail two, in `b/AWSLogs/o-a1b2c3d4e5/`, do not reach Expel";
        assert_eq!(report["warnings"], json!([warning]));
        // No other step is about the prefix.
        assert!(
            !report["steps"]
                .as_array()
                .unwrap()
                .iter()
                .take(7)
                .any(|step| detail(step).contains("leaves out"))
        );
    }
    // One trail, or several with one prefix.
    for trails in [vec![trail("one", "a")], vec![trail("one", "a"), trail("two", "a")]] {
        for more in [&given[..], &[]] {
            let report = with(&trails, &own, more);
            assert_eq!(
                (&report["steps"][7]["state"], &report["warnings"]),
                (&json!("done"), &json!([])),
                "{report:#}"
            );
            assert!(!detail(&report["steps"][7]).contains("leaves out"));
        }
    }
}
