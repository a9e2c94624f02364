//! What AWS puts in place of a policy that is taken away while the resource stays that it is about.

use super::attachment::Owner;
use super::reading::Reading;
use super::{Document, File, Hints, open_policy};
use crate::kind::Kind;
use crate::parse::{Node, Value};
use crate::policy::template::Settled;
use crate::policy::{Arn, Policy, is_account_id};
use crate::source::Source;

/// The default policy of a type of resource.
struct Default {
    /// What it is called.
    name: &'static str,
    /// The types of the resources, which may have their policy as a property.
    resources: &'static [&'static str],
    /// The types of resources that are only the policy of one.
    policies: &'static [&'static str],
    /// The policy, with `ROOT` and `ACCOUNT` for those of the account.
    text: &'static str,
    /// A word in the resource's own text with which nobody has access by default.
    closed: Option<&'static str>,
}

/// From AWS's guides: "Default key policy", "Using IAM to control access to file systems", "How API Gateway resource
/// policies affect authorization workflow", `AddPermission` of SNS, "Default endpoint policy".
const DEFAULTS: [Default; 5] = [
    Default {
        name: "the default key policy",
        resources: &[
            "AWS::KMS::Key",
            "AWS::KMS::ReplicaKey",
            "aws_kms_external_key",
            "aws_kms_key",
            "aws_kms_replica_external_key",
            "aws_kms_replica_key",
        ],
        policies: &["aws_kms_key_policy"],
        text: r#"{"Version": "2012-10-17", "Statement": [{"Sid": "Enable IAM User Permissions", "Effect": "Allow",
  "Principal": {"AWS": ROOT}, "Action": "kms:*", "Resource": "*"}]}"#,
        closed: None,
    },
    Default {
        name: "the default file system policy",
        resources: &["AWS::EFS::FileSystem", "aws_efs_file_system"],
        policies: &["aws_efs_file_system_policy"],
        text: r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": [
  "elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite", "elasticfilesystem:ClientRootAccess"],
  "Resource": "*", "Condition": {"Bool": {"elasticfilesystem:AccessedViaMountTarget": "true"}}}]}"#,
        closed: None,
    },
    Default {
        name: "an API without a policy",
        resources: &["AWS::ApiGateway::RestApi", "AWS::Serverless::Api", "aws_api_gateway_rest_api"],
        policies: &["aws_api_gateway_rest_api_policy"],
        text: r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*",
  "Action": "execute-api:Invoke", "Resource": "execute-api:/*"}]}"#,
        closed: Some("PRIVATE"),
    },
    Default {
        name: "the default topic policy",
        resources: &["AWS::SNS::Topic", "aws_sns_topic"],
        policies: &["AWS::SNS::TopicInlinePolicy", "AWS::SNS::TopicPolicy", "aws_sns_topic_policy"],
        text: r#"{"Version": "2008-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": [
  "sns:GetTopicAttributes", "sns:SetTopicAttributes", "sns:AddPermission", "sns:RemovePermission",
  "sns:DeleteTopic", "sns:Subscribe", "sns:ListSubscriptionsByTopic", "sns:Publish"],
  "Resource": "*", "Condition": {"StringEquals": {"aws:SourceOwner": ACCOUNT}}}]}"#,
        closed: None,
    },
    Default {
        name: "the default endpoint policy",
        resources: &["AWS::EC2::VPCEndpoint", "aws_vpc_endpoint"],
        policies: &["aws_vpc_endpoint_policy"],
        text: r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*",
  "Resource": "*"}]}"#,
        closed: None,
    },
];

