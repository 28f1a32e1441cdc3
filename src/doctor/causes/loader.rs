//! Failures of the dynamic loader.

use std::path::{Path, PathBuf};

use crate::doctor::checks::{abi, libraries};
use crate::doctor::diagnosis::{Check, CheckFinding, Conclusion, Topic};
use crate::doctor::elf::Elf;
use crate::doctor::evidence::Rehearsed;
use crate::doctor::installed::Installed;
use crate::doctor::loader_text::{self, LoaderFault};
use crate::doctor::low_limits;
use crate::doctor::mounts;
use crate::doctor::rehearsal::StepFailure;
use crate::invocation::same_file;
use crate::path_list;
use crate::remedy::Remedy;
use crate::shell::quote;

/// What a failure of the loader comes down to.
pub fn loader(rehearsed: &Rehearsed, failure: &StepFailure) -> Option<Conclusion> {
    let told = failure.chain().find(|failure| failure.is("ImportError") || failure.is("OSError"))?;
    let fault = loader_text::parse(&told.text)?;
    Some(Conclusion::new(Check::Libraries, finding(rehearsed, failure, &fault)))
}

fn finding(rehearsed: &Rehearsed, failure: &StepFailure, fault: &LoaderFault) -> CheckFinding {
    let module = &failure.step.module;
    match fault {
        LoaderFault::Missing(library) => {
            let by = rehearsed.evidence.rehearsal.loaded.as_deref().filter(|_| failure.is("ImportError"));
            let by = failure.path.as_deref().or(by).unwrap_or(Path::new(module));
            let found = format!("the loader does not find {library}, which {} needs", quote(by));
            let remedy = match rehearsed.facts() {
                Some(facts) => libraries::remedy(rehearsed.case, facts, &[library.as_ref()]),
                None => "have it installed".into(),
            };
            CheckFinding::fail(found, remedy).about([Topic::Library(library.clone())])
        }
        LoaderFault::Old { library, version, by } => old_library(rehearsed, library, version, by.as_deref()),
        LoaderFault::NotMapped(file) => not_mapped(file),
        LoaderFault::Symbol { file, symbol } if symbol.starts_with("_Py") || symbol.starts_with("Py") => {
            foreign(rehearsed, file, symbol)
        }
        LoaderFault::Symbol { file, symbol } if let Some(library) = listed_library(rehearsed, file) => {
            let found = format!("{} needs the symbol {symbol}, which no loaded library defines", quote(file));
            hiding_library(rehearsed, &library, &found)
        }
        LoaderFault::Symbol { file, symbol } => CheckFinding::fail(
            format!("{} needs the symbol {symbol}, which no loaded library defines", quote(file)),
            "take the versions of its packages that belong together",
        )
        .about([Topic::Path(file.clone())]),
        LoaderFault::Damaged { file, why } => CheckFinding::fail(
            format!("{} can't be loaded: {why}", quote(file)),
            again(rehearsed, file).unwrap_or_else(|| "copy it again from where it came from".into()),
        )
        .about([Topic::Path(file.clone())]),
        LoaderFault::NoInit(name) => {
            let file = failure.path.clone().unwrap_or_default();
            let found = format!("{} is not a module {name}: it has no PyInit_{name}", quote(&file));
            CheckFinding::fail(found, of_its_place(rehearsed, &file))
                .about([Topic::Path(file), Topic::Module(name.clone())])
        }
    }
}

/// What is done about a file that is no module: of a package it is a bad copy, elsewhere it is in the way.
fn of_its_place(rehearsed: &Rehearsed, file: &Path) -> Remedy {
    let root = rehearsed.case.root.path.as_path();
    let is_in_package = file.starts_with(root) && file.parent() != Some(root);
    match again(rehearsed, file) {
        Some(remedy) => remedy,
        None if is_in_package => "copy it again from where the SDK came from".into(),
        None => Remedy::rename(file),
    }
}

/// What installs the package again that a file belongs to.
fn again(rehearsed: &Rehearsed, file: &Path) -> Option<Remedy> {
    let facts = rehearsed.facts()?;
    let inside = facts.site_packages.iter().find_map(|place| file.strip_prefix(place).ok())?;
    let package = inside.components().next()?.as_os_str().to_str()?;
    Installed::read(&facts.site_packages).again(&facts.executable, package)
}

