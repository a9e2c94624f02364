//! The canonical layout changes white space and order, and nothing else.

use polmerge::Source;
use polmerge::document::{Document, Hints, open_policy};
use polmerge::format::format;

use crate::corpus;
use crate::steps;

fn document(text: &str) -> Document {
    open_policy(Source::new("test", text), &Hints::default())
}

/// Every string, number and word of a text, in no order.
fn words(text: &str) -> Vec<String> {
    fn walk(node: &polmerge::parse::Node, text: &str, words: &mut Vec<String>) {
        use polmerge::parse::Value;
        match &node.value {
            Value::Array(items) => {
                words.push("[".to_owned());
                items.iter().for_each(|item| walk(item, text, words));
            }
            Value::Object(members) => {
                words.push("{".to_owned());
                for member in members {
                    words.push(member.key.span.slice(text).to_owned());
                    walk(&member.value, text, words);
                }
            }
            _ => words.push(node.span.slice(text).to_owned()),
        }
    }
    let mut words = Vec::new();
    walk(&polmerge::parse::parse(text).tree, text, &mut words);
    words.sort();
    words
}

fn check(name: &str, text: &str) {
    let before = document(text);
    if !before.is_sound() {
        return;
    }
    let formatted = format(&before);
    assert_eq!(words(&formatted), words(text), "{name}: something is lost");
    let value = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
    assert_eq!(value(&formatted), value(text), "{name}");
    assert_eq!(format(&document(&formatted)), formatted, "{name}: twice is not once");
}

#[test]
fn fixtures() {
    for (name, text) in steps::fixtures() {
        check(&name, &text);
    }
    // It is the layout in which the first fixture is written.
    let text = std::fs::read_to_string(steps::folder().join("key-policy.json")).unwrap();
    assert_eq!(format(&document(&text)), text.replace("[ \"", "[\"").replace("\" ]", "\"]"));
}

#[test]
fn whole_corpus() {
    let Some(texts) = corpus::texts("the canonical layout over the corpus") else { return };
    for (name, text) in texts {
        check(&name, &text);
    }
}

#[test]
fn odd_spellings_stay() {
    let text = r#"{"Statement":[{"Resource":["*"],"Action":"\u0073qs:*","Effect":"Allow","Condition":{"NumericLessThan":{"s3:max-keys":1.0e1}}}],"x":null}"#;
    assert_eq!(
        format(&document(text)),
        "{\n  \"Statement\": [\n    {\n      \"Effect\": \"Allow\",\n      \"Action\": \"\\u0073qs:*\",\n      \"Resource\": [\"*\"],\n      \"Condition\": { \"NumericLessThan\": { \"s3:max-keys\": 1.0e1 } }\n    }\n  ],\n  \"x\": null\n}\n"
    );
}
