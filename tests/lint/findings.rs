//! What is found in policies, and what is not: how the rules work together, and what a user's settings do.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test program")]

use std::collections::BTreeMap;
use std::path::Path;

use polmerge::document::Hints;
use polmerge::lint::{Level, Settings, lint};
use polmerge::{Diagnostic, Kind, Severity, Source};

use crate::linted::{document, findings, selected, sources};

/// The service of an ARN with pseudo parameters is plain: such a grant is none on IAM.
#[test]
fn the_service_of_an_arn_with_holes_is_known() {
    let found = |resource: &str| {
        let statement =
            serde_json::json!([{"Effect": "Allow", "Action": "*", "Resource": {"Fn::Sub": resource}}]);
        found_in(&template("AWS::IAM::ManagedPolicy", "PolicyDocument", &statement))
    };
    let escalates = |found: &[String]| found.iter().any(|one| one.contains("privilege-escalation"));
    let own = "${AWS::Region}:${AWS::AccountId}";
    for elsewhere in [
        format!("arn:${{AWS::Partition}}:quicksight:{own}:dataset/*"),
        format!("arn:${{AWS::Partition}}:sqs:{own}:${{Name}}"),
        format!("arn:aws:s3:::{own}"),
    ] {
        assert!(!escalates(&found(&elsewhere)), "{elsewhere}");
    }
    for anywhere in [
        "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/*".to_owned(),
        "${Arn}".to_owned(),
        format!("arn:aws:${{S}}:{own}:*"),
    ] {
        assert!(escalates(&found(&anywhere)), "{anywhere}");
    }
}

/// IAM refuses a statement without actions, resources or principals; a condition without values it takes.
#[test]
fn what_an_empty_list_is_about_decides_its_level() {
    let level = |rest: &str, kind: Kind| {
        let text = format!(r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow",{rest}}}]}}"#);
        let found = findings(&text, Some(kind));
        let rules: Vec<_> = found.iter().map(|finding| finding.rule).collect();
        assert!(!rules.contains(&"whole-service") && !rules.contains(&"action-any"), "{rest}: {rules:?}");
        found.iter().find(|finding| finding.rule == "empty-list").map(|finding| finding.severity)
    };
    let principal = r#""Principal":{"AWS":[]},"Action":"sqs:SendMessage","Resource":"*""#;
    for (rest, kind) in [
        (r#""Action":[],"Resource":"*""#, Kind::Identity),
        (r#""NotAction":[],"Resource":"*""#, Kind::Identity),
        (r#""Action":"sqs:*","Resource":[]"#, Kind::Identity),
        (r#""Action":"s3:GetObject","NotResource":[]"#, Kind::Identity),
        (principal, Kind::Sqs),
    ] {
        assert_eq!(level(rest, kind), Some(Severity::Error), "{rest}");
    }
    let condition =
        r#""Action":"s3:GetObject","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalTag/a":[]}}"#;
    assert_eq!(level(condition, Kind::Identity), Some(Severity::Note));
}

/// The transcript of `lint` on a topic policy, as data.
#[test]
fn a_condition_that_holds_only_partly() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/topic-policy.json");
    let text = std::fs::read_to_string(path).unwrap();
    let document = document(&text, None);
    let found = lint(&document, &Settings::default());
    let names: Vec<_> = found.iter().map(|finding| finding.rule).collect();
    assert_eq!(names, ["public-access", "source-arn-without-account"], "{found:#?}");

    let public = &found[0];
    let place = |span| document.source().place(span);
    assert_eq!(public.message, "accounts that are in no organization may subscribe and publish");
    assert_eq!((place(public.span), public.label.as_deref()), ("20:29".to_owned(), Some("everyone …")));
    assert_eq!(public.labels[0].text, "… save callers of other organizations");
    assert_eq!(public.labels[0].span.slice(&text), "\"StringEqualsIfExists\"");
    assert_eq!(
        public.example,
        [
            "arn:aws:iam::999999999999:role/any, of an account in no organization",
            "sns:Subscribe on arn:aws:sns:us-east-1:222222222222:expel-topic",
            "the request has no aws:PrincipalOrgID, so the `IfExists` test passes",
        ]
    );
    assert_eq!(public.help.as_deref(), Some("`StringEquals` lets in organization o-a1b2c3d4e5 only"));
    assert_eq!(public.also, ["if-exists-allow", "principal-any"]);
    assert_eq!(
        public.witness,
        Some(serde_json::json!({
            "principal": "arn:aws:iam::999999999999:role/any",
            "action": "sns:Subscribe",
            "resource": "arn:aws:sns:us-east-1:222222222222:expel-topic",
            "resource_account": "222222222222",
            "context": {},
        }))
    );
    let fix = public.fix.as_ref().unwrap();
    assert!(!fix.safe);
    assert_eq!(document.edited(&fix.edits).unwrap(), text.replace("StringEqualsIfExists", "StringEquals"));

    let bucket = &found[1];
    assert_eq!(
        (place(bucket.span), bucket.message.as_str()),
        ("33:28".to_owned(), "a bucket ARN names no account")
    );
    assert_eq!(bucket.label.as_deref(), Some("whoever owns a bucket of this name"));
    assert_eq!(
        bucket.help.as_deref(),
        Some(
            "add \"StringEquals\": { \"aws:SourceAccount\": \"<account of the bucket>\" }: if the bucket is ever \
             deleted, another account can take its name"
        )
    );

    let remarks = polmerge::lint::remarks(&document);
    let messages: Vec<_> = remarks.iter().map(|remark| remark.message.as_str()).collect();
    assert_eq!(
        messages,
        ["statement 1 lets in `\"AWS\": \"*\"`, but `AWS:SourceOwner` (15:40) holds it to 222222222222"]
    );
}

/// Every statement that we ship, with made-up values in place of its tokens, is above reproach.
#[test]
fn the_steps_have_no_finding() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let values = std::fs::read_to_string(root.join("fixtures/expel.json")).unwrap();
    let values: BTreeMap<String, String> = serde_json::from_str(&values).unwrap();
    let value = |name: &str| match name {
        "YOUR_LOG_ARCHIVE_ACCOUNT_ID" => Some("222222222222"),
        "YOUR_SNS_TOPIC_ARN" => values.get("YOUR_TOPIC_ARN").map(String::as_str),
        name => values.get(name).map(String::as_str),
    };
    let mut checked = 0;
    for entry in std::fs::read_dir(root.join("policies/expel-control-tower")).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let step: serde_json::Value =
            serde_json::from_str(&polmerge::placeholder::replace(&text, value)).unwrap();
        let documents = step["documents"].as_array().cloned().unwrap_or_default();
        for shipped in documents.iter().filter(|document| document.get("statements").is_some()) {
            let kind: Kind = shipped["kind"].as_str().unwrap().parse().unwrap();
            let variants = shipped["variants"].as_object().into_iter().flat_map(|variants| variants.values());
            for variant in std::iter::once(shipped).chain(variants) {
                let policy = serde_json::json!({"Version": "2012-10-17", "Statement": variant["statements"]});
                let found = findings(&policy.to_string(), Some(kind));
                let loud: Vec<_> = found.iter().filter(|finding| finding.severity > Severity::Note).collect();
                assert!(loud.is_empty(), "{}: {loud:#?}", path.display());
                checked += 1;
            }
        }
    }
    assert!(checked > 8, "only {checked}");
}

/// What is said of the policies that users have when they come: all of it is meant.
#[test]
fn the_fixtures() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut files = Vec::new();
    sources(&root, &mut files);
    // The answers for the guide are looked at by its own tests.
    files.retain(|path| !path.starts_with(root.join("accounts")));
    files.sort();
    let mut said = String::new();
    for path in files.iter().filter(|path| path.extension().is_some_and(|ending| ending == "json")) {
        let text = std::fs::read_to_string(path).unwrap();
        let file = polmerge::document::open(Source::new("test.json", text), &Hints::default());
        for document in &file.documents {
            for finding in lint(document, &Settings::default()) {
                let place = document.source().place(document.in_file(finding.span));
                let name = path.strip_prefix(&root).unwrap().display();
                let also = if finding.also.is_empty() {
                    String::new()
                } else {
                    format!(" (also {})", finding.also.join(", "))
                };
                said += &format!(
                    "{name}:{place} {} {}{also}: {}\n",
                    finding.severity.name(),
                    finding.rule,
                    finding.message
                );
            }
        }
    }
    snapbox::assert_data_eq!(said, snapbox::file!["../support/fixtures.lint.txt"].raw());
}

#[test]
fn a_rule_on_request_runs_if_it_is_asked_for() {
    let document =
        document(r#"{"Statement":{"Effect":"Allow","Action":"s3:ListAllMyBuckets","Resource":"*"}}"#, None);
    let runs =
        |settings: Settings| lint(&document, &settings).iter().any(|finding| finding.rule == "missing-sid");
    assert!(!runs(Settings::default()) && !runs(selected(&["public"])));
    assert!(runs(selected(&["missing-sid"])) && runs(selected(&["practice"])) && runs(selected(&["all"])));
    let level = |name: &str, level: Level| Settings {
        levels: BTreeMap::from([(name.parse().unwrap(), level)]),
        ..Settings::default()
    };
    assert!(runs(level("missing-sid", Level::At(Severity::Warning))));
    assert!(runs(level("practice", Level::At(Severity::Note))));
    assert!(!runs(level("practice", Level::Off)) && !runs(level("public", Level::At(Severity::Note))));
}

const QUEUE: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*",
    "Action":"sqs:SendMessage","Resource":"arn:aws:sqs:us-east-1:222222222222:q"}]}"#;

