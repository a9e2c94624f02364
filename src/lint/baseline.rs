//! Findings that were there when somebody began to look: recorded once, left out until they change.
//!
//! A finding is known again by its file, rule, `Sid`, place in the statement and the text of the statement
//! without white space. Line numbers and the order of statements do not count; a statement that changes
//! is looked at anew.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use crate::diagnostic::Diagnostic;
use crate::document::Document;
use crate::invisible::escape_json;
use crate::spelling::brief;

/// A list of findings that are known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Baseline {
    by_path: BTreeMap<String, Vec<Entry>>,
}

/// What a finding is known again by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The file, from the folder of the baseline, with `/`.
    pub path: String,
    /// RFC 6901 pointer to the policy in the file.
    pub document: String,
    /// Name of the rule.
    pub rule: String,
    /// `Sid` of the statement.
    pub sid: Option<String>,
    /// RFC 6901 pointer from the statement, or from the policy for what is in none.
    pub pointer: String,
    /// Of the statement's text, or of that at the place.
    pub hash: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    version: u32,
    findings: Vec<Entry>,
}

/// Makes the entries of a file, each policy's findings in order.
pub struct Entries<'d> {
    path: &'d str,
    /// The policy of the last one and its place.
    document: Option<(&'d Document, String)>,
    /// The statement of the last one: each is read once, however many findings are in it.
    last: Option<Last<'d>>,
}

struct Last<'d> {
    document: &'d Document,
    index: usize,
    pointer: String,
    sid: Option<String>,
    hash: String,
}

impl<'d> Entries<'d> {
    /// Of a file. The path is the caller's to choose.
    pub fn new(path: &'d str) -> Self {
        Entries { path, document: None, last: None }
    }

    /// What a finding is known again by.
    pub fn of(&mut self, document: &'d Document, finding: &Diagnostic) -> Entry {
        let pointer = document.pointer_to(finding.span);
        let statement = document.statement_at(finding.span).map(|statement| {
            let is_last =
                |last: &Last<'d>| std::ptr::eq(last.document, document) && last.index == statement.index;
            let last = self.last.take().filter(is_last);
            &*self.last.insert(last.unwrap_or_else(|| Last {
                document,
                index: statement.index,
                pointer: document.pointer_to(statement.span),
                sid: statement.sid().map(known),
                hash: hash(statement.span.slice(document.text())),
            }))
        });
        let of_last = self.document.take().filter(|(last, _)| std::ptr::eq(*last, document));
        let (_, place) =
            self.document.insert(of_last.unwrap_or_else(|| (document, known(document.pointer()))));
        let rest =
            statement.and_then(|statement| pointer.strip_prefix(&statement.pointer)).unwrap_or(&pointer);
        Entry {
            path: self.path.to_owned(),
            document: place.clone(),
            rule: finding.rule.to_owned(),
            sid: statement.and_then(|statement| statement.sid.clone()),
            pointer: known(rest),
            hash: match statement {
                Some(statement) => statement.hash.clone(),
                None => hash(finding.span.slice(document.text())),
            },
        }
    }
}

/// A name or place as a baseline has it: one that is longer than any real one is cut, with the hash of all of it.
pub fn known(name: &str) -> String {
    match brief(name) {
        Cow::Borrowed(name) => name.to_owned(),
        Cow::Owned(brief) => format!("{brief} {:016x}", fnv(name.bytes())),
    }
}

impl Entry {
    /// What this finding is known again by. The path is the caller's to choose.
    pub fn new(path: &str, document: &Document, finding: &Diagnostic) -> Self {
        Entries::new(path).of(document, finding)
    }

    /// All of it in one number, for programs that want one.
    pub fn fingerprint(&self) -> String {
        let parts = [
            &*self.path,
            &*self.document,
            &*self.rule,
            self.sid.as_deref().unwrap_or(""),
            &*self.pointer,
            &*self.hash,
        ];
        format!("{:016x}", fnv(parts.join("\n").bytes()))
    }
}

impl Baseline {
    /// Reads what [`text`](Self::text) wrote.
    ///
    /// # Errors
    /// If it is something else, in words.
    pub fn parse(text: &str) -> Result<Self, String> {
        let written: Written = serde_json::from_str(text).map_err(|error| format!("no baseline: {error}"))?;
        match written.version {
            1 => Ok(Baseline::new(written.findings)),
            other => Err(format!("a baseline of version {other}; this polmerge knows version 1")),
        }
    }

    /// A baseline of these findings.
    pub fn new(entries: impl IntoIterator<Item = Entry>) -> Self {
        let mut by_path: BTreeMap<String, Vec<Entry>> = BTreeMap::new();
        for entry in entries {
            by_path.entry(entry.path.clone()).or_default().push(entry);
        }
        by_path.values_mut().for_each(|entries| entries.sort_unstable());
        Baseline { by_path }
    }

    /// It as text, sorted, one finding a line, so that changes of it can be reviewed.
    pub fn text(&self) -> String {
        let lines = self.entries().filter_map(|entry| serde_json::to_string(entry).ok().map(escape_json));
        let lines: Vec<String> = lines.map(|line| format!("    {line}")).collect();
        match lines.is_empty() {
            true => "{\n  \"version\": 1,\n  \"findings\": []\n}\n".to_owned(),
            false => format!("{{\n  \"version\": 1,\n  \"findings\": [\n{}\n  ]\n}}\n", lines.join(",\n")),
        }
    }