impl Document {
    /// What AWS puts in place of this policy where the other version of its file does not have it: `None` if nothing, or
    /// nothing but what [`Document::left_out`] says.
    pub fn default_in_place(&self, own: &File, other: Option<&File>) -> Option<Document> {
        let owner = self.owner_resource.as_ref()?;
        let is_of = |types: &[&str]| types.contains(&&*owner.kind);
        let default = DEFAULTS.iter().find(|one| is_of(one.resources) || is_of(one.policies))?;
        let name = other.map_or(self.source.name(), |other| other.source.name());
        let resources = |file: &File| -> Vec<String> {
            let of = |reading: &Reading| all_of(default.resources, reading, &file.source);
            Reading::all(&file.source).iter().flat_map(of).collect()
        };
        let closed = |text: &str| default.closed.is_some_and(|word| text.contains(word));
        if is_of(default.resources) {
            let text = Reading::all(&other?.source).iter().find_map(|reading| {
                let (tree, file) = (&reading.parsed.tree, reading.text(&other?.source));
                owner.in_other(tree, file).map(|node| node.span.slice(file).to_owned())
            })?;
            return (!closed(&text)).then(|| self.replaced_by(default, name));
        }
        // Whether the resource stays that the policy was about shows in how many there are.
        let (before, after) = (resources(own), other.map(resources).unwrap_or_default());
        match (before.len(), after.len()) {
            (1.., 0) => None,
            (before, now) if now < before || after.iter().any(|text| closed(text)) => {
                let label = format!("whether {} applies", default.name);
                let document = self.replaced_by(default, name);
                let policy = Policy::unknown(document.policy.span, &label);
                Some(Document { policy, replaced: true, ..document })
            }
            (0, _) if default.closed.is_some() => {
                let document = self.replaced_by(default, name);
                let policy = Policy::unknown(document.policy.span, default.name);
                Some(Document { policy, replaced: true, ..document })
            }
            _ => Some(self.replaced_by(default, name)),
        }
    }

    /// What AWS puts in place of the policy in a case in which its template takes it out of a resource that stays.
    pub(super) fn default_without(&self, settled: Option<&Settled>) -> Option<Document> {
        let settled = settled.filter(|settled| !self.replaced && !settled.leaves_out(&self.around))?;
        let owner = self.owner_resource.as_ref()?;
        let default = DEFAULTS.iter().find(|one| one.resources.contains(&&*owner.kind))?;
        let text = self.text();
        let mut node = &self.tree;
        while let [only] = node.members() {
            match (&*only.key.text(text), only.value.items()) {
                ("Ref", []) if only.value.text(text).is_some_and(|name| name == "AWS::NoValue") => {
                    let document = self.replaced_by(default, self.source.name());
                    let is_open = default.closed.is_none_or(|word| !self.source.text().contains(word));
                    let policy = Policy::unknown(document.policy.span, default.name);
                    return Some(if is_open { document } else { Document { policy, ..document } });
                }
                ("Fn::If", [condition, yes, no]) => {
                    let holds = settled.conditions.get(&*condition.text(text)?)?;
                    node = if *holds { yes } else { no };
                }
                _ => return None,
            }
        }
        None
    }

    /// A default policy of the resource that this policy is about.
    fn replaced_by(&self, default: &Default, name: &str) -> Document {
        let arn = self.resource.as_deref().and_then(Arn::parse).filter(|arn| is_account_id(arn.account));
        let (root, account) = match arn {
            Some(arn) => (
                format!("\"arn:{}:iam::{}:root\"", arn.partition, arn.account),
                format!("\"{}\"", arn.account),
            ),
            None => (
                r#"{"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}"#.to_owned(),
                r#"{"Ref": "AWS::AccountId"}"#.to_owned(),
            ),
        };
        let text = default.text.replace("ROOT", &root).replace("ACCOUNT", &account);
        let hints = Hints { kind: Some(self.kind), resource: self.resource.clone(), ..Hints::default() };
        let mut document = open_policy(Source::new(format!("{name}, {}", default.name), text), &hints);
        document.found.pointer.clone_from(&self.found.pointer);
        document.because = self.because.clone();
        document
    }

    /// Whether the resource that the policy is written in takes one statement, and not a list.
    pub fn takes_one_statement(&self) -> bool {
        self.owner_resource.as_ref().is_some_and(|owner| owner.kind == "AWS::Events::EventBusPolicy")
            && self.pointer().ends_with("/Statement")
    }

    /// Whether the policy limits what goes through a resource that has it as a property.
    pub(super) fn limits_a_resource(&self) -> bool {
        let is_part = |owner: &Owner| !owner.kind.to_ascii_lowercase().ends_with("policy");
        matches!(self.kind, Kind::Endpoint | Kind::Session)
            && self.is_template()
            && self.owner_resource.as_ref().is_some_and(is_part)
    }

