//! The files of a pack, as they are written.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value as Json;
use serde_json::value::RawValue;

use super::guide::Guide;
use super::parameter::{Agreement, AgreementLevel, Parameter};
use super::settings::Settings;
use super::shape::Shape;
use super::template::Template;
use super::terraform::Terraform;
use super::value::Values;
use super::{Packs, StepError, faults, titles};
use crate::kind::Kind;

/// A folder of steps that belong together.
#[derive(Clone, Debug)]
pub struct Pack {
    /// Its name, as in `PACK:STEP`.
    pub name: String,
    /// One line.
    pub title: String,
    /// What it is for and where its facts come from.
    pub about: String,
    /// Its steps, in the order in which they are done.
    pub steps: Vec<Step>,
    /// The values its statements take, by canonical name.
    pub parameters: BTreeMap<String, Parameter>,
    /// What must be true of several values together.
    pub agreements: Vec<Agreement>,
    /// How `polmerge guide` leads through the steps; `None` where it cannot.
    pub guide: Option<Guide>,
    /// Whether it is part of polmerge.
    pub shipped: bool,
}

/// `pack.json`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PackFile {
    #[serde(rename = "$schema", default)]
    _schema: Option<String>,
    name: String,
    title: String,
    about: String,
    #[serde(rename = "steps")]
    _steps: Vec<String>,
    #[serde(default)]
    pub(super) parameters: BTreeMap<String, Parameter>,
    #[serde(default)]
    pub(super) agreements: Vec<Agreement>,
    #[serde(default)]
    pub(super) guide: Option<Guide>,
}

/// One step: what it puts where. The file of a step.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Step {
    #[serde(rename = "$schema", default)]
    _schema: Option<String>,
    /// Its name after `--add`.
    pub name: String,
    /// One line.
    pub title: String,
    /// The title of its row in the guide; a step without one is no step of the guide.
    #[serde(default)]
    pub label: Option<String>,
    /// The account in which it is done.
    pub account: String,
    /// The parameters whose tokens its statements use, by canonical name.
    #[serde(default)]
    pub parameters: Vec<String>,
    /// What it puts where.
    pub documents: Vec<StepDocument>,
    /// What a person needs to know when applying it.
    #[serde(default)]
    pub notes: Vec<String>,
    /// Values that are well formed and yet will not do.
    #[serde(default)]
    pub warnings: Vec<Warning>,
    /// How sure each part is.
    #[serde(default)]
    pub certainty: Vec<Certainty>,
}

/// One document that a step contributes to.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct StepDocument {
    /// The kind of policy or settings.
    pub kind: String,
    /// The parameter that names what it is attached to.
    #[serde(default)]
    pub resource: Option<String>,
    /// The parameter that names the role, for a policy of one.
    #[serde(default)]
    pub role: Option<String>,
    /// The name of the inline policy that the guide makes of it.
    #[serde(default)]
    pub name: Option<String>,
    /// What it is attached to, in words.
    pub attached_to: String,
    /// The AWS CLI command that writes it.
    #[serde(default)]
    pub put: Option<String>,
    /// The statements, for a policy, in the text they have in the file.
    #[serde(default)]
    pub statements: Option<Vec<Box<RawValue>>>,
    /// The members, for a document that is not a policy.
    #[serde(default)]
    pub settings: Option<Settings>,
    /// A CloudFormation template that does the same.
    #[serde(default)]
    pub template: Option<Template>,
    /// A configuration of Terraform that does the same.
    #[serde(default)]
    pub terraform: Option<Terraform>,
    /// Other forms of the statements or members.
    #[serde(default)]
    pub variants: BTreeMap<String, Variant>,
    /// What another account must grant besides.
    #[serde(default)]
    pub also_needed: Option<AlsoNeeded>,
}

