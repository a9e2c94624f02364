//! What applying to a policy came to.

use super::Apply;
use super::prepare::Prepared;
use crate::apply::{Applied, Verdict};
use crate::cli::Failure;
use crate::cli::output::{self, Emit};
use crate::merge;
use crate::report::style::Style;
use crate::report::{apply as report, apply_json};
use crate::source::Source;
use crate::steps::Packs;

/// A policy with steps applied.
pub(super) struct Outcome<'a> {
    applied: &'a Applied,
    prepared: &'a Prepared,
    packs: &'a Packs,
    steps: Vec<(String, String)>,
    variant: Option<&'a str>,
}

impl<'a> Outcome<'a> {
    pub(super) fn new(
        command: &'a Apply,
        applied: &'a Applied,
        prepared: &'a Prepared,
        packs: &'a Packs,
    ) -> Self {
        let titled = prepared.additions.iter().chain(&prepared.removals);
        let steps = titled.map(|addition| (addition.name.clone(), addition.title.clone())).collect();
        Outcome { applied, prepared, packs, steps, variant: command.variant.as_deref() }
    }
}

impl output::Outcome for Outcome<'_> {
    fn verdict(&self) -> Verdict {
        self.applied.verdict
    }

    fn before(&self) -> &Source {
        self.applied.before.source()
    }

    fn text(&self) -> &str {
        &self.applied.text
    }

    fn refusals(&self) -> &[String] {
        &self.applied.refusals
    }

    fn emitted(&self, emit: Emit) -> String {
        output::emitted(emit, &self.applied.after, &self.applied.text, &self.applied.patch)
    }

    fn default_emit(&self) -> Emit {
        output::default_emit(&self.applied.before)
    }

    fn not_to_be_edited(&self) -> Option<Failure> {
        output::not_to_be_edited(&self.applied.before)
    }

    fn left_open(&self, emit: Emit) -> Option<Failure> {
        output::left_open(&self.applied.after, emit)
    }

    fn word(&self, emit: Emit) -> &'static str {
        output::word(emit, &self.applied.before)
    }

    fn commentary(&self, style: Style) -> String {
        let facts = report::Facts {
            packs: self.packs,
            steps: &self.steps,
            values: &self.prepared.used,
            warnings: &self.prepared.warnings,
            variant: self.variant,
        };
        report::commentary(self.applied, &facts, style)
    }

    fn check_line(&self) -> String {
        check_line(self.applied, &self.steps)
    }

    fn json(&self, pending: bool) -> String {
        apply_json::report(self.applied, pending)
    }

    fn what_changed(&self) -> String {
        report::what_changed(self.applied)
    }

    fn size(&self) -> Option<String> {
        Some(report::size(self.applied))
    }

    fn conflict(&self) -> Failure {
        conflict(self.applied)
    }
}

fn check_line(applied: &Applied, steps: &[(String, String)]) -> String {
    let name = applied.before.source().name();
    let names: Vec<&str> = steps.iter().map(|(name, _)| name.as_str()).collect();
    let lacking: Vec<&str> = steps
        .iter()
        .filter(|(name, _)| {
            let mut decisions = applied.merge.decisions.iter().filter(|decision| decision.step == *name);
            decisions
                .any(|decision| decision.outcome.changes() || decision.outcome == merge::Outcome::Conflict)
        })
        .map(|(name, _)| name.as_str())
        .collect();
    let is = |names: &[&str]| if names.len() == 1 { "is" } else { "are" };
    match applied.verdict {
        Verdict::Changed => {
            let changed = report::what_changed(applied)
                .replace(" added", " would be added")
                .replace(" removed", " would be removed")
                .replace(" replaced", " would be replaced")
                .replace(" filled", " would be filled");
            let removing =
                applied.merge.decisions.iter().all(|decision| {
                    decision.outcome == merge::Outcome::Removed || !decision.outcome.changes()
                });
            let state = match (lacking.is_empty(), removing) {
                (true, _) => String::new(),
                (false, true) => format!("{} {} still there; ", lacking.join(", "), is(&lacking)),
                (false, false) => format!("{} {} missing; ", lacking.join(", "), is(&lacking)),
            };
            format!("{name}: {state}{changed}. Nothing was written.")
        }
        Verdict::Conflict => {
            format!("{name}: the Sid of {} is taken. Nothing was written.", lacking.join(", "))
        }
        _ if names.is_empty() => format!("{name}: nothing to change."),
        _ => format!("{name}: {} {} there. Nothing to change.", names.join(", "), is(&names)),
    }
}

fn conflict(applied: &Applied) -> Failure {
    let first = applied.merge.decisions.iter().find(|decision| decision.outcome == merge::Outcome::Conflict);
    let (step, sid) = first
        .map_or(("", ""), |decision| (decision.step.as_str(), decision.new.statement.sid().unwrap_or("")));
    Failure::new(format!("{step}: a statement with the Sid \"{sid}\" is there and means something else"))
}
