//! `lint`: what is wrong with policies.

mod files;
mod format;
mod sift;
mod stream;

use std::path::{Path, PathBuf};

use super::args::Global;
use super::choice::{FailOn, KindChoice, Level, arn, pointer};
use super::{Exit, Failure, Terminal, config};
use crate::config::Config;
use crate::diagnostic::Diagnostic;
use crate::document::{Document, Hints};
use crate::lint::suppress::Date;
use crate::lint::{Selector, Settings, lint};
use crate::report::human::Tally;
use crate::source::Source;
use format::Format;
use sift::Known;

/// Check policies
///
/// PATH is a file, a folder (its .json, .yaml, .yml and .template files, and those without an extension
/// that begin with `{`; what git ignores is left out, hidden files are not), or `-` for standard input;
/// without one it is the current folder. Files without a policy are skipped. Terraform's .tf files are not read, and counted: check a plan.
///
/// With --fix, the findings that remain are told, and decide the exit status. Where standard output is
/// taken, for the document of `-` or a patch, they are told on standard error.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  polmerge lint                                   every policy below this folder
  polmerge lint key-policy.json --fail-on warning
  aws sqs get-queue-attributes --queue-url \"$URL\" --attribute-names All \\
    | polmerge lint -
  polmerge lint --select public,confused-deputy policies/
  polmerge lint template.yaml --at /Resources/Queue/Properties/PolicyDocument
  polmerge lint --fix policies/                   fixes that change no access
  polmerge lint --fix --unsafe --diff policies/   what the others would change
  polmerge lint --baseline known.json --write-baseline   accepts what is there
  polmerge lint --baseline known.json                    reports what is new
  polmerge lint --format sarif > polmerge.sarif          for code scanning
  polmerge lint --ndjson < policies.ndjson > findings.ndjson

Findings that somebody has accepted are listed in polmerge.toml:
  [[suppress]]
  glob = \"queues/*.json\"
  rule = \"principal-any\"
  sid = \"Everyone\"              for one statement only
  reason = \"a demonstration\"
  expires = 2027-01-31          reported again after that day
or, in YAML, in a comment above or after the statement or value:
  # polmerge: ignore[principal-any] a demonstration

Exit status:
  0  no finding at or over --fail-on
  1  there is one, or --require-policy and no policy, or not all that was found
     was read
  2  something could not be read, or the command line is wrong")]
pub(crate) struct Lint {
    /// Files, folders, or `-` for standard input
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Run these rules or groups of rules alone, those that run on request among them; `all` is every rule
    #[arg(long, value_name = "RULE,…", value_delimiter = ',', help_heading = "Rules")]
    select: Vec<Selector>,
    /// Do not run these rules or groups of rules
    #[arg(long, value_name = "RULE,…", value_delimiter = ',', help_heading = "Rules")]
    ignore: Vec<Selector>,
    /// Leave out findings under this level
    #[arg(long, value_enum, default_value = "note", value_name = "LEVEL", help_heading = "Rules")]
    min_level: Level,
    /// Make the fixes that are proved to change no access, in place; the document of `-` is printed
    #[arg(long, conflicts_with = "ndjson", help_heading = "Fixes")]
    fix: bool,
    /// With --fix, also those that take access away, proved to add none; what is lost is shown
    #[arg(long = "unsafe", requires = "fix", help_heading = "Fixes")]
    narrow: bool,
    /// With --fix, write nothing and print the changes as a patch
    #[arg(long, requires = "fix", conflicts_with = "format", help_heading = "Fixes")]
    diff: bool,
    /// The level of findings that makes the exit status 1
    #[arg(long, value_enum, default_value = "error", value_name = "LEVEL", help_heading = "Exit status")]
    fail_on: FailOn,
    /// Leave out the findings that FILE lists
    #[arg(long, value_name = "FILE", conflicts_with = "ndjson", help_heading = "Known findings")]
    baseline: Option<PathBuf>,
    /// Write the findings of this run to the file of --baseline, in place of those that it lists
    #[arg(long, requires = "baseline", conflicts_with_all = ["fix", "format"], help_heading = "Known findings")]
    write_baseline: bool,
    /// Exit with status 1 if there is no policy, or one or statements that are not read
    #[arg(long, help_heading = "Exit status")]
    require_policy: bool,
    /// Of several policies in a file, only the one at this JSON pointer
    #[arg(
        long,
        value_name = "POINTER",
        value_parser = pointer,
        conflicts_with_all = ["ndjson", "fix", "baseline"],
        help_heading = "Input"
    )]
    at: Option<String>,
    /// The kind of the policies: identity, trust, kms, s3, sns, sqs, scp, … or auto
    #[arg(long, value_name = "KIND", help_heading = "Input")]
    kind: Option<KindChoice>,
    /// What the policy is attached to: the ARN of the key, bucket, topic, queue or role
    #[arg(long, value_name = "ARN", value_parser = arn, help_heading = "Input")]
    resource: Option<String>,
    /// Read {"id", "kind", "policy"} one a line, and answer one a line
    #[arg(long, conflicts_with = "format", help_heading = "Input")]
    ndjson: bool,
    /// How to write the findings
    #[arg(long, value_enum, default_value = "human", value_name = "FORMAT", help_heading = "Output")]
    format: Format,
}

