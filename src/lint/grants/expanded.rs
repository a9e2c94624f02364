//! The actions that the entries of a policy stand for.

use std::collections::HashMap;

use super::reach::{is_star, narrows};
use super::{Entry, Grants};
use crate::catalog::{self, ActionFacts, Level};
use crate::lint::facts::{action_values, arns};
use crate::policy::Statement;

/// An entry and the actions that it stands for, or, of `NotAction` and `*`, none: these are everything.
#[derive(Debug)]
pub(crate) struct Expanded<'d> {
    pub entry: Entry<'d>,
    pub actions: Vec<ActionFacts>,
}

/// So many actions are looked at in one policy: three times all that there are.
const MOST_ACTIONS: usize = 60_000;

impl<'d> Grants<'d> {
    /// The entries of `Action` of every Allow, with their actions. Worked out once.
    pub(crate) fn expanded(&self) -> &[Expanded<'d>] {
        self.expanded.get_or_init(|| {
            let mut left = MOST_ACTIONS;
            let mut expanded = Vec::new();
            let statements = self.document.policy.statements.iter();
            for statement in statements.filter(|statement| statement.allows() && statement.is_complete()) {
                if statement.action.as_ref().is_none_or(|element| element.negated) {
                    continue;
                }
                for value in
                    action_values(statement).filter(|value| !matches!(value.text.as_str(), "*" | "*:*"))
                {
                    let actions: Vec<_> = catalog::actions_matching(&value.text).take(left).collect();
                    left -= actions.len();
                    let entry = Entry { statement, value: Some(value), span: value.span };
                    expanded.push(Expanded { entry, actions });
                }
            }
            expanded
        })
    }

    /// The same of the statements that no condition narrows, with those of their actions alone that could
    /// be held to certain resources and are not.
    pub(crate) fn unlimited(&self) -> Vec<Expanded<'d>> {
        let mut unlimited = Vec::new();
        let mut last: Option<(usize, Option<Everything<'_>>)> = None;
        for one in self.expanded() {
            let statement = one.entry.statement;
            if last.as_ref().is_none_or(|(index, _)| *index != statement.index) {
                last = Some((statement.index, Everything::of(statement)));
            }
            let Some((_, Some(everything))) = &mut last else { continue };
            let actions: Vec<_> =
                one.actions.iter().copied().filter(|action| everything.takes(*action)).collect();
            if !actions.is_empty() {
                unlimited.push(Expanded { entry: one.entry, actions });
            }
        }
        unlimited
    }
}

/// The resources of a statement that are all of a type, or all that there are.
enum Everything<'d> {
    Star,
    /// ARNs that are all of some type, and what is known of types.
    Types(Vec<crate::policy::Arn<'d>>, HashMap<(&'static str, &'static str), bool>),
}

impl<'d> Everything<'d> {
    /// `None` where the statement is limited.
    fn of(statement: &'d Statement) -> Option<Self> {
        let element = statement.resource.as_ref()?;
        if statement.conditions.iter().any(narrows) || element.negated {
            return None;
        }
        if element.values.items.iter().any(|value| is_star(&value.text)) {
            return Some(Everything::Star);
        }
        let open = arns(statement).map(|(_, arn)| arn).filter(|arn| {
            let place = arn.region.is_empty() || is_star(arn.region);
            place && arn.resource.contains('*')
        });
        let whole: Vec<_> = open
            .filter(|arn| {
                let mut forms = catalog::types_in(arn.service).flat_map(|kind| kind.arns());
                is_star(arn.service) || forms.any(|form| form.is_within(arn.resource))
            })
            .take(50)
            .collect();
        (!whole.is_empty()).then(|| Everything::Types(whole, HashMap::new()))
    }

    /// Whether an action that can be limited to resources is not.
    fn takes(&mut self, action: ActionFacts) -> bool {
        match self {
            Everything::Star => action.resources().next().is_some(),
            Everything::Types(arns, known) => action.resources().any(|need| {
                let service = action.service();
                *known.entry((service, need.name)).or_insert_with(|| {
                    let forms =
                        catalog::resource_type(service, need.name).into_iter().flat_map(|kind| kind.arns());
                    forms.into_iter().any(|form| {
                        arns.iter().any(|arn| form.fits_service(arn.service) && form.is_within(arn.resource))
                    })
                })
            }),
        }
    }
}

/// Whether an action changes who may do what. The level that AWS gives is not enough: it has some actions
/// of this level that only look.
pub(crate) fn changes_permissions(action: ActionFacts) -> bool {
    let name = action.name().split_once(':').map_or("", |(_, name)| name);
    let verbs = [
        "Put",
        "Add",
        "Attach",
        "Create",
        "Set",
        "Update",
        "Modify",
        "Grant",
        "Authorize",
        "Enable",
        "Disable",
        "Delete",
        "Remove",
        "Detach",
        "Reset",
        "BatchGrant",
        "Bypass",
    ];
    action.level() == Level::PermissionsManagement && verbs.iter().any(|verb| name.starts_with(verb))
}
