//! A root that was found, and how.

use std::fmt;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};

use crate::bridge::{self, Bridge, KnownSdk, Site};
use crate::invocation::Invocation;
use crate::origin::Origin;
use crate::sdk::abi::Version;
use crate::sdk::{self, Recognition, Sdk};
use crate::settings::Settings;

/// The root, resolved.
#[derive(Debug)]
pub struct Root {
    /// Its absolute path, by the links the user knows it by.
    pub path: PathBuf,
    pub source: RootSource,
    /// What is in it; `None` where it does not look like an SDK.
    pub sdk: Option<Sdk>,
    /// The directory that the path led to.
    pub directory: OwnedFd,
    /// Whether it was found, not named, though everyone can write to it.
    pub is_open: bool,
    /// The bridge in it, if its stamp says that it still fits.
    pub bridge: Option<Bridge>,
}

impl Root {
    /// The Python versions that its SDK is compiled for; none where it runs under any, or is no SDK.
    pub fn versions(&self) -> &[Version] {
        self.sdk.as_ref().map_or(&[], |sdk| &sdk.versions)
    }

    /// The bridge that fits it, if there is one already; a stamp that [`super::resolve`] relied on is not read again.
    pub fn existing_bridge(&self, settings: &Settings, invocation: &Invocation) -> Option<PathBuf> {
        let known = self.bridge.as_ref().map(|bridge| bridge.path.clone());
        known.or_else(|| bridge::find(self.site(settings, invocation), invocation))
    }

    /// What its bridges have to know of it.
    pub fn site(&self, settings: &Settings, invocation: &Invocation) -> Site<'_> {
        site(&self.path, &self.directory, settings, invocation)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RootSource {
    Named(Origin),
    WorkingDirectory,
    AboveWorkingDirectory,
    InWorkingDirectory,
    BesideWorkingDirectory,
    /// Two levels below the working directory.
    BelowWorkingDirectory,
    ScriptDirectory,
    AboveScript,
    InScriptDirectory,
    LauncherDirectory,
    AboveLauncher,
    /// Where containers keep it.
    WellKnown,
}

impl RootSource {
    /// Whether a script of the command's decided it.
    pub fn is_of_script(self) -> bool {
        matches!(self, Self::ScriptDirectory | Self::AboveScript | Self::InScriptDirectory)
    }

    /// Whether the user neither stands in such a place nor runs a script of it.
    pub fn is_far(self) -> bool {
        matches!(
            self,
            Self::BesideWorkingDirectory
                | Self::BelowWorkingDirectory
                | Self::LauncherDirectory
                | Self::AboveLauncher
                | Self::WellKnown
        )
    }
}

impl fmt::Display for RootSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Named(origin) => origin.name(),
            Self::WorkingDirectory => "the working directory",
            Self::AboveWorkingDirectory => "above the working directory",
            Self::InWorkingDirectory => "in the working directory",
            Self::BesideWorkingDirectory => "beside the working directory",
            Self::BelowWorkingDirectory => "two levels below the working directory",
            Self::ScriptDirectory => "the script's directory",
            Self::AboveScript => "above the script",
            Self::InScriptDirectory => "in the script's directory",
            Self::LauncherDirectory => "heygem-run's directory",
            Self::AboveLauncher => "above heygem-run",
            Self::WellKnown => "a container's usual place",
        })
    }
}

/// What the bridges of a root have to know of it, by its path and the directory that this led to.
pub fn site<'r>(
    root: &'r Path,
    directory: &'r OwnedFd,
    settings: &Settings,
    invocation: &Invocation,
) -> Site<'r> {
    let Invocation { user, now, .. } = *invocation;
    Site { root, directory: directory.as_fd(), user, now, moves: settings.moves() }
}

/// Recognizes a directory. If the stamp of its bridge shows that nothing changed since an earlier launch, the directory is not
/// listed again.
pub fn recognize(site: Site) -> io::Result<(Recognition, Option<Bridge>)> {
    match bridge::known(site) {
        Some(KnownSdk { sdk, bridge }) => Ok((Recognition::Sdk(sdk), Some(bridge))),
        None => Ok((sdk::recognize(site.directory)?, None)),
    }
}
