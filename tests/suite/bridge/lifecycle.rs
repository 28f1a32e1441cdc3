//! Built once, stale when names change and only then, kept for who uses it.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::Write as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;

use super::{aliases, bridge_of, bridges};
use crate::support::build::{checked, expect};
use crate::support::fs::chmod;
use crate::support::place::{LAUNCHER, Place};
use crate::support::probe::{Report, probe};
use crate::support::pythons::pythons;
use crate::support::run::Run;
use crate::support::sdk::install_sdk;
use crate::support::snapshot::{names, snapshot};

const TAG: &str = "cpython-38-x86_64-linux-gnu";

#[test]
fn the_names_are_those_that_are_pickled_and_hide_nothing() {
    let python = pythons().first().expect("one at least");
    let place = Place::new();
    let root = place.path("sdk");
    install_sdk(python, &root);
    let bridge = bridge_of(&place, &root);
    // Not html and unittest (the standard library's), nor scrfd (in two packages). `config/` beside them has no modules.
    assert_eq!(aliases(&bridge), ["config", "custom", "encoder", "logger", "server", "trans_dh_service"]);
    // What the root has at its top level must go on meaning that.
    for (name, gone) in
        [("logger.py", "logger"), ("custom/__init__.py", "custom"), ("config/settings.py", "config")]
    {
        let before = aliases(&bridge_of(&place, &root));
        place.write(Path::new("sdk").join(name), "");
        let after = aliases(&bridge_of(&place, &root));
        let expected: Vec<_> = before.into_iter().filter(|alias| alias != gone).collect();
        assert_eq!(after, expected, "{name}");
    }
}

#[test]
fn a_source_fork_has_a_bridge_for_the_service_alone() {
    let place = Place::new();
    place.write("sdk/h_utils/custom.py", "");
    let root = place.make_root("sdk");
    assert_eq!(aliases(&bridge_of(&place, &root)), ["trans_dh_service"]);
}

#[test]
fn the_bridge_is_built_once() {
    let place = Place::new();
    let root = place.make_root("sdk");
    let bridge = bridge_of(&place, &root);
    assert_eq!(
        names(&root.join(".heygem-run")),
        [".gitignore", bridge.file_name().unwrap().to_str().unwrap(), "stamp"]
    );
    assert_eq!(fs::read(root.join(".heygem-run/.gitignore")).unwrap(), b"*\n");
    let before = snapshot(&bridge);
    assert_eq!(bridge_of(&place, &root), bridge);
    assert_eq!(snapshot(&bridge), before);
    // Once the SDK has been at rest for a moment, a launch writes nothing at all.
    place.launch(["-r", "sdk", "--prepare"]).run().succeeded();
    let before = snapshot(&place.dir);
    assert_eq!(bridge_of(&place, &root), bridge);
    assert_eq!(snapshot(&place.dir), before);
}

#[test]
fn the_bridge_is_stale_when_names_change() {
    type Change = fn(&Path);
    let rows: [(&str, Change, &[&str]); 6] = [
        (
            "a module is added",
            |root| fs::write(root.join(format!("h_utils/new.{TAG}.so")), "").unwrap(),
            &["custom", "new", "trans_dh_service"],
        ),
        (
            "a module is removed",
            |root| fs::remove_file(root.join(format!("h_utils/custom.{TAG}.so"))).unwrap(),
            &["trans_dh_service"],
        ),
        (
            "a module is renamed",
            |root| {
                fs::rename(root.join(format!("h_utils/custom.{TAG}.so")), root.join("h_utils/other.so"))
                    .unwrap()
            },
            &["other", "trans_dh_service"],
        ),
        (
            "a module moves to another package",
            |root| {
                fs::rename(root.join(format!("h_utils/custom.{TAG}.so")), root.join("service/custom.so"))
                    .unwrap()
            },
            &["custom", "trans_dh_service"],
        ),
        (
            "a package is added",
            |root| {
                fs::create_dir(root.join("y_utils")).unwrap();
                fs::write(root.join("y_utils/logger.so"), "").unwrap();
            },
            &["custom", "logger", "trans_dh_service"],
        ),
        (
            "a name becomes ambiguous",
            |root| fs::write(root.join("service/custom.so"), "").unwrap(),
            &["trans_dh_service"],
        ),
    ];
    for (what, change, expected) in rows {
        let place = Place::new();
        place.write(format!("sdk/h_utils/custom.{TAG}.so"), "");
        let root = place.make_root("sdk");
        let old = bridge_of(&place, &root);
        assert_eq!(aliases(&old), ["custom", "trans_dh_service"]);
        // From now on a launch relies on the stamp.
        place.launch(["-r", "sdk", "--prepare"]).run().succeeded();
        change(&root);
        let new = bridge_of(&place, &root);
        assert_eq!(aliases(&new), expected, "{what}");
        assert_ne!(new, old, "{what}");
        assert_eq!(aliases(&old), ["custom", "trans_dh_service"], "{what}: the old one is kept");
        assert_eq!(bridge_of(&place, &root), new, "{what}: and used no more");
    }
}

