//! One layer of what stands before a message.

use super::level::Level;

#[derive(Default)]
pub struct Layer<'l> {
    /// Who wrote what is behind it; empty where it does not say so.
    pub source: &'l [u8],
    /// How bad that is taken to be.
    pub level: Level,
    /// It is a time, or has one.
    pub is_time: bool,
    pub rest: &'l [u8],
}

impl<'l> Layer<'l> {
    /// Who wrote what is behind it.
    pub fn of(source: &'l [u8], rest: &'l [u8]) -> Self {
        Self { source, rest, ..Self::default() }
    }
}

/// Whether it may be in the name of a service or a host.
pub fn is_of_a_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"_.-".contains(&byte)
}
