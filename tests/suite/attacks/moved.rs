//! Who can write to the SDK can't write into another user's directory, but can move one to where a launcher looks. Only what is
//! recognizably a launcher's work is opened to others, replaced or removed there.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::Duration;

use crate::support::build::{checked, expect};
use crate::support::fs::{chmod, remove};
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

/// Whether the SDK is still open to others when it is launched.
const STILL_OPEN: [bool; 2] = [true, false];

fn close_unless(still_open: bool, place: &Place) {
    chmod(place.path("sdk"), if still_open { 0o777 } else { 0o755 });
}

#[test]
fn a_directory_in_the_stores_place_is_left_as_it_is() {
    for still_open in STILL_OPEN {
        let place = shared_sdk();
        let planted = plant(&place, "sdk/.heygem-run");
        close_unless(still_open, &place);
        let warning = format!(
            "heygem-run: warning: a directory that heygem-run did not make is not used for the bridge: {}: it has {{}} in it\n",
            planted.display()
        );
        for _ in 0..2 {
            let outcome = place.launch(["-r".into(), "sdk".into(), "--".into(), probe()]).run();
            let told = ["analysis.py", "chapter", "thesis.txt"].map(|name| warning.replace("{}", name));
            assert!(told.contains(&outcome.stderr()), "{outcome}");
            let bridge = Report::parse(&outcome.succeeded()).bridge();
            assert!(bridge.starts_with(place.path("home/.cache")), "{}", bridge.display());
            is_untouched(&planted);
        }
        let prepared = place.launch(["-q", "-r", "sdk", "--prepare"]).run().succeeded();
        assert!(Path::new(&prepared).starts_with(place.path("home/.cache")), "{prepared}");
        is_untouched(&planted);
        let strict = place.launch(["--strict", "-r", "sdk", "--", "true"]).run();
        assert_eq!(strict.code(), Some(125), "{strict}");
    }
}

/// What has a launcher's names in it is looked into.
#[test]
fn a_directory_in_the_stores_place_is_not_ours_by_its_names() {
    for still_open in STILL_OPEN {
        for name in ["tmp-2024", "tmp-1-2-3", "heygem-bridge-0123456789abcdef", "stamp", ".gitignore"] {
            let place = shared_sdk();
            let store = place.make_dir("sdk/.heygem-run");
            let planted = plant(&place, Path::new("sdk/.heygem-run").join(name));
            age(&planted);
            chmod(&store, 0o700);
            close_unless(still_open, &place);
            let bridge = Report::of(launch(&place)).bridge();
            assert!(bridge.starts_with(place.path("home/.cache")), "{name}: {}", bridge.display());
            is_untouched(&planted);
            assert_eq!(expect(store.metadata(), "examine", &store).mode() & 0o777, 0o700, "{name}");
        }
    }
}

/// A program may be given away compiled, without its source.
#[test]
fn a_directory_of_compiled_files_is_not_ours_by_their_names() {
    for name in [".heygem-run", ".heygem-run/tmp-1-2-3"] {
        let place = shared_sdk();
        let planted = place.path("sdk").join(name);
        place.write(planted.join("model.pyc"), "secret\n");
        chmod(&planted, 0o700);
        let bridge = Report::of(launch(&place)).bridge();
        assert!(bridge.starts_with(place.path("home/.cache")), "{name}: {}", bridge.display());
        assert_eq!(names(&planted), ["model.pyc"]);
        assert_eq!(expect(planted.metadata(), "examine", &planted).mode() & 0o777, 0o700, "{name}");
    }
}

