//! Who has which policies in a plan, state or configuration of Terraform.

use std::collections::HashMap;

use super::{Boundary, Gathering, What};
use crate::document::plan::without_indices;
use crate::locate::{self, Resource};
use crate::parse::Node;

/// The types of resources that have policies.
const HOLDERS: [(&str, What); 3] =
    [("aws_iam_role", What::Role), ("aws_iam_user", What::User), ("aws_iam_group", What::Group)];

/// The types of resources that are a policy of somebody, or attach one, and the attributes that name whose.
const ATTACHING: [(&str, &str, What); 9] = [
    ("aws_iam_role_policy", "role", What::Role),
    ("aws_iam_user_policy", "user", What::User),
    ("aws_iam_group_policy", "group", What::Group),
    ("aws_iam_role_policy_attachment", "role", What::Role),
    ("aws_iam_user_policy_attachment", "user", What::User),
    ("aws_iam_group_policy_attachment", "group", What::Group),
    ("aws_iam_policy_attachment", "roles", What::Role),
    ("aws_iam_policy_attachment", "users", What::User),
    ("aws_iam_policy_attachment", "groups", What::Group),
];

/// What an attribute says: texts that are known, and resources that it refers to, by their places.
#[derive(Default)]
struct Named {
    texts: Vec<String>,
    resources: Vec<usize>,
}

/// The resources of a file, with what tells them from others.
struct Resources<'n> {
    text: &'n str,
    all: Vec<Resource<'n>>,
    /// By module and name, as `module.a.` and `aws_iam_role.ci`.
    by_address: HashMap<(String, String), Vec<usize>>,
    /// By type and the name that IAM knows them by.
    by_name: HashMap<(String, String), Vec<usize>>,
    by_arn: HashMap<String, usize>,
    /// The expressions of a plan's configuration, by module and name.
    configured: HashMap<(String, String), &'n Node>,
}

impl<'f> Gathering<'f> {
    /// Collects what a plan, state or configuration says.
    pub(super) fn terraform(&mut self) {
        if !self.text.contains("aws_iam_") {
            return;
        }
        let resources = Resources::new(self.tree, self.text);
        for resource in &resources.all {
            if let Some((_, what)) = HOLDERS.iter().find(|(kind, _)| *kind == resource.kind) {
                let principal =
                    self.principal(*what, &resource.address, || format!("`{}`", resource.address));
                for document in self.under(&resource.pointer) {
                    self.hold(principal, document, &[]);
                }
                for policy in resources.policies(resource, "managed_policy_arns") {
                    self.hold_all(principal, policy);
                }
                let boundary = resources.named(resource, "permissions_boundary");
                let own = resources.policies(resource, "permissions_boundary").into_iter().next();
                let own = own.and_then(|policy| self.under(&policy.pointer).first().copied());
                self.found[principal].boundary = match own {
                    Some(document) => Some(Boundary::Policy(document)),
                    None if boundary.texts.is_empty() && boundary.resources.is_empty() => None,
                    None => Some(Boundary::Unknown),
                };
            }
            for (_, attribute, what) in ATTACHING.iter().filter(|(kind, ..)| *kind == resource.kind) {
                for (id, name) in resources.holders(resource, attribute, *what) {
                    let principal = self.principal(*what, &id, || name);
                    self.hold_all(principal, resource);
                    for policy in resources.policies(resource, "policy_arn") {
                        self.hold_all(principal, policy);
                    }
                }
            }
            let membership = match resource.kind.as_str() {
                "aws_iam_user_group_membership" => Some(("user", "groups")),
                "aws_iam_group_membership" => Some(("users", "group")),
                _ => None,
            };
            let Some((user, group)) = membership else { continue };
            for (id, name) in resources.holders(resource, user, What::User) {
                let user = self.principal(What::User, &id, || name);
                for (id, name) in resources.holders(resource, group, What::Group) {
                    let group = self.principal(What::Group, &id, || name);
                    self.groups.push((user, group));
                }
            }
        }
    }

    fn hold_all(&mut self, principal: usize, policy: &Resource<'_>) {
        for document in self.under(&policy.pointer) {
            self.hold(principal, document, &[]);
        }
    }
}

impl<'n> Resources<'n> {
    fn new(tree: &'n Node, text: &'n str) -> Self {
        let all: Vec<Resource<'n>> = locate::terraform_resources(tree, text)
            .into_iter()
            .filter(|resource| resource.kind.starts_with("aws_iam_"))
            .collect();
        let (mut by_address, mut by_name) =
            (HashMap::<_, Vec<usize>>::new(), HashMap::<_, Vec<usize>>::new());
        let mut by_arn = HashMap::new();
        for (at, resource) in all.iter().enumerate() {
            let (module, name, _) = parts(resource);
            by_address.entry((module.to_owned(), name.to_owned())).or_default().push(at);
            let own = |name: &str| Some(resource.values.get(text, name)?.text(text)?.into_owned());
            if let Some(name) = own("name") {
                by_name.entry((resource.kind.clone(), name)).or_default().push(at);
            }
            if let Some(arn) = own("arn") {
                by_arn.insert(arn, at);
            }
        }
        let mut configured = HashMap::new();
        let mut modules: Vec<(String, &Node)> = Vec::new();
        modules.extend(tree.at(text, "/configuration/root_module").map(|root| (String::new(), root)));
        while let Some((module, node)) = modules.pop() {
            for resource in node.get(text, "resources").map_or(&[][..], Node::items) {
                let address = resource.get(text, "address").and_then(|address| address.text(text));
                let expressions = resource.get(text, "expressions");
                if let (Some(address), Some(expressions)) = (address, expressions) {
                    configured.insert((module.clone(), address.into_owned()), expressions);
                }
            }
            for call in node.get(text, "module_calls").map_or(&[][..], Node::members) {
                let inner = call.value.get(text, "module");
                modules
                    .extend(inner.map(|inner| (format!("{module}module.{}.", call.key.text(text)), inner)));
            }
        }
        Resources { text, all, by_address, by_name, by_arn, configured }
    }

