//! The guide on a pack of another vendor, which is data alone: nothing in the program knows of it.
#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Value, json};

const ACCOUNT: &str = "444444444444";
const QUEUE: &str = "arn:aws:sqs:eu-west-1:444444444444:northwind";
const KEY: &str = "arn:aws:kms:eu-west-1:444444444444:key/0a0a0a0a-1111-2222-3333-444444444444";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A folder with a configuration that names the pack, and a file of values.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(folder.join("accounts").join(ACCOUNT)).unwrap();
    let pack = root().join("tests/packs/northwind-watch");
    std::fs::write(folder.join("polmerge.toml"), format!("packs = [{:?}]\n", pack.display().to_string()))
        .unwrap();
    std::fs::write(
        folder.join("values.toml"),
        format!(
            "YOUR_NORTHWIND_BUCKET_ARN = \"arn:aws:s3:::logs-of-ours\"\nYOUR_NORTHWIND_QUEUE_ARN = \"{QUEUE}\"\n\
             YOUR_NORTHWIND_KEY_ARN = \"{KEY}\"\n"
        ),
    )
    .unwrap();
    folder
}

/// A copy of the pack below the folder.
fn copied(folder: &Path, name: &str) -> PathBuf {
    let pack = folder.join(name);
    std::fs::create_dir(&pack).unwrap();
    for file in ["pack.json", "key.json", "queue.json", "bucket.json"] {
        std::fs::copy(root().join("tests/packs/northwind-watch").join(file), pack.join(file)).unwrap();
    }
    pack
}

fn guide(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_polmerge"));
    command.current_dir(folder).arg("guide").args(arguments).args(["--pack", "northwind-watch"]);
    command.env("LC_ALL", "C.UTF-8").output().unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn answer(folder: &Path, file: &str, text: &str) {
    std::fs::write(folder.join("accounts").join(ACCOUNT).join(file), text).unwrap();
}

fn check(folder: &Path) -> Value {
    let output =
        guide(folder, &["check", "--values", "values.toml", "--from", "accounts", "--format", "json"]);
    let report: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
    let schema = std::fs::read_to_string(root().join("schemas/guide.schema.json")).unwrap();
    let validator = jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap();
    let errors: Vec<String> = validator.iter_errors(&report).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:?}");
    report
}

fn states(report: &Value) -> Vec<&str> {
    report["steps"].as_array().unwrap().iter().map(|step| step["state"].as_str().unwrap()).collect()
}

fn works(report: &Value) -> Vec<&str> {
    report["works"].as_array().unwrap().iter().map(|works| works["answer"].as_str().unwrap()).collect()
}

fn statements(step: &str) -> Value {
    let text =
        std::fs::read_to_string(root().join(format!("tests/packs/northwind-watch/{step}.json"))).unwrap();
    let text = text
        .replace("YOUR_NORTHWIND_QUEUE_ARN", QUEUE)
        .replace("YOUR_NORTHWIND_BUCKET_ARN", "arn:aws:s3:::logs-of-ours")
        .replace("YOUR_NORTHWIND_ACCOUNT_ID", ACCOUNT);
    let step: Value = serde_json::from_str(&text).unwrap();
    step["documents"][0]["statements"].clone()
}

#[test]
fn the_pack_fits_the_schemas() {
    let read = |path: &str| -> Value {
        serde_json::from_str(&std::fs::read_to_string(root().join(path)).unwrap()).unwrap()
    };
    for file in ["pack", "key", "queue", "bucket"] {
        let schema = if file == "pack" { "pack" } else { "step" };
        let validator = jsonschema::validator_for(&read(&format!("policies/{schema}.schema.json"))).unwrap();
        let value = read(&format!("tests/packs/northwind-watch/{file}.json"));
        let errors: Vec<String> = validator.iter_errors(&value).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{file}: {errors:?}");
    }
}

