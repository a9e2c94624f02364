//! What may add policies that are not written in the file: macros, loops, modules, what other tools fill in, and the pages of
//! an answer that follow.

mod resources;
mod types;

pub(super) use resources::is_pulumi;

use super::plan::Plan;
use super::reading::Reading;
use super::{Document, File, Hints, open_policy};
use crate::locate;
use crate::parse::{Node, Value, dense};
use crate::placeholder::is_filled_in;
use crate::policy::Policy;
use crate::policy::template::Surrounding;
use crate::source::Source;
use crate::span::Span;

/// Something that may add policies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Maker {
    /// How to name it to a person.
    pub label: String,
    /// What tells what it makes from what others make.
    pub name: String,
    /// Where it is in the file.
    pub span: Span,
    /// What it gives that nothing else says.
    pub gives: Gives,
}

/// What something gives that is not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Gives {
    /// It is of a type of which that is not known: perhaps nothing.
    Unknown,
    /// Nothing: it limits what others give, or the file has what it names.
    Nothing,
    /// Access of some, as of a role.
    Access,
    /// Access that may be everyone's.
    PublicAccess,
}

/// The macros of the templates in a file that rewrite none of its policies, so that nothing else is said of them.
pub(super) fn idle(readings: &[Reading], documents: &[Document], source: &Source) -> Vec<Maker> {
    let mut found: Vec<Maker> = Vec::new();
    let known = |name: &str| documents.iter().flat_map(Document::around).any(|around| around.name == name);
    for reading in readings.iter().filter(|reading| reading.text(source).contains("Transform")) {
        let (tree, text) = (&reading.parsed.tree, reading.text(source));
        let template = reading.template(source);
        for pointer in locate::made_at(tree, text) {
            for around in template.around(&format!("{pointer}/x"), tree, text) {
                if around.what != Surrounding::Macro || known(&around.name) {
                    continue;
                }
                if found.iter().all(|maker| maker.name != around.name) {
                    let node = deepest(tree, text, &pointer);
                    let span = reading.in_file(Span::at(node.span.start as usize));
                    let gives = Gives::PublicAccess;
                    found.push(Maker { label: around.label, name: around.name, span, gives });
                }
            }
        }
    }
    found
}

/// The member that says of an answer of AWS that it is cut off, or of a plan of Terraform that it is not complete, so that the
/// file does not have all of it. Terraform, "JSON Output Format", under "Plan Representation".
pub(super) fn cut_off(readings: &[Reading], source: &Source) -> Option<Maker> {
    readings.iter().find_map(|reading| {
        let (tree, text) = (&reading.parsed.tree, reading.text(source));
        let is_plan = tree.get(text, "planned_values").is_some();
        let says_so = |member: &&crate::parse::Member| match &*member.key.text(text) {
            "IsTruncated" => member.value.span.slice(text) == "true",
            "NextToken" => member.value.text(text).is_some_and(|token| !token.is_empty()),
            "complete" if is_plan => member.value.span.slice(text) == "false",
            "deferred_changes" if is_plan => !member.value.items().is_empty(),
            "errored" if is_plan => member.value.span.slice(text) == "true",
            _ => false,
        };
        let member = tree.members().iter().find(says_so)?;
        let what = match is_plan {
            true => "the rest of the plan, which is not complete",
            false => "the rest of the answer, which is cut off",
        };
        Some(Maker {
            label: format!("{what} (`{}`),", member.key.text(text)),
            // Two answers that are cut off are not known to have the same in the rest.
            name: format!("cut off {text}"),
            span: reading.in_file(member.span()),
            gives: Gives::PublicAccess,
        })
    })
}

