//! How work grows with the input: twice as much of it takes about twice the allocations and twice the memory, counted,
//! not timed, so that a busy machine changes nothing. What has a budget may stop before.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use allocation_counter::{AllocationInfo, measure};
use polmerge::analyze::compare::compare;
use polmerge::compact::{Options, compact};
use polmerge::document::{Hints, open};
use polmerge::format::format;
use polmerge::lint::{Settings, lint};
use polmerge::source::Source;
use serde_json::{Value, json};

fn policy(statement: Value) -> Value {
    json!({"Version": "2012-10-17", "Statement": statement})
}

fn file(value: &Value) -> polmerge::document::File {
    open(Source::new("x.json", value.to_string()), &Hints::default())
}

fn statement(more: Value) -> Value {
    let mut whole = json!({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"});
    whole.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    whole
}

/// Each of a kind of input, with so many of what there are many of.
type Input = fn(usize) -> Value;

fn keys(number: usize) -> Value {
    let tests: serde_json::Map<String, Value> =
        (0..number).map(|at| (format!("aws:PrincipalTag/k{at}"), json!("x"))).collect();
    policy(json!([statement(json!({"Condition": {"StringEquals": tests}}))]))
}

/// Two statements that differ in the value of one of many keys: each could be joined with the other in one way.
fn keys_twice(number: usize) -> Value {
    let mut one = keys(number);
    let mut other = one["Statement"][0].clone();
    other["Condition"]["StringEquals"]["aws:PrincipalTag/k1"] = json!("y");
    one["Statement"].as_array_mut().unwrap().push(other);
    one
}

fn principals(number: usize) -> Value {
    let roles: Vec<String> = (0..number).map(|at| format!("arn:aws:iam::222222222222:role/r{at}")).collect();
    policy(json!([statement(json!({"Principal": {"AWS": roles}}))]))
}

fn unknown_actions(number: usize) -> Value {
    let actions: Vec<String> = (0..number).map(|at| format!("s3:NoSuch{at}")).collect();
    policy(json!([statement(json!({"Action": actions}))]))
}

fn template(number: usize) -> Value {
    let resource = |at: usize| {
        let document =
            policy(json!([statement(json!({"Resource": format!("arn:aws:s3:::b{at}/YOUR_BUCKET")}))]));
        json!({"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": document}})
    };
    let resources: serde_json::Map<String, Value> =
        (0..number).map(|at| (format!("P{at}"), resource(at))).collect();
    json!({"Resources": resources})
}

/// Of a run that takes `work` as it would be for one and for twice as many.
fn check(what: &str, input: Input, number: usize, work: impl Fn(&Value)) {
    check_within(what, input, number, 2.6, work);
}

fn check_within(what: &str, input: Input, number: usize, most_memory: f64, work: impl Fn(&Value)) {
    // What is made once in a process, as tables, is made before.
    work(&input(2));
    let of = |number: usize| -> AllocationInfo {
        let value = input(number);
        measure(|| work(&value))
    };
    let (one, two) = (of(number), of(2 * number));
    let grows = |one: u64, two: u64| two as f64 / one as f64;
    let (count, bytes) = (grows(one.count_total, two.count_total), grows(one.bytes_max, two.bytes_max));
    println!(
        "{what}: {number} takes {} allocations, {} bytes; twice as many {count:.2} and {bytes:.2} times as much",
        one.count_total, one.bytes_max
    );
    assert!(count < 2.6, "{what}: the allocations grow {count:.2} times");
    assert!(bytes < most_memory, "{what}: the memory grows {bytes:.2} times");
}

fn lint_all(value: &Value) {
    for document in &file(value).documents {
        lint(document, &Settings::default());
    }
}

fn compact_it(value: &Value) {
    compact(&file(value).documents[0], Options::default()).unwrap();
}

fn compare_it(value: &Value) {
    let other: Value = serde_json::from_str(&value.to_string().replace("GetObject", "PutObject")).unwrap();
    compare(&file(value).documents[0], &file(&other).documents[0]);
}

#[test]
fn condition_keys() {
    check("lint, keys", keys, 200, lint_all);
    check("compact, keys", keys, 200, compact_it);
    check("compact, keys twice", keys_twice, 100, compact_it);
    check("diff, keys", keys, 200, compare_it);
}

#[test]
fn principals_in_a_list() {
    check("lint, principals", principals, 100, lint_all);
    check("compact, principals", principals, 100, compact_it);
    check("diff, principals", principals, 100, compare_it);
}

#[test]
fn actions_that_do_not_exist() {
    check("lint, unknown actions", unknown_actions, 200, lint_all);
}

#[test]
fn policies_in_a_template() {
    check("lint, template", template, 50, lint_all);
}

#[test]
fn depth_of_nesting() {
    let nested: Input = |depth| {
        let inner = (0..depth).fold(json!(1), |inner, _| json!({"a": inner}));
        json!({"Version": "2012-10-17", "Statement": [], "Id": inner})
    };
    // Each line is set in as deep as it stands, so that the text itself is as long as the square of the depth.
    check_within("fmt, depth", nested, 26, 4.2, |value| {
        format(&file(value).documents[0]);
    });
}
