//! Every place where AWS's API has a policy is found, with its kind and its pointer.
#![allow(clippy::print_stderr, reason = "a test that is skipped says so")]

#[path = "support/corpus.rs"]
mod corpus;

use polmerge::document::{Hints, open};
use polmerge::{Kind, Source};
use serde_json::{Map, Value, json};

/// A place as the list beside the project has it, derived from botocore's models.
#[derive(serde::Deserialize)]
struct Place {
    service: String,
    operation: String,
    path: String,
    form: String,
    kind: String,
    resource_arn_path: Option<String>,
}

/// A policy of a kind, which only such a policy can be.
fn policy(kind: Kind) -> Value {
    let principal = kind.names_principal().then(|| json!("*"));
    let (action, resource) = match kind {
        Kind::Trust => ("sts:AssumeRole", None),
        Kind::Kms => ("kms:Decrypt", Some("*")),
        Kind::S3 => ("s3:GetObject", Some("arn:aws:s3:::b/*")),
        Kind::Sns => ("sns:Publish", Some("*")),
        Kind::Sqs => ("sqs:SendMessage", Some("*")),
        Kind::Ecr => ("ecr:BatchGetImage", None),
        Kind::SecretsManager => ("secretsmanager:GetSecretValue", Some("*")),
        Kind::Lambda => ("lambda:InvokeFunction", Some("*")),
        Kind::Iot => ("iot:Connect", Some("*")),
        Kind::Resource => ("glue:GetTable", Some("*")),
        _ => ("ec2:DescribeInstances", Some("*")),
    };
    let mut statement = json!({ "Effect": "Allow", "Action": action });
    if let Some(principal) = principal {
        statement["Principal"] = principal;
    }
    if let Some(resource) = resource {
        statement["Resource"] = json!(resource);
    }
    json!({ "Version": "2012-10-17", "Statement": [statement] })
}

/// Puts something round a value, and says where the value is then.
type Around = fn(Value) -> (Value, &'static str);

/// An answer with a value at a path, and the pointer to it.
fn answer(path: &str, value: Value) -> (Value, String) {
    let (step, rest) = path.split_once('.').map_or((path, None), |(step, rest)| (step, Some(rest)));
    let (name, around): (&str, Around) = match step {
        _ if step.ends_with("[*]") => (&step[..step.len() - 3], |value| (json!([null, value]), "/1")),
        _ if step.ends_with("{*}") => (&step[..step.len() - 3], |value| (json!({ "some": value }), "/some")),
        step => (step, |value| (value, "")),
    };
    let (value, below) = match rest {
        Some(rest) => answer(rest, value),
        None => (value, String::new()),
    };
    let (value, at) = around(value);
    (Value::Object(Map::from_iter([(name.to_owned(), value)])), format!("/{name}{at}{below}"))
}

/// Members without which these commands cannot be asked, and by which they are told from others.
const BESIDE: [(&str, &str); 5] = [
    ("CreatePodIdentityAssociation", "clusterName"),
    ("CreateVpcEndpoint", "VpcId"),
    ("ModifyVpcEndpoint", "VpcEndpointId"),
    ("UpdatePodIdentityAssociation", "clusterName"),
    ("UpdatePolicy", "PolicyId"),
];

#[test]
fn every_place_of_aws_is_found() {
    let Some(corpus) = corpus::folder("every_place_of_aws_is_found") else { return };
    let text = std::fs::read_to_string(corpus.join("../catalogue/envelopes.json")).unwrap();
    let places: Vec<Place> = serde_json::from_str(&text).unwrap();
    assert!(places.len() > 400);
    let mut wrong = Vec::new();
    for place in &places {
        // Anything may stand there, or a whole template; and copies of the roles' trust policies.
        let other =
            ["by TypeName", "by resource type", "by event", "by resourceType"].contains(&&*place.kind);
        if other || place.path.contains("InstanceProfileList[*].Roles") || place.service == "serverlessrepo" {
            continue;
        }
        let kind = match place.kind.as_str() {
            "by PolicySummary.Type" | "by Type" | "scp, rcp or another policy" => Kind::Scp,
            "by policyType" => Kind::Identity,
            kind => kind.parse().unwrap(),
        };
        let policy = policy(kind);
        let policy = if place.path.eq_ignore_ascii_case("Statement") {
            policy["Statement"][0].clone()
        } else {
            policy
        };
        let value = if place.form == "object" { policy } else { json!(policy.to_string()) };
        let (mut answer, pointer) = answer(&place.path, value);
        for (operation, name) in BESIDE {
            if operation == place.operation {
                answer[name] = json!("x");
            }
        }
        let file = open(Source::new("answer.json", answer.to_string()), &Hints::default());
        let found: Vec<(Kind, &str)> =
            file.documents.iter().map(|document| (document.kind, document.pointer())).collect();
        if found != [(kind, &*pointer)] {
            wrong.push(format!("{} {}: {pointer}, {kind}: {found:?}", place.service, place.operation));
        }
        let statements =
            file.documents.iter().map(|document| document.policy.statements.len()).sum::<usize>();
        assert_eq!(statements, 1, "{} {}", place.service, place.operation);
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), places.len(), wrong.join("\n"));
}

/// The ARN of what a policy is attached to, in the same item of the same list.
#[test]
fn the_resource_is_that_of_the_same_item() {
    let Some(corpus) = corpus::folder("the_resource_is_that_of_the_same_item") else { return };
    let text = std::fs::read_to_string(corpus.join("../catalogue/envelopes.json")).unwrap();
    let places: Vec<Place> = serde_json::from_str(&text).unwrap();
    let mut seen = 0;
    for place in &places {
        let (Some(arn), Ok(kind)) = (&place.resource_arn_path, place.kind.parse::<Kind>()) else { continue };
        if place.form == "json-text in json-text" || place.path.contains("InstanceProfileList") {
            continue;
        }
        let value = json!(policy(kind).to_string());
        let (mut answer, pointer) = self::answer(&place.path, value);
        let (arns, _) = self::answer(arn, json!("arn:aws:x:us-east-1:111111111111:this"));
        join(&mut answer, arns);
        let file = open(Source::new("answer.json", answer.to_string()), &Hints::default());
        let found: Vec<(&str, Option<&str>)> = file
            .documents
            .iter()
            .map(|document| (document.pointer(), document.resource.as_deref()))
            .collect();
        let wanted = [(&*pointer, Some("arn:aws:x:us-east-1:111111111111:this"))];
        assert_eq!(found, wanted, "{} {}", place.service, place.operation);
        seen += 1;
    }
    assert!(seen > 50, "{seen}");
}

fn join(left: &mut Value, right: Value) {
    match (left, right) {
        (Value::Object(left), Value::Object(right)) => {
            for (name, value) in right {
                join(left.entry(name).or_insert(Value::Null), value);
            }
        }
        (Value::Array(left), Value::Array(right)) => {
            left.iter_mut().zip(right).for_each(|(left, right)| join(left, right));
        }
        (left @ Value::Null, right) => *left = right,
        _ => {}
    }
}
