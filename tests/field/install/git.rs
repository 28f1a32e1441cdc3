//! Repositories that tests make.

use std::path::Path;
use std::process::Command;

use crate::support::build::checked;

/// `git` in a directory, whatever its user has configured.
pub fn git(directory: &Path, words: &[&str]) {
    let mut command = Command::new("git");
    command.args(["-c", "user.name=x", "-c", "user.email=x@example.com", "-c", "commit.gpgSign=false"]);
    checked(command.args(words).current_dir(directory));
}

/// Commits all there is, also what is ignored.
pub fn commit(directory: &Path) {
    git(directory, &["add", "--all", "--force"]);
    git(directory, &["commit", "--quiet", "--allow-empty", "--message", "x"]);
}
