//! `rules`: what is checked.

use super::choice::Format;
use super::{Exit, Failure, Terminal};
use crate::lint::{Group, rules};
use crate::report::{json, page};

/// List the rules: level, group, fix, what other tools call them, which run on request only
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  polmerge rules
  polmerge rules --format json \\
    | jq -r '.[] | select(.severity == \"error\").name'
  polmerge rules --format json \\
    | jq -r '.[] | select(.default | not).name'")]
pub(crate) struct Rules {
    /// How to write the list
    #[arg(long, value_enum, default_value = "human", value_name = "FORMAT")]
    format: Format,
}

impl Rules {
    pub(crate) fn run(self, terminal: &Terminal) -> Result<Exit, Failure> {
        match self.format {
            Format::Human => terminal.report(&page::list(rules::ALL, Group::ALL, terminal.out)),
            Format::Json => {
                let rules: Vec<_> = rules::ALL.iter().map(json::RuleInfo::new).collect();
                terminal.data(&json::pretty(&rules));
            }
        }
        Ok(Exit::Yes)
    }
}
