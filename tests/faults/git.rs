//! `diff --git` in a checkout whose configuration, attributes and hooks name programs to run: none of them runs, and
//! nothing is fetched. For each trick, git itself shows that it would have worked.

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
        trap.commit();
        trap.write("policy.json", &OLD.replace("GetObject", "*"));
        trap
    }

    /// Commits all that is in the working tree.
    fn commit(&self) {
        self.git(&["add", "."]);
        self.git(&["-c", "user.name=n", "-c", "user.email=e@example.com", "commit", "-q", "-m", "more"]);
    }

    /// How `diff --git` ends, and all that it prints.
    fn diff(&self, arguments: &[&str]) -> (Option<i32>, String) {
        self.diff_in(&self.repository(), arguments)
    }

    fn diff_in(&self, folder: &Path, arguments: &[&str]) -> (Option<i32>, String) {
        let output =
            self.run(env!("CARGO_BIN_EXE_polmerge"), folder, &[&["diff", "--git"], arguments].concat());
        (output.status.code(), String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned())
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
        let (code, said) = self.diff(&["HEAD"]);
        assert!(!self.mark().exists(), "{what} ran:\n{said}");
        assert_eq!(code, Some(wanted), "{what}: {said}");
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
    let (code, said) = trap.diff_in(&inner, &["HEAD"]);
    assert!(!trap.mark().exists());
    assert_eq!(code, Some(2), "{said}");
}

#[test]
fn a_working_tree_elsewhere_is_not_read() {
    let (trap, other) = (Trap::new(), tempfile::tempdir().unwrap());
    std::fs::write(other.path().join("secret.json"), OLD).unwrap();
    trap.set("core.worktree", other.path().to_str().unwrap());
    let (code, said) = trap.diff(&["HEAD"]);
    assert!(!said.contains("secret.json"), "{said}");
    assert_eq!(code, Some(2), "{said}");
}

