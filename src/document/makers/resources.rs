//! What resources of plans and states, of Terraform and Pulumi, give beside their policies.

use std::collections::HashSet;

use super::types::{self, Counts};
use super::{Gives, MEMBERS, Maker, given, gives_access};
use crate::document::attachment::Attachment;
use crate::document::plan::Plan;
use crate::document::reading::Reading;
use crate::document::surroundings::is_date;
use crate::locate;
use crate::parse::{Node, Value, dense};
use crate::source::Source;

/// A managed resource.
struct Resource<'n> {
    /// Its type, as Terraform's provider for AWS calls it.
    kind: String,
    /// What a person knows it by.
    name: String,
    values: &'n Node,
    /// What else a plan or state says of where it goes.
    planned: &'n [Attachment],
}

/// What decides where the resource that a pointer leads into goes and is not among its values, in a few words.
pub(super) fn planned(plan: &Plan, pointer: &str) -> String {
    words(plan.of(pointer), |name| !types::is_neutral_in_terraform(name))
}

fn words(planned: &[Attachment], counts: impl Fn(&str) -> bool) -> String {
    let counting = planned.iter().filter(|one| counts(&one.name));
    counting.map(|one| format!(" {}={}", one.name, one.value)).collect()
}

/// The resources of a plan or state that may give access that is in none of its policies.
pub(super) fn unknown<'n>(reading: &'n Reading, source: &'n Source) -> Vec<Maker> {
    let (tree, text) = (&reading.parsed.tree, reading.text(source));
    let mut resources = of_pulumi(tree, text);
    if locate::is_planned(tree, text) {
        let all = locate::terraform_resources(tree, text).into_iter().filter(|resource| resource.is_managed);
        resources.extend(all.filter(|resource| !gives_access(&resource.kind)).map(|resource| Resource {
            kind: resource.kind,
            name: resource.address,
            values: resource.values,
            planned: reading.plan(text).of(&resource.pointer),
        }));
    }
    let policies = reading.found(source).iter().map(|found| found.form.span().start).collect();
    let content = Content { text, policies };
    let mut found = Vec::new();
    for Resource { kind, name, values, planned } in resources {
        let mut add = |label: String, written: &str, span, gives| {
            found.push(Maker {
                name: format!("{name} {label} {written}"),
                label,
                span: reading.in_file(span),
                gives,
            });
        };
        let counts = types::of_terraform(&kind);
        match counts {
            Counts::Nothing | Counts::Members(_) => {
                let members = if let Counts::Members(members) = counts { members } else { &[] };
                for member in members {
                    let Some(value) = values.get(text, member) else { continue };
                    let written = content.of(value);
                    let is_private = *member == "acl" && value.text(text).is_some_and(|acl| acl == "private");
                    let gives =
                        if ["acl", "grant"].contains(member) { Gives::PublicAccess } else { Gives::Nothing };
                    if !written.is_empty() && !is_private {
                        add(format!("`{member}` of `{name}`"), &written, value.span, gives);
                    }
                }
                // What is known only after apply.
                for member in MEMBERS.iter().chain(members) {
                    let written = words(planned, |name| name == *member);
                    if !written.is_empty() {
                        add(format!("`{member}` of `{name}`"), &written, values.span, Gives::Unknown);
                    }
                }
            }
            Counts::All => {
                let counts = |name: &str| !types::is_neutral_in_terraform(name);
                let members = values.members().iter().filter(|member| counts(&member.key.text(text)));
                let written: Vec<(String, &Node)> = members
                    .map(|member| (member.key.text(text), content.of(&member.value), &member.value))
                    .filter(|(_, written, _)| !written.is_empty())
                    .map(|(name, written, value)| (format!("{name}: {written}"), value))
                    .collect();
                let span = written.first().map_or(values.span, |(_, value)| value.span);
                let written: Vec<String> = written.into_iter().map(|(written, _)| written).collect();
                let gives = match gives_access(&kind) {
                    true => given(&kind, values, text),
                    false => Gives::Unknown,
                };
                let later = words(planned, |name| counts(name));
                add(format!("`{name}`"), &(written.join(",") + &later), span, gives);
            }
        }
    }
    found
}

/// Whether a file is a state of Pulumi.
pub(in crate::document) fn is_pulumi(tree: &Node, text: &str) -> bool {
    !of_pulumi(tree, text).is_empty()
}

/// The resources of a state of Pulumi. Pulumi calls a type `aws:iam/rolePolicy:RolePolicy`, after Terraform's
/// `aws_iam_role_policy`.
fn of_pulumi<'n>(tree: &'n Node, text: &str) -> Vec<Resource<'n>> {
    let resources = tree.at(text, "/deployment/resources").map_or(&[][..], Node::items);
    let one = |node: &'n Node| {
        let [kind, urn] = ["type", "urn"].map(|name| node.get(text, name).and_then(|node| node.text(text)));
        let name = urn?.rsplit("::").next().unwrap_or_default().to_owned();
        let kind = kind?;
        Some(Resource {
            name: format!("{kind} {name}"),
            kind: terraform_type(&kind).unwrap_or_else(|| kind.into_owned()),
            values: node.get(text, "inputs")?,
            planned: &[],
        })
    };
    resources.iter().filter_map(one).collect()
}

/// The type of Terraform that one of Pulumi is made of.
fn terraform_type(kind: &str) -> Option<String> {
    let (module, name) = kind.strip_prefix("aws:")?.split_once('/')?;
    let name = name.split(':').next()?;
    let mut own = String::new();
    for char in name.chars() {
        if char.is_ascii_uppercase() {
            own.push('_');
        }
        own.push(char.to_ascii_lowercase());
    }
    let is_known = |kind: &String| gives_access(kind) || types::of_terraform(kind) != Counts::All;
    [format!("aws_{module}_{own}"), format!("aws_{own}")].into_iter().find(is_known)
}

/// What values say beside policies.
struct Content<'n> {
    text: &'n str,
    /// Where the policies begin.
    policies: HashSet<u32>,
}

impl Content<'_> {
    /// All of a value but the policies, dates and what says nothing.
    fn of(&self, node: &Node) -> String {
        if self.policies.contains(&node.span.start) {
            return String::new();
        }
        let enclosed = |parts: Vec<String>, signs: [&str; 2]| match parts.is_empty() {
            true => String::new(),
            false => format!("{}{}{}", signs[0], parts.join(","), signs[1]),
        };
        match &node.value {
            Value::Null => String::new(),
            Value::Array(items) => {
                let items = items.iter().map(|item| self.of(item)).filter(|item| !item.is_empty());
                enclosed(items.collect(), ["[", "]"])
            }
            Value::Object(members) => {
                let members =
                    members.iter().map(|member| (member.key.text(self.text), self.of(&member.value)));
                let members = members.filter(|(_, value)| !value.is_empty());
                enclosed(members.map(|(name, value)| format!("{name}: {value}")).collect(), ["{", "}"])
            }
            _ if node.text(self.text).is_some_and(|text| text.is_empty() || is_date(&text)) => String::new(),
            _ => dense(node.span.slice(self.text)).collect(),
        }
    }
}
