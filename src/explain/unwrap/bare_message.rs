//! A line without what was around it.

use super::level::Level;

/// A line as the one who wrote it meant it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Message<'l> {
    /// Which service, pod, stream or process wrote it; empty where nothing says so.
    pub source: &'l [u8],
    /// The same, further in: a process of that service.
    pub inner: &'l [u8],
    /// How bad its logger takes it to be.
    pub level: Level,
    /// Whether something says when or how it was logged: it begins a message.
    pub has_header: bool,
    /// What was said, with its indentation.
    pub text: &'l [u8],
}

impl Message<'_> {
    /// A number for the source.
    pub fn key(&self) -> u64 {
        let bytes = self.source.iter().chain(b"\n").chain(self.inner);
        bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
        })
    }
}
