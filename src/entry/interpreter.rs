//! Which Python runs a `SCRIPT.py` or a `-m MODULE`, and which version one is: read from its name and surroundings, never by
//! running it.

use std::ffi::OsStr;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use crate::directory;
use crate::environment::Environment;
use crate::error::{Code, Failure};
use crate::files;
use crate::sdk::abi::Version;
use crate::shell::quote;
use crate::warning::python::PassedOver;

use super::program::SearchPath;

/// How many links from `python` to `python3` to `python3.8` are followed for a version.
const MOST_LINKS: usize = 8;

/// The directories of environments that are looked for in the root and in its parent.
pub const ENVIRONMENTS: [&str; 2] = [".venv", "venv"];

/// An interpreter that was chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// Its path, never canonical: a virtual environment is found through it.
    pub path: PathBuf,
    pub source: InterpreterSource,
    /// Its version, where it could be told.
    pub version: Option<Version>,
    /// Active environments that came first and were passed over.
    pub passed_over: Vec<PassedOver>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InterpreterSource {
    /// `VIRTUAL_ENV` or `CONDA_PREFIX`, and its value.
    Active(&'static str, PathBuf),
    /// A `.venv` or `venv` directory in the root or its parent.
    Beside(PathBuf),
    /// A name on PATH.
    Path(String),
}

impl fmt::Display for InterpreterSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Active(variable, directory) => write!(f, "{variable}={}", quote(directory)),
            Self::Beside(directory) => write!(f, "{}", quote(directory)),
            Self::Path(name) => write!(f, "{name} on PATH"),
        }
    }
}

/// Where interpreters are looked for.
#[derive(Debug, Clone, Copy)]
pub struct InterpreterSearch<'a> {
    /// For the active environment.
    pub environment: &'a Environment<'a>,
    /// For the names.
    pub search: SearchPath<'a>,
    /// For an environment beside the SDK.
    pub root: &'a Path,
    /// The versions that the SDK is compiled for; empty means any.
    pub versions: &'a [Version],
}

impl InterpreterSearch<'_> {
    /// The first interpreter that fits the SDK; if none does, the first there is.
    ///
    /// # Errors
    /// When there is none at all (127).
    pub fn choose(&self) -> Result<Choice, Failure> {
        let mut tried = Vec::new();
        let mut first: Option<Choice> = None;
        let mut passed_over = Vec::new();
        for source in self.sources() {
            let Some(path) = self.interpreter_of(&source) else {
                tried.push(source.to_string());
                passed_over.extend(passed_over_by(&source, None));
                continue;
            };
            let version = version_of(&path);
            if self.fits(version) {
                return Ok(Choice { path, source, version, passed_over });
            }
            let active = passed_over_by(&source, version);
            first.get_or_insert_with(|| Choice { path, source, version, passed_over: passed_over.clone() });
            passed_over.extend(active);
        }
        first.ok_or_else(|| {
            Failure::with_code(Code::NotFound, "no Python interpreter found")
                .tried(tried)
                .hint("name one: --python CMD, or HEYGEM_PYTHON")
        })
    }

    fn fits(&self, version: Option<Version>) -> bool {
        self.versions.is_empty() || version.is_some_and(|version| self.versions.contains(&version))
    }

    fn sources(&self) -> impl Iterator<Item = InterpreterSource> {
        let active = ["VIRTUAL_ENV", "CONDA_PREFIX"].into_iter().filter_map(|variable| {
            let directory = PathBuf::from(self.environment.get_non_empty(variable)?);
            Some(InterpreterSource::Active(variable, directory))
        });
        let beside = [Some(self.root), self.root.parent()]
            .into_iter()
            .flatten()
            .flat_map(|place| ENVIRONMENTS.map(|name| InterpreterSource::Beside(place.join(name))));
        let tagged = self.versions.iter().map(|version| format!("python{version}"));
        let named = tagged.chain(["python3", "python"].map(String::from)).map(InterpreterSource::Path);
        active.chain(beside).chain(named)
    }

    fn interpreter_of(&self, source: &InterpreterSource) -> Option<PathBuf> {
        match source {
            // A relative environment would mean another one after the change of directory; none is ever relative.
            InterpreterSource::Active(_, directory) | InterpreterSource::Beside(directory) => {
                ["bin/python", "bin/python3"]
                    .iter()
                    .map(|name| directory.join(name))
                    .find(|path| path.is_absolute() && path.is_file())
            }
            InterpreterSource::Path(name) => match self.search.find(OsStr::new(name))?.path {
                path if Version::from_program(name).is_some() => behind_shim(path),
                path => Some(path),
            },
        }
    }
}

