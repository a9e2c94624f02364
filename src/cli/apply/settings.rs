//! Applying to documents that are not policies.

use super::Apply;
use super::prepare::{Named, What, all_there, failed, has_token};
use crate::apply::Verdict;
use crate::apply::settings::{Applied, apply};
use crate::cli::choice::DocumentChoice;
use crate::cli::output::{self, Emit};
use crate::cli::session::Session;
use crate::cli::{Exit, Failure, Terminal, values};
use crate::merge::settings::{Answer, Outcome as Became};
use crate::read;
use crate::read::write::Held;
use crate::report::style::Style;
use crate::report::{apply as report, apply_json, json, settings as settings_report};
use crate::source::Source;
use crate::steps::{Demand, Pack, Packs, Settings, Step, StepDocument, Values};

/// A step with its document, and whether it is put in or taken out.
pub(super) struct Wanted<'p> {
    pack: &'p Pack,
    step: &'p Step,
    document: &'p StepDocument,
    settings: &'p Settings,
    remove: bool,
}

impl Apply {
    /// The settings that are meant, if it is not a policy.
    pub(super) fn settings<'p>(&self, packs: &'p Packs) -> Result<Option<Vec<Wanted<'p>>>, Failure> {
        let kind = match &self.kind {
            DocumentChoice::Policy(_) => return Ok(None),
            DocumentChoice::Auto => None,
            DocumentChoice::Settings(kind) => Some(kind.as_str()),
        };
        let mut wanted: Vec<Wanted<'p>> = Vec::new();
        let mut policies: Vec<String> = Vec::new();
        for (names, remove) in [(&self.add, false), (&self.remove, true)] {
            for Named { name, what } in self.named(names, packs)? {
                let found = match what {
                    What::Step(pack, step) => {
                        step.settings(kind).map_err(failed)?.map(|found| (pack, step, found))
                    }
                    What::File(_) => None,
                };
                match found {
                    Some((pack, step, (document, settings))) => {
                        wanted.push(Wanted { pack, step, document, settings, remove });
                    }
                    None => policies.push(name),
                }
            }
        }
        let Some(first) = wanted.first() else {
            return match kind {
                None => Ok(None),
                Some(kind) => Err(Failure::new(format!("no step is given that has `{kind}`"))
                    .help("the steps and their documents: polmerge steps")),
            };
        };
        let other = wanted.iter().find(|other| other.document.kind != first.document.kind);
        let other = other.map(|other| other.step.name.clone()).or_else(|| policies.into_iter().next());
        match other {
            Some(other) => Err(Failure::new(format!(
                "{} and {other} are not for one document: apply them one after the other",
                first.step.name
            ))
            .help("Nothing was written.")),
            None => Ok(Some(wanted)),
        }
    }

    pub(super) fn run_settings(
        &self,
        wanted: &[Wanted<'_>],
        held: Option<&Held>,
        packs: &Packs,
        session: &Session,
        terminal: &Terminal,
    ) -> Result<Exit, Failure> {
        self.check_settings_options()?;
        let Some(first) = wanted.first() else { return Ok(Exit::Yes) };
        let steps: Vec<(&Pack, &Step)> = wanted.iter().map(|wanted| (wanted.pack, wanted.step)).collect();
        self.check_variant(&steps)?;
        let source = read::read(&self.file)?;
        if source.text().trim().is_empty() {
            let name = source.name().to_owned();
            return Err(self.empty(&name));
        }
        let given = self.values.given(&session.given())?;
        let names: Vec<&str> = steps.iter().map(|(_, step)| step.name.as_str()).collect();
        let resolved = values::resolve(packs, &given, &names, |name| has_token(&source, name))?;
        let variant = self.variant.as_deref();
        let (mut lists, mut missing) = ([Vec::new(), Vec::new()], Vec::new());
        for wanted in wanted {
            let step = (wanted.pack, wanted.step);
            match Demand::of_step(packs, step, wanted.document, variant, &resolved.values).map_err(failed)? {
                Ok(demand) => lists[usize::from(wanted.remove)].push(demand),
                Err(lacking) => missing.push((wanted.step.name.clone(), lacking)),
            }
        }
        all_there(packs, missing, &resolved.warnings)?;
        let [demands, removals] = lists;
        let what = &first.document.attached_to;
        let failed = |error: crate::merge::settings::AnswerError| {
            Failure::new(error.to_string()).help("Nothing was written.")
        };
        let answer = Answer::open(source, first.settings, what).map_err(failed)?;
        self.same_thing(&answer, wanted, packs, &resolved.values)?;
        let applied = apply(&answer, &demands, &removals, self.on_conflict(), what).map_err(failed)?;
        let texts: Vec<String> = wanted.iter().map(|wanted| wanted.settings.text()).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let doubts = applied.doubts(&demands).into_iter().map(str::to_owned);
        let warnings: Vec<String> = resolved.warnings.iter().cloned().chain(doubts).collect();
        let outcome = Outcome {
            applied: &applied,
            demands: &demands,
            facts: settings_report::Facts {
                what,
                steps: &steps.iter().map(|(_, step)| *step).collect::<Vec<_>>(),
                values: &report::used_values(packs, &resolved.values, &texts),
                warnings: &warnings,
            },
            kind: &first.document.kind,
        };
        self.output.finish((&self.file, held), &outcome, terminal)
    }

    fn check_settings_options(&self) -> Result<(), Failure> {
        let for_policies = [
            ("--at", self.input.at.is_some()),
            ("--fill", self.fill),
            ("--exact", self.exact),
            ("--allow", !self.allow.is_empty()),
        ];
        match for_policies.iter().find(|(_, given)| *given) {
            Some((option, _)) => Err(Failure::new(format!("{option} is for policies, and this is none"))
                .help("Nothing was written.")),
            None => Ok(()),
        }
    }

    /// Whether the file is about the thing that the values name.
    fn same_thing(
        &self,
        answer: &Answer,
        wanted: &[Wanted<'_>],
        packs: &Packs,
        values: &Values,
    ) -> Result<(), Failure> {
        for wanted in wanted {
            let named = wanted.settings.named_by.as_ref().and_then(|member| answer.text_of(member));
            let named = named.or_else(|| self.input.resource.clone());
            let Some((own, parameter)) = named.zip(wanted.document.resource.as_deref()) else { continue };
            let Some(used) = values.get(packs, parameter).filter(|used| used.value != own) else { continue };
            return Err(Failure::new(format!(
                "these are the settings of `{own}`, but {parameter} is `{}` ({})",
                used.value, used.origin
            ))
            .help("Nothing was written."));
        }
        Ok(())
    }
}

/// Settings with steps applied.
struct Outcome<'a> {
    applied: &'a Applied,
    demands: &'a [Demand],
    facts: settings_report::Facts<'a>,
    kind: &'a str,
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
        match emit {
            Emit::Policy => self.applied.after.bare(),
            Emit::Same => self.applied.text.clone(),
            Emit::Cli => self.applied.for_put(self.demands),
            Emit::JsonPatch => json::pretty(&self.applied.merge.patch),
        }
    }

    fn default_emit(&self) -> Emit {
        Emit::Policy
    }

    fn left_open(&self, _: Emit) -> Option<Failure> {
        None
    }

    fn word(&self, emit: Emit) -> &'static str {
        match emit {
            Emit::JsonPatch => "Patch",
            Emit::Same if self.applied.before.inside().is_some() => "Answer",
            _ => "Document",
        }
    }

    fn commentary(&self, style: Style) -> String {
        settings_report::commentary(self.applied, &self.facts, style)
    }

    fn check_line(&self) -> String {
        settings_report::check_line(self.applied, &self.facts)
    }

    fn json(&self, pending: bool) -> String {
        apply_json::settings(self.applied, self.kind, pending)
    }

    fn what_changed(&self) -> String {
        settings_report::what_changed(self.applied)
    }

    fn size(&self) -> Option<String> {
        None
    }

    fn conflict(&self) -> Failure {
        let first = self.applied.merge.decisions.iter().find(|decision| decision.outcome == Became::Conflict);
        let Some(decision) = first else { return Failure::new("there is a conflict") };
        Failure::new(format!("{}: {}", decision.step, settings_report::in_the_way(decision)))
    }
}
