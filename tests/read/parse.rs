//! The parser keeps every byte, agrees with serde_json on what is JSON, and survives anything.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

use polmerge::edit;
use polmerge::parse::{MAX_PROBLEMS, ProblemKind, Yaml, parse, print};
use proptest::prelude::*;

use crate::corpus;
use crate::draws;

/// What `serde_json` says of a text, without building anything from it.
fn serde_accepts(text: &str) -> bool {
    serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()
}

/// What we say, leaving aside the three things that we are stricter about on purpose.
fn we_accept(text: &str) -> bool {
    parse(text).problems.iter().all(|problem| {
        matches!(
            problem.kind,
            ProblemKind::DuplicateMember { .. } | ProblemKind::LoneSurrogate | ProblemKind::TooDeep
        )
    })
}

fn check(text: &str) {
    let parsed = parse(text);
    assert_eq!(print(&parsed.tree, text), text, "printing loses something");
    assert!(parsed.problems.len() <= MAX_PROBLEMS + 1);
    assert_eq!(we_accept(text), serde_accepts(text), "{text:?} {:?}", parsed.problems);
}

/// Texts made of the pieces that JSON is made of, in any order.
fn json_like() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("{"),
        Just("}"),
        Just("["),
        Just("]"),
        Just(","),
        Just(":"),
        Just("\""),
        Just("\\"),
        Just("\\u00e9"),
        Just("\\ud83d"),
        Just("\\udE00"),
        Just("\\u12"),
        Just("\"a\""),
        Just("\"b\":"),
        Just("true"),
        Just("false"),
        Just("null"),
        Just("nul"),
        Just("0"),
        Just("-1.5e+3"),
        Just("01"),
        Just("1."),
        Just("-"),
        Just("+1"),
        Just(".5"),
        Just(" "),
        Just("\n"),
        Just("\t"),
        Just("\r\n"),
        Just("\u{b}"),
        Just("\u{a0}"),
        Just("\u{feff}"),
        Just("//x"),
        Just("/**/"),
        Just("/*"),
        Just("#"),
        Just("'x'"),
        Just("\u{201c}x\u{201d}"),
        Just("..."),
        Just("é"),
        Just("😀"),
        Just("\u{0}"),
        Just("\u{7f}"),
        Just("\"\\\\\""),
        Just("\"x\\\"\""),
        Just("NaN"),
        Just("1E400"),
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

/// JSON documents, printed compactly or prettily.
fn json() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<f64>().prop_filter("finite", |number| number.is_finite()).prop_map(Into::into),
        any::<String>().prop_map(Into::into),
    ];
    let value = leaf.prop_recursive(6, 60, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..12).prop_map(Into::into),
            prop::collection::vec((any::<String>(), inner), 0..12)
                .prop_map(|members| serde_json::Value::Object(members.into_iter().collect())),
        ]
    });
    (value, any::<bool>()).prop_map(|(value, pretty)| match pretty {
        true => serde_json::to_string_pretty(&value).unwrap(),
        false => value.to_string(),
    })
}

