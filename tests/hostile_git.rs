//! `diff --git` in a checkout whose configuration, attributes and hooks name programs to run: none of them runs, and
//! nothing is fetched. For each trick, git itself shows that it would have worked.
#![cfg(all(feature = "cli", unix))]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

const OLD: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}]}"#;

/// A repository with a policy that differs from its commit, and a script that leaves a mark.
struct Trap {
    folder: tempfile::TempDir,
}

impl Trap {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let trap = Trap { folder };
        std::fs::create_dir(trap.repository()).unwrap();
        let script = format!("#!/bin/sh\ntouch '{}'\ncat\n", trap.mark().display());
        std::fs::write(trap.script(), script).unwrap();
        std::fs::set_permissions(trap.script(), std::fs::Permissions::from_mode(0o755)).unwrap();
        trap.git(&["init", "-q", "-b", "main"]);
        trap.write("policy.json", OLD);
        trap.write("same.json", OLD);
        trap.git(&["add", "."]);
        trap.git(&["-c", "user.name=n", "-c", "user.email=e@example.com", "commit", "-q", "-m", "one"]);
        trap.write("policy.json", &OLD.replace("GetObject", "*"));
        trap
    }

    fn repository(&self) -> PathBuf {
        self.folder.path().join("repository")
    }

    fn mark(&self) -> PathBuf {
        self.folder.path().join("mark")
    }

    fn script(&self) -> PathBuf {
        self.folder.path().join("script")
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.repository().join(name), text).unwrap();
    }

    fn set(&self, name: &str, value: &str) {
        self.git(&["config", name, value]);
    }

    fn run(&self, program: &str, folder: &Path, arguments: &[&str]) -> Output {
        let mut command = Command::new(program);
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.as_bytes().starts_with(b"GIT_")) {
            command.env_remove(name);
        }
        command.current_dir(folder).args(arguments).env("LC_ALL", "C.UTF-8").env("HOME", self.folder.path());
        command.env("GIT_CONFIG_NOSYSTEM", "1").stdin(Stdio::null()).output().unwrap()
    }

    fn git(&self, arguments: &[&str]) {
        let output = self.run("git", &self.repository(), arguments);
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }

    /// What is in the way of the comparison, or that it is made; never is the script run.
    fn check(&self, what: &str, wanted: i32) {
        let output = self.run(env!("CARGO_BIN_EXE_polmerge"), &self.repository(), &["diff", "--git", "HEAD"]);
        let said =
            String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        assert!(!self.mark().exists(), "{what} ran:\n{said}");
        assert_eq!(output.status.code(), Some(wanted), "{what}: {said}");
        if wanted == 0 {
            assert!(said.contains("policy.json") && said.contains("broader"), "{what}: {said}");
        }
    }

    fn check_that_git_runs_it(&self, what: &str, arguments: &[&str]) {
        self.run("git", &self.repository(), arguments);
        assert!(self.mark().exists(), "{what}: git does not run it either, so that the test shows nothing");
    }
}

#[test]
fn a_monitor_of_the_file_system_is_not_asked() {
    let trap = Trap::new();
    trap.set("core.fsmonitor", trap.script().to_str().unwrap());
    trap.check("core.fsmonitor", 0);
    trap.check_that_git_runs_it("core.fsmonitor", &["diff", "--raw", "HEAD"]);
}

#[test]
fn filters_are_not_run() {
    for name in ["trap", "a=b", "x.y"] {
        for kind in ["clean", "process"] {
            let trap = Trap::new();
            trap.set(&format!("filter.{name}.{kind}"), trap.script().to_str().unwrap());
            trap.set(&format!("filter.{name}.required"), "true");
            trap.write(".gitattributes", &format!("*.json filter={name}\n"));
            trap.check(&format!("filter.{name}.{kind}"), 0);
            trap.write("same.json", OLD);
            if !name.contains('=') {
                trap.check_that_git_runs_it(kind, &["diff", "HEAD"]);
            }
        }
    }
}

#[test]
fn drivers_of_diff_are_not_run() {
    for kind in ["command", "textconv"] {
        let trap = Trap::new();
        trap.set(&format!("diff.trap.{kind}"), trap.script().to_str().unwrap());
        trap.write(".gitattributes", "*.json diff=trap\n");
        trap.check(kind, 0);
        trap.check_that_git_runs_it(kind, &["diff", "HEAD"]);
    }
    let trap = Trap::new();
    trap.set("diff.external", trap.script().to_str().unwrap());
    trap.set("core.pager", trap.script().to_str().unwrap());
    trap.check("diff.external", 0);
    trap.check_that_git_runs_it("diff.external", &["diff", "HEAD"]);
}