impl Lint {
    pub(crate) fn run(self, global: &Global, terminal: &Terminal) -> Result<Exit, Failure> {
        let (config, config_text) = config::load_with_text(global, terminal)?;
        let mut settings = config.settings();
        settings.select = (!self.select.is_empty()).then(|| self.select.clone());
        settings.ignore = self.ignore.clone();
        let known = match &self.baseline {
            Some(path) => Some(Known::load(path, self.write_baseline, terminal)?),
            None => None,
        };
        let task = Task {
            settings,
            config,
            config_text,
            known,
            today: today(),
            verbose: terminal.verbose,
            quiet: terminal.quiet,
            options: self,
        };
        if task.options.ndjson { stream::run(&task) } else { files::run(&task, terminal) }
    }
}

/// What is to be done, the same for every file and line.
struct Task {
    options: Lint,
    config: Config,
    /// The text of the configuration, if there is one.
    config_text: Option<Source>,
    settings: Settings,
    /// What is known already.
    known: Option<Known>,
    /// The day on which suppressions end or do not.
    today: Date,
    /// Whether to say also why something is no finding.
    verbose: bool,
    /// Whether people are told only what decides the exit status.
    quiet: bool,
}

impl Task {
    /// What is known of a policy before it is read.
    fn hints(&self) -> Hints {
        Hints {
            kind: self.options.kind.and_then(|choice| choice.0),
            configured: None,
            resource: self.options.resource.clone(),
        }
    }

    /// The findings that are wanted.
    fn findings(&self, document: &Document) -> Vec<Diagnostic> {
        let mut findings = lint(document, &self.settings);
        self.leave_out_minor(&mut findings);
        findings
    }

    /// Leaves out findings under the level that is asked for: so many.
    fn leave_out_minor(&self, findings: &mut Vec<Diagnostic>) -> usize {
        let all = findings.len();
        findings.retain(|finding| finding.severity >= self.options.min_level.severity());
        all - findings.len()
    }

    /// Whether standard output is for the documents, and the report for standard error.
    fn prints_documents(&self) -> bool {
        self.options.fix && (self.options.diff || self.options.paths == [Path::new("-")])
    }

    /// What the exit status says; `complete` is whether there are policies and all were read, `unread` whether a file
    /// or line could not be.
    fn exit(&self, tally: &Tally, complete: bool, unread: bool) -> Exit {
        let bad = self.options.fail_on.severity().is_some_and(|level| tally.at_least(level) > 0);
        match (unread, bad) {
            (true, _) => Exit::Unable,
            (false, true) => Exit::No,
            (false, false) if self.options.require_policy && !complete => Exit::No,
            (false, false) => Exit::Yes,
        }
    }
}

/// Today, in UTC.
fn today() -> Date {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Date::of_day(i64::try_from(now.as_secs() / 86_400).unwrap_or(0))
}
