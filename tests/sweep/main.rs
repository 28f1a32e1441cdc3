//! Every system call of the launcher fails in turn, with each error. It takes minutes, and strace: `cargo test --test sweep`.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

#[allow(dead_code, reason = "this suite uses a part of it")]
#[path = "../suite/support/mod.rs"]
mod support;

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use support::inject::{ERRORS, FORMS, Fate, Step, Sweep};

/// Fewer would not be every call.
const LEAST: usize = 2_500;

#[test]
fn a_call_that_fails_once_changes_nothing_or_is_told() {
    let sweeps: Vec<Sweep> = FORMS.iter().map(Sweep::new).collect();
    let all: Vec<(&Sweep, &Step, &str)> = sweeps
        .iter()
        .flat_map(|sweep| sweep.steps.iter().map(move |step| (sweep, step)))
        .flat_map(|(sweep, step)| ERRORS.map(|error| (sweep, step, error)))
        .collect();
    let (next, fates, bad) =
        (AtomicUsize::new(0), Mutex::new(BTreeMap::<Fate, usize>::new()), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) + 1 {
            scope.spawn(|| {
                while let Some((sweep, step, error)) = all.get(next.fetch_add(1, Ordering::Relaxed)) {
                    match sweep.fail(step, error) {
                        Ok(fate) => *fates.lock().unwrap().entry(fate).or_default() += 1,
                        Err(what) => {
                            eprintln!("{what}");
                            bad.lock().unwrap().push(what);
                        }
                    }
                }
            });
        }
    });
    let (fates, bad) = (fates.into_inner().unwrap(), bad.into_inner().unwrap());
    println!("{} injections: {fates:?}, {} bad", all.len(), bad.len());
    assert!(bad.is_empty(), "{}", bad.join("\n\n"));
    assert!(all.len() >= LEAST, "only {} injections", all.len());
}
