//! `polmerge diff`

mod driver;
mod folders;
mod git;
mod limits;
mod open;
mod several;
mod stream;

use std::path::PathBuf;

use limits::Limits;
use open::{one_policy, settle, unread};
use several::{Several, Version};

use super::args::Global;
use super::choice::{KindChoice, arn, pointer};
use super::{Exit, Failure, Terminal, config};
use crate::analyze::checks::Outcome;
use crate::analyze::compare::Comparison;
use crate::document::{Document, Hints};
use crate::read;
use crate::report::comparison;
use crate::report::json;
use crate::report::review::Review;
use crate::report::style::clean;

/// Compare two policies: what changed in the text, and what access that gives or takes
///
/// Order and spelling do not count. Exits with 0 although they differ, unless an option asks. Of files with several
/// policies, as templates, plans and dumps of an account, each is compared with that of the same name; of folders, those in
/// files of one name.
///
/// With --git, every policy that differs between the commit BASE and the working tree is compared, those in
/// files that are not yet added to git, too. A file is looked at if it is named, or ends in .json, .yaml,
/// .yml or .template and git does not ignore it; policies inside one are matched by where they are. A submodule, a repository inside
/// this one or a link to a folder that differs is named, and not compared.
#[derive(clap::Args)]
#[command(
    override_usage = "\
polmerge diff [OPTIONS] OLD NEW
       polmerge diff [OPTIONS] --git BASE [PATH]...
       polmerge diff [OPTIONS] --ndjson",
    after_help = "\
Examples:
  polmerge diff old.json new.json
  polmerge diff old.json new.json --fail-on-new-access
  polmerge diff old.json new.json --allowed baseline.json --forbidden never.json
  polmerge diff - new.json --kind kms < old.json
  polmerge diff old.tfplan.json new.tfplan.json
  polmerge diff before/ after/ --fail-on-new-access
  polmerge diff --git HEAD
  polmerge diff --git \"$(git merge-base origin/main HEAD)\" policies/ \\
    --format markdown
  polmerge diff --ndjson < pairs.ndjson

In git diff and git log -p --ext-diff:
  git config diff.polmerge.command 'polmerge diff'
  echo '*.json diff=polmerge' >> .gitattributes

