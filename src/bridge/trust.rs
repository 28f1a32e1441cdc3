//! Whether a directory may hold a bridge: code that is put on other people's `PYTHONPATH`.

use std::ffi::OsString;
use std::fs::{self, Metadata};
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::files::everyone_can_write;

/// Write permission for the group.
const GROUP: u32 = 0o020;

/// In such a directory only an entry's owner can rename or remove it.
const STICKY: u32 = 0o1000;

/// As many links as the kernel follows (`MAXSYMLINKS`).
const MOST_LINKS: usize = 40;

/// What is not to be trusted, and why.
#[derive(Debug, PartialEq, Eq)]
pub struct Doubt {
    /// The directory or link.
    pub path: PathBuf,
    /// Goes on from its name.
    pub why: String,
}

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
    } else if everyone_can_write(directory) && !everyone_can_write(root) {
        Some("everyone can write to it".into())
    } else if directory.mode() & !root.mode() & GROUP != 0 {
        Some("its group can write to it".into())
    } else {
        None
    }
}

/// What makes a directory away from the root one that others could have prepared, and why; `None` where nobody but this
/// user and root can write to it or put another in its place.
///
/// # Errors
/// When it or a directory above it can't be looked at.
pub fn doubt_in_cache(directory: &Path, user: u32) -> io::Result<Option<Doubt>> {
    let meta = fs::symlink_metadata(directory)?;
    let own = if meta.is_symlink() {
        Some("is a symbolic link".into())
    } else if meta.mode() & STICKY != 0 {
        writers(&meta) // they can't take away what is in it, but add to it
    } else {
        None
    };
    match own {
        Some(why) => Ok(Some(Doubt { path: directory.to_owned(), why })),
        None => doubt_on_the_way(directory, user),
    }
}

/// The same of the way to a directory that something is to be made in: what others put into a sticky one, as `/tmp` is, they
/// can't put in the place of this user's.
///
/// Walks as the kernel does, from the top and through every link: as long as all behind it is safe, nobody can turn the
/// next step between this look and the use.
///
/// # Errors
/// When a step can't be looked at.
pub fn doubt_on_the_way(directory: &Path, user: u32) -> io::Result<Option<Doubt>> {
    let mut links = 0;
    let mut ahead = steps(directory);
    let mut path = PathBuf::new();
    while let Some(step) = ahead.pop() {
        match step.as_bytes() {
            b"." => continue,
            b".." => {
                path.pop();
                continue;
            }
            _ => path.push(step),
        }
        let meta = fs::symlink_metadata(&path)?;
        if let Some(why) = doubt_of_a_step(&meta, user) {
            let path = if ahead.is_empty() { directory.to_owned() } else { path };
            return Ok(Some(Doubt { path, why }));
        }
        if meta.is_symlink() {
            links += 1;
            if links > MOST_LINKS {
                return Err(io::Error::from_raw_os_error(libc::ELOOP));
            }
            ahead.extend(steps(&fs::read_link(&path)?));
            path.pop();
        }
    }
    Ok(None)
}

/// A path's components, the first one last. A root directory replaces what it is pushed onto, as in a link's target it must.
fn steps(path: &Path) -> Vec<OsString> {
    path.components().rev().map(|step| step.as_os_str().to_owned()).collect()
}

fn doubt_of_a_step(meta: &Metadata, user: u32) -> Option<String> {
    if ![user, 0].contains(&meta.uid()) {
        Some(format!("belongs to user {}", meta.uid()))
    } else if meta.is_symlink() {
        None // its own permissions mean nothing, and those of the directory it is in were looked at
    } else if !meta.is_dir() {
        Some("is not a directory".into())
    } else if meta.mode() & STICKY != 0 {
        None
    } else {
        writers(meta)
    }
}

fn writers(meta: &Metadata) -> Option<String> {
    if everyone_can_write(meta) {
        Some("can be written to by everyone".into())
    } else if meta.mode() & GROUP != 0 {
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
        assert_eq!(in_cache, Some(Doubt { path: directory, why: doubt }));
    }
}
