//! What a plan or state of Terraform says of where its resources go: the providers that make them, which stand for accounts,
//! and what is known only after apply.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use super::attachment::Attachment;
use crate::locate;
use crate::parse::{Node, Value, dense};

/// The member that names the provider of a resource in a plan, and that of a state as Terraform keeps it.
const PROVIDERS: [&str; 2] = ["provider_config_key", "resources[].provider"];

/// Whether an attachment is the provider of a resource, of which the states that Terraform shows say nothing.
pub(super) fn is_provider(name: &str) -> bool {
    PROVIDERS.contains(&name)
}

/// Members of a provider that say nothing of where its resources go. Where a policy tests tags, those of each resource count.
const NEUTRAL: [&str; 4] = ["default_tags", "ignore_tags", "max_retries", "retry_mode"];

/// How many definitions that refer to each other are followed.
const MOST_STEPS: usize = 64;

/// What decides where the resources of a plan or state go and is not among their values.
#[derive(Debug, Default)]
pub(super) struct Plan {
    /// By the pointers to the resources.
    found: HashMap<String, Vec<Attachment>>,
}

impl Plan {
    pub(super) fn new(tree: &Node, text: &str) -> Self {
        match locate::is_planned(tree, text) {
            true => Configuration::new(tree, text).plan(),
            false => Plan::default(),
        }
    }

    /// What decides so for the resource that a pointer leads to, or into.
    pub(super) fn of(&self, pointer: &str) -> &[Attachment] {
        let ends = pointer.match_indices('/').map(|(at, _)| at).chain([pointer.len()]);
        let mut found = ends.filter_map(|end| self.found.get(pointer.get(..end)?));
        found.next_back().map_or(&[], Vec::as_slice)
    }
}

/// The configuration in a plan.
struct Configuration<'n> {
    tree: &'n Node,
    text: &'n str,
    modules: Vec<Module<'n>>,
    /// The modules, as `module.a.module.b.`; the root is empty.
    by_path: HashMap<String, usize>,
    /// What was worked out of a name in a module; for a Region or not.
    known: HashMap<(usize, String, bool), u64>,
    /// The whole file.
    whole: u64,
}

struct Module<'n> {
    node: &'n Node,
    /// Where it is called.
    call: Option<&'n Node>,
    /// The module that calls it.
    parent: usize,
    calls: HashMap<String, usize>,
    /// The resources and data sources by their addresses within it.
    resources: HashMap<String, &'n Node>,
}

/// Where an expression is.
#[derive(Clone, Copy)]
struct Within<'n> {
    module: usize,
    /// The resource or call whose `each` and `count` it may use.
    owner: Option<&'n Node>,
    /// Whether it is that of a Region, of which locals, which no plan has, are taken to be the same.
    is_region: bool,
    steps: usize,
}

