//! Programs that are started to learn something from them: none is waited for without end, and none outlives the doctor.
//!
//! One thread does it all: where few processes are allowed, a thread is one of them.

use std::collections::{BTreeSet, VecDeque};
use std::io::{self, PipeReader};
use std::os::fd::{AsFd as _, OwnedFd};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::{Errno, retry_on_intr};
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions};

use super::limits;
use super::outcome::{End, Outcome};
use super::signals::Signals;
use crate::procfs::ProcessTable;

/// How long what a program that has ended still has in its pipes is waited for.
const STEP: Duration = Duration::from_millis(20);

/// How long a Python is given to say where it hangs.
const LAST_WORDS: Duration = Duration::from_millis(400);

/// Upper bound on captured output, in bytes for each pipe.
const MOST_OUTPUT: usize = 4 << 20;

/// More processes than any launch has before it does its work.
const MOST_PROCESSES: usize = 500;

/// How often they are counted.
const BETWEEN_COUNTS: Duration = Duration::from_millis(250);

/// As often as reading from a pipe may fail before what it still holds is given up.
const MOST_REFUSALS: u32 = 8;

/// As often as processes that were left behind are looked for: each may have started others meanwhile.
const MOST_ROUNDS: usize = 20;

/// A program to be started.
pub struct Job {
    /// What is run.
    pub command: Command,
    /// The pipe for its report, if it makes one: the end that is read, and the one that it is given.
    pub report: Option<(PipeReader, OwnedFd)>,
    /// Whether it is a Python that tells where it stands when it is aborted.
    pub is_python: bool,
}

impl From<Command> for Job {
    fn from(command: Command) -> Self {
        Self { command, report: None, is_python: false }
    }
}

/// Watches over what is started.
pub struct Supervisor {
    timeout: Duration,
    deadline: Instant,
    signals: Option<Signals>,
    /// Children that this process had before: it may have been a shell.
    not_ours: BTreeSet<u32>,
    waiting: VecDeque<(usize, Job)>,
    running: Vec<Running>,
    count: usize,
    counted: Instant,
}

struct Running {
    number: usize,
    child: Child,
    pid: Pid,
    pipes: Vec<Pipe>,
    is_python: bool,
}

struct Pipe {
    from: Option<OwnedFd>,
    bytes: Vec<u8>,
    /// How often the kernel has refused to read from it.
    refusals: u32,
}

impl From<OwnedFd> for Pipe {
    fn from(from: OwnedFd) -> Self {
        Self { from: Some(from), bytes: Vec::new(), refusals: 0 }
    }
}

impl Supervisor {
    /// Nothing runs yet. From here on, what ends this process ends what it has started first.
    pub fn new(timeout: Duration) -> Self {
        limits::forbid_cores(); // what is killed here leaves none behind
        // What has left its group and lost its parent becomes a child of this process. Any number says yes.
        let _ = rustix::process::set_child_subreaper(Some(Pid::INIT));
        Self {
            timeout,
            deadline: Instant::now() + timeout,
            signals: Signals::watch().ok(),
            not_ours: children().into_iter().collect(),
            waiting: VecDeque::new(),
            running: Vec::new(),
            count: 0,
            counted: Instant::now(),
        }
    }

    /// How long all of it may take.
    pub fn timeout(&self) -> Duration {
        self.timeout
    }

    /// What is left of that.
    pub fn left(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }

    /// Has a program started as soon as that is possible. Its number comes back with its outcome.
    pub fn start(&mut self, job: impl Into<Job>) -> usize {
        self.count += 1;
        self.waiting.push_back((self.count, job.into()));
        self.count
    }

    /// The next outcome; `None` when nothing is left.
    pub fn next(&mut self) -> Option<(usize, Outcome)> {
        loop {
            if let Some(refused) = self.start_waiting() {
                return Some(refused);
            }
            if self.running.is_empty() {
                self.end_strays();
                return None;
            }
            self.read_for(self.left());
            self.mind_signals();
            if let Some(index) = self.running.iter().position(|running| has_ended(running.pid)) {
                return Some(self.collect(index));
            }
            if self.left().is_zero() {
                return Some(self.give_up());
            }
            if self.is_crowded() {
                return Some(self.end_crowd());
            }
        }
    }

