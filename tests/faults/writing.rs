//! Another writer at the same time, a run that was killed, a file that cannot be written: nothing is lost.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::streams::with_a_note;
use crate::{UNTIDY, folder, names, pipe, polmerge, root, run, text};

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
    assert!(error.contains("0 laid out, 0 as it should be, 3 files failed."), "{error}");
    let mut limited = Command::new("sh");
    limited.args(["-c", "ulimit -f 0; trap '' XFSZ; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_polmerge")]);
    let output = limited.args(["lint", "--fix", "a.json"]).current_dir(folder.path()).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", text(&output.stderr));
    assert!(
        text(&output.stdout).contains("with --fix"),
        "its findings are still there:\n{}",
        text(&output.stdout)
    );
    let mut limited = Command::new("sh");
    limited.args(["-c", "ulimit -f 0; trap '' XFSZ; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_polmerge")]);
    limited.args(["lint", "--fix", "a.json", "none.json"]).current_dir(folder.path());
    let output = text(&limited.output().unwrap().stdout);
    let counts = "1 policy in 1 file checked; 1 file not read; 1 file not written. ";
    assert!(output.contains(counts), "{output}");
    assert_eq!(std::fs::read_to_string(at("a.json")).unwrap(), UNTIDY);
    assert_eq!(names(folder.path()), ["a.json", "bad", "c.json"]);
    // Of a file that is not there yet, nothing is as it was.
    for (name, is_there) in [("new.json", false), ("c.json", true)] {
        let mut limited = Command::new("sh");
        limited.args(["-c", "ulimit -f 0; trap '' XFSZ; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_polmerge")]);
        limited.args(["compact", "a.json", "-o", name]).current_dir(folder.path());
        let error = text(&limited.output().unwrap().stderr);
        assert!(error.contains(&format!("cannot write `{name}`: ")), "{error}");
        assert_eq!(error.contains("it is as it was"), is_there, "{error}");
        assert!(!error.contains(".polmerge-"), "{error}");
    }
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
