//! What became of each step, in a line or two.

use super::Facts;
use crate::analyze::void::Void;
use crate::apply::Applied;
use crate::document::Document;
use crate::merge::{Decision, Outcome};
use crate::policy::Statement;
use crate::report::access;
use crate::report::edited::{self, named};
use crate::report::style::{Role, Style, clean};
use crate::report::wrap::{count, hanging, wrap};

/// The file, its kind, and what became of each step.
pub(super) fn head(applied: &Applied, facts: &Facts<'_>, style: Style) -> String {
    let document = &applied.before;
    let mut out = edited::head(document, style);
    for (step, title) in facts.steps {
        let decisions: Vec<&Decision> =
            applied.merge.decisions.iter().filter(|decision| decision.step == *step).collect();
        let puts_in = |decision: &&Decision| decision.outcome.puts_in();
        if decisions.iter().any(puts_in) {
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
    let second = |text: &str| hanging("        ", 8, text, style, None);
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
            let wide: Vec<&Statement> =
                decision.by.iter().filter_map(|&index| applied.before.policy.statements.get(index)).collect();
            let lead = match wide.len() {
                1 => format!("{}: {by}", style.paint(Role::Careful, "covered by something wider")),
                _ => {
                    let numbers: Vec<String> =
                        wide.iter().map(|statement| (statement.index + 1).to_string()).collect();
                    let together = format!("covered by statements {} together", in_a_row(&numbers));
                    style.paint(Role::Careful, &together)
                }
            };
            let lets = wide.iter().map(|wide| match decision.by.len() {
                1 => second(&grant_of(&applied.before, wide)),
                _ => second(&format!("{}: {}", there(&wide.index), grant_of(&applied.before, wide))),
            });
            let narrowed = if wide.len() == 1 { "it is" } else { "one of them is" };
            let rest = match applied.merge.nothing_to_remove.contains(&decision.step) {
                true if wide.len() == 1 => "it stays".to_owned(),
                true => "they stay".to_owned(),
                false => format!("nothing is added; if {narrowed} narrowed one day, apply {step} again"),
            };
            format!("{step} · {lead}\n{}{}", lets.collect::<String>(), second(&rest))
        }
        Outcome::Conflict => format!(
            "{step} · {}: {by} has the Sid and means something else\n{}",
            style.paint(Role::Bad, "conflict"),
            second(
                "--on-conflict rename adds it under another Sid, --on-conflict replace puts it in the place of the old one"
            ),
        ),
        Outcome::Ineffective => {
            let denies: Vec<String> = decision.cut_by.iter().map(|by| there(&by.index)).collect();
            let why = match (&decision.void, denies.len()) {
                (Some(void @ Void::Other { .. }), _) => clean(&void.to_string()),
                (Some(void), _) => format!("it can match no request: {}", clean(&void.to_string())),
                (None, 1) => format!("{} denies all of it", in_a_row(&denies)),
                (None, _) => format!("{} deny all of it together", in_a_row(&denies)),
            };
            let word = match &decision.void {
                Some(Void::Other { .. }) => "another resource",
                _ => "no effect",
            };
            let text =
                wrap(&format!("{step} · {word}: {why}"), style.width.saturating_sub(8)).join("\n        ");
            format!("{}\n", text.replacen(word, &style.paint(Role::Bad, word), 1))
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
                let account = applied
                    .before
                    .policy
                    .statements
                    .get(*index)
                    .and_then(access::account_of)
                    .unwrap_or_default();
                let text = format!(
                    "{step} · not covered by {}: that only lets IAM policies of account {account} decide; \
                     the step names the principal itself, so it is added",
                    there(index)
                );
                format!("{}\n", wrap(&text, style.width.saturating_sub(8)).join("\n        "))
            }
            None => match &decision.unproved {
                Some(why) => second(&format!("not proved that what is there does not do already: {why}")),
                None => String::new(),
            },
        },
    }
}

/// `2`, `2 and 5`, `2, 4 and 5`
fn in_a_row(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

pub(super) fn grant_of(document: &Document, statement: &Statement) -> String {
    access::sentence(document, statement)
}
