//! One sight of a cause.

use super::causes::Cause;

/// A cause, seen.
pub struct Finding<'f> {
    pub cause: &'static Cause,
    /// What the message was about; empty where that is always the same.
    pub subject: &'f [u8],
    /// A story of several exceptions that it is part of; 0 is none.
    pub chain: u64,
    pub place: Place,
    /// Who wrote it.
    pub source: &'f [u8],
    /// The line, or what is within reach of it.
    pub text: &'f [u8],
}

/// A place in the logs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Which of the inputs.
    pub input: usize,
    /// The number of the line in it.
    pub line: u64,
}
