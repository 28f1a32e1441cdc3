//! Which logs are read, in which order, and how they are opened.

use std::fmt;
use std::fs::{self, File, Metadata};
use std::io::{self, IsTerminal as _, Read};
use std::os::fd::AsFd as _;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{FileTypeExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{CWD, OFlags, SeekFrom, fcntl_getfl, fcntl_setfl, seek, tell};
use rustix::io::{Errno, FdFlags, fcntl_getfd};

use crate::budget::Budget;
use crate::directory;
use crate::error::Failure;
use crate::files;
use crate::message;
use crate::shell::quote;

/// More files than a directory of logs has.
const MOST_LOGS: usize = 100_000;

/// Of more that are no logs, only so many are named.
const MOST_TOLD: usize = 20;

/// The looks at what is in a directory of logs take no longer: a link may lead through thousands of directories.
const PATIENCE: Duration = Duration::from_secs(10);

/// A log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    Stdin,
    /// Named by the user, who may mean a pipe.
    Named(PathBuf),
    /// Found in a directory, in which others may write: nothing but a file.
    Listed(PathBuf),
}

impl fmt::Display for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stdin => f.write_str("stdin"),
            Self::Named(path) | Self::Listed(path) => f.write_str(&quote(path)),
        }
    }
}

/// All logs that are meant, each directory's files in the order in which they were written. `None` is stdin.
///
/// # Errors
/// When a directory can't be listed, or has nothing to read.
pub fn all(named: Vec<Option<PathBuf>>) -> anyhow::Result<Vec<Input>> {
    let mut all = Vec::new();
    for path in named {
        match path {
            Some(path) if path.is_dir() => all.extend(listed(&path)?.into_iter().map(Input::Listed)),
            Some(path) if path != Path::new("/dev/stdin") => all.push(Input::Named(path)),
            _ => all.push(Input::Stdin),
        }
    }
    Ok(all)
}

/// What is a file, or can't be looked at: [`open`] tells why. What has another kind is no log; that is said of what may look like one.
fn listed(path: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let context = || format!("can't read {}", quote(path));
    let mut files = Vec::new();
    let listed = directory::list(directory::open_below(CWD, path).with_context(context)?, MOST_LOGS);
    if let Some(error) = listed.cut {
        return Err(error).with_context(context);
    }
    let mut budget = Budget::new(MOST_LOGS, PATIENCE);
    let mut others = 0;
    for name in listed.entries.into_iter().map(|entry| entry.name) {
        if !budget.take(1) {
            return Err(Failure::new(format!("{}: to look at all that is in it takes too long", context()))
                .hint("name the logs: --explain=FILE")
                .into());
        }
        if name.as_bytes().starts_with(b".") {
            continue;
        }
        let file = path.join(&name);
        match kind(&file) {
            FoundKind::Log => files.push(file),
            FoundKind::Directory => {}
            FoundKind::Other(what) => {
                others += 1;
                if others <= MOST_TOLD {
                    message::note(format!("{} is not read: {what}", quote(file)));
                }
            }
        }
    }
    if others > MOST_TOLD {
        message::note(format!("{}: {} more in it are not read", quote(path), others - MOST_TOLD));
    }
    files.sort_by_cached_key(|path| age(path.file_name().unwrap_or_default().as_bytes()));
    if files.is_empty() {
        let failure = Failure::new(format!("{} has no file in it", quote(path)));
        return Err(failure.hint("name the directory that has the logs, or the logs: --explain=FILE").into());
    }
    Ok(files)
}

/// What is in a directory of logs.
enum FoundKind {
    /// A file, or what can't be looked at.
    Log,
    Directory,
    /// What may look like a log, and is none.
    Other(&'static str),
}

fn kind(path: &Path) -> FoundKind {
    match fs::metadata(path).map(|meta| meta.file_type()) {
        Ok(kind) if kind.is_dir() => FoundKind::Directory,
        Ok(kind) if kind.is_fifo() => FoundKind::Other("it is a pipe"),
        Ok(kind) if kind.is_socket() => FoundKind::Other("it is a socket"),
        Ok(kind) if !kind.is_file() => FoundKind::Other("it is a device"),
        Err(error) if directory::is_absent(&error) => FoundKind::Other("it leads nowhere"),
        _ => FoundKind::Log,
    }
}

/// The log's name, and how old the file is among those of that name: `a.log.2.gz`, `a.log.1`, `a.log-20250610`, `a.log`.
fn age(name: &[u8]) -> (Vec<u8>, Age) {
    let name = [&b".gz"[..], b".zst", b".xz", b".bz2"]
        .iter()
        .find_map(|end| name.strip_suffix(*end))
        .unwrap_or(name);
    let digits = name
        .iter()
        .rev()
        .take_while(|byte| byte.is_ascii_digit() || **byte == b'-' || **byte == b'_')
        .count();
    let (base, number) = name.split_at(name.len() - digits);
    let (base, is_apart) = match base {
        [base @ .., b'.'] => (base, true),
        base => (base, number.first().is_some_and(|byte| *byte == b'-' || *byte == b'_')),
    };
    let number: Vec<u8> = number.iter().copied().filter(u8::is_ascii_digit).collect();
    match std::str::from_utf8(&number).ok().and_then(|number| number.parse::<u64>().ok()) {
        // A date grows; a number counts back.
        Some(date) if is_apart && number.len() >= 8 => (base.to_owned(), Age::Dated(date)),
        Some(back) if is_apart => (base.to_owned(), Age::Back(u64::MAX - back)),
        _ => (name.to_owned(), Age::Now),
    }
}

/// The oldest first.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Age {
    Back(u64),
    Dated(u64),
    Now,
}

