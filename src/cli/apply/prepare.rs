//! From what was typed to what is to be applied: the policy, the steps, the values.

use std::path::Path;

use super::{Apply, OnConflict};
use crate::apply::{self, Allow, Request};
use crate::cli::values;
use crate::cli::{Failure, Terminal, config, session};
use crate::document::{self, Document, Hints};
use crate::kind::Kind;
use crate::merge::{self, Options};
use crate::policy::{Arn, Principal};
use crate::read;
use crate::report::{apply as report, human};
use crate::steps::{Addition, Packs, Used, Values};

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
        let source = read::read(&self.file)?;
        let name = source.name().to_owned();
        if source.text().trim().is_empty() {
            let step = self.add.first().map_or("STEP", String::as_str);
            return Err(Failure::new(format!("`{name}` is empty: there is no policy to merge into"))
                .help(format!(
                    "for a policy with nothing but the step's own statements: polmerge render {step}"
                ))
                .help("Nothing was written."));
        }
        let hints = Hints {
            kind: self.kind.and_then(|choice| choice.0),
            configured: session.config.kind_for(&config::absolute(&self.file)),
            resource: self.resource.clone(),
        };
        let mut file = document::open(source, &hints);
        if !file.problems.is_empty() {
            let document = file.documents.pop().unwrap_or_else(|| {
                document::open_policy(crate::source::Source::new(&name, file.source.text()), &hints)
            });
            terminal.comment(&problems(&document, terminal));
            return Err(Failure::new(format!("`{name}` is not valid JSON")).help("Nothing was written."));
        }
        if file.documents.is_empty() {
            return Err(Failure::new(format!("`{name}` holds no policy"))
                .help("a policy is an object with a `Statement`, bare, in an answer of the AWS CLI, a template or a plan")
                .help("Nothing was written."));
        }
        let wanted = |document: &Document| match &self.at {
            Some(pointer) => document.pointer() == pointer,
            None => kinds.contains(&document.kind),
        };
        let fitting: Vec<usize> =
            (0..file.documents.len()).filter(|&index| wanted(&file.documents[index])).collect();
        match (fitting.as_slice(), file.documents.len()) {
            // Whether the only policy there is fits is said with the reason, later.
            (_, 1) if self.at.is_none() => Ok(file.documents.swap_remove(0)),
            (&[index], _) => Ok(file.documents.swap_remove(index)),
            _ => Err(choose(&name, &file.documents)),
        }
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
        let failed =
            |error: crate::steps::StepError| Failure::new(error.to_string()).help("Nothing was written.");
        let names = self.add.iter().chain(&self.remove).filter(|name| !is_file(name));
        let steps = names.map(|name| packs.step(name).map_err(failed)).collect::<Result<Vec<_>, _>>()?;
        apply::settle_kind(&mut document, &steps).map_err(failed)?;
        if let Some(variant) = &self.variant
            && !steps.iter().any(|(_, step)| step.variants().contains(&variant.as_str()))
        {
            let known: Vec<String> = steps
                .iter()
                .flat_map(|(_, step)| {
                    step.variants()
                        .into_iter()
                        .map(|variant| format!("`{variant}` of {}", step.name))
                        .collect::<Vec<_>>()
                })
                .collect();
            let known = if known.is_empty() {
                "they have none".to_owned()
            } else {
                format!("there is {}", known.join(", "))
            };
            return Err(failed(crate::steps::StepError::UnknownVariant { name: variant.clone(), known }));
        }
        let files: Vec<crate::source::Source> = self
            .add
            .iter()
            .chain(&self.remove)
            .filter(|name| is_file(name))
            .map(|name| read::read(Path::new(name)))
            .collect::<Result<_, _>>()?;
        let given = self.values.given(&session.given())?;
        let step_names: Vec<&str> = steps.iter().map(|(_, step)| step.name.as_str()).collect();
        let in_play = |name: &str| {
            document.source().text().contains(name) || files.iter().any(|file| file.text().contains(name))
        };
        let resolved = values::resolve(packs, &given, &step_names, in_play)?;
        let mut warnings = name_resource(&mut document, &steps, packs, &resolved.values)?;
        warnings.extend(resolved.warnings);

        let (mut missing, mut files) = (Vec::new(), files.into_iter());
        let mut texts: Vec<&str> = Vec::new();
        let mut read = |names: &[String]| -> Result<Vec<Addition>, Failure> {
            let mut additions = Vec::new();
            for name in names {
                let result = match is_file(name) {
                    true => match files.next() {
                        Some(file) => Addition::of_file(packs, file, &resolved.values),
                        None => continue,
                    },
                    false => {
                        let (pack, step) = packs.step(name).map_err(failed)?;
                        let variant = self.variant.as_deref();
                        texts.extend(step.document(Some(document.kind)).map_err(failed)?.texts(variant));
                        apply::addition(packs, (pack, step), document.kind, variant, &resolved.values)
                    }
                };
                match result.map_err(failed)? {
                    Ok(addition) => additions.push(addition),
                    Err(lacking) => missing.push((name.clone(), lacking)),
                }
            }
            Ok(additions)
        };
        let (additions, removals) = (read(&self.add)?, read(&self.remove)?);
        if !missing.is_empty() {
            let who: Vec<String> = missing.iter().map(|(name, _)| name.clone()).collect();
            let mut all: Vec<crate::steps::Missing<'_>> = Vec::new();
            for value in missing.into_iter().flat_map(|(_, lacking)| lacking) {
                if !all.iter().any(|known| packs.canonical(&known.token) == packs.canonical(&value.token)) {
                    all.push(value);
                }
            }
            return Err(values::missing(&who.join(", "), &all));
        }
        if self.fill {
            texts.push(document.text());
        }
        let used = report::used_values(packs, &resolved.values, &texts);
        Ok(Prepared { additions, removals, used, warnings, values: resolved.values, document })
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
            options: Options {
                on_conflict: match self.on_conflict {
                    OnConflict::Fail => merge::OnConflict::Fail,
                    OnConflict::Replace => merge::OnConflict::Replace,
                    OnConflict::Rename => merge::OnConflict::Rename,
                },
                exact: self.exact,
            },
            fill: self.fill.then(|| prepared.values.clone()),
            allow: allow.collect::<Result<_, _>>().map_err(|error| Failure::new(error.to_string()))?,
            lint: session.settings.clone(),
        })
    }
}

