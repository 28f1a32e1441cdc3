//! A program that was started to learn something from it, and what it writes.

use std::io::{self, PipeReader};
use std::os::fd::{AsFd as _, OwnedFd};
use std::os::unix::process::CommandExt as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::{Errno, retry_on_intr};
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions};

use super::lineage;
use super::outcome::{End, Outcome};
use crate::bound_child::BoundChild;

/// How long what a program that has ended still has in its pipes is waited for.
pub const STEP: Duration = Duration::from_millis(20);

/// As long as a process takes to die that was killed, on the busiest machine. A disk that does not answer keeps one for ever.
const DYING: Duration = Duration::from_secs(2);

/// Longer than it takes to read what full pipes hold.
const DRAINING: Duration = Duration::from_secs(1);

/// More than anybody says who has something to say.
const MOST_OUTPUT: usize = 4 << 20;

/// As often as reading from a pipe may fail before what it still holds is given up.
const MOST_REFUSALS: u32 = 8;

/// Which of the pipes the report is: it comes after both outputs.
const REPORT: usize = 2;

/// A program to be started.
pub struct Job {
    pub command: Command,
    /// The pipe for its report, if it makes one: the end that is read, and the one that it is given.
    pub report: Option<(PipeReader, OwnedFd)>,
    /// Whether it is a Python that tells where it stands when it is aborted.
    pub is_python: bool,
    /// What is done with its report when it has ended or is killed.
    pub after_end: Option<fn(&str)>,
}

impl From<Command> for Job {
    fn from(command: Command) -> Self {
        Self { command, report: None, is_python: false, after_end: None }
    }
}

/// A program that runs, or has ended and was not waited for.
pub struct Running {
    /// The number that it was given.
    pub number: usize,
    /// Its number is its group's too.
    pub child: BoundChild,
    pub pipes: Vec<Pipe>,
    /// Whether it is a Python that tells where it stands when it is aborted.
    pub is_python: bool,
    after_end: Option<fn(&str)>,
}

/// What a program writes to.
pub struct Pipe {
    /// The end that is read; `None` where all is read.
    pub from: Option<OwnedFd>,
    bytes: Vec<u8>,
    /// How often the kernel has refused to read from it.
    refusals: u32,
}

impl From<OwnedFd> for Pipe {
    fn from(from: OwnedFd) -> Self {
        Self { from: Some(from), bytes: Vec::new(), refusals: 0 }
    }
}

fn spawn(command: &mut Command) -> io::Result<(BoundChild, [OwnedFd; 2])> {
    let (stdout, its_stdout) = io::pipe()?;
    let (stderr, its_stderr) = io::pipe()?;
    command.stdin(no_input()?).stdout(its_stdout).stderr(its_stderr).process_group(0);
    lineage::mark(command);
    let child = BoundChild::start(command);
    // This process's ends of them are closed: they end with the program.
    command.stdout(Stdio::null()).stderr(Stdio::null());
    Ok((child?, [stdout, stderr].map(OwnedFd::from)))
}

/// What is at its end at once; the launch has no need of a /dev/null, either.
fn no_input() -> io::Result<Stdio> {
    match std::fs::File::open("/dev/null") {
        Ok(null) => Ok(null.into()),
        Err(_) => io::pipe().map(|(reader, _)| reader.into()),
    }
}

fn has_ended(pid: Pid) -> bool {
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT | WaitIdOptions::NOHANG;
    match retry_on_intr(|| rustix::process::waitid(WaitId::Pid(pid), options)) {
        Ok(ended) => ended.is_some(),
        Err(error) => error == Errno::CHILD, // somebody else has waited for it; anything else tells nothing
    }
}

/// Waits until a process is gone, where it was killed; else it is looked at once.
pub fn dies(is_killed: bool, mut is_gone: impl FnMut() -> bool) -> bool {
    let since = Instant::now();
    while !is_gone() {
        if !is_killed || since.elapsed() > DYING {
            return false;
        }
        pause();
    }
    true
}

