//! Warnings on the bridge: where it can't be, and what it may lack.

use std::fmt;
use std::path::PathBuf;

use crate::remedy::Remedy;
use crate::shell::quote;

/// A bridge that is not there, or not whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BridgeWarning {
    /// A place for the bridge that others could have prepared is passed over.
    Untrusted { reason: String },
    /// The SDK has more directories than are ever listed.
    TruncatedListing { root: PathBuf },
    /// Not all of the SDK could be read: there may be names without a bridge, and the next launch looks again.
    UnreadListing { unread: Vec<String> },
    /// No bridge can be built.
    Unbuilt { tried: Vec<String> },
}

impl fmt::Display for BridgeWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Untrusted { reason } => {
                write!(f, "a bridge that others could have made is not used: {reason}")
            }
            Self::TruncatedListing { root } => {
                write!(
                    f,
                    "{} has more directories than heygem-run lists: the bridge may lack some names",
                    quote(root)
                )
            }
            Self::UnreadListing { unread } => write!(
                f,
                "names of the SDK may be missing from the bridge, since not all of it can be read: {}",
                unread.join("; ")
            ),
            Self::Unbuilt { tried } => write!(
                f,
                "no bridge can be built ({}): child processes started by spawn will fail with No module named 'trans_dh_service'",
                tried.join("; ")
            ),
        }
    }
}

impl BridgeWarning {
    /// What fixes it, where that does not depend on the rest of the launch.
    pub fn remedy(&self) -> Option<Remedy> {
        match self {
            Self::Untrusted { .. } => {
                Some(Remedy::words("remove it, or make it writable by its owner alone"))
            }
            Self::TruncatedListing { .. } | Self::UnreadListing { .. } | Self::Unbuilt { .. } => None,
        }
    }
}