#[test]
fn from_init_to_plan_and_done() {
    let folder = folder("northwind");
    let init = out(&guide(&folder, &["init"]));
    assert!(init.starts_with("# The values for a log bucket for Northwind Watch.\n"), "{init}");
    assert!(init.contains("#YOUR_NORTHWIND_KEY_ARN = \"\"") && !init.contains("EXPEL"), "{init}");

    let script = out(&guide(&folder, &["collect", "--values", "values.toml"]));
    let commands = script.lines().filter(|line| line.starts_with("  "));
    let commands: Vec<&str> = commands.filter_map(|line| Some(line.split_once(" answer ")?.1)).collect();
    let name = "'logs-of-ours'";
    assert_eq!(
        commands,
        [
            format!("key-state 'NotFoundException' aws kms describe-key --key-id '{KEY}'"),
            format!("key 'NotFoundException' aws kms get-key-policy --key-id '{KEY}' --policy-name default"),
            format!(
                "queue 'AWS.SimpleQueueService.NonExistentQueue|QueueDoesNotExist' aws sqs get-queue-attributes --queue-url \
                 'https://sqs.eu-west-1.amazonaws.com/{ACCOUNT}/northwind' --attribute-names All"
            ),
            format!("bucket-location - aws s3api get-bucket-location --bucket {name}"),
            format!("bucket-notification - aws s3api get-bucket-notification-configuration --bucket {name}"),
        ]
    );

    // Nothing of it is there yet, but the key and a notification of someone else.
    let root_only = json!({ "Version": "2012-10-17", "Statement": [{ "Sid": "root", "Effect": "Allow",
        "Principal": { "AWS": format!("arn:aws:iam::{ACCOUNT}:root") }, "Action": "kms:*", "Resource": "*" }] });
    let key = |policy: &Value| json!({ "Policy": policy.to_string(), "PolicyName": "default" }).to_string();
    answer(&folder, "key-state.json", r#"{"KeyMetadata": {"KeyState": "Enabled"}}"#);
    answer(&folder, "key.json", &key(&root_only));
    answer(&folder, "queue.error", "An error occurred (QueueDoesNotExist) when calling …\n");
    answer(&folder, "bucket-location.json", r#"{"LocationConstraint": "eu-west-1"}"#);
    let other = json!({ "Id": "other", "QueueArn": "arn:aws:sqs:eu-west-1:444444444444:other", "Events": ["s3:ObjectRemoved:*"] });
    answer(&folder, "bucket-notification.json", &json!({ "QueueConfigurations": [other] }).to_string());
    let report = check(&folder);
    assert_eq!(states(&report), ["missing", "missing", "missing"]);
    assert_eq!(works(&report), ["not-yet", "not-yet", "not-yet"]);
    assert_eq!(report["accounts"], json!({ "logs": ACCOUNT }));
    assert_eq!((&report["option"], &report["form"]), (&Value::Null, &json!({})));
    let detail = report["steps"][2]["detail"].as_str().unwrap();
    assert!(detail.contains("northwind") && detail.contains("S3 tests the queue"), "{detail}");

    let planned = guide(&folder, &["plan", "--values", "values.toml", "--from", "accounts"]);
    assert_eq!(planned.status.code(), Some(0), "{planned:?}");
    let steps = folder.join("plan/0001").join(format!("1-logs-{ACCOUNT}"));
    let run = std::fs::read_to_string(steps.join("run.sh")).unwrap();
    let at = |text: &str| run.find(text).unwrap_or_else(|| panic!("no {text} in {run}"));
    let put = |text: &str| at(&format!("  aws {text}"));
    assert!(put("kms put-key-policy") < put("sqs create-queue"));
    assert!(put("sqs create-queue") < put("sqs set-queue-attributes"));
    assert!(put("sqs set-queue-attributes") < put("s3api put-bucket-notification-configuration"));
    let read = |file: &str| -> Value {
        serde_json::from_str(&std::fs::read_to_string(steps.join("documents").join(file)).unwrap()).unwrap()
    };
    let queue_policy = read("03-queue.json")["Policy"].as_str().unwrap().to_owned();
    let queue_policy: Value = serde_json::from_str(&queue_policy).unwrap();
    assert_eq!(queue_policy["Statement"], statements("queue"));
    let notifications = read("05-bucket.json");
    assert_eq!(notifications["QueueConfigurations"][0], other);
    assert_eq!(notifications["QueueConfigurations"][1]["QueueArn"], QUEUE);

    // A pack that says nothing of how lists meet leaves to others what is theirs, too.
    let pack = copied(&folder, "bare-pack");
    let mut bare: Value =
        serde_json::from_str(&std::fs::read_to_string(pack.join("bucket.json")).unwrap()).unwrap();
    bare["documents"][0]["settings"].as_object_mut().unwrap().remove("rules");
    std::fs::write(pack.join("bucket.json"), bare.to_string()).unwrap();
    let configuration = folder.join("polmerge.toml");
    let shipped = std::fs::read_to_string(&configuration).unwrap();
    std::fs::write(&configuration, "packs = [\"bare-pack\"]\n").unwrap();
    let planned = guide(&folder, &["plan", "--values", "values.toml", "--from", "accounts", "-o", "bare"]);
    assert_eq!(planned.status.code(), Some(0), "{planned:?}");
    let document = format!("bare/0001/1-logs-{ACCOUNT}/documents/05-bucket.json");
    let document = std::fs::read_to_string(folder.join(document)).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&document).unwrap(), notifications);
    std::fs::write(&configuration, shipped).unwrap();

    // As AWS would answer once that was run.
    answer(&folder, "key.json", &key(&read("01-key.json")));
    std::fs::remove_file(folder.join("accounts").join(ACCOUNT).join("queue.error")).unwrap();
    let attributes = json!({ "QueueArn": QUEUE, "KmsMasterKeyId": KEY, "Policy": queue_policy.to_string() });
    answer(&folder, "queue.json", &json!({ "Attributes": attributes }).to_string());
    answer(&folder, "bucket-notification.json", &notifications.to_string());
    let report = check(&folder);
    assert_eq!(states(&report), ["done", "done", "done"], "{report:#}");
    assert_eq!(works(&report), ["yes", "yes", "yes"]);
    assert_eq!(report["done"], true);
    let again = guide(&folder, &["plan", "--values", "values.toml", "--from", "accounts"]);
    assert!(out(&again).contains("Nothing to do"), "{again:?}");
    // Its file of values has its own name.
    std::fs::rename(folder.join("values.toml"), folder.join("northwind-watch.toml")).unwrap();
    let again = guide(&folder, &["check"]);
    assert_eq!(again.status.code(), Some(0), "{again:?}");
    std::fs::rename(folder.join("northwind-watch.toml"), folder.join("values.toml")).unwrap();

    // The report asks whether it would work where the pack says what has to.
    let human = |folder: &Path| {
        out(&guide(folder, &["check", "--values", "values.toml", "--from", "accounts"]))
            .contains("Would it work?")
    };
    assert!(human(&folder));
    let pack = copied(&folder, "pack");
    let mut plain: Value =
        serde_json::from_str(&std::fs::read_to_string(pack.join("pack.json")).unwrap()).unwrap();
    plain["guide"].as_object_mut().unwrap().remove("works").unwrap();
    std::fs::write(pack.join("pack.json"), plain.to_string()).unwrap();
    let config = std::fs::read_to_string(folder.join("polmerge.toml")).unwrap();
    std::fs::write(folder.join("polmerge.toml"), "packs = [\"pack\"]\n").unwrap();
    assert!(!human(&folder));
    std::fs::write(folder.join("polmerge.toml"), config).unwrap();

    // Everyone of the vendor's account is too many.
    let wide = queue_policy.to_string().replace("role/NorthwindReader", "root");
    let attributes = json!({ "QueueArn": QUEUE, "KmsMasterKeyId": KEY, "Policy": wide });
    answer(&folder, "queue.json", &json!({ "Attributes": attributes }).to_string());
    assert_eq!(works(&check(&folder)), ["yes", "no", "yes"]);
}

