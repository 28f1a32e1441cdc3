//! A name is looked at once: whoever exchanges a directory between a look and a use leads nothing elsewhere. Each step of a build is held
//! back in turn, while another thread exchanges what the launcher made.

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

use crate::support::place::Place;
use crate::support::run::{Outcome, Run};
use crate::support::snapshot::names;
use crate::support::trace;

/// How long a step is held back: time for some hundred exchanges.
const HELD_BACK: &str = "delay_enter=20000";

/// The calls that make, write, rename, change and remove, and those by which a name becomes a descriptor.
const CALLS: [(&str, usize); 9] = [
    ("mkdirat", 4),
    ("openat", 14),
    ("renameat2", 1),
    ("renameat", 2),
    ("linkat", 1),
    ("fchmod", 3),
    ("unlinkat", 3),
    ("newfstatat", 8),
    ("utimensat", 1),
];

fn make_sdk(place: &Place) {
    place.write("sdk/h_utils/custom.so", "");
    place.make_root("sdk");
    place.make_dir("elsewhere");
}

/// What is in the directories of a store, by name.
fn made(store: &Path) -> Vec<OsString> {
    let entries = fs::read_dir(store).into_iter().flatten().flatten();
    entries.map(|entry| entry.file_name()).collect()
}

/// A launch with one step held back, and as many exchanges as fit beside it.
fn launch_during(place: &Place, step: &str, exchange: impl Fn(&Place) -> bool + Sync) -> (Outcome, u64) {
    let (is_over, exchanges) = (AtomicBool::new(false), AtomicU64::new(0));
    let outcome = thread::scope(|scope| {
        scope.spawn(|| {
            while !is_over.load(Ordering::Relaxed) {
                exchanges.fetch_add(exchange(place).into(), Ordering::Relaxed);
                thread::yield_now();
            }
        });
        let hold = format!("inject={step}");
        let outcome =
            Run::new(trace::traced(place, &["-b", "execve", "-e", &hold], &["--", "/bin/true"])).run();
        is_over.store(true, Ordering::Relaxed);
        outcome
    });
    (outcome, exchanges.into_inner())
}

/// Holds back each step in turn, and expects that nothing is ever made where the links lead.
fn hold_each_step(exchange: impl Fn(&Place) -> bool + Sync) {
    let mut exchanges = 0;
    for (call, count) in CALLS {
        for number in 1..=count {
            let place = Place::new();
            make_sdk(&place);
            let step = format!("{call}:{HELD_BACK}:when={number}");
            let (outcome, met) = launch_during(&place, &step, &exchange);
            exchanges += met;
            assert_eq!(names(&place.path("elsewhere")), [""; 0], "{step}: {outcome}");
            let is_told = outcome.stderr().lines().all(|line| line.starts_with("heygem-run: "));
            assert!(is_told && matches!(outcome.code(), Some(0 | 125)), "{step}: {outcome}");
        }
    }
    assert!(exchanges > 100, "only {exchanges} exchanges");
}

/// A link in the store's place, and the store again.
#[test]
fn a_store_exchanged_for_a_link_redirects_no_write() {
    hold_each_step(|place| {
        let (store, aside) = (place.path("sdk/.heygem-run"), place.path("sdk/aside"));
        let is_out = fs::rename(&store, &aside).is_ok();
        let is_linked = symlink("../elsewhere", &store).is_ok();
        thread::yield_now();
        let _ = fs::remove_file(&store);
        if is_out {
            let _ = fs::rename(&aside, &store);
        }
        is_linked
    });
}

/// Its own temporary directory in place of the launcher's, in which the bridge's name, known beforehand, is a link.
#[test]
fn an_exchanged_temporary_redirects_no_write() {
    hold_each_step(|place| {
        let store = place.path("sdk/.heygem-run");
        let mut met = false;
        for name in made(&store).into_iter().filter(|name| name.as_encoded_bytes().starts_with(b"tmp-")) {
            let temporary = store.join(name);
            let known: Vec<_> = made(&temporary);
            if fs::rename(&temporary, place.path("sdk/taken")).is_ok() && fs::create_dir(&temporary).is_ok() {
                for name in known {
                    let _ = symlink("../../../elsewhere", temporary.join(name));
                }
                met = true;
            }
            let _ = fs::remove_dir_all(place.path("sdk/taken"));
        }
        met
    });
}

/// A bridge that is a link when it is published, and one when its damage is looked at.
#[test]
fn an_exchanged_bridge_redirects_no_write() {
    hold_each_step(|place| {
        let store = place.path("sdk/.heygem-run");
        let mut met = false;
        for name in
            made(&store).into_iter().filter(|name| name.as_encoded_bytes().starts_with(b"heygem-bridge-"))
        {
            let bridge = store.join(name);
            met |= fs::rename(&bridge, place.path("sdk/taken")).is_ok()
                && symlink("../../elsewhere", &bridge).is_ok();
            thread::yield_now();
            let _ = fs::remove_file(&bridge);
            let _ = fs::rename(place.path("sdk/taken"), &bridge);
        }
        met
    });
}
