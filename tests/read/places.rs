//! Every place where AWS's API has a policy is found, with its kind and its pointer; and what a file of which nothing is
//! known may decide of the policy in it is not taken for the same.
#![allow(clippy::print_stderr, reason = "a test that is skipped says so")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use polmerge::analyze::compare::compare;
use polmerge::analyze::space::Relation;
use polmerge::document::{Document, File, Hints, open};
use polmerge::lint::{Settings, lint};
use polmerge::{Kind, Source};
use serde_json::{Map, Value, json};

use crate::corpus;

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

fn only(value: &Value) -> Document {
    let mut file = open(Source::new("file.json", value.to_string()), &Hints::default());
    assert_eq!(file.documents.len(), 1, "{value}");
    file.documents.remove(0)
}

fn relation(old: &Value, new: &Value) -> (Relation, bool) {
    let (old, new) = (only(old), only(new));
    let comparison = compare(&old, &new);
    (comparison.change.relation, comparison.change.exact)
}

/// Names that another tool fills in stand for what the rest of the file says, whatever that is.
#[test]
fn equal_policies_in_files_that_differ_are_not_proved_to_be_the_same() {
    let with = |principal: Value| {
        json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": principal,
            "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}]})
    };
    let terraform = |who: &str| {
        json!({"locals": {"who": who}, "resource": {"aws_s3_bucket_policy": {"p": {
            "policy": with(json!({"AWS": "${local.who}"})).to_string()}}}})
    };
    let serverless = |value: Value| {
        let deny = json!({"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"});
        let mut policy = with(json!({"AWS": "111111111111"}));
        policy["Statement"]
            .as_array_mut()
            .unwrap()
            .push(json!({"Fn::If": ["C", deny, {"Ref": "AWS::NoValue"}]}));
        json!({"resources": {"Conditions": {"C": {"Fn::Equals": [value, "x"]}}, "Resources": {"B": {
            "Type": "AWS::S3::BucketPolicy", "Properties": {"PolicyDocument": policy}}}}})
    };
    let in_a_loop = |values: Value, principal: &str| {
        json!({"Resources": {"Fn::ForEach::All": ["Who", values, {"P${Who}": {"Type": "AWS::S3::BucketPolicy",
            "Properties": {"Bucket": "b", "PolicyDocument": with(json!({"AWS": principal}))}}}]}})
    };
    let in_text = |who: &str| json!({"a": json!({"who": who, "policy": with(json!({"AWS": "{{ who }}"}))}).to_string()});
    let planned = |other: &str| {
        json!({"format_version": "1.2", "planned_values": {"root_module": {"resources": []}}, "variables": other,
            "resource_changes": [{"address": "aws_sqs_queue_policy.q", "type": "aws_sqs_queue_policy",
                "change": {"after_unknown": {"policy": true}}}]})
    };
    for (old, new) in [
        (terraform("111111111111"), terraform("*")),
        (serverless(json!({"Ref": "A"})), serverless(json!({"Ref": "B"}))),
        (in_a_loop(json!(["111111111111"]), "${Who}"), in_a_loop(json!(["*"]), "${Who}")),
        (in_a_loop(json!(["a"]), "111111111111"), in_a_loop(json!([]), "111111111111")),
        (in_text("1"), in_text("*")),
        (planned("a"), planned("b")),
    ] {
        assert_eq!(relation(&old, &new), (Relation::Unproved, false), "{old}\n{new}");
        assert_eq!(relation(&old, &old), (Relation::Equivalent, true), "{old}");
    }
    // What has no names does not depend on them.
    let policy = with(json!({"AWS": "111111111111"}));
    let plain = |other: &str| json!({"other": {"name": other}, "own": {"policy": policy}});
    assert_eq!(relation(&plain("a"), &plain("b")), (Relation::Equivalent, true));
    // What is directly beside it may be what it is attached to.
    let beside = |other: &str| json!({"other": other, "policy": policy});
    assert_eq!(relation(&beside("a"), &beside("b")), (Relation::Unproved, false));
}