#[test]
fn a_change_back_finds_the_old_one_again() {
    let place = Place::new();
    let root = place.make_root("sdk");
    let old = bridge_of(&place, &root);
    let module = place.write("sdk/h_utils/custom.so", "");
    let new = bridge_of(&place, &root);
    fs::remove_file(module).unwrap();
    let before = snapshot(&old);
    assert_eq!(bridge_of(&place, &root), old);
    assert_eq!(snapshot(&old), before);
    assert!(new.is_dir());
}

/// Whether a launch lists the SDK again can't be seen, only that it builds nothing.
#[test]
fn the_bridge_is_not_stale_when_only_times_change() {
    let touch = |date: &'static [&'static str]| {
        move |root: &Path| {
            let directories = ["", "service", "h_utils"].map(|name| root.join(name));
            checked(Command::new("touch").args(date).args(directories));
        }
    };
    type Change = Box<dyn Fn(&Path)>;
    let rows: [(&str, Change); 5] = [
        ("touched", Box::new(touch(&[]))),
        ("rounded to a whole second", Box::new(touch(&["-d", "2024-01-01 00:00:00 UTC"]))),
        ("set to the epoch", Box::new(touch(&["-d", "@0"]))),
        (
            "Python's cache",
            Box::new(|root| {
                for package in ["service", "h_utils"] {
                    fs::create_dir(root.join(package).join("__pycache__")).unwrap();
                    fs::write(root.join(package).join("__pycache__/custom.cpython-38.pyc"), "").unwrap();
                }
            }),
        ),
        (
            "data and logs",
            Box::new(|root| {
                fs::create_dir(root.join("log")).unwrap();
                fs::write(root.join("log/dh.log"), "").unwrap();
                fs::write(root.join("service/notes.txt"), "").unwrap();
            }),
        ),
    ];
    for (what, change) in rows {
        let place = Place::new();
        place.write("sdk/h_utils/custom.so", "");
        let root = place.make_root("sdk");
        place.launch(["-r", "sdk", "--prepare"]).run().succeeded();
        let bridge = bridge_of(&place, &root);
        let before = snapshot(&bridge);
        change(&root);
        assert_eq!(bridge_of(&place, &root), bridge, "{what}");
        assert_eq!(snapshot(&bridge), before, "{what}");
        assert_eq!(bridges(&root.join(".heygem-run")).len(), 1, "{what}");
    }
}

/// A service that runs while the SDK is updated, and only then needs a name from its bridge.
#[test]
fn a_running_service_keeps_its_bridge() {
    const SERVICE: &str = "import sys; sys.stdin.readline(); import custom; print(custom.__name__)";
    let python = pythons().last().expect("one at least");
    let place = Place::new();
    let root = place.path("sdk");
    install_sdk(python, &root);
    let mut command = place.command(LAUNCHER);
    command.args(["-r", "sdk", "--"]).arg(&python.path).args(["-c", SERVICE]);
    let mut service = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    // It has its bridge once that is there, and goes on to wait.
    while !root.join(".heygem-run/stamp").exists() {
        assert!(service.try_wait().expect("its state").is_none(), "it ended");
        thread::yield_now();
    }
    let old = bridges(&root.join(".heygem-run"));
    place.write("sdk/h_utils/new.so", "");
    let new = bridge_of(&place, &root);
    assert!(!old.contains(&new.file_name().unwrap().to_str().unwrap().to_owned()));
    service.stdin.take().expect("a pipe").write_all(b"\n").expect("it waits");
    let output = service.wait_with_output().expect("it ends");
    assert_eq!((&*output.stdout, &*output.stderr), (&b"h_utils.custom\n"[..], &b""[..]));
}

