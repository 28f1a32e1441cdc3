//! Programs that are started to learn something from them: none is waited for without end, and none outlives the doctor.
//!
//! One thread does it all: where few processes are allowed, a thread is one of them.

use std::collections::{BTreeSet, VecDeque};
use std::io;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions};

use super::lineage::{children, is_marked};
use super::low_limits;
use super::outcome::{End, Outcome};
use super::running::{Job, Running, STEP, dies, pause, timespec};
use super::signals::Signals;
use crate::procfs::ProcessTable;

/// How long a Python is given to say where it hangs.
const LAST_WORDS: Duration = Duration::from_millis(400);

/// More processes than any launch has before it does its work.
const MOST_PROCESSES: usize = 500;

/// How often they are counted.
const BETWEEN_COUNTS: Duration = Duration::from_millis(250);

/// As often as processes that were left behind are looked for: each may have started others meanwhile.
const MOST_ROUNDS: usize = 20;

/// Watches over what is started.
pub struct Supervisor {
    timeout: Duration,
    deadline: Instant,
    signals: Option<Signals>,
    /// Children that this process had before: it may have been a shell.
    not_ours: BTreeSet<u32>,
    /// What was to be ended, and can't be: it runs as another user, or waits for a disk.
    left_behind: BTreeSet<u32>,
    waiting: VecDeque<(usize, Job)>,
    running: Vec<Running>,
    count: usize,
    counted: Instant,
}

impl Supervisor {
    /// Nothing runs yet. From here on, what ends this process ends what it has started first.
    pub fn new(timeout: Duration) -> Self {
        low_limits::forbid_cores(); // what is killed here leaves none behind
        // What has left its group and lost its parent becomes a child of this process. Any number says yes.
        let _ = rustix::process::set_child_subreaper(Some(Pid::INIT));
        Self {
            timeout,
            deadline: Instant::now() + timeout,
            signals: Signals::watch().ok(),
            not_ours: children().into_iter().collect(),
            left_behind: BTreeSet::new(),
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

    /// The processes that could not be ended.
    pub fn left_behind(&self) -> Vec<u32> {
        self.left_behind.iter().copied().collect()
    }

    /// Has a program started as soon as that is possible. Its number comes back with its outcome.
    pub fn start(&mut self, job: impl Into<Job>) -> usize {
        self.count += 1;
        self.waiting.push_back((self.count, job.into()));
        self.count
    }

    /// The next outcome; `None` when nothing is left.
    pub fn next(&mut self) -> Option<(usize, Outcome)> {
        self.hold_signals(true);
        loop {
            if let Some(refused) = self.start_waiting() {
                return Some(refused);
            }
            if self.running.is_empty() {
                self.end_strays();
                self.hold_signals(false);
                return None;
            }
            self.read_for(self.left());
            self.mind_signals();
            if let Some(index) = self.running.iter().position(Running::has_ended) {
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
            match Running::start(number, &mut job) {
                Ok(running) => self.running.push(running),
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

    /// Whether a signal that ends this process has to wait until it has ended what runs.
    fn hold_signals(&mut self, hold: bool) {
        if let Some(signals) = &self.signals {
            signals.hold(hold);
        }
        self.mind_signals();
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
        running.end();
        let end = match running.child.wait() {
            Ok(status) => End::Ended(status),
            Err(error) => End::NotStarted(error),
        };
        self.finish(running, end)
    }

    /// The time is over. A Python is asked where it stands before it is killed.
    fn give_up(&mut self) -> (usize, Outcome) {
        let mut running = self.running.swap_remove(0);
        if running.is_python {
            let _ = rustix::process::kill_process(running.child.pid, Signal::ABORT);
            let since = Instant::now();
            while !running.has_ended() && since.elapsed() < LAST_WORDS {
                pause();
                running.drain();
            }
        }
        running.drain();
        self.end(&mut running);
        self.finish(running, End::Hung(self.timeout))
    }

    /// Whether more processes run below this one than may.
    fn is_crowded(&mut self) -> bool {
        if self.counted.elapsed() < BETWEEN_COUNTS {
            return false;
        }
        self.counted = Instant::now();
        ProcessTable::read().is_ok_and(|table| {
            let others: usize = self.not_ours.iter().map(|other| table.tree(*other).len()).sum();
            table.tree(std::process::id()).len().saturating_sub(others) > MOST_PROCESSES
        })
    }

    /// Ends the Python that is rehearsed, or else the first program, with all that it started.
    fn end_crowd(&mut self) -> (usize, Outcome) {
        let index = self.running.iter().position(|running| running.is_python).unwrap_or(0);
        let mut running = self.running.swap_remove(index);
        self.end(&mut running);
        running.drain();
        self.finish(running, End::Crowded(MOST_PROCESSES))
    }

    fn finish(&mut self, running: Running, end: End) -> (usize, Outcome) {
        if self.running.is_empty() {
            self.end_strays();
        }
        (running.number, running.outcome(end))
    }

    fn end(&mut self, running: &mut Running) {
        if !running.end() {
            self.left_behind.insert(running.child.pid.as_raw_pid().unsigned_abs());
        }
    }

    /// Ends all that runs, whoever started it.
    fn end_all(&mut self) {
        for mut running in std::mem::take(&mut self.running) {
            self.end(&mut running);
        }
        self.end_strays();
    }

    /// Ends what has left its group: it is a child of this process now.
    fn end_strays(&mut self) {
        for _ in 0..MOST_ROUNDS {
            let strays: Vec<u32> = children().into_iter().filter(|pid| self.is_stray(*pid)).collect();
            if strays.is_empty() {
                return;
            }
            for number in strays {
                let Some(pid) = i32::try_from(number).ok().and_then(Pid::from_raw) else { continue };
                let is_killed = rustix::process::kill_process(pid, Signal::KILL).is_ok();
                if !dies(is_killed, || is_reaped(pid)) {
                    self.left_behind.insert(number);
                }
            }
        }
    }

    /// Whether a child of this process was started by a program of the doctor's. Where this process had children before, what they
    /// have left comes to it as well, and only the mark tells them apart.
    fn is_stray(&self, pid: u32) -> bool {
        let is_known = self.not_ours.contains(&pid) || self.left_behind.contains(&pid);
        !is_known && (self.not_ours.is_empty() || is_marked(pid))
    }
}

/// Whether a child has ended; if it has, it is no more.
fn is_reaped(pid: Pid) -> bool {
    match rustix::process::waitid(WaitId::Pid(pid), WaitIdOptions::EXITED | WaitIdOptions::NOHANG) {
        Ok(ended) => ended.is_some(),
        Err(error) => error == Errno::CHILD,
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
