//! A fix does what it says: safe ones leave every answer as it was, the others only take away, and twice is
//! the same as once. Files are written whole, with their mode, or not at all.

use std::collections::BTreeMap;

use polmerge::analyze::evaluate::{Asked, Prepared};
use polmerge::analyze::request::{Caller, Context, ContextValue, Request};
use polmerge::diagnostic::FixProof;
use polmerge::document::{File, Hints, open};
use polmerge::lint::fix::{self, Fixed, Rereading, fix};
use polmerge::lint::{Settings, lint};
use polmerge::policy::Effect;
use polmerge::{Document, Source};
use proptest::prelude::*;
use proptest::sample::select;

use crate::corpus;
use crate::draws;

fn file(text: &str) -> File {
    open(Source::new("test.json", text), &Hints::default())
}

fn fixed(text: &str, narrow: bool) -> Fixed {
    fix(file(text), &Hints::default(), narrow, |document| lint(document, &Settings::default()))
}

fn text(fixed: &Fixed) -> &str {
    fixed.after.as_ref().unwrap_or(&fixed.before).source.text()
}

/// Whether a policy by itself lets a request in: the plain evaluator's answer.
fn allows(document: &Document, request: &Request) -> bool {
    let prepared = Prepared::new(&document.policy, document.kind);
    let asked = Asked::new(request);
    let mut allowed = false;
    for outcome in prepared.outcomes(&asked).filter(|outcome| outcome.matches) {
        match outcome.effect {
            Effect::Deny => return false,
            Effect::Allow => allowed = true,
        }
    }
    allowed
}

const TOPIC: &str = "arn:aws:sns:us-east-1:222222222222:topic";
const CALLERS: &[&str] =
    &["arn:aws:iam::222222222222:role/a", "arn:aws:iam::999999999999:role/b", "s3.amazonaws.com"];
const ACTIONS: &[&str] = &["sns:Publish", "sns:Subscribe", "sns:GetTopicAttributes"];

/// Every request of a small world.
fn requests() -> Vec<Request> {
    let mut requests = Vec::new();
    let organizations = [None, Some("o-a1b2c3d4e5"), Some("o-zzzzzzzzzz")];
    let accounts = [None, Some("111111111111"), Some("333333333333")];
    for caller in CALLERS {
        // What a service calls by itself comes from no organization.
        let is_service = matches!(Caller::parse(caller), Caller::Service(_));
        let organizations = if is_service { &organizations[..1] } else { &organizations[..] };
        for action in ACTIONS {
            for organization in organizations.iter().copied() {
                for account in accounts {
                    let mut context = Context::default();
                    let mut set = |key: &str, value: Option<&str>| {
                        if let Some(value) = value {
                            context.insert(key, ContextValue::One(value.to_owned()));
                        }
                    };
                    set("aws:PrincipalOrgID", organization);
                    set("aws:SourceAccount", account);
                    requests.push(Request {
                        principal: Some(Caller::parse(caller)),
                        action: (*action).to_owned(),
                        resource: TOPIC.to_owned(),
                        context,
                        ..Request::default()
                    });
                }
            }
        }
    }
    requests
}