#[test]
fn what_the_index_says_is_unchanged_is_looked_at() {
    for flag in ["--assume-unchanged", "--skip-worktree"] {
        let trap = Trap::new();
        trap.git(&["update-index", flag, "policy.json", "same.json"]);
        trap.check(flag, 0);
        let hidden = trap.run("git", &trap.repository(), &["diff", "--raw", "HEAD"]);
        assert!(hidden.stdout.is_empty(), "{flag}: git sees it, so that the test shows nothing");
        let said = |trap: &Trap| trap.diff(&["HEAD"]).1;
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
    trap.commit();
    trap.git(&["replace", base.trim(), "HEAD"]);
    let output = trap.run("git", &trap.repository(), &["diff", "--raw", base.trim()]);
    assert!(output.stdout.is_empty(), "git does not replace it, so that the test shows nothing");
    let (_, said) = trap.diff(&[base.trim()]);
    assert!(said.contains("policy.json") && said.contains("broader"), "{said}");
}

#[test]
fn the_base_is_the_commit_that_is_named() {
    let trap = Trap::new();
    let id = |name: &str| {
        let output = trap.run("git", &trap.repository(), &["rev-parse", name]);
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    };
    let said = |base: &str| trap.diff(&[base]);
    let is_seen = |base: &str, what: &str| {
        let (code, said) = said(base);
        assert!(
            code == Some(0) && said.contains("policy.json") && said.contains("broader"),
            "{what}: {said}"
        );
    };
    trap.commit();
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
    for base in ["^HEAD", "HEAD~1..HEAD", "HEAD:policy.json"] {
        let (code, text) = said(base);
        assert!(code == Some(2) && text.contains("names no commit"), "{base}: {text}");
    }
}

/// With a check, what is not looked at is a failure; without one, it is said.
fn is_not_looked_at(trap: &Trap, named: &[&str], what: &str, why: &str) {
    let wanted = format!("`{what}` is not looked at: it {why}");
    for (option, code) in [("--fail-on-new-access", 2), ("--exit-code", 2), ("--format=human", 0)] {
        let (found, said) = trap.diff(&[&["HEAD", option], named].concat());
        assert!(said.contains(&wanted), "{named:?} {option}: {said}");
        assert!(!said.contains("(proved, exact)"), "{named:?} {option}: {said}");
        assert_eq!(found, Some(code), "{named:?} {option}: {said}");
    }
}

fn is_the_same(trap: &Trap, what: &str) {
    let (code, said) = trap.diff(&["HEAD", "--fail-on-new-access"]);
    assert!(
        code == Some(0) && said.contains("No policy to compare") && !said.contains("not looked at"),
        "{what}: {said}"
    );
}

#[test]
fn what_is_in_another_repository_is_not_taken_to_be_the_same() {
    let (trap, other) = (Trap::new(), Trap::new());
    trap.write("policy.json", OLD);
    let source = other.repository();
    trap.git(&[
        "-c",
        "protocol.file.allow=always",
        "submodule",
        "add",
        "-q",
        source.to_str().unwrap(),
        "modu",
    ]);
    trap.commit();
    let inner = trap.repository().join("modu");
    let wider = OLD.replace("GetObject", "*");
    let in_modu = |arguments: &[&str]| assert!(trap.run("git", &inner, arguments).status.success());
    const SEPARATE: &str = "belongs to a separate repository";
    is_the_same(&trap, "a submodule that is at its commit");
    is_not_looked_at(&trap, &["modu"], "modu", SEPARATE);
    is_not_looked_at(&trap, &["modu/policy.json"], "modu/policy.json", SEPARATE);
    // Its files, also where its own configuration would have git run a program, or hides the change.
    std::fs::write(inner.join("policy.json"), &wider).unwrap();
    in_modu(&["config", "core.fsmonitor", trap.script().to_str().unwrap()]);
    trap.set("submodule.modu.ignore", "all");
    is_not_looked_at(&trap, &[], "modu", SEPARATE);
    assert!(!trap.mark().exists());
    in_modu(&["config", "--unset", "core.fsmonitor"]);
    in_modu(&["update-index", "--assume-unchanged", "policy.json"]);
    is_not_looked_at(&trap, &[], "modu", SEPARATE);
    in_modu(&["update-index", "--no-assume-unchanged", "policy.json"]);
    in_modu(&["config", "core.worktree", trap.folder.path().to_str().unwrap()]);
    is_not_looked_at(&trap, &[], "modu", SEPARATE);
    in_modu(&["config", "core.worktree", inner.to_str().unwrap()]);
    // Its commit.
    in_modu(&["-c", "user.name=n", "-c", "user.email=e@example.com", "commit", "-q", "-a", "-m", "wider"]);
    is_not_looked_at(&trap, &[], "modu", SEPARATE);
    in_modu(&["checkout", "-q", "HEAD~1"]);
    is_the_same(&trap, "a submodule that is back at its commit");
    std::fs::write(inner.join("notes.txt"), "no policy").unwrap();
    is_the_same(&trap, "a file of a submodule that may hold no policy");
    // One that is not checked out.
    std::fs::remove_dir_all(&inner).unwrap();
    std::fs::create_dir(&inner).unwrap();
    is_the_same(&trap, "a submodule that is not checked out");
    std::fs::write(inner.join("policy.json"), &wider).unwrap();
    is_not_looked_at(&trap, &[], "modu", SEPARATE);
    std::fs::remove_file(inner.join("policy.json")).unwrap();
    // One of which the commit knows nothing.
    let own = trap.repository().join("own");
    std::fs::create_dir(&own).unwrap();
    assert!(trap.run("git", &own, &["init", "-q"]).status.success());
    is_the_same(&trap, "a repository without files");
    std::fs::write(own.join("policy.json"), &wider).unwrap();
    let (_, said) = trap.diff(&["HEAD"]);
    assert!(said.contains("own"), "{said}");
    is_not_looked_at(&trap, &["own/policy.json"], "own/policy.json", SEPARATE);
}

#[test]
fn a_link_to_a_folder_is_not_followed_in_silence() {
    const LINK: &str = "is a symbolic link to a folder";
    let trap = Trap::new();
    let link = |target: &str, name: &str| {
        let path = trap.repository().join(name);
        let _ = std::fs::remove_file(&path);
        std::os::unix::fs::symlink(target, path).unwrap();
    };
    trap.write("policy.json", OLD);
    for folder in ["one", "two"] {
        std::fs::create_dir(trap.repository().join(folder)).unwrap();
        trap.write(&format!("{folder}/policy.json"), OLD);
        trap.write(&format!("{folder}/notes.txt"), "no policy");
    }
    link("one", "kept");
    link("one", "gone");
    link("one/notes.txt", "notes");
    trap.commit();
    is_the_same(&trap, "links that have not changed");
    is_not_looked_at(&trap, &["kept"], "kept", LINK);
    for target in ["two", "/usr"] {
        link(target, "kept");
        is_not_looked_at(&trap, &[], "kept", LINK);
    }
    link("one", "kept");
    std::fs::remove_file(trap.repository().join("gone")).unwrap();
    is_not_looked_at(&trap, &[], "gone", LINK);
    link("one", "gone");
    link("two/notes.txt", "notes");
    link("nowhere", "dangling");
    is_the_same(&trap, "a link to a file that may hold no policy, and one to nothing");
    link("two", "new");
    is_not_looked_at(&trap, &[], "new", LINK);
    // A folder that has become a link: its files are there, and can be others.
    std::fs::remove_file(trap.repository().join("new")).unwrap();
    std::fs::remove_dir_all(trap.repository().join("one")).unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    std::fs::write(elsewhere.path().join("policy.json"), OLD.replace("GetObject", "*")).unwrap();
    link(elsewhere.path().to_str().unwrap(), "one");
    let (code, said) = trap.diff(&["HEAD", "one/policy.json", "--fail-on-new-access"]);
    assert!(code == Some(2) && !said.contains("(proved, exact)"), "{said}");
    is_not_looked_at(&trap, &["one"], "one", LINK);
}

#[test]
fn what_is_named_is_looked_at_though_git_ignores_it() {
    let trap = Trap::new();
    trap.write("policy.json", OLD);
    trap.write(".gitignore", "ignored.json\nout/\n");
    std::fs::create_dir_all(trap.repository().join("out/inner")).unwrap();
    trap.commit();
    for name in ["ignored.json", "out/inner/policy.json"] {
        trap.write(name, OLD);
        is_the_same(&trap, name);
        let (code, said) = trap.diff(&["HEAD", name, "--fail-on-new-access"]);
        assert!(code == Some(1) && said.contains(name), "{name}: {said}");
    }
    for folder in ["out", "out/inner"] {
        is_not_looked_at(&trap, &[folder], folder, "is a folder that git ignores");
    }
    // One that is tracked all the same, and has not changed.
    trap.git(&["add", "-f", "ignored.json"]);
    trap.commit();
    let (code, said) = trap.diff(&["HEAD", "ignored.json", "--fail-on-new-access"]);
    assert!(code == Some(0) && said.contains("No policy to compare"), "{said}");
}

/// What changes in the second in which git looked at it has the time and the size that git knows.
#[test]
fn a_change_that_no_time_shows_is_seen() {
    let trap = Trap::new();
    let times = |name: &str| {
        let path = trap.repository().join(name);
        assert!(Command::new("touch").args(["-d", "2001-01-01"]).arg(path).status().unwrap().success());
    };
    let same_size = OLD.replace("GetObject", "PutObject");
    let names = ["plain.json", "\"quoted\".json", "line\nfeed.json", "sub/deep.json"];
    std::fs::create_dir(trap.repository().join("sub")).unwrap();
    let hidden = || {
        let mut hidden = None;
        // The second may end in between.
        for _ in 0..20 {
            for name in names.iter().chain(&["policy.json"]) {
                trap.write(name, OLD);
                times(name);
            }
            trap.git(&["add", "."]);
            trap.git(&["update-index", "--refresh"]);
            for name in names {
                trap.write(name, &same_size);
                times(name);
            }
            let seen = trap.run("git", &trap.repository(), &["diff", "--raw", "HEAD"]);
            hidden = Some(seen.stdout.is_empty());
            if hidden == Some(true) {
                break;
            }
        }
        hidden == Some(true)
    };
    for name in names {
        trap.write(name, OLD);
    }
    trap.write("policy.json", OLD);
    trap.commit();
    assert!(hidden(), "git sees it, so that the test shows nothing");
    let (code, said) = trap.diff(&["HEAD", "--fail-on-new-access"]);
    assert!(code == Some(1) && said.contains("4 policies since HEAD"), "{said}");
    for name in ["plain.json", "quoted", "feed.json", "sub/deep.json"] {
        assert!(said.contains(name), "{name}: {said}");
    }
    assert!(!said.contains("same.json"), "{said}");
}

#[test]
fn what_git_keeps_in_another_form_has_not_changed() {
    let trap = Trap::new();
    trap.write("policy.json", OLD);
    // Line ends that git turns into its own, and a program that is not run.
    trap.write(".gitattributes", "windows.json text eol=crlf\nkept.json filter=trap\n");
    trap.write("windows.json", "{\r\n\"Statement\": []\r\n}\r\n");
    trap.set("filter.trap.clean", "tr a-z A-Z");
    trap.write("kept.json", OLD);
    // Of what is as old as the index, git looks at the content, and runs the program.
    let old =
        Command::new("touch").args(["-d", "2001-01-01"]).arg(trap.repository().join("kept.json")).status();
    assert!(old.unwrap().success());
    trap.commit();
    is_the_same(&trap, "line ends and a filter");
    for number in 0..5_000 {
        trap.write(&format!("a-name-that-is-a-bit-longer-{number}.json"), "{}");
    }
    trap.commit();
    // More names and ids than a pipe holds.
    is_the_same(&trap, "many files");
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
    let (_, said) = trap.diff(&["HEAD"]);
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
    let said = || trap.diff(&["HEAD"]).1;
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
                trap.commit();
                trap.write("policy.json", &OLD.replace("GetObject", "*"));
                trap.write("same.json", &OLD.replace("GetObject", "*"));
                trap.set("include.path", "../included");
                trap.check(place, 0);
                let path = trap.repository().join(place);
                let _ = std::fs::remove_file(&path);
                assert!(Command::new("mkfifo").arg(&path).status().unwrap().success(), "{place}");
                let start = std::time::Instant::now();
                let (code, error) = trap.diff(&["HEAD"]);
                assert!(start.elapsed().as_secs() < 60, "{place}: {:?}", start.elapsed());
                assert_eq!(code, Some(2), "{place}: {error}");
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
    trap.commit();
    std::fs::write(trap.repository().join(name), OLD.replace("GetObject", "*")).unwrap();
    let (code, said) = trap.diff(&["HEAD"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("caf\u{fffd}.json") && said.contains("broader"), "{said}");
}
