//! What applying to settings did or would do: the commentary on standard error, verdict last.

use serde_json::Value as Json;

use super::diff;
use super::style::{Role, Style, clean};
use super::wrap::{count, hanging, wrap};
use crate::apply::Verdict;
use crate::apply::settings::Applied;
use crate::merge::settings::{Decision, Outcome};
use crate::steps::{AgreementLevel, Step, Used};

/// What a report needs besides the outcome.
pub struct Facts<'a> {
    /// What the settings are, in words.
    pub what: &'a str,
    /// The steps named.
    pub steps: &'a [&'a Step],
    /// The values in use, by the name of the parameter.
    pub values: &'a [(String, Used)],
    /// What is odd about the values.
    pub warnings: &'a [String],
}

/// The commentary, but for the last line.
pub fn commentary(applied: &Applied, facts: &Facts<'_>, style: Style) -> String {
    let name = applied.before.source().name();
    let head = format!("{} · {}", clean(name), clean(facts.what));
    let mut out = format!("{}\n", wrap(&head, style.width).join("\n        "));
    for step in facts.steps {
        let decisions: Vec<&Decision> =
            applied.merge.decisions.iter().filter(|decision| decision.step == step.name).collect();
        if decisions.iter().any(|decision| decision.outcome.changes()) {
            out.push_str(&format!("{} · {}\n", clean(&step.name), clean(&step.title)));
        }
        out.push_str(&decided(&step.name, &decisions, style));
    }
    for (name, used) in facts.values {
        out.push_str(&style.paint(Role::Dim, &format!("{name} = {} ({})", used.value, used.origin)));
        out.push('\n');
    }
    if applied.changes() && applied.verdict != Verdict::Conflict {
        let (old, new) = texts(applied);
        out.push_str(&format!("\n{}", diff::unified(&old, &new, name, style)));
    }
    out.push_str(&notes(applied, facts, style));
    for refusal in &applied.refusals {
        let lead = format!("{} ", style.paint(Role::StrongBad, "refused:"));
        out.push_str(&hanging(&lead, 9, refusal, style, None));
    }
    out
}

/// What became of a step's members, those that are as they should be in one line.
fn decided(step: &str, decisions: &[&Decision], style: Style) -> String {
    let step = clean(step);
    let mut out = String::new();
    let there: Vec<&str> = decisions
        .iter()
        .filter(|decision| decision.outcome == Outcome::AlreadyThere)
        .map(|decision| decision.member.as_str())
        .collect();
    if !there.is_empty() {
        let lead = format!("{step} · {}: ", style.paint(Role::Good, "already there"));
        out.push_str(&hanging(&lead, 8, &there.join(", "), style, None));
    }
    if decisions.is_empty() {
        out.push_str(&format!("{step} · not there: nothing to remove\n"));
    }
    for decision in decisions {
        let member = &decision.member;
        let (role, word, text) = match decision.outcome {
            Outcome::AlreadyThere | Outcome::Added | Outcome::Removed => continue,
            Outcome::AsGood => (
                Role::Good,
                "already there",
                format!("{member} is {}, which does as well", value(&decision.was)),
            ),
            Outcome::Covered => {
                (Role::Careful, "covered by something wider", format!("{member}: {}", value(&decision.was)))
            }
            Outcome::Set => (
                Role::Careful,
                "sets",
                format!("{member} from {} to {}", value(&decision.was), value(&decision.wanted)),
            ),
            Outcome::Renamed => (Role::Careful, "added under another name", value(&decision.wanted)),
            Outcome::Replaced => (Role::Careful, "replaces", value(&decision.was)),
            Outcome::Conflict => (Role::Bad, "conflict", in_the_way(decision)),
        };
        let lead = format!("{step} · {}: ", style.paint(role, word));
        out.push_str(&hanging(&lead, 8, &text, style, None));
    }
    out
}

/// What is in the way of a member, and why it cannot go.
pub fn in_the_way(decision: &Decision) -> String {
    let why = decision.why.as_ref().map_or(String::new(), |why| format!("; {why}"));
    let member = &decision.member;
    let list = decision.wanted.as_ref().is_some_and(Json::is_object);
    match (&decision.was, &decision.wanted) {
        (Some(was), _) if list => format!("{was} is there{why}"),
        (Some(was), Some(wanted)) if was != wanted => format!("{member} is {was}, not {wanted}{why}"),
        (Some(was), _) => format!("{member} is {was}{why}"),
        (None, Some(wanted)) => format!("{member} is not there, and should be {wanted}{why}"),
        (None, None) => format!("{member}{why}"),
    }
}

