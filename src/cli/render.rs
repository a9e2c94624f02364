//! `polmerge render`

use clap::Args;

use super::args::Global;
use super::values::{self, ValueArgs};
use super::{Exit, Failure, Terminal, session};
use crate::apply;
use crate::kind::Kind;
use crate::report::apply as report;
use crate::steps::StepError;

/// Print a step as a policy of its own
///
/// For a topic or queue that has no policy yet, or a role that is yet to be made: exactly the
/// statements that `apply` would add.
#[derive(Args, Clone, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct Render {
    /// A step, as STEP or PACK:STEP
    #[arg(value_name = "STEP")]
    step: String,
    /// Which document of a step that has several
    #[arg(long, value_name = "KIND")]
    kind: Option<Kind>,
    /// Take the variant NAME
    #[arg(long, value_name = "NAME", help_heading = "Values")]
    variant: Option<String>,
    #[command(flatten)]
    values: ValueArgs,
}

const EXAMPLES: &str = "\
Examples:
  polmerge render step5 --set YOUR_SQS_QUEUE_ARN=arn:aws:sqs:… --set YOUR_TOPIC_ARN=arn:aws:sns:…
  polmerge render step1 --kind trust --values expel.toml
  polmerge render step9 --variant no-trail-key --values expel.toml";

impl Render {
    pub(super) fn run(self, global: &Global, terminal: &Terminal) -> Result<Exit, Failure> {
        let session = session::Session::open(global)?;
        let packs = values::packs(&session.config.packs)?;
        let failed = |error: StepError| Failure::new(error.to_string());
        let (pack, step) = packs.step(&self.step).map_err(failed)?;
        let document = step.document(self.kind).map_err(failed)?;
        let variant = self.variant.as_deref();
        if let Some(name) = variant
            && !document.variants.contains_key(name)
        {
            let known: Vec<String> = document.variants.keys().map(|name| format!("`{name}`")).collect();
            let known = if known.is_empty() {
                "it has none".to_owned()
            } else {
                format!("it has {}", known.join(", "))
            };
            return Err(failed(StepError::UnknownVariant { name: name.to_owned(), known }));
        }
        let given = self.values.given(&session.given())?;
        let resolved = values::resolve(&packs, &given, &[&step.name], |_| false)?;
        let kind = document.policy_kind().unwrap_or(Kind::Resource);
        let addition = apply::addition(&packs, (pack, step), kind, variant, &resolved.values)
            .map_err(failed)?
            .map_err(|missing| values::missing(&self.step, &missing))?;
        let whole = crate::merge::whole(&addition.statements.iter().collect::<Vec<_>>());
        terminal.document(&whole)?;
        let used = report::used_values(&packs, &resolved.values, &document.texts(variant));
        terminal.comment(&report::rendered((step, document), kind, &used, &resolved.warnings, terminal.err));
        Ok(Exit::Yes)
    }
}
