//! `polmerge guide` on copies of the answers in `fixtures/accounts`.
#![allow(dead_code, reason = "each test uses its part")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Value, json};

pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

pub fn guide(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_polmerge"));
    command.current_dir(root()).arg("guide").args(arguments).env("LC_ALL", "C.UTF-8").env("COLUMNS", "100");
    command.output().unwrap()
}

/// A folder of its own for a test, with a copy of the answers.
pub fn accounts(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&folder);
    for account in std::fs::read_dir(root().join("fixtures/accounts")).unwrap() {
        let account = account.unwrap().path();
        let copy = folder.join(account.file_name().unwrap());
        std::fs::create_dir_all(&copy).unwrap();
        for file in std::fs::read_dir(&account).unwrap() {
            let file = file.unwrap().path();
            std::fs::copy(&file, copy.join(file.file_name().unwrap())).unwrap();
        }
    }
    folder
}

pub fn check(folder: &Path, more: &[&str]) -> Value {
    let from = folder.display().to_string();
    let mut arguments = vec!["check", "--values", "fixtures/expel.toml", "--from", &from, "--format", "json"];
    arguments.extend(more);
    let output = guide(&arguments);
    let report: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
    let schema: Value =
        serde_json::from_str(&std::fs::read_to_string(root().join("schemas/guide.schema.json")).unwrap())
            .unwrap();
    let validator = jsonschema::draft202012::new(&schema).unwrap();
    let errors: Vec<String> = validator.iter_errors(&report).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:?}");
    assert_eq!(report["done"] == json!(true), output.status.code() == Some(0));
    report
}

pub fn states(report: &Value) -> Vec<&str> {
    report["steps"].as_array().unwrap().iter().map(|step| step["state"].as_str().unwrap()).collect()
}

pub fn plan(from: &Path, to: &Path, more: &[&str]) -> Output {
    let (from, to) = (from.display().to_string(), to.display().to_string());
    let mut arguments = vec!["plan", "--values", "fixtures/expel.toml", "--from", &from, "-o", &to];
    arguments.extend(more);
    guide(&arguments)
}
