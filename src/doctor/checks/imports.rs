//! What Python finds by which name: the bridge, and what hides what.

use std::path::Path;

use super::warnings::check_of;
use super::{launches, roots};
use crate::bridge::names::{Names, Reason};
use crate::doctor::case::Case;
use crate::doctor::diagnosis::{Check, CheckFinding, Status, Topic};
use crate::doctor::evidence::Rehearsed;
use crate::doctor::low_limits;
use crate::doctor::rehearsal::{Hider, is_known_package, packages};
use crate::invocation::same_file;
use crate::path_list;
use crate::plan::BridgeEntry;
use crate::remedy::Remedy;
use crate::sdk::SERVICE_PACKAGE;
use crate::sdk::is_sdk_at;
use crate::shell::quote;
use crate::warning::Warning;
use crate::warning::bridge::{BridgeWarning, UnreadPath};
use crate::warning::path::PathWarning;
use crate::warning::root::RootWarning;

/// Where the bridge is, which names it has, and which not. `was_there` tells whether it was built for this.
/// What is told of a directory that nobody may enter is not told again.
pub fn bridge(case: &Case, was_there: bool, spoken_of: &[CheckFinding]) -> Vec<CheckFinding> {
    let mut findings = Vec::new();
    match &case.changes.python_path.bridge {
        Some(BridgeEntry::At(directory)) => {
            let state = if was_there { "fresh" } else { "built now" };
            let names = told(&case.names);
            findings.push(CheckFinding::ok(format!("{} ({state}), {names}", quote(directory))));
        }
        _ if !case.settings.bridge => findings.push(CheckFinding::info("left out: --no-bridge")),
        _ if case.root.sdk.is_none() => findings.push(CheckFinding::skip("there is no SDK to bridge")),
        _ => {
            let place = quote(case.root.path.join(".heygem-run"));
            let unbuilt = CheckFinding::of_warnings(Status::Fail, &case.warnings, |warning| {
                matches!(warning, Warning::Bridge(BridgeWarning::Unbuilt { .. }))
            });
            let limit = low_limits::of_files();
            // It names every place and what is wrong with it: doubts of some are no news.
            let told = |finding: CheckFinding| {
                match &limit {
                Some(limit) => CheckFinding { found: format!("{limit}: {}", finding.found), ..finding }
                    .with_remedy(limit.remedy())
                    .about([Topic::Limit, Topic::Bridge]),
                None => finding
                    .with_remedy(Remedy::words(format!(
                        "give this user the right to write to {place}, or heygem-run --prepare as a user who can write there"
                    )))
                    .about([Topic::Bridge]),
            }
            };
            return unbuilt.into_iter().map(told).collect();
        }
    }
    let closed = roots::closed_packages(&case.root.path);
    let warned = case.warnings.iter().filter(|warning| check_of(warning) == Some(Check::Bridge));
    for warning in warned.filter(|warning| !is_told_of(warning, spoken_of)) {
        let named = closed.iter().flat_map(|closed| &closed.topics).filter(|topic| is_unread(warning, topic));
        findings.push(CheckFinding::of_warning(Status::Warn, warning).about(named.cloned()));
    }
    findings
}

/// What could not be read for the bridge, where the warning is of that.
fn unread_of(warning: &Warning) -> &[UnreadPath] {
    match warning {
        Warning::Bridge(BridgeWarning::UnreadListing { unread }) => unread,
        _ => &[],
    }
}

/// Whether that, or what is in it, is what could not be read.
fn is_unread(warning: &Warning, topic: &Topic) -> bool {
    let Topic::Path(path) = topic else { return false };
    unread_of(warning).iter().any(|unread| unread.path.starts_with(path))
}

/// Whether all that could not be read for it is in what these are about.
fn is_told_of(warning: &Warning, told: &[CheckFinding]) -> bool {
    let told = || told.iter().filter(|finding| finding.is_amiss()).flat_map(|finding| &finding.topics);
    let is_told =
        |unread: &UnreadPath| told().any(|topic| matches!(topic, Topic::Path(path) if *path == unread.path));
    let unread = unread_of(warning);
    !unread.is_empty() && unread.iter().all(is_told)
}

