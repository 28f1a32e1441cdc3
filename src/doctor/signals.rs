//! Signals that would end this process, and the one that a child has ended.

use std::ffi::c_int;
use std::io::{self, Read as _};
use std::os::fd::{AsFd as _, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use signal_hook::consts::signal::{
    SIGABRT, SIGALRM, SIGCHLD, SIGHUP, SIGINT, SIGIO, SIGPIPE, SIGPROF, SIGQUIT, SIGSYS, SIGTERM, SIGTRAP,
    SIGUSR1, SIGUSR2, SIGVTALRM, SIGXCPU, SIGXFSZ,
};
use signal_hook::low_level::{emulate_default_handler, pipe};

use crate::own_status::{ignored_signals, is_ignored};

/// Whatever would end this process, and can be caught.
const ENDS: [c_int; 15] = [
    SIGABRT, SIGALRM, SIGHUP, SIGINT, SIGIO, SIGPIPE, SIGPROF, SIGQUIT, SIGSYS, SIGTERM, SIGTRAP, SIGUSR1,
    SIGUSR2, SIGVTALRM, SIGXCPU,
];

/// Signals, being watched without a thread.
pub struct Signals {
    wake: UnixStream,
    taken: Arc<AtomicUsize>,
    /// Whether nothing runs that would have to be ended first.
    is_idle: Arc<AtomicBool>,
}

impl Signals {
    /// From here on, they no longer end this process by themselves while they are held. One that it was started with ignored stays so.
    ///
    /// # Errors
    /// When they can't be watched.
    pub fn watch() -> io::Result<Self> {
        let (wake, waker) = UnixStream::pair()?;
        wake.set_nonblocking(true)?;
        let taken = Arc::new(AtomicUsize::new(0));
        let is_idle = Arc::new(AtomicBool::new(true));
        let ignored = ignored_signals();
        // A wait is interrupted by each of them: they need no descriptor.
        for signal in ENDS.into_iter().filter(|signal| !is_ignored(ignored, *signal)) {
            signal_hook::flag::register_conditional_default(signal, Arc::clone(&is_idle))?;
            signal_hook::flag::register_usize(signal, Arc::clone(&taken), signal as usize)?;
        }
        // To write more than a limit allows is an error like any other.
        signal_hook::flag::register(SIGXFSZ, Arc::new(AtomicBool::new(false)))?;
        // The last one: if another failed, a child's end would be written to a socket that nobody reads, and that ends a process.
        pipe::register(SIGCHLD, waker)?;
        Ok(Self { wake, taken, is_idle })
    }

    /// Whether they have to wait for [`Self::taken`]. Else each ends this process at once, whatever it does.
    pub fn hold(&self, hold: bool) {
        self.is_idle.store(!hold, Ordering::Release);
    }

    /// Can be read as soon as one has come.
    pub fn wake(&self) -> BorrowedFd<'_> {
        self.wake.as_fd()
    }

    /// The signal that is to end this process, if one has come.
    pub fn taken(&mut self) -> Option<c_int> {
        let mut piece = [0; 64];
        while let Ok(1..) = self.wake.read(&mut piece) {}
        c_int::try_from(self.taken.load(Ordering::Acquire)).ok().filter(|signal| *signal != 0)
    }

    /// Ends this process as that signal would have.
    pub fn die_of(signal: c_int) -> ! {
        let _ = emulate_default_handler(signal);
        std::process::exit(128 + signal)
    }
}
