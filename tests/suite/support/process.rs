//! Processes that a test starts, or that are started for it.

use std::fs;
use std::path::Path;
use std::process::{Child, Command};
use std::sync::RwLock;

use super::build::expect;

/// Held by a test that opens very many files, and shared by those whose doctor looks for one of a few.
pub static OPEN_FILES: RwLock<()> = RwLock::new(());

/// Whether a process runs: one that has ended, and that nobody has asked how, does not.
pub fn runs(pid: &str) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with(['Z', 'X']))
}

/// The number that a program of the test wrote to a file.
pub fn number(path: &Path) -> Option<String> {
    fs::read_to_string(path).ok().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// Sends a signal by its name to a process, or behind a minus to a group; returns whether there was one. By a shell, which has a `kill`
/// of its own: a bare Debian has no program of that name.
pub fn signal(name: &str, target: &str) -> bool {
    let mut shell = Command::new("sh");
    shell.args(["-c", "kill -s \"$1\" -- \"$2\"", "sh", name, target]);
    expect(shell.status(), "run", Path::new("sh")).success()
}

/// As [`signal`], where there must be one.
#[track_caller]
pub fn kill(name: &str, target: &str) {
    assert!(signal(name, target), "no {target} to send {name} to");
}

/// A child of the test, which is ended with it.
pub struct Started(pub Child);

impl Drop for Started {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
