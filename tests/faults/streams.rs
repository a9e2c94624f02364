//! What is written to is full, closed, a pipe or a device.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::{UNTIDY, folder, names, pipe, polmerge, root, run, text};

#[test]
fn what_is_no_file_is_written_to_and_never_replaced() {
    let folder = folder();
    std::fs::write(folder.path().join("policy.json"), UNTIDY).unwrap();
    let new = r#"{"Sid":"New","Effect":"Allow","Action":"s3:PutObject","Resource":"arn:aws:s3:::b/*"}"#;
    std::fs::write(folder.path().join("new.json"), new).unwrap();
    let commands: [&[&str]; 4] = [
        &["compact", "policy.json", "-o", "out"],
        &["guide", "init", "-o", "out"],
        &["lint", "policy.json", "--baseline", "out", "--write-baseline"],
        &["apply", "policy.json", "--add", "./new.json", "--allow", "not-proved", "-o", "out"],
    ];
    for arguments in commands {
        let path = folder.path().join("out");
        pipe(&path);
        let mut reader = Command::new("cat").arg(&path).stdout(Stdio::piped()).spawn().unwrap();
        let output = run(folder.path(), arguments);
        if !output.status.success() {
            reader.kill().unwrap();
        }
        let got = text(&reader.wait_with_output().unwrap().stdout);
        assert!(output.status.success(), "{arguments:?}: {}", text(&output.stderr));
        assert!(got.len() > 20, "{arguments:?}: {got}");
        assert!(!path.symlink_metadata().unwrap().is_file());
        std::fs::remove_file(&path).unwrap();
        // The same on a device that is full, and on this process's own standard output, with which a file begins.
        let at =
            arguments.len() - arguments.iter().rev().position(|&argument| argument == "out").unwrap() - 1;
        let mut full = arguments.to_vec();
        full[at] = "/dev/full";
        let output = run(folder.path(), &full);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", text(&output.stderr));
        assert!(text(&output.stderr).contains("cannot write to `/dev/full`: "), "{}", text(&output.stderr));
        let mut own = arguments.to_vec();
        own[at] = "/dev/stdout";
        let target = folder.path().join("redirected");
        let mut file = std::fs::File::create(&target).unwrap();
        file.write_all(b"before\n").unwrap();
        let status = polmerge(folder.path(), &own).stdout(file).stderr(Stdio::null()).status().unwrap();
        assert!(status.success());
        let written = std::fs::read_to_string(&target).unwrap();
        assert!(
            written.starts_with("before\n") && written.contains(got.get(..20).unwrap_or("-")),
            "{arguments:?}: {written}"
        );
    }
}

#[test]
fn standard_input_under_every_name_is_not_written_in_place() {
    let folder = folder();
    let path = folder.path().join("policy.json");
    std::fs::write(&path, UNTIDY).unwrap();
    pipe(&folder.path().join("pipe"));
    for name in ["/dev/stdin", "/dev/fd/0", "/proc/self/fd/0", "-", "pipe"] {
        for arguments in [&["compact", name, "--in-place"][..], &["lint", "--fix", name], &["fmt", name]] {
            if name == "-" && arguments[0] != "compact" {
                continue;
            }
            let mut command = polmerge(folder.path(), arguments);
            let output = command.stdin(std::fs::File::open(&path).unwrap()).output().unwrap();
            assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", text(&output.stderr));
            assert_eq!(std::fs::read_to_string(&path).unwrap(), UNTIDY);
        }
    }
}

