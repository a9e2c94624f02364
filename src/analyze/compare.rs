//! Two policies compared: which statement became which, and what that does to access.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::checks::{Check, Outcome};
use super::cover::Scope;
use super::pairs::{Pair, pairs};
use super::plausible::Likely;
use super::request::Request;
use super::space::{self, Change, Engine, Relation, together};
use super::unread;
use crate::document::Document;
use crate::policy::Statement;
use crate::policy::template::{self, Around, Case};

/// Two policies, and what became of the one in the other.
#[derive(Debug)]
pub struct Comparison<'d> {
    /// The policy as it was.
    pub old: &'d Document,
    /// The policy as it is.
    pub new: &'d Document,
    /// Which statement became which.
    pub pairs: Vec<Pair>,
    /// What it does to access.
    pub change: Change,
    /// The same in each case that the conditions of their templates make; empty where these do not matter.
    pub cases: Vec<CaseComparison>,
    /// What else was asked of the new policy.
    pub checks: Vec<Check>,
}

impl Comparison<'_> {
    /// Takes up that the files hold more that may be policies, and is not read: only what a request shows is proved.
    pub fn leave_open(&mut self, unread: &str) {
        let change = &mut self.change;
        change.new_is_more = change.new_is_more.filter(|is_more| *is_more);
        change.old_is_more = change.old_is_more.filter(|is_more| *is_more);
        (change.relation, change.exact) = (Relation::of(change.new_is_more, change.old_is_more), false);
        change.unproved.push(unread.to_owned());
        self.checks.iter_mut().for_each(|check| check.leave_open(unread));
    }

    /// Takes up that what else is in the file is not what it was: what it does is not looked at.
    pub fn assume_of_the_rest(&mut self) {
        let name = self.new.source().name();
        let assumption = format!("what else differs in `{name}` gives no access and takes none away");
        self.change.assumptions.push(assumption);
    }

    /// Takes up that the new file holds more that gives access, as the old one did: what is asked of the new one alone is
    /// not known.
    pub fn leave_checks_open(&mut self, unread: &str) {
        let of_new = self.checks.iter_mut().filter(|check| !check.is_of_change());
        of_new.for_each(|check| check.leave_open(unread));
    }

    /// Takes up that the old policy stays in the account, by `what`: nothing goes with it. Of a policy in whose place there
    /// is none, nothing comes either.
    pub fn keep_old(&mut self, what: &str, is_alone: bool) {
        keep_old(&mut self.change, what, is_alone);
        self.cases.clear();
        self.leave_passed_open(&stays(what));
    }

    /// Takes up that the old policy stays in the account in a case in which the new one is not there.
    pub fn keep_old_in_cases(&mut self) {
        if self.cases.is_empty() {
            return;
        }
        let cases = Document::cases_of(&[self.old, self.new]);
        if let Some(what) = cases.iter().find_map(|case| self.old.kept_in(self.new, case)) {
            self.leave_passed_open(&stays(what));
        }
    }

    /// What passes does so by the new policy alone: it is open if the old one did not.
    fn leave_passed_open(&mut self, why: &str) {
        let is_open =
            |check: &&mut Check| check.outcome == Outcome::Passed && check.before != Some(Outcome::Passed);
        for check in self.checks.iter_mut().filter(is_open) {
            check.outcome = Outcome::Undecided;
            check.unproved.push(why.to_owned());
        }
    }
}

fn stays(what: &str) -> String {
    format!("`{what}` keeps the policy in the account, with all that it grants and denies")
}

/// Takes up in a change that the old policy stays in the account, see [`Comparison::keep_old`].
fn keep_old(change: &mut Change, what: &str, is_alone: bool) {
    (change.old_is_more, change.exact) = (None, false);
    [&mut change.removed, &mut change.denied].into_iter().for_each(Vec::clear);
    change.direct.clear();
    if is_alone {
        change.new_is_more = Some(false);
        [&mut change.added, &mut change.undenied].into_iter().for_each(Vec::clear);
    }
    change.relation = Relation::of(change.new_is_more, None);
    change.unproved.push(stays(what));
}

