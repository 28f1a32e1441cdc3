//! A full listing of the SDK's modules: the slow look, taken when a bridge is built or may be stale.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::ffi::{OsStr, OsString};
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::path::{Path, PathBuf};

use rustix::fs::{FileType, Stat};

use super::modules::{ModuleFile, ModuleKind, is_identifier};
use super::{SERVICE_PACKAGE, is_absent};
use crate::directory::{self, DirectoryEntry, EntryKind, identity};
use crate::{files, limit_signals};

/// Deeper than any package that people write; what lies deeper is data.
const DEEPEST: usize = 12;

/// More directories than any SDK has, and few enough to list in a fraction of a second.
const MOST_DIRECTORIES: usize = 5_000;

/// More names than any SDK has, in one directory and in all: as many take seconds, not minutes.
const MOST_NAMES: usize = 1_000_000;

/// As often as another SDK may be put in the place of the one that is being listed.
const MOST_ATTEMPTS: usize = 10;

/// What the SDK itself writes to with each task: no packages, and their mtimes never rest.
const WRITTEN_BY_TASKS: [&str; 3] = ["log", "result", "temp"];

/// What an environment has in its directory, which may be the root: `python3 -m venv .`, `conda create -p .`.
const OF_AN_ENVIRONMENT: [&str; 12] =
    ["bin", "sbin", "lib", "lib64", "libexec", "include", "share", "etc", "var", "ssl", "envs", "pkgs"];

/// Where Python keeps what it compiled.
pub const PYTHON_CACHE: &str = "__pycache__";

/// All that Python could import from a root, and where it was found.
#[derive(Debug, Default)]
pub struct Scan {
    /// The directories that were listed, the root first, each with its mtime from just before.
    pub directories: Vec<Directory>,
    /// The modules, sorted by package and name.
    pub modules: Vec<Module>,
    /// The files of the extension modules, sorted: paths below the root.
    pub compiled: Vec<PathBuf>,
    /// Whether a limit cut the walk short.
    pub truncated: bool,
    /// What could not be read: paths below the root, and why. Then there may be modules that are not listed.
    pub unread: Vec<(PathBuf, io::Error)>,
}

/// A directory and its mtime.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directory {
    /// The path below the root; empty for the root.
    pub path: PathBuf,
    /// When a name was last added or removed.
    pub mtime: Mtime,
}

/// A time since the epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mtime {
    pub seconds: i64,
    /// Nanoseconds on top.
    pub nanoseconds: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Module {
    /// The package's dotted name; empty at the root's top level.
    pub package: String,
    /// The module's own name, or a subpackage's.
    pub name: String,
    /// Whether it is an extension module.
    pub compiled: bool,
}

impl From<&Stat> for Mtime {
    fn from(stat: &Stat) -> Self {
        // Both fit: a file system's nanoseconds are fewer than 10^9.
        Self { seconds: stat.st_mtime, nanoseconds: i64::try_from(stat.st_mtime_nsec).unwrap_or(0) }
    }
}

/// Whether Python could import what a root has by that name, or something from it.
pub fn is_importable(entry: &DirectoryEntry) -> bool {
    let is_package =
        |name: &str| is_identifier(name) && name != PYTHON_CACHE && !WRITTEN_BY_TASKS.contains(&name);
    ModuleFile::parse(&entry.name).is_some()
        || (entry.kind != EntryKind::File && entry.name.to_str().is_some_and(is_package))
}

impl Scan {
    /// What could not be read, by whole paths, and why.
    pub fn unread_in(&self, root: &Path) -> impl Iterator<Item = (PathBuf, &io::Error)> {
        // Joined with nothing, a path would end in a slash.
        let whole = |below: &Path| match below.as_os_str().is_empty() {
            true => root.to_owned(),
            false => root.join(below),
        };
        self.unread.iter().map(move |(path, error)| (whole(path), error))
    }
}

/// Walks the root's packages, with and without `__init__.py`.
///
/// What is listed is one tree: where parts of another SDK take the place of this one's meanwhile, the walk begins again. What can't be
/// read, or is gone before it is, is told in the scan: there could be names that are not in it.
///
/// # Errors
/// When the root never stays the same for long enough, or the limit of processor time is reached.
pub fn scan(root: impl AsFd) -> io::Result<Scan> {
    for _ in 0..MOST_ATTEMPTS {
        let mut walk =
            Walk { root: root.as_fd(), scan: Scan::default(), listed: BTreeMap::new(), left: MOST_NAMES };
        walk.root()?;
        if walk.is_still_there() {
            let Walk { mut scan, .. } = walk;
            scan.modules.sort();
            scan.modules.dedup();
            scan.compiled.sort();
            return Ok(scan);
        }
    }
    Err(io::Error::other("its directories are replaced again and again"))
}

struct Walk<'a> {
    root: BorrowedFd<'a>,
    scan: Scan,
    /// The identity of each directory in `scan`, and the path that led there: links may lead round in circles, and one module
    /// must not look like two.
    listed: BTreeMap<(u64, u64), PathBuf>,
    /// As many names may still be listed.
    left: usize,
}

