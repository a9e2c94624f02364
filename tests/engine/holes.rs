//! What is not known never proves anything: an answer about a template holds for every policy that the template can
//! become.

use polmerge::analyze::checks::{Outcome, Question};
use polmerge::analyze::compare::compare;
use polmerge::analyze::cover::Scope;
use polmerge::analyze::decide::{Layer, Policies, Verdict, decide, fit};
use polmerge::analyze::replay::policy_allows;
use polmerge::analyze::request::{Caller, Context, ContextValue, Request};
use polmerge::analyze::space::Relation;
use polmerge::document::{Document, Hints, open, open_policy};
use polmerge::lint::{Settings, lint};
use polmerge::{Kind, Source};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use crate::draws;

const CONDITIONS: [&str; 3] = ["A", "B", "NotA"];
const ENVIRONMENTS: [&str; 2] = ["dev", "prod"];

const VERSIONS: [&str; 2] = ["2008-10-17", "2012-10-17"];

/// The condition under which the policy is there.
type Guard = Option<&'static str>;

/// A policy in a template, in which `NotA` is the opposite of `A`, and `Env` one of two.
fn template(kind: Kind, guard: Guard, version: &Value, statements: &Value) -> String {
    let policy = json!({"Version": version, "Statement": statements});
    let mut resource = match kind {
        Kind::Kms => json!({"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": policy}}),
        _ => {
            json!({"Type": "AWS::S3::BucketPolicy", "Properties": {"Bucket": "b", "PolicyDocument": policy}})
        }
    };
    if let Some(name) = guard {
        resource["Condition"] = name.into();
    }
    json!({
        "Parameters": {
            "Env": {"Type": "String", "AllowedValues": ENVIRONMENTS},
            "P": {"Type": "String", "Default": "*"}, "Q": {"Type": "String"},
            "X": {"Type": "String"},
        },
        "Conditions": {
            "A": {"Fn::Equals": [{"Ref": "X"}, "a"]},
            "B": {"Fn::Equals": [{"Ref": "X"}, {"Ref": "Q"}]},
            "NotA": {"Fn::Not": [{"Condition": "A"}]},
        },
        "Resources": {"Policy": resource},
    })
    .to_string()
}

fn of_template(statements: &Value) -> Document {
    in_template(Kind::S3, None, &VERSIONS[1].into(), statements)
}

fn in_template(kind: Kind, guard: Guard, version: &Value, statements: &Value) -> Document {
    let text = template(kind, guard, version, statements);
    let mut file = open(Source::new("t.json", text.as_str()), &Hints::default());
    assert_eq!(file.documents.len(), 1, "{text}");
    file.documents.remove(0)
}

fn of_policy(kind: Kind, version: &Value, statements: &Value) -> Document {
    let text = json!({"Version": version, "Statement": statements}).to_string();
    open_policy(Source::new("p.json", text), &Hints { kind: Some(kind), ..Hints::default() })
}

/// What everything that is not known turns out to be.
#[derive(Clone, Debug)]
struct Filling {
    conditions: [bool; 2],
    environment: &'static str,
    /// By the name of the parameter: a principal, an action, a resource, a value, a value of a key that follows from
    /// the caller.
    texts: [[&'static str; 5]; 2],
    /// The principals of any type.
    principals: Value,
    version: &'static str,
    /// The tests of a condition.
    tests: Value,
    /// A statement, or none.
    statement: Option<Value>,
    effect: &'static str,
}

impl Filling {
    /// Whether a condition holds.
    fn holds(&self, condition: &str) -> bool {
        let [a, b] = self.conditions;
        match condition {
            "A" => a,
            "NotA" => !a,
            _ => b,
        }
    }

    /// The value with everything filled in; `place` tells what kind of text belongs there. `None` for `AWS::NoValue`.
    fn fill(&self, value: &Value, place: usize) -> Option<Value> {
        match value {
            Value::Array(items) => {
                Some(items.iter().filter_map(|item| self.fill(item, place)).collect::<Vec<_>>().into())
            }
            Value::Object(members) => match members.iter().next() {
                Some((name, arguments)) if members.len() == 1 => match name.as_str() {
                    "Fn::If" => {
                        let holds = self.holds(arguments[0].as_str().unwrap());
                        self.fill(&arguments[if holds { 1 } else { 2 }], place)
                    }
                    "Ref" => match arguments.as_str().unwrap() {
                        "AWS::NoValue" => None,
                        "Env" => Some(self.environment.into()),
                        "Version" => Some(self.version.into()),
                        "Principals" => Some(self.principals.clone()),
                        "Block" => Some(json!({"s3:prefix": self.texts[0][3]})),
                        "List" => Some(json!([self.texts[0][place], self.texts[1][place]])),
                        "Statements" => Some(self.statement.iter().cloned().collect()),
                        "P" => Some(self.texts[0][place].into()),
                        "Q" => Some(self.texts[1][place].into()),
                        "Effect" => Some(self.effect.into()),
                        "Tests" => Some(self.tests.clone()),
                        _ => self.statement.clone(),
                    },
                    "Fn::Sub" => {
                        let text = arguments.as_str().unwrap().replace("${Env}", self.environment);
                        let text = text.replace("${AWS::Partition}", "aws");
                        Some(text.replace("${P}", self.texts[0][place]).into())
                    }
                    _ => self.members(members, place),
                },
                _ => self.members(members, place),
            },
            other => Some(other.clone()),
        }
    }

    fn members(&self, members: &serde_json::Map<String, Value>, place: usize) -> Option<Value> {
        let filled = members.iter().filter_map(|(name, value)| {
            let place = match name.as_str() {
                "Principal" | "NotPrincipal" => 0,
                "Action" | "NotAction" => 1,
                "Resource" | "NotResource" => 2,
                "Condition" => 3,
                key if OF_CALLER.contains(&key) => 4,
                _ => place,
            };
            Some((name.replace("{{key}}", "prefix"), self.fill(value, place)?))
        });
        Some(filled.collect::<serde_json::Map<_, _>>().into())
    }
}

const ACCOUNT: &str = "111111111111";
const ROLE: &str = "arn:aws:iam::111111111111:role/r";
const PRINCIPALS: &[&str] =
    &["*", ACCOUNT, ROLE, "arn:aws:iam::222222222222:user/u", "s3.amazonaws.com", "accounts.google.com"];
const TYPES: &[&str] = &["AWS", "AWS", "AWS", "Service", "Federated", "CanonicalUser"];
const ACTIONS: &[&str] = &["*", "s3:*", "s3:Get*", "s3:GetObject", "s3:PutObject"];
const RESOURCES: &[&str] = &[
    "*",
    "arn:aws:s3:::b",
    "arn:aws:s3:::b/*",
    "arn:aws:s3:::b/dev/*",
    "arn:aws:s3:::*/prod/x",
    "arn:aws:s3:::b/${aws:username}",
];
const VALUES: &[&str] = &[
    "dev",
    "prod",
    "DEV",
    "*",
    "d*",
    "",
    "${aws:username}",
    "arn:aws:sns:*:*:t",
    "arn:aws:sns:us-east-1:111111111111:t",
];
/// Keys that follow from the caller, and one that is true or false.
const OF_CALLER: &[&str] = &[
    "aws:PrincipalType",
    "aws:PrincipalIsAWSService",
    "aws:PrincipalArn",
    "aws:PrincipalAccount",
    "kms:CallerAccount",
    "aws:SecureTransport",
];
const CALLER_VALUES: &[&str] =
    &["User", "AssumedRole", "Anonymous", "*", "true", "false", "TRUE", ROLE, ACCOUNT, "a*"];
const TEXT_OPERATORS: &[&str] = &[
    "StringEquals",
    "StringNotEquals",
    "StringLike",
    "StringNotLike",
    "StringLikeIfExists",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
    "ArnLike",
    "ArnEquals",
    "ArnNotLike",
];

/// A value of a list, written out or left open.
fn value(texts: &'static [&'static str], subs: &'static [&'static str]) -> BoxedStrategy<Value> {
    let text = select(texts).prop_map(|text| json!(text));
    let sub = select(subs).prop_map(|text| json!({ "Fn::Sub": text }));
    let name = select(&["P", "Q"][..]).prop_map(|name| json!({ "Ref": name }));
    let leaf = prop_oneof![6 => text, 1 => name, 1 => sub];
    let no_value = prop_oneof![3 => leaf.clone(), 1 => Just(json!({"Ref": "AWS::NoValue"}))];
    let choice = (select(&CONDITIONS[..]), leaf.clone(), no_value)
        .prop_map(|(condition, yes, no)| json!({ "Fn::If": [condition, yes, no] }));
    prop_oneof![5 => leaf, 1 => choice].boxed()
}

