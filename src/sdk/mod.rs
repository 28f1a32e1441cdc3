//! What an SDK is: how a directory is recognised as one, and what it was compiled for.

pub mod abi;
pub mod modules;
pub mod scan;

use std::fmt;
use std::io;
use std::os::fd::AsFd;
use std::path::Path;

use rustix::fs::CWD;

use crate::directory::{self, DirectoryEntry};
use crate::plain_path;
use abi::Version;
use modules::{ModuleFile, ModuleKind};

pub use crate::directory::is_absent;

/// The module that makes a directory an SDK, and whose bare name its children look for.
pub const SERVICE_MODULE: &str = "trans_dh_service";

/// The package it sits in.
pub const SERVICE_PACKAGE: &str = "service";

/// The packages of the SDK that are known by name: where it is kept as source, nothing else tells them from the user's own.
pub const KNOWN_PACKAGES: [&str; 10] = [
    "face_attr_detect",
    "face_detect_utils",
    "face_lib",
    "h_utils",
    "landmark2face_wy",
    "model_lib",
    "service",
    "wenet",
    "xseg",
    "y_utils",
];

/// What a directory turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recognition {
    /// The root of an SDK.
    Sdk(Sdk),
    /// Something else, for want of this.
    Other(SdkLack),
}

/// What a directory lacks that a root has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SdkLack {
    Service,
    ServiceModule,
    /// What tells an SDK's `service` from another's.
    Mark,
}

impl fmt::Display for SdkLack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Service => "no service/ directory",
            Self::ServiceModule => "service has no trans_dh_service",
            Self::Mark => "neither service/__init__.py nor landmark2face_wy nor wenet",
        })
    }
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sdk {
    /// The Python versions its service is compiled for; empty where it is source or runs under any.
    pub versions: Vec<Version>,
    /// Whether a `sitecustomize` of its own lies in its top level.
    pub has_sitecustomize: bool,
}

/// More names than any package has.
const MOST_NAMES: usize = 1_000_000;

/// Looks whether a directory is the root of an SDK; by content, never by name.
///
/// # Errors
/// When it can't be told: something in it can't be looked at.
pub fn recognize(root: impl AsFd) -> io::Result<Recognition> {
    let root = root.as_fd();
    let package = match directory::open_below(root, Path::new(SERVICE_PACKAGE)) {
        Ok(package) => package,
        Err(error) if is_absent(&error) => return Ok(Recognition::Other(SdkLack::Service)),
        Err(error) => return Err(error),
    };
    let listed = directory::list(&package, MOST_NAMES);
    if let Some(error) = listed.cut {
        return Err(error);
    }
    let mut found = ServiceListing::default();
    for DirectoryEntry { name, .. } in listed.entries {
        match ModuleFile::parse(&name) {
            Some(file) => found.add(file),
            None if name == SERVICE_MODULE => {
                let init = Path::new(SERVICE_MODULE).join("__init__.py");
                if exists(&package, &init)? {
                    found.service.get_or_insert_default();
                }
            }
            None => {}
        }
    }
    let Some(versions) = found.service else {
        return Ok(Recognition::Other(SdkLack::ServiceModule));
    };
    if found.is_regular
        || directory::is_directory(root, "landmark2face_wy")?
        || directory::is_directory(root, "wenet")?
    {
        // A source fork keeps its other modules compiled: they bind the version as well.
        return Ok(Recognition::Sdk(Sdk {
            versions: if versions.is_empty() { found.others } else { versions },
            has_sitecustomize: has_sitecustomize(root, Path::new("")),
        }));
    }
    Ok(Recognition::Other(SdkLack::Mark))
}

/// Whether a path leads to an SDK. What can't be looked at is none.
pub fn is_sdk_at(root: &Path) -> bool {
    let is_sdk = |open| matches!(recognize(open), Ok(Recognition::Sdk(_)));
    !lacks_service(root) && directory::open(root).is_ok_and(is_sdk)
}

/// Whether Python would find a `sitecustomize` in a directory, seen from an open one: a module or a package. What can't be looked at is
/// none.
pub fn has_sitecustomize(from: impl AsFd, directory: &Path) -> bool {
    let from = from.as_fd();
    ["sitecustomize.py", "sitecustomize/__init__.py"]
        .iter()
        .any(|path| directory::look_through(from, plain_path::child(directory, path)).is_ok())
}

/// Whether a directory is surely no root, told by one look, since many are looked at.
pub fn lacks_service(root: &Path) -> bool {
    matches!(directory::is_directory(CWD, plain_path::child(root, SERVICE_PACKAGE)), Ok(false))
}

/// What `service` has in it.
#[derive(Default)]
struct ServiceListing {
    /// Whether it has an `__init__`.
    is_regular: bool,
    /// The versions of the service, where it is there.
    service: Option<Vec<Version>>,
    /// The versions of its other modules.
    others: Vec<Version>,
}

impl ServiceListing {
    fn add(&mut self, file: ModuleFile) {
        let versions = match file.name {
            "__init__" => {
                self.is_regular = true;
                return;
            }
            SERVICE_MODULE => self.service.get_or_insert_default(),
            _ => &mut self.others,
        };
        if let ModuleKind::Compiled(Some(version)) = file.kind
            && !versions.contains(&version)
        {
            versions.push(version);
        }
    }
}

fn exists(directory: impl AsFd, path: &Path) -> io::Result<bool> {
    match directory::look_through(directory, path) {
        Ok(_) => Ok(true),
        Err(error) if is_absent(&error) => Ok(false),
        Err(error) => Err(error),
    }
}
