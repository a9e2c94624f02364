//! How work grows with the input: twice as much of it takes about twice the allocations and twice the memory, counted,
//! not timed, so that a busy machine changes nothing. Comparisons allocate nothing: of those, the time that the thread
//! had of a processor is compared, where the system tells it. What has a budget may stop before.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use allocation_counter::{AllocationInfo, measure};
use polmerge::Kind;
use polmerge::analyze::compare::compare;
use polmerge::analyze::cover::Scope;
use polmerge::analyze::space::{Answer, Budget, Engine};
use polmerge::apply::{Request, apply};
use polmerge::compact::{Options, compact};
use polmerge::document::{Hints, open};
use polmerge::format::format;
use polmerge::lint::fix::fix;
use polmerge::lint::{Settings, lint};
use polmerge::report::comparison::human;
use polmerge::report::style::Style;
use polmerge::source::Source;
use polmerge::steps::{Addition, Packs, Values};
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

fn statements(number: usize) -> Value {
    let one =
        |at: usize| statement(json!({"Sid": format!("S{at}"), "Resource": format!("arn:aws:s3:::b{at}/*")}));
    policy((0..number).map(one).collect())
}

/// Statements each with a key of its own.
fn statements_with_keys(number: usize) -> Value {
    let one = |at: usize| {
        let key = format!("aws:PrincipalTag/k{at}");
        statement(json!({"Sid": format!("S{at}"), "Condition": {"StringEquals": {key: "x"}}}))
    };
    policy((0..number).map(one).collect())
}

fn addresses(number: usize) -> Value {
    let ranges: Vec<String> =
        (0..number).map(|at| format!("10.{}.{}.0/24", at / 128, at % 128 * 2)).collect();
    policy(json!([statement(json!({"Condition": {"IpAddress": {"aws:SourceIp": ranges}}}))]))
}