    /// Starts what can be started. Where no process is allowed, it has to wait for one that runs.
    fn start_waiting(&mut self) -> Option<(usize, Outcome)> {
        while let Some((number, mut job)) = self.waiting.pop_front() {
            if self.left().is_zero() {
                return Some((number, Outcome::none(End::Hung(self.timeout))));
            }
            match spawn(&mut job) {
                Ok((child, pid, pipes)) => {
                    let Job { report, is_python, .. } = job;
                    let report = report.map(|(reader, _)| OwnedFd::from(reader));
                    let pipes = pipes.into_iter().chain(report).map(Pipe::from).collect();
                    self.running.push(Running { number, child, pid, pipes, is_python });
                }
                Err(error) if is_passing(&error) && !self.running.is_empty() => {
                    self.waiting.push_front((number, job));
                    return None;
                }
                Err(error) => return Some((number, Outcome::none(End::NotStarted(error)))),
            }
        }
        None
    }

    /// Reads what comes, until something has come or the time is over.
    fn read_for(&mut self, time: Duration) {
        // A signal that a child has ended may come before it is waited for: no wait is long.
        let time = time.min(if self.signals.is_some() { BETWEEN_COUNTS } else { STEP });
        let mut fds: Vec<PollFd> = Vec::new();
        for pipe in self.running.iter().flat_map(|running| &running.pipes) {
            fds.extend(pipe.from.as_ref().map(|from| PollFd::new(from, PollFlags::IN)));
        }
        fds.extend(
            self.signals.as_ref().map(|signals| PollFd::from_borrowed_fd(signals.wake(), PollFlags::IN)),
        );
        let time = timespec(time);
        if poll(&mut fds, Some(&time)).is_err() {
            return;
        }
        let ready: Vec<bool> = fds.iter().map(|fd| !fd.revents().is_empty()).collect();
        let pipes = self.running.iter_mut().flat_map(|running| &mut running.pipes);
        for (pipe, ready) in pipes.filter(|pipe| pipe.from.is_some()).zip(ready) {
            if ready {
                pipe.read();
            }
        }
    }

    fn mind_signals(&mut self) {
        if let Some(signal) = self.signals.as_mut().and_then(Signals::taken) {
            self.end_all();
            Signals::die_of(signal);
        }
    }

    fn collect(&mut self, index: usize) -> (usize, Outcome) {
        let mut running = self.running.swap_remove(index);
        running.drain();
        // Until it is waited for, its number, which is the group's, can't be another's.
        let _ = rustix::process::kill_process_group(running.pid, Signal::KILL);
        let end = match running.child.wait() {
            Ok(status) => End::Ended(status),
            Err(error) => End::NotStarted(error),
        };
        if self.running.is_empty() {
            self.end_strays();
        }
        (running.number, running.outcome(end))
    }

    /// The time is over. A Python is asked where it stands before it is killed.
    fn give_up(&mut self) -> (usize, Outcome) {
        let mut running = self.running.swap_remove(0);
        if running.is_python {
            let _ = rustix::process::kill_process(running.pid, Signal::ABORT);
            let since = Instant::now();
            while !has_ended(running.pid) && since.elapsed() < LAST_WORDS {
                // std's panics where the kernel refuses it.
                let _ = rustix::thread::nanosleep(&timespec(STEP));
                running.drain();
            }
        }
        running.drain();
        let _ = rustix::process::kill_process_group(running.pid, Signal::KILL);
        let _ = running.child.wait();
        if self.running.is_empty() {
            self.end_strays();
        }
        (running.number, running.outcome(End::Hung(self.timeout)))
    }

    /// Whether more processes run below this one than may.
    fn is_crowded(&mut self) -> bool {
        if self.counted.elapsed() < BETWEEN_COUNTS {
            return false;
        }
        let below = ProcessTable::read().map(|table| table.tree(std::process::id()).len());
        self.counted = Instant::now();
        below.is_ok_and(|below| below > MOST_PROCESSES)
    }

