//! `diff` of files of several policies, and of folders: each policy is compared with that in its place. And which of
//! several policies a command takes.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::Path;
use std::process::Command;

use serde_json::{Value as Json, json};

struct Run {
    status: i32,
    out: String,
    err: String,
}

fn diff(folder: &Path, arguments: &[&str]) -> Run {
    polmerge(folder, "diff", arguments)
}

fn polmerge(folder: &Path, name: &str, arguments: &[&str]) -> Run {
    let mut command = Command::new(env!("CARGO_BIN_EXE_polmerge"));
    let output = command.arg(name).args(arguments).current_dir(folder).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Run { status: output.status.code().unwrap(), out: text(output.stdout), err: text(output.stderr) }
}

/// Writes a file below the folder.
fn put(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

fn statement(action: &str) -> Json {
    json!({"Effect": "Allow", "Action": action, "Resource": "arn:aws:s3:::b/*"})
}

fn policy(actions: &[&str]) -> Json {
    let statements: Vec<Json> = actions.iter().map(|action| statement(action)).collect();
    json!({"Version": "2012-10-17", "Statement": statements})
}

/// A template with a managed policy for each of these.
fn template(policies: &[(&str, Json)]) -> String {
    let resources: serde_json::Map<String, Json> = policies
        .iter()
        .map(|(name, policy)| {
            let properties = json!({"PolicyDocument": policy});
            ((*name).to_owned(), json!({"Type": "AWS::IAM::ManagedPolicy", "Properties": properties}))
        })
        .collect();
    json!({"AWSTemplateFormatVersion": "2010-09-09", "Resources": resources}).to_string()
}

/// A plan that changes the policies of these resources.
fn plan(policies: &[(&str, Json)]) -> String {
    let resources: Vec<Json> = policies
        .iter()
        .map(|(name, policy)| {
            json!({"address": format!("aws_iam_policy.{name}"), "mode": "managed", "type": "aws_iam_policy",
                "name": name, "values": {"name": name, "policy": policy.to_string()}})
        })
        .collect();
    json!({"format_version": "1.2", "terraform_version": "1.9.0",
        "planned_values": {"root_module": {"resources": resources}}})
    .to_string()
}

#[test]
fn folders_files_and_policies_that_come_and_go() {
    let folder = tempfile::tempdir().unwrap();
    let put = |name: &str, text: &str| put(folder.path(), name, text);
    let (narrow, wide) = (policy(&["s3:GetObject"]), policy(&["s3:*"]));
    put("old/same.json", &narrow.to_string());
    put("new/same.json", &narrow.to_string());
    put("old/sub/t.json", &template(&[("A", narrow.clone()), ("B", narrow.clone())]));
    put("new/sub/t.json", &template(&[("A", wide.clone()), ("C", narrow.clone()), ("D", wide.clone())]));
    put("old/gone.json", &wide.to_string());
    put("new/come.json", &wide.to_string());
    let run = diff(folder.path(), &["old", "new", "--format", "json", "--fail-on-new-access"]);
    assert_eq!(run.status, 1, "{}", run.err);
    let all: Json = serde_json::from_str(&run.out).unwrap();
    let place = |side: &Json| {
        side["path"].as_str().map(|path| format!("{path} {}", side["document"].as_str().unwrap_or_default()))
    };
    let found: Vec<(Option<String>, Option<String>)> = all["policies"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (place(&one["old"]), place(&one["new"])))
        .collect();
    let at = |path: &str, name: &str| Some(format!("{path} /Resources/{name}/Properties/PolicyDocument"));
    let wanted = [
        (None, Some("new/come.json ".to_owned())),
        (Some("old/gone.json ".to_owned()), None),
        (at("old/sub/t.json", "A"), at("new/sub/t.json", "A")),
        (None, at("new/sub/t.json", "C")),
        (None, at("new/sub/t.json", "D")),
        (at("old/sub/t.json", "B"), None),
    ];
    assert_eq!(found, wanted);
    assert_eq!(all["base"], json!({"name": "old", "commit": null}));
    let run = diff(folder.path(), &["old", "new"]);
    assert_eq!(run.status, 0);
    assert!(run.out.contains("6 policies from old to new"), "{}", run.out);
    // A file that does not parse has not lost its policies.
    put("new/sub/t.json", "{");
    let run = diff(folder.path(), &["old", "new"]);
    assert_eq!(run.status, 2, "{}", run.out);
    assert!(run.err.contains("`new/sub/t.json`"), "{}", run.err);
    let run = diff(folder.path(), &["old", "new/same.json"]);
    assert_eq!(run.status, 2);
}

#[test]
fn one_of_several_by_its_pointer() {
    let folder = tempfile::tempdir().unwrap();
    let put = |name: &str, text: &str| put(folder.path(), name, text);
    let (narrow, wide) = (policy(&["s3:GetObject"]), policy(&["s3:*"]));
    put("old.json", &template(&[("A", narrow.clone()), ("B", narrow.clone())]));
    put("new.json", &template(&[("A", wide.clone()), ("B", narrow.clone())]));
    let at = |name: &str| {
        let pointer = format!("/Resources/{name}/Properties/PolicyDocument");
        diff(folder.path(), &["old.json", "new.json", "--exit-code", "--at", &pointer])
    };
    assert_eq!([at("A").status, at("B").status], [1, 0]);
    let none = at("C");
    assert_eq!(none.status, 2);
    for name in ["A", "B"] {
        assert!(none.err.contains(&format!("/Resources/{name}/Properties/PolicyDocument")), "{}", none.err);
    }
    // A list of what is allowed is one policy.
    let run = diff(folder.path(), &["new.json", "new.json", "--allowed", "old.json"]);
    assert!(run.status == 2 && run.err.contains("holds 2 policies"), "{}", run.err);
}

/// Lists in plans, states, dumps and answers have no order that lasts: what is in them is known by its name.
#[test]
fn lists_are_matched_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let put = |name: &str, text: &str| put(folder.path(), name, text);
    let (narrow, wide) = (policy(&["s3:GetObject"]), policy(&["s3:*"]));
    let state = |policies: &[(&str, Json)]| {
        let instance = |(key, policy): &(&str, Json)| json!({"index_key": key, "attributes": {"policy": policy.to_string()}});
        let instances: Vec<Json> = policies.iter().map(instance).collect();
        json!({"version": 4, "terraform_version": "1.9.0", "serial": 1, "lineage": "x", "outputs": {}, "resources": [
            {"mode": "managed", "type": "aws_iam_policy", "name": "p", "instances": instances}]})
        .to_string()
    };
    let users = |policies: &[(&str, Json)]| {
        let user = |(name, policy): &(&str, Json)| json!({"Path": "/", "UserName": name, "UserPolicyList": [{"PolicyName": "p", "PolicyDocument": policy}]});
        let users: Vec<Json> = policies.iter().map(user).collect();
        json!({"UserDetailList": users, "GroupDetailList": [], "RoleDetailList": [], "Policies": []})
            .to_string()
    };
    let objects = |policies: &[(&str, Json)]| {
        let object = |(name, policy): &(&str, Json)| {
            format!(
                "apiVersion: iam.services.k8s.aws/v1alpha1\nkind: Policy\nmetadata: {{name: {name}}}\nspec: {}\n",
                json!({"policyDocument": policy.to_string()})
            )
        };
        policies.iter().map(object).collect::<Vec<_>>().join("---\n")
    };
    type Form<'f> = &'f dyn Fn(&[(&str, Json)]) -> String;
    for (name, form) in [
        ("plan.json", &plan as Form),
        ("state.json", &state),
        ("users.json", &users),
        ("objects.yaml", &objects),
    ] {
        let [old, new] = [format!("old-{name}"), format!("new-{name}")];
        let run = |before: &[(&str, Json)], after: &[(&str, Json)]| {
            put(&old, &form(before));
            put(&new, &form(after));
            let run = diff(folder.path(), &[&old, &new, "--fail-on-new-access", "--format", "json"]);
            let all: Json = serde_json::from_str(&run.out).unwrap();
            let relations: Vec<String> = all["policies"]
                .as_array()
                .unwrap_or_else(|| panic!("{name}: {all}"))
                .iter()
                .map(|one| one["relation"].as_str().unwrap().to_owned())
                .collect();
            (run.status, relations)
        };
        let [a, b] = ["a", "b"];
        let both = [(a, narrow.clone()), (b, wide.clone())];
        // In another order, nothing differs.
        assert_eq!(run(&both, &[both[1].clone(), both[0].clone()]), (0, vec![]), "{name}");
        // The one goes, and the other becomes wide.
        let (status, relations) = run(&[(a, wide.clone()), (b, narrow.clone())], &[(b, wide.clone())]);
        assert_eq!((status, relations.len()), (1, 2), "{name}: {relations:?}");
        assert!(relations.contains(&"broader".to_owned()), "{name}: {relations:?}");
        // Their policies are exchanged.
        let (status, relations) = run(&both, &[(a, wide.clone()), (b, narrow.clone())]);
        assert_eq!((status, relations.len()), (1, 2), "{name}: {relations:?}");
        // What has another name is another thing.
        let (status, relations) = run(&both, &[(a, narrow.clone()), ("c", wide.clone())]);
        assert_eq!((status, relations.len()), (1, 2), "{name}: {relations:?}");
    }
}

/// What is asked of NEW is asked of its policies that are what they were, too.
#[test]
fn checks_of_new_look_at_all_its_policies() {
    let folder = tempfile::tempdir().unwrap();
    let put = |name: &str, text: &str| put(folder.path(), name, text);
    let (narrow, wide) = (policy(&["s3:GetObject"]), policy(&["s3:*"]));
    let old = template(&[("A", wide.clone()), ("B", narrow.clone())]);
    let new = template(&[("A", wide), ("B", policy(&["s3:PutObject"]))]);
    for (name, text) in [("old/t.json", &old), ("new/t.json", &new), ("same/t.json", &old)] {
        put(name, text);
    }
    put("limit.json", &policy(&["s3:DeleteObject"]).to_string());
    for (old, new) in [("old/t.json", "new/t.json"), ("old/t.json", "same/t.json"), ("old", "same")] {
        let run = diff(folder.path(), &[old, new, "--forbidden", "limit.json", "--format", "json"]);
        assert_eq!(run.status, 1, "{old} {new}: {}", run.out);
        assert_eq!(diff(folder.path(), &[old, new, "--fail-on-public"]).status, 0);
    }
    // Of what passes, that it was looked at is no difference.
    let run = diff(folder.path(), &["old", "same", "--fail-on-public", "--format", "json"]);
    let all: Json = serde_json::from_str(&run.out).unwrap();
    assert_eq!((&all["policies"], &all["summary"]["untouched"]), (&json!([]), &json!(2)));
}

/// A file that is ignored in one of two folders was not deleted there.
#[test]
fn a_file_that_is_passed_over_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let put = |name: &str, text: &str| put(folder.path(), name, text);
    put("old/a.json", &policy(&["s3:GetObject"]).to_string());
    put("new/a.json", &policy(&["s3:*"]).to_string());
    for ignore in [".gitignore", ".ignore"] {
        put(&format!("new/{ignore}"), "a.json\n");
        let run = diff(folder.path(), &["old", "new", "--fail-on-new-access"]);
        assert_eq!(run.status, 3, "{}", run.out);
        assert!(run.err.contains("`new/a.json` is ignored"), "{}", run.err);
        assert!(!run.out.contains("deleted"), "{}", run.out);
        // Passed over in both, it is still said, unless it is the same.
        put(&format!("old/{ignore}"), "a.json\n");
        assert_eq!(diff(folder.path(), &["old", "new", "--fail-on-new-access"]).status, 3);
        assert_eq!(diff(folder.path(), &["new", "new", "--fail-on-new-access"]).status, 0);
        assert_eq!(diff(folder.path(), &["new", "new", "--fail-on-public"]).status, 3);
        for side in ["old", "new"] {
            std::fs::remove_file(folder.path().join(side).join(ignore)).unwrap();
        }
    }
    assert_eq!(diff(folder.path(), &["old", "new", "--fail-on-new-access"]).status, 1);
    // What is the same, and ignored in one of them, is still looked at.
    put("same/a.json", &policy(&["s3:*"]).to_string());
    put("same/.gitignore", "a.json\n");
    put("limit.json", &policy(&["s3:GetObject"]).to_string());
    let forbidden =
        |old: &str, new: &str| diff(folder.path(), &[old, new, "--forbidden", "limit.json"]).status;
    assert_eq!([forbidden("same", "new"), forbidden("new", "same")], [1, 1]);
}

