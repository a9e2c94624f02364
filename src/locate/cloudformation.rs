//! CloudFormation and SAM templates: the properties that are policies.

use super::path::{Place, outcomes, places};
use super::statements::are_statements;
use super::{Candidate, Form, Found, Inlined, anywhere, names, policy_form};
use crate::kind::{Inline, Kind};
use crate::parse::Node;
use crate::placeholder::is_filled_in;

/// A property that is a policy: the resource's type, the path to it, what kind of policy it is.
type Property = (&'static str, &'static str, Kind);

/// From AWS's resource schemas of November 2026, sorted by type. Properties that only look like
/// policies (delivery, redrive, filter, data protection, Cedar) are not among them.
const PROPERTIES: &[Property] = &[
    ("AWS::APS::ResourcePolicy", "PolicyDocument", Kind::Resource),
    ("AWS::ApiGateway::DomainNameV2", "Policy", Kind::Resource),
    ("AWS::ApiGateway::RestApi", "Policy", Kind::Resource),
    ("AWS::Backup::BackupVault", "AccessPolicy", Kind::Resource),
    ("AWS::Backup::LogicallyAirGappedBackupVault", "AccessPolicy", Kind::Resource),
    ("AWS::Bedrock::ResourcePolicy", "PolicyDocument", Kind::Resource),
    ("AWS::CloudTrail::ResourcePolicy", "ResourcePolicy", Kind::Resource),
    ("AWS::CodeArtifact::Domain", "PermissionsPolicyDocument", Kind::Resource),
    ("AWS::CodeArtifact::Repository", "PermissionsPolicyDocument", Kind::Resource),
    ("AWS::DSQL::Cluster", "PolicyDocument", Kind::Resource),
    ("AWS::DynamoDB::GlobalTable", "Replicas[].ResourcePolicy.PolicyDocument", Kind::Resource),
    ("AWS::DynamoDB::Table", "ResourcePolicy.PolicyDocument", Kind::Resource),
    ("AWS::DynamoDB::Table", "StreamSpecification.ResourcePolicy.PolicyDocument", Kind::Resource),
    ("AWS::EC2::VPCEndpoint", "PolicyDocument", Kind::Endpoint),
    ("AWS::ECR::PublicRepository", "RepositoryPolicyText", Kind::Resource),
    ("AWS::ECR::RegistryPolicy", "PolicyText", Kind::Resource),
    ("AWS::ECR::Repository", "RepositoryPolicyText", Kind::Ecr),
    ("AWS::ECR::RepositoryCreationTemplate", "RepositoryPolicy", Kind::Ecr),
    ("AWS::EFS::FileSystem", "FileSystemPolicy", Kind::Resource),
    ("AWS::EKS::PodIdentityAssociation", "Policy", Kind::Session),
    ("AWS::Elasticsearch::Domain", "AccessPolicies", Kind::Resource),
    ("AWS::EventSchemas::RegistryPolicy", "Policy", Kind::Resource),
    ("AWS::Events::EventBus", "Policy", Kind::Resource),
    ("AWS::Events::EventBusPolicy", "Statement", Kind::Resource),
    ("AWS::FSx::S3AccessPointAttachment", "S3AccessPoint.Policy", Kind::S3),
    ("AWS::IAM::Group", "Policies[].PolicyDocument", Kind::Identity),
    ("AWS::IAM::GroupPolicy", "PolicyDocument", Kind::Identity),
    ("AWS::IAM::ManagedPolicy", "PolicyDocument", Kind::Identity),
    ("AWS::IAM::Policy", "PolicyDocument", Kind::Identity),
    ("AWS::IAM::Role", "AssumeRolePolicyDocument", Kind::Trust),
    ("AWS::IAM::Role", "Policies[].PolicyDocument", Kind::Identity),
    ("AWS::IAM::RolePolicy", "PolicyDocument", Kind::Identity),
    ("AWS::IAM::User", "Policies[].PolicyDocument", Kind::Identity),
    ("AWS::IAM::UserPolicy", "PolicyDocument", Kind::Identity),
    ("AWS::IoT::Policy", "PolicyDocument", Kind::Iot),
    ("AWS::KMS::Key", "KeyPolicy", Kind::Kms),
    ("AWS::KMS::ReplicaKey", "KeyPolicy", Kind::Kms),
    ("AWS::Kinesis::ResourcePolicy", "ResourcePolicy", Kind::Resource),
    ("AWS::Lambda::ResourcePolicy", "PolicyDocument", Kind::Lambda),
    ("AWS::Lex::ResourcePolicy", "Policy", Kind::Resource),
    ("AWS::Logs::LogGroup", "ResourcePolicyDocument", Kind::Resource),
    ("AWS::Logs::ResourcePolicy", "PolicyDocument", Kind::Resource),
    ("AWS::MSK::ClusterPolicy", "Policy", Kind::Resource),
    ("AWS::MediaPackageV2::ChannelPolicy", "Policy", Kind::Resource),
    ("AWS::MediaPackageV2::OriginEndpointPolicy", "Policy", Kind::Resource),
    ("AWS::MediaTailor::ChannelPolicy", "Policy", Kind::Resource),
    ("AWS::OSIS::Pipeline", "ResourcePolicy.Policy", Kind::Resource),
    ("AWS::Oam::Sink", "Policy", Kind::Resource),
    ("AWS::OpenSearchService::Domain", "AccessPolicies", Kind::Resource),
    ("AWS::Organizations::ResourcePolicy", "Content", Kind::Resource),
    ("AWS::Redshift::Cluster", "NamespaceResourcePolicy", Kind::Resource),
    ("AWS::RedshiftServerless::Namespace", "NamespaceResourcePolicy", Kind::Resource),
    ("AWS::RolesAnywhere::Profile", "SessionPolicy", Kind::Session),
    ("AWS::S3::AccessPoint", "Policy", Kind::S3),
    ("AWS::S3::BucketPolicy", "PolicyDocument", Kind::S3),
    ("AWS::S3::MultiRegionAccessPointPolicy", "Policy", Kind::S3),
    ("AWS::S3Express::AccessPoint", "Policy", Kind::S3),
    ("AWS::S3Express::BucketPolicy", "PolicyDocument", Kind::S3),
    ("AWS::S3Files::FileSystemPolicy", "Policy", Kind::Resource),
    ("AWS::S3ObjectLambda::AccessPointPolicy", "PolicyDocument", Kind::S3),
    ("AWS::S3Outposts::AccessPoint", "Policy", Kind::S3),
    ("AWS::S3Outposts::BucketPolicy", "PolicyDocument", Kind::S3),
    ("AWS::S3Tables::TableBucketPolicy", "ResourcePolicy", Kind::Resource),
    ("AWS::S3Tables::TablePolicy", "ResourcePolicy", Kind::Resource),
    ("AWS::S3Vectors::VectorBucketPolicy", "Policy", Kind::Resource),
    ("AWS::SNS::TopicInlinePolicy", "PolicyDocument", Kind::Sns),
    ("AWS::SNS::TopicPolicy", "PolicyDocument", Kind::Sns),
    ("AWS::SQS::QueueInlinePolicy", "PolicyDocument", Kind::Sqs),
    ("AWS::SQS::QueuePolicy", "PolicyDocument", Kind::Sqs),
    ("AWS::SSM::ResourcePolicy", "Policy", Kind::Resource),
    ("AWS::SSO::PermissionSet", "InlinePolicy", Kind::Identity),
    ("AWS::SageMaker::ModelPackageGroup", "ModelPackageGroupPolicy", Kind::Resource),
    ("AWS::SecretsManager::ResourcePolicy", "ResourcePolicy", Kind::SecretsManager),
    ("AWS::Serverless::Api", "Auth.ResourcePolicy.CustomStatements", Kind::Resource),
    ("AWS::Serverless::Function", "AssumeRolePolicyDocument", Kind::Trust),
    ("AWS::Serverless::Function", "Policies", Kind::Identity),
    ("AWS::Serverless::Function", "Policies[]", Kind::Identity),
    ("AWS::Serverless::StateMachine", "Policies", Kind::Identity),
    ("AWS::Serverless::StateMachine", "Policies[]", Kind::Identity),
    ("AWS::Transfer::User", "Policy", Kind::Session),
    ("AWS::VpcLattice::AuthPolicy", "Policy", Kind::Resource),
    ("AWS::VpcLattice::ResourcePolicy", "Policy", Kind::Resource),
    ("AWS::XRay::ResourcePolicy", "PolicyDocument", Kind::Resource),
];