/// Never empty, whatever is left out.
fn list(texts: &'static [&'static str], subs: &'static [&'static str]) -> BoxedStrategy<Value> {
    let more = proptest::collection::vec(value(texts, subs), 0..2);
    let items = (select(texts), more)
        .prop_map(|(first, more)| std::iter::once(json!(first)).chain(more).collect::<Vec<_>>().into());
    // What is alone in its place decides the most.
    let alone = select(&["P", "P", "Q", "List"][..]).prop_map(|name| json!({ "Ref": name }));
    prop_oneof![4 => items, 1 => alone].boxed()
}

fn test() -> impl Strategy<Value = Value> {
    let sets = &["ForAllValues:StringEquals", "ForAnyValue:StringLike", "ForAllValues:StringNotLike"];
    let numbers = &["NumericLessThan", "NumericNotEquals"];
    let addresses = &["IpAddress", "NotIpAddress"];
    let of = |operators: &'static [&'static str], key: &'static str, values: BoxedStrategy<Value>| {
        (select(operators), values).prop_map(move |(operator, values)| json!({ operator: { key: values } }))
    };
    prop_oneof![
        4 => of(TEXT_OPERATORS, "s3:prefix", list(VALUES, &["${Env}*", "${P}"])),
        4 => (select(OF_CALLER), select(TEXT_OPERATORS), list(CALLER_VALUES, &["${P}"]))
            .prop_map(|(key, operator, values)| json!({ operator: { key: values } })),
        1 => (select(OF_CALLER), list(&["true", "false"], &["${P}"]))
            .prop_map(|(key, values)| json!({ "Bool": { key: values } })),
        1 => Just(json!({"StringEquals": {"Ref": "Block"}})),
        1 => of(sets, "aws:TagKeys", list(VALUES, &["${Env}*", "${P}"])),
        1 => of(&["Null"], "s3:prefix", value(&["true", "false"], &["${P}"])),
        1 => of(numbers, "s3:max-keys", list(&["1", "10"], &["${P}"])),
        1 => of(addresses, "aws:SourceIp", list(&["10.0.0.0/8", "0.0.0.0/0"], &["${P}"])),
        1 => of(TEXT_OPERATORS, "s3:{{key}}", list(VALUES, &["${P}"])),
    ]
}

fn known_test() -> impl Strategy<Value = Value> {
    (select(&["StringEquals", "StringNotLike"][..]), select(VALUES))
        .prop_map(|(operator, value)| json!({ operator: { "s3:prefix": value } }))
}

fn principal() -> impl Strategy<Value = Value> {
    let list = list(PRINCIPALS, &["arn:${AWS::Partition}:iam::111111111111:role/r", "${P}"]);
    let named = (select(TYPES), list).prop_map(|(kind, list)| json!({ kind: list }));
    let choice = (select(&CONDITIONS[..]), named.clone())
        .prop_map(|(condition, named)| json!({ "Fn::If": [condition, named, "*"] }));
    prop_oneof![5 => named, 1 => Just(json!("*")), 1 => choice, 1 => Just(json!({"Ref": "Principals"}))]
}

fn statement() -> BoxedStrategy<Value> {
    let effect =
        prop_oneof![4 => Just(json!("Allow")), 2 => Just(json!("Deny")), 1 => Just(json!({"Ref": "Effect"}))];
    let conditions = prop_oneof![
        4 => Just(None),
        3 => test().prop_map(Some),
        1 => Just(Some(json!({"Ref": "Tests"}))),
        1 => (select(&CONDITIONS[..]), test()).prop_map(|(condition, test)| {
            Some(json!({ "Fn::If": [condition, test, {"Ref": "AWS::NoValue"}] }))
        }),
    ];
    let not = |name: &'static str| prop_oneof![5 => Just(name.to_owned()), 1 => Just(format!("Not{name}"))];
    (
        (effect, not("Principal"), principal()),
        (not("Action"), list(ACTIONS, &["s3:${P}", "s3:Get${Env}"])),
        (not("Resource"), list(RESOURCES, &["arn:${AWS::Partition}:s3:::b/${Env}/*", "arn:aws:s3:::b/${P}"])),
        conditions,
    )
        .prop_map(|((effect, who, principal), (action, actions), (resource, resources), tests)| {
            let mut statement =
                json!({"Effect": effect, who: principal, action: actions, resource: resources});
            if let Some(tests) = tests {
                statement["Condition"] = tests;
            }
            statement
        })
        .boxed()
}

fn slot() -> impl Strategy<Value = Value> {
    let choice = (
        select(&CONDITIONS[..]),
        statement(),
        prop_oneof![statement(), Just(json!({"Ref": "AWS::NoValue"}))],
    )
        .prop_map(|(condition, yes, no)| json!({ "Fn::If": [condition, yes, no] }));
    prop_oneof![8 => statement(), 2 => choice, 1 => Just(json!({"Ref": "Statement"}))]
}

fn filling() -> impl Strategy<Value = Filling> {
    let texts = || {
        (select(PRINCIPALS), select(ACTIONS), select(RESOURCES), select(VALUES), select(CALLER_VALUES))
            .prop_map(|(a, b, c, d, e)| [a, b, c, d, e])
    };
    let statement = (select(&["Allow", "Deny"][..]), select(ACTIONS), select(RESOURCES)).prop_map(|(effect, action, resource)| {
        json!({"Effect": effect, "Principal": "*", "Action": action, "Resource": resource})
    });
    (
        any::<[bool; 2]>(),
        select(&ENVIRONMENTS[..]),
        [texts(), texts()],
        known_test(),
        proptest::option::of(statement),
        select(&["Allow", "Deny"][..]),
        (select(TYPES), select(PRINCIPALS)).prop_map(|(kind, who)| json!({ kind: who })),
        select(&VERSIONS[..]),
    )
        .prop_map(|(conditions, environment, texts, tests, statement, effect, principals, version)| {
            Filling { conditions, environment, texts, principals, version, tests, statement, effect }
        })
}

fn version() -> impl Strategy<Value = Value> {
    let known = select(&[VERSIONS[1], VERSIONS[1], VERSIONS[0]][..]).prop_map(Value::from);
    prop_oneof![7 => known, 1 => Just(json!({"Ref": "Version"}))]
}

fn guard() -> impl Strategy<Value = Guard> {
    select(&[None, None, None, None, Some("A"), Some("NotA"), Some("B")][..])
}

fn requests() -> Vec<Request> {
    let mut requests = Vec::new();
    let callers = [ROLE, "arn:aws:iam::222222222222:user/u", "arn:aws:iam::333333333333:role/other"];
    let callers = callers.map(|arn| Caller::Aws(arn.to_owned())).into_iter().chain([Caller::Anonymous]);
    for principal in callers {
        for (action, resource) in [
            ("s3:GetObject", "arn:aws:s3:::b/dev/k"),
            ("s3:PutObject", "arn:aws:s3:::b/prod/x"),
            ("s3:ListBucket", "arn:aws:s3:::b"),
        ] {
            for prefix in [None, Some("dev"), Some("")] {
                let mut context = Context::default();
                let tags = prefix.iter().map(|prefix| (*prefix).to_owned()).collect();
                context.insert("aws:TagKeys", ContextValue::Many(tags));
                context.insert("s3:max-keys", ContextValue::One("5".to_owned()));
                if let Some(prefix) = prefix {
                    context.insert("s3:prefix", ContextValue::One(prefix.to_owned()));
                }
                requests.push(Request {
                    principal: Some(principal.clone()),
                    action: action.to_owned(),
                    resource: resource.to_owned(),
                    context,
                    ..Request::default()
                });
            }
        }
    }
    requests
}

