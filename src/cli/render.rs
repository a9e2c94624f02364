//! `polmerge render`

use clap::{Args, ValueEnum};

use super::args::Global;
use super::choice::DocumentChoice;
use super::values::{self, ValueArgs};
use super::{Exit, Failure, Terminal, session};
use crate::apply;
use crate::invisible::escape_json;
use crate::kind::Kind;
use crate::report::apply as report;
use crate::steps::{Demand, Missing, Pack, Packs, Step, StepDocument, StepError};

/// Print a step as a document of its own
///
/// For a topic or queue that has no policy yet, or a role that is yet to be made: exactly the
/// statements that `apply` would add. Of settings: what makes the thing, or sets what the step asks for.
#[derive(Args, Clone, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct Render {
    /// A step, as STEP or PACK:STEP
    #[arg(value_name = "STEP")]
    step: String,
    /// Which document of a step that has several: a kind of policy, or sqs-attributes, sns-attributes, …
    #[arg(long, value_name = "KIND", default_value = "auto", hide_default_value = true)]
    kind: DocumentChoice,
    /// Print it in another form: as a template, with parameters in the place of values
    #[arg(long = "as", value_enum, value_name = "FORM", conflicts_with = "kind")]
    form: Option<Form>,
    /// Take the variant NAME
    #[arg(long, value_name = "NAME", help_heading = "Values")]
    variant: Option<String>,
    #[command(flatten)]
    values: ValueArgs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Form {
    /// A CloudFormation template, for a stack or a StackSet
    Cloudformation,
}

const EXAMPLES: &str = "\
Examples:
  polmerge render step5 --set YOUR_SQS_QUEUE_ARN=arn:aws:sqs:… --set YOUR_TOPIC_ARN=arn:aws:sns:…
  polmerge render step1 --kind trust --values expel.toml
  polmerge render step1 --as cloudformation --variant member-account
  polmerge render step5 --kind sqs-attributes
  polmerge render step9 --variant no-trail-key --values expel.toml";

impl Render {
    pub(super) fn run(self, global: &Global, terminal: &Terminal) -> Result<Exit, Failure> {
        let session = session::Session::open(global, terminal)?;
        let packs = values::packs(&session.config.packs)?;
        let failed = |error: StepError| Failure::new(error.to_string());
        let (pack, step) = packs.step(&self.step).map_err(failed)?;
        if self.form == Some(Form::Cloudformation) {
            return self.template(&packs, (pack, step), terminal);
        }
        let settings = match &self.kind {
            DocumentChoice::Policy(_) => None,
            DocumentChoice::Auto => step.settings(None).map_err(failed)?,
            DocumentChoice::Settings(kind) => step.settings(Some(kind)).map_err(failed)?,
        };
        let document = match settings {
            Some((document, _)) => document,
            None => step.document(self.kind.policy()).map_err(failed)?,
        };
        let variant = self.variant.as_deref();
        self.check_variant(document)?;
        let given = self.values.given(&session.given())?;
        let resolved = values::resolve(&packs, &given, &[&step.name], |_| false)?;
        let missing = |missing: Vec<Missing<'_>>| values::missing(&self.step, &missing, &resolved.warnings);
        let (title, text, whole) = match settings {
            Some((_, settings)) => {
                let demand = Demand::of_step(&packs, (pack, step), document, variant, &resolved.values);
                let demand = demand.map_err(failed)?.map_err(missing)?;
                (document.attached_to.clone(), settings.text(), escape_json(format!("{:#}\n", demand.create)))
            }
            None => {
                let kind = document.policy_kind().unwrap_or(Kind::Resource);
                let addition = apply::addition(&packs, (pack, step), kind, variant, &resolved.values)
                    .map_err(failed)?
                    .map_err(missing)?;
                let whole = crate::merge::whole(&addition.statements.iter().collect::<Vec<_>>());
                let title = format!("{} for {}", kind.with_article(), document.attached_to);
                (title, document.texts(variant).concat(), whole)
            }
        };
        terminal.document(&whole)?;
        let used = report::used_values(&packs, &resolved.values, &[&text]);
        terminal.comment(&report::rendered(step, &title, &used, &resolved.warnings, terminal.err));
        Ok(Exit::Yes)
    }

    fn template(&self, packs: &Packs, found: (&Pack, &Step), terminal: &Terminal) -> Result<Exit, Failure> {
        let (_, step) = found;
        let Some((document, template)) = step.template() else {
            return Err(Failure::new(format!("step `{}` has no CloudFormation template", step.name))
                .help("step1 and step4 have one; step4's brings steps 4 to 7 and 9"));
        };
        let variant = self.variant.as_deref();
        if variant.is_some_and(|name| !step.variants().contains(&name)) {
            self.check_variant(document)?;
        }
        let whole =
            template.filled(packs, found, variant).map_err(|error| Failure::new(error.to_string()))?;
        terminal.document(&escape_json(format!("{whole:#}\n")))?;
        let title = format!("a CloudFormation template for {}", document.attached_to);
        terminal.comment(&report::rendered(step, &title, &[], &[], terminal.err));
        Ok(Exit::Yes)
    }

    /// A variant that the document does not have is a mistake.
    fn check_variant(&self, document: &StepDocument) -> Result<(), Failure> {
        let Some(name) = self.variant.as_ref().filter(|name| !document.variants.contains_key(*name)) else {
            return Ok(());
        };
        let known: Vec<String> = document.variants.keys().map(|name| format!("`{name}`")).collect();
        let known = match known.is_empty() {
            true => "it has none".to_owned(),
            false => format!("it has {}", known.join(", ")),
        };
        Err(Failure::new(StepError::UnknownVariant { name: name.clone(), known }.to_string()))
    }
}
