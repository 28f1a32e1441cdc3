//! Whether somebody but this user and root can change what Python imports: the looks that are made of each directory.

use std::io;
use std::path::{Path, PathBuf};

use rustix::fs::CWD;

use crate::directory::{self, DirectoryEntry};
use crate::sdk::scan::{PYTHON_CACHE, is_importable};
use crate::trust::way::Owners;
use crate::trust::{Doubt, foreign};

/// More names than a root has, its parent or an environment; with more it is not judged, and not used.
const MOST_NAMES: usize = 10_000;

/// Who asks. Each answer is the first thing that others can change. Names are looked up by paths: nobody else can change the way.
pub struct Examiner {
    pub user: Owners,
}

impl Examiner {
    /// The first of these paths that others can change, or where it leads.
    pub fn first(&self, paths: impl IntoIterator<Item = PathBuf>) -> io::Result<Option<Doubt>> {
        paths.into_iter().find_map(|path| foreign::doubt(path, self.user).transpose()).transpose()
    }

    /// What could be imported from a directory, and what is compiled of it.
    pub fn package(&self, package: &Path) -> io::Result<Option<Doubt>> {
        let importable = names(package, is_importable)?;
        self.first(importable.into_iter().chain(compiled(package)?))
    }
}

/// Python's cache in a directory, and what is in it.
pub fn compiled(directory: &Path) -> io::Result<Vec<PathBuf>> {
    let cache = directory.join(PYTHON_CACHE);
    let mut all = names(&cache, |_| true)?;
    all.push(cache);
    Ok(all)
}

/// What has those names in a directory; nothing where there is none.
pub fn names(directory: &Path, are_meant: impl Fn(&DirectoryEntry) -> bool) -> io::Result<Vec<PathBuf>> {
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
