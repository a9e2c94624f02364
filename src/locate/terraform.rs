//! `terraform show -json` of a plan or state, and configurations in JSON: the attributes that are policies, as strings of
//! JSON, or as expressions.

use super::path::{Place, places};
use super::{Candidate, Form, Found, Inlined, anywhere, names, policy_form};
use crate::kind::{Inline, Kind};
use crate::parse::{Node, Value};
use crate::span::Span;

/// An attribute that is a policy: the resource's type, the path to it, what kind of policy it is;
/// `None` where the content tells.
type Attribute = (&'static str, &'static str, Option<Kind>);

/// Sorted by type. Data sources (`aws_iam_policy_document`) are among them.
const ATTRIBUTES: &[Attribute] = &[
    ("aws_api_gateway_rest_api", "policy", Some(Kind::Resource)),
    ("aws_api_gateway_rest_api_policy", "policy", Some(Kind::Resource)),
    ("aws_backup_vault_policy", "policy", Some(Kind::Resource)),
    ("aws_cloudwatch_event_bus_policy", "policy", Some(Kind::Resource)),
    ("aws_cloudwatch_log_destination_policy", "access_policy", Some(Kind::Resource)),
    ("aws_cloudwatch_log_resource_policy", "policy_document", Some(Kind::Resource)),
    ("aws_codeartifact_domain_permissions_policy", "policy_document", Some(Kind::Resource)),
    ("aws_codeartifact_repository_permissions_policy", "policy_document", Some(Kind::Resource)),
    ("aws_dynamodb_resource_policy", "policy", Some(Kind::Resource)),
    ("aws_ecr_registry_policy", "policy", Some(Kind::Resource)),
    ("aws_ecr_repository_policy", "policy", Some(Kind::Ecr)),
    ("aws_ecrpublic_repository_policy", "policy", Some(Kind::Resource)),
    ("aws_efs_file_system_policy", "policy", Some(Kind::Resource)),
    ("aws_elasticsearch_domain", "access_policies", Some(Kind::Resource)),
    ("aws_elasticsearch_domain_policy", "access_policies", Some(Kind::Resource)),
    ("aws_glacier_vault", "access_policy", Some(Kind::Resource)),
    ("aws_iam_group_policy", "policy", Some(Kind::Identity)),
    ("aws_iam_policy", "policy", Some(Kind::Identity)),
    ("aws_iam_policy_document", "json", None),
    ("aws_iam_role", "assume_role_policy", Some(Kind::Trust)),
    ("aws_iam_role", "inline_policy[].policy", Some(Kind::Identity)),
    ("aws_iam_role_policy", "policy", Some(Kind::Identity)),
    ("aws_iam_user_policy", "policy", Some(Kind::Identity)),
    ("aws_iot_policy", "policy", Some(Kind::Iot)),
    ("aws_kinesis_resource_policy", "policy", Some(Kind::Resource)),
    ("aws_kms_external_key", "policy", Some(Kind::Kms)),
    ("aws_kms_key", "policy", Some(Kind::Kms)),
    ("aws_kms_key_policy", "policy", Some(Kind::Kms)),
    ("aws_kms_replica_external_key", "policy", Some(Kind::Kms)),
    ("aws_kms_replica_key", "policy", Some(Kind::Kms)),
    ("aws_msk_cluster_policy", "policy", Some(Kind::Resource)),
    ("aws_opensearch_domain", "access_policies", Some(Kind::Resource)),
    ("aws_opensearch_domain_policy", "access_policies", Some(Kind::Resource)),
    ("aws_organizations_policy", "content", None),
    ("aws_organizations_resource_policy", "content", Some(Kind::Resource)),
    ("aws_s3_access_point", "policy", Some(Kind::S3)),
    ("aws_s3_bucket", "policy", Some(Kind::S3)),
    ("aws_s3_bucket_policy", "policy", Some(Kind::S3)),
    ("aws_s3control_access_point_policy", "policy", Some(Kind::S3)),
    ("aws_s3control_bucket_policy", "policy", Some(Kind::S3)),
    ("aws_s3control_multi_region_access_point_policy", "details[].policy", Some(Kind::S3)),
    ("aws_secretsmanager_secret", "policy", Some(Kind::SecretsManager)),
    ("aws_secretsmanager_secret_policy", "policy", Some(Kind::SecretsManager)),
    ("aws_sns_topic", "policy", Some(Kind::Sns)),
    ("aws_sns_topic_policy", "policy", Some(Kind::Sns)),
    ("aws_sqs_queue", "policy", Some(Kind::Sqs)),
    ("aws_sqs_queue_policy", "policy", Some(Kind::Sqs)),
    ("aws_ssoadmin_permission_set_inline_policy", "inline_policy", Some(Kind::Identity)),
    ("aws_vpc_endpoint", "policy", Some(Kind::Endpoint)),
    ("aws_vpc_endpoint_policy", "policy", Some(Kind::Endpoint)),
];

