//! The access that a change gives and takes, and what takes some of it back.

use super::Facts;
use super::decided::grant_of;
use super::{explained, hanging};
use crate::analyze::cover::Cut;
use crate::apply::{Applied, Proof, Verdict};
use crate::document::Document;
use crate::merge::{Decision, Outcome};
use crate::report::access;
use crate::report::comparison::in_words;
use crate::report::style::{Role, Style};
use crate::steps::Packs;

pub(super) fn access_part(applied: &Applied, facts: &Facts<'_>, style: Style) -> String {
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
    match &applied.proof {
        Proof::Proved => {
            out.push_str(&format!("  - {rest} ({})\n", style.paint(Role::Good, "proved")));
        }
        Proof::NotProved(why) => {
            let text = format!("not proved that {rest}: {why}");
            out.push_str(&hanging("  ? ", 4, &text, style, Some(Role::Bad)));
        }
    }
    out
}

/// Deny statements that take back part of what a step grants.
fn cuts(applied: &Applied, style: Style) -> String {
    let mut out = String::new();
    let mut said = std::collections::HashSet::new();
    for decision in &applied.merge.decisions {
        for by in &decision.cut_by {
            let Some(deny) = applied.before.policy.statements.get(by.index) else { continue };
            if !said.insert((by.index, decision.step.clone())) {
                continue;
            }
            let what = match (&by.example, decision.cut, decision.cut_by.len()) {
                (Err(why), ..) => format!("may deny part of this ({why})"),
                (_, Cut::All, 1) => "denies all of this".to_owned(),
                _ => "denies part of this".to_owned(),
            };
            let when = match access::conditions(deny) {
                conditions if conditions.is_empty() => grant_of(&applied.before, deny),
                conditions => format!("if {}", conditions.join(" and ")),
            };
            let text = format!("{} {what}: {when}", deny.name());
            out.push_str(&hanging("  ! ", 4, &text, style, Some(Role::Careful)));
            if let Ok(request) = &by.example {
                out.push_str(&explained("for example", &in_words(request, &applied.before), style));
            }
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
    let own = access::own_account(document);
    let elsewhere = accounts.iter().any(|account| own.as_ref().is_none_or(|own| own != account));
    elsewhere.then(|| format!("{} ({})", needed.why, needed.step))
}
