//! What a policy grants, looked up by action, with what limits each grant: for the rules that ask what
//! an `Allow` gives.

mod expanded;
mod reach;

use std::cell::{OnceCell, RefCell};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use super::facts::{is_pattern, is_plain};
use crate::analyze::cover::{Cut, Scope};
use crate::analyze::space::{Budget, Engine};
use crate::catalog;
use crate::document::Document;
use crate::pattern::Pattern;
use crate::policy::{Element, Statement, Value, Values};
use crate::span::Span;

pub(crate) use expanded::{Expanded, changes_permissions};
pub(crate) use reach::{Reach, is_star, narrows, reach};

/// More entries for one action than these tell nothing new; a policy that has them is made to be slow.
const MOST_ENTRIES: usize = 64;

/// So many questions are put to the engine for one policy. What goes beyond is taken not to be denied.
const MOST_QUESTIONS: usize = 200;

/// A question about one action of one statement needs a fraction of this.
const BUDGET: Budget = Budget::small(20_000);

/// The grants of a policy. Nothing is worked out before it is asked for.
pub(crate) struct Grants<'d> {
    document: &'d Document,
    index: OnceCell<Index<'d>>,
    expanded: OnceCell<Vec<Expanded<'d>>>,
    nothing: Rc<[Grant<'d>]>,
    /// By action, as it was asked for.
    found: RefCell<HashMap<String, Rc<[Grant<'d>]>>>,
    /// By statement and action in lower case.
    taken: RefCell<HashMap<(usize, String), Taken>>,
}

/// What makes a statement be about an action: a value of `Action`, or `NotAction` that leaves it in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry<'d> {
    pub statement: &'d Statement,
    /// `None` where `NotAction` leaves the action in.
    pub value: Option<&'d Value>,
    /// The value, or the name `NotAction`.
    pub span: Span,
}

/// An action that a statement allows, on something at least.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Grant<'d> {
    pub entry: Entry<'d>,
    pub reach: Reach,
    /// Whether the statement has conditions.
    pub conditional: bool,
    /// Whether a `Deny` leaves only some of it: what meets a condition, or the resources that it spares.
    pub held: bool,
}

/// What the Deny statements take of a grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Taken {
    /// Nothing, or some resources.
    Little,
    /// All of it but on some condition, or but for some resources.
    Held,
    /// All of it.
    All,
}

#[derive(Default)]
struct Index<'d> {
    allows: Entries<'d>,
    denies: Entries<'d>,
}

/// Entries, found by an action that they match without a look at all of them.
#[derive(Default)]
struct Entries<'d> {
    /// The services of those that have a fixed one, in lower case.
    services: HashSet<String>,
    named: HashMap<String, Vec<Entry<'d>>>,
    /// Patterns, by their service in lower case.
    patterns: HashMap<String, Vec<(Pattern, Entry<'d>)>>,
    /// Patterns without a fixed service.
    wide: Vec<(Pattern, Entry<'d>)>,
    negated: Vec<(Vec<Pattern>, Entry<'d>)>,
}

impl<'d> Grants<'d> {
    pub(super) fn new(document: &'d Document) -> Self {
        Grants {
            document,
            index: OnceCell::new(),
            expanded: OnceCell::new(),
            nothing: Rc::new([]),
            found: RefCell::default(),
            taken: RefCell::default(),
        }
    }

    /// What grants an action, `service:Name`: each entry whose statement allows it on something that no
    /// `Deny` takes back. The plainest come first: all resources before some, no condition before one,
    /// an action that is written out before a pattern.
    pub(crate) fn of(&self, action: &str) -> Rc<[Grant<'d>]> {
        if !self.index().allows.may_match(action) {
            return Rc::clone(&self.nothing);
        }
        let known = self.found.borrow().get(action).map(Rc::clone);
        known.unwrap_or_else(|| {
            let grants: Rc<[Grant<'d>]> = self.find(action).into();
            self.found.borrow_mut().insert(action.to_owned(), Rc::clone(&grants));
            grants
        })
    }

    fn find(&self, action: &str) -> Vec<Grant<'d>> {
        let entries = self.index().allows.matching(action);
        let facts = catalog::action(action);
        let mut grants: Vec<Grant<'d>> = Vec::new();
        // Entries of one statement have one reach.
        let mut known: HashMap<usize, Option<Reach>> = HashMap::new();
        for entry in entries {
            let look = || facts.map_or(Some(Reach::Part), |facts| reach(entry.statement, facts));
            let Some(reach) = *known.entry(entry.statement.index).or_insert_with(look) else { continue };
            let taken = self.taken(entry.statement, action);
            if taken != Taken::All {
                let conditional = !entry.statement.is_unconditional();
                grants.push(Grant { entry, reach, conditional, held: taken == Taken::Held });
            }
        }
        grants.sort_by_key(|grant| {
            (grant.reach != Reach::All, grant.held || grant.conditional, grant.entry.is_wide())
        });
        grants
    }

    /// Whether a `Deny` is about an action, on whatever resource and condition.
    pub(crate) fn denies(&self, action: &str) -> bool {
        !self.index().denies.matching(action).is_empty()
    }

    fn index(&self) -> &Index<'d> {
        self.index.get_or_init(|| {
            let mut index = Index::default();
            for statement in &self.document.policy.statements {
                match (statement.allows() && statement.is_complete(), statement.denies()) {
                    (true, _) => index.allows.add(statement),
                    (_, true) => index.denies.add(statement),
                    _ => {}
                }
            }
            index
        })
    }

    /// What is taken of one action of an Allow. The engine is only asked where a Deny is about the action.
    fn taken(&self, allow: &Statement, action: &str) -> Taken {
        let mut denies: Vec<&Statement> =
            self.index().denies.matching(action).iter().map(|entry| entry.statement).collect();
        denies.dedup_by_key(|deny| deny.index);
        if denies.is_empty() {
            return Taken::Little;
        }
        let key = (allow.index, action.to_ascii_lowercase());
        let known = self.taken.borrow().get(&key).copied();
        if let Some(taken) = known {
            return taken;
        }
        if self.taken.borrow().len() >= MOST_QUESTIONS {
            return Taken::Little;
        }
        let taken = self.ask(&denies, allow, action);
        self.taken.borrow_mut().insert(key, taken);
        taken
    }

    fn ask(&self, denies: &[&Statement], allow: &Statement, action: &str) -> Taken {
        let scope = Scope { kind: self.document.kind, resource: self.document.resource.as_deref() };
        // A Deny takes also what no policy decides.
        let engine = Engine { budget: BUDGET, shows: false, decided: None, ..Engine::new(scope) };
        let one = Value { text: action.to_owned(), span: Span::default(), hole: None };
        let values = Values { items: vec![one], list: false, span: Span::default() };
        let allow = Statement {
            action: Some(Element { key: Span::default(), negated: false, values }),
            ..allow.clone()
        };
        match engine.cut(denies, &allow).cut {
            Cut::All => return Taken::All,
            Cut::None => return Taken::Little,
            Cut::Part => {}
        }
        let spares = |deny: &&Statement| deny.resource.as_ref().is_some_and(|element| element.negated);
        if denies.iter().any(spares) {
            return Taken::Held;
        }
        let bare: Vec<Statement> =
            denies.iter().map(|deny| Statement { conditions: Vec::new(), ..(*deny).clone() }).collect();
        let bare: Vec<&Statement> = bare.iter().collect();
        match engine.cut(&bare, &allow).cut {
            Cut::All => Taken::Held,
            _ => Taken::Little,
        }
    }
}

impl Grant<'_> {
    /// Whether it holds for every resource and on no condition.
    pub(crate) fn is_unlimited(&self) -> bool {
        self.reach == Reach::All && !self.conditional && !self.held
    }
}

