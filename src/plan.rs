//! What a launch changes, as data: where the target starts, and its variables in their parts. [`crate::exec`] carries it
//! out, [`crate::print`] prints it.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use rustix::fs::CWD;

use crate::bridge;
use crate::environment::LONGEST_ENTRY;
use crate::error::{Failure, plain};
use crate::invocation::{Invocation, without_dots};
use crate::origin::Origin;
use crate::path_list::{self, Split};
use crate::plain_path;
use crate::root::Root;
use crate::sdk::{Sdk, has_sitecustomize, is_absent};
use crate::settings::{Settings, Sourced, StartOption};
use crate::shell::quote;
use crate::warning::Warnings;
use crate::warning::path::PathWarning;

/// What a launch changes for the target.
#[derive(Debug, PartialEq, Eq)]
pub struct Changes {
    /// The value of `HEYGEM_DIR`.
    pub root: PathBuf,
    /// Where the target starts.
    pub start: Start,
    /// The value of `PYTHONPATH`, in its parts.
    pub python_path: PythonPath,
    /// The value of `LD_LIBRARY_PATH`, in its parts; `None` leaves the variable alone.
    pub library_path: Option<LibraryPath>,
    /// The variables that change, without PWD, which follows from where the target starts.
    pub variables: Vec<(&'static str, OsString)>,
}

/// What the changes are composed from, beside the root.
#[derive(Debug, Clone, Copy)]
pub struct Composer<'a> {
    pub settings: &'a Settings,
    pub invocation: &'a Invocation<'a>,
}

/// Where the target starts, and why there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Start {
    /// In the root.
    Root(PathBuf),
    /// In the directory of `--chdir`.
    Chdir(PathBuf),
    /// Where the user stands, by `--no-chdir`.
    NoChdir,
    /// Where the user stands: what a command names is what it named without the launcher.
    Here,
}

/// The entries of `PYTHONPATH`, by their parts. No directory is in it twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PythonPath {
    /// The SDK's root.
    pub root: PathBuf,
    /// The directory that the root is in; `None` for `/`.
    pub parent: Option<PathBuf>,
    /// The entries that were there before, without the bridges of other launches.
    pub inherited: Vec<PathBuf>,
    /// The bridge; `None` where there is to be none.
    pub bridge: Option<BridgeEntry>,
    /// How many of the other entries come before the bridge: all but those from the first one on that has a `sitecustomize` of
    /// its own, which would keep the bridge's from running.
    pub before_bridge: usize,
}

/// The bridge's entry of `PYTHONPATH`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BridgeEntry {
    /// It is there, at this path.
    At(PathBuf),
    /// It is not there yet; a launch would build it.
    Unbuilt,
}

/// Which part of `PYTHONPATH` an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Root,
    /// The directory that the root is in.
    Parent,
    Inherited,
    Bridge,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Root => "the root",
            Self::Parent => "its parent",
            Self::Inherited => "inherited",
            Self::Bridge => "the bridge",
        })
    }
}

/// Which part of `LD_LIBRARY_PATH` an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LibraryPart {
    Added(Origin),
    Inherited,
}

impl fmt::Display for LibraryPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Added(origin) => origin.fmt(f),
            Self::Inherited => f.write_str("inherited"),
        }
    }
}

/// The entries of `LD_LIBRARY_PATH`. No directory is in it twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LibraryPath {
    /// What was asked for, and by which option or variable.
    pub added: Sourced<Vec<PathBuf>>,
    pub inherited: Vec<PathBuf>,
}

impl Start {
    /// Where the target is to start. A script starts in the root; without the bridge, everything does, since nothing else would
    /// go there.
    ///
    /// # Errors
    /// When `--chdir` names no directory.
    pub fn decide(
        settings: &Settings,
        is_script: bool,
        root: &Path,
        invocation: &Invocation,
    ) -> anyhow::Result<Self> {
        match &settings.start {
            StartOption::Default if is_script || !settings.bridge => Ok(Self::Root(root.to_owned())),
            StartOption::Default => Ok(Self::Here),
            StartOption::NoChdir => Ok(Self::NoChdir),
            StartOption::Chdir(directory) => {
                let path = invocation.absolute(directory, "--chdir")?;
                let why = match path.metadata() {
                    Ok(meta) if meta.is_dir() => None,
                    Err(error) if !is_absent(&error) => Some(format!("can't be used: {}", plain(&error))),
                    _ => Some("is not a directory".into()),
                };
                match why {
                    Some(why) => Err(Failure::new(format!("--chdir {} {why}", quote(&path))).into()),
                    None => Ok(Self::Chdir(without_dots(&path)?)),
                }
            }
        }
    }

    /// The directory to change to; `None` stays.
    pub fn directory(&self) -> Option<&Path> {
        match self {
            Self::Root(directory) | Self::Chdir(directory) => Some(directory),
            Self::NoChdir | Self::Here => None,
        }
    }
}

impl PythonPath {
    /// The entries in order, each with its part. A bridge that is not built yet has no path.
    pub fn entries(&self) -> impl Iterator<Item = (Part, Option<&Path>)> + Clone {
        let root = std::iter::once((Part::Root, self.root.as_path()));
        let parent = self.parent.iter().map(|path| (Part::Parent, path.as_path()));
        let inherited = self.inherited.iter().map(|path| (Part::Inherited, path.as_path()));
        let others = root.chain(parent).chain(inherited).map(|(part, path)| (part, Some(path)));
        let bridge = self.bridge.as_ref().map(|bridge| match bridge {
            BridgeEntry::At(path) => (Part::Bridge, Some(path.as_path())),
            BridgeEntry::Unbuilt => (Part::Bridge, None),
        });
        let behind = others.clone().skip(self.before_bridge);
        others.take(self.before_bridge).chain(bridge).chain(behind)
    }
}

