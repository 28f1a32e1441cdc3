//! A real FastAPI service under real uvicorn, from PyPI: it answers with what the SDK's spawn child computed, and takes
//! signals as if the launcher had never been there.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::iter;
use std::net::{SocketAddr, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use crate::support::build::expect;
use crate::support::place::{LAUNCHER, Place};
use crate::support::process::{kill, signal};
use crate::support::pythons::{Python, pythons};
use crate::support::sdk::install_sdk;
use crate::support::venv::venv;
use crate::support::wait::until;

/// The last versions for Python 3.8, which later ones run as well. What they need is left to pip: pydantic's compiled core
/// has no version for every interpreter.
const PACKAGES: [&str; 2] = ["fastapi==0.115.12", "uvicorn==0.33.0"];

const SOURCE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/apps/fastapi_app.py");

/// How the service is started; the first word is Python's.
const SCRIPT: &[&str] = &["fastapi_app.py"];
const MODULE: &[&str] = &["-m", "uvicorn", "fastapi_app:app", "--host", "127.0.0.1", "--port", "0"];

/// Far more than anything here takes, on a busy machine too.
const PATIENCE: Duration = Duration::from_secs(120);

/// An app's directory with the SDK in it, and the environment that FastAPI is installed in.
struct FastApi {
    place: Place,
    venv: PathBuf,
}

impl FastApi {
    fn new(python: &Python) -> Self {
        let place = Place::new();
        install_sdk(python, &place.path("HeyGem-Linux-Python-Hack"));
        expect(fs::copy(SOURCE, place.path("fastapi_app.py")), "copy", Path::new(SOURCE));
        Self { place, venv: venv(&python.path, "fastapi", &PACKAGES) }
    }

    fn python(&self) -> PathBuf {
        self.venv.join("bin/python")
    }

    /// As the bug report has it: the root and its parent on PYTHONPATH, Python started in the root.
    fn remedied(&self, words: &[&str]) -> Command {
        let root = self.place.path("HeyGem-Linux-Python-Hack");
        let mut command = self.place.command(self.python());
        command
            .current_dir(&root)
            .env("PYTHONPATH", format!("{}:{}", root.display(), self.place.dir.display()));
        match words {
            [script] => command.arg(self.place.path(script)),
            _ => command.args(words),
        };
        command
    }

    /// `heygem-run -- python fastapi_app.py`, or `heygem-run -m uvicorn …` with the environment active.
    fn launched(&self, words: &[&str]) -> Command {
        let mut command = self.place.command(LAUNCHER);
        match words {
            ["-m", ..] => command.env("VIRTUAL_ENV", &self.venv),
            _ => command.arg("--").arg(self.python()),
        };
        command.args(words);
        command
    }
}

/// The service at work. Ends with all its processes when dropped.
struct Service {
    child: Child,
    stdout: PathBuf,
    stderr: PathBuf,
}

impl Service {
    /// Starts it in a process group of its own.
    fn start(app: &FastApi, mut command: Command) -> Self {
        let [stdout, stderr] = ["stdout", "stderr"].map(|name| app.place.path(name));
        let [out, err] = [&stdout, &stderr].map(|path| expect(File::create(path), "create", path));
        let child = command.stdin(Stdio::null()).stdout(out).stderr(err).process_group(0).spawn();
        let child = child.unwrap_or_else(|error| panic!("cannot start {command:?}: {error}"));
        Self { child, stdout, stderr }
    }

    fn stdout(&self) -> String {
        expect(fs::read_to_string(&self.stdout), "read", &self.stdout)
    }

    fn stderr(&self) -> String {
        expect(fs::read_to_string(&self.stderr), "read", &self.stderr)
    }

    /// Where it listens, as it says once it does.
    fn address(&mut self) -> SocketAddr {
        self.wait_for("address", |service| {
            let has_ended = service.ended().is_some();
            let stderr = service.stderr();
            let rest = stderr.split_once("running on http://").and_then(|(_, rest)| rest.split_once(' '));
            assert!(rest.is_some() || !has_ended, "no service in\n{stderr}");
            rest?.0.parse().ok()
        })
    }

    /// Ends it as a supervisor does, and says how it went.
    fn terminate(&mut self) -> ExitStatus {
        kill("TERM", &self.child.id().to_string());
        self.wait_for("end", Self::ended)
    }

    fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().expect("wait for the service")
    }

    /// Waits until none of its processes is left.
    fn is_gone(&mut self) {
        self.wait_for("end of its children", |service| {
            processes_of_group(service.child.id()).is_empty().then_some(())
        });
    }

    #[track_caller]
    fn wait_for<T>(&mut self, what: &str, mut look: impl FnMut(&mut Self) -> Option<T>) -> T {
        if let Some(found) = until(PATIENCE, || look(self)) {
            return found;
        }
        panic!("no {what} of a service that said\n{}{}", self.stdout(), self.stderr());
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        if !processes_of_group(self.child.id()).is_empty() {
            signal("KILL", &format!("-{}", self.child.id()));
        }
        // Reaped, whatever became of it.
        let _ = self.child.wait();
    }
}

