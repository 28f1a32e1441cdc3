//! Interpreters to choose between: this machine's, and stand-ins of other versions, which are chosen and never run.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::build::{build_once, checked, expect};
use super::place::Place;
use super::pythons::{Python, pythons};
use super::venv::bare_venv;

/// Versions that no CPython of this machine can have: older than the oldest that counts, and newer than any.
const OLDER: &str = "3.5";
const NEWER: &str = "3.99";

/// What can be chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interpreter {
    /// The program, called `pythonX.Y` where it is a stand-in.
    pub path: PathBuf,
    /// `3.8`
    pub version: String,
    is_real: bool,
}

impl Interpreter {
    /// One of this machine's.
    pub fn real(python: &Python) -> Self {
        let (major, minor) = python.major_minor;
        Self { path: python.path.clone(), version: format!("{major}.{minor}"), is_real: true }
    }

    /// One that only has a name. Whoever runs it fails.
    pub fn stand_in(version: &str) -> Self {
        const SCRIPT: &str = "#!/bin/sh\necho 'a stand-in was run' >&2\nexit 99\n";
        let name = format!("python{version}");
        let directory = build_once(&format!("stand-in-{version}"), |directory| {
            let draft = directory.join("draft");
            expect(std::fs::write(&draft, SCRIPT), "write", &draft);
            checked(Command::new("install").args(["-m", "755"]).arg(draft).arg(directory.join(&name)));
        });
        Self { path: directory.join(name), version: version.to_owned(), is_real: false }
    }

    /// Of another version than any of this machine's: a stand-in.
    pub fn other() -> Self {
        Self::stand_in(NEWER)
    }

    /// Whether it can be run.
    pub fn is_real(&self) -> bool {
        self.is_real
    }

    /// A virtual environment of it, shared between tests: a stand-in's is made of text.
    pub fn environment(&self) -> PathBuf {
        if let Some(python) = pythons().iter().find(|python| self.is_real && python.path == self.path) {
            return bare_venv(python);
        }
        build_once(&format!("stand-in-venv-{}", self.version), |directory| {
            self.write_environment(directory, |program| {
                expect(std::os::unix::fs::symlink(&self.path, program), "link", program);
            });
        })
    }

    /// A virtual environment of copies, here.
    pub fn copy_environment(&self, place: &Place, name: &str) {
        let directory = place.path(name);
        if self.is_real {
            let make = ["-I", "-m", "venv", "--copies", "--without-pip"];
            checked(Command::new(&self.path).args(make).arg(directory));
        } else {
            self.write_environment(&directory, |program| {
                place.copy_program(&self.path, program);
            });
        }
    }

    fn write_environment(&self, directory: &Path, put: impl FnOnce(&Path)) {
        let bin = directory.join("bin");
        expect(std::fs::create_dir_all(&bin), "create", &bin);
        put(&bin.join("python"));
        let text = format!("home = /usr/bin\nversion = {}.1\n", self.version);
        let configuration = directory.join("pyvenv.cfg");
        expect(std::fs::write(&configuration, text), "write", &configuration);
    }
}

/// An older and a newer one: a CPython of this machine with a stand-in on either side, and where the machine has two versions,
/// the oldest with the newest.
pub fn pairs() -> Vec<[Interpreter; 2]> {
    let all = pythons();
    let [oldest, newest] = [&all[0], &all[all.len() - 1]].map(Interpreter::real);
    let mut pairs =
        vec![[Interpreter::stand_in(OLDER), oldest.clone()], [newest.clone(), Interpreter::stand_in(NEWER)]];
    if oldest != newest {
        pairs.push([oldest, newest]);
    }
    pairs
}
