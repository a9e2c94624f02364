//! What `apply` says of access: before against after, whatever is added, removed or replaced, and nothing is
//! called there, covered or proved that is not.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test program")]

use polmerge::analyze::cover::Scope;
use polmerge::analyze::replay::policy_allows;
use polmerge::analyze::request::Request as Asked;
use polmerge::apply::{Allow, Applied, Proof, Request, Verdict, apply};
use polmerge::lint::{lint, rules};
use polmerge::merge::{OnConflict, Options, Outcome, merge};
use polmerge::report::apply::{Facts, commentary};
use polmerge::report::style::Style;
use polmerge::steps::{Addition, Packs, Values};
use polmerge::{Document, Kind, Source};
use serde_json::{Value, json};

use crate::steps;

const KEY: &str = "arn:aws:kms:us-east-1:111111111111:key/11111111-2222-3333-4444-555555555555";

fn document(kind: Kind, resource: Option<&str>, text: &str) -> Document {
    let mut document = steps::document("base.json", text, Some(kind)).documents.remove(0);
    document.resource = resource.map(str::to_owned);
    document
}

fn policy(statements: &[Value]) -> String {
    json!({"Version": "2012-10-17", "Statement": statements}).to_string()
}

fn addition(packs: &Packs, statements: &[Value]) -> Addition {
    let source = Source::new("new.json", policy(statements));
    Addition::of_file(packs, &source, &Values::default()).unwrap().unwrap()
}

/// A change of a policy, with statements to add and to remove.
fn change(
    base: &Document,
    add: &[Value],
    remove: &[Value],
    allow: &[Allow],
    on_conflict: OnConflict,
) -> Applied {
    let packs = steps::packs();
    let list = |statements: &[Value]| match statements {
        [] => Vec::new(),
        statements => vec![addition(&packs, statements)],
    };
    let request = Request {
        additions: list(add),
        removals: list(remove),
        options: Options { on_conflict, exact: false },
        allow: allow.to_vec(),
        ..Request::default()
    };
    apply(base, &packs, &request).unwrap()
}

fn added(base: &Document, statement: &Value) -> Applied {
    change(base, std::slice::from_ref(statement), &[], &[], OnConflict::Fail)
}

fn allow(sid: &str, principal: &str, action: &str) -> Value {
    json!({"Sid": sid, "Effect": "Allow", "Principal": {"AWS": principal}, "Action": action, "Resource": "*"})
}

fn deny(sid: &str, action: &str, condition: Value) -> Value {
    json!({"Sid": sid, "Effect": "Deny", "Principal": "*", "Action": action, "Resource": "*", "Condition": condition})
}

fn root() -> Value {
    allow("Root", "arn:aws:iam::111111111111:root", "kms:*")
}

const ROLE: &str = "arn:aws:iam::222222222222:role/Vendor";

#[test]
fn a_deny_that_takes_access_needs_leave() {
    let base = document(Kind::Kms, Some(KEY), &policy(&[root(), allow("V", ROLE, "kms:Decrypt")]));
    let guard =
        deny("G", "kms:Decrypt", json!({"StringNotEquals": {"aws:PrincipalAccount": "111111111111"}}));
    let refused = added(&base, &guard);
    assert_eq!(refused.verdict, Verdict::Refused, "{:?}", refused.refusals);
    assert!(refused.refusals.iter().any(|line| line.contains("--allow removal") && line.contains("Vendor")));
    let let_through =
        change(&base, &[guard], &[], &[Allow::Removal, Allow::Rule("dead-allow")], OnConflict::Fail);
    assert_eq!(let_through.verdict, Verdict::Changed, "{:?}", let_through.refusals);
    assert!(!let_through.outlook.change.removed.is_empty() && let_through.outlook.change.added.is_empty());
    // A Deny of what nobody may do takes nothing.
    let idle = added(
        &base,
        &deny("I", "kms:Sign", json!({"StringEquals": {"aws:PrincipalAccount": "333333333333"}})),
    );
    assert!(idle.outlook.lost.is_empty() && idle.outlook.change.removed.is_empty());
    assert_eq!(idle.outlook.proof, Proof::Proved);
}

#[test]
fn what_a_removed_deny_lets_come_is_listed() {
    let guard =
        deny("G", "kms:ScheduleKeyDeletion", json!({"Bool": {"aws:MultiFactorAuthPresent": "false"}}));
    let base = document(Kind::Kms, Some(KEY), &policy(&[root(), guard.clone()]));
    let applied = change(&base, &[], &[guard], &[], OnConflict::Fail);
    assert_eq!(applied.merge.decisions[0].outcome, Outcome::Removed);
    let gained = &applied.outlook.change.added;
    assert!(gained.iter().any(|request| request.action == "kms:ScheduleKeyDeletion"), "{gained:?}");
    assert!(applied.outlook.change.removed.is_empty() && applied.outlook.lost.is_empty());
    // What `--remove` takes is asked for.
    let base = document(Kind::Kms, Some(KEY), &policy(&[root(), allow("V", ROLE, "kms:Decrypt")]));
    let applied = change(&base, &[], &[allow("V", ROLE, "kms:Decrypt")], &[], OnConflict::Fail);
    assert_eq!(applied.verdict, Verdict::Changed, "{:?}", applied.refusals);
    assert_eq!(applied.outlook.change.removed.len(), 1);
}

