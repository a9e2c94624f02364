//! Every policy of a file is found, with its kind and its pointer; the lists are made by hand.

use polmerge::document::{File, Hints, open};
use polmerge::edit::Edit;
use polmerge::{Kind, Source};

use crate::steps;

fn file(name: &str) -> File {
    let text = std::fs::read_to_string(steps::folder().join(name)).unwrap();
    open(Source::new(name, text), &Hints::default())
}

fn found(name: &str) -> Vec<(Kind, String)> {
    file(name).documents.iter().map(|document| (document.kind, document.pointer().to_owned())).collect()
}

fn expect(name: &str, wanted: &[(Kind, &str)]) {
    let mut found = found(name);
    let mut wanted: Vec<(Kind, String)> =
        wanted.iter().map(|(kind, pointer)| (*kind, (*pointer).to_owned())).collect();
    found.sort();
    wanted.sort();
    assert_eq!(found, wanted, "{name}");
}

#[test]
fn a_template() {
    expect(
        "templates/template.json",
        &[
            (Kind::Trust, "/Resources/Role/Properties/AssumeRolePolicyDocument"),
            (Kind::Identity, "/Resources/Role/Properties/Policies/0/PolicyDocument"),
            (Kind::Identity, "/Resources/Role/Properties/Policies/1/Fn::If/1/PolicyDocument"),
            (Kind::Kms, "/Resources/Key/Properties/KeyPolicy"),
            (Kind::Identity, "/Resources/Function/Properties/Policies/2"),
            (Kind::SecretsManager, "/Resources/Secret/Properties/ResourcePolicy"),
            (Kind::Scp, "/Resources/Guardrail/Properties/Content"),
        ],
    );
}

/// Policies, and the lines on which they start.
#[test]
fn a_template_in_yaml() {
    let wanted = [
        (Kind::Trust, "/Resources/Role/Properties/AssumeRolePolicyDocument", 12),
        (Kind::Identity, "/Resources/Role/Properties/Policies/0/PolicyDocument", 20),
        (Kind::Identity, "/Resources/Role/Properties/Policies/1/Fn::If/1/PolicyDocument", 30),
        (Kind::Kms, "/Resources/Key/Properties/KeyPolicy", 40),
        (Kind::Identity, "/Resources/Function/Properties/Policies/2", 57),
        (Kind::SecretsManager, "/Resources/Secret/Properties/ResourcePolicy", 67),
        (Kind::Scp, "/Resources/Guardrail/Properties/Content", 84),
    ];
    let file = file("templates/template.yaml");
    let found: Vec<(Kind, &str, usize)> = file
        .documents
        .iter()
        .map(|document| {
            let start = document.in_file(document.tree.span).start as usize;
            (document.kind, document.pointer(), document.source().position(start).line)
        })
        .collect();
    assert_eq!(found, wanted);
    // What the same stack holds in JSON, it holds here, but for the misspelt action.
    let bare = |name: &str, at: usize| -> serde_json::Value {
        serde_json::from_str(&self::file(name).documents[at].bare()).unwrap()
    };
    for at in [1, 4, 6] {
        let action = |value: serde_json::Value| value.pointer("/Statement/0/Action").cloned();
        assert_eq!(action(bare("templates/template.yaml", at)), action(bare("templates/template.json", at)));
    }
}

#[test]
fn a_template_in_an_answer() {
    let template = std::fs::read_to_string(steps::folder().join("templates/template.json")).unwrap();
    let text = format!("{{\"TemplateBody\": {template}, \"StagesAvailable\": []}}");
    let file = open(Source::new("answer.json", text), &Hints::default());
    assert_eq!(file.documents.len(), 7);
    assert!(file.documents[0].pointer().starts_with("/TemplateBody/Resources/Role/"));
}

/// Policies in all files of a folder, by file; those of a folder in it are not among them.
fn expect_folder(name: &str, wanted: &[(&str, &[(Kind, &str)])]) {
    let files = std::fs::read_dir(steps::folder().join(name)).unwrap().map(|entry| entry.unwrap());
    let files: Vec<String> = files
        .filter(|entry| entry.file_type().unwrap().is_file())
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    for file in &files {
        let wanted = wanted.iter().find(|(wanted, _)| wanted == file).map_or([].as_slice(), |(_, list)| list);
        expect(&format!("{name}/{file}"), wanted);
    }
    assert!(wanted.iter().all(|(wanted, _)| files.iter().any(|file| file == wanted)), "{files:?}");
}

#[test]
fn a_serverless_application() {
    expect(
        "templates/sam.yaml",
        &[
            (Kind::Identity, "/Resources/Reader/Properties/Policies/2"),
            (Kind::Trust, "/Resources/Reader/Properties/AssumeRolePolicyDocument"),
            (Kind::Identity, "/Resources/Writer/Properties/Policies"),
            (Kind::Identity, "/Resources/Machine/Properties/Policies/1"),
        ],
    );
}