impl<'d> Entry<'d> {
    /// Whether it takes in more than what it writes out.
    pub(crate) fn is_wide(&self) -> bool {
        self.value.is_none_or(|value| is_pattern(&value.text))
    }

    /// How it comes to be about an action, as the start of a sentence: `` `iam:*` takes in `iam:PassRole` ``.
    pub(crate) fn names(&self, action: &str) -> String {
        match self.value {
            None => format!("`NotAction` leaves in `{action}`"),
            Some(value) if is_pattern(&value.text) => format!("`{}` takes in `{action}`", value.text),
            Some(_) => format!("`{action}`"),
        }
    }
}

impl<'d> Entries<'d> {
    fn add(&mut self, statement: &'d Statement) {
        let Some(element) = &statement.action else { return };
        let pattern = |value: &Value| Pattern::new(&value.text.to_ascii_lowercase());
        if element.negated {
            let spared = element.values.items.iter().filter(|value| is_plain(value)).map(pattern).collect();
            self.negated.push((spared, Entry { statement, value: None, span: element.key }));
            return;
        }
        for value in element.values.items.iter().filter(|value| is_plain(value)) {
            let entry = Entry { statement, value: Some(value), span: value.span };
            let text = value.text.to_ascii_lowercase();
            let service = text.split(':').next().unwrap_or_default();
            if !is_pattern(service) {
                self.services.insert(service.to_owned());
            }
            if !is_pattern(&text) {
                self.named.entry(text).or_default().push(entry);
            } else if is_pattern(service) {
                self.wide.push((pattern(value), entry));
            } else {
                self.patterns.entry(service.to_owned()).or_default().push((pattern(value), entry));
            }
        }
    }

    /// Whether any entry is about the service of an action. Most are not.
    fn may_match(&self, action: &str) -> bool {
        let service = action.split(':').next().unwrap_or_default();
        let is_upper = service.bytes().any(|byte| byte.is_ascii_uppercase());
        !(self.wide.is_empty() && self.negated.is_empty()) || is_upper || self.services.contains(service)
    }

    fn matching(&self, action: &str) -> Vec<Entry<'d>> {
        let action = action.to_ascii_lowercase();
        let service = action.split(':').next().unwrap_or_default();
        let named = self.named.get(&action).into_iter().flatten().copied();
        let patterns = self.patterns.get(service).into_iter().flatten().chain(&self.wide);
        let patterns = patterns.filter(|(pattern, _)| pattern.matches(&action)).map(|(_, entry)| *entry);
        let negated = self.negated.iter().take(MOST_ENTRIES);
        let negated = negated.filter(|(spared, _)| !spared.iter().any(|pattern| pattern.matches(&action)));
        named.chain(patterns).chain(negated.map(|(_, entry)| *entry)).take(MOST_ENTRIES).collect()
    }
}

#[cfg(test)]
mod tests;