#[test]
fn a_replaced_statement_is_compared_whole() {
    let base = document(Kind::Kms, Some(KEY), &policy(&[root(), allow("V", ROLE, "kms:Decrypt")]));
    let replaced = |new: Value| change(&base, &[new], &[], &[], OnConflict::Replace);
    let wider = replaced(json!({"Sid": "V", "Effect": "Allow", "Principal": {"AWS": ROLE},
        "Action": ["kms:Decrypt", "kms:DescribeKey"], "Resource": "*"}));
    assert_eq!(wider.verdict, Verdict::Changed, "{:?}", wider.refusals);
    assert!(wider.outlook.change.removed.is_empty() && wider.outlook.lost.is_empty());
    assert_eq!(wider.outlook.change.added[0].action, "kms:DescribeKey");
    let other = replaced(allow("V", "arn:aws:iam::333333333333:role/Other", "kms:Decrypt"));
    assert_eq!(other.verdict, Verdict::Refused);
    assert_eq!(other.outlook.lost.len(), 1);
    // A name for an account is still let in by the account, and not as directly.
    let account = replaced(allow("V", "arn:aws:iam::222222222222:root", "kms:Decrypt"));
    assert_eq!(account.verdict, Verdict::Refused);
    assert!(account.outlook.change.removed.is_empty());
}

#[test]
fn nothing_rests_on_a_statement_that_the_same_change_replaces() {
    let guard = |sid: &str| {
        deny(sid, "kms:Decrypt", json!({"StringNotEquals": {"aws:PrincipalAccount": "111111111111"}}))
    };
    let base = document(Kind::Kms, Some(KEY), &policy(&[root(), guard("A")]));
    let replacing = |add: &[Value], base: &Document| {
        let every = [Allow::Removal, Allow::NotProved, Allow::Rule("dead-allow")];
        change(base, add, &[], &every, OnConflict::Replace)
    };
    let outcomes = |applied: &Applied| -> Vec<Outcome> {
        applied.merge.decisions.iter().map(|decision| decision.outcome).collect()
    };
    let (again, other) = (guard("New"), allow("A", "arn:aws:iam::111111111111:role/r", "kms:Sign"));
    // In whichever order they are, what is written has both.
    for (add, expected) in [
        ([again.clone(), other.clone()], [Outcome::Added, Outcome::Replaced]),
        ([other.clone(), again.clone()], [Outcome::Replaced, Outcome::Added]),
    ] {
        let applied = replacing(&add, &base);
        assert_eq!(outcomes(&applied), expected);
        let text = &applied.text;
        assert!(text.contains("\"New\"") && text.contains("kms:Sign"), "{text}");
    }
    // One that is replaced covers nothing and denies nothing of what comes.
    let wide = document(Kind::Kms, Some(KEY), &policy(&[root(), allow("A", ROLE, "kms:*")]));
    let applied = replacing(&[allow("N", ROLE, "kms:Decrypt"), other.clone()], &wide);
    assert_eq!(outcomes(&applied), [Outcome::Added, Outcome::Replaced]);
    let applied = replacing(&[allow("N", ROLE, "kms:Decrypt"), other.clone()], &base);
    assert_eq!(outcomes(&applied), [Outcome::Added, Outcome::Replaced]);
    assert!(applied.merge.decisions[0].cut_by.is_empty());
    // What nothing replaces does as before.
    let applied = replacing(&[allow("N", ROLE, "kms:Decrypt"), allow("B", ROLE, "kms:Sign")], &base);
    assert_eq!(outcomes(&applied), [Outcome::Ineffective, Outcome::Added]);
    let applied = replacing(&[guard("New"), allow("B", ROLE, "kms:Sign")], &base);
    assert_eq!(outcomes(&applied)[0], Outcome::AlreadyThere);
    // Of two for one Sid, the first has it.
    let applied = replacing(&[other.clone(), allow("A", ROLE, "kms:Sign")], &base);
    assert_eq!(outcomes(&applied), [Outcome::Replaced, Outcome::Conflict]);
}

