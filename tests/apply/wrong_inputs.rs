//! Wrong inputs of `apply`: a clear error, nothing printed, the file as it was. Those of `guide plan` are in
//! `tests/guide/plan.rs`, among them the role of the wrong account, of which `apply` only warns.
#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::Path;
use std::process::{Command, Stdio};

const TOPIC: &str = "YOUR_TOPIC_ARN=arn:aws:sns:us-east-1:222222222222:expel-topic";
const QUEUE: &str = "YOUR_SQS_QUEUE_ARN=arn:aws:sqs:us-east-1:222222222222:expel-queue";
const BUCKET: &str = "YOUR_S3_ARN=arn:aws:s3:::logs";

/// What is wrong, the file, the step, what follows it, and the error.
type Case = (&'static str, &'static str, &'static str, &'static [&'static str], &'static str);

const CASES: &[Case] = &[
    (
        "the queue in another Region",
        "answers/sqs-get-queue-attributes.json",
        "step5",
        &["--set", TOPIC, "--set", "YOUR_SQS_QUEUE_ARN=arn:aws:sqs:eu-west-1:222222222222:expel-queue"],
        "YOUR_TOPIC_ARN and YOUR_SQS_QUEUE_ARN are not of one Region",
    ),
    (
        "a FIFO topic",
        "answers/sns-get-topic-attributes.json",
        "step4",
        &["--set", BUCKET, "--set", "YOUR_TOPIC_ARN=arn:aws:sns:us-east-1:222222222222:expel-topic.fifo"],
        "S3 sends no event notifications to a FIFO topic",
    ),
    (
        "no key",
        "identity/read-only.json",
        "step9",
        &["--set", BUCKET, "--set", QUEUE],
        "YOUR_NOTIFICATION_KEY_ARN   a KMS key ARN",
    ),
    (
        "a notification that overlaps",
        "settings/notification-overlap.json",
        "step8",
        &["--set", TOPIC],
        "overlaps with what the step adds",
    ),
    (
        "a key that AWS manages",
        "answers/sns-get-topic-attributes.json",
        "step7",
        &["--kind", "sns-attributes", "--set", "YOUR_NOTIFICATION_KEY_ARN=alias/aws/sns"],
        "the alias of a key of AWS's own, whose policy nobody can change",
    ),
    (
        "an empty answer",
        "accounts/222222222222/bucket-notification.json",
        "step8",
        &["--set", TOPIC],
        "is empty: there is nothing to merge into\nfor a document with nothing but what the step asks for: polmerge render step8",
    ),
];

#[test]
fn wrong_inputs_leave_the_file_alone() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("wrong-input.json");
    for (what, fixture, step, more, why) in CASES {
        std::fs::copy(fixtures.join(fixture), &path).unwrap();
        let before = std::fs::read(&path).unwrap();
        for target in [["--in-place"].as_slice(), &["-o", "never-written.json"]] {
            let output = Command::new(env!("CARGO_BIN_EXE_polmerge"))
                .current_dir(env!("CARGO_TARGET_TMPDIR"))
                .args(["apply", path.to_str().unwrap(), "--add", step])
                .args(*more)
                .args(target)
                .env("LC_ALL", "C.UTF-8")
                .stdin(Stdio::null())
                .output()
                .unwrap();
            let error = String::from_utf8(output.stderr).unwrap();
            assert_eq!(output.status.code(), Some(2), "{what}: {error}");
            assert!(error.contains("error: ") && error.contains(why), "{what}: {error}");
            assert!(output.stdout.is_empty(), "{what}");
        }
        assert_eq!(std::fs::read(&path).unwrap(), before, "{what}");
        assert!(!path.with_file_name("never-written.json").exists(), "{what}");
    }
}
