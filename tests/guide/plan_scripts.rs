//! The scripts of a plan, run with an AWS CLI that is made up: forwards, interrupted, and back.
#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::accounts::{accounts, plan, root};
use crate::plan::{plan_with, refused};

/// What was run later builds on what was run before, so it is undone first.
#[cfg(unix)]
#[test]
fn a_rollback_waits_for_what_was_run_later() {
    use std::os::unix::fs::PermissionsExt;
    let (from, to) = (accounts("later"), Path::new(env!("CARGO_TARGET_TMPDIR")).join("later-plans"));
    let _ = std::fs::remove_dir_all(&to);
    for _ in 0..3 {
        assert_eq!(plan(&from, &to, &[]).status.code(), Some(1));
    }
    // An AWS CLI that knows who is signed in, and nothing else.
    let bin = to.join("bin");
    std::fs::create_dir_all(&bin).unwrap();
    let aws = "#!/bin/sh\n[ \"$1\" = sts ] || exit 9\necho 222222222222\n";
    std::fs::write(bin.join("aws"), aws).unwrap();
    std::fs::set_permissions(bin.join("aws"), std::fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
    let folder = |plan: &str, account: &str| to.join(plan).join(account);
    let archive = "1-log-archive-222222222222";
    let made =
        |plan: &str, account: &str| std::fs::create_dir_all(folder(plan, account).join("made")).unwrap();
    let rollback = |plan: &str| {
        let script = folder(plan, archive).join("rollback.sh");
        let output = Command::new("bash").arg(script).env("PATH", &path).output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    // Nothing was run but the plan itself, or what came before.
    made("0001", archive);
    assert_eq!(rollback("0001"), (Some(0), String::new()));
    assert!(!folder("0001", archive).join("made").exists(), "then nothing of it is left");
    made("0001", archive);
    assert_eq!(rollback("0002"), (Some(0), String::new()));
    // Later in the same plan, and in later ones, but not in what is no plan; the last one comes first.
    made("0001", "2-management-111111111111");
    made("0003", archive);
    made("0010", "2-management-111111111111");
    made("9999-copy", archive);
    let (status, error) = rollback("0001");
    assert_eq!(status, Some(1));
    let first =
        "0010/2-management-111111111111/rollback.sh, then 0003/1-log-archive-222222222222/rollback.sh";
    let later = format!(
        "first undo what was run later, with {first}, then 0001/2-management-111111111111/rollback.sh\n"
    );
    assert!(error.contains("nothing was undone") && error.ends_with(&later), "{error}");
    assert!(folder("0001", archive).join("made").exists());
    assert_eq!(rollback("0003").0, Some(1));
    std::fs::remove_dir_all(to.join("0010")).unwrap();
    assert_eq!(rollback("0003"), (Some(0), String::new()));
}

/// An AWS CLI in which what exists is a file of the folder that is returned, beside a list of the calls that write. Every
/// other thing never changes.
#[cfg(unix)]
fn fake_aws(folder: &Path) -> std::path::PathBuf {
    use std::os::unix::fs::PermissionsExt;
    let state = folder.join("state");
    std::fs::create_dir_all(&state).unwrap();
    let aws = r#"#!/bin/bash
from=$PWD
cd "$(dirname "$0")/state" || exit 9
refuse() { if [ -f "$1" ]; then rm "$1"; echo "An error occurred ($2) when calling" >&2; exit 254; fi; }
there() { [ -f "$1" ] && cat "$1" || { echo "An error occurred ($2) when calling" >&2; exit 254; }; }
case "$*" in
"sts "*) echo 222222222222 ;;
"kms create-key "*)
  all=$* && policy=${all#*file://} && cat "$from/${policy%% *}" >key-policy && echo created >>keys
  while [ "$1" != --description ]; do shift; done
  echo "$2" >>descriptions
  if [ -f lost-key ]; then echo "Could not connect to the endpoint URL" >&2; exit 255; fi
  printf 'key-%s\n' "$(wc -l <keys)"
  ;;
"kms list-keys "*) seq -f 'key-%g' "$(wc -l <descriptions)" | paste -s ;;
"kms describe-key --key-id key-"*Description*) sed -n "${4#key-}p" descriptions ;;
"kms create-alias "*) [ ! -f refuse ] || exit 254; echo "arn:aws:kms:us-east-1:222222222222:key/${!#}" >alias ;;
"kms delete-alias "*) rm alias ;;
"kms describe-key "*"KeyMetadata.KeyId"*) key=$(there alias NotFoundException) && echo "${key##*/}" || exit 254 ;;
"kms describe-key "*) there alias NotFoundException ;;
"kms get-key-policy "*) cat key-policy ;;
"kms put-key-policy "*)
  all=$* && policy=${all#*file://} && policy=${policy%% *}
  case $policy in /*) ;; *) policy=$from/$policy ;; esac
  new=$(cat "$policy") && echo "$new" >key-policy
  ;;
"iam create-role "*)
  echo role >role
  all=$* && echo "${all##*Value=}" >role-tag
  ;;
"iam get-role "*polmerge-plan*) cat role-tag ;;
"iam get-role "*) there role NoSuchEntity ;;
"iam put-role-policy "*) echo policy >"policy-$6" ;;
"iam get-role-policy "*) if [ -f stale-policy ]; then there none NoSuchEntity; fi; there "policy-$6" NoSuchEntity ;;
"iam delete-role-policy "*) rm "policy-$6" ;;
"iam list-role-policies "*) for file in policy-*; do echo "${file#policy-}"; done ;;
"iam list-attached-role-policies "* | "iam list-instance-profiles-for-role "*) ;;
"iam delete-role "*)
  if compgen -G 'policy-*' >/dev/null; then echo "An error occurred (DeleteConflict) when calling" >&2; exit 254; fi
  rm role && echo role >>deleted
  ;;
"kms schedule-key-deletion "*) echo "$4" >>deleted ;;
"sns create-topic "*)
  refuse refuse-topic AccessDenied
  echo topic >topic && echo '[]' >subscriptions
  # As SQS does, with what is there already.
  if [ -f theirs ]; then echo None >topic-tag; exit; fi
  all=$* && echo "${all##*Value=}" >topic-tag
  if [ -f lost-topic ]; then echo "Could not connect to the endpoint URL" >&2; exit 255; fi
  ;;
"sns list-tags-for-resource "*) cat topic-tag ;;
"sqs create-queue "*)
  echo queue >queue
  all=$* && echo "${all##*polmerge-plan=}" >queue-tag
  if [ -f lost-queue ]; then echo "Could not connect to the endpoint URL" >&2; exit 255; fi
  ;;
"sqs list-queue-tags "*) cat queue-tag ;;
"sqs delete-queue "*) rm queue && echo queue >>deleted ;;
"sqs get-queue-attributes "*CreatedTimestamp*) there queue AWS.SimpleQueueService.NonExistentQueue ;;
"sns delete-topic "*) rm topic && echo topic >>deleted ;;
"sns get-topic-attributes "*Attributes.Policy*) there topic NotFound >/dev/null && cat topic-policy ;;
"sns get-topic-attributes "*Attributes.KmsMasterKeyId*) cat topic-key ;;
"sns get-topic-attributes "*) there topic NotFound ;;
"sns set-topic-attributes "*KmsMasterKeyId*) echo "${!#}" >topic-key ;;
"sns set-topic-attributes "*"--attribute-name Policy"*) file=${!#} && cat "$from/${file#file://}" >topic-policy ;;
"sns list-subscriptions-by-topic "*Deleted*) refuse throttle Throttling; cat subscriptions ;;
"s3api get-bucket-notification-configuration "*"[?Id=="*) cat added ;;
"s3api get-bucket-notification-configuration "*"merge(@"*) cat rest ;;
"s3api get-bucket-notification-configuration "*) if [ -f stale ]; then mv stale shown; cat shown; else cat notification; fi ;;
"s3api put-bucket-notification-configuration "*)
  refuse refuse-put InvalidArgument
  [ ! -f lag ] || cp notification stale
  file=${!#}
  cat "$from/${file#file://}" >notification
  if [ -f lost ]; then echo "Could not connect to the endpoint URL" >&2; exit 255; fi
  ;;
"sqs set-queue-attributes "*) step=${!#} && step=${step##*-step}
  case ${!#} in file://old/*) rm "queue-${step%%[-.]*}" ;; *) echo put >"queue-${step%%[-.]*}" ;; esac
  ;;
"sqs get-queue-attributes "*RetentionPeriod*) cat queue-5 2>/dev/null || echo same ;;
"sqs get-queue-attributes "*KmsMasterKeyId*) cat queue-7 2>/dev/null || echo same ;;
"sns subscribe "*) echo subscribed >subscribed ;;
"sns unsubscribe "*) rm subscribed ;;
"sns list-subscriptions-by-topic "*) cat subscribed 2>/dev/null || echo same ;;
*) echo same ;;
esac
"#;
    std::fs::write(folder.join("aws"), aws).unwrap();
    std::fs::set_permissions(folder.join("aws"), std::fs::Permissions::from_mode(0o755)).unwrap();
    // Nobody waits for what never changes.
    std::fs::write(folder.join("sleep"), "#!/bin/sh\n").unwrap();
    std::fs::set_permissions(folder.join("sleep"), std::fs::Permissions::from_mode(0o755)).unwrap();
    for file in ["key-policy", "topic-policy", "topic-key", "notification"] {
        std::fs::write(state.join(file), "as it was put\n").unwrap();
    }
    state
}

/// Runs a script of the log archive's first plan with that AWS CLI: its status, and what it says of errors.
#[cfg(unix)]
fn run_with(fake: &Path, plans: &Path, script: &str) -> (bool, String) {
    let script = plans.join("0001/1-log-archive-222222222222").join(script);
    let (status, _, error) = bash_with(fake, &[script.to_str().unwrap()]);
    (status, error)
}

/// Runs bash with that AWS CLI, and with polmerge: whether it succeeds, its output and what it says of errors.
#[cfg(unix)]
fn bash_with(fake: &Path, arguments: &[&str]) -> (bool, String, String) {
    let own = Path::new(env!("CARGO_BIN_EXE_polmerge")).parent().unwrap();
    let path = format!("{}:{}:{}", fake.display(), own.display(), std::env::var("PATH").unwrap());
    let output = Command::new("bash").args(arguments).env("PATH", &path).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.success(), text(output.stdout), text(output.stderr))
}

/// The command that leaves a change as it is, from what rollback.sh printed.
#[cfg(unix)]
fn leave(error: &str) -> &str {
    error.split_once("to leave it as it is and undo the rest: ").unwrap().1.lines().next().unwrap()
}

/// A plan of the log archive that is not stopped by what the AWS CLI of these tests knows nothing of.
#[cfg(unix)]
fn plan_to_run(from: &Path, to: &Path, old: &str) {
    let _ = std::fs::remove_dir_all(to);
    plan_with(from, to, old, "#");
    for file in std::fs::read_dir(to.join("0001/1-log-archive-222222222222/before")).unwrap() {
        let file = file.unwrap().path();
        if !file.to_string_lossy().contains("-make") {
            std::fs::remove_file(file).unwrap();
        }
    }
}

/// What is deleted takes along what others have added to it since.
#[cfg(unix)]
#[test]
fn a_topic_that_others_use_is_not_deleted() {
    let (from, to) = (accounts("used"), Path::new(env!("CARGO_TARGET_TMPDIR")).join("used-plans"));
    for file in ["topic", "subscriptions"] {
        let _ = std::fs::remove_file(from.join(format!("222222222222/{file}.json")));
        let error = "An error occurred (NotFound) when calling …\n";
        std::fs::write(from.join(format!("222222222222/{file}.error")), error).unwrap();
    }
    plan_to_run(&from, &to, "#");
    let fake = to.join("fake");
    let state = fake_aws(&fake);
    assert_eq!(run_with(&fake, &to, "run.sh"), (true, String::new()));
    assert!(state.join("topic").exists());
    for (file, others, changed) in [
        ("subscriptions", "[\"arn:aws:sqs:us-east-1:222222222222:siem\"]\n", "the topic"),
        ("topic-policy", "with a statement more\n", "the topic policy"),
    ] {
        let before = std::fs::read_to_string(state.join(file)).unwrap();
        std::fs::write(state.join(file), others).unwrap();
        let (undone, error) = run_with(&fake, &to, "rollback.sh");
        assert!(!undone && error.starts_with("changed since it was done: step 4: "), "{file}: {error}");
        assert!(error.contains(&format!("{changed};")), "{file}: {error}");
        assert!(!state.join("deleted").exists(), "{file}");
        std::fs::write(state.join(file), before).unwrap();
    }
    assert_eq!(run_with(&fake, &to, "rollback.sh"), (true, String::new()));
    assert_eq!(std::fs::read_to_string(state.join("deleted")).unwrap(), "topic\n");
}

/// Where the answer to a creation is lost, its mark tells what was created from what another one created under that name.
#[cfg(unix)]
#[test]
fn what_another_one_created_under_the_name_is_not_deleted() {
    for (thing, error) in [("topic", "NotFound"), ("queue", "AWS.SimpleQueueService.NonExistentQueue")] {
        let name = format!("lost-{thing}");
        let (from, to) =
            (accounts(&name), Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-plans")));
        let files = if thing == "topic" { &["topic", "subscriptions"][..] } else { &["queue"] };
        for file in files {
            let _ = std::fs::remove_file(from.join(format!("222222222222/{file}.json")));
            let error = format!("An error occurred ({error}) when calling …\n");
            std::fs::write(from.join(format!("222222222222/{file}.error")), error).unwrap();
        }
        for others in [false, true] {
            plan_to_run(&from, &to, "#");
            let fake = to.join("fake");
            let state = fake_aws(&fake);
            std::fs::write(state.join(format!("lost-{thing}")), "").unwrap();
            assert!(!run_with(&fake, &to, "run.sh").0);
            std::fs::remove_file(state.join(format!("lost-{thing}"))).unwrap();
            let tag = state.join(format!("{thing}-tag"));
            assert!(std::fs::read_to_string(&tag).unwrap().trim().len() > 10);
            if others {
                std::fs::write(tag, "None\n").unwrap();
                let (undone, error) = run_with(&fake, &to, "rollback.sh");
                assert!(
                    !undone && error.contains(&format!("the {thing}; nothing more is undone")),
                    "{error}"
                );
                assert!(state.join(thing).exists() && !state.join("deleted").exists());
                continue;
            }
            // Run again, it is known as its own, and nothing else of its name is made.
            std::fs::write(state.join(thing), "as it was created\n").unwrap();
            assert_eq!(run_with(&fake, &to, "run.sh"), (true, String::new()));
            assert_eq!(std::fs::read_to_string(state.join(thing)).unwrap(), "as it was created\n");
            assert_eq!(run_with(&fake, &to, "rollback.sh"), (true, String::new()));
            assert_eq!(std::fs::read_to_string(state.join("deleted")).unwrap(), format!("{thing}\n"));
        }
    }
}

/// A world in which the plan makes the topic and puts the notification: the folder of its plans, and the state of its AWS.
#[cfg(unix)]
fn world_to_run(name: &str) -> (std::path::PathBuf, std::path::PathBuf) {
    let (from, to) = (accounts(name), Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-plans")));
    for file in ["topic", "subscriptions"] {
        let _ = std::fs::remove_file(from.join(format!("222222222222/{file}.json")));
        let error = "An error occurred (NotFound) when calling …\n";
        std::fs::write(from.join(format!("222222222222/{file}.error")), error).unwrap();
    }
    plan_to_run(&from, &to, "#");
    let state = fake_aws(&to.join("fake"));
    (to, state)
}

/// What others have changed since on a resource that the plan created is not overwritten by a second run.
#[cfg(unix)]
#[test]
fn what_others_changed_on_a_new_topic_is_not_overwritten() {
    let (to, state) = world_to_run("changed-since");
    let fake = to.join("fake");
    let policy = state.join("topic-policy");
    let before = std::fs::read_to_string(&policy).unwrap();
    assert_eq!(run_with(&fake, &to, "run.sh"), (true, String::new()));
    let put = std::fs::read_to_string(&policy).unwrap();
    assert!(put.contains("s3.amazonaws.com"), "{put}");
    let made = std::fs::read_dir(to.join("0001/1-log-archive-222222222222/made")).unwrap();
    let mut made = made.map(|file| file.unwrap().path()).filter(|path| path.extension().is_none());
    let recorded = made.find(|path| std::fs::read_to_string(path).unwrap() == put).unwrap();
    let other = put.replacen("\"Statement\"", "\"Id\": \"siem\", \"Statement\"", 1);
    // Also where the run was interrupted before it recorded the state.
    for is_recorded in [true, false] {
        if !is_recorded {
            std::fs::remove_file(&recorded).unwrap();
        }
        std::fs::write(&policy, &other).unwrap();
        let (ran, error) = run_with(&fake, &to, "run.sh");
        let why =
            "changed since this script was run: step 4: the topic policy; nothing more is done: collect";
        assert!(!ran && error.starts_with(why), "{error}");
        assert_eq!(std::fs::read_to_string(&policy).unwrap(), other);
        // What it put itself stays, and what was there before is changed again.
        for state in [&put, &before] {
            std::fs::write(&policy, state).unwrap();
            assert_eq!(run_with(&fake, &to, "run.sh"), (true, String::new()));
            assert_eq!(std::fs::read_to_string(&policy).unwrap(), put);
        }
    }
}

/// What AWS refused was never changed, so that it is another's if it changes.
#[cfg(unix)]
#[test]
fn what_was_refused_is_not_undone() {
    for (refused, thing) in [("refuse-put", "notification"), ("refuse-topic", "topic")] {
        let (to, state) = world_to_run("refused");
        let fake = to.join("fake");
        std::fs::write(state.join(refused), "").unwrap();
        let (ran, error) = run_with(&fake, &to, "run.sh");
        assert!(!ran && error.contains("An error occurred ("), "{error}");
        std::fs::write(state.join(thing), "another team's\n").unwrap();
        assert_eq!(run_with(&fake, &to, "rollback.sh"), (true, String::new()), "{refused}");
        assert_eq!(std::fs::read_to_string(state.join(thing)).unwrap(), "another team's\n");
    }
}

/// Where the answer to a call is lost, the document that was to be put tells whether it arrived.
#[cfg(unix)]
#[test]
fn what_was_lost_is_undone_only_if_it_is_the_plans() {
    for is_changed in [false, true] {
        let (to, state) = world_to_run("lost");
        let fake = to.join("fake");
        let read = || std::fs::read_to_string(state.join("notification")).unwrap();
        std::fs::write(state.join("lost"), "").unwrap();
        assert!(!run_with(&fake, &to, "run.sh").0);
        std::fs::remove_file(state.join("lost")).unwrap();
        // S3 returns the document in its own order and layout.
        let put: Value = serde_json::from_str(&read()).unwrap();
        let more = if is_changed { ",\"LambdaFunctionConfigurations\":[{\"Id\":\"siem\"}]" } else { "" };
        let rest: Vec<String> = put
            .as_object()
            .unwrap()
            .iter()
            .rev()
            .map(|(name, value)| format!("\"{name}\":{value}"))
            .collect();
        let shown = format!("{{{}{more}}}\n", rest.join(",\n\t")).replace("\"prefix\"", "\"Prefix\"");
        std::fs::write(state.join("notification"), &shown).unwrap();
        // The plan's own notification is asked for alone: here, another team has given it another prefix.
        std::fs::write(
            state.join("added"),
            "[[{\"Id\": \"expel-cloudtrail-objects\", \"Prefix\": \"x\"}]]\n",
        )
        .unwrap();
        let (undone, error) = run_with(&fake, &to, "rollback.sh");
        assert_eq!(undone, !is_changed, "{error}");
        if is_changed {
            assert!(error.starts_with("changed since it was done: step 8: the notifications"), "{error}");
            assert_eq!(read(), shown);
            // What is to stay is left out by the command that is printed, and so is what it needs: the topic.
            let (undone, said, error) = bash_with(&fake, &["-c", leave(&error)]);
            assert!(undone, "{error}");
            for left in ["step 8: the notifications of the bucket", "step 4: the topic"] {
                assert!(said.contains(&format!("left as it is: {left}\n")), "{said}");
            }
            assert_eq!(read(), shown);
            assert!(state.join("topic").exists());
            assert!(!to.join("0001/1-log-archive-222222222222/made").exists());
        } else {
            let old = std::fs::read_dir(to.join("0001/1-log-archive-222222222222/old")).unwrap();
            let old = old
                .map(|file| file.unwrap().path())
                .find(|file| file.to_string_lossy().ends_with("-step8.json"));
            assert_eq!(read(), std::fs::read_to_string(old.unwrap()).unwrap());
        }
    }
}

/// What others have added to the bucket's notifications stays, and S3 accepts no notification to a topic that does not exist.
#[cfg(unix)]
#[test]
fn the_notification_that_was_added_is_removed_alone() {
    let (to, state) = world_to_run("removed-alone");
    let fake = to.join("fake");
    let read = |file: &str| std::fs::read_to_string(state.join(file)).unwrap();
    assert_eq!(run_with(&fake, &to, "run.sh"), (true, String::new()));
    let put: Value = serde_json::from_str(&read("notification")).unwrap();
    let own = json!([put["TopicConfigurations"].as_array().unwrap().last()]);
    // As S3 shows it.
    std::fs::write(state.join("added"), format!("[{own:#}]").replace("prefix", "Prefix")).unwrap();
    let mut with = put.clone();
    with["QueueConfigurations"] =
        json!([{ "Id": "siem", "QueueArn": "arn:aws:sqs:us-east-1:222222222222:siem" }]);
    let mut rest = with.clone();
    rest["TopicConfigurations"].as_array_mut().unwrap().pop();
    std::fs::write(state.join("rest"), rest.to_string()).unwrap();
    std::fs::write(state.join("notification"), with.to_string()).unwrap();
    let script = to.join("0001/1-log-archive-222222222222/rollback.sh");
    let (undone, said, error) = bash_with(&fake, &[script.to_str().unwrap()]);
    assert!(undone, "{error}");
    let line = "undone, except for the changes of others: step 8: the notifications of the bucket\n";
    assert!(said.contains(line), "{said}");
    assert_eq!(read("notification"), rest.to_string());
    assert_eq!(read("deleted"), "topic\n");
    // The queries leave out the one notification by its Id, and nothing else.
    let back = std::fs::read_to_string(script).unwrap();
    assert!(
        back.contains("--query 'merge(@, {TopicConfigurations: TopicConfigurations[?Id!='\\''"),
        "{back}"
    );

    // Removed by others, it is not looked for any more; named by another notification, the topic stays.
    for (added, notification, is_deleted) in [
        ("[null]\n", "{}\n".to_owned(), true),
        ("[[]]\n", with.to_string().replace("expel-cloudtrail-objects", "siem"), false),
    ] {
        let (to, state) = world_to_run("removed-alone");
        let fake = to.join("fake");
        assert_eq!(run_with(&fake, &to, "run.sh"), (true, String::new()));
        std::fs::write(state.join("added"), added).unwrap();
        std::fs::write(state.join("notification"), notification).unwrap();
        let (undone, error) = run_with(&fake, &to, "rollback.sh");
        assert_eq!((undone, state.join("topic").exists()), (is_deleted, !is_deleted), "{error}");
        let why = "not deleted, as a notification of the bucket (step 8) still names it: step 4: the topic;";
        assert_eq!(error.contains(why), !is_deleted, "{error}");
    }
}

/// polmerge removes from a policy what the plan added to it, by the command that rollback.sh prints.
#[cfg(unix)]
#[test]
fn the_statements_that_were_added_are_removed_alone() {
    let (to, state) = world_to_run("statements-alone");
    let fake = to.join("fake");
    let read = || std::fs::read_to_string(state.join("key-policy")).unwrap();
    assert_eq!(run_with(&fake, &to, "run.sh"), (true, String::new()));
    let mut policy: Value = serde_json::from_str(&read()).unwrap();
    let siem = json!({ "Sid": "siem", "Effect": "Allow", "Principal": { "AWS": "arn:aws:iam::333333333333:root" },
        "Action": "kms:Decrypt", "Resource": "*" });
    let count = policy["Statement"].as_array().unwrap().len();
    policy["Statement"].as_array_mut().unwrap().push(siem.clone());
    std::fs::write(state.join("key-policy"), policy.to_string()).unwrap();
    let (undone, error) = run_with(&fake, &to, "rollback.sh");
    assert!(!undone && error.starts_with("changed since it was done: step 7: the key policy;"), "{error}");
    let command = error.lines().find(|line| line.contains("polmerge apply")).unwrap();
    let (removed, _, said) = bash_with(&fake, &["-c", command]);
    assert!(removed, "{said}");
    let left: Value = serde_json::from_str(&read()).unwrap();
    let left = left["Statement"].as_array().unwrap();
    assert_eq!((left.len(), left.last()), (count - 1, Some(&siem)), "{left:?}");
    let script = to.join("0001/1-log-archive-222222222222/rollback.sh");
    let (undone, said, error) = bash_with(&fake, &[script.to_str().unwrap()]);
    assert!(undone && said.contains("already removed: step 7: the key policy\n"), "{said}{error}");
    assert!(read().contains("siem"));
}

/// Another team's topic of the same name is neither overwritten nor deleted, also where the plan's own was deleted in between.
#[cfg(unix)]
#[test]
fn a_topic_that_another_team_created_in_between_is_left_alone() {
    let (to, state) = world_to_run("in-between");
    let fake = to.join("fake");
    let read = |file: &str| std::fs::read_to_string(state.join(file)).unwrap();
    assert_eq!(run_with(&fake, &to, "run.sh"), (true, String::new()));
    let (policy, tag) = (read("topic-policy"), read("topic-tag"));
    std::fs::write(state.join("topic-tag"), "None\n").unwrap();
    for theirs in ["theirs\n", policy.as_str()] {
        std::fs::write(state.join("topic-policy"), theirs).unwrap();
        let (ran, error) = run_with(&fake, &to, "run.sh");
        assert!(!ran && error.contains("step 4: the topic; nothing more is done: collect"), "{error}");
        assert_eq!(read("topic-policy"), theirs);
        let (undone, error) = run_with(&fake, &to, "rollback.sh");
        assert!(!undone && error.contains("changed since it was done: step 4: the topic"), "{error}");
        assert!(!state.join("deleted").exists());
    }
    // The plan's own topic with a policy that is to stay: left as it is, the topic is not deleted either.
    std::fs::write(state.join("topic-tag"), tag).unwrap();
    std::fs::write(state.join("topic-policy"), "with a statement more\n").unwrap();
    let (undone, error) = run_with(&fake, &to, "rollback.sh");
    assert!(!undone && error.contains("the topic policy;"), "{error}");
    let (undone, said, error) = bash_with(&fake, &["-c", leave(&error)]);
    assert!(undone && said.contains("left as it is: step 4: the topic\n"), "{said}{error}");
    assert!(state.join("topic").exists() && !state.join("deleted").exists());
    assert_eq!(read("topic-policy"), "with a statement more\n");
}

/// A service may answer a creation with what is there already, as SQS does: what another team created since it was looked for is
/// neither changed nor deleted.
#[cfg(unix)]
#[test]
fn what_another_team_creates_meanwhile_is_left_alone() {
    let (to, state) = world_to_run("meanwhile");
    let fake = to.join("fake");
    std::fs::write(state.join("theirs"), "").unwrap();
    let policy = std::fs::read_to_string(state.join("topic-policy")).unwrap();
    let (ran, error) = run_with(&fake, &to, "run.sh");
    let why =
        "perhaps by others meanwhile, as AWS shows no mark of this plan: step 4: the topic; nothing more";
    assert!(!ran && error.contains(why), "{error}");
    assert_eq!(std::fs::read_to_string(state.join("topic-policy")).unwrap(), policy);
    let (undone, error) = run_with(&fake, &to, "rollback.sh");
    assert!(!undone && error.contains("changed since it was done: step 4: the topic;"), "{error}");
    assert!(state.join("topic").exists() && !state.join("deleted").exists());
    // A mark that AWS shows late is the plan's own.
    let made = std::fs::read_dir(to.join("0001/1-log-archive-222222222222/made")).unwrap();
    let mut made = made.map(|file| file.unwrap().path());
    let mark = made.find(|path| path.extension().is_some_and(|end| end == "mark")).unwrap();
    std::fs::copy(mark, state.join("topic-tag")).unwrap();
    assert_eq!(run_with(&fake, &to, "run.sh"), (true, String::new()));
    assert!(run_with(&fake, &to, "rollback.sh").0 && !state.join("topic").exists());
}

/// What is named to stay takes along what it is a part of, and a name that is none undoes nothing.
#[cfg(unix)]
#[test]
fn what_is_left_as_it_is_takes_along_what_it_needs() {
    let (to, state) = world_to_run("left-alone");
    let fake = to.join("fake");
    assert_eq!(run_with(&fake, &to, "run.sh"), (true, String::new()));
    let script = to.join("0001/1-log-archive-222222222222/rollback.sh");
    let leave = |names: &[&str]| bash_with(&fake, &[&[script.to_str().unwrap(), "leave"], names].concat());
    for names in [&["5-step5"][..], &["step5"], &["#", ""], &[]] {
        let (undone, said, error) = leave(names);
        let is_told = error.contains("nothing was undone; the changes are: ");
        assert!(!undone && said.is_empty() && is_told, "{names:?}: {said}{error}");
        assert!(!state.join("deleted").exists());
    }
    let run = std::fs::read_to_string(script.with_file_name("run.sh")).unwrap();
    let policy = run.lines().find(|line| line.contains("step 4: the topic policy")).unwrap();
    let name = policy.trim_start_matches("name=").split(' ').next().unwrap();
    let (undone, said, error) = leave(&[name]);
    assert!(undone && said.contains("left as it is: step 4: the topic\n"), "{said}{error}");
    assert!(state.join("topic").exists());
}

/// Nothing was run, or everything is undone: which is said.
#[cfg(unix)]
#[test]
fn a_rollback_without_a_run_has_nothing_to_undo() {
    let (to, _) = world_to_run("nothing-to-undo");
    let (fake, script) = (to.join("fake"), to.join("0001/1-log-archive-222222222222/rollback.sh"));
    let back = || bash_with(&fake, &[script.to_str().unwrap()]);
    let nothing = (true, "nothing to undo\n".to_owned(), String::new());
    assert_eq!(back(), nothing);
    assert_eq!(run_with(&fake, &to, "run.sh"), (true, String::new()));
    let (undone, said, error) = back();
    assert!(undone && said.contains("undone: ") && !said.contains("nothing to undo"), "{said}{error}");
    assert_eq!(back(), nothing);
}

/// A change that was seen is not given up because AWS does not show it once: its record is kept to the end.
#[cfg(unix)]
#[test]
fn a_stale_answer_does_not_keep_the_role_from_being_deleted() {
    let (from, to) =
        (accounts("stale-role"), Path::new(env!("CARGO_TARGET_TMPDIR")).join("stale-role-plans"));
    for file in ["role", "role-inline", "role-attached"] {
        let _ = std::fs::remove_file(from.join(format!("222222222222/{file}.json")));
        let error = "An error occurred (NoSuchEntity) when calling …\n";
        std::fs::write(from.join(format!("222222222222/{file}.error")), error).unwrap();
    }
    plan_to_run(&from, &to, "#");
    let fake = to.join("fake");
    let state = fake_aws(&fake);
    assert_eq!(run_with(&fake, &to, "run.sh"), (true, String::new()));
    assert!(state.join("role").exists() && state.join("policy-ExpelLogAccess").exists());
    std::fs::write(state.join("stale-policy"), "").unwrap();
    for _ in 0..2 {
        let (undone, error) = run_with(&fake, &to, "rollback.sh");
        assert!(!undone && error.contains("(DeleteConflict)"), "{error}");
        let command = "aws iam delete-role-policy --role-name ExpelAssumeRole --policy-name ExpelLogAccess\n";
        assert!(error.contains(command), "{error}");
    }
    std::fs::remove_file(state.join("stale-policy")).unwrap();
    // A role of the same name that another team created is not deleted.
    let tag = std::fs::read_to_string(state.join("role-tag")).unwrap();
    assert!(tag.trim().len() > 10, "{tag}");
    std::fs::write(state.join("role-tag"), "None\n").unwrap();
    let (undone, error) = run_with(&fake, &to, "rollback.sh");
    assert!(!undone && error.contains("changed since it was done: step 1: the role;"), "{error}");
    std::fs::write(state.join("role-tag"), tag).unwrap();
    assert_eq!(run_with(&fake, &to, "rollback.sh"), (true, String::new()));
    assert!(!state.join("role").exists() && !state.join("policy-ExpelLogAccess").exists());
}

/// A change that AWS does not show stays on record, and is undone once AWS shows it.
#[cfg(unix)]
#[test]
fn a_change_that_aws_does_not_show_is_undone_later() {
    for is_shown_later in [true, false] {
        let (to, state) = world_to_run("unseen");
        let (fake, script) = (to.join("fake"), to.join("0001/1-log-archive-222222222222/rollback.sh"));
        let back = || bash_with(&fake, &[script.to_str().unwrap()]);
        let read = || std::fs::read_to_string(state.join("notification")).unwrap();
        let before = read();
        assert_eq!(run_with(&fake, &to, "run.sh"), (true, String::new()));
        let put = read();
        std::fs::write(state.join("notification"), &before).unwrap();
        let (undone, said, error) = back();
        let why = "not undone, as AWS does not show the change: step 8: the notifications of the bucket\n";
        assert!(!undone && error.contains(why) && error.contains("run this script again"), "{error}");
        assert!(said.contains("undone: step 4: the topic\n"), "the rest is undone: {said}");
        if is_shown_later {
            std::fs::write(state.join("notification"), &put).unwrap();
        }
        let (undone, said, error) = back();
        assert!(undone, "{error}");
        let what = if is_shown_later { "undone" } else { "already as before" };
        let said = said.split_once('\n').unwrap();
        assert!(said.0.contains("if a plan in another folder was run later, undo that first"), "{said:?}");
        assert_eq!(said.1, format!("{what}: step 8: the notifications of the bucket\n"));
        assert_eq!(read().contains("expel"), before.contains("expel"));
        assert!(!to.join("0001/1-log-archive-222222222222/made").exists());
    }
}

/// The trail has another key than before: the statement of the earlier plan gets the new one beside it.
#[test]
fn a_statement_of_an_earlier_plan_gets_the_new_key() {
    let (from, to) =
        (accounts("new-trail-key"), Path::new(env!("CARGO_TARGET_TMPDIR")).join("new-trail-key-plans"));
    let archive = from.join("222222222222");
    let rendered = Command::new(env!("CARGO_BIN_EXE_polmerge"))
        .current_dir(root())
        .args(["render", "step9", "--values", "fixtures/expel.toml"])
        .output()
        .unwrap();
    let policy: Value = serde_json::from_slice(&rendered.stdout).unwrap();
    let text = std::fs::read_to_string(root().join("fixtures/expel.toml")).unwrap();
    let key = text
        .lines()
        .find_map(|line| line.strip_prefix("YOUR_CLOUDTRAIL_KEY_ARN = "))
        .unwrap()
        .trim_matches('"');
    let earlier = "arn:aws:kms:us-east-1:111111111111:key/earlier";
    for (action, is_planned) in [("kms:Decrypt", true), ("kms:*", false)] {
        let _ = std::fs::remove_dir_all(&to);
        let mut policy = policy.clone();
        let statements = policy["Statement"].as_array_mut().unwrap();
        let index = statements.iter().position(|statement| statement["Resource"] == key).unwrap();
        statements[index]["Resource"] = json!(earlier);
        statements[index]["Action"] = json!(action);
        std::fs::write(
            archive.join("role-inline.json"),
            json!({ "PolicyNames": ["ExpelLogAccess"] }).to_string(),
        )
        .unwrap();
        let inline = json!({ "RoleName": "ExpelAssumeRole", "PolicyName": "ExpelLogAccess", "PolicyDocument": policy });
        std::fs::write(archive.join("role-inline-1.json"), inline.to_string()).unwrap();
        let said = String::from_utf8(plan(&from, &to, &[]).stdout).unwrap();
        let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
        let title = format!("step 9: policy ExpelLogAccess of the role, with {key} added to its resources");
        assert_eq!(said.contains(&title), is_planned, "{said}");
        let why = "statement \"DecryptTrailObjects\" of policy ExpelLogAccess of the role differs in more than its resources";
        assert_eq!(said.contains(why), !is_planned, "{said}");
        if is_planned {
            let read = |kind: &str| -> Value {
                let files = std::fs::read_dir(to.join("0001/1-log-archive-222222222222").join(kind)).unwrap();
                let mut files = files.map(|file| file.unwrap().path());
                let file = files.find(|file| file.to_string_lossy().ends_with("-step9.json")).unwrap();
                serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap()
            };
            assert_eq!(read("documents")["Statement"][index]["Resource"], json!([earlier, key]));
            assert_eq!(read("old"), policy, "the way back");
        }
    }
}

/// A rollback.sh finds later plans beside its own alone.
#[test]
fn a_plan_is_not_written_beside_a_run_in_another_folder() {
    let from = accounts("two-folders");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("two-folders-work");
    let _ = std::fs::remove_dir_all(&folder);
    let made = |account: &str| {
        std::fs::create_dir_all(folder.join(format!("plan/0001/1-log-archive-{account}/made"))).unwrap();
    };
    let values = root().join("fixtures/expel.toml");
    let planned = |to: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_polmerge"));
        command
            .current_dir(&folder)
            .args(["guide", "plan", "-o", to, "--values"])
            .arg(&values)
            .arg("--from")
            .arg(&from);
        command.output().unwrap()
    };
    made("999999999999");
    assert_eq!(planned("other").status.code(), Some(1), "another account");
    made("222222222222");
    refused(&planned("plan2"), "`plan/0001/1-log-archive-222222222222/run.sh` was run and not undone");
    assert!(!folder.join("plan2").exists());
    for same in ["plan", "./plan/"] {
        assert_eq!(planned(same).status.code(), Some(1));
    }
    std::fs::remove_dir_all(folder.join("plan/0001/1-log-archive-222222222222/made")).unwrap();
    assert_eq!(planned("other").status.code(), Some(1));
    // Also in the other account of the set-up, of which this plan has nothing to do.
    let made = folder.join("plan/0001/2-management-111111111111/made");
    std::fs::create_dir_all(made).unwrap();
    refused(&planned("plan2"), "`plan/0001/2-management-111111111111/run.sh` was run and not undone");
}

/// AWS shows a document in a list, a string or another layout than that in which it was put.
#[cfg(unix)]
#[test]
fn documents_are_compared_by_their_words() {
    let (to, _) = world_to_run("words");
    let run = std::fs::read_to_string(to.join("0001/1-log-archive-222222222222/run.sh")).unwrap();
    let (_, words) = run.split_once("\nwords() {").unwrap();
    let (words, _) = words.split_once("\n}\n").unwrap();
    let is_same = |one: &str, other: &str| {
        let script = format!("words() {{{words}\n}}\n[ \"$(words \"$1\")\" = \"$(words \"$2\")\" ]");
        Command::new("bash").args(["-c", &script, "bash", one, other]).status().unwrap().success()
    };
    let put = "arn:aws:iam::222222222222:role/r\n{ \"b\": 1, \"a\": [\"x\"] }";
    assert!(is_same(
        put,
        "[\n    \"arn:aws:iam::222222222222:role/r\",\n    {\n        \"a\": \"x\",\n        \"b\": 1\n    }\n]"
    ));
    assert!(is_same("arn:aws:kms:k", "\"arn:aws:kms:k\""));
    assert!(is_same("{ \"a\": 1 }", r#""{\n\"a\":1\n}""#));
    for other in
        ["arn:aws:iam::222222222222:role/r", "", "absent", "arn:aws:iam::222222222222:role/r {b:1, a:x, c:1}"]
    {
        assert!(!is_same(put, other), "{other}");
    }
}

/// AWS may show the state before a change for a while after it: that is not what was made.
#[cfg(unix)]
#[test]
fn a_stale_answer_is_not_recorded() {
    let (to, state) = world_to_run("stale");
    let fake = to.join("fake");
    std::fs::write(state.join("lag"), "").unwrap();
    assert_eq!(run_with(&fake, &to, "run.sh"), (true, String::new()));
    assert!(state.join("shown").exists(), "the state from before was shown once");
    std::fs::remove_file(state.join("lag")).unwrap();
    assert_eq!(run_with(&fake, &to, "run.sh"), (true, String::new()));
    assert_eq!(run_with(&fake, &to, "rollback.sh"), (true, String::new()));
    assert!(!std::fs::read_to_string(state.join("notification")).unwrap().contains("expel"));
}

/// The second look at a topic may fail; what is known of a new topic takes its place.
#[cfg(unix)]
#[test]
fn a_second_look_that_failed_keeps_nothing_from_being_undone() {
    for others in ["[]\n", "[\"arn:aws:sqs:us-east-1:222222222222:siem\"]\n"] {
        let (to, state) = world_to_run("second-look");
        let fake = to.join("fake");
        std::fs::write(state.join("throttle"), "").unwrap();
        let (ran, error) = run_with(&fake, &to, "run.sh");
        assert!(!ran && error.contains("(Throttling)"), "{error}");
        std::fs::write(state.join("subscriptions"), others).unwrap();
        let (undone, error) = run_with(&fake, &to, "rollback.sh");
        assert_eq!((undone, state.join("topic").exists()), (others == "[]\n", others != "[]\n"), "{error}");
    }
}

/// The stack of option 1 has the mark as well, and is not taken for finished before it is.
#[test]
fn a_stack_has_the_mark_of_its_plan() {
    let (from, to) =
        (accounts("marked-stack"), Path::new(env!("CARGO_TARGET_TMPDIR")).join("marked-stack-plans"));
    let _ = std::fs::remove_dir_all(&to);
    for (file, error) in [
        ("topic", "NotFound"),
        ("subscriptions", "NotFound"),
        ("queue", "AWS.SimpleQueueService.NonExistentQueue"),
    ] {
        let _ = std::fs::remove_file(from.join(format!("222222222222/{file}.json")));
        let error = format!("An error occurred ({error}) when calling …\n");
        std::fs::write(from.join(format!("222222222222/{file}.error")), error).unwrap();
    }
    plan_with(&from, &to, "YOUR_NOTIFICATION_KEY_ARN", "YOUR_OPTION = \"1\"\n#");
    let folder = to.join("0001/1-log-archive-222222222222");
    let read = |script: &str| std::fs::read_to_string(folder.join(script)).unwrap();
    let (run, back) = (read("run.sh"), read("rollback.sh"));
    let create = run.lines().find(|line| line.contains("create-stack ")).unwrap();
    assert!(create.ends_with(r#" --tags "Key=polmerge-plan,Value=$mark""#), "{create}");
    assert!(run.contains("CREATE_COMPLETE") && !back.contains("CREATE_COMPLETE"), "{run}{back}");
    // The bucket is not to notify a topic that is deleted with the stack.
    let at = |text: &str| back.find(text).unwrap_or_else(|| panic!("no {text} in {back}"));
    let unused = at("  unused 'arn:aws:sns:us-east-1:222222222222:expel-topic' ");
    assert!(at("put-bucket-notification") < unused && unused < at("delete-stack --stack-name"), "{back}");
}

/// A role is also who may assume it.
#[test]
fn a_role_that_was_made_is_compared_with_its_trust_policy() {
    let (from, to) = (accounts("made-role"), Path::new(env!("CARGO_TARGET_TMPDIR")).join("made-role-plans"));
    let _ = std::fs::remove_dir_all(&to);
    for account in ["222222222222", "111111111111"] {
        for file in ["role", "role-inline", "role-attached"] {
            let _ = std::fs::remove_file(from.join(format!("{account}/{file}.json")));
            let error = "An error occurred (NoSuchEntity) when calling …\n";
            std::fs::write(from.join(format!("{account}/{file}.error")), error).unwrap();
        }
    }
    plan(&from, &to, &[]);
    for (folder, account) in
        [("1-log-archive-222222222222", "222222222222"), ("2-management-111111111111", "111111111111")]
    {
        let read = |file: &str| std::fs::read_to_string(to.join("0001").join(folder).join(file)).unwrap();
        for script in ["run.sh", "rollback.sh"] {
            let text = read(script);
            assert!(text.contains("--query 'Role.[Arn,AssumeRolePolicyDocument]'"), "{script}: {text}");
        }
        // The role of each account has an ARN of its own.
        let own = format!("arn:aws:iam::{account}:role/ExpelAssumeRole");
        assert!(read("after/01-step1-make.json").starts_with(&format!("{own}\n")));
        assert!(read("rollback.sh").contains(&format!("\n  unneeded '{own}'\n")));
    }
}

/// A key without an alias is known by nothing but the answer to its creation.
#[cfg(unix)]
#[test]
fn a_key_whose_alias_was_refused_is_used_again_and_deleted() {
    let (from, to) =
        (accounts("refused-alias"), Path::new(env!("CARGO_TARGET_TMPDIR")).join("refused-alias-plans"));
    let archive = from.join("222222222222");
    std::fs::write(archive.join("role-inline.json"), json!({ "PolicyNames": [] }).to_string()).unwrap();
    let error = "An error occurred (NotFoundException) when calling …\n";
    std::fs::write(archive.join("notification-key-alias.error"), error).unwrap();
    plan_to_run(&from, &to, "YOUR_NOTIFICATION_KEY_ARN");
    let fake = to.join("fake");
    let state = fake_aws(&fake);
    let read = |file: &str| std::fs::read_to_string(state.join(file)).unwrap_or_default();

    // Stopped between the key and its alias, and undone.
    std::fs::write(state.join("refuse"), "").unwrap();
    assert!(!run_with(&fake, &to, "run.sh").0);
    assert_eq!(run_with(&fake, &to, "rollback.sh"), (true, String::new()));
    assert_eq!((read("keys").as_str(), read("deleted").as_str()), ("created\n", "key-1\n"));

    // Stopped, and run again: one more key, not two.
    assert!(!run_with(&fake, &to, "run.sh").0);
    std::fs::remove_file(state.join("refuse")).unwrap();
    assert_eq!(run_with(&fake, &to, "run.sh"), (true, String::new()));
    assert_eq!(read("keys"), "created\ncreated\n");

    // Stopped before its id was kept, it is found by its description.
    assert!(read("descriptions").lines().all(|line| line.starts_with("Encrypts ") && line.ends_with(')')));
    let (policy, keys) = (read("key-policy"), read("keys"));
    for undone in [true, false] {
        let other = to.join(format!("other-{undone}"));
        let _ = std::fs::remove_dir_all(&other);
        plan_to_run(&from, &other, "YOUR_NOTIFICATION_KEY_ARN");
        let fake = other.join("fake");
        let state = fake_aws(&fake);
        let read = |file: &str| std::fs::read_to_string(state.join(file)).unwrap_or_default();
        // A key of another run of the script.
        std::fs::write(state.join("keys"), "created\n").unwrap();
        std::fs::write(state.join("descriptions"), "Encrypts (20260101T000000Z-1-1)\n").unwrap();
        std::fs::write(state.join("lost-key"), "").unwrap();
        assert!(!run_with(&fake, &other, "run.sh").0);
        std::fs::remove_file(state.join("lost-key")).unwrap();
        if undone {
            assert_eq!(run_with(&fake, &other, "rollback.sh"), (true, String::new()));
            assert_eq!(read("deleted"), "key-2\n");
        } else {
            assert_eq!(run_with(&fake, &other, "run.sh"), (true, String::new()));
            assert_eq!((read("keys").lines().count(), read("alias").trim().ends_with("key-2")), (2, true));
        }
    }
    assert_eq!((read("key-policy"), read("keys")), (policy, keys));

    // Whom others have let use it is not taken the key.
    let policy = read("key-policy");
    std::fs::write(state.join("key-policy"), "with a statement more\n").unwrap();
    let (undone, error) = run_with(&fake, &to, "rollback.sh");
    assert!(!undone && error.starts_with("changed since it was done: step 7: the key"), "{error}");
    std::fs::write(state.join("key-policy"), policy).unwrap();
    assert_eq!(run_with(&fake, &to, "rollback.sh"), (true, String::new()));
    assert_eq!(read("deleted"), "key-1\nkey-2\n");
    assert!(!state.join("alias").exists());
}

/// A key that an interrupted plan created is used by the next one, and deleted once, by the way back of that.
#[cfg(unix)]
#[test]
fn a_key_of_an_interrupted_plan_is_taken_over() {
    for is_id_known in [true, false] {
        let (from, to) =
            (accounts("orphan-key"), Path::new(env!("CARGO_TARGET_TMPDIR")).join("orphan-key-plans"));
        let archive = from.join("222222222222");
        let error = "An error occurred (NotFoundException) when calling …\n";
        std::fs::write(archive.join("notification-key-alias.error"), error).unwrap();
        plan_to_run(&from, &to, "YOUR_NOTIFICATION_KEY_ARN");
        // The next plan, to be put beside it.
        let next = Path::new(env!("CARGO_TARGET_TMPDIR")).join("orphan-key-next");
        plan_to_run(&from, &next, "YOUR_NOTIFICATION_KEY_ARN");
        std::fs::rename(next.join("0001"), to.join("0002")).unwrap();
        let (fake, archive) = (to.join("fake"), "1-log-archive-222222222222");
        let state = fake_aws(&fake);
        let read = |file: &str| std::fs::read_to_string(state.join(file)).unwrap_or_default();
        let bash = |plan: &str, script: &str| {
            let path = to.join(plan).join(archive).join(script);
            let (good, said, error) = bash_with(&fake, &[path.to_str().unwrap()]);
            // Both plans have what the first one did before it was stopped.
            assert!(
                good || error.starts_with("not undone, as AWS does not show"),
                "{plan} {script}: {error}"
            );
            said
        };
        // A key of nobody's interrupted run, which is left alone.
        std::fs::write(state.join("keys"), "created\n").unwrap();
        std::fs::write(state.join("descriptions"), "Encrypts (20260101T000000Z-1-1)\n").unwrap();
        let stop = if is_id_known { "refuse" } else { "lost-key" };
        std::fs::write(state.join(stop), "").unwrap();
        assert!(!run_with(&fake, &to, "run.sh").0);
        std::fs::remove_file(state.join(stop)).unwrap();
        assert_eq!(read("keys").lines().count(), 2);
        bash("0002", "run.sh");
        assert_eq!(read("keys").lines().count(), 2, "no key more is created");
        assert!(read("alias").trim().ends_with("key-2"), "{}", read("alias"));
        assert!(bash("0002", "rollback.sh").contains("undone: step 7: the key"));
        assert_eq!(read("deleted"), "key-2\n");
        bash("0002", "rollback.sh");
        bash("0001", "rollback.sh");
        assert_eq!(read("deleted"), "key-2\n", "it is deleted once");
    }
}
