//! Applying steps to a policy: values, merge, the check of the very bytes to be written, lint before
//! and after, and the verdict.
//!
//! This is the one place where these run one after the other, for every command that applies.

mod proof;
pub mod settings;

use std::collections::HashSet;

pub use proof::Proof;

use crate::diagnostic::{Diagnostic, Severity};
use crate::document::{Because, Document};
use crate::edit;
use crate::kind::Kind;
use crate::lint::{self, Settings};
use crate::merge::{self, Merge, MergeError, Options, Outcome};
use crate::policy::Statement;
use crate::policy::quota::{Quota, quota};
use crate::steps::{self, Addition, Pack, Packs, Step, StepError, Values};

/// What is to be applied, and how.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// What to put in.
    pub additions: Vec<Addition>,
    /// What to take out.
    pub removals: Vec<Addition>,
    /// How to merge.
    pub options: Options,
    /// The values for tokens that stand in the policy, if they are to be filled in.
    pub fill: Option<Values>,
    /// What may pass although it would stop the change.
    pub allow: Vec<Allow>,
    /// The rules that look at the result.
    pub lint: Settings,
}

/// What a person lets through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Allow {
    /// The findings of a rule.
    Rule(&'static str),
    /// A change that could not be proved.
    NotProved,
    /// Access that is taken away by `--on-conflict replace`.
    Removal,
}

impl std::str::FromStr for Allow {
    type Err = lint::UnknownSelector;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        match name {
            "not-proved" => Ok(Allow::NotProved),
            "removal" => Ok(Allow::Removal),
            _ => match name.parse()? {
                lint::Selector::Rule(rule) => Ok(Allow::Rule(rule)),
                _ => Err(lint::UnknownSelector { name: name.to_owned(), nearest: None }),
            },
        }
    }
}

/// Whether the change may be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// There is nothing to change.
    Unchanged,
    /// It may.
    Changed,
    /// A Sid is taken.
    Conflict,
    /// It may not: see [`Applied::refusals`].
    Refused,
    /// It could not be proved: see [`Applied::proof`].
    NotProved,
}

/// The outcome of applying.
#[derive(Clone, Debug)]
pub struct Applied {
    /// The policy as it was.
    pub before: Document,
    /// The policy as it would be, read back from [`text`](Self::text).
    pub after: Document,
    /// The whole file as it would be.
    pub text: String,
    /// What was decided about each statement.
    pub merge: Merge,
    /// The whole change as RFC 6902, on the policy.
    pub patch: json_patch::Patch,
    /// Whether it was proved what the change does.
    pub proof: Proof,
    /// Whether the change may be made.
    pub verdict: Verdict,
    /// Why it may not, one line each.
    pub refusals: Vec<String>,
    /// Findings on what the change added or edited.
    pub new_findings: Vec<Diagnostic>,
    /// Findings that were there before.
    pub old_findings: Vec<Diagnostic>,
    /// Tokens in the policy that were filled in.
    pub filled: usize,
    /// How much of the quota is used afterwards, where the kind has one.
    pub quota: Option<(usize, Quota)>,
}

impl Applied {
    /// Whether the file would change.
    pub fn changes(&self) -> bool {
        self.text != self.before.source().text()
    }
}

/// The kind that a document is to be taken for, given the steps that go into it: its own, or where
/// nothing tells, the steps'.
///
/// # Errors
/// If a step is for another kind, or has several documents and nothing tells which is meant.
pub fn settle_kind(document: &mut Document, steps: &[(&Pack, &Step)]) -> Result<(), StepError> {
    for (_, step) in steps {
        if document.because != Because::Default {
            step.document(Some(document.kind))?;
        } else if let Some(kind) = step.document(None)?.policy_kind() {
            document.kind = kind;
            document.because = Because::Step(step.name.clone());
        }
    }
    Ok(())
}

/// The statements of a step for a kind of policy, or the values that it lacks.
///
/// # Errors
/// If the step has none for that kind.
pub fn addition<'p>(
    packs: &'p Packs,
    (pack, step): (&Pack, &Step),
    kind: Kind,
    variant: Option<&str>,
    values: &Values,
) -> Result<Result<Addition, Vec<steps::Missing<'p>>>, StepError> {
    Addition::of_step(packs, (pack, step), step.document(Some(kind))?, variant, values)
}

/// Applies a request to a document.
///
/// # Errors
/// If the document cannot be edited.
pub fn apply(before: &Document, packs: &Packs, request: &Request) -> Result<Applied, MergeError> {
    let filled = fill(before, packs, request.fill.as_ref())?;
    let base = filled.as_ref().map_or(before, |(document, _)| document);
    let merge = merge::merge(base, &request.additions, &request.removals, request.options)?;
    let text = match &merge.whole {
        Some(whole) => edit::apply(base.source().text(), &base.fill_absent(whole)?),
        None => base.edited(&merge.edits)?,
    };
    let after = before.reopened(text.clone());
    let mut patch = match &filled {
        Some((document, _)) => merge::fill_patch(before, document),
        None => json_patch::Patch(Vec::new()),
    };
    patch.0.extend(merge.patch.0.clone());
    let quota = quota(after.kind).map(|quota| (quota.used(&after.tree, after.text()), quota));
    let proof = proof::prove(base, &after, &merge.decisions);
    let mut applied = Applied {
        before: before.clone(),
        proof,
        filled: filled.map_or(0, |(_, count)| count),
        after,
        text,
        merge,
        patch,
        verdict: Verdict::Unchanged,
        refusals: Vec::new(),
        new_findings: Vec::new(),
        old_findings: Vec::new(),
        quota,
    };
    sort_findings(&mut applied, request);
    judge(&mut applied, request);
    Ok(applied)
}

