//! What this user may do to a path: it decides whether a remedy is typed by this user or by root.

use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use rustix::fs::{Access, AtFlags, CWD, accessat};

/// Whether this user may change its mode.
pub fn is_own(path: &Path) -> bool {
    let user = rustix::process::geteuid().as_raw();
    user == 0 || path.metadata().is_ok_and(|meta| meta.uid() == user)
}

/// Whether this user may write to a file.
pub fn can_write(file: &Path) -> bool {
    accessat(CWD, file, Access::WRITE_OK, AtFlags::EACCESS).is_ok()
}

/// Whether this user may make and remove files in a directory.
pub fn can_change(directory: &Path) -> bool {
    accessat(CWD, directory, Access::WRITE_OK | Access::EXEC_OK, AtFlags::EACCESS).is_ok()
}