#[test]
fn its_values_are_discovered() {
    let folder = folder("northwind-discovered");
    let script = out(&guide(&folder, &["discover"]));
    let commands: Vec<&str> = script.lines().filter_map(|line| line.strip_prefix("answer ")).collect();
    assert_eq!(
        commands,
        [
            "account - aws sts get-caller-identity --output json",
            "northwind-bucket-arn-1 - aws s3api list-buckets --query 'Buckets[].Name' --output json",
            "northwind-key-arn-1 - aws kms list-aliases --query 'Aliases[?TargetKeyId && !starts_with(AliasName, \
             '\\''alias/aws/'\\'')].{value: TargetKeyId, of: AliasName}' --output json",
            "northwind-queue-arn-1 - aws sqs list-queues --query 'QueueUrls[?contains(@, '\\''northwind'\\'')]' --output json",
        ]
    );
    assert!(
        script.ends_with(
            "polmerge guide init --pack northwind-watch --from discovered -o northwind-watch.toml'\n"
        ),
        "{script}"
    );

    let answers = folder.join("discovered/logs");
    std::fs::create_dir_all(&answers).unwrap();
    let write = |file: &str, answer: Value| {
        std::fs::write(answers.join(format!("{file}.json")), answer.to_string()).unwrap();
    };
    write(
        "account",
        json!({ "Account": ACCOUNT, "Arn": format!("arn:aws-cn:iam::{ACCOUNT}:user/engineer") }),
    );
    write("region", json!("cn-north-1"));
    write("northwind-bucket-arn-1", json!(["logs-of-ours"]));
    write(
        "northwind-key-arn-1",
        json!([{ "value": "0a0a", "of": "alias/logs" }, { "value": "0b0b", "of": "alias/x" }]),
    );
    write("northwind-queue-arn-1", Value::Null);
    let written = guide(&folder, &["init", "--from", "discovered", "-o", "northwind-watch.toml"]);
    assert_eq!(written.status.code(), Some(0), "{written:?}");
    let text = std::fs::read_to_string(folder.join("northwind-watch.toml")).unwrap();
    for lines in [
        "# A bucket, in 444444444444 (log).\nYOUR_NORTHWIND_BUCKET_ARN = \"arn:aws-cn:s3:::logs-of-ours\"\n",
        "#   the key with alias/logs, in 444444444444 (log)\n#YOUR_NORTHWIND_KEY_ARN = \"arn:aws-cn:kms:cn-north-1:444444444444:key/0a0a\"\n",
        "#   the key with alias/x, in 444444444444 (log)\n#YOUR_NORTHWIND_KEY_ARN = \"arn:aws-cn:kms:cn-north-1:444444444444:key/0b0b\"\n",
        "\nYOUR_NORTHWIND_QUEUE_ARN = \"arn:aws-cn:sqs:cn-north-1:444444444444:northwind\"\n",
    ] {
        assert!(text.contains(lines), "{lines}: {text}");
    }
    let next = String::from_utf8(written.stderr).unwrap();
    assert!(
        next.contains("Still to be filled in: YOUR_NORTHWIND_KEY_ARN.")
            && next.contains("polmerge guide collect --pack northwind-watch | bash"),
        "{next}"
    );
}

