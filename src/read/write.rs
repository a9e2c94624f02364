//! Writing a file so that it is whole or untouched.

use std::io::Write;
use std::path::{Path, PathBuf};

/// Why a file could not be written. It is as it was.
#[derive(Debug, thiserror::Error)]
#[error("cannot write `{path}`: {source}; it is as it was", path = path.display())]
pub struct WriteError {
    /// What was to be written.
    pub path: PathBuf,
    /// What the system said.
    pub source: std::io::Error,
}

/// Puts `text` in the place of what `path` holds, all at once: a new file is written beside it and
/// takes its name. A symbolic link stays one, and the file keeps its mode.
///
/// # Errors
/// If any step fails; then the old file is untouched.
pub fn replace(path: &Path, text: &str) -> Result<(), WriteError> {
    try_replace(path, text).map_err(|source| WriteError { path: path.to_owned(), source })
}

fn try_replace(path: &Path, text: &str) -> std::io::Result<()> {
    // The file that the name leads to, so that a link is not replaced by a file.
    let target = match path.symlink_metadata() {
        Ok(_) => path.canonicalize()?,
        Err(_) => path.to_owned(),
    };
    let folder = match target.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let mut new = tempfile::Builder::new().prefix(".polmerge-").tempfile_in(folder)?;
    new.write_all(text.as_bytes())?;
    new.as_file().set_permissions(match target.metadata() {
        Ok(old) => old.permissions(),
        Err(_) => default_permissions(folder)?,
    })?;
    new.as_file().sync_all()?;
    new.persist(&target)?;
    Ok(())
}

/// The mode that a file made here in the ordinary way gets: a temporary one is for its owner alone.
fn default_permissions(folder: &Path) -> std::io::Result<std::fs::Permissions> {
    let probe = folder.join(format!(".polmerge-mode-{}", std::process::id()));
    let file = std::fs::File::create_new(&probe)?;
    let permissions = file.metadata().map(|metadata| metadata.permissions());
    std::fs::remove_file(&probe)?;
    permissions
}
