//! `--doctor`: everything that is worth a look before a launch, and in it a rehearsal of the launch itself.
//!
//! First what can be told by reading, in milliseconds; then what must be started, all of it at once. What explains others is
//! told before them, and they follow as information.

use std::time::Duration;

use super::case::{Case, any_module, compiled, python_of};
use super::causes::Judge;
use super::checks::{abi, children, config, imports, libraries, machine, models, packages, sdk, servers};
use super::diagnosis::{Finding, Status};
use super::evidence::{Evidence, Gatherer};
use super::installed::Installed;
use super::sheet::{Sheet, failure};
use super::supervise::Watch;
use crate::cli::ReportFormat;
use crate::entry::program::SearchPath;
use crate::launch::{BridgeUse, Resolved, Resolver};
use crate::root::Root;
use crate::sdk::scan::scan;
use crate::settings::Words;
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
    let mut watch = Watch::new(timeout);
    let mut sheet = Sheet::new(resolver.settings, format);
    let mut warnings = Warnings::default();
    match resolver.root(words.as_ref(), &mut warnings) {
        Ok(root) => {
            sheet.add("root", sdk::root(&root, &warnings))?;
            let was_there = root.existing_bridge(resolver.settings.moves(), resolver.invocation).is_some();
            match resolve(words.as_ref(), root, warnings, resolver) {
                Ok((case, error)) => {
                    examine(words.as_ref(), &case, error, &mut sheet, &mut watch, was_there)?;
                }
                Err(errors) => sheet.add("command", errors.iter().map(failure).collect())?,
            }
        }
        Err(error) => sheet.add("root", vec![failure(&error)])?,
    }
    sheet.finish()
}

/// As if `--` were wanted before `-m`, as before any other command.
fn unresolved_command(words: &Words, error: &anyhow::Error) -> Finding {
    match words {
        Words::Command(words) if words[0] == "-m" => {
            failure(error).mend("-m takes no -- before it: --doctor -m MODULE")
        }
        _ => failure(error),
    }
}

fn examine(
    words: Option<&Words>,
    case: &Case,
    unresolved: Option<anyhow::Error>,
    sheet: &mut Sheet,
    watch: &mut Watch,
    was_there: bool,
) -> anyhow::Result<()> {
    match (words, unresolved) {
        (Some(words), Some(error)) => sheet.add("command", vec![unresolved_command(words, &error)])?,
        (Some(words), None) => sheet.add("command", sdk::command(case, words))?,
        (None, Some(error)) => sheet.add("interpreter", vec![failure(&error)])?,
        (None, None) => {
            sheet.add("command", vec![Finding::skip("none was given: judged as for -m MODULE")])?
        }
    }
    sheet.add("bridge", imports::bridge(case, was_there))?;
    sheet.add("models", models::models(&case.root.path))?;
    let gatherer = Gatherer::new(case, watch);
    let config = config::config(case);
    sheet.wait(gatherer.timeout())?;
    let evidence = gatherer.finish();
    sheet.waited()?;
    sheet.add("tools", machine::tools(case, &evidence))?;
    sheet.add("gpu", machine::gpu(&evidence))?;
    judge(case, &evidence, config, sheet)
}