/// The Serverless Framework fills in every `${…}` before CloudFormation and AWS see it: what it puts there is not known, also
/// where AWS has a policy variable of the same name or a service of the same prefix.
#[test]
fn what_a_framework_fills_in_is_no_policy_variable() {
    let role = |action: &str, resource: &str| {
        let statement = json!({"Effect": "Allow", "Action": action, "Resource": resource});
        json!({"service": "x", "provider": {"name": "aws", "iam": {"role": {"statements": [statement]}}}})
    };
    let template = |action: &str, resource: &str| {
        let policy = json!({"Statement": [{"Effect": "Allow", "Action": action, "Resource": resource}]});
        json!({"service": "x", "resources": {"Resources": {"P": {
            "Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": policy}}}}})
    };
    type File<'a> = &'a dyn Fn(&str, &str) -> Value;
    let files: [File<'_>; 2] = [&role, &template];
    let zappa = |role: &str| {
        json!({"dev": {"app_function": "a.b", "role_name": role, "extra_permissions": [
            {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}})
    };
    assert_eq!(relation(&zappa("r"), &zappa("admin")), (Relation::Unproved, false));
    assert_eq!(relation(&zappa("r"), &zappa("r")), (Relation::Equivalent, true));
    for file in files {
        for resource in [
            "arn:aws:sqs:${aws:region}:${aws:accountId}:jobs",
            "arn:aws:sqs:us-east-1:111111111111:${ssm:/jobs}",
            "arn:aws:sqs:us-east-1:111111111111:${aws:username}",
            "${s3:bucket/key}",
        ] {
            let (old, new) = (file("sqs:SendMessage", resource), file("sqs:*", resource));
            let (found, exact) = relation(&old, &new);
            assert!(!exact && found != Relation::Equivalent, "{found:?} {old} {new}");
            assert_eq!(relation(&old, &old), (Relation::Equivalent, true), "{old}");
        }
        let (old, new) =
            (file("sqs:SendMessage", "arn:aws:sqs:us-east-1:111111111111:jobs"), file("sqs:*", "*"));
        assert_eq!(relation(&old, &new), (Relation::Broader, true));
        // What else the file says may be what is filled in, or be given to the role.
        let mut other = old.clone();
        other["custom"] = json!({"b": "*"});
        assert_eq!(relation(&old, &other), (Relation::Unproved, false));
    }
    // Elsewhere it is a variable, which grants nothing before the fifth colon.
    let plain = |action: &str| json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": "arn:aws:sqs:${aws:region}:1:jobs"}]});
    assert_eq!(relation(&plain("sqs:SendMessage"), &plain("sqs:*")), (Relation::Equivalent, true));
}

/// A policy may be what another one of the file is called by.
#[test]
fn other_policies_of_the_file_count() {
    let file = |action: &str| {
        let one = json!({"Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}]});
        let two = json!({"Statement": [{"Effect": "Allow", "Action": "${local.one.Statement[0].Action}", "Resource": "*"}]});
        open(
            Source::new("x.tf.json", json!({"locals": {"one": one, "two": two}}).to_string()),
            &Hints::default(),
        )
    };
    let (old, new, same) = (file("s3:GetObject"), file("s3:*"), file("s3:GetObject"));
    let second = |file: &polmerge::document::File| file.documents[1].elsewhere();
    assert!(second(&old).is_some());
    assert_eq!(second(&old), second(&same));
    assert_ne!(second(&old), second(&new));
}

/// What a plan says will be known, and a template's functions, are policies of which nothing is known, also in types that
/// only their texts tell.
#[test]
fn policies_that_are_not_known_yet_are_named() {
    let plan = |name: &str, attribute: &str| {
        json!({"format_version": "1.2", "planned_values": {"root_module": {"resources": []}}, "resource_changes": [
            {"address": format!("{name}.p"), "mode": "managed", "type": name, "name": "p",
             "change": {"actions": ["create"], "before": null, "after": {}, "after_unknown": {"id": true, attribute: true}}}]})
    };
    let template = |name: &str, property: &str, value: Value| {
        json!({"Resources": {"A": {"Type": name, "Properties": {"Name": "x", property: value}},
            "Topic": {"Type": "AWS::SNS::Topic"}}})
    };
    let reference = || json!({"Ref": "P"});
    let pointers = |value: &Value| {
        let file = open(Source::new("file.json", value.to_string()), &Hints::default());
        let at = file.documents.iter().map(|document| {
            assert_eq!(document.not_analyzed().len(), 1, "{value}");
            document.pointer().to_owned()
        });
        at.collect::<Vec<_>>()
    };
    for (name, attribute) in [
        ("aws_sqs_queue_policy", "policy"),
        ("aws_glue_resource_policy", "policy"),
        ("aws_glacier_vault_lock", "policy"),
        ("aws_s3tables_table_policy", "resource_policy"),
        ("awscc_iam_role", "assume_role_policy_document"),
        ("awscc_kms_key", "key_policy"),
    ] {
        let wanted = format!("/resource_changes/0/change/after_unknown/{attribute}");
        assert_eq!(pointers(&plan(name, attribute)), [wanted], "{name}");
    }
    for (name, attribute) in [
        ("aws_ecr_lifecycle_policy", "policy"),
        ("aws_sqs_queue_policy", "id"),
        ("aws_sqs_queue", "redrive_policy"),
        ("google_project_iam_policy", "policy"),
    ] {
        assert_eq!(pointers(&plan(name, attribute)), [""; 0], "{name}");
    }
    for (name, property) in [
        ("AWS::Logs::Destination", "DestinationPolicy"),
        ("AWS::MediaStore::Container", "Policy"),
        ("Custom::Foo", "PolicyDocument"),
        ("My::Mod::MODULE", "PolicyDocument"),
    ] {
        let wanted = format!("/Resources/A/Properties/{property}");
        assert_eq!(pointers(&template(name, property, reference())), [&*wanted], "{name}");
        let chosen = json!({"Fn::If": ["C", reference(), {"Ref": "AWS::NoValue"}]});
        assert_eq!(pointers(&template(name, property, chosen)), [wanted + "/Fn::If/1"], "{name}");
        // That is a name.
        assert_eq!(pointers(&template(name, property, json!({"Ref": "Topic"}))), [""; 0], "{name}");
    }
    let mut tags = plan("aws_organizations_policy", "content");
    assert_eq!(pointers(&tags), ["/resource_changes/0/change/after_unknown/content"]);
    tags["resource_changes"][0]["change"]["after"] = json!({"type": "TAG_POLICY"});
    assert_eq!(pointers(&tags), [""; 0]);
    let content = |kind: &str| {
        json!({"Resources": {"A": {"Type": "AWS::Organizations::Policy",
            "Properties": {"Type": kind, "Content": reference()}}}})
    };
    assert_eq!(pointers(&content("RESOURCE_CONTROL_POLICY")), ["/Resources/A/Properties/Content"]);
    assert_eq!(pointers(&content("TAG_POLICY")), [""; 0]);
    for (name, property) in
        [("AWS::SQS::Queue", "RedrivePolicy"), ("AWS::Logs::AccountPolicy", "PolicyDocument")]
    {
        assert_eq!(pointers(&template(name, property, reference())), [""; 0], "{name}");
    }
}

/// The changes of a plan say all that its planned values do.
#[test]
fn a_plan_without_planned_values_is_read() {
    let policy = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*",
        "Action": "sqs:*", "Resource": "*"}]});
    let other = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]});
    let change = |name: &str, policy: &Value| {
        json!({"address": format!("{name}.p"), "mode": "managed", "type": name, "name": "p", "change": {
            "actions": ["update"], "before": {"policy": "{}"}, "after": {"policy": policy.to_string()}}})
    };
    let gone = json!({"address": "aws_iam_policy.x", "type": "aws_iam_policy",
        "change": {"actions": ["delete"], "before": {"policy": other.to_string()}, "after": null}});
    let plan = json!({"format_version": "1.2", "resource_changes":
        [change("aws_sqs_queue_policy", &policy), change("aws_glue_resource_policy", &policy), gone]});
    let file = open(Source::new("plan.json", plan.to_string()), &Hints::default());
    let found: Vec<(Kind, &str)> =
        file.documents.iter().map(|document| (document.kind, document.pointer())).collect();
    assert_eq!(
        found.iter().map(|(_, pointer)| *pointer).collect::<Vec<_>>(),
        ["/resource_changes/0/change/after/policy", "/resource_changes/1/change/after/policy"]
    );
    assert_eq!(found[0].0, Kind::Sqs);
    assert!(file.documents[0].is_made_by_terraform());
}

