//! Every policy of a folder compared with that in another.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::several::{Outcome, Several};
use crate::cli::{Exit, Failure};
use crate::read;
use crate::read::walk::{self, Walked, walk};
use crate::report::review::Review;
use crate::report::wrap::count;
use crate::source::Source;

/// Compares the policies of two folders, each with that in its place in the file of the same path.
pub(super) fn run(several: &Several<'_>, old: &Path, new: &Path) -> Result<Exit, Failure> {
    let mut outcomes = Vec::new();
    let mut files: BTreeMap<PathBuf, [Option<PathBuf>; 2]> = BTreeMap::new();
    let mut passed_over: BTreeMap<PathBuf, [Option<PathBuf>; 2]> = BTreeMap::new();
    for (side, folder) in [old, new].into_iter().enumerate() {
        let Walked { found, unseen, links } = walk(&[folder.to_owned()]);
        let below = |path: &Path| {
            let below = path.strip_prefix(folder.strip_prefix("./").unwrap_or(folder));
            below.unwrap_or(path).to_owned()
        };
        for path in walk::passed_over(folder, &found) {
            let below = below(&path);
            passed_over.entry(below).or_default()[side] = Some(path);
        }
        for file in found {
            let below = below(&file.path);
            files.entry(below).or_default()[side] = Some(file.path);
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
    // A file that is passed over in one folder is not deleted there.
    let mut differing: Vec<PathBuf> = Vec::new();
    for (below, [old, new]) in passed_over {
        let found = files.remove(&below);
        let [found_old, found_new] = found.clone().unwrap_or_default();
        let (old, new) = (old.or(found_old), new.or(found_new));
        match (is_same_file(old.as_deref(), new.as_deref()), found) {
            // What is asked of NEW alone is asked of it, too.
            (true, Some(_)) => {
                files.insert(below, [old, new]);
            }
            (true, None) if !several.diff.checks_new() => {}
            (_, _) => differing.extend(new.or(old)),
        }
    }
    if let Some((first, others)) = differing.split_first() {
        let first = first.display();
        let what = match others.len() {
            0 => format!(
                "`{first}` is ignored as .gitignore and the like say, or no regular file, and is not compared"
            ),
            many => format!(
                "`{first}` and {} are ignored as .gitignore and the like say, or no regular files, and are not compared",
                count(many, "other"),
            ),
        };
        outcomes.push(several.unread(new, what));
    }
    let look = |(below, sides): (&PathBuf, &[Option<PathBuf>; 2])| {
        if walk::is_terraform(below) {
            let bytes = |side: usize| std::fs::read(sides[side].as_deref()?).ok();
            let [old, new] = [bytes(0), bytes(1)];
            let why = format!("`{}` is in Terraform's language, and is not compared", below.display());
            // What is asked of NEW alone is asked of it, too.
            let counts = old != new || several.diff.checks_new() && new.is_some();
            return counts.then(|| several.unread(below, why));
        }
        let read =
            |path: &Option<PathBuf>| path.as_deref().map(read::read).transpose().map_err(Failure::from);
        match (read(&sides[0]), read(&sides[1])) {
            (Ok(Some(old)), Ok(Some(new))) if !several.diff.checks_new() && old.text() == new.text() => None,
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

/// Whether both are regular files of the same bytes.
fn is_same_file(old: Option<&Path>, new: Option<&Path>) -> bool {
    let text = |path: Option<&Path>| {
        let source = path.filter(|path| path.is_file()).map(read::read)?.ok()?;
        Some(source.text().to_owned())
    };
    matches!((text(old), text(new)), (Some(old), Some(new)) if old == new)
}
