//! A rule is what its page says: each example is run, and nothing is declared that is not there.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "a test program")]

#[path = "support/corpus.rs"]
mod corpus;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use polmerge::document::{Hints, open_policy};
use polmerge::lint::{Check, FixKind, Group, Level, Rule, Selector, Settings, UNCOVERED, lint, rules};
use polmerge::{Diagnostic, Document, Kind, Severity, Source};
use proptest::prelude::*;

fn document(text: &str, kind: Option<Kind>) -> Document {
    open_policy(Source::new("test.json", text), &Hints { kind, ..Hints::default() })
}

fn findings(text: &str, kind: Option<Kind>) -> Vec<Diagnostic> {
    lint(&document(text, kind), &Settings::default())
}

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
}

fn examples(rule: &'static Rule) -> Vec<Example> {
    let mut examples = Vec::new();
    for block in rule.docs.split("```json ").skip(1) {
        let (info, rest) = block.split_once('\n').unwrap();
        let (text, _) = rest.split_once("```").unwrap_or_else(|| panic!("{}: an open block", rule.name));
        // The doc comment's own blank in front of each line.
        let text: Vec<&str> = text.lines().map(|line| line.strip_prefix(' ').unwrap_or(line)).collect();
        let mut words = info.split_whitespace();
        let word = words.next().unwrap();
        let kind = words.next().map(|kind| kind.parse().unwrap());
        assert!(["bad", "good", "fixed"].contains(&word), "{}: `{info}`", rule.name);
        examples.push(Example { word, kind, text: text.join("\n") });
    }
    examples
}

/// The rules whose examples are policies. The examples of others are run by `tests/known.rs`.
fn of_policies() -> impl Iterator<Item = &'static Rule> {
    rules::ALL.iter().filter(|rule| !matches!(rule.check, Check::Configuration))
}