#[test]
fn everyone_on_no_condition_is_one_finding_of_whichever_rule_runs() {
    let document = document(QUEUE, None);
    let rules = |settings: &Settings| -> Vec<(&str, Vec<&str>)> {
        lint(&document, settings).into_iter().map(|finding| (finding.rule, finding.also)).collect()
    };
    assert_eq!(rules(&Settings::default()), [("principal-any", vec!["public-access"])]);
    assert_eq!(rules(&selected(&["public-access"])), [("public-access", vec![])]);
    assert_eq!(rules(&selected(&["overbroad"])), [("principal-any", vec![])]);
    let found = lint(&document, &selected(&["public"]));
    assert_eq!(found[0].example[1], "sqs:SendMessage on arn:aws:sqs:us-east-1:222222222222:q");
}

#[test]
fn own_accounts_need_no_external_id() {
    let text = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sts:AssumeRole",
        "Principal":{"AWS":["111111111111","arn:aws:iam::333333333333:role/a","arn:aws:iam::222222222222:root"]}}}"#;
    let document = document(text, None);
    let accounts = |accounts: &[&str]| {
        let accounts = accounts.iter().map(|account| (*account).to_owned()).collect();
        let settings = Settings { accounts, ..Settings::default() };
        let found = lint(&document, &settings);
        found
            .iter()
            .map(|finding| (finding.rule, finding.labels.len(), finding.also.clone()))
            .collect::<Vec<_>>()
    };
    assert_eq!(accounts(&[]), [("missing-external-id", 2, vec!["account-root"])]);
    assert_eq!(
        accounts(&["111111111111", "333333333333"]),
        [("account-root", 0, vec![]), ("missing-external-id", 0, vec!["account-root"])]
    );
    assert_eq!(
        accounts(&["111111111111", "222222222222", "333333333333"]).len(),
        2,
        "whole accounts all the same"
    );
}

#[test]
fn a_statement_that_stands_there_twice_is_one_finding() {
    let statement = r#"{"Sid":"A","Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:s3:::b"}"#;
    let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statement}, {statement}, {statement}]}}"#);
    let document = document(&text, None);
    let found = lint(&document, &Settings::default());
    let rules: Vec<_> = found.iter().map(|finding| (finding.rule, finding.also.clone())).collect();
    assert_eq!(rules, vec![("duplicate-sid", vec!["duplicate-statement"]); 2]);
    let edits: Vec<_> = found.iter().flat_map(|finding| finding.fix.clone().unwrap().edits).collect();
    assert_eq!(
        document.edited(&edits).unwrap(),
        format!(r#"{{"Version":"2012-10-17","Statement":[{statement}]}}"#)
    );
}

#[test]
fn levels_go_by_the_number_that_is_passed() {
    let level = |length: usize| {
        let resource = "x".repeat(length);
        let text = format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:s3:::{resource}"}}}}"#
        );
        lint(&document(&text, Some(Kind::Identity)), &selected(&["quota-exceeded"]))
            .first()
            .map(|finding| finding.severity)
    };
    assert_eq!(level(6_000), None);
    assert_eq!(level(8_000), Some(Severity::Warning));
    assert_eq!(level(12_000), Some(Severity::Error));
}

/// The rules about what an Allow gives, by name, with what gave way to them.
fn about_grants(text: &str, kind: Kind) -> Vec<(&'static str, usize)> {
    let found = lint(&document(text, Some(kind)), &selected(&["overbroad", "escalation", "exposure"]));
    found.into_iter().map(|finding| (finding.rule, finding.also.len())).collect()
}

