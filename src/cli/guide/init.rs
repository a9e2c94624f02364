//! `polmerge guide init`

use std::path::PathBuf;

use clap::Args;

use super::Given;
use crate::cli::output::is_standard;
use crate::cli::session::Session;
use crate::cli::{Exit, Failure, Terminal};
use crate::guide;
use crate::read::write::{self, is_stream};
use crate::steps::Packs;

/// Write the file of values, commented, with what is known already
#[derive(Args, Clone, Debug)]
pub(super) struct Init {
    #[command(flatten)]
    given: Given,
    /// Write to FILE, which must not exist yet, instead of standard output; `-` is standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

impl Init {
    pub(super) fn run(self, session: &Session, packs: &Packs, terminal: &Terminal) -> Result<Exit, Failure> {
        let resolved = self.given.resolved(session, packs)?;
        let text = guide::init::file(packs, self.given.pack(packs)?, &resolved.values)
            .map_err(|error| super::disagreement(vec![error]))?;
        resolved.warnings.iter().for_each(|warning| terminal.warning(warning));
        let Some(path) = self.output.as_ref().filter(|path| !is_standard(path)) else {
            terminal.document(&text)?;
            return Ok(Exit::Yes);
        };
        if path.symlink_metadata().is_ok() && !is_stream(path) {
            return Err(
                Failure::new(format!("`{}` is there already", path.display())).help("Nothing was written.")
            );
        }
        write::create(path, &text)?;
        terminal.comment(&format!("Written to {}: fill it in.\n", path.display()));
        Ok(Exit::Yes)
    }
}
