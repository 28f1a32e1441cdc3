//! A program that ends with this process, and its end.

use std::io::{self, PipeReader, Read as _};
use std::os::fd::AsFd as _;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Command, ExitStatus};

use rustix::io::{ioctl_fionread, retry_on_intr};
use rustix::process::{Pid, Signal, WaitOptions, kill_process, waitpid};

use crate::exec;

/// A child of this process's.
///
/// `std`'s `Child` would do. But where something is done between fork and exec, `std` waits for a pipe, and panics where the kernel
/// refuses to read it.
#[derive(Debug)]
pub struct BoundChild {
    pub pid: Pid,
    /// What it says where it can't become the program.
    failure: PipeReader,
    end: Option<Result<ExitStatus, i32>>,
}

impl BoundChild {
    /// Starts a program that the kernel kills when this process is no more, whatever ended it. What the program starts lives on.
    ///
    /// # Errors
    /// When there is no process for it. Whether it can be executed shows in its end.
    pub fn start(command: &mut Command) -> io::Result<Self> {
        let (failure, writer) = io::pipe()?;
        let pid = exec::fork_bound(command, &writer)?;
        Ok(Self { pid, failure, end: None })
    }

    /// Its end; `None` while it runs.
    ///
    /// # Errors
    /// When it could not be executed, or does not let itself be waited for.
    pub fn try_wait(&mut self) -> io::Result<Option<ExitStatus>> {
        self.wait_as(WaitOptions::NOHANG)
    }

    /// Waits for its end.
    ///
    /// # Errors
    /// As for [`Self::try_wait`].
    pub fn wait(&mut self) -> io::Result<ExitStatus> {
        self.wait_as(WaitOptions::empty())?.ok_or(io::ErrorKind::NotFound.into())
    }

    pub fn kill(&self) {
        let _ = kill_process(self.pid, Signal::KILL);
    }

    fn wait_as(&mut self, options: WaitOptions) -> io::Result<Option<ExitStatus>> {
        if self.end.is_none()
            && let Some((_, status)) = retry_on_intr(|| waitpid(Some(self.pid), options))?
        {
            let status = ExitStatus::from_raw(status.as_raw());
            self.end = Some(self.failure().map_or(Ok(status), Err));
        }
        self.end.map(|end| end.map_err(io::Error::from_raw_os_error)).transpose()
    }

    /// The number of the error for which it was not executed. It is not waited for: what was started may hold the pipe open.
    fn failure(&mut self) -> Option<i32> {
        let mut number = [0; size_of::<i32>()];
        let is_there = ioctl_fionread(self.failure.as_fd()).is_ok_and(|there| there >= number.len() as u64);
        (is_there && self.failure.read_exact(&mut number).is_ok()).then(|| i32::from_ne_bytes(number))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_is_told_as_often_as_it_is_asked_for() {
        let end = |program: &str| {
            let mut child = BoundChild::start(&mut Command::new(program)).expect("a process");
            let first = child.wait().map_err(|error| error.raw_os_error());
            let then = child.try_wait().map_err(|error| error.raw_os_error());
            assert_eq!(then, first.map(Some));
            first.map(|status| status.code())
        };
        assert_eq!(end("true"), Ok(Some(0)));
        assert_eq!(end("false"), Ok(Some(1)));
        assert_eq!(end("/nowhere/at/all"), Err(Some(libc::ENOENT)));
    }
}
