//! Who can write to the SDK can't write into another user's directory, but can move one to where a launcher looks. Only what is
//! recognizably a launcher's work is opened to others, replaced or removed there.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::Duration;

use crate::support::build::{checked, expect};
use crate::support::fs::chmod;
use crate::support::place::Place;
use crate::support::probe::{Report, probe};
use crate::support::run::Run;
use crate::support::snapshot::names;
use crate::support::trace;

/// An SDK that others can write to.
fn shared_sdk() -> Place {
    let place = Place::new();
    chmod(place.make_root("sdk"), 0o777);
    place
}

fn launch(place: &Place) -> Run {
    place.launch(["-q".into(), "-r".into(), "sdk".into(), "--".into(), probe()])
}

/// A directory with work of this user's in it, of a mode that is not a store's.
fn plant(place: &Place, path: impl AsRef<Path>) -> PathBuf {
    let path = path.as_ref();
    for file in ["thesis.txt", "chapter/notes.py", "analysis.py"] {
        place.write(path.join(file), "import numpy\n");
    }
    let planted = place.path(path);
    chmod(&planted, 0o700);
    planted
}

fn is_untouched(planted: &Path) {
    assert_eq!(names(planted), ["analysis.py", "chapter", "thesis.txt"], "{}", planted.display());
    assert_eq!(names(&planted.join("chapter")), ["notes.py"]);
    assert_eq!(expect(planted.metadata(), "examine", planted).mode() & 0o777, 0o700);
}

/// As if it was last used a year ago.
fn age(path: &Path) {
    checked(Command::new("touch").args(["-d", "1 year ago"]).arg(path));
}

#[test]
fn a_directory_in_the_stores_place_is_not_opened_to_others() {
    let place = shared_sdk();
    let planted = plant(&place, "sdk/.heygem-run");
    launch(&place).run().succeeded();
    let entries = names(&planted);
    assert!(["analysis.py", "chapter", "thesis.txt"].iter().all(|name| entries.contains(&(*name).into())));
    assert_eq!(expect(planted.metadata(), "examine", &planted).mode() & 0o777, 0o700);
}

#[test]
fn what_has_a_temporarys_name_is_not_swept() {
    let place = shared_sdk();
    let planted = plant(&place, "sdk/.heygem-run/tmp-1");
    let bridge = Report::of(launch(&place)).bridge();
    assert!(bridge.starts_with(place.path("sdk")), "{}", bridge.display());
    is_untouched(&planted);
}

#[test]
fn what_has_a_bridges_name_is_not_replaced() {
    let place = shared_sdk();
    let bridge = Report::of(launch(&place)).bridge();
    expect(fs::rename(&bridge, place.path("bridge")), "take away", &bridge);
    let planted = plant(&place, &bridge);
    let other = Report::of(launch(&place)).bridge();
    assert!(other.starts_with(place.path("home/.cache")), "{}", other.display());
    is_untouched(&planted);
}

#[test]
fn what_has_an_old_bridges_name_is_not_swept() {
    let place = shared_sdk();
    let planted = plant(&place, "sdk/.heygem-run/heygem-bridge-0123456789abcdef");
    age(&planted);
    launch(&place).run().succeeded();
    is_untouched(&planted);
}

#[test]
fn what_takes_a_new_temporarys_place_is_not_removed() {
    let place = shared_sdk();
    let planted = plant(&place, "sdk/.heygem-run/work");
    chmod(place.path("sdk/.heygem-run"), 0o777);
    let store = place.path("sdk/.heygem-run");
    let outcome = thread::scope(|scope| {
        let exchange = scope.spawn(|| {
            for _ in 0..20_000 {
                let temporary = names(&store).into_iter().find(|name| name.starts_with("tmp-"));
                if let Some(name) = temporary
                    && fs::rename(store.join(&name), store.join("taken")).is_ok()
                {
                    return fs::rename(&planted, store.join(name)).is_ok();
                }
                thread::sleep(Duration::from_micros(200));
            }
            false
        });
        let hold = "inject=mkdirat:delay_exit=500000";
        let outcome =
            Run::new(trace::traced(&place, &["-b", "execve", "-e", hold], &["--", "/bin/true"])).run();
        assert!(exchange.join().is_ok_and(|met| met), "nothing was exchanged: {outcome}");
        outcome
    });
    let moved = names(&store).into_iter().find(|name| name.starts_with("tmp-"));
    is_untouched(&store.join(moved.unwrap_or_else(|| panic!("it is gone: {outcome}"))));
}

/// What killed launches left is swept there as elsewhere.
#[test]
fn what_launchers_left_is_swept() {
    let place = shared_sdk();
    let bridge = Report::of(launch(&place)).bridge();
    let store = bridge.parent().expect("a store").to_owned();
    expect(fs::create_dir(store.join("tmp-1")), "make", &store);
    let name = bridge.file_name().expect("a name");
    expect(fs::rename(&bridge, store.join("tmp-1").join(name)), "leave", &bridge);
    expect(fs::create_dir(store.join("tmp-2")), "make", &store);
    let old = store.join("heygem-bridge-0123456789abcdef");
    checked(Command::new("cp").arg("-r").arg(store.join("tmp-1").join(name)).arg(&old));
    age(&old);
    assert_eq!(Report::of(launch(&place)).bridge(), bridge);
    assert_eq!(names(&store), [".gitignore", &name.to_string_lossy(), "stamp"]);
}
