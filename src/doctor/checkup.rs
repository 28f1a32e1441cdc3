//! `--doctor`: everything that is worth a look before a launch, and in it a rehearsal of the launch itself.
//!
//! First what can be told by reading, in milliseconds; then, side by side, what must be started. A line is printed as soon as
//! its check is through.

use std::cell::RefCell;
use std::path::PathBuf;
use std::sync::mpsc::{Sender, channel};
use std::thread;
use std::time::Duration;

use anyhow::Context as _;

use super::bounded::Watch;
use super::case::{Case, any_module, compiled, interpreter_of};
use super::checks::{abi, children, config, imports, libraries, machine, models, packages, sdk};
use super::diagnosis::{Diagnosis, Finding, Status, document, summary};
use super::facts::Facts;
use crate::cli::ReportFormat;
use crate::error;
use crate::invocation::Invocation;
use crate::plan::{self, Changes};
use crate::print;
use crate::root::{self, Root};
use crate::sdk::scan::scan;
use crate::settings::{OnWarning, Settings, Words};
use crate::target::{self, Surroundings};
use crate::terminal;
use crate::warning::Warnings;

/// Every check, in the order of their names' first appearance. The names are stable.
const CHECKS: [&str; 15] = [
    "root",
    "command",
    "bridge",
    "shadow",
    "config",
    "models",
    "shm",
    "tools",
    "gpu",
    "interpreter",
    "isolation",
    "abi",
    "packages",
    "libraries",
    "children",
];

/// Those of the checks before it that explain why a child dies.
const EXPLAINS: [&str; 4] = ["root", "bridge", "shadow", "config"];

/// Those without which others can't be looked at.
const BARS_OTHERS: [&str; 3] = ["root", "command", "interpreter"];

/// Takes back what stands on the line.
const ERASE: &str = "\r\x1b[K";

/// Checks the SDK, the machine and the launch of the words. Returns the exit code: 1 if something failed.
///
/// # Errors
/// When the report can't be printed.
pub fn run(
    words: Option<Words>,
    format: ReportFormat,
    timeout: Duration,
    settings: &Settings,
    invocation: &Invocation,
) -> anyhow::Result<u8> {
    let mut report = Report { settings, format, waits: None, diagnoses: Vec::new() };
    let mut warnings = Warnings::default();
    let script = words.as_ref().and_then(target::script_of);
    match root::resolve(settings.root.as_ref(), script, invocation, &mut warnings) {
        Ok(root) => {
            report.add("root", sdk::root(&root, warnings.lines().to_vec()))?;
            examine(words, &root, &Watch::new(timeout), settings, invocation, &mut report)?;
        }
        Err(error) => report.add("root", vec![failure(&error)])?,
    }
    report.finish()
}

/// A launch's own error.
fn failure(error: &anyhow::Error) -> Finding {
    let (found, remedy) = error::parts(error);
    Finding { status: Status::Fail, found, remedy }
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

/// What was found so far.
struct Report<'a> {
    settings: &'a Settings,
    format: ReportFormat,
    /// How long a program is waited for, where a person is told so.
    waits: Option<Duration>,
    diagnoses: Vec<Diagnosis>,
}

