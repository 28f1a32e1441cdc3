//! What work may cost in all: somebody else may have chosen how much there is to do, and how long a step of it takes.

use std::time::{Duration, Instant};

/// What is left, in units that the work counts, and the time.
#[derive(Debug)]
pub struct Budget {
    left: usize,
    longest: Duration,
    /// When the first step was taken: most launches take none, and asking for the time costs some pages.
    started: Option<Instant>,
    is_spent: bool,
}

impl Budget {
    /// Allows work of `most` units, which must be done within `longest` of the first step.
    pub fn new(most: usize, longest: Duration) -> Self {
        Self { left: most, longest, started: None, is_spent: false }
    }

    /// Takes the cost of a step off. False where that is more than is left, or the time is over: then nothing is left.
    pub fn take(&mut self, cost: usize) -> bool {
        let left = self.left.checked_sub(cost);
        let is_late = self.started.get_or_insert_with(Instant::now).elapsed() >= self.longest;
        self.is_spent |= left.is_none() || is_late;
        self.left = left.unwrap_or(0);
        !self.is_spent
    }

    /// Whether a step was refused.
    pub fn is_spent(&self) -> bool {
        self.is_spent
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(1_000);

    #[test]
    fn a_spent_budget_refuses_every_step() {
        let mut budget = Budget::new(10, LONG);
        assert!(budget.take(4) && budget.take(6) && !budget.is_spent());
        assert!(!budget.take(2) && budget.is_spent() && !budget.take(0));
    }

    #[test]
    fn a_late_step_is_refused() {
        let mut budget = Budget::new(10, Duration::ZERO);
        assert!(!budget.take(0) && budget.is_spent());
    }
}
