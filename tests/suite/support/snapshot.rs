//! What is below a directory, to be compared with what was there before.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use super::build::expect;

/// Every path below `dir`, with all that a write would change: inode, kind and mode, length, and the time of the last
/// change of content and of anything.
pub fn snapshot(dir: &Path) -> BTreeMap<PathBuf, String> {
    let mut found = BTreeMap::new();
    visit(dir, &mut |path, meta| {
        let times = [meta.mtime(), meta.mtime_nsec(), meta.ctime(), meta.ctime_nsec()];
        let state = format!("{} {:o} {} {times:?}", meta.ino(), meta.mode(), meta.len());
        found.insert(path.to_owned(), state);
    });
    found
}

/// Every path below `dir`, relative to it, with its mode and what it says: a file its text, a link where it leads.
pub fn contents(dir: &Path) -> BTreeMap<PathBuf, (u32, Vec<u8>)> {
    let mut found = BTreeMap::new();
    visit(dir, &mut |path, meta| {
        let said = if meta.is_symlink() {
            expect(fs::read_link(path), "read", path).as_os_str().as_bytes().to_vec()
        } else if meta.is_file() {
            expect(fs::read(path), "read", path)
        } else {
            Vec::new()
        };
        found.insert(path.strip_prefix(dir).unwrap_or(path).to_owned(), (meta.mode(), said));
    });
    found
}

/// The names in `dir`, sorted.
pub fn names(dir: &Path) -> Vec<String> {
    let entries = expect(dir.read_dir(), "list", dir);
    let mut names: Vec<_> =
        entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

fn visit(path: &Path, look: &mut impl FnMut(&Path, &fs::Metadata)) {
    let meta = expect(path.symlink_metadata(), "examine", path);
    look(path, &meta);
    if meta.is_dir() {
        for entry in expect(path.read_dir(), "list", path) {
            visit(&expect(entry, "list", path).path(), look);
        }
    }
}