#[test]
fn a_pack_that_cannot_be_used_is_refused() {
    let folder = folder("no-pack");
    let asked = |name: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_polmerge"));
        let output = command.current_dir(&folder).args(["guide", "init", "--pack", name]).output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    let (status, error) = asked("northwind");
    assert_eq!(status, Some(2));
    assert!(error.contains("expel-control-tower, northwind-watch"), "{error}");

    // Names that would be more than names in a script or a path.
    let pack = copied(&folder, "pack");
    std::fs::write(folder.join("polmerge.toml"), "packs = [\"pack\"]\n").unwrap();
    let whole = std::fs::read_to_string(pack.join("pack.json")).unwrap();
    for (old, new) in [
        ("\"name\": \"logs\"", "\"name\": \"../logs\""),
        ("\"title\": \"log\"", "\"title\": \"log\\ntouch here\""),
        ("\"vendor\":", "\"values-file\": \"../x.toml\", \"vendor\":"),
        ("\"type\": \"s3-bucket-arn\",", "\"type\": \"s3-bucket-arn\", \"file\": \"../x\","),
        // A script that only reads.
        ("\"aws s3api list-buckets\"", "\"aws s3api delete-bucket --bucket x\""),
        ("\"aws s3api list-buckets\"", "\"aws s3api list-buckets; touch here\""),
        ("\"query\": \"Buckets[].Name\"", "\"query\": \"Buckets[].Name\\ntouch here\""),
        ("\"origin\": \"a bucket\"", "\"origin\": \"a bucket\\nYOUR_X = 1\""),
        ("\"new\": \"northwind\"", "\"new\": \"north wind\""),
        (
            "\"account\": \"logs\",\n            \"command\": \"aws s3api",
            "\"account\": \"others\",\n            \"command\": \"aws s3api",
        ),
    ] {
        assert!(whole.contains(old), "{old}");
        std::fs::write(pack.join("pack.json"), whole.replace(old, new)).unwrap();
        let (status, error) = asked("northwind-watch");
        assert_eq!(status, Some(2), "{new}");
        assert!(error.contains("is not valid as"), "{error}");
    }

    // Without a way to find values, they are filled in by hand.
    let mut plain: Value = serde_json::from_str(&whole).unwrap();
    for parameter in plain["parameters"].as_object_mut().unwrap().values_mut() {
        parameter.as_object_mut().unwrap().remove("discover");
    }
    std::fs::write(pack.join("pack.json"), plain.to_string()).unwrap();
    let output = guide(&folder, &["discover"]);
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!((output.status.code(), output.stdout), (Some(2), Vec::new()));
    let init = "for a file to fill in: polmerge guide init --pack northwind-watch -o northwind-watch.toml\n";
    assert!(error.contains("does not say how to find its values") && error.contains(init), "{error}");
    let output = guide(&folder, &["check"]);
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(error.contains(init) && !error.contains("discover"), "{error}");
}

