//! What a check may cost.

use std::time::Duration;

use crate::budget::Budget;

/// No check takes as long on any machine where nobody means it to.
const LONGEST: Duration = Duration::from_secs(20);

/// Allows work of `most` units, of which each check has its own.
pub fn check_budget(most: usize) -> Budget {
    Budget::new(most, LONGEST)
}