fn parts(number: usize) -> Value {
    let letter = |at: usize| char::from(b'a' + (at % 26) as u8);
    let pattern: String = (0..number).map(|at| format!("*{}{}", letter(7 * at), letter(11 * at))).collect();
    policy(json!([statement(json!({"Condition": {"StringLike": {"aws:PrincipalTag/t": pattern + "*"}}}))]))
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

/// Statements that differ in who is named, and so can be one.
fn statements_to_join(number: usize) -> Value {
    let role = |at: usize| json!({"AWS": format!("arn:aws:iam::111111111111:role/r{at}")});
    policy((0..number).map(|at| statement(json!({"Principal": role(at)}))).collect())
}

/// Keys of which each has two tests, one of which may hold because of the other.
fn keys_of_two_tests(number: usize) -> Value {
    let tests = |value: &str| -> serde_json::Map<String, Value> {
        (0..number).map(|at| (format!("aws:PrincipalTag/k{at}"), json!(value))).collect()
    };
    policy(json!([statement(
        json!({"Condition": {"StringLike": tests("v*"), "StringNotLike": tests("*v")}})
    )]))
}

fn numbers(number: usize) -> Value {
    let values: Vec<String> = (0..number).map(|at| at.to_string()).collect();
    let condition =
        json!({"NumericLessThan": {"s3:max-keys": values}, "NumericNotEquals": {"s3:max-keys": values}});
    policy(json!([statement(json!({"Condition": condition}))]))
}

fn accounts(number: usize) -> Value {
    let accounts: Vec<String> = (0..number).map(|at| format!("{:012}", 100_000_000_000 + at)).collect();
    policy(json!([statement(json!({"Principal": {"AWS": accounts}}))]))
}

fn globs(number: usize) -> Value {
    let actions: Vec<String> = (0..number).map(|at| format!("s3:*a{at}*b*c*")).collect();
    policy(json!([statement(json!({"Action": actions}))]))
}

fn unknown_services(number: usize) -> Value {
    let actions: Vec<String> = (0..number).map(|at| format!("nosuchservice{at}:Get")).collect();
    policy(json!([statement(json!({"Action": actions}))]))
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

/// Of lists whose values were compared each with each: four times as many take sixteen times the processor then.
fn check_time(what: &str, input: Input, number: usize, work: impl Fn(&Value)) {
    work(&input(2));
    let of = |number: usize| -> Option<u64> {
        let value = input(number);
        let once = || {
            let start = processor_time()?;
            work(&value);
            Some(processor_time()? - start)
        };
        [once()?, once()?].into_iter().min()
    };
    let (Some(one), Some(four)) = (of(number), of(4 * number)) else { return };
    println!("{what}: {number} take {one} ns, four times as many {four} ns");
    assert!(four < 9 * one.max(5_000_000), "{what}: {one} ns, and {four} ns for four times as many");
}

/// The nanoseconds that this thread had of a processor.
fn processor_time() -> Option<u64> {
    let all = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    all.split(' ').next()?.parse().ok()
}

fn lint_all(value: &Value) {
    for document in &file(value).documents {
        lint(document, &Settings::default());
    }
}

fn compact_it(value: &Value) {
    compact(&file(value).documents[0], Options { wildcards: true, ..Options::default() }).unwrap();
}

fn fix_all(value: &Value) {
    fix(file(value), &Hints::default(), true, |document| lint(document, &Settings::default()));
}

/// Compares with what a change of the text makes of it.
fn compare_with(value: &Value, from: &str, to: &str) {
    let other: Value = serde_json::from_str(&value.to_string().replace(from, to)).unwrap();
    assert_ne!(*value, other);
    compare(&file(value).documents[0], &file(&other).documents[0]);
}

fn compare_it(value: &Value) {
    compare_with(value, "GetObject", "PutObject");
}

/// Compares as the command does, report and all.
fn report_on(value: &Value, other: &Value) {
    let (old, new) = (file(value), file(other));
    let comparison = compare(&old.documents[0], &new.documents[0]);
    let told = human(&comparison, Style::default());
    assert!(told.contains("proved, exact"), "{told}");
}

fn add_to(value: &Value) {
    let packs = Packs::shipped().unwrap();
    let new = statement(json!({"Sid": "New", "Action": "s3:PutObject"}));
    let source = Source::new("new.json", policy(json!([new])).to_string());
    let addition = Addition::of_file(&packs, &source, &Values::default()).unwrap().unwrap();
    let request = Request { additions: vec![addition], ..Request::default() };
    apply(&file(value).documents[0], &packs, &request).unwrap();
}

#[test]
fn condition_keys() {
    check("lint, keys", keys, 200, lint_all);
    check("compact, keys", keys, 200, compact_it);
    check("compact, keys twice", keys_twice, 100, compact_it);
    check("diff, keys", keys, 200, compare_it);
    check("apply, keys", keys, 200, add_to);
    check("apply, keys twice", keys_twice, 100, add_to);
}

#[test]
fn statements_in_a_policy() {
    for (what, input) in [("statements", statements as Input), ("statements with keys", statements_with_keys)]
    {
        check(&format!("lint, {what}"), input, 200, lint_all);
        check(&format!("compact, {what}"), input, 200, compact_it);
        check(&format!("apply, {what}"), input, 200, add_to);
    }
}

/// Each grant differs: what is asked and told of one does not go through all others.
#[test]
fn grants_that_differ() {
    let other = |input: Input| {
        let mut one = input(1);
        one["Statement"][0]["Action"] = json!("s3:DeleteObject");
        one
    };
    let moved = |value: &Value| -> Value {
        serde_json::from_str(&value.to_string().replace("s3:::b", "s3:::c")).unwrap()
    };
    let with_keys: Input = |number| {
        let mut value = statements(number);
        for (at, one) in value["Statement"].as_array_mut().unwrap().iter_mut().enumerate() {
            one["Condition"] = json!({"StringLike": {format!("aws:RequestTag/k{at}"): "*i*"}});
        }
        value
    };
    let of_a_bucket: Input = |number| {
        let mut value = statements(number);
        for (at, one) in value["Statement"].as_array_mut().unwrap().iter_mut().enumerate() {
            one["Principal"] = json!({"AWS": "111111111111"});
            one["Resource"] = json!(format!("arn:aws:s3:::b/{at}/x"));
            one["Sid"] = json!("Same");
        }
        value
    };
    // What tells them apart is whom they name, alone.
    let of_roles: Input = |number| {
        let role = |at: usize| json!({"AWS": format!("arn:aws:iam::222222222222:role/r{at}")});
        policy((0..number).map(|at| statement(json!({"Principal": role(at)}))).collect())
    };
    let of_users: Input = |number| {
        let user = |at: usize| json!({"AWS": format!("arn:aws:iam::222222222222:user/r{at}")});
        policy((0..number).map(|at| statement(json!({"Principal": user(at)}))).collect())
    };
    for (what, input) in [("roles", of_roles), ("users", of_users)] {
        let others = |value: &Value| -> Value {
            serde_json::from_str(&value.to_string().replace("/r", "/s")).unwrap()
        };
        let with_one_more = |value: &Value| {
            let mut more = value.clone();
            more["Statement"].as_array_mut().unwrap().push(others(&input(1))["Statement"][0].clone());
            more
        };
        for (change, to) in
            [("that change", &others as &dyn Fn(&Value) -> Value), ("and one more", &with_one_more)]
        {
            check(&format!("diff, {what} {change}"), input, 200, |value| report_on(value, &to(value)));
            check_time(&format!("diff, {what} {change}"), input, 100, |value| report_on(value, &to(value)));
        }
    }
    for (what, input) in
        [("statements", statements as Input), ("with keys", with_keys), ("of a bucket", of_a_bucket)]
    {
        check(&format!("diff, {what} that go"), input, 200, |value| report_on(value, &other(input)));
        check(&format!("diff, {what} that come"), input, 200, |value| report_on(&other(input), value));
        check(&format!("diff, {what} that change"), input, 200, |value| report_on(value, &moved(value)));
    }
    check_time("diff, statements that change", statements, 250, |value| report_on(value, &moved(value)));
}

/// Each alike is asked about with others of the same making.
#[test]
fn what_compact_takes_out() {
    check("compact, statements to join", statements_to_join, 110, compact_it);
    check("compact, keys of two tests", keys_of_two_tests, 100, compact_it);
}

#[test]
fn values_of_a_list() {
    let less = |value: &Value| {
        let mut other = value.clone();
        let (condition, principal) =
            ("/Statement/0/Condition/NumericLessThan/s3:max-keys", "/Statement/0/Principal/AWS");
        let list = if other.pointer(condition).is_some() { condition } else { principal };
        other.pointer_mut(list).unwrap().as_array_mut().unwrap().pop();
        compare(&file(value).documents[0], &file(&other).documents[0]);
    };
    check_time("diff, numbers", numbers, 500, less);
    check_time("diff, accounts", accounts, 200, less);
    type Work = fn(&Value);
    for (what, number, input) in [
        // Past the pairs that are compared at most.
        ("numbers", 500, numbers as Input),
        ("accounts", 150, accounts),
        ("patterns of actions", 150, globs),
        ("unknown actions", 150, unknown_actions),
        ("unknown services", 150, unknown_services),
    ] {
        for (command, work) in [("apply", add_to as Work), ("compact", compact_it), ("lint --fix", fix_all)] {
            check_time(&format!("{command}, {what}"), input, number, work);
        }
    }
}

#[test]
fn ranges_of_addresses() {
    check("diff, ranges", addresses, 200, |value| compare_with(value, "IpAddress", "NotIpAddress"));
    check("diff, other ranges", addresses, 200, |value| compare_with(value, ".0/24", ".128/25"));
    check("lint, ranges", addresses, 200, lint_all);
}

#[test]
fn parts_of_a_pattern() {
    check("diff, parts", parts, 100, |value| compare_with(value, "*a", "*b"));
    check("lint, parts", parts, 100, lint_all);
}

/// One pattern of many stars against another one.
#[test]
fn stars_of_a_pattern() {
    let stars: Input = |number| {
        let one = |effect: &str, of: &str| {
            let resource = format!("arn:aws:s3:::b/{}", of.repeat(number));
            statement(json!({"Effect": effect, "Principal": "*", "Resource": resource}))
        };
        policy(json!([one("Allow", "*a?"), one("Deny", "?*b")]))
    };
    for (command, work) in [("lint", lint_all as fn(&Value)), ("apply", add_to), ("compact", compact_it)] {
        check_time(&format!("{command}, stars"), stars, 1_500, work);
    }
    check_time("diff, stars", stars, 1_500, |value| compare_with(value, "*a?", "*b?a"));
}

/// A list of some long patterns, each of which might contain each.
#[test]
fn long_patterns_of_a_list() {
    let long: Input = |number| {
        let one = |at: u8| format!("s3:{}{at}*", format!("*{}?", char::from(b'a' + at)).repeat(number));
        policy(json!([statement(json!({"Action": (0..20).map(one).collect::<Vec<_>>()}))]))
    };
    check_time("lint, long patterns", long, 100, lint_all);
}

/// Written here, as a value holds no member twice.
#[test]
fn members_that_are_there_twice() {
    let number: Input = |number| json!(number);
    let places = [
        ("of a statement", r#"{"Effect":"Allow","Action":"s3:GetObject","Resource":"*",@}"#, r#""Sid":"A""#),
        (
            "of a condition",
            r#"{"Effect":"Allow","Action":"s3:GetObject","Resource":"*","Condition":{"StringEquals":{@}}}"#,
            r#""aws:userid":"A""#,
        ),
    ];
    for (what, statement, member) in places {
        check(&format!("lint, members twice {what}"), number, 2_000, |number| {
            let members = vec![member; number.as_u64().unwrap() as usize].join(",");
            let text =
                format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statement.replace('@', &members));
            for document in &open(Source::new("x.json", text), &Hints::default()).documents {
                lint(document, &Settings::default());
            }
        });
    }
}

/// Whatever a question is about, it takes no more memory than its budget says, beside that of its policies.
#[test]
fn a_question_keeps_to_its_bytes() {
    // Which of the last fifteen letters was an `a` takes a state for each answer; the texts that are likely are taken.
    let hard = |length: usize, more: &[&str]| {
        let pattern = format!("*a{}b*", "?".repeat(length));
        let all = [pattern.as_str()].into_iter().chain(more.iter().copied());
        let resources: Vec<String> = all.map(|pattern| format!("arn:aws:s3:::{pattern}")).collect();
        policy(json!([statement(json!({"Resource": resources}))]))
    };
    let callers = |number: usize| -> Value {
        let one = |at: usize| {
            statement(json!({"Principal": {"AWS": format!("arn:aws:iam::222222222222:role/r{at}")}}))
        };
        policy((0..number).map(one).collect())
    };
    let long = |end: &str| {
        let texts: Vec<String> =
            (0..8).map(|at| format!("arn:aws:s3:::{}{at}{end}", "x".repeat(100_000))).collect();
        policy(json!([statement(json!({"Resource": texts}))]))
    };
    let questions = [
        ("patterns", Kind::Identity, 1 << 20, hard(14, &[]), hard(15, &["*other*", "*x*"])),
        ("callers", Kind::S3, 1 << 20, callers(1_500), callers(1_499)),
        ("long texts", Kind::Identity, 1 << 20, long("*"), long("y*")),
    ];
    for (what, kind, bytes, left, right) in questions {
        let (left, right) = (file(&left), file(&right));
        let of = |file: &polmerge::document::File| -> Vec<polmerge::policy::Statement> {
            file.documents[0].policy.statements.clone()
        };
        let (left, right) = (of(&left), of(&right));
        let engine = Engine {
            budget: Budget { states: usize::MAX, nodes: usize::MAX, steps: 1 << 40, bytes },
            ..Engine::new(Scope { kind, resource: None })
        };
        let mut answer = None;
        let took = measure(|| {
            answer = Some(engine.compare(&left, &right, polmerge::analyze::space::Notion::Access).answer)
        });
        println!("{what}: {} bytes, {answer:?}", took.bytes_max);
        assert!(
            matches!(&answer, Some(Answer::NotProved(why)) if why.contains("budget")),
            "{what}: {answer:?}"
        );
        assert!(took.bytes_max < 4 * bytes, "{what}: {} bytes", took.bytes_max);
    }
}

#[test]
fn principals_in_a_list() {
    check("lint, principals", principals, 100, lint_all);
    check("compact, principals", principals, 100, compact_it);
    check("diff, principals", principals, 500, compare_it);
    let others = |value: &Value| serde_json::from_str(&value.to_string().replace("/r", "/s")).unwrap();
    let without_one = |value: &Value| {
        let mut less = value.clone();
        less.pointer_mut("/Statement/0/Principal/AWS").unwrap().as_array_mut().unwrap().pop();
        less
    };
    type Change<'c> = &'c dyn Fn(&Value) -> Value;
    for (change, to) in [("others", &others as Change<'_>), ("one less", &without_one)] {
        check(&format!("diff, principals, {change}"), principals, 500, |value| report_on(value, &to(value)));
        check_time(&format!("diff, principals, {change}"), principals, 500, |value| {
            report_on(value, &to(value))
        });
    }
}

#[test]
fn actions_that_do_not_exist() {
    check("lint, unknown actions", unknown_actions, 200, lint_all);
}

#[test]
fn services_that_do_not_exist() {
    check("lint, unknown services", unknown_services, 200, lint_all);
    // Which one was meant is looked for among all services, and most are none that could be by their letters.
    let value = unknown_services(1_000);
    let took = measure(|| lint_all(&value)).count_total;
    assert!(took < 200 * 1_000, "{took} allocations for 1,000 services");
}

#[test]
fn policies_in_a_template() {
    check("lint, template", template, 50, lint_all);
    check_time("open, template", template, 1_000, |value| {
        file(value);
    });
}

/// Statements of which each has a condition of its own, past the cases that are looked at one by one.
#[test]
fn statements_that_conditions_choose() {
    let chosen: Input = |number| {
        let all: serde_json::Map<String, Value> = (0..number)
            .map(|at| (format!("C{at}"), json!({"Fn::Equals": [{"Ref": format!("P{at}")}, "x"]})))
            .collect();
        let one = |at: usize| {
            let own = statement(json!({"Resource": format!("arn:aws:s3:::b{at}/*")}));
            json!({"Fn::If": [format!("C{at}"), own, {"Ref": "AWS::NoValue"}]})
        };
        let properties = json!({"PolicyDocument": policy((0..number).map(one).collect())});
        json!({"Conditions": all, "Resources": {"R": {"Type": "AWS::IAM::ManagedPolicy", "Properties": properties}}})
    };
    check("diff, conditions", chosen, 100, |value| compare_with(value, "GetObject", "PutObject"));
    check_time("diff, conditions", chosen, 50, |value| compare_with(value, "GetObject", "PutObject"));
}

/// Each condition names the one before it twice.
#[test]
fn conditions_that_name_conditions() {
    let conditions: Input = |number| {
        let named = |at: usize| match at {
            0 => json!({"Fn::Equals": [{"Ref": "P"}, "x"]}),
            at => {
                json!({"Fn::And": [{"Condition": format!("C{}", at - 1)}, {"Condition": format!("C{}", at - 1)}]})
            }
        };
        let all: serde_json::Map<String, Value> =
            (0..=number).map(|at| (format!("C{at}"), named(at))).collect();
        let last = format!("C{number}");
        let chosen = json!({"Fn::If": [last, statement(json!({"Principal": "*"})), {"Ref": "AWS::NoValue"}]});
        let properties = json!({"Bucket": "b", "PolicyDocument": policy(json!([chosen]))});
        let resource = json!({"Type": "AWS::S3::BucketPolicy", "Condition": last, "Properties": properties});
        json!({"Parameters": {"P": {"Type": "String"}}, "Conditions": all, "Resources": {"R": resource}})
    };
    check_within("lint, conditions", conditions, 30, 4.5, lint_all);
}

/// What has more settings than are tried costs nothing for those that are not.
#[test]
fn conditions_with_too_many_settings() {
    let named = |at: usize| {
        let equals = json!({"Fn::Equals": [{"Ref": format!("P{at}")}, "x"]});
        match at {
            0 => equals,
            at => json!({"Fn::And": [{"Condition": format!("C{}", at - 1)}, equals]}),
        }
    };
    let with = |depth: usize| {
        let all: serde_json::Map<String, Value> =
            (0..depth).map(|at| (format!("C{at}"), named(at))).collect();
        let last = format!("C{}", depth - 1);
        let chosen = json!({"Fn::If": [last, statement(json!({})), {"Ref": "AWS::NoValue"}]});
        let resource = json!({"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": policy(json!([chosen]))}});
        let value = json!({"Conditions": all, "Resources": {"R": resource}});
        lint_all(&value);
        measure(|| lint_all(&value)).count_total
    };
    let (few, many) = (with(6), with(40));
    println!("conditions: {few} allocations for 64 settings, {many} for 2^40");
    assert!(many < 4 * few + 20_000, "{many} allocations for 40 conditions, {few} for 6");
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

/// What each finding repeats of its place is no longer than any real one: else a report is as long as the product of
/// the length of a name and the number of findings.
#[test]
fn long_names_in_reports() {
    let folder = tempfile::tempdir().unwrap();
    let policy_with = |sid: &str| {
        let mut value = unknown_actions(200);
        value["Statement"][0]["Sid"] = json!(sid);
        value
    };
    let template_with = |name: &str| {
        let resource = json!({"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": unknown_actions(200)}});
        json!({"Resources": {name: resource}})
    };
    let long = "N".repeat(30_000);
    for (what, short, long) in [
        ("Sid", policy_with("N"), policy_with(&long)),
        ("resource", template_with("N"), template_with(&long)),
    ] {
        let write = ["--baseline", "b.json", "--write-baseline"];
        for report in [&["--format", "json"][..], &["--format", "sarif"], &write] {
            let size = |value: &Value| {
                std::fs::write(folder.path().join("x.json"), value.to_string()).unwrap();
                let _ = std::fs::remove_file(folder.path().join("b.json"));
                let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_polmerge"));
                command.current_dir(&folder).args(["lint", "x.json"]).args(report);
                let output = command.output().unwrap();
                assert!(output.status.code().is_some_and(|code| code < 2), "{output:?}");
                let written = std::fs::metadata(folder.path().join("b.json")).map_or(0, |file| file.len());
                output.stdout.len() as u64 + written
            };
            let (short, long) = (size(&short), size(&long));
            println!("{what}, {report:?}: {short} bytes, with a long name {long}");
            assert!(long < short + 200 * 6_000, "{what}, {report:?}: {long} bytes instead of {short}");
        }
    }
}