#[test]
fn lint_and_can_take_one_of_several_by_its_pointer() {
    let folder = tempfile::tempdir().unwrap();
    let wide = json!({"Sid": 1, "Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::b/*", "Principal": "*"});
    let wide = json!({"Version": "2012-10-17", "Statement": [wide]});
    let text = template(&[("A", wide), ("B", policy(&["s3:GetObject"]))]);
    std::fs::write(folder.path().join("t.json"), text).unwrap();
    let pointer = |name: &str| format!("/Resources/{name}/Properties/PolicyDocument");
    let lists_both = |run: Run| {
        assert_eq!(run.status, 2, "{}", run.out);
        for name in ["A", "B"] {
            assert!(run.err.contains(&format!("--at {}", pointer(name))), "{}", run.err);
        }
    };

    let lint = |at: &str| polmerge(folder.path(), "lint", &["t.json", "--format", "json", "--at", at]);
    let counted = |run: &Run| serde_json::from_str::<Json>(&run.out).unwrap()["summary"]["policies"].clone();
    let (bad, good) = (lint(&pointer("A")), lint(&pointer("B")));
    assert_eq!([bad.status, good.status], [1, 0]);
    assert_eq!([counted(&bad), counted(&good)], [json!(1), json!(1)]);
    lists_both(lint(&pointer("C")));
    for other in [
        &["--at", "/A"][..],
        &["--at", "/A", "."],
        &["t.json", "--at", "A"],
        &["t.json", "--at", "/A", "--fix"],
    ] {
        assert_eq!(polmerge(folder.path(), "lint", other).status, 2, "{other:?}");
    }

    let can = |more: &[&str]| {
        let asked = ["--action", "s3:GetObject", "--resource", "arn:aws:s3:::b/k", "--identity", "t.json"];
        polmerge(folder.path(), "can", &[&asked, more].concat())
    };
    assert_eq!(can(&["--at", &pointer("B")]).status, 0);
    lists_both(can(&[]));
    lists_both(can(&["--at", &pointer("C")]));
    std::fs::write(folder.path().join("deny.json"), policy(&["s3:PutObject"]).to_string()).unwrap();
    let limited = ["--at", &pointer("B"), "--scp", "deny.json"];
    assert_eq!(can(&limited).status, 1, "the other file holds one policy, and that is taken");
    let unused = can(&[&limited[..], &["--at", "/X"]].concat());
    assert!(unused.status == 2 && unused.err.contains("`/X`"), "{}", unused.err);
}

#[test]
fn can_takes_the_policies_of_the_caller_from_the_details_of_an_account() {
    let folder = tempfile::tempdir().unwrap();
    let arn = |of: &str| format!("arn:aws:iam::111111111111:{of}");
    let user = |name: &str, action: &str, boundary: &str| {
        json!({"UserName": name, "Arn": arn(&format!("user/{name}")), "GroupList": [], "AttachedManagedPolicies": [],
            "UserPolicyList": [{"PolicyName": "own", "PolicyDocument": policy(&[action])}],
            "PermissionsBoundary": {"PermissionsBoundaryArn": arn(boundary)}})
    };
    let limit = json!({"Arn": arn("policy/limit"), "PolicyName": "limit",
        "PolicyVersionList": [{"Document": policy(&["s3:Get*"]), "VersionId": "v1", "IsDefaultVersion": true}]});
    let details = json!({
        "UserDetailList": [
            user("reader", "s3:GetObject", "policy/limit"),
            user("writer", "s3:PutObject", "policy/limit"),
            user("open", "s3:GetObject", "policy/other"),
        ],
        "GroupDetailList": [], "RoleDetailList": [], "Policies": [limit],
    });
    std::fs::write(folder.path().join("account.json"), details.to_string()).unwrap();
    let can = |name: &str, action: &str| {
        let (principal, resource) = (arn(&format!("user/{name}")), "arn:aws:s3:::b/k");
        let given = ["--principal", &principal, "--identity", "account.json", "--format", "json"];
        polmerge(folder.path(), "can", &[&["--action", action, "--resource", resource], &given[..]].concat())
    };
    let answers =
        [can("reader", "s3:GetObject"), can("reader", "s3:PutObject"), can("writer", "s3:PutObject")];
    assert_eq!(answers.map(|run| run.status), [0, 1, 1]);
    let unknown = can("open", "s3:GetObject");
    assert_eq!(unknown.status, 3, "{}", unknown.err);
    let answer: Json = serde_json::from_str(&unknown.out).unwrap();
    assert!(answer["depends_on"].to_string().contains("policy/other"), "{answer}");
    assert_eq!(answer["taken"][0], "inline policy `own` of user `open`");
    assert_eq!(can("nobody", "s3:GetObject").status, 2);
}

/// A template with a policy that stays, and these resources.
fn with(resources: &Json) -> String {
    let mut all = json!({"Other": {"Type": "AWS::IAM::ManagedPolicy",
        "Properties": {"PolicyDocument": policy(&["s3:GetObject"])}}});
    let members = resources.as_object().unwrap().clone();
    all.as_object_mut().unwrap().extend(members);
    json!({"AWSTemplateFormatVersion": "2010-09-09", "Resources": all}).to_string()
}

/// How `--fail-on-new-access` ends, and what is printed.
fn gate(name: &str, old: &str, new: &str) -> (i32, String) {
    let folder = tempfile::tempdir().unwrap();
    let names = [format!("old{name}"), format!("new{name}")];
    std::fs::write(folder.path().join(&names[0]), old).unwrap();
    std::fs::write(folder.path().join(&names[1]), new).unwrap();
    let run = diff(folder.path(), &[&names[0], &names[1], "--fail-on-new-access"]);
    (run.status, run.out + &run.err)
}

#[test]
fn what_is_no_policy_in_place_of_one_is_not_its_deletion() {
    let managed = |document: Json| {
        with(&json!({"P": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": document}}}))
    };
    let old = managed(policy(&["s3:PutObject"]));
    for document in [
        json!("{{resolve:ssm:/pol}}"),
        json!("${file(./x.json)}"),
        json!(""),
        json!("not json"),
        json!(0),
        json!([]),
        json!({"Foo": 1}),
        json!(["{{resolve:ssm:/pol}}"]),
    ] {
        let (status, out) = gate(".json", &old, &managed(document.clone()));
        assert_eq!(status, 3, "{document}: {out}");
        assert!(!out.contains("(deleted)") && !out.contains("(proved"), "{document}: {out}");
    }
    let (status, out) = gate(".json", &old, &with(&json!({})));
    assert!(status == 0 && out.contains("(proved, exact)"), "{out}");
    // The same reference on both sides makes no difference.
    let reference = managed(json!("{{resolve:ssm:/pol}}"));
    assert_eq!(gate(".json", &reference, &reference).0, 0);
}

#[test]
fn what_aws_puts_in_place_of_a_policy_counts() {
    let statement = |action: &str, resource: &str| {
        json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": resource,
            "Principal": {"AWS": "arn:aws:iam::111111111111:role/r"}}]})
    };
    let key = statement("kms:*", "*");
    let mount = statement("elasticfilesystem:ClientMount", "*");
    let invoke = statement("execute-api:Invoke", "*");
    let endpoint = statement("s3:GetObject", "*");
    let publish = statement("sns:Publish", "*");
    let one = |kind: &str, properties: Json| with(&json!({"R": {"Type": kind, "Properties": properties}}));
    let api = |kind: &str| json!({"EndpointConfiguration": {"Types": [kind]}, "Policy": invoke});
    let open_api = |kind: &str| json!({"EndpointConfiguration": {"Types": [kind]}});
    let both = json!({"T": {"Type": "AWS::SNS::Topic"},
        "P": {"Type": "AWS::SNS::TopicPolicy", "Properties": {"Topics": [{"Ref": "T"}], "PolicyDocument": publish}}});
    let topic = with(&json!({"T": {"Type": "AWS::SNS::Topic"}}));
    let none = with(&json!({}));
    for (old, new, expected) in [
        // The default key policy is one of the account, which the template does not name.
        (one("AWS::KMS::Key", json!({"KeyPolicy": key})), one("AWS::KMS::Key", json!({})), 3),
        (one("AWS::KMS::Key", json!({"KeyPolicy": key})), none.clone(), 0),
        (
            one("AWS::EFS::FileSystem", json!({"FileSystemPolicy": mount})),
            one("AWS::EFS::FileSystem", json!({})),
            1,
        ),
        (one("AWS::EFS::FileSystem", json!({"FileSystemPolicy": mount})), none.clone(), 0),
        (
            one("AWS::ApiGateway::RestApi", api("REGIONAL")),
            one("AWS::ApiGateway::RestApi", open_api("REGIONAL")),
            1,
        ),
        (
            one("AWS::ApiGateway::RestApi", api("PRIVATE")),
            one("AWS::ApiGateway::RestApi", open_api("PRIVATE")),
            0,
        ),
        (one("AWS::ApiGateway::RestApi", api("REGIONAL")), none.clone(), 0),
        (
            one("AWS::EC2::VPCEndpoint", json!({"PolicyDocument": endpoint})),
            one("AWS::EC2::VPCEndpoint", json!({})),
            1,
        ),
        // An endpoint that is not there lets nobody through.
        (one("AWS::EC2::VPCEndpoint", json!({"PolicyDocument": endpoint})), none.clone(), 0),
        (with(&both), topic, 3),
        (with(&both), none, 0),
    ] {
        let (status, out) = gate(".json", &old, &new);
        assert_eq!(status, expected, "{old} → {new}: {out}");
    }
    // The template may take it away in one case alone.
    let chosen = |kind: &str, member: &str, policy: &Json| {
        let choice = json!({"Fn::If": ["C", policy, {"Ref": "AWS::NoValue"}]});
        let mut all: Json = serde_json::from_str(&one(kind, json!({member: choice}))).unwrap();
        all["Conditions"] = json!({"C": {"Fn::Equals": [{"Ref": "AWS::Region"}, "us-east-1"]}});
        all.to_string()
    };
    for (kind, member, policy, expected) in [
        ("AWS::KMS::Key", "KeyPolicy", &key, 3),
        ("AWS::EFS::FileSystem", "FileSystemPolicy", &mount, 1),
        ("AWS::S3::BucketPolicy", "PolicyDocument", &endpoint, 0),
    ] {
        let new = chosen(kind, member, policy);
        let (status, out) = gate(".json", &one(kind, json!({member: policy})), &new);
        assert_eq!(status, expected, "{kind}: {out}");
        assert_eq!(gate(".json", &new, &new).0, 0, "{kind}");
    }
    let terraform = |resources: Json| {
        let mut all = json!({"aws_iam_policy": {"i": {"policy": policy(&["s3:GetObject"]).to_string()}}});
        all.as_object_mut().unwrap().extend(resources.as_object().unwrap().clone());
        json!({"resource": all}).to_string()
    };
    let none = terraform(json!({}));
    for (old, new, expected) in [
        (
            json!({"aws_kms_key": {"k": {"policy": key.to_string()}}}),
            terraform(json!({"aws_kms_key": {"k": {}}})),
            3,
        ),
        (json!({"aws_kms_key": {"k": {"policy": key.to_string()}}}), none.clone(), 0),
        (json!({"aws_kms_key_policy": {"k": {"key_id": "k", "policy": key.to_string()}}}), none.clone(), 3),
        (json!({"aws_efs_file_system_policy": {"f": {"policy": mount.to_string()}}}), none.clone(), 1),
        (json!({"aws_sqs_queue_policy": {"q": {"policy": key.to_string()}}}), none, 0),
    ] {
        let old = terraform(old);
        let (status, out) = gate(".tf.json", &old, &new);
        assert_eq!(status, expected, "{old} → {new}: {out}");
    }
    // What attaches a policy of the organization may go as well.
    let scp = json!({"o": {"content": r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"s3:*","Resource":"*"}]}"#}});
    let attached = json!({"aws_organizations_policy": scp, "aws_organizations_policy_attachment": {
        "a": {"policy_id": "${aws_organizations_policy.o.id}", "target_id": "r-1"}}});
    let alone = json!({"aws_organizations_policy": scp});
    let (status, out) = gate(".tf.json", &terraform(attached.clone()), &terraform(alone));
    assert_eq!(status, 3, "{out}");
    assert_eq!(gate(".tf.json", &terraform(attached.clone()), &terraform(attached)).0, 0);
}

