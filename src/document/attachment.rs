//! What a policy is attached to, as far as its file says: what stands beside it in a resource that is there for the
//! policy alone (`Bucket`, `Roles`), and the roles, users and groups that refer to it.

use std::collections::{HashMap, HashSet};

use super::plan::is_provider;
use crate::kind::Kind;
use crate::parse::{Node, Value, dense};
use crate::policy::Arn;
use crate::policy::template::{Template, roots};

/// Something that decides what a policy is attached to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Attachment {
    /// The name of the member, as `Roles`.
    pub name: String,
    /// What tells its value from others, with all that the value refers to.
    pub(super) value: String,
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
    references: &References,
) -> Option<Vec<Attachment>> {
    let Owner { pointer: owner, kind, .. } = owner(pointer, tree, text)?;
    // The policy may be what a function gives.
    let below = without_functions(pointer.get(owner.len()..)?);
    // In YAML, what is merged into an object is that object's own.
    let below = below.split_once("/<<").map_or(below, |(below, _)| below);
    let (parent, own) = pointer.get(..owner.len() + below.len())?.rsplit_once('/')?;
    let of_policy = kind.to_ascii_lowercase().ends_with("policy");
    let named = naming(&kind);
    if !of_policy && named.is_none() {
        return None;
    }
    let counts = |name: &str| is_attaching(name, named);
    let mut found: Vec<Attachment> = Vec::new();
    let beside = tree.at(text, parent)?;
    // How many there are decides no more than that, where nothing in each tells it from the others.
    let all = beside.span.slice(text);
    let is_number = |name: &str| {
        (name == "count" && !all.contains("count.index")) || (name == "for_each" && !all.contains("each."))
    };
    for member in beside.members() {
        let name = member.key.text(text).into_owned();
        if name == own || !counts(&name) || is_number(&name) {
            continue;
        }
        // In any order.
        for item in items(&member.value).iter().filter(|item| !is_nothing(item, text)) {
            found.push(Attachment { name: name.clone(), value: template.name_of(item, text).into() });
        }
    }
    if let Some((_, name)) = owner.rsplit_once("/Resources/") {
        found.extend(references.to(name));
    }
    if let Some(name) = owner.strip_prefix("/resource/") {
        found.extend(attached_by(&name.replace('/', "."), tree, text));
    }
    found.push(Attachment { name: "Type".to_owned(), value: kind.to_string() });
    found.sort_unstable();
    Some(found)
}

/// Adds what a plan or state says of where the resource goes that the policy at a pointer is written in.
pub(super) fn add_planned(
    pointer: &str,
    tree: &Node,
    text: &str,
    planned: &[Attachment],
    attachments: Option<&mut Vec<Attachment>>,
    holder: &mut Vec<Attachment>,
) {
    let kind = owner(pointer, tree, text).map(|owner| owner.kind).unwrap_or_default();
    let own = pointer.rsplit('/').next().unwrap_or_default();
    let all = || planned.iter().filter(|one| one.name != own).cloned();
    if let Some(attachments) = attachments {
        attachments
            .extend(all().filter(|one| is_provider(&one.name) || is_attaching(&one.name, naming(&kind))));
        attachments.sort_unstable();
    }
    holder.extend(all().filter(|one| is_provider(&one.name) || is_name(&one.name)));
}

/// The members that name another resource that the policy of one of this type counts for.
fn naming(kind: &str) -> Option<&'static [&'static str]> {
    OTHERS.iter().find(|(kinds, _)| kinds.contains(&kind)).map(|(_, members)| *members)
}

/// Whether a member says where a policy counts; `named` are the ones that alone do.
fn is_attaching(name: &str, named: Option<&[&str]>) -> bool {
    let name = name.replace('_', "").to_ascii_lowercase();
    named.map_or(!NEUTRAL.contains(&&*name), |named| named.contains(&&*name))
}

/// Whether a member names what a policy is written in.
fn is_name(name: &str) -> bool {
    let name = name.replace('_', "").to_ascii_lowercase();
    (name.ends_with("name") && !name.contains("policy")) || name == "path"
}

