//! Where the bridge lies when the root can't be written to, and whom it is not trusted from there.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, chown, symlink};
use std::path::{Path, PathBuf};

use super::{aliases, bridges};
use crate::support::place::Place;
use crate::support::probe::{Report, probe};
use crate::support::run::{Run, masked};
use crate::support::snapshot::{names, snapshot};
use crate::support::user::{Closed, is_root, launch_unprivileged, make_own_dir, set_mode, unprivileged_user};

/// A place with a read-only root, and with a home, a cache and a temporary directory that belong to who launches.
struct Sealed {
    _root: Closed,
    place: Place,
}

impl Sealed {
    fn new() -> Self {
        let place = Place::new();
        place.write("sdk/h_utils/custom.so", "");
        let root = Closed::to_writers(&place.make_root("sdk"));
        for name in ["home", "tmp", "cache"] {
            make_own_dir(&place, name);
        }
        place.copy_program(probe(), "probe");
        Self { _root: root, place }
    }

    /// A launch with a cache directory of that name.
    fn launch(&self, cache: &str) -> Run {
        self.launch_with(&[], cache)
    }

    fn launch_with(&self, options: &[&str], cache: &str) -> Run {
        let words = [options, &["-r", "sdk", "--", "./probe"]].concat();
        launch_unprivileged(&self.place, words).env("XDG_CACHE_HOME", self.place.path(cache))
    }

    fn here(&self) -> &str {
        self.place.dir.to_str().expect("text")
    }

    fn path(&self, name: &str) -> PathBuf {
        self.place.path(name)
    }
}

/// The store in a cache: the one directory in it.
#[track_caller]
fn store_in(cache: &Path) -> PathBuf {
    let [key] = &names(cache)[..] else { panic!("not one store in {}", cache.display()) };
    cache.join(key)
}

#[test]
fn the_bridge_lies_in_the_first_writable_cache() {
    let temporary = format!("tmp/heygem-run-{}", unprivileged_user());
    // XDG_CACHE_HOME, what is closed, where it lies.
    let rows: [(Option<&str>, &[&str], &str); 5] = [
        (Some("@/cache"), &[], "cache/heygem-run"),
        (None, &[], "home/.cache/heygem-run"),
        // The specification of it says that a relative one does not count.
        (Some("tmp/relative"), &[], "home/.cache/heygem-run"),
        (Some("@/cache"), &["cache"], "home/.cache/heygem-run"),
        (Some("@/cache"), &["cache", "home"], &temporary),
    ];
    for (cache, closed, expected) in rows {
        let sealed = Sealed::new();
        let _closed: Vec<_> = closed.iter().map(|name| Closed::to_writers(&sealed.path(name))).collect();
        let launch = || match cache {
            Some(cache) => sealed.launch("").env("XDG_CACHE_HOME", cache.replace('@', sealed.here())),
            None => sealed.launch("").without_env("XDG_CACHE_HOME"),
        };
        let bridge = Report::of(launch()).bridge();
        assert_eq!(bridge.parent(), Some(&*store_in(&sealed.path(expected))), "{cache:?} {closed:?}");
        assert_eq!(aliases(&bridge), ["custom", "trans_dh_service"]);
        let before = snapshot(&bridge);
        assert_eq!(Report::of(launch()).bridge(), bridge, "{cache:?} {closed:?}");
        assert_eq!(snapshot(&bridge), before);
        assert_eq!(names(&sealed.path("sdk")), ["h_utils", "service"]);
        assert!(!sealed.path("tmp/relative").exists());
    }
}

#[test]
fn two_roots_do_not_share_one() {
    let sealed = Sealed::new();
    let _other = Closed::to_writers(&sealed.place.make_root("other"));
    let one = Report::of(sealed.launch("cache")).bridge();
    let run = launch_unprivileged(&sealed.place, ["-r", "other", "--", "./probe"]);
    let two = Report::of(run.env("XDG_CACHE_HOME", sealed.path("cache"))).bridge();
    assert_ne!(one.parent(), two.parent());
    assert_eq!(aliases(&one), ["custom", "trans_dh_service"]);
    assert_eq!(aliases(&two), ["trans_dh_service"]);
    assert_eq!(names(&sealed.path("cache/heygem-run")).len(), 2);
}