/// Each stack is a template of its own, as they stand before they are packaged.
#[test]
fn nested_stacks() {
    expect_folder(
        "templates/nested",
        &[
            ("root.yaml", &[(Kind::Sns, "/Resources/TopicPolicy/Properties/PolicyDocument")]),
            ("queues.yaml", &[(Kind::Sqs, "/Resources/QueuePolicy/Properties/PolicyDocument")]),
            ("keys.json", &[(Kind::Kms, "/Resources/Key/Properties/KeyPolicy")]),
        ],
    );
    expect_folder(
        "templates/nested/archive",
        &[("archive.template", &[(Kind::S3, "/Resources/BucketPolicy/Properties/PolicyDocument")])],
    );
}

#[test]
fn an_output_folder_of_cdk() {
    expect_folder(
        "templates/cdk.out",
        &[
            (
                "Access.template.json",
                &[
                    (Kind::Trust, "/Resources/ReaderA1B2C3D4/Properties/AssumeRolePolicyDocument"),
                    (Kind::Identity, "/Resources/ReaderDefaultPolicyE5F6A7B8/Properties/PolicyDocument"),
                ],
            ),
            (
                "Logs.template.json",
                &[(Kind::Sqs, "/Resources/QueuePolicy25439813/Properties/PolicyDocument")],
            ),
            (
                "LogsArchive5E6F7A8B.nested.template.json",
                &[(Kind::Kms, "/Resources/KeyFEB6EC44/Properties/KeyPolicy")],
            ),
        ],
    );
}

/// The pointer goes on through the string, and the place is that in the file.
#[test]
fn a_template_in_a_string() {
    let key = "Resources/Key/Properties/KeyPolicy";
    expect(
        "templates/get-template.json",
        &[
            (Kind::Kms, &format!("/TemplateBody/{key}")),
            (Kind::SecretsManager, "/TemplateBody/Resources/Secret/Properties/ResourcePolicy"),
        ],
    );
    let body = "/Resources/Role/Properties/TemplateBody";
    expect("templates/stack-set.json", &[(Kind::Kms, &format!("{body}/{key}"))]);
    expect(
        "templates/stack-set.yaml",
        &[(Kind::Trust, &format!("{body}/Resources/Role/Properties/AssumeRolePolicyDocument"))],
    );
    let values = "/planned_values/root_module/resources/0/values/template_body";
    expect("templates/stack-set.plan.json", &[(Kind::Kms, &format!("{values}/{key}"))]);

    // Where the first action of each policy stands.
    for (name, actions) in [
        ("get-template.json", ["kms:*", "secretsmanager:DeleteSecret"].as_slice()),
        ("stack-set.json", &["\\\"kms:*\\\""]),
        ("stack-set.yaml", &["sts:AssumeRole"]),
        ("stack-set.plan.json", &["\\\"kms:*\\\""]),
    ] {
        let file = file(&format!("templates/{name}"));
        let spelt: Vec<&str> = file
            .documents
            .iter()
            .map(|document| {
                let action = document.policy.statements[0].action.as_ref().unwrap();
                document.in_file(action.values.items[0].span).slice(document.source().text())
            })
            .collect();
        let bare = |text: &str| text.trim_matches(['"', '\\']).to_owned();
        let (spelt, wanted): (Vec<String>, Vec<String>) =
            (spelt.into_iter().map(bare).collect(), actions.iter().map(|action| bare(action)).collect());
        assert_eq!(spelt, wanted, "{name}");
    }
}

#[test]
fn several_documents_of_yaml() {
    expect(
        "templates/stream.yaml",
        &[
            (Kind::Kms, "/0/Resources/Key/Properties/KeyPolicy"),
            (Kind::Sqs, "/2/Resources/QueuePolicy/Properties/PolicyDocument"),
        ],
    );
    let file = file("templates/stream.yaml");
    let lines: Vec<usize> = file
        .documents
        .iter()
        .map(|document| {
            let start = document.in_file(document.tree.span).start as usize;
            document.source().position(start).line
        })
        .collect();
    assert_eq!(lines, [7, 25]);
    let open = |text: &str| open(Source::new("x.yaml", text), &Hints::default());
    // A template that cannot be read takes nothing from the rest of the file.
    let mixed = open(
        "Resources:\n  A: {Type: 'AWS::CloudFormation::StackSet', Properties: {TemplateBody: 'Resources: {'}}\n  \
         Q: {Type: 'AWS::SQS::QueuePolicy', Properties: {PolicyDocument: {Statement: []}}}\n",
    );
    assert_eq!((mixed.documents.len(), mixed.problems.len(), mixed.inner_problems.len()), (1, 0, 1));
    // One that says nothing is none.
    let one = open("---\nStatement: []\n---\n# no more\n");
    assert_eq!(one.documents.iter().map(|document| document.pointer()).collect::<Vec<_>>(), [""]);
    assert!(one.problems.is_empty());
    // One that is no YAML is told of at its place, and so is a template in a string.
    for (text, at) in
        [("Statement: []\n---\na: [\n", "[\n"), ("TemplateBody: |\n  Resources:\n    A: {Type: x\n", "{Type")]
    {
        let file = open(text);
        let problems: Vec<_> = file.problems.iter().chain(&file.inner_problems).collect();
        let [problem] = problems.as_slice() else { panic!("{problems:?}") };
        assert!(problem.span.start as usize >= text.find(at).unwrap(), "{text}: {problem:?}");
    }
}

