//! Which processes the doctor started, however far they went: they are the ones that it ends.

use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::process::Command;

use crate::files;
use crate::procfs::ProcessTable;

/// The variable that marks what a doctor started, with the doctor's number.
const MARK: &str = "_HEYGEM_RUN_DOCTOR";

/// More than a program can be started with: arguments and variables share 6 MiB.
const LONGEST: u64 = 8 << 20;

/// Marks a program, and by that all that it starts.
pub fn mark(command: &mut Command) {
    command.env(MARK, std::process::id().to_string());
}

/// Whether a process has the mark of this doctor.
pub fn is_marked(pid: u32) -> bool {
    let mark = OsString::from(format!("{MARK}={}", std::process::id()));
    let variables =
        files::read_of_kernel(Path::new(&format!("/proc/{pid}/environ")), LONGEST).unwrap_or_default();
    variables.split(|byte| *byte == 0).any(|entry| entry == mark.as_bytes())
}

/// The children of this process.
pub fn children() -> Vec<u32> {
    let own = std::process::id();
    match std::fs::read_to_string(format!("/proc/self/task/{own}/children")) {
        Ok(list) => list.split_ascii_whitespace().filter_map(|pid| pid.parse().ok()).collect(),
        Err(_) => ProcessTable::read().map(|table| table.children(own).collect()).unwrap_or_default(),
    }
}
