//! How a bridge gets into its store: whole or not at all, and only through descriptors. What is written, renamed or removed is what
//! this process made, or what another one of this user's left.

use std::fs::File;
use std::io::{self, Write as _};
use std::os::fd::{AsFd, OwnedFd};
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, bail};
use rustix::fs::{
    AtFlags, FileType, FlockOperation, Mode, OFlags, RenameFlags, Stat, fchmod, flock, fsync, linkat, openat,
    renameat, renameat_with, syncfs,
};
use rustix::io::{Errno, retry_on_intr};

use super::age;
use super::content::{Content, DAMAGED, IGNORE, IGNORED, is_bridge_name};
use super::made::{self, WorkKind, is_temporary_name, temporary_name};
use super::patience::Patience;
use super::store::{MODE, OpenStore};
use crate::directory::{self, DirectoryEntry, identity};
use crate::files;
use crate::limit_signals;
use crate::sdk::scan::PYTHON_CACHE;

/// As many temporary names are tried, where other processes take them.
const MOST_ATTEMPTS: u32 = 16;

/// Up to so many files are flushed one by one; more of them together, with whatever else the disk has to write.
const MOST_FLUSHED: usize = 8;

/// More names than any store has.
const MOST_NAMES: usize = 100_000;

impl OpenStore<'_> {
    /// Puts the bridge here, unless it is here already, and then the stamp that names it, where there is one: its name and text.
    ///
    /// # Errors
    /// When the store can't be written and has no such bridge.
    pub fn publish(&self, content: &Content, stamp: Option<(&str, &str)>) -> anyhow::Result<PathBuf> {
        if let Some(path) = self.existing(content) {
            // Without a new stamp the next launch only lists the names once more.
            if let (Some((name, text)), Ok(temporary)) = (stamp, self.temporary(content)) {
                let _ = temporary.publish_file(name, text.as_bytes());
            }
            if let Some(bridge) = self.bridge(content.directory.as_ref(), None) {
                self.note_use(&bridge);
            }
            return Ok(path);
        }
        let temporary = self.temporary(content)?;
        if directory::look_at(&self.descriptor, IGNORE).is_err() {
            temporary.publish_file(IGNORE, IGNORED)?;
        }
        temporary.publish_bridge(content)?;
        if let Some((name, text)) = stamp {
            temporary.publish_file(name, text.as_bytes())?;
        }
        Ok(self.store.directory.join(&content.directory))
    }

    /// A directory of this process alone, removed when dropped. What an earlier, killed process left goes first.
    fn temporary(&self, content: &Content) -> anyhow::Result<Temporary<'_>> {
        self.sweep();
        for attempt in 0..MOST_ATTEMPTS {
            let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
            let name = temporary_name(now, attempt);
            let made = match directory::make(&self.descriptor, &name, MODE) {
                // Another process's sweep came between the making and the opening, or something else took the name.
                Err(error)
                    if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::AlreadyExists) =>
                {
                    continue;
                }
                made => made.context("it can't be written to")?,
            };
            let temporary = Temporary { name, descriptor: made, store: self };
            if lock(&temporary.descriptor) && self.is_at(&temporary.name, &temporary.descriptor) {
                temporary.take_out_of_use(&content.directory);
                return Ok(temporary);
            }
            // Another process's sweep came between the making and the locking.
        }
        bail!("another process keeps removing what is made in it")
    }

    /// Whether a name in the store is still this open directory.
    fn is_at(&self, name: &str, open: &OwnedFd) -> bool {
        let there = directory::look_at(&self.descriptor, name);
        matches!((there, files::stat(open)), (Ok(a), Ok(b)) if identity(&a) == identity(&b))
    }

    /// Removes what killed processes of this user's left; a live one holds a lock on its own.
    fn sweep(&self) {
        for name in self.names().filter(|name| is_temporary_name(name)) {
            if let Ok(left) = directory::open_at(&self.descriptor, &name)
                && files::stat(&left).is_ok_and(|stat| self.is_ours(&stat))
                && made::is_ours(&left, WorkKind::Temporary)
                && lock(&left)
            {
                made::empty(&left, WorkKind::Temporary);
                let _ = directory::remove_directory(&self.descriptor, &name);
            }
        }
    }

    /// Whether something in the store is this user's to remove: what he made, and whatever is in a store of his, where nobody else
    /// could have put it.
    fn is_ours(&self, stat: &Stat) -> bool {
        let is_own = |stat: &Stat| stat.st_uid == self.store.site.user;
        is_own(stat) || files::stat(&self.descriptor).is_ok_and(|store| is_own(&store))
    }

    /// Whether what was found in the store in a bridge's place is a launcher's work, or no directory, so that nothing is lost with it.
    fn is_bridge(&self, name: &str, found: &Stat) -> bool {
        let is_found =
            |open: &OwnedFd| files::stat(open).is_ok_and(|stat| identity(&stat) == identity(found));
        FileType::from_raw_mode(found.st_mode) != FileType::Directory
            || directory::open_at(&self.descriptor, name)
                .is_ok_and(|open| is_found(&open) && made::is_ours(&open, WorkKind::Bridge))
    }

    /// The names in it that could be ours. Where they can't all be told, the rest is for a later sweep.
    fn names(&self) -> impl Iterator<Item = String> + use<> {
        let open = directory::open_at(&self.descriptor, ".");
        let listed = open.map(|open| directory::list(open, MOST_NAMES)).unwrap_or_default();
        listed.entries.into_iter().filter_map(|DirectoryEntry { name, .. }| name.into_string().ok())
    }
}

