//! What Python finds by which name: the bridge, and what hides what.

use std::collections::BTreeSet;
use std::path::Path;

use crate::bridge::names::{self, Names, Reason, is_standard_library};
use crate::doctor::case::Case;
use crate::doctor::diagnosis::{Finding, Status};
use crate::entry::python_line;
use crate::invocation::same_file;
use crate::plan::BridgeEntry;
use crate::sdk::abi::Version;
use crate::sdk::modules::ModuleFile;
use crate::sdk::scan::Scan;
use crate::sdk::{SERVICE_MODULE, SERVICE_PACKAGE};
use crate::shell::quote;
use crate::warning::Warning;

/// Where the bridge is, which names it has, and which not. `was_there` tells whether it was built for this.
pub fn bridge(case: &Case, was_there: bool) -> Vec<Finding> {
    let mut findings = Vec::new();
    match &case.changes.python_path.bridge {
        Some(BridgeEntry::At(directory)) => {
            let state = if was_there { "fresh" } else { "built now" };
            let names = told(&names::decide(&case.scan));
            findings.push(Finding::ok(format!("{} ({state}), {names}", quote(directory))));
        }
        _ if !case.settings.bridge => findings.push(Finding::info("left out: --no-bridge")),
        _ if case.root.sdk.is_none() => findings.push(Finding::skip("there is no SDK to bridge")),
        _ => {
            let place = quote(case.root.path.join(".heygem-run"));
            let remedy =
                format!("make {place} writable, or heygem-run --prepare as a user who can write there");
            let unbuilt = Finding::of_warnings(Status::Fail, &case.warnings, |warning| {
                matches!(warning, Warning::NoBridge { .. })
            });
            // It names every place and what is wrong with it: doubts of some are no news.
            return unbuilt.into_iter().map(|finding| finding.mend(&remedy)).collect();
        }
    }
    findings.extend(Finding::of_warnings(Status::Warn, &case.warnings, |warning| {
        matches!(warning, Warning::UntrustedBridge { .. } | Warning::TruncatedListing { .. })
    }));
    findings
}

fn told(names: &Names) -> String {
    let mut told = match names.bridged.len() {
        1 => "1 name".to_owned(),
        count => format!("{count} names"),
    };
    let mut left_out = Vec::new();
    for (name, reason) in &names.left_out {
        left_out.push(match reason {
            Reason::StandardLibrary => format!("{name} (the standard library has it)"),
            Reason::TopLevel => format!("{name} (the root has one)"),
            Reason::Ambiguous(all) => format!("{name} (ambiguous: {})", all.join(", ")),
        });
    }
    if !left_out.is_empty() {
        told += &format!("; left out: {}", left_out.join(", "));
    }
    told
}

/// What hides packages of the SDK, and what of ours hides the standard library.
pub fn shadow(case: &Case) -> Vec<Finding> {
    let mut findings = Finding::of_warnings(Status::Fail, &case.warnings, |warning| {
        matches!(warning, Warning::PackageOnPath { .. } | Warning::HiddenPackage { .. })
    });
    findings.extend(hidden_packages(case));
    findings.extend(hides_standard_library(case));
    if findings.is_empty() {
        findings.push(Finding::ok("nothing hides the SDK's packages or the standard library"));
    }
    findings
}

/// `mv` for a module or package that is in another's way.
fn rename(directory: &Path, file: &str, name: &str) -> String {
    let other = file.replacen(name, &format!("my_{name}"), 1);
    format!("mv {} {}", quote(directory.join(file)), quote(directory.join(other)))
}

/// What Python puts in front of everything else, unless that is the root.
fn first_entry<'c>(case: &'c Case) -> Option<&'c Path> {
    let target = case.target.as_ref()?;
    let first = match &target.script_directory {
        Some(directory) => directory.as_path(),
        None if python_line::is_python(target.program.as_os_str()) => case.start(),
        None => return None,
    };
    (first != case.root.path && !same_file(first, &case.root.path)).then_some(first)
}