proptest! {
    #![proptest_config(draws::cases(150))]

    #[test]
    fn what_is_proved_with_holes_holds_for_every_filling(
        kind in select(&[Kind::S3, Kind::S3, Kind::Kms][..]),
        shared in proptest::collection::vec(slot(), 0..2),
        old in proptest::collection::vec(slot(), 1..3),
        new in proptest::collection::vec(slot(), 0..3),
        whole in select(&[false, false, false, false, false, false, true][..]),
        (from, to) in (version(), version()),
        guards in [guard(), guard()],
        fillings in proptest::collection::vec(filling(), 6),
    ) {
        let with = |own: &[Value]| Value::from(shared.iter().chain(own).cloned().collect::<Vec<_>>());
        let (old, mut new) = (with(&old), with(&new));
        if whole {
            new = json!({"Ref": "Statements"});
        }
        let before = in_template(kind, guards[0], &from, &old);
        let after = in_template(kind, guards[1], &to, &new);
        let change = compare(&before, &after).change;
        let public = Question::Public.ask(&before, &after);
        let scope = Scope { kind, resource: None };
        for filling in &fillings {
            let [was_there, is_there] =
                guards.map(|guard| guard.is_none_or(|condition| filling.holds(condition)));
            let fill = |version: &Value, statements: &Value, is_there: bool| {
                let fill = |value| filling.fill(value, 3).unwrap();
                let statements = if is_there { fill(statements) } else { json!([]) };
                of_policy(kind, &fill(version), &statements)
            };
            let (filled_old, filled_new) = (fill(&from, &old, was_there), fill(&to, &new, is_there));
            let filled = compare(&filled_old, &filled_new).change;
            if change.new_is_more == Some(false) {
                prop_assert_ne!(filled.new_is_more, Some(true), "{:?}", filled.added);
            }
            if change.old_is_more == Some(false) {
                prop_assert_ne!(filled.old_is_more, Some(true), "{:?}", filled.removed);
            }
            // Where neither is there, nothing is compared.
            if change.exact && filled.exact && (was_there || is_there) {
                prop_assert_eq!(change.relation, filled.relation);
            }
            match public.outcome {
                Outcome::Passed => {
                    let answer = Question::Public.ask(&filled_old, &filled_new).outcome;
                    prop_assert_ne!(answer, Outcome::Failed);
                }
                Outcome::Failed | Outcome::Undecided => {}
            }
            if !is_there {
                continue;
            }
            let decided = |document: &Document, request: &Request| {
                let resource = fit(document, Layer::Resource).ok();
                decide(&Policies { resource, ..Policies::default() }, request).verdict
            };
            for request in requests() {
                let request = Request { resource_account: Some(ACCOUNT.to_owned()), ..request };
                match (decided(&after, &request), decided(&filled_new, &request)) {
                    (Verdict::Undecided, _) | (_, Verdict::Undecided) => {}
                    (with_holes, filled) => {
                        let allowed = |verdict| verdict == Verdict::Allowed;
                        prop_assert_eq!(allowed(with_holes), allowed(filled), "{:?}", request);
                    }
                }
            }
            for request in requests() {
                let answer = policy_allows(&after.policy.statements, &request, scope);
                if let (Some(answer), Some(filled)) = (answer, policy_allows(&filled_new.policy.statements, &request, scope)) {
                    prop_assert_eq!(answer, filled, "{:?}", request);
                }
            }
        }
        // No rule stumbles over a hole.
        lint(&after, &Settings::default());
    }

    #[test]
    fn a_template_beside_itself_is_the_same(statements in proptest::collection::vec(slot(), 1..4)) {
        let document = of_template(&statements.into());
        let change = compare(&document, &document).change;
        prop_assert_eq!(change.relation, Relation::Equivalent);
        prop_assert!(change.exact);
    }
}

/// A statement with one more member beside `Effect`, `Principal`, `Action`, `Resource`.
fn with(condition: Value) -> Value {
    json!({"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*", "Condition": condition})
}

fn equivalent(old: &Value, new: &Value) -> bool {
    let change = compare(&of_template(old), &of_template(new)).change;
    assert_eq!(change.relation == Relation::Equivalent, change.exact, "{old} {new} {change:?}");
    assert!(change.exact || change.relation == Relation::Unproved, "{old} {new} {change:?}");
    change.exact
}

/// The same hole takes other texts under another operator, but for operators that are one.
#[test]
fn one_hole_under_two_operators() {
    let on = |operator: &str, value: &Value| json!([with(json!({ operator: { "k:x": value } }))]);
    let open = json!({"Ref": "P"});
    let operators = ["StringEquals", "StringLike", "StringEqualsIgnoreCase", "ArnLike", "ArnEquals"];
    let others = ["NumericLessThan", "DateLessThan", "Bool", "IpAddress", "BinaryEquals"];
    for suffix in ["", "IfExists"] {
        for one in operators.iter().chain(&others) {
            for other in operators.iter().chain(&others) {
                let (one, other) = (format!("{one}{suffix}"), format!("{other}{suffix}"));
                let same = one == other || [&one, &other].iter().all(|name| name.starts_with("Arn"));
                assert_eq!(equivalent(&on(&one, &open), &on(&other, &open)), same, "{one} {other}");
            }
        }
    }
    // What has no wildcard is itself alone to a pattern, too.
    let plain = json!({"Ref": "AWS::Region"});
    assert!(equivalent(&on("StringEquals", &plain), &on("StringLike", &plain)));
    assert!(!equivalent(&on("StringEquals", &plain), &on("StringEqualsIgnoreCase", &plain)));
    let pattern = json!({"Fn::Sub": "${AWS::Region}*"});
    assert!(!equivalent(&on("StringEquals", &pattern), &on("StringLike", &pattern)));
    // Both together are impossible only where one is the opposite of the other.
    let both = |one: &str, other: &str| json!([with(json!({one: {"k:x": open}, other: {"k:x": open}}))]);
    for (one, other, impossible) in [
        ("StringEquals", "StringNotEquals", true),
        ("StringLike", "StringNotLike", true),
        ("ArnLike", "ArnNotEquals", true),
        ("StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase", true),
        ("StringLike", "StringNotEquals", false),
        ("StringEqualsIgnoreCase", "StringNotEquals", false),
        ("StringLike", "ArnNotLike", false),
    ] {
        assert_eq!(equivalent(&json!([]), &both(one, other)), impossible, "{one} {other}");
    }
}

