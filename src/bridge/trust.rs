//! Whether a directory may hold a bridge: code that is put on other people's `PYTHONPATH`.

use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// Write permission for everyone, and for the group.
const OTHERS: u32 = 0o002;
const GROUP: u32 = 0o020;

/// In such a directory only an entry's owner can rename or remove it.
const STICKY: u32 = 0o1000;

/// Why the directory in the root is not to be trusted; `None` where it is as safe as the root itself.
///
/// Whoever can write to the root can change the SDK, so a bridge in it needs no more protection than the root has. It
/// must not have less.
pub fn doubt_beside(root: &Metadata, directory: &Metadata, user: u32) -> Option<String> {
    if directory.is_symlink() {
        Some("it is a symbolic link".into())
    } else if !directory.is_dir() {
        Some("it is not a directory".into())
    } else if ![user, 0, root.uid()].contains(&directory.uid()) {
        Some(format!("it belongs to user {}", directory.uid()))
    } else if directory.mode() & !root.mode() & OTHERS != 0 {
        Some("everyone can write to it".into())
    } else if directory.mode() & !root.mode() & GROUP != 0 {
        Some("its group can write to it".into())
    } else {
        None
    }
}

/// Why a directory away from the root is not to be trusted; `None` where nobody but this user and root can write to it
/// or put another in its place.
///
/// # Errors
/// When it or a directory above it can't be looked at.
pub fn doubt_in_cache(directory: &Path, user: u32) -> io::Result<Option<String>> {
    // Both ways to it count: the links that lead there, and where they end.
    for way in [directory, &directory.canonicalize()?] {
        for (above, path) in way.ancestors().enumerate() {
            if let Some(doubt) = doubt_on_the_way(&fs::symlink_metadata(path)?, above, user) {
                let path = crate::shell::quote(path);
                return Ok(Some(if above == 0 {
                    format!("it {doubt}")
                } else {
                    format!("{path} above it {doubt}")
                }));
            }
        }
    }
    Ok(None)
}

fn doubt_on_the_way(meta: &Metadata, above: usize, user: u32) -> Option<String> {
    let held = above > 0 && meta.mode() & STICKY != 0;
    if ![user, 0].contains(&meta.uid()) {
        Some(format!("belongs to user {}", meta.uid()))
    } else if meta.is_symlink() {
        // Its own permissions mean nothing; those of the directory it is in are looked at next.
        (above == 0).then(|| "is a symbolic link".into())
    } else if !meta.is_dir() {
        Some("is not a directory".into())
    } else if !held && meta.mode() & OTHERS != 0 {
        Some("can be written to by everyone".into())
    } else if !held && meta.mode() & GROUP != 0 {
        Some("can be written to by its group".into())
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::chown;

    /// A directory that belongs to a user who is neither root nor the one asked for, whoever runs the tests.
    #[test]
    fn a_strangers_directory_is_doubted() {
        let name = format!("heygem-run-trust-{}", std::process::id());
        let directory = std::env::temp_dir().join(name);
        fs::create_dir(&directory).expect("a directory");
        // Works for root, who owns too much to be a stranger; others are strangers to the next user as they are.
        let _ = chown(&directory, Some(12_345), None);
        let meta = fs::symlink_metadata(&directory).expect("there");
        let owner = meta.uid();
        let of_root = fs::symlink_metadata("/").expect("there");
        let beside = [owner + 1, owner].map(|user| doubt_beside(&of_root, &meta, user));
        let in_cache = doubt_in_cache(&directory, owner + 1).expect("there");
        fs::remove_dir(&directory).expect("empty");
        let doubt = format!("belongs to user {owner}");
        assert_eq!(beside, [Some(format!("it {doubt}")), None]);
        assert_eq!(in_cache, Some(format!("it {doubt}")));
    }
}