    /// All findings in it.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.by_path.values().flatten()
    }

    /// The findings of a file.
    pub fn of(&self, path: &str) -> &[Entry] {
        self.by_path.get(path).map_or(&[], Vec::as_slice)
    }
}

/// Takes out the findings of a document that are known, each as often as it is listed; how many there were.
pub fn leave_out(path: &str, document: &Document, findings: &mut Vec<Diagnostic>, known: &[Entry]) -> usize {
    // To know a finding again, its whole statement has to be read.
    if known.is_empty() {
        return 0;
    }
    let mut left: HashMap<&Entry, usize> = HashMap::new();
    for entry in known {
        *left.entry(entry).or_default() += 1;
    }
    let before = findings.len();
    let mut entries = Entries::new(path);
    findings.retain(|finding| match left.get_mut(&entries.of(document, finding)) {
        Some(number) if *number > 0 => {
            *number -= 1;
            false
        }
        _ => true,
    });
    before - findings.len()
}

/// Of a text without the white space outside of its strings, so that laying it out anew changes nothing.
fn hash(text: &str) -> String {
    let (mut in_string, mut escaped) = (false, false);
    let bytes = text.bytes().filter(move |&byte| {
        match byte {
            b'"' if !escaped => in_string = !in_string,
            _ => {}
        }
        escaped = in_string && byte == b'\\' && !escaped;
        in_string || !byte.is_ascii_whitespace()
    });
    format!("{:016x}", fnv(bytes))
}

/// FNV-1a, 64 bits: the same on every machine and in every version. It tells texts apart; nobody is kept out
/// by it, as whoever may change the policy may change the list as well.
fn fnv(bytes: impl Iterator<Item = u8>) -> u64 {
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Hints, open_policy};
    use crate::lint::{Settings, lint};
    use crate::source::Source;

    #[test]
    fn the_hash_is_the_published_one() {
        // Test vectors of the FNV reference.
        assert_eq!(fnv(b"".iter().copied()), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv(b"a".iter().copied()), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(fnv(b"foobar".iter().copied()), 0x8594_4171_f739_67e8);
        assert_eq!(hash(r#"{"a\" b" : [ 1 ]}"#), hash("{\"a\\\" b\":\n[1]}"));
        assert_ne!(hash(r#"{"a b":1}"#), hash(r#"{"ab":1}"#));
    }

    const OPEN: &str = r#"{"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "arn:aws:sqs:us-east-1:222222222222:q"}"#;
    const OTHER: &str = r#"{"Sid": "X", "Effect": "Allow", "Principal": {"AWS": "222222222222"}, "Action": "sqs:SendMessage", "Resource": "*"}"#;

    fn left(text: &str, known: &Baseline) -> (usize, Vec<Entry>) {
        let document = open_policy(Source::new("q.json", text), &Hints::default());
        let mut findings = lint(&document, &Settings::default());
        findings.retain(|finding| finding.rule == "principal-any");
        let out = leave_out("q.json", &document, &mut findings, known.of("q.json"));
        (out, findings.iter().map(|finding| Entry::new("q.json", &document, finding)).collect())
    }

    #[test]
    fn a_finding_is_known_again_wherever_it_moves() {
        let policy = |statements: &[&str]| {
            format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","))
        };
        let (_, entries) = left(&policy(&[OPEN]), &Baseline::default());
        assert_eq!(entries.len(), 1);
        assert_eq!((entries[0].pointer.as_str(), entries[0].sid.as_deref()), ("/Principal", None));
        let baseline = Baseline::new(entries);
        assert_eq!(Baseline::parse(&baseline.text()).unwrap(), baseline);

        let known = |text: &str| (left(text, &baseline).0, left(text, &baseline).1.len());
        assert_eq!(known(&policy(&[OPEN])), (1, 0));
        assert_eq!(known(&policy(&[OTHER, &OPEN.replace(": ", "\n:\t")])), (1, 0), "moved and laid out anew");
        assert_eq!(
            known(&format!(r#"{{"Statement":{OPEN},"Version":"2012-10-17"}}"#)),
            (1, 0),
            "one object for a list"
        );
        assert_eq!(known(&policy(&[&OPEN.replace("SendMessage", "*")])), (0, 1), "what it says has changed");
        assert_eq!(known(&policy(&[OPEN, OPEN])), (1, 1), "listed once, found twice");
        assert_eq!(known(&policy(&[OTHER])), (0, 0));
    }

    #[test]
    fn long_names_stay_apart_without_being_repeated() {
        let name = |end: &str| format!("{}{end}", "S".repeat(100_000));
        assert_eq!(known("/Statement/0"), "/Statement/0");
        assert_ne!(known(&name("a")), known(&name("b")));
        assert!(known(&name("a")).len() < 2_000);
    }

    #[test]
    fn what_is_no_baseline_is_said() {
        assert!(Baseline::parse("[]").unwrap_err().starts_with("no baseline: "));
        assert!(Baseline::parse(r#"{"version":2,"findings":[]}"#).unwrap_err().contains("version 2"));
        assert_eq!(Baseline::parse(&Baseline::default().text()).unwrap(), Baseline::default());
    }
}
