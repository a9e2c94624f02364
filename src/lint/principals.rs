//! What the policies of a principal say together and none of them alone.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::forms::Forms;
use super::grants::{Boundary, Grants};
use super::rule::{Context, Parts};
use super::settle::settle;
use super::{Check, Settings, rules};
use crate::analyze::space::together;
use crate::diagnostic::{Diagnostic, Label};
use crate::document::{self, Document, File, Principal};
use crate::kind::Kind;
use crate::policy::template::{self, Case};
use crate::policy::{Effect, Statement};
use crate::span::Span;

/// What limits an inline policy in what it gives: the other policies and the boundary of the only one who has it.
#[derive(Clone, Debug)]
pub struct Limits {
    /// The `Deny` statements of all of them.
    pub(super) denies: Rc<[Statement]>,
    /// What the boundary allows, each as if it denied that; `None` if it is not known. Nothing if there is none.
    pub(super) boundary: Option<Option<Rc<[Statement]>>>,
}

/// The limits of the inline policies of a file that one principal alone has, by their places. What depends on the
/// template's choices limits nothing.
pub fn limits(file: &File, principals: &[Principal]) -> BTreeMap<usize, Limits> {
    let mut holders: BTreeMap<usize, usize> = BTreeMap::new();
    for principal in principals {
        let documents: BTreeSet<usize> = principal.parts.iter().flatten().map(|held| held.document).collect();
        documents.into_iter().for_each(|document| *holders.entry(document).or_default() += 1);
    }
    let certain = |at: usize| {
        let document = file.documents.get(at)?;
        let is_certain = document.is_sound() && !document.has_cases() && document.around().is_empty();
        is_certain.then_some(document)
    };
    let mut found = BTreeMap::new();
    for principal in principals {
        let held = || principal.parts.iter().flatten();
        if principal.boundary.is_none() && held().count() < 2 {
            continue;
        }
        let documents = held().filter_map(|held| file.documents.get(held.document));
        // The places of statements tell them apart.
        let first = documents.map(|document| document.policy.statements.len()).max().unwrap_or_default();
        let as_deny = |(at, statement): (usize, &Statement)| Statement {
            index: first + at,
            effect: Some(Effect::Deny),
            ..statement.clone()
        };
        let boundary = match principal.boundary {
            None => None,
            Some(document::Boundary::Unknown) => Some(None),
            Some(document::Boundary::Policy(at)) => Some(certain(at)),
        };
        let denying = held().filter(|held| held.is_certain()).filter_map(|held| certain(held.document));
        let denies = denying.chain(boundary.flatten()).flat_map(|document| &document.policy.statements);
        let denies: Rc<[Statement]> =
            denies.filter(|statement| statement.denies()).enumerate().map(as_deny).collect();
        let allowed = |document: &Document| {
            let allows = || document.policy.statements.iter().filter(|statement| !statement.denies());
            let is_known = allows().all(Statement::is_complete);
            is_known.then(|| allows().enumerate().map(as_deny).collect())
        };
        let boundary: Option<Option<Rc<[Statement]>>> = boundary.map(|document| document.and_then(allowed));
        if denies.is_empty() && boundary.is_none() {
            continue;
        }
        let limits = Limits { denies, boundary };
        let is_own = |held: &&document::Held| {
            let document = file.documents.get(held.document);
            holders.get(&held.document) == Some(&1) && document.is_some_and(|one| one.inline().is_some())
        };
        found.extend(held().filter(is_own).map(|own| (own.document, limits.clone())));
    }
    found
}

/// The findings on what the policies of each principal of a file say together, each behind the place of the policy that it
/// is in. Those that are of one policy alone are not among them.
pub fn of_principals(file: &File, principals: &[Principal], settings: &Settings) -> Vec<(usize, Diagnostic)> {
    let mut found: BTreeMap<Key, (Diagnostic, Vec<String>)> = BTreeMap::new();
    for principal in principals.iter().filter(|principal| principal.parts.len() > 1) {
        for (key, finding) in together(|| of_principal(file, principal, settings)) {
            let (_, names) = found.entry(key).or_insert_with(|| (finding, Vec::new()));
            if !names.contains(&principal.name) {
                names.push(principal.name.clone());
            }
        }
    }
    let named = |(key, (finding, names)): (Key, (Diagnostic, Vec<String>))| {
        (key.document, with_names(file, &key, finding, &names))
    };
    found.into_iter().map(named).collect()
}

/// What tells a finding from others: those of several principals that have the same policies are one.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    document: usize,
    span: Span,
    rule: &'static str,
    message: String,
    /// The other policies, and where in the file.
    others: BTreeMap<usize, Span>,
}