/// Those of them that are statements alone.
const STATEMENTS: [&str; 2] = ["Auth.ResourcePolicy.CustomStatements", "Statement"];

/// The types whose identity policies are inline ones, and whose these are. Which role an `AWS::IAM::RolePolicy` is for is
/// mostly not in the text, so that each of those stands for itself.
const INLINE: [(&str, Inline); 6] = [
    ("AWS::IAM::Group", Inline::Group),
    ("AWS::IAM::GroupPolicy", Inline::Group),
    ("AWS::IAM::Role", Inline::Role),
    ("AWS::IAM::RolePolicy", Inline::Role),
    ("AWS::IAM::User", Inline::User),
    ("AWS::IAM::UserPolicy", Inline::User),
];

/// The policies of an organization: their own type tells their language.
const ORGANIZATION: &str = "AWS::Organizations::Policy";

const ENVELOPE: &str = "a CloudFormation template";

/// Whether a property of a type of resource is a policy, or has some in it.
pub(super) fn is_policy_of(kind: &str, property: &str) -> bool {
    let of_kind = PROPERTIES.iter().filter(|(known, ..)| *known == kind);
    of_kind.into_iter().any(|(_, path, _)| path.split(['.', '[']).next() == Some(property))
}

/// The policies of a template, if the tree is one.
pub(super) fn locate(tree: &Node, text: &str) -> Vec<Found> {
    let mut found = Vec::new();
    let resources = resources(tree, text);
    for (name, resource) in &resources {
        let is_known = PROPERTIES.binary_search_by_key(&name.as_str(), |(known, ..)| known).is_ok();
        if !is_known && name != ORGANIZATION {
            let is_resource =
                |name: &str| resources.iter().any(|(_, one)| one.pointer.ends_with(&format!("/{name}")));
            found.extend(functions(name, resource, text, is_resource));
        }
        let inline = INLINE.iter().find(|(known, _)| known == name).map(|(_, of)| *of);
        let inline =
            inline.or_else(|| (name == "AWS::IAM::Policy").then(|| strictest(resource, text)).flatten());
        for (path, kind) in properties(name, resource, text) {
            let inline = inline.filter(|_| kind == Kind::Identity);
            for (pointer, form) in documents(resource, text, path) {
                found.push(Found {
                    candidates: vec![Candidate { kind, envelope: ENVELOPE }],
                    inline: inline.map(|of| Inlined { of, identity: resource.pointer.clone() }),
                    owner: None,
                    ..Found::somewhere(pointer, form)
                });
            }
        }
    }
    found
}

