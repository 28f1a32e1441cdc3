//! Virtual environments with packages from PyPI, made once.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::build::{build_once, checked, digest};
use super::pythons::Python;

/// A virtual environment of `python` with `requirements` in it, as pip spells them. Another interpreter or
/// other requirements make another environment.
pub fn venv(python: &Path, name: &str, requirements: &[&str]) -> PathBuf {
    let version = checked(Command::new(python).args(["-I", "-c", "import sys; print(sys.version)"]));
    let key = digest(&(python, version, requirements));
    build_once(&format!("venv-{name}-{key}"), |dir| {
        checked(Command::new(python).args(["-I", "-m", "venv"]).arg(dir));
        if requirements.is_empty() {
            return;
        }
        // pip sees the caller's environment: proxies, certificates, indexes and caches are its business. -I
        // keeps out what is meant for the caller's own Python.
        checked(
            Command::new(dir.join("bin/python"))
                .args(["-I", "-m", "pip", "install", "--quiet"])
                .arg("--disable-pip-version-check")
                .args(requirements),
        );
    })
}

/// A virtual environment of `python` with nothing in it, not even pip. It is shared between tests, which may link to it:
/// an interpreter knows its environment by the path that it was started by.
pub fn bare_venv(python: &Python) -> PathBuf {
    let key = digest(&(&python.path, &python.version));
    build_once(&format!("venv-bare-{}-{key}", python.version), |dir| {
        checked(Command::new(&python.path).args(["-I", "-m", "venv", "--without-pip"]).arg(dir));
    })
}