#[test]
fn an_administrator_is_one_finding() {
    let rules = |statement: &str| {
        let text = format!(r#"{{"Version":"2012-10-17","Statement":{statement}}}"#);
        about_grants(&text, Kind::Identity).into_iter().map(|(rule, _)| rule).collect::<Vec<_>>()
    };
    assert_eq!(rules(r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#), ["full-admin"]);
    assert_eq!(rules(r#"{"Effect":"Allow","Action":"iam:*","Resource":"*"}"#), ["whole-service"]);
    assert_eq!(rules(r#"{"Effect":"Allow","NotAction":"s3:*","Resource":"*"}"#), ["not-action-allow"]);
    // A Deny of everything leaves no administrator.
    let denied =
        r#"[{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"*","Resource":"*"}]"#;
    assert_eq!(rules(denied), [""; 0]);
}

/// A wildcard in a Deny gives nothing, nor does one in a policy that only limits; `Resource: "*"` in the
/// policy of a key is the key.
#[test]
fn what_gives_nothing_is_no_broad_grant() {
    let policy = |effect: &str, rest: &str| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"{effect}",{rest}}}, {{"Effect":"Allow","Action":"sqs:ListQueues","Resource":"*"}}]}}"#
        )
    };
    let all = r#""Action":["*","iam:*","s3:Put*","iam:PassRole","kms:Decrypt"],"Resource":"*""#;
    assert_eq!(about_grants(&policy("Deny", all), Kind::Identity), []);
    for kind in [Kind::Scp, Kind::Boundary, Kind::Session] {
        assert_eq!(about_grants(&policy("Allow", all), kind), [], "{kind}");
    }
    let key = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111111111111:role/a"},
        "Action":["kms:Decrypt","kms:CreateGrant"],"Resource":"*"}}"#;
    assert_eq!(about_grants(key, Kind::Kms), []);
    // Actions that work with `*` only, and the end of every ARN of a log group.
    let good = r#"{"Version":"2012-10-17","Statement":[
        {"Effect":"Allow","Action":["ec2:DescribeInstances","s3:ListAllMyBuckets","ecr:GetAuthorizationToken"],"Resource":"*"},
        {"Effect":"Allow","Action":"logs:PutLogEvents","Resource":"arn:aws:logs:eu-central-1:111111111111:log-group:/app:*"}]}"#;
    assert_eq!(about_grants(good, Kind::Identity), []);
}

/// The entry that completes the set is pointed at, and what a Deny takes back completes nothing.
#[test]
fn an_escalation_names_the_entry_that_completes_it() {
    let text = |deny: &str| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":[
            {{"Effect":"Allow","Action":"iam:PassRole","Resource":"*"}},
            {{"Effect":"Allow","Action":["glue:GetJob","glue:Create*"],"Resource":"*"}}{deny}]}}"#
        )
    };
    let open = text("");
    let found = lint(&document(&open, Some(Kind::Identity)), &selected(&["privilege-escalation"]));
    let [finding] = found.as_slice() else { panic!("{found:#?}") };
    assert_eq!(finding.severity, Severity::Warning);
    assert_eq!(finding.span.slice(&open), "\"iam:PassRole\"");
    assert!(finding.labels.iter().any(|label| label.span.slice(&open) == "\"glue:Create*\""), "{finding:#?}");
    let denied = text(r#",{"Effect":"Deny","Action":"glue:*","Resource":"*"}"#);
    assert_eq!(lint(&document(&denied, Some(Kind::Identity)), &selected(&["privilege-escalation"])), []);
}

/// What Organizations refused before September 2025 is no mistake, and a star in a key policy is no wildcard.
#[test]
fn what_is_right_by_now_is_not_found() {
    let statements = [
        r#"{"Effect":"Allow","NotAction":"iam:*","Resource":"arn:aws:s3:::reports/*"}"#,
        r#"{"Effect":"Allow","Action":"s3:*Object","NotResource":"arn:aws:s3:::reports/*"}"#,
        r#"{"Effect":"Deny","Action":"ec2:*Instances","NotResource":"arn:aws:ec2:*:*:instance/i-1","Condition":{"StringEquals":{"aws:PrincipalTag/team":"a"}}}"#,
    ];
    for statement in statements {
        let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statement}]}}"#);
        let found = lint(&document(&text, Some(Kind::Scp)), &selected(&["organization"]));
        assert!(found.is_empty(), "{found:#?}");
    }
    let key = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111111111111:role/a"},"Action":"kms:Decrypt","Resource":"*"}]}"#;
    // That nobody could change the key, were this all of its policy, is another matter.
    let found = findings(key, Some(Kind::Kms));
    assert!(found.iter().all(|finding| finding.rule == "key-lockout"), "{found:#?}");
}

