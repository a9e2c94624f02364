//! The files that name what is ignored, checked before the library that walks through folders reads them: it opens
//! whatever has the name, and knows no limits.

use std::io::Read;
use std::path::{Path, PathBuf};

use super::Unseen;
use crate::pattern::glob_problem;

/// The largest of these files that is used.
const MOST_BYTES: u64 = 256 << 10;

/// Checks the files that count below a folder because they are in it.
pub(super) fn check(folder: &Path) -> Result<(), Unseen> {
    globs(&folder.join(".ignore"))?;
    globs(&folder.join(".gitignore"))?;
    repository(folder)?.map_or(Ok(()), |repository| globs(&repository.join("info/exclude")))
}

/// Checks all files that count in a folder: those in it, in the folders above it, and those of the user.
pub(super) fn check_above(folder: &Path) -> Result<(), Unseen> {
    check(folder)?;
    let whole = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    whole.ancestors().skip(1).try_for_each(check)?;
    // git's settings are read to learn where the user's file is.
    let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let settings = [
        variable("GIT_CONFIG_GLOBAL"),
        variable("GIT_CONFIG_SYSTEM"),
        Some("/etc/gitconfig".into()),
        variable("HOME").map(|home| home.join(".gitconfig")),
        variable("HOME").map(|home| home.join(".config/git/config")),
        variable("XDG_CONFIG_HOME").map(|folder| folder.join("git/config")),
    ];
    for path in settings.iter().flatten() {
        text(path)?;
    }
    ignore::gitignore::gitconfig_excludes_path().map_or(Ok(()), |path| globs(&path))
}

/// The repository that a folder is the working tree of, where it could be: that of a worktree is named in two files.
fn repository(folder: &Path) -> Result<Option<PathBuf>, Unseen> {
    let git = folder.join(".git");
    if git.is_dir() {
        return Ok(Some(git));
    }
    let first = |text: Option<String>| text?.lines().next().map(str::to_owned);
    let line = first(text(&git)?);
    let Some(own) = line.as_deref().and_then(|line| line.strip_prefix("gitdir: ")).map(PathBuf::from) else {
        return Ok(None);
    };
    let common = first(text(&own.join("commondir"))?);
    Ok(common.map(|common| if common.starts_with('.') { own.join(common) } else { common.into() }))
}

fn globs(path: &Path) -> Result<(), Unseen> {
    let Some(text) = text(path)? else { return Ok(()) };
    for (at, line) in text.lines().enumerate().filter(|(_, line)| !line.starts_with('#')) {
        if let Some(problem) = glob_problem(line) {
            return Err(unusable(path, &format!("line {}: {problem}", at + 1)));
        }
    }
    Ok(())
}

/// What a file holds, if there is one that can be read.
fn text(path: &Path) -> Result<Option<String>, Unseen> {
    let Some(data) = path.metadata().ok().filter(|data| !data.is_dir()) else { return Ok(None) };
    if !data.is_file() {
        return Err(unusable(path, "it is not a regular file"));
    }
    let mut bytes = Vec::new();
    let read = std::fs::File::open(path).and_then(|file| file.take(MOST_BYTES + 1).read_to_end(&mut bytes));
    match read {
        Ok(_) if bytes.len() as u64 > MOST_BYTES => {
            Err(unusable(path, &format!("it is larger than {} KiB", MOST_BYTES >> 10)))
        }
        Ok(_) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
        Err(_) => Ok(None),
    }
}

fn unusable(path: &Path, why: &str) -> Unseen {
    let name = path.strip_prefix("./").unwrap_or(path);
    let message = format!("cannot use the ignore file `{}`: {why}", name.display());
    Unseen { path: name.to_owned(), message }
}
