//! `--inspect`: can the processes of a running service import the SDK and its bare names?
//!
//! [`role`] tells what a process is, [`facts`] what it has and lacks beside what is [`expected`], [`judge`] decides, [`show`] and
//! [`json`] print; here is which processes are read.

mod app;
mod disk;
mod expected;
mod facts;
mod finding;
mod json;
mod judge;
mod look_time;
mod role;
mod show;

use std::collections::BTreeSet;

use crate::cli::ReportFormat;
use crate::error::Failure;
use crate::launch::Resolver;
use crate::message;
use crate::print;
use crate::procfs::{Process, ProcessTable};
use crate::settings::Settings;
use crate::shell::quote;
use crate::warning::inspect::InspectWarning;
use crate::warning::{WarningPolicy, Warnings};
use disk::Here;
use expected::Expected;
use facts::Comparison;
use finding::{ProcessFinding, ProcessVerdict, Row};
use judge::{ProcessView, Scope};
use look_time::LookTime;

/// Inspects the process and all below it, or the services of the root. Returns the exit code: 1 if one can't import the SDK.
///
/// # Errors
/// When there is no such process or service, or no root.
pub fn run(pid: Option<u32>, format: ReportFormat, resolver: &Resolver) -> anyhow::Result<u8> {
    let settings = resolver.settings;
    let mut warnings = Warnings::default();
    let table = ProcessTable::read()?;
    let (scope, processes) = read(&table, pid)?;
    let asked = match scope {
        Scope::Tree(top) => processes.iter().position(|process| process.pid == top).unwrap_or_default(),
        Scope::Root => processes.len(),
    };
    let time = LookTime::new();
    let expected = Expected::resolve(&processes[asked..], resolver, (&time, &mut warnings))?;
    if settings.verbose {
        message::note(format!("root: {} ({})", quote(&expected.root), expected.source));
    }
    let disk = Here::new(&expected.root, expected.bridge_path(), &time);
    let view = ProcessView { processes: &processes, scope, above_asker: table.above_asker().collect() };
    let findings = judge::judge(&view, &Comparison { expected: &expected, disk: &disk });
    let rows: Vec<Row> = processes
        .iter()
        .zip(&findings)
        .filter_map(|(process, finding)| Some((process, finding.as_ref()?)))
        .collect();
    if rows.is_empty() {
        return Err(Failure::new(format!("no service runs from {}", quote(&expected.root)))
            .hint("name one of its processes: --inspect=PID")
            .into());
    }
    let is_cut = time.is_over();
    if is_cut && settings.warnings != WarningPolicy::Fail {
        warnings.add(InspectWarning::NotAllLookedAt);
    }
    warn(&rows, (pid, &expected), settings.warnings, &mut warnings);
    warnings.emit(settings.warnings)?;
    report(&rows, &expected, is_cut, (format, settings))
}

/// The processes to judge: one and all below it, and those above, by which it may have to be judged; or all.
fn read(table: &ProcessTable, pid: Option<u32>) -> anyhow::Result<(Scope, Vec<Process>)> {
    let Some(pid) = pid else { return Ok((Scope::Root, Process::read_all(&table.forest())?)) };
    let top = table.process_of(pid).ok_or_else(|| Failure::new(format!("there is no process {pid} here")))?;
    let mut pids: Vec<u32> = table.above(top).collect();
    pids.reverse();
    let (above, tree): (BTreeSet<u32>, Vec<u32>) = (pids.iter().copied().collect(), table.tree(top));
    pids.extend(tree.into_iter().filter(|pid| !above.contains(pid)));
    let processes = Process::read_all(&pids)?;
    if processes.iter().any(|process| process.pid == top) {
        return Ok((Scope::Tree(top), processes));
    }
    Err(Failure::new(format!("process {pid} has ended")).into())
}

/// A check that judges nothing would be content for ever.
fn warn(
    rows: &[Row],
    (pid, expected): (Option<u32>, &Expected),
    policy: WarningPolicy,
    warnings: &mut Warnings,
) {
    let has = |verdict| rows.iter().any(|(_, finding)| finding.verdict == verdict);
    if has(ProcessVerdict::Ok) || has(ProcessVerdict::Fail) {
        return;
    }
    if !has(ProcessVerdict::Unknown) {
        warnings.add(InspectWarning::NothingJudged { pid, root: expected.root.clone() });
    } else if policy != WarningPolicy::Fail {
        // Else each of them is a failure.
        warnings.add(InspectWarning::NothingTold { root: expected.root.clone() });
    }
}

/// Prints what was found. Under `--strict`, that not all was looked at is a failure as well: what was found is worth no less for it.
fn report(
    rows: &[Row],
    expected: &Expected,
    is_cut: bool,
    (format, settings): (ReportFormat, &Settings),
) -> anyhow::Result<u8> {
    let (strict, quiet) = (settings.warnings == WarningPolicy::Fail, settings.quiet);
    let is_failure = |finding: &ProcessFinding| match finding.verdict {
        ProcessVerdict::Fail => true,
        ProcessVerdict::Unknown => strict,
        ProcessVerdict::Ok | ProcessVerdict::Skip => false,
    };
    let is_cut = is_cut && strict;
    if is_cut {
        let cut = Failure::new(InspectWarning::NotAllLookedAt.to_string());
        message::error(&cut.hint("--strict treats this warning as an error").into());
    }
    let failed = is_cut || rows.iter().any(|(_, finding)| is_failure(finding));
    let shown: Vec<Row> = rows.iter().filter(|(_, finding)| !quiet || is_failure(finding)).copied().collect();
    if !quiet || failed {
        print::out(match format {
            ReportFormat::Text => show::text(expected, &shown),
            ReportFormat::Json => json::document(expected, failed, &shown),
        })?;
    }
    Ok(failed.into())
}