/// Locks a directory; false if another process holds the lock. On a file system without locks it is always true,
/// and only the names keep processes apart.
fn lock(open: impl AsFd) -> bool {
    let open = open.as_fd();
    retry_on_intr(|| flock(open, FlockOperation::NonBlockingLockExclusive)) != Err(Errno::WOULDBLOCK)
}

struct Temporary<'s> {
    name: String,
    /// Locked while the process lives, so that no sweep takes the directory for a dead one's.
    descriptor: OwnedFd,
    store: &'s OpenStore<'s>,
}

impl Temporary<'_> {
    /// Not flushed: a stamp that a power cut truncates is not valid.
    fn publish_file(&self, name: &str, text: &[u8]) -> anyhow::Result<()> {
        write(&self.descriptor, name, text).context("a file can't be written")?;
        let store = &self.store.descriptor;
        retry_on_intr(|| renameat(&self.descriptor, name, store, name))
            .map_err(io::Error::from)
            .with_context(|| format!("{name} can't be put in place"))
    }

    /// Writes the files aside, then renames. Everything is on the disk before the name is: a power cut must not leave the
    /// right name with empty files.
    fn publish_bridge(&self, content: &Content) -> anyhow::Result<()> {
        let name = &*content.directory;
        let aside = directory::make(&self.descriptor, name, MODE).context("a directory can't be made")?;
        let mut files = Files { directory: &aside, written: Vec::new() };
        for (name, text) in content.files() {
            files.write(name, text)?;
        }
        files.write_aliases(content)?;
        // Else Python would make it, by its umask of the moment.
        directory::make(&aside, PYTHON_CACHE, MODE).context("a directory can't be made")?;
        files.flush().context("a directory can't be flushed")?;
        if directory::look_at(&self.store.descriptor, name).is_ok() && self.store.existing(content).is_none()
        {
            self.take(name, DAMAGED); // if it can't be, the next step says so
        }
        match self.put(name) {
            Err(error) if self.store.existing(content).is_none() => {
                Err(error).context("the bridge can't be put in place")
            }
            // Put there by this process, or meanwhile by another: by their name they are equal.
            _ => Ok(()),
        }
    }

    /// Puts what was made here into the store, if nothing there has its name. A file system that can't refuse to replace something
    /// replaces at most an empty directory.
    fn put(&self, name: &str) -> io::Result<()> {
        let (from, to) = (&self.descriptor, &self.store.descriptor);
        match retry_on_intr(|| renameat_with(from, name, to, name, RenameFlags::NOREPLACE)) {
            Err(Errno::INVAL | Errno::NOSYS) => Ok(retry_on_intr(|| renameat(from, name, to, name))?),
            put => Ok(put?),
        }
    }

    /// Takes out of the store what this user made, to be removed with the rest. What turns out to be something else goes back.
    fn take(&self, name: &str, as_name: &str) {
        let (store, here) = (&self.store.descriptor, &self.descriptor);
        let Ok(seen) = directory::look_at(store, name) else { return };
        if !self.store.is_ours(&seen) || !self.store.is_bridge(name, &seen) {
            return;
        }
        let taken = retry_on_intr(|| renameat_with(store, name, here, as_name, RenameFlags::NOREPLACE));
        let taken = match taken {
            Err(Errno::INVAL | Errno::NOSYS) => retry_on_intr(|| renameat(store, name, here, as_name)),
            taken => taken,
        };
        let is_seen = directory::look_at(here, as_name).is_ok_and(|stat| identity(&stat) == identity(&seen));
        if taken.is_ok() && !is_seen {
            let _ = renameat_with(here, as_name, store, name, RenameFlags::NOREPLACE);
        }
    }

    /// Bridges of this user's that no launch used for long, but for the one that is wanted now.
    fn take_out_of_use(&self, wanted: &str) {
        let others = self.store.names().filter(|name| is_bridge_name(name.as_bytes()) && name != wanted);
        for name in others {
            if directory::look_at(&self.store.descriptor, &name)
                .is_ok_and(|stat| age::is_out_of_use(&stat, self.store.store.site.now))
            {
                self.take(&name, &name);
            }
        }
    }
}

