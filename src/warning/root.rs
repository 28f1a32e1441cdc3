//! Warnings on which directory is the root.

use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;

use crate::origin::Origin;
use crate::remedy::Remedy;
use crate::sdk::SdkLack;
use crate::shell::{assignment, quote};

/// Something odd about the root that was found or named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RootWarning {
    /// The named root is used although it does not look like an SDK; `meant` is the one that it lies in, or that lies in it.
    NotAnSdk { root: PathBuf, source: Origin, lack: SdkLack, meant: Option<PathBuf> },
    /// The named root is used although it can't be read.
    Unreadable { root: PathBuf, source: Origin, why: String },
    /// `HEYGEM_DIR` does not name an SDK, and another directory is used.
    IgnoredVariable { value: PathBuf, lack: SdkLack, used: PathBuf },
    /// The root was named, and the script lies in another SDK.
    ScriptInAnother { root: PathBuf, source: Origin, another: PathBuf },
    /// `HEYGEM_DIR` names one SDK, and the working directory is in another.
    HereIsAnother { root: PathBuf, here: PathBuf },
    /// A word of the command names a place in or beside another SDK.
    WordInAnother { word: OsString, root: PathBuf, another: PathBuf },
    /// Everyone can write to the root, which nobody named.
    Open { root: PathBuf },
}

impl fmt::Display for RootWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAnSdk { root, source, lack, .. } => {
                write!(f, "{} ({source}) does not look like a HeyGem SDK: {lack}", quote(root))
            }
            Self::Unreadable { root, source, why } => {
                write!(f, "{} ({source}) can't be looked at: {why}", quote(root))
            }
            Self::IgnoredVariable { value, lack, used } => write!(
                f,
                "{} names no HeyGem SDK ({lack}), and {} is used: write {}, or unset it",
                assignment("HEYGEM_DIR", value),
                quote(used),
                assignment("HEYGEM_DIR", used)
            ),
            Self::ScriptInAnother { root, source, another } => write!(
                f,
                "{} ({source}) is used, though the script lies in another SDK: for that one, --root {}",
                quote(root),
                quote(another)
            ),
            Self::HereIsAnother { root, here } => write!(
                f,
                "HEYGEM_DIR={} is used, though the working directory is inside another SDK, {}",
                quote(root),
                quote(here)
            ),
            Self::WordInAnother { word, root, another } => write!(
                f,
                "{} has another HeyGem SDK than {}, which is used: for that one, -r {}",
                quote(word),
                quote(root),
                quote(another)
            ),
            Self::Open { root } => {
                write!(f, "everyone can write to {}, and what is in it is run", quote(root))
            }
        }
    }
}

impl RootWarning {
    /// Whether the text says what fixes it.
    pub fn says_remedy(&self) -> bool {
        matches!(
            self,
            Self::IgnoredVariable { .. } | Self::ScriptInAnother { .. } | Self::WordInAnother { .. }
        )
    }

    pub fn remedy(&self) -> Remedy {
        match self {
            Self::NotAnSdk { meant: Some(meant), .. } => Remedy::option("-r", meant),
            Self::NotAnSdk { .. } => {
                Remedy::words("name the directory that has service/trans_dh_service in it: --root DIR")
            }
            Self::Unreadable { root, .. } => {
                Remedy::Words(format!("run as the user who owns it, or: chmod -R a+rX {}", quote(root)))
            }
            Self::IgnoredVariable { used, .. } => {
                Remedy::Shell(format!("export {}", assignment("HEYGEM_DIR", used)))
            }
            Self::ScriptInAnother { another, .. } => Remedy::Words(format!("--root {}", quote(another))),
            Self::WordInAnother { another, .. } => Remedy::Words(format!("-r {}", quote(another))),
            Self::HereIsAnother { .. } => Remedy::unset("HEYGEM_DIR"),
            Self::Open { root } => Remedy::Words(format!(
                "take the right to write from all others: chmod o-w {}; or name it: --root {}",
                quote(root),
                quote(root)
            )),
        }
    }
}
