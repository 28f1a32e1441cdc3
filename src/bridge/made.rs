//! What is a launcher's work, and how it is removed. Others can't write into a directory of this user's, but as long as the SDK or a
//! store was open to them, they could move one here under a name of ours.
//!
//! What such a directory holds tells: a mark in it says who made it, or all in it is what a killed launcher leaves. Beside a mark, files
//! and empty directories may be anything: who could have put the mark there could have removed them.

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::path::Path;

use rustix::fs::{AtFlags, FileType, unlinkat};
use rustix::io::retry_on_intr;

use super::content::{DAMAGED, IGNORE, IGNORED, MARK, MARKED, is_bridge_name, is_key};
use super::stamp;
use crate::directory::{self, DirectoryEntry, EntryKind, Listed};
use crate::files;
use crate::sdk::scan::PYTHON_CACHE;

/// More names than any bridge has.
const MOST_NAMES: usize = 1_000_000;

/// Every file of a bridge says in its first lines who made it.
const HEAD: usize = 512;

const TEMPORARY: &str = "tmp-";

/// A directory that launchers make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WorkKind {
    /// A cache, with the stores of several roots.
    Stores,
    /// The bridges of a root.
    Store,
    /// What a launcher makes before it is in its place.
    Temporary,
    /// A bridge.
    Bridge,
    /// What Python compiles of a bridge.
    Compiled,
}

impl WorkKind {
    /// What a directory of that name in it is, if it is a launcher's.
    fn below(self, name: &OsStr) -> Option<Self> {
        let bridge = |is_one: bool| is_one.then_some(Self::Bridge);
        let name = name.to_str()?;
        match self {
            Self::Stores => is_key(name.as_bytes()).then_some(Self::Store),
            Self::Store if is_temporary_name(name) => Some(Self::Temporary),
            Self::Store => bridge(is_bridge_name(name.as_bytes())),
            Self::Temporary => bridge(name == DAMAGED || is_bridge_name(name.as_bytes())),
            Self::Bridge => (name == PYTHON_CACHE).then_some(Self::Compiled),
            Self::Compiled => None,
        }
    }

    /// Whether a file of that name in it may be a launcher's, or Python's.
    fn may_have_file(self, name: &OsStr) -> bool {
        match self {
            Self::Stores => false,
            Self::Store | Self::Temporary | Self::Bridge => true,
            Self::Compiled => is_compiled_name(name),
        }
    }
}

/// The name of a directory that this process makes now, at one of its attempts.
pub fn temporary_name(now: u128, attempt: u32) -> String {
    format!("{TEMPORARY}{}-{now}-{attempt}", std::process::id())
}

/// Whether [`temporary_name`] makes such names.
pub fn is_temporary_name(name: &str) -> bool {
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    name.strip_prefix(TEMPORARY)
        .is_some_and(|numbers| numbers.split('-').count() == 3 && numbers.split('-').all(is_number))
}

fn is_compiled_name(name: &OsStr) -> bool {
    name.to_str().is_some_and(|name| name.contains(".pyc"))
}

/// Whether an open directory is a launcher's work. An empty one is.
pub fn is_ours(directory: impl AsFd, kind: WorkKind) -> bool {
    match foreign_name(directory, kind) {
        Ok(name) => name.is_none(),
        Err(error) => is_gone(&error),
    }
}

/// Another launcher may remove its own meanwhile.
fn is_gone(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::NotFound
}

/// A name in an open directory that shows that no launcher made it.
///
/// # Errors
/// When it can't be listed whole.
pub fn foreign_name(directory: impl AsFd, kind: WorkKind) -> io::Result<Option<OsString>> {
    let directory = directory.as_fd();
    let Listed { entries, cut } = directory::list(directory::open_at(directory, ".")?, MOST_NAMES);
    if let Some(error) = cut {
        return Err(error);
    }
    let is_marked = entries.iter().any(|entry| is_mark(directory, &entry.name, kind));
    Ok(entries.into_iter().map(|entry| entry.name).find(|name| !is_work(directory, name, kind, is_marked)))
}

/// Whether something in a directory can only be there if a launcher made the directory, or others could write to it.
fn is_mark(directory: BorrowedFd, name: &OsStr, kind: WorkKind) -> bool {
    match kind {
        WorkKind::Store if stamp::NAMES.iter().any(|stamp| name == *stamp) => {
            head_of(directory, name).is_ok_and(|head| head.starts_with(stamp::START.as_bytes()))
        }
        WorkKind::Store if kind.below(name) == Some(WorkKind::Bridge) => directory::open_at(directory, name)
            .is_ok_and(|bridge| is_mark(bridge.as_fd(), MARKED.as_ref(), WorkKind::Bridge)),
        WorkKind::Bridge if name == MARKED => head_of(directory, name).is_ok_and(|head| has_mark(&head)),
        _ => false,
    }
}

