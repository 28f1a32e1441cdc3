//! `--inspect`: does a running service have what a launch would give it?
//!
//! [`judge`] decides, [`show`] prints; here is what leads to them: which processes, which root, and what a launch from it
//! would give.

mod judge;
mod show;

use std::path::Path;

use crate::cli::ReportFormat;
use crate::directory;
use crate::error::Failure;
use crate::files::{self, identity};
use crate::invocation::{Invocation, same_file};
use crate::launch::{BridgeUse, Resolved, Resolver};
use crate::message;
use crate::plan::{PythonPath, Start};
use crate::print;
use crate::procfs::{Process, ProcessTable, seen_by};
use crate::root::{self, Root};
use crate::sdk::is_absent;
use crate::settings::{Settings, Sourced};
use crate::shell::quote;
use crate::warning::{Warning, WarningPolicy, Warnings};
use judge::{Disk, ProcessFinding, Verdict};

/// Inspects the process and all below it, or the services of the root. Returns the exit code: 1 if one lacks something.
///
/// # Errors
/// When there is no such process or service, or no root.
pub fn run(pid: Option<u32>, format: ReportFormat, resolver: &Resolver) -> anyhow::Result<u8> {
    let Resolver { settings, invocation } = *resolver;
    let mut warnings = Warnings::default();
    let table = ProcessTable::read()?;
    let asked = pid.map(|pid| asked(&table, pid)).transpose()?;
    let root = resolve(asked.as_deref(), settings, invocation, &mut warnings)?;
    let (strict, quiet) = (settings.warnings == WarningPolicy::Fail, settings.quiet);
    if settings.verbose {
        message::note(format!("root: {} ({})", quote(&root.path), root.source));
    }
    let settings = Settings { inherit: false, library_dirs: None, ..settings.clone() };
    let mut resolved = Resolved { root, start: Start::NoChdir, target: None, warnings };
    let expected =
        Resolver { settings: &settings, invocation }.compose(&mut resolved, BridgeUse::Find)?.python_path;
    let Resolved { root, mut warnings, .. } = resolved;
    let disk = Here(&root);
    let trees = match asked {
        Some(processes) => vec![processes],
        None => services(&table, &expected, &disk)?,
    };
    let rows: Vec<(Process, ProcessFinding)> = trees
        .into_iter()
        .flat_map(|processes| {
            let findings = judge::tree(&processes, &expected, &disk);
            processes.into_iter().zip(findings)
        })
        .collect();
    if let Some(pid) = pid
        && rows.iter().all(|(_, finding)| finding.verdict == Verdict::Skip)
    {
        warnings.add(Warning::NothingJudged { pid, root: root.path.clone() });
    }
    warnings.emit(settings.warnings)?;
    let is_failure = |finding: &ProcessFinding| match finding.verdict {
        Verdict::Fail => true,
        Verdict::Unknown => strict,
        Verdict::Ok | Verdict::Skip => false,
    };
    let failed = rows.iter().any(|(_, finding)| is_failure(finding));
    let shown: Vec<_> = rows.iter().filter(|(_, finding)| !quiet || is_failure(finding)).collect();
    if !quiet || failed {
        print::out(match format {
            ReportFormat::Text => show::text(&expected, root.source, &shown),
            ReportFormat::Json => show::json(&expected, failed, &shown),
        })?;
    }
    Ok(failed.into())
}

/// The process that was asked for and all below it.
fn asked(table: &ProcessTable, pid: u32) -> Result<Vec<Process>, Failure> {
    let top = table.process_of(pid).ok_or_else(|| Failure::new(format!("there is no process {pid} here")))?;
    let processes: Vec<_> = table.tree(top).into_iter().filter_map(Process::read).collect();
    match processes.first() {
        Some(first) if first.pid == top => Ok(processes),
        _ => Err(Failure::new(format!("process {pid} has ended"))),
    }
}

/// Every service of the root: a Python process that runs in it or was launched for it, and is not below another such.
fn services(table: &ProcessTable, expected: &PythonPath, disk: &Here) -> Result<Vec<Vec<Process>>, Failure> {
    let belongs =
        |pid: &u32| Process::read(*pid).is_some_and(|process| judge::belongs(&process, expected, disk));
    let found: Vec<u32> = table.numbers().filter(belongs).collect();
    let trees: Vec<Vec<Process>> = found
        .iter()
        .filter(|pid| !table.above(**pid).any(|above| found.contains(&above)))
        .map(|top| table.tree(*top).into_iter().filter_map(Process::read).collect())
        .collect();
    if trees.iter().all(Vec::is_empty) {
        return Err(Failure::new(format!("no service runs from {}", quote(&expected.root)))
            .hint("name one of its processes: --inspect=PID"));
    }
    Ok(trees)
}

/// The root that was named, else the one that the service was launched for, else the one that a launch would find here.
fn resolve(
    asked: Option<&[Process]>,
    settings: &Settings,
    invocation: &Invocation,
    warnings: &mut Warnings,
) -> anyhow::Result<Root> {
    let of_service = asked.into_iter().flatten().filter_map(judge::heygem_dir).find(|path| path.is_dir());
    let of_service = of_service.map(|value| Sourced { value, source: "the service's HEYGEM_DIR" });
    let settings = Settings { root: settings.root.clone().or(of_service), ..settings.clone() };
    root::resolve(&settings, None, invocation, warnings)
}

/// The disk as this process sees it.
struct Here<'r>(&'r Root);

impl Disk for Here<'_> {
    fn same(&self, a: &Path, b: &Path) -> bool {
        a == b || same_file(a, b)
    }

    fn sees_root(&self, pid: u32) -> bool {
        let Ok(own) = files::stat(&self.0.directory) else { return false };
        let seen = seen_by(pid, &self.0.path).metadata();
        seen.is_ok_and(|seen| identity(&seen) == directory::identity(&own))
    }

    fn is_gone(&self, pid: u32, path: &Path) -> bool {
        // An absolute link on the way would be followed from this process's own root.
        !path.exists() && seen_by(pid, path).metadata().is_err_and(|error| is_absent(&error))
    }
}