/// The names that a role, user, repository or the like has beside a policy that is written in it: another name is another
/// one.
pub(super) fn holder(pointer: &str, tree: &Node, text: &str, template: &Template) -> Vec<Attachment> {
    let Some(Owner { pointer: owner, kind, .. }) = owner(pointer, tree, text) else { return Vec::new() };
    if kind.to_ascii_lowercase().ends_with("policy") {
        return Vec::new();
    }
    // In a plan, the resource itself has the name that Terraform knows it by.
    let first = if owner.starts_with("/resource/") { owner.len() } else { owner.len() + 1 };
    let ends = pointer.match_indices('/').map(|(at, _)| at).filter(|at| *at >= first);
    let around = ends.filter_map(|end| tree.at(text, pointer.get(..end)?));
    let names = around.flat_map(Node::members).filter(|member| is_name(&member.key.text(text)));
    let one = |member: &crate::parse::Member| Attachment {
        name: member.key.text(text).into_owned(),
        value: template.name_of(&member.value, text).into(),
    };
    names.filter(|member| !is_nothing(&member.value, text)).map(one).collect()
}

/// The members that name the resource of a policy, in lower case and without underscores, and the kinds of such policies.
const NAMING: [(&[Kind], &[&str]); 5] = [
    (&[Kind::S3], &["bucket"]),
    (&[Kind::Sqs], &["queues", "queue", "queueurl"]),
    (&[Kind::Sns], &["topics", "topic", "topicarn"]),
    (&[Kind::SecretsManager], &["secretid", "secretarn"]),
    (&[Kind::Kms], &["keyid"]),
];

/// The ARN of the resource that a policy of this kind is attached to, where the file names it literally beside the policy;
/// `None` where a function or expression does, or nothing, or several are named.
pub(super) fn named(pointer: &str, kind: Kind, policy: &str, tree: &Node, text: &str) -> Option<String> {
    let (_, names) = NAMING.iter().find(|(kinds, _)| kinds.contains(&kind))?;
    let Owner { pointer: owner, kind: of, .. } = owner(pointer, tree, text)?;
    let below = without_functions(pointer.get(owner.len()..)?);
    let (parent, _) = pointer.get(..owner.len() + below.len())?.rsplit_once('/')?;
    // The policy of an access point counts for that, and names its bucket as well.
    if OTHERS.iter().any(|(types, _)| types.contains(&&*of)) {
        return None;
    }
    let is_naming = |name: &str| names.contains(&&*name.replace('_', "").to_ascii_lowercase());
    let members = tree.at(text, parent)?.members().iter();
    let mut values = members.filter(|member| is_naming(&member.key.text(text))).map(|member| &member.value);
    let (Some(value), None) = (values.next(), values.next()) else { return None };
    let value = match value.items() {
        [] => value,
        [only] => only,
        _ => return None,
    };
    let value = bucket_name(value, tree, text).unwrap_or(value);
    let name = value.text(text).filter(|_| matches!(value.value, Value::String { .. }))?;
    if Arn::parse(&name).is_some_and(|arn| is_whole(&arn, kind)) {
        return Some(name.into_owned());
    }
    match kind {
        Kind::S3 if is_bucket_name(&name) => Some(format!("arn:{}:s3:::{name}", partition(policy)?)),
        Kind::Sqs => queue(&name),
        _ => None,
    }
}

/// The name of the bucket that a reference is to, where the same template has both.
fn bucket_name<'n>(reference: &Node, tree: &'n Node, text: &str) -> Option<&'n Node> {
    let bucket = tree.get(text, "Resources")?.get(text, &reference.get(text, "Ref")?.text(text)?)?;
    let is_bucket = bucket.get(text, "Type")?.text(text)? == "AWS::S3::Bucket";
    bucket.at(text, "/Properties/BucketName").filter(|_| is_bucket)
}

/// Whether an ARN is that of one resource to which policies of this kind are attached.
fn is_whole(arn: &Arn<'_>, kind: Kind) -> bool {
    let is_literal =
        |part: &str| part.chars().all(|one| one.is_ascii_alphanumeric() || "-_./:+=@".contains(one));
    let is_own = kind.service().is_some_and(|service| match kind {
        Kind::S3 => arn.service.starts_with(service),
        Kind::Kms => arn.service == service && arn.resource.starts_with("key/"),
        _ => arn.service == service && crate::policy::is_account_id(arn.account),
    });
    is_own && [arn.partition, arn.region, arn.account, arn.resource].into_iter().all(is_literal)
}

