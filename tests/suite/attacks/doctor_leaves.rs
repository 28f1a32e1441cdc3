//! The doctor ends what it started, and nothing else; what it can't end it does not wait for.

use std::fs::{self, File};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use super::{SECONDS, make_pipe};
use crate::support::build::expect;
use crate::support::place::{LAUNCHER, Place};
use crate::support::process::{Started, kill, number, runs};
use crate::support::run::Run;
use crate::support::snapshot::names;
use crate::support::trace::traced;
use crate::support::wait::until;

/// Longer than any of this takes, on the slowest machine.
const PATIENCE: Duration = Duration::from_secs(300);

/// A place with an SDK and a PATH with this `ffmpeg` on it.
fn place_with(ffmpeg: &str) -> (Place, String) {
    let place = Place::new();
    place.make_root("sdk");
    place.write_program("bin/ffmpeg", format!("#!/bin/sh\ncd {}\n{ffmpeg}\n", place.dir.display()));
    let path = format!("{}:/usr/bin:/bin", place.path("bin").display());
    (place, path)
}

/// As a program that has become another user's: the kernel refuses to end it.
#[test]
fn what_can_not_be_ended_is_told_and_not_waited_for() {
    let (place, path) = place_with("test \"$1\" = -version || exit 0; echo $$ > pid; exec sleep 1000");
    let words = ["--doctor", "--timeout=1", "--python", "/usr/bin/true"];
    let mut command = traced(&place, &["-e", "inject=kill:error=EPERM"], &words);
    command.env("PATH", path);
    let outcome = Run::new(command).run();
    let pid = number(&place.path("pid")).expect("it was started");
    // The kernel ends it with the doctor, as long as it is the same user's.
    until(PATIENCE, || (!runs(&pid)).then_some(())).expect("it ends");
    let told = format!("what a check started can't be ended by this user: process {pid} (sleep)");
    assert!(outcome.stdout().contains(&told), "{outcome}");
}

/// What was started before, by who became the doctor, comes to it when its parent ends.
#[test]
fn what_others_started_before_lives_on() {
    let (place, path) = place_with(
        "test \"$1\" = -version || exit 0
        : > asked
        until test -s pid && grep -q \"^PPid:.$PPID\\$\" /proc/$(cat pid)/status; do sleep 0.05; done
        setsid sh -c 'echo $$ > own; exec sleep 1001' > log 2>&1 &
        until test -s own; do sleep 0.05; done",
    );
    let line = "(setsid sh -c 'echo $$ > pid; exec sleep 1000' > log 2>&1 &
        until test -s pid && test -e asked; do sleep 0.05; done) &
        exec \"$@\"";
    let mut command = place.command("timeout");
    command.args([SECONDS, "sh", "-c", line, "sh", LAUNCHER]);
    command.args(["--doctor", "-r", "sdk", "--python", "/usr/bin/true"]).env("PATH", path);
    let outcome = Run::new(command).run();
    let pid = number(&place.path("pid")).expect("it was started");
    let is_alive = runs(&pid);
    kill("KILL", &pid);
    assert!(is_alive && outcome.stdout().contains(" checks: "), "{outcome}");
    let own = number(&place.path("own")).expect("it was started");
    assert!(!runs(&own), "{outcome}");
}

/// Whatever ends the doctor, also what it can't catch.
#[test]
fn no_program_outlives_a_doctor_that_is_killed() {
    for signal in ["KILL", "PWR", "SEGV", "RTMIN"] {
        let (place, path) = place_with("echo $$ > pid; exec sleep 1000");
        let mut command = place.command(LAUNCHER);
        command.args(["--doctor", "-r", "sdk", "--python", "/usr/bin/true"]).env("PATH", path);
        let doctor = expect(command.stdout(Stdio::null()).spawn(), "start", Path::new(LAUNCHER));
        let doctor = Started(doctor);
        let pid = until(PATIENCE, || number(&place.path("pid"))).expect("it is started");
        kill(signal, &doctor.0.id().to_string());
        let ended = until(PATIENCE, || (!runs(&pid)).then_some(()));
        assert!(ended.is_some(), "{signal}");
    }
}

/// Nothing is started yet, and nobody reads what it prints.
#[test]
fn a_signal_ends_a_doctor_that_waits_for_its_reader() {
    let (place, path) = place_with("exit 0");
    let fetches: String =
        (0..50).map(|number| format!("wget u://x -O {}{number}\n", "n/".repeat(1_500))).collect();
    place.write("sdk/download.sh", fetches);
    let pipe = place.path("pipe");
    make_pipe(&pipe);
    let reader = expect(File::options().read(true).write(true).open(&pipe), "open", &pipe);
    let mut command = place.command(LAUNCHER);
    command.args(["--doctor", "-r", "sdk", "--python", "/usr/bin/true"]).env("PATH", path);
    let stdout = expect(File::options().write(true).open(&pipe), "open", &pipe);
    let mut doctor = Started(expect(command.stdout(stdout).spawn(), "start", Path::new(LAUNCHER)));
    let pid = doctor.0.id().to_string();
    // It waits in a call that writes: the pipe is full.
    let is_writing = || {
        let call = fs::read_to_string(format!("/proc/{pid}/syscall")).unwrap_or_default();
        call.starts_with(&format!("{} 0x", libc::SYS_write)).then_some(())
    };
    until(PATIENCE, is_writing).expect("it writes");
    kill("TERM", &pid);
    let status = until(PATIENCE, || doctor.0.try_wait().ok().flatten()).expect("it ends");
    assert_eq!(std::os::unix::process::ExitStatusExt::signal(&status), Some(libc::SIGTERM));
    drop(reader);
}

/// A child of the rehearsal hangs; by then multiprocessing has its directory.
#[test]
fn a_rehearsal_that_is_ended_leaves_nothing_in_the_temporary_directory() {
    const MODULE: &str = "
import multiprocessing, time
if multiprocessing.current_process().name != 'MainProcess':
    time.sleep(1000)
";
    let place = Place::new();
    place.make_root("sdk");
    place.write("sdk/service/trans_dh_service.py", MODULE);
    let left = || {
        let names = names(&place.path("tmp")).into_iter();
        names.filter(|name| name.starts_with("pymp-")).collect::<Vec<_>>()
    };
    let mut command = place.command(LAUNCHER);
    command.args(["--doctor", "--timeout=300", "-r", "sdk", "--python", "/usr/bin/python3"]);
    let doctor = expect(command.stdout(Stdio::null()).spawn(), "start", Path::new(LAUNCHER));
    let mut doctor = Started(doctor);
    until(PATIENCE, || (!left().is_empty()).then_some(())).expect("it is made");
    kill("TERM", &doctor.0.id().to_string());
    until(PATIENCE, || doctor.0.try_wait().ok().flatten()).expect("it ends");
    assert_eq!(left(), [""; 0]);
}
