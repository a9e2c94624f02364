//! Statements that are in no policy that was found: a list of them by itself, a text that does not parse, or one of
//! another language in a string.

use memchr::memmem;

use super::Document;
use super::reading::Reading;
use crate::source::Source;
use crate::span::Span;

/// Where in a file there are statements that nothing else is said of: from the effect of the first to that of the last
/// one, for each run of them.
pub(super) fn statements(readings: &[Reading], documents: &[Document], source: &Source) -> Vec<Span> {
    let of_terraform: Vec<Span> =
        readings.iter().flat_map(|reading| reading.terraform_documents(source)).collect();
    // Terraform's documents are said by themselves.
    let is_known = |span: &Span| of_terraform.iter().any(|known| known.start <= span.start);
    let foreign = readings.iter().flat_map(|reading| reading.foreign_statements(source));
    let foreign: Vec<Span> = foreign.filter(|span| !is_known(span)).collect();
    let effects = effects(source.text());
    if effects.is_empty() && foreign.is_empty() {
        return of_terraform;
    }
    // An expression may have statements in it.
    let read = documents.iter().filter(|document| !document.is_unknown());
    let mut read: Vec<Span> = read.map(|document| document.in_file(document.tree.span)).collect();
    read.extend(readings.iter().flat_map(|reading| reading.set_aside(source)));
    read.sort_by_key(|span| span.start);
    let mut searched: Vec<Span> = readings
        .iter()
        .filter(|reading| !reading.is_inner())
        .flat_map(|reading| reading.searched(source))
        .collect();
    searched.sort_by_key(|span| span.start);
    // The last one that begins before a place; none of them overlap.
    let within = |spans: &[Span], effect: Span| {
        let before = spans.partition_point(|span| span.start <= effect.start);
        before.checked_sub(1).filter(|&at| spans[at].contains(effect)).map(|at| at + 1).unwrap_or_default()
    };
    let mut lists: Vec<Span> = readings.iter().flat_map(|reading| reading.statement_lists(source)).collect();
    lists.sort_by_key(|span| span.start);
    let mut runs: Vec<((usize, usize), Span)> = Vec::new();
    let mut others: Vec<Span> = foreign
        .into_iter()
        .filter(|span| within(&searched, *span) > 0 && within(&read, *span) == 0)
        .chain(of_terraform)
        .collect();
    for effect in effects {
        if within(&searched, effect) == 0 || within(&read, effect) > 0 {
            continue;
        }
        let list = (read.partition_point(|span| span.start <= effect.start), within(&lists, effect));
        match runs.last_mut() {
            Some((known, run)) if *known == list => run.end = effect.end,
            _ => runs.push((list, effect)),
        }
    }
    others.extend(runs.into_iter().map(|(_, run)| run));
    others.sort();
    others
}

/// The elements `Effect` with their value, however they are written, but for those in comments.
fn effects(text: &str) -> Vec<Span> {
    let quotes = ['\\', '"', '\''];
    // Where the line begins that the last place is in, and that place: what is before is looked at once.
    let (mut line, mut last) = (0, 0);
    let effect = |start: usize| {
        line = text.get(last..start)?.rfind('\n').map_or(line, |newline| last + newline + 1);
        last = start;
        let rest = text.get(start + NAME.len()..)?;
        let rest = rest.char_indices().nth(FAR).map_or(rest, |(end, _)| &rest[..end]);
        let (value, of) = ["Allow", "Deny"].iter().filter_map(|of| Some((rest.find(of)?, of))).min()?;
        let between = decoded(rest.get(..value)?);
        let colon = between.trim_start_matches(quotes).trim_start().strip_prefix([':', '='])?;
        if !colon.trim_start().trim_start_matches(quotes).is_empty() {
            return None;
        }
        let line = text.get(line..)?.trim_start();
        let end = start + NAME.len() + value + of.len();
        (!line.starts_with('#') && !line.starts_with("//")).then(|| Span::new(start, end))
    };
    memmem::find_iter(text.as_bytes(), NAME).filter_map(effect).collect()
}

/// What is between an element and its value, without the percent-encoding that there may be more than one of.
fn decoded(text: &str) -> String {
    let mut text = text.to_owned();
    for (code, character) in [
        ("%25", "%"),
        ("%22", "\""),
        ("%27", "'"),
        ("%5C", "\\"),
        ("%3A", ":"),
        ("%3D", "="),
        ("%20", " "),
        ("%09", " "),
        ("%0A", " "),
        ("%0D", " "),
    ] {
        while let Some(at) = text.to_ascii_uppercase().find(code) {
            text.replace_range(at..at + code.len(), character);
        }
    }
    text
}

const NAME: &str = "Effect";