fn statement() -> impl Strategy<Value = String> {
    let sid = select(&["", r#""Sid":"A","#, r#""Sid":"B","#][..]);
    let effect = select(&["Allow", "Allow", "Allow", "Deny"][..]);
    let principal = select(
        &[
            r#""*""#,
            r#"{"AWS":"*"}"#,
            r#"{"AWS":"arn:aws:iam::222222222222:role/a"}"#,
            r#"{"AWS":["222222222222","arn:aws:iam::222222222222:root"]}"#,
            r#"{"Service":"s3.amazonaws.com"}"#,
        ][..],
    );
    let action = select(
        &[
            r#""sns:Publish""#,
            r#""sns:publish""#,
            r#"["SNS:Publish","SNS:subscribe"]"#,
            r#"["sns:Subscribe","sns:Publish"]"#,
            r#"["sns:Publish","sns:Pub*"]"#,
            r#""sns:Get*""#,
        ][..],
    );
    let condition = select(
        &[
            "",
            "",
            r#","Condition":{"StringEqualsIfExists":{"aws:PrincipalOrgID":"o-a1b2c3d4e5"}}"#,
            r#","Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-a1b2c3d4e5"}}"#,
            r#","Condition":{"StringLike":{"aws:SourceAccount":["111111111111","333333333333"]}}"#,
            r#","Condition":{"StringEquals":{"AWS:SourceAccount":["333333333333","111111111111"]}}"#,
            r#","Condition":{"StringNotEquals":{"aws:SourceAccount":"111111111111"}}"#,
        ][..],
    );
    (sid, effect, principal, action, condition).prop_map(|(sid, effect, principal, action, condition)| {
        format!(
            r#"{{{sid}"Effect":"{effect}","Principal":{principal},"Action":{action},"Resource":"{TOPIC}"{condition}}}"#
        )
    })
}

/// Policies, bare and as the string in an answer of the AWS CLI.
fn policy() -> impl Strategy<Value = String> {
    (prop::collection::vec(statement(), 1..6), any::<bool>()).prop_map(|(statements, wrapped)| {
        let policy =
            format!("{{\"Version\":\"2012-10-17\",\"Statement\":[\n{}\n]}}\n", statements.join(",\n"));
        match wrapped {
            false => policy,
            true => serde_json::json!({"Attributes": {"Policy": policy, "TopicArn": TOPIC}}).to_string(),
        }
    })
}

proptest! {
    #![proptest_config(draws::cases(96))]

    #[test]
    fn safe_fixes_change_no_answer(text in policy()) {
        let fixed = fixed(&text, false);
        let Some(after) = &fixed.after else { return Ok(()) };
        prop_assert!(fixed.told.iter().any(|told| told.refused.is_none()));
        for request in requests() {
            let (old, new) = (&fixed.before.documents[0], &after.documents[0]);
            prop_assert_eq!(allows(old, &request), allows(new, &request), "{:?}\n{}", request, after.source.text());
        }
    }

    #[test]
    fn the_others_let_in_nobody(text in policy()) {
        let fixed = fixed(&text, true);
        let Some(after) = &fixed.after else { return Ok(()) };
        for request in requests() {
            let (old, new) = (&fixed.before.documents[0], &after.documents[0]);
            prop_assert!(allows(old, &request) || !allows(new, &request), "{:?}\n{}", request, after.source.text());
        }
    }

    #[test]
    fn twice_is_once(text in policy(), narrow in any::<bool>()) {
        let once = fixed(&text, narrow);
        let twice = fixed(self::text(&once), narrow);
        prop_assert_eq!(self::text(&once), self::text(&twice));
        prop_assert!(twice.told.iter().all(|told| told.refused.is_some()), "{:?}", twice.told);
    }
}

/// The generator makes what the properties are about.
#[test]
fn the_properties_have_something_to_look_at() {
    use proptest::strategy::ValueTree;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut seen: BTreeMap<(&str, bool), usize> = BTreeMap::new();
    for _ in 0..64 {
        let text = policy().new_tree(&mut runner).unwrap().current();
        for told in fixed(&text, true).told.iter().filter(|told| told.refused.is_none()) {
            *seen.entry((told.rule, told.safe)).or_default() += 1;
        }
    }
    for rule in [
        ("action-case", true),
        ("duplicate-sid", true),
        ("shadowed-statement", true),
        ("public-access", false),
    ] {
        assert!(seen.contains_key(&rule), "{seen:?}");
    }
}

const PUBLIC: &str = r#"{"Version":"2012-10-17","Statement":[
  {"Effect":"Allow","Principal":"*","Action":"sns:publish","Resource":"arn:aws:sns:us-east-1:222222222222:topic",
   "Condition":{"StringEqualsIfExists":{"aws:PrincipalOrgID":"o-a1b2c3d4e5"}}}]}"#;