/// A library that is too old, and the list that put it in front of the system's.
fn old_library(rehearsed: &Rehearsed, library: &Path, version: &str, by: Option<&Path>) -> CheckFinding {
    let needs = by.map_or(String::new(), |by| format!(", which {} needs", quote(by)));
    let found = format!("{} has no {version}{needs}", quote(library));
    let listed = rehearsed.case.variable("LD_LIBRARY_PATH").unwrap_or_default();
    let entries = path_list::split(&listed, Some(rehearsed.case.start())).directories;
    let directory = library.parent().unwrap_or(Path::new("/"));
    let is_front = |entry: &PathBuf| entry == directory || same_file(entry, directory);
    let name = library.file_name().unwrap_or_default();
    let is_asked_for =
        rehearsed.case.settings.library_dirs.as_ref().is_some_and(|dirs| dirs.value.iter().any(is_front));
    if is_asked_for {
        return CheckFinding::fail(
            format!("{found}: -L {} hides the system's", quote(directory)),
            format!("leave out -L {}", quote(directory)),
        )
        .about([Topic::Path(library.to_owned())]);
    }
    if entries.iter().any(is_front) {
        return hiding_library(rehearsed, library, &found);
    }
    let other =
        rehearsed.facts().and_then(|facts| libraries::place_with(rehearsed.case, facts, name, library));
    let remedy = match other {
        Some(place) => Remedy::option("-L", place),
        None => Remedy::words(format!("take an image whose {} has {version}", quote(name))),
    };
    let about = by.map(|by| Topic::Path(by.to_owned()));
    CheckFinding::fail(found, remedy).about([Topic::Path(library.to_owned())]).about(about)
}

/// A library that a file needs and that LD_LIBRARY_PATH puts in front of the system's.
fn listed_library(rehearsed: &Rehearsed, file: &Path) -> Option<PathBuf> {
    let listed = rehearsed.case.variable("LD_LIBRARY_PATH")?;
    let entries = path_list::split(&listed, Some(rehearsed.case.start())).directories;
    let needed = Elf::read(file).ok()?.needed;
    let places = needed.iter().flat_map(|name| entries.iter().map(move |entry| entry.join(name)));
    places.into_iter().find(|path| path.is_file())
}

/// One that LD_LIBRARY_PATH puts in front of another, and the list without its directory.
fn hiding_library(rehearsed: &Rehearsed, library: &Path, found: &str) -> CheckFinding {
    let listed = rehearsed.case.variable("LD_LIBRARY_PATH").unwrap_or_default();
    let entries = path_list::split(&listed, Some(rehearsed.case.start())).directories;
    let directory = library.parent().unwrap_or(Path::new("/"));
    let others = entries.iter().map(PathBuf::as_path);
    let others: Vec<&Path> =
        others.filter(|entry| *entry != directory && !same_file(entry, directory)).collect();
    let remedy = match others.is_empty() {
        true => Remedy::unset("LD_LIBRARY_PATH"),
        false => Remedy::Set("LD_LIBRARY_PATH".into(), path_list::join(others)),
    };
    let found = format!(
        "{found}: LD_LIBRARY_PATH hides the system's {} with {}",
        quote(library.file_name().unwrap_or_default()),
        quote(library)
    );
    CheckFinding::fail(found, remedy).about([Topic::Path(library.to_owned())])
}

/// No memory for it, or a mount that nothing is run from.
fn not_mapped(file: &Path) -> CheckFinding {
    let place = quote(file);
    let finding = match mounts::noexec(file) {
        Some(mount) => {
            let line = format!("mount -o remount,exec {}", quote(&mount));
            CheckFinding::fail(
                format!("{place} is on {}, which is mounted noexec: failed to map segment", quote(&mount)),
                Remedy::AsRoot(line),
            )
        }
        None if let Some(limit) = low_limits::of_any_memory() => {
            let found = format!("{limit}, and that is not enough for {place}: failed to map segment");
            CheckFinding::fail(found, limit.remedy()).about([Topic::Limit])
        }
        None => CheckFinding::fail(
            format!("{place} can't be mapped: failed to map segment from shared object"),
            "check for a limit of memory (ulimit -v) and for a rule of SELinux",
        ),
    };
    finding.about([Topic::Path(file.to_owned())])
}

/// A module that was compiled for another Python.
fn foreign(rehearsed: &Rehearsed, file: &Path, symbol: &str) -> CheckFinding {
    let own = rehearsed.facts().map_or("this Python", |facts| facts.version.as_str());
    let other = rehearsed.evidence.candidates.first();
    let made_for = other.map_or(String::new(), |other| format!(" ({})", other.version));
    let found = format!(
        "{} is compiled for another Python{made_for} than {own}: undefined symbol: {symbol}",
        quote(file)
    );
    let remedy = match other {
        Some(other) => abi::instead(rehearsed.case, &other.path),
        None => Remedy::words("name the Python that it was compiled for: --python CMD"),
    };
    CheckFinding::fail(found, remedy).about([Topic::Path(file.to_owned()), Topic::Abi])
}
