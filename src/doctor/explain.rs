//! `--explain`: a log, read as it grows; its causes, said when first seen, and summed up at its end or at Ctrl-C.

use std::fs::File;
use std::io::{self, IsTerminal as _, Read};
use std::os::fd::AsFd as _;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::{process, thread};

use anyhow::Context as _;
use signal_hook::consts::SIGINT;
use signal_hook::flag;
use signal_hook::iterator::Signals;

use super::interrupt::is_ignored;
use super::report::Report;
use super::scan::{Finding, Scanner};
use crate::error::{exit_code, text};
use crate::shell::quote;
use crate::{files, message, print};

/// The report until it is made; whoever takes it ends the process.
type Shared = Arc<Mutex<Option<Report>>>;

/// Reads a log, or stdin. Returns 1 where a cause was found, else 0.
///
/// # Errors
/// When the log can't be read to its end, or stdout can't be written.
pub fn explain(file: Option<&Path>) -> anyhow::Result<u8> {
    let shared: Shared = Arc::new(Mutex::new(Some(Report::default())));
    sum_up_at_interrupt(&shared).context("SIGINT can't be waited for")?;
    let log = open(file)?;
    let outcome = read(log, file, &shared);
    if outcome.is_ok() || with_report(&shared, |report| report.has_findings()) {
        let code = sum_up(&shared)?;
        return outcome.map(|()| code);
    }
    outcome.map(|()| 0)
}

fn open(file: Option<&Path>) -> anyhow::Result<File> {
    match file {
        Some(path) => files::open_log(path).with_context(|| format!("can't read {}", quote(path))),
        None => {
            let stdin = io::stdin();
            if stdin.is_terminal() {
                message::note("reads a log from the terminal, to Ctrl-D; --explain=FILE reads a file");
            }
            // Without std's buffer, which also takes a descriptor that can't be read for an empty one.
            let descriptor = stdin.as_fd().try_clone_to_owned().context("can't read stdin")?;
            Ok(descriptor.into())
        }
    }
}

fn read(mut log: File, file: Option<&Path>, shared: &Shared) -> anyhow::Result<()> {
    let mut scanner = Scanner::new()?;
    // A file is read in no time, and the summary says the same: only a stream keeps its reader waiting.
    let may_grow = log.metadata().map_or(true, |log| !log.is_file());
    loop {
        let count = match log.read(scanner.room()) {
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => {
                return Err(error)
                    .with_context(|| format!("can't read {}", file.map_or("stdin".into(), quote)));
            }
        };
        let mut said = Ok(());
        let say = |finding: Finding| {
            if said.is_ok() {
                let new = with_report(shared, |report| report.add(&finding));
                said = new.filter(|_| may_grow).map_or(Ok(()), print::out);
            }
        };
        if count == 0 {
            scanner.finish(say)
        } else {
            scanner.advance(count, say)
        }
        said?;
        let lines = scanner.lines();
        with_report(shared, |report| report.lines = lines);
        if count == 0 {
            return Ok(());
        }
    }
}

fn with_report<T>(shared: &Shared, change: impl FnOnce(&mut Report) -> T) -> T {
    match lock(shared).as_mut() {
        Some(report) => change(report),
        None => wait_for_the_end(),
    }
}

/// Says all that was found, once. The lock is held meanwhile: nothing else is said after it.
fn sum_up(shared: &Shared) -> anyhow::Result<u8> {
    let mut guard = lock(shared);
    let Some(report) = guard.take() else {
        drop(guard);
        wait_for_the_end()
    };
    let code = report.has_findings().into();
    print::out(report.summary())?;
    Ok(code)
}

/// The other thread has the report, and ends the process.
fn wait_for_the_end() -> ! {
    loop {
        thread::park();
    }
}

fn lock(shared: &Shared) -> MutexGuard<'_, Option<Report>> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Has Ctrl-C end the process with the summary, also while it waits for the log to go on. A second one ends it at once, for
/// the summary may be written where nobody reads.
fn sum_up_at_interrupt(shared: &Shared) -> io::Result<()> {
    if is_ignored(SIGINT) {
        return Ok(()); // as in the background of a script
    }
    let was_asked = Arc::new(AtomicBool::new(false));
    flag::register_conditional_default(SIGINT, Arc::clone(&was_asked))?;
    flag::register(SIGINT, was_asked)?;
    let mut signals = Signals::new([SIGINT])?;
    let shared = Arc::clone(shared);
    thread::Builder::new().spawn(move || {
        if signals.forever().next().is_some() {
            if io::stdout().is_terminal() {
                let _ = print::out("\n"); // behind the ^C that it shows
            }
            let code = sum_up(&shared).unwrap_or_else(|error| {
                message::error(text(&error));
                exit_code(&error)
            });
            process::exit(code.into());
        }
    })?;
    Ok(())
}
