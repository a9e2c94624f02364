//! What the AWS CLI prints, and what its commands take: the places that AWS's API has for policies.

use super::path::{Place, places};
use super::{Candidate, Form, Found, Inlined, policy_form};
use crate::kind::{Inline, Kind};
use crate::parse::{Node, Value};

/// Path, paths of the ARN of what the policy is attached to, kinds with what the file is called; made by
/// `tools/places.py` from botocore's models.
const TABLE: &str = include_str!("data/answers.txt");

/// Path, and the names of the members of each object on the way, as answers and inputs have them; made by the same.
const MEMBERS: &str = include_str!("data/members.txt");

/// Places that are left of an answer when `--query` cuts it.
const CUT: &str = "\
Document\t\tidentity=the answer of `iam get-policy-version`
";

/// Members beside a policy that tell its kind where commands answer, or are asked, alike. The first of those that are
/// there counts, and decides if it is sure; else the statements may be of another kind.
const BESIDE: [(&str, Kind, bool); 21] = [
    ("Identity", Kind::Resource, true),
    ("EmailIdentity", Kind::Resource, true),
    ("KeyId", Kind::Kms, true),
    ("VpcEndpointId", Kind::Endpoint, true),
    ("VpcId", Kind::Endpoint, true),
    ("UserName", Kind::Identity, true),
    ("GroupName", Kind::Identity, true),
    ("clusterName", Kind::Session, true),
    ("RoleSessionName", Kind::Session, true),
    ("SAMLAssertion", Kind::Session, true),
    ("WebIdentityToken", Kind::Session, true),
    ("DurationSeconds", Kind::Session, true),
    ("ServerId", Kind::Session, true),
    ("repositoryName", Kind::Ecr, true),
    ("SecretId", Kind::SecretsManager, true),
    ("FunctionName", Kind::Lambda, true),
    ("PolicyName", Kind::Kms, true),
    ("RoleName", Kind::Identity, false),
    ("PolicyName", Kind::Identity, false),
    ("PolicyId", Kind::Rcp, false),
    ("policyName", Kind::Iot, false),
];

/// Members beside a policy that name what it is attached to, and what is in front of them in its ARN.
const IDS: [(&str, &str); 3] = [
    ("FileSystemId", "arn:*:elasticfilesystem:*:*:file-system/"),
    ("id", "arn:*:execute-api:*:*:"),
    ("repositoryName", "arn:*:ecr:*:*:repository/"),
];

/// Members that name the kind of a policy beside them.
const TYPES: [&str; 5] = ["/Type", "/PolicySummary/Type", "/policyType", "/resourceType", "/TypeName"];

/// Whose inline policies stand where.
const INLINE: [(&str, Inline); 3] = [
    ("GroupDetailList[].GroupPolicyList[].PolicyDocument", Inline::Group),
    ("RoleDetailList[].RolePolicyList[].PolicyDocument", Inline::Role),
    ("UserDetailList[].UserPolicyList[].PolicyDocument", Inline::User),
];

/// The policies of an answer, and the pointers to what is none, or a copy of one.
pub(super) fn locate(tree: &Node, text: &str) -> (Vec<Found>, Vec<String>) {
    let (mut found, mut passed) = (Vec::new(), Vec::new());
    for row in tree.members().iter().flat_map(|member| rows(&member.key.text(text))) {
        for place in places(Place::root(tree), text, row.path) {
            match row.policy(tree, text, &place) {
                Some(policy) => found.push(policy),
                None => passed.push(place.pointer),
            }
        }
    }
    if found.is_empty() {
        found.extend(absent(tree, text));
    }
    (found, passed)
}

/// Whether one of several versions of a policy is said to count, and by nothing another one; `pointer` is to the policy of
/// one of them. Of what is no version, that is so.
pub(super) fn has_default(tree: &Node, text: &str, pointer: &str) -> bool {
    let above = |pointer: &str| pointer.rsplit_once('/').map(|(above, _)| above.to_owned());
    let Some(version) = above(pointer) else { return true };
    if tree.at(text, &version).and_then(|version| version.get(text, "IsDefaultVersion")).is_none() {
        return true;
    }
    let Some(list) = above(&version) else { return true };
    let holder = above(&list).and_then(|holder| tree.at(text, &holder));
    let named = holder.and_then(|holder| holder.get(text, "DefaultVersionId")?.text(text));
    let is_default = |version: &Node| {
        let id = version.get(text, "VersionId").and_then(|id| id.text(text));
        version.get(text, "IsDefaultVersion").is_some_and(|is| is.value == Value::Bool(true))
            && (named.is_none() || id.is_none() || named == id)
    };
    tree.at(text, &list).is_none_or(|list| list.items().is_empty() || list.items().iter().any(is_default))
}

