//! `explain`: what a rule means.

use super::{Exit, Failure, Terminal};
use crate::lint::{Selector, rules};
use crate::report::page;

/// Say what a rule means, with examples
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  polmerge explain json-syntax")]
pub(crate) struct Explain {
    /// The name of the rule, as it stands in a finding
    #[arg(value_name = "RULE")]
    rule: String,
}

impl Explain {
    pub(crate) fn run(self, terminal: &Terminal) -> Result<Exit, Failure> {
        if let Some(rule) = rules::get(&self.rule) {
            terminal.report(&page::page(rule, terminal.out));
            return Ok(Exit::Yes);
        }
        let message = match self.rule.parse::<Selector>() {
            Ok(_) => format!("`{}` is a group of rules", self.rule),
            Err(unknown) => unknown.to_string(),
        };
        Err(Failure::new(message).help("`polmerge rules` lists the rules of each group"))
    }
}
