//! What the commands run: real servers from PyPI at fixed versions, for the oldest CPython and the newest.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use crate::support::build::{build_once, digest, expect};
use crate::support::pythons::{Python, pythons};
use crate::support::venv::venv;

/// The last versions for CPython 3.8.
const OLD: [&str; 18] = [
    "uvicorn==0.33.0",
    "gunicorn==23.0.0",
    "gevent==24.2.1",
    "flask==3.0.3",
    "hypercorn==0.17.3",
    "celery==5.5.3",
    "uwsgi==2.0.31",
    "coverage==7.6.1",
    "fastapi==0.124.4",
    "fastapi-cli==0.0.18",
    "watchfiles==0.24.0",
    "python-dotenv==1.0.1",
    "waitress==3.0.0",
    "daphne==4.1.2",
    "granian==1.6.4",
    "sanic==25.3.0",
    "opentelemetry-distro==0.54b1",
    "ddtrace==3.19.9",
];

/// Versions for CPython 3.10 and later.
const NEW: [&str; 18] = [
    "uvicorn==0.54.0",
    "gunicorn==27.0.1",
    "gevent==26.9.0",
    "flask==3.1.3",
    "hypercorn==0.18.0",
    "celery==5.7.0",
    "uwsgi==2.0.31",
    "coverage==7.17.4",
    "fastapi==0.165.0",
    "fastapi-cli==0.0.34",
    "watchfiles==1.3.0",
    "python-dotenv==1.1.1",
    "waitress==3.0.2",
    "daphne==4.2.3",
    "granian==2.8.7",
    "sanic==25.12.1",
    "opentelemetry-distro==0.66b2",
    "ddtrace==4.16.0",
];

/// Torch's runner, as far as a command line goes: it runs a script in a process of its own, and hands SIGTERM on.
const TORCH_RUN: &str = r#"
import signal
import subprocess
import sys

words = sys.argv[1:]
while words[0].startswith("-"):
    del words[: 1 if "=" in words[0] else 2]
process = subprocess.Popen([sys.executable, "-u"] + words)
signal.signal(signal.SIGTERM, lambda *_: process.terminate())
sys.exit(process.wait())
"#;

/// All of it for one CPython.
pub struct Programs {
    pub python: &'static Python,
    pub venv: PathBuf,
}

/// One CPython, and its programs as soon as something wants to run them: the first time, that takes minutes.
pub struct Runtime {
    pub python: &'static Python,
    programs: OnceLock<Programs>,
}

impl Runtime {
    /// The oldest CPython of this machine, and the newest.
    pub fn all() -> Vec<Self> {
        let able: Vec<_> = pythons().iter().filter(|python| python.has_pip).collect();
        let oldest = able
            .first()
            .expect("no interpreter can make a virtual environment (try: apt install python3-venv)");
        let newest = able.last().filter(|newest| newest.path != oldest.path);
        let new = |python: &&'static Python| Self { python, programs: OnceLock::new() };
        std::iter::once(oldest).chain(newest).map(new).collect()
    }

    /// `3.8`
    pub fn version(&self) -> String {
        let (major, minor) = self.python.major_minor;
        format!("{major}.{minor}")
    }

    /// What its commands run.
    pub fn programs(&self) -> &Programs {
        self.programs.get_or_init(|| Programs::of(self.python))
    }
}

impl Programs {
    fn of(python: &'static Python) -> Self {
        let packages = if python.major_minor < (3, 10) { OLD } else { NEW };
        let venv = with_torch(&venv(&python.path, "commands", &packages), &python.major_minor);
        Self { python, venv }
    }
}

/// Puts the runner into the environment, where `python -m` finds it.
fn with_torch(venv: &Path, (major, minor): &(u8, u8)) -> PathBuf {
    build_once(&format!("torch-{}", digest(&(venv, TORCH_RUN))), |_| {
        let package = venv.join(format!("lib/python{major}.{minor}/site-packages/torch/distributed"));
        expect(std::fs::create_dir_all(&package), "create", &package);
        for (name, text) in [("../__init__.py", ""), ("__init__.py", ""), ("run.py", TORCH_RUN)] {
            let path = package.join(name);
            expect(std::fs::write(&path, text), "write", &path);
        }
    });
    venv.to_owned()
}