/// The policies of a file, to choose one from.
fn choose(name: &str, documents: &[Document]) -> Failure {
    let failure = Failure::new(format!("choose a policy of `{name}` with --at")).help("");
    let lines = documents.iter().map(|document| {
        let line = document.source().position(document.in_file(document.tree.span).start as usize).line;
        format!("  --at {}   {}, line {line}", document.pointer(), document.kind.with_article())
    });
    lines.fold(failure, Failure::help).help("").help("Nothing was written.")
}

/// A file if it looks like a path; else a step.
fn is_file(name: &str) -> bool {
    name.contains('/') || name.ends_with(".json")
}

/// What the policy hangs on, if a step's parameter says so. An answer of the AWS CLI must not say
/// otherwise; where only the statements do, that is a warning.
fn name_resource(
    document: &mut Document,
    steps: &[(&crate::steps::Pack, &crate::steps::Step)],
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
                    "the statements that are there name {other}, but {parameter} is `{}`: is this the right file?",
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

/// What the statements of a policy say it hangs on, if that is not `arn`: topics and queues are
/// named by every statement, the account of a key by the one that gives it everything.
fn names_another(document: &Document, arn: &str) -> Option<String> {
    let statements = &document.policy.statements;
    match document.kind {
        Kind::Sns | Kind::Sqs => {
            let named: Vec<&str> = statements
                .iter()
                .filter_map(|statement| statement.resource.as_ref())
                .flat_map(|element| &element.values.items)
                .map(|value| value.text.as_str())
                .collect();
            let vague = named.iter().any(|text| text.contains('*') || *text == arn);
            named.first().filter(|_| !vague).map(|text| format!("`{text}`"))
        }
        Kind::Kms => {
            let account = Arn::parse(arn)?.account;
            let roots: Vec<String> = statements
                .iter()
                .filter(|statement| {
                    statement.actions().iter().any(|action| action.matches("kms:PutKeyPolicy"))
                })
                .filter_map(|statement| statement.principal.as_ref())
                .flat_map(|element| element.principals())
                .filter_map(|(principal, _)| match principal {
                    Principal::Account(account) => Some(account),
                    _ => None,
                })
                .collect();
            let own = roots.iter().any(|root| root == account);
            roots.first().filter(|_| !own).map(|root| format!("account {root}"))
        }
        _ => None,
    }
}
/// What keeps a document from being merged into.
pub(super) fn problems(document: &Document, terminal: &Terminal) -> String {
    let problems: Vec<(&Document, crate::diagnostic::Diagnostic)> =
        document.problems.iter().take(5).map(|problem| (document, problem.clone())).collect();
    human::findings(&problems, terminal.err)
}
