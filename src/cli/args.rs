//! What can be typed.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};

use super::{Exit, Failure, Terminal};

/// Merge vendor statements into AWS policy documents without breaking them.
#[derive(Parser)]
#[command(name = "polmerge", version, max_term_width = 100, propagate_version = true)]
pub(super) struct Args {
    #[command(subcommand)]
    pub(super) command: Command,
    #[command(flatten)]
    pub(super) global: Global,
}

/// Options that every command has.
#[derive(ClapArgs, Clone, Debug, Default)]
pub(crate) struct Global {
    /// Read the configuration from FILE instead of the nearest polmerge.toml upwards
    #[arg(long, value_name = "FILE", global = true, help_heading = "Global options")]
    pub(crate) config: Option<PathBuf>,
    /// When to use colour
    #[arg(
        long,
        value_enum,
        default_value_t,
        value_name = "WHEN",
        global = true,
        help_heading = "Global options"
    )]
    pub(crate) color: ColorChoice,
    /// Print errors only; of a report, what decides the exit status, and what was not analyzed
    #[arg(short, long, global = true, conflicts_with = "verbose", help_heading = "Global options")]
    pub(crate) quiet: bool,
    /// Say more
    #[arg(short, long, global = true, help_heading = "Global options")]
    pub(crate) verbose: bool,
}

/// When to use colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColorChoice {
    /// On a terminal
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

#[derive(Subcommand)]
pub(super) enum Command {
    Apply(super::apply::Apply),
    Render(super::render::Render),
    Steps(super::steps::Steps),
    Guide(super::guide::Guide),
    Lint(super::lint::Lint),
    Fmt(super::fmt::Fmt),
    Can(super::can::Can),
    Compact(super::compact::Compact),
    Diff(super::diff::Diff),
    Rules(super::rules::Rules),
    Explain(super::explain::Explain),
    Completions(super::completions::Completions),
    Man(super::man::Man),
}

impl Command {
    pub(super) fn run(self, global: &Global, terminal: &Terminal) -> Result<Exit, Failure> {
        match self {
            Command::Apply(command) => command.run(global, terminal),
            Command::Render(command) => command.run(global, terminal),
            Command::Steps(command) => command.run(global, terminal),
            Command::Guide(command) => command.run(global, terminal),
            Command::Lint(command) => command.run(global, terminal),
            Command::Fmt(command) => command.run(global, terminal),
            Command::Diff(command) => command.run(global, terminal),
            Command::Can(command) => command.run(global, terminal),
            Command::Compact(command) => command.run(global, terminal),
            Command::Rules(command) => command.run(terminal),
            Command::Explain(command) => command.run(terminal),
            Command::Completions(command) => command.run(terminal),
            Command::Man(command) => command.run(terminal),
        }
    }
}
