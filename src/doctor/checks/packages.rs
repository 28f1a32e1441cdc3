//! What is installed: modules that the launch imports and that are nowhere, and versions that are not those asked for.

use std::collections::BTreeMap;
use std::path::Path;

use crate::doctor::case::Case;
use crate::doctor::diagnosis::{Check, CheckFinding, Conclusion, Topic};
use crate::doctor::installed::Installed;
use crate::doctor::rehearsal::InterpreterFacts;
use crate::doctor::requirements::{Requirement, normal, requirements};
use crate::package_names::pip_name;
use crate::remedy::Remedy;
use crate::shell::quote;

/// A package whose later versions lack what the SDK uses.
#[derive(Debug)]
struct Pin {
    /// What pip calls it.
    name: &'static str,
    /// The last version that will do.
    version: &'static str,
    /// The first major version that will not.
    broken_from: u32,
    /// What the SDK then dies of.
    dies_of: &'static str,
}

/// All that are known.
const PINS: [Pin; 1] = [Pin {
    name: "typeguard",
    version: "2.13.3",
    broken_from: 3,
    dies_of: "cannot import name 'check_argument_types' from 'typeguard'",
}];

/// Modules that are nowhere, told as one.
pub fn absent(case: &Case, modules: &[String], by: &str, executable: &str) -> CheckFinding {
    let python = quote(executable);
    let wanted = wanted(case);
    let known: Vec<Option<String>> = modules.iter().map(|module| distribution(module, &wanted)).collect();
    let found = match modules {
        [module] => {
            format!("{by} imports {module}, which {python} does not have: No module named '{module}'")
        }
        _ => format!("{by} imports {}, which {python} does not have", modules.join(", ")),
    };
    let remedy = match known.iter().cloned().collect::<Option<Vec<_>>>() {
        Some(names) => {
            let names: Vec<_> = names.iter().map(quote).collect();
            Remedy::shell(format!("{python} -m pip install {}", names.join(" ")))
        }
        None => Remedy::words(format!(
            "put {} beside the SDK, or name the Python that has it: --python CMD",
            modules.join(", ")
        )),
    };
    let modules = modules.iter().map(|module| Topic::Module(module.clone()));
    CheckFinding::fail(found, remedy).about(modules).about([Topic::Environment])
}

/// Takes the absent modules out of what was found, and tells those that pip has by one line.
pub fn absent_together(case: &Case, verdicts: &mut Vec<Conclusion>, executable: &str) -> Vec<CheckFinding> {
    // What is to be installed again is another matter.
    let is_absent = |verdict: &mut Conclusion| {
        verdict.check == Check::Packages
            && verdict.finding.topics.contains(&Topic::Environment)
            && matches!(verdict.finding.remedy, Some(Remedy::Shell(_)))
    };
    let told: Vec<CheckFinding> = verdicts.extract_if(.., is_absent).map(|verdict| verdict.finding).collect();
    let Some(worst) = told.iter().map(|finding| finding.status).max() else { return Vec::new() };
    if let [one] = &told[..] {
        return vec![one.clone()];
    }
    let mut names: Vec<String> = Vec::new();
    for topic in told.iter().flat_map(|finding| &finding.topics) {
        match topic {
            Topic::Module(name) if !name.contains('.') && !names.contains(name) => names.push(name.clone()),
            _ => {}
        }
    }
    let topics = told.into_iter().flat_map(|finding| finding.topics);
    let together = absent(case, &names, "the launch", executable).about(topics);
    vec![CheckFinding { status: worst, ..together }]
}

/// A line for pip, with the launch's own interpreter.
pub fn own_line(facts: Option<&InterpreterFacts>, remedy: impl Into<Remedy>) -> Remedy {
    let remedy = remedy.into();
    let Remedy::Words(words) = &remedy else { return remedy };
    match (words.strip_prefix("python -m pip install "), facts) {
        (Some(rest), Some(facts)) if !rest.contains(';') => {
            Remedy::shell(format!("{} -m pip install {rest}", quote(&facts.executable)))
        }
        _ => remedy,
    }
}

