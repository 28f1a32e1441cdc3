//! Processes that a test starts, or that are started for it.

use std::fs;
use std::path::Path;
use std::process::{Child, Command};

use super::build::checked;

/// Whether a process runs: one that has ended, and that nobody has asked how, does not.
pub fn runs(pid: &str) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with(['Z', 'X']))
}

/// The number that a program of the test wrote to a file.
pub fn number(path: &Path) -> Option<String> {
    fs::read_to_string(path).ok().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

pub fn kill(signal: &str, pid: &str) {
    checked(Command::new("kill").args(["-s", signal, pid]));
}

/// A child of the test, which is ended with it.
pub struct Started(pub Child);

impl Drop for Started {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
