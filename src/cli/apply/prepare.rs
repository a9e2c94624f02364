//! From what was typed to what is to be applied: the policy, the steps, the values.

use std::path::Path;

use super::{Apply, OnConflict};
use crate::analyze::attached::named_by_statements;
use crate::apply::{self, Allow, Request};
use crate::cli::values;
use crate::cli::{Failure, Terminal, session};
use crate::document::Document;
use crate::kind::Kind;
use crate::merge::{self, Options};
use crate::placeholder;
use crate::policy::{Arn, Principal};
use crate::read;
use crate::report::apply as report;
use crate::source::Source;
use crate::steps::{Addition, Missing, Pack, Packs, Step, StepError, Used, Values};

/// What the steps and values come to, once they are checked.
pub(super) struct Prepared {
    pub(super) document: Document,
    pub(super) additions: Vec<Addition>,
    pub(super) removals: Vec<Addition>,
    pub(super) values: Values,
    pub(super) used: Vec<(String, Used)>,
    pub(super) warnings: Vec<String>,
}
impl Apply {
    /// Reads the file and picks the policy in it.
    ///
    /// Of several, it is the one that `--at` names, or the only one of a kind that a step is for.
    pub(super) fn open(
        &self,
        session: &session::Session,
        packs: &Packs,
        terminal: &Terminal,
    ) -> Result<Document, Failure> {
        let steps = self.add.iter().chain(&self.remove).filter_map(|name| packs.step(name).ok());
        let kinds: Vec<Kind> = steps.flat_map(|(_, step)| step.kinds()).collect();
        let fits = |document: &Document| kinds.contains(&document.kind);
        let empty = |name: &str| self.empty(name);
        self.input.open((&self.file, self.kind.policy()), &session.config, fits, empty, terminal)
    }

    /// There is nothing to merge into.
    pub(super) fn empty(&self, name: &str) -> Failure {
        let step = self.add.first().map_or("STEP", String::as_str);
        Failure::new(format!("`{name}` is empty: there is nothing to merge into"))
            .help(format!("for a document with nothing but what the step asks for: polmerge render {step}"))
            .help("Nothing was written.")
    }

    /// Finds the steps, checks the values and puts them in.
    pub(super) fn prepare(
        &self,
        mut document: Document,
        packs: &Packs,
        session: &session::Session,
    ) -> Result<Prepared, Failure> {
        if !document.is_absent() && !document.is_sound() {
            // Said by `apply`, together with what is wrong.
            return Ok(Prepared {
                document,
                additions: Vec::new(),
                removals: Vec::new(),
                values: Values::default(),
                used: Vec::new(),
                warnings: Vec::new(),
            });
        }
        let wanted = [self.named(&self.add, packs)?, self.named(&self.remove, packs)?];
        let steps: Vec<(&Pack, &Step)> = wanted.iter().flatten().filter_map(Named::step).collect();
        apply::settle_kind(&mut document, &steps).map_err(failed)?;
        self.check_variant(&steps)?;

        let given = self.values.given(&session.given())?;
        let names: Vec<&str> = steps.iter().map(|(_, step)| step.name.as_str()).collect();
        let in_play = |name: &str| {
            let files = wanted.iter().flatten().filter_map(Named::file);
            std::iter::once(document.source()).chain(files).any(|source| has_token(source, name))
        };
        let resolved = values::resolve(packs, &given, &names, in_play)?;
        let mut warnings = name_resource(&mut document, &steps, packs, &resolved.values)?;
        warnings.extend(resolved.warnings);

        let mut reading =
            Reading { packs, values: &resolved.values, kind: document.kind, missing: Vec::new() };
        let variant = self.variant.as_deref();
        let [additions, removals] = [&wanted[0], &wanted[1]].map(|named| reading.additions(named, variant));
        let (additions, removals) = (additions?, removals?);
        all_there(packs, reading.missing, &warnings)?;

        let mut texts: Vec<&str> = Vec::new();
        for named in wanted.iter().flatten() {
            match &named.what {
                What::Step(_, step) => {
                    texts.extend(step.document(Some(document.kind)).map_err(failed)?.texts(variant))
                }
                What::File(source) => texts.push(source.text()),
            }
        }
        if self.fill {
            texts.push(document.text());
        }
        let used = report::used_values(packs, &resolved.values, &texts);
        Ok(Prepared { additions, removals, used, warnings, values: resolved.values, document })
    }

