//! The entry point: what the kernel passed, as data, and one call. With `src/exec.rs`, the only unsafe code.
//!
//! It is C's `main`, not Rust's: Rust's start-up ignores SIGPIPE and opens `/dev/null` on closed descriptors for good,
//! and the target would inherit both.
#![no_main]
#![allow(unsafe_code)]

use std::ffi::{CStr, c_char, c_int};
use std::ptr;

use heygem_run::Invocation;

/// Called by the C run-time.
#[unsafe(no_mangle)]
extern "C" fn main(_count: c_int, words: *const *const c_char, variables: *const *const c_char) -> c_int {
    reserve_standard_descriptors();
    catch_limits();
    // SAFETY: the C run-time passes two null-terminated arrays of strings that live as long as the process, and nothing
    // in it changes them: no one calls `setenv`.
    let (words, variables) = unsafe { (strings(words), strings(variables)) };
    // SAFETY: `getauxval` only reads what the kernel put beside the variables, which it does for AT_EUID always.
    let user = unsafe { libc::getauxval(libc::AT_EUID) };
    let user = u32::try_from(user).unwrap_or(u32::MAX);
    heygem_run::run(Invocation::new(words, variables, user, now())).into()
}

/// Stands in for libc's function of this name, which build.rs has the linker wrap. From glibc 2.40 on, a static program that starts
/// warns of a `GLIBC_TUNABLES` that it can't read, and of the variables that stand for one (`MALLOC_CHECK_`). The target's own start says
/// the same. What ends a program at its start is said by another function.
#[cfg(all(target_env = "gnu", target_feature = "crt-static"))]
#[unsafe(no_mangle)]
extern "C" fn __wrap__dl_error_printf() {}

/// Puts something on those of the descriptors 0 to 2 that are closed, so that no file opened later is taken for stderr and
/// gets a warning written into it. For reading only: what is printed to a closed stdout must fail. Close-on-exec: the target
/// finds them closed, as it would have.
fn reserve_standard_descriptors() {
    let mut standard = [0, 1, 2].map(|fd| libc::pollfd { fd, events: 0, revents: 0 });
    // SAFETY: the pointer and the count describe `standard`, which outlives the call.
    let polled = unsafe { libc::poll(standard.as_mut_ptr(), 3, 0) };
    if polled <= 0 {
        return; // none of them has anything to report, such as being closed
    }
    for _ in standard.iter().filter(|descriptor| descriptor.revents & libc::POLLNVAL != 0) {
        // The lowest closed one is what `open` returns.
        // SAFETY: both paths are NUL-terminated strings.
        unsafe {
            if libc::open(c"/dev/null".as_ptr(), libc::O_RDONLY | libc::O_CLOEXEC) == -1 {
                libc::open(c"/".as_ptr(), libc::O_RDONLY | libc::O_CLOEXEC);
            }
        }
    }
}

/// Makes errors of the signals that tell of a limit, where they would end the process without a word. Where they are ignored they
/// stay so. `exec` resets what is caught, so the target finds each as it would have.
fn catch_limits() {
    extern "C" fn pass(_signal: c_int) {}
    extern "C" fn remember(_signal: c_int) {
        heygem_run::remember_time_is_up();
    }
    let handlers: [(c_int, extern "C" fn(c_int)); 2] = [(libc::SIGXFSZ, pass), (libc::SIGXCPU, remember)];
    for (signal, handler) in handlers {
        // SAFETY: all zeros is a valid `sigaction`, both pointers are to ones that outlive the calls, and the handlers only store a
        // flag, which may be done at any moment.
        unsafe {
            let mut action: libc::sigaction = std::mem::zeroed();
            action.sa_sigaction = handler as *const () as libc::sighandler_t;
            action.sa_flags = libc::SA_RESTART;
            let mut before: libc::sigaction = std::mem::zeroed();
            if libc::sigaction(signal, &action, &mut before) == 0 && before.sa_sigaction == libc::SIG_IGN {
                libc::sigaction(signal, &before, ptr::null_mut());
            }
        }
    }
}

/// The time, in seconds since the epoch; 0 where the kernel does not tell. By a system call, since `clock_gettime` itself would have two
/// pages mapped for this alone.
fn now() -> i64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the kernel fills `time`, which outlives the call, or fails.
    unsafe {
        libc::syscall(libc::SYS_clock_gettime, libc::CLOCK_REALTIME_COARSE, &raw mut time);
    }
    time.tv_sec
}

/// # Safety
/// `array` must be null or end in a null pointer, and its strings must be NUL-terminated and never change.
unsafe fn strings(array: *const *const c_char) -> impl ExactSizeIterator<Item = &'static CStr> {
    let mut length = 0;
    // SAFETY: the pointers up to the null one can be read, and the count ends there.
    while !array.is_null() && unsafe { !(*array.add(length)).is_null() } {
        length += 1;
    }
    (0..length).map(move |index| {
        // SAFETY: as many pointers were counted, and each is to a string.
        unsafe { CStr::from_ptr(*array.add(index)) }
    })
}