/// The types whose identity policies are inline ones, whose these are, and the attribute that names it.
const INLINE: [(&str, Inline, &str); 4] = [
    ("aws_iam_group_policy", Inline::Group, "group"),
    ("aws_iam_role", Inline::Role, "name"),
    ("aws_iam_role_policy", Inline::Role, "role"),
    ("aws_iam_user_policy", Inline::User, "user"),
];

const PLAN: &str = "a Terraform plan";
const STATE: &str = "a Terraform state";

/// How deep modules are followed. Terraform's own limit is far below.
const MODULES: usize = 64;

/// The policies of a plan or state, if the tree is one.
pub(super) fn locate(tree: &Node, text: &str) -> Vec<Found> {
    let (resources, said) = resources(tree, text);
    let policies = |(kind, resource): &(String, Place<'_>)| policies_of(kind, resource, text, said);
    let mut found: Vec<Found> = resources.iter().flat_map(policies).collect();
    for change in places(Place::root(tree), text, "resource_changes[]") {
        found.extend(unknown(&change, text));
    }
    if said.envelope.is_empty() {
        found.extend(blocks(tree, text).iter().flat_map(|(name, block)| configured(name, block, text)));
    }
    found
}

pub(super) const CONFIGURATION: &str = "a Terraform configuration";

/// The blocks `resource` of a configuration in JSON, each behind its type. Each level may be a list of objects.
fn blocks<'n>(tree: &'n Node, text: &str) -> Vec<(String, Place<'n>)> {
    let each = |place: Place<'n>| -> Vec<Place<'n>> {
        match place.node.items() {
            [] => vec![place],
            items => items.iter().enumerate().map(|(at, item)| place.under(&at.to_string(), item)).collect(),
        }
    };
    let members = |place: &Place<'n>| -> Vec<(String, Place<'n>)> {
        let member = |member: &'n crate::parse::Member| {
            let name = member.key.text(text).into_owned();
            let below = place.under(&name, &member.value);
            (name, below)
        };
        place.node.members().iter().map(member).collect()
    };
    let mut found = Vec::new();
    for resources in places(Place::root(tree), text, "resource").into_iter().flat_map(each) {
        for (kind, named) in members(&resources) {
            let named = each(named).into_iter().flat_map(|named| members(&named));
            let all = named.flat_map(|(_, block)| each(block)).filter(Place::is_object);
            found.extend(all.map(|block| (kind.clone(), block)));
        }
    }
    found
}

