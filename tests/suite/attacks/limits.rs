//! A limit that is reached is an error like any other, and leaves nothing half made; the target finds every disposition as it was. Nothing
//! that the kernel may answer ends in a panic.

use std::process::Command;

use super::bounded;
use crate::support::build::expect;
use crate::support::place::{LAUNCHER, Place};
use crate::support::probe::{Report, probe};
use crate::support::run::Run;
use crate::support::snapshot::names;
use crate::support::trace;

fn limited(place: &Place, limit: &str, words: &[&str]) -> Run {
    let mut command = place.command("prlimit");
    command.args([limit, "timeout", "60", LAUNCHER, "-r", "sdk"]).args(words);
    Run::new(command)
}

fn leftovers(place: &Place) -> Vec<String> {
    let store = place.path("sdk/.heygem-run");
    if store.exists() { names(&store) } else { Vec::new() }
}

#[test]
fn a_file_that_may_not_grow_is_an_error_and_not_the_end() {
    for limit in ["--fsize=0", "--fsize=1024"] {
        let place = Place::new();
        place.make_root("sdk");
        // To a pipe: what it prints is no file.
        let outcome = limited(&place, limit, &["--", "echo", "started"]).run();
        assert_eq!((outcome.code(), &*outcome.stdout()), (Some(0), "started\n"), "{limit}: {outcome}");
        assert!(outcome.stderr().contains("no bridge can be built ("), "{limit}: {outcome}");
        assert!(outcome.stderr().contains("File too large"), "{limit}: {outcome}");
        let left = leftovers(&place);
        assert!(left.iter().all(|name| name == ".gitignore"), "{limit}: {left:?}");
        let outcome = limited(&place, limit, &["--prepare"]).run();
        assert_eq!((outcome.code(), &*outcome.stdout()), (Some(125), ""), "{limit}: {outcome}");
    }
}

/// The message itself may be what can't be written.
#[test]
fn the_exit_code_is_right_where_the_message_cannot_be_written() {
    let place = Place::new();
    let mut command = place.command("prlimit");
    command.args(["--fsize=0", "sh", "-c", "\"$0\" -r gone -- true 2>told; echo $?", LAUNCHER]);
    Run::new(command).prints("125\n");
    let mut command = place.command("prlimit");
    command.args(["--fsize=0", "sh", "-c", "\"$0\" --help >told; echo $?", LAUNCHER]);
    let outcome = Run::new(command).run();
    assert_eq!((outcome.code(), &*outcome.stdout()), (Some(0), "125\n"), "{outcome}");
    assert!(outcome.stderr().contains("stdout can't be written: File too large"), "{outcome}");
}

#[test]
fn the_target_has_the_limits_signals_as_they_were() {
    const NUMBERS: [(&str, i32); 2] = [("XCPU", libc::SIGXCPU), ("XFSZ", libc::SIGXFSZ)];
    for ignored in [&[][..], &NUMBERS[..1], &NUMBERS[1..], &NUMBERS[..]] {
        let place = Place::new();
        place.make_root("sdk");
        let trap: String = ignored.iter().map(|(name, _)| format!("trap '' {name}; ")).collect();
        let dispositions = |words: &str| {
            let mut command = place.command("/bin/bash");
            command.args(["-c", &format!("{trap}exec {words}")]);
            let report = Report::of(Run::new(command));
            report.all("ignored").join(" ")
        };
        let probe = probe();
        let direct = dispositions(&probe.display().to_string());
        let is_ignored = |(_, number): &(&str, i32)| direct.split(' ').any(|word| word == number.to_string());
        assert!(ignored.iter().all(is_ignored), "{direct}");
        assert_eq!(dispositions(&format!("{LAUNCHER} -r sdk -- {}", probe.display())), direct);
    }
}

/// The time is up during a build: an error, and nothing half made.
#[test]
fn a_build_whose_time_is_up_leaves_nothing_half_made() {
    let place = Place::new();
    place.make_root("sdk");
    for number in 0..300 {
        place.write(format!("sdk/h_utils/module_{number}.so"), "");
    }
    let signal = "inject=linkat:signal=XCPU:when=7";
    let outcome =
        Run::new(trace::traced(&place, &["-b", "execve", "-e", signal], &["--", "echo", "started"])).run();
    assert_eq!((outcome.code(), &*outcome.stdout()), (Some(0), "started\n"), "{outcome}");
    assert!(outcome.stderr().contains("the limit of processor time is reached"), "{outcome}");
    let left = leftovers(&place);
    assert!(left.iter().all(|name| name == ".gitignore"), "{left:?}");
}

