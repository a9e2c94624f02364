//! What a policy is attached to, as far as its file says: what stands beside it in a resource that is there for the
//! policy alone (`Bucket`, `Roles`), and the roles, users and groups that refer to it.

use crate::parse::{Node, Value, dense};
use crate::policy::template::Template;

/// Something that decides what a policy is attached to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Attachment {
    /// The name of the member, as `Roles`.
    pub name: String,
    /// What tells its value from others, with all that the value refers to.
    value: String,
}

/// Members that say nothing of where the policy counts, in lower case and without underscores.
const NEUTRAL: [&str; 20] = [
    "arn",
    "attachmentcount",
    "blockpublicpolicy",
    "bypasspolicylockoutcheck",
    "bypasspolicylockoutsafetycheck",
    "confirmremoveselfbucketaccess",
    "description",
    "id",
    "managedpolicyname",
    "name",
    "nameprefix",
    "ownerid",
    "path",
    "policyid",
    "policyname",
    "revisionid",
    "skipdestroy",
    "tags",
    "tagsall",
    "timeouts",
];

/// Resources with a policy that counts for another one, which these members name.
const OTHERS: [(&[&str], &[&str]); 2] = [
    (&["AWS::S3::AccessPoint", "aws_s3_access_point"], &["bucket", "bucketaccountid", "accountid"]),
    (&["AWS::EC2::VPCEndpoint", "aws_vpc_endpoint"], &["servicename", "vpcid"]),
];

/// The members by which roles, users and groups refer to a policy.
const REFERRING: [&str; 2] = ["ManagedPolicyArns", "PermissionsBoundary"];

/// What the policy at a pointer from the root is attached to; `None` if nothing says so, as where it is a part of the
/// resource that it is about.
pub(super) fn attachments(
    pointer: &str,
    tree: &Node,
    text: &str,
    template: &Template,
) -> Option<Vec<Attachment>> {
    let (owner, kind) = owner(pointer, tree, text)?;
    // The policy may be what a function gives.
    let below = without_functions(pointer.get(owner.len()..)?);
    let (parent, own) = pointer.get(..owner.len() + below.len())?.rsplit_once('/')?;
    let of_policy = kind.to_ascii_lowercase().ends_with("policy");
    let named = OTHERS.iter().find(|(kinds, _)| kinds.contains(&&*kind)).map(|(_, members)| *members);
    if !of_policy && named.is_none() {
        return None;
    }
    let counts = |name: &str| {
        let name = name.replace('_', "").to_ascii_lowercase();
        named.map_or(!NEUTRAL.contains(&&*name), |named| named.contains(&&*name))
    };
    let mut found: Vec<Attachment> = Vec::new();
    let beside = tree.at(text, parent)?;
    // How many there are decides no more than that, where nothing in each tells it from the others.
    let all = beside.span.slice(text);
    let is_number = |name: &str| {
        (name == "count" && !all.contains("count.index")) || (name == "for_each" && !all.contains("each."))
    };
    for member in beside.members() {
        let name = member.key.text(text).into_owned();
        if name != own && counts(&name) && !is_number(&name) && !is_nothing(&member.value) {
            found.push(Attachment { name, value: template.name_of(&member.value, text).into() });
        }
    }
    if let Some(name) = owner.strip_prefix("/Resources/") {
        found.extend(references(name, tree, text));
    }
    found.sort_unstable();
    Some(found)
}

/// The names of what is attached otherwise in the one than in the other.
pub(super) fn differing<'a>(one: &'a [Attachment], other: &'a [Attachment]) -> Vec<&'a str> {
    let only = |these: &'a [Attachment], those: &'a [Attachment]| {
        these.iter().filter(|this| !those.contains(this)).map(|this| this.name.as_str())
    };
    let mut names: Vec<&str> = only(one, other).chain(only(other, one)).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// A pointer without the functions that it ends in: `/Fn::If/1`.
fn without_functions(mut pointer: &str) -> &str {
    while let Some((before, function)) = pointer.rsplit_once("/Fn::") {
        if function.split('/').count() > 2 {
            break;
        }
        pointer = before;
    }
    pointer
}

/// The resource that a policy is written in: its pointer, and its type.
fn owner(pointer: &str, tree: &Node, text: &str) -> Option<(String, String)> {
    let of_terraform = pointer.strip_prefix("/resource/").and_then(|rest| {
        let (kind, rest) = rest.split_once('/')?;
        let (name, _) = rest.split_once('/')?;
        Some((format!("/resource/{kind}/{name}"), kind.to_owned()))
    });
    of_terraform.or_else(|| {
        let mut ends = pointer.match_indices('/').map(|(at, _)| pointer.get(..at).unwrap_or_default()).rev();
        ends.find_map(|outer| {
            let node = tree.at(text, outer)?;
            let kind = ["Type", "type", "kind"].iter().find_map(|name| node.get(text, name)?.text(text))?;
            Some((outer.to_owned(), kind.into_owned()))
        })
    })
}

/// The places where other resources of a template refer to one by its name.
fn references(name: &str, tree: &Node, text: &str) -> Vec<Attachment> {
    let name_in_text = format!("\"{name}\"");
    let is_about = |node: &Node| dense(node.span.slice(text)).collect::<String>().contains(&name_in_text);
    let mut found = Vec::new();
    for resource in tree.get(text, "Resources").into_iter().flat_map(Node::members) {
        for member in REFERRING {
            let Some(value) = resource.value.get(text, "Properties").and_then(|node| node.get(text, member))
            else {
                continue;
            };
            let items = match &value.value {
                Value::Array(items) => items.as_slice(),
                _ => std::slice::from_ref(value),
            };
            found.extend(items.iter().filter(|item| is_about(item)).map(|item| Attachment {
                name: format!("{member} of {}", resource.key.text(text)),
                value: dense(item.span.slice(text)).collect(),
            }));
        }
    }
    found
}

/// Whether a member is written as one that is not there.
fn is_nothing(node: &Node) -> bool {
    matches!(&node.value, Value::Null) || matches!(&node.value, Value::Array(items) if items.is_empty())
}