fn value(value: &Option<Json>) -> String {
    value.as_ref().map_or_else(|| "nothing".to_owned(), Json::to_string)
}

/// The two texts to be compared: the file, or where that is one line, laid-out copies.
fn texts(applied: &Applied) -> (String, String) {
    let file = applied.before.source().text();
    if applied.text.trim().contains('\n') {
        return (file.to_owned(), applied.text.clone());
    }
    let laid_out =
        |answer: &crate::merge::settings::Answer| format!("{:#}\n", Json::Object(answer.members()));
    (laid_out(&applied.before), laid_out(&applied.after))
}

fn notes(applied: &Applied, facts: &Facts<'_>, style: Style) -> String {
    let mut notes: Vec<(Role, &str, &str)> =
        facts.warnings.iter().map(|warning| (Role::Careful, "warning:", warning.as_str())).collect();
    for step in facts.steps {
        for warning in step.warnings.iter().filter(|warning| warning.level == AgreementLevel::Warning) {
            let used = facts.values.iter().find(|(parameter, _)| *parameter == warning.parameter);
            if used
                .is_some_and(|(_, used)| crate::pattern::Pattern::new(&warning.matches).matches(&used.value))
            {
                notes.push((Role::Careful, "warning:", &warning.message));
            }
        }
        let changes = |decision: &Decision| {
            decision.step == step.name && decision.outcome.changes() && decision.outcome != Outcome::Removed
        };
        if applied.merge.decisions.iter().any(changes) {
            notes.extend(step.notes.iter().map(|note| (Role::Dim, "note:", note.as_str())));
        }
    }
    let mut out = if notes.is_empty() { String::new() } else { "\n".to_owned() };
    for (role, word, text) in notes {
        let lead = format!("{} ", style.paint(role, word));
        out.push_str(&hanging(&lead, word.len() + 1, text, style, Some(role)));
    }
    out
}

/// `2 members set, 1 element added`
pub fn what_changed(applied: &Applied) -> String {
    let number = |wanted: &dyn Fn(&Decision) -> bool| {
        applied.merge.decisions.iter().filter(|decision| wanted(decision)).count()
    };
    let is_element = |decision: &Decision| decision.wanted.as_ref().is_some_and(Json::is_object);
    let set = number(&|decision| {
        matches!(decision.outcome, Outcome::Set | Outcome::Added) && !is_element(decision)
    });
    let mut parts = Vec::new();
    if set > 0 {
        parts.push(format!("{} set", count(set, "member")));
    }
    for (outcomes, verb) in [
        (&[Outcome::Added, Outcome::Renamed][..], "added"),
        (&[Outcome::Replaced], "replaced"),
        (&[Outcome::Removed], "removed"),
    ] {
        let elements = number(&|decision| outcomes.contains(&decision.outcome) && is_element(decision));
        if elements > 0 {
            parts.push(format!("{} {verb}", count(elements, "element")));
        }
    }
    parts.join(", ")
}

/// What is to be done, in one line.
pub fn check_line(applied: &Applied, facts: &Facts<'_>) -> String {
    let name = applied.before.source().name();
    let lacking: Vec<&str> = facts
        .steps
        .iter()
        .filter(|step| {
            let mut own = applied.merge.decisions.iter().filter(|decision| decision.step == step.name);
            own.any(|decision| decision.outcome.changes() || decision.outcome == Outcome::Conflict)
        })
        .map(|step| step.name.as_str())
        .collect();
    let is = if lacking.len() == 1 { "is" } else { "are" };
    match applied.verdict {
        Verdict::Unchanged => {
            let names: Vec<&str> = facts.steps.iter().map(|step| step.name.as_str()).collect();
            let is = if names.len() == 1 { "is" } else { "are" };
            format!("{name}: {} {is} there. Nothing to change.", names.join(", "))
        }
        Verdict::Changed => {
            let mut changed = what_changed(applied);
            let mut state = "not as asked for";
            for verb in [" set", " added", " replaced", " removed"] {
                changed = changed.replace(verb, &format!(" would be{verb}"));
            }
            if applied.merge.decisions.iter().all(|decision| decision.outcome == Outcome::Removed) {
                state = "still there";
            }
            format!("{name}: {} {is} {state}; {changed}. Nothing was written.", lacking.join(", "))
        }
        _ => format!("{name}: something is in the way of {}. Nothing was written.", lacking.join(", ")),
    }
}
