//! Every system call may fail: a sample of what `cargo test --test sweep` tries in full.

use crate::support::inject::{ERRORS, FORMS, Sweep};

#[test]
fn a_call_that_fails_once_changes_nothing_or_is_told() {
    /// Coprime to the number of errors, so that each of them meets each form.
    const EVERY: usize = 97;
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
