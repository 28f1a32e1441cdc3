//! A log that is read to its end, or as it grows; and Ctrl-C.

use std::fs::File;
use std::io::{self, IsTerminal as _, PipeReader, Read as _};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::{process, thread};

use anyhow::Context as _;
use rustix::event::Timespec;
use signal_hook::consts::SIGINT;
use signal_hook::flag;
use signal_hook::low_level::pipe;

use super::decode;
use super::input::{self, Input, WithoutHoles};
use super::least_memory;
use super::report::Report;
use super::scanner::Scanner;
use super::tell;
use crate::cli::ReportFormat;
use crate::error::{Failure, exit_code};
use crate::own_status::{ignored_signals, is_ignored};
use crate::{message, print};

/// What is new is said when the log has been silent for so long: what comes next may show that it was no cause.
const PATIENCE: Timespec = Timespec { tv_sec: 0, tv_nsec: 200_000_000 };
/// But not after more than so many reads.
const READS: u32 = 16;

/// The report until it is made; whoever takes it ends the process.
type Shared = Arc<Mutex<Option<Report>>>;

/// Reads logs, or stdin. Returns 1 where a cause was found, else 0.
///
/// # Errors
/// When a log can't be read to its end, or stdout can't be written.
pub fn run(inputs: Vec<Option<PathBuf>>, format: ReportFormat) -> anyhow::Result<u8> {
    least_memory::check()?;
    let inputs = input::all(inputs)?;
    let report = Report::of(inputs.iter().map(Input::to_string).collect());
    let shared: Shared = Arc::new(Mutex::new(Some(report)));
    sum_up_at_interrupt(&shared, format).context("SIGINT can't be waited for")?;
    let outcome = read_all(&inputs, format, &shared);
    let was_found = with_report(&shared, |report| report.has_findings());
    if outcome.is_ok() || was_found {
        let code = sum_up(&shared, format)?;
        return outcome.map(|()| code);
    }
    outcome.map(|()| 0)
}

/// Reads one after the other. What can't be read does not keep the others from being read.
fn read_all(inputs: &[Input], format: ReportFormat, shared: &Shared) -> anyhow::Result<()> {
    let mut scanner = Scanner::new()?;
    let mut outcome = Ok(());
    let mut lines = 0;
    for (index, input) in inputs.iter().enumerate() {
        if index > 0 {
            scanner.next_input();
        }
        if let Err(error) = read(&mut scanner, input, format, shared)
            && let Err(earlier) = std::mem::replace(&mut outcome, Err(error))
        {
            message::error(&earlier);
        }
        lines += scanner.lines();
        with_report(shared, |report| report.lines = lines);
    }
    outcome
}

fn read(scanner: &mut Scanner, input: &Input, format: ReportFormat, shared: &Shared) -> anyhow::Result<()> {
    let context = || format!("can't read {input}");
    let file = input::open(input)?;
    // A file is read in no time, and the summary says the same: only a stream keeps its reader waiting.
    let may_grow = format == ReportFormat::Text && file.metadata().map_or(true, |file| !file.is_file());
    let log = WithoutHoles(&file).take(input::longest(&file));
    let opened = decode::text(log).with_context(context)?;
    let mut log = opened.map_err(|packed| {
        let file = if *input == Input::Stdin { "FILE".to_owned() } else { input.to_string() };
        Failure::new(format!("{}: it is {}", context(), packed.what))
            .hint(format!("{} {file} | heygem-run --explain", packed.unpack))
    })?;
    let mut reads = 0;
    loop {
        if may_grow {
            say_news(&file, &mut reads, shared)?;
        }
        let count = match log.read(scanner.room()) {
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => {
                with_report(shared, |report| scanner.finish(report));
                return Err(error).with_context(context);
            }
        };
        with_report(shared, |report| match count {
            0 => scanner.finish(report),
            count => scanner.advance(count, report),
        });
        if count == 0 {
            return if may_grow {
                with_report(shared, tell::news_of).map_or(Ok(()), print::out)
            } else {
                Ok(())
            };
        }
    }
}

/// Says what is new, where the log is silent or has not been for long.
fn say_news(file: &File, reads: &mut u32, shared: &Shared) -> anyhow::Result<()> {
    if !with_report(shared, |report| report.has_news()) {
        *reads = 0;
        return Ok(());
    }
    *reads += 1;
    if *reads < READS && !input::waits(file, Some(&PATIENCE)) {
        return Ok(());
    }
    *reads = 0;
    with_report(shared, tell::news_of).map_or(Ok(()), print::out)
}

fn with_report<T>(shared: &Shared, change: impl FnOnce(&mut Report) -> T) -> T {
    match lock(shared).as_mut() {
        Some(report) => change(report),
        None => wait_for_the_end(),
    }
}

/// Says all that was found, once. The lock is held meanwhile: nothing else is said after it.
fn sum_up(shared: &Shared, format: ReportFormat) -> anyhow::Result<u8> {
    let mut guard = lock(shared);
    let Some(report) = guard.take() else {
        drop(guard);
        wait_for_the_end()
    };
    let code = report.has_findings().into();
    print::out(match format {
        ReportFormat::Text => tell::text(&report),
        ReportFormat::Json => tell::json(&report),
    })?;
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
fn sum_up_at_interrupt(shared: &Shared, format: ReportFormat) -> io::Result<()> {
    if is_ignored(ignored_signals(), SIGINT) {
        return Ok(()); // as in the background of a script
    }
    let was_asked = Arc::new(AtomicBool::new(false));
    flag::register_conditional_default(SIGINT, Arc::clone(&was_asked))?;
    flag::register(SIGINT, Arc::clone(&was_asked))?;
    let (wake, waker) = io::pipe()?;
    pipe::register(SIGINT, waker)?;
    let (shared, is_given_up) = (Arc::clone(shared), Arc::clone(&was_asked));
    let waiting = thread::Builder::new().spawn(move || {
        if comes(wake) {
            if io::stdout().is_terminal() {
                let _ = print::out("\n"); // behind the ^C that it shows
            }
            let code = sum_up(&shared, format).unwrap_or_else(|error| {
                message::error(&error);
                exit_code(&error)
            });
            process::exit(code.into());
        }
        is_given_up.store(true, Ordering::Relaxed);
    });
    if waiting.is_err() {
        // Where no thread may be started, or it can't wait, the first one ends the process as the second would.
        was_asked.store(true, Ordering::Relaxed);
    }
    Ok(())
}

/// Waits for a signal; false where the kernel refuses that.
fn comes(mut wake: PipeReader) -> bool {
    loop {
        match wake.read(&mut [0]) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            read => return matches!(read, Ok(1..)),
        }
    }
}
