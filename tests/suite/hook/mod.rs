//! The hook: what the bridge does in a Python process, on real compiled modules and under every interpreter. Most tests start
//! Python themselves, with the PYTHONPATH that `--print-env` gives: where a process starts is their own business.

mod arguments;
mod directory;
mod fuzz;
mod guests;
mod gunicorn;
mod interpreter;
mod modules;
mod order;
mod standard_library;
mod start;
mod uvicorn;

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::build::{checked, expect};
use crate::support::place::{LAUNCHER, Place};
use crate::support::pythons::{Python, pythons};
use crate::support::run::Run;
use crate::support::sdk::install;

/// `USER` is where the user stands, and has files of the user's; the root lies in it.
struct Stage {
    python: &'static Python,
    place: Place,
    user: PathBuf,
    root: PathBuf,
}

impl Stage {
    fn new(python: &'static Python) -> Self {
        Self::named(python, "user/HeyGem")
    }

    /// A root of that name in the place; what is above it is the user's.
    fn named(python: &'static Python, root: impl AsRef<Path>) -> Self {
        let place = Place::new();
        let root = place.path(root);
        install(python, "sdk", &root);
        install(python, "hook", &root);
        let user = root.parent().expect("a directory").to_owned();
        Self { python, place, user, root }
    }

    /// Writes a file of the user's; a path that begins with `HeyGem/` is one in the root.
    fn write(&self, file: &str, text: &str) -> &Self {
        self.place.write(self.user.join(file), text);
        self
    }

    /// The PYTHONPATH of a launch; builds the bridge.
    fn python_path(&self) -> OsString {
        use std::os::unix::ffi::OsStringExt as _;
        let mut command = self.place.command(LAUNCHER);
        command.arg("-r").arg(&self.root).args(["--", "/bin/sh", "-c", "printf %s \"$PYTHONPATH\""]);
        let output = expect(command.output(), "run", Path::new(LAUNCHER));
        assert!(output.status.success(), "{output:?}");
        OsString::from_vec(output.stdout)
    }

    fn bridge(&self) -> PathBuf {
        std::env::split_paths(&self.python_path()).last().expect("the bridge is the last entry")
    }

    /// Python with these words, where the user stands.
    fn python<W: AsRef<OsStr>>(&self, words: &[W]) -> Run {
        let run = self.bare_python(words);
        run.env("PYTHONPATH", self.python_path())
    }

    /// The same without the bridge, and with what the bug report recommends.
    fn python_without<W: AsRef<OsStr>>(&self, words: &[W]) -> Run {
        let path = std::env::join_paths([&self.root, &self.user]).expect("no colon in a path");
        self.bare_python(words).env("PYTHONPATH", path)
    }

    fn bare_python<W: AsRef<OsStr>>(&self, words: &[W]) -> Run {
        let mut command = self.place.command(&self.python.path);
        command.args(words);
        Run::new(command).within(&self.user)
    }

    /// Expects that this code prints that, with USER and ROOT for the directories.
    #[track_caller]
    fn tells(&self, code: &str, expected: &str) {
        self.python(&["-c", code]).prints(self.named_places(expected));
    }

    /// The text with USER and ROOT replaced by what they stand for.
    fn named_places(&self, text: &str) -> String {
        let [user, root] = [&self.user, &self.root].map(|path| path.to_string_lossy().into_owned());
        text.replace("USER", &user).replace("ROOT", &root)
    }

    /// Puts source in the place of the SDK's compiled modules of these names.
    fn as_source(&self, modules: &[&str]) -> &Self {
        for module in modules {
            let compiled = self.root.join(format!("{module}{}", self.python.ext_suffix));
            expect(std::fs::remove_file(&compiled), "remove", &compiled);
            let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
            let source = ["sdk", "hook"].map(|name| fixtures.join(name).join(format!("{module}.py")));
            let source = source.into_iter().find(|path| path.exists()).expect("a fixture");
            let text = expect(std::fs::read(&source), "read", &source);
            self.place.write(self.root.join(format!("{module}.py")), text);
        }
        self
    }

    /// What an interpreter of another kind prints in the user's directory with this PYTHONPATH.
    fn other_python(&self, program: &Path, path: &OsStr, words: &[&str]) -> Run {
        let mut command = self.place.command(program);
        command.args(words).env("PYTHONPATH", path);
        Run::new(command).within(&self.user)
    }
}

/// A stage for each interpreter.
fn stages() -> impl Iterator<Item = Stage> {
    pythons().iter().map(Stage::new)
}

/// What a Python prints by itself.
fn said_by(python: &Path, code: &str) -> String {
    checked(Command::new(python).args(["-I", "-c", code])).trim_end().to_owned()
}