#[test]
fn standard_input_is_not_written_over_with_an_output_file() {
    let folder = folder();
    let at = |name: &str| folder.path().join(name);
    let other = UNTIDY.replace("\"A\"", "\"Other\"");
    let new = r#"{"Sid":"New","Effect":"Allow","Action":"s3:PutObject","Resource":"arn:aws:s3:::b/*"}"#;
    std::fs::write(at("new.json"), new).unwrap();
    std::os::unix::fs::symlink("policy.json", at("link")).unwrap();
    let commands: [&[&str]; 2] = [&["compact"], &["apply", "--add", "./new.json", "--allow", "not-proved"]];
    for arguments in commands {
        for (input, output) in [
            ("-", "policy.json"),
            ("-", "link"),
            ("/dev/stdin", "policy.json"),
            ("/proc/self/fd/0", "./policy.json"),
        ] {
            for is_replaced in [false, true] {
                std::fs::write(at("policy.json"), UNTIDY).unwrap();
                let stdin = std::fs::File::open(at("policy.json")).unwrap();
                // What another run does between the opening and the reading.
                if is_replaced {
                    std::fs::write(at("next"), &other).unwrap();
                    std::fs::rename(at("next"), at("policy.json")).unwrap();
                    if !cfg!(target_os = "linux") {
                        continue;
                    }
                }
                let mut command = polmerge(folder.path(), &[arguments, &[input, "-o", output]].concat());
                let done = command.stdin(stdin).output().unwrap();
                let error = text(&done.stderr);
                let what = format!("{arguments:?} {input} {output} {is_replaced}: {error}");
                assert_eq!(done.status.code(), Some(2), "{what}");
                assert!(error.contains(&format!("name the file: {output} --in-place")), "{what}");
                let after = std::fs::read_to_string(at("policy.json")).unwrap();
                assert_eq!(after, if is_replaced { other.as_str() } else { UNTIDY }, "{what}");
            }
        }
        // Another file, one that is new, and an input that has no name any more, as that of a shell.
        for (output, is_nameless) in [("other.json", false), ("other.json", true), ("policy.json", true)] {
            std::fs::write(at("policy.json"), UNTIDY).unwrap();
            std::fs::write(at("input"), UNTIDY).unwrap();
            let stdin = std::fs::File::open(at(if is_nameless { "input" } else { "policy.json" })).unwrap();
            std::fs::remove_file(at("input")).unwrap();
            let mut command = polmerge(folder.path(), &[arguments, &["-", "-o", output]].concat());
            let done = command.stdin(stdin).output().unwrap();
            assert_eq!(done.status.code(), Some(0), "{arguments:?} {output}: {}", text(&done.stderr));
            assert_ne!(std::fs::read_to_string(at(output)).unwrap(), UNTIDY);
        }
    }
    let mut command = polmerge(folder.path(), &["compact", "-", "-o", "/dev/null"]);
    let mut pipe = command.stdin(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    pipe.stdin.take().unwrap().write_all(UNTIDY.as_bytes()).unwrap();
    assert!(pipe.wait().unwrap().success());
}

/// A name, its arguments, whether it prints a document.
fn every_command() -> Vec<Vec<&'static str>> {
    let policy = "fixtures/key-policy.json";
    vec![
        vec!["lint", policy],
        vec!["lint", policy, "--format", "json"],
        vec!["lint", policy, "--format", "sarif"],
        vec!["lint", policy, "--format", "github", "--fail-on", "never"],
        vec!["lint", policy, "--fail-on", "never"],
        vec!["diff", policy, policy],
        vec!["diff", policy, policy, "--format", "json"],
        vec!["diff", policy, policy, "--format", "markdown"],
        vec!["compact", policy],
        vec!["compact", policy, "--format", "json"],
        vec!["fmt", "-"],
        vec!["fmt", "--check", "fixtures"],
        vec!["rules"],
        vec!["rules", "--format", "json"],
        vec!["explain", "json-syntax"],
        vec!["steps"],
        vec!["steps", "step2"],
        vec!["steps", "--format", "json"],
        vec!["guide", "init"],
        vec!["guide", "check", "--values", "fixtures/expel.toml", "--from", "fixtures/accounts"],
        vec!["render", "step2", "--set", "YOUR_EXPEL_ROLE_ARN=arn:aws:iam::222222222222:role/Expel"],
        vec!["completions", "bash"],
        vec!["man"],
        vec!["--help"],
        vec!["--version"],
        vec!["apply", "--help"],
        vec!["lint", "--ndjson"],
        vec!["can", "--identity", "fixtures/identity/read-only.json", "--action", "s3:GetObject"],
    ]
}