fn configuration(resources: Value) -> File {
    open(Source::new("main.tf.json", json!({ "resource": resources }).to_string()), &Hints::default())
}

fn sent(action: &str) -> String {
    json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}]})
        .to_string()
}

/// How many there are of a resource decides whether its policy is there.
#[test]
fn a_number_of_resources_is_a_condition_of_their_policies() {
    let of = |number: Value| {
        let mut block = number;
        block["policy"] = sent("s3:GetObject").into();
        configuration(json!({"aws_iam_policy": {"p": block}})).documents.remove(0)
    };
    let relation = |old: &Value, new: &Value| {
        let change = compare(&of(old.clone()), &of(new.clone())).change;
        (change.relation, change.exact)
    };
    let always = [
        json!({}),
        json!({"count": 1}),
        json!({"count": "2"}),
        json!({"for_each": {"a": 1}}),
        json!({"for_each": ["a"]}),
    ];
    let never =
        [json!({"count": 0}), json!({"count": "0"}), json!({"for_each": {}}), json!({"for_each": []})];
    for always in &always {
        for never in &never {
            assert_eq!(relation(never, always), (Relation::Broader, true), "{never} → {always}");
            assert_eq!(relation(always, never), (Relation::Narrower, true), "{always} → {never}");
        }
        assert_eq!(relation(always, &json!({})), (Relation::Equivalent, true), "{always}");
    }
    assert_eq!(relation(&never[0], &never[2]), (Relation::Equivalent, true));
    for may_be in [json!({"count": "${var.a}"}), json!({"for_each": "${toset(var.a)}"})] {
        // It is broader in one case, and that is known.
        let change = compare(&of(may_be.clone()), &of(json!({}))).change;
        assert_eq!((change.new_is_more, change.old_is_more), (Some(true), Some(false)), "{may_be}");
        let change = compare(&of(json!({})), &of(may_be.clone())).change;
        assert_eq!((change.new_is_more, change.old_is_more), (Some(false), Some(true)), "{may_be}");
        assert_eq!(relation(&may_be, &may_be), (Relation::Equivalent, true));
    }
    let change = compare(&of(json!({"count": "${var.a}"})), &of(json!({"count": "${var.b}"}))).change;
    assert_eq!((change.new_is_more, change.old_is_more), (Some(true), Some(true)));
    // What the expression refers to may have another definition.
    let with_local = |value: u8| {
        let file = json!({"locals": {"n": value},
            "resource": {"aws_iam_policy": {"p": {"count": "${local.n}", "policy": sent("s3:GetObject")}}}});
        open(Source::new("main.tf.json", file.to_string()), &Hints::default()).documents.remove(0)
    };
    assert!(compare(&with_local(0), &with_local(1)).change.new_is_more != Some(false));
    // A resource of that name is not a number.
    let named = |text: String| {
        configuration(json!({"aws_iam_policy": {"count": {"policy": text}}})).documents.remove(0)
    };
    let change = compare(&named(sent("s3:*")), &named(sent("s3:*"))).change;
    assert_eq!((change.relation, change.exact), (Relation::Equivalent, true));
}

