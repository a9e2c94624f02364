//! Policies in tests, and what is said of them.
#![allow(dead_code, reason = "each test program uses a part of it")]
#![allow(clippy::unwrap_used, reason = "it is a part of tests")]

use std::path::{Path, PathBuf};

use polmerge::document::{Hints, open_policy};
use polmerge::lint::{Settings, lint};
use polmerge::{Diagnostic, Document, Kind, Source};

pub fn document(text: &str, kind: Option<Kind>) -> Document {
    open_policy(Source::new("test.json", text), &Hints { kind, ..Hints::default() })
}

/// What is found by default.
pub fn findings(text: &str, kind: Option<Kind>) -> Vec<Diagnostic> {
    lint(&document(text, kind), &Settings::default())
}

/// These rules and groups alone.
pub fn selected(names: &[&str]) -> Settings {
    let select = names.iter().map(|name| name.parse().unwrap()).collect();
    Settings { select: Some(select), ..Settings::default() }
}

/// The files below a folder.
pub fn sources(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => sources(&path, into),
            false => into.push(path),
        }
    }
}
