//! Programs that are started to learn something from them, and that must not be waited for without end.

use std::fmt;
use std::io::{self, Read};
use std::os::unix::process::CommandExt as _;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};

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

/// Runs a program in a process group of its own, and ends the whole group with it.
///
/// # Errors
/// When it can't be started or does not end in time.
pub fn run(command: &mut Command, timeout: Duration) -> Result<Ended, Untold> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
    let started = Instant::now();
    let mut child = command.spawn().map_err(Untold::NotStarted)?;
    let stdout = Output::of(child.stdout.take());
    let stderr = Output::of(child.stderr.take());
    let pid = Pid::from_child(&child);
    let in_time = loop {
        if has_ended(pid) {
            break true;
        }
        if started.elapsed() >= timeout {
            break false;
        }
        thread::sleep(STEP);
    };
    // Until it is waited for, its number, which is the group's, can't be another's.
    let _ = kill_process_group(pid, Signal::KILL);
    let status = child.wait().map_err(Untold::NotStarted)?;
    let (stdout, stderr) = (stdout.text(), stderr.text());
    if in_time { Ok(Ended { status, stdout, stderr }) } else { Err(Untold::Hung(timeout, stderr)) }
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
