//! Values of options that several commands have.

use std::str::FromStr;

use clap::ValueEnum;

use crate::diagnostic::Severity;
use crate::kind::{Kind, UnknownKind};
use crate::policy::Arn;
use crate::steps::SETTINGS_KINDS;

/// A kind of policy, or `auto`: what the document itself tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct KindChoice(pub(crate) Option<Kind>);

impl FromStr for KindChoice {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        match name {
            "auto" => Ok(KindChoice(None)),
            _ => Kind::from_str(name)
                .map(|kind| KindChoice(Some(kind)))
                .map_err(|unknown: UnknownKind| format!("{unknown}, and auto")),
        }
    }
}

/// Which document of a step is meant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum DocumentChoice {
    /// What file and step tell.
    #[default]
    Auto,
    /// The one for a kind of policy.
    Policy(Kind),
    /// The settings of a kind.
    Settings(String),
}

impl DocumentChoice {
    /// The kind of policy, if that was said.
    pub(crate) fn policy(&self) -> Option<Kind> {
        match self {
            DocumentChoice::Policy(kind) => Some(*kind),
            _ => None,
        }
    }
}

impl FromStr for DocumentChoice {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        match Kind::from_str(name) {
            _ if name == "auto" => Ok(DocumentChoice::Auto),
            Ok(kind) => Ok(DocumentChoice::Policy(kind)),
            Err(_) if SETTINGS_KINDS.contains(&name) => Ok(DocumentChoice::Settings(name.to_owned())),
            Err(unknown) => Err(format!("{unknown}, of settings {}, and auto", SETTINGS_KINDS.join(", "))),
        }
    }
}

/// An ARN.
pub(crate) fn arn(text: &str) -> Result<String, String> {
    match Arn::parse(text) {
        Some(_) => Ok(text.to_owned()),
        None => Err("an ARN has six parts, as arn:aws:sns:us-east-1:111111111111:name".to_owned()),
    }
}

/// The JSON pointer of a policy.
pub(crate) fn pointer(text: &str) -> Result<String, String> {
    match text.is_empty() || text.starts_with('/') {
        true => Ok(text.to_owned()),
        false => Err("a JSON pointer starts with a `/`, as in /Attributes/Policy".to_owned()),
    }
}

/// A level of findings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Level {
    /// Errors alone
    Error,
    /// Warnings and errors
    Warning,
    /// Everything
    Note,
}

impl Level {
    pub(crate) fn severity(self) -> Severity {
        match self {
            Level::Error => Severity::Error,
            Level::Warning => Severity::Warning,
            Level::Note => Severity::Note,
        }
    }
}

/// The level of findings at which the exit status is 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    /// Errors
    Error,
    /// Warnings and errors
    Warning,
    /// Any finding
    Note,
    /// No finding
    Never,
}

impl FailOn {
    pub(crate) fn severity(self) -> Option<Severity> {
        match self {
            FailOn::Error => Some(Severity::Error),
            FailOn::Warning => Some(Severity::Warning),
            FailOn::Note => Some(Severity::Note),
            FailOn::Never => None,
        }
    }
}

/// How a report is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    Human,
    /// For programs
    Json,
}
