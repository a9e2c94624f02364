//! Which statements a policy still lacks, and the edits that put them in.
//!
//! Statements are compared by meaning, never by spelling or Sid. A merge is data: decisions, each
//! with its reason, and edits of the policy's text. Nothing is written here.

mod between;
mod operation;
mod patch;
mod place;
pub mod settings;
mod sid;
mod spelling;

use std::collections::{BTreeSet, HashMap, HashSet};

use crate::analyze::attached;
use crate::analyze::cover::{self, Cover, Cut, Scope};
use crate::analyze::request::Request;
use crate::analyze::space::Engine;
use crate::analyze::void::{Void, void};
use crate::document::{Alternative, Document, Uneditable};
use crate::edit::Edit;
use crate::policy::template::{self, Case};
use crate::policy::{HolePlace, Policy, Statement, Value};
use crate::steps::{Addition, NewStatement};

pub use between::between;
pub use patch::fill as fill_patch;
pub use place::whole;

/// What to do where a Sid is taken by a statement that means something else.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnConflict {
    /// Stop.
    #[default]
    Fail,
    /// Put the new statement in the place of the old one.
    Replace,
    /// Give the new statement another Sid.
    Rename,
}

/// How to merge.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// What to do with a Sid that is taken.
    pub on_conflict: OnConflict,
    /// Whether to add a statement although a wider one is there.
    pub exact: bool,
}

/// What became of one statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Put at the end.
    Added,
    /// A statement that means the same is there.
    AlreadyThere,
    /// A wider statement is there, or several that cover it together.
    Covered,
    /// Put in the place of the statement with its Sid.
    Replaced,
    /// Put at the end, under another Sid.
    Renamed,
    /// Taken out.
    Removed,
    /// Its Sid is taken.
    Conflict,
    /// It matches no request, or Deny statements take back all of it: it must not go in.
    Ineffective,
}

impl Outcome {
    /// The name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Outcome::Added => "added",
            Outcome::AlreadyThere => "already-there",
            Outcome::Covered => "covered",
            Outcome::Replaced => "replaced",
            Outcome::Renamed => "renamed",
            Outcome::Removed => "removed",
            Outcome::Conflict => "conflict",
            Outcome::Ineffective => "ineffective",
        }
    }

    /// Whether the policy changes by it.
    pub fn changes(self) -> bool {
        self.puts_in() || self == Outcome::Removed
    }

    /// Whether the statement goes into the policy.
    pub fn puts_in(self) -> bool {
        matches!(self, Outcome::Added | Outcome::Replaced | Outcome::Renamed)
    }
}

/// What was decided about one statement of a step, and why.
#[derive(Clone, Debug)]
pub struct Decision {
    /// The step or file.
    pub step: String,
    /// The statement, as it goes in.
    pub new: NewStatement,
    /// What became of it.
    pub outcome: Outcome,
    /// The statements of the policy, by index, for which it is so: those that are there, cover it,
    /// hold its Sid, or were taken out.
    pub by: Vec<usize>,
    /// How the statement that is there is spelt otherwise.
    pub spelled: Vec<String>,
    /// A statement that only lets the account's own policies decide, and so does not do.
    pub delegated: Option<usize>,
    /// Why it is not known whether what is there covers it.
    pub unproved: Option<String>,
    /// How much of it Deny statements take back.
    pub cut: Cut,
    /// Which ones.
    pub cut_by: Vec<CutBy>,
    /// Why it can match no request.
    pub void: Option<Void>,
    /// Where it is in the policy afterwards.
    pub index: Option<usize>,
}

impl Decision {
    /// Whether the statement is in the edited text: one without effect is shown and linted there, but the
    /// change is refused.
    pub fn is_in_text(&self) -> bool {
        self.outcome.puts_in() || (self.outcome == Outcome::Ineffective && self.by.is_empty())
    }
}

/// A Deny statement that takes back something of a grant.
#[derive(Clone, Debug)]
pub struct CutBy {
    /// Its index in the policy.
    pub index: usize,
    /// The statement, as it is in the case that `clause` names.
    pub statement: Statement,
    /// In which cases of the template: "if `IsProd` is true"; `None` for all.
    pub clause: Option<String>,
    /// Whether it takes back all of the grant by itself, in these cases.
    pub takes_all: bool,
    /// A request that the grant would let through, and that it denies; or why it is not known whether there
    /// is one.
    pub example: Result<Request, String>,
}

