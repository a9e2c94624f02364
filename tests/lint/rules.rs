//! A rule is what its page says: each example is run, and nothing is declared that is not there.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test program")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use polmerge::document::{Document, Hints, open};
use polmerge::lint::{Check, FixKind, Group, Level, Rule, Selector, Settings, UNCOVERED, lint, rules};
use polmerge::{Kind, Severity, Source};

use crate::linted::{document, sources};

/// As by default, but that a rule on request is asked for.
fn asked_for(rule: &Rule) -> Settings {
    let mut settings = Settings::default();
    if rule.opt_in {
        settings.levels.insert(Selector::Rule(rule.name), Level::At(rule.severity));
    }
    settings
}

/// An example of a page: what the line that opens it says, and its text.
struct Example {
    word: &'static str,
    kind: Option<Kind>,
    text: String,
    is_yaml: bool,
}

impl Example {
    /// The policy, which stands in a template if the example is YAML.
    fn document(&self) -> Document {
        match self.is_yaml {
            true => open(Source::new("test.yaml", self.text.as_str()), &Hints::default()).documents.remove(0),
            false => document(&self.text, self.kind),
        }
    }
}

fn examples(rule: &'static Rule) -> Vec<Example> {
    let mut examples = Vec::new();
    let blocks = rule.docs.split("```").skip(1).step_by(2);
    for (block, is_yaml) in blocks.filter_map(|block| {
        let json = block.strip_prefix("json ").map(|block| (block, false));
        json.or_else(|| Some((block.strip_prefix("yaml ")?, true)))
    }) {
        let (info, rest) = block.split_once('\n').unwrap();
        // The doc comment's own blank in front of each line.
        let text: Vec<&str> =
            rest.trim_end().lines().map(|line| line.strip_prefix(' ').unwrap_or(line)).collect();
        let mut words = info.split_whitespace();
        let word = words.next().unwrap();
        let kind = words.next().map(|kind| kind.parse().unwrap());
        assert!(["bad", "good", "fixed"].contains(&word), "{}: `{info}`", rule.name);
        examples.push(Example { word, kind, text: text.join("\n"), is_yaml });
    }
    examples
}

/// The rules whose examples are policies. The examples of others are run by `tests/lint/known.rs`.
fn of_policies() -> impl Iterator<Item = &'static Rule> {
    rules::ALL.iter().filter(|rule| !matches!(rule.check, Check::Outside))
}

#[test]
fn a_bad_example_is_found_and_nothing_else_in_it() {
    for rule in of_policies() {
        let bad: Vec<_> = examples(rule).into_iter().filter(|example| example.word == "bad").collect();
        assert!(!bad.is_empty(), "{} has no bad example", rule.name);
        for example in bad {
            let found = lint(&example.document(), &asked_for(rule));
            let shown = found.iter().any(|finding| finding.rule == rule.name);
            assert!(shown, "{} does not find\n{}\nbut {found:#?}", rule.name, example.text);
            let other =
                found.iter().find(|finding| finding.rule != rule.name && finding.severity > Severity::Note);
            assert!(other.is_none(), "{}: {}\n{other:#?}", rule.name, example.text);
        }
    }
}

#[test]
fn a_good_example_is_not_found() {
    for rule in of_policies() {
        let good: Vec<_> = examples(rule).into_iter().filter(|example| example.word == "good").collect();
        assert!(!good.is_empty(), "{} has no good example", rule.name);
        for example in good {
            let found = lint(&example.document(), &asked_for(rule));
            let loud: Vec<_> = found
                .iter()
                .filter(|finding| {
                    finding.rule == rule.name
                        || finding.also.contains(&rule.name)
                        || finding.severity > Severity::Note
                })
                .collect();
            assert!(loud.is_empty(), "{}: {}\n{loud:#?}", rule.name, example.text);
        }
    }
}

#[test]
fn a_fixed_example_is_what_the_fix_makes() {
    for rule in rules::ALL {
        let examples = examples(rule);
        let mut fixed = 0;
        for pair in examples.windows(2).filter(|pair| pair[1].word == "fixed") {
            assert_eq!(pair[0].word, "bad", "{}: `fixed` follows the bad example", rule.name);
            let document = pair[0].document();
            let found = lint(&document, &asked_for(rule));
            let finding = found.iter().find(|finding| finding.rule == rule.name).unwrap();
            let fix = finding.fix.as_ref().unwrap_or_else(|| panic!("{} has no fix here", rule.name));
            assert_eq!(fix.safe, rule.fix == FixKind::Safe, "{}", rule.name);
            assert_eq!(document.edited(&fix.edits).unwrap(), pair[1].text, "{}", rule.name);
            fixed += 1;
        }
        assert_eq!(fixed > 0, rule.fix != FixKind::None, "{}: `fix` and `fixed` examples", rule.name);
    }
}

