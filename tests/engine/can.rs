//! The evaluator from outside: where other tools are known to be wrong, and that nothing in a real
//! policy makes it panic.

use polmerge::analyze::decide::{Decision, Layer, Policies, Verdict, decide, fit};
use polmerge::analyze::evaluate::Prepared;
use polmerge::analyze::request::Request;
use polmerge::document::{Hints, open, open_policy};
use polmerge::kind::Kind;
use polmerge::policy::template::Settled;
use polmerge::{Document, Source};
use serde_json::{Value, json};

fn document(policy: &Value) -> Document {
    open_policy(Source::new("test", policy.to_string()), &Hints::default())
}

fn policy(statement: Value) -> Value {
    json!({"Version": "2012-10-17", "Statement": statement})
}
/// What an identity policy of this one statement decides.
fn verdict(statement: Value, action: &str, context: Value) -> Verdict {
    let prepared = fit(&document(&policy(statement)), Layer::Identity).unwrap();
    let policies = Policies { identity: vec![prepared], ..Policies::default() };
    let request = json!({"action": action, "resource": "arn:aws:s3:::b/k", "context": context});
    decide(&policies, &Request::from_json(&request).unwrap()).verdict
}

fn allows(condition: Value, context: Value) -> bool {
    let statement = json!({"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": condition});
    verdict(statement, "s3:GetObject", context) == Verdict::Allowed
}

#[test]
fn an_absent_key_passes_a_negated_operator() {
    assert!(allows(json!({"StringNotEquals": {"aws:RequestedRegion": "us-east-1"}}), json!({})));
    assert!(allows(json!({"NotIpAddress": {"aws:SourceIp": "10.0.0.0/8"}}), json!({})));
}

#[test]
fn a_negated_operator_of_several_values_wants_none_of_them() {
    let condition = json!({"StringNotLike": {"aws:UserAgent": ["a*", "b*"]}});
    assert!(!allows(condition.clone(), json!({"aws:UserAgent": "abc"})));
    assert!(allows(condition, json!({"aws:UserAgent": "cba"})));
}

#[test]
fn the_case_of_actions_has_no_meaning() {
    let statement = json!({"Effect": "Allow", "Action": "S3:getobject", "Resource": "*"});
    assert_eq!(verdict(statement, "s3:GetObject", json!({})), Verdict::Allowed);
}

#[test]
fn a_number_may_have_a_fraction_and_nothing_behind_it() {
    let of = |value: &str| {
        allows(json!({"NumericLessThanEquals": {"s3:max-keys": "10.5"}}), json!({"s3:max-keys": value}))
    };
    assert!(of("10.25") && of("10.50") && !of("10.51"));
    assert!(!of("10abc") && !of("1O"));
    // A number in JSON is its text; to lose it would widen the access.
    let bare =
        |value: &str| allows(json!({"NumericLessThan": {"s3:max-keys": 10}}), json!({"s3:max-keys": value}));
    assert!(bare("9") && !bare("10"));
    assert!(!allows(json!({"Bool": {"aws:SecureTransport": false}}), json!({"aws:SecureTransport": true})));
    assert!(allows(json!({"Bool": {"aws:SecureTransport": false}}), json!({"aws:SecureTransport": "False"})));
}

#[test]
fn a_variable_without_a_value_passes_a_negated_operator() {
    let condition = |operator: &str| json!({operator: {"s3:prefix": "${aws:username}/"}});
    assert!(allows(condition("StringNotEquals"), json!({"s3:prefix": "x/"})));
    assert!(!allows(condition("StringEquals"), json!({"s3:prefix": "x/"})));
}

#[test]
fn seconds_and_iso_8601_are_the_same_moments() {
    let condition = json!({"DateLessThan": {"aws:CurrentTime": "2024-01-01T00:00:00Z"}});
    assert!(allows(condition.clone(), json!({"aws:CurrentTime": 1704067199})));
    assert!(!allows(condition, json!({"aws:CurrentTime": "1704067200"})));
}

#[test]
fn addresses_are_compared_by_value() {
    let condition = json!({"IpAddress": {"aws:SourceIp": "2001:DB8:1234:5678::/64"}});
    assert!(allows(condition.clone(), json!({"aws:SourceIp": "2001:0db8:1234:5678:0000:0000:0000:0001"})));
    assert!(!allows(condition, json!({"aws:SourceIp": "2001:db8:1234:5679::1"})));
}