#[test]
fn a_plan() {
    let root = "/planned_values/root_module";
    expect(
        "templates/plan.json",
        &[
            (Kind::Kms, &format!("{root}/resources/0/values/policy")),
            (Kind::Trust, &format!("{root}/child_modules/0/resources/0/values/assume_role_policy")),
            (Kind::Identity, &format!("{root}/child_modules/0/resources/0/values/inline_policy/0/policy")),
            (Kind::Identity, &format!("{root}/child_modules/0/resources/1/values/json")),
        ],
    );
    let key = &file("templates/plan.json").documents[0];
    assert_eq!(
        key.resource.as_deref(),
        Some("arn:aws:kms:us-east-1:111111111111:key/11111111-2222-3333-4444-555555555555")
    );
}

#[test]
fn an_account() {
    expect(
        "answers/iam-get-account-authorization-details.json",
        &[
            (Kind::Identity, "/UserDetailList/0/UserPolicyList/0/PolicyDocument"),
            (Kind::Trust, "/RoleDetailList/0/AssumeRolePolicyDocument"),
            (Kind::Identity, "/Policies/0/PolicyVersionList/0/Document"),
        ],
    );
}

#[test]
fn answers_of_one_policy() {
    for (name, kind, pointer) in [
        ("kms-get-key-policy", Kind::Kms, "/Policy"),
        ("s3api-get-bucket-policy", Kind::S3, "/Policy"),
        ("sns-get-topic-attributes", Kind::Sns, "/Attributes/Policy"),
        ("sqs-get-queue-attributes", Kind::Sqs, "/Attributes/Policy"),
        ("sqs-get-queue-attributes-without-policy", Kind::Sqs, "/Attributes/Policy"),
        ("iam-get-role", Kind::Trust, "/Role/AssumeRolePolicyDocument"),
        ("iam-get-role-percent-encoded", Kind::Trust, "/Role/AssumeRolePolicyDocument"),
        ("iam-get-role-policy", Kind::Identity, "/PolicyDocument"),
        ("iam-get-policy-version", Kind::Identity, "/PolicyVersion/Document"),
    ] {
        expect(&format!("answers/{name}.json"), &[(kind, pointer)]);
    }
}

#[test]
fn what_holds_no_policy() {
    for text in [
        "{\"Resources\": {}}",
        "[]",
        "3",
        "{\"Policy\": {\"Arn\": \"x\"}}",
        "{\"name\": \"x\"}",
        "{\"Resources\": [1]}",
    ] {
        assert!(open(Source::new("x", text), &Hints::default()).documents.is_empty(), "{text}");
    }
}

/// An event bus takes one statement as its policy, an API of SAM a list of them.
#[test]
fn statements_without_a_policy_round_them() {
    let text = r#"{"Resources": {
  "Rule": {"Type": "AWS::Events::EventBusPolicy", "Properties": {"StatementId": "a", "Statement":
    {"Effect": "Allow", "Principal": "*", "Action": "events:PutEvents", "Resource": {"Ref": "Bus"}}}},
  "Api": {"Type": "AWS::Serverless::Api", "Properties": {"Auth": {"ResourcePolicy": {"CustomStatements": [
    {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "*"},
    {"Effect": "Deny", "Principal": "*", "Action": "execute-api:*", "Resource": "*"}]}}}},
  "Plain": {"Type": "AWS::Serverless::Api", "Properties": {"Auth": {"ResourcePolicy": {"IpRangeDenylist": ["10.0.0.0/8"]}}}}
}}"#;
    let yaml = r#"Resources:
  Api:
    Type: AWS::Serverless::Api
    Properties:
      Auth:
        ResourcePolicy:
          CustomStatements:
            # everybody, but for what it denies
            - Effect: Allow
              Principal: "*"
              Action: execute-api:Invoke
              Resource: "*"
            - {Effect: Deny, Principal: "*", Action: "execute-api:*", Resource: "*"}
