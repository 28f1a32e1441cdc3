//! Where the SDK is: the places, in order, and why each is or is not the root.

use std::ffi::OsStr;
use std::fmt;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};

use crate::bridge::{self, Bridge, Known, Site};
use crate::directory;
use crate::error::{Failure, plain};
use crate::invocation::{Invocation, same_file, without_dots};
use crate::sdk::abi::Version;
use crate::sdk::{self, Look, Sdk, is_absent};
use crate::settings::Sourced;
use crate::shell::quote;
use crate::trust::Verdict;
use crate::trust::way::{self, End};
use crate::warning::{Warning, Warnings};

/// More directories than people keep side by side.
const MOST_CHILDREN: usize = 10_000;

/// Where containers keep it.
const WELL_KNOWN: [&str; 2] = ["/app/HeyGem-Linux-Python-Hack", "/code"];

/// The root, resolved.
#[derive(Debug)]
pub struct Root {
    /// Its absolute path, by the links the user knows it by.
    pub path: PathBuf,
    /// What led to it.
    pub source: RootSource,
    /// What is in it; `None` where it does not look like an SDK.
    pub sdk: Option<Sdk>,
    /// The directory that the path led to.
    pub directory: OwnedFd,
    /// Whether it was found, not named, though everyone can write to it.
    pub is_open: bool,
    /// The bridge in it, where its stamp says that it still fits.
    pub bridge: Option<Bridge>,
}

impl Root {
    /// The Python versions that its SDK is compiled for; none where it runs under any, or is no SDK.
    pub fn versions(&self) -> &[Version] {
        self.sdk.as_ref().map_or(&[], |sdk| &sdk.versions)
    }

    /// The bridge that fits it, if there is one already; a stamp that [`resolve`] relied on is not read again.
    pub fn existing_bridge(&self, invocation: &Invocation) -> Option<PathBuf> {
        let known = self.bridge.as_ref().map(|bridge| bridge.path.clone());
        known.or_else(|| bridge::find(self.site(invocation.user), invocation))
    }

    /// What its bridges have to know of it.
    pub fn site(&self, user: u32) -> Site<'_> {
        Site { root: &self.path, directory: self.directory.as_fd(), user }
    }
}

/// What led to a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RootSource {
    /// An option or variable of this name.
    Named(&'static str),
    /// The invoking directory.
    WorkingDirectory,
    /// A directory above it.
    AboveWorkingDirectory,
    /// A directory in it.
    InWorkingDirectory,
    /// The script's directory.
    ScriptDirectory,
    /// A directory above it.
    AboveScript,
    /// A directory in it.
    InScriptDirectory,
    /// The launcher's directory.
    LauncherDirectory,
    /// A directory above it.
    AboveLauncher,
    /// Where containers keep it.
    WellKnown,
}

impl fmt::Display for RootSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Named(name) => name,
            Self::WorkingDirectory => "the working directory",
            Self::AboveWorkingDirectory => "above the working directory",
            Self::InWorkingDirectory => "in the working directory",
            Self::ScriptDirectory => "the script's directory",
            Self::AboveScript => "above the script",
            Self::InScriptDirectory => "in the script's directory",
            Self::LauncherDirectory => "heygem-run's directory",
            Self::AboveLauncher => "above heygem-run",
            Self::WellKnown => "a container's usual place",
        })
    }
}

/// Finds the root.
///
/// # Errors
/// When the named one does not exist, when two qualify, or when there is none: with every place that was tried.
pub fn resolve(
    named: Option<&Sourced<PathBuf>>,
    script: Option<&OsStr>,
    invocation: &Invocation,
    warnings: &mut Warnings,
) -> anyhow::Result<Root> {
    let root = match named {
        Some(named) => self::named(named, invocation, warnings)?,
        None => {
            let launcher = invocation.executable();
            let places =
                Candidates { invocation, script, launcher: launcher.as_deref(), well_known: &WELL_KNOWN };
            places.search()?
        }
    };
    if crate::path_list::has_colon(&root.path) {
        return Err(Failure::new(format!("the root {} has a colon in its path", quote(&root.path)))
            .hint("no PYTHONPATH can hold it: move it, or name it through a link without one")
            .into());
    }
    Ok(root)
}

