//! Processes in every state that a service is met in: stopped, ended and not waited for, replaced all the time, very many.

use std::process::Command;

use super::{Service, Stage, python};
use crate::support::place::LAUNCHER;
use crate::support::process::kill;

#[test]
fn a_stopped_service_has_what_it_had() {
    let stage = Stage::new();
    let service = stage.launched(&[], &["spawn"]);
    kill("STOP", &service.pid().to_string());
    let (code, report) = stage.report(service.pid(), &["--strict"]);
    kill("CONT", &service.pid().to_string());
    assert_eq!(code, Some(0), "{:#}", report.0);
    assert_eq!(
        (report.verdict(service.pid()), report.verdict(service.number("spawn"))),
        ("ok", "ok"),
        "{:#}",
        report.0
    );
}

#[test]
fn a_child_that_has_ended_fails_no_service() {
    let stage = Stage::new();
    let service = stage.launched(&[], &["alone"]);
    let (code, report) = stage.report(service.pid(), &[]);
    assert_eq!((code, report.verdict(service.pid())), (Some(0), "ok"), "{:#}", report.0);
    // It imports nothing any more, and is not told.
    assert_eq!(report.pids(), [u64::from(service.pid())], "{:#}", report.0);
}

#[test]
fn workers_that_are_always_replaced_lack_nothing() {
    const POOL: &str = "\
import multiprocessing, os

if __name__ == '__main__':
    with multiprocessing.get_context('spawn').Pool(2, maxtasksperchild=1) as pool:
        print('main', os.getpid(), flush=True)
        print('ready', flush=True)
        while True:
            pool.map(abs, range(4))
";
    let stage = Stage::new();
    let script = stage.place.write("pool.py", POOL);
    let mut command = stage.place.command(LAUNCHER);
    command.arg("--root").arg(&stage.root).arg("--").arg(python()).arg(script);
    let service = Service::start(command);
    for _ in 0..20 {
        let outcome = stage.inspect(service.pid(), &["-q"]).run();
        assert_eq!((outcome.code(), &*outcome.stdout()), (Some(0), ""), "{outcome}");
    }
}

#[test]
fn very_many_processes_are_each_told() {
    let stage = Stage::new();
    let many = "start=for number in $(seq 500); do sleep 600 > /dev/null & done; echo; wait";
    let service = stage.launched(&[], &[many]);
    let (code, report) = stage.report(service.pid(), &[]);
    assert_eq!((code, report.verdict(service.pid())), (Some(0), "ok"));
    assert!(report.pids().len() > 500, "{}", report.pids().len());
}

#[test]
fn a_service_that_is_traced_is_judged_as_any_other() {
    let stage = Stage::new();
    let mut command = stage.place.command("strace");
    command.args(["-f", "-e", "trace=none", "-o", "/dev/null", LAUNCHER, "--root"]).arg(&stage.root);
    command.arg("--").arg(python()).args([super::IDLE, "spawn"]);
    let service = Service::start(command);
    let (code, report) = stage.report(service.pid(), &["--strict"]);
    assert_eq!((code, report.verdict(service.pid())), (Some(0), "ok"), "{:#}", report.0);
    // By the tracer's number, too: it is not Python, and fails nothing.
    let (code, _) = stage.report(service.child.id(), &[]);
    assert_eq!(code, Some(0));
}

#[test]
fn what_a_supervisor_starts_bare_lacks_all() {
    let stage = Stage::new();
    let script = stage.in_root();
    let code =
        "import subprocess, sys; sys.exit(subprocess.call(sys.argv[1:], cwd=sys.argv[2].rpartition('/')[0]))";
    let mut command = Command::new(python());
    command.env_clear().current_dir("/").args(["-c", code]).arg(python()).arg(script);
    let service = Service::start(command);
    let outcome = stage.inspect_all(&["-q"]).run();
    assert_eq!(outcome.code(), Some(1), "{outcome}");
    assert!(outcome.stdout().contains(&format!("fail     {}", service.pid())), "{outcome}");
}
