//! Running processes as `/proc` shows them. What it means is decided elsewhere.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

use anyhow::Context as _;

use crate::error::plain;
use crate::sdk::is_absent;

/// More than the kernel lets a program start with: arguments and variables share 6 MiB.
const LONGEST: u64 = 8 << 20;

/// How often a process that becomes another program meanwhile is read again.
const MOST_ATTEMPTS: usize = 50;

/// How long it is given between two of them. An exec takes less, but on a busy machine it may have to wait for its turn.
const A_MOMENT: Duration = Duration::from_millis(2);

/// The line of `/proc/PID/stat`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stat {
    /// The parent's number; 0 where it is out of sight.
    pub parent: u32,
    /// The name, of 15 bytes at the most.
    pub name: OsString,
    /// Whether it has ended, and nobody has asked how.
    pub is_zombie: bool,
    /// Tells two processes of one number apart.
    pub started: u64,
    /// Where its words lie. A fork shares this place with its parent, a new program has another; 0 where it is hidden.
    pub words_at: u64,
}

/// A process, and for what can't be read the system's reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Process {
    /// Its number.
    pub pid: u32,
    /// What its `stat` says.
    pub stat: Stat,
    /// Its words, each with a NUL behind it, as they were at exec or as it has overwritten them.
    pub command: Result<Vec<u8>, String>,
    /// Its variables, likewise.
    pub environment: Result<Vec<u8>, String>,
    /// The file that it runs; not what it was started by where that is a link or a script.
    pub executable: Result<Executable, String>,
    /// Its working directory.
    pub directory: Result<PathBuf, String>,
}

/// The file that a process runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Executable {
    /// Where it is, or was.
    pub path: PathBuf,
    /// What became of it.
    pub state: ExecutableState,
}

/// What became of an executable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExecutableState {
    /// It is there.
    There,
    /// It was deleted, and another took its place.
    Replaced,
    /// It was deleted.
    Gone,
}

/// All processes in sight, by number.
#[derive(Debug, Default)]
pub struct ProcessTable(BTreeMap<u32, Stat>);

impl ProcessTable {
    /// Reads it. What ends meanwhile is not in it.
    ///
    /// # Errors
    /// When `/proc` can't be listed.
    pub fn read() -> anyhow::Result<Self> {
        let entries = fs::read_dir("/proc").context("/proc can't be listed")?;
        let numbers = entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok());
        let mut table: BTreeMap<_, _> = numbers.filter_map(|pid| Some((pid, stat(pid)?))).collect();
        table.remove(&std::process::id());
        Ok(Self(table))
    }

    /// The process of that number; of a thread's number, the process that it belongs to.
    pub fn process_of(&self, number: u32) -> Option<u32> {
        if self.0.contains_key(&number) {
            return Some(number);
        }
        let status = read(&proc(number, "status")).ok()?;
        let status = String::from_utf8_lossy(&status).into_owned();
        let group = status.lines().find_map(|line| line.strip_prefix("Tgid:"))?.trim().parse().ok()?;
        self.0.contains_key(&group).then_some(group)
    }

    /// Everyone's number.
    pub fn numbers(&self) -> impl Iterator<Item = u32> {
        self.0.keys().copied()
    }

    /// Those above it, the nearest first.
    pub fn above(&self, pid: u32) -> impl Iterator<Item = u32> {
        let parent = |pid: &u32| self.0.get(pid).map(|stat| stat.parent);
        // The table took a moment: a number that was used again in it could close a circle.
        std::iter::successors(parent(&pid), parent).take(self.0.len())
    }

    /// The process and all below it, parents before children.
    pub fn tree(&self, top: u32) -> Vec<u32> {
        let mut children: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for (pid, stat) in &self.0 {
            children.entry(stat.parent).or_default().push(*pid);
        }
        let (mut tree, mut seen, mut pending) = (Vec::new(), BTreeSet::new(), vec![top]);
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
    /// Reads it; `None` when it has ended.
    pub fn read(pid: u32) -> Option<Self> {
        let mut last = None;
        for _ in 0..MOST_ATTEMPTS {
            let before = stat(pid).filter(|stat| !stat.is_zombie)?;
            let process = Self {
                pid,
                command: read(&proc(pid, "cmdline")).map_err(|error| plain(&error)),
                environment: read(&proc(pid, "environ")).map_err(|error| plain(&error)),
                executable: executable(pid).map_err(|error| plain(&error)),
                directory: fs::read_link(proc(pid, "cwd")).map_err(|error| plain(&error)),
                stat: before,
            };
            let after = stat(pid).filter(|stat| !stat.is_zombie)?;
            let is_same = (after.started, after.words_at) == (process.stat.started, process.stat.words_at);
            if is_same && !process.is_starting() {
                return Some(process);
            }
            last = Some(process);
            sleep(A_MOMENT);
        }
        last
    }

    /// Whether it is in the middle of an exec: for a moment, the kernel shows neither words nor variables of the new program.
    pub fn is_starting(&self) -> bool {
        [&self.command, &self.environment].iter().all(|shown| shown.as_ref().is_ok_and(Vec::is_empty))
    }
}

