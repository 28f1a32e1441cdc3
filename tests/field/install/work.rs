//! What an installed program has to do: say its version, cure the bundled example, and ask nothing of the system it runs on.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::artifacts::{PROJECT, VERSION};
use crate::support::build::checked;
use crate::support::place::Place;
use crate::support::run::Run;

/// What `heygem-run --version` prints.
pub fn version_line() -> String {
    format!("heygem-run {VERSION}\n")
}

/// A copy of the bundled example: its script.
pub fn example(place: &Place) -> PathBuf {
    let dir = place.path("app");
    checked(Command::new("cp").arg("-r").arg(Path::new(PROJECT).join("examples/app")).arg(&dir));
    let bridge = dir.join("HeyGem-Linux-Python-Hack/.heygem-run");
    if bridge.exists() {
        crate::support::fs::remove(bridge);
    }
    dir.join("fastapi_app.py")
}

/// Expects that `run`, a launch of the bundled example, comes to what the README shows.
#[track_caller]
pub fn cures(run: Run) {
    let outcome = run.run();
    let word = |word: &str| if word.parse::<u32>().is_ok() { "PID".to_owned() } else { word.to_owned() };
    let line = |line: &str| line.split(' ').map(word).collect::<Vec<_>>().join(" ");
    let lines: Vec<_> = outcome.succeeded().lines().map(line).collect();
    let worker = |method| format!("{method}: worker PID returned Video(seconds=3, frames=75)");
    assert_eq!(lines, ["fork", "spawn", "forkserver"].map(worker), "{outcome}");
    assert_eq!(outcome.stderr(), "", "{outcome}");
}

/// Expects that an installed program works here, with whatever Python 3 there is.
#[track_caller]
pub fn works(program: &Path) {
    let place = Place::new();
    let script = example(&place);
    let run = |words: &[&Path]| {
        let mut command = place.command(program);
        command.args(words);
        Run::new(command)
    };
    run(&["--version".as_ref()]).prints(version_line());
    cures(run(&[&script]));
}

/// What binutils tell of a program: whether it names a loader or libraries, asks for versions of a library's symbols, and
/// which kernel.
#[derive(Debug, PartialEq, Eq)]
pub struct Needs {
    pub loader: bool,
    pub libraries: usize,
    pub versions: usize,
    pub kernel: String,
}

impl Needs {
    /// Of a program that runs on any Linux from the one on that Rust supports.
    pub fn nothing() -> Self {
        Self { loader: false, libraries: 0, versions: 0, kernel: "3.2.0".into() }
    }

    /// Those of a program.
    pub fn of(program: &Path) -> Self {
        let mut command = Command::new("readelf");
        command.args(["--wide", "--program-headers", "--dynamic", "--version-info", "--notes"]);
        let told = checked(command.arg(program).env("LC_ALL", "C"));
        let count = |text: &str| told.lines().filter(|line| line.contains(text)).count();
        let kernel = told.lines().find_map(|line| Some(line.split_once("OS: Linux, ABI: ")?.1));
        Self {
            loader: count("Requesting program interpreter") > 0,
            libraries: count("(NEEDED)"),
            versions: count("Name: GLIBC_"),
            kernel: kernel.unwrap_or("any").to_owned(),
        }
    }
}