    /// The steps and files that names stand for.
    pub(super) fn named<'p>(&self, names: &[String], packs: &'p Packs) -> Result<Vec<Named<'p>>, Failure> {
        let named = |name: &String| {
            let what = match is_file(name) {
                true => What::File(read::read(Path::new(name))?),
                false => {
                    let (pack, step) = packs.step(name).map_err(failed)?;
                    What::Step(pack, step)
                }
            };
            Ok(Named { name: name.clone(), what })
        };
        names.iter().map(named).collect()
    }

    /// To add and to remove the same is a mistake.
    pub(super) fn check_both(&self, packs: &Packs) -> Result<(), Failure> {
        let of = |name: &str| packs.step(name).map_or(name.to_owned(), |(_, step)| step.name.clone());
        let removed: Vec<String> = self.remove.iter().map(|name| of(name)).collect();
        match self.add.iter().find(|name| removed.contains(&of(name))) {
            Some(name) => Err(Failure::new(format!("`{name}` is to be added and to be removed"))
                .help("give it to --add or to --remove, not to both")
                .help("Nothing was written.")),
            None => Ok(()),
        }
    }

    /// A variant that no step has is a mistake.
    pub(super) fn check_variant(&self, steps: &[(&Pack, &Step)]) -> Result<(), Failure> {
        let Some(variant) = &self.variant else { return Ok(()) };
        let all = steps
            .iter()
            .flat_map(|(_, step)| step.variants().into_iter().map(|name| (name, step.name.as_str())));
        let known: Vec<(&str, &str)> = all.collect();
        if known.iter().any(|(name, _)| name == variant) {
            return Ok(());
        }
        let names: Vec<String> = known.iter().map(|(name, step)| format!("`{name}` of {step}")).collect();
        let known = match names.is_empty() {
            true => "they have none".to_owned(),
            false => format!("there is {}", names.join(", ")),
        };
        Err(failed(StepError::UnknownVariant { name: variant.clone(), known }))
    }

    pub(super) fn on_conflict(&self) -> merge::OnConflict {
        match self.on_conflict {
            OnConflict::Fail => merge::OnConflict::Fail,
            OnConflict::Replace => merge::OnConflict::Replace,
            OnConflict::Rename => merge::OnConflict::Rename,
        }
    }

    pub(super) fn request(
        &self,
        prepared: &Prepared,
        session: &session::Session,
    ) -> Result<Request, Failure> {
        let allow = self.allow.iter().map(|name| name.parse::<Allow>());
        Ok(Request {
            additions: prepared.additions.clone(),
            removals: prepared.removals.clone(),
            options: Options { on_conflict: self.on_conflict(), exact: self.exact },
            fill: self.fill.then(|| prepared.values.clone()),
            allow: allow.collect::<Result<_, _>>().map_err(|error| Failure::new(error.to_string()))?,
            lint: session.settings.clone(),
        })
    }
}

pub(super) fn failed(error: StepError) -> Failure {
    Failure::new(error.to_string()).help("Nothing was written.")
}

/// What one `--add` or `--remove` names.
pub(super) struct Named<'p> {
    pub(super) name: String,
    pub(super) what: What<'p>,
}

pub(super) enum What<'p> {
    Step(&'p Pack, &'p Step),
    File(Source),
}

impl<'p> Named<'p> {
    fn step(&self) -> Option<(&'p Pack, &'p Step)> {
        match self.what {
            What::Step(pack, step) => Some((pack, step)),
            What::File(_) => None,
        }
    }

    fn file(&self) -> Option<&Source> {
        match &self.what {
            What::Step(..) => None,
            What::File(source) => Some(source),
        }
    }
}

