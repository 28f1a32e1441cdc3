//! The interpreters of this machine that the SDK can be compiled for.

use std::collections::BTreeMap;
use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use super::requirements;

const OLDEST: (u8, u8) = (3, 8);

/// What `probe` wants to know, one line each. Free-threaded builds are told apart by their `t`:
/// they are another ABI, which the SDK's Cython does not know.
const QUESTIONS: &str = "
import importlib.util, platform, sys, sysconfig
threads = 't' if sysconfig.get_config_var('Py_GIL_DISABLED') else ''
print(sys.implementation.name + threads)
print(sys.executable)
print(platform.python_version())
print(sysconfig.get_config_var('EXT_SUFFIX'))
print(sysconfig.get_paths()['include'])
print(importlib.util.find_spec('ensurepip') is not None)
";

/// A CPython that was run, with what it takes to compile a module for it.
#[derive(Debug, Clone)]
pub struct Python {
    /// What it says of itself (`sys.executable`): the interpreter, where the name on PATH may be a shim.
    pub path: PathBuf,
    /// `(3, 8)`
    pub major_minor: (u8, u8),
    /// `3.8.18`
    pub version: String,
    /// `.cpython-38-x86_64-linux-gnu.so`
    pub ext_suffix: String,
    /// The directory that has its `Python.h`.
    pub include: PathBuf,
    /// Whether it can make a virtual environment with pip in it; Debian's cannot, unless asked to.
    pub has_pip: bool,
}

/// Every CPython from 3.8 on that has its headers: `python3.N` of PATH and of pyenv, one for each
/// minor version, oldest first. There is one at least, since a test that cannot run has not passed.
pub fn pythons() -> &'static [Python] {
    requirements::check();
    &found().pythons
}

/// What was found.
#[derive(Debug)]
pub struct Found {
    pub pythons: Vec<Python>,
    /// Those that the tests can't use, and why.
    pub passed_over: Vec<String>,
}

/// What there is, which may be nothing.
pub fn found() -> &'static Found {
    static FOUND: OnceLock<Found> = OnceLock::new();
    FOUND.get_or_init(find)
}

fn find() -> Found {
    let mut found = BTreeMap::new();
    let mut passed_over = Vec::new();
    for program in directories().iter().flat_map(|dir| programs(dir)) {
        match probe(&program) {
            Ok(python) => {
                let best = found.entry(python.major_minor).or_insert_with(|| python.clone());
                if python.has_pip && !best.has_pip {
                    *best = python;
                }
            }
            Err(reason) => passed_over.push(format!("{}: {reason}", program.display())),
        }
    }
    Found { pythons: found.into_values().collect(), passed_over }
}

/// PATH's directories, then pyenv's.
fn directories() -> Vec<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let pyenv =
        env::var_os("PYENV_ROOT").map(PathBuf::from).or_else(|| Some(env::home_dir()?.join(".pyenv")));
    let versions = pyenv.map_or_else(Vec::new, |root| names(&root.join("versions")));
    env::split_paths(&path).chain(versions.into_iter().map(|version| version.join("bin"))).collect()
}

/// The files of `dir` called `python3.N`, and not `python3.8-config` or `python3.13t`.
fn programs(dir: &Path) -> Vec<PathBuf> {
    let is_python = |path: &PathBuf| {
        path.file_name()
            .and_then(|name| name.to_str())
            .and_then(|name| name.strip_prefix("python"))
            .and_then(major_minor)
            .is_some_and(|version| version >= OLDEST)
    };
    names(dir).into_iter().filter(is_python).collect()
}

/// What is in `dir`, sorted; nothing if it cannot be read, as PATH may name anything.
fn names(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    let mut paths: Vec<_> = entries.map(|entry| entry.path()).collect();
    paths.sort();
    paths
}

/// `3.8` or `3.8.18` as `(3, 8)`.
fn major_minor(version: &str) -> Option<(u8, u8)> {
    let mut numbers = version.split('.');
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

/// Runs `program`, since only that tells: a pyenv shim is there for versions that are not active,
/// and ends with 127.
fn probe(program: &Path) -> Result<Python, String> {
    let output = Command::new(program)
        // -I: what the caller set for its own Python must not colour the answers.
        .args(["-I", "-c", QUESTIONS])
        .output()
        .map_err(|error| error.to_string())?;
    if !output.status.success() {
        let stderr = String::from_utf8_lossy(&output.stderr);
        return Err(format!("{}: {}", output.status, stderr.trim()));
    }
    let answers = String::from_utf8_lossy(&output.stdout);
    let answers: Vec<_> = answers.lines().collect();
    let [kind, path, version, ext_suffix, include, has_pip] = answers[..] else {
        return Err(format!("gave unexpected answers: {answers:?}"));
    };
    if kind != "cpython" {
        return Err(format!("is {kind}"));
    }
    let include = PathBuf::from(include);
    if !include.join("Python.h").exists() {
        return Err(format!("no Python.h in {}", include.display()));
    }
    Ok(Python {
        path: PathBuf::from(OsString::from(path)),
        major_minor: major_minor(version).ok_or_else(|| format!("has the version {version}"))?,
        version: version.to_owned(),
        ext_suffix: ext_suffix.to_owned(),
        include,
        has_pip: has_pip == "True",
    })
}

/// Whether a Python brings a `sitecustomize` in its library, as Debian's does. Then no environment's own is run.
pub fn has_sitecustomize(python: &Python) -> bool {
    let found = Command::new(&python.path).args(["-I", "-S", "-c", "import sitecustomize"]).output();
    found.is_ok_and(|output| output.status.success())
}
