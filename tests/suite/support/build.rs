//! Things that are costly to make, made once under `target/`, and what making them takes.

use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::requirements;

/// Written last into a directory that `build_once` made: without it, the directory is a ruin.
pub const COMPLETE: &str = ".complete";

/// The directory `name` under `target/`, filled by `build` unless that has been done before.
///
/// Threads and other processes that want it at the same time wait for the first. It is built where it stays,
/// since a virtual environment cannot be moved; if the build fails or is killed, the next one starts anew.
pub fn build_once(name: &str, build: impl FnOnce(&Path)) -> PathBuf {
    requirements::check();
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let complete = dir.join(COMPLETE);
    if complete.exists() {
        return dir;
    }
    let _lock = lock(name);
    if complete.exists() {
        return dir;
    }
    if dir.exists() {
        expect(fs::remove_dir_all(&dir), "remove", &dir);
    }
    expect(fs::create_dir_all(&dir), "create", &dir);
    build(&dir);
    expect(fs::write(&complete, ""), "write", &complete);
    dir
}

/// Holds the lock `name` until the value is dropped. The kernel frees it when the holder dies, whatever it
/// dies of.
pub fn lock(name: &str) -> File {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.lock"));
    let file = expect(File::create(&path), "create", &path);
    expect(file.lock(), "lock", &path);
    file
}

/// A short name for `value`. Only as stable as the toolchain, which is enough: a new name means a new build.
pub fn digest(value: &impl Hash) -> String {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

/// What `command` prints.
///
/// # Panics
///
/// If it fails, with the command and all it said.
#[track_caller]
pub fn checked(command: &mut Command) -> String {
    let output = match command.output() {
        Ok(output) => output,
        Err(error) => panic!("cannot run {command:?}: {error}"),
    };
    let stdout = String::from_utf8_lossy(&output.stdout);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {}\n{stdout}{stderr}", output.status);
    stdout.into_owned()
}

/// The value of `result`, or a panic that says what could not be done to which path.
#[track_caller]
pub fn expect<T>(result: io::Result<T>, action: &str, path: &Path) -> T {
    match result {
        Ok(value) => value,
        Err(error) => panic!("cannot {action} {}: {error}", path.display()),
    }
}