/// What became of a policy in some cases, as it is in the first of them.
#[derive(Clone, Debug)]
pub struct CaseComparison {
    /// The policy as it was.
    pub old: Document,
    /// The policy as it is.
    pub new: Document,
    /// What it does to access.
    pub change: Change,
    /// In which cases: "if `IsProd` is true"; `None` for all.
    pub clause: Option<String>,
}

/// What became of access between two policies: over all cases that the conditions of their templates make, and in
/// each of them; no cases where the conditions do not matter.
pub fn access(old: &Document, new: &Document) -> (Change, Vec<CaseComparison>) {
    let chosen = [old, new].iter().any(|document| !document.policy.choices.is_empty());
    // Of two that are there in the same cases it makes no difference which these are.
    let cases = if chosen || names(old) != names(new) { in_cases(old, new) } else { Vec::new() };
    let change = match cases.as_slice() {
        [] => of_documents(old, new),
        cases => over(cases),
    };
    (change, cases)
}

/// Compares two policies of one kind.
pub fn compare<'d>(old: &'d Document, new: &'d Document) -> Comparison<'d> {
    let pairs = pairs(&old.policy, &new.policy, new.kind, new.resource.as_deref());
    let (mut change, cases) = together(|| access(old, new));
    // What rewrites it and what its names stand for may have changed as well, and whether it is there in more cases
    // than were looked at.
    let open = |document: &Document, number: usize| -> Vec<String> {
        let cases = Document::cases_of(&[old, new]);
        let is_settled = |around: &Around| {
            cases.iter().all(|case| case.settled.get(number).is_some_and(|settled| settled.decides(around)))
        };
        let open = document.around().iter().filter(|around| !is_settled(around));
        open.map(|around| around.name.clone()).collect()
    };
    let mut changed: Vec<String> = Vec::new();
    if names(old) != names(new) && open(old, 0) != open(new, 1) {
        let all = old.around().iter().chain(new.around());
        let labels = all.map(|around| format!("depends on {}", around.label));
        change.assumptions.extend(labels);
        change.assumptions.sort_unstable();
        change.assumptions.dedup();
        changed.push("what decides whether the policy is there has changed".to_owned());
    }
    if old.elsewhere() != new.elsewhere() {
        changed.push("the policy may depend on the rest of its file, which is not the same".to_owned());
    }
    if old.is_unknown() && new.is_unknown() {
        change.assumptions.push(UNKNOWN_ALIKE.to_owned());
    }
    // What is attached to something else gives other access, whatever it says.
    let attached = old.attached_otherwise(new);
    if !attached.is_empty() {
        let members = attached.join("`, `");
        change.assumptions.push(format!("depends on what `{members}` attaches the policy to"));
        changed.push(format!("the policy is attached to something else: `{members}` has changed"));
    }
    if old.is_one_of_alike() && new.is_one_of_alike() {
        changed.push(ALIKE.to_owned());
    }
    if !changed.is_empty() {
        change.unproved.extend(changed);
        (change.new_is_more, change.old_is_more) = (None, None);
        (change.relation, change.exact) = (Relation::Unproved, false);
    }
    if change.relation == Relation::Unproved {
        change.assumptions.extend(depends_on(old, new));
    }
    let mut comparison = Comparison { old, new, pairs, change, cases, checks: Vec::new() };
    // The others may have changed instead.
    if old.is_one_of_alike() != new.is_one_of_alike() {
        comparison.leave_open(ALIKE);
    }
    comparison
}

/// Why it is not known what became of policies in a list.
const ALIKE: &str = "there are several policies of which it is not known which is which, and not all of them are as they were";

/// What is taken for granted of what is not known on both sides.
const UNKNOWN_ALIKE: &str = "what is not known is the same wherever it is written alike";

/// What tells that which decides whether a policy is there, and what rewrites it, from others.
fn names(document: &Document) -> Vec<&str> {
    document.around().iter().map(|around| around.name.as_str()).collect()
}

