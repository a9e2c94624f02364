//! `completions`: for shells.

use clap::CommandFactory;
use clap_complete::Shell;

use super::args::Args;
use super::{Exit, Failure, Terminal};

/// Print a completion script for a shell
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  polmerge completions bash \\
    > ~/.local/share/bash-completion/completions/polmerge
  polmerge completions zsh > ~/.zfunc/_polmerge
  polmerge completions fish > ~/.config/fish/completions/polmerge.fish")]
pub(crate) struct Completions {
    /// The shell
    #[arg(value_enum, value_name = "SHELL")]
    shell: Shell,
}

impl Completions {
    pub(crate) fn run(self, terminal: &Terminal) -> Result<Exit, Failure> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Args::command(), "polmerge", &mut script);
        terminal.data(&String::from_utf8_lossy(&script));
        Ok(Exit::Yes)
    }
}
