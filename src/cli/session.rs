//! What every command that applies steps starts from: the configuration and what follows from it.

use super::args::Global;
use super::{Failure, Terminal, config};
use crate::config::Config;
use crate::lint::Settings;
use crate::steps::{Given, Origin};

/// The configuration, read.
pub(super) struct Session {
    pub(super) config: Config,
    pub(super) settings: Settings,
    /// The configuration's file, as it is called to a person.
    name: String,
}

impl Session {
    pub(super) fn open(global: &Global, terminal: &Terminal) -> Result<Self, Failure> {
        let config = config::load(global, terminal)?;
        let name = config::find(global).map_or_else(String::new, |path| path.display().to_string());
        Ok(Session { settings: config.settings(), config, name })
    }

    /// The values that the configuration gives.
    pub(super) fn given(&self) -> Vec<Given> {
        let given = |(name, value): (&String, &String)| Given {
            name: name.clone(),
            value: value.clone(),
            origin: Origin::Configuration(self.name.clone()),
        };
        self.config.values.iter().map(given).collect()
    }
}
