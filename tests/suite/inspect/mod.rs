//! `--inspect`: real services with real children, launched and not, and what is said of each process.

mod bounds;
mod container;
mod found;
mod helpers;
mod lacking;
mod launched;
mod stale;
mod standing;
mod states;
mod unknown;

use std::io::{BufRead as _, BufReader, Read as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use crate::support::place::{LAUNCHER, Place};
use crate::support::pythons::pythons;
use crate::support::run::Run;
use crate::support::venv::venv;

const IDLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/apps/idle.py");

/// The oldest interpreter.
fn python() -> &'static Path {
    &pythons()[0].path
}

/// A service at rest. Ends with all its processes when dropped.
struct Service {
    child: Child,
    said: Vec<(String, u32)>,
}

impl Service {
    /// Starts `idle.py`, in a process group of its own, and waits until it has done as told.
    #[track_caller]
    fn start(mut command: Command) -> Self {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
        let mut child = command.spawn().expect("the service starts");
        let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        let mut said = Vec::new();
        loop {
            match lines.next().map(|line| line.expect("text")) {
                Some(line) if line == "ready" => return Self { child, said },
                Some(line) => {
                    let (what, number) = line.rsplit_once(' ').expect("what and number");
                    said.push((what.to_owned(), number.parse().expect("a number")));
                }
                None => {
                    let mut stderr = String::new();
                    let _ = child.stderr.take().expect("a pipe").read_to_string(&mut stderr);
                    panic!("{command:?} ended, having said {said:?}\n{stderr}");
                }
            }
        }
    }

    fn pid(&self) -> u32 {
        self.number("main")
    }

    /// The number that the service said of one of its processes.
    #[track_caller]
    fn number(&self, what: &str) -> u32 {
        let found = self.said.iter().find(|(said, _)| said == what);
        found.unwrap_or_else(|| panic!("no {what} in {:?}", self.said)).1
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let group = format!("-{}", self.child.id());
        let _ = Command::new("sh").args(["-c", "kill -s KILL -- \"$1\"", "sh", &group]).status();
        let _ = self.child.wait();
    }
}

const RESTART: &str = "restart it with heygem-run, which rebuilds the bridge; if the image's PYTHONPATH names an old bridge, remove that entry";

/// An app for servers of both kinds, and the interpreter of an environment that has them.
const SERVED: &str = "
async def app(scope, receive, send):
    pass

def wsgi(environ, start_response):
    return []
";

fn served_by() -> PathBuf {
    let usable = pythons().iter().find(|python| python.has_pip).expect("an interpreter with pip");
    venv(&usable.path, "servers", &["uvicorn==0.30.6", "gunicorn==23.0.0"]).join("bin/python")
}

/// A server at rest, in a process group of its own, that ends when dropped.
struct Server(Child);

impl Server {
    /// Starts it in the root and waits until it serves.
    #[track_caller]
    fn start(stage: &Stage, python: PathBuf, words: &[&str], is_launched: bool) -> Self {
        let mut command =
            stage.place.command(if is_launched { LAUNCHER.as_ref() } else { python.as_os_str() });
        if is_launched {
            command.arg("--root").arg(&stage.root).arg("--").arg(&python);
        }
        command.current_dir(&stage.root).args(words).stdin(Stdio::null()).stdout(Stdio::null());
        let mut server =
            Self(command.stderr(Stdio::piped()).process_group(0).spawn().expect("the server starts"));
        // Both say this of the worker that serves.
        let is_up = |line: &String| line.contains("startup complete") || line.contains("Booting worker");
        let mut said =
            BufReader::new(server.0.stderr.take().expect("a pipe")).lines().map(|line| line.expect("text"));
        assert!(said.any(|line| is_up(&line)), "{command:?} ended");
        std::thread::spawn(move || said.count()); // so that it never waits for a reader
        server
    }

    fn pid(&self) -> u32 {
        self.0.id()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = Command::new("sh")
            .args(["-c", "kill -s KILL -- \"-$1\"", "sh", &self.0.id().to_string()])
            .status();
        let _ = self.0.wait();
    }
}