#[test]
fn a_page_has_its_parts_and_a_rule_its_place() {
    let mut names = BTreeSet::new();
    for rule in rules::ALL {
        assert!(names.insert(rule.name), "{} is there twice", rule.name);
        let summary = rule.docs.lines().next().unwrap().trim();
        assert!(summary.ends_with('.') && summary.len() < 100, "{}: `{summary}`", rule.name);
        let place =
            |part: &str| rule.docs.find(part).unwrap_or_else(|| panic!("{} has no `{part}`", rule.name));
        assert!(place("## Why") < place("## Examples"), "{}", rule.name);
        // No other linter knows our tokens, looks at what IAM and S3 refuse of a text, at what a variable is compared
        // with, at what keeps everyone from a queue, or says what it did not read.
        let ours = [
            "unresolved-placeholder",
            "leading-white-space",
            "queue-lockout",
            "unsupported-character",
            "unread-statements",
            "unquoted-value",
            "variable-of-its-own-key",
        ];
        assert!(!rule.rows.is_empty() || ours.contains(&rule.name), "{} covers no row", rule.name);
        for way in rule.gives_way_to {
            let way = rules::get(way).unwrap_or_else(|| panic!("{} gives way to `{way}`", rule.name));
            assert!(!way.gives_way_to.contains(&rule.name), "{} and {} give way", rule.name, way.name);
        }
    }
}

/// Rows that two rules cover, and why.
const SHARED: &[(&str, &str)] = &[
    ("PUB-03", "S3 has a stricter reading of its own of what limits everyone"),
    ("STM-06", "most services refuse a statement without a resource, KMS takes it and ignores it"),
];

#[test]
fn a_row_has_one_rule() {
    let mut rows: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for rule in rules::ALL {
        rule.rows.iter().for_each(|row| rows.entry(row).or_default().push(rule.name));
    }
    for (row, names) in rows {
        let shared = SHARED.iter().any(|(shared, why)| *shared == row && !why.is_empty());
        assert_eq!(names.len() > 1, shared, "{row}: {names:?}");
    }
}

#[test]
fn a_row_without_a_rule_has_a_reason() {
    assert!(UNCOVERED.is_sorted_by(|(a, _), (b, _)| a < b));
    for (row, why) in UNCOVERED {
        assert!(why.len() > 20, "{row}: `{why}`");
        let covering = rules::ALL.iter().find(|rule| rule.rows.contains(row));
        assert!(covering.is_none(), "{row} is covered by {}", covering.map_or("", |rule| rule.name));
    }
}

#[test]
fn the_folder_is_the_list() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lint/rules");
    let mut files = BTreeSet::new();
    for group in std::fs::read_dir(&folder).unwrap() {
        let group = group.unwrap().path();
        for file in std::fs::read_dir(&group).unwrap() {
            let file = file.unwrap().path();
            let name = |path: &Path| path.file_stem().unwrap().to_str().unwrap().replace('_', "-");
            files.insert((name(&group), name(&file)));
        }
    }
    let listed: BTreeSet<_> =
        rules::ALL.iter().map(|rule| (rule.group.name().to_owned(), rule.name.to_owned())).collect();
    assert_eq!(files, listed);
    let order: Vec<_> = rules::ALL.iter().map(|rule| (rule.group.name(), rule.name)).collect();
    assert!(order.is_sorted(), "the list is by group and name");
    assert!(
        Group::ALL.iter().all(|group| !rules::ALL.iter().any(|rule| rule.name == group.name())
            || group.name() == "confused-deputy")
    );
}

#[test]
fn what_reading_finds_has_a_rule() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = vec![src.join("policy.rs"), src.join("document.rs")];
    sources(&src.join("policy"), &mut files);
    let mut found = 0;
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        for rest in text.split("Diagnostic::new(").skip(1) {
            let Some(name) = rest.trim_start().strip_prefix('"').and_then(|rest| rest.split('"').next())
            else {
                continue;
            };
            assert!(rules::get(name).is_some(), "{}: `{name}` has no rule file", file.display());
            found += 1;
        }
    }
    assert!(found > 10);
    // Where the name is worked out.
    for name in ["duplicate-member", "json-syntax", "principal-and-not-principal", "action-and-not-action"] {
        assert!(rules::get(name).is_some(), "{name}");
    }
    assert!(rules::get("resource-and-not-resource").is_some());
}
