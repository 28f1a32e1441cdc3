//! What the steps of a search for a root cost, and what all of them may.

use std::path::Path;
use std::time::Duration;

use crate::budget::Budget;

/// The whole search's cost. Hundreds of directories side by side, with a hundred in each, take less.
const MOST: usize = 500_000;

/// A search takes no longer: a link may lead through thousands of directories, and each look at it takes milliseconds.
const LONGEST: Duration = Duration::from_secs(3);

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

impl SearchStep {
    /// What so many of them cost.
    pub fn times(self, count: usize) -> usize {
        count.saturating_mul(self as usize)
    }

    /// What a look at each directory on the way to one costs.
    pub fn of_way(directory: &Path) -> usize {
        Self::Look.times(directory.components().count())
    }
}

/// What a search may cost.
pub fn search_budget() -> Budget {
    Budget::new(MOST, LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_as_people_have_it_is_searched_whole() {
        let mut budget = search_budget();
        for _directory in 0..400 {
            budget.take(SearchStep::Look.times(2 + 100));
            budget.take(SearchStep::Name.times(100));
        }
        assert!(budget.take(SearchStep::Examination.times(50)) && !budget.is_spent());
    }
}
