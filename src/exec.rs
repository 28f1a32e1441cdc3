//! Becoming the target, and a program that ends with this process. With the entry point in `main.rs`, the only unsafe code.
#![allow(unsafe_code)]

use std::ffi::{OsStr, c_char};
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::CommandExt as _;
use std::process::Command;
use std::ptr;

use anyhow::Context as _;
use rustix::process::{Pid, Signal};

use crate::entry::program::refusal;
use crate::environment::Environment;
use crate::error::{Code, Failure};
use crate::files;
use crate::kernel_string::KernelString;
use crate::launch::Launch;
use crate::shell::quote;

/// What runs a script without `#!`, under `env` as under `execvp` (POSIX: "shall execute a command interpreter").
const SHELL: &str = "/bin/sh";

/// Replaces this process by the launch's target; returns only when that failed.
///
/// `std`'s `Command::exec` is not used: it resets SIGPIPE and the signal mask, and rebuilds the environment. Here the
/// working directory and the environment's own entries are all that changes.
pub fn become_target(launch: &Launch, mut environment: Environment) -> anyhow::Error {
    match attempt(launch, &mut environment) {
        Ok(error) => refusal(&launch.target.program, &error).into(),
        Err(error) => error,
    }
}

fn attempt(launch: &Launch, environment: &mut Environment) -> anyhow::Result<io::Error> {
    for (name, value) in &launch.changes.variables {
        environment.set(name, value).ok_or_else(|| nul(value))?;
    }
    if let Some(directory) = launch.changes.start.directory() {
        std::env::set_current_dir(directory)
            .with_context(|| format!("can't change to {}", quote(directory)))?;
        environment.set("PWD", directory.as_os_str()).ok_or_else(|| nul(directory))?;
    }
    let program = kernel_string(launch.target.program.as_os_str())?;
    let words = launch.target.words.iter().map(|word| kernel_string(word)).collect::<Result<Vec<_>, _>>()?;
    let error = execve(&program, words.iter(), environment);
    if error.raw_os_error() != Some(libc::ENOEXEC) || has_nul(launch) {
        return Ok(error);
    }
    let shell = kernel_string(SHELL.as_ref())?;
    let error = execve(&shell, [&shell, &program].into_iter().chain(words.iter().skip(1)), environment);
    if error.raw_os_error() == Some(libc::ENOENT) {
        let name = quote(&launch.target.program);
        let what = format!("{name} has no #! line, and there is no /bin/sh, which would run it");
        return Err(Failure::with_code(Code::NotFound, what).into());
    }
    Ok(error)
}

fn kernel_string(word: &OsStr) -> anyhow::Result<KernelString> {
    KernelString::new(&[word.as_bytes()]).ok_or_else(|| nul(word))
}

fn nul(text: impl AsRef<OsStr>) -> anyhow::Error {
    Failure::new(format!("{} contains a NUL byte", quote(text))).into()
}

/// Whether the program is binary: one for another machine, which a shell would read as garbage.
fn has_nul(launch: &Launch) -> bool {
    let mut buffer = [0; 128];
    files::read_head(&launch.target.program, &mut buffer).is_ok_and(|head| head.contains(&0))
}

fn execve<'w>(
    program: &KernelString,
    words: impl Iterator<Item = &'w KernelString>,
    environment: &Environment,
) -> io::Error {
    let words = null_terminated(words.map(KernelString::as_ptr));
    let environment = null_terminated(environment.pointers());
    // SAFETY: both arrays end in a null pointer, and every string in them is NUL-terminated and outlives the call.
    unsafe { libc::execve(program.as_ptr(), words.as_ptr(), environment.as_ptr()) };
    io::Error::last_os_error()
}

/// Starts a program in a child process that the kernel kills when this one is no more. Where it can't be executed, the child says why in
/// the pipe, as four bytes: the number of the error.
///
/// # Errors
/// When there is no process for it.
pub fn fork_bound(command: &mut Command, mut failure: impl Write) -> io::Result<Pid> {
    let own = std::process::id();
    // SAFETY: this process has one thread, so the child may do what its parent may. It returns to no caller.
    match unsafe { libc::fork() } {
        0 => {
            // Where it is refused, the program is started all the same.
            let _ = rustix::process::set_parent_process_death_signal(Some(Signal::KILL));
            // SAFETY: it only asks.
            let parent = unsafe { libc::getppid() };
            let error = match u32::try_from(parent) == Ok(own) {
                true => command.exec(),
                false => io::ErrorKind::Interrupted.into(), // it is no more already
            };
            let number = error.raw_os_error().unwrap_or(libc::EIO);
            let _ = failure.write_all(&number.to_ne_bytes());
            // SAFETY: nothing runs behind it, not even what would be done at an exit of the parent.
            unsafe { libc::_exit(127) }
        }
        -1 => Err(io::Error::last_os_error()),
        pid => Pid::from_raw(pid).ok_or(io::ErrorKind::Other.into()),
    }
}

fn null_terminated(strings: impl Iterator<Item = *const c_char>) -> Vec<*const c_char> {
    let mut array = Vec::with_capacity(strings.size_hint().0 + 1);
    array.extend(strings);
    array.push(ptr::null());
    array
}
