//! `--doctor`: everything that is worth a look before a launch, and in it a rehearsal of the launch itself.
//!
//! First what can be told by reading, in milliseconds; then what must be started, all of it at once. What explains others is
//! told before them, and they follow as information.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::case::{Case, any_module, python_of};
use super::checks::{
    abi, children, config, imports, libraries, machine, models, packages, roots, sdk, servers, start,
};
use super::diagnosis::{Check, CheckFinding, Conclusion, Status, Topic};
use super::evidence::{Gatherer, Rehearsed};
use super::installed::Installed;
use super::launched::Launched;
use super::permission;
use super::rehearsal::InterpreterFacts;
use super::sheet::{Sheet, failure};
use super::supervisor::Supervisor;
use crate::bridge::names;
use crate::cli::ReportFormat;
use crate::entry::Target;
use crate::entry::program::SearchPath;
use crate::entry::python_line;
use crate::launch::{BridgeUse, Located, Resolver};
use crate::root::Root;
use crate::sdk::scan::{Scan, scan};
use crate::settings::Words;
use crate::shell::quote;
use crate::warning::Warnings;

/// Checks the SDK, the machine and the launch of the words. Returns the exit code: 1 if something failed.
///
/// # Errors
/// When the report can't be printed.
pub fn run(
    words: Option<Words>,
    format: ReportFormat,
    timeout: Duration,
    resolver: &Resolver,
) -> anyhow::Result<u8> {
    let mut supervisor = Supervisor::new(timeout);
    let mut sheet = Sheet::new(resolver.settings, format);
    let mut warnings = Warnings::default();
    match resolver.root(words.as_ref(), &mut warnings) {
        Ok(root) if let Some(finding) = roots::mistaken(&root, words.as_ref(), resolver) => {
            sheet.add(Check::Root, vec![finding])?;
        }
        Ok(root) => {
            let mut of_root = sdk::root(&root, &warnings);
            of_root.extend(roots::closed_packages(&root.path));
            sheet.add(Check::Root, of_root)?;
            let was_there = root.existing_bridge(resolver.settings, resolver.invocation).is_some();
            match resolve(words.as_ref(), root, warnings, resolver) {
                Ok((case, error)) => {
                    for finding in sdk::nearer(&case.warnings).into_iter().chain(roots::unread(&case)) {
                        sheet.add_to(Check::Root, finding);
                    }
                    add_command(words.as_ref(), &case, error, &mut sheet)?;
                    examine(&case, was_there, &mut sheet, &mut supervisor)?;
                }
                Err(errors) => sheet.add(Check::Command, errors.iter().map(failure).collect())?,
            }
        }
        Err(error) => sheet.add(Check::Root, vec![roots::unusable(&error, words.as_ref(), resolver)])?,
    }
    sheet.finish()
}

/// Why a command can't be resolved: a link to nothing, a `--` before `-m`, or the error itself.
fn unresolved_command(case: &Case, words: &Words, error: &anyhow::Error) -> CheckFinding {
    if let Some((file, leads_to)) = dead_link(case, words) {
        let is_loop = |error: std::io::Error| error.raw_os_error() == Some(libc::ELOOP);
        let is_loop = file.metadata().err().is_some_and(is_loop);
        let link = quote(&file);
        if is_loop {
            let found =
                format!("{link} is a loop of links: it leads to {}, and back to itself", quote(&leads_to));
            return CheckFinding::fail(
                found,
                format!("have {link} lead to the script, or put the script there"),
            );
        }
        let found = format!("{link} is a link to {}, which is not there", quote(&leads_to));
        if let Some((environment, python)) = environment_of(&file).zip(case.default_python()) {
            let remedy = start::remade(&environment, &python);
            return CheckFinding::fail(found, remedy).about([Topic::Path(environment)]);
        }
        return CheckFinding::fail(found, format!("have {} mounted, or correct the link", quote(&leads_to)));
    }
    match words {
        Words::Command(words) if words[0] == "-m" => {
            failure(error).with_remedy("-m takes no -- before it: --doctor -m MODULE")
        }
        _ => failure(error),
    }
}

/// The virtual environment whose interpreter a file is, or was.
fn environment_of(file: &Path) -> Option<PathBuf> {
    let environment = file.parent()?.parent()?;
    let is_python = file.file_name().is_some_and(python_line::is_python);
    (is_python && environment.join("pyvenv.cfg").is_file()).then(|| environment.to_owned())
}

