//! Where the SDK is: the places, in order, and why each is or is not the root.

use std::ffi::OsStr;
use std::fmt;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};

use crate::bridge::{self, Known, Site};
use crate::directory;
use crate::error::{Failure, plain};
use crate::invocation::{Invocation, same_file, without_dots};
use crate::sdk::abi::Version;
use crate::sdk::{self, Look, Sdk, is_absent};
use crate::settings::{Settings, Sourced};
use crate::shell::quote;
use crate::trust::Verdict;
use crate::trust::way::{self, End};
use crate::warning::{Warning, Warnings};

/// The variable that names the root.
const VARIABLE: &str = "HEYGEM_DIR";

/// More directories than people keep in one that they work in.
const MOST_BELOW: usize = 1_000;

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
    pub bridge: Option<PathBuf>,
}

impl Root {
    /// The Python versions that its SDK is compiled for; none where it runs under any, or is no SDK.
    pub fn versions(&self) -> &[Version] {
        self.sdk.as_ref().map_or(&[], |sdk| &sdk.versions)
    }

    /// The bridge that fits it, if there is one already; a stamp that [`resolve`] relied on is not read again.
    pub fn existing_bridge(&self, moves: bool, invocation: &Invocation) -> Option<PathBuf> {
        self.bridge.clone().or_else(|| bridge::find(self.site(invocation.user, moves), invocation))
    }