/// What gives access in a file by the names of policies and groups, which are not read: managed policies, permissions
/// boundaries, groups, policy templates and connectors of SAM, permissions of functions.
pub(super) fn named(readings: &[Reading], source: &Source) -> Vec<Maker> {
    let mut found = Vec::new();
    for reading in readings {
        let (tree, text) = (&reading.parsed.tree, reading.text(source));
        let tests_tags = text.to_ascii_lowercase().contains("tag/");
        let has_members = || MEMBERS.iter().chain(&["\"aws_"]).any(|name| text.contains(name));
        if tree.get(text, "Resources").is_none() && (tests_tags || has_members()) {
            let (read, plan) = (in_dump(tree, text), reading.plan(text));
            let mut walk = Walk { tree, text, tests_tags, plan, read, found: Vec::new() };
            walk.enter(tree, &mut String::new());
            let own = walk.found.into_iter();
            found.extend(own.map(|maker| Maker { span: reading.in_file(maker.span), ..maker }));
        }
        found.extend(resources::unknown(reading, source));
        let template = reading.template(source);
        // What SAM gives all functions and APIs.
        let decides = |node: &&Node| GLOBAL.iter().any(|name| node.span.slice(text).contains(name));
        if let Some(node) = tree.get(text, "Globals").filter(decides) {
            let name = format!("Globals {}", template.name_of(node, text));
            let span = reading.in_file(node.span);
            found.push(Maker { label: "`Globals`".to_owned(), name, span, gives: Gives::Nothing });
        }
        for resource in tree.get(text, "Resources").into_iter().flat_map(Node::members) {
            let owner = resource.key.text(text);
            let pointer = format!("/Resources/{}/x", owner.replace('~', "~0").replace('/', "~1"));
            // Whether it is there at all, and whose access it is.
            let around = template.around(&pointer, tree, text).into_iter();
            let around = around.filter(|around| around.what != Surrounding::Macro).map(|around| around.name);
            let properties = resource.value.get(text, "Properties").into_iter().flat_map(Node::members);
            let names = properties.filter(|member| HOLDERS.contains(&&*member.key.text(text)));
            let names = names.map(|member| template.name_of(&member.value, text).into());
            let around: String = around.chain(names).map(|name| format!(" {name}")).collect();
            let mut add = |label: String, nodes: &[&Node], gives: Gives| {
                let contents = nodes.iter().map(|node| template.name_of(node, text));
                let contents = contents.collect::<Vec<_>>().join(" ");
                let span = reading.in_file(nodes.first().map_or(resource.value.span, |node| node.span));
                found.push(Maker { name: format!("{label} {contents}{around}"), label, span, gives });
            };
            let node = &resource.value;
            // It makes any resources.
            if owner.starts_with("Fn::ForEach::") {
                add(format!("`{owner}`"), &[node], Gives::PublicAccess);
                continue;
            }
            let kind = node.get(text, "Type").and_then(|kind| kind.text(text)).unwrap_or_default();
            let counts = kind != "AWS::KMS::Alias" || text.contains("ResourceAliases");
            if GRANTING.contains(&&*kind) && counts {
                let gives = match &*kind {
                    "AWS::Lambda::LayerVersionPermission" | "AWS::Lambda::Permission" => to_whom(node, text),
                    "AWS::KMS::Alias" => Gives::Nothing,
                    _ if OPEN.contains(&&*kind) => Gives::PublicAccess,
                    _ => Gives::Access,
                };
                add(format!("`{owner}`, of type {kind},"), &[node], gives);
            } else if !types::is_known(&kind) {
                let properties = node.get(text, "Properties").into_iter().flat_map(Node::members);
                let counts = |name: &str| !types::is_neutral(name) && !locate::is_policy_of(&kind, name);
                let told = properties.filter(|member| counts(&member.key.text(text)));
                let told: Vec<&Node> = told.map(|member| &member.value).collect();
                add(format!("`{owner}`, of type {kind},"), &told, Gives::Unknown);
            }
            let own = node.get(text, "Connectors").map(|node| ("Connectors", node));
            let properties = node.get(text, "Properties");
            let of_kind = OF_KINDS.into_iter().filter(|(of, _)| *of == kind).map(|(_, name)| name);
            let names = NAMING.into_iter().chain(of_kind).chain(tests_tags.then_some("Tags"));
            let members = names.filter_map(|name| Some((name, properties?.get(text, name)?)));
            for (name, value) in members.chain(own) {
                let is_list = matches!(value.value, Value::Array(_));
                let items = if is_list { value.items() } else { std::slice::from_ref(value) };
                for item in items {
                    let has = |name: &str| item.get(text, name).is_some();
                    // What is written out is read, and what refers to a policy of the template is attached to it.
                    let referred = item.get(text, "Ref").and_then(|name| name.text(text));
                    let is_policy = |name: &str| {
                        let kind =
                            tree.get(text, "Resources")?.get(text, name)?.get(text, "Type")?.text(text)?;
                        Some(kind.starts_with("AWS::IAM::"))
                    };
                    let is_made = referred.is_some_and(|name| is_policy(&name).unwrap_or(false));
                    let is_read =
                        has("Statement") || has("PolicyDocument") || is_made && NAMING.contains(&name);
                    let gives = match name {
                        "AccessControl" if item.text(text).is_some_and(|name| name == "Private") => continue,
                        "AccessControl" => Gives::PublicAccess,
                        "FunctionUrlConfig" => Gives::PublicAccess,
                        "PermissionsBoundary" | "Tags" => Gives::Nothing,
                        _ if SETTINGS.contains(&name) => Gives::Nothing,
                        // The template has it, with its policies.
                        _ if is_made => Gives::Nothing,
                        _ => Gives::Access,
                    };
                    if !is_read {
                        add(format!("`{name}` of `{owner}`"), &[item], gives);
                    }
                }
            }
        }
    }
    found
}