#[test]
fn wildcards_are_two() {
    let get = |pattern: &str, action: &str| {
        let statement = json!({"Effect": "Allow", "Action": pattern, "Resource": "*"});
        verdict(statement, action, json!({})) == Verdict::Allowed
    };
    assert!(!get("s3:Get?*", "s3:Get") && get("s3:Get*", "s3:Get"));
    assert!(!get("s3:[G]etObject", "s3:GetObject"));
    assert!(get("s3:DeleteObject*", "s3:DeleteObject"));
}

/// Documents that AWS would not have taken, or not there.
#[test]
fn what_cannot_be_answered_for_is_refused() {
    let refused = |statement: Value, layer| {
        let problems = fit(&document(&policy(statement)), layer).unwrap_err();
        problems[0].rule
    };
    let allow = |more: Value| {
        let mut statement = json!({"Effect": "Allow", "Action": "s3:*", "Resource": "*"});
        statement.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        statement
    };
    assert_eq!(refused(allow(json!({"Principal": "*"})), Layer::Identity), "unexpected-principal");
    assert_eq!(refused(allow(json!({"Principal": "*"})), Layer::Scp), "unexpected-principal");
    assert_eq!(refused(allow(json!({})), Layer::Resource), "missing-principal");
    assert_eq!(refused(json!({"Effect": "Allow", "Action": "s3:*"}), Layer::Identity), "missing-resource");
    assert_eq!(refused(allow(json!({"NotAction": "s3:*"})), Layer::Identity), "action-and-not-action");
    assert_eq!(
        refused(allow(json!({"Condition": {"StringIs": {"a": "b"}}})), Layer::Identity),
        "unknown-operator"
    );
    // What says nothing is not in the way.
    assert!(fit(&document(&policy(json!([]))), Layer::Identity).is_ok());
    let dead = json!([
        {"Effect": "Allow", "Principal": "*", "Action": "kms:*"},
        {"Effect": "Allow", "Principal": "*", "Resource": "*"},
    ]);
    assert!(fit(&document(&policy(dead)), Layer::Resource).is_ok());
}

/// Requests that have to do with a policy: its own actions, resources and principals, and others.
#[test]
fn what_is_not_known_decides_nothing() {
    let allow = json!({"Effect": "Allow", "Action": "*", "Resource": "*"});
    let with = |more: Value| verdict(json!([allow, more]), "s3:GetObject", json!({}));
    let open = |name: &str| json!({ "Ref": name });
    assert_eq!(with(open("Statement")), Verdict::Undecided);
    assert_eq!(with(json!({"Fn::Transform": {"Name": "x"}})), Verdict::Undecided);
    assert_eq!(with(json!({"Effect": open("E"), "Action": "s3:*", "Resource": "*"})), Verdict::Undecided);
    let deny = |member: &str, value: Value| {
        let mut deny = json!({"Effect": "Deny", "Action": "s3:*", "Resource": "*"});
        deny[member] = value;
        with(deny)
    };
    assert_eq!(deny("Action", open("A")), Verdict::Undecided);
    assert_eq!(deny("Resource", json!(["arn:aws:s3:::other", open("R")])), Verdict::Undecided);
    assert_eq!(deny("Condition", open("C")), Verdict::Undecided);
    assert_eq!(deny("Condition", json!({"StringEquals": open("C")})), Verdict::Undecided);
    assert_eq!(
        deny("Condition", json!({"StringLike": {"a:b": open("C")}})),
        Verdict::Allowed,
        "no `a:b` at all"
    );
    assert_eq!(deny("Resource", json!("arn:aws:s3:::<bucket>/*")), Verdict::Undecided);
    // Whatever it is, another statement denies, or nothing is left to deny.
    assert_eq!(deny("Resource", json!(["*", open("R")])), Verdict::ExplicitlyDenied);
    assert_eq!(verdict(open("Statement"), "s3:GetObject", json!({})), Verdict::Undecided);
}

