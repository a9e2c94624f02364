use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::table::{ACTIONS, BORROWED, KEYS, RESOURCES, SERVICES, SETS};
use super::*;

fn names(pattern: &str) -> Vec<&'static str> {
    actions_matching(pattern).map(|action| action.name()).collect()
}

#[test]
fn tables_are_sorted_and_plain() {
    let tables = [&SERVICES, &ACTIONS, &RESOURCES, &BORROWED, &KEYS, &SETS];
    for table in tables {
        let names: Vec<String> = table.lines().map(|line| line.name().to_ascii_lowercase()).collect();
        assert!(names.len() > 50);
        assert!(names.is_sorted_by(|a, b| a < b));
        for line in table.lines() {
            assert_eq!(table.line(&line.name().to_uppercase()), Some(line));
            assert!(line.name().is_ascii());
        }
    }
    assert_eq!(DATE.len(), 10);
    assert!(NOTICE.contains("Permission is hereby granted"));
}

#[test]
fn actions_are_found_in_any_case() {
    let decrypt = action("KMS:decrypt").unwrap();
    assert_eq!((decrypt.name(), decrypt.service(), decrypt.level()), ("kms:Decrypt", "kms", Level::Write));
    let needs: Vec<_> = decrypt.resources().map(|need| (need.name, need.required)).collect();
    assert_eq!(needs, [("key", true)]);
    for unknown in ["", "kms", "kms:", "kms:Decryp", "kms:Decrypt2", ":", "zzz:Z", "\u{e9}:\u{e9}", "a", "~"]
    {
        assert!(action(unknown).is_none(), "{unknown}");
    }
    assert!(action("s3:ListAllMyBuckets").unwrap().resources().next().is_none());
    assert!(action("ec2:RunInstances").unwrap().dependent().any(|name| name == "iam:PassRole"));
    assert_eq!(action("s3:PutBucketPolicy").unwrap().level(), Level::PermissionsManagement);
}

#[test]
fn patterns_are_expanded() {
    assert_eq!(names("kms:GenerateDataKey*").len(), 4);
    assert_eq!(names("KMS:generatedatakey"), ["kms:GenerateDataKey"]);
    assert_eq!(names("kms:*ReEncrypt???"), [""; 0]);
    assert_eq!(names("kms:ReEncrypt*"), ["kms:ReEncryptFrom", "kms:ReEncryptTo"]);
    assert_eq!(names("kms:*crypt"), ["kms:Decrypt", "kms:Encrypt"]);
    assert_eq!(names("sts:Assume?ole"), ["sts:AssumeRole"]);
    assert!(names("s3:*").iter().all(|name| name.starts_with("s3:")));
    assert_eq!(names("*").len(), names("*:*").len());
    assert!(has_match("s?s:SendMess*") && !has_match("sqs:SendMessageB*") && !has_match("kms"));
}

#[test]
fn services_and_types() {
    assert_eq!(service("KMS").unwrap().name(), "AWS Key Management Service");
    assert!(service("kms").unwrap().takes_rcps() && !service("iam").unwrap().takes_rcps());
    assert!(service("kmss").is_none());
    assert!(is_arn_service("s3") && is_arn_service("qdeveloper") && !is_arn_service("S3"));
    let key = resource_type("kms", "key").unwrap();
    assert_eq!(key.arns().next().unwrap().text(), "arn:${Partition}:kms:${Region}:${Account}:key/${KeyId}");
    let types: Vec<_> = types_in("kms").map(|kind| (kind.service(), kind.name())).collect();
    assert_eq!(
        types,
        [("kms", "alias"), ("kms", "key"), ("events", "alias"), ("events", "key"), ("kinesis", "kmsKey")]
    );
}

#[test]
fn arns_of_policies_are_held_against_types() {
    let arn = |service: &str, name: &str| resource_type(service, name).unwrap().arns().next().unwrap();
    let (bucket, object) = (arn("s3", "bucket"), arn("s3", "object"));
    let fits = |text: &str| (bucket.fits_resource(text), object.fits_resource(text));
    assert_eq!(fits("logs"), (true, false));
    assert_eq!(fits("logs/*"), (false, true));
    assert_eq!(fits("logs*"), (true, true));
    assert_eq!(fits("${aws:PrincipalTag/team}"), (true, true));
    assert_eq!(fits("logs/"), (false, false));
    assert_eq!(fits("*"), (true, true));
    let key = arn("kms", "key");
    assert!(key.fits_resource("key/*") && key.fits_resource("*") && key.fits_resource("KEY/1"));
    assert!(!key.fits_resource("alias/*") && !key.fits_resource("key/") && !key.fits_resource("key"));
    assert!(key.fits_service("kms") && key.fits_service("k*") && !key.fits_service("s3"));
}

