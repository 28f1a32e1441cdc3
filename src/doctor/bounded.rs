//! Programs that are started to learn something from them: they must not be waited for without end, nor outlive the doctor.

use std::fmt;
use std::io::{self, Read};
use std::os::unix::process::CommandExt as _;
use std::process::{self, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};
use signal_hook::consts::{SIGHUP, SIGINT, SIGPIPE, SIGTERM};
use signal_hook::iterator::Signals;
use signal_hook::low_level::emulate_default_handler;

use crate::interrupt::is_ignored;

/// How often it is asked whether a program has ended.
const STEP: Duration = Duration::from_millis(2);

/// How long the output of a program that has ended is waited for: something that left its group may hold the pipe.
const GRACE: Duration = Duration::from_millis(500);

/// More than anybody says who has something to say.
const MOST_OUTPUT: u64 = 4 << 20;

/// A program that ended in time.
#[derive(Debug)]
pub struct Ended {
    /// How.
    pub status: ExitStatus,
    /// What it printed.
    pub stdout: String,
    /// What it complained of.
    pub stderr: String,
}

/// Why a program told nothing.
#[derive(Debug)]
pub enum Untold {
    /// It can't be started.
    NotStarted(io::Error),
    /// It did not end in time, and was killed with all that it had started; what it complained of.
    Hung(Duration, String),
}

impl fmt::Display for Untold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotStarted(error) => write!(f, "can't be started: {}", crate::error::plain(error)),
            Self::Hung(timeout, _) => {
                write!(
                    f,
                    "did not end in {} s, and was killed with all that it had started",
                    timeout.as_secs()
                )
            }
        }
    }
}

/// Watches over what is started: how long each may take, and which groups would be left behind.
#[derive(Debug)]
pub struct Watch {
    timeout: Duration,
    groups: Arc<Mutex<Vec<Pid>>>,
}

impl Watch {
    /// Nothing runs yet.
    pub fn new(timeout: Duration) -> Self {
        Self { timeout, groups: Arc::default() }
    }

    /// How long each may take.
    pub fn timeout(&self) -> Duration {
        self.timeout
    }

    /// From here on, what would end this process ends all groups first. They are not the terminal's, so Ctrl-C does not reach
    /// them.
    ///
    /// # Errors
    /// When signals can't be waited for.
    pub fn end_groups_at_own_end(&self) -> io::Result<()> {
        let ends = [SIGINT, SIGTERM, SIGHUP, SIGPIPE].into_iter().filter(|signal| !is_ignored(*signal));
        let mut signals = Signals::new(ends)?;
        let groups = Arc::clone(&self.groups);
        thread::Builder::new().spawn(move || {
            let Some(signal) = signals.forever().next() else { return };
            // Held to the end: nothing more is started.
            let groups = lock(&groups);
            groups.iter().for_each(end);
            let _ = emulate_default_handler(signal);
            process::exit(128 + signal);
        })?;
        Ok(())
    }

    /// Runs a program in a process group of its own, and ends the whole group with it.
    ///
    /// # Errors
    /// When it can't be started or does not end in time.
    pub fn run(&self, command: &mut Command) -> Result<Ended, Untold> {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
        let started = Instant::now();
        let mut groups = lock(&self.groups);
        let mut child = command.spawn().map_err(Untold::NotStarted)?;
        let pid = Pid::from_child(&child);
        groups.push(pid);
        drop(groups);
        let stdout = Output::of(child.stdout.take());
        let stderr = Output::of(child.stderr.take());
        let in_time = loop {
            if has_ended(pid) {
                break true;
            }
            if started.elapsed() >= self.timeout {
                break false;
            }
            thread::sleep(STEP);
        };
        // Until it is waited for, its number, which is the group's, can't be another's.
        end(&pid);
        lock(&self.groups).retain(|other| *other != pid);
        let status = child.wait().map_err(Untold::NotStarted)?;
        let (stdout, stderr) = (stdout.text(), stderr.text());
        if in_time { Ok(Ended { status, stdout, stderr }) } else { Err(Untold::Hung(self.timeout, stderr)) }
    }
}

fn end(group: &Pid) {
    let _ = kill_process_group(*group, Signal::KILL);
}

fn lock(groups: &Mutex<Vec<Pid>>) -> MutexGuard<'_, Vec<Pid>> {
    groups.lock().unwrap_or_else(PoisonError::into_inner)
}

fn has_ended(pid: Pid) -> bool {
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT | WaitIdOptions::NOHANG;
    !matches!(waitid(WaitId::Pid(pid), options), Ok(None))
}

/// A pipe, being read.
struct Output {
    bytes: Arc<Mutex<Vec<u8>>>,
    reader: thread::JoinHandle<()>,
}

impl Output {
    fn of(pipe: Option<impl Read + Send + 'static>) -> Self {
        let bytes = Arc::new(Mutex::new(Vec::new()));
        let filled = Arc::clone(&bytes);
        let reader = thread::spawn(move || {
            let Some(mut pipe) = pipe.map(|pipe| pipe.take(MOST_OUTPUT)) else { return };
            let mut piece = [0; 4096];
            while let Ok(length @ 1..) = pipe.read(&mut piece) {
                filled.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(&piece[..length]);
            }
        });
        Self { bytes, reader }
    }

    fn text(self) -> String {
        let since = Instant::now();
        while !self.reader.is_finished() && since.elapsed() < GRACE {
            thread::sleep(STEP);
        }
        String::from_utf8_lossy(&self.bytes.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
    }
}
