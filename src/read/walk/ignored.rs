//! The files that name what is ignored, checked before the library that walks through folders reads them: it opens
//! whatever has the name, and knows no limits.

use std::collections::HashMap;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::Unseen;
use crate::pattern::glob_problem;

/// The largest of these files that is used.
const MOST_BYTES: usize = 256 << 10;

/// How much of them may count in one folder: compiled, they take some hundred times their size.
const MOST_TOGETHER: usize = 512 << 10;

/// What was checked: of each folder, how many bytes count in it.
#[derive(Debug, Default)]
pub(super) struct Ignored {
    bytes: HashMap<PathBuf, usize>,
    /// What counts in the folder where it began, because of the folders above it and of the user's settings.
    above: usize,
}

impl Ignored {
    /// Checks all files that count in a folder: those in the folders above it, and those of the user.
    pub(super) fn above(folder: &Path) -> Result<Self, Unseen> {
        let whole = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
        let mut above = whole.ancestors().skip(1).try_fold(0, |bytes, folder| Ok(bytes + own(folder)?))?;
        // git's settings are read to learn where the user's file is.
        let variable =
            |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
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
        if let Some(path) = ignore::gitignore::gitconfig_excludes_path() {
            above += globs(&path)?;
        }
        Ok(Ignored { bytes: HashMap::new(), above })
    }

    /// Checks the files in a folder, which count below it; the one above it has been checked.
    pub(super) fn enter(&mut self, folder: &Path) -> Result<(), Unseen> {
        let above = folder.parent().and_then(|parent| self.bytes.get(parent)).copied().unwrap_or(self.above);
        let bytes = above + own(folder)?;
        if bytes > MOST_TOGETHER {
            let why = format!("with those above it, more than {} KiB count there", MOST_TOGETHER >> 10);
            return Err(unusable(&folder.join(".gitignore"), &why));
        }
        self.bytes.insert(folder.to_owned(), bytes);
        Ok(())
    }
}

/// Checks the files in a folder; how large they are together.
fn own(folder: &Path) -> Result<usize, Unseen> {
    let exclude = repository(folder)?.map(|repository| repository.join("info/exclude"));
    let all = [Some(folder.join(".ignore")), Some(folder.join(".gitignore")), exclude];
    all.iter().flatten().try_fold(0, |bytes, path| Ok(bytes + globs(path)?))
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

fn globs(path: &Path) -> Result<usize, Unseen> {
    let Some(text) = text(path)? else { return Ok(0) };
    for (at, line) in text.lines().enumerate().filter(|(_, line)| !line.starts_with('#')) {
        if let Some(problem) = glob_problem(line) {
            return Err(unusable(path, &format!("line {}: {problem}", at + 1)));
        }
    }
    Ok(text.len())
}

/// What a file holds, if there is one that can be read.
fn text(path: &Path) -> Result<Option<String>, Unseen> {
    let Some(data) = path.metadata().ok().filter(|data| !data.is_dir()) else { return Ok(None) };
    if !data.is_file() {
        return Err(unusable(path, "it is not a regular file"));
    }
    let mut bytes = Vec::new();
    let read =
        std::fs::File::open(path).and_then(|file| file.take(MOST_BYTES as u64 + 1).read_to_end(&mut bytes));
    match read {
        Ok(_) if bytes.len() > MOST_BYTES => {
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
