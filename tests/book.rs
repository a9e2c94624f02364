//! The book: the pages of the rules and the table of checks are made from the rule files, and every link leads
//! somewhere. `SNAPSHOTS=overwrite cargo test --test book` makes them anew.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use polmerge::lint::{Group, Rule, UNCOVERED, rules};
use polmerge::report::page;
use polmerge::steps::Packs;

const CHAPTERS: &[(&str, &str)] = &[
    ("introduction.md", "Introduction"),
    ("apply.md", "Merging statements"),
    ("lint.md", "Linting"),
    ("diff.md", "Comparing two policies"),
    ("can.md", "Asking about one request"),
    ("guide.md", "All ten steps"),
    ("packs.md", "Writing a step pack"),
    ("limits.md", "Limits"),
];

const MADE: &str =
    "<!-- Made from the rule files by tests/book.rs; SNAPSHOTS=overwrite makes it anew. -->\n\n";

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/src")
}

fn members(group: Group) -> impl Iterator<Item = &'static Rule> {
    rules::ALL.iter().filter(move |rule| rule.group == group)
}

fn groups() -> impl Iterator<Item = Group> {
    Group::ALL.iter().copied().filter(|group| members(*group).next().is_some())
}

fn summary() -> String {
    let mut out = format!("# Summary\n\n{MADE}");
    for (file, title) in CHAPTERS {
        out += &format!("- [{title}]({file})\n");
    }
    out += "- [The rules](rules.md)\n";
    for rule in groups().flat_map(members) {
        out += &format!("  - [{0}](rules/{0}.md)\n", rule.name);
    }
    out + "- [Checks of the field](coverage.md)\n"
}

/// The rules, group by group.
fn overview() -> String {
    let mut out = format!(
        "# The rules\n\n{MADE}{} rules. The level is the highest of a rule's findings; one of them may be lower.\n",
        rules::ALL.len()
    );
    for group in groups() {
        out += &format!("\n## {}\n\n| rule | level | fixes | finds |\n|---|---|---|---|\n", group.name());
        for rule in members(group) {
            let (name, level) = (rule.name, rule.severity.name());
            let fix = page::fix(rule).map_or_else(String::new, |option| format!("`{option}`"));
            out += &format!(
                "| [{name}](rules/{name}.md) | {level} | {fix} | {} |\n",
                cell(&page::summary(rule.docs))
            );
        }
    }
    out
}

/// Text in a table: a bar would end the cell.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

fn rule_page(rule: &Rule) -> String {
    let mut facts = vec![format!("Level: {}", rule.severity.name()), format!("group: {}", rule.group.name())];
    if let Some(option) = page::fix(rule) {
        facts.push(format!("some mended by `lint {option}`"));
    }
    if !rule.kinds.is_empty() {
        let kinds: Vec<String> = rule.kinds.iter().map(|kind| format!("`{}`", kind.name())).collect();
        facts.push(format!("kinds of policy: {}", kinds.join(" ")));
    }
    facts.push(format!("since {}", rule.since));
    let mut out = format!("# {}\n\n{MADE}{}\n\n{}", rule.name, page::markdown(rule).trim_end(), "");
    out += &format!("## Facts\n\n{}.\n", facts.join("; "));
    if !rule.peers.is_empty() {
        let peers: Vec<String> = rule.peers.iter().map(|peer| format!("`{peer}`")).collect();
        out += &format!("\nElsewhere called {}.\n", peers.join(", "));
    }
    out
}

/// What a row is sorted by: its letters, its number, and what may follow that.
fn key(row: &str) -> (&str, usize, &str) {
    let (letters, rest) = row.split_once('-').unwrap_or((row, ""));
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    (letters, rest[..digits].parse().unwrap_or(0), &rest[digits..])
}