    /// What its bridges have to know of it.
    pub fn site(&self, user: u32, moves: bool) -> Site<'_> {
        Site { root: &self.path, directory: self.directory.as_fd(), user, moves }
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
    /// A directory beside it.
    BesideWorkingDirectory,
    /// A directory in one that is in it.
    BelowWorkingDirectory,
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

impl RootSource {
    /// Whether the user neither stands in such a place nor runs a script of it.
    fn is_far(self) -> bool {
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
            Self::Named(name) => name,
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

/// Finds the root.
///
/// # Errors
/// When the named one does not exist, when two qualify, or when there is none: with every place that was tried.
pub fn resolve(
    settings: &Settings,
    script: Option<&OsStr>,
    invocation: &Invocation,
    warnings: &mut Warnings,
) -> anyhow::Result<Root> {
    let launcher = invocation.executable();
    let moves = settings.moves();
    let candidates =
        Candidates { invocation, script, launcher: launcher.as_deref(), well_known: &WELL_KNOWN, moves };
    let root = match &settings.root {
        Some(named) => match self::named(named, moves, invocation, warnings)? {
            NamedRoot::Used(root) => {
                warn_of_another_root(&root, &candidates, warnings);
                root
            }
            NamedRoot::NoSdk { path, why } => {
                let passed_over = format!("{} ({}): {why}", quote(&path), named.source);
                let root = candidates.search(vec![passed_over])?;
                warnings.add(Warning::IgnoredVariable { value: path, why, used: root.path.clone() });
                root
            }
        },
        None => candidates.search(Vec::new())?,
    };
    if crate::path_list::has_colon(&root.path) {
        return Err(Failure::new(format!("the root {} has a colon in its path", quote(&root.path)))
            .hint("no PYTHONPATH can hold it: move it, or name it through a link without one")
            .into());
    }
    Ok(root)
}

/// What a named directory turned out to be.
enum NamedRoot {
    /// It is used.
    Used(Root),
    /// `HEYGEM_DIR`, a name that other tools have for other things, names something else: the search goes on.
    NoSdk { path: PathBuf, why: &'static str },
}

fn named(
    named: &Sourced<PathBuf>,
    moves: bool,
    invocation: &Invocation,
    warnings: &mut Warnings,
) -> anyhow::Result<NamedRoot> {
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
    let (sdk, bridge) =
        match look(Site { root: &path, directory: directory.as_fd(), user: invocation.user, moves }) {
            Ok((Look::Sdk(sdk), bridge)) => (Some(sdk), bridge),
            Ok((Look::Other(why), _)) if *by == VARIABLE => return Ok(NamedRoot::NoSdk { path, why }),
            Ok((Look::Other(why), _)) => {
                warnings.add(Warning::NotAnSdk { root: path.clone(), source: by, why });
                (None, None)
            }
            Err(error) => {
                warnings.add(Warning::UnreadableRoot { root: path.clone(), source: by, why: plain(&error) });
                (None, None)
            }
        };
    Ok(NamedRoot::Used(Root { path, source, sdk, directory, is_open: false, bridge }))
}

/// Looks what a directory is, and remembers more than it looks: where a stamp shows that nothing changed since an earlier look,
/// a launch is spared the listing.
fn look(site: Site) -> io::Result<(Look, Option<PathBuf>)> {
    match bridge::known(site) {
        Some(Known { versions, bridge }) => Ok((Look::Sdk(Sdk { versions }), Some(bridge))),
        None => Ok((sdk::look(site.directory)?, None)),
    }
}

fn cannot(error: &io::Error) -> String {
    if is_absent(error) { "does not exist".into() } else { format!("can't be used: {}", plain(error)) }
}

/// A root that was named wins over the SDK that the script lies in, and a variable that was set long ago over the tree that the
/// user stands in. That is the contract, and rarely the wish.
fn warn_of_another_root(root: &Root, candidates: &Candidates, warnings: &mut Warnings) {
    let RootSource::Named(source) = root.source else { return };
    let of_script = candidates.script_directory().and_then(|directory| another_above(&directory, &root.path));
    if let Some(another) = of_script {
        warnings.add(Warning::ScriptInAnother { root: root.path.clone(), source, another });
    } else if source == VARIABLE
        && let Some(here) = candidates.invocation.cwd().and_then(|cwd| another_above(cwd, &root.path))
    {
        warnings.add(Warning::AnotherRoot { root: root.path.clone(), here });
    }
}

/// The SDK that a directory lies in, unless it is the root.
fn another_above(directory: &Path, root: &Path) -> Option<PathBuf> {
    let above = directory
        .ancestors()
        .find(|above| *above == root || matches!(sdk::look_at(above), Ok(Look::Sdk(_))))?;
    (above != root && !same_file(above, root)).then(|| above.to_owned())
}

/// Where a root that nobody named is looked for.
struct Candidates<'a> {
    invocation: &'a Invocation<'a>,
    script: Option<&'a OsStr>,
    launcher: Option<&'a Path>,
    well_known: &'a [&'a str],
    moves: bool,
}

impl Candidates<'_> {
    /// The first place that qualifies; `tried` is what was passed over before.
    fn search(&self, tried: Vec<String>) -> anyhow::Result<Root> {
        let mut search =
            RootSearch { user: self.invocation.user, moves: self.moves, tried, looked_at: Vec::new() };
        match self.first(&mut search)? {
            Some(root) => Ok(root),
            None => Err(Failure::new("no HeyGem SDK found")
                .tried(search.tried)
                .hint("name it: --root DIR, or HEYGEM_DIR=DIR (the directory that has service/trans_dh_service in it)")
                .into()),
        }
    }

    fn first(&self, search: &mut RootSearch) -> anyhow::Result<Option<Root>> {
        if let Some(root) = self.of_script(search)? {
            return Ok(Some(root));
        }
        match self.invocation.cwd() {
            Some(cwd) => {
                if let Some(root) = Self::of_working_directory(cwd, search)? {
                    return Ok(Some(root));
                }
            }
            None => search.tried.push("the working directory: it can't be read".into()),
        }
        if let Some(directory) = self.launcher.and_then(Path::parent) {
            let here = (RootSource::LauncherDirectory, RootSource::AboveLauncher);
            if let Some(root) = search.upwards(directory, here) {
                return Ok(Some(root));
            }
        }
        Ok(self.well_known.iter().find_map(|place| search.place(Path::new(place), RootSource::WellKnown)))
    }

    /// The SDK that the script lies in, or that lies right beside it.
    fn of_script(&self, search: &mut RootSearch) -> anyhow::Result<Option<Root>> {
        let Some(directory) = self.script_directory() else { return Ok(None) };
        let here = (RootSource::ScriptDirectory, RootSource::AboveScript);
        match search.upwards(&directory, here) {
            Some(root) => Ok(Some(root)),
            None => search.children(&directory, RootSource::InScriptDirectory),
        }
    }

