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

/// Python's start must not get a module of the SDK's, and a file of the bridge's stays what it is.
#[test]
fn no_module_takes_the_name_of_a_file_of_the_bridge() {
    let place = Place::new();
    let root = place.make_root("sdk");
    let own = ["sitecustomize", "_heygem_run_bridge", "_heygem_run_process", "_heygem_run_start"];
    for name in own.into_iter().chain(["usercustomize", "custom"]) {
        place.write(format!("sdk/h_utils/{name}.so"), "");
    }
    assert_eq!(aliases(&bridge_of(&place, &root)), ["custom", "trans_dh_service"]);
}

/// The bridges in a store.
fn bridges(store: &Path) -> Vec<String> {
    names(store).into_iter().filter(|name| name.starts_with("heygem-bridge-")).collect()
}

/// A command line that prints every file of the bridge on its PYTHONPATH, as the target finds it at its start: that no launch
/// ever used half of one can't be seen later. One in a cache has its root's path in it, which is left out here.
const SHOW: [&str; 4] = [
    "--",
    "/bin/sh",
    "-c",
    r#"cd "${PYTHONPATH##*:}" || exit 99
    case $PWD in
        */heygem-bridge-*) tail -n +1 -- *.py | sed 's/^    "root": b".*",$/    "root": None,/';;
        *) echo none;;
    esac"#,
];

/// What [`SHOW`] prints of a bridge that is whole.
fn shown(bridge: &Path) -> String {
    let mut shown = String::new();
    let files = names(bridge).into_iter().filter(|name| name != "__pycache__");
    for (index, name) in files.enumerate() {
        let text = expect(fs::read_to_string(bridge.join(&name)), "read", bridge);
        let separator = if index > 0 { "\n" } else { "" };
        shown.push_str(&format!("{separator}==> {name} <==\n{text}"));
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