/// Of the users, groups and roles that an `AWS::IAM::Policy` is embedded in, those with the least room for it.
fn strictest(resource: &Place<'_>, text: &str) -> Option<Inline> {
    let properties = resource.node.get(text, "Properties")?;
    // What is no value takes an item away.
    let is_there = |item: &Node| {
        let name = item.get(text, "Ref").and_then(|name| name.text(text));
        name.is_none_or(|name| name != "AWS::NoValue")
    };
    let has = |name: &str| properties.get(text, name).is_some_and(|list| list.items().iter().any(is_there));
    let all = [("Users", Inline::User), ("Groups", Inline::Group), ("Roles", Inline::Role)];
    all.into_iter().find(|(name, _)| has(name)).map(|(_, of)| of)
}

/// The functions that a resource of another type has in place of policies, as far as the names of its properties tell.
/// A policy that is written out there is found by what it says.
fn functions(name: &str, resource: &Place<'_>, text: &str, is_resource: impl Fn(&str) -> bool) -> Vec<Found> {
    let mut found = Vec::new();
    let is_other = |node: &Node| match function(node, text) {
        // The name of a resource is not a policy.
        Some((function, value)) => {
            function == "Ref" && value.text(text).is_some_and(|name| is_resource(&name))
        }
        None => reference(node, text).is_none(),
    };
    let mut visit = |place: &Place<'_>, member: &str| {
        if names::is_policy(name, member) {
            let functions = outcomes(place.clone(), text).into_iter().filter(|place| !is_other(place.node));
            // A text with a policy in it is found as any other.
            let policies = functions
                .filter_map(|place| document(&place, text, "").filter(|(at, _)| *at == place.pointer));
            let found_there =
                |(pointer, form)| Found { envelope: Some(ENVELOPE), ..Found::somewhere(pointer, form) };
            found.extend(policies.map(found_there));
        }
        function(place.node, text).is_none_or(|(function, _)| function == "Fn::If")
    };
    for properties in places(resource.clone(), text, "Properties") {
        anywhere::walk(properties, text, &mut visit);
    }
    found
}