impl Report<'_> {
    fn add(&mut self, check: &'static str, findings: Vec<Finding>) -> anyhow::Result<()> {
        let diagnosis = Diagnosis::new(check, findings);
        let quiet = self.settings.quiet;
        let text = diagnosis.text(|finding| !quiet || finding.status >= Status::Warn);
        self.diagnoses.push(diagnosis);
        match self.format {
            ReportFormat::Text if self.waits.is_some() => {
                print::out(format!("{ERASE}{text}{}", self.to_come()))
            }
            ReportFormat::Text => print::out(text),
            ReportFormat::Json => Ok(()),
        }
    }

    /// From here on programs are waited for: a person is told so, in a line that goes with the next.
    fn wait(&mut self, timeout: Duration) -> anyhow::Result<()> {
        let is_seen = self.format == ReportFormat::Text && !self.settings.quiet && terminal::is_terminal();
        self.waits = is_seen.then_some(timeout);
        if is_seen { print::out(self.to_come()) } else { Ok(()) }
    }

    fn waited(&mut self) -> anyhow::Result<()> {
        if self.waits.take().is_some() { print::out(ERASE) } else { Ok(()) }
    }

    /// What is waited for; no line may be wider than a terminal, else it does not go.
    fn to_come(&self) -> String {
        match (&self.left()[..], self.waits) {
            ([], _) | (_, None) => String::new(),
            ([one], Some(timeout)) => format!("waits for {one}, {} s at most", timeout.as_secs()),
            (more, Some(_)) => format!("waits for {} checks", more.len()),
        }
    }

    /// Checks that have told nothing yet.
    fn left(&self) -> Vec<&'static str> {
        let is_left = |check: &&str| !self.diagnoses.iter().any(|diagnosis| diagnosis.check == *check);
        CHECKS.into_iter().filter(is_left).collect()
    }

    /// Those of the checks that failed.
    fn failed(&self) -> Vec<&'static str> {
        let failed = self.diagnoses.iter().filter(|diagnosis| diagnosis.status() == Status::Fail);
        failed.map(|diagnosis| diagnosis.check).collect()
    }

    /// What could not be looked at is said, so that every document has every check.
    fn finish(mut self) -> anyhow::Result<u8> {
        let failed = self.failed();
        let reason = BARS_OTHERS.into_iter().find(|check| failed.contains(check));
        let why = reason.map_or("not asked for".into(), |check| format!("see {check}"));
        match &self.left()[..] {
            [] => {}
            [one] => self.add(one, vec![Finding::skip(why)])?,
            left => {
                if self.format == ReportFormat::Text && !self.settings.quiet {
                    let all = Finding::skip(format!("{why}: {}", left.join(", ")));
                    print::out(all.text(&format!("{} checks", left.len())))?;
                }
                let skipped = |check: &&'static str| Diagnosis::new(check, vec![Finding::skip(why.clone())]);
                self.diagnoses.extend(left.iter().map(skipped));
            }
        }
        let worst = self.diagnoses.iter().map(Diagnosis::status).max().unwrap_or(Status::Ok);
        let limit = if self.settings.warnings == OnWarning::Fail { Status::Warn } else { Status::Fail };
        let healthy = worst < limit;
        match self.format {
            ReportFormat::Json => print::out(document(&self.diagnoses, healthy))?,
            ReportFormat::Text if self.settings.quiet => {}
            ReportFormat::Text => print::out(summary(&self.diagnoses))?,
        }
        Ok((!healthy).into())
    }
}

fn examine(
    words: Option<Words>,
    root: &Root,
    watch: &Watch,
    settings: &Settings,
    invocation: &Invocation,
    report: &mut Report,
) -> anyhow::Result<()> {
    let was_there = root.existing_bridge(invocation).is_some();
    let mut doubts = Warnings::default();
    let built = crate::ensure_bridge(root, settings, invocation, &mut doubts);
    let bridge = match &built {
        Ok(bridge) => bridge.clone(),
        Err(error) => {
            doubts.add(error::text(error));
            None
        }
    };
    let mut composed = Warnings::default();
    let (case, unresolved) =
        match rehearse(words.as_ref(), bridge.clone(), root, settings, invocation, &mut composed) {
            Ok(case) => case,
            Err(error) => return report.add("command", vec![failure(&error)]),
        };
    match (&words, unresolved) {
        (Some(words), Some(error)) => report.add("command", vec![unresolved_command(words, &error)])?,
        (Some(words), None) => report.add("command", sdk::command(&case, words))?,
        (None, Some(error)) => report.add("interpreter", vec![failure(&error)])?,
        (None, None) => {
            report.add("command", vec![Finding::skip("none was given: judged as for -m MODULE")])?
        }
    }
    report.add("bridge", imports::bridge(&case, bridge.as_deref(), was_there, doubts.lines().to_vec()))?;
    report.add("shadow", imports::shadow(&case))?;
    report.add("config", config::config(&case))?;
    report.add("models", models::models(&root.path))?;
    report.add("shm", machine::shm())?;
    let named: Vec<_> = report.failed().into_iter().filter(|check| EXPLAINS.contains(check)).collect();
    watch.end_groups_at_own_end().context("signals can't be waited for")?;
    report.wait(watch.timeout())?;
    let (sender, findings) = channel();
    thread::scope(|scope| {
        let (case, named, composed) = (&case, &named, composed.lines());
        let (of_tools, of_gpu) = (sender.clone(), sender.clone());
        scope.spawn(move || of_tools.send(("tools", machine::tools(case, watch))));
        scope.spawn(move || of_gpu.send(("gpu", machine::gpu(case, watch))));
        scope.spawn(move || interpreted(case, watch, named, composed, &sender));
        findings.into_iter().try_for_each(|(check, findings)| report.add(check, findings))
    })?;
    report.waited()
}