/// Another form of a step's statements or settings.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Variant {
    /// When to choose it; reads on after `--variant NAME`.
    pub when: String,
    /// Whether the step is done where an account has this form.
    #[serde(default)]
    pub done: bool,
    /// Where this is the form to take: in all accounts but these.
    #[serde(default)]
    pub outside: Vec<String>,
    /// The parameter without which this form is not used, and with a value for which it comes first.
    #[serde(default)]
    pub with: Option<String>,
    /// The statements in full, for a policy.
    #[serde(default)]
    pub statements: Vec<Box<RawValue>>,
    /// The members in full, for settings.
    #[serde(default)]
    pub members: Option<serde_json::Map<String, serde_json::Value>>,
}

/// A step that must be done as well for this one to work.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AlsoNeeded {
    /// The step.
    pub step: String,
    /// What it gives.
    pub why: String,
}

/// A value that is well formed and yet will not do.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Warning {
    /// The parameter.
    pub parameter: String,
    /// A pattern with `*` and `?` for such values.
    pub matches: String,
    /// Why it will not do.
    pub message: String,
    /// Whether it stops the step, or is only said.
    #[serde(default = "warning")]
    pub level: AgreementLevel,
}

fn warning() -> AgreementLevel {
    AgreementLevel::Warning
}

/// How sure a part of a step is.
#[derive(Clone, Debug, Deserialize, serde::Serialize)]
#[serde(deny_unknown_fields)]
pub struct Certainty {
    /// The part.
    pub part: String,
    /// `seen`, `derived`, `inferred` or `proposed`.
    pub level: String,
    /// Where it is from.
    pub source: String,
}

/// A file of a pack; what is wrong with it goes to `faults`.
fn read_file<T: serde::de::DeserializeOwned>(
    file: &str,
    text: &str,
    schema: &str,
    faults: &mut Vec<String>,
) -> Option<T> {
    let error = match serde_json::from_str(text) {
        Ok(read) => return Some(read),
        Err(error) => error,
    };
    let json = serde_json::from_str::<Json>(text).ok();
    let found = json.map(|json| Shape::of(schema, &json).faults).unwrap_or_default();
    match found.is_empty() {
        true => faults.push(format!("{file}: {}", error.to_string().escape_debug())),
        false => faults.extend(found.into_iter().map(|fault| format!("{file}: {fault}"))),
    }
    None
}

macro_rules! shipped {
    ($folder:literal, $($step:literal),*) => {
        (
            include_str!(concat!("../../policies/", $folder, "/pack.json")),
            [$(($step, include_str!(concat!("../../policies/", $folder, "/", $step, ".json")))),*],
        )
    };
}

impl Pack {
    pub(super) fn shipped_expel_control_tower() -> Result<Pack, StepError> {
        let (pack, steps) = shipped!(
            "expel-control-tower",
            "step1",
            "step2",
            "step3",
            "step4",
            "step5",
            "step6",
            "step7",
            "step8",
            "step9",
            "step10",
            "bucket-read"
        );
        let text = |name: &str| {
            let own = steps.iter().find(|(step, _)| *step == name);
            own.map(|(_, text)| (*text).to_owned()).ok_or_else(String::new)
        };
        // A test looks at them together.
        let (pack, faults) = Pack::read("pack.json", pack, text, false);
        let failed = || StepError::Faults { file: "pack.json".to_owned(), faults: faults.clone() };
        let mut pack = pack.filter(|_| faults.is_empty()).ok_or_else(failed)?;
        pack.shipped = true;
        Ok(pack)
    }

    /// A pack from the text of its `pack.json` (in file `name`) and a way to get the text of a step's file.
    ///
    /// # Errors
    /// All that is wrong with its files.
    pub fn from_texts(
        name: &str,
        text: &str,
        step_text: impl Fn(&str) -> Result<String, String>,
    ) -> Result<Pack, StepError> {
        let (pack, faults) = Pack::read(name, text, step_text, true);
        match pack.filter(|_| faults.is_empty()) {
            Some(pack) => Ok(pack),
            None => Err(StepError::Faults { file: name.to_owned(), faults }),
        }
    }

