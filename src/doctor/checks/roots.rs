//! A root that can't be used: what is wrong with what names it, and which directory is right in its place.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use rustix::fs::{Access, AtFlags, CWD, accessat};

use crate::directory;
use crate::doctor::case::Case;
use crate::doctor::diagnosis::{CheckFinding, Topic};
use crate::doctor::permission;
use crate::doctor::rehearsal::is_known_package;
use crate::doctor::sheet::failure;
use crate::error::plain;
use crate::launch::Resolver;
use crate::origin::Origin;
use crate::remedy::Remedy;
use crate::root::{self, Meant, Root, ValueFault};
use crate::settings::{Settings, Sourced, Words};
use crate::shell::{assignment, quote};
use crate::warning::bridge::BridgeWarning;
use crate::warning::{Warning, Warnings};

/// A root that was named and is none: the one that is there. Nothing else of such a tree is worth a word.
pub fn mistaken(root: &Root, words: Option<&Words>, resolver: &Resolver) -> Option<CheckFinding> {
    if root.sdk.is_some() {
        return None;
    }
    let named = resolver.settings.root.as_ref()?;
    if is_closed(&root.path) {
        return Some(closed(&root.path));
    }
    let meant = root::meant(&named.value, resolver.invocation);
    let other = other_root(meant.as_ref(), words, resolver)?;
    let found = format!(
        "{} ({}) does not look like a HeyGem SDK, and {} is one",
        quote(&root.path),
        named.source,
        quote(&other)
    );
    Some(CheckFinding::fail(found, instead(named, &other)))
}

/// Why there is no root at all.
pub fn unusable(why: &anyhow::Error, words: Option<&Words>, resolver: &Resolver) -> CheckFinding {
    let finding = failure(why);
    let Some(named) = &resolver.settings.root else {
        let mut places = closed_near(resolver);
        // Where there are several, any of them may be meant.
        return match places.pop().filter(|_| places.is_empty()) {
            Some(place) => closed(&place),
            None => finding,
        };
    };
    let meant = root::meant(&named.value, resolver.invocation);
    let Some(other) = other_root(meant.as_ref(), words, resolver) else { return finding };
    let value = named.value.as_os_str();
    let what = match named.source {
        Origin::Variable(name) => assignment(name, value),
        option => format!("{option} {}", quote(value)),
    };
    let found = format!(
        "{what} can't be used: {}; {} is an SDK",
        fault(value, meant.and_then(|meant| meant.fault), resolver),
        quote(&other)
    );
    CheckFinding::fail(found, instead(named, &other))
}

fn instead(named: &Sourced<PathBuf>, root: &Path) -> Remedy {
    match named.source {
        Origin::Variable(name) => Remedy::Set(name.into(), root.into()),
        Origin::Option(_) | Origin::Service => Remedy::option("--root", root),
    }
}

/// What is wrong with a value that names no directory.
fn fault(value: &OsStr, fault: Option<ValueFault>, resolver: &Resolver) -> String {
    let path = resolver.invocation.absolute(Path::new(value), "the root").unwrap_or_default();
    if let Some(target) = path.read_link().ok().filter(|_| !path.exists()) {
        return format!("it is a link to {}, which is not there", quote(target));
    }
    match fault {
        _ if path.exists() => "it is not a directory".into(),
        Some(ValueFault::Quotes) => "its quotes are a part of it".into(),
        Some(ValueFault::CarriageReturn) => "it ends with a carriage return".into(),
        Some(ValueFault::Blank) => "it has a blank at one end".into(),
        Some(ValueFault::Tilde) => "its ~ was not expanded".into(),
        Some(ValueFault::Variable) => format!("{} was not expanded", value.to_string_lossy()),
        None => "it does not exist".into(),
    }
}

/// The SDK that was meant; else the one that is found.
fn other_root(meant: Option<&Meant>, words: Option<&Words>, resolver: &Resolver) -> Option<PathBuf> {
    meant.and_then(Meant::root).or_else(|| {
        let settings = Settings { root: None, ..resolver.settings.clone() };
        let resolver = Resolver { settings: &settings, invocation: resolver.invocation };
        resolver.root(words, &mut Warnings::default()).ok().map(|root| root.path)
    })
}

/// Directories beside and below the working directory that this user can't look into.
fn closed_near(resolver: &Resolver) -> Vec<PathBuf> {
    let paths = resolver.invocation.cwd().map(directory::paths_in).unwrap_or_default();
    paths.into_iter().filter(|path| path.is_dir() && is_closed(path)).collect()
}

/// Whether this user can't list a directory, or reach what is in it.
fn is_closed(directory: &Path) -> bool {
    let may = Access::READ_OK | Access::EXEC_OK;
    matches!(accessat(CWD, directory, may, AtFlags::EACCESS), Err(rustix::io::Errno::ACCESS))
}

fn closed(directory: &Path) -> CheckFinding {
    let place = quote(directory);
    let line = format!("chmod a+rx {place}");
    let found = format!("{place} can't be looked at: Permission denied");
    let remedy = Remedy::shell_as(permission::is_own(directory), line);
    CheckFinding::fail(found, remedy).about([Topic::Path(directory.to_owned())])
}

/// What of the SDK could not be listed for the checks, where nothing else tells of it: they judge what they have seen.
pub fn unread(case: &Case) -> Option<CheckFinding> {
    let (path, error) = case.scan.unread_in(&case.root.path).next()?;
    let is_told = case
        .warnings
        .iter()
        .any(|warning| matches!(warning, Warning::Bridge(BridgeWarning::UnreadListing { .. })));
    if is_told || !closed_packages(&case.root.path).is_empty() {
        return None;
    }
    let found = format!("{} can't be listed: {}: what is in it is not judged", quote(path), plain(error));
    Some(CheckFinding::warn(found, "run --doctor again; if it says the same, see dmesg for that disk"))
}

/// The SDK's packages that this user can't look into.
pub fn closed_packages(root: &Path) -> Vec<CheckFinding> {
    let name = |path: &Path| path.file_name().and_then(OsStr::to_str).unwrap_or_default().to_owned();
    let packages = directory::paths_in(root).into_iter().filter(|path| is_known_package(&name(path)));
    let packages = packages.filter(|path| path.is_dir() && is_closed(path));
    packages.map(|path| closed(&path).about([Topic::Module(name(&path)), Topic::Bridge])).collect()
}
