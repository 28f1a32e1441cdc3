//! The disk as this process sees it. Each path is looked at once in a run, whoever names it, and nothing that a process names is
//! opened.

use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use rustix::fs::CWD;

use super::look_time::LookTime;
use crate::directory;
use crate::error::plain;
use crate::files::identity;
use crate::procfs::{Process, seen_by, twice};
use crate::sdk::is_absent;

/// So many paths are remembered; what is beyond may be looked at again.
const MOST_PATHS: usize = 100_000;

/// So many names of a bridge are compared.
const MOST_NAMES: usize = 1000;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PathTarget {
    /// To something, by device and inode.
    At(u64, u64),
    /// To nothing.
    Absent,
    /// That can't be told, and why.
    Untold(String),
}

/// What has to be looked up on the disk.
pub trait Disk {
    /// What a path leads to.
    fn target(&self, path: &Path) -> PathTarget;
    /// Whether the process sees the root by the path that it has here; `None` where that takes too long to tell.
    fn sees_root(&self, pid: u32) -> Option<bool>;
    /// Whether there certainly is no such file for the process.
    fn is_gone(&self, pid: u32, path: &Path) -> bool;
    /// Which bare names of the bridge that a launch would give an older one lacks that the process started with.
    fn lacking_names(&self, process: &Process, older: &Path) -> Vec<String>;

    /// Whether a process has mapped a file whose path is such a one; `false` where that can't be told.
    fn has_mapped(&self, process: &Process, is_wanted: impl Fn(&[u8]) -> bool) -> bool {
        process.has_mapped(is_wanted)
    }

    /// Whether a path leads to a directory of that path; `None` where that can't be told.
    fn is_same(&self, a: &Path, b: &Path) -> Option<bool> {
        if a == b {
            return Some(true);
        }
        match (self.target(a), self.target(b)) {
            (PathTarget::Untold(_), _) | (_, PathTarget::Untold(_)) => None,
            (PathTarget::At(..), at) => Some(self.target(a) == at),
            (PathTarget::Absent, _) => Some(false),
        }
    }
}

/// The disk beside a root and the bridge that fits it.
pub struct Here<'a> {
    root: &'a Path,
    bridge: Option<&'a Path>,
    names: OnceCell<Option<BridgeNames>>,
    places: RefCell<BTreeMap<PathBuf, PathTarget>>,
    time: &'a LookTime,
}

/// The files of a bridge, and when it was made.
struct BridgeNames {
    files: Vec<String>,
    made: SystemTime,
}

impl<'a> Here<'a> {
    /// With nothing looked at yet. The bridge is one that may be opened.
    pub fn new(root: &'a Path, bridge: Option<&'a Path>, time: &'a LookTime) -> Self {
        Self { root, bridge, names: OnceCell::new(), places: RefCell::default(), time }
    }

    fn look(&self, path: &Path) -> PathTarget {
        let seen = self.time.spend(|| look(path));
        seen.unwrap_or_else(|| PathTarget::Untold("all looks together take too long".into()))
    }
}

impl Disk for Here<'_> {
    fn target(&self, path: &Path) -> PathTarget {
        if let Some(place) = self.places.borrow().get(path) {
            return place.clone();
        }
        let place = self.look(path);
        let mut places = self.places.borrow_mut();
        if places.len() < MOST_PATHS {
            places.insert(path.to_owned(), place.clone());
        }
        place
    }

    fn sees_root(&self, pid: u32) -> Option<bool> {
        let seen = self.time.spend(|| look(&seen_by(pid, self.root)))?;
        Some(matches!(seen, PathTarget::At(..)) && seen == self.target(self.root))
    }

    fn has_mapped(&self, process: &Process, is_wanted: impl Fn(&[u8]) -> bool) -> bool {
        self.time.spend(|| process.has_mapped(is_wanted)).unwrap_or(false)
    }

    fn is_gone(&self, pid: u32, path: &Path) -> bool {
        // An absolute link on the way would be followed from this process's own root.
        self.target(path) == PathTarget::Absent && self.look(&seen_by(pid, path)) == PathTarget::Absent
    }

    fn lacking_names(&self, process: &Process, older: &Path) -> Vec<String> {
        let names = self.names.get_or_init(|| BridgeNames::read(self.bridge?));
        let Some(names) = names else { return Vec::new() };
        if started(process).is_none_or(|started| started <= names.made) {
            return Vec::new(); // what it started with was right then
        }
        let lacks = |name: &&String| self.target(&older.join(name)) == PathTarget::Absent;
        let bare = |name: &String| name.strip_suffix(".py").map(str::to_owned);
        names.files.iter().filter(lacks).filter_map(bare).collect()
    }
}

impl BridgeNames {
    /// Lists a bridge; `None` where that can't be done, or where a file was added to it while Python ran.
    fn read(bridge: &Path) -> Option<Self> {
        let list = || {
            let listed = directory::list(directory::open_below(CWD, bridge)?, MOST_NAMES);
            let names = listed.entries.into_iter().filter_map(|entry| entry.name.into_string().ok());
            // What is none of the SDK's names is the hook's own, and another release's may have other files.
            let is_alias = |name: &String| {
                name.ends_with(".py") && !name.starts_with("_heygem_run") && name != "sitecustomize.py"
            };
            let mut files: Vec<String> = names.filter(is_alias).collect();
            files.sort();
            io::Result::Ok(files)
        };
        let made = twice(|| fs::symlink_metadata(bridge)?.modified()).ok()?;
        Some(Self { files: twice(list).ok()?, made })
    }
}

/// When a process started; `None` where the kernel does not tell.
fn started(process: &Process) -> Option<SystemTime> {
    const PER_TICK: u64 = 10; // milliseconds: USER_HZ is 100 on every machine that Python's wheels are made for
    let text = twice(|| fs::read_to_string("/proc/stat")).ok()?;
    let boot = text.lines().find_map(|line| line.strip_prefix("btime "))?.trim().parse().ok()?;
    let since_boot = Duration::from_millis(process.stat.started.checked_mul(PER_TICK)?);
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(boot))?.checked_add(since_boot)
}

fn look(path: &Path) -> PathTarget {
    // What is absent is absent; what the system refuses is asked for once more.
    let looked = match path.metadata() {
        Err(error) if !is_absent(&error) => path.metadata(),
        looked => looked,
    };
    match looked {
        Ok(meta) => {
            let (device, inode) = identity(&meta);
            PathTarget::At(device, inode)
        }
        Err(error) if is_absent(&error) => PathTarget::Absent,
        Err(error) => PathTarget::Untold(plain(&error)),
    }
}