/// Whether a text is the name of a bucket, and not of one whose ARN has a Region and an account. S3 guide, "General purpose
/// bucket naming rules".
fn is_bucket_name(text: &str) -> bool {
    let is_name = |one: char| one.is_ascii_lowercase() || one.is_ascii_digit() || "-.".contains(one);
    (3..64).contains(&text.len()) && text.chars().all(is_name) && !text.ends_with("-x-s3")
}

/// The partition of what a policy is about: the one that it names, or any if it names none.
fn partition(policy: &str) -> Option<String> {
    let named = |rest: &str| rest.split([':', '"']).next().unwrap_or_default().to_owned();
    let mut named: Vec<String> = policy.split("arn:").skip(1).map(named).collect();
    if policy.contains("AWS::Partition") {
        named.push("$".to_owned());
    }
    named.sort_unstable();
    named.dedup();
    let is_literal = |text: &str| text.chars().all(|one| one.is_ascii_lowercase() || one == '-');
    match named.as_slice() {
        [] => Some("aws".to_owned()),
        [one] if one.starts_with("aws") && is_literal(one) => Some(one.clone()),
        all => all.iter().all(|one| one.contains(['$', '*'])).then(|| "aws".to_owned()),
    }
}

/// The ARN of the queue at a URL. SQS guide, "Queue and message identifiers".
fn queue(url: &str) -> Option<String> {
    let rest = url.strip_prefix("https://sqs.")?;
    let (region, rest) = rest.split_once('.')?;
    let (partition, path) = match rest.split_once('/')? {
        ("amazonaws.com.cn", path) => ("aws-cn", path),
        ("amazonaws.com", path) if region.starts_with("us-gov-") => ("aws-us-gov", path),
        ("amazonaws.com", path) => ("aws", path),
        _ => return None,
    };
    let (account, name) = path.split_once('/')?;
    let arn = format!("arn:{partition}:sqs:{region}:{account}:{name}");
    Arn::parse(&arn).is_some_and(|arn| is_whole(&arn, Kind::Sqs) && !name.contains('/')).then(|| arn.clone())
}

