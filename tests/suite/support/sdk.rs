//! A HeyGem-shaped SDK of real compiled modules, made from `tests/fixtures/sdk` as HeyGem makes its own: each
//! file is translated by Cython under its bare name, whatever package it is installed in.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};
use std::thread;

use super::build::{COMPLETE, build_once, checked, digest, expect, lock};
use super::pythons::{Python, pythons};
use super::venv::venv;

/// The version that made the public SDK. What it generates compiles and runs under 3.8 to 3.13.
const CYTHON: &str = "cython==3.0.10";

/// Translates the modules named after the first argument, the directory that the C files go to. The module's
/// name is the file's, without its package: that is HeyGem's `Extension("trans_dh_service", …)`, and the
/// whole trouble.
const TRANSLATE: &str = r#"
import pathlib, sys
from Cython.Compiler.Main import compile
for source in map(pathlib.Path, sys.argv[2:]):
    c = pathlib.Path(sys.argv[1], source.with_suffix(".c"))
    c.parent.mkdir(parents=True, exist_ok=True)
    result = compile(str(source), full_module_name=source.stem, output_file=str(c), language_level=3)
    if result.num_errors:
        sys.exit(1)
"#;

/// Unoptimised, since that compiles quickest; silent, since what Cython generates makes any compiler warn.
const CC: [&str; 5] = ["cc", "-shared", "-fPIC", "-O0", "-w"];

/// The tree of `tests/fixtures/NAME` as compiled for `python`. It is shared between tests, which must not alter it: see
/// [`install`].
fn compiled(python: &Python, name: &str) -> PathBuf {
    let sources = Sources::read(name);
    let key = digest(&(&sources.digest, CC, &python.path, &python.version));
    build_once(&format!("{name}-{}-{key}", python.version), |root| {
        let generated = sources.translated();
        // The limit of two compilers holds for the machine, not for each of the tests that run at once.
        let _lock = lock("cc");
        sources.compile(&generated, python, root);
    })
}

/// Copies the SDK as compiled for `python` to `dest`, there to be altered at will.
pub fn install_sdk(python: &Python, dest: &Path) {
    install(python, "sdk", dest);
}

/// Copies the modules of `tests/fixtures/NAME` as compiled for `python` to `dest`.
pub fn install(python: &Python, name: &str, dest: &Path) {
    let root = compiled(python, name);
    for file in files(&root) {
        if file != Path::new(COMPLETE) {
            copy(&root, dest, &file);
        }
    }
}

/// A tree in `tests/fixtures`; paths are relative to it.
struct Sources {
    name: String,
    /// To be compiled.
    modules: Vec<PathBuf>,
    /// To be installed as they are.
    plain: Vec<PathBuf>,
    /// Of all names and contents, and of what translates them.
    digest: String,
}

impl Sources {
    fn dir(name: &str) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
    }

    fn read(name: &str) -> Self {
        let dir = Self::dir(name);
        let all = files(&dir);
        let contents: Vec<_> =
            all.iter().map(|file| expect(fs::read(dir.join(file)), "read", file)).collect();
        let digest = digest(&(&all, contents, CYTHON, TRANSLATE));
        let (modules, plain) = all.into_iter().partition(|file| {
            file.extension().is_some_and(|ext| ext == "py") && !file.ends_with("__init__.py")
        });
        Self { name: name.into(), modules, plain, digest }
    }

    /// The directory of the generated C, which is the same for every interpreter. Any one of them can run
    /// Cython.
    fn translated(&self) -> PathBuf {
        build_once(&format!("{}-c-{}", self.name, self.digest), |dir| {
            let python = pythons()
                .iter()
                .find(|python| python.has_pip)
                .expect("one that can make a virtual environment");
            let cython = venv(&python.path, "cython", &[CYTHON]);
            checked(
                Command::new(cython.join("bin/python"))
                    .args(["-I", "-c", TRANSLATE])
                    .arg(dir)
                    .args(&self.modules)
                    .current_dir(Self::dir(&self.name)),
            );
        })
    }

    fn compile(&self, generated: &Path, python: &Python, root: &Path) {
        for file in &self.plain {
            copy(&Self::dir(&self.name), root, file);
        }
        let queue = Mutex::new(self.modules.iter());
        let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).next();
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    while let Some(module) = next() {
                        let c = generated.join(module).with_extension("c");
                        // The suffix begins with a dot, and with_extension brings its own.
                        let so = root.join(module).with_extension(python.ext_suffix.trim_start_matches('.'));
                        make_parent(&so, root);
                        checked(
                            Command::new(CC[0])
                                .args(&CC[1..])
                                .arg("-I")
                                .arg(&python.include)
                                .arg(c)
                                .arg("-o")
                                .arg(so),
                        );
                    }
                });
            }
        });
    }
}

/// Copies `root/file` to `dest/file`, with the directories it needs.
fn copy(root: &Path, dest: &Path, file: &Path) {
    let to = dest.join(file);
    make_parent(&to, dest);
    expect(fs::copy(root.join(file), &to), "write", &to);
}

fn make_parent(file: &Path, root: &Path) {
    let parent = file.parent().unwrap_or(root);
    expect(fs::create_dir_all(parent), "create", parent);
}

/// Every file below `dir`, relative to it and sorted, without Python's caches.
fn files(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut pending = vec![PathBuf::new()];
    while let Some(sub) = pending.pop() {
        let path = dir.join(&sub);
        for entry in expect(fs::read_dir(&path), "list", &path) {
            let entry = expect(entry, "list", &path);
            let name = sub.join(entry.file_name());
            if !expect(entry.file_type(), "examine", &name).is_dir() {
                found.push(name);
            } else if !name.ends_with("__pycache__") {
                pending.push(name);
            }
        }
    }
    found.sort();
    found
}
