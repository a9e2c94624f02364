//! Every policy of a file is found, with its kind and its pointer; the lists are made by hand.

#[path = "support/steps.rs"]
mod steps;

use polmerge::document::{File, Hints, open};
use polmerge::{Kind, Source};

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
