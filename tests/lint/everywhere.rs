//! Every rule has an answer to every policy, good or broken, small or large: over the corpus and over made-up texts.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "a test program")]

use std::collections::BTreeMap;

use polmerge::lint::lint;
use polmerge::{Kind, Severity};
use proptest::prelude::*;

use crate::corpus;
use crate::draws;
use crate::linted::{document, findings, selected};

/// How often each rule fires over the corpus: a look at precision. `cargo test --test
/// rules_everywhere whole_corpus -- --nocapture` prints it; with `POLMERGE_SHOW=rule,rule` also what they say.
#[test]
fn whole_corpus() {
    let Some(policies) = corpus::policies("lint over the corpus", &corpus::KINDS) else { return };
    let show = std::env::var("POLMERGE_SHOW").ok();
    let mut counts: BTreeMap<(&str, &str), BTreeMap<String, usize>> = BTreeMap::new();
    let mut checked: BTreeMap<String, usize> = BTreeMap::new();
    for policy in &policies {
        let document = document(policy.policy.get(), policy.kind());
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
    #![proptest_config(draws::cases(400))]

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

/// Each of these has a shape that a check could hang at. How long they take is for the benchmark to say.
#[test]
fn large_policies_are_answered() {
    let deny = r#"{"Effect":"Deny","Principal":"*","Action":"s3:Put*","Resource":"*","Sid":"A"}"#;
    let allow = r#"{"Effect":"Allow","Principal":"*","Action":"s3:Get*","Resource":"*","Sid":"A"}"#;
    let tests = |key: &str| {
        let keys: Vec<String> = (0..1_000).map(|number| format!("\"{key}{number}\":\"x\"")).collect();
        format!(
            r#"{{"Effect":"Allow","Principal":"*","Action":"s3:Get*","Resource":"*","Condition":{{"StringLikeIfExists":{{{}}}}}}}"#,
            keys.join(",")
        )
    };
    let principals = |text: &str| {
        let list = vec![text; 4_000].join(",");
        format!(r#"{{"Effect":"Allow","Principal":{{"AWS":[{list}]}},"Action":"sts:AssumeRole"}}"#)
    };
    let both = format!("{allow},{deny}");
    for statements in [
        vec![both.as_str(); 1_000].join(","),
        vec![allow; 2_000].join(","),
        tests("aws:x"),
        principals("\"111111111111\""),
        principals("\"YOUR_ROLE\""),
    ] {
        let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#);
        for kind in [Kind::S3, Kind::Trust, Kind::Kms] {
            findings(&text, Some(kind));
        }
    }
    let list = |text: &str, count: usize| vec![text; count].join(",");
    let allow =
        r#"{"Effect":"Allow","Action":["iam:*","ec2:*","s3:P*","lambda:*"],"Resource":"arn:aws:s3:::*"}"#;
    let not = r#"{"Effect":"Allow","NotAction":["s3:*","ec2:*"],"NotResource":"arn:aws:s3:::a"}"#;
    let deny = r#"{"Effect":"Deny","Action":"*","Resource":"arn:aws:iam::*:role/a","Condition":{"Bool":{"aws:SecureTransport":"false"}}}"#;
    let wide = format!(
        r#"{{"Effect":"Allow","Action":[{}],"Resource":[{}]}}"#,
        list("\"iam:P*\",\"s3:*\",\"sqs:SendMessage\"", 1_000),
        list("\"arn:aws:s3:::a*\",\"arn:aws:sqs:*:*:a\",\"arn:aws:iam::*:role/*\"", 1_000)
    );
    for statements in [
        list(allow, 1_000),
        list(not, 1_000),
        list(&format!("{allow},{not},{deny}"), 400),
        wide.clone(),
        format!("{wide},{deny}"),
        format!("{},{}", tests("aws:ResourceTag/x"), list(allow, 10)),
    ] {
        let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#);
        lint(&document(&text, Some(Kind::Identity)), &selected(&["overbroad", "escalation", "exposure"]));
    }
}
