//! A root far off, that the user neither named, nor stands in, nor runs a script of: nobody but this user and root may be able to
//! change it, the way to it, or what in it is run.

use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use rustix::fs::CWD;

use super::examiner::{Examiner, compiled, names};
use crate::directory::{self, DirectoryEntry};
use crate::entry::interpreter::ENVIRONMENTS;
use crate::sdk;
use crate::sdk::scan::is_importable;
use crate::trust::way::{self, Owners, WayEnd};
use crate::trust::{Doubt, Ownership};

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
    if let WayEnd::Directory(_) = &end
        && let Some(doubt) = (Examiner { user }).root(root)?
    {
        return Ok(WayEnd::Doubted(doubt));
    }
    Ok(end)
}

impl Examiner {
    /// What Python could import from the root's top level and its service, what is compiled of that, the environments in it and beside
    /// it, and what could be imported from its parent. Deeper directories are not checked.
    fn root(&self, root: &Path) -> io::Result<Option<Doubt>> {
        let service = root.join(sdk::SERVICE_PACKAGE);
        let parent = root.parent();
        let beside = || [Some(root), parent].into_iter().flatten();
        let environments = || beside().flat_map(|place| ENVIRONMENTS.map(|name| place.join(name)));
        let steps: [&dyn Fn() -> io::Result<Option<Doubt>>; 5] = [
            // The parent is on PYTHONPATH: that nobody can take away what others have in it, as in `/tmp`, is not enough. Then the
            // service, by which an SDK is recognized.
            &|| self.first(parent.map(Path::to_owned).into_iter().chain([service.clone()])),
            &|| environments().find_map(|path| self.environment(&path).transpose()).transpose(),
            &|| self.package(root),
            &|| self.package(&service),
            &|| parent.map_or(Ok(None), |parent| self.parent(parent)),
        ];
        steps.iter().find_map(|step| step().transpose()).transpose()
    }

    /// What could be imported from the root's parent. Other people's directories may lie there (`/home`, `/`); a regular package of
    /// theirs would hide everybody's.
    fn parent(&self, parent: &Path) -> io::Result<Option<Doubt>> {
        let listed = match names(parent, is_importable) {
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => return Ok(None), // nor by Python
            listed => listed?,
        };
        let are_run = listed.into_iter().filter(|path| !is_directory(path) || is_package(path));
        self.first(are_run.chain(compiled(parent)?))
    }
}

/// Whether a name leads to a directory.
fn is_directory(path: &Path) -> bool {
    directory::is_directory(CWD, path).unwrap_or(false)
}

/// Whether a directory is a regular package: one without `__init__` hides nothing. Nobody imports what all users share (`/tmp`).
fn is_package(path: &Path) -> bool {
    let is_shared = directory::look_through(CWD, path).is_ok_and(|stat| Ownership::from(&stat).is_shared());
    let is_init = |entry: &DirectoryEntry| entry.name.as_bytes().starts_with(b"__init__.");
    !is_shared && names(path, is_init).is_ok_and(|names| !names.is_empty())
}
