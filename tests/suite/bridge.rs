//! The bridge: what is in it, when it is built, where it lies, and the variables that lead to it.

mod caches;
mod lifecycle;
mod nesting;
mod path_lists;

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use crate::support::place::Place;
use crate::support::probe::{Report, probe};
use crate::support::snapshot::names;

/// What a launch in this root gives the target; expects no warning.
#[track_caller]
fn launched(place: &Place, root: &Path) -> Report {
    Report::of(place.launch([OsStr::new("-r"), root.as_os_str(), OsStr::new("--"), probe().as_os_str()]))
}

/// The bridge of a launch in this root.
#[track_caller]
fn bridge_of(place: &Place, root: &Path) -> PathBuf {
    launched(place, root).bridge()
}

/// The bare names that a bridge answers to.
fn aliases(bridge: &Path) -> Vec<String> {
    let files =
        names(bridge).into_iter().filter(|name| name != "__pycache__" && name != "_heygem_run_bridge.py");
    files.map(|name| name.strip_suffix(".py").unwrap_or(&name).to_owned()).collect()
}

/// The bridges in a store.
fn bridges(store: &Path) -> Vec<String> {
    names(store).into_iter().filter(|name| name.starts_with("heygem-bridge-")).collect()
}
