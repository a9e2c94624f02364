//! Finds and reads `polmerge.toml`.

use std::path::{Path, PathBuf};

use super::args::Global;
use super::{Failure, Terminal};
use crate::config::Config;
use crate::read;
use crate::source::Source;

const NAME: &str = "polmerge.toml";

/// The configuration: of `--config`, else the nearest one upwards, else an empty one.
pub(crate) fn load(global: &Global, terminal: &Terminal) -> Result<Config, Failure> {
    load_with_text(global, terminal).map(|(config, _)| config)
}

/// The configuration, and its text where there is one, called as a person here would call it.
pub(crate) fn load_with_text(
    global: &Global,
    terminal: &Terminal,
) -> Result<(Config, Option<Source>), Failure> {
    let Some(path) = find(global) else { return Ok((Config::default(), None)) };
    if let Some(why) = global.config.is_none().then(|| unexpected(&path)).flatten() {
        let line = format!("note: the configuration is `{}`, {why}", path.display());
        terminal.line(&line);
    }
    // One that was named can be a pipe; one that was found is not waited for.
    let source = match &global.config {
        Some(_) => read::configuration(&path)?,
        None => read::configuration_file(&path)?,
    };
    let folder = absolute(&path).parent().map_or_else(PathBuf::new, Path::to_owned);
    let config = Config::parse(source.text(), &folder)
        .map_err(|error| Failure::new(format!("{}:{error}", path.display())))?;
    let here = std::env::current_dir().unwrap_or_default();
    let name = path.strip_prefix(here).unwrap_or(&path).display().to_string();
    Ok((config, Some(Source::new(name, source.text()))))
}

/// The file of the configuration, if there is one.
pub(crate) fn find(global: &Global) -> Option<PathBuf> {
    global.config.clone().or_else(nearest)
}

fn nearest() -> Option<PathBuf> {
    let folder = std::env::current_dir().ok()?;
    folder.ancestors().map(|folder| folder.join(NAME)).find(|path| path.symlink_metadata().is_ok())
}

/// Why a configuration that was found, and not named, may not be the one that is meant: it decides what is reported.
fn unexpected(path: &Path) -> Option<String> {
    let here = std::env::current_dir().ok()?;
    let folder = path.parent()?;
    let root = here.ancestors().find(|folder| folder.join(".git").exists());
    if let Some(root) = root.filter(|root| root.starts_with(folder) && *root != folder) {
        return Some(format!("above the root of the repository (`{}`)", root.display()));
    }
    other_owner(path)
}

#[cfg(unix)]
fn other_owner(path: &Path) -> Option<String> {
    use std::os::unix::fs::MetadataExt;
    let owner = path.metadata().ok()?.uid();
    let own = rustix::process::geteuid().as_raw();
    (owner != own).then(|| format!("which belongs to another user (number {owner})"))
}

#[cfg(not(unix))]
fn other_owner(_: &Path) -> Option<String> {
    None
}

/// A path that can be compared with the configuration's folder: absolute, without `..`.
pub(crate) fn absolute(path: &Path) -> PathBuf {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut out = PathBuf::new();
    for part in absolute.components() {
        match part {
            std::path::Component::ParentDir => {
                out.pop();
            }
            part => out.push(part),
        }
    }
    out
}