#[test]
fn an_account_id_is_one_of_the_partition_of_the_policy() {
    let queue = |principals: &[&str], partition: &str| {
        json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": principals},
            "Action": "sqs:SendMessage", "Resource": format!("arn:{partition}:sqs:us-east-1:111111111111:q")}]})
        .to_string()
    };
    let (id, china) = ("222222222222", "arn:aws-cn:iam::222222222222:role/r");
    let root = "arn:aws-cn:iam::222222222222:root";
    for (old, new) in [
        (queue(&[china], "aws"), queue(&[id], "aws")),
        (queue(&[root], "aws"), queue(&[id], "aws")),
        (queue(&["333333333333"], "aws"), queue(&["333333333333", id, china], "aws")),
    ] {
        let (status, out) = gate(".json", &old, &new);
        assert!(status != 0 && !out.contains("(proved, exact)"), "{old} → {new}: {out}");
    }
    // In China, it is one there, and elsewhere one of the usual partition.
    let usual = "arn:aws:iam::222222222222:role/r";
    for (old, new) in [
        (queue(&[root], "aws-cn"), queue(&[china], "aws-cn")),
        (queue(&[id], "aws"), queue(&[usual, id], "aws")),
    ] {
        let (status, out) = gate(".json", &old, &new);
        assert_eq!(status, 0, "{old} → {new}: {out}");
    }
    let (status, out) =
        gate(".json", &queue(&["333333333333"], "aws-cn"), &queue(&["333333333333", id], "aws-cn"));
    assert!(status == 1 && out.contains("(proved, exact)"), "{out}");
}

#[test]
fn a_version_that_was_asked_for_is_the_policy() {
    let answer = |version: &str, default: bool, action: &str| {
        json!({"PolicyVersion": {"Document": policy(&[action]), "VersionId": version, "IsDefaultVersion": default}})
            .to_string()
    };
    let (status, out) =
        gate(".json", &answer("v1", false, "s3:GetObject"), &answer("v2", true, "s3:PutObject"));
    assert!(status == 1 && out.contains("s3:PutObject"), "{out}");
    // Of several versions in a dump, the default counts.
    let dump = |old: &str| {
        let version = |id: &str, default: bool, action: &str| json!({"Document": policy(&[action]), "VersionId": id, "IsDefaultVersion": default});
        let versions = [version("v2", true, "s3:GetObject"), version("v1", false, old)];
        json!({"Policies": [{"PolicyName": "p", "Arn": "arn:aws:iam::111111111111:policy/p", "PolicyVersionList": versions}]})
            .to_string()
    };
    let (status, out) = gate(".json", &dump("s3:ListBucket"), &dump("s3:*"));
    assert!(status != 1 && !out.contains("s3:*"), "{out}");
}

#[test]
fn answers_about_two_resources_are_not_the_same() {
    let answer = |queue: &str| {
        let policy = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sqs:SendMessage",
            "Principal": {"AWS": "222222222222"}, "Resource": "arn:aws:sqs:us-east-1:111111111111:q1"}]});
        json!({"Attributes": {"QueueArn": format!("arn:aws:sqs:us-east-1:111111111111:{queue}"),
            "Policy": policy.to_string()}})
        .to_string()
    };
    let (status, out) = gate(".json", &answer("q1"), &answer("q2"));
    assert!(status == 3 && out.contains("attached to something else"), "{out}");
    assert_eq!(gate(".json", &answer("q1"), &answer("q1")).0, 0);
}

#[test]
fn what_did_not_change_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let put = |name: &str, text: &str| put(folder.path(), name, text);
    put("two.json", &template(&[("A", policy(&["s3:GetObject"])), ("B", policy(&["s3:PutObject"]))]));
    put("none.json", "{\"a\": 1}");
    std::fs::create_dir(folder.path().join("empty")).unwrap();
    let run = diff(folder.path(), &["two.json", "two.json"]);
    assert!(run.status == 0 && run.out.contains("No difference in 2 policies"), "{}", run.out);
    let run = diff(folder.path(), &["empty", "empty"]);
    assert!(run.out.contains("No policy to compare"), "{}{}", run.out, run.err);
}

#[test]
fn what_is_merged_into_a_policy_is_its_own() {
    let template = |version: &str| {
        format!(
            "AWSTemplateFormatVersion: \"2010-09-09\"\nResources:\n  P:\n    Type: AWS::IAM::ManagedPolicy\n    Properties:\n      PolicyDocument:\n        <<: {{Statement: [{{Effect: Allow, Action: \"s3:*\", Resource: \"*\"}}]}}\n        Version: \"{version}\"\n"
        )
    };
    let (_, out) = gate(".yaml", &template("2008-10-17"), &template("2012-10-17"));
    assert!(!out.contains("attached to something else"), "{out}");
}

#[test]
fn a_policy_that_is_embedded_in_users_has_their_quota() {
    let folder = tempfile::tempdir().unwrap();
    let actions: Vec<String> = (0..150).map(|number| format!("s3:GetObject{number:04}")).collect();
    let actions: Vec<&str> = actions.iter().map(String::as_str).collect();
    let long = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": actions, "Resource": "*"}]});
    let none = json!({"Ref": "AWS::NoValue"});
    for (member, value, expected) in [
        ("Users", json!("x"), 1),
        ("Users", json!({"Ref": "U"}), 1),
        ("Users", none, 0),
        ("Groups", json!("x"), 0),
        ("Roles", json!("x"), 0),
    ] {
        let properties = json!({"PolicyName": "p", "PolicyDocument": long, member: [value]});
        let text =
            json!({"Resources": {"P": {"Type": "AWS::IAM::Policy", "Properties": properties}}}).to_string();
        std::fs::write(folder.path().join("t.json"), text).unwrap();
        let run = polmerge(folder.path(), "lint", &["t.json", "--select", "quota-exceeded"]);
        assert_eq!(run.status, expected, "{member}: {}", run.out);
    }
}

/// What is attached by name is not read, and a change of it is not "nothing".
#[test]
fn attachments_by_name_are_said() {
    let folder = tempfile::tempdir().unwrap();
    let put = |name: &str, value: &Json| put(folder.path(), name, &value.to_string());
    let p = policy(&["s3:GetObject"]);
    let user = |groups: Json, attached: Json, boundary: Json| {
        json!({"UserDetailList": [{"UserName": "u", "UserPolicyList": [{"PolicyName": "p", "PolicyDocument": p}],
            "GroupList": groups, "AttachedManagedPolicies": attached, "PermissionsBoundary": boundary}]})
    };
    let managed = |names: &[&str]| -> Json {
        names
            .iter()
            .map(|name| json!({"PolicyName": name, "PolicyArn": format!("arn:aws:iam::aws:policy/{name}")}))
            .collect()
    };
    let boundary = json!({"PermissionsBoundaryArn": "arn:aws:iam::111111111111:policy/b"});
    let plain = user(json!(["g"]), managed(&["A", "B"]), boundary.clone());
    let terraform = |resources: &[Json]| {
        let own = json!({"address": "aws_iam_policy.p", "mode": "managed", "type": "aws_iam_policy", "name": "p",
            "values": {"policy": p.to_string()}});
        let resources: Vec<&Json> = [&own].into_iter().chain(resources).collect();
        json!({"format_version": "1.2", "planned_values": {"root_module": {"resources": resources}}})
    };
    let attachment = |arn: &str| {
        json!({"address": "aws_iam_role_policy_attachment.a", "mode": "managed", "type": "aws_iam_role_policy_attachment",
            "name": "a", "values": {"role": "r", "policy_arn": arn}})
    };
    let block = |on: bool| {
        json!({"address": "aws_s3_bucket_public_access_block.b", "mode": "managed",
            "type": "aws_s3_bucket_public_access_block", "name": "b", "values": {"restrict_public_buckets": on}})
    };
    let bucket = |name: &str| {
        json!({"address": "aws_s3_bucket.b", "mode": "managed", "type": "aws_s3_bucket", "name": "b",
            "values": {"bucket": name}})
    };
    let configuration = |more: Json| {
        let mut all = json!({"aws_iam_policy": {"p": {"policy": p.to_string()}}});
        all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({"resource": all})
    };
    let permission = json!({"aws_lambda_permission": {"l": {"function_name": "f", "principal": "*"}}});
    for (name, old, new, status) in [
        ("d.json", &plain, &user(json!(["g"]), managed(&["B", "A"]), boundary.clone()), 0),
        ("d.json", &plain, &user(json!(["g", "h"]), managed(&["A", "B"]), boundary.clone()), 3),
        ("d.json", &plain, &user(json!(["g"]), managed(&["A", "AdministratorAccess"]), boundary), 3),
        ("d.json", &plain, &user(json!(["g"]), managed(&["A", "B"]), Json::Null), 3),
        ("p.json", &terraform(&[]), &terraform(&[attachment("arn:aws:iam::aws:policy/A")]), 3),
        ("p.json", &terraform(&[attachment("a")]), &terraform(&[attachment("b")]), 3),
        ("p.json", &terraform(&[attachment("a")]), &terraform(&[attachment("a")]), 0),
        ("c.tf.json", &configuration(json!({})), &configuration(permission.clone()), 3),
        ("c.tf.json", &configuration(permission.clone()), &configuration(permission), 0),
        ("p.json", &terraform(&[block(true)]), &terraform(&[block(false)]), 3),
        ("p.json", &terraform(&[block(true)]), &terraform(&[]), 3),
        ("p.json", &terraform(&[block(true)]), &terraform(&[block(true)]), 0),
        ("p.json", &terraform(&[bucket("a")]), &terraform(&[bucket("b")]), 0),
    ] {
        let (before, after) = (format!("old-{name}"), format!("new-{name}"));
        put(&before, old);
        put(&after, new);
        let run = diff(folder.path(), &[&before, &after, "--fail-on-new-access"]);
        assert_eq!(run.status, status, "{new}: {}{}", run.out, run.err);
        assert_eq!(run.err.contains("gives access that is not read"), status == 3, "{}", run.err);
    }
}

/// What `diff --fail-on-new-access` makes of two files: its exit status, and whether it names a member that attaches the
/// policy to something else.
fn attached(old: &Json, new: &Json) -> (i32, bool, String) {
    let (status, out) = gate(".json", &old.to_string(), &new.to_string());
    (status, out.contains("attached to something else"), out)
}

