//! `polmerge guide`

mod accounts;
mod check;
mod collect;
mod discover;
mod init;
mod plan;

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::args::Global;
use super::values::{self, ValueArgs};
use super::{Exit, Failure, Terminal, session};
use crate::guide::discover::Discovery;
use crate::guide::{Accounts, Setup};
use crate::steps::{self, Missing, Pack, Packs, Resolved, guide as data};

/// All steps of an onboarding, from one file of values
///
/// polmerge calls no service itself: `discover` and `collect` print scripts that read the accounts with the AWS CLI,
/// `check` says from its answers how far each step is, `plan` writes the commands for what is still to be done.
#[derive(Args, Clone, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct Guide {
    #[command(subcommand)]
    command: Command,
    /// The step pack that the guide works on; without it, the shipped one
    #[arg(long, value_name = "NAME", global = true, help_heading = "Values")]
    pack: Option<String>,
}

const EXAMPLES: &str = "\
Examples:
  polmerge guide discover     lists the scripts that find the values
  polmerge guide init --from discovered -o expel.toml
  polmerge guide collect --values expel.toml > collect.sh
  bash collect.sh             once in each account
  polmerge guide check --values expel.toml --from accounts/
  polmerge guide plan --values expel.toml --from accounts/ -o plan/
  polmerge guide check        takes expel.toml and accounts/ of this folder";

#[derive(Clone, Debug, Subcommand)]
enum Command {
    Discover(discover::Discover),
    Init(init::Init),
    Collect(collect::Collect),
    Check(check::Check),
    Plan(plan::PlanCommand),
}

impl Command {
    fn given(&mut self) -> &mut Given {
        match self {
            Command::Discover(command) => &mut command.given,
            Command::Init(command) => &mut command.given,
            Command::Collect(command) => &mut command.given,
            Command::Check(command) => &mut command.collected.given,
            Command::Plan(command) => &mut command.collected.given,
        }
    }
}

/// What all of them start from.
#[derive(Args, Clone, Debug)]
struct Given {
    #[command(flatten)]
    values: ValueArgs,
    /// The step pack that the guide works on.
    #[arg(skip)]
    pack: Option<String>,
    /// Whether the file of values is the one that is used where none is named.
    #[arg(skip)]
    is_default_file: bool,
}

impl Guide {
    pub(super) fn run(self, global: &Global, terminal: &Terminal) -> Result<Exit, Failure> {
        let session = session::Session::open(global, terminal)?;
        let packs = values::packs(&session.config.packs)?;
        let mut command = self.command;
        command.given().pack = self.pack;
        match command {
            Command::Discover(command) => command.run(&session, &packs, terminal),
            Command::Init(command) => command.run(&session, &packs, terminal),
            Command::Collect(command) => command.run(&session, &packs, terminal),
            Command::Check(command) => command.run(&session, &packs, terminal),
            Command::Plan(command) => command.run(&session, &packs, terminal),
        }
    }
}

impl Given {
    fn resolved(&self, session: &session::Session, packs: &Packs) -> Result<Resolved, Failure> {
        self.resolved_with(session, packs, Vec::new())
    }

    /// The values that are given, and more.
    fn resolved_with(
        &self,
        session: &session::Session,
        packs: &Packs,
        more: Vec<steps::Given>,
    ) -> Result<Resolved, Failure> {
        let given = [self.values.given(&session.given())?, more].concat();
        let (pack, _) = self.pack(packs)?;
        let names: Vec<&str> = pack.steps.iter().map(|step| step.name.as_str()).collect();
        values::resolve(packs, &given, &names, |_| false)
    }