/// A merge, ready to be made.
#[derive(Clone, Debug)]
pub struct Merge {
    /// One for each statement of each step.
    pub decisions: Vec<Decision>,
    /// Steps to be removed of which nothing is there.
    pub nothing_to_remove: Vec<String>,
    /// The edits of the policy's text.
    pub edits: Vec<Edit>,
    /// The same as RFC 6902, on the policy.
    pub patch: json_patch::Patch,
    /// A whole policy, where there was none.
    pub whole: Option<String>,
}

/// Why there is nothing to merge into.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MergeError {
    /// The policy has syntax errors, or its `Statement` is no list of objects.
    #[error("the policy cannot be read as a whole")]
    Malformed,
    /// What the list of statements is, is decided by the template.
    #[error(
        "{what} is a template function (`{label}`), so it is not known which statements it holds; write a list of \
         statements, with the function as one of its items"
    )]
    Function {
        /// What it stands for: "`Statement`", "the policy".
        what: &'static str,
        /// The function.
        label: String,
    },
    /// The file is not one that can be edited there.
    #[error(transparent)]
    Uneditable(#[from] Uneditable),
    /// A statement that uses policy variables would need a newer `Version`, which changes what is there.
    #[error(
        "`{sid}` uses a policy variable, which needs `Version` 2012-10-17; raising it would change \
         the meaning of `${{` in the statements that are there, or of what is not known of them"
    )]
    Version {
        /// The new statement.
        sid: String,
    },
    /// Text that the new statement means literally would become a policy variable.
    #[error(
        "`{sid}` has `${{` as plain text; in a policy of `Version` 2012-10-17 it would be a policy variable"
    )]
    Literal {
        /// The new statement.
        sid: String,
    },
    /// There is room for one statement only.
    #[error(
        "`Statement` of `AWS::Events::EventBusPolicy` takes one statement: add another resource of this type, with a \
         `StatementId` of its own"
    )]
    Single,
    /// A statement that is to be removed is what a function makes.
    #[error(
        "`{step}` is there in a function ({place}): remove it there by hand, since no edit of the policy can be sure to"
    )]
    Branch {
        /// What was to be removed.
        step: String,
        /// Line and column of the statement.
        place: String,
    },
    /// `Fn::Sub` would take a policy variable for a name of the template.
    #[error(
        "`{sid}` has `${{{name}}}`, and the policy is a text in which `Fn::Sub` fills in names: write `${{!{name}}}`"
    )]
    Name {
        /// The new statement.
        sid: String,
        /// The variable.
        name: String,
    },
    /// A new statement has a policy variable, and the Serverless Framework would fill it in.
    #[error(
        "`{sid}` has `{value}`, and in `serverless.yml` the Serverless Framework fills in all `${{…}}` by itself: add the \
         statement by hand, with the variable escaped"
    )]
    Serverless {
        /// The new statement.
        sid: String,
        /// The value with the variable.
        value: String,
    },
    /// A new statement has a policy variable, and Terraform would take that for an expression.
    #[error(
        "`{sid}` has `{expression}`, and in Terraform's JSON syntax that is an expression: write `${expression}`"
    )]
    Interpolation {
        /// The new statement.
        sid: String,
        /// The variable, with its braces.
        expression: String,
    },
}

