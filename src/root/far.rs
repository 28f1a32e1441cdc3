//! A root far off, that the user neither named, nor stands in, nor runs a script of: nobody but this user and root may be able to
//! change it, the way to it, or what in it is run.

use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::CWD;

use crate::directory::{self, DirectoryEntry};
use crate::entry::interpreter::ENVIRONMENTS;
use crate::sdk;
use crate::sdk::scan::{PYTHON_CACHE, is_importable};
use crate::trust::foreign;
use crate::trust::way::{self, Owners, WayEnd};
use crate::trust::{Doubt, Ownership};

/// More names than a root has, its parent or an environment; with more it is not judged, and not used.
const MOST_NAMES: usize = 10_000;

/// What each start of an environment's interpreter needs of it.
const OF_ENVIRONMENT: [&str; 5] = ["bin", "bin/python", "bin/python3", "pyvenv.cfg", "lib"];

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

/// Why somebody but this user and root can change an environment: its interpreter, what that executes at its start, what it can
/// import, or the way to it.
///
/// # Errors
/// When something can't be looked at.
pub fn doubt_of_environment(environment: &Path, user: u32) -> io::Result<Option<Doubt>> {
    match way::closed(environment, user)? {
        WayEnd::Doubted(doubt) => Ok(Some(doubt)),
        WayEnd::Directory(_) => Examiner { user: user.into() }.environment(environment),
        WayEnd::Missing(..) => Ok(None),
    }
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

/// Who asks. Each answer is the first thing that others can change. Names are looked up by paths: nobody else can change the way.
struct Examiner {
    user: Owners,
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

    fn first(&self, paths: impl IntoIterator<Item = PathBuf>) -> io::Result<Option<Doubt>> {
        paths.into_iter().find_map(|path| foreign::doubt(path, self.user).transpose()).transpose()
    }

    /// What could be imported from a directory, and what is compiled of it.
    fn package(&self, package: &Path) -> io::Result<Option<Doubt>> {
        let importable = names(package, is_importable)?;
        self.first(importable.into_iter().chain(compiled(package)?))
    }

    /// An environment's interpreter, and what it executes before a program of its own.
    fn environment(&self, environment: &Path) -> io::Result<Option<Doubt>> {
        let paths = OF_ENVIRONMENT.map(|name| environment.join(name));
        if let Some(doubt) = self.first([environment.to_owned()].into_iter().chain(paths))? {
            return Ok(Some(doubt));
        }
        let is_version = |entry: &DirectoryEntry| entry.name.as_bytes().starts_with(b"python");
        for library in names(&environment.join("lib"), is_version)? {
            let packages = library.join("site-packages");
            if let Some(doubt) = self.first([library, packages.clone()])? {
                return Ok(Some(doubt));
            }
            let is_run = |entry: &DirectoryEntry| is_importable(entry) || is_path_file(&entry.name);
            if let Some(doubt) = self.first(names(&packages, is_run)?)? {
                return Ok(Some(doubt));
            }
        }
        Ok(None)
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

/// Python's cache in a directory, and what is in it.
fn compiled(directory: &Path) -> io::Result<Vec<PathBuf>> {
    let cache = directory.join(PYTHON_CACHE);
    let mut all = names(&cache, |_| true)?;
    all.push(cache);
    Ok(all)
}

/// What has those names in a directory; nothing where there is none.
fn names(directory: &Path, are_meant: impl Fn(&DirectoryEntry) -> bool) -> io::Result<Vec<PathBuf>> {
    let open = match directory::open_below(CWD, directory) {
        Err(error) if directory::is_absent(&error) => return Ok(Vec::new()),
        open => open?,
    };
    let listed = directory::list(open, MOST_NAMES);
    match listed.cut {
        Some(error) => Err(error),
        None => {
            Ok(listed.entries.into_iter().filter(are_meant).map(|entry| directory.join(entry.name)).collect())
        }
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

/// Whether `site` executes the lines of a file of that name (`site.addpackage`).
fn is_path_file(name: &OsStr) -> bool {
    name.as_bytes().ends_with(b".pth")
}