#[test]
fn what_can_match_nothing_is_never_there_nor_covered() {
    let kms = document(Kind::Kms, Some(KEY), &policy(&[root(), allow("V", ROLE, "kms:*")]));
    let free = document(Kind::Kms, None, &policy(&[root(), allow("V", ROLE, "kms:*")]));
    let with = |member: &str, value: Value| {
        let mut statement = allow("New", ROLE, "kms:Decrypt");
        statement[member] = value;
        statement
    };
    let other_key = "arn:aws:kms:us-east-1:111111111111:key/99999999-2222-3333-4444-555555555555";
    let void = [
        with("Action", json!("Decrypt")),
        with("Action", json!(["Decrypt", "kms:"])),
        with("Resource", json!("11111111-2222-3333-4444-555555555555")),
        with("Resource", json!("alias/trail")),
        with(
            "Condition",
            json!({"StringEquals": {"kms:ViaService": "a"}, "StringNotEquals": {"kms:ViaService": "a"}}),
        ),
        with("Condition", json!({"StringEquals": {"aws:PrincipalAccount": "333333333333"}})),
        with(
            "Condition",
            json!({"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}, "NotIpAddress": {"aws:SourceIp": "10.0.0.0/7"}}),
        ),
    ];
    for statement in void {
        let applied = change(&free, std::slice::from_ref(&statement), &[], &[], OnConflict::Fail);
        assert_eq!(applied.merge.decisions[0].outcome, Outcome::Ineffective, "{statement}");
        // Not even an option lets it through.
        let every: Vec<Allow> = rules::ALL.iter().map(|rule| Allow::Rule(rule.name)).collect();
        let every = [every, vec![Allow::Removal, Allow::NotProved]].concat();
        let applied = change(&free, std::slice::from_ref(&statement), &[], &every, OnConflict::Fail);
        assert_eq!(applied.verdict, Verdict::Refused, "{statement}");
        // It is nobody's like, so nothing goes with it.
        let out = change(&free, &[], std::slice::from_ref(&statement), &[], OnConflict::Fail);
        assert_eq!(out.verdict, Verdict::Unchanged, "{statement}");
        // Unless it is there as it is written.
        let there = document(
            Kind::Kms,
            None,
            &policy(&[root(), with("Resource", json!("other")), statement.clone()]),
        );
        let again = change(&there, std::slice::from_ref(&statement), &[], &[], OnConflict::Fail);
        assert_eq!((again.verdict, again.changes()), (Verdict::Refused, false), "{statement}");
        let out = change(&there, &[], std::slice::from_ref(&statement), &[], OnConflict::Fail);
        assert_eq!(
            out.merge.decisions.iter().map(|one| one.by.clone()).collect::<Vec<_>>(),
            [[2]],
            "{statement}"
        );
    }
    let elsewhere = with("Resource", json!(other_key));
    assert_eq!(added(&kms, &elsewhere).merge.decisions[0].outcome, Outcome::Ineffective);
    assert_eq!(added(&free, &elsewhere).merge.decisions[0].outcome, Outcome::Covered);
    // What the catalog does not list may be new.
    let new = added(&free, &allow("New", "arn:aws:iam::222222222222:role/Other", "kms:DecryptTomorrow"));
    assert_eq!(new.verdict, Verdict::Changed, "{:?}", new.refusals);
    assert!(new.new_findings.iter().any(|finding| finding.rule == "unknown-action"));
}

#[test]
fn what_denies_take_back_through_the_caller_has_no_effect() {
    let not_own = |key: &str| deny("Own", "kms:*", json!({"StringNotEquals": {key: "111111111111"}}));
    for key in ["aws:PrincipalAccount", "kms:CallerAccount"] {
        let base = document(Kind::Kms, Some(KEY), &policy(&[root(), not_own(key)]));
        let applied = added(&base, &allow("New", ROLE, "kms:Decrypt"));
        assert_eq!(applied.merge.decisions[0].outcome, Outcome::Ineffective, "{key}");
        assert_eq!(applied.verdict, Verdict::Refused, "{key}");
        let inside = added(&base, &allow("New", "arn:aws:iam::111111111111:role/r", "kms:Decrypt"));
        assert_eq!(inside.merge.decisions[0].outcome, Outcome::Added, "{key}");
    }
}

#[test]
fn a_star_for_one_role_is_more_than_its_name() {
    let named = allow("Named", ROLE, "kms:Decrypt");
    let mut star = allow("Star", "*", "kms:Decrypt");
    star["Condition"] = json!({"StringEquals": {"aws:PrincipalArn": ROLE}});
    let named_there = document(Kind::Kms, Some(KEY), &policy(&[root(), named.clone()]));
    let star_there = document(Kind::Kms, Some(KEY), &policy(&[root(), star.clone()]));
    assert_eq!(added(&star_there, &named).merge.decisions[0].outcome, Outcome::Covered);
    assert_eq!(added(&named_there, &star).merge.decisions[0].outcome, Outcome::Added);
    for (base, remove) in [(&star_there, named), (&named_there, star)] {
        let applied = change(base, &[], &[remove], &[], OnConflict::Fail);
        assert_eq!(applied.verdict, Verdict::Unchanged);
    }
}

/// Whether an implicit deny of a boundary or session policy limits a bare `*` is not documented, while it does not limit
/// a user or session that is named.
#[test]
fn a_star_for_everyone_is_not_surely_all_of_a_name() {
    let star = allow("Star", "*", "kms:Decrypt");
    let star_there = document(Kind::Kms, Some(KEY), &policy(&[root(), star]));
    for (principal, outcome) in [
        ("arn:aws:sts::222222222222:assumed-role/Vendor/s", Outcome::Added),
        ("arn:aws:iam::222222222222:user/u", Outcome::Added),
        ("arn:aws:sts::222222222222:federated-user/u", Outcome::Added),
        (ROLE, Outcome::Covered),
        ("arn:aws:iam::222222222222:root", Outcome::Covered),
    ] {
        let applied = added(&star_there, &allow("Named", principal, "kms:Decrypt"));
        assert_eq!(applied.merge.decisions[0].outcome, outcome, "{principal}");
    }
}

#[test]
fn a_deny_that_cannot_be_read_keeps_the_proof_away() {
    let statement = allow("New", ROLE, "kms:Decrypt");
    for broken in [
        json!({"Sid": "B", "Effect": "Deny", "Principal": "*", "Action": "kms:*", "Resource": "*", "Condition": {"StringEqual": {"a:b": "c"}}}),
        json!({"Sid": "B", "Effect": "deny", "Principal": "*", "Action": "kms:*", "Resource": "*"}),
        json!({"Sid": "B", "Principal": "*", "Action": "kms:*", "Resource": "*"}),
        json!({"Sid": "B", "Effect": "Deny", "Principal": "*", "Actions": "kms:*", "Resource": "*"}),
    ] {
        let base = document(Kind::Kms, Some(KEY), &policy(&[root(), broken.clone()]));
        let applied = added(&base, &statement);
        assert_eq!(applied.verdict, Verdict::Changed, "{broken}: {:?}", applied.refusals);
        assert!(matches!(applied.outlook.proof, Proof::Unread(_)), "{broken}: {:?}", applied.outlook.proof);
    }
    let broken = json!({"Sid": "B", "Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": 5});
    let base = document(Kind::Kms, Some(KEY), &policy(&[root(), broken]));
    assert_eq!(added(&base, &statement).outlook.proof, Proof::Proved);
}

#[test]
fn a_finding_that_was_not_there_is_new() {
    let base = document(
        Kind::Kms,
        Some(KEY),
        &policy(&[
            allow("One", ROLE, "kms:Decrypt"),
            root(),
            allow("Two", "arn:aws:iam::444444444444:role/x", "kms:*"),
        ]),
    );
    let changes: [(&[Value], &[Value]); 5] = [
        (&[deny("D", "kms:*", json!({}))], &[]),
        (&[deny("D", "kms:Decrypt", json!({}))], &[]),
        (&[allow("Wide", ROLE, "kms:*")], &[]),
        (&[], &[root()]),
        (&[allow("Wide", "*", "kms:*")], &[allow("One", ROLE, "kms:Decrypt")]),
    ];
    for (add, remove) in changes {
        let applied = change(&base, add, remove, &[], OnConflict::Fail);
        let before = lint(&base, &Default::default());
        for finding in &applied.old_findings {
            assert!(before.iter().any(|old| old.rule == finding.rule), "{} is new", finding.rule);
        }
        let count = applied.old_findings.len() + applied.new_findings.len();
        assert_eq!(count, lint(&applied.after, &Default::default()).len());
    }
}

#[test]
fn placeholders_of_guides_stop_a_bare_policy() {
    let base = document(Kind::Kms, None, &policy(&[root()]));
    for account in [
        "<ACCOUNT_ID>",
        "{{account_id}}",
        "${AccountId}",
        "[ACCOUNT]",
        "111122223333",
        "444455556666",
        "123456789012",
    ] {
        let applied =
            added(&base, &allow("New", &format!("arn:aws:iam::{account}:role/Vendor"), "kms:Decrypt"));
        assert_eq!(applied.verdict, Verdict::Refused, "{account}");
        assert!(applied.refusals.iter().any(|line| line.contains(account)), "{:?}", applied.refusals);
    }
    let mut variable = allow("New", ROLE, "kms:Decrypt");
    variable["Condition"] = json!({"StringEquals": {"kms:EncryptionContext:user": "${aws:username}"}});
    assert_ne!(added(&base, &variable).verdict, Verdict::Refused);
}

#[test]
fn every_rule_can_be_allowed() {
    for rule in rules::ALL {
        assert_eq!(rule.name.parse::<Allow>(), Ok(Allow::Rule(rule.name)));
    }
    assert_eq!("removal".parse(), Ok(Allow::Removal));
    assert_eq!("not-proved".parse(), Ok(Allow::NotProved));
    for name in ["public", "all", "no-such-rule", ""] {
        assert!(name.parse::<Allow>().is_err(), "{name}");
    }
}

/// Numbers that are the same in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end
    }

    fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())].clone()
    }
}

