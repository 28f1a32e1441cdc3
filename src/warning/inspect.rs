//! Warnings of `--inspect`: nothing could be checked, or not all.

use std::fmt;
use std::path::PathBuf;

use crate::shell::quote;

/// Why a service was not checked.
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
                "nothing was checked: neither {pid} nor what it started has to do with {}",
                quote(root)
            ),
            Self::NothingJudged { pid: None, root } => {
                write!(
                    f,
                    "nothing was checked: no process that runs from {} imports the SDK; name the service: --inspect=PID",
                    quote(root)
                )
            }
            Self::NotAllLookedAt => {
                f.write_str("not all that the processes name was looked at: it takes too long")
            }
            Self::NothingTold { root } => {
                write!(
                    f,
                    "nothing could be checked: each process that may need {} is unknown, and the report says why; where one can't be read, run heygem-run as its user or as root",
                    quote(root)
                )
            }
        }
    }
}
