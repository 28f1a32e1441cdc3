//! The launcher under strace.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::build::expect;
use super::place::{LAUNCHER, Place};

/// The first system call of the launcher's own code.
pub const FIRST_OF_MAIN: &str = "poll";

/// strace with these options, and under it a launch of the target in the root `sdk`.
pub fn traced(place: &Place, options: &[&str], target: &[&str]) -> Command {
    let mut command = place.command("strace");
    command.args(["-qq", "-o"]).arg(place.path("trace")).args(options);
    command.args(["--", LAUNCHER, "-r", "sdk"]).args(target);
    command
}

/// The names of the system calls that it saw, from its own start of the launcher on.
pub fn calls(place: &Place) -> Vec<String> {
    let trace = expect(fs::read(place.path("trace")), "read", Path::new("trace"));
    let lines = String::from_utf8_lossy(&trace);
    lines.lines().filter_map(|line| Some(line.split_once('(')?.0.to_owned())).collect()
}

/// What strace wrote.
pub fn text(place: &Place) -> String {
    let trace = expect(fs::read(place.path("trace")), "read", Path::new("trace"));
    String::from_utf8_lossy(&trace).into_owned()
}
