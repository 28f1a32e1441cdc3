//! What a search may cost in all: somebody else may have chosen how much there is to look at, and what a look costs.

use std::path::Path;
use std::time::{Duration, Instant};

/// The whole search's steps. Hundreds of directories side by side, with a hundred in each, take fewer.
const STEPS: usize = 500_000;

/// A search takes no longer: a link may lead through thousands of directories, and each look at it takes milliseconds.
const PATIENCE: Duration = Duration::from_secs(3);

/// What a step is, by its weight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SearchStep {
    /// A name in a listing.
    Name = 1,
    /// A look at a directory.
    Look = 10,
    /// The look into one that has `service`, and at the way to it.
    Examination = 500,
}

/// The steps that are left, and the time.
#[derive(Debug)]
pub struct Budget {
    left: usize,
    patience: Duration,
    /// When the first step was taken: most launches take none, and asking for the time costs some pages.
    started: Option<Instant>,
    is_spent: bool,
}

impl Default for Budget {
    fn default() -> Self {
        Self::new(STEPS)
    }
}

impl Budget {
    /// So many steps.
    pub fn new(steps: usize) -> Self {
        Self { left: steps, patience: PATIENCE, started: None, is_spent: false }
    }

    /// Takes these steps off, if there are as many, and time: else none is left.
    pub fn take(&mut self, step: SearchStep, count: usize) -> bool {
        let left = self.left.checked_sub(count.saturating_mul(step as usize));
        let is_late = self.started.get_or_insert_with(Instant::now).elapsed() >= self.patience;
        self.is_spent |= left.is_none() || is_late;
        self.left = left.unwrap_or(0);
        !self.is_spent
    }

    /// Takes off a look at each directory on the way to one.
    pub fn take_way(&mut self, directory: &Path) -> bool {
        self.take(SearchStep::Look, directory.components().count())
    }

    /// Whether something was not looked at.
    pub fn is_spent(&self) -> bool {
        self.is_spent
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_as_people_have_it_is_searched_whole() {
        let mut budget = Budget::default();
        for _directory in 0..400 {
            budget.take(SearchStep::Look, 2 + 100);
            budget.take(SearchStep::Name, 100);
        }
        assert!(budget.take(SearchStep::Examination, 50) && !budget.is_spent());
    }

    #[test]
    fn a_search_that_takes_too_long_ends() {
        let mut budget = Budget { patience: Duration::ZERO, ..Budget::default() };
        assert!(!budget.take(SearchStep::Look, 0) && budget.is_spent());
    }

    #[test]
    fn a_spent_budget_ends_the_search() {
        let mut budget = Budget::new(1_000);
        assert!(budget.take(SearchStep::Examination, 1));
        assert!(!budget.take(SearchStep::Look, 51) && budget.is_spent());
        assert!(!budget.take(SearchStep::Name, 1));
    }
}