#[test]
fn safe_ones_come_first_and_alone_unless_more_is_asked() {
    let safe = fixed(PUBLIC, false);
    assert_eq!(text(&safe), PUBLIC.replace("publish", "Publish"));
    let all = fixed(PUBLIC, true);
    assert_eq!(text(&all), PUBLIC.replace("publish", "Publish").replace("EqualsIfExists", "Equals"));
    let told: Vec<_> = all.told.iter().map(|told| (told.rule, told.safe, &*told.place)).collect();
    assert_eq!(told, [("public-access", false, "2:33"), ("action-case", true, "2:46")]);
}

/// A rule may be wrong about its fix: what matters is what the edit does.
#[test]
fn a_fix_that_is_not_what_it_claims_is_not_made() {
    use polmerge::edit::Edit;
    let wrong_in = |text: &str, edit: &'static [(&'static str, &'static str)], safe: bool| {
        fix(file(text), &Hints::default(), true, move |document| {
            let mut finding = polmerge::Diagnostic::new("x", document.policy.statements[0].span, "x");
            let edits = edit.iter().filter_map(|(old, new)| {
                let at = document.text().find(old)?;
                Some(Edit::replace(polmerge::span::Span::new(at, at + old.len()), *new))
            });
            let edits: Vec<Edit> = edits.collect();
            if !edits.is_empty() {
                finding = finding.fix("wrong", safe, edits);
            }
            vec![finding]
        })
    };
    let wrong = |edit, safe| wrong_in(PUBLIC, edit, safe);
    for (edit, safe, why) in [
        (&[("\"sns:publish\"", "\"sns:*\"")][..], true, "it would add access"),
        (&[("\"sns:publish\"", "\"sns:*\"")], false, "it would add access"),
        (&[("IfExists", "")], true, "it would remove access, as sns:publish on"),
        (&[("\"Effect\":\"Allow\",", "")], true, "could be read"),
        (&[("]}", "]")], true, "it is not clear how the policy is read"),
    ] {
        let fixed = wrong(edit, safe);
        assert!(fixed.after.is_none(), "{edit:?}");
        assert_eq!(fixed.told.len(), 1, "{edit:?}");
        let refused = fixed.told[0].refused.as_deref().unwrap();
        assert!(refused.to_lowercase().contains(why), "{edit:?}: {refused}");
    }
    assert!(wrong(&[("IfExists", "")], false).after.is_some());
    // A Deny counts whatever its own policy allows.
    let limit = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:Put*","Resource":"arn:aws:s3:::b/*"}]}"#;
    let less: &'static [_] = &[("\"s3:Put*\"", "\"s3:PutObject\"")];
    let more: &'static [_] = &[("\"s3:Put*\"", "\"s3:*\"")];
    for (edit, safe, why) in [
        (less, true, Some("no longer deny")),
        (less, false, Some("no longer deny")),
        (more, true, Some("also deny")),
        (more, false, None),
    ] {
        let fixed = wrong_in(limit, edit, safe);
        assert_eq!(fixed.after.is_some(), why.is_none(), "{edit:?}");
        let refused = fixed.told[0].refused.as_deref().unwrap_or_default();
        assert!(refused.contains(why.unwrap_or_default()), "{edit:?}: {refused}");
    }
}

/// Real policies, also broken ones: what is fixed is whole, and stays as it is the second time.
#[test]
fn the_corpus_is_fixed_once() {
    let Some(texts) = corpus::texts("lint --fix over the corpus") else { return };
    let is_fixed = |(name, text): &(String, String)| {
        let once = fixed(text, true);
        let Some(after) = &once.after else { return false };
        let twice = fixed(self::text(&once), true);
        assert!(twice.after.is_none(), "{name}: {:#?}", twice.told);
        assert!(after.problems.is_empty(), "{name}");
        true
    };
    let made = corpus::each(&texts, is_fixed).into_iter().filter(|is_fixed| *is_fixed).count();
    assert!(made > 10, "{made}");
}

#[cfg(feature = "cli")]
mod written {
    use std::io::Write;
    use std::process::{Command, Output, Stdio};

    use super::PUBLIC;

    fn lint(folder: &std::path::Path, arguments: &[&str], input: &str) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_polmerge"));
        command.arg("lint").args(arguments).current_dir(folder).env("LC_ALL", "C.UTF-8");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        child.wait_with_output().unwrap()
    }

    fn text(bytes: &[u8]) -> String {
        String::from_utf8(bytes.to_vec()).unwrap()
    }

    #[test]
    #[cfg(unix)]
    fn files_keep_their_mode_and_links_stay_links() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::write(at("real.json"), PUBLIC).unwrap();
        std::fs::set_permissions(at("real.json"), std::fs::Permissions::from_mode(0o640)).unwrap();
        std::os::unix::fs::symlink("real.json", at("link.json")).unwrap();
        let clean = r#"{"Version":"2012-10-17","Statement":[]}"#;
        std::fs::write(at("other.json"), clean).unwrap();
        let stamp = at("other.json").metadata().unwrap().modified().unwrap();

        let output = lint(folder.path(), &["--fix", "link.json", "other.json"], "");
        assert_eq!(output.status.code(), Some(1), "the public access remains: {}", text(&output.stdout));
        assert!(at("link.json").symlink_metadata().unwrap().is_symlink());
        assert_eq!(std::fs::read_to_string(at("real.json")).unwrap(), PUBLIC.replace("publish", "Publish"));
        assert_eq!(at("real.json").metadata().unwrap().permissions().mode() & 0o777, 0o640);
        assert_eq!(at("other.json").metadata().unwrap().modified().unwrap(), stamp);

        let output = lint(folder.path(), &["--fix", "--unsafe", "real.json"], "");
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stdout));
    }

    #[test]
    fn standard_input_is_printed_whole_and_the_report_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let output = lint(folder.path(), &["--fix", "--unsafe", "-"], PUBLIC);
        assert_eq!(
            text(&output.stdout),
            PUBLIC.replace("publish", "Publish").replace("EqualsIfExists", "Equals")
        );
        assert!(text(&output.stderr).contains("2 fixes made (proved: nothing is added)"));
        // Nothing to mend: the same bytes, also of what is no policy.
        for input in ["{\"a\": 1}\n", "{\"Version\":\"2012-10-17\",\"Statement\":[]}"] {
            assert_eq!(text(&lint(folder.path(), &["--fix", "-"], input).stdout), input);
        }
        let json = lint(folder.path(), &["--fix", "-", "--format", "json"], PUBLIC);
        assert_eq!(text(&json.stdout), PUBLIC.replace("publish", "Publish"));
        assert!(text(&json.stderr).contains("\"rule\":\"public-access\""));
    }
}

/// In a policy of the older version, what is not known may have `${…}` in it as text.
#[test]
fn no_newer_version_around_a_hole() {
    let template = |resource: &str, version: &str| {
        format!(
            r#"{{"Resources":{{"T":{{"Type":"AWS::S3::BucketPolicy","Properties":{{"Bucket":"b","PolicyDocument":{{{version}"Statement":[
            {{"Effect":"Allow","Principal":{{"AWS":"111111111111"}},"Action":"s3:GetObject","Resource":{resource}}}]}}}}}}}}}}"#
        )
    };
    for version in ["", r#""Version":"2008-10-17","#] {
        let open = template(r#"{"Ref":"R"}"#, version);
        assert!(!text(&fixed(&open, false)).contains("2012-10-17"), "{version}");
        let known = template(r#""arn:aws:s3:::b/*""#, version);
        assert!(text(&fixed(&known, false)).contains("2012-10-17"), "{version}");
    }
}

/// Each try of a fix in YAML reads the whole file again, of which there may be only so much.
#[test]
fn fixes_in_a_large_yaml_file_are_bounded() {
    let policy = |name: &str| {
        format!(
            "  {name}:\n    Type: AWS::IAM::ManagedPolicy\n    Properties:\n      PolicyDocument:\n        \
             Version: '2012-10-17'\n        Statement:\n          - Effect: Allow\n            \
             Action: [s3:GetObject, s3:GetObject]\n            Resource: 'arn:aws:s3:::b/*'\n"
        )
    };
    let text = format!("Resources:\n{}{}", policy("One"), policy("Two"));
    let file = open(Source::new("template.yaml", text.clone()), &Hints::default());
    let proofs = |bytes: usize| -> Vec<FixProof> {
        let rereading = Rereading::new(bytes);
        let proof = |document: &Document| {
            let mut findings = lint(document, &Settings::default());
            fix::check(document, &mut findings, &rereading);
            findings.into_iter().find_map(|finding| Some(finding.fix?.proof)).unwrap()
        };
        file.documents.iter().map(proof).collect()
    };
    assert_eq!(proofs(2 * text.len()), [FixProof::Proved, FixProof::Proved]);
    let bounded = proofs(2 * text.len() - 1);
    assert_eq!(bounded[0], FixProof::Proved);
    assert!(
        matches!(&bounded[1], FixProof::NotProved(why) if why.contains("too large to prove so many fixes")),
        "{bounded:?}"
    );
}

/// What a template's functions give is the same before and after: what says the same twice is taken out.
#[test]
fn what_is_not_known_stands_for_itself() {
    let template = |statements: &str| {
        format!(
            r#"{{"AWSTemplateFormatVersion": "2010-09-09", "Parameters": {{"X": {{"Type": "String"}}}}, "Resources": {{
            "Q": {{"Type": "AWS::SQS::Queue"}},
            "P": {{"Type": "AWS::IAM::ManagedPolicy", "Properties": {{"PolicyDocument": {{"Version": "2012-10-17",
                "Statement": [{statements}]}}}}}}}}}}"#
        )
    };
    let on = |action: &str, resource: &str| {
        format!(r#"{{"Effect": "Allow", "Action": {action}, "Resource": {resource}}}"#)
    };
    let (queue, other) = (r#"{"Fn::GetAtt": "Q.Arn"}"#, r#"{"Ref": "X"}"#);
    for (statements, wanted) in [
        (on(r#"["sqs:SendMessage", "sqs:SendMessage"]"#, queue), 1),
        ([on(r#""sqs:SendMessage""#, other), on(r#""sqs:SendMessage""#, other)].join(","), 1),
        ([on(r#""sqs:SendMessage""#, queue), on(r#""sqs:SendMessage""#, other)].join(","), 0),
    ] {
        let fixed = fixed(&template(&statements), false);
        let is_made = fixed.told.iter().map(|told| told.refused.is_none()).collect::<Vec<_>>();
        assert_eq!(is_made, vec![true; wanted], "{statements}: {:?}", fixed.told);
    }
}

/// A fix of a kind that removes access as a rule is made by `--fix` alone where it is proved to remove none.
#[test]
fn what_removes_nothing_is_safe() {
    let policy = |arn: &str| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"Service":"cloudfront.amazonaws.com"}},
            "Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*",
            "Condition":{{"StringLike":{{"aws:SourceArn":"{arn}"}}}}}}]}}"#
        )
    };
    let told = |arn: &str, narrow: bool| {
        let fixed = fixed(&policy(arn), narrow);
        let told = fixed.told.iter().find(|told| told.rule == "string-operator-on-arn").cloned();
        told.map(|told| (told.safe, told.refused.is_none()))
    };
    let (same, less) =
        ("arn:aws:cloudfront::210987654321:distribution/*", "arn:aws:cloudfront:*:distribution/*");
    assert_eq!(told(same, false), Some((true, true)));
    assert_eq!(told(same, true), Some((true, true)));
    assert_eq!(told(less, false), None, "it removes access");
}

/// However many fixes remove access, each is offered.
#[test]
fn many_fixes_that_narrow_are_made() {
    let statement = |number: usize| {
        format!(
            r#"{{"Sid": "S{number}", "Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::b{number}/*",
            "Condition": {{"StringEqualsIfExists": {{"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}}}}}"#
        )
    };
    let statements: Vec<String> = (0..60).map(statement).collect();
    let policy = format!(r#"{{"Version": "2012-10-17", "Statement": [{}]}}"#, statements.join(","));
    let made = |narrow: bool| {
        let fixed = fixed(&policy, narrow);
        fixed.told.iter().filter(|told| told.rule == "if-exists-allow" && told.refused.is_none()).count()
    };
    assert_eq!((made(true), made(false)), (60, 0));
}
