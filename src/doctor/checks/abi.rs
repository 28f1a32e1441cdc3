//! Whether the SDK's compiled modules and the interpreter are made for each other.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::doctor::case::Case;
use crate::doctor::diagnosis::Finding;
use crate::doctor::elf::Elf;
use crate::doctor::facts::Facts;
use crate::entry::interpreter::{InterpreterSearch, version_of};
use crate::entry::program::SearchPath;
use crate::sdk::SERVICE_MODULE;
use crate::sdk::abi::Version;
use crate::shell::quote;

/// Whether the interpreter imports the SDK's compiled modules.
pub fn fits(case: &Case, facts: &Facts) -> bool {
    unfit(case, &facts.suffixes).is_empty()
}

/// How to run another interpreter.
pub fn instead(case: &Case, python: &Path) -> String {
    match &case.target {
        Some(_) if case.is_command && !case.is_own_python => {
            format!(
                "put {} in front of PATH, or name it in what is run",
                quote(python.parent().unwrap_or(python))
            )
        }
        Some(target) if case.is_command => {
            let words = target.words.iter().skip(1).map(quote).collect::<Vec<_>>().join(" ");
            format!("heygem-run -- {} {words}", quote(python)).trim_end().to_owned()
        }
        _ => format!("--python {}", quote(python)),
    }
}

/// The suffixes of modules of which there is no file that the interpreter imports, and how many there are of each.
fn unfit(case: &Case, suffixes: &[String]) -> BTreeMap<String, usize> {
    let split = |path: &PathBuf| {
        let name = path.file_name()?.to_str()?;
        let (stem, suffix) = name.split_once('.')?;
        Some((path.with_file_name(stem), format!(".{suffix}")))
    };
    let files: Vec<_> = case.compiled.iter().filter_map(split).collect();
    let imported: BTreeSet<_> =
        files.iter().filter(|(_, suffix)| suffixes.contains(suffix)).map(|(module, _)| module).collect();
    let mut unfit = BTreeMap::new();
    for (_, suffix) in files.iter().filter(|(module, _)| !imported.contains(module)) {
        *unfit.entry(suffix.clone()).or_default() += 1;
    }
    unfit
}

/// The SDK's tags against the interpreter's own.
pub fn abi(case: &Case, facts: &Facts) -> Vec<Finding> {
    if case.compiled.is_empty() {
        return vec![Finding::ok("nothing is compiled: any Python will do")];
    }
    if let Some(foreign) = foreign(case, facts) {
        return vec![foreign];
    }
    if let Some(unreadable) = no_text(case, facts) {
        return vec![unreadable];
    }
    if let Some(newer) = newer_system(case, facts) {
        return vec![newer];
    }
    let unfit = unfit(case, &facts.suffixes);
    let own = format!("Python {} imports {} ({}, {})", facts.version, facts.tag, facts.machine, facts.libc);
    if unfit.is_empty() {
        return vec![Finding::ok(format!("{} compiled modules; {own}", case.compiled.len()))];
    }
    unfit
        .iter()
        .map(|(suffix, count)| {
            let found = format!("{count} of {} compiled modules are for {suffix}; {own}: No module named 'service.{SERVICE_MODULE}'", case.compiled.len());
            Finding::fail(found, other_python(case, suffix, facts))
        })
        .collect()
}

/// From 3.12 on, CPython hands an extension module's path on as UTF-8, and loads none whose path is not.
fn no_text(case: &Case, facts: &Facts) -> Option<Finding> {
    let is_strict = Version::from_full(&facts.version) >= Some(Version { major: 3, minor: 12 });
    let root = case.root.path.as_path();
    let place = quote(root);
    (is_strict && root.to_str().is_none()).then(|| {
        Finding::fail(
            format!(
                "Python {} loads no compiled module from {place}, which is not UTF-8: UnicodeEncodeError",
                facts.version
            ),
            format!("move the SDK to a path that is: mv {place} …"),
        )
    })
}

/// A module that was built on a system whose C library is newer than the one here.
fn newer_system(case: &Case, facts: &Facts) -> Option<Finding> {
    let own = Version::from_full(facts.libc.strip_prefix("glibc ")?)?;
    let needed = |path: &PathBuf| {
        let versions = Elf::read(path).ok()?.versions;
        versions
            .iter()
            .filter_map(|version| Version::from_full(version.to_str()?.strip_prefix("GLIBC_")?))
            .max()
    };
    let (version, path) = case.compiled.iter().filter_map(|path| Some((needed(path)?, path))).max()?;
    (version > own).then(|| {
        Finding::fail(
            format!(
                "{} needs glibc {version}, and here is {own}: version `GLIBC_{version}' not found",
                quote(path)
            ),
            format!("take an image that has glibc {version} or later"),
        )
    })
}

/// A module for another machine: an untagged name does not tell, the file does.
fn foreign(case: &Case, facts: &Facts) -> Option<Finding> {
    let own = Elf::read(Path::new(&facts.executable)).ok()?.machine;
    let is_foreign = |path: &&PathBuf| Elf::read(path).is_ok_and(|elf| elf.machine != own);
    let path = case.compiled.iter().find(is_foreign)?;
    Some(Finding::fail(
        format!("{} is compiled for another machine than {}", quote(path), facts.machine),
        format!(
            "an SDK that is compiled for {}, or a machine of its kind (docker run --platform …)",
            facts.machine
        ),
    ))
}

/// What runs modules of that suffix.
fn other_python(case: &Case, suffix: &str, facts: &Facts) -> String {
    let tag = suffix.trim_start_matches('.').trim_end_matches(".so");
    let platform = |tag: &str| {
        tag.trim_start_matches('.').trim_end_matches(".so").splitn(3, '-').nth(2).map(str::to_owned)
    };
    let Some(version) = Version::from_tag(tag) else {
        return format!("an SDK that is compiled for Python {} on {}", facts.version, facts.machine);
    };
    if platform(tag) != platform(&facts.tag) {
        let system = platform(tag).unwrap_or_default();
        return format!("the SDK runs on {system} only: take an image of that kind, with Python {version}");
    }
    match find_python(case, version) {
        Some(python) => instead(case, &python),
        None => format!(
            "install Python {version} (uv python install {version}, or conda create -n human python={version}), then --python CMD"
        ),
    }
}

/// Where the launch itself would find it, then where version managers keep theirs.
fn find_python(case: &Case, version: Version) -> Option<PathBuf> {
    let environment = &case.invocation.environment;
    let search = SearchPath::new(environment, case.invocation.cwd());
    let places = InterpreterSearch { environment, search, root: &case.root.path, versions: &[version] };
    let chosen = places.choose().ok().filter(|choice| choice.version == Some(version));
    chosen.map(|choice| choice.path).or_else(|| {
        let home = environment.get_non_empty("HOME").map(PathBuf::from).unwrap_or_default();
        let managed = [
            home.join(".pyenv/versions"),
            home.join(".local/share/uv/python"),
            "/opt/conda/envs".into(),
            home.join("miniconda3/envs"),
            home.join("anaconda3/envs"),
        ];
        let environments = managed.iter().flat_map(|place| place.read_dir().into_iter().flatten().flatten());
        let name = format!("bin/python{version}");
        let pythons = environments.map(|entry| entry.path().join(&name));
        pythons.filter(|python| python.is_file() && version_of(python) == Some(version)).max()
    })
}