#[test]
fn a_bad_example_is_found_and_nothing_else_in_it() {
    for rule in of_policies() {
        let bad: Vec<_> = examples(rule).into_iter().filter(|example| example.word == "bad").collect();
        assert!(!bad.is_empty(), "{} has no bad example", rule.name);
        for example in bad {
            let found = lint(&document(&example.text, example.kind), &asked_for(rule));
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
            let found = lint(&document(&example.text, example.kind), &asked_for(rule));
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
            let document = document(&pair[0].text, pair[0].kind);
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
        // No other linter knows our tokens.
        assert!(
            !rule.rows.is_empty() || rule.name == "unresolved-placeholder",
            "{} covers no row",
            rule.name
        );
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

fn sources(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => sources(&path, into),
            false => into.push(path),
        }
    }
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

fn kind_of(policy: &corpus::Policy) -> Option<Kind> {
    let flagged = |flag: &str| policy.flags.iter().any(|other| other == flag);
    match policy.kind.as_str() {
        "other" if flagged("vpce") => Some(Kind::Endpoint),
        "other" => None,
        "scp" if flagged("rcp") => Some(Kind::Rcp),
        kind => Some(kind.parse().unwrap()),
    }
}

/// How often each rule fires over the corpus: a look at precision. `cargo test --test rules
/// whole_corpus -- --nocapture` prints it; with `POLMERGE_SHOW=rule,rule` also what they say.
#[test]
fn whole_corpus() {
    let Some(policies) = corpus::policies("lint over the corpus", &corpus::KINDS) else { return };
    let show = std::env::var("POLMERGE_SHOW").ok();
    let mut counts: BTreeMap<(&str, &str), BTreeMap<String, usize>> = BTreeMap::new();
    let mut checked: BTreeMap<String, usize> = BTreeMap::new();
    for policy in &policies {
        let document = document(policy.policy.get(), kind_of(policy));
        *checked.entry(policy.kind.clone()).or_default() += 1;
        for finding in lint(&document, &selected(&["all"])) {
            let place = document.source().place(finding.span);
            if show.as_deref().is_some_and(|show| show.split(',').any(|rule| rule == finding.rule)) {
                let statement = document.statement_at(finding.span);
                let shown = statement.map_or(finding.span, |statement| statement.span);
                println!("\n{} {} {place}\n{finding:#?}", policy.id, policy.source);
                println!("{}", shown.slice(document.text()));
            }
            let rule = (finding.rule, finding.severity.name());
            *counts.entry(rule).or_default().entry(policy.kind.clone()).or_default() += 1;
        }
    }
    println!("policies: {checked:?}");
    for ((rule, severity), kinds) in counts {
        println!("{rule:32} {severity:8} {:6} {kinds:?}", kinds.values().sum::<usize>());
    }
    for (_, text) in corpus::texts("lint over the corpus").unwrap() {
        findings(&text, None);
    }
}

fn policy_like() -> impl Strategy<Value = String> {
    let piece = vec![
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\"Statement\":",
        "\"Effect\":",
        "\"Allow\"",
        "\"Deny\"",
        "\"Principal\":",
        "\"AWS\":",
        "\"*\"",
        "\"Action\":",
        "\"s3:*\"",
        "\"Resource\":",
        "\"Condition\":",
        "\"StringLikeIfExists\":",
        "\"aws:SourceArn\":",
        "\"arn:aws:s3:::b\"",
        "\"Sid\":",
        "\"\\u0041\"",
        "\"YOUR_ARN\"",
        "null",
        "true",
        "1",
        "\"NotPrincipal\":",
        "\"Service\":",
        "\"Null\":",
        "\"AROAXXXXXXXXXXXXXXXXX\"",
        "\"\u{e9}\"",
        " ",
    ];
    prop::collection::vec(prop::sample::select(piece).prop_map(str::to_owned), 0..60)
        .prop_map(|pieces| pieces.concat())
}

/// Whole policies with odd values in every place.
fn policy() -> impl Strategy<Value = String> {
    let value = prop::sample::select(vec![
        "\"*\"",
        "[]",
        "[\"*\",\"a\"]",
        "\"arn:aws:iam::1:root\"",
        "{}",
        "{\"Ref\":\"X\"}",
        "\"111111111111\"",
        "true",
        "\"arn:aws:s3:*:*:b\"",
        "\"${aws:x}\"",
        "\"0.0.0.0/0\"",
        "\"10.0.0.0/99\"",
        "\"sts:AssumeRole\"",
        "\"s3:Get*\"",
        "\"\"",
        "\"é\"",
        "\"2020-01-01T00:00:00Z\"",
        "{\"AWS\":\"*\"}",
        "{\"Service\":[\"s3.amazonaws.com\"]}",
        "{\"AWS\":[\"AROA2222222222222222\",\"*\"]}",
    ]);
    let operator = prop::sample::select(vec![
        "StringEquals",
        "StringNotLike",
        "ForAllValues:StringLike",
        "StringEqualsIfExists",
        "IpAddress",
        "Null",
        "Bool",
        "DateGreaterThan",
        "NumericLessThan",
        "ArnLike",
        "ForAnyValue:ArnEquals",
        "BinaryEquals",
    ]);
    let key = prop::sample::select(vec![
        "aws:SourceArn",
        "AWS:sourceaccount",
        "aws:PrincipalOrgPaths",
        "aws:SourceIp",
        "sts:ExternalId",
        "é",
        "aws:userid",
        "aws:CurrentTime",
        "sns:Endpoint",
    ]);
    let statement = (
        prop::sample::select(vec!["Allow", "Deny", "allow"]),
        prop::sample::select(vec!["Principal", "NotPrincipal", "Other"]),
        value.clone(),
        value.clone(),
        value.clone(),
        operator,
        key,
        value,
    )
        .prop_map(|(effect, who, principal, action, resource, operator, key, value)| {
            format!(
                r#"{{"Sid":"a","Effect":"{effect}","{who}":{principal},"Action":{action},"Resource":{resource},"Condition":{{"{operator}":{{"{key}":{value}}}}}}}"#
            )
        });
    prop::collection::vec(statement, 0..5).prop_map(|statements| {
        format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(", "))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_text_is_answered(text in any::<String>(), kind in prop::sample::select(Kind::ALL.to_vec())) {
        findings(&text, Some(kind));
    }

    #[test]
    fn texts_that_look_like_policies_are_answered(text in policy_like(), kind in prop::sample::select(Kind::ALL.to_vec())) {
        findings(&text, Some(kind));
    }

    #[test]
    fn a_safe_fix_leaves_a_policy_that_can_be_read(text in policy(), kind in prop::sample::select(Kind::ALL.to_vec())) {
        let document = document(&text, Some(kind));
        for finding in lint(&document, &selected(&["all"])) {
            prop_assert!(finding.span.end as usize <= text.len() && text.get(finding.span.range()).is_some());
            let Some(fix) = &finding.fix else { continue };
            let fixed = document.edited(&fix.edits).unwrap();
            let syntax = findings(&fixed, Some(kind)).into_iter().find(|finding| finding.rule == "json-syntax");
            prop_assert!(syntax.is_none(), "{}: {} {:?}", finding.rule, fixed, syntax);
        }
    }
}

/// The transcript of `lint` on a topic policy, as data.
#[test]
fn a_condition_that_holds_only_partly() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/topic-policy.json");
    let text = std::fs::read_to_string(path).unwrap();
    let document = document(&text, None);
    let found = lint(&document, &Settings::default());
    let names: Vec<_> = found.iter().map(|finding| finding.rule).collect();
    assert_eq!(names, ["public-access", "source-arn-without-account"], "{found:#?}");

    let public = &found[0];
    let place = |span| document.source().place(span);
    assert_eq!(public.message, "accounts that are in no organization may subscribe and publish");
    assert_eq!((place(public.span), public.label.as_deref()), ("20:29".to_owned(), Some("everyone …")));
    assert_eq!(public.labels[0].text, "… save callers of other organizations");
    assert_eq!(public.labels[0].span.slice(&text), "\"StringEqualsIfExists\"");
    assert_eq!(
        public.example,
        [
            "arn:aws:iam::999999999999:role/any, of an account in no organization",
            "sns:Subscribe on arn:aws:sns:us-east-1:222222222222:expel-topic",
            "the request has no aws:PrincipalOrgID, so the `IfExists` test passes",
        ]
    );
    assert_eq!(public.help.as_deref(), Some("`StringEquals` lets in organization o-a1b2c3d4e5 only"));
    assert_eq!(public.also, ["if-exists-allow", "principal-any"]);
    assert_eq!(
        public.witness,
        Some(serde_json::json!({
            "principal": "arn:aws:iam::999999999999:role/any",
            "action": "sns:Subscribe",
            "resource": "arn:aws:sns:us-east-1:222222222222:expel-topic",
            "resource_account": "222222222222",
            "context": {},
        }))
    );
    let fix = public.fix.as_ref().unwrap();
    assert!(!fix.safe);
    assert_eq!(document.edited(&fix.edits).unwrap(), text.replace("StringEqualsIfExists", "StringEquals"));

    let bucket = &found[1];
    assert_eq!(
        (place(bucket.span), bucket.message.as_str()),
        ("33:28".to_owned(), "a bucket ARN names no account")
    );
    assert_eq!(bucket.label.as_deref(), Some("whoever owns a bucket of this name"));
    assert_eq!(
        bucket.help.as_deref(),
        Some(
            "add \"StringEquals\": { \"aws:SourceAccount\": \"<account of the bucket>\" }: if the bucket is ever \
             deleted, another account can take its name"
        )
    );

    let remarks = polmerge::lint::remarks(&document);
    let messages: Vec<_> = remarks.iter().map(|remark| remark.message.as_str()).collect();
    assert_eq!(
        messages,
        ["statement 1 lets in `\"AWS\": \"*\"`, but `AWS:SourceOwner` (15:40) holds it to 222222222222"]
    );
}

/// Every statement that we ship, with made-up values in place of its tokens, is above reproach.
#[test]
fn the_steps_have_no_finding() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let values = std::fs::read_to_string(root.join("fixtures/expel.json")).unwrap();
    let values: BTreeMap<String, String> = serde_json::from_str(&values).unwrap();
    let value = |name: &str| match name {
        "YOUR_LOG_ARCHIVE_ACCOUNT_ID" => Some("222222222222"),
        "YOUR_SNS_TOPIC_ARN" => values.get("YOUR_TOPIC_ARN").map(String::as_str),
        name => values.get(name).map(String::as_str),
    };
    let mut checked = 0;
    for entry in std::fs::read_dir(root.join("policies/expel-control-tower")).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let step: serde_json::Value =
            serde_json::from_str(&polmerge::placeholder::replace(&text, value)).unwrap();
        let documents = step["documents"].as_array().cloned().unwrap_or_default();
        for shipped in documents.iter().filter(|document| document.get("statements").is_some()) {
            let kind: Kind = shipped["kind"].as_str().unwrap().parse().unwrap();
            let variants = shipped["variants"].as_object().into_iter().flat_map(|variants| variants.values());
            for variant in std::iter::once(shipped).chain(variants) {
                let policy = serde_json::json!({"Version": "2012-10-17", "Statement": variant["statements"]});
                let found = findings(&policy.to_string(), Some(kind));
                let loud: Vec<_> = found.iter().filter(|finding| finding.severity > Severity::Note).collect();
                assert!(loud.is_empty(), "{}: {loud:#?}", path.display());
                checked += 1;
            }
        }
    }
    assert!(checked > 8, "only {checked}");
}

