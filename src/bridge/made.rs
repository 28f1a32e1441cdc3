//! Whether what lies in a store is a launcher's work and nothing else. Only that is removed where others can put something into the
//! SDK: they can't write into a directory of this user's, but move it here under a name of ours.

use std::os::fd::AsFd;

use rustix::fs::FileType;

use super::content::{DAMAGED, IGNORE, MARK, is_bridge_name};
use super::stamp;
use crate::directory::{self, DirectoryEntry};
use crate::files;
use crate::sdk::scan::PYTHON_CACHE;
use crate::trust::way::closed_end;
use crate::trust::{Id, Ownership, is_safe_file};

/// More names than any bridge has.
const MOST_NAMES: usize = 1_000_000;

/// Every file of a bridge says in its first lines who made it.
const HEAD: usize = 512;

/// A temporary has bridges in it, and they have Python's cache.
const DEEPEST: usize = 2;

/// Whether an open directory is this user's, nobody else can write to it, and all in it is what a launcher writes, or Python beside
/// that. An empty one is.
pub fn is_ours(directory: impl AsFd, user: u32) -> bool {
    holds_work(directory, user, DEEPEST)
}

fn holds_work(directory: impl AsFd, user: u32, deepest: usize) -> bool {
    let directory = directory.as_fd();
    let is_closed = Ownership::of(directory).is_ok_and(|facts| closed_end(&facts, user).is_none());
    let Ok(open) = directory::open_at(directory, ".") else { return false };
    let listed = directory::list(open, MOST_NAMES);
    is_closed
        && listed.cut.is_none()
        && listed.entries.iter().all(|entry| is_work(directory, entry, user, deepest))
}

fn is_work(
    directory: impl AsFd,
    DirectoryEntry { name, .. }: &DirectoryEntry,
    user: u32,
    deepest: usize,
) -> bool {
    let (directory, Some(text)) = (directory.as_fd(), name.to_str()) else { return false };
    let Ok(stat) = directory::look_at(directory, name) else { return false };
    if FileType::from_raw_mode(stat.st_mode) == FileType::Directory {
        let is_known = [PYTHON_CACHE, DAMAGED].contains(&text) || is_bridge_name(text.as_bytes());
        return is_known
            && deepest > 0
            && directory::open_at(directory, name).is_ok_and(|below| holds_work(below, user, deepest - 1));
    }
    is_safe_file(&Ownership::from(&stat), &[Id::of_user(user), Id::User(0)])
        && is_file_of_ours(directory, text)
}

/// By what it begins with. What was cut short may have nothing in it, and Python writes its cache again.
fn is_file_of_ours(directory: impl AsFd, name: &str) -> bool {
    if name == IGNORE || name.contains(".pyc") {
        return true;
    }
    let mut buffer = [0; HEAD];
    let head = files::open_at(directory, name).and_then(|file| {
        let head = files::read_open_head(&file, &mut buffer)?;
        Ok(head.is_empty()
            || head.starts_with(stamp::START.as_bytes())
            || memchr::memmem::find(head, MARK).is_some())
    });
    head.unwrap_or(false)
}