/// The properties that name what has the access.
const HOLDERS: [&str; 6] = ["BucketName", "FunctionName", "GroupName", "Name", "RoleName", "UserName"];

/// The properties that name policies.
const NAMING: [&str; 3] = ["ManagedPolicyArns", "PermissionsBoundary", "Policies"];

/// The same, of one type of resource, and what decides what its policies give.
const OF_KINDS: [(&str, &str); 18] = [
    ("AWS::IAM::InstanceProfile", "Roles"),
    ("AWS::IAM::OIDCProvider", "ClientIdList"),
    ("AWS::IAM::User", "Groups"),
    ("AWS::IAM::User", "LoginProfile"),
    ("AWS::KMS::Key", "Enabled"),
    ("AWS::Lambda::Function", "Role"),
    ("AWS::S3::AccessPoint", "PublicAccessBlockConfiguration"),
    ("AWS::S3::AccessPoint", "VpcConfiguration"),
    ("AWS::S3::Bucket", "AccessControl"),
    ("AWS::S3::Bucket", "OwnershipControls"),
    ("AWS::S3::Bucket", "PublicAccessBlockConfiguration"),
    ("AWS::SSO::PermissionSet", "CustomerManagedPolicyReferences"),
    ("AWS::SSO::PermissionSet", "ManagedPolicies"),
    ("AWS::Serverless::Api", "Auth"),
    ("AWS::Serverless::Function", "Events"),
    ("AWS::Serverless::Function", "FunctionUrlConfig"),
    ("AWS::Serverless::Function", "Role"),
    ("AWS::Serverless::StateMachine", "Role"),
];

/// Those of them that give nothing by themselves.
const SETTINGS: [&str; 9] = [
    "Auth",
    "ClientIdList",
    "Enabled",
    "Events",
    "LoginProfile",
    "OwnershipControls",
    "PublicAccessBlockConfiguration",
    "Role",
    "VpcConfiguration",
];

/// The same among what SAM gives all functions and APIs.
const GLOBAL: [&str; 4] = ["Auth", "FunctionUrlConfig", "PermissionsBoundary", "Role"];

/// Types of resources that give access without a policy that is written out.
const GRANTING: [&str; 19] = [
    "AWS::CloudFormation::Stack",
    "AWS::CloudFormation::StackSet",
    "AWS::Cognito::IdentityPoolRoleAttachment",
    "AWS::EC2::VPCEndpointServicePermissions",
    "AWS::EKS::AccessEntry",
    "AWS::Events::EventBusPolicy",
    "AWS::IAM::UserToGroupAddition",
    "AWS::KMS::Alias",
    "AWS::LakeFormation::Permissions",
    "AWS::LakeFormation::PrincipalPermissions",
    "AWS::Lambda::LayerVersionPermission",
    "AWS::Lambda::Permission",
    "AWS::Lambda::Url",
    "AWS::RAM::ResourceShare",
    "AWS::RolesAnywhere::Profile",
    "AWS::S3::AccessGrant",
    "AWS::SSO::Assignment",
    "AWS::Serverless::Application",
    "AWS::Serverless::Connector",
];

/// Those of them that may give it to everyone.
const OPEN: [&str; 6] = [
    "AWS::CloudFormation::Stack",
    "AWS::CloudFormation::StackSet",
    "AWS::EC2::VPCEndpointServicePermissions",
    "AWS::Events::EventBusPolicy",
    "AWS::Lambda::Url",
    "AWS::Serverless::Application",
];

/// The members that do so in answers of the IAM API and in what Terraform makes and reads.
pub(super) const MEMBERS: [&str; 5] = [
    "AttachedManagedPolicies",
    "GroupList",
    "PermissionsBoundary",
    "managed_policy_arns",
    "permissions_boundary",
];