/// The names of what is attached otherwise in the one than in the other.
pub(super) fn differing<'a>(one: &'a [Attachment], other: &'a [Attachment]) -> Vec<&'a str> {
    let [own, others] = [one, other].map(|all| all.iter().collect::<HashSet<&Attachment>>());
    // The state that is shown, for one, says nothing of providers.
    let both_tell = |name: &str| [one, other].iter().all(|all| all.iter().any(|this| this.name == name));
    let names = own.symmetric_difference(&others).map(|this| this.name.as_str());
    let mut names: Vec<&str> = names.filter(|name| !is_provider(name) || both_tell(name)).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// The resource that a policy is written in, and what keeps it in the account once its template no longer has it:
/// `DeletionPolicy: Retain`. CloudFormation guide, "`DeletionPolicy` attribute".
pub(super) fn retained(pointer: &str, tree: &Node, text: &str) -> Option<(String, String)> {
    let Owner { pointer: owner, .. } = owner(pointer, tree, text)?;
    let policy = tree.at(text, &owner)?.get(text, "DeletionPolicy")?;
    match policy.text(text) {
        Some(of) if ["Delete", "Snapshot"].contains(&&*of) => None,
        Some(of) => Some((owner, format!("DeletionPolicy: {of}"))),
        None => Some((owner, "DeletionPolicy".to_owned())),
    }
}

/// Whether a configuration of Terraform says that a resource, `aws_iam_policy.a`, stays in the account without it.
/// Terraform language, "Removed block".
pub(super) fn is_forgotten(address: &str, tree: &Node, text: &str) -> bool {
    let Some(removed) = tree.get(text, "removed") else { return false };
    let blocks = if removed.items().is_empty() { std::slice::from_ref(removed) } else { removed.items() };
    blocks.iter().any(|block| {
        let is_of =
            block.get(text, "from").and_then(|node| node.text(text)).is_some_and(|from| from == address);
        let destroys =
            block.at(text, "/lifecycle/destroy").or_else(|| block.at(text, "/lifecycle/0/destroy"));
        is_of && destroys.is_some_and(|node| node.value == Value::Bool(false))
    })
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

/// The resource that a policy is written in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Owner {
    /// Where it is, from the root.
    pub(super) pointer: String,
    /// Its type.
    pub(super) kind: String,
    /// What a plan of Terraform knows it by.
    pub(super) address: Option<String>,
}

/// The resource that a policy is written in.
pub(super) fn owner(pointer: &str, tree: &Node, text: &str) -> Option<Owner> {
    let of_terraform = pointer.strip_prefix("/resource/").and_then(|rest| {
        let (kind, rest) = rest.split_once('/')?;
        let (name, _) = rest.split_once('/')?;
        Some(Owner { pointer: format!("/resource/{kind}/{name}"), kind: kind.to_owned(), address: None })
    });
    of_terraform.or_else(|| {
        let mut ends = pointer.match_indices('/').map(|(at, _)| pointer.get(..at).unwrap_or_default()).rev();
        ends.find_map(|outer| {
            let node = tree.at(text, outer)?;
            let kind = ["Type", "type", "kind"].iter().find_map(|name| node.get(text, name)?.text(text))?;
            let address = node.get(text, "address").and_then(|node| node.text(text));
            let address = address.map(|address| address.into_owned());
            Some(Owner { pointer: outer.to_owned(), kind: kind.into_owned(), address })
        })
    })
}

/// What the roles, users and groups of a template refer to as their policies.
#[derive(Debug, Default)]
pub(super) struct References {
    found: Vec<Attachment>,
    /// Their places, by each of the texts in them, as a logical id in a `Ref`.
    places: HashMap<String, Vec<usize>>,
}

impl References {
    pub(super) fn new(tree: &Node, text: &str) -> Self {
        let mut references = References::default();
        let resources = roots(tree, text).into_iter().filter_map(|root| root.get(text, "Resources"));
        for resource in resources.flat_map(Node::members) {
            let Some(properties) = resource.value.get(text, "Properties") else { continue };
            for member in REFERRING {
                let Some(value) = properties.get(text, member) else { continue };
                for item in items(value) {
                    let place = references.found.len();
                    let name = format!("{member} of {}", resource.key.text(text));
                    let value = dense(item.span.slice(text)).collect();
                    references.found.push(Attachment { name, value });
                    item.each_string(&mut |span| {
                        let name = span.slice(text).trim_matches('"').to_owned();
                        references.places.entry(name).or_default().push(place);
                    });
                }
            }
        }
        references
    }

    fn to(&self, name: &str) -> impl Iterator<Item = Attachment> {
        let mut places = self.places.get(name).cloned().unwrap_or_default();
        places.dedup();
        places.into_iter().map(|place| self.found[place].clone())
    }
}

/// The resources of a configuration of Terraform that attach the one of that address to something.
fn attached_by(address: &str, tree: &Node, text: &str) -> Vec<Attachment> {
    let start = format!("{address}.");
    let mut found = Vec::new();
    for of_type in tree.get(text, "resource").into_iter().flat_map(Node::members) {
        let kind = of_type.key.text(text);
        for named in of_type.value.members().iter().filter(|_| kind.ends_with("_attachment")) {
            let value: String = dense(named.value.span.slice(text)).collect();
            let mut before = value.match_indices(&start).map(|(at, _)| value[..at].chars().next_back());
            if before.any(|before| before.is_none_or(|before| !before.is_alphanumeric() && before != '_')) {
                found.push(Attachment { name: format!("{kind}.{}", named.key.text(text)), value });
            }
        }
    }
    found
}

/// The items of a list, or the only value.
fn items(value: &Node) -> &[Node] {
    match &value.value {
        Value::Array(items) => items,
        _ => std::slice::from_ref(value),
    }
}

/// Whether a member is written as one that is not there.
fn is_nothing(node: &Node, text: &str) -> bool {
    let is_no_value = || match node.members() {
        [only] => {
            only.key.text(text) == "Ref" && only.value.text(text).is_some_and(|name| name == "AWS::NoValue")
        }
        _ => false,
    };
    matches!(&node.value, Value::Null)
        || matches!(&node.value, Value::Array(items) if items.is_empty())
        || is_no_value()
}
