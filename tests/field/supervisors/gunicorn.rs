//! `examples/gunicorn/gunicorn.conf.py` under gunicorn from PyPI, which renames its processes where it finds setproctitle.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Child, Stdio};
use std::thread;

use super::app::{App, SDK, answer, ask, recipe, signal, works};
use crate::support::build::expect;
use crate::support::place::LAUNCHER;
use crate::support::run::Run;

const PACKAGES: [&str; 3] = ["gunicorn==23.0.0", "uvicorn-worker==0.2.0", "setproctitle==1.3.8"];

/// The command that the recipe tells, in the app's directory, with the recipe's settings.
fn start(app: &App) -> Child {
    let here = app.path();
    let text = recipe(
        "gunicorn/gunicorn.conf.py",
        &[("cd /app ", &format!("cd {here} ")), ("fastapi_app:app", "busy_app:app"), (":8000", ":0")],
    );
    let line = text.lines().find_map(|line| line.trim().strip_prefix("cd ")).expect("a command");
    let log = app.place.path("log");
    let log = expect(File::create(&log), "create", &log);
    app.place.write("gunicorn.conf.py", &text);
    let mut command = app.command("sh");
    command.args(["-c", &format!("cd {}", line.replace("&& heygem-run", "&& exec heygem-run"))]);
    command.stdin(Stdio::null()).stderr(expect(log.try_clone(), "share", &app.place.dir)).stdout(log);
    command.spawn().expect("start sh")
}

/// The worker, by the name that it gave itself.
fn workers(app: &App) -> Vec<u32> {
    let is_worker = |words: &str| words.starts_with("gunicorn: worker");
    app.processes().into_iter().filter(|(_, words)| is_worker(words)).map(|(pid, _)| pid).collect()
}

#[test]
fn gunicorn_answers_reloads_and_ends_after_the_last_request() {
    let app = App::new(&PACKAGES);
    let mut gunicorn = start(&app);
    let address = app.address(1);
    works(&app, address);

    // An app that was changed is there after SIGHUP.
    let changed = app.log("busy_app.py") + "\n\n@app.get('/new')\ndef new():\n    return 'new'\n";
    app.place.write("busy_app.py", changed);
    let first = workers(&app);
    assert_eq!(first.len(), 1, "{:#?}", app.processes());
    assert!(signal("HUP", gunicorn.id()), "no gunicorn");
    app.wait_for("new worker", || {
        let now = workers(&app);
        (now.len() == 1 && now != first).then_some(())
    });
    works(&app, address);
    assert_eq!(answer(address, "/new"), ("200".to_owned(), "\"new\"".to_owned()));

    let mut command = app.command(LAUNCHER);
    command.arg(format!("--inspect={}", gunicorn.id()));
    let report = Run::new(command).run().succeeded();
    // The names that it gave itself have taken the place of its variables.
    assert!(report.contains("gunicorn: worker [busy_app:app]"), "{report}");
    assert!(report.contains("\nprocesses: 2 unknown"), "{report}");
    assert!(!report.contains("fail") && !report.contains("lacks"), "{report}");

    let waiting = app.place.path(SDK).join("waiting");
    let last = thread::spawn(move || ask(address, "/wait"));
    app.wait_for("request at work", || waiting.exists().then_some(()));
    assert!(signal("TERM", gunicorn.id()), "no gunicorn");
    app.wait_for("word of the end", || app.log("log").contains("Handling signal: term").then_some(()));
    assert!(gunicorn.try_wait().expect("wait").is_none(), "it did not wait for the request");
    expect(fs::remove_file(&waiting), "remove", &waiting);
    let (status, body) = last.join().expect("no panic").expect("an answer");
    assert_eq!((&*status, &*body), ("200", r#"{"waited":true}"#));
    assert!(gunicorn.wait().expect("wait").success(), "{}", app.log("log"));
    let log = app.log("log");
    assert!(!log.contains("ModuleNotFoundError") && !log.contains("CRITICAL"), "{log}");
    app.is_left_by_all();
}

#[test]
fn without_the_launcher_gunicorn_has_no_answer() {
    let app = App::new(&PACKAGES);
    let here = app.path();
    expect(fs::remove_file(app.place.path("bin/heygem-run")), "remove", Path::new("heygem-run"));
    app.place.write_program(
        "bin/heygem-run",
        format!(
            "#!/bin/sh\ncd {SDK}\nPYTHONPATH=$PWD:{here} exec {here}/.venv/bin/python -m gunicorn -c ../gunicorn.conf.py busy_app:app\n"
        ),
    );
    let mut gunicorn = start(&app);
    let (status, _) = answer(app.address(1), "/work");
    assert_eq!(status, "500");
    let log = app.log("log");
    assert!(log.contains("No module named 'trans_dh_service'"), "{log}");
    assert!(signal("TERM", gunicorn.id()), "no gunicorn");
    assert!(gunicorn.wait().expect("wait").success(), "{}", app.log("log"));
    app.is_left_by_all();
}