/// What is said of the policies that users have when they come: all of it is meant.
#[test]
fn the_fixtures() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut files = Vec::new();
    sources(&root, &mut files);
    // The answers for the guide are looked at by its own tests.
    files.retain(|path| !path.starts_with(root.join("accounts")));
    files.sort();
    let mut said = String::new();
    for path in files.iter().filter(|path| path.extension().is_some_and(|ending| ending == "json")) {
        let text = std::fs::read_to_string(path).unwrap();
        let file = polmerge::document::open(Source::new("test.json", text), &Hints::default());
        for document in &file.documents {
            for finding in lint(document, &Settings::default()) {
                let place = document.source().place(document.in_file(finding.span));
                let name = path.strip_prefix(&root).unwrap().display();
                let also = if finding.also.is_empty() {
                    String::new()
                } else {
                    format!(" (also {})", finding.also.join(", "))
                };
                said += &format!(
                    "{name}:{place} {} {}{also}: {}\n",
                    finding.severity.name(),
                    finding.rule,
                    finding.message
                );
            }
        }
    }
    snapbox::assert_data_eq!(said, snapbox::file!["support/fixtures.lint.txt"].raw());
}

fn selected(names: &[&str]) -> Settings {
    let select = names.iter().map(|name| name.parse().unwrap()).collect();
    Settings { select: Some(select), ..Settings::default() }
}

