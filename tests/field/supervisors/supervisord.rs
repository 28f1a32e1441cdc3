//! `examples/supervisor/supervisord.conf` under supervisor from PyPI.

use std::fs::OpenOptions;
use std::process::{Child, Stdio};

use super::app::{App, SDK, answer, recipe, signal, works};
use crate::support::build::{checked, expect};

const LOST: &str = "ModuleNotFoundError: No module named 'trans_dh_service'";

struct Supervisor {
    app: App,
    child: Child,
}

impl Supervisor {
    /// Starts it with the recipe as a user changes it: other paths, another app, any port.
    fn start(changes: &[(&str, &str)]) -> Self {
        let app = App::new(&["supervisor==4.3.0"]);
        let here = app.path();
        let own = checked(app.command("id").arg("-un"));
        let run = format!("{here}/run/");
        app.place.make_dir("run");
        let common = [
            ("/app", &*here),
            ("/home/heygem", &*format!("{here}/home")),
            ("/run/", &*run),
            ("fastapi_app:app", "busy_app:app"),
            ("--port 8000", "--port 0"),
            ("user=heygem", &*format!("user={}", own.trim())),
            ("user=root", &*format!("user={}", own.trim())),
        ];
        app.place
            .write("supervisord.conf", recipe("supervisor/supervisord.conf", &[changes, &common].concat()));
        let log = app.place.path("log");
        let log = expect(OpenOptions::new().create(true).append(true).open(&log), "create", &log);
        let mut command = app.tool("supervisord");
        // As the bug report has it. Under the launcher it changes nothing.
        command.env("PYTHONPATH", format!("{here}/{SDK}:{here}"));
        command.args(["-c", "supervisord.conf"]).stdin(Stdio::null()).stderr(expect(
            log.try_clone(),
            "share",
            &app.place.dir,
        ));
        let child = command.stdout(log).spawn().expect("start supervisord");
        Self { app, child }
    }

    fn control(&self, words: &[&str]) -> String {
        checked(self.app.tool("supervisorctl").args(["-c", "supervisord.conf"]).args(words))
    }

    /// The service's process.
    fn service(&self) -> u32 {
        self.control(&["pid", "heygem"]).trim().parse().expect("a number")
    }

    fn ends(mut self) {
        assert!(signal("TERM", self.child.id()), "no supervisord");
        assert!(self.child.wait().expect("wait for supervisord").success(), "{}", self.app.log("log"));
        self.app.is_left_by_all();
    }
}

#[test]
fn supervisord_starts_restarts_and_stops_a_service_with_its_children() {
    let supervisor = Supervisor::start(&[]);
    let app = &supervisor.app;
    works(app, app.address(1));

    // Before that, it would be started again whatever the recipe says.
    app.wait_for("RUNNING", || supervisor.control(&["status", "heygem"]).contains("RUNNING").then_some(()));
    let first = supervisor.service();
    assert!(signal("KILL", first), "no service");
    works(app, app.address(2));
    let second = supervisor.service();
    assert_ne!(first, second);

    let (status, child) = answer(app.address(2), "/hold");
    assert_eq!(status, "200", "{}", app.log("log"));
    let child: u32 = child.trim_start_matches(r#"{"pid":"#).trim_end_matches('}').parse().expect("a number");
    let numbers = || app.processes().into_iter().map(|(pid, _)| pid).collect::<Vec<_>>();
    assert!(numbers().contains(&child) && numbers().contains(&second), "{:#?}", app.processes());
    assert_eq!(supervisor.control(&["stop", "heygem"]), "heygem: stopped\n");
    app.wait_for("end of the service", || (numbers() == [supervisor.child.id()]).then_some(()));
    // The service was told to end, and was not killed.
    let log = app.log("log");
    assert!(log.contains(&format!("Finished server process [{second}]")), "{log}");
    assert!(!log.contains("ModuleNotFoundError"), "{log}");
    supervisor.ends();
}

#[test]
fn without_the_launcher_the_same_service_has_no_answer() {
    let python = "directory=/app/HeyGem-Linux-Python-Hack\ncommand=/app/.venv/bin/python -m";
    let supervisor = Supervisor::start(&[("directory=/app\ncommand=heygem-run -m", python)]);
    let app = &supervisor.app;
    let (status, _) = answer(app.address(1), "/work");
    assert_eq!(status, "500");
    assert!(app.log("log").contains(LOST), "{}", app.log("log"));
    supervisor.ends();
}
