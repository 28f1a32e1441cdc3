//! A bridge that is not of our making, or that an image's layers and a read-only disk have been at; and homes that are none.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, chown, symlink};
use std::path::Path;
use std::process::Command;

use super::{SHOW, aliases, bridge_of, make_compiled_root, recovers, shown, shown_whole};
use crate::support::build::checked;
use crate::support::place::Place;
use crate::support::probe::{Report, probe};
use crate::support::snapshot::{contents, snapshot};
use crate::support::user::{Closed, is_root, launch_unprivileged, make_own_dir, set_mode};

/// Somebody who is neither root nor who runs the tests.
const STRANGER: u32 = 12_345;

/// The stamp says that it fits, and it has the right name: who could have written to it decides.
#[test]
fn a_bridge_that_others_could_have_made_is_made_anew() {
    type Change = fn(&Path);
    let rows: [(&str, Change); 6] = [
        ("everyone can write to it", |bridge| set_mode(bridge, 0o777)),
        ("its group can", |bridge| set_mode(bridge, 0o775)),
        ("everyone can write to it, and did", |bridge| {
            set_mode(bridge, 0o777);
            fs::write(bridge.join("custom.py"), "print('foreign')\n").unwrap();
            fs::write(bridge.join("json.py"), "print('foreign')\n").unwrap();
        }),
        ("it is a link to one that is whole", |bridge| {
            fs::rename(bridge, bridge.join("../../../moved")).unwrap();
            symlink("../../moved", bridge).unwrap();
        }),
        ("it is a link to nothing", |bridge| {
            fs::remove_dir_all(bridge).unwrap();
            symlink("nowhere", bridge).unwrap();
        }),
        // Only root can give a directory away; for all others, `trust.rs` has a test of its own.
        ("it belongs to somebody else", |bridge| {
            let owner = if is_root() { STRANGER } else { bridge.metadata().unwrap().uid() };
            chown(bridge, Some(owner), None).unwrap();
            fs::write(bridge.join("custom.py"), "print('foreign')\n").unwrap();
            fs::remove_file(bridge.join("../stamp")).unwrap();
        }),
    ];
    let whole = shown_whole();
    for (what, change) in rows {
        let place = Place::new();
        let root = make_compiled_root(&place);
        place.launch(["-r", "sdk", "--prepare"]).run().succeeded();
        let bridge = bridge_of(&place, &root);
        change(&bridge);
        recovers(&place, &whole, &[], what);
        let meta = bridge.symlink_metadata().unwrap();
        assert!(meta.is_dir() && meta.mode() & 0o777 == 0o755 && meta.uid() != STRANGER, "{what}");
    }
}

/// Where it can't be made anew, it is not used: the next place is.
#[test]
fn a_store_of_somebody_elses_is_not_used() {
    let whole = shown_whole();
    let place = Place::new();
    let root = make_compiled_root(&place);
    bridge_of(&place, &root);
    let store = root.join(".heygem-run");
    let doubt = if is_root() {
        chown(&store, Some(STRANGER), None).unwrap();
        format!("it belongs to user {STRANGER}")
    } else {
        set_mode(&store, 0o777); // as good as given away
        "it can be written to by everyone".to_owned()
    };
    let before = snapshot(&store);
    let warning = format!(
        "heygem-run: warning: a bridge that others could have made is not used: {}: {doubt}\n",
        store.display()
    );
    place.launch([&["-r", "sdk"][..], &SHOW].concat()).prints_and_warns(&whole, warning);
    assert_eq!(snapshot(&store), before);
    assert!(place.path("home/.cache/heygem-run").is_dir());
}

/// What a Dockerfile does to a prepared SDK, all at once: layers round the times, a build step leaves Python's cache in a package
/// (which no longer has the time that the stamp gives), and the container that runs it may write nowhere.
#[test]
fn an_image_that_runs_read_only_has_its_bridge() {
    let whole = shown_whole();
    let place = Place::new();
    let root = make_compiled_root(&place);
    let bridge = bridge_of(&place, &root);
    place.launch(["-r", "sdk", "--prepare"]).run().succeeded();
    let rounded = ["", "service", "h_utils", ".heygem-run"].map(|name| root.join(name));
    checked(Command::new("touch").args(["-d", "2024-05-06 07:08:10 UTC"]).args(&rounded));
    place.write("sdk/h_utils/__pycache__/custom.cpython-38.pyc", "");
    place.write("sdk/service/__pycache__/__init__.cpython-38.pyc", "");
    let _read_only = ["sdk", "sdk/.heygem-run", "sdk/h_utils", "sdk/service", "home", "tmp"]
        .map(|name| Closed::to_writers(&place.path(name)));
    let before = contents(&root);
    for _ in 0..2 {
        let words = [&["-r", "sdk"][..], &SHOW].concat();
        launch_unprivileged(&place, words).prints(&whole);
        assert_eq!(contents(&root), before);
    }
    assert_eq!(shown(&bridge), whole);
}

#[test]
fn a_home_that_cannot_be_used_is_passed_over() {
    for home in [None, Some(""), Some("relative"), Some("/nowhere"), Some("/dev/null"), Some("/proc/self")] {
        let place = Place::new();
        make_compiled_root(&place);
        let _root = Closed::to_writers(&place.path("sdk"));
        let _home = Closed::to_writers(&place.path("home"));
        make_own_dir(&place, "tmp");
        place.copy_program(probe(), "probe");
        let launch = || match home {
            Some(home) => launch_unprivileged(&place, ["-r", "sdk", "--", "./probe"]).env("HOME", home),
            None => launch_unprivileged(&place, ["-r", "sdk", "--", "./probe"]).without_env("HOME"),
        };
        let bridge = Report::of(launch()).bridge();
        assert!(bridge.starts_with(place.path("tmp")), "{home:?}: {}", bridge.display());
        assert_eq!(aliases(&bridge), ["custom", "trans_dh_service"]);
        assert_eq!(Report::of(launch()).bridge(), bridge, "{home:?}");
    }
}