impl Walk<'_> {
    /// Where the root itself can't be listed, the service is still known by its name.
    fn root(&mut self) -> io::Result<()> {
        self.directory(PathBuf::new(), "", 0)?;
        let is_known = self.listed.values().any(|path| path == Path::new(SERVICE_PACKAGE));
        if !self.scan.unread.is_empty() && !is_known {
            self.subdirectory(Path::new(""), "", SERVICE_PACKAGE, 1)?;
        }
        Ok(())
    }

    /// Lists one directory, then those in it. The mtime is read first, so that a change during the listing shows next time.
    fn directory(&mut self, path: PathBuf, package: &str, depth: usize) -> io::Result<()> {
        limit_signals::check()?;
        let (open, stat) = match self.open(&path) {
            Ok(opened) => opened,
            Err(error) => {
                self.scan.unread.push((path, error));
                return Ok(());
            }
        };
        match self.listed.entry(identity(&stat)) {
            Entry::Occupied(_) => return Ok(()),
            Entry::Vacant(entry) => entry.insert(path.clone()),
        };
        self.scan.directories.push(Directory { path: path.clone(), mtime: Mtime::from(&stat) });
        let mut names = self.list(&open, &path);
        if names.iter().any(|(name, _)| name == "pyvenv.cfg" || name == "conda-meta") {
            if !path.as_os_str().is_empty() {
                return Ok(()); // an environment of its own, not a part of the SDK
            }
            names.retain(|(name, _)| !OF_AN_ENVIRONMENT.iter().any(|own| name == own));
        }
        let mut subdirectories = Vec::new();
        for (name, is_directory) in &names {
            if *is_directory {
                subdirectories.extend(name.to_str().filter(|name| is_identifier(name)));
            } else {
                self.file(name, &path, package);
            }
        }
        for name in subdirectories {
            self.subdirectory(&path, package, name, depth + 1)?;
        }
        Ok(())
    }

    fn open(&self, path: &Path) -> io::Result<(std::os::fd::OwnedFd, Stat)> {
        let open = directory::open_below(self.root, path)?;
        let stat = files::stat(&open)?;
        Ok((open, stat))
    }

    /// Names in byte order, real directories before links, so that two walks of one tree see the same; and which are directories.
    fn list(&mut self, open: impl AsFd, path: &Path) -> Vec<(OsString, bool)> {
        let listed = directory::list(&open, self.left);
        self.left -= listed.entries.len();
        self.scan.unread.extend(listed.cut.map(|error| (path.to_owned(), error)));
        let mut names = Vec::new();
        for DirectoryEntry { name, kind } in listed.entries {
            let is_directory = match kind {
                EntryKind::Directory => true,
                EntryKind::File => false,
                EntryKind::Unknown => self.is_directory(&open, path, &name),
            };
            names.push((kind == EntryKind::Unknown, name, is_directory));
        }
        names.sort();
        names.into_iter().map(|(_, name, is_directory)| (name, is_directory)).collect()
    }

    /// Looks through a link. One that leads nowhere is no directory, but a link to itself, say, could be anything.
    fn is_directory(&mut self, open: impl AsFd, path: &Path, name: &OsStr) -> bool {
        match directory::look_through(open, name) {
            Ok(stat) => FileType::from_raw_mode(stat.st_mode) == FileType::Directory,
            Err(error) if is_absent(&error) || error.raw_os_error() == Some(libc::ELOOP) => false,
            Err(error) => {
                self.scan.unread.push((path.join(name), error));
                false
            }
        }
    }

    /// Whether each path still leads to the directory that was listed.
    fn is_still_there(&self) -> bool {
        self.listed.iter().all(|(listed, path)| {
            let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
            match directory::look_through(self.root, path) {
                Ok(stat) => identity(&stat) == *listed,
                // What can't be looked at is not replaced by that; the next launch sees what it is.
                Err(error) => !is_absent(&error),
            }
        })
    }

    fn file(&mut self, file: &OsStr, directory: &Path, package: &str) {
        if let Some(ModuleFile { name, kind }) = ModuleFile::parse(file) {
            let compiled = matches!(kind, ModuleKind::Compiled(_));
            self.scan.compiled.extend(compiled.then(|| directory.join(file)));
            self.scan.modules.push(Module { package: package.into(), name: name.into(), compiled });
        }
    }

    fn subdirectory(&mut self, parent: &Path, package: &str, name: &str, depth: usize) -> io::Result<()> {
        if name == PYTHON_CACHE || (depth == 1 && WRITTEN_BY_TASKS.contains(&name)) {
            return Ok(());
        }
        if depth > DEEPEST || self.scan.directories.len() >= MOST_DIRECTORIES {
            self.scan.truncated = true;
            return Ok(());
        }
        let before = self.scan.modules.len();
        let dotted = if package.is_empty() { name.to_owned() } else { format!("{package}.{name}") };
        self.directory(parent.join(name), &dotted, depth)?;
        if self.scan.modules.len() > before {
            self.scan.modules.push(Module { package: package.into(), name: name.into(), compiled: false });
        }
        Ok(())
    }
}
