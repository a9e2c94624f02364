//! `polmerge steps`

use clap::Args;

use super::args::Global;
use super::choice::Format;
use super::{Exit, Failure, Terminal, session, values};
use crate::report::{json, steps};

/// List the steps, or show all about one
#[derive(Args, Clone, Debug)]
#[command(after_help = "Examples:\n  polmerge steps\n  polmerge steps step2\n  polmerge steps --format json")]
pub(super) struct Steps {
    /// A step, as STEP or PACK:STEP
    #[arg(value_name = "STEP")]
    step: Option<String>,
    /// How to report
    #[arg(long, value_enum, default_value = "human", value_name = "FORMAT")]
    format: Format,
}

impl Steps {
    pub(super) fn run(self, global: &Global, terminal: &Terminal) -> Result<Exit, Failure> {
        let session = session::Session::open(global, terminal)?;
        let packs = values::packs(&session.config.packs)?;
        let step = match &self.step {
            Some(name) => Some(packs.step(name).map_err(|error| Failure::new(error.to_string()))?),
            None => None,
        };
        match (self.format, step) {
            (Format::Json, step) => {
                terminal.data(&json::pretty(&steps::json(&packs, step.map(|(_, step)| step))));
            }
            (Format::Human, Some(step)) => terminal.report(&steps::detail(&packs, step, terminal.out)),
            (Format::Human, None) => terminal.report(&steps::list(&packs, terminal.out)),
        }
        Ok(Exit::Yes)
    }
}
