//! Who merely stands in the root's directory is not its service.

use std::process::Command;

use super::{SERVED, Server, Service, Stage, python, served_by};

/// Prompts, code, file servers, editors and tools. Each says that it is up.
fn standers(stage: &Stage) -> Vec<Vec<String>> {
    let line =
        "print('main', __import__('os').getpid()); print('ready', flush=True); __import__('time').sleep(600)";
    let tool = stage.place.write("venv/bin/editor", line);
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    vec![
        words(&["-c", line]),
        words(&["-I", "-c", line]),
        words(&["-u", "-ic", line]),
        words(&["-m", "timeit", "-n1", "-r1", line]),
        words(&[tool.to_str().expect("text"), "app.py", "-A", "x", "localhost:8080"]),
    ]
}

#[test]
fn a_bystander_in_the_root_is_unknown_and_fails_no_service() {
    let stage = Stage::new();
    stage.in_root();
    let root = stage.root.display().to_string();
    for words in standers(&stage) {
        // In a shell that has half of what a launch gives, too.
        for path in ["", &root] {
            let mut command = Command::new(python());
            command.env_clear().env("PYTHONPATH", path).current_dir(&stage.root).args(&words);
            let stander = Service::start(command);
            let alone = stage.inspect_all(&["-q"]).run();
            alone.is(0, "", "");
            let told = stage.inspect_all(&[]).run();
            let warning = format!(
                "heygem-run: warning: nothing could be checked: each process that may need {root} is unknown, and the report says why; \
                 where one can't be read, run heygem-run as its user or as root\n"
            );
            assert_eq!((told.code(), told.stderr()), (Some(0), warning), "{told}");
            let service = stage.launched(&[], &["spawn"]);
            let outcome = stage.inspect_all(&["--format=json"]).run();
            let report = super::Report::parse(&outcome.succeeded());
            assert_eq!(report.verdict(stander.pid()), "unknown", "{words:?} {path}");
            assert_eq!(report.verdict(service.pid()), "ok");
            // Whoever names it knows that it is a service.
            assert_eq!(stage.inspect(stander.pid(), &["-q"]).run().code(), Some(1), "{words:?}");
        }
    }
}

#[test]
fn inspect_ignores_its_own_ancestors() {
    let stage = Stage::new();
    let script =
        stage.place.write("sdk/check.py", "import subprocess, sys; sys.exit(subprocess.call(sys.argv[1:]))");
    let service = stage.launched(&[], &[]);
    let mut check = stage.place.command(python());
    check.current_dir(&stage.root).arg(script).args([
        crate::support::place::LAUNCHER,
        "--root",
        ".",
        "-q",
        "--inspect",
    ]);
    crate::support::run::Run::new(check).prints("");
    drop(service);
}

#[test]
fn launched_servers_are_healthy_whoever_asks() {
    let stage = Stage::new();
    stage.place.write("sdk/app.py", SERVED);
    for words in [
        &["-m", "uvicorn", "app:app", "--port", "0", "--workers", "2"][..],
        &["-m", "uvicorn", "app:app", "--port", "0", "--reload"],
        &["-m", "gunicorn", "-w", "2", "-b", "127.0.0.1:0", "app:wsgi"],
    ] {
        let server = Server::start(&stage, served_by(), words, true);
        stage.inspect(server.pid(), &["-q", "--strict"]).prints("");
        stage.inspect_all(&["-q", "--strict"]).prints("");
    }
}