/// Whether an answer or input of AWS's API has a policy at a pointer, and in no object on the way to it, or to its like in
/// other items of the same lists, has the file what AWS has not there. What has more was made by others, who may mean
/// anything by it.
pub(super) fn is_answer(tree: &Node, text: &str, pointer: &str) -> bool {
    let cut = ("Document", "CreateDate Document IsDefaultVersion VersionId");
    let mut lines = MEMBERS.lines().filter_map(|line| line.split_once('\t')).chain([cut]);
    lines.any(|(path, levels)| leads_to(path, pointer) && has_only(tree, text, path, levels))
}

/// Whether a path is that of a pointer.
fn leads_to(path: &str, pointer: &str) -> bool {
    let mut steps = pointer.split('/').skip(1);
    let is_item = |step: &str| step.bytes().all(|byte| byte.is_ascii_digit());
    let fits = |step: &str| {
        let name = step.trim_end_matches("[]");
        steps.next().is_some_and(|next| name == "*" || name == next)
            && step.matches("[]").all(|_| steps.next().is_some_and(is_item))
    };
    path.split('.').all(fits) && steps.next().is_none()
}

/// Whether all that is on a path has no other members than these.
fn has_only(tree: &Node, text: &str, path: &str, levels: &str) -> bool {
    let mut nodes = vec![tree];
    path.split('.').zip(levels.split('|')).enumerate().all(|(at, (step, names))| {
        // The tools of AWS add what they say of the answer.
        let is_known = |member: &str| {
            names == "*"
                || names.split(' ').any(|name| name == member)
                || at == 0 && ["ResponseMetadata", "NextToken"].contains(&member)
        };
        let mut members = nodes.iter().flat_map(|node| node.members());
        let only = members.all(|member| is_known(&member.key.text(text)));
        let name = step.trim_end_matches("[]");
        let next = nodes.iter().flat_map(|node| node.members());
        let next = next.filter(|member| name == "*" || member.key.text(text) == name);
        let mut found: Vec<&Node> = next.map(|member| &member.value).collect();
        for _ in step.matches("[]") {
            found = found.iter().flat_map(|node| node.items()).collect();
        }
        nodes = found;
        only
    })
}

/// A line of the table.
#[derive(Clone, Copy)]
struct Row {
    path: &'static str,
    arns: &'static str,
    kinds: &'static str,
}

/// The rows whose path begins with that member.
fn rows(member: &str) -> Vec<Row> {
    let row = |line: &'static str| {
        let (path, rest) = line.split_once('\t')?;
        let (arns, kinds) = rest.split_once('\t')?;
        let first = path.split(['.', '[']).next()?;
        (first == member).then_some(Row { path, arns, kinds })
    };
    TABLE.lines().chain(CUT.lines()).filter_map(row).collect()
}

