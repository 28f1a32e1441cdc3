//! What the kernel lists of this process in `/proc/self/status` and `/proc/self/limits`.

use std::ffi::c_int;
use std::fs;
use std::path::Path;

use rustix::process::Rlimit;

use crate::files;

/// A mask of bits, such as `SigIgn` or `CapEff`; `None` where it can't be read.
pub fn mask(name: &str) -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let mask = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
    u64::from_str_radix(mask.trim(), 16).ok()
}

/// The signals that this process was started with ignored, and so keeps ignored.
pub fn ignored_signals() -> u64 {
    mask("SigIgn").unwrap_or(0)
}

/// Whether a signal is one of them.
pub fn is_ignored(signals: u64, signal: c_int) -> bool {
    signals & (1 << (signal - 1)) != 0
}

/// A line for each limit, and there are 16.
const LONGEST_LIMITS: u64 = 1 << 14;

/// The limit whose line in `/proc/self/limits` begins so; `None` where it can't be read. rustix's `getrlimit` is not used: it panics where
/// a filter refuses the call.
pub fn limit(begins: &str) -> Option<Rlimit> {
    let text = files::read_of_kernel(Path::new("/proc/self/limits"), LONGEST_LIMITS).ok()?;
    let text = String::from_utf8_lossy(&text);
    let line = text.lines().find_map(|line| line.strip_prefix(begins))?;
    let mut numbers = line.split_ascii_whitespace().map(|word| match word {
        "unlimited" => Some(None),
        number => number.parse().ok().map(Some),
    });
    Some(Rlimit { current: numbers.next()??, maximum: numbers.next()?? })
}
