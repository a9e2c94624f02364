//! What the AWS CLI prints, and what its put commands take.

use super::{Form, Found, Inlined, policy_form};
use crate::kind::{Inline, Kind};
use crate::parse::Node;

/// A place where an answer keeps a policy.
struct Place {
    /// The members from the root to the policy.
    path: &'static [&'static str],
    /// The command whose answer it is.
    command: &'static str,
    kind: Option<Kind>,
    /// Where the answer names what the policy hangs on.
    resource: &'static [&'static str],
}

const fn place(
    path: &'static [&'static str],
    command: &'static str,
    kind: Option<Kind>,
    resource: &'static [&'static str],
) -> Place {
    Place { path, command, kind, resource }
}

/// In the order in which they are tried; the first that holds a policy is the one.
const PLACES: [Place; 12] = [
    place(
        &["Attributes", "Policy"],
        "the answer of `sns get-topic-attributes`",
        Some(Kind::Sns),
        &["Attributes", "TopicArn"],
    ),
    place(
        &["Attributes", "Policy"],
        "the answer of `sqs get-queue-attributes`",
        Some(Kind::Sqs),
        &["Attributes", "QueueArn"],
    ),
    place(&["Attributes", "Policy"], "the answer of `get-…-attributes`", None, &[]),
    place(
        &["Role", "AssumeRolePolicyDocument"],
        "the answer of `iam get-role`",
        Some(Kind::Trust),
        &["Role", "Arn"],
    ),
    place(&["AssumeRolePolicyDocument"], "the answer of `iam role`", Some(Kind::Trust), &["Arn"]),
    place(
        &["PolicyVersion", "Document"],
        "the answer of `iam get-policy-version`",
        Some(Kind::Identity),
        &[],
    ),
    place(&["PolicyDocument"], "the answer of `iam get-role-policy`", Some(Kind::Identity), &[]),
    place(&["Document"], "the answer of `iam policy version`", Some(Kind::Identity), &[]),
    place(
        &["ResourcePolicy"],
        "the answer of `secretsmanager get-resource-policy`",
        Some(Kind::SecretsManager),
        &["ARN"],
    ),
    place(&["policyText"], "the answer of `ecr get-repository-policy`", Some(Kind::Ecr), &[]),
    place(&["Policy", "Content"], "the answer of `organizations describe-policy`", None, &[]),
    place(&["Policy"], "the answer of `get-…-policy`", None, &[]),
];

/// The policy in an answer of the AWS CLI, if the tree is one.
pub(super) fn locate(tree: &Node, text: &str) -> Vec<Found> {
    PLACES
        .iter()
        .find_map(|place| find(place, tree, text))
        .or_else(|| absent(tree, text))
        .into_iter()
        .collect()
}

fn find(place: &Place, tree: &Node, text: &str) -> Option<Found> {
    let resource = walk(tree, text, place.resource).and_then(|node| node.text(text));
    if place.kind.is_some_and(|kind| matches!(kind, Kind::Sns | Kind::Sqs)) && resource.is_none() {
        return None;
    }
    let form = policy_form(walk(tree, text, place.path)?, text)?;
    let mut found = Found {
        pointer: place.path.iter().flat_map(|step| ["/", step]).collect(),
        kind: place.kind,
        resource: resource.filter(|_| !place.resource.is_empty()).map(|resource| resource.into_owned()),
        envelope: Some(place.command),
        inline: inline(place, tree, text),
        form,
    };
    // Only `kms get-key-policy` names its policy, and calls it this.
    if found.pointer == "/Policy" && tree.get(text, "PolicyName").is_some() {
        found.kind = Some(Kind::Kms);
        found.envelope = Some("the answer of `kms get-key-policy`");
    }
    Some(found)
}

/// The answers of `get-user-policy`, `get-group-policy` and `get-role-policy` differ in one name.
fn inline(place: &Place, tree: &Node, text: &str) -> Option<Inlined> {
    let names = [("UserName", Inline::User), ("GroupName", Inline::Group), ("RoleName", Inline::Role)];
    let of = names.iter().find(|(name, _)| tree.get(text, name).is_some()).map(|(_, of)| *of);
    let of = of.filter(|_| place.path == ["PolicyDocument"])?;
    Some(Inlined { of, identity: String::new() })
}

fn walk<'n>(tree: &'n Node, text: &str, path: &[&str]) -> Option<&'n Node> {
    path.iter().try_fold(tree, |node, step| node.get(text, step))
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
        pointer: "/Attributes/Policy".to_owned(),
        kind: Some(kind),
        resource: Some(arn.into_owned()),
        envelope: Some(envelope),
        inline: None,
        form: match attributes.get(text, "Policy") {
            Some(policy) => Form::Escaped(policy.span),
            None => Form::Absent { object: attributes.span, name: "Policy" },
        },
    })
}
