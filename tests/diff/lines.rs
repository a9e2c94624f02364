//! Two policies compared: the pairs of their statements, and the patch between them.

use polmerge::analyze::pairs::{Pair, pairs};
use polmerge::document::{Document, Hints, open_policy};
use polmerge::merge::between;
use polmerge::{Kind, Source};
use proptest::prelude::*;

use crate::corpus;
use crate::draws;

fn document(text: &str) -> Document {
    open_policy(Source::new("test", text), &Hints { kind: Some(Kind::Identity), ..Hints::default() })
}

fn value(document: &Document) -> serde_json::Value {
    serde_json::from_str(document.text()).unwrap()
}

/// The patch makes the one of the other, and each statement is in one pair.
fn check(old: &Document, new: &Document) {
    let pairs = pairs(&old.policy, &new.policy, Kind::Identity, None);
    let (mut olds, mut news) = (Vec::new(), Vec::new());
    for pair in &pairs {
        match *pair {
            Pair::Same { old, new, .. } | Pair::Changed { old, new } => {
                olds.push(old);
                news.push(new);
            }
            Pair::Added { new } => news.push(new),
            Pair::Removed { old } => olds.push(old),
        }
    }
    olds.sort_unstable();
    news.sort_unstable();
    assert!(olds.iter().copied().eq(0..old.policy.statements.len()), "{pairs:?}");
    assert!(news.iter().copied().eq(0..new.policy.statements.len()), "{pairs:?}");
    let mut patched = value(old);
    json_patch::patch(&mut patched, &between(old, new, &pairs)).unwrap();
    assert_eq!(patched, value(new));
}

/// A statement of a small world, so that equal and alike ones are common.
fn statement() -> impl Strategy<Value = serde_json::Value> {
    let sid = prop::option::of(prop::sample::select(vec!["A", "B", "C"]));
    let actions =
        prop::collection::vec(prop::sample::select(vec!["s3:Get*", "S3:get*", "sqs:*", "kms:Decrypt"]), 1..4);
    (sid, any::<bool>(), actions).prop_map(|(sid, allow, actions)| {
        let mut statement = serde_json::json!({
            "Effect": if allow { "Allow" } else { "Deny" }, "Action": actions, "Resource": "*",
        });
        if let Some(sid) = sid {
            statement["Sid"] = sid.into();
        }
        statement
    })
}

fn policy() -> impl Strategy<Value = serde_json::Value> {
    let version = prop::option::of(prop::sample::select(vec!["2012-10-17", "2008-10-17"]));
    (version, prop::collection::vec(statement(), 0..7), any::<bool>()).prop_map(
        |(version, statements, single)| {
            let mut policy = serde_json::json!({});
            if let Some(version) = version {
                policy["Version"] = version.into();
            }
            policy["Statement"] = match (single, statements.as_slice()) {
                (true, [one]) => one.clone(),
                _ => statements.into(),
            };
            policy
        },
    )
}

proptest! {
    #![proptest_config(draws::cases(256))]

    #[test]
    fn the_patch_leads_from_one_to_the_other(old in policy(), new in policy()) {
        check(&document(&old.to_string()), &document(&new.to_string()));
    }

    #[test]
    fn another_order_is_no_change(old in prop::collection::vec(statement(), 1..8), seed in any::<u64>()) {
        let mut new = old.clone();
        // Any order will do, as long as it is another one now and then.
        let turn = usize::try_from(seed % old.len() as u64).unwrap();
        new.rotate_left(turn);
        let text = |statements: &Vec<serde_json::Value>| serde_json::json!({"Statement": statements}).to_string();
        let (old, new) = (document(&text(&old)), document(&text(&new)));
        let pairs = pairs(&old.policy, &new.policy, Kind::Identity, None);
        prop_assert!(pairs.iter().all(|pair| matches!(pair, Pair::Same { .. })), "{:?}", pairs);
        check(&old, &new);
    }
}

#[test]
fn versions_of_managed_policies() {
    #[derive(serde::Deserialize)]
    struct Version {
        name: String,
        policy: Box<serde_json::value::RawValue>,
    }
    let Some(folder) = corpus::folder("diff over the history of managed policies") else { return };
    let text = std::fs::read_to_string(folder.join("identity/managed-history.ndjson")).unwrap();
    let versions: Vec<Version> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let mut compared = 0;
    for pair in versions.windows(2).filter(|pair| pair[0].name == pair[1].name) {
        check(&document(pair[0].policy.get()), &document(pair[1].policy.get()));
        compared += 1;
    }
    assert!(compared > 900, "{compared}");
}