#[test]
fn hooks_are_not_run() {
    let trap = Trap::new();
    let hook = trap.repository().join(".git/hooks/post-index-change");
    std::fs::create_dir_all(hook.parent().unwrap()).unwrap();
    std::fs::copy(trap.script(), &hook).unwrap();
    // Its time is not that of the index any more.
    trap.write("same.json", OLD);
    trap.check("post-index-change", 0);
    trap.check_that_git_runs_it("post-index-change", &["status"]);
}

#[test]
fn nothing_is_fetched_into_a_partial_clone() {
    // One that answers would keep git waiting.
    let script = |trap: &Trap| {
        std::fs::write(trap.script(), format!("#!/bin/sh\ntouch '{}'\nexit 1\n", trap.mark().display()))
            .unwrap();
        trap.script().to_str().unwrap().to_owned()
    };
    type Settings<'a> = &'a dyn Fn(&Trap) -> Vec<(&'static str, String)>;
    let remotes: [(&str, Settings<'_>); 3] = [
        ("ext", &|trap| {
            vec![
                ("remote.origin.url", format!("ext::{}", script(trap))),
                ("protocol.ext.allow", "always".to_owned()),
            ]
        }),
        ("ssh", &|trap| {
            vec![
                ("remote.origin.url", "ssh://192.0.2.1/x".to_owned()),
                ("core.sshCommand", script(trap)),
                ("protocol.ssh.allow", "always".to_owned()),
            ]
        }),
        ("file", &|trap| {
            vec![
                ("remote.origin.url", format!("file://{}", trap.repository().display())),
                ("remote.origin.uploadpack", script(trap)),
                ("protocol.file.allow", "always".to_owned()),
            ]
        }),
    ];
    for (what, settings) in remotes {
        let trap = Trap::new();
        let output = trap.run("git", &trap.repository(), &["rev-parse", "HEAD:policy.json"]);
        let id = String::from_utf8(output.stdout).unwrap();
        let (folder, file) = id.trim().split_at(2);
        std::fs::remove_file(trap.repository().join(".git/objects").join(folder).join(file)).unwrap();
        trap.set("core.repositoryformatversion", "1");
        trap.set("extensions.partialClone", "origin");
        trap.set("remote.origin.promisor", "true");
        trap.set("remote.origin.partialclonefilter", "blob:none");
        for (name, value) in settings(&trap) {
            trap.set(name, &value);
        }
        // `same.json` had the same content, so both are missing; what differs cannot be compared.
        trap.check(what, 2);
        trap.check_that_git_runs_it(what, &["cat-file", "blob", id.trim()]);
    }
}

#[test]
fn a_repository_in_the_files_of_a_checkout_is_none() {
    let trap = Trap::new();
    let inner = trap.repository().join("inner");
    trap.git(&["clone", "-q", "--bare", ".", "inner"]);
    let config = |name: &str, value: &str| {
        let output = trap.run("git", &inner, &["config", "--file", "config", name, value]);
        assert!(output.status.success());
    };
    config("core.bare", "false");
    config("core.worktree", trap.repository().to_str().unwrap());
    config("core.fsmonitor", trap.script().to_str().unwrap());
    let output = trap.run(env!("CARGO_BIN_EXE_polmerge"), &inner, &["diff", "--git", "HEAD"]);
    assert!(!trap.mark().exists());
    assert_eq!(output.status.code(), Some(2), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_working_tree_elsewhere_is_not_read() {
    let (trap, other) = (Trap::new(), tempfile::tempdir().unwrap());
    std::fs::write(other.path().join("secret.json"), OLD).unwrap();
    trap.set("core.worktree", other.path().to_str().unwrap());
    let output = trap.run(env!("CARGO_BIN_EXE_polmerge"), &trap.repository(), &["diff", "--git", "HEAD"]);
    let said =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(!said.contains("secret.json"), "{said}");
    assert_eq!(output.status.code(), Some(2), "{said}");
}

#[test]
fn what_the_index_says_is_unchanged_is_looked_at() {
    for flag in ["--assume-unchanged", "--skip-worktree"] {
        let trap = Trap::new();
        trap.git(&["update-index", flag, "policy.json", "same.json"]);
        trap.check(flag, 0);
        let hidden = trap.run("git", &trap.repository(), &["diff", "--raw", "HEAD"]);
        assert!(hidden.stdout.is_empty(), "{flag}: git sees it, so that the test shows nothing");
        let said = |trap: &Trap| {
            let output =
                trap.run(env!("CARGO_BIN_EXE_polmerge"), &trap.repository(), &["diff", "--git", "HEAD"]);
            String::from_utf8_lossy(&output.stdout).into_owned()
        };
        assert!(!said(&trap).contains("same.json"), "{flag}: {}", said(&trap));
        // One that a sparse checkout leaves out has not changed; one that is to be there has gone.
        std::fs::remove_file(trap.repository().join("policy.json")).unwrap();
        std::fs::remove_file(trap.repository().join("same.json")).unwrap();
        assert_eq!(
            said(&trap).contains("policy.json"),
            flag == "--assume-unchanged",
            "{flag}: {}",
            said(&trap)
        );
    }
}

#[test]
fn another_commit_is_not_put_in_the_place_of_the_base() {
    let trap = Trap::new();
    let base = trap.run("git", &trap.repository(), &["rev-parse", "HEAD"]);
    let base = String::from_utf8(base.stdout).unwrap();
    trap.git(&["-c", "user.name=n", "-c", "user.email=e@example.com", "commit", "-q", "-a", "-m", "two"]);
    trap.git(&["replace", base.trim(), "HEAD"]);
    let output = trap.run("git", &trap.repository(), &["diff", "--raw", base.trim()]);
    assert!(output.stdout.is_empty(), "git does not replace it, so that the test shows nothing");
    let output =
        trap.run(env!("CARGO_BIN_EXE_polmerge"), &trap.repository(), &["diff", "--git", base.trim()]);
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.contains("policy.json") && said.contains("broader"), "{said}");
}

#[test]
fn the_base_is_the_commit_that_is_named() {
    let trap = Trap::new();
    let commit = |trap: &Trap| {
        trap.git(&[
            "-c",
            "user.name=n",
            "-c",
            "user.email=e@example.com",
            "commit",
            "-q",
            "-a",
            "-m",
            "more",
        ]);
    };
    let id = |name: &str| {
        let output = trap.run("git", &trap.repository(), &["rev-parse", name]);
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    };
    let said = |base: &str| {
        let output = trap.run(env!("CARGO_BIN_EXE_polmerge"), &trap.repository(), &["diff", "--git", base]);
        (output.status.code(), String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned())
    };
    let is_seen = |base: &str, what: &str| {
        let (code, said) = said(base);
        assert!(
            code == Some(0) && said.contains("policy.json") && said.contains("broader"),
            "{what}: {said}"
        );
    };
    commit(&trap);
    let changes =
        |base: &str| !trap.run("git", &trap.repository(), &["diff", "--raw", base]).stdout.is_empty();
    // Its parent.
    let grafts = trap.repository().join(".git/info/grafts");
    std::fs::create_dir_all(grafts.parent().unwrap()).unwrap();
    std::fs::write(&grafts, format!("{0} {0}\n", id("HEAD"))).unwrap();
    assert!(!changes("HEAD~1"), "git does not follow it, so that the test shows nothing");
    is_seen("HEAD~1", "grafts");
    std::fs::remove_file(&grafts).unwrap();
    // Its files, in what git keeps so as not to read commits.
    trap.git(&["commit-graph", "write", "--reachable"]);
    let graph = trap.repository().join(".git/objects/info/commit-graph");
    let bytes = |id: &str| -> Vec<u8> {
        (0..id.len()).step_by(2).map(|at| u8::from_str_radix(&id[at..at + 2], 16).unwrap()).collect()
    };
    let (old, new) = (bytes(&id("HEAD~1^{tree}")), bytes(&id("HEAD^{tree}")));
    let mut text = std::fs::read(&graph).unwrap();
    let at = text.windows(old.len()).position(|window| window == old).unwrap();
    text.splice(at..at + old.len(), new);
    std::fs::set_permissions(&graph, std::fs::Permissions::from_mode(0o644)).unwrap();
    std::fs::write(&graph, text).unwrap();
    assert!(!changes("HEAD~1"), "git does not read it, so that the test shows nothing");
    is_seen("HEAD~1", "commit-graph");
    std::fs::remove_file(&graph).unwrap();
    // Its name.
    trap.set("core.warnAmbiguousRefs", "false");
    trap.git(&["branch", "base", "HEAD~1"]);
    is_seen("base", "one name");
    trap.git(&["tag", "base"]);
    assert!(!changes("base"), "git takes the branch, so that the test shows nothing");
    let (code, text) = said("base");
    assert!(code == Some(2) && text.contains("refname 'base' is ambiguous"), "{text}");
    assert!(text.contains("name it in full"), "{text}");
    is_seen("refs/heads/base", "in full");
    assert!(said("refs/tags/base").1.contains("No policy to compare"));
}

#[test]
fn two_names_are_two_files_whatever_the_repository_says() {
    let trap = Trap::new();
    trap.write("policy.json", OLD);
    trap.write("Policy.json", &OLD.replace("GetObject", "*"));
    if std::fs::read_to_string(trap.repository().join("policy.json")).unwrap() != OLD {
        // This file system takes them for one.
        return;
    }
    trap.set("core.ignoreCase", "true");
    let hidden = trap.run("git", &trap.repository(), &["ls-files", "--others"]);
    assert!(hidden.stdout.is_empty(), "git sees it, so that the test shows nothing");
    let output = trap.run(env!("CARGO_BIN_EXE_polmerge"), &trap.repository(), &["diff", "--git", "HEAD"]);
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.contains("Policy.json"), "{said}");
}

#[test]
fn pipes_and_devices_are_not_read() {
    let trap = Trap::new();
    let pipe = trap.repository().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    for name in ["core.excludesFile", "core.attributesFile", "diff.orderFile"] {
        for path in [pipe.to_str().unwrap(), "/dev/zero", "pipe", "none"] {
            trap.set(name, path);
            trap.check(&format!("{name}={path}"), 0);
        }
        trap.git(&["config", "--unset", name]);
    }
    for name in ["info/exclude", "info/attributes"] {
        let path = trap.repository().join(".git").join(name);
        let _ = std::fs::remove_file(&path);
        std::os::unix::fs::symlink("/dev/zero", &path).unwrap();
        trap.check(name, 2);
        std::fs::remove_file(&path).unwrap();
    }
    // A file of ignored names that is one still counts.
    trap.write("new.json", &OLD.replace("GetObject", "PutObject"));
    std::fs::write(trap.folder.path().join("ignored"), "new.json\n").unwrap();
    let said = || {
        let output = trap.run(env!("CARGO_BIN_EXE_polmerge"), &trap.repository(), &["diff", "--git", "HEAD"]);
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    assert!(said().contains("new.json"), "{}", said());
    trap.set("core.excludesFile", trap.folder.path().join("ignored").to_str().unwrap());
    assert!(!said().contains("new.json"), "{}", said());
}

/// Each file that git reads, of the checkout, the repository and the user. One test, so that all are waited for at once.
#[test]
#[cfg(target_os = "linux")]
fn git_that_waits_for_a_pipe_is_not_waited_for() {
    let id = {
        let trap = Trap::new();
        let output = trap.run("git", &trap.repository(), &["rev-parse", "HEAD:policy.json"]);
        String::from_utf8(output.stdout).unwrap()
    };
    let object = format!(".git/objects/{}/{}", &id[..2], id[2..].trim());
    let places = [
        ".gitignore",
        ".gitattributes",
        "sub/.gitignore",
        "sub/.gitattributes",
        ".git/HEAD",
        ".git/config",
        ".git/commondir",
        ".git/index",
        ".git/packed-refs",
        ".git/refs/heads/main",
        ".git/shallow",
        ".git/objects/info/alternates",
        ".git/objects/pack/multi-pack-index",
        &object,
        "included",
        "../.gitconfig",
    ];
    std::thread::scope(|scope| {
        for place in places {
            scope.spawn(move || {
                let trap = Trap::new();
                std::fs::create_dir(trap.repository().join("sub")).unwrap();
                trap.write("policy.json", OLD);
                trap.write("sub/other.json", OLD);
                trap.git(&["add", "."]);
                trap.git(&[
                    "-c",
                    "user.name=n",
                    "-c",
                    "user.email=e@example.com",
                    "commit",
                    "-q",
                    "-m",
                    "two",
                ]);
                trap.write("policy.json", &OLD.replace("GetObject", "*"));
                trap.write("same.json", &OLD.replace("GetObject", "*"));
                trap.set("include.path", "../included");
                trap.check(place, 0);
                let path = trap.repository().join(place);
                let _ = std::fs::remove_file(&path);
                assert!(Command::new("mkfifo").arg(&path).status().unwrap().success(), "{place}");
                let start = std::time::Instant::now();
                let command = ["diff", "--git", "HEAD"];
                let output = trap.run(env!("CARGO_BIN_EXE_polmerge"), &trap.repository(), &command);
                let error = String::from_utf8_lossy(&output.stderr);
                assert!(start.elapsed().as_secs() < 60, "{place}: {:?}", start.elapsed());
                assert_eq!(output.status.code(), Some(2), "{place}: {error}");
                assert!(error.contains("did nothing for 10 seconds"), "{place}: {error}");
                assert!(error.contains("find . -type p"), "{place}: {error}");
            });
        }
    });
}

#[test]
fn names_of_files_are_bytes() {
    let trap = Trap::new();
    let name = std::ffi::OsStr::from_bytes(b"caf\xe9.json");
    if std::fs::write(trap.repository().join(name), OLD).is_err() {
        // This file system wants text.
        return;
    }
    trap.git(&["add", "."]);
    trap.git(&["-c", "user.name=n", "-c", "user.email=e@example.com", "commit", "-q", "-m", "two"]);
    std::fs::write(trap.repository().join(name), OLD.replace("GetObject", "*")).unwrap();
    let output = trap.run(env!("CARGO_BIN_EXE_polmerge"), &trap.repository(), &["diff", "--git", "HEAD"]);
    let said =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(said.contains("caf\u{fffd}.json") && said.contains("broader"), "{said}");
}