/// In std, each of these is a panic.
#[test]
fn what_the_kernel_refuses_is_no_panic() {
    for refusal in
        ["close:error=EIO", "clock_nanosleep:error=EPERM", "nanosleep:error=EPERM", "getdents64:error=EIO"]
    {
        for words in [&["--prepare"][..], &["--", "/bin/true"]] {
            let place = Place::new();
            place.make_root("sdk");
            Run::new(trace::traced(&place, &["-b", "execve"], words)).run().succeeded();
            let (call, _) = refusal.split_once(':').expect("a call");
            // A dynamic program's loader has calls of its own before.
            let before = trace::calls(&place).into_iter().take_while(|call| call != trace::FIRST_OF_MAIN);
            let before = before.filter(|name| name == call).count();
            let inject = format!("inject={refusal}:when={}+", before + 1);
            let mut command = trace::traced(&place, &["-b", "execve", "-e", &inject], words);
            command.env("RUST_BACKTRACE", "0");
            let outcome = Run::new(command).run();
            assert!(matches!(outcome.code(), Some(0 | 125)), "{refusal} {words:?}: {outcome}");
            assert!(!outcome.stderr().contains("panicked"), "{refusal} {words:?}: {outcome}");
        }
    }
}

/// More names than a file system takes links of one file, with a flush for all: what is flushed does not grow with them.
#[test]
fn many_names_cost_one_flush() {
    let flushes = |modules: usize| {
        let place = Place::new();
        place.make_root("sdk");
        for number in 0..modules {
            place.write(format!("sdk/h_utils/module_{number}.so"), "");
        }
        let traced = trace::traced(&place, &["-b", "execve", "-e", "trace=/sync"], &["--", "/bin/true"]);
        Run::new(traced).prints("");
        trace::calls(&place).len()
    };
    let few = flushes(1);
    assert!((1..10).contains(&few), "{few}");
    assert!(flushes(2_000) <= few);
}

/// Where a file system has no links, or no more of one file, each name is a file of its own, and they are flushed together.
#[test]
fn without_links_there_is_one_flush_too() {
    let place = Place::new();
    place.make_root("sdk");
    for number in 0..100 {
        place.write(format!("sdk/h_utils/module_{number}.so"), "");
    }
    let traced =
        trace::traced(&place, &["-b", "execve", "-e", "inject=linkat:error=EMLINK"], &["--", "/bin/true"]);
    Run::new(traced).prints("");
    let flushes: Vec<_> = trace::calls(&place).into_iter().filter(|call| call.contains("sync")).collect();
    assert_eq!(flushes, ["syncfs"]);
    let store = place.path("sdk/.heygem-run");
    let bridge = names(&store).into_iter().find(|name| name.starts_with("heygem-bridge-")).expect("a bridge");
    assert_eq!(names(&store.join(bridge)).iter().filter(|name| name.starts_with("module_")).count(), 100);
}

/// A first launch that takes long says so, to who waits at a terminal, and only there.
#[test]
fn a_long_build_says_so_on_a_terminal() {
    let place = Place::new();
    place.make_root("sdk");
    place.make_dir("sdk/h_utils");
    let make = "for n in $(seq 5100); do : > \"sdk/h_utils/m$n.so\"; done";
    expect(place.command("sh").args(["-c", make]).status(), "make", &place.dir);
    bounded(&place, ["-r", "sdk", "--", "/bin/true"]).prints("");
    crate::support::fs::remove(place.path("sdk/.heygem-run"));
    let line = format!("timeout 600 {LAUNCHER} -r sdk -- /bin/true");
    let mut command: Command = place.command("script");
    command.args(["-qec", &line, "/dev/null"]);
    let outcome = Run::new(command).run();
    let told = "heygem-run: building the bridge for 5101 names, once; this takes a moment";
    assert_eq!(outcome.stdout().matches(told).count(), 1, "{outcome}");
}

/// Nobody is told to open an SDK to all users where this process may open no more files.
#[test]
fn where_no_more_files_may_be_opened_that_is_what_helps() {
    let place = Place::new();
    place.make_root("sdk");
    let helps = "raise the limit of open files before the start: ulimit -n 1024";
    for most in 3..10 {
        let mut command = place.command("prlimit");
        command.args([&format!("--nofile={most}"), LAUNCHER, "-r", "sdk", "-n", "--", "true"]);
        let outcome = Run::new(command).run();
        let (code, told) = (outcome.code(), outcome.stderr());
        assert!(matches!(code, Some(0 | 125)) && !told.contains("chmod"), "{most}: {outcome}");
        assert!(!told.contains("name the directory"), "{most}: {outcome}");
        assert!(!told.contains("(--root) can't be") || told.contains(helps), "{most}: {outcome}");
        assert!(most > 3 || code == Some(125) && told.contains(helps), "{outcome}");
    }
}

#[test]
fn a_log_is_read_without_a_thread() {
    let place = Place::new();
    place.write("log", "ModuleNotFoundError: No module named 'trans_dh_service'\n");
    let mut command = place.command("strace");
    command.args(["-qq", "-o"]).arg(place.path("trace"));
    command.args(["-e", "inject=clone,clone3:error=EAGAIN", "--", LAUNCHER, "--explain=log"]);
    let outcome = Run::new(command).run();
    assert_eq!((outcome.code(), &*outcome.stderr()), (Some(1), ""), "{outcome}");
    assert!(outcome.stdout().contains("trans_dh_service"), "{outcome}");
}
