//! Waiting for what other processes do.

use std::thread::sleep;
use std::time::{Duration, Instant};

/// Looks until there is something to be seen; `None` when patience ends first.
pub fn until<T>(patience: Duration, mut look: impl FnMut() -> Option<T>) -> Option<T> {
    let start = Instant::now();
    while start.elapsed() < patience {
        if let Some(found) = look() {
            return Some(found);
        }
        sleep(Duration::from_millis(10));
    }
    None
}