/// The most that is between an element and its value: quotes, a colon and white space, encoded more than once.
const FAR: usize = 200;

#[cfg(test)]
mod tests {
    use super::super::{Hints, open};
    use crate::source::Source;

    fn unread(name: &str, text: &str) -> Vec<String> {
        let file = open(Source::new(name, text), &Hints::default());
        file.unread.iter().map(|span| span.slice(text).to_owned()).collect()
    }

    #[test]
    fn statements_in_no_policy() {
        let one = r#"{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}"#;
        let policy = format!(r#"{{"Version": "2012-10-17", "Statement": [{one}]}}"#);
        let effect = r#"Effect": "Allow"#;
        assert_eq!(unread("a.json", &format!(r#"{{"a": [{one}]}}"#)), [effect]);
        assert_eq!(unread("a.json", &format!(r#"{{"a": {one}, "b": {policy}, "c": {one}}}"#)), [effect; 2]);
        assert_eq!(unread("a.json", &format!(r#"{{"a": [{one}, {one}]}}"#)).len(), 1);
        // No more is said of what is read.
        // An older version in a dump of an account grants nothing.
        let dump = |text: &str, number: usize| {
            let version = |default: bool| format!(r#"{{"Document": {text}, "IsDefaultVersion": {default}}}"#);
            let dump = format!(
                r#"{{"Policies": [{{"PolicyVersionList": [{}, {}]}}]}}"#,
                version(true),
                version(false)
            );
            assert_eq!(unread("a.json", &dump).len(), number, "{text}");
        };
        dump(&policy, 0);
        // It has to be said which version counts.
        let versions = |holder: &str, defaults: [bool; 2]| {
            let version = |(at, default): (usize, bool)| {
                format!(r#"{{"Document": {policy}, "VersionId": "v{at}", "IsDefaultVersion": {default}}}"#)
            };
            let versions = defaults.into_iter().enumerate().map(version).collect::<Vec<_>>().join(", ");
            unread("a.json", &holder.replace('@', &versions)).len()
        };
        let of_id = |id: &str| {
            let member =
                if id.is_empty() { String::new() } else { format!(r#""DefaultVersionId": "{id}", "#) };
            format!(r#"{{"Policies": [{{{member}"PolicyVersionList": [@]}}]}}"#)
        };
        for (holder, defaults, number) in [
            (of_id(""), [true, false], 0),
            (of_id("v0"), [true, false], 0),
            (of_id("v1"), [true, false], 1),
            (of_id("v2"), [false, false], 2),
            (of_id(""), [false, false], 2),
            (r#"{"Versions": [@]}"#.to_owned(), [false, false], 2),
            (r#"{"Versions": [@]}"#.to_owned(), [false, true], 0),
        ] {
            assert_eq!(versions(&holder, defaults), number, "{holder} {defaults:?}");
        }
        dump(&format!("[{policy}]"), 2);
        assert_eq!(unread("a.json", &policy), [""; 0]);
        assert_eq!(unread("a.json", &format!(r#"{{"a": {policy}}}"#)), [""; 0]);
        let text = serde_json::Value::from(policy.as_str()).to_string();
        assert_eq!(unread("a.json", &format!(r#"{{"a": {text}}}"#)), [""; 0]);
        // In a text that is a string, and in one that cannot be read.
        let yaml = "Statement:\n- Effect: Deny\n  Action: '*'\n";
        assert_eq!(unread("a.json", &serde_json::json!({ "a": yaml }).to_string()), ["Effect: Deny"]);
        assert_eq!(unread("a.yaml", "{{ x }}: y\n- Effect: 'Allow'\n"), ["Effect: 'Allow"]);
        assert_eq!(
            unread("a.yaml", "a:\n  - Effect: Allow\n    Action: x\n  - Effect: Deny\n    Action: y\n").len(),
            1
        );
        assert_eq!(
            unread("x", "policy = jsonencode({ Statement = [{ Effect = \"Allow\" }] })"),
            ["Effect = \"Allow"]
        );
    }

    #[test]
    fn statements_in_the_words_of_other_tools() {
        let effect = r#""effect": "Allow""#;
        let one = |more: &str| format!(r#"{{"effect": "Allow", {more}}}"#);
        for more in [r#""actions": ["s3:*"]"#, r#""not_actions": ["iam:*"]"#, r#""action": "*""#] {
            assert_eq!(unread("a.json", &format!(r#"{{"statements": [{}]}}"#, one(more))), [effect]);
            assert_eq!(unread("a.json", &format!(r#"{{"a": {{"b": {}}}}}"#, one(more))), [effect]);
        }
        let pulumi = "fn::invoke:\n  arguments:\n    statements:\n      - effect: Allow\n        actions: ['s3:*']\n      - effect: Deny\n        actions: ['*']\n";
        assert_eq!(unread("Pulumi.yaml", pulumi), ["effect: Allow"]);
        // A state has what Terraform made a policy of, beside that.
        let state = |kind: &str| {
            format!(
                r#"{{"format_version": "1.0", "values": {{"root_module": {{"resources": [{{"address": "d", "type": "{kind}",
                "values": {{"statement": [{}]}}}}]}}}}}}"#,
                one(r#""actions": ["s3:*"]"#)
            )
        };
        assert_eq!(unread("a.json", &state("aws_iam_policy_document")), [""; 0]);
        assert_eq!(unread("a.json", &state("other_policy")), [effect]);
        // Other languages have such words.
        for more in [r#""actions": ["read"]"#, r#""details": "s3:*""#] {
            assert_eq!(unread("a.json", &format!(r#"{{"statements": [{}]}}"#, one(more))), [""; 0]);
        }
    }

    #[test]
    fn what_terraform_makes_policies_of() {
        let data =
            r#"{"data": {"aws_iam_policy_document": {"d": {"statement": [{"actions": ["*"]}]}, "e": {}}}}"#;
        assert_eq!(unread("x.tf.json", data), ["\"d\"", "\"e\""]);
        let lists =
            r#"{"data": [{"aws_iam_policy_document": [{"d": [{"statement": {"actions": ["*"]}}]}]}]}"#;
        assert_eq!(unread("x.tofu.json", lists), ["\"d\""]);
        assert_eq!(unread("x.json", data), [""; 0]);
        let own = "variable \"x\" {}\n  data \"aws_iam_policy_document\" \"d\" {\n  statement {\n    effect = \"Allow\"\n  }\n}\n";
        assert_eq!(unread("main.tf", own), ["data \"aws_iam_policy_document\" \"d\" {"]);
        assert_eq!(unread("main.tf", "p = jsonencode({ Effect = \"Deny\" })\n"), ["Effect = \"Deny"]);
        assert_eq!(unread("main.tofu", "variable \"x\" {}\n"), [""; 0]);
        let encoded = r#"{"resource": {"aws_sqs_queue_policy": {"p": {"policy":
            "${jsonencode({Statement=[{Effect=\"Allow\",Principal=\"*\",Action=\"sqs:*\"}]})}"}}}}"#;
        assert_eq!(unread("x.tf.json", encoded), [r#"Effect=\"Allow"#]);
    }

    #[test]
    fn statements_that_are_encoded() {
        let policy =
            r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]}"#;
        let encoded = |text: &str| {
            let code = |byte: u8| match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' => char::from(byte).to_string(),
                _ => format!("%{byte:02X}"),
            };
            text.bytes().map(code).collect::<String>()
        };
        let answer = |text: &str| serde_json::json!({"UserName": "u", "PolicyDocument": text}).to_string();
        for text in [encoded(&encoded(policy)), encoded(&serde_json::Value::from(policy).to_string())] {
            assert_eq!(unread("a.json", &answer(&text)).len(), 1, "{text}");
        }
        // White space in front, and braces as they are, make no difference.
        let braces = encoded(policy).replace("%7B", "{").replace("%7D", "}");
        for text in [encoded(&format!("\r\n\t {policy}")), format!(" %20{}", encoded(policy)), braces] {
            let file = open(Source::new("a.json", answer(&text)), &Hints::default());
            assert_eq!((file.documents.len(), file.unread.len()), (1, 0), "{text}");
            assert!(file.documents[0].policy.statements[0].denies(), "{text}");
        }
    }

    #[test]
    fn what_is_no_statement() {
        for (name, text) in [
            ("a.yaml", "a: 1\n# - Effect: Allow\n"),
            ("a.json", r#"{"properties": {"Effect": {"enum": ["Allow", "Deny"]}}}"#),
            ("a.json", r#"{"Effect": "NoSchedule", "SideEffect": "none"}"#),
            ("a.yaml", "then: {effect: Deny}\n"),
        ] {
            assert_eq!(unread(name, text), [""; 0], "{text}");
        }
    }

    #[test]
    fn only_what_a_template_makes_counts() {
        let statements = r#"[{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]"#;
        let template = |metadata: &str, property: &str| {
            format!(
                r#"{{"Metadata": {{"x": {metadata}}}, "Resources": {{"A": {{"Type": "X::Y::Z", "Properties": {{"p": {property}}}}}}}}}"#
            )
        };
        assert_eq!(unread("t.json", &template(statements, "1")), [""; 0]);
        assert_eq!(unread("t.json", &template("1", statements)).len(), 1);
    }
}
