//! The files that a command looks at, from the paths that were typed.

mod ignored;

use std::collections::HashSet;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::ReadError;
use ignored::Ignored;

/// File name endings of what may hold a policy.
const EXTENSIONS: [&str; 4] = ["json", "yaml", "yml", "template"];

/// Those of Terraform's own language, which is not read.
const TERRAFORM: [&str; 2] = ["tf", "tofu"];

/// A file to be looked at.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Found {
    /// Its path, as typed or below what was typed.
    pub path: PathBuf,
    /// Whether it was typed, and not found in a folder.
    pub named: bool,
}

/// A path at which there was nothing to be seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unseen {
    /// The path.
    pub path: PathBuf,
    /// Why, for a person.
    pub message: String,
}

/// What there is at some paths.
#[derive(Debug, Default)]
pub struct Walked {
    /// The files to be looked at.
    pub found: Vec<Found>,
    /// The paths at which there was nothing to be seen.
    pub unseen: Vec<Unseen>,
    /// How many symbolic links lead to what is not looked at: they are not followed.
    pub links: usize,
}

/// The files at some paths, sorted, each once: files as they are, folders with what is in them but
/// for what is ignored by git. `-` stays what it is. Files of Terraform's own language are among them.
pub fn walk(paths: &[PathBuf]) -> Walked {
    let (mut found, mut unseen, mut links) = (Vec::new(), Vec::new(), Vec::new());
    for path in paths {
        if path == Path::new("-") {
            found.push(Found { path: path.clone(), named: true });
            continue;
        }
        match path.metadata() {
            Ok(metadata) if metadata.is_dir() => folder(path, &mut found, &mut unseen, &mut links),
            // What is no file, as `/dev/stdin`, was typed on purpose.
            Ok(_) => found.push(Found { path: path.clone(), named: true }),
            Err(source) => {
                let message = ReadError::Io { path: path.clone(), source }.to_string();
                unseen.push(Unseen { path: path.clone(), message });
            }
        }
    }
    // A file that was also typed counts as typed.
    found.sort_by(|a, b| (&a.path, !a.named).cmp(&(&b.path, !b.named)));
    found.dedup_by(|later, earlier| later.path == earlier.path);
    let links = left_out(&links, paths, &found);
    Walked { found, unseen, links }
}

/// How many links lead to a file that may hold a policy, or to a folder, that is not looked at without them.
fn left_out(links: &[PathBuf], paths: &[PathBuf], found: &[Found]) -> usize {
    if links.is_empty() {
        return 0;
    }
    let real = |path: &Path| path.canonicalize().ok();
    let folders: Vec<PathBuf> = paths.iter().filter_map(|path| real(path)).collect();
    let files: HashSet<PathBuf> = found.iter().filter_map(|found| real(&found.path)).collect();
    let is_left_out = |link: &&PathBuf| match real(link) {
        Some(real) if real.is_dir() => !folders.iter().any(|folder| real.starts_with(folder)),
        Some(real) => (has_extension(link) || is_terraform(link)) && !files.contains(&real),
        // It leads nowhere.
        None => false,
    };
    links.iter().filter(is_left_out).count()
}

fn folder(folder: &Path, found: &mut Vec<Found>, unseen: &mut Vec<Unseen>, links: &mut Vec<PathBuf>) {
    let began = Ignored::above(folder).and_then(|mut ignored| ignored.enter(folder).map(|()| ignored));
    let ignored = match began {
        Ok(ignored) => Mutex::new(ignored),
        Err(unusable) => return unseen.push(unusable),
    };
    let unusable: Arc<Mutex<Vec<Unseen>>> = Arc::default();
    let known = Arc::clone(&unusable);
    let can_be_entered = move |entry: &ignore::DirEntry| {
        let is_folder = entry.file_type().is_some_and(|kind| kind.is_dir());
        if is_folder && entry.depth() > 0 && entry.file_name() == ".git" {
            return false;
        }
        let mut ignored = ignored.lock().unwrap_or_else(PoisonError::into_inner);
        let checked = if is_folder { ignored.enter(entry.path()) } else { Ok(()) };
        checked.map_err(|problem| known.lock().unwrap_or_else(PoisonError::into_inner).push(problem)).is_ok()
    };
    // A `.gitignore` counts also where there is no repository, as in an unpacked archive.
    let mut walk = ignore::WalkBuilder::new(folder);
    for entry in walk.hidden(false).require_git(false).filter_entry(can_be_entered).build() {
        match entry {
            Ok(entry) => {
                let kind = entry.file_type();
                let is_file = kind.is_some_and(|kind| kind.is_file());
                let is_other =
                    kind.is_some_and(|kind| !kind.is_file() && !kind.is_dir() && !kind.is_symlink());
                let path = entry.path();
                if entry.path_is_symlink() && entry.depth() > 0 {
                    links.push(path.to_owned());
                }
                let path = path.strip_prefix("./").unwrap_or(path);
                let is_looked_at =
                    || has_extension(path) || is_terraform(path) || (is_file && is_bare_json(entry.path()));
                if !is_looked_at() {
                    continue;
                }
                if is_file {
                    found.push(Found { path: path.to_owned(), named: false });
                } else if is_other {
                    let source = std::io::Error::other("it is not a regular file");
                    let message = ReadError::Io { path: path.to_owned(), source }.to_string();
                    unseen.push(Unseen { path: path.to_owned(), message });
                }
            }
            Err(error) => unseen.push(Unseen { path: folder.to_owned(), message: error.to_string() }),
        }
    }
    unseen.append(&mut unusable.lock().unwrap_or_else(PoisonError::into_inner));
}

