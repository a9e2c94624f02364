//! `polmerge apply`

mod policy;
mod prepare;
mod settings;

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::args::Global;
use super::choice::DocumentChoice;
use super::input::{self, InputArgs};
use super::output::OutputArgs;
use super::values::{self, ValueArgs};
use super::{Exit, Failure, Terminal, session};
use crate::apply;

/// Merge statements into an existing policy, or settings into existing settings
///
/// Shows the change, the access it gives and what is wrong with it on standard error, and prints the
/// merged policy on standard output: whole, or not at all. Every byte that the change does not touch
/// comes out as it went in.
#[derive(Args, Clone, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct Apply {
    /// The policy or settings, bare or in an answer of the AWS CLI; `-` is standard input
    #[arg(value_name = "FILE|-")]
    file: PathBuf,
    /// Put in the statements of a step, or of a file (a name with a `/` or ending in `.json`)
    #[arg(long, value_name = "STEP|FILE", required_unless_present_any = ["remove", "fill"])]
    add: Vec<String>,
    /// Take out each statement that means the same as one of the step's
    #[arg(long, value_name = "STEP|FILE")]
    remove: Vec<String>,
    #[command(flatten)]
    values: ValueArgs,
    /// Take the variant NAME of the steps that have it
    #[arg(long, value_name = "NAME", help_heading = "Values")]
    variant: Option<String>,
    /// Also replace the YOUR_… tokens that stand in the policy already
    #[arg(long, help_heading = "Values")]
    fill: bool,

    #[command(flatten)]
    output: OutputArgs,

    /// What to do if a statement of the same Sid means something else
    #[arg(long, value_enum, default_value_t, value_name = "HOW", help_heading = "Merging")]
    on_conflict: OnConflict,
    /// Add a statement although a wider one is there
    #[arg(long, help_heading = "Merging")]
    exact: bool,
    /// Let through what would stop the change: a rule, `not-proved` or `removal`
    #[arg(long, value_name = "NAME", help_heading = "Merging")]
    allow: Vec<String>,
    /// What kind of policy it is, instead of working it out: identity, trust, kms, s3, … or auto; or the
    /// settings of a step: sqs-attributes, sns-attributes, …
    #[arg(
        long,
        value_name = "KIND",
        default_value = "auto",
        hide_default_value = true,
        help_heading = "Input"
    )]
    kind: DocumentChoice,
    #[command(flatten)]
    input: InputArgs,
}

const EXAMPLES: &str = "\
Examples:
  polmerge apply key-policy.json --add step2 \\
    --set YOUR_EXPEL_ROLE_ARN=arn:aws:iam::222222222222:role/Expel
  polmerge apply key-policy.json --add step2 --values expel.toml --in-place
  polmerge apply key-policy.json --add step2 --values expel.toml --check
  polmerge apply policy.json --add ./vendor.json --emit json-patch
  polmerge apply queue.json --add step5 --kind sqs-attributes \\
    --values expel.toml --emit cli

  set -o pipefail
  aws kms get-key-policy --key-id \"$KEY\" --policy-name default \\
      --output text --query Policy \\
    | polmerge apply - --add step2 --values expel.toml --ask \\
    | aws kms put-key-policy --key-id \"$KEY\" --policy-name default \\
      --policy file:///dev/stdin

Exit status:
  0  done
  1  refused or, with --check, a change is pending
  2  it could not be done, as where another statement has the Sid
     (see --on-conflict)
  3  not proved (see --allow not-proved)";

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum OnConflict {
    /// Stop
    #[default]
    Fail,
    /// Put the new statement in the place of the old one
    Replace,
    /// Add it under another Sid
    Rename,
}

impl Apply {
    pub(super) fn run(self, global: &Global, terminal: &Terminal) -> Result<Exit, Failure> {
        self.output.check_options(&self.file)?;
        let session = session::Session::open(global, terminal)?;
        let packs = values::packs(&session.config.packs)?;
        self.check_both(&packs)?;
        let held = self.output.hold(&self.file, terminal)?;
        if let Some(settings) = self.settings(&packs)? {
            return self.run_settings(&settings, held.as_ref(), &packs, &session, terminal);
        }
        let document = self.open(&session, &packs, terminal)?;
        let prepared = self.prepare(document, &packs, &session)?;
        let request = self.request(&prepared, &session)?;
        let applied = apply::apply(&prepared.document, &packs, &request).map_err(|error| {
            terminal.comment(&input::problems(&prepared.document, terminal));
            Failure::new(format!("`{}`: {error}", prepared.document.source().name()))
                .help("Nothing was written.")
        })?;
        let outcome = policy::Outcome::new(&self, &applied, &prepared, &packs);
        self.output.finish((&self.file, held.as_ref()), &outcome, terminal)
    }
}
