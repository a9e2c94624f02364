//! What applying did or would do: the commentary on standard error, verdict last.

use super::access;
use super::diff;
use super::human;
use super::style::{Role, Style, clean};
use super::wrap::{WIDTH, count, wrap};
use crate::apply::{Applied, Verdict};
use crate::diagnostic::Severity;
use crate::document::{Because, Document};
use crate::kind::Kind;
use crate::merge::{Decision, Outcome};
use crate::policy::quota::with_commas;
use crate::policy::{Principal, Statement};
use crate::steps::{Packs, Step, StepDocument, Used, Values};

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
    let mut out = head(applied, facts, style);
    if applied.changes() && applied.verdict != Verdict::Conflict {
        let (old, new) = texts(applied);
        let diff = diff::unified(&old, &new, applied.before.source().name(), style);
        out.push_str(&format!("\n{diff}"));
    }
    out.push_str(&access_part(applied, facts, style));
    out.push_str(&findings_part(applied, style));
    out.push_str(&notes(applied, facts, style));
    for refusal in &applied.refusals {
        out.push_str(&hanging(&style.paint(Role::StrongBad, "refused:"), 9, refusal, style, None));
    }
    out.push_str(&alarm(applied, style));
    out
}

/// The two texts to be compared. A policy that is all one line, or stands in a string, is compared
/// as it would be laid out.
fn texts(applied: &Applied) -> (String, String) {
    let file = applied.before.source().text();
    let is_plain = std::ptr::eq(applied.before.text(), file) && !applied.before.is_absent();
    let many_lines = |document: &Document| document.tree.span.slice(document.text()).contains('\n');
    if is_plain && many_lines(&applied.after) {
        return (file.to_owned(), applied.text.clone());
    }
    let laid_out = |document: &Document| {
        let text = document.tree.span.slice(document.text());
        match serde_json::from_str::<serde_json::Value>(text) {
            Ok(value) => format!("{value:#}\n"),
            Err(_) => text.to_owned(),
        }
    };
    let before = if applied.before.is_absent() { String::new() } else { laid_out(&applied.before) };
    (before, laid_out(&applied.after))
}

/// The file, its kind, and what became of each step.
fn head(applied: &Applied, facts: &Facts<'_>, style: Style) -> String {
    let document = &applied.before;
    let because = match &document.because {
        Because::Content(why) => format!(" ({why})"),
        Because::Envelope(command) => format!(" (in the answer of `{command}`)"),
        Because::Step(step) => format!(" (nothing else tells, and {step} is for one)"),
        Because::Told => " (as told)".to_owned(),
        Because::Configured => " (by the configuration)".to_owned(),
        Because::Default => " (nothing tells its kind)".to_owned(),
    };
    let head = format!("{} · {}{because}", clean(document.source().name()), document.kind.title());
    let mut out = format!("{}\n", wrap(&head, WIDTH).join("\n        "));
    for (step, title) in facts.steps {
        let decisions: Vec<&Decision> =
            applied.merge.decisions.iter().filter(|decision| decision.step == *step).collect();
        if decisions.iter().any(|decision| decision.outcome.changes()) || decisions.is_empty() {
            out.push_str(&format!("{} · {}\n", clean(step), clean(title)));
        }
        if applied.merge.nothing_to_remove.contains(step) {
            out.push_str(&format!("{} · not there: nothing to remove\n", clean(step)));
        }
        for decision in decisions {
            out.push_str(&decided(applied, decision, style));
        }
    }
    if applied.filled > 0 {
        out.push_str(&format!("filled in {}\n", count(applied.filled, "token")));
    }
    for (name, used) in facts.values {
        out.push_str(&style.paint(Role::Dim, &format!("{name} = {} ({})", used.value, used.origin)));
        out.push('\n');
    }
    out
}