/// Says in the message who has which policies.
fn with_names(file: &File, key: &Key, finding: Diagnostic, names: &[String]) -> Diagnostic {
    let Some(first) = names.first() else { return finding };
    let who = match names.len() {
        1 => format!("{first} has"),
        2 => format!("{first} and one more have"),
        many => format!("{first} and {} more have", many - 1),
    };
    let policy = |at: usize| {
        let owner = file.documents.get(at).and_then(Document::owner).unwrap_or("a policy");
        owner.strip_suffix(&format!(" of {first}")).unwrap_or(owner).to_owned()
    };
    let others: Vec<String> = key
        .others
        .iter()
        .map(|(at, span)| format!("{} ({})", policy(*at), file.source.place(*span)))
        .collect();
    let message = format!("{}: {who} {} and {}", finding.message, policy(key.document), others.join(" and "));
    Diagnostic { message, ..finding }
}

/// A policy of a principal.
struct Held {
    part: usize,
    /// Its place among the file's; the boundary is there, too.
    at: usize,
    document: Document,
    is_boundary: bool,
    /// Where its text begins in the text that all of them make.
    start: u32,
}

fn of_principal(file: &File, principal: &Principal, settings: &Settings) -> Vec<(Key, Diagnostic)> {
    let mut all: Vec<Held> = Vec::new();
    let mut start = 0;
    let mut take = |part: usize, at: usize, document: Option<Document>, is_boundary: bool| {
        let Some(document) = document else { return };
        let length = u32::try_from(document.text().len()).unwrap_or(u32::MAX);
        all.push(Held { part, at, document, is_boundary, start });
        start = start.saturating_add(length).saturating_add(1);
    };
    for (part, policies) in principal.parts.iter().enumerate() {
        for held in policies {
            let document = file.documents.get(held.document).map(|document| document.held(held));
            take(part, held.document, document, false);
        }
    }
    if let Some(document::Boundary::Policy(at)) = principal.boundary {
        take(principal.parts.len(), at, file.documents.get(at).cloned(), true);
    }
    let documents: Vec<&Document> = all.iter().map(|held| &held.document).collect();
    let cases = Document::cases_of(&documents);
    let is_unknown = principal.boundary == Some(document::Boundary::Unknown);
    let mut found: Vec<(Key, Diagnostic, BTreeSet<usize>)> = Vec::new();
    for (number, case) in cases.iter().enumerate() {
        for (key, finding) in in_case(&all, is_unknown, case, settings) {
            match found.iter_mut().find(|(known, ..)| *known == key) {
                Some((.., numbers)) => drop(numbers.insert(number)),
                None => found.push((key, finding, BTreeSet::from([number]))),
            }
        }
    }
    let said = |(key, mut finding, numbers): (Key, Diagnostic, BTreeSet<usize>)| {
        if let Some(clause) = template::clause(&cases, &numbers) {
            finding.message = format!("{} ({clause})", finding.message);
        }
        (Key { message: finding.message.clone(), ..key }, finding)
    };
    found.into_iter().map(said).collect()
}

/// What is found in one case of the template.
fn in_case(all: &[Held], is_unknown: bool, case: &Case, settings: &Settings) -> Vec<(Key, Diagnostic)> {
    let (mut statements, mut bounds): (Vec<Statement>, Vec<Statement>) = (Vec::new(), Vec::new());
    let mut ends = Vec::new();
    let (mut has_boundary, mut is_open) = (is_unknown, is_unknown);
    for (number, held) in all.iter().enumerate() {
        let (document, is_there) = held.document.in_case(case.settled.get(number));
        has_boundary |= held.is_boundary;
        for statement in document.policy.statements.iter().filter(|_| is_there) {
            let moved = statement.moved(held.start);
            match (held.is_boundary, statement.denies()) {
                (true, false) => {
                    is_open |= !statement.is_complete();
                    bounds.push(Statement { index: bounds.len(), effect: Some(Effect::Deny), ..moved });
                }
                _ => statements.push(Statement { index: statements.len(), ..moved }),
            }
        }
        // The statements of the boundary are of no part.
        if !held.is_boundary {
            ends.resize(held.part, ends.last().copied().unwrap_or_default());
            ends.push(statements.len());
        }
    }
    let Some(first) = all.first() else { return Vec::new() };
    let mut joint = Document::nothing_of(first.document.source().name(), Kind::Identity);
    joint.policy.statements = statements;
    let boundary = match (has_boundary, is_open) {
        (false, _) => Boundary::None,
        (true, true) => Boundary::Unknown,
        (true, false) => Boundary::Allows(&bounds),
    };
    let part = |number: usize| {
        let start = number.checked_sub(1).and_then(|before| ends.get(before)).copied().unwrap_or_default();
        Grants::of_part(&joint, start..ends[number], Boundary::None)
    };
    let alone = (0..ends.len()).map(part).collect();
    let parts = Rc::new(Parts { ends: ends.clone(), alone });
    let everything = 0..joint.policy.statements.len();
    let grants = Rc::new(Grants::of_part(&joint, everything, boundary));
    let forms = Rc::new(Forms::default());
    let mut found = Vec::new();
    for rule in rules::ALL.iter().filter(|rule| rule.joins) {
        let (Some(severity), Check::Document(check)) = (settings.severity(rule), rule.check) else {
            continue;
        };
        let cx = Context::new(&joint, settings, rule, severity, Rc::clone(&grants), Rc::clone(&forms));
        let mut cx = cx.among(&parts);
        check(&mut cx);
        found.extend(cx.into_found());
    }
    settle(found, &joint).into_iter().filter_map(|finding| placed(all, finding)).collect()
}

