//! Whether the SDK's compiled modules and the interpreter are made for each other.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use std::ffi::OsString;

use super::launches;
use crate::doctor::case::Case;
use crate::doctor::diagnosis::{CheckFinding, Topic};
use crate::doctor::elf::{Elf, is_for_another_machine};
use crate::doctor::evidence::Evidence;
use crate::doctor::rehearsal::InterpreterFacts;
use crate::entry::program::SearchPath;
use crate::remedy::Remedy;
use crate::sdk::SERVICE_MODULE;
use crate::sdk::abi::Version;
use crate::settings::Words;
use crate::shell::quote;

/// How to run another interpreter.
pub fn instead(case: &Case, python: &Path) -> Remedy {
    let python = shortest(case, python);
    let Some(target) = case.target.as_ref().filter(|_| case.is_asked_for) else {
        return Remedy::option("--python", python);
    };
    let is_python = |word: &OsString| crate::entry::python_line::is_python(word);
    match (&case.words, case.launched.as_ref().filter(|_| case.is_own_python)) {
        (Words::Command(_), Some(launched)) => match target.words.get(launched.interpreter) {
            Some(word) if is_python(word) => {
                let mut words = target.words.clone();
                words[launched.interpreter] = python.into();
                Remedy::command(words)
            }
            // Its `#!` line names the other one.
            _ if let Some(remedy) = launches::by_python(case, &python) => remedy,
            _ => Remedy::words(format!("name {} in what is run", quote(&python))),
        },
        (Words::Command(_), None) => Remedy::words(format!(
            "put {} in front of PATH, or name it in what is run",
            quote(python.parent().filter(|parent| *parent != Path::new("")).unwrap_or(&python))
        )),
        (Words::Script(words), _) if case.names_python() => {
            let option = ["--python".into(), python.into_os_string()];
            Remedy::Launch(option.into_iter().chain(words.iter().cloned()).collect())
        }
        (Words::Module(words), _) if case.names_python() => {
            let option = ["--python".into(), python.into_os_string(), "-m".into()];
            Remedy::Launch(option.into_iter().chain(words.iter().cloned()).collect())
        }
        _ => Remedy::option("--python", python),
    }
}

/// `python3.8`, where that is what PATH has first.
fn shortest(case: &Case, python: &Path) -> PathBuf {
    let name = python.file_name().unwrap_or_default();
    let search = SearchPath::new(&case.invocation.environment, case.invocation.cwd());
    match search.find(name) {
        Some(found) if found.path == python && case.is_asked_for && case.is_command => PathBuf::from(name),
        _ => python.to_owned(),
    }
}

/// The SDK's tags against the interpreter's own.
pub fn abi(case: &Case, facts: &InterpreterFacts, evidence: &Evidence) -> Vec<CheckFinding> {
    let about = |finding: CheckFinding| finding.about([Topic::Abi, Topic::Module("service".into())]);
    judged(case, facts, evidence).into_iter().map(about).collect()
}