fn named(named: &Sourced<PathBuf>, invocation: &Invocation, warnings: &mut Warnings) -> anyhow::Result<Root> {
    let Sourced { value, source: by } = named;
    let source = RootSource::Named(by);
    let unusable = |path: &Path, why: &str| {
        Failure::new(format!("the root {} ({by}) {why}", quote(path)))
            .hint("name the directory that has service/trans_dh_service in it")
    };
    let absolute = invocation.absolute(value, by)?;
    let path = without_dots(&absolute).map_err(|error| unusable(&absolute, &cannot(&error)))?;
    let directory = match directory::open(&path) {
        Ok(directory) => directory,
        Err(error) if error.kind() == io::ErrorKind::NotADirectory && path.symlink_metadata().is_ok() => {
            return Err(unusable(&path, "is not a directory").into());
        }
        Err(error) => return Err(unusable(&path, &cannot(&error)).into()),
    };
    let (sdk, bridge) = match look(&path, &directory, invocation.user) {
        Ok((Look::Sdk(sdk), bridge)) => (Some(sdk), bridge),
        Ok((Look::Other(why), _)) => {
            warnings.add(Warning::NotAnSdk { root: path.clone(), source: by, why });
            (None, None)
        }
        Err(error) => {
            warnings.add(Warning::UnreadableRoot { root: path.clone(), source: by, why: plain(&error) });
            (None, None)
        }
    };
    if *by == "HEYGEM_DIR" {
        warn_of_another_root(&path, invocation, warnings);
    }
    Ok(Root { path, source, sdk, directory, is_open: false, bridge })
}

/// Looks what a directory is, and remembers more than it looks: where a stamp shows that nothing changed since an earlier look,
/// a launch is spared the listing.
fn look(path: &Path, directory: &OwnedFd, user: u32) -> io::Result<(Look, Option<Bridge>)> {
    match bridge::known(Site { root: path, directory: directory.as_fd(), user }) {
        Some(Known { versions, bridge }) => Ok((Look::Sdk(Sdk { versions }), Some(bridge))),
        None => Ok((sdk::look(directory)?, None)),
    }
}

fn cannot(error: &io::Error) -> String {
    if is_absent(error) { "does not exist".into() } else { format!("can't be used: {}", plain(error)) }
}

/// A variable set long ago, far away, wins over the tree the user stands in. That is the contract, and rarely the wish.
fn warn_of_another_root(path: &Path, invocation: &Invocation, warnings: &mut Warnings) {
    for directory in invocation.cwd().into_iter().flat_map(Path::ancestors) {
        if directory == path {
            return;
        }
        if matches!(sdk::look_at(directory), Ok(Look::Sdk(_))) {
            if !same_file(directory, path) {
                warnings.add(Warning::AnotherRoot { root: path.to_owned(), here: directory.to_owned() });
            }
            return;
        }
    }
}

/// Where a root that nobody named is looked for.
struct Candidates<'a> {
    invocation: &'a Invocation<'a>,
    script: Option<&'a OsStr>,
    launcher: Option<&'a Path>,
    well_known: &'a [&'a str],
}

impl Candidates<'_> {
    fn search(&self) -> anyhow::Result<Root> {
        let mut search = RootSearch { user: self.invocation.user, tried: Vec::new(), looked_at: Vec::new() };
        match self.first(&mut search)? {
            Some(root) => Ok(root),
            None => Err(Failure::new("no HeyGem SDK found")
                .tried(search.tried)
                .hint("name it: --root DIR, or HEYGEM_DIR=DIR (the directory that has service/trans_dh_service in it)")
                .into()),
        }
    }

    fn first(&self, search: &mut RootSearch) -> anyhow::Result<Option<Root>> {
        match self.invocation.cwd() {
            Some(cwd) => {
                let here = (RootSource::WorkingDirectory, RootSource::AboveWorkingDirectory);
                if let Some(root) = search.upwards(cwd, here) {
                    return Ok(Some(root));
                }
                if let Some(root) = search.children(cwd, RootSource::InWorkingDirectory)? {
                    return Ok(Some(root));
                }
            }
            None => search.tried.push("the working directory: it can't be read".into()),
        }
        if let Some(directory) = self.script_directory() {
            if let Some(root) =
                search.upwards(&directory, (RootSource::ScriptDirectory, RootSource::AboveScript))
            {
                return Ok(Some(root));
            }
            if let Some(root) = search.children(&directory, RootSource::InScriptDirectory)? {
                return Ok(Some(root));
            }
        }
        if let Some(directory) = self.launcher.and_then(Path::parent) {
            let here = (RootSource::LauncherDirectory, RootSource::AboveLauncher);
            if let Some(root) = search.upwards(directory, here) {
                return Ok(Some(root));
            }
        }
        Ok(self.well_known.iter().find_map(|place| search.place(Path::new(place), RootSource::WellKnown)))
    }

    /// By the script's own path, links and all; nothing where there is no such file.
    fn script_directory(&self) -> Option<PathBuf> {
        let script = self.invocation.absolute(Path::new(self.script?), "the script").ok()?;
        let script = without_dots(&script).ok()?;
        script.exists().then(|| script.parent().map(Path::to_owned))?
    }
}

/// What has been looked at so far.
struct RootSearch {
    user: u32,
    tried: Vec<String>,
    looked_at: Vec<PathBuf>,
}

impl RootSearch {
    /// The directory itself, then those above it.
    fn upwards(&mut self, directory: &Path, (at, above): (RootSource, RootSource)) -> Option<Root> {
        let source = |steps| if steps == 0 { at } else { above };
        directory.ancestors().enumerate().find_map(|(steps, place)| self.place(place, source(steps)))
    }

