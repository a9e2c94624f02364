//! Finding and reading the configuration.

use super::Failure;
use super::args::Global;
use crate::config::Config;

pub(super) fn load(_global: &Global) -> Result<(Config, String), Failure> {
    Ok((Config::default(), "polmerge.toml".to_owned()))
}