/// What an item of a list is called is what is beside its policy, whatever that member is called.
#[test]
fn items_of_lists_are_known_by_all_that_is_beside_their_policies() {
    let (narrow, wide) = (policy(&["s3:GetObject"]), policy(&["s3:*"]));
    type Form<'f> = &'f dyn Fn(&str, &Json) -> Json;
    let named = |name: &'static str| move |of: &str, policy: &Json| json!({name: of, "policy": policy});
    let by_member: Vec<_> = ["name", "id", "Sid", "title", "role", "key", "User", "label"].map(named).into();
    let pair = |of: &str, policy: &Json| json!([of, policy]);
    let text = |of: &str, policy: &Json| json!({"function": of, "Policy": policy.to_string()});
    let deep = |of: &str, policy: &Json| json!({"who": {"name": of}, "policies": [{"document": policy}]});
    let two = |of: &str, policy: &Json| json!({"name": "a", "env": of, "policy": policy});
    let inner = |of: &str, policy: &Json| json!({"env": of, "text": json!({"x": [policy]}).to_string()});
    let mut forms: Vec<Form<'_>> = vec![&pair, &text, &deep, &two, &inner];
    forms.extend(by_member.iter().map(|form| form as Form<'_>));
    for form in forms {
        let all = |policies: &[(&str, &Json)]| -> Json {
            policies.iter().map(|(of, policy)| form(of, policy)).collect()
        };
        let both = all(&[("a", &wide), ("b", &narrow)]);
        for (old, new, wanted) in [
            // In another order, nothing differs.
            (&both, all(&[("b", &narrow), ("a", &wide)]), (0, false)),
            // The one goes; and the other becomes wide, or not.
            (&both, all(&[("b", &narrow)]), (0, false)),
            (&both, all(&[("b", &wide)]), (1, false)),
            // Their names are exchanged.
            (&both, all(&[("b", &wide), ("a", &narrow)]), (1, false)),
            // Another name is that of another thing, or a new name: who knows.
            (&both, all(&[("a", &wide), ("c", &narrow)]), (3, true)),
            (&all(&[("a", &wide)]), all(&[("c", &wide)]), (3, true)),
            // One comes.
            (&all(&[("a", &narrow)]), all(&[("b", &narrow), ("a", &narrow)]), (1, false)),
        ] {
            let (status, is_named, out) = attached(old, &new);
            assert_eq!((status, is_named), wanted, "{old} → {new}: {out}");
        }
    }
}

/// Of items that nothing tells apart, it is not known which one is gone.
#[test]
fn which_of_several_alike_is_gone_is_not_known() {
    let (narrow, wide) = (policy(&["s3:GetObject"]), policy(&["s3:*"]));
    let named = |policy: &Json| json!({"name": "a", "policy": policy});
    let bare = |policy: &Json| json!({ "policy": policy });
    type Form<'f> = &'f dyn Fn(&Json) -> Json;
    for form in [&named as Form<'_>, &bare] {
        let all = |policies: &[&Json]| -> Json { policies.iter().map(|policy| form(policy)).collect() };
        for (old, new, wanted) in [
            (all(&[&wide, &narrow]), all(&[&wide, &narrow]), 0),
            (all(&[&wide, &narrow]), all(&[&wide]), 3),
            (all(&[&narrow, &wide]), all(&[&narrow]), 3),
            // As many as before: each is in its place.
            (all(&[&narrow, &wide]), all(&[&narrow, &narrow]), 0),
            (all(&[&narrow, &narrow]), all(&[&narrow, &wide]), 1),
            // Whichever is new, there is more than there was.
            (all(&[&narrow]), all(&[&narrow, &wide]), 1),
        ] {
            let (status, out) = gate(".json", &old.to_string(), &new.to_string());
            assert_eq!(status, wanted, "{old} → {new}: {out}");
        }
    }
}

/// API reference of IAM, GetAccountAuthorizationDetails: `IsTruncated`; the AWS CLI with `--max-items`: `NextToken`.
#[test]
fn an_answer_that_is_cut_off_is_not_all_of_it() {
    let answer = |action: &str, mark: Json| {
        let item = json!({"PolicyName": "p", "PolicyVersionList": [
            {"VersionId": "v1", "IsDefaultVersion": true, "Document": policy(&[action])}]});
        let mut answer =
            json!({"UserDetailList": [], "GroupDetailList": [], "RoleDetailList": [], "Policies": [item]});
        answer.as_object_mut().unwrap().extend(mark.as_object().unwrap().clone());
        answer.to_string()
    };
    let (whole, last) = (json!({"IsTruncated": false}), json!({"IsTruncated": false, "NextToken": null}));
    for cut in [json!({"IsTruncated": true, "Marker": "m"}), json!({"NextToken": "n"})] {
        for (old, new) in [(&whole, &cut), (&cut, &whole), (&cut, &json!({"NextToken": "other"}))] {
            let (status, out) =
                gate(".json", &answer("s3:Get*", old.clone()), &answer("s3:Get*", new.clone()));
            assert!(status == 3 && out.contains("which is cut off"), "{old} {new}: {out}");
        }
        let (status, out) = gate(".json", &answer("s3:Get*", whole.clone()), &answer("s3:*", cut.clone()));
        assert_eq!(status, 1, "{out}");
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("dump.json"), answer("s3:Get*", cut)).unwrap();
        let run = polmerge(folder.path(), "lint", &["dump.json", "--format", "json"]);
        let json: Json = serde_json::from_str(&run.out).unwrap();
        assert_eq!(json["summary"]["unread"], 1, "{json:#}");
        assert!(run.out.contains("which is cut off"), "{}", run.out);
    }
    assert_eq!(gate(".json", &answer("s3:Get*", whole), &answer("s3:Get*", last)).0, 0);
}

/// Terraform, "JSON Output Format": a plan that is not complete, and a policy that is known after it is applied.
#[test]
fn a_plan_that_does_not_say_all() {
    let plan = |known: &[(&str, &Json)], later: &[&str], more: &Json| {
        let resource = |name: &str, values: Json| {
            json!({"address": format!("aws_iam_policy.{name}"), "mode": "managed",
            "type": "aws_iam_policy", "name": name, "values": values})
        };
        let planned: Vec<Json> = known
            .iter()
            .map(|(name, policy)| resource(name, json!({"name": name, "policy": policy.to_string()})))
            .collect();
        let change = |name: &&str| {
            json!({"address": format!("aws_iam_policy.{name}"), "mode": "managed", "type": "aws_iam_policy",
            "name": name, "change": {"actions": ["create"], "before": null, "after": {"name": name}, "after_unknown": {"policy": true}}})
        };
        let changes: Vec<Json> = later.iter().map(change).collect();
        let mut plan = json!({"format_version": "1.2", "planned_values": {"root_module": {"resources": planned}}, "resource_changes": changes});
        plan.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        plan.to_string()
    };
    let (one, nothing) = (policy(&["s3:GetObject"]), json!({}));
    let both = [("p", &one), ("q", &one)];
    let whole = plan(&both, &[], &nothing);
    for more in
        [json!({"errored": true}), json!({"complete": false}), json!({"deferred_changes": [{"reason": "x"}]})]
    {
        let (status, out) = gate(".json", &whole, &plan(&both, &[], &more));
        assert!(status == 3 && out.contains("which is not complete"), "{more}: {out}");
    }
    let more = json!({"errored": false, "complete": true, "deferred_changes": []});
    assert_eq!(gate(".json", &whole, &plan(&both, &[], &more)).0, 0);
    let (status, out) = gate(".json", &whole, &plan(&both[..1], &["q"], &nothing));
    assert!(status == 3 && !out.contains("narrower"), "{out}");
}

/// Tags count for every policy of a file that tests tags, no matter who has them.
#[test]
fn tags_of_a_dump_count_where_a_policy_tests_tags() {
    let dump = |team: &str, key: &str| {
        let test = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*",
            "Condition": {"StringEquals": {key: "admin"}}}]});
        let managed = json!({"PolicyName": "p", "Arn": "arn:aws:iam::111111111111:policy/p", "PolicyVersionList": [
            {"VersionId": "v1", "IsDefaultVersion": true, "Document": test}]});
        let user = json!({"UserName": "u", "Arn": "arn:aws:iam::111111111111:user/u", "GroupList": [],
            "UserPolicyList": [{"PolicyName": "own", "PolicyDocument": policy(&["s3:GetObject"])}],
            "AttachedManagedPolicies": [{"PolicyName": "p", "PolicyArn": "arn:aws:iam::111111111111:policy/p"}],
            "Tags": [{"Key": "team", "Value": team}]});
        json!({"UserDetailList": [user], "GroupDetailList": [], "RoleDetailList": [], "Policies": [managed]})
            .to_string()
    };
    for (key, wanted) in [("aws:PrincipalTag/team", 3), ("aws:username", 0)] {
        assert_eq!(gate(".json", &dump("guest", key), &dump("admin", key)).0, wanted, "{key}");
        assert_eq!(gate(".json", &dump("guest", key), &dump("guest", key)).0, 0, "{key}");
    }
}

/// A version or state names nothing, and yet tells the items of a list apart.
#[test]
fn items_that_only_a_version_tells_apart() {
    let (narrow, wide) = (policy(&["s3:GetObject"]), policy(&["s3:*"]));
    let item = |version: u8, policy: &Json| json!({"name": "a", "policy_version": version, "policy": policy});
    for (old, new, wanted) in [
        (json!([item(1, &narrow)]), json!([item(2, &narrow)]), 0),
        (json!([item(1, &wide), item(2, &narrow)]), json!([item(2, &narrow), item(1, &wide)]), 0),
        (json!([item(1, &wide), item(2, &narrow)]), json!([item(2, &wide), item(1, &narrow)]), 1),
        (json!([item(1, &wide), item(2, &narrow)]), json!([item(3, &wide), item(4, &narrow)]), 3),
    ] {
        let (status, out) = gate(".json", &old.to_string(), &new.to_string());
        assert_eq!(status, wanted, "{old} → {new}: {out}");
    }
}

