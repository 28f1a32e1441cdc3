//! Whatever Python executes from a bridge was written by the launcher, or by somebody who may write the SDK.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::support::build::expect;
use crate::support::fs::{chmod, remove};
use crate::support::place::{LAUNCHER, Place};
use crate::support::probe::{Report, probe};
use crate::support::pythons::pythons;
use crate::support::run::Run;
use crate::support::sdk::install_sdk;
use crate::support::snapshot::{contents, names};
use crate::support::user::{STRANGER, is_root};
use crate::support::wait::until;

/// The umask of many a daemon.
fn launch_under_no_umask(place: &Place, words: &[&str]) -> Run {
    let mut command = place.command("sh");
    command.args(["-c", "umask 0; exec \"$@\"", "sh", LAUNCHER, "-r", "sdk", "--"]).args(words);
    Run::new(command)
}

fn bridge_of(place: &Place) -> PathBuf {
    let probe = probe();
    Report::of(place.launch(["-r".into(), "sdk".into(), "--".into(), probe])).bridge()
}

#[test]
fn others_cannot_write_to_pythons_cache_in_a_bridge() {
    let python = pythons().last().expect("one at least");
    let place = Place::new();
    install_sdk(python, &place.path("sdk"));
    let interpreter = python.path.to_str().expect("text");
    launch_under_no_umask(&place, &[interpreter, "-c", "import custom"]).prints("");
    let bridge = bridge_of(&place);
    let all = contents(&bridge);
    assert!(all.keys().any(|path| path.extension().is_some_and(|end| end == "pyc")), "{all:?}");
    for (path, (mode, _)) in all {
        assert_eq!(mode & 0o022, 0, "{}", path.display());
    }
}

/// Somebody cleans up, and Python makes its cache again, by its own umask.
#[test]
fn pythons_cache_is_checked_before_each_launch() {
    let place = Place::new();
    place.make_root("sdk");
    place.launch(["-r", "sdk", "--prepare"]).run().succeeded();
    let bridge = bridge_of(&place);
    let cache = bridge.join("__pycache__");
    remove(&cache);
    place.make_dir(&cache);
    chmod(&cache, 0o777);
    expect(fs::write(cache.join("planted.cpython-38.pyc"), "planted"), "write", &cache);
    assert_eq!(bridge_of(&place), bridge);
    let meta = expect(cache.metadata(), "examine", &cache);
    assert_eq!(meta.mode() & 0o777, 0o755);
    assert!(!cache.join("planted.cpython-38.pyc").exists());
}

#[test]
fn a_cache_that_is_missing_is_made_by_the_launcher() {
    let place = Place::new();
    place.make_root("sdk");
    place.launch(["-r", "sdk", "--prepare"]).run().succeeded();
    let cache = bridge_of(&place).join("__pycache__");
    remove(&cache);
    launch_under_no_umask(&place, &["true"]).prints("");
    let meta = expect(cache.metadata(), "examine", &cache);
    assert_eq!(meta.mode() & 0o777, 0o755);
}

/// How others may leave something in a cache.
type Leave = fn(&Path);

const LEFT: [(&str, Leave); 3] = [
    ("others can write to it", |file| {
        expect(fs::write(file, "planted"), "write", file);
        chmod(file, 0o666);
    }),
    ("a link", |file| expect(std::os::unix::fs::symlink("/nowhere", file), "link", file)),
    ("a stranger's", |file| {
        expect(fs::write(file, "planted"), "write", file);
        if is_root() {
            expect(std::os::unix::fs::chown(file, Some(STRANGER), None), "give away", file);
        } else {
            chmod(file, 0o662);
        }
    }),
];

/// Whether all that is in a cache is this user's own.
fn assert_own(cache: &Path, what: &str) {
    let user = expect(cache.metadata(), "examine", cache).uid();
    for file in names(cache).into_iter().map(|name| cache.join(name)) {
        let facts = expect(file.symlink_metadata(), "examine", &file);
        let is_own = facts.is_file() && facts.uid() == user && facts.mode() & 0o022 == 0;
        assert!(is_own && expect(fs::read(&file), "read", &file) != b"planted", "{what}: {}", file.display());
    }
}

/// Left from when the cache was open: closing it is not enough.
#[test]
fn strangers_files_in_a_cache_are_not_kept() {
    for (what, leave) in LEFT {
        let place = Place::new();
        place.make_root("sdk");
        let bridge = bridge_of(&place);
        let cache = bridge.join("__pycache__");
        leave(&cache.join("trans_dh_service.cpython-38.pyc"));
        let prepared = place.launch(["-p", "/nowhere", "-r", "sdk", "--prepare"]).run().succeeded();
        assert_eq!(prepared.trim_end(), bridge.to_str().expect("text"), "{what}");
        assert_own(&cache, what);
    }
}

#[test]
fn a_launch_keeps_nothing_that_others_left_in_a_cache() {
    let changed = |path: &Path| expect(expect(path.metadata(), "examine", path).modified(), "examine", path);
    for (what, leave) in LEFT {
        let place = Place::new();
        place.make_root("sdk");
        place.launch(["-r", "sdk", "--prepare"]).run().succeeded();
        let bridge = bridge_of(&place);
        let (cache, stamp) = (bridge.join("__pycache__"), bridge.with_file_name("stamp"));
        let file = cache.join("trans_dh_service.cpython-38.pyc");
        // In the same tick of the clock nobody but this test could have done it.
        let left = until(Duration::from_secs(60), || {
            let _ = fs::remove_file(&file);
            leave(&file);
            (changed(&cache) > changed(&stamp)).then_some(())
        });
        left.expect("the clock goes on");
        assert_eq!(bridge_of(&place), bridge, "{what}");
        assert_own(&cache, what);
        // Looked at once; the next launch relies on it.
        assert!(changed(&cache) <= changed(&stamp), "{what}");
    }
}
