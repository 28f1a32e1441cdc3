//! A store has no more writers than the SDK; who may write is compared by who it is, not by bits. What is made is one's own.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, chown};
use std::path::Path;

use rustix::fs::{XattrFlags, setxattr};

use crate::support::build::expect;
use crate::support::fs::{chmod, remove};
use crate::support::place::Place;
use crate::support::probe::{Report, probe};
use crate::support::run::Run;
use crate::support::snapshot::{contents, snapshot};
use crate::support::user::{Closed, STRANGER, is_root, launch_unprivileged, make_own_dir, unprivileged_user};

/// A group that nobody of the tests' is in.
const DEVELOPERS: u32 = 23_456;

fn launch(place: &Place) -> Run {
    place.launch(["-r".into(), "sdk".into(), "--".into(), probe()])
}

/// An access control list (`<linux/posix_acl_xattr.h>`) that lets a user write; the owner and the mask all, others read.
fn let_write(path: &Path, user: u32) {
    let entries: [(u16, u16, u32); 5] =
        [(0x01, 7, u32::MAX), (0x02, 7, user), (0x04, 5, u32::MAX), (0x10, 7, u32::MAX), (0x20, 5, u32::MAX)];
    let mut list = 2_u32.to_le_bytes().to_vec();
    for (tag, permissions, id) in entries {
        list.extend([tag.to_le_bytes(), permissions.to_le_bytes()].concat());
        list.extend(id.to_le_bytes());
    }
    let set = setxattr(path, "system.posix_acl_access", &list, XattrFlags::empty());
    expect(set.map_err(Into::into), "write an access control list of", path);
}

/// The group's bits of such a mode are the list's mask, and the group itself may not write.
#[test]
fn an_acl_entry_for_a_user_gives_the_group_no_access() {
    let place = Place::new();
    let root = place.make_root("sdk");
    let_write(&root, STRANGER);
    assert_eq!(expect(root.metadata(), "examine", &root).mode() & 0o777, 0o775);
    place.launch(["-r", "sdk", "--prepare"]).run().succeeded();
    let bridge = Report::of(launch(&place)).bridge();
    let store = bridge.parent().expect("a store");
    for (path, (mode, _)) in contents(store) {
        assert_eq!(mode & 0o022, 0, "{}", path.display());
    }
    // Such a store, left by somebody's chmod, is writable by a group that can't write to the SDK.
    chmod(store, 0o775);
    let group = expect(store.metadata(), "examine", store).gid();
    let warning = format!(
        "heygem-run: warning: a bridge that others could have made is not used: {}: it can be written to by group {group}\n",
        store.display()
    );
    let report = Report::with_warnings(launch(&place), warning);
    assert!(report.bridge().starts_with(place.path("home/.cache")));
    // One that only who may write to the SDK may write to is as safe as that.
    chmod(store, 0o755);
    let_write(store, STRANGER);
    assert!(Report::of(launch(&place)).bridge().starts_with(store));
    let_write(store, STRANGER + 1);
    let outcome = launch(&place).run();
    assert!(
        outcome.stderr().contains(&format!("it can be written to by user {}", STRANGER + 1)),
        "{outcome}"
    );
}

/// The SDK's group shares it; the primary group of who launches does not.
#[test]
fn a_store_of_another_group_than_the_sdks_is_not_trusted() {
    let place = Place::new();
    let root = place.make_root("sdk");
    // Only root has groups to choose from; for all others, `trust/tests.rs` in `src` has the table.
    let own = expect(root.metadata(), "examine", &root).gid();
    let developers = if is_root() { DEVELOPERS } else { own };
    expect(chown(&root, None, Some(developers)), "give away", &root);
    chmod(&root, 0o775);
    let store = place.make_dir("sdk/.heygem-run");
    chmod(&store, 0o775);
    let rows = [(developers, true), (DEVELOPERS + 1, false)];
    for (group, is_used) in rows.into_iter().take(if is_root() { 2 } else { 1 }) {
        expect(chown(&store, None, Some(group)), "give away", &store);
        let outcome = launch(&place).run();
        let bridge = Report::parse(&outcome.succeeded()).bridge();
        assert_eq!(
            (bridge.starts_with(&store), outcome.stderr().is_empty()),
            (is_used, is_used),
            "{group}: {outcome}"
        );
    }
}

