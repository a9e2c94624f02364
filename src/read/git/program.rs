//! The `git` program: what it may do here, and for how long.

use std::ffi::{OsStr, OsString};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use super::GitError;
use super::answers::{fields, path_of};

/// Settings that outrank those of the repository: its owner decides what is in it, and not what runs here.
const SETTINGS: [(&str, &str); 15] = [
    // Files that can be pipes or devices, and matter to nothing here.
    ("core.attributesFile", NOTHING),
    ("diff.orderFile", NOTHING),
    // Whether a file has changed is seen by all that the system knows of it.
    ("core.trustctime", "true"),
    ("core.checkStat", "default"),
    ("core.ignoreStat", "false"),
    ("core.untrackedCache", "false"),
    // Two names are two files. Where the system takes them for one, a file of a tracked one counts as new.
    ("core.ignoreCase", "false"),
    // What a commit is made of and follows is read from the commit.
    ("core.commitGraph", "false"),
    ("core.warnAmbiguousRefs", "true"),
    // A program that is asked what has changed.
    ("core.fsmonitor", "false"),
    ("core.hooksPath", NOTHING),
    // A folder with the files of a repository in it, as any checkout can have, is none.
    ("safe.bareRepository", "explicit"),
    // Objects that a partial clone lacks are not fetched: nothing here opens a network connection.
    ("protocol.allow", "never"),
    ("core.sshCommand", "false"),
    ("core.gitProxy", ""),
];

#[cfg(unix)]
const NOTHING: &str = "/dev/null";
#[cfg(not(unix))]
const NOTHING: &str = "NUL";

