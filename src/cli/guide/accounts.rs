//! The folder of answers.

use std::path::Path;

use crate::cli::Failure;
use crate::guide::Accounts;
use crate::read::{self, ReadError};

/// Reads a folder: one folder an account in it, answers and errors in that.
pub(super) fn read_folder(folder: Option<&Path>) -> Result<Accounts, Failure> {
    let Some(folder) = folder else { return Ok(Accounts::default()) };
    let mut files = Vec::new();
    for account in entries(folder)? {
        let Some(name) = account.file_name().and_then(|name| name.to_str()).filter(|_| account.is_dir())
        else {
            continue;
        };
        for file in entries(&account)? {
            let Some(file_name) = file.file_name().and_then(|name| name.to_str()) else { continue };
            let kept =
                file_name == "collected" || file_name.ends_with(".json") || file_name.ends_with(".error");
            if kept && file.is_file() {
                files.push((name.to_owned(), file_name.to_owned(), read::read(&file)?.text().to_owned()));
            }
        }
    }
    if files.is_empty() {
        return Err(Failure::new(format!("`{}` holds no answers", folder.display()))
            .help("polmerge guide collect prints the script that makes it"));
    }
    Ok(Accounts::new(folder.display().to_string(), files))
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
