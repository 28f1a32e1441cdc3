//! Failures that code raises while it is imported, with a cause that its class tells.

use std::path::{Path, PathBuf};

use super::place::{culprit, frame};
use crate::bridge::names::is_standard_library;
use crate::doctor::checks::{imports, launches};
use crate::doctor::diagnosis::{Check, CheckFinding, Conclusion, Topic};
use crate::doctor::evidence::Rehearsed;
use crate::doctor::rehearsal::StepFailure;
use crate::explain::judge_output;
use crate::remedy::Remedy;
use crate::sdk::abi::Version;
use crate::shell::{quote, quote_all};

/// A module of the standard library that came from somewhere else.
pub fn misplaced(rehearsed: &Rehearsed, failure: &StepFailure) -> Option<Conclusion> {
    let library = &rehearsed.evidence.rehearsal.standard_library;
    let is_installed = |file: &Path| {
        file.components()
            .any(|part| part.as_os_str() == "site-packages" || part.as_os_str() == "dist-packages")
    };
    let is_wrong = |(name, file): &&(String, PathBuf)| {
        is_standard_library(name) && !file.starts_with(library) && !is_installed(file)
    };
    let (name, file) = failure.chain().find_map(|failure| failure.found.iter().find(is_wrong))?;
    let file = imports::movable(file, name);
    let found = format!("{} hides the standard library's {name}: {}", quote(&file), failure.told());
    let finding = CheckFinding::fail(found, imports::remedy(rehearsed.case, &file));
    Some(Conclusion::new(Check::Shadow, finding.about([Topic::Path(file), Topic::Module(name.clone())])))
}

/// What parses `sys.argv` while it is imported.
pub fn arguments(rehearsed: &Rehearsed, failure: &StepFailure) -> Option<Conclusion> {
    let parsers = ["argparse.py", "optparse.py", "getopt.py", "absl/flags", "click/core.py"];
    let parses = failure.step.name == "import" && reads_arguments(rehearsed, failure)
        || failure
            .frames
            .iter()
            .any(|frame| parsers.iter().any(|parser| frame.file.to_string_lossy().contains(parser)));
    (parses || failure.is("SystemExit")).then_some(())?;
    let module = &failure.step.module;
    let place = culprit(rehearsed, failure).unwrap_or_default();
    let arguments = rehearsed.case.launched.as_ref().map_or(&[][..], |launched| &launched.arguments);
    let words = quote_all(arguments);
    let finding = match parses {
        true => CheckFinding::fail(
            format!(
                "{module} parses sys.argv while it is imported{place}, and ends the process: the arguments are {words}"
            ),
            "have sys.argv = sys.argv[:1] before the SDK is imported, or give the options by variables",
        ),
        false => CheckFinding::fail(
            format!("importing {module} ends the process{place}: {}", failure.told()),
            "correct that line",
        ),
    };
    Some(Conclusion::new(Check::Children, finding))
}

/// Whether the line that fails speaks of `sys.argv`, in a launch with arguments.
fn reads_arguments(rehearsed: &Rehearsed, failure: &StepFailure) -> bool {
    let has_arguments =
        rehearsed.case.launched.as_ref().is_some_and(|launched| !launched.arguments.is_empty());
    let text = frame(rehearsed, failure).and_then(|(file, line)| {
        let text = crate::files::read_small(&file).ok()?;
        let mut lines = text.split(|byte| *byte == b'\n');
        Some(lines.nth(usize::try_from(line).ok()?.checked_sub(1)?)?.to_vec())
    });
    has_arguments && text.is_some_and(|text| memchr::memmem::find(&text, b"argv").is_some())
}

