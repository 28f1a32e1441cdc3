//! Which processes are inspected: those of a number, of a thread's number, or of a root.

use std::process::Command;

use super::{IDLE, Report, Service, Stage, python};
use crate::support::place::LAUNCHER;
use crate::support::run::Run;

const NOBODY_THERE: u32 = 4_194_305; // more than Linux ever counts to

#[test]
fn a_pid_without_a_process_is_an_error() {
    let stage = Stage::new();
    let service = stage.launched(&[], &["alone"]);
    let gone = format!("heygem-run: error: there is no process {NOBODY_THERE} here\n");
    stage.inspect(NOBODY_THERE, &[]).fails(125, &gone);
    stage.inspect(NOBODY_THERE, &["-q", "--format=json"]).fails(125, gone);
    let ended = format!("heygem-run: error: process {} has ended\n", service.number("alone"));
    stage.inspect(service.number("alone"), &[]).fails(125, ended);
    // To its parent, the one that ended is nothing.
    assert_eq!(stage.report(service.pid(), &[]).1.pids(), [u64::from(service.pid())]);
}

#[test]
fn a_threads_number_means_its_process() {
    let stage = Stage::new();
    let service = stage.launched(&[], &["thread"]);
    let (code, report) = stage.report(service.number("thread"), &[]);
    assert_eq!((code, report.pids()), (Some(0), vec![u64::from(service.pid())]));
}

#[test]
fn without_a_number_the_services_of_the_root_are_found_and_no_others() {
    let stage = Stage::new();
    let all = |options: &[&str]| -> Run {
        let words = ["--root", "sdk", "--inspect", "--format=json"];
        stage.place.launch(words.into_iter().chain(options.iter().copied()))
    };
    let root = stage.root.display();
    let none = format!(
        "heygem-run: error: no service runs from {root}\nhint: name one of its processes: --inspect=PID\n"
    );
    let other = Stage::new();
    let strange = other.launched(&[], &["spawn"]);
    all(&[]).fails(125, &none);

    let launched = stage.launched(&["--no-chdir"], &["spawn", "program"]);
    let second = stage.launched(&[], &[]);
    let outcome = all(&["--strict"]).run();
    outcome.succeeded();
    let pids = |services: &[(&Service, &[&str])]| {
        let numbers =
            services.iter().flat_map(|(service, whats)| whats.iter().map(|what| service.number(what)));
        let mut numbers: Vec<u64> = numbers.map(u64::from).collect();
        numbers.sort_unstable();
        numbers
    };
    let first: &[&str] = &["main", "spawn", "tracker", "program"];
    assert_eq!(Report::parse(&outcome.stdout()).pids(), pids(&[(&launched, first), (&second, &["main"])]));

    // One that nobody launched, beside them: it runs in the root.
    let mut bare = Command::new(python());
    bare.env_clear().current_dir(&stage.root).arg(stage.in_root());
    let bare = Service::start(bare);
    let outcome = all(&["-q"]).run();
    assert_eq!(outcome.code(), Some(1), "{outcome}");
    assert_eq!(Report::parse(&outcome.stdout()).pids(), pids(&[(&bare, &["main"])]));

    let report = other.report(strange.pid(), &[]).1;
    assert_eq!(report.pids(), pids(&[(&strange, &["main", "spawn", "tracker"])]));
}

#[test]
fn a_supervisor_above_a_launched_service_needs_nothing() {
    let stage = Stage::new();
    let code = "import subprocess, sys; sys.exit(subprocess.call(sys.argv[1:]))";
    let mut command = std::process::Command::new(python());
    command.env_clear().current_dir(&stage.root).args(["-c", code, LAUNCHER, "--root"]);
    command.arg(&stage.root).arg("--").arg(python()).args([IDLE, "spawn"]);
    let service = Service::start(command);
    let supervisor = service.child.id();
    let (code, report) = stage.report(supervisor, &["--strict"]);
    assert_eq!(code, Some(0), "{:#}", report.0);
    assert_eq!((report.verdict(supervisor), report.verdict(service.pid())), ("skip", "ok"));
    let why = format!("nothing ties it to {}", stage.root.display());
    assert_eq!(report.of(supervisor)["not_judged"], why);
    let outcome = stage.place.launch(["--root", "sdk", "-q", "--inspect"]).run();
    outcome.is(0, "", "");
}