impl Row {
    /// The policy at a place of this row; `None` if there is none, or a copy, or an older version that grants nothing.
    fn policy(&self, tree: &Node, text: &str, place: &Place<'_>) -> Option<Found> {
        let (mut form, around) = (policy_form(place.node, text)?, self.around(tree, text, place));
        // What adds a statement answers with it alone.
        if let Form::Escaped(span) = form
            && self.path.eq_ignore_ascii_case("Statement")
        {
            form = Form::Statements { span, quoted: true };
        }
        // Older versions are kept for going back to, and grant nothing.
        let in_force = around.and_then(|node| node.get(text, "IsDefaultVersion"));
        // An answer that is one version is the one that was asked for.
        let in_force = in_force.filter(|_| self.path.contains("[]"));
        if in_force.is_some_and(|node| node.value == Value::Bool(false)) {
            return None;
        }
        let mut candidates = Vec::new();
        for column in self.kinds.split('\t') {
            let (kind, envelope) = column.split_once('=')?;
            let candidate = |kind| Candidate { kind, envelope };
            match kind {
                "-" => return None,
                "type" => match around.and_then(|node| named(node, text)) {
                    Some(Named::Kind(kind)) => {
                        candidates = vec![candidate(kind)];
                        break;
                    }
                    Some(Named::Other) => return None,
                    None => {}
                },
                kind => candidates.push(candidate(kind.parse().ok()?)),
            }
        }
        let resource = self.resource(tree, text, &place.pointer);
        let is_one = |kind: Kind| candidates.iter().any(|candidate| candidate.kind == kind);
        let told = resource.as_deref().and_then(of_arn).map(|kind| (kind, true));
        let beside = BESIDE.iter().find(|(name, kind, _)| {
            is_one(*kind) && around.is_some_and(|node| node.get(text, name).is_some())
        });
        // What a role trusts is asked for by its name alone.
        let has_name = around.is_some_and(|node| node.get(text, "PolicyName").is_some());
        let beside = beside.map(|(name, kind, sure)| (*kind, *sure || *name == "RoleName" && has_name));
        let told = told.filter(|(kind, _)| is_one(*kind)).or(beside);
        if let Some((kind, true)) = told {
            candidates.retain(|candidate| candidate.kind == kind);
        }
        let likely = told.map(|(kind, _)| kind);
        Some(Found {
            inline: self.inline(place, around, text),
            owner: None,
            candidates,
            likely,
            resource,
            id: around.and_then(|node| id(node, text)),
            ..Found::somewhere(place.pointer.clone(), form)
        })
    }

    /// The object that has the policy, or has what has it.
    fn around<'n>(&self, tree: &'n Node, text: &str, place: &Place<'_>) -> Option<&'n Node> {
        let (outer, _) = place.pointer.rsplit_once('/')?;
        tree.at(text, outer)
    }

    /// The ARN of what the policy is attached to, in the same items of the same lists.
    fn resource(&self, tree: &Node, text: &str, pointer: &str) -> Option<String> {
        let steps: Vec<&str> = pointer.split('/').skip(1).collect();
        let of = |path: &str| {
            let (mut here, mut same, mut at) = (String::new(), true, 0);
            for step in path.split('.') {
                let (name, list) = step.strip_suffix("[]").map_or((step, false), |name| (name, true));
                same &= steps.get(at) == Some(&name);
                here.push_str(&format!("/{name}"));
                at += 1;
                if list {
                    here.push_str(&format!("/{}", steps.get(at).filter(|_| same)?));
                    at += 1;
                }
            }
            tree.at(text, &here)?.text(text).map(|arn| arn.into_owned())
        };
        self.arns.split(',').filter(|path| !path.is_empty()).find_map(of)
    }

    fn inline(&self, place: &Place<'_>, around: Option<&Node>, text: &str) -> Option<Inlined> {
        // `/RoleDetailList/3`
        let end = place.pointer.match_indices('/').nth(2).map_or(0, |(at, _)| at);
        let identity = place.pointer.get(..end).unwrap_or_default().to_owned();
        if let Some((_, of)) = INLINE.iter().find(|(path, _)| *path == self.path) {
            return Some(Inlined { of: *of, identity });
        }
        // The answers of `get-user-policy`, `get-group-policy` and `get-role-policy` differ in one name.
        let names = [("UserName", Inline::User), ("GroupName", Inline::Group), ("RoleName", Inline::Role)];
        let of = names.iter().find(|(name, _)| around.is_some_and(|node| node.get(text, name).is_some()));
        let (_, of) = of.filter(|_| self.path == "PolicyDocument")?;
        Some(Inlined { of: *of, identity: String::new() })
    }
}

/// The ARN of what a policy is attached to, as far as the id beside it tells.
fn id(around: &Node, text: &str) -> Option<String> {
    let (start, id) =
        IDS.iter().find_map(|(name, start)| Some((start, around.get(text, name)?.text(text)?)))?;
    match id.contains(['*', '$', '<', '{']) {
        true => None,
        false if id.starts_with("arn:") => Some(id.into_owned()),
        false => Some(format!("{start}{id}")),
    }
}

/// What a member says that names the kind of a policy.
enum Named {
    Kind(Kind),
    /// One in another language: tag policies, backup policies and such.
    Other,
}