/// Launches twice under a umask, and tells the bridge: the second launch trusts what the first one made.
#[track_caller]
fn bridge_under(umask: &str, place: &Place) -> PathBuf {
    let launch = || {
        let mut command = place.bound_command("sh");
        let line = format!("umask {umask}; exec \"$@\"");
        command.args(["-c", &line, "sh", LAUNCHER, "-r", "sdk", "--"]).arg(probe());
        Report::of(Run::new(command)).bridge()
    };
    let bridge = launch();
    assert_eq!(launch(), bridge, "umask {umask}");
    bridge
}

#[test]
fn others_can_read_it_and_not_write_to_it_whatever_the_umask() {
    // The root's permissions, the umask, those of the directories.
    let table = [
        (0o755, "077", 0o755),
        (0o755, "022", 0o755),
        (0o755, "002", 0o755),
        (0o755, "000", 0o755),
        (0o775, "022", 0o755),
        (0o775, "002", 0o755), // others of a group that shares the root get a cache of their own
        (0o777, "000", 0o755),
        (0o555, "002", 0o755), // in a cache
        (0o555, "000", 0o755),
    ];
    for (root_mode, umask, expected) in table {
        let place = Place::new();
        let root = place.make_root("sdk");
        chmod(&root, root_mode);
        let bridge = bridge_under(umask, &place);
        chmod(&root, 0o755);
        let store = bridge.parent().expect("a store");
        assert_eq!(store == root.join(".heygem-run"), root_mode != 0o555);
        let mut paths = vec![store.to_owned(), store.join("stamp"), bridge.clone()];
        paths.extend(names(&bridge).iter().map(|name| bridge.join(name)));
        for path in paths {
            let meta = expect(path.metadata(), "examine", &path);
            let expected = if meta.is_dir() { expected } else { 0o644 };
            assert_eq!(meta.mode() & 0o777, expected, "{} under {umask}", path.display());
        }
    }
}

#[test]
fn what_a_killed_launch_left_is_swept_and_a_live_ones_is_kept() {
    let place = Place::new();
    let root = place.make_root("sdk");
    let half = "tmp-1-2-0/heygem-bridge-0123456789abcdef";
    place.write(Path::new("sdk/.heygem-run").join(half).join("custom.py"), "");
    place.write(Path::new("sdk/.heygem-run").join(half).join("sitecustomize.py"), "# Made by heygem-run.");
    place.make_dir("sdk/.heygem-run/tmp-3-4-0");
    let live = place.make_dir("sdk/.heygem-run/tmp-5-6-0");
    let lock = expect(File::open(&live), "open", &live);
    expect(lock.lock(), "lock", &live);
    let bridge = bridge_of(&place, &root);
    let name = bridge.file_name().unwrap().to_str().unwrap();
    assert_eq!(names(&root.join(".heygem-run")), [".gitignore", name, "stamp", "tmp-5-6-0"]);
    // The next build takes it when its owner is gone.
    drop(lock);
    place.write("sdk/h_utils/custom.so", "");
    let name = bridge_of(&place, &root);
    assert_eq!(aliases(&name), ["custom", "trans_dh_service"]);
    assert!(!live.exists());
}

/// Whatever a kill, a full disk or a copy left there.
#[test]
fn a_stamp_that_says_nothing_true_is_written_anew() {
    let place = Place::new();
    let root = place.make_root("sdk");
    let bridge = bridge_of(&place, &root);
    let stamp = root.join(".heygem-run/stamp");
    let good = fs::read_to_string(&stamp).unwrap();
    let absent =
        good.replace(bridge.file_name().unwrap().to_str().unwrap(), "heygem-bridge-0123456789abcdef");
    let texts: [&[u8]; 5] = [b"", b"\xff\xfe", b"heygem-run 0\n", &good.as_bytes()[..30], absent.as_bytes()];
    for text in texts {
        fs::write(&stamp, text).unwrap();
        assert_eq!(bridge_of(&place, &root), bridge, "{:?}", String::from_utf8_lossy(text));
    }
    fs::remove_file(&stamp).unwrap();
    assert_eq!(bridge_of(&place, &root), bridge);
}