    /// The pack, and all that is wrong with its files; `is_checked` says whether to look at them together.
    fn read(
        name: &str,
        text: &str,
        step_text: impl Fn(&str) -> Result<String, String>,
        is_checked: bool,
    ) -> (Option<Pack>, Vec<String>) {
        let file = faults::base(name);
        let mut all = Vec::new();
        let pack: Option<PackFile> =
            read_file(file, text, include_str!("../../policies/pack.schema.json"), &mut all);
        // The steps are read even if something else is wrong with the file.
        let json: Json = serde_json::from_str(text).unwrap_or_default();
        let listed = json.get("steps").and_then(Json::as_array).into_iter().flatten();
        let mut steps = Vec::new();
        for (index, step) in listed.enumerate().filter_map(|(index, step)| Some((index, step.as_str()?))) {
            if let Some(fault) = faults::step_name(index, step) {
                all.push(format!("{file}: {fault}"));
                continue;
            }
            let path = format!("{step}.json");
            let text = match step_text(step) {
                Ok(text) => text,
                Err(reason) => {
                    all.push(format!("{path}: {reason}"));
                    continue;
                }
            };
            let read: Option<Step> =
                read_file(&path, &text, include_str!("../../policies/step.schema.json"), &mut all);
            let Some(mut read) = read else { continue };
            for document in &mut read.documents {
                if let Some(settings) = &mut document.settings {
                    settings.take_kind(&document.kind);
                }
            }
            if read.name != *step {
                all.push(format!("{path}: /name: it must be `{step}`, as the file is called"));
            }
            steps.push((path, read, text));
        }
        let Some(pack) = pack else { return (None, all) };
        if is_checked && all.is_empty() {
            let of_step = |(path, step, text): &'_ (String, Step, String)| {
                (path.clone(), step.clone(), serde_json::from_str(text).unwrap_or_default())
            };
            let steps: Vec<(String, Step, Json)> = steps.iter().map(of_step).collect();
            all.extend(faults::find(&faults::Files { pack: (file, &pack, &json), steps: &steps }));
        }
        let pack = Pack {
            name: pack.name,
            title: pack.title,
            about: pack.about,
            steps: steps.into_iter().map(|(_, step, _)| step).collect(),
            parameters: pack.parameters,
            agreements: pack.agreements,
            guide: pack.guide,
            shipped: false,
        };
        (Some(pack), all)
    }

    /// Where a step is done: `in the Log Archive account`.
    pub fn account_of(&self, step: &Step) -> String {
        let accounts = self.guide.iter().flat_map(|guide| &guide.accounts);
        let titled = accounts.into_iter().find(|account| account.name == step.account);
        match (titled, step.account.as_str()) {
            (Some(account), _) => format!("in the {} account", account.title),
            (None, "every") => "in every account".to_owned(),
            (None, "any") => "in whichever account has it".to_owned(),
            (None, other) => format!("in the {other} account"),
        }
    }

    /// The step of that name.
    pub fn step(&self, name: &str) -> Option<&Step> {
        self.steps.iter().find(|step| step.name == name)
    }
}

impl Step {
    /// The kinds of policy that it has statements for.
    pub fn kinds(&self) -> Vec<Kind> {
        self.documents.iter().filter_map(StepDocument::policy_kind).collect()
    }

    /// The document for a kind of policy.
    ///
    /// # Errors
    /// If it has none; if `kind` is `None`, and it has several.
    pub fn document(&self, kind: Option<Kind>) -> Result<&StepDocument, StepError> {
        let kinds = self.kinds();
        if kind.is_none() && kinds.len() > 1 {
            let kinds: Vec<&str> = kinds.iter().map(|kind| kind.name()).collect();
            return Err(StepError::WhichKind { step: self.name.clone(), kinds: kinds.join(" or --kind ") });
        }
        let fits = |document: &&StepDocument| match (kind, document.policy_kind()) {
            (_, None) => false,
            (None, Some(_)) => true,
            (Some(wanted), Some(has)) => wanted == has,
        };
        let wanted = kind.map_or_else(|| "a policy".to_owned(), Kind::with_article);
        self.documents.iter().find(fits).ok_or_else(|| self.other_kind(&wanted))
    }

