//! What git prints, read.

use std::ffi::OsStr;
use std::path::PathBuf;

use super::Change;

/// The mode of a symbolic link.
pub(super) const LINK: &str = "120000";

/// The mode of a submodule.
pub(super) const SUBMODULE: &str = "160000";

pub(super) fn line(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim_end_matches(['\n', '\r']).to_owned()
}

/// The fields of an answer under `-z`.
pub(super) fn fields(bytes: &[u8]) -> impl Iterator<Item = PathBuf> {
    bytes.split(|byte| *byte == 0).filter(|field| !field.is_empty()).map(path_of)
}

/// A path as git gives it: any bytes but zero.
#[cfg(unix)]
pub(super) fn path_of(bytes: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt;
    PathBuf::from(OsStr::from_bytes(bytes))
}

#[cfg(not(unix))]
pub(super) fn path_of(bytes: &[u8]) -> PathBuf {
    PathBuf::from(String::from_utf8_lossy(bytes).into_owned())
}

/// An entry of a list of files: what is said of it, and after a tab its path.
pub(super) fn head_and_path(entry: &[u8]) -> Option<(std::borrow::Cow<'_, str>, PathBuf)> {
    let tab = entry.iter().position(|byte| *byte == b'\t')?;
    Some((String::from_utf8_lossy(&entry[..tab]), path_of(&entry[tab + 1..])))
}

/// A file of the index.
pub(super) struct Listed {
    /// `H`, or `S` of one that is not in a sparse checkout; a small letter of one that is assumed to be unchanged.
    pub(super) tag: char,
    pub(super) mode: String,
    pub(super) id: String,
    pub(super) path: PathBuf,
}

impl Listed {
    /// Reads `H 100644 <id> 0`, a tab, the path.
    pub(super) fn read(entry: &[u8]) -> Option<Self> {
        let (head, path) = head_and_path(entry)?;
        let mut words = head.split(' ').map(str::to_owned);
        let (tag, mode, id) = (words.next()?.chars().next()?, words.next()?, words.next()?);
        Some(Listed { tag, mode, id, path })
    }

    pub(super) fn is_flagged(&self) -> bool {
        self.tag.is_ascii_lowercase() || self.tag == 'S'
    }
}

/// The paths of files, with what is after each.
pub(super) fn joined(files: &[&Listed], end: u8) -> Vec<u8> {
    files.iter().flat_map(|entry| [entry.path.as_os_str().as_encoded_bytes(), &[end]].concat()).collect()
}

/// The name of the filter that a setting is of: `x` of `filter.x.clean`.
pub(super) fn filter_of(setting: &OsStr) -> Option<&[u8]> {
    let name = setting.as_encoded_bytes().strip_prefix(b"filter.")?;
    Some(&name[..name.iter().rposition(|byte| *byte == b'.')?])
}

/// Whether what a link leads to is a folder, or not in the repository.
pub(super) fn is_folder(kind: &str) -> bool {
    matches!(kind, "tree" | "symlink")
}

/// Reads `:100644 100644 <id> <id> M`, a path, and of a renamed file a second one. Submodules come apart, but where
/// something else is or was.
pub(super) fn differing(raw: &[u8]) -> (Vec<Change>, Vec<PathBuf>) {
    let mut fields = fields(raw);
    let (mut changes, mut submodules) = (Vec::new(), Vec::new());
    while let Some(head) = fields.next() {
        let head = head.to_string_lossy();
        let parts: Vec<&str> = head.trim_start_matches(':').split(' ').collect();
        let ([before, after, id, _, status], Some(path)) = (parts.as_slice(), fields.next()) else { break };
        let moved = match status.starts_with(['R', 'C']) {
            true => fields.next(),
            false => None,
        };
        let (is_gone, was_link) = (*after == "000000", *before == LINK);
        let is_file = |mode: &str| mode.starts_with("100") || mode == LINK;
        let old = is_file(before).then(|| (path.clone(), (*id).to_owned()));
        match old.is_some() || is_file(after) {
            true => {
                let new = (!is_gone).then(|| moved.unwrap_or(path));
                changes.push(Change { old, was_link, new });
            }
            false => submodules.push(moved.unwrap_or(path)),
        }
    }
    (changes, submodules)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_of_git() {
        let raw = b":100644 100644 aa 00 M\0a b.json\0:100644 100644 bb 00 R090\0old\0new\0\
                    :000000 100755 00 00 A\0x\0:100644 000000 cc 00 D\0gone\0\
                    :120000 120000 dd 00 M\0link\0:100644 120000 ee 00 T\0became-a-link\0\
                    :100644 160000 ff 00 T\0became-a-repository\0:000000 160000 00 00 A\0repository\0";
        let change = |old: Option<(&str, &str)>, new: Option<&str>| Change {
            old: old.map(|(path, id)| (path.into(), id.to_owned())),
            was_link: old.is_some_and(|(path, _)| path == "link"),
            new: new.map(PathBuf::from),
        };
        let (changes, submodules) = differing(raw);
        assert_eq!(
            changes,
            [
                change(Some(("a b.json", "aa")), Some("a b.json")),
                change(Some(("old", "bb")), Some("new")),
                change(None, Some("x")),
                change(Some(("gone", "cc")), None),
                change(Some(("link", "dd")), Some("link")),
                change(Some(("became-a-link", "ee")), Some("became-a-link")),
                change(Some(("became-a-repository", "ff")), Some("became-a-repository")),
            ]
        );
        assert_eq!(submodules, [PathBuf::from("repository")]);
        assert_eq!(differing(b""), (Vec::new(), Vec::new()));
        assert_eq!(differing(b":100644 100644 aa"), (Vec::new(), Vec::new()));
    }
}