impl Drop for Temporary<'_> {
    fn drop(&mut self) {
        // A second time where the kernel refused once. What stays is swept by the next build.
        for _ in 0..2 {
            made::empty(&self.descriptor, WorkKind::Temporary);
            if directory::remove_directory(&self.store.descriptor, &self.name).is_ok() {
                return;
            }
        }
    }
}

/// The files of a bridge, as they are written.
struct Files<'f> {
    directory: &'f OwnedFd,
    /// Those that are files of their own, as long as there are few.
    written: Vec<File>,
}

impl Files<'_> {
    fn write(&mut self, name: &str, text: &[u8]) -> anyhow::Result<()> {
        let file = write(self.directory, name, text).context("a file can't be written")?;
        if self.written.len() <= MOST_FLUSHED {
            self.written.push(file);
        }
        Ok(())
    }

    /// One file under many names costs one block and one flush. Some file systems have no hard links, and all have a limit to
    /// those of one file.
    fn write_aliases(&mut self, content: &Content) -> anyhow::Result<()> {
        let mut patience = Patience::new(content.alias_files().count());
        let mut first: Option<String> = None;
        let mut has_links = true;
        for name in content.alias_files() {
            limit_signals::check().context("a file can't be written")?;
            patience.step();
            let linked = first.as_ref().filter(|_| has_links).map(|first| self.link(first, &name));
            match linked {
                Some(Ok(())) => continue,
                Some(Err(error)) => has_links = error == Errno::MLINK,
                None => {}
            }
            self.write(&name, content.alias_text())?;
            first = Some(name);
        }
        Ok(())
    }

    fn link(&self, first: &str, name: &str) -> rustix::io::Result<()> {
        retry_on_intr(|| linkat(self.directory, first, self.directory, name, AtFlags::empty()))
    }

    fn flush(&self) -> io::Result<()> {
        if self.written.len() > MOST_FLUSHED {
            return Ok(retry_on_intr(|| syncfs(self.directory))?);
        }
        for file in &self.written {
            retry_on_intr(|| fsync(file))?;
        }
        Ok(retry_on_intr(|| fsync(self.directory))?)
    }
}

/// Writes a new file, readable by all and writable by its owner, whatever the umask.
fn write(directory: impl AsFd, name: &str, text: &[u8]) -> io::Result<File> {
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let mode = Mode::from_raw_mode(0o644);
    let directory = directory.as_fd();
    let mut file = File::from(retry_on_intr(|| openat(directory, name, flags, mode))?);
    retry_on_intr(|| fchmod(&file, mode))?;
    file.write_all(text)?;
    Ok(file)
}
