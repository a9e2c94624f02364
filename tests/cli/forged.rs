//! Nothing that stands in an input (a policy, a name of a file, a step pack, an argument) makes a line of its own in
//! what is printed, acts on a terminal, or is a command to the log of continuous integration.
#![cfg(all(feature = "cli", unix))]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

/// All of it at once. `AFTER` is what a line would begin with, were the line feed real.
const HOSTILE: &str = "x\n::stop-commands::AFTER\r\n\t::debug::AFTER \u{1b}[2J\u{9b}31m\u{202e}\u{2028}##[group]AFTER ##vso[task]AFTER ::warning file=a::AFTER";

/// Characters that are not shown: C1 controls, a soft hyphen, joiners, a mark of direction, fillers, a variation selector,
/// a tag.
const INVISIBLE: &str = "\u{85}\u{9f}\u{ad}\u{34f}\u{61c}\u{1160}\u{180e}\u{200b}\u{200d}\u{2066}\u{2060}\u{3164}\u{fe0f}\u{feff}\u{ffa0}\u{e0041}\u{e0100}";

/// What is active in Markdown, on both sides of a back-tick.
const ACTIVE: &str =
    "@someone #123 x/y#7 https://example.com www.example.com [a](b) <b>x</b> a@example.com GH-12 *a* |";

/// All of it, for where a text can be anything.
fn hostile() -> String {
    format!("{HOSTILE}{INVISIBLE} {ACTIVE} `{ACTIVE}` `` {ACTIVE}")
}

/// What is in it and must not come out as it is.
fn check(what: &str, output: &[u8], is_colored: bool) {
    let text = String::from_utf8_lossy(output);
    for line in text.lines() {
        let words = line.trim_start();
        let commands = ["::stop-commands", "::debug", "::warning file=a"];
        assert!(!commands.iter().any(|command| words.starts_with(command)), "{what}: a command:\n{text}");
        assert!(!line.starts_with("AFTER"), "{what}: a line of its own:\n{text}");
    }
    assert!(!text.contains("##[group]") && !text.contains("##vso["), "{what}: a command:\n{text}");
    let bad = |character: char| match character {
        '\n' => false,
        '\u{1b}' => !is_colored,
        '\u{202e}' | '\u{2028}' => true,
        other => other.is_control() || INVISIBLE.contains(other),
    };
    assert!(!text.contains(bad), "{what}: {:?}", text.matches(bad).collect::<Vec<_>>());
    if is_colored {
        for part in text.split('\u{1b}').skip(1) {
            let end = part.find('m').unwrap_or(part.len());
            let is_look = part.starts_with('[')
                && part[1..end].bytes().all(|byte| byte == b';' || byte.is_ascii_digit());
            assert!(is_look, "{what}: a sequence that is not ours: {part:?}");
        }
    }
}

/// Nothing outside of code is active in Markdown. Code is what is between two runs of as many back-ticks, as CommonMark
/// defines it, and what is in a fence.
fn check_markdown(what: &str, output: &[u8]) {
    let text = String::from_utf8_lossy(output);
    let mut fenced = false;
    for line in text.lines() {
        if line.starts_with("```") {
            fenced = !fenced;
            continue;
        }
        if fenced || line.contains("<details>") || line == "</details>" {
            continue;
        }
        let (mut open, mut rest) = (String::new(), line);
        while let Some(start) = rest.find('`') {
            let run = rest[start..].len() - rest[start..].trim_start_matches('`').len();
            let after = &rest[start + run..];
            let mut at = 0;
            let end = loop {
                let Some(next) = after[at..].find('`').map(|next| at + next) else { break None };
                let length = after[next..].len() - after[next..].trim_start_matches('`').len();
                if length == run {
                    break Some(next);
                }
                at = next + length;
            };
            let Some(end) = end else { panic!("{what}: code without an end:\n{line}") };
            let (code, table) = (&after[..end], line.starts_with('|'));
            assert!(!table || !code.replace("\\|", "").contains('|'), "{what}: a cell ends in code:\n{line}");
            open.push_str(&rest[..start]);
            open.push(' ');
            rest = &after[end + run..];
        }
        open.push_str(rest);
        let active = ["@", "#", "://", "www.", "](", "<b>", "GH-12", "*a*", "someone", "example.com"];
        assert!(!active.iter().any(|active| open.contains(active)), "{what}: active:\n{line}");
    }
    assert!(!fenced, "{what}: a fence without an end:\n{text}");
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_polmerge"));
    command.current_dir(folder).args(arguments).env("LC_ALL", "C.UTF-8").stdin(Stdio::null());
    command.env_remove("NO_COLOR").output().unwrap()
}