    /// The principals that an attribute names: what tells each from others, and its name for a person.
    fn holders(&self, resource: &Resource<'n>, attribute: &str, what: What) -> Vec<(String, String)> {
        let kind = HOLDERS.iter().find(|(_, known)| *known == what).map_or("", |(kind, _)| kind);
        let (module, ..) = parts(resource);
        let named = self.named(resource, attribute);
        let by_address = |at: usize| {
            let address = &self.all[at].address;
            (address.clone(), format!("`{address}`"))
        };
        let by_name = |name: &String| {
            let called = self.by_name.get(&(kind.to_owned(), name.clone())).map_or(&[][..], Vec::as_slice);
            // The same name may be of several accounts.
            let beside = called.iter().find(|at| parts(&self.all[**at]).0 == module);
            match (called, beside) {
                ([at], _) | (_, Some(at)) => Some(by_address(*at)),
                ([], _) => Some((format!("{module}{name}"), format!("{} `{name}`", what.name()))),
                _ => None,
            }
        };
        let referred = named.resources.iter().filter(|at| self.all[**at].kind == kind);
        let mut found: Vec<(String, String)> = named.texts.iter().filter_map(by_name).collect();
        found.extend(referred.map(|at| by_address(*at)));
        found.dedup();
        found
    }

    /// The managed policies that an attribute names.
    fn policies(&self, resource: &Resource<'n>, attribute: &str) -> Vec<&Resource<'n>> {
        let named = self.named(resource, attribute);
        let by_arn = named.texts.iter().filter_map(|arn| self.by_arn.get(arn));
        let all = by_arn.chain(&named.resources).map(|at| &self.all[*at]);
        all.filter(|one| one.kind == "aws_iam_policy").collect()
    }

    /// What an attribute of a resource names.
    fn named(&self, resource: &Resource<'n>, attribute: &str) -> Named {
        let value = resource.values.get(self.text, attribute);
        let items = value.map_or(&[][..], |value| match value.items() {
            [] => std::slice::from_ref(value),
            items => items,
        });
        let mut named = Named::default();
        let mut references: Vec<String> = Vec::new();
        for text in items.iter().filter_map(|item| item.text(self.text)).filter(|text| !text.is_empty()) {
            match text.contains("${") {
                true => references.extend(
                    text.split("${")
                        .skip(1)
                        .map(|rest| rest.split(['}', ' ', ',', ')']).next().unwrap_or_default().to_owned()),
                ),
                false => named.texts.push(text.into_owned()),
            }
        }
        if named.texts.is_empty() && references.is_empty() {
            references = self.configured(resource, attribute);
        }
        named.resources = references.iter().filter_map(|one| self.referred(resource, one)).collect();
        named.resources.sort_unstable();
        named.resources.dedup();
        named
    }

    /// The names that the expression of an attribute refers to in the configuration of a plan.
    fn configured(&self, resource: &Resource<'n>, attribute: &str) -> Vec<String> {
        let (module, name, _) = parts(resource);
        let expressions = self.configured.get(&(without_indices(module), name.to_owned()));
        let references =
            expressions.and_then(|one| one.get(self.text, attribute)?.get(self.text, "references"));
        let references = references.map_or(&[][..], Node::items).iter();
        references.filter_map(|one| Some(one.text(self.text)?.into_owned())).collect()
    }

    /// The resource that a name in an expression is about: in the same module, and of several with the same index.
    fn referred(&self, from: &Resource<'n>, reference: &str) -> Option<usize> {
        let plain = without_indices(reference);
        let mut steps = plain.split('.');
        let name = format!("{}.{}", steps.next()?, steps.next()?);
        let (module, _, index) = parts(from);
        let own = reference.find('[').and_then(|start| {
            let end = reference[start..].find(']')? + start;
            reference.get(start..=end)
        });
        let of_name = self.by_address.get(&(module.to_owned(), name))?;
        let wanted = own.unwrap_or(index);
        let same = of_name.iter().find(|at| parts(&self.all[**at]).2 == wanted);
        same.or(of_name.first().filter(|_| of_name.len() == 1)).copied()
    }
}

/// An address in its parts: the module with a dot, type and name, the index.
fn parts<'r>(resource: &'r Resource<'_>) -> (&'r str, &'r str, &'r str) {
    let address = resource.address.as_str();
    let head = format!("{}.", resource.kind);
    let starts = address.match_indices(&head).map(|(at, _)| at);
    let start = { starts }.find(|at| *at == 0 || address[..*at].ends_with('.')).unwrap_or(0);
    let (module, rest) = address.split_at(start);
    let (name, index) = rest.split_at(rest.find('[').unwrap_or(rest.len()));
    (module, name, index)
}
