//! A limit of memory that is too low to read a log with. The allocator would end the process at some point without a message, or the
//! kernel by a signal.

use crate::error::Failure;
use crate::own_status::limit;

/// A limit of this process.
struct Limit {
    /// Its line in `/proc/self/limits`.
    line: &'static str,
    /// More than the tables and the longest line take, with the program itself.
    least: u64,
    what: &'static str,
    raised_by: &'static str,
}

const LIMITS: [Limit; 3] = [
    Limit { line: "Max address space", least: 16 << 20, what: "memory", raised_by: "ulimit -v unlimited" },
    Limit { line: "Max data size", least: 16 << 20, what: "memory", raised_by: "ulimit -d unlimited" },
    Limit { line: "Max stack size", least: 256 << 10, what: "stack", raised_by: "ulimit -s 8192" },
];

/// Looks whether this process may have that much memory.
///
/// # Errors
/// When a limit is lower.
pub fn check() -> Result<(), Failure> {
    for Limit { line, least, what, raised_by } in LIMITS {
        if let Some(current) = limit(line).and_then(|limit| limit.current)
            && current < least
        {
            let told = format!(
                "--explain takes {least} bytes of {what}, and the limit of this process is {current}"
            );
            return Err(Failure::new(told).hint(format!("raise it before the start: {raised_by}")));
        }
    }
    Ok(())
}