const CALLERS: [&str; 4] = [
    "arn:aws:iam::111111111111:role/a",
    "arn:aws:iam::111111111111:role/b",
    "arn:aws:iam::222222222222:role/c",
    "arn:aws:iam::333333333333:user/d",
];
const ACTIONS: [&str; 4] = ["sns:Publish", "sns:Subscribe", "sns:GetTopicAttributes", "sns:DeleteTopic"];
const TOPIC: &str = "arn:aws:sns:us-east-1:111111111111:t";

fn statement(numbers: &mut Numbers, sid: usize) -> Value {
    let principal = match numbers.below(6) {
        0 => json!("*"),
        1 => json!({"AWS": "arn:aws:iam::111111111111:root"}),
        _ => json!({"AWS": [numbers.pick(&CALLERS), numbers.pick(&CALLERS)]}),
    };
    let action = match numbers.below(4) {
        0 => json!("sns:*"),
        1 => json!("sns:*Topic*"),
        _ => json!([numbers.pick(&ACTIONS), numbers.pick(&ACTIONS)]),
    };
    let mut statement = json!({
        "Sid": format!("S{sid}"),
        "Effect": numbers.pick(&["Allow", "Allow", "Deny"]),
        "Principal": principal,
        "Action": action,
        "Resource": numbers.pick(&["*", TOPIC, TOPIC, "arn:aws:sns:us-east-1:111111111111:other"]),
    });
    match numbers.below(4) {
        0 => {
            let operator = numbers.pick(&["StringEquals", "StringNotEquals"]);
            statement["Condition"] =
                json!({operator: {"aws:PrincipalAccount": numbers.pick(&["111111111111", "222222222222"])}});
        }
        1 => {
            statement["Condition"] = json!({numbers.pick(&["Bool", "BoolIfExists"]): {"aws:SecureTransport": numbers.pick(&["true", "false"])}})
        }
        _ => {}
    }
    statement
}

/// Every request of a small world.
fn requests() -> Vec<Asked> {
    let mut all = Vec::new();
    for caller in CALLERS {
        for action in ACTIONS {
            for secure in ["true", "false"] {
                let account = caller.split(':').nth(4).unwrap();
                let context = json!({"aws:SecureTransport": secure, "aws:PrincipalAccount": account});
                all.push(
                    Asked::from_json(&json!({"principal": caller, "action": action, "resource": TOPIC,
                        "resource_account": "111111111111", "context": context}))
                    .unwrap(),
                );
            }
        }
    }
    all
}

