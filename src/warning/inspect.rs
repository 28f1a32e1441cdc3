//! Warnings of `--inspect`: nothing could be judged, or not all.

use std::fmt;
use std::path::PathBuf;

use crate::shell::quote;

/// Why a service was not judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InspectWarning {
    /// Nothing that was inspected has to do with the root.
    NothingJudged { pid: Option<u32>, root: PathBuf },
    /// What processes name takes too long to look at.
    NotAllLookedAt,
    /// Of all that was inspected, nothing can be told.
    NothingTold { root: PathBuf },
}

impl fmt::Display for InspectWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NothingJudged { pid: Some(pid), root } => write!(
                f,
                "nothing was judged: neither {pid} nor what it started has to do with {}",
                quote(root)
            ),
            Self::NothingJudged { pid: None, root } => {
                write!(f, "nothing was judged: what runs from {} needs nothing of it", quote(root))
            }
            Self::NotAllLookedAt => {
                f.write_str("not all that the processes name was looked at: it takes too long")
            }
            Self::NothingTold { root } => {
                write!(
                    f,
                    "nothing could be judged: no process lets heygem-run read what it has of {}",
                    quote(root)
                )
            }
        }
    }
}