/// The files of the pack that the book's page shows, by the path above each.
fn files_of_the_book() -> Vec<(String, String)> {
    let page = std::fs::read_to_string(root().join("docs/src/packs.md")).unwrap();
    let mut parts = page.split("`packs/acme-watch/").skip(1);
    let files = parts.by_ref().filter_map(|part| {
        let (name, rest) = part.split_once("`:\n\n```json\n")?;
        Some((name.to_owned(), rest.split("```").next()?.to_owned()))
    });
    files.collect()
}

/// A folder with the pack of the book.
fn folder_of_the_book(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(folder.join("packs/acme-watch")).unwrap();
    std::fs::write(folder.join("polmerge.toml"), "packs = [\"packs/acme-watch\"]\n").unwrap();
    for (file, text) in files_of_the_book() {
        std::fs::write(folder.join("packs/acme-watch").join(file), text).unwrap();
    }
    folder
}

fn run(folder: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_polmerge"));
    let output = command.current_dir(folder).args(arguments).env("LC_ALL", "C.UTF-8").output().unwrap();
    let error = String::from_utf8(output.stderr.clone()).unwrap();
    (output.status.code(), out(&output), error)
}

#[test]
fn the_pack_of_the_book_works() {
    let folder = folder_of_the_book("book-pack");
    let files = files_of_the_book();
    assert_eq!(
        files.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(),
        ["pack.json", "queue.json", "bucket.json"]
    );
    for (file, text) in &files {
        let schema = if file == "pack.json" { "pack" } else { "step" };
        let schema = std::fs::read_to_string(root().join(format!("policies/{schema}.schema.json"))).unwrap();
        let validator = jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap();
        let value = serde_json::from_str(text).unwrap();
        let errors: Vec<String> = validator.iter_errors(&value).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{file}: {errors:?}");
    }
    // `--pack` before the subcommand, as the page has it, and after it.
    let before = run(&folder, &["guide", "--pack", "acme-watch", "init", "-o", "acme-watch.toml"]);
    assert_eq!(before.0, Some(0), "{before:?}");
    assert_eq!(run(&folder, &["guide", "init", "--pack", "acme-watch"]).0, Some(0));
    let queue = QUEUE.replace("northwind", "acme");
    let values = std::fs::read_to_string(folder.join("acme-watch.toml")).unwrap();
    let values =
        values.replace("#YOUR_ACME_BUCKET_ARN = \"\"", "YOUR_ACME_BUCKET_ARN = \"arn:aws:s3:::logs\"");
    let values = values.replace("#YOUR_ACME_QUEUE_ARN = \"\"", &format!("YOUR_ACME_QUEUE_ARN = \"{queue}\""));
    std::fs::write(folder.join("acme-watch.toml"), values).unwrap();
    let collect = run(&folder, &["guide", "--pack", "acme-watch", "collect"]);
    assert!(
        collect.0 == Some(0) && collect.1.contains("get-bucket-notification-configuration"),
        "{collect:?}"
    );

    // What is of others stays, whichever list it is in.
    std::fs::create_dir_all(folder.join("accounts").join(ACCOUNT)).unwrap();
    let others = json!({
        "TopicConfigurations": [{ "Id": "t", "TopicArn": "arn:aws:sns:eu-west-1:444444444444:t", "Events": ["s3:ObjectRemoved:*"] }],
        "QueueConfigurations": [{ "Id": "q", "QueueArn": "arn:aws:sqs:eu-west-1:444444444444:q", "Events": ["s3:ObjectRestore:*"] }],
    });
    answer(&folder, "queue.error", "An error occurred (QueueDoesNotExist) when calling …\n");
    answer(&folder, "bucket-location.json", r#"{"LocationConstraint": "eu-west-1"}"#);
    answer(&folder, "bucket-notification.json", &others.to_string());
    let check = run(&folder, &["guide", "check", "--pack", "acme-watch"]);
    assert!(check.0 == Some(1) && check.1.contains("0 of 2 done, 2 missing"), "{check:?}");
    let plan = run(&folder, &["guide", "--pack", "acme-watch", "plan"]);
    assert_eq!(plan.0, Some(0), "{plan:?}");
    let documents = folder.join(format!("plan/0001/1-logs-{ACCOUNT}/documents"));
    let mut notifications = std::fs::read_dir(documents).unwrap().map(|file| file.unwrap().path());
    let notifications = notifications.find(|path| path.ends_with("04-bucket.json")).unwrap();
    let notifications: Value =
        serde_json::from_str(&std::fs::read_to_string(notifications).unwrap()).unwrap();
    assert_eq!(notifications["TopicConfigurations"], others["TopicConfigurations"]);
    assert_eq!(notifications["QueueConfigurations"][0], others["QueueConfigurations"][0]);
    assert_eq!(notifications["QueueConfigurations"][1]["QueueArn"], queue);
    // One that S3 would not accept beside the step's is no place for it.
    let overlapping = json!({ "TopicConfigurations": [{ "Id": "t", "TopicArn": "arn:aws:sns:eu-west-1:444444444444:t",
        "Events": ["s3:ObjectCreated:Put"] }] });
    answer(&folder, "bucket-notification.json", &overlapping.to_string());
    let check = run(&folder, &["guide", "check", "--pack", "acme-watch"]);
    assert!(check.1.contains("different") && check.1.contains("overlaps"), "{check:?}");
}

#[test]
fn the_book_names_every_member_of_a_pack() {
    let page = std::fs::read_to_string(root().join("docs/src/packs.md")).unwrap();
    for file in ["pack", "step"] {
        let schema = std::fs::read_to_string(root().join(format!("policies/{file}.schema.json"))).unwrap();
        let schema: Value = serde_json::from_str(&schema).unwrap();
        let mut objects = vec![&schema];
        let mut count = 0;
        while let Some(value) = objects.pop() {
            objects.extend(value.as_object().into_iter().flat_map(|members| members.values()));
            objects.extend(value.as_array().into_iter().flatten());
            let required =
                |name: &str| value["required"].as_array().is_some_and(|all| all.contains(&json!(name)));
            let members = value.get("properties").and_then(Value::as_object).into_iter().flatten();
            // The elements of a statement are AWS's, and placeholders in a template are the pack's.
            let own = members.filter(|(name, _)| name.starts_with(|first: char| first.is_ascii_lowercase()));
            for (name, _) in own {
                count += 1;
                let star = if required(name) { "` *" } else { "`" };
                let is_named = ["`", ".", "]", "\"", "NAME."]
                    .iter()
                    .any(|before| page.contains(&format!("{before}{name}{star}")))
                    || (!required(name) && page.contains(&format!("\"{name}\":")));
                assert!(is_named, "{file}.schema.json: {name}{star}");
            }
        }
        assert!(count > 30, "{count}");
    }
}

#[test]
fn all_that_is_wrong_with_a_pack_is_listed_with_its_place() {
    let folder = folder_of_the_book("wrong-pack");
    let path = |file: &str| folder.join("packs/acme-watch").join(file);
    let read = |file: &str| -> Value {
        serde_json::from_str(&std::fs::read_to_string(path(file)).unwrap()).unwrap()
    };
    let whole = ["pack.json", "queue.json", "bucket.json"].map(|file| (file, read(file)));
    let faults = |changes: &[(&str, &str, Option<Value>)]| -> Vec<String> {
        for (file, value) in &whole {
            let mut value = value.clone();
            for (_, at, to) in changes.iter().filter(|(own, _, _)| own == file) {
                let (parent, name) = at.rsplit_once('/').unwrap();
                let parent = value.pointer_mut(parent).unwrap();
                match (parent, to) {
                    (Value::Object(members), Some(to)) => drop(members.insert(name.to_owned(), to.clone())),
                    (Value::Object(members), None) => drop(members.remove(name).unwrap()),
                    (parent, to) => parent[name.parse::<usize>().unwrap()] = to.clone().unwrap(),
                }
            }
            std::fs::write(path(file), value.to_string()).unwrap();
        }
        let (status, _, error) = run(&folder, &["guide", "init", "--pack", "acme-watch"]);
        assert_eq!(status, Some(if error.is_empty() { 0 } else { 2 }), "{error}");
        error.lines().skip(1).map(|line| line.trim().to_owned()).filter(|line| !line.is_empty()).collect()
    };
    assert_eq!(faults(&[]), [""; 0]);
    // What cannot be read, of all files at once.
    let unread = faults(&[
        ("pack.json", "/guide/vendor", None),
        ("pack.json", "/guide/accounts/0/region-of", Some(json!("YOUR_ACME_QUEUE_ARN"))),
        ("pack.json", "/parameters/YOUR_ACME_QUEUE_ARN/find", None),
        ("queue.json", "/documents/1/settings/members", None),
        ("queue.json", "/documents/1/settings/member", Some(json!({}))),
        ("bucket.json", "/documents/0/kind", Some(json!("bucket-news"))),
        ("bucket.json", "/documents/0/attached-to", None),
    ]);
    let starts = |found: &[String], all: &[&str]| {
        assert_eq!(found.len(), all.len(), "{found:#?}");
        for start in all {
            assert!(found.iter().any(|line| line.starts_with(start)), "{start}: {found:#?}");
        }
    };
    starts(
        &unread,
        &[
            "pack.json: /parameters/YOUR_ACME_QUEUE_ARN: the member `find` is missing",
            "pack.json: /guide: the member `vendor` is missing",
            "pack.json: /guide/accounts/0/region-of: must be of type array",
            "queue.json: /documents/1/settings: the member `members` is missing",
            "queue.json: /documents/1/settings/member: not a known member; known are `inside`",
            "bucket.json: /documents/0: the member `attached-to` is missing",
            "bucket.json: /documents/0/kind: `bucket-news` is not one of `sqs-attributes`",
        ],
    );
    // Names of what is not in the pack, wherever they are.
    let named = faults(&[
        ("pack.json", "/guide/accounts/0/id", Some(json!("YOUR_QUEUE_ACCOUNT"))),
        ("pack.json", "/guide/accounts/0/title", Some(json!(" "))),
        ("pack.json", "/guide/accounts/0/after", Some(json!("other"))),
        ("pack.json", "/guide/works/0/steps/0", Some(json!("quene"))),
        ("pack.json", "/guide/works/0/text", Some(json!("S3 can send to YOUR_QUEUE"))),
        ("queue.json", "/account", Some(json!("log"))),
        ("queue.json", "/documents/0/resource", Some(json!("ACME_QUEUE_ARN"))),
        ("queue.json", "/documents/0/statements/0/Resource", Some(json!("YOUR_ACME_QUEUE"))),
        (
            "bucket.json",
            "/documents/0/settings/members/QueueConfigurations/0/QueueArn",
            Some(json!("YOUR_ACME_Q")),
        ),
    ]);
    starts(
        &named,
        &[
            "pack.json: /guide/accounts/0/title: ` ` is not valid as a title",
            "pack.json: /guide/works/0/steps: `quene` is not one of `steps`",
            "pack.json: /guide/accounts/0/after: `other` is not the name of one of `guide.accounts`",
            "pack.json: /guide/accounts/0/id: `YOUR_QUEUE_ACCOUNT` is not in `parameters`",
            "pack.json: /guide/works/0/text: `YOUR_QUEUE` is not in `parameters`",
            "queue.json: /account: `log` is not the name of one of `guide.accounts`",
            "queue.json: /documents/0/resource: `ACME_QUEUE_ARN` is not in `parameters`",
            "queue.json: /documents/0/statements/0/Resource: `YOUR_ACME_QUEUE` is not in `parameters`",
            "bucket.json: /documents/0/settings/members/QueueConfigurations/0/QueueArn: `YOUR_ACME_Q` is not in",
        ],
    );
    // A key that the guide could not create.
    let key = |more: Value| {
        let mut key = json!({ "type": "kms-key-arn", "description": "the key", "find": { "where": "there" },
            "create": { "alias": "acme", "description": "Acme" } });
        key.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        ("pack.json", "/parameters/YOUR_ACME_KEY_ARN", Some(key))
    };
    let policy = ("queue.json", "/documents/0/kind", Some(json!("kms")));
    let of_key = ("queue.json", "/documents/0/resource", Some(json!("YOUR_ACME_KEY_ARN")));
    assert_eq!(faults(&[key(json!({})), policy.clone(), of_key.clone()]), [""; 0]);
    let from_key = json!([{ "account-of": "YOUR_ACME_KEY_ARN" }]);
    for (changes, part) in [
        (vec![key(json!({}))], "create: no step with a `label` has a document of kind `kms`"),
        (
            vec![key(json!({ "type": "arn" })), policy.clone(), of_key.clone()],
            "create: only a parameter of type `kms-key-arn`",
        ),
        (
            vec![
                key(json!({ "create": { "alias": "alias/acme", "description": "x" } })),
                policy.clone(),
                of_key.clone(),
            ],
            "leave out `alias/`",
        ),
        (
            vec![
                key(json!({})),
                policy.clone(),
                of_key.clone(),
                ("pack.json", "/guide/accounts/0/region-of/0", Some(json!("YOUR_ACME_KEY_ARN"))),
            ],
            "create: the key's Region must be known",
        ),
        (
            vec![
                key(json!({})),
                policy,
                of_key,
                ("pack.json", "/parameters/YOUR_ACME_ACCOUNT_ID/derive", Some(from_key)),
            ],
            "create: the key's account must be known",
        ),
    ] {
        let found = faults(&changes);
        assert!(found.len() == 1 && found[0].contains(part), "{part}: {found:#?}");
    }
}