#[test]
fn keys_and_their_families() {
    let name = |key: &str| condition_key(key).map(|key| key.name());
    assert_eq!(name("KMS:viaservice"), Some("kms:ViaService"));
    assert_eq!(name("aws:RequestTag/team/x"), Some("aws:RequestTag/${TagKey}"));
    assert_eq!(name("aws:requesttag/"), None, "a tag has a name");
    assert_eq!(name("s3:ExistingObjectTag/secret"), Some("s3:ExistingObjectTag/<key>"));
    assert_eq!(
        name("kms:EncryptionContext:aws:s3:arn"),
        Some("kms:EncryptionContext:${EncryptionContextKey}")
    );
    assert_eq!(name("token.actions.example.ghe.com:actor"), Some("token.actions.${Domain}.ghe.com:actor"));
    assert_eq!(name("aws:RequestTags/a"), None);
    assert_eq!(name("\u{e9}:\u{e9}/\u{e9}"), None);
    let facts = |key: &str| condition_key(key).map(|key| (key.value_type(), key.is_list())).unwrap();
    assert_eq!(facts("aws:SourceArn"), (Some(ValueType::Arn), Some(false)));
    assert_eq!(facts("aws:TagKeys"), (Some(ValueType::String), Some(true)));
    assert_eq!(facts("identitystore:UserId"), (Some(ValueType::String), None), "services differ");
    assert_eq!(condition_key("aws:SourceIp").unwrap().group(), Some(KeyGroup::Network));
    assert!(is_key_service("SAML") && is_key_service("kms") && !is_key_service("aw"));
}

#[test]
fn keys_of_an_action() {
    let decrypt = action("kms:Decrypt").unwrap();
    let keys = keys_of(decrypt);
    assert!(keys.contains(&"kms:EncryptionContext:${EncryptionContextKey}".to_owned()));
    assert!(keys.contains(&"aws:ResourceTag/${TagKey}".to_owned()), "through its resource type");
    let takes =
        |action_name: &str, key: &str| takes_key(action(action_name).unwrap(), condition_key(key).unwrap());
    assert!(takes("kms:Decrypt", "kms:EncryptionContext:a") && takes("kms:Decrypt", "aws:PrincipalArn"));
    // Sessions of builds have these in all calls, and not the other keys of CodeBuild.
    assert!(takes("s3:GetObject", "codebuild:BuildArn") && takes("s3:GetObject", "codebuild:projectArn"));
    assert!(!takes("s3:GetObject", "codebuild:authType"));
    assert!(takes("s3:ListBucket", "s3:prefix") && !takes("s3:GetObject", "s3:prefix"));
    assert!(keys.iter().all(|key| takes_key(decrypt, condition_key(key).unwrap())));
    let any =
        |pattern: &str, key: &str| any_takes_key(actions_matching(pattern), condition_key(key).unwrap());
    assert!(
        any("s3:*", "s3:prefix") && any("iam:Pass*", "iam:PassedToService") && any("kms:*", "aws:SourceIp")
    );
    assert!(!any("ec2:*", "iam:PassedToService") && !any("s3:Get*Acl", "s3:prefix"));
    for pattern in ["kms:*", "ssm:*", "sts:*"] {
        for key in
            ["kms:ViaService", "ec2:SourceInstanceARN", "aws:RequestTag/a", "saml:sub", "sts:ExternalId"]
        {
            let each = actions_matching(pattern).any(|action| takes_key(action, condition_key(key).unwrap()));
            assert_eq!(any(pattern, key), each, "{pattern} {key}");
        }
    }
}

#[test]
fn what_was_meant() {
    assert_eq!(nearest_service("kmss"), Some("kms"));
    assert_eq!(nearest_service("completely-else"), None);
    assert_eq!(nearest_action("kms:Decript"), Some("kms:Decrypt"));
    assert_eq!(nearest_action("s3:GetObjects"), Some("s3:GetObject"));
    assert_eq!(nearest_action("s3:Frobnicate"), None);
    assert_eq!(nearest_action("nothing"), None);
    assert_eq!(nearest_key("aws:SourceAcount"), Some("aws:SourceAccount"));
    assert_eq!(services_with("describeloggroups", 3), ["logs"]);
}

