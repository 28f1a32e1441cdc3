//! A full listing of the SDK's modules: the slow look, taken when a bridge is built or may be stale.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::ffi::OsString;
use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::is_absent;
use super::modules::{ModuleFile, ModuleKind, is_identifier};
use crate::files::identity;

/// Deeper than any package that people write; what lies deeper is data.
const DEEPEST: usize = 12;

/// More directories than any SDK has, and few enough to list in a fraction of a second.
const MOST_DIRECTORIES: usize = 5_000;

/// As often as another SDK may be put in the place of the one that is being listed.
const MOST_ATTEMPTS: usize = 10;

/// What the SDK itself writes to with each task: no packages, and their mtimes never rest.
const WRITTEN_BY_TASKS: [&str; 3] = ["log", "result", "temp"];

/// All that Python could import from a root, and where it was found.
#[derive(Debug, Default)]
pub struct Scan {
    /// The directories that were listed, the root first, each with its mtime from just before.
    pub directories: Vec<Directory>,
    /// The modules, sorted by package and name.
    pub modules: Vec<Module>,
    /// Whether a limit cut the walk short.
    pub truncated: bool,
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
    /// Whole seconds.
    pub seconds: i64,
    /// Nanoseconds on top.
    pub nanoseconds: i64,
}

/// A module of the SDK.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Module {
    /// The package's dotted name; empty at the root's top level.
    pub package: String,
    /// The module's own name, or a subpackage's.
    pub name: String,
    /// Whether it is an extension module.
    pub compiled: bool,
}

impl From<&Metadata> for Mtime {
    fn from(meta: &Metadata) -> Self {
        Self { seconds: meta.mtime(), nanoseconds: meta.mtime_nsec() }
    }
}

/// Walks the root's packages, with and without `__init__.py`.
///
/// What is listed is one tree: where another SDK takes the root's place meanwhile, by a rename or by the turn of a link, the
/// walk begins again.
///
/// # Errors
/// When the root can't be listed, or one below it for another reason than a lack of permission: a disk that fails once must
/// not leave a bridge with names missing. What may not be listed is passed over, as Python does. And when the root never
/// stays the same for long enough.
pub fn scan(root: &Path) -> io::Result<Scan> {
    for _ in 0..MOST_ATTEMPTS {
        let mut walk = Walk { root, scan: Scan::default(), listed: BTreeMap::new() };
        walk.directory(PathBuf::new(), "", 0)?;
        if walk.is_still_there() {
            let Walk { mut scan, .. } = walk;
            scan.modules.sort();
            scan.modules.dedup();
            return Ok(scan);
        }
    }
    Err(io::Error::other("its directories are replaced again and again"))
}

struct Walk<'a> {
    root: &'a Path,
    scan: Scan,
    /// The identity of each directory in `scan`, and the path that led there: links may lead round in circles, and one module
    /// must not look like two.
    listed: BTreeMap<(u64, u64), PathBuf>,
}

impl Walk<'_> {
    /// Lists one directory, then those in it. The mtime is read first, so that a change during the listing shows next time.
    fn directory(&mut self, path: PathBuf, package: &str, depth: usize) -> io::Result<()> {
        let full = self.root.join(&path);
        let meta = full.metadata()?;
        match self.listed.entry(identity(&meta)) {
            Entry::Occupied(_) => return Ok(()),
            Entry::Vacant(entry) => entry.insert(path.clone()),
        };
        self.scan.directories.push(Directory { path: path.clone(), mtime: Mtime::from(&meta) });
        let names = list(&full)?;
        if names.iter().any(|(name, _)| name == "pyvenv.cfg" || name == "conda-meta") {
            return Ok(()); // an environment of its own, not a part of the SDK
        }
        let mut subdirectories = Vec::new();
        for (name, kind) in &names {
            match kind {
                Kind::Directory => subdirectories.extend(name.to_str().filter(|name| is_identifier(name))),
                Kind::File => self.file(name, package),
            }
        }
        for name in subdirectories {
            self.subdirectory(&path, package, name, depth + 1)?;
        }
        Ok(())
    }

    /// Whether each path still leads to the directory that was listed.
    fn is_still_there(&self) -> bool {
        self.listed.iter().all(|(listed, path)| {
            self.root.join(path).metadata().is_ok_and(|meta| identity(&meta) == *listed)
        })
    }

    fn file(&mut self, name: &OsString, package: &str) {
        if let Some(ModuleFile { name, kind }) = ModuleFile::parse(name) {
            let compiled = matches!(kind, ModuleKind::Compiled(_));
            self.scan.modules.push(Module { package: package.into(), name: name.into(), compiled });
        }
    }

    fn subdirectory(&mut self, parent: &Path, package: &str, name: &str, depth: usize) -> io::Result<()> {
        if name == "__pycache__" || (depth == 1 && WRITTEN_BY_TASKS.contains(&name)) {
            return Ok(());
        }
        if depth > DEEPEST || self.scan.directories.len() >= MOST_DIRECTORIES {
            self.scan.truncated = true;
            return Ok(());
        }
        let before = self.scan.modules.len();
        let dotted = if package.is_empty() { name.to_owned() } else { format!("{package}.{name}") };
        match self.directory(parent.join(name), &dotted, depth) {
            Err(error) if !is_absent(&error) && error.kind() != io::ErrorKind::PermissionDenied => {
                return Err(error);
            }
            // One that is gone, or may not be listed, has nothing that Python could import.
            _ => {}
        }
        if self.scan.modules.len() > before {
            self.scan.modules.push(Module { package: package.into(), name: name.into(), compiled: false });
        }
        Ok(())
    }
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Directory,
    File,
}

/// Names in byte order, real directories before links, so that two walks of one tree see the same.
fn list(directory: &Path) -> io::Result<Vec<(OsString, Kind)>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let file_type = entry.file_type()?;
        let is_link = file_type.is_symlink();
        let is_directory = if is_link { entry.path().is_dir() } else { file_type.is_dir() };
        let kind = if is_directory { Kind::Directory } else { Kind::File };
        names.push((is_link, entry.file_name(), kind));
    }
    names.sort();
    Ok(names.into_iter().map(|(_, name, kind)| (name, kind)).collect())
}