fn told(names: &Names) -> String {
    let mut told = match names.bridged.len() {
        1 => "1 name".to_owned(),
        count => format!("{count} names"),
    };
    let mut left_out = Vec::new();
    for (name, reason) in &names.left_out {
        left_out.push(match reason {
            Reason::Start => format!("{name} (Python's start has it)"),
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

/// What hides packages of the SDK, of the standard library, and of what the app imports: as the interpreter finds it.
pub fn shadow(rehearsed: &Rehearsed) -> Vec<CheckFinding> {
    let case = rehearsed.case;
    let mut findings: Vec<CheckFinding> = path_entries(case);
    let is_told = |hider: &&Hider| in_other_root(case, &hider.file);
    for hider in rehearsed.evidence.hiders().filter(|hider| !is_told(hider)) {
        let finding = hidden(case, hider);
        if !findings.iter().any(|other| other.remedy == finding.remedy) {
            findings.push(finding);
        }
    }
    if findings.is_empty() {
        findings.push(CheckFinding::ok("nothing hides the SDK's packages or the standard library"));
    }
    findings
}

/// Whether a file lies in the SDK of the script, and the launch warns that another one is used.
fn in_other_root(case: &Case, file: &Path) -> bool {
    case.warnings.iter().any(|warning| match warning {
        Warning::Root(RootWarning::ScriptInAnother { another, .. }) => file.starts_with(another),
        _ => false,
    })
}

/// Entries of PYTHONPATH that are the directory of a package of an SDK: its modules are found without their package.
fn path_entries(case: &Case) -> Vec<CheckFinding> {
    let mut findings = warned_of(case);
    let inherited = &case.changes.python_path.inherited;
    let is_told = |entry: &Path| {
        case.warnings
            .iter()
            .any(|warning| matches!(warning, Warning::Path(PathWarning::ServicePackage { package, .. }) if package == entry))
    };
    for entry in inherited.iter().filter(|entry| !is_told(entry) && is_package_of_sdk(entry)) {
        let remedy = without_entry(case, entry);
        let found = format!(
            "PYTHONPATH has {}, a package's own directory: trans_dh_service comes without its package (attempted relative import \
             with no known parent package)",
            quote(entry)
        );
        let topics = [Topic::Path(entry.clone()), Topic::Module(SERVICE_PACKAGE.into())];
        findings.push(CheckFinding::fail(found, remedy).about(topics));
    }
    findings
}

/// Whether a directory is a package, right in the root of an SDK, with the module that children ask for.
fn is_package_of_sdk(entry: &Path) -> bool {
    let Ok(real) = entry.canonicalize() else { return false };
    let is_service = real.file_name().is_some_and(|name| name == SERVICE_PACKAGE);
    is_service && real.parent().is_some_and(is_sdk_at)
}

/// What the launch warns of: the SDK's own package directory on the path.
fn warned_of(case: &Case) -> Vec<CheckFinding> {
    let meant = case.warnings.iter().filter_map(|warning| match warning {
        Warning::Path(PathWarning::ServicePackage { package, .. }) => Some((warning, package)),
        _ => None,
    });
    meant
        .map(|(warning, package)| {
            let finding = CheckFinding {
                remedy: warning.remedy(),
                ..CheckFinding::new(Status::Fail, warning.to_string())
            };
            finding.about([Topic::Path(package.clone()), Topic::Module(SERVICE_PACKAGE.into())])
        })
        .collect()
}

fn hidden(case: &Case, hider: &Hider) -> CheckFinding {
    let Hider { name, file, of } = hider;
    let place = movable(file, name);
    let own = quote(&place);
    let finding = match of.as_str() {
        "sdk" if name == crate::sdk::SERVICE_MODULE => CheckFinding::fail(
            format!(
                "{own} takes the bare name of the SDK's {SERVICE_PACKAGE}.{name}: children get that module"
            ),
            remedy(case, &place),
        ),
        "sdk" => {
            CheckFinding::fail(format!("{own} hides the SDK's own {name} package"), remedy(case, &place))
        }
        "standard" => {
            CheckFinding::warn(format!("{own} hides the standard library's {name}"), remedy(case, &place))
        }
        "child" => CheckFinding::fail(
            format!(
                "{own} hides the standard library's {name} from children, which start in {}",
                quote(case.start())
            ),
            remedy(case, &place),
        ),
        _ => CheckFinding::warn(format!("{own} hides the installed package {name}"), remedy(case, &place)),
    };
    finding.about([Topic::Path(file.clone()), Topic::Path(place), Topic::Module(name.clone())])
}

/// The module's file, or the package's directory.
pub fn movable(file: &Path, name: &str) -> std::path::PathBuf {
    let is_init = file.file_name().is_some_and(|file| file.as_encoded_bytes().starts_with(b"__init__."));
    match file.parent().filter(|parent| is_init && parent.ends_with(name)) {
        Some(package) => package.to_owned(),
        None => file.to_owned(),
    }
}

/// What lies in a package of an SDK is no file to move, nor is a package that pip has installed: then its entry has to go.
pub fn remedy(case: &Case, place: &Path) -> Remedy {
    let parent = place.parent().unwrap_or(Path::new("/"));
    let inherited = &case.changes.python_path.inherited;
    let is_sdks = lies_in_sdk(case, parent);
    let is_installed = place
        .components()
        .any(|part| ["site-packages", "dist-packages"].iter().any(|name| part.as_os_str() == *name));
    let mut entries = inherited.iter().filter(|_| is_sdks || is_installed);
    if let Some(entry) = entries.find(|entry| *entry == parent || same_file(entry, parent)) {
        return without_entry(case, entry);
    }
    match is_sdks || is_installed && place.is_dir() {
        true => Remedy::words("use another directory to start in, or rename one of the two"),
        false => launches::renamed(case, place),
    }
}

/// Whether a directory is another SDK, or a package of any.
fn lies_in_sdk(case: &Case, directory: &Path) -> bool {
    let own = packages(&case.scan);
    let is_package = |root: &Path| {
        let below = directory.strip_prefix(root).ok().and_then(|below| below.components().next());
        let first = below.and_then(|first| first.as_os_str().to_str());
        first.is_some_and(|first| is_known_package(first) || own.iter().any(|package| package == first))
    };
    directory != case.root.path && is_sdk_at(directory)
        || directory.ancestors().skip(1).any(|root| is_package(root) && is_sdk_at(root))
}

/// PYTHONPATH as it was, without an entry.
pub fn without_entry(case: &Case, entry: &Path) -> Remedy {
    let inherited = case.changes.python_path.inherited.iter().map(|other| other.as_path());
    let others: Vec<&Path> = inherited.filter(|other| *other != entry).collect();
    match others.is_empty() {
        true => Remedy::unset("PYTHONPATH"),
        false => Remedy::Set("PYTHONPATH".into(), path_list::join(others)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unread_listing_is_told_where_every_path_is() {
        let paths = |count: usize| (0..count).map(|number| Path::new("/sdk").join(number.to_string()));
        let unread = |count| {
            let why = String::from("Permission denied");
            let unread = paths(count).map(|path| UnreadPath { path, why: why.clone() }).collect();
            Warning::Bridge(BridgeWarning::UnreadListing { unread })
        };
        let told = [CheckFinding::warn("closed", "open them").about(paths(9).map(Topic::Path))];
        assert!(is_told_of(&unread(9), &told) && !is_told_of(&unread(10), &told));
        assert!(!is_told_of(&unread(1), &[CheckFinding::ok("open")]) && !is_told_of(&unread(0), &told));
        let line = unread(5).to_string();
        assert!(
            line.ends_with("/sdk/2: Permission denied; and 2 more") && !line.contains("/sdk/3"),
            "{line}"
        );
        let of_parent = |path: &str| is_unread(&unread(1), &Topic::Path(path.into()));
        assert!(of_parent("/sdk") && of_parent("/sdk/0") && !of_parent("/sdk/0/a") && !of_parent("/sd"));
    }
}
