//! `polmerge guide`

mod accounts;
mod check;
mod collect;
mod init;
mod plan;

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::args::Global;
use super::values::{self, ValueArgs};
use super::{Exit, Failure, Terminal, session};
use crate::guide::Setup;
use crate::steps::{Pack, Packs, Resolved, guide as data};

/// All steps of an onboarding, from one file of values
///
/// polmerge calls nobody: `collect` prints a script that reads the accounts with the AWS CLI, `check`
/// says from its answers how far each step is, `plan` writes the commands for what is still to be done.
#[derive(Args, Clone, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct Guide {
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "\
Examples:
  polmerge guide init -o expel.toml
  polmerge guide collect --values expel.toml > collect.sh      (then: bash collect.sh, once in each account)
  polmerge guide check --values expel.toml --from accounts/
  polmerge guide plan --values expel.toml --from accounts/ -o plan/";

#[derive(Clone, Debug, Subcommand)]
enum Command {
    Init(init::Init),
    Collect(collect::Collect),
    Check(check::Check),
    Plan(plan::PlanCommand),
}

/// What all but `init` start from.
#[derive(Args, Clone, Debug)]
struct Given {
    #[command(flatten)]
    values: ValueArgs,
    /// The step pack that the guide works on; without it, the shipped one
    #[arg(long, value_name = "NAME", help_heading = "Values")]
    pack: Option<String>,
}

impl Guide {
    pub(super) fn run(self, global: &Global, terminal: &Terminal) -> Result<Exit, Failure> {
        let session = session::Session::open(global, terminal)?;
        let packs = values::packs(&session.config.packs)?;
        match self.command {
            Command::Init(command) => command.run(&session, &packs, terminal),
            Command::Collect(command) => command.run(&session, &packs, terminal),
            Command::Check(command) => command.run(&session, &packs, terminal),
            Command::Plan(command) => command.run(&session, &packs, terminal),
        }
    }
}

impl Given {
    fn resolved(&self, session: &session::Session, packs: &Packs) -> Result<Resolved, Failure> {
        let given = self.values.given(&session.given())?;
        let (pack, _) = self.pack(packs)?;
        let names: Vec<&str> = pack.steps.iter().map(|step| step.name.as_str()).collect();
        values::resolve(packs, &given, &names, |_| false)
    }

    /// The pack that the guide works on.
    fn pack<'p>(&self, packs: &'p Packs) -> Result<(&'p Pack, &'p data::Guide), Failure> {
        crate::guide::pack(packs, self.pack.as_deref()).map_err(Failure::new)
    }

    /// The set-up that the values describe.
    fn setup<'p>(&self, session: &session::Session, packs: &'p Packs) -> Result<Setup<'p>, Failure> {
        Setup::new(packs, self.pack(packs)?, self.resolved(session, packs)?).map_err(disagreement)
    }

    /// The options as they are to be typed once more.
    fn typed(&self) -> String {
        let files = self.values.values.iter().map(|file| format!("--values {}", file.display()));
        let set = self.values.set.iter().map(|set| format!("--set {set}"));
        let pack = self.pack.iter().map(|pack| format!("--pack {pack}"));
        files.chain(set).chain(pack).collect::<Vec<_>>().join(" ")
    }
}

/// What cannot belong to one set-up, a line each.
fn disagreement(errors: Vec<String>) -> Failure {
    let mut errors = errors.into_iter();
    let failure = Failure::new(errors.next().unwrap_or_default());
    let failure = errors.fold(failure, |failure, error| failure.help(format!("error: {error}")));
    failure.help("").help("Nothing was written.")
}

/// Where answers are.
#[derive(Args, Clone, Debug)]
struct From {
    /// The folder with the answers of the AWS CLI, as `guide collect` makes it
    #[arg(long, value_name = "FOLDER")]
    from: Option<PathBuf>,
}