/// Equal policies of two things are not the same, and what changes of itself makes no difference.
#[test]
fn answers_say_what_their_policies_are_attached_to() {
    let p = policy(&["s3:GetObject"]);
    let text = p.to_string();
    let summary = |of: &str| json!({"Id": format!("p-{of}"), "Name": of, "Arn": format!("arn:aws:organizations::1:policy/{of}")});
    type Form<'f> = &'f dyn Fn(&str) -> Json;
    let forms: [(Form<'_>, &str); 10] = [
        (&|of| json!({"KeyId": of, "PolicyName": "default", "Policy": text}), "KeyId"),
        (
            &|of| json!({"registryId": "111111111111", "repositoryName": of, "policyText": text}),
            "repositoryName",
        ),
        (&|of| json!({"UserName": of, "PolicyName": "p", "PolicyDocument": p}), "UserName"),
        (&|of| json!({"GroupName": of, "PolicyName": "p", "PolicyDocument": p}), "GroupName"),
        (&|of| json!({"FileSystemId": of, "Policy": text}), "FileSystemId"),
        (&|of| json!({"Bucket": of, "Policy": text}), "Bucket"),
        (&|of| json!({"Policy": {"PolicySummary": summary(of), "Content": text}}), "PolicySummary.Arn"),
        (
            &|of| json!({"VpcEndpoints": [{"VpcEndpointId": "e", "RouteTableIds": ["r", of], "PolicyDocument": text}]}),
            "RouteTableIds",
        ),
        (
            &|of| json!({"UserDetailList": [{"UserName": "u", "UserId": of, "UserPolicyList": [{"PolicyName": "p", "PolicyDocument": p}]}]}),
            "UserId",
        ),
        (&|of| json!({"spec": {"forProvider": {"roleName": of, "document": text}}}), "roleName"),
    ];
    for (form, name) in forms {
        let (status, is_named, out) = attached(&form("x"), &form("y"));
        assert!(
            status == 3 && is_named && out.contains(&format!("`{name}`")),
            "{}: {status} {out}",
            form("x")
        );
        assert!(!out.contains("(proved, exact)"), "{out}");
        assert_eq!(attached(&form("x"), &form("x")).0, 0, "{}", form("x"));
    }
    // Of a policy by itself, nothing says what it is attached to.
    assert_eq!(attached(&json!({"UserName": "x", "PolicyName": "p", "PolicyDocument": p}), &p).0, 0);
    // Nor is what changes of itself, what an answer says of itself, and order.
    let user = |number: u32, order: [&str; 2]| {
        json!({"ResponseMetadata": {"RequestId": number.to_string()}, "Marker": number.to_string(),
            "UserDetailList": order.map(|name| json!({"UserName": name, "Path": "/", "CreateDate": format!("2026-01-0{number}T00:00:00Z"),
                "PasswordLastUsed": number.to_string(), "Tags": [{"Key": "a", "Value": number.to_string()}],
                "UserPolicyList": [{"PolicyName": "p", "PolicyDocument": p}]}))})
    };
    assert_eq!(attached(&user(1, ["a", "b"]), &user(2, ["b", "a"])).0, 0);
    let queue = |number: u32| {
        json!({"Attributes": {"QueueArn": "arn:aws:sqs:us-east-1:111111111111:q", "Policy": text, "DelaySeconds": number.to_string(),
            "ApproximateNumberOfMessages": number.to_string(), "LastModifiedTimestamp": (1_700_000_000 + number).to_string(),
            "RedrivePolicy": json!({"maxReceiveCount": number}).to_string()}})
    };
    assert_eq!(attached(&queue(1), &queue(2)).0, 0);
    // The default version of a managed policy is that policy, whatever its number.
    let managed = |id: &str, action: &str, count: u32| {
        json!({"Policies": [{"PolicyName": "p", "Arn": "arn:aws:iam::111111111111:policy/p", "DefaultVersionId": id, "AttachmentCount": count,
            "PolicyVersionList": [{"VersionId": id, "IsDefaultVersion": true, "Document": policy(&[action])}]}]})
    };
    assert_eq!(attached(&managed("v1", "s3:GetObject", 1), &managed("v2", "s3:GetObject", 2)).0, 0);
    assert_eq!(attached(&managed("v1", "s3:GetObject", 1), &managed("v2", "s3:*", 1)).0, 1);
}

/// What gives access and is not read counts for what is asked of NEW, whether or not OLD had it.
#[test]
fn what_is_asked_of_new_does_not_depend_on_old() {
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), "limit.json", &policy(&["s3:DeleteObject"]).to_string());
    let resource =
        |kind: &str, properties: Json| with(&json!({"X": {"Type": kind, "Properties": properties}}));
    let permission = |principal: Json| {
        resource(
            "AWS::Lambda::Permission",
            json!({"Action": "lambda:InvokeFunction", "FunctionName": "f", "Principal": principal}),
        )
    };
    let terraform = |more: Json| {
        let mut all = json!({"aws_iam_policy": {"p": {"policy": policy(&["s3:GetObject"]).to_string()}}});
        all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({"resource": all}).to_string()
    };
    let dump = |attached: &str| {
        let user = json!({"UserName": "u", "UserPolicyList": [{"PolicyName": "p", "PolicyDocument": policy(&["s3:GetObject"])}],
            "AttachedManagedPolicies": [{"PolicyName": "x", "PolicyArn": attached}]});
        let own = json!({"PolicyName": "x", "Arn": "arn:aws:iam::111111111111:policy/x",
            "PolicyVersionList": [{"VersionId": "v1", "IsDefaultVersion": true, "Document": policy(&["s3:GetObject"])}]});
        json!({"UserDetailList": [user], "Policies": [own]}).to_string()
    };
    let managed = |arn: &str| resource("AWS::IAM::Role", json!({"ManagedPolicyArns": [arn]}));
    for (name, text, public, forbidden) in [
        ("t.json", permission(json!("*")), 3, 3),
        ("t.json", permission(json!({"Ref": "Who"})), 3, 3),
        // Who is named, is not everyone; and identities let in nobody.
        ("t.json", permission(json!("s3.amazonaws.com")), 0, 3),
        ("t.json", managed("arn:aws:iam::aws:policy/AdministratorAccess"), 0, 3),
        ("t.json", resource("AWS::IAM::User", json!({"Groups": ["g"]})), 0, 3),
        ("t.json", resource("AWS::S3::Bucket", json!({"AccessControl": "PublicRead"})), 3, 3),
        ("t.json", resource("AWS::S3::Bucket", json!({"AccessControl": "Private"})), 0, 0),
        ("t.json", resource("AWS::S3::Bucket", json!({})), 0, 0),
        // What only limits gives nothing.
        (
            "t.json",
            resource("AWS::IAM::Role", json!({"PermissionsBoundary": "arn:aws:iam::1:policy/b"})),
            0,
            0,
        ),
        ("t.tf.json", terraform(json!({"aws_lambda_permission": {"l": {"principal": "*"}}})), 3, 3),
        (
            "t.tf.json",
            terraform(json!({"aws_lambda_permission": {"l": {"principal": "s3.amazonaws.com"}}})),
            0,
            3,
        ),
        ("t.tf.json", terraform(json!({"aws_s3_bucket_acl": {"a": {"acl": "public-read"}}})), 3, 3),
        ("t.tf.json", terraform(json!({"aws_s3_bucket_acl": {"a": {"acl": "private"}}})), 0, 0),
        (
            "t.tf.json",
            terraform(json!({"aws_lambda_function_url": {"u": {"authorization_type": "NONE"}}})),
            3,
            3,
        ),
        ("t.tf.json", terraform(json!({"aws_eks_access_entry": {"e": {"principal_arn": "r"}}})), 0, 3),
        ("t.tf.json", terraform(json!({"aws_s3_bucket_public_access_block": {"b": {}}})), 0, 0),
        ("d.json", dump("arn:aws:iam::aws:policy/AdministratorAccess"), 0, 3),
        ("d.json", dump("arn:aws:iam::111111111111:policy/x"), 0, 0),
    ] {
        let (old, new) = (format!("old-{name}"), format!("new-{name}"));
        put(folder.path(), &old, &text);
        put(folder.path(), &new, &text);
        for (asked, wanted) in
            [(&["--fail-on-public"][..], public), (&["--forbidden", "limit.json"], forbidden)]
        {
            let run = diff(folder.path(), &[&[&*old, &new], asked].concat());
            assert_eq!(run.status, wanted, "{asked:?} {text}: {}{}", run.out, run.err);
            assert_eq!(run.err.contains("is not read, and is not checked"), wanted == 3, "{}", run.err);
            assert_eq!(run.out.contains("Undecided: --"), wanted == 3, "{}", run.out);
        }
        // Of the change, nothing is asked of NEW alone.
        let run = diff(folder.path(), &[&old, &new, "--fail-on-new-access", "--exit-code"]);
        assert_eq!(run.status, 0, "{text}: {}{}", run.out, run.err);
    }
}

/// What CloudFormation and Terraform give by the names of policies, groups and roles.
#[test]
fn what_a_template_gives_by_name_is_said() {
    let one = |kind: &str, properties: &Json| with(&json!({"X": {"Type": kind, "Properties": properties}}));
    let group = |action: &str| json!({"Type": "AWS::IAM::Group", "Properties": {"Policies": [{"PolicyName": "p", "PolicyDocument": policy(&[action])}]}});
    for (kind, old, new, status) in [
        (
            "AWS::SSO::PermissionSet",
            json!({}),
            json!({"ManagedPolicies": ["arn:aws:iam::aws:policy/AdministratorAccess"]}),
            3,
        ),
        (
            "AWS::SSO::PermissionSet",
            json!({}),
            json!({"CustomerManagedPolicyReferences": [{"Name": "p"}]}),
            3,
        ),
        (
            "AWS::SSO::PermissionSet",
            json!({"ManagedPolicies": ["a", "b"]}),
            json!({"ManagedPolicies": ["b", "a"]}),
            0,
        ),
        ("AWS::IAM::InstanceProfile", json!({"Roles": ["a"]}), json!({"Roles": ["b"]}), 3),
        ("AWS::IAM::InstanceProfile", json!({"Roles": [{"Ref": "A"}]}), json!({"Roles": [{"Ref": "B"}]}), 3),
        ("AWS::IAM::InstanceProfile", json!({"Roles": ["a"]}), json!({"Roles": ["a"], "Path": "/"}), 0),
        ("AWS::IAM::User", json!({"Groups": ["a"]}), json!({"Groups": ["a", {"Ref": "B"}]}), 3),
        ("AWS::S3::Bucket", json!({}), json!({"AccessControl": "PublicRead"}), 3),
        ("AWS::S3::Bucket", json!({}), json!({"AccessControl": "Private"}), 0),
        (
            "AWS::S3::Bucket",
            json!({"PublicAccessBlockConfiguration": {"RestrictPublicBuckets": true}}),
            json!({}),
            3,
        ),
        ("AWS::S3::Bucket", json!({}), json!({"VersioningConfiguration": {"Status": "Enabled"}}), 0),
        ("AWS::CloudFormation::Stack", json!({"TemplateURL": "a"}), json!({"TemplateURL": "b"}), 3),
        ("AWS::CloudFormation::Stack", json!({"TemplateURL": "a"}), json!({"TemplateURL": "a"}), 0),
        ("AWS::Lambda::Url", json!({"AuthType": "AWS_IAM"}), json!({"AuthType": "NONE"}), 3),
        ("AWS::KMS::Key", json!({"Enabled": false}), json!({"Enabled": true}), 3),
        ("AWS::IAM::Role", json!({"Tags": [{"Key": "a", "Value": "b"}]}), json!({}), 0),
    ] {
        let (found, out) = gate(".json", &one(kind, &old), &one(kind, &new));
        assert_eq!(found, status, "{kind} {new}: {out}");
        assert_eq!(out.contains("gives access that is not read"), status == 3, "{out}");
        assert_eq!(out.contains("Undecided: --fail-on-new-access"), status == 3, "{out}");
    }
    // A group that the template has is read, and so is a change of its policies.
    let in_group = |action: &str| {
        with(
            &json!({"G": group(action), "U": {"Type": "AWS::IAM::User", "Properties": {"Groups": [{"Ref": "G"}]}}}),
        )
    };
    assert_eq!(gate(".json", &in_group("s3:*"), &in_group("s3:GetObject")).0, 0);
    assert_eq!(gate(".json", &in_group("s3:GetObject"), &in_group("s3:*")).0, 1);
}

/// A resource of a type of which it is not known what it gives is not passed over; one that surely gives nothing is.
#[test]
fn what_a_template_gives_by_other_types_is_said() {
    let one = |kind: &str, properties: &Json| with(&json!({"X": {"Type": kind, "Properties": properties}}));
    for (kind, old, new, status) in [
        ("AWS::Events::EventBusPolicy", json!({"Principal": "111111111111"}), json!({"Principal": "*"}), 3),
        ("AWS::IAM::AccessKey", json!({"UserName": "a"}), json!({"UserName": "b"}), 3),
        ("AWS::Lambda::Function", json!({"Role": "a"}), json!({"Role": "b"}), 3),
        ("AWS::Lambda::Function", json!({"MemorySize": 128}), json!({"MemorySize": 256}), 0),
        ("AWS::CloudWatch::Alarm", json!({"Threshold": 1}), json!({"Threshold": 2}), 0),
        ("AWS::EC2::SecurityGroup", json!({}), json!({"VpcId": "v"}), 0),
        // Other instances have another role.
        (
            "AWS::AutoScaling::AutoScalingGroup",
            json!({"LaunchConfigurationName": "a"}),
            json!({"LaunchConfigurationName": "b"}),
            3,
        ),
        ("Custom::Any", json!({"ServiceToken": "a"}), json!({"ServiceToken": "b"}), 3),
        ("Custom::Any", json!({"Description": "a"}), json!({"Description": "b"}), 0),
        ("Custom::Any", json!({"ServiceToken": "a"}), json!({"ServiceToken": "a"}), 0),
    ] {
        let (found, out) = gate(".json", &one(kind, &old), &one(kind, &new));
        assert_eq!(found, status, "{kind} {new}: {out}");
        assert_eq!(out.contains("that is not read, and is not compared"), status == 3, "{out}");
    }
    // What comes or goes is as little known.
    let (none, key) = (with(&json!({})), one("AWS::IAM::AccessKey", &json!({"UserName": "a"})));
    assert_eq!(gate(".json", &none, &key).0, 3);
    assert_eq!(gate(".json", &key, &none).0, 3);
    let looped = |user: &str| {
        let body = json!({"U${N}": {"Type": "AWS::IAM::User", "Properties": {"Groups": [user]}}});
        with(&json!({"Fn::ForEach::Users": ["N", ["a"], body]}))
    };
    assert_eq!(gate(".json", &none, &looped("admins")).0, 3);
    assert_eq!(gate(".json", &looped("readers"), &looped("admins")).0, 3);
    assert_eq!(gate(".json", &looped("admins"), &looped("admins")).0, 0);
}

