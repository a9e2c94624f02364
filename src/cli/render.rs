//! `polmerge render`

use clap::{Args, ValueEnum};
use serde_json::Value as Json;

use super::args::Global;
use super::choice::DocumentChoice;
use super::values::{self, ValueArgs};
use super::{Exit, Failure, Terminal, session};
use crate::apply;
use crate::invisible::escape_json;
use crate::kind::Kind;
use crate::report::apply as report;
use crate::steps::{Demand, Missing, Pack, Packs, Resolved, Step, StepDocument, StepError};

/// Print a step as a document of its own, or as a template
///
/// For a topic or queue that has no policy yet, or a role that is yet to be made: exactly the
/// statements that `apply` would add. Of settings: what makes the thing, or sets what the step asks for.
#[derive(Args, Clone, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct Render {
    /// A step, as STEP or PACK:STEP; with --as terraform also a PACK, which prints all of its steps
    #[arg(value_name = "STEP")]
    step: String,
    /// Which document of a step that has several: a kind of policy, or sqs-attributes, sns-attributes, …
    #[arg(long, value_name = "KIND", default_value = "auto", hide_default_value = true)]
    kind: DocumentChoice,
    /// Print it as a template, with parameters or variables in the place of values
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
    /// A Terraform configuration, with the values given as defaults of its variables
    Terraform,
}

const EXAMPLES: &str = "\
Examples:
  polmerge render step5 --set YOUR_SQS_QUEUE_ARN=arn:aws:sqs:… \\
    --set YOUR_TOPIC_ARN=arn:aws:sns:…
  polmerge render step1 --kind trust --values expel.toml
  polmerge render step1 --as cloudformation --variant member-account
  polmerge render expel-control-tower --as terraform --values expel.toml
  polmerge render step5 --kind sqs-attributes
  polmerge render step9 --variant no-trail-key --values expel.toml";

