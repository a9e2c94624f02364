//! `polmerge guide check`

use std::time::{SystemTime, UNIX_EPOCH};

use clap::Args;

use super::Collected;
use crate::cli::choice::Format;
use crate::cli::session::Session;
use crate::cli::{Exit, Failure, Terminal};
use crate::guide;
use crate::report::{guide as report, json};
use crate::steps::Packs;

/// Say how far each of the ten steps is, and whether it would work
///
/// `done` says only what was looked at; what was not collected is `unknown`, and never done.
#[derive(Args, Clone, Debug)]
#[command(
    after_help = "Examples:\n  polmerge guide check --values expel.toml --from accounts/\n  polmerge guide check -v     also says what would change\n\nExit status:\n  0  everything is done except what is done by hand\n  1  it is not, or it is unknown\n  2  values are missing, or values or answers cannot be used"
)]
pub(super) struct Check {
    #[command(flatten)]
    pub(super) collected: Collected,
    /// How to report
    #[arg(long, value_enum, default_value = "human", value_name = "FORMAT")]
    format: Format,
}

impl Check {
    pub(super) fn run(
        mut self,
        session: &Session,
        packs: &Packs,
        terminal: &Terminal,
    ) -> Result<Exit, Failure> {
        let setup = self.collected.setup("guide check", session, packs)?;
        let accounts = self.collected.accounts(terminal)?;
        let check = guide::check(&setup, &accounts).map_err(super::disagreement)?;
        let collected = check.from.as_ref().and_then(|(_, when)| when.as_deref());
        let facts = report::Facts {
            age: collected.and_then(age),
            options: &self.collected.given.typed(),
            verbose: terminal.verbose,
        };
        match self.format {
            Format::Human => terminal.report(&report::human(&check, &facts, terminal.out)),
            Format::Json => terminal.data(&json::pretty(&report::json(&check, &facts))),
        }
        Ok(if report::is_done(&check) { Exit::Yes } else { Exit::No })
    }
}

/// How long ago `2026-11-23T14:02Z` was.
fn age(when: &str) -> Option<report::Age> {
    let then = guide::collected_at(when)?;
    let now = i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).ok()?.as_secs()).ok()?;
    (now >= then).then(|| report::Age { days: (now - then) / 86_400 })
}

#[cfg(test)]
mod tests {
    use super::age;

    #[test]
    fn ages_are_counted_in_days() {
        assert!(age("2020-02-29T23:59Z").unwrap().days > 2_000);
        for unknown in ["9999-01-01T00:00Z", "2020-02-30T00:00Z", "2020-01-01", "1577836800", "yesterday", ""]
        {
            assert_eq!(age(unknown), None, "{unknown}");
        }
    }
}