/// What goes and comes is found by trying every request, and must be what the comparison says.
#[test]
fn before_and_after_agree_with_every_request_of_a_small_world() {
    let world = requests();
    let mut numbers = Numbers(20261129);
    let mut seen = [0; 3];
    for round in 0..400 {
        let base: Vec<Value> = (0..1 + numbers.below(4)).map(|at| statement(&mut numbers, at)).collect();
        let document = document(Kind::Sns, Some(TOPIC), &policy(&base));
        let sid = if numbers.below(3) == 0 { 0 } else { 9 };
        let new = statement(&mut numbers, sid);
        let removed: Vec<Value> = if numbers.below(4) == 0 { vec![numbers.pick(&base)] } else { Vec::new() };
        let applied = change(&document, std::slice::from_ref(&new), &removed, &[], OnConflict::Replace);
        let scope = Scope { kind: Kind::Sns, resource: Some(TOPIC) };
        let allows = |document: &Document, request: &Asked| {
            policy_allows(&document.policy.statements, request, scope).unwrap()
        };
        let what = format!("round {round}: {base:?} with {new} without {removed:?}");
        let goes: Vec<&Asked> = world
            .iter()
            .filter(|request| allows(&applied.before, request) && !allows(&applied.after, request))
            .collect();
        let comes: Vec<&Asked> = world
            .iter()
            .filter(|request| !allows(&applied.before, request) && allows(&applied.after, request))
            .collect();
        let change = &applied.outlook.change;
        assert!(change.unproved.is_empty(), "{what}: {:?}", change.unproved);
        assert!(goes.is_empty() || !change.removed.is_empty(), "{what}: {goes:?} goes");
        assert!(comes.is_empty() || !change.added.is_empty(), "{what}: {comes:?} comes");
        for (requests, from, to) in [
            (&change.removed, &applied.before, &applied.after),
            (&change.added, &applied.after, &applied.before),
        ] {
            assert!(requests.iter().all(|request| allows(from, request) && !allows(to, request)), "{what}");
        }
        if !goes.is_empty() && removed.is_empty() {
            assert_ne!(applied.verdict, Verdict::Changed, "{what}: {goes:?} goes");
        }
        let outcome = applied.merge.decisions.last().unwrap().outcome;
        let own: Vec<&Asked> = match outcome {
            Outcome::Covered | Outcome::AlreadyThere | Outcome::Ineffective => world
                .iter()
                .filter(|request| {
                    let alone = steps::document("one", &policy(std::slice::from_ref(&new)), Some(Kind::Sns));
                    allows(&alone.documents[0], request)
                })
                .collect(),
            _ => Vec::new(),
        };
        for request in own {
            match outcome {
                Outcome::Ineffective => assert!(!allows(&applied.after, request), "{what}: {request:?}"),
                _ => {
                    let granted: Vec<_> =
                        applied.before.policy.statements.iter().filter(|one| one.allows()).cloned().collect();
                    assert_eq!(policy_allows(&granted, request, scope), Some(true), "{what}: {request:?}");
                }
            }
        }
        seen[0] += usize::from(!goes.is_empty());
        seen[1] += usize::from(!comes.is_empty());
        seen[2] += usize::from(outcome == Outcome::Ineffective);
    }
    assert!(seen.iter().all(|count| *count > 20), "{seen:?}");
}

/// In a policy of the older version, what is not known may have `${…}` in it as text.
#[test]
fn no_newer_version_around_a_hole() {
    let base = |resource: &str| {
        let text = format!(
            r#"{{"Resources":{{"T":{{"Type":"AWS::S3::BucketPolicy","Properties":{{"Bucket":"b","PolicyDocument":{{"Version":"2008-10-17","Statement":[
            {{"Effect":"Allow","Principal":{{"AWS":"111111111111"}},"Action":"s3:GetObject","Resource":{resource}}}]}}}}}}}}}}"#
        );
        steps::document("t.json", &text, Some(Kind::S3)).documents.remove(0)
    };
    let packs = steps::packs();
    let new = json!({"Sid": "New", "Effect": "Allow", "Principal": {"AWS": "111111111111"}, "Action": "s3:PutObject",
        "Resource": "arn:aws:s3:::b/${aws:username}"});
    let request = Request { additions: vec![addition(&packs, &[new])], ..Request::default() };
    for open in
        [r#"{"Ref":"R"}"#, r#"{"Fn::Sub":"arn:aws:s3:::b/${R}"}"#, r#""arn:aws:s3:::b/${aws:username}""#]
    {
        let refused = apply(&base(open), &packs, &request).unwrap_err().to_string();
        assert!(refused.contains("needs `Version` 2012-10-17"), "{open}: {refused}");
    }
    for known in [r#""arn:aws:s3:::b/*""#, r#"{"Fn::Sub":"arn:${AWS::Partition}:s3:::b/*"}"#] {
        assert!(apply(&base(known), &packs, &request).unwrap().text.contains("2012-10-17"), "{known}");
    }
}

/// What a template decides is the same before and after: it keeps no statement out, and is warned of where it may
/// deny what is added.
#[test]
fn holes_of_a_template_stay_what_they_are() {
    let base = |statements: &str| {
        let text = format!(
            r#"{{"Conditions":{{"C":{{"Fn::Equals":[{{"Ref":"E"}},"b"]}}}},"Resources":{{"T":{{"Type":"AWS::SNS::TopicPolicy","Properties":{{"Topics":["t"],
            "PolicyDocument":{{"Version":"2012-10-17","Statement":{statements}}}}}}}}}}}"#
        );
        steps::document("t.json", &text, Some(Kind::Sns)).documents.remove(0)
    };
    let known = r#"{"Sid":"K","Effect":"Allow","Principal":{"AWS":"111111111111"},"Action":"sns:Publish","Resource":"*"}"#;
    let new = json!({"Sid": "New", "Effect": "Allow", "Principal": {"AWS": ROLE}, "Action": "sns:Subscribe",
        "Resource": "arn:aws:sns:us-east-1:111111111111:t"});
    for hole in [
        r#"{"Fn::If":["C",{"Effect":"Deny","Principal":"*","Action":"sns:*","Resource":"*"},{"Ref":"AWS::NoValue"}]}"#,
        r#"{"Fn::Transform":{"Name":"X"}}"#,
        r#"{"Effect":{"Ref":"Effect"},"Principal":"*","Action":"sns:*","Resource":"*"}"#,
    ] {
        let document = base(&format!("[{hole},{known}]"));
        let applied = added(&document, &new);
        assert_eq!(
            applied.verdict,
            Verdict::Changed,
            "{hole}: {:?} {:?}",
            applied.refusals,
            applied.outlook.proof
        );
        assert_eq!(applied.outlook.proof, Proof::Proved, "{hole}");
        assert!(applied.text.contains(hole), "{hole}");
        assert_eq!(applied.merge.decisions[0].cut_by[0].index, 0, "{hole}");
    }
    // What the list itself is is not known.
    for list in [r#"{"Fn::If":["C",[],[]]}"#, r#"{"Ref":"Statements"}"#] {
        let packs = steps::packs();
        let request =
            Request { additions: vec![addition(&packs, std::slice::from_ref(&new))], ..Request::default() };
        assert!(apply(&base(list), &packs, &request).is_err(), "{list}");
    }
}

