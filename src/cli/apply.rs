//! `polmerge apply`

use std::io::{BufRead, IsTerminal, Write};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::args::Global;
use super::choice::{Format, KindChoice, arn};
use super::values::{self, ValueArgs};
use super::{Exit, Failure, Terminal, config, session};
use crate::apply::{self, Allow, Applied, Request, Verdict};
use crate::document::{self, Document, Hints};
use crate::merge::{self, Options, Outcome};
use crate::read;
use crate::read::write;
use crate::report::style::Role;
use crate::report::{apply as report, apply_json, diff, human};
use crate::steps::{Addition, Packs, Used, Values};

/// Merge statements into an existing policy
///
/// Shows the change, the access it gives and what is wrong with it on standard error, and prints the
/// merged policy on standard output: whole, or not at all. Every byte that the change does not touch
/// comes out as it went in.
#[derive(Args, Clone, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct Apply {
    /// The policy, bare or in an answer of the AWS CLI; `-` is standard input
    #[arg(value_name = "FILE|-")]
    file: PathBuf,
    /// Put in the statements of a step, or of a file (a name with a `/` or ending in `.json`)
    #[arg(long, value_name = "STEP|FILE", required_unless_present_any = ["remove", "fill"])]
    add: Vec<String>,
    /// Take out each statement that means the same as one of the step's
    #[arg(long, value_name = "STEP|FILE")]
    remove: Vec<String>,
    #[command(flatten)]
    values: ValueArgs,
    /// Take the variant NAME of the steps that have it
    #[arg(long, value_name = "NAME", help_heading = "Values")]
    variant: Option<String>,
    /// Also replace the YOUR_… tokens that stand in the policy already
    #[arg(long, help_heading = "Values")]
    fill: bool,

    /// Write the file itself, all at once; an unchanged file is not touched
    #[arg(short, long, group = "target", help_heading = "Output")]
    in_place: bool,
    /// Write to FILE instead of standard output
    #[arg(short, long, value_name = "FILE", group = "target", help_heading = "Output")]
    output: Option<PathBuf>,
    /// Write nothing; exit with 1 if there is something to change
    #[arg(long, group = "target", help_heading = "Output")]
    check: bool,
    /// Print only the patch
    #[arg(long, group = "target", help_heading = "Output")]
    diff: bool,
    /// Show everything, then ask on the terminal before anything is written
    #[arg(long, conflicts_with_all = ["check", "diff"], help_heading = "Output")]
    ask: bool,
    /// What to print
    #[arg(long, value_enum, value_name = "FORM", help_heading = "Output")]
    emit: Option<Emit>,
    /// How to report: for people, or as JSON on standard output in place of the policy
    #[arg(long, value_enum, default_value = "human", value_name = "FORMAT", help_heading = "Output")]
    format: Format,

    /// What to do if a statement of the same Sid means something else
    #[arg(long, value_enum, default_value_t, value_name = "HOW", help_heading = "Merging")]
    on_conflict: OnConflict,
    /// Add a statement although a wider one is there
    #[arg(long, help_heading = "Merging")]
    exact: bool,
    /// Let through what would stop the change: a rule, `not-proved` or `removal`
    #[arg(long, value_name = "NAME", help_heading = "Merging")]
    allow: Vec<String>,
    /// What kind of policy it is, instead of working it out: identity, trust, kms, s3, … or auto
    #[arg(long, value_name = "KIND", help_heading = "Input")]
    kind: Option<KindChoice>,
    /// What the policy hangs on: the ARN of the key, bucket, topic, queue or role
    #[arg(long, value_name = "ARN", value_parser = arn, help_heading = "Input")]
    resource: Option<String>,
    /// The policy at this JSON pointer, in a file with several
    #[arg(long, value_name = "POINTER", help_heading = "Input")]
    at: Option<String>,
}

const EXAMPLES: &str = "\
Examples:
  polmerge apply key-policy.json --add step2 --set YOUR_EXPEL_ROLE_ARN=arn:aws:iam::222222222222:role/Expel
  polmerge apply key-policy.json --add step2 --values expel.toml --in-place
  polmerge apply key-policy.json --add step2 --values expel.toml --check
  polmerge apply policy.json --add ./vendor.json --emit json-patch

  set -o pipefail
  aws kms get-key-policy --key-id \"$KEY\" --policy-name default --output text --query Policy \\
    | polmerge apply - --add step2 --values expel.toml --ask \\
    | aws kms put-key-policy --key-id \"$KEY\" --policy-name default --policy file:///dev/stdin

