//! Failures that come from a limit of the system: processes, threads, descriptors, shared memory.

use std::path::Path;

use crate::doctor::checks::{machine, room};
use crate::doctor::diagnosis::{Check, CheckFinding, Conclusion, Status, Topic};
use crate::doctor::evidence::Rehearsed;
use crate::doctor::low_limits;
use crate::doctor::permission;
use crate::doctor::rehearsal::{Frame, StepFailure};
use crate::remedy::Remedy;
use crate::shell::quote;

/// Memory that the system has and this process may not take.
pub fn memory(_: &Rehearsed, failure: &StepFailure) -> Option<Conclusion> {
    let is_of_memory = |failure: &&StepFailure| {
        failure.is("MemoryError") || failure.errno == Some(libc::ENOMEM) || is_of_thread(failure)
    };
    let told = failure.chain().find(is_of_memory)?;
    let limit = low_limits::of_any_memory()?;
    let found = format!("{limit}, and that is not enough: {}", told.told());
    let mut finding = CheckFinding::fail(found, limit.remedy()).about([Topic::Limit]);
    // A thread takes more than most programs ever use: whether the launch starts one is not known.
    if is_of_thread(told) {
        finding.status = Status::Info;
    }
    Some(Conclusion::new(Check::Children, finding))
}

fn is_of_thread(failure: &StepFailure) -> bool {
    failure.is("RuntimeError")
        && failure.frames.last().is_some_and(|frame| frame.file.ends_with("threading.py"))
}

/// Processes, threads, descriptors.
pub fn limit(_: &Rehearsed, failure: &StepFailure) -> Option<Conclusion> {
    let limit = match failure.errno {
        Some(libc::EAGAIN) if failure.is("BlockingIOError") || failure.is("OSError") => {
            low_limits::of_processes()
        }
        Some(libc::EMFILE) => low_limits::of_open_files(),
        None if is_of_thread(failure) => low_limits::of_processes(),
        _ => return None,
    };
    let found = format!("children can't be started: {limit}: {}", failure.told());
    let mut finding = CheckFinding::fail(found, limit.remedy()).about([Topic::Limit]);
    demote_extra(&mut finding, failure);
    Some(Conclusion::new(Check::Children, finding))
}

/// A pool and a manager ask for more than the SDK's own children do.
fn demote_extra(finding: &mut CheckFinding, failure: &StepFailure) {
    if ["pool", "manager"].contains(&failure.step.name.as_str()) {
        finding.status = Status::Info;
        finding.remedy = None;
    }
}

/// A lock or a queue is a semaphore in /dev/shm.
pub fn shared_memory(_: &Rehearsed, failure: &StepFailure) -> Option<Conclusion> {
    let is_semaphores = |frame: &Frame| frame.file.ends_with("multiprocessing/synchronize.py");
    let is_step = ["lock", "queue"].contains(&failure.step.name.as_str());
    let is_of_lock = is_step || failure.frames.last().is_some_and(is_semaphores);
    (failure.is("OSError") && is_of_lock).then_some(())?;
    let limit = low_limits::of_files().filter(|_| matches!(failure.errno, Some(libc::EFBIG | libc::EMFILE)));
    let (why, remedy) = match failure.errno {
        _ if let Some(limit) = &limit => (limit.to_string(), limit.remedy()),
        Some(libc::EACCES | libc::EPERM) => {
            (format!("{SHM} can't be written to"), Remedy::AsRoot(format!("chmod 1777 {SHM}")))
        }
        Some(libc::EROFS) => {
            (format!("{SHM} is mounted read-only"), Remedy::AsRoot(format!("mount -o remount,rw {SHM}")))
        }
        Some(libc::ENOENT | libc::ENOTDIR) => no_directory(),
        Some(libc::ENOSPC) => full(),
        _ => (format!("{SHM} can't be used"), Remedy::words(format!("see what is in it: ls -la {SHM}"))),
    };
    let found = format!("{why}: the first Queue or Lock dies of {}", failure.told());
    let about = limit.map(|_| Topic::Limit);
    let mut finding = CheckFinding::fail(found, remedy).about([Topic::SharedMemory]).about(about);
    demote_extra(&mut finding, failure);
    Some(Conclusion::new(Check::Shm, finding))
}

/// Where semaphores are.
const SHM: &str = "/dev/shm";

/// Nothing is there, or what is no directory.
fn no_directory() -> (String, Remedy) {
    let path = Path::new(SHM);
    let make = format!("mkdir -m 1777 {SHM} && mount -t tmpfs -o size=8g shm {SHM}");
    let (why, line) = match (permission::dead_link(path), path.exists()) {
        (Some((link, leads_to)), _) => (
            format!("{} is a link to nothing: it leads to {}", quote(&link), quote(leads_to)),
            format!("rm {} && {make}", quote(link)),
        ),
        (None, true) => (format!("{SHM} is not a directory"), format!("rm {SHM} && {make}")),
        (None, false) => (format!("there is no {SHM}"), make),
    };
    (why, Remedy::AsRoot(line))
}

/// Whether by what is in it, or because it has room for nothing.
fn full() -> (String, Remedy) {
    let size = rustix::fs::statvfs(SHM).map_or(0, |system| system.f_frsize.saturating_mul(system.f_blocks));
    let remedy = "give it more room (docker run --shm-size 8g …; on a host: mount -o remount,size=8g /dev/shm), or remove what is \
                  left in it: ls -la /dev/shm";
    let why = match room::has_no_inodes(Path::new(SHM)) {
        true => format!("{SHM} has no free inodes (df -i {SHM})"),
        false => format!("{SHM} is full, all {} of it", machine::binary(size)),
    };
    (why, Remedy::words(remedy))
}