/// Nobody has to be warned of a colleague.
#[test]
fn another_member_of_the_sdks_group_has_a_cache_of_their_own() {
    let place = Place::new();
    let root = place.make_root("sdk");
    chmod(&root, 0o775);
    make_own_dir(&place, "home");
    make_own_dir(&place, "tmp");
    place.copy_program(probe(), "probe");
    let store = place.make_dir("sdk/.heygem-run");
    if is_root() {
        expect(chown(&store, Some(STRANGER), Some(STRANGER)), "give away", &store);
    } else {
        chmod(&store, 0o555); // as closed to this user as a colleague's
    }
    let before = snapshot(&store);
    let bridge = Report::of(launch_unprivileged(&place, ["-r", "sdk", "--strict", "--", "./probe"])).bridge();
    assert!(bridge.starts_with(place.path("home/.cache/heygem-run")), "{}", bridge.display());
    assert_eq!(snapshot(&store), before);
}

/// It was closed by somebody who meant it.
#[test]
fn a_store_that_was_closed_stays_closed() {
    for mode in [0o555, 0o500, 0o111] {
        let place = Place::new();
        place.make_root("sdk");
        let store = place.make_dir("sdk/.heygem-run");
        chmod(&store, mode);
        let mut command = place.bound_command(crate::support::place::LAUNCHER);
        command.args(["-r", "sdk", "--"]).arg(probe());
        let bridge = Report::of(Run::new(command)).bridge();
        assert!(bridge.starts_with(place.path("home/.cache")), "{mode:o}: {}", bridge.display());
        assert_eq!(expect(store.metadata(), "examine", &store).mode() & 0o777, mode);
        chmod(&store, 0o755);
    }
}

#[test]
fn a_cache_is_made_in_an_existing_home_only() {
    for (variable, value, is_made) in [
        ("HOME", "gone", false),
        ("HOME", "gone/deeper", false),
        ("XDG_CACHE_HOME", "gone/cache", false),
        ("XDG_CACHE_HOME", "cache", true),
        ("TMPDIR", "gone", false),
    ] {
        let place = Place::new();
        let _root = Closed::to_writers(&place.make_root("sdk"));
        let others = ["home", "tmp"].map(|name| make_own_dir(&place, name));
        make_own_dir(&place, "own");
        place.copy_program(probe(), "probe");
        let path = place.path("own").join(value);
        let mut run = launch_unprivileged(&place, ["-r", "sdk", "-q", "--", "./probe"]);
        for name in ["HOME", "TMPDIR"] {
            run = run.env(name, "/nowhere");
        }
        let outcome = run.env(variable, &path).run();
        outcome.succeeded();
        assert_eq!(path.exists(), is_made, "{variable}={value}: {outcome}");
        assert!(others.iter().all(|other| fs::read_dir(other).unwrap().next().is_none()));
    }
}

/// A dangling link is not a place that somebody wants made.
#[test]
fn a_link_to_nothing_is_no_cache() {
    let place = Place::new();
    let _root = Closed::to_writers(&place.make_root("sdk"));
    for name in ["home", "tmp"] {
        make_own_dir(&place, name);
    }
    let link = place.link("../elsewhere", "home/.cache");
    if is_root() {
        let user = unprivileged_user();
        expect(std::os::unix::fs::lchown(&link, Some(user), Some(user)), "give away", &link);
    }
    place.copy_program(probe(), "probe");
    let bridge = Report::of(launch_unprivileged(&place, ["-r", "sdk", "--", "./probe"])).bridge();
    assert!(bridge.starts_with(place.path("tmp")) && !place.path("elsewhere").exists());
    remove(link);
}

/// `PYTHONPATH` would be taken apart there, and its second half be a directory of whoever owns the working directory.
#[test]
fn a_cache_with_a_colon_in_its_path_is_passed_over() {
    let place = Place::new();
    let _root = Closed::to_writers(&place.make_root("sdk"));
    for name in ["home", "tmp", "own"] {
        make_own_dir(&place, name);
    }
    place.copy_program(probe(), "probe");
    let launch = |words: &[&str]| {
        let words = ["-r", "sdk"].iter().chain(words).copied();
        launch_unprivileged(&place, words).env("XDG_CACHE_HOME", place.path("own/a:b"))
    };
    let bridge = Report::of(launch(&["--", "./probe"])).bridge();
    assert!(bridge.starts_with(place.path("home/.cache")), "{}", bridge.display());
    let nowhere =
        launch(&["--prepare"]).env("HOME", place.path("a:b")).env("TMPDIR", place.path("c:d")).run();
    assert_eq!(nowhere.code(), Some(125), "{nowhere}");
    assert!(nowhere.stderr().contains("PYTHONPATH can't hold a path with a colon"), "{nowhere}");
    assert!(!place.path("own/a:b").exists());
}
