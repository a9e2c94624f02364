//! What every command that looks at policies needs: the configuration, and how the input is taken.

use clap::Args;

use super::Failure;
use super::args::Global;
use crate::config::Config;
use crate::kind::Kind;
use crate::lint::Settings;
use crate::steps::{Given, Origin};

/// Options that say what the input is.
#[derive(Args, Clone, Debug, Default)]
pub(super) struct InputArgs {
    /// What kind of policy it is, instead of working it out
    #[arg(long, value_name = "KIND", value_parser = parse_kind, help_heading = "Input")]
    kind: Option<Option<Kind>>,
    /// The ARN of what the policy hangs on
    #[arg(long, value_name = "ARN", help_heading = "Input")]
    pub(super) resource: Option<String>,
}

impl InputArgs {
    /// The kind, unless it is to be worked out.
    pub(super) fn kind(&self) -> Option<Kind> {
        self.kind.flatten()
    }
}

fn parse_kind(name: &str) -> Result<Option<Kind>, String> {
    match name {
        "auto" => Ok(None),
        _ => name.parse().map(Some).map_err(|error: crate::kind::UnknownKind| error.to_string()),
    }
}

/// The configuration, read.
pub(super) struct Session {
    pub(super) config: Config,
    pub(super) settings: Settings,
    /// The configuration's file, as it is called to a person.
    name: String,
}

impl Session {
    pub(super) fn open(global: &Global) -> Result<Self, Failure> {
        let (config, name) = super::config::load(global)?;
        Ok(Session { settings: config.settings(), config, name })
    }

    /// The values that the configuration gives.
    pub(super) fn given(&self) -> Vec<Given> {
        let values = self.config.values.iter();
        values
            .map(|(name, value)| Given {
                name: name.clone(),
                value: value.clone(),
                origin: Origin::Configuration(self.name.clone()),
            })
            .collect()
    }
}