fn judged(case: &Case, facts: &InterpreterFacts, evidence: &Evidence) -> Vec<CheckFinding> {
    if case.compiled.is_empty() {
        return vec![CheckFinding::ok("nothing is compiled: any Python will do")];
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
    let unfit = case.unfit_suffixes(&facts.suffixes);
    let own = format!("Python {} imports {} ({}, {})", facts.version, facts.tag, facts.machine, facts.libc);
    if unfit.is_empty() {
        let modules = if case.compiled.len() == 1 { "module" } else { "modules" };
        return vec![CheckFinding::ok(format!("{} compiled {modules}; {own}", case.compiled.len()))];
    }
    let list = |(suffix, count): (&String, &usize)| {
        format!("{count} of {} compiled modules are for {suffix}", case.compiled.len())
    };
    let all: Vec<_> = unfit.iter().map(list).collect();
    let found = format!("{}; {own}: No module named 'service.{SERVICE_MODULE}'", all.join(", "));
    if let Some(strays) = strays(case, facts, &unfit) {
        return vec![CheckFinding::fail(found, strays)];
    }
    let suffix = unfit.iter().max_by_key(|(_, count)| **count).map(|(suffix, _)| suffix.as_str());
    vec![CheckFinding::fail(found, other_python(case, suffix.unwrap_or_default(), facts, evidence))]
}

/// The platform of a module's suffix or tag: `x86_64-linux-gnu`.
fn platform(suffix: &str) -> Option<&str> {
    suffix.trim_end_matches(".so").splitn(3, '-').nth(2)
}

/// Where most modules are for this Python, the few that are for another are what is wrong.
fn strays(case: &Case, facts: &InterpreterFacts, unfit: &BTreeMap<String, usize>) -> Option<Remedy> {
    let is_few = unfit.values().sum::<usize>() * 2 < case.compiled.len();
    let is_near = unfit.keys().all(|suffix| platform(suffix) == platform(&facts.tag));
    let is_stray = |path: &&PathBuf| {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        unfit.keys().any(|suffix| name.ends_with(suffix.as_str()))
    };
    let wanted = |path: &PathBuf| {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let stem = name.split('.').next().unwrap_or(name);
        quote(path.with_file_name(format!("{stem}{}", facts.tag)))
    };
    let files: Vec<String> = case.compiled.iter().filter(is_stray).map(wanted).collect();
    (is_few && is_near)
        .then(|| Remedy::words(format!("copy {} again from where the others came from", files.join(", "))))
}

/// From 3.12 on, CPython hands an extension module's path on as UTF-8, and loads none whose path is not.
fn no_text(case: &Case, facts: &InterpreterFacts) -> Option<CheckFinding> {
    let is_strict = Version::from_full(&facts.version) >= Some(Version { major: 3, minor: 12 });
    let root = case.root.path.as_path();
    let place = quote(root);
    (is_strict && root.to_str().is_none()).then(|| {
        CheckFinding::fail(
            format!(
                "Python {} loads no compiled module from {place}, which is not UTF-8: UnicodeEncodeError",
                facts.version
            ),
            format!("move the SDK to a path that is: mv {place} …"),
        )
    })
}

/// A module that was built on a system whose C library is newer than the one here.
fn newer_system(case: &Case, facts: &InterpreterFacts) -> Option<CheckFinding> {
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
        CheckFinding::fail(
            format!(
                "{} needs glibc {version}, and here is {own}: version `GLIBC_{version}' not found",
                quote(path)
            ),
            format!("take an image that has glibc {version} or later"),
        )
    })
}

/// A module for another machine: an untagged name does not tell, the file does.
fn foreign(case: &Case, facts: &InterpreterFacts) -> Option<CheckFinding> {
    let own = Elf::read(Path::new(&facts.executable)).ok()?;
    let path = case.compiled.iter().find(|path| is_for_another_machine(path, &own))?;
    Some(CheckFinding::fail(
        format!("{} is compiled for another machine than {}", quote(path), facts.machine),
        format!(
            "an SDK that is compiled for {}, or a machine of its kind (docker run --platform …)",
            facts.machine
        ),
    ))
}

/// What runs modules of that suffix.
fn other_python(case: &Case, suffix: &str, facts: &InterpreterFacts, evidence: &Evidence) -> Remedy {
    let tag = suffix.trim_start_matches('.').trim_end_matches(".so");
    let Some(version) = Version::from_tag(tag) else {
        return format!("an SDK that is compiled for Python {} on {}", facts.version, facts.machine).into();
    };
    if platform(tag) != platform(&facts.tag) {
        let system = platform(tag).unwrap_or_default();
        return format!("the SDK runs on {system} only: take an image of that kind, with Python {version}")
            .into();
    }
    match evidence.candidates.iter().find(|candidate| candidate.version == version) {
        Some(candidate) => instead(case, &candidate.path),
        None => format!(
            "have Python {version} installed (uv python install {version}, or conda create -n human python={version}), then --python CMD"
        )
        .into(),
    }
}