/// Opens a log. What was found in a directory is judged by its descriptor, and does not keep the launcher waiting.
///
/// # Errors
/// When it can't be opened, or is no log.
pub fn open(input: &Input) -> anyhow::Result<File> {
    match input {
        Input::Stdin => stdin(),
        Input::Named(path) => open_named(path),
        Input::Listed(path) => Ok(files::open(path).with_context(|| format!("can't read {input}"))?.file),
    }
}

/// A regular file, or what text comes through.
fn open_named(path: &Path) -> anyhow::Result<File> {
    let context = || format!("can't read {}", quote(path));
    let nonblocking = OFlags::NONBLOCK.bits().cast_signed();
    let file = File::options().read(true).custom_flags(nonblocking).open(path).with_context(context)?;
    let kind = file.metadata().with_context(context)?.file_type();
    let is_null = || fs::canonicalize(path).is_ok_and(|path| path == Path::new("/dev/null"));
    if kind.is_char_device() && !file.is_terminal() && !is_null() {
        return Err(Failure::new(format!("{}: it is a device, and no log", context())).into());
    }
    let flags = fcntl_getfl(&file).map_err(io::Error::from).with_context(context)?;
    fcntl_setfl(&file, flags - OFlags::NONBLOCK).map_err(io::Error::from).with_context(context)?;
    if kind.is_fifo() {
        waits(&file, None); // for one who writes: until then a pipe seems to be at its end
    }
    Ok(file)
}

fn stdin() -> anyhow::Result<File> {
    let stdin = io::stdin();
    // Where it was closed, the entry point has put something there, which no program is started with.
    if fcntl_getfd(&stdin).is_ok_and(|flags| flags.contains(FdFlags::CLOEXEC)) {
        return Err(Failure::new("can't read stdin: it is closed")
            .hint("name the log: --explain=FILE")
            .into());
    }
    if stdin.is_terminal() {
        message::note("reads a log from the terminal, to Ctrl-D; --explain=FILE reads a file");
    }
    // Without std's buffer, which also takes a descriptor that can't be read for an empty one.
    let descriptor = stdin.as_fd().try_clone_to_owned().context("can't read stdin")?;
    Ok(descriptor.into())
}

/// Waits until there is more to read, or for so long; whether there is not.
pub fn waits(file: &File, patience: Option<&Timespec>) -> bool {
    let mut descriptors = [PollFd::new(file, PollFlags::IN)];
    matches!(poll(&mut descriptors, patience), Ok(0))
}

/// How much is read of it: of a file as much as it had when it was opened, since others may lengthen it faster than it is read.
/// Files of the kernel's say that they are empty.
pub fn longest(file: &File) -> u64 {
    let length = file.metadata().ok().filter(Metadata::is_file).map_or(0, |meta| meta.len());
    if length == 0 { u64::MAX } else { length }
}

/// A log without the holes of a sparse file, which read as zeroes: anybody who may write one can make terabytes of them.
pub struct WithoutHoles<'f>(pub &'f File);

impl Read for WithoutHoles<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let &mut Self(mut file) = self;
        let count = file.read(buffer)?;
        if count > 0
            && buffer[..count].iter().all(|byte| *byte == 0)
            && let Ok(position) = tell(file)
            && let Err(Errno::NXIO) = seek(file, SeekFrom::Data(position))
        {
            seek(file, SeekFrom::End(0))?; // nothing but a hole is left
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rotated_logs_are_read_in_the_order_in_which_they_were_written() {
        let mut names = [
            "b.log",
            "a.log",
            "a.log.1",
            "a.log.10.gz",
            "a.log.2.gz",
            "c.log-20250611",
            "c.log-20250610.gz",
            "c.log",
            "d.log.2025-06-10",
            "d.log",
            "run2",
            "run1",
        ];
        names.sort_by_cached_key(|name| age(name.as_bytes()));
        let expected = [
            "a.log.10.gz",
            "a.log.2.gz",
            "a.log.1",
            "a.log",
            "b.log",
            "c.log-20250610.gz",
            "c.log-20250611",
            "c.log",
            "d.log.2025-06-10",
            "d.log",
            "run1",
            "run2",
        ];
        assert_eq!(names, expected);
    }
}