/// The first word that is a link to nothing, and what it leads to.
fn dead_link(case: &Case, words: &Words) -> Option<(PathBuf, PathBuf)> {
    let (Words::Command(words) | Words::Script(words) | Words::Module(words)) = words;
    let cwd = case.invocation.cwd()?;
    words.iter().find_map(|word| permission::dead_link(&cwd.join(word)))
}

/// Adds what is to be said of the command itself, before anything is started.
fn add_command(
    words: Option<&Words>,
    case: &Case,
    unresolved: Option<anyhow::Error>,
    sheet: &mut Sheet,
) -> anyhow::Result<()> {
    match (words, unresolved) {
        (Some(words), Some(error)) => {
            sheet.add(Check::Command, vec![unresolved_command(case, words, &error)])?
        }
        (Some(words), None) => sheet.add(Check::Command, sdk::command(case, words))?,
        (None, Some(error)) => sheet.add(Check::Interpreter, vec![failure(&error)])?,
        (None, None) => {
            let mut findings = vec![CheckFinding::skip("none was given: judged as for -m MODULE")];
            findings.extend(sdk::warned_of(case));
            sheet.add(Check::Command, findings)?;
        }
    }
    Ok(())
}

/// Everything else; `was_there` says whether there was a bridge before.
fn examine(
    case: &Case,
    was_there: bool,
    sheet: &mut Sheet,
    supervisor: &mut Supervisor,
) -> anyhow::Result<()> {
    let models = models::models(&case.root.path);
    sheet.add(Check::Bridge, imports::bridge(case, was_there, &models))?;
    sheet.add(Check::Models, models)?;
    let gatherer = Gatherer::new(case, supervisor);
    sheet.wait(gatherer.timeout())?;
    let evidence = gatherer.finish();
    sheet.waited()?;
    // After the rehearsal: what the SDK makes for itself is no fault.
    let config = config::config(case);
    sheet.add(Check::Tools, machine::tools(case, &evidence))?;
    sheet.add(Check::Gpu, machine::gpu(&evidence))?;
    judge(&Rehearsed { case, evidence: &evidence }, config, sheet)
}

/// What the rehearsal showed, what explains others first.
fn judge(rehearsed: &Rehearsed, config: Vec<CheckFinding>, sheet: &mut Sheet) -> anyhow::Result<()> {
    let Rehearsed { case, evidence } = rehearsed;
    let mut conclusions = children::conclusions(rehearsed);
    for finding in raised(sdk::missing_parts(&case.root), &conclusions) {
        sheet.add_to(Check::Root, finding);
    }
    sheet.doubts(is_guess(case));
    if case.launched.is_some() {
        sheet.add(Check::Interpreter, raised(sdk::interpreter(case, evidence), &conclusions))?;
        sheet.add(Check::Isolation, raised(sdk::isolation(case, evidence), &conclusions))?;
    }
    if let Some(facts) = rehearsed.facts() {
        judge_modules(rehearsed, facts, &mut conclusions, sheet)?;
    }
    sheet.doubts(false);
    sheet.add(Check::Config, config)?;
    sheet.add(Check::Shm, machine::shm(evidence.rehearsal.version.is_some(), &conclusions))?;
    sheet.doubts(is_guess(case));
    let mut of_children: Vec<CheckFinding> = children::well(rehearsed).into_iter().collect();
    of_children.extend(children::main_script(rehearsed));
    of_children.extend(servers::servers(case));
    if case.launched.is_some() && evidence.rehearsal.version.is_some() {
        sheet.add(Check::Children, of_children)?;
    }
    for conclusion in conclusions {
        sheet.add_to(conclusion.check, conclusion.finding);
    }
    sheet.print_late()
}

/// Faults, each a failure where the launch fails of what it explains.
fn raised(findings: impl IntoIterator<Item = CheckFinding>, conclusions: &[Conclusion]) -> Vec<CheckFinding> {
    let raise = |mut finding: CheckFinding| {
        let explains = |conclusion: &Conclusion| {
            conclusion.finding.status == Status::Fail && conclusion.finding.shares_topic(&finding)
        };
        if finding.is_amiss() && conclusions.iter().any(explains) {
            finding.status = Status::Fail;
        }
        finding
    };
    findings.into_iter().map(raise).collect()
}

/// Which interpreter `bash` or a wrapper runs in the end is a guess.
fn is_guess(case: &Case) -> bool {
    case.is_command
        && case.launched.as_ref().is_none_or(|launched| !launched.is_certain || !case.is_own_python)
}