proptest! {
    #![proptest_config(draws::cases(2000))]

    #[test]
    fn any_text(text in any::<String>()) {
        check(&text);
    }

    #[test]
    fn texts_that_look_like_json(text in json_like()) {
        check(&text);
    }

    #[test]
    fn json_has_no_problem_and_means_the_same(text in json()) {
        let parsed = parse(&text);
        prop_assert!(parsed.problems.is_empty(), "{:?}", parsed.problems);
        prop_assert_eq!(print(&parsed.tree, &text), &text[..]);
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(to_serde(&parsed.tree, &text), value);
    }

    #[test]
    fn json_with_one_byte_changed(text in json(), at in any::<prop::sample::Index>(), with in prop::char::range(' ', '~')) {
        let mut characters: Vec<char> = text.chars().collect();
        let at = at.index(characters.len());
        characters[at] = with;
        check(&characters.into_iter().collect::<String>());
    }

    #[test]
    fn json_cut_short(text in json(), at in any::<prop::sample::Index>()) {
        let mut at = at.index(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        check(&text[..at]);
    }
}

/// The same value as `serde_json` would make, by way of our tree.
fn to_serde(node: &polmerge::parse::Node, text: &str) -> serde_json::Value {
    use polmerge::parse::Value;
    match &node.value {
        Value::Null => serde_json::Value::Null,
        Value::Bool(value) => (*value).into(),
        Value::Number => serde_json::from_str(node.span.slice(text)).unwrap(),
        Value::String { .. } => node.text(text).unwrap().into_owned().into(),
        Value::Array(items) => items.iter().map(|item| to_serde(item, text)).collect(),
        Value::Object(members) => members
            .iter()
            .map(|member| (member.key.text(text).into_owned(), to_serde(&member.value, text)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
        Value::Error => panic!("an error node in a text without problems"),
    }
}

#[test]
fn any_depth_is_answered() {
    for open in ["[", "{\"a\":", "[{\"a\":"] {
        let deep = open.repeat(200_000);
        let parsed = parse(&deep);
        assert!(parsed.problems.iter().any(|problem| problem.kind == ProblemKind::TooDeep), "{open}");
        assert_eq!(print(&parsed.tree, &deep), deep);
    }
    let fits = "[".repeat(512) + &"]".repeat(512);
    assert!(parse(&fits).problems.is_empty());
    let one_more = "[".repeat(513) + &"]".repeat(513);
    assert_eq!(parse(&one_more).problems.len(), 1);
}

#[test]
fn large_and_odd_texts_take_linear_time() {
    // Each of these was, or could be, a quadratic trap; a minute would show it, a second would not.
    for piece in ["\"a\n ", "'", "//x\n", "[,", "]", "{\"k\":1,", "\"\\ud800\",", "\u{201c}", "\n", "a b "] {
        let text = piece.repeat(2_000_000 / piece.len());
        let parsed = parse(&text);
        assert_eq!(print(&parsed.tree, &text).len(), text.len(), "{piece:?}");
    }
}

#[test]
fn whole_corpus() {
    let Some(corpus) = corpus::texts("the parser over the corpus") else { return };
    for (name, text) in corpus {
        let parsed = parse(&text);
        assert_eq!(print(&parsed.tree, &text), text, "{name}");
        assert_eq!(we_accept(&text), serde_accepts(&text), "{name}: {:?}", parsed.problems);
    }
}

#[test]
fn a_stray_quotation_mark_is_one_problem() {
    let good = r#"{
  "Version": "2012-10-17",
  "Statement": [
    { "Sid": "A", "Effect": "Allow", "Action": ["kms:Decrypt", "kms:Encrypt"], "Resource": "*" },
    { "Sid": "B", "Effect": "Allow", "Action": "kms:Sign", "Resource": ["a", "b"] }
  ]
}
"#;
    assert!(parse(good).problems.is_empty());
    let one_line = good.replace('\n', "");
    for text in [good, one_line.as_str()] {
        for (at, _) in text.match_indices('"') {
            let mut with = text.to_owned();
            with.insert(at, '"');
            let mut without = text.to_owned();
            without.remove(at);
            for broken in [with, without] {
                let problems = parse(&broken).problems;
                assert_eq!(problems.len(), 1, "{broken}\n{problems:?}");
                let line = |at: usize| broken[..at].matches('\n').count();
                assert_eq!(line(problems[0].span.start as usize), line(at), "{broken}\n{problems:?}");
            }
        }
    }
    // What is wrong above that line is reported as well.
    let two = good.replace("\"2012-10-17\",", "\"2012-10-17\"").replace("\"kms:Sign\"", "\"kms:Sign");
    assert_eq!(parse(&two).problems.len(), 2);
}

/// A YAML text, and what PyYAML reads in it.
#[derive(serde::Deserialize)]
struct Case {
    name: String,
    yaml: String,
    /// Nothing if PyYAML refuses it, or JSON cannot say it.
    documents: Option<Vec<serde_json::Value>>,
}

/// Where a tree is not a value, but for what is known to be read in more than one way.
fn difference(
    node: &polmerge::parse::Node,
    text: &str,
    doubtful: &[u32],
    value: &serde_json::Value,
) -> Option<String> {
    use polmerge::parse::Value;
    use serde_json::Value as Json;
    let below = |node: &_, value: &_| difference(node, text, doubtful, value);
    let same = match (&node.value, value) {
        _ if doubtful.contains(&node.span.start) => !value.is_array() && !value.is_object(),
        (Value::Number, Json::Number(number)) => node.span.slice(text).parse::<f64>().ok() == number.as_f64(),
        (Value::Array(nodes), Json::Array(values)) if nodes.len() == values.len() => {
            return nodes.iter().zip(values).find_map(|(node, value)| below(node, value));
        }
        (Value::Object(members), Json::Object(values))
            if members.iter().all(|member| values.contains_key(&*member.key.text(text))) =>
        {
            return values.iter().find_map(|(name, value)| match node.get(text, name) {
                Some(node) => below(node, value),
                None => Some(format!("`{name}` is not in {}", node.span.slice(text))),
            });
        }
        (Value::Array(_) | Value::Object(_) | Value::Number, _) => false,
        _ => to_serde(node, text) == *value,
    };
    (!same).then(|| format!("{} is not {value}", node.span.slice(text)))
}

/// Everything that can be edited in a value, with another value for each.
fn changes(value: &serde_json::Value, pointer: &str, made: &mut Vec<(String, serde_json::Value)>) {
    use serde_json::{Value as Json, json};
    match value {
        Json::Array(items) => {
            made.push((pointer.to_owned(), [items.as_slice(), &[json!("s3:Put*")]].concat().into()));
            let below = |(index, item): (usize, &Json)| changes(item, &format!("{pointer}/{index}"), made);
            items.iter().enumerate().for_each(below);
        }
        Json::Object(members) => {
            for (name, member) in members {
                let name = name.replace('~', "~0").replace('/', "~1");
                changes(member, &format!("{pointer}/{name}"), made);
            }
        }
        Json::String(_) => made.push((pointer.to_owned(), json!("it's"))),
        _ => {}
    }
}

/// Reads what PyYAML read: a fixed sample, or the file that `tests/pyyaml/run` names; that checks the edits, too.
#[test]
fn yaml_is_read_as_pyyaml_reads_it() {
    let sample = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/pyyaml/sample.ndjson");
    let given = std::env::var_os("POLMERGE_YAML");
    let cases = std::fs::read_to_string(given.unwrap_or_else(|| sample.into())).unwrap();
    let (mut wrong, mut refused, mut lenient) = (Vec::new(), 0, 0);
    let (mut edited, mut tried) = (Vec::new(), 0);
    for case in cases.lines().map(|line| serde_json::from_str::<Case>(line).unwrap()) {
        let read = || {
            let spans = Yaml::documents(&case.yaml)?;
            let parts = spans.iter().map(|(_, span)| span.slice(&case.yaml));
            let texts: Vec<&str> = if spans.is_empty() { vec![&case.yaml] } else { parts.collect() };
            let yamls = texts.into_iter().map(|text| match Yaml::read(text) {
                Err(problem) if matches!(problem.kind, ProblemKind::Empty) => Ok(None),
                yaml => yaml.map(|yaml| Some((yaml.json(text), yaml))),
            });
            yamls.filter_map(Result::transpose).collect::<Result<Vec<_>, _>>()
        };
        let (Some(wanted), found) = (&case.documents, read()) else {
            refused += 1;
            lenient += usize::from(read().is_ok());
            continue;
        };
        let found = match found {
            Ok(found) => found,
            Err(problem) => {
                wrong.push(format!("{}: {}", case.name, problem.kind.message()));
                continue;
            }
        };
        let trees = found.iter().map(|(json, _)| (json, parse(&json.text).tree));
        let trees: Vec<_> = trees.filter(|(_, tree)| tree.value != polmerge::parse::Value::Null).collect();
        let parts = trees.iter().zip(wanted);
        let mut differ =
            parts.filter_map(|((json, tree), wanted)| difference(tree, &json.text, &json.doubtful, wanted));
        match differ.next() {
            Some(difference) => wrong.push(format!("{}: {difference}", case.name)),
            None if trees.len() == wanted.len() => {}
            None => wrong.push(format!("{}: {} documents are read", case.name, trees.len())),
        }
        let ([(_, yaml)], [wanted]) = (&*found, &**wanted) else { continue };
        let mut all = Vec::new();
        changes(wanted, "", &mut all);
        // A few of them, from all over the file.
        for (pointer, new) in all.iter().step_by(all.len().div_ceil(8).max(1)) {
            tried += 1;
            if let Ok(edits) = yaml.rewrite(&case.yaml, pointer, &new.to_string()) {
                let text = edit::apply(&case.yaml, &edits);
                edited.push(
                    serde_json::json!({"name": case.name, "pointer": pointer, "new": new, "yaml": text}),
                );
            }
        }
    }
    println!(
        "{refused} refused by PyYAML, {lenient} of them read; {tried} edits tried, {} made",
        edited.len()
    );
    if let Some(path) = std::env::var_os("POLMERGE_YAML_EDITED") {
        std::fs::write(path, edited.iter().map(|edit| format!("{edit}\n")).collect::<String>()).unwrap();
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
    assert!(edited.len() * 2 > tried, "most can be made");
}
