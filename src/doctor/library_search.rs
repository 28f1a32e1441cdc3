//! Where the dynamic loader looks for a library (ld.so(8)), and whether it finds it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::check_budget::check_budget;
use super::elf::{Elf, ElfFault};
use crate::budget::Budget;
use crate::files;

/// Searched last, on Debian's kin and on the others.
const DEFAULTS: [&str; 4] = ["/lib64", "/usr/lib64", "/lib", "/usr/lib"];

/// Searched by musl as well. To glibc, what is in them is known by the cache alone, which `ldconfig` makes.
pub const LOCAL: [&str; 2] = ["/usr/local/lib", "/usr/local/lib64"];

/// Debian's own, by machine.
const MULTIARCH: [&str; 2] = ["x86_64-linux-gnu", "aarch64-linux-gnu"];

/// More files than are looked for in any environment. Others may have written what an object asks for, and where.
pub const MOST_LOOKS: usize = 500_000;

/// What it counts to read an object: as many looks as thousands of objects take are enough.
const OF_AN_OBJECT: usize = 100;

/// As long a name counts once more: all of them are kept.
const LONG_NAME: usize = 64;

/// The longest path (`PATH_MAX`).
const LONGEST_PATH: usize = 4096;

/// No cache of the loader is longer.
const LONGEST_CACHE: u64 = 64 << 20;

/// The system's part of the search, read once.
#[derive(Debug)]
pub struct Loader {
    /// `LD_LIBRARY_PATH`.
    pub listed: Vec<PathBuf>,
    cache: BTreeSet<OsString>,
    defaults: Vec<PathBuf>,
    budget: Budget,
}

/// What was found of the objects.
#[derive(Debug, Default)]
pub struct Search {
    /// Libraries that the loader does not find, each with the object that asks for it first.
    pub missing: BTreeMap<OsString, PathBuf>,
    /// Objects that can't be read, and why.
    pub damaged: Vec<(PathBuf, ElfFault)>,
    /// Names of what is loaded.
    pub loaded: BTreeSet<OsString>,
}

/// An object, and the `DT_RPATH` of those that led to it.
struct Object {
    path: PathBuf,
    inherited: Rc<[PathBuf]>,
}

impl Loader {
    /// Reads what the system offers.
    pub fn new(listed: Vec<PathBuf>, is_glibc: bool) -> Self {
        let cache = files::read(Path::new("/etc/ld.so.cache"), LONGEST_CACHE).unwrap_or_default();
        let budget = check_budget(MOST_LOOKS);
        Self { listed, cache: cached(&cache), defaults: defaults(is_glibc), budget }
    }

    /// Whether it is not known what is missing: there is too much to be looked for.
    pub fn is_cut(&self) -> bool {
        self.budget.is_spent()
    }

    /// Walks from the objects through all they need.
    pub fn search(&mut self, objects: impl IntoIterator<Item = PathBuf>, search: &mut Search) {
        let mut pending: VecDeque<Object> =
            objects.into_iter().map(|path| Object { path, inherited: Rc::default() }).collect();
        // What is loaded once is found by its name alone from then on.
        search.loaded.extend(pending.iter().filter_map(|object| Some(object.path.file_name()?.to_owned())));
        while let Some(object) = pending.pop_front()
            && self.budget.take(OF_AN_OBJECT)
        {
            match Elf::read(&object.path) {
                Ok(elf) => self.needs(&object, &elf, search, &mut pending),
                Err(fault) => search.damaged.push((object.path, fault)),
            }
        }
        let Search { missing, loaded, .. } = search;
        missing.retain(|name, _| !loaded.contains(name));
        if self.is_cut() {
            missing.clear(); // what was not looked at may have them
        }
    }

    fn needs(&mut self, object: &Object, elf: &Elf, search: &mut Search, pending: &mut VecDeque<Object>) {
        let origin = object.path.parent().unwrap_or(Path::new("/"));
        let own = expanded(elf.rpath.as_deref(), origin);
        let inherited: Rc<[PathBuf]> = own.into_iter().chain(object.inherited.iter().cloned()).collect();
        let runpath = expanded(elf.runpath.as_deref(), origin);
        let early: &[PathBuf] = if elf.runpath.is_some() { &[] } else { &inherited };
        for name in &elf.needed {
            if search.loaded.contains(name) || search.missing.contains_key(name) {
                continue;
            }
            let count = early.len() + self.listed.len() + runpath.len() + self.defaults.len();
            if !self.budget.take(1 + count + name.len() / LONG_NAME) {
                return;
            }
            let places = early.iter().chain(&self.listed).chain(&runpath);
            let found = places.map(|place| place.join(name)).find(|path| path.is_file());
            match found {
                Some(path) => {
                    search.loaded.insert(name.clone());
                    pending.push_back(Object { path, inherited: Rc::clone(&inherited) });
                }
                // What the system has it has whole: its packages see to that.
                None if self.has(name) => {
                    search.loaded.insert(name.clone());
                }
                None => {
                    search.missing.insert(name.clone(), object.path.clone());
                }
            }
        }
    }