/// An expression in place of a policy is a policy of which nothing is known.
#[test]
fn an_expression_of_terraform_is_a_policy() {
    let kinds = |resources: Value| -> Vec<(Kind, bool)> {
        configuration(resources).documents.iter().map(|one| (one.kind, one.is_unknown())).collect()
    };
    for expression in [
        "${data.aws_iam_policy_document.b.json}",
        "${file(\"b.json\")}",
        "${jsonencode({})}",
        "${aws_iam_policy.x.policy}",
        "%{if var.a}{}%{endif}",
    ] {
        let policy = json!({"policy": expression});
        for (resources, wanted) in [
            (json!({"aws_iam_policy": {"r": policy}}), Kind::Identity),
            (json!([{"aws_sqs_queue_policy": [{"r": [policy]}]}]), Kind::Sqs),
            (json!({"aws_iam_role": {"r": {"assume_role_policy": expression}}}), Kind::Trust),
            (json!({"aws_iam_role": {"r": {"inline_policy": [policy]}}}), Kind::Identity),
            (json!({"aws_iam_role": {"r": {"inline_policy": policy}}}), Kind::Identity),
        ] {
            assert_eq!(kinds(resources.clone()), [(wanted, true)], "{resources}");
        }
        assert_eq!(kinds(json!({"aws_glue_resource_policy": {"r": policy}})).len(), 1);
        let of = |expression: &str| {
            configuration(json!({"aws_iam_policy": {"r": {"policy": expression}}})).documents.remove(0)
        };
        let change = compare(&of(expression), &of(expression)).change;
        assert_eq!((change.relation, change.exact), (Relation::Equivalent, true), "{expression}");
        for other in [of("${local.other}"), of(&sent("s3:*"))] {
            let change = compare(&of(expression), &other).change;
            assert_eq!((change.relation, change.exact), (Relation::Unproved, false), "{expression}");
        }
    }
    // What is written out is known, and what is not a policy is none.
    assert_eq!(
        kinds(json!({"aws_sqs_queue_policy": {"r": {"policy": sent("sqs:*")}}})),
        [(Kind::Sqs, false)]
    );
    for other in [
        json!({"aws_iam_role_policy_attachment": {"r": {"policy_arn": "${aws_iam_policy.p.arn}"}}}),
        json!({"aws_ecr_lifecycle_policy": {"r": {"policy": "${local.x}"}}}),
        json!({"aws_iam_policy": {"r": {"description": "${local.x}"}}}),
        json!({"google_thing": {"r": {"policy": "${local.x}"}}}),
    ] {
        assert_eq!(kinds(other.clone()), [], "{other}");
    }
}