/// What a template defines from each other cannot be assumed otherwise.
#[test]
fn what_is_assumed_has_to_be_possible() {
    let template = json!({
        "Parameters": {"Env": {"Type": "String", "AllowedValues": ["dev", "prod"]}, "X": {"Type": "String"}},
        "Conditions": {
            "IsProd": {"Fn::Equals": [{"Ref": "Env"}, "prod"]},
            "IsDev": {"Fn::Not": [{"Condition": "IsProd"}]},
            "Both": {"Fn::And": [{"Condition": "IsProd"}, {"Condition": "Other"}]},
            "Other": {"Fn::Equals": [{"Ref": "X"}, "x"]},
        },
        "Resources": {"P": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": {
            "Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}}}},
    });
    let file = open(Source::new("t.json", template.to_string()), &Hints::default());
    let why = |conditions: &[(&str, bool)], parameters: &[(&str, &str)]| {
        let mut settled = Settled::default();
        for (name, value) in conditions {
            settled.conditions.insert((*name).to_owned(), *value);
        }
        for (name, value) in parameters {
            settled.parameters.insert((*name).to_owned(), (*value).to_owned());
        }
        file.documents[0].contradiction(&settled)
    };
    for (conditions, parameters, expected) in [
        (&[("IsDev", true), ("IsProd", true)][..], &[][..], "`IsDev` is false if `IsProd` is true"),
        (&[("IsDev", true)], &[("Env", "prod")], "`IsDev` is false if `Env` is `prod`"),
        (&[("Both", true), ("Other", false)], &[], "`Both` is false if `Other` is false"),
        (&[("Both", true)], &[("X", "y")], "`Both` is false if `X` is `y`"),
        (&[], &[("Env", "test")], "`Env` is one of `dev`, `prod`"),
    ] {
        assert_eq!(why(conditions, parameters).as_deref(), Some(expected));
    }
    for (conditions, parameters) in [
        (&[("IsDev", true), ("IsProd", false)][..], &[("Env", "dev")][..]),
        (&[("IsDev", true), ("Other", true)], &[("X", "x")]),
        (&[("Both", false), ("IsProd", true)], &[]),
        (&[("Unknown", true)], &[("Y", "y")]),
    ] {
        assert_eq!(why(conditions, parameters), None, "{conditions:?} {parameters:?}");
    }
}

/// What AWS's documentation leaves open decides nothing either.
#[test]
fn an_open_reading_decides_nothing() {
    let allow = json!({"Effect": "Allow", "Action": "*", "Resource": "*"});
    let deny = |condition: Value, context: Value| {
        let deny = json!({"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": condition});
        verdict(json!([allow, deny]), "s3:GetObject", context)
    };
    let source = json!({"aws:SourceArn": "arn:aws:sns:us-east-1:111111111111:t"});
    assert_eq!(deny(json!({"ArnLike": {"aws:SourceArn": "*"}}), source.clone()), Verdict::Undecided);
    assert_eq!(
        deny(json!({"ArnNotLike": {"aws:SourceArn": "arn:aws:sns*"}}), source.clone()),
        Verdict::Undecided
    );
    assert_eq!(
        deny(json!({"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:*:*"}}), source),
        Verdict::ExplicitlyDenied
    );
    for operator in ["StringEquals", "StringNotEquals"] {
        let both = json!({"aws:TagKeys": ["a", "b"]});
        assert_eq!(deny(json!({operator: {"aws:TagKeys": "a"}}), both), Verdict::Undecided, "{operator}");
    }
    let one = json!({"aws:TagKeys": ["a"]});
    assert_eq!(deny(json!({"StringEquals": {"aws:TagKeys": "a"}}), one), Verdict::ExplicitlyDenied);
}

fn requests(document: &Document) -> Vec<Request> {
    let values = |of: &dyn Fn(&polmerge::policy::Statement) -> Vec<String>, more: &[&str]| {
        let mut all: Vec<String> = document.policy.statements.iter().flat_map(of).take(3).collect();
        all.extend(more.iter().map(|text| (*text).to_owned()));
        all
    };
    let element = |element: &Option<polmerge::policy::Element>| {
        let items = element.iter().flat_map(|element| &element.values.items);
        items.map(|value| value.text.replace('*', "x")).take(2).collect::<Vec<_>>()
    };
    let actions = values(&|statement| element(&statement.action), &["s3:GetObject"]);
    let resources = values(&|statement| element(&statement.resource), &["*", ":::::é", "arn:aws:s3:::b/k"]);
    let principals = values(
        &|statement| {
            let named = statement.principal.iter().flat_map(|element| element.principals());
            named.map(|(_, value)| value.text.clone()).take(2).collect()
        },
        &["arn:aws:sts::111111111111:assumed-role/x/y", "s3.amazonaws.com"],
    );
    let tests = document.policy.statements.iter().flat_map(|statement| &statement.conditions);
    let context: serde_json::Map<String, Value> =
        tests.filter_map(|test| Some((test.key.clone(), json!(test.values.items.first()?.text)))).collect();
    let mut requests = Vec::new();
    for (at, action) in actions.iter().enumerate() {
        for resource in &resources {
            for principal in &principals {
                let context = if at % 2 == 0 { json!(context) } else { json!({}) };
                let request = json!({"principal": principal, "action": action, "resource": resource, "context": context});
                // Not all that a policy names can call.
                requests.extend(Request::from_json(&request));
            }
        }
    }
    requests
}