/// What a new statement refers to is defined by the template that it goes into.
#[test]
fn a_function_in_a_new_statement_is_that_of_the_template() {
    let template = |statements: &str| {
        let text = format!(
            r#"{{"Parameters":{{"Who":{{"Type":"String"}}}},"Resources":{{"Topic":{{"Type":"AWS::SNS::Topic"}},
            "T":{{"Type":"AWS::SNS::TopicPolicy","Properties":{{"Topics":[{{"Ref":"Topic"}}],
            "PolicyDocument":{{"Version":"2012-10-17","Statement":[{statements}]}}}}}}}}}}"#
        );
        steps::document("t.json", &text, Some(Kind::Sns)).documents.remove(0)
    };
    let known = r#"{"Sid":"K","Effect":"Allow","Principal":{"AWS":{"Ref":"Who"}},"Action":"sns:Publish","Resource":{"Ref":"Topic"}}"#;
    let base = template(known);
    let new = json!({"Sid": "New", "Effect": "Allow", "Principal": {"AWS": {"Ref": "Who"}}, "Action": "sns:Subscribe",
        "Resource": {"Ref": "Topic"}});
    let applied = added(&base, &new);
    assert_eq!(applied.outlook.proof, Proof::Proved);
    assert_eq!(applied.verdict, Verdict::Changed, "{:?}", applied.refusals);
    let again = added(&applied.after, &new);
    assert_eq!(again.verdict, Verdict::Unchanged);
    assert_eq!(again.merge.decisions[0].outcome, Outcome::AlreadyThere);
    let out = change(&applied.after, &[], &[new], &[], OnConflict::Fail);
    assert_eq!(out.text, base.source().text());
}

/// A bucket policy whose statements name one bucket.
fn bucket(name: &str) -> Document {
    document(Kind::S3, None, &policy(&[of_bucket("Own", &format!("arn:aws:s3:::{name}/*"))]))
}

fn of_bucket(sid: &str, resource: &str) -> Value {
    json!({"Sid": sid, "Effect": "Allow", "Principal": {"AWS": ROLE}, "Action": "s3:GetObject", "Resource": resource})
}

#[test]
fn a_statement_about_another_resource_is_never_added() {
    let topic = document(
        Kind::Sns,
        None,
        &policy(&[json!({"Effect": "Allow", "Principal": {"AWS": ROLE}, "Action": "sns:Publish",
            "Resource": "arn:aws:sns:us-east-1:111111111111:t"})]),
    );
    let with = |action: &str, resource: &str| json!({"Sid": "New", "Effect": "Allow", "Principal": {"AWS": ROLE}, "Action": action, "Resource": resource});
    let kms = document(Kind::Kms, None, &policy(&[root()]));
    for (base, statement, reason) in [
        (&kms, with("kms:Decrypt", "arn:aws:s3:::b"), "cannot be the resource of a KMS key policy"),
        (&topic, with("sns:Publish", "arn:aws:s3:::b"), "cannot be the resource of an SNS topic policy"),
        (&topic, with("sns:Publish", "arn:aws:sns:us-east-1:111111111111:other"), "is this the right file?"),
        (&bucket("b"), of_bucket("New", "arn:aws:s3:::other/*"), "is this the right file?"),
        (&bucket("b"), of_bucket("New", "arn:aws:sqs:us-east-1:111111111111:q"), "cannot be the resource"),
    ] {
        let everything = [Allow::NotProved, Allow::Removal, Allow::Rule("foreign-resource")];
        let applied = change(base, &[statement], &[], &everything, OnConflict::Fail);
        assert_eq!(applied.verdict, Verdict::Refused, "{reason}");
        assert_eq!(applied.merge.decisions[0].outcome, Outcome::Ineffective, "{reason}");
        assert!(applied.refusals.iter().any(|line| line.contains(reason)), "{:?}", applied.refusals);
        // No option lets it through, so that none is named; and it gives no access.
        assert!(applied.refusals.iter().all(|line| !line.contains("--allow")), "{:?}", applied.refusals);
        assert!(applied.outlook.change.added.is_empty(), "{reason}");
    }
    for statement in [of_bucket("New", "arn:aws:s3:::b/x"), of_bucket("New", "arn:aws:s3:::*")] {
        let applied = added(&bucket("b"), &statement);
        assert_ne!(applied.merge.decisions[0].outcome, Outcome::Ineffective, "{statement}");
    }
    // A person who says which bucket it is knows better.
    let mut named = bucket("b");
    named.resource = Some("arn:aws:s3:::other".to_owned());
    let applied = added(&named, &of_bucket("New", "arn:aws:s3:::other/*"));
    assert_eq!(applied.merge.decisions[0].outcome, Outcome::Added);
}

#[test]
fn a_value_that_compares_with_nothing_is_never_added() {
    let base = document(Kind::Kms, Some(KEY), &policy(&[root()]));
    for condition in [
        json!({"NumericLessThan": {"aws:MultiFactorAuthAge": "abc"}}),
        json!({"DateLessThan": {"aws:CurrentTime": "soon"}}),
        json!({"IpAddress": {"aws:SourceIp": "10.0.0"}}),
    ] {
        let statement = deny("D", "kms:Decrypt", condition.clone());
        let allowed: Vec<Allow> = rules::ALL
            .iter()
            .map(|rule| Allow::Rule(rule.name))
            .chain([Allow::NotProved, Allow::Removal])
            .collect();
        let applied = change(&base, &[statement], &[], &allowed, OnConflict::Fail);
        assert_eq!(applied.verdict, Verdict::Refused, "{condition}");
        assert!(applied.refusals[0].contains("cannot compare with"), "{:?}", applied.refusals);
    }
}

