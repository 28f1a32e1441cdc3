//! `methods.py`, the program that has the SDK work in other processes, and how it fails.

use super::run::Run;

/// The program: words are `fork`, `spawn`, `forkserver`, `pool`, `executor`, `manager` and `exception`.
pub const METHODS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/apps/methods.py");

/// Expects a failure, and that `cause` is the last line of a traceback that some process left.
#[track_caller]
pub fn dies_of(run: Run, way: &str, cause: &str) {
    let outcome = run.run();
    let stdout = outcome.stdout();
    let both = outcome.stderr() + &stdout;
    assert!(
        outcome.code() == Some(1)
            && stdout.starts_with(&format!("{way}: FAILED "))
            && both.lines().any(|line| line.ends_with(cause)),
        "expected {way} to die of {cause:?} in {outcome}"
    );
}