Exit status: 0 done, 1 refused or (--check) a change is pending, 2 it could not be done.";

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Emit {
    /// The bare policy
    Policy,
    /// The file as it came, envelope and all
    Same,
    /// What the put command of the AWS CLI takes from file:///dev/stdin
    Cli,
    /// The change as RFC 6902
    JsonPatch,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum OnConflict {
    /// Stop
    #[default]
    Fail,
    /// Put the new statement in the place of the old one
    Replace,
    /// Add it under another Sid
    Rename,
}

/// What the steps and values come to, once they are checked.
struct Prepared {
    document: Document,
    additions: Vec<Addition>,
    removals: Vec<Addition>,
    values: Values,
    used: Vec<(String, Used)>,
    warnings: Vec<String>,
}

impl Apply {
    pub(super) fn run(self, global: &Global, terminal: &Terminal) -> Result<Exit, Failure> {
        self.check_options()?;
        let session = session::Session::open(global)?;
        let packs = values::packs(&session.config.packs)?;
        let document = self.open(&session, terminal)?;
        let prepared = self.prepare(document, &packs, &session)?;
        let request = self.request(&prepared, &session)?;
        let applied = apply::apply(&prepared.document, &packs, &request).map_err(|error| {
            terminal.comment(&problems(&prepared.document, terminal));
            Failure::new(format!("`{}`: {error}", prepared.document.source().name()))
                .help("Nothing was written.")
        })?;
        self.finish(&applied, &prepared, &packs, terminal)
    }

    fn check_options(&self) -> Result<(), Failure> {
        let stdin = self.file == Path::new("-");
        if self.in_place && stdin {
            return Err(Failure::new("standard input cannot be written in place")
                .help("leave --in-place out, or name a file"));
        }
        if self.in_place && self.emit.is_some_and(|emit| emit != Emit::Same) {
            return Err(Failure::new("--in-place writes the file as it is (--emit same), nothing else"));
        }
        if let Some(pointer) = &self.at
            && !pointer.is_empty()
            && !pointer.starts_with('/')
        {
            return Err(Failure::new(format!("`{pointer}` is no JSON pointer"))
                .help("it starts with a `/`, as in /Attributes/Policy"));
        }
        Ok(())
    }

    /// Reads the file and picks the policy in it.
    fn open(&self, session: &session::Session, terminal: &Terminal) -> Result<Document, Failure> {
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
        let pointers: Vec<String> =
            file.documents.iter().map(|document| format!("`{}`", document.pointer())).collect();
        let found = match &self.at {
            Some(pointer) => file.documents.into_iter().find(|document| document.pointer() == pointer),
            None if file.documents.len() == 1 => file.documents.pop(),
            None if file.documents.is_empty() => {
                return Err(Failure::new(format!("`{name}` holds no policy"))
                    .help("a policy is an object with a `Statement`, bare or in an answer of the AWS CLI")
                    .help("Nothing was written."));
            }
            None => None,
        };
        found.ok_or_else(|| {
            Failure::new(format!("choose a policy of `{name}` with --at"))
                .help(format!("its policies are at {}", pointers.join(", ")))
                .help("Nothing was written.")
        })
    }

    /// Finds the steps, checks the values and puts them in.
    fn prepare(
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
        name_resource(&mut document, &steps, packs, &resolved.values)?;

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
        Ok(Prepared {
            additions,
            removals,
            used,
            warnings: resolved.warnings,
            values: resolved.values,
            document,
        })
    }

    fn request(&self, prepared: &Prepared, session: &session::Session) -> Result<Request, Failure> {
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

    /// Says what happened, writes what is to be written.
    fn finish(
        &self,
        applied: &Applied,
        prepared: &Prepared,
        packs: &Packs,
        terminal: &Terminal,
    ) -> Result<Exit, Failure> {
        if self.diff {
            return Ok(self.print_diff(applied, terminal));
        }
        let titled = prepared.additions.iter().chain(&prepared.removals);
        let steps: Vec<(String, String)> =
            titled.map(|addition| (addition.name.clone(), addition.title.clone())).collect();
        let facts = report::Facts {
            packs,
            steps: &steps,
            values: &prepared.used,
            warnings: &prepared.warnings,
            variant: self.variant.as_deref(),
        };
        let commentary = report::commentary(applied, &facts, terminal.err);
        let exit = self.exit(applied);
        if self.format == Format::Json {
            let text = apply_json::report(applied, exit == Exit::No && applied.verdict == Verdict::Changed);
            if exit == Exit::Yes && !self.check {
                self.write_files(applied)?;
            }
            terminal.document(&text)?;
            return Ok(exit);
        }
        if self.check && applied.verdict != Verdict::Refused {
            terminal.comment(&check_line(applied, &steps, terminal));
            return Ok(exit);
        }
        if self.ask && exit == Exit::Yes && applied.changes() {
            terminal.comment(&commentary);
            if !confirmed()? {
                terminal.comment(&format!(
                    "\n{}\n",
                    terminal.err.paint(Role::Strong, "Not confirmed. Nothing was written.")
                ));
                return Ok(Exit::No);
            }
            let done = self.write(applied, terminal)?;
            terminal.comment(&format!("\n{}\n", terminal.err.paint(Role::Strong, &done)));
            return Ok(exit);
        }
        // The document first, so that the closing line is true when it appears.
        let closing = match exit {
            Exit::Yes => self.write(applied, terminal)?,
            _ => refused_line(applied),
        };
        terminal.comment(&format!("{commentary}\n{}\n", terminal.err.paint(Role::Strong, &closing)));
        if applied.verdict == Verdict::Conflict {
            return Err(conflict(applied));
        }
        Ok(exit)
    }

    fn exit(&self, applied: &Applied) -> Exit {
        match applied.verdict {
            Verdict::Unchanged => Exit::Yes,
            Verdict::Changed if self.check => Exit::No,
            Verdict::Changed => Exit::Yes,
            Verdict::Refused => Exit::No,
            Verdict::Conflict => Exit::Unable,
        }
    }

    fn print_diff(&self, applied: &Applied, terminal: &Terminal) -> Exit {
        match applied.verdict {
            Verdict::Refused | Verdict::Conflict => {
                for refusal in &applied.refusals {
                    terminal.failure(&Failure::new(refusal.clone()));
                }
                if applied.verdict == Verdict::Conflict {
                    terminal.failure(&conflict(applied));
                    return Exit::Unable;
                }
                Exit::No
            }
            _ => {
                let name = applied.before.source().name();
                terminal.report(&diff::unified(
                    applied.before.source().text(),
                    &applied.text,
                    name,
                    terminal.out,
                ));
                Exit::Yes
            }
        }
    }

    /// What is printed or written: the document in the form asked for.
    fn emitted(&self, applied: &Applied) -> String {
        let same = if self.in_place { Emit::Same } else { Emit::Policy };
        match self.emit.unwrap_or(same) {
            Emit::Policy => applied.after.bare(),
            Emit::Same => applied.text.clone(),
            Emit::Cli => match applied.after.kind {
                // The only command whose option takes a map of attributes.
                crate::kind::Kind::Sqs => {
                    format!("{}\n", serde_json::json!({ "Policy": applied.after.bare() }))
                }
                _ => applied.after.bare(),
            },
            Emit::JsonPatch => match serde_json::to_string_pretty(&applied.patch) {
                Ok(patch) => format!("{patch}\n"),
                Err(_) => String::new(),
            },
        }
    }

    /// Writes files, if the document goes to one. Whether it did, and what was done.
    fn write_files(&self, applied: &Applied) -> Result<Option<String>, Failure> {
        let (path, text) = match (&self.output, self.in_place) {
            (Some(path), _) => (path, self.emitted(applied)),
            (None, true) if applied.changes() => (&self.file, self.emitted(applied)),
            (None, true) => {
                return Ok(Some(format!("Nothing to change. {} was not touched.", self.file.display())));
            }
            (None, false) => return Ok(None),
        };
        write::replace(path, &text)?;
        let path = path.display();
        Ok(Some(match applied.changes() {
            true => format!(
                "{}. Written to {path}: {}.",
                capital(&report::what_changed(applied)),
                report::size(applied)
            ),
            false => format!("Nothing to change. Written to {path} as it came."),
        }))
    }

    /// Writes the document where it goes and says so in one sentence.
    fn write(&self, applied: &Applied, terminal: &Terminal) -> Result<String, Failure> {
        if let Some(done) = self.write_files(applied)? {
            return Ok(done);
        }
        let text = self.emitted(applied);
        terminal.document(&text)?;
        let what = match self.emit {
            Some(Emit::JsonPatch) => "Patch",
            Some(Emit::Same) if applied.before.envelope().is_some() => "Answer",
            _ => "Policy",
        };
        Ok(match applied.changes() {
            true => format!(
                "{}. {what} written to standard output: {}.",
                capital(&report::what_changed(applied)),
                report::size(applied)
            ),
            false if text == applied.before.source().text() => {
                format!("Nothing to change. {what} written to standard output as it came, byte for byte.")
            }
            false => format!("Nothing to change. {what} written to standard output as it was in the answer."),
        })
    }
}

/// A file if it looks like a path; else a step.
fn is_file(name: &str) -> bool {
    name.contains('/') || name.ends_with(".json")
}

/// What the policy hangs on, if a step's parameter says so; the file itself must not say otherwise.
fn name_resource(
    document: &mut Document,
    steps: &[(&crate::steps::Pack, &crate::steps::Step)],
    packs: &Packs,
    values: &Values,
) -> Result<(), Failure> {
    for (_, step) in steps {
        let Some(parameter) =
            step.document(Some(document.kind)).ok().and_then(|document| document.resource.as_deref())
        else {
            continue;
        };
        let Some(used) = values.get(packs, parameter) else { continue };
        match &document.resource {
            None => document.resource = Some(used.value.clone()),
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
    Ok(())
}

/// What keeps a document from being merged into.
fn problems(document: &Document, terminal: &Terminal) -> String {
    let problems: Vec<(&Document, crate::diagnostic::Diagnostic)> =
        document.problems.iter().take(5).map(|problem| (document, problem.clone())).collect();
    human::findings(&problems, terminal.err)
}

fn check_line(applied: &Applied, steps: &[(String, String)], terminal: &Terminal) -> String {
    let name = applied.before.source().name();
    let names: Vec<&str> = steps.iter().map(|(name, _)| name.as_str()).collect();
    let lacking: Vec<&str> = steps
        .iter()
        .filter(|(name, _)| {
            let mut decisions = applied.merge.decisions.iter().filter(|decision| decision.step == *name);
            decisions.any(|decision| decision.outcome.changes() || decision.outcome == Outcome::Conflict)
        })
        .map(|(name, _)| name.as_str())
        .collect();
    let is = |names: &[&str]| if names.len() == 1 { "is" } else { "are" };
    let line = match applied.verdict {
        Verdict::Changed => {
            let changed = report::what_changed(applied)
                .replace(" added", " would be added")
                .replace(" removed", " would be removed")
                .replace(" replaced", " would be replaced")
                .replace(" filled", " would be filled");
            let removing = applied
                .merge
                .decisions
                .iter()
                .all(|decision| decision.outcome == Outcome::Removed || !decision.outcome.changes());
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
    };
    format!("{}\n", terminal.err.paint(Role::Strong, &line))
}

fn refused_line(applied: &Applied) -> String {
    match applied.verdict {
        Verdict::Conflict => "A Sid is taken. Nothing was written.".to_owned(),
        _ => "The change is refused. Nothing was written.".to_owned(),
    }
}

fn conflict(applied: &Applied) -> Failure {
    let first = applied.merge.decisions.iter().find(|decision| decision.outcome == Outcome::Conflict);
    let (step, sid) = first
        .map_or(("", ""), |decision| (decision.step.as_str(), decision.new.statement.sid().unwrap_or("")));
    Failure::new(format!("{step}: a statement with the Sid \"{sid}\" is there and means something else"))
        .help("--on-conflict rename adds the step under another Sid, --on-conflict replace puts it in the place of the old one")
}

fn capital(text: &str) -> String {
    let mut characters = text.chars();
    match characters.next() {
        Some(first) => first.to_uppercase().chain(characters).collect(),
        None => "Nothing changed".to_owned(),
    }
}

/// Asks on the terminal, wherever the streams lead.
fn confirmed() -> Result<bool, Failure> {
    let none = || {
        Failure::new("--ask needs a terminal to ask on, and there is none")
            .help("leave --ask out where nobody can answer")
            .help("Nothing was written.")
    };
    let tty = std::fs::OpenOptions::new().read(true).write(true).open("/dev/tty").map_err(|_| none())?;
    if !tty.is_terminal() {
        return Err(none());
    }
    let mut answer = String::new();
    (&tty).write_all(b"\nMake this change? [y/N] ").map_err(|_| none())?;
    std::io::BufReader::new(&tty).read_line(&mut answer).map_err(|_| none())?;
    Ok(matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes"))
}
