//! Every system call may fail: a sample of what `cargo test --test sweep` tries in full.

use crate::support::inject::{ERRORS, FORMS, Sweep};
use crate::support::reports::{REPORTS, ReportSweep};

/// Coprime to the number of errors, so that each of them meets each form.
const EVERY: usize = 97;

#[test]
fn a_call_that_fails_once_changes_nothing_or_is_told() {
    for form in &FORMS {
        let sweep = Sweep::new(form);
        let all = sweep.steps.iter().flat_map(|step| ERRORS.map(|error| (step, error)));
        for (step, error) in all.step_by(EVERY) {
            if let Err(bad) = sweep.fail(step, error) {
                panic!("{bad}");
            }
        }
    }
}

#[test]
fn a_call_that_fails_once_makes_no_report_better() {
    for form in &REPORTS {
        let sweep = ReportSweep::new(form);
        let sample = sweep.injections.iter().step_by(EVERY).map(|(step, error)| (step, *error));
        // What the sweep in full has found.
        let of_shm = sweep.injections.iter().filter(|(step, _)| step.call == "statfs");
        for (step, error) in sample.chain(of_shm.map(|(step, _)| (step, "EACCES"))) {
            if let Err(bad) = sweep.fail(step, error, "trace") {
                panic!("{bad}");
            }
        }
    }
}