/// What stands in a property that is a policy: where, and how.
fn documents(resource: &Place<'_>, text: &str, path: &str) -> Vec<(String, Form)> {
    let all = places(resource.clone(), text, &format!("Properties.{path}"));
    let mut found = Vec::new();
    for branches in all.chunk_by(|one, next| before_choice(&one.pointer) == before_choice(&next.pointer)) {
        let whole = branches.first().map_or("", |branch| before_choice(&branch.pointer));
        let is_chosen = branches.iter().any(|branch| branch.pointer != whole);
        let is_one = |branch: &Place<'_>| {
            is_policy_object(branch.node, text)
                || function(branch.node, text).is_some_and(|(name, _)| name != SUB)
        };
        let is_policy = branches.iter().any(|branch| is_policy_object(branch.node, text));
        let node = whole.strip_prefix(&*resource.pointer).and_then(|rest| resource.node.at(text, rest));
        match node {
            // A policy that is chosen whole is one policy, of which the template makes cases.
            Some(node) if is_chosen && is_policy && branches.iter().all(is_one) => {
                found.push((whole.to_owned(), Form::Plain(node.span)));
            }
            _ => found.extend(branches.iter().filter_map(|branch| document(branch, text, path))),
        }
    }
    found
}

const SUB: &str = "Fn::Sub";

/// A pointer without the choices that it ends with.
fn before_choice(pointer: &str) -> &str {
    let mut rest = pointer;
    while let Some(outer) = rest.strip_suffix("/Fn::If/1").or_else(|| rest.strip_suffix("/Fn::If/2")) {
        rest = outer;
    }
    rest
}

/// A text in place of a policy that CloudFormation or another tool fills in: `{{resolve:ssm:/policy}}`.
fn reference<'n>(node: &'n Node, text: &'n str) -> Option<std::borrow::Cow<'n, str>> {
    node.text(text).filter(|text| is_filled_in(text))
}

/// The function that a value is, and what it is called with.
fn function<'n>(node: &'n Node, text: &str) -> Option<(String, &'n Node)> {
    let [only] = node.members() else { return None };
    let name = only.key.text(text);
    (name == "Ref" || name.starts_with("Fn::")).then(|| (name.into_owned(), &only.value))
}

fn is_policy_object(node: &Node, text: &str) -> bool {
    matches!(policy_form(node, text), Some(Form::Plain(_)))
}

/// The policy that a value is, or that a function makes of it.
fn document(place: &Place<'_>, text: &str, path: &str) -> Option<(String, Form)> {
    let at = |below: &str, form| Some((format!("{}{below}", place.pointer), form));
    if STATEMENTS.contains(&path) && are_statements(place.node, text) {
        return at("", Form::Statements { span: place.node.span, quoted: false });
    }
    if let Some(form) = policy_form(place.node, text) {
        return at("", form);
    }
    // A list of policies may have names of such among them, and `AWS::NoValue` is none.
    let is_name = path.starts_with("Policies") && !path.ends_with("PolicyDocument");
    if let Some(reference) = reference(place.node, text).filter(|_| !is_name) {
        return at("", Form::Unknown { span: place.node.span, label: reference.into_owned() });
    }
    let (name, value) = function(place.node, text)?;
    match (&*name, value.items()) {
        (SUB, []) => {
            if let Some(form) = policy_form(value, text) {
                return at("/Fn::Sub", form);
            }
        }
        (SUB, [first, ..]) => {
            if let Some(form) = policy_form(first, text) {
                return at("/Fn::Sub/0", form);
            }
        }
        ("Fn::ToJsonString", _) => {
            if let Some(form) = policy_form(value, text) {
                return at("/Fn::ToJsonString", form);
            }
        }
        _ => {}
    }
    let is_nothing = value.text(text).is_some_and(|name| name == "AWS::NoValue");
    if is_name || is_nothing { None } else { at("", Form::Plain(place.node.span)) }
}