fn is_work(directory: BorrowedFd, name: &OsStr, kind: WorkKind, is_marked: bool) -> bool {
    if is_marked && kind == WorkKind::Store {
        return true; // what else is there stays as it is
    }
    let stat = match directory::look_at(directory, name) {
        Ok(stat) => stat,
        Err(error) => return is_gone(&error),
    };
    if FileType::from_raw_mode(stat.st_mode) != FileType::Directory {
        let is_ours = is_marked || kind == WorkKind::Compiled || is_file_of_ours(directory, name);
        return kind.may_have_file(name) && is_ours; // Python writes its cache again
    }
    match (directory::open_at(directory, name), kind.below(name)) {
        (Ok(open), Some(below)) => is_ours(open, below),
        (Ok(open), None) => is_marked && directory::is_empty(open).unwrap_or(false),
        (Err(error), _) => is_gone(&error),
    }
}

/// By what it begins with. What was cut short may have nothing in it.
fn is_file_of_ours(directory: BorrowedFd, name: &OsStr) -> bool {
    let is_begun = |text: &[u8], head: &[u8]| text.starts_with(head) || head.starts_with(text);
    match head_of(directory, name) {
        Ok(head) if name == IGNORE => IGNORED.starts_with(&head),
        Ok(head) => is_begun(stamp::START.as_bytes(), &head) || has_mark(&head),
        Err(error) => is_gone(&error),
    }
}

fn has_mark(head: &[u8]) -> bool {
    memchr::memmem::find(head, MARK).is_some()
}

fn head_of(directory: BorrowedFd, name: &OsStr) -> io::Result<Vec<u8>> {
    let mut buffer = [0; HEAD];
    Ok(files::read_open_head(&files::open_at(directory, name)?, &mut buffer)?.to_vec())
}

/// Removes from an open directory what a launcher makes in one of this kind, by descriptors and following no link. A directory that is
/// something else stays with what is in it, whenever it came there; and so does what can't be removed.
pub fn empty(directory: impl AsFd, kind: WorkKind) {
    let directory = directory.as_fd();
    let Ok(listed) = directory::open_below(directory, Path::new("")) else { return };
    for DirectoryEntry { name, kind: entry } in directory::list(listed, usize::MAX).entries {
        // Not every file system tells what is a directory; none is removed as a file.
        if entry != EntryKind::Directory
            && kind.may_have_file(&name)
            && retry_on_intr(|| unlinkat(directory, &*name, AtFlags::empty())).is_ok()
        {
            continue;
        }
        if let (Some(below), Ok(open)) = (kind.below(&name), directory::open_at(directory, &name)) {
            empty(open, below);
        }
        let _ = directory::remove_directory(directory, &name); // if it is one, and empty
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_our_making_are_temporaries() {
        assert!(is_temporary_name(&temporary_name(1_763_950_000_123_456_789, 15)));
        for name in ["tmp-", "tmp-1", "tmp-2024", "tmp-1-2", "tmp-1-2-x", "tmp-1--3", "tmp-1-2-3-4", "tmp"] {
            assert!(!is_temporary_name(name), "{name}");
        }
    }

    #[test]
    fn each_kind_has_directories_of_its_own() {
        let [bridge, temporary] = ["heygem-bridge-0123456789abcdef", "tmp-1-2-3"];
        let key = "0123456789abcdef0123456789abcdef";
        let table = [
            (WorkKind::Stores, key, Some(WorkKind::Store)),
            (WorkKind::Stores, bridge, None),
            (WorkKind::Store, bridge, Some(WorkKind::Bridge)),
            (WorkKind::Store, temporary, Some(WorkKind::Temporary)),
            (WorkKind::Store, DAMAGED, None),
            (WorkKind::Temporary, DAMAGED, Some(WorkKind::Bridge)),
            (WorkKind::Temporary, temporary, None),
            (WorkKind::Bridge, PYTHON_CACHE, Some(WorkKind::Compiled)),
            (WorkKind::Bridge, bridge, None),
            (WorkKind::Compiled, PYTHON_CACHE, None),
        ];
        for (kind, name, below) in table {
            assert_eq!(kind.below(name.as_ref()), below, "{kind:?} {name}");
        }
    }
}
