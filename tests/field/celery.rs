//! Celery's prefork pool, started through the launcher: tasks that start processes of their own, also when one is killed.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::session::{Session, signal};
use crate::support::build::checked;
use crate::support::place::{LAUNCHER, Place};
use crate::support::pythons::{Python, pythons};
use crate::support::sdk::install_sdk;
use crate::support::venv::venv;

/// The last versions for Python 3.8, which later ones run as well. With setproctitle there, Celery renames its processes.
const PACKAGES: [&str; 4] = ["celery==5.5.3", "kombu==5.5.4", "billiard==4.2.4", "setproctitle==1.3.4"];

const TASKS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/celery/tasks.py");
const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/app/HeyGem-Linux-Python-Hack");

const WORKER: [&str; 9] =
    ["-m", "celery", "-A", "tasks", "worker", "--pool", "prefork", "--concurrency", "2"];

/// A process of the pool.
const POOL: &str = "[celeryd: celery@";

/// `tasks.py` beside the SDK, with a spool of its own.
struct App {
    place: Place,
    root: PathBuf,
    venv: PathBuf,
}

impl App {
    fn new(python: &Python) -> Self {
        let place = Place::new();
        let root = place.path("app/HeyGem-Linux-Python-Hack");
        install_sdk(python, &root);
        let app = Self { venv: venv(&python.path, "celery", &PACKAGES), place, root };
        checked(Command::new("cp").arg(TASKS).arg(app.dir()));
        app
    }

    fn dir(&self) -> &Path {
        self.root.parent().expect("a directory")
    }

    fn command(&self, program: impl AsRef<Path>) -> Command {
        let mut command = self.place.command(program.as_ref());
        command.current_dir(self.dir()).env("HEYGEM_SPOOL", self.place.path("spool"));
        command
    }

    /// `heygem-run … -m celery -A tasks worker …`, with the environment active.
    fn worker(&self) -> Session {
        self.worker_with("", &[])
    }

    fn worker_with(&self, python_path: &str, options: &[&str]) -> Session {
        let mut command = self.command(LAUNCHER);
        command.env("PYTHONPATH", python_path);
        command.env("VIRTUAL_ENV", &self.venv).args(options).args(WORKER);
        self.started(&command)
    }

    /// The same by Python alone, in the root, with the root and its parent on PYTHONPATH.
    fn remedied_worker(&self) -> Session {
        let mut command = self.command(self.venv.join("bin/python"));
        let remedy = format!("{}:{}", self.root.display(), self.dir().display());
        command.current_dir(&self.root).env("PYTHONPATH", remedy).args(WORKER);
        self.started(&command)
    }

    fn started(&self, command: &Command) -> Session {
        let session = Session::start(command, self.place.path("worker.log"));
        session.wait_for("two processes in the pool", |session| {
            let members = session.members();
            (members.iter().filter(|member| member.line.contains("ForkPoolWorker")).count() == 2)
                .then_some(())
        });
        session
    }

    /// `python tasks.py jobs.jsonl`, with these jobs; without any, `python tasks.py`.
    fn ask(&self, jobs: &[String]) -> Session {
        // What hangs is a failure, and not the end of all tests.
        let mut command = self.command("timeout");
        command.args(["--foreground", "-k", "9", "240"]).arg(self.venv.join("bin/python")).arg("tasks.py");
        if !jobs.is_empty() {
            command.arg(self.place.write("app/jobs.jsonl", jobs.join("\n")));
        }
        Session::start(&command, self.place.path("client.log"))
    }

    fn inspect(&self, pid: u32) -> (Option<i32>, Value) {
        let outcome = self.place.launch(["--format=json".to_owned(), format!("--inspect={pid}")]);
        let outcome = outcome.env("HEYGEM_DIR", &self.root).run();
        (outcome.code(), serde_json::from_str(&outcome.stdout()).expect("a document"))
    }
}

