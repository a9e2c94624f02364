//! The folder of answers.

use std::path::Path;

use crate::cli::Failure;
use crate::guide::{ABOUT, Accounts};
use crate::read::{ReadError, settings_file};
use crate::report::guide::collect_command;

/// Reads a folder that was named; `options` are those of the command that fills it.
pub(super) fn read_folder(folder: &Path, options: &str) -> Result<Accounts, Failure> {
    let name = folder.display().to_string();
    let what = match folder.is_dir() {
        false => "does not exist, or is not a folder",
        true => match read(folder)? {
            Some(accounts) => return Ok(accounts),
            None => "has no answers of the AWS CLI",
        },
    };
    let command = collect_command(options, Some(&name), None);
    Err(Failure::new(format!("`{name}` {what}")).help(format!("in each account: {command}")))
}

/// Reads the folder that is used where none is named; nothing, if it does not exist or is empty.
pub(super) fn read_default() -> Result<Accounts, Failure> {
    let folder = Path::new(Accounts::DEFAULT_FOLDER);
    let found = if folder.is_dir() { read(folder)? } else { None };
    Ok(found.unwrap_or_default())
}

/// Reads the answers of `guide discover` in a folder; nothing, if it does not exist or is empty.
pub(super) fn read_discovered(folder: &str) -> Result<Accounts, Failure> {
    let path = Path::new(folder);
    let found = if path.is_dir() { read(path)? } else { None };
    Ok(found.unwrap_or_default())
}

/// Reads a folder: one folder an account in it, answers and errors in that.
fn read(folder: &Path) -> Result<Option<Accounts>, Failure> {
    let mut files = Vec::new();
    for account in entries(folder)? {
        let Some(name) = account.file_name().and_then(|name| name.to_str()).filter(|_| account.is_dir())
        else {
            continue;
        };
        for file in entries(&account)? {
            let Some(file_name) = file.file_name().and_then(|name| name.to_str()) else { continue };
            let kept = file_name == "collected"
                || [".json", ".error", ABOUT].iter().any(|end| file_name.ends_with(end));
            if kept && file.is_file() {
                files.push((name.to_owned(), file_name.to_owned(), settings_file(&file)?.text().to_owned()));
            }
        }
    }
    let accounts = Accounts::new(folder.display().to_string(), files);
    Ok((!accounts.accounts().is_empty()).then_some(accounts))
}

fn entries(folder: &Path) -> Result<Vec<std::path::PathBuf>, Failure> {
    let io = |source| Failure::from(ReadError::Io { path: folder.to_owned(), source });
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(io)? {
        paths.push(entry.map_err(io)?.path());
    }
    paths.sort();
    Ok(paths)
}
