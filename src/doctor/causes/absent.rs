//! Failures of an import that finds nothing, or finds a module without its package.

use std::path::{Path, PathBuf};

use super::place::frame;
use crate::bridge::names::is_standard_library;
use crate::doctor::checks::{abi, launches, packages};
use crate::doctor::diagnosis::{Check, CheckFinding, Conclusion, Topic};
use crate::doctor::evidence::Rehearsed;
use crate::doctor::installed::Installed;
use crate::doctor::rehearsal::{self, StepFailure};
use crate::entry::interpreter::ENVIRONMENTS;
use crate::explain::{Known, judge_output};
use crate::remedy::Remedy;
use crate::sdk::abi::Version;
use crate::shell::quote;

/// A bare name of the SDK that nothing has, or that came without its package.
pub fn bare_name(rehearsed: &Rehearsed, failure: &StepFailure) -> Option<Conclusion> {
    let is_relative = failure.is("ImportError") && failure.text.starts_with("attempted relative import");
    let told = failure.told();
    if is_relative {
        let file = failure.frames.last().map(|frame| frame.file.clone()).unwrap_or_default();
        let finding = CheckFinding::fail(
            format!("{told}: a module of the SDK was found without its package"),
            "take the directories of the SDK's packages off PYTHONPATH",
        );
        return Some(Conclusion::new(
            Check::Children,
            finding.about([Topic::Path(file), Topic::Module("service".into())]),
        ));
    }
    let name = failure.name.as_deref().filter(|_| failure.is("ModuleNotFoundError"))?;
    let is_bare = rehearsed.case.names.bridged.contains_key(name);
    is_bare.then_some(())?;
    let methods = &failure.step.methods;
    let found = match (methods.is_empty(), failure.step.name.as_str()) {
        (true, "import") => format!("importing by the bare name: {told}"),
        (true, _) => format!("unpickling by the bare name: {told}"),
        (false, _) => format!("{methods}: a child died: unpickling by the bare name: {told}"),
    };
    let finding = match rehearsed.case.settings.bridge {
        // Told of what the launch needs.
        true if !failure.step.is_needed && methods.is_empty() => {
            CheckFinding::info(format!("{found}: the bridge does not answer"))
        }
        true => CheckFinding::fail(
            format!("{found}: the bridge does not answer"),
            "find what takes its directory off sys.path before the app runs, such as a .pth file",
        )
        .about([Topic::Isolation]),
        false => CheckFinding::fail(found, "leave out --no-bridge"),
    };
    Some(Conclusion::new(Check::Children, finding.about([Topic::Bridge])))
}

/// A module that is not in a package of the app's.
pub fn absent_in_app(_: &Rehearsed, failure: &StepFailure) -> Option<Conclusion> {
    let name = failure.name.as_deref().filter(|_| failure.step.name == "absent")?;
    let (_, file) = failure.found.first()?;
    let package = if file.is_dir() { file.as_path() } else { file.parent()? };
    if let Some(package_name) = name.strip_suffix(".__main__") {
        let found = format!("{} has no __main__.py: -m {package_name} can't be run", quote(package));
        let remedy = format!("name a module of it: -m {package_name}.MODULE");
        return Some(Conclusion::new(Check::Command, CheckFinding::fail(found, remedy)));
    }
    let by = match &failure.step.by {
        Some((file, line)) => format!("{}, line {line},", quote(file)),
        None => "the command".to_owned(),
    };
    let found = format!("{by} imports {name}, which {} does not have", quote(package));
    let remedy = format!("correct the name, or put the module into {}", quote(package));
    let topics = [Topic::Path(file.clone()), Topic::Module(name.to_owned())];
    Some(Conclusion::new(Check::Packages, CheckFinding::fail(found, remedy).about(topics)))
}

