//! An SDK, and a directory beside or around it that a launch is typed in.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use super::place::Place;
use super::run::Run;

/// A place with a root in it, and what a launch there is given.
pub struct Site {
    pub place: Place,
    /// The SDK's directory.
    pub root: PathBuf,
    /// Where a launch is typed.
    pub cwd: PathBuf,
    variables: Vec<(&'static str, OsString)>,
}

impl Site {
    /// The SDK lies in the app's directory, where the launch is typed: `app/sdk`.
    pub fn in_app() -> Self {
        Self::new("app/sdk", "app")
    }

    /// The SDK lies elsewhere: `sdk`, and `work` is where the launch is typed.
    pub fn beside() -> Self {
        Self::new("sdk", "work")
    }

    fn new(root: &str, cwd: &str) -> Self {
        let place = Place::new();
        Self { root: place.make_root(root), cwd: place.make_dir(cwd), variables: Vec::new(), place }
    }

    /// Makes the SDK one that is compiled for a version, such as `3.8`, too. Recognition reads names.
    pub fn compiled_for(self, version: &str) -> Self {
        self.add_module("trans_dh_service", version);
        self
    }

    /// Puts a module that is compiled for a version into the service package: a name, nothing to import.
    pub fn add_module(&self, name: &str, version: &str) {
        let tag = version.replace('.', "");
        let file = format!("service/{name}.cpython-{tag}-x86_64-linux-gnu.so");
        self.place.write(self.root.join(file), "");
    }

    /// Gives each launch a variable.
    pub fn with(mut self, name: &'static str, value: impl Into<OsString>) -> Self {
        self.set(name, value);
        self
    }

    /// The same, later on; the last value counts.
    pub fn set(&mut self, name: &'static str, value: impl Into<OsString>) {
        self.unset(name);
        self.variables.push((name, value.into()));
    }

    /// Takes a variable away again.
    pub fn unset(&mut self, name: &str) {
        self.variables.retain(|(given, _)| *given != name);
    }

    /// A path in the place, as text.
    pub fn at(&self, name: &str) -> String {
        self.place.path(name).display().to_string()
    }

    /// `heygem-run` with these words.
    pub fn launch<W: AsRef<OsStr>>(&self, words: impl IntoIterator<Item = W>) -> Run {
        let words = words.into_iter().map(|word| word.as_ref().to_owned());
        let run = self.place.launch(words).within(&self.cwd);
        self.variables.iter().fold(run, |run, (name, value)| run.env(name, value))
    }
}
