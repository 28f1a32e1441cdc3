//! Limits of this process that are lower than any launch can do with.

use rustix::process::{Resource, getrlimit};

use crate::remedy::Remedy;

/// Fewer open files than Python, its pipes and its libraries take.
const LEAST_FILES: u64 = 64;

/// No log and no cache stays below this length.
const LEAST_LENGTH: u64 = 1 << 20;

/// A limit that is too low.
pub enum LowLimit {
    /// The number of open files.
    Files,
    /// The length of a file.
    Length,
}

/// A limit that keeps files from being opened or written.
pub fn of_files() -> Option<LowLimit> {
    let is_low = |resource, least| getrlimit(resource).current.is_some_and(|limit| limit < least);
    if is_low(Resource::Nofile, LEAST_FILES) {
        return Some(LowLimit::Files);
    }
    is_low(Resource::Fsize, LEAST_LENGTH).then_some(LowLimit::Length)
}

impl LowLimit {
    /// What raises it.
    pub fn remedy(&self) -> Remedy {
        Remedy::words(match self {
            Self::Files => {
                "raise the limit of open files before the start (ulimit -n 4096; docker run --ulimit nofile=4096; LimitNOFILE of systemd)"
            }
            Self::Length => {
                "raise the limit of a file's length before the start (ulimit -f unlimited; docker run --ulimit fsize=-1; LimitFSIZE of systemd)"
            }
        })
    }
}
