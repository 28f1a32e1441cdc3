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
use support::reports::{REPORTS, ReportSweep};

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
    let fates = Mutex::new(BTreeMap::<Fate, usize>::new());
    try_each(&all, |(sweep, step, error), _| {
        let fate = sweep.fail(step, error)?;
        *fates.lock().unwrap().entry(fate).or_default() += 1;
        Ok(())
    });
    println!("{} injections: {:?}", all.len(), fates.into_inner().unwrap());
    assert!(all.len() >= LEAST, "only {} injections", all.len());
}

#[test]
fn a_call_that_fails_once_makes_no_report_better() {
    for form in &REPORTS {
        let sweep = ReportSweep::new(form);
        try_each(&sweep.injections, |(step, error), worker| {
            sweep.fail(step, error, &format!("trace-{worker}"))
        });
        println!("{}: {} injections", form.name, sweep.injections.len());
    }
}

/// Tries all, several at once, each with the number of the thread that tries it. Fails with what is bad of any.
fn try_each<T: Sync>(all: &[T], attempt: impl Fn(&T, usize) -> Result<(), String> + Sync) {
    let (next, bad) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let work = |worker| {
        while let Some(one) = all.get(next.fetch_add(1, Ordering::Relaxed)) {
            if let Err(what) = attempt(one, worker) {
                eprintln!("{what}");
                bad.lock().unwrap().push(what);
            }
        }
    };
    thread::scope(|scope| {
        for worker in 0..=thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn({
                let work = &work;
                move || work(worker)
            });
        }
    });
    let bad = bad.into_inner().unwrap();
    assert!(bad.is_empty(), "{} bad of {}\n{}", bad.len(), all.len(), bad.join("\n\n"));
}