#[test]
fn no_real_policy_makes_it_panic() {
    let Some(texts) = crate::corpus::texts("no_real_policy_makes_it_panic") else { return };
    let (mut asked, mut allowed) = (0, 0);
    for (_, text) in texts {
        let document = open_policy(Source::new("corpus", text), &Hints::default());
        let requests = requests(&document);
        let prepared = || Prepared::new(&document.policy, document.kind);
        let policies = match document.kind {
            Kind::Identity => Policies { identity: vec![prepared()], ..Policies::default() },
            _ => Policies { resource: Some(prepared()), scp: vec![vec![prepared()]], ..Policies::default() },
        };
        for request in &requests {
            let decision: Decision<'_> = decide(&policies, request);
            asked += 1;
            allowed += usize::from(decision.verdict == Verdict::Allowed);
        }
    }
    assert!(asked > 10_000 && allowed > 100, "{allowed} of {asked}");
}

/// The policy of one bucket decides nothing on another.
#[test]
fn the_policy_of_another_resource_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.json");
    let statement = json!({"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::333333333333:role/s"},
        "Action": "s3:GetObject", "Resource": "arn:aws:s3:::*/*"});
    let properties = json!({"Bucket": "logs", "PolicyDocument": policy(statement)});
    let template = json!({"Resources": {"P": {"Type": "AWS::S3::BucketPolicy", "Properties": properties}}});
    std::fs::write(&path, template.to_string()).unwrap();
    let ask = |resource: &str| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_polmerge"));
        let asked = [
            "can",
            "--principal",
            "arn:aws:iam::333333333333:role/s",
            "--action",
            "s3:GetObject",
            "--resource",
        ];
        command.args(asked).arg(resource).arg("--resource-policy").arg(&path);
        let output = command.output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    assert_eq!(ask("arn:aws:s3:::logs/x").0, Some(0));
    let (status, message) = ask("arn:aws:s3:::logs2/x");
    assert_eq!(status, Some(2));
    assert!(message.contains("attached to `arn:aws:s3:::logs`"), "{message}");
    // An access point is not a part of its bucket's ARN.
    assert_ne!(ask("arn:aws:s3:us-east-1:333333333333:accesspoint/a/object/x").0, Some(2));
}