/// The same in plans and states of Terraform, and in states of Pulumi.
#[test]
fn what_a_plan_or_state_gives_by_other_types_is_said() {
    let p = policy(&["s3:GetObject"]).to_string();
    // A plan, a state as it is shown, and one as Terraform keeps it.
    let plan = |kind: &str, mode: &str, values: &Json| {
        let one = |kind: &str, mode: &str, values: &Json| json!({"address": format!("{kind}.x"), "mode": mode, "type": kind, "name": "x", "values": values});
        let all = [one("aws_iam_policy", "managed", &json!({"policy": p})), one(kind, mode, values)];
        json!({"format_version": "1.2", "planned_values": {"root_module": {"resources": all}}})
    };
    let shown = |kind: &str, mode: &str, values: &Json| {
        let mut state = plan(kind, mode, values);
        let values = state.as_object_mut().unwrap().remove("planned_values").unwrap();
        state["values"] = values;
        state
    };
    let kept = |kind: &str, mode: &str, values: &Json| {
        let one = |kind: &str, mode: &str, values: &Json| {
            json!({"mode": mode, "type": kind, "name": "x", "provider": "provider[\"p\"]",
                "instances": [{"schema_version": 0, "attributes": values}]})
        };
        let all = [one("aws_iam_policy", "managed", &json!({"policy": p})), one(kind, mode, values)];
        json!({"version": 4, "terraform_version": "1.9.0", "lineage": "a", "resources": all})
    };
    for (kind, mode, old, new, status) in [
        ("aws_iam_access_key", "managed", json!({"user": "a"}), json!({"user": "b"}), 3),
        (
            "aws_iam_access_key",
            "managed",
            json!({"user": "a", "id": "x"}),
            json!({"user": "a", "id": "y"}),
            0,
        ),
        ("aws_iam_access_key", "data", json!({"user": "a"}), json!({"user": "b"}), 0),
        (
            "aws_organizations_organization",
            "managed",
            json!({"enabled_policy_types": ["SERVICE_CONTROL_POLICY"]}),
            json!({"enabled_policy_types": []}),
            3,
        ),
        ("aws_kms_key", "managed", json!({"is_enabled": false}), json!({"is_enabled": true}), 3),
        (
            "aws_iam_user",
            "managed",
            json!({"name": "a", "permissions_boundary": "b"}),
            json!({"name": "c", "permissions_boundary": "b"}),
            3,
        ),
        ("aws_iam_user", "managed", json!({"name": "a"}), json!({"name": "c"}), 0),
        (
            "aws_kms_key",
            "managed",
            json!({"enable_key_rotation": false}),
            json!({"enable_key_rotation": true}),
            0,
        ),
        ("aws_lambda_function", "managed", json!({"role": "a"}), json!({"role": "b"}), 3),
        ("aws_lambda_function", "managed", json!({"memory_size": 128}), json!({"memory_size": 256}), 0),
        ("aws_cloudwatch_metric_alarm", "managed", json!({"threshold": 1}), json!({"threshold": 2}), 0),
        ("aws_subnet", "managed", json!({"vpc_id": "a"}), json!({"vpc_id": "b"}), 0),
        ("awscc_lambda_permission", "managed", json!({"principal": "a"}), json!({"principal": "*"}), 3),
        ("null_resource", "managed", json!({"triggers": {"a": "b"}}), json!({"triggers": {"a": "c"}}), 3),
        ("any_thing", "managed", json!({"description": "a"}), json!({"description": "b"}), 0),
        ("any_thing", "managed", json!({"a": null, "b": []}), json!({"c": "2026-01-01T00:00:00Z"}), 0),
    ] {
        for make in [&plan as &dyn Fn(&str, &str, &Json) -> Json, &shown, &kept] {
            let [old, new] = [&old, &new].map(|values| make(kind, mode, values).to_string());
            for (old, new, status) in [(&old, &new, status), (&new, &old, status), (&new, &new, 0)] {
                let (found, out) = gate(".json", old, new);
                assert_eq!(found, status, "{kind} {new}: {out}");
                assert_eq!(out.contains("that is not read, and is not compared"), status == 3, "{out}");
            }
        }
    }
    // What is a policy there is compared as one.
    let of_bucket = |actions: &[&str]| {
        plan("awscc_s3_bucket_policy", "managed", &json!({"policy_document": policy(actions).to_string()}))
    };
    let [some, more] = [&["s3:GetObject"][..], &["s3:GetObject", "s3:PutObject"]].map(of_bucket);
    assert_eq!(gate(".json", &some.to_string(), &more.to_string()).0, 1);
    assert_eq!(gate(".json", &more.to_string(), &some.to_string()).0, 0);

    let state = |kind: &str, inputs: Option<&Json>| {
        let one = |kind: &str, inputs: &Json| json!({"urn": format!("urn:pulumi:a::b::{kind}::x"), "type": kind, "inputs": inputs});
        let own = one("aws:iam/rolePolicy:RolePolicy", &json!({"policy": p, "role": "a"}));
        let all: Vec<Json> = [own].into_iter().chain(inputs.map(|inputs| one(kind, inputs))).collect();
        json!({"version": 3, "deployment": {"resources": all}}).to_string()
    };
    let attached = "aws:iam/rolePolicyAttachment:RolePolicyAttachment";
    for (kind, old, new, status) in [
        (attached, None, Some(json!({"policyArn": "a", "role": "a"})), 3),
        (attached, Some(json!({"policyArn": "a"})), Some(json!({"policyArn": "b"})), 3),
        ("aws:lambda/function:Function", Some(json!({"role": "a"})), Some(json!({"role": "b"})), 3),
        ("aws:lambda/function:Function", Some(json!({"timeout": 1})), Some(json!({"timeout": 2})), 0),
        ("aws:ec2/subnet:Subnet", None, Some(json!({"vpcId": "a"})), 0),
        ("kubernetes:core/v1:ServiceAccount", None, Some(json!({"metadata": {"name": "a"}})), 3),
        ("pulumi:pulumi:Stack", None, Some(json!({})), 0),
    ] {
        let (old, new) = (state(kind, old.as_ref()), state(kind, new.as_ref()));
        for (old, new, status) in [(&old, &new, status), (&new, &old, status), (&new, &new, 0)] {
            let (found, out) = gate(".json", old, new);
            assert_eq!(found, status, "{kind} {new}: {out}");
        }
    }
}

/// In which account a resource of a plan or state is, its provider says, and what is known only after apply is what its
/// expression refers to.
#[test]
fn where_the_resources_of_a_plan_go_counts() {
    let p = policy(&["s3:GetObject"]).to_string();
    // A plan with a policy of an unknown role in a module, and an attachment.
    let base = || {
        let known = |address: &str, values: Json| {
            let kind = address.split('.').rev().nth(1).unwrap();
            json!({"address": address, "mode": "managed", "type": kind, "name": "x", "values": values})
        };
        let change =
            |address: &str, later: Json| json!({"address": address, "change": {"after_unknown": later}});
        let inner = known("module.m[0].aws_iam_role_policy.p", json!({"name": "p", "policy": p}));
        let attached =
            known("aws_iam_role_policy_attachment.a", json!({"policy_arn": "arn:aws:iam::aws:policy/A"}));
        json!({"format_version": "1.2",
        "variables": {"who": {"value": "a"}, "other": {"value": "a"}},
        "planned_values": {"root_module": {"resources": [attached],
            "child_modules": [{"address": "module.m[0]", "resources": [inner]}]}},
        "resource_changes": [
            change("module.m[0].aws_iam_role_policy.p", json!({"role": true, "id": true})),
            change("aws_iam_role_policy_attachment.a", json!({"role": true})),
        ],
        "configuration": {
            "provider_config": {"aws": {"name": "aws", "version_constraint": "1", "expressions": {
                "region": {"references": ["local.region"]}, "max_retries": {"constant_value": 1},
                "assume_role": [{"role_arn": {"references": ["var.who"]}}]}}},
            "root_module": {
                "resources": [
                    {"address": "aws_iam_role.a", "expressions": {}},
                    {"address": "aws_iam_role_policy_attachment.a", "provider_config_key": "aws",
                        "expressions": {"role": {"references": ["module.m[0].made", "module.m[0]", "module.m"]}}}],
                "module_calls": {"m": {"source": "./m", "expressions": {
                        "role": {"references": ["aws_iam_role.a.name", "aws_iam_role.a"]}, "note": {"constant_value": "a"}},
                    "module": {"variables": {"role": {}}, "outputs": {"made": {"expression": {"references": ["var.role"]}}},
                        "resources": [{"address": "aws_iam_role_policy.p", "provider_config_key": "aws",
                            "expressions": {"role": {"references": ["var.role"]}, "name": {"constant_value": "p"}}}]}}},
            }}})
    };
    let root = "/configuration/root_module";
    let call = format!("{root}/module_calls/m");
    let role = format!("{root}/module_calls/m/expressions/role/references");
    for (pointer, value, status) in [
        // What the role of both is, by a variable of the module.
        (&*role, json!(["aws_iam_role.b.name", "aws_iam_role.b"]), 3),
        (&*role, json!(["local.role"]), 3),
        (&format!("{call}/module/outputs/made/expression"), json!({"constant_value": "x"}), 3),
        (&format!("{call}/providers"), json!({"aws": "aws.prod"}), 3),
        (&format!("{call}/module/resources/0/provider_config_key"), json!("aws.prod"), 3),
        (&format!("{root}/resources/1/provider_config_key"), json!("aws.prod"), 3),
        ("/configuration/provider_config/aws/expressions/region", json!({"constant_value": "eu-west-1"}), 3),
        ("/variables/who/value", json!("b"), 3),
        // What says nothing of it.
        ("/variables/other/value", json!("b"), 0),
        (&format!("{call}/expressions/note"), json!({"constant_value": "b"}), 0),
        ("/configuration/provider_config/aws/version_constraint", json!("2"), 0),
        ("/configuration/provider_config/aws/expressions/max_retries", json!({"constant_value": 2}), 0),
        ("/variables/who/value", json!("a"), 0),
    ] {
        let (old, mut new) = (base(), base());
        let (outer, name) = pointer.rsplit_once('/').unwrap();
        new.pointer_mut(outer).unwrap()[name] = value.clone();
        for (old, new) in [(&old, &new), (&new, &old)] {
            let (found, out) = gate(".json", &old.to_string(), &new.to_string());
            assert_eq!(found, status, "{pointer} {value}: {out}");
        }
    }
    // A value that is known is compared, whatever it was made from.
    let mut known = base();
    known["planned_values"]["root_module"]["child_modules"][0]["resources"][0]["values"]["role"] = json!("r");
    known["planned_values"]["root_module"]["resources"][0]["values"]["role"] = json!("r");
    known["resource_changes"] = json!([]);
    let mut other = known.clone();
    *other.pointer_mut(&role).unwrap() = json!(["local.role"]);
    assert_eq!(gate(".json", &known.to_string(), &other.to_string()).0, 0);

    let state = |provider: &str| {
        json!({"version": 4, "terraform_version": "1.9.0", "lineage": "a", "resources": [
            {"mode": "managed", "type": "aws_iam_role_policy", "name": "p", "provider": provider,
                "instances": [{"schema_version": 0, "attributes": {"role": "r", "policy": p}}]}]})
        .to_string()
    };
    let [one, other] = ["provider[\"a\"]", "provider[\"a\"].prod"].map(state);
    assert_eq!(gate(".json", &one, &other).0, 3);
    assert_eq!(gate(".json", &one, &one).0, 0);
}

