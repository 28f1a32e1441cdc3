//! Directories by their descriptors: opening, listing to a bound, making, removing. A name is looked at once; what was opened
//! can't be exchanged. `std`'s listing is not used: it panics where the kernel refuses a `close`.

use std::ffi::{CStr, OsStr, OsString};
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, AsRawFd as _, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::{
    AtFlags, CWD, FileType, Mode, OFlags, RawDir, ResolveFlags, Stat, chmodat, fchmod, mkdirat, openat,
    openat2, statat, unlinkat,
};
use rustix::io::{Errno, retry_on_intr};

use crate::files;

/// Deeper than anything that a launcher leaves behind.
const DEEPEST: usize = 8;

/// Bound on the names of one directory: more than a package manager puts into any.
const MOST_PATHS: usize = 100_000;

/// Enough for the names of a usual directory at once.
const BUFFER: usize = 8192;

/// What a directory's owner needs to list it, and to make and find something in it.
const OF_OWNER: u32 = 0o700;

const LISTED: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);

/// A name in a directory, and what it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct DirectoryEntry {
    pub name: OsString,
    /// What it is, where the directory tells it.
    pub kind: EntryKind,
}

/// What a directory tells of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum EntryKind {
    Directory,
    /// A link, or what only a look can tell.
    Unknown,
    /// Anything else.
    File,
}

/// The names in a directory, as far as they could be read.
#[derive(Debug, Default)]
pub struct Listed {
    /// Without `.` and `..`, in the file system's order.
    pub entries: Vec<DirectoryEntry>,
    /// What ended the reading before the last name; `None` where it is complete.
    pub cut: Option<io::Error>,
}

/// Opens a directory through links, to look from it and not to list it: that needs no permission for the directory itself.
///
/// # Errors
/// When it can't be opened, or is none.
pub fn open(path: &Path) -> io::Result<OwnedFd> {
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    Ok(retry_on_intr(|| openat(CWD, path, flags, Mode::empty()))?)
}

/// A directory that was opened by a path.
#[derive(Debug)]
pub struct Reached {
    pub directory: OwnedFd,
    /// Whether no link was on the way.
    pub is_physical: bool,
}

/// Opens a directory as [`open`] does, and tells whether a link was on the way.
///
/// # Errors
/// When it can't be opened, or is none.
pub fn reach(path: &Path) -> io::Result<Reached> {
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let without_links = retry_on_intr(|| openat2(CWD, path, flags, Mode::empty(), ResolveFlags::NO_SYMLINKS));
    match without_links {
        Ok(directory) => Ok(Reached { directory, is_physical: true }),
        Err(Errno::LOOP) => Ok(Reached { directory: open(path)?, is_physical: false }),
        // Before Linux 5.6, or filtered in a container.
        Err(Errno::NOSYS | Errno::PERM) => {
            let directory = open(path)?;
            let link = format!("/proc/self/fd/{}", directory.as_raw_fd());
            let is_physical = std::fs::read_link(link).is_ok_and(|physical| physical == path);
            Ok(Reached { directory, is_physical })
        }
        Err(error) => Err(error.into()),
    }
}

/// Opens the directory that an open one lies in.
///
/// # Errors
/// When it can't be opened.
pub fn open_parent(directory: impl AsFd) -> io::Result<OwnedFd> {
    let directory = directory.as_fd();
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    Ok(retry_on_intr(|| openat(directory, "..", flags, Mode::empty()))?)
}

/// Opens a directory in another one, to list it and to look from it. A link is refused.
///
/// # Errors
/// When it can't be opened, or is none.
pub fn open_at(directory: impl AsFd, name: impl AsRef<OsStr>) -> io::Result<OwnedFd> {
    let (directory, name) = (directory.as_fd(), name.as_ref());
    Ok(retry_on_intr(|| openat(directory, name, LISTED | OFlags::NOFOLLOW, Mode::empty()))?)
}

/// Opens a directory below another one, through links, to list it and to look from it.
///
/// # Errors
/// When it can't be opened, or is none.
pub fn open_below(directory: impl AsFd, path: &Path) -> io::Result<OwnedFd> {
    let directory = directory.as_fd();
    let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
    Ok(retry_on_intr(|| openat(directory, path, LISTED, Mode::empty()))?)
}

/// What a name in a directory is: a link itself, not what it leads to.
///
/// # Errors
/// When there is none, or it can't be looked at.
pub fn look_at(directory: impl AsFd, name: impl AsRef<OsStr>) -> io::Result<Stat> {
    let (directory, name) = (directory.as_fd(), name.as_ref());
    Ok(retry_on_intr(|| statat(directory, name, AtFlags::SYMLINK_NOFOLLOW))?)
}

/// What a path below a directory leads to.
///
/// # Errors
/// When there is nothing, or it can't be looked at.
pub fn look_through(directory: impl AsFd, path: impl AsRef<Path>) -> io::Result<Stat> {
    let (directory, path) = (directory.as_fd(), path.as_ref());
    Ok(retry_on_intr(|| statat(directory, path, AtFlags::empty()))?)
}