fn in_cases(old: &Document, new: &Document) -> Vec<CaseComparison> {
    let (alternatives, nowhere) = Document::alternatives_of(old, new);
    let mut found: Vec<(CaseComparison, BTreeSet<usize>)> = Vec::new();
    let number = alternatives.len();
    let cases: Vec<Case> = alternatives.iter().map(|(.., case)| case.clone()).chain(nowhere).collect();
    // Wherever the policy is there goes without saying, if that has not changed.
    let is_said = |places: &BTreeSet<usize>| places.len() < number || names(old) != names(new);
    let whole = [old, new];
    for (at, (old, new, case)) in alternatives.into_iter().enumerate() {
        let mut change = of_documents(&old, &new);
        if let Some(what) = whole[0].kept_in(whole[1], &case) {
            keep_old(&mut change, what, true);
        }
        let alike = found.iter_mut().find(|(known, _)| known.change.is_same(&change));
        match alike {
            Some((_, places)) => _ = places.insert(at),
            None => found.push((CaseComparison { old, new, change, clause: None }, [at].into())),
        }
    }
    let with_clause = |(case, places): (CaseComparison, BTreeSet<usize>)| CaseComparison {
        clause: is_said(&places).then(|| template::clause(&cases, &places)).flatten(),
        ..case
    };
    found.into_iter().map(with_clause).collect()
}

/// One answer over all cases: what comes or goes in one of them comes or goes.
fn over(cases: &[CaseComparison]) -> Change {
    let mut all = Change::default();
    let mut note = |case: &CaseComparison, requests: &[Request], what: &str| {
        let clause = case.clause.as_ref()?;
        let request = requests.first()?;
        all.assumptions.push(format!("{clause}, `{}` on `{}` is {what}", request.action, request.resource));
        Some(())
    };
    for case in cases {
        note(case, &case.change.added, "added");
        note(case, &case.change.removed, "removed");
        note(case, &case.change.undenied, "no longer denied");
        note(case, &case.change.denied, "denied");
    }
    let add = |to: &mut Vec<Request>, from: &[Request]| {
        for request in from {
            if !to.contains(request) {
                to.push(request.clone());
            }
        }
    };
    for CaseComparison { change, clause, .. } in cases {
        add(&mut all.added, &change.added);
        add(&mut all.removed, &change.removed);
        add(&mut all.undenied, &change.undenied);
        add(&mut all.denied, &change.denied);
        all.direct.extend(
            change.direct.iter().filter(|direct| !all.direct.contains(direct)).cloned().collect::<Vec<_>>(),
        );
        let with_clause = |why: &String| match clause {
            Some(clause) => format!("{clause}: {why}"),
            None => why.clone(),
        };
        all.unproved.extend(change.unproved.iter().map(with_clause));
        all.assumptions.extend(change.assumptions.iter().cloned());
        all.states += change.states;
        all.nodes += change.nodes;
    }
    let any = |of: fn(&Change) -> Option<bool>| {
        let mut answers = cases.iter().map(|case| of(&case.change));
        match answers.clone().any(|answer| answer == Some(true)) {
            true => Some(true),
            false if answers.all(|answer| answer == Some(false)) => Some(false),
            false => None,
        }
    };
    all.new_is_more = any(|change| change.new_is_more);
    all.old_is_more = any(|change| change.old_is_more);
    all.relation = Relation::of(all.new_is_more, all.old_is_more);
    // The answer is one if it is the same in every case.
    all.exact = cases.iter().all(|case| case.change.exact && case.change.relation == all.relation);
    all.assumptions.sort_unstable();
    all.assumptions.dedup();
    all
}

/// More places of what is not known are counted only.
const MOST_PLACES: usize = 8;