/// Works out what is to happen to `document`.
///
/// # Errors
/// If the document cannot be edited.
pub fn merge(
    document: &Document,
    additions: &[Addition],
    removals: &[Addition],
    options: Options,
) -> Result<Merge, MergeError> {
    if let [only] = document.policy.statements.as_slice()
        && let Some(hole) = only.holes.iter().find(|hole| hole.place == HolePlace::Statement)
        && !document.policy.statement_list
    {
        let what = if document.is_function() { "the policy" } else { "`Statement`" };
        return Err(MergeError::Function { what, label: hole.label.to_string() });
    }
    if !document.is_absent() && (!document.is_sound() || !place::is_editable(document)) {
        return Err(MergeError::Malformed);
    }
    let scope = Scope { kind: document.kind, resource: document.resource.as_deref() };
    let mut merging = Merging {
        document,
        policy: &document.policy,
        scope,
        cases: match document.policy.choices.is_empty() {
            true => Vec::new(),
            false => document.alternatives().into_iter().filter(|one| one.is_there).collect(),
        },
        named: attached::named_by_statements(document).filter(|_| document.resource.is_none()),
        options,
        decisions: Vec::new(),
        removed: Vec::new(),
        replaced: BTreeSet::new(),
    };
    let mut nothing_to_remove = Vec::new();
    for step in removals {
        if !merging.remove(step)? {
            nothing_to_remove.push(step.name.clone());
        }
    }
    merging.add_all(additions);
    let Merging { mut decisions, removed, .. } = merging;
    number(&mut decisions, document.policy.statements.len(), &removed);
    let raise_version = raise_version(document, &decisions)?;
    let count = document.policy.statements.len() - removed.len();
    let added = decisions.iter().filter(|one| one.is_in_text() && one.outcome != Outcome::Replaced).count();
    if document.takes_one_statement() && added > 0 && count + added > 1 {
        return Err(MergeError::Single);
    }
    let (replacing, adding): (Vec<&Decision>, Vec<&Decision>) = decisions
        .iter()
        .filter(|decision| decision.is_in_text())
        .partition(|decision| decision.outcome == Outcome::Replaced);
    let changes = place::Changes {
        remove: removed,
        replace: replacing
            .iter()
            .filter_map(|decision| Some((decision.by.first().copied()?, &decision.new)))
            .collect(),
        add: adding.iter().map(|decision| &decision.new).collect(),
        raise_version,
    };
    let whole = (document.is_absent() && !changes.add.is_empty()).then(|| place::whole(&changes.add));
    let edits = if whole.is_some() { Vec::new() } else { place::edits(document, &changes) };
    let patch = patch::patch(document, &changes);
    Ok(Merge { decisions, nothing_to_remove, edits, patch, whole })
}

struct Merging<'d> {
    document: &'d Document,
    policy: &'d Policy,
    scope: Scope<'d>,
    /// The resource that the policy's statements name, where nothing else tells what it is attached to.
    named: Option<String>,
    /// What the policy is in each case of its template; empty where that makes no difference.
    cases: Vec<Alternative>,
    options: Options,
    decisions: Vec<Decision>,
    removed: Vec<usize>,
    /// The existing statements that new ones replace, now or later in this merge.
    replaced: BTreeSet<usize>,
}