#[test]
fn the_limit_of_an_inline_policy_is_its_owners() {
    let policy = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:s3:::{}"}}]}}"#,
        "x".repeat(2_500)
    );
    let over = |answer: String| {
        let file = polmerge::document::open(Source::new("test.json", answer), &Hints::default());
        lint(&file.documents[0], &selected(&["quota-exceeded"])).len()
    };
    assert_eq!(over(format!(r#"{{"UserName":"ann","PolicyName":"p","PolicyDocument":{policy}}}"#)), 1);
    assert_eq!(over(format!(r#"{{"GroupName":"ops","PolicyName":"p","PolicyDocument":{policy}}}"#)), 0);
    assert_eq!(over(format!(r#"{{"RoleName":"web","PolicyName":"p","PolicyDocument":{policy}}}"#)), 0);
}

#[test]
fn the_inline_policies_of_one_identity_are_counted_together() {
    let policy = |length: usize| {
        let name = "x".repeat(length - 100);
        let policy = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::{name}"}}]}}"#
        );
        assert_eq!(policy.len(), length);
        policy
    };
    // The findings of each policy of a file.
    let over = |name: &str, text: String| -> Vec<Vec<String>> {
        let file = polmerge::document::open(Source::new(name, text), &Hints::default());
        let found = file.documents.iter().map(|document| lint(document, &selected(&["quota-exceeded"])));
        found.map(|found| found.into_iter().map(|finding| finding.message).collect()).collect()
    };
    let inline = |lengths: &[usize]| {
        let policies = lengths
            .iter()
            .map(|length| format!(r#"{{"PolicyName":"p","PolicyDocument":{}}}"#, policy(*length)));
        policies.collect::<Vec<_>>().join(",")
    };
    let answer = format!(
        r#"{{"UserDetailList":[{{"UserPolicyList":[{}]}},{{"UserPolicyList":[{}]}}],"RoleDetailList":[{{"RolePolicyList":[{}]}}]}}"#,
        inline(&[1_000, 1_048]),
        inline(&[1_000, 1_049, 500]),
        inline(&[10_000, 241]),
    );
    let found = over("answer.json", answer);
    let numbers: Vec<usize> = found.iter().map(Vec::len).collect();
    assert_eq!(numbers, [0, 0, 0, 1, 0, 0, 1]);
    assert_eq!(
        found[3],
        [
            "the user's inline policies, up to this one, have 2,049 characters besides white space, 1 over the limit of 2,048"
        ]
    );
    let template = format!(
        r#"{{"Resources":{{"A":{{"Type":"AWS::IAM::Group","Properties":{{"Policies":[{}]}}}},"B":{{"Type":"AWS::IAM::Group","Properties":{{"Policies":[{}]}}}}}}}}"#,
        inline(&[2_560, 2_560]),
        inline(&[2_560, 2_561]),
    );
    assert_eq!(over("template.json", template).iter().map(Vec::len).collect::<Vec<_>>(), [0, 0, 0, 1]);
    let resource = |role: &str, length: usize| {
        let policy = serde_json::Value::from(policy(length));
        format!(r#"{{"type":"aws_iam_role_policy","values":{{"role":"{role}","policy":{policy}}}}}"#)
    };
    let plan = format!(
        r#"{{"format_version":"1.2","planned_values":{{"root_module":{{"resources":[{},{},{}]}}}}}}"#,
        resource("a", 6_000),
        resource("b", 6_000),
        resource("a", 4_241),
    );
    assert_eq!(over("plan.json", plan).iter().map(Vec::len).collect::<Vec<_>>(), [0, 0, 1]);
}

/// A template with conditions `C0` … `C9`, each on a parameter of its own, around one policy of a type.
fn template(kind: &str, property: &str, statements: &serde_json::Value) -> polmerge::Document {
    use serde_json::{Map, Value, json};
    let parameters = (0..10).map(|at| (format!("P{at}"), json!({"Type": "String"})));
    let parameters = parameters.chain([(
        "Action".to_owned(),
        json!({"Type": "String", "AllowedValues": (0..17).map(|at| match at {
            11 => "*".to_owned(),
            at => format!("s3:GetObject{at}"),
        }).collect::<Vec<_>>()}),
    )]);
    let conditions =
        (0..10).map(|at| (format!("C{at}"), json!({"Fn::Equals": [{"Ref": format!("P{at}")}, "yes"]})));
    let policy = json!({"Version": "2012-10-17", "Statement": statements});
    let template = json!({
        "AWSTemplateFormatVersion": "2010-09-09",
        "Parameters": Value::Object(parameters.collect::<Map<_, _>>()),
        "Conditions": Value::Object(conditions.collect::<Map<_, _>>()),
        "Resources": {"Policy": {"Type": kind, "Properties": {property: policy}}},
    });
    let source = Source::new("template.json", template.to_string());
    let mut file = polmerge::document::open(source, &Hints::default());
    file.documents.remove(0)
}

/// The rules that find something, with the case where that is not all of them.
fn found_in(document: &polmerge::Document) -> Vec<String> {
    let case =
        |message: &str| message.rsplit_once(" (if ").map_or(String::new(), |(_, case)| format!(" if {case}"));
    let found = lint(document, &Settings::default());
    found.iter().map(|finding| format!("{}{}", finding.rule, case(&finding.message))).collect()
}

#[test]
fn what_too_many_conditions_decide_is_judged_statement_by_statement_and_counted() {
    use serde_json::{Value, json};
    let bucket = |number: usize| {
        let statement = |at: usize| {
            let first = if at + 1 == number {
                json!("*")
            } else {
                json!({"AWS": "arn:aws:iam::222222222222:role/a"})
            };
            json!({
                "Effect": "Allow", "Action": "s3:GetObject", "Resource": format!("arn:aws:s3:::b/{at}/*"),
                "Principal": {"Fn::If": [format!("C{at}"), first, {"AWS": "arn:aws:iam::333333333333:role/b"}]},
            })
        };
        let statements: Vec<Value> = (0..number).map(statement).collect();
        template("AWS::S3::BucketPolicy", "PolicyDocument", &json!(statements))
    };
    for (number, left) in [(4, 0), (5, 1), (10, 6)] {
        let document = bucket(number);
        let public: Vec<String> =
            found_in(&document).into_iter().filter(|found| found.starts_with("principal-any")).collect();
        assert_eq!(public, [format!("principal-any if `C{}` is true)", number - 1)], "{number}");
        let not_analyzed = document.not_analyzed();
        assert_eq!(not_analyzed.len(), left, "{number}");
        assert!(not_analyzed.iter().all(|found| !found.is_whole && found.label.starts_with("Fn::If C")));
        // That HTTP is not denied is so in all cases, and told once.
        let missing = found_in(&document).into_iter().filter(|found| found.starts_with("plain-http")).count();
        assert_eq!(missing, 1, "{number}");
    }
    let identity = |action: &Value| {
        let statement = json!({"Effect": "Allow", "Action": action, "Resource": "*"});
        template("AWS::IAM::ManagedPolicy", "PolicyDocument", &json!([statement]))
    };
    // Five conditions in one statement, one inside the other; and a parameter with 17 values.
    let nested = (0..5)
        .rev()
        .fold(json!("*"), |inner, at| json!({"Fn::If": [format!("C{at}"), inner, "s3:GetObject"]}));
    let admin = found_in(&identity(&nested)).into_iter().find(|found| found.starts_with("full-admin"));
    let all = (0..5).map(|at| format!("`C{at}` is true")).collect::<Vec<_>>().join(" and ");
    assert_eq!(admin, Some(format!("full-admin if {all})")));
    let allowed = identity(&json!({"Ref": "Action"}));
    assert!(found_in(&allowed).contains(&"full-admin if `Action` is `*`)".to_owned()));
    // More than can be looked at: it is counted.
    let many: Vec<Value> = (0..10)
        .map(|at| json!({"Fn::If": [format!("C{at}"), format!("sqs:a{at}"), "sqs:SendMessage"]}))
        .collect();
    assert_eq!(identity(&json!(many)).not_analyzed().len(), 1);
}

/// A part of an ARN that a template fills in counts where `*` in its place would be a finding.
#[test]
fn a_part_of_an_arn_that_may_be_a_wildcard_is_not_analyzed() {
    use serde_json::{Value, json};
    let left = |effect: &str, action: &str, resource: Value| {
        let statement = json!({"Effect": effect, "Action": action, "Resource": resource});
        let document = template("AWS::IAM::ManagedPolicy", "PolicyDocument", &json!([statement]));
        polmerge::lint::not_analyzed(&document, &Settings::default()).len()
    };
    let sub = |text: &str| json!({"Fn::Sub": text});
    for (action, resource) in [
        ("kms:Decrypt", "arn:aws:kms:*:*:key/${P0}"),
        ("s3:GetObject", "arn:aws:s3:::${P0}"),
        ("s3:GetObject", "arn:${AWS::Partition}:s3:::${P0}"),
        ("secretsmanager:GetSecretValue", "arn:aws:secretsmanager:*:*:secret:${P0}"),
    ] {
        assert_eq!(left("Allow", action, sub(resource)), 1, "{resource}");
        assert_eq!(left("Deny", action, sub(resource)), 0, "{resource}");
    }
    for (action, resource) in [
        // What has no wildcard.
        ("kms:Decrypt", sub("arn:aws:kms:${AWS::Region}:${AWS::AccountId}:key/x")),
        ("s3:GetObject", sub("arn:aws:s3:::${AWS::StackName}")),
        ("s3:GetObject", json!({"Fn::GetAtt": ["Policy", "Arn"]})),
        // With `*` no finding either.
        ("s3:GetObject", sub("arn:aws:s3:::bucket/${P0}/x")),
        ("sqs:SendMessage", sub("arn:aws:sqs:us-east-1:111111111111:queue-${P0}")),
    ] {
        assert_eq!(left("Allow", action, resource.clone()), 0, "{resource}");
    }
}

#[test]
fn a_function_that_may_be_anything_is_not_taken_for_nothing() {
    use serde_json::{Value, json};
    let not_analyzed = |statement: Value| {
        let (kind, property) = match statement.get("Principal") {
            Some(_) => ("AWS::S3::BucketPolicy", "PolicyDocument"),
            None => ("AWS::IAM::ManagedPolicy", "PolicyDocument"),
        };
        let found = template(kind, property, &json!([statement])).not_analyzed();
        found.into_iter().map(|found| found.label).collect::<Vec<_>>()
    };
    let allow =
        |action: &Value, resource: &Value| json!({"Effect": "Allow", "Action": action, "Resource": resource});
    let (any, get) = (json!("*"), json!("s3:GetObject"));
    let open = [
        (json!({"Fn::FindInMap": ["M", "x", "a"]}), "Fn::FindInMap M"),
        (json!({"Fn::Select": [0, ["*", "x"]]}), "Fn::Select"),
        (json!({"Ref": "P0"}), "Ref P0"),
        (json!({"Fn::Sub": "${P0}"}), "Fn::Sub ${P0}"),
    ];
    for (function, label) in open {
        for statement in
            [allow(&function, &any), allow(&json!(["s3:ListBucket", function]), &any), allow(&get, &function)]
        {
            assert_eq!(not_analyzed(statement.clone()), [label], "{statement}");
        }
        let mut public = allow(&get, &json!("arn:aws:s3:::b/*"));
        public["Principal"] = json!({"AWS": function});
        assert_eq!(not_analyzed(public.clone()), [label], "{public}");
        // Who of everyone gets access, where a pattern may be `*`.
        let mut held = allow(&get, &json!("arn:aws:s3:::b/*"));
        held["Principal"] = json!("*");
        held["Condition"] = json!({"StringLike": {"aws:PrincipalOrgID": function}});
        assert_eq!(not_analyzed(held.clone()), [label], "{held}");
        for (principal, operator) in [("111111111111", "StringLike"), ("*", "StringEquals")] {
            let mut held = held.clone();
            held["Principal"] = json!({"AWS": principal});
            held["Condition"] = json!({operator: {"aws:PrincipalOrgID": function}});
            assert_eq!(not_analyzed(held.clone()), [""; 0], "{held}");
        }
        // What a Deny is about grants nothing, what it denies may be all.
        public["Effect"] = json!("Deny");
        assert_eq!(not_analyzed(public.clone()), [""; 0], "{public}");
    }
    // A part of a pattern, and addresses, may allow everyone; what has no wildcard does not.
    for (operator, key, function, label) in [
        (
            "ArnLike",
            "aws:PrincipalArn",
            json!({"Fn::Sub": "arn:aws:iam::${P0}:role/x"}),
            Some("Fn::Sub arn:aws:iam::${P0}:role/x"),
        ),
        ("IpAddress", "aws:SourceIp", json!({"Ref": "P0"}), Some("Ref P0")),
        (
            "ArnLike",
            "aws:SourceArn",
            json!({"Fn::Sub": "arn:aws:sns:${AWS::Region}:${AWS::AccountId}:t"}),
            None,
        ),
        ("NotIpAddress", "aws:SourceIp", json!({"Ref": "P0"}), None),
    ] {
        let mut held = allow(&get, &json!("arn:aws:s3:::b/*"));
        held["Principal"] = json!("*");
        held["Condition"] = json!({operator: {key: function}});
        assert_eq!(not_analyzed(held.clone()), Vec::from_iter(label), "{held}");
    }
    // What cannot be `*`.
    for resource in [
        json!({"Fn::GetAtt": ["Policy", "Arn"]}),
        json!({"Fn::Sub": "arn:aws:s3:::${P0}/*"}),
        json!({"Fn::Sub": "${AWS::AccountId}"}),
        json!({"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, ":s3:::b/*"]]}),
    ] {
        assert_eq!(not_analyzed(allow(&get, &resource)), [""; 0], "{resource}");
    }
    assert_eq!(not_analyzed(allow(&json!({"Fn::Sub": "s3:${P0}"}), &any)), [""; 0]);
    assert_eq!(not_analyzed(allow(&json!({"Fn::Join": ["", ["*"]]}), &any)), [""; 0]);
}

/// What a macro may rewrite is judged as it is written, and counted as not fully analyzed.
#[test]
fn what_a_macro_rewrites_is_counted() {
    let template = |transform: &str| {
        let text = format!(
            r#"{{{transform} "Resources": {{"P": {{"Type": "AWS::IAM::ManagedPolicy", "Properties": {{"PolicyDocument":
            {{"Version": "2012-10-17", "Statement": [{{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}}]}}}}}}}}}}"#
        );
        let file = polmerge::document::open(Source::new("t.json", text), &Hints::default());
        file.documents[0].not_analyzed().len()
    };
    assert_eq!(template(r#""Transform": "MyMacro","#), 1);
    assert_eq!(template(r#""Transform": ["AWS::Serverless-2016-10-31", "MyMacro"],"#), 1);
    assert_eq!(template(r#""Transform": "AWS::Serverless-2016-10-31","#), 0);
    assert_eq!(template(""), 0);
}

/// A trust policy with one principal and one action.
fn trust(principal: &serde_json::Value, action: &str, condition: &serde_json::Value) -> serde_json::Value {
    serde_json::json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": principal, "Action": action, "Condition": condition}]})
}

#[test]
fn what_is_not_known_of_a_principal_is_no_reason_against_its_action() {
    use serde_json::{Value, json};
    let (plain, saml, web) = ("sts:AssumeRole", "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity");
    let helps = |principal: Value, action: &str| {
        let text = trust(&principal, action, &json!({})).to_string();
        let found = lint(&document(&text, Some(Kind::Trust)), &selected(&["action-of-other-principal"]));
        found.into_iter().filter_map(|finding| finding.help).collect::<Vec<_>>()
    };
    for mark in ["<ACCOUNT ID>", "${Account}", "{{account}}", "[ACCOUNT]", "YOUR_ACCOUNT"] {
        let provider = |word: &str| json!({"Federated": format!("arn:aws:iam::{mark}:{word}/{mark}")});
        for action in [plain, saml, web] {
            let right = if action == web { vec![] } else { vec![format!("write \"{web}\"")] };
            assert_eq!(helps(provider("oidc-provider"), action), right, "{mark} {action}");
            let right = if action == saml { vec![] } else { vec![format!("write \"{saml}\"")] };
            assert_eq!(helps(provider("saml-provider"), action), right, "{mark} {action}");
        }
    }
    // What it is about is not known at all.
    let open = [
        json!("<PROVIDER_ARN>"),
        json!("{{resolve:ssm:/oidc}}"),
        json!({"Ref": "Provider"}),
        json!({"Fn::GetAtt": ["Provider", "Arn"]}),
        json!("${var.provider}"),
    ];
    for (value, kind) in open.iter().flat_map(|value| [(value, "Federated"), (value, "AWS")]) {
        for action in [plain, saml, web] {
            assert_eq!(helps(json!({kind: value}), action), [""; 0], "{kind} {value} {action}");
        }
    }
    // The action that is missing may be the one to be filled in.
    let policy = |action: &Value| {
        json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action,
            "Principal": {"Federated": "arn:aws:iam::111111111111:saml-provider/x"}}]})
    };
    let found = |action: Value| {
        let document = document(&policy(&action).to_string(), Some(Kind::Trust));
        lint(&document, &selected(&["action-of-other-principal"])).len()
    };
    assert_eq!((found(json!([plain, "<ACTION>"])), found(json!([plain]))), (0, 1));
}

#[test]
fn the_provider_that_a_template_makes_is_known() {
    use serde_json::{Value, json};
    let aud = json!({"StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"}});
    let of_cloudformation = |url: Value, principal: Value| {
        let policy = trust(&json!({ "Federated": principal }), "sts:AssumeRoleWithWebIdentity", &aud);
        json!({"Resources": {
            "Prov": {"Type": "AWS::IAM::OIDCProvider", "Properties": {"Url": url}},
            "Saml": {"Type": "AWS::IAM::SAMLProvider", "Properties": {}},
            "Role": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": policy}},
        }})
    };
    let of_terraform = |url: Value, principal: &str| {
        let policy = trust(&json!({ "Federated": principal }), "sts:AssumeRoleWithWebIdentity", &aud);
        json!({"resource": {
            "aws_iam_openid_connect_provider": {"gh": [{"url": url}]},
            "aws_iam_role": {"r": {"assume_role_policy": policy.to_string()}},
        }})
    };
    let judged = |file: Value, name: &str| {
        let file = polmerge::document::open(Source::new(name, file.to_string()), &Hints::default());
        let found = lint(&file.documents[0], &selected(&["oidc-without-subject"])).len();
        (found, file.documents[0].not_analyzed().len())
    };
    let github = "https://token.actions.githubusercontent.com";
    let (found, silent, counted) = ((1, 0), (0, 0), (0, 1));
    for principal in [
        json!({"Ref": "Prov"}),
        json!({"Fn::GetAtt": ["Prov", "Arn"]}),
        json!({"Fn::GetAtt": "Prov.Arn"}),
        json!({"Fn::Sub": "${Prov}"}),
        json!({"Fn::Sub": "${Prov.Arn}"}),
    ] {
        let judge = |url: Value| judged(of_cloudformation(url, principal.clone()), "t.json");
        assert_eq!(judge(json!(github)), found, "{principal}");
        assert_eq!(judge(json!("https://login.example.com/x")), silent, "{principal}: not one that is known");
        assert_eq!(judge(json!({"Ref": "Url"})), counted, "{principal}");
        assert_eq!(judge(json!("token.actions.githubusercontent.com")), counted, "{principal}: no URL");
    }
    let saml = judged(of_cloudformation(json!(github), json!({"Ref": "Saml"})), "t.json");
    assert_eq!(saml, silent, "its users are those of the account");
    assert_eq!(judged(of_cloudformation(json!(github), json!({"Ref": "Other"})), "t.json"), counted);
    assert_eq!(judged(of_cloudformation(json!(github), json!("{{resolve:ssm:/oidc}}")), "t.json"), counted);
    let terraform = |url: Value, principal| judged(of_terraform(url, principal), "t.tf.json");
    for principal in
        ["${aws_iam_openid_connect_provider.gh.arn}", "${aws_iam_openid_connect_provider.gh[0].id}"]
    {
        assert_eq!(terraform(json!(github), principal), found, "{principal}");
        assert_eq!(terraform(json!("${var.url}"), principal), counted, "{principal}");
    }
    for elsewhere in ["${aws_iam_openid_connect_provider.other.arn}", "${var.provider}", "${local.arn}"] {
        assert_eq!(terraform(json!(github), elsewhere), counted, "{elsewhere}");
    }
    assert_eq!(terraform(json!(github), "${aws_iam_saml_provider.staff.arn}"), silent);
}

/// What fills in a place decides what is to be done about it.
#[test]
fn what_is_still_open_is_named_by_what_fills_it_in() {
    use serde_json::{Value, json};
    let allow = |resource: Value| json!({"Effect": "Allow", "Action": "s3:GetObject", "Resource": resource});
    let policy = |statements: &[Value]| json!({"Version": "2012-10-17", "Statement": statements});
    let found = |name: &str, text: &Value| {
        let file = polmerge::document::open(Source::new(name, text.to_string()), &Hints::default());
        let found = file.documents.iter().flat_map(|one| lint(one, &selected(&["template-text"])));
        found.map(|one| (one.message, one.help.unwrap_or_default())).collect::<Vec<_>>()
    };
    let bare = |resource: Value| found("p.json", &policy(&[allow(resource)]));
    for (resource, message, help) in [
        (json!("arn:aws:s3:::<BUCKET>"), "`<BUCKET>` is still to be filled in", "write the value"),
        (json!("arn:aws:s3:::[BUCKET]"), "`[BUCKET]` is still to be filled in", "write the value"),
        (json!("arn:aws:s3:::{bucket}"), "`{bucket}` is still to be filled in", "write the value"),
        (
            json!("arn:aws:s3:::${Bucket}"),
            "`${Bucket}` is still to be filled in",
            "check the policy that the template",
        ),
        (
            json!("arn:aws:s3:::{{ bucket }}"),
            "`{{ bucket }}` is still",
            "check the policy that the template tool",
        ),
        (json!("arn:aws:s3:::%{bucket}"), "`%{bucket}` is still", "check the policy that the template tool"),
        (json!({"Ref": "Bucket"}), "`Ref Bucket` is known only to CloudFormation", "check the policy in AWS"),
    ] {
        let found = bare(resource.clone());
        let [(one, other)] = found.as_slice() else { panic!("{resource}: {found:?}") };
        assert!(one.starts_with(message) && other.starts_with(help), "{resource}: {one} / {other}");
    }
    assert_eq!(bare(json!("arn:aws:s3:::b/${aws:username}")), []);
    // One finding for each that fills something in.
    let both = policy(&[allow(json!(["<A>", "${B}"])), allow(json!(["<C>"]))]);
    let messages: Vec<String> = found("p.json", &both).into_iter().map(|(message, _)| message).collect();
    assert_eq!(
        messages,
        ["`<A>` and one more place are still to be filled in", "`${B}` is still to be filled in"]
    );
    let effect = json!({"Effect": "<effect>", "Action": "s3:GetObject", "Resource": "*"});
    assert_eq!(found("p.json", &policy(&[effect]))[0].0, "`<effect>` is still to be filled in");
    let terraform = json!({"resource": {"aws_iam_policy": {"p": {"policy": "${local.policy}"}}}});
    let of_terraform = found("p.tf.json", &terraform);
    assert_eq!(of_terraform[0].0, "`${local.policy}` is known only to Terraform");
    assert!(of_terraform[0].1.starts_with("check a plan: terraform show -json"));
    // Four conditions make all the cases that are looked at; those of the fifth statement are judged by themselves.
    let of_condition =
        |at: usize| json!({"Fn::If": [format!("C{at}"), allow(json!("*")), {"Ref": "AWS::NoValue"}]});
    let many = |number: usize| -> Vec<Value> { (0..number).map(of_condition).collect() };
    let noted = |number: usize| {
        let document = template("AWS::IAM::ManagedPolicy", "PolicyDocument", &json!(many(number)));
        lint(&document, &selected(&["template-text"])).into_iter().map(|one| one.message).collect::<Vec<_>>()
    };
    assert_eq!(noted(4), [""; 0]);
    assert_eq!(noted(5), ["`Fn::If C4` is judged without the conditions of other statements"]);
}

/// The message, labels and help of what a rule finds.
fn words(text: &str, kind: Option<Kind>, rule: &str) -> Vec<String> {
    let found = lint(&document(text, kind), &selected(&[rule]));
    let line = |one: Diagnostic| {
        let labels: Vec<_> =
            one.label.into_iter().chain(one.labels.into_iter().map(|label| label.text)).collect();
        format!("{} | {} | {}", one.message, labels.join(" | "), one.help.unwrap_or_default())
    };
    found.into_iter().map(line).collect()
}

#[test]
fn an_external_id_that_no_request_has() {
    let with = |operator: &str, id: &str| {
        let text = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":"arn:aws:iam::210987654321:role/ci"}},
            "Action":"sts:AssumeRole","Condition":{{"{operator}":{{"sts:ExternalId":"{id}"}}}}}}]}}"#
        );
        words(&text, Some(Kind::Trust), "impossible-value")
    };
    assert!(with("StringEquals", "")[0].starts_with("`sts:ExternalId` is never empty | never true"));
    assert!(with("StringEquals", "x")[0].starts_with("`sts:ExternalId` is never `x`"));
    for (operator, id) in
        [("StringEquals", "x1"), ("StringLike", "*"), ("StringEquals", "a/b:c@d,e=f+g.h-i_j")]
    {
        assert_eq!(with(operator, id), [""; 0], "{operator} {id}");
    }
}

#[test]
fn who_may_assume_a_role_without_an_external_id_is_named() {
    let found = |principal: &str, condition: &str| {
        let text = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":"arn:aws:iam::210987654321:{principal}"}},
            "Action":"sts:AssumeRole","Condition":{{{condition}}}}}]}}"#
        );
        words(&text, Some(Kind::Trust), "missing-external-id").remove(0)
    };
    let of_role = r#""ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::210987654321:role/ci"}"#;
    assert!(found("role/ci", "").starts_with("role ci of account 210987654321 may assume"));
    assert!(found("root", of_role).starts_with("role ci of account 210987654321 may assume"));
    assert!(found("root", "").starts_with("account 210987654321 may assume"));
    for open in [
        r#""ArnLike":{"aws:PrincipalArn":"arn:aws:iam::210987654321:role/*"}"#,
        r#""ArnNotEquals":{"aws:PrincipalArn":"arn:aws:iam::210987654321:role/ci"}"#,
    ] {
        assert!(found("root", open).starts_with("account 210987654321 may assume"), "{open}");
    }
}

#[test]
fn one_cause_is_one_finding() {
    let of = |text: &str, kind: Kind| -> Vec<&str> {
        findings(text, Some(kind)).into_iter().map(|finding| finding.rule).collect()
    };
    let policy = |statement: &str| format!(r#"{{"Version":"2012-10-17","Statement":[{statement}]}}"#);
    let topic = |action: &str| {
        policy(&format!(
            r#"{{"Effect":"Allow","Principal":{{"AWS":"arn:aws:iam::222222222222:role/p"}},"Action":"{action}",
            "Resource":"arn:aws:sns:eu-west-1:222222222222:t"}}"#
        ))
    };
    let found = of(&topic("sns:ListTopics"), Kind::Sns);
    assert!(
        found.contains(&"action-out-of-scope") && !found.contains(&"action-resource-mismatch"),
        "{found:?}"
    );
    let get = |resource: &str| {
        of(
            &policy(&format!(r#"{{"Effect":"Allow","Action":"s3:GetObject","Resource":"{resource}"}}"#)),
            Kind::Identity,
        )
    };
    let found = get("arn:aws:s3:${aws:username}::b/*");
    assert!(found.contains(&"variable-outside") && !found.contains(&"invalid-arn"), "{found:?}");
    assert!(get("arn:aws:s3::x:b/*").contains(&"invalid-arn"));
    // A service that does not exist acts for no one.
    let service = |name: &str| {
        let statement =
            r#"{"Effect":"Allow","Principal":{"Service":"NAME"},"Action":"kms:Decrypt","Resource":"*"}"#;
        of(&policy(&statement.replace("NAME", name)), Kind::Kms)
    };
    let found = service("ecs-task.amazonaws.com");
    assert!(found.contains(&"unknown-service-principal") && !found.contains(&"confused-deputy"), "{found:?}");
    for name in ["s3.amazonaws.com", "quite-new-thing.amazonaws.com"] {
        assert!(service(name).contains(&"confused-deputy"), "{name}");
    }
}

#[test]
fn labels_say_more_than_the_title() {
    let found = |action: &str, rule: &str| {
        let text = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"{action}","Resource":"*"}}]}}"#
        );
        words(&text, Some(Kind::Identity), rule).remove(0)
    };
    assert!(found("guardduty:DeleteDetector", "resource-any").contains("| allowed here |"));
    assert!(found("guardduty:DeleteDet*", "resource-any").contains("| `guardduty:DeleteDet*` takes in"));
    assert!(found("s3:GetObject", "data-exposure").contains("| allowed here |"));
    assert!(found("s3:GetObj*", "data-exposure").contains("| `s3:GetObj*` takes in `s3:GetObject` |"));
}

#[test]
fn the_accounts_of_load_balancing_have_no_roles_to_name() {
    let found = |account: &str, kind: Kind| {
        let text = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":"arn:aws:iam::{account}:root"}},
            "Action":"s3:PutObject","Resource":"arn:aws:s3:::logs/AWSLogs/222222222222/*"}}]}}"#
        );
        words(&text, Some(kind), "account-root").remove(0)
    };
    assert!(found("127311923021", Kind::S3).contains("logdelivery.elasticloadbalancing.amazonaws.com"));
    assert!(found("127311923022", Kind::S3).contains("name the role"));
    assert!(found("127311923021", Kind::Resource).contains("name the role"));
}

/// What an alias of YAML repeats is one text.
#[test]
fn an_alias_is_said_once() {
    let found = |second: &str| {
        let text = format!(
            "Resources:\n  M:\n    Type: AWS::IAM::ManagedPolicy\n    Properties:\n      PolicyDocument:\n        \
             Version: \"2012-10-17\"\n        Statement:\n        - &s\n          Effect: Allow\n          \
             Action: [s3:GetObject, s3:GetObject, \"s3:*\"]\n          Resource: \"*\"\n        - {second}\n"
        );
        let file = polmerge::document::open(Source::new("t.yaml", text), &Hints::default());
        let found = lint(&file.documents[0], &Settings::default()).into_iter();
        let mut found: Vec<(&str, String)> = found.map(|one| (one.rule, one.message)).collect();
        found.sort();
        found
    };
    let of = |found: &[(&str, String)]| found.iter().map(|(rule, _)| (*rule).to_owned()).collect::<Vec<_>>();
    let alias = found("*s");
    assert_eq!(of(&alias), ["duplicate-statement", "redundant-action", "whole-service"]);
    assert_eq!(alias[1].1, "`s3:GetObject` is covered by `s3:*`");
    let written = r#"{Effect: Allow, Action: [s3:GetObject, s3:GetObject, "s3:*"], Resource: "*"}"#;
    let twice =
        ["duplicate-statement", "redundant-action", "redundant-action", "whole-service", "whole-service"];
    assert_eq!(of(&found(written)), twice);
}

/// An example names a resource of the template as that does, and says of the caller what its ARN does not.
#[test]
fn the_example_of_a_template() {
    use serde_json::json;
    let lines = |condition: serde_json::Value| {
        let queue = json!({"Type": "AWS::SQS::Queue"});
        let policy = json!({"Type": "AWS::SQS::QueuePolicy", "Properties": {"Queues": [{"Ref": "Q"}],
            "PolicyDocument": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*",
                "Action": "sqs:SendMessage", "Resource": {"Fn::GetAtt": ["Q", "Arn"]}, "Condition": condition}]}}});
        let text = json!({"Resources": {"Q": queue, "P": policy}}).to_string();
        let file = polmerge::document::open(Source::new("t.json", text), &Hints::default());
        let found = lint(&file.documents[0], &Settings::default());
        let open = found.iter().find(|one| !one.example.is_empty()).unwrap();
        open.example.join(" / ")
    };
    let plain = lines(json!({}));
    assert!(plain.contains("sqs:SendMessage on Fn::GetAtt Q.Arn"), "{plain}");
    assert!(!plain.contains("aws:PrincipalAccount"), "{plain}");
    let tested = lines(json!({"StringLike": {"aws:PrincipalAccount": "*"}}));
    assert!(tested.contains("aws:PrincipalAccount 999999999999"), "{tested}");
}

/// What no one can call is not public, and one rule says why no one can.
#[test]
fn a_trust_policy_that_lets_no_one_in() {
    let found = |principal: serde_json::Value, actions: serde_json::Value, condition: serde_json::Value| {
        let statement = serde_json::json!({"Effect": "Allow", "Principal": principal, "Action": actions, "Condition": condition});
        let text = serde_json::json!({"Version": "2012-10-17", "Statement": [statement]}).to_string();
        let found = findings(&text, Some(Kind::Trust)).into_iter();
        let of_access =
            ["public", "principal-any", "oidc-without", "key-without", "never-present", "trust-action"];
        let kept = found.map(|one| one.rule).filter(|rule| of_access.iter().any(|part| rule.contains(part)));
        kept.collect::<Vec<_>>()
    };
    use serde_json::json;
    let identity = json!({"StringEquals": {"sts:SourceIdentity": "bob"}});
    let both = json!(["sts:AssumeRole", "sts:SetSourceIdentity"]);
    assert_eq!(found(json!("*"), json!("sts:AssumeRole"), identity.clone()), ["key-without-its-action"]);
    assert_eq!(found(json!("*"), both, identity), ["public-access"]);
    assert_eq!(found(json!("*"), json!("sts:TagSession"), json!({})), ["trust-action"]);
    assert_eq!(found(json!("*"), json!(["sts:AssumeRole", "sts:TagSession"]), json!({})), ["principal-any"]);
    let host = "oidc.eks.us-east-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE";
    let cluster = json!({"Federated": format!("arn:aws:iam::111111111111:oidc-provider/{host}")});
    let of = |key: &str| {
        let condition = json!({"StringEquals": {key: "system:serviceaccount:ns:sa"}});
        found(cluster.clone(), json!("sts:AssumeRoleWithWebIdentity"), condition)
    };
    assert_eq!(of("oidc.eks.us-east-1.amazonaws.com/id/OTHER:sub"), ["condition-key-never-present"]);
    assert_eq!(of(&format!("{host}:sub")), ["oidc-without-audience"]);
}

/// IAM guide, "AWS JSON policy elements: Principal".
#[test]
fn a_principal_that_aws_refuses() {
    let level = |principal: &str| {
        let text = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{principal},"Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}}]}}"#
        );
        let found = findings(&text, Some(Kind::S3));
        found.iter().find(|one| one.rule == "invalid-principal").map(|one| one.severity)
    };
    let canonical = |digits: usize| format!(r#"{{"CanonicalUser":"{}"}}"#, "a1".repeat(digits / 2));
    for refused in [
        r#"{"AWS":"arn:aws:iam:us-east-1:111111111111:role/r"}"#,
        r#"{"AWS":"arn:aws:sts::111111111111:assumed-role/path/r/s"}"#,
        r#"{"AWS":"arn:AWS:iam::111111111111:role/r"}"#,
        r#"{"AWS":"arn:aws:iam::aws:role/r"}"#,
        r#"{"AWS":"arn:aws:iam::111111111111:role//r"}"#,
        r#"{"AWS":"arn:aws:iam::111111111111:role/a b"}"#,
        r#"{"AWS":"AGPAABCDEFGHIJKLMNOPQ"}"#,
        r#"{"CanonicalUser":"http://acs.amazonaws.com/groups/global/AllUsers"}"#,
    ] {
        assert_eq!(level(refused), Some(Severity::Error), "{refused}");
    }
    assert_eq!(level(&canonical(40)), Some(Severity::Warning));
    for taken in [
        r#"{"AWS":"arn:aws:iam::111111111111:role/path/r"}"#,
        r#"{"AWS":"arn:aws-us-gov:iam::111111111111:role/r"}"#,
        r#"{"AWS":"AIDAABCDEFGHIJKLMNOPQ"}"#,
        &canonical(64),
        &canonical(96),
    ] {
        assert_eq!(level(taken), None, "{taken}");
    }
}
