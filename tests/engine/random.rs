//! The engine against trying everything: all small patterns, and random policies over all requests of
//! a small world.

use polmerge::Kind;
use polmerge::analyze::cover::{Cut, Scope};
use polmerge::analyze::replay::{self, policy_allows};
use polmerge::analyze::request::{Caller, Context, ContextValue, Request};
use polmerge::analyze::space::{Answer, Change, Engine, Notion, Relation};
use polmerge::document::{Hints, open_policy};
use polmerge::pattern::Pattern;
use polmerge::policy::Statement;
use polmerge::source::Source;
use proptest::prelude::*;
use proptest::sample::select;

use crate::draws;

fn read(statements: &[String]) -> Vec<Statement> {
    let text = format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","));
    let document = open_policy(Source::new("test", text.clone()), &Hints::default());
    assert!(document.problems.is_empty(), "{text}: {:?}", document.problems);
    document.policy.statements
}

fn expected(new_is_more: bool, old_is_more: bool) -> Relation {
    match (new_is_more, old_is_more) {
        (true, true) => Relation::Incomparable,
        (true, false) => Relation::Broader,
        (false, true) => Relation::Narrower,
        (false, false) => Relation::Equivalent,
    }
}

fn words(alphabet: &[&str], longest: usize) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut last = words.clone();
    for _ in 0..longest {
        last =
            last.iter().flat_map(|word| alphabet.iter().map(move |next| format!("{word}{next}"))).collect();
        words.extend(last.clone());
    }
    words
}

fn on_text(operator: &str, values: &[&str]) -> String {
    format!(
        r#"{{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{{"{operator}":{{"a:b":{values:?}}}}}}}"#
    )
}

#[test]
fn every_pair_of_small_patterns() {
    let patterns = words(&["a", ":", "*", "?"], 3);
    // As long as two patterns together, with one character that none of them has.
    let words = words(&["a", ":", "x"], 6);
    let engine = Engine::new(Scope { kind: Kind::Identity, resource: None });
    let texts: Vec<String> = patterns.iter().map(|pattern| on_text("StringLike", &[pattern])).collect();
    let statements = read(&texts);
    let taken: Vec<Vec<bool>> = patterns
        .iter()
        .map(|pattern| words.iter().map(|word| Pattern::new(pattern).matches(word)).collect())
        .collect();
    for (old, old_taken) in taken.iter().enumerate() {
        for (new, new_taken) in taken.iter().enumerate() {
            let more = |a: &[bool], b: &[bool]| a.iter().zip(b).any(|(a, b)| *a && !*b);
            let expected = expected(more(new_taken, old_taken), more(old_taken, new_taken));
            let change = engine.relation(&statements[old..=old], &statements[new..=new]);
            assert_eq!(change.relation, expected, "{} {}", patterns[old], patterns[new]);
        }
    }
}

const VALUES: &[&str] = &["a", "ab", "a*", "*b", "?", "b", "a:*", "*", "A", ""];
const ARNS: &[&str] = &["arn:aws:s3:::a", "arn:aws:s3:::*", "arn:*:s3:::a*", "arn:aws:s3:*:*:?", "*"];
const SENDERS: &[&str] = &[
    "arn:aws:iam::111111111111:role/r",
    "arn:aws:iam::111111111111:*",
    "arn:aws:iam::*:user/*",
    "arn:aws:sts::111111111111:assumed-role/r/s",
    "arn:aws:iam::333333333333:root",
    "*",
];
const ACCOUNTS: &[&str] = &["111111111111", "222222222222", "2*", "anonymous"];
const TYPES: &[&str] = &["User", "AssumedRole", "Account", "FederatedUser", "Anonymous", "*User"];
const NUMBERS: &[&str] = &["1", "2", "1.5", "10"];
const DATES: &[&str] = &["2024", "2024-06-01T00:00:00Z", "1717200000"];
const RANGES: &[&str] = &["10.0.0.0/8", "10.1.0.0/16", "203.0.113.7", "::/0", "0.0.0.0/0"];
const FLAGS: &[&str] = &["true", "false"];

