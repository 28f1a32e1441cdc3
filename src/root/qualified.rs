//! The roots that qualify in one place.

use std::path::Path;

use rustix::fs::CWD;

use super::found::Root;
use crate::directory::{self, identity};

/// Bound on the roots that are listed, each an open descriptor: two of them are an error already.
const MOST: usize = 100;

/// Roots side by side, each once.
#[derive(Default)]
pub struct Qualified {
    pub roots: Vec<Root>,
    /// Which files the first ones are. Looked up once each.
    known: Vec<Option<(u64, u64)>>,
}

impl Qualified {
    /// Whether it is of no use to look for more.
    pub fn is_full(&self) -> bool {
        self.roots.len() >= MOST
    }

    /// Whether a place is one of them, by whatever name. Most often there is none yet, and then nothing is looked at.
    pub fn has(&mut self, place: &Path) -> bool {
        if self.roots.is_empty() {
            return false;
        }
        self.known.extend(self.roots[self.known.len()..].iter().map(|root| what_is(&root.path)));
        let place = what_is(place);
        place.is_some() && self.known.contains(&place)
    }
}

/// What a path leads to; what can't be looked at is like nothing.
fn what_is(path: &Path) -> Option<(u64, u64)> {
    directory::look_through(CWD, path).ok().map(|stat| identity(&stat))
}
