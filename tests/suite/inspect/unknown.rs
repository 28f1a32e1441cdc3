//! What can't be told is unknown, never missing, and fails only where nothing else is good enough.

use std::path::PathBuf;
use std::process::Command;

use super::{IDLE, Service, Stage, python};
use crate::support::place::LAUNCHER;
use crate::support::pythons::pythons;
use crate::support::run::Run;
use crate::support::user::{is_root, launch_unprivileged};
use crate::support::venv::venv;

const SETPROCTITLE: &str = "setproctitle==1.3.3";

/// Long ones cover the variables, short ones leave them empty.
const TITLES: [&str; 3] = [
    "title=ray::IDLE",
    "title=gunicorn: master [fastapi_app:app]",
    "title=[celeryd: worker1@host:MainProcess] -active- (worker -A app --concurrency=4 --loglevel=info --pool=prefork --queues=heygem)",
];

#[track_caller]
fn is_unknown(told: &str, run: impl Fn(&[&str]) -> Run, lines: &[&str]) {
    let outcome = run(&[]).run();
    let stdout = outcome.succeeded();
    assert!(!stdout.contains("PYTHONPATH:  ") && stdout.contains("\nunknown  "), "{told}: {outcome}");
    for line in lines {
        assert!(stdout.contains(&format!("\n  unknown:     {line}\n")), "{told}: {outcome}");
    }
    run(&["-q"]).prints("");
    let strict = run(&["-q", "--strict"]).run();
    assert_eq!(strict.code(), Some(1), "{told}: {strict}");
    assert!(strict.stdout().contains("\nunknown  "), "{told}: {strict}");
}

/// The interpreter of an environment that has it.
pub fn with_setproctitle() -> PathBuf {
    let usable = pythons().iter().find(|python| python.has_pip).expect("an interpreter with pip");
    venv(&usable.path, "setproctitle", &[SETPROCTITLE]).join("bin/python")
}

#[test]
fn a_service_that_renamed_itself_is_unknown() {
    const LINES: &[&str] = &["it has overwritten its options", "it has overwritten its variables"];
    let stage = Stage::new();
    let python = with_setproctitle();
    for title in TITLES {
        let mut launched = stage.place.command(LAUNCHER);
        launched.arg("--root").arg(&stage.root).arg("--").arg(&python).args([IDLE, title]);
        let mut bare = stage.place.command(&python);
        bare.args([IDLE, title]);
        for command in [launched, bare] {
            let told = format!("{command:?}");
            let service = Service::start(command);
            is_unknown(&told, |options| stage.inspect(service.pid(), options), LINES);
            // It stands beside the root, as a launch leaves it there.
            is_unknown(&told, |options| stage.inspect_all(options), LINES);
        }
    }
}

/// `exec -a` gives a program a name of the caller's choice: it may have been renamed, for all that can be seen.
#[test]
fn under_another_name_a_variable_is_missing_only_where_there_are_none() {
    const EXEC: &str =
        "import os, sys; os.execve(sys.executable, ['gunicorn: master', sys.argv[1]], dict(os.environ))";
    let stage = Stage::new();
    let mut command = Command::new(python());
    command.env_clear().env("LC_ALL", "C").args(["-I", "-c", EXEC, IDLE]);
    let service = Service::start(command);
    is_unknown(
        "exec -a",
        |options| stage.inspect(service.pid(), options),
        &["it has overwritten its variables"],
    );

    let mut command = Command::new(python());
    command.env_clear().args(["-I", "-c", &EXEC.replace("dict(os.environ)", "{}"), IDLE]);
    let service = Service::start(command);
    let (code, report) = stage.report(service.pid(), &[]);
    assert_eq!((code, report.verdict(service.pid())), (Some(1), "fail"), "{:#}", report.0);
}

#[test]
fn another_users_service_is_unknown() {
    let stage = Stage::new();
    let service = stage.launched(&[], &["private"]);
    let pid = format!("--inspect={}", service.pid());
    let root = stage.root.to_str().expect("text");
    let run = |options: &[&str]| {
        launch_unprivileged(&stage.place, ["--root", root].iter().chain(options).chain([&&*pid]))
    };
    is_unknown("another user's", run, &["its variables can't be read: Permission denied"]);
    if is_root() {
        // Root may look into it.
        stage.inspect(service.pid(), &["-q", "--strict"]).prints("");
    }
}

/// In a mount namespace of its own, another tree lies where the root is.
#[test]
fn a_service_that_sees_other_files_is_unknown() {
    let stage = Stage::new();
    let other = stage.place.make_root("other");
    let mut command = stage.place.command("unshare");
    if !is_root() {
        command.arg("--map-root-user");
    }
    let script = "mount --bind \"$1\" \"$2\" && exec env -i \"$3\" \"$4\"";
    command.args(["--mount", "sh", "-c", script, "sh"]).args([&other, &stage.root]).arg(python()).arg(IDLE);
    let service = Service::start(command);
    is_unknown(
        "other files",
        |options| stage.inspect(service.pid(), options),
        &["it sees other files: run heygem-run in its container"],
    );
}

/// In the middle of an exec a process has neither words nor variables, for a moment that one look in a hundred meets. Several
/// services are looked at in one run.
#[test]
fn a_service_that_starts_anew_at_every_moment_never_lacks_anything() {
    const SCRIPT: &str = "\
import os, sys
if sys.argv[1:] == ['first']:
    print('main', os.getpid(), flush=True)
    print('ready', flush=True)
os.execv(sys.executable, [sys.executable, '-S', __file__])
";
    let stage = Stage::new();
    let script = stage.place.write("restarting.py", SCRIPT);
    let start = || {
        let mut command = stage.place.command(LAUNCHER);
        command.arg("--root").arg(&stage.root).arg("--").arg(python()).arg("-S").arg(&script).arg("first");
        Service::start(command)
    };
    let services: Vec<Service> = (0..4).map(|_| start()).collect();
    let asked = format!("--inspect={}", services[0].pid());
    for _ in 0..100 {
        stage.place.launch(["-q", "--inspect"]).within(&stage.root).prints("");
        // The root by the service's own HEYGEM_DIR, which it has at every moment, too.
        stage.place.launch(["-q", &asked]).within(stage.place.path("tmp")).prints("");
    }
}