    /// The settings of a kind; without one, the only ones of a step that has no policy.
    ///
    /// # Errors
    /// If the step has none of that kind; if `kind` is `None` and it has several.
    pub fn settings(&self, kind: Option<&str>) -> Result<Option<(&StepDocument, &Settings)>, StepError> {
        let mut all =
            self.documents.iter().filter_map(|document| Some((document, document.settings.as_ref()?)));
        let Some(kind) = kind else {
            if !self.kinds().is_empty() {
                return Ok(None);
            }
            return match all.clone().count() {
                0 | 1 => Ok(all.next()),
                _ => {
                    let kinds: Vec<&str> = all.map(|(document, _)| document.kind.as_str()).collect();
                    Err(StepError::WhichKind { step: self.name.clone(), kinds: kinds.join(" or --kind ") })
                }
            };
        };
        match all.find(|(document, _)| document.kind == kind) {
            Some(found) => Ok(Some(found)),
            None => Err(self.other_kind(kind)),
        }
    }

    fn other_kind(&self, wanted: &str) -> StepError {
        let policies = titles(&self.kinds());
        let settings = self.documents.iter().filter(|document| document.settings.is_some());
        let has: Vec<String> = std::iter::once(policies)
            .filter(|policies| !policies.is_empty())
            .chain(settings.map(|document| format!("{} (--kind {})", document.attached_to, document.kind)))
            .collect();
        StepError::OtherKind { step: self.name.clone(), has: has.join(" or "), wanted: wanted.to_owned() }
    }

    /// The names of all variants.
    pub fn variants(&self) -> Vec<&str> {
        self.documents.iter().flat_map(|document| document.variants.keys()).map(String::as_str).collect()
    }

    /// The variant of one of its documents that takes a value which was given.
    pub fn variant_given(&self, packs: &Packs, values: &Values) -> Option<&str> {
        self.documents.iter().find_map(|document| document.variant_given(packs, values))
    }
}

impl StepDocument {
    /// The variant that takes a value which was given: such a value is not left out.
    pub fn variant_given(&self, packs: &Packs, values: &Values) -> Option<&str> {
        let is_given =
            |variant: &Variant| variant.with.as_deref().is_some_and(|name| values.is_given(packs, name));
        self.variants.iter().find(|(_, variant)| is_given(variant)).map(|(name, _)| name.as_str())
    }

    /// The kind of policy, if it is one.
    pub fn policy_kind(&self) -> Option<Kind> {
        self.statements.as_ref().and_then(|_| self.kind.parse().ok())
    }

    /// The statements of a variant, or the default ones where it does not have that variant.
    pub fn texts(&self, variant: Option<&str>) -> Vec<&str> {
        let statements = match variant.and_then(|name| self.variants.get(name)) {
            Some(variant) => Some(&variant.statements),
            None => self.statements.as_ref(),
        };
        statements.into_iter().flatten().map(|statement| statement.get()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_pack_has_no_faults() {
        let read = |file: &str| {
            let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/policies/expel-control-tower");
            std::fs::read_to_string(format!("{folder}/{file}")).map_err(|error| error.to_string())
        };
        let pack =
            Pack::from_texts("pack.json", &read("pack.json").unwrap(), |name| read(&format!("{name}.json")));
        let pack = pack.unwrap();
        // Of what is shipped, it says how sure each part is.
        assert!(pack.steps.iter().all(|step| !step.certainty.is_empty()));
    }
}
