//! The policies that a role, user or group has together, where a file tells: the details of an account, a template of
//! CloudFormation or SAM, a plan, state or configuration of Terraform.

pub(super) mod details;
mod template;
mod terraform;

use std::collections::{BTreeMap, HashMap};

use super::{Document, File};
use crate::document::reading::Reading;
use crate::kind::Kind;
use details::Details;

/// A role, user, group or function, with its policies.
#[derive(Clone, Debug)]
pub struct Principal {
    /// How to name it to a person: role `ci`.
    pub name: String,
    /// Its policies. Those that a user has by one group are together, as they are the group's as well.
    pub parts: Vec<Vec<Held>>,
    /// Its permissions boundary.
    pub boundary: Option<Boundary>,
}

/// A policy that a principal has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// Its place among the file's policies.
    pub document: usize,
    /// The conditions of the template with which it has it, and whether each has to hold.
    conditions: Vec<(String, bool)>,
}

/// A permissions boundary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Boundary {
    /// The policy at that place among the file's.
    Policy(usize),
    /// One that the file does not have.
    Unknown,
}

impl Held {
    /// Whether the principal has it whatever else is so.
    pub fn is_certain(&self) -> bool {
        self.conditions.is_empty()
    }

    /// A policy that the principal has whatever else is so.
    fn of(document: usize) -> Self {
        Held { document, conditions: Vec::new() }
    }
}

impl File {
    /// Who has which policies, as far as the file tells; no one, if there is only one policy.
    pub fn principals(&self) -> Vec<Principal> {
        let is_one = |document: &&Document| document.kind == Kind::Identity && !document.is_absent();
        if self.documents.iter().filter(is_one).count() < 2 {
            return Vec::new();
        }
        let mut found = Details::read(self).map(|details| details.principals()).unwrap_or_default();
        for reading in Reading::all(&self.source) {
            let outer = reading.body.as_ref().map_or("", |body| &body.pointer);
            let documents = self.documents.iter().enumerate().filter(|(_, document)| is_one(document));
            let documents = documents.filter_map(|(at, document)| {
                let body = document.body.as_ref().map_or("", |body| &body.pointer);
                (body == outer).then(|| (document.pointer().get(outer.len()..).unwrap_or_default(), at))
            });
            let gathering = Gathering {
                tree: &reading.parsed.tree,
                text: reading.text(&self.source),
                documents: documents.collect(),
                found: Vec::new(),
                known: HashMap::new(),
                groups: Vec::new(),
            };
            found.extend(gathering.principals());
        }
        found
    }
}

impl Document {
    /// The policy as a principal has it.
    pub fn held(&self, held: &Held) -> Document {
        let mut document = self.clone();
        document.around.extend(held.conditions.iter().map(|(name, holds)| super::template::Around {
            label: format!("the condition `{name}`"),
            name: format!("{name} {holds}"),
            what: super::Surrounding::Condition { name: name.clone(), holds: *holds, of_resource: false },
        }));
        document
    }
}

/// What somebody can have policies as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum What {
    Role,
    User,
    Group,
    /// A function or state machine of SAM, which has a role of its own.
    Function,
}

impl What {
    fn name(self) -> &'static str {
        match self {
            What::Role => "role",
            What::User => "user",
            What::Group => "group",
            What::Function => "function",
        }
    }
}

/// Collects who has what in one text.
struct Gathering<'f> {
    tree: &'f crate::parse::Node,
    text: &'f str,
    /// The identity policies of the text, by pointer: their places among the file's.
    documents: BTreeMap<&'f str, usize>,
    found: Vec<Principal>,
    /// The principals by what tells them from others.
    known: HashMap<(What, String), usize>,
    /// The groups that users are in: both by their places.
    groups: Vec<(usize, usize)>,
}

impl Gathering<'_> {
    fn principals(mut self) -> Vec<Principal> {
        self.template();
        self.terraform();
        let groups: Vec<(usize, Vec<Held>)> = self
            .groups
            .iter()
            .map(|(user, group)| (*user, self.found[*group].parts.iter().flatten().cloned().collect()))
            .collect();
        for (user, held) in groups {
            self.found[user].parts.push(held);
        }
        self.found.retain_mut(|principal| {
            principal.parts.retain(|part| !part.is_empty());
            !principal.parts.is_empty()
        });
        self.found
    }

    /// The place of a principal: `id` tells it from others, `name` is for a person.
    fn principal(&mut self, what: What, id: &str, name: impl FnOnce() -> String) -> usize {
        *self.known.entry((what, id.to_owned())).or_insert_with(|| {
            self.found.push(Principal { name: name(), parts: Vec::new(), boundary: None });
            self.found.len() - 1
        })
    }

    /// The policies in a part of the text.
    fn under(&self, pointer: &str) -> Vec<usize> {
        let from = self
            .documents
            .range(pointer..)
            .map_while(|(place, at)| Some((place.strip_prefix(pointer)?, *at)));
        from.filter(|(rest, _)| rest.is_empty() || rest.starts_with('/')).map(|(_, at)| at).collect()
    }

    /// Gives a principal a policy.
    fn hold(&mut self, principal: usize, document: usize, conditions: &[(String, bool)]) {
        let held = Held { document, conditions: conditions.to_vec() };
        let parts = &mut self.found[principal].parts;
        if !parts.iter().flatten().any(|known| *known == held) {
            parts.push(vec![held]);
        }
    }
}

/// A pointer's step for a name.
fn step(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}