/// The path as that process sees it: in a container or a chroot, another file than it is here.
pub fn seen_by(pid: u32, path: &Path) -> PathBuf {
    let mut seen = proc(pid, "root").into_os_string();
    seen.push(path);
    seen.into()
}

fn proc(pid: u32, name: &str) -> PathBuf {
    format!("/proc/{pid}/{name}").into()
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut content = Vec::new();
    File::open(path)?.take(LONGEST).read_to_end(&mut content)?;
    if content.len() as u64 == LONGEST { Err(io::ErrorKind::FileTooLarge.into()) } else { Ok(content) }
}

fn stat(pid: u32) -> Option<Stat> {
    parse_stat(&read(&proc(pid, "stat")).ok()?)
}

/// `pid (name) state parent …`, and a name may hold anything.
fn parse_stat(line: &[u8]) -> Option<Stat> {
    let open = line.iter().position(|&byte| byte == b'(')?;
    let close = line.iter().rposition(|&byte| byte == b')')?;
    let fields = std::str::from_utf8(line.get(close + 1..)?).ok()?;
    let fields: Vec<&str> = fields.split_ascii_whitespace().collect();
    // proc_pid_stat(5) counts from 1, and the state is the third.
    let field = |number: usize| fields.get(number - 3);
    Some(Stat {
        parent: field(4)?.parse().ok()?,
        name: OsString::from_vec(line.get(open + 1..close)?.to_vec()),
        is_zombie: matches!(*field(3)?, "Z" | "X" | "x"),
        started: field(22)?.parse().ok()?,
        words_at: field(48).and_then(|address| address.parse().ok()).unwrap_or(0),
    })
}

fn executable(pid: u32) -> io::Result<Executable> {
    const DELETED: &[u8] = b" (deleted)";
    let link = fs::read_link(proc(pid, "exe"))?;
    let is_there = |path: &Path| !seen_by(pid, path).metadata().is_err_and(|error| is_absent(&error));
    let Some(path) = link.as_os_str().as_bytes().strip_suffix(DELETED) else {
        return Ok(Executable { path: link, state: ExecutableState::There });
    };
    let path = PathBuf::from(OsString::from_vec(path.to_vec()));
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
        let stat = |parent| Stat { parent, name: "x".into(), is_zombie: false, started: 1, words_at: 0 };
        ProcessTable(parents.iter().map(|&(pid, parent)| (pid, stat(parent))).collect())
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
            Stat { parent: 7, name: "a) S 3 (b".into(), is_zombie: false, started: 684_823, words_at: 11 }
        );
        assert_eq!(parse_stat(b"42 (a"), None);
        assert!(parse_stat(line.replacen(") S 7", ") Z 7", 1).as_bytes()).is_some_and(|stat| stat.is_zombie));
    }

    #[test]
    fn this_process_is_found_by_a_threads_number_too() {
        let own = Process::read(std::process::id()).expect("alive");
        assert_eq!(own.directory, Ok(std::env::current_dir().expect("a directory")));
        assert_eq!(own.executable.map(|executable| executable.state), Ok(ExecutableState::There));
        assert!(own.command.expect("readable").ends_with(b"\0"));
        assert_eq!(Process::read(u32::MAX), None);
    }
}