#[test]
fn one_hole_as_principals_of_two_types() {
    let named = |principal: Value, effect: &str| json!({"Effect": effect, "Principal": principal, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"});
    let open = json!({"Ref": "P"});
    let all = [
        json!({"AWS": open}),
        json!({"Service": open}),
        json!({"Federated": open}),
        json!({"CanonicalUser": open}),
        open,
    ];
    for one in &all {
        for other in &all {
            let (allow, deny) = (named(one.clone(), "Allow"), named(other.clone(), "Deny"));
            assert_eq!(equivalent(&json!([allow]), &json!([named(other.clone(), "Allow")])), one == other);
            assert_eq!(equivalent(&json!([deny]), &json!([allow, deny])), one == other, "{one} {other}");
        }
    }
}

/// A hole may be any of the few values that a key has.
#[test]
fn a_hole_as_one_of_few_values() {
    let base = json!({"Effect": "Allow", "Principal": {"AWS": ROLE}, "Action": "s3:PutObject", "Resource": "arn:aws:s3:::b/*"});
    let keys = [
        "aws:PrincipalType",
        "aws:PrincipalIsAWSService",
        "aws:SecureTransport",
        "aws:ViaAWSService",
        "aws:MultiFactorAuthPresent",
        "kms:GrantIsForAWSResource",
        "aws:PrincipalArn",
        "aws:PrincipalAccount",
    ];
    let operators = [
        "StringEquals",
        "StringLike",
        "StringEqualsIgnoreCase",
        "StringNotEquals",
        "StringNotLike",
        "Bool",
        "StringEqualsIfExists",
        "ForAnyValue:StringLike",
    ];
    for key in keys {
        for operator in operators {
            for value in [json!({"Ref": "P"}), json!({"Fn::Sub": "${P}${Q}"}), json!({"Fn::Sub": "User${P}"})]
            {
                let ruled_out = value["Fn::Sub"] == "User${P}" && key != "aws:PrincipalType"
                    || operator == "Bool" && key == "aws:PrincipalType";
                let test = with(json!({ operator: { key: value } }));
                for principal in
                    [json!("*"), json!({"AWS": ACCOUNT}), json!({"AWS": "arn:aws:iam::111111111111:user/u"})]
                {
                    let mut allow = test.clone();
                    allow["Principal"] = principal;
                    let mut deny = allow.clone();
                    deny["Effect"] = "Deny".into();
                    let all = with(json!({}));
                    let change =
                        compare(&of_template(&json!([base])), &of_template(&json!([base, allow]))).change;
                    assert!(change.new_is_more != Some(false) || ruled_out, "{allow} {change:?}");
                    assert_eq!(change.old_is_more, Some(false), "{allow}");
                    let change =
                        compare(&of_template(&json!([all])), &of_template(&json!([all, deny]))).change;
                    assert!(change.old_is_more != Some(false) || ruled_out, "{deny} {change:?}");
                }
            }
        }
    }
    // The same hole is the same value wherever it stands.
    for operator in ["StringEquals", "StringLike"] {
        let one = with(json!({operator: {"aws:PrincipalType": {"Ref": "P"}}}));
        let wider = with(json!({operator: {"aws:PrincipalType": [{"Ref": "P"}, "User"]}}));
        assert!(equivalent(&json!([one, wider]), &json!([wider])));
    }
}

/// In a policy of the older version `${aws:username}` is a text, which a hole may hold.
#[test]
fn a_hole_under_another_version() {
    let of = |version: Value, statement: &Value| in_template(Kind::S3, None, &version, &json!([statement]));
    let relation = |statement: &Value| {
        let change = compare(&of(json!(VERSIONS[0]), statement), &of(json!(VERSIONS[1]), statement)).change;
        let open =
            compare(&of(json!({"Ref": "Version"}), statement), &of(json!(VERSIONS[1]), statement)).change;
        assert_eq!(change.relation, open.relation, "{statement}");
        let same = of(json!({"Ref": "Version"}), statement);
        assert_eq!(compare(&same, &same).change.relation, Relation::Equivalent, "{statement}");
        (change.relation, change.exact)
    };
    let on = |resource: Value| json!({"Effect": "Allow", "Principal": "*", "Action": {"Ref": "P"}, "Resource": resource});
    for open in [
        on(json!({"Ref": "P"})),
        on(json!({"Fn::Sub": "arn:aws:s3:::b/${P}"})),
        with(json!({"StringEquals": {"s3:prefix": {"Ref": "P"}}})),
        with(json!({"Ref": "Tests"})),
        with(json!({"StringEquals": {"Ref": "Block"}})),
        json!({"Ref": "Statement"}),
    ] {
        assert_eq!(relation(&open), (Relation::Unproved, false), "{open}");
    }
    for known in [
        on(json!("arn:aws:s3:::b/x")),
        on(json!({"Fn::Sub": "arn:${AWS::Partition}:s3:::b/x"})),
        with(json!({"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}})),
    ] {
        assert_eq!(relation(&known), (Relation::Equivalent, true), "{known}");
    }
}

#[test]
fn which_case_it_is_is_said() {
    let statements = |principal: Value| json!([{"Effect": "Allow", "Principal": principal, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}]);
    let old = of_template(&statements(json!({"AWS": ACCOUNT})));
    let new = of_template(&statements(json!({"Fn::If": ["A", "*", {"AWS": ACCOUNT}]})));
    let change = compare(&old, &new).change;
    assert_eq!((change.relation, change.exact), (Relation::Broader, false));
    assert!(
        change.assumptions.iter().any(|one| one.starts_with("if `A` is true, ")),
        "{:?}",
        change.assumptions
    );
    assert_eq!(Question::Public.ask(&old, &new).outcome, Outcome::Failed);
    // The same in both cases, and in both conditions that exclude each other.
    let same = json!([
        {"Fn::If": ["A", statements(json!("*"))[0], {"Ref": "AWS::NoValue"}]},
        {"Fn::If": ["NotA", statements(json!("*"))[0], {"Ref": "AWS::NoValue"}]},
    ]);
    let change = compare(&of_template(&statements(json!("*"))), &of_template(&same)).change;
    assert_eq!((change.relation, change.exact), (Relation::Equivalent, true), "{:?}", change.unproved);
}

#[test]
fn pseudo_parameters_stay_in_their_segment() {
    let on =
        |resource: Value| json!([{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": resource}]);
    let sub = |text: &str| of_template(&on(json!({ "Fn::Sub": text })));
    let relation = |old: &Document, new: &Document| compare(old, new).change.relation;
    let all = of_template(&on(json!("arn:*:s3:::b/*")));
    assert_eq!(compare(&all, &sub("arn:${AWS::Partition}:s3:::b/x")).change.new_is_more, Some(false));
    assert_eq!(
        relation(&sub("arn:${AWS::Partition}:s3:::b/x"), &sub("arn:${AWS::Partition}:s3:::b/x")),
        Relation::Equivalent
    );
    // What a parameter holds may be longer than its segment.
    assert_eq!(compare(&all, &sub("arn:${P}:s3:::b/x")).change.new_is_more, None);
    assert_eq!(compare(&all, &sub("arn:aws:s3:::b/${P}")).change.new_is_more, Some(false));
}

/// What the text round a hole says of a principal: no account makes the ARN of a root user a service or `*`, and of the
/// accounts that no policy names there are more than one text can mean.
#[test]
fn a_principal_is_whom_its_text_allows() {
    let of = |statements: &Value| in_template(Kind::Kms, None, &VERSIONS[1].into(), statements);
    let allow = |principal: Value, action: &str| json!({"Effect": "Allow", "Principal": principal, "Action": action, "Resource": "*"});
    let sub = |text: &str| json!({"AWS": {"Fn::Sub": text}});
    let root = sub("arn:aws:iam::${AWS::AccountId}:root");
    let aws = |text: &str| json!({ "AWS": text });
    let service = json!({"Service": "logs.us-east-1.amazonaws.com"});
    let stranger = json!({"Effect": "Allow", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*",
        "Condition": {"StringEquals": {"aws:PrincipalAccount": "999999999999"}}});
    let decrypt = |principal: &Value| allow(principal.clone(), "kms:Decrypt");
    for (hole, added, is_sure) in [
        (&root, decrypt(&service), true),
        (&root, decrypt(&json!("*")), true),
        (&sub("${AWS::AccountId}"), decrypt(&json!("*")), true),
        (&sub("arn:${AWS::Partition}:iam::${AWS::AccountId}:role/${P}"), decrypt(&service), true),
        (
            &sub("arn:aws:iam::111111111111:role/${P}"),
            decrypt(&aws("arn:aws:iam::222222222222:role/r")),
            true,
        ),
        (&json!({"Service": {"Ref": "P"}}), decrypt(&aws("arn:aws:iam::222222222222:role/r")), true),
        // Someone of the account that is not known, or may be everyone.
        (&root, decrypt(&aws("222222222222")), false),
        (&root, decrypt(&aws("arn:aws:iam::222222222222:role/r")), false),
        (&root, stranger, false),
        (
            &sub("arn:aws:iam::111111111111:role/${P}"),
            decrypt(&aws("arn:aws:iam::111111111111:role/r")),
            false,
        ),
        (&json!({"AWS": {"Ref": "P"}}), decrypt(&service), false),
        (&json!({"AWS": {"Fn::GetAtt": ["None", "Arn"]}}), decrypt(&service), false),
        (&json!({"Ref": "P"}), decrypt(&service), false),
        (&json!({"Service": {"Ref": "P"}}), decrypt(&service), false),
    ] {
        for effect in ["Allow", "Deny"] {
            let mut known = allow(hole.clone(), "kms:*");
            let mut old = vec![];
            // What a Deny takes of whom it names is not what it takes of others.
            if effect == "Deny" {
                known["Effect"] = effect.into();
                old.push(known.clone());
            }
            if effect == "Allow" {
                old.push(known);
            }
            let new: Vec<Value> = old.iter().cloned().chain([added.clone()]).collect();
            let change = compare(&of(&json!(old)), &of(&json!(new))).change;
            let relation = if is_sure { Relation::Broader } else { Relation::Unproved };
            assert_eq!(
                (change.relation, change.exact),
                (relation, is_sure),
                "{hole} {added} {effect}: {change:?}"
            );
            assert_eq!(change.added.len(), usize::from(is_sure), "{hole} {added} {effect}: {change:?}");
        }
    }
}

/// What is granted on a resource of the template is granted on it whatever its ARN will be.
#[test]
fn a_request_on_a_resource_that_is_not_known() {
    let queue = |statements: &[&Value]| {
        file(&json!({
            "Parameters": {"P": {"Type": "String"}},
            "Resources": {
                "Q": {"Type": "AWS::SQS::Queue"},
                "Policy": {"Type": "AWS::SQS::QueuePolicy", "Properties": {
                    "Queues": [{"Ref": "Q"}],
                    "PolicyDocument": {"Version": VERSIONS[1], "Statement": statements},
                }},
            },
        }))
    };
    let arn = json!({"Fn::GetAtt": ["Q", "Arn"]});
    let allow = |principal: Value, action: &str, resource: &Value, condition: Value| json!({"Effect": "Allow", "Principal": principal, "Action": action, "Resource": resource, "Condition": condition});
    let account = json!({"AWS": "222222222222"});
    let tls = json!({"Bool": {"aws:SecureTransport": "true"}});
    let base = allow(account.clone(), "sqs:SendMessage", &arn, tls.clone());
    let deny = |resource: Value| json!({"Effect": "Deny", "Principal": "*", "Action": "sqs:ReceiveMessage", "Resource": resource});
    let owner = json!({"StringEquals": {"aws:ResourceAccount": "222222222222"}});
    let receive = allow(account.clone(), "sqs:ReceiveMessage", &arn, json!({}));
    for (old, new, is_sure) in [
        (vec![&base], vec![&allow(account.clone(), "sqs:SendMessage", &arn, json!({}))], true),
        (vec![&base], vec![&allow(json!("*"), "sqs:SendMessage", &arn, tls.clone())], true),
        (vec![&base], vec![&base, &receive], true),
        (
            vec![&base],
            vec![&base, &allow(account.clone(), "sqs:ReceiveMessage", &json!("*"), json!({}))],
            true,
        ),
        (vec![&base, &deny(arn.clone())], vec![&base, &receive], true),
        // Whether these are about the queue is not known, or not who owns it.
        (
            vec![&base, &deny(json!("arn:aws:sqs:us-east-1:111111111111:q"))],
            vec![&base, &deny(json!("arn:aws:sqs:us-east-1:111111111111:q")), &receive],
            false,
        ),
        (
            vec![&base],
            vec![&base, &allow(account.clone(), "sqs:ReceiveMessage", &json!({"Ref": "P"}), json!({}))],
            false,
        ),
        (vec![&base], vec![&base, &allow(account.clone(), "sqs:SetQueueAttributes", &arn, json!({}))], false),
        (vec![&base], vec![&base, &allow(account.clone(), "sqs:ReceiveMessage", &arn, owner)], false),
    ] {
        let change = compare(&queue(&old), &queue(&new)).change;
        let relation = if is_sure { Relation::Broader } else { Relation::Unproved };
        assert_eq!((change.relation, change.exact), (relation, is_sure), "{old:?} {new:?}: {change:?}");
        assert_eq!(change.added.len(), usize::from(is_sure), "{new:?}: {change:?}");
    }
    let change = compare(&queue(&[&base]), &queue(&[&base, &receive])).change;
    let shown = change.added[0].to_json();
    assert_eq!(shown["resource"], "Fn::GetAtt Q.Arn", "{shown}");
    assert!(change.assumptions.iter().any(|note| note.contains("attached to")), "{change:?}");
}

fn file(template: &Value) -> Document {
    let mut file = open(Source::new("t.json", template.to_string()), &Hints::default());
    file.documents.remove(0)
}

/// CloudFormation passes on a bare whole number as text; a string that holds a policy is sent as it is.
#[test]
fn a_bare_number_in_a_template_is_text() {
    let policy = |sid: Value, account: Value| {
        let statement = json!({"Sid": sid, "Effect": "Allow", "Principal": {"AWS": account},
            "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/x"});
        json!({"Version": "2012-10-17", "Statement": [statement]})
    };
    let with = |policy: &Value| {
        let properties = json!({"Bucket": "b", "PolicyDocument": policy});
        file(&json!({"Resources": {"P": {"Type": "AWS::S3::BucketPolicy", "Properties": properties}}}))
    };
    let bare = with(&policy(json!(1), json!(111111111111_u64)));
    assert!(bare.problems.is_empty(), "{:?}", bare.problems);
    assert_eq!(bare.policy.statements[0].sid(), Some("1"));
    let quoted = with(&policy(json!("1"), json!("111111111111")));
    assert_eq!(compare(&bare, &quoted).change.relation, Relation::Equivalent);
    let alone = policy(json!(1), json!("111111111111"));
    let in_a_string = with(&json!(alone.to_string()));
    let of_a_fraction = with(&policy(json!(1.5), json!("111111111111")));
    let file = open_policy(Source::new("p.json", alone.to_string()), &Hints::default());
    for document in [in_a_string, of_a_fraction, file] {
        assert!(document.problems.iter().any(|problem| problem.rule == "wrong-type"));
    }
}

/// What decides what a policy is called, whether it is there, and what rewrites it, is part of it.
#[test]
fn what_changes_around_a_policy_is_not_nothing() {
    let statement = json!({"Effect": "Allow", "Principal": {"AWS": "111111111111"}, "Action": "s3:ListBucket",
        "Resource": {"Fn::GetAtt": ["Bucket", "Arn"]}});
    let template = |bucket: Value, policy: Value| {
        let mut template = json!({
            "Conditions": {"C": {"Fn::Equals": [{"Ref": "X"}, "a"]}},
            "Resources": {
                "Policy": {"Type": "AWS::S3::BucketPolicy", "Properties": {
                    "Bucket": "b", "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}}},
                "Bucket": {"Type": "AWS::S3::Bucket", "Properties": bucket},
            },
        });
        for (name, value) in policy.as_object().unwrap() {
            template["Resources"]["Policy"][name] = value.clone();
        }
        template
    };
    let plain = template(json!({"BucketName": "one"}), json!({}));
    let relation = |other: &Value| {
        let change = compare(&file(&plain), &file(other)).change;
        let back = match change.relation {
            Relation::Narrower => Relation::Broader,
            relation => relation,
        };
        assert_eq!(compare(&file(other), &file(&plain)).change.relation, back);
        change.relation
    };
    assert_eq!(
        relation(&template(json!({"BucketName": "one", "Tags": []}), json!({}))),
        Relation::Equivalent
    );
    assert_eq!(relation(&template(json!({"BucketName": "two"}), json!({}))), Relation::Unproved);
    // Where the condition is false, it is not there.
    assert_eq!(
        relation(&template(json!({"BucketName": "one"}), json!({"Condition": "C"}))),
        Relation::Narrower
    );
    let mut rewritten = plain.clone();
    rewritten["Transform"] = json!("Macro");
    assert_eq!(relation(&rewritten), Relation::Unproved);
    let mut chosen = plain.clone();
    let document = chosen["Resources"]["Policy"]["Properties"]["PolicyDocument"].take();
    chosen["Resources"]["Policy"]["Properties"]["PolicyDocument"] =
        json!({"Fn::If": ["C", document, {"Ref": "AWS::NoValue"}]});
    assert_eq!(relation(&chosen), Relation::Narrower);
}

/// What a policy is attached to is a part of the access that it gives.
#[test]
fn what_is_attached_to_something_else_is_not_the_same() {
    let document = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "111111111111"},
        "Action": "s3:GetObject", "Resource": "*"}]});
    let template = |kind: &str, member: &str, rest: Value| {
        let mut properties = json!({ member: document });
        properties.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        file(&json!({
            "Parameters": {"Who": {"Type": "String", "Default": "a"}},
            "Resources": {"P": {"Type": kind, "Properties": properties}, "A": {"Type": "AWS::S3::Bucket"},
                "R": {"Type": "AWS::IAM::Role", "Properties": {"ManagedPolicyArns": [{"Ref": "Q"}]}}},
        }))
    };
    let relation = |old: &Document, new: &Document| {
        let change = compare(old, new).change;
        assert_eq!(change.new_is_more, (change.relation == Relation::Equivalent).then_some(false));
        change.relation
    };
    let reference = |name: &str| json!({ "Ref": name });
    for (kind, member, old, new) in [
        (
            "AWS::S3::BucketPolicy",
            "PolicyDocument",
            json!({"Bucket": reference("A")}),
            json!({"Bucket": reference("B")}),
        ),
        ("AWS::SQS::QueuePolicy", "PolicyDocument", json!({"Queues": ["a"]}), json!({"Queues": ["a", "b"]})),
        (
            "AWS::SNS::TopicPolicy",
            "PolicyDocument",
            json!({"Topics": [reference("A")]}),
            json!({"Topics": [reference("B")]}),
        ),
        ("AWS::IAM::ManagedPolicy", "PolicyDocument", json!({}), json!({"Roles": [reference("R")]})),
        (
            "AWS::IAM::RolePolicy",
            "PolicyDocument",
            json!({"RoleName": "a"}),
            json!({"RoleName": reference("Who")}),
        ),
        (
            "AWS::SecretsManager::ResourcePolicy",
            "ResourcePolicy",
            json!({"SecretId": "a"}),
            json!({"SecretId": "b"}),
        ),
        ("AWS::S3::AccessPoint", "Policy", json!({"Bucket": "a"}), json!({"Bucket": "b"})),
    ] {
        let (old, new) = (template(kind, member, old), template(kind, member, new));
        assert_eq!(relation(&old, &new), Relation::Unproved, "{kind}");
        assert_eq!(relation(&new, &old), Relation::Unproved, "{kind}");
        assert_eq!(relation(&old, &old), Relation::Equivalent, "{kind}");
    }
    for (kind, member, old, new) in [
        (
            "AWS::IAM::ManagedPolicy",
            "PolicyDocument",
            json!({"Description": "a", "Roles": []}),
            json!({"Path": "/p/"}),
        ),
        (
            "AWS::S3::AccessPoint",
            "Policy",
            json!({"Bucket": "a", "Name": "n"}),
            json!({"Bucket": "a", "Name": "m"}),
        ),
        ("AWS::SQS::QueuePolicy", "PolicyDocument", json!({"Queues": ["a"]}), json!({"Queues": [ "a" ]})),
        (
            "AWS::IAM::ManagedPolicy",
            "PolicyDocument",
            json!({"Roles": ["a", reference("B")]}),
            json!({"Roles": [reference("B"), reference("AWS::NoValue"), "a"]}),
        ),
        ("AWS::KMS::Key", "KeyPolicy", json!({"Enabled": true}), json!({"Enabled": false})),
    ] {
        let relation = relation(&template(kind, member, old), &template(kind, member, new));
        assert_eq!(relation, Relation::Equivalent, "{kind}");
    }
    // What refers to it from elsewhere.
    let referred = |arn: Value| {
        let properties = json!({"PolicyDocument": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
            "Action": "s3:GetObject", "Resource": "*"}]}});
        file(&json!({"Resources": {"P": {"Type": "AWS::IAM::ManagedPolicy", "Properties": properties},
            "R": {"Type": "AWS::IAM::Role", "Properties": {"ManagedPolicyArns": ["arn:aws:iam::aws:policy/X", arn]}}}}))
    };
    assert_eq!(relation(&referred(json!("a")), &referred(reference("P"))), Relation::Unproved);
    assert_eq!(relation(&referred(json!("a")), &referred(json!("b"))), Relation::Equivalent);
    // Below a choice of all properties.
    let chosen = |bucket: &str, more: Value| {
        let properties = json!({"Bucket": bucket, "PolicyDocument": document});
        let none = json!({"Ref": "AWS::NoValue"});
        let mut policy =
            json!({"Type": "AWS::S3::BucketPolicy", "Properties": {"Fn::If": ["C", properties, none]}});
        policy.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        file(&json!({"Conditions": {"C": {"Fn::Equals": [{"Ref": "X"}, "x"]}}, "Resources": {"P": policy}}))
    };
    assert_eq!(relation(&chosen("a", json!({})), &chosen("b", json!({}))), Relation::Unproved);
    assert_eq!(
        relation(&chosen("a", json!({})), &chosen("a", json!({"DependsOn": "A"}))),
        Relation::Equivalent
    );
    // A policy that nothing around it attaches.
    let bare = open_policy(Source::new("p.json", document.to_string()), &Hints::default());
    let attached = template("AWS::S3::BucketPolicy", "PolicyDocument", json!({"Bucket": "b"}));
    assert_eq!(relation(&bare, &attached), Relation::Equivalent);
    // A plan and the syntax of Terraform.
    let plan = |bucket: &str| {
        let resource = json!({"address": "aws_s3_bucket_policy.p", "type": "aws_s3_bucket_policy", "name": "p",
            "values": {"bucket": bucket, "id": bucket, "policy": document.to_string()}});
        file(&json!({"format_version": "1.2", "terraform_version": "1.9.0",
            "planned_values": {"root_module": {"resources": [resource]}}}))
    };
    assert_eq!(relation(&plan("a"), &plan("b")), Relation::Unproved);
    assert_eq!(relation(&plan("a"), &plan("a")), Relation::Equivalent);
    let module = |bucket: &str| {
        let text = json!({"resource": {"aws_s3_bucket_policy": {"p": {"bucket": bucket, "policy": document.to_string()}}}});
        let mut file = open(Source::new("m.tf.json", text.to_string()), &Hints::default());
        file.documents.remove(0)
    };
    assert_eq!(
        relation(&module("${aws_s3_bucket.a.id}"), &module("${aws_s3_bucket.b.id}")),
        Relation::Unproved
    );
    assert_eq!(
        relation(&module("${aws_s3_bucket.a.id}"), &module("${aws_s3_bucket.a.id}")),
        Relation::Equivalent
    );
}

/// A placeholder or a function may be everyone, and a provider whom it names may sign in anyone.
#[test]
fn what_may_be_everyone_is_not_private() {
    let public = |kind: Kind, statement: Value| {
        let text = json!({"Version": "2012-10-17", "Statement": [statement]}).to_string();
        let hints = Hints { kind: Some(kind), ..Hints::default() };
        let document = open_policy(Source::new("p.json", text), &hints);
        Question::Public.ask(&document, &document).outcome
    };
    let bucket = |principal: Value, condition: Value| {
        public(
            Kind::S3,
            json!({"Effect": "Allow", "Principal": principal, "Action": "s3:GetObject",
            "Resource": "arn:aws:s3:::b/*", "Condition": condition}),
        )
    };
    let trust = |principal: Value| {
        public(
            Kind::Trust,
            json!({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRoleWithWebIdentity"}),
        )
    };
    let open = || json!({"Ref": "X"});
    for (principal, condition) in [
        (json!({ "AWS": open() }), json!({})),
        (open(), json!({})),
        (json!({ "CanonicalUser": open() }), json!({})),
        (json!("*"), json!({"StringEquals": {"aws:SourceVpce": open()}})),
        (json!("*"), json!({"StringLike": {"aws:SourceArn": "${Arn}"}})),
        (json!("*"), json!({"StringEquals": {"aws:PrincipalAccount": "<ACCOUNT_ID>"}})),
        (json!("*"), open()),
        (json!("*"), json!({"StringEquals": {"aws:{{key}}": "vpce-1"}})),
    ] {
        assert_eq!(
            bucket(principal.clone(), condition.clone()),
            Outcome::Undecided,
            "{principal} {condition}"
        );
    }
    // S3 counts `*` as everyone, whatever its type.
    assert_eq!(bucket(json!({ "Service": open() }), json!({})), Outcome::Undecided);
    let of_region = json!({"Fn::Sub": "logs.${AWS::Region}.amazonaws.com"});
    assert_eq!(bucket(json!({ "Service": of_region }), json!({})), Outcome::Passed);
    assert_eq!(bucket(json!({"AWS": {"Ref": "AWS::AccountId"}}), json!({})), Outcome::Passed);
    let by_hole =
        json!({"Effect": "Allow", "Principal": {"Federated": "accounts.google.com"}, "Action": open()});
    assert_eq!(public(Kind::Trust, by_hole), Outcome::Undecided);
    assert_eq!(trust(json!({ "Federated": open() })), Outcome::Undecided);
    assert_eq!(
        trust(json!({ "Federated": "arn:aws:iam::<ACCOUNT>:oidc-provider/<URL>" })),
        Outcome::Undecided
    );
}

/// Whom a provider signs in that the template itself makes is known by its URL.
#[test]
fn a_provider_that_the_template_makes() {
    let role = |url: Value, subject: &str| {
        let document = file(&json!({"Resources": {
            "Provider": {"Type": "AWS::IAM::OIDCProvider", "Properties": {"Url": url}},
            "Role": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {
                "Version": "2012-10-17", "Statement": [{
                    "Effect": "Allow", "Principal": {"Federated": {"Ref": "Provider"}},
                    "Action": "sts:AssumeRoleWithWebIdentity",
                    "Condition": {"StringLike": {"token.actions.githubusercontent.com:sub": subject}}}]}}},
        }}));
        Question::Public.ask(&document, &document).outcome
    };
    let github = json!("https://token.actions.githubusercontent.com");
    assert_eq!(role(github.clone(), "repo:*"), Outcome::Failed);
    assert_eq!(role(github, "repo:octo/app:*"), Outcome::Passed);
    assert_eq!(role(json!({"Ref": "Url"}), "repo:*"), Outcome::Undecided);
}

/// A policy that is there only if a condition holds is public only then, and the answer names it.
#[test]
fn a_public_policy_under_a_condition_of_its_own() {
    let grant = |who: &str| {
        json!({"Effect": "Allow", "Principal": {"AWS": who}, "Action": "s3:GetObject",
            "Resource": "arn:aws:s3:::b/*"})
    };
    let (public, private) = (grant("*"), grant("arn:aws:iam::111111111111:role/r"));
    let policy = |condition: Value, transform: Value, statement: &Value| {
        file(&json!({
            "Transform": transform,
            "Conditions": {
                "C": {"Fn::Equals": [{"Ref": "X"}, "a"]},
                "NotC": {"Fn::Not": [{"Condition": "C"}]},
            },
            "Resources": {"Policy": {"Type": "AWS::S3::BucketPolicy", "Condition": condition, "Properties": {
                "Bucket": "b", "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}}}},
        }))
    };
    let check = |document: &Document| Question::Public.ask(document, document);
    let under_c = |statement: &Value| policy(json!("C"), json!("AWS::Serverless-2016-10-31"), statement);
    let found = check(&under_c(&public));
    assert_eq!((found.outcome, found.before), (Outcome::Failed, Some(Outcome::Failed)));
    assert!(found.assumptions.iter().any(|text| text.starts_with("if `C` is true, ")), "{found:?}");
    assert_eq!(check(&under_c(&private)).outcome, Outcome::Passed);
    // It is not there where the branch would be public; and where it is, the branch is.
    let either = |name: &str| json!({"Fn::If": [name, private, public]});
    assert_eq!(check(&under_c(&either("C"))).outcome, Outcome::Passed);
    assert_eq!(check(&under_c(&either("NotC"))).outcome, Outcome::Failed);
    let found = check(&policy(json!("NotC"), json!("AWS::Serverless-2016-10-31"), &either("C")));
    assert_eq!(found.outcome, Outcome::Failed);
    // A macro may make it private, or another one public.
    for statement in [&public, &private] {
        assert_eq!(check(&policy(json!("C"), json!(["M"]), statement)).outcome, Outcome::Undecided);
    }
    // Of two that are there in the same case, access is compared in that case.
    let relation = |old: &Document, new: &Document| {
        let change = compare(old, new).change;
        (change.relation, change.exact)
    };
    assert_eq!(relation(&under_c(&private), &under_c(&public)), (Relation::Broader, true));
    assert_eq!(relation(&under_c(&either("C")), &under_c(&private)), (Relation::Equivalent, true));
    assert_eq!(relation(&under_c(&either("NotC")), &under_c(&public)), (Relation::Equivalent, true));
    // Where the other one is not there, what the one allows comes or goes.
    let always = policy(Value::Null, json!("AWS::Serverless-2016-10-31"), &public);
    assert_eq!(relation(&always, &under_c(&public)).0, Relation::Narrower);
    assert_eq!(relation(&under_c(&public), &always).0, Relation::Broader);
    // What is found is found in that case.
    let messages = |document: &Document| -> Vec<String> {
        let findings = lint(document, &Settings::default()).into_iter();
        findings.filter(|found| found.rule == "principal-any").map(|found| found.message).collect()
    };
    let of_c = messages(&under_c(&public));
    assert!(of_c.len() == 1 && of_c[0].ends_with("(if `C` is true)"), "{of_c:?}");
    assert_eq!(messages(&under_c(&either("C"))), Vec::<String>::new());
    assert!(messages(&always).iter().all(|message| !message.contains("(if")));
}

/// What YAML 1.1 and YAML 1.2 read differently may be either, in policies and in what they refer to.
#[test]
fn what_versions_of_yaml_read_differently_is_not_known() {
    let template = |principal: &str, value: &str, condition: &str| {
        let text = format!(
            "Parameters:\n  Who:\n    Type: String\nConditions:\n  C: !Equals [!Ref Who, {condition}]\nResources:\n  P:\n    Type: AWS::S3::BucketPolicy\n    Properties:\n      Bucket: b\n      PolicyDocument:\n        Version: 2012-10-17\n        Statement:\n          - Effect: Allow\n            Principal: {{AWS: {principal}}}\n            Action: s3:GetObject\n            Resource: arn:aws:s3:::b/*\n            Condition: {{StringEquals: {{aws:PrincipalTag/t: {value}}}}}\n          - !If\n            - C\n            - Effect: Deny\n              Principal: '*'\n              Action: s3:GetObject\n              Resource: arn:aws:s3:::b/x\n            - !Ref AWS::NoValue\n"
        );
        let mut file = open(Source::new("t.yaml", text), &Hints::default());
        assert!(file.problems.is_empty(), "{:?}", file.problems);
        file.documents.remove(0)
    };
    let (who, tag, dev) = ("'012345670123'", "'on'", "'yes'");
    let relation = |old: [&str; 3], new: [&str; 3]| {
        let (old, new) = (template(old[0], old[1], old[2]), template(new[0], new[1], new[2]));
        compare(&old, &new).change.relation
    };
    for (old, new, same) in [
        ([who, tag, dev], [who, tag, dev], true),
        (["012345670123", tag, dev], ["012345670123", tag, dev], true),
        (["012345670123", tag, dev], [who, tag, dev], false),
        ([who, "on", dev], [who, tag, dev], false),
        ([who, "1.10", dev], [who, "'1.10'", dev], false),
        ([who, "'1'", dev], [who, "1", dev], true),
        ([who, tag, "yes"], [who, tag, dev], false),
        ([who, tag, "yes"], [who, tag, "yes"], true),
        (["!Sub '${Who}'", tag, "!Sub '${Who}'"], ["!Sub '${Who}'", tag, "!Sub '${Who}'"], true),
    ] {
        let found = relation(old, new);
        assert_eq!(found == Relation::Equivalent, same, "{old:?} {new:?}: {found:?}");
        assert!(same || old[2] != new[2] || found == Relation::Unproved, "{old:?} {new:?}: {found:?}");
    }
    // Everyone, if it is `true`.
    let public = "Resources:\n  P:\n    Type: AWS::S3::BucketPolicy\n    Properties:\n      Bucket: b\n      PolicyDocument:\n        Version: 2012-10-17\n        Statement:\n          - Effect: Allow\n            Principal: '*'\n            Action: s3:GetObject\n            Resource: arn:aws:s3:::b/*\n            Condition: {Bool: {aws:SecureTransport: yes}}\n";
    let document = open(Source::new("t.yaml", public), &Hints::default()).documents.remove(0);
    assert_eq!(Question::Public.ask(&document, &document).outcome, Outcome::Undecided);
}

/// Of two members with one name readers take the first or the last: above the policy as in it.
#[test]
fn a_name_that_stands_twice_above_a_policy() {
    let policy = |who: &str| {
        format!(
            "      PolicyDocument:\n        Version: 2012-10-17\n        Statement:\n          - Effect: Allow\n            Principal: {who}\n            Action: s3:GetObject\n            Resource: arn:aws:s3:::b/*\n"
        )
    };
    let template = |policies: &str| {
        let text = format!("Resources:\n  P:\n    Type: AWS::S3::BucketPolicy\n    Properties:\n{policies}");
        let mut file = open(Source::new("t.yaml", text), &Hints::default());
        assert!(file.problems.is_empty(), "{:?}", file.problems);
        (file.duplicates.len(), file.documents.remove(0))
    };
    let (one, everyone) = (policy("{AWS: '111111111111'}"), policy("'*'"));
    let (none, old) = template(&one);
    let (two, new) = template(&(everyone.clone() + &one));
    let (_, other) = template(&(one.clone() + &one));
    assert_eq!((none, two), (0, 1));
    assert_eq!(Question::Public.ask(&old, &new).outcome, Outcome::Undecided);
    for (old, new, relation) in [
        (&old, &new, Relation::Unproved),
        (&new, &other, Relation::Unproved),
        (&new, &new, Relation::Equivalent),
    ] {
        assert_eq!(compare(old, new).change.relation, relation);
    }
}

/// A macro makes the same of the same text, and of another one it may make anything.
#[test]
fn a_macro_may_make_anything_of_what_differs() {
    let template = |own: &str, other: &str| {
        let text = json!({"Transform": "M", "Outputs": {"O": {"Value": other}}, "Resources": {"P": {
            "Type": "AWS::S3::BucketPolicy", "Properties": {"Bucket": "b", "PolicyDocument": {"Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Principal": "*", "Action": own, "Resource": "arn:aws:s3:::b/*"}]}}}}});
        open(Source::new("t.json", text.to_string()), &Hints::default()).documents.remove(0)
    };
    let old = template("s3:*", "a");
    for (own, other, relation) in [
        ("s3:*", "a", Relation::Equivalent),
        ("s3:GetObject", "a", Relation::Unproved),
        ("s3:*", "b", Relation::Unproved),
    ] {
        assert_eq!(compare(&old, &template(own, other)).change.relation, relation, "{own} {other}");
    }
}

/// A limit that may not be there, or may be another one, limits nothing for sure.
#[test]
fn a_limit_that_may_be_another_one() {
    let template = |more: Value, condition: Option<&str>| {
        let mut resource = json!({"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": {"Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}}});
        if let Some(condition) = condition {
            resource["Condition"] = condition.into();
        }
        let mut text =
            json!({"Conditions": {"C": {"Fn::Equals": [{"Ref": "X"}, "y"]}}, "Resources": {"P": resource}});
        for (name, value) in more.as_object().unwrap() {
            text[name] = value.clone();
        }
        open(Source::new("t.json", text.to_string()), &Hints::default()).documents.remove(0)
    };
    let plain = template(json!({}), None);
    for (limit, allowed, forbidden) in [
        (&plain, Outcome::Passed, Outcome::Failed),
        (&template(json!({"Transform": "M"}), None), Outcome::Undecided, Outcome::Undecided),
        (&template(json!({}), Some("C")), Outcome::Undecided, Outcome::Undecided),
    ] {
        assert_eq!(Question::Allowed(limit).ask(&plain, &plain).outcome, allowed);
        assert_eq!(Question::Forbidden(limit).ask(&plain, &plain).outcome, forbidden);
    }
}

/// A resource that its template names literally is the one that the policy is about.
#[test]
fn a_policy_is_about_the_resource_that_its_template_names() {
    let of = |kind: &str, naming: Value, principal: &str, resource: &str, action: &str| {
        let statement = json!({"Effect": "Allow", "Principal": {"AWS": principal}, "Action": action, "Resource": resource});
        let mut properties = json!({"PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}});
        properties.as_object_mut().unwrap().extend(naming.as_object().unwrap().clone());
        file(&json!({"Resources": {"P": {"Type": kind, "Properties": properties},
            "B": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "logs"}},
            "N": {"Type": "AWS::S3::Bucket"}}}))
    };
    let bucket = |naming: Value, resource: &str| {
        of("AWS::S3::BucketPolicy", naming, "arn:aws:iam::333333333333:role/s", resource, "s3:GetObject")
    };
    let resource = |naming: Value, resource: &str| bucket(naming, resource).resource;
    let logs = Some("arn:aws:s3:::logs".to_owned());
    assert_eq!(resource(json!({"Bucket": "logs"}), "arn:aws:s3:::logs/*"), logs);
    assert_eq!(resource(json!({"Bucket": {"Ref": "B"}}), "*"), logs);
    let chinese = resource(json!({"Bucket": "logs"}), "arn:aws-cn:s3:::logs/*");
    assert_eq!(chinese, None, "its principal is of another partition");
    for naming in [
        json!({"Bucket": {"Ref": "N"}}),
        json!({"Bucket": {"Ref": "Parameter"}}),
        json!({"Bucket": {"Fn::Sub": "logs"}}),
        json!({"Bucket": "${Logs}"}),
        json!({"Bucket": "logs--use1-az5--x-s3"}),
        json!({"Bucket": ["logs", "other"]}),
        json!({}),
    ] {
        assert_eq!(resource(naming.clone(), "arn:aws:s3:::logs/*"), None, "{naming}");
    }
    let named = |kind: &str, naming: Value| of(kind, naming, "111111111111", "*", "a:b").resource;
    let queue = "https://sqs.us-east-1.amazonaws.com/111111111111/q";
    let chinese = "https://sqs.cn-north-1.amazonaws.com.cn/111111111111/q";
    let topic = "arn:aws:sns:us-east-1:111111111111:t";
    for (kind, naming, expected) in [
        ("AWS::SQS::QueuePolicy", json!({"Queues": [queue]}), Some("arn:aws:sqs:us-east-1:111111111111:q")),
        (
            "AWS::SQS::QueuePolicy",
            json!({"Queues": [chinese]}),
            Some("arn:aws-cn:sqs:cn-north-1:111111111111:q"),
        ),
        ("AWS::SQS::QueuePolicy", json!({"Queues": [queue, queue]}), None),
        ("AWS::SQS::QueuePolicy", json!({"Queues": ["q"]}), None),
        ("AWS::SNS::TopicPolicy", json!({"Topics": [topic]}), Some(topic)),
        ("AWS::SNS::TopicPolicy", json!({"Topics": ["arn:aws:sns:*:111111111111:t"]}), None),
        ("AWS::IAM::Policy", json!({"Bucket": "logs"}), None),
    ] {
        assert_eq!(named(kind, naming.clone()).as_deref(), expected, "{naming}");
    }

    // What the answers come to.
    let logs = || json!({"Bucket": "logs"});
    let reader = bucket(logs(), "arn:aws:s3:::logs/*");
    let relation = |new: &Document| compare(&reader, new).change.relation;
    assert_eq!(relation(&bucket(logs(), "arn:aws:s3:::*/*")), Relation::Equivalent);
    assert_eq!(relation(&bucket(logs(), "arn:aws:s3:::logs*")), Relation::Broader);
    let unnamed = || json!({"Bucket": {"Ref": "N"}});
    let change =
        compare(&bucket(unnamed(), "arn:aws:s3:::logs/*"), &bucket(unnamed(), "arn:aws:s3:::*/*")).change;
    assert_eq!(change.relation, Relation::Broader);
    let public = |resource: &str| {
        let document = of("AWS::S3::BucketPolicy", logs(), "*", resource, "s3:GetObject");
        let rules = lint(&document, &Settings::default()).into_iter().map(|finding| finding.rule);
        (Question::Public.ask(&document, &document).outcome, rules.collect::<Vec<_>>())
    };
    let (outcome, rules) = public("arn:aws:s3:::other/*");
    assert_eq!(outcome, Outcome::Passed);
    assert!(rules.contains(&"foreign-resource") && !rules.contains(&"principal-any"), "{rules:?}");
    let (outcome, rules) = public("arn:aws:s3:::logs/*");
    assert_eq!(outcome, Outcome::Failed);
    assert!(!rules.contains(&"foreign-resource") && rules.contains(&"principal-any"), "{rules:?}");
}

/// The policy of a key is written in the key, and cannot refer to it: what it refers to is another one, of which it says
/// nothing.
#[test]
fn a_key_policy_about_another_key() {
    let key = |action: &str| {
        let statement = |action: &str, resource: Value| {
            json!({"Effect": "Allow", "Principal": {"AWS": "222222222222"},
            "Action": action, "Resource": resource})
        };
        let other = json!({"Fn::GetAtt": ["Other", "Arn"]});
        file(&json!({"Resources": {
            "Other": {"Type": "AWS::KMS::Key"},
            "K": {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": {"Version": VERSIONS[1],
                "Statement": [statement("kms:DescribeKey", json!("*")), statement(action, other)]}}},
        }}))
    };
    let change = compare(&key("kms:Encrypt"), &key("kms:*")).change;
    assert_eq!((change.relation, change.exact), (Relation::Unproved, false), "{change:?}");
}

/// What an identity policy grants on a thing of which the ARN is known but for the account, the Region and a name is granted
/// wherever the template goes. What a parameter names may be nothing.
#[test]
fn a_request_on_a_thing_whose_arn_has_names_in_it() {
    let role = |statements: &Value| {
        file(&json!({
            "Parameters": {"P": {"Type": "String"}},
            "Resources": {
                "B": {"Type": "AWS::S3::Bucket"},
                "T": {"Type": "AWS::DynamoDB::Table"},
                "C": {"Type": "Custom::Thing"},
                "Policy": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {
                    "PolicyDocument": {"Version": VERSIONS[1], "Statement": statements},
                }},
            },
        }))
    };
    let sub = |text: &str| json!({"Fn::Sub": text});
    let get = |name: &str| json!({"Fn::GetAtt": [name, "Arn"]});
    let allow =
        |action: &str, resource: &Value| json!({"Effect": "Allow", "Action": action, "Resource": resource});
    let queue = sub("arn:${AWS::Partition}:sqs:${AWS::Region}:${AWS::AccountId}:jobs");
    for (old, new, resource, is_sure) in [
        ("sqs:SendMessage", "sqs:*", &queue, true),
        ("s3:GetObject", "s3:*Object", &sub("${B.Arn}/*"), true),
        ("s3:GetObject", "s3:*Object", &sub("arn:aws:s3:::${B}/*"), true),
        ("s3:GetObject", "s3:*Object", &sub("arn:aws:s3:::logs-${AWS::AccountId}/*"), true),
        ("dynamodb:GetItem", "dynamodb:*Item", &get("T"), true),
        ("dynamodb:Query", "dynamodb:*", &sub("${T.Arn}/index/*"), true),
        // A parameter may name no bucket, and what a custom resource gives may be anything.
        ("s3:GetObject", "s3:*Object", &sub("arn:aws:s3:::${P}/*"), false),
        ("s3:GetObject", "s3:*Object", &get("C"), false),
        ("s3:GetObject", "s3:*Object", &json!({"Ref": "P"}), false),
        // No action of S3 is about a table.
        ("dynamodb:GetItem", "s3:GetObject", &get("T"), false),
    ] {
        let one =
            |action: &str| role(&json!([allow("s3:ListAllMyBuckets", &json!("*")), allow(action, resource)]));
        let change = compare(&one(old), &one(new)).change;
        let relation = if is_sure { Relation::Broader } else { Relation::Unproved };
        assert_eq!((change.relation, change.exact), (relation, is_sure), "{new} on {resource}: {change:?}");
        let change = compare(&one(new), &one(old)).change;
        let relation = if is_sure { Relation::Narrower } else { Relation::Unproved };
        assert_eq!((change.relation, change.exact), (relation, is_sure), "{new} on {resource}: {change:?}");
    }
    // What else is said of it may be about another thing, or of another Region.
    let base = allow("sqs:SendMessage", &queue);
    let all = allow("sqs:*", &queue);
    let deny =
        json!({"Effect": "Deny", "Action": "sqs:*", "Resource": "arn:aws:sqs:us-east-1:111111111111:jobs"});
    let region = json!({"Effect": "Allow", "Action": "sqs:*", "Resource": queue,
        "Condition": {"StringEquals": {"aws:RequestedRegion": "us-east-1"}}});
    for (old, new) in [(vec![&base, &deny], vec![&base, &deny, &all]), (vec![&base], vec![&base, &region])] {
        let change = compare(&role(&json!(old)), &role(&json!(new))).change;
        assert_eq!((change.relation, change.exact), (Relation::Unproved, false), "{new:?}: {change:?}");
    }
    let change = compare(&role(&json!([base])), &role(&json!([base, all]))).change;
    assert!(
        change.added[0].to_json()["resource"].as_str().unwrap().starts_with("Fn::Sub arn:"),
        "{change:?}"
    );
    assert!(!change.assumptions.iter().any(|note| note.contains("attached to")), "{change:?}");
}