Exit status:
  0  compared
  1  --exit-code and they differ, --fail-on-new-access and there is some,
     --fail-on-public and NEW is public, --allowed or --forbidden and NEW does
     not keep to it; in a template one case is enough
  2  something could not be read, or the policies are of different kinds
  3  one of these options asked, and it is not known, or to prove it would take
     more than the budget (256 MiB, 80 million steps for each statement,
     120 million for all)"
)]
pub(crate) struct Diff {
    /// The policy as it was, and as it is, or a file or folder of several; with --git, files and folders to be looked at
    #[arg(value_name = "OLD NEW", required_unless_present_any = ["ndjson", "git"])]
    files: Vec<PathBuf>,
    /// Compare what differs between this commit and the working tree
    #[arg(long, value_name = "BASE", conflicts_with_all = ["ndjson", "resource"], help_heading = "Input")]
    git: Option<String>,
    /// Exit with 1 if they do not mean the same
    #[arg(long, help_heading = "Exit status")]
    exit_code: bool,
    /// Exit with 1 if there is access that there was not
    #[arg(long, help_heading = "Exit status")]
    fail_on_new_access: bool,
    /// Exit with 1 if NEW is public, whether or not OLD was
    #[arg(long, help_heading = "Exit status")]
    fail_on_public: bool,
    /// Exit with 1 if NEW allows what the policy in FILE does not
    #[arg(long, value_name = "FILE", help_heading = "Exit status")]
    allowed: Vec<PathBuf>,
    /// Exit with 1 if NEW allows something that the policy in FILE allows
    ///
    /// If no statement of FILE has a Principal, it is about everyone, and holds for every kind of policy.
    /// The same with --allowed.
    #[arg(long, value_name = "FILE", help_heading = "Exit status")]
    forbidden: Vec<PathBuf>,
    /// Of several policies, only the one at this JSON pointer
    #[arg(
        long,
        value_name = "POINTER",
        value_parser = pointer,
        conflicts_with_all = ["ndjson", "git"],
        help_heading = "Input"
    )]
    at: Option<String>,
    /// The kind of the policies: identity, trust, kms, s3, sns, sqs, scp, … or auto
    #[arg(long, value_name = "KIND", help_heading = "Input")]
    kind: Option<KindChoice>,
    /// What the policy is attached to: the ARN of the key, bucket, topic, queue or role
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
        let config = config::load(global, terminal)?;
        let limits = Limits::read(&self, &config)?;
        if self.ndjson {
            return stream::run(&self, &limits);
        }
        let several = Several { diff: &self, config: &config, limits: &limits, terminal };
        if let Some(base) = &self.git {
            return git::run(&several, base);
        }
        match self.files.as_slice() {
            [old, new] if old.is_dir() && new.is_dir() => folders::run(&several, old, new),
            [old, new] => {
                let read = |path: &PathBuf| Ok::<_, Failure>(several.version(path, path, read::read(path)?));
                let [mut old_file, mut new_file] = [read(old)?, read(new)?];
                let holds_several = |version: &Version| version.file.documents.len() > 1;
                // What a template no longer has, or not yet, is compared with what AWS puts in its place.
                let holds_none = |version: &Version, other: &Version| {
                    version.file.documents.is_empty()
                        && version.file.is_template()
                        && other.file.documents.iter().any(Document::is_template)
                };
                let comes_or_goes = holds_none(&old_file, &new_file) || holds_none(&new_file, &old_file);
                let is_several = holds_several(&old_file) || holds_several(&new_file) || comes_or_goes;
                if self.at.is_none() && is_several {
                    let review = Review::between(&old_file.path, &new_file.path);
                    let outcome = several.compare(new, Some(old_file), Some(new_file));
                    return several.report(review, vec![outcome]);
                }
                let differs_elsewhere = old_file.file.rest() != new_file.file.rest();
                let mut old = one_policy(&mut old_file.file, self.at.as_slice())?;
                let mut new = one_policy(&mut new_file.file, self.at.as_slice())?;
                settle(&mut old, &mut new)?;
                let unread = unread(Some(&old_file.file), Some(&new_file.file));
                let unread_of_new = limits.unread_of_new(Some(&new_file.file));
                unread.iter().chain(&unread_of_new).for_each(|unread| terminal.warning(unread));
                let mut comparison =
                    limits.compare_files(&old, &new, unread.as_deref(), unread_of_new.as_deref())?;
                if differs_elsewhere {
                    comparison.assume_of_the_rest();
                }
                match self.format {
                    // Only what decides the exit status.
                    Format::Human if terminal.quiet => {
                        if Self::exit(&comparison) != Exit::Yes {
                            terminal.report(&comparison::verdict(&comparison, terminal.out));
                        }
                    }
                    Format::Human => terminal.report(&comparison::human(&comparison, terminal.out)),
                    Format::Json => terminal.data(&json::pretty(&comparison::json(&comparison))),
                    Format::Markdown => terminal.data(&comparison::markdown(&comparison)),
                }
                Ok(Self::exit(&comparison))
            }
            // A diff driver: path, old file, id, mode, new file, id, mode, and of a renamed file its new path.
            [path, old, id, _, new, _, _, moved @ ..] if matches!(moved.len(), 0 | 2) => {
                let name = moved.first().unwrap_or(path);
                driver::run(&self, &driver::Asked { path, old, id, new, name }, &config, &limits, terminal)
            }
            // What git calls for a file with conflicts.
            [path] if std::env::var_os("GIT_DIFF_PATH_COUNTER").is_some() => {
                terminal.report(&format!("{}: not merged yet\n", clean(&path.display().to_string())));
                Ok(Exit::Yes)
            }
            _ => Err(Failure::new("diff takes two files: OLD and NEW")
                .help("for what differs from a commit: polmerge diff --git BASE")),
        }
    }

    fn hints(&self) -> Hints {
        Hints {
            kind: self.kind.and_then(|choice| choice.0),
            configured: None,
            resource: self.resource.clone(),
        }
    }

    /// Whether the exit status depends on what is compared.
    fn checks_anything(&self) -> bool {
        self.checks_new() || self.exit_code || self.fail_on_new_access
    }

    /// Whether it depends on what NEW is, also where OLD was the same.
    fn checks_new(&self) -> bool {
        self.fail_on_public || !self.allowed.is_empty() || !self.forbidden.is_empty()
    }

    fn exit(comparison: &Comparison<'_>) -> Exit {
        let checks = comparison.checks.iter().map(|check| match check.outcome {
            Outcome::Passed => Exit::Yes,
            Outcome::Failed => Exit::No,
            Outcome::Undecided => Exit::Undecided,
        });
        checks.fold(Exit::Yes, Exit::max)
    }
}
