//! The bridge: what is in it, when it is built, where it lies, and the variables that lead to it.

mod caches;
mod foreign;
mod interrupted;
mod lifecycle;
mod nesting;
mod path_lists;
mod races;

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use crate::support::build::expect;
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
    let is_ours = |name: &str| name.starts_with("_heygem_run_") || name == "sitecustomize.py";
    let files = names(bridge).into_iter().filter(|name| name != "__pycache__" && !is_ours(name));
    files.map(|name| name.strip_suffix(".py").unwrap_or(&name).to_owned()).collect()
}

/// The bridges in a store.
fn bridges(store: &Path) -> Vec<String> {
    names(store).into_iter().filter(|name| name.starts_with("heygem-bridge-")).collect()
}

/// A command line that prints every file of the bridge on its PYTHONPATH, as the target finds it at its start: that no launch
/// ever used half of one can't be seen later.
const SHOW: [&str; 4] = [
    "--",
    "/bin/sh",
    "-c",
    r#"cd "${PYTHONPATH##*:}" || exit 99; case $PWD in */heygem-bridge-*) tail -n +1 -- * | sed 's/^    "root": .*/    "root": ROOT,/';; *) echo none;; esac"#,
];

/// What [`SHOW`] prints of a bridge that is whole, wherever it lies: one in a cache differs by the root that it names.
fn shown(bridge: &Path) -> String {
    let mut shown = String::new();
    for (index, name) in names(bridge).iter().enumerate() {
        let text = expect(fs::read_to_string(bridge.join(name)), "read", bridge);
        let separator = if index > 0 { "\n" } else { "" };
        shown.push_str(&format!("{separator}==> {name} <==\n"));
        for line in text.split_inclusive('\n') {
            shown.push_str(if line.starts_with("    \"root\": ") { "    \"root\": ROOT,\n" } else { line });
        }
    }
    shown
}

/// What [`SHOW`] prints in a root that [`make_compiled_root`] made.
fn shown_whole() -> String {
    let place = Place::new();
    let root = make_compiled_root(&place);
    shown(&bridge_of(&place, &root))
}

/// A root with a module to have a bridge beside the service's.
fn make_compiled_root(place: &Place) -> PathBuf {
    place.write("sdk/h_utils/custom.so", "");
    place.make_root("sdk")
}

/// Expects that a launch in `sdk` shows this, whatever happened before, and that the next build leaves nothing but its bridge
/// and what was there before.
#[track_caller]
fn recovers(place: &Place, whole: &str, old: &[String], what: &str) {
    let outcome = place.launch([&["-r", "sdk"][..], &SHOW].concat()).run();
    assert_eq!((outcome.code(), &*outcome.stdout(), &*outcome.stderr()), (Some(0), whole, ""), "{what}");
    let bridge = place.launch(["-r", "sdk", "--prepare"]).run().succeeded();
    let name = bridge.trim_end().rsplit('/').next().unwrap_or_default();
    let left: Vec<_> = names(&place.path("sdk/.heygem-run"))
        .into_iter()
        .filter(|left| ![".gitignore", "stamp", name].contains(&left.as_str()) && !old.contains(left))
        .collect();
    assert_eq!(left, [""; 0], "{what}");
}