/// A place with a root in it, `sdk`, and an interpreter.
struct Stage {
    place: Place,
    root: PathBuf,
}

impl Stage {
    fn new() -> Self {
        let place = Place::new();
        let root = place.make_root("sdk");
        Self { place, root }
    }

    /// `heygem-run … -- python idle.py …`
    fn launched(&self, options: &[&str], words: &[&str]) -> Service {
        Service::start(self.launch_command(options, &[], words))
    }

    fn launch_command(&self, options: &[&str], flags: &[&str], words: &[&str]) -> Command {
        let mut command = self.place.command(LAUNCHER);
        command.arg("--root").arg(&self.root).args(options).arg("--").arg(python());
        command.args(flags).arg(IDLE).args(words);
        command
    }

    /// `python … idle.py …` without the launcher and without any variable.
    fn bare(&self, words: &[&str]) -> Command {
        let mut command = Command::new(python());
        command.env_clear().current_dir(&self.root).arg(IDLE).args(words);
        command
    }

    /// `heygem-run --root sdk …`
    fn inspect(&self, pid: u32, options: &[&str]) -> Run {
        let pid = format!("--inspect={pid}");
        self.place.launch(["--root", "sdk"].into_iter().chain(options.iter().copied()).chain([&*pid]))
    }

    /// `heygem-run --root sdk --inspect …`
    fn inspect_all(&self, options: &[&str]) -> Run {
        self.place.launch(["--root", "sdk", "--inspect"].into_iter().chain(options.iter().copied()))
    }

    /// A copy of `idle.py` in the root: what runs it there is of the app.
    fn in_root(&self) -> PathBuf {
        self.place.write("sdk/idle.py", std::fs::read(IDLE).expect("a fixture"))
    }

    /// The bridge that the root has; the launches of a test make but one.
    /// Puts another module into the service, compiled for the Python of the services: a name, nothing to import.
    fn add_module(&self, name: &str) {
        self.place.write(format!("sdk/service/{name}{}", pythons()[0].ext_suffix), "");
    }

    fn bridge(&self) -> PathBuf {
        let outcome = self.place.launch(["--root", "sdk", "--prepare"]).run();
        PathBuf::from(outcome.succeeded().trim_end())
    }

    /// What `--format json` says: the exit code and the processes.
    #[track_caller]
    fn report(&self, pid: u32, options: &[&str]) -> (Option<i32>, Report) {
        let options: Vec<&str> = ["--format", "json"].into_iter().chain(options.iter().copied()).collect();
        let outcome = self.inspect(pid, &options).run();
        assert_eq!(outcome.stderr(), "", "{outcome}");
        (outcome.code(), Report::parse(&outcome.stdout()))
    }
}

/// The document.
struct Report(Value);

impl Report {
    #[track_caller]
    fn parse(text: &str) -> Self {
        Self(serde_json::from_str(text).unwrap_or_else(|error| panic!("{error} in {text:?}")))
    }

    /// What it says of a process.
    #[track_caller]
    fn of(&self, pid: u32) -> &Value {
        let processes = self.0["processes"].as_array().expect("a list");
        let found = processes.iter().find(|process| process["pid"] == pid);
        found.unwrap_or_else(|| panic!("no {pid} in {:#}", self.0))
    }

    /// The verdict on a process.
    #[track_caller]
    fn verdict(&self, pid: u32) -> &str {
        self.of(pid)["verdict"].as_str().expect("text")
    }

    /// Everyone's number, sorted.
    fn pids(&self) -> Vec<u64> {
        let processes = self.0["processes"].as_array().expect("a list").iter();
        let mut pids: Vec<u64> = processes.filter_map(|process| process["pid"].as_u64()).collect();
        pids.sort_unstable();
        pids
    }
}

/// A command as the report has it in 80 columns.
fn cut(line: &str) -> String {
    const COLUMNS: usize = 65;
    if line.len() <= COLUMNS { line.to_owned() } else { format!("{}…", &line[..COLUMNS - 1]) }
}