/// What is not known of two policies, with its place.
pub(super) fn depends_on(old: &Document, new: &Document) -> Vec<String> {
    let unknowns = |document: &Document, side: &str| -> Vec<(String, String)> {
        let statements = document.policy.statements.iter();
        let named = statements.flat_map(|statement| statement.unknowns()).map(|(label, span)| {
            let place = document.source().place(document.in_file(span));
            (label.to_owned(), format!("depends on `{label}` at {place}{side}"))
        });
        named.collect()
    };
    let mut seen = BTreeSet::new();
    let all = unknowns(new, "").into_iter().chain(unknowns(old, " of the old policy"));
    let mut places: Vec<String> =
        all.filter(|(label, _)| seen.insert(label.clone())).map(|(_, place)| place).collect();
    let more = places.len().saturating_sub(MOST_PLACES);
    places.truncate(MOST_PLACES);
    if more > 0 {
        places.push(format!("depends on {more} more places that are not known"));
    }
    places
}

fn of_documents(old: &Document, new: &Document) -> Change {
    let mut change = change(&old.policy.statements, &new.policy.statements, engine(old, new));
    explain(&mut change, old, new);
    change
}

/// The engine for two policies of one kind.
pub fn engine<'d>(old: &Document, new: &'d Document) -> Engine<'d> {
    let scope = Scope { kind: new.kind, resource: new.resource.as_deref() };
    // What tells the kind of one tells that of both.
    let sure = [old, new].into_iter().find(|document| document.sure_kind() == new.kind).unwrap_or(new);
    Engine { decided: Some(sure.sure_kind()), ..Engine::new(scope) }
}

/// What replacing the statements `before` by `after` does to access, with requests that are likely to be made.
pub fn change(before: &[Statement], after: &[Statement], engine: Engine<'_>) -> Change {
    let scope = engine.scope;
    let mut change = engine.relation(before, after);
    let own = |requests: Vec<Request>, left, right| -> Vec<Request> {
        if requests.is_empty() {
            return requests;
        }
        let likely = Likely::new(left, right, scope);
        requests.into_iter().map(|request| likely.made_of(request, false)).collect()
    };
    change.added = own(change.added, after, before);
    change.removed = own(change.removed, before, after);
    let in_both = (!change.direct.is_empty()).then(|| Likely::new(before, after, scope));
    for direct in &mut change.direct {
        let request = std::mem::take(&mut direct.request);
        direct.request = match &in_both {
            Some(likely) => likely.made_of(request, true),
            None => request,
        };
        change.assumptions.extend(direct.open().filter(|_| direct.by_new || direct.reading.is_some()));
        change.exact &= direct.reading.is_none();
    }
    change.assumptions.sort_unstable();
    change.assumptions.dedup();
    change
}

/// The statements of two policies by what is said of them: there may be as many to say it of as there are statements.
fn by(documents: [&Document; 2], said: fn(&str) -> String) -> HashMap<String, Vec<(&Document, &Statement)>> {
    let mut by: HashMap<_, Vec<_>> = HashMap::new();
    for document in documents {
        for one in &document.policy.statements {
            by.entry(said(&one.name())).or_default().push((document, one));
        }
    }
    by
}

/// Says what could not be read and where, and takes a policy that AWS would not take for one of which nothing is
/// proved; unless both say the same, which then means the same, whatever that is.
fn explain(change: &mut Change, old: &Document, new: &Document) {
    let (unread, unknown) = (by([old, new], space::unread), by([new, old], space::no_example));
    for why in &mut change.unproved {
        let named = unread.get(why).into_iter().flatten();
        if let Some(named) = named.filter_map(|(document, one)| unread::of_statement(document, one)).next() {
            *why = named;
        }
        // What no example was found for, because part of it is not known.
        let unknown = unknown.get(why).into_iter().flatten().find_map(|(document, one)| {
            let what = unread::unknown_of(document, one)?;
            Some(format!("what {} grants depends on {what}", one.name()))
        });
        if let Some(unknown) = unknown {
            *why = unknown;
        }
    }
    let doubts: Vec<String> = [old, new].into_iter().flat_map(unread::of_policy).collect();
    if !doubts.is_empty() && old.value() != new.value() {
        (change.exact, change.relation) = (false, Relation::Unproved);
        (change.new_is_more, change.old_is_more) = (None, None);
        change.unproved.splice(0..0, doubts);
    }
    let mut seen = HashSet::new();
    change.unproved.retain(|why| seen.insert(why.clone()));
    change.exact &= change.unproved.is_empty();
}