    /// What was discovered, and the set-up that it describes with the values that are given.
    fn discovered<'p>(
        &self,
        session: &session::Session,
        packs: &'p Packs,
        answers: &Accounts,
    ) -> Result<(Discovery, Setup<'p>), Failure> {
        let (pack, guide) = self.pack(packs)?;
        let given = self.resolved(session, packs)?;
        let discovery = crate::guide::discover::find(packs, (pack, guide), &given.values, answers)
            .map_err(disagreement)?;
        let resolved = self.resolved_with(session, packs, discovery.given(pack))?;
        well_named(&given.misspelled)?;
        Ok((discovery, Setup::new(packs, (pack, guide), resolved).map_err(disagreement)?))
    }

    /// The pack that the guide works on.
    fn pack<'p>(&self, packs: &'p Packs) -> Result<(&'p Pack, &'p data::Guide), Failure> {
        crate::guide::pack(packs, self.pack.as_deref()).map_err(Failure::new)
    }

    /// Takes the pack's own file of values where none is named and it is in the current directory.
    fn take_default_file(&mut self, packs: &Packs) -> Result<(), Failure> {
        let (pack, guide) = self.pack(packs)?;
        let file = PathBuf::from(crate::guide::values_file(pack, guide));
        if self.values.values.is_empty() && file.is_file() {
            self.values.values.push(file);
            self.is_default_file = true;
        }
        Ok(())
    }

    /// Prints which file of values was used though none was named, and which folder of answers.
    fn print_defaults(&self, folder: Option<&Accounts>, terminal: &Terminal) {
        let file = self.values.values.first().filter(|_| self.is_default_file);
        let file = file.map(|file| format!("values from `{}`", file.display()));
        let folder = folder.map(|folder| format!("account data from `{}`", folder.name));
        let used: Vec<String> = file.into_iter().chain(folder).collect();
        if !used.is_empty() {
            terminal.line(&format!("Using {}.", used.join(" and ")));
        }
    }

    /// A failure that lists the values that `who` needs and that are missing, if there are any, or else the misspelled names.
    fn all_there(&self, who: &str, setup: &Setup<'_>, missing: &[Missing<'_>]) -> Result<(), Failure> {
        if missing.is_empty() {
            return well_named(&setup.misspelled);
        }
        let files = &self.values.values;
        let failure = values::unfilled(who, missing, &setup.warnings, files);
        let pack = self.pack.iter().map(|pack| format!(" --pack {pack}")).collect::<String>();
        let file = crate::guide::values_file(setup.pack, setup.guide);
        let it = if missing.len() == 1 { "it" } else { "them" };
        let failure = match files.as_slice() {
            [] => {
                let found = !crate::guide::discover::accounts(setup.pack, setup.guide).is_empty();
                let failure = match found {
                    true => {
                        failure.help(format!("to find them in the accounts: polmerge guide discover{pack}"))
                    }
                    false => failure,
                };
                failure.help(format!("for a file to fill in: polmerge guide init{pack} -o {file}"))
            }
            [file] => failure.help(format!("add {it} to `{}`, or use --set NAME=VALUE", file.display())),
            _ => failure.help(format!("add {it} to one of the files, or use --set NAME=VALUE")),
        };
        Err(failure.help("").help("Nothing was written."))
    }

    /// The set-up that the values describe.
    fn setup<'p>(&self, session: &session::Session, packs: &'p Packs) -> Result<Setup<'p>, Failure> {
        Setup::new(packs, self.pack(packs)?, self.resolved(session, packs)?).map_err(disagreement)
    }

    /// The options as they are to be typed once more.
    fn typed(&self) -> String {
        let files = self.values.values.iter().filter(|_| !self.is_default_file);
        let files = files.map(|file| format!("--values {}", file.display()));
        let set = self.values.set.iter().map(|set| format!("--set {set}"));
        let pack = self.pack.iter().map(|pack| format!("--pack {pack}"));
        files.chain(set).chain(pack).collect::<Vec<_>>().join(" ")
    }
}

/// A failure if a name of no value was given that is likely to mean one: what that would change is left out silently.
fn well_named(misspelled: &[String]) -> Result<(), Failure> {
    if misspelled.is_empty() { Ok(()) } else { Err(disagreement(misspelled.to_vec())) }
}

/// What cannot belong to one set-up, a line each.
fn disagreement(errors: Vec<String>) -> Failure {
    let mut errors = errors.into_iter();
    let failure = Failure::new(errors.next().unwrap_or_default());
    let failure = errors.fold(failure, |failure, error| failure.help(format!("error: {error}")));
    failure.help("").help("Nothing was written.")
}

/// What is checked and planned from: the values, and the answers of the accounts.
#[derive(Args, Clone, Debug)]
struct Collected {
    #[command(flatten)]
    given: Given,
    /// The folder with the answers of the AWS CLI, as `guide collect` makes it; without it, `accounts` if that exists
    #[arg(long, value_name = "FOLDER")]
    from: Option<PathBuf>,
}

impl Collected {
    /// The set-up that the values describe, all of which must be there for `who`.
    fn setup<'p>(
        &mut self,
        who: &str,
        session: &session::Session,
        packs: &'p Packs,
    ) -> Result<Setup<'p>, Failure> {
        self.given.take_default_file(packs)?;
        let setup = self.given.setup(session, packs)?;
        self.given.all_there(who, &setup, &crate::guide::lacking(&setup))?;
        Ok(setup)
    }

    /// The answers. Prints which defaults were used.
    fn accounts(&self, terminal: &Terminal) -> Result<Accounts, Failure> {
        let accounts = match &self.from {
            Some(folder) => accounts::read_folder(folder, &self.given.typed())?,
            None => accounts::read_default()?,
        };
        let folder = (self.from.is_none() && !accounts.name.is_empty()).then_some(&accounts);
        self.given.print_defaults(folder, terminal);
        Ok(accounts)
    }
}