/// Types of Terraform's resources that do so, beside those whose names end in `_permission` or say that they attach a policy.
const GRANTING_IN_TERRAFORM: [&str; 20] = [
    "aws_cloudformation_stack",
    "aws_cloudformation_stack_set",
    "aws_cognito_identity_pool_roles_attachment",
    "aws_eks_access_entry",
    "aws_eks_access_policy_association",
    "aws_iam_instance_profile",
    "aws_kms_grant",
    "aws_lakeformation_permissions",
    "aws_lambda_function_url",
    "aws_ram_principal_association",
    "aws_ram_resource_association",
    "aws_ram_resource_share",
    "aws_rolesanywhere_profile",
    "aws_s3_account_public_access_block",
    "aws_s3_bucket_acl",
    "aws_s3_bucket_public_access_block",
    "aws_s3_object_acl",
    "aws_s3control_access_grant",
    "aws_ssoadmin_account_assignment",
    "aws_ssoadmin_customer_managed_policy_attachment",
];

/// Those of them that give nothing by themselves.
const SETTINGS_IN_TERRAFORM: [&str; 2] =
    ["aws_s3_account_public_access_block", "aws_s3_bucket_public_access_block"];

/// Those of them that may give it to everyone.
const OPEN_IN_TERRAFORM: [&str; 3] =
    ["aws_cloudformation_stack", "aws_cloudformation_stack_set", "aws_lambda_function_url"];

/// Whether resources of a type of Terraform's give access without a policy that is written out.
fn gives_access(kind: &str) -> bool {
    const OF_POLICIES: [&str; 3] = ["aws_iam_", "aws_organizations_policy", "aws_ssoadmin_"];
    let of_policies = || OF_POLICIES.iter().any(|start| kind.starts_with(start));
    let attaches = || kind.contains("_attachment") || kind.contains("_membership");
    kind.starts_with("aws_")
        && (kind.ends_with("_permission")
            || GRANTING_IN_TERRAFORM.contains(&kind)
            || of_policies() && attaches())
}

/// What a resource of a type of Terraform that gives access gives.
fn given(kind: &str, node: &Node, text: &str) -> Gives {
    match kind {
        _ if SETTINGS_IN_TERRAFORM.contains(&kind) => Gives::Nothing,
        _ if OPEN_IN_TERRAFORM.contains(&kind) => Gives::PublicAccess,
        _ if kind.ends_with("_permission") || kind.ends_with("_acl") => to_whom(node, text),
        _ => Gives::Access,
    }
}

/// What a permission of a function, or the access control list of a bucket, gives: to everyone, unless it names a principal
/// or is private.
fn to_whom(node: &Node, text: &str) -> Gives {
    let mut open = vec![node];
    while let Some(node) = open.pop() {
        for member in node.members() {
            let name = member.key.text(text).to_ascii_lowercase();
            let value = member.value.text(text);
            let is_one = |value: &str| !value.contains(['*', '$']) && !is_filled_in(value);
            match (&*name, value.as_deref()) {
                ("principal", Some(value)) if is_one(value) => return Gives::Access,
                ("acl", Some("private")) => return Gives::Nothing,
                _ => open.push(&member.value),
            }
        }
        open.extend(node.items());
    }
    Gives::PublicAccess
}

/// The names of the managed policies and groups that a dump of an account has.
fn in_dump<'t>(tree: &Node, text: &'t str) -> Vec<std::borrow::Cow<'t, str>> {
    let all = [("Policies", "Arn"), ("GroupDetailList", "GroupName")];
    let items = all.into_iter().flat_map(|(list, name)| {
        tree.get(text, list).map_or(&[][..], Node::items).iter().filter_map(move |item| item.get(text, name))
    });
    items.filter_map(|name| name.text(text)).collect()
}

/// Goes over a file that is no template of CloudFormation.
struct Walk<'n> {
    tree: &'n Node,
    text: &'n str,
    /// Whether a policy may test tags.
    tests_tags: bool,
    /// Where its resources go.
    plan: &'n Plan,
    /// The names of the policies and groups that the file has.
    read: Vec<std::borrow::Cow<'n, str>>,
    found: Vec<Maker>,
}