/// `from .x import y` in a file that is run as a script.
pub fn relative_in_script(rehearsed: &Rehearsed, failure: &StepFailure) -> Option<Conclusion> {
    let (file, line) = failure.step.by.as_ref().filter(|_| failure.step.name == "relative")?;
    let place = quote(file);
    let found =
        format!("{place}, line {line}: {}: the file is no part of a package as it is run", failure.text);
    let words =
        rehearsed.case.launched.as_ref().and_then(|launched| launched.words.get(launched.interpreter));
    let python = words.map_or("python".into(), quote);
    let module = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let package = file.parent().and_then(Path::file_name).unwrap_or_default().to_string_lossy().into_owned();
    let remedy = format!(
        "take the dot out of that import, or run the file as a module from the directory above: {python} -m {package}.{module}"
    );
    Some(Conclusion::new(
        Check::Packages,
        CheckFinding::fail(found, remedy).about([Topic::Path(file.clone())]),
    ))
}

/// A module of a Python that `-S` keeps from looking at what is installed.
fn without_site(rehearsed: &Rehearsed, module: &str, by: &str) -> Option<CheckFinding> {
    let case = rehearsed.case;
    (case.has_flag(b'S') && rehearsed.facts()?.site_packages.is_empty()).then_some(())?;
    let found = format!("{by} imports {module}, and -S keeps every installed package off the path");
    let remedy = launches::without_flags(case, b"S");
    Some(CheckFinding::fail(found, remedy).about([Topic::Environment, Topic::Module(module.to_owned())]))
}

/// A module that an environment has which is named and does not run.
fn in_named_environment(rehearsed: &Rehearsed, module: &str, by: &str) -> Option<CheckFinding> {
    let facts = rehearsed.facts()?;
    let version = Version::from_full(&facts.version)?;
    let case = rehearsed.case;
    let named = ["VIRTUAL_ENV", "CONDA_PREFIX"].into_iter();
    let named = named.filter_map(|name| Some((name.to_owned(), PathBuf::from(case.variable(name)?))));
    let beside = ENVIRONMENTS.into_iter().flat_map(|name| {
        let places = [case.invocation.cwd(), Some(case.root.path.as_path())];
        places.into_iter().flatten().map(move |place| (String::new(), place.join(name)))
    });
    let has = |(_, environment): &(String, PathBuf)| {
        let packages = environment.join(format!("lib/python{version}/site-packages"));
        packages.join(module).is_dir() || packages.join(format!("{module}.py")).is_file()
    };
    let (variable, environment) = named.chain(beside).find(has)?;
    let python = environment.join("bin/python");
    // The python of a venv is a link to the one that it was made by: the path tells which of them runs.
    let is_running = Path::new(&facts.executable).starts_with(&environment);
    (python.exists() && !is_running).then_some(())?;
    let named = if variable.is_empty() { String::new() } else { format!(" ({variable})") };
    let found = format!(
        "{by} imports {module}, which {} does not have and {}{named} has",
        quote(&facts.executable),
        quote(&environment)
    );
    let finding = CheckFinding::fail(found, abi::instead(case, &python));
    Some(finding.about([Topic::Environment, Topic::Module(module.to_owned())]))
}

/// What imports a module: a line of a file, where that is known; never the module itself.
fn asker(rehearsed: &Rehearsed, failure: &StepFailure, told: &StepFailure, module: &str) -> String {
    let step = &failure.step;
    if let Some((file, line)) = frame(rehearsed, told).or(step.by.clone()) {
        return format!("{}, line {line}", quote(file));
    }
    match (step.module.as_str(), step.methods.is_empty()) {
        ("", true) => "a child".to_owned(),
        ("", false) => format!("a child ({})", step.methods),
        (by, _) if by.split('.').next() == Some(module) => "the command".to_owned(),
        (by, _) => by.to_owned(),
    }
}