#[test]
fn a_report_that_cannot_be_written_is_a_failure() {
    let line = r#"{"id":1,"policy":{"Version":"2012-10-17","Statement":[]}}"#;
    for arguments in every_command() {
        let input = match arguments.as_slice() {
            ["lint", "--ndjson"] => line,
            _ => UNTIDY,
        };
        let answer = |stdout: Stdio| {
            let mut child = polmerge(root(), &arguments);
            let mut child =
                child.stdin(Stdio::piped()).stdout(stdout).stderr(Stdio::piped()).spawn().unwrap();
            let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
            child.wait_with_output().unwrap()
        };
        let usual = answer(Stdio::piped());
        assert!(!usual.stdout.is_empty() || usual.status.code() == Some(2), "{arguments:?} prints nothing");
        if usual.stdout.is_empty() {
            continue;
        }
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        // What is open for reading alone takes nothing, and the standard library says nothing of it.
        let unwritable = std::fs::File::open("/dev/null").unwrap();
        for (stream, why) in [(full, "No space left on device"), (unwritable, "it is open for reading only")]
        {
            let output = answer(stream.into());
            let error = text(&output.stderr);
            assert_eq!(output.status.code(), Some(2), "{arguments:?}: {error}");
            assert!(error.contains("error: ") && error.contains(why), "{arguments:?}: {error}");
        }
    }
}

/// Commands that say something on standard error and end well, on a folder with a policy.
const WITH_A_NOTE: [&[&str]; 6] = [
    &["apply", "policy.json", "--add", "./new.json", "--allow", "not-proved", "--in-place"],
    &["apply", "policy.json", "--add", "./new.json", "--allow", "not-proved"],
    &["compact", "policy.json"],
    &["lint", "--fix", "policy.json", "--fail-on", "never"],
    &["fmt", "policy.json"],
    &["guide", "init", "-o", "guide.toml"],
];

/// A folder in which each of these runs.
pub(crate) fn with_a_note() -> tempfile::TempDir {
    let folder = folder();
    std::fs::write(folder.path().join("policy.json"), UNTIDY).unwrap();
    std::fs::hard_link(folder.path().join("policy.json"), folder.path().join("second.json")).unwrap();
    let new = r#"{"Sid":"New","Effect":"Allow","Action":"s3:PutObject","Resource":"arn:aws:s3:::b/*"}"#;
    std::fs::write(folder.path().join("new.json"), new).unwrap();
    folder
}

#[test]
fn what_standard_error_does_not_take_is_a_failure_too() {
    for arguments in WITH_A_NOTE {
        let run = |stderr: Stdio| {
            let folder = with_a_note();
            let mut command = polmerge(folder.path(), arguments);
            command.stderr(stderr).stdout(Stdio::null()).spawn().unwrap().wait_with_output().unwrap()
        };
        let usual = run(Stdio::piped());
        assert_eq!(usual.status.code(), Some(0), "{arguments:?}: {}", text(&usual.stderr));
        assert!(!usual.stderr.is_empty(), "{arguments:?} says nothing");
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        assert_eq!(run(full.into()).status.code(), Some(2), "{arguments:?}");
        // A reader that has gone away is none, and what is not to be said need not get out.
        let folder = with_a_note();
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = polmerge(folder.path(), arguments);
        assert_eq!(command.stderr(writer).stdout(Stdio::null()).status().unwrap().code(), Some(0));
        let folder = with_a_note();
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let mut command = polmerge(folder.path(), &[arguments, &["-q"]].concat());
        let status = command.stderr(full).stdout(Stdio::null()).status().unwrap();
        assert_eq!(status.code(), Some(0), "{arguments:?} -q");
    }
    // Nor is a mistake in the arguments one of less weight.
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    assert_eq!(polmerge(root(), &["--no-such"]).stderr(full).status().unwrap().code(), Some(2));
}

