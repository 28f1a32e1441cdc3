//! Failures that come from a limit of the system: processes, threads, descriptors, shared memory.

use crate::doctor::diagnosis::{CheckFinding, Conclusion, Status, Topic};
use crate::doctor::evidence::Rehearsed;
use crate::doctor::rehearsal::StepFailure;
use crate::remedy::Remedy;

/// Processes, threads, descriptors.
pub fn limit(_: &Rehearsed, failure: &StepFailure) -> Option<Conclusion> {
    let is_thread = failure.is("RuntimeError")
        && failure.frames.last().is_some_and(|frame| frame.file.ends_with("threading.py"));
    let (resource, name, number) = match failure.errno {
        Some(libc::EAGAIN) if failure.is("BlockingIOError") || failure.is("OSError") => {
            (rustix::process::Resource::Nproc, "processes", "ulimit -u")
        }
        Some(libc::EMFILE) => (rustix::process::Resource::Nofile, "open files", "ulimit -n"),
        None if is_thread => (rustix::process::Resource::Nproc, "processes", "ulimit -u"),
        _ => return None,
    };
    // A pool and a manager ask for more than the SDK's own children do.
    let is_extra = ["pool", "manager"].contains(&failure.step.name.as_str());
    let limit = rustix::process::getrlimit(resource).current;
    let limit = limit.map_or("the machine's".into(), |limit| limit.to_string());
    let found =
        format!("children can't be started: the limit of {name} of this user is {limit}: {}", failure.told());
    let remedy = format!(
        "raise it before the start ({number}; docker run --ulimit; TasksMax or LimitNPROC of systemd)"
    );
    let mut finding = CheckFinding::fail(found, remedy).about([Topic::Limit]);
    if is_extra {
        finding.status = Status::Info;
        finding.remedy = None;
    }
    Some(Conclusion::new("children", finding))
}

/// A lock or a queue is a semaphore in /dev/shm.
pub fn shared_memory(_: &Rehearsed, failure: &StepFailure) -> Option<Conclusion> {
    let is_of_lock = ["lock", "queue"].contains(&failure.step.name.as_str()) && failure.is("OSError");
    is_of_lock.then_some(())?;
    let why = match failure.errno {
        Some(libc::EACCES | libc::EPERM) => "/dev/shm can't be written to",
        Some(libc::EROFS) => "/dev/shm is mounted read-only",
        Some(libc::ENOENT) => "there is no /dev/shm",
        Some(libc::ENOSPC) => "/dev/shm is full",
        _ => "/dev/shm can't be used",
    };
    let remedy = match failure.errno {
        Some(libc::EACCES | libc::EPERM) => Remedy::AsRoot("chmod 1777 /dev/shm".into()),
        Some(libc::EROFS) => Remedy::AsRoot("mount -o remount,rw /dev/shm".into()),
        Some(libc::ENOENT) => {
            Remedy::AsRoot("mkdir -m 1777 /dev/shm && mount -t tmpfs -o size=8g shm /dev/shm".into())
        }
        _ => Remedy::words("see what is in it: ls -la /dev/shm"),
    };
    let found = format!("{why}: the first Queue or Lock dies of {}", failure.told());
    Some(Conclusion::new("shm", CheckFinding::fail(found, remedy).about([Topic::SharedMemory])))
}
