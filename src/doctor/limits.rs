//! Limits of this process that are lower than any launch can do with.

use rustix::process::{Resource, getrlimit};

use super::case::Case;
use crate::remedy::Remedy;

/// Fewer open files than Python, its pipes and its libraries take.
const LEAST_FILES: u64 = 64;

/// No log and no cache stays below this length.
const LEAST_LENGTH: u64 = 1 << 20;

/// No Python gets far with a smaller stack.
const LEAST_STACK: u64 = 1 << 20;

/// A limit that is too low.
pub enum LowLimit {
    /// The number of open files.
    Files,
    /// The length of a file.
    Length,
    /// The stack of the main thread.
    Stack,
}

/// A limit that keeps files from being opened or written.
pub fn of_files() -> Option<LowLimit> {
    let is_low = |resource, least| getrlimit(resource).current.is_some_and(|limit| limit < least);
    if is_low(Resource::Nofile, LEAST_FILES) {
        return Some(LowLimit::Files);
    }
    is_low(Resource::Fsize, LEAST_LENGTH).then_some(LowLimit::Length)
}

/// The limit of the stack in bytes, where it is too low: this process's, or the one that `prlimit` sets.
pub fn of_stack(case: &Case) -> Option<u64> {
    let words = case.launched.as_ref().map_or(&[][..], |launched| &launched.words);
    let mut set = words.iter().filter_map(|word| {
        let text = word.to_str()?;
        text.strip_prefix("--stack=").or(text.strip_prefix("-s="))?.split(':').next()?.parse().ok()
    });
    let limit = set.next_back().or(getrlimit(Resource::Stack).current)?;
    (limit < LEAST_STACK).then_some(limit)
}

impl LowLimit {
    /// What raises it.
    pub fn remedy(&self) -> Remedy {
        Remedy::words(match self {
            Self::Files => {
                "raise the limit of open files before the start (ulimit -n 4096; docker run --ulimit nofile=4096; LimitNOFILE of systemd)"
            }
            Self::Stack => {
                "raise the limit of the stack before the start (ulimit -s 8192; docker run --ulimit stack=8388608; LimitSTACK of systemd)"
            }
            Self::Length => {
                "raise the limit of a file's length before the start (ulimit -f unlimited; docker run --ulimit fsize=-1; LimitFSIZE of systemd)"
            }
        })
    }
}
