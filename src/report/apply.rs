//! What applying did or would do: the commentary on standard error, verdict last.

mod decided;
mod gained;

use super::edited;
use super::human;
use super::style::{Role, Style, clean};
use super::wrap::{count, hanging, wrap};
use crate::apply::{ALARMING, Applied, Verdict};
use crate::diagnostic::Severity;
use crate::document::Presence;
use crate::merge::{Decision, Outcome};
use crate::policy::quota::with_commas;
use crate::steps::{Packs, Used, Values};

/// What a report needs besides the outcome.
pub struct Facts<'a> {
    /// The steps in use.
    pub packs: &'a Packs,
    /// The steps named, to be added or removed, with their titles.
    pub steps: &'a [(String, String)],
    /// The values in use, by the name of the parameter.
    pub values: &'a [(String, Used)],
    /// What is odd about the values.
    pub warnings: &'a [String],
    /// The variant that was chosen.
    pub variant: Option<&'a str>,
}

/// The commentary, but for the last line.
pub fn commentary(applied: &Applied, facts: &Facts<'_>, style: Style) -> String {
    let mut out = decided::head(applied, facts, style);
    if applied.changes() && applied.verdict != Verdict::Conflict {
        out.push_str(&format!("\n{}", edited::diff(&applied.before, &applied.after, style)));
    }
    out.push_str(&gained::access_part(applied, facts, style));
    out.push_str(&findings_part(applied, style));
    out.push_str(&notes(applied, facts, style));
    for refusal in &applied.refusals {
        out.push_str(&hanging(
            &format!("{} ", style.paint(Role::StrongBad, "refused:")),
            9,
            refusal,
            style,
            None,
        ));
    }
    out.push_str(&alarm(applied, style));
    out
}

fn findings_part(applied: &Applied, style: Style) -> String {
    // Notes that were there before are for `lint`.
    let old: Vec<_> =
        applied.old_findings.iter().filter(|finding| finding.severity > Severity::Note).collect();
    if !applied.changes() && old.is_empty() {
        return String::new();
    }
    let mut out = format!("\n{}\n", style.paint(Role::Strong, "Findings"));
    let new = if applied.changes() { applied.new_findings.as_slice() } else { &[] };
    if applied.changes() && new.is_empty() {
        out.push_str("  new      none\n");
    }
    let all = new.iter().chain(old.iter().copied());
    let width = all.map(|finding| finding.rule.len()).max().unwrap_or(0);
    for finding in new {
        out.push_str(&human::one_line("  new      ", width, &applied.after, finding, style));
    }
    for finding in old {
        // Where it stands in the result, which is what the person looks at next.
        out.push_str(&human::one_line("  before   ", width, &applied.after, finding, style));
    }
    out
}

fn notes(applied: &Applied, facts: &Facts<'_>, style: Style) -> String {
    let mut notes: Vec<(Role, &str, String)> = Vec::new();
    for warning in facts.warnings {
        notes.push((Role::Careful, "warning:", warning.clone()));
    }
    let removes = applied.merge.decisions.iter().any(|decision| decision.outcome == Outcome::Removed);
    if removes && applied.after.policy.statements.is_empty() {
        let text = "AWS refuses a policy without statements: delete the policy instead of uploading this one";
        notes.push((Role::Careful, "warning:", text.to_owned()));
    }
    if let Some(presence) = applied.after.presence() {
        let (role, word) = match presence {
            Presence::Sometimes(_) => (Role::Dim, "note:"),
            Presence::Never(_) => (Role::Careful, "warning:"),
        };
        notes.push((role, word, presence.to_string()));
    }
    for (name, _) in facts.steps {
        let Ok((_, step)) = facts.packs.step(name) else { continue };
        for warning in &step.warnings {
            let value = facts
                .values
                .iter()
                .find(|(parameter, _)| *parameter == warning.parameter)
                .map(|(_, used)| used);
            if value.is_some_and(|used| crate::pattern::Pattern::new(&warning.matches).matches(&used.value)) {
                notes.push((Role::Careful, "warning:", format!("{name}: {}", warning.message)));
            }
        }
        let added = |decision: &Decision| decision.step == *name && decision.outcome.puts_in();
        if !applied.merge.decisions.iter().any(added) {
            continue;
        }
        notes.extend(step.notes.iter().map(|note| (Role::Dim, "note:", note.clone())));
        let Ok(document) = step.document(Some(applied.before.kind)) else { continue };
        let variants = document.variants.iter().filter(|(variant, _)| facts.variant != Some(variant));
        notes.extend(
            variants.map(|(variant, is)| (Role::Dim, "note:", format!("`--variant {variant}` {}", is.when))),
        );
    }
    let mut out = String::new();
    for (index, (role, word, text)) in notes.iter().enumerate() {
        if index == 0 {
            out.push('\n');
        }
        let lead = format!("{} ", style.paint(*role, word));
        out.push_str(&hanging(&lead, word.len() + 1, text, style, Some(*role)));
    }
    out
}