/// The templates that stand in it as strings: that of an answer for a template that was given in YAML, and those
/// of StackSets.
pub(super) fn bodies<'n>(tree: &'n Node, text: &str) -> Vec<Place<'n>> {
    let of_sets =
        resources(tree, text).into_iter().filter(|(kind, _)| kind == "AWS::CloudFormation::StackSet");
    let of_sets = of_sets.flat_map(|(_, resource)| places(resource, text, "Properties.TemplateBody"));
    places(Place::root(tree), text, "TemplateBody").into_iter().chain(of_sets).collect()
}

/// What a template makes, which is neither its metadata nor its outputs; `None` for other files.
pub(super) fn made<'n>(tree: &'n Node, text: &str) -> Option<Vec<Place<'n>>> {
    let all = places(body(tree, text), text, "Resources.*");
    if !all.iter().any(|resource| resource.node.get(text, "Type").is_some()) {
        return None;
    }
    // `Fn::ForEach` makes resources of a list.
    let (lists, resources): (Vec<_>, Vec<_>) = all.into_iter().partition(|place| !place.is_object());
    let properties = resources.into_iter().flat_map(|resource| places(resource, text, "Properties"));
    let globals = places(body(tree, text), text, "Globals");
    Some(properties.chain(lists).chain(globals).collect())
}

/// Pointers to the resources of a template, whether they are there or not, and to the properties of each.
pub(super) fn made_at(tree: &Node, text: &str) -> Vec<String> {
    let body = body(tree, text);
    let resources = format!("{}/Resources", body.pointer);
    let members = body.node.get(text, "Resources").map_or(&[][..], Node::members).iter();
    let members = members.filter(|member| !member.key.text(text).starts_with("Fn::"));
    let root = Place { pointer: resources.clone(), node: body.node };
    let of_each =
        members.map(|member| root.under(&member.key.text(text), &member.value).pointer + "/Properties");
    [resources].into_iter().chain(of_each).collect()
}

/// The template in a file: as that, or as `aws cloudformation get-template` answers for one that was given in JSON.
fn body<'n>(tree: &'n Node, text: &str) -> Place<'n> {
    let body = places(Place::root(tree), text, "TemplateBody").pop().filter(Place::is_object);
    body.unwrap_or_else(|| Place::root(tree))
}

/// The resources of a template, each behind its type.
fn resources<'n>(tree: &'n Node, text: &str) -> Vec<(String, Place<'n>)> {
    // The Serverless Framework has them in a part of its own, or in several.
    let parts =
        ["resources", "resources[]"].into_iter().flat_map(|path| places(Place::root(tree), text, path));
    let bodies = [body(tree, text)].into_iter().chain(parts);
    let resources = bodies.flat_map(|body| places(body, text, "Resources.*"));
    let objects = resources.into_iter().filter(Place::is_object);
    let typed = objects.filter_map(|resource| {
        let kind = resource.node.get(text, "Type")?.text(text)?.into_owned();
        Some((kind, resource))
    });
    typed.collect()
}

/// The properties of a type that are policies.
fn properties(name: &str, resource: &Place<'_>, text: &str) -> Vec<(&'static str, Kind)> {
    // Of an organization's policies, two types speak the language of statements.
    if name == ORGANIZATION {
        let of = |wanted: &str| {
            let node = resource.node.at(text, "/Properties/Type");
            node.and_then(|node| node.text(text)).is_some_and(|text| text == wanted)
        };
        return match (of("SERVICE_CONTROL_POLICY"), of("RESOURCE_CONTROL_POLICY")) {
            (true, _) => vec![("Content", Kind::Scp)],
            (_, true) => vec![("Content", Kind::Rcp)],
            _ => Vec::new(),
        };
    }
    let start = PROPERTIES.partition_point(|(known, ..)| *known < name);
    let rows = PROPERTIES[start..].iter().take_while(|(known, ..)| *known == name);
    rows.map(|&(_, path, kind)| (path, kind)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted() {
        assert!(PROPERTIES.windows(2).all(|pair| pair[0].0 <= pair[1].0));
    }
}
