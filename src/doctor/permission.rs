//! What this user may do to a path: it decides whether a remedy is typed by this user or by root.

use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::{Access, AtFlags, CWD, accessat};

/// Whether this user may change its mode.
pub fn is_own(path: &Path) -> bool {
    let user = rustix::process::geteuid().as_raw();
    user == 0 || path.metadata().is_ok_and(|meta| meta.uid() == user)
}

pub fn can_write(file: &Path) -> bool {
    accessat(CWD, file, Access::WRITE_OK, AtFlags::EACCESS).is_ok()
}

/// Whether this user may make and remove files in a directory.
pub fn can_change(directory: &Path) -> bool {
    accessat(CWD, directory, Access::WRITE_OK | Access::EXEC_OK, AtFlags::EACCESS).is_ok()
}

/// Directories right below `/` that are the system's, or everybody's; what is right below one of the last three is so as well.
const OF_THE_SYSTEM: [&str; 19] = [
    "bin", "boot", "dev", "etc", "home", "lib", "lib32", "lib64", "media", "mnt", "opt", "proc", "root",
    "sbin", "srv", "sys", "run", "usr", "var",
];

/// Whether a remedy may change the mode or the owner of a path: it lies in a directory of the service's, whatever links lead
/// there, and that is not the system's.
pub fn is_of_service(path: &Path, own: &[&Path]) -> bool {
    let Ok(path) = path.canonicalize() else { return false };
    let own = own.iter().filter_map(|own| own.canonicalize().ok());
    { own }.any(|own| !is_of_system(&own) && path.starts_with(own))
}

/// `/`, `/home`, `/tmp`, `/usr/lib`, `/var/log`.
fn is_of_system(path: &Path) -> bool {
    let mut parts = path.components().skip(1).filter_map(|part| part.as_os_str().to_str());
    let (Some(top), more) = (parts.next(), parts.count()) else { return true };
    let of_last = OF_THE_SYSTEM[OF_THE_SYSTEM.len() - 3..].contains(&top);
    more == 0 && (top == "tmp" || OF_THE_SYSTEM.contains(&top)) || more == 1 && of_last
}

/// The first part of a path that is a link to nothing, and what it leads to.
pub fn dead_link(path: &Path) -> Option<(PathBuf, PathBuf)> {
    let mut parts: Vec<&Path> = path.ancestors().collect();
    parts.reverse();
    let link = parts.into_iter().find(|part| part.is_symlink() && part.metadata().is_err())?;
    Some((link.to_owned(), link.read_link().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn system_directories_are_no_part_of_a_service() {
        for path in ["/", "/home", "/tmp", "/usr", "/usr/lib", "/var/log", "/run/lock"] {
            assert!(is_of_system(Path::new(path)), "{path}");
        }
        for path in ["/app", "/data", "/home/me", "/opt/sdk", "/srv/app", "/tmp/x", "/var/lib/sdk"] {
            assert!(!is_of_system(Path::new(path)), "{path}");
        }
        let here = std::env::temp_dir().canonicalize().expect("there");
        assert!(!is_of_service(&here, &[Path::new("/")]));
        assert!(!is_of_service(Path::new("/"), &[&here]));
    }
}
