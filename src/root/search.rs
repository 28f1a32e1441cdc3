//! The search for a root that nobody named: the places, in order, and why each is or is not the root.

use std::collections::BTreeSet;
use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use rustix::fs::CWD;

use super::far;
use super::found::{Root, RootSource, recognize, site};
use super::qualified::Qualified;
use super::search_step::{SearchStep, search_budget};
use super::tried::{PlaceFault, SdkDoubt, TriedPlace, TriedPlaces, by_name};
use crate::budget::Budget;
use crate::directory::{self, EntryKind, Reached};
use crate::entry::{self, CommandFile};
use crate::error::Failure;
use crate::invocation::{Invocation, without_dots};
use crate::plain_path;
use crate::sdk::{self, Recognition};
use crate::settings::{Settings, Words};
use crate::shell::quote;
use crate::trust::way::{self, WayEnd};
use crate::trust::{RootFault, RootVerdict};

/// Where containers keep the SDK.
pub const WELL_KNOWN: [&str; 2] = ["/app/HeyGem-Linux-Python-Hack", "/code"];

/// Bound on the directories whose children are looked at, two levels below the working directory.
const MOST_BELOW: usize = 1_000;

/// Bound on the names listed in one directory.
const MOST_CHILDREN: usize = 10_000;

/// Where a root that nobody named is looked for.
pub struct Candidates<'a> {
    pub settings: &'a Settings,
    pub invocation: &'a Invocation<'a>,
    /// The command, in whose surroundings the root is looked for.
    pub words: Option<&'a Words>,
    /// The launcher's own file, where it is not this process's.
    pub launcher: Option<&'a Path>,
    pub well_known: &'a [&'a str],
}

impl Candidates<'_> {
    /// The first place that qualifies.
    pub fn search(&self, passed_over: Option<TriedPlace>) -> anyhow::Result<Root> {
        let mut budget = search_budget();
        let mut search = self.start(&mut budget);
        search.tried.places.extend(passed_over);
        if let Some(root) = self.first(&mut search)? {
            return Ok(root);
        }
        let named = self.of_words(search.budget);
        let near = self.beside_way(search.budget).filter(|near| !named.contains(near));
        Err(search.failure(&named, near.as_ref()).into())
    }

    pub(super) fn start<'b>(&'b self, budget: &'b mut Budget) -> RootSearch<'b> {
        let (tried, looked_at) = (TriedPlaces::default(), BTreeSet::new());
        RootSearch { settings: self.settings, invocation: self.invocation, tried, looked_at, budget }
    }

    fn first(&self, search: &mut RootSearch) -> anyhow::Result<Option<Root>> {
        let file = self.words.and_then(|words| entry::file_of(words, self.invocation));
        if let Some(CommandFile::Script(script)) = &file
            && let Some(root) = self.of_file(script, search)?
        {
            return Ok(Some(root));
        }
        let cwd = self.invocation.cwd();
        match cwd.map(|cwd| search.around(cwd)).transpose()? {
            Some(Some(root)) => return Ok(Some(root)),
            Some(None) => {}
            None => search.tried.places.push(TriedPlace::WorkingDirectory),
        }
        if let Some(CommandFile::Program(program)) = &file
            && let Some(root) = self.of_file(program, search)?
        {
            return Ok(Some(root));
        }
        if let Some(root) = cwd.map(|cwd| search.near(cwd)).transpose()?.flatten() {
            return Ok(Some(root));
        }
        let launcher = self.launcher.map(Path::to_owned).or_else(|| self.invocation.executable());
        if let Some(directory) = launcher.as_deref().and_then(Path::parent) {
            let here = (RootSource::LauncherDirectory, RootSource::AboveLauncher);
            if let Some(root) = search.upwards(directory, here) {
                return Ok(Some(root));
            }
        }
        Ok(self.well_known.iter().find_map(|place| search.place(Path::new(place), RootSource::WellKnown)))
    }

    /// The SDK that a file lies in, or that lies right beside it.
    fn of_file(&self, file: &Path, search: &mut RootSearch) -> anyhow::Result<Option<Root>> {
        self.directory_of(file).map_or(Ok(None), |directory| search.around_script(&directory))
    }

    /// By the file's own path, links and all; nothing where there is no such file.
    pub(super) fn directory_of(&self, file: &Path) -> Option<PathBuf> {
        let file = self.invocation.absolute(file, "the script").ok()?;
        let file = without_dots(&file).ok()?;
        // Of a directory, Python runs its `__main__.py`.
        if file.metadata().ok()?.is_dir() { Some(file) } else { file.parent().map(Path::to_owned) }
    }
}

/// What has been looked at so far.
pub(super) struct RootSearch<'b> {
    settings: &'b Settings,
    invocation: &'b Invocation<'b>,
    tried: TriedPlaces,
    /// What was looked at and is no root. A set: people may stand very deep.
    looked_at: BTreeSet<PathBuf>,
    budget: &'b mut Budget,
}