/// A finding in the policy that its place is in; `None` if all of it is in that policy.
fn placed(all: &[Held], finding: Diagnostic) -> Option<(Key, Diagnostic)> {
    let of = |span: Span| all.get(all.partition_point(|held| held.start <= span.start).checked_sub(1)?);
    let own = |held: &Held, span: Span| Span {
        start: span.start.saturating_sub(held.start),
        end: span.end.saturating_sub(held.start),
    };
    let home = of(finding.span)?;
    let (mut labels, mut elsewhere, mut others) = (Vec::new(), Vec::new(), BTreeMap::new());
    for label in finding.labels {
        let held = of(label.span)?;
        let span = own(held, label.span);
        if held.at == home.at {
            labels.push(Label { span, ..label });
        } else {
            let span = held.document.in_file(span);
            others.entry(held.at).or_insert(span);
            elsewhere.push(Label { span, ..label });
        }
    }
    if others.is_empty() {
        return None;
    }
    let span = own(home, finding.span);
    let finding = Diagnostic { span, labels, elsewhere, ..finding };
    let (rule, message) = (finding.rule, finding.message.clone());
    Some((Key { document: home.at, span, rule, message, others }, finding))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::diagnostic::Severity;
    use crate::document::{Hints, open};
    use crate::source::Source;

    const ACCOUNT: &str = "arn:aws:iam::111111111111";

    /// What is found: rule, level, pointer to the policy, message.
    fn found(name: &str, text: &str) -> Vec<(&'static str, Severity, String, String)> {
        let file = open(Source::new(name, text), &Hints::default());
        of_principals(&file, &file.principals(), &Settings::default())
            .into_iter()
            .map(|(at, finding)| {
                (finding.rule, finding.severity, file.documents[at].pointer().to_owned(), finding.message)
            })
            .collect()
    }

    fn policy(statements: Value) -> Value {
        json!({"Version": "2012-10-17", "Statement": statements})
    }

    fn allow(actions: &[&str], resource: &str) -> Value {
        policy(json!([{"Effect": "Allow", "Action": actions, "Resource": resource}]))
    }

    fn deny(action: &str, resource: &str) -> Value {
        policy(json!([{"Effect": "Deny", "Action": action, "Resource": resource}]))
    }

    fn pass() -> Value {
        allow(&["iam:PassRole"], "*")
    }

    fn functions() -> Value {
        allow(&["lambda:CreateFunction", "lambda:InvokeFunction"], "*")
    }

    /// A role with inline policies, and with managed ones that are attached to it.
    fn role(name: &str, inline: &[Value], attached: &[&str]) -> Value {
        let inline = inline.iter().enumerate();
        let inline = inline.map(|(at, one)| json!({"PolicyName": format!("p{at}"), "PolicyDocument": one}));
        let attached = attached.iter().map(|name| json!({"PolicyArn": format!("{ACCOUNT}:policy/{name}")}));
        json!({
            "RoleName": name, "Arn": format!("{ACCOUNT}:role/{name}"), "Path": "/",
            "RolePolicyList": inline.collect::<Vec<_>>(), "AttachedManagedPolicies": attached.collect::<Vec<_>>(),
        })
    }

    fn managed(name: &str, document: Value) -> Value {
        json!({
            "PolicyName": name, "Arn": format!("{ACCOUNT}:policy/{name}"),
            "PolicyVersionList": [{"VersionId": "v1", "IsDefaultVersion": true, "Document": document}],
        })
    }

    fn details(roles: Vec<Value>, policies: Vec<Value>) -> String {
        json!({"RoleDetailList": roles, "Policies": policies}).to_string()
    }

    #[test]
    fn an_inline_and_a_managed_policy() {
        let text = details(vec![role("ci", &[pass()], &["b"])], vec![managed("b", functions())]);
        let found = found("a.json", &text);
        let [(rule, severity, pointer, message)] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!((*rule, *severity), ("privilege-escalation", Severity::Warning));
        assert_eq!(pointer, "/RoleDetailList/0/RolePolicyList/0/PolicyDocument");
        assert!(message.contains("role `ci` has policy `p0` and policy `b` (1:"), "{message}");
    }

    #[test]
    fn what_is_of_one_policy_is_not_found_again() {
        let both = policy(json!([pass()["Statement"][0], functions()["Statement"][0]]));
        for (inline, other) in [
            (both, allow(&["s3:GetObject"], "*")),
            (allow(&["iam:*"], "*"), functions()),
            (pass(), allow(&["s3:GetObject"], "*")),
        ] {
            let text = details(vec![role("ci", &[inline], &["b"])], vec![managed("b", other)]);
            assert_eq!(found("a.json", &text), []);
        }
        // Neither has both.
        let text = details(vec![role("a", &[pass()], &[]), role("b", &[functions()], &[])], Vec::new());
        assert_eq!(found("a.json", &text), []);
        // A wider grant in another policy is.
        let narrow = policy(json!([
            {"Effect": "Allow", "Action": "iam:PassRole", "Resource": "*",
                "Condition": {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}},
            functions()["Statement"][0],
        ]));
        let text = details(vec![role("ci", &[narrow, pass()], &[])], Vec::new());
        assert_eq!(found("a.json", &text).len(), 1);
    }

    #[test]
    fn what_another_policy_denies_is_not_given() {
        let with = |other: Value| {
            let text = details(vec![role("ci", &[pass(), functions(), other], &[])], Vec::new());
            found("a.json", &text).len()
        };
        assert_eq!(with(allow(&["s3:GetObject"], "*")), 1);
        assert_eq!(with(deny("lambda:*", "*")), 0);
        assert_eq!(with(deny("sqs:*", "*")), 1);
    }

    #[test]
    fn the_boundary_limits_it() {
        let within = |boundary: Option<Value>| {
            let mut role = role("ci", &[pass(), functions()], &[]);
            role["PermissionsBoundary"] =
                json!({"PermissionsBoundaryArn": format!("{ACCOUNT}:policy/limit")});
            let policies = boundary.map(|boundary| managed("limit", boundary)).into_iter().collect();
            let found = found("a.json", &details(vec![role], policies));
            found.into_iter().map(|(_, severity, ..)| severity).collect::<Vec<_>>()
        };
        assert_eq!(within(Some(allow(&["*"], "*"))), [Severity::Warning]);
        assert_eq!(within(Some(allow(&["iam:*", "lambda:*"], "*"))), [Severity::Warning]);
        assert_eq!(within(Some(allow(&["lambda:*"], "*"))), []);
        assert_eq!(within(Some(allow(&["iam:*", "lambda:InvokeFunction"], "*"))), []);
        let named = policy(json!([
            {"Effect": "Allow", "Action": "lambda:*", "Resource": "*"},
            {"Effect": "Allow", "Action": "iam:PassRole", "Resource": format!("{ACCOUNT}:role/app")},
        ]));
        assert_eq!(within(Some(named)), [Severity::Note]);
        let denying = policy(json!([
            {"Effect": "Allow", "Action": "*", "Resource": "*"},
            {"Effect": "Deny", "Action": "iam:PassRole", "Resource": "*"},
        ]));
        assert_eq!(within(Some(denying)), []);
        assert_eq!(within(None), [Severity::Note], "a boundary that is not known may limit it");
    }

    #[test]
    fn those_that_have_the_same_policies_are_one_finding() {
        let roles = ["a", "b", "c"].map(|name| role(name, &[], &["p", "q"]));
        let found =
            found("a.json", &details(roles.to_vec(), vec![managed("p", pass()), managed("q", functions())]));
        let [(.., message)] = found.as_slice() else { panic!("{found:?}") };
        assert!(message.contains("role `a` and 2 more have policy `p` and policy `q`"), "{message}");
    }

    #[test]
    fn a_user_has_the_policies_of_groups() {
        let user = |groups: &[&str]| {
            json!({"UserName": "u", "Arn": format!("{ACCOUNT}:user/u"), "GroupList": groups, "AttachedManagedPolicies": [],
                "UserPolicyList": [{"PolicyName": "own", "PolicyDocument": pass()}]})
        };
        let group = |policies: &[Value]| {
            let inline = policies.iter().enumerate();
            let inline =
                inline.map(|(at, one)| json!({"PolicyName": format!("g{at}"), "PolicyDocument": one}));
            json!({"GroupName": "dev", "AttachedManagedPolicies": [], "GroupPolicyList": inline.collect::<Vec<_>>()})
        };
        let of = |user: Value, group: Value| {
            let text = json!({"UserDetailList": [user], "GroupDetailList": [group]}).to_string();
            found("a.json", &text).into_iter().map(|(.., message)| message).collect::<Vec<_>>()
        };
        let found = of(user(&["dev"]), group(&[functions()]));
        assert!(
            matches!(found.as_slice(), [one] if one.contains("user `u` has policy `own` and")),
            "{found:?}"
        );
        assert_eq!(of(user(&[]), group(&[functions()])), [""; 0]);
        // What the group has together is the group's.
        let found = of(user(&["dev"]), group(&[pass(), functions()]));
        assert!(
            matches!(found.as_slice(), [one] if one.contains("group `dev` has policy `g0` and")),
            "{found:?}"
        );
    }

    #[test]
    fn the_other_rules_that_join_statements() {
        let bucket = allow(&["s3:PutBucketPolicy"], "arn:aws:s3:::reports");
        let guard = deny("s3:GetObject", "arn:aws:s3:::reports/*");
        let limited = policy(json!([{"Effect": "Allow", "Action": "ec2:TerminateInstances",
            "Resource": "arn:aws:ec2:*:*:instance/*", "Condition": {"StringEquals": {"aws:ResourceTag/team": "reports"}}}]));
        let tags = allow(&["ec2:CreateTags"], "arn:aws:ec2:*:*:instance/*");
        for (one, other, rule) in
            [(&bucket, &guard, "bucket-policy-escalation"), (&tags, &limited, "settable-tag")]
        {
            let text = details(vec![role("ci", &[one.clone(), other.clone()], &[])], Vec::new());
            let rules: Vec<&str> = found("a.json", &text).iter().map(|(rule, ..)| *rule).collect();
            assert_eq!(rules, [rule]);
            let both = policy(json!([one["Statement"][0], other["Statement"][0]]));
            let third = allow(&["sqs:SendMessage"], "arn:aws:sqs:us-east-1:111111111111:q");
            let text = details(vec![role("ci", &[both, third], &[])], Vec::new());
            assert_eq!(found("a.json", &text), [], "{rule}");
        }
    }

    /// A template with resources.
    fn template(resources: &Value) -> Vec<String> {
        let text = json!({
            "Conditions": {"IsDev": {"Fn::Equals": [{"Ref": "AWS::Region"}, "eu-west-1"]}},
            "Resources": resources,
        });
        found("t.json", &text.to_string()).into_iter().map(|(.., message)| message).collect()
    }

    #[test]
    fn a_role_in_a_template() {
        let inline = json!([{"PolicyName": "p", "PolicyDocument": pass()}]);
        let role = |more: Value| {
            let mut properties = json!({"Policies": inline});
            properties.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            json!({"Type": "AWS::IAM::Role", "Properties": properties})
        };
        let managed = |more: Value| {
            let mut properties = json!({"PolicyDocument": functions()});
            properties.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            json!({"Type": "AWS::IAM::ManagedPolicy", "Properties": properties})
        };
        let has = |resources: Value| template(&resources).len();
        for reference in
            [json!({"Ref": "M"}), json!({"Fn::GetAtt": ["M", "PolicyArn"]}), json!({"Fn::Sub": "${M}"})]
        {
            assert_eq!(
                has(json!({"R": role(json!({"ManagedPolicyArns": [reference]})), "M": managed(json!({}))})),
                1
            );
        }
        let arn = json!({"ManagedPolicyArns": ["arn:aws:iam::aws:policy/ReadOnlyAccess"]});
        assert_eq!(has(json!({"R": role(arn), "M": managed(json!({}))})), 0);
        let attached = |to: Value| {
            has(
                json!({"R": role(json!({"RoleName": "ci"})), "Other": role(json!({})), "M": managed(json!({"Roles": [to]}))}),
            )
        };
        assert_eq!(attached(json!({"Ref": "R"})), 1);
        assert_eq!(attached(json!("ci")), 1);
        assert_eq!(attached(json!("another")), 0);
        assert_eq!(attached(json!({"Fn::ImportValue": "role"})), 0);
        // Two policies of a role that is elsewhere.
        let policy = |document: Value, role: &str| json!({"Type": "AWS::IAM::Policy", "Properties": {"PolicyName": "p", "PolicyDocument": document, "Roles": [{"Ref": role}]}});
        let found = template(&json!({"A": policy(pass(), "Given"), "B": policy(functions(), "Given")}));
        assert!(found[0].contains("role `Given` has policy `p` of `A` (AWS::IAM::Policy) and"), "{found:?}");
        assert_eq!(has(json!({"A": policy(pass(), "Given"), "B": policy(functions(), "Else")})), 0);
        // The boundary.
        let limit = json!({"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": allow(&["iam:*"], "*")}});
        let with = json!({"ManagedPolicyArns": [{"Ref": "M"}], "PermissionsBoundary": {"Ref": "Limit"}});
        assert_eq!(has(json!({"R": role(with), "M": managed(json!({})), "Limit": limit})), 0);
    }

    /// The levels of the escalations that one policy of a file opens by itself.
    fn alone(text: &str, pointer: &str) -> Vec<Severity> {
        let file = open(Source::new("a.json", text), &Hints::default());
        let limits = limits(&file, &file.principals());
        let at = file.documents.iter().position(|document| document.pointer() == pointer).unwrap();
        let found = crate::lint::lint_within(&file.documents[at], &Settings::default(), limits.get(&at));
        found.iter().filter(|one| one.rule == "privilege-escalation").map(|one| one.severity).collect()
    }

    fn both() -> Value {
        policy(json!([pass()["Statement"][0], functions()["Statement"][0]]))
    }

    #[test]
    fn the_limits_of_a_holder_count_for_an_inline_policy() {
        let own = "/RoleDetailList/0/RolePolicyList/0/PolicyDocument";
        let (yes, note, no) = (vec![Severity::Warning], vec![Severity::Note], Vec::new());
        let beside = |other: Value| {
            alone(&details(vec![role("r", &[both()], &["m"])], vec![managed("m", other)]), own)
        };
        assert_eq!(beside(allow(&["s3:GetObject"], "*")), yes);
        assert_eq!(beside(deny("sqs:*", "*")), yes);
        assert_eq!(beside(deny("*", "*")), no);
        assert_eq!(beside(deny("lambda:CreateFunction", "*")), no);
        let within = |boundary: Option<Value>| {
            let mut role = role("r", &[both()], &[]);
            role["PermissionsBoundary"] = json!({"PermissionsBoundaryArn": format!("{ACCOUNT}:policy/b")});
            let policies = boundary.map(|boundary| managed("b", boundary)).into_iter().collect();
            alone(&details(vec![role, self::role("other", &[pass()], &[])], policies), own)
        };
        assert_eq!(within(Some(allow(&["s3:*"], "*"))), no);
        assert_eq!(within(Some(allow(&["iam:*", "lambda:*"], "*"))), yes);
        assert_eq!(within(None), note, "it is not in the file");
        // A managed policy may be attached to others.
        let text = details(vec![role("r", &[deny("*", "*")], &["m"])], vec![managed("m", both())]);
        assert_eq!(alone(&text, "/Policies/0/PolicyVersionList/0/Document"), yes);
    }

    #[test]
    fn the_limits_of_a_user_are_those_of_its_groups() {
        let inline = |document: &Value| json!([{"PolicyName": "p", "PolicyDocument": document}]);
        let account = |of_user: &Value, of_group: &Value| {
            json!({
                "UserDetailList": [{"UserName": "u", "Arn": format!("{ACCOUNT}:user/u"), "GroupList": ["g"],
                    "UserPolicyList": inline(of_user), "AttachedManagedPolicies": []}],
                "GroupDetailList": [{"GroupName": "g", "GroupPolicyList": inline(of_group),
                    "AttachedManagedPolicies": []}],
            })
            .to_string()
        };
        let user = "/UserDetailList/0/UserPolicyList/0/PolicyDocument";
        assert_eq!(alone(&account(&both(), &deny("iam:*", "*")), user), []);
        assert_eq!(alone(&account(&both(), &deny("sqs:*", "*")), user), [Severity::Warning]);
        // A group may have users that are not limited.
        let group = "/GroupDetailList/0/GroupPolicyList/0/PolicyDocument";
        assert_eq!(alone(&account(&deny("*", "*"), &both()), group), [Severity::Warning]);
    }

    #[test]
    fn the_limits_of_a_role_in_a_template() {
        let own = "/Resources/R/Properties/Policies/0/PolicyDocument";
        let with = |more: Value, resources: Value| {
            let mut all = json!({"R": {"Type": "AWS::IAM::Role", "Properties":
                {"Policies": [{"PolicyName": "p", "PolicyDocument": both()}]}}});
            let properties = all["R"]["Properties"].as_object_mut().unwrap();
            properties.extend(more.as_object().unwrap().clone());
            all.as_object_mut().unwrap().extend(resources.as_object().unwrap().clone());
            let conditions = json!({"C": {"Fn::Equals": [{"Ref": "AWS::Region"}, "eu-west-1"]}});
            alone(&json!({"Conditions": conditions, "Resources": all}).to_string(), own)
        };
        let limit = |document: Value| json!({"B": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": document}}});
        let bounded = json!({"PermissionsBoundary": {"Ref": "B"}});
        assert_eq!(with(bounded.clone(), limit(allow(&["s3:*"], "*"))), []);
        assert_eq!(with(bounded, limit(allow(&["*"], "*"))), [Severity::Warning]);
        let denying = |condition: Value| {
            with(
                json!({}),
                json!({"D": {"Type": "AWS::IAM::RolePolicy", "Condition": condition, "Properties":
                {"PolicyName": "d", "RoleName": {"Ref": "R"}, "PolicyDocument": deny("*", "*")}}}),
            )
        };
        assert_eq!(denying(Value::Null), []);
        assert_eq!(denying(json!("C")), [Severity::Warning], "it may not be there");
    }

    #[test]
    fn users_are_added_to_groups() {
        let holder = |kind: &str, document: Value| json!({"Type": kind, "Properties": {"Policies": [{"PolicyName": "x", "PolicyDocument": document}]}});
        let joined = |group: Value, user: Value| {
            template(&json!({
                "G": holder("AWS::IAM::Group", pass()),
                "U": holder("AWS::IAM::User", functions()),
                "X": {"Type": "AWS::IAM::UserToGroupAddition", "Properties": {"GroupName": group, "Users": [user]}},
            }))
        };
        let found = joined(json!({"Ref": "G"}), json!({"Ref": "U"}));
        assert!(matches!(found.as_slice(), [one] if one.contains("`U` (AWS::IAM::User) has")), "{found:?}");
        assert_eq!(joined(json!("other"), json!({"Ref": "U"})), [""; 0]);
        assert_eq!(joined(json!({"Ref": "G"}), json!("other")), [""; 0]);
    }

    #[test]
    fn conditions_decide_what_is_together() {
        let role = |name: &str, document: Value, condition: Option<&str>| {
            json!({"Type": "AWS::IAM::RolePolicy", "Condition": condition,
                "Properties": {"PolicyName": name, "RoleName": "ci", "PolicyDocument": document}})
        };
        let found =
            template(&json!({"A": role("a", pass(), None), "B": role("b", functions(), Some("IsDev"))}));
        assert!(matches!(found.as_slice(), [one] if one.contains("(if `IsDev` is true)")), "{found:?}");
        let chosen = |branches: [Value; 2]| {
            let arns = json!({"Fn::If": ["IsDev", branches[0], branches[1]]});
            let inline = json!([{"Fn::If": ["IsDev", {"PolicyName": "p", "PolicyDocument": pass()}, {"Ref": "AWS::NoValue"}]}]);
            template(&json!({
                "R": {"Type": "AWS::IAM::Role", "Properties": {"Policies": inline, "ManagedPolicyArns": arns}},
                "M": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": functions()}},
            }))
        };
        assert_eq!(chosen([json!([{"Ref": "M"}]), json!([])]).len(), 1);
        assert_eq!(chosen([json!([]), json!([{"Ref": "M"}])]), [""; 0]);
    }

    #[test]
    fn a_function_of_sam_and_yaml() {
        let text = "Transform: AWS::Serverless-2016-10-31
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties:
      Policies:
        - Version: '2012-10-17'
          Statement:
            - {Effect: Allow, Action: iam:PassRole, Resource: '*'}
        - !Ref M
  M:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Version: '2012-10-17'
        Statement:
          - {Effect: Allow, Action: [lambda:CreateFunction, lambda:InvokeFunction], Resource: '*'}
";
        let of = |text: &str| found("t.yaml", text);
        let [(.., message)] = &of(text)[..] else { panic!("{:?}", of(text)) };
        assert!(message.contains("`F` (AWS::Serverless::Function) has"), "{message}");
        assert!(message.contains("`M` (AWS::IAM::ManagedPolicy) (17:"), "{message}");
        let given =
            text.replace("    Properties:\n      Policies", "    Properties:\n      Role: x\n      Policies");
        assert_eq!(of(&given), [], "SAM gives no policies to a role that is there");
    }

    /// A resource of a plan, and its expressions.
    fn planned(address: &str, values: Value, references: Value) -> (Value, Value) {
        let plain = address.split('[').next().unwrap();
        let (kind, name) = plain.split_once('.').unwrap();
        let mut expressions = serde_json::Map::new();
        for (attribute, reference) in references.as_object().unwrap() {
            let name = reference.as_str().unwrap();
            expressions
                .insert(attribute.clone(), json!({"references": [name, name.rsplit_once('.').unwrap().0]}));
        }
        (
            json!({"address": address, "type": kind, "name": name, "values": values}),
            json!({"address": plain, "type": kind, "name": name, "expressions": expressions}),
        )
    }

    fn plan(resources: Vec<(Value, Value)>) -> Vec<String> {
        let (planned, configured): (Vec<Value>, Vec<Value>) = resources.into_iter().unzip();
        let text = json!({
            "format_version": "1.2", "terraform_version": "1.9.0",
            "planned_values": {"root_module": {"resources": planned}},
            "configuration": {"root_module": {"resources": configured}},
        });
        found("plan.json", &text.to_string()).into_iter().map(|(.., message)| message).collect()
    }

    #[test]
    fn a_role_in_a_plan() {
        let text = |policy: Value| policy.to_string();
        let role = |address: &str| planned(address, json!({"name": address}), json!({}));
        let inline = |address: &str, role: &str| {
            planned(address, json!({"policy": text(pass())}), json!({"role": role}))
        };
        let policy =
            || planned("aws_iam_policy.b", json!({"policy": text(functions()), "name": "b"}), json!({}));
        let attachment = |role: &str| {
            let references = json!({"role": role, "policy_arn": "aws_iam_policy.b.arn"});
            planned("aws_iam_role_policy_attachment.c", json!({}), references)
        };
        let found = plan(vec![
            role("aws_iam_role.ci"),
            inline("aws_iam_role_policy.a", "aws_iam_role.ci.id"),
            policy(),
            attachment("aws_iam_role.ci.name"),
        ]);
        let [message] = found.as_slice() else { panic!("{found:?}") };
        assert!(
            message.contains("`aws_iam_role.ci` has `aws_iam_role_policy.a` and `aws_iam_policy.b` (1:"),
            "{message}"
        );
        let apart = plan(vec![
            role("aws_iam_role.ci"),
            role("aws_iam_role.other"),
            inline("aws_iam_role_policy.a", "aws_iam_role.ci.id"),
            policy(),
            attachment("aws_iam_role.other.name"),
        ]);
        assert_eq!(apart, [""; 0]);
        // Of several, those of one index belong together.
        let indexed = |role_index: &str| {
            let functions = planned(
                &format!("aws_iam_role_policy.b[{role_index}]"),
                json!({"policy": text(functions())}),
                json!({"role": "aws_iam_role.ci.id"}),
            );
            plan(vec![
                role("aws_iam_role.ci[0]"),
                role("aws_iam_role.ci[1]"),
                inline("aws_iam_role_policy.a[0]", "aws_iam_role.ci.id"),
                functions,
            ])
        };
        assert_eq!((indexed("0").len(), indexed("1").len()), (1, 0));
    }

    #[test]
    fn a_role_in_a_state_and_in_a_configuration() {
        let state = |role: &str| {
            let resource = |kind: &str, name: &str, attributes: Value| json!({"mode": "managed", "type": kind, "name": name, "instances": [{"attributes": attributes}]});
            let text = json!({
                "version": 4, "terraform_version": "1.9.0", "lineage": "x", "resources": [
                    resource("aws_iam_role", "ci", json!({"name": "ci", "inline_policy": [{"name": "p", "policy": pass().to_string()}]})),
                    resource("aws_iam_policy", "b", json!({"arn": format!("{ACCOUNT}:policy/b"), "policy": functions().to_string()})),
                    resource("aws_iam_policy_attachment", "c", json!({"roles": [role], "policy_arn": format!("{ACCOUNT}:policy/b")})),
                ],
            });
            found("terraform.tfstate", &text.to_string()).len()
        };
        assert_eq!((state("ci"), state("other")), (1, 0));
        let configuration = |role: &str| {
            let text = json!({"resource": {
                "aws_iam_role": {"ci": {"name": "ci"}},
                "aws_iam_role_policy": {
                    "a": {"role": "${aws_iam_role.ci.id}", "policy": pass().to_string()},
                    "b": {"role": role, "policy": functions().to_string()},
                },
            }});
            found("main.tf.json", &text.to_string()).len()
        };
        assert_eq!(configuration("${aws_iam_role.ci.name}"), 1);
        assert_eq!(configuration("ci"), 1);
        assert_eq!(configuration("${aws_iam_role.other.name}"), 0);
    }
}