impl<'d> Merging<'d> {
    /// The statements that were there and still are after the whole merge.
    fn kept(&self) -> impl Iterator<Item = &'d Statement> + use<'d, '_> {
        self.policy.statements.iter().filter(|statement| {
            !self.removed.contains(&statement.index) && !self.replaced.contains(&statement.index)
        })
    }

    /// Adds the statements of all steps. A statement that a later one replaces is of no use to an earlier one: where
    /// statements are replaced, all are judged again without these.
    fn add_all(&mut self, additions: &[Addition]) {
        let removals = self.decisions.len();
        loop {
            let before = self.replaced.len();
            self.decisions.truncate(removals);
            for step in additions {
                for new in &step.statements {
                    self.add(&step.name, &new.in_document(self.document));
                }
            }
            if self.replaced.len() == before {
                return;
            }
        }
    }

    /// The places of which a statement covers a new one in every case of the template, though none does in all of them.
    fn cover_by_cases(&self, new: &Statement) -> Option<BTreeSet<usize>> {
        let places: HashMap<usize, usize> =
            self.kept().map(|statement| (statement.number, statement.index)).collect();
        let by = self.cases.iter().map(|case| {
            let statements = &case.document.policy.statements;
            let kept = statements.iter().filter(|statement| places.contains_key(&statement.number));
            let by = match cover::cover(new, kept, self.scope) {
                Cover::Same(index) => vec![index],
                Cover::Wider(indexes) => indexes,
                Cover::None | Cover::NotProved(_) | Cover::Delegated(_) => return None,
            };
            by.iter().map(|index| places.get(&statements.get(*index)?.number).copied()).collect::<Option<_>>()
        });
        let by: Vec<Vec<usize>> = by.collect::<Option<_>>()?;
        Some(by.concat().into_iter().collect()).filter(|by: &BTreeSet<usize>| !by.is_empty())
    }

    /// Takes out every statement that means the same as one of the step's. Whether there was one,
    /// or one that covers it.
    fn remove(&mut self, step: &Addition) -> Result<bool, MergeError> {
        let before = self.decisions.len();
        for new in &step.statements {
            let new = &new.in_document(self.document);
            let same: Vec<usize> = self
                .kept()
                .filter(|statement| cover::same(statement, &new.statement, self.scope))
                .map(|statement| statement.index)
                .collect();
            if let Some(place) = self.in_a_function(&new.statement).filter(|_| same.is_empty()) {
                return Err(MergeError::Branch { step: step.name.clone(), place });
            }
            let wider = match cover::cover(&new.statement, self.kept(), self.scope) {
                Cover::Wider(indexes) if same.is_empty() => Some(indexes),
                _ => None,
            };
            if !same.is_empty() {
                self.removed.extend(&same);
                self.decide(&step.name, new, Outcome::Removed, same);
            } else if let Some(indexes) = wider {
                self.decide(&step.name, new, Outcome::Covered, indexes);
            }
        }
        self.removed.sort_unstable();
        Ok(self.decisions.len() > before)
    }

    /// Where a statement is what a function makes in some case.
    fn in_a_function(&self, statement: &Statement) -> Option<String> {
        let made = self.cases.iter().flat_map(|case| &case.document.policy.statements);
        let made = made.filter(|made| cover::same(made, statement, self.scope)).map(|made| made.number);
        let numbers: HashSet<usize> = made.collect();
        let there = self.kept().find(|there| numbers.contains(&there.number))?;
        Some(self.document.source().place(self.document.in_file(there.span)))
    }

    fn add(&mut self, step: &str, new: &NewStatement) {
        self.add_or_leave(step, new);
        if let Some(decision) = self.decisions.last_mut()
            && decision.cut == Cut::All
            && decision.outcome != Outcome::Conflict
        {
            decision.outcome = Outcome::Ineffective;
        }
    }

    fn add_or_leave(&mut self, step: &str, new: &NewStatement) {
        if let Some(void) = void(&new.statement, self.scope).or_else(|| self.about_another(new)) {
            let same = self.kept().find(|there| cover::same(there, &new.statement, self.scope));
            self.decide(step, new, Outcome::Ineffective, same.map(|there| there.index).into_iter().collect());
            if let Some(decision) = self.decisions.last_mut() {
                decision.void = Some(void);
            }
            return;
        }
        // New statements are few, so comparing each with all that are there is no hardship.
        let (placed, covered) = {
            let placed = self.decisions.iter().filter(|decision| decision.outcome.puts_in());
            let placed: Vec<&Statement> = placed.map(|decision| &decision.new.statement).collect();
            let again = placed.iter().any(|placed| cover::same(placed, &new.statement, self.scope));
            (again, cover::cover(&new.statement, self.kept(), self.scope))
        };
        if placed {
            return self.decide(step, new, Outcome::AlreadyThere, Vec::new());
        }
        match covered {
            Cover::Same(index) => {
                self.decide(step, new, Outcome::AlreadyThere, vec![index]);
                let spelled = self
                    .policy
                    .statements
                    .get(index)
                    .map(|there| spelling::differences(there, &new.statement));
                if let Some(decision) = self.decisions.last_mut() {
                    decision.spelled = spelled.unwrap_or_default();
                }
            }
            Cover::Wider(indexes) if !self.options.exact => self.decide(step, new, Outcome::Covered, indexes),
            other => {
                let by_cases = self.cover_by_cases(&new.statement).filter(|_| !self.options.exact);
                if let Some(by) = by_cases {
                    return self.decide(step, new, Outcome::Covered, by.into_iter().collect());
                }
                self.put(step, new);
                let Some(decision) = self.decisions.last_mut() else { return };
                match other {
                    Cover::Delegated(index) => decision.delegated = Some(index),
                    Cover::NotProved(why) => decision.unproved = Some(why),
                    Cover::None | Cover::Wider(_) | Cover::Same(_) => {}
                }
            }
        }
    }

    /// Whether a statement is about another resource than the existing ones, so that some of them have no effect.
    fn about_another(&self, new: &NewStatement) -> Option<Void> {
        let id = self.document.resource_by_id().filter(|_| self.scope.resource.is_none());
        let other = id.and_then(|id| attached::other_resource(&new.statement, self.scope.kind, id));
        if let (Some(id), Some(named)) = (id, other) {
            return Some(Void::Elsewhere { named: named.to_owned(), attached: id.to_owned() });
        }
        let scope = Scope { resource: Some(self.named.as_deref()?), ..self.scope };
        match void(&new.statement, scope)? {
            Void::Elsewhere { named, attached } => Some(Void::Other { named, existing: attached }),
            _ => None,
        }
    }

    /// The statement is to be there and is not.
    fn put(&mut self, step: &str, new: &NewStatement) {
        let sid = new.statement.sid().map(str::to_owned);
        // One that is to be replaced holds its Sid until then.
        let is_replaced = |index: usize| {
            let mut others = self.decisions.iter().filter(|other| other.outcome == Outcome::Replaced);
            others.any(|other| other.by.contains(&index))
        };
        let statements = self.policy.statements.iter();
        let there: Vec<&Statement> = statements
            .filter(|there| !self.removed.contains(&there.index) && !is_replaced(there.index))
            .collect();
        let taken: HashSet<String> = there
            .iter()
            .filter_map(|statement| statement.sid())
            .map(str::to_owned)
            .chain(
                self.decisions
                    .iter()
                    .filter(|decision| decision.outcome.puts_in())
                    .filter_map(|decision| decision.new.statement.sid().map(str::to_owned)),
            )
            .collect();
        let holder = there.iter().find(|statement| sid.is_some() && statement.sid() == sid.as_deref());
        let is_taken = sid.as_ref().is_some_and(|sid| taken.contains(sid));
        match (is_taken, self.options.on_conflict, holder) {
            (false, ..) => self.decide(step, new, Outcome::Added, Vec::new()),
            (true, OnConflict::Replace, Some(holder)) => {
                let index = holder.index;
                self.replaced.insert(index);
                self.decide(step, new, Outcome::Replaced, vec![index]);
            }
            (true, OnConflict::Rename, _) => match sid::renamed(new, &taken) {
                Some(renamed) => {
                    self.decide(step, &renamed.in_document(self.document), Outcome::Renamed, Vec::new());
                }
                None => self.decide(step, new, Outcome::Conflict, Vec::new()),
            },
            (true, _, holder) => {
                self.decide(
                    step,
                    new,
                    Outcome::Conflict,
                    holder.map(|holder| holder.index).into_iter().collect(),
                );
            }
        }
    }

    fn decide(&mut self, step: &str, new: &NewStatement, outcome: Outcome, by: Vec<usize>) {
        let (cut, cut_by) = match outcome {
            Outcome::Removed => (Cut::None, Vec::new()),
            _ => self.cuts(&new.statement),
        };
        self.decisions.push(Decision {
            step: step.to_owned(),
            new: new.clone(),
            outcome,
            by,
            spelled: Vec::new(),
            delegated: None,
            unproved: None,
            cut,
            cut_by,
            void: None,
            index: None,
        });
    }

    /// How much of a grant the Deny statements take back that stay, and which: in each case that the conditions of
    /// the template make.
    fn cuts(&self, grant: &Statement) -> (Cut, Vec<CutBy>) {
        if !grant.allows() {
            return (Cut::None, Vec::new());
        }
        let kept: Vec<&Statement> = self.kept().collect();
        let own = [self.policy];
        let policies: Vec<&Policy> = match self.cases.as_slice() {
            [] => own.to_vec(),
            cases => cases.iter().map(|case| &case.document.policy).collect(),
        };
        let (mut all, mut any) = (true, false);
        // By the place of the statement in the policy as it is written, and what it is in a case.
        let mut found: Vec<(CutBy, BTreeSet<usize>)> = Vec::new();
        for (at, policy) in policies.iter().enumerate() {
            let written = |statement: &Statement| kept.iter().find(|one| one.span.contains(statement.span));
            let there: Vec<(usize, &Statement)> = policy
                .statements
                .iter()
                .filter_map(|statement| Some((written(statement)?.index, statement)))
                .collect();
            let denies: Vec<(usize, &Statement)> =
                there.iter().filter(|(_, statement)| statement.denies()).copied().collect();
            let only: Vec<&Statement> = denies.iter().map(|(_, statement)| *statement).collect();
            let cutting = Engine::new(self.scope).cut(&only, grant);
            let unknown = there.iter().filter(|(_, statement)| statement.effect.is_none());
            let mut cut_by: Vec<(usize, &Statement, Result<Request, String>)> =
                cutting.by.into_iter().map(|(at, example)| (denies[at].0, denies[at].1, example)).collect();
            cut_by.extend(unknown.map(|(index, statement)| (*index, *statement, Err(not_known(statement)))));
            all &= cutting.cut == Cut::All;
            any |= cutting.cut != Cut::None;
            let takes_all = cutting.cut == Cut::All && cut_by.len() == 1;
            for (index, statement, example) in cut_by {
                let same = found
                    .iter_mut()
                    .find(|(known, _)| known.index == index && known.statement.span == statement.span);
                match same {
                    Some((_, places)) => _ = places.insert(at),
                    None => {
                        let statement = statement.clone();
                        let by = CutBy { index, statement, clause: None, takes_all, example };
                        found.push((by, [at].into()));
                    }
                }
            }
        }
        let cases: Vec<Case> = self.cases.iter().map(|alternative| alternative.case.clone()).collect();
        let with_clause = |(by, places): (CutBy, BTreeSet<usize>)| CutBy {
            clause: template::clause(&cases, &places),
            ..by
        };
        let cut = match (all, any) {
            (true, true) => Cut::All,
            (_, true) => Cut::Part,
            (_, false) => Cut::None,
        };
        (cut, found.into_iter().map(with_clause).collect())
    }
}