/// The policies of a block: what is written out, and expressions.
fn configured(name: &str, block: &Place<'_>, text: &str) -> Vec<Found> {
    let said = Said { envelope: CONFIGURATION, values: "" };
    let mut found = policies_of(name, block, text, said);
    let is_expression = |place: &Place<'_>| {
        place.node.text(text).is_some_and(|text| text.contains("${") || text.contains("%{"))
    };
    let is_known = rows(name).next().is_some();
    let of = block.node.get(text, "type").and_then(|node| node.text(text));
    let mut attributes: Vec<(Place<'_>, Option<Kind>)> = Vec::new();
    for &(_, path, kind) in rows(name) {
        let Some(kind) = kind_of(name, kind, of.as_deref()) else { continue };
        attributes.extend(each_of(block, text, path).into_iter().map(|place| (place, kind)));
    }
    if !is_known && ["aws_", "awscc_"].iter().any(|start| name.starts_with(start)) {
        anywhere::walk(block.clone(), text, &mut |place, member| {
            if names::is_policy(name, member) {
                attributes.push((place.clone(), None));
            }
            true
        });
    }
    attributes.retain(|(place, _)| {
        is_expression(place) && found.iter().all(|found| found.pointer != place.pointer)
    });
    found.extend(attributes.into_iter().map(|(place, kind)| {
        let label = place.node.text(text).unwrap_or_default().into_owned();
        let form = Form::Unknown { span: place.node.span, label };
        Found {
            candidates: kind.map(|kind| Candidate { kind, envelope: CONFIGURATION }).into_iter().collect(),
            envelope: Some(CONFIGURATION),
            ..Found::somewhere(place.pointer, form)
        }
    }));
    found
}

/// Where a path leads to. A block that there may be several of is a list, or stands alone.
fn each_of<'n>(start: &Place<'n>, text: &str, path: &str) -> Vec<Place<'n>> {
    let mut found = places(start.clone(), text, path);
    if path.contains("[]") {
        found.extend(places(start.clone(), text, &path.replace("[]", "")));
    }
    found
}

/// The policies of a resource in a plan that are known only after it was carried out.
fn unknown(change: &Place<'_>, text: &str) -> Vec<Found> {
    let string = |name: &str| change.node.get(text, name).and_then(|node| node.text(text));
    let (Some(name), Some(address)) = (string("type"), string("address")) else { return Vec::new() };
    let mut attributes: Vec<(Place<'_>, Option<Kind>)> = Vec::new();
    let of = change.node.at(text, "/change/after/type").and_then(|node| node.text(text));
    for &(_, path, kind) in rows(&name) {
        let Some(kind) = kind_of(&name, kind, of.as_deref()) else { continue };
        let places = places(change.clone(), text, &format!("change.after_unknown.{path}"));
        attributes.extend(places.into_iter().map(|place| (place, kind)));
    }
    // In the other types of AWS, what is called as a policy is one if it has such a text.
    if rows(&name).next().is_none() && ["aws_", "awscc_"].iter().any(|start| name.starts_with(start)) {
        for start in places(change.clone(), text, "change.after_unknown") {
            anywhere::walk(start, text, &mut |place, member| {
                if names::is_policy(&name, member) {
                    attributes.push((place.clone(), None));
                }
                true
            });
        }
    }
    attributes.retain(|(place, _)| place.node.value == Value::Bool(true));
    let unknown = |(place, kind): (Place<'_>, Option<Kind>)| {
        // As Terraform itself writes it.
        let label = format!("{address} (known after apply)");
        let form = Form::Unknown { span: place.node.span, label };
        Found {
            candidates: kind.map(|kind| Candidate { kind, envelope: PLAN }).into_iter().collect(),
            envelope: Some(PLAN),
            ..Found::somewhere(place.pointer, form)
        }
    };
    attributes.into_iter().map(unknown).collect()
}

/// The data sources `aws_iam_policy_document` of a configuration: where the name of each is.
pub(super) fn documents(tree: &Node, text: &str) -> Vec<Span> {
    let mut found = Vec::new();
    for data in places(Place::root(tree), text, "data") {
        // Each level may be a list of objects.
        anywhere::walk(data, text, &mut |place, name| {
            let is_type = name == "aws_iam_policy_document";
            if is_type {
                let objects = place.node.items().iter().chain([place.node]);
                found.extend(objects.flat_map(Node::members).map(|member| member.key.span));
            }
            !is_type
        });
    }
    found
}

/// The attributes of a type that are policies.
fn rows(name: &str) -> impl Iterator<Item = &'static Attribute> {
    let start = ATTRIBUTES.partition_point(|(known, ..)| *known < name);
    ATTRIBUTES[start..].iter().take_while(move |(known, ..)| *known == name)
}

/// Whether a type has policies that are read.
pub(super) fn has_policies(kind: &str) -> bool {
    rows(kind).next().is_some()
}