#[test]
fn a_rule_on_request_runs_if_it_is_asked_for() {
    let document =
        document(r#"{"Statement":{"Effect":"Allow","Action":"s3:ListAllMyBuckets","Resource":"*"}}"#, None);
    let runs =
        |settings: Settings| lint(&document, &settings).iter().any(|finding| finding.rule == "missing-sid");
    assert!(!runs(Settings::default()) && !runs(selected(&["public"])));
    assert!(runs(selected(&["missing-sid"])) && runs(selected(&["practice"])) && runs(selected(&["all"])));
    let level = |name: &str, level: Level| Settings {
        levels: BTreeMap::from([(name.parse().unwrap(), level)]),
        ..Settings::default()
    };
    assert!(runs(level("missing-sid", Level::At(Severity::Warning))));
    assert!(runs(level("practice", Level::At(Severity::Note))));
    assert!(!runs(level("practice", Level::Off)) && !runs(level("public", Level::At(Severity::Note))));
}

const QUEUE: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*",
    "Action":"sqs:SendMessage","Resource":"arn:aws:sqs:us-east-1:222222222222:q"}]}"#;

#[test]
fn everyone_on_no_condition_is_one_finding_of_whichever_rule_runs() {
    let document = document(QUEUE, None);
    let rules = |settings: &Settings| -> Vec<(&str, Vec<&str>)> {
        lint(&document, settings).into_iter().map(|finding| (finding.rule, finding.also)).collect()
    };
    assert_eq!(rules(&Settings::default()), [("principal-any", vec!["public-access"])]);
    assert_eq!(rules(&selected(&["public-access"])), [("public-access", vec![])]);
    assert_eq!(rules(&selected(&["overbroad"])), [("principal-any", vec![])]);
    let found = lint(&document, &selected(&["public"]));
    assert_eq!(found[0].example[1], "sqs:SendMessage on arn:aws:sqs:us-east-1:222222222222:q");
}