impl Render {
    pub(super) fn run(self, global: &Global, terminal: &Terminal) -> Result<Exit, Failure> {
        let session = session::Session::open(global, terminal)?;
        let packs = values::packs(&session.config.packs)?;
        let failed = |error: StepError| Failure::new(error.to_string());
        if self.form == Some(Form::Terraform) {
            return self.terraform(&packs, &session, terminal);
        }
        let (pack, step) = packs.step(&self.step).map_err(|error| {
            match packs.all().iter().any(|pack| pack.name == self.step) {
                true => Failure::new(format!("`{}` is a step pack, not a step", self.step)).help(format!(
                    "name one of its steps, or print all of them: polmerge render {} --as terraform",
                    self.step
                )),
                false => failed(error),
            }
        })?;
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
        self.check_variant(document)?;
        let given = self.values.given(&session.given())?;
        let resolved = values::resolve(&packs, &given, &[&step.name], |_| false)?;
        check_partition(&packs, (pack, &[step]), &resolved)?;
        let variant = self.variant.as_deref().or_else(|| document.variant_given(&packs, &resolved.values));
        let missing = |missing: Vec<Missing<'_>>| values::missing(&self.step, &missing, &resolved.warnings);
        let (title, text, whole) = match settings {
            Some((_, settings)) => {
                let demand = Demand::of_step(&packs, (pack, step), document, variant, &resolved.values);
                let demand = demand.map_err(failed)?.map_err(missing)?;
                let members = Json::Object(document.members(variant).cloned().unwrap_or_default());
                let text = format!("{}{members}", settings.text());
                (document.attached_to.clone(), text, escape_json(format!("{:#}\n", demand.create)))
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
        terminal.comment(&report::rendered(
            (&step.name, &step.title),
            &title,
            &used,
            &resolved.warnings,
            terminal.err,
        ));
        Ok(Exit::Yes)
    }

    fn template(&self, packs: &Packs, found: (&Pack, &Step), terminal: &Terminal) -> Result<Exit, Failure> {
        let (pack, step) = found;
        let Some((document, template)) = step.template() else {
            let others = pack.steps.iter().filter(|step| step.template().is_some());
            return Err(no_form(step, "CloudFormation template", &others.collect::<Vec<_>>()));
        };
        self.check_variant_of(&[step])?;
        let variant = self.variant.as_deref();
        let whole =
            template.filled(packs, found, variant).map_err(|error| Failure::new(error.to_string()))?;
        terminal.document(&escape_json(format!("{whole:#}\n")))?;
        let title = format!("a CloudFormation template for {}", document.attached_to);
        let comment = report::rendered((&step.name, &step.title), &title, &[], &[], terminal.err);
        terminal.comment(&comment);
        Ok(Exit::Yes)
    }

    fn terraform(
        &self,
        packs: &Packs,
        session: &session::Session,
        terminal: &Terminal,
    ) -> Result<Exit, Failure> {
        let failed = |error: StepError| Failure::new(error.to_string());
        let whole = packs.all().iter().find(|pack| pack.name == self.step && pack.step(&self.step).is_none());
        let (pack, steps, title) = match whole {
            Some(pack) => {
                let steps = pack.terraform();
                if steps.is_empty() {
                    return Err(Failure::new(format!(
                        "no step of `{}` has a Terraform configuration",
                        pack.name
                    )));
                }
                (pack, steps, (pack.name.as_str(), pack.title.as_str()))
            }
            None => {
                let (pack, step) = packs.step(&self.step).map_err(|error| {
                    let names: Vec<&str> = packs.all().iter().map(|pack| pack.name.as_str()).collect();
                    failed(error).help(format!("all steps of a pack: {}", names.join(", ")))
                })?;
                if step.terraform().is_none() {
                    let others = pack.steps.iter().filter(|step| step.terraform().is_some());
                    return Err(no_form(step, "Terraform configuration", &others.collect::<Vec<_>>()));
                }
                (pack, vec![step], (step.name.as_str(), step.title.as_str()))
            }
        };
        self.check_variant_of(&steps)?;
        let given = self.values.given(&session.given())?;
        let names: Vec<&str> = steps.iter().map(|step| step.name.as_str()).collect();
        let resolved = values::resolve(packs, &given, &names, |_| false)?;
        check_partition(packs, (pack, &steps), &resolved)?;
        let variant = self.variant.as_deref();
        let made = pack.terraform_text(packs, &steps, variant, &resolved.values).map_err(failed)?;
        terminal.document(&made.text)?;
        let used = report::used_values(packs, &resolved.values, &[&made.variables.join(" ")]);
        let is_in = |step: &&&Step| step.terraform().is_some_and(|(_, own)| !own.is_left_out(variant));
        let names: Vec<&str> = steps.iter().filter(is_in).map(|step| step.name.as_str()).collect();
        let what = match (whole, steps.as_slice()) {
            (None, [step]) => step.terraform().map(|(document, _)| format!(" for {}", document.attached_to)),
            _ => Some(format!(" for {}", names.join(", "))),
        };
        let what = format!("a Terraform configuration{}", what.unwrap_or_default());
        terminal.comment(&report::rendered(title, &what, &used, &resolved.warnings, terminal.err));
        Ok(Exit::Yes)
    }

    /// A variant that none of the steps has is a mistake.
    fn check_variant_of(&self, steps: &[&Step]) -> Result<(), Failure> {
        // Those of settings make no difference to a template, unless it has them itself.
        let documents = steps.iter().flat_map(|step| &step.documents);
        let variants = documents.clone().flat_map(|document| &document.variants);
        let variants = variants.filter(|(_, variant)| !variant.statements.is_empty()).map(|(name, _)| name);
        let terraform = documents.filter_map(|document| document.terraform.as_ref());
        let own =
            terraform.filter(|_| self.form == Some(Form::Terraform)).flat_map(|one| one.variants.keys());
        let all: Vec<&str> = variants.chain(own).map(String::as_str).collect();
        match &self.variant {
            Some(name) if !all.contains(&name.as_str()) => Err(unknown_variant(name, &all)),
            _ => Ok(()),
        }
    }

    /// A variant that the document does not have is a mistake.
    fn check_variant(&self, document: &StepDocument) -> Result<(), Failure> {
        match self.variant.as_ref().filter(|name| !document.variants.contains_key(*name)) {
            Some(name) => {
                let all: Vec<&str> = document.variants.keys().map(String::as_str).collect();
                Err(unknown_variant(name, &all))
            }
            None => Ok(()),
        }
    }
}

/// A trust policy that AWS would not take, as the role is in another partition than the principal, is not printed.
fn check_partition(
    packs: &Packs,
    (pack, steps): (&Pack, &[&Step]),
    resolved: &Resolved,
) -> Result<(), Failure> {
    match steps.iter().find_map(|step| pack.other_partition(packs, step, &resolved.values)) {
        Some(why) => Err(Failure::new(why)),
        None => Ok(()),
    }
}

fn unknown_variant(name: &str, known: &[&str]) -> Failure {
    let known: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
    let known = match known.is_empty() {
        true => "it has none".to_owned(),
        false => format!("it has {}", known.join(", ")),
    };
    Failure::new(StepError::UnknownVariant { name: name.to_owned(), known }.to_string())
}

/// A step that has no template of that sort.
fn no_form(step: &Step, form: &str, others: &[&Step]) -> Failure {
    let failure = Failure::new(format!("step `{}` has no {form}", step.name));
    let others: Vec<&str> = others.iter().map(|step| step.name.as_str()).collect();
    match others.as_slice() {
        [] => failure,
        others => failure.help(format!("these have one: {}", others.join(", "))),
    }
}
