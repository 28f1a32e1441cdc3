//! What an SDK is: how a directory is recognised as one, and what it was compiled for.

pub mod abi;
pub mod modules;
pub mod scan;

use std::io;
use std::path::Path;

use abi::Version;
use modules::{ModuleFile, ModuleKind};

/// The module that makes a directory an SDK, and whose bare name its children look for.
pub const SERVICE_MODULE: &str = "trans_dh_service";

/// The package it sits in.
pub const SERVICE_PACKAGE: &str = "service";

/// What a directory turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Look {
    /// The root of an SDK.
    Sdk(Sdk),
    /// Something else, and why.
    Other(&'static str),
}

/// A recognised SDK.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sdk {
    /// The Python versions its service is compiled for; empty where it is source or runs under any.
    pub versions: Vec<Version>,
}

/// Looks whether a directory is the root of an SDK; by content, never by name.
///
/// # Errors
/// When it can't be read. A directory that is not there is [`Look::Other`].
pub fn look(root: &Path) -> io::Result<Look> {
    let package = root.join(SERVICE_PACKAGE);
    let entries = match package.read_dir() {
        Ok(entries) => entries,
        Err(error) if is_absent(&error) => return Ok(Look::Other("no service/ directory")),
        Err(error) => return Err(error),
    };
    let mut regular_package = false;
    let mut service: Option<Vec<Version>> = None;
    let mut others = Vec::new();
    for entry in entries {
        let name = entry?.file_name();
        let Some(file) = ModuleFile::parse(&name) else {
            if name == SERVICE_MODULE && package.join(SERVICE_MODULE).join("__init__.py").exists() {
                service.get_or_insert_default();
            }
            continue;
        };
        let versions = match file.name {
            "__init__" => {
                regular_package = true;
                continue;
            }
            SERVICE_MODULE => service.get_or_insert_default(),
            _ => &mut others,
        };
        if let ModuleKind::Compiled(Some(version)) = file.kind
            && !versions.contains(&version)
        {
            versions.push(version);
        }
    }
    let Some(versions) = service else {
        return Ok(Look::Other("service has no trans_dh_service"));
    };
    if regular_package || root.join("landmark2face_wy").is_dir() || root.join("wenet").is_dir() {
        // A source fork keeps its other modules compiled: they bind the version as well.
        return Ok(Look::Sdk(Sdk { versions: if versions.is_empty() { others } else { versions } }));
    }
    Ok(Look::Other("neither service/__init__.py nor landmark2face_wy nor wenet"))
}

/// Whether an error says that there is nothing of that name, as opposed to something that can't be read.
pub fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}