/// A policy that was open to everyone before, or closed to its managers, is no news, but not to be passed
/// over either.
fn alarm(applied: &Applied, style: Style) -> String {
    let open = applied
        .old_findings
        .iter()
        .find(|finding| ALARMING.contains(&finding.rule) && finding.severity == Severity::Error);
    match open {
        Some(finding) => {
            let place = applied.before.source().place(applied.before.in_file(finding.span));
            format!(
                "\n{}\n",
                style.paint(
                    Role::StrongBad,
                    &format!("before this change already: {} ({place})", finding.message)
                )
            )
        }
        None => String::new(),
    }
}

/// `kind: size of quota`, as in `4 statements, 1,428 of 32,768 bytes`
pub fn size(applied: &Applied) -> String {
    let statements = count(applied.after.policy.statements.len(), "statement");
    match applied.quota {
        Some((used, quota)) => {
            let at_least = if used.is_exact { "" } else { "at least " };
            format!(
                "{statements}, {at_least}{} of {} {}",
                with_commas(used.amount),
                with_commas(quota.limit),
                quota.unit.name()
            )
        }
        None => statements,
    }
}

/// `1 statement added`
pub fn what_changed(applied: &Applied) -> String {
    let number = |outcomes: &[Outcome]| {
        let decisions =
            applied.merge.decisions.iter().filter(|decision| outcomes.contains(&decision.outcome));
        decisions
            .map(|decision| if decision.outcome == Outcome::Removed { decision.by.len() } else { 1 })
            .sum::<usize>()
    };
    let mut parts = Vec::new();
    for (outcomes, verb) in [
        (&[Outcome::Added, Outcome::Renamed][..], "added"),
        (&[Outcome::Replaced], "replaced"),
        (&[Outcome::Removed], "removed"),
    ] {
        match number(outcomes) {
            0 => {}
            number => parts.push(format!("{} {verb}", count(number, "statement"))),
        }
    }
    if applied.filled > 0 {
        parts.push(format!("{} filled in", count(applied.filled, "token")));
    }
    parts.join(", ")
}

/// `      for example   …`, further lines below.
fn explained(word: &str, lines: &[String], style: Style) -> String {
    let mut out = String::new();
    for (index, line) in lines.iter().flat_map(|line| wrap(line, style.width.saturating_sub(20))).enumerate()
    {
        let word = if index == 0 { word } else { "" };
        let gap = " ".repeat(14 - word.len());
        out.push_str(&format!("      {}{gap}{}\n", style.paint(Role::Dim, word), line));
    }
    out
}

/// What a step, or a pack, of that name and title is rendered as, for standard error.
pub fn rendered(
    (name, title): (&str, &str),
    what: &str,
    values: &[(String, Used)],
    warnings: &[String],
    style: Style,
) -> String {
    let mut out = format!("{} · {} · {what}\n", clean(name), clean(title));
    for (name, used) in values {
        out.push_str(&style.paint(Role::Dim, &format!("{name} = {} ({})", used.value, used.origin)));
        out.push('\n');
    }
    for warning in warnings {
        let lead = format!("{} ", style.paint(Role::Careful, "warning:"));
        out.push_str(&hanging(&lead, 9, warning, style, Some(Role::Careful)));
    }
    out
}

/// The values that were used, for [`Facts`].
pub fn used_values(packs: &Packs, values: &Values, texts: &[&str]) -> Vec<(String, Used)> {
    values
        .iter()
        .filter(|(name, _)| {
            texts.iter().any(|text| {
                crate::placeholder::tokens(text).iter().any(|token| packs.canonical(token.name) == *name)
            })
        })
        .map(|(name, used)| (name.to_owned(), used.clone()))
        .collect()
}