    /// The SDK that the user stands in, above, or near.
    fn of_working_directory(cwd: &Path, search: &mut RootSearch) -> anyhow::Result<Option<Root>> {
        let here = (RootSource::WorkingDirectory, RootSource::AboveWorkingDirectory);
        if let Some(root) = search.upwards(cwd, here) {
            return Ok(Some(root));
        }
        if let Some(root) = search.children(cwd, RootSource::InWorkingDirectory)? {
            return Ok(Some(root));
        }
        // From `/`, all there is would be two levels down.
        let Some(parent) = cwd.parent() else { return Ok(None) };
        match search.children(parent, RootSource::BesideWorkingDirectory)? {
            Some(root) => Ok(Some(root)),
            None => search.grandchildren(cwd, RootSource::BelowWorkingDirectory),
        }
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
    moves: bool,
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
        let mut found = Vec::new();
        match children(directory) {
            Ok((children, cut)) => {
                if let Some(error) = cut {
                    self.tried.push(format!("{} ({source}), in part: {}", quote(&all), plain(&error)));
                }
                let plain = self.qualifying(children, source, &mut found);
                self.conclude(directory, &all, (source, plain), found)
            }
            Err(error) => {
                self.tried.push(format!("{} ({source}): {}", quote(all), plain(&error)));
                Ok(None)
            }
        }
    }

    /// The directories in those that are in one. What can't be listed was told as a child already.
    fn grandchildren(&mut self, directory: &Path, source: RootSource) -> anyhow::Result<Option<Root>> {
        let (mut found, mut plain) = (Vec::new(), 0);
        let list =
            |directory: &Path| children(directory).map_or_else(|_| Vec::new(), |(children, _)| children);
        for child in list(directory).into_iter().take(MOST_BELOW) {
            plain += self.qualifying(list(&child), source, &mut found);
        }
        self.conclude(directory, &directory.join("*/*"), (source, plain), found)
    }

    /// Adds those of the directories that qualify; returns how many have no `service`.
    fn qualifying(&mut self, places: Vec<PathBuf>, source: RootSource, found: &mut Vec<Root>) -> u32 {
        let mut plain = 0;
        for place in places {
            match sdk::look_at(&place) {
                Ok(Look::Other(_)) if !place.join(sdk::SERVICE_PACKAGE).is_dir() => {
                    plain += u32::from(place.is_dir());
                }
                // `current -> v2` beside `v2` is one SDK, not two.
                _ if found.iter().any(|other| same_file(&other.path, &place)) => {}
                _ => found.extend(self.place(&place, source)),
            }
        }
        plain
    }

    /// The one that qualifies; two are an error.
    fn conclude(
        &mut self,
        directory: &Path,
        all: &Path,
        (source, plain): (RootSource, u32),
        mut found: Vec<Root>,
    ) -> anyhow::Result<Option<Root>> {
        if found.len() > 1 {
            let relation = match source {
                RootSource::BelowWorkingDirectory => "below it",
                _ => "in it",
            };
            return Err(Failure::new(format!(
                "{} has {} HeyGem SDKs {relation}",
                quote(directory),
                found.len()
            ))
            .tried(found.iter().map(|root| quote(&root.path)))
            .hint("name the one you mean: --root DIR, or HEYGEM_DIR=DIR")
            .into());
        }
        if found.is_empty() && plain > 0 {
            self.tried.push(format!("{} ({source}): no service/ directory in any of {plain}", quote(all)));
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
        let site = Site { root: place, directory: directory.as_fd(), user: self.user, moves: self.moves };
        let (sdk, bridge) = match look(site) {
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
        let is_far = source.is_far();
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

/// What is in a directory, sorted; and why not all of it was listed, where it was not.
fn children(directory: &Path) -> io::Result<(Vec<PathBuf>, Option<io::Error>)> {
    let open = directory::open_below(rustix::fs::CWD, directory)?;
    let listed = directory::list(open, MOST_CHILDREN);
    let mut names: Vec<_> = listed.entries.into_iter().map(|child| child.name).collect();
    names.sort();
    Ok((names.into_iter().map(|name| directory.join(name)).collect(), listed.cut))
}

#[cfg(test)]
mod tests;