#[test]
fn placeholders_of_every_kind_stop_the_change() {
    let base = document(Kind::Kms, None, &policy(&[root()]));
    for principal in [
        json!("arn:aws:iam::%s:root"),
        json!("arn:aws:iam::{account}:root"),
        json!("arn:aws:iam::#{account}:root"),
        json!("arn:aws:iam::<account>:root"),
        json!({"Ref": "Account"}),
    ] {
        let mut statement = allow("New", ROLE, "kms:Decrypt");
        statement["Principal"]["AWS"] = principal.clone();
        let applied = added(&base, &statement);
        assert_eq!(applied.verdict, Verdict::Refused, "{principal}");
        let stops = |line: &String| line.contains("is still to be filled in");
        assert!(applied.refusals.iter().any(stops), "{principal}: {:?}", applied.refusals);
    }
}

#[test]
fn to_remove_the_last_statement_is_no_mistake() {
    let base = document(Kind::Kms, None, "{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": []\n}\n");
    let statement = allow("New", ROLE, "kms:Decrypt");
    let with = change(&base, std::slice::from_ref(&statement), &[], &[], OnConflict::Fail);
    assert_eq!(with.verdict, Verdict::Changed, "{:?}", with.refusals);
    let without = change(&with.after, &[], &[statement], &[], OnConflict::Fail);
    assert_eq!(without.verdict, Verdict::Changed, "{:?}", without.refusals);
    assert_eq!(without.text, base.source().text());
}

/// A key policy in a template with one more item in its list of statements.
fn templated(item: &Value) -> Document {
    let text = json!({
        "Parameters": {"Env": {"Type": "String"}},
        "Conditions": {"IsProd": {"Fn::Equals": [{"Ref": "Env"}, "prod"]}},
        "Resources": {"K": {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": {
            "Version": "2012-10-17", "Statement": [root(), item]
        }}}}
    });
    let text = format!("{text:#}\n");
    steps::document("template.json", &text, None).documents.remove(0)
}

#[test]
fn a_deny_in_a_branch_is_looked_at_in_its_case() {
    let none = json!({"Ref": "AWS::NoValue"});
    let anyone = |sid: &str, effect: &str, action: &str| json!({"Sid": sid, "Effect": effect, "Principal": "*", "Action": action, "Resource": "*"});
    let new = allow("New", ROLE, "kms:Decrypt");
    let cuts = |item: Value| {
        let applied = added(&templated(&item), &new);
        assert_eq!(applied.verdict, Verdict::Changed, "{:?}", applied.refusals);
        let decision = applied.merge.decisions[0].clone();
        let cuts = decision.cut_by.iter().map(|cut| (cut.clause.clone(), cut.takes_all, cut.example.is_ok()));
        cuts.collect::<Vec<_>>()
    };
    // What only allows takes nothing, and nor does a Deny of something else.
    assert_eq!(cuts(json!({"Fn::If": ["IsProd", anyone("X", "Allow", "kms:Sign"), none]})), []);
    assert_eq!(cuts(json!({"Fn::If": ["IsProd", anyone("X", "Deny", "kms:Sign"), none]})), []);
    let clause = |holds: bool| Some(format!("if `IsProd` is {holds}"));
    assert_eq!(
        cuts(json!({"Fn::If": ["IsProd", anyone("X", "Deny", "kms:Dec*"), none]})),
        [(clause(true), true, true)]
    );
    assert_eq!(
        cuts(json!({"Fn::If": ["IsProd", anyone("X", "Deny", "kms:Sign"), {"Fn::If": ["Other", anyone("Y", "Deny", "kms:*"), none]}]})).len(),
        1
    );
    // Of what is not a choice nothing is known.
    assert_eq!(cuts(json!({"Fn::Transform": {"Name": "X"}})), [(None, false, false)]);
    // In every case: nothing is left of it.
    let both = json!({"Fn::If": ["IsProd", anyone("X", "Deny", "kms:Dec*"), anyone("Y", "Deny", "kms:*")]});
    let applied = added(&templated(&both), &new);
    assert_eq!(applied.verdict, Verdict::Refused);
    assert_eq!(applied.merge.decisions[0].outcome, Outcome::Ineffective);
}

