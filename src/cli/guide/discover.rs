//! `polmerge guide discover`

use clap::Args;

use super::{Given, accounts};
use crate::cli::session::Session;
use crate::cli::terminal::error_width;
use crate::cli::{Exit, Failure, Terminal};
use crate::guide::discover;
use crate::report::guide as report;
use crate::steps::Packs;

/// Print a script that looks for the values in one account, and changes nothing
///
/// It is run signed in to that account, and needs the AWS CLI alone. `guide init --from` fills in what it finds.
#[derive(Args, Clone, Debug)]
#[command(
    after_help = "Examples:\n  polmerge guide discover                     lists a command for each account\n  polmerge guide discover management | bash   signed in to that account\n  polmerge guide init --from discovered -o expel.toml    at the end"
)]
pub(super) struct Discover {
    #[command(flatten)]
    pub(super) given: Given,
    /// The account to look in, by the name that it has in the step pack
    #[arg(value_name = "ACCOUNT")]
    account: Option<String>,
    /// The folder that the answers go to
    #[arg(long, value_name = "FOLDER", default_value = discover::DEFAULT_FOLDER)]
    into: String,
}

impl Discover {
    pub(super) fn run(
        mut self,
        session: &Session,
        packs: &Packs,
        terminal: &Terminal,
    ) -> Result<Exit, Failure> {
        self.given.take_default_file(packs)?;
        let (pack, guide) = self.given.pack(packs)?;
        let places = discover::accounts(pack, guide);
        let options = self.given.typed();
        if places.is_empty() {
            let message = format!("the step pack `{}` does not say how to find its values", pack.name);
            let init = report::init_command((pack, guide), &options, None);
            return Err(Failure::new(message).help(format!("for a file to fill in: {init}")));
        }
        let commands = report::discover_commands(&places, (pack, guide), &options, &self.into);
        let at = match &self.account {
            None if places.len() == 1 => Some(0),
            None => return Err(which("name the account to look in", &commands)),
            Some(name) => places.iter().position(|place| place.name == *name),
        };
        let Some((at, (&place, next))) =
            at.and_then(|at| Some((at, places.get(at).zip(commands.get(at + 1))?)))
        else {
            let name = self.account.as_deref().unwrap_or_default();
            return Err(which(&format!("the guide has no account `{name}` to look in"), &commands));
        };
        // Answers of one account say where to look in the next; those of this one are asked for again.
        let before: Vec<&str> = places.iter().take(at).map(|place| place.name.as_str()).collect();
        let answers = accounts::read_discovered(&self.into)?.only(&before);
        let (discovery, setup) = self.given.discovered(session, packs, &answers)?;
        self.given.print_defaults(None, terminal);
        setup.warnings.iter().for_each(|warning| terminal.warning(warning));
        for token in discover::lacking(&setup, &discovery, place) {
            let before = commands.iter().take(at).map(|next| format!("; first run: {}", next.command));
            terminal.warning(&format!(
                "the script skips what needs {token}, which has no value yet{}",
                before.collect::<String>()
            ));
        }
        let next = [vec!["Next".to_owned()], next.lines(error_width())].concat();
        terminal.document(&discover::script(&setup, &discovery, place, &self.into, &next))?;
        Ok(Exit::Yes)
    }
}

/// A failure that lists the commands for each account, in order.
fn which(message: &str, commands: &[report::NextCommand]) -> Failure {
    let failure = Failure::new(message).help("in this order:");
    commands.iter().flat_map(|next| next.lines(error_width())).fold(failure, Failure::help)
}
