//! Warnings on the bridge: where it can't be, and what it may lack.

use std::fmt;
use std::path::PathBuf;

use crate::remedy::Remedy;
use crate::shell::quote;

/// A place for the bridge that was passed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PassedStore {
    /// The directory that would hold the bridge.
    pub directory: PathBuf,
    /// Why.
    pub why: String,
}

/// A file or directory of the SDK that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnreadPath {
    /// The whole path.
    pub path: PathBuf,
    /// Why, in the system's words.
    pub why: String,
}

/// A bridge that is not there, or not whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BridgeWarning {
    /// A place for the bridge that others could have prepared is passed over.
    Untrusted { reason: PassedStore },
    /// A directory that no launcher made is in the place of the store. Nothing in it is changed.
    Foreign { reason: PassedStore },
    /// The SDK has more directories than are ever listed.
    TruncatedListing { root: PathBuf },
    /// Not all of the SDK could be read: there may be names without a bridge, and the next launch looks again.
    UnreadListing { unread: Vec<UnreadPath> },
    /// No bridge can be built.
    Unbuilt { tried: Vec<PassedStore> },
}

impl fmt::Display for PassedStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", quote(&self.directory), self.why)
    }
}

/// The first of them, and how many more there are.
fn listed(unread: &[UnreadPath]) -> String {
    const MOST: usize = 3;
    let told = unread.iter().take(MOST).map(|UnreadPath { path, why }| format!("{}: {why}", quote(path)));
    let more = unread.len().saturating_sub(MOST);
    let told: Vec<String> = told.chain((more > 0).then(|| format!("and {more} more"))).collect();
    told.join("; ")
}

impl fmt::Display for BridgeWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Untrusted { reason } => {
                write!(f, "a bridge that others could have made is not used: {reason}")
            }
            Self::Foreign { reason } => {
                write!(f, "a directory that heygem-run did not make is not used for the bridge: {reason}")
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
                listed(unread)
            ),
            Self::Unbuilt { tried } => write!(
                f,
                "no bridge can be built ({}): child processes started by spawn will fail with No module named 'trans_dh_service'",
                tried.iter().map(PassedStore::to_string).collect::<Vec<_>>().join("; ")
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
            Self::Foreign { .. } => Some(Remedy::words("move it to another place")),
            Self::TruncatedListing { .. } | Self::UnreadListing { .. } | Self::Unbuilt { .. } => None,
        }
    }
}
