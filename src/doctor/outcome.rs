//! What became of a program that was started.

use std::fmt;
use std::io;
use std::os::unix::process::ExitStatusExt as _;
use std::process::ExitStatus;
use std::time::Duration;

/// How a program ended.
#[derive(Debug)]
pub enum End {
    /// By itself.
    Ended(ExitStatus),
    /// It did not end in this time, and was killed.
    Hung(Duration),
    /// It had started more than so many processes, and was killed with them.
    Crowded(usize),
    NotStarted(io::Error),
}

/// What became of a program.
#[derive(Debug)]
pub struct Outcome {
    pub end: End,
    pub stdout: String,
    pub stderr: String,
    /// What it wrote to the pipe that it was given.
    pub report: String,
}

impl Outcome {
    pub fn succeeded(&self) -> bool {
        matches!(self.end, End::Ended(status) if status.success())
    }
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ended(status) => write!(f, "ended with {status}"),
            Self::Hung(timeout) => write!(f, "did not end in {} s", timeout.as_secs()),
            Self::Crowded(most) => write!(f, "started more than {most} processes, and was killed with them"),
            Self::NotStarted(error) => write!(f, "can't be started: {}", crate::error::plain(error)),
        }
    }
}

impl End {
    /// The signal that ended it.
    pub fn signal(&self) -> Option<i32> {
        let Self::Ended(status) = self else { return None };
        status.signal()
    }

    /// Whether two programs ended alike.
    pub fn is_like(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Ended(own), Self::Ended(other)) => own == other,
            (Self::Hung(_), Self::Hung(_)) | (Self::Crowded(_), Self::Crowded(_)) => true,
            (Self::NotStarted(own), Self::NotStarted(other)) => own.raw_os_error() == other.raw_os_error(),
            _ => false,
        }
    }

    /// `signal 11`, `exit code 3`; `None` where it did not end by itself.
    pub fn in_short(&self) -> Option<String> {
        let Self::Ended(status) = self else { return None };
        Some(match (status.signal(), status.code()) {
            (Some(signal), _) => format!("signal {signal}"),
            (None, Some(code)) => format!("exit code {code}"),
            (None, None) => status.to_string(),
        })
    }
}

impl Outcome {
    /// Of a program that printed nothing.
    pub fn none(end: End) -> Self {
        Self { end, stdout: String::new(), stderr: String::new(), report: String::new() }
    }
}
