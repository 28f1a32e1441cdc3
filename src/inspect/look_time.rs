//! The time that the looks of a run may take: a process names what it likes, and a link may lead through thousands of directories.

use std::cell::Cell;
use std::time::{Duration, Instant};

/// All looks of a run take no longer; those at the paths of many services take less than a tenth of it.
const PATIENCE: Duration = Duration::from_secs(3);

/// The time that is left.
pub struct LookTime {
    left: Cell<Duration>,
    is_over: Cell<bool>,
}

impl LookTime {
    /// Nothing was looked at.
    pub fn new() -> Self {
        Self::of(PATIENCE)
    }

    fn of(left: Duration) -> Self {
        Self { left: Cell::new(left), is_over: Cell::new(false) }
    }

    /// Looks, if there is time left.
    pub fn spend<T>(&self, look: impl FnOnce() -> T) -> Option<T> {
        let left = self.left.get();
        if left.is_zero() {
            self.is_over.set(true);
            return None;
        }
        let started = Instant::now();
        let seen = look();
        self.left.set(left.saturating_sub(started.elapsed()));
        Some(seen)
    }

    /// Whether something was not looked at.
    pub fn is_over(&self) -> bool {
        self.is_over.get()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_looked_at_when_the_time_is_over() {
        let time = LookTime::new();
        assert!(time.spend(|| ()).is_some() && !time.is_over());
        let time = LookTime::of(Duration::ZERO);
        assert!(time.spend(|| ()).is_none() && time.is_over());
    }
}