fn decided(applied: &Applied, decision: &Decision, style: Style) -> String {
    let step = clean(&decision.step);
    let there = |index: &usize| {
        applied
            .before
            .policy
            .statements
            .get(*index)
            .map(|statement| named(&applied.before, statement))
            .unwrap_or_default()
    };
    let by = decision.by.first().map(there).unwrap_or_else(|| "added before".to_owned());
    let second = |text: &str| hanging("", 8, text, style, None);
    match decision.outcome {
        Outcome::AlreadyThere if decision.spelled.is_empty() => {
            format!("{step} · {}: {by}\n", style.paint(Role::Good, "already there"))
        }
        Outcome::AlreadyThere => format!(
            "{step} · {}, spelt otherwise: {by}\n{}",
            style.paint(Role::Good, "already there"),
            second(&format!("({})", decision.spelled.join("; ")))
        ),
        Outcome::Covered => {
            let lets = decision.by.first().and_then(|&index| applied.before.policy.statements.get(index));
            let lets = lets.map(|wide| grant_of(&applied.before, wide)).unwrap_or_default();
            let lead = format!("{step} · {}: {by}", style.paint(Role::Careful, "covered by something wider"));
            format!(
                "{lead}\n{}{}",
                second(&lets),
                second(&match applied.merge.nothing_to_remove.contains(&decision.step) {
                    true => "it stays".to_owned(),
                    false => format!("nothing is added; if it is narrowed one day, apply {step} again"),
                })
            )
        }
        Outcome::Conflict => format!(
            "{step} · {}: {by} has the Sid and means something else\n{}",
            style.paint(Role::Bad, "conflict"),
            second(
                "--on-conflict rename adds it under another Sid, --on-conflict replace puts it in the place of the old one"
            ),
        ),
        Outcome::Ineffective => {
            format!("{step} · {}\n", style.paint(Role::Bad, "no effect: a Deny takes back all of it"))
        }
        Outcome::Replaced => format!("{step} · replaces {by}\n"),
        Outcome::Renamed => format!(
            "{step} · added under the Sid \"{}\"\n",
            clean(decision.new.statement.sid().unwrap_or(""))
        ),
        Outcome::Removed => {
            format!("{step} · removed: {}\n", decision.by.iter().map(there).collect::<Vec<_>>().join(", "))
        }
        Outcome::Added => match decision.delegated.as_ref() {
            Some(index) => {
                let account =
                    applied.before.policy.statements.get(*index).and_then(account_of).unwrap_or_default();
                let lead = format!(
                    "{step} · not covered by {}: that only lets IAM policies of account {account} decide;",
                    there(index)
                );
                format!("{lead}\n{}", second("the step names the principal itself, so it is added"))
            }
            None => String::new(),
        },
    }
}

fn account_of(statement: &Statement) -> Option<String> {
    statement.principal.as_ref()?.principals().find_map(|(principal, _)| match principal {
        Principal::Account(account) => Some(account),
        _ => None,
    })
}

/// `statement 4 "Allow Expel", line 34`
fn named(document: &Document, statement: &Statement) -> String {
    let line = document.source().position(document.in_file(statement.span).start as usize).line;
    clean(&format!("{}, line {line}", statement.name()))
}

fn grant_of(document: &Document, statement: &Statement) -> String {
    access::grant(document, statement).sentence
}

fn access_part(applied: &Applied, facts: &Facts<'_>, style: Style) -> String {
    let changing: Vec<&Decision> =
        applied.merge.decisions.iter().filter(|decision| decision.outcome.changes()).collect();
    if changing.is_empty() || applied.verdict == Verdict::Conflict {
        return cuts(applied, style);
    }
    let mut out = format!("\n{}\n", style.paint(Role::Strong, "Access"));
    let mut removed = 0;
    for decision in &changing {
        let statement = &decision.new.statement;
        let (old, new) = (&applied.before, &applied.after);
        if decision.outcome != Outcome::Removed {
            let grant = access::grant(new, statement);
            out.push_str(&hanging("  + ", 4, &grant.sentence, style, Some(Role::Careful)));
            out.push_str(&explained("for example", &grant.example, style));
            if let Some(needed) = also_needed(facts.packs, decision, new) {
                out.push_str(&explained("also needed", &[needed], style));
            }
        }
        if matches!(decision.outcome, Outcome::Removed | Outcome::Replaced) {
            for gone in decision.by.iter().filter_map(|&index| old.policy.statements.get(index)) {
                removed += 1;
                let text = format!("no longer: {}", grant_of(old, gone));
                out.push_str(&hanging("  - ", 4, &text, style, Some(Role::Bad)));
            }
        }
    }
    out.push_str(&cuts(applied, style));
    let rest = match removed {
        0 => "nothing is removed, and nothing else is added",
        _ => "nothing else is removed or added",
    };
    // Statements are only put in or taken out whole, but that is a reason, not a proof.
    out.push_str(&format!("  - {rest} ({})\n", style.paint(Role::Dim, "not proved yet")));
    out
}

/// Deny statements that take back part of what a step grants.
fn cuts(applied: &Applied, style: Style) -> String {
    let mut out = String::new();
    let mut said = std::collections::HashSet::new();
    for decision in &applied.merge.decisions {
        for deny in decision.cut_by.iter().filter_map(|&index| applied.before.policy.statements.get(index)) {
            if !said.insert((deny.index, decision.step.clone())) {
                continue;
            }
            let what = match decision.outcome {
                Outcome::Ineffective => "denies all of this",
                _ => "denies part of this, or may",
            };
            let when = match access::conditions(deny) {
                conditions if conditions.is_empty() => grant_of(&applied.before, deny),
                conditions => format!("if {}", conditions.join(" and ")),
            };
            let text = format!("{} {what}: {when}", deny.name());
            out.push_str(&hanging("  ! ", 4, &text, style, Some(Role::Careful)));
        }
    }
    out
}

