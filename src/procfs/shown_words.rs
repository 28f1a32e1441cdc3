//! Words and variables of a process, as the kernel shows them: as they were at exec, or as the process has overwritten them.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;

use crate::environment::LONGEST_ENTRY;

/// More words than are told apart of any process that people start.
const MOST_WORDS: usize = 4096;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownWords {
    /// The words, as far as they were read.
    pub list: Vec<OsString>,
    /// Whether a NUL ends the last one: one that overwrote its words often ends without.
    pub is_terminated: bool,
    /// Whether there are more than were read.
    pub is_cut: bool,
    pub is_empty: bool,
}

impl ShownWords {
    /// How much room they take.
    pub fn size(&self) -> usize {
        self.list.iter().map(|word| size_of::<OsString>() + word.len()).sum()
    }

    /// Takes them apart; of more than `most` bytes, only so many are looked at.
    pub fn parse(shown: &[u8], most: usize) -> Self {
        let read = &shown[..shown.len().min(most)];
        let text = read.strip_suffix(b"\0").unwrap_or(read);
        let mut words = text.split(|&byte| byte == 0).map(|word| OsStr::from_bytes(word).to_owned());
        let list = if text.is_empty() { Vec::new() } else { words.by_ref().take(MOST_WORDS).collect() };
        let is_cut = shown.len() > most || (!text.is_empty() && words.next().is_some());
        Self { list, is_terminated: is_cut || read.ends_with(b"\0"), is_cut, is_empty: shown.is_empty() }
    }
}

/// Of the variables of a process those that matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Variables {
    pub heygem_dir: Option<OsString>,
    pub python_path: Option<OsString>,
    /// Whether each is a variable still: a title flows over from the words, and what it covers it leaves empty.
    pub is_whole: bool,
    pub is_empty: bool,
}

impl Variables {
    /// How much room they take.
    pub fn size(&self) -> usize {
        [&self.heygem_dir, &self.python_path].into_iter().flatten().map(|value| value.len()).sum()
    }

    /// Finds them. The first of a name counts, as for the C library.
    pub fn parse(shown: &[u8]) -> Self {
        let mut found = Self { is_whole: true, is_empty: shown.is_empty(), ..Self::default() };
        let shown = shown.strip_suffix(b"\0").unwrap_or(shown);
        if shown.is_empty() {
            found.is_whole = found.is_empty;
            return found;
        }
        for entry in shown.split(|&byte| byte == 0) {
            // No program starts with a longer one.
            let is_variable = entry.contains(&b'=') && entry.len() <= LONGEST_ENTRY;
            found.is_whole &= is_variable;
            if !is_variable {
                continue;
            }
            let value = |name: &[u8]| Some(OsStr::from_bytes(entry.strip_prefix(name)?).to_owned());
            found.heygem_dir = found.heygem_dir.or_else(|| value(b"HEYGEM_DIR="));
            found.python_path = found.python_path.or_else(|| value(b"PYTHONPATH="));
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_end_at_their_nul_and_at_the_bound() {
        let words = |shown: &[u8]| {
            let words = ShownWords::parse(shown, 8);
            (words.list.len(), words.is_terminated, words.is_cut)
        };
        let table = [
            (b"".as_slice(), (0, false, false)),
            (b"\0", (0, true, false)),
            (b"a\0b\0", (2, true, false)),
            (b"a\0\0b", (3, false, false)),
            (b"a\0\0\0\0", (4, true, false)),
            (b"a\0b\0c\0d\0e\0", (4, true, true)),
        ];
        for (shown, expected) in table {
            assert_eq!(words(shown), expected, "{shown:?}");
        }
        let many = ShownWords::parse(&[0; 5000], 5000);
        assert_eq!((many.list.len(), many.is_cut, many.is_terminated), (MOST_WORDS, true, true));
        assert!(!ShownWords::parse(&[0; 4096], 5000).is_cut);
        assert!(ShownWords::parse(b"", 8).is_empty && !ShownWords::parse(b"\0", 8).is_empty);
    }

    #[test]
    fn the_first_variable_of_a_name_counts_and_what_is_none_is_seen() {
        let long = [b"PYTHONPATH=".as_slice(), &vec![b'a'; LONGEST_ENTRY], b"\0"].concat();
        let table: [(&[u8], Option<&str>, bool); 7] = [
            (b"", None, true),
            (b"A=b\0", None, true),
            (b"PYTHONPATH=/a\0PYTHONPATH=/b\0", Some("/a"), true),
            (b"XPYTHONPATH=/a\0PYTHONPATH=\0", Some(""), true),
            (b"\0\0\0PYTHONPATH=/a\0", Some("/a"), false),
            (b"\0\0", None, false),
            (&long, None, false),
        ];
        for (shown, path, is_whole) in table {
            let found = Variables::parse(shown);
            assert_eq!((found.python_path.as_deref(), found.is_whole), (path.map(OsStr::new), is_whole));
        }
    }
}
