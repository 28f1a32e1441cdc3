//! Warnings on which directory is the root.

use std::ffi::OsString;
use std::fmt;
use std::io;
use std::path::PathBuf;

use crate::error::plain;
use crate::origin::Origin;
use crate::remedy::Remedy;
use crate::sdk::SdkLack;
use crate::shell::{assignment, quote};

/// What helps where this process may open no more files.
pub const MORE_FILES: &str = "raise the limit of open files before the start: ulimit -n 1024";

/// Something odd about the root that was found or named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RootWarning {
    /// The named root is used although it does not look like an SDK; `meant` is the one that it lies in, or that lies in it.
    NotAnSdk { root: PathBuf, source: Origin, lack: SdkLack, meant: Option<PathBuf> },
    /// The named root is used although it can't be read.
    Unreadable { root: PathBuf, source: Origin, why: UnreadCause },
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

/// Why a root can't be looked at. The text of it is the system's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UnreadCause {
    /// This user may not.
    Permission(String),
    /// This process has too many files open for its limit.
    OpenFiles(String),
    Other(String),
}

impl From<&io::Error> for UnreadCause {
    fn from(error: &io::Error) -> Self {
        let why = plain(error);
        match error.raw_os_error() {
            Some(libc::EMFILE) => Self::OpenFiles(why),
            _ if error.kind() == io::ErrorKind::PermissionDenied => Self::Permission(why),
            _ => Self::Other(why),
        }
    }
}

impl fmt::Display for UnreadCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::Permission(why) | Self::OpenFiles(why) | Self::Other(why)) = self;
        f.write_str(why)
    }
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
            Self::Unreadable { root, why: UnreadCause::Permission(_), .. } => {
                Remedy::Words(format!("run as the user who owns it, or: chmod -R a+rX {}", quote(root)))
            }
            Self::Unreadable { why: UnreadCause::OpenFiles(_), .. } => Remedy::words(MORE_FILES),
            Self::Unreadable { .. } => Remedy::words("name one that can be read: --root DIR"),
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
