//! A user to whom permissions apply: to root they do not.

use std::ffi::OsStr;
use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown, lchown};
use std::path::{Path, PathBuf};

use super::build::expect;
use super::place::{LAUNCHER, Place};
use super::run::Run;
use super::snapshot::names;

/// Nobody, by the number that every Linux gives it.
const NOBODY: u32 = 65534;

/// Neither who launches nor root.
pub const STRANGER: u32 = 12_345;

/// Gives all that is there to a stranger. Only root can; tests that another user runs plant what everyone can write to.
pub fn give_away(path: &Path) {
    if is_root() {
        expect(lchown(path, Some(STRANGER), Some(STRANGER)), "give away", path);
    } else if !path.is_symlink() {
        set_mode(path, 0o1777);
    }
    if path.is_dir() && !path.is_symlink() {
        for name in names(path) {
            give_away(&path.join(name));
        }
    }
}

/// Whether the tests run as root, who can do what permissions forbid.
pub fn is_root() -> bool {
    // A process's own directory in /proc belongs to its effective user.
    fs::metadata("/proc/self").is_ok_and(|meta| meta.uid() == 0)
}

/// The number of the user that [`launch_unprivileged`] runs as.
pub fn unprivileged_user() -> u32 {
    if is_root() { NOBODY } else { fs::metadata("/proc/self").map_or(NOBODY, |meta| meta.uid()) }
}

/// `heygem-run` with these words, started by somebody without privileges: nobody where the tests run as root, else
/// the user who runs them.
pub fn launch_unprivileged<W: AsRef<OsStr>>(place: &Place, words: impl IntoIterator<Item = W>) -> Run {
    // The one under test may lie where nobody else can look.
    let launcher = place.path("heygem-run");
    if !launcher.exists() {
        place.copy_program(LAUNCHER, &launcher);
    }
    let mut command = if is_root() {
        let mut command = place.command("setpriv");
        let user = NOBODY.to_string();
        command.args(["--reuid", &user, "--regid", &user, "--clear-groups"]).arg(launcher);
        command
    } else {
        place.command(launcher)
    };
    command.args(words);
    Run::new(command)
}

/// Makes a directory of the place that belongs to that user, and that nobody else can write to.
pub fn make_own_dir(place: &Place, name: &str) -> PathBuf {
    let path = place.make_dir(name);
    if is_root() {
        expect(chown(&path, Some(NOBODY), Some(NOBODY)), "give away", &path);
    }
    set_mode(&path, 0o755);
    path
}

/// Sets the permissions of a file or directory.
pub fn set_mode(path: &Path, mode: u32) {
    expect(fs::set_permissions(path, Permissions::from_mode(mode)), "change the mode of", path);
}

/// A directory's permissions, taken away until this is dropped: else it could not be removed.
pub struct Closed {
    path: PathBuf,
    mode: u32,
}

impl Closed {
    /// Nobody but root can write to the directory; those in it stay as they are.
    pub fn to_writers(path: &Path) -> Self {
        Self::new(path, 0o222)
    }

    /// Nobody but root can list it; what is in it can be read by who knows its name.
    pub fn to_listers(path: &Path) -> Self {
        Self::new(path, 0o444)
    }

    /// Nobody but root can go into it.
    pub fn to_all(path: &Path) -> Self {
        Self::new(path, 0o777)
    }

    fn new(path: &Path, permissions: u32) -> Self {
        let mode = expect(path.metadata(), "examine", path).mode() & 0o7777;
        set_mode(path, mode & !permissions);
        Self { path: path.to_owned(), mode }
    }
}

impl Drop for Closed {
    fn drop(&mut self) {
        let _ = fs::set_permissions(&self.path, Permissions::from_mode(self.mode));
    }
}