/// Why it is not known what a statement without a known effect does.
fn not_known(statement: &Statement) -> String {
    match statement.holes.first() {
        Some(hole) => format!("`{}` is decided by the template", hole.label),
        None => "its `Effect` could not be read".to_owned(),
    }
}

/// Says where each statement stands afterwards.
fn number(decisions: &mut [Decision], before: usize, removed: &[usize]) {
    let mut next = before - removed.len();
    for decision in decisions {
        decision.index = match decision.outcome {
            Outcome::Replaced => decision
                .by
                .first()
                .map(|index| index - removed.iter().filter(|removed| *removed < index).count()),
            _ if decision.is_in_text() => {
                next += 1;
                Some(next - 1)
            }
            _ => None,
        };
    }
}

/// Whether the policy needs a newer `Version` for what is put in.
fn raise_version(document: &Document, decisions: &[Decision]) -> Result<bool, MergeError> {
    let policy = &document.policy;
    let put = decisions.iter().filter(|decision| decision.is_in_text());
    let mut raise = false;
    for decision in put {
        let sid = || decision.new.statement.sid().unwrap_or("the new statement").to_owned();
        if decision.new.uses_variables() && !policy.has_variables() {
            if policy.statements.iter().any(Statement::may_have_variable) {
                return Err(MergeError::Version { sid: sid() });
            }
            raise = true;
        }
        if !decision.new.statement.variables && has_dollar(&decision.new.statement) && policy.has_variables()
        {
            return Err(MergeError::Literal { sid: sid() });
        }
        let mut values = values_with_variables(&decision.new.statement);
        if document.is_serverless()
            && let Some(value) =
                values_with_variables(&decision.new.statement).find(|one| one.text.contains("${"))
        {
            return Err(MergeError::Serverless { sid: sid(), value: value.text.clone() });
        }
        if let Some(name) = values.find_map(|value| document.variable_taken_for_name(value)) {
            let name = name.to_owned();
            return Err(match document.is_terraform() {
                true => MergeError::Interpolation { sid: sid(), expression: name },
                false => MergeError::Name { sid: sid(), name },
            });
        }
    }
    Ok(raise)
}

/// Whether a statement has `${` where a policy variable could stand.
fn has_dollar(statement: &Statement) -> bool {
    values_with_variables(statement).any(|value| value.text.contains("${"))
}

/// The values of a statement in which policy variables can stand.
fn values_with_variables(statement: &Statement) -> impl Iterator<Item = &Value> {
    let elements = statement.resource.iter().flat_map(|element| &element.values.items);
    let values = statement.conditions.iter().flat_map(|test| &test.values.items);
    elements.chain(values)
}