/// What is called as a policy in a folder and was not found there: it is ignored, or no regular file.
pub fn passed_over(folder: &Path, found: &[Found]) -> Vec<PathBuf> {
    let found: HashSet<&Path> = found.iter().map(|found| found.path.as_path()).collect();
    let is_git = |entry: &ignore::DirEntry| entry.depth() > 0 && entry.file_name() == ".git";
    let all =
        ignore::WalkBuilder::new(folder).standard_filters(false).filter_entry(move |e| !is_git(e)).build();
    let paths = all.flatten().filter(|entry| entry.file_type().is_none_or(|kind| !kind.is_dir()));
    let paths = paths.map(|entry| entry.path().strip_prefix("./").unwrap_or(entry.path()).to_owned());
    paths.filter(|path| has_extension(path) && !found.contains(path.as_path())).collect()
}

/// Whether a file without an extension begins as an object of JSON.
fn is_bare_json(path: &Path) -> bool {
    if path.extension().is_some() {
        return false;
    }
    let mut start = Vec::new();
    let read = std::fs::File::open(path).and_then(|file| file.take(START).read_to_end(&mut start));
    let text = String::from_utf8_lossy(&start);
    read.is_ok() && text.trim_start_matches('\u{feff}').trim_start().starts_with('{')
}

/// So much of a file is looked at to tell what it is.
const START: u64 = 256;

/// Whether a file is called as one that may hold a policy.
pub fn has_extension(path: &Path) -> bool {
    is_called(path, &EXTENSIONS)
}

/// Whether a file is called as one of Terraform's own language, which is not read.
pub fn is_terraform(path: &Path) -> bool {
    is_called(path, &TERRAFORM)
}

fn is_called(path: &Path, extensions: &[&str]) -> bool {
    path.extension()
        .is_some_and(|extension| extensions.iter().any(|known| extension.eq_ignore_ascii_case(known)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_in_folders_and_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for folder in ["sub", ".github", ".git", "out", ".git/sub"] {
            std::fs::create_dir(at(folder)).unwrap();
        }
        for name in [
            "b.json",
            "a.JSON",
            "sub/c.yml",
            "x.txt",
            "secret.json",
            ".hidden.json",
            ".github/d.json",
            ".git/e.json",
            ".git/sub/f.json",
            "out/.g.json",
            "main.tf",
        ] {
            std::fs::write(at(name), "{}").unwrap();
        }
        // Without an extension, what is in a file tells.
        for (name, text) in [("policy", "\n {}"), ("Makefile", "all:\n\techo {}\n"), ("empty", "")] {
            std::fs::write(at(name), text).unwrap();
        }
        std::fs::write(at(".gitignore"), "secret.json\nout/\n").unwrap();
        let typed = [at("b.json"), at("x.txt"), folder.path().to_owned(), at("none.json")];
        let Walked { found, unseen, .. } = walk(&typed);
        let shown: Vec<_> = found
            .iter()
            .map(|found| (found.path.strip_prefix(folder.path()).unwrap().to_str().unwrap(), found.named))
            .collect();
        let wanted = [
            (".github/d.json", false),
            (".hidden.json", false),
            ("a.JSON", false),
            ("b.json", true),
            ("main.tf", false),
            ("policy", false),
            ("sub/c.yml", false),
            ("x.txt", true),
        ];
        assert_eq!(shown, wanted);
        assert_eq!(unseen.len(), 1);
        assert_eq!(unseen[0].path, at("none.json"));
    }

    #[test]
    #[cfg(unix)]
    fn links_are_counted_unless_what_they_lead_to_is_looked_at() {
        use std::os::unix::fs::symlink;
        let (folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let at = |name: &str| folder.path().join(name);
        std::fs::create_dir(at("sub")).unwrap();
        for file in [at("sub/a.json"), at("data.txt"), other.path().join("b.json")] {
            std::fs::write(file, "{}").unwrap();
        }
        let links = || walk(&[folder.path().to_owned()]).links;
        for (target, name) in [
            (at("sub/a.json"), "a.json"),
            (at("sub"), "folder"),
            (at("nowhere"), "nowhere.json"),
            (at("data.txt"), "data"),
        ] {
            symlink(target, at(name)).unwrap();
        }
        assert_eq!(links(), 0);
        for (target, name, wanted) in [
            (at("data.txt"), "data.json", 1),
            (other.path().join("b.json"), "b.json", 2),
            (other.path().to_owned(), "other", 3),
        ] {
            symlink(target, at(name)).unwrap();
            assert_eq!(links(), wanted, "{name}");
        }
    }
}