/// Settings that are given another value.
pub(super) type Off = Vec<(OsString, &'static str)>;

/// How long git may take.
const LONGEST: Duration = Duration::from_secs(120);

/// How long git may do nothing at all: it would wait without end for a pipe where one of its files should be. What it
/// opens is decided by its version, its settings and the repository, so that it is watched and no list is checked.
const IDLE: Duration = Duration::from_secs(10);

/// How many settings the environment holds.
const COUNT: &str = "GIT_CONFIG_COUNT";

/// What git answers. Paths are taken as they are, no lock is taken for what is only looked at, and nothing that the
/// repository's own configuration names is run.
pub(super) fn git(
    folder: &Path,
    off: &[(OsString, &'static str)],
    arguments: impl IntoIterator<Item = impl AsRef<OsStr>>,
) -> Result<Vec<u8>, GitError> {
    git_with(folder, off, arguments, b"")
}

/// The same, with something on its standard input.
pub(super) fn git_with(
    folder: &Path,
    off: &[(OsString, &'static str)],
    arguments: impl IntoIterator<Item = impl AsRef<OsStr>>,
    input: &[u8],
) -> Result<Vec<u8>, GitError> {
    let mut command = Command::new("git");
    command.args(["--no-optional-locks", "--literal-pathspecs", "--no-pager"]);
    for (name, value) in SETTINGS {
        command.args(["-c".to_owned(), format!("{name}={value}")]);
    }
    // Also for versions that do not know the first of these. No protocol has the empty name.
    command
        .env("GIT_NO_REPLACE_OBJECTS", "1")
        .env("GIT_GRAFT_FILE", NOTHING)
        // Messages in the language in which they are looked at here.
        .env("LC_ALL", "C")
        .env("GIT_NO_LAZY_FETCH", "1")
        .env("GIT_ALLOW_PROTOCOL", "")
        .env("GIT_TERMINAL_PROMPT", "0");
    // A name of a filter can have any sign in it, also the `=` that ends one after `-c`.
    let given = std::env::var(COUNT).ok().and_then(|number| number.parse().ok()).unwrap_or(0_usize);
    for (at, (name, value)) in off.iter().enumerate() {
        command.env(format!("GIT_CONFIG_KEY_{}", given + at), name);
        command.env(format!("GIT_CONFIG_VALUE_{}", given + at), value);
    }
    command.env(COUNT, (given + off.len()).to_string());
    let arguments: Vec<OsString> =
        arguments.into_iter().map(|argument| argument.as_ref().to_owned()).collect();
    let asked = arguments.first().map_or_else(String::new, |word| word.to_string_lossy().into_owned());
    let output = match output(command.args(&arguments).current_dir(folder), input, LONGEST, IDLE) {
        Ok(output) => output,
        Err(error) if error.kind() == std::io::ErrorKind::TimedOut => {
            return Err(GitError::Waits { command: asked, why: error.to_string() });
        }
        Err(error) => return Err(GitError::Program(error)),
    };
    let said = String::from_utf8_lossy(&output.stderr);
    if let Some(line) = said.lines().find(|line| line.ends_with("is ambiguous.")) {
        return Err(GitError::Ambiguous(
            line.trim_start_matches("warning: ").trim_end_matches('.').to_owned(),
        ));
    }
    if output.status.success() {
        return Ok(output.stdout);
    }
    let message = said.lines().next().unwrap_or("it failed").trim_start_matches("fatal: ").to_owned();
    Err(GitError::Failed { command: asked, message })
}

/// What a program prints, if it ends in time and does not stand still.
fn output(command: &mut Command, input: &[u8], longest: Duration, idle: Duration) -> std::io::Result<Output> {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let id = child.id();
    let (sender, answer) = mpsc::channel();
    let (stdin, input) = (child.stdin.take(), input.to_vec());
    // Beside the reading of what it prints, as neither waits for the other. One that does not read it to the end says why.
    std::thread::spawn(move || stdin.map(|mut stdin| stdin.write_all(&input)));
    std::thread::spawn(move || sender.send(child.wait_with_output()));
    let start = Instant::now();
    let (mut asleep, mut since) = (None, start);
    loop {
        if let Ok(output) = answer.recv_timeout(idle.min(longest) / 20) {
            return output;
        }
        let now = asleep_as(id);
        if now.is_none() || now != asleep {
            (asleep, since) = (now, Instant::now());
        }
        let why = match (since.elapsed() > idle, start.elapsed() > longest) {
            (true, _) if asleep.is_some() => format!("did nothing for {} seconds", idle.as_secs()),
            (_, true) => format!("did not end within {} seconds", longest.as_secs()),
            _ => continue,
        };
        kill(id);
        return Err(std::io::Error::new(std::io::ErrorKind::TimedOut, why));
    }
}

/// What the system knows of a process and of those that it started, if all of their threads are asleep. It is the same
/// a while later only if none of them has done anything in between.
#[cfg(target_os = "linux")]
fn asleep_as(id: u32) -> Option<String> {
    let (mut known, mut processes) = (String::new(), vec![id.to_string()]);
    while let Some(id) = processes.pop() {
        for thread in std::fs::read_dir(format!("/proc/{id}/task")).ok()? {
            let thread = thread.ok()?.path();
            let status = std::fs::read_to_string(thread.join("status")).ok()?;
            if !status.contains("\nState:\tS") {
                return None;
            }
            // How often it was given a processor; other lines change with what other processes do.
            known.extend(status.lines().filter(|line| line.contains("ctxt_switches:")));
            let started = std::fs::read_to_string(thread.join("children")).unwrap_or_default();
            processes.extend(started.split_whitespace().map(str::to_owned));
        }
    }
    Some(known)
}

#[cfg(not(target_os = "linux"))]
fn asleep_as(_: u32) -> Option<String> {
    None
}

#[cfg(unix)]
fn kill(id: u32) {
    use rustix::process::{Pid, Signal, kill_process};
    if let Some(id) = i32::try_from(id).ok().and_then(Pid::from_raw) {
        let _ = kill_process(id, Signal::KILL);
    }
}

#[cfg(not(unix))]
fn kill(_: u32) {}

/// The settings that are switched off: filters that turn what is in a file into what git keeps, and back, which are
/// programs that git would run to see whether a file has changed, and a file of ignored names that is a pipe or a device.
pub(super) fn switched_off(root: &Path) -> Result<Off, GitError> {
    let asked = |arguments: &[&str]| match git(root, &[], arguments) {
        // There is none.
        Err(GitError::Failed { .. }) => Ok(Vec::new()),
        answer => answer,
    };
    let found = asked(&["config", "--null", "--name-only", "--get-regexp", r"^filter\."])?;
    let mut names: Vec<OsString> = fields(&found).map(PathBuf::into_os_string).collect();
    names.sort();
    names.dedup();
    let mut off: Off = names.into_iter().map(|name| (name, "")).collect();
    let is_file = |path: &Path| root.join(path).metadata().is_ok_and(|data| data.is_file());
    let excludes = asked(&["config", "--null", "--type=path", "--get", "core.excludesFile"])?;
    if fields(&excludes).next().is_some_and(|path| !is_file(&path)) {
        off.push(("core.excludesFile".into(), NOTHING));
    }
    let own = asked(&["rev-parse", "--git-path", "info/exclude", "--git-path", "info/attributes"])?;
    let mut own = own.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).map(path_of);
    match own.find(|path| root.join(path).exists() && !is_file(path)) {
        Some(path) => Err(GitError::NotAFile(path)),
        None => Ok(off),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(unix)]
    fn a_program_that_does_not_end_is_ended() {
        let [brief, long] = [Duration::from_millis(500), Duration::from_secs(60)];
        let shell =
            |script: &str, longest, idle| output(Command::new("sh").args(["-c", script]), b"", longest, idle);
        let why = |script: &str, longest, idle| {
            let start = Instant::now();
            let error = shell(script, longest, idle).unwrap_err();
            assert_eq!(error.kind(), std::io::ErrorKind::TimedOut);
            assert!(start.elapsed() < Duration::from_secs(30));
            error.to_string()
        };
        assert_eq!(why("while :; do :; done", brief, long), "did not end within 0 seconds");
        if cfg!(target_os = "linux") {
            // While others of the same user are busy, with signals to come.
            let ended = std::sync::atomic::AtomicBool::new(false);
            std::thread::scope(|scope| {
                scope.spawn(|| {
                    while !ended.load(std::sync::atomic::Ordering::Relaxed) {
                        Command::new("timeout").args(["60", "sleep", "0.04"]).status().unwrap();
                    }
                });
                assert_eq!(why("exec sleep 60", long, brief), "did nothing for 0 seconds");
                ended.store(true, std::sync::atomic::Ordering::Relaxed);
            });
            assert_eq!(why("sleep 60; :", long, brief), "did nothing for 0 seconds");
        }
        // What another process does for it counts, and so does what comes at intervals.
        for script in [
            "(i=0; while [ $i -lt 1000000 ]; do i=$((i+1)); done); :",
            "for i in 1 2 3 4 5; do sleep 0.3; done",
        ] {
            assert!(shell(script, long, brief).unwrap().status.success(), "{script}");
        }
        // More than a pipe holds.
        let script = "i=0; while [ $i -lt 20000 ]; do echo 0123456789; i=$((i+1)); done";
        assert_eq!(shell(script, long, long).unwrap().stdout.len(), 220_000);
    }
}