/// What the interpreter would load: the SDK's modules, packages, libraries.
fn judge_modules(
    rehearsed: &Rehearsed,
    facts: &InterpreterFacts,
    conclusions: &mut Vec<Conclusion>,
    sheet: &mut Sheet,
) -> anyhow::Result<()> {
    let Rehearsed { case, evidence } = rehearsed;
    let abi = abi::abi(case, facts, evidence);
    let is_unfit = abi.iter().any(|finding| finding.status == Status::Fail);
    sheet.add(Check::Abi, abi)?;
    for conclusion in conclusions.iter_mut() {
        conclusion.finding.topics.extend(consequences(conclusion.check).iter().cloned());
    }
    sheet.add(Check::Shadow, raised(imports::shadow(rehearsed), conclusions))?;
    let installed = Installed::read(&facts.site_packages);
    let of_packages = packages::packages(case, facts, &installed, machine::gpus(evidence));
    let mut of_packages = raised(of_packages, conclusions);
    of_packages.extend(packages::absent_together(case, conclusions, &facts.executable));
    sheet.add(Check::Packages, of_packages)?;
    let libraries = match is_unfit {
        true => vec![CheckFinding::skip("see abi")],
        false => libraries::libraries(case, facts),
    };
    sheet.add(Check::Libraries, libraries)
}

/// What explains every failure that a check tells: where none of the SDK's modules is loaded, its configuration is not made
/// and its children die; a Python that ignores its variables finds no package of theirs; without the bridge no bare name is
/// found.
fn consequences(check: Check) -> &'static [Topic] {
    match check {
        Check::Config => &[Topic::Abi, Topic::Config],
        Check::Libraries => &[Topic::Abi],
        Check::Children | Check::Abi => &[Topic::Abi, Topic::Bridge],
        Check::Packages => &[Topic::Isolation],
        _ => &[],
    }
}

/// The launch as far as it can be resolved, and the error that kept its command from being; or all that is in its way.
fn resolve<'a>(
    words: Option<&Words>,
    root: Root,
    warnings: Warnings,
    resolver: &Resolver<'a>,
) -> Result<(Case<'a>, Option<anyhow::Error>), Vec<anyhow::Error>> {
    let any = any_module();
    let given = words.unwrap_or(&any);
    let mut located = resolver.locate_in(root, Some(given), warnings).map_err(|error| vec![error])?;
    let (target, mut unresolved) = match resolver.target(given.clone(), &mut located) {
        Ok(target) => (Some(target), None),
        Err(error) => (None, Some(error)),
    };
    let changes = match resolver.compose(&mut located, BridgeUse::Build) {
        Ok(changes) => changes,
        Err(error) => return Err(unresolved.into_iter().chain([error]).collect()),
    };
    let invocation = resolver.invocation;
    let search = SearchPath::new(&invocation.environment, invocation.cwd());
    let own = target.as_ref().and_then(|target| python_of(target, given, search));
    let is_own_python = own.is_some();
    let python = own.map_or_else(|| fallback(resolver, &located), |own| Ok((None, Some(own))));
    let (fallback, python) = python.unwrap_or_else(|error| {
        unresolved.get_or_insert(error);
        (None, None)
    });
    let Located { root, warnings, .. } = located;
    let scan = scan_of(&root);
    let (program, launched) = python.unzip();
    let case = Case {
        invocation,
        settings: resolver.settings,
        words: given.clone(),
        compiled: scan.compiled.iter().map(|file| root.path.join(file)).collect(),
        root,
        warnings,
        names: names::decide(&scan),
        scan,
        is_command: target.is_some() && matches!(words, Some(Words::Command(_))),
        is_asked_for: target.is_some() && words.is_some(),
        target: target.or(fallback),
        program: program.unwrap_or_default(),
        launched,
        is_own_python,
        changes,
    };
    Ok((case, unresolved))
}

/// What is in the root, or why it can't be listed.
fn scan_of(root: &Root) -> Scan {
    scan(&root.directory)
        .unwrap_or_else(|error| Scan { unread: vec![(PathBuf::new(), error)], ..Scan::default() })
}

/// A target, and the Python that it runs, with the program that its words start.
type ModuleLaunch = (Option<Target>, Option<(PathBuf, Launched)>);

/// What stands for a command that runs no Python that can be told: the launch of some module.
fn fallback(resolver: &Resolver, located: &Located) -> anyhow::Result<ModuleLaunch> {
    let any = any_module();
    let invocation = resolver.invocation;
    let module = resolver.unchecked_target(any.clone(), located)?;
    let python = python_of(&module, &any, SearchPath::new(&invocation.environment, invocation.cwd()));
    Ok((Some(module), python))
}
