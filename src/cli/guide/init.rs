//! `polmerge guide init`

use std::path::{Path, PathBuf};

use clap::Args;

use super::{Given, accounts};
use crate::cli::output::is_standard;
use crate::cli::session::Session;
use crate::cli::terminal::error_width;
use crate::cli::{Exit, Failure, Terminal};
use crate::guide::{self, Setup, discover};
use crate::read::write::{self, is_stream};
use crate::report::guide as report;
use crate::report::style::clean;
use crate::report::wrap::{WIDTH, wrap};
use crate::steps::Packs;

/// Write the file of values, commented, with what is known already
///
/// With the answers of `guide discover`, each value that was found is filled in and has its origin beside it; where several
/// were found, all are listed.
#[derive(Args, Clone, Debug)]
#[command(
    after_help = "Examples:\n  polmerge guide init -o expel.toml\n  polmerge guide init --from discovered -o expel.toml"
)]
pub(super) struct Init {
    #[command(flatten)]
    pub(super) given: Given,
    /// The folder with the answers of `guide discover`; without it, `discovered` if that exists
    #[arg(long, value_name = "ANSWERS")]
    from: Option<String>,
    /// Write to FILE, which must not exist yet, instead of standard output; `-` is standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

impl Init {
    pub(super) fn run(self, session: &Session, packs: &Packs, terminal: &Terminal) -> Result<Exit, Failure> {
        let (pack, guide) = self.given.pack(packs)?;
        let folder = self.from.as_deref().unwrap_or(discover::DEFAULT_FOLDER);
        let answers = accounts::read_discovered(folder)?;
        let commands = || {
            let places = discover::accounts(pack, guide);
            report::discover_commands(&places, (pack, guide), &self.given.typed(), folder)
        };
        if answers.name.is_empty() && self.from.is_some() {
            let failure =
                Failure::new(format!("`{folder}` has no answers of `guide discover`")).help("in this order:");
            let lines = commands().iter().flat_map(|next| next.lines(error_width())).collect::<Vec<_>>();
            return Err(lines.into_iter().fold(failure, Failure::help).help("").help("Nothing was written."));
        }
        let (discovery, setup) = self.given.discovered(session, packs, &answers)?;
        let text = wrapped(&guide::init::file(&setup, &discovery));
        if !answers.name.is_empty() {
            if self.from.is_none() {
                terminal.line(&format!("Using answers from `{folder}`."));
            }
            for place in &discovery.without {
                let places = discover::accounts(pack, guide);
                let at = places.iter().position(|own| own.name == place.name);
                let command = at.and_then(|at| commands().into_iter().nth(at)).map(|next| next.command);
                terminal.warning(&format!(
                    "`{folder}` has nothing of the {} account: {}",
                    place.title,
                    command.unwrap_or_default()
                ));
            }
        }
        setup.warnings.iter().for_each(|warning| terminal.warning(warning));
        let unanswered = discovery.unanswered();
        unanswered.iter().for_each(|warning| terminal.warning(warning));
        let Some(path) = self.output.as_ref().filter(|path| !is_standard(path)) else {
            terminal.document(&text)?;
            return Ok(Exit::Yes);
        };
        if path.symlink_metadata().is_ok() && !is_stream(path) {
            return Err(Failure::new(format!("`{}` already exists", path.display()))
                .help("name another file with -o")
                .help("Nothing was written."));
        }
        write::create(path, &text)?;
        match answers.name.is_empty() {
            true => terminal.line(&format!("Written to {}: fill it in.", path.display())),
            false => terminal.comment(&self.next(&setup, path, unanswered.is_empty())),
        }
        Ok(Exit::Yes)
    }

    /// What is still open in the file, and the command after it is filled in.
    fn next(&self, setup: &Setup<'_>, path: &Path, is_answered: bool) -> String {
        let open: Vec<String> = guide::lacking(setup).into_iter().map(|missing| missing.token).collect();
        let shown = clean(&path.display().to_string());
        let mut out = format!("Written to {shown}");
        match open.as_slice() {
            [] if is_answered => {
                out.push_str(": every value was found or proposed. Check them before you go on.\n");
            }
            [] => out.push_str(". Check the values before you go on: not every command was answered.\n"),
            open => out.push_str(&format!(". Still to be filled in: {}.\n", clean(&open.join(", ")))),
        }
        let file = guide::values_file(setup.pack, setup.guide);
        let named = (path != Path::new(&file)).then(|| format!("--values {shown}"));
        let pack = self.given.pack.iter().map(|pack| format!("--pack {pack}"));
        let options: Vec<String> = named.into_iter().chain(pack).collect();
        let collect = report::collect_command(&options.join(" "), None, None);
        let next = if open.is_empty() { "Next" } else { "Next, when that is done" };
        out.push_str(&format!(
            "{next}\n  {collect}\n      run it signed in to each account; it only reads\n"
        ));
        out
    }
}

/// A file of values in which no comment is too wide, but for what is to be copied.
fn wrapped(text: &str) -> String {
    let lines =
        text.lines().map(|line| match line.strip_prefix("# ").filter(|rest| !rest.starts_with(' ')) {
            Some(comment) => format!("# {}\n", wrap(comment, WIDTH - 2).join("\n# ")),
            None if line.starts_with('#') => format!("{}\n", clean(line)),
            None => format!("{line}\n"),
        });
    lines.collect()
}
