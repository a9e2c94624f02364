//! The guide on hand-made answers: every state, and nothing done that was not looked at.
#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "../support/accounts.rs"]
mod accounts;
mod check;
mod discover;
mod notifications;
mod pack;
mod permissions;
mod plan;
mod plan_members;
mod plan_scripts;
mod values;

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

fn answer<'r>(report: &'r Value, about: &str) -> &'r str {
    let works = report["works"].as_array().unwrap();
    works.iter().find(|works| works["text"].as_str().unwrap().contains(about)).unwrap()["answer"]
        .as_str()
        .unwrap()
}

/// Changes one answer, member by pointer; the policy in a string is changed as text.
fn edit(folder: &Path, file: &str, from: &str, to: &str) {
    let path = folder.join(file);
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{file} has no {from}");
    std::fs::write(path, text.replace(from, to)).unwrap();
}

fn detail(step: &Value) -> &str {
    step["detail"].as_str().unwrap()
}

/// A folder of its own without anything, to run the guide in.
fn empty(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// Exit status, standard output and standard error of the guide in a folder.
fn guide_in(folder: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_polmerge"));
    command.current_dir(folder).arg("guide").args(arguments).env("LC_ALL", "C.UTF-8");
    let output = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}
