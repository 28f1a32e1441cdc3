//! Running processes as `/proc` shows them. What it means is decided elsewhere.
//!
//! A process may show anything, and at any length: each read has a bound, and all waiting for processes that are just starting has
//! one bound together.

mod read_limit;
mod shown_words;

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use rustix::fs::CWD;
use rustix::thread::nanosleep;

use crate::directory;
use crate::error::plain;
use crate::sdk::is_absent;
use read_limit::Room;
pub use shown_words::{ShownWords, Variables};

/// More than a line of `stat`, or the lines of `status`.
const MOST_STATE: usize = 128 << 10;

/// As much of a table of mappings as is looked at: some 200,000 of them.
const MOST_MAPPINGS: usize = 32 << 20;

/// The pauses, in milliseconds, in which processes finish their exec: for all processes together. An exec takes less than the first, but
/// on a busy machine it may have to wait for its turn.
const PAUSES: [u64; 7] = [2, 4, 8, 16, 32, 64, 128];

/// The line of `/proc/PID/stat`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProcessStat {
    /// The parent's number; 0 where it is out of sight.
    pub parent: u32,
    /// The name, of 15 bytes at the most.
    pub name: OsString,
    /// Zombie: exited, not yet reaped.
    pub is_zombie: bool,
    /// When it started, in hundredths of a second since the machine did. Tells two processes of one number apart.
    pub started: u64,
    /// Where its words lie. A fork shares this place with its parent, a new program has another; 0 where it is hidden.
    pub words_at: u64,
}

/// A process, and for what can't be read the system's reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Process {
    pub pid: u32,
    pub stat: ProcessStat,
    pub words: Result<ShownWords, String>,
    pub variables: Result<Variables, String>,
    /// The file that it runs; not what it was started by where that is a link or a script.
    pub executable: Result<Executable, String>,
    /// Its working directory.
    pub directory: Result<PathBuf, String>,
    /// Whether all of this was read of one program. For a moment of an exec, the kernel shows neither words nor variables.
    pub is_settled: bool,
}

/// The file that a process runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Executable {
    /// Where it is, or was.
    pub path: PathBuf,
    pub state: ExecutableState,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExecutableState {
    There,
    /// It was deleted, and another took its place.
    Replaced,
    /// It was deleted.
    Gone,
}

/// All processes in sight but this one, by number.
#[derive(Debug, Default)]
pub struct ProcessTable {
    processes: BTreeMap<u32, ProcessStat>,
    /// The parent of this process.
    asker: Option<u32>,
}

impl ProcessTable {
    /// Reads it. What ends meanwhile is not in it, nor what this user may not see.
    ///
    /// # Errors
    /// When `/proc` can't be listed, or the line of a process can't be read.
    pub fn read() -> anyhow::Result<Self> {
        let mut table = Self::default();
        for pid in twice(numbers).context("/proc can't be listed")? {
            match stat(pid) {
                Ok(Some(stat)) => drop(table.processes.insert(pid, stat)),
                Ok(None) => {}
                Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {}
                Err(error) => return Err(error).context(format!("/proc/{pid}/stat can't be read")),
            }
        }
        table.asker = table.processes.remove(&std::process::id()).map(|own| own.parent);
        Ok(table)
    }

    /// The process of that number; of a thread's number, the process that it belongs to.
    pub fn process_of(&self, number: u32) -> Option<u32> {
        if self.processes.contains_key(&number) {
            return Some(number);
        }
        let status = read(number, "status", MOST_STATE).ok()?;
        let status = String::from_utf8_lossy(&status).into_owned();
        let group = status.lines().find_map(|line| line.strip_prefix("Tgid:"))?.trim().parse().ok()?;
        self.processes.contains_key(&group).then_some(group)
    }

    pub fn numbers(&self) -> impl Iterator<Item = u32> {
        self.processes.keys().copied()
    }

