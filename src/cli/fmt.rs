//! `polmerge fmt`

use std::path::{Path, PathBuf};

use super::args::Global;
use super::{Exit, Failure, Terminal};
use crate::document::{self, Document, File, Hints};
use crate::format::format;
use crate::read;
use crate::read::walk::{self, Walked};
use crate::report::style::{Role, clean};
use crate::report::wrap::count;

/// Write policies in one canonical layout
///
/// PATH is a file or a folder; its policies are rewritten in place, each all at once, and a file that
/// is laid out already is not touched. `-` reads standard input and prints the result. Only white
/// space and the order of elements change. Files that hold no bare policy, and YAML, are left alone.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  polmerge fmt policies/
  polmerge fmt --check policies/   lists what is not laid out, and exits with 1
  polmerge fmt - < policy.json > new.json")]
pub(crate) struct Fmt {
    /// Files, folders, or `-` for standard input; without one the current folder
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Write nothing; list the files that are not laid out, and exit with 1 if there is one
    #[arg(long)]
    check: bool,
}

/// What became of a file.
enum Outcome {
    Good,
    Formatted(String),
    NoPolicy,
    /// It holds policies, in YAML.
    Yaml,
    /// It holds policies, inside of something else.
    Inside,
}

impl Fmt {
    pub(crate) fn run(self, _global: &Global, terminal: &Terminal) -> Result<Exit, Failure> {
        if self.paths == [Path::new("-")] {
            return self.standard_input(terminal);
        }
        let here = [PathBuf::from(".")];
        let Walked { found: files, unseen, .. } =
            walk::walk(if self.paths.is_empty() { &here } else { &self.paths });
        let mut failed = 0;
        for unseen in unseen {
            terminal.failure(&Failure::new(unseen.message));
            failed += 1;
        }
        let (mut good, mut formatted, mut yaml, mut inside) = (0, 0, 0, 0);
        for file in files.iter().filter(|file| file.named || !walk::is_terraform(&file.path)) {
            match self.file(&file.path, file.named, terminal) {
                Ok(Outcome::Good) => good += 1,
                Ok(Outcome::NoPolicy) => {}
                Ok(Outcome::Yaml) => yaml += 1,
                Ok(Outcome::Inside) => inside += 1,
                Ok(Outcome::Formatted(_)) => {
                    formatted += 1;
                    terminal.report(&format!("{}\n", clean(&file.path.display().to_string())));
                }
                Err(failure) => {
                    terminal.failure(&failure);
                    failed += 1;
                }
            }
        }
        let verb = if self.check { "to be laid out" } else { "laid out" };
        let mut left = String::new();
        if yaml > 0 {
            left += &format!(", {} in YAML left alone (fmt lays out JSON)", count(yaml, "file"));
        }
        if inside > 0 {
            left += &format!(", {} with policies inside other JSON left alone", count(inside, "file"));
        }
        if failed > 0 {
            left += &format!(", {} failed", count(failed, "file"));
        }
        let line = format!("{formatted} {verb}, {good} as it should be{left}.");
        terminal.comment(&format!("{}\n", terminal.err.paint(Role::Strong, &line)));
        Ok(match (failed > 0, self.check && formatted > 0) {
            (true, _) => Exit::Unable,
            (false, true) => Exit::No,
            (false, false) => Exit::Yes,
        })
    }

    /// Looks at a file, and writes it unless it is only to be looked at.
    fn file(&self, path: &Path, named: bool, terminal: &Terminal) -> Result<Outcome, Failure> {
        let held = if self.check { None } else { Some(terminal.hold(path)?) };
        let source = read::read(path)?;
        let before = source.text().to_owned();
        let outcome = outcome(document::open(source, &Hints::default()), named)?;
        if let (Some(held), Outcome::Formatted(text)) = (held, &outcome) {
            terminal.lost(path, &held.replace(&before, text)?);
        }
        Ok(outcome)
    }

    fn standard_input(&self, terminal: &Terminal) -> Result<Exit, Failure> {
        let source = read::standard_input()?;
        let text = source.text().to_owned();
        match outcome(document::open(source, &Hints::default()), true)? {
            Outcome::NoPolicy | Outcome::Yaml | Outcome::Inside => {
                Err(Failure::new("standard input holds no bare policy"))
            }
            Outcome::Good if self.check => Ok(Exit::Yes),
            Outcome::Formatted(_) if self.check => Ok(Exit::No),
            Outcome::Good => terminal.document(&text).map(|()| Exit::Yes),
            Outcome::Formatted(text) => terminal.document(&text).map(|()| Exit::Yes),
        }
    }
}

/// A file that was named must be a policy that can be read; one that was only met may be anything.
fn outcome(file: File, named: bool) -> Result<Outcome, Failure> {
    let name = file.source.name();
    // Anything else around a policy would be lost.
    let is_bare = |document: &&Document| {
        document.pointer().is_empty() && std::ptr::eq(document.text(), file.source.text())
    };
    match file.documents.first().filter(is_bare) {
        // Also where the policies are inside a template.
        _ if file.is_yaml() && named => Err(Failure::new(format!("`{name}` is YAML, and fmt lays out JSON"))),
        _ if file.is_yaml() => Ok(Outcome::Yaml),
        Some(document) if document.is_sound() => {
            let text = format(document);
            Ok(if text == file.source.text() { Outcome::Good } else { Outcome::Formatted(text) })
        }
        _ if named && !file.problems.is_empty() => Err(Failure::new(format!("`{name}` is not valid JSON"))
            .help(format!("what is wrong with it: polmerge lint {name}"))),
        Some(_) if named => Err(Failure::new(format!(
            "the policy in `{name}` cannot be read as a whole, so it is not laid out"
        ))
        .help(format!("what is wrong with it: polmerge lint {name}"))),
        _ if file.documents.is_empty() => Ok(Outcome::NoPolicy),
        _ => Ok(Outcome::Inside),
    }
}
