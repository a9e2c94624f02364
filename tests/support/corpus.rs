//! The corpus of real policies beside the project, for the tests that want more than our own inputs.
#![allow(dead_code, reason = "each test program uses a part of it")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stderr, reason = "it is a part of tests")]

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use polmerge::Kind;

/// One policy of the corpus.
#[derive(serde::Deserialize)]
pub struct Policy {
    pub id: String,
    pub kind: String,
    pub source: String,
    #[serde(default)]
    pub flags: Vec<String>,
    /// The document, in the text it has in the corpus.
    pub policy: Box<serde_json::value::RawValue>,
}

impl Policy {
    /// Its kind, where the corpus tells.
    pub fn kind(&self) -> Option<Kind> {
        let flagged = |flag: &str| self.flags.iter().any(|other| other == flag);
        match self.kind.as_str() {
            "other" if flagged("vpce") => Some(Kind::Endpoint),
            "other" => None,
            "scp" if flagged("rcp") => Some(Kind::Rcp),
            kind => Some(kind.parse().unwrap()),
        }
    }
}

/// Where the corpus lies (beside the project, or where `POLMERGE_CORPUS` says), or `None` with a message
/// that the test is skipped.
pub fn folder(test: &str) -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    let path = std::env::var_os("POLMERGE_CORPUS").map_or_else(beside, PathBuf::from);
    if path.is_dir() {
        return Some(path);
    }
    // What a test prints is shown only if it fails.
    let text = format!(
        "SKIPPED: {test}: the corpus is not there ({})
",
        path.display()
    );
    std::io::Write::write_all(&mut std::io::stderr(), text.as_bytes()).unwrap();
    None
}

/// Whether the test of that place in a long list is one of those that `cargo test` makes: every fourth, or all where
/// `POLMERGE_WHOLE_CORPUS` is set.
pub fn is_in_turn(index: usize) -> bool {
    index.is_multiple_of(4) || is_whole()
}

/// Whether `POLMERGE_WHOLE_CORPUS` asks for all that a test can do with the corpus.
pub fn is_whole() -> bool {
    std::env::var_os("POLMERGE_WHOLE_CORPUS").is_some()
}

/// Every policy of some kinds.
pub fn policies(test: &str, kinds: &[&str]) -> Option<Vec<Policy>> {
    let folder = folder(test)?;
    let mut policies = Vec::new();
    for kind in kinds {
        let text = std::fs::read_to_string(folder.join(kind).join(format!("{kind}.ndjson"))).unwrap();
        policies.extend(text.lines().map(|line| serde_json::from_str::<Policy>(line).unwrap()));
    }
    assert!(!policies.is_empty());
    Some(policies)
}

/// Does the same with each of many things, on all processors; what came of them, in their order.
pub fn each<T: Sync, R: Send>(things: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let (next, done) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let take = || {
        let at = next.fetch_add(1, Ordering::Relaxed);
        things.get(at).map(|thing| (at, thing))
    };
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while let Some((at, thing)) = take() {
                    let one = work(thing);
                    done.lock().unwrap().push((at, one));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap();
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, one)| one).collect()
}

/// Every kind in the corpus that is a whole policy.
pub const KINDS: [&str; 8] = ["identity", "trust", "kms", "s3", "sns", "sqs", "scp", "other"];

/// Every text of the corpus, good and broken, with a name.
pub fn texts(test: &str) -> Option<Vec<(String, String)>> {
    let mut texts: Vec<_> = policies(test, &KINDS)?
        .into_iter()
        .map(|policy| (format!("{} {}", policy.id, policy.source), policy.policy.get().to_owned()))
        .collect();
    let folder = folder(test)?;
    texts.extend(broken(&folder));
    for kind in KINDS.into_iter().chain(["broken"]) {
        for entry in std::fs::read_dir(folder.join(kind).join("files")).unwrap() {
            let path = entry.unwrap().path();
            texts.push((path.display().to_string(), std::fs::read_to_string(&path).unwrap()));
        }
    }
    Some(texts)
}

/// The texts of the corpus that are no whole policy.
fn broken(folder: &Path) -> Vec<(String, String)> {
    #[derive(serde::Deserialize)]
    struct Broken {
        id: String,
        reason: String,
        text: String,
    }
    let lines = std::fs::read_to_string(folder.join("broken/broken.ndjson")).unwrap();
    lines
        .lines()
        .map(|line| serde_json::from_str::<Broken>(line).unwrap())
        .map(|broken| (format!("{} {}", broken.id, broken.reason), broken.text))
        .collect()
}
