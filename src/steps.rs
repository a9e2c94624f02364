//! Steps: statements that a vendor asks for, as data, with the values they need.
//!
//! A pack is a folder with a `pack.json` and one file a step; the packs that polmerge ships are
//! part of the program. A plain policy file works in the place of a step.

mod discover;
mod faults;
mod fill;
pub mod guide;
mod hcl;
mod pack;
mod parameter;
mod partition;
mod settings;
mod shape;
mod statements;
mod template;
mod terraform;
mod value;

pub use discover::{Discover, Purpose, Source};
pub use fill::{edits, leftovers};
pub use pack::{AlsoNeeded, Certainty, Pack, Step, StepDocument, Variant, Warning};
pub use parameter::{Agreement, AgreementLevel, CreateKey, Derivation, Find, Parameter, Part, ValueType};
pub use settings::{Demand, Exclusive, How, KINDS as SETTINGS_KINDS, Members, PutTakes, Rule, Settings};
pub use statements::{Addition, NewStatement};
pub use template::Template;
pub use terraform::{Terraform, TerraformText};
pub use value::{Given, Missing, Origin, Resolved, Used, Values};

use crate::kind::Kind;

/// Why a step cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StepError {
    /// No pack has a step of that name.
    #[error("no step is called `{name}`; the steps are {known}")]
    UnknownStep {
        /// As it was given.
        name: String,
        /// Those that there are.
        known: String,
    },
    /// Several packs have one.
    #[error("several packs have a step `{name}`: write {choices}")]
    AmbiguousStep {
        /// As it was given.
        name: String,
        /// Ways to say which.
        choices: String,
    },
    /// Two packs have one name, by which their steps are told apart.
    #[error("the step pack in `{file}` is called `{name}`, as another one is: give it another `name`")]
    SameName {
        /// The `pack.json` of the second one.
        file: String,
        /// The name of both.
        name: String,
    },
    /// A file of a pack is not what it must be.
    #[error("`{file}` cannot be used as a {what}: {reason}")]
    Malformed {
        /// The file.
        file: String,
        /// What it should be.
        what: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// The files of a pack are not what they must be.
    #[error("the step pack in `{file}` cannot be used: {}", faults.join("; "))]
    Faults {
        /// Its `pack.json`.
        file: String,
        /// All that is wrong, as `FILE: /path/in/the/file: what`.
        faults: Vec<String>,
    },
    /// The step has no document of that kind.
    #[error("step `{step}` is for {has}, not for {wanted}")]
    OtherKind {
        /// The step.
        step: String,
        /// The kinds it has, in words.
        has: String,
        /// What was asked for, in words.
        wanted: String,
    },
    /// The step has several documents, and nothing says which is meant.
    #[error("step `{step}` has several documents: choose one with --kind {kinds}")]
    WhichKind {
        /// The step.
        step: String,
        /// The kinds it has.
        kinds: String,
    },
    /// No step of those chosen has the variant.
    #[error("no step chosen has a variant `{name}`; {known}")]
    UnknownVariant {
        /// As it was given.
        name: String,
        /// Those that there are, in words.
        known: String,
    },
}

/// The packs in use: those that are shipped, and the user's own.
#[derive(Clone, Debug)]
pub struct Packs {
    packs: Vec<Pack>,
}

impl Packs {
    /// The packs that polmerge ships.
    ///
    /// # Errors
    /// None in practice: the files are part of the program, and a test reads them.
    pub fn shipped() -> Result<Packs, StepError> {
        Ok(Packs { packs: vec![Pack::shipped_expel_control_tower()?] })
    }

    /// Adds a pack, which was read from `file`.
    ///
    /// # Errors
    /// If there is one of that name.
    pub fn add(&mut self, pack: Pack, file: &str) -> Result<(), StepError> {
        if self.packs.iter().any(|other| other.name == pack.name) {
            return Err(StepError::SameName { file: file.to_owned(), name: pack.name });
        }
        self.packs.push(pack);
        Ok(())
    }

    /// Every pack, the shipped ones first.
    pub fn all(&self) -> &[Pack] {
        &self.packs
    }

    /// The step called `name`, or `PACK:STEP`.
    ///
    /// # Errors
    /// If there is none, or more than one.
    pub fn step(&self, name: &str) -> Result<(&Pack, &Step), StepError> {
        let (pack, step) = match name.split_once(':') {
            Some((pack, step)) => (Some(pack), step),
            None => (None, name),
        };
        let found: Vec<(&Pack, &Step)> = self
            .packs
            .iter()
            .filter(|candidate| pack.is_none_or(|pack| candidate.name == pack))
            .filter_map(|candidate| Some((candidate, candidate.step(step)?)))
            .collect();
        match found.as_slice() {
            [one] => Ok(*one),
            [] => Err(StepError::UnknownStep { name: name.to_owned(), known: self.step_names().join(", ") }),
            several => {
                let choices: Vec<String> =
                    several.iter().map(|(pack, step)| format!("`{}:{}`", pack.name, step.name)).collect();
                Err(StepError::AmbiguousStep { name: name.to_owned(), choices: choices.join(" or ") })
            }
        }
    }

    /// The names of all steps.
    pub fn step_names(&self) -> Vec<&str> {
        self.packs.iter().flat_map(|pack| &pack.steps).map(|step| step.name.as_str()).collect()
    }

    /// The parameter that a token stands for: its canonical name and what is known of it.
    pub fn parameter(&self, token: &str) -> Option<(&str, &Parameter)> {
        self.packs.iter().flat_map(|pack| &pack.parameters).find_map(|(name, parameter)| {
            let known = name == token || parameter.aliases.iter().any(|alias| alias == token);
            known.then_some((name.as_str(), parameter))
        })
    }

    /// The name under which a token's value is kept: aliases have one name together.
    pub fn canonical<'t>(&'t self, token: &'t str) -> &'t str {
        self.parameter(token).map_or(token, |(name, _)| name)
    }
}

/// `KMS key policies and role trust policies`
fn titles(kinds: &[Kind]) -> String {
    let titles: Vec<String> = kinds.iter().map(|kind| kind.with_article()).collect();
    titles.join(" or ")
}