fn hidden_packages(case: &Case) -> Vec<Finding> {
    let Some(first) = first_entry(case) else { return Vec::new() };
    let packages = compiled_packages(&case.scan).into_iter().filter(|name| *name != SERVICE_PACKAGE);
    packages
        .filter_map(|name| {
            let own = own_module(first, name)?;
            let found = format!("{} hides the SDK's own {name} package", quote(first.join(&own)));
            Some(Finding::fail(found, rename(first, &own, name)))
        })
        .collect()
}

/// The root's packages that are certainly the SDK's: `tests` or `docs` in it are nobody's loss.
fn compiled_packages(scan: &Scan) -> BTreeSet<&str> {
    let modules = scan.modules.iter();
    modules
        .filter(|module| module.compiled || module.name == SERVICE_MODULE)
        .filter_map(|module| module.package.split('.').next().filter(|package| !package.is_empty()))
        .collect()
}

/// The regular package or the module of that name in a directory, as a file's name. A directory without `__init__.py` gives way.
fn own_module(directory: &Path, name: &str) -> Option<String> {
    if directory.join(name).join("__init__.py").is_file() {
        return Some(name.to_owned());
    }
    let file = format!("{name}.py");
    directory.join(&file).is_file().then_some(file)
}

/// Names that left the standard library, and when; and `test`, which nobody imports from there.
const NOT_ANY_MORE: [(&str, u8); 10] = [
    ("asynchat", 12),
    ("asyncore", 12),
    ("binhex", 11),
    ("distutils", 12),
    ("formatter", 10),
    ("imp", 12),
    ("parser", 10),
    ("smtpd", 12),
    ("symbol", 10),
    ("test", 0),
];

/// Python has these before it looks at any directory.
const NEVER_HIDDEN: [&str; 12] = [
    "__future__",
    "_abc",
    "abc",
    "builtins",
    "codecs",
    "io",
    "marshal",
    "os",
    "posix",
    "site",
    "sys",
    "time",
];

/// The root and its parent come before the standard library.
fn hides_standard_library(case: &Case) -> Vec<Finding> {
    let version = case.target.as_ref().and_then(|target| target.version);
    let mut findings = Vec::new();
    for directory in [Some(case.root.path.as_path()), case.root.path.parent()].into_iter().flatten() {
        let entries = directory.read_dir().into_iter().flatten().flatten();
        let mut names: BTreeSet<String> = BTreeSet::new();
        for entry in entries {
            let file = entry.file_name();
            let module = ModuleFile::parse(&file).map(|module| module.name).or(file.to_str());
            names.extend(module.filter(|name| is_hidden(name, version)).map(str::to_owned));
        }
        for name in names {
            if let Some(own) = own_module(directory, &name) {
                let found = format!("{} hides the standard library's {name}", quote(directory.join(&own)));
                findings.push(Finding::warn(found, rename(directory, &own, &name)));
            }
        }
    }
    findings
}

fn is_hidden(name: &str, version: Option<Version>) -> bool {
    let is_gone = |(gone, minor): &(&str, u8)| {
        *gone == name && version.is_none_or(|version| version >= Version { major: 3, minor: *minor })
    };
    is_standard_library(name) && !NEVER_HIDDEN.contains(&name) && !NOT_ANY_MORE.iter().any(is_gone)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_interpreter_would_import_is_hidden() {
        let at = |minor| Some(Version { major: 3, minor });
        let table = [
            ("queue", at(8), true),
            ("parser", at(8), true),
            ("parser", at(10), false),
            ("parser", None, false),
            ("test", at(8), false),
            ("sys", at(8), false),
            ("app", at(8), false),
        ];
        for (name, version, expected) in table {
            assert_eq!(is_hidden(name, version), expected, "{name} {version:?}");
        }
    }
}
