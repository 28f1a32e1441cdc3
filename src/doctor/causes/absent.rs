//! Failures of an import that finds nothing, or finds a module without its package.

use super::place::frame;
use crate::bridge::names::is_standard_library;
use crate::doctor::checks::packages;
use crate::doctor::diagnosis::{CheckFinding, Conclusion, Topic};
use crate::doctor::evidence::Rehearsed;
use crate::doctor::installed::Installed;
use crate::doctor::rehearsal::{self, StepFailure};
use crate::remedy::Remedy;
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
            "children",
            finding.about([Topic::Path(file), Topic::Module("service".into())]),
        ));
    }
    let name = failure.name.as_deref().filter(|_| failure.is("ModuleNotFoundError"))?;
    let is_bare = !name.contains('.')
        && rehearsed
            .case
            .scan
            .modules
            .iter()
            .any(|module| module.name == name && module.compiled && !module.package.is_empty());
    (is_bare && !rehearsed.case.settings.bridge).then_some(())?;
    let method = &failure.step.method;
    let by = if method.is_empty() { String::new() } else { format!("{method}: a child died: ") };
    let found = format!("{by}unpickling by the bare name: {told}");
    Some(Conclusion::new(
        "children",
        CheckFinding::fail(found, "leave out --no-bridge").about([Topic::Bridge]),
    ))
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
        return Some(Conclusion::new("abi", finding.about([Topic::Abi, Topic::Isolation])));
    }
    if is_standard_library(top) {
        let finding = CheckFinding::fail(
            format!("{} was built without {name} of its standard library", quote(executable)),
            "take another Python: --python CMD",
        );
        return Some(Conclusion::new("interpreter", finding.about([Topic::Module(top.to_owned())])));
    }
    if let Some(finding) = kept_off(rehearsed, top) {
        return Some(Conclusion::new("isolation", finding));
    }
    let asker = failure.step.by.clone();
    let by = match frame(rehearsed, told).or(asker) {
        Some((file, line)) => format!("{}, line {line}", quote(file)),
        None => failure.step.module.clone(),
    };
    let by = if by.split('.').next() == Some(top) { "the command".to_owned() } else { by };
    let installed = Installed::read(&rehearsed.facts().map_or(vec![], |facts| facts.site_packages.clone()));
    if let Some(remedy) = installed.again(executable, top).filter(|_| name == top) {
        let found = format!(
            "{by} imports {top}, which pip lists as installed and which is not there: No module named '{name}'"
        );
        let finding = CheckFinding::fail(found, remedy).about([Topic::Package(top.to_owned())]);
        return Some(Conclusion::new("packages", finding));
    }
    let is_deaf = rehearsed.facts().is_some_and(|facts| facts.ignores);
    let finding = packages::absent(rehearsed.case, &[top.to_owned()], &by, executable)
        .about(is_deaf.then_some(Topic::Isolation));
    Some(Conclusion::new("packages", finding))
}

/// A module of the user's own packages, which a variable keeps off the path.
fn kept_off(rehearsed: &Rehearsed, module: &str) -> Option<CheckFinding> {
    let value = rehearsed.case.variable("PYTHONNOUSERSITE")?;
    let place = &rehearsed.facts()?.user_site;
    let is_there = place.join(module).is_dir() || place.join(format!("{module}.py")).is_file();
    is_there.then(|| {
        let variable = crate::shell::assignment("PYTHONNOUSERSITE", value);
        let found = format!("{variable} keeps {} off the path, which has {module}", quote(place));
        CheckFinding::fail(found, Remedy::unset("PYTHONNOUSERSITE")).about([Topic::Module(module.to_owned())])
    })
}