    /// Whether the policy limits what goes through a resource that has it as a property, and another version of its file has
    /// no such resource: nothing goes through there.
    pub(super) fn is_without_its_resource_in(&self, other: Option<&File>) -> bool {
        let readings = || other.map(|file| (Reading::all(&file.source), &file.source));
        let any = |holds: &dyn Fn(&Node, &str) -> bool| {
            readings().is_some_and(|(all, source)| {
                all.iter().any(|reading| holds(&reading.parsed.tree, reading.text(source)))
            })
        };
        match (&self.owner_resource, self.kind) {
            (Some(owner), _) if self.limits_a_resource() => {
                !any(&|tree, text| owner.in_other(tree, text).is_some())
            }
            // An answer has all endpoints, each with its policy.
            (_, Kind::Endpoint) if !self.is_template() => {
                let above = |path: &str| path.rsplit_once('/').map(|(above, _)| above.to_owned());
                let (Some(pointer), Some(place)) = (above(self.pointer()), above(self.place())) else {
                    return false;
                };
                let Some(list) = above(&pointer).filter(|_| pointer != place) else { return false };
                !any(&|tree, text| {
                    let items = tree.at(text, &list).map_or(0, |list| list.items().len());
                    (0..items).any(|at| crate::locate::place(tree, text, &format!("{list}/{at}")) == place)
                })
            }
            _ => false,
        }
    }
}

/// The texts of all resources of some types in a file.
fn all_of(types: &[&str], reading: &Reading, source: &Source) -> Vec<String> {
    let (tree, text) = (&reading.parsed.tree, reading.text(source));
    let mut found = Vec::new();
    let mut open = vec![tree];
    while let Some(node) = open.pop() {
        let kind = ["Type", "type"].iter().find_map(|name| node.get(text, name)?.text(text));
        // What a plan takes away.
        let is_gone = node.at(text, "/change/after").is_some_and(|after| after.value == Value::Null);
        let is_again = node.get(text, "change").is_some() && tree.get(text, "planned_values").is_some();
        if kind.is_some_and(|kind| types.contains(&&*kind)) && !is_gone && !is_again {
            found.push(node.span.slice(text).to_owned());
        }
        open.extend(node.items());
        for member in node.members() {
            // A configuration of Terraform has them by type and name.
            match types.contains(&&*member.key.text(text)) {
                true => {
                    found.extend(member.value.members().iter().map(|one| one.span().slice(text).to_owned()))
                }
                false => open.push(&member.value),
            }
        }
    }
    found
}

impl Owner {
    /// The same resource in another version of a file.
    fn in_other<'n>(&self, tree: &'n Node, text: &str) -> Option<&'n Node> {
        let is_same = |node: &&Node| {
            let kind = ["Type", "type"].iter().find_map(|name| node.get(text, name)?.text(text));
            let is_type = match self.pointer.starts_with("/resource/") {
                true => matches!(node.value, Value::Object(_) | Value::Array(_)),
                false => kind.is_some_and(|kind| kind == self.kind),
            };
            is_type && node.at(text, "/change/after").is_none_or(|after| after.value != Value::Null)
        };
        let Some(address) = &self.address else {
            return tree.at(text, &self.pointer).filter(is_same);
        };
        let has_address = |node: &&Node| {
            node.get(text, "address").and_then(|node| node.text(text)).is_some_and(|text| text == **address)
        };
        let roots = ["planned_values", "values", "resource_changes"];
        let mut open: Vec<&Node> = roots.iter().find_map(|name| tree.get(text, name)).into_iter().collect();
        while let Some(node) = open.pop() {
            if has_address(&node) && is_same(&node) {
                return Some(node);
            }
            open.extend(node.items());
            open.extend(node.members().iter().map(|member| &member.value));
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_default_is_a_policy() {
        for default in &DEFAULTS {
            let text =
                default.text.replace("ROOT", "\"111111111111\"").replace("ACCOUNT", "\"111111111111\"");
            let document = open_policy(Source::new("default", text), &Hints::default());
            assert!(document.problems.is_empty() && document.is_sound(), "{}", default.name);
            assert_eq!(document.policy.statements.len(), 1);
        }
    }
}