    fn has(&self, name: &OsStr) -> bool {
        self.cache.contains(name) || self.defaults.iter().any(|place| place.join(name).is_file())
    }
}

/// The directories that are searched in any case.
fn defaults(is_glibc: bool) -> Vec<PathBuf> {
    let multiarch =
        MULTIARCH.iter().flat_map(|machine| ["/lib", "/usr/lib"].map(|lib| Path::new(lib).join(machine)));
    let local = LOCAL.iter().filter(|_| !is_glibc);
    DEFAULTS.iter().chain(local).map(PathBuf::from).chain(multiarch).collect()
}

/// A list of an object's own, with `$ORIGIN` for its directory.
fn expanded(list: Option<&OsStr>, origin: &Path) -> Vec<PathBuf> {
    let Some(list) = list.and_then(OsStr::to_str) else { return Vec::new() };
    let Some(origin) = origin.to_str() else { return Vec::new() };
    let entries = list.split(':').filter(|entry| !entry.is_empty());
    let paths = entries.map(|entry| entry.replace("${ORIGIN}", origin).replace("$ORIGIN", origin));
    paths.filter(|path| path.len() <= LONGEST_PATH).map(PathBuf::from).collect()
}

/// The names in `/etc/ld.so.cache` (glibc's `dl-cache.h`, the format of 1.1): an older table may stand before it.
fn cached(cache: &[u8]) -> BTreeSet<OsString> {
    const MAGIC: &[u8] = b"glibc-ld.so.cache1.1";
    const HEADER: usize = 48;
    const ENTRY: usize = 24;
    let Some(start) = cache.windows(MAGIC.len()).position(|window| window == MAGIC) else {
        return BTreeSet::new();
    };
    let cache = &cache[start..];
    let number = |at: usize| {
        let bytes: [u8; 4] = cache.get(at..at + 4)?.try_into().ok()?;
        usize::try_from(u32::from_le_bytes(bytes)).ok()
    };
    let name = |entry: usize| {
        let bytes = cache.get(number(HEADER + entry * ENTRY + 4)?..)?;
        let end = bytes.iter().position(|&byte| byte == 0)?;
        Some(OsStr::from_bytes(&bytes[..end]).to_owned())
    };
    (0..number(MAGIC.len()).unwrap_or(0)).map_while(name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origin_is_the_objects_directory() {
        let list = OsStr::new("$ORIGIN/../lib::${ORIGIN}:/opt/lib");
        assert_eq!(
            expanded(Some(list), Path::new("/a/b")),
            ["/a/b/../lib", "/a/b", "/opt/lib"].map(PathBuf::from)
        );
        assert!(expanded(None, Path::new("/a")).is_empty());
    }

    #[test]
    fn only_musl_searches_usr_local() {
        let has_local = |is_glibc| LOCAL.map(|place| defaults(is_glibc).contains(&PathBuf::from(place)));
        assert_eq!((has_local(true), has_local(false)), ([false; 2], [true; 2]));
    }

    #[test]
    fn a_cache_is_read_up_to_where_it_breaks_off() {
        let entry = |key: u32| [[0; 4], key.to_le_bytes(), [0; 4], [0; 4], [0; 4], [0; 4]].concat();
        let header = [b"glibc-ld.so.cache1.1".as_slice(), &2u32.to_le_bytes(), &[0; 24]].concat();
        let names = 48 + 2 * 24;
        let cache =
            [b"old table".as_slice(), &header, &entry(names), &entry(names + 8), b"liba.so\0libb.so\0"]
                .concat();
        assert_eq!(cached(&cache), ["liba.so", "libb.so"].map(OsString::from).into());
        assert_eq!(cached(&cache[..cache.len() - 1]), [OsString::from("liba.so")].into());
        assert_eq!(cached(&cache[..40]), BTreeSet::new());
        assert_eq!(cached(b""), BTreeSet::new());
    }
}
