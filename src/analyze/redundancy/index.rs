//! Which statements can have a request in common at all, found without comparing each with each.

use std::collections::{BTreeMap, HashMap};

use super::contains::resource;
use crate::analyze::cover::Scope;
use crate::policy::Statement;

/// Statements by what their actions and resources begin with.
pub(super) struct Index {
    size: usize,
    /// By service; those that name none, or only what they are not about, under the empty name.
    services: HashMap<String, Vec<usize>>,
    /// By what a resource has before its first wildcard.
    resources: BTreeMap<String, Vec<usize>>,
}

impl Index {
    pub fn new(statements: &[&Statement], scope: Scope<'_>) -> Self {
        let mut services: HashMap<String, Vec<usize>> = HashMap::new();
        let mut resources: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (at, statement) in statements.iter().enumerate() {
            for service in self::services(statement) {
                services.entry(service).or_default().push(at);
            }
            for head in heads(statement, scope) {
                resources.entry(head).or_default().push(at);
            }
        }
        Index { size: statements.len(), services, resources }
    }

    /// The places of the statements that may have a request in common with one, in order.
    pub fn meeting(&self, statement: &Statement, scope: Scope<'_>) -> Vec<usize> {
        let mut meets = vec![0_u8; self.size];
        let services = services(statement);
        match services.iter().any(String::is_empty) {
            true => meets.fill(1),
            false => {
                let found = services.iter().map(String::as_str).chain([""]);
                found.filter_map(|name| self.services.get(name)).flatten().for_each(|at| meets[*at] = 1);
            }
        }
        // One head must begin with the other.
        for head in heads(statement, scope) {
            let longer =
                self.resources.range::<String, _>(&head..).take_while(|(known, _)| known.starts_with(&head));
            let ends = head.char_indices().map(|(end, _)| end);
            let shorter = ends.filter_map(|end| self.resources.get(&head[..end]));
            longer.map(|(_, places)| places).chain(shorter).flatten().for_each(|at| meets[*at] |= 2);
        }
        (0..self.size).filter(|at| meets[*at] == 3).collect()
    }
}

/// The services of `Action`, once each; the empty name if that is not all.
fn services(statement: &Statement) -> Vec<String> {
    let Some(element) = statement.action.as_ref().filter(|element| !element.negated) else {
        return vec![String::new()];
    };
    let service = |text: &str| match text.split_once(':') {
        Some((service, _)) if !service.contains(['*', '?']) => service.to_ascii_lowercase(),
        _ => String::new(),
    };
    let values = element.values.items.iter();
    once(values.map(|value| if value.is_hole() { String::new() } else { service(&value.text) }).collect())
}

fn heads(statement: &Statement, scope: Scope<'_>) -> Vec<String> {
    let Some(element) = statement.resource.as_ref().filter(|element| !element.negated) else {
        return vec![String::new()];
    };
    let head = |text: &str| match resource(text, false, scope).is_any() {
        true => String::new(),
        false => {
            let head = text.split(['*', '?']).next().unwrap_or("");
            head.split("${").next().unwrap_or("").to_owned()
        }
    };
    let values = element.values.items.iter();
    once(values.map(|value| if value.is_hole() { String::new() } else { head(&value.text) }).collect())
}

fn once(mut texts: Vec<String>) -> Vec<String> {
    texts.sort_unstable();
    texts.dedup();
    texts
}
