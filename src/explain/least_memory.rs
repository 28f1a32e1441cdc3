//! A limit of memory that is too low to read a log with. The allocator would end the process at some point without a message.

use crate::error::Failure;
use crate::own_status::limit;

/// More than the tables and the longest line take, with the program itself.
const LEAST: u64 = 16 << 20;

/// The lines of such limits in `/proc/self/limits`, with what raises them.
const LIMITS: [(&str, &str); 2] =
    [("Max address space", "ulimit -v unlimited"), ("Max data size", "ulimit -d unlimited")];

/// Looks whether this process may have that much memory.
///
/// # Errors
/// When a limit is lower.
pub fn check() -> Result<(), Failure> {
    for (name, raised_by) in LIMITS {
        if let Some(current) = limit(name).and_then(|limit| limit.current)
            && current < LEAST
        {
            let what = format!(
                "--explain takes {LEAST} bytes of memory, and the limit of this process is {current}"
            );
            return Err(Failure::new(what).hint(format!("raise it before the start: {raised_by}")));
        }
    }
    Ok(())
}