/// Every check of the field by its row: the rules that do it and what peers call these, or why there is none.
fn coverage() -> String {
    let mut covered: BTreeMap<(&str, usize, &str), (&str, Vec<&Rule>)> = BTreeMap::new();
    for rule in rules::ALL {
        for row in rule.rows {
            covered.entry(key(row)).or_insert((row, Vec::new())).1.push(rule);
        }
    }
    let mut out = format!(
        "# Checks of the field\n\n{MADE}What linters of AWS policies check, put in rows: {} have a rule here, {} have none, for \
         the reason given. The names of peers are those of the rule as a whole; where a rule covers several rows, not each of \
         them belongs to each row.\n\n| row | rule | elsewhere called |\n|---|---|---|\n",
        covered.len(),
        UNCOVERED.len()
    );
    for (row, rules) in covered.values() {
        let names: Vec<String> = rules.iter().map(|rule| format!("[{0}](rules/{0}.md)", rule.name)).collect();
        let mut peers: Vec<&str> = rules.iter().flat_map(|rule| rule.peers).copied().collect();
        peers.sort_unstable();
        peers.dedup();
        let peers: Vec<String> = peers.iter().map(|peer| format!("`{peer}`")).collect();
        out += &format!("| {row} | {} | {} |\n", names.join(", "), peers.join(" "));
    }
    out += "\n## Without a rule\n\n| row | why |\n|---|---|\n";
    let mut uncovered: Vec<_> = UNCOVERED.iter().collect();
    uncovered.sort_by_key(|(row, _)| key(row));
    for (row, why) in uncovered {
        out += &format!("| {row} | {} |\n", cell(why));
    }
    out
}

/// Every page that is made, by its path under `docs/src`.
fn pages() -> BTreeMap<String, String> {
    let mut pages = BTreeMap::from([
        ("SUMMARY.md".to_owned(), summary()),
        ("rules.md".to_owned(), overview()),
        ("coverage.md".to_owned(), coverage()),
    ]);
    pages.extend(rules::ALL.iter().map(|rule| (format!("rules/{}.md", rule.name), rule_page(rule))));
    pages
}

fn written() -> Vec<String> {
    let rules = std::fs::read_dir(source().join("rules")).into_iter().flatten();
    rules.map(|entry| format!("rules/{}", entry.unwrap().file_name().to_str().unwrap())).collect()
}

#[test]
fn made_pages_are_up_to_date() {
    let pages = pages();
    if std::env::var("SNAPSHOTS").is_ok_and(|value| value == "overwrite") {
        std::fs::create_dir_all(source().join("rules")).unwrap();
        for old in written().iter().filter(|old| !pages.contains_key(*old)) {
            std::fs::remove_file(source().join(old)).unwrap();
        }
        for (path, text) in &pages {
            std::fs::write(source().join(path), text).unwrap();
        }
    }
    let mut wrong: Vec<&str> = Vec::new();
    let old = written();
    wrong.extend(old.iter().filter(|old| !pages.contains_key(*old)).map(String::as_str));
    for (path, text) in &pages {
        let there = std::fs::read_to_string(source().join(path)).unwrap_or_default();
        if there != *text {
            wrong.push(path);
        }
    }
    assert!(wrong.is_empty(), "make them anew with SNAPSHOTS=overwrite cargo test --test book: {wrong:?}");
}

#[test]
fn links_lead_somewhere() {
    let mut files: Vec<PathBuf> = CHAPTERS.iter().map(|(file, _)| source().join(file)).collect();
    files.extend(pages().keys().map(|path| source().join(path)));
    let mut links = 0;
    for file in files {
        let text =
            std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        // In code, `](` can be anything.
        let prose = text.split("```").step_by(2).collect::<String>();
        for target in prose.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            if target.contains("://") || target.starts_with('#') {
                continue;
            }
            let path = target.split('#').next().unwrap();
            assert!(file.parent().unwrap().join(path).exists(), "{}: {target}", file.display());
            links += 1;
        }
    }
    assert!(links > rules::ALL.len());
}

/// `tests/aws/run` types every command of the chapter and compares what is answered; here is what it must be about.
#[test]
fn the_chapter_on_the_guide_goes_all_the_way() {
    let text = std::fs::read_to_string(source().join("guide.md")).unwrap();
    let packs = Packs::shipped().unwrap();
    for number in 1..=10 {
        assert!(text.contains(&format!("\n| {number} | ")), "no row for step {number}");
        let done = if number == 10 { "by hand" } else { "done" };
        let row = |line: &str| line.trim_start().starts_with(&format!("{number}  ")) && line.contains(done);
        assert!(text.lines().any(row), "step {number} does not become `{done}`");
        assert!(packs.step(&format!("step{number}")).is_ok());
    }
    let mut at = 0;
    for command in [
        "guide discover",
        "guide init",
        "guide collect",
        "guide check",
        "guide plan",
        "run.sh",
        "guide check",
        "rollback.sh",
        "YOUR_OPTION = \"1\"",
    ] {
        at += text[at..].find(command).unwrap_or_else(|| panic!("no {command} where it belongs"));
    }
}