/// A warning that is raised.
pub fn turned_warning(rehearsed: &Rehearsed, failure: &StepFailure) -> Option<Conclusion> {
    failure.is("Warning").then_some(())?;
    let found = |by: &str| format!("{by} makes an error of a warning: {}", failure.told());
    let variable = rehearsed.case.variable("PYTHONWARNINGS");
    let finding = match variable {
        Some(value) => CheckFinding::fail(
            found(&crate::shell::assignment("PYTHONWARNINGS", value)),
            Remedy::unset("PYTHONWARNINGS"),
        ),
        None => CheckFinding::fail(found("-W"), launches::without_warnings(rehearsed.case)),
    };
    Some(Conclusion::new(Check::Isolation, finding))
}

pub fn syntax(rehearsed: &Rehearsed, failure: &StepFailure) -> Option<Conclusion> {
    failure.is("SyntaxError").then_some(())?;
    let file = failure.filename.clone()?;
    let line = failure.line.unwrap_or(0);
    let version = rehearsed.facts().map_or("?", |facts| facts.version.as_str());
    let found = format!("{}, line {line}: {} (Python {version})", quote(&file), failure.told());
    let finding =
        CheckFinding::fail(found, format!("correct {}, or restore it from where it came from", quote(&file)));
    Some(Conclusion::new(Check::Packages, finding.about([Topic::Path(file)])))
}

/// A name that the module does not have.
pub fn no_such_name(rehearsed: &Rehearsed, failure: &StepFailure) -> Option<Conclusion> {
    let (name, module) = (failure.name_from.as_deref()?, failure.name.as_deref()?);
    let (file, line) = frame(rehearsed, failure).or_else(|| failure.step.by.clone())?;
    let place = format!("{}, line {line}", quote(&file));
    let found = format!("{place} imports {name} from {module}, which has no such name");
    let remedy = match &failure.near {
        Some(near) => format!("replace {name} with {near} in {place}"),
        None => format!("correct the name in {place}, or take the version of {module} that has it"),
    };
    Some(Conclusion::new(Check::Packages, CheckFinding::fail(found, remedy).about([Topic::Path(file)])))
}

/// Packages of another Python that PYTHONPATH has: none of their compiled modules is found.
pub fn others_packages(rehearsed: &Rehearsed, failure: &StepFailure) -> Option<Conclusion> {
    failure.is("ImportError").then_some(())?;
    let own = Version::from_full(&rehearsed.facts()?.version)?;
    let is_others = |entry: &&PathBuf| version_of_packages(entry).is_some_and(|version| version != own);
    let entry = rehearsed.case.changes.python_path.inherited.iter().filter(is_others);
    let entry = entry.into_iter().find(|entry| {
        // `site` takes the `..` out of an entry.
        let real = entry.canonicalize().unwrap_or_else(|_| entry.to_path_buf());
        failure.files().any(|file| file.starts_with(entry) || file.starts_with(&real))
    })?;
    let version = version_of_packages(entry)?;
    let found = format!(
        "PYTHONPATH has {}, packages of Python {version}, and this is Python {own}: {}",
        quote(entry),
        failure.told()
    );
    let finding = CheckFinding::fail(found, imports::without_entry(rehearsed.case, entry));
    Some(Conclusion::new(Check::Isolation, finding.about([Topic::Path(entry.clone()), Topic::Environment])))
}

/// The version in `…/lib/python3.9/site-packages`.
fn version_of_packages(entry: &Path) -> Option<Version> {
    let is_packages = entry.ends_with("site-packages") || entry.ends_with("dist-packages");
    let above = entry.parent().filter(|_| is_packages)?.file_name()?.to_str()?;
    Version::from_full(above.strip_prefix("python")?)
}

/// A start method that is set twice, or a main script without its guard.
pub fn start_method(_: &Rehearsed, failure: &StepFailure) -> Option<Conclusion> {
    failure.is("RuntimeError").then_some(())?;
    let known = judge_output(failure.told().as_bytes()).into_iter().next()?;
    Some(Conclusion::new(
        Check::Children,
        CheckFinding::fail(format!("{} ({})", failure.told(), known.title), known.remedy),
    ))
}
