//! The signals by which the kernel tells that a limit is reached. By default they end a process; here they are errors.
//!
//! `main` catches them, where nobody has them ignored. A file that may grow no further (SIGXFSZ) is then an error of `write`. That the
//! processor's time is up (SIGXCPU) is remembered here, for what may take long to ask. The target gets the default again, since a
//! caught signal is reset by `exec`.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};

static TIME_IS_UP: AtomicBool = AtomicBool::new(false);

/// What `main` has called for SIGXCPU. Safe in a signal's handler: it stores one flag.
pub fn remember_time_is_up() {
    TIME_IS_UP.store(true, Ordering::Relaxed);
}

/// An error once the limit of processor time is reached; for what may take long, at each of its steps.
///
/// # Errors
/// When it is.
pub fn check() -> io::Result<()> {
    if TIME_IS_UP.load(Ordering::Relaxed) {
        return Err(io::Error::other("the limit of processor time is reached"));
    }
    Ok(())
}