impl<'n> Configuration<'n> {
    fn new(tree: &'n Node, text: &'n str) -> Self {
        let whole = hash(&text);
        let mut own = Configuration {
            tree,
            text,
            modules: Vec::new(),
            by_path: HashMap::new(),
            known: HashMap::new(),
            whole,
        };
        let root = tree.at(text, "/configuration/root_module");
        let mut open: Vec<(String, &Node, Option<&Node>, usize)> =
            root.map(|root| (String::new(), root, None, 0)).into_iter().collect();
        while let Some((path, node, call, parent)) = open.pop() {
            let at = own.modules.len();
            let named = |resource: &'n Node| {
                Some((resource.get(text, "address")?.text(text)?.into_owned(), resource))
            };
            let resources = node.get(text, "resources").map_or(&[][..], Node::items).iter();
            let resources = resources.filter_map(named).collect();
            own.modules.push(Module { node, call, parent, calls: HashMap::new(), resources });
            own.by_path.insert(path.clone(), at);
            if let Some((_, name)) = path.trim_end_matches('.').rsplit_once("module.") {
                own.modules[parent].calls.insert(name.to_owned(), at);
            }
            for call in node.get(text, "module_calls").map_or(&[][..], Node::members) {
                let inner = call.value.get(text, "module");
                let path = format!("{path}module.{}.", call.key.text(text));
                open.extend(inner.map(|inner| (path, inner, Some(&call.value), at)));
            }
        }
        own
    }

    fn plan(mut self) -> Plan {
        let (tree, text) = (self.tree, self.text);
        let changes = tree.get(text, "resource_changes").map_or(&[][..], Node::items).iter().enumerate();
        let changes: HashMap<_, _> = changes
            .filter_map(|(at, change)| Some((change.get(text, "address")?.text(text)?, (at, change))))
            .collect();
        let mut plan = Plan::default();
        let all = locate::terraform_resources(tree, text).into_iter().filter(|resource| resource.is_managed);
        for resource in all {
            let plain = without_indices(&resource.address);
            let start = plain.rfind(&format!("{}.", resource.kind)).unwrap_or_default();
            let change = changes.get(&*resource.address);
            let later = change.and_then(|(_, change)| change.at(text, "/change/after_unknown"));
            let known = self
                .by_path
                .get(&plain[..start])
                .copied()
                .and_then(|module| Some((module, *self.modules[module].resources.get(&plain[start..])?)));
            let mut found = Vec::new();
            if let Some((module, node)) = known {
                let value = self.provider(module, node);
                found.push(Attachment { name: PROVIDERS[0].to_owned(), value: value.to_string() });
                for member in node.get(text, "expressions").map_or(&[][..], Node::members) {
                    let name = member.key.text(text).into_owned();
                    let is_later = match later {
                        Some(later) => later.get(text, &name).is_some_and(is_true),
                        None => resource.values.get(text, &name).is_none_or(|node| node.value == Value::Null),
                    };
                    if is_later {
                        let within = Within { module, owner: Some(node), is_region: false, steps: 0 };
                        let key = format!("{}.{name}", &plain[start..]);
                        let value = self.known(key, within, |own, within| own.digest(&member.value, within));
                        found.push(Attachment { name, value: value.to_string() });
                    }
                }
            } else if let Some(later) = later.filter(|_| self.modules.is_empty()) {
                // Nothing says what it refers to.
                let names = later.members().iter().filter(|member| is_true(&member.value));
                let names = names.map(|member| member.key.text(text).into_owned());
                found.extend(names.map(|name| Attachment { name, value: self.whole.to_string() }));
            }
            // In the state as Terraform keeps it.
            let outer =
                resource.pointer.rsplit_once("/instances/").and_then(|(outer, _)| tree.at(text, outer));
            let provider = outer.and_then(|outer| outer.get(text, "provider")?.text(text));
            let provider =
                provider.map(|value| Attachment { name: PROVIDERS[1].to_owned(), value: value.into_owned() });
            found.extend(provider);
            // There, a list of the instances may be meant.
            if let Some((outer, _)) = resource.pointer.rsplit_once("/instances/") {
                plan.found.insert(outer.to_owned(), found.clone());
            }
            if let Some((at, _)) = change {
                plan.found.insert(format!("/resource_changes/{at}"), found.clone());
            }
            plan.found.insert(resource.pointer, found);
        }
        plan.found.retain(|_, found| !found.is_empty());
        plan
    }

    /// The provider of a resource, with what the calls of its module say of providers.
    fn provider(&mut self, mut module: usize, resource: &'n Node) -> u64 {
        let text = self.text;
        let key =
            resource.get(text, "provider_config_key").and_then(|key| key.text(text)).unwrap_or_default();
        let within = Within { module, owner: None, is_region: false, steps: 0 };
        self.known(format!("provider {key}"), within, |own, _| {
            let mut parts = vec![hash(&key), own.provider_of(&key)];
            while let Some(call) = own.modules[module].call {
                for member in call.get(text, "providers").map_or(&[][..], Node::members) {
                    let passed = member.value.text(text).unwrap_or_default();
                    parts.extend([hash(&member.key.text(text)), hash(&passed), own.provider_of(&passed)]);
                }
                module = own.modules[module].parent;
            }
            hash(&parts)
        })
    }

    /// What the configuration of a provider says of where its resources go.
    fn provider_of(&mut self, key: &str) -> u64 {
        let text = self.text;
        let within = Within { module: 0, owner: None, is_region: false, steps: 0 };
        self.known(format!("configuration of {key}"), within, |own, within| {
            let config =
                own.tree.at(text, "/configuration/provider_config").and_then(|all| all.get(text, key));
            let address = config.and_then(|config| config.get(text, "module_address")?.text(text));
            let path = address.map(|address| format!("{}.", without_indices(&address))).unwrap_or_default();
            let module = own.by_path.get(&path).copied().unwrap_or_default();
            let expressions = config.and_then(|config| config.get(text, "expressions"));
            let mut parts = Vec::new();
            for member in expressions.map_or(&[][..], Node::members) {
                let name = member.key.text(text);
                if !NEUTRAL.contains(&&*name) {
                    let within = Within { module, is_region: name == "region", ..within };
                    parts.push((hash(&name), own.digest(&member.value, within)));
                }
            }
            parts.sort_unstable();
            hash(&parts)
        })
    }

    /// What tells an expression, or a block of them, from others, with all that it refers to.
    fn digest(&mut self, node: &'n Node, within: Within<'n>) -> u64 {
        let text = self.text;
        let (mut open, mut references) = (vec![node], Vec::new());
        while let Some(node) = open.pop() {
            open.extend(node.items());
            for member in node.members() {
                match &*member.key.text(text) {
                    "references" => {
                        references.extend(member.value.items().iter().filter_map(|one| one.text(text)))
                    }
                    _ => open.push(&member.value),
                }
            }
        }
        let mut parts: Vec<u64> = vec![hash(&dense(node.span.slice(text)).collect::<String>())];
        // Terraform names what an output is one of after it.
        let mut named = HashSet::new();
        for reference in references.iter().map(|reference| without_indices(reference)) {
            if named.contains(&reference) {
                continue;
            }
            parts.push(self.referred(&reference, within));
            named.extend(reference.match_indices('.').map(|(end, _)| reference[..end].to_owned()));
            named.insert(reference);
        }
        hash(&parts)
    }

    /// What tells what a name stands for from others. Of a resource, its address in the expression does so.
    fn referred(&mut self, reference: &str, within: Within<'n>) -> u64 {
        let text = self.text;
        let mut steps = reference.split('.');
        let [first, name, rest] = [(); 3].map(|()| steps.next().unwrap_or_default());
        let module = within.module;
        let below = Within { steps: within.steps + 1, owner: None, ..within };
        if within.steps > MOST_STEPS {
            return self.whole;
        }
        let expression = match first {
            "path" | "self" => return 0,
            "local" | "terraform" if within.is_region => return 0,
            "each" | "count" => {
                let name = if first == "each" { "for_each_expression" } else { "count_expression" };
                within.owner.and_then(|owner| owner.get(text, name)).map(|node| (node, below))
            }
            "var" => {
                let Module { node, call, parent, .. } = self.modules[module];
                let given = || call?.get(text, "expressions")?.get(text, name);
                let default = || node.get(text, "variables")?.get(text, name);
                match module {
                    0 => self.tree.get(text, "variables").and_then(|all| all.get(text, name)),
                    _ => None,
                }
                .map(|node| (node, below))
                .or_else(|| given().map(|node| (node, Within { module: parent, owner: call, ..below })))
                .or_else(|| default().map(|node| (node, below)))
            }
            "module" => {
                let inner = self.modules[module].calls.get(name).copied();
                inner.and_then(|inner| {
                    let outputs = self.modules[inner].node.get(text, "outputs")?;
                    Some((
                        outputs.get(text, rest)?.get(text, "expression")?,
                        Within { module: inner, ..below },
                    ))
                })
            }
            "data" => {
                let node = self.modules[module].resources.get(&format!("data.{name}.{rest}")).copied();
                node.and_then(|node| {
                    Some((node.get(text, "expressions")?, Within { owner: Some(node), ..below }))
                })
            }
            _ if self.modules[module].resources.contains_key(&format!("{first}.{name}")) => return 0,
            _ => None,
        };
        let Some((node, inside)) = expression else { return self.whole };
        let of_owner = within.owner.filter(|_| ["each", "count"].contains(&first));
        let key = format!("{} {reference}", of_owner.map_or(0, |owner| owner.span.start));
        self.known(key, within, |own, _| own.digest(node, inside))
    }

    /// What was worked out of a name before; while it is, it stands for itself.
    fn known(
        &mut self,
        key: String,
        within: Within<'n>,
        work: impl FnOnce(&mut Self, Within<'n>) -> u64,
    ) -> u64 {
        let key = (within.module, key, within.is_region);
        if let Some(known) = self.known.get(&key) {
            return *known;
        }
        self.known.insert(key.clone(), self.whole);
        let value = work(self, within);
        self.known.insert(key, value);
        value
    }
}

fn hash(what: &(impl Hash + ?Sized)) -> u64 {
    let mut hasher = DefaultHasher::new();
    what.hash(&mut hasher);
    hasher.finish()
}

/// Whether a value says that it, or a part of it, is known only after apply.
fn is_true(node: &Node) -> bool {
    node.value == Value::Bool(true)
        || node.items().iter().any(is_true)
        || node.members().iter().any(|member| is_true(&member.value))
}

/// An address without the indices in it.
pub(super) fn without_indices(address: &str) -> String {
    let mut out = String::new();
    let (mut depth, mut in_quotes) = (0_usize, false);
    for one in address.chars() {
        match one {
            '"' if depth > 0 => in_quotes = !in_quotes,
            '[' if !in_quotes => depth += 1,
            ']' if !in_quotes => depth = depth.saturating_sub(1),
            _ if depth == 0 => out.push(one),
            _ => {}
        }
    }
    out
}