/// What the other account must grant, for a principal that is of another account than the policy.
fn also_needed(packs: &Packs, decision: &Decision, document: &Document) -> Option<String> {
    let (_, step) = packs.step(&decision.step).ok()?;
    let needed = step.document(Some(document.kind)).ok()?.also_needed.as_ref()?;
    let accounts: Vec<String> = decision
        .new
        .statement
        .principal
        .iter()
        .flat_map(|element| element.principals())
        .filter_map(|(principal, _)| principal.account().map(str::to_owned))
        .collect();
    let own = own_account(document);
    let elsewhere = accounts.iter().any(|account| own.as_ref().is_none_or(|own| own != account));
    elsewhere.then(|| format!("{} ({})", needed.why, needed.step))
}

/// The account that the policy's thing belongs to, by its ARN, or by the statement that gives the
/// account everything.
fn own_account(document: &Document) -> Option<String> {
    let of_arn =
        document.resource.as_deref().and_then(crate::policy::Arn::parse).map(|arn| arn.account.to_owned());
    of_arn.filter(|account| !account.is_empty()).or_else(|| {
        document
            .policy
            .statements
            .iter()
            .filter(|statement| statement.allows() && statement.conditions.is_empty())
            .find_map(account_of)
    })
}

fn findings_part(applied: &Applied, style: Style) -> String {
    // Notes that were there before are for `lint`.
    let old: Vec<_> =
        applied.old_findings.iter().filter(|finding| finding.severity > Severity::Note).collect();
    if !applied.changes() && old.is_empty() {
        return String::new();
    }
    let mut out = format!("\n{}\n", style.paint(Role::Strong, "Findings"));
    if applied.changes() {
        match applied.new_findings.is_empty() {
            true => out.push_str("  new      none\n"),
            false => {
                for finding in &applied.new_findings {
                    out.push_str(&human::one_line("  new      ", &applied.after, finding, style));
                }
            }
        }
    }
    for finding in old {
        // Where it stands in the result, which is what the person looks at next.
        out.push_str(&human::one_line("  before   ", &applied.after, finding, style));
    }
    out
}

fn notes(applied: &Applied, facts: &Facts<'_>, style: Style) -> String {
    let mut notes: Vec<(Role, &str, String)> = Vec::new();
    for warning in facts.warnings {
        notes.push((Role::Careful, "warning:", warning.clone()));
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
        let added = applied
            .merge
            .decisions
            .iter()
            .any(|decision| decision.step == *name && decision.outcome.changes());
        if !added {
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
        out.push_str(&hanging(
            &style.paint(*role, word),
            word.len(),
            &format!(" {text}"),
            style,
            Some(*role),
        ));
    }
    out
}

/// A policy that was open to everyone before is no news, but not to be passed over either.
fn alarm(applied: &Applied, style: Style) -> String {
    let public = ["public-access", "principal-any", "not-principal-allow"];
    let open = applied
        .old_findings
        .iter()
        .find(|finding| public.contains(&finding.rule) && finding.severity == Severity::Error);
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
            format!(
                "{statements}, {} of {} {}",
                with_commas(used),
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

/// A text behind a lead of `width` characters, wrapped with its lines one below the other.
fn hanging(lead: &str, width: usize, text: &str, style: Style, role: Option<Role>) -> String {
    let text = clean(text);
    let lines = wrap(text.trim_start(), WIDTH - width);
    let gap = if text.starts_with(' ') || width == 9 { " " } else { "" };
    let indent = match lead.is_empty() {
        true => " ".repeat(width),
        false => String::new(),
    };
    let mut out = String::new();
    for (index, line) in lines.iter().enumerate() {
        let painted = role.map_or_else(|| line.clone(), |role| style.paint(role, line));
        match index {
            0 => out.push_str(&format!("{indent}{lead}{gap}{painted}\n")),
            _ => out.push_str(&format!("{}{painted}\n", " ".repeat(width + gap.len()))),
        }
    }
    out
}

/// `      for example   …`, further lines below.
fn explained(word: &str, lines: &[String], style: Style) -> String {
    let mut out = String::new();
    for (index, line) in lines.iter().flat_map(|line| wrap(&clean(line), WIDTH - 20)).enumerate() {
        let word = if index == 0 { word } else { "" };
        let gap = " ".repeat(14 - word.len());
        out.push_str(&format!("      {}{gap}{}\n", style.paint(Role::Dim, word), line));
    }
    out
}

/// What a rendered step is, for standard error.
pub fn rendered(
    (step, document): (&Step, &StepDocument),
    kind: Kind,
    values: &[(String, Used)],
    warnings: &[String],
    style: Style,
) -> String {
    let mut out =
        format!("{} · {} · {} for {}\n", step.name, step.title, kind.with_article(), document.attached_to);
    for (name, used) in values {
        out.push_str(&style.paint(Role::Dim, &format!("{name} = {} ({})", used.value, used.origin)));
        out.push('\n');
    }
    for warning in warnings {
        out.push_str(&hanging(
            &style.paint(Role::Careful, "warning:"),
            8,
            &format!(" {warning}"),
            style,
            Some(Role::Careful),
        ));
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