    fn place(&mut self, place: &Path, source: RootSource) -> Option<Root> {
        if self.looked_at.iter().any(|seen| seen == place) {
            return None;
        }
        self.looked_at.push(place.to_owned());
        match self.look(place, source) {
            Ok(root) => Some(root),
            Err(why) => {
                self.tried.push(format!("{} ({source}): {why}", quote(place)));
                None
            }
        }
    }

    /// The directories in one. Those that have no `service` at all are told in one line, or a home directory would fill the
    /// screen.
    fn children(&mut self, directory: &Path, source: RootSource) -> anyhow::Result<Option<Root>> {
        let all = directory.join("*");
        if self.looked_at.contains(&all) {
            return Ok(None);
        }
        self.looked_at.push(all.clone());
        let listed = directory::open_below(rustix::fs::CWD, directory)
            .map(|open| directory::list(open, MOST_CHILDREN));
        let listed = match listed {
            Ok(listed) => listed,
            Err(error) => {
                self.tried.push(format!("{} ({source}): {}", quote(all), plain(&error)));
                return Ok(None);
            }
        };
        if let Some(error) = listed.cut {
            self.tried.push(format!("{} ({source}), in part: {}", quote(&all), plain(&error)));
        }
        let mut names: Vec<_> = listed.entries.into_iter().map(|child| child.name).collect();
        names.sort();
        let mut found: Vec<Root> = Vec::new();
        let mut plain_directories = 0;
        for child in names.into_iter().map(|name| directory.join(name)) {
            match sdk::look_at(&child) {
                Ok(Look::Other(_)) if !child.join(sdk::SERVICE_PACKAGE).is_dir() => {
                    plain_directories += u32::from(child.is_dir());
                }
                // `current -> v2` beside `v2` is one SDK, not two.
                _ if found.iter().any(|other| same_file(&other.path, &child)) => {}
                _ => found.extend(self.place(&child, source)),
            }
        }
        if found.len() > 1 {
            return Err(Failure::new(format!("{} has {} HeyGem SDKs in it", quote(directory), found.len()))
                .tried(found.iter().map(|root| quote(&root.path)))
                .hint("name the one you mean: --root DIR, or HEYGEM_DIR=DIR")
                .into());
        }
        if found.is_empty() && plain_directories > 0 {
            let count = plain_directories;
            self.tried.push(format!("{} ({source}): no service/ directory in any of {count}", quote(all)));
        }
        Ok(found.pop())
    }

    fn look(&self, place: &Path, source: RootSource) -> Result<Root, String> {
        let directory = match directory::open(place) {
            Ok(directory) => directory,
            Err(error) if is_absent(&error) => return Err("no such directory".into()),
            Err(error) => return Err(plain(&error)),
        };
        let (directory, is_open) = match self.trusted(place, &directory, source) {
            Ok((walked, is_open)) => (walked.unwrap_or(directory), is_open),
            // This look opens nothing but directories.
            Err(why) => {
                return Err(match sdk::look(&directory) {
                    Ok(Look::Sdk(_)) => format!("an SDK, but {why}"),
                    Ok(Look::Other(why)) => why.into(),
                    Err(error) => plain(&error),
                });
            }
        };
        let (sdk, bridge) = match look(place, &directory, self.user) {
            Ok((Look::Sdk(sdk), bridge)) => (sdk, bridge),
            Ok((Look::Other(why), _)) => return Err(why.into()),
            Err(error) => return Err(plain(&error)),
        };
        Ok(Root { path: place.to_owned(), source, sdk: Some(sdk), directory, is_open, bridge })
    }

    /// Whether a place is to be trusted, since another user could have planted it: the directory that a way to it led to, where it
    /// was walked, and whether everyone can write to it.
    fn trusted(
        &self,
        place: &Path,
        directory: &OwnedFd,
        source: RootSource,
    ) -> Result<(Option<OwnedFd>, bool), String> {
        let is_far = matches!(
            source,
            RootSource::LauncherDirectory | RootSource::AboveLauncher | RootSource::WellKnown
        );
        if is_far {
            if matches!(directory::is_directory(directory, sdk::SERVICE_PACKAGE), Ok(false)) {
                return Err("no SDK".into()); // not worth the walk
            }
            return match way::far(place, sdk::SERVICE_PACKAGE, self.user) {
                Ok(End::Directory(directory)) => Ok((Some(directory), false)),
                Ok(End::Missing(..)) => Err("it was there only just now".into()),
                Ok(End::Doubted(doubt)) => Err(format!("{} {}", quote(doubt.path), doubt.why)),
                Err(error) => Err(plain(&error)),
            };
        }
        match way::stood_in(place, directory, self.user) {
            Ok(Verdict::PassedOver(why)) => Err(why),
            Ok(verdict) => Ok((None, verdict == Verdict::UsedThoughOpen)),
            Err(error) => Err(plain(&error)),
        }
    }
}

#[cfg(test)]
mod tests;
