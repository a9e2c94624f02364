//! `polmerge compact`

mod stream;

use std::path::PathBuf;

use clap::Args;

use super::args::Global;
use super::choice::KindChoice;
use super::input::{self, InputArgs};
use super::output::{self, Emit, OutputArgs};
use super::{Exit, Failure, Terminal, config};
use crate::analyze::pairs::pairs;
use crate::apply::Verdict;
use crate::compact::{Compacted, Options, compact};
use crate::document::Hints;
use crate::merge;
use crate::report::compact as report;
use crate::report::style::Style;
use crate::source::Source;

/// The same access in fewer statements and characters, proved
///
/// Takes out statements that others cover, values that another one of their list covers and tests that hold
/// anyway, and joins statements that differ in one element. Every byte that this does not touch comes out as
/// it went in. What cannot be proved to allow and deny the same is not written.
#[derive(Args, Clone, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct Compact {
    /// The policy, bare or in an answer of the AWS CLI; `-` is standard input
    #[arg(value_name = "FILE|-", required_unless_present = "ndjson")]
    file: Option<PathBuf>,
    /// Take out every Sid, and so also join statements that have one
    #[arg(long)]
    drop_sids: bool,
    /// Also fold actions into wildcards that match the same actions of today's catalogue. What AWS adds
    /// later under such a name is then allowed as well
    #[arg(long)]
    wildcards: bool,
    #[command(flatten)]
    output: OutputArgs,
    /// The kind of the policy: identity, trust, kms, s3, … or auto
    #[arg(long, value_name = "KIND", help_heading = "Input")]
    kind: Option<KindChoice>,
    #[command(flatten)]
    input: InputArgs,
    /// Read {"id", "policy", "kind"} one a line from FILE or standard input, and answer one a line
    #[arg(
        long,
        conflicts_with_all = ["in_place", "output", "check", "diff", "ask", "emit", "format", "at"],
        help_heading = "Input"
    )]
    ndjson: bool,
}

const EXAMPLES: &str = "\
Examples:
  polmerge compact policy.json > smaller.json
  polmerge compact policy.json --in-place
  polmerge compact policy.json --check           exit 1 if it could be shorter
  polmerge compact policy.json --wildcards --drop-sids --diff
  aws iam get-role-policy --role-name \"$ROLE\" --policy-name \"$NAME\" \\
    | polmerge compact - > policy.json
  polmerge compact --ndjson < policies.ndjson

Exit status:
  0  done
  1  with --check, it could be shorter
  2  it could not be done
  3  not proved";

impl Compact {
    pub(super) fn run(self, global: &Global, terminal: &Terminal) -> Result<Exit, Failure> {
        let config = config::load(global, terminal)?;
        if self.ndjson {
            return stream::run(&self);
        }
        let file = self.file.clone().unwrap_or_else(|| PathBuf::from("-"));
        self.output.check_options(&file)?;
        let held = self.output.hold(&file, terminal)?;
        let kind = self.hints().kind;
        let empty = |name: &str| {
            Failure::new(format!("`{name}` is empty: there is no policy to compact"))
                .help("Nothing was written.")
        };
        let document = self.input.open((&file, kind), &config, |_| true, empty, terminal)?;
        let compacted = compact(&document, self.options()).map_err(|error| {
            terminal.comment(&input::problems(&document, terminal));
            Failure::new(format!("`{}`: {error}", document.source().name())).help("Nothing was written.")
        })?;
        self.output.finish((&file, held.as_ref()), &Outcome { patch: patch(&compacted), compacted }, terminal)
    }

    fn options(&self) -> Options {
        Options { drop_sids: self.drop_sids, wildcards: self.wildcards }
    }

    fn hints(&self) -> Hints {
        let kind = self.kind.and_then(|choice| choice.0);
        Hints { kind, configured: None, resource: self.input.resource.clone() }
    }
}

/// A policy that was compacted.
struct Outcome {
    compacted: Compacted,
    patch: json_patch::Patch,
}

impl output::Outcome for Outcome {
    fn verdict(&self) -> Verdict {
        match (self.compacted.is_proved(), self.compacted.changes()) {
            (false, _) => Verdict::NotProved,
            (true, true) => Verdict::Changed,
            (true, false) => Verdict::Unchanged,
        }
    }

    fn before(&self) -> &Source {
        self.compacted.before.source()
    }

    fn text(&self) -> &str {
        &self.compacted.text
    }

    fn refusals(&self) -> &[String] {
        &[]
    }

    fn emitted(&self, emit: Emit) -> String {
        output::emitted(emit, &self.compacted.after, &self.compacted.text, &self.patch)
    }

    fn default_emit(&self) -> Emit {
        output::default_emit(&self.compacted.before)
    }

    fn not_to_be_edited(&self) -> Option<Failure> {
        output::not_to_be_edited(&self.compacted.before)
    }

    fn left_open(&self, emit: Emit) -> Option<Failure> {
        output::left_open(&self.compacted.after, emit)
    }

    fn word(&self, emit: Emit) -> &'static str {
        output::word(emit, &self.compacted.before)
    }

    fn commentary(&self, style: Style) -> String {
        report::commentary(&self.compacted, style)
    }

    fn check_line(&self) -> String {
        report::check_line(&self.compacted)
    }

    fn json(&self, pending: bool) -> String {
        report::json(&self.compacted, &self.patch, pending)
    }

    fn what_changed(&self) -> String {
        report::what_changed(&self.compacted)
    }

    fn size(&self) -> Option<String> {
        Some(report::size(&self.compacted))
    }

    fn conflict(&self) -> Failure {
        Failure::new("there is a conflict")
    }

    fn not_proved(&self) -> &'static str {
        "It is not proved that the access stays the same. Nothing was written."
    }
}

/// The change as RFC 6902, on the policy.
fn patch(compacted: &Compacted) -> json_patch::Patch {
    let Compacted { before, after, .. } = compacted;
    if !compacted.changes() {
        return json_patch::Patch(Vec::new());
    }
    let pairs = pairs(&before.policy, &after.policy, before.kind, before.resource.as_deref());
    merge::between(before, after, &pairs)
}