/// The report of an active environment whose interpreter is not used; `None` for any other source.
fn passed_over_by(source: &InterpreterSource, version: Option<Version>) -> Option<PassedOver> {
    match source {
        InterpreterSource::Active(variable, directory) => {
            Some(PassedOver { variable, directory: directory.clone(), version })
        }
        InterpreterSource::Beside(_) | InterpreterSource::Path(_) => None,
    }
}

/// What a pyenv shim stands for. `shims/python3.8` is there as soon as any 3.8 is installed, and fails unless pyenv has
/// selected it; whoever asks for 3.8 means the installed one. `None` where there is none any more.
fn behind_shim(path: PathBuf) -> Option<PathBuf> {
    let (Some(shims), Some(name)) = (path.parent(), path.file_name()) else { return Some(path) };
    let versions = shims.with_file_name("versions");
    if shims.file_name() != Some(OsStr::new("shims")) || !versions.is_dir() {
        return Some(path);
    }
    let installed = directory::paths_in(&versions).into_iter().map(|path| path.join("bin").join(name));
    // Environments with names of their own have no patch number, so they count least.
    installed.filter(|program| program.is_file()).max_by_key(|program| patch_of(program))
}

/// The 18 of `versions/3.8.18/bin/python3.8`.
fn patch_of(program: &Path) -> Option<u32> {
    program.parent()?.parent()?.file_name()?.to_str()?.rsplit('.').next()?.parse().ok()
}

/// The version of an interpreter: by its own name, its virtual environment's `pyvenv.cfg`, or the name of what it is a link
/// to.
pub fn version_of(interpreter: &Path) -> Option<Version> {
    let by_name = |path: &Path| Version::from_program(path.file_name()?.to_str()?);
    by_name(interpreter).or_else(|| configured_version(interpreter)).or_else(|| {
        let mut path = interpreter.to_owned();
        for _ in 0..MOST_LINKS {
            path = path.parent()?.join(fs::read_link(&path).ok()?);
            if let Some(version) = by_name(&path) {
                return Some(version);
            }
        }
        None
    })
}

/// CPython looks for `pyvenv.cfg` beside the interpreter and one directory above.
fn configured_version(interpreter: &Path) -> Option<Version> {
    let directory = interpreter.parent()?;
    let above = directory.parent().map(|above| above.join("pyvenv.cfg"));
    let text = above
        .into_iter()
        .chain([directory.join("pyvenv.cfg")])
        .find_map(|path| files::read_small(&path).ok())?;
    version_in(&String::from_utf8_lossy(&text))
}

/// `version` is what venv writes, `version_info` what virtualenv and uv write.
fn version_in(configuration: &str) -> Option<Version> {
    configuration.lines().find_map(|line| {
        let (key, value) = line.split_once('=')?;
        let known = ["version", "version_info"].iter().any(|known| key.trim().eq_ignore_ascii_case(known));
        if known { Version::from_full(value) } else { None }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn configurations_tell_versions() {
        let table = [
            ("home = /usr/bin\nversion = 3.8.18\n", Some((3, 8))),
            ("version_info = 3.9.1.final.0\n", Some((3, 9))),
            ("VERSION=3.10.2", Some((3, 10))),
            ("home = /opt/python3.8\n", None),
            ("version = \n", None),
            ("", None),
        ];
        for (text, expected) in table {
            assert_eq!(version_in(text).map(|version| (version.major, version.minor)), expected, "{text}");
        }
    }

    mod fuzz {
        use super::*;
        use proptest::prelude::*;

        proptest! {
            #[test]
            fn a_configuration_tells_the_version_it_names_and_no_text_is_too_odd(
                before in any::<String>(),
                bytes in prop::collection::vec(any::<u8>(), 0..80),
                lines in "((version|version_info|Version|home)?[ \t]*=?[ \t]*[0-9.+a-z]{0,8}\r?\n){0,6}",
                (major, minor) in any::<(u8, u8)>(),
            ) {
                let _ = version_in(&String::from_utf8_lossy(&bytes));
                let _ = version_in(&lines);
                let told = version_in(&format!("version = {major}.{minor}.1\n{before}"));
                prop_assert_eq!(told, Some(Version { major, minor }));
                if let Some(version) = version_in(&lines) {
                    prop_assert!(lines.contains('='), "{}", version);
                }
            }
        }
    }
}