#[test]
fn what_covers_a_grant_in_every_case_covers_it() {
    let none = json!({"Ref": "AWS::NoValue"});
    let grant = |action: Value| json!({"Effect": "Allow", "Principal": {"AWS": ROLE}, "Action": action, "Resource": "*"});
    let outcome = |item: Value| {
        let applied = added(&templated(&item), &allow("New", ROLE, "kms:Decrypt"));
        (applied.verdict, applied.merge.decisions[0].outcome)
    };
    let covered = (Verdict::Unchanged, Outcome::Covered);
    let (decrypt, more) = (grant(json!("kms:Decrypt")), grant(json!(["kms:Decrypt", "kms:Sign"])));
    assert_eq!(outcome(json!({"Fn::If": ["IsProd", decrypt, more]})), covered);
    let inner = json!({"Fn::If": ["Other", more, grant(json!("kms:*"))]});
    assert_eq!(outcome(json!({"Fn::If": ["IsProd", decrypt, inner]})), covered);
    assert_eq!(
        outcome(grant(json!({"Fn::If": ["IsProd", "kms:Decrypt", ["kms:De*", "kms:Sign"]]}))),
        covered
    );
    // Not in one of the cases, or not that we know.
    for rest in [none, grant(json!("kms:Sign")), json!({"Ref": "Rest"})] {
        assert_eq!(outcome(json!({"Fn::If": ["IsProd", decrypt, rest]})).1, Outcome::Added, "{rest}");
    }
    let deny = json!({"Effect": "Deny", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*"});
    assert_eq!(outcome(json!({"Fn::If": ["IsProd", decrypt, deny]})).1, Outcome::Added);
}

#[test]
fn what_a_function_makes_is_not_said_to_be_removed() {
    let none = json!({"Ref": "AWS::NoValue"});
    let grant = |action: &str| json!({"Effect": "Allow", "Principal": {"AWS": ROLE}, "Action": action, "Resource": "*"});
    let remove = |item: Value| {
        let packs = steps::packs();
        let removal = addition(&packs, &[grant("kms:Decrypt")]);
        let options = Options { on_conflict: OnConflict::Fail, exact: false };
        merge(&templated(&item), &[], &[removal], options)
    };
    for there in [
        json!({"Fn::If": ["IsProd", grant("kms:Decrypt"), none]}),
        json!({"Fn::If": ["IsProd", grant("kms:Decrypt"), grant("kms:Decrypt")]}),
        json!({"Effect": "Allow", "Principal": {"AWS": ROLE}, "Resource": "*", "Action": {"Fn::If": ["IsProd", "kms:Decrypt", "kms:Sign"]}}),
    ] {
        let error = remove(there.clone()).map(|_| ()).unwrap_err();
        assert!(error.to_string().contains("remove it there by hand"), "{there}: {error}");
    }
    let merged = remove(json!({"Fn::If": ["IsProd", grant("kms:Sign"), none]})).unwrap();
    assert_eq!(merged.nothing_to_remove.len(), 1);
}

#[test]
fn what_is_not_known_of_an_added_grant_is_listed() {
    let who = json!({"Sid": "H", "Effect": "Allow", "Principal": {"AWS": {"Ref": "Who"}}, "Action": "kms:Decrypt", "Resource": "*"});
    let applied = added(&templated(&allow("V", "arn:aws:iam::333333333333:role/v", "kms:Sign")), &who);
    assert_eq!(applied.verdict, Verdict::Changed, "{:?}", applied.refusals);
    // It adds what the statement grants and nothing else; who that is cannot be shown.
    assert_eq!(applied.outlook.proof, Proof::Proved);
    let change = &applied.outlook.change;
    assert!(change.added.is_empty() && !change.exact);
    assert!(change.unproved.iter().any(|why| why.contains("`Ref Who`")), "{:?}", change.unproved);
}

#[test]
fn a_number_that_the_proof_does_not_read_keeps_it_away() {
    let plain = json!({"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"});
    let base = document(Kind::Identity, None, &policy(std::slice::from_ref(&plain)));
    let with = |value: &str| {
        json!({"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*",
            "Condition": {"NumericEquals": {"s3:max-keys": value}}})
    };
    let applied = added(&base, &with("1e1"));
    assert!(matches!(applied.outlook.proof, Proof::Unread(_)), "{:?}", applied.outlook.proof);
    assert_eq!(applied.outlook.change.unproved.len(), 1);
    let applied = added(&base, &with("10"));
    assert_eq!((applied.outlook.proof, applied.outlook.change.added.len()), (Proof::Proved, 1));
    let base = document(Kind::Identity, None, &policy(&[plain, with("1e1")]));
    let applied = change(&base, &[], &[with("1e1")], &[], OnConflict::Fail);
    assert!(matches!(applied.outlook.proof, Proof::Unread(_)), "{:?}", applied.outlook.proof);
}

#[test]
fn what_a_template_says_as_well_in_a_case_goes_in_the_others() {
    let grant =
        json!({"Effect": "Allow", "Principal": {"AWS": ROLE}, "Action": "kms:Decrypt", "Resource": "*"});
    let again = json!({"Fn::If": ["C", grant, {"Ref": "AWS::NoValue"}]});
    let template = |statements: &[Value]| {
        let policy = json!({"Version": "2012-10-17", "Statement": statements});
        let key = json!({"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": policy}});
        json!({"Conditions": {"C": {"Fn::Equals": [{"Ref": "Env"}, "prod"]}}, "Resources": {"Key": key}})
            .to_string()
    };
    let base = document(Kind::Kms, None, &template(&[root(), grant.clone(), again.clone()]));
    let removed = change(&base, &[], std::slice::from_ref(&grant), &[], OnConflict::Fail);
    let base = document(Kind::Kms, None, &template(&[root(), again]));
    let added = added(&base, &grant);
    for (applied, requests, lead, member) in [
        (
            &removed,
            &removed.outlook.change.removed,
            "no longer: if `C` is false, this key lets",
            "is removed",
        ),
        (&added, &added.outlook.change.added, "+ if `C` is false, this key lets", "is added"),
    ] {
        assert_eq!((&applied.outlook.proof, requests.len()), (&Proof::Proved, 1));
        let packs = steps::packs();
        let facts = Facts { packs: &packs, steps: &[], values: &[], warnings: &[], variant: None };
        let text = commentary(applied, &facts, Style { unicode: true, ..Style::default() });
        assert!(text.contains(lead) && !text.contains("may deny"), "{text}");
        let json: Value =
            serde_json::from_str(&polmerge::report::apply_json::report(applied, false)).unwrap();
        let assumption = json["access"]["assumptions"][0].as_str().unwrap();
        assert!(assumption.starts_with("if `C` is false, ") && assumption.ends_with(member), "{assumption}");
    }
}

#[test]
fn an_action_that_the_key_knows_nothing_of_is_refused() {
    let base = document(Kind::Kms, Some(KEY), &policy(&[root()]));
    for part in [
        json!({"Action": "kms:ListKeys"}),
        json!({"Action": ["kms:CreateKey", "s3:GetObject"]}),
        json!({"NotAction": "kms:*"}),
        json!({"Action": "kms:Decrypt", "Condition": {"StringEquals": {"aws:ResourceAccount": "333333333332"}}}),
    ] {
        let mut statement = json!({"Effect": "Allow", "Principal": {"AWS": ROLE}, "Resource": "*"});
        statement.as_object_mut().unwrap().extend(part.as_object().unwrap().clone());
        let applied = added(&base, &statement);
        assert_eq!(applied.verdict, Verdict::Refused, "{part}");
        assert_eq!(applied.merge.decisions[0].outcome, Outcome::Ineffective, "{part}");
    }
    assert_eq!(
        added(&base, &allow("New", ROLE, "kms:NotYetKnown")).merge.decisions[0].outcome,
        Outcome::Added
    );
}