/// Every string of a policy, one after the other, replaced by the hostile one; with these where it is a key.
fn hostile_variants(policy: &Value) -> Vec<Value> {
    fn places(value: &Value, at: &str, out: &mut Vec<(String, bool)>) {
        match value {
            Value::String(_) => out.push((at.to_owned(), false)),
            Value::Array(items) => {
                items
                    .iter()
                    .enumerate()
                    .for_each(|(index, item)| places(item, &format!("{at}/{index}"), out));
            }
            Value::Object(members) => {
                for (key, value) in members {
                    let at = format!("{at}/{}", key.replace('~', "~0").replace('/', "~1"));
                    out.push((at.clone(), true));
                    places(value, &at, out);
                }
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    places(policy, "", &mut found);
    let variants = found.into_iter().map(|(pointer, is_key)| {
        let mut copy = policy.clone();
        if is_key {
            let (parent, key) = pointer.rsplit_once('/').unwrap();
            let members = copy.pointer_mut(parent).unwrap().as_object_mut().unwrap();
            let value = members.remove(&key.replace("~1", "/").replace("~0", "~")).unwrap();
            members.insert(hostile(), value);
        } else {
            let place = copy.pointer_mut(&pointer).unwrap();
            let before = place.as_str().unwrap().to_owned();
            // Also behind what makes it an ARN, an action or a pattern.
            *place = json!(format!("{before}{}", hostile()));
        }
        copy
    });
    variants.collect()
}

fn policy() -> Value {
    json!({
        "Version": "2012-10-17", "Id": "one",
        "Statement": [
            {"Sid": "A", "Effect": "Allow", "Principal": {"AWS": ["arn:aws:iam::222222222222:role/r", "*"]},
             "Action": ["s3:GetObject", "s3:PutObject"], "Resource": "arn:aws:s3:::b/*",
             "Condition": {"StringLike": {"aws:PrincipalTag/team": ["a", "b"]}, "Bool": {"aws:SecureTransport": "true"}}},
            {"Sid": "B", "Effect": "Deny", "NotPrincipal": {"AWS": "111111111111"}, "NotAction": "s3:*",
             "NotResource": "arn:aws:s3:::c/YOUR_BUCKET"},
        ],
    })
}

#[test]
fn no_string_of_a_policy_forges_a_line() {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let write =
        |name: &str, value: &Value| std::fs::write(folder.path().join(name), format!("{value:#}\n")).unwrap();
    write("good.json", &policy());
    let add = json!({"Sid": "New", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::222222222222:root"},
        "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::b"});
    write("add.json", &add);
    let mut variants = hostile_variants(&policy());
    assert!(variants.len() > 25, "{}", variants.len());
    variants.push(json!({"Resources": {hostile(): {"Type": "AWS::S3::BucketPolicy",
        "Properties": {"Bucket": {"Ref": hostile()}, "PolicyDocument": policy()}}}}));
    variants.push(json!({hostile(): hostile(), "Statement": hostile()}));
    let request = ["--principal", "arn:aws:iam::222222222222:role/r", "--resource", "arn:aws:s3:::b/x"];
    let mut lines = String::new();
    for (number, variant) in variants.iter().enumerate() {
        write("bad.json", variant);
        lines.push_str(&format!(
            "{}\n",
            json!({"id": hostile(), "policy": variant, "old": policy(), "new": variant})
        ));
        let mut commands: Vec<Vec<&str>> = vec![
            vec!["lint", "--select", "all", "-v", "bad.json", "--color", "always"],
            vec!["lint", "--fix", "--unsafe", "--diff", "bad.json"],
            vec!["lint", "--select", "all", "bad.json", "--format", "json"],
            vec!["diff", "good.json", "bad.json", "--color", "always"],
            vec!["diff", "bad.json", "good.json", "--format", "markdown", "--fail-on-public"],
            vec!["compact", "bad.json", "-o", "/dev/null"],
            vec!["apply", "bad.json", "--add", "./add.json", "--check", "-v"],
            vec!["apply", "good.json", "--add", "./bad.json", "-o", "/dev/null", "--allow", "not-proved"],
            vec![
                "apply",
                "good.json",
                "--add",
                "./bad.json",
                "--emit",
                "json-patch",
                "--allow",
                "not-proved",
            ],
            [vec!["can", "--resource-policy", "bad.json", "--action", "s3:GetObject"], request.to_vec()]
                .concat(),
        ];
        // The other formats take the same texts through functions that are the same for all of them.
        if number % 4 == 0 {
            for format in ["sarif", "github", "junit", "markdown"] {
                commands.push(vec!["lint", "--select", "all", "bad.json", "--format", format]);
            }
            commands.push(vec!["diff", "good.json", "bad.json", "--format", "json"]);
            commands.push(vec!["apply", "good.json", "--add", "./bad.json", "--format", "json"]);
            commands.push(vec!["apply", "bad.json", "--add", "./add.json", "--format", "json"]);
            commands.push(vec!["lint", "bad.json", "--baseline", "/dev/stdout", "--write-baseline"]);
            commands.push(vec!["compact", "bad.json", "--format", "json"]);
        }
        for arguments in commands {
            let output = run(folder.path(), &arguments);
            let is_colored = arguments.contains(&"always");
            assert!(matches!(output.status.code(), Some(0..=3)), "{arguments:?}: {output:?}");
            check(&format!("{arguments:?} {variant}"), &output.stdout, is_colored);
            check(&format!("{arguments:?} {variant}"), &output.stderr, is_colored);
            if arguments.contains(&"markdown") {
                check_markdown(&format!("{arguments:?} {variant}"), &output.stdout);
            }
        }
    }
    std::fs::write(folder.path().join("lines.ndjson"), lines).unwrap();
    for command in ["lint", "diff", "compact"] {
        let mut arguments = vec![command, "--ndjson"];
        if command == "compact" {
            arguments.push("lines.ndjson");
        }
        let mut command = Command::new(env!("CARGO_BIN_EXE_polmerge"));
        let input = std::fs::File::open(folder.path().join("lines.ndjson")).unwrap();
        let output = command.args(&arguments).stdin(input).output().unwrap();
        check(&format!("{arguments:?}"), &output.stdout, false);
        check(&format!("{arguments:?}"), &output.stderr, false);
    }
}

#[test]
fn no_name_and_no_argument_forges_a_line() {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let path = |name: &str| folder.path().join(name);
    // A name has no `/`; what else is in the hostile text it can have.
    let name = format!("{HOSTILE}.json");
    std::fs::write(path(&name), format!("{:#}\n", policy())).unwrap();
    std::fs::write(path("good.json"), format!("{:#}\n", policy())).unwrap();
    std::fs::write(path("broken.toml"), format!("a = \"{}\n", HOSTILE.replace('\n', ""))).unwrap();
    std::fs::write(path("unknown.toml"), format!("{} = 1\n", json!(HOSTILE))).unwrap();
    let glob = json!(HOSTILE);
    let toml =
        format!("[[suppress]]\nglob = {glob}\nrule = \"json-syntax\"\nsid = {glob}\nreason = {glob}\n");
    std::fs::write(path("unused.toml"), &toml).unwrap();
    std::fs::create_dir(path("pack")).unwrap();
    let pack = json!({"name": HOSTILE, "title": HOSTILE, "parameters": {}, "steps": [HOSTILE]});
    std::fs::write(path("pack/pack.json"), pack.to_string()).unwrap();
    std::fs::write(path("pack.toml"), "packs = [\"pack\"]\n").unwrap();
    let set = format!("YOUR_EXPEL_ROLE_ARN={HOSTILE}");
    let add = json!({"Sid": "New", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::222222222222:root"},
        "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::b"});
    std::fs::write(path("add.json"), add.to_string()).unwrap();
    let new = ["init", "plan", "baseline", "apply"].map(|command| format!("{HOSTILE} {command}"));
    let from = format!("{}/fixtures", env!("CARGO_MANIFEST_DIR"));
    let (values, from) = (format!("{from}/expel.toml"), format!("{from}/accounts"));
    let here: Vec<Vec<&str>> = vec![
        vec!["lint", "."],
        vec!["lint", ".", "--format", "github"],
        vec!["lint", ".", "--format", "junit"],
        vec!["lint", ".", "--format", "markdown"],
        vec!["lint", ".", "--format", "sarif"],
        vec!["lint", ".", "--format", "json"],
        vec!["lint", &name, "--baseline", "known.json", "--write-baseline"],
        vec!["lint", ".", "--fix", "--diff"],
        vec!["fmt", "--check", "."],
        vec!["diff", "good.json", &name],
        vec!["diff", &name, "good.json", "--format", "markdown"],
        vec!["compact", &name, "--check"],
        vec!["compact", &name, "-o", &name],
        vec!["guide", "init", "-o", &new[0]],
        vec!["guide", "init", "--from", HOSTILE],
        vec!["guide", "plan", "--values", &values, "--from", &from, "-o", &new[1]],
        vec!["lint", "good.json", "--baseline", &new[2], "--write-baseline"],
        vec!["apply", "good.json", "--add", "./add.json", "--allow", "not-proved", "-o", &new[3]],
        vec!["fmt", &name],
        vec!["lint", "--fix", &name],
        vec!["compact", &name, "--in-place"],
        vec!["can", "--resource-policy", &name, "--action", HOSTILE, "--principal", HOSTILE],
        vec!["can", "--resource-policy", &name, "--action", "s3:GetObject", "--resource", HOSTILE],
        vec![HOSTILE],
        vec!["lint", HOSTILE],
        vec!["lint", "--select", HOSTILE],
        vec!["lint", "--kind", HOSTILE],
        vec!["lint", "--format", HOSTILE],
        vec!["lint", "--config", HOSTILE],
        vec!["lint", HOSTILE, HOSTILE, "--nonsense", HOSTILE],
        vec!["explain", HOSTILE],
        vec!["man", HOSTILE],
        vec!["completions", HOSTILE],
        vec!["steps", HOSTILE],
        vec!["render", HOSTILE],
        vec!["render", "step2", "--set", &set],
        vec!["render", "step2", "--set", HOSTILE],
        vec!["render", "step2", "--values", "broken.toml"],
        vec!["render", "step2", "--values", "unknown.toml"],
        vec!["render", "step2", "--values", &name],
        vec!["apply", &name, "--add", HOSTILE],
        vec!["apply", "good.json", "--at", HOSTILE, "--add", "step2"],
        vec!["diff", "--git", HOSTILE],
        vec!["diff", "--git", "HEAD", HOSTILE],
        vec!["guide", "check", "--from", HOSTILE],
        vec!["lint", "good.json", "--config", "broken.toml"],
        vec!["lint", "good.json", "--config", "unknown.toml"],
        vec!["lint", ".", "--config", "unused.toml"],
        vec!["steps", "--config", "pack.toml"],
        vec!["steps", HOSTILE, "--config", "pack.toml"],
        vec!["steps", "--format", "json", "--config", "pack.toml"],
    ];
    for arguments in here {
        for color in ["never", "always"] {
            // In front, so that an argument that is wrong does not keep it from being read.
            let all = [&["--color", color][..], &arguments].concat();
            let output = run(folder.path(), &all);
            assert!(matches!(output.status.code(), Some(0..=3)), "{arguments:?}: {output:?}");
            check(&format!("{arguments:?}"), &output.stdout, color == "always");
            check(&format!("{arguments:?}"), &output.stderr, color == "always");
            if arguments.contains(&"markdown") {
                check_markdown(&format!("{arguments:?}"), &output.stdout);
            }
        }
    }
}

/// Every text of a step pack that can still be loaded with the hostile one in its place.
#[test]
fn no_text_of_a_pack_forges_a_line() {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let pack = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/packs/northwind-watch");
    let own = folder.path().join("pack");
    std::fs::create_dir(&own).unwrap();
    for entry in std::fs::read_dir(&pack).unwrap().map(|entry| entry.unwrap()) {
        std::fs::copy(entry.path(), own.join(entry.file_name())).unwrap();
    }
    std::fs::write(folder.path().join("pack.toml"), "packs = [\"pack\"]\n").unwrap();
    let text = std::fs::read_to_string(pack.join("queue.json")).unwrap();
    let mut loaded = 0;
    for variant in hostile_variants(&serde_json::from_str(&text).unwrap()) {
        std::fs::write(own.join("queue.json"), variant.to_string()).unwrap();
        let render = ["render", "northwind-watch", "--as", "terraform"];
        for arguments in [&["steps"][..], &["steps", "northwind-watch:queue"], &render] {
            let output = run(folder.path(), &[arguments, &["--config", "pack.toml"]].concat());
            loaded += usize::from(output.status.success());
            check(&format!("{arguments:?} {variant}"), &output.stdout, false);
            check(&format!("{arguments:?} {variant}"), &output.stderr, false);
        }
    }
    assert!(loaded > 20, "{loaded}");
}

/// What is composed is escaped, and means the same; what is written byte for byte keeps its bytes.
#[test]
fn json_that_is_composed_means_the_same() {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let path = |name: &str| folder.path().join(name);
    let mut bad = policy();
    bad["Statement"][0]["Sid"] = json!(INVISIBLE);
    bad["Id"] = json!(INVISIBLE);
    std::fs::write(path("bad.json"), bad.to_string()).unwrap();
    let new = json!({"Sid": "New", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::222222222222:root"},
        "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::b", "Condition": {"StringEquals": {"aws:userid": INVISIBLE}}});
    std::fs::write(path("new.json"), new.to_string()).unwrap();
    let apply = |more: &[&str]| {
        let arguments = ["apply", "bad.json", "--add", "./new.json", "--allow", "not-proved", "--kind", "s3"];
        let output = run(folder.path(), &[&arguments[..], more].concat());
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let patch: Value = serde_json::from_str(&apply(&["--emit", "json-patch"])).unwrap();
    assert_eq!(patch[0]["value"]["Condition"]["StringEquals"]["aws:userid"], INVISIBLE, "{patch}");
    let same = apply(&["--emit", "same"]);
    assert_eq!(same.matches(INVISIBLE).count(), 3, "{same}");
}