/// What pip is to install for a module whose version is asked for.
pub fn pinned(case: &Case, module: &str) -> Option<String> {
    let names = [normal(pip_name(module).unwrap_or(module)), normal(module)];
    let is_it = |requirement: &Requirement| names.contains(&requirement.name) && requirement.names_versions();
    wanted(case).into_iter().find(is_it).map(|requirement| requirement.text)
}

/// What pip is to install for a module: as requirements.txt says it, where it does.
fn distribution(module: &str, wanted: &[Requirement]) -> Option<String> {
    let known = pip_name(module);
    let name = known.unwrap_or(module);
    let is_it = |requirement: &&Requirement| {
        let is_variant = module == "cv2" && requirement.name.starts_with("opencv-");
        requirement.name == normal(name) || requirement.name == normal(module) || is_variant
    };
    let requirement = wanted.iter().find(is_it);
    requirement.map(|requirement| requirement.text.clone()).or_else(|| known.map(str::to_owned))
}

/// The requirements of the SDK and of the app.
fn wanted(case: &Case) -> Vec<Requirement> {
    let app = case.target.as_ref().and_then(|target| target.script_directory.as_deref());
    let mut places: Vec<&Path> = vec![&case.root.path];
    places.extend(app.or(case.invocation.cwd()).filter(|place| *place != case.root.path));
    places.into_iter().flat_map(|place| requirements(&place.join("requirements.txt"))).collect()
}

/// What is installed against what is asked for.
pub fn packages(
    case: &Case,
    facts: &InterpreterFacts,
    installed: &Installed,
    gpus: Option<&str>,
) -> Vec<CheckFinding> {
    let mut findings: Vec<CheckFinding> = pins(case, facts, installed).into_iter().collect();
    findings.extend(PINS.iter().map(|pin| judge(pin, facts, installed)));
    if let Some(gpus) = gpus {
        findings.extend(super::gpu_packages::on_the_cpu(case, facts, installed, gpus));
    }
    findings
}

/// Versions that requirements.txt does not allow, with one line for all.
fn pins(case: &Case, facts: &InterpreterFacts, installed: &Installed) -> Option<CheckFinding> {
    let mut broken: BTreeMap<String, (String, Requirement)> = BTreeMap::new();
    for requirement in wanted(case) {
        if let Some(version) = installed.version(&requirement.name)
            && !requirement.allows(version)
        {
            broken.insert(requirement.name.clone(), (version.to_owned(), requirement));
        }
    }
    let told = |(version, requirement): &(String, Requirement)| {
        format!("{} {version}, and requirements.txt asks for {}", requirement.name, requirement.text)
    };
    let found: Vec<_> = broken.values().map(told).collect();
    let line: Vec<_> = broken.values().map(|(_, requirement)| quote(&requirement.text)).collect();
    let remedy = Remedy::shell(format!("{} -m pip install {}", quote(&facts.executable), line.join(" ")));
    let topics = broken.keys().flat_map(|name| installed.packages_of(name)).map(Topic::Package);
    (!found.is_empty())
        .then(|| CheckFinding::warn(format!("installed: {}", found.join("; ")), remedy).about(topics))
}

fn judge(pin: &Pin, facts: &InterpreterFacts, installed: &Installed) -> CheckFinding {
    let Pin { name, version, broken_from, dies_of } = pin;
    let Some(there) = installed.version(name) else {
        return CheckFinding::info(format!("{name} is not installed in {}", quote(&facts.executable)));
    };
    let major = there.split('.').next().and_then(|major| major.parse::<u32>().ok());
    if major.is_none_or(|major| major < *broken_from) {
        return CheckFinding::ok(format!("{name} {there}"));
    }
    CheckFinding::fail(
        format!("{name} {there} is too new: {dies_of}"),
        Remedy::shell(format!("{} -m pip install {name}=={version}", quote(&facts.executable))),
    )
    .about([Topic::Package((*name).to_owned())])
}