/// An old and a new definition of one name are told apart.
#[test]
fn a_condition_that_is_defined_anew_is_told_with_both_values() {
    let of = |stage: &str, condition: &str| {
        let policy: Value = serde_json::from_str(&sent("s3:GetObject")).unwrap();
        let resource = json!({"Type": "AWS::IAM::ManagedPolicy", "Condition": condition,
            "Properties": {"PolicyDocument": policy}});
        let text = json!({"Conditions": {"C": {"Fn::Equals": [{"Ref": "S"}, stage]}, "D": {"Fn::Equals": [{"Ref": "T"}, "x"]}},
            "Resources": {"P": resource}});
        open(Source::new("t.json", text.to_string()), &Hints::default()).documents.remove(0)
    };
    let clauses = |old: &Document, new: &Document| -> Vec<String> {
        compare(old, new).cases.into_iter().filter_map(|case| case.clause).collect()
    };
    let found = clauses(&of("prod", "C"), &of("dev", "C"));
    assert!(found.contains(&"if `C` was false and is true now".to_owned()), "{found:?}");
    assert!(found.contains(&"if `C` was true and is false now".to_owned()), "{found:?}");
    let found = clauses(&of("prod", "C"), &of("prod", "D"));
    assert!(found.iter().any(|clause| clause.contains("`D` is ")), "{found:?}");
    assert!(!found.iter().any(|clause| clause.contains("was")), "{found:?}");
}

/// A case names the condition of the resource where only that tells it from one in which there is no policy.
#[test]
fn the_condition_of_a_resource_is_part_of_the_case() {
    let of = |condition: Option<&str>, statements: Value| {
        let mut resource = json!({"Type": "AWS::IAM::ManagedPolicy",
            "Properties": {"PolicyDocument": {"Version": "2012-10-17", "Statement": statements}}});
        if let Some(condition) = condition {
            resource["Condition"] = condition.into();
        }
        let text = json!({"Conditions": {"C": {"Fn::Equals": [{"Ref": "S"}, "x"]}, "D": {"Fn::Equals": [{"Ref": "T"}, "x"]}},
            "Resources": {"P": resource}});
        open(Source::new("t.json", text.to_string()), &Hints::default()).documents.remove(0)
    };
    let clauses = |old: &Document, new: &Document| -> Vec<Option<String>> {
        let changed = compare(old, new).cases.into_iter();
        changed
            .filter(|case| !(case.change.added.is_empty() && case.change.removed.is_empty()))
            .map(|case| case.clause)
            .collect()
    };
    let allow = |action: &str| json!({"Effect": "Allow", "Action": action, "Resource": "*"});
    let (get, put) = (json!([allow("s3:GetObject")]), json!([allow("s3:PutObject")]));
    let chosen = |yes: Value| json!([{"Fn::If": ["C", yes, {"Ref": "AWS::NoValue"}]}]);
    let named = |clause: &str| Some(clause.to_owned());
    assert_eq!(
        clauses(&of(Some("C"), get.clone()), &of(Some("D"), get.clone())),
        [named("if `C` is true and `D` is false"), named("if `C` is false and `D` is true")]
    );
    assert_eq!(clauses(&of(None, get.clone()), &of(Some("D"), get.clone())), [named("if `D` is false")]);
    assert_eq!(
        clauses(&of(Some("D"), json!([])), &of(Some("D"), chosen(allow("s3:GetObject")))),
        [named("if `C` is true and `D` is true")]
    );
    assert_eq!(
        clauses(&of(Some("C"), json!([])), &of(Some("D"), chosen(allow("s3:GetObject")))),
        [named("if `C` is true and `D` is true")]
    );
    // Wherever the policy is there, as before.
    assert_eq!(
        clauses(&of(Some("D"), get.clone()), &of(Some("D"), put.clone())),
        Vec::<Option<String>>::new()
    );
}

