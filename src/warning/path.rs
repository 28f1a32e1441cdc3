//! Warnings on what is in PYTHONPATH and `LD_LIBRARY_PATH`, and on what hides it.

use std::fmt;
use std::path::PathBuf;

use crate::path_list;
use crate::remedy::Remedy;
use crate::shell::quote;

/// An entry of a search path that does harm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PathWarning {
    /// Everyone can write to the directory that the root is in, and it is on PYTHONPATH.
    OpenParent { parent: PathBuf },
    /// The inherited PYTHONPATH has the directory of the SDK's service package; `others` are its other entries.
    ServicePackage { package: PathBuf, others: Vec<PathBuf> },
    /// An inherited relative entry was dropped.
    DroppedEntry { variable: &'static str, entry: PathBuf },
    /// A package of the app has the name of one of the SDK's, and hides it, or does not win.
    HiddenPackage { file: PathBuf, name: &'static str, wins: bool },
}

impl fmt::Display for PathWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OpenParent { parent } => {
                write!(f, "everyone can write to {}, and PYTHONPATH has it: move the SDK", quote(parent))
            }
            Self::ServicePackage { package, .. } => write!(
                f,
                "PYTHONPATH has {}: child processes will fail with `attempted relative import with no known parent package`; take it out",
                quote(package)
            ),
            Self::DroppedEntry { variable, entry } => write!(
                f,
                "the relative entry {} of {variable} is dropped: no absolute path can replace it",
                quote(entry)
            ),
            Self::HiddenPackage { file, name, wins } => {
                let (file, hides) = (quote(file), if *wins { "hides" } else { "is hidden by" });
                write!(f, "{file} {hides} the SDK's own {name} package: rename it")
            }
        }
    }
}

impl PathWarning {
    /// What fixes it, where that does not depend on the rest of the launch.
    pub fn remedy(&self) -> Option<Remedy> {
        match self {
            Self::ServicePackage { others, .. } if others.is_empty() => Some(Remedy::unset("PYTHONPATH")),
            Self::ServicePackage { others, .. } => {
                let others = path_list::join(others.iter().map(PathBuf::as_path));
                Some(Remedy::Set("PYTHONPATH".into(), others))
            }
            Self::HiddenPackage { file, .. } => {
                let package = file.parent().filter(|_| file.ends_with("__init__.py"));
                Some(Remedy::rename(package.unwrap_or(file)))
            }
            Self::OpenParent { .. } | Self::DroppedEntry { .. } => None,
        }
    }
}