/// The launch as far as it can be resolved, and the error that kept its command from being.
fn rehearse<'a>(
    words: Option<&Words>,
    bridge: Option<PathBuf>,
    root: &'a Root,
    settings: &'a Settings,
    invocation: &'a Invocation<'a>,
    warnings: &mut Warnings,
) -> anyhow::Result<(Case<'a>, Option<anyhow::Error>)> {
    let directory = plan::directory(settings, &root.path, invocation)?;
    let changes = Changes::compose(settings, &root.path, bridge, directory.clone(), invocation, warnings)?;
    let versions = root.versions();
    let surroundings =
        Surroundings { invocation, root: &root.path, versions, directory: directory.as_deref() };
    let resolve = |words: Words| surroundings.resolve(words, settings.python.as_ref());
    let any = any_module();
    let given = words.unwrap_or(&any);
    let (target, mut unresolved) = match resolve(given.clone()) {
        Ok(target) => (Some(target), None),
        Err(error) => (None, Some(error)),
    };
    let own = target.as_ref().and_then(|target| interpreter_of(target, given));
    let is_own_python = own.is_some();
    let (fallback, python) = match own {
        Some(python) => (None, Some(python)),
        None => match resolve(any.clone()) {
            Ok(module) => {
                let python = interpreter_of(&module, &any);
                (Some(module), python)
            }
            Err(error) => {
                unresolved.get_or_insert(error);
                (None, None)
            }
        },
    };
    let scan = scan(&root.path).unwrap_or_default();
    let compiled = compiled(&root.path, &scan);
    let is_command = target.is_some() && matches!(words, Some(Words::Command(_)));
    let is_asked_for = target.is_some() && words.is_some();
    let target = target.or(fallback);
    let case = Case {
        invocation,
        settings,
        root,
        scan,
        compiled,
        directory,
        target,
        is_asked_for,
        is_command,
        python,
        is_own_python,
        changes,
    };
    Ok((case, unresolved))
}

/// The checks that need the interpreter's answers, and last the children.
fn interpreted(
    case: &Case,
    watch: &Watch,
    named: &[&'static str],
    composed: &[String],
    sender: &Sender<(&'static str, Vec<Finding>)>,
) {
    if case.python.is_none() {
        return;
    }
    let named = RefCell::new(named.to_vec());
    // The report may be gone, if it can't be printed. Which interpreter `bash` or a wrapper runs in the end is a guess.
    let tell = |check, mut findings: Vec<Finding>| {
        if case.is_command && !case.is_own_python {
            findings.iter_mut().for_each(Finding::doubt);
        }
        if findings.iter().any(|finding| finding.remedy.is_some() && finding.status >= Status::Warn) {
            named.borrow_mut().push(check);
        }
        let _ = sender.send((check, findings));
    };
    let facts = Facts::ask(case, watch);
    let answer = facts.as_ref().map_err(String::as_str);
    let shim = sdk::shim(case, answer, || Facts::ask_here(case, watch));
    let is_shim = shim.is_some();
    tell("interpreter", sdk::interpreter(case, answer, shim));
    let mut isolation = sdk::isolation(case, answer);
    isolation.extend(composed.iter().map(|warning| Finding::new(Status::Warn, warning)));
    tell("isolation", isolation);
    let Ok(facts) = &facts else { return };
    tell("abi", if is_shim { vec![Finding::skip("see interpreter")] } else { abi::abi(case, facts) });
    tell("packages", packages::packages(facts));
    tell("libraries", libraries::libraries(case, facts));
    if case.root.sdk.is_some() {
        let fates = children::probe(case, facts, watch);
        let findings = children::judge(&fates, &named.borrow(), case);
        tell("children", findings);
    }
}
