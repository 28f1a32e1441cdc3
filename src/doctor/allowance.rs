//! What a check may cost in all: somebody else may have chosen how much there is to look at, and how long a look takes.

use std::time::{Duration, Instant};

/// No check takes as long on any machine where nobody means it to.
const LONGEST: Duration = Duration::from_secs(20);

/// What is left of it, in units that the check counts.
#[derive(Debug)]
pub struct Allowance {
    left: usize,
    until: Instant,
}

impl Allowance {
    /// So much, from now on.
    pub fn new(most: usize) -> Self {
        Self { left: most, until: Instant::now() + LONGEST }
    }

    /// Takes the cost off, if there is as much: else nothing is left.
    pub fn take(&mut self, cost: usize) -> bool {
        let left = self.left.checked_sub(cost).filter(|_| Instant::now() < self.until);
        self.left = left.unwrap_or(0);
        left.is_some()
    }

    /// Whether all is used up: what follows is not looked at.
    pub fn is_spent(&self) -> bool {
        self.left == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_much_is_the_end() {
        let mut allowance = Allowance::new(10);
        assert!(allowance.take(4) && allowance.take(5) && !allowance.is_spent());
        assert!(!allowance.take(2) && allowance.is_spent() && !allowance.take(1));
    }
}
