//! The environment as the kernel passes it: byte strings in an order, not a map.
//!
//! A map would sort the entries, drop duplicates and lose those without `=`; the target must get all of them back
//! just as they were, so this keeps them and borrows each string that does not change.

use std::ffi::{CStr, OsStr, c_char};
use std::os::unix::ffi::OsStrExt;

use crate::kernel_string::KernelString;

/// The longest `NAME=value` Linux accepts, in bytes, less its final NUL (`MAX_ARG_STRLEN` is 32 pages).
pub const LONGEST_ENTRY: usize = 131_071;

/// How many variables a launch adds at most: HEYGEM_DIR, PYTHONPATH, LD_LIBRARY_PATH and PWD.
const MOST_ADDED: usize = 4;

/// The variables of a process.
#[derive(Debug, Clone, Default)]
pub struct Environment<'a> {
    entries: Vec<VariableEntry<'a>>,
}

/// A variable: as it was inherited, or as it was set here.
#[derive(Debug, Clone)]
enum VariableEntry<'a> {
    Inherited(&'a CStr),
    Set(KernelString),
}

impl VariableEntry<'_> {
    fn to_bytes(&self) -> &[u8] {
        match self {
            Self::Inherited(entry) => entry.to_bytes(),
            Self::Set(entry) => entry.to_bytes(),
        }
    }

    fn as_ptr(&self) -> *const c_char {
        match self {
            Self::Inherited(entry) => entry.as_ptr(),
            Self::Set(entry) => entry.as_ptr(),
        }
    }
}

impl<'a> Environment<'a> {
    /// Takes the entries as they came, with room for those that a launch adds.
    pub fn new(inherited: impl IntoIterator<Item = &'a CStr, IntoIter: ExactSizeIterator>) -> Self {
        let inherited = inherited.into_iter();
        let mut entries = Vec::with_capacity(inherited.len() + MOST_ADDED);
        entries.extend(inherited.map(VariableEntry::Inherited));
        Self { entries }
    }

    /// The value of the first entry of that name, as `getenv` finds it.
    pub fn get(&self, name: &str) -> Option<&OsStr> {
        self.entries.iter().find_map(|entry| value(entry, name)).map(OsStr::from_bytes)
    }

    /// The value, unless it is empty: to this program an empty variable is an unset one.
    pub fn get_non_empty(&self, name: &str) -> Option<&OsStr> {
        self.get(name).filter(|value| !value.is_empty())
    }

    /// Puts the value where the variable stands, or at the end. A second entry of that name goes: programs disagree
    /// on which of the two counts.
    ///
    /// Returns `None`, and changes nothing, where the value holds a NUL byte.
    #[must_use]
    pub fn set(&mut self, name: &str, new: &OsStr) -> Option<()> {
        let set = KernelString::new(&[name.as_bytes(), b"=", new.as_bytes()])?;
        let mut entry = Some(VariableEntry::Set(set));
        self.entries.retain_mut(|old| match value(old, name) {
            None => true,
            Some(_) => entry.take().map(|entry| *old = entry).is_some(),
        });
        self.entries.extend(entry);
        Some(())
    }

    /// The entries, in order.
    pub fn entries(&self) -> impl Iterator<Item = &[u8]> {
        self.entries.iter().map(VariableEntry::to_bytes)
    }

    /// The same, each ending in a NUL, for as long as this lives and is not changed.
    pub fn pointers(&self) -> impl Iterator<Item = *const c_char> {
        self.entries.iter().map(VariableEntry::as_ptr)
    }
}

fn value<'e>(entry: &'e VariableEntry, name: &str) -> Option<&'e [u8]> {
    entry.to_bytes().strip_prefix(name.as_bytes())?.strip_prefix(b"=")
}

#[cfg(test)]
mod tests {
    use super::*;

    const INHERITED: [&CStr; 6] = [c"Z=1", c"odd", c"PYTHONPATH=/a", c"=x", c"PYTHONPATH=/b", c"EMPTY="];

    fn changed(name: &str, new: &str) -> Vec<String> {
        let mut environment = Environment::new(INHERITED);
        environment.set(name, OsStr::new(new)).expect("no NUL");
        environment.entries().map(|entry| String::from_utf8_lossy(entry).into_owned()).collect()
    }

    #[test]
    fn nothing_moves_but_what_is_set() {
        assert_eq!(changed("PYTHONPATH", "/c"), ["Z=1", "odd", "PYTHONPATH=/c", "=x", "EMPTY="]);
        assert_eq!(
            changed("PWD", "/d"),
            ["Z=1", "odd", "PYTHONPATH=/a", "=x", "PYTHONPATH=/b", "EMPTY=", "PWD=/d"]
        );
    }

    #[test]
    fn the_first_of_two_counts_and_a_prefix_is_another_name() {
        let environment = Environment::new(INHERITED);
        assert_eq!(environment.get("PYTHONPATH"), Some(OsStr::new("/a")));
        assert_eq!(environment.get("PYTHON"), None);
        assert_eq!(environment.get("odd"), None);
        assert_eq!(environment.get("EMPTY"), Some(OsStr::new("")));
        assert_eq!(environment.get_non_empty("EMPTY"), None);
    }

    #[test]
    fn a_nul_byte_is_refused() {
        assert!(Environment::default().set("A", OsStr::from_bytes(b"a\0b")).is_none());
    }
}
