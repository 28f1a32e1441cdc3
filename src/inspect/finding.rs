//! What is said of a process.

use std::path::PathBuf;

use super::facts::{Missing, Variable};
use super::role::Role;
use crate::procfs::Process;

/// What is to be said of a process in the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProcessVerdict {
    /// It can import the SDK and its bare names.
    Ok,
    /// It certainly can't.
    Fail,
    /// It can't be told.
    Unknown,
    /// It needs nothing.
    Skip,
}

/// A process, and what was found of it.
pub type Row<'a> = (&'a Process, &'a ProcessFinding);

#[derive(Debug, Clone)]
pub struct ProcessFinding {
    pub role: Role,
    pub heygem_dir: Variable,
    /// Entries that its path certainly lacks: its own, or its parent's where it has that.
    pub missing: Vec<Missing>,
    /// A bridge that it has, other than a launch would give now: by an older SDK, or by other options.
    pub other_bridge: Option<PathBuf>,
    /// `-E` or `-I`.
    pub isolation: Option<char>,
    /// Why something can't be told.
    pub unknown: Vec<String>,
    /// Why it is not judged.
    pub skipped: Option<String>,
    pub verdict: ProcessVerdict,
}

impl ProcessFinding {
    /// Takes the parent's verdict, and what led to it.
    pub fn inherit(&mut self, pid: u32, parent: &Self) {
        self.missing.clone_from(&parent.missing);
        self.other_bridge.clone_from(&parent.other_bridge);
        self.isolation = parent.isolation;
        self.verdict = parent.verdict;
        self.unknown.clear();
        match parent.verdict {
            ProcessVerdict::Unknown => self.unknown.push(format!("it is what its parent {pid} is")),
            ProcessVerdict::Skip => self.skipped = Some(format!("its parent {pid} is not judged")),
            ProcessVerdict::Ok | ProcessVerdict::Fail => {}
        }
    }
}
