//! Limits of this process that are lower than a launch can do with.

use std::fmt;

use rustix::process::{Resource, Rlimit, setrlimit};

use super::case::Case;
use crate::own_status::limit;
use crate::remedy::Remedy;

/// Fewer open files than Python, its pipes and its libraries take.
const LEAST_FILES: u64 = 64;

/// No log and no cache stays below this length.
const LEAST_LENGTH: u64 = 1 << 20;

/// No Python gets far with a smaller stack.
const LEAST_STACK: u64 = 1 << 20;

/// Less memory than any Python with a library or two takes.
const LEAST_MEMORY: u64 = 256 << 20;

/// A limit that is too low, and its number; `None` where this process has none of its own.
pub struct LowLimit {
    kind: &'static LimitKind,
    number: Option<u64>,
}

/// What is limited, in whose words.
struct LimitKind {
    /// What its line in `/proc/self/limits` begins with.
    line: &'static str,
    name: &'static str,
    raised_by: &'static str,
}

const PROCESSES: LimitKind = LimitKind {
    line: "Max processes",
    name: "processes",
    raised_by: "ulimit -u 4096; docker run --pids-limit 4096 --ulimit nproc=4096; TasksMax and LimitNPROC of systemd",
};

const FILES: LimitKind = LimitKind {
    line: "Max open files",
    name: "open files",
    raised_by: "ulimit -n 4096; docker run --ulimit nofile=4096; LimitNOFILE of systemd",
};

const LENGTH: LimitKind = LimitKind {
    line: "Max file size",
    name: "a file's length",
    raised_by: "ulimit -f unlimited; docker run --ulimit fsize=-1; LimitFSIZE of systemd",
};

const STACK: LimitKind = LimitKind {
    line: "Max stack size",
    name: "the stack",
    raised_by: "ulimit -s 8192; docker run --ulimit stack=8388608; LimitSTACK of systemd",
};

const DATA: LimitKind = LimitKind {
    line: "Max data size",
    name: "a process's data",
    raised_by: "ulimit -d unlimited; docker run --ulimit data=-1; LimitDATA of systemd",
};

const SPACE: LimitKind = LimitKind {
    line: "Max address space",
    name: "a process's address space",
    raised_by: "ulimit -v unlimited; LimitAS of systemd",
};

/// A limit that keeps files from being opened or written.
pub fn of_files() -> Option<LowLimit> {
    below(&FILES, LEAST_FILES).or_else(|| below(&LENGTH, LEAST_LENGTH))
}

/// A limit that keeps Python from having the memory that it takes.
pub fn of_memory() -> Option<LowLimit> {
    below(&DATA, LEAST_MEMORY).or_else(|| below(&SPACE, LEAST_MEMORY))
}

/// Any limit of memory that there is.
pub fn of_any_memory() -> Option<LowLimit> {
    below(&DATA, u64::MAX).or_else(|| below(&SPACE, u64::MAX))
}

/// The limit of processes and threads, which the kernel has refused to exceed.
pub fn of_processes() -> LowLimit {
    reached(&PROCESSES)
}

/// The limit of open files, which the kernel has refused to exceed.
pub fn of_open_files() -> LowLimit {
    reached(&FILES)
}

fn reached(kind: &'static LimitKind) -> LowLimit {
    LowLimit { kind, number: limit(kind.line).and_then(|limit| limit.current) }
}

fn below(kind: &'static LimitKind, least: u64) -> Option<LowLimit> {
    let limit = reached(kind);
    limit.number.is_some_and(|number| number < least).then_some(limit)
}

/// Lets no core file be written by this process, nor by what it starts.
pub fn forbid_cores() {
    if let Some(Rlimit { maximum, .. }) = limit("Max core file size") {
        let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum });
    }
}

/// The limit of the stack, where it is too low: this process's, or the one that `prlimit` sets.
pub fn of_stack(case: &Case) -> Option<LowLimit> {
    let words = case.launched.as_ref().map_or(&[][..], |launched| &launched.words);
    let mut set = words.iter().filter_map(|word| {
        let text = word.to_str()?;
        text.strip_prefix("--stack=").or(text.strip_prefix("-s="))?.split(':').next()?.parse().ok()
    });
    let number = set.next_back().or_else(|| limit(STACK.line)?.current)?;
    (number < LEAST_STACK).then_some(LowLimit { kind: &STACK, number: Some(number) })
}

impl LowLimit {
    pub fn remedy(&self) -> Remedy {
        let LimitKind { name, raised_by, .. } = self.kind;
        Remedy::words(format!("raise the limit of {name} before the start ({raised_by})"))
    }
}

impl fmt::Display for LowLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.number {
            Some(number) => write!(f, "the limit of {} is {number}", self.kind.name),
            None => write!(f, "the limit of {} is reached", self.kind.name),
        }
    }
}
