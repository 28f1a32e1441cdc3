//! What a process is compared with: the root, and what a launch from it would give.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use super::look_time::LookTime;
use crate::error::plain;
use crate::launch::Resolver;
use crate::origin::Origin;
use crate::path_list;
use crate::plan::BridgeEntry;
use crate::procfs::{Process, twice};
use crate::root::RootSource;
use crate::sdk::abi::Version;
use crate::settings::{Settings, Sourced};
use crate::shell::quote;
use crate::trust::Doubt;
use crate::trust::way::{self, WayEnd};
use crate::warning::Warnings;

/// The root, and what a launch from it would give.
#[derive(Debug)]
pub struct Expected {
    pub root: PathBuf,
    /// The root without links: as the kernel tells what is mapped.
    pub real_root: PathBuf,
    pub parent: Option<PathBuf>,
    pub bridge: ExpectedBridge,
    /// The Python versions that the SDK is compiled for; none where it runs under any, or where nobody looked.
    pub versions: Vec<Version>,
    /// What led to the root.
    pub source: RootSource,
    /// Why nothing in it was opened.
    pub unopened: Option<UnopenedRoot>,
}

/// Why nothing may be opened in a root that an inspected process names.
#[derive(Debug)]
pub enum UnopenedRoot {
    Doubted(Doubt),
    Gone(PathBuf),
    /// Who can change it can't be told.
    Unknown(io::Error),
}

impl fmt::Display for UnopenedRoot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Doubted(doubt) => doubt.fmt(f),
            Self::Gone(root) => write!(f, "{} is gone", quote(root)),
            Self::Unknown(error) => write!(f, "it can't be looked at: {}", plain(error)),
        }
    }
}

/// The bridge that a launch would give.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExpectedBridge {
    None,
    /// This one, which is there.
    At(PathBuf),
    /// One that would have to be built.
    Unbuilt,
    /// One of this root's; nobody looked which.
    Any,
}

impl ExpectedBridge {
    /// Its path, where it is there.
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::At(path) => Some(path),
            Self::None | Self::Unbuilt | Self::Any => None,
        }
    }
}

impl Expected {
    /// The root that was named, else the one that the service was launched for, else the one that a launch would find here.
    ///
    /// # Errors
    /// When there is none.
    pub fn resolve(
        asked: &[Process],
        resolver: &Resolver,
        (time, warnings): (&LookTime, &mut Warnings),
    ) -> anyhow::Result<Self> {
        let of_service = match resolver.settings.root {
            Some(_) => None,
            None => asked.iter().find_map(|process| heygem_dir(process, time)),
        };
        let Some(root) = of_service else { return Self::launched(resolver, warnings) };
        match doubt(&root, resolver.invocation.user) {
            Some(why) => Ok(Self::unopened(root, why)),
            None => {
                let root = Some(Sourced { value: root, source: Origin::Service });
                let settings = Settings { root, ..resolver.settings.clone() };
                Self::launched(&Resolver { settings: &settings, ..*resolver }, warnings)
            }
        }
    }

    /// What a launch with these settings would give, whatever this process itself has.
    fn launched(resolver: &Resolver, warnings: &mut Warnings) -> anyhow::Result<Self> {
        let (root, python_path) = resolver.of_service(warnings)?;
        Ok(Self {
            versions: root.versions().to_vec(),
            source: root.source,
            real_root: real(&python_path.root),
            root: python_path.root,
            parent: python_path.parent,
            bridge: match python_path.bridge {
                None => ExpectedBridge::None,
                Some(BridgeEntry::At(path)) => ExpectedBridge::At(path),
                Some(BridgeEntry::Unbuilt) => ExpectedBridge::Unbuilt,
            },
            unopened: None,
        })
    }

    /// A root that is known by its name alone.
    fn unopened(root: PathBuf, why: UnopenedRoot) -> Self {
        Self {
            parent: root.parent().map(Path::to_owned),
            real_root: real(&root),
            root,
            bridge: ExpectedBridge::Any,
            versions: Vec::new(),
            source: RootSource::Named(Origin::Service),
            unopened: Some(why),
        }
    }

    /// The path of the bridge, where one is there.
    pub fn bridge_path(&self) -> Option<&Path> {
        self.bridge.path()
    }
}

fn real(root: &Path) -> PathBuf {
    twice(|| root.canonicalize()).unwrap_or_else(|_| root.to_owned())
}

/// The SDK that a process was launched for, where it is a directory that PYTHONPATH can name.
fn heygem_dir(process: &Process, time: &LookTime) -> Option<PathBuf> {
    let named = process.variables.as_ref().ok()?.heygem_dir.as_ref()?;
    let path = Path::new(named);
    let is_usable = path.is_absolute() && !path_list::has_colon(path);
    let is_directory = || twice(|| path.metadata()).is_ok_and(|meta| meta.is_dir());
    (is_usable && time.spend(is_directory)?).then(|| path.to_owned())
}

/// Why nothing may be opened in a directory that an inspected process names; `None` where only this user and root can have put
/// something into it. Looks at directories alone.
fn doubt(root: &Path, user: u32) -> Option<UnopenedRoot> {
    match twice(|| way::closed(root, user)) {
        Ok(WayEnd::Directory(_)) => None,
        Ok(WayEnd::Doubted(doubt)) => Some(UnopenedRoot::Doubted(doubt)),
        Ok(WayEnd::Missing(..)) => Some(UnopenedRoot::Gone(root.to_owned())),
        Err(error) => Some(UnopenedRoot::Unknown(error)),
    }
}