#[test]
fn own_accounts_need_no_external_id() {
    let text = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sts:AssumeRole",
        "Principal":{"AWS":["111111111111","arn:aws:iam::333333333333:role/a","arn:aws:iam::222222222222:root"]}}}"#;
    let document = document(text, None);
    let accounts = |accounts: &[&str]| {
        let accounts = accounts.iter().map(|account| (*account).to_owned()).collect();
        let settings = Settings { accounts, ..Settings::default() };
        let found = lint(&document, &settings);
        found
            .iter()
            .map(|finding| (finding.rule, finding.labels.len(), finding.also.clone()))
            .collect::<Vec<_>>()
    };
    assert_eq!(accounts(&[]), [("missing-external-id", 2, vec!["account-root"])]);
    assert_eq!(
        accounts(&["111111111111", "333333333333"]),
        [("account-root", 0, vec![]), ("missing-external-id", 0, vec!["account-root"])]
    );
    assert_eq!(
        accounts(&["111111111111", "222222222222", "333333333333"]).len(),
        2,
        "whole accounts all the same"
    );
}

#[test]
fn a_statement_that_stands_there_twice_is_one_finding() {
    let statement = r#"{"Sid":"A","Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:s3:::b"}"#;
    let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statement}, {statement}, {statement}]}}"#);
    let document = document(&text, None);
    let found = lint(&document, &Settings::default());
    let rules: Vec<_> = found.iter().map(|finding| (finding.rule, finding.also.clone())).collect();
    assert_eq!(rules, vec![("duplicate-sid", vec!["duplicate-statement"]); 2]);
    let edits: Vec<_> = found.iter().flat_map(|finding| finding.fix.clone().unwrap().edits).collect();
    assert_eq!(
        document.edited(&edits).unwrap(),
        format!(r#"{{"Version":"2012-10-17","Statement":[{statement}]}}"#)
    );
}

#[test]
fn levels_go_by_the_number_that_is_passed() {
    let level = |length: usize| {
        let resource = "x".repeat(length);
        let text = format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:s3:::{resource}"}}}}"#
        );
        lint(&document(&text, Some(Kind::Identity)), &selected(&["quota-exceeded"]))
            .first()
            .map(|finding| finding.severity)
    };
    assert_eq!(level(6_000), None);
    assert_eq!(level(8_000), Some(Severity::Warning));
    assert_eq!(level(12_000), Some(Severity::Error));
}

/// The rules about what an Allow gives, by name, with what gave way to them.
fn about_grants(text: &str, kind: Kind) -> Vec<(&'static str, usize)> {
    let found = lint(&document(text, Some(kind)), &selected(&["overbroad", "escalation", "exposure"]));
    found.into_iter().map(|finding| (finding.rule, finding.also.len())).collect()
}