/// The document with its tokens filled in, and how many there were; `None` if nothing changes.
fn fill(
    before: &Document,
    packs: &Packs,
    values: Option<&Values>,
) -> Result<Option<(Document, usize)>, MergeError> {
    let Some(values) = values else { return Ok(None) };
    let edits = steps::edits(&before.tree, before.text(), |token| {
        values.get(packs, token).map(|used| used.value.clone())
    });
    if edits.is_empty() {
        return Ok(None);
    }
    Ok(Some((before.reopened(before.edited(&edits)?), edits.len())))
}

/// Rules about what all statements of a policy do together: that it is open to everyone, or closed to those who
/// manage it.
pub const ALARMING: [&str; 6] =
    ["public-access", "principal-any", "not-principal-allow", "s3-public", "key-lockout", "bucket-lockout"];

/// The text of the statement that a finding is about.
fn said_of<'d>(document: &'d Document, finding: &Diagnostic) -> &'d str {
    document.statement_at(finding.span).map_or("", |statement| statement.span.slice(document.text()))
}

fn sort_findings(applied: &mut Applied, request: &Request) {
    let before = lint::lint(&applied.before, &request.lint);
    if !applied.changes() {
        applied.old_findings = before;
        return;
    }
    let whole_before: HashSet<(&str, &str)> =
        before.iter().map(|finding| (finding.rule, finding.message.as_str())).collect();
    let text = applied.before.text();
    let alarming_before: HashSet<(&str, &str)> = before
        .iter()
        .filter(|finding| ALARMING.contains(&finding.rule))
        .map(|finding| (finding.rule, said_of(&applied.before, finding)))
        .collect();
    let there: HashSet<&str> =
        applied.before.policy.statements.iter().map(|statement| statement.span.slice(text)).collect();
    for finding in lint::lint(&applied.after, &request.lint) {
        let is_new = match applied.after.statement_at(finding.span) {
            // A Deny that went, or an Allow that is gone, is felt in another statement.
            Some(_) if ALARMING.contains(&finding.rule) => {
                !alarming_before.contains(&(finding.rule, said_of(&applied.after, &finding)))
            }
            Some(statement) => !there.contains(statement.span.slice(applied.after.text())),
            None => !whole_before.contains(&(finding.rule, finding.message.as_str())),
        };
        let list = if is_new { &mut applied.new_findings } else { &mut applied.old_findings };
        list.push(finding);
    }
}

fn judge(applied: &mut Applied, request: &Request) {
    let decisions = &applied.merge.decisions;
    if decisions.iter().any(|decision| decision.outcome == Outcome::Conflict) {
        applied.verdict = Verdict::Conflict;
        return;
    }
    let allows = |allow: &Allow| request.allow.contains(allow);
    let mut refusals = Vec::new();
    for decision in decisions.iter().filter(|decision| decision.outcome == Outcome::Ineffective) {
        let by = decision.cut_by.iter();
        let denies = by.filter_map(|by| applied.before.policy.statements.get(by.index)).map(Statement::name);
        let denies: Vec<String> = denies.collect();
        let what = if denies.len() == 1 { "denies all of it" } else { "deny all of it together" };
        refusals.push(format!("{} would have no effect: {} {what}", decision.step, denies.join(" and ")));
    }
    for decision in decisions.iter().filter(|decision| decision.loses && !allows(&Allow::Removal)) {
        let name = decision
            .by
            .first()
            .and_then(|&index| applied.before.policy.statements.get(index))
            .map(|old| old.name());
        refusals.push(format!(
            "replacing {} may take access away; --allow removal lets it through",
            name.unwrap_or_default()
        ));
    }
    if applied.changes() {
        let shipped = request.additions.iter().all(|addition| addition.shipped);
        let level = if shipped { Severity::Error } else { Severity::Warning };
        let over_quota = applied.old_findings.iter().filter(|finding| finding.rule == "quota-exceeded");
        let stopping = applied
            .new_findings
            .iter()
            .filter(|finding| finding.severity >= level)
            .chain(over_quota.filter(|finding| finding.severity == Severity::Error));
        for finding in stopping.filter(|finding| !allows(&Allow::Rule(finding.rule))) {
            refusals.push(format!(
                "{} {}: {}; --allow {} lets it through",
                finding.severity.name(),
                finding.rule,
                finding.message,
                finding.rule
            ));
        }
        let unreadable = ["json-syntax", "duplicate-member"];
        if applied.after.problems.iter().any(|problem| unreadable.contains(&problem.rule)) {
            refusals.push("the result could not be read back: this is a mistake in polmerge".to_owned());
        }
    }
    let proved = applied.proof == Proof::Proved || allows(&Allow::NotProved);
    applied.verdict = match (refusals.is_empty(), applied.changes()) {
        (false, _) => Verdict::Refused,
        (true, true) if !proved => Verdict::NotProved,
        (true, true) => Verdict::Changed,
        (true, false) => Verdict::Unchanged,
    };
    applied.refusals = refusals;
}
