//! What a policy grants, looked up by action, with what limits each grant: for the rules that ask what
//! an `Allow` gives.

mod expanded;
mod reach;

use std::cell::{OnceCell, RefCell};
use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::rc::Rc;

use super::facts::{is_pattern, is_plain};
use super::principals::Limits;
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
    /// The statements that count, by their places.
    part: Range<usize>,
    boundary: Boundary<'d>,
    /// What other policies deny.
    denies: &'d [Statement],
    index: OnceCell<Index<'d>>,
    expanded: OnceCell<Vec<Expanded<'d>>>,
    nothing: Rc<[Grant<'d>]>,
    /// By action, as it was asked for.
    found: RefCell<HashMap<String, Rc<[Grant<'d>]>>>,
    /// By statement and action in lower case.
    taken: RefCell<HashMap<(usize, String), Taken>>,
}

/// What a permissions boundary leaves of all grants.
#[derive(Clone, Copy, Debug)]
pub(super) enum Boundary<'d> {
    /// There is none.
    None,
    /// It is not known.
    Unknown,
    /// What these statements allow, each written as if it denied that.
    Allows(&'d [Statement]),
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

/// What the Deny statements and the boundary take of a grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
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
    /// What the boundary allows.
    bounds: Entries<'d>,
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
        let all = 0..document.policy.statements.len();
        Grants::of_part(document, all, Boundary::None)
    }

    /// Those of some of the statements, within a boundary.
    pub(super) fn of_part(document: &'d Document, part: Range<usize>, boundary: Boundary<'d>) -> Self {
        Grants {
            document,
            part,
            boundary,
            denies: &[],
            index: OnceCell::new(),
            expanded: OnceCell::new(),
            nothing: Rc::new([]),
            found: RefCell::default(),
            taken: RefCell::default(),
        }
    }

    /// Those of a policy that leave what limits its holder leaves.
    pub(super) fn within(document: &'d Document, limits: &'d Limits) -> Self {
        let boundary = match &limits.boundary {
            None => Boundary::None,
            Some(None) => Boundary::Unknown,
            Some(Some(statements)) => Boundary::Allows(statements),
        };
        let all = 0..document.policy.statements.len();
        Grants { denies: &limits.denies, ..Grants::of_part(document, all, boundary) }
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
        !self.denying(action).is_empty()
    }

    /// The entries of `Deny` statements that are about an action.
    pub(crate) fn denying(&self, action: &str) -> Vec<Entry<'d>> {
        self.index().denies.matching(action)
    }

    fn index(&self) -> &Index<'d> {
        self.index.get_or_init(|| {
            let mut index = Index::default();
            if let Boundary::Allows(statements) = self.boundary {
                statements.iter().for_each(|statement| index.bounds.add(statement));
            }
            self.denies.iter().for_each(|statement| index.denies.add(statement));
            for statement in self.document.policy.statements.get(self.part.clone()).unwrap_or_default() {
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
        if denies.is_empty() && matches!(self.boundary, Boundary::None) {
            return Taken::Little;
        }
        // Of all that there is, nothing is left.
        if denies.iter().any(|deny| is_of_everything(deny)) {
            return Taken::All;
        }
        let key = (allow.index, action.to_ascii_lowercase());
        let known = self.taken.borrow().get(&key).copied();
        if let Some(taken) = known {
            return taken;
        }
        if self.taken.borrow().len() >= MOST_QUESTIONS {
            return Taken::Little;
        }
        let denied = if denies.is_empty() { Taken::Little } else { self.ask(&denies, allow, action) };
        let taken = denied.max(self.outside(allow, action));
        self.taken.borrow_mut().insert(key, taken);
        taken
    }

    /// What the boundary takes of one action of an Allow.
    fn outside(&self, allow: &Statement, action: &str) -> Taken {
        if let Boundary::None = self.boundary {
            return Taken::Little;
        }
        let Boundary::Allows(_) = self.boundary else { return Taken::Held };
        let mut allowing: Vec<&Statement> =
            self.index().bounds.matching(action).iter().map(|entry| entry.statement).collect();
        allowing.dedup_by_key(|statement| statement.index);
        match allowing.is_empty() {
            true => Taken::All,
            false => match self.engine().cut(&allowing, &of_action(allow, action)).cut {
                Cut::All => Taken::Little,
                Cut::Part => Taken::Held,
                Cut::None => Taken::All,
            },
        }
    }

    fn engine(&self) -> Engine<'_> {
        let scope = Scope { kind: self.document.kind, resource: self.document.resource.as_deref() };
        // A Deny takes also what no policy decides.
        Engine { budget: BUDGET, shows: false, decided: None, ..Engine::new(scope) }
    }

    fn ask(&self, denies: &[&Statement], allow: &Statement, action: &str) -> Taken {
        let (engine, allow) = (self.engine(), of_action(allow, action));
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

/// Whether a statement is about its actions on all resources and on no condition, whoever calls.
fn is_of_everything(statement: &Statement) -> bool {
    let any = |element: &Element| {
        !element.negated && element.values.items.iter().any(|value| value.known() == Some("*"))
    };
    statement.is_complete()
        && statement.is_unconditional()
        && statement.principal.is_none()
        && statement.resource.as_ref().is_some_and(any)
}

/// A statement as if it were about one action alone.
fn of_action(statement: &Statement, action: &str) -> Statement {
    let one = Value { text: action.to_owned(), span: Span::default(), hole: None };
    let values = Values { items: vec![one], list: false, span: Span::default() };
    let action = Some(Element { key: Span::default(), negated: false, values });
    Statement { action, ..statement.clone() }
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

    /// The same as a label under a title that names the action.
    pub(crate) fn label(&self, action: &str) -> String {
        match self.value {
            Some(value) if !is_pattern(&value.text) => "allowed here".to_owned(),
            _ => self.names(action),
        }
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