    /// Ends the Python that is rehearsed, or else the first program, with all that it started.
    fn end_crowd(&mut self) -> (usize, Outcome) {
        let index = self.running.iter().position(|running| running.is_python).unwrap_or(0);
        let mut running = self.running.swap_remove(index);
        let _ = rustix::process::kill_process_group(running.pid, Signal::KILL);
        let _ = running.child.wait();
        running.drain();
        if self.running.is_empty() {
            self.end_strays();
        }
        (running.number, running.outcome(End::Crowded(MOST_PROCESSES)))
    }

    /// Ends all that runs, whoever started it.
    fn end_all(&mut self) {
        for running in &mut self.running {
            let _ = rustix::process::kill_process_group(running.pid, Signal::KILL);
            let _ = running.child.wait();
        }
        self.end_strays();
    }

    /// Ends what has left its group: it is a child of this process now.
    fn end_strays(&self) {
        for _ in 0..MOST_ROUNDS {
            let strays: Vec<_> = children().into_iter().filter(|pid| !self.not_ours.contains(pid)).collect();
            if strays.is_empty() {
                return;
            }
            for pid in strays.iter().filter_map(|pid| Pid::from_raw(i32::try_from(*pid).ok()?)) {
                let _ = rustix::process::kill_process(pid, Signal::KILL);
                let _ = rustix::process::waitid(WaitId::Pid(pid), WaitIdOptions::EXITED);
            }
        }
    }
}

impl Drop for Supervisor {
    fn drop(&mut self) {
        self.end_all();
        // It may have come while something was printed: to a pipe that nobody reads, for one.
        if let Some(signal) = self.signals.as_mut().and_then(Signals::taken) {
            Signals::die_of(signal);
        }
    }
}

/// What may pass when another program ends: too many processes, too many open files, no memory.
fn is_passing(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(libc::EAGAIN | libc::EMFILE | libc::ENFILE | libc::ENOMEM))
}

fn spawn(job: &mut Job) -> io::Result<(Child, Pid, Vec<OwnedFd>)> {
    let command = &mut job.command;
    command.stdin(no_input()?).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
    let mut child = command.spawn()?;
    let stdout = child.stdout.take().map(OwnedFd::from);
    let stderr = child.stderr.take().map(OwnedFd::from);
    let pipes = stdout.into_iter().chain(stderr).collect();
    let pid = Pid::from_child(&child);
    Ok((child, pid, pipes))
}

/// What is at its end at once; the launch has no need of a /dev/null, either.
fn no_input() -> io::Result<Stdio> {
    match std::fs::File::open("/dev/null") {
        Ok(null) => Ok(null.into()),
        Err(_) => io::pipe().map(|(reader, _)| reader.into()),
    }
}

/// The children of this process.
fn children() -> Vec<u32> {
    let own = std::process::id();
    let mut children: Vec<u32> = match std::fs::read_to_string(format!("/proc/self/task/{own}/children")) {
        Ok(list) => list.split_ascii_whitespace().filter_map(|pid| pid.parse().ok()).collect(),
        Err(_) => ProcessTable::read().map(|table| table.tree(own)).unwrap_or_default(),
    };
    children.retain(|pid| *pid != own);
    children
}

fn has_ended(pid: Pid) -> bool {
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT | WaitIdOptions::NOHANG;
    match retry_on_intr(|| rustix::process::waitid(WaitId::Pid(pid), options)) {
        Ok(ended) => ended.is_some(),
        Err(error) => error == Errno::CHILD, // somebody else has waited for it; anything else tells nothing
    }
}

impl Running {
    /// Takes what is in the pipes; others may hold them open.
    fn drain(&mut self) {
        loop {
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

    fn outcome(self, end: End) -> Outcome {
        let mut texts = self.pipes.into_iter().map(|pipe| String::from_utf8_lossy(&pipe.bytes).into_owned());
        let mut next = || texts.next().unwrap_or_default();
        Outcome { end, stdout: next(), stderr: next(), report: next() }
    }
}

impl Pipe {
    /// Reads once; it is ready. What is too much is read and forgotten, so that nobody waits for a reader.
    fn read(&mut self) {
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

fn timespec(time: Duration) -> Timespec {
    Timespec { tv_sec: time.as_secs() as i64, tv_nsec: i64::from(time.subsec_nanos()) }
}
