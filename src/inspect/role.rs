//! What a process is to multiprocessing: told by its words, and by where they lie.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use crate::entry::python_line::{self, Entry};
use crate::path_list;
use crate::procfs::Process;

/// What a process is to multiprocessing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// A Python program, started by whatever.
    Main,
    /// Another program that has Python in it.
    Embedder,
    /// A copy of its parent.
    Fork,
    /// Started by `spawn`.
    Spawn,
    /// The server of `forkserver`.
    ForkServer,
    /// Started by it.
    ForkServerChild,
    /// multiprocessing's resource tracker, which imports nothing of its parent's.
    ResourceTracker,
    /// Not Python.
    Other,
}

impl Role {
    /// Whether it has `sys.path` from its parent, whatever its own variables say.
    pub fn is_child(self) -> bool {
        matches!(self, Self::Fork | Self::Spawn | Self::ForkServer | Self::ForkServerChild)
    }

    /// Whether it is a Python program by itself.
    pub fn is_program(self) -> bool {
        matches!(self, Self::Main | Self::Embedder)
    }

    /// What the process is, below that parent.
    pub fn of(process: &Process, parent: Option<(&Process, Role)>) -> Self {
        let words = words(process);
        let first = words.first().map_or(OsStr::new(""), |word| word.as_os_str());
        let is_python = match &process.executable {
            Ok(executable) => python_line::is_python(executable.path.as_os_str()),
            Err(_) => python_line::is_python(first),
        };
        if !is_python {
            return Self::Other;
        }
        if let Some((parent, role)) = parent
            && role != Self::Other
            && is_copy(process, parent)
        {
            return match role {
                Self::ForkServer | Self::ForkServerChild => Self::ForkServerChild,
                _ => Self::Fork,
            };
        }
        started_by_library(words).unwrap_or(Self::Main)
    }
}

/// The words that can be told.
pub fn words(process: &Process) -> &[OsString] {
    process.words.as_ref().map_or(&[], |words| &words.list)
}

/// The script that a process runs, as far as it can be told where that is.
pub fn script(process: &Process) -> Option<PathBuf> {
    let words = words(process);
    match python_line::parse(words).entry {
        Entry::Script(index) => {
            path_list::absolute(Path::new(&words[index]), process.directory.as_deref().ok())
        }
        _ => None,
    }
}

/// What multiprocessing, and the libraries that are made like it, start: by code, or by a module.
fn started_by_library(words: &[OsString]) -> Option<Role> {
    const LIBRARIES: [&str; 4] = ["multiprocessing", "billiard", "multiprocess", "loky.backend"];
    const PARTS: [(&str, Role); 5] = [
        ("spawn", Role::Spawn),
        ("forking", Role::Spawn),
        ("forkserver", Role::ForkServer),
        ("resource_tracker", Role::ResourceTracker),
        ("semaphore_tracker", Role::ResourceTracker),
    ];
    let line = python_line::parse(words);
    let started = words.get(line.arguments.checked_sub(1)?)?.to_str()?;
    match line.entry {
        Entry::Code => {
            let module = started.strip_prefix("from ")?.split_once(" import ")?.0;
            let (library, part) = module.rsplit_once('.')?;
            let library = library.strip_prefix("joblib.externals.").unwrap_or(library);
            let role = PARTS.iter().find_map(|(name, role)| (*name == part).then_some(*role))?;
            LIBRARIES.contains(&library).then_some(role)
        }
        Entry::Module => {
            let module = started.strip_prefix("joblib.externals.").unwrap_or(started);
            (module == "loky.backend.popen_loky_posix").then_some(Role::Spawn)
        }
        _ => None,
    }
}

/// A fork keeps its parent's words where they are; a new program gets them at another address.
fn is_copy(process: &Process, parent: &Process) -> bool {
    match (process.stat.words_at, parent.stat.words_at) {
        (0, _) | (_, 0) => process.words.is_ok() && process.words == parent.words,
        (own, parents) => own == parents && process.executable == parent.executable,
    }
}

/// Whether the words are a title that the program gave itself, or somebody's choice (`exec -a`): then they tell nothing.
pub fn is_title(process: &Process, role: Role) -> bool {
    let is_whole = process.words.as_ref().is_ok_and(|words| words.is_terminated);
    let Some(first) = words(process).first() else { return role != Role::Other };
    // Of an executable that can't be seen: a title has blanks or colons, the name of a program hardly ever.
    let reads_as_title = || first.as_bytes().iter().any(|byte| b" :[".contains(byte));
    match role {
        Role::Other => !is_whole || (process.executable.is_err() && reads_as_title()),
        Role::Embedder => !is_whole,
        _ => !is_whole || !python_line::is_python(first),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn children_are_known_by_what_their_library_runs() {
        let table = [
            ("-c|from multiprocessing.spawn import spawn_main; spawn_main(3)", Some(Role::Spawn)),
            ("-c|from multiprocess.spawn import spawn_main; spawn_main(3)", Some(Role::Spawn)),
            ("-c|from billiard.spawn import spawn_main; spawn_main()", Some(Role::Spawn)),
            ("-c|from billiard.forking import main; main()", Some(Role::Spawn)),
            ("-c|from multiprocessing.forkserver import main; main(3)", Some(Role::ForkServer)),
            ("-c|from multiprocessing.resource_tracker import main;main(3)", Some(Role::ResourceTracker)),
            ("-c|from multiprocessing.semaphore_tracker import main;main(3)", Some(Role::ResourceTracker)),
            (
                "-c|from joblib.externals.loky.backend.resource_tracker import main; main(3, False)",
                Some(Role::ResourceTracker),
            ),
            ("-m|joblib.externals.loky.backend.popen_loky_posix|--process-name|x", Some(Role::Spawn)),
            ("-c|import x; from multiprocessing.spawn import spawn_main", None),
            ("-c|from multiprocessing import spawn", None),
            ("-c|from x.spawn import spawn_main", None),
            ("-m|http.server", None),
            ("app.py|from multiprocessing.spawn import spawn_main", None),
            ("", None),
        ];
        for (line, expected) in table {
            let words: Vec<_> = std::iter::once("python3").chain(line.split('|')).map(Into::into).collect();
            assert_eq!(started_by_library(&words), expected, "{line}");
        }
    }
}
