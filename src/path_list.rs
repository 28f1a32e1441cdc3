//! The algebra of `PYTHONPATH` and `LD_LIBRARY_PATH`: pure functions over colon-separated lists of directories.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

/// A list taken apart.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Split {
    /// The directories, absolute, in order.
    pub directories: Vec<PathBuf>,
    /// Relative entries that no absolute path can stand for, as they were written.
    pub dropped: Vec<PathBuf>,
}

/// Takes a list apart; empty and blank entries go.
///
/// An empty entry means "the working directory at start" to Python and the loader alike, and a relative one means
/// another directory to each child that changes its own: both become harmless here. A relative entry is dropped where
/// the working directory is unknown (it was deleted) or has a colon in its path, since no list can hold that.
pub fn split(list: &OsStr, cwd: Option<&Path>) -> Split {
    let mut split = Split::default();
    for entry in list.as_bytes().split(|&byte| byte == b':').filter(|entry| !entry.trim_ascii().is_empty()) {
        let entry = Path::new(OsStr::from_bytes(entry));
        match absolute(entry, cwd).filter(|path| !has_colon(path)) {
            Some(path) => split.directories.push(path),
            None => split.dropped.push(entry.to_owned()),
        }
    }
    split
}

/// Whether the path holds the byte that separates a list, and so can't stand in one.
pub fn has_colon(path: &Path) -> bool {
    path.as_os_str().as_bytes().contains(&b':')
}

/// The path itself where it is absolute, byte for byte; else the path from the working directory, without a leading `./`.
pub fn absolute(path: &Path, cwd: Option<&Path>) -> Option<PathBuf> {
    if path.is_absolute() {
        return Some(path.to_owned());
    }
    // `strip_prefix` compares components, so it drops any number of leading `.` and nothing else.
    let path = path.strip_prefix(".").unwrap_or(path);
    let cwd = cwd?;
    Some(if path.as_os_str().is_empty() { cwd.to_owned() } else { cwd.join(path) })
}

/// The directories without those that came before: the first of equal ones stays. `/a`, `/a/` and `/a/.` are equal, since
/// [`Path`] compares by components, and each keeps its bytes.
pub fn distinct<D: Ord + Clone>(directories: Vec<D>) -> Vec<D> {
    if directories.len() < 2 {
        return directories;
    }
    let mut seen = BTreeSet::new();
    directories.into_iter().filter(|directory| seen.insert(directory.clone())).collect()
}

/// The same of a list that others come behind: these, and what is left of those.
pub fn distinct_before<D: Ord + Clone>(front: Vec<D>, behind: Vec<D>) -> (Vec<D>, Vec<D>) {
    let mut all = distinct(front);
    let length = all.len();
    all.extend(behind);
    let mut front = distinct(all);
    let behind = front.split_off(length);
    (front, behind)
}

