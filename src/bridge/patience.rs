//! A word to who waits: a build of very many names takes seconds.

use std::io::{self, IsTerminal as _};
use std::time::{Duration, Instant};

use crate::message;

/// As many names take a second on a slow disk.
const MANY: usize = 5_000;

/// After so long a user wonders, whatever takes so long.
const LONG: Duration = Duration::from_secs(1);

/// Work of many steps, and whether a word was said of it.
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

    /// Says once, on a terminal, that it takes long, where it does.
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