/// Whether a file is a plan or state.
pub(super) fn is_planned(tree: &Node, text: &str) -> bool {
    let has = |name: &str| tree.get(text, name).is_some();
    has("format_version") || has("terraform_version") && has("lineage")
}

/// The CloudFormation templates in it, which are strings.
pub(super) fn bodies<'n>(tree: &'n Node, text: &str) -> Vec<Place<'n>> {
    let types = ["aws_cloudformation_stack", "aws_cloudformation_stack_set"];
    let (resources, said) = resources(tree, text);
    let path = format!("{}.template_body", said.values);
    let stacks = resources.into_iter().filter(|(kind, _)| types.contains(&&**kind));
    stacks.flat_map(|(_, resource)| places(resource, text, &path)).collect()
}

/// What each resource of a plan or state says, where the types of policies are not known; `None` for other files.
pub(super) fn values<'n>(tree: &'n Node, text: &str) -> Option<Vec<Place<'n>>> {
    let (resources, said) = resources(tree, text);
    let other = |(kind, _): &(String, Place<'_>)| {
        ATTRIBUTES.binary_search_by_key(&&**kind, |(known, ..)| known).is_err()
    };
    let values = |(_, resource)| places(resource, text, said.values);
    (!said.envelope.is_empty()).then(|| resources.into_iter().filter(other).flat_map(values).collect())
}

/// A resource of Terraform's, in whatever form of a plan, state or configuration.
pub struct Resource<'n> {
    /// Its type.
    pub kind: String,
    /// What Terraform knows it by, as `module.a.aws_iam_role.ci[0]`.
    pub address: String,
    /// The pointer to it.
    pub pointer: String,
    /// Its attributes.
    pub values: &'n Node,
    /// Whether Terraform makes it, and does not read it only.
    pub is_managed: bool,
}

/// All resources of a file.
pub(super) fn all<'n>(tree: &'n Node, text: &str) -> Vec<Resource<'n>> {
    let (resources, said) = resources(tree, text);
    if said.envelope.is_empty() {
        let of_block = |(kind, block): (String, Place<'n>)| {
            let name = block
                .pointer
                .strip_prefix("/resource/")?
                .split('/')
                .find(|step| **step != kind && step.parse::<usize>().is_err())?;
            let address = format!("{kind}.{name}");
            Some(Resource { kind, address, values: block.node, pointer: block.pointer, is_managed: true })
        };
        return blocks(tree, text).into_iter().filter_map(of_block).collect();
    }
    let of_place = |(kind, place): (String, Place<'n>)| {
        let values = places(place.clone(), text, said.values).first()?.node;
        let own =
            |node: &Node, name: &str| node.get(text, name).and_then(|node| node.text(text)).map(Into::into);
        // In the state as Terraform keeps it, names are those of the resource around its instances.
        let outer = place.pointer.rsplit_once("/instances/").and_then(|(outer, _)| tree.at(text, outer));
        let is_managed = own(outer.unwrap_or(place.node), "mode").is_none_or(|mode| mode != "data");
        let address = own(place.node, "address").or_else(|| {
            let outer = outer?;
            let module: Option<String> = own(outer, "module");
            let name: String = own(outer, "name")?;
            let index = place.node.get(text, "index_key").map(|key| format!("[{}]", key.span.slice(text)));
            let module = module.map(|module| format!("{module}.")).unwrap_or_default();
            Some(format!("{module}{kind}.{name}{}", index.unwrap_or_default()))
        })?;
        Some(Resource { kind, address, pointer: place.pointer, values, is_managed })
    };
    resources.into_iter().filter_map(of_place).collect()
}

/// What a file says of resources.
#[derive(Clone, Copy)]
struct Said {
    /// What the file is; empty if it is another one.
    envelope: &'static str,
    /// The path from a resource to its attributes.
    values: &'static str,
}

