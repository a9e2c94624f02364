//! `apply --format json`

use serde::Serialize;
use serde_json::Value as Json;

use super::access;
use super::json::Finding;
use crate::apply::{Applied, Proof, Verdict};
use crate::merge::Outcome;

/// The report, version 1.
#[derive(Serialize)]
struct Report<'a> {
    version: u8,
    changed: bool,
    reason: Option<&'static str>,
    kind: &'static str,
    statements: Vec<Statement<'a>>,
    proved: Option<bool>,
    access: Access,
    findings: Vec<Finding<'a>>,
    quota: Option<Quota>,
    patch: &'a json_patch::Patch,
    policy: Option<Json>,
}

#[derive(Serialize)]
struct Statement<'a> {
    step: &'a str,
    sid: Option<&'a str>,
    outcome: &'static str,
    by: Vec<Name>,
    cut_by: Vec<Name>,
}

#[derive(Serialize)]
struct Name {
    index: usize,
    sid: Option<String>,
}

#[derive(Serialize)]
struct Access {
    added: Vec<Json>,
    removed: Vec<Json>,
}

#[derive(Serialize)]
struct Quota {
    used: usize,
    limit: usize,
    unit: &'static str,
}

/// The document for programs. `pending`: the change was only looked for.
pub fn report(applied: &Applied, pending: bool) -> String {
    let name = |&index: &usize| Name {
        index,
        sid: applied
            .before
            .policy
            .statements
            .get(index)
            .and_then(|statement| statement.sid())
            .map(str::to_owned),
    };
    let decisions = &applied.merge.decisions;
    let mut access = Access { added: Vec::new(), removed: Vec::new() };
    for decision in decisions.iter().filter(|decision| decision.outcome.changes()) {
        if decision.outcome != Outcome::Removed {
            access.added.push(access::grant(&applied.after, &decision.new.statement).request);
        }
        let gone = decision.by.iter().filter_map(|&index| applied.before.policy.statements.get(index));
        access.removed.extend(gone.map(|gone| access::grant(&applied.before, gone).request));
    }
    let reason = match applied.verdict {
        Verdict::Refused => Some("refused"),
        Verdict::Conflict => Some("conflict"),
        Verdict::NotProved => Some("not-proved"),
        Verdict::Changed if pending => Some("pending"),
        Verdict::Changed | Verdict::Unchanged => None,
    };
    let goes_through = matches!(applied.verdict, Verdict::Changed | Verdict::Unchanged);
    let report = Report {
        version: 1,
        changed: applied.verdict == Verdict::Changed,
        reason,
        kind: applied.before.kind.name(),
        statements: decisions
            .iter()
            .map(|decision| Statement {
                step: &decision.step,
                sid: decision.new.statement.sid(),
                outcome: decision.outcome.name(),
                by: decision.by.iter().map(name).collect(),
                cut_by: decision.cut_by.iter().map(name).collect(),
            })
            .collect(),
        proved: (applied.verdict != Verdict::Conflict).then_some(applied.proof == Proof::Proved),
        access,
        findings: applied
            .new_findings
            .iter()
            .chain(&applied.old_findings)
            .map(|diagnostic| Finding::new(&applied.after, diagnostic))
            .collect(),
        quota: applied.quota.map(|(used, quota)| Quota { used, limit: quota.limit, unit: quota.unit.name() }),
        patch: &applied.patch,
        policy: goes_through
            .then(|| serde_json::from_str(applied.after.tree.span.slice(applied.after.text())).ok())
            .flatten(),
    };
    let mut text = serde_json::to_string_pretty(&report).unwrap_or_default();
    text.push('\n');
    text
}
