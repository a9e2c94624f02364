//! Faults put in on purpose: another writer at the same time, a full disk, a pipe where a file is meant. Nothing is
//! lost, nothing hangs, and no failure is silent.
#![cfg(all(feature = "cli", unix))]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The program, with some arguments, in a folder.
fn polmerge(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_polmerge"));
    command.current_dir(folder).args(arguments).env("LC_ALL", "C.UTF-8").stdin(Stdio::null());
    command
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    polmerge(folder, arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap()
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// A policy whose laying out changes it.
const UNTIDY: &str = r#"{"Version":"2012-10-17","Statement":[{"Sid":"A","Effect":"Allow","Action":["s3:GetObject","s3:GetObject"],"Resource":"arn:aws:s3:::b/*"}]}"#;

fn pipe(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

#[test]
fn two_at_once_both_count() {
    let folder = folder();
    let statement = |sid: &str| {
        format!(
            r#"{{"Sid":"{sid}","Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::{}/*"}}"#,
            sid.to_lowercase()
        )
    };
    for sid in ["One", "Two", "Three", "Four"] {
        std::fs::write(folder.path().join(format!("{sid}.json")), statement(sid)).unwrap();
    }
    for round in 0..5 {
        std::fs::write(folder.path().join("policy.json"), UNTIDY).unwrap();
        let started: Vec<_> = ["One", "Two", "Three", "Four"]
            .iter()
            .map(|sid| {
                let file = format!("./{sid}.json");
                let arguments =
                    ["apply", "policy.json", "--add", &file, "--in-place", "--allow", "not-proved"];
                polmerge(folder.path(), &arguments)
                    .stdout(Stdio::null())
                    .stderr(Stdio::piped())
                    .spawn()
                    .unwrap()
            })
            .collect();
        for child in started {
            let output = child.wait_with_output().unwrap();
            assert!(output.status.success(), "{}", text(&output.stderr));
        }
        let after = std::fs::read_to_string(folder.path().join("policy.json")).unwrap();
        for sid in ["A", "One", "Two", "Three", "Four"] {
            assert!(after.contains(&format!("\"{sid}\"")), "round {round} lost {sid}:\n{after}");
        }
    }
    assert_eq!(names(folder.path()).len(), 5, "{:?}", names(folder.path()));
}

/// The program is stopped between its reading and its writing, as `--ask` stops it for as long as it takes: here by a
/// pipe of its own input that is not ended yet.
#[test]
fn what_another_program_wrote_in_the_meantime_stays() {
    let folder = folder();
    let path = folder.path().join("policy.json");
    std::fs::write(&path, UNTIDY).unwrap();
    std::fs::write(folder.path().join("known.json"), "{\"version\":1,\"findings\":[]}\n").unwrap();
    pipe(&folder.path().join("values.json"));
    let arguments = ["apply", "policy.json", "--add", "./new.json", "--values", "values.json", "--in-place"];
    let new = r#"{"Sid":"New","Effect":"Allow","Action":"s3:PutObject","Resource":"arn:aws:s3:::b/*"}"#;
    std::fs::write(folder.path().join("new.json"), new).unwrap();
    let other = UNTIDY.replace("\"A\"", "\"Other\"");
    std::fs::write(folder.path().join("elsewhere.json"), UNTIDY).unwrap();
    let gone = || std::fs::remove_file(&path).unwrap();
    let changes: [(&str, &dyn Fn()); 4] = [
        ("another text", &|| std::fs::write(&path, &other).unwrap()),
        ("nothing", &gone),
        ("a pipe", &|| {
            gone();
            pipe(&path);
        }),
        ("a link to the same text", &|| {
            gone();
            std::os::unix::fs::symlink("elsewhere.json", &path).unwrap();
        }),
    ];
    for (what, change) in changes {
        let _ = std::fs::remove_file(&path);
        std::fs::write(&path, UNTIDY).unwrap();
        let mut command = polmerge(folder.path(), &arguments);
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // It opens the pipe only when it has read the policy.
        let mut values =
            std::fs::OpenOptions::new().write(true).open(folder.path().join("values.json")).unwrap();
        change();
        values.write_all(b"{}").unwrap();
        drop(values);
        let output = child.wait_with_output().unwrap();
        let error = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{what}: {error}");
        assert!(error.contains("`policy.json` has changed since it was read"), "{what}: {error}");
        assert!(output.stdout.is_empty());
        match what {
            "another text" => assert_eq!(std::fs::read_to_string(&path).unwrap(), other),
            "nothing" => assert!(!path.exists()),
            _ => assert!(!path.symlink_metadata().unwrap().is_file(), "{what}"),
        }
        assert_eq!(std::fs::read_to_string(folder.path().join("elsewhere.json")).unwrap(), UNTIDY);
    }
}

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
    let mut pipe = command.stdin(Stdio::piped()).spawn().unwrap();
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
fn with_a_note() -> tempfile::TempDir {
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

#[test]
fn a_hard_link_that_is_torn_is_said() {
    let commands: [&[&str]; 6] = [
        &["apply", "policy.json", "--add", "./new.json", "--allow", "not-proved", "--in-place"],
        &["compact", "policy.json", "--in-place"],
        &["lint", "--fix", "policy.json", "--fail-on", "never"],
        &["fmt", "policy.json"],
        &["compact", "policy.json", "-o", "policy.json"],
        &["lint", "new.json", "--baseline", "policy.json", "--write-baseline", "--fail-on", "never"],
    ];
    for arguments in commands {
        let folder = with_a_note();
        let before = match arguments.contains(&"--baseline") {
            true => "{\"version\":1,\"findings\":[]}",
            false => UNTIDY,
        };
        // Written to, and not replaced, so that both names stay one file.
        std::fs::write(folder.path().join("policy.json"), before).unwrap();
        let output = run(folder.path(), arguments);
        let error = text(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {error}");
        assert!(
            error.contains(
                "note: `policy.json`: it had a second name (a hard link), which still has the old content"
            ),
            "{arguments:?}: {error}"
        );
        assert_eq!(std::fs::read_to_string(folder.path().join("second.json")).unwrap(), before);
        assert_ne!(std::fs::read_to_string(folder.path().join("policy.json")).unwrap(), before);
        std::fs::remove_file(folder.path().join("second.json")).unwrap();
        std::fs::write(folder.path().join("policy.json"), before).unwrap();
        let error = text(&run(folder.path(), arguments).stderr);
        assert!(!error.contains("hard link"), "{arguments:?}: {error}");
    }
}

#[test]
fn what_a_killed_run_leaves_the_next_one_removes() {
    for command in ["lint --fix", "fmt", "compact --in-place"] {
        let folder = folder();
        let others = [".polmerge-abcd1234", ".other.json.polmerge-x-a1B2c3D4", "policy.json"];
        for name in others
            .into_iter()
            .chain([".policy.json.polmerge-4711-a1B2c3D4", ".new.json.polmerge-4711-a1B2c3D4"])
        {
            std::fs::write(folder.path().join(name), UNTIDY).unwrap();
        }
        let arguments: Vec<&str> = command.split(' ').chain(["policy.json"]).collect();
        let output = run(folder.path(), &arguments);
        assert_ne!(output.status.code(), Some(2), "{command}: {}", text(&output.stderr));
        assert_eq!(
            names(folder.path()),
            [".other.json.polmerge-x-a1B2c3D4", ".polmerge-abcd1234", "policy.json"]
        );
        assert_ne!(std::fs::read_to_string(folder.path().join("policy.json")).unwrap(), UNTIDY);
    }
    // What makes a new file, beside which there is none of the name that was to be taken.
    let commands: [&[&str]; 3] = [
        &["compact", "policy.json", "-o", "new"],
        &["lint", "policy.json", "--baseline", "new", "--write-baseline", "--fail-on", "never"],
        &["guide", "init", "-o", "new"],
    ];
    for arguments in commands {
        let folder = folder();
        for name in [".new.polmerge-4711-a1B2c3D4", "policy.json"] {
            std::fs::write(folder.path().join(name), UNTIDY).unwrap();
        }
        let output = run(folder.path(), arguments);
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", text(&output.stderr));
        assert_eq!(names(folder.path()), ["new", "policy.json"], "{arguments:?}");
    }
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
fn a_closed_standard_output_gets_no_document() {
    for (redirection, status) in [(">&-", 2), (">/dev/null", 0)] {
        let script = format!("\"$0\" fmt - {redirection}");
        let mut command = Command::new("sh");
        command.args(["-c", &script, env!("CARGO_BIN_EXE_polmerge")]).stderr(Stdio::piped());
        let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(UNTIDY.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        if cfg!(target_os = "linux") {
            assert_eq!(output.status.code(), Some(status), "{redirection}: {}", text(&output.stderr));
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
fn a_file_that_cannot_be_written_is_counted_as_it_is() {
    let folder = folder();
    let at = |name: &str| -> PathBuf { folder.path().join(name) };
    std::fs::create_dir(at("bad")).unwrap();
    for name in ["a.json", "bad/b.json", "c.json"] {
        std::fs::write(at(name), UNTIDY).unwrap();
    }
    // No new file fits into a folder on which nothing is left; root writes into one that is read-only.
    let mut limited = Command::new("sh");
    limited.args(["-c", "ulimit -f 0; trap '' XFSZ; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_polmerge")]);
    let output = limited.args(["fmt", "."]).current_dir(folder.path()).output().unwrap();
    let error = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{error}");
    assert_eq!(error.matches("error: cannot write ").count(), 3, "{error}");
    assert!(error.contains("0 laid out, 0 as it should be"), "{error}");
    let mut limited = Command::new("sh");
    limited.args(["-c", "ulimit -f 0; trap '' XFSZ; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_polmerge")]);
    let output = limited.args(["lint", "--fix", "a.json"]).current_dir(folder.path()).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", text(&output.stderr));
    assert!(
        text(&output.stdout).contains("with --fix"),
        "its findings are still there:\n{}",
        text(&output.stdout)
    );
    assert_eq!(std::fs::read_to_string(at("a.json")).unwrap(), UNTIDY);
    assert_eq!(names(folder.path()), ["a.json", "bad", "c.json"]);
}

#[test]
fn a_configuration_that_may_not_be_meant_is_named() {
    let folder = folder();
    let repository = folder.path().join("repository");
    std::fs::create_dir_all(repository.join(".git")).unwrap();
    std::fs::write(repository.join("policy.json"), UNTIDY).unwrap();
    std::fs::write(folder.path().join("polmerge.toml"), "[rules]\nredundancy = \"off\"\n").unwrap();
    let error = text(&run(&repository, &["lint", "policy.json"]).stderr);
    assert!(error.contains("polmerge.toml`, above the root of the repository"), "{error}");
    let error = text(&run(&repository, &["lint", "policy.json", "--config", "../polmerge.toml"]).stderr);
    assert!(!error.contains("note:"), "what was named is meant: {error}");
    let error = text(&run(folder.path(), &["lint", "repository/policy.json"]).stderr);
    assert!(!error.contains("above the root"), "{error}");
}

#[test]
fn a_pack_that_cannot_be_one_is_an_error_and_no_wait() {
    let folder = folder();
    let at = |name: &str| folder.path().join(name);
    std::fs::create_dir(at("pack")).unwrap();
    std::fs::write(at("polmerge.toml"), "packs = [\"pack\"]\n").unwrap();
    pipe(&at("pack/pack.json"));
    let output = run(folder.path(), &["steps"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("it is not a regular file"), "{}", text(&output.stderr));
    std::fs::remove_file(at("pack/pack.json")).unwrap();
    let shipped = root().join("policies/expel-control-tower");
    for file in std::fs::read_dir(shipped).unwrap() {
        let file = file.unwrap().path();
        std::fs::copy(&file, at("pack").join(file.file_name().unwrap())).unwrap();
    }
    let output = run(folder.path(), &["steps"]);
    assert_eq!(output.status.code(), Some(2));
    let error = text(&output.stderr);
    assert!(error.contains("pack.json` is called `expel-control-tower`, as another one is"), "{error}");
    // More than is read of such a file, on a disk that has it as a hole.
    std::fs::File::create(at("pack/pack.json")).unwrap().set_len((64 << 20) + 1).unwrap();
    let error = text(&run(folder.path(), &["steps"]).stderr);
    assert!(error.contains("is larger than 64 MiB"), "{error}");
    let twice = r#"{"name":"p","title":"P","about":"A","steps":["a","a"]}"#;
    std::fs::write(at("pack/pack.json"), twice).unwrap();
    let step = r#"{"name":"a","title":"A","account":"x","documents":[]}"#;
    std::fs::write(at("pack/a.json"), step).unwrap();
    let output = run(folder.path(), &["steps"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("the step `a` is listed twice"), "{}", text(&output.stderr));
}

#[test]
fn a_configuration_that_cannot_be_read_is_an_error_and_no_wait() {
    let folder = folder();
    let path = folder.path().join("polmerge.toml");
    std::fs::write(folder.path().join("policy.json"), UNTIDY).unwrap();
    let makes: [(&dyn Fn(), &str); 4] = [
        (&|| pipe(&path), "it is not a regular file"),
        (&|| std::fs::create_dir(&path).unwrap(), "it is not a regular file"),
        (&|| std::os::unix::fs::symlink("none", &path).unwrap(), "No such file"),
        (&|| std::fs::File::create(&path).unwrap().set_len((1 << 20) + 1).unwrap(), "is larger than 1 MiB"),
    ];
    for (make, why) in makes {
        make();
        let output = run(folder.path(), &["lint", "policy.json"]);
        let error = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{error}");
        assert!(error.contains("polmerge.toml") && error.contains(why), "{error}");
        let _ = std::fs::remove_file(&path).or_else(|_| std::fs::remove_dir(&path));
    }
    // One that is named can come out of a pipe.
    let script = "echo 'near-quota = 80' | \"$0\" lint policy.json --config /dev/stdin";
    let mut command = Command::new("sh");
    let output =
        command.args(["-c", script, env!("CARGO_BIN_EXE_polmerge")]).current_dir(folder.path()).output();
    assert_ne!(output.unwrap().status.code(), Some(2));
}

/// What names ignored files is read by a library that opens whatever has the name, without limits.
#[test]
fn files_of_ignored_names_are_no_wait_and_no_crash() {
    let deep = "{a,".repeat(50_000);
    let link_to_zeros = |path: &Path| std::os::unix::fs::symlink("/dev/zero", path).unwrap();
    type Make<'m> = &'m dyn Fn(&Path);
    let makes: [(&str, Make<'_>, &str); 5] = [
        ("a pipe", &pipe, "it is not a regular file"),
        ("a device", &link_to_zeros, "it is not a regular file"),
        (
            "deep braces",
            &|path| std::fs::write(path, format!("x\n{deep}\n")).unwrap(),
            "line 2: a glob has at most",
        ),
        (
            "nested groups",
            &|path| std::fs::write(path, "{\\}".repeat(200)).unwrap(),
            "line 1: a glob has at most 32 groups in braces",
        ),
        (
            "a huge file",
            &|path| std::fs::File::create(path).unwrap().set_len(1 << 40).unwrap(),
            "it is larger than 256 KiB",
        ),
    ];
    let places =
        ["inner/.gitignore", "inner/.ignore", "inner/deeper/.gitignore", ".gitignore", ".git/info/exclude"];
    for (what, make, why) in makes {
        for place in places {
            let folder = folder();
            let at = |name: &str| folder.path().join(name);
            std::fs::create_dir_all(at("inner/deeper")).unwrap();
            std::fs::create_dir_all(at(".git/info")).unwrap();
            for name in ["inner/a.json", "inner/deeper/b.json", "other.json"] {
                std::fs::write(at(name), UNTIDY).unwrap();
            }
            make(&at(place));
            let output = run(&at("inner"), &["fmt", "--check", ".", "../other.json"]);
            let error = text(&output.stderr);
            assert_eq!(output.status.code(), Some(2), "{what} {place}: {error}");
            let name = place.rsplit_once('/').map_or(place, |(_, name)| name);
            assert!(error.contains(name) && error.contains(why), "{what} {place}: {error}");
            // What it does not count for is looked at.
            let all = text(&output.stdout) + &error;
            assert!(all.contains("other.json"), "{what} {place}: {all}");
            assert_eq!(all.contains("a.json"), place == "inner/deeper/.gitignore", "{what} {place}: {all}");
            assert!(!all.contains("b.json"), "{what} {place}: {all}");
        }
    }
    // The repository of a worktree is named in a file.
    let folder = folder();
    let at = |name: &str| folder.path().join(name);
    std::fs::write(at("a.json"), UNTIDY).unwrap();
    for make in [&pipe as &dyn Fn(&Path), &link_to_zeros] {
        make(&at(".git"));
        let output = run(folder.path(), &["fmt", "--check", "."]);
        assert_eq!(output.status.code(), Some(2), "{}", text(&output.stderr));
        assert!(text(&output.stderr).contains(".git"));
        std::fs::remove_file(at(".git")).unwrap();
    }
    // Each is small enough, and all that count in a folder are not.
    let many = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let mut inner = many.path().to_owned();
    for depth in 0..4 {
        inner.push("inner");
        std::fs::create_dir(&inner).unwrap();
        std::fs::write(inner.join(".gitignore"), "# a comment, so that it takes no time\n".repeat(5_000))
            .unwrap();
        std::fs::write(inner.join(format!("at{depth}.json")), UNTIDY).unwrap();
    }
    let output = run(many.path(), &["fmt", "--check", "."]);
    let error = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{error}");
    assert!(error.contains("with those above it, more than 512 KiB count there"), "{error}");
    let all = text(&output.stdout) + &error;
    assert!(all.contains("at1.json") && !all.contains("at2.json"), "{all}");
    // The user's own; and what is in order counts as ever.
    let home = tempfile::tempdir().unwrap();
    let global = || {
        let mut command = polmerge(folder.path(), &["fmt", "--check", "."]);
        let excludes = format!("[core]\nexcludesFile = {}/ignored\n", home.path().display());
        std::fs::write(home.path().join("settings"), excludes).unwrap();
        command.env("GIT_CONFIG_GLOBAL", home.path().join("settings")).output().unwrap()
    };
    assert_eq!(global().status.code(), Some(1));
    std::fs::write(home.path().join("ignored"), &deep).unwrap();
    assert_eq!(global().status.code(), Some(2));
    std::fs::write(home.path().join("ignored"), "{a,b}.json\n").unwrap();
    let output = global();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
}

#[test]
fn a_lock_that_is_not_given_back_is_named() {
    let folder = folder();
    let path = folder.path().join("policy.json");
    std::fs::write(&path, UNTIDY).unwrap();
    let other = std::fs::File::open(&path).unwrap();
    other.lock().unwrap();
    let output = run(folder.path(), &["fmt", "policy.json"]);
    let error = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{error}");
    assert!(error.contains("`policy.json` is locked by another process"), "{error}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), UNTIDY);
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

#[test]
fn plans_made_at_once_get_a_folder_each() {
    let folder = folder();
    let plan = folder.path().join("plan");
    let arguments = ["guide", "plan", "--values", "fixtures/expel.toml", "--from", "fixtures/accounts", "-o"];
    let arguments = [&arguments[..], &[plan.to_str().unwrap()]].concat();
    std::fs::create_dir_all(plan.join(".plan.polmerge-4711-a1B2c3D4/1")).unwrap();
    std::fs::write(plan.join(".plan.polmerge-4711-a1B2c3D4/1/run.sh"), "").unwrap();
    let started: Vec<_> = (0..4)
        .map(|_| polmerge(root(), &arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap())
        .collect();
    for child in started {
        let output = child.wait_with_output().unwrap();
        assert!(matches!(output.status.code(), Some(0 | 1)), "{}", text(&output.stderr));
    }
    assert_eq!(names(&plan), ["0001", "0002", "0003", "0004"], "and that of a killed run is gone");
    let all: Vec<Vec<String>> = names(&plan).iter().map(|name| names(&plan.join(name))).collect();
    assert!(!all[0].is_empty() && all.iter().all(|files| *files == all[0]), "{all:?}");
}

#[test]
fn small_mistakes_are_said() {
    let folder = folder();
    let at = |name: &str| folder.path().join(name);
    std::fs::write(at("bom.json"), format!("\u{feff}{UNTIDY}")).unwrap();
    let mut command = polmerge(folder.path(), &["fmt", "-"]);
    let output = command.stdin(std::fs::File::open(at("bom.json")).unwrap()).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("is not valid JSON"), "{}", text(&output.stderr));
    std::fs::write(at("values.toml"), "A = \"x\"\nB = \n").unwrap();
    let error = text(&run(folder.path(), &["render", "step2", "--values", "values.toml"]).stderr);
    assert!(error.contains("`values.toml` is no file of values: line 2: "), "{error}");
    std::fs::create_dir_all(at("plan/4294967295")).unwrap();
    let plan = at("plan");
    let arguments = ["guide", "plan", "--values", "fixtures/expel.toml", "--from", "fixtures/accounts", "-o"];
    let output = run(root(), &[&arguments[..], &[plan.to_str().unwrap()]].concat());
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("no number is left"), "{}", text(&output.stderr));
    assert_eq!(names(&plan), ["4294967295"]);
}