/// What decides whether a resource is there, and what a name of a parameter stands for, belong to what it gives.
#[test]
fn what_a_template_gives_may_depend_on_its_definitions() {
    let with_more = |condition: Option<&str>, value: &str, arn: &str| {
        let mut user = json!({"Type": "AWS::IAM::User", "Properties": {"ManagedPolicyArns": [{"Ref": "P"}]}});
        if let Some(condition) = condition {
            user["Condition"] = json!(condition);
        }
        let mut all: Json = serde_json::from_str(&with(&json!({"U": user}))).unwrap();
        all["Parameters"] = json!({"P": {"Type": "String", "Default": arn}, "E": {"Type": "String"}});
        all["Conditions"] = json!({"C": {"Fn::Equals": [{"Ref": "E"}, value]}});
        all.to_string()
    };
    let named = |name: &str| {
        let properties =
            json!({"RoleName": name, "ManagedPolicyArns": ["arn:aws:iam::aws:policy/AdministratorAccess"]});
        with(&json!({"R": {"Type": "AWS::IAM::Role", "Properties": properties}}))
    };
    assert_eq!(gate(".json", &named("boss"), &named("intern")).0, 3);
    assert_eq!(gate(".json", &named("boss"), &named("boss")).0, 0);
    let read = "arn:aws:iam::aws:policy/ReadOnlyAccess";
    let base = with_more(Some("C"), "a", read);
    for (other, status) in [
        (with_more(Some("C"), "a", read), 0),
        (with_more(Some("C"), "b", read), 3),
        (with_more(None, "a", read), 3),
        (with_more(Some("C"), "a", "arn:aws:iam::aws:policy/AdministratorAccess"), 3),
    ] {
        let (found, out) = gate(".json", &base, &other);
        assert_eq!(found, status, "{other}: {out}");
    }
}

/// What is the same text may be another thing: of another type, of a resource whose tags a policy tests, of a function whose
/// policies SAM leaves out beside a `Role`, or by what YAML merges into it.
#[test]
fn what_decides_beside_a_policy_in_a_template() {
    let of = |kind: &str, properties: Json| with(&json!({"X": {"Type": kind, "Properties": properties}}));
    let own = |more: Json| {
        let mut properties = json!({"PolicyDocument": policy(&["s3:GetObject"]), "Roles": ["r"]});
        properties.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        properties
    };
    let tests_tags = json!({"PolicyDocument": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*",
        "Resource": "*", "Condition": {"StringEquals": {"aws:PrincipalTag/team": "admin"}}}]}, "Roles": ["r"]});
    let tagged = |team: &str, properties: &Json| {
        let role =
            json!({"Type": "AWS::IAM::Role", "Properties": {"Tags": [{"Key": "team", "Value": team}]}});
        with(&json!({"R": role, "X": {"Type": "AWS::IAM::Policy", "Properties": properties}}))
    };
    let function = |more: Json| {
        let mut properties = json!({"Policies": [policy(&["s3:*"])]});
        properties.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        of("AWS::Serverless::Function", properties)
    };
    let named = |name: &str| {
        let inline = json!({"PolicyName": "p", "PolicyDocument": policy(&["s3:*"])});
        of("AWS::IAM::Role", json!({"RoleName": name, "Policies": [inline]}))
    };
    let described = |text: &str| {
        let mut template: Json = serde_json::from_str(&of("AWS::IAM::Policy", own(json!({})))).unwrap();
        template["Parameters"] = json!({"E": {"Type": "String", "Description": text,
            "AllowedValues": if text == "a" { ["x", "z"] } else { ["z", "x"] }}});
        template["Conditions"] = json!({"C": {"Fn::Equals": [{"Ref": "E"}, "x"]}});
        template["Resources"]["X"]["Condition"] = json!("C");
        template.to_string()
    };
    for (old, new, status) in [
        (of("Custom::Policy", own(json!({}))), of("AWS::IAM::Policy", own(json!({}))), 3),
        (of("AWS::IAM::Policy", own(json!({}))), of("AWS::IAM::Policy", own(json!({}))), 0),
        (tagged("guest", &tests_tags), tagged("admin", &tests_tags), 3),
        (tagged("guest", &own(json!({}))), tagged("admin", &own(json!({}))), 0),
        (function(json!({"Role": "reader"})), function(json!({})), 3),
        (
            function(json!({"FunctionUrlConfig": {"AuthType": "AWS_IAM"}})),
            function(json!({"FunctionUrlConfig": {"AuthType": "NONE"}})),
            3,
        ),
        (function(json!({"MemorySize": 1})), function(json!({"MemorySize": 2})), 0),
        (described("a"), described("b"), 0),
        (named("intern"), named("boss"), 3),
        (named("boss"), named("boss"), 0),
    ] {
        let (found, out) = gate(".json", &old, &new);
        assert_eq!(found, status, "{old} {new}: {out}");
    }
    let merged = |role: &str| {
        format!(
            "Resources:\n  Base: &base\n    Type: AWS::IAM::ManagedPolicy\n    Properties: &props\n      PolicyDocument: {}\n  \
             T:\n    Type: AWS::IAM::ManagedPolicy\n    Properties:\n      <<: *props\n      Roles: [{role}]\n",
            policy(&["s3:*"])
        )
    };
    assert_eq!(gate(".yaml", &merged("guest"), &merged("admin")).0, 3);
    assert_eq!(gate(".yaml", &merged("guest"), &merged("guest")).0, 0);
}

/// The last line does not say that nothing came where nothing is known, and names each option once for a file.
#[test]
fn the_last_lines_of_what_is_not_known() {
    let bucket = |of: &str| {
        let of_name = |name: &str| json!({"Type": "AWS::IAM::ManagedPolicy", "Properties": {"Roles": [of], "PolicyDocument": policy(&[name])}});
        json!({"Resources": {"A": of_name("s3:GetObject"), "B": of_name("s3:PutObject")}}).to_string()
    };
    let (status, out) = gate(".json", &bucket("a"), &bucket("b"));
    assert!(
        status == 3
            && out
                .replace('\n', " ")
                .contains("2 not proved; what else differs in new.json is not compared."),
        "{out}"
    );
    assert!(out.replace('\n', " ").contains(" No grant known to be added"), "{out}");
    assert!(out.contains("\nUndecided: --fail-on-new-access (new.json).\n"), "{out}");
    // What fails, fails whatever else is not known.
    let beside = |action: &str, attached: &str| {
        let role = json!({"Type": "AWS::IAM::Role", "Properties": {"ManagedPolicyArns": [attached]}});
        let of =
            json!({"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": policy(&[action])}});
        with(&json!({"P": of, "R": role}))
    };
    for (action, attached, wanted) in [("s3:*", "b", 1), ("s3:GetObject", "b", 3), ("s3:GetObject", "a", 0)] {
        let (status, out) = gate(".json", &beside("s3:GetObject", "a"), &beside(action, attached));
        assert_eq!(status, wanted, "{out}");
        assert_eq!(out.contains("Failed: --fail-on-new-access"), wanted == 1, "{out}");
        assert_eq!(out.contains("Undecided: --fail-on-new-access"), wanted == 3, "{out}");
    }
    // With -q, what passed is not shown.
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), "old.json", &template(&[("A", policy(&["s3:GetObject"])), ("B", policy(&["s3:*"]))]));
    put(folder.path(), "new.json", &template(&[("A", policy(&["s3:*"])), ("B", policy(&["s3:GetObject"]))]));
    let run = diff(folder.path(), &["old.json", "new.json", "-q", "--fail-on-new-access"]);
    assert_eq!(run.status, 1);
    assert!(!run.out.contains("The check passed.") && run.out.contains("2 policies"), "{}", run.out);
    assert!(run.out.contains("Failed: --fail-on-new-access (new.json)."), "{}", run.out);
}

/// A policy that limits what goes through a resource comes and goes with it: where there is no endpoint, nothing gets
/// through; where an association has no session policy, everything does.
#[test]
fn policies_that_limit_resources_come_and_go_with_them() {
    let endpoint = |more: Json| {
        let mut one = json!({"Type": "AWS::EC2::VPCEndpoint", "Properties": {"PolicyDocument":
            {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*"}]}}});
        one.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        one
    };
    let association = |policy: Option<Json>, more: Json| {
        let mut properties = json!({"RoleArn": "r"});
        properties.as_object_mut().unwrap().extend(policy.map(|policy| ("Policy".to_owned(), policy)));
        let mut one = json!({"Type": "AWS::EKS::PodIdentityAssociation", "Properties": properties});
        one.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        one
    };
    let session = json!(policy(&["s3:GetObject"]).to_string());
    let chosen = json!({"Fn::If": ["C", session, {"Ref": "AWS::NoValue"}]});
    let (none, by_condition) = (json!({}), json!({"Condition": "C"}));
    let template = |resource: Option<&Json>| {
        let resources = resource.map_or_else(|| json!({}), |resource| json!({"R": resource}));
        let mut all: Json = serde_json::from_str(&with(&resources)).unwrap();
        all["Conditions"] = json!({"C": {"Fn::Equals": [{"Ref": "AWS::Region"}, "us-east-1"]}});
        all.to_string()
    };
    let always = association(Some(session.clone()), none.clone());
    // Which role an association gives is not read, so that nothing is said of one that goes.
    for (narrow, wide, narrowed) in [
        (None, Some(endpoint(none.clone())), 0),
        (Some(endpoint(by_condition.clone())), Some(endpoint(none.clone())), 0),
        (None, Some(always.clone()), 3),
        (Some(association(Some(session), by_condition)), Some(always.clone()), 3),
        (Some(always.clone()), Some(association(None, none.clone())), 0),
        (Some(always), Some(association(Some(chosen), none)), 0),
    ] {
        let (narrow, wide) = (template(narrow.as_ref()), template(wide.as_ref()));
        for (old, new, expected) in [(&narrow, &wide, 1), (&wide, &narrow, narrowed), (&wide, &wide, 0)] {
            let (status, out) = gate(".json", old, new);
            assert_eq!(status, expected, "{old} → {new}: {out}");
        }
    }
    // An answer has all endpoints.
    let answer = |endpoints: &[&str]| {
        let document = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*"}]});
        let of = |id: &&str| json!({"VpcEndpointId": id, "PolicyDocument": document.to_string()});
        json!({"VpcEndpoints": endpoints.iter().map(of).collect::<Vec<_>>()}).to_string()
    };
    assert_eq!(gate(".json", &answer(&["a", "b"]), &answer(&["b"])).0, 0);
    assert_eq!(gate(".json", &answer(&["b"]), &answer(&["b", "a"])).0, 1);
    assert_eq!(gate(".json", &answer(&["a", "b"]), &answer(&["b", "a"])).0, 0);
}

/// A template without a policy is what it makes of the one that the other has: its deletion, or the default.
#[test]
fn the_only_policy_of_a_template_comes_and_goes() {
    let key = |properties: Json| {
        json!({"Resources": {"K": {"Type": "AWS::KMS::Key", "Properties": properties}}}).to_string()
    };
    let open = json!({"KeyPolicy": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}]}});
    let none = json!({"Resources": {"T": {"Type": "AWS::SQS::Queue"}}}).to_string();
    let queue = json!({"Resources": {"T": {"Type": "AWS::SQS::Queue"}, "P": {"Type": "AWS::SQS::QueuePolicy", "Properties":
        {"Queues": [{"Ref": "T"}], "PolicyDocument": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*",
        "Action": "sqs:*", "Resource": "*"}]}}}}})
    .to_string();
    let terraform = |more: Json| json!({"resource": {"aws_iam_policy": more}}).to_string();
    let own = json!({"p": {"policy": policy(&["s3:*"]).to_string()}});
    for (name, old, new, expected) in [
        // Whose the default key policy is, the template does not say.
        (".json", key(open), key(json!({})), 3),
        (".json", queue.clone(), none.clone(), 0),
        (".json", none, queue.clone(), 1),
        (".tf.json", terraform(own.clone()), terraform(json!({})), 0),
        (".tf.json", terraform(json!({})), terraform(own), 1),
        // What is no template, or does not parse, has not lost its policies.
        (".json", queue.clone(), "{\"name\": \"x\"}".to_owned(), 2),
        (".json", queue, "{".to_owned(), 2),
    ] {
        let (status, out) = gate(name, &old, &new);
        assert_eq!(status, expected, "{old} → {new}: {out}");
    }
}