#[test]
fn no_bridge_means_none_is_built_or_looked_for() {
    let place = Place::new();
    let root = place.make_root("sdk");
    let words = [OsStr::new("--no-bridge"), OsStr::new("-r"), OsStr::new("sdk"), OsStr::new("--")];
    let report = Report::of(place.launch(words.into_iter().chain([probe().as_os_str()])));
    let here = place.dir.to_str().expect("text");
    assert_eq!(report.python_path(), [&format!("{here}/sdk"), here]);
    assert_eq!(names(&root), ["service"]);
}

#[test]
fn a_recognized_root_is_remembered_until_it_changes() {
    let place = Place::new();
    let module =
        |version: &str| format!("sdk/service/trans_dh_service.cpython-{version}-x86_64-linux-gnu.so");
    place.write("sdk/service/__init__.py", "");
    place.write(module("38"), "");
    place.write("app.py", "");
    place.make_dir("empty");
    let launch = |words: &[&str]| place.launch(words).env("PATH", place.path("empty")).run();
    for (version, needed) in [("38", "3.8"), ("39", "3.9")] {
        expect(fs::rename(place.path(module("38")), place.path(module(version))), "rename", &place.dir);
        launch(&["-r", "sdk", "--prepare"]).succeeded();
        // By the stamp, where listing `service` is spared.
        let outcome = launch(&["-r", "sdk", "app.py"]);
        assert!(outcome.stderr().contains(needed), "{}", outcome.stderr());
    }
    expect(fs::remove_file(place.path(module("39"))), "remove", &place.dir);
    let outcome = launch(&["-r", "sdk", "--", "/bin/true"]);
    let told = "does not look like a HeyGem SDK: service has no trans_dh_service";
    assert!(outcome.stderr().contains(told), "{}", outcome.stderr());
}

/// Gives a directory the times of a moment in the past.
fn age(directory: &Path, moment: &str) {
    checked(Command::new("touch").args(["-d", moment]).arg(directory));
}

fn mtime(directory: &Path) -> i64 {
    expect(directory.metadata(), "examine", directory).mtime()
}

#[test]
fn a_bridge_is_noted_as_used_once_a_day() {
    let place = Place::new();
    let root = place.make_root("sdk");
    place.launch(["-r", "sdk", "--prepare"]).run().succeeded();
    let bridge = bridge_of(&place, &root);
    for (moment, is_noted) in
        [("2 days ago", true), ("40 days ago", true), ("1 hour ago", false), ("1 hour", false)]
    {
        age(&bridge, moment);
        let before = mtime(&bridge);
        // What only prints is no use.
        place.launch(["-r", "sdk", "-n", "--", "/bin/true"]).run().succeeded();
        assert_eq!(mtime(&bridge), before, "{moment}");
        assert_eq!(bridge_of(&place, &root), bridge);
        assert_eq!(mtime(&bridge) != before, is_noted, "{moment}");
    }
}

#[test]
fn a_bridge_is_swept_when_no_launch_used_it_for_a_month() {
    let place = Place::new();
    let root = place.make_root("sdk");
    let mut bridges = Vec::new();
    for name in ["one", "two", "three"] {
        place.write(format!("sdk/h_utils/{name}.so"), "");
        bridges.push(bridge_of(&place, &root));
    }
    age(&bridges[0], "31 days ago");
    age(&bridges[1], "29 days ago");
    // The one that is built now is wanted, whatever its age.
    age(&bridges[2], "99 days ago");
    place.launch(["-r", "sdk", "--prepare"]).run().succeeded();
    assert_eq!(bridges.iter().map(|bridge| bridge.exists()).collect::<Vec<_>>(), [false, true, true]);
    place.write("sdk/h_utils/four.so", "");
    let new = bridge_of(&place, &root);
    assert_eq!(bridges.iter().map(|bridge| bridge.exists()).collect::<Vec<_>>(), [false, true, true]);
    assert!(new.is_dir() && names(&root.join(".heygem-run")).len() == 5);
}