"#;
    let json = open(Source::new("template.json", text), &Hints::default());
    let pointers: Vec<&str> = json.documents.iter().map(|document| document.pointer()).collect();
    let api = "/Resources/Api/Properties/Auth/ResourcePolicy/CustomStatements";
    assert_eq!(pointers, ["/Resources/Rule/Properties/Statement", api]);
    let yaml = open(Source::new("template.yaml", yaml), &Hints::default());
    let cases = [
        (&json, 0, "", "{\"Effect\""),
        (&json, 1, "/1", "{\"Effect\": \"Deny\""),
        (&yaml, 0, "/1", "{Effect: Deny"),
    ];
    for (file, at, pointer, start) in cases {
        let document = &file.documents[at];
        assert!(document.is_sound() && document.problems.is_empty(), "{:?}", document.problems);
        assert_eq!(document.kind, Kind::Resource);
        let last = document.policy.statements.last().unwrap();
        assert_eq!(document.pointer_to(last.span), pointer);
        let source = document.source().text();
        assert!(source[document.in_file(last.span).start as usize..].starts_with(start));
        // In place, and nothing round it; YAML keeps its own way of writing strings.
        let action = last.action.as_ref().unwrap().values.items[0].span;
        let edited = document.edited(&[Edit::replace(action, "\"sns:Publish\"")]).unwrap();
        let place = document.in_file(action);
        let (before, behind) = (&source[..place.start as usize], &source[place.end as usize..]);
        let with = |action: &str| format!("{before}{action}{behind}");
        assert!([with("\"sns:Publish\""), with("sns:Publish")].contains(&edited), "{edited}");
        let version = document.policy.version.as_ref().unwrap().span;
        assert!(document.edited(&[Edit::replace(version, "\"2008-10-17\"")]).is_err());
    }
}

/// The Serverless Framework and Zappa put a policy around lists of statements.
#[test]
fn lists_of_statements_in_the_configuration_of_a_framework() {
    let statement = |action: &str| format!("[{{Effect: Allow, Action: '{action}', Resource: '*'}}]");
    let text = format!(
        "service: a
provider:
  name: aws
  iam:
    role:
      statements:
        - ${{file(more.yml)}}  # filled in
        - Effect: Allow
          Action: \"sqs:*\"   # kept
          Resource: '*'
  iamRoleStatements: ${{file(iam.yml)}}
  apiGateway:
    resourcePolicy: {}
functions:
  f:
    handler: a.b
    iamRoleStatements: {}
  g: {{iam: {{role: {{statements: {}}}}}}}
custom:
  statements: {}
resources:
  - Resources:
      Q:
        Type: AWS::SQS::QueuePolicy
        Properties:
          PolicyDocument: {{Statement: {}}}
",
        statement("execute-api:*"),
        statement("s3:*"),
        statement("kms:*"),
        statement("sns:*"),
        statement("ec2:*"),
    );
    let file = open(Source::new("serverless.yml", text.as_str()), &Hints::default());
    let found: Vec<(Kind, &str)> = file.documents.iter().map(|one| (one.kind, one.pointer())).collect();
    assert_eq!(
        found,
        [
            (Kind::Identity, "/provider/iam/role/statements"),
            (Kind::Identity, "/provider/iamRoleStatements"),
            (Kind::Resource, "/provider/apiGateway/resourcePolicy"),
            (Kind::Identity, "/functions/f/iamRoleStatements"),
            (Kind::Identity, "/functions/g/iam/role/statements"),
            (Kind::Sqs, "/resources/0/Resources/Q/Properties/PolicyDocument"),
        ]
    );
    assert_eq!(file.unread.len(), 1, "the list in `custom` is in no policy");
    assert!(file.documents[1].is_unknown());
    let document = &file.documents[0];
    assert!(document.problems.is_empty(), "{:?}", document.problems);
    let labels: Vec<String> = document.not_analyzed().into_iter().map(|one| one.label).collect();
    assert_eq!(labels, ["${file(more.yml)}"]);
    let action = document.policy.statements[1].action.as_ref().unwrap().values.items[0].span;
    let edited = document.edited(&[Edit::replace(action, "\"sqs:SendMessage\"")]).unwrap();
    assert_eq!(edited, text.replace("sqs:*", "sqs:SendMessage"));

    let zappa = r#"{"dev": {"app_function": "a.b", "extra_permissions": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}}"#;
    let file = open(Source::new("zappa_settings.json", zappa), &Hints::default());
    let found: Vec<(Kind, &str)> = file.documents.iter().map(|one| (one.kind, one.pointer())).collect();
    assert_eq!(found, [(Kind::Identity, "/dev/extra_permissions")]);
    // In a file of another kind they are said, and not taken for a policy.
    let other = open(Source::new("other.yml", text.replace("  name: aws\n", "")), &Hints::default());
    assert!(other.unread.len() >= 4, "{:?}", other.unread);
}