/// The program under a limit on the size of files, in blocks of 512 bytes; past it, the system would end it.
fn limited(folder: &Path, blocks: u32, arguments: &[&str]) -> Command {
    let mut command = Command::new("sh");
    let script = format!("ulimit -c 0; ulimit -f {blocks}; exec \"$0\" \"$@\"");
    command.args(["-c", &script, env!("CARGO_BIN_EXE_polmerge")]).args(arguments);
    command.current_dir(folder).env("LC_ALL", "C.UTF-8").stdin(Stdio::null());
    command
}

#[test]
fn the_limit_on_the_size_of_files_is_an_error() {
    for command in ["lint --fix", "fmt", "compact --in-place", "compact -o new.json"] {
        let folder = folder();
        std::fs::write(folder.path().join("policy.json"), UNTIDY).unwrap();
        let arguments: Vec<&str> = command.split(' ').chain(["policy.json"]).collect();
        let output = limited(folder.path(), 0, &arguments).output().unwrap();
        let error = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{command}: {error}");
        assert!(error.contains("File too large"), "{command}: {error}");
        assert_eq!(names(folder.path()), ["policy.json"], "{command}");
        assert_eq!(std::fs::read_to_string(folder.path().join("policy.json")).unwrap(), UNTIDY);
    }
    for arguments in [&["rules"][..], &["--help"], &["compact", "fixtures/key-policy.json"]] {
        let folder = folder();
        let path = folder.path().join("report");
        let status = |blocks: u32, file: std::fs::File| {
            let mut command = limited(root(), blocks, arguments);
            command.stdout(file).stderr(Stdio::piped()).output().unwrap()
        };
        let output = status(1, std::fs::File::create(&path).unwrap());
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", text(&output.stderr));
        assert!(text(&output.stderr).contains("File too large"), "{}", text(&output.stderr));
        assert_eq!(path.metadata().unwrap().len(), 0, "{arguments:?}: nothing half written");
        assert_eq!(status(1_000, std::fs::File::create(&path).unwrap()).status.code(), Some(0));
        // What is there already counts.
        std::fs::write(&path, vec![b'x'; 511 * 1_000]).unwrap();
        let more = std::fs::OpenOptions::new().append(true).open(&path).unwrap();
        assert_eq!(status(1_000, more).status.code(), Some(2), "{arguments:?}");
    }
}

#[test]
fn a_closed_standard_output_gets_nothing() {
    let of = |arguments: &str, redirection: &str| {
        let script = format!("\"$0\" {arguments} {redirection}");
        let mut command = Command::new("sh");
        command.args(["-c", &script, env!("CARGO_BIN_EXE_polmerge")]).stderr(Stdio::piped());
        let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(UNTIDY.as_bytes()).unwrap();
        child.wait_with_output().unwrap()
    };
    for arguments in [
        "fmt -",
        "compact - -o /dev/stdout",
        "compact - -o /proc/self/fd/1",
        "compact --ndjson",
        "lint -",
        "lint --format json -",
        "lint --format sarif -",
        "rules",
        "steps",
        "--version",
        "--help",
        "help lint",
        "apply --help",
        "can --principal arn:aws:iam::111111111111:role/r --action s3:GetObject --resource '*' --identity -",
    ] {
        let (closed, null) = (of(arguments, ">&-"), of(arguments, ">/dev/null"));
        if cfg!(target_os = "linux") {
            assert_eq!(closed.status.code(), Some(2), "{arguments}: {}", text(&closed.stderr));
            assert!(text(&closed.stderr).contains("it is closed"), "{arguments}: {}", text(&closed.stderr));
            assert!(!text(&null.stderr).contains("it is closed"), "{arguments}: {}", text(&null.stderr));
        }
    }
}