/// Whether a path below a directory leads to a directory.
///
/// # Errors
/// When it can't be told. What is not there is none.
pub fn is_directory(directory: impl AsFd, path: impl AsRef<Path>) -> io::Result<bool> {
    match look_through(directory, path) {
        Ok(stat) => Ok(FileType::from_raw_mode(stat.st_mode) == FileType::Directory),
        Err(error) if is_absent(&error) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Whether an error says that there is nothing of that name, as opposed to something that can't be looked at.
pub fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

/// What something is, by whatever name it is reached: device and inode.
pub fn identity(stat: &Stat) -> (u64, u64) {
    (stat.st_dev, stat.st_ino)
}

/// Lists a directory that was opened for it and not listed before, `most` names at the most.
pub fn list(directory: impl AsFd, most: usize) -> Listed {
    let mut names = Listed::default();
    let mut buffer = [MaybeUninit::uninit(); BUFFER];
    let mut raw = RawDir::new(directory.as_fd(), &mut buffer);
    while let Some(entry) = raw.next() {
        match entry {
            Ok(entry) if [c".", c".."].contains(&entry.file_name()) => {}
            Ok(_) if names.entries.len() >= most => {
                names.cut = Some(io::Error::other(format!("it has more than {most} names")));
                return names;
            }
            Ok(entry) => names.entries.push(DirectoryEntry {
                name: OsStr::from_bytes(CStr::to_bytes(entry.file_name())).to_owned(),
                kind: match entry.file_type() {
                    FileType::Directory => EntryKind::Directory,
                    FileType::Symlink | FileType::Unknown => EntryKind::Unknown,
                    _ => EntryKind::File,
                },
            }),
            Err(Errno::INTR) => {}
            Err(error) => {
                names.cut = Some(error.into());
                return names;
            }
        }
    }
    names
}

/// The paths in a directory, through links, as far as they can be listed.
pub fn paths_in(directory: &Path) -> Vec<PathBuf> {
    let Ok(open) = open_below(CWD, directory) else { return Vec::new() };
    list(open, MOST_PATHS).entries.into_iter().map(|entry| directory.join(entry.name)).collect()
}

/// Makes a directory of just this mode, whatever the umask and whatever is inherited from the directory above, and opens it. In a
/// directory of theirs others may exchange it for another one meanwhile, which is left as it is unless it is empty, too.
///
/// # Errors
/// When it can't be made; [`io::ErrorKind::AlreadyExists`] where the name is taken, or something is in it already.
pub fn make(directory: impl AsFd, name: impl AsRef<OsStr>, mode: u32) -> io::Result<OwnedFd> {
    let (above, name) = (directory.as_fd(), name.as_ref());
    retry_on_intr(|| mkdirat(above, name, Mode::from_raw_mode(mode)))?;
    open_made(above, name, mode).inspect_err(|_| {
        let _ = remove_directory(above, name);
    })
}

/// A umask, or what is inherited from the directory above, may have closed it to its own maker.
fn open_made(above: BorrowedFd, name: &OsStr, mode: u32) -> io::Result<OwnedFd> {
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let found = retry_on_intr(|| openat(above, name, flags, Mode::empty()))?;
    let before = files::stat(&found)?;
    let is_closed = before.st_mode & OF_OWNER != OF_OWNER;
    if is_closed {
        // A descriptor of this kind takes no `fchmod`.
        let path = format!("/proc/self/fd/{}", found.as_raw_fd());
        let opened = Mode::from_raw_mode(before.st_mode & 0o7777 | OF_OWNER);
        retry_on_intr(|| chmodat(CWD, &*path, opened, AtFlags::empty()))?;
    }
    let made = open_below(&found, Path::new(""))?;
    let now = files::stat(&made)?;
    if is_empty(&made)? {
        set_mode(&made, &now, mode)?;
        return Ok(made);
    }
    if is_closed {
        set_mode(&made, &now, before.st_mode & 0o777)?;
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

/// Gives an open file or directory just these permissions, if it has others.
///
/// # Errors
/// When they can't be changed.
pub fn set_mode(open: impl AsFd, stat: &Stat, mode: u32) -> io::Result<()> {
    const PERMISSIONS: u32 = 0o777;
    let open = open.as_fd();
    if stat.st_mode & PERMISSIONS != mode {
        retry_on_intr(|| fchmod(open, Mode::from_raw_mode(stat.st_mode & 0o7000 | mode)))?;
    }
    Ok(())
}

/// Whether nothing is in an open directory.
///
/// # Errors
/// When it can't be told.
pub fn is_empty(directory: impl AsFd) -> io::Result<bool> {
    let Listed { entries, cut } = list(open_below(directory, Path::new(""))?, 1);
    match cut {
        Some(error) if entries.is_empty() => Err(error),
        _ => Ok(entries.is_empty()),
    }
}

/// Removes all that is in an open directory, by descriptors and following no link. What can't be removed stays.
pub fn empty(directory: impl AsFd) {
    empty_to(directory, DEEPEST);
}

fn empty_to(directory: impl AsFd, deepest: usize) {
    let directory = directory.as_fd();
    let Ok(listed) = open_below(directory, Path::new("")) else { return };
    for DirectoryEntry { name, kind } in list(listed, usize::MAX).entries {
        // Not every file system tells what is a directory; none is removed as a file.
        if kind != EntryKind::Directory
            && retry_on_intr(|| unlinkat(directory, &*name, AtFlags::empty())).is_ok()
        {
            continue;
        }
        if let (true, Ok(below)) = (deepest > 0, open_at(directory, &name)) {
            empty_to(below, deepest - 1);
            let _ = remove_directory(directory, &name);
        }
    }
}

/// Removes an empty directory.
///
/// # Errors
/// When it can't be removed, or is not empty.
pub fn remove_directory(directory: impl AsFd, name: impl AsRef<OsStr>) -> io::Result<()> {
    let (directory, name) = (directory.as_fd(), name.as_ref());
    Ok(retry_on_intr(|| unlinkat(directory, name, AtFlags::REMOVEDIR))?)
}
