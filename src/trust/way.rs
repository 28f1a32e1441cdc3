//! The way to a directory, step by step and through every link, each step on a descriptor of the one before.
//!
//! It walks as the kernel does. As long as all behind it can be changed by nobody else, nobody else can turn the next step between
//! this look and the use; and what it ends at is the directory that was judged, not the one that has its name later.

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStringExt as _;
use std::path::{Component, Path, PathBuf};

use rustix::fs::{FileType, Mode, OFlags, openat, readlinkat};
use rustix::io::{Errno, retry_on_intr};

use super::RootVerdict;
use super::doubt::{Doubt, RootFault, Weakness};
use super::ownership::{Ownership, STICKY, Writer};
use crate::directory::{self, Reached};

/// As many links as the kernel follows (`MAXSYMLINKS`).
const MOST_LINKS: usize = 40;

/// Whose directories are trusted: this user's and root's.
#[derive(Debug, Clone, Copy)]
pub struct Owners {
    pub user: u32,
    /// Whether those of this user that others can write to are: file systems without owners (WSL, FUSE) show all as such. A directory
    /// that is sticky besides is no such one.
    pub is_open_too: bool,
}

impl From<u32> for Owners {
    fn from(user: u32) -> Self {
        Self { user, is_open_too: false }
    }
}

impl Owners {
    /// Who but its owner can write to what belongs to one of them, as far as that speaks against it.
    pub fn other_writers(self, facts: &Ownership) -> Option<Writer> {
        let is_used = self.is_open_too && facts.owner.is(self.user) && facts.mode & STICKY == 0;
        facts.other_writers().filter(|_| !is_used)
    }
}

/// Where a way leads.
#[derive(Debug)]
pub enum WayEnd {
    Directory(OwnedFd),
    /// To this directory, in which the next step is missing.
    Missing(OwnedFd, PathBuf),
    /// Past what is not to be trusted.
    Doubted(Doubt),
}

/// A step on the way.
struct WayStep<'s> {
    /// What it leads to: a directory, or a link.
    facts: &'s Ownership,
    /// The directory that it is taken in.
    above: &'s Ownership,
    /// Whether the way ends here.
    is_last: bool,
}

/// The way to a directory that nobody but this user and root may be able to change: neither it nor the way to it. What others put
/// into a sticky directory, as `/tmp` is, they can't put in the place of this user's.
///
/// # Errors
/// When a step can't be looked at.
pub fn closed(path: &Path, user: impl Into<Owners>) -> io::Result<WayEnd> {
    let user = user.into();
    walk(path, |step| closed_step(step, user))
}

/// Judges a root that the user stands in and that is open, by its facts, by the directories that it lies in, and by the links on
/// the way to it: who owns one in a directory that everyone can write to can turn it.
///
/// # Errors
/// When the way can't be looked at.
pub fn stood_in(path: &Path, root: &Reached, user: u32) -> io::Result<RootVerdict> {
    let Reached { directory: root, is_physical } = root;
    let facts = Ownership::of(root)?;
    let lies_in_open = if facts.is_own(user) { None } else { parent_open_to_all(path, root)? };
    let verdict = super::stood_in(&facts, lies_in_open.as_deref(), user);
    if matches!(verdict, RootVerdict::PassedOver(_)) || *is_physical {
        return Ok(verdict);
    }
    Ok(match walk(path, |step| turnable(step, user))? {
        WayEnd::Doubted(doubt) => RootVerdict::PassedOver(RootFault::Doubted(doubt)),
        WayEnd::Directory(_) | WayEnd::Missing(..) => verdict,
    })
}

/// The directory that a root lies in, by its path or behind a link, where everyone can write to that.
fn parent_open_to_all(path: &Path, root: &OwnedFd) -> io::Result<Option<PathBuf>> {
    if let Some(parent) = path.parent()
        && Ownership::of(directory::open(parent)?)?.is_open()
    {
        return Ok(Some(parent.to_owned()));
    }
    if !Ownership::of(directory::open_parent(root)?)?.is_open() {
        return Ok(None);
    }
    let physical = path.canonicalize()?;
    Ok(Some(physical.parent().unwrap_or(&physical).to_owned()))
}

fn closed_step(WayStep { facts, is_last, .. }: &WayStep, user: Owners) -> Option<Weakness> {
    match facts.kind {
        // Its own permissions mean nothing, and those of the directory it is in were looked at.
        FileType::Symlink if facts.is_own(user.user) => None,
        // Others can't take away what is in a sticky one, but add to it.
        FileType::Directory if facts.mode & STICKY != 0 && !is_last && facts.is_own(user.user) => None,
        FileType::Symlink => Some(Weakness::BelongsTo(facts.owner)),
        FileType::Directory => closed_end(facts, user),
        _ => None, // no way leads through it, so nobody prepared one
    }
}

