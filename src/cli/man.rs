//! `man`: manual pages.

use clap::CommandFactory;

use super::args::Args;
use super::{Exit, Failure, Terminal};

/// Print a manual page
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  polmerge man | man -l -
  polmerge man lint > ~/.local/share/man/man1/polmerge-lint.1")]
pub(crate) struct Man {
    /// The command whose page is wanted, instead of the page of polmerge
    #[arg(value_name = "COMMAND")]
    command: Option<String>,
}

impl Man {
    pub(crate) fn run(self, terminal: &Terminal) -> Result<Exit, Failure> {
        let mut all = Args::command();
        // Only a built command knows its subcommands' full names and the options that all have.
        all.build();
        let command = match &self.command {
            None => all,
            Some(name) => match all.find_subcommand(name) {
                Some(command) => command.clone(),
                None => {
                    return Err(Failure::new(format!("`{name}` is no command"))
                        .help("`polmerge --help` lists the commands"));
                }
            },
        };
        let mut page = Vec::new();
        clap_mangen::Man::new(command)
            .source(concat!("polmerge ", env!("CARGO_PKG_VERSION")))
            .render(&mut page)
            .map_err(|error| Failure::new(format!("cannot write the page: {error}")))?;
        terminal.data(&String::from_utf8_lossy(&page));
        Ok(Exit::Yes)
    }
}