#[test]
fn an_administrator_is_one_finding() {
    let rules = |statement: &str| {
        let text = format!(r#"{{"Version":"2012-10-17","Statement":{statement}}}"#);
        about_grants(&text, Kind::Identity).into_iter().map(|(rule, _)| rule).collect::<Vec<_>>()
    };
    assert_eq!(rules(r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#), ["full-admin"]);
    assert_eq!(rules(r#"{"Effect":"Allow","Action":"iam:*","Resource":"*"}"#), ["whole-service"]);
    assert_eq!(rules(r#"{"Effect":"Allow","NotAction":"s3:*","Resource":"*"}"#), ["not-action-allow"]);
    // A Deny of everything leaves no administrator.
    let denied =
        r#"[{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"*","Resource":"*"}]"#;
    assert_eq!(rules(denied), [""; 0]);
}

/// A wildcard in a Deny gives nothing, nor does one in a policy that only limits; `Resource: "*"` in the
/// policy of a key is the key.
#[test]
fn what_gives_nothing_is_no_broad_grant() {
    let policy = |effect: &str, rest: &str| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"{effect}",{rest}}}, {{"Effect":"Allow","Action":"sqs:ListQueues","Resource":"*"}}]}}"#
        )
    };
    let all = r#""Action":["*","iam:*","s3:Put*","iam:PassRole","kms:Decrypt"],"Resource":"*""#;
    assert_eq!(about_grants(&policy("Deny", all), Kind::Identity), []);
    for kind in [Kind::Scp, Kind::Boundary, Kind::Session] {
        assert_eq!(about_grants(&policy("Allow", all), kind), [], "{kind}");
    }
    let key = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111111111111:role/a"},
        "Action":["kms:Decrypt","kms:CreateGrant"],"Resource":"*"}}"#;
    assert_eq!(about_grants(key, Kind::Kms), []);
    // Actions that work with `*` only, and the end of every ARN of a log group.
    let good = r#"{"Version":"2012-10-17","Statement":[
        {"Effect":"Allow","Action":["ec2:DescribeInstances","s3:ListAllMyBuckets","ecr:GetAuthorizationToken"],"Resource":"*"},
        {"Effect":"Allow","Action":"logs:PutLogEvents","Resource":"arn:aws:logs:eu-central-1:111111111111:log-group:/app:*"}]}"#;
    assert_eq!(about_grants(good, Kind::Identity), []);
}

/// The entry that completes the set is pointed at, and what a Deny takes back completes nothing.
#[test]
fn an_escalation_names_the_entry_that_completes_it() {
    let text = |deny: &str| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":[
            {{"Effect":"Allow","Action":"iam:PassRole","Resource":"*"}},
            {{"Effect":"Allow","Action":["glue:GetJob","glue:Create*"],"Resource":"*"}}{deny}]}}"#
        )
    };
    let open = text("");
    let found = lint(&document(&open, Some(Kind::Identity)), &selected(&["privilege-escalation"]));
    let [finding] = found.as_slice() else { panic!("{found:#?}") };
    assert_eq!(finding.severity, Severity::Warning);
    assert_eq!(finding.span.slice(&open), "\"iam:PassRole\"");
    assert!(finding.labels.iter().any(|label| label.span.slice(&open) == "\"glue:Create*\""), "{finding:#?}");
    let denied = text(r#",{"Effect":"Deny","Action":"glue:*","Resource":"*"}"#);
    assert_eq!(lint(&document(&denied, Some(Kind::Identity)), &selected(&["privilege-escalation"])), []);
}

/// AWS's own policies are broad at places, and most are not: what is said of them above a note is rare.
#[test]
fn managed_policies_are_mostly_quiet() {
    let Some(policies) = corpus::policies("grants of managed policies", &["identity"]) else { return };
    let managed: Vec<_> =
        policies.iter().filter(|policy| policy.flags.iter().any(|flag| flag == "aws-managed")).collect();
    let settings = selected(&["overbroad", "escalation", "exposure"]);
    let loud = managed.iter().filter(|policy| {
        let found = lint(&document(policy.policy.get(), Some(Kind::Identity)), &settings);
        found.iter().any(|finding| finding.severity > Severity::Note)
    });
    let loud = loud.count();
    assert!(loud * 20 < managed.len(), "{loud} of {}", managed.len());
}

