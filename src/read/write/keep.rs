//! What a file has besides its content, and keeps when its content is replaced: owner, group, rights, access control
//! list, extended attributes.

use std::fs::File;
use std::path::Path;

/// Something that a file had and its successor has not.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Lost {
    /// Another name of the same file: it still leads to the old content.
    HardLink,
    /// Its owner.
    Owner,
    /// Its group, and with it what the group had rights to beyond everyone else.
    Group,
    /// The bits that run it as its owner or group, which would be another one now.
    SetId,
    /// Its access control list, and with it what the group had rights to beyond everyone else.
    AccessList,
    /// An extended attribute.
    Attribute(String),
}

impl std::fmt::Display for Lost {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Lost::HardLink => {
                out.write_str("it had a second name (a hard link), which still has the old content")
            }
            Lost::Owner => out.write_str("its owner could not be kept"),
            Lost::Group => out.write_str("its group could not be kept, and has no more rights than others"),
            Lost::SetId => {
                out.write_str("its setuid and setgid bits were removed, as its owner or group changed")
            }
            Lost::AccessList => out.write_str(
                "its access control list could not be kept, and the group has no more rights than others",
            ),
            Lost::Attribute(name) => write!(out, "its extended attribute `{name}` could not be kept"),
        }
    }
}

/// Gives `new` what the file at `old` has, as far as the system lets it. It never gets more rights than that had.
#[cfg(unix)]
pub(super) fn keep(old: &Path, new: &File) -> std::io::Result<Vec<Lost>> {
    use std::fs::Permissions;
    use std::os::unix::fs::{MetadataExt, PermissionsExt, fchown};
    let (was, is) = (old.metadata()?, new.metadata()?);
    let mut lost = Vec::new();
    if was.nlink() > 1 {
        lost.push(Lost::HardLink);
    }
    let mut mode = was.mode() & 0o7777;
    let others_only = |mode: u32| (mode & !0o070) | (((mode & 0o007) << 3) & mode);
    if (was.uid(), was.gid()) != (is.uid(), is.gid())
        && fchown(new, Some(was.uid()), Some(was.gid())).is_err()
    {
        let group = was.gid() == is.gid() || fchown(new, None, Some(was.gid())).is_ok();
        if was.uid() != is.uid() {
            lost.push(Lost::Owner);
        }
        if !group {
            lost.push(Lost::Group);
            mode = others_only(mode);
        }
        if mode & 0o6000 != 0 {
            lost.push(Lost::SetId);
            mode &= 0o1777;
        }
    }
    if !attributes(old, new, &mut lost) {
        mode = others_only(mode);
    }
    new.set_permissions(Permissions::from_mode(mode))?;
    Ok(lost)
}

/// The attribute that is an access control list on Linux.
#[cfg(unix)]
const ACCESS_LIST: &str = "system.posix_acl_access";

/// Copies the extended attributes. Whether the access control list is what it was.
#[cfg(unix)]
fn attributes(old: &Path, new: &File, lost: &mut Vec<Lost>) -> bool {
    use xattr::FileExt;
    // A file system without attributes has nothing to lose.
    let Ok(names) = xattr::list(old) else { return true };
    let (mut kept, mut has_list) = (true, false);
    for name in names {
        let is_list = name == ACCESS_LIST;
        has_list |= is_list;
        let Ok(Some(value)) = xattr::get(old, &name) else { continue };
        if new.get_xattr(&name).ok().flatten().as_ref() == Some(&value)
            || new.set_xattr(&name, &value).is_ok()
        {
            continue;
        }
        if is_list {
            lost.push(Lost::AccessList);
            kept = false;
        } else {
            lost.push(Lost::Attribute(name.to_string_lossy().into_owned()));
        }
    }
    // A new file can have a list from its folder, which the old one had not.
    if !has_list && new.get_xattr(ACCESS_LIST).is_ok_and(|list| list.is_some()) {
        kept &= new.remove_xattr(ACCESS_LIST).is_ok();
    }
    kept
}

#[cfg(not(unix))]
pub(super) fn keep(old: &Path, new: &File) -> std::io::Result<Vec<Lost>> {
    new.set_permissions(old.metadata()?.permissions())?;
    Ok(Vec::new())
}