#[test]
fn a_cache_notices_changes_as_the_root_does() {
    let sealed = Sealed::new();
    let old = Report::of(sealed.launch("cache")).bridge();
    fs::rename(sealed.path("sdk/h_utils/custom.so"), sealed.path("sdk/h_utils/other.so")).unwrap();
    let new = Report::of(sealed.launch("cache")).bridge();
    assert_eq!(aliases(&new), ["other", "trans_dh_service"]);
    assert_eq!(bridges(new.parent().unwrap()).len(), 2, "the old one is kept: {}", old.display());
}

/// The bridge is code that is put on PYTHONPATH: a place where others could have put it is not used, and said so.
#[test]
fn a_cache_that_others_could_have_prepared_is_not_used() {
    type Change = fn(&Path, &Path);
    let rows: [(&str, Change, &str); 7] = [
        (
            "everyone can write to the store",
            |store, _| set_mode(store, 0o777),
            "@/cache/heygem-run/HASH: it can be written to by everyone",
        ),
        (
            "its group can",
            |store, _| set_mode(store, 0o775),
            "@/cache/heygem-run/HASH: it can be written to by its group",
        ),
        (
            "everyone can write above it",
            |store, _| set_mode(store.parent().unwrap(), 0o777),
            "@/cache/heygem-run/HASH: @/cache/heygem-run above it can be written to by everyone",
        ),
        (
            "everyone can write further above",
            |_, cache| set_mode(cache, 0o777),
            "@/cache/heygem-run/HASH: @/cache above it can be written to by everyone",
        ),
        (
            "it is a link",
            |store, _| {
                fs::rename(store, store.with_file_name("moved")).unwrap();
                symlink("moved", store).unwrap();
            },
            "@/cache/heygem-run/HASH: it is a symbolic link",
        ),
        (
            "it is a file",
            |store, _| {
                fs::remove_dir_all(store).unwrap();
                fs::write(store, "").unwrap();
            },
            "@/cache/heygem-run/HASH: it is not a directory",
        ),
        (
            "a link above it leads to where everyone can write",
            |_, cache| {
                let open = cache.with_file_name("open");
                fs::create_dir(&open).unwrap();
                fs::rename(cache, open.join("cache")).unwrap();
                symlink(open.join("cache"), cache).unwrap();
                set_mode(&open, 0o777);
            },
            "@/cache/heygem-run/HASH: @/open above it can be written to by everyone",
        ),
    ];
    for (what, change, doubt) in rows {
        let sealed = Sealed::new();
        let store = Report::of(sealed.launch("cache")).bridge().parent().unwrap().to_owned();
        change(&store, &sealed.path("cache"));
        assert_passed_over(&sealed, what, doubt);
    }
}

/// Expects the next cache to be used, with this warning, and an error under `--strict`.
#[track_caller]
fn assert_passed_over(sealed: &Sealed, what: &str, doubt: &str) {
    let here = sealed.here();
    let warning = format!("a bridge that others could have made is not used: {}", doubt.replace('@', here));
    for _ in 0..2 {
        let outcome = sealed.launch("cache").run();
        assert_eq!(masked(&outcome.stderr()), format!("heygem-run: warning: {warning}\n"), "{what}");
        let bridge = Report::parse(&outcome.succeeded()).bridge();
        assert!(bridge.starts_with(sealed.path("home/.cache/heygem-run")), "{what}: {}", bridge.display());
    }
    let outcome = sealed.launch_with(&["--strict"], "cache").run();
    assert_eq!(outcome.code(), Some(125), "{what}: {outcome}");
    assert_eq!(
        masked(&outcome.stderr()),
        format!("heygem-run: error: {warning}\nhint: --strict treats this warning as an error\n"),
        "{what}"
    );
    let report = Report::of(sealed.launch_with(&["-q"], "cache"));
    assert!(report.bridge().starts_with(sealed.path("home/.cache")));
}

/// The first launch is warned as every other is, and puts nothing that is used there.
#[test]
fn a_cache_that_everyone_can_write_to_is_not_even_begun() {
    let sealed = Sealed::new();
    set_mode(&sealed.path("cache"), 0o777);
    assert_passed_over(
        &sealed,
        "no store yet",
        "@/cache/heygem-run/HASH: @/cache above it can be written to by everyone",
    );
}

