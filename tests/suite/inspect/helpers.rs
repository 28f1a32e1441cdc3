//! What a service starts beside its workers never fails it; and its children are what it is, whatever their variables say.

use std::process::Command;
use std::time::Duration;

use super::{IDLE, Report, Service, Stage, python};
use crate::support::build::checked;
use crate::support::place::LAUNCHER;
use crate::support::pythons::pythons;
use crate::support::wait::until;

const WAIT: &str = "print(1, flush=True); import time; time.sleep(600)";

#[test]
fn children_have_their_path_from_their_parent() {
    let stage = Stage::new();
    let root = format!("path={}", stage.root.display());
    for path in [&*root, "path=", "path=/nowhere:lib"] {
        let service = stage.launched(&[], &["sdk", path, "fork", "spawn", "forkserver"]);
        let (code, report) = stage.report(service.pid(), &["--strict"]);
        assert_eq!(code, Some(0), "{path}: {:#}", report.0);
        for what in ["main", "fork", "spawn", "server", "forkserver"] {
            assert_eq!(report.verdict(service.number(what)), "ok", "{path} {what}");
        }
        // A child is judged by its parent, also where it is asked for alone.
        for what in ["spawn", "forkserver"] {
            stage.inspect(service.number(what), &["-q", "--strict"]).prints("");
        }
    }
    let mut bare = stage.bare(&["spawn"]);
    bare.env("PYTHONPATH", "");
    let service = Service::start(bare);
    let (code, report) = stage.report(service.number("spawn"), &[]);
    assert_eq!((code, report.verdict(service.number("spawn"))), (Some(1), "fail"), "{:#}", report.0);
}

/// What ended can hand nothing on, and what it handed on can't be told from outside.
#[test]
fn a_child_without_its_parent_is_unknown_unless_it_has_all_by_itself() {
    let stage = Stage::new();
    for (words, expected) in [(&["path=", "spawn"][..], "unknown"), (&["spawn"], "ok")] {
        let service = stage.launched(&[], words);
        checked(Command::new("sh").args(["-c", "kill -s KILL \"$1\"", "sh", &service.pid().to_string()]));
        let spawn = service.number("spawn");
        let is_orphan = || (stage.inspect(service.pid(), &[]).run().code() == Some(125)).then_some(());
        until(Duration::from_secs(60), is_orphan).expect("its parent ends");
        let outcome = stage.inspect(spawn, &["--format=json"]).run();
        let report = Report::parse(&outcome.succeeded());
        assert_eq!(report.verdict(spawn), expected, "{words:?}: {outcome}");
    }
}

#[test]
fn a_python_that_the_service_starts_otherwise_never_fails_it() {
    let stage = Stage::new();
    let python = python().display();
    let script = stage.place.write("sdk/tools/helper.py", WAIT);
    let table = [
        (format!("exec env -i {python} -c '{WAIT}'"), "unknown"),
        (format!("exec env -i {python} {}", script.display()), "unknown"),
        (format!("exec {python} -I -c '{WAIT}'"), "unknown"),
        (format!("exec {python} -E -c '{WAIT}'"), "unknown"),
        (format!("exec env -u PYTHONPATH {python} -c '{WAIT}'"), "unknown"),
        (format!("exec env -i {python} -S -c '{WAIT}'"), "unknown"),
        // By -S it loses nothing: the bridge has a file for each name.
        (format!("exec {python} -S -c '{WAIT}'"), "ok"),
        (format!("exec env HEYGEM_DIR=/other PYTHONPATH=/other {python} -c '{WAIT}'"), "skip"),
    ];
    for (line, expected) in table {
        let service = stage.launched(&[], &[&format!("start={line}")]);
        let (code, report) = stage.report(service.pid(), &[]);
        let helper = service.number("start");
        assert_eq!((code, report.verdict(helper)), (Some(0), expected), "{line}: {:#}", report.0);
        assert_eq!(report.verdict(service.pid()), "ok");
        stage.inspect_all(&["-q"]).prints("");
        // Nor does it when it is asked for by itself.
        assert_eq!(stage.inspect(helper, &["-q"]).run().code(), Some(0), "{line}");
    }
}