impl<'n> Walk<'n> {
    fn enter(&mut self, node: &'n Node, pointer: &mut String) {
        let (length, text) = (pointer.len(), self.text);
        let kind = node.get(text, "type").and_then(|kind| kind.text(text));
        if let Some(kind) = kind.filter(|kind| gives_access(kind)) {
            let said = ["values", "instances", "change"].iter().find_map(|name| node.get(text, name));
            return self.add(pointer, &kind, said.unwrap_or(node));
        }
        for (at, item) in node.items().iter().enumerate() {
            pointer.push_str(&format!("/{at}"));
            self.enter(item, pointer);
            pointer.truncate(length);
        }
        for member in node.members() {
            let name = member.key.text(text);
            // What a plan was made from, and says elsewhere.
            if length == 0 && ["prior_state", "configuration", "variables"].contains(&&*name)
                || length == 0 && name == "resource_changes" && node.get(text, "planned_values").is_some()
            {
                continue;
            }
            pointer.push('/');
            pointer.push_str(&name.replace('~', "~0").replace('/', "~1"));
            let is_tags = self.tests_tags && name.eq_ignore_ascii_case("tags");
            match is_tags || MEMBERS.contains(&&*name) || gives_access(&name) {
                true => {
                    let before = self.found.len();
                    self.add(pointer, &name, &member.value);
                    // In what Terraform makes, it is whose it is.
                    let of =
                        node.get(text, "name").filter(|_| name.contains('_')).and_then(|of| of.text(text));
                    self.found[before..].iter_mut().for_each(|maker| maker.name.extend(of.as_deref()));
                }
                false => self.enter(&member.value, pointer),
            }
            pointer.truncate(length);
        }
    }

    /// Adds each item of a list, or the only one; `of` is the member or the type of the resource.
    fn add(&mut self, pointer: &str, of: &str, value: &'n Node) {
        let place = locate::place(self.tree, self.text, pointer);
        let is_nothing = |node: &Node| match &node.value {
            Value::Null => true,
            Value::Array(items) => items.is_empty(),
            _ => node.text(self.text).is_some_and(|text| text.is_empty()),
        };
        let items = if value.items().is_empty() { std::slice::from_ref(value) } else { value.items() };
        let planned = if gives_access(of) { resources::planned(self.plan, pointer) } else { String::new() };
        for item in items.iter().filter(|item| !is_nothing(item)) {
            let content: String = dense(item.span.slice(self.text)).collect();
            let (label, name) = (format!("`{}`", shown_place(&place)), format!("{place} {content}{planned}"));
            let named = item.get(self.text, "PolicyArn").unwrap_or(item).text(self.text);
            let gives = match of {
                "PermissionsBoundary" | "permissions_boundary" | "Tags" | "tags" => Gives::Nothing,
                _ if named.is_some_and(|name| self.read.contains(&name)) => Gives::Nothing,
                _ => given(of, item, self.text),
            };
            self.found.push(Maker { label, name, span: item.span, gives });
        }
    }
}

/// A place in a few words: the last name on the way to it, and what follows.
fn shown_place(place: &str) -> &str {
    place.rfind("/[").and_then(|at| place.get(at + 1..)).unwrap_or(place)
}

impl File {
    /// What says that the file is an answer of which a part is missing.
    pub fn cut_off(&self) -> Option<Maker> {
        cut_off(&Reading::all(&self.source), &self.source)
    }

    /// What the resource of a template has by names that are not read, besides the policy at a pointer.
    pub fn named_beside(&self, pointer: &str) -> Vec<&Maker> {
        let Some((outer, below)) = pointer.split_once("/Resources/") else { return Vec::new() };
        let resource = format!("{outer}/Resources/{}", below.split('/').next().unwrap_or_default());
        let span = Reading::all(&self.source).iter().find_map(|reading| {
            let own = reading.body.as_ref().map_or("", |body| &body.pointer);
            let node = reading.parsed.tree.at(reading.text(&self.source), resource.strip_prefix(own)?)?;
            Some(reading.in_file(node.span))
        });
        let is_in = |span: &Span, maker: &Maker| span.start <= maker.span.start && maker.span.end <= span.end;
        let named = self.named.iter().filter(|maker| span.is_some_and(|span| is_in(&span, maker)));
        let names = || NAMING.iter().chain(&["Groups"]);
        named.filter(|maker| names().any(|name| maker.label.starts_with(&format!("`{name}` of `")))).collect()
    }

    /// What may make a policy at a pointer at which the file has none.
    pub fn maker_of(&self, pointer: &str) -> Option<Maker> {
        Reading::all(&self.source).iter().find_map(|reading| self.maker_in(reading, pointer))
    }