/// Sleeps for a step. std's panics where the kernel refuses it.
pub fn pause() {
    let _ = rustix::thread::nanosleep(&timespec(STEP));
}

impl Running {
    /// Starts a program, in a group of its own.
    ///
    /// # Errors
    /// When it can't be started. The job is whole, and may be tried again.
    pub fn start(number: usize, job: &mut Job) -> io::Result<Self> {
        let (child, pipes) = spawn(&mut job.command)?;
        let report = job.report.take().map(|(reader, _)| OwnedFd::from(reader));
        let pipes = pipes.into_iter().chain(report).map(Pipe::from).collect();
        Ok(Self { number, child, pipes, is_python: job.is_python, after_end: job.after_end })
    }

    pub fn has_ended(&self) -> bool {
        has_ended(self.child.pid)
    }

    /// Kills it with its group, and waits for it as long as that may take. Tells whether it is gone.
    pub fn end(&mut self) -> bool {
        // Until it is waited for, its number, which is the group's, can't be another's.
        let killed = rustix::process::kill_process_group(self.child.pid, Signal::KILL);
        let is_gone = dies(killed.is_ok(), || !matches!(self.child.try_wait(), Ok(None)));
        self.drain();
        if let (Some(after_end), Some(report)) = (self.after_end, self.pipes.get(REPORT)) {
            after_end(&String::from_utf8_lossy(&report.bytes));
        }
        is_gone
    }

    /// Takes what is in the pipes. Others may hold them open, and write on.
    pub fn drain(&mut self) {
        let since = Instant::now();
        while since.elapsed() < DRAINING {
            let mut fds: Vec<PollFd> = Vec::new();
            for pipe in &self.pipes {
                fds.extend(pipe.from.as_ref().map(|from| PollFd::new(from, PollFlags::IN)));
            }
            let now = Timespec { tv_sec: 0, tv_nsec: 0 };
            if fds.is_empty() || !matches!(poll(&mut fds, Some(&now)), Ok(1..)) {
                return;
            }
            let ready: Vec<bool> = fds.iter().map(|fd| !fd.revents().is_empty()).collect();
            for (pipe, ready) in self.pipes.iter_mut().filter(|pipe| pipe.from.is_some()).zip(ready) {
                if ready {
                    pipe.read();
                }
            }
        }
    }

    pub fn outcome(self, end: End) -> Outcome {
        let mut texts = self.pipes.into_iter().map(|pipe| String::from_utf8_lossy(&pipe.bytes).into_owned());
        let mut next = || texts.next().unwrap_or_default();
        Outcome { end, stdout: next(), stderr: next(), report: next() }
    }
}

impl Pipe {
    /// Reads once; it is ready. What is too much is read and forgotten, so that nobody waits for a reader.
    pub fn read(&mut self) {
        let Some(from) = &self.from else { return };
        let mut piece = [0; 8192];
        match rustix::io::read(from.as_fd(), &mut piece) {
            Ok(0) => self.from = None,
            Ok(length) if self.bytes.len() < MOST_OUTPUT => self.bytes.extend_from_slice(&piece[..length]),
            Ok(_) | Err(Errno::INTR | Errno::AGAIN) => {}
            Err(_) => {
                self.refusals += 1;
                self.from.take_if(|_| self.refusals > MOST_REFUSALS);
            }
        }
    }
}

pub fn timespec(time: Duration) -> Timespec {
    Timespec { tv_sec: time.as_secs() as i64, tv_nsec: i64::from(time.subsec_nanos()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As one that others write to without end.
    #[test]
    fn a_pipe_that_is_never_empty_is_read_for_a_while() {
        let mut running = Running::start(1, &mut Command::new("true").into()).expect("it starts");
        let endless = std::fs::File::open("/dev/zero").expect("it is there");
        running.pipes = vec![Pipe::from(OwnedFd::from(endless))];
        running.drain();
        assert!(running.end());
    }
}