    /// Those above it, the nearest first.
    pub fn above(&self, pid: u32) -> impl Iterator<Item = u32> {
        let parent = |pid: &u32| self.processes.get(pid).map(|stat| stat.parent).filter(|pid| *pid != 0);
        // The table took a moment: a number that was used again in it could close a circle.
        std::iter::successors(parent(&pid), parent).take(self.processes.len())
    }

    /// Those above this very process, the nearest first.
    pub fn above_asker(&self) -> impl Iterator<Item = u32> {
        self.asker.into_iter().chain(self.asker.into_iter().flat_map(|asker| self.above(asker)))
    }

    /// The processes that it is the parent of.
    pub fn children(&self, parent: u32) -> impl Iterator<Item = u32> {
        self.processes.iter().filter(move |(_, stat)| stat.parent == parent).map(|(pid, _)| *pid)
    }

    /// The process and all below it, parents before children.
    pub fn tree(&self, top: u32) -> Vec<u32> {
        self.below(vec![top])
    }

    /// All processes, parents before children.
    pub fn forest(&self) -> Vec<u32> {
        let is_top = |stat: &ProcessStat| !self.processes.contains_key(&stat.parent);
        let tops = self.processes.iter().rev().filter(|(_, stat)| is_top(stat));
        self.below(tops.map(|(pid, _)| *pid).collect())
    }

    fn below(&self, mut pending: Vec<u32>) -> Vec<u32> {
        let mut children: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for (pid, stat) in &self.processes {
            children.entry(stat.parent).or_default().push(*pid);
        }
        let (mut tree, mut seen) = (Vec::new(), BTreeSet::new());
        while let Some(pid) = pending.pop() {
            // No circle here either.
            if seen.insert(pid) {
                tree.push(pid);
                pending.extend(children.get(&pid).into_iter().flatten().rev());
            }
        }
        tree
    }
}

impl Process {
    /// Reads these, in order; those that have ended are left out. Where they show very much, less is read of the rest.
    ///
    /// # Errors
    /// When the line of a process can't be read.
    pub fn read_all(pids: &[u32]) -> anyhow::Result<Vec<Self>> {
        let room = Room::new();
        let look =
            |pid: u32| Self::look(pid, &room).with_context(|| format!("/proc/{pid}/stat can't be read"));
        let mut found = pids.iter().map(|pid| look(*pid)).collect::<anyhow::Result<Vec<_>>>()?;
        for pause in PAUSES {
            let is_pending =
                |process: &Option<Self>| process.as_ref().is_some_and(|process| !process.is_settled);
            let pending: Vec<usize> = (0..found.len()).filter(|index| is_pending(&found[*index])).collect();
            if pending.is_empty() {
                break;
            }
            sleep(Duration::from_millis(pause));
            for index in pending {
                found[index] = look(pids[index])?;
            }
        }
        Ok(found.into_iter().flatten().collect())
    }

    /// Reads it once; `None` when it has ended.
    fn look(pid: u32, room: &Room) -> io::Result<Option<Self>> {
        let started = Instant::now();
        let most = room.most();
        let before = stat(pid)?.filter(|stat| !stat.is_zombie);
        let Some(before) = before else { return Ok(None) };
        let told = |error: io::Error| plain(&error);
        let words = read(pid, "cmdline", most.words + 1).map_err(told);
        let variables = read_whole(pid, "environ", most.variables).map_err(told);
        let mut process = Self {
            pid,
            words: words.map(|shown| ShownWords::parse(&shown, most.words)),
            variables: variables.map(|shown| Variables::parse(&shown)),
            executable: executable(pid, room).map_err(told),
            directory: link(pid, "cwd").map_err(told),
            stat: before,
            is_settled: true,
        };
        let Some(after) = stat(pid)?.filter(|stat| !stat.is_zombie) else { return Ok(None) };
        let is_same = (after.started, after.words_at) == (process.stat.started, process.stat.words_at);
        let shows_nothing = process.words.as_ref().is_ok_and(|words| words.is_empty)
            && process.variables.as_ref().is_ok_and(|variables| variables.is_empty);
        process.is_settled = is_same && !shows_nothing;
        let words = process.words.as_ref().map_or(0, ShownWords::size);
        let size = words + process.variables.as_ref().map_or(0, Variables::size);
        room.take(size, started.elapsed());
        Ok(Some(process))
    }