/// Of more cases than are looked at, those are that the request depends on.
#[test]
fn cases_past_the_limit_are_those_that_matter() {
    let folder = tempfile::tempdir().unwrap();
    let ask = |statement: &dyn Fn(usize) -> Value, action: &str, bucket: usize, assume: &[&str]| {
        let statements: Vec<Value> = (0..6).map(statement).collect();
        let parameters: serde_json::Map<String, Value> =
            (0..6).map(|number| (format!("E{number}"), json!({"Type": "String"}))).collect();
        let conditions: serde_json::Map<String, Value> = (0..6)
            .map(|number| (format!("C{number}"), json!({"Fn::Equals": [{"Ref": format!("E{number}")}, "x"]})))
            .collect();
        let properties = json!({"PolicyDocument": {"Version": "2012-10-17", "Statement": statements}});
        let template = json!({"Parameters": parameters, "Conditions": conditions,
            "Resources": {"P": {"Type": "AWS::IAM::ManagedPolicy", "Properties": properties}}});
        let path = folder.path().join("t.json");
        std::fs::write(&path, template.to_string()).unwrap();
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_polmerge"));
        command.args(["can", "--principal", "arn:aws:iam::111111111111:user/u", "--action", action]);
        command.args([
            "--resource",
            &format!("arn:aws:s3:::b{bucket}/x"),
            "--resource-account",
            "111111111111",
        ]);
        command.args(assume.iter().flat_map(|assume| ["--assume", assume])).arg("--identity").arg(&path);
        let output = command.output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    let in_value = |number: usize| {
        json!({"Effect": "Allow", "Resource": format!("arn:aws:s3:::b{number}/*"),
            "Action": {"Fn::If": [format!("C{number}"), "s3:GetObject", "s3:PutObject"]}})
    };
    let whole = |number: usize| {
        let statement = json!({"Effect": "Allow", "Resource": format!("arn:aws:s3:::b{number}/*"), "Action": "s3:GetObject"});
        json!({"Fn::If": [format!("C{number}"), statement, {"Ref": "AWS::NoValue"}]})
    };
    for statement in [&in_value as &dyn Fn(usize) -> Value, &whole] {
        for bucket in [0, 5] {
            let (status, text) = ask(statement, "s3:GetObject", bucket, &[]);
            assert_eq!(status, Some(3), "{text}");
            assert!(text.contains(&format!("--assume C{bucket}=true")), "{text}");
            let settled =
                |holds: &str| ask(statement, "s3:GetObject", bucket, &[&format!("C{bucket}={holds}")]).0;
            assert_eq!([settled("true"), settled("false")], [Some(0), Some(1)]);
            assert_eq!(ask(statement, "s3:DeleteObject", bucket, &[]).0, Some(1), "no branch has it");
        }
    }
}

fn can(arguments: &[&str]) -> (Option<i32>, String) {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_polmerge"));
    let output = command.arg("can").args(arguments).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
    (output.status.code(), text)
}

/// What the details of an account name and do not have is not told as a statement of theirs.
#[test]
fn a_policy_that_the_details_lack_allows_nothing_in_print() {
    let folder = tempfile::tempdir().unwrap();
    let account = "arn:aws:iam::111111111111";
    let inline = |name: &str, action: &str| {
        let statement = json!({"Effect": "Allow", "Action": action, "Resource": "*"});
        json!({"PolicyName": name, "PolicyDocument": policy(statement)})
    };
    let trusts = |name: &str, whom: &str| {
        let statement = json!({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": whom}});
        json!({"RoleName": name, "Arn": format!("{account}:role/{name}"), "RolePolicyList": [],
            "AttachedManagedPolicies": [], "AssumeRolePolicyDocument": policy(statement)})
    };
    let details = |attached: Value| {
        json!({"UserDetailList": [{"UserName": "u", "Arn": format!("{account}:user/u"), "GroupList": [],
            "UserPolicyList": [inline("own", "sts:AssumeRole"), inline("two", "s3:GetObject")],
            "AttachedManagedPolicies": attached}],
            "RoleDetailList": [trusts("r", "111111111111"), trusts("q", "222222222222")], "IsTruncated": true})
    };
    let attached = json!([{"PolicyName": "p", "PolicyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}]);
    let (open, known) = (folder.path().join("open.json"), folder.path().join("known.json"));
    std::fs::write(&open, details(attached).to_string()).unwrap();
    std::fs::write(&known, details(json!([])).to_string()).unwrap();
    let ask = |file: &std::path::Path, action: &str, resource: &str, more: &[&str]| {
        let user = format!("{account}:user/u");
        let request = ["--principal", &user, "--action", action, "--resource", resource, "--identity"];
        let file = file.to_str().unwrap();
        can(&[
            &request[..],
            &[file],
            &more.iter().map(|one| if *one == "FILE" { file } else { one }).collect::<Vec<_>>(),
        ]
        .concat())
    };
    let instance = "arn:aws:ec2:us-east-1:111111111111:instance/i-0123456789abcdef0";
    let (status, text) = ask(&open, "ec2:StartInstances", instance, &[]);
    assert_eq!(status, Some(3), "{text}");
    assert!(!text.contains("allow ") && !text.contains("allows"), "{text}");
    assert!(
        text.contains("depends on managed policy `arn:aws:iam::aws:policy/ReadOnlyAccess`, which"),
        "{text}"
    );
    assert!(!text.contains("aws:ResourceAccount"), "no policy tests it: {text}");
    let (_, data) = ask(&open, "ec2:StartInstances", instance, &["--format", "json"]);
    let data: Value = serde_json::from_str(&data).unwrap();
    assert_eq!(data["by"], json!([]));
    assert_eq!(data["taken"], json!(["inline policy `own` of user `u`", "inline policy `two` of user `u`"]));
    // What they have is told by its name.
    let (status, text) = ask(&known, "ec2:StartInstances", instance, &[]);
    assert_eq!(status, Some(1), "{text}");
    assert!(
        text.replace("\n          ", " ")
            .contains("(inline policy `own` of user `u` and inline policy `two` of user `u` have none)"),
        "{text}"
    );
    let (status, text) = ask(&known, "s3:GetObject", "arn:aws:s3:::b/k", &[]);
    assert_eq!(status, Some(0), "{text}");
    assert!(text.contains("statement 1 of inline policy `two` of user `u`"), "{text}");
    // The same file has the trust policies: the one of the resource is taken, or the one that is chosen.
    for (role, more, expected) in [
        ("r", &["--resource-policy", "FILE"][..], Some(0)),
        ("q", &["--resource-policy", "FILE"], Some(1)),
        ("r", &["--resource-policy", "FILE", "--at", "/RoleDetailList/1/AssumeRolePolicyDocument"], Some(1)),
        ("r", &["--resource-policy", "FILE", "--at", "/RoleDetailList/0/AssumeRolePolicyDocument"], Some(0)),
        ("gone", &["--resource-policy", "FILE"], Some(2)),
    ] {
        let (status, text) = ask(&known, "sts:AssumeRole", &format!("{account}:role/{role}"), more);
        assert_eq!(status, expected, "{role} {more:?}: {text}");
    }
    // Who is not there may have been cut off.
    let other = format!("{account}:user/other");
    let (status, text) = can(&[
        "--principal",
        &other,
        "--action",
        "s3:GetObject",
        "--resource",
        "*",
        "--identity",
        known.to_str().unwrap(),
    ]);
    assert_eq!(status, Some(2));
    assert!(text.contains("the answer is cut off"), "{text}");
}

/// A user can settle what a resource of a template gives, and is not told to settle what would settle nothing.
#[test]
fn what_a_resource_gives_can_be_assumed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.json");
    let queue = "arn:aws:sqs:us-east-1:111111111111:q";
    let ask = |resource: Value, assume: &[&str]| {
        let statement = json!({"Effect": "Allow", "Resource": resource,
            "Action": {"Fn::If": ["IsProd", "sqs:SendMessage", "sqs:*"]}});
        let properties = json!({"PolicyDocument": policy(statement)});
        let template = json!({"Resources": {"Queue": {"Type": "AWS::SQS::Queue"},
            "P": {"Type": "AWS::IAM::ManagedPolicy", "Properties": properties}}});
        std::fs::write(&path, template.to_string()).unwrap();
        let user = "arn:aws:iam::111111111111:user/u";
        let request = ["--principal", user, "--action", "sqs:SendMessage", "--resource", queue, "--identity"];
        let assume = assume.iter().flat_map(|one| ["--assume", one]);
        can(&request.into_iter().chain([path.to_str().unwrap()]).chain(assume).collect::<Vec<_>>())
    };
    let (own, other) = (format!("Queue.Arn={queue}"), format!("Queue.Arn={queue}2"));
    for resource in [
        json!({"Fn::GetAtt": ["Queue", "Arn"]}),
        json!({"Fn::GetAtt": "Queue.Arn"}),
        json!({"Fn::Sub": "${Queue.Arn}"}),
    ] {
        let (status, text) = ask(resource.clone(), &[]);
        assert_eq!(status, Some(3), "{text}");
        assert!(
            text.contains("settle it with --assume Queue.Arn=VALUE") && text.contains("may allow"),
            "{text}"
        );
        assert!(!text.contains("IsProd"), "it settles nothing: {text}");
        assert_eq!(ask(resource.clone(), &[&own]).0, Some(0));
        assert_eq!(ask(resource.clone(), &[&other]).0, Some(1));
        let (status, text) = ask(resource, &["Queue=x"]);
        assert_eq!(status, Some(2), "{text}");
        assert!(text.contains("write --assume Queue.Arn=VALUE"), "{text}");
    }
    assert_eq!(ask(json!({"Ref": "Queue"}), &[&format!("Queue={queue}")]).0, Some(0));
    // A condition that the policy has is taken, also where it settles nothing of this request.
    assert_eq!(ask(json!({"Ref": "Queue"}), &["IsProd=true"]).0, Some(3));
    assert_eq!(ask(json!(queue), &["IsProd=true"]).0, Some(0));
}

/// Two templates are two stacks: what is written alike in both may be set otherwise in each.
#[test]
fn each_template_has_parameters_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let only_if = |condition: &str, kind: &str, principal: Option<&str>| {
        let mut statement =
            json!({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::x/*"});
        if let Some(principal) = principal {
            statement["Principal"] = principal.into();
        }
        let none = json!({"Ref": "AWS::NoValue"});
        json!({
            "Parameters": {"Env": {"Type": "String", "AllowedValues": ["a", "b"]}},
            "Conditions": {"C": {"Fn::Equals": [{"Ref": "Env"}, "a"]}, "D": {"Fn::Not": [{"Condition": "C"}]}},
            "Resources": {"P": {"Type": kind, "Properties": {"Bucket": "x", "PolicyDocument": {
                "Version": "2012-10-17", "Statement": [{"Fn::If": [condition, statement, none]}]}}}},
        })
    };
    let put = |name: &str, template: &Value| {
        let path = folder.path().join(name);
        std::fs::write(&path, template.to_string()).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let identity = put("id.json", &only_if("C", "AWS::IAM::ManagedPolicy", None));
    let bucket = put("bucket.json", &only_if("D", "AWS::S3::BucketPolicy", Some("*")));
    let boundary = put("boundary.json", &only_if("D", "AWS::IAM::ManagedPolicy", None));
    let request = [
        "--principal",
        "arn:aws:iam::111111111111:role/r",
        "--action",
        "s3:GetObject",
        "--resource",
        "arn:aws:s3:::x/y",
        "--resource-account",
        "111111111111",
        "--identity",
        &identity,
    ];
    let ask = |more: &[&str]| can(&[&request[..], more].concat());
    // Env may be b for the role and a for the bucket, or the other way about.
    let (status, text) = ask(&["--resource-policy", &bucket]);
    assert_eq!(status, Some(3), "{text}");
    let (status, text) = ask(&["--boundary", &boundary]);
    assert_eq!(status, Some(3), "{text}");
    // In one file, one of the two conditions is true.
    let (status, text) = ask(&["--boundary", &identity]);
    assert_eq!(status, Some(3), "{text}");
    assert_eq!(ask(&["--assume", "C=true"]).0, Some(0));
    assert_eq!(ask(&["--assume", "C=false"]).0, Some(1));
}

/// IAM guide, "Principal key values": a user has its unique id, a session that of its role with its own name.
#[test]
fn the_id_of_the_caller_is_taken_from_the_details() {
    let folder = tempfile::tempdir().unwrap();
    let account = "arn:aws:iam::111111111111";
    let document = |id: &str| {
        policy(
            json!([{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}, {"Effect": "Deny", "Action": "s3:*",
            "Resource": "*", "Condition": {"StringEquals": {"aws:userid": id}}}]),
        )
    };
    let details = |id: &str| {
        json!({"UserDetailList": [{"UserName": "u", "UserId": "AIDA1", "Arn": format!("{account}:user/u"), "GroupList": [],
            "UserPolicyList": [{"PolicyName": "p", "PolicyDocument": document(id)}], "AttachedManagedPolicies": []}],
            "RoleDetailList": [{"RoleName": "r", "RoleId": "AROA1", "Arn": format!("{account}:role/r"),
            "RolePolicyList": [{"PolicyName": "p", "PolicyDocument": document(id)}], "AttachedManagedPolicies": []}]})
    };
    let path = folder.path().join("d.json");
    for (caller, id, status) in [
        (format!("{account}:user/u"), "AIDA1", 1),
        (format!("{account}:user/u"), "AIDA2", 0),
        ("arn:aws:sts::111111111111:assumed-role/r/s".to_owned(), "AROA1:s", 1),
        ("arn:aws:sts::111111111111:assumed-role/r/s".to_owned(), "AROA1:t", 0),
    ] {
        std::fs::write(&path, details(id).to_string()).unwrap();
        let (found, text) = can(&[
            "--principal",
            &caller,
            "--action",
            "s3:ListAllMyBuckets",
            "--resource",
            "*",
            "--identity",
            path.to_str().unwrap(),
        ]);
        assert_eq!(found, Some(status), "{caller} {id}: {text}");
    }
}