    fn maker_in(&self, reading: &Reading, pointer: &str) -> Option<Maker> {
        let outer = reading.body.as_ref().map_or("", |body| &body.pointer);
        let pointer = pointer.strip_prefix(outer).filter(|rest| rest.is_empty() || rest.starts_with('/'))?;
        let (tree, text) = (&reading.parsed.tree, reading.text(&self.source));
        let maker = |label: String, node: &Node| Maker {
            label,
            name: String::new(),
            span: reading.in_file(node.span),
            gives: Gives::PublicAccess,
        };
        let node = deepest(tree, text, pointer);
        let around = reading.template(&self.source).around(&format!("{pointer}/x"), tree, text);
        if let Some(around) = around.into_iter().find(|around| around.what == Surrounding::Macro) {
            return Some(maker(around.label, node));
        }
        // What stands in place of the policy, or above it.
        let function = match node.members() {
            [only] => Some(only.key.text(text)).filter(|name| crate::policy::is_function_name(name)),
            _ => None,
        };
        if let Some(name) = function.filter(|name| name != "Fn::If") {
            return Some(maker(format!("`{name}`"), node));
        }
        if let Some(filled) = node.text(text).filter(|text| is_filled_in(text)) {
            return Some(maker(format!("`{filled}`"), node));
        }
        // What makes resources of other names.
        let resources = pointer.split_once("/Resources/").map(|(outer, _)| format!("{outer}/Resources"))?;
        let makes = |member: &&crate::parse::Member| {
            let kind = member.value.get(text, "Type").and_then(|kind| kind.text(text));
            member.key.text(text).starts_with("Fn::ForEach::")
                || kind.is_some_and(|kind| kind.ends_with("::MODULE"))
        };
        let member = tree.at(text, &resources)?.members().iter().find(makes)?;
        Some(maker(format!("`{}`", member.key.text(text)), &member.value))
    }

    /// What is in the place of a policy of another version and is none. AWS does not take that, so that the policy stays.
    fn in_place_of(&self, other: &Document) -> Option<Maker> {
        // In a list that has no order, another thing may be there.
        if other.place() != other.pointer() || other.shape() != other.pointer() {
            return None;
        }
        Reading::all(&self.source).iter().find_map(|reading| {
            let outer = reading.body.as_ref().map_or("", |body| &body.pointer);
            let pointer = other.pointer().strip_prefix(outer)?;
            let text = reading.text(&self.source);
            let node = in_its_place(&reading.parsed.tree, text, pointer)?;
            let label = format!("{}, which is not a policy", shown(node, text));
            let span = reading.in_file(node.span);
            Some(Maker { label, name: String::new(), span, gives: Gives::PublicAccess })
        })
    }

    /// The policy that something in the file may make in place of one that another version of the file has: nothing is
    /// known of it.
    pub fn made_in_place_of(&self, other: &Document) -> Option<Document> {
        let maker = self.maker_of(other.pointer()).or_else(|| self.in_place_of(other))?;
        let hints = Hints { kind: Some(other.kind), ..Hints::default() };
        let mut document = open_policy(Source::new(self.source.name(), self.source.text()), &hints);
        document.found.pointer = other.pointer().to_owned();
        document.found.place = other.place().to_owned();
        document.policy = Policy::unknown(maker.span, maker.label.trim_matches('`'));
        document.tree.span = maker.span;
        document.because = other.because.clone();
        document.problems.clear();
        document.replaced = true;
        Some(document)
    }
}

/// What a text has in the place of a policy, or of the function that makes it, if there is anything.
fn in_its_place<'n>(tree: &'n Node, text: &str, pointer: &str) -> Option<&'n Node> {
    let property = pointer.split_once("/Fn::").map_or(pointer, |(property, _)| property);
    let node = tree.at(text, property)?;
    let in_template = property.contains("/Resources/");
    let is_nothing = match &node.value {
        Value::Object(members) => matches!(&**members, [only] if only.key.text(text) == "Fn::If"),
        Value::Null => !in_template,
        _ => !in_template && node.text(text).is_some_and(|text| text.is_empty()),
    };
    (!is_nothing).then_some(node)
}

/// The beginning of what is written there.
fn shown(node: &Node, text: &str) -> String {
    let written: String = dense(node.span.slice(text)).collect();
    match written.char_indices().nth(MOST_SHOWN) {
        Some((end, _)) => format!("{}…", &written[..end]),
        None => written,
    }
}

/// How many characters of a value are shown.
const MOST_SHOWN: usize = 40;

/// The last node on the way to a place that may not be there.
fn deepest<'n>(tree: &'n Node, text: &str, pointer: &str) -> &'n Node {
    let ends = pointer.match_indices('/').map(|(at, _)| at).skip(1).chain([pointer.len()]);
    ends.map_while(|end| tree.at(text, &pointer[..end])).last().unwrap_or(tree)
}
