//! `examples/uwsgi/uwsgi.ini` under uWSGI from PyPI, which embeds Python: `sys.executable` is uwsgi there.

use std::fs::{self, File};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Stdio};

use super::app::{App, SDK, answer, recipe, signal};
use crate::support::build::expect;

const PACKAGES: [&str; 1] = ["uwsgi==2.0.31"];

const SERVER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/apps/wsgi_server.py");

/// The command that the recipe tells, in the app's directory, with the recipe's settings.
fn start(app: &App) -> Child {
    let here = app.path();
    expect(fs::copy(SERVER, app.place.path("wsgi_server.py")), "copy", Path::new(SERVER));
    let text = recipe(
        "uwsgi/uwsgi.ini",
        &[
            ("cd /app ", &format!("cd {here} ")),
            ("server:app", "wsgi_server:app"),
            ("127.0.0.1:8000", "127.0.0.1:0"),
        ],
    );
    let line = text.lines().find(|line| line.contains("&& heygem-run")).expect("a command");
    let line = line.trim_start_matches([';', ' ']).replace("&& heygem-run", "&& exec heygem-run");
    app.place.write("uwsgi.ini", &text);
    let log = app.place.path("log");
    let log = expect(File::create(&log), "create", &log);
    let mut command = app.command("sh");
    command.env("PATH", format!("{here}/bin:{here}/.venv/bin:/usr/bin:/bin"));
    command.args(["-c", &line]).stdin(Stdio::null());
    command.stderr(expect(log.try_clone(), "share", &app.place.dir)).stdout(log);
    command.spawn().expect("start sh")
}

/// Where it listens, once its worker has the app.
fn address(app: &App) -> SocketAddr {
    app.wait_for("address", || {
        let log = app.log("log");
        let (_, told) = log.split_once("bound to TCP address ")?;
        let is_ready = log.contains("WSGI app 0") && log.contains(" ready in ");
        is_ready.then(|| told.split(' ').next()?.parse().ok())?
    })
}

fn ends(app: &App, mut uwsgi: Child) {
    assert!(signal("TERM", uwsgi.id()), "no uwsgi");
    assert!(uwsgi.wait().expect("wait").success(), "{}", app.log("log"));
    app.is_left_by_all();
}

#[test]
fn uwsgi_answers_and_ends_at_sigterm() {
    let app = App::new(&PACKAGES);
    let uwsgi = start(&app);
    let (status, body) = answer(address(&app), "/");
    let expected = r#"{"spawn": 12, "forkserver": 12}"#;
    assert_eq!((&*status, &*body), ("200", expected), "{}", app.log("log"));
    assert!(!app.log("log").contains("unavailable modifier"), "{}", app.log("log"));
    ends(&app, uwsgi);
}

#[test]
fn without_the_launcher_uwsgi_starts_no_child() {
    let app = App::new(&PACKAGES);
    let here = app.path();
    expect(fs::remove_file(app.place.path("bin/heygem-run")), "remove", Path::new("heygem-run"));
    app.place.write_program(
        "bin/heygem-run",
        format!("#!/bin/sh\ncd {SDK}\nPYTHONPATH=$PWD:{here} exec uwsgi --ini ../uwsgi.ini\n"),
    );
    let uwsgi = start(&app);
    let (_, body) = answer(address(&app), "/");
    assert!(!body.contains("12"), "{body}");
    let log = app.log("log");
    assert!(log.contains("uwsgi: invalid option") || log.contains("unrecognized option"), "{log}");
    ends(&app, uwsgi);
}