    /// Whether a file is mapped whose path holds such a part; `false` where that can't be told.
    pub fn has_mapped(&self, is_wanted: impl Fn(&[u8]) -> bool) -> bool {
        let Ok(maps) = read(self.pid, "maps", MOST_MAPPINGS) else { return false };
        // address, permissions, offset, device, inode, path: proc_pid_maps(5)
        let path = |line: &[u8]| line.iter().position(|&byte| byte == b'/').map(|at| line[at..].to_vec());
        maps.split(|&byte| byte == b'\n').filter_map(path).any(|path| is_wanted(&path))
    }
}

/// The path as that process sees it: in a container or a chroot, another file than it is here.
pub fn seen_by(pid: u32, path: &Path) -> PathBuf {
    let mut seen = proc(pid, "root").into_os_string();
    seen.push(path);
    seen.into()
}

/// Asks once more where the system refuses: a refusal may be of the moment, and a process that is left out is one too many.
pub fn twice<T>(mut ask: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    ask().or_else(|_| ask())
}

fn proc(pid: u32, name: &str) -> PathBuf {
    format!("/proc/{pid}/{name}").into()
}

/// The numbers of all processes.
fn numbers() -> io::Result<Vec<u32>> {
    let listed = directory::list(directory::open_below(CWD, Path::new("/proc"))?, usize::MAX);
    match listed.cut {
        Some(error) => Err(error),
        None => Ok(listed.entries.iter().filter_map(|entry| entry.name.to_str()?.parse().ok()).collect()),
    }
}

/// Reads a file of a process, `most` bytes of it at the most.
fn read(pid: u32, name: &str, most: usize) -> io::Result<Vec<u8>> {
    let path = proc(pid, name);
    twice(|| {
        let mut content = Vec::new();
        File::open(&path)?.take(most as u64).read_to_end(&mut content)?;
        Ok(content)
    })
}

/// Reads a file of a process that may not be longer than that.
fn read_whole(pid: u32, name: &str, most: usize) -> io::Result<Vec<u8>> {
    let content = read(pid, name, most + 1)?;
    if content.len() > most { Err(io::ErrorKind::FileTooLarge.into()) } else { Ok(content) }
}

fn link(pid: u32, name: &str) -> io::Result<PathBuf> {
    let path = proc(pid, name);
    twice(|| fs::read_link(&path))
}

/// Nothing depends on its being slept to the end.
fn sleep(pause: Duration) {
    if let Ok(pause) = pause.try_into() {
        let _ = nanosleep(&pause);
    }
}

/// `None` where the process has ended.
fn stat(pid: u32) -> io::Result<Option<ProcessStat>> {
    const ESRCH: i32 = libc::ESRCH; // it ended between the opening and the reading
    match read(pid, "stat", MOST_STATE) {
        Ok(line) => Ok(parse_stat(&line)),
        Err(error) if is_absent(&error) || error.raw_os_error() == Some(ESRCH) => Ok(None),
        Err(error) => Err(error),
    }
}

/// `pid (name) state parent …`, and a name may hold anything.
fn parse_stat(line: &[u8]) -> Option<ProcessStat> {
    let open = line.iter().position(|&byte| byte == b'(')?;
    let close = line.iter().rposition(|&byte| byte == b')')?;
    let fields = std::str::from_utf8(line.get(close + 1..)?).ok()?;
    let fields: Vec<&str> = fields.split_ascii_whitespace().collect();
    // proc_pid_stat(5) counts from 1, and the state is the third.
    let field = |number: usize| fields.get(number - 3);
    Some(ProcessStat {
        parent: field(4)?.parse().ok()?,
        name: OsString::from_vec(line.get(open + 1..close)?.to_vec()),
        is_zombie: matches!(*field(3)?, "Z" | "X" | "x"),
        started: field(22)?.parse().ok()?,
        words_at: field(48).and_then(|address| address.parse().ok()).unwrap_or(0),
    })
}

