//! Where file systems are mounted: a directory that is bound to itself is on the same device as all around it.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::StatVfsMountFlags;

/// The mount that a file is on, if nothing is run from there.
pub fn noexec(file: &Path) -> Option<PathBuf> {
    let system = rustix::fs::statvfs(file).ok()?;
    system.f_flag.contains(StatVfsMountFlags::NOEXEC).then_some(())?;
    let real = file.canonicalize().ok()?;
    let table = std::fs::read("/proc/self/mountinfo").unwrap_or_default();
    Some(point_of(&real, &table).unwrap_or_else(|| PathBuf::from("/")))
}

/// The deepest mount point above a path (proc(5), the fifth field).
fn point_of(path: &Path, table: &[u8]) -> Option<PathBuf> {
    let points = table.split(|byte| *byte == b'\n').filter_map(|line| {
        let field = line.split(|byte| *byte == b' ').nth(4)?;
        Some(PathBuf::from(unescaped(field)))
    });
    points.filter(|point| path.starts_with(point)).max_by_key(|point| point.as_os_str().len())
}

/// `\040` is a blank.
fn unescaped(field: &[u8]) -> OsString {
    let mut bytes = Vec::new();
    let mut rest = field;
    while let Some((&first, after)) = rest.split_first() {
        let digits =
            after.get(..3).filter(|_| first == b'\\').and_then(|digits| std::str::from_utf8(digits).ok());
        match digits.and_then(|digits| u8::from_str_radix(digits, 8).ok()) {
            Some(byte) => (bytes.push(byte), rest = &after[3..]).1,
            None => (bytes.push(first), rest = after).1,
        }
    }
    OsString::from_vec(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_deepest_mount_is_told() {
        let table = b"1 0 8:1 / / rw - ext4 x rw\n2 1 8:1 /a /app/a\\040b rw,noexec - ext4 x rw\n3 1 8:1 / /app rw - ext4 x rw\n\n";
        for (path, expected) in [("/app/a b/c", "/app/a b"), ("/app/ab", "/app"), ("/b", "/")] {
            assert_eq!(point_of(Path::new(path), table), Some(expected.into()), "{path}");
        }
        assert_eq!(point_of(Path::new("/b"), b""), None);
    }
}
