//! The shipped steps with the values of `fixtures/expel.toml`, and how to apply them.
#![allow(dead_code, reason = "each test program uses a part of it")]

use std::path::{Path, PathBuf};

use polmerge::apply::{Applied, Request, addition, apply};
use polmerge::document::{Document, File, Hints, open};
use polmerge::merge::{MergeError, Options};
use polmerge::steps::{Given, Origin, Packs, Values};
use polmerge::{Kind, Source};

/// A step with one of its variants, for one kind of policy.
#[derive(Clone, Debug)]
pub struct Choice {
    pub step: String,
    pub kind: Kind,
    pub variant: Option<String>,
}

pub fn packs() -> Packs {
    Packs::shipped().unwrap()
}

pub fn values(packs: &Packs) -> Values {
    let text = std::fs::read_to_string(folder().join("expel.json")).unwrap();
    let values: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&text).unwrap();
    let given: Vec<Given> = values
        .iter()
        .filter(|(name, _)| name.starts_with("YOUR_"))
        .map(|(name, value)| Given {
            name: name.clone(),
            value: value.as_str().unwrap().to_owned(),
            origin: Origin::Set,
        })
        .collect();
    Values::resolve(packs, &given, &[], |_| false).unwrap().values
}

/// Every step, kind and variant that is shipped.
pub fn choices(packs: &Packs) -> Vec<Choice> {
    let mut choices = Vec::new();
    for step in packs.all().iter().flat_map(|pack| &pack.steps) {
        for document in &step.documents {
            let Some(kind) = document.policy_kind() else { continue };
            let variants = std::iter::once(None).chain(document.variants.keys().cloned().map(Some));
            choices.extend(variants.map(|variant| Choice { step: step.name.clone(), kind, variant }));
        }
    }
    assert!(choices.len() >= 12);
    choices
}

/// A request that adds (or removes) a step.
pub fn request(packs: &Packs, values: &Values, choice: &Choice, remove: bool) -> Request {
    let found = packs.step(&choice.step).unwrap();
    let addition = addition(packs, found, choice.kind, choice.variant.as_deref(), values).unwrap().unwrap();
    let list = vec![addition];
    let (additions, removals) = if remove { (Vec::new(), list) } else { (list, Vec::new()) };
    Request { additions, removals, options: Options::default(), ..Request::default() }
}

pub fn run(document: &Document, packs: &Packs, request: &Request) -> Result<Applied, MergeError> {
    apply(document, packs, request)
}

pub fn document(name: &str, text: &str, kind: Option<Kind>) -> File {
    open(Source::new(name, text), &Hints { kind, ..Hints::default() })
}

pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

/// Every JSON file under `fixtures/`, with its text.
pub fn fixtures() -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut todo = vec![folder()];
    while let Some(path) = todo.pop() {
        // The answers for the guide have tests of their own.
        if path.ends_with("accounts") {
            continue;
        }
        if path.is_dir() {
            todo.extend(std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else if path.extension().is_some_and(|extension| extension == "json") {
            let name = path.strip_prefix(folder()).unwrap().display().to_string();
            if name != "expel.json" {
                found.push((name, std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    found.sort();
    assert!(found.len() > 25);
    found
}