/// Why somebody but this user and root can change a directory; `None` where nobody can.
pub fn closed_end(facts: &Ownership, user: impl Into<Owners>) -> Option<Weakness> {
    let user = user.into();
    match facts.kind {
        FileType::Symlink => Some(Weakness::SymbolicLink),
        _ if !facts.is_own(user.user) => Some(Weakness::BelongsTo(facts.owner)),
        FileType::Directory => user.other_writers(facts).map(Weakness::WritableBy),
        _ => Some(Weakness::NotDirectory),
    }
}

fn turnable(WayStep { facts, above, .. }: &WayStep, user: u32) -> Option<Weakness> {
    let is_turnable = facts.kind == FileType::Symlink && above.is_open() && !facts.is_own(user);
    is_turnable.then_some(Weakness::TurnableBy(facts.owner))
}

/// The directories and links that are walked through, as the kernel would.
struct Progress {
    /// The open directories, from `/` to where the walk is.
    stack: Vec<(OwnedFd, Ownership)>,
    path: PathBuf,
    /// The steps to come, the next one last.
    ahead: Vec<OsString>,
    links: usize,
}

fn walk(path: &Path, judge: impl Fn(&WayStep) -> Option<Weakness>) -> io::Result<WayEnd> {
    let mut progress = Progress::new(path)?;
    if let [(_, top)] = &progress.stack[..]
        && let Some(why) = judge(&WayStep { facts: top, above: top, is_last: false })
    {
        return Ok(WayEnd::Doubted(Doubt { path: "/".into(), why }));
    }
    while let Some(step) = progress.ahead.pop() {
        match progress.step(&step, &judge) {
            Ok(None) => {}
            Ok(Some(why)) => {
                let path = if progress.ahead.is_empty() { path.to_owned() } else { progress.path };
                return Ok(WayEnd::Doubted(Doubt { path, why }));
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let missing = std::iter::once(step).chain(progress.ahead.into_iter().rev()).collect();
                let (there, _) = progress.stack.pop().ok_or(error)?;
                return Ok(WayEnd::Missing(there, missing));
            }
            Err(error) => return Err(error),
        }
    }
    let (end, _) = progress.stack.pop().ok_or(io::ErrorKind::NotFound)?;
    Ok(WayEnd::Directory(end))
}

impl Progress {
    fn new(path: &Path) -> io::Result<Self> {
        let top = directory::open(Path::new("/"))?;
        let facts = Ownership::of(&top)?;
        Ok(Self { stack: vec![(top, facts)], path: "/".into(), ahead: steps(path), links: 0 })
    }

    /// Takes a step, and tells why it is not to be trusted.
    fn step(
        &mut self,
        name: &OsStr,
        judge: impl Fn(&WayStep) -> Option<Weakness>,
    ) -> io::Result<Option<Weakness>> {
        if name == ".." {
            if self.stack.len() > 1 {
                self.stack.pop();
            }
            self.path.pop();
            return Ok(None);
        }
        if name == "/" {
            self.stack.truncate(1);
            self.path = "/".into();
            return Ok(None);
        }
        let Some((above, facts_above)) = self.stack.last() else { return Ok(None) };
        let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let open = retry_on_intr(|| openat(above, name, flags, Mode::empty()))?;
        let facts = Ownership::of(&open)?;
        self.path.push(name);
        let step = WayStep { facts: &facts, above: facts_above, is_last: self.ahead.is_empty() };
        if let Some(why) = judge(&step) {
            return Ok(Some(why));
        }
        match facts.kind {
            FileType::Symlink => self.follow(&open)?,
            FileType::Directory => self.stack.push((open, facts)),
            _ => return Err(io::ErrorKind::NotADirectory.into()),
        }
        Ok(None)
    }

    fn follow(&mut self, link: &OwnedFd) -> io::Result<()> {
        self.links += 1;
        if self.links > MOST_LINKS {
            return Err(Errno::LOOP.into());
        }
        let target = retry_on_intr(|| readlinkat(link, "", Vec::new()))?;
        self.ahead.extend(steps(Path::new(&OsString::from_vec(target.into_bytes()))));
        self.path.pop();
        Ok(())
    }
}

/// A path's components, the first one last. `/` at its start stands for itself, as in a link's target it must.
fn steps(path: &Path) -> Vec<OsString> {
    let components = path.components().rev().filter(|component| *component != Component::CurDir);
    components.map(|component| component.as_os_str().to_owned()).collect()
}