/// Joins directories with colons.
pub fn join<'a>(directories: impl IntoIterator<Item = &'a Path, IntoIter: Clone>) -> OsString {
    let directories = directories.into_iter();
    let length = directories.clone().map(|directory| directory.as_os_str().len() + 1).sum();
    let mut list = Vec::with_capacity(length);
    for directory in directories {
        if !list.is_empty() {
            list.extend_from_slice(b":");
        }
        list.extend_from_slice(directory.as_os_str().as_bytes());
    }
    OsString::from_vec(list)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;

    fn split_text(list: &str) -> Vec<PathBuf> {
        split(OsStr::new(list), Some(Path::new("/cwd"))).directories
    }

    #[test]
    fn entries_become_absolute_and_empty_ones_go() {
        let table: &[(&str, &[&str])] = &[
            ("", &[]),
            (":", &[]),
            (" : \t", &[]),
            ("/a", &["/a"]),
            ("/a::/b:", &["/a", "/b"]),
            ("lib", &["/cwd/lib"]),
            ("./lib:././lib", &["/cwd/lib", "/cwd/lib"]),
            (".", &["/cwd"]),
            ("./", &["/cwd"]),
            ("..", &["/cwd/.."]),
            ("a/../b", &["/cwd/a/../b"]),
            (" /a ", &["/cwd/ /a "]),
            ("/a/./b//c/", &["/a/./b//c/"]),
            ("~/lib", &["/cwd/~/lib"]),
        ];
        for (list, expected) in table {
            let bytes: Vec<_> = split_text(list).into_iter().map(PathBuf::into_os_string).collect();
            assert_eq!(bytes, *expected, "{list:?}");
        }
    }

    #[test]
    fn relative_entries_go_where_no_absolute_path_can_stand_for_them() {
        let list = OsStr::new("lib:/a:.");
        let expected = Split { directories: vec!["/a".into()], dropped: vec!["lib".into(), ".".into()] };
        assert_eq!(split(list, None), expected);
        assert_eq!(split(list, Some(Path::new("/b:c"))), expected);
    }

    #[test]
    fn the_first_of_equal_entries_stays_as_it_was_written() {
        let table: &[(&[&str], &str)] = &[
            (&[], ""),
            (&["/a/", "/a", "/a/.", "//a"], "/a/"),
            (&["/a", "/b", "/a", "/c"], "/a:/b:/c"),
            (&["/a/..", "/"], "/a/..:/"),
        ];
        for (directories, expected) in table {
            let directories = distinct(directories.iter().map(PathBuf::from).collect());
            assert_eq!(join(directories.iter().map(PathBuf::as_path)), *expected);
        }
    }

    #[test]
    fn entries_are_not_compared_pair_by_pair() {
        use std::cell::Cell;
        use std::cmp::Ordering;

        #[derive(Clone)]
        struct Counted<'c>(usize, &'c Cell<usize>);

        impl Ord for Counted<'_> {
            fn cmp(&self, other: &Self) -> Ordering {
                self.1.set(self.1.get() + 1);
                self.0.cmp(&other.0)
            }
        }
        impl PartialOrd for Counted<'_> {
            fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
                Some(self.cmp(other))
            }
        }
        impl PartialEq for Counted<'_> {
            fn eq(&self, other: &Self) -> bool {
                self.cmp(other) == Ordering::Equal
            }
        }
        impl Eq for Counted<'_> {}

        let comparisons = |count: usize| {
            let compared = Cell::new(0);
            let list = |from: usize| (from..from + count).map(|number| Counted(number, &compared));
            let (front, behind) = distinct_before(list(0).collect(), list(count / 2).collect());
            assert_eq!((front.len(), behind.len()), (count, count / 2));
            compared.get()
        };
        let (few, many) = (comparisons(200), comparisons(2_000));
        assert!(many < 20 * few, "{few} {many}");
    }

    /// Entries that a real list has: few distinct ones, so that duplicates happen, and any bytes but `:` and NUL.
    fn entry() -> impl Strategy<Value = Vec<u8>> {
        prop_oneof![
            Just(b"".to_vec()),
            Just(b" ".to_vec()),
            prop::sample::select(vec!["/a", "/a/", "/a/.", "a", "./a", ".", "..", "/b//c"])
                .prop_map(|entry| entry.as_bytes().to_vec()),
            vec(any::<u8>().prop_filter("a path byte", |byte| !b":\0".contains(byte)), 0..12),
        ]
    }

    fn list() -> impl Strategy<Value = OsString> {
        vec(entry(), 0..12).prop_map(|entries| OsString::from_vec(entries.join(&b':')))
    }

    fn once(list: &OsStr) -> OsString {
        let front = [Path::new("/root"), Path::new("/")].map(Path::to_owned);
        let there = split(list, Some(Path::new("/cwd"))).directories;
        let all = distinct(front.into_iter().chain(there).collect());
        join(all.iter().map(PathBuf::as_path))
    }

    proptest! {
        #[test]
        fn composing_twice_is_composing_once(list in list()) {
            let composed = once(&list);
            prop_assert_eq!(once(&composed), composed);
        }

        #[test]
        fn no_entry_is_empty_relative_or_there_twice(list in list()) {
            let composed = once(&list);
            let entries: Vec<_> = composed.as_bytes().split(|&byte| byte == b':').collect();
            prop_assert!(entries.iter().all(|entry| entry.starts_with(b"/")));
            let distinct: BTreeSet<_> = entries.iter().map(|entry| Path::new(OsStr::from_bytes(entry))).collect();
            prop_assert_eq!(distinct.len(), entries.len());
        }

        #[test]
        fn root_and_parent_come_first_and_the_rest_keeps_its_order_and_bytes(list in list()) {
            let composed = once(&list);
            let entries: Vec<_> = composed.as_bytes().split(|&byte| byte == b':').collect();
            prop_assert_eq!(&entries[..2], &[b"/root".as_slice(), b"/"]);
            let there = split(&list, Some(Path::new("/cwd"))).directories;
            let mut there = there.iter().map(|entry| entry.as_os_str().as_bytes());
            prop_assert!(entries[2..].iter().all(|entry| there.any(|candidate| candidate == *entry)));
        }

        #[test]
        fn no_directory_is_lost(list in list()) {
            let composed = once(&list);
            let entries: BTreeSet<_> = composed.as_bytes().split(|&byte| byte == b':').map(|e| Path::new(OsStr::from_bytes(e))).collect();
            for directory in split(&list, Some(Path::new("/cwd"))).directories {
                prop_assert!(entries.contains(directory.as_path()));
            }
        }
    }
}