/// What the rehearsal showed, what explains others first.
fn judge(case: &Case, evidence: &Evidence, config: Vec<Finding>, sheet: &mut Sheet) -> anyhow::Result<()> {
    let judge = Judge { case, evidence };
    // Which interpreter `bash` or a wrapper runs in the end is a guess.
    let is_guess = case.is_command
        && case.launched.as_ref().is_none_or(|launched| !launched.is_certain || !case.is_own_python);
    sheet.doubts(is_guess);
    if case.launched.is_some() {
        sheet.add("interpreter", sdk::interpreter(case, evidence))?;
        sheet.add("isolation", sdk::isolation(case, evidence))?;
    }
    let mut verdicts = children::verdicts(&judge);
    let has_failed = |findings: &[Finding]| findings.iter().any(|finding| finding.status == Status::Fail);
    // What is wrong with the configuration as it stands is what its reader dies of.
    verdicts.retain(|verdict| verdict.check != "config" || !has_failed(&config));
    if let Some(facts) = &evidence.rehearsal.facts {
        let installed = Installed::read(&facts.site_packages);
        let abi = abi::abi(case, facts, evidence);
        let is_unfit = has_failed(&abi);
        sheet.add("abi", abi)?;
        if is_unfit {
            // Nothing of the SDK was loaded: what failed after that tells nothing of its own.
            verdicts.retain(|verdict| !["config", "children", "libraries", "abi"].contains(&verdict.check));
        }
        if facts.ignores {
            verdicts.retain(|verdict| verdict.check != "packages");
        }
        if case.changes.python_path.bridge.is_none() && case.settings.bridge {
            verdicts.retain(|verdict| !["abi", "children"].contains(&verdict.check));
        }
        sheet.add("shadow", imports::shadow(case, &evidence.rehearsal))?;
        let mut of_packages = packages::packages(case, facts, &installed, machine::answers(evidence));
        of_packages.extend(packages::absent_together(case, &mut verdicts, &facts.executable));
        sheet.add("packages", of_packages)?;
        let libraries = match is_unfit {
            true => vec![Finding::skip("see abi")],
            false => libraries::libraries(case, facts),
        };
        sheet.add("libraries", libraries)?;
    }
    sheet.doubts(false);
    sheet.add("config", config)?;
    sheet.add("shm", machine::shm(evidence.rehearsal.version.is_some()))?;
    sheet.doubts(is_guess);
    let mut of_children: Vec<Finding> = children::well(&judge).into_iter().collect();
    of_children.extend(children::main_script(&judge));
    of_children.extend(servers::servers(case));
    if case.launched.is_some() && evidence.rehearsal.version.is_some() {
        sheet.add("children", of_children)?;
    }
    for verdict in verdicts {
        sheet.add_to(verdict.check, verdict.finding);
    }
    sheet.print_late()
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
    let mut resolved =
        resolver.resolve_in(root, Some(given.clone()), warnings).map_err(|error| vec![error])?;
    let resolve = |words: Words, resolved: &Resolved| resolver.target(words, &resolved.root, &resolved.start);
    let (target, mut unresolved) = match resolved.target.take() {
        Some(Ok(target)) => (Some(target), None),
        Some(Err(error)) => (None, Some(error)),
        None => (None, None),
    };
    let changes = match resolver.compose(&mut resolved, BridgeUse::Build) {
        Ok(changes) => changes,
        Err(error) => return Err(unresolved.into_iter().chain([error]).collect()),
    };
    let invocation = resolver.invocation;
    let search = SearchPath::new(&invocation.environment, invocation.cwd());
    let own = target.as_ref().and_then(|target| python_of(target, given, search));
    let is_own_python = own.is_some();
    let (fallback, python) = match own {
        Some(python) => (None, Some(python)),
        None => match resolve(any.clone(), &resolved) {
            Ok(module) => {
                let python = python_of(&module, &any, search);
                (Some(module), python)
            }
            Err(error) => {
                unresolved.get_or_insert(error);
                (None, None)
            }
        },
    };
    let Resolved { root, warnings, .. } = resolved;
    let scan = scan(&root.directory).unwrap_or_default();
    let compiled = compiled(&root.path, &scan);
    let is_command = target.is_some() && matches!(words, Some(Words::Command(_)));
    let is_asked_for = target.is_some() && words.is_some();
    let (program, launched) = python.unzip();
    let case = Case {
        invocation,
        settings: resolver.settings,
        words: given.clone(),
        root,
        warnings,
        scan,
        compiled,
        target: target.or(fallback),
        is_asked_for,
        is_command,
        program: program.unwrap_or_default(),
        launched,
        is_own_python,
        changes,
    };
    Ok((case, unresolved))
}