fn source() -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/catalogue");
    let path =
        std::env::var_os("POLMERGE_CATALOGUE").map_or_else(beside, PathBuf::from).join("services.json");
    if path.is_file() {
        return Some(path);
    }
    let text = format!("SKIPPED: the tables against their source: it is not there ({})\n", path.display());
    // What a test prints is shown only if it fails.
    std::io::Write::write_all(&mut std::io::stderr(), text.as_bytes()).unwrap();
    None
}

fn texts(value: &Value) -> BTreeSet<&str> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

fn set(keys: &BTreeSet<&str>) -> Vec<String> {
    keys.iter().map(|key| (*key).to_owned()).collect()
}

/// Every fact of the source is found by the functions that rules call.
#[test]
fn the_tables_say_what_their_source_says() {
    let Some(path) = source() else { return };
    let facts: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    assert_eq!(facts["meta"]["date"], DATE);
    let rcps = texts(&facts["rcp_services"]);
    let services = facts["services"].as_object().unwrap();
    let (mut actions, mut types) = (0, 0);
    for (prefix, listed) in services {
        let found = service(prefix).unwrap();
        assert_eq!(listed["name"], found.name());
        assert_eq!(found.takes_rcps(), rcps.contains(prefix.as_str()));
        for (name, listed) in listed["actions"].as_object().unwrap() {
            let full = format!("{prefix}:{name}");
            let found = action(&full.to_ascii_lowercase()).unwrap();
            assert_eq!(found.name(), full);
            assert_eq!(
                format!("{:?}", found.level()),
                match listed["level"].as_str().unwrap() {
                    "Permissions management" => "PermissionsManagement",
                    level => level,
                }
            );
            let star = |need: Need| format!("{}{}", need.name, if need.required { "*" } else { "" });
            let needs: Vec<String> = found.resources().map(star).collect();
            assert_eq!(needs, set(&texts(&listed["resources"])), "{full}");
            assert_eq!(found.dependent().collect::<BTreeSet<_>>(), texts(&listed["dependent"]), "{full}");
            let mut keys = texts(&listed["conditions"]);
            keys.extend(
                listed["resource_conditions"]
                    .as_object()
                    .into_iter()
                    .flat_map(|sets| sets.values())
                    .flat_map(texts),
            );
            for need in found.resources() {
                keys.extend(texts(&services[prefix]["resources"][need.name]["conditions"]));
            }
            assert_eq!(keys_of(found), set(&keys), "{full}");
            actions += 1;
        }
        for (name, listed) in listed["resources"].as_object().unwrap() {
            let found = resource_type(prefix, name).unwrap();
            let arns: Vec<String> = found.arns().map(ArnPattern::text).collect();
            assert_eq!(arns.iter().map(String::as_str).collect::<BTreeSet<_>>(), texts(&listed["arns"]));
            for arn in found.arns() {
                assert!(types_in(arn.service).any(|kind| kind == found), "{prefix}:{name}");
            }
            types += 1;
        }
        let global = facts["global_conditions"].as_object().unwrap();
        let own = listed["conditions"].as_object().unwrap().iter().map(|(key, kind)| (key, kind, None));
        for (key, kind, group) in
            own.chain(global.iter().map(|(key, facts)| (key, &facts["type"], Some(&facts["group"]))))
        {
            let found = condition_key(key).unwrap();
            assert!(found.name().eq_ignore_ascii_case(key));
            let kind = kind.as_str().unwrap();
            if found.is_list().is_some() {
                assert_eq!(found.is_list(), Some(kind.starts_with("ArrayOf")), "{key}");
            }
            let value = format!("{:?}", found.value_type().unwrap());
            assert!(kind.trim_start_matches("ArrayOf").eq_ignore_ascii_case(&value), "{key}: {kind} {value}");
            if let Some(group) = group {
                assert!(
                    group.as_str().unwrap().eq_ignore_ascii_case(&format!("{:?}", found.group().unwrap()))
                );
            }
        }
    }
    let counts = &facts["meta"]["counts"];
    assert_eq!((counts["actions"].as_u64(), counts["resource_types"].as_u64()), (Some(actions), Some(types)));
    assert_eq!(ACTIONS.lines().count() as u64, actions);
}
