//! Who has which policies in a template of CloudFormation or SAM.

use std::collections::HashMap;

use super::{Boundary, Gathering, What, step};
use crate::parse::{Node, Value, dense};

/// The types of resources that have policies.
const HOLDERS: [(&str, What, &str); 5] = [
    ("AWS::IAM::Role", What::Role, "RoleName"),
    ("AWS::IAM::User", What::User, "UserName"),
    ("AWS::IAM::Group", What::Group, "GroupName"),
    ("AWS::Serverless::Function", What::Function, "FunctionName"),
    ("AWS::Serverless::StateMachine", What::Function, "Name"),
];

/// The properties by which a resource that is a policy names those that have it.
const ATTACHING: [(&str, What); 6] = [
    ("Roles", What::Role),
    ("Users", What::User),
    ("Groups", What::Group),
    ("RoleName", What::Role),
    ("UserName", What::User),
    ("GroupName", What::Group),
];

/// The types of resources that are policies of principals which they name.
const POLICIES: [&str; 5] = [
    "AWS::IAM::Policy",
    "AWS::IAM::ManagedPolicy",
    "AWS::IAM::RolePolicy",
    "AWS::IAM::UserPolicy",
    "AWS::IAM::GroupPolicy",
];

/// An item of a list, with the conditions with which it is in it.
type Item<'n> = (&'n Node, Vec<(String, bool)>);

impl<'f> Gathering<'f> {
    /// Collects what a template says.
    pub(super) fn template(&mut self) {
        let (tree, text) = (self.tree, self.text);
        let resources: Vec<(String, String, &'f Node)> = tree
            .get(text, "Resources")
            .into_iter()
            .flat_map(Node::members)
            .filter_map(|member| {
                let kind = member.value.get(text, "Type")?.text(text)?.into_owned();
                Some((member.key.text(text).into_owned(), kind, member.value.get(text, "Properties")?))
            })
            .collect();
        // Names that are written out, and whose they are.
        let mut names: HashMap<(What, String), String> = HashMap::new();
        for (own, kind, properties) in &resources {
            let Some((_, what, name)) = HOLDERS.iter().find(|(known, ..)| known == kind) else { continue };
            if let Some(name) = properties.get(text, name).and_then(|name| name.text(text)) {
                names.insert((*what, name.into_owned()), own.clone());
            }
        }
        let kinds: HashMap<&str, &str> = resources.iter().map(|(own, kind, _)| (&**own, &**kind)).collect();
        let managed = |node: &Node| -> Option<String> {
            let name = referred(node, text)?;
            let is_managed = kinds.get(&*name) == Some(&"AWS::IAM::ManagedPolicy");
            is_managed.then(|| format!("/Resources/{}/Properties", step(&name)))
        };
        let id_of = |what: What, node: &Node| -> Option<String> {
            let named = || {
                let name = node.text(text)?.into_owned();
                Some(names.get(&(what, name.clone())).cloned().unwrap_or(name))
            };
            referred(node, text).or_else(named)
        };
        for (own, kind, properties) in &resources {
            let place = format!("/Resources/{}/Properties", step(own));
            if POLICIES.contains(&&**kind) {
                for (member, what) in ATTACHING {
                    for (item, conditions) in items(properties.get(text, member), text) {
                        let id = id_of(what, item).unwrap_or_else(|| dense(item.span.slice(text)).collect());
                        let principal = self.named(what, &id, &kinds);
                        for document in self.under(&place) {
                            self.hold(principal, document, &conditions);
                        }
                    }
                }
            }
            if kind == "AWS::IAM::UserToGroupAddition" {
                let group = properties.get(text, "GroupName").and_then(|group| id_of(What::Group, group));
                let users = items(properties.get(text, "Users"), text);
                for user in users.into_iter().filter_map(|(user, _)| id_of(What::User, user)) {
                    let Some(group) = &group else { continue };
                    let (user, group) =
                        (self.named(What::User, &user, &kinds), self.named(What::Group, group, &kinds));
                    self.groups.push((user, group));
                }
            }
            let Some((_, what, _)) = HOLDERS.iter().find(|(known, ..)| known == kind) else { continue };
            // With a role that is given, SAM makes none.
            if *what == What::Function && properties.get(text, "Role").is_some() {
                continue;
            }
            let principal = self.named(*what, own, &kinds);
            for document in self.under(&format!("{place}/Policies")) {
                self.hold(principal, document, &[]);
            }
            for member in ["ManagedPolicyArns", "Policies"] {
                for (item, conditions) in items(properties.get(text, member), text) {
                    for document in managed(item).map(|place| self.under(&place)).unwrap_or_default() {
                        self.hold(principal, document, &conditions);
                    }
                }
            }
            if let Some(boundary) = properties.get(text, "PermissionsBoundary") {
                let own = managed(boundary).and_then(|place| self.under(&place).first().copied());
                self.found[principal].boundary = Some(own.map_or(Boundary::Unknown, Boundary::Policy));
            }
            let groups = items(properties.get(text, "Groups").filter(|_| *what == What::User), text);
            for id in groups.into_iter().filter_map(|(group, _)| id_of(What::Group, group)) {
                let group = self.named(What::Group, &id, &kinds);
                self.groups.push((principal, group));
            }
        }
    }

    /// The place of a principal, by its logical name in the template, or what else is said of it.
    fn named(&mut self, what: What, id: &str, kinds: &HashMap<&str, &str>) -> usize {
        self.principal(what, id, || match kinds.get(id) {
            Some(kind) => format!("`{id}` ({kind})"),
            None => format!("{} `{id}`", what.name()),
        })
    }
}

/// The items of a list, or the only one, also those that a condition chooses.
fn items<'n>(list: Option<&'n Node>, text: &str) -> Vec<Item<'n>> {
    let mut found = Vec::new();
    let mut open: Vec<Item<'n>> = list.map(|list| (list, Vec::new())).into_iter().collect();
    while let Some((node, conditions)) = open.pop() {
        let chosen = match node.members() {
            [only] if only.key.text(text) == "Fn::If" => match only.value.items() {
                [condition, yes, no] => condition.text(text).map(|name| (name.into_owned(), yes, no)),
                _ => None,
            },
            _ => None,
        };
        match (chosen, &node.value) {
            (Some((name, yes, no)), _) => open.extend([(yes, true), (no, false)].map(|(branch, holds)| {
                let with = [(name.clone(), holds)];
                (branch, conditions.iter().cloned().chain(with).collect())
            })),
            (None, Value::Array(items)) => open.extend(items.iter().map(|item| (item, conditions.clone()))),
            (None, _) => found.push((node, conditions)),
        }
    }
    found.reverse();
    found
}

/// The name of the resource that a function refers to: `Ref`, `Fn::GetAtt` or `Fn::Sub` of nothing else.
fn referred(node: &Node, text: &str) -> Option<String> {
    let [only] = node.members() else { return None };
    let own = |name: &str| name.split('.').next().unwrap_or_default().to_owned();
    match &*only.key.text(text) {
        "Ref" => Some(only.value.text(text)?.into_owned()),
        "Fn::GetAtt" => match only.value.items() {
            [name, ..] => Some(name.text(text)?.into_owned()),
            [] => Some(own(&only.value.text(text)?)),
        },
        "Fn::Sub" => {
            let value = only.value.text(text)?;
            let name = value.strip_prefix("${")?.strip_suffix('}')?;
            (!name.contains(['$', '{', '}', ':'])).then(|| own(name))
        }
        _ => None,
    }
}
