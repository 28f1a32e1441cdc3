//! What somebody with a shell on the same machine may try, by class: each test is named after the rule that it holds the launcher to.

mod cache;
mod doctor;
mod doctor_leaves;
mod doctor_reads;
mod environment;
mod formats;
mod limits;
mod listings;
mod moved;
mod races;
mod search;
mod trust_first;
mod writers;

use std::ffi::OsStr;
use std::path::Path;
use std::process::Command;

use crate::support::build::checked;
use crate::support::place::{LAUNCHER, Place};
use crate::support::run::Run;

/// More than any launch takes, on the slowest machine.
const SECONDS: &str = "600";

/// A launch that is ended where it hangs.
fn bounded<W: AsRef<OsStr>>(place: &Place, words: impl IntoIterator<Item = W>) -> Run {
    let mut command = place.command("timeout");
    command.args([SECONDS, LAUNCHER]).args(words);
    Run::new(command)
}

/// Makes a pipe that nobody writes to.
fn make_pipe(path: &Path) {
    checked(Command::new("mkfifo").arg(path));
}
