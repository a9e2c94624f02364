//! Statements that are equal but for what one element lists, and so could be one.

use std::collections::HashMap;

use super::values::Part;
use crate::analyze::canonical::{Canonical, canonical};
use crate::analyze::cover::Scope;
use crate::analyze::reading::is_list;
use crate::analyze::replay::is_readable;
use crate::kind::Kind;
use crate::policy::quota::most_actions;
use crate::policy::{SetOperator, Statement, Test, TestKind, Value, Values};

/// The element in which a statement differs from others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Differing {
    /// `Action`
    Action,
    /// `Resource`
    Resource,
    /// `Principal`
    Principal,
    /// The test at this place.
    Test(usize),
}

/// The elements, in the order in which statements are best joined: what is said of one resource then
/// stands together.
pub const STAGES: [Stage; 4] = [
    |_| vec![Differing::Action],
    |_| vec![Differing::Resource],
    |statement| if has_types(statement) { vec![Differing::Principal] } else { Vec::new() },
    |statement| {
        let tests = statement.conditions.iter().enumerate();
        tests.filter(|(_, test)| is_union(test)).map(|(at, _)| Differing::Test(at)).collect()
    },
];

/// The elements of a statement that a stage is about.
pub type Stage = fn(&Statement) -> Vec<Differing>;

/// Statements that are equal but for an element, each with that element of its own.
pub type Group = Vec<(usize, Differing)>;

/// The groups of statements, by place, that could be one with the same access: the values of the element are
/// joined by *or*, as the statements are. Never for the `Not…` forms and negated operators, where more values
/// are fewer requests, and not for statements with a Sid, which would be lost.
pub fn joinable(statements: &[Statement], scope: Scope<'_>, stage: Stage) -> Vec<Group> {
    let key = scope.resource.filter(|_| scope.kind == Kind::Kms);
    let mut forms: Vec<Option<Canonical>> = Vec::with_capacity(statements.len());
    let mut alike: HashMap<u64, Group> = HashMap::new();
    let mut order = Vec::new();
    for (at, statement) in statements.iter().enumerate() {
        if statement.sid().is_some() || !is_readable(statement, scope.kind) {
            forms.push(None);
            continue;
        }
        let form = canonical(statement, key);
        // A statement is of as many groups as it has tests, and each form is as long as the statement: only numbers
        // are kept of them, and those that have one number are compared in full below.
        let marks = form.marks();
        for differing in stage(statement).into_iter().filter(|differing| differing.is_text(statement)) {
            let mark = match differing {
                Differing::Test(at) => marks.without_values(&statement.conditions[at]),
                differing => match differing.rest(&form, statement) {
                    Some(rest) => rest.mark(),
                    None => continue,
                },
            };
            let group = alike.entry(mark).or_default();
            if group.is_empty() {
                order.push(mark);
            }
            group.push((at, differing));
        }
        forms.push(Some(form));
    }
    let rest = |&(at, differing): &(usize, Differing)| differing.rest(forms[at].as_ref()?, &statements[at]);
    let most = most_actions(scope.kind);
    let mut taken = vec![false; statements.len()];
    let mut groups = Vec::new();
    for mark in order {
        let mut group = alike.remove(&mark).unwrap_or_default();
        group.retain(|(at, _)| !taken[*at]);
        if group.len() < 2 {
            continue;
        }
        let first = group.iter().find_map(rest);
        group.retain(|one| first.is_some() && rest(one) == first);
        let mut chunks: Vec<Group> = Vec::new();
        let mut actions = usize::MAX;
        for (at, differing) in group {
            let own = match (differing, &statements[at].action) {
                (Differing::Action, Some(element)) => element.values.items.len(),
                _ => 0,
            };
            // One statement lists so many actions and no more.
            actions = actions.saturating_add(own);
            match chunks.last_mut().filter(|_| actions <= most) {
                Some(chunk) => chunk.push((at, differing)),
                None => {
                    chunks.push(vec![(at, differing)]);
                    actions = own;
                }
            }
        }
        for chunk in chunks.into_iter().filter(|chunk| chunk.len() > 1) {
            chunk.iter().for_each(|(at, _)| taken[*at] = true);
            groups.push(chunk);
        }
    }
    groups
}

impl Differing {
    /// The element of a statement; `None` for `Principal`, which is several lists.
    pub fn part(self, statement: &Statement) -> Option<Part<'_>> {
        match self {
            Differing::Action => statement.action.as_ref().map(Part::Action),
            Differing::Resource => statement.resource.as_ref().map(Part::Resource),
            Differing::Principal => None,
            Differing::Test(at) => statement.conditions.get(at).map(Part::Test),
        }
    }

    /// Whether values can be added to the element: a function that stands for all of it may give a list, and a list has
    /// no lists in it.
    fn is_text(self, statement: &Statement) -> bool {
        let is_text = |values: &Values| values.list || !values.items.iter().any(Value::may_be_list);
        match self.part(statement) {
            Some(part) => is_text(part.values()),
            None => {
                let entries = statement.principal.iter().flat_map(|element| &element.entries);
                entries.map(|entry| &entry.values).all(is_text)
            }
        }
    }

    /// What a person calls the element of a statement.
    pub fn name(self, statement: &Statement) -> String {
        self.part(statement).map_or_else(|| "Principal".to_owned(), Part::name)
    }

    /// The form of a statement but for this element.
    fn rest(self, form: &Canonical, statement: &Statement) -> Option<Canonical> {
        match self {
            Differing::Action => form.without_actions(),
            Differing::Resource => form.without_resources(),
            Differing::Principal => form.without_principals(),
            Differing::Test(at) => form.without_values(&statement.conditions[at]),
        }
    }
}

/// Whether principals stand by type: a bare `"*"` has no place for others.
fn has_types(statement: &Statement) -> bool {
    let entries = statement.principal.iter().flat_map(|element| &element.entries);
    statement.principal.is_some() && entries.clone().all(|entry| entry.key.is_some())
}

/// Whether a test with the values of two holds where one of the two does. AWS does not say what a plain operator makes
/// of several values in the request.
fn is_union(test: &Test) -> bool {
    let operator = test.operator;
    let is_open = operator.set.is_none() && is_list(&test.key);
    !is_open
        && !operator.kind.is_negated()
        // AWS asks for one truth value.
        && !matches!(operator.kind, TestKind::Null | TestKind::Bool)
        && operator.set != Some(SetOperator::ForAllValues)
}
