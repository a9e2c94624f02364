//! `polmerge diff`

mod limits;
mod stream;

use std::path::{Path, PathBuf};

use limits::Limits;

use super::args::Global;
use super::choice::{KindChoice, arn};
use super::{Exit, Failure, Terminal, config};
use crate::analyze::checks::Outcome;
use crate::analyze::compare::{Comparison, compare};
use crate::analyze::space::Relation;
use crate::config::Config;
use crate::document::{self, Because, Document, Hints};
use crate::read;
use crate::report::comparison;
use crate::report::json;

/// Compare two policies: what changed in the text, and what access that gives or takes
///
/// Order and spelling do not count. Exits with 0 although they differ, unless an option asks.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  polmerge diff old.json new.json
  polmerge diff old.json new.json --fail-on-new-access
  polmerge diff old.json new.json --allowed baseline.json --forbidden never.json
  polmerge diff - new.json --kind kms < old.json
  git config diff.polmerge.command 'polmerge diff'      (and in .gitattributes: *.json diff=polmerge)
  polmerge diff --ndjson < pairs.ndjson

Exit status:
  0  compared
  1  --exit-code and they differ, --fail-on-new-access and there is some, --allowed or --forbidden
     and NEW does not keep to it
  2  something could not be read, or the policies are of different kinds
  3  one of these options asked, and the answer is not exact")]
pub(crate) struct Diff {
    /// The policy as it was, and as it is; or the seven arguments of a git diff driver
    #[arg(value_name = "OLD NEW", num_args = 0..=7, required_unless_present = "ndjson")]
    files: Vec<PathBuf>,
    /// Exit with 1 if they do not mean the same
    #[arg(long, help_heading = "Exit status")]
    exit_code: bool,
    /// Exit with 1 if there is access that there was not
    #[arg(long, help_heading = "Exit status")]
    fail_on_new_access: bool,
    /// Exit with 1 if NEW allows what the policy in FILE does not
    #[arg(long, value_name = "FILE", help_heading = "Exit status")]
    allowed: Vec<PathBuf>,
    /// Exit with 1 if NEW allows something that the policy in FILE allows
    ///
    /// If no statement of FILE has a Principal, it is about everyone, and holds for every kind of policy.
    /// The same with --allowed.
    #[arg(long, value_name = "FILE", help_heading = "Exit status")]
    forbidden: Vec<PathBuf>,
    /// The kind of the policies: identity, trust, kms, s3, sns, sqs, scp, … or auto
    #[arg(long, value_name = "KIND", help_heading = "Input")]
    kind: Option<KindChoice>,
    /// What the policy hangs on: the ARN of the key, bucket, topic, queue or role
    #[arg(long, value_name = "ARN", value_parser = arn, help_heading = "Input")]
    resource: Option<String>,
    /// Read {"id", "old", "new", "kind"} one a line, and answer one a line
    #[arg(long, conflicts_with_all = ["files", "format"], help_heading = "Input")]
    ndjson: bool,
    /// How to write the answer
    #[arg(long, value_enum, default_value = "human", value_name = "FORMAT", help_heading = "Output")]
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people
    Human,
    /// For programs
    Json,
    /// For a review comment
    Markdown,
}

impl Diff {
    pub(crate) fn run(self, global: &Global, terminal: &Terminal) -> Result<Exit, Failure> {
        let config = config::load(global)?;
        let limits = Limits::read(&self, &config)?;
        if self.ndjson {
            return stream::run(&self, &limits);
        }
        let (old, new) = self.paths()?;
        let hints = self.hints();
        let mut old = one_policy(&old, &hints, &config)?;
        let mut new = one_policy(&new, &hints, &config)?;
        settle(&mut old, &mut new)?;
        let mut comparison = compare(&old, &new);
        comparison.checks = limits.check(&old, &new)?;
        match self.format {
            Format::Human => terminal.report(&comparison::human(&comparison, terminal.out)),
            Format::Json => terminal.data(&json::pretty(&comparison::json(&comparison))),
            Format::Markdown => terminal.data(&comparison::markdown(&comparison)),
        }
        Ok(self.exit(&comparison))
    }

    fn hints(&self) -> Hints {
        Hints {
            kind: self.kind.and_then(|choice| choice.0),
            configured: None,
            resource: self.resource.clone(),
        }
    }

    /// The two files. git gives a diff driver: path, old file, hash, mode, new file, hash, mode.
    fn paths(&self) -> Result<(PathBuf, PathBuf), Failure> {
        match self.files.as_slice() {
            [old, new] | [_, old, _, _, new, _, _] => Ok((old.clone(), new.clone())),
            _ => Err(Failure::new("diff takes two files: OLD and NEW")),
        }
    }

    fn exit(&self, comparison: &Comparison<'_>) -> Exit {
        let asked = self.exit_code || self.fail_on_new_access;
        let checks = comparison.checks.iter().map(|check| match check.outcome {
            Outcome::Passed => Exit::Yes,
            Outcome::Failed => Exit::No,
            Outcome::Undecided => Exit::Undecided,
        });
        let no = (self.exit_code && comparison.change.relation != Relation::Equivalent)
            || (self.fail_on_new_access && !comparison.change.added.is_empty());
        let relation = match (no, asked && !comparison.change.exact) {
            (_, true) => Exit::Undecided,
            (true, false) => Exit::No,
            (false, false) => Exit::Yes,
        };
        checks.fold(relation, Exit::max)
    }
}

/// The policy of a file that holds one.
fn one_policy(path: &Path, hints: &Hints, config: &Config) -> Result<Document, Failure> {
    let source = read::read(path)?;
    let name = source.name().to_owned();
    let configured = config.kind_for(&config::absolute(path));
    let mut file = document::open(source, &Hints { configured, ..hints.clone() });
    let document = match file.documents.len() {
        1 => file.documents.swap_remove(0),
        0 => return Err(Failure::new(format!("`{name}` holds no policy"))),
        several => {
            return Err(Failure::new(format!(
                "`{name}` holds {several} policies, and diff compares one with one"
            )));
        }
    };
    match document.is_absent() || document.is_sound() {
        true => Ok(document),
        false => Err(Failure::new(format!("`{name}` is no policy that can be compared"))
            .help(format!("what is wrong with it: polmerge lint {name}"))),
    }
}

/// One kind for both: that of the old one, unless only the new one tells.
fn settle(old: &mut Document, new: &mut Document) -> Result<(), Failure> {
    let unknown = |document: &Document| document.because == Because::Default;
    if unknown(old) && !unknown(new) {
        (old.kind, old.because) = (new.kind, new.because.clone());
    } else if unknown(new) {
        (new.kind, new.because) = (old.kind, old.because.clone());
    }
    if old.kind != new.kind {
        return Err(Failure::new(format!(
            "`{}` is {}, `{}` is {}",
            old.source().name(),
            old.kind.with_article(),
            new.source().name(),
            new.kind.with_article()
        ))
        .help("say which with --kind, if that is not so"));
    }
    let resource = old.resource.clone().or_else(|| new.resource.clone());
    (old.resource, new.resource) = (resource.clone(), resource);
    Ok(())
}
