//! Paths by their bytes: what every launch asks of a path. `std`'s `Path` takes paths apart by components. That costs each launch
//! several page faults, so it is asked only where a path is not plain.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Component, Path, PathBuf};

/// Whether a path is absolute and has no `.`, `..` or doubled separator in it, and none at its end.
pub fn is_plain(path: &Path) -> bool {
    match path.as_os_str().as_bytes() {
        [b'/', names @ ..] => {
            names.split(|&byte| byte == b'/').all(|name| !name.is_empty() && name != b"." && name != b"..")
        }
        _ => false,
    }
}

/// The directory that a path lies in, as [`Path::parent`] has it.
pub fn parent(path: &Path) -> Option<&Path> {
    if !is_plain(path) {
        return path.parent();
    }
    let path = path.as_os_str().as_bytes();
    let separator = path.iter().rposition(|&byte| byte == b'/')?;
    Some(Path::new(OsStr::from_bytes(&path[..separator.max(1)])))
}

/// A path and the directories that it lies in, as [`Path::ancestors`] has them.
pub fn ancestors(path: &Path) -> impl Iterator<Item = &Path> {
    std::iter::successors(Some(path), |path| parent(path))
}

/// A path without `.` and `..`, which takes the name before with it, wherever that leads and whether it is there.
pub fn without_steps(path: &Path) -> PathBuf {
    path.components().fold(PathBuf::new(), |mut path, component| {
        match component {
            Component::ParentDir => _ = path.pop(),
            other => path.push(other),
        }
        path
    })
}

/// The path of a relative name in a directory, as [`Path::join`] has it.
pub fn child(directory: &Path, name: impl AsRef<OsStr>) -> PathBuf {
    let (directory, name) = (directory.as_os_str().as_bytes(), name.as_ref().as_bytes());
    let mut path = Vec::with_capacity(directory.len() + 1 + name.len());
    path.extend_from_slice(directory);
    if !directory.is_empty() && !directory.ends_with(b"/") {
        path.push(b'/');
    }
    path.extend_from_slice(name);
    PathBuf::from(OsString::from_vec(path))
}

/// Whether a word names a program or file by a path: no `PATH` is searched for it.
pub fn is_path(word: impl AsRef<OsStr>) -> bool {
    word.as_ref().as_bytes().contains(&b'/')
}

/// What a program is called: what stands behind the last `/` of its path.
pub fn last_name(program: &OsStr) -> &OsStr {
    let program = program.as_bytes();
    let start = program.iter().rposition(|&byte| byte == b'/').map_or(0, |separator| separator + 1);
    OsStr::from_bytes(&program[start..])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_plain_path_has_nothing_to_take_out() {
        let table = [
            ("/a", true),
            ("/a/.b/..c", true),
            ("/", false),
            ("", false),
            ("a", false),
            ("/a/", false),
            ("//a", false),
            ("/a//b", false),
            ("/a/./b", false),
            ("/a/..", false),
        ];
        for (path, expected) in table {
            assert_eq!(is_plain(Path::new(path)), expected, "{path}");
        }
    }

    #[test]
    fn a_step_up_takes_the_name_before_it() {
        assert_eq!(without_steps(Path::new("/a/absent/../../b/./c")), Path::new("/b/c"));
    }

    #[test]
    fn a_program_is_called_by_its_last_name() {
        for (program, name) in [("/usr/bin/python3", "python3"), ("python", "python"), ("./a/", ""), ("", "")]
        {
            assert_eq!(last_name(OsStr::new(program)), name);
        }
    }

    proptest! {
        #[test]
        fn parents_and_children_are_those_of_std(path in "/?[a./]{0,8}", name in "[a.]{1,3}(/[a.]{1,2})?") {
            let path = Path::new(&path);
            prop_assert_eq!(parent(path), path.parent());
            prop_assert_eq!(ancestors(path).collect::<Vec<_>>(), path.ancestors().collect::<Vec<_>>());
            let (child, joined) = (child(path, &name), path.join(&name));
            prop_assert_eq!(child.as_os_str(), joined.as_os_str());
            if is_plain(path) {
                prop_assert_eq!(Some(last_name(path.as_os_str())), path.file_name());
            }
        }
    }
}