/// The living: what nobody has reaped yet no longer runs.
fn processes_of_group(group: u32) -> Vec<String> {
    let stats = fs::read_dir("/proc").expect("list /proc").flatten();
    let stats = stats.filter_map(|entry| fs::read_to_string(entry.path().join("stat")).ok());
    stats
        .filter(|stat| {
            // `pid (name) state parent group …`, and a name may hold anything.
            let fields: Vec<_> = stat.rsplit(") ").next().unwrap_or_default().split(' ').take(3).collect();
            matches!(fields[..], [state, _, its] if state != "Z" && its == group.to_string())
        })
        .collect()
}

/// Asks for `/work`; returns the status line, the body, and the port that was asked from.
fn request(address: SocketAddr) -> (String, String, u16) {
    let ask = || -> std::io::Result<_> {
        let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.write_all(b"GET /work HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok((answer, stream.local_addr()?.port()))
    };
    let (answer, port) = ask().unwrap_or_else(|error| panic!("cannot ask {address}: {error}"));
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    (head.lines().next().unwrap_or_default().to_owned(), body.to_owned(), port)
}

/// What uvicorn says from start to end of a life without incident; `Started` proves that it has the launcher's process.
fn log(pid: u32, address: SocketAddr) -> String {
    format!(
        "INFO:     Started server process [{pid}]\n\
         INFO:     Waiting for application startup.\n\
         INFO:     Application startup complete.\n\
         INFO:     Uvicorn running on http://{address} (Press CTRL+C to quit)\n\
         INFO:     Shutting down\n\
         INFO:     Waiting for application shutdown.\n\
         INFO:     Application shutdown complete.\n\
         INFO:     Finished server process [{pid}]\n"
    )
}

/// The report's remedy: the request fails. Returns how uvicorn ends by itself when told to.
fn fails_without_the_launcher(app: &FastApi, words: &[&str]) -> ExitStatus {
    let mut service = Service::start(app, app.remedied(words));
    let (status, body, _) = request(service.address());
    assert_eq!((&*status, &*body), ("HTTP/1.1 500 Internal Server Error", "Internal Server Error"));
    let end = service.terminate();
    let stderr = service.stderr();
    for cause in
        ["ModuleNotFoundError: No module named 'trans_dh_service'", "child process died with exit code 1"]
    {
        assert!(
            stderr.lines().any(|line| line.ends_with(cause)),
            "{cause:?} is not why it failed:\n{stderr}"
        );
    }
    service.is_gone();
    end
}

fn works_under_the_launcher(app: &FastApi, words: &[&str], end: ExitStatus) {
    let mut service = Service::start(app, app.launched(words));
    let address = service.address();
    let (status, body, port) = request(address);
    assert_eq!((&*status, &*body), ("HTTP/1.1 200 OK", r#"{"sum":12}"#), "{}", service.stderr());
    assert_eq!(service.terminate(), end);
    assert_eq!(service.stderr(), log(service.child.id(), address));
    assert_eq!(service.stdout(), format!("INFO:     127.0.0.1:{port} - \"GET /work HTTP/1.1\" 200 OK\n"));
    service.is_gone();
}

/// The oldest and the newest interpreter that FastAPI can be installed for.
fn check(words: &[&str]) {
    let usable = || pythons().iter().filter(|python| python.has_pip);
    let oldest = usable().next().expect("one that can make a virtual environment");
    let newest = usable().next_back().filter(|newest| newest.path != oldest.path);
    for python in iter::once(oldest).chain(newest) {
        let app = FastApi::new(python);
        let end = fails_without_the_launcher(&app, words);
        works_under_the_launcher(&app, words, end);
    }
}

#[test]
fn a_fastapi_script_answers_with_what_a_spawn_child_computed_and_ends_on_sigterm() {
    check(SCRIPT);
}

#[test]
fn a_fastapi_module_run_by_uvicorn_answers_and_ends_the_same_way() {
    check(MODULE);
}