#[test]
fn a_python_that_can_load_no_module_of_the_sdk_is_not_its_service() {
    let [oldest, .., newest] = pythons() else {
        println!("left out: it takes two versions of CPython");
        return;
    };
    let (major, minor) = oldest.major_minor;
    let stage = Stage::new();
    stage.place.write(format!("sdk/service/trans_dh_service.cpython-{major}{minor}-x86_64-linux-gnu.so"), "");
    let other = newest.path.canonicalize().expect("there");
    let service = stage.launched(&[], &[&format!("start=exec {} -c '{WAIT}'", other.display())]);
    let (code, report) = stage.report(service.pid(), &["--strict"]);
    let helper = report.of(service.number("start"));
    assert_eq!((code, &helper["verdict"]), (Some(0), &"skip".into()), "{:#}", report.0);
    let why = format!(
        "it is Python {}.{}, which loads nothing of an SDK for {major}.{minor}",
        newest.major_minor.0, newest.major_minor.1
    );
    assert_eq!(helper["not_judged"], why);
}

/// The app itself, launched by a Python that the SDK has no modules for.
#[test]
fn a_service_that_can_load_no_module_of_the_sdk_fails() {
    let stage = Stage::new();
    let script = stage.in_root();
    let (major, minor) = pythons()[0].major_minor;
    let mut command = stage.place.command(LAUNCHER);
    command.arg("--root").arg(&stage.root).args(["-q", "--"]).arg(python()).arg(script).arg("spawn");
    let service = Service::start(command);
    stage.inspect(service.pid(), &["-q"]).prints("");
    let other = format!("cpython-{major}{}", minor + 1);
    stage.place.write(format!("sdk/service/trans_dh_service.{other}-x86_64-linux-gnu.so"), "");
    let (code, report) = stage.report(service.pid(), &[]);
    assert_eq!((code, report.verdict(service.pid())), (Some(1), "fail"), "{:#}", report.0);
    assert_eq!(report.verdict(service.number("spawn")), "fail");
    assert_eq!(report.of(service.pid())["missing"][0]["what"], "modules");
    assert_eq!(stage.inspect_all(&["-q"]).run().code(), Some(1));
}

#[test]
fn beside_what_was_launched_a_bare_program_of_the_same_launch_is_unknown() {
    let stage = Stage::new();
    let python = python().display();
    let line = format!("echo main $$; env -i {python} -c 'import time; time.sleep(600)' & {python} {IDLE}");
    let mut command = stage.place.command(LAUNCHER);
    command.arg("--root").arg(&stage.root).args(["--", "sh", "-c", &line]);
    let service = Service::start(command);
    stage.inspect(service.child.id(), &["-q"]).prints("");
    stage.inspect_all(&["-q"]).prints("");
}

#[test]
fn a_supervisor_in_the_root_needs_nothing_where_what_it_starts_has_all() {
    let stage = Stage::new();
    let script = stage.in_root();
    let launch = |line: &str| format!("start=exec {LAUNCHER} --root {} -- {line}", stage.root.display());
    let mut command = Command::new(python());
    command.env_clear().env("PATH", "/usr/bin:/bin").current_dir(&stage.root).arg(&script);
    command.arg(launch(&format!("{} {IDLE}", python().display())));
    let service = Service::start(command);
    let (code, report) = stage.report(service.pid(), &[]);
    assert_eq!((code, report.verdict(service.pid())), (Some(0), "unknown"), "{:#}", report.0);
    assert_eq!(report.verdict(service.number("start")), "ok");
    stage.inspect_all(&["-q"]).prints("");
}
