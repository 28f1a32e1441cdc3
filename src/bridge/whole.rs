//! Whether a bridge is whole: each of its files with the right text, and nothing in it that Python would execute and others wrote.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::os::fd::AsFd;

use super::content::Content;
use crate::directory::{self, identity};
use crate::files;
use crate::sdk::scan::PYTHON_CACHE;
use crate::trust::{Id, Ownership, is_safe_file};

/// More names than any bridge has.
const MOST_NAMES: usize = 1_000_000;

/// Whether an open bridge has just the files of this content, and in Python's cache only what one of `owners` wrote.
pub fn is_whole(bridge: impl AsFd, content: &Content, owners: &[Id]) -> bool {
    let bridge = bridge.as_fd();
    let Some(found) = names(bridge) else { return false };
    let mut expected: BTreeSet<Vec<u8>> = content.alias_files().map(String::into_bytes).collect();
    expected.extend(content.files().map(|(name, _)| name.as_bytes().to_vec()));
    found == expected
        && content.files().all(|(name, text)| holds(bridge, name, text, owners).is_some())
        && has_aliases(bridge, content, owners)
        && is_cache_safe(bridge, owners)
}

/// The names in it but Python's cache; `None` where they can't all be told.
fn names(bridge: impl AsFd) -> Option<BTreeSet<Vec<u8>>> {
    let listed = directory::list(directory::open_at(bridge, ".").ok()?, MOST_NAMES);
    let names = listed.entries.into_iter().map(|child| child.name.into_encoded_bytes());
    listed.cut.is_none().then(|| names.filter(|name| name != PYTHON_CACHE.as_bytes()).collect())
}

/// One file under many names is read once.
fn has_aliases(bridge: impl AsFd, content: &Content, owners: &[Id]) -> bool {
    let bridge = bridge.as_fd();
    let mut read = BTreeSet::new();
    content.alias_files().all(|name| {
        let is_read = directory::look_at(bridge, &name).is_ok_and(|stat| read.contains(&identity(&stat)));
        is_read
            || holds(bridge, &name, content.alias_text(), owners)
                .is_some_and(|identity| read.insert(identity))
    })
}

/// The identity of a file, if it holds this text and one of `owners` alone may write it.
fn holds(bridge: impl AsFd, name: &str, text: &[u8], owners: &[Id]) -> Option<(u64, u64)> {
    let file = files::open_at(bridge, name).ok()?;
    let is_safe = is_safe_file(&Ownership::from(&file.stat), owners);
    let found = files::read_open(&file, text.len() as u64).ok()?;
    (is_safe && found == text).then(|| identity(&file.stat))
}

/// Python executes what it finds there in place of the files beside it. That nobody else may write to the directory was looked
/// at before.
pub fn is_cache_safe(bridge: impl AsFd, owners: &[Id]) -> bool {
    let cache = match directory::open_at(bridge, PYTHON_CACHE) {
        Ok(cache) => cache,
        Err(error) => return error.kind() == std::io::ErrorKind::NotFound,
    };
    let listed = directory::list(&cache, MOST_NAMES);
    let is_safe = |name: &OsStr| {
        directory::look_at(&cache, name).is_ok_and(|stat| is_safe_file(&Ownership::from(&stat), owners))
    };
    listed.cut.is_none() && listed.entries.iter().all(|child| is_safe(&child.name))
}