/// Puts the values in, and collects those that are missing, so that all are told at once.
struct Reading<'p> {
    packs: &'p Packs,
    values: &'p Values,
    kind: Kind,
    missing: Vec<(String, Vec<Missing<'p>>)>,
}

impl Reading<'_> {
    fn additions(&mut self, wanted: &[Named<'_>], variant: Option<&str>) -> Result<Vec<Addition>, Failure> {
        let mut additions = Vec::new();
        for named in wanted {
            let result = match &named.what {
                What::Step(pack, step) => {
                    apply::addition(self.packs, (pack, step), self.kind, variant, self.values)
                }
                What::File(source) => Addition::of_file(self.packs, source, self.values),
            };
            match result.map_err(failed)? {
                Ok(addition) => additions.push(addition),
                Err(lacking) => self.missing.push((named.name.clone(), lacking)),
            }
        }
        Ok(additions)
    }
}

/// A failure that lists every value that some step or file lacks.
pub(super) fn all_there(
    packs: &Packs,
    missing: Vec<(String, Vec<Missing<'_>>)>,
    warnings: &[String],
) -> Result<(), Failure> {
    if missing.is_empty() {
        return Ok(());
    }
    let who: Vec<String> = missing.iter().map(|(name, _)| name.clone()).collect();
    let mut all: Vec<Missing<'_>> = Vec::new();
    for value in missing.into_iter().flat_map(|(_, lacking)| lacking) {
        if !all.iter().any(|known| packs.canonical(&known.token) == packs.canonical(&value.token)) {
            all.push(value);
        }
    }
    Err(values::missing(&who.join(", "), &all, warnings))
}

/// Whether a text has a token of exactly this name.
pub(super) fn has_token(source: &Source, name: &str) -> bool {
    placeholder::tokens(source.text()).iter().any(|token| token.name == name)
}

/// A file if it looks like a path; else a step.
fn is_file(name: &str) -> bool {
    name.contains('/') || name.ends_with(".json")
}

/// What the policy is attached to, if a step's parameter says so. An answer of the AWS CLI must not say
/// otherwise; where only the statements do, that is a warning.
fn name_resource(
    document: &mut Document,
    steps: &[(&Pack, &Step)],
    packs: &Packs,
    values: &Values,
) -> Result<Vec<String>, Failure> {
    let mut warnings = Vec::new();
    for (_, step) in steps {
        let Some(parameter) =
            step.document(Some(document.kind)).ok().and_then(|document| document.resource.as_deref())
        else {
            continue;
        };
        let Some(used) = values.get(packs, parameter) else { continue };
        match &document.resource {
            None => match names_another(document, &used.value) {
                Some(other) => warnings.push(format!(
                    "the existing statements name {other}, but {parameter} is `{}`: is this the right file?",
                    used.value
                )),
                None => document.resource = Some(used.value.clone()),
            },
            Some(own) if *own != used.value => {
                return Err(Failure::new(format!(
                    "this is the policy of `{own}`, but {parameter} is `{}` ({})",
                    used.value, used.origin
                ))
                .help(format!("{} goes to {}", step.name, parameter))
                .help("Nothing was written."));
            }
            Some(_) => {}
        }
    }
    Ok(warnings)
}

/// What the statements of a policy name instead of `arn` as the resource that it is attached to; of a key, the account
/// that may manage it.
fn names_another(document: &Document, arn: &str) -> Option<String> {
    if document.kind != Kind::Kms {
        return named_by_statements(document).filter(|named| named != arn).map(|named| format!("`{named}`"));
    }
    let account = Arn::parse(arn)?.account;
    let managing = document
        .policy
        .statements
        .iter()
        .filter(|statement| statement.actions().iter().any(|action| action.matches("kms:PutKeyPolicy")));
    let principals = managing.filter_map(|statement| statement.principal.as_ref());
    let roots: Vec<String> = principals
        .flat_map(|element| element.principals())
        .filter_map(|(principal, _)| match principal {
            Principal::Account(account) => Some(account),
            _ => None,
        })
        .collect();
    let own = roots.iter().any(|root| root == account);
    roots.first().filter(|_| !own).map(|root| format!("account {root}"))
}