impl RootSearch<'_> {
    /// Nothing was found; the words of the command name some, and one is near.
    fn failure(&self, named: &[PathBuf], near: Option<&PathBuf>) -> Failure {
        self.tried.failure(self.budget.is_spent(), named, near)
    }

    fn pass_over(&mut self, place: PathBuf, source: RootSource, why: PlaceFault) {
        self.tried.places.push(TriedPlace::Passed { place, source, why });
    }

    /// The SDK that the user stands in, at any depth, or that is in the working directory.
    fn around(&mut self, cwd: &Path) -> anyhow::Result<Option<Root>> {
        let here = (RootSource::WorkingDirectory, RootSource::AboveWorkingDirectory);
        match self.upwards(cwd, here) {
            Some(root) => Ok(Some(root)),
            None => self.children(cwd, RootSource::InWorkingDirectory),
        }
    }

    /// The SDK that a script's directory lies in, or that is in it.
    pub(super) fn around_script(&mut self, directory: &Path) -> anyhow::Result<Option<Root>> {
        let here = (RootSource::ScriptDirectory, RootSource::AboveScript);
        match self.upwards(directory, here) {
            Some(root) => Ok(Some(root)),
            None => self.children(directory, RootSource::InScriptDirectory),
        }
    }

    /// An SDK beside the working directory, or two levels below it.
    fn near(&mut self, cwd: &Path) -> anyhow::Result<Option<Root>> {
        // From `/`, all there is would be two levels down.
        let Some(parent) = cwd.parent() else { return Ok(None) };
        match self.children(parent, RootSource::BesideWorkingDirectory)? {
            Some(root) => Ok(Some(root)),
            None => self.grandchildren(cwd, RootSource::BelowWorkingDirectory),
        }
    }

    /// The directory itself, then those above it.
    fn upwards(&mut self, directory: &Path, (at, above): (RootSource, RootSource)) -> Option<Root> {
        let source = |steps| if steps == 0 { at } else { above };
        plain_path::ancestors(directory)
            .enumerate()
            .find_map(|(steps, place)| self.place(place, source(steps)))
    }

    fn place(&mut self, place: &Path, source: RootSource) -> Option<Root> {
        if self.looked_at.contains(place) {
            return None;
        }
        let why = match sdk::lacks_service(place) {
            true => TriedPlace::NoService(place.to_owned(), source),
            false => match self.examine(place, source) {
                Ok(root) => return Some(root),
                Err(why) => TriedPlace::Passed { place: place.to_owned(), source, why },
            },
        };
        self.looked_at.insert(place.to_owned());
        self.tried.places.push(why);
        None
    }

    /// The children of a directory. Those without `service` are reported in one line, or a home directory would fill the screen.
    pub(super) fn children(&mut self, directory: &Path, source: RootSource) -> anyhow::Result<Option<Root>> {
        let all = directory.join("*");
        if !self.looked_at.insert(all.clone()) {
            return Ok(None);
        }
        let mut found = Qualified::default();
        match self.list(directory) {
            Ok((children, cut)) => {
                if let Some(error) = cut {
                    self.pass_over(all.clone(), source, PlaceFault::ListedInPart(error));
                }
                let without_service = self.qualifying(children, source, &mut found);
                self.conclude(directory, &all, (source, without_service), found)
            }
            Err(error) => {
                self.pass_over(all, source, PlaceFault::Unreadable(error));
                Ok(None)
            }
        }
    }

    fn grandchildren(&mut self, directory: &Path, source: RootSource) -> anyhow::Result<Option<Root>> {
        let (mut found, mut without_service) = (Qualified::default(), 0);
        // Whether this one can be listed is reported by the look at its children.
        let children_here = self.list(directory).map_or_else(|_| Vec::new(), |(children, _)| children);
        if children_here.len() > MOST_BELOW {
            self.pass_over(directory.join("*/*"), source, PlaceFault::TooMany(MOST_BELOW));
        }
        for child in children_here.into_iter().take(MOST_BELOW) {
            if found.is_full() || self.budget.is_spent() {
                break;
            }
            let (below, error) = match self.list(&child) {
                Ok(listed) => listed,
                // A link to a file, or a child that is gone by now, has no children.
                Err(error) if !child.is_dir() || sdk::is_absent(&error) => continue,
                Err(error) => (Vec::new(), Some(error)),
            };
            if let Some(error) = error {
                self.pass_over(child.join("*"), source, PlaceFault::Unreadable(error));
            }
            without_service += self.qualifying(below, source, &mut found);
        }
        self.conclude(directory, &directory.join("*/*"), (source, without_service), found)
    }

    /// Adds those of the directories that qualify; returns how many have no `service`.
    fn qualifying(&mut self, places: Vec<PathBuf>, source: RootSource, found: &mut Qualified) -> u32 {
        let mut without_service = 0;
        for place in places {
            if found.is_full() || !self.budget.take(SearchStep::Look.times(1)) {
                break;
            }
            if sdk::lacks_service(&place) {
                without_service += u32::from(place.is_dir());
                continue;
            }
            if !self.budget.take(SearchStep::Examination.times(1)) {
                break;
            }
            // `current -> v2` beside `v2` is one SDK, not two.
            if !found.has(&place) {
                found.roots.extend(self.place(&place, source));
            }
        }
        without_service
    }

    /// The one that qualifies; two are an error.
    fn conclude(
        &mut self,
        directory: &Path,
        all: &Path,
        (source, without_service): (RootSource, u32),
        mut found: Qualified,
    ) -> anyhow::Result<Option<Root>> {
        if found.roots.len() > 1 {
            let relation = match source {
                RootSource::BelowWorkingDirectory => "below it",
                _ => "in it",
            };
            let at_least = if found.is_full() { "at least " } else { "" };
            return Err(Failure::new(format!(
                "{} has {at_least}{} HeyGem SDKs {relation}",
                quote(directory),
                found.roots.len()
            ))
            .tried(found.roots.iter().map(|root| quote(&root.path)))
            .hint(
                by_name("name the one you mean", found.roots.iter().map(|root| &root.path))
                    .unwrap_or_default(),
            )
            .into());
        }
        if found.roots.is_empty() && without_service > 0 {
            self.pass_over(all.to_owned(), source, PlaceFault::NoServiceInAny(without_service));
        }
        Ok(found.roots.pop())
    }

    /// The directories and links in a directory, sorted; and the error that cut the listing short, if one did.
    fn list(&mut self, directory: &Path) -> io::Result<(Vec<PathBuf>, Option<io::Error>)> {
        self.budget.take(SearchStep::Look.times(1));
        let open = directory::open_below(CWD, directory)?;
        let listed = directory::list(open, MOST_CHILDREN);
        self.budget.take(SearchStep::Name.times(listed.entries.len()));
        let entries = listed.entries.into_iter().filter(|child| child.kind != EntryKind::File);
        let mut names: Vec<_> = entries.map(|child| child.name).collect();
        names.sort();
        Ok((names.into_iter().map(|name| directory.join(name)).collect(), listed.cut))
    }

    fn examine(&mut self, place: &Path, source: RootSource) -> Result<Root, PlaceFault> {
        let reached = directory::reach(place).map_err(PlaceFault::Unreadable)?;
        let (directory, is_open) = match self.trusted(place, &reached, source) {
            Ok((walked, is_open)) => (walked.unwrap_or(reached.directory), is_open),
            // Recognition opens nothing but directories.
            Err(doubt) => {
                return Err(match sdk::recognize(&reached.directory) {
                    Ok(Recognition::Sdk(_)) => {
                        self.tried.doubted.push(place.to_owned());
                        PlaceFault::Doubted(doubt)
                    }
                    Ok(Recognition::Other(lack)) => PlaceFault::NoSdk(lack),
                    Err(error) => PlaceFault::Unreadable(error),
                });
            }
        };
        let (sdk, bridge) = match recognize(site(place, &directory, self.settings, self.invocation)) {
            Ok((Recognition::Sdk(sdk), bridge)) => (sdk, bridge),
            Ok((Recognition::Other(lack), _)) => return Err(PlaceFault::NoSdk(lack)),
            Err(error) => return Err(PlaceFault::Unreadable(error)),
        };
        Ok(Root { path: place.to_owned(), source, sdk: Some(sdk), directory, is_open, bridge })
    }

    /// Whether a place is to be trusted, since another user could have planted it. Returns the directory that the way to it led to, if
    /// that was walked, and whether everyone can write to it.
    fn trusted(
        &self,
        place: &Path,
        reached: &Reached,
        source: RootSource,
    ) -> Result<(Option<OwnedFd>, bool), SdkDoubt> {
        let user = self.invocation.user;
        if source.is_far() {
            return match far::open(place, user)? {
                (WayEnd::Directory(directory), is_open) => Ok((Some(directory), is_open)),
                (WayEnd::Missing(..), _) => Err(SdkDoubt::Removed),
                (WayEnd::Doubted(doubt), _) => Err(SdkDoubt::Fault(RootFault::Doubted(doubt))),
            };
        }
        match way::stood_in(place, reached, user)? {
            RootVerdict::Used => Ok((None, false)),
            RootVerdict::UsedThoughOpen => Ok((None, true)),
            RootVerdict::PassedOver(fault) => Err(SdkDoubt::Fault(fault)),
        }
    }
}

#[cfg(test)]
mod tests;