/// What is said of a policy that a template creates in some cases, or never.
#[test]
fn a_policy_that_is_never_there_is_reported() {
    let of = |condition: Option<Value>, statement: Value| {
        let mut resource = json!({"Type": "AWS::IAM::ManagedPolicy",
            "Properties": {"PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}}});
        if condition.is_some() {
            resource["Condition"] = "C".into();
        }
        let mut conditions = json!({"D": {"Fn::Equals": [{"Ref": "E"}, "x"]}});
        conditions["C"] = condition.unwrap_or_default();
        let text = json!({"Conditions": conditions, "Resources": {"P": resource}});
        open(Source::new("t.json", text.to_string()), &Hints::default()).documents.remove(0)
    };
    let equals = |left: Value, right: Value| json!({"Fn::Equals": [left, right]});
    let get = json!({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"});
    let chosen = json!({"Fn::If": ["D", get, {"Ref": "AWS::NoValue"}]});
    let not_d = json!({"Fn::Not": [{"Condition": "D"}]});
    let never = Some("the template never creates this policy: `C` is always false");
    for (condition, expected) in [
        (None, None),
        (Some(equals("x".into(), "x".into())), None),
        (Some(equals("x".into(), "y".into())), Some("the template creates this policy only if `C` is true")),
        (Some(json!({"Fn::And": [{"Condition": "D"}, not_d]})), never),
        (Some(not_d.clone()), Some("the template creates this policy only if `C` is true")),
    ] {
        for statement in [&get, &chosen] {
            let document = of(condition.clone(), statement.clone());
            let presence = document.presence().map(|presence| presence.to_string());
            assert_eq!(presence.as_deref(), expected, "{condition:?}");
            let found = lint(&document, &Settings::default());
            let is_reported = found.iter().any(|finding| Some(&*finding.message) == never);
            assert_eq!(is_reported, expected == never, "{condition:?} {found:?}");
        }
    }
}

/// `DeletionPolicy` keeps a policy whose resource goes by its condition as one whose resource goes from the file.
#[test]
fn a_policy_that_stays_without_its_condition_does_not_go() {
    let of = |effect: &str, condition: Option<&str>, stays: &str| {
        let mut resource = json!({"Type": "AWS::S3::BucketPolicy", "DeletionPolicy": stays, "Properties": {"Bucket": "b",
            "PolicyDocument": {"Version": "2012-10-17", "Statement": [{"Effect": effect, "Principal": "*",
                "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}]}}});
        if let Some(condition) = condition {
            resource["Condition"] = condition.into();
        }
        let text =
            json!({"Conditions": {"C": {"Fn::Equals": [{"Ref": "S"}, "x"]}}, "Resources": {"P": resource}});
        open(Source::new("t.json", text.to_string()), &Hints::default()).documents.remove(0)
    };
    let relation = |effect: &str, stays: [&str; 2]| {
        let (old, new) = (of(effect, None, stays[0]), of(effect, Some("C"), stays[1]));
        let change = compare(&old, &new).change;
        (change.relation, change.exact, change.undenied.is_empty() && change.removed.is_empty())
    };
    for stays in [["Retain", "Retain"], ["Retain", "Delete"], ["Delete", "RetainExceptOnCreate"]] {
        assert_eq!(relation("Allow", stays), (Relation::Unproved, false, true), "{stays:?}");
        assert_eq!(relation("Deny", stays), (Relation::Unproved, false, true), "{stays:?}");
    }
    assert_eq!(relation("Allow", ["Delete", "Delete"]).0, Relation::Narrower);
    assert_eq!(relation("Deny", ["Delete", "Delete"]).0, Relation::Broader);
    // It comes by its condition as any other.
    let (old, new) = (of("Allow", Some("C"), "Retain"), of("Allow", None, "Retain"));
    assert_eq!(compare(&old, &new).change.relation, Relation::Broader);
}

/// A function is the same however it is written.
#[test]
fn functions_that_are_written_differently_are_the_same() {
    let of = |kind: &str, resource: &Value| {
        let policy = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sqs:SendMessage",
            "Resource": resource}]});
        let text = json!({"Parameters": {"P": {"Type": "String"}, "O": {"Type": "String"}},
            "Resources": {"Q": {"Type": kind}, "Z": {"Type": kind},
                "M": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": policy}}}});
        open(Source::new("t.json", text.to_string()), &Hints::default()).documents.remove(0)
    };
    let alike = [
        vec![
            json!({"Fn::GetAtt": ["Q", "Arn"]}),
            json!({"Fn::GetAtt": "Q.Arn"}),
            json!({"Fn::Sub": "${Q.Arn}"}),
            json!({"Fn::Sub": ["${X}", {"X": {"Fn::GetAtt": ["Q", "Arn"]}}]}),
            json!({"Fn::Join": ["", [{"Fn::GetAtt": ["Q", "Arn"]}]]}),
        ],
        vec![
            json!({"Ref": "P"}),
            json!({"Fn::Sub": "${P}"}),
            json!({"Fn::Sub": ["${X}", {"X": {"Ref": "P"}}]}),
        ],
        vec![json!({"Fn::GetAtt": ["Z", "Arn"]}), json!({"Fn::Sub": "${Z.Arn}"})],
        vec![json!({"Ref": "O"})],
        vec![json!({"Fn::GetAtt": ["Q", "Other"]}), json!({"Fn::Sub": "${Q.Other}"})],
        vec![json!({"Fn::Sub": "${P}x"})],
    ];
    for kind in ["AWS::SQS::Queue", "AWS::S3::Bucket", "Custom::X"] {
        for (at, same) in alike.iter().enumerate() {
            for (number, others) in alike.iter().enumerate() {
                for other in others {
                    let (old, new) = (of(kind, &same[0]), of(kind, other));
                    let change = compare(&old, &new).change;
                    let is_same = change.relation == Relation::Equivalent;
                    assert_eq!(is_same, at == number, "{kind} {} {other} {:?}", same[0], change.unproved);
                    assert!(!is_same || change.exact, "{kind} {} {other}", same[0]);
                }
            }
        }
    }
    // What they refer to counts as before.
    let (old, new) = (of("Custom::X", &alike[0][0]), of("Custom::Y", &alike[0][2]));
    assert_eq!(compare(&old, &new).change.relation, Relation::Unproved);
}

/// Each text of Terraform's JSON syntax is a template: what Terraform sends counts.
#[test]
fn texts_of_terraform_are_read_as_it_sends_them() {
    let policy = |resource: &str| {
        json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject",
            "Resource": format!("arn:aws:s3:::b/{resource}")}]})
    };
    let read = |name: &str, value: Value| {
        open(Source::new(name, value.to_string()), &Hints::default()).documents.remove(0)
    };
    let terraform = |resource: &str| {
        let policy = policy(resource).to_string();
        read("main.tf.json", json!({"resource": {"aws_iam_policy": {"p": {"policy": policy}}}}))
    };
    let bare = |resource: &str| read("policy.json", policy(resource));
    for (written, sent) in [("$${aws:username}/*", "${aws:username}/*"), ("x", "x")] {
        let change = compare(&terraform(written), &bare(sent)).change;
        assert_eq!((change.relation, change.exact), (Relation::Equivalent, true), "{written}");
        let change = compare(&terraform(written), &bare("other")).change;
        assert_eq!((change.relation, change.exact), (Relation::Incomparable, true), "{written}");
    }
    // What Terraform fills in is not known.
    for written in ["${aws:username}/*", "${local.name}", "%{if local.all}*%{endif}"] {
        for sent in ["${aws:username}/*", "$${aws:username}/*", "x"] {
            assert!(!compare(&terraform(written), &bare(sent)).change.exact, "{written} {sent}");
        }
        let change = compare(&terraform(written), &terraform(written)).change;
        assert_eq!((change.relation, change.exact), (Relation::Equivalent, true), "{written}");
    }
}