/// Sticky directories are `/tmp`'s kind: what is in them only its owner can replace.
#[test]
fn a_cache_in_a_sticky_directory_is_used() {
    let sealed = Sealed::new();
    set_mode(&sealed.path("tmp"), 0o1777);
    let _home = Closed::to_writers(&sealed.path("home"));
    let run = sealed.launch("cache").without_env("XDG_CACHE_HOME");
    assert!(Report::of(run).bridge().starts_with(sealed.path("tmp")));
}

/// In the root, it is trusted as the root itself is, and no further.
#[test]
fn in_the_root_it_needs_no_more_protection_than_the_root_has() {
    let place = Place::new();
    let root = place.make_root("sdk");
    let inside = root.join(".heygem-run");
    let launch = || place.launch(["-r".into(), "sdk".into(), "--".into(), probe()]);
    for mode in [0o755, 0o775, 0o777] {
        set_mode(&root, mode);
        let _ = fs::remove_dir_all(&inside);
        fs::create_dir(&inside).unwrap();
        set_mode(&inside, mode);
        assert!(Report::of(launch()).bridge().starts_with(&inside), "{mode:o}");
    }
    let here = place.dir.to_str().expect("text");
    let group = fs::metadata(&root).unwrap().gid();
    let rows = [
        (0o755, 0o777, "it can be written to by everyone".to_owned()),
        (0o755, 0o775, format!("it can be written to by group {group}")),
    ];
    for (root_mode, mode, doubt) in rows {
        set_mode(&root, root_mode);
        set_mode(&inside, mode);
        let report = Report::with_warnings(
            launch(),
            format!(
                "heygem-run: warning: a bridge that others could have made is not used: {here}/sdk/.heygem-run: {doubt}\n"
            ),
        );
        assert!(report.bridge().starts_with(place.path("home/.cache")));
    }
    fs::rename(&inside, place.path("moved")).unwrap();
    symlink("../moved", &inside).unwrap();
    let report = Report::with_warnings(
        launch(),
        format!(
            "heygem-run: warning: a bridge that others could have made is not used: \
             {here}/sdk/.heygem-run: it is a symbolic link\n"
        ),
    );
    assert!(report.bridge().starts_with(place.path("home/.cache")));
}

/// Only root can give a directory away; for all others, `trust.rs` has a test of its own.
#[test]
fn a_strangers_cache_is_not_used() {
    const STRANGER: u32 = 12_345;
    let sealed = Sealed::new();
    let store = Report::of(sealed.launch("cache")).bridge().parent().unwrap().to_owned();
    if is_root() {
        chown(&store, Some(STRANGER), None).unwrap();
        let doubt = format!("@/cache/heygem-run/HASH: it belongs to user {STRANGER}");
        assert_passed_over(&sealed, "the store", &doubt);
    }
}

#[test]
fn none_that_can_be_written_to_is_a_warning() {
    let sealed = Sealed::new();
    let _closed = ["home", "tmp", "cache"].map(|name| Closed::to_writers(&sealed.path(name)));
    let here = sealed.place.dir.display();
    let user = unprivileged_user();
    let denied = "it can't be made: Permission denied";
    let warning = format!(
        "no bridge can be built ({here}/sdk/.heygem-run: {denied}; {here}/cache/heygem-run/HASH: {denied}; \
         {here}/home/.cache/heygem-run/HASH: {denied}; {here}/tmp/heygem-run-{user}/HASH: {denied}): \
         child processes started by spawn will fail with No module named 'trans_dh_service'"
    );
    let outcome = sealed.launch("cache").run();
    assert_eq!(masked(&outcome.stderr()), format!("heygem-run: warning: {warning}\n"));
    let here = sealed.here();
    assert_eq!(Report::parse(&outcome.succeeded()).python_path(), [&format!("{here}/sdk"), here]);
    let strict = sealed.launch("cache").env("HEYGEM_STRICT", "1").run();
    assert_eq!((strict.code(), strict.stdout().as_str()), (Some(125), ""));
    assert_eq!(
        masked(&strict.stderr()),
        format!("heygem-run: error: {warning}\nhint: --strict treats this warning as an error\n")
    );
    // Nothing to warn of where none is wanted.
    let report = Report::of(sealed.launch_with(&["--strict", "--no-bridge"], "cache"));
    assert_eq!(report.python_path(), [&format!("{here}/sdk"), here]);
}
