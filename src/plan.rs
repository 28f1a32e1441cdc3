//! The launch as data: what will be executed, where, and with which variables. It is carried out by [`crate::exec`] or
//! printed by [`crate::print`].

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use crate::bridge;
use crate::environment::LONGEST_ENTRY;
use crate::error::{Failure, plain};
use crate::invocation::Invocation;
use crate::path_list::{self, Split};
use crate::sdk::is_absent;
use crate::settings::{Directory, Settings};
use crate::shell::quote;
use crate::warning::Warnings;

/// A launch, ready to be carried out.
#[derive(Debug)]
pub struct Plan {
    /// The program's absolute path.
    pub program: PathBuf,
    /// Its words, `argv[0]` first.
    pub words: Vec<OsString>,
    /// What changes around it.
    pub changes: Changes,
}

/// What a launch changes for the target.
#[derive(Debug, PartialEq, Eq)]
pub struct Changes {
    /// Its working directory; `None` leaves it as it is.
    pub directory: Option<PathBuf>,
    /// Its variables, less PWD, which follows from the directory.
    pub variables: Vec<(&'static str, OsString)>,
}

/// Where the target starts: an absolute path, or `None` where it stays.
///
/// # Errors
/// When `--chdir` names no directory.
pub fn directory(
    settings: &Settings,
    root: &Path,
    invocation: &Invocation,
) -> anyhow::Result<Option<PathBuf>> {
    match &settings.directory {
        Directory::Root => Ok(Some(root.to_owned())),
        Directory::Unchanged => Ok(None),
        Directory::Other(directory) => {
            let path = invocation.absolute(directory, "--chdir")?;
            let why = match path.metadata() {
                Ok(meta) if meta.is_dir() => None,
                Err(error) if !is_absent(&error) => Some(format!("can't be used: {}", plain(&error))),
                _ => Some("is not a directory".into()),
            };
            if let Some(why) = why {
                return Err(Failure::new(format!("--chdir {} {why}", quote(&path))).into());
            }
            Ok(Some(crate::invocation::without_dots(&path)?))
        }
    }
}

impl Changes {
    /// Composes what changes.
    ///
    /// # Errors
    /// When a value can't stand in a path list, or is longer than the kernel takes.
    pub fn compose(
        settings: &Settings,
        root: &Path,
        bridge: Option<PathBuf>,
        directory: Option<PathBuf>,
        invocation: &Invocation,
        warnings: &mut Warnings,
    ) -> anyhow::Result<Self> {
        let mut variables = vec![
            ("HEYGEM_DIR", root.as_os_str().to_owned()),
            ("PYTHONPATH", python_path(settings, root, bridge.as_deref(), invocation, warnings)),
        ];
        if !settings.library_dirs.is_empty() {
            variables.push(("LD_LIBRARY_PATH", library_path(settings, invocation, warnings)?));
        }
        for (name, value) in &variables {
            let length = name.len() + 1 + value.len();
            if length > LONGEST_ENTRY {
                let failure =
                    Failure::new(format!("{name} would be {length} bytes long; Linux takes {LONGEST_ENTRY}"));
                return Err(match *name {
                    "PYTHONPATH" => failure.hint("--no-inherit drops the PYTHONPATH that was there"),
                    _ => failure,
                }
                .into());
            }
        }
        Ok(Self { directory, variables })
    }
}

fn python_path(
    settings: &Settings,
    root: &Path,
    bridge: Option<&Path>,
    invocation: &Invocation,
    warnings: &mut Warnings,
) -> OsString {
    let inherited = if settings.inherit { inherited("PYTHONPATH", invocation, warnings) } else { Vec::new() };
    let inherited = inherited.iter().map(PathBuf::as_path).filter(|entry| !bridge::is_bridge(entry));
    path_list::join([Some(root), root.parent()].into_iter().flatten().chain(inherited).chain(bridge))
}

fn library_path(
    settings: &Settings,
    invocation: &Invocation,
    warnings: &mut Warnings,
) -> anyhow::Result<OsString> {
    let mut front = Vec::new();
    for directory in &settings.library_dirs {
        let path = invocation.absolute(directory, "--library-dir")?;
        // The loader takes either as a separator (ld.so(8)).
        if path.as_os_str().as_bytes().iter().any(|byte| b":;".contains(byte)) {
            return Err(Failure::new(format!(
                "the library directory {} has a colon or semicolon in its path",
                quote(&path)
            ))
            .hint("no LD_LIBRARY_PATH can hold it; for two directories write -L twice")
            .into());
        }
        front.push(path);
    }
    let inherited = inherited("LD_LIBRARY_PATH", invocation, warnings);
    Ok(path_list::join(front.iter().chain(&inherited).map(PathBuf::as_path)))
}

fn inherited(name: &str, invocation: &Invocation, warnings: &mut Warnings) -> Vec<PathBuf> {
    let list = invocation.environment.get(name).unwrap_or(OsStr::new(""));
    let Split { directories, dropped } = path_list::split(list, invocation.cwd());
    for entry in dropped {
        warnings.add(format!(
            "{name} loses its relative entry {}: no absolute path can stand for it",
            quote(entry)
        ));
    }
    directories
}
