//! A root far off, that the user neither named, nor stands in, nor runs a script of: nobody but this user and root may be able to
//! change it, the way to it, or what in it is run.

use std::ffi::OsString;
use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, FileType};

use crate::directory::{self, DirectoryEntry};
use crate::sdk;
use crate::sdk::scan::{PYTHON_CACHE, is_importable};
use crate::trust::Ownership;
use crate::trust::way::{self, Doubt, Owners, WayEnd, closed_end};

/// More names than a root has; with more it is not judged, and not used.
const MOST_NAMES: usize = 10_000;

/// Where the interpreter is looked for, in the root and in its parent, and the interpreter.
const ENVIRONMENTS: [&str; 8] = [
    ".venv",
    ".venv/bin",
    ".venv/bin/python",
    ".venv/bin/python3",
    "venv",
    "venv/bin",
    "venv/bin/python",
    "venv/bin/python3",
];

/// The directory, if it is to be trusted; and whether everyone can write to it, and it is this user's own all the same.
///
/// # Errors
/// When something can't be looked at.
pub fn open(root: &Path, user: u32) -> io::Result<(WayEnd, bool)> {
    let end = examine(root, user.into())?;
    if matches!(end, WayEnd::Doubted(_))
        && let WayEnd::Directory(directory) = examine(root, Owners { user, is_open_too: true })?
    {
        let facts = Ownership::of(&directory)?;
        if facts.owner.is(user) && facts.is_open() {
            return Ok((WayEnd::Directory(directory), true));
        }
    }
    Ok((end, false))
}

fn examine(root: &Path, user: Owners) -> io::Result<WayEnd> {
    let end = way::closed(root, user)?;
    if let WayEnd::Directory(directory) = &end
        && let Some(doubt) = inside(root, directory, user)?
    {
        return Ok(WayEnd::Doubted(doubt));
    }
    Ok(end)
}

/// What others can change: what Python could import from the root's top level and its service, what is compiled of that, and the
/// environments in it and beside it. Deeper directories are not checked.
fn inside(root: &Path, open: &OwnedFd, user: Owners) -> io::Result<Option<Doubt>> {
    let judged = |path: PathBuf| judge(path, user).transpose();
    let in_directory = |directory: PathBuf| {
        let below = directory.strip_prefix(root).unwrap_or(&directory);
        let importable = names(open, below, is_importable)?;
        let cache = Path::new(PYTHON_CACHE);
        let compiled = match names(open, &below.join(cache), |_| true) {
            Err(error) if directory::is_absent(&error) => Vec::new(),
            compiled => {
                compiled?.into_iter().map(|name| cache.join(name)).chain([cache.to_owned()]).collect()
            }
        };
        let all = importable.into_iter().map(PathBuf::from).chain(compiled);
        Ok::<_, io::Error>(all.map(|path| directory.join(path)).collect::<Vec<_>>())
    };
    // The parent is on PYTHONPATH: that nobody can take away what others have in it, as in `/tmp`, is not enough. Then the service, by
    // which an SDK is recognized.
    let service = root.join(sdk::SERVICE_PACKAGE);
    for path in root.parent().map(Path::to_owned).into_iter().chain([service.clone()]) {
        if let Some(doubt) = judged(path) {
            return doubt.map(Some);
        }
    }
    let environments = [Some(root), root.parent()].into_iter().flatten();
    let environments = environments.flat_map(|directory| ENVIRONMENTS.map(|name| directory.join(name)));
    let paths = environments.chain(in_directory(root.to_owned())?).chain(in_directory(service)?);
    paths.into_iter().find_map(judged).transpose()
}

/// Those names in a directory.
fn names(
    root: &OwnedFd,
    directory: &Path,
    are_meant: impl Fn(&DirectoryEntry) -> bool,
) -> io::Result<Vec<OsString>> {
    let listed = directory::list(directory::open_below(root, directory)?, MOST_NAMES);
    match listed.cut {
        Some(error) => Err(error),
        None => Ok(listed.entries.into_iter().filter(are_meant).map(|entry| entry.name).collect()),
    }
}

fn judge(path: PathBuf, user: Owners) -> io::Result<Option<Doubt>> {
    let stat = match directory::look_at(CWD, &path) {
        Ok(stat) => stat,
        Err(error) if directory::is_absent(&error) => return Ok(None),
        Err(error) => return Err(error),
    };
    let facts = Ownership::from(&stat);
    let why = match facts.kind {
        FileType::Symlink => return follow(path, user),
        FileType::Directory => closed_end(&facts, user),
        _ => open_file(&facts, user),
    };
    Ok(why.map(|why| Doubt { path, why }))
}

/// Where a link leads.
fn follow(link: PathBuf, user: Owners) -> io::Result<Option<Doubt>> {
    match way::closed(&link, user) {
        Ok(WayEnd::Doubted(doubt)) => Ok(Some(doubt)),
        Ok(WayEnd::Directory(_) | WayEnd::Missing(..)) => Ok(None),
        // The way to a file is as closed; the file itself is no step of it.
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => {
            let facts = Ownership::from(&directory::look_through(CWD, &link)?);
            Ok(open_file(&facts, user)
                .map(|why| Doubt { path: link, why: format!("leads to a file that {why}") }))
        }
        Err(error) => Err(error),
    }
}

/// Why somebody but this user and root can change a file.
fn open_file(facts: &Ownership, user: Owners) -> Option<String> {
    if facts.is_own(user.user) {
        user.other_writers(facts).map(str::to_owned)
    } else {
        Some(format!("belongs to {}", facts.owner))
    }
}
