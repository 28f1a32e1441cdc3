//! The second part of `--prepare`: Python's cache beside the bridge's files, so that a read-only container does not compile them at
//! each start.

use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, Stdio};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::Mode;
use rustix::process::{PidfdFlags, pidfd_open, umask};

use crate::bound_child::BoundChild;
use crate::bridge;
use crate::launch::{Located, Resolver};
use crate::settings::Words;
use crate::trust::foreign;
use crate::trust::way::{self, WayEnd};

/// Far more than it takes to compile three files.
const PATIENCE: Timespec = Timespec { tv_sec: 60, tv_nsec: 0 };

/// Compiles the bridge's files with the interpreter that a launch would choose. Nothing depends on it: without a cache, each
/// start of Python compiles them. So it is no error if there is no interpreter yet, or if it can't write there.
///
/// Nothing is compiled if others could change the interpreter or redirect what it writes, since root also prepares other users'
/// SDKs.
pub fn fill_cache(bridge: &Path, located: &Located, resolver: &Resolver<'_>) {
    let user = resolver.invocation.user;
    if !is_closed(bridge, user) {
        return;
    }
    let files = bridge::IMPORTED.map(|name| bridge.join(name).into_os_string());
    let words = ["compileall", "-q"].into_iter().map(OsString::from).chain(files).collect();
    let Ok(target) = resolver.unchecked_target(Words::Module(words), located) else { return };
    if !is_interpreter_closed(&target.program, user) {
        return;
    }
    // `-m` and all behind it is ours; what is before is the interpreter, which is not to run anybody's start-up code here.
    let (interpreter, module) = target.words.split_at(target.arguments.saturating_sub(2));
    let mut command = Command::new(&target.program);
    command.args(interpreter.iter().skip(1)).arg("-IS").args(module);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    // Others read the cache, whatever this user's umask.
    umask(Mode::WGRP | Mode::WOTH);
    if let Ok(child) = BoundChild::start(&mut command) {
        wait(child);
        resolver.look_again(&located.root);
    }
}

fn is_closed(directory: &Path, user: u32) -> bool {
    matches!(way::closed(directory, user), Ok(WayEnd::Directory(_)))
}

/// Whether nobody else can change the interpreter, the way to it, or the file by which it finds its library.
fn is_interpreter_closed(program: &Path, user: u32) -> bool {
    let Some(bin) = program.parent().filter(|bin| is_closed(bin, user)) else { return false };
    let settings = [Some(bin), bin.parent()].into_iter().flatten().map(|place| place.join("pyvenv.cfg"));
    let files = settings.chain([program.to_owned()]);
    files.into_iter().all(|file| matches!(foreign::doubt(file, user), Ok(None)))
}

/// Waits for a child, and ends it if it takes too long.
fn wait(mut child: BoundChild) {
    // Linux before 5.3 has no such descriptor, and waits without a bound.
    if let Ok(descriptor) = pidfd_open(child.pid, PidfdFlags::empty())
        && poll(&mut [PollFd::new(&descriptor, PollFlags::IN)], Some(&PATIENCE)) == Ok(0)
    {
        child.kill();
    }
    let _ = child.wait();
}