fn list(values: &'static [&'static str]) -> impl Strategy<Value = String> {
    proptest::collection::vec(select(values), 1..3).prop_map(|values| format!("{values:?}"))
}

fn with_set(operators: &'static [&'static str]) -> impl Strategy<Value = String> {
    let set = prop_oneof![4 => Just(""), 1 => Just("ForAllValues:"), 1 => Just("ForAnyValue:")];
    let end = prop_oneof![3 => Just(""), 1 => Just("IfExists")];
    (set, select(operators), end).prop_map(|(set, operator, end)| format!("{set}{operator}{end}"))
}

fn test() -> impl Strategy<Value = String> {
    let texts = &[
        "StringEquals",
        "StringNotEquals",
        "StringLike",
        "StringNotLike",
        "StringEqualsIgnoreCase",
        "StringNotEqualsIgnoreCase",
    ];
    let numbers = &["NumericEquals", "NumericNotEquals", "NumericLessThan", "NumericGreaterThanEquals"];
    let dates = &["DateEquals", "DateNotEquals", "DateLessThanEquals", "DateGreaterThan"];
    prop_oneof![
        4 => (with_set(texts), select(&["k:a", "K:A", "k:b"][..]), list(VALUES)),
        1 => (with_set(&["ArnLike", "ArnNotEquals"]), Just("k:c"), list(ARNS)),
        1 => (with_set(&["ArnLike", "ArnNotLike", "StringLike", "StringNotEquals"]), Just("aws:PrincipalArn"),
            list(SENDERS)),
        1 => (with_set(&["StringEquals", "StringNotLike"]), select(&["aws:PrincipalAccount", "kms:CallerAccount"][..]),
            list(ACCOUNTS)),
        1 => (with_set(&["StringEquals", "StringNotLike"]), Just("aws:PrincipalType"), list(TYPES)),
        1 => (with_set(&["Bool"]), Just("aws:PrincipalIsAWSService"), list(FLAGS)),
        2 => (with_set(numbers), Just("k:n"), list(NUMBERS)),
        1 => (with_set(dates), Just("k:d"), list(DATES)),
        2 => (with_set(&["IpAddress", "NotIpAddress"]), Just("k:i"), list(RANGES)),
        1 => (with_set(&["Bool"]), Just("k:f"), list(FLAGS)),
        1 => (Just("Null".to_owned()), select(&["k:a", "k:b", "k:n", "k:i", "k:f", "aws:PrincipalArn",
            "kms:CallerAccount"][..]), list(FLAGS)),
    ]
    .prop_map(|(operator, key, values)| format!(r#""{operator}":{{"{key}":{values}}}"#))
}

fn conditions() -> impl Strategy<Value = String> {
    proptest::collection::vec(test(), 0..3).prop_map(|mut tests| {
        // One operator stands once in a block.
        tests.sort_by_key(|test| test.split(':').take(2).map(str::to_owned).collect::<Vec<_>>());
        tests.dedup_by_key(|test| test.split(":{").next().map(str::to_owned));
        match tests.is_empty() {
            true => String::new(),
            false => format!(r#","Condition":{{{}}}"#, tests.join(",")),
        }
    })
}

fn effect() -> impl Strategy<Value = &'static str> {
    prop_oneof![3 => Just("Allow"), 1 => Just("Deny")]
}

fn not(name: &'static str, often: u32) -> impl Strategy<Value = String> {
    prop_oneof![often => Just(name.to_owned()), 1 => Just(format!("Not{name}"))]
}

const ACTIONS: &[&str] = &[
    "s3:GetObject",
    "s3:Get*",
    "s3:*",
    "*",
    "s3:PutObject",
    "s3:*Object",
    "iam:*",
    "S3:getobject?",
    "kms:*",
];
const RESOURCES: &[&str] = &[
    "*",
    "arn:aws:s3:::b",
    "arn:aws:s3:::b/*",
    "arn:aws:s3:::b*",
    "arn:*:s3:*:*:*/x",
    "arn:aws:s3:::c/x",
    "arn:aws:s3",
];
const PRINCIPALS: &[&str] = &[
    r#""*""#,
    r#"{"AWS":"111111111111"}"#,
    r#"{"AWS":"arn:aws:iam::111111111111:role/r"}"#,
    r#"{"AWS":["arn:aws:iam::111111111111:role/r","arn:aws:iam::222222222222:user/u"]}"#,
    r#"{"AWS":"arn:aws:sts::111111111111:assumed-role/r/s"}"#,
    r#"{"Service":"s3.amazonaws.com"}"#,
    r#"{"Service":["s3.amazonaws.com","sns.amazonaws.com"],"AWS":"222222222222"}"#,
    r#"{"Federated":"accounts.example.com"}"#,
];

fn statement(named: bool) -> impl Strategy<Value = String> {
    let principal =
        (not("Principal", 6), select(PRINCIPALS)).prop_map(|(name, who)| format!(r#""{name}":{who},"#));
    let principal = if named { principal.boxed() } else { Just(String::new()).boxed() };
    (effect(), principal, not("Action", 4), list(ACTIONS), not("Resource", 4), list(RESOURCES), conditions()).prop_map(
        |(effect, principal, action, actions, resource, resources, conditions)| {
            format!(
                r#"{{"Effect":"{effect}",{principal}"{action}":{actions},"{resource}":{resources}{conditions}}}"#
            )
        },
    )
}

fn policy(named: bool) -> impl Strategy<Value = Vec<String>> {
    proptest::collection::vec(statement(named), 1..4)
}

fn callers() -> Vec<Caller> {
    let aws = [
        "arn:aws:iam::111111111111:role/r",
        "arn:aws:iam::111111111111:role/q",
        "arn:aws:sts::111111111111:assumed-role/r/s",
        "arn:aws:sts::111111111111:assumed-role/r/t",
        "arn:aws:iam::222222222222:user/u",
        "arn:aws:iam::333333333333:root",
        "arn:aws:iam::333333333333:user/other",
        "arn:aws:sts::222222222222:federated-user/u",
        "arn:aws:iam::111111111111:root",
    ];
    let mut callers: Vec<Caller> = aws.map(|arn| Caller::Aws(arn.to_owned())).to_vec();
    callers.extend(["s3.amazonaws.com", "lambda.amazonaws.com"].map(|name| Caller::Service(name.to_owned())));
    callers.extend([Caller::Federated("accounts.example.com".to_owned()), Caller::Anonymous]);
    callers
}

/// The values that some key has in some requests; the first is none.
fn values(key: &str) -> Vec<Option<Vec<&'static str>>> {
    let one: &[&'static str] = match key {
        "k:a" | "k:b" => &["a", "ab", "b", "A", "", "a:x", "zz"],
        "k:c" => &["arn:aws:s3:::a", "arn:aws:s3:::bb", "arn:aws:s3:x:y:b", "arn:cn:sns:::z", "a"],
        "k:n" => &["1", "1.5", "1.7", "0", "2", "11", "10.0"],
        "k:d" => &["2024-01-01", "2024-02-02", "2024-06-01", "2025", "2023"],
        "k:i" => &["10.1.2.3", "10.2.2.3", "203.0.113.7", "8.8.8.8", "2001:db8::1"],
        _ => &["true", "false"],
    };
    let mut values: Vec<Option<Vec<&str>>> = vec![None];
    values.extend(one.iter().map(|value| Some(vec![*value])));
    let pairs = one.windows(2).map(|pair| Some(pair.to_vec()));
    values.extend(pairs);
    if one.contains(&"") {
        values.push(Some(vec!["", ""]));
    }
    values.push(Some(one.to_vec()));
    values
}

/// Requests that go with the policies: all combinations of who, what and on what, with drawn values of
/// the keys that they mention.
fn requests(policies: &[&[String]], mut seed: u64) -> Vec<Request> {
    let text: String = policies.iter().copied().flatten().map(|text| text.to_ascii_lowercase()).collect();
    let named = text.contains("principal\"");
    // Those that follow from the caller are filled in.
    let keys = ["k:a", "k:b", "k:c", "k:n", "k:d", "k:i", "k:f"].into_iter();
    let keys: Vec<&str> = keys.filter(|key| text.contains(&format!("\"{key}\""))).collect();
    let is_list = |key: &str| {
        text.split("\"fora")
            .skip(1)
            .filter_map(|rest| rest.split_once("{\""))
            .any(|(_, rest)| rest.starts_with(key))
    };
    let mut draw = |below: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as usize % below
    };
    let mut requests = Vec::new();
    let mut callers = callers();
    if !named {
        callers.retain(|caller| matches!(caller, Caller::Aws(_)));
    }
    let actions =
        ["s3:GetObject", "s3:PutObject", "s3:GetObjectX", "s3:ListBucket", "iam:GetRole", "kms:Decrypt"];
    let resources = [
        "arn:aws:s3:::b",
        "arn:aws:s3:::b/x",
        "arn:aws:s3:::b/y",
        "arn:aws:s3:::bb",
        "arn:aws:s3:::c/x",
        "arn:aws-cn:sns:r:1:t:x",
    ];
    for caller in &callers {
        for action in actions {
            for resource in resources {
                for _ in 0..if named { 6 } else { 9 } {
                    let mut context = Context::default();
                    for key in &keys {
                        let mut values = values(key);
                        if !is_list(key) {
                            // Plain operators are for keys of one value.
                            values.retain(|values| values.as_ref().is_none_or(|values| values.len() == 1));
                        }
                        if let Some(values) = &values[draw(values.len())] {
                            let values = values.iter().map(|value| (*value).to_owned()).collect();
                            context.insert(*key, ContextValue::Many(values));
                        }
                    }
                    requests.push(Request {
                        principal: Some(caller.clone()),
                        action: action.to_owned(),
                        resource: resource.to_owned(),
                        context,
                        ..Request::default()
                    });
                }
            }
        }
    }
    requests
}

fn allows(policy: &[Statement], request: &Request, scope: Scope<'_>) -> bool {
    policy_allows(policy, request, scope).unwrap()
}

fn agrees(change: &Change, old: &[Statement], new: &[Statement], scope: Scope<'_>, requests: &[Request]) {
    for request in requests {
        let (before, after) = (allows(old, request, scope), allows(new, request, scope));
        let is_open = !change.unproved.is_empty();
        assert!(before || !after || !change.added.is_empty() || is_open, "added: {request:?}");
        assert!(after || !before || !change.removed.is_empty() || is_open, "removed: {request:?}");
    }
    for request in &change.added {
        assert!(allows(new, request, scope) && !allows(old, request, scope));
    }
    for request in &change.removed {
        assert!(allows(old, request, scope) && !allows(new, request, scope));
    }
}

/// What is not proved must be so because AWS's documentation leaves it open.
fn only_open(unproved: &[String]) {
    for why in unproved {
        assert!(why.contains("documentation leaves that open"), "{why}");
    }
}

/// All that is asked of two policies.
fn holds(old: &[String], new: &[String], seed: u64) {
    let named = old[0].contains("Principal\"");
    let kind = if named { Kind::Resource } else { Kind::Identity };
    let scope = Scope { kind, resource: None };
    let engine = Engine::new(scope);
    let (before, after) = (read(old), read(new));
    let change = engine.relation(&before, &after);
    // Several types under one key are not there, so everything is decided that AWS does not leave open.
    only_open(&change.unproved);
    agrees(&change, &before, &after, scope, &requests(&[old, new], seed));

    // The order has no meaning, nor has a repetition.
    let mut turned = before.clone();
    turned.reverse();
    turned.push(before[0].clone());
    assert_eq!(engine.relation(&before, &turned).relation, Relation::Equivalent);
    assert_eq!(engine.relation(&turned, &after).relation, change.relation);

    // What both allow, and what only one does.
    let common = engine.common(&after, &before);
    only_open(&common.unproved);
    for request in &common.requests {
        assert!(allows(&before, request, scope) && allows(&after, request, scope));
    }
    for request in requests(&[old, new], seed ^ 2) {
        let both = allows(&before, &request, scope) && allows(&after, &request, scope);
        assert!(!both || !common.requests.is_empty() || !common.unproved.is_empty(), "{:?}", request);
    }
    let turned_round = engine.common(&before, &after);
    if common.unproved.is_empty() && turned_round.unproved.is_empty() {
        assert_eq!(turned_round.requests.is_empty(), common.requests.is_empty());
    }
    assert_eq!(engine.beyond(&after, &before).requests, change.added.clone());

    // Together they allow what each allows, but for the Denies.
    let allows: Vec<Statement> =
        before.iter().chain(&after).filter(|statement| statement.allows()).cloned().collect();
    assert_eq!(engine.compare(&before, &allows, Notion::Access).answer, Answer::Covered);
    assert_eq!(engine.compare(&after, &allows, Notion::Direct).answer, Answer::Covered);

    let requests = requests(&[old, new], seed ^ 1);
    for statement in before.iter().filter(|statement| statement.allows()) {
        let by: Vec<&Statement> = after.iter().collect();
        let covering = engine.covered(statement, &by, Notion::Direct);
        let accepts = |statement: &Statement, request: &Request| {
            replay::accepts(statement, request, scope) == Some(true)
        };
        if covering.comparison.answer == Answer::Covered {
            for request in requests.iter().filter(|request| accepts(statement, request)) {
                assert!(covering.by.iter().any(|at| accepts(by[*at], request)), "{:?}", request);
            }
        }
        let cutting = engine.cut(&by, statement);
        let denied = |request: &Request| by.iter().any(|deny| deny.denies() && accepts(deny, request));
        for (at, example) in &cutting.by {
            let example = match example {
                Ok(example) => example,
                Err(why) => {
                    only_open(std::slice::from_ref(why));
                    continue;
                }
            };
            assert!(accepts(statement, example) && accepts(by[*at], example), "{:?}", example);
        }
        for request in requests.iter().filter(|request| accepts(statement, request)) {
            match cutting.cut {
                Cut::None => assert!(!denied(request), "{:?}", request),
                Cut::All => assert!(denied(request), "{:?}", request),
                Cut::Part => {}
            }
        }
    }
    let redundancy = engine.redundant(&before);
    for at in redundancy.statements {
        let mut fewer = before.clone();
        fewer.remove(at);
        assert_eq!(engine.relation(&before, &fewer).relation, Relation::Equivalent);
    }
}

proptest! {
    #![proptest_config(draws::cases(128))]

    #[test]
    fn random_policies(seed in any::<u64>(),
        (old, mut new) in any::<bool>().prop_flat_map(|named| (policy(named), policy(named)))) {
        // Half of them are a change of one statement.
        if seed % 2 == 0 {
            new.truncate(1);
            new.extend(old[1..].iter().cloned());
        }
        holds(&old, &new, seed);
    }
}

/// Pairs on which something failed once.
const FAILED: &[(&[&str], &[&str])] = &[
    // The caller has to have an account and an ARN that go together.
    (
        &[
            r#"{"Effect":"Allow","NotPrincipal":{"AWS":"111111111111"},"Action":"*","Resource":"*"}"#,
            r#"{"Effect":"Allow","NotPrincipal":{"AWS":"arn:aws:sts::111111111111:assumed-role/r/s"},"Action":"*",
                "Resource":"*","Condition":{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:user/*"},
                "StringEquals":{"aws:PrincipalAccount":"222222222222"}}}"#,
        ],
        &[r#"{"Effect":"Allow","Principal":"*","Action":"*","Resource":"arn:aws:s3:::b"}"#],
    ),
    // A list of nothing but empty texts passes every test for all values.
    (
        &[
            r#"{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"ForAllValues:StringEquals":{"k:a":"a"},
            "Null":{"k:a":"false"}}}"#,
        ],
        &[
            r#"{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"ForAnyValue:StringEquals":{"k:a":"a"}}}"#,
        ],
    ),
];

#[test]
fn what_failed_once() {
    for (old, new) in FAILED {
        let texts =
            |statements: &[&str]| statements.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        for seed in 0..4 {
            holds(&texts(old), &texts(new), seed);
            holds(&texts(new), &texts(old), seed);
        }
    }
}
