//! What can be told before the start at next to no cost: one line each.

use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use crate::files::everyone_can_write;
use crate::invocation::Invocation;
use crate::path_list;
use crate::root::Root;
use crate::sdk::SERVICE_PACKAGE;
use crate::sdk::abi::Version;
use crate::settings::{Named, Settings, Words};
use crate::shell::quote;
use crate::target::Target;
use crate::target::python_line;
use crate::warning::Warnings;

/// Looks at the launch as a whole.
pub fn launch(
    root: &Root,
    target: &Target,
    directory: Option<&Path>,
    invocation: &Invocation,
    warnings: &mut Warnings,
) {
    let versions = root.versions();
    passed_over(target, versions, warnings);
    version(target, versions, warnings);
    isolation(target, warnings);
    shadow(root, target, directory, invocation, warnings);
    arguments(target, directory, invocation, warnings);
}

/// Looks at where the root is, and at what was inherited for it.
pub fn root(root: &Root, settings: &Settings, invocation: &Invocation, warnings: &mut Warnings) {
    parent(root, warnings);
    inherited(root, settings, invocation, warnings);
}

/// What everyone can put beside the root, Python would import.
pub fn parent(root: &Root, warnings: &mut Warnings) {
    if let Some(parent) = root.path.parent()
        && parent.metadata().is_ok_and(|meta| everyone_can_write(&meta))
    {
        warnings.add(format!("everyone can write to {}, and PYTHONPATH has it: move the SDK", quote(parent)));
    }
}

/// The package's own directory on the path is a remedy often read of, and worse than the illness.
pub fn inherited(root: &Root, settings: &Settings, invocation: &Invocation, warnings: &mut Warnings) {
    let inherited = invocation.environment.get("PYTHONPATH").filter(|_| settings.inherit).unwrap_or_default();
    let package = root.path.join(SERVICE_PACKAGE);
    if path_list::split(inherited, invocation.cwd()).directories.contains(&package) {
        warnings.add(format!(
            "PYTHONPATH has {}: children will die of `attempted relative import with no known parent package`; take it out",
            quote(package)
        ));
    }
}

/// An interpreter that was named runs nothing if there is a command.
pub fn python(words: &Words, python: Option<&Named<Vec<std::ffi::OsString>>>, warnings: &mut Warnings) {
    if let (Words::Command(words), Some(Named { by: "--python", .. })) = (words, python) {
        warnings.add(format!("--python does nothing for a command: {} is run as it is", quote(&words[0])));
    }
}

/// An active environment that does not fit.
pub fn passed_over(target: &Target, versions: &[Version], warnings: &mut Warnings) {
    for (origin, version) in &target.passed_over {
        let why = match version {
            Some(version) => format!("is Python {version}, and the SDK is compiled for {}", list(versions)),
            None => "has no Python whose version can be told".into(),
        };
        warnings.add(format!("{origin} {why}: {} is used", quote(&target.program)));
    }
}

/// An interpreter that finds none of the compiled modules.
pub fn version(target: &Target, versions: &[Version], warnings: &mut Warnings) {
    if let Some(version) = target.version
        && !versions.is_empty()
        && !versions.contains(&version)
    {
        warnings.add(format!(
            "{} is Python {version}, and the SDK is compiled for {}: it will say No module named 'service.trans_dh_service'",
            quote(&target.program),
            list(versions)
        ));
    }
}

/// An interpreter that was told to ignore it all.
pub fn isolation(target: &Target, warnings: &mut Warnings) {
    if let Some((letter, place)) = &target.isolation {
        warnings.add(format!("-{letter} {place} makes Python ignore PYTHONPATH: leave it out"));
    }
}

/// Python puts the script's directory, or for `-m` and `-c` the working directory, in front of PYTHONPATH.
pub fn shadow(
    root: &Root,
    target: &Target,
    directory: Option<&Path>,
    invocation: &Invocation,
    warnings: &mut Warnings,
) {
    let is_python = python_line::is_python(target.program.as_os_str());
    let first = match &target.script_directory {
        Some(directory) => Some(directory.as_path()),
        None if is_python => directory.or(invocation.cwd()),
        None => None,
    };
    let Some(first) = first.filter(|first| *first != root.path) else { return };
    let package = first.join(SERVICE_PACKAGE);
    let own =
        [package.join("__init__.py"), package.with_extension("py")].into_iter().find(|path| path.exists());
    if let Some(own) = own
        && !crate::invocation::same_file(first, &root.path)
    {
        warnings.add(format!("{} hides the SDK's own service package: rename it", quote(own)));
    }
}

/// A relative path that was right where the user stands is wrong where the target starts.
pub fn arguments(
    target: &Target,
    directory: Option<&Path>,
    invocation: &Invocation,
    warnings: &mut Warnings,
) {
    let (Some(directory), Some(cwd)) = (directory, invocation.cwd()) else { return };
    if directory == cwd {
        return;
    }
    for word in target.words.iter().skip(target.arguments) {
        let path = Path::new(word);
        if word.is_empty() || path.is_absolute() || word.as_bytes().starts_with(b"-") {
            continue;
        }
        if cwd.join(path).is_file() && !directory.join(path).exists() {
            warnings.add(format!(
                "{} names a file here, and the command starts in {}: write {}, or use --no-chdir",
                quote(word),
                quote(directory),
                path_list::absolute(path, Some(cwd)).map_or_else(String::new, quote)
            ));
        }
    }
}

/// Versions, for a person.
pub fn list(versions: &[Version]) -> String {
    versions.iter().map(Version::to_string).collect::<Vec<_>>().join(" and ")
}