#[test]
fn a_reader_that_goes_away_is_no_failure_of_a_report() {
    let mut command = polmerge(root(), &["rules"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), text(&output.stderr).as_str()), (Some(0), ""));
}

#[test]
#[cfg(target_os = "linux")]
fn a_baseline_on_standard_output_can_be_used() {
    let folder = folder();
    std::fs::create_dir(folder.path().join("policies")).unwrap();
    std::fs::write(folder.path().join("policies/p.json"), UNTIDY).unwrap();
    let output = run(folder.path(), &["lint", "policies", "--baseline", "/dev/stdout", "--write-baseline"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let baseline: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let findings = baseline["findings"].as_array().unwrap();
    assert!(!findings.is_empty() && text(&output.stderr).contains(" written to /dev/stdout."));
    assert!(findings.iter().all(|finding| finding["path"] == "policies/p.json"), "{baseline}");
    std::fs::write(folder.path().join("known.json"), &output.stdout).unwrap();
    let output = run(folder.path(), &["lint", "policies", "--baseline", "known.json", "--fail-on", "note"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stdout));
}

#[test]
fn names_to_write_to() {
    let folder = folder();
    let at = |name: &str| folder.path().join(name);
    std::fs::write(at("policy.json"), UNTIDY).unwrap();
    let new = r#"{"Sid":"New","Effect":"Allow","Action":"s3:PutObject","Resource":"arn:aws:s3:::b/*"}"#;
    std::fs::write(at("new.json"), new).unwrap();
    std::os::unix::fs::symlink("none.json", at("dangling")).unwrap();
    std::os::unix::fs::symlink("loop", at("loop")).unwrap();
    let commands: [&[&str]; 3] = [
        &["compact", "policy.json"],
        &["apply", "policy.json", "--add", "./new.json", "--allow", "not-proved"],
        &["guide", "init"],
    ];
    for arguments in commands {
        let to = |name: &str| run(folder.path(), &[arguments, &["-o", name]].concat());
        for name in ["dangling", "loop"] {
            let output = to(name);
            let error = text(&output.stderr);
            assert_eq!(output.status.code(), Some(2), "{arguments:?} {name}: {error}");
            assert!(
                at(name).symlink_metadata().unwrap().is_symlink() && !at("none.json").exists(),
                "{arguments:?}"
            );
        }
        // As in other programs, `-` is standard output.
        let (usual, output) = (run(folder.path(), arguments), to("-"));
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", text(&output.stderr));
        assert_eq!(text(&output.stdout), text(&usual.stdout), "{arguments:?}");
        assert!(!at("-").exists(), "{arguments:?}");
    }
    let dangling = text(&run(folder.path(), &["compact", "policy.json", "-o", "dangling"]).stderr);
    assert!(dangling.contains("`dangling` is a symbolic link that does not lead to a file"), "{dangling}");
    // A descriptor that leads to a pipe is written to; one that leads to a file would be written from its start.
    let with = |script: &str| {
        let mut command = Command::new("sh");
        command.args(["-c", script, env!("CARGO_BIN_EXE_polmerge")]).current_dir(folder.path());
        command.output().unwrap()
    };
    let output = with("{ \"$0\" compact policy.json -o /dev/fd/7 7>&1 >/dev/null 2>/dev/null; } | cat");
    assert!(text(&output.stdout).contains("s3:GetObject"), "{}", text(&output.stdout));
    let output = with("echo before >taken; \"$0\" compact policy.json -o /dev/fd/7 7>>taken");
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("it is a file that is open already"), "{}", text(&output.stderr));
    assert_eq!(std::fs::read_to_string(at("taken")).unwrap(), "before\n");
    let arguments =
        ["guide", "plan", "--values", "fixtures/expel.toml", "--from", "fixtures/accounts", "-o", "-"];
    let output = run(root(), &arguments);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        text(&output.stderr).contains("cannot be printed on standard output"),
        "{}",
        text(&output.stderr)
    );
}
