//! Findings as SARIF 2.1.0, which code scanning services read.
//!
//! OASIS, "Static Analysis Results Interchange Format (SARIF) Version 2.1.0".

use serde_json::value::RawValue;
use serde_json::{Value as Json, json};

use super::json::Unread;
use crate::diagnostic::{Diagnostic, Fix, FixProof};
use crate::document::Document;
use crate::lint::{Rule, rules};
use crate::source::Source;
use crate::span::Span;
use crate::spelling::brief;

/// The whole log, with every rule and these results.
pub fn log(results: Vec<Box<RawValue>>, unread: &[Unread]) -> impl serde::Serialize {
    #[derive(serde::Serialize)]
    struct Log {
        #[serde(rename = "$schema")]
        schema: &'static str,
        version: &'static str,
        runs: [Run; 1],
    }
    #[derive(serde::Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Run {
        tool: Json,
        invocations: Json,
        column_kind: &'static str,
        results: Vec<Box<RawValue>>,
    }
    let notes: Vec<Json> = unread
        .iter()
        .map(|Unread { path, message }| {
            let location = json!({"physicalLocation": {"artifactLocation": {"uri": uri(path)}}});
            json!({"level": "error", "message": {"text": message}, "locations": [location]})
        })
        .collect();
    let driver = json!({
        "name": "polmerge",
        "version": env!("CARGO_PKG_VERSION"),
        "rules": rules::ALL.iter().map(rule).collect::<Vec<_>>(),
    });
    Log {
        schema: "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        version: "2.1.0",
        runs: [Run {
            tool: json!({"driver": driver}),
            invocations: json!([{"executionSuccessful": notes.is_empty(), "toolExecutionNotifications": notes}]),
            column_kind: "unicodeCodePoints",
            results,
        }],
    }
}

fn rule(rule: &Rule) -> Json {
    let summary = super::page::summary(rule.docs);
    let page = super::page::markdown(rule);
    json!({
        "id": rule.name,
        "shortDescription": {"text": summary},
        "fullDescription": {"text": summary},
        "help": {"text": summary, "markdown": page},
        "defaultConfiguration": {"level": rule.severity.name()},
        "properties": {"tags": ["security", "aws", rule.group.name()], "peers": rule.peers, "fix": rule.fix.name()},
    })
}

/// One finding.
pub fn result(document: &Document, finding: &Diagnostic, fingerprint: &str) -> Json {
    let source = document.source();
    let place =
        |span: Span| json!({"artifactLocation": {"uri": uri(source.name())}, "region": region(source, span)});
    let text = match &finding.help {
        Some(help) => format!("{}\nhelp: {help}", finding.message),
        None => finding.message.clone(),
    };
    let mut location = json!({"physicalLocation": place(document.in_file(finding.span))});
    let pointer = format!("{}{}", brief(document.pointer()), brief(&document.pointer_to(finding.span)));
    if !pointer.is_empty() {
        location["logicalLocations"] = json!([{"fullyQualifiedName": pointer}]);
        if let Some(owner) = document.owner() {
            location["logicalLocations"][0]["name"] = brief(owner).into();
        }
    }
    let labels = finding.labels.iter().map(|label| (document.in_file(label.span), &label.text));
    let related: Vec<Json> = labels
        .chain(finding.elsewhere.iter().map(|label| (label.span, &label.text)))
        .map(|(span, text)| json!({"physicalLocation": place(span), "message": {"text": text}}))
        .collect();
    let fixes: Vec<Json> = finding.fix.iter().filter_map(|fix| self::fix(document, fix)).collect();
    json!({
        "ruleId": finding.rule,
        "ruleIndex": rules::ALL.iter().position(|rule| rule.name == finding.rule),
        "level": finding.severity.name(),
        "message": {"text": text},
        "locations": [location],
        "relatedLocations": related,
        "partialFingerprints": {"polmergeFinding/v1": fingerprint},
        "fixes": fixes,
        "properties": {"also": finding.also, "witness": finding.witness},
    })
}

/// `None` for what cannot be shown to do no harm, or not be edited.
fn fix(document: &Document, fix: &Fix) -> Option<Json> {
    if matches!(fix.proof, FixProof::NotProved(_)) {
        return None;
    }
    let source = document.source();
    let edits = document.file_edits(&fix.edits).ok()?;
    let replacements: Vec<Json> = edits
        .iter()
        .map(|edit| json!({"deletedRegion": region(source, edit.span), "insertedContent": {"text": edit.text}}))
        .collect();
    let text = match fix.safe {
        true => fix.title.clone(),
        false => format!("{} (removes access)", fix.title),
    };
    let change = json!({"artifactLocation": {"uri": uri(source.name())}, "replacements": replacements});
    Some(json!({"description": {"text": text}, "artifactChanges": [change]}))
}

fn region(source: &Source, span: Span) -> Json {
    let (start, end) = (source.position(span.start as usize), source.position(span.end as usize));
    json!({
        "startLine": start.line,
        "startColumn": start.column,
        "endLine": end.line,
        "endColumn": end.column,
        "byteOffset": start.offset,
        "byteLength": end.offset - start.offset,
    })
}

/// A path as a URI reference, RFC 3986: relative ones stay relative to where polmerge was run.
fn uri(path: &str) -> String {
    let path = if cfg!(windows) { path.replace('\\', "/") } else { path.to_owned() };
    let mut out = String::new();
    if path.starts_with('/') {
        out.push_str("file://");
    }
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                out.push(char::from(byte))
            }
            other => out.push_str(&format!("%{other:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_uris() {
        assert_eq!(uri("a b/é:1%.json"), "a%20b/%C3%A9%3A1%25.json");
        assert_eq!(uri("/x/y.json"), "file:///x/y.json");
        assert_eq!(uri("-"), "-");
    }
}
