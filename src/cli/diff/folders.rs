//! Every policy of a folder compared with that in another.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::several::{Outcome, Several};
use crate::cli::{Exit, Failure};
use crate::read;
use crate::read::walk::{Walked, walk};
use crate::report::review::Review;
use crate::report::wrap::count;
use crate::source::Source;

/// Compares the policies of two folders, each with that in its place in the file of the same path.
pub(super) fn run(several: &Several<'_>, old: &Path, new: &Path) -> Result<Exit, Failure> {
    let mut outcomes = Vec::new();
    let mut files: BTreeMap<PathBuf, [Option<PathBuf>; 2]> = BTreeMap::new();
    for (side, folder) in [old, new].into_iter().enumerate() {
        let Walked { found, unseen, links } = walk(&[folder.to_owned()]);
        for file in found {
            let below = file.path.strip_prefix(folder.strip_prefix("./").unwrap_or(folder));
            files.entry(below.unwrap_or(&file.path).to_owned()).or_default()[side] = Some(file.path.clone());
        }
        outcomes.extend(unseen.into_iter().map(|one| Outcome::unable(&one.path, Failure::new(one.message))));
        if links > 0 {
            let links = count(links, "symbolic link");
            outcomes.push(several.unread(
                folder,
                format!("{links} in `{}` not followed, and what is there not compared", folder.display()),
            ));
        }
    }
    let look = |(below, sides): (&PathBuf, &[Option<PathBuf>; 2])| {
        let read =
            |path: &Option<PathBuf>| path.as_deref().map(read::read).transpose().map_err(Failure::from);
        match (read(&sides[0]), read(&sides[1])) {
            (Ok(Some(old)), Ok(Some(new))) if old.text() == new.text() => None,
            (Ok(old), Ok(new)) => {
                let version = |source: Option<Source>, path: &Option<PathBuf>| {
                    let path = path.as_deref()?;
                    Some(several.version(path, path, source?))
                };
                Some(several.compare(below, version(old, &sides[0]), version(new, &sides[1])))
            }
            (Err(failure), _) | (_, Err(failure)) => Some(Outcome::unable(below, failure)),
        }
    };
    let looked_at: Vec<Option<Outcome>> = files.par_iter().map(look).collect();
    outcomes.extend(looked_at.into_iter().flatten());
    let review = Review::between(&old.display().to_string(), &new.display().to_string());
    several.report(review, outcomes)
}