/// A policy of a bucket, queue or topic is attached to one of them, unless a template says otherwise.
#[test]
fn one_resource_policy_is_not_about_two() {
    let folder = tempfile::tempdir().unwrap();
    let about = |action: &str, resources: &[Json]| {
        let one = |resource: &Json| json!({"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::222222222222:role/r"}, "Action": action, "Resource": resource});
        json!({"Version": "2012-10-17", "Statement": resources.iter().map(one).collect::<Vec<_>>()})
    };
    let queue = |name: &str| json!(format!("arn:aws:sqs:us-east-1:111111111111:{name}"));
    let queues = |resources: &[Json]| {
        let properties = json!({"Queues": ["a", "b"], "PolicyDocument": about("sqs:SendMessage", resources)});
        json!({"Resources": {"P": {"Type": "AWS::SQS::QueuePolicy", "Properties": properties}}})
    };
    for (policy, number) in [
        (about("s3:GetObject", &[json!("arn:aws:s3:::logs/*"), json!("arn:aws:s3:::other/*")]), 1),
        (
            about(
                "s3:GetObject",
                &[json!(["arn:aws:s3:::logs", "arn:aws:s3:::logs/*"]), json!("arn:aws:s3:::logs/a/*")],
            ),
            0,
        ),
        (
            about(
                "s3:GetObject",
                &[json!("arn:aws:s3:::logs/*"), json!("arn:aws:s3:::*/x"), json!("arn:aws:s3:::${X}/*")],
            ),
            0,
        ),
        (about("sqs:SendMessage", &[queue("a"), queue("b"), queue("c")]), 2),
        (about("sqs:SendMessage", &[queue("a"), queue("a"), queue("*"), json!("*")]), 0),
        (
            about(
                "sns:Publish",
                &[
                    json!("arn:aws:sns:us-east-1:111111111111:a"),
                    json!("arn:aws:sns:us-west-1:111111111111:a"),
                ],
            ),
            1,
        ),
        (queues(&[queue("a"), queue("b")]), 0),
    ] {
        put(folder.path(), "p.json", &policy.to_string());
        let run =
            polmerge(folder.path(), "lint", &["p.json", "--select", "foreign-resource", "--format", "json"]);
        assert_eq!(run.out.matches("\"foreign-resource\"").count(), number, "{policy}: {}", run.out);
    }
}

/// What else differs in files with policies is not looked at, and that is said.
#[test]
fn what_else_differs_is_said_not_to_be_compared() {
    let function = |memory: u32| {
        let function = json!({"Type": "AWS::Lambda::Function", "Properties": {"MemorySize": memory}});
        let statement = json!({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"});
        let policy = json!({"Version": "2012-10-17", "Statement": [statement]});
        let one = json!({"PolicyName": "p", "PolicyDocument": policy});
        let two = json!({"PolicyName": "q", "PolicyDocument": policy});
        let role = json!({"Type": "AWS::IAM::Role", "Properties": {"Policies": [one, two]}});
        let group = json!({"Type": "AWS::IAM::Group", "Properties": {"Policies": [one]}});
        [json!({"Resources": {"F": function, "R": role}}), json!({"Resources": {"F": function, "G": group}})]
    };
    let folder = tempfile::tempdir().unwrap();
    let put = |name: &str, text: String| std::fs::write(folder.path().join(name), text).unwrap();
    let said = "what else differs in";
    for (at, number) in [(0, "several"), (1, "one")] {
        put("old.json", function(128)[at].to_string());
        put("new.json", function(256)[at].to_string());
        put("laid-out.json", serde_json::to_string_pretty(&function(128)[at]).unwrap());
        let run = diff(folder.path(), &["old.json", "new.json", "--exit-code", "--fail-on-new-access"]);
        assert_eq!((run.status, run.out.contains(said)), (0, true), "{number}: {}{}", run.out, run.err);
        let run = diff(folder.path(), &["old.json", "laid-out.json", "--exit-code"]);
        assert_eq!((run.status, run.out.contains(said)), (0, false), "{number}: {}{}", run.out, run.err);
    }
}

/// In a file that is no template and no answer of AWS, whatever differs beside the policies may decide on access.
#[test]
fn what_differs_outside_of_policies_counts_in_files_of_ones_own() {
    let p = policy(&["s3:GetObject"]);
    let text = p.to_string();
    let arn = |name: &str| format!("arn:aws:iam::aws:policy/{name}");
    let item =
        |of: &str, named: &str| json!([{"name": "a", "policy": p}, {"name": of, "policyArn": arn(named)}]);
    let counts = |old: Json, new: Json, wanted: i32| {
        for (one, other) in [(&old, &new), (&new, &old)] {
            let (status, out) = gate(".json", &one.to_string(), &other.to_string());
            assert_eq!(status, wanted, "{one} → {other}: {out}");
            assert_eq!(out.contains("proved, exact"), wanted == 0, "{one} → {other}: {out}");
            // YAML says the same.
            assert_eq!(gate(".yaml", &one.to_string(), &other.to_string()).0, wanted, "{one} → {other}");
        }
    };
    for key in ["policy", "Policy", "InlinePolicy", "PolicyDocument", "document"] {
        counts(json!({key: text, "roles": ["a"]}), json!({key: text, "roles": ["a"], "users": ["a"]}), 3);
        counts(json!({key: text}), json!({key: text, "roles": ["a"]}), 3);
        counts(json!({key: text}), json!({key: text, "comment": "why", "created": "2026-01-01"}), 0);
    }
    counts(json!({"Policy": text, "on": true}), json!({"Policy": text, "on": false}), 3);
    counts(
        json!({"InlinePolicy": text, "ManagedPolicies": []}),
        json!({"InlinePolicy": text, "ManagedPolicies": [{"Arn": arn("A")}]}),
        3,
    );
    // Names that an answer has, and one does not.
    let made = json!({"PolicyName": "p", "PolicyDocument": text});
    counts(made, json!({"PolicyName": "p", "Path": "/a/", "PolicyDocument": text}), 0);
    counts(json!({"Policy": text, "RevisionId": "1"}), json!({"Policy": text, "RevisionId": "2"}), 0);
    let items = |beside: Json| {
        let mut all = json!({"items": [{"name": "a", "policy": p}]});
        all.as_object_mut().unwrap().extend(beside.as_object().unwrap().clone());
        all
    };
    counts(items(json!({})), items(json!({"description": "a", "version": 2})), 0);
    counts(item("b", "A"), item("b", "B"), 3);
    counts(item("b", "A"), item("c", "A"), 3);
    counts(item("b", "A"), json!([{"name": "a", "policy": p}]), 3);
    counts(item("b", "A"), json!([{"policyArn": arn("A"), "name": "b"}, {"policy": p, "name": "a"}]), 0);
    for value in [
        json!("a"),
        json!(["a"]),
        json!({"x": ["a"]}),
        json!(1),
        json!(true),
        json!([{"policyArn": arn("A")}]),
    ] {
        for name in ["attach_to", "account", "stages"] {
            counts(items(json!({})), items(json!({name: value})), 3);
        }
    }
    // Nothing of it is asked of NEW alone.
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), "f.json", &item("b", "A").to_string());
    put(folder.path(), "never.json", &policy(&["iam:*"]).to_string());
    let run = diff(folder.path(), &["f.json", "f.json", "--forbidden", "never.json", "--fail-on-new-access"]);
    assert_eq!(run.status, 0, "{}{}", run.out, run.err);
    // A file without a policy may name some.
    for (old, new, wanted) in [
        (json!({"r": arn("A")}), json!({"r": arn("B")}), 3),
        (json!({"r": arn("A"), "n": 1}), json!({"r": arn("A"), "n": 2}), 0),
    ] {
        put(folder.path(), "old/a.json", &old.to_string());
        put(folder.path(), "new/a.json", &new.to_string());
        let run = diff(folder.path(), &["old", "new", "--fail-on-new-access"]);
        assert_eq!(run.status, wanted, "{old} → {new}: {}{}", run.out, run.err);
    }
}

/// In Kubernetes, an object says in which account its policy is, and another may name the role of a workload.
#[test]
fn what_decides_beside_a_policy_in_kubernetes() {
    let text = policy(&["s3:GetObject"]).to_string();
    let object = |notes: Json, provider: &str| {
        json!({"apiVersion": "iam.aws.crossplane.io/v1beta1", "kind": "Policy", "metadata": {"name": "x", "annotations": notes},
            "spec": {"forProvider": {"document": text}, "providerConfigRef": {"name": provider}}})
    };
    let plain = object(json!({}), "dev");
    let account = |role: &str| json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "s", "annotations": {"eks.amazonaws.com/role-arn": role}}});
    let deployment = |image: &str, account: &str| {
        json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "d", "annotations": {"note": image}},
            "spec": {"template": {"spec": {"serviceAccountName": account, "image": image}}}})
    };
    let attachment = |arn: &str| {
        json!({"apiVersion": "iam.aws.crossplane.io/v1beta1", "kind": "RolePolicyAttachment", "metadata": {"name": "a"},
            "spec": {"forProvider": {"policyArn": arn}}, "status": {"seen": arn}})
    };
    let file = |objects: &[&Json]| {
        objects.iter().map(|object| object.to_string()).collect::<Vec<_>>().join("\n---\n")
    };
    for (old, new, wanted) in [
        (file(&[&plain]), file(&[&object(json!({}), "prod")]), 3),
        (
            file(&[&plain]),
            file(&[&object(json!({"services.k8s.aws/owner-account-id": "999999999999"}), "dev")]),
            3,
        ),
        (file(&[&plain]), file(&[&object(json!({"kubectl.kubernetes.io/restartedAt": "now"}), "dev")]), 0),
        (file(&[&plain, &account("a")]), file(&[&plain, &account("b")]), 3),
        (file(&[&plain]), file(&[&plain, &account("b")]), 3),
        (file(&[&plain, &account("a")]), file(&[&account("a"), &plain]), 0),
        (file(&[&plain, &deployment("a", "s")]), file(&[&plain, &deployment("b", "s")]), 0),
        (file(&[&plain, &deployment("a", "s")]), file(&[&plain, &deployment("a", "t")]), 3),
        (file(&[&plain, &attachment("a")]), file(&[&plain, &attachment("b")]), 3),
        (
            json!({"kind": "List", "items": [plain, account("a")]}).to_string(),
            json!({"kind": "List", "items": [plain, account("b")]}).to_string(),
            3,
        ),
        (
            json!({"kind": "List", "items": [plain]}).to_string(),
            json!({"kind": "List", "items": [object(json!({}), "prod")]}).to_string(),
            3,
        ),
    ] {
        let (status, out) = gate(".yaml", &old, &new);
        assert_eq!(status, wanted, "{old} → {new}: {out}");
    }
}