/// Each of these has the shape that a check could be slow at; a minute would show it, a second would not.
#[test]
fn large_policies_take_linear_time() {
    let deny = r#"{"Effect":"Deny","Principal":"*","Action":"s3:Put*","Resource":"*","Sid":"A"}"#;
    let allow = r#"{"Effect":"Allow","Principal":"*","Action":"s3:Get*","Resource":"*","Sid":"A"}"#;
    let tests = |key: &str| {
        let keys: Vec<String> = (0..5_000).map(|number| format!("\"{key}{number}\":\"x\"")).collect();
        format!(
            r#"{{"Effect":"Allow","Principal":"*","Action":"s3:Get*","Resource":"*","Condition":{{"StringLikeIfExists":{{{}}}}}}}"#,
            keys.join(",")
        )
    };
    let principals = |text: &str| {
        let list = vec![text; 20_000].join(",");
        format!(r#"{{"Effect":"Allow","Principal":{{"AWS":[{list}]}},"Action":"sts:AssumeRole"}}"#)
    };
    let both = format!("{allow},{deny}");
    for statements in [
        vec![both.as_str(); 5_000].join(","),
        vec![allow; 10_000].join(","),
        tests("aws:x"),
        principals("\"111111111111\""),
        principals("\"YOUR_ROLE\""),
    ] {
        let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#);
        let started = std::time::Instant::now();
        for kind in [Kind::S3, Kind::Trust, Kind::Kms] {
            findings(&text, Some(kind));
        }
        assert!(started.elapsed().as_secs() < 60, "{:?}: {}", started.elapsed(), &text[..200]);
        println!("{:?} {}", started.elapsed(), &text[..120]);
    }
    let list = |text: &str, count: usize| vec![text; count].join(",");
    let allow =
        r#"{"Effect":"Allow","Action":["iam:*","ec2:*","s3:P*","lambda:*"],"Resource":"arn:aws:s3:::*"}"#;
    let not = r#"{"Effect":"Allow","NotAction":["s3:*","ec2:*"],"NotResource":"arn:aws:s3:::a"}"#;
    let deny = r#"{"Effect":"Deny","Action":"*","Resource":"arn:aws:iam::*:role/a","Condition":{"Bool":{"aws:SecureTransport":"false"}}}"#;
    let wide = format!(
        r#"{{"Effect":"Allow","Action":[{}],"Resource":[{}]}}"#,
        list("\"iam:P*\",\"s3:*\",\"sqs:SendMessage\"", 5_000),
        list("\"arn:aws:s3:::a*\",\"arn:aws:sqs:*:*:a\",\"arn:aws:iam::*:role/*\"", 5_000)
    );
    for statements in [
        list(allow, 5_000),
        list(not, 5_000),
        list(&format!("{allow},{not},{deny}"), 2_000),
        wide.clone(),
        format!("{wide},{deny}"),
        format!("{},{}", tests("aws:ResourceTag/x"), list(allow, 10)),
    ] {
        let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#);
        let started = std::time::Instant::now();
        lint(&document(&text, Some(Kind::Identity)), &selected(&["overbroad", "escalation", "exposure"]));
        assert!(started.elapsed().as_secs() < 20, "{:?}: {}", started.elapsed(), &text[..200]);
        println!("{:?} {}", started.elapsed(), &text[..120]);
    }
}

/// What Organizations refused before September 2025 is no mistake, and a star in a key policy is no wildcard.
#[test]
fn what_is_right_by_now_is_not_found() {
    let statements = [
        r#"{"Effect":"Allow","NotAction":"iam:*","Resource":"arn:aws:s3:::reports/*"}"#,
        r#"{"Effect":"Allow","Action":"s3:*Object","NotResource":"arn:aws:s3:::reports/*"}"#,
        r#"{"Effect":"Deny","Action":"ec2:*Instances","NotResource":"arn:aws:ec2:*:*:instance/i-1","Condition":{"StringEquals":{"aws:PrincipalTag/team":"a"}}}"#,
    ];
    for statement in statements {
        let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statement}]}}"#);
        let found = lint(&document(&text, Some(Kind::Scp)), &selected(&["organization"]));
        assert!(found.is_empty(), "{found:#?}");
    }
    let key = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111111111111:role/a"},"Action":"kms:Decrypt","Resource":"*"}]}"#;
    // That nobody could change the key, were this all of its policy, is another matter.
    let found = findings(key, Some(Kind::Kms));
    assert!(found.iter().all(|finding| finding.rule == "key-lockout"), "{found:#?}");
}