fn named(around: &Node, text: &str) -> Option<Named> {
    let name = TYPES.iter().find_map(|pointer| around.at(text, pointer)?.text(text))?;
    let kind = match &*name {
        "SERVICE_CONTROL_POLICY" => Kind::Scp,
        "RESOURCE_CONTROL_POLICY" => Kind::Rcp,
        "IDENTITY_POLICY" => Kind::Identity,
        // Which one, its statements tell.
        "RESOURCE_POLICY" => return None,
        name => match name.split("::").collect::<Vec<_>>().as_slice() {
            ["AWS", "IAM", "AssumeRolePolicyDocument"] => Kind::Trust,
            ["AWS", service, _] => of_service(&service.to_ascii_lowercase()),
            _ => return Some(Named::Other),
        },
    };
    Some(Named::Kind(kind))
}

/// The kind of policy that the service of an ARN attaches to its resources; `None` for other ARNs.
fn of_arn(arn: &str) -> Option<Kind> {
    Some(of_service(arn.strip_prefix("arn:")?.split(':').nth(1)?))
}

fn of_service(service: &str) -> Kind {
    let own = |kind: &Kind| kind.names_principal() && *kind != Kind::Trust && kind.service() == Some(service);
    Kind::ALL.into_iter().find(own).unwrap_or(Kind::Resource)
}

/// Attributes of a topic or queue that has no policy yet.
fn absent(tree: &Node, text: &str) -> Option<Found> {
    let attributes = tree.get(text, "Attributes")?;
    let (kind, arn, envelope) = [
        (Kind::Sqs, "QueueArn", "the answer of `sqs get-queue-attributes`"),
        (Kind::Sns, "TopicArn", "the answer of `sns get-topic-attributes`"),
    ]
    .into_iter()
    .find_map(|(kind, name, envelope)| Some((kind, attributes.get(text, name)?.text(text)?, envelope)))?;
    let empty = attributes
        .get(text, "Policy")
        .is_none_or(|policy| policy.text(text).is_some_and(|text| text.is_empty()));
    empty.then(|| Found {
        candidates: vec![Candidate { kind, envelope }],
        resource: Some(arn.into_owned()),
        ..Found::somewhere(
            "/Attributes/Policy".to_owned(),
            match attributes.get(text, "Policy") {
                Some(policy) => Form::Escaped(policy.span),
                None => Form::Absent { object: attributes.span, name: "Policy" },
            },
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_more_than_an_answer_is_none() {
        for (text, pointer, wanted) in [
            (r#"{"Policy":"","RevisionId":"1"}"#, "/Policy", true),
            (r#"{"Policy":"","RevisionId":"1","ResponseMetadata":{}}"#, "/Policy", true),
            (r#"{"Policy":"","KeyId":"k","PolicyName":"default"}"#, "/Policy", true),
            // Each is a member of an answer, but of one and the same.
            (r#"{"Policy":"","KeyId":"k","Bucket":"b"}"#, "/Policy", false),
            (r#"{"Policy":"","roles":["r"]}"#, "/Policy", false),
            (r#"{"Policy":"","Grants":[]}"#, "/Policy", false),
            (r#"{"items":[{"id":"a","name":"n","policy":""}]}"#, "/items/0/policy", true),
            (r#"{"items":[{"account":"a","policy":""}]}"#, "/items/0/policy", false),
            (r#"{"account":"a","items":[{"policy":""}]}"#, "/items/0/policy", false),
            (r#"{"items":[{"policy":""},{"policyArn":"a"}]}"#, "/items/0/policy", false),
            (r#"{"Attributes":{"Policy":"","QueueArn":"q"}}"#, "/Attributes/Policy", true),
            (r#"{"Document":{},"VersionId":"v1"}"#, "/Document", true),
            (r#"{"anything":""}"#, "/anything", false),
        ] {
            assert_eq!(is_answer(&crate::parse::parse(text).tree, text, pointer), wanted, "{text}");
        }
    }

    #[test]
    fn every_place_has_its_members() {
        let paths = |table: &'static str| {
            let lines = table.lines().filter_map(|line| line.split('\t').next());
            lines.collect::<std::collections::BTreeSet<&str>>()
        };
        assert_eq!(paths(MEMBERS), paths(TABLE));
    }

    #[test]
    fn every_line_can_be_read() {
        for line in TABLE.lines().chain(CUT.lines()) {
            let columns: Vec<&str> = line.split('\t').collect();
            assert!(columns.len() > 2, "{line}");
            for column in &columns[2..] {
                let (kind, envelope) = column.split_once('=').unwrap();
                assert!(["-", "type"].contains(&kind) || kind.parse::<Kind>().is_ok(), "{line}");
                assert!(envelope.starts_with("the answer of ") || envelope.starts_with("the input of "));
            }
        }
    }
}