/// A module that is nowhere.
pub fn absent(rehearsed: &Rehearsed, failure: &StepFailure) -> Option<Conclusion> {
    let told = failure.chain().find(|failure| failure.is("ModuleNotFoundError"))?;
    let name = told.name.as_deref()?;
    let top = name.split('.').next().unwrap_or(name);
    let executable = rehearsed.facts().map_or("python", |facts| facts.executable.as_str());
    let is_own = rehearsal::is_known_package(top)
        || rehearsal::packages(&rehearsed.case.scan).iter().any(|package| package == top)
        || rehearsed.case.scan.modules.iter().any(|module| module.compiled && module.name == top);
    if is_own {
        let finding = CheckFinding::fail(
            format!("No module named {}: the SDK's own", quote(name)),
            "copy the SDK again, all of it",
        );
        return Some(Conclusion::new(Check::Abi, finding.about([Topic::Abi, Topic::Isolation])));
    }
    if is_standard_library(top) {
        let finding = CheckFinding::fail(
            format!("{} was built without {name} of its standard library", quote(executable)),
            "take another Python: --python CMD",
        );
        return Some(Conclusion::new(Check::Interpreter, finding.about([Topic::Module(top.to_owned())])));
    }
    if let Some(finding) = kept_off(rehearsed, top) {
        return Some(Conclusion::new(Check::Isolation, finding));
    }
    let by = asker(rehearsed, failure, told, top);
    if let Some(finding) = without_site(rehearsed, top, &by) {
        return Some(Conclusion::new(Check::Isolation, finding));
    }
    if let Some(finding) = in_named_environment(rehearsed, top, &by) {
        return Some(Conclusion::new(Check::Isolation, finding));
    }
    if let Some(finding) = absent_part(rehearsed, told, name, &by) {
        return Some(Conclusion::new(Check::Packages, finding));
    }
    let installed = Installed::read(&rehearsed.facts().map_or(vec![], |facts| facts.site_packages.clone()));
    if let Some(remedy) = installed.again(executable, top).filter(|_| name == top) {
        let found = format!(
            "{by} imports {top}, which pip lists as installed and which is not there: No module named '{name}'"
        );
        let finding = CheckFinding::fail(found, remedy).about([Topic::Package(top.to_owned())]);
        return Some(Conclusion::new(Check::Packages, finding));
    }
    let is_deaf = rehearsed.facts().is_some_and(|facts| facts.ignores);
    let finding = packages::absent(rehearsed.case, &[top.to_owned()], &by, executable)
        .about(is_deaf.then_some(Topic::Isolation));
    Some(Conclusion::new(Check::Packages, finding))
}

/// A module that an installed package does not have: another version of it does.
fn absent_part(rehearsed: &Rehearsed, told: &StepFailure, name: &str, by: &str) -> Option<CheckFinding> {
    let (top, _) = name.split_once('.')?;
    let (_, file) = told.found.iter().find(|(loaded, _)| loaded == top)?;
    let package = quote(file.parent().unwrap_or(file));
    let found = format!("{by} imports {name}, which {package} does not have: {}", told.told());
    let pinned =
        packages::pinned(rehearsed.case, top).map(|text| format!("python -m pip install {}", quote(text)));
    // Of one package, not of any.
    let is_special = |known: &Known| !["missing-module", "missing-package"].contains(&known.name);
    let known =
        || judge_output(told.told().as_bytes()).into_iter().find(is_special).map(|known| known.remedy);
    let remedy = match pinned.or_else(known) {
        Some(remedy) => packages::own_line(rehearsed.facts(), remedy),
        None => format!("take the version of {top} that has it").into(),
    };
    let topics = [Topic::Path(file.clone()), Topic::Module(name.to_owned()), Topic::Package(top.to_owned())];
    Some(CheckFinding::fail(found, remedy).about(topics))
}

/// A module of the user's own packages, which a variable or a flag keeps off the path.
fn kept_off(rehearsed: &Rehearsed, module: &str) -> Option<CheckFinding> {
    let place = &rehearsed.facts()?.user_site;
    let is_there = place.join(module).is_dir() || place.join(format!("{module}.py")).is_file();
    let (what, remedy) = match rehearsed.case.variable("PYTHONNOUSERSITE").filter(|_| is_there) {
        Some(value) => {
            (crate::shell::assignment("PYTHONNOUSERSITE", value), Remedy::unset("PYTHONNOUSERSITE"))
        }
        None if is_there && rehearsed.case.has_flag(b's') => {
            ("-s".into(), launches::without_flags(rehearsed.case, b"s"))
        }
        None => return None,
    };
    let found = format!("{what} keeps {} off the path, which has {module}", quote(place));
    Some(CheckFinding::fail(found, remedy).about([Topic::Module(module.to_owned())]))
}
