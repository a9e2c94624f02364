//! `polmerge guide collect`

use clap::Args;

use super::Given;
use crate::cli::session::Session;
use crate::cli::{Exit, Failure, Terminal};
use crate::guide;
use crate::steps::Packs;

/// Print a script that reads what the accounts hold, and changes nothing
///
/// It is run once in each account, signed in there, and needs the AWS CLI alone.
#[derive(Args, Clone, Debug)]
#[command(
    after_help = "Examples:\n  polmerge guide collect --values expel.toml > collect.sh\n  polmerge guide collect --values expel.toml --step 9 | bash"
)]
pub(super) struct Collect {
    #[command(flatten)]
    pub(super) given: Given,
    /// Only what step NUMBER needs
    #[arg(long, value_name = "NUMBER")]
    step: Option<usize>,
    /// The folder that the answers go to
    #[arg(long, value_name = "FOLDER", default_value = guide::Accounts::DEFAULT_FOLDER)]
    into: String,
}

impl Collect {
    pub(super) fn run(
        mut self,
        session: &Session,
        packs: &Packs,
        terminal: &Terminal,
    ) -> Result<Exit, Failure> {
        self.given.take_default_file(packs)?;
        let setup = self.given.setup(session, packs)?;
        let step = match self.step {
            None => None,
            Some(number) => {
                let count = setup.steps().count();
                let step = number.checked_sub(1).and_then(|index| setup.steps().nth(index));
                let (_, step) =
                    step.ok_or_else(|| Failure::new(format!("there is no step {number}: 1 to {count} are")))?;
                Some(step.name.as_str())
            }
        };
        self.given.all_there("guide collect", &setup, &guide::lacking_to_collect(&setup, step))?;
        self.given.print_defaults(None, terminal);
        setup.warnings.iter().for_each(|warning| terminal.warning(warning));
        terminal.document(&guide::collect::script(&setup, &self.into, step))?;
        Ok(Exit::Yes)
    }
}
