//! What came of the checks that were asked for.

use super::{Sides, gain, lines};
use crate::analyze::checks::{Check, Outcome};
use crate::analyze::compare::Comparison;
use crate::kind::Kind;
use crate::report::style::{Role, Style};

/// Each check with what shows its answer.
pub(super) fn section(comparison: &Comparison<'_>, style: Style) -> String {
    let sides = Sides::of(comparison);
    let mut out = String::new();
    for check in &comparison.checks {
        let role = match check.outcome {
            Outcome::Passed => Role::Good,
            Outcome::Failed | Outcome::Undecided => Role::Bad,
        };
        let word = check.outcome.name();
        let lead = format!("  {}{}", style.paint(role, word), " ".repeat(11 - word.len()));
        out.push_str(&lines(&lead, &words(comparison, check), None, style));
        for request in &check.requests {
            out.push_str(&gain("!", role, comparison, &sides, request, style));
        }
        for case in check.assumptions.iter().filter(|text| text.starts_with("if ")) {
            out.push_str(&lines("      ", case, None, style));
        }
        for reason in &check.reasons {
            out.push_str(&lines("  ! ", reason, Some(role), style));
        }
        // Why a change is not sure, the part on access tells.
        for why in check.unproved.iter().filter(|_| !check.is_of_change()) {
            out.push_str(&lines("  ? ", &format!("not proved: {why}"), Some(Role::Bad), style));
        }
    }
    out
}

/// The option that asked, as it is typed.
pub(crate) fn option(check: &Check) -> String {
    match &check.path {
        Some(path) => format!("--{} {path}", check.name),
        None if check.name == "exit-code" => format!("--{}", check.name),
        None => format!("--fail-on-{}", check.name),
    }
}

/// What was asked and what came of it, in a sentence.
pub(super) fn words(comparison: &Comparison<'_>, check: &Check) -> String {
    let path = check.path.as_deref().unwrap_or_default();
    let new = comparison.new.source().name();
    // What is meant by it.
    let definition = match comparison.new.kind {
        Kind::S3 => " by S3's definition (Block Public Access)",
        _ => " (access for callers that no principal or condition fixes)",
    };
    let text = match (check.name, check.outcome) {
        ("allowed", Outcome::Passed) => format!("all that {new} allows is allowed by {path}"),
        ("allowed", Outcome::Failed) => format!("{new} allows what {path} does not"),
        ("allowed", Outcome::Undecided) => format!("whether {path} allows all that {new} does"),
        ("public", Outcome::Passed) => format!("{new} is not public{definition}"),
        ("public", Outcome::Failed) => format!("{new} is public{definition}"),
        ("public", Outcome::Undecided) => format!("whether {new} is public{definition}"),
        ("new-access", Outcome::Passed) => format!("{new} allows nothing that the old policy did not"),
        ("new-access", Outcome::Failed) => format!("{new} allows what the old policy did not"),
        ("new-access", Outcome::Undecided) => format!("whether {new} allows what the old policy did not"),
        ("exit-code", Outcome::Passed) => format!("{new} allows the same as the old policy"),
        ("exit-code", Outcome::Failed) => format!("{new} does not allow the same as the old policy"),
        ("exit-code", Outcome::Undecided) => format!("whether {new} allows the same as the old policy"),
        (_, Outcome::Passed) => format!("{new} allows nothing of {path}"),
        (_, Outcome::Failed) => format!("{new} allows what {path} forbids"),
        (_, Outcome::Undecided) => format!("whether {new} allows something of {path}"),
    };
    let was = if check.name == "public" { "was" } else { "did" };
    match (check.outcome, check.before) {
        (Outcome::Failed, Some(Outcome::Failed)) => format!("{text}, as the old policy {was}"),
        (Outcome::Failed, Some(Outcome::Passed)) => format!("{text}, and the old policy {was} not"),
        _ => text,
    }
}