/// Jobs of different sizes, and what they come to.
fn jobs(count: usize) -> (Vec<String>, String) {
    let jobs: Vec<_> = (0..count).map(|n| format!(r#"{{"frames": [{n}, 100]}}"#)).collect();
    let results = jobs.iter().enumerate().map(|(n, job)| format!("{job}: {}\n", 2 * (n + 100))).collect();
    (jobs, results)
}

/// The oldest interpreter that Celery can be installed for.
fn app() -> App {
    let python = pythons().iter().find(|python| python.has_pip);
    App::new(python.expect("no interpreter can make a virtual environment (try: apt install python3-venv)"))
}

#[test]
fn without_the_launcher_the_children_of_tasks_die() {
    let app = app();
    let session = app.remedied_worker();
    let said = "{\"frames\": [0, 100]}: the child process died with exit code 1\n";
    assert_eq!(app.ask(&jobs(1).0).outcome(), (1, said.to_owned()));
    let cause = "ModuleNotFoundError: No module named 'trans_dh_service'";
    assert!(session.log().lines().any(|line| line.ends_with(cause)), "{}", session.log());
    session.kill();
}

#[test]
fn tasks_in_a_prefork_pool_start_children_of_their_own() {
    let app = app();
    let session = app.worker();
    let (jobs, results) = jobs(4);
    assert_eq!(app.ask(&jobs).outcome(), (0, results));
    session.kill();
}

#[test]
fn the_example_works_with_the_bundled_sdk() {
    let app = app();
    let root = app.place.path("example");
    checked(Command::new("cp").arg("-r").arg(EXAMPLE).arg(&root));
    let session = app.worker_with(".", &["--root", root.to_str().expect("text")]);
    let (code, told) = app.ask(&[]).outcome();
    assert_eq!(code, 0, "{told}");
    // `(4711, Video(…))` with the number of the SDK's child.
    let told = told.lines().map(|line| {
        let (job, result) = line.split_once('(').expect("a result");
        job.to_owned() + result.trim_start_matches(|c: char| c.is_ascii_digit())
    });
    let expected = (1..9).map(|n| format!("{{\"seconds\": {n}}}: , Video(seconds={n}, frames={}))", 25 * n));
    assert_eq!(told.collect::<Vec<_>>(), expected.collect::<Vec<_>>());
    session.kill();
}

#[test]
fn a_task_whose_process_is_killed_is_done_by_another() {
    let app = app();
    let session = app.worker();
    let (jobs, results) = jobs(6);
    let client = app.ask(&jobs);
    let (worker, child) = session.stop_in_the_middle(POOL);

    let (code, report) = app.inspect(worker.parent);
    let verdict = |pid: u32| {
        let processes = report["processes"].as_array().expect("a list");
        let found = processes.iter().find(|process| process["pid"] == pid);
        found.unwrap_or_else(|| panic!("no {pid} in {report:#}"))["verdict"].clone()
    };
    let verdicts = [worker.parent, worker.pid, child.pid].map(verdict);
    assert_eq!((code, verdicts), (Some(0), ["unknown", "unknown", "ok"].map(Value::from)), "{report:#}");

    session.kill_member(&worker);
    signal("CONT", child.pid);
    assert_eq!(client.outcome(), (0, results));
    assert!(session.log().contains("exited prematurely: signal 9 (SIGKILL)"), "{}", session.log());
    session.kill();
}

#[test]
fn on_sigterm_the_worker_ends_what_it_has_begun() {
    let app = app();
    let mut session = app.worker();
    let (jobs, results) = jobs(1);
    let client = app.ask(&jobs);
    let (worker, child) = session.stop_in_the_middle(POOL);
    signal("TERM", worker.parent);
    session.wait_for("warm shutdown", |session| {
        session.log().contains("worker: Warm shutdown (MainProcess)").then_some(())
    });
    signal("CONT", child.pid);
    signal("CONT", worker.pid);
    assert_eq!(client.outcome(), (0, results));
    assert_eq!(session.exit_code(), 0, "{}", session.log());
    session.wait_for("end of all its processes", |session| session.members().is_empty().then_some(()));
    session.kill();
}
