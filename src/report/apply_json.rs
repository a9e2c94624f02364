//! `apply --format json`

use serde::Serialize;
use serde_json::Value as Json;

use super::json::Finding;
use crate::analyze::request::Request;
use crate::apply::{Applied, Proof, Verdict, settings};

/// The report, version 1.
#[derive(Serialize)]
struct Report<'a> {
    version: u8,
    changed: bool,
    reason: Option<&'static str>,
    kind: &'a str,
    statements: Vec<Statement<'a>>,
    settings: Vec<Setting<'a>>,
    proved: Option<bool>,
    access: Access,
    findings: Vec<NewFinding<'a>>,
    quota: Option<Quota>,
    patch: &'a json_patch::Patch,
    policy: Option<Json>,
}

/// A finding, and whether the change brings it.
#[derive(Serialize)]
struct NewFinding<'a> {
    #[serde(flatten)]
    finding: Finding<'a>,
    new: bool,
}

#[derive(Serialize)]
struct Statement<'a> {
    step: &'a str,
    sid: Option<&'a str>,
    outcome: &'static str,
    by: Vec<Name>,
    why: Option<String>,
    cut_by: Vec<CutBy<'a>>,
}

#[derive(Serialize)]
struct Setting<'a> {
    step: &'a str,
    member: &'a str,
    outcome: &'static str,
    was: Option<&'a Json>,
    wanted: Option<&'a Json>,
    why: Option<&'a str>,
}

#[derive(Serialize)]
struct Name {
    index: usize,
    sid: Option<String>,
}

#[derive(Serialize)]
struct CutBy<'a> {
    #[serde(flatten)]
    name: Name,
    witness: Option<Json>,
    when: Option<&'a str>,
    why: Option<&'a str>,
}

#[derive(Default, Serialize)]
struct Access {
    added: Vec<Json>,
    removed: Vec<Json>,
    no_longer_denied: Vec<Json>,
    denied: Vec<Json>,
    direct: Vec<Json>,
    unproved: Vec<String>,
    assumptions: Vec<String>,
}

#[derive(Serialize)]
struct Quota {
    used: usize,
    exact: bool,
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
    let requests = |requests: &[Request]| requests.iter().map(Request::to_json).collect();
    let change = &applied.outlook.change;
    let why = match &applied.outlook.proof {
        Proof::Proved => None,
        Proof::Unread(why) | Proof::NotProved(why) => Some(why.clone()),
    };
    let why = why.filter(|why| !change.unproved.contains(why));
    let presence = applied.after.presence().map(|presence| presence.to_string());
    let access = match applied.verdict {
        // A conflict leaves out part of what was asked for.
        Verdict::Conflict => Access::default(),
        _ => Access {
            added: requests(&change.added),
            removed: requests(&change.removed),
            no_longer_denied: requests(&change.undenied),
            denied: requests(&change.denied),
            direct: change.direct.iter().map(|direct| direct.request.to_json()).collect(),
            unproved: change.unproved.iter().cloned().chain(why).collect(),
            assumptions: change.assumptions.iter().cloned().chain(presence).collect(),
        },
    };
    let report = Report {
        version: 1,
        changed: applied.verdict == Verdict::Changed,
        reason: reason(applied.verdict, pending),
        kind: applied.before.kind.name(),
        statements: decisions
            .iter()
            .map(|decision| Statement {
                step: &decision.step,
                sid: decision.new.statement.sid(),
                outcome: decision.outcome.name(),
                by: decision.by.iter().map(name).collect(),
                why: decision.void.as_ref().map(ToString::to_string).or_else(|| decision.unproved.clone()),
                cut_by: decision
                    .cut_by
                    .iter()
                    .map(|by| CutBy {
                        name: Name { index: by.index, sid: by.statement.sid().map(str::to_owned) },
                        witness: by.example.as_ref().ok().map(Request::to_json),
                        when: by.clause.as_deref(),
                        why: by.example.as_ref().err().map(String::as_str),
                    })
                    .collect(),
            })
            .collect(),
        settings: Vec::new(),
        proved: (applied.verdict != Verdict::Conflict).then_some(applied.outlook.proof == Proof::Proved),
        access,
        findings: [(&applied.new_findings, true), (&applied.old_findings, false)]
            .into_iter()
            .flat_map(|(findings, new)| {
                findings
                    .iter()
                    .map(move |finding| NewFinding { finding: Finding::new(&applied.after, finding), new })
            })
            .collect(),
        quota: applied.quota.map(|(used, quota)| Quota {
            used: used.amount,
            exact: used.is_exact,
            limit: quota.limit,
            unit: quota.unit.name(),
        }),
        patch: &applied.patch,
        policy: goes_through(applied.verdict)
            .then(|| serde_json::from_str(applied.after.tree.span.slice(applied.after.text())).ok())
            .flatten(),
    };
    super::json::pretty(&report)
}

/// The same for settings. Nothing is proved of them, and no rule looks at them.
pub fn settings(applied: &settings::Applied, kind: &str, pending: bool) -> String {
    let decisions = applied.merge.decisions.iter().map(|decision| Setting {
        step: &decision.step,
        member: &decision.member,
        outcome: decision.outcome.name(),
        was: decision.was.as_ref(),
        wanted: decision.wanted.as_ref(),
        why: decision.why.as_deref(),
    });
    super::json::pretty(&Report {
        version: 1,
        changed: applied.verdict == Verdict::Changed,
        reason: reason(applied.verdict, pending),
        kind,
        statements: Vec::new(),
        settings: decisions.collect(),
        proved: None,
        access: Access::default(),
        findings: Vec::new(),
        quota: None,
        patch: &applied.merge.patch,
        policy: goes_through(applied.verdict).then(|| applied.after.members().into()),
    })
}

fn reason(verdict: Verdict, pending: bool) -> Option<&'static str> {
    match verdict {
        Verdict::Refused => Some("refused"),
        Verdict::Conflict => Some("conflict"),
        Verdict::NotProved => Some("not-proved"),
        Verdict::Changed if pending => Some("pending"),
        Verdict::Changed | Verdict::Unchanged => None,
    }
}

fn goes_through(verdict: Verdict) -> bool {
    matches!(verdict, Verdict::Changed | Verdict::Unchanged)
}
