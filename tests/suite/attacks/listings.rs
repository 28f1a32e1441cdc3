//! A listing that is not complete is used with a warning, and not relied on; "not there" is not "can't be looked at".

use std::path::PathBuf;

use crate::support::fs::{chmod, remove};
use crate::support::place::{LAUNCHER, Place};
use crate::support::run::{Outcome, Run};

const SHOW: [&str; 4] = ["--", "/bin/sh", "-c", "cd \"${PYTHONPATH##*:}\" && echo *.py"];

fn make_sdk(place: &Place) -> PathBuf {
    place.write("sdk/h_utils/custom.so", "");
    place.make_root("sdk")
}

fn show(place: &Place) -> Outcome {
    let mut command = place.bound_command(LAUNCHER);
    command.args(["-r", "sdk"]).args(SHOW);
    Run::new(command).run()
}

#[test]
fn an_unreadable_directory_is_reported_and_read_again_later() {
    let place = Place::new();
    let root = make_sdk(&place);
    chmod(root.join("h_utils"), 0o000);
    let warning = format!(
        "heygem-run: warning: names of the SDK may be missing from the bridge, since not all of it can be read: \
         {}/h_utils: Permission denied\n",
        root.display()
    );
    for _ in 0..3 {
        let outcome = show(&place);
        outcome.is(0, outcome.stdout_bytes(), &warning);
        assert!(
            outcome.stdout().contains("trans_dh_service.py") && !outcome.stdout().contains(" custom.py"),
            "{outcome}"
        );
        assert!(!root.join(".heygem-run/stamp").exists());
    }
    // chmod changes no time that a stamp could tell by.
    chmod(root.join("h_utils"), 0o755);
    let outcome = show(&place);
    outcome.is(0, outcome.stdout_bytes(), "");
    assert!(outcome.stdout().contains(" custom.py"), "{outcome}");
}

#[test]
fn a_root_that_cannot_be_listed_has_a_bridge_for_the_service() {
    let place = Place::new();
    let root = make_sdk(&place);
    place.make_dir("sdk/.heygem-run");
    chmod(&root, 0o711 & !0o444);
    let outcome = show(&place);
    chmod(&root, 0o755);
    assert!(outcome.code() == Some(0) && outcome.stdout().contains("trans_dh_service.py"), "{outcome}");
    assert!(outcome.stderr().contains("names of the SDK may be missing"), "{outcome}");
}

/// A link to nothing is nothing, and no reason to doubt the rest; so is one to itself.
#[test]
fn an_absent_directory_is_no_reason_to_look_again() {
    let place = Place::new();
    let root = make_sdk(&place);
    place.link("nowhere", "sdk/gone");
    place.link("loop", "sdk/loop");
    let outcome = show(&place);
    outcome.is(0, outcome.stdout_bytes(), "");
    assert!(root.join(".heygem-run/stamp").exists());
}

/// Where only one of the marks of an SDK can't be looked at, it can't be told what the directory is.
#[test]
fn an_unreadable_directory_is_not_taken_for_absent() {
    let place = Place::new();
    let root = make_sdk(&place);
    remove(root.join("service/__init__.py"));
    place.make_dir("hidden/wenet");
    place.link(place.path("hidden/wenet"), "sdk/wenet");
    chmod(place.path("hidden"), 0o000);
    let outcome = show(&place);
    chmod(place.path("hidden"), 0o755);
    let told = format!("{} (--root) can't be looked at: Permission denied", root.display());
    assert!(outcome.stderr().contains(&told), "{outcome}");
    let outcome = show(&place);
    outcome.is(0, outcome.stdout_bytes(), "");
}

/// What lies deeper than any package is not listed, and that is said for as long as it is so.
#[test]
fn a_tree_that_is_too_deep_is_reported_at_each_launch() {
    let place = Place::new();
    let root = place.make_root("sdk");
    place.make_dir(format!("sdk{}", "/deep".repeat(14)));
    let warning = format!(
        "heygem-run: warning: {} has more directories than heygem-run lists: the bridge may lack some names\n",
        root.display()
    );
    for launch in ["first", "second", "third"] {
        std::thread::sleep(std::time::Duration::from_millis(50)); // what changed only just now is looked at again anyway
        let outcome = place.launch(["-r", "sdk", "--", "true"]).run();
        assert_eq!((outcome.code(), &*outcome.stderr()), (Some(0), &*warning), "{launch}: {outcome}");
    }
}