/// The resources of all modules, each behind its type, and how the file says what they are.
fn resources<'n>(tree: &'n Node, text: &str) -> (Vec<(String, Place<'n>)>, Said) {
    let typed = |resource: Place<'n>| {
        let kind = resource.node.get(text, "type").and_then(|node| node.text(text))?.into_owned();
        Some((kind, resource))
    };
    // The state as Terraform keeps it: each resource has its instances.
    if tree.get(text, "terraform_version").is_some() && tree.get(text, "lineage").is_some() {
        let all = places(Place::root(tree), text, "resources[]").into_iter().filter_map(typed);
        let instances = all.flat_map(|(kind, resource)| {
            places(resource, text, "instances[]").into_iter().map(move |one| (kind.clone(), one))
        });
        return (instances.collect(), Said { envelope: STATE, values: "attributes" });
    }
    let said = |envelope| Said { envelope, values: "values" };
    if tree.get(text, "format_version").is_none() {
        return (Vec::new(), said(""));
    }
    // A plan of which only the changes were kept.
    let is_cut = ["planned_values", "values"].iter().all(|name| tree.get(text, name).is_none());
    if is_cut && tree.get(text, "resource_changes").is_some() {
        let changes = places(Place::root(tree), text, "resource_changes[]");
        return (
            changes.into_iter().filter_map(typed).collect(),
            Said { envelope: PLAN, values: "change.after" },
        );
    }
    // A plan has the values that are planned, a state those that are. What a plan reads from the
    // prior state is in its planned values again, but for data sources.
    let (root, envelope) = match tree.get(text, "planned_values") {
        Some(_) => ("planned_values.root_module", PLAN),
        None => ("values.root_module", STATE),
    };
    let mut modules = places(Place::root(tree), text, root);
    let mut found = Vec::new();
    for _ in 0..MODULES {
        let mut inner = Vec::new();
        for module in modules {
            found.extend(places(module.clone(), text, "resources[]"));
            inner.extend(places(module, text, "child_modules[]"));
        }
        modules = inner;
        if modules.is_empty() {
            break;
        }
    }
    (found.into_iter().filter_map(typed).collect(), said(envelope))
}

/// The kind of policy that an attribute of a type is, as far as it is known; `None` where it is none. The attribute
/// `type` tells that of an organization's policy.
fn kind_of(name: &str, kind: Option<Kind>, of: Option<&str>) -> Option<Option<Kind>> {
    match (name, of) {
        // The provider's default is a service control policy.
        ("aws_organizations_policy", None | Some("SERVICE_CONTROL_POLICY")) => Some(Some(Kind::Scp)),
        ("aws_organizations_policy", Some("RESOURCE_CONTROL_POLICY")) => Some(Some(Kind::Rcp)),
        // Tag policies and such are in a language of their own.
        ("aws_organizations_policy", Some(_)) => None,
        _ => Some(kind),
    }
}

/// The policies of a resource of a type.
fn policies_of(name: &str, resource: &Place<'_>, text: &str, Said { envelope, values }: Said) -> Vec<Found> {
    let text_at = |path: &str| places(resource.clone(), text, path).first()?.node.text(text);
    let string = |attribute: &str| text_at(&format!("{values}.{attribute}"));
    let mut found = Vec::new();
    for &(_, path, kind) in rows(name) {
        let Some(kind) = kind_of(name, kind, string("type").as_deref()) else { continue };
        for place in each_of(resource, text, &format!("{values}.{path}")) {
            let Some(form) = policy_form(place.node, text) else { continue };
            let resource = string("arn")
                .map(|arn| arn.into_owned())
                .filter(|arn| !arn.contains("${"))
                .filter(|_| kind.is_some_and(|kind| kind.names_principal()));
            let inline = INLINE.iter().find(|(known, ..)| *known == name && kind == Some(Kind::Identity));
            let inline = inline.map(|&(_, of, owner)| {
                let owner = string(owner).map(|owner| format!("{} {owner}", of.owner()));
                Inlined { of, identity: owner.unwrap_or_else(|| place.pointer.clone()) }
            });
            found.push(Found {
                candidates: kind.map(|kind| Candidate { kind, envelope }).into_iter().collect(),
                resource,
                envelope: Some(envelope),
                inline,
                owner: None,
                ..Found::somewhere(place.pointer, form)
            });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted() {
        assert!(ATTRIBUTES.windows(2).all(|pair| pair[0].0 <= pair[1].0));
    }
}