#[test]
fn the_limit_of_an_inline_policy_is_its_owners() {
    let policy = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:s3:::{}"}}]}}"#,
        "x".repeat(2_500)
    );
    let over = |answer: String| {
        let file = polmerge::document::open(Source::new("test.json", answer), &Hints::default());
        lint(&file.documents[0], &selected(&["quota-exceeded"])).len()
    };
    assert_eq!(over(format!(r#"{{"UserName":"ann","PolicyName":"p","PolicyDocument":{policy}}}"#)), 1);
    assert_eq!(over(format!(r#"{{"GroupName":"ops","PolicyName":"p","PolicyDocument":{policy}}}"#)), 0);
    assert_eq!(over(format!(r#"{{"RoleName":"web","PolicyName":"p","PolicyDocument":{policy}}}"#)), 0);
}

#[test]
fn the_inline_policies_of_one_identity_are_counted_together() {
    let policy = |length: usize| {
        let name = "x".repeat(length - 100);
        let policy = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::{name}"}}]}}"#
        );
        assert_eq!(policy.len(), length);
        policy
    };
    // The findings of each policy of a file.
    let over = |name: &str, text: String| -> Vec<Vec<String>> {
        let file = polmerge::document::open(Source::new(name, text), &Hints::default());
        let found = file.documents.iter().map(|document| lint(document, &selected(&["quota-exceeded"])));
        found.map(|found| found.into_iter().map(|finding| finding.message).collect()).collect()
    };
    let inline = |lengths: &[usize]| {
        let policies = lengths
            .iter()
            .map(|length| format!(r#"{{"PolicyName":"p","PolicyDocument":{}}}"#, policy(*length)));
        policies.collect::<Vec<_>>().join(",")
    };
    let answer = format!(
        r#"{{"UserDetailList":[{{"UserPolicyList":[{}]}},{{"UserPolicyList":[{}]}}],"RoleDetailList":[{{"RolePolicyList":[{}]}}]}}"#,
        inline(&[1_000, 1_048]),
        inline(&[1_000, 1_049, 500]),
        inline(&[10_000, 241]),
    );
    let found = over("answer.json", answer);
    let numbers: Vec<usize> = found.iter().map(Vec::len).collect();
    assert_eq!(numbers, [0, 0, 0, 1, 0, 0, 1]);
    assert_eq!(
        found[3],
        [
            "the user's inline policies, up to this one, have 2,049 characters besides white space, 1 over the limit of 2,048"
        ]
    );
    let template = format!(
        r#"{{"Resources":{{"A":{{"Type":"AWS::IAM::Group","Properties":{{"Policies":[{}]}}}},"B":{{"Type":"AWS::IAM::Group","Properties":{{"Policies":[{}]}}}}}}}}"#,
        inline(&[2_560, 2_560]),
        inline(&[2_560, 2_561]),
    );
    assert_eq!(over("template.json", template).iter().map(Vec::len).collect::<Vec<_>>(), [0, 0, 0, 1]);
    let resource = |role: &str, length: usize| {
        let policy = serde_json::Value::from(policy(length));
        format!(r#"{{"type":"aws_iam_role_policy","values":{{"role":"{role}","policy":{policy}}}}}"#)
    };
    let plan = format!(
        r#"{{"format_version":"1.2","planned_values":{{"root_module":{{"resources":[{},{},{}]}}}}}}"#,
        resource("a", 6_000),
        resource("b", 6_000),
        resource("a", 4_241),
    );
    assert_eq!(over("plan.json", plan).iter().map(Vec::len).collect::<Vec<_>>(), [0, 0, 1]);
}
