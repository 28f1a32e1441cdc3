//! What a search may cost in all: somebody else may have chosen how much there is to look at.

/// The whole search's steps. Hundreds of directories side by side, with a hundred in each, take fewer.
pub const STEPS: usize = 500_000;

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

/// The steps that are left.
#[derive(Debug)]
pub struct Budget {
    left: usize,
    is_spent: bool,
}

impl Budget {
    /// So many steps.
    pub fn new(steps: usize) -> Self {
        Self { left: steps, is_spent: false }
    }

    /// Takes these steps off, if there are as many: else none is left.
    pub fn take(&mut self, step: SearchStep, count: usize) -> bool {
        let left = self.left.checked_sub(count.saturating_mul(step as usize));
        self.is_spent |= left.is_none();
        self.left = left.unwrap_or(0);
        !self.is_spent
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
        let mut budget = Budget::new(STEPS);
        for _directory in 0..400 {
            budget.take(SearchStep::Look, 2 + 100);
            budget.take(SearchStep::Name, 100);
        }
        assert!(budget.take(SearchStep::Examination, 50) && !budget.is_spent());
    }

    #[test]
    fn a_spent_budget_ends_the_search() {
        let mut budget = Budget::new(1_000);
        assert!(budget.take(SearchStep::Examination, 1));
        assert!(!budget.take(SearchStep::Look, 51) && budget.is_spent());
        assert!(!budget.take(SearchStep::Name, 1));
    }
}
