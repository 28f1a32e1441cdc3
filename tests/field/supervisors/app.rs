//! An app with a really compiled SDK as the recipes expect it: both in one directory, with a virtual environment. What runs
//! in that directory belongs to the test, and ends with it.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::support::build::expect;
use crate::support::place::{LAUNCHER, Place};
use crate::support::pythons::{Python, pythons};
use crate::support::sdk::install_sdk;
use crate::support::user::is_root;
use crate::support::venv::venv;
use crate::support::wait::until;

const TREE: &str = env!("CARGO_MANIFEST_DIR");

pub const SDK: &str = "HeyGem-Linux-Python-Hack";

/// Far more than anything here takes, on a busy machine too.
const PATIENCE: Duration = Duration::from_secs(120);

/// The last versions for Python 3.8, as in the suite.
pub const FASTAPI: [&str; 2] = ["fastapi==0.115.12", "uvicorn==0.33.0"];

/// The oldest interpreter that takes packages.
pub fn python() -> &'static Python {
    let usable = pythons().iter().find(|python| python.has_pip);
    usable.expect("no interpreter can make a virtual environment (try: apt install python3-venv)")
}

/// A recipe with a user's changes in it, each of which it must have a place for.
#[track_caller]
pub fn recipe(file: &str, changes: &[(&str, &str)]) -> String {
    let path = Path::new(TREE).join("examples").join(file);
    let mut text = expect(fs::read_to_string(&path), "read", &path);
    for (from, to) in changes {
        assert!(text.contains(from), "{file} has no {from:?}");
        text = text.replace(from, to);
    }
    text
}

/// The app's directory.
pub struct App {
    pub place: Place,
}

impl App {
    /// With these packages beside FastAPI and uvicorn.
    pub fn new(packages: &[&str]) -> Self {
        let place = Place::new();
        install_sdk(python(), &place.path(SDK));
        for app in ["fastapi_app.py", "busy_app.py"] {
            let source = Path::new(TREE).join("tests/fixtures/apps").join(app);
            expect(fs::copy(&source, place.path(app)), "copy", &source);
        }
        place.link(venv(&python().path, "service", &[&FASTAPI, packages].concat()), ".venv");
        place.copy_program(LAUNCHER, "bin/heygem-run");
        Self { place }
    }

    /// The directory, as text for a recipe.
    pub fn path(&self) -> String {
        self.place.dir.display().to_string()
    }

    /// A command that finds heygem-run, and the system's programs.
    pub fn command(&self, program: &str) -> Command {
        let mut command = self.place.command(program);
        command.env("PATH", format!("{}/bin:/usr/bin:/bin:/usr/sbin:/sbin", self.path()));
        command
    }

    /// A program of the virtual environment.
    pub fn tool(&self, name: &str) -> Command {
        self.command(&format!("{}/.venv/bin/{name}", self.path()))
    }

    /// A file here, as far as it is written.
    pub fn log(&self, name: &str) -> String {
        let text = fs::read(self.place.path(name)).unwrap_or_default();
        String::from_utf8_lossy(&text).into_owned()
    }

    /// The living that run here, with their words.
    pub fn processes(&self) -> Vec<(u32, String)> {
        let numbers = fs::read_dir("/proc").expect("list /proc").flatten();
        let numbers = numbers.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
        let is_here = |pid: &u32| {
            // What has ended has no directory.
            fs::read_link(format!("/proc/{pid}/cwd")).is_ok_and(|cwd| cwd.starts_with(&self.place.dir))
        };
        let words = |pid| {
            let words = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
            (pid, String::from_utf8_lossy(&words).replace('\0', " "))
        };
        numbers.filter(is_here).map(words).collect()
    }

    /// Waits until nothing runs here.
    #[track_caller]
    pub fn is_left_by_all(&self) {
        self.wait_for("end of all that runs here", || self.processes().is_empty().then_some(()));
    }

    /// Waits until there is something to be seen.
    #[track_caller]
    pub fn wait_for<T>(&self, what: &str, look: impl FnMut() -> Option<T>) -> T {
        if let Some(found) = until(PATIENCE, look) {
            return found;
        }
        panic!("no {what}; here run {:#?}\nthe log:\n{}", self.processes(), self.log("log"));
    }

    /// Where the last of `count` services listens that the log tells of.
    #[track_caller]
    pub fn address(&self, count: usize) -> SocketAddr {
        self.wait_for("address", || {
            let log = self.log("log");
            // uvicorn's word for it, and gunicorn's.
            let told = log.split("running on http://").flat_map(|part| part.split("Listening at: http://"));
            let told: Vec<&str> = told.skip(1).collect();
            told.get(count - 1)?.split_once(' ')?.0.parse().ok()
        })
    }
}

impl Drop for App {
    fn drop(&mut self) {
        // Twice, for what was just being started. Whoever runs in this directory was started by this test.
        for _ in 0..2 {
            for (pid, _) in self.processes() {
                signal("KILL", pid);
            }
        }
    }
}

/// A command as root gives it: through sudo where the tests don't run as root, with the variables that it drops.
pub fn by_root(command: Command) -> Command {
    if is_root() {
        return command;
    }
    let mut sudo = Command::new("sudo");
    sudo.args(["-n", "env", "-i"]);
    for (name, value) in command.get_envs() {
        let mut assignment = name.to_owned();
        assignment.push("=");
        assignment.push(value.unwrap_or_default());
        sudo.arg(assignment);
    }
    sudo.arg(command.get_program()).args(command.get_args());
    sudo.current_dir(command.get_current_dir().expect("a directory"));
    sudo
}

/// Whether there was a process to send it to.
pub fn signal(name: &str, pid: u32) -> bool {
    let mut command = Command::new("sh");
    command.args(["-c", "kill -s \"$1\" \"$2\" 2>/dev/null", "sh", name]).arg(pid.to_string());
    command.status().expect("run sh").success()
}

/// Asks for a path, and gives the status and the body.
pub fn ask(address: SocketAddr, path: &str) -> std::io::Result<(String, String)> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let status = head.split(' ').nth(1).unwrap_or_default();
    Ok((status.to_owned(), body.to_owned()))
}

/// The same, of a service that listens.
#[track_caller]
pub fn answer(address: SocketAddr, path: &str) -> (String, String) {
    ask(address, path).unwrap_or_else(|error| panic!("{address} does not answer: {error}"))
}

/// What `/work` answers when the SDK's spawn child has done it.
#[track_caller]
pub fn works(app: &App, address: SocketAddr) {
    let (status, body) = answer(address, "/work");
    assert_eq!((&*status, &*body), ("200", r#"{"sum":12}"#), "{}", app.log("log"));
}
