//! A message to a user who waits: a build of very many names takes seconds.

use std::io::{self, IsTerminal as _};
use std::time::{Duration, Instant};

use crate::message;

/// So many names take a second on a slow disk.
const MANY: usize = 5_000;

/// After this time the message is printed, however few the names are.
const LONG: Duration = Duration::from_secs(1);

/// Work of many steps, and whether the message was printed.
pub struct Patience {
    steps: usize,
    started: Instant,
    said: bool,
}

impl Patience {
    /// Work of that many steps begins now.
    pub fn new(steps: usize) -> Self {
        Self { steps, started: Instant::now(), said: false }
    }

    /// Prints the message once, on a terminal, if the work takes long.
    pub fn step(&mut self) {
        if !self.said && (self.steps > MANY || self.started.elapsed() > LONG) {
            self.said = true;
            if io::stderr().is_terminal() {
                message::note(format!(
                    "building the bridge for {} names, once; this takes a moment",
                    self.steps
                ));
            }
        }
    }
}
