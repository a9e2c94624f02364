//! Applying steps to a policy: values, merge, the check of the very bytes to be written, lint before
//! and after, and the verdict.
//!
//! This is the one place where these run one after the other, for every command that applies.

mod findings;
mod proof;
pub mod settings;

pub use findings::ALARMING;
pub use proof::{Lost, Outlook, Proof};

use crate::analyze::request::Caller;
use crate::analyze::space::together;
use crate::analyze::void::Void;
use crate::diagnostic::Diagnostic;
use crate::document::{Because, Document, Used};
use crate::edit;
use crate::kind::Kind;
use crate::lint::{self, Settings};
use crate::merge::{self, Decision, Merge, MergeError, Options, Outcome};
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
    /// Access that is taken away by a Deny that is added or a statement that is replaced.
    Removal,
}

/// A name of nothing that a person can let through.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnknownAllow {
    /// It stands for no rule.
    #[error(transparent)]
    Unknown(#[from] lint::UnknownSelector),
    /// It stands for several rules.
    #[error("`{0}` stands for several rules: allow each rule by its own name (see `polmerge rules`)")]
    Several(String),
}

impl std::str::FromStr for Allow {
    type Err = UnknownAllow;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        match name {
            "not-proved" => Ok(Allow::NotProved),
            "removal" => Ok(Allow::Removal),
            // A rule may have the name of a group: the rule is meant.
            _ => match lint::rules::get(name) {
                Some(rule) => Ok(Allow::Rule(rule.name)),
                None => Err(match name.parse::<lint::Selector>() {
                    Ok(_) => UnknownAllow::Several(name.to_owned()),
                    Err(unknown) => unknown.into(),
                }),
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
    /// It could not be proved: see [`Outlook::proof`].
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
    /// What the change does to access, and whether that is proved.
    pub outlook: Outlook,
    /// Whether the change may be made.
    pub verdict: Verdict,
    /// Why it may not, one line each.
    pub refusals: Vec<String>,
    /// Findings that the policy did not have before.
    pub new_findings: Vec<Diagnostic>,
    /// Findings that the policy had before.
    pub old_findings: Vec<Diagnostic>,
    /// Tokens in the policy that were filled in.
    pub filled: usize,
    /// How much of the quota is used afterwards, where the kind has one.
    pub quota: Option<(Used, Quota)>,
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
    together(|| applied(before, packs, request))
}

fn applied(before: &Document, packs: &Packs, request: &Request) -> Result<Applied, MergeError> {
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
    let quota = quota(after.kind).map(|quota| (after.used(quota.unit), quota));
    let outlook = proof::prove(base, &after, &merge.decisions);
    let mut applied = Applied {
        before: before.clone(),
        outlook,
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
    (applied.new_findings, applied.old_findings) = findings::sorted(&applied, &request.lint);
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

fn judge(applied: &mut Applied, request: &Request) {
    let decisions = &applied.merge.decisions;
    if decisions.iter().any(|decision| decision.outcome == Outcome::Conflict) {
        applied.verdict = Verdict::Conflict;
        return;
    }
    let allows = |allow: &Allow| request.allow.contains(allow);
    let mut refusals: Vec<String> =
        decisions.iter().filter_map(|decision| ineffective(&applied.before, decision)).collect();
    if let Some(lost) = applied.outlook.lost.first().filter(|_| !allows(&Allow::Removal)) {
        refusals.push(format!(
            "the change takes access away: {}; --allow removal accepts that",
            what_is_lost(lost)
        ));
    }
    refusals.extend(placeholders(applied, request));
    if applied.changes() {
        // What is wrong with a statement that is refused anyway is reported, but no `--allow` lets that one through.
        let refused = |finding: &&Diagnostic| {
            let statement = applied.after.statement_at(finding.span);
            statement.is_some_and(|statement| is_refused(decisions, statement.index))
        };
        for finding in findings::stopping(applied, request).into_iter().filter(|one| !refused(one)) {
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
    let proved = !matches!(applied.outlook.proof, Proof::NotProved(_)) || allows(&Allow::NotProved);
    applied.verdict = match (refusals.is_empty(), applied.changes()) {
        (false, _) => Verdict::Refused,
        // Nor is it proved that something is there already where a macro may rewrite it.
        (true, _) if !proved => Verdict::NotProved,
        (true, true) => Verdict::Changed,
        (true, false) => Verdict::Unchanged,
    };
    applied.refusals = refusals;
}

/// Whether the statement at an index of the policy afterwards has no effect, and so is never added.
fn is_refused(decisions: &[Decision], index: usize) -> bool {
    decisions.iter().any(|decision| decision.outcome == Outcome::Ineffective && decision.index == Some(index))
}

/// Why a statement would have no effect, if it has none.
fn ineffective(before: &Document, decision: &Decision) -> Option<String> {
    if decision.outcome != Outcome::Ineffective {
        return None;
    }
    let name = match decision.new.statement.sid() {
        Some(sid) => format!("statement \"{sid}\" of {}", decision.step),
        None => format!("the statement of {}", decision.step),
    };
    let why = match &decision.void {
        // Which of the statements have no effect is not known.
        Some(void @ Void::Other { .. }) => return Some(format!("{name}: {void} ({})", void.help())),
        Some(void) => format!("it can match no request: {void}; {}", void.help()),
        None => {
            let by = decision.cut_by.iter();
            let denies = by.filter_map(|by| before.policy.statements.get(by.index)).map(Statement::name);
            let denies: Vec<String> = denies.collect();
            let what = if denies.len() == 1 { "denies all of it" } else { "deny all of it together" };
            format!("{} {what}; narrow the Deny, or do not add the statement", denies.join(" and "))
        }
    };
    Some(format!("{name} would have no effect: {why}"))
}

fn what_is_lost(lost: &Lost) -> String {
    let (request, what) = match lost {
        Lost::Request(request) => (request, "is no longer allowed"),
        Lost::Direct(request) => (request, "is left to the account's own policies"),
    };
    let by = match &request.principal {
        Some(Caller::Anonymous) => " by anyone".to_owned(),
        Some(
            Caller::Aws(name) | Caller::Service(name) | Caller::Federated(name) | Caller::CanonicalUser(name),
        ) => format!(" by `{name}`"),
        None => String::new(),
    };
    format!("{} on `{}`{by} {what}", request.action, request.resource)
}

/// What is still to be filled in of the statements that a file adds, unless a template is to do that.
fn placeholders(applied: &Applied, request: &Request) -> Vec<String> {
    let is_template = applied.before.is_template();
    if is_template && !applied.before.is_filled_in_by_functions() {
        return Vec::new();
    }
    let mut refusals: Vec<String> = Vec::new();
    for decision in applied.merge.decisions.iter().filter(|decision| decision.is_in_text()) {
        let all = match is_template {
            true => decision.new.placeholders_beside_functions(),
            false => decision.new.placeholders(),
        };
        for found in all {
            let rule = if found.is_example() { "example-value" } else { "unresolved-placeholder" };
            let is_account = found.text().bytes().all(|byte| byte.is_ascii_digit());
            let what = match found.is_example() {
                true if is_account => "is an account of AWS's documentation",
                true => "is a name of AWS's documentation",
                false if is_template && found.text().starts_with("${") => {
                    "is in a plain text, and CloudFormation fills in names only in `Fn::Sub`"
                }
                false => "is still to be filled in",
            };
            // A statement without effect is never added.
            let allow = match decision.outcome.puts_in() {
                true => format!("; --allow {rule} lets it through"),
                false => String::new(),
            };
            let refusal = format!("`{}` in {} {what}{allow}", found.text(), decision.step);
            let is_allowed = request.allow.contains(&Allow::Rule(rule));
            if !is_allowed && !refusals.contains(&refusal) {
                refusals.push(refusal);
            }
        }
    }
    refusals
}