fn executable(pid: u32, room: &Room) -> io::Result<Executable> {
    const DELETED: &[u8] = b" (deleted)";
    let link = link(pid, "exe")?;
    let is_there =
        |path: &Path| !twice(|| seen_by(pid, path).metadata()).is_err_and(|error| is_absent(&error));
    let Some(path) = link.as_os_str().as_bytes().strip_suffix(DELETED) else {
        return Ok(Executable { path: link, state: ExecutableState::There });
    };
    let path = PathBuf::from(OsString::from_vec(path.to_vec()));
    if room.is_out_of_time() {
        return Err(io::Error::other("to look at all takes too long"));
    }
    Ok(if is_there(&link) {
        Executable { path: link, state: ExecutableState::There } // a file of such a name
    } else {
        let state = if is_there(&path) { ExecutableState::Replaced } else { ExecutableState::Gone };
        Executable { path, state }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(parents: &[(u32, u32)]) -> ProcessTable {
        let stat =
            |parent| ProcessStat { parent, name: "x".into(), is_zombie: false, started: 1, words_at: 0 };
        let processes = parents.iter().map(|&(pid, parent)| (pid, stat(parent))).collect();
        ProcessTable { processes, asker: None }
    }

    #[test]
    fn a_tree_lists_parents_before_children_and_ends_in_a_circle_too() {
        assert_eq!(table(&[(1, 0), (2, 1), (3, 1), (4, 2), (9, 0)]).tree(1), [1, 2, 4, 3]);
        assert_eq!(table(&[(5, 6), (6, 5), (7, 6)]).tree(5), [5, 6, 7]);
    }

    #[test]
    fn a_name_may_look_like_fields() {
        let tail = "S 7 1 1 0 -1 4194304 1 0 0 0 2 0 0 0 20 0 1 0 684823 1 2 3 4 5 6 0 0 0 0 1 0 1 0 0 17 0 0 0 0 0 0 8 9 10 11 12 13 14 0";
        let line = format!("42 (a) S 3 (b) {tail}\n");
        let stat = parse_stat(line.as_bytes()).expect("a stat");
        assert_eq!(
            stat,
            ProcessStat {
                parent: 7,
                name: "a) S 3 (b".into(),
                is_zombie: false,
                started: 684_823,
                words_at: 11
            }
        );
        assert_eq!(parse_stat(b"42 (a"), None);
        assert!(parse_stat(line.replacen(") S 7", ") Z 7", 1).as_bytes()).is_some_and(|stat| stat.is_zombie));
    }

    #[test]
    fn a_forest_has_everyone_once_and_those_above_come_first() {
        assert_eq!(table(&[(1, 0), (2, 1), (3, 1), (4, 2), (9, 0)]).forest(), [1, 2, 4, 3, 9]);
        assert_eq!(table(&[(1, 0), (2, 1), (4, 2)]).above(4).collect::<Vec<_>>(), [2, 1]);
    }

    #[test]
    fn this_process_is_read_whole() {
        let own = Process::read_all(&[std::process::id(), u32::MAX]).expect("readable").pop().expect("alive");
        assert_eq!(own.directory, Ok(std::env::current_dir().expect("a directory")));
        assert_eq!(own.executable.as_ref().map(|executable| executable.state), Ok(ExecutableState::There));
        assert!(own.is_settled && own.words.as_ref().is_ok_and(|words| words.is_terminated));
        let this = own.executable.clone().expect("readable").path;
        assert!(
            own.has_mapped(|path| path == this.as_os_str().as_bytes())
                && !own.has_mapped(|path| path == b"/x")
        );
    }
}