/// A launcher that was killed may have left a cache closed.
#[test]
fn a_directory_in_a_caches_place_is_not_opened_to_others() {
    for (is_planted, mode) in [(false, 0o755), (true, 0o700)] {
        let place = Place::new();
        place.make_root("sdk");
        place.write("sdk/.heygem-run", "");
        let cache = if is_planted {
            plant(&place, "home/.cache/heygem-run")
        } else {
            place.make_dir("home/.cache/heygem-run")
        };
        chmod(&cache, 0o700);
        let bridge = Report::of(launch(&place)).bridge();
        assert!(bridge.starts_with(&cache), "{}", bridge.display());
        assert_eq!(expect(cache.metadata(), "examine", &cache).mode() & 0o777, mode);
    }
}

/// In a store of ours, which was open to others for a time.
#[test]
fn what_has_a_launchers_name_is_not_swept() {
    for still_open in STILL_OPEN {
        for name in ["tmp-1", "tmp-2024", "tmp-1-2-3", "heygem-bridge-0123456789abcdef"] {
            let place = shared_sdk();
            launch(&place).run().succeeded();
            let planted = plant(&place, Path::new("sdk/.heygem-run").join(name));
            age(&planted);
            close_unless(still_open, &place);
            place.write("sdk/h_utils/new.so", "");
            let bridge = Report::of(launch(&place)).bridge();
            assert!(bridge.starts_with(place.path("sdk")), "{name}: {}", bridge.display());
            is_untouched(&planted);
        }
    }
}

#[test]
fn what_has_a_bridges_name_is_not_replaced() {
    for still_open in STILL_OPEN {
        let place = shared_sdk();
        let bridge = Report::of(launch(&place)).bridge();
        if !still_open {
            // From now on a launch relies on the stamp.
            place.launch(["-q", "-p", "/nowhere", "-r", "sdk", "--prepare"]).run().succeeded();
        }
        expect(fs::rename(&bridge, place.path("bridge")), "take away", &bridge);
        let planted = plant(&place, &bridge);
        close_unless(still_open, &place);
        let other = Report::of(launch(&place)).bridge();
        assert!(other.starts_with(place.path("home/.cache")), "{}", other.display());
        is_untouched(&planted);
    }
}

/// Into a bridge that was open to others they may have moved something as well.
#[test]
fn what_is_in_a_bridge_of_ours_is_not_removed_with_it() {
    for (name, is_old) in [("work", true), ("__pycache__", true), ("work", false), ("__pycache__", false)] {
        let place = shared_sdk();
        let bridge = Report::of(launch(&place)).bridge();
        let old = bridge.with_file_name("heygem-bridge-0123456789abcdef");
        let bridge = if is_old {
            checked(Command::new("cp").arg("-r").arg(&bridge).arg(&old));
            old
        } else {
            remove(bridge.join("trans_dh_service.py"));
            bridge
        };
        let _ = fs::remove_dir(bridge.join(name));
        let planted = plant(&place, bridge.join(name));
        age(&bridge);
        chmod(place.path("sdk"), 0o755);
        remove(place.path("sdk/.heygem-run/stamp"));
        launch(&place).run().succeeded();
        is_untouched(&planted);
    }
}

#[test]
fn what_takes_a_new_temporarys_place_is_not_removed() {
    let place = shared_sdk();
    launch(&place).run().succeeded();
    let planted = plant(&place, "sdk/.heygem-run/work");
    chmod(place.path("sdk/.heygem-run"), 0o777);
    place.write("sdk/h_utils/new.so", "");
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
    let left = store.join("tmp-17-1763950000123456789-0");
    expect(fs::create_dir(&left), "make", &store);
    let name = bridge.file_name().expect("a name");
    expect(fs::rename(&bridge, left.join(name)), "leave", &bridge);
    expect(fs::create_dir(store.join("tmp-4194304-1-15")), "make", &store);
    let old = store.join("heygem-bridge-0123456789abcdef");
    checked(Command::new("cp").arg("-r").arg(left.join(name)).arg(&old));
    age(&old);
    assert_eq!(Report::of(launch(&place)).bridge(), bridge);
    assert_eq!(names(&store), [".gitignore", &name.to_string_lossy(), "stamp"]);
}