impl LibraryPath {
    /// The entries in order, each with its part.
    pub fn entries(&self) -> impl Iterator<Item = (LibraryPart, &Path)> + Clone {
        let origin = LibraryPart::Added(self.added.source);
        let added = self.added.value.iter().map(move |path| (origin, path.as_path()));
        added.chain(self.inherited.iter().map(|path| (LibraryPart::Inherited, path.as_path())))
    }
}

impl Composer<'_> {
    /// Composes the variables, and takes the directory and the bridge as they were decided.
    ///
    /// # Errors
    /// When a value can't be in a path list, or is longer than the kernel takes.
    pub fn changes(
        &self,
        root: &Root,
        start: Start,
        bridge: Option<BridgeEntry>,
        warnings: &mut Warnings,
    ) -> anyhow::Result<Changes> {
        let python_path = self.python_path(root, bridge, warnings);
        let library_path = self.library_path(warnings)?;
        let variables = variables(&root.path, &python_path, library_path.as_ref());
        for (name, value) in &variables {
            let length = name.len() + 1 + value.len();
            if length > LONGEST_ENTRY {
                let failure = Failure::new(format!(
                    "{name} would be {length} bytes long; Linux allows {LONGEST_ENTRY}"
                ));
                return Err(match *name {
                    "PYTHONPATH" => failure.hint("--no-inherit drops the PYTHONPATH that was there"),
                    _ => failure,
                }
                .into());
            }
        }
        Ok(Changes { root: root.path.clone(), start, python_path, library_path, variables })
    }

    fn python_path(&self, root: &Root, bridge: Option<BridgeEntry>, warnings: &mut Warnings) -> PythonPath {
        let (sdk, root) = (&root.sdk, root.path.as_path());
        let parent = plain_path::parent(root);
        let front = [Some(root), parent];
        let there = if self.settings.inherit { self.inherited("PYTHONPATH", warnings) } else { Vec::new() };
        let inherited: Vec<PathBuf> = path_list::distinct(there)
            .into_iter()
            .filter(|entry| !front.contains(&Some(entry)) && !bridge::is_bridge(entry))
            .collect();
        let others = parent.into_iter().chain(inherited.iter().map(PathBuf::as_path));
        let before_bridge = if bridge.is_some() { before_other_start_up(sdk.as_ref(), others) } else { 0 };
        let (root, parent) = (root.to_owned(), parent.map(Path::to_owned));
        PythonPath { root, parent, inherited, bridge, before_bridge }
    }

    fn library_path(&self, warnings: &mut Warnings) -> anyhow::Result<Option<LibraryPath>> {
        let Some(Sourced { value, source }) = &self.settings.library_dirs else { return Ok(None) };
        let mut added = Vec::new();
        for directory in value {
            let path = self.invocation.absolute(directory, source.name())?;
            // The loader takes either as a separator (ld.so(8)).
            if path.as_os_str().as_bytes().iter().any(|byte| b":;".contains(byte)) {
                return Err(Failure::new(format!(
                    "the library directory {} ({source}) has a colon or semicolon in its path",
                    quote(&path)
                ))
                .hint(match source {
                    Origin::Option(_) => "LD_LIBRARY_PATH can't hold it; for two directories write -L twice",
                    _ => "LD_LIBRARY_PATH can't hold it; between two directories write a colon",
                })
                .into());
            }
            added.push(path);
        }
        let there = self.inherited("LD_LIBRARY_PATH", warnings);
        let (added, inherited) = path_list::distinct_before(added, there);
        Ok(Some(LibraryPath { added: Sourced { value: added, source: *source }, inherited }))
    }

    fn inherited(&self, variable: &'static str, warnings: &mut Warnings) -> Vec<PathBuf> {
        let list = self.invocation.environment.get(variable).unwrap_or(OsStr::new(""));
        let Split { directories, dropped } = path_list::split(list, self.invocation.cwd());
        for entry in dropped {
            warnings.add(PathWarning::DroppedEntry { variable, entry });
        }
        directories
    }
}

fn variables(
    root: &Path,
    python_path: &PythonPath,
    library_path: Option<&LibraryPath>,
) -> Vec<(&'static str, OsString)> {
    let joined = path_list::join(python_path.entries().filter_map(|(_, path)| path));
    let mut variables = vec![("HEYGEM_DIR", root.as_os_str().to_owned()), ("PYTHONPATH", joined)];
    if let Some(list) = library_path {
        variables.push(("LD_LIBRARY_PATH", path_list::join(list.entries().map(|(_, path)| path))));
    }
    variables
}

/// How many entries, the root among them, come before the first one that has a `sitecustomize` of its own.
fn before_other_start_up<'e>(sdk: Option<&Sdk>, others: impl Iterator<Item = &'e Path>) -> usize {
    if sdk.is_some_and(|sdk| sdk.has_sitecustomize) {
        return 0;
    }
    let mut before = 1;
    for entry in others {
        if has_sitecustomize(CWD, entry) {
            break;
        }
        before += 1;
    }
    before
}
